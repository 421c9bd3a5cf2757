#include "src/readers/scenario/compare.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/history.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

constexpr char kNone[] = "none";

// The newest cycle of a clock; null if the case has none of that code.
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

// A cycle that is over, in the shape of a clock.
std::optional<v1::ClockState> EarlierCycle(const v1::ClockState& clock,
                                           int cycle) {
  for (const v1::ClockCycle& earlier : clock.earlier()) {
    if (earlier.cycle() != cycle) continue;
    v1::ClockState state;
    state.set_clock(clock.clock());
    state.set_cycle(cycle);
    state.set_state(earlier.state());
    if (earlier.has_due()) *state.mutable_due() = earlier.due();
    if (earlier.has_due_next_open()) {
      *state.mutable_due_next_open() = earlier.due_next_open();
    }
    state.set_breached(earlier.breached());
    state.set_elapsed_ms(earlier.elapsed_ms());
    return state;
  }
  return std::nullopt;
}

bool Matches(const ExpectedLevel& expected, const v1::LevelMark& mark) {
  return expected.code == mark.level() &&
         (!expected.at.has_value() || *expected.at == At(mark.at())) &&
         (!expected.late || mark.late()) && (!expected.stale || mark.stale()) &&
         (!expected.missed.has_value() || *expected.missed == mark.missed()) &&
         (!expected.generation.has_value() ||
          *expected.generation == mark.generation());
}

std::string InFull(const v1::LevelMark& mark) {
  return absl::StrCat(
      mark.level(), "@", FormatUtc(At(mark.at())), mark.late() ? " late" : "",
      mark.stale() ? " stale" : "",
      mark.missed() > 0 ? absl::StrCat(" missed=", mark.missed()) : "",
      mark.generation() > 1 ? absl::StrCat(" generation=", mark.generation())
                            : "");
}

std::string StatusWord(const std::string& word) {
  const std::string low = absl::StrReplaceAll(LowerCase(word), {{"_", "-"}});
  return low == "open-status" ? "open" : low;
}

// Collects what differs between one expectation and one case.
class Comparer {
 public:
  Comparer(int step, ScenarioRun* run) : step_(step), run_(run) {}

  void Text(const std::string& path, const std::string& expected,
            const std::string& actual) {
    Verdict(path, expected == actual, expected, actual);
  }
  void Flag(const std::string& path, bool expected, bool actual) {
    Text(path, expected ? "true" : "false", actual ? "true" : "false");
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
  void Clock(const v1::ClockExpectation& expected, const v1::Case& actual,
             const std::string& path);
  void Notices(const v1::Expectation& expected, const CaseOutcome& actual,
               const std::string& path);

 private:
  void Verdict(const std::string& path, bool holds, const std::string& expected,
               const std::string& actual) {
    ++run_->expectations;
    if (!holds) run_->differences.push_back({step_, path, expected, actual});
  }
  void Levels(const v1::ClockExpectation& expected, const v1::ClockState& clock,
              const std::string& path);

  const int step_;
  ScenarioRun* const run_;
};

void Comparer::Levels(const v1::ClockExpectation& expected,
                      const v1::ClockState& clock, const std::string& path) {
  const std::vector<const v1::LevelMark*> marks = LevelsOf(clock);
  std::vector<ExpectedLevel> wanted;
  for (const std::string& text : expected.levels()) {
    if (text != kNone) wanted.push_back(*ParseLevel(text));
  }
  const bool holds = std::equal(
      wanted.begin(), wanted.end(), marks.begin(), marks.end(),
      [](const auto& want, const auto* mark) { return Matches(want, *mark); });
  const std::string all = absl::StrJoin(expected.levels(), ", ");
  const bool in_full = all.find_first_of("@ =") != std::string::npos;
  std::vector<std::string> got;
  got.reserve(marks.size());
  for (const v1::LevelMark* mark : marks) {
    got.push_back(in_full ? InFull(*mark) : mark->level());
  }
  Verdict(path, holds, all, got.empty() ? kNone : absl::StrJoin(got, ", "));
}

void Comparer::Clock(const v1::ClockExpectation& expected,
                     const v1::Case& actual, const std::string& path) {
  const v1::ClockState* clock = NewestClock(actual, expected.clock());
  Text(path + ".clock", expected.clock(),
       clock == nullptr ? "no such clock" : clock->clock());
  if (clock == nullptr) return;
  std::optional<v1::ClockState> earlier;
  if (expected.has_cycle()) {
    earlier = EarlierCycle(*clock, expected.cycle());
    if (earlier.has_value()) clock = &*earlier;
    Text(path + ".cycle", absl::StrCat(expected.cycle()),
         absl::StrCat(clock->cycle()));
  }
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
    Flag(path + ".breached", expected.breached(), clock->breached());
  }
  if (expected.has_provisional()) {
    Flag(path + ".provisional", expected.provisional(), clock->provisional());
  }
  if (!expected.levels().empty()) Levels(expected, *clock, path + ".levels");
}

