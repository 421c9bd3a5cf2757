#include "src/rules/sla/course.h"

#include <algorithm>

#include "src/base/time.h"

namespace hotline::internal {
namespace {

// Where a clock stands between two marks.
struct Stand {
  bool started = false;
  bool stopped = false;
  bool paused = false;
  bool cancelled = false;

  bool Runs() const { return started && !stopped && !paused; }
  bool Rests() const { return started && !stopped && paused; }

  void Take(v1::ClockMark::Kind kind) {
    switch (kind) {
      case v1::ClockMark::START:
        started = true;
        break;
      case v1::ClockMark::PAUSE:
        paused = true;
        break;
      case v1::ClockMark::RESUME:
        paused = false;
        break;
      case v1::ClockMark::STOP:
      case v1::ClockMark::CANCEL:
        if (started && !stopped) {
          stopped = true;
          cancelled = kind == v1::ClockMark::CANCEL;
        }
        break;
      case v1::ClockMark::REOPEN:
        stopped = cancelled = false;
        break;
      default:
        break;
    }
  }

  v1::ClockState::State State() const {
    return !started    ? v1::ClockState::IDLE
           : cancelled ? v1::ClockState::CANCELLED
           : stopped   ? v1::ClockState::STOPPED
           : paused    ? v1::ClockState::PAUSED
                       : v1::ClockState::RUNNING;
  }
};

absl::Time MeasuredFrom(const v1::ClockState& clock) {
  return clock.has_measured_from() ? FromTimestamp(clock.measured_from())
                                   : absl::InfinitePast();
}

}  // namespace

Course PlayMarks(const v1::ClockState& clock) {
  Course course;
  const absl::Time from = MeasuredFrom(clock);
  Stand stand;
  absl::Time since;  // of the run, or else the rest, that lasts
  for (const v1::ClockMark& mark : clock.marks()) {
    const absl::Time at = FromTimestamp(mark.at());
    const Stand before = stand;
    stand.Take(mark.kind());
    if (stand.started && !before.started) course.start = at;
    if (before.Runs() && !stand.Runs() && at > std::max(since, from)) {
      course.runs.push_back({std::max(since, from), at});
    }
    if (stand.stopped && !before.stopped) {
      course.stopped = at;
      course.resting = before.Rests() ? since : kNever;
    }
    if (before.stopped && !stand.stopped) {
      course.stopped = course.resting = kNever;
    }
    if (stand.Runs() != before.Runs() || stand.Rests() != before.Rests()) {
      since = at;
    }
  }
  course.state = stand.State();
  if (!stand.started) return course;
  if (stand.Rests()) course.resting = since;
  const absl::Time cut = stand.Runs() ? since : course.Limit();
  if (!stand.Runs() && !course.runs.empty() && course.runs.back().to == cut) {
    course.runs.back().to = kNever;
  } else {
    course.runs.push_back({std::max(cut, from), kNever});
  }
  return course;
}

absl::Duration RestedUntil(const v1::ClockState& clock, absl::Time until) {
  absl::Duration rested;
  absl::Time since = MeasuredFrom(clock);
  const auto add = [&](absl::Time from, absl::Time to) {
    from = std::max(from, MeasuredFrom(clock));
    to = std::min(to, until);
    if (from < to) rested += to - from;
  };
  Stand stand;
  for (const v1::ClockMark& mark : clock.marks()) {
    const absl::Time at = FromTimestamp(mark.at());
    const bool rested_before = stand.Rests();
    stand.Take(mark.kind());
    if (!rested_before && stand.Rests()) since = at;
    if (rested_before && !stand.Rests()) add(since, at);
  }
  if (stand.Rests()) add(since, until);
  return rested;
}

absl::Time WhenRunning(const Runs& runs, absl::Time at) {
  for (const Run& run : runs) {
    if (at < run.to) return std::max(at, run.from);
  }
  return kNever;
}

absl::Duration Measure::Between(absl::Time from, absl::Time to) const {
  if (from >= to) return absl::ZeroDuration();
  if (to == kNever) return absl::InfiniteDuration();
  return calendar_ == nullptr ? to - from : calendar_->Between(from, to);
}

absl::Time Measure::Add(absl::Time at, absl::Duration amount,
                        Calendar::Boundary boundary) const {
  if (calendar_ == nullptr) return at + amount;
  const auto sum = calendar_->Add(at, amount, boundary);
  return sum.ok() ? *sum : kNever;
}

absl::Time Measure::Subtract(absl::Time at, absl::Duration amount) const {
  if (calendar_ == nullptr) return at - amount;
  const auto difference = calendar_->Subtract(at, amount, Calendar::kClose);
  return difference.ok() ? *difference : absl::InfinitePast();
}

absl::Duration Measure::Used(const Runs& runs, absl::Time until) const {
  absl::Duration used;
  for (const Run& run : runs) {
    if (run.from >= until) break;
    used += Between(run.from, std::min(run.to, until));
  }
  return used;
}

absl::Time Measure::Reach(const Runs& runs, absl::Duration amount,
                          Calendar::Boundary boundary) const {
  for (const Run& run : runs) {
    const absl::Duration held = Between(run.from, run.to);
    const bool here =
        boundary == Calendar::kClose ? amount <= held : amount < held;
    if (here) return Add(run.from, amount, boundary);
    amount -= held;
  }
  return kNever;
}

}  // namespace hotline::internal
