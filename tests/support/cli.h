// The program called in process, as its users call it.
#ifndef HOTLINE_TESTS_SUPPORT_CLI_H_
#define HOTLINE_TESTS_SUPPORT_CLI_H_

#include <sstream>
#include <string>

#include "src/cli/cli.h"

namespace hotline::cli {

struct Result {
  int status = -1;
  std::string out;
  std::string err;
};

inline Result Call(const Args& args, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out, err;
  Result result;
  result.status = Main(args, in, out, err);
  result.out = out.str();
  result.err = err.str();
  return result;
}

}  // namespace hotline::cli

#endif  // HOTLINE_TESTS_SUPPORT_CLI_H_
