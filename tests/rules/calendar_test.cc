// Goal: each rule of business time, on cases small enough to reckon by hand.
// Method: specs as text, instants as text; every expected value was worked out
// from the zone's offsets and a wall calendar, never from the code.
#include "hotline/calendar.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rules/calendar_support.h"

namespace hotline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// ------------------------------------------------------------------- adding

TEST(CalendarAdd, SixteenHoursFromFridayMorningSkipTheLunarNewYear) {
  const Calendar c = Taipei();
  // Friday 13 February 2026 09:00 in Taipei: 7.5 h are left of it; the next
  // working day is Monday the 23rd with 8; the last half hour is the 24th's.
  EXPECT_EQ(Text(c.Add(At("2026-02-13T09:00:00+08:00"), absl::Hours(16))),
            "2026-02-24T01:00:00Z");
  EXPECT_EQ(Text(c.Add(At("2026-02-13T09:00:00+08:00"), absl::Hours(8))),
            "2026-02-23T01:00:00Z");
}

TEST(CalendarAdd, CountsTheMakeUpSaturday) {
  const Calendar c = Taipei();
  // Friday 2025-02-07 17:00: half an hour, then Saturday the 8th.
  EXPECT_EQ(Text(c.Add(At("2025-02-07T17:00:00+08:00"), absl::Hours(1))),
            "2025-02-08T01:00:00Z");
  EXPECT_TRUE(c.IsWorkingDay(Day("2025-02-08")));
  EXPECT_FALSE(c.IsWorkingDay(Day("2025-02-15")));
}

TEST(CalendarAdd, GivesCloseOrNextOpenAtAPeriodsEnd) {
  const Calendar c = Make("UTC", kWeekdays);
  const absl::Time friday = At("2026-03-06T16:00:00Z");
  EXPECT_EQ(Text(c.Add(friday, absl::Hours(1))), "2026-03-06T17:00:00Z");
  EXPECT_EQ(Text(c.Add(friday, absl::Hours(1), Calendar::kOpen)),
            "2026-03-09T09:00:00Z");
  EXPECT_EQ(Text(c.Add(friday, absl::Minutes(59), Calendar::kOpen)),
            "2026-03-06T16:59:00Z");
}

TEST(CalendarAdd, ZeroStaysByCloseAndMovesToTheNextOpenByOpen) {
  const Calendar c = Make("UTC", kWeekdays);
  const absl::Time saturday = At("2026-03-07T12:00:00Z");
  EXPECT_EQ(Text(c.Add(saturday, absl::ZeroDuration())),
            "2026-03-07T12:00:00Z");
  EXPECT_EQ(Text(c.Add(saturday, absl::ZeroDuration(), Calendar::kOpen)),
            "2026-03-09T09:00:00Z");
  EXPECT_EQ(Text(c.Subtract(saturday, absl::ZeroDuration())),
            "2026-03-07T12:00:00Z");
  EXPECT_EQ(Text(c.Subtract(saturday, absl::ZeroDuration(), Calendar::kClose)),
            "2026-03-06T17:00:00Z");
}

TEST(CalendarSubtract, GivesOpenOrPreviousCloseAtAPeriodsStart) {
  const Calendar c = Make("UTC", kWeekdays);
  const absl::Time monday = At("2026-03-09T10:00:00Z");
  EXPECT_EQ(Text(c.Subtract(monday, absl::Hours(1))), "2026-03-09T09:00:00Z");
  EXPECT_EQ(Text(c.Subtract(monday, absl::Hours(1), Calendar::kClose)),
            "2026-03-06T17:00:00Z");
  EXPECT_EQ(Text(c.Subtract(monday, absl::Hours(2))), "2026-03-06T16:00:00Z");
}

TEST(CalendarAdd, NegativeAmountsGoBack) {
  const Calendar c = Make("UTC", kWeekdays);
  EXPECT_EQ(Text(c.Add(At("2026-03-09T10:00:00Z"), absl::Hours(-2))),
            "2026-03-06T16:00:00Z");
}

TEST(CalendarAdd, KeepsMilliseconds) {
  const Calendar c = Make("UTC", kWeekdays);
  EXPECT_EQ(Text(c.Add(At("2026-03-06T16:59:59.250Z"), absl::Seconds(1))),
            "2026-03-09T09:00:00.250Z");
  EXPECT_EQ(
      c.Between(At("2026-03-06T16:59:59.250Z"), At("2026-03-09T09:00:00.001Z")),
      absl::Milliseconds(751));
}

