// Workflows by themselves: what is legal where, how a refusal words it, and
// what is wrong with a table.
#include "hotline/workflow.h"

#include <map>
#include <optional>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace hotline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Specs = google::protobuf::RepeatedPtrField<v1::WorkflowSpec>;

Workflows Standard() {
  Problems problems;
  Specs specs;
  *specs.Add() = StandardWorkflow();
  Workflows workflows = Workflows::Compile(specs, &problems);
  for (const v1::Problem& p : problems.list()) {
    ADD_FAILURE() << p.path() << ": " << p.message();
  }
  return workflows;
}

TEST(WorkflowTest, TheStandardOneCompilesWithoutProblems) {
  const Workflows workflows = Standard();
  ASSERT_NE(workflows.Find("standard"), nullptr);
  EXPECT_EQ(workflows.Find(""), workflows.Find("standard"));
  EXPECT_EQ(workflows.Find("other"), nullptr);
  EXPECT_EQ(workflows.Find("")->initial().code(), "new");
  EXPECT_EQ(workflows.Find("")->reopen_window(), absl::Hours(720));
  EXPECT_EQ(workflows.Find("")->TimeoutOf("resolved"), absl::Hours(168));
  EXPECT_EQ(workflows.Find("")->TimeoutOf("closed"), absl::InfiniteDuration());
}

