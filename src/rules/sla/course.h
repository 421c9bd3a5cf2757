// How a clock ran: the stretches between its marks, and how much of a kind of
// time lies in them.
#ifndef HOTLINE_SRC_RULES_SLA_COURSE_H_
#define HOTLINE_SRC_RULES_SLA_COURSE_H_

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "hotline/calendar.h"
#include "hotline/v1/case.pb.h"

namespace hotline::internal {

inline constexpr absl::Time kNever = absl::InfiniteFuture();

// Half open.
struct Run {
  absl::Time from;
  absl::Time to;
};

// Most clocks rest twice at most and then need no memory of their own.
using Runs = absl::InlinedVector<Run, 3>;

struct Course {
  // In order of time. The last has no end: it is what would be, had neither
  // the last stop nor a pause that still lasts cut it off at `Limit`. So a
  // clock that was stopped in time still says when it was due, and one that
  // rests what is left. Empty until it starts.
  Runs runs;
  v1::ClockState::State state = v1::ClockState::IDLE;
  absl::Time start = kNever;
  absl::Time stopped = kNever;  // last stop or cancellation
  absl::Time resting = kNever;  // since when it rests, or rested when stopped

  // Nothing of it happens later.
  absl::Time Limit() const { return std::min(stopped, resting); }
};

// The marks played in order.
Course PlayMarks(const v1::ClockState& clock);

// How long it rested before `until`, by the wall clock.
absl::Duration RestedUntil(const v1::ClockState& clock, absl::Time until);

// The first instant at or after `at` at which it runs.
absl::Time WhenRunning(const Runs& runs, absl::Time at);

// Moves an end by the rests that begin before it, from `origin` on:
// `rest(from, to)` says for each in turn where it then lies.
template <typename Rest>
absl::Time MovedByRests(const Runs& runs, absl::Time origin, absl::Time end,
                        Rest rest) {
  absl::Time since = origin;
  for (const Run& run : runs) {
    if (run.from > since && since < end) end = rest(since, run.from);
    since = std::max(since, run.to);
  }
  return end;
}

// A kind of time: a calendar's working time, or the wall clock's.
class Measure {
 public:
  Measure() = default;
  explicit Measure(const Calendar* calendar) : calendar_(calendar) {}

  absl::Duration Between(absl::Time from, absl::Time to) const;
  // InfiniteFuture beyond the calendar's span.
  absl::Time Add(absl::Time at, absl::Duration amount,
                 Calendar::Boundary boundary = Calendar::kClose) const;
  // The earliest instant from which on `amount` lies before `at`. InfinitePast
  // beyond the calendar's span.
  absl::Time Subtract(absl::Time at, absl::Duration amount) const;

  // Time in the runs before `until`.
  absl::Duration Used(const Runs& runs, absl::Time until) const;

  // The earliest instant by which the runs hold `amount` (kClose), or the
  // latest by which they hold no more (kOpen). InfiniteFuture: never.
  absl::Time Reach(const Runs& runs, absl::Duration amount,
                   Calendar::Boundary boundary = Calendar::kClose) const;

  friend bool operator==(const Measure&, const Measure&) = default;

 private:
  const Calendar* calendar_ = nullptr;  // null: the wall clock's
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_SLA_COURSE_H_
