// What a happening does to the clocks of a case: which start, stop, pause,
// reopen, change hands.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/judge/docket.h"
#include "src/judge/marks.h"

namespace hotline::internal {
namespace {

bool HasEntered(v1::Phase phase, const v1::Case& on, v1::Phase old_phase) {
  return on.phase() == phase && old_phase != phase;
}

template <typename Triggers>
bool AnyFires(const Triggers& triggers, const Happening& happening,
              const v1::Case& on) {
  return std::any_of(
      triggers.begin(), triggers.end(), [&](const v1::Trigger& trigger) {
        switch (trigger.on_case()) {
          case v1::Trigger::kVerb:
            return trigger.verb() == happening.verb;
          case v1::Trigger::kPhase:
            return HasEntered(trigger.phase(), on, happening.old_phase);
          case v1::Trigger::kState:
            return trigger.state() == on.state() &&
                   happening.old_state != on.state();
          case v1::Trigger::kMessage:
            return trigger.message() == happening.message;
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

bool Starts(const v1::ClockSpec& spec, const Happening& happening,
            const v1::Case& on) {
  if (spec.start().empty()) return happening.verb == v1::OPEN;
  return AnyFires(spec.start(), happening, on);
}

bool Ends(const Happening& happening, const v1::Case& on) {
  return IsOpenPhase(happening.old_phase) && !IsOpenPhase(on.phase());
}

bool Stops(const v1::ClockSpec& spec, const Happening& happening,
           const v1::Case& on) {
  if (spec.stop().empty()) return Ends(happening, on);
  return AnyFires(spec.stop(), happening, on);
}

// A follow-up that was dropped, not completed: what measured it ends with it.
bool LosesFollowUp(const v1::ClockSpec& spec, const Happening& happening,
                   const v1::Case& on) {
  if (!happening.follow_up_was_open || on.follow_up().open()) return false;
  return std::any_of(
      spec.stop().begin(), spec.stop().end(), [](const v1::Trigger& t) {
        return t.has_verb() && t.verb() == v1::COMPLETE_FOLLOW_UP;
      });
}

// How a clock that runs, rests or waits comes to its end, if it does.
std::optional<v1::ClockMark::Kind> EndOf(const v1::ClockSpec& spec,
                                         const Happening& happening,
                                         const v1::Case& on) {
  const bool ends = Ends(happening, on);
  const bool without_verdict =
      happening.verb == v1::MERGE || happening.verb == v1::CANCEL;
  if ((ends && without_verdict) || AnyFires(spec.cancel(), happening, on)) {
    return v1::ClockMark::CANCEL;
  }
  if (Stops(spec, happening, on)) return v1::ClockMark::STOP;
  // It waited for something that will not come any more.
  if (ends || LosesFollowUp(spec, happening, on)) return v1::ClockMark::CANCEL;
  return std::nullopt;
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

// Reply episodes: each message that starts it is a cycle.
bool IsEpisodic(const v1::ClockSpec& spec) {
  return std::any_of(spec.start().begin(), spec.start().end(),
                     [](const v1::Trigger& t) { return t.has_message(); });
}

struct Episode {
  absl::Time start;
  absl::Time end = absl::InfiniteFuture();
  v1::ClockMark::Kind how = v1::ClockMark::STOP;
};

// The oldest unanswered message starts one; further ones do not move it.
std::vector<Episode> EpisodesOf(const v1::ClockState& clock) {
  std::vector<Episode> episodes;
  bool runs = false;
  for (const v1::ClockMark& mark : clock.episodes()) {
    const absl::Time at = FromTimestamp(mark.at());
    if (mark.kind() != v1::ClockMark::START && runs) {
      episodes.back().end = at;
      episodes.back().how = mark.kind() == v1::ClockMark::CANCEL
                                ? v1::ClockMark::CANCEL
                                : v1::ClockMark::STOP;
      runs = false;
    }
    const bool starts = mark.kind() == v1::ClockMark::START ||
                        mark.kind() == v1::ClockMark::REOPEN;
    if (starts && !runs) {
      episodes.push_back({.start = at});
      runs = true;
    }
  }
  return episodes;
}

// At one instant a question goes before its answer. REOPEN is a word that ends
// one episode and begins the next.
int EpisodeRank(v1::ClockMark::Kind kind) {
  return kind == v1::ClockMark::START    ? 0
         : kind == v1::ClockMark::REOPEN ? 1
                                         : 2;
}

void MarkEpisode(v1::ClockMark::Kind kind, absl::Time at,
                 v1::ClockState* clock) {
  auto* marks = clock->mutable_episodes();
  int place = marks->size();
  while (place > 0) {
    const v1::ClockMark& before = marks->Get(place - 1);
    const absl::Time when = FromTimestamp(before.at());
    if (when == at && before.kind() == kind) return;
    if (when < at ||
        (when == at && EpisodeRank(before.kind()) <= EpisodeRank(kind))) {
      break;
    }
    --place;
  }
  v1::ClockMark* added = marks->Add();
  added->set_kind(kind);
  SetTimestamp(at, added->mutable_at());
  std::rotate(marks->pointer_begin() + place, marks->pointer_end() - 1,
              marks->pointer_end());
}

int32_t LastCycle(const v1::ClockState& clock) {
  int32_t last = clock.cycle();
  for (const v1::ClockCycle& cycle : clock.earlier()) {
    last = std::max(last, cycle.cycle());
  }
  return last;
}

}  // namespace

Happening Docket::Before(v1::Verb verb, v1::Trigger::Message message,
                         absl::Time at) const {
  return {.verb = verb,
          .message = message,
          .at = at,
          .old_phase = on().phase(),
          .old_state = on().state(),
          .follow_up_was_open = on().follow_up().open()};
}

std::optional<v1::ClockMark::Kind> Docket::RestOf(
    const v1::ClockSpec& spec, const Happening* happening,
    const v1::ClockState& clock) const {
  const bool paused = IsPausedByMarks(clock);
  bool pause = AnyHolds(spec.pause(), on());
  if (!spec.resume().empty()) {
    pause |= paused;
    if (happening != nullptr) {
      pause |= AnyFires(spec.pause(), *happening, on());
      pause &= !AnyFires(spec.resume(), *happening, on());
    }
  }
  if (pause == paused) return std::nullopt;
  return pause ? v1::ClockMark::PAUSE : v1::ClockMark::RESUME;
}

void Docket::BeginClock(const ClockOnCategory& use, absl::Time at,
                        std::string_view because) {
  const v1::ClockSpec* spec = policy_->sla().Find(use.use.clock());
  if (spec == nullptr) return;
  v1::ClockState clock;
  if (spec->agreement() != v1::ClockSpec::SERVICE_LEVEL) {
    clock.set_unit(on().unit());
  }
  Sla::Mark(v1::ClockMark::START, at, &clock);
  if (!PlanClock(use, &clock)) return;
  clock.set_cycle(1);
  if (const v1::ClockState* old = FindClock(use.use.clock())) {
    clock.set_cycle(LastCycle(*old) + 1);
    *clock.mutable_earlier() = old->earlier();
    *clock.add_earlier() = policy_->sla().CycleOf(PlaceOf(*old), *old);
  }
  if (const auto rest = RestOf(*spec, nullptr, clock)) {
    MarkAfter(*rest, at, &clock);
  }
  SetClock(std::move(clock), at, because);
}

void Docket::StartClocks(const Happening& happening) {
  const Category* found = category();
  if (found == nullptr) return;
  for (const ClockOnCategory& use : *found->clocks) {
    const v1::ClockSpec* spec = policy_->sla().Find(use.use.clock());
    if (spec == nullptr || spec->agreement() != v1::ClockSpec::SERVICE_LEVEL) {
      continue;
    }
    if (IsEpisodic(*spec)) {
      TakeMessage(use, *spec, happening);
      continue;
    }
    if (!Starts(*spec, happening, on())) continue;
    const v1::ClockState* old = FindClock(use.use.clock());
    if (old == nullptr) {
      BeginClock(use, happening.at, "started");
    } else if (IsTerminal(*old) && happening.verb != v1::REOPEN) {
      // Begun again by its own trigger, once it has ended: another run.
      BeginClock(use, happening.at, "new cycle");
    }
  }
}

void Docket::TakeMessage(const ClockOnCategory& use, const v1::ClockSpec& spec,
                         const Happening& happening) {
  // Nobody waits for an answer any more once there is one.
  const bool starts =
      IsOpenPhase(on().phase()) && Starts(spec, happening, on());
  const auto end = EndOf(spec, happening, on());
  if (!starts && !end.has_value()) return;
  v1::ClockState clock;
  const v1::ClockState* old = FindClock(use.use.clock());
  if (old != nullptr) {
    clock = *old;
  } else if (!PlanClock(use, &clock)) {
    return;
  }
  MarkEpisode(!starts           ? *end
              : end.has_value() ? v1::ClockMark::REOPEN
                                : v1::ClockMark::START,
              happening.at, &clock);
  LayEpisodes(use, &clock);
  SetClock(std::move(clock), happening.at, VerbName(happening.verb));
  WithdrawPutBack(*FindClock(use.use.clock()), moment_.now,
                  VerbName(happening.verb), false);
}

// An episode that was known before keeps its number, and so its levels; what a
// late message changes is computed anew.
void Docket::LayEpisodes(const ClockOnCategory& use,
                         v1::ClockState* clock) const {
  const std::vector<Episode> episodes = EpisodesOf(*clock);
  if (episodes.empty()) return;
  const v1::ClockState before = *clock;
  int32_t last = LastCycle(before);
  const auto run_of = [&](const Episode& episode) {
    v1::ClockState run = before;
    if (StartOf(before) != episode.start) {
      run.clear_marks();
      run.clear_target_since();
      run.clear_measured_from();
      run.clear_fixed_due();
      run.clear_fixed_at();
      run.clear_levels();
      run.set_breached(false);
      run.clear_breached_at();
      Sla::Mark(v1::ClockMark::START, episode.start, &run);
      PlanClock(use, &run);
      const auto known = std::find_if(
          before.earlier().begin(), before.earlier().end(), [&](const auto& c) {
            return FromTimestamp(c.started()) == episode.start;
          });
      run.set_cycle(known != before.earlier().end() ? known->cycle() : ++last);
    }
    auto* marks = run.mutable_marks();
    marks->erase(std::remove_if(marks->begin(), marks->end(),
                                [](const v1::ClockMark& mark) {
                                  return mark.kind() == v1::ClockMark::STOP ||
                                         mark.kind() == v1::ClockMark::CANCEL;
                                }),
                 marks->end());
    if (episode.end != absl::InfiniteFuture()) {
      Sla::Mark(episode.how, episode.end, &run);
    }
    return run;
  };
  google::protobuf::RepeatedPtrField<v1::ClockCycle> earlier;
  for (size_t i = 0; i + 1 < episodes.size(); ++i) {
    const v1::ClockState run = run_of(episodes[i]);
    *earlier.Add() = policy_->sla().CycleOf(PlaceOf(run), run);
  }
  *clock = run_of(episodes.back());
  clock->mutable_earlier()->Swap(&earlier);
}

void Docket::HandOver(absl::Time at) {
  const Category* found = category();
  if (found == nullptr) return;
  for (const ClockOnCategory& use : *found->clocks) {
    const v1::ClockSpec* spec = policy_->sla().Find(use.use.clock());
    if (spec == nullptr || spec->agreement() == v1::ClockSpec::SERVICE_LEVEL) {
      continue;
    }
    const v1::ClockState* old = FindClock(use.use.clock());
    const bool holds = old != nullptr && old->unit() == on().unit();
    if (old != nullptr && !IsTerminal(*old) && !holds) {
      // What the unit before used stays in the record.
      v1::ClockState clock = *old;
      MarkAfter(v1::ClockMark::CANCEL, at, &clock);
      SetClock(std::move(clock), at, "handed over");
    }
    const bool external = policy_->routing().IsExternal(on().unit());
    const bool concerns =
        !on().unit().empty() &&
        external == (spec->agreement() == v1::ClockSpec::CONTRACT);
    if (concerns && !holds && IsOpenPhase(on().phase())) {
      BeginClock(use, at, "handed over");
    }
  }
}

void Docket::ReopenClocks(absl::Time at) {
  for (int i = 0; i < on().clocks_size(); ++i) {
    v1::ClockState clock = on().clocks(i);
    const v1::ClockSpec* spec = policy_->sla().Find(clock.clock());
    if (!IsTerminal(clock) || spec == nullptr || IsEpisodic(*spec) ||
        !StopsByAnswer(*spec, workflow())) {
      continue;
    }
    // Ended without a verdict: only if the category still has it.
    const ClockOnCategory* use = UseOf(clock.clock());
    if (clock.state() == v1::ClockState::CANCELLED && use == nullptr) continue;
    if (spec->reopening() == v1::ClockSpec::RESUME_USED) {
      MarkAfter(v1::ClockMark::REOPEN, at, &clock);
      if (const auto rest = RestOf(*spec, nullptr, clock)) {
        MarkAfter(*rest, at, &clock);
      }
      SetClock(std::move(clock), at, "reopened");
    } else if (spec->reopening() == v1::ClockSpec::NEW_CYCLE &&
               use != nullptr) {
      BeginClock(*use, at, "new cycle");
    }
  }
}

void Docket::Trigger(const Happening& happening) {
  const std::string because = VerbName(happening.verb);
  for (int i = 0; i < on().clocks_size(); ++i) {
    const v1::ClockState& old = on().clocks(i);
    if (IsTerminal(old)) continue;
    const v1::ClockSpec* spec = policy_->sla().Find(old.clock());
    // A promise of an older system.
    if (spec == nullptr) spec = &v1::ClockSpec::default_instance();
    const auto rest = RestOf(*spec, &happening, old);
    const auto end =
        IsEpisodic(*spec) ? std::nullopt : EndOf(*spec, happening, on());
    // Most go on as they are, which is seen without a copy.
    if (rest || end || !policy_->sla().IsSettled(PlaceOf(old), old)) {
      v1::ClockState clock = old;
      if (rest) MarkAfter(*rest, happening.at, &clock);
      if (end) MarkAfter(*end, happening.at, &clock);
      SetClock(std::move(clock), happening.at, because);
    }
    WithdrawPutBack(on().clocks(i), moment_.now, because, false);
  }
  if (!IsOpenPhase(happening.old_phase) && IsOpenPhase(on().phase()) &&
      happening.verb != v1::OPEN) {
    ReopenClocks(happening.at);
  }
  StartClocks(happening);
  HandOver(happening.at);
}

}  // namespace hotline::internal
