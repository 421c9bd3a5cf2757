#include "src/rules/sla/course.h"

#include <algorithm>

#include "src/base/time.h"

namespace hotline::internal {

Course PlayMarks(const v1::ClockState& clock) {
  Course course;
  const absl::Time from = clock.has_measured_from()
                              ? FromTimestamp(clock.measured_from())
                              : absl::InfinitePast();
  bool started = false;
  bool stopped = false;
  bool paused = false;
  bool cancelled = false;
  bool ran_at_stop = false;
  absl::Time since = absl::InfiniteFuture();
  for (const v1::ClockMark& mark : clock.marks()) {
    const absl::Time at = FromTimestamp(mark.at());
    const bool ran = started && !stopped && !paused;
    switch (mark.kind()) {
      case v1::ClockMark::START:
        if (!started) course.start = at;
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
          cancelled = mark.kind() == v1::ClockMark::CANCEL;
          course.stopped = at;
          ran_at_stop = ran;
        }
        break;
      case v1::ClockMark::REOPEN:
        stopped = cancelled = false;
        course.stopped = absl::InfiniteFuture();
        break;
      default:
        break;
    }
    const bool runs = started && !stopped && !paused;
    if (runs && !ran) since = at;
    if (ran && !runs && at > std::max(since, from)) {
      course.runs.push_back({std::max(since, from), at});
    }
  }
  if (started && !stopped && !paused) {
    course.runs.push_back({std::max(since, from), absl::InfiniteFuture()});
  }
  course.promised = course.runs;
  if (stopped && ran_at_stop) {
    // It may have run for no time at all, and then left no run.
    if (!course.promised.empty() &&
        course.promised.back().to == course.stopped) {
      course.promised.back().to = absl::InfiniteFuture();
    } else {
      course.promised.push_back({course.stopped, absl::InfiniteFuture()});
    }
  }
  course.state = !started    ? v1::ClockState::IDLE
                 : cancelled ? v1::ClockState::CANCELLED
                 : stopped   ? v1::ClockState::STOPPED
                 : paused    ? v1::ClockState::PAUSED
                             : v1::ClockState::RUNNING;
  return course;
}

absl::Duration Measure::Between(absl::Time from, absl::Time to) const {
  if (from >= to) return absl::ZeroDuration();
  if (to == absl::InfiniteFuture()) return absl::InfiniteDuration();
  return calendar_ == nullptr ? to - from : calendar_->Between(from, to);
}

absl::Time Measure::Add(absl::Time at, absl::Duration amount,
                        Calendar::Boundary boundary) const {
  if (calendar_ == nullptr) return at + amount;
  const auto sum = calendar_->Add(at, amount, boundary);
  return sum.ok() ? *sum : absl::InfiniteFuture();
}

absl::Duration Measure::Used(const std::vector<Run>& runs,
                             absl::Time until) const {
  absl::Duration used;
  for (const Run& run : runs)
    used += Between(run.from, std::min(run.to, until));
  return used;
}

absl::Time Measure::Reach(const std::vector<Run>& runs, absl::Duration amount,
                          Calendar::Boundary boundary) const {
  for (const Run& run : runs) {
    const absl::Duration held = Between(run.from, run.to);
    const bool here =
        boundary == Calendar::kClose ? amount <= held : amount < held;
    if (here) return Add(run.from, amount, boundary);
    amount -= held;
  }
  return absl::InfiniteFuture();
}

}  // namespace hotline::internal
