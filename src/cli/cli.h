// The program `hotline`: the second client of the library. It uses public
// headers only. `hotline --help` says what it promises.
#ifndef HOTLINE_SRC_CLI_CLI_H_
#define HOTLINE_SRC_CLI_CLI_H_

#include <istream>
#include <ostream>
#include <string>
#include <vector>

namespace hotline::cli {

// Exit statuses.
inline constexpr int kDone = 0;
inline constexpr int kFound = 1;   // done, and something is wrong with the data
inline constexpr int kUsage = 2;   // wrong usage or unreadable input
inline constexpr int kFailed = 3;  // the store or the network failed

using Args = std::vector<std::string>;

// `args`: everything after the program's name. Data goes to `out`, progress
// and problems to `err`.
int Main(const Args& args, std::istream& in, std::ostream& out,
         std::ostream& err);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_CLI_H_
