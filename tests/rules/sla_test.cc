// Clocks by themselves: marks and a target in, due instants and levels out.
#include "hotline/sla.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "src/base/time.h"

namespace hotline {
namespace {

using internal::FromTimestamp;
using internal::SetTimestamp;
using ::testing::HasSubstr;
using Mark = v1::ClockMark;
using State = v1::ClockState;

// Eight hours on weekdays. Monday 9 March 2026 is a holiday, Saturday the 14th
// is worked. The figures are of no city.
constexpr char kBase[] = R"pb(
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

v1::PolicySpec SpecOf(std::string_view more) {
  v1::PolicySpec spec, added;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kBase, &spec));
  EXPECT_TRUE(
      google::protobuf::TextFormat::ParseFromString(std::string(more), &added))
      << more;
  spec.MergeFrom(added);
  return spec;
}

Sla Compile(const v1::PolicySpec& spec, Problems* problems) {
  const Calendars calendars =
      Calendars::Compile(spec.calendars(), spec.areas(), problems);
  return Sla::Compile(spec, calendars, problems);
}

Sla SlaOf(std::string_view more) {
  Problems problems;
  Sla sla = Compile(SpecOf(more), &problems);
  for (const v1::Problem& p : problems.list()) {
    ADD_FAILURE() << p.path() << ": " << p.message();
  }
  return sla;
}

