#include "src/rules/sla/checks.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/rules/sla/period.h"

namespace hotline::internal {
namespace {

constexpr int kDaysMax = static_cast<int>(limits::kTargetYearsMax * 365);
constexpr int kMonthsMax = static_cast<int>(limits::kTargetYearsMax * 12);
// A level that repeats faster than this only fills the log.
constexpr absl::Duration kEveryMin = absl::Minutes(1);

template <typename Specs>
void AddCodes(const Specs& specs, Codes* codes) {
  for (const auto& spec : specs) codes->Add(spec.code());
}

// Zero if there is something wrong with it.
absl::Duration CheckDuration(const std::string& text, const std::string& path,
                             Problems* problems) {
  const auto d = ParseDuration(text);
  if (!d.ok()) {
    problems->Add(path, ToStd(d.status().message()));
    return absl::ZeroDuration();
  }
  if (*d > absl::Hours(24 * kDaysMax)) {
    problems->Add(path,
                  absl::StrCat("is above ", limits::kTargetYearsMax, " years"),
                  "promise something a citizen lives to see");
    return absl::ZeroDuration();
  }
  return *d;
}

void CheckTimeOfDay(const std::string& text, const std::string& path,
                    Problems* problems) {
  if (text.empty()) return;
  const auto time = ParseTimeOfDay(text);
  if (!time.ok()) problems->Add(path, ToStd(time.status().message()));
}

void CheckCount(int count, int most, const std::string& path,
                Problems* problems) {
  if (count >= 1 && count <= most) return;
  problems->Add(path, absl::StrCat("is ", count),
                absl::StrCat("between 1 and ", most));
}

std::optional<absl::Time> CheckInstant(const std::string& text,
                                       const std::string& path,
                                       Problems* problems) {
  const auto at = ParseRfc3339(text);
  if (at.ok()) return *at;
  problems->Add(path, ToStd(at.status().message()));
  return std::nullopt;
}

void CheckUnique(const std::string& code, const std::string& path,
                 std::set<std::string>* seen, Problems* problems) {
  if (code.empty()) {
    problems->Add(path + ".code", "is empty", "give it a code");
  } else if (!seen->insert(code).second) {
    problems->Add(path + ".code", absl::StrCat("\"", code, "\" stands twice"),
                  "take one of them away");
  }
}

void CheckAmount(const v1::TargetSpec& target, const std::string& path,
                 Problems* problems) {
  switch (target.amount_case()) {
    case v1::TargetSpec::kWorkingTime:
      CheckDuration(target.working_time(), path + ".working_time", problems);
      break;
    case v1::TargetSpec::kElapsed:
      CheckDuration(target.elapsed(), path + ".elapsed", problems);
      break;
    case v1::TargetSpec::kWorkingDays:
      CheckCount(target.working_days(), kDaysMax, path + ".working_days",
                 problems);
      break;
    case v1::TargetSpec::kCalendarDays:
      CheckCount(target.calendar_days(), kDaysMax, path + ".calendar_days",
                 problems);
      break;
    case v1::TargetSpec::kCalendarMonths:
      CheckCount(target.calendar_months(), kMonthsMax,
                 path + ".calendar_months", problems);
      break;
    case v1::TargetSpec::AMOUNT_NOT_SET:
      problems->Add(path, "promises no amount",
                    "set one of working_time, elapsed, working_days, "
                    "calendar_days, calendar_months");
      break;
  }
}

// What only some kinds of target can say.
void CheckFits(const v1::TargetSpec& target, const std::string& path,
               Problems* problems) {
  const bool working = target.has_working_days();
  const bool months = target.has_calendar_months();
  const bool calendar = target.has_calendar_days() || months;
  const auto fits = [&](bool said, bool can, const char* field,
                        const char* what) {
    if (said && !can) {
      problems->Add(absl::StrCat(path, ".", field),
                    absl::StrCat("is for ", what, " only"), "take it away");
    }
  };
  fits(target.end() != v1::TargetSpec::DAY_END_UNSPECIFIED, working || calendar,
       "end", "targets of days and months");
  fits(!target.cut_off().empty(), working, "cut_off", "working days");
  fits(target.roll_start(), working, "roll_start", "working days");
  fits(target.roll_end(), calendar, "roll_end", "calendar days and months");
  fits(target.from_next_day(), months, "from_next_day", "calendar months");
  fits(target.first_day_counts(), working || calendar, "first_day_counts",
       "targets of days and months");
  fits(target.pause_by_dates(), working || calendar, "pause_by_dates",
       "targets of days and months");
  if (target.from_next_day() && target.first_day_counts()) {
    problems->Add(path + ".from_next_day",
                  "begins a day later, first_day_counts at once",
                  "say one of the two");
  }
}

void CheckHours(const v1::TargetSpec& target, const std::string& path,
                Problems* problems) {
  if ((target.end() == v1::TargetSpec::HOUR) == target.hour().empty()) {
    problems->Add(path + ".hour", "goes with end: HOUR, and only with it",
                  "such as end: HOUR hour: \"16:00\"");
  }
  CheckTimeOfDay(target.hour(), path + ".hour", problems);
  CheckTimeOfDay(target.cut_off(), path + ".cut_off", problems);
  CheckTimeOfDay(target.restart(), path + ".restart", problems);
  if (target.cut_off().empty() && !target.restart().empty()) {
    problems->Add(path + ".restart", "goes with cut_off",
                  "say from which hour on a start moves");
  }
}

void CheckWhen(const v1::LevelSpec& level, const std::string& path,
               Problems* problems) {
  switch (level.when_case()) {
    case v1::LevelSpec::kPercent:
      CheckCount(level.percent(), 1000, path + ".percent", problems);
      break;
    case v1::LevelSpec::kBefore:
      CheckDuration(level.before(), path + ".before", problems);
      break;
    case v1::LevelSpec::kAfter:
      CheckDuration(level.after(), path + ".after", problems);
      break;
    case v1::LevelSpec::kDaysBefore:
      CheckCount(level.days_before(), kDaysMax, path + ".days_before",
                 problems);
      break;
    case v1::LevelSpec::kDaysAfter:
      CheckCount(level.days_after(), kDaysMax, path + ".days_after", problems);
      break;
    case v1::LevelSpec::kBreach:
      if (!level.breach()) {
        problems->Add(path + ".breach", "is false", "set it or take it away");
      }
      break;
    case v1::LevelSpec::WHEN_NOT_SET:
      problems->Add(path, "says not when",
                    "set one of percent, before, breach, after, days_before, "
                    "days_after");
      break;
  }
}

bool ComesAfterDue(const v1::LevelSpec& level) {
  return level.has_breach() || level.has_after() || level.has_days_after();
}

void CheckRepeats(const v1::LevelSpec& level, const std::string& path,
                  Problems* problems) {
  if (!level.every().empty()) {
    const absl::Duration every =
        CheckDuration(level.every(), path + ".every", problems);
    if (every > absl::ZeroDuration() && every < kEveryMin) {
      problems->Add(path + ".every", "is shorter than a minute",
                    "a level may not arm itself again in one instant");
    }
    if (level.when_case() != v1::LevelSpec::WHEN_NOT_SET &&
        !ComesAfterDue(level)) {
      problems->Add(path + ".every", "is for levels at or after the breach",
                    "it goes with breach, after or days_after");
    }
  }
  if (level.times() < 0) {
    problems->Add(path + ".times", absl::StrCat("is ", level.times()),
                  "0 for no end, or how often in all");
  } else if (level.times() > 0 && level.every().empty()) {
    problems->Add(path + ".times", "goes with every",
                  "say how long after each other");
  }
  if (level.measure() != v1::LevelSpec::TARGETS_OWN && !level.has_before() &&
      !level.has_after() && level.every().empty()) {
    problems->Add(path + ".measure", "measures nothing here",
                  "it goes with before, after or every");
  }
}

// One amount as a figure that compares with others of its kind.
absl::Duration SizeOf(const v1::TargetSpec& target) {
  switch (target.amount_case()) {
    case v1::TargetSpec::kWorkingTime:
      return DurationOf(target.working_time());
    case v1::TargetSpec::kElapsed:
      return DurationOf(target.elapsed());
    case v1::TargetSpec::kWorkingDays:
      return absl::Hours(24) * target.working_days();
    case v1::TargetSpec::kCalendarDays:
      return absl::Hours(24) * target.calendar_days();
    case v1::TargetSpec::kCalendarMonths:
      return absl::Hours(24) * target.calendar_months();
    default:
      return absl::ZeroDuration();
  }
}

template <typename Triggers>
bool AnyPasses(const Triggers& triggers) {
  return std::any_of(triggers.begin(), triggers.end(), [](const auto& t) {
    return t.has_verb() || t.has_message();
  });
}

// Which cases a target holds for.
auto ScopeOf(const v1::TargetSpec& target) {
  return std::tuple(target.area(), target.unit(), target.priority());
}

}  // namespace

void Codes::Add(const std::string& code) {
  index_.emplace(code, static_cast<int>(order_.size()));
  order_.push_back(code);
}

int Codes::IndexOf(const std::string& code) const {
  const auto at = index_.find(code);
  return at == index_.end() ? -1 : at->second;
}

void Codes::CheckKnown(const std::string& code, const std::string& path,
                       const char* what, Problems* problems) const {
  if (code.empty() || index_.contains(code)) return;
  const std::string near = Nearest(code, order_);
  problems->Add(path, absl::StrCat("there is no ", what, " \"", code, "\""),
                near.empty() ? absl::StrCat("declare the ", what, " first")
                             : absl::StrCat("did you mean \"", near, "\"?"));
}

SlaChecker::SlaChecker(const v1::PolicySpec& policy, const v1::PolicySpec& own)
    : own_(own) {
  for (const auto& calendar : policy.calendars()) {
    calendars_.Add(calendar.id());
  }
  for (const auto& unit : policy.units()) {
    units_.Add(unit.code());
    unit_calendars_ |= !unit.calendar().empty();
  }
  AddCodes(policy.areas(), &areas_);
  AddCodes(policy.priorities(), &priorities_);
  AddCodes(policy.categories(), &categories_);
  AddCodes(policy.clocks(), &clocks_);
  AddCodes(policy.ladders(), &ladders_);
}

const v1::LadderSpec* SlaChecker::FindLadder(const std::string& code) const {
  const int i = ladders_.IndexOf(code);
  return i < 0 ? nullptr : &own_.ladders(i);
}

void SlaChecker::TargetList(const Targets& targets, const std::string& path,
                            const std::string& calendar,
                            const std::string& ladder,
                            Problems* problems) const {
  std::map<decltype(ScopeOf(targets.Get(0))), int> seen;
  for (int i = 0; i < targets.size(); ++i) {
    const std::string at = absl::StrCat(path, ".targets[", i, "]");
    Target(targets.Get(i), at, calendar, ladder, problems);
    const auto [first, fresh] = seen.emplace(ScopeOf(targets.Get(i)), i);
    if (!fresh) {
      problems->Add(at,
                    absl::StrCat("holds for the same cases as targets[",
                                 first->second, "]"),
                    "tell them apart by `priority`, `area` or `unit`");
    }
  }
  Rearming(targets, path, ladder, problems);
}

void SlaChecker::Target(const v1::TargetSpec& target, const std::string& path,
                        const std::string& calendar, const std::string& ladder,
                        Problems* problems) const {
  CheckAmount(target, path, problems);
  CheckFits(target, path, problems);
  CheckHours(target, path, problems);
  priorities_.CheckKnown(target.priority(), path + ".priority", "priority",
                         problems);
  areas_.CheckKnown(target.area(), path + ".area", "area", problems);
  units_.CheckKnown(target.unit(), path + ".unit", "unit", problems);
  calendars_.CheckKnown(target.calendar(), path + ".calendar", "calendar",
                        problems);
  Hours(target, path, calendar, ladder, problems);
}

// Somebody's hours must count what counts working time.
void SlaChecker::Hours(const v1::TargetSpec& target, const std::string& path,
                       const std::string& calendar, const std::string& ladder,
                       Problems* problems) const {
  if (!target.calendar().empty() || !calendar.empty() || unit_calendars_) {
    return;
  }
  if (CountsWorkingTime(target) || target.roll_end()) {
    problems->Add(path + ".calendar", "is missing for working time",
                  "name a calendar here, on the clock or on the units");
    return;
  }
  const v1::LadderSpec* levels = FindLadder(ladder);
  if (levels == nullptr) return;
  for (const v1::LevelSpec& level : levels->levels()) {
    if (level.measure() != v1::LevelSpec::WORKING_TIME) continue;
    problems->Add(path + ".calendar",
                  absl::StrCat("is missing for the working time of level \"",
                               level.code(), "\""),
                  "name a calendar here, on the clock or on the units");
    return;
  }
}

// A level that raises the priority must not thereby win time: the clock would
// lie below it again, and it would fire again.
void SlaChecker::Rearming(const Targets& targets, const std::string& path,
                          const std::string& ladder, Problems* problems) const {
  const v1::LadderSpec* levels = FindLadder(ladder);
  if (levels == nullptr) return;
  for (const v1::LevelSpec& level : levels->levels()) {
    const int raised = priorities_.IndexOf(level.raise_priority());
    if (raised < 0) continue;
    for (int i = 0; i < targets.size(); ++i) {
      const v1::TargetSpec& to = targets.Get(i);
      if (to.priority() != level.raise_priority()) continue;
      for (int k = 0; k < targets.size(); ++k) {
        const v1::TargetSpec& from = targets.Get(k);
        if (to.area() == from.area() && to.unit() == from.unit() &&
            (from.priority().empty() ||
             priorities_.IndexOf(from.priority()) < raised) &&
            to.amount_case() == from.amount_case() &&
            SizeOf(to) > SizeOf(from)) {
          problems->Add(
              absl::StrCat(path, ".targets[", i, "]"),
              absl::StrCat("is longer than targets[", k, "], though level \"",
                           level.code(), "\" raises cases to it"),
              "the level would lie ahead again and fire again: promise no "
              "more time to the more urgent");
        }
      }
    }
  }
}

void SlaChecker::Clock(const v1::ClockSpec& clock, const std::string& path,
                       Problems* problems) const {
  calendars_.CheckKnown(clock.calendar(), path + ".calendar", "calendar",
                        problems);
  ladders_.CheckKnown(clock.ladder(), path + ".ladder", "ladder", problems);
  TargetList(clock.targets(), path, clock.calendar(), clock.ladder(), problems);
  if (!clock.resume().empty() && !AnyPasses(clock.pause())) {
    problems->Add(path + ".resume",
                  "ends a pause by verb or message, and there is none",
                  "a pause in a phase or state ends with it");
  }
  if (clock.agreement() != v1::ClockSpec::SERVICE_LEVEL &&
      !clock.start().empty()) {
    problems->Add(path + ".start",
                  "is given by the agreement: the hand-over to the unit",
                  "take start or agreement away");
  }
}

void SlaChecker::Event(const v1::DeclaredEventSpec& event,
                       const std::string& path, Problems* problems) const {
  const auto from = CheckInstant(event.from(), path + ".from", problems);
  const auto until = CheckInstant(event.until(), path + ".until", problems);
  if (from && until && *from >= *until) {
    problems->Add(path + ".until", "is not after `from`",
                  "an event lasts from `from` until just before `until`");
  }
  if (!event.announced().empty()) {
    CheckInstant(event.announced(), path + ".announced", problems);
  }
  for (int i = 0; i < event.areas_size(); ++i) {
    areas_.CheckKnown(event.areas(i), absl::StrCat(path, ".areas[", i, "]"),
                      "area", problems);
  }
  if (event.targets().empty()) {
    problems->Add(path + ".targets", "is empty",
                  "say what is promised while it lasts");
  }
  for (int i = 0; i < event.targets_size(); ++i) {
    const v1::DeclaredEventSpec::Target& on = event.targets(i);
    const std::string at = absl::StrCat(path, ".targets[", i, "]");
    categories_.CheckKnown(on.category(), at + ".category", "category",
                           problems);
    clocks_.CheckKnown(on.clock(), at + ".clock", "clock", problems);
    if (on.clock().empty()) {
      problems->Add(at + ".clock", "is empty", "name one of `clocks`");
    }
    const int clock = clocks_.IndexOf(on.clock());
    Target(on.target(), at + ".target",
           clock < 0 ? "" : own_.clocks(clock).calendar(),
           clock < 0 ? "" : own_.clocks(clock).ladder(), problems);
  }
}

// Two events of one time, one category and clock, and one area.
void SlaChecker::EventTies(const v1::PolicySpec& policy,
                           Problems* problems) const {
  struct Place {
    absl::Time from, until;
    const std::string* area;  // null: every one
    int event, target;
  };
  std::map<
      std::tuple<std::string, std::string, decltype(ScopeOf(v1::TargetSpec()))>,
      std::vector<Place>>
      places;
  for (int i = 0; i < policy.declared_events_size(); ++i) {
    const v1::DeclaredEventSpec& event = policy.declared_events(i);
    const auto from = ParseRfc3339(event.from());
    const auto until = ParseRfc3339(event.until());
    if (!from.ok() || !until.ok()) continue;
    for (int k = 0; k < event.targets_size(); ++k) {
      const auto& on = event.targets(k);
      auto& same = places[{on.category(), on.clock(), ScopeOf(on.target())}];
      std::vector<Place> added;
      for (const std::string& area : event.areas()) {
        added.push_back({*from, *until, &area, i, k});
      }
      if (added.empty()) added.push_back({*from, *until, nullptr, i, k});
      const auto meets = [&](const Place& a) {
        return std::any_of(added.begin(), added.end(), [&](const Place& b) {
          const bool area = a.area == nullptr || b.area == nullptr
                                ? a.area == b.area
                                : *a.area == *b.area;
          return area && a.from < b.until && b.from < a.until;
        });
      };
      const auto tie = std::find_if(same.begin(), same.end(), meets);
      if (tie != same.end()) {
        problems->Add(
            absl::StrCat("declared_events[", i, "].targets[", k, "]"),
            absl::StrCat("holds for the same cases at the same time as "
                         "declared_events[",
                         tie->event, "].targets[", tie->target, "]"),
            "let one end before the other begins, or tell them apart by "
            "category, area or priority");
      }
      same.insert(same.end(), added.begin(), added.end());
    }
  }
}

void SlaChecker::CheckAll(const v1::PolicySpec& policy,
                          Problems* problems) const {
  std::set<std::string> seen;
  for (int i = 0; i < policy.priorities_size(); ++i) {
    CheckUnique(policy.priorities(i).code(),
                absl::StrCat("priorities[", i, "]"), &seen, problems);
  }
  seen.clear();
  for (int i = 0; i < policy.ladders_size(); ++i) {
    const std::string at = absl::StrCat("ladders[", i, "]");
    CheckUnique(policy.ladders(i).code(), at, &seen, problems);
    Ladder(policy.ladders(i), at, problems);
  }
  seen.clear();
  for (int i = 0; i < policy.clocks_size(); ++i) {
    const std::string at = absl::StrCat("clocks[", i, "]");
    CheckUnique(policy.clocks(i).code(), at, &seen, problems);
    Clock(policy.clocks(i), at, problems);
  }
  seen.clear();
  for (int i = 0; i < policy.declared_events_size(); ++i) {
    const std::string at = absl::StrCat("declared_events[", i, "]");
    CheckUnique(policy.declared_events(i).code(), at, &seen, problems);
    Event(policy.declared_events(i), at, problems);
  }
  EventTies(policy, problems);
}

void SlaChecker::Ladder(const v1::LadderSpec& ladder, const std::string& path,
                        Problems* problems) const {
  std::set<std::string> seen;
  int breaches = 0;
  if (ladder.levels().empty()) {
    problems->Add(path + ".levels", "is empty", "a ladder needs levels");
  }
  for (int i = 0; i < ladder.levels_size(); ++i) {
    const v1::LevelSpec& level = ladder.levels(i);
    const std::string at = absl::StrCat(path, ".levels[", i, "]");
    if (level.code().empty() || !seen.insert(level.code()).second) {
      problems->Add(at + ".code",
                    level.code().empty() ? "is empty" : "stands twice",
                    "give each level a code of its own");
    }
    if (level.code() == "breach" && !level.has_breach()) {
      problems->Add(at + ".code", "\"breach\" is the breach itself",
                    "set `breach: true` or take another code");
    }
    if (level.has_breach() && ++breaches > 1) {
      problems->Add(at + ".breach", "stands twice in the ladder",
                    "a clock breaks once");
    }
    CheckWhen(level, at, problems);
    CheckRepeats(level, at, problems);
    priorities_.CheckKnown(level.raise_priority(), at + ".raise_priority",
                           "priority", problems);
  }
}

void SlaChecker::CheckUse(const v1::ClockUse& use, const std::string& path,
                          Problems* problems) const {
  clocks_.CheckKnown(use.clock(), path + ".clock", "clock", problems);
  ladders_.CheckKnown(use.ladder(), path + ".ladder", "ladder", problems);
  if (use.clock().empty()) {
    problems->Add(path + ".clock", "is empty", "name one of `clocks`");
  }
  const int i = clocks_.IndexOf(use.clock());
  const v1::ClockSpec none;
  const v1::ClockSpec& clock = i < 0 ? none : own_.clocks(i);
  TargetList(use.targets(), path, clock.calendar(),
             use.ladder().empty() ? clock.ladder() : use.ladder(), problems);
  if (use.targets().empty() && !use.ladder().empty()) {
    // The clock's own targets under another ladder.
    const std::string at = absl::StrCat("clocks[", i, "]");
    for (int k = 0; k < clock.targets_size(); ++k) {
      const v1::TargetSpec& target = clock.targets(k);
      if (CountsWorkingTime(target) || target.roll_end()) continue;
      Hours(target, absl::StrCat(at, ".targets[", k, "]"), clock.calendar(),
            use.ladder(), problems);
    }
    Rearming(clock.targets(), at, use.ladder(), problems);
  }
  if (i >= 0 && use.targets().empty() && clock.targets().empty()) {
    problems->Add(path,
                  absl::StrCat("clock \"", use.clock(),
                               "\" has no target here nor of its own"),
                  "set `targets`, here or on the clock");
  }
}

}  // namespace hotline::internal
