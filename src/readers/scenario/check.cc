#include "src/readers/scenario/check.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "src/base/time.h"
#include "src/readers/inspect/history.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

constexpr char kNone[] = "none";

void CheckInstant(const std::string& text, const std::string& path,
                  Problems* problems) {
  if (text.empty() || ParseRfc3339(text).ok()) return;
  problems->Add(path, absl::StrCat("is no instant: \"", text, "\""),
                "write 2026-02-13T09:00:00+08:00");
}

void CheckLength(const std::string& text, const std::string& path,
                 Problems* problems) {
  absl::Duration d;
  if (absl::ParseDuration(text, &d)) return;
  problems->Add(path, absl::StrCat("is no duration: \"", text, "\""),
                "write 2h30m");
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
  v1::ClockState::State state;
  if (c.has_state() &&
      !v1::ClockState::State_Parse(absl::AsciiStrToUpper(c.state()), &state)) {
    problems->Add(path + ".state",
                  absl::StrCat("is no state of a clock: \"", c.state(), "\""),
                  "one of idle, running, paused, stopped, cancelled");
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

// Collects what differs between one expectation and one case.
class Comparer {
 public:
  Comparer(int step, ScenarioRun* run) : step_(step), run_(run) {}

  void Text(const std::string& path, const std::string& expected,
            const std::string& actual) {
    ++run_->expectations;
    if (expected == actual) return;
    run_->differences.push_back({step_, path, expected, actual});
  }
  void Instant(const std::string& path, const std::string& expected, bool has,
               absl::Time actual) {
    const auto parsed = ParseRfc3339(expected);
    Text(path, parsed.ok() ? FormatUtc(*parsed) : kNone,
         has ? FormatUtc(actual) : kNone);
  }
  void Length(const std::string& path, const std::string& expected,
              int64_t actual_ms) {
    absl::Duration d;
    (void)absl::ParseDuration(expected, &d);  // checked before the run
    Text(path, absl::FormatDuration(d),
         absl::FormatDuration(absl::Milliseconds(actual_ms)));
  }
  template <typename List>
  void Codes(const std::string& path, const List& expected,
             const std::vector<std::string>& actual) {
    Text(path, absl::StrJoin(expected, " "),
         actual.empty() ? kNone : absl::StrJoin(actual, " "));
  }
  void Clock(const v1::ClockExpectation& expected, const v1::Case& actual,
             const std::string& path);

 private:
  const int step_;
  ScenarioRun* const run_;
};

void Comparer::Clock(const v1::ClockExpectation& expected,
                     const v1::Case& actual, const std::string& path) {
  const v1::ClockState* clock = NewestClock(actual, expected.clock());
  Text(path + ".clock", expected.clock(),
       clock == nullptr ? "no such clock" : clock->clock());
  if (clock == nullptr) return;
  if (expected.has_state()) {
    Text(path + ".state", LowerCase(expected.state()),
         LowerCase(v1::ClockState::State_Name(clock->state())));
  }
  if (expected.has_due()) {
    Instant(path + ".due", expected.due(), clock->has_due(), At(clock->due()));
  }
  if (expected.has_due_next_open()) {
    Instant(path + ".due_next_open", expected.due_next_open(),
            clock->has_due_next_open(), At(clock->due_next_open()));
  }
  if (expected.has_elapsed()) {
    Length(path + ".elapsed", expected.elapsed(), clock->elapsed_ms());
  }
  if (expected.has_remaining()) {
    Length(path + ".remaining", expected.remaining(), clock->remaining_ms());
  }
  if (expected.has_breached()) {
    Text(path + ".breached", expected.breached() ? "true" : "false",
         clock->breached() ? "true" : "false");
  }
  if (!expected.levels().empty()) {
    Codes(path + ".levels", expected.levels(), LevelsOf(*clock));
  }
}

std::string StatusWord(const std::string& word) {
  const std::string low = absl::StrReplaceAll(LowerCase(word), {{"_", "-"}});
  return low == "open-status" ? "open" : low;
}

}  // namespace

void CheckScenario(const v1::Scenario& scenario, Problems* problems) {
  if (!scenario.has_policy()) {
    problems->Add("policy", "is missing",
                  "give the policy itself, or its file in policy_file");
  }
  std::set<std::string> names;
  absl::Time last = absl::InfinitePast();
  for (int i = 0; i < scenario.steps_size(); ++i) {
    const v1::ScenarioStep& step = scenario.steps(i);
    const std::string path = absl::StrCat("steps[", i, "]");
    const auto at = ParseRfc3339(step.at());
    if (!at.ok()) {
      problems->Add(path + ".at",
                    absl::StrCat("is no instant: \"", step.at(), "\""),
                    "write 2026-02-13T09:00:00+08:00, with the offset");
    } else if (*at < last) {
      problems->Add(path + ".at", "is earlier than the step before",
                    "put the steps in order; a late fact has command.at");
    } else {
      last = *at;
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
      for (int c = 0; c < step.expect(e).clocks_size(); ++c) {
        CheckClock(step.expect(e).clocks(c),
                   absl::StrCat(at_expect, ".clocks[", c, "]"), problems);
      }
    }
  }
}

const v1::ClockState* NewestClock(const v1::Case& of, const std::string& code) {
  const v1::ClockState* newest = nullptr;
  for (const v1::ClockState& clock : of.clocks()) {
    if (clock.clock() == code &&
        (newest == nullptr || clock.cycle() > newest->cycle())) {
      newest = &clock;
    }
  }
  return newest;
}

std::vector<std::string> NoticesOf(const std::vector<v1::Fact>& facts) {
  std::vector<std::string> codes;
  for (const v1::Fact& fact : facts) {
    if (!fact.has_noticed() || !fact.noticed().not_because().empty()) continue;
    const std::string& code = fact.noticed().notice();
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) {
      codes.push_back(code);
    }
  }
  return codes;
}

