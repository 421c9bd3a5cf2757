#include "hotline/scenario.h"

#include <fstream>
#include <iterator>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/error.h"
#include "tests/readers/fixture.h"

namespace hotline {
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
      facts: "merged"
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
  for (const char* field : {"id", "cycle", "state", "due", "due_next_open",
                            "elapsed", "remaining", "breached", "levels"}) {
    EXPECT_TRUE(clock.fields().contains(field)) << field;
  }
  EXPECT_EQ(clock.fields().at("remaining").number_value(), 16 * 3600);
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
