// What a Calendar points to; shared by the two files that build and ask it.
#ifndef HOTLINE_SRC_RULES_CALENDAR_TABLE_H_
#define HOTLINE_SRC_RULES_CALENDAR_TABLE_H_

#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hotline/calendar.h"
#include "src/rules/calendar/timetable.h"

namespace hotline {

struct Calendar::Table {
  std::string id;
  absl::TimeZone zone;
  std::optional<absl::CivilDay> complete_until;
  internal::Timetable times;
};

}  // namespace hotline

#endif  // HOTLINE_SRC_RULES_CALENDAR_TABLE_H_
