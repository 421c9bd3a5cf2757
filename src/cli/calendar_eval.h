// One calendar question as a line of JSON, and its answer as another.
#ifndef HOTLINE_SRC_CLI_CALENDAR_EVAL_H_
#define HOTLINE_SRC_CLI_CALENDAR_EVAL_H_

#include <string>
#include <vector>

#include "hotline/calendar.h"

namespace hotline::cli {

struct EvalAnswer {
  std::string line;  // {"id":…,"result":…} or {"id":…,"error":{…}}
  bool ok = false;
};

// `ids` are those of `calendars`, for hints.
EvalAnswer AnswerCalendarQuestion(const Calendars& calendars,
                                  const std::vector<std::string>& ids,
                                  const std::string& line);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_CALENDAR_EVAL_H_
