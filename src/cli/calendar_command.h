// hotline calendar: questions to the calendars of a policy, and a month of one
// as people print it.
#ifndef HOTLINE_SRC_CLI_CALENDAR_COMMAND_H_
#define HOTLINE_SRC_CLI_CALENDAR_COMMAND_H_

#include <iosfwd>
#include <string>
#include <vector>

namespace hotline::cli {

// `args` are the words after `hotline calendar`. Gives the exit status: 0 all
// answered, 1 a question or the policy was wrong, 2 wrong usage or unreadable
// input.
int CalendarCommand(const std::vector<std::string>& args, std::istream& in,
                    std::ostream& out, std::ostream& err);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_CALENDAR_COMMAND_H_
