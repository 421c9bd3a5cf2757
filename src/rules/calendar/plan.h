// A CalendarSpec read and checked, in the form the compiler of years wants.
#ifndef HOTLINE_SRC_RULES_CALENDAR_PLAN_H_
#define HOTLINE_SRC_RULES_CALENDAR_PLAN_H_

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hotline/error.h"
#include "hotline/v1/policy.pb.h"

namespace hotline::internal {

// Seconds on the local clock of one date, half open; past midnight the count
// goes on, up to 48 hours.
struct LocalSpan {
  int open;
  int close;
};

// Instants as nanoseconds since the epoch, which hold 1970 to 2170 exactly.
struct Stretch {
  int64_t open;
  int64_t close;
};

// What is said of one date by name.
struct DateRule {
  bool holiday = false;
  bool special = false;
  std::vector<LocalSpan> hours;  // if special
  std::vector<LocalSpan> breaks;
};

struct Closure {
  Stretch during;
  std::vector<std::string> areas;  // sorted; empty: all
  std::vector<std::string> units;  // sorted; empty: all
};

struct Plan {
  std::string id;
  absl::TimeZone zone;
  std::array<std::vector<LocalSpan>, 7> weekly;  // Monday first
  std::bitset<12 * 31> annual_holidays;
  std::map<int64_t, DateRule> dates;  // by days since 1970-01-01
  bool holiday_over_special = false;
  std::vector<Closure> closures;
  std::optional<absl::CivilDay> complete_until;
  // Open time, in nanoseconds, that makes a date a working day.
  int64_t working_day_min = 1;

  // What belongs to a date, breaks cut out, before any closure.
  void HoursOf(absl::CivilDay date, std::vector<LocalSpan>* out) const;
};

// Reads a spec; appends what is wrong with it under `prefix`, which is empty or
// ends with a dot. Areas are checked unless `known_areas` is empty.
Plan ReadPlan(const v1::CalendarSpec& spec, const std::string& prefix,
              const std::vector<std::string>& known_areas, Problems* problems);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_CALENDAR_PLAN_H_
