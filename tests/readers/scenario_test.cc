#include "hotline/scenario.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <set>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/error.h"
#include "tests/readers/fixture.h"

namespace hotline {

void PrintTo(const ScenarioDifference& d, std::ostream* out) {
  *out << "step " << d.step << ": " << d.path << ": expected " << d.expected
       << ", got " << d.actual;
}

namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::Scenario Small(const std::string& steps) {
  v1::Scenario scenario = testing::Proto<v1::Scenario>(steps);
  scenario.set_name("small");
  *scenario.mutable_policy() = testing::SmallPolicy().spec();
  return scenario;
}

constexpr char kOpenOnFriday[] = R"pb(
  steps { at: "2026-03-06T16:00:00+08:00" as: "lamp"
          command { open { category: "streetlight" channel: "phone" } }
)pb";

ScenarioRun RunIt(const v1::Scenario& scenario) {
  const absl::StatusOr<ScenarioRun> run = RunScenario(scenario);
  EXPECT_TRUE(run.ok()) << run.status();
  return run.value_or(ScenarioRun{});
}

TEST(Scenario, TheShippedOneHolds) {
  std::ifstream file(HOTLINE_SOURCE_DIR
                     "/examples/scenarios/weekend.textproto");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto scenario = ParseScenarioTextproto(text);
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  const ScenarioRun run = RunIt(*scenario);
  for (const ScenarioDifference& d : run.differences) {
    ADD_FAILURE() << d.path << ": expected " << d.expected << ", got "
                  << d.actual;
  }
  EXPECT_EQ(run.steps, 6);
  EXPECT_EQ(run.json.size(), 6u);
  EXPECT_GT(run.expectations, 20);
}

TEST(Scenario, DifferencesNameStepPathAndBothValues) {
  const ScenarioRun run = RunIt(Small(std::string(kOpenOnFriday) + R"pb(
    expect {
      state: "closed"
      clocks { clock: "resolve" due: "2026-03-09T16:00:00+08:00" }
      clocks { clock: "resolve" elapsed: "1h" breached: true levels: "warn" }
      clocks { clock: "repair" }
      notices: "received"
      facts: "linked"
    }
  })pb"));
  std::vector<std::string> paths;
  for (const ScenarioDifference& d : run.differences) {
    EXPECT_EQ(d.step, 1);
    EXPECT_NE(d.expected, d.actual);
    paths.push_back(d.path);
  }
  EXPECT_THAT(
      paths, ::testing::ElementsAre(
                 "steps[0].expect[0].state", "steps[0].expect[0].clocks[0].due",
                 "steps[0].expect[0].clocks[1].elapsed",
                 "steps[0].expect[0].clocks[1].breached",
                 "steps[0].expect[0].clocks[1].levels",
                 "steps[0].expect[0].clocks[2].clock",
                 "steps[0].expect[0].notices", "steps[0].expect[0].facts[0]"));
}

TEST(Scenario, ARefusalThatNobodyExpectedIsADifference) {
  const ScenarioRun run = RunIt(Small(std::string(kOpenOnFriday) + R"pb(
    }
    steps { at: "2026-03-06T16:01:00+08:00" command { resume {} } }
  )pb"));
  ASSERT_EQ(run.differences.size(), 1u);
  EXPECT_EQ(run.differences[0].path, "steps[1]");
  EXPECT_THAT(run.differences[0].actual, HasSubstr("not legal"));
}

TEST(Scenario, AnExpectedRefusalThatDidNotComeIsADifference) {
  const ScenarioRun run = RunIt(Small(std::string(kOpenOnFriday) + R"pb(
    expect { error: "not legal" }
  })pb"));
  ASSERT_EQ(run.differences.size(), 1u);
  EXPECT_EQ(run.differences[0].actual, "it was done");
}

TEST(Scenario, ActorsWithRolesMayDoWhatThePolicySays) {
  v1::Scenario scenario = Small(R"pb(
    steps {
      at: "2026-03-06T16:00:00+08:00"
      actor { id: "mei" roles: "reader" }
      command { open { category: "streetlight" } }
      expect { error: "may not open" }
    }
  )pb");
  scenario.mutable_policy()->add_roles()->set_code("reader");
  EXPECT_THAT(RunIt(scenario).differences, IsEmpty());
}

TEST(Scenario, AClosureAdoptedAsAPatchMovesTheDue) {
  const ScenarioRun run = RunIt(Small(std::string(kOpenOnFriday) + R"pb(
    expect { clocks { clock: "resolve" due: "2026-03-10T11:00:00+08:00" } }
  }
        steps {
    at: "2026-03-09T07:00:00+08:00"
    what: "a typhoon is declared for the day"
    patch {
      add_closures {
        calendar: "office"
        closures {
          from: "2026-03-09T00:00:00+08:00"
          until: "2026-03-10T00:00:00+08:00"
        }
      }
    }
  }
  steps {
    at: "2026-03-09T07:01:00+08:00"
    command { note { visibility: INTERNAL_NOTE text: "looked at" } }
    expect { clocks { clock: "resolve" due: "2026-03-11T11:00:00+08:00" } }
  })pb"));
  for (const ScenarioDifference& d : run.differences) {
    ADD_FAILURE() << d.path << ": " << d.expected << ", got " << d.actual;
  }
}

TEST(Scenario, CasesAreNamedAndMergedByName) {
  const ScenarioRun run = RunIt(Small(std::string(kOpenOnFriday) + R"pb(
    }
    steps {
    at: "2026-03-06T16:05:00+08:00"
    as: "same lamp"
    command { open { category: "streetlight" } }
  }
  steps {
    at: "2026-03-06T16:06:00+08:00"
    case: "same lamp"
    command { merge { into: "lamp" } }
    expect { case: "same lamp" state: "merged" facts: "linked" }
    expect { case: "lamp" phase: "new" facts: "linked" }
  })pb"));
  EXPECT_THAT(run.differences, IsEmpty());
}

TEST(Scenario, JsonGivesAllClocksAfterEveryStep) {
  const ScenarioRun run = RunIt(Small(std::string(kOpenOnFriday) + "}"));
  ASSERT_EQ(run.json.size(), 1u);
  google::protobuf::Struct step;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(run.json[0], &step).ok());
  EXPECT_EQ(step.fields().at("did").string_value(), "open");
  const auto& of =
      step.fields().at("cases").list_value().values(0).struct_value();
  const auto& clock =
      of.fields().at("clocks").list_value().values(0).struct_value();
  for (const char* field : {"id",          "cycle",         "state",
                            "due",         "due_next_open", "elapsed",
                            "remaining",   "breached",      "levels",
                            "breached_at", "provisional",   "declared_event",
                            "reminder",    "shown",         "unit",
                            "calendar",    "because",       "level_marks",
                            "earlier",     "measured"}) {
    EXPECT_TRUE(clock.fields().contains(field)) << field;
  }
  EXPECT_EQ(clock.fields().at("remaining").number_value(), 16 * 3600);
}

