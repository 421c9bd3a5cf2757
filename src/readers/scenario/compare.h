// What is so after a step, and what of it is not as expected.
#ifndef HOTLINE_SRC_READERS_SCENARIO_COMPARE_H_
#define HOTLINE_SRC_READERS_SCENARIO_COMPARE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "hotline/scenario.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/event.pb.h"

namespace hotline::internal {

// One case after one step.
struct CaseOutcome {
  std::string name;             // as the scenario calls it; may be empty
  v1::Case now;                 // clocks as of the step's instant
  std::vector<v1::Fact> facts;  // recorded in this step
};

// A level as an expectation names it: `warn`, `warn@INSTANT`, and after these
// the marks `late`, `stale`, `missed=N`, `generation=N`.
struct ExpectedLevel {
  std::string code;
  std::optional<absl::Time> at;
  bool late = false;
  bool stale = false;
  std::optional<int> missed;
  std::optional<int> generation;
};
std::optional<ExpectedLevel> ParseLevel(std::string_view text);

// Codes of the notices decided among these facts, once each, in order.
std::vector<std::string> NoticesOf(const std::vector<v1::Fact>& facts);
// The levels that stand, in order of their instants.
std::vector<const v1::LevelMark*> LevelsOf(const v1::ClockState& clock);

// Compares one expectation; appends differences with `step` and paths that
// begin with `path`. Adds what was compared to `run->expectations`.
void Compare(const v1::Expectation& expected, const CaseOutcome& actual,
             int step, const std::string& path, ScenarioRun* run);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_SCENARIO_COMPARE_H_
