#include "src/rules/sla/checks.h"

#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"

namespace hotline::internal {
namespace {

constexpr int kDaysMax = static_cast<int>(limits::kTargetYearsMax * 365);

// The codes of a repeated field, for look-up and hints.
template <typename Specs>
std::vector<std::string> CodesOf(const Specs& specs) {
  std::vector<std::string> codes;
  for (const auto& spec : specs) codes.push_back(spec.code());
  return codes;
}

std::vector<std::string> CalendarIds(const v1::PolicySpec& spec) {
  std::vector<std::string> ids;
  for (const auto& calendar : spec.calendars()) ids.push_back(calendar.id());
  return ids;
}

void CheckKnown(const std::string& code, const std::vector<std::string>& known,
                const std::string& path, const char* what, Problems* problems) {
  if (code.empty()) return;
  for (const std::string& k : known) {
    if (k == code) return;
  }
  const std::string near = Nearest(code, known);
  problems->Add(path, absl::StrCat("there is no ", what, " \"", code, "\""),
                near.empty() ? absl::StrCat("declare the ", what, " first")
                             : absl::StrCat("did you mean \"", near, "\"?"));
}

void CheckDuration(const std::string& text, const std::string& path,
                   Problems* problems) {
  const auto d = ParseDuration(text);
  if (!d.ok()) {
    problems->Add(path, ToStd(d.status().message()));
  } else if (*d > absl::Hours(24 * kDaysMax)) {
    problems->Add(path,
                  absl::StrCat("is above ", limits::kTargetYearsMax, " years"),
                  "promise something a citizen lives to see");
  }
}

void CheckTimeOfDay(const std::string& text, const std::string& path,
                    Problems* problems) {
  if (text.empty()) return;
  const auto time = ParseTimeOfDay(text);
  if (!time.ok()) problems->Add(path, ToStd(time.status().message()));
}

class TargetChecker {
 public:
  TargetChecker(const v1::PolicySpec& spec, Problems* problems)
      : spec_(spec),
        calendars_(CalendarIds(spec)),
        priorities_(CodesOf(spec.priorities())),
        areas_(CodesOf(spec.areas())),
        problems_(problems) {}

  template <typename Targets>
  void CheckAll(const Targets& targets, const std::string& path,
                const std::string& clock_calendar) {
    std::map<std::pair<std::string, std::string>, int> seen;
    for (int i = 0; i < targets.size(); ++i) {
      const v1::TargetSpec& target = targets.Get(i);
      const std::string at = absl::StrCat(path, ".targets[", i, "]");
      Check(target, at, clock_calendar);
      const auto [first, fresh] =
          seen.emplace(std::pair(target.area(), target.priority()), i);
      if (!fresh) {
        problems_->Add(at,
                       absl::StrCat("holds for the same cases as targets[",
                                    first->second, "]"),
                       "tell them apart by `priority` or `area`");
      }
    }
  }

 private:
  void Check(const v1::TargetSpec& target, const std::string& at,
             const std::string& clock_calendar) {
    Amount(target, at);
    Days(target, at);
    CheckKnown(target.priority(), priorities_, at + ".priority", "priority",
               problems_);
    CheckKnown(target.area(), areas_, at + ".area", "area", problems_);
    CheckKnown(target.calendar(), calendars_, at + ".calendar", "calendar",
               problems_);
    const bool needs = target.has_working_time() || target.has_working_days();
    bool some_unit_has_one = false;
    for (const auto& unit : spec_.units()) {
      some_unit_has_one |= !unit.calendar().empty();
    }
    if (needs && target.calendar().empty() && clock_calendar.empty() &&
        !some_unit_has_one) {
      problems_->Add(at + ".calendar", "is missing for working time",
                     "name a calendar here, on the clock or on the units");
    }
  }

  void Amount(const v1::TargetSpec& target, const std::string& at) {
    switch (target.amount_case()) {
      case v1::TargetSpec::kWorkingTime:
        CheckDuration(target.working_time(), at + ".working_time", problems_);
        break;
      case v1::TargetSpec::kElapsed:
        CheckDuration(target.elapsed(), at + ".elapsed", problems_);
        break;
      case v1::TargetSpec::kWorkingDays:
        DayCount(target.working_days(), at + ".working_days");
        break;
      case v1::TargetSpec::kCalendarDays:
        DayCount(target.calendar_days(), at + ".calendar_days");
        break;
      case v1::TargetSpec::kCalendarMonths:
        DayCount(target.calendar_months(), at + ".calendar_months");
        break;
      case v1::TargetSpec::AMOUNT_NOT_SET:
        problems_->Add(at, "promises no amount",
                       "set one of working_time, elapsed, working_days, "
                       "calendar_days");
        break;
    }
  }

  void DayCount(int days, const std::string& at) {
    if (days < 1 || days > kDaysMax) {
      problems_->Add(at, absl::StrCat("is ", days),
                     absl::StrCat("between 1 and ", kDaysMax));
    }
  }

