// Goal: what a government publishes of its days becomes the calendar that was
// published, or every line that cannot be is told and nothing is loaded.
// Method: small lists made here; the published files where they are at hand;
// holidays against dates read off a wall calendar.
#include "hotline/office_calendar.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "hotline/calendar.h"
#include "hotline/error.h"
#include "hotline/policy.h"

namespace hotline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kDays[] = {"一", "二", "三", "四", "五", "六", "日"};
constexpr char kHeader[] = "西元日期,星期,是否放假,備註\r\n";

v1::CalendarSpec Office() {
  v1::CalendarSpec office;
  office.set_id("office");
  office.set_time_zone("Asia/Taipei");
  office.set_revision("1");
  for (int day = v1::MONDAY; day <= v1::FRIDAY; ++day) {
    v1::WeeklyHours* const weekly = office.add_weekly();
    weekly->set_day(static_cast<v1::Weekday>(day));
    for (const auto& [open, close] :
         {std::pair("08:30", "12:30"), std::pair("13:30", "17:30")}) {
      v1::HoursSpec* const hours = weekly->add_hours();
      hours->set_open(open);
      hours->set_close(close);
    }
  }
  return office;
}

// A list of the year; weekends and `off` are days off, `works` is not.
std::string Csv(int year, absl::CivilDay off, absl::CivilDay works) {
  std::string text = kHeader;
  for (absl::CivilDay date(year, 1, 1); date.year() == year; ++date) {
    const int day = static_cast<int>(absl::GetWeekday(date));
    const bool holiday = date == off || (day >= 5 && date != works);
    absl::StrAppendFormat(&text, "%04d%02d%02d,%s,%d,%s\r\n", date.year(),
                          date.month(), date.day(), kDays[day], holiday ? 2 : 0,
                          date == works ? "補行上班" : "");
  }
  return text;
}

const absl::CivilDay kOff(2025, 3, 5);    // a Wednesday
const absl::CivilDay kWorks(2025, 2, 8);  // a Saturday

std::vector<std::string> Told(const absl::StatusOr<v1::CalendarSpec>& spec) {
  std::vector<std::string> told;
  const v1::ErrorInfo info = InfoOf(spec.status());
  for (const v1::Problem& p : info.problems()) {
    EXPECT_NE(p.hint(), "") << p.path();
    told.push_back(p.path() + ": " + p.message());
  }
  return told;
}

absl::StatusOr<v1::CalendarSpec> ReadOne(const std::string& bytes) {
  return ReadOfficeCalendar(OfficeFormat::kDgpaCsv, {{"2025.csv", bytes}},
                            Office());
}

TEST(OfficeCalendar, DaysOffBecomeHolidaysAndWorkingWeekendsSpecialDays) {
  for (const char* const mark : {"", "\xEF\xBB\xBF"}) {
    const auto spec = ReadOne(mark + Csv(2025, kOff, kWorks));
    ASSERT_TRUE(spec.ok()) << spec.status();
    EXPECT_THAT(spec->holidays(), ElementsAre("2025-03-05"));
    ASSERT_EQ(spec->special_days_size(), 1);
    EXPECT_EQ(spec->special_days(0).date(), "2025-02-08");
    EXPECT_EQ(spec->special_days(0).name(), "補行上班");
    EXPECT_EQ(spec->special_days(0).hours_size(), 2);
    EXPECT_EQ(spec->special_days(0).hours(1).close(), "17:30");
    EXPECT_EQ(spec->complete_until(), "2025-12-31");
    EXPECT_EQ(spec->revision(), "1");
    EXPECT_THAT(spec->source(), HasSubstr("14718"));
  }
}

TEST(OfficeCalendar, TheFlagDecidesAndNotTheNote) {
  std::string text = Csv(2025, kOff, kWorks);
  text = absl::StrReplaceAll(text,
                             {{"20250210,一,0,", "20250210,一,0,補假, 春節"}});
  const auto spec = ReadOne(text);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_THAT(spec->holidays(), ElementsAre("2025-03-05"));
}

