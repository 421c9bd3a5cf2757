// How a clock ran: the stretches between its marks, and how much of a kind of
// time lies in them.
#ifndef HOTLINE_SRC_RULES_SLA_COURSE_H_
#define HOTLINE_SRC_RULES_SLA_COURSE_H_

#include <vector>

#include "absl/time/time.h"
#include "hotline/calendar.h"
#include "hotline/v1/case.pb.h"

namespace hotline::internal {

// Half open; `to` is InfiniteFuture while it runs.
struct Run {
  absl::Time from;
  absl::Time to;
};

struct Course {
  std::vector<Run> runs;
  // The same as if the last stop had not come: a clock that was stopped in
  // time still says when it was due.
  std::vector<Run> promised;
  v1::ClockState::State state = v1::ClockState::IDLE;
  absl::Time start = absl::InfiniteFuture();
  absl::Time stopped = absl::InfiniteFuture();  // last stop or cancellation
};

// The marks played in order.
Course PlayMarks(const v1::ClockState& clock);

// The kind of time a target counts: a calendar's, or the wall clock's.
class Measure {
 public:
  explicit Measure(const Calendar* calendar) : calendar_(calendar) {}

  absl::Duration Between(absl::Time from, absl::Time to) const;
  // InfiniteFuture beyond the calendar's span.
  absl::Time Add(absl::Time at, absl::Duration amount,
                 Calendar::Boundary boundary) const;

  // Time in the runs before `until`.
  absl::Duration Used(const std::vector<Run>& runs, absl::Time until) const;

  // The earliest instant by which the runs hold `amount` (kClose), or the
  // latest by which they hold no more (kOpen). InfiniteFuture: never.
  absl::Time Reach(const std::vector<Run>& runs, absl::Duration amount,
                   Calendar::Boundary boundary) const;

 private:
  const Calendar* calendar_;  // null: elapsed time
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_SLA_COURSE_H_
