// Office calendars as governments publish them, read into a CalendarSpec: a
// list of the days of a year, each marked as a working day or a day off, or
// rules from which the holidays of any year follow.
//
//   v1::CalendarSpec office;               // whose hours, and where
//   office.set_id("taipei");
//   office.set_time_zone("Asia/Taipei");
//   *office.add_weekly() = monday;         // ... to Friday
//   auto spec = hotline::ReadOfficeCalendar(
//       hotline::OfficeFormat::kDgpaCsv, {{"2026.csv", bytes}}, office);
//   if (!spec.ok()) return spec.status();  // every line not understood
//
// What is read decides nothing but days: a day off on a weekday with hours is a
// holiday; a working day on one without is a special day with the hours of the
// first weekday that has any (a make-up Saturday, 補班). The hours are yours.
// What the list calls a holiday becomes its name in `holiday_names`.
//
// Sources. kDgpaCsv: Taiwan's Directorate-General of Personnel Administration,
// office calendar of government agencies (data.gov.tw dataset 14718): columns
// date, weekday, flag (0 works, 2 is off), note; UTF-8 with or without byte
// order mark, or Big5. Flag and weekday decide; the note is for people. kJson:
// the same list as ruyut/TaiwanCalendar and jacktdry/TaiwanCalendar publish it,
// an array of objects with `date` (20260101 or 2026-01-01), `week`, `isHoliday`
// and `description`.
//
// Thread rule: free functions; use them anywhere. Lifetime: what is passed must
// live through the call; the tables of rules live as long as the program.
//
// Errors: INVALID_ARGUMENT with a problem for every line that is not
// understood, its path `FILE:LINE`; then nothing is loaded. A list must hold
// whole years, each date once, in order, and years that follow each other.
#ifndef HOTLINE_OFFICE_CALENDAR_H_
#define HOTLINE_OFFICE_CALENDAR_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

enum class OfficeFormat { kDgpaCsv, kJson };

struct OfficeFile {
  std::string name;  // for paths of problems
  std::string_view bytes;
};

// Days of all `files`, one year each, in any order of files, laid over
// `office`, which gives id, zone and hours. `complete_until` becomes the last
// date; `source`, if it is empty, names where such lists come from and the
// years.
absl::StatusOr<v1::CalendarSpec> ReadOfficeCalendar(
    OfficeFormat format, const std::vector<OfficeFile>& files,
    const v1::CalendarSpec& office);

// A holiday in every year. The third Monday of a month is the first Monday on
// or after its 15th; the Tuesday after the first Monday of November the first
// Tuesday on or after the 2nd.
struct HolidayRule {
  std::string_view name;
  int month;
  int day;
  // The first such day of the week on or after the date. None: the date itself;
  // on a Saturday it is observed the day before, on a Sunday the day after.
  std::optional<absl::Weekday> weekday;
  int first_year;  // in which it was a holiday
};

struct HolidayRules {
  std::string_view source;
  int first_year;  // before which the rules say nothing
  std::span<const HolidayRule> rules;
};

// 5 U.S.C. 6103(a), as in force since 1986, with Juneteenth from 2021 (Public
// Law 117-17). Moved off a Saturday by 6103(b)(1), off a Sunday by Executive
// Order 11582, section 3(a). Not here: Inauguration Day, which holds only in
// and around Washington.
HolidayRules UsFederalHolidays();

// The days on which offices of the City of New York are closed: the holidays of
// General Construction Law, section 24, that the Department of Citywide
// Administrative Services lists for city agencies, from 2022 on. Moved off a
// Sunday by section 24; off a Saturday, to the Friday before, by the city's
// Personnel Services Bulletin 440-2R (1997), section A, which lets an agency
// that must keep open divide its people between Friday and Monday.
HolidayRules NewYorkCityHolidays();

struct Holiday {
  absl::CivilDay date;
  absl::CivilDay observed;
  std::string_view name;
};

// What is observed in these years, in order of `observed`: a New Year's Day on
// a Saturday is observed in the year before. INVALID_ARGUMENT if the rules do
// not reach the years, or a calendar does not.
absl::StatusOr<std::vector<Holiday>> HolidaysOf(const HolidayRules& rules,
                                                int first_year, int last_year);

// `office` with the holidays of these years and their names, those not on their
// own date marked "observed"; `complete_until` becomes the last date of the
// last year.
absl::StatusOr<v1::CalendarSpec> HolidayCalendar(
    const HolidayRules& rules, int first_year, int last_year,
    const v1::CalendarSpec& office);

}  // namespace hotline

#endif  // HOTLINE_OFFICE_CALENDAR_H_
