// Where targets of days and months end, and what rests do to them.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "hotline/sla.h"
#include "rapidcheck/gtest.h"
#include "src/rules/sla/period.h"
#include "tests/rules/sla_support.h"

namespace hotline::sla_test {
namespace {

// What a target that starts then is due at.
struct Row {
  const char* target;
  const char* start;
  const char* due;
};

void PrintTo(const Row& row, std::ostream* os) {
  *os << row.target << " from " << row.start;
}

class SlaPeriodTest : public ::testing::TestWithParam<Row> {};

TEST_P(SlaPeriodTest, EndsAsWritten) {
  const Sla sla = OfTarget(GetParam().target);
  const State clock = Played(sla, {{Mark::START, GetParam().start}});
  EXPECT_EQ(Due(clock), GetParam().due);
  // Rule 25: targets of dates are broken by the instant.
  EXPECT_EQ(clock.due_next_open().seconds(), clock.due().seconds());
  const absl::Time due = FromTimestamp(clock.due());
  EXPECT_FALSE(sla.Read({}, clock, due).breached);
  EXPECT_TRUE(sla.Read({}, clock, due + absl::Milliseconds(1)).breached);
  EXPECT_EQ(sla.Levels({}, clock)[0].at, due + absl::Milliseconds(1));
}

// Monday 9 March is a holiday and Saturday the 14th is worked.
INSTANTIATE_TEST_SUITE_P(
    Days, SlaPeriodTest,
    ::testing::Values(
        Row{"calendar_days: 3", "03-02T10:00", "03-06T00:00:00"},
        Row{"calendar_days: 3 end: CLOSE", "03-02T10:00", "03-05T17:00:00"},
        Row{"calendar_days: 3 end: SAME_TIME", "03-02T10:00", "03-05T10:00:00"},
        Row{"calendar_days: 3 end: HOUR hour: '16:00'", "03-02T10:00",
            "03-05T16:00:00"},
        Row{"calendar_days: 6", "03-02T10:00", "03-09T00:00:00"},
        Row{"calendar_days: 6 end: CLOSE", "03-02T10:00", "03-09T00:00:00"},
        Row{"calendar_days: 3 first_day_counts: true", "03-02T10:00",
            "03-05T00:00:00"},
        // Its only date is over when it begins.
        Row{"calendar_days: 1 first_day_counts: true end: CLOSE", "03-02T17:00",
            "03-03T17:00:00"},
        Row{"working_days: 1 first_day_counts: true", "03-02T10:00",
            "03-02T17:00:00"},
        Row{"working_days: 1 first_day_counts: true", "03-02T17:00",
            "03-03T17:00:00"},
        Row{"working_days: 1 first_day_counts: true", "03-07T10:00",
            "03-10T17:00:00"},
        Row{"working_days: 2 first_day_counts: true", "03-06T10:00",
            "03-10T17:00:00"},
        Row{"working_days: 1 first_day_counts: true cut_off: '12:00'",
            "03-02T12:00", "03-03T17:00:00"}));

// Taiwan, Administrative Procedure Act 48: the first day is left out; a last
// day off moves to the next day, a make-up Saturday does not.
// New York, General Construction Law 20 and 25-a: the same, at the same hour if
// one is named.
INSTANTIATE_TEST_SUITE_P(
    Rolled, SlaPeriodTest,
    ::testing::Values(
        Row{"calendar_days: 3 roll_end: true", "03-02T10:00", "03-06T00:00:00"},
        Row{"calendar_days: 5 roll_end: true", "03-02T10:00", "03-11T00:00:00"},
        Row{"calendar_days: 6 roll_end: true", "03-02T10:00", "03-11T00:00:00"},
        Row{"calendar_days: 12 roll_end: true", "03-02T10:00",
            "03-15T00:00:00"},
        Row{"calendar_days: 13 roll_end: true", "03-02T10:00",
            "03-17T00:00:00"},
        Row{"calendar_days: 6 roll_end: true end: SAME_TIME", "03-02T10:00",
            "03-10T10:00:00"},
        Row{"calendar_days: 6 roll_end: true end: HOUR hour: '12:00'",
            "03-02T10:00", "03-10T12:00:00"},
        Row{"calendar_days: 6 roll_end: true end: CLOSE", "03-02T10:00",
            "03-10T17:00:00"},
        // For adverse decisions the first day counts and the last stays.
        Row{"calendar_days: 7 first_day_counts: true", "03-02T10:00",
            "03-09T00:00:00"}));

// New York, General Construction Law 30: the same day of the last month or that
// month's last. Taiwan, Civil Code 121: the day before the one that
// corresponds to the day it is reckoned from, which is the day after.
INSTANTIATE_TEST_SUITE_P(
    Months, SlaPeriodTest,
    ::testing::Values(
        Row{"calendar_months: 1", "02-28T10:00", "03-29T00:00:00"},
        Row{"calendar_months: 1 from_next_day: true", "02-28T10:00",
            "04-01T00:00:00"},
        Row{"calendar_months: 1 first_day_counts: true", "02-28T10:00",
            "03-28T00:00:00"},
        Row{"calendar_months: 1", "01-31T10:00", "03-01T00:00:00"},
        Row{"calendar_months: 1 from_next_day: true", "01-31T10:00",
            "03-01T00:00:00"},
        Row{"calendar_months: 1 first_day_counts: true", "01-31T10:00",
            "03-01T00:00:00"},
        Row{"calendar_months: 1 end: SAME_TIME", "02-05T10:15",
            "03-05T10:15:00"},
        Row{"calendar_months: 1 roll_end: true", "02-08T10:00",
            "03-11T00:00:00"},
        Row{"calendar_months: 2 roll_end: true end: CLOSE", "01-14T10:00",
            "03-14T17:00:00"}));

TEST(SlaPeriodTest, ALastDayOnAMakeUpSaturdayStays) {
  // Taiwan's Ministry of Justice, letter of 2010-02-03: thirty days from 11
  // December 2008 end on Saturday 10 January 2009, which was worked.
  for (const bool worked : {true, false}) {
    v1::PolicySpec spec = SpecOf(
        "clocks { code: 'c' calendar: 'office' "
        "targets { calendar_days: 30 roll_end: true } }");
    if (worked) {
      auto* day = spec.mutable_calendars(0)->add_special_days();
      day->set_date("2009-01-10");
      day->add_hours()->set_open("08:30");
      day->mutable_hours(0)->set_close("17:30");
    }
    Problems problems;
    const Sla sla = Compile(spec, &problems);
    ASSERT_TRUE(problems.empty()) << problems.list()[0].message();
    State clock = Planned(sla);
    Sla::Mark(Mark::START, *internal::ParseRfc3339("2008-12-11T15:00:00+08:00"),
              &clock);
    sla.Settle({}, &clock);
    EXPECT_EQ(internal::FormatUtc(FromTimestamp(clock.due())),
              worked ? "2009-01-10T16:00:00Z" : "2009-01-12T16:00:00Z");
  }
}

TEST(SlaPeriodTest, CalendarDaysAndMonthsNeedNoCalendar) {
  const Sla sla = SlaOf(
      "clocks { code: 'c' targets { calendar_months: 1 } }"
      "clocks { code: 'd' targets { calendar_days: 2 end: CLOSE } }");
  EXPECT_EQ(DueFrom(sla, "02-05T10:00"), "03-06T00:00:00");
  State clock = Planned(sla, {.clock = "d"});
  Sla::Mark(Mark::START, At("03-02T10:00"), &clock);
  sla.Settle({}, &clock);
  EXPECT_EQ(Due(clock), "03-05T00:00:00");
}

RC_GTEST_PROP(SlaPeriodProperty, MonthsAreTheCalendarsOwn, ()) {
  static const Calendar calendar = *Calendar::Create(SpecOf("").calendars(0));
  const absl::CivilDay date =
      absl::CivilDay(2000, 1, 1) + *rc::gen::inRange(0, 40'000);
  const int months = *rc::gen::inRange(1, 500);
  for (const bool next : {true, false}) {
    RC_ASSERT(internal::MonthsAfter(date, months, next) ==
              *calendar.AddCalendarMonths(date, months, next, false));
  }
}

// The same with rests: pairs of a pause and the resumption after it.
struct Rested {
  const char* target;
  const char* start;
  std::vector<const char*> rests;
  const char* due;
};

void PrintTo(const Rested& row, std::ostream* os) {
  *os << row.target << " from " << row.start;
  for (const char* at : row.rests) *os << ' ' << at;
}

class SlaRestedTest : public ::testing::TestWithParam<Rested> {};

TEST_P(SlaRestedTest, EndsAsWritten) {
  std::vector<Step> steps = {{Mark::START, GetParam().start}};
  for (size_t i = 0; i < GetParam().rests.size(); ++i) {
    steps.push_back(
        {i % 2 == 0 ? Mark::PAUSE : Mark::RESUME, GetParam().rests[i]});
  }
  EXPECT_EQ(Due(Played(OfTarget(GetParam().target), steps)), GetParam().due);
}

// Rule 17: by the dates begun. Due on Thursday the 5th, were there no rest.
#define BY_DATES "working_days: 3 pause_by_dates: true"
INSTANTIATE_TEST_SUITE_P(
    ByDates, SlaRestedTest,
    ::testing::Values(
        Rested{BY_DATES, "03-02T10:00", {}, "03-05T17:00:00"},
        Rested{BY_DATES,
               "03-02T10:00",
               {"03-03T11:00", "03-03T11:05"},
               "03-06T17:00:00"},
        // A date is begun once.
        Rested{BY_DATES,
               "03-02T10:00",
               {"03-03T11:00", "03-03T12:00", "03-03T15:00", "03-03T16:00"},
               "03-06T17:00:00"},
        Rested{BY_DATES,
               "03-02T10:00",
               {"03-03T16:00", "03-04T10:00"},
               "03-10T17:00:00"},
        // The second rest shares Wednesday with the first.
        Rested{BY_DATES,
               "03-02T10:00",
               {"03-03T16:00", "03-04T10:00", "03-04T12:00", "03-05T09:30"},
               "03-11T17:00:00"},
        // Nights and weekends begin none.
        Rested{BY_DATES,
               "03-02T10:00",
               {"03-03T17:00", "03-04T09:00"},
               "03-05T17:00:00"},
        // The date of the start does not count, and so is not lost.
        Rested{BY_DATES,
               "03-02T10:00",
               {"03-02T11:00", "03-02T12:00"},
               "03-05T17:00:00"},
        // Wednesday, Thursday, Friday, Tuesday.
        Rested{BY_DATES,
               "03-02T10:00",
               {"03-04T09:00", "03-10T10:00"},
               "03-12T17:00:00"},
        // It begins after the end.
        Rested{BY_DATES,
               "03-02T10:00",
               {"03-05T17:00", "03-11T10:00"},
               "03-05T17:00:00"},
        Rested{"working_days: 3 pause_by_dates: true first_day_counts: true",
               "03-02T10:00",
               {"03-02T11:00", "03-02T12:00"},
               "03-05T17:00:00"},
        Rested{"working_days: 3 pause_by_dates: true end: SAME_TIME",
               "03-02T10:00",
               {"03-03T11:00", "03-03T12:00"},
               "03-06T10:00:00"},
        Rested{"calendar_days: 3 pause_by_dates: true",
               "03-02T10:00",
               {"03-03T22:00", "03-04T02:00"},
               "03-08T00:00:00"},
        Rested{"calendar_days: 3 pause_by_dates: true",
               "03-02T10:00",
               {"03-03T00:00", "03-04T00:00"},
               "03-07T00:00:00"},
        // Saturday the 7th rolls over Monday's holiday.
        Rested{"calendar_days: 3 pause_by_dates: true roll_end: true",
               "03-02T10:00",
               {"03-03T22:00", "03-04T02:00"},
               "03-11T00:00:00"},
        Rested{"calendar_months: 1 pause_by_dates: true",
               "02-05T10:00",
               {"02-10T10:00", "02-11T10:00"},
               "03-08T00:00:00"}));

INSTANTIATE_TEST_SUITE_P(
    ByTime, SlaRestedTest,
    ::testing::Values(
        Rested{"calendar_days: 3",
               "03-02T10:00",
               {"03-03T22:00", "03-04T00:00"},
               "03-06T02:00:00"},
        Rested{"working_days: 3",
               "03-02T10:00",
               {"03-03T16:00", "03-04T10:00"},
               "03-06T11:00:00"},
        // What has to end with a working date does so moved, too.
        Rested{"calendar_days: 4 roll_end: true",
               "03-02T10:00",
               {"03-03T10:00", "03-03T12:00"},
               "03-11T00:00:00"},
        // It is Sunday's midnight that moves by an hour, not Tuesday's.
        Rested{"calendar_days: 6 roll_end: true",
               "03-02T10:00",
               {"03-03T10:00", "03-03T11:00"},
               "03-11T00:00:00"},
        Rested{"calendar_days: 4 roll_end: true end: SAME_TIME",
               "03-02T10:00",
               {"03-03T10:00", "03-03T12:00"},
               "03-10T10:00:00"}));

TEST(SlaPeriodTest, ANightShiftIsOneDateHoweverLongItRests) {
  v1::PolicySpec spec = SpecOf(
      "clocks { code: 'c' calendar: 'night' "
      "targets { working_days: 2 pause_by_dates: true } }");
  v1::CalendarSpec* night = spec.add_calendars();
  *night = spec.calendars(0);
  night->set_id("night");
  for (v1::WeeklyHours& day : *night->mutable_weekly()) {
    day.mutable_hours(0)->set_open("22:00");
    day.mutable_hours(0)->set_close("06:00");
  }
  Problems problems;
  const Sla sla = Compile(spec, &problems);
  ASSERT_TRUE(problems.empty()) << problems.list()[0].message();
  // The shift of Tuesday, from before midnight till after, and in its morning.
  for (const auto& [from, to] : {std::pair{"03-03T23:00", "03-04T02:00"},
                                 {"03-04T01:00", "03-04T02:00"},
                                 {"03-03T20:00", "03-04T09:00"}}) {
    EXPECT_EQ(Due(Played(sla, {{Mark::START, "03-02T10:00"},
                               {Mark::PAUSE, from},
                               {Mark::RESUME, to}})),
              "03-06T06:00:00")
        << from;
  }
}

TEST(SlaPeriodTest, AGivenEndMovesByDatesWhereTheTargetDoes) {
  const Sla sla = OfTarget(BY_DATES);
  State clock = Planned(sla);
  Sla::Mark(Mark::START, At("03-02T09:00"), &clock);
  SetTimestamp(At("03-05T12:00"), clock.mutable_fixed_due());
  SetTimestamp(At("03-03T09:00"), clock.mutable_fixed_at());
  Sla::Mark(Mark::PAUSE, At("03-04T09:00"), &clock);
  Sla::Mark(Mark::RESUME, At("03-04T09:01"), &clock);
  sla.Settle({}, &clock);
  EXPECT_EQ(Due(clock), "03-06T12:00:00");
}

TEST(SlaPeriodTest, AClockThatEndsWhileItRestsIsNotLate) {
  for (const char* target : {"working_time: '8h'", "elapsed: '8h'",
                             "working_days: 1", "calendar_days: 1", BY_DATES}) {
    const Sla sla = OfTarget(target);
    const State clock = Played(sla, {{Mark::START, "03-02T09:00"},
                                     {Mark::PAUSE, "03-02T12:00"},
                                     {Mark::STOP, "03-20T09:00"}});
    EXPECT_EQ(Due(clock), "none") << target;
    EXPECT_FALSE(sla.Read({}, clock, At("03-30T09:00")).breached) << target;
    EXPECT_FALSE(sla.CycleOf({}, clock).breached()) << target;
    EXPECT_TRUE(sla.Levels({}, clock).empty()) << target;
  }
}

TEST(SlaPeriodTest, AnEndTheCalendarIsNotYetKnownForIsProvisional) {
  const auto provisional = [](const char* target, const char* start) {
    v1::PolicySpec spec = SpecOf(
        "clocks { code: 'c' calendar: 'office' "
        "targets { " +
        std::string(target) + " } }");
    spec.mutable_calendars(0)->set_complete_until("2026-03-06");
    Problems problems;
    const Sla sla = Compile(spec, &problems);
    return Played(sla, {{Mark::START, start}}).provisional();
  };
  for (const auto& [target, on_time, beyond] :
       {std::tuple{"working_time: '8h'", "03-05T17:00", "03-06T09:01"},
        {"working_days: 1", "03-05T10:00", "03-06T10:00"},
        {"working_days: 1 end: MIDNIGHT", "03-05T10:00", "03-06T10:00"},
        {"calendar_days: 1 roll_end: true", "03-05T10:00", "03-06T10:00"},
        {"calendar_days: 1 end: CLOSE", "03-05T10:00", "03-06T10:00"}}) {
    EXPECT_FALSE(provisional(target, on_time)) << target;
    EXPECT_TRUE(provisional(target, beyond)) << target;
  }
  // No calendar has a say in these.
  EXPECT_FALSE(provisional("elapsed: '72h'", "03-06T10:00"));
  EXPECT_FALSE(provisional("calendar_days: 3", "03-06T10:00"));
}

TEST(SlaPeriodTest, BeyondWhatACalendarCoversNothingIsDue) {
  for (const char* target : {"working_days: 36500", "working_time: '800000h'",
                             "calendar_months: 1200 roll_end: true"}) {
    const Sla sla = OfTarget(target);
    State clock = Planned(sla);
    Sla::Mark(Mark::START, *internal::ParseRfc3339("2100-03-01T10:00:00+08:00"),
              &clock);
    sla.Settle({}, &clock);
    EXPECT_EQ(Due(clock), "none") << target;
    EXPECT_EQ(clock.state(), State::RUNNING);
    EXPECT_TRUE(sla.Levels({}, clock).empty());
  }
}

}  // namespace
}  // namespace hotline::sla_test
