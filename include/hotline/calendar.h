// Business time: when an office is open, and how long that is.
//
//   auto calendar = hotline::Calendar::Create(spec.calendars(0));
//   if (!calendar.ok()) return calendar.status();
//   auto due = calendar->Add(received, absl::Hours(16)); // two working days
//   auto date = calendar->AddWorkingDays(absl::CivilDay(2026, 2, 13), 2);
//
// A calendar is compiled whole, for 1970 to 2170, into opening instants and the
// open time before each. An answer years away costs as little as tomorrow's,
// O(log n) and in practice a few memory reads, without allocation.
//
// What is open, later layers over earlier ones: weekly hours; holidays, which
// empty a date; special days, which replace its hours (a make-up working day, a
// half day; no hours at all close it) and win over a holiday unless
// `holiday_over_special`; breaks, cut out of the hours of their date; closures,
// cut out between two instants. Hours that close before they open run past
// midnight and belong wholly to the date they start on: so do its holidays,
// special days and breaks. Periods are half open, [open, close); those that
// meet are one, those that overlap count once.
//
// Local times become instants as RFC 5545, 3.3.5 says: in a gap by the offset
// before it, of a time that occurs twice the first. Hours that close no later
// than they open by that rule are empty. A date that a zone skipped (Apia,
// 2011-12-30) has no hours. Durations are elapsed time: a night shift over the
// spring change is an hour shorter.
//
// Units: instants and durations are exact to the nanosecond. Dates are those of
// the calendar's own zone.
//
// Thread rule: immutable; share it between threads. Copies are cheap and share
// the table. Lifetime: pointers from Calendars::Find live as long as any copy
// of that Calendars.
//
// Errors: INVALID_ARGUMENT from Create, with every problem in ErrorInfo.
// OUT_OF_RANGE from a question whose instant, date or answer lies outside what
// the calendar covers, or that has no answer (no later opening).
#ifndef HOTLINE_CALENDAR_H_
#define HOTLINE_CALENDAR_H_

#include <cstddef>
#include <cstdint>
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

  friend bool operator==(const OpenPeriod&, const OpenPeriod&) = default;
};

class Calendar final {
 public:
  // Local years covered, both included.
  static constexpr int kFirstYear = 1970;
  static constexpr int kLastYear = 2170;

  // At a period's end, working time passes both at its close and until the
  // next open: an answer can be either.
  enum Boundary { kClose, kOpen };
  enum Direction { kForward, kBackward };
  enum DayCount { kAfter, kRollFirst };
  enum Interval { kClosedOpen, kOpenClosed, kClosedClosed };

  // Compiles one spec, with the closures that hold everywhere cut out. Paths of
  // problems are as in `spec`. A spec that never opens is a problem.
  static absl::StatusOr<Calendar> Create(const v1::CalendarSpec& spec);

  const std::string& id() const;
  absl::TimeZone time_zone() const;
  // True from the first instant of 1970 to the last of 2170, local time.
  bool Covers(absl::Time at) const;

  // The instant by which `working` has passed since `at`: kClose the earliest
  // such instant, kOpen the latest. They differ only at a period's end: its
  // close, and the next open. Zero from closed time is `at` itself by kClose,
  // the next open by kOpen. A negative amount goes back.
  //   Between(t, *Add(t, d)) == d      Add(*Add(t, a), b) == Add(t, a + b)
  absl::StatusOr<absl::Time> Add(absl::Time at, absl::Duration working,
                                 Boundary boundary = kClose) const;
  // The mirror image: by kOpen the latest, at a period's start its open; by
  // kClose the earliest, the close of the period before. Zero from closed time
  // is `at` itself by kOpen, the previous close by kClose.
  absl::StatusOr<absl::Time> Subtract(absl::Time at, absl::Duration working,
                                      Boundary boundary = kOpen) const;
  // Working time from `from` to `to`; negative if `to` is earlier. Nothing is
  // open outside what the calendar covers.
  absl::Duration Between(absl::Time from, absl::Time to) const;

  bool IsOpen(absl::Time at) const;
  // `at` if it is open, else the next opening.
  absl::StatusOr<absl::Time> NextOpen(absl::Time at) const;
  // The first closing instant at or after `at`: an end of open time, never an
  // instant within it.
  absl::StatusOr<absl::Time> NextClose(absl::Time at) const;
  // `at` if it is open just before it, else the last closing before: NextOpen
  // seen from the other side.
  absl::StatusOr<absl::Time> PreviousClose(absl::Time at) const;
  // Up to `count` periods from `at` on, or back from it, nearest first; the
  // first is cut off at `at`. Fewer if the calendar ends. INVALID_ARGUMENT if
  // `count` is negative.
  absl::StatusOr<std::vector<OpenPeriod>> Periods(
      absl::Time at, int count, Direction direction = kForward) const;