// One clock "c" with this target, counted by the office.
Sla OfTarget(std::string_view target, std::string_view ladder = "") {
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
absl::Time At(const std::string& text) {
  absl::Time t;
  std::string why;
  EXPECT_TRUE(absl::ParseTime(
      "%Y-%m-%dT%H:%M:%E*S%Ez",
      "2026-" + text + (text.size() == 11 ? ":00" : "") + "+08:00", &t, &why))
      << text << why;
  return t;
}

State Planned(const Sla& sla, const PlanRequest& request = {.clock = "c"}) {
  State clock;
  EXPECT_TRUE(sla.Plan(request, &clock));
  return clock;
}

struct Step {
  Mark::Kind kind;
  std::string at;
};

State Played(const Sla& sla, const std::vector<Step>& steps) {
  State clock = Planned(sla);
  for (const Step& step : steps) Sla::Mark(step.kind, At(step.at), &clock);
  sla.Settle({}, &clock);
  return clock;
}

std::string Due(const State& clock) {
  return clock.has_due()
             ? absl::FormatTime("%m-%dT%H:%M:%E*S", FromTimestamp(clock.due()),
                                absl::FixedTimeZone(8 * 3600))
             : "none";
}

std::string DueFrom(const Sla& sla, const std::string& start) {
  return Due(Played(sla, {{Mark::START, start}}));
}

TEST(SlaTest, WorkingTimeIsDueAtClosingAndBrokenOnlyWhenTheOfficeOpensAgain) {
  const Sla sla = OfTarget("working_time: '16h'");
  const State clock = Played(sla, {{Mark::START, "03-02T09:00"}});
  EXPECT_EQ(Due(clock), "03-03T17:00:00");
  EXPECT_EQ(FromTimestamp(clock.due_next_open()), At("03-04T09:00"));
  EXPECT_EQ(clock.state(), State::RUNNING);
}

TEST(SlaTest, AStopUntilDueNextOpenIsKeptAndAMillisecondLaterIsBroken) {
  const Sla sla = OfTarget("working_time: '16h'");
  for (const auto& [stop, late] : {std::pair{"03-03T17:00", false},
                                   {"03-04T02:00", false},
                                   {"03-04T09:00", false},
                                   {"03-04T09:00:00.001", true}}) {
    const State clock =
        Played(sla, {{Mark::START, "03-02T09:00"}, {Mark::STOP, stop}});
    EXPECT_EQ(clock.state(), State::STOPPED);
    EXPECT_EQ(sla.Read({}, clock, At("03-30T00:00")).breached, late) << stop;
    EXPECT_EQ(sla.Reached({}, clock, At("03-30T00:00")).size(), late ? 1u : 0u)
        << stop;
  }
}

TEST(SlaTest, ElapsedTimeRunsThroughNightsAndHolidays) {
  const Sla sla = OfTarget("elapsed: '72h'");
  const State clock = Played(sla, {{Mark::START, "03-06T10:00"}});
  EXPECT_EQ(Due(clock), "03-09T10:00:00");
  EXPECT_EQ(FromTimestamp(clock.due_next_open()), At("03-09T10:00"));
}

TEST(SlaTest, WorkingDaysEndAtClosingSameTimeHourOrMidnight) {
  const std::string start = "03-02T10:15";
  EXPECT_EQ(DueFrom(OfTarget("working_days: 3"), start), "03-05T17:00:00");
  EXPECT_EQ(DueFrom(OfTarget("working_days: 3 end: CLOSE"), start),
            "03-05T17:00:00");
  EXPECT_EQ(DueFrom(OfTarget("working_days: 3 end: SAME_TIME"), start),
            "03-05T10:15:00");
  EXPECT_EQ(DueFrom(OfTarget("working_days: 3 end: HOUR hour: '16:00'"), start),
            "03-05T16:00:00");
  EXPECT_EQ(DueFrom(OfTarget("working_days: 3 end: MIDNIGHT"), start),
            "03-06T00:00:00");
}

TEST(SlaTest, WorkingDaysSkipHolidaysAndCountWorkedSaturdays) {
  EXPECT_EQ(DueFrom(OfTarget("working_days: 3"), "03-06T10:00"),
            "03-12T17:00:00");
  EXPECT_EQ(DueFrom(OfTarget("working_days: 2"), "03-12T23:59"),
            "03-14T17:00:00");
}

TEST(SlaTest, ACutOffMovesTheStartToTheNextWorkingDate) {
  const std::string days = "working_days: 1 end: SAME_TIME cut_off: '15:00'";
  EXPECT_EQ(DueFrom(OfTarget(days), "03-02T14:59:59"), "03-03T14:59:59");
  EXPECT_EQ(DueFrom(OfTarget(days), "03-02T15:00"), "03-04T15:00:00");
  EXPECT_EQ(DueFrom(OfTarget(days + " restart: '09:00'"), "03-02T15:00"),
            "03-04T09:00:00");
  EXPECT_EQ(DueFrom(OfTarget(days + " restart: '09:00'"), "03-06T16:00"),
            "03-11T09:00:00");
}

TEST(SlaTest, AStartOnAClosedDateRollsIfThePolicySaysSo) {
  EXPECT_EQ(DueFrom(OfTarget("working_days: 1 end: SAME_TIME"), "03-08T11:00"),
            "03-10T11:00:00");
  EXPECT_EQ(DueFrom(OfTarget("working_days: 1 end: SAME_TIME roll_start: true"),
                    "03-08T11:00"),
            "03-11T11:00:00");
}

TEST(SlaTest, CalendarDaysFollowTheWallClockOverTheChangeOfClocks) {
  // Berlin's clocks go forward on 29 March 2026, from 02:00 to 03:00 (IANA).
  Problems problems;
  v1::PolicySpec spec;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(time_zone: "Europe/Berlin"
           clocks {
             code: "c"
             targets { calendar_days: 1 end: SAME_TIME }
           }
           clocks {
             code: "m"
             targets { calendar_days: 1 }
           })pb",
      &spec));
  const Sla sla = Compile(spec, &problems);
  ASSERT_TRUE(problems.empty());
  absl::TimeZone berlin;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
  const auto due = [&](std::string_view code, absl::CivilSecond start) {
    State clock = Planned(sla, {.clock = code});
    Sla::Mark(Mark::START, absl::FromCivil(start, berlin), &clock);
    sla.Settle({}, &clock);
    return FromTimestamp(clock.due());
  };
  EXPECT_EQ(due("c", absl::CivilSecond(2026, 3, 28, 12, 0, 0)),
            absl::FromCivil(absl::CivilSecond(2026, 3, 29, 12, 0, 0), berlin));
  // 02:30 is not there on the 29th: the offset before the gap holds.
  EXPECT_EQ(due("c", absl::CivilSecond(2026, 3, 28, 2, 30, 0)),
            absl::FromCivil(absl::CivilSecond(2026, 3, 29, 3, 30, 0), berlin));
  // The whole of the 29th belongs to it, and that has 23 hours.
  EXPECT_EQ(due("m", absl::CivilSecond(2026, 3, 28, 12, 0, 0)),
            absl::FromCivil(absl::CivilSecond(2026, 3, 30, 0, 0, 0), berlin));
}

