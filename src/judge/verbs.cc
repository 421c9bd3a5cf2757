#include "src/judge/verbs.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "hotline/ids.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/judge/check_command.h"

namespace hotline::internal {
namespace {

template <typename Specs>
std::vector<std::string> CodesOf(const Specs& specs) {
  std::vector<std::string> codes;
  for (const auto& spec : specs) codes.push_back(spec.code());
  return codes;
}

void Unknown(const std::string& path, const char* what, const std::string& code,
             const std::vector<std::string>& known, Problems* problems) {
  const std::string near = Nearest(code, known);
  problems->Add(path, absl::StrCat("there is no ", what, " \"", code, "\""),
                near.empty() ? "see the policy"
                             : absl::StrCat("did you mean \"", near, "\"?"));
}

void CheckUnit(const std::string& unit, const std::string& path,
               const Policy& policy, Problems* problems) {
  if (unit.empty() || policy.routing().KnowsUnit(unit)) return;
  Unknown(path, "unit", unit, CodesOf(policy.spec().units()), problems);
}

void CheckPriority(const std::string& priority, const std::string& path,
                   const Policy& policy, Problems* problems) {
  const std::vector<std::string> known = CodesOf(policy.spec().priorities());
  if (priority.empty() ||
      std::find(known.begin(), known.end(), priority) != known.end()) {
    return;
  }
  Unknown(path, "priority", priority, known, problems);
}

void Required(bool given, const std::string& path, const char* hint,
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
                  const std::string& path, const Workflow& workflow,
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

// Citizens' own words are sealed; coded answers are figures.
bool IsText(const v1::AttributeValue& answer, const Category& category) {
  for (const v1::AttributeSpec& spec : *category.attributes) {
    if (spec.code() == answer.code()) {
      return spec.datatype() == v1::AttributeSpec::STRING ||
             spec.datatype() == v1::AttributeSpec::TEXT;
    }
  }
  return true;
}

template <typename Answers>
void Classify(const Category& category, const std::string& priority,
              const Answers& answers, absl::Time at, Docket* docket) {
  v1::Classified* fact = docket->Begin(at)->mutable_classified();
  fact->set_category(category.code);
  fact->set_workflow(category.workflow.empty() ? "standard"
                                               : category.workflow);
  fact->set_priority(priority);
  for (const v1::AttributeValue& answer : answers) {
    if (IsText(answer, category)) {
      *docket->Changes()->add_texts() = answer;
    } else {
      *fact->add_attributes() = answer;
    }
  }
  docket->Done();
}

void Locate(const v1::Place& place, absl::Time at, Docket* docket) {
  v1::Located* fact = docket->Begin(at)->mutable_located();
  fact->set_area(place.area());
  fact->set_cell(place.cell());
  docket->Done();
  v1::Place rest = place;
  rest.clear_area();
  rest.clear_cell();
  if (rest.ByteSizeLong() > 0) *docket->Changes()->mutable_place() = rest;
}

void Assign(const std::string& unit, const std::string& assignee,
            const char* because, bool transferred, absl::Time at,
            Docket* docket) {
  v1::Assigned* fact = docket->Begin(at)->mutable_assigned();
  fact->set_unit(unit);
  fact->set_assignee(assignee);
  fact->set_because(because);
  fact->set_transferred(transferred);
  docket->Done();
}

// A text that came with a verb: kept as a note beside it.
void Say(const std::string& text, v1::Note::Visibility visibility,
         absl::Time at, Docket* docket) {
  if (text.empty()) return;
  const int index = docket->AddText(text, visibility == v1::Note::PUBLIC_NOTE);
  v1::Noted* fact = docket->Begin(at)->mutable_noted();
  fact->set_visibility(visibility);
  fact->set_text(index);
  docket->Done();
}

void Answer(const std::string& outcome, const std::string& answer,
            const std::string& responsible, absl::Time at, Docket* docket) {
  v1::Resolved* fact = docket->Begin(at)->mutable_resolved();
  fact->set_outcome(outcome.empty() ? docket->on().outcome() : outcome);
  const v1::OutcomeSpec* spec =
      docket->workflow().FindOutcome(fact->outcome());
  fact->set_fixed(spec == nullptr || spec->fixed());
  fact->set_responsible(responsible);
  docket->Done();
  if (!answer.empty()) docket->Changes()->set_answer(answer);
  Say(answer, v1::Note::PUBLIC_NOTE, at, docket);
}

void AskClosure(const v1::RequestClosure& ask, absl::Time at, Docket* docket) {
  v1::ClosureRequest* request =
      docket->Begin(at)->mutable_closure_request_set()->mutable_request();
  request->set_outcome(ask.outcome());
  request->set_asked_by(docket->moment().actor.id);
  SetTimestamp(at, request->mutable_asked_at());
  docket->Done();
  if (!ask.answer().empty()) docket->Changes()->set_answer(ask.answer());
  Say(ask.answer(), v1::Note::INTERNAL_NOTE, at, docket);
}

void FollowUp(const v1::CloseAndFollowUp& close, absl::Time at,
              Docket* docket) {
  Answer(close.outcome(), close.answer(), "", at, docket);
  v1::FollowUp* follow_up =
      docket->Begin(at)->mutable_follow_up_set()->mutable_follow_up();
  follow_up->set_open(true);
  follow_up->set_unit(close.unit().empty() ? docket->on().unit()
                                           : close.unit());
  follow_up->set_assignee(close.assignee());
  SetTimestamp(at, follow_up->mutable_since());
  docket->Done();
  if (!close.task().empty()) docket->Changes()->set_task(close.task());
}

void Extend(const v1::RequestExtension& ask, absl::Time at, Docket* docket) {
  v1::Extension* extension =
      docket->Begin(at)->mutable_extension_set()->mutable_extension();
  extension->set_state(v1::Extension::ASKED);
  const v1::ClockState* shown = docket->Shown();
  extension->set_clock(!ask.clock().empty() ? ask.clock()
                       : shown != nullptr   ? shown->clock()
                                            : "");
  *extension->mutable_until() = ask.until();
  extension->set_asked_by(docket->moment().actor.id);
  SetTimestamp(at, extension->mutable_asked_at());
  docket->Done();
  Say(ask.reason(), v1::Note::INTERNAL_NOTE, at, docket);
}

void DecideExtension(bool granted, const std::string& words, absl::Time at,
                     Docket* docket) {
  v1::Extension extension = docket->on().extension();
  extension.set_state(granted ? v1::Extension::GRANTED
                              : v1::Extension::DECLINED);
  extension.set_decided_by(docket->moment().actor.id);
  *docket->Begin(at)->mutable_extension_set()->mutable_extension() = extension;
  docket->Done();
  if (granted) {
    docket->GrantUntil(extension.clock(), FromTimestamp(extension.until()), at,
                       "extension");
  }
  Say(words, v1::Note::INTERNAL_NOTE, at, docket);
}

void Correct(const v1::Correct& correct, absl::Time at, Docket* docket) {
  if (correct.has_description()) {
    docket->Changes()->set_description(correct.description());
  }
  if (correct.has_reporter()) {
    *docket->Changes()->mutable_reporter() = correct.reporter();
  }
  if (correct.has_language()) {
    docket->Begin(at)->mutable_language_set()->set_language(correct.language());
    docket->Done();
  }
  const Category* category = docket->category();
  if (category == nullptr || correct.attributes().empty()) return;
  // Answers given replace those of the same question; the others stay.
  google::protobuf::RepeatedPtrField<v1::AttributeValue> merged =
      correct.attributes();
  for (const v1::AttributeValue& old : docket->on().attributes()) {
    const bool given = std::any_of(
        correct.attributes().begin(), correct.attributes().end(),
        [&](const auto& answer) { return answer.code() == old.code(); });
    if (!given) *merged.Add() = old;
  }
  Classify(*category, docket->on().priority(), merged, at, docket);
}

void Wait(const v1::Wait& wait, absl::Time at, Docket* docket) {
  v1::Waiting* waiting =
      docket->Begin(at)->mutable_waiting_set()->mutable_waiting();
  waiting->set_for_(wait.for_());
  waiting->set_unit(wait.unit());
  SetTimestamp(at, waiting->mutable_since());
  docket->Done();
  Say(wait.reason(),
      wait.for_() == v1::Wait::FOR_REPORTER ? v1::Note::PUBLIC_NOTE
                                            : v1::Note::INTERNAL_NOTE,
      at, docket);
}

void Attach(const v1::Attach& attach, absl::Time at, Docket* docket) {
  v1::Attached* fact = docket->Begin(at)->mutable_attached();
  fact->set_blob(attach.blob());
  fact->set_sha256(attach.sha256());
  fact->set_size(attach.size());
  fact->set_media_type(attach.media_type());
  fact->set_visibility(attach.visibility());
  docket->Done();
  if (!attach.name().empty()) {
    docket->AddText(attach.name(),
                    attach.visibility() == v1::Note::PUBLIC_NOTE);
  }
}

void LinkTo(v1::Link::Kind kind, const std::string& reference, absl::Time at,
            Docket* docket) {
  v1::Linked* fact = docket->Begin(at)->mutable_linked();
  fact->set_kind(kind);
  fact->set_reference(reference);
  docket->Done();
}

void Reclassify(const v1::Reclassify& change, absl::Time at, Docket* docket) {
  const Category* category =
      docket->policy().taxonomy().Find(change.category());
  const Category* old = docket->category();
  // A priority that came from the category follows it; a chosen one stays.
  const bool inherited =
      old == nullptr || docket->on().priority() == old->priority;
  Classify(*category,
           inherited ? category->priority : docket->on().priority(),
           change.attributes(), at, docket);
  Say(change.reason(), v1::Note::INTERNAL_NOTE, at, docket);
  docket->Retarget(at, "category", true);
}

void Reprioritise(const v1::Reprioritise& change, absl::Time at,
                  Docket* docket) {
  v1::Classified* fact = docket->Begin(at)->mutable_classified();
  fact->set_category(docket->on().category());
  fact->set_workflow(docket->on().workflow());
  fact->set_priority(change.priority());
  *fact->mutable_attributes() = docket->on().attributes();
  docket->Done();
  Say(change.reason(), v1::Note::INTERNAL_NOTE, at, docket);
  docket->Retarget(at, "priority", true);
}

void CheckAttach(const v1::Attach& attach, const Docket& docket,
                 Problems* problems) {
  const int32_t own = docket.policy().spec().limits().attachments();
  const int most = own > 0 ? std::min<int>(own, limits::kAttachmentsMax)
                           : static_cast<int>(limits::kAttachmentsMax);
  if (docket.on().attachments() >= most) {
    problems->Add("attach", absl::StrCat("the case has ", most, " attachments"),
                  "no more are taken");
  }
  Required(!attach.blob().empty(), "attach.blob", "the host's name of the blob",
           problems);
  if (attach.sha256().size() != 32) {
    problems->Add("attach.sha256", "is no SHA-256", "32 bytes");
  }
  if (attach.size() < 0 || attach.size() > limits::kAttachmentBytesMax) {
    problems->Add("attach.size", absl::StrCat("is ", attach.size()),
                  absl::StrCat("0 to ", limits::kAttachmentBytesMax));
  }
  Required(attach.visibility() != v1::Note::VISIBILITY_UNSPECIFIED,
           "attach.visibility", "PUBLIC_NOTE or INTERNAL_NOTE", problems);
}

void CheckExtension(const v1::RequestExtension& ask, const Docket& docket,
                    Problems* problems) {
  const v1::ClockState* clock = ask.clock().empty()
                                    ? docket.Shown()
                                    : docket.FindClock(ask.clock());
  if (clock == nullptr) {
    problems->Add("request_extension.clock", "there is no such clock",
                  "name a clock of the case");
    return;
  }
  if (!ask.has_until()) {
    problems->Add("request_extension.until", "is required",
                  "the new due instant");
  } else if (clock->has_due() &&
             FromTimestamp(ask.until()) <= FromTimestamp(clock->due())) {
    problems->Add("request_extension.until", "is not after the due instant",
                  absl::StrCat("it is due ",
                               FormatUtc(FromTimestamp(clock->due()))));
  }
}

void CheckOthers(const v1::Command& command, const Docket& docket,
                 std::span<const v1::Case> others, Problems* problems) {
  const char* path = command.has_merge() ? "merge.into" : "link.to";
  const std::string& other =
      command.has_merge() ? command.merge().into() : command.link().to();
  if (others.empty()) {
    Required(!other.empty(), path, "the reference of the other case", problems);
    return;
  }
  if (others.front().id() == docket.on().id()) {
    problems->Add(path, "is the case itself", "name another case");
    return;
  }
  if (command.has_merge() && !others.front().merged_into().empty()) {
    problems->Add(path,
                  absl::StrCat("was itself merged into ",
                               others.front().merged_into()),
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

// What a verb's content is checked against.
struct Checking {
  const v1::Command& c;
  const Docket& docket;
  std::span<const v1::Case> others;
  Problems* problems;
  const Policy& policy = docket.policy();
  const Workflow& workflow = docket.workflow();
};

void CheckLink(const Checking& k) {
  if (k.c.has_link()) {
    Required(k.c.link().kind() != v1::Link::KIND_UNSPECIFIED, "link.kind",
             "CHILD_OF, RELATED or NONE", k.problems);
    if (k.docket.on().links_size() >= static_cast<int>(limits::kLinksMax)) {
      k.problems->Add(
          "link", absl::StrCat("the case has ", limits::kLinksMax, " links"),
          "no more are taken");
    }
  }
  CheckOthers(k.c, k.docket, k.others, k.problems);
}

void CheckReclassify(const Checking& k) {
  const v1::Reclassify& change = k.c.reclassify();
  const Category* category =
      CheckCategory(change.category(), "reclassify.category", k.policy,
                    k.docket.moment().now, k.problems);
  if (category == nullptr) return;
  Taxonomy::CheckAnswers(*category, change.attributes(),
                         "reclassify.attributes", k.problems);
}

void CheckTransfer(const Checking& k) {
  const std::string& unit = k.c.transfer().unit();
  CheckUnit(unit, "transfer.unit", k.policy, k.problems);
  Required(!unit.empty(), "transfer.unit", "to whom?", k.problems);
  if (!unit.empty() && unit == k.docket.on().unit()) {
    k.problems->Add("transfer.unit", "holds the case already",
                    "name another unit");
  }
}

void CheckCloseAndFollowUp(const Checking& k) {
  const v1::CloseAndFollowUp& close = k.c.close_and_follow_up();
  CheckOutcome(close.outcome(), k.docket.on().outcome().empty(),
               "close_and_follow_up.outcome", k.workflow, k.problems);
  CheckUnit(close.unit(), "close_and_follow_up.unit", k.policy, k.problems);
}

using Check = void (*)(const Checking&);
// Verbs that are not here have nothing to check beyond their form.
constexpr std::pair<v1::Command::VerbCase, Check> kChecks[] = {
    {v1::Command::kAssign,
     [](const Checking& k) {
       const v1::Assign& assign = k.c.assign();
       CheckUnit(assign.unit(), "assign.unit", k.policy, k.problems);
       Required(!assign.unit().empty() || !assign.assignee().empty(), "assign",
                "a unit, an assignee or both", k.problems);
     }},
    {v1::Command::kTransfer, CheckTransfer},
    {v1::Command::kWait,
     [](const Checking& k) {
       Required(k.c.wait().for_() != v1::Wait::FOR_UNSPECIFIED, "wait.for",
                "FOR_REPORTER, FOR_THIRD_PARTY or FOR_OTHER_UNIT", k.problems);
       Required(!k.c.wait().reason().empty(), "wait.reason", "say what for",
                k.problems);
       CheckUnit(k.c.wait().unit(), "wait.unit", k.policy, k.problems);
     }},
    {v1::Command::kResolve,
     [](const Checking& k) {
       CheckOutcome(k.c.resolve().outcome(), true, "resolve.outcome",
                    k.workflow, k.problems);
     }},
    {v1::Command::kRequestClosure,
     [](const Checking& k) {
       CheckOutcome(k.c.request_closure().outcome(), true,
                    "request_closure.outcome", k.workflow, k.problems);
     }},
    {v1::Command::kClose,
     [](const Checking& k) {
       CheckOutcome(k.c.close().outcome(), k.docket.on().outcome().empty(),
                    "close.outcome", k.workflow, k.problems);
     }},
    {v1::Command::kCloseAndFollowUp, CheckCloseAndFollowUp},
    {v1::Command::kReject,
     [](const Checking& k) {
       CheckOutcome(k.c.reject().outcome(), false, "reject.outcome", k.workflow,
                    k.problems);
     }},
    {v1::Command::kMerge, CheckLink},
    {v1::Command::kLink, CheckLink},
    {v1::Command::kReclassify, CheckReclassify},
    {v1::Command::kReprioritise,
     [](const Checking& k) {
       const std::string& priority = k.c.reprioritise().priority();
       Required(!priority.empty(), "reprioritise.priority",
                "one of the policy's", k.problems);
       CheckPriority(priority, "reprioritise.priority", k.policy, k.problems);
     }},
    {v1::Command::kRelocate,
     [](const Checking& k) {
       CheckPlace(k.c.relocate().place(), k.policy, "relocate.place",
                  k.problems);
     }},
    {v1::Command::kCorrect,
     [](const Checking& k) {
       Required(k.c.correct().ByteSizeLong() > 0, "correct",
                "set what is to change", k.problems);
     }},
    {v1::Command::kNote,
     [](const Checking& k) {
       Required(!k.c.note().text().empty(), "note.text", "say something",
                k.problems);
       Required(k.c.note().visibility() != v1::Note::VISIBILITY_UNSPECIFIED,
                "note.visibility", "PUBLIC_NOTE or INTERNAL_NOTE", k.problems);
     }},
    {v1::Command::kAttach,
     [](const Checking& k) { CheckAttach(k.c.attach(), k.docket, k.problems); }},
    {v1::Command::kRate,
     [](const Checking& k) {
       const int score = k.c.rate().score();
       if (score >= 1 && score <= 5) return;
       k.problems->Add("rate.score", absl::StrCat("is ", score),
                       "between 1 and 5");
     }},
    {v1::Command::kRequestExtension,
     [](const Checking& k) {
       CheckExtension(k.c.request_extension(), k.docket, k.problems);
     }},
};

// A verb being done.
struct Doing {
  const v1::Command& c;
  absl::Time at;
  std::span<const v1::Case> others;
  Docket* docket;

  void Say(const std::string& text, v1::Note::Visibility visibility) const {
    internal::Say(text, visibility, at, docket);
  }
};

constexpr auto kInternal = v1::Note::INTERNAL_NOTE;
constexpr auto kPublic = v1::Note::PUBLIC_NOTE;

void AssignTo(const Doing& d) {
  const v1::Case& on = d.docket->on();
  const v1::Assign& assign = d.c.assign();
  const bool other_unit = !assign.unit().empty() && assign.unit() != on.unit();
  Assign(assign.unit().empty() ? on.unit() : assign.unit(), assign.assignee(),
         "by hand", false, d.at, d.docket);
  d.Say(assign.note(), kInternal);
  if (other_unit) d.docket->Retarget(d.at, "unit", true);
}

void TransferTo(const Doing& d) {
  Assign(d.c.transfer().unit(), "", "by hand", true, d.at, d.docket);
  d.Say(d.c.transfer().reason(), kInternal);
  d.docket->Retarget(d.at, "unit", true);
}

void ReopenIt(const Doing& d) {
  d.docket->Begin(d.at)->mutable_resolved();  // no outcome any more
  d.docket->Done();
  d.docket->Begin(d.at)->mutable_reopen_window_set()->set_reopened(true);
  d.docket->Done();
  d.Say(d.c.reopen().reason(), kPublic);
}

void MergeInto(const Doing& d) {
  v1::Linked* fact = d.docket->Begin(d.at)->mutable_linked();
  fact->set_merged_into(true);
  fact->set_reference(d.others.front().reference());
  d.docket->Done();
}

void ApproveIt(const Doing& d) {
  const v1::Case& on = d.docket->on();
  Answer(on.closure_request().outcome(), on.sealed().answer(), "", d.at,
         d.docket);
  d.Say(d.c.approve_closure().note(), kInternal);
}

void EscalateIt(const Doing& d) {
  const int count = d.docket->on().escalations() + 1;
  d.docket->Begin(d.at)->mutable_escalated()->set_count(count);
  d.docket->Done();
  d.Say(d.c.escalate().reason(), kInternal);
}

using Do = void (*)(const Doing&);
// Verbs that are not here are nothing but their transition.
constexpr std::pair<v1::Command::VerbCase, Do> kDoings[] = {
    {v1::Command::kAccept,
     [](const Doing& d) { d.Say(d.c.accept().note(), kInternal); }},
    {v1::Command::kAssign, AssignTo},
    {v1::Command::kTransfer, TransferTo},
    {v1::Command::kReturn,
     [](const Doing& d) { d.Say(d.c.return_().reason(), kInternal); }},
    {v1::Command::kWait,
     [](const Doing& d) { Wait(d.c.wait(), d.at, d.docket); }},
    {v1::Command::kResume,
     [](const Doing& d) { d.Say(d.c.resume().note(), kInternal); }},
    {v1::Command::kResolve,
     [](const Doing& d) {
       Answer(d.c.resolve().outcome(), d.c.resolve().answer(), "", d.at,
              d.docket);
     }},
    {v1::Command::kRequestClosure,
     [](const Doing& d) { AskClosure(d.c.request_closure(), d.at, d.docket); }},
    {v1::Command::kApproveClosure, ApproveIt},
    {v1::Command::kDeclineClosure,
     [](const Doing& d) {
       d.docket->Begin(d.at)->mutable_closure_request_set();
       d.docket->Done();
       d.Say(d.c.decline_closure().reason(), kInternal);
     }},
    {v1::Command::kClose,
     [](const Doing& d) {
       Answer(d.c.close().outcome(), d.c.close().answer(), "", d.at, d.docket);
     }},
    {v1::Command::kCloseAndFollowUp,
     [](const Doing& d) {
       FollowUp(d.c.close_and_follow_up(), d.at, d.docket);
     }},
    {v1::Command::kCompleteFollowUp,
     [](const Doing& d) { d.Say(d.c.complete_follow_up().note(), kInternal); }},
    {v1::Command::kReopen, ReopenIt},
    {v1::Command::kMerge, MergeInto},
    {v1::Command::kLink,
     [](const Doing& d) {
       LinkTo(d.c.link().kind(), d.others.front().reference(), d.at, d.docket);
     }},
    {v1::Command::kReclassify,
     [](const Doing& d) { Reclassify(d.c.reclassify(), d.at, d.docket); }},
    {v1::Command::kReprioritise,
     [](const Doing& d) { Reprioritise(d.c.reprioritise(), d.at, d.docket); }},
    {v1::Command::kRelocate,
     [](const Doing& d) {
       Locate(d.c.relocate().place(), d.at, d.docket);
       d.docket->Retarget(d.at, "area", true);
     }},
    {v1::Command::kCorrect,
     [](const Doing& d) { Correct(d.c.correct(), d.at, d.docket); }},
    {v1::Command::kNote,
     [](const Doing& d) { d.Say(d.c.note().text(), d.c.note().visibility()); }},
    {v1::Command::kAttach,
     [](const Doing& d) { Attach(d.c.attach(), d.at, d.docket); }},
    {v1::Command::kRate,
     [](const Doing& d) {
       d.docket->Begin(d.at)->mutable_rated()->set_score(d.c.rate().score());
       d.docket->Done();
       d.Say(d.c.rate().comment(), kInternal);
     }},
    {v1::Command::kEscalate, EscalateIt},
    {v1::Command::kRequestExtension,
     [](const Doing& d) { Extend(d.c.request_extension(), d.at, d.docket); }},
    {v1::Command::kApproveExtension,
     [](const Doing& d) {
       DecideExtension(true, d.c.approve_extension().note(), d.at, d.docket);
     }},
    {v1::Command::kDeclineExtension,
     [](const Doing& d) {
       DecideExtension(false, d.c.decline_extension().reason(), d.at,
                       d.docket);
     }},
    {v1::Command::kCancel,
     [](const Doing& d) { d.Say(d.c.cancel().reason(), kInternal); }},
    {v1::Command::kReject,
     [](const Doing& d) {
       Answer(d.c.reject().outcome(), d.c.reject().answer(),
              d.c.reject().responsible(), d.at, d.docket);
     }},
    {v1::Command::kErasePerson,
     [](const Doing& d) {
       d.docket->Begin(d.at)->mutable_erased()->set_basis(
           d.c.erase_person().basis());
       d.docket->Done();
     }},
};

}  // namespace

void CheckOpen(const v1::Open& open, const Policy& policy, absl::Time at,
               const Moment& moment, const std::string& path,
               Problems* problems) {
  const Category* category = CheckCategory(
      open.category(), path + ".category", policy, at, problems);
  CheckPlace(open.place(), policy, path + ".place", problems);
  CheckUnit(open.unit(), path + ".unit", policy, problems);
  CheckPriority(open.priority(), path + ".priority", policy, problems);
  if (category != nullptr) {
    // A system taken over may lack answers that are asked today.
    if (!moment.may_import || !open.attributes().empty()) {
      Taxonomy::CheckAnswers(*category, open.attributes(),
                             path + ".attributes", problems);
    }
    if (category->named_reporter_required && !moment.may_import &&
        open.reporter().name().empty()) {
      problems->Add(path + ".reporter.name", "is required for this category",
                    "ask for the name");
    }
  }
  const bool has_external = open.has_external();
  if (has_external && (open.external().system().empty() ||
                       open.external().id().empty())) {
    problems->Add(path + ".external", "needs both system and id",
                  "give both or none");
  }
  if (!moment.may_import &&
      (!open.reference().empty() || open.has_promised_due())) {
    problems->Add(path, "brings a reference or promise of its own",
                  "that needs the permission IMPORT");
  }
}

void DoOpen(const v1::Open& open, absl::Time at, std::string_view split_from,
            std::string_view dice, Docket* docket) {
  const Policy& policy = docket->policy();
  const Category* category = policy.taxonomy().Find(open.category());
  const Moment& moment = docket->moment();
  if (open.has_reporter()) {
    *docket->Changes()->mutable_reporter() = open.reporter();
  }
  if (!open.description().empty()) {
    docket->Changes()->set_description(open.description());
  }
  for (const v1::Party& party : open.parties()) {
    *docket->Changes()->add_parties() = party;
  }
  // Rules ask for the people at once; Finish folds the body anew.
  if (open.has_reporter() || !open.parties().empty()) {
    *docket->mutable_on().mutable_sealed() = *docket->Changes();
  }
  docket->mutable_on().set_reporter(open.reporter().id());

  v1::Opened* fact = docket->Begin(at)->mutable_opened();
  fact->set_id(MakeUuidV7(moment.now, dice.substr(0, 10)));
  fact->set_tenant(moment.actor.tenant);
  fact->set_reference(
      open.reference().empty()
          ? MakeReference(policy.spec().reference(), dice.substr(10, 16),
                          absl::ToCivilDay(at, policy.time_zone()),
                          static_cast<uint8_t>(dice[26]) * 256 +
                              static_cast<uint8_t>(dice[27]))
          : open.reference());
  fact->set_channel(open.channel());
  fact->set_language(open.language());
  if (open.has_external()) *fact->mutable_external() = open.external();
  fact->set_opened_by(
      policy.access().IsReporter(moment.actor, docket->on()) ? "reporter"
                                                             : moment.actor.id);
  fact->set_contact(open.contact());
  fact->set_split_from(std::string(split_from));
  docket->Done();

  Classify(*category,
           open.priority().empty() ? category->priority : open.priority(),
           open.attributes(), at, docket);
  docket->ChangeState(docket->workflow().initial(), at);
  if (open.has_place()) Locate(open.place(), at, docket);
  if (open.unit().empty()) {
    docket->Route(at);
  } else {
    Assign(open.unit(), "", "by hand", false, at, docket);
  }
}

void CheckContent(const v1::Command& c, const Docket& docket,
                  std::span<const v1::Case> others, Problems* problems) {
  for (const auto& [verb, check] : kChecks) {
    if (verb == c.verb_case()) check({c, docket, others, problems});
  }
}

void DoVerb(const v1::Command& c, absl::Time at,
            std::span<const v1::Case> others, Docket* docket) {
  for (const auto& [verb, done] : kDoings) {
    if (verb == c.verb_case()) done({c, at, others, docket});
  }
}

}  // namespace hotline::internal
