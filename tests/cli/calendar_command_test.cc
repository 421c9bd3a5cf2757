// Goal: `hotline calendar` keeps what it promises to other programs: shapes,
// order, ids, exit statuses. Method: policy files in the test's directory,
// lines in, lines out, compared as text.
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/cli/cli.h"

namespace hotline::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPolicy[] = R"({"id": "p", "calendars": [{
  "id": "taipei", "time_zone": "Asia/Taipei",
  "weekly": [
    {"day": "MONDAY", "hours": [{"open": "08:30", "close": "17:30"}]},
    {"day": "FRIDAY", "hours": [{"open": "08:30", "close": "17:30"}]}],
  "holidays": ["2026-02-16"],
  "special_days": [{"date": "2026-02-21", "name": "make-up",
                    "hours": [{"open": "08:30", "close": "12:30"}]}],
  "closures": [{"from": "2026-02-27T15:00:00+08:00",
                "until": "2026-02-28T00:00:00+08:00",
                "areas": ["xinyi"], "reason": "typhoon",
                "announced": "2026-02-28T08:00:00+08:00"}],
  "complete_until": "2026-12-31"}]})";

struct Result {
  int status;
  std::string out;
  std::string err;
};

std::string WriteFile(const std::string& name, const std::string& text) {
  // Tests run side by side: each process has files of its own.
  const std::string path = ::testing::TempDir() + "calendar_command_" +
                           std::to_string(getpid()) + "_" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

Result Command(const std::vector<std::string>& args,
               const std::string& in = "") {
  std::istringstream input(in);
  std::ostringstream out, err;
  Args words = {"calendar"};
  words.insert(words.end(), args.begin(), args.end());
  const int status = Main(words, input, out, err);
  return {status, out.str(), err.str()};
}

Result Eval(const std::string& lines) {
  return Command({"eval", "--policy", WriteFile("eval.json", kPolicy)}, lines);
}

// The answer to one question on the calendar, without braces.
std::string Ask(const std::string& members) {
  return Eval("{\"id\":1,\"calendar\":\"taipei\"," + members + "}\n").out;
}

std::string Result1(const std::string& json) {
  return "{\"id\":1,\"result\":" + json + "}\n";
}

TEST(CalendarEval, AnswersEveryQuestion) {
  struct Row {
    const char *question, *answer;
  };
  for (const Row& row : std::vector<Row>{
           // 2026-02-13 is a Friday; Monday the 16th is a holiday.
           {R"("op":"add","at":"2026-02-13T16:30:00+08:00","seconds":3600)",
            R"("2026-02-13T09:30:00Z")"},
           {R"("op":"add","at":"2026-02-13T16:30:00+08:00","seconds":3600,
              "boundary":"open")",
            R"("2026-02-20T00:30:00Z")"},
           {R"("op":"subtract","at":"2026-02-20T09:30:00+08:00",
              "seconds":3600)",
            R"("2026-02-20T00:30:00Z")"},
           {R"("op":"subtract","at":"2026-02-20T09:30:00+08:00",
              "seconds":3600,"boundary":"close")",
            R"("2026-02-13T09:30:00Z")"},
           {R"("op":"add","at":"2026-02-13T16:30:00.250+08:00","seconds":0.5)",
            R"("2026-02-13T08:30:00.75Z")"},
           {R"("op":"between","from":"2026-02-13T16:30:00+08:00",
              "to":"2026-02-20T09:30:00+08:00")",
            "7200"},
           {R"("op":"between","to":"2026-02-13T16:30:00.5+08:00",
              "from":"2026-02-13T16:31:00+08:00")",
            "-59.5"},
           {R"("op":"is_open","at":"2026-02-13T17:30:00+08:00")", "false"},
           {R"("op":"next_open","at":"2026-02-13T17:30:00+08:00")",
            R"("2026-02-20T00:30:00Z")"},
           {R"("op":"next_close","at":"2026-02-13T17:31:00+08:00")",
            R"("2026-02-20T09:30:00Z")"},
           {R"("op":"previous_close","at":"2026-02-19T00:00:00+08:00")",
            R"("2026-02-13T09:30:00Z")"},
           {R"("op":"periods","at":"2026-02-20T17:00:00+08:00","count":2)",
            R"([["2026-02-20T09:00:00Z","2026-02-20T09:30:00Z"],)"
            R"(["2026-02-21T00:30:00Z","2026-02-21T04:30:00Z"]])"},
           {R"("op":"periods","at":"2026-02-20T09:00:00+08:00","count":1,
              "direction":"backward")",
            R"([["2026-02-20T00:30:00Z","2026-02-20T01:00:00Z"]])"},
           {R"("op":"local","date":"2026-02-13","time":"24:00")",
            R"("2026-02-13T16:00:00Z")"},
           {R"("op":"is_working_day","date":"2026-02-21")", "true"},
           {R"("op":"add_working_days","date":"2026-02-14","days":1)",
            R"("2026-02-20")"},
           {R"("op":"add_working_days","date":"2026-02-14","days":1,
              "count":"roll_first")",
            R"("2026-02-21")"},
           {R"("op":"count_working_days","from":"2026-02-13",
              "to":"2026-02-20","interval":"[]")",
            "2"},
           {R"("op":"add_calendar_days","date":"2026-02-13","days":5,
              "roll":"next")",
            R"("2026-02-20")"},
           {R"("op":"add_calendar_months","date":"2026-02-28","months":1,
              "rule":"from_next_day")",
            R"("2026-03-31")"},
           {R"("op":"end_of_working_day","at":"2026-02-13T23:00:00+08:00",
              "days":2)",
            R"("2026-02-21T04:30:00Z")"},
           {R"("op":"is_open","at":"2026-02-27T16:00:00+08:00")", "true"},
           {R"("op":"is_open","at":"2026-02-27T16:00:00+08:00",
              "area":"xinyi")",
            "false"}}) {
    std::string question = row.question;
    std::erase(question, '\n');
    EXPECT_EQ(Ask(question), Result1(row.answer)) << question;
  }
}

