// Goal: every mistake in a calendar is told, all at once, with its place.
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/calendar.h"
#include "tests/rules/calendar_support.h"

namespace hotline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// ------------------------------------------------------------ problems

struct Mistake {
  const char* path;
  const char* message;  // a part of it
  std::string text;     // added to a sound calendar
  const char* id = "c";
  const char* zone = "UTC";
};

// One more weekly entry, the sixth.
std::string Saturday(const char* open, const char* close) {
  return "weekly { day: SATURDAY " + Hours(open, close) + "}";
}

std::string Closure(const char* from, const char* until) {
  return absl::StrCat("closures { from: \"", from, "\" until: \"", until,
                      "\" }");
}

std::vector<Mistake> Mistakes() {
  const std::string shift = Hours("09:00", "12:00");
  const char* const c0 = "calendars[1].closures[0]";
  return {
      {"calendars[1].id", "is empty", "", ""},
      {"calendars[1].id", "also calendars[0]", "", "ok"},
      {"calendars[1].id", "clean", "", "a\\001b"},
      {"calendars[1].time_zone", "is empty", "", "c", ""},
      {"calendars[1].time_zone", "no IANA", "", "c", "Asia/Taipeh"},
      {"calendars[1].time_zone", "no IANA", "", "c", "localtime"},
      {"calendars[1].time_zone", "no IANA", "", "c", "/etc/localtime"},
      {"calendars[1].time_zone", "no IANA", "", "c", "../zoneinfo/UTC"},
      {"calendars[1].time_zone", "no IANA", "", "c", "UTC+8:00"},
      {"calendars[1].weekly[5].hours[0]", "same time",
       Saturday("09:00", "09:00")},
      {"calendars[1].weekly[5].hours[0].open", "no time of day",
       Saturday("9:00", "17:00")},
      {"calendars[1].weekly[5].hours[0].open", "only ends",
       Saturday("24:00", "02:00")},
      {"calendars[1].weekly[5].hours[0].close", "no time of day",
       Saturday("09:00", "24:01")},
      {"calendars[1].weekly[5].hours[0].close", "no time of day",
       Saturday("09:00", "12:60")},
      {"calendars[1].weekly[5].hours[0].close", "no time of day",
       Saturday("09:00", "")},
      {"calendars[1].weekly[5].day", "twice",
       "weekly { day: MONDAY " + shift + "}"},
      {"calendars[1].weekly[5].day", "no day", "weekly { " + shift + "}"},
      {"calendars[1].holidays[0]", "no date", "holidays: \"2026-2-13\""},
      {"calendars[1].holidays[0]", "no date", "holidays: \"2026-02-29\""},
      {"calendars[1].holidays[0]", "out of range", "holidays: \"1969-12-31\""},
      {"calendars[1].holidays[0]", "out of range", "holidays: \"2171-01-01\""},
      {"calendars[1].holidays[1]", "twice",
       "holidays: \"2026-03-02\" holidays: \"2026-03-02\""},
      {"calendars[1].annual_holidays[0]", "no day of the year",
       "annual_holidays: \"13-01\""},
      {"calendars[1].annual_holidays[0]", "no day of the year",
       "annual_holidays: \"02-30\""},
      {"calendars[1].annual_holidays[0]", "no day of the year",
       "annual_holidays: \"2026-10-10\""},
      {"calendars[1].annual_holidays[1]", "twice",
       "annual_holidays: \"10-10\" annual_holidays: \"10-10\""},
      {"calendars[1].holiday_names[0].day", "not among `holidays`",
       "holiday_names { day: \"2026-10-12\" name: \"Columbus Day\" }"},
      {"calendars[1].holiday_names[0].day", "not among `annual_holidays`",
       "holidays: \"2026-10-12\" "
       "holiday_names { day: \"10-12\" name: \"Columbus Day\" }"},
      {"calendars[1].holiday_names[0].day", "no date and no month-day",
       "holiday_names { day: \"Monday\" name: \"Columbus Day\" }"},
      {"calendars[1].holiday_names[0].day", "no date and no month-day",
       "holiday_names { day: \"13-01\" name: \"Columbus Day\" }"},
      {"calendars[1].holiday_names[0].day", "no date and no month-day",
       "holiday_names { name: \"Columbus Day\" }"},
      {"calendars[1].holiday_names[1].day", "also holiday_names[0]",
       "annual_holidays: \"10-10\" "
       "holiday_names { day: \"10-10\" name: \"National Day\" } "
       "holiday_names { day: \"10-10\" name: \"Double Tenth\" }"},
      {"calendars[1].holiday_names[0].name", "empty",
       "annual_holidays: \"10-10\" holiday_names { day: \"10-10\" }"},
      {"calendars[1].holiday_names[0].name", "no clean text",
       "annual_holidays: \"10-10\" "
       "holiday_names { day: \"10-10\" name: \"a\\001b\" }"},
      {"calendars[1].holiday_names[0].name", "too long",
       absl::StrCat("annual_holidays: \"10-10\" holiday_names { day: "
                    "\"10-10\" name: \"",
                    std::string(401, 'x'), "\" }")},
      {"calendars[1].special_days[0].date", "no date",
       "special_days { date: \"soon\" " + shift + "}"},
      {"calendars[1].special_days[1].date", "twice",
       "special_days { date: \"2026-03-07\" " + shift +
           "} special_days { date: \"2026-03-07\" }"},
      {"calendars[1].special_days[0].hours[1].close", "no time of day",
       "special_days { date: \"2026-03-07\" " + shift + Hours("13:00", "x") +
           "}"},
      {"calendars[1].breaks[0].date", "no date", "breaks { " + shift + "}"},
      {"calendars[1].breaks[0]", "no hours", "breaks { date: \"2026-03-06\" }"},
      {"calendars[1].breaks[0].hours[0]", "same time",
       "breaks { date: \"2026-03-06\" " + Hours("12:00", "12:00") + "}"},
      {c0, "no later", Closure("2026-03-06T12:00:00Z", "2026-03-06T12:00:00Z")},
      {"calendars[1].closures[0].from", "no instant",
       Closure("2026-03-06T12:00:00", "2026-03-07T12:00:00Z")},
      {"calendars[1].closures[0].until", "no instant",
       Closure("2026-03-06T12:00:00Z", "")},
      {"calendars[1].closures[0].until", "out of range",
       Closure("2026-03-06T12:00:00Z", "2171-03-06T12:00:00Z")},
      {"calendars[1].closures[0].announced", "no instant",
       "closures { from: \"2026-03-06T12:00:00Z\" until: "
       "\"2026-03-06T13:00:00Z\" announced: \"yesterday\" }"},
      {"calendars[1].closures[0].areas[1]", "twice",
       "closures { from: \"2026-03-06T12:00:00Z\" until: "
       "\"2026-03-06T13:00:00Z\" areas: \"a\" areas: \"a\" }"},
      {"calendars[1].closures[0].units[0]", "empty",
       "closures { from: \"2026-03-06T12:00:00Z\" until: "
       "\"2026-03-06T13:00:00Z\" units: \"\" }"},
      {"calendars[1].closures[1].id", "also closures[0]",
       "closures { id: \"t\" from: \"2026-03-06T12:00:00Z\" until: "
       "\"2026-03-06T13:00:00Z\" } closures { id: \"t\" from: "
       "\"2026-03-07T12:00:00Z\" until: \"2026-03-07T13:00:00Z\" }"},
      {"calendars[1].closures[0].id", "a blank",
       "closures { id: \"a b\" from: \"2026-03-06T12:00:00Z\" until: "
       "\"2026-03-06T13:00:00Z\" }"},
      {"calendars[1].working_day_min", "no positive duration",
       "working_day_min: \"half\""},
      {"calendars[1].working_day_min", "no positive duration",
       "working_day_min: \"0h\""},
      {"calendars[1].working_day_min", "no positive duration",
       "working_day_min: \"-4h\""},
      {"calendars[1].working_day_min", "more than a day",
       "working_day_min: \"24h1s\""},
      {"calendars[1].working_day_min", "no date has 9h",
       "working_day_min: \"9h\""},
      {"calendars[1].closures", "no hours are left",
       Closure("1970-01-01T00:00:00Z", "2170-12-31T23:59:59Z")},
      {"calendars[1].complete_until", "no date", "complete_until: \"2026-12\""},
  };
}

