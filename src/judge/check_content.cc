// What a command's content needs beyond its form: known codes, required fields,
// bounds of the case.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/judge/check_command.h"
#include "src/judge/verbs.h"

namespace hotline::internal {
namespace {

template <typename Specs>
std::vector<std::string> CodesOf(const Specs& specs) {
  std::vector<std::string> codes;
  for (const auto& spec : specs) codes.push_back(spec.code());
  return codes;
}

void Unknown(std::string_view path, const char* what, const std::string& code,
             const std::vector<std::string>& known, Problems* problems) {
  const std::string near = Nearest(code, known);
  problems->Add(path, absl::StrCat("there is no ", what, " \"", code, "\""),
                near.empty() ? "see the policy"
                             : absl::StrCat("did you mean \"", near, "\"?"));
}

void CheckUnit(const std::string& unit, std::string_view path,
               const Policy& policy, Problems* problems) {
  if (unit.empty() || policy.routing().KnowsUnit(unit)) return;
  Unknown(path, "unit", unit, CodesOf(policy.spec().units()), problems);
}

void CheckPriority(const std::string& priority, std::string_view path,
                   const Policy& policy, Problems* problems) {
  const auto& known = policy.spec().priorities();
  if (priority.empty() ||
      std::any_of(known.begin(), known.end(),
                  [&](const auto& spec) { return spec.code() == priority; })) {
    return;
  }
  Unknown(path, "priority", priority, CodesOf(known), problems);
}

void Required(bool given, std::string_view path, const char* hint,
              Problems* problems) {
  if (!given) problems->Add(path, "is required", hint);
}

const Category* CheckCategory(const std::string& code, const std::string& path,
                              const Policy& policy, absl::Time at,
                              Problems* problems) {
  if (code.empty()) {
    problems->Add(path, "is required", "a category's code, path or alias");
    return nullptr;
  }
  const Category* found = policy.taxonomy().Find(code);
  if (found == nullptr) {
    const std::string near = policy.taxonomy().Nearest(code);
    problems->Add(path, absl::StrCat("there is no category \"", code, "\""),
                  near.empty() ? "see the policy's taxonomy"
                               : absl::StrCat("did you mean \"", near, "\"?"));
    return nullptr;
  }
  const absl::CivilDay date = absl::ToCivilDay(at, policy.time_zone());
  if (found->kind == v1::CategorySpec::GROUP) {
    problems->Add(path, absl::StrCat("\"", found->code, "\" is a group"),
                  "choose one of the categories in it");
  } else if (!found->ValidOn(date)) {
    problems->Add(path,
                  absl::StrCat("\"", found->code, "\" takes no cases on ",
                               absl::FormatCivilTime(date)),
                  "its dates of validity are in the policy");
  }
  return found;
}

void CheckOutcome(const std::string& outcome, bool required,
                  std::string_view path, const Workflow& workflow,
                  Problems* problems) {
  if (outcome.empty()) {
    if (required && !workflow.spec().outcomes().empty()) {
      problems->Add(path, "is required", "code how it ended");
    }
    return;
  }
  if (!workflow.spec().outcomes().empty() &&
      workflow.FindOutcome(outcome) == nullptr) {
    Unknown(path, "outcome", outcome, CodesOf(workflow.spec().outcomes()),
            problems);
  }
}

void CheckVisibility(v1::Note::Visibility visibility, const char* path,
                     const Docket& docket, Problems* problems) {
  Required(visibility != v1::Note::VISIBILITY_UNSPECIFIED, path,
           "PUBLIC_NOTE or INTERNAL_NOTE", problems);
  if (visibility == v1::Note::INTERNAL_NOTE &&
      docket.policy().access().IsReporter(docket.moment().actor, docket.on())) {
    problems->Add(path, "is for staff only", "PUBLIC_NOTE");
  }
}

// A clock remembers all its rests and reopenings, and is stored whole.
void CheckMarks(const char* path, const Docket& docket, Problems* problems) {
  for (const v1::ClockState& clock : docket.on().clocks()) {
    // Room for this mark, the one that ends it, and a stop.
    if (clock.marks_size() + 3 <= static_cast<int>(limits::kMarksPerClockMax)) {
      continue;
    }
    problems->AddLimit(path,
                       absl::StrCat("clock ", clock.clock(), " has ",
                                    clock.marks_size(), " marks"),
                       "close the case and open another");
  }
}

// Answers are checked as they will stand together; what was wrong before is not
// this command's business.
void CheckCorrect(const v1::Correct& correct, const Docket& docket,
                  Problems* problems) {
  if (correct.ByteSizeLong() == 0) {
    problems->Add("correct", "corrects nothing", "set what is to change");
  }
  const Category* category = docket.category();
  const bool erased = docket.on().erased();
  if (erased && (correct.has_description() || correct.has_reporter())) {
    problems->Add("correct", "would bring personal words into an erased case",
                  "open a new one");
  }
  if (correct.attributes().empty()) return;
  if (category == nullptr) {
    problems->Add("correct.attributes",
                  absl::StrCat("category \"", docket.on().category(),
                               "\" is no longer in the policy"),
                  "reclassify the case first");
    return;
  }
  auto together = correct.attributes();
  const auto keep = [&](const auto& answers) {
    for (const v1::AttributeValue& old : answers) {
      const bool given = std::any_of(
          correct.attributes().begin(), correct.attributes().end(),
          [&](const auto& answer) { return answer.code() == old.code(); });
      if (!given) *together.Add() = old;
    }
  };
  keep(docket.on().attributes());
  keep(docket.on().sealed().texts());
  Problems all;
  Taxonomy::CheckAnswers(*category, together, "correct.attributes", &all);
  for (int i = 0; i < correct.attributes_size(); ++i) {
    const std::string at = absl::StrCat("correct.attributes[", i, "]");
    for (const v1::Problem& p : all.list()) {
      if (p.path().rfind(at, 0) == 0) {
        problems->Add(p.path(), p.message(), p.hint());
      }
    }
    if (erased && IsText(correct.attributes(i), *category)) {
      problems->Add(at, "would bring personal words into an erased case",
                    "open a new one");
    }
  }
}

void CheckAttach(const v1::Attach& attach, const Docket& docket,
                 Problems* problems) {
  const int32_t own = docket.policy().spec().limits().attachments();
  const int most = own > 0 ? std::min<int>(own, limits::kAttachmentsMax)
                           : static_cast<int>(limits::kAttachmentsMax);
  if (docket.on().attachments() >= most) {
    problems->AddLimit("attach",
                       absl::StrCat("the case has ", most, " attachments"),
                       "no more are taken");
  }
  Required(!attach.blob().empty(), "attach.blob", "the host's name of the blob",
           problems);
  if (attach.sha256().size() != 32) {
    problems->Add("attach.sha256", "is no SHA-256", "32 bytes");
  }
  if (attach.size() > limits::kAttachmentBytesMax) {
    problems->AddLimit("attach.size", absl::StrCat("is ", attach.size()),
                       absl::StrCat("at most ", limits::kAttachmentBytesMax));
  } else if (attach.size() < 0) {
    problems->Add("attach.size", absl::StrCat("is ", attach.size()),
                  "count its bytes");
  }
  CheckVisibility(attach.visibility(), "attach.visibility", docket, problems);
}

void CheckExtension(const v1::RequestExtension& ask, const Docket& docket,
                    Problems* problems) {
  const v1::ClockState* clock =
      ask.clock().empty() ? docket.Shown() : docket.FindClock(ask.clock());
  if (clock == nullptr) {
    problems->Add("request_extension.clock", "there is no such clock",
                  "name a clock of the case");
    return;
  }
  if (clock->state() == v1::ClockState::STOPPED ||
      clock->state() == v1::ClockState::CANCELLED) {
    problems->Add("request_extension.clock", "has ended",
                  "only a clock that still runs can be given more time");
  }
  if (!ask.has_until()) {
    problems->Add("request_extension.until", "is required",
                  "the new due instant");
  } else if (clock->has_due() &&
             FromTimestamp(ask.until()) <= FromTimestamp(clock->due())) {
    problems->Add(
        "request_extension.until", "is not after the due instant",
        absl::StrCat("it is due ", FormatUtc(FromTimestamp(clock->due()))));
  }
}

void CheckRestate(const v1::Restate& restate, const Docket& docket,
                  Problems* problems) {
  for (int i = 0; i < restate.clocks_size(); ++i) {
    if (docket.FindClock(restate.clocks(i)) != nullptr) continue;
    problems->Add(absl::StrCat("restate.clocks[", i, "]"),
                  "there is no such clock", "name a clock of the case");
  }
}

void CheckOthers(const v1::Command& command, const Docket& docket,
                 std::span<const v1::Case> others, Problems* problems) {
  const char* path = command.has_merge() ? "merge.into" : "link.to";
  const std::string& other =
      command.has_merge() ? command.merge().into() : command.link().to();
  if (others.empty()) {
    problems->Add(path,
                  other.empty() ? "is required" : "was not given to Judge",
                  "the reference of the other case");
    return;
  }
  if (others.front().id() == docket.on().id()) {
    problems->Add(path, "is the case itself", "name another case");
    return;
  }
  if (command.has_merge() && !others.front().merged_into().empty()) {
    problems->Add(
        path,
        absl::StrCat("was itself merged into ", others.front().merged_into()),
        "merge into that one");
  } else if (command.has_merge() && !IsOpenPhase(others.front().phase())) {
    problems->Add(path, "is no longer open", "merge into an open case");
  }
  if (command.link().kind() != v1::Link::CHILD_OF) return;
  // The further ones are the parents above it.
  for (const v1::Case& ancestor : others.subspan(1)) {
    if (ancestor.id() == docket.on().id()) {
      problems->Add(path, "is below this case already",
                    "cases form a tree: link them the other way");
    }
  }
}

// What a reporter may not say of a case of their own.
void CheckCitizen(const v1::Open& open, const Policy& policy,
                  const Moment& moment, const std::string& path,
                  Problems* problems) {
  if (!policy.access().IsCitizen(moment.actor)) return;
  if (!open.unit().empty()) {
    problems->Add(path + ".unit", "is for staff to say", "leave it out");
  }
  if (!open.priority().empty()) {
    problems->Add(path + ".priority", "is for staff to say", "leave it out");
  }
  if (!open.reporter().id().empty() &&
      open.reporter().id() != moment.actor.id) {
    problems->Add(path + ".reporter.id", "is another person's",
                  "reporters open cases of their own");
  }
}

// Verbs that hand the case on or end it.
void CheckHandling(const v1::Command& c, const Docket& docket,
                   Problems* problems) {
  const Policy& policy = docket.policy();
  const Workflow& workflow = docket.workflow();
  switch (c.verb_case()) {
    case v1::Command::kAssign:
      CheckUnit(c.assign().unit(), "assign.unit", policy, problems);
      Required(!c.assign().unit().empty() || !c.assign().assignee().empty(),
               "assign", "a unit, an assignee or both", problems);
      break;
    case v1::Command::kTransfer:
      CheckUnit(c.transfer().unit(), "transfer.unit", policy, problems);
      Required(!c.transfer().unit().empty(), "transfer.unit", "to whom?",
               problems);
      if (!c.transfer().unit().empty() &&
          c.transfer().unit() == docket.on().unit()) {
        problems->Add("transfer.unit", "holds the case already",
                      "name another unit");
      }
      break;
    case v1::Command::kWait:
      Required(c.wait().for_() != v1::Wait::FOR_UNSPECIFIED, "wait.for",
               "FOR_REPORTER, FOR_THIRD_PARTY or FOR_OTHER_UNIT", problems);
      Required(!c.wait().reason().empty(), "wait.reason", "say what for",
               problems);
      CheckUnit(c.wait().unit(), "wait.unit", policy, problems);
      CheckMarks("wait", docket, problems);
      break;
    case v1::Command::kResolve:
      CheckOutcome(c.resolve().outcome(), true, "resolve.outcome", workflow,
                   problems);
      break;
    case v1::Command::kRequestClosure:
      CheckOutcome(c.request_closure().outcome(), true,
                   "request_closure.outcome", workflow, problems);
      break;
    case v1::Command::kClose:
      CheckOutcome(c.close().outcome(), docket.on().outcome().empty(),
                   "close.outcome", workflow, problems);
      break;
    case v1::Command::kCloseAndFollowUp:
      CheckOutcome(c.close_and_follow_up().outcome(),
                   docket.on().outcome().empty(), "close_and_follow_up.outcome",
                   workflow, problems);
      CheckUnit(c.close_and_follow_up().unit(), "close_and_follow_up.unit",
                policy, problems);
      break;
    case v1::Command::kReject:
      CheckOutcome(c.reject().outcome(), false, "reject.outcome", workflow,
                   problems);
      break;
    default:
      break;
  }
}

}  // namespace

void CheckOpen(const v1::Open& open, const Policy& policy, absl::Time at,
               const Moment& moment, const std::string& path,
               Problems* problems) {
  const Category* category =
      CheckCategory(open.category(), path + ".category", policy, at, problems);
  CheckPlace(open.place(), policy, path + ".place", problems);
  CheckUnit(open.unit(), path + ".unit", policy, problems);
  CheckPriority(open.priority(), path + ".priority", policy, problems);
  if (category != nullptr) {
    // A system taken over may lack answers that are asked today.
    if (!moment.may_import || !open.attributes().empty()) {
      Taxonomy::CheckAnswers(*category, open.attributes(), path + ".attributes",
                             problems);
    }
    if (category->named_reporter_required && !moment.may_import &&
        open.reporter().name().empty()) {
      problems->Add(path + ".reporter.name", "is required for this category",
                    "ask for the name");
    }
  }
  const bool has_external = open.has_external();
  if (has_external &&
      (open.external().system().empty() || open.external().id().empty())) {
    problems->Add(path + ".external", "needs both system and id",
                  "give both or none");
  }
  CheckCitizen(open, policy, moment, path, problems);
  if (!moment.may_import &&
      (!open.reference().empty() || open.has_promised_due())) {
    problems->Add(path, "brings a reference or promise of its own",
                  "that needs the permission IMPORT");
  }
}

void CheckContent(const v1::Command& c, const Docket& docket,
                  std::span<const v1::Case> others, Problems* problems) {
  const Policy& policy = docket.policy();
  CheckHandling(c, docket, problems);
  switch (c.verb_case()) {
    case v1::Command::kMerge:
    case v1::Command::kLink:
      if (c.has_link()) {
        Required(c.link().kind() != v1::Link::KIND_UNSPECIFIED, "link.kind",
                 "CHILD_OF, RELATED or NONE", problems);
        if (docket.on().links_size() >= static_cast<int>(limits::kLinksMax)) {
          problems->AddLimit(
              "link",
              absl::StrCat("the case has ", limits::kLinksMax, " links"),
              "no more are taken");
        }
      }
      CheckOthers(c, docket, others, problems);
      break;
    case v1::Command::kReclassify: {
      const Category* category =
          CheckCategory(c.reclassify().category(), "reclassify.category",
                        policy, docket.moment().now, problems);
      if (category != nullptr) {
        Taxonomy::CheckAnswers(*category, c.reclassify().attributes(),
                               "reclassify.attributes", problems);
      }
      break;
    }
    case v1::Command::kReprioritise:
      Required(!c.reprioritise().priority().empty(), "reprioritise.priority",
               "one of the policy's", problems);
      CheckPriority(c.reprioritise().priority(), "reprioritise.priority",
                    policy, problems);
      break;
    case v1::Command::kRelocate:
      CheckPlace(c.relocate().place(), policy, "relocate.place", problems);
      break;
    case v1::Command::kCorrect:
      CheckCorrect(c.correct(), docket, problems);
      break;
    case v1::Command::kReopen:
      CheckMarks("reopen", docket, problems);
      break;
    case v1::Command::kNote:
      CheckVisibility(c.note().visibility(), "note.visibility", docket,
                      problems);
      Required(!c.note().text().empty(), "note.text", "say something",
               problems);
      break;
    case v1::Command::kAttach:
      CheckAttach(c.attach(), docket, problems);
      break;
    case v1::Command::kRate:
      if (c.rate().score() < 1 || c.rate().score() > 5) {
        problems->Add("rate.score", absl::StrCat("is ", c.rate().score()),
                      "between 1 and 5");
      }
      break;
    case v1::Command::kRestate:
      CheckRestate(c.restate(), docket, problems);
      break;
    case v1::Command::kRequestExtension:
      CheckExtension(c.request_extension(), docket, problems);
      break;
    default:
      break;
  }
}

}  // namespace hotline::internal
