// What moved a clock, and whom it escalated to.
#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "src/base/absl_bridge.h"
#include "src/readers/inspect/derive.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

const v1::LadderSpec* LadderOf(const Policy* policy, const std::string& code) {
  if (policy == nullptr) return nullptr;
  for (const v1::LadderSpec& ladder : policy->spec().ladders()) {
    if (ladder.code() == code) return &ladder;
  }
  return nullptr;
}

const v1::LevelSpec* LevelOf(const v1::LadderSpec* ladder,
                             const std::string& code) {
  if (ladder == nullptr) return nullptr;
  for (const v1::LevelSpec& level : ladder->levels()) {
    if (level.code() == code) return &level;
  }
  return nullptr;
}

std::string LevelName(const v1::LevelSpec* spec, const std::string& code,
                      std::string_view language) {
  return spec == nullptr ? code : NameIn(spec->names(), language, code);
}

Sentence WhenOf(const v1::LevelSpec* spec, const std::string& ladder) {
  if (spec == nullptr) return Sentence();
  return {Saying::kLevelWhen, 0, {{"level_spec", *spec}, {"ladder", ladder}}};
}

// The millisecond after an instant, as of a breach, is said as the instant.
When Whole(absl::Time at) {
  return {absl::FromUnixSeconds(absl::ToUnixSeconds(at))};
}

Sentence Recorded(const v1::LevelMark& mark, const v1::LevelSpec* spec,
                  const ClockQuestion& q) {
  Sentence raises, repeat;
  if (spec != nullptr && !spec->raise_priority().empty()) {
    raises = {Saying::kLevelRaises, 0, {{"priority", spec->raise_priority()}}};
  }
  if (mark.repeat() > 0) {
    repeat = {
        Saying::kLevelRepeat,
        0,
        {{"n", int64_t{mark.repeat()}}, {"missed", int64_t{mark.missed()}}}};
  }
  const auto flag = [](bool set, Saying saying) {
    return Sentence(set ? saying : Saying::kNothing);
  };
  return {Saying::kLevelReached,
          mark.late() ? 33 : 30,
          {{"level", LevelName(spec, mark.level(), q.language)},
           {"at", Whole(At(mark.at()))},
           {"when", WhenOf(spec, q.one.clock.ladder())},
           {"raises", raises},
           {"repeat", repeat},
           {"late", flag(mark.late(), Saying::kLevelLate)},
           {"stale", flag(mark.stale(), Saying::kLevelStale)},
           {"withdrawn", flag(mark.withdrawn(), Saying::kLevelWithdrawn)}}};
}

bool IsOfThisRun(const v1::ClockState& clock, std::string_view code,
                 int cycle) {
  return clock.clock() == code && clock.cycle() == cycle;
}

void AddMove(const v1::Event& event, const v1::Fact& fact,
             const ClockQuestion& q, std::vector<Sentence>* moves) {
  const v1::ClockState& clock = q.one.clock;
  const Part number{"event", event.version()};
  const Part judge{"policy_version", event.policy_version()};
  const Part at{"at", When{At(fact.at())}};
  if (fact.has_clock_set()) {
    const v1::ClockSet& set = fact.clock_set();
    const Part because{"because", BecauseOf(set.because())};
    if (!IsOfThisRun(clock, set.clock().clock(), set.clock().cycle()) ||
        !set.has_moved_from()) {
      return;
    }
    const Part from{"from", EndOf(q, At(set.moved_from()))};
    if (set.clock().has_due()) {
      moves->push_back({Saying::kMoved,
                        27,
                        {number,
                         judge,
                         at,
                         from,
                         {"to", EndOf(q, At(set.clock().due()))},
                         because}});
    } else {
      moves->push_back(
          {Saying::kNoLongerDue, 16, {number, judge, at, from, because}});
    }
  }
  if (fact.has_level_withdrawn() && fact.level_withdrawn().breach() &&
      IsOfThisRun(clock, fact.level_withdrawn().clock(),
                  fact.level_withdrawn().cycle())) {
    moves->push_back(
        {Saying::kBreachWithdrawn,
         28,
         {number,
          judge,
          at,
          {"because", BecauseOf(fact.level_withdrawn().because())}}});
  }
}

}  // namespace

Sentence BecauseOf(std::string_view because) {
  static constexpr std::pair<std::string_view, Saying> kKnown[] = {
      {"pause", Saying::kBecausePause},
      {"wait", Saying::kBecausePause},
      {"resume", Saying::kBecausePause},
      {"extension", Saying::kBecauseExtension},
      {"extend", Saying::kBecauseExtension},
      {"grant_extension", Saying::kBecauseExtension},
      {"approve_extension", Saying::kBecauseExtension},
      {"priority", Saying::kBecausePriority},
      {"category", Saying::kBecauseCategory},
      {"unit", Saying::kBecauseUnit},
      {"transfer", Saying::kBecauseUnit},
      {"assign", Saying::kBecauseUnit},
      {"closure", Saying::kBecauseClosure},
      {"reopened", Saying::kBecauseReopened},
      {"reopen", Saying::kBecauseReopened},
      {"handed over", Saying::kBecauseUnit},
      {"restated", Saying::kBecauseRestated},
      {"area", Saying::kBecauseArea},
      {"promised before", Saying::kBecausePromised},
  };
  for (const auto& [word, saying] : kKnown) {
    if (word == because) return Sentence(saying);
  }
  absl::string_view rest = ToAbsl(because);
  int64_t version = 0;
  if (absl::ConsumePrefix(&rest, "policy ") &&
      absl::SimpleAtoi(rest, &version)) {
    return {Saying::kBecausePolicy, 0, {{"version", version}}};
  }
  return {Saying::kBecauseOther, 0, {{"because", std::string(because)}}};
}

std::vector<Sentence> Moves(const ClockQuestion& question) {
  std::vector<Sentence> moves;
  const v1::ClockState& clock = question.one.clock;
  if (clock.has_target_since()) {
    moves.push_back(
        {Saying::kTargetSince, 22, {{"at", When{At(clock.target_since())}}}});
  }
  for (const v1::Event& event : question.events) {
    for (const v1::Fact& fact : event.facts()) {
      AddMove(event, fact, question, &moves);
    }
  }
  return moves;
}

std::vector<Sentence> LevelSteps(const ClockQuestion& question) {
  std::vector<Sentence> steps;
  const v1::ClockState& clock = question.one.clock;
  const v1::LadderSpec* ladder = LadderOf(question.policy, clock.ladder());
  for (const v1::LevelMark& mark : clock.levels()) {
    steps.push_back(Recorded(mark, LevelOf(ladder, mark.level()), question));
  }
  // A case that is only imagined has had no time to escalate.
  if (clock.levels().empty() && !question.imagined) {
    steps.emplace_back(
        clock.ladder().empty() ? Saying::kNoLadder : Saying::kNotEscalated, 30);
  }
  if (question.policy == nullptr || clock.state() != v1::ClockState::RUNNING) {
    return steps;
  }
  for (const LevelReached& level :
       question.policy->sla().Levels(question.place(), clock)) {
    if (level.at <= question.now || level.spec == nullptr) continue;
    steps.push_back(
        {Saying::kLevelAhead,
         30,
         {{"level", LevelName(level.spec, level.level, question.language)},
          {"at", Whole(level.at)},
          {"when", WhenOf(level.spec, clock.ladder())}}});
  }
  return steps;
}

}  // namespace hotline::internal
