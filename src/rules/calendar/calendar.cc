#include "hotline/calendar.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/rules/calendar/table.h"

namespace hotline {
namespace {

using internal::DayNumber;
using internal::Stretch;
using internal::Timetable;

absl::Status OutOfRange(std::string_view message) {
  // The code tells this apart; the payload is what every error of ours has.
  const absl::Status plain =
      MakeError(v1::ErrorInfo::INVALID_ARGUMENT, message);
  absl::Status status = absl::OutOfRangeError(internal::ToAbsl(message));
  plain.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    status.SetPayload(url, payload);
  });
  return status;
}

absl::Status NotCovered(const std::string& what) {
  return OutOfRange(absl::StrCat(what, " is outside ", Calendar::kFirstYear,
                                 " to ", Calendar::kLastYear,
                                 ", which calendars cover"));
}

absl::Status NotCovered(absl::Time at) {
  return NotCovered(internal::FormatUtc(at));
}

absl::Status NotCovered(absl::CivilDay date) {
  return NotCovered(absl::FormatCivilTime(date));
}

absl::Status NoAnswer(std::string_view id) {
  return OutOfRange(
      absl::StrCat("the answer lies outside the open hours of calendar \"",
                   internal::ToAbsl(id), "\" from ", Calendar::kFirstYear,
                   " to ", Calendar::kLastYear));
}

bool IsCovered(absl::CivilDay date) {
  return date.year() >= Calendar::kFirstYear &&
         date.year() <= Calendar::kLastYear;
}

// As a day number; dates far away become ones just not covered.
int64_t Clamped(absl::CivilDay date) {
  constexpr absl::CivilDay kBefore(Calendar::kFirstYear - 1, 12, 31);
  constexpr absl::CivilDay kAfter(Calendar::kLastYear + 1, 1, 1);
  return DayNumber(std::clamp(date, kBefore, kAfter));
}

absl::CivilDay DateOfNumber(int64_t number) {
  return absl::CivilDay(1970, 1, 1) + number;
}

int64_t ToNs(absl::Time at) { return absl::ToUnixNanos(at); }
absl::Time FromNs(int64_t ns) { return absl::FromUnixNanos(ns); }

OpenPeriod ToPeriod(const Stretch& s) {
  return {FromNs(s.open), FromNs(s.close)};
}

}  // namespace

Calendar::Calendar(std::shared_ptr<const Table> table)
    : table_(std::move(table)) {}

const std::string& Calendar::id() const { return table_->id; }

absl::TimeZone Calendar::time_zone() const { return table_->zone; }

bool Calendar::Covers(absl::Time at) const {
  const int64_t ns = ToNs(at);
  return ns >= table_->times.begin() && ns <= table_->times.end();
}

absl::StatusOr<absl::Time> Calendar::Move(absl::Time at, int64_t working,
                                          Boundary boundary) const {
  const Timetable& times = table_->times;
  const int64_t ns = ToNs(at);
  if (ns < times.begin() || ns > times.end()) return NotCovered(at);
  int64_t worked = 0;
  // Durations beyond 292 years saturate, and then the sum overflows or lies
  // outside the table.
  if (__builtin_add_overflow(times.Worked(ns), working, &worked)) {
    return NoAnswer(id());
  }
  const std::optional<int64_t> answer =
      boundary == kClose ? times.Earliest(worked) : times.Latest(worked);
  if (!answer) return NoAnswer(id());
  return FromNs(*answer);
}

absl::StatusOr<absl::Time> Calendar::Add(absl::Time at, absl::Duration working,
                                         Boundary boundary) const {
  const int64_t ns = absl::ToInt64Nanoseconds(working);
  if (ns == 0) {
    if (!Covers(at)) return NotCovered(at);
    if (boundary == kClose || IsOpen(at)) return at;
  }
  return Move(at, ns, boundary);
}

absl::StatusOr<absl::Time> Calendar::Subtract(absl::Time at,
                                              absl::Duration working,
                                              Boundary boundary) const {
  const int64_t ns = absl::ToInt64Nanoseconds(-working);
  if (ns == 0 && boundary == kOpen) {
    if (!Covers(at)) return NotCovered(at);
    return at;
  }
  return Move(at, ns, boundary);
}

absl::Duration Calendar::Between(absl::Time from, absl::Time to) const {
  const Timetable& times = table_->times;
  return absl::Nanoseconds(times.Worked(ToNs(to)) - times.Worked(ToNs(from)));
}

bool Calendar::IsOpen(absl::Time at) const {
  return table_->times.PeriodAt(ToNs(at)).has_value();
}

absl::StatusOr<absl::Time> Calendar::NextOpen(absl::Time at) const {
  return Add(at, absl::ZeroDuration(), kOpen);
}

absl::StatusOr<absl::Time> Calendar::NextClose(absl::Time at) const {
  if (!Covers(at)) return NotCovered(at);
  const Timetable& times = table_->times;
  const int64_t ns = ToNs(at);
  if (const auto period = times.PeriodAt(ns)) return FromNs(period->close);
  const int64_t worked = times.Worked(ns);
  if (times.Earliest(worked) == ns) return at;
  const std::optional<int64_t> open = times.Latest(worked);
  if (!open) return NoAnswer(id());
  return FromNs(times.PeriodAt(*open)->close);
}

absl::StatusOr<absl::Time> Calendar::PreviousClose(absl::Time at) const {
  return Move(at, 0, kClose);
}

