// What is wrong with a policy is told with its path and what to do, all at
// once.
#include "hotline/policy.h"

#include <set>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/testing/matchers.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using hotline::testing::HasReason;
using hotline::testing::IsOk;
using ::testing::HasSubstr;

std::string Told(const absl::Status& status) {
  std::string told;
  const v1::ErrorInfo info = InfoOf(status);
  for (const v1::Problem& p : info.problems()) {
    told += p.path() + ": " + p.message() + "; " + p.hint() + "\n";
  }
  return told;
}

struct Wrong {
  const char* text;  // added to a good policy
  const char* said;  // "path: message; hint", or the beginning of it
};

void PrintTo(const Wrong& row, std::ostream* os) { *os << row.said; }

class PolicyProblemTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(PolicyProblemTest, IsToldWithPathAndHint) {
  const auto policy =
      Policy::FromTextproto(std::string(tests::kPolicy) + GetParam().text);
  ASSERT_THAT(policy, HasReason(v1::ErrorInfo::INVALID_POLICY));
  EXPECT_THAT("\n" + Told(policy.status()),
              HasSubstr("\n" + std::string(GetParam().said)));
}

// The policy has one calendar (0), three units, areas and priorities, one
// ladder, three clocks, four categories and four notices.
#define CALENDAR(c)                                            \
  "calendars { id: 'x' time_zone: 'UTC' weekly { day: MONDAY " \
  "hours { open: '09:00' close: '17:00' } } " c " }"
#define CATEGORY(c) "categories { code: 'x' kind: CASE " c " }"
#define ATTRIBUTE(a) \
  CATEGORY("attributes { code: 'a' datatype: STRING order: 1 " a " }")

INSTANTIATE_TEST_SUITE_P(
    Calendars, PolicyProblemTest,
    ::testing::Values(
        Wrong{"calendars { id: 'office' time_zone: 'UTC' weekly { day: MONDAY "
              "hours { open: '09:00' close: '17:00' } } }",
              "calendars[1].id: "},
        Wrong{"calendars { id: 'x' time_zone: 'Mars/Base' weekly { day: MONDAY "
              "hours { open: '09:00' close: '17:00' } } }",
              "calendars[1].time_zone: "},
        Wrong{"calendars { id: 'x' time_zone: 'UTC' }", "calendars[1]"},
        Wrong{CALENDAR("weekly { day: TUESDAY hours { open: '09:00' "
                       "close: '09:00' } }"),
              "calendars[1].weekly[1].hours[0]"},
        Wrong{CALENDAR("weekly { day: TUESDAY hours { open: '9 am' "
                       "close: '17:00' } }"),
              "calendars[1].weekly[1].hours[0].open: "},
        Wrong{CALENDAR("weekly { hours { open: '09:00' close: '17:00' } }"),
              "calendars[1].weekly[1].day: "},
        Wrong{CALENDAR("holidays: '2026-02-30'"), "calendars[1].holidays[0]: "},
        Wrong{CALENDAR("annual_holidays: '13-01'"),
              "calendars[1].annual_holidays[0]: "},
        Wrong{CALENDAR("special_days { date: 'tomorrow' }"),
              "calendars[1].special_days[0].date: "},
        Wrong{CALENDAR("closures { from: '2026-02-13T00:00:00+08:00' "
                       "until: '2026-02-12T00:00:00+08:00' }"),
              "calendars[1].closures[0]"},
        Wrong{CALENDAR("closures { from: 'noon' "
                       "until: '2026-02-12T00:00:00+08:00' }"),
              "calendars[1].closures[0].from: "},
        Wrong{CALENDAR("closures { from: '2026-02-12T00:00:00+08:00' "
                       "until: '2026-02-13T00:00:00+08:00' areas: 'xiny' }"),
              "calendars[1].closures[0]"},
        Wrong{CALENDAR("complete_until: '2026'"),
              "calendars[1].complete_until: "}));

