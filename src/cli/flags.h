// Flags as a table: what a verb takes is written once, and is both read and
// shown. Unknown flags are errors that name the nearest known one.
#ifndef HOTLINE_SRC_CLI_FLAGS_H_
#define HOTLINE_SRC_CLI_FLAGS_H_

#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "src/cli/cli.h"

namespace hotline::cli {

struct Flag {
  std::string name;   // without dashes
  std::string value;  // what it takes, such as FILE; empty: a switch
  std::string help;
  bool required = false;
};

struct Usage {
  std::string noun;
  std::string verb;   // empty: the noun says it all
  std::string files;  // such as "FILE..."; empty: none
  size_t files_min = 0;
  size_t files_max = 0;
  std::string summary;
  std::vector<Flag> flags;
  std::string example;  // a whole command line that runs
};

// What was given.
class Arguments {
 public:
  bool Has(const std::string& flag) const { return values_.contains(flag); }
  // Empty if it was not given.
  const std::string& Get(const std::string& flag) const;
  const std::vector<std::string>& files() const { return files_; }

 private:
  friend absl::StatusOr<Arguments> ParseArguments(const Usage& usage,
                                                  const Args& args);
  std::map<std::string, std::string> values_;
  std::vector<std::string> files_;
};

// `--flag=value`, `--flag value`, `--switch`; after `--` only files.
// INVALID_ARGUMENT says what is wrong; the first mistake is told.
absl::StatusOr<Arguments> ParseArguments(const Usage& usage, const Args& args);

// One line: "hotline policy check [--json] FILE...".
std::string UsageLine(const Usage& usage);

// The whole of `--help`.
void PrintHelp(const Usage& usage, std::ostream& out);

// True if `--help` or `-h` is among them, before any `--`.
bool AsksForHelp(const Args& args);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_FLAGS_H_