TEST(CalendarAdd, AnswersAreOutOfRangeBeyondTheYearsCovered) {
  const Calendar c = Make("UTC", kWeekdays);
  EXPECT_EQ(Text(c.Add(At("1969-12-31T23:59:59Z"), absl::Hours(1))),
            "OUT_OF_RANGE");
  EXPECT_EQ(Text(c.Add(At("2170-12-31T17:00:00Z"), absl::Hours(1))),
            "OUT_OF_RANGE");
  EXPECT_EQ(Text(c.Add(At("2026-01-01T00:00:00Z"), absl::InfiniteDuration())),
            "OUT_OF_RANGE");
  EXPECT_EQ(
      Text(c.Subtract(At("2026-01-01T00:00:00Z"), absl::InfiniteDuration())),
      "OUT_OF_RANGE");
  EXPECT_EQ(Text(c.Subtract(At("1970-01-01T09:30:00Z"), absl::Hours(1))),
            "OUT_OF_RANGE");
  EXPECT_EQ(Text(c.Subtract(At("1970-01-01T10:00:00Z"), absl::Hours(1))),
            "1970-01-01T09:00:00Z");
  EXPECT_EQ(Text(c.Add(absl::InfiniteFuture(), absl::Hours(1))),
            "OUT_OF_RANGE");
}

TEST(CalendarAdd, OneOpenDayIn200YearsIsFoundFromAnywhere) {
  const Calendar c = Make("UTC", "special_days { date: \"2100-06-01\" " +
                                     Hours("09:00", "10:00") + "}");
  EXPECT_EQ(Text(c.NextOpen(At("1970-01-01T00:00:00Z"))),
            "2100-06-01T09:00:00Z");
  EXPECT_EQ(Text(c.PreviousClose(At("2170-01-01T00:00:00Z"))),
            "2100-06-01T10:00:00Z");
  EXPECT_EQ(
      Text(c.Add(At("1970-01-01T00:00:00Z"), absl::Hours(1), Calendar::kOpen)),
      "OUT_OF_RANGE");
}

// ------------------------------------------------- openings and closings

TEST(CalendarOpen, PeriodsAreHalfOpen) {
  const Calendar c = Make("UTC", kWeekdays);
  EXPECT_FALSE(c.IsOpen(At("2026-03-06T08:59:59.999Z")));
  EXPECT_TRUE(c.IsOpen(At("2026-03-06T09:00:00Z")));
  EXPECT_TRUE(c.IsOpen(At("2026-03-06T16:59:59.999Z")));
  EXPECT_FALSE(c.IsOpen(At("2026-03-06T17:00:00Z")));
}

TEST(CalendarOpen, FindsTheNextOpenAndCloseAndThePreviousClose) {
  const Calendar c = Make("UTC", kWeekdays);
  struct Row {
    const char *at, *next_open, *next_close, *previous_close;
  };
  for (const Row& row : std::vector<Row>{
           // Inside, at the opening, at the closing, over the weekend.
           {"2026-03-06T12:00:00Z", "2026-03-06T12:00:00Z",
            "2026-03-06T17:00:00Z", "2026-03-06T12:00:00Z"},
           {"2026-03-06T09:00:00Z", "2026-03-06T09:00:00Z",
            "2026-03-06T17:00:00Z", "2026-03-05T17:00:00Z"},
           {"2026-03-06T17:00:00Z", "2026-03-09T09:00:00Z",
            "2026-03-06T17:00:00Z", "2026-03-06T17:00:00Z"},
           {"2026-03-07T12:00:00Z", "2026-03-09T09:00:00Z",
            "2026-03-09T17:00:00Z", "2026-03-06T17:00:00Z"}}) {
    EXPECT_EQ(Text(c.NextOpen(At(row.at))), row.next_open) << row.at;
    EXPECT_EQ(Text(c.NextClose(At(row.at))), row.next_close) << row.at;
    EXPECT_EQ(Text(c.PreviousClose(At(row.at))), row.previous_close) << row.at;
  }
}

TEST(CalendarOpen, ListsPeriodsBothWaysCutOffAtTheInstant) {
  const Calendar c = Make("UTC", kWeekdays);
  EXPECT_THAT(Texts(c.Periods(At("2026-03-06T12:00:00Z"), 2)),
              ElementsAre("2026-03-06T12:00:00Z/2026-03-06T17:00:00Z",
                          "2026-03-09T09:00:00Z/2026-03-09T17:00:00Z"));
  EXPECT_THAT(
      Texts(c.Periods(At("2026-03-06T12:00:00Z"), 2, Calendar::kBackward)),
      ElementsAre("2026-03-06T09:00:00Z/2026-03-06T12:00:00Z",
                  "2026-03-05T09:00:00Z/2026-03-05T17:00:00Z"));
  EXPECT_THAT(Texts(c.Periods(At("2026-03-06T12:00:00Z"), 0)), IsEmpty());
  EXPECT_EQ(c.Periods(At("2026-03-06T12:00:00Z"), -1).status().code(),
            absl::StatusCode::kInvalidArgument);
  // The last Wednesday covered, and no more after it.
  EXPECT_EQ(c.Periods(At("2170-12-31T00:00:00Z"), 5)->size(), 1u);
}