google::protobuf::Struct StepOf(const ScenarioRun& run, size_t step) {
  google::protobuf::Struct parsed;
  EXPECT_TRUE(
      google::protobuf::util::JsonStringToMessage(run.json.at(step), &parsed)
          .ok());
  return parsed;
}

TEST(Scenario, AClockThatHasNotStartedIsIdle) {
  const ScenarioRun run = RunIt(Small(std::string(kOpenOnFriday) + R"(
    expect { clocks { clock: "answer" state: "idle" cycle: 0 due: "" } }
  })"));
  EXPECT_THAT(run.differences, IsEmpty());
  const std::string json = run.json.at(0);
  EXPECT_THAT(json, HasSubstr(R"("id":"answer","cycle":0,"state":"idle")"));
}

TEST(Scenario, LevelsMayBeExpectedWithInstantAndMarks) {
  const std::string looked = std::string(kOpenOnFriday) + R"(
    }
    steps { at: "2026-03-11T09:00:00+08:00" tick: true expect { clocks {
      clock: "resolve"
  )";
  // 12 of 16 h: 1 on Friday, 4 on the make-up Saturday, 7 until Monday 16:00.
  for (const char* right :
       {"levels: 'warn' levels: 'broken'",
        "levels: 'warn@2026-03-09T01:00:00-07:00 late' levels: 'broken late'",
        "levels: 'warn generation=1 missed=0' levels: 'broken'"}) {
    EXPECT_THAT(RunIt(Small(looked + right + "} } }")).differences, IsEmpty())
        << right;
  }
  for (const char* wrong :
       {"levels: 'warn'", "levels: 'none'", "levels: 'broken' levels: 'warn'",
        "levels: 'warn@2026-03-09T16:00:01+08:00' levels: 'broken'",
        "levels: 'warn stale' levels: 'broken'",
        "levels: 'warn generation=2' levels: 'broken'",
        "levels: 'warn missed=1' levels: 'broken'"}) {
    const auto differences = RunIt(Small(looked + wrong + "} } }")).differences;
    ASSERT_EQ(differences.size(), 1u) << wrong;
    EXPECT_EQ(differences[0].path, "steps[1].expect[0].clocks[0].levels");
  }
}

TEST(Scenario, CycleAndProvisionalAreCompared) {
  const ScenarioRun run = RunIt(Small(std::string(kOpenOnFriday) + R"(
    expect { clocks { clock: "resolve" cycle: 1 provisional: false } }
    expect { clocks { clock: "resolve" cycle: 2 } }
    expect { clocks { clock: "resolve" provisional: true } }
  })"));
  ASSERT_EQ(run.differences.size(), 2u);
  EXPECT_EQ(run.differences[0].path, "steps[0].expect[1].clocks[0].cycle");
  EXPECT_EQ(run.differences[1].path,
            "steps[0].expect[2].clocks[0].provisional");
}

TEST(Scenario, AnEarlierCycleIsNamedByItsNumber) {
  v1::Scenario scenario = Small(std::string(kOpenOnFriday) + R"(
    }
    steps { at: "2026-03-06T16:30:00+08:00"
            command { resolve { outcome: "repaired" answer: "done" } } }
    steps { at: "2026-03-09T09:00:00+08:00"
            command { reopen { reason: "dark again" } }
            expect { clocks { clock: "resolve" cycle: 1 state: "stopped"
                              elapsed: "30m" breached: false } }
            expect { clocks { clock: "resolve" cycle: 2 state: "running"
                              elapsed: "0s" } } })");
  scenario.mutable_policy()->mutable_clocks(0)->set_reopening(
      v1::ClockSpec::NEW_CYCLE);
  const ScenarioRun run = RunIt(scenario);
  EXPECT_THAT(run.differences, IsEmpty());
  const google::protobuf::Struct step = StepOf(run, 2);
  const auto& of = step.fields().at("cases").list_value().values(0);
  const auto& clocks = of.struct_value().fields().at("clocks").list_value();
  const auto& clock = clocks.values(0).struct_value();
  const auto& earlier = clock.fields().at("earlier").list_value();
  ASSERT_EQ(earlier.values_size(), 1);
  EXPECT_EQ(
      earlier.values(0).struct_value().fields().at("elapsed").number_value(),
      1800);
}

