// What is wrong with a scenario before it runs.
#ifndef HOTLINE_SRC_READERS_SCENARIO_CHECK_H_
#define HOTLINE_SRC_READERS_SCENARIO_CHECK_H_

#include "hotline/error.h"
#include "hotline/v1/scenario.pb.h"

namespace hotline::internal {

// Instants, their order, names of cases, words of expectations, durations.
void CheckSteps(const v1::Scenario& scenario, Problems* problems);

// The policy it begins with and every one it goes on to, unless the step
// expects a refusal.
void CheckPolicies(const v1::Scenario& scenario, Problems* problems);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_SCENARIO_CHECK_H_