TEST(CalendarOpen, AroundTheClockIsOnePeriodOverAllYears) {
  const Calendar c = Make("UTC", EveryDay(Hours("00:00", "24:00")));
  EXPECT_THAT(Texts(c.Periods(At("2026-03-06T12:00:00Z"), 9)),
              ElementsAre("2026-03-06T12:00:00Z/2171-01-01T00:00:00Z"));
  EXPECT_THAT(
      Texts(c.Periods(At("2026-03-06T12:00:00Z"), 9, Calendar::kBackward)),
      ElementsAre("1970-01-01T00:00:00Z/2026-03-06T12:00:00Z"));
  EXPECT_EQ(Text(c.NextClose(At("2026-03-06T12:00:00Z"))),
            "2171-01-01T00:00:00Z");
  EXPECT_EQ(Text(*c.HoursOf(Day("2026-12-31"))),
            "2026-12-31T00:00:00Z/2027-01-01T00:00:00Z");
}

TEST(CalendarOpen, AShiftOverNewYearIsOnePeriod) {
  const Calendar c = Make("UTC", EveryDay(Hours("22:00", "06:00")));
  EXPECT_THAT(Texts(c.Periods(At("2025-12-31T23:00:00Z"), 1)),
              ElementsAre("2025-12-31T23:00:00Z/2026-01-01T06:00:00Z"));
  EXPECT_THAT(
      Texts(c.Periods(At("2026-01-01T05:00:00Z"), 1, Calendar::kBackward)),
      ElementsAre("2025-12-31T22:00:00Z/2026-01-01T05:00:00Z"));
  EXPECT_EQ(Text(c.NextClose(At("2026-01-01T00:00:00Z"))),
            "2026-01-01T06:00:00Z");
  // The first and the last are cut off where the years covered end.
  EXPECT_EQ(Text(*c.NextOpen(At("1970-01-01T00:00:00Z"))),
            "1970-01-01T00:00:00Z");
  EXPECT_EQ(Text(c.NextClose(At("2170-12-31T23:00:00Z"))),
            "2171-01-01T00:00:00Z");
  EXPECT_EQ(Text(c.HoursOf(Day("2170-12-31"))->close), "2171-01-01T00:00:00Z");
}

// ------------------------------------------------------------ layers

TEST(CalendarLayers, AdjacentHoursJoinAndOverlappingOnesCountOnce) {
  const Calendar c =
      Make("UTC", EveryDay(Hours("08:00", "12:00") + Hours("12:00", "14:00") +
                           Hours("13:00", "16:00")));
  EXPECT_THAT(Texts(c.Periods(At("2026-03-06T00:00:00Z"), 1)),
              ElementsAre("2026-03-06T08:00:00Z/2026-03-06T16:00:00Z"));
  EXPECT_EQ(c.Between(At("2026-03-06T00:00:00Z"), At("2026-03-07T00:00:00Z")),
            absl::Hours(8));
}

TEST(CalendarLayers, SpecialDayWinsOverHolidayUnlessTheCalendarSaysNot) {
  const std::string both = absl::StrCat(
      kWeekdays,
      " holidays: \"2026-03-06\" special_days { date: \"2026-03-06\" ",
      Hours("10:00", "12:00"), "}");
  EXPECT_EQ(Text(*Make("UTC", both).HoursOf(Day("2026-03-06"))),
            "2026-03-06T10:00:00Z/2026-03-06T12:00:00Z");
  EXPECT_FALSE(Make("UTC", both + " holiday_over_special: true")
                   .IsWorkingDay(Day("2026-03-06")));
}

TEST(CalendarLayers, SpecialDayWithoutHoursCloses) {
  const Calendar c = Make(
      "UTC", absl::StrCat(kWeekdays, "special_days { date: \"2026-03-06\" }"));
  EXPECT_FALSE(c.IsWorkingDay(Day("2026-03-06")));
  EXPECT_EQ(Text(c.NextOpen(At("2026-03-05T17:00:00Z"))),
            "2026-03-09T09:00:00Z");
}

TEST(CalendarLayers, BreaksAreCutOutOfWhatIsLeft) {
  const Calendar c =
      Make("UTC", absl::StrCat(kWeekdays, " breaks { date: \"2026-03-06\" ",
                               Hours("12:00", "13:00"), Hours("16:30", "18:00"),
                               "} breaks { date: \"2026-03-07\" ",
                               Hours("12:00", "13:00"), "}"));
  EXPECT_THAT(Texts(c.Periods(At("2026-03-06T00:00:00Z"), 3)),
              ElementsAre("2026-03-06T09:00:00Z/2026-03-06T12:00:00Z",
                          "2026-03-06T13:00:00Z/2026-03-06T16:30:00Z",
                          "2026-03-09T09:00:00Z/2026-03-09T17:00:00Z"));
}

