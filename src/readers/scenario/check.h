// What is wrong with a scenario before it runs, and what is not as expected
// after a step.
#ifndef HOTLINE_SRC_READERS_SCENARIO_CHECK_H_
#define HOTLINE_SRC_READERS_SCENARIO_CHECK_H_

#include <string>
#include <vector>

#include "hotline/error.h"
#include "hotline/scenario.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/event.pb.h"

namespace hotline::internal {

// Instants, their order, names of cases, durations.
void CheckScenario(const v1::Scenario& scenario, Problems* problems);

// One case after one step.
struct CaseOutcome {
  std::string name;             // as the scenario calls it; may be empty
  v1::Case now;                 // clocks as of the step's instant
  std::vector<v1::Fact> facts;  // recorded in this step
};

// The newest cycle of a clock; null if the case has none of that code.
const v1::ClockState* NewestClock(const v1::Case& of, const std::string& code);

// Codes of the notices decided among these facts, once each, in order.
std::vector<std::string> NoticesOf(const std::vector<v1::Fact>& facts);
// Codes of levels that stand, in order of their instants.
std::vector<std::string> LevelsOf(const v1::ClockState& clock);

// Compares one expectation; appends differences with `step` and paths that
// begin with `path`. Adds what was compared to `run->expectations`.
void Compare(const v1::Expectation& expected, const CaseOutcome& actual,
             int step, const std::string& path, ScenarioRun* run);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_SCENARIO_CHECK_H_