TEST(CalendarProblems, AreToldWithPathAndHint) {
  for (const Mistake& m : Mistakes()) {
    google::protobuf::RepeatedPtrField<v1::CalendarSpec> specs;
    *specs.Add() =
        ParseSpec(absl::StrCat("id: \"ok\" time_zone: \"UTC\"", kWeekdays));
    *specs.Add() = ParseSpec(absl::StrCat("id: \"", m.id, "\" time_zone: \"",
                                          m.zone, "\"", kWeekdays, m.text));
    Problems problems;
    const Calendars calendars = Calendars::Compile(specs, {}, &problems);
    ASSERT_EQ(problems.size(), 1u) << m.path << ": " << m.message;
    EXPECT_EQ(problems.list()[0].path(), m.path) << m.message;
    EXPECT_THAT(problems.list()[0].message(), ::testing::HasSubstr(m.message));
    EXPECT_NE(problems.list()[0].hint(), "") << m.path;
    EXPECT_NE(calendars.Find("ok"), nullptr);
    EXPECT_EQ(calendars.Find("c"), nullptr);
  }
}

TEST(CalendarProblems, NamesOfHolidaysMayBeOfDatesOrOfEveryYear) {
  const auto calendar = Calendar::Create(ParseSpec(absl::StrCat(
      "id: \"c\" time_zone: \"UTC\"", kWeekdays,
      "holidays: \"2026-10-12\" annual_holidays: \"10-10\" "
      "annual_holidays: \"02-29\" "
      "holiday_names { day: \"2026-10-12\" name: \"Columbus Day\" } "
      "holiday_names { day: \"10-10\" name: \"國慶日\" } "
      "holiday_names { day: \"2027-10-10\" name: \"國慶日，補假\" } "
      "holiday_names { day: \"02-29\" name: \"Leap Day\" }")));
  EXPECT_TRUE(calendar.ok()) << calendar.status();
}

