// Shared by the tests of clocks.
#ifndef HOTLINE_TESTS_RULES_SLA_SUPPORT_H_
#define HOTLINE_TESTS_RULES_SLA_SUPPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "hotline/sla.h"
#include "src/base/time.h"

namespace hotline::sla_test {

using internal::FromTimestamp;
using internal::SetTimestamp;
using Mark = v1::ClockMark;
using State = v1::ClockState;

// Eight hours on weekdays. Monday 9 March 2026 is a holiday, Saturday the 14th
// is worked. The figures are of no city.
inline constexpr char kBase[] = R"pb(
  time_zone: "Asia/Taipei"
  calendars {
    id: "office"
    time_zone: "Asia/Taipei"
    weekly {
      day: MONDAY
      hours { open: "09:00" close: "17:00" }
    }
    weekly {
      day: TUESDAY
      hours { open: "09:00" close: "17:00" }
    }
    weekly {
      day: WEDNESDAY
      hours { open: "09:00" close: "17:00" }
    }
    weekly {
      day: THURSDAY
      hours { open: "09:00" close: "17:00" }
    }
    weekly {
      day: FRIDAY
      hours { open: "09:00" close: "17:00" }
    }
    holidays: "2026-03-09"
    special_days {
      date: "2026-03-14"
      hours { open: "09:00" close: "17:00" }
    }
  }
  priorities { code: "low" }
  priorities { code: "high" }
  areas { code: "city" }
  areas { code: "xinyi" parent: "city" }
)pb";

inline v1::PolicySpec SpecOf(std::string_view more) {
  v1::PolicySpec spec, added;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kBase, &spec));
  EXPECT_TRUE(
      google::protobuf::TextFormat::ParseFromString(std::string(more), &added))
      << more;
  spec.MergeFrom(added);
  return spec;
}

inline Sla Compile(const v1::PolicySpec& spec, Problems* problems) {
  const Calendars calendars =
      Calendars::Compile(spec.calendars(), spec.areas(), problems);
  return Sla::Compile(spec, calendars, problems);
}

inline Sla SlaOf(std::string_view more) {
  Problems problems;
  Sla sla = Compile(SpecOf(more), &problems);
  for (const v1::Problem& p : problems.list()) {
    ADD_FAILURE() << p.path() << ": " << p.message();
  }
  return sla;
}

// One clock "c" with this target, counted by the office.
inline Sla OfTarget(std::string_view target, std::string_view ladder = "") {
  std::string text = "clocks { code: 'c' calendar: 'office' targets { " +
                     std::string(target) + " }";
  if (!ladder.empty()) text += " ladder: 'l'";
  text += " }";
  if (!ladder.empty()) {
    text += " ladders { code: 'l' " + std::string(ladder) + " }";
  }
  return SlaOf(text);
}

// "03-02T09:00" in March 2026, Taipei.
inline absl::Time At(const std::string& text) {
  absl::Time t;
  std::string why;
  EXPECT_TRUE(absl::ParseTime(
      "%Y-%m-%dT%H:%M:%E*S%Ez",
      "2026-" + text + (text.size() == 11 ? ":00" : "") + "+08:00", &t, &why))
      << text << why;
  return t;
}

inline State Planned(const Sla& sla,
                     const PlanRequest& request = {.clock = "c"}) {
  State clock;
  EXPECT_TRUE(sla.Plan(request, &clock));
  return clock;
}

struct Step {
  Mark::Kind kind;
  std::string at;
};

inline State Played(const Sla& sla, const std::vector<Step>& steps) {
  State clock = Planned(sla);
  for (const Step& step : steps) Sla::Mark(step.kind, At(step.at), &clock);
  sla.Settle({}, &clock);
  return clock;
}

inline std::string Due(const State& clock) {
  return clock.has_due()
             ? absl::FormatTime("%m-%dT%H:%M:%E*S", FromTimestamp(clock.due()),
                                absl::FixedTimeZone(8 * 3600))
             : "none";
}

inline std::string DueFrom(const Sla& sla, const std::string& start) {
  return Due(Played(sla, {{Mark::START, start}}));
}

inline constexpr char kLadder[] =
    "levels { code: 'half' percent: 50 } levels { code: 'soon' before: '2h' } "
    "levels { code: 'late' breach: true } levels { code: 'chief' after: '4h' }";

inline std::string Told(const std::vector<LevelReached>& levels) {
  std::string text;
  for (const LevelReached& level : levels) {
    text += level.level + (level.breach ? "!" : "") + "#" +
            std::to_string(level.generation) +
            (level.repeat > 0 ? "." + std::to_string(level.repeat) : "") +
            (level.missed > 0 ? "-" + std::to_string(level.missed) : "") + " " +
            absl::FormatTime("%m-%dT%H:%M:%E*S", level.at,
                             absl::FixedTimeZone(8 * 3600)) +
            "\n";
  }
  return text;
}

inline void Record(const LevelReached& level, State* clock) {
  v1::LevelMark* mark = clock->add_levels();
  mark->set_level(level.level);
  mark->set_generation(level.generation);
  mark->set_repeat(level.repeat);
  mark->set_missed(level.missed);
  SetTimestamp(level.at, mark->mutable_at());
}

}  // namespace hotline::sla_test

#endif  // HOTLINE_TESTS_RULES_SLA_SUPPORT_H_