TEST(SlaTest, PausesCostTheirWorkingTimeOnceHoweverOftenTheyWereAsked) {
  const Sla sla = OfTarget("working_time: '8h'");
  // Two hours used on Monday, six left from Tuesday 10:00.
  EXPECT_EQ(Due(Played(sla, {{Mark::START, "03-02T09:00"},
                             {Mark::PAUSE, "03-02T11:00"},
                             {Mark::PAUSE, "03-02T15:00"},
                             {Mark::RESUME, "03-03T10:00"}})),
            "03-03T16:00:00");
}

TEST(SlaTest, APauseOverTheWeekendCostsNothing) {
  const Sla sla = OfTarget("working_time: '8h'");
  EXPECT_EQ(Due(Played(sla, {{Mark::START, "03-06T13:00"},
                             {Mark::PAUSE, "03-06T17:00"},
                             {Mark::RESUME, "03-10T09:00"}})),
            "03-10T13:00:00");
}

TEST(SlaTest, PauseAndResumeOfOneInstantAreNothing) {
  const Sla sla = OfTarget("working_time: '8h'");
  for (const bool pause_first : {true, false}) {
    State clock = Planned(sla);
    Sla::Mark(Mark::START, At("03-02T09:00"), &clock);
    const State before = clock;
    Sla::Mark(pause_first ? Mark::PAUSE : Mark::RESUME, At("03-02T11:00"),
              &clock);
    Sla::Mark(pause_first ? Mark::RESUME : Mark::PAUSE, At("03-02T11:00"),
              &clock);
    EXPECT_EQ(clock.SerializeAsString(), before.SerializeAsString());
  }
}

TEST(SlaTest, AClockCreatedPausedHasNoDueUntilItResumes) {
  const Sla sla = OfTarget("working_time: '8h'");
  const State paused =
      Played(sla, {{Mark::START, "03-02T10:00"}, {Mark::PAUSE, "03-02T10:00"}});
  EXPECT_EQ(paused.state(), State::PAUSED);
  EXPECT_EQ(Due(paused), "none");
  EXPECT_FALSE(paused.has_next());
  EXPECT_TRUE(sla.Reached({}, paused, At("03-30T00:00")).empty());
  EXPECT_EQ(Due(Played(sla, {{Mark::START, "03-02T10:00"},
                             {Mark::PAUSE, "03-02T10:00"},
                             {Mark::RESUME, "03-03T12:00"}})),
            "03-04T12:00:00");
}

TEST(SlaTest, AnOpenPauseFreezesWhatRemains) {
  const Sla sla = OfTarget("working_time: '8h'");
  const State clock =
      Played(sla, {{Mark::START, "03-02T09:00"}, {Mark::PAUSE, "03-02T12:00"}});
  for (const char* now : {"03-02T12:00", "03-05T12:00", "03-29T00:00"}) {
    const ClockReading reading = sla.Read({}, clock, At(now));
    EXPECT_EQ(reading.elapsed, absl::Hours(3));
    EXPECT_EQ(reading.remaining, absl::Hours(5));
    EXPECT_EQ(reading.due, absl::InfiniteFuture());
    EXPECT_FALSE(reading.breached);
  }
}

TEST(SlaTest, ATargetOfDaysMovesByTheWorkingTimePaused) {
  const Sla sla = OfTarget("working_days: 1");
  EXPECT_EQ(Due(Played(sla, {{Mark::START, "03-02T10:00"},
                             {Mark::PAUSE, "03-02T11:00"},
                             {Mark::RESUME, "03-02T13:00"}})),
            "03-04T11:00:00");
  EXPECT_EQ(Due(Played(sla, {{Mark::START, "03-02T10:00"},
                             {Mark::PAUSE, "03-02T17:30"},
                             {Mark::RESUME, "03-03T08:30"}})),
            "03-03T17:00:00");
}

TEST(SlaTest, AnEarlierPromiseHoldsAndPausesAfterItMoveIt) {
  const Sla sla = OfTarget("working_time: '80h'");
  State clock = Planned(sla);
  Sla::Mark(Mark::START, At("03-02T09:00"), &clock);
  SetTimestamp(At("03-05T12:00"), clock.mutable_fixed_due());
  SetTimestamp(At("03-03T09:00"), clock.mutable_fixed_at());
  sla.Settle({}, &clock);
  EXPECT_EQ(Due(clock), "03-05T12:00:00");
  Sla::Mark(Mark::PAUSE, At("03-04T09:00"), &clock);
  Sla::Mark(Mark::RESUME, At("03-04T12:00"), &clock);
  sla.Settle({}, &clock);
  EXPECT_EQ(Due(clock), "03-05T15:00:00");
}

