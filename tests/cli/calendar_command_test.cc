// Goal: `hotline calendar` keeps what it promises to other programs: shapes,
// order, ids, exit statuses. Method: policy files in the test's directory,
// lines in, lines out, compared as text.
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

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
                "areas": ["xinyi"], "reason": "typhoon"}],
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
  EXPECT_THAT(
      r.out,
      AllOf(HasSubstr("  Mon  Tue  Wed  Thu  Fri  Sat  Sun\n"
                      "                                 1-\n"
                      "   2    3-   4-   5-   6    7-   8-\n"),
            HasSubstr("  16H  17-  18-  19-  20   21*  22-\n"),
            HasSubstr("2026-02-13 Fri  08:30-17:30\n"),
            HasSubstr("\nholidays\n  2026-02-16 Mon\n"),
            HasSubstr("\nspecial days\n"
                      "  2026-02-21 Sat  08:30-12:30  make-up\n"),
            HasSubstr("area xinyi  typhoon"), Not(HasSubstr("provisional"))));
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
              HasSubstr("did you mean taipei?"));
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