absl::StatusOr<std::vector<OpenPeriod>> Calendar::Periods(
    absl::Time at, int count, Direction direction) const {
  if (count < 0) {
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT, "count is negative");
  }
  if (!Covers(at)) return NotCovered(at);
  const Timetable& times = table_->times;
  std::vector<OpenPeriod> periods;
  int64_t ns = ToNs(at);
  while (count-- > 0) {
    const int64_t worked = times.Worked(ns);
    if (direction == kForward) {
      const bool open = times.PeriodAt(ns).has_value();
      const std::optional<int64_t> from = open ? ns : times.Latest(worked);
      if (!from) break;
      const Stretch period = {*from, times.PeriodAt(*from)->close};
      periods.push_back(ToPeriod(period));
      ns = period.close;
    } else {
      const std::optional<int64_t> to = times.Earliest(worked);
      if (!to) break;
      const Stretch period = {times.PeriodAt(*to - 1)->open, *to};
      periods.push_back(ToPeriod(period));
      ns = period.open;
    }
  }
  return periods;
}

absl::Time Calendar::Local(absl::CivilDay date, int seconds) const {
  return table_->zone.At(absl::CivilSecond(date) + seconds).pre;
}

absl::CivilDay Calendar::DateOf(absl::Time at) const {
  return absl::ToCivilDay(at, table_->zone);
}

bool Calendar::IsWorkingDay(absl::CivilDay date) const {
  return CountWorkingDays(date, date, kClosedClosed) != 0;
}

absl::StatusOr<OpenPeriod> Calendar::HoursOf(absl::CivilDay date) const {
  if (!IsCovered(date)) return NotCovered(date);
  if (!IsWorkingDay(date)) {
    return OutOfRange(absl::StrCat(absl::FormatCivilTime(date),
                                   " is no working day of calendar \"", id(),
                                   "\""));
  }
  const Timetable& times = table_->times;
  return ToPeriod(
      times.HoursOfWorkingDay(times.WorkingDaysBefore(DayNumber(date))));
}

absl::StatusOr<absl::CivilDay> Calendar::AddWorkingDays(absl::CivilDay date,
                                                        int64_t days,
                                                        DayCount count) const {
  if (!IsCovered(date)) return NotCovered(date);
  if (count == kAfter && days == 0) return date;
  // Of the working days numbered from 0, the first at or after the date.
  int64_t n = table_->times.WorkingDaysBefore(DayNumber(date));
  if (count == kAfter && days > 0 && !IsWorkingDay(date)) --n;
  if (__builtin_add_overflow(n, days, &n)) return NoAnswer(id());
  const std::optional<int64_t> answer = table_->times.WorkingDay(n);
  if (!answer) return NoAnswer(id());
  return DateOfNumber(*answer);
}

int64_t Calendar::CountWorkingDays(absl::CivilDay from, absl::CivilDay to,
                                   Interval interval) const {
  if (to < from) return -CountWorkingDays(to, from, interval);
  const Timetable& times = table_->times;
  return times.WorkingDaysBefore(Clamped(to) + (interval != kClosedOpen)) -
         times.WorkingDaysBefore(Clamped(from) + (interval == kOpenClosed));
}

absl::StatusOr<absl::Time> Calendar::EndOfWorkingDay(absl::Time at,
                                                     int64_t days) const {
  if (!Covers(at)) return NotCovered(at);
  const auto date = AddWorkingDays(DateOf(at), days);
  if (!date.ok()) return date.status();
  const auto hours = HoursOf(*date);
  if (!hours.ok()) return hours.status();
  return hours->close;
}

absl::StatusOr<absl::CivilDay> Calendar::Settle(absl::CivilDay date,
                                                bool roll) const {
  if (!IsCovered(date)) return NotCovered(date);
  return roll ? AddWorkingDays(date, 0, kRollFirst) : date;
}

absl::StatusOr<absl::CivilDay> Calendar::AddCalendarDays(absl::CivilDay date,
                                                         int64_t days,
                                                         bool /*from_next_day*/,
                                                         bool roll_next) const {
  if (!IsCovered(date)) return NotCovered(date);
  // More than the days covered, far from overflow.
  constexpr int64_t kMost = (kLastYear - kFirstYear + 1) * 366;
  if (days > kMost || days < -kMost) return NoAnswer(id());
  return Settle(date + days, roll_next);
}

absl::StatusOr<absl::CivilDay> Calendar::AddCalendarMonths(
    absl::CivilDay date, int64_t months, bool from_next_day,
    bool roll_next) const {
  if (!IsCovered(date)) return NotCovered(date);
  constexpr int64_t kMost = (kLastYear - kFirstYear + 1) * 12;
  if (months > kMost || months < -kMost) return NoAnswer(id());
  const absl::CivilDay first = from_next_day ? date + 1 : date;
  const absl::CivilMonth month = absl::CivilMonth(first) + months;
  const absl::CivilDay last_of_month = absl::CivilDay(month + 1) - 1;
  absl::CivilDay last = last_of_month;
  if (first.day() <= last_of_month.day()) {
    last = absl::CivilDay(month) + (first.day() - 1) - (from_next_day ? 1 : 0);
  }
  return Settle(last, roll_next);
}

bool Calendar::IsProvisional(absl::Time at) const {
  return table_->complete_until && IsProvisional(DateOf(at));
}

bool Calendar::IsProvisional(absl::CivilDay date) const {
  return table_->complete_until && date > *table_->complete_until;
}

size_t Calendar::MemoryBytes() const {
  std::unordered_set<const internal::YearBlock*> seen;
  return sizeof(*table_) + table_->times.MemoryBytes(&seen);
}

}  // namespace hotline
