// One calendar question as a line of JSON, and its answer as another.
#ifndef HOTLINE_SRC_CLI_CALENDAR_EVAL_H_
#define HOTLINE_SRC_CLI_CALENDAR_EVAL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hotline/calendar.h"
#include "hotline/v1/policy.pb.h"

namespace hotline::cli {

// The calendars of a policy and the codes one may ask them about.
struct CalendarBook {
  v1::PolicySpec spec;
  Calendars calendars;
  std::vector<std::string> ids;
  std::vector<std::string> areas;  // sorted
  std::vector<std::string> units;  // sorted
};

// INVALID_ARGUMENT names what the policy does not know. Where a policy lists no
// areas or units, any may be asked about.
absl::StatusOr<const Calendar*> FindCalendar(const CalendarBook& book,
                                             const std::string& id,
                                             const std::string& area,
                                             const std::string& unit);

struct EvalAnswer {
  // {"id":…,"result":…} with "provisional":true past what the calendar is
  // known for, or {"id":…,"error":{…}}.
  std::string line;
  bool ok = false;
};

EvalAnswer AnswerCalendarQuestion(const CalendarBook& book,
                                  const std::string& line);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_CALENDAR_EVAL_H_
