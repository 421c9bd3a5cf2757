// A step of a scenario as one line of JSON. The shape is in
// hotline/scenario.h.
#ifndef HOTLINE_SRC_READERS_SCENARIO_STEP_JSON_H_
#define HOTLINE_SRC_READERS_SCENARIO_STEP_JSON_H_

#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "hotline/notifier.h"
#include "hotline/v1/scenario.pb.h"
#include "src/readers/scenario/compare.h"

namespace hotline::internal {

struct StepOutcome {
  const std::string& scenario;
  const v1::ScenarioStep& step;
  int index = 0;  // from 0
  absl::Time at;
  const absl::Status& done;
  std::span<const CaseOutcome> cases;
  std::span<const Envelope> sent;
};

std::string StepJson(const StepOutcome& outcome);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_SCENARIO_STEP_JSON_H_
