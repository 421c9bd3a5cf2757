#include "src/readers/scenario/check.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "hotline/policy.h"
#include "hotline/v1/event.pb.h"
#include "src/base/time.h"
#include "src/readers/scenario/compare.h"

namespace hotline::internal {
namespace {

constexpr char kInstantHint[] =
    "write 2026-02-13T09:00:00+08:00, with the offset";

void CheckInstant(const std::string& text, const std::string& path,
                  Problems* problems) {
  if (text.empty() || ParseRfc3339(text).ok()) return;
  problems->Add(path, absl::StrCat("is no instant: \"", text, "\""),
                kInstantHint);
}

void CheckLength(const std::string& text, const std::string& path,
                 Problems* problems) {
  absl::Duration d;
  if (absl::ParseDuration(text, &d)) return;
  problems->Add(path, absl::StrCat("is no duration: \"", text, "\""),
                "write 2h30m");
}

void CheckLevel(const std::string& text, const std::string& path,
                Problems* problems) {
  if (ParseLevel(text).has_value()) return;
  problems->Add(path, absl::StrCat("is no level: \"", text, "\""),
                "write its code, or more: \"warn@2026-02-13T09:00:00+08:00 "
                "late\"");
}

// One word out of those an enum of the vocabulary knows.
void CheckWord(const std::string& word, const std::vector<std::string>& known,
               const std::string& what, const std::string& path,
               Problems* problems) {
  const std::string low = absl::AsciiStrToLower(word);
  if (std::find(known.begin(), known.end(), low) != known.end()) return;
  std::string all;
  for (const std::string& k : known) {
    absl::StrAppend(&all, all.empty() ? "one of " : ", ", k);
  }
  const std::string near = Nearest(low, known);
  problems->Add(path, absl::StrCat("is no ", what, ": \"", word, "\""),
                near.empty() ? all : absl::StrCat("did you mean ", near, "?"));
}

void CheckClock(const v1::ClockExpectation& c, const std::string& path,
                Problems* problems) {
  if (c.clock().empty()) {
    problems->Add(path + ".clock", "is empty", "name the clock");
  }
  CheckInstant(c.due(), path + ".due", problems);
  CheckInstant(c.due_next_open(), path + ".due_next_open", problems);
  if (c.has_elapsed()) CheckLength(c.elapsed(), path + ".elapsed", problems);
  if (c.has_remaining()) {
    CheckLength(c.remaining(), path + ".remaining", problems);
  }
  if (c.has_state()) {
    CheckWord(c.state(), {"idle", "running", "paused", "stopped", "cancelled"},
              "state of a clock", path + ".state", problems);
  }
  for (int i = 0; i < c.levels_size(); ++i) {
    CheckLevel(c.levels(i), absl::StrCat(path, ".levels[", i, "]"), problems);
  }
}

void CheckExpectation(const v1::Expectation& e, const std::string& path,
                      Problems* problems) {
  if (e.has_phase()) {
    CheckWord(e.phase(), {"new", "active", "waiting", "resolved", "closed"},
              "phase", path + ".phase", problems);
  }
  std::vector<std::string> kinds;
  const google::protobuf::OneofDescriptor* kind =
      v1::Fact::descriptor()->FindOneofByName("kind");
  kinds.reserve(static_cast<size_t>(kind->field_count()));
  for (int i = 0; i < kind->field_count(); ++i) {
    kinds.push_back(kind->field(i)->name());
  }
  for (int i = 0; i < e.facts_size(); ++i) {
    CheckWord(e.facts(i), kinds, "fact", absl::StrCat(path, ".facts[", i, "]"),
              problems);
  }
  for (int c = 0; c < e.clocks_size(); ++c) {
    CheckClock(e.clocks(c), absl::StrCat(path, ".clocks[", c, "]"), problems);
  }
}

void CheckName(const std::string& name, const std::set<std::string>& known,
               const std::string& path, Problems* problems) {
  if (name.empty() || known.contains(name)) return;
  const std::string near = Nearest(name, {known.begin(), known.end()});
  problems->Add(path,
                absl::StrCat("no step before has named a case \"", name, "\""),
                near.empty() ? "name it by `as` where it is opened"
                             : absl::StrCat("did you mean ", near, "?"));
}

bool ExpectsRefusal(const v1::ScenarioStep& step) {
  return std::any_of(step.expect().begin(), step.expect().end(),
                     [](const auto& e) { return !e.error().empty(); });
}

void AddAll(const absl::Status& status, const std::string& path,
            Problems* problems) {
  const v1::ErrorInfo info = InfoOf(status);
  for (const v1::Problem& p : info.problems()) {
    problems->Add(absl::StrCat(path, p.path().empty() ? "" : ".", p.path()),
                  p.message(), p.hint());
  }
  if (info.problems().empty()) {
    problems->Add(path, std::string(status.message()),
                  "see proto/hotline/v1/policy.proto");
  }
}

}  // namespace

void CheckSteps(const v1::Scenario& scenario, Problems* problems) {
  std::set<std::string> names;
  absl::Time last = absl::InfinitePast();
  for (int i = 0; i < scenario.steps_size(); ++i) {
    const v1::ScenarioStep& step = scenario.steps(i);
    const std::string path = absl::StrCat("steps[", i, "]");
    const auto at = ParseRfc3339(step.at());
    if (!at.ok()) {
      problems->Add(path + ".at",
                    absl::StrCat("is no instant: \"", step.at(), "\""),
                    kInstantHint);
    } else if (*at < last) {
      problems->Add(path + ".at", "is earlier than the step before",
                    "put the steps in order; a late fact has command.at");
    } else {
      last = *at;
    }
    if (step.has_command() &&
        step.command().verb_case() == v1::Command::VERB_NOT_SET) {
      problems->Add(path + ".command", "says not what to do",
                    "set a verb, such as open {} or note {}");
    }
    CheckName(step.case_(), names, path + ".case", problems);
    if (!step.as().empty() && !names.insert(step.as()).second) {
      problems->Add(path + ".as",
                    absl::StrCat("names a second case \"", step.as(), "\""),
                    "choose another name");
    }
    for (int e = 0; e < step.expect_size(); ++e) {
      const std::string at_expect = absl::StrCat(path, ".expect[", e, "]");
      CheckName(step.expect(e).case_(), names, at_expect + ".case", problems);
      CheckExpectation(step.expect(e), at_expect, problems);
    }
  }
}

void CheckPolicies(const v1::Scenario& scenario, Problems* problems) {
  if (!scenario.has_policy()) {
    problems->Add("policy", "is missing",
                  "give the policy itself, or its file in policy_file");
    return;
  }
  std::optional<Policy> current;
  const auto take = [&](absl::StatusOr<Policy> policy, const std::string& path,
                        bool refused) {
    if (refused) return;  // and the one before stays in force
    if (policy.ok()) {
      current = *std::move(policy);
    } else {
      AddAll(policy.status(), path, problems);
    }
  };
  take(Policy::Create(scenario.policy()), "policy", false);
  for (int i = 0; i < scenario.steps_size(); ++i) {
    const v1::ScenarioStep& step = scenario.steps(i);
    const std::string path = absl::StrCat("steps[", i, "]");
    if (step.has_adopt()) {
      take(Policy::Create(step.adopt()), path + ".adopt", ExpectsRefusal(step));
    } else if (step.has_patch() && current.has_value()) {
      take(current->With(step.patch()), path + ".patch", ExpectsRefusal(step));
    }
  }
}

}  // namespace hotline::internal
