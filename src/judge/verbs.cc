#include "src/judge/verbs.h"

#include <algorithm>

#include "hotline/ids.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"

namespace hotline::internal {
namespace {

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
         absl::Time at, Docket* docket, bool from_reporter = false,
         bool automatic = false) {
  if (text.empty()) return;
  const int index = docket->AddText(text, visibility == v1::Note::PUBLIC_NOTE);
  v1::Noted* fact = docket->Begin(at)->mutable_noted();
  fact->set_visibility(visibility);
  fact->set_text(index);
  fact->set_from_reporter(from_reporter);
  fact->set_automatic(automatic);
  docket->Done();
}

bool BySubject(const Docket& docket) {
  return docket.policy().access().IsReporter(docket.moment().actor,
                                             docket.on());
}

void Answer(const std::string& outcome, const std::string& answer,
            const std::string& responsible, absl::Time at, Docket* docket) {
  v1::Resolved* fact = docket->Begin(at)->mutable_resolved();
  fact->set_outcome(outcome.empty() ? docket->on().outcome() : outcome);
  const v1::OutcomeSpec* spec = docket->workflow().FindOutcome(fact->outcome());
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
  Classify(*category, inherited ? category->priority : docket->on().priority(),
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

// Verbs about the clocks themselves.
void DoTiming(const v1::Command& c, absl::Time at, Docket* docket) {
  switch (c.verb_case()) {
    case v1::Command::kRequestExtension:
      Extend(c.request_extension(), at, docket);
      break;
    case v1::Command::kApproveExtension:
      DecideExtension(true, c.approve_extension().note(), at, docket);
      break;
    case v1::Command::kDeclineExtension:
      DecideExtension(false, c.decline_extension().reason(), at, docket);
      break;
    case v1::Command::kRestate: {
      const auto& clocks = c.restate().clocks();
      docket->Restate(std::vector<std::string>(clocks.begin(), clocks.end()),
                      at);
      Say(c.restate().reason(), v1::Note::INTERNAL_NOTE, at, docket);
      break;
    }
    default:
      break;
  }
}

// Verbs that hand the case on or end it.
void DoHandling(const v1::Command& c, absl::Time at, Docket* docket) {
  constexpr auto kInternal = v1::Note::INTERNAL_NOTE;
  const v1::Case& on = docket->on();
  switch (c.verb_case()) {
    case v1::Command::kAccept:
      Say(c.accept().note(), kInternal, at, docket);
      break;
    case v1::Command::kAssign: {
      const bool other_unit =
          !c.assign().unit().empty() && c.assign().unit() != on.unit();
      Assign(c.assign().unit().empty() ? on.unit() : c.assign().unit(),
             c.assign().assignee(), "by hand", false, at, docket);
      Say(c.assign().note(), kInternal, at, docket);
      if (other_unit) docket->Retarget(at, "unit", true);
      break;
    }
    case v1::Command::kTransfer:
      Assign(c.transfer().unit(), "", "by hand", true, at, docket);
      Say(c.transfer().reason(), kInternal, at, docket);
      docket->Retarget(at, "unit", true);
      break;
    case v1::Command::kReturn:
      Say(c.return_().reason(), kInternal, at, docket);
      break;
    case v1::Command::kWait:
      Wait(c.wait(), at, docket);
      break;
    case v1::Command::kResume:
      Say(c.resume().note(), kInternal, at, docket);
      break;
    case v1::Command::kResolve:
      Answer(c.resolve().outcome(), c.resolve().answer(), "", at, docket);
      break;
    case v1::Command::kRequestClosure:
      AskClosure(c.request_closure(), at, docket);
      break;
    case v1::Command::kApproveClosure:
      Answer(on.closure_request().outcome(), on.sealed().answer(), "", at,
             docket);
      Say(c.approve_closure().note(), kInternal, at, docket);
      break;
    case v1::Command::kDeclineClosure:
      docket->Begin(at)->mutable_closure_request_set();
      docket->Done();
      Say(c.decline_closure().reason(), kInternal, at, docket);
      break;
    case v1::Command::kClose:
      Answer(c.close().outcome(), c.close().answer(), "", at, docket);
      break;
    case v1::Command::kCloseAndFollowUp:
      FollowUp(c.close_and_follow_up(), at, docket);
      break;
    case v1::Command::kCompleteFollowUp:
      Say(c.complete_follow_up().note(), kInternal, at, docket);
      break;
    case v1::Command::kReopen:
      docket->Begin(at)->mutable_resolved();
      docket->Done();
      docket->Begin(at)->mutable_reopen_window_set()->set_reopened(true);
      docket->Done();
      Say(c.reopen().reason(), v1::Note::PUBLIC_NOTE, at, docket,
          BySubject(*docket));
      break;
    default:
      break;
  }
}

}  // namespace

bool IsText(const v1::AttributeValue& answer, const Category& category) {
  for (const v1::AttributeSpec& spec : *category.attributes) {
    if (spec.code() == answer.code()) {
      return spec.datatype() == v1::AttributeSpec::STRING ||
             spec.datatype() == v1::AttributeSpec::TEXT;
    }
  }
  return true;
}

v1::Trigger::Message MessageOf(const v1::Command& c, const Docket& docket) {
  if (BySubject(docket) || c.note().from_reporter()) {
    const bool speaks =
        !c.note().text().empty() || !c.reopen().reason().empty();
    return speaks ? v1::Trigger::FROM_REPORTER
                  : v1::Trigger::MESSAGE_UNSPECIFIED;
  }
  const bool waits = c.wait().for_() == v1::Wait::FOR_REPORTER;
  const bool notes =
      c.note().visibility() == v1::Note::PUBLIC_NOTE && !c.note().automatic();
  const bool answers =
      (notes && !c.note().text().empty()) ||
      (waits && !c.wait().reason().empty()) || !c.resolve().answer().empty() ||
      !c.close().answer().empty() || !c.reject().answer().empty() ||
      !c.close_and_follow_up().answer().empty() ||
      (c.has_approve_closure() && !docket.on().sealed().answer().empty());
  return answers ? v1::Trigger::FROM_AGENT : v1::Trigger::MESSAGE_UNSPECIFIED;
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
  const bool by_reporter =
      policy.access().IsReporter(moment.actor, docket->on()) ||
      policy.access().IsCitizen(moment.actor);
  fact->set_opened_by(by_reporter ? "reporter" : moment.actor.id);
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

void DoVerb(const v1::Command& c, absl::Time at,
            std::span<const v1::Case> others, Docket* docket) {
  constexpr auto kInternal = v1::Note::INTERNAL_NOTE;
  const v1::Case& on = docket->on();
  DoHandling(c, at, docket);
  DoTiming(c, at, docket);
  switch (c.verb_case()) {
    case v1::Command::kMerge: {
      v1::Linked* fact = docket->Begin(at)->mutable_linked();
      fact->set_merged_into(true);
      fact->set_reference(others.front().reference());
      docket->Done();
      break;
    }
    case v1::Command::kLink:
      LinkTo(c.link().kind(), others.front().reference(), at, docket);
      break;
    case v1::Command::kReclassify:
      Reclassify(c.reclassify(), at, docket);
      break;
    case v1::Command::kReprioritise:
      Reprioritise(c.reprioritise(), at, docket);
      break;
    case v1::Command::kRelocate:
      Locate(c.relocate().place(), at, docket);
      docket->Retarget(at, "area", true);
      break;
    case v1::Command::kCorrect:
      Correct(c.correct(), at, docket);
      break;
    case v1::Command::kNote:
      Say(c.note().text(), c.note().visibility(), at, docket,
          c.note().from_reporter() || BySubject(*docket), c.note().automatic());
      break;
    case v1::Command::kAttach:
      Attach(c.attach(), at, docket);
      break;
    case v1::Command::kRate:
      docket->Begin(at)->mutable_rated()->set_score(c.rate().score());
      docket->Done();
      Say(c.rate().comment(), kInternal, at, docket);
      break;
    case v1::Command::kEscalate:
      docket->Begin(at)->mutable_escalated()->set_count(on.escalations() + 1);
      docket->Done();
      Say(c.escalate().reason(), kInternal, at, docket);
      break;
    case v1::Command::kCancel:
      Say(c.cancel().reason(), kInternal, at, docket);
      break;
    case v1::Command::kReject:
      Answer(c.reject().outcome(), c.reject().answer(),
             c.reject().responsible(), at, docket);
      break;
    case v1::Command::kErasePerson:
      docket->Begin(at)->mutable_erased()->set_basis(c.erase_person().basis());
      docket->Done();
      break;
    default:
      break;
  }
}

}  // namespace hotline::internal