TEST(CalendarLayers, AnnualHolidaysHoldInEveryYearAndFebruary29InLeapYears) {
  const Calendar c = Make("UTC", EveryDay(Hours("09:00", "17:00")) +
                                     "annual_holidays: \"10-10\""
                                     "annual_holidays: \"02-29\"");
  for (const char* date :
       {"1970-10-10", "2026-10-10", "2170-10-10", "2024-02-29", "2000-02-29"}) {
    EXPECT_FALSE(c.IsWorkingDay(Day(date))) << date;
  }
  for (const char* date : {"2025-02-28", "2025-03-01", "2026-10-09"}) {
    EXPECT_TRUE(c.IsWorkingDay(Day(date))) << date;
  }
  EXPECT_EQ(c.CountWorkingDays(Day("2025-01-01"), Day("2026-01-01")), 364);
  EXPECT_EQ(c.CountWorkingDays(Day("2024-01-01"), Day("2025-01-01")), 364);
}

TEST(CalendarLayers, NightShiftBelongsToTheDateItStartsOn) {
  const Calendar c = Make(
      "UTC", EveryDay(Hours("22:00", "06:00")) + "holidays: \"2026-03-06\"");
  // The shift of the 5th ends on the holiday's morning; that of the 6th is
  // gone.
  EXPECT_THAT(Texts(c.Periods(At("2026-03-05T12:00:00Z"), 2)),
              ElementsAre("2026-03-05T22:00:00Z/2026-03-06T06:00:00Z",
                          "2026-03-07T22:00:00Z/2026-03-08T06:00:00Z"));
  EXPECT_FALSE(c.IsWorkingDay(Day("2026-03-06")));
}

TEST(CalendarLayers, SaturdayNightRunsIntoAClosedSunday) {
  const Calendar c = Make(
      "UTC", absl::StrCat("weekly { day: SATURDAY ", Hours("20:00", "00:00"),
                          Hours("00:00", "04:00"), "}"));
  // 2026-03-07 is a Saturday; 00:00 as a close is its midnight.
  EXPECT_THAT(Texts(c.Periods(At("2026-03-06T00:00:00Z"), 2)),
              ElementsAre("2026-03-07T00:00:00Z/2026-03-07T04:00:00Z",
                          "2026-03-07T20:00:00Z/2026-03-08T00:00:00Z"));
  EXPECT_FALSE(c.IsWorkingDay(Day("2026-03-08")));
}

// ----------------------------------------------------------- days

TEST(CalendarDays, CountsWorkingDaysAfterTheDate) {
  const Calendar c = Taipei();
  struct Row {
    const char* from;
    int64_t days;
    const char *after, *roll_first;
  };
  for (const Row& row : std::vector<Row>{
           {"2026-02-13", 1, "2026-02-23", "2026-02-23"},  // Friday
           {"2026-02-14", 1, "2026-02-23", "2026-02-24"},  // Saturday
           {"2026-02-14", 0, "2026-02-14", "2026-02-23"},
           {"2026-02-14", -1, "2026-02-13", "2026-02-13"},
           {"2026-02-23", -1, "2026-02-13", "2026-02-13"},
           {"2025-02-07", 1, "2025-02-08", "2025-02-08"},  // to the make-up day
           {"2025-02-07", 2, "2025-02-10", "2025-02-10"}}) {
    EXPECT_EQ(Text(c.AddWorkingDays(Day(row.from), row.days)), row.after)
        << row.from << " " << row.days;
    EXPECT_EQ(
        Text(c.AddWorkingDays(Day(row.from), row.days, Calendar::kRollFirst)),
        row.roll_first)
        << row.from << " " << row.days;
  }
}