INSTANTIATE_TEST_SUITE_P(
    Rooms, PolicyProblemTest,
    ::testing::Values(
        Wrong{"units { code: 'works' }", "units[3].code: "},
        Wrong{"units { code: 'x' parent: 'wroks' }", "units[3].parent: "},
        Wrong{"units { code: 'x' calendar: 'ofice' }", "units[3].calendar: "},
        Wrong{"areas { code: 'xinyi' }", "areas[3].code: "},
        Wrong{"areas { code: 'x' parent: 'x' }", "areas[3]"},
        Wrong{"priorities { code: 'high' }",
              "priorities[3].code: \"high\" stands twice; "},
        Wrong{"ladders { code: 'x' levels { code: 'a' percent: 0 } }",
              "ladders[1].levels[0].percent: is 0; between 1 and 1000"},
        Wrong{"clocks { code: 'x' targets { elapsed: 'soon' } }",
              "clocks[3].targets[0].elapsed: "},
        Wrong{"clocks { code: 'x' start { } targets { elapsed: '1h' } }",
              "clocks[3].start[0]: says not on what; "},
        Wrong{"clocks { code: 'x' stop { state: 'resolvd' } "
              "targets { elapsed: '1h' } }",
              "clocks[3].stop[0].state: there is no state \"resolvd\"; did you "
              "mean \"resolved\"?"},
        Wrong{"clocks { code: 'x' pause { verb: WAIT } "
              "targets { elapsed: '1h' } }",
              "clocks[3].pause[0]: begins a rest that nothing ends; "},
        Wrong{"workflows { code: 'x' }", "workflows[0].states: is empty; "},
        Wrong{"routes { unit: 'lihgts' }", "routes[0].unit: "},
        Wrong{"routes { category: 'tre' unit: 'parks' }",
              "routes[0].category: there is no category \"tre\"; did you mean "
              "\"tree\"?"},
        Wrong{"routes { area: 'nowhere' unit: 'parks' }", "routes[0].area: "},
        Wrong{"routes { when: IN_HOURS unit: 'parks' }",
              "routes[0].calendar: "},
        Wrong{"notices { code: 'answer' verbs: OPEN to: TO_UNIT "
              "text { text: 'x' } }",
              "notices[4].code: "},
        Wrong{"notices { code: 'x' verbs: OPEN text { text: 'x' } }",
              "notices[4].to: "},
        Wrong{"notices { code: 'x' to: TO_UNIT text { text: 'x' } }",
              "notices[4]: "},
        Wrong{"notices { code: 'x' verbs: OPEN to: TO_UNIT "
              "text { text: '{{who}}' } }",
              "notices[4].text[0]"},
        Wrong{"notices { code: 'x' levels { clock: 'resolv' level: 'warn' } "
              "to: TO_UNIT text { text: 'x' } }",
              "notices[4].levels[0].clock: there is no clock \"resolv\"; did "
              "you mean \"resolve\"?"},
        Wrong{"notices { code: 'x' levels { level: 'wran' } to: TO_UNIT "
              "text { text: 'x' } }",
              "notices[4].levels[0].level: "},
        Wrong{"notices { code: 'x' verbs: OPEN to: TO_UNIT categories: 'bush' "
              "text { text: 'x' } }",
              "notices[4].categories[0]: "},
        Wrong{"roles { code: 'a' } roles { code: 'a' }", "roles[1].code: "},
        Wrong{"roles { code: 'a' verbs: VERB_UNSPECIFIED }",
              "roles[0].verbs[0]: is no verb; "},
        Wrong{"limits { note_bytes: 20001 }",
              "limits.note_bytes: is 20001; 0 (the library's) to 20000"},
        Wrong{"limits { attachments: -1 }", "limits.attachments: is -1; "}));

INSTANTIATE_TEST_SUITE_P(
    Taxonomy, PolicyProblemTest,
    ::testing::Values(
        Wrong{"categories { code: 'tree' kind: CASE }", "categories[4].code: "},
        Wrong{CATEGORY("parent: 'rods'"), "categories[4].parent: "},
        Wrong{CATEGORY("parent: 'x'"), "categories[4].parent: "},
        Wrong{CATEGORY("unit: 'light'"),
              "categories[4].unit: there is no unit \"light\"; did you mean "
              "\"lights\"?"},
        Wrong{CATEGORY("priority: 'hihg'"),
              "categories[4].priority: there is no priority \"hihg\"; did you "
              "mean \"high\"?"},
        Wrong{CATEGORY("workflow: 'y'"),
              "categories[4].workflow: there is no workflow \"y\"; leave it "
              "out for `standard`"},
        Wrong{CATEGORY("clocks { clock: 'resolv' }"),
              "categories[4].clocks[0].clock: there is no clock \"resolv\"; "},
        Wrong{CATEGORY("clocks { clock: 'resolve' targets { } }"),
              "categories[4].clocks[0].targets[0]: promises no amount; "},
        Wrong{CATEGORY("valid_from: '2026-03-01' valid_until: '2026-02-01'"),
              "categories[4].valid_until: "},
        Wrong{CATEGORY("aliases: 'tree'"), "categories[4].aliases[0]: "},
        Wrong{ATTRIBUTE("} attributes { code: 'a' datatype: TEXT order: 2"),
              "categories[4].attributes[1].code: "},
        Wrong{CATEGORY("attributes { code: 'a' order: 1 }"),
              "categories[4].attributes[0].datatype: "},
        Wrong{CATEGORY("attributes { code: 'a' datatype: SINGLEVALUELIST "
                       "order: 1 }"),
              "categories[4].attributes[0].values: "},
        Wrong{ATTRIBUTE("asked_if { attribute: 'b' values: 'c' }"),
              "categories[4].attributes[0].asked_if[0].attribute: "}));

