// What report and whatif share: dates, instants, words and how fast it went.
#ifndef HOTLINE_SRC_CLI_FIGURES_H_
#define HOTLINE_SRC_CLI_FIGURES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hotline/report.h"
#include "hotline/store.h"
#include "src/cli/flags.h"
#include "src/cli/io.h"

namespace hotline::cli {

// "2026-02-13".
absl::StatusOr<absl::CivilDay> ParseDay(const std::string& flag,
                                        const std::string& text);

// --as-of, else now.
absl::StatusOr<absl::Time> AsOf(const Arguments& args);

// --lang of headings: en or zh-Hant.
absl::StatusOr<std::string> HeadingLanguageOf(const Arguments& args);

// --format, which is one of `known`; --json is json.
absl::StatusOr<std::string> FormatOf(const Arguments& args,
                                     const std::vector<std::string>& known);

// Times the reading of a store; with --verbose says how fast it went.
class Speed {
 public:
  Speed(const Arguments& args, std::ostream& err);
  void Say(int64_t cases);

 private:
  const bool verbose_;
  std::ostream& err_;
  const absl::Time began_;
};

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_FIGURES_H_