TEST(CalendarDays, DaysOutsideTheYearsCoveredAreOutOfRange) {
  const Calendar c = Make("UTC", kWeekdays);
  EXPECT_EQ(Text(c.AddWorkingDays(Day("1969-12-31"), 1)), "OUT_OF_RANGE");
  EXPECT_EQ(Text(c.AddWorkingDays(Day("2170-12-31"), 1)), "OUT_OF_RANGE");
  EXPECT_EQ(Text(c.AddWorkingDays(Day("2026-01-01"), INT64_MAX)),
            "OUT_OF_RANGE");
  EXPECT_EQ(Text(c.AddWorkingDays(Day("2026-01-01"), INT64_MIN)),
            "OUT_OF_RANGE");
  EXPECT_EQ(Text(c.AddCalendarDays(Day("2026-01-01"), INT64_MAX, false, false)),
            "OUT_OF_RANGE");
  EXPECT_EQ(
      Text(c.AddCalendarMonths(Day("2026-01-01"), INT64_MIN, false, false)),
      "OUT_OF_RANGE");
  EXPECT_EQ(Text(c.AddCalendarMonths(Day("2170-12-01"), 1, false, false)),
            "OUT_OF_RANGE");
  EXPECT_FALSE(c.IsWorkingDay(Day("1969-12-31")));
  EXPECT_EQ(c.HoursOf(Day("2026-03-07")).status().code(),
            absl::StatusCode::kOutOfRange);
  // Thursday 1970-01-01 to Monday 2170-12-31: whatever lies outside is closed.
  EXPECT_EQ(c.CountWorkingDays(absl::CivilDay(-9999, 1, 1), Day("1970-01-05")),
            2);
}

TEST(CalendarDays, CountsBetweenDatesByInterval) {
  const Calendar c = Make("UTC", kWeekdays);
  const absl::CivilDay monday = Day("2026-03-02");
  const absl::CivilDay friday = Day("2026-03-06");
  EXPECT_EQ(c.CountWorkingDays(monday, friday), 4);
  EXPECT_EQ(c.CountWorkingDays(monday, friday, Calendar::kOpenClosed), 4);
  EXPECT_EQ(c.CountWorkingDays(monday, friday, Calendar::kClosedClosed), 5);
  EXPECT_EQ(c.CountWorkingDays(monday, monday, Calendar::kClosedClosed), 1);
  EXPECT_EQ(c.CountWorkingDays(monday, monday), 0);
  EXPECT_EQ(c.CountWorkingDays(friday, monday), -4);
  EXPECT_EQ(c.CountWorkingDays(Day("2026-03-07"), Day("2026-03-09"),
                               Calendar::kOpenClosed),
            1);
}

TEST(CalendarDays, EndOfTheNthWorkingDayIsItsLastClose) {
  const Calendar c =
      Taipei(" breaks { date: \"2026-02-24\" " + Hours("15:00", "18:00") + "}");
  // At 23:59 and on a closed date the date itself still does not count.
  EXPECT_EQ(Text(c.EndOfWorkingDay(At("2026-02-13T23:59:00+08:00"), 1)),
            "2026-02-23T09:30:00Z");
  EXPECT_EQ(Text(c.EndOfWorkingDay(At("2026-02-15T10:00:00+08:00"), 2)),
            "2026-02-24T07:00:00Z");
  EXPECT_EQ(Text(c.EndOfWorkingDay(At("2026-02-15T10:00:00+08:00"), 0)),
            "OUT_OF_RANGE");
}

TEST(CalendarDays, ADateWithLessOpenTimeThanAskedForIsNoWorkingDay) {
  // Fridays of three hours, a special Wednesday of overlapping hours that count
  // once, a Thursday cut to three hours by a closure.
  const std::string text = R"(
    weekly { day: MONDAY hours { open: "09:00" close: "13:00" } }
    weekly { day: TUESDAY hours { open: "22:00" close: "02:00" } }
    weekly { day: WEDNESDAY hours { open: "09:00" close: "17:00" } }
    weekly { day: THURSDAY hours { open: "09:00" close: "17:00" } }
    weekly { day: FRIDAY hours { open: "09:00" close: "12:00" } }
    special_days { date: "2026-03-04"
                   hours { open: "09:00" close: "12:00" }
                   hours { open: "10:00" close: "12:30" } }
    closures { from: "2026-03-05T12:00:00Z" until: "2026-03-05T17:00:00Z" })";
  const Calendar all = Make("UTC", text);
  const Calendar c = Make("UTC", text + " working_day_min: \"4h\"");
  const auto working = [](const Calendar& of) {
    std::string days;
    for (int day = 2; day <= 8; ++day) {
      const bool works = of.IsWorkingDay(absl::CivilDay(2026, 3, day));
      EXPECT_EQ(works, of.HoursOf(absl::CivilDay(2026, 3, day)).ok()) << day;
      if (works) absl::StrAppend(&days, day);
    }
    return days;
  };
  EXPECT_EQ(working(all), "23456");
  EXPECT_EQ(working(c), "23");  // exactly four hours are enough
  EXPECT_EQ(Text(c.AddWorkingDays(Day("2026-03-03"), 1)), "2026-03-09");
  EXPECT_EQ(c.CountWorkingDays(Day("2026-03-02"), Day("2026-03-09")), 2);
  EXPECT_EQ(Text(c.EndOfWorkingDay(At("2026-03-02T10:00:00Z"), 1)),
            "2026-03-04T02:00:00Z");
  EXPECT_EQ(Text(c.EndOfWorkingDay(At("2026-03-06T10:00:00Z"), 0)),
            "OUT_OF_RANGE");
  EXPECT_EQ(Text(c.AddCalendarDays(Day("2026-03-03"), 3, false, true)),
            "2026-03-09");
  // Its hours are open, and count as working time.
  EXPECT_TRUE(c.IsOpen(At("2026-03-06T11:00:00Z")));
  EXPECT_EQ(c.Between(At("2026-03-06T00:00:00Z"), At("2026-03-07T00:00:00Z")),
            absl::Hours(3));
}