TEST(CalendarEval, MarksAnswersPastWhatTheCalendarIsKnownFor) {
  // Complete until 2026-12-31, a Thursday; Friday 1 January 2027 and Monday the
  // 4th follow. Hours are 08:30 to 17:30 on Mondays and Fridays.
  struct Row {
    const char* question;
    bool provisional;
  };
  for (const Row& row : std::vector<Row>{
           {R"("op":"add","at":"2026-12-28T10:00:00+08:00","seconds":27000)",
            false},
           {R"("op":"add","at":"2026-12-28T10:00:00+08:00","seconds":27001)",
            true},
           {R"("op":"add","at":"2026-12-28T10:00:00+08:00","seconds":27000,
              "boundary":"open")",
            true},
           {R"("op":"subtract","at":"2027-01-04T10:00:00+08:00",
              "seconds":86400)",
            true},
           {R"("op":"subtract","at":"2026-12-28T10:00:00+08:00",
              "seconds":60)",
            false},
           {R"("op":"between","from":"2026-12-28T10:00:00+08:00",
              "to":"2027-01-01T00:00:00+08:00")",
            false},
           {R"("op":"between","to":"2026-12-28T10:00:00+08:00",
              "from":"2027-01-01T00:00:01+08:00")",
            true},
           {R"("op":"is_open","at":"2027-01-01T00:00:00+08:00")", true},
           {R"("op":"next_open","at":"2026-12-30T00:00:00+08:00")", true},
           {R"("op":"next_close","at":"2026-12-28T10:00:00+08:00")", false},
           {R"("op":"next_close","at":"2026-12-30T10:00:00+08:00")", true},
           {R"("op":"previous_close","at":"2026-12-30T10:00:00+08:00")", false},
           {R"("op":"periods","at":"2026-12-28T10:00:00+08:00","count":1)",
            false},
           {R"("op":"periods","at":"2026-12-28T10:00:00+08:00","count":2)",
            true},
           {R"("op":"local","date":"2030-02-13","time":"24:00")", false},
           {R"("op":"is_working_day","date":"2026-12-31")", false},
           {R"("op":"is_working_day","date":"2027-01-01")", true},
           {R"("op":"add_working_days","date":"2026-12-25","days":1)", false},
           {R"("op":"add_working_days","date":"2026-12-25","days":2)", true},
           {R"("op":"count_working_days","from":"2026-12-25",
              "to":"2027-01-01")",
            false},
           {R"("op":"count_working_days","from":"2026-12-25",
              "to":"2027-01-01","interval":"[]")",
            true},
           {R"("op":"add_calendar_days","date":"2026-12-25","days":30)", false},
           {R"("op":"add_calendar_days","date":"2026-12-25","days":30,
              "roll":"next")",
            true},
           {R"("op":"add_calendar_months","date":"2026-12-25","months":1,
              "roll":"next")",
            true},
           {R"("op":"end_of_working_day","at":"2026-12-25T10:00:00+08:00",
              "days":1)",
            false},
           {R"("op":"end_of_working_day","at":"2026-12-25T10:00:00+08:00",
              "days":2)",
            true}}) {
    std::string question = row.question;
    std::erase(question, '\n');
    const std::string answer = Ask(question);
    EXPECT_THAT(answer, HasSubstr("\"result\":"));
    EXPECT_EQ(answer.ends_with(",\"provisional\":true}\n"), row.provisional)
        << question << " " << answer;
  }
}