TEST(SlaTest, AStopBeatsAPauseAndAPauseBeatsAStartOfTheSameInstant) {
  const Sla sla = OfTarget("working_time: '8h'");
  const std::string at = "03-02T09:00";
  EXPECT_EQ(Played(sla, {{Mark::PAUSE, at}, {Mark::START, at}}).state(),
            State::PAUSED);
  EXPECT_EQ(
      Played(sla, {{Mark::STOP, at}, {Mark::PAUSE, at}, {Mark::START, at}})
          .state(),
      State::STOPPED);
  EXPECT_EQ(Played(sla, {{Mark::CANCEL, at}, {Mark::START, at}}).state(),
            State::CANCELLED);
}

TEST(SlaTest, AReopenedClockGoesOnWithTheTimeItHadUsed) {
  const Sla sla = OfTarget("working_time: '8h'");
  EXPECT_EQ(Due(Played(sla, {{Mark::START, "03-02T09:00"},
                             {Mark::STOP, "03-02T12:00"},
                             {Mark::REOPEN, "03-05T09:00"}})),
            "03-05T14:00:00");
}

constexpr char kLadder[] =
    "levels { code: 'half' percent: 50 } levels { code: 'soon' before: '2h' } "
    "levels { code: 'late' breach: true } levels { code: 'chief' after: '4h' }";

std::string Told(const std::vector<LevelReached>& levels) {
  std::string text;
  for (const LevelReached& level : levels) {
    text += level.level + (level.breach ? "!" : "") + "#" +
            std::to_string(level.generation) + " " +
            absl::FormatTime("%m-%dT%H:%M:%E*S", level.at,
                             absl::FixedTimeZone(8 * 3600)) +
            "\n";
  }
  return text;
}

TEST(SlaTest, LevelsFallDueInTheirOrderInTheTargetsOwnKindOfTime) {
  const Sla sla = OfTarget("working_time: '8h'", kLadder);
  const State clock = Played(sla, {{Mark::START, "03-02T09:00"}});
  EXPECT_EQ(Told(sla.Levels({}, clock)),
            "half#1 03-02T13:00:00\n"
            "soon#1 03-02T15:00:00\n"
            "late!#1 03-03T09:00:00.001\n"
            "chief#1 03-03T13:00:00\n");
  EXPECT_EQ(FromTimestamp(clock.next()), At("03-02T13:00"));
  EXPECT_EQ(sla.Reached({}, clock, At("03-02T15:00")).size(), 2u);
  EXPECT_EQ(sla.Reached({}, clock, At("03-02T14:59:59.999")).size(), 1u);
}

TEST(SlaTest, LevelsOfElapsedTimeRunAtNight) {
  const Sla sla = OfTarget("elapsed: '10h'", kLadder);
  EXPECT_EQ(Told(sla.Levels({}, Played(sla, {{Mark::START, "03-02T20:00"}}))),
            "half#1 03-03T01:00:00\n"
            "soon#1 03-03T04:00:00\n"
            "late!#1 03-03T06:00:00.001\n"
            "chief#1 03-03T10:00:00\n");
}

TEST(SlaTest, ALevelBeforeTheStartFallsDueAtTheStart) {
  const Sla sla =
      OfTarget("working_time: '1h'", "levels { code: 'soon' before: '2h' }");
  EXPECT_EQ(sla.Levels({}, Played(sla, {{Mark::START, "03-02T10:00"}}))[0].at,
            At("03-02T10:00"));
}

TEST(SlaTest, AClockWithoutLadderStillBreaksItsPromise) {
  const Sla sla = OfTarget("elapsed: '1h'");
  EXPECT_EQ(Told(sla.Levels({}, Played(sla, {{Mark::START, "03-02T10:00"}}))),
            "breach!#1 03-02T11:00:00.001\n");
}

TEST(SlaTest, LevelsMoveWithPausesAndEndWithTheClock) {
  const Sla sla = OfTarget("working_time: '8h'", kLadder);
  const State clock = Played(sla, {{Mark::START, "03-02T09:00"},
                                   {Mark::PAUSE, "03-02T11:00"},
                                   {Mark::RESUME, "03-03T11:00"},
                                   {Mark::STOP, "03-03T15:00"}});
  EXPECT_EQ(Told(sla.Levels({}, clock)),
            "half#1 03-03T13:00:00\n"
            "soon#1 03-03T15:00:00\n");
}

