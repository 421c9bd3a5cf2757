#include "src/readers/inspect/history.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/policy.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

using ClockKey = std::pair<std::string, int>;

ClockKey KeyOf(const v1::ClockState& clock) {
  return {clock.clock(), clock.cycle()};
}

// Every cycle of every clock as it stood last, in order of first appearance.
// The case itself knows best; earlier cycles are only in the events.
std::vector<v1::ClockState> LastStates(const v1::Case& of,
                                       std::span<const v1::Event> events) {
  std::vector<v1::ClockState> clocks;
  std::map<ClockKey, size_t> place;
  const auto slot = [&](const ClockKey& key) -> v1::ClockState& {
    const auto [it, fresh] = place.try_emplace(key, clocks.size());
    if (fresh) clocks.emplace_back();
    return clocks[it->second];
  };
  for (const v1::Event& event : events) {
    for (const v1::Fact& fact : event.facts()) {
      if (fact.has_clock_set()) {
        v1::ClockState& clock = slot(KeyOf(fact.clock_set().clock()));
        // Levels, and the breach among them, are facts of their own.
        const v1::ClockState before = clock;
        clock = fact.clock_set().clock();
        *clock.mutable_levels() = before.levels();
        clock.set_breached(before.breached());
        if (before.has_breached_at()) {
          *clock.mutable_breached_at() = before.breached_at();
        }
      } else if (fact.has_level_recorded()) {
        const v1::LevelRecorded& r = fact.level_recorded();
        v1::ClockState& clock = slot({r.clock(), r.cycle()});
        *clock.add_levels() = r.level();
        if (r.breach() && r.level().repeat() == 0) {
          clock.set_breached(true);
          *clock.mutable_breached_at() = r.level().at();
        }
      } else if (fact.has_level_withdrawn()) {
        const v1::LevelWithdrawn& w = fact.level_withdrawn();
        v1::ClockState& clock = slot({w.clock(), w.cycle()});
        if (w.breach()) {
          clock.set_breached(false);
          clock.clear_breached_at();
        }
        for (v1::LevelMark& mark : *clock.mutable_levels()) {
          if (mark.level() == w.level() &&
              mark.generation() == w.generation()) {
            mark.set_withdrawn(true);
          }
        }
      }
    }
  }
  for (const v1::ClockState& clock : of.clocks()) slot(KeyOf(clock)) = clock;
  return clocks;
}

std::vector<ClockSpan> SpansOf(const v1::ClockState& clock, absl::Time now) {
  std::vector<ClockSpan> spans;
  bool open = false;
  const auto end = [&](absl::Time at) {
    if (!open) return;
    spans.back().to = at;
    open = false;
  };
  const auto begin = [&](absl::Time at, bool paused) {
    end(at);
    spans.push_back({at, at, paused});
    open = true;
  };
  for (const v1::ClockMark& mark : clock.marks()) {
    const absl::Time at = At(mark.at());
    switch (mark.kind()) {
      case v1::ClockMark::START:
      case v1::ClockMark::RESUME:
      case v1::ClockMark::REOPEN:
        begin(at, false);
        break;
      case v1::ClockMark::PAUSE:
        begin(at, true);
        break;
      case v1::ClockMark::STOP:
      case v1::ClockMark::CANCEL:
        end(at);
        break;
      default:
        break;
    }
  }
  if (open) end(std::max(now, spans.back().from));
  return spans;
}

// The last instant anything is known of.
absl::Time LastKnown(const v1::Case& of, std::span<const v1::Event> events) {
  absl::Time last = std::max(At(of.opened_at()), At(of.updated_at()));
  for (const v1::Event& event : events) {
    last = std::max(last, At(event.recorded_at()));
    for (const v1::Fact& fact : event.facts()) {
      last = std::max(last, At(fact.at()));
    }
  }
  for (const v1::ClockState& clock : of.clocks()) {
    for (const v1::ClockMark& mark : clock.marks()) {
      last = std::max(last, At(mark.at()));
    }
    for (const v1::LevelMark& level : clock.levels()) {
      last = std::max(last, At(level.at()));
    }
  }
  return last;
}

