#include "src/rules/sla/ladder.h"

#include <algorithm>

#include "hotline/limits.h"
#include "src/rules/sla/period.h"

namespace hotline::internal {
namespace {

Level ReadLevel(const v1::LevelSpec& spec) {
  Level level;
  level.code = spec.code();
  level.when = spec.when_case();
  level.measure = spec.measure();
  level.spec = &spec;
  switch (spec.when_case()) {
    case v1::LevelSpec::kPercent:
      level.count = spec.percent();
      break;
    case v1::LevelSpec::kBefore:
      level.amount = DurationOf(spec.before());
      break;
    case v1::LevelSpec::kAfter:
      level.amount = DurationOf(spec.after());
      break;
    case v1::LevelSpec::kDaysBefore:
      level.count = spec.days_before();
      break;
    case v1::LevelSpec::kDaysAfter:
      level.count = spec.days_after();
      break;
    default:
      break;
  }
  if (!spec.every().empty()) {
    level.every = DurationOf(spec.every());
    level.repeats = spec.times() > 0
                        ? std::min(spec.times() - 1, limits::kLevelRepeatsMax)
                        : limits::kLevelRepeatsMax;
    if (level.every <= absl::ZeroDuration()) level.repeats = 0;
  }
  return level;
}

}  // namespace

Levels ReadLevels(const v1::LadderSpec& ladder) {
  Levels levels;
  bool has_breach = false;
  for (const v1::LevelSpec& spec : ladder.levels()) {
    has_breach |= spec.has_breach();
    levels.push_back(ReadLevel(spec));
  }
  if (!has_breach) levels.push_back(Level{});
  return levels;
}

const Level* FindLevel(const Levels& levels, std::string_view code) {
  const auto found =
      std::find_if(levels.begin(), levels.end(),
                   [&](const Level& level) { return level.code == code; });
  return found == levels.end() ? nullptr : &*found;
}

int LastRecorded(const v1::ClockState& clock, std::string_view level) {
  int last = -1;
  for (const v1::LevelMark& mark : clock.levels()) {
    if (IsLive(mark) && mark.level() == level) {
      last = std::max(last, mark.repeat());
    }
  }
  return last;
}

int GenerationOf(const v1::ClockState& clock, std::string_view level) {
  int ended = 0;
  for (const v1::LevelMark& mark : clock.levels()) {
    if (!IsLive(mark) && mark.level() == level) {
      ended = std::max(ended, mark.generation());
    }
  }
  return ended + 1;
}

}  // namespace hotline::internal