TEST(WorkflowTest, ThereIsAlwaysAStandardOne) {
  Problems problems;
  const Workflows workflows = Workflows::Compile({}, &problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_NE(workflows.Find("standard"), nullptr);
}

TEST(WorkflowTest, APolicysOwnStandardReplacesTheOneThatShips) {
  Problems problems;
  Specs specs;
  *specs.Add() = StandardWorkflow();
  specs.Mutable(0)->set_reopen_window("24h");
  const Workflows workflows = Workflows::Compile(specs, &problems);
  EXPECT_EQ(workflows.Find("")->reopen_window(), absl::Hours(24));
}

// Where the verb leads if everything about the case is favourable.
std::optional<std::string> To(const Workflow& workflow,
                              const std::string& state, v1::Verb verb,
                              bool by_reporter) {
  for (const bool asked : {true, false}) {
    const v1::TransitionSpec* step = workflow.Step(state, verb,
                                                   {.by_reporter = by_reporter,
                                                    .in_reopen_window = true,
                                                    .has_unit = true,
                                                    .extension_asked = asked,
                                                    .closure_asked = asked,
                                                    .follow_up_open = true});
    if (step != nullptr) return step->to();
  }
  return std::nullopt;
}

// "state>to" for staff, "state+>to" if the reporter may do it too.
std::string Table(const Workflow& workflow) {
  std::string table;
  for (int verb = 0; verb < v1::Verb_ARRAYSIZE; ++verb) {
    table += VerbName(static_cast<v1::Verb>(verb)) + ":";
    for (const v1::StateSpec& state : workflow.spec().states()) {
      const auto staff =
          To(workflow, state.code(), static_cast<v1::Verb>(verb), false);
      const auto reporter =
          To(workflow, state.code(), static_cast<v1::Verb>(verb), true);
      if (!staff && !reporter) continue;
      table += " " + state.code() + (reporter ? "+" : "");
      const std::string to = staff ? *staff : *reporter;
      if (!to.empty()) table += ">" + to;
      EXPECT_TRUE(!reporter || to == *reporter) << state.code();
    }
    table += "\n";
  }
  return table;
}

TEST(WorkflowTest, EveryVerbInEveryStateLeadsWhereTheTableSays) {
  const Workflows workflows = Standard();
  EXPECT_EQ(
      Table(*workflows.Find("")),
      "verb_unspecified:\n"
      "open:\n"
      "accept: new>in_progress assigned>in_progress\n"
      "assign: new>assigned assigned>assigned in_progress waiting\n"
      "transfer: new>assigned assigned>assigned in_progress>assigned\n"
      "return: new>new assigned>new in_progress>new\n"
      "wait: new>waiting assigned>waiting in_progress>waiting\n"
      "resume: waiting+>in_progress\n"
      "resolve: new>resolved assigned>resolved in_progress>resolved "
      "waiting>resolved\n"
      "request_closure: assigned in_progress\n"
      "approve_closure: new>closed assigned>closed in_progress>closed "
      "waiting>closed\n"
      "decline_closure: new assigned in_progress waiting\n"
      "close: new>closed assigned>closed in_progress>closed waiting>closed "
      "resolved>closed\n"
      "close_and_follow_up: new>followed_up assigned>followed_up "
      "in_progress>followed_up waiting>followed_up resolved>followed_up\n"
      "complete_follow_up: followed_up>closed\n"
      "reopen: resolved+>in_progress closed+>in_progress "
      "followed_up+>in_progress cancelled>in_progress rejected+>in_progress\n"
      "merge: new>merged assigned>merged in_progress>merged waiting>merged\n"
      "split: new assigned in_progress waiting\n"
      "link: new assigned in_progress waiting resolved closed followed_up\n"
      "reclassify: new assigned in_progress waiting\n"
      "reprioritise: new assigned in_progress waiting\n"
      "relocate: new assigned in_progress waiting\n"
      "correct: new assigned in_progress waiting resolved closed followed_up\n"
      "note: new+ assigned+ in_progress+ waiting+ resolved+ closed+ "
      "followed_up+ cancelled+ rejected+ merged+\n"
      "attach: new+ assigned+ in_progress+ waiting+ resolved+ closed+ "
      "followed_up+\n"
      "rate: resolved+ closed+ followed_up+ rejected+\n"
      "escalate: new assigned in_progress waiting followed_up\n"
      "request_extension: new assigned in_progress waiting\n"
      "approve_extension: new assigned in_progress waiting\n"
      "decline_extension: new assigned in_progress waiting\n"
      "cancel: new+>cancelled assigned+>cancelled in_progress+>cancelled "
      "waiting+>cancelled\n"
      "reject: new>rejected assigned>rejected in_progress>rejected\n"
      "erase_person: new assigned in_progress waiting resolved closed "
      "followed_up cancelled rejected merged\n"
      "tick: resolved+>closed\n"
      "restate: new assigned in_progress waiting resolved closed followed_up "
      "rejected\n");
}

TEST(WorkflowTest, GuardsOnTheCaseAreApplied) {
  const Workflows workflows = Standard();
  const Workflow& w = *workflows.Find("");
  const auto legal = [&](const char* state, v1::Verb verb,
                         const Situation& situation) {
    return w.Step(state, verb, situation) != nullptr;
  };
  EXPECT_FALSE(legal("assigned", v1::RETURN, {.has_unit = false}));
  EXPECT_TRUE(legal("assigned", v1::RETURN, {.has_unit = true}));
  EXPECT_FALSE(legal("closed", v1::REOPEN, {.by_reporter = true}));
  EXPECT_TRUE(legal("closed", v1::REOPEN,
                    {.by_reporter = true, .in_reopen_window = true}));
  EXPECT_TRUE(legal("closed", v1::REOPEN, {}));
  EXPECT_FALSE(legal("new", v1::REQUEST_EXTENSION, {.before_due = false}));
  EXPECT_FALSE(legal("new", v1::REQUEST_EXTENSION, {.extension_asked = true}));
  EXPECT_TRUE(legal("new", v1::APPROVE_EXTENSION, {.extension_asked = true}));
  EXPECT_FALSE(legal("new", v1::APPROVE_EXTENSION,
                     {.somebody_else = false, .extension_asked = true}));
  EXPECT_FALSE(legal("new", v1::APPROVE_CLOSURE,
                     {.somebody_else = false, .closure_asked = true}));
  EXPECT_FALSE(legal("resolved", v1::RATE, {.rated = true}));
  EXPECT_FALSE(legal("followed_up", v1::COMPLETE_FOLLOW_UP, {}));
}

TEST(WorkflowTest, ARefusalSaysWhatIsLegalForWhomAndUntilWhen) {
  const Workflows workflows = Standard();
  absl::TimeZone taipei;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Taipei", &taipei));
  const Workflow& w = *workflows.Find("");
  // 17:00 UTC on the 13th is the 14th in Taipei.
  const Situation open_window = {
      .in_reopen_window = true,
      .reopen_until = absl::FromUnixSeconds(1773421200),
      .zone = taipei};
  EXPECT_THAT(
      w.Legal("closed", open_window),
      ElementsAre("reopen (staff, or reporter until 2026-03-14)",
                  "link (staff)", "correct (staff)", "note", "attach", "rate"));
  EXPECT_THAT(w.Legal("closed", {.rated = true}),
              ElementsAre("reopen (staff)", "link (staff)", "correct (staff)",
                          "note", "attach"));
  EXPECT_THAT(w.Legal("merged", {}), ElementsAre("note"));
  EXPECT_THAT(w.Legal("waiting", {.extension_asked = true}),
              ::testing::IsSupersetOf(
                  {"approve_extension (somebody else than who asked)",
                   "decline_extension (somebody else than who asked)"}));
  EXPECT_THAT(w.Legal("no such state", {}), ElementsAre());
}

TEST(WorkflowTest, VerbsAreNamedAsInTheWords) {
  EXPECT_EQ(VerbName(v1::CLOSE_AND_FOLLOW_UP), "close_and_follow_up");
  EXPECT_EQ(VerbName(v1::RETURN), "return");
}

TEST(WorkflowTest, TheFirstTransitionWhoseGuardsHoldIsTaken) {
  v1::WorkflowSpec spec;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(code: "w"
           initial: "a"
           states { code: "a" phase: NEW public_status: OPEN_STATUS }
           states { code: "b" phase: CLOSED public_status: FIXED }
           states { code: "c" phase: CLOSED public_status: FIXED }
           transitions { from: "a" verb: CLOSE guards: HAS_UNIT to: "b" }
           transitions { from: "a" verb: CLOSE to: "c" })pb",
      &spec));
  Specs specs;
  *specs.Add() = spec;
  Problems problems;
  const Workflows workflows = Workflows::Compile(specs, &problems);
  EXPECT_TRUE(problems.empty());
  const Workflow& w = *workflows.Find("w");
  EXPECT_EQ(w.Step("a", v1::CLOSE, {.has_unit = true})->to(), "b");
  EXPECT_EQ(w.Step("a", v1::CLOSE, {.has_unit = false})->to(), "c");
}