TEST(OfficeCalendar, EveryLineNotUnderstoodIsToldAndNothingIsLoaded) {
  const std::string text = absl::StrReplaceAll(
      Csv(2025, kOff, kWorks),
      {{"20250103,五,0,", "2025-1-3,五,0,"},
       {"20250106,一,0,", "20250106,二,0,"},
       {"20250107,二,0,", "20250107,二,true,"},
       {"20250108,三,0,\r\n", ""},
       {"20250110,五,0,", "20250110;五;0;"},
       {"20250113,一,0,", "20250229,一,0,"},
       {"20250115,三,0,", "20250115,三,0,\xFF"},
       {"20250117,五,0,\r\n", "20250117,五,0,\r\n20250117,五,0,\r\n"},
       {"20251231,三,0,\r\n", ""}});
  EXPECT_THAT(
      Told(ReadOne(text)),
      ElementsAre("2025.csv:4: \"2025-1-3\" is no date",
                  "2025.csv:7: 2025-01-06 is a 一, not a \"二\"",
                  "2025.csv:8: \"true\" is no mark of a day",
                  "2025.csv:9: 2025-01-09 stands where 2025-01-08 belongs",
                  "2025.csv:10: has not the four columns date, day, flag and "
                  "note",
                  "2025.csv:13: \"20250229\" is no date",
                  "2025.csv:15: is no clean UTF-8 text",
                  "2025.csv:18: 2025-01-17 stands where 2025-01-18 belongs",
                  "2025.csv:365: the list ends before 2025-12-31"));
}

TEST(OfficeCalendar, AFileOfAnotherKindIsRefused) {
  EXPECT_THAT(Told(ReadOne("")), ElementsAre("2025.csv:1: holds no day"));
  EXPECT_THAT(Told(ReadOne("date,day\n"))[0], HasSubstr("is not the header"));
  EXPECT_THAT(Told(ReadOne("\xA4\xFF\x01\n"))[0],
              HasSubstr("neither UTF-8 nor Big5"));
  EXPECT_THAT(Told(ReadOfficeCalendar(OfficeFormat::kDgpaCsv, {}, Office())),
              ElementsAre("files: there is none"));
}

TEST(OfficeCalendar, YearsMustFollowEachOtherAndBeThereOnce) {
  const std::string a = Csv(2024, absl::CivilDay(2024, 1, 1), kWorks);
  const std::string b = Csv(2025, kOff, kWorks);
  const std::string d = Csv(2027, absl::CivilDay(2027, 1, 1), kWorks);
  const auto read = [](std::vector<OfficeFile> files) {
    return ReadOfficeCalendar(OfficeFormat::kDgpaCsv, files, Office());
  };
  const auto two = read({{"b", b}, {"a", a}});
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_THAT(two->holidays(), ElementsAre("2024-01-01", "2025-03-05"));
  EXPECT_EQ(two->complete_until(), "2025-12-31");
  EXPECT_THAT(two->source(), HasSubstr("2024 to 2025"));
  EXPECT_THAT(Told(read({{"b", b}, {"d", d}})),
              ElementsAre("d: between the years 2025 and 2027 there is a gap"));
  EXPECT_THAT(Told(read({{"b", b}, {"b2", b}})),
              ElementsAre("b2: is the year 2025, as is b"));
  EXPECT_THAT(Told(read({{"both", b + d.substr(sizeof kHeader - 1)}})),
              ElementsAre(HasSubstr("2027-01-01 stands where 2026-01-01"),
                          "both: holds more than one year"));
}

TEST(OfficeCalendar, MistakesOfTheOfficeAreToldToo) {
  v1::CalendarSpec office = Office();
  office.mutable_weekly(0)->mutable_hours(0)->set_close("8:30");
  const std::string text = Csv(2025, kOff, kWorks);
  EXPECT_THAT(Told(ReadOfficeCalendar(OfficeFormat::kDgpaCsv, {{"f", text}},
                                      office))[0],
              HasSubstr("weekly[0].hours[0].close"));
  office.clear_weekly();
  EXPECT_THAT(
      Told(ReadOfficeCalendar(OfficeFormat::kDgpaCsv, {{"f", text}}, office)),
      ElementsAre("weekly: has no hours"));
}

// `dash` stands between the parts of a date.
std::string JsonList(int year, const char* dash) {
  std::string text = "[\n";
  for (absl::CivilDay date(year, 1, 1); date.year() == year; ++date) {
    const int day = static_cast<int>(absl::GetWeekday(date));
    absl::StrAppendFormat(
        &text, "%s{\"date\": \"%04d%s%02d%s%02d\", \"week\": \"%s\", ",
        absl::GetYearDay(date) == 1 ? "" : ",\n", date.year(), dash,
        date.month(), dash, date.day(), kDays[day]);
    absl::StrAppend(
        &text, "\"isHoliday\": ", day >= 5 || date == kOff ? "true" : "false",
        ", \"description\": \"\"}");
  }
  return text + "\n]\n";
}