TEST(CalendarProblems, AreToldAllAtOnce) {
  const auto calendar = Calendar::Create(ParseSpec(R"(
      time_zone: "Asia/Taipeh"
      weekly { day: MONDAY hours { open: "25:00" close: "x" } }
      holidays: "2026-13-01" complete_until: "?")"));
  const v1::ErrorInfo info = InfoOf(calendar.status());
  std::vector<std::string> paths;
  for (const v1::Problem& p : info.problems()) paths.push_back(p.path());
  EXPECT_THAT(paths, ElementsAre("id", "time_zone", "weekly[0].hours[0].open",
                                 "weekly[0].hours[0].close", "holidays[0]",
                                 "complete_until"));
  EXPECT_EQ(info.problems(1).hint(), "did you mean Asia/Taipei?");
}

TEST(CalendarProblems, ACalendarThatNeverOpensIsOne) {
  for (const std::string& text : std::vector<std::string>{
           "", "weekly { day: MONDAY }",
           "special_days { date: \"2026-03-06\" " + Hours("09:00", "12:00") +
               "} breaks { date: \"2026-03-06\" " + Hours("08:00", "13:00") +
               "}"}) {
    const auto calendar =
        Calendar::Create(ParseSpec("id: \"c\" time_zone: \"UTC\" " + text));
    ASSERT_FALSE(calendar.ok()) << text;
    EXPECT_EQ(InfoOf(calendar.status()).problems(0).message(),
              "the calendar never opens");
  }
}

}  // namespace
}  // namespace hotline