void Record(const LevelReached& level, State* clock) {
  v1::LevelMark* mark = clock->add_levels();
  mark->set_level(level.level);
  mark->set_generation(level.generation);
  SetTimestamp(level.at, mark->mutable_at());
}

TEST(SlaTest, ARecordedLevelIsNotReachedAgain) {
  const Sla sla = OfTarget("working_time: '8h'", kLadder);
  State clock = Played(sla, {{Mark::START, "03-02T09:00"}});
  Record(sla.Reached({}, clock, At("03-02T13:00")).front(), &clock);
  sla.Settle({}, &clock);
  EXPECT_TRUE(sla.Reached({}, clock, At("03-02T14:00")).empty());
  EXPECT_EQ(FromTimestamp(clock.next()), At("03-02T15:00"));
}

TEST(SlaTest, ALevelPutBackFallsDueAgainAsTheNextGeneration) {
  const Sla sla = OfTarget("working_time: '8h'", kLadder);
  State clock = Played(sla, {{Mark::START, "03-02T09:00"}});
  Record(sla.Reached({}, clock, At("03-02T13:00")).front(), &clock);
  EXPECT_TRUE(sla.PutBack({}, clock, At("03-02T13:00")).empty());
  // It had rested since 10:00, as is learnt at 14:00.
  Sla::Mark(Mark::PAUSE, At("03-02T10:00"), &clock);
  Sla::Mark(Mark::RESUME, At("03-02T14:00"), &clock);
  const auto back = sla.PutBack({}, clock, At("03-02T14:00"));
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0]->level(), "half");
  clock.mutable_levels(0)->set_lapsed(true);
  EXPECT_EQ(Told(sla.Reached({}, clock, At("03-03T09:00"))),
            "half#2 03-02T17:00:00\n");
}

TEST(SlaTest, ABreachThatALateStopForestallsIsPutBack) {
  const Sla sla = OfTarget("elapsed: '4h'");
  State clock = Played(sla, {{Mark::START, "03-02T09:00"}});
  Record(sla.Reached({}, clock, At("03-02T14:00")).front(), &clock);
  Sla::Mark(Mark::STOP, At("03-02T12:00"), &clock);
  EXPECT_EQ(sla.PutBack({}, clock, At("03-02T15:00")).size(), 1u);
}

TEST(SlaTest, ANewTargetIsBrokenAtTheChangeAndNotBefore) {
  const Sla sla = OfTarget("elapsed: '4h'", kLadder);
  State clock = Played(sla, {{Mark::START, "03-02T09:00"}});
  SetTimestamp(At("03-05T09:00"), clock.mutable_target_since());
  const std::vector<LevelReached> levels = sla.Levels({}, clock);
  ASSERT_EQ(levels.size(), 4u);
  for (const LevelReached& level : levels) {
    EXPECT_EQ(level.at, At("03-05T09:00")) << level.level;
  }
}

TEST(SlaTest, ATargetMeasuredFromTheChangeForgetsTheTimeBefore) {
  const Sla sla = OfTarget("working_time: '8h'");
  State clock = Played(sla, {{Mark::START, "03-02T09:00"},
                             {Mark::PAUSE, "03-02T10:00"},
                             {Mark::RESUME, "03-03T10:00"}});
  SetTimestamp(At("03-04T12:00"), clock.mutable_measured_from());
  sla.Settle({}, &clock);
  EXPECT_EQ(Due(clock), "03-05T12:00:00");
  EXPECT_EQ(sla.Read({}, clock, At("03-04T16:00")).elapsed, absl::Hours(4));
}

TEST(SlaTest, TheMostSpecificTargetHoldsAreaBeforePriorityBeforeNeither) {
  const Sla sla = SlaOf(R"pb(
    clocks {
      code: "c"
      calendar: "office"
      targets { elapsed: "1h" }
      targets { elapsed: "2h" priority: "high" }
      targets { elapsed: "3h" area: "city" }
      targets { elapsed: "4h" area: "xinyi" }
      targets { elapsed: "5h" area: "city" priority: "high" }
    })pb");
  const std::vector<std::string_view> xinyi = {"xinyi", "city"};
  const std::vector<std::string_view> city = {"city"};
  const auto chosen = [&](std::string_view priority,
                          std::span<const std::string_view> areas) {
    const State clock =
        Planned(sla, {.clock = "c", .priority = priority, .areas = areas});
    return clock.target().elapsed() + " " + clock.because();
  };
  EXPECT_EQ(chosen("low", {}), "1h clocks[0].targets[0]");
  EXPECT_EQ(chosen("high", {}), "2h clocks[0].targets[1]");
  EXPECT_EQ(chosen("low", city), "3h clocks[0].targets[2]");
  EXPECT_EQ(chosen("high", city), "5h clocks[0].targets[4]");
  EXPECT_EQ(chosen("low", xinyi), "4h clocks[0].targets[3]");
  EXPECT_EQ(chosen("high", xinyi), "4h clocks[0].targets[3]");
}

