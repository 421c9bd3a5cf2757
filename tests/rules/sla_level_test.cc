// When levels come, again and again, and once only.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "hotline/limits.h"
#include "hotline/sla.h"
#include "tests/rules/sla_support.h"

namespace hotline::sla_test {
namespace {

// The instant of one level.
struct Row {
  const char* target;
  const char* level;
  std::vector<Step> steps;
  const char* at;  // "none": it never comes
};

void PrintTo(const Row& row, std::ostream* os) {
  *os << row.target << " " << row.level;
  for (const Step& step : row.steps) {
    *os << ' ' << Mark::Kind_Name(step.kind) << ' ' << step.at;
  }
}

std::string InstantOf(const Sla& sla, const State& clock) {
  for (const LevelReached& level : sla.Levels({}, clock)) {
    if (level.level == "it") return Told({level}).substr(5, 14);
  }
  return "none";
}

class SlaLevelTest : public ::testing::TestWithParam<Row> {};

TEST_P(SlaLevelTest, ComesAsWritten) {
  const Row& row = GetParam();
  const Sla sla = OfTarget(
      row.target, "levels { code: 'it' " + std::string(row.level) + " }");
  EXPECT_EQ(InstantOf(sla, Played(sla, row.steps)), row.at);
}

// Due Tuesday 17:00, broken on Wednesday from 09:00 on.
#define HOURS "working_time: '16h'"
const std::vector<Step> kMonday = {{Mark::START, "03-02T09:00"}};
INSTANTIATE_TEST_SUITE_P(
    OfWorkingTime, SlaLevelTest,
    ::testing::Values(
        Row{HOURS, "percent: 75", kMonday, "03-03T13:00:00"},
        Row{HOURS, "percent: 150", kMonday, "03-04T17:00:00"},
        Row{HOURS, "before: '10h'", kMonday, "03-02T15:00:00"},
        Row{HOURS, "before: '10h' measure: WORKING_TIME", kMonday,
            "03-02T15:00:00"},
        Row{HOURS, "before: '20h' measure: ELAPSED", kMonday, "03-02T21:00:00"},
        Row{HOURS, "after: '2h'", kMonday, "03-04T11:00:00"},
        Row{HOURS, "after: '24h' measure: ELAPSED", kMonday, "03-04T17:00:00"},
        Row{HOURS, "days_before: 1", kMonday, "03-02T17:00:00"},
        Row{HOURS, "days_after: 3", kMonday, "03-06T17:00:00"},
        Row{HOURS, "days_after: 4", kMonday, "03-10T17:00:00"},
        // Not before the start.
        Row{HOURS, "before: '17h'", kMonday, "03-02T09:00:00"},
        Row{HOURS, "before: '72h' measure: ELAPSED", kMonday, "03-02T09:00:00"},
        Row{HOURS, "days_before: 5", kMonday, "03-02T09:00:00"}));

TEST(SlaLevelTest, NothingAfterDueComesBeforeTheBreach) {
  for (const char* level :
       {"after: '1m'", "after: '2h' measure: ELAPSED", "breach: true"}) {
    const Sla sla =
        OfTarget(HOURS, "levels { code: 'it' " + std::string(level) + " }");
    const State clock = Played(sla, kMonday);
    const absl::Time broken = At("03-04T09:00") + absl::Milliseconds(1);
    for (const LevelReached& one : sla.Levels({}, clock)) {
      EXPECT_GE(one.at, broken) << level;
    }
  }
}

// Due on Thursday 10:00 by the wall clock.
const std::vector<Step> kTuesday = {{Mark::START, "03-03T10:00"}};
INSTANTIATE_TEST_SUITE_P(
    OfElapsedTime, SlaLevelTest,
    ::testing::Values(
        Row{"elapsed: '48h'", "before: '4h'", kTuesday, "03-05T06:00:00"},
        Row{"elapsed: '48h'", "before: '4h' measure: WORKING_TIME", kTuesday,
            "03-04T14:00:00"},
        Row{"elapsed: '48h'", "after: '8h' measure: WORKING_TIME", kTuesday,
            "03-06T10:00:00"},
        Row{"elapsed: '48h'", "days_before: 1", kTuesday, "03-04T10:00:00"},
        Row{"elapsed: '48h'", "days_after: 2", kTuesday, "03-10T10:00:00"}));

// The midnight at which Friday ends is Friday's.
INSTANTIATE_TEST_SUITE_P(
    OfDays, SlaLevelTest,
    ::testing::Values(
        Row{"calendar_days: 3", "days_before: 1", kTuesday, "03-06T00:00:00"},
        Row{"calendar_days: 3", "days_after: 1", kTuesday, "03-11T00:00:00"},
        Row{"calendar_days: 3", "before: '12h'", kTuesday, "03-06T12:00:00"},
        Row{"working_days: 3", "before: '4h'", kTuesday, "03-06T13:00:00"},
        Row{"working_days: 3", "before: '20h' measure: ELAPSED", kTuesday,
            "03-05T21:00:00"},
        Row{"working_days: 3", "percent: 100", kTuesday, "03-06T17:00:00"}));

TEST(SlaLevelTest, WithoutCalendarDaysAreThoseOfTheWallClock) {
  for (const auto& [level, at] : {std::pair{"days_before: 1", "03-04T10:00:00"},
                                  {"days_after: 2", "03-07T10:00:00"}}) {
    const Sla sla = SlaOf(
        "clocks { code: 'c' ladder: 'l' targets { elapsed: '48h' } } "
        "ladders { code: 'l' levels { code: 'it' " +
        std::string(level) + " } }");
    EXPECT_EQ(InstantOf(sla, Played(sla, kTuesday)), at) << level;
  }
}

// Rule 30: a level moves with pauses as its clock does.
std::vector<Step> Resting(const std::string& from, const std::string& to) {
  return {
      {Mark::START, "03-02T09:00"}, {Mark::PAUSE, from}, {Mark::RESUME, to}};
}
INSTANTIATE_TEST_SUITE_P(
    Moved, SlaLevelTest,
    ::testing::Values(
        Row{HOURS, "percent: 50", Resting("03-02T11:00", "03-02T13:00"),
            "03-03T11:00:00"},
        Row{HOURS, "days_before: 1", Resting("03-02T11:00", "03-02T13:00"),
            "03-03T11:00:00"},
        Row{HOURS, "after: '2h'", Resting("03-04T10:00", "03-05T10:00"),
            "03-05T11:00:00"},
        Row{HOURS, "days_after: 2", Resting("03-04T10:00", "03-05T10:00"),
            "03-06T17:00:00"},
        // Not while it rests: due on Thursday at nine, a day before lies in
        // the rest.
        Row{"elapsed: '48h'", "days_before: 1",
            Resting("03-03T12:00", "03-04T12:00"), "03-04T12:00:00"},
        Row{"elapsed: '48h'", "before: '1h' measure: WORKING_TIME",
            Resting("03-03T12:00", "03-04T12:00"), "03-04T16:00:00"},
        // Before a rest that lasts, and in it.
        Row{HOURS,
            "percent: 25",
            {{Mark::START, "03-02T09:00"}, {Mark::PAUSE, "03-02T14:00"}},
            "03-02T13:00:00"},
        Row{HOURS,
            "percent: 50",
            {{Mark::START, "03-02T09:00"}, {Mark::PAUSE, "03-02T14:00"}},
            "none"},
        Row{HOURS,
            "days_before: 1",
            {{Mark::START, "03-02T09:00"}, {Mark::PAUSE, "03-02T18:00"}},
            "03-02T17:00:00"}));

TEST(SlaLevelTest, ALevelBeforeARestStaysRecordedInIt) {
  for (const char* level :
       {"percent: 25", "before: '12h'", "before: '23h' measure: ELAPSED",
        "days_before: 1"}) {
    const Sla sla =
        OfTarget(HOURS, "levels { code: 'it' " + std::string(level) + " }");
    State clock = Played(sla, kMonday);
    Record(*sla.Next({}, clock, At("03-02T18:00")), &clock);
    Sla::Mark(Mark::PAUSE, At("03-02T19:00"), &clock);
    EXPECT_TRUE(sla.PutBack({}, clock, At("03-05T09:00")).empty()) << level;
    EXPECT_FALSE(sla.Next({}, clock, At("03-05T09:00"))) << level;
  }
}

// ---------------------------------------------------------------- once only

// Rule 31. `look` records what is due; a mark puts back what it puts back.
void Look(const Sla& sla, const std::string& now, State* clock) {
  while (const auto next = sla.Next({}, *clock, At(now))) {
    if (next->at > At(now)) return;
    Record(*next, clock);
  }
}

void PutBack(const Sla& sla, const std::string& now, State* clock) {
  std::vector<std::pair<std::string, int>> back;
  for (const v1::LevelMark* mark : sla.PutBack({}, *clock, At(now))) {
    back.emplace_back(mark->level(), mark->generation());
  }
  for (v1::LevelMark& mark : *clock->mutable_levels()) {
    for (const auto& [level, generation] : back) {
      if (mark.level() == level && mark.generation() == generation) {
        mark.set_lapsed(true);
      }
    }
  }
}

std::string Recorded(const State& clock) {
  std::string text;
  for (const v1::LevelMark& mark : clock.levels()) {
    text += mark.level() + "#" + std::to_string(mark.generation()) +
            (mark.lapsed() ? "x " : " ");
  }
  return text;
}

TEST(SlaLevelTest, AGenerationRisesEachTimeTheClockIsPutBackBelowIt) {
  const Sla sla = OfTarget("elapsed: '10h'", kLadder);
  State clock = Played(sla, kMonday);
  Look(sla, "03-02T14:00", &clock);
  EXPECT_EQ(Recorded(clock), "half#1 ");
  // It had rested, as is learnt late, and again.
  Sla::Mark(Mark::PAUSE, At("03-02T10:00"), &clock);
  Sla::Mark(Mark::RESUME, At("03-02T12:00"), &clock);
  PutBack(sla, "03-02T14:30", &clock);
  Look(sla, "03-02T16:00", &clock);
  EXPECT_EQ(Recorded(clock), "half#1x half#2 ");
  Sla::Mark(Mark::PAUSE, At("03-02T13:00"), &clock);
  Sla::Mark(Mark::RESUME, At("03-02T15:00"), &clock);
  PutBack(sla, "03-02T16:30", &clock);
  Look(sla, "03-02T18:00", &clock);
  EXPECT_EQ(Recorded(clock), "half#1x half#2x half#3 ");
}

TEST(SlaLevelTest, PauseAndReopeningDoNotFireALevelAgain) {
  for (const char* target : {"working_time: '8h'", "elapsed: '8h'",
                             "working_days: 1", "calendar_days: 1"}) {
    const Sla sla = OfTarget(target, kLadder);
    State clock = Played(sla, kMonday);
    Look(sla, "03-03T10:00", &clock);
    const std::string before = Recorded(clock);
    EXPECT_NE(before, "");
    for (const auto& [kind, at] : {std::pair{Mark::PAUSE, "03-03T10:00"},
                                   {Mark::RESUME, "03-04T10:00"},
                                   {Mark::STOP, "03-04T10:10"},
                                   {Mark::REOPEN, "03-06T10:00"}}) {
      Look(sla, at, &clock);
      Sla::Mark(kind, At(at), &clock);
      PutBack(sla, at, &clock);
    }
    Look(sla, "03-06T10:00", &clock);
    EXPECT_EQ(Recorded(clock).find('x'), std::string::npos) << Recorded(clock);
    EXPECT_EQ(Recorded(clock).substr(0, before.size()), before);
  }
}

TEST(SlaLevelTest, EachLevelMissedIsRecordedOnceInTheOrderOfItsOwnInstant) {
  // Rule 33, and rule 35: one instant, then the ladder's order.
  const Sla sla = OfTarget("elapsed: '4h'",
                           "levels { code: 'z' percent: 50 } "
                           "levels { code: 'late' breach: true } "
                           "levels { code: 'a' before: '2h' } "
                           "levels { code: 'first' percent: 25 } "
                           "levels { code: 'm' percent: 50 }");
  State clock = Played(sla, kMonday);
  EXPECT_EQ(Told(sla.Reached({}, clock, At("03-30T00:00"))),
            "first#1 03-02T10:00:00\nz#1 03-02T11:00:00\na#1 03-02T11:00:00\n"
            "m#1 03-02T11:00:00\nlate!#1 03-02T13:00:00.001\n");
  Look(sla, "03-30T00:00", &clock);
  EXPECT_EQ(Recorded(clock), "first#1 z#1 a#1 m#1 late#1 ");
  EXPECT_FALSE(sla.Next({}, clock, At("03-30T00:00")));
}

TEST(SlaLevelTest, NextTellsWhatLiesAheadToo) {
  const Sla sla = OfTarget("elapsed: '4h'", kLadder);
  const State clock = Played(sla, kMonday);
  for (const absl::Time now : {absl::InfinitePast(), At("03-02T09:00"),
                               At("03-30T00:00"), absl::InfiniteFuture()}) {
    const auto next = sla.Next({}, clock, now);
    ASSERT_TRUE(next);
    EXPECT_EQ(Told({*next}), "half#1 03-02T11:00:00\n");
    EXPECT_EQ(next->spec->percent(), 50);
  }
}

// ------------------------------------------------------------------ repeats

// Rule 34. What looks at these instants record.
std::string Looked(const Sla& sla, State clock,
                   const std::vector<std::string>& looks) {
  std::string text;
  for (const std::string& now : looks) {
    while (const auto next = sla.Next({}, clock, At(now))) {
      if (next->at > At(now)) break;
      text += Told({*next});
      Record(*next, &clock);
    }
  }
  return text;
}

#define DAILY "levels { code: 'late' breach: true every: '24h' }"

TEST(SlaRepeatTest, ARepeatLiesOnAGridFromDue) {
  const Sla sla = OfTarget("elapsed: '1h'", DAILY);
  EXPECT_EQ(
      Looked(sla, Played(sla, kMonday),
             {"03-02T12:00", "03-03T09:59", "03-03T10:00", "03-04T12:00"}),
      "late!#1 03-02T10:00:00.001\nlate!#1.1 03-03T10:00:00\n"
      "late!#1.2 03-04T10:00:00\n");
}

TEST(SlaRepeatTest, AfterTimeAwayOneIsLeftWithTheNumberMissed) {
  const Sla sla = OfTarget("elapsed: '1h'", DAILY);
  State clock = Played(sla, kMonday);
  EXPECT_EQ(Looked(sla, clock, {"03-09T12:00", "03-10T12:00"}),
            "late!#1 03-02T10:00:00.001\nlate!#1.7-6 03-09T10:00:00\n"
            "late!#1.8 03-10T10:00:00\n");
  EXPECT_EQ(Told(sla.Reached({}, clock, At("03-09T12:00"))),
            "late!#1 03-02T10:00:00.001\nlate!#1.7-6 03-09T10:00:00\n");
  Record(*sla.Next({}, clock, At("03-02T12:00")), &clock);
  sla.Settle({}, &clock);
  EXPECT_EQ(FromTimestamp(clock.next()), At("03-03T10:00"));
  EXPECT_EQ(Told({*sla.Next({}, clock, absl::InfiniteFuture())}),
            "late!#1.1 03-03T10:00:00\n");
}

TEST(SlaRepeatTest, ItEndsAfterSoManyTimesMissedOrNot) {
  const Sla sla =
      OfTarget("elapsed: '1h'",
               "levels { code: 'late' breach: true every: '24h' times: 3 }");
  const State clock = Played(sla, kMonday);
  EXPECT_EQ(Looked(sla, clock, {"03-03T12:00", "03-30T12:00"}),
            "late!#1 03-02T10:00:00.001\nlate!#1.1 03-03T10:00:00\n"
            "late!#1.2 03-04T10:00:00\n");
  EXPECT_EQ(Looked(sla, clock, {"03-30T12:00"}),
            "late!#1 03-02T10:00:00.001\nlate!#1.2-1 03-04T10:00:00\n");
  const Sla once =
      OfTarget("elapsed: '1h'",
               "levels { code: 'late' breach: true every: '24h' times: 1 }");
  EXPECT_EQ(Looked(once, clock, {"03-30T12:00"}),
            "late!#1 03-02T10:00:00.001\n");
}

TEST(SlaRepeatTest, WithoutAnEndItStopsAtTheLibrarysBound) {
  const Sla sla = OfTarget("elapsed: '1h'",
                           "levels { code: 'late' breach: true every: '1m' }");
  State clock = Played(sla, kMonday);
  Record(*sla.Next({}, clock, At("03-30T00:00")), &clock);
  const auto last = sla.Next({}, clock, At("03-30T00:00"));
  ASSERT_TRUE(last);
  EXPECT_EQ(last->repeat, limits::kLevelRepeatsMax);
  EXPECT_EQ(last->missed, limits::kLevelRepeatsMax - 1);
  Record(*last, &clock);
  EXPECT_FALSE(sla.Next({}, clock, At("03-30T00:00")));
}

TEST(SlaRepeatTest, NoneComesWhileItRestsOrOnceItHasStopped) {
  const Sla sla = OfTarget("elapsed: '1h'", DAILY);
  const std::vector<std::string> daily = {"03-02T12:00", "03-03T12:00",
                                          "03-04T12:00", "03-05T12:00",
                                          "03-06T12:00", "03-07T12:00"};
  State clock =
      Played(sla, {{Mark::START, "03-02T09:00"}, {Mark::PAUSE, "03-03T12:00"}});
  const std::string before =
      "late!#1 03-02T10:00:00.001\nlate!#1.1 03-03T10:00:00\n";
  EXPECT_EQ(Looked(sla, clock, daily), before);
  Sla::Mark(Mark::RESUME, At("03-05T12:00"), &clock);
  EXPECT_EQ(Looked(sla, clock, daily),
            before + "late!#1.2 03-06T10:00:00\nlate!#1.3 03-07T10:00:00\n");
  Sla::Mark(Mark::STOP, At("03-06T11:00"), &clock);
  EXPECT_EQ(Looked(sla, clock, daily), before + "late!#1.2 03-06T10:00:00\n");
}

TEST(SlaRepeatTest, TheGridIsOfItsOwnMeasureAndStartsAtDue) {
  const std::vector<std::string> looks = {"03-02T18:00", "03-03T18:00",
                                          "03-04T18:00", "03-05T18:00"};
  // Due on Monday at closing, broken from Tuesday 09:00 on.
  const std::string breach = "breach!#1 03-03T09:00:00.001\n";
  for (const auto& [level, told] :
       std::vector<std::pair<std::string, std::string>>{
           {"breach: true every: '8h'",
            "it!#1 03-03T09:00:00.001\nit!#1.1 03-03T17:00:00\n"
            "it!#1.2 03-04T17:00:00\nit!#1.3 03-05T17:00:00\n"},
           {"breach: true every: '20h' measure: ELAPSED",
            "it!#1 03-03T09:00:00.001\nit!#1.1 03-03T13:00:00\n"
            "it!#1.2 03-04T09:00:00\nit!#1.3 03-05T05:00:00\n"},
           {"after: '3h' every: '8h'",
            breach + "it#1 03-03T12:00:00\nit#1.1 03-03T17:00:00\n"
                     "it#1.2 03-04T17:00:00\nit#1.3 03-05T17:00:00\n"},
           {"days_after: 1 every: '8h'",
            breach + "it#1 03-03T17:00:00\nit#1.1 03-04T17:00:00\n"
                     "it#1.2 03-05T17:00:00\n"}}) {
    const Sla sla =
        OfTarget("working_time: '8h'", "levels { code: 'it' " + level + " }");
    EXPECT_EQ(Looked(sla, Played(sla, kMonday), looks), told) << level;
  }
}

TEST(SlaRepeatTest, ANewTargetBeginsItsGridAnew) {
  const Sla sla = OfTarget("elapsed: '1h'", DAILY);
  State clock = Played(sla, kMonday);
  // In force since Thursday noon, though it would have been due on Monday.
  SetTimestamp(At("03-05T12:00"), clock.mutable_target_since());
  EXPECT_EQ(Looked(sla, clock, {"03-05T12:00", "03-07T12:00"}),
            "late!#1 03-05T12:00:00\nlate!#1.2-1 03-07T10:00:00\n");
}

TEST(SlaRepeatTest, WhatIsPutBackGoesWithItsRepeats) {
  const Sla sla = OfTarget("elapsed: '1h'", DAILY);
  State clock = Played(sla, kMonday);
  Look(sla, "03-03T12:00", &clock);
  EXPECT_EQ(Recorded(clock), "late#1 late#1 ");
  Sla::Mark(Mark::PAUSE, At("03-02T09:30"), &clock);
  Sla::Mark(Mark::RESUME, At("03-03T13:00"), &clock);
  EXPECT_EQ(sla.PutBack({}, clock, At("03-03T13:00")).size(), 1u);
  PutBack(sla, "03-03T13:00", &clock);
  EXPECT_EQ(Told({*sla.Next({}, clock, At("03-03T13:00"))}),
            "late!#2 03-03T13:30:00.001\n");
  Look(sla, "03-04T14:00", &clock);
  EXPECT_EQ(Recorded(clock), "late#1x late#1x late#2 late#2 ");
}

// ---------------------------------------------------------------- reminders

TEST(SlaReminderTest, AReminderFallsDueAndBreaksNothing) {
  const Sla sla = SlaOf(
      "clocks { code: 'c' calendar: 'office' reminder: true ladder: 'l' "
      "targets { working_days: 3 } } "
      "clocks { code: 'bare' calendar: 'office' reminder: true "
      "targets { working_time: '8h' } } "
      "ladders { code: 'l' levels { code: 'ask' breach: true every: '8h' } }");
  State clock = Played(sla, kMonday);
  EXPECT_TRUE(clock.reminder());
  EXPECT_EQ(Looked(sla, clock, {"03-05T18:00", "03-06T18:00"}),
            "ask#1 03-05T17:00:00\nask#1.1 03-06T17:00:00\n");
  EXPECT_FALSE(sla.Read({}, clock, At("03-30T00:00")).breached);
  Sla::Mark(Mark::STOP, At("03-20T10:00"), &clock);
  EXPECT_FALSE(sla.CycleOf({}, clock).breached());
  // At due, not when the office opens again.
  State bare = Planned(sla, {.clock = "bare"});
  Sla::Mark(Mark::START, At("03-02T09:00"), &bare);
  EXPECT_EQ(Told(sla.Levels({}, bare)), "breach#1 03-02T17:00:00\n");
}

// ------------------------------------------------------------------- cycles

TEST(SlaCycleTest, ACycleKeepsWhatTheClockUsedAndHowItEnded) {
  const Sla sla = OfTarget("working_time: '8h'");
  State clock = Played(sla, {{Mark::START, "03-02T09:00"},
                             {Mark::PAUSE, "03-02T11:00"},
                             {Mark::RESUME, "03-03T10:00"},
                             {Mark::STOP, "03-03T16:30"}});
  clock.set_cycle(3);
  clock.set_unit("lights");
  v1::ClockCycle cycle = sla.CycleOf({}, clock);
  EXPECT_EQ(cycle.cycle(), 3);
  EXPECT_EQ(cycle.unit(), "lights");
  EXPECT_EQ(cycle.state(), State::STOPPED);
  EXPECT_EQ(FromTimestamp(cycle.started()), At("03-02T09:00"));
  EXPECT_EQ(FromTimestamp(cycle.ended()), At("03-03T16:30"));
  EXPECT_EQ(FromTimestamp(cycle.due()), At("03-03T16:00"));
  EXPECT_EQ(FromTimestamp(cycle.due_next_open()), At("03-03T16:00"));
  EXPECT_EQ(cycle.elapsed_ms(), absl::ToInt64Milliseconds(absl::Minutes(510)));
  EXPECT_EQ(cycle.paused_ms(), absl::ToInt64Milliseconds(absl::Hours(23)));
  EXPECT_TRUE(cycle.breached());
  EXPECT_EQ(FromTimestamp(cycle.breached_at()),
            At("03-03T16:00") + absl::Milliseconds(1));
}

TEST(SlaCycleTest, TheVerdictIsTheComputedOneAndABreachOnRecordStands) {
  const Sla sla = OfTarget("working_time: '8h'");
  for (const auto& [stop, late] :
       {std::pair{"03-03T09:00", false}, {"03-03T09:00:00.001", true}}) {
    EXPECT_EQ(sla.CycleOf({}, Played(sla, {{Mark::START, "03-02T09:00"},
                                           {Mark::STOP, stop}}))
                  .breached(),
              late);
  }
  State clock =
      Played(sla, {{Mark::START, "03-02T09:00"}, {Mark::STOP, "03-02T10:00"}});
  clock.set_breached(true);
  SetTimestamp(At("03-02T09:30"), clock.mutable_breached_at());
  EXPECT_EQ(FromTimestamp(sla.CycleOf({}, clock).breached_at()),
            At("03-02T09:30"));
}

TEST(SlaCycleTest, WhatIsUsedAndRestedAndResolvedIsAllThereIs) {
  const Sla sla = OfTarget("elapsed: '8h'");
  const v1::ClockCycle cycle =
      sla.CycleOf({}, Played(sla, {{Mark::START, "03-02T09:00"},
                                   {Mark::PAUSE, "03-02T10:00"},
                                   {Mark::RESUME, "03-02T13:00"},
                                   {Mark::STOP, "03-02T14:00"},
                                   {Mark::REOPEN, "03-03T14:00"},
                                   {Mark::PAUSE, "03-03T15:00"},
                                   {Mark::CANCEL, "03-03T16:00"}}));
  EXPECT_EQ(cycle.state(), State::CANCELLED);
  EXPECT_EQ(cycle.elapsed_ms(), absl::ToInt64Milliseconds(absl::Hours(3)));
  EXPECT_EQ(cycle.paused_ms(), absl::ToInt64Milliseconds(absl::Hours(4)));
}

}  // namespace
}  // namespace hotline::sla_test