void Comparer::Notices(const v1::Expectation& expected,
                       const CaseOutcome& actual, const std::string& path) {
  // A code stands for everybody who is told it, `code recipient` for one.
  std::set<std::pair<std::string, std::string>> told;
  for (const v1::Fact& fact : actual.facts) {
    if (!fact.has_noticed() || !fact.noticed().not_because().empty()) continue;
    told.emplace(fact.noticed().notice(), fact.noticed().recipient());
  }
  const auto same = [](const std::string& want, const auto& notice) {
    return want == notice.first ||
           want == absl::StrCat(notice.first, " ", notice.second);
  };
  bool in_full = false;
  bool holds = true;
  for (const std::string& want : expected.notices()) {
    if (want == kNone) continue;
    in_full |= want.find(' ') != std::string::npos;
    holds &= std::any_of(told.begin(), told.end(),
                         [&](const auto& t) { return same(want, t); });
  }
  std::set<std::string> got;
  for (const auto& notice : told) {
    holds &= std::any_of(
        expected.notices().begin(), expected.notices().end(),
        [&](const std::string& want) { return same(want, notice); });
    got.insert(in_full ? absl::StrCat(notice.first, " ", notice.second)
                       : notice.first);
  }
  Verdict(path, holds, absl::StrJoin(expected.notices(), ", "),
          got.empty() ? kNone : absl::StrJoin(got, ", "));
}

}  // namespace

std::optional<ExpectedLevel> ParseLevel(std::string_view text) {
  const std::vector<std::string> words =
      absl::StrSplit(ToAbsl(text), ' ', absl::SkipEmpty());
  if (words.empty()) return std::nullopt;
  const std::pair<std::string, std::string> first =
      absl::StrSplit(words[0], absl::MaxSplits('@', 1));
  ExpectedLevel level{.code = first.first};
  if (level.code.size() < words[0].size()) {
    const auto at = ParseRfc3339(first.second);
    if (level.code.empty() || !at.ok()) return std::nullopt;
    level.at = *at;
  }
  for (size_t i = 1; i < words.size(); ++i) {
    absl::string_view word = words[i];
    int n = 0;
    if (word == "late") {
      level.late = true;
    } else if (word == "stale") {
      level.stale = true;
    } else if (absl::ConsumePrefix(&word, "missed=") &&
               absl::SimpleAtoi(word, &n)) {
      level.missed = n;
    } else if (absl::ConsumePrefix(&word, "generation=") &&
               absl::SimpleAtoi(word, &n)) {
      level.generation = n;
    } else {
      return std::nullopt;
    }
  }
  return level;
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

std::vector<const v1::LevelMark*> LevelsOf(const v1::ClockState& clock) {
  std::vector<const v1::LevelMark*> marks;
  for (const v1::LevelMark& mark : clock.levels()) {
    if (!mark.withdrawn()) marks.push_back(&mark);
  }
  std::stable_sort(
      marks.begin(), marks.end(),
      [](const auto* a, const auto* b) { return At(a->at()) < At(b->at()); });
  return marks;
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
    compare.Notices(expected, actual, path + ".notices");
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