TEST(SlaTest, ACategorysOwnTargetsAndLadderGoBeforeTheClocks) {
  const Sla sla = SlaOf(R"pb(
    clocks {
      code: "c"
      calendar: "office"
      ladder: "l"
      targets { elapsed: "1h" }
    }
    ladders {
      code: "l"
      levels { code: "b" breach: true }
    }
    ladders {
      code: "own"
      levels { code: "b" breach: true }
    })pb");
  v1::ClockUse use;
  use.set_clock("c");
  use.set_ladder("own");
  use.add_targets()->set_working_days(2);
  const State clock = Planned(sla, {.clock = "c",
                                    .use = &use,
                                    .use_path = "categories[3].clocks[0]",
                                    .unit_calendar = "unit"});
  EXPECT_EQ(clock.because(), "categories[3].clocks[0].targets[0]");
  EXPECT_EQ(clock.ladder(), "own");
  EXPECT_EQ(clock.calendar(), "unit");
}

TEST(SlaTest, WithoutAFittingTargetThereIsNoClock) {
  const Sla sla =
      SlaOf("clocks { code: 'c' targets { elapsed: '1h' priority: 'high' } }");
  State clock;
  clock.set_clock("untouched");
  EXPECT_FALSE(sla.Plan({.clock = "c", .priority = "low"}, &clock));
  EXPECT_FALSE(sla.Plan({.clock = "nope"}, &clock));
  EXPECT_EQ(clock.clock(), "untouched");
}

// ------------------------------------------------------------- properties

struct RandomMark {
  int kind;
  int minute;
  friend bool operator==(const RandomMark&, const RandomMark&) = default;
};

std::vector<RandomMark> SomeMarks() {
  const int count = *rc::gen::inRange(0, 12);
  std::vector<RandomMark> marks = {{Mark::START, 0}};
  for (int i = 0; i < count; ++i) {
    const RandomMark mark = {
        *rc::gen::inRange<int>(Mark::PAUSE, Mark::REOPEN + 1),
        *rc::gen::inRange(1, 400) * 10};
    if (std::find(marks.begin(), marks.end(), mark) == marks.end()) {
      marks.push_back(mark);
    }
  }
  return marks;
}

State Mounted(const Sla& sla, const std::vector<RandomMark>& marks) {
  State clock = Planned(sla);
  for (const RandomMark& mark : marks) {
    Sla::Mark(static_cast<Mark::Kind>(mark.kind),
              At("03-02T10:00") + absl::Minutes(mark.minute), &clock);
  }
  sla.Settle({}, &clock);
  return clock;
}

RC_GTEST_PROP(SlaProperty, MarksInAnyOrderOfArrivalGiveTheSameClock, ()) {
  static const Sla sla = OfTarget("working_time: '20h'", kLadder);
  const std::vector<RandomMark> marks = SomeMarks();
  std::vector<RandomMark> shuffled = marks;
  for (size_t i = shuffled.size(); i > 1; --i) {
    std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<size_t>(0, i)]);
  }
  RC_ASSERT(Mounted(sla, marks).SerializeAsString() ==
            Mounted(sla, shuffled).SerializeAsString());
}