TEST(Scenario, NoticesAreExpectedByCodeOrByWhoIsTold) {
  const auto told = [](const std::string& expected) {
    v1::Scenario scenario =
        Small(std::string(kOpenOnFriday) + "expect { " + expected + " } }");
    scenario.mutable_policy()->clear_notices();
    v1::NoticeSpec* notice = scenario.mutable_policy()->add_notices();
    notice->set_code("all_hear");
    notice->add_verbs(v1::OPEN);
    notice->add_to(v1::NoticeSpec::TO_UNIT);
    notice->add_to(v1::NoticeSpec::TO_REPORTER);  // who is nobody: not told
    notice->add_text()->set_text("{{reference}}");
    return RunIt(scenario);
  };
  EXPECT_THAT(told("notices: 'all_hear'").differences, IsEmpty());
  EXPECT_THAT(told("notices: 'all_hear unit:lights'").differences, IsEmpty());
  EXPECT_EQ(told("notices: 'none'").differences.size(), 1u);
  EXPECT_EQ(told("notices: 'all_hear reporter'").differences.size(), 1u);
  EXPECT_EQ(told("notices: 'other'").differences.size(), 1u);
  EXPECT_THAT(told("").json.at(0),
              HasSubstr(R"("recipient":"reporter","channel":"file","due":)"));
  EXPECT_THAT(told("").json.at(0), HasSubstr(R"("not_because":"anonymous")"));
}