TEST(PolicyTest, EverythingWrongIsToldInOneGo) {
  const auto policy = Policy::FromTextproto(
      std::string(tests::kPolicy) +
      "tittle: 'x'\n"
      "categories { code: 'y' kind: CASE unitt: 'z' unit: 'nobody' "
      "clocks { clock: 'never' } }\n"
      "limits { note_bytes: -5 }\n"
      "ladders { code: 'usual' }\n"
      "workflows { code: 'w' }\n");
  ASSERT_FALSE(policy.ok());
  const std::string told = Told(policy.status());
  for (const char* part :
       {"there is no field \"tittle\" in hotline.v1.PolicySpec; did you mean "
        "\"title\"?",
        "there is no field \"unitt\" in hotline.v1.CategorySpec; did you mean "
        "\"unit\"?",
        "categories[4].unit: ", "categories[4].clocks[0].clock: ",
        "limits.note_bytes: ", "ladders[1].code: ", "ladders[1].levels: ",
        "workflows[0].states: "}) {
    EXPECT_THAT(told, HasSubstr(part));
  }
}

TEST(PolicyTest, AnUnknownFieldSaysLineAndColumn) {
  const auto policy = Policy::FromTextproto("id: 'x'\nbogus: 1\n");
  EXPECT_THAT(Told(policy.status()), HasSubstr("line 2, column"));
}

TEST(PolicyTest, ASyntaxErrorIsToldAlone) {
  const auto policy = Policy::FromTextproto("id: 'x'\ncalendars {\n");
  ASSERT_THAT(policy, HasReason(v1::ErrorInfo::INVALID_POLICY));
  EXPECT_EQ(InfoOf(policy.status()).problems_size(), 1);
}

TEST(PolicyTest, JsonIsReadAndItsProblemsAreToldOneAtATime) {
  std::string json;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(
                  tests::TestPolicy().spec(), &json)
                  .ok());
  const auto good = Policy::FromJson(json);
  ASSERT_THAT(good, IsOk());
  EXPECT_EQ(good->fingerprint(), tests::TestPolicy().fingerprint());
  const auto bad =
      Policy::FromJson(R"({"id": "x", "tittle": "a", "timezon": "b"})");
  ASSERT_THAT(bad, HasReason(v1::ErrorInfo::INVALID_POLICY));
  EXPECT_EQ(InfoOf(bad.status()).problems_size(), 1);
  EXPECT_THAT(Told(bad.status()), HasSubstr("did you mean \"ti"));
  EXPECT_THAT(Policy::FromJson("{\"id\":"),
              HasReason(v1::ErrorInfo::INVALID_POLICY));
}

TEST(PolicyTest, ATextThatIsNoUtf8IsToldAndCanBeReadByAProgram) {
  v1::PolicySpec spec = tests::TestPolicy().spec();
  spec.mutable_categories(1)->set_unit("caf\xe9");
  const auto policy = Policy::Create(spec);
  ASSERT_THAT(policy, HasReason(v1::ErrorInfo::INVALID_POLICY));
  EXPECT_THAT(Told(policy.status()),
              HasSubstr("categories[1].unit: is no clean text"));
}

TEST(PolicyTest, AnEmptyPolicyNeedsAName) {
  EXPECT_THAT(Told(Policy::Create({}).status()), HasSubstr("id: is empty"));
}

TEST(PolicyTest, APatchClosesAddsAndReplaces) {
  const Policy policy = tests::TestPolicy();
  v1::PolicyPatch patch;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(add_closures {
             calendar: "office"
             closures {
               from: "2026-02-13T00:00:00+08:00"
               until: "2026-02-14T00:00:00+08:00"
             }
           }
           categories { code: "tree" kind: CASE unit: "works" }
           categories { code: "flood" kind: CASE unit: "works" })pb",
      &patch));
  const auto patched = policy.With(patch);
  ASSERT_THAT(patched, IsOk());
  EXPECT_EQ(patched->taxonomy().Find("tree")->unit, "works");
  EXPECT_NE(patched->taxonomy().Find("flood"), nullptr);
  EXPECT_EQ(patched->spec().calendars(0).closures_size(), 1);
  EXPECT_NE(patched->fingerprint(), policy.fingerprint());
  EXPECT_EQ(policy.taxonomy().Find("flood"), nullptr);
}

TEST(PolicyTest, APatchOfWhatIsNotThereIsRefused) {
  v1::PolicyPatch patch;
  patch.add_add_closures()->set_calendar("ofice");
  const auto patched = tests::TestPolicy().With(patch);
  ASSERT_THAT(patched, HasReason(v1::ErrorInfo::INVALID_POLICY));
  EXPECT_THAT(Told(patched.status()), HasSubstr("add_closures[0].calendar"));
}

TEST(PolicyTest, AtMostAThousandProblemsAreKeptAndTheRestCounted) {
  v1::PolicySpec spec;
  spec.set_id("x");
  for (int i = 0; i < 1200; ++i) spec.add_ladders();
  const v1::ErrorInfo info = InfoOf(Policy::Create(spec).status());
  EXPECT_EQ(info.problems_size(), 1000);
  EXPECT_THAT(info.problems(999).hint(), HasSubstr("more problems"));
}

}  // namespace
}  // namespace hotline