RC_GTEST_PROP(SlaProperty, DueIsWhereCountingMinuteByMinuteComesOut, ()) {
  static const Sla sla = OfTarget("working_time: '20h'");
  static const Calendar calendar = *Calendar::Create(SpecOf("").calendars(0));
  const State clock = Mounted(sla, SomeMarks());
  // Ten minutes at a time, as the marks and the hours lie.
  bool stopped = false, paused = false, for_good = false;
  absl::Duration used;
  absl::Time due = absl::InfiniteFuture();
  int next = 0;
  const auto& marks = clock.marks();
  for (absl::Time t = At("03-02T10:00"); t < At("03-31T00:00");
       t += absl::Minutes(10)) {
    if (used >= absl::Hours(20) && due == absl::InfiniteFuture()) due = t;
    for (; next < marks.size() && FromTimestamp(marks[next].at()) == t;
         ++next) {
      const Mark::Kind kind = marks[next].kind();
      if (for_good) continue;
      if (kind == Mark::PAUSE) paused = true;
      if (kind == Mark::RESUME) paused = false;
      if (kind == Mark::REOPEN) stopped = false;
      if (kind != Mark::STOP || stopped) continue;
      // The last stop: what was running is due as if it ran on.
      stopped = paused || std::any_of(marks.begin() + next, marks.end(),
                                      [](const Mark& later) {
                                        return later.kind() == Mark::REOPEN;
                                      });
      for_good = !stopped;
    }
    if (!stopped && !paused && calendar.IsOpen(t)) used += absl::Minutes(10);
  }
  const absl::Time said =
      clock.has_due() ? FromTimestamp(clock.due()) : absl::InfiniteFuture();
  RC_ASSERT(said == due);
}

// --------------------------------------------------------------- problems

struct Wrong {
  const char* text;
  const char* path;
  const char* message;
};

void PrintTo(const Wrong& row, std::ostream* os) { *os << row.text; }

class SlaProblemTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(SlaProblemTest, IsToldWithItsPath) {
  Problems problems;
  Compile(SpecOf(GetParam().text), &problems);
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems.list()[0].path(), GetParam().path);
  EXPECT_THAT(problems.list()[0].message() + "; " + problems.list()[0].hint(),
              HasSubstr(GetParam().message));
  EXPECT_EQ(problems.size(), 1u) << problems.list()[1].path();
}

#define TARGET(t) "clocks { code: 'c' calendar: 'office' targets { " t " } }"
#define LEVEL(l) "ladders { code: 'l' levels { " l " } }"