TEST(Scenario, ATickBringsEveryCaseUnderTheNewPolicy) {
  const ScenarioRun run = RunIt(Small(std::string(kOpenOnFriday) + R"(
  }
  steps { at: "2026-03-06T18:00:00+08:00" patch { add_closures {
    calendar: "office"
    closures { id: "typhoon" from: "2026-03-09T00:00:00+08:00"
               until: "2026-03-10T00:00:00+08:00" } } } }
  steps { at: "2026-03-06T18:01:00+08:00" tick: true
    expect { clocks { clock: "resolve" due: "2026-03-11T11:00:00+08:00" } } }
  steps { at: "2026-03-06T19:00:00+08:00"
    patch { withdraw_closures { calendar: "office" id: "typhoon" } } }
  steps { at: "2026-03-06T19:01:00+08:00" tick: true
    expect { clocks { clock: "resolve" due: "2026-03-10T11:00:00+08:00" } } }
  )"));
  EXPECT_THAT(run.differences, IsEmpty());
}

TEST(Scenario, TheSameScenarioGivesTheSameAnswer) {
  const v1::Scenario scenario = Small(std::string(kOpenOnFriday) + "}");
  EXPECT_EQ(RunIt(scenario).json, RunIt(scenario).json);
}

struct BadScenario {
  const char* what;
  std::string steps;
  const char* path;
};

TEST(Scenario, MistakesOfTheFileAreAllToldBeforeItRuns) {
  const std::vector<BadScenario> table = {
      {"no instant", R"(steps { at: "tomorrow" })", "steps[0].at"},
      {"no offset", R"(steps { at: "2026-03-06T16:00:00" })", "steps[0].at"},
      {"back in time",
       R"(steps { at: "2026-03-06T16:00:00Z" }
          steps { at: "2026-03-05T16:00:00Z" })",
       "steps[1].at"},
      {"unknown case", R"(steps { at: "2026-03-06T16:00:00Z" case: "lamp" })",
       "steps[0].case"},
      {"named twice",
       R"(steps { at: "2026-03-06T16:00:00Z" as: "a" }
          steps { at: "2026-03-06T16:00:00Z" as: "a" })",
       "steps[1].as"},
      {"no clock",
       R"(steps { at: "2026-03-06T16:00:00Z" expect { clocks {} } })",
       "steps[0].expect[0].clocks[0].clock"},
      {"no duration",
       R"(steps { at: "2026-03-06T16:00:00Z"
                  expect { clocks { clock: "c" elapsed: "2 hours" } } })",
       "steps[0].expect[0].clocks[0].elapsed"},
      {"no state",
       R"(steps { at: "2026-03-06T16:00:00Z"
                  expect { clocks { clock: "c" state: "asleep" } } })",
       "steps[0].expect[0].clocks[0].state"},
      {"no level",
       R"(steps { at: "2026-03-06T16:00:00Z"
                  expect { clocks { clock: "c" levels: "warn@noon" } } })",
       "steps[0].expect[0].clocks[0].levels[0]"},
      {"no mark of a level",
       R"(steps { at: "2026-03-06T16:00:00Z"
                  expect { clocks { clock: "c" levels: "warn missed" } } })",
       "steps[0].expect[0].clocks[0].levels[0]"},
      {"no phase",
       R"(steps { at: "2026-03-06T16:00:00Z" expect { phase: "done" } })",
       "steps[0].expect[0].phase"},
      {"no fact",
       R"(steps { at: "2026-03-06T16:00:00Z" expect { facts: "closed" } })",
       "steps[0].expect[0].facts[0]"},
      {"no verb", R"(steps { at: "2026-03-06T16:00:00Z" command {} })",
       "steps[0].command"},
      {"no calendar",
       R"(steps { at: "2026-03-06T16:00:00Z"
                  patch { add_closures { calendar: "offise" } } })",
       "steps[0].patch.add_closures[0].calendar"},
  };
  for (const BadScenario& bad : table) {
    SCOPED_TRACE(bad.what);
    const auto run = RunScenario(Small(bad.steps));
    const v1::ErrorInfo info = InfoOf(run.status());
    ASSERT_EQ(info.problems_size(), 1);
    EXPECT_EQ(info.problems(0).path(), bad.path);
    EXPECT_FALSE(info.problems(0).hint().empty());
  }
}

