// What follows from a clock's marks, target and calendar: when it is due, when
// its levels come.
#ifndef HOTLINE_SRC_RULES_SLA_TERMS_H_
#define HOTLINE_SRC_RULES_SLA_TERMS_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "hotline/calendar.h"
#include "hotline/v1/case.pb.h"
#include "src/rules/sla/course.h"
#include "src/rules/sla/ladder.h"

namespace hotline::internal {

// A level that is not recorded yet, or one of its repeats.
struct Pending {
  const Level* level = nullptr;
  absl::Time at = kNever;
  int repeat = 0;
  int missed = 0;
};

// What it is made from must outlive it.
class Terms {
 public:
  // A clock without calendar counts dates in `zone`.
  Terms(const v1::ClockState& clock, const Calendar* calendar,
        absl::TimeZone zone);

  const Course& course() const { return course_; }
  // InfiniteFuture: none, or none while it rests.
  absl::Time Due() const { return end_ <= course_.resting ? end_ : kNever; }
  absl::Time DueNextOpen() const {
    return end_open_ <= course_.resting ? end_open_ : kNever;
  }
  // Due later than its calendar is known for.
  bool IsProvisional() const;
  // Of the target's own kind of time.
  absl::Duration UsedUntil(absl::Time now) const;
  absl::Duration Total() const { return total_; }

  // The instant after due_next_open, or for a reminder due itself;
  // InfiniteFuture if it never came to that.
  absl::Time Breach() const { return Reached(BreachIfOn()); }
  // The instant of a level; InfiniteFuture if it never came to that.
  absl::Time InstantOf(const Level& level) const {
    return Reached(InstantIfOn(level));
  }
  // The next record of a level as of `now`: the level itself, or of those
  // repeats that lie at or before `now` the last, or the one ahead. At
  // InfiniteFuture the next repeat, whenever.
  std::optional<Pending> PendingOf(const Level& level, absl::Time now) const {
    return PendingAfter(level, LastRecorded(clock_, level.code), now);
  }
  // The same if it is recorded up to the place `last` of its grid.
  std::optional<Pending> PendingAfter(const Level& level, int last,
                                      absl::Time now) const;

 private:
  void ReckonTime();
  void ReckonDates();
  // Had neither stop nor rest cut it off.
  absl::Time BreachIfOn() const;
  absl::Time InstantIfOn(const Level& level) const;
  Measure MeasureOf(const Level& level) const;
  absl::Time Reached(absl::Time at) const {
    return at <= course_.Limit() ? at : kNever;
  }

  const v1::ClockState& clock_;
  const Calendar* calendar_;
  absl::TimeZone zone_;
  Course course_;
  Measure own_;
  absl::Duration total_;
  // Had neither the last stop nor a rest cut it off.
  absl::Time end_ = kNever;
  absl::Time end_open_ = kNever;
  absl::Time since_ = absl::InfinitePast();  // this target holds
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_SLA_TERMS_H_