TEST(CalendarDays, CalendarDaysExcludeTheFirstAndMayRoll) {
  const Calendar c = Make("Asia/Taipei", kWeekdays);
  // The published example: 2008-12-11 and 30 days is 2009-01-10, a Saturday.
  EXPECT_EQ(Text(c.AddCalendarDays(Day("2008-12-11"), 30, false, false)),
            "2009-01-10");
  EXPECT_EQ(Text(c.AddCalendarDays(Day("2008-12-11"), 30, true, true)),
            "2009-01-12");
}

TEST(CalendarDays, MonthsEndOnTheSameDayOrBeforeTheCorrespondingOne) {
  const Calendar c = Make("Asia/Taipei", kWeekdays);
  struct Row {
    const char* from;
    int64_t months;
    const char *same_day, *from_next_day;
  };
  for (const Row& row :
       std::vector<Row>{{"2026-01-15", 1, "2026-02-15", "2026-02-15"},
                        {"2026-01-31", 1, "2026-02-28", "2026-02-28"},
                        {"2026-01-30", 1, "2026-02-28", "2026-02-28"},
                        {"2026-02-28", 1, "2026-03-28", "2026-03-31"},
                        {"2024-02-28", 12, "2025-02-28", "2025-02-28"},
                        {"2024-02-29", 12, "2025-02-28", "2025-02-28"},
                        {"2026-11-30", 2, "2027-01-30", "2027-01-31"},
                        {"2026-03-31", -1, "2026-02-28", "2026-02-28"},
                        {"2026-05-05", 0, "2026-05-05", "2026-05-05"}}) {
    EXPECT_EQ(
        Text(c.AddCalendarMonths(Day(row.from), row.months, false, false)),
        row.same_day)
        << row.from << " " << row.months;
    EXPECT_EQ(Text(c.AddCalendarMonths(Day(row.from), row.months, true, false)),
              row.from_next_day)
        << row.from << " " << row.months;
  }
  // 2026-02-28 is a Saturday.
  EXPECT_EQ(Text(c.AddCalendarMonths(Day("2026-01-31"), 1, false, true)),
            "2026-03-02");
}

TEST(CalendarDays, LaterThanKnownIsProvisional) {
  const Calendar c = Taipei(" complete_until: \"2026-12-31\"");
  EXPECT_FALSE(c.IsProvisional(At("2026-12-31T23:59:59+08:00")));
  EXPECT_TRUE(c.IsProvisional(At("2027-01-01T00:00:00+08:00")));
  EXPECT_FALSE(c.IsProvisional(Day("2026-12-31")));
  EXPECT_TRUE(c.IsProvisional(Day("2027-01-01")));
  EXPECT_FALSE(Taipei().IsProvisional(At("2027-01-01T00:00:00+08:00")));
}

// ------------------------------------------------------------ closures

constexpr char kTyphoonAfternoon[] = R"(
  closures { from: "2026-08-10T15:00:00+08:00"
             until: "2026-08-11T00:00:00+08:00"
             announced: "2026-08-10T14:10:00+08:00" reason: "typhoon" })";

TEST(CalendarClosures, ATyphoonAfternoonIsCutOut) {
  const Calendar c = Taipei(kTyphoonAfternoon);
  EXPECT_EQ(Text(*c.HoursOf(Day("2026-08-10"))),
            "2026-08-10T00:30:00Z/2026-08-10T07:00:00Z");
  EXPECT_TRUE(c.IsWorkingDay(Day("2026-08-10")));
  // 14:00 and two hours: one before the closure, one of Tuesday morning.
  EXPECT_EQ(Text(c.Add(At("2026-08-10T14:00:00+08:00"), absl::Hours(2))),
            "2026-08-11T01:30:00Z");
}

TEST(CalendarClosures, AClosureMayBecomeKnownAfterItEnded) {
  const Calendar c = Taipei(R"(
      closures { from: "2026-08-10T15:00:00+08:00"
                 until: "2026-08-11T00:00:00+08:00"
                 announced: "2026-08-12T09:00:00+08:00" })");
  EXPECT_FALSE(c.IsOpen(At("2026-08-10T16:00:00+08:00")));
}