TEST(CalendarEval, RefusesPlacesThePolicyDoesNotKnow) {
  const std::string file = WriteFile("places.textproto", R"(
    calendars { id: "c" time_zone: "UTC"
                weekly { day: MONDAY hours { open: "09:00" close: "17:00" } } }
    areas { code: "north" } areas { code: "south" } units { code: "roads" })");
  const auto ask = [&](const std::string& place) {
    return Command({"eval", "--policy", file},
                   R"({"op":"is_working_day","calendar":"c",)" + place +
                       R"("date":"2026-02-13"})")
        .out;
  };
  EXPECT_THAT(ask(R"("area":"north","unit":"roads",)"), HasSubstr("result"));
  EXPECT_THAT(ask(R"("area":"norht",)"),
              HasSubstr("area: the policy has no \\\"norht\\\"; did you mean "
                        "\\\"north\\\"?"));
  EXPECT_THAT(ask(R"("unit":"roadz",)"), HasSubstr("unit: the policy has no"));
}

TEST(CalendarEval, KeepsOrderAndIdsAndGoesOnAfterErrors) {
  const Result r = Eval(
      R"({"id":12345678901234567890,"op":"is_working_day","calendar":"taipei","date":"2026-02-13"}
nonsense

{"op":"is_working_day","calendar":"taipei","date":"2026-02-13","id":{"a":[1,"}"]}}
{"id":"q\"3","op":"is_working_day","calendar":"taipei","date":"2026-2-13"}
{"op":"is_working_day","calendar":"taipei","date":"2026-02-14"}
)");
  EXPECT_EQ(r.status, 1);
  EXPECT_EQ(r.out,
            "{\"id\":12345678901234567890,\"result\":true}\n"
            "{\"id\":null,\"error\":{\"reason\":\"INVALID_ARGUMENT\","
            "\"message\":\"the line is no JSON object\"}}\n"
            "{\"id\":{\"a\":[1,\"}\"]},\"result\":true}\n"
            "{\"id\":\"q\\\"3\",\"error\":{\"reason\":\"INVALID_ARGUMENT\","
            "\"message\":\"date: \\\"2026-2-13\\\" is no date; write it like "
            "2026-02-13\"}}\n"
            "{\"id\":null,\"result\":false}\n");
  EXPECT_EQ(Eval("").status, 0);
}