TEST(OfficeCalendar, BothFormsOfJsonAreRead) {
  for (const char* const dash : {"", "-"}) {
    const std::string text = JsonList(2025, dash);
    const auto spec =
        ReadOfficeCalendar(OfficeFormat::kJson, {{"f", text}}, Office());
    ASSERT_TRUE(spec.ok()) << spec.status();
    EXPECT_THAT(spec->holidays(), ElementsAre("2025-03-05"));
    EXPECT_EQ(spec->complete_until(), "2025-12-31");
  }
}

TEST(OfficeCalendar, WhatTheNoteCallsAHolidayIsItsName) {
  std::string text = Csv(2025, kOff, kWorks);
  const auto unnamed = ReadOne(text);
  ASSERT_TRUE(unnamed.ok()) << unnamed.status();
  EXPECT_THAT(unnamed->holiday_names(), ::testing::IsEmpty());
  text = absl::StrReplaceAll(text, {{"20250305,三,2,", "20250305,三,2,補假"},
                                    {"20250309,日,2,", "20250309,日,2,節"}});
  const auto spec = ReadOne(text);
  ASSERT_TRUE(spec.ok()) << spec.status();
  // A day that is closed anyway is no holiday of the calendar and has no name.
  ASSERT_EQ(spec->holiday_names_size(), 1);
  EXPECT_EQ(spec->holiday_names(0).day(), "2025-03-05");
  EXPECT_EQ(spec->holiday_names(0).name(), "補假");
  const std::string json = absl::StrReplaceAll(
      JsonList(2025, "-"),
      {{"\"description\": \"\"", "\"description\": \"紀念日\""}});
  const auto from_json =
      ReadOfficeCalendar(OfficeFormat::kJson, {{"f", json}}, Office());
  ASSERT_TRUE(from_json.ok()) << from_json.status();
  ASSERT_EQ(from_json->holiday_names_size(), 1);
  EXPECT_EQ(from_json->holiday_names(0).name(), "紀念日");
}

TEST(OfficeCalendar, AFileMayEndWithOrWithoutALineEnd) {
  std::string text = Csv(2025, kOff, kWorks);
  for (const char* const end : {"", "\r\n", "\r\n\r\n"}) {
    text.erase(text.find_last_not_of("\r\n") + 1);
    const auto spec = ReadOne(text + end);
    ASSERT_TRUE(spec.ok()) << spec.status();
    EXPECT_EQ(spec->complete_until(), "2025-12-31");
  }
}

TEST(OfficeCalendar, Big5IsRead) {
  // The characters of a list, each as Big5 has it.
  const std::string utf8 = Csv(2025, kOff, kWorks);
  const std::string big5 = absl::StrReplaceAll(
      utf8, {{"西元日期,星期,是否放假,備註",
              "\xA6\xE8\xA4\xB8\xA4\xE9\xB4\xC1,\xAC\x50\xB4\xC1,"
              "\xAC\x4F\xA7\x5F\xA9\xF1\xB0\xB2,\xB3\xC6\xB5\xF9"},
             {",一,", ",\xA4\x40,"},
             {",二,", ",\xA4\x47,"},
             {",三,", ",\xA4\x54,"},
             {",四,", ",\xA5\x7C,"},
             {",五,", ",\xA4\xAD,"},
             {",六,", ",\xA4\xBB,"},
             {",日,", ",\xA4\xE9,"},
             {"補行上班", "\xB8\xC9\xA6\xE6\xA4\x57\xAF\x5A"}});
  const auto spec = ReadOne(big5);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->SerializeAsString(), ReadOne(utf8)->SerializeAsString());
}

TEST(OfficeCalendar, AYearBeginsOnItsFirstOfJanuary) {
  std::string text = Csv(2025, kOff, kWorks);
  text.erase(text.find("20250101"),
             text.find("20250102") - text.find("20250101"));
  EXPECT_THAT(Told(ReadOne(text)),
              ElementsAre("2025.csv:2: 2025-01-02 stands where 2025-01-01 "
                          "belongs"));
}