INSTANTIATE_TEST_SUITE_P(
    Table, SlaProblemTest,
    ::testing::Values(
        Wrong{"clocks { targets { elapsed: '1h' } }", "clocks[0].code",
              "is empty"},
        Wrong{"clocks { code: 'a' targets { elapsed: '1h' } } "
              "clocks { code: 'a' targets { elapsed: '1h' } }",
              "clocks[1].code", "stands twice"},
        Wrong{TARGET(""), "clocks[0].targets[0]", "promises no amount"},
        Wrong{TARGET("working_time: ''"), "clocks[0].targets[0].working_time",
              ""},
        Wrong{TARGET("working_time: '4 hours'"),
              "clocks[0].targets[0].working_time", "4h"},
        Wrong{TARGET("elapsed: '-1h'"), "clocks[0].targets[0].elapsed", ""},
        Wrong{TARGET("elapsed: '0h'"), "clocks[0].targets[0].elapsed", ""},
        Wrong{TARGET("elapsed: '876001h'"), "clocks[0].targets[0].elapsed",
              "100 years"},
        Wrong{TARGET("working_days: 0"), "clocks[0].targets[0].working_days",
              "is 0; between 1"},
        Wrong{TARGET("working_days: -3"), "clocks[0].targets[0].working_days",
              "is -3"},
        Wrong{TARGET("calendar_days: 36501"),
              "clocks[0].targets[0].calendar_days", "and 36500"},
        Wrong{TARGET("elapsed: '1h' end: CLOSE"), "clocks[0].targets[0].end",
              "of days and months only"},
        Wrong{TARGET("working_days: 1 end: HOUR"), "clocks[0].targets[0].hour",
              "goes with end: HOUR"},
        Wrong{TARGET("working_days: 1 hour: '16:00'"),
              "clocks[0].targets[0].hour", "goes with end: HOUR"},
        Wrong{TARGET("working_days: 1 end: HOUR hour: '25:00'"),
              "clocks[0].targets[0].hour", ""},
        Wrong{TARGET("calendar_days: 1 cut_off: '15:00'"),
              "clocks[0].targets[0].cut_off", "working days only"},
        Wrong{TARGET("elapsed: '1h' roll_start: true"),
              "clocks[0].targets[0].roll_start", "working days only"},
        Wrong{TARGET("working_days: 1 cut_off: '3 pm'"),
              "clocks[0].targets[0].cut_off", ""},
        Wrong{TARGET("working_days: 1 restart: '09:00'"),
              "clocks[0].targets[0].restart", "goes with cut_off"},
        Wrong{TARGET("working_days: 1 cut_off: '15:00' restart: '9'"),
              "clocks[0].targets[0].restart", ""},
        Wrong{TARGET("elapsed: '1h' priority: 'hihg'"),
              "clocks[0].targets[0].priority", "did you mean \"high\"?"},
        Wrong{TARGET("elapsed: '1h' area: 'xinyl'"),
              "clocks[0].targets[0].area", "did you mean \"xinyi\"?"},
        Wrong{TARGET("elapsed: '1h' calendar: 'offce'"),
              "clocks[0].targets[0].calendar", "did you mean \"office\"?"},
        Wrong{"clocks { code: 'c' targets { working_time: '1h' } }",
              "clocks[0].targets[0].calendar", "is missing"},
        Wrong{"clocks { code: 'c' targets { elapsed: '1h' } "
              "targets { elapsed: '2h' } }",
              "clocks[0].targets[1]", "same cases as targets[0]"},
        Wrong{"clocks { code: 'c' calendar: 'x' targets { elapsed: '1h' } }",
              "clocks[0].calendar", "there is no calendar \"x\""},
        Wrong{"clocks { code: 'c' ladder: 'x' targets { elapsed: '1h' } }",
              "clocks[0].ladder", "there is no ladder \"x\""},
        Wrong{"ladders { code: 'l' }", "ladders[0].levels", "is empty"},
        Wrong{"ladders { levels { code: 'b' breach: true } }",
              "ladders[0].code", "is empty"},
        Wrong{LEVEL("percent: 80"), "ladders[0].levels[0].code", "is empty"},
        Wrong{LEVEL("code: 'a' percent: 80 } levels { code: 'a' percent: 90"),
              "ladders[0].levels[1].code", "stands twice"},
        Wrong{LEVEL("code: 'breach' percent: 80"), "ladders[0].levels[0].code",
              "is the breach itself"},
        Wrong{LEVEL("code: 'a' breach: true } levels { code: 'b' breach: true"),
              "ladders[0].levels[1].breach", "stands twice"},
        Wrong{LEVEL("code: 'a' breach: false"), "ladders[0].levels[0].breach",
              "is false"},
        Wrong{LEVEL("code: 'a' percent: 0"), "ladders[0].levels[0].percent",
              "is 0"},
        Wrong{LEVEL("code: 'a' percent: 1001"), "ladders[0].levels[0].percent",
              "is 1001"},
        Wrong{LEVEL("code: 'a' before: 'soon'"), "ladders[0].levels[0].before",
              ""},
        Wrong{LEVEL("code: 'a' after: '-2h'"), "ladders[0].levels[0].after",
              ""},
        Wrong{LEVEL("code: 'a'"), "ladders[0].levels[0]", "says not when"},
        Wrong{LEVEL("code: 'a' percent: 1 raise_priority: 'hig'"),
              "ladders[0].levels[0].raise_priority", "did you mean \"high\"?"},
        Wrong{"priorities { code: 'low' }", "priorities[2].code",
              "stands twice"},
        Wrong{"time_zone: 'Asia/Tapei'", "time_zone", "there is no zone"}));

class SlaUseProblemTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(SlaUseProblemTest, IsToldWithThePathOfTheCategory) {
  const Sla sla = SlaOf(
      "clocks { code: 'bare' } "
      "clocks { code: 'c' targets { elapsed: '1h' } }");
  v1::ClockUse use;
  ASSERT_TRUE(
      google::protobuf::TextFormat::ParseFromString(GetParam().text, &use));
  Problems problems;
  sla.CheckUse(use, "categories[0].clocks[0]", &problems);
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems.list()[0].path(), GetParam().path);
  EXPECT_THAT(problems.list()[0].message(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, SlaUseProblemTest,
    ::testing::Values(
        Wrong{"", "categories[0].clocks[0].clock", "is empty"},
        Wrong{"clock: 'x'", "categories[0].clocks[0].clock", "no clock \"x\""},
        Wrong{"clock: 'c' ladder: 'x'", "categories[0].clocks[0].ladder",
              "no ladder \"x\""},
        Wrong{"clock: 'bare'", "categories[0].clocks[0]", "has no target"},
        Wrong{"clock: 'c' targets { working_days: 0 calendar: 'office' }",
              "categories[0].clocks[0].targets[0].working_days", "is 0"}));

}  // namespace
}  // namespace hotline
