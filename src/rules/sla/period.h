// Targets: how much of what kind of time, and where a target that counts dates
// ends.
#ifndef HOTLINE_SRC_RULES_SLA_PERIOD_H_
#define HOTLINE_SRC_RULES_SLA_PERIOD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hotline/calendar.h"
#include "hotline/v1/policy.pb.h"
#include "src/rules/sla/course.h"

namespace hotline::internal {

// What a policy's text says; zero if it says nothing (checked when compiled).
absl::Duration DurationOf(const std::string& text);

// Does it measure by a calendar's hours?
bool CountsWorkingTime(const v1::TargetSpec& target);
// Does it count dates, of whatever kind?
bool CountsDates(const v1::TargetSpec& target);
// Does a calendar decide where it ends?
bool NeedsCalendar(const v1::TargetSpec& target);

// The same day `months` later, or that month's last (New York, General
// Construction Law 30). With `from_next_day` reckoned from the day after, to
// the day before the corresponding one (Taiwan, Civil Code 121).
absl::CivilDay MonthsAfter(absl::CivilDay date, int months, bool from_next_day);

// The instant `days` dates later, or earlier, at the same time of day: working
// dates if there is a calendar. Midnight belongs to the date it ends.
absl::Time DatesFrom(absl::Time at, int days, const Calendar* calendar,
                     absl::TimeZone zone);

// A period of dates. What it is made from must outlive it.
class Period {
 public:
  // A target that counts dates, from its start. Without a calendar working
  // days never end; calendar days and months are those of `zone`.
  static Period Of(const v1::TargetSpec& target, const Calendar* calendar,
                   absl::TimeZone zone, absl::Time start);
  // An end given from outside at an instant, for a clock of any target.
  static Period Until(const v1::TargetSpec& target, const Calendar* calendar,
                      absl::TimeZone zone, absl::Time given_at, absl::Time end);

  // Where it ends, moved by the rests that begin before its end: by their time
  // in `measure`, or with `pause_by_dates` by their dates.
  absl::Time End(const Runs& runs, const Measure& measure) const;

 private:
  Period(const v1::TargetSpec& target, const Calendar* calendar,
         absl::TimeZone zone, absl::Time origin);
  void MoveStart();
  void Step(int64_t dates, absl::CivilDay* date);
  std::optional<absl::CivilDay> Later(absl::CivilDay date, int64_t dates) const;
  absl::Time EndOn(absl::CivilDay date) const;
  absl::Time Rolled(absl::Time end) const;
  int64_t DatesBegun(absl::Time from, absl::Time to,
                     absl::CivilDay* counted) const;

  const v1::TargetSpec& target_;
  const Calendar* calendar_;
  absl::TimeZone zone_;
  absl::Time origin_;                // rests before it are none of its
  absl::CivilDay before_;            // the last date that does not count
  absl::CivilDay last_;              // of the period as it stands without rests
  int seconds_ = 0;                  // time of day at which SAME_TIME ends
  absl::Duration fraction_;          // and what is below a second
  std::optional<absl::Time> given_;  // from outside: not reckoned, not rolled
  bool never_ = false;               // beyond what the calendar covers
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_SLA_PERIOD_H_
