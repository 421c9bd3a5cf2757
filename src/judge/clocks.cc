// The clocks of a case: set, aimed, granted more time, judged anew.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/judge/docket.h"
#include "src/judge/marks.h"

namespace hotline::internal {
namespace {

constexpr char kPromised[] = "promised";

// What is stored of a clock: reading it "as of" is for answers only.
void StripReading(v1::ClockState* clock) {
  clock->clear_next();
  clock->clear_elapsed_ms();
  clock->clear_remaining_ms();
  clock->clear_as_of();
}

// The clock itself: levels and the verdict have facts of their own.
void StripRecords(v1::ClockState* clock) {
  StripReading(clock);
  clock->clear_levels();
  clock->clear_breached();
  clock->clear_breached_at();
  clock->clear_policy_version();
}

// Due before the instant it was due at.
bool IsBroughtForward(const v1::ClockState& old, const v1::ClockState& clock) {
  return old.has_due_next_open() && clock.has_due_next_open() &&
         FromTimestamp(clock.due_next_open()) <
             FromTimestamp(old.due_next_open());
}

template <typename Message>
bool Equal(const Message& a, const Message& b) {
  return a.ByteSizeLong() == b.ByteSizeLong() &&
         a.SerializeAsString() == b.SerializeAsString();
}

bool IsDueAsBefore(const v1::ClockState& old, const v1::ClockState& clock) {
  return old.has_due() == clock.has_due() &&
         FromTimestamp(old.due()) == FromTimestamp(clock.due());
}

// `bare` is stripped of its records already.
bool IsStill(v1::ClockState old, const v1::ClockState& bare) {
  StripRecords(&old);
  return Equal(old, bare);
}

}  // namespace

ClockPlace Docket::PlaceOf(const v1::ClockState& clock) const {
  const Category* found = category();
  return {.area = on().area(),
          .unit = clock.unit().empty() ? on().unit() : clock.unit(),
          .through_closures = found != nullptr && found->runs_through_closures};
}

const v1::ClockState* Docket::FindClock(std::string_view code) const {
  for (const v1::ClockState& clock : on().clocks()) {
    if (clock.clock() == code) return &clock;
  }
  return nullptr;
}

const v1::ClockState* Docket::Shown() const {
  const v1::ClockState* best = nullptr;
  const auto rank = [](const v1::ClockState& clock) {
    return (IsTerminal(clock) ? 0 : 1) + (clock.shown() ? 2 : 0);
  };
  for (const v1::ClockState& clock : on().clocks()) {
    // What is promised to nobody outside is shown only if the policy says so.
    const bool inside = clock.reminder() || !clock.unit().empty();
    if (inside && !clock.shown()) continue;
    if (best == nullptr || rank(clock) > rank(*best)) best = &clock;
  }
  return best;
}

const ClockOnCategory* Docket::UseOf(std::string_view clock) const {
  const Category* found = category();
  if (found == nullptr) return nullptr;
  for (const ClockOnCategory& use : *found->clocks) {
    if (use.use.clock() == clock) return &use;
  }
  return nullptr;
}

void Docket::SetClock(v1::ClockState clock, absl::Time at,
                      std::string_view because) {
  policy_->sla().Settle(PlaceOf(clock), &clock);
  StripReading(&clock);
  const v1::ClockState* old = FindClock(clock.clock());
  // Most changes move the due instant, and most that do not are none at all:
  // neither needs a copy to be seen.
  const bool may_be_still = old != nullptr && IsDueAsBefore(*old, clock);
  if (may_be_still && Equal(*old, clock)) return;
  StripRecords(&clock);
  if (may_be_still && IsStill(*old, clock)) return;
  clock.set_policy_version(policy_version_);
  v1::ClockSet* set = Begin(at)->mutable_clock_set();
  if (old != nullptr && old->has_due() && clock.has_due() &&
      old->cycle() == clock.cycle() &&
      FromTimestamp(old->due()) != FromTimestamp(clock.due())) {
    *set->mutable_moved_from() = old->due();
  }
  set->set_because(std::string(because));
  *set->mutable_clock() = std::move(clock);
  Done();
}

bool Docket::PlanClock(const ClockOnCategory& use,
                       v1::ClockState* clock) const {
  const Category* found = category();
  const std::vector<std::string_view> areas = Areas();
  const std::vector<std::string_view> categories =
      found != nullptr ? found->Chain() : std::vector<std::string_view>();
  const std::string& unit = clock->unit().empty() ? on().unit() : clock->unit();
  const std::vector<std::string_view> units =
      policy_->routing().UnitChain(unit);
  const absl::Time start = StartOf(*clock);
  return policy_->sla().Plan(
      {.clock = use.use.clock(),
       .use = &use.use,
       .use_path = use.path,
       .priority = on().priority(),
       .areas = areas,
       .unit_calendar = policy_->routing().CalendarOf(unit),
       .units = units,
       .categories = categories,
       .started =
           start == absl::InfiniteFuture() ? absl::InfinitePast() : start},
      clock);
}

void Docket::WithdrawPutBack(const v1::ClockState& clock, absl::Time now,
                             std::string_view because, bool stands) {
  std::vector<v1::LevelMark> back;
  for (const v1::LevelMark* mark :
       policy_->sla().PutBack(PlaceOf(clock), clock, now)) {
    back.push_back(*mark);  // folding the facts moves the originals
  }
  const std::string code = clock.clock();
  const int cycle = clock.cycle();
  const absl::Time breached_at = clock.has_breached_at()
                                     ? FromTimestamp(clock.breached_at())
                                     : absl::InfiniteFuture();
  const bool was_breached = clock.breached();
  for (const v1::LevelMark& mark : back) {
    v1::LevelWithdrawn* fact = Begin(now)->mutable_level_withdrawn();
    fact->set_clock(code);
    fact->set_cycle(cycle);
    fact->set_level(mark.level());
    fact->set_generation(mark.generation());
    fact->set_breach(was_breached && FromTimestamp(mark.at()) == breached_at);
    fact->set_because(std::string(because));
    fact->set_stands(stands);
    Done();
  }
}

void Docket::KeepDue(const v1::ClockState& old, absl::Time at,
                     v1::ClockState* clock) const {
  const v1::ClockSpec* spec = policy_->sla().Find(old.clock());
  const bool keeps_earlier =
      spec->retarget() == v1::ClockSpec::KEEP_EARLIER && old.has_due();
  const v1::Extension& extension = on().extension();
  const bool was_granted = extension.state() == v1::Extension::GRANTED &&
                           extension.clock() == old.clock() &&
                           old.has_fixed_due();
  if (!keeps_earlier && !was_granted) return;
  policy_->sla().Settle(PlaceOf(*clock), clock);
  if (keeps_earlier && clock->has_due() &&
      FromTimestamp(old.due()) < FromTimestamp(clock->due())) {
    *clock->mutable_fixed_due() = old.due();
    SetTimestamp(at, clock->mutable_fixed_at());
  }
  // What was granted is not taken away by another target: the later one holds.
  const bool later = !old.has_due() || !clock->has_due() ||
                     FromTimestamp(old.due()) > FromTimestamp(clock->due());
  if (!was_granted || !later) return;
  *clock->mutable_fixed_due() = old.has_due() ? old.due() : old.fixed_due();
  if (old.has_due()) {
    SetTimestamp(at, clock->mutable_fixed_at());
  } else {
    *clock->mutable_fixed_at() = old.fixed_at();
  }
}

void Docket::AimAnew(const v1::ClockState& old, absl::Time at,
                     std::string_view because, bool stands) {
  const v1::ClockSpec* spec = policy_->sla().Find(old.clock());
  if (IsTerminal(old) || spec == nullptr) return;
  const ClockOnCategory* use = UseOf(old.clock());
  v1::ClockState clock = old;
  if (use == nullptr || !PlanClock(*use, &clock)) {
    Sla::Mark(v1::ClockMark::CANCEL, at, &clock);
    return SetClock(std::move(clock), at, because);
  }
  const std::string code = old.clock();
  const bool changed = !Equal(clock.target(), old.target()) ||
                       clock.calendar() != old.calendar();
  if (changed) {
    SetTimestamp(at, clock.mutable_target_since());
    clock.clear_fixed_due();
    clock.clear_fixed_at();
    if (spec->retarget() == v1::ClockSpec::FROM_CHANGE) {
      SetTimestamp(at, clock.mutable_measured_from());
    }
    KeepDue(old, at, &clock);
  } else {
    policy_->sla().Settle(PlaceOf(clock), &clock);
    // What another calendar breaks is broken at the change, not before.
    if (IsBroughtForward(old, clock)) {
      SetTimestamp(at, clock.mutable_target_since());
    }
  }
  SetClock(std::move(clock), at, because);
  WithdrawPutBack(*FindClock(code), at, because, stands);
}

void Docket::Retarget(absl::Time at, std::string_view because, bool stands) {
  if (category() == nullptr) return;
  HandOver(at);
  for (int i = 0; i < on().clocks_size(); ++i) {
    AimAnew(on().clocks(i), at, because, stands);
  }
  if (IsOpenPhase(on().phase())) AddClocksOfCategory(at, because);
}

// Clocks the new category has and the old had not: from the opening on, with
// the pauses that lie since.
void Docket::AddClocksOfCategory(absl::Time at, std::string_view because) {
  for (const ClockOnCategory& use : *category()->clocks) {
    const v1::ClockSpec* spec = policy_->sla().Find(use.use.clock());
    if (spec == nullptr || !spec->start().empty() ||
        spec->agreement() != v1::ClockSpec::SERVICE_LEVEL ||
        FindClock(use.use.clock()) != nullptr) {
      continue;
    }
    v1::ClockState clock;
    Sla::Mark(v1::ClockMark::START, FromTimestamp(on().opened_at()), &clock);
    if (!PlanClock(use, &clock)) continue;
    clock.set_cycle(1);
    SetTimestamp(at, clock.mutable_target_since());
    for (const v1::ClockState& other : on().clocks()) {
      const v1::ClockSpec* like = policy_->sla().Find(other.clock());
      if (like == nullptr || like->pause_size() != spec->pause_size()) continue;
      for (const v1::ClockMark& mark : other.marks()) {
        if (mark.kind() == v1::ClockMark::PAUSE ||
            mark.kind() == v1::ClockMark::RESUME) {
          Sla::Mark(mark.kind(), FromTimestamp(mark.at()), &clock);
        }
      }
      break;
    }
    SetClock(std::move(clock), at, because);
  }
}

void Docket::GrantUntil(std::string_view code, absl::Time until, absl::Time at,
                        std::string_view because) {
  const v1::ClockState* found = FindClock(code);
  if (found == nullptr || IsTerminal(*found)) return;
  v1::ClockState clock = *found;
  SetTimestamp(until, clock.mutable_fixed_due());
  SetTimestamp(at, clock.mutable_fixed_at());
  SetClock(std::move(clock), at, because);
  WithdrawPutBack(*FindClock(code), at, because, false);
}

void Docket::Promise(absl::Time due, absl::Time at) {
  const v1::ClockState* shown = Shown();
  if (shown != nullptr) {
    GrantUntil(std::string(shown->clock()), due, at, "promised before");
    return;
  }
  v1::ClockState clock;
  clock.set_clock(kPromised);
  clock.set_cycle(1);
  clock.set_shown(true);
  clock.set_because("promised by an older system");
  SetTimestamp(due, clock.mutable_fixed_due());
  SetTimestamp(at, clock.mutable_fixed_at());
  Sla::Mark(v1::ClockMark::START, at, &clock);
  SetClock(std::move(clock), at, "promised before");
}

void Docket::Restate(std::span<const std::string> codes, absl::Time at) {
  for (int i = 0; i < on().clocks_size(); ++i) {
    v1::ClockState clock = on().clocks(i);
    const bool named = codes.empty() || std::find(codes.begin(), codes.end(),
                                                  clock.clock()) != codes.end();
    const ClockOnCategory* use = UseOf(clock.clock());
    if (!named || !IsTerminal(clock) || use == nullptr) continue;
    const v1::ClockState old = clock;
    if (!PlanClock(*use, &clock)) continue;
    policy_->sla().Settle(PlaceOf(clock), &clock);
    v1::ClockState bare = clock;
    StripRecords(&bare);
    if (IsStill(old, bare)) continue;
    if (!clock.has_measured()) {
      v1::Measured* measured = clock.mutable_measured();
      if (old.has_due()) *measured->mutable_due() = old.due();
      if (old.has_due_next_open()) {
        *measured->mutable_due_next_open() = old.due_next_open();
      }
      measured->set_breached(old.breached());
      if (old.has_breached_at()) {
        *measured->mutable_breached_at() = old.breached_at();
      }
      measured->set_policy_version(old.policy_version());
    }
    SetClock(std::move(clock), at, "restated");
    WithdrawPutBack(on().clocks(i), at, "restated", false);
    RecordReached(i);
  }
}

}  // namespace hotline::internal
