// The clocks of a case: when they start, stop, pause and reopen; what falls due
// by itself; what a change of target does.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/judge/docket.h"

namespace hotline::internal {
namespace {

// A machine that looks later than this after an instant was away.
constexpr absl::Duration kLateAfter = absl::Minutes(5);
// More than any policy can make fall due in one look; a bound, not a rule.
constexpr int kDueAtOnceMax = 10'000;

constexpr char kPromised[] = "promised";

bool IsTerminal(const v1::ClockState& clock) {
  return clock.state() == v1::ClockState::STOPPED ||
         clock.state() == v1::ClockState::CANCELLED;
}

bool HasEntered(v1::Phase phase, const v1::Case& on, v1::Phase old_phase) {
  return on.phase() == phase && old_phase != phase;
}

template <typename Triggers>
bool AnyFires(const Triggers& triggers, v1::Verb verb, const v1::Case& on,
              v1::Phase old_phase, const std::string& old_state) {
  return std::any_of(
      triggers.begin(), triggers.end(), [&](const v1::Trigger& trigger) {
        switch (trigger.on_case()) {
          case v1::Trigger::kVerb:
            return trigger.verb() == verb;
          case v1::Trigger::kPhase:
            return HasEntered(trigger.phase(), on, old_phase);
          case v1::Trigger::kState:
            return trigger.state() == on.state() && old_state != on.state();
          default:
            return false;
        }
      });
}

template <typename Triggers>
bool AnyHolds(const Triggers& triggers, const v1::Case& on) {
  return std::any_of(
      triggers.begin(), triggers.end(), [&](const v1::Trigger& trigger) {
        return (trigger.has_phase() && trigger.phase() == on.phase()) ||
               (trigger.has_state() && trigger.state() == on.state());
      });
}

bool Starts(const v1::ClockSpec& spec, v1::Verb verb, const v1::Case& on,
            v1::Phase old_phase, const std::string& old_state) {
  if (spec.start().empty()) return verb == v1::OPEN;
  return AnyFires(spec.start(), verb, on, old_phase, old_state);
}

bool Stops(const v1::ClockSpec& spec, v1::Verb verb, const v1::Case& on,
           v1::Phase old_phase, const std::string& old_state) {
  if (spec.stop().empty()) {
    return IsOpenPhase(old_phase) && !IsOpenPhase(on.phase());
  }
  return AnyFires(spec.stop(), verb, on, old_phase, old_state);
}

// Is it the answer that stops it? Then a reopening concerns it.
bool StopsByAnswer(const v1::ClockSpec& spec, const Workflow& workflow) {
  if (spec.stop().empty()) return true;
  return std::any_of(
      spec.stop().begin(), spec.stop().end(), [&](const v1::Trigger& t) {
        if (t.has_phase()) return !IsOpenPhase(t.phase());
        if (t.has_verb()) {
          return t.verb() == v1::RESOLVE || t.verb() == v1::CLOSE ||
                 t.verb() == v1::APPROVE_CLOSURE;
        }
        const v1::StateSpec* state = workflow.FindState(t.state());
        return state != nullptr && !IsOpenPhase(state->phase());
      });
}

bool IsPausedByMarks(const v1::ClockState& clock) {
  bool paused = false;
  for (const v1::ClockMark& mark : clock.marks()) {
    if (mark.kind() == v1::ClockMark::PAUSE) paused = true;
    if (mark.kind() == v1::ClockMark::RESUME) paused = false;
  }
  return paused;
}

// A fact dated back does not come before what it ends: nobody resumes before
// the pause, or stops before the start.
void MarkAfter(v1::ClockMark::Kind kind, absl::Time at, v1::ClockState* clock) {
  using Mark = v1::ClockMark;
  const auto follows = [kind](Mark::Kind other) {
    switch (kind) {
      case Mark::PAUSE:
      case Mark::RESUME:
        return other == Mark::PAUSE || other == Mark::RESUME;
      case Mark::REOPEN:
        return other == Mark::STOP || other == Mark::CANCEL;
      default:
        return other == Mark::START || other == Mark::REOPEN;
    }
  };
  for (const Mark& mark : clock->marks()) {
    if (follows(mark.kind())) at = std::max(at, FromTimestamp(mark.at()));
  }
  Sla::Mark(kind, at, clock);
}

// What is stored of a clock: reading it "as of" is for answers only.
void StripReading(v1::ClockState* clock) {
  clock->clear_next();
  clock->clear_elapsed_ms();
  clock->clear_remaining_ms();
  clock->clear_as_of();
}

bool SameStored(v1::ClockState a, v1::ClockState b) {
  for (v1::ClockState* c : {&a, &b}) {
    StripReading(c);
    c->clear_levels();
    c->clear_breached();
    c->clear_breached_at();
    c->clear_policy_version();
  }
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

struct Docket::Due {
  absl::Time at = absl::InfiniteFuture();
  std::optional<LevelReached> level;  // else the state's timeout
  std::string clock;
};

ClockPlace Docket::Place() const {
  const Category* found = category();
  return {.area = on().area(),
          .unit = on().unit(),
          .through_closures = found != nullptr && found->runs_through_closures};
}

const v1::ClockState* Docket::FindClock(std::string_view code) const {
  for (const v1::ClockState& clock : on().clocks()) {
    if (clock.clock() == code) return &clock;
  }
  return nullptr;
}

const v1::ClockState* Docket::Shown() const {
  const v1::ClockState* first = nullptr;
  for (const v1::ClockState& clock : on().clocks()) {
    if (clock.shown()) return &clock;
    if (first == nullptr) first = &clock;
  }
  return first;
}

void Docket::SetClock(v1::ClockState clock, absl::Time at,
                      std::string_view because) {
  policy_.sla().Settle(Place(), &clock);
  StripReading(&clock);
  const v1::ClockState* old = FindClock(clock.clock());
  if (old != nullptr && SameStored(*old, clock)) return;
  clock.set_policy_version(moment_.policy_version);
  clock.clear_levels();
  clock.clear_breached();
  clock.clear_breached_at();
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
  const std::vector<std::string_view> areas = Areas();
  return policy_.sla().Plan(
      {.clock = use.use.clock(),
       .use = &use.use,
       .use_path = use.path,
       .priority = on().priority(),
       .areas = areas,
       .unit_calendar = policy_.routing().CalendarOf(on().unit())},
      clock);
}

void Docket::SyncPause(const v1::ClockSpec& spec, absl::Time at,
                       v1::ClockState* clock) const {
  const bool pause = AnyHolds(spec.pause(), on());
  if (pause == IsPausedByMarks(*clock)) return;
  MarkAfter(pause ? v1::ClockMark::PAUSE : v1::ClockMark::RESUME, at, clock);
}

void Docket::BeginClock(const ClockOnCategory& use, absl::Time at, int cycle) {
  const v1::ClockSpec* spec = policy_.sla().Find(use.use.clock());
  v1::ClockState clock;
  if (spec == nullptr || !PlanClock(use, &clock)) return;
  clock.set_cycle(cycle);
  Sla::Mark(v1::ClockMark::START, at, &clock);
  SyncPause(*spec, at, &clock);
  SetClock(std::move(clock), at, cycle == 1 ? "started" : "new cycle");
}

void Docket::StartClocks(v1::Verb verb, absl::Time at, v1::Phase old_phase,
                         const std::string& old_state) {
  const Category* found = category();
  if (found == nullptr) return;
  for (const ClockOnCategory& use : *found->clocks) {
    const v1::ClockSpec* spec = policy_.sla().Find(use.use.clock());
    if (spec == nullptr || !Starts(*spec, verb, on(), old_phase, old_state)) {
      continue;
    }
    const v1::ClockState* old = FindClock(use.use.clock());
    if (old == nullptr) BeginClock(use, at, 1);
    // Begun again by its own trigger, once it has ended: another run.
    if (old != nullptr && IsTerminal(*old) && verb != v1::REOPEN) {
      BeginClock(use, at, old->cycle() + 1);
    }
  }
}

bool Docket::CategoryHas(std::string_view clock) const {
  const Category* found = category();
  return found != nullptr &&
         std::any_of(found->clocks->begin(), found->clocks->end(),
                     [&](const auto& u) { return u.use.clock() == clock; });
}

void Docket::ReopenClocks(absl::Time at) {
  const Category* found = category();
  for (int i = 0; i < on().clocks_size(); ++i) {
    v1::ClockState clock = on().clocks(i);
    const v1::ClockSpec* spec = policy_.sla().Find(clock.clock());
    if (!IsTerminal(clock) || spec == nullptr ||
        !StopsByAnswer(*spec, workflow())) {
      continue;
    }
    // Ended without a verdict: only if the category still has it.
    if (clock.state() == v1::ClockState::CANCELLED &&
        !CategoryHas(clock.clock())) {
      continue;
    }
    if (spec->reopening() == v1::ClockSpec::RESUME_USED) {
      MarkAfter(v1::ClockMark::REOPEN, at, &clock);
      SyncPause(*spec, at, &clock);
      SetClock(std::move(clock), at, "reopened");
    } else if (spec->reopening() == v1::ClockSpec::NEW_CYCLE &&
               found != nullptr) {
      for (const ClockOnCategory& use : *found->clocks) {
        if (use.use.clock() == clock.clock()) {
          BeginClock(use, at, clock.cycle() + 1);
        }
      }
    }
  }
}

void Docket::Trigger(v1::Verb verb, absl::Time at, v1::Phase old_phase,
                     const std::string& old_state) {
  const bool ends = IsOpenPhase(old_phase) && !IsOpenPhase(on().phase());
  const bool without_verdict = verb == v1::MERGE || verb == v1::CANCEL;
  for (int i = 0; i < on().clocks_size(); ++i) {
    v1::ClockState clock = on().clocks(i);
    if (IsTerminal(clock)) continue;
    const v1::ClockSpec* spec = policy_.sla().Find(clock.clock());
    const v1::ClockSpec none;
    if (spec == nullptr) spec = &none;  // a promise of an older system
    SyncPause(*spec, at, &clock);
    const bool cancels =
        AnyFires(spec->cancel(), verb, on(), old_phase, old_state);
    if (cancels || (ends && without_verdict)) {
      MarkAfter(v1::ClockMark::CANCEL, at, &clock);
    } else if (Stops(*spec, verb, on(), old_phase, old_state)) {
      MarkAfter(v1::ClockMark::STOP, at, &clock);
    } else if (ends) {
      // It waited for something that will not come any more.
      MarkAfter(v1::ClockMark::CANCEL, at, &clock);
    }
    SetClock(std::move(clock), at, VerbName(verb));
    WithdrawPutBack(on().clocks(i), moment_.now, VerbName(verb), false);
  }
  if (!IsOpenPhase(old_phase) && IsOpenPhase(on().phase()) &&
      verb != v1::OPEN) {
    ReopenClocks(at);
  }
  StartClocks(verb, at, old_phase, old_state);
}

void Docket::WithdrawPutBack(const v1::ClockState& clock, absl::Time now,
                             std::string_view because, bool stands) {
  std::vector<v1::LevelMark> back;
  for (const v1::LevelMark* mark : policy_.sla().PutBack(Place(), clock, now)) {
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

bool Docket::NextDue(Due* due) const {
  for (const v1::ClockState& clock : on().clocks()) {
    if (IsTerminal(clock)) continue;
    const auto reached =
        policy_.sla().Reached(Place(), clock, absl::InfiniteFuture());
    if (!reached.empty() && reached.front().at < due->at) {
      *due = {reached.front().at, reached.front(), clock.clock()};
    }
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
  return NextDue(&due) ? due.at : absl::InfiniteFuture();
}

void Docket::RaisePriority(const std::string& priority, absl::Time at) {
  const auto& order = policy_.spec().priorities();
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
  SetTimestamp(level.at, mark->mutable_at());
  mark->set_late(moment_.now - level.at > kLateAfter);
  const std::string key = absl::StrCat(due.clock, "/", clock->cycle(), "/",
                                       level.level, "/", level.generation);
  Done();
  Tell({.clock = due.clock, .level = level.level}, key, due.at);
  if (level.spec != nullptr && !level.spec->raise_priority().empty()) {
    RaisePriority(level.spec->raise_priority(), due.at);
  }
}

bool Docket::TimeOut(const Due& due) {
  const v1::TransitionSpec* step =
      workflow().Step(on().state(), v1::TICK, Situation{});
  if (step == nullptr) return false;
  const v1::Phase old_phase = on().phase();
  const std::string old_state = on().state();
  Move(*step, due.at);
  Trigger(v1::TICK, due.at, old_phase, old_state);
  Tell({.verb = v1::TICK}, absl::StrCat("tick/", old_state), due.at);
  return on().state() != old_state;
}

void Docket::CatchUp(absl::Time until, bool inclusive) {
  for (int i = 0; i < kDueAtOnceMax; ++i) {
    Due due;
    if (!NextDue(&due)) return;
    if (inclusive ? due.at > until : due.at >= until) return;
    if (due.level.has_value()) {
      RecordLevel(due);
    } else if (!TimeOut(due)) {
      return;
    }
  }
}

bool Docket::IsBroughtForward(const v1::ClockState& old,
                              v1::ClockState clock) const {
  policy_.sla().Settle(Place(), &clock);
  return old.has_due_next_open() && clock.has_due_next_open() &&
         FromTimestamp(clock.due_next_open()) <
             FromTimestamp(old.due_next_open());
}

void Docket::Retarget(absl::Time at, std::string_view because, bool stands) {
  const Category* found = category();
  if (found == nullptr) return;
  for (int i = 0; i < on().clocks_size(); ++i) {
    const v1::ClockState old = on().clocks(i);
    const v1::ClockSpec* spec = policy_.sla().Find(old.clock());
    if (IsTerminal(old) || spec == nullptr) continue;
    const auto use = std::find_if(
        found->clocks->begin(), found->clocks->end(),
        [&](const auto& u) { return u.use.clock() == old.clock(); });
    v1::ClockState clock = old;
    if (use == found->clocks->end() || !PlanClock(*use, &clock)) {
      Sla::Mark(v1::ClockMark::CANCEL, at, &clock);
      SetClock(std::move(clock), at, because);
      continue;
    }
    const bool changed = clock.target().SerializeAsString() !=
                             old.target().SerializeAsString() ||
                         clock.calendar() != old.calendar();
    if (changed) {
      SetTimestamp(at, clock.mutable_target_since());
      clock.clear_fixed_due();
      clock.clear_fixed_at();
      if (spec->retarget() == v1::ClockSpec::FROM_CHANGE) {
        SetTimestamp(at, clock.mutable_measured_from());
      }
      policy_.sla().Settle(Place(), &clock);
      if (spec->retarget() == v1::ClockSpec::KEEP_EARLIER && old.has_due() &&
          clock.has_due() &&
          FromTimestamp(old.due()) < FromTimestamp(clock.due())) {
        *clock.mutable_fixed_due() = old.due();
        SetTimestamp(at, clock.mutable_fixed_at());
      }
    } else if (IsBroughtForward(old, clock)) {
      // What is broken by the change is broken at the change, not before.
      SetTimestamp(at, clock.mutable_target_since());
    }
    SetClock(std::move(clock), at, because);
    WithdrawPutBack(on().clocks(i), at, because, stands);
  }
  // Clocks the new category has and the old had not: from the opening on, with
  // the pauses that lie since.
  for (const ClockOnCategory& use : *found->clocks) {
    const v1::ClockSpec* spec = policy_.sla().Find(use.use.clock());
    if (spec == nullptr || !spec->start().empty() ||
        FindClock(use.use.clock()) != nullptr || !IsOpenPhase(on().phase())) {
      continue;
    }
    v1::ClockState clock;
    if (!PlanClock(use, &clock)) continue;
    clock.set_cycle(1);
    SetTimestamp(at, clock.mutable_target_since());
    Sla::Mark(v1::ClockMark::START, FromTimestamp(on().opened_at()), &clock);
    for (const v1::ClockState& other : on().clocks()) {
      const v1::ClockSpec* like = policy_.sla().Find(other.clock());
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

}  // namespace hotline::internal
