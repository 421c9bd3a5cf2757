// Goal: what-if takes the other policy's target by priority, area, unit,
// category, calendar and declared event, for what runs, what is finished and
// cycles that are over. Method: cases by hand whose due instants are known,
// judged by a policy that differs in one thing.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/whatif.h"
#include "tests/readers/figures.h"

namespace hotline {
namespace {

using testing::FiguresPolicyText;
using testing::FiguresStore;
using ::testing::HasSubstr;
using testing::Instant;
using testing::MarkText;
using ::testing::Not;
using testing::Stamp;
using testing::StoppedText;

using Replacements = std::vector<std::pair<std::string, std::string>>;

Policy Changed(const Replacements& replacements) {
  std::string text = FiguresPolicyText();
  for (const auto& [from, to] : replacements) {
    EXPECT_THAT(text, HasSubstr(from));
    text = absl::StrReplaceAll(text, {{from, to}});
  }
  auto policy = Policy::FromTextproto(text);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

WhatIfAnswer Ask(FiguresStore* city, const Policy& policy,
                 bool roll_up = false) {
  WhatIfRequest request;
  request.tenant = "t";
  request.policy = &policy;
  request.as_of = city->clock.TimeNow();
  request.roll_up = roll_up;
  const auto answer = AskWhatIf(&city->store, request);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? *answer : WhatIfAnswer();
}

// How many of the promises of `clocks`, of one case, would come earlier.
int64_t Earlier(const Policy& policy, const std::string& clocks,
                const std::string& more = "",
                const std::string& category = "tree") {
  FiguresStore city;
  city.Put(clocks, category, "works", "xinyi", more);
  return Ask(&city, policy).rows.at(0).earlier;
}

constexpr char kTarget[] = "targets { working_time: \"16h\" }";
constexpr char kStart[] = "2026-02-09T09:00:00+08:00";  // a Monday
constexpr char kStop[] = "2026-02-10T09:00:00+08:00";
constexpr char kDue[] = "2026-02-11T09:00:00+08:00";  // 16 h on

std::string Stopped() { return StoppedText("resolve", kStart, kStop, kDue); }

// A cycle of `hand` that is over, from `kStart` to `ended`.
std::string Hand(const std::string& state, const std::string& more = "",
                 const std::string& ended = "2026-02-09T11:00:00+08:00") {
  return absl::StrCat("clocks { clock: 'hand' state: IDLE ", more,
                      " target { working_time: '4h' } earlier { cycle: 1 ",
                      "unit: 'lights' state: ", state, " started ",
                      Stamp(kStart), " ended ", Stamp(ended), " due ",
                      Stamp("2026-02-09T14:00:00+08:00"), " } }");
}

// Units hold a clock of their own: the policy with `hand` on every tree.
const std::pair<std::string, std::string> kHandOnTrees = {
    "categories { code: \"tree\" unit: \"works\" clocks { clock: \"resolve\" }",
    "categories { code: \"tree\" unit: \"works\" clocks { clock: \"resolve\" } "
    "clocks { clock: \"hand\" }"};

// ------------------------------------------------------------ which target

TEST(WhatIfRules, TheTargetIsThatOfThePriority) {
  const Policy policy = Changed(
      {{kTarget, std::string(kTarget) +
                     " targets { priority: \"high\" working_time: \"4h\" }"},
       {"units { code: \"works\"",
        "priorities { code: \"high\" } units { code: \"works\""}});
  EXPECT_EQ(Earlier(policy, Stopped(), "priority: 'high'"), 1);
  EXPECT_EQ(Earlier(policy, Stopped()), 0);
}

TEST(WhatIfRules, TheTargetIsThatOfTheAreaAndWhatItLiesIn) {
  const auto with = [](const std::string& area) {
    return Changed({{kTarget, absl::StrCat(kTarget, " targets { area: \"", area,
                                           "\" working_time: \"4h\" }")},
                    {"areas { code: \"city\" }",
                     "areas { code: \"city\" } areas { code: \"port\" }"}});
  };
  EXPECT_EQ(Earlier(with("city"), Stopped()), 1);
  EXPECT_EQ(Earlier(with("port"), Stopped()), 0);
}

TEST(WhatIfRules, TheTargetIsThatOfTheUnitWhoseClockItIs) {
  const auto with = [](const std::string& unit) {
    return Changed(
        {{"targets { working_time: \"4h\" }",
          absl::StrCat("targets { working_time: \"4h\" } targets { unit: \"",
                       unit, "\" working_time: \"1h\" }")},
         kHandOnTrees});
  };
  // The case is with `works`; the turn was that of `lights`.
  EXPECT_EQ(Earlier(with("lights"), Hand("STOPPED")), 1);
  EXPECT_EQ(Earlier(with("works"), Hand("STOPPED")), 0);
}

TEST(WhatIfRules, TheHoursAreThoseOfTheUnit) {
  // Lights work day and night: four hours end at 13:00, not at 14:00.
  std::string night = "calendars { id: \"night\" time_zone: \"Asia/Taipei\" ";
  for (const char* day : {"MONDAY", "TUESDAY"}) {
    absl::StrAppend(&night, "weekly { day: ", day,
                    " hours { open: \"00:00\" close: \"24:00\" } } ");
  }
  const auto with = [&](const std::string& unit) {
    return Changed(
        {{"units { code: \"works\" calendar: \"office\" }",
          night + "} units { code: \"works\" calendar: \"office\" }"},
         {absl::StrCat("{ code: \"", unit, "\" calendar: \"office\""),
          absl::StrCat("{ code: \"", unit, "\" calendar: \"night\"")},
         kHandOnTrees});
  };
  EXPECT_EQ(Earlier(with("lights"), Hand("STOPPED")), 1);
  EXPECT_EQ(Earlier(with("works"), Hand("STOPPED")), 0);
}

TEST(WhatIfRules, WhatRunsThroughClosuresIsMovedByNone) {
  const std::string closed =
      "revision: \"r8\" closures { from: \"2026-02-09T13:00:00+08:00\" until: "
      "\"2026-02-09T17:00:00+08:00\" reason: \"typhoon\" }";
  FiguresStore city;
  city.Put(Stopped());
  EXPECT_EQ(Ask(&city, Changed({{"revision: \"r7\"", closed}})).rows[0].later,
            1);
  const Policy through = Changed(
      {{"revision: \"r7\"", closed},
       {"{ code: \"tree\" ", "{ code: \"tree\" runs_through_closures: true "}});
  EXPECT_EQ(Ask(&city, through).rows[0].later, 0);
}

// ---------------------------------------------------------- declared events

// A storm on Tuesday 10 February, in the district or in the whole city.
Policy Storm(const std::string& area = "") {
  auto policy = Policy::FromTextproto(FiguresPolicyText() + R"(
    declared_events {
      code: "storm" from: "2026-02-10T00:00:00+08:00"
      until: "2026-02-11T00:00:00+08:00" )" +
                                      area + R"(
      targets { category: "roads" clock: "resolve"
                target { working_time: "32h" } } })");
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

TEST(WhatIfRules, ADeclaredEventHoldsForWhatBeganWhileItLasted) {
  FiguresStore city("2026-02-20T09:00:00+08:00");
  // Each is answered 24 working hours after it began: late under 16 hours, in
  // time under the 32 of the storm.
  const auto put = [&](const std::string& start, const std::string& stop,
                       const std::string& due, const std::string& category) {
    city.Put(StoppedText("resolve", start, stop, due, /*broken=*/true),
             category, "works", "xinyi");
  };
  put("2026-02-09T17:00:00+08:00", "2026-02-12T17:00:00+08:00",
      "2026-02-11T17:00:00+08:00", "pothole");
  put("2026-02-10T00:00:00+08:00", "2026-02-12T17:00:00+08:00",
      "2026-02-11T17:00:00+08:00", "pothole");
  put("2026-02-10T08:00:00+08:00", "2026-02-12T17:00:00+08:00",
      "2026-02-11T17:00:00+08:00", "streetlight");
  put("2026-02-10T08:00:00+08:00", "2026-02-12T17:00:00+08:00",
      "2026-02-11T17:00:00+08:00", "tree");  // no road
  put("2026-02-11T00:00:00+08:00", "2026-02-13T17:00:00+08:00",
      "2026-02-12T17:00:00+08:00", "pothole");  // it has ended
  const WhatIfAnswer answer = Ask(&city, Storm(), /*roll_up=*/true);
  EXPECT_EQ(answer.promises, 5);
  EXPECT_EQ(answer.rows[0].before.breached, 5);
  EXPECT_EQ(answer.rows[0].after.breached, 3);
  EXPECT_EQ(answer.rows[0].newly_kept, 2);
  EXPECT_EQ(answer.rows[0].later, 2);
  // Rolled up: roads hold potholes and street lights, one below the other.
  std::vector<std::string> rows;
  for (const WhatIfRow& row : answer.rows) {
    rows.push_back(absl::StrCat(row.depth, row.category, " ", row.newly_kept));
  }
  EXPECT_THAT(rows, ::testing::ElementsAre("0 2", "0roads 2", "1pothole 1",
                                           "1streetlight 1", "0tree 0"));
  // Elsewhere it holds for nothing.
  EXPECT_EQ(Ask(&city, Storm("areas: \"xinyi\"")).rows[0].newly_kept, 2);
  FiguresStore far("2026-02-20T09:00:00+08:00");
  far.Put(StoppedText("resolve", "2026-02-10T08:00:00+08:00",
                      "2026-02-12T17:00:00+08:00", "2026-02-11T17:00:00+08:00",
                      /*broken=*/true),
          "pothole", "works", "city");
  EXPECT_EQ(Ask(&far, Storm("areas: \"xinyi\"")).rows[0].newly_kept, 0);
  EXPECT_EQ(Ask(&far, Storm()).rows[0].newly_kept, 1);
}

TEST(WhatIfRules, WithoutTheDeclaredEventItsPromisesAreTheOrdinaryOnes) {
  FiguresStore city("2026-02-10T09:00:00+08:00");
  const auto patch = testing::Proto<v1::PolicyPatch>(R"(
    reason: "storm" declared_events {
      code: "storm" from: "2026-02-10T00:00:00+08:00"
      until: "2026-02-11T00:00:00+08:00"
      targets { clock: "resolve" target { working_time: "32h" } } })");
  ASSERT_TRUE(city.engine->Declare(city.actor, patch, 1).ok());
  city.Open();
  city.clock.SetTime(Instant("2026-02-11T09:00:00+08:00"));
  city.Open();  // after it
  city.clock.SetTime(Instant("2026-02-12T17:00:00+08:00"));
  // 23 and 16 working hours on: the storm's is open in time, and would be late.
  const WhatIfAnswer without =
      Ask(&city, *Policy::FromTextproto(FiguresPolicyText()));
  EXPECT_EQ(without.rows[0].before.running_in_time, 2);
  EXPECT_EQ(without.rows[0].after.running_in_time, 1);
  EXPECT_EQ(without.rows[0].newly_broken, 1);
  EXPECT_EQ(without.rows[0].earlier, 1);
}

// ------------------------------------------------------- cycles and buckets

TEST(WhatIfRules, CyclesThatAreOverAreJudgedTooUnderTheirUnit) {
  FiguresStore city;
  city.Put(Hand("STOPPED"));
  const WhatIfAnswer answer =
      Ask(&city, Changed({{"targets { working_time: \"4h\" }",
                           "targets { working_time: \"1h\" }"},
                          kHandOnTrees}));
  ASSERT_EQ(answer.rows.size(), 2u);
  EXPECT_EQ(answer.rows[0].newly_broken, 1);
  EXPECT_EQ(answer.rows[1].unit, "lights");
}

TEST(WhatIfRules, WhatWasCancelledIsInNeitherRate) {
  FiguresStore city;
  // Cancelled after an hour past its due instant.
  city.Put(Hand("CANCELLED", "", "2026-02-09T15:00:00+08:00"));
  const WhatIfAnswer answer =
      Ask(&city, Changed({{"targets { working_time: \"4h\" }",
                           "targets { working_time: \"1h\" }"},
                          kHandOnTrees}));
  EXPECT_EQ(answer.rows[0].before.cancelled, 1);
  EXPECT_EQ(answer.rows[0].after.cancelled, 1);
  EXPECT_EQ(answer.rows[0].newly_broken, 0);
}

TEST(WhatIfRules, AReminderIsNoPromise) {
  FiguresStore city;
  city.Put(Hand("STOPPED", "reminder: true"));
  const WhatIfAnswer answer = Ask(&city, Changed({kHandOnTrees}));
  EXPECT_EQ(answer.promises, 0);
  EXPECT_THAT(ToText(answer, "en"), HasSubstr("No promise to judge."));
}

TEST(WhatIfRules, OnlyAClockThatWouldHaveBegunIsToldAsAdded) {
  FiguresStore city;
  city.Put(Stopped());
  // `reply` begins when a case is accepted; `hand` at once.
  const WhatIfAnswer answer = Ask(
      &city, Changed({{kHandOnTrees.first,
                       kHandOnTrees.second + " clocks { clock: \"reply\" }"}}));
  EXPECT_THAT(answer.added, ::testing::ElementsAre(::testing::Pair("hand", 1)));
}

// ------------------------------------------------------------ what is marked

TEST(WhatIfRules, WhatNoSourceGivesAndWhatIsProvisionalIsMarked) {
  FiguresStore city;
  city.Put(Stopped());
  const auto marks = [&](const Policy& policy) {
    const WhatIfAnswer answer = Ask(&city, policy);
    const std::string text = ToText(answer, "en");
    EXPECT_EQ(answer.illustrative, answer.rows[0].illustrative == 1);
    EXPECT_EQ(text.find("ILLUSTRATIVE") != text.npos, answer.illustrative);
    EXPECT_EQ(text.find("Done *") != text.npos,
              answer.rows[0].provisional == 1);
    return std::pair(answer.rows[0].illustrative, answer.rows[0].provisional);
  };
  using Marks = std::pair<int64_t, int64_t>;
  EXPECT_EQ(marks(Changed({})), Marks(0, 0));
  EXPECT_EQ(marks(Changed(
                {{"id: \"figures\"", "id: \"figures\" illustrative: true"}})),
            Marks(1, 0));
  EXPECT_EQ(marks(Changed(
                {{"revision: \"r7\"", "revision: \"r7\" illustrative: true"}})),
            Marks(1, 0));
  EXPECT_EQ(marks(Changed({{kTarget,
                            "targets { working_time: \"16h\" "
                            "illustrative: true }"}})),
            Marks(1, 0));
  EXPECT_EQ(
      marks(Changed({{"revision: \"r7\"", "complete_until: \"2026-02-10\""}})),
      Marks(0, 1));
}

TEST(WhatIfRules, TextShowsEveryFigureUnderItsHeading) {
  WhatIfAnswer answer;
  answer.zone = absl::UTCTimeZone();
  answer.request.as_of = Instant(kStart);
  WhatIfRow& row = answer.rows.emplace_back();
  row.clock = "repair";
  row.whole = true;
  row.before = {.met = 30, .breached = 6, .running_late = 4, .cases = 40};
  row.after = {.met = 20, .breached = 13, .running_late = 7, .cases = 40};
  row.newly_broken = 12;
  row.newly_kept = 2;
  row.earlier = 21;
  row.later = 1;
  answer.cycles_with_pauses = 3;
  const std::string text = ToText(answer, "en");
  EXPECT_THAT(text,
              ::testing::ContainsRegex(
                  "repair +all +all +40 +75.0 % +50.0 % +-25.0 +10 +20 +12 +2 "
                  "+21 +1\n"));
  EXPECT_THAT(text, HasSubstr("3 cycles that are over and had pauses"));
  EXPECT_THAT(text, Not(HasSubstr("*")));
}

}  // namespace
}  // namespace hotline
