// Goal: what clocks do to open time: gaps and repetitions of any size, changes
// at midnight, a date that is not there, offsets that are no whole hours.
// Method: every expected instant was worked out from the offsets the zone's
// published rules give, never from the code.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "hotline/calendar.h"
#include "tests/rules/calendar_support.h"

namespace hotline {
namespace {

TEST(CalendarZones, NewYorkDaysAre23And25HoursLongAtTheChanges) {
  const Calendar c =
      Make("America/New_York", EveryDay(Hours("00:00", "24:00")));
  // 2026: clocks go on on 8 March and back on 1 November.
  EXPECT_EQ(
      c.Between(c.Local(Day("2026-03-08"), 0), c.Local(Day("2026-03-09"), 0)),
      absl::Hours(23));
  EXPECT_EQ(
      c.Between(c.Local(Day("2026-11-01"), 0), c.Local(Day("2026-11-02"), 0)),
      absl::Hours(25));
}

TEST(CalendarZones, NightShiftOverTheSpringChangeIsSevenHours) {
  const Calendar c =
      Make("America/New_York", EveryDay(Hours("22:00", "06:00")));
  EXPECT_EQ(Text(*c.HoursOf(Day("2026-03-07"))),
            "2026-03-08T03:00:00Z/2026-03-08T10:00:00Z");
  EXPECT_EQ(Text(*c.HoursOf(Day("2026-10-31"))),
            "2026-11-01T02:00:00Z/2026-11-01T11:00:00Z");
}

TEST(CalendarZones, HoursTouchingAGapFollowTheOffsetBeforeIt) {
  // Open 02:30 to 03:00 is empty on the change day: 02:30 reads 03:30.
  const Calendar empty =
      Make("America/New_York", EveryDay(Hours("02:30", "03:00")));
  EXPECT_FALSE(empty.IsWorkingDay(Day("2026-03-08")));
  EXPECT_TRUE(empty.IsWorkingDay(Day("2026-03-07")));
  const Calendar from_gap =
      Make("America/New_York", EveryDay(Hours("02:30", "05:00")));
  EXPECT_EQ(Text(*from_gap.HoursOf(Day("2026-03-08"))),
            "2026-03-08T07:30:00Z/2026-03-08T09:00:00Z");
  // In autumn 01:30 is its first occurrence, 02:00 occurs once.
  const Calendar twice =
      Make("America/New_York", EveryDay(Hours("01:30", "02:00")));
  EXPECT_EQ(Text(*twice.HoursOf(Day("2026-11-01"))),
            "2026-11-01T05:30:00Z/2026-11-01T07:00:00Z");
}

TEST(CalendarZones, LordHoweChangesByHalfAnHour) {
  const Calendar c =
      Make("Australia/Lord_Howe", EveryDay(Hours("00:00", "24:00")));
  // 2026: on by 30 minutes on 4 October, back on 5 April.
  EXPECT_EQ(
      c.HoursOf(Day("2026-10-04"))->close - c.HoursOf(Day("2026-10-04"))->open,
      absl::Minutes(23 * 60 + 30));
  EXPECT_EQ(
      c.HoursOf(Day("2026-04-05"))->close - c.HoursOf(Day("2026-04-05"))->open,
      absl::Minutes(24 * 60 + 30));
  // 02:15 is in the gap 02:00-02:30: by the offset before it, +10:30.
  EXPECT_EQ(Text(c.Local(Day("2026-10-04"), 2 * 3600 + 15 * 60)),
            "2026-10-03T15:45:00Z");
}

TEST(CalendarZones, ApiaHasNo30thOfDecember2011) {
  const Calendar c = Make("Pacific/Apia", kWeekdays);
  // Thursday the 29th at -10:00, then Saturday the 31st at +14:00.
  EXPECT_FALSE(c.IsWorkingDay(Day("2011-12-30")));
  EXPECT_EQ(Text(*c.HoursOf(Day("2011-12-29"))),
            "2011-12-29T19:00:00Z/2011-12-30T03:00:00Z");
  EXPECT_EQ(Text(c.NextOpen(At("2011-12-30T03:00:00Z"))),
            "2012-01-01T19:00:00Z");
  EXPECT_EQ(Text(c.AddWorkingDays(Day("2011-12-29"), 1)), "2012-01-02");
  const Calendar whole =
      Make("Pacific/Apia", EveryDay(Hours("00:00", "24:00")));
  EXPECT_EQ(whole.Between(whole.Local(Day("2011-12-29"), 0),
                          whole.Local(Day("2012-01-01"), 0)),
            absl::Hours(48));
}

TEST(CalendarZones, HavanaChangesAtMidnight) {
  const Calendar c = Make("America/Havana", EveryDay(Hours("00:00", "24:00")));
  // 2024: 00:00 became 01:00 on 10 March, 01:00 became 00:00 on 3 November.
  EXPECT_EQ(Text(*c.HoursOf(Day("2024-03-10"))),
            "2024-03-10T05:00:00Z/2024-03-11T04:00:00Z");
  EXPECT_EQ(Text(*c.HoursOf(Day("2024-11-03"))),
            "2024-11-03T04:00:00Z/2024-11-04T05:00:00Z");
}

TEST(CalendarZones, CairoChangesAtMidnight) {
  const Calendar c = Make("Africa/Cairo", EveryDay(Hours("00:00", "24:00")));
  // 2024: 00:00 became 01:00 on Friday 26 April; 24:00 of Thursday 31 October
  // became its 23:00.
  EXPECT_EQ(Text(*c.HoursOf(Day("2024-04-26"))),
            "2024-04-25T22:00:00Z/2024-04-26T21:00:00Z");
  EXPECT_EQ(Text(*c.HoursOf(Day("2024-10-31"))),
            "2024-10-30T21:00:00Z/2024-10-31T22:00:00Z");
  EXPECT_EQ(Text(c.Local(Day("2024-10-31"), 23 * 3600 + 30 * 60)),
            "2024-10-31T20:30:00Z");
}

TEST(CalendarZones, NightShiftsAreShorterInSpringAndLongerInAutumn) {
  struct Row {
    const char *zone, *date, *hours;
  };
  for (const Row& row : std::vector<Row>{
           // The date the night begins on; 22:00 to 06:00 by the offsets before
           // and after: half an hour, an hour, at 02:45, at midnight.
           {"Australia/Lord_Howe", "2026-10-03",
            "2026-10-03T11:30:00Z/2026-10-03T19:00:00Z"},
           {"Australia/Lord_Howe", "2026-04-04",
            "2026-04-04T11:00:00Z/2026-04-04T19:30:00Z"},
           {"America/St_Johns", "2026-03-07",
            "2026-03-08T01:30:00Z/2026-03-08T08:30:00Z"},
           {"America/St_Johns", "2026-10-31",
            "2026-11-01T00:30:00Z/2026-11-01T09:30:00Z"},
           {"Pacific/Chatham", "2026-09-26",
            "2026-09-26T09:15:00Z/2026-09-26T16:15:00Z"},
           {"Pacific/Chatham", "2026-04-04",
            "2026-04-04T08:15:00Z/2026-04-04T17:15:00Z"},
           {"America/Havana", "2024-03-09",
            "2024-03-10T03:00:00Z/2024-03-10T10:00:00Z"},
           {"America/Havana", "2024-11-02",
            "2024-11-03T02:00:00Z/2024-11-03T11:00:00Z"},
           {"Africa/Cairo", "2024-04-25",
            "2024-04-25T20:00:00Z/2024-04-26T03:00:00Z"},
           {"Africa/Cairo", "2024-10-31",
            "2024-10-31T19:00:00Z/2024-11-01T04:00:00Z"}}) {
    const Calendar c = Make(row.zone, EveryDay(Hours("22:00", "06:00")));
    EXPECT_EQ(Text(*c.HoursOf(Day(row.date))), row.hours)
        << row.zone << " " << row.date;
  }
}

TEST(CalendarZones, OffsetsOfHalfAndThreeQuartersOfAnHourAreKept) {
  struct Row {
    const char *zone, *hours;
  };
  for (const Row& row : std::vector<Row>{
           {"Asia/Kathmandu", "2026-06-01T03:15:00Z/2026-06-01T11:15:00Z"},
           {"Asia/Kolkata", "2026-06-01T03:30:00Z/2026-06-01T11:30:00Z"},
           {"Australia/Eucla", "2026-06-01T00:15:00Z/2026-06-01T08:15:00Z"},
           {"Pacific/Marquesas", "2026-06-01T18:30:00Z/2026-06-02T02:30:00Z"},
           {"Pacific/Chatham", "2026-05-31T20:15:00Z/2026-06-01T04:15:00Z"}}) {
    const Calendar c = Make(row.zone, kWeekdays);
    EXPECT_EQ(Text(*c.HoursOf(Day("2026-06-01"))), row.hours) << row.zone;
  }
}

TEST(CalendarZones, MidnightEndsADayAlsoWhereItDoesNotExist) {
  // Saturday 20:00 to 24:00, which Havana skipped on 10 March 2024: by the
  // offset before the gap. And 24:00 that the clock showed twice: the first.
  const Calendar c = Make("America/Havana", EveryDay(Hours("20:00", "24:00")));
  EXPECT_EQ(Text(*c.HoursOf(Day("2024-03-09"))),
            "2024-03-10T01:00:00Z/2024-03-10T05:00:00Z");
  EXPECT_EQ(Text(*c.HoursOf(Day("2024-11-02"))),
            "2024-11-03T00:00:00Z/2024-11-03T04:00:00Z");
}

TEST(CalendarZones, DatesAreLocalWhateverTheUtcDate) {
  // 07:00 in Taipei is 23:00 UTC of the day before.
  const Calendar c =
      Make("Asia/Taipei", "special_days { date: \"2026-03-06\" " +
                              Hours("07:00", "15:00") + "}");
  EXPECT_EQ(c.Between(At("2026-03-05T00:00:00Z"), At("2026-03-07T00:00:00Z")),
            absl::Hours(8));
  EXPECT_EQ(absl::FormatCivilTime(c.DateOf(At("2026-03-05T23:00:00Z"))),
            "2026-03-06");
}

}  // namespace
}  // namespace hotline
