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
// somebody looks, which is a command on the case or a `tick`. A step may also
// `adopt` another policy, or `patch` the one in force: enter a closure or a
// declared event, or withdraw it. Cases follow when somebody next looks; a
// `tick` sweeps them as Engine::RunDue does.
//
// A step without an actor is done by one who may do everything; an actor with
// roles may do what the policy's roles say. The reporter's words are a `note`
// with `from_reporter`, or any note by the actor who is the case's reporter; a
// machine's are `automatic`. Where a command names another case (merge, link, a
// contact's references) the names given by `as` are read too.
//
// An expectation compares what it sets, and nothing else. In lists:
//   levels   all that stand, in order: `warn`, or `warn@INSTANT`, and after
//            these `late`, `stale`, `missed=2`, `generation=2`. `none`: none.
//   notices  all told in this step: `received`, which stands for everybody who
//            is told it, or `received unit:lights` for one. `none`: nobody.
//   facts    some of those recorded in this step, such as `clock_set`.
// A clock is its newest cycle; with `cycle`, that one, also if it is over. A
// clock whose start has not come is `idle`, of cycle 0.
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
  // One JSON object a step, on one line, whether or not anything was expected:
  //   scenario, step (from 1), at, what, did (the verb, or contact, tick,
  //   adopt, patch, look), refused (null or the message),
  //   cases    [{case, reference, state, phase, public_status, outcome, unit,
  //            priority, told_due, next_at, clocks}]
  //   facts    [{case, fact, at, text}], recorded in this step
  //   notices  [code], told in this step
  //   told     [{case, notice, recipient, channel, due, not_because}], with
  //            those who could not be told, and why
  //   sent     [{notice, channel, recipient, subject}], handed to notifiers
  // Each of `clocks`:
  //   id, cycle, state, due, due_next_open, elapsed, remaining, breached,
  //   breached_at, levels [code, in order of their instants], provisional,
  //   declared_event, reminder, shown, unit, calendar, because (the target's
  //   place in the policy),
  //   level_marks [{level, at, generation, repeat, missed, late, stale,
  //               withdrawn}]
  //   earlier  [{cycle, state, unit, started, ended, due, due_next_open,
  //            elapsed, paused, breached, breached_at}]: cycles that are over
  //   measured null or, once restated, {due, due_next_open, breached,
  //            breached_at} as first measured
  // Instants are RFC 3339 in UTC or null; elapsed, remaining and paused are
  // seconds, remaining null where nothing is promised.
  std::vector<std::string> json;
};

// A scenario from a file's text. Unknown fields are all told in one go, each
// with the nearest known one; a syntax error is told alone.
absl::StatusOr<v1::Scenario> ParseScenarioTextproto(std::string_view text);
absl::StatusOr<v1::Scenario> ParseScenarioJson(std::string_view text);

// Runs it. `policy` must be set: whoever reads files puts there what
// `policy_file` names, with what the scenario itself says merged into it.
absl::StatusOr<ScenarioRun> RunScenario(const v1::Scenario& scenario);

}  // namespace hotline

#endif  // HOTLINE_SCENARIO_H_
