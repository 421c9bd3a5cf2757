// What is wrong with clocks, ladders and declared events is told with its path.
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "hotline/sla.h"
#include "tests/rules/sla_support.h"

namespace hotline::sla_test {
namespace {

using ::testing::HasSubstr;

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

#define EVENT(e)                                                              \
  "categories { code: 'tree' } clocks { code: 'c' targets { elapsed: '1h' } " \
  "} "                                                                        \
  "declared_events { code: 'e' from: '2026-03-02T00:00:00+08:00' "            \
  "until: '2026-03-04T00:00:00+08:00' " e " }"
#define ON_C "targets { clock: 'c' target { elapsed: '2h' } }"

INSTANTIATE_TEST_SUITE_P(
    Targets, SlaProblemTest,
    ::testing::Values(
        Wrong{TARGET("calendar_months: 0"),
              "clocks[0].targets[0].calendar_months", "is 0; between 1"},
        Wrong{TARGET("calendar_months: 1201"),
              "clocks[0].targets[0].calendar_months", "and 1200"},
        Wrong{TARGET("working_time: '876001h'"),
              "clocks[0].targets[0].working_time", "100 years"},
        Wrong{TARGET("elapsed: '1h' first_day_counts: true"),
              "clocks[0].targets[0].first_day_counts", "of days and months"},
        Wrong{TARGET("working_time: '1h' pause_by_dates: true"),
              "clocks[0].targets[0].pause_by_dates", "of days and months"},
        Wrong{TARGET("calendar_days: 1 from_next_day: true"),
              "clocks[0].targets[0].from_next_day", "calendar months only"},
        Wrong{TARGET("working_days: 1 roll_end: true"),
              "clocks[0].targets[0].roll_end", "calendar days and months"},
        Wrong{TARGET("calendar_months: 1 roll_start: true"),
              "clocks[0].targets[0].roll_start", "working days only"},
        Wrong{TARGET("calendar_months: 1 from_next_day: true "
                     "first_day_counts: true"),
              "clocks[0].targets[0].from_next_day", "say one of the two"},
        Wrong{TARGET("elapsed: '1h' unit: 'works'"),
              "clocks[0].targets[0].unit", "there is no unit \"works\""},
        Wrong{"units { code: 'works' } clocks { code: 'c' "
              "targets { elapsed: '1h' unit: 'works' priority: 'high' } "
              "targets { elapsed: '2h' unit: 'works' } "
              "targets { elapsed: '2h' unit: 'works' priority: 'high' } }",
              "clocks[0].targets[2]", "same cases as targets[0]"},
        Wrong{"clocks { code: 'c' targets { calendar_days: 1 roll_end: true } "
              "}",
              "clocks[0].targets[0].calendar", "is missing"},
        Wrong{"ladders { code: 'l' levels { code: 'a' before: '1h' "
              "measure: WORKING_TIME } } "
              "clocks { code: 'c' ladder: 'l' targets { elapsed: '2h' } }",
              "clocks[0].targets[0].calendar", "working time of level \"a\""},
        Wrong{"clocks { code: 'c' targets { elapsed: '1h' } "
              "pause { phase: WAITING } resume { verb: RESUME } }",
              "clocks[0].resume", "there is none"},
        Wrong{"clocks { code: 'c' targets { elapsed: '1h' } "
              "agreement: CONTRACT start { verb: ASSIGN } }",
              "clocks[0].start", "hand-over"},
        Wrong{"clocks { code: 'c' targets { elapsed: '1h' } "
              "agreement: OPERATIONAL_LEVEL start { verb: ASSIGN } }",
              "clocks[0].start", "hand-over"},
        // A level that raises the priority and thereby wins time.
        Wrong{"ladders { code: 'l' levels { code: 'up' percent: 50 "
              "raise_priority: 'high' } } "
              "clocks { code: 'c' ladder: 'l' targets { elapsed: '2h' } "
              "targets { elapsed: '3h' priority: 'high' } }",
              "clocks[0].targets[1]", "level \"up\" raises cases to it"}));

INSTANTIATE_TEST_SUITE_P(
    Levels, SlaProblemTest,
    ::testing::Values(
        Wrong{LEVEL("code: 'a' days_before: 0"),
              "ladders[0].levels[0].days_before", "is 0; between 1"},
        Wrong{LEVEL("code: 'a' days_after: -1"),
              "ladders[0].levels[0].days_after", "is -1"},
        Wrong{LEVEL("code: 'a' percent: 80 every: '1h'"),
              "ladders[0].levels[0].every", "at or after the breach"},
        Wrong{LEVEL("code: 'a' before: '1h' every: '1h'"),
              "ladders[0].levels[0].every", "at or after the breach"},
        Wrong{LEVEL("code: 'a' days_before: 1 every: '1h'"),
              "ladders[0].levels[0].every", "at or after the breach"},
        Wrong{LEVEL("code: 'a' breach: true every: '0h'"),
              "ladders[0].levels[0].every", ""},
        Wrong{LEVEL("code: 'a' breach: true every: '-1h'"),
              "ladders[0].levels[0].every", ""},
        Wrong{LEVEL("code: 'a' breach: true every: '59s'"),
              "ladders[0].levels[0].every", "shorter than a minute"},
        Wrong{LEVEL("code: 'a' breach: true every: '1h' times: -1"),
              "ladders[0].levels[0].times", "is -1"},
        Wrong{LEVEL("code: 'a' breach: true times: 2"),
              "ladders[0].levels[0].times", "goes with every"},
        Wrong{LEVEL("code: 'a' percent: 80 measure: ELAPSED"),
              "ladders[0].levels[0].measure", "measures nothing"}));

INSTANTIATE_TEST_SUITE_P(
    Events, SlaProblemTest,
    ::testing::Values(
        Wrong{EVENT(""), "declared_events[0].targets", "is empty"},
        Wrong{EVENT("targets { target { elapsed: '2h' } }"),
              "declared_events[0].targets[0].clock", "is empty"},
        Wrong{EVENT("targets { clock: 'd' target { elapsed: '2h' } }"),
              "declared_events[0].targets[0].clock", "there is no clock"},
        Wrong{EVENT("targets { clock: 'c' category: 'tee' "
                    "target { elapsed: '2h' } }"),
              "declared_events[0].targets[0].category",
              "did you mean \"tree\"?"},
        Wrong{EVENT("targets { clock: 'c' target { elapsed: '0h' } }"),
              "declared_events[0].targets[0].target.elapsed", ""},
        Wrong{EVENT("targets { clock: 'c' target { working_days: 1 } }"),
              "declared_events[0].targets[0].target.calendar", "is missing"},
        Wrong{EVENT("areas: 'xiny' " ON_C), "declared_events[0].areas[0]",
              "did you mean \"xinyi\"?"},
        Wrong{EVENT("announced: 'noon' " ON_C), "declared_events[0].announced",
              ""},
        Wrong{EVENT(ON_C) " declared_events { code: 'e' "
                          "from: '2027-01-01T00:00:00Z' "
                          "until: '2027-01-02T00:00:00Z' " ON_C " }",
              "declared_events[1].code", "stands twice"},
        Wrong{EVENT(ON_C) " declared_events { "
                          "from: '2027-01-01T00:00:00Z' "
                          "until: '2027-01-02T00:00:00Z' " ON_C " }",
              "declared_events[1].code", "is empty"},
        Wrong{EVENT(ON_C) " declared_events { code: 'f' "
                          "from: '2027-01-02T00:00:00Z' "
                          "until: '2027-01-02T00:00:00Z' " ON_C " }",
              "declared_events[1].until", "is not after"},
        Wrong{EVENT(ON_C) " declared_events { code: 'f' from: '2 March' "
                          "until: '2027-01-02T00:00:00Z' " ON_C " }",
              "declared_events[1].from", ""},
        Wrong{EVENT(ON_C ON_C), "declared_events[0].targets[1]",
              "same time as declared_events[0].targets[0]"},
        Wrong{
            EVENT(
                "areas: 'xinyi' areas: 'city' " ON_C) " declared_events { "
                                                      "code: 'f' areas: 'city' "
                                                      "from: "
                                                      "'2026-03-03T23:59:59+08:"
                                                      "00' "
                                                      "until: "
                                                      "'2026-03-05T00:00:00+08:"
                                                      "00' " ON_C " }",
            "declared_events[1].targets[0]",
            "same time as declared_events[0].targets[0]"}));

class SlaPermittedTest : public ::testing::TestWithParam<const char*> {};

TEST_P(SlaPermittedTest, IsNoProblem) { SlaOf(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Table, SlaPermittedTest,
    ::testing::Values(
        // One ends when the other begins; another area; another clock.
        EVENT(ON_C) " declared_events { code: 'f' "
                    "from: '2026-03-04T00:00:00+08:00' "
                    "until: '2026-03-05T00:00:00+08:00' " ON_C " }",
        EVENT("areas: 'xinyi' " ON_C) " declared_events { code: 'f' "
                                      "areas: 'city' "
                                      "from: '2026-03-03T00:00:00+08:00' "
                                      "until: '2026-03-05T00:00:00+08:00' " ON_C
                                      " }",
        EVENT(ON_C "targets { clock: 'c' target { elapsed: '1h' "
                   "priority: 'high' } }"),
        EVENT(ON_C "targets { clock: 'c' category: 'tree' "
                   "target { elapsed: '1h' } }"),
        // Raised to less time, or to another kind of it.
        "ladders { code: 'l' levels { code: 'up' percent: 50 "
        "raise_priority: 'high' } } "
        "clocks { code: 'c' ladder: 'l' calendar: 'office' "
        "targets { elapsed: '2h' } "
        "targets { elapsed: '1h' priority: 'high' } "
        "targets { working_days: 2 area: 'city' } "
        "targets { elapsed: '3h' area: 'city' priority: 'high' } }",
        "clocks { code: 'c' targets { elapsed: '1h' } pause { verb: WAIT } "
        "resume { verb: RESUME } }",
        "clocks { code: 'c' agreement: OPERATIONAL_LEVEL "
        "targets { elapsed: '1h' } }",
        "ladders { code: 'l' levels { code: 'a' after: '1h' every: '1m' "
        "times: 5 measure: ELAPSED } }",
        TARGET("calendar_months: 1200 roll_end: true pause_by_dates: true "
               "from_next_day: true"),
        TARGET("working_days: 36500 first_day_counts: true")));

TEST(SlaProblemTest, AllProblemsAreToldAtOnce) {
  Problems problems;
  Compile(SpecOf(R"(
            ladders { code: "l" levels { code: "a" percent: 0 every: "1s" } }
            clocks { code: "c" ladder: "m"
              targets { elapsed: "0h" area: "xiny" unit: "u" } }
            declared_events { code: "e" })"),
          &problems);
  EXPECT_EQ(problems.size(), 10u);
}

class SlaUseProblemTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(SlaUseProblemTest, IsToldWithThePathOfTheCategory) {
  const Sla sla = SlaOf(
      "clocks { code: 'bare' } "
      "clocks { code: 'c' targets { elapsed: '1h' } "
      "targets { elapsed: '2h' priority: 'high' } } "
      "ladders { code: 'up' levels { code: 'a' percent: 50 "
      "raise_priority: 'high' } } "
      "ladders { code: 'hours' levels { code: 'a' after: '1h' "
      "measure: WORKING_TIME } }");
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
        Wrong{"clock: 'c' ladder: 'up'", "clocks[1].targets[1]",
              "raises cases to it"},
        Wrong{"clock: 'c' ladder: 'hours'", "clocks[1].targets[0].calendar",
              "working time of level"},
        Wrong{"clock: 'bare'", "categories[0].clocks[0]", "has no target"},
        Wrong{"clock: 'c' targets { elapsed: '1h' unit: 'u' }",
              "categories[0].clocks[0].targets[0].unit", "no unit \"u\""},
        Wrong{"clock: 'c' targets { working_days: 0 calendar: 'office' }",
              "categories[0].clocks[0].targets[0].working_days", "is 0"}));

}  // namespace
}  // namespace hotline::sla_test