TEST(OfficeCalendar, WhatTheOfficeSaysOfItselfStays) {
  v1::CalendarSpec office = Office();
  office.set_source("a sign at the door");
  office.add_holidays("2025-05-01");
  const std::string text = Csv(2025, kOff, kWorks);
  const auto spec =
      ReadOfficeCalendar(OfficeFormat::kDgpaCsv, {{"f", text}}, office);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->source(), "a sign at the door");
  EXPECT_THAT(spec->holidays(), ElementsAre("2025-05-01", "2025-03-05"));
}

TEST(OfficeCalendar, MakeUpDaysHaveTheHoursOfTheFirstWeekdayThatHasAny) {
  // Written from Friday to Monday; Monday and Saturday without hours.
  v1::CalendarSpec office = Office();
  std::reverse(office.mutable_weekly()->begin(),
               office.mutable_weekly()->end());
  ASSERT_EQ(office.weekly(4).day(), v1::MONDAY);
  office.mutable_weekly(4)->clear_hours();
  office.add_weekly()->set_day(v1::SATURDAY);
  office.mutable_weekly(3)->mutable_hours(0)->set_open("07:00");  // Tuesday
  std::string text = Csv(2025, kOff, kWorks);
  const auto spec =
      ReadOfficeCalendar(OfficeFormat::kDgpaCsv, {{"f", text}}, office);
  ASSERT_TRUE(spec.ok()) << spec.status();
  ASSERT_GE(spec->special_days_size(), 1);
  // The first working day without hours of its own is Monday 6 January; the
  // Saturday is another.
  EXPECT_EQ(spec->special_days(0).date(), "2025-01-06");
  EXPECT_EQ(spec->special_days(0).hours(0).open(), "07:00");
  EXPECT_TRUE(std::any_of(
      spec->special_days().begin(), spec->special_days().end(),
      [](const v1::DayHours& day) { return day.date() == "2025-02-08"; }));
}

TEST(OfficeCalendar, AnElementThatIsNoObjectIsToldAndNotSkipped) {
  const std::string text = absl::StrReplaceAll(
      JsonList(2025, ""),
      {{"{\"date\": \"20251231\"", "\"nothing\",\n{\"date\": \"20251231\""}});
  const auto told =
      Told(ReadOfficeCalendar(OfficeFormat::kJson, {{"f", text}}, Office()));
  ASSERT_FALSE(told.empty());
  EXPECT_THAT(told[0], StartsWith("f:366: "));
}

