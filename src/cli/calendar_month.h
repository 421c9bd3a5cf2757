// A month of a calendar, as people print it and as lines of JSON.
#ifndef HOTLINE_SRC_CLI_CALENDAR_MONTH_H_
#define HOTLINE_SRC_CLI_CALENDAR_MONTH_H_

#include <ostream>

#include "absl/time/civil_time.h"
#include "hotline/calendar.h"
#include "hotline/v1/policy.pb.h"

namespace hotline::cli {

// `calendar` is `spec` as it holds where one asks; `through` is the same with
// no closure cut out.
struct MonthOf {
  const v1::CalendarSpec& spec;
  const Calendar& calendar;
  const Calendar& through;
  absl::CivilMonth month;
};

// A grid with a mark for each date that is not as its weekday is, the hours of
// each date, and what the calendar says of the month by name.
void PrintMonth(const MonthOf& month, std::ostream& out);

// One object for each date: calendar, date, weekday, mark (open, closed,
// holiday, special, break, closure), working_day, seconds, open (periods of
// instants), name if it has one, provisional if true.
void PrintMonthJson(const MonthOf& month, std::ostream& out);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_CALENDAR_MONTH_H_
