// Holidays by rule: data, and the one way all of them are reckoned.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "hotline/calendar.h"
#include "hotline/error.h"
#include "hotline/office_calendar.h"
#include "src/base/absl_bridge.h"

namespace hotline {
namespace {

using absl::Weekday;

constexpr HolidayRule kUsFederal[] = {
    {"New Year's Day", 1, 1, {}, 1870},
    {"Birthday of Martin Luther King, Jr.", 1, 15, Weekday::monday, 1986},
    {"Washington's Birthday", 2, 15, Weekday::monday, 1971},
    {"Memorial Day", 5, 25, Weekday::monday, 1971},
    {"Juneteenth National Independence Day", 6, 19, {}, 2021},
    {"Independence Day", 7, 4, {}, 1870},
    {"Labor Day", 9, 1, Weekday::monday, 1894},
    {"Columbus Day", 10, 8, Weekday::monday, 1971},
    {"Veterans Day", 11, 11, {}, 1978},
    {"Thanksgiving Day", 11, 22, Weekday::thursday, 1942},
    {"Christmas Day", 12, 25, {}, 1870},
};

constexpr HolidayRule kNewYorkCity[] = {
    {"New Year's Day", 1, 1, {}, 2022},
    {"Dr. Martin Luther King, Jr. Day", 1, 15, Weekday::monday, 2022},
    {"Presidents' Day (Washington's Birthday)", 2, 15, Weekday::monday, 2022},
    {"Memorial Day", 5, 25, Weekday::monday, 2022},
    {"Juneteenth", 6, 19, {}, 2022},
    {"Independence Day", 7, 4, {}, 2022},
    {"Labor Day", 9, 1, Weekday::monday, 2022},
    {"Columbus Day (Indigenous Peoples' Day)", 10, 8, Weekday::monday, 2022},
    {"Election Day", 11, 2, Weekday::tuesday, 2022},
    {"Veterans Day", 11, 11, {}, 2022},
    {"Thanksgiving Day", 11, 22, Weekday::thursday, 2022},
    {"Christmas Day", 12, 25, {}, 2022},
};

Holiday InYear(const HolidayRule& rule, int year) {
  const absl::CivilDay named(year, rule.month, rule.day);
  if (rule.weekday) {
    const absl::CivilDay date = absl::NextWeekday(named - 1, *rule.weekday);
    return {date, date, rule.name};
  }
  absl::CivilDay observed = named;
  if (absl::GetWeekday(named) == Weekday::saturday) --observed;
  if (absl::GetWeekday(named) == Weekday::sunday) ++observed;
  return {named, observed, rule.name};
}

}  // namespace

HolidayRules UsFederalHolidays() {
  return {"5 U.S.C. 6103; Executive Order 11582, section 3(a)", 1986,
          kUsFederal};
}

HolidayRules NewYorkCityHolidays() {
  return {
      "New York General Construction Law 24; NYC Department of Citywide "
      "Administrative Services, city holidays; Personnel Services Bulletin "
      "440-2R, section A",
      2022, kNewYorkCity};
}

absl::StatusOr<std::vector<Holiday>> HolidaysOf(const HolidayRules& rules,
                                                int first_year, int last_year) {
  if (first_year < rules.first_year || last_year > Calendar::kLastYear ||
      last_year < first_year) {
    return MakeError(
        v1::ErrorInfo::INVALID_ARGUMENT,
        absl::StrCat("the years ", first_year, " to ", last_year,
                     " are not within ", rules.first_year, " to ",
                     Calendar::kLastYear, ", for which the rules hold"));
  }
  std::vector<Holiday> holidays;
  for (int year = first_year; year <= last_year + 1; ++year) {
    for (const HolidayRule& rule : rules.rules) {
      if (year < rule.first_year) continue;
      const Holiday holiday = InYear(rule, year);
      if (holiday.observed.year() < first_year ||
          holiday.observed.year() > last_year) {
        continue;
      }
      holidays.push_back(holiday);
    }
  }
  std::sort(holidays.begin(), holidays.end(),
            [](const Holiday& a, const Holiday& b) {
              return a.observed < b.observed;
            });
  return holidays;
}

absl::StatusOr<v1::CalendarSpec> HolidayCalendar(
    const HolidayRules& rules, int first_year, int last_year,
    const v1::CalendarSpec& office) {
  const auto holidays = HolidaysOf(rules, first_year, last_year);
  if (!holidays.ok()) return holidays.status();
  v1::CalendarSpec spec = office;
  for (const Holiday& holiday : *holidays) {
    const std::string day = absl::FormatCivilTime(holiday.observed);
    spec.add_holidays(day);
    v1::HolidayName* const named = spec.add_holiday_names();
    named->set_day(day);
    named->set_name(
        absl::StrCat(internal::ToAbsl(holiday.name),
                     holiday.date == holiday.observed ? "" : ", observed"));
  }
  spec.set_complete_until(
      absl::FormatCivilTime(absl::CivilDay(last_year, 12, 31)));
  if (spec.source().empty()) spec.set_source(std::string(rules.source));
  const auto calendar = Calendar::Create(spec);
  if (!calendar.ok()) return calendar.status();
  return spec;
}

}  // namespace hotline