std::vector<std::string> LevelsOf(const v1::ClockState& clock) {
  std::vector<const v1::LevelMark*> marks;
  for (const v1::LevelMark& mark : clock.levels()) {
    if (!mark.withdrawn()) marks.push_back(&mark);
  }
  std::stable_sort(
      marks.begin(), marks.end(),
      [](const auto* a, const auto* b) { return At(a->at()) < At(b->at()); });
  std::vector<std::string> codes;
  for (const v1::LevelMark* mark : marks) codes.push_back(mark->level());
  return codes;
}

void Compare(const v1::Expectation& expected, const CaseOutcome& actual,
             int step, const std::string& path, ScenarioRun* run) {
  Comparer compare(step, run);
  const v1::Case& now = actual.now;
  if (expected.has_state()) {
    compare.Text(path + ".state", expected.state(), now.state());
  }
  if (expected.has_phase()) {
    compare.Text(path + ".phase", LowerCase(expected.phase()),
                 LowerCase(v1::Phase_Name(now.phase())));
  }
  if (expected.has_unit()) {
    compare.Text(path + ".unit", expected.unit(), now.unit());
  }
  if (expected.has_priority()) {
    compare.Text(path + ".priority", expected.priority(), now.priority());
  }
  if (expected.has_public_status()) {
    compare.Text(path + ".public_status", StatusWord(expected.public_status()),
                 PublicStatusWord(now.public_status()));
  }
  if (expected.has_outcome()) {
    compare.Text(path + ".outcome", expected.outcome(), now.outcome());
  }
  for (int i = 0; i < expected.clocks_size(); ++i) {
    compare.Clock(expected.clocks(i), now,
                  absl::StrCat(path, ".clocks[", i, "]"));
  }
  if (!expected.notices().empty()) {
    std::vector<std::string> wanted(expected.notices().begin(),
                                    expected.notices().end());
    std::vector<std::string> got = NoticesOf(actual.facts);
    std::sort(wanted.begin(), wanted.end());
    std::sort(got.begin(), got.end());
    compare.Codes(path + ".notices", wanted, got);
  }
  std::vector<std::string> facts;
  for (const v1::Fact& fact : actual.facts) facts.push_back(FactName(fact));
  for (int i = 0; i < expected.facts_size(); ++i) {
    const std::string& name = expected.facts(i);
    const bool found =
        std::find(facts.begin(), facts.end(), name) != facts.end();
    compare.Text(absl::StrCat(path, ".facts[", i, "]"), name,
                 found ? name : absl::StrJoin(facts, " "));
  }
}

}  // namespace hotline::internal