TEST(Scenario, MistakesOfStepsAndOfAllPoliciesAreToldTogether) {
  v1::Scenario scenario = Small(R"(
    steps { at: "tomorrow" }
    steps { at: "2026-03-06T16:00:00Z" adopt { id: "" } }
  )");
  scenario.mutable_policy()->mutable_clocks(0)->set_calendar("nowhere");
  const v1::ErrorInfo info = InfoOf(RunScenario(scenario).status());
  std::vector<std::string> paths;
  for (const v1::Problem& p : info.problems()) paths.push_back(p.path());
  EXPECT_THAT(paths, ::testing::Contains("steps[0].at"));
  EXPECT_THAT(paths, ::testing::Contains("policy.clocks[0].calendar"));
  EXPECT_THAT(paths, ::testing::Contains("steps[1].adopt.id"));
  EXPECT_EQ(info.reason(), v1::ErrorInfo::INVALID_ARGUMENT);
}

TEST(Scenario, ClosuresAreEnteredByWhomThePolicyLets) {
  v1::Scenario scenario = Small(R"(
    steps {
      at: "2026-03-06T16:00:00+08:00"
      actor { id: "mei" roles: "reader" }
      patch { add_closures { calendar: "office" closures {
        from: "2026-03-09T00:00:00+08:00" until: "2026-03-10T00:00:00+08:00" } } }
      expect { error: "DECLARE" }
    }
    steps {
      at: "2026-03-06T16:01:00+08:00"
      actor { id: "an" roles: "duty" }
      patch { add_closures { calendar: "office" closures {
        from: "2026-03-09T00:00:00+08:00" until: "2026-03-10T00:00:00+08:00" } } }
    }
    steps {
      at: "2026-03-06T16:02:00+08:00"
      actor { id: "an" roles: "duty" }
      patch { categories { code: "well" } }
      expect { error: "ADOPT" }
    }
  )");
  scenario.mutable_policy()->add_roles()->set_code("reader");
  v1::RoleSpec* duty = scenario.mutable_policy()->add_roles();
  duty->set_code("duty");
  duty->add_permissions(v1::DECLARE);
  EXPECT_THAT(RunIt(scenario).differences, IsEmpty());
}

TEST(Scenario, APolicyThatIsRefusedAsExpectedIsNoMistake) {
  const ScenarioRun run = RunIt(Small(std::string(kOpenOnFriday) + R"(
  }
  steps { at: "2026-03-06T17:00:00+08:00"
          patch { calendars { id: "office" time_zone: "Asia/Taipei" } }
          expect { error: "never opens" } })"));
  EXPECT_THAT(run.differences, IsEmpty());
}

TEST(Scenario, EveryShippedOneSaysWhatItProvesAndWhy) {
  int count = 0;
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(
           HOTLINE_SOURCE_DIR "/examples/scenarios")) {
    if (entry.path().extension() != ".textproto") continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto scenario = ParseScenarioTextproto(text);
    ASSERT_TRUE(scenario.ok()) << entry.path() << scenario.status();
    EXPECT_TRUE(names.insert(scenario->name()).second) << entry.path();
    EXPECT_FALSE(scenario->why().empty()) << entry.path();
    bool expects = false;
    for (const auto& step : scenario->steps()) {
      expects |= !step.expect().empty();
    }
    EXPECT_TRUE(expects) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 60);
}

TEST(Scenario, WithoutPolicyItIsRefused) {
  const auto run = RunScenario(testing::Proto<v1::Scenario>("name: 'x'"));
  EXPECT_EQ(InfoOf(run.status()).problems(0).path(), "policy");
}

TEST(Scenario, UnknownFieldsAreAllToldWithTheNearest) {
  const auto parsed = ParseScenarioTextproto(
      "nam: 'x' steps { att: 'y' expect { stat: 'z' } }");
  const v1::ErrorInfo info = InfoOf(parsed.status());
  ASSERT_EQ(info.problems_size(), 4);
  EXPECT_EQ(info.problems(3).path(), "steps[0].at");
  EXPECT_THAT(info.problems(0).hint(), HasSubstr("\"name\""));
  EXPECT_THAT(info.problems(1).hint(), HasSubstr("\"at\""));
  EXPECT_THAT(info.problems(2).hint(), HasSubstr("\"state\""));
}

}  // namespace
}  // namespace hotline