std::vector<StateSpan> StatesOf(const v1::Case& of,
                                std::span<const v1::Event> events,
                                absl::Time end, const Look& look) {
  std::vector<StateSpan> states;
  for (const v1::Event& event : events) {
    for (const v1::Fact& fact : event.facts()) {
      if (!fact.has_state_changed()) continue;
      const absl::Time at = At(fact.at());
      if (!states.empty()) states.back().to = at;
      const v1::StateChanged& to = fact.state_changed();
      states.push_back(
          {to.to(), StateName(of, to.to(), look), to.phase(), at, at});
    }
  }
  if (states.empty()) {  // no events: only the present state is known
    const absl::Time since =
        of.has_state_since() ? At(of.state_since()) : At(of.opened_at());
    states.push_back({of.state(), StateName(of, of.state(), look), of.phase(),
                      since, since});
  }
  states.back().to = std::max(end, states.back().from);
  return states;
}

}  // namespace

CaseHistory LayOut(const v1::Case& of, std::span<const v1::Event> events,
                   const Look& look) {
  CaseHistory h;
  h.zone = ZoneOf(look);
  const absl::Time last = LastKnown(of, events);
  h.now = std::max(last, look.now);
  bool alive = false;
  for (v1::ClockState& clock : LastStates(of, events)) {
    ClockHistory one;
    one.spans = SpansOf(clock, h.now);
    one.calendar = CalendarOf(of, clock, look);
    one.clock = std::move(clock);
    alive = alive || one.alive();
    h.clocks.push_back(std::move(one));
  }
  const bool open = of.phase() != v1::CLOSED && of.phase() != v1::RESOLVED;
  // Nothing moves any more: do not draw on until today.
  if (!alive && !open) h.now = last;
  h.states = StatesOf(of, events, h.now, look);
  h.from = std::min(h.states.front().from, At(of.opened_at()));
  h.to = h.now;
  for (const ClockHistory& one : h.clocks) {
    if (!one.spans.empty()) h.from = std::min(h.from, one.spans.front().from);
    if (one.clock.has_due() && one.alive()) {
      h.to = std::max(h.to, At(one.clock.due()));
    }
  }
  if (h.to <= h.from) h.to = h.from + absl::Hours(1);
  return h;
}

absl::TimeZone ZoneOf(const Look& look) {
  return look.policy != nullptr ? look.policy->time_zone() : look.zone;
}

const Calendar* CalendarOf(const v1::Case& of, const v1::ClockState& clock,
                           const Look& look) {
  if (look.calendar != nullptr) return look.calendar;
  if (look.policy == nullptr || clock.calendar().empty()) return nullptr;
  const Category* category = look.policy->taxonomy().Find(of.category());
  return look.policy->calendars().Find(
      clock.calendar(), of.area(), of.unit(),
      category != nullptr && category->runs_through_closures);
}

bool IsIllustrative(const v1::Case& of, const Look& look) {
  if (look.policy != nullptr && look.policy->spec().illustrative()) return true;
  return std::any_of(of.clocks().begin(), of.clocks().end(),
                     [](const v1::ClockState& clock) {
                       return clock.target().illustrative();
                     });
}

std::string StateName(const v1::Case& of, const std::string& state,
                      const Look& look) {
  if (look.policy == nullptr) return state;
  const Workflow* workflow = look.policy->workflows().Find(of.workflow());
  const v1::StateSpec* spec =
      workflow == nullptr ? nullptr : workflow->FindState(state);
  return spec == nullptr ? state : NameIn(spec->names(), look.language, state);
}

std::string CategoryName(const std::string& category, const Look& look) {
  if (look.policy == nullptr) return category;
  const Category* found = look.policy->taxonomy().Find(category);
  return found == nullptr ? category : std::string(found->Name(look.language));
}

}  // namespace hotline::internal