TEST(CalendarClosures, AWholeDayClosedIsNoWorkingDay) {
  const Calendar c = Taipei(R"(
      closures { from: "2026-08-10T00:00:00+08:00"
                 until: "2026-08-11T00:00:00+08:00" })");
  EXPECT_FALSE(c.IsWorkingDay(Day("2026-08-10")));
  EXPECT_EQ(Text(c.AddWorkingDays(Day("2026-08-07"), 1)), "2026-08-11");
}

TEST(CalendarClosures, ClosuresMayOverlapAndEndBetweenSeconds) {
  const Calendar c = Make("UTC", absl::StrCat(kWeekdays, R"(
      closures { from: "2026-03-06T10:00:00.250Z" until: "2026-03-06T12:00:00Z" }
      closures { from: "2026-03-06T11:00:00Z" until: "2026-03-06T13:00:00Z" }
      closures { from: "2026-03-06T13:00:00Z" until: "2026-03-06T14:00:00Z" })"));
  EXPECT_THAT(Texts(c.Periods(At("2026-03-06T00:00:00Z"), 2)),
              ElementsAre("2026-03-06T09:00:00Z/2026-03-06T10:00:00.250Z",
                          "2026-03-06T14:00:00Z/2026-03-06T17:00:00Z"));
}

TEST(CalendarClosures, AClosureOverNewYearTouchesBothYears) {
  const Calendar c = Make("UTC", EveryDay(Hours("22:00", "06:00")) + R"(
      closures { from: "2025-12-31T23:00:00Z" until: "2026-01-01T05:00:00Z" })");
  EXPECT_THAT(Texts(c.Periods(At("2025-12-31T12:00:00Z"), 2)),
              ElementsAre("2025-12-31T22:00:00Z/2025-12-31T23:00:00Z",
                          "2026-01-01T05:00:00Z/2026-01-01T06:00:00Z"));
  EXPECT_EQ(Text(*c.HoursOf(Day("2025-12-31"))),
            "2025-12-31T22:00:00Z/2026-01-01T06:00:00Z");
}

class Scopes : public ::testing::Test {
 protected:
  // `city` encloses `north`, which encloses `hill`; `river` stands alone.
  v1::PolicySpec spec_;
  Problems problems_;

  void SetUp() override {
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrCat("calendars { id: \"c\" time_zone: \"UTC\"", kWeekdays, R"(
          closures { from: "2026-03-02T10:00:00Z" until: "2026-03-02T11:00:00Z" }
          closures { from: "2026-03-03T10:00:00Z" until: "2026-03-03T11:00:00Z"
                     areas: "north" }
          closures { from: "2026-03-04T10:00:00Z" until: "2026-03-04T11:00:00Z"
                     units: "roads" }
          closures { from: "2026-03-05T10:00:00Z" until: "2026-03-05T11:00:00Z"
                     areas: "hill" units: "roads" units: "parks" } }
        areas { code: "city" } areas { code: "north" parent: "city" }
        areas { code: "hill" parent: "north" } areas { code: "river" })"),
        &spec_));
  }

  // Which of Monday's to Thursday's closures hold.
  std::string Closed(std::string_view area, std::string_view unit,
                     bool through = false) {
    const Calendars calendars =
        Calendars::Compile(spec_.calendars(), spec_.areas(), &problems_);
    EXPECT_TRUE(problems_.empty());
    const Calendar* c = calendars.Find("c", area, unit, through);
    std::string closed;
    for (int day = 2; day <= 5; ++day) {
      const absl::Time at = At(absl::StrCat("2026-03-0", day, "T10:30:00Z"));
      absl::StrAppend(&closed, c->IsOpen(at) ? "" : absl::StrCat(day));
    }
    return closed;
  }
};

TEST_F(Scopes, ClosuresReachTheirAreasAndUnitsOnly) {
  EXPECT_EQ(Closed("", ""), "2");
  EXPECT_EQ(Closed("city", ""), "2");
  EXPECT_EQ(Closed("river", "parks"), "2");
  EXPECT_EQ(Closed("north", ""), "23");
  EXPECT_EQ(Closed("hill", ""), "23");
  EXPECT_EQ(Closed("hill", "parks"), "235");
  EXPECT_EQ(Closed("hill", "roads"), "2345");
  EXPECT_EQ(Closed("north", "roads"), "234");
  EXPECT_EQ(Closed("", "roads"), "24");
  EXPECT_EQ(Closed("nowhere", "nobody"), "2");
  EXPECT_EQ(Closed("hill", "roads", /*through=*/true), "");
}

TEST_F(Scopes, AreasThatEncloseEachOtherInACircleEndTheSearch) {
  spec_.mutable_areas(0)->set_parent("hill");
  EXPECT_EQ(Closed("city", ""), "23");
  EXPECT_EQ(Closed("hill", "roads"), "2345");
}

