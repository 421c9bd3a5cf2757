// Business time: when an office is open, and how long that is.
#ifndef HOTLINE_CALENDAR_H_
#define HOTLINE_CALENDAR_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "hotline/error.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

// One stretch of open time, half open: [open, close).
struct OpenPeriod {
  absl::Time open;
  absl::Time close;
};

class Calendar final {
 public:
  // At a period's end, working time passes both at its close and until the
  // next open: an answer can be either.
  enum Boundary { kClose, kOpen };
  enum Direction { kForward, kBackward };
  enum DayCount { kAfter, kRollFirst };
  enum Interval { kClosedOpen, kOpenClosed, kClosedClosed };

  static absl::StatusOr<Calendar> Create(const v1::CalendarSpec& spec);

  const std::string& id() const;
  absl::TimeZone time_zone() const;

  absl::StatusOr<absl::Time> Add(absl::Time at, absl::Duration working,
                                 Boundary boundary = kClose) const;
  absl::StatusOr<absl::Time> Subtract(absl::Time at, absl::Duration working,
                                      Boundary boundary = kOpen) const;
  // Working time from `from` to `to`; negative if `to` is earlier.
  absl::Duration Between(absl::Time from, absl::Time to) const;

  bool IsOpen(absl::Time at) const;
  absl::StatusOr<absl::Time> NextOpen(absl::Time at) const;
  absl::StatusOr<absl::Time> NextClose(absl::Time at) const;
  absl::StatusOr<absl::Time> PreviousClose(absl::Time at) const;
  absl::StatusOr<std::vector<OpenPeriod>> Periods(
      absl::Time at, int count, Direction direction = kForward) const;

  // The instant of a local time (RFC 5545: in a gap the offset before it, of an
  // ambiguous time the first). `seconds` of the day, 0 to 86400.
  absl::Time Local(absl::CivilDay date, int seconds) const;
  absl::CivilDay DateOf(absl::Time at) const;

  bool IsWorkingDay(absl::CivilDay date) const;
  // First opening and last closing of what starts on a date; OUT_OF_RANGE if
  // it is no working day.
  absl::StatusOr<OpenPeriod> HoursOf(absl::CivilDay date) const;
  absl::StatusOr<absl::CivilDay> AddWorkingDays(absl::CivilDay date, int64_t days,
                                                DayCount count = kAfter) const;
  int64_t CountWorkingDays(absl::CivilDay from, absl::CivilDay to,
                           Interval interval = kClosedOpen) const;
  // The closing instant of the n-th working day after the date of `at`.
  absl::StatusOr<absl::Time> EndOfWorkingDay(absl::Time at, int64_t days) const;
  // The last date of a period of calendar days or months.
  absl::StatusOr<absl::CivilDay> AddCalendarDays(absl::CivilDay date, int64_t days,
                                                 bool from_next_day,
                                                 bool roll_next) const;
  absl::StatusOr<absl::CivilDay> AddCalendarMonths(absl::CivilDay date,
                                                   int64_t months,
                                                   bool from_next_day,
                                                   bool roll_next) const;

  // Later than the calendar is known for: holidays may still be declared.
  bool IsProvisional(absl::Time at) const;

  // Bytes of the compiled table.
  size_t MemoryBytes() const;

 private:
  friend class Calendars;
  struct Table;
  explicit Calendar(std::shared_ptr<const Table> table);
  std::shared_ptr<const Table> table_;
};

// The calendars of a policy, by id, and for each area that a closure names.
class Calendars final {
 public:
  // Appends problems with paths that begin with `calendars[i]`.
  static Calendars Compile(
      const google::protobuf::RepeatedPtrField<v1::CalendarSpec>& specs,
      const google::protobuf::RepeatedPtrField<v1::AreaSpec>& areas,
      Problems* problems);

  // The calendar as it holds in `area` for `unit`; both may be empty. With
  // `through_closures` no closure is cut out. Null if there is no such id.
  const Calendar* Find(std::string_view id, std::string_view area = "",
                       std::string_view unit = "",
                       bool through_closures = false) const;

 private:
  struct Shelf;
  std::shared_ptr<const Shelf> shelf_;
};

}  // namespace hotline

#endif  // HOTLINE_CALENDAR_H_
