// The fold. Copies what facts say; decides nothing, so that the same events
// give the same case under any policy, for ever.
#include <algorithm>
#include <optional>

#include "hotline/judge.h"
#include "src/base/time.h"
#include "src/judge/fold.h"

namespace hotline {
namespace internal {
namespace {

v1::ClockState* FindClock(std::string_view code, v1::Case* on) {
  for (v1::ClockState& clock : *on->mutable_clocks()) {
    if (clock.clock() == code) return &clock;
  }
  return nullptr;
}

void SetClock(const v1::ClockState& set, v1::Case* on) {
  v1::ClockState* clock = FindClock(set.clock(), on);
  if (clock == nullptr) {
    *on->add_clocks() = set;
    return;
  }
  if (clock->cycle() != set.cycle()) {
    *clock = set;
    return;
  }
  // Levels and the verdict have facts of their own; only a new cycle has none.
  google::protobuf::RepeatedPtrField<v1::LevelMark> levels;
  levels.Swap(clock->mutable_levels());
  const bool breached = clock->breached();
  const std::optional<google::protobuf::Timestamp> breached_at =
      clock->has_breached_at() ? std::optional(clock->breached_at())
                               : std::nullopt;
  *clock = set;
  levels.Swap(clock->mutable_levels());
  clock->set_breached(breached);
  if (breached_at) *clock->mutable_breached_at() = *breached_at;
}

void RecordLevel(const v1::LevelRecorded& fact, v1::Case* on) {
  v1::ClockState* clock = FindClock(fact.clock(), on);
  if (clock == nullptr) return;
  *clock->add_levels() = fact.level();
  // A breach told again is the same breach.
  if (fact.breach() && fact.level().repeat() == 0) {
    clock->set_breached(true);
    *clock->mutable_breached_at() = fact.level().at();
  }
}

void WithdrawLevel(const v1::LevelWithdrawn& fact, v1::Case* on) {
  v1::ClockState* clock = FindClock(fact.clock(), on);
  if (clock == nullptr) return;
  for (v1::LevelMark& mark : *clock->mutable_levels()) {
    if (mark.level() == fact.level() &&
        mark.generation() == fact.generation()) {
      mark.set_lapsed(true);
      mark.set_withdrawn(!fact.stands());
    }
  }
  if (fact.breach()) {
    clock->set_breached(false);
    clock->clear_breached_at();
  }
}

void ChangeState(const v1::Fact& fact, v1::Case* on) {
  const v1::StateChanged& change = fact.state_changed();
  on->set_state(change.to());
  on->set_phase(change.phase());
  on->set_public_status(change.public_status());
  *on->mutable_state_since() = fact.at();
  if (change.phase() == v1::RESOLVED || change.phase() == v1::CLOSED) {
    if (!on->has_resolved_at()) *on->mutable_resolved_at() = fact.at();
    if (change.phase() == v1::CLOSED) *on->mutable_closed_at() = fact.at();
  } else {
    on->clear_resolved_at();
    on->clear_closed_at();
  }
}

void SetLink(const v1::Linked& fact, v1::Case* on) {
  if (fact.merged_into()) {
    on->set_merged_into(fact.reference());
    return;
  }
  if (fact.as_parent()) return;  // the child bears the link
  auto* links = on->mutable_links();
  for (int i = links->size() - 1; i >= 0; --i) {
    const bool same = links->Get(i).reference() == fact.reference();
    const bool other_parent = fact.kind() == v1::Link::CHILD_OF &&
                              links->Get(i).kind() == v1::Link::CHILD_OF;
    if (same || other_parent) links->DeleteSubrange(i, 1);
  }
  if (fact.kind() == v1::Link::NONE) return;
  v1::CaseLink* link = links->Add();
  link->set_kind(fact.kind());
  link->set_reference(fact.reference());
}

void Open(const v1::Fact& fact, v1::Case* on) {
  const v1::Opened& opened = fact.opened();
  on->set_id(opened.id());
  on->set_tenant(opened.tenant());
  on->set_reference(opened.reference());
  on->set_channel(opened.channel());
  on->set_language(opened.language());
  if (opened.has_external()) *on->mutable_external() = opened.external();
  on->set_opened_by(opened.opened_by());
  *on->mutable_opened_at() = fact.at();
}

void SetLeastDue(v1::Case* on) {
  on->clear_least_due();
  for (const v1::ClockState& clock : on->clocks()) {
    if (clock.state() != v1::ClockState::RUNNING || !clock.has_due()) continue;
    if (!on->has_least_due() ||
        FromTimestamp(clock.due()) < FromTimestamp(on->least_due())) {
      *on->mutable_least_due() = clock.due();
    }
  }
}

// May a citizen know that something changed?
bool IsPublic(const v1::Fact& fact) {
  switch (fact.kind_case()) {
    case v1::Fact::kOpened:
    case v1::Fact::kStateChanged:
    case v1::Fact::kResolved:
      return true;
    case v1::Fact::kNoted:
      return fact.noted().visibility() == v1::Note::PUBLIC_NOTE;
    case v1::Fact::kAttached:
      return fact.attached().visibility() == v1::Note::PUBLIC_NOTE;
    case v1::Fact::kClockSet:
      return fact.clock_set().clock().shown();
    default:
      return false;
  }
}

// Setting from a fact whose absent part clears.
void SetWaiting(const v1::Fact& fact, v1::Case* on) {
  on->clear_waiting();
  if (!fact.waiting_set().has_waiting()) return;
  *on->mutable_waiting() = fact.waiting_set().waiting();
}

void SetExtension(const v1::Fact& fact, v1::Case* on) {
  on->clear_extension();
  if (!fact.extension_set().has_extension()) return;
  *on->mutable_extension() = fact.extension_set().extension();
}

void SetClosureRequest(const v1::Fact& fact, v1::Case* on) {
  on->clear_closure_request();
  if (!fact.closure_request_set().has_request()) return;
  *on->mutable_closure_request() = fact.closure_request_set().request();
}

void SetReopenWindow(const v1::Fact& fact, v1::Case* on) {
  on->clear_reopen_until();
  if (fact.reopen_window_set().has_until()) {
    *on->mutable_reopen_until() = fact.reopen_window_set().until();
  }
  if (fact.reopen_window_set().reopened()) {
    on->set_reopenings(on->reopenings() + 1);
    on->set_rating(0);  // the next answer may be rated anew
  }
}

void Classify(const v1::Fact& fact, v1::Case* on) {
  on->set_category(fact.classified().category());
  on->set_workflow(fact.classified().workflow());
  on->set_priority(fact.classified().priority());
  *on->mutable_attributes() = fact.classified().attributes();
}

void Assign(const v1::Fact& fact, v1::Case* on) {
  on->set_unit(fact.assigned().unit());
  on->set_assignee(fact.assigned().assignee());
  if (fact.assigned().transferred()) on->set_transfers(on->transfers() + 1);
}

void Note(const v1::Fact& fact, v1::Case* on) {
  on->set_notes(on->notes() + 1);
  if (IsPublic(fact)) on->set_public_notes(on->public_notes() + 1);
}

void RememberTold(const v1::Fact& fact, v1::Case* on) {
  const v1::Noticed& noticed = fact.noticed();
  if (noticed.to() == v1::NoticeSpec::TO_REPORTER &&
      noticed.not_because().empty() && noticed.has_due()) {
    *on->mutable_told_due() = noticed.due();
  }
}

void Erase(v1::Case* on) {
  on->set_erased(true);
  on->clear_reporter();
  on->clear_sealed();
}

}  // namespace

void EvolveFact(const v1::Fact& fact, v1::Case* on) {
  switch (fact.kind_case()) {
    case v1::Fact::kOpened:
      return Open(fact, on);
    case v1::Fact::kStateChanged:
      return ChangeState(fact, on);
    case v1::Fact::kClassified:
      return Classify(fact, on);
    case v1::Fact::kAssigned:
      return Assign(fact, on);
    case v1::Fact::kLocated:
      on->set_area(fact.located().area());
      return on->set_cell(fact.located().cell());
    case v1::Fact::kClockSet:
      SetClock(fact.clock_set().clock(), on);
      return SetLeastDue(on);
    case v1::Fact::kLevelRecorded:
      return RecordLevel(fact.level_recorded(), on);
    case v1::Fact::kLevelWithdrawn:
      return WithdrawLevel(fact.level_withdrawn(), on);
    case v1::Fact::kNoted:
      return Note(fact, on);
    case v1::Fact::kAttached:
      return on->set_attachments(on->attachments() + 1);
    case v1::Fact::kRated:
      return on->set_rating(fact.rated().score());
    case v1::Fact::kWaitingSet:
      return SetWaiting(fact, on);
    case v1::Fact::kResolved:
      return on->set_outcome(fact.resolved().outcome());
    case v1::Fact::kFollowUpSet:
      *on->mutable_follow_up() = fact.follow_up_set().follow_up();
      return;
    case v1::Fact::kExtensionSet:
      return SetExtension(fact, on);
    case v1::Fact::kClosureRequestSet:
      return SetClosureRequest(fact, on);
    case v1::Fact::kReopenWindowSet:
      return SetReopenWindow(fact, on);
    case v1::Fact::kLinked:
      return SetLink(fact.linked(), on);
    case v1::Fact::kEscalated:
      return on->set_escalations(fact.escalated().count());
    case v1::Fact::kErased:
      return Erase(on);
    case v1::Fact::kNoticed:
      return RememberTold(fact, on);
    case v1::Fact::kLanguageSet:
      return on->set_language(fact.language_set().language());
    case v1::Fact::KIND_NOT_SET:
      return;
  }
}

void EvolveSealed(const v1::CaseSealed& changes, v1::CaseSealed* on) {
  if (changes.has_reporter()) *on->mutable_reporter() = changes.reporter();
  if (!changes.description().empty()) {
    on->set_description(changes.description());
  }
  if (changes.has_place()) *on->mutable_place() = changes.place();
  for (const v1::AttributeValue& text : changes.texts()) {
    auto* texts = on->mutable_texts();
    const auto old = std::find_if(texts->begin(), texts->end(),
                                  [&](const v1::AttributeValue& other) {
                                    return other.code() == text.code();
                                  });
    if (old == texts->end()) {
      *texts->Add() = text;
    } else {
      *old = text;
    }
  }
  if (!changes.answer().empty()) on->set_answer(changes.answer());
  if (!changes.task().empty()) on->set_task(changes.task());
  for (const v1::Party& party : changes.parties()) *on->add_parties() = party;
  on->set_salt(changes.salt());
}

void CloseFold(const v1::Event& event, v1::Case* on) {
  on->set_version(event.version());
  *on->mutable_updated_at() = event.recorded_at();
  if (std::any_of(event.facts().begin(), event.facts().end(), IsPublic)) {
    *on->mutable_public_updated_at() = event.recorded_at();
  }
  on->set_policy_version(event.policy_version());
  on->set_fold_version(event.fold_version());
  on->clear_next_at();
  if (event.has_next_at()) *on->mutable_next_at() = event.next_at();
  on->set_sealed_commitment(event.case_commitment());
  if (event.has_sealed() && event.sealed().has_changes()) {
    EvolveSealed(event.sealed().changes(), on->mutable_sealed());
    on->set_reporter(on->sealed().reporter().id());
  }
}

}  // namespace internal

void Evolve(const v1::Event& event, v1::Case* on) {
  for (const v1::Fact& fact : event.facts()) internal::EvolveFact(fact, on);
  internal::CloseFold(event, on);
}

}  // namespace hotline