TEST_F(Scopes, AnUnknownAreaOfAClosureIsAProblem) {
  spec_.mutable_calendars(0)->mutable_closures(1)->set_areas(0, "norht");
  Calendars::Compile(spec_.calendars(), spec_.areas(), &problems_);
  ASSERT_EQ(problems_.size(), 1u);
  EXPECT_EQ(problems_.list()[0].path(), "calendars[0].closures[1].areas[0]");
  EXPECT_EQ(problems_.list()[0].hint(), "did you mean north?");
}

TEST_F(Scopes, AnUnknownCalendarIsNull) {
  const Calendars calendars =
      Calendars::Compile(spec_.calendars(), spec_.areas(), &problems_);
  EXPECT_EQ(calendars.Find("d"), nullptr);
  EXPECT_EQ(Calendars().Find("c"), nullptr);
}

TEST_F(Scopes, ACalendarChangedOnlyInClosuresIsCompiledFromTheEarlierOne) {
  const Calendars before =
      Calendars::Compile(spec_.calendars(), spec_.areas(), &problems_);
  *spec_.mutable_calendars(0)->add_closures() =
      ParseSpec(
          "closures { from: \"2026-03-06T10:00:00Z\" "
          "until: \"2026-03-06T11:00:00Z\" }")
          .closures(0);
  const Calendars after =
      Calendars::Compile(spec_.calendars(), spec_.areas(), &problems_, &before);
  ASSERT_TRUE(problems_.empty());
  EXPECT_FALSE(after.Find("c")->IsOpen(At("2026-03-06T10:30:00Z")));
  EXPECT_TRUE(before.Find("c")->IsOpen(At("2026-03-06T10:30:00Z")));
  spec_.mutable_calendars(0)->add_holidays("2026-03-09");
  const Calendars other =
      Calendars::Compile(spec_.calendars(), spec_.areas(), &problems_, &after);
  EXPECT_FALSE(other.Find("c", "", "", true)->IsWorkingDay(Day("2026-03-09")));
  EXPECT_TRUE(after.Find("c", "", "", true)->IsWorkingDay(Day("2026-03-09")));
}

TEST_F(Scopes, ARevisionSharesTheYearsItDoesNotTouch) {
  spec_.mutable_calendars(0)->clear_closures();
  const Calendars before =
      Calendars::Compile(spec_.calendars(), spec_.areas(), &problems_);
  spec_.mutable_calendars(0)->add_holidays("2026-06-01");
  const Calendars alone =
      Calendars::Compile(spec_.calendars(), spec_.areas(), &problems_);
  const Calendars after =
      Calendars::Compile(spec_.calendars(), spec_.areas(), &problems_, &before);
  ASSERT_TRUE(problems_.empty());
  EXPECT_FALSE(after.Find("c")->IsWorkingDay(Day("2026-06-01")));
  EXPECT_EQ(alone.MemoryBytes(), after.MemoryBytes());
  EXPECT_EQ(alone.MemoryBytes(&before), alone.MemoryBytes());
  // What it adds is 2026 and the list of the years.
  EXPECT_LT(after.MemoryBytes(&before), alone.MemoryBytes() / 4);
}

TEST(CalendarMemory, AYearOfAnyNumberOfPeriodsIsSearched) {
  // Every other two minutes: 131,400 periods a year.
  std::string hours;
  for (int minute = 0; minute < 24 * 60; minute += 4) {
    const auto time = [](int m) {
      return absl::StrFormat("%02d:%02d", m / 60, m % 60);
    };
    absl::StrAppend(&hours,
                    Hours(time(minute).c_str(), time(minute + 2).c_str()));
  }
  const Calendar c = Make("UTC", EveryDay(hours));
  EXPECT_EQ(Text(c.Add(At("2026-12-01T00:00:00Z"), absl::Hours(12 * 30))),
            "2026-12-30T23:58:00Z");
  EXPECT_EQ(c.Between(At("2026-12-01T00:01:00Z"), At("2026-12-31T00:01:00Z")),
            absl::Hours(12 * 30));
  EXPECT_EQ(Text(c.NextOpen(At("2026-12-31T23:59:00Z"))),
            "2027-01-01T00:00:00Z");
}

TEST(CalendarMemory, TwoHundredYearsAreSmallBecauseEqualYearsAreShared) {
  EXPECT_LT(Taipei().MemoryBytes(), size_t{512} << 10);
  EXPECT_LT(Make("America/New_York",
                 EveryDay(Hours("08:00", "12:00") + Hours("13:00", "17:00")))
                .MemoryBytes(),
            size_t{2} << 20);
}

}  // namespace
}  // namespace hotline
