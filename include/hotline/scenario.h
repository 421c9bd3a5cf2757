// Scenarios: a policy's tests as files. Commands at instants on a simulated
// clock, and what must be so after each.
//
//   auto scenario = hotline::ParseScenarioTextproto(text);
//   auto run = hotline::RunScenario(*scenario);
//   for (const auto& d : run->differences)
//     std::cerr << d.step << ": " << d.path << ": expected " << d.expected
//               << ", got " << d.actual << "\n";
//
// A scenario runs on a MemoryStore through the Engine, so it tests what a city
// gets. Time stands still between steps: what falls due is recorded when
// somebody looks, which is a command on the case or a `tick`.
//
// A step without an actor is done by one who may do everything; an actor with
// roles may do what the policy's roles say. Where a command names another case
// (merge, link, a contact's references) the names given by `as` are read too.
//
// Thread rule: functions of values; call them from anywhere.
// Errors: INVALID_ARGUMENT or INVALID_POLICY with every problem of the file. A
// difference is no error: it is in the answer.
#ifndef HOTLINE_SCENARIO_H_
#define HOTLINE_SCENARIO_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hotline/v1/scenario.pb.h"

namespace hotline {

// Something that is not as expected.
struct ScenarioDifference {
  int step = 0;      // from 1, as in the file
  std::string path;  // `steps[0].expect[0].clocks[1].due`
  std::string expected;
  std::string actual;
};

struct ScenarioRun {
  std::string name;
  int steps = 0;
  int expectations = 0;  // single things compared
  std::vector<ScenarioDifference> differences;
  // One JSON object a step, on one line: `scenario`, `step`, `at`, `what`,
  // `did`, `refused` (null or the message), `facts`, `notices`, `sent`, and
  // `cases`: each with `case`, `reference`, `state`, `phase`, `public_status`,
  // `outcome`, `unit`, `priority` and `clocks`, a list of objects `id`,
  // `cycle`, `state`, `due`, `due_next_open` (instants or null), `elapsed`,
  // `remaining` (seconds or null), `breached`, `levels` (codes in order of
  // their instants).
  std::vector<std::string> json;
};

// A scenario from a file's text. Unknown fields are all told in one go, each
// with the nearest known one; a syntax error is told alone.
absl::StatusOr<v1::Scenario> ParseScenarioTextproto(std::string_view text);
absl::StatusOr<v1::Scenario> ParseScenarioJson(std::string_view text);

// Runs it. `policy` must be set: whoever reads files puts there what
// `policy_file` names.
absl::StatusOr<ScenarioRun> RunScenario(const v1::Scenario& scenario);

}  // namespace hotline

#endif  // HOTLINE_SCENARIO_H_