// --------------------------------------------------------------- problems

constexpr char kGood[] = R"pb(
  code: "w"
  initial: "a"
  states { code: "a" phase: NEW public_status: OPEN_STATUS }
  states { code: "z" phase: CLOSED public_status: FIXED }
  transitions { from: "a" verb: CLOSE to: "z" }
)pb";

struct Wrong {
  const char* text;  // added to kGood
  const char* path;  // after "workflows[0]"
  const char* message;
  bool alone = false;  // the text is the whole of it
};

void PrintTo(const Wrong& row, std::ostream* os) { *os << row.text; }

class WorkflowProblemTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(WorkflowProblemTest, IsToldWithItsPath) {
  const Wrong& row = GetParam();
  Specs specs;
  const std::string text = row.alone ? row.text : std::string(kGood) + row.text;
  google::protobuf::TextFormat::Parser parser;
  ASSERT_TRUE(parser.ParseFromString(text, specs.Add())) << text;
  Problems problems;
  Workflows::Compile(specs, &problems);
  std::string told;
  for (const v1::Problem& p : problems.list()) {
    told += p.path() + ": " + p.message() + "; " + p.hint() + "\n";
  }
  EXPECT_THAT(told, HasSubstr("workflows[0]" + std::string(row.path) + ": " +
                              row.message));
}

#define STATES                                                  \
  "states { code: 'a' phase: NEW public_status: OPEN_STATUS } " \
  "states { code: 'z' phase: CLOSED public_status: FIXED } "    \
  "transitions { from: 'a' verb: CLOSE to: 'z' } "