  // The instant of a local time (RFC 5545: in a gap the offset before it, of an
  // ambiguous time the first). `seconds` of the day, 0 to 86400.
  absl::Time Local(absl::CivilDay date, int seconds) const;
  absl::CivilDay DateOf(absl::Time at) const;

  // Whether what starts on the date, closures cut out, is open at all; or, with
  // `working_day_min`, at least that long. A shorter date has its open hours
  // all the same, but no day count sees it.
  bool IsWorkingDay(absl::CivilDay date) const;
  // First opening and last closing of what starts on a date; OUT_OF_RANGE if
  // it is no working day.
  absl::StatusOr<OpenPeriod> HoursOf(absl::CivilDay date) const;
  // The n-th working day after the date, or before it if negative; the date
  // itself never counts and zero leaves it as it is. By kRollFirst a date that
  // is no working day first becomes the next one that is.
  absl::StatusOr<absl::CivilDay> AddWorkingDays(absl::CivilDay date,
                                                int64_t days,
                                                DayCount count = kAfter) const;
  // Working days between two dates. If `to` is earlier: the same with the dates
  // exchanged, negative.
  int64_t CountWorkingDays(absl::CivilDay from, absl::CivilDay to,
                           Interval interval = kClosedOpen) const;
  // The closing instant of the n-th working day after the date of `at`. Zero
  // means that date itself; OUT_OF_RANGE if it is no working day.
  absl::StatusOr<absl::Time> EndOfWorkingDay(absl::Time at, int64_t days) const;
  // The last date of a period of calendar days or months, of which the first
  // day is not part. With `roll_next`, a last date that is no working day
  // becomes the next one that is.
  //
  // A period of months ends on the same day of the last month, or on that
  // month's last where it has none (New York, General Construction Law 30).
  // With `from_next_day` it is reckoned from the day after `date` and ends
  // before the corresponding day (Taiwan, Civil Code 121): from 28 February
  // 2026, one month ends on 28 March by the former, on 31 March by the latter.
  // Days come out the same either way.
  absl::StatusOr<absl::CivilDay> AddCalendarDays(absl::CivilDay date,
                                                 int64_t days,
                                                 bool from_next_day,
                                                 bool roll_next) const;
  absl::StatusOr<absl::CivilDay> AddCalendarMonths(absl::CivilDay date,
                                                   int64_t months,
                                                   bool from_next_day,
                                                   bool roll_next) const;

  // Later than the calendar is known for: holidays may still be declared. A
  // calendar that does not say until when it is complete is taken at its word.
  bool IsProvisional(absl::Time at) const;
  bool IsProvisional(absl::CivilDay date) const;

  // Bytes of the compiled table. Calendars share parts of theirs, so the sum
  // over several is too high.
  size_t MemoryBytes() const;

 private:
  friend class Calendars;
  struct Table;
  explicit Calendar(std::shared_ptr<const Table> table);
  absl::StatusOr<absl::Time> Move(absl::Time at, int64_t working_ns,
                                  Boundary boundary) const;
  absl::StatusOr<absl::CivilDay> Settle(absl::CivilDay date, bool roll) const;
  std::shared_ptr<const Table> table_;
};

// The calendars of a policy, by id, and for each area and unit that a closure
// names. Years that closures do not touch are shared between all of these.
class Calendars final {
 public:
  // None.
  Calendars();

  // Appends problems with paths that begin with `calendars[i]`. Calendars that
  // have any are left out of the result. What `earlier` holds for a spec that
  // differs in nothing but closures is used again: a typhoon entered late
  // compiles only the years it falls into.
  static Calendars Compile(
      const google::protobuf::RepeatedPtrField<v1::CalendarSpec>& specs,
      const google::protobuf::RepeatedPtrField<v1::AreaSpec>& areas,
      Problems* problems, const Calendars* earlier = nullptr);

  // The calendar as it holds in `area` for `unit`; both may be empty. A closure
  // that names areas holds in these and all that lie in them; one that names
  // units holds for these; one that names both, where both apply. With
  // `through_closures` no closure is cut out. Null if there is no such id.
  const Calendar* Find(std::string_view id, std::string_view area = "",
                       std::string_view unit = "",
                       bool through_closures = false) const;

  // Bytes of all compiled tables, each shared year counted once. With `but`,
  // years that it holds too are left out.
  size_t MemoryBytes(const Calendars* but = nullptr) const;

 private:
  friend class Calendar;
  struct Shelf;
  std::shared_ptr<const Shelf> shelf_;
};

}  // namespace hotline

#endif  // HOTLINE_CALENDAR_H_