TEST(CalendarEval, SaysWhatIsWrongWithAQuestion) {
  struct Row {
    const char *question, *message;
  };
  for (const Row& row : std::vector<Row>{
           {R"("op":"ad","at":"x")", "did you mean \\\"add\\\"?"},
           {R"("op":"is_open")", "at: is missing"},
           {R"("op":"is_open","att":"2026-02-13T00:00:00Z")",
            "did you mean \\\"at\\\"?"},
           {R"("op":"is_open","at":"infinite-future")", "is no instant"},
           {R"("op":"is_open","at":"2026-02-13T09:00:00")", "is no instant"},
           {R"("op":"is_open","at":"2171-02-13T09:00:00Z")", "OUT_OF_RANGE"},
           {R"("op":"add","at":"2026-02-13T00:00:00Z","seconds":"1")",
            "seconds: is no number"},
           {R"("op":"add","at":"2026-02-13T00:00:00Z","seconds":1e300)",
            "seconds: is no number"},
           {R"("op":"add","at":"2026-02-13T00:00:00Z","seconds":1e15)",
            "OUT_OF_RANGE"},
           {R"("op":"add","at":"2026-02-13T00:00:00Z","seconds":1,
              "boundary":"shut")",
            "boundary: is none of: close, open"},
           {R"("op":"add_working_days","date":"2026-02-13","days":1.5)",
            "days: is no whole number"},
           {R"("op":"periods","at":"2026-02-13T00:00:00Z","count":-1)",
            "count: is not from 0"},
           {R"("op":"local","date":"2026-02-13","time":"24:01")",
            "is no time of day"},
           {R"("op":"is_working_day","date":"2171-01-01")", "OUT_OF_RANGE"}}) {
    std::string question = row.question;
    std::erase(question, '\n');
    EXPECT_THAT(Ask(question),
                AllOf(HasSubstr("\"error\""), HasSubstr(row.message)));
  }
  EXPECT_THAT(
      Eval(
          R"({"op":"is_open","calendar":"taipie","at":"2026-02-13T00:00:00Z"})")
          .out,
      HasSubstr("did you mean \\\"taipei\\\"?"));
}

