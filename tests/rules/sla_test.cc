// Clocks by themselves: marks and a target in, due instants and levels out.
#include "hotline/sla.h"

#include <algorithm>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "src/base/time.h"
#include "tests/rules/sla_support.h"

namespace hotline::sla_test {
namespace {

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

TEST(SlaPlanTest, AnAreaOutweighsAUnitAndAUnitAPriority) {
  const Sla sla = SlaOf(R"pb(
    units { code: "works" }
    units { code: "lights" parent: "works" }
    clocks {
      code: "c"
      targets { elapsed: "1h" }
      targets { elapsed: "2h" priority: "high" }
      targets { elapsed: "3h" unit: "works" }
      targets { elapsed: "4h" unit: "lights" }
      targets { elapsed: "5h" unit: "works" priority: "high" }
      targets { elapsed: "6h" area: "city" }
      targets { elapsed: "7h" area: "city" unit: "works" }
    })pb");
  const std::vector<std::string_view> xinyi = {"xinyi", "city"};
  const std::vector<std::string_view> lights = {"lights", "works"};
  const std::vector<std::string_view> works = {"works"};
  const auto chosen = [&](std::string_view priority,
                          std::span<const std::string_view> units,
                          std::span<const std::string_view> areas) {
    return Planned(sla, {.clock = "c",
                         .priority = priority,
                         .areas = areas,
                         .units = units})
        .target()
        .elapsed();
  };
  EXPECT_EQ(chosen("low", {}, {}), "1h");
  EXPECT_EQ(chosen("high", {}, {}), "2h");
  EXPECT_EQ(chosen("low", works, {}), "3h");
  EXPECT_EQ(chosen("high", works, {}), "5h");
  EXPECT_EQ(chosen("high", lights, {}), "4h");
  EXPECT_EQ(chosen("high", {}, xinyi), "6h");
  EXPECT_EQ(chosen("high", lights, xinyi), "7h");
}

constexpr char kEvents[] = R"(
  categories { code: "trees" kind: GROUP }
  categories { code: "fallen" parent: "trees" kind: CASE }
  clocks { code: "c" calendar: "office" targets { elapsed: "1h" } }
  clocks { code: "other" targets { elapsed: "1h" } }
  declared_events {
    code: "storm"
    from: "2026-03-02T00:00:00+08:00" until: "2026-03-04T00:00:00+08:00"
    targets { clock: "c" target { elapsed: "2h" } }
    targets { category: "trees" clock: "c" target { elapsed: "3h" } }
    targets { category: "trees" clock: "c"
              target { elapsed: "4h" priority: "high" } }
  }
  declared_events {
    code: "flood" areas: "xinyi"
    from: "2026-03-03T00:00:00+08:00" until: "2026-03-05T00:00:00+08:00"
    targets { clock: "c" target { elapsed: "5h" } }
    targets { category: "fallen" clock: "c" target { working_days: 2 } }
  })";

TEST(SlaPlanTest, ADeclaredEventsTargetGoesBeforeAllOthersWhileItLasts) {
  const Sla sla = SlaOf(kEvents);
  const std::vector<std::string_view> fallen = {"fallen", "trees"};
  const std::vector<std::string_view> xinyi = {"xinyi", "city"};
  struct Row {
    std::string started;
    std::span<const std::string_view> categories, areas;
    std::string_view priority;
    std::string because, event;
  };
  for (const Row& row : {
           Row{"03-01T23:59:59.999", fallen, xinyi, "", "clocks[0].targets[0]",
               ""},
           Row{"03-02T00:00",
               {},
               {},
               "",
               "declared_events[0].targets[0]",
               "storm"},
           Row{"03-02T00:00", fallen, xinyi, "low",
               "declared_events[0].targets[1]", "storm"},
           Row{"03-02T00:00", fallen, xinyi, "high",
               "declared_events[0].targets[2]", "storm"},
           // The nearest category, then the event of the nearest area.
           Row{"03-03T12:00", fallen, xinyi, "high",
               "declared_events[1].targets[1]", "flood"},
           Row{"03-03T12:00",
               {},
               xinyi,
               "",
               "declared_events[1].targets[0]",
               "flood"},
           Row{"03-03T12:00",
               {},
               {},
               "",
               "declared_events[0].targets[0]",
               "storm"},
           Row{"03-04T00:00", {}, {}, "", "clocks[0].targets[0]", ""},
           Row{"03-05T00:00", fallen, xinyi, "", "clocks[0].targets[0]", ""},
       }) {
    State clock;
    clock.set_declared_event("an earlier one");
    ASSERT_TRUE(sla.Plan({.clock = "c",
                          .priority = row.priority,
                          .areas = row.areas,
                          .categories = row.categories,
                          .started = At(row.started)},
                         &clock));
    EXPECT_EQ(clock.because(), row.because) << row.started;
    EXPECT_EQ(clock.declared_event(), row.event) << row.started;
    EXPECT_EQ(clock.calendar(), "office");
  }
}

TEST(SlaPlanTest, ADeclaredEventHoldsForItsClocksAndAKnownStartOnly) {
  const Sla sla = SlaOf(kEvents);
  EXPECT_EQ(
      Planned(sla, {.clock = "other", .started = At("03-02T12:00")}).because(),
      "clocks[1].targets[0]");
  EXPECT_EQ(Planned(sla).because(), "clocks[0].targets[0]");
}

}  // namespace
}  // namespace hotline::sla_test