TEST(OfficeCalendar, EveryElementOfJsonNotUnderstoodIsTold) {
  const std::string text = absl::StrReplaceAll(
      JsonList(2025, "-"),
      {{"\"2025-01-03\"", "\"soon\""},
       {"{\"date\": \"2025-01-06\", \"week\": \"一\", \"isHoliday\": false",
        "{\"date\": \"2025-01-06\", \"week\": \"一\", \"isHoliday\": 0"},
       {"{\"date\": \"2025-01-08\"", "{\"dat\": \"2025-01-08\""}});
  EXPECT_THAT(
      Told(ReadOfficeCalendar(OfficeFormat::kJson, {{"f", text}}, Office())),
      ElementsAre("f:4: \"soon\" is no date", "f:7: \"0\" is no mark of a day",
                  "f:9: \"\" is no date"));
  const std::string cut = text.substr(0, 1'000);
  EXPECT_THAT(
      Told(ReadOfficeCalendar(OfficeFormat::kJson, {{"f", cut}}, Office()))
          .back(),
      StartsWith("f: line "));
}

// ------------------------------------------------------ published files

class Published : public ::testing::Test {
 protected:
  std::filesystem::path folder_;

  void SetUp() override {
    const char* const given = std::getenv("HOTLINE_SHARED");
    folder_ = (given != nullptr
                   ? std::filesystem::path(given)
                   : std::filesystem::path(HOTLINE_SOURCE_DIR) / "../shared") /
              "data/taiwan_calendar";
    if (!std::filesystem::exists(folder_)) {
      GTEST_SKIP() << "no published files: " << folder_ << " is absent";
    }
  }

  v1::CalendarSpec Read(OfficeFormat format,
                        const std::vector<std::string>& names) {
    std::vector<std::string> texts;
    std::vector<OfficeFile> files;
    for (const std::string& name : names) {
      std::ifstream in(folder_ / name, std::ios::binary);
      texts.emplace_back(std::istreambuf_iterator<char>(in),
                         std::istreambuf_iterator<char>());
    }
    for (size_t i = 0; i < names.size(); ++i) {
      files.push_back({names[i], texts[i]});
    }
    const auto spec = ReadOfficeCalendar(format, files, Office());
    EXPECT_TRUE(spec.ok()) << spec.status();
    return spec.value_or(v1::CalendarSpec());
  }

  v1::CalendarSpec Dgpa(const std::vector<std::string>& names) {
    return Read(OfficeFormat::kDgpaCsv, names);
  }
};

absl::CivilDay Date(const char* text) {
  absl::CivilDay date;
  EXPECT_TRUE(absl::ParseCivilTime(text, &date)) << text;
  return date;
}

TEST_F(Published, WorkingDaysAreCountedOverNewYearsAndMakeUpSaturdays) {
  struct Row {
    const char* from;
    int days;
    const char* to;
  };
  const auto check = [](const v1::CalendarSpec& spec,
                        const std::vector<Row>& rows) {
    const auto calendar = Calendar::Create(spec);
    ASSERT_TRUE(calendar.ok()) << calendar.status();
    for (const Row& row : rows) {
      const auto to = calendar->AddWorkingDays(Date(row.from), row.days);
      ASSERT_TRUE(to.ok()) << to.status();
      EXPECT_EQ(*to, Date(row.to)) << row.from << " and " << row.days;
      const auto end = calendar->EndOfWorkingDay(
          calendar->Local(Date(row.from), 16 * 3'600), row.days);
      EXPECT_EQ(*end, calendar->Local(Date(row.to), 17 * 3'600 + 1'800));
    }
  };
  check(Dgpa({"dgpa_2020.csv", "dgpa_2021.csv", "dgpa_2022.csv"}),
        {{"2020-01-22", 1, "2020-01-30"},  // 23 to 29 January
         {"2020-01-22", 2, "2020-01-31"},
         {"2020-02-14", 1, "2020-02-15"},  // Saturday, for 23 January
         {"2020-02-14", 2, "2020-02-17"},
         {"2020-06-19", 1, "2020-06-20"},  // Saturday, for 26 June
         {"2020-06-24", 1, "2020-06-29"},
         {"2020-09-25", 1, "2020-09-26"},  // Saturday, for 2 October
         {"2020-09-30", 1, "2020-10-05"},
         {"2021-02-09", 1, "2021-02-17"},  // 10 to 16 February
         {"2021-02-09", 4, "2021-02-20"},  // Saturday, for 10 February
         {"2021-09-10", 1, "2021-09-11"},  // Saturday, for 20 September
         {"2021-09-17", 1, "2021-09-22"},
         {"2021-12-30", 1, "2022-01-03"},  // New Year's Day on a Saturday
         {"2022-01-21", 1, "2022-01-22"},  // Saturday, for 4 February
         {"2022-01-28", 1, "2022-02-07"},  // 31 January to 4 February
         {"2022-01-21", 7, "2022-02-07"}});
  check(Dgpa({"dgpa_2024.csv", "dgpa_2025.csv", "dgpa_2026.csv"}),
        {{"2024-02-07", 1, "2024-02-15"},  // 8 to 14 February
         {"2024-02-07", 3, "2024-02-17"},  // Saturday, for 8 February
         {"2024-02-07", 4, "2024-02-19"},
         {"2025-01-24", 1, "2025-02-03"},  // 27 to 31 January
         {"2025-02-07", 1, "2025-02-08"},  // Saturday, for 27 January
         {"2025-02-07", 2, "2025-02-10"},
         {"2025-01-24", 6, "2025-02-08"},
         {"2026-02-13", 1, "2026-02-23"},  // 16 to 20 February
         {"2026-02-13", 4, "2026-02-26"},
         {"2026-02-13", 5, "2026-03-02"}});  // 27 February for the 28th
}

TEST_F(Published, TheYear2025AsRevisedHasThreeDaysOffMore) {
  // The Commemorative and Special Days Act of May 2025 made Teachers' Day,
  // Restoration Day and Constitution Day holidays: the first two fall on a
  // weekend and are taken on the next Monday and the Friday before.
  const v1::CalendarSpec before = Dgpa({"dgpa_2025.csv"});
  const std::map<std::string, std::string> why = {
      {"2025-09-29", "28 September, Teachers' Day, is a Sunday"},
      {"2025-10-24", "25 October, Restoration Day, is a Saturday"},
      {"2025-12-25", "Constitution Day"}};
  // The second revision is Big5 and differs in notes only.
  for (const char* const name :
       {"dgpa_2025_rev.csv", "dgpa_2025_rev_20251020.csv"}) {
    v1::CalendarSpec after = Dgpa({name});
    std::vector<std::string> more;
    for (const std::string& date : after.holidays()) {
      if (std::find(before.holidays().begin(), before.holidays().end(), date) ==
          before.holidays().end()) {
        more.push_back(date);
        EXPECT_EQ(why.count(date), 1u) << date;
      }
    }
    EXPECT_EQ(more.size(), why.size()) << name;
    EXPECT_EQ(after.holidays_size(), before.holidays_size() + 3);
    EXPECT_EQ(after.special_days_size(), before.special_days_size());
    const auto old_calendar = Calendar::Create(before);
    const auto new_calendar = Calendar::Create(after);
    struct Row {
      const char *from, *before, *after;
    };
    for (const Row& row :
         std::vector<Row>{{"2025-09-26", "2025-09-29", "2025-09-30"},
                          {"2025-10-23", "2025-10-24", "2025-10-27"},
                          {"2025-12-24", "2025-12-25", "2025-12-26"},
                          {"2025-02-07", "2025-02-08", "2025-02-08"}}) {
      EXPECT_EQ(*old_calendar->AddWorkingDays(Date(row.from), 1),
                Date(row.before));
      EXPECT_EQ(*new_calendar->AddWorkingDays(Date(row.from), 1),
                Date(row.after));
    }
    EXPECT_EQ(
        old_calendar->CountWorkingDays(Date("2025-01-01"), Date("2026-01-01")),
        new_calendar->CountWorkingDays(Date("2025-01-01"), Date("2026-01-01")) +
            3);
  }
}

TEST_F(Published, EachDayIsAWorkingDayOrNotAsItsFlagSays) {
  for (const char* const year :
       {"2020", "2021", "2022", "2024", "2025", "2026"}) {
    const std::string name = absl::StrCat("dgpa_", year, ".csv");
    const auto calendar = Calendar::Create(Dgpa({name}));
    ASSERT_TRUE(calendar.ok()) << calendar.status();
    std::ifstream in(folder_ / name);
    int days = 0;
    for (std::string line; std::getline(in, line);) {
      if (line[0] != '2') continue;  // the header
      const absl::CivilDay date(std::stoi(line.substr(0, 4)),
                                std::stoi(line.substr(4, 2)),
                                std::stoi(line.substr(6, 2)));
      // Eight digits, a comma, a character of three bytes, a comma.
      EXPECT_EQ(calendar->IsWorkingDay(date), line[13] == '0') << line;
      ++days;
    }
    EXPECT_GE(days, 365);
  }
}

TEST_F(Published, JsonSaysTheSameAsTheCsv) {
  const std::pair<const char*, const char*> same[] = {
      {"ruyut_2024.json", "dgpa_2024.csv"},
      {"ruyut_2025.json", "dgpa_2025.csv"},
      {"jacktdry_2026.json", "dgpa_2026.csv"}};
  for (const auto& [json, csv] : same) {
    v1::CalendarSpec a = Read(OfficeFormat::kJson, {json});
    v1::CalendarSpec b = Dgpa({csv});
    for (v1::CalendarSpec* const spec : {&a, &b}) {
      spec->clear_source();
      for (v1::DayHours& day : *spec->mutable_special_days()) day.clear_name();
    }
    EXPECT_EQ(a.SerializeAsString(), b.SerializeAsString()) << json;
  }
}

// ----------------------------------------------------- holidays by rule

std::vector<std::string> Observed(const HolidayRules& rules, int year) {
  std::vector<std::string> dates;
  const auto holidays = HolidaysOf(rules, year, year);
  EXPECT_TRUE(holidays.ok()) << holidays.status();
  for (const Holiday& h : *holidays) {
    dates.push_back(absl::FormatCivilTime(h.observed).substr(5));
  }
  return dates;
}

TEST(Holidays, UsFederalOnesAreThoseOfAWallCalendar) {
  // 2026: 4 July is a Saturday.
  EXPECT_THAT(Observed(UsFederalHolidays(), 2026),
              ElementsAre("01-01", "01-19", "02-16", "05-25", "06-19", "07-03",
                          "09-07", "10-12", "11-11", "11-26", "12-25"));
  // 2021: Juneteenth and Christmas on a Saturday, 4 July on a Sunday, and New
  // Year's Day of 2022 on a Saturday.
  EXPECT_THAT(
      Observed(UsFederalHolidays(), 2021),
      ElementsAre("01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06",
                  "10-11", "11-11", "11-25", "12-24", "12-31"));
  // 2022 has its own New Year's Day no more, and Christmas on a Sunday.
  EXPECT_THAT(Observed(UsFederalHolidays(), 2022),
              ElementsAre("01-17", "02-21", "05-30", "06-20", "07-04", "09-05",
                          "10-10", "11-11", "11-24", "12-26"));
  // No Juneteenth yet.
  EXPECT_EQ(Observed(UsFederalHolidays(), 2020).size(), 10u);
}

TEST(Holidays, AreNamedAndMarkedWhereTheyAreObservedOnAnotherDay) {
  v1::CalendarSpec office;
  office.set_id("o");
  office.set_time_zone("America/New_York");
  auto* day = office.add_weekly();
  day->set_day(v1::MONDAY);
  day->add_hours()->set_open("09:00");
  day->mutable_hours(0)->set_close("17:00");
  const auto spec = HolidayCalendar(UsFederalHolidays(), 2026, 2026, office);
  ASSERT_TRUE(spec.ok()) << spec.status();
  ASSERT_EQ(spec->holiday_names_size(), spec->holidays_size());
  EXPECT_EQ(spec->holiday_names(5).day(), "2026-07-03");
  EXPECT_EQ(spec->holiday_names(5).name(), "Independence Day, observed");
  EXPECT_EQ(spec->holiday_names(7).name(), "Columbus Day");
}

TEST(Holidays, NewYorkCityHasElectionDayToo) {
  EXPECT_THAT(
      Observed(NewYorkCityHolidays(), 2026),
      ElementsAre("01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07",
                  "10-12", "11-03", "11-11", "11-26", "12-25"));
  // The Tuesday after the first Monday: 8 November 2022, as the 1st is a
  // Tuesday before it.
  EXPECT_EQ(Observed(NewYorkCityHolidays(), 2022)[7], "11-08");
  EXPECT_FALSE(HolidaysOf(NewYorkCityHolidays(), 2021, 2026).ok());
  EXPECT_FALSE(HolidaysOf(UsFederalHolidays(), 2026, 2025).ok());
  EXPECT_FALSE(HolidaysOf(UsFederalHolidays(), 2026, 2171).ok());
  EXPECT_TRUE(HolidaysOf(UsFederalHolidays(), 2170, 2170).ok());
}

TEST(Holidays, ASourceOfTheOfficesOwnStays) {
  v1::CalendarSpec office = Office();
  EXPECT_EQ(HolidayCalendar(UsFederalHolidays(), 2026, 2026, office)->source(),
            std::string(UsFederalHolidays().source));
  office.set_source("a sign at the door");
  EXPECT_EQ(HolidayCalendar(UsFederalHolidays(), 2026, 2026, office)->source(),
            "a sign at the door");
}

TEST(Holidays, TheCalendarsAmongTheExamplesAreWhatTheRulesGive) {
  struct Example {
    const char* file;
    HolidayRules rules;
  };
  for (const Example& example :
       {Example{"us_federal", UsFederalHolidays()},
        Example{"new_york_city", NewYorkCityHolidays()}}) {
    std::ifstream in(absl::StrCat(HOTLINE_SOURCE_DIR,
                                  "/examples/policies/calendars/", example.file,
                                  ".textproto"));
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto policy = ParsePolicyTextproto(text);
    ASSERT_TRUE(policy.ok()) << policy.status();
    ASSERT_TRUE(Policy::Create(*policy).ok());
    const v1::CalendarSpec& shipped = policy->calendars(0);
    v1::CalendarSpec office = shipped;
    office.clear_holidays();
    office.clear_holiday_names();
    const auto made = HolidayCalendar(example.rules, 2024, 2035, office);
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_EQ(made->SerializeAsString(), shipped.SerializeAsString());
    EXPECT_EQ(shipped.source(), std::string(example.rules.source));
  }
}

}  // namespace
}  // namespace hotline
