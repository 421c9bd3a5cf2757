// What falls due by itself: levels, the end of a state's time, a policy that
// came into force. Each is recorded with its own instant, so that looking late
// and looking every second give the same history.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/judge/docket.h"
#include "src/judge/marks.h"

namespace hotline::internal {
namespace {

// A machine that looks later than this after an instant was away.
constexpr absl::Duration kLateAfter = absl::Minutes(5);
// More than any policy can make fall due in one look; a bound, not a rule.
constexpr int kDueAtOnceMax = 10'000;

}  // namespace

struct Docket::Due {
  absl::Time at = absl::InfiniteFuture();
  std::optional<LevelReached> level;  // else the state's timeout
  std::string clock;
};

size_t Docket::PlaceInPolicy(const v1::ClockState& clock) const {
  const Category* found = category();
  if (found == nullptr) return 0;
  size_t place = 0;
  for (const ClockOnCategory& use : *found->clocks) {
    if (use.use.clock() == clock.clock()) break;
    ++place;
  }
  return place;
}

bool Docket::NextDue(absl::Time now, Due* due) const {
  size_t place = 0;
  for (const v1::ClockState& clock : on().clocks()) {
    if (IsTerminal(clock)) continue;
    auto next = policy_->sla().Next(PlaceOf(clock), clock, now);
    if (!next.has_value() || next->at > due->at) continue;
    // Of one instant: in the order of the policy.
    if (next->at == due->at && PlaceInPolicy(clock) > place) continue;
    place = PlaceInPolicy(clock);
    due->at = next->at;
    due->level = *std::move(next);
    due->clock = clock.clock();
  }
  const absl::Duration timeout = workflow().TimeoutOf(on().state());
  if (timeout != absl::InfiniteDuration() && on().has_state_since()) {
    const absl::Time at = FromTimestamp(on().state_since()) + timeout;
    if (at < due->at) *due = {at, std::nullopt, ""};
  }
  return due->at != absl::InfiniteFuture();
}

absl::Time Docket::NextAt() const {
  Due due;
  return NextDue(moment_.now, &due) ? due.at : absl::InfiniteFuture();
}

void Docket::RaisePriority(const std::string& priority, absl::Time at) {
  const auto& order = policy_->spec().priorities();
  const auto rank = [&](const std::string& code) {
    for (int i = 0; i < order.size(); ++i) {
      if (order.Get(i).code() == code) return i;
    }
    return -1;
  };
  if (rank(priority) <= rank(on().priority())) return;
  v1::Classified* fact = Begin(at)->mutable_classified();
  fact->set_category(on().category());
  fact->set_workflow(on().workflow());
  fact->set_priority(priority);
  *fact->mutable_attributes() = on().attributes();
  Done();
  Retarget(at, "priority", true);
}

void Docket::RecordLevel(const Due& due) {
  const v1::ClockState* clock = FindClock(due.clock);
  const LevelReached& level = *due.level;
  v1::LevelRecorded* fact = Begin(due.at)->mutable_level_recorded();
  fact->set_clock(due.clock);
  fact->set_cycle(clock->cycle());
  fact->set_breach(level.breach);
  if (clock->has_due()) *fact->mutable_due() = clock->due();
  if (clock->has_due_next_open()) {
    *fact->mutable_due_next_open() = clock->due_next_open();
  }
  v1::LevelMark* mark = fact->mutable_level();
  mark->set_level(level.level);
  mark->set_generation(level.generation);
  mark->set_repeat(level.repeat);
  mark->set_missed(level.missed);
  SetTimestamp(level.at, mark->mutable_at());
  mark->set_late(moment_.now - level.at > kLateAfter);
  mark->set_stale(IsTerminal(*clock));
  std::string key = absl::StrCat(due.clock, "/", clock->cycle(), "/",
                                 level.level, "/", level.generation);
  if (level.repeat > 0) absl::StrAppend(&key, "/", level.repeat);
  const bool tells =
      !mark->stale() || (level.spec != nullptr && level.spec->deliver_stale());
  Done();
  if (tells) Tell({.clock = due.clock, .level = level.level}, key, due.at);
  if (level.spec != nullptr && !level.spec->raise_priority().empty()) {
    RaisePriority(level.spec->raise_priority(), due.at);
  }
}

void Docket::RecordReached(int clock) {
  for (int i = 0; i < kDueAtOnceMax; ++i) {
    const v1::ClockState& ended = on().clocks(clock);
    auto next = policy_->sla().Next(PlaceOf(ended), ended, moment_.now);
    if (!next.has_value() || next->at > moment_.now) return;
    const absl::Time at = next->at;
    RecordLevel({at, *std::move(next), ended.clock()});
  }
}

bool Docket::TimeOut(const Due& due) {
  const v1::TransitionSpec* step =
      workflow().Step(on().state(), v1::TICK, Situation{});
  if (step == nullptr) return false;
  const Happening happening =
      Before(v1::TICK, v1::Trigger::MESSAGE_UNSPECIFIED, due.at);
  Move(*step, due.at);
  Trigger(happening);
  Tell({.verb = v1::TICK}, absl::StrCat("tick/", happening.old_state), due.at);
  return on().state() != happening.old_state;
}

// What these very rules found when they judged the case last holds until
// something happens to it.
bool Docket::IsQuietUntil(absl::Time until) const {
  return !HasFacts() && policy_version_ > 0 &&
         on().policy_version() == policy_version_ && on().has_next_at() &&
         FromTimestamp(on().next_at()) > until;
}

absl::Time Docket::CatchUp(absl::Time until, bool inclusive) {
  if (IsQuietUntil(until)) return FromTimestamp(on().next_at());
  for (int i = 0; i < kDueAtOnceMax; ++i) {
    Due due;
    if (!NextDue(std::min(until, moment_.now), &due)) return due.at;
    // What is broken is broken, also for an answer of that very instant.
    const bool goes_first =
        inclusive || (due.level.has_value() && due.level->breach);
    if (goes_first ? due.at > until : due.at >= until) return due.at;
    if (due.level.has_value()) {
      RecordLevel(due);
    } else if (!TimeOut(due)) {
      break;
    }
    TellIfDueMoved(due.at);
  }
  return NextAt();
}

// From now on this policy judges. Targets and calendars are laid anew at the
// instant it was adopted, or at the case's last event if that came later.
void Docket::Under(const Policy& policy, int64_t version, absl::Time since) {
  policy_ = &policy;
  policy_version_ = version;
  if (on().policy_version() >= version) return;
  const absl::Time last = FromTimestamp(on().updated_at());
  const absl::Time at = std::clamp(since, last, std::max(last, moment_.now));
  Retarget(at, absl::StrCat("policy ", version), false);
  TellIfDueMoved(at);
}

void Docket::ComeIntoForce() {
  const std::vector<Era>& earlier = moment_.earlier;
  for (size_t i = 0; i < earlier.size(); ++i) {
    const Era& era = earlier[i];
    if (era.version < on().policy_version()) continue;
    Under(era.policy, era.version, era.since);
    CatchUp(
        i + 1 < earlier.size() ? earlier[i + 1].since : moment_.policy_since,
        false);
  }
  // Without its history, a newer policy counts from now.
  Under(in_force_, moment_.policy_version,
        earlier.empty() ? moment_.now : moment_.policy_since);
}

}  // namespace hotline::internal