  void Days(const v1::TargetSpec& target, const std::string& at) {
    const bool days = target.has_working_days() || target.has_calendar_days();
    if (!days && target.end() != v1::TargetSpec::DAY_END_UNSPECIFIED) {
      problems_->Add(at + ".end", "is for targets of days only",
                     "take it away");
    }
    if ((target.end() == v1::TargetSpec::HOUR) == target.hour().empty()) {
      problems_->Add(at + ".hour", "goes with end: HOUR, and only with it",
                     "such as end: HOUR hour: \"16:00\"");
    }
    CheckTimeOfDay(target.hour(), at + ".hour", problems_);
    CheckTimeOfDay(target.cut_off(), at + ".cut_off", problems_);
    CheckTimeOfDay(target.restart(), at + ".restart", problems_);
    if (!target.has_working_days() &&
        (!target.cut_off().empty() || target.roll_start())) {
      problems_->Add(at + ".cut_off", "is for working days only",
                     "take cut_off and roll_start away");
    }
    if (target.cut_off().empty() && !target.restart().empty()) {
      problems_->Add(at + ".restart", "goes with cut_off",
                     "say from which hour on a start moves");
    }
  }

  const v1::PolicySpec& spec_;
  const std::vector<std::string> calendars_, priorities_, areas_;
  Problems* const problems_;
};

void CheckLevel(const v1::LevelSpec& level, const std::string& at,
                const std::vector<std::string>& priorities,
                Problems* problems) {
  switch (level.when_case()) {
    case v1::LevelSpec::kPercent:
      if (level.percent() < 1 || level.percent() > 1000) {
        problems->Add(at + ".percent", absl::StrCat("is ", level.percent()),
                      "between 1 and 1000");
      }
      break;
    case v1::LevelSpec::kBefore:
      CheckDuration(level.before(), at + ".before", problems);
      break;
    case v1::LevelSpec::kAfter:
      CheckDuration(level.after(), at + ".after", problems);
      break;
    case v1::LevelSpec::kDaysBefore:
    case v1::LevelSpec::kDaysAfter:
      break;
    case v1::LevelSpec::kBreach:
      if (!level.breach()) {
        problems->Add(at + ".breach", "is false", "set it or take it away");
      }
      break;
    case v1::LevelSpec::WHEN_NOT_SET:
      problems->Add(at, "says not when",
                    "set one of percent, before, breach, after");
      break;
  }
  CheckKnown(level.raise_priority(), priorities, at + ".raise_priority",
             "priority", problems);
}

void CheckLadder(const v1::LadderSpec& ladder, const std::string& path,
                 const std::vector<std::string>& priorities,
                 Problems* problems) {
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
    CheckLevel(level, at, priorities, problems);
  }
}

}  // namespace

void CheckClocksAndLadders(const v1::PolicySpec& spec, Problems* problems) {
  const std::vector<std::string> ladders = CodesOf(spec.ladders());
  const std::vector<std::string> priorities = CodesOf(spec.priorities());
  const std::vector<std::string> calendars = CalendarIds(spec);
  const auto unique = [&](const std::string& code, const std::string& at,
                          std::set<std::string>* seen) {
    if (code.empty()) {
      problems->Add(at + ".code", "is empty", "give it a code");
    } else if (!seen->insert(code).second) {
      problems->Add(at + ".code", absl::StrCat("\"", code, "\" stands twice"),
                    "take one of them away");
    }
  };
  std::set<std::string> seen;
  for (int i = 0; i < spec.priorities_size(); ++i) {
    unique(spec.priorities(i).code(), absl::StrCat("priorities[", i, "]"),
           &seen);
  }
  seen.clear();
  for (int i = 0; i < spec.ladders_size(); ++i) {
    const std::string at = absl::StrCat("ladders[", i, "]");
    unique(spec.ladders(i).code(), at, &seen);
    CheckLadder(spec.ladders(i), at, priorities, problems);
  }
  seen.clear();
  TargetChecker targets(spec, problems);
  for (int i = 0; i < spec.clocks_size(); ++i) {
    const v1::ClockSpec& clock = spec.clocks(i);
    const std::string at = absl::StrCat("clocks[", i, "]");
    unique(clock.code(), at, &seen);
    CheckKnown(clock.calendar(), calendars, at + ".calendar", "calendar",
               problems);
    CheckKnown(clock.ladder(), ladders, at + ".ladder", "ladder", problems);
    targets.CheckAll(clock.targets(), at, clock.calendar());
  }
}

void CheckUse(const v1::PolicySpec& spec, const v1::ClockUse& use,
              const std::string& path, Problems* problems) {
  CheckKnown(use.clock(), CodesOf(spec.clocks()), path + ".clock", "clock",
             problems);
  CheckKnown(use.ladder(), CodesOf(spec.ladders()), path + ".ladder", "ladder",
             problems);
  const v1::ClockSpec* clock = nullptr;
  for (const v1::ClockSpec& candidate : spec.clocks()) {
    if (candidate.code() == use.clock()) clock = &candidate;
  }
  if (use.clock().empty()) {
    problems->Add(path + ".clock", "is empty", "name one of `clocks`");
  }
  TargetChecker(spec, problems)
      .CheckAll(use.targets(), path, clock ? clock->calendar() : "");
  if (clock != nullptr && use.targets().empty() && clock->targets().empty()) {
    problems->Add(path,
                  absl::StrCat("clock \"", use.clock(),
                               "\" has no target here nor of its own"),
                  "set `targets`, here or on the clock");
  }
}

}  // namespace hotline::internal