INSTANTIATE_TEST_SUITE_P(
    Table, WorkflowProblemTest,
    ::testing::Values(
        Wrong{"initial: 'a' " STATES, ".code", "is empty", true},
        Wrong{"code: 'w' initial: 'a'", ".states", "is empty", true},
        Wrong{"code: 'w' " STATES, ".initial", "is empty", true},
        Wrong{"code: 'w' initial: 'b' " STATES, ".initial",
              "there is no state \"b\"", true},
        Wrong{"code: 'w' initial: 'z' " STATES, ".initial",
              "is a resolved or closed state", true},
        Wrong{"states { phase: NEW public_status: OPEN_STATUS }",
              ".states[2].code", "is empty"},
        Wrong{"states { code: 'a' phase: NEW public_status: OPEN_STATUS }",
              ".states[2].code", "\"a\" stands twice"},
        Wrong{"states { code: 'b' public_status: OPEN_STATUS }",
              ".states[2].phase", "is not set"},
        Wrong{"states { code: 'b' phase: ACTIVE }", ".states[2].public_status",
              "is not set"},
        Wrong{"states { code: 'b' phase: ACTIVE public_status: OPEN_STATUS }",
              ".states[2]", "\"b\" is never reached"},
        Wrong{"states { code: 'b' phase: ACTIVE public_status: OPEN_STATUS "
              "timeout: '24h' } transitions { from: 'a' verb: ACCEPT to: 'b' }",
              ".states[2].timeout", "has no transition for TICK"},
        Wrong{"states { code: 'b' phase: ACTIVE public_status: OPEN_STATUS } "
              "transitions { from: 'a' verb: ACCEPT to: 'b' } "
              "transitions { from: 'b' verb: TICK to: 'z' }",
              ".states[2].timeout", "is missing for the transition by TICK"},
        Wrong{"states { code: 'b' phase: ACTIVE public_status: OPEN_STATUS "
              "timeout: 'a week' } "
              "transitions { from: 'a' verb: ACCEPT to: 'b' } "
              "transitions { from: 'b' verb: TICK to: 'z' }",
              ".states[2].timeout", ""},
        Wrong{"states { code: 'b' phase: ACTIVE public_status: OPEN_STATUS "
              "timeout: '24h' } "
              "transitions { from: 'a' verb: ACCEPT to: 'b' } "
              "transitions { from: 'b' verb: TICK to: 'b' }",
              ".transitions[2].to", "must be another state for tick"},
        Wrong{"states { code: 'b' phase: ACTIVE public_status: OPEN_STATUS "
              "timeout: '24h' } "
              "transitions { from: 'a' verb: ACCEPT to: 'b' } "
              "transitions { from: 'b' verb: TICK }",
              ".transitions[2].to", "must be another state for tick"},
        Wrong{"states { code: 'b' phase: ACTIVE public_status: OPEN_STATUS "
              "timeout: '24h' } "
              "transitions { from: 'a' verb: ACCEPT to: 'b' } "
              "transitions { from: 'b' verb: TICK guards: HAS_UNIT to: 'z' }",
              ".transitions[2].guards", "are not asked for tick"},
        Wrong{"transitions { from: 'a' to: 'z' }", ".transitions[1].verb",
              "cannot be a transition's verb"},
        Wrong{"transitions { from: 'a' verb: OPEN }", ".transitions[1].verb",
              "cannot be a transition's verb"},
        Wrong{"transitions { verb: NOTE }", ".transitions[1].from", "is empty"},
        Wrong{"transitions { from: 'aa' verb: NOTE }",
              ".transitions[1].from[0]",
              "there is no state \"aa\"; did you mean \"a\"?"},
        Wrong{"transitions { from: 'a' verb: ACCEPT to: 'y' }",
              ".transitions[1].to", "there is no state \"y\""},
        Wrong{"transitions { from: 'a' verb: CLOSE to: 'z' }",
              ".transitions[1].from[0]",
              "close from \"a\" under the same guards stands already"},
        Wrong{"transitions { from: 'a' verb: NOTE guards: STAFF "
              "guards: BY_REPORTER }",
              ".transitions[1].guards", "STAFF and BY_REPORTER never hold"},
        Wrong{"transitions { from: 'a' verb: NOTE guards: CLOSURE_ASKED "
              "guards: NO_CLOSURE_ASKED }",
              ".transitions[1].guards",
              "CLOSURE_ASKED and NO_CLOSURE_ASKED never hold together"},
        Wrong{"transitions { from: 'a' verb: NOTE guards: GUARD_UNSPECIFIED }",
              ".transitions[1].guards", "has an entry that is not set"},
        Wrong{"transitions { from: 'a' verb: WAIT to: 'z' }",
              ".transitions[1].to", "is no place for wait"},
        Wrong{"transitions { from: 'a' verb: RESOLVE }", ".transitions[1].to",
              "is no place for resolve"},
        Wrong{"transitions { from: 'z' verb: REOPEN to: 'z' }",
              ".transitions[1].to", "is no place for reopen"},
        Wrong{"outcomes { } ", ".outcomes[0].code", "is empty"},
        Wrong{"outcomes { code: 'o' } outcomes { code: 'o' }",
              ".outcomes[1].code", "stands twice"},
        Wrong{"reopen_window: 'a month'", ".reopen_window", ""}));

TEST(WorkflowTest, TwoWorkflowsOfOneNameAreTold) {
  Specs specs;
  *specs.Add() = StandardWorkflow();
  *specs.Add() = StandardWorkflow();
  Problems problems;
  Workflows::Compile(specs, &problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems.list()[0].path(), "workflows[1].code");
}

}  // namespace
}  // namespace hotline
