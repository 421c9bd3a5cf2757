// hotline replay: another system's export through a map of columns.
#ifndef HOTLINE_SRC_CLI_REPLAY_COMMAND_H_
#define HOTLINE_SRC_CLI_REPLAY_COMMAND_H_

#include <iosfwd>
#include <string>
#include <vector>

namespace hotline::cli {

// `args` are those after `replay`. Gives the exit status: 0 done, 1 done and
// rows were refused, 2 wrong usage or unreadable input, 3 the store failed.
int ReplayCommand(const std::vector<std::string>& args, std::istream& in,
                  std::ostream& out, std::ostream& err);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_REPLAY_COMMAND_H_