TEST(CalendarShow, PrintsAMonthAsPeopleDo) {
  const Result r = Command({"show", "--policy", WriteFile("show.json", kPolicy),
                            "--calendar=taipei", "--month", "2026-02"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.out,
              AllOf(HasSubstr("  Mon  Tue  Wed  Thu  Fri  Sat  Sun\n"
                              "                                 1-\n"
                              "   2    3-   4-   5-   6    7-   8-\n"),
                    HasSubstr("  16H  17-  18-  19-  20   21*  22-\n"),
                    HasSubstr("2026-02-13 Fri  08:30-17:30\n"),
                    HasSubstr("\nholidays\n  2026-02-16 Mon\n"),
                    HasSubstr("\nspecial days\n"
                              "  2026-02-21 Sat  08:30-12:30  make-up\n"),
                    HasSubstr("area xinyi  typhoon  (announced "
                              "2026-02-28T08:00:00+08:00, after it ended)"),
                    Not(HasSubstr("provisional"))));
  EXPECT_THAT(
      Command({"show", "--policy", WriteFile("show.json", kPolicy),
               "--calendar", "taipei", "--month", "2026-02", "--area", "xinyi"})
          .out,
      HasSubstr("2026-02-27 Fri  08:30-15:00\n"));
  EXPECT_THAT(Command({"show", "--policy", WriteFile("show.json", kPolicy),
                       "--calendar", "taipei", "--month", "2027-01"})
                  .out,
              HasSubstr("complete until 2026-12-31"));
}

TEST(CalendarShow, CallsHolidaysByTheirNames) {
  const std::string file = WriteFile("named.textproto", R"(
      id: "c" calendars {
        id: "c" time_zone: "America/New_York"
        weekly { day: MONDAY hours { open: "09:00" close: "17:00" } }
        holidays: "2026-10-12" annual_holidays: "10-26"
        holiday_names { day: "10-26" name: "Every Year" }
        holiday_names { day: "2026-10-12" name: "Columbus Day" }
      })");
  EXPECT_THAT(
      Command({"show", "--policy", file, "--calendar=c", "--month=2026-10"})
          .out,
      HasSubstr("\nholidays\n  2026-10-12 Mon  Columbus Day\n"
                "  2026-10-26 Mon  Every Year\n"));
  EXPECT_THAT(Command({"show", "--policy", file, "--calendar=c",
                       "--month=2026-10", "--json"})
                  .out,
              HasSubstr("\"open\":[],\"name\":\"Columbus Day\"}"));
}

TEST(CalendarShow, GivesAnObjectForEachDateWithJson) {
  const std::string file = WriteFile("json.json", kPolicy);
  const Result r = Command({"show", "--policy", file, "--calendar=taipei",
                            "--month=2026-02", "--json", "--area=xinyi"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 28);
  EXPECT_THAT(r.out,
              AllOf(HasSubstr(R"({"calendar":"taipei","date":"2026-02-13",)"
                              R"("weekday":"FRIDAY","mark":"open",)"
                              R"("working_day":true,"seconds":32400,)"
                              R"("open":[["2026-02-13T00:30:00Z",)"
                              R"("2026-02-13T09:30:00Z"]]})"),
                    HasSubstr(R"("weekday":"MONDAY","mark":"holiday",)"
                              R"("working_day":false,"seconds":0,"open":[]})"),
                    HasSubstr(R"("2026-02-21T04:30:00Z"]],"name":"make-up"})"),
                    HasSubstr(R"("mark":"closure","working_day":true,)"
                              R"("seconds":23400)"),
                    Not(HasSubstr("provisional"))));
  // Elsewhere the closure does not hold.
  EXPECT_THAT(Command({"show", "--policy", file, "--calendar=taipei",
                       "--month=2026-02", "--json"})
                  .out,
              Not(HasSubstr("closure")));
  EXPECT_THAT(Command({"show", "--policy", file, "--calendar=taipei",
                       "--month=2027-01", "--json"})
                  .out,
              HasSubstr("\"open\":[],\"provisional\":true}"));
}

TEST(CalendarShow, PrintsTheHoursOfADateTooShortToBeAWorkingDay) {
  const std::string file = WriteFile("short.textproto", R"(
    calendars { id: "c" time_zone: "UTC" working_day_min: "4h"
                weekly { day: MONDAY hours { open: "09:00" close: "17:00" } }
                weekly { day: TUESDAY hours { open: "09:00" close: "12:00" } }
                source: "a sign at the door" })");
  EXPECT_THAT(
      Command({"show", "--policy", file, "--calendar=c", "--month=2026-03"})
          .out,
      AllOf(HasSubstr("2026-03-02 Mon  09:00-17:00\n"),
            HasSubstr("2026-03-03 Tue  09:00-12:00  (under 4h: no working "
                      "day)\n"),
            HasSubstr("working days: 5  open: 55h\n"),
            HasSubstr("source: a sign at the door")));
}

// ------------------------------------------------------------ importing

std::string DgpaList() {
  std::string text = "西元日期,星期,是否放假,備註\r\n";
  const char* const days[] = {"一", "二", "三", "四", "五", "六", "日"};
  for (absl::CivilDay date(2025, 1, 1); date.year() == 2025; ++date) {
    const int day = static_cast<int>(absl::GetWeekday(date));
    const bool make_up = date == absl::CivilDay(2025, 2, 8);
    text += absl::StrFormat("2025%02d%02d,%s,%d,%s\r\n", date.month(),
                            date.day(), days[day], day >= 5 && !make_up ? 2 : 0,
                            make_up ? "補行上班" : "");
  }
  return text;
}

TEST(CalendarImport, PrintsAPolicyThatAnswersQuestions) {
  const std::string list = WriteFile("2025.csv", DgpaList());
  for (const bool json : {false, true}) {
    std::vector<std::string> args = {"import",
                                     "--format=dgpa",
                                     "--hours=08:30-12:30,13:30-17:30",
                                     "--id=taipei",
                                     "--revision=2025-05-28",
                                     list};
    if (json) args.push_back("--json");
    const Result r = Command(args);
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n') == 1, json);
    const std::string policy =
        WriteFile(json ? "made.json" : "made.textproto", r.out);
    EXPECT_EQ(
        Command({"eval", "--policy", policy},
                R"({"id":1,"op":"end_of_working_day","calendar":"taipei",)"
                R"("at":"2025-02-07T18:00:00+08:00","days":1})")
            .out,
        "{\"id\":1,\"result\":\"2025-02-08T09:30:00Z\"}\n");
    std::ostringstream said;
    std::istringstream none;
    EXPECT_EQ(Main({"policy", "check", policy}, none, said, said), 0)
        << said.str();
    EXPECT_THAT(Command({"show", "--policy", policy, "--calendar=taipei",
                         "--month=2025-02"})
                    .out,
                AllOf(HasSubstr("revision 2025-05-28"),
                      HasSubstr("13:30-17:30  補行上班\n")));
  }
}

TEST(CalendarImport, TakesAFileForEachYearAndWhereItIsFrom) {
  std::string second = DgpaList();
  // 2031 has the weekdays of 2025; the year between them is missing.
  for (size_t at = second.find("\n2025"); at != second.npos;
       at = second.find("\n2025", at)) {
    second.replace(at, 5, "\n2031");
  }
  const std::string first = WriteFile("2025.csv", DgpaList());
  const std::string later = WriteFile("2031.csv", second);
  const Result gap =
      Command({"import", "--format=dgpa", "--hours=09:00-17:00", first, later});
  EXPECT_EQ(gap.status, 1);
  EXPECT_THAT(gap.err, HasSubstr(later + ": between the years 2025 and 2031"));
  const Result one = Command({"import", "--format=dgpa", "--hours=09:00-17:00",
                              "--source=a sign at the door", first});
  EXPECT_THAT(one.out,
              AllOf(HasSubstr("source: \"a sign at the door\""),
                    HasSubstr("day: FRIDAY"), Not(HasSubstr("day: SATURDAY"))));
}

TEST(CalendarImport, TellsEveryLineItDoesNotUnderstandAndPrintsNothing) {
  std::string text = DgpaList();
  text.replace(text.find("20250103,五,0"), 8, "20250131");
  text.replace(text.find("20250602,一,0"), 8, "20250600");
  const std::string list = WriteFile("broken.csv", text);
  const Result r =
      Command({"import", "--format=dgpa", "--hours=08:30-17:30", list});
  EXPECT_EQ(r.status, 1);
  EXPECT_EQ(r.out, "");
  EXPECT_THAT(r.err, AllOf(HasSubstr(list + ":4: 2025-01-31 stands where "),
                           HasSubstr(list + ":154: \"20250600\" is no date; "
                                            "write it like 20260216\n")));
}

TEST(CalendarImport, KnowsTheHolidaysOfTheUnitedStatesAndOfNewYorkCity) {
  const Result federal = Command(
      {"import", "--format=us-federal", "--hours=09:00-17:00", "--years=2026"});
  EXPECT_EQ(federal.status, 0) << federal.err;
  EXPECT_THAT(federal.out,
              AllOf(HasSubstr("holidays: \"2026-07-03\"\n"),
                    HasSubstr("  holiday_names {\n    day: \"2026-07-03\"\n"
                              "    name: \"Independence Day, observed\"\n"),
                    HasSubstr("time_zone: \"America/New_York\""),
                    Not(HasSubstr("2026-11-03"))));
  EXPECT_THAT(Command({"import", "--format=nyc", "--hours=09:00-17:00",
                       "--years=2026-2027", "--json"})
                  .out,
              AllOf(HasSubstr("\"2026-11-03\""), HasSubstr("\"2027-11-02\""),
                    HasSubstr("{\"day\":\"2026-11-03\",\"name\":\"Election "
                              "Day\"}")));
}

TEST(CalendarImport, RefusesWrongUsage) {
  const std::string list = WriteFile("usage.csv", DgpaList());
  struct Row {
    std::vector<std::string> args;
    const char* said;
  };
  for (const Row& row : std::vector<Row>{
           {{"--format=dgp", "--hours=9-5", list}, "did you mean dgpa?"},
           {{"--format=dgpa", list}, "missing --hours"},
           {{"--format=dgpa", "--hours=09:00-17:00"}, "takes a FILE"},
           {{"--format=dgpa", "--hours=09:00-17:00", "--years=2026", list},
            "no --years"},
           {{"--format=nyc", "--hours=09:00-17:00", list}, "takes --years"},
           {{"--format=nyc", "--hours=09:00-17:00", "--years=soon"},
            "write 2026 or 2024-2035"},
           {{"--format=nyc", "--hours=09:00-17:00", "--years=1999"},
            "for which the rules hold"},
           {{"--format=dgpa", "--hours=09:00-09:00", list},
            "--hours: opens and closes at the same time"},
           {{"--format=dgpa", "--hours=09:00", list}, "--hours: "},
           {{"--format=dgpa", "--hours=09:00-17:00", "--id=\xFF", list},
            "--id: "},
           {{"--format=dgpa", "--hours=09:00-25:00", list}, "at most 24:00"},
           {{"--format=dgpa", "--hours=09:00-17:00", "--time-zone=Asia/Taipeh",
             list},
            "--time-zone: \"Asia/Taipeh\" is no IANA time zone"},
           {{"--format=dgpa", "--hours=09:00-17:00", list + ".absent"},
            "No such file"}}) {
    std::vector<std::string> args = {"import"};
    args.insert(args.end(), row.args.begin(), row.args.end());
    const Result r = Command(args);
    EXPECT_EQ(r.status, 2) << row.said;
    EXPECT_THAT(r.err, HasSubstr(row.said));
    EXPECT_EQ(r.out, "");
  }
}

TEST(CalendarCommandLine, RefusesWrongUsage) {
  const std::string file = WriteFile("usage.json", kPolicy);
  EXPECT_EQ(Command({}).status, 2);
  EXPECT_EQ(Command({"evla"}).status, 2);
  EXPECT_EQ(Command({"eval"}).status, 2);
  EXPECT_EQ(Command({"eval", "--policy"}).status, 2);
  EXPECT_EQ(Command({"eval", "--policy", file + ".absent"}).status, 2);
  EXPECT_THAT(Command({"eval", "--polcy", file}).err,
              HasSubstr("did you mean --policy?"));
  EXPECT_EQ(Command({"show", "--policy", file, "--calendar", "taipei",
                     "--month", "2026-13"})
                .status,
            2);
  EXPECT_THAT(Command({"show", "--policy", file, "--calendar", "taipie",
                       "--month", "2026-02"})
                  .err,
              HasSubstr("did you mean \"taipei\"?"));
  const Result help = Command({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr("hotline calendar eval"));
}

TEST(CalendarCommandLine, TellsEveryProblemOfThePolicy) {
  const std::string file = WriteFile("bad.textproto", R"(
    calendars { id: "a" time_zone: "Asia/Taipeh" holidays: "soon" })");
  const Result r = Command({"eval", "--policy", file});
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, AllOf(HasSubstr(file + ": calendars[0].time_zone: "),
                           HasSubstr("did you mean Asia/Taipei?"),
                           HasSubstr(file + ": calendars[0].holidays[0]: ")));
  EXPECT_EQ(Command({"eval", "--policy",
                     WriteFile("worse.textproto", "calendars { id: ")})
                .status,
            2);
}

}  // namespace
}  // namespace hotline::cli
