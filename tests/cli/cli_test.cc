// The program as its users see it, called in process.
#include "src/cli/cli.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/engine.h"
#include "hotline/store_check.h"
#include "tests/readers/fixture.h"
#include "tests/support/cli.h"
#ifdef HOTLINE_HAS_SQLITE
#include "hotline/adapters/sqlite_store.h"
#endif

namespace hotline::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// A folder of its own for each test.
class CliTest : public ::testing::Test {
 protected:
  CliTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("hotline_cli_test_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~CliTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const {
    return (folder_ / name).string();
  }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
    return Path(name);
  }
  std::string Policy() const {
    return Write("small.textproto", testing::SmallPolicyText());
  }

 private:
  const std::filesystem::path folder_;
};

google::protobuf::Struct Json(const std::string& line) {
  google::protobuf::Struct parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &parsed).ok())
      << line;
  return parsed;
}

// ------------------------------------------------------------------- usage

struct WrongCall {
  Args args;
  const char* says;
};

TEST_F(CliTest, WrongUsageIsStatusTwoAndSaysWhatToDo) {
  const std::vector<WrongCall> table = {
      {{"polcy", "check"}, "did you mean policy?"},
      {{"policy", "chek"}, "did you mean check?"},
      {{"xyzzy"}, "see hotline --help"},
      {{"policy", "frobnicate"}, "see hotline policy --help"},
      {{"policy", "check"}, "missing FILE..."},
      {{"policy", "check", "--jsn", "x"}, "did you mean --json?"},
      {{"policy", "check", "--json=1", "x"}, "--json takes no value"},
      {{"policy", "check", "--json", "--json", "x"}, "given twice"},
      {{"policy", "check", "-j", "x"}, "flags begin with two dashes"},
      {{"policy", "show", "x"}, "missing --view=WHAT"},
      {{"policy", "show", "x", "y", "--view=sla"}, "unexpected \"y\""},
      {{"policy", "show", "x.textproto", "--view=slo"}, "did you mean sla?"},
      {{"policy", "show", "x.textproto", "--view=sla", "--format=jsn"},
       "did you mean json?"},
      {{"policy", "show", "x.textproto", "--view"}, "--view needs a value"},
      {{"policy", "sheet", "x.textproto", "--format=htm"}, "mean html?"},
      {{"policy", "diff", "x.textproto"}, "missing OLD NEW"},
      {{"policy", "check", "policy.yaml"}, "told by its suffix"},
      {{"policy", "check", "/nowhere/p.textproto"}, "No such file"},
      {{"sla", "explain", "--policy", "p.json", "--category", "c"},
       "missing --at=INSTANT"},
      {{"sla", "explain", "--policy", "p.json", "--category", "c", "--at",
        "2026-03-06T16:00:00"},
       "with the offset"},
      {{"scenario", "run"}, "missing FILE..."},
      {{"scenario", "run", "/nowhere/s.json"}, "No such file"},
      {{"case", "show", "4821-0937-55126"}, "missing --store=STORE"},
      {{"case", "show", "--store", "postgres:x", "4821-0937-55126"},
       "memory: or sqlite:PATH"},
      {{"case", "show", "--store", "sqlite:", "4821-0937-55126"},
       "memory: or sqlite:PATH"},
      {{"case", "show", "--store", "memory:"}, "missing REFERENCE"},
      {{"case", "show", "--store", "memory:", "a", "b"}, "unexpected \"b\""},
      {{"case", "timeline", "--store", "memory:", "a", "--format=pdf"},
       "one of text, mermaid, svg, dot, json"},
      {{"case", "explain", "--store", "memory:", "a"}, "holds no policy"},
      {{"store", "check"}, "missing --store=STORE"},
      {{"store", "run", "--store", "memory:"}, "missing --policy=FILE"},
      {{"store", "check", "--store", "memory:", "extra"},
       "it takes only flags"},
      {{"store"}, "hotline store check"},
      {{}, "hotline NOUN VERB"},
  };
  for (const WrongCall& wrong : table) {
    const Result result = Call(wrong.args);
    SCOPED_TRACE(::testing::PrintToString(wrong.args));
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, HasSubstr(wrong.says));
  }
}

TEST_F(CliTest, EveryNounAndVerbHasHelpWithAnExample) {
  const Result all = Call({"--help"});
  EXPECT_EQ(all.status, 0);
  EXPECT_THAT(all.err, IsEmpty());
  const std::vector<Args> verbs = {
      {"policy", "check"}, {"policy", "show"},  {"policy", "sheet"},
      {"policy", "diff"},  {"sla", "explain"},  {"scenario", "run"},
      {"case", "show"},    {"case", "history"}, {"case", "timeline"},
      {"case", "explain"}, {"store", "check"},  {"store", "run"}};
  for (const Args& verb : verbs) {
    const std::string name = verb[0] + " " + verb[1];
    EXPECT_THAT(all.out, HasSubstr("hotline " + name));
    const Result help = Call({verb[0], verb[1], "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.out, StartsWith("hotline " + name));
    EXPECT_THAT(help.out, HasSubstr("Example\n  hotline " + name));
    EXPECT_EQ(Call({verb[0], "--help"}).status, 0);
  }
}

TEST_F(CliTest, AnAnswerThatCannotBeWrittenIsAFailure) {
  std::istringstream in;
  std::ostringstream out, err;
  out.setstate(std::ios::badbit);
  EXPECT_EQ(Main({"--help"}, in, out, err), 0);
  EXPECT_EQ(Main({"policy", "check", Policy()}, in, out, err), 3);
}

// ------------------------------------------------------------------ policy

TEST_F(CliTest, PolicyCheckPrintsEveryProblemWithFilePathAndHint) {
  const std::string bad = Write("bad.textproto",
                                "id: 'x' tim_zone: 'UTC' categories { code: "
                                "'a' unit: 'nobody' } calender { }");
  const Result result = Call({"policy", "check", bad});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr(bad + ": line 1, column 17"));
  EXPECT_THAT(result.err, HasSubstr("did you mean \"time_zone\"?"));
  EXPECT_THAT(result.err, HasSubstr("did you mean \"calendars\"?"));
  EXPECT_THAT(result.err, HasSubstr(bad + ": categories[0].unit: "));
}

TEST_F(CliTest, PolicyCheckAsJsonIsOneObjectAFile) {
  const std::string bad = Write("bad.json", R"({"id":"x","tim_zone":"UTC"})");
  const Result result = Call({"policy", "check", "--json", Policy(), bad});
  EXPECT_EQ(result.status, 1);
  std::istringstream lines(result.out);
  std::string line;
  std::getline(lines, line);
  EXPECT_TRUE(Json(line).fields().at("ok").bool_value());
  std::getline(lines, line);
  EXPECT_FALSE(Json(line).fields().at("ok").bool_value());
  EXPECT_EQ(Json(line).fields().at("problems").list_value().values_size(), 1);
}

TEST_F(CliTest, PolicyShowGivesThreeViews) {
  const std::string policy = Policy();
  EXPECT_THAT(Call({"policy", "show", policy, "--view=taxonomy"}).out,
              HasSubstr("streetlight  Street light out"));
  EXPECT_THAT(Call({"policy", "show", policy, "--view=sla"}).out,
              HasSubstr("16 h of working time"));
  EXPECT_THAT(
      Call({"policy", "show", policy, "--view=workflow", "--format=mermaid"})
          .out,
      HasSubstr("stateDiagram-v2"));
  EXPECT_THAT(Call({"policy", "show", policy, "--view=sla", "--json"}).out,
              StartsWith("{"));
  const Result refused =
      Call({"policy", "show", policy, "--view=sla", "--format=dot"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("comes as text or json"));
}

TEST_F(CliTest, SlaExplainDerivesTheDueInstant) {
  const Result result =
      Call({"sla", "explain", "--policy", Policy(), "--category", "streetlight",
            "--at=2026-03-06T16:00:00+08:00"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("due Tuesday 10 March 11:00"));
  EXPECT_THAT(result.out, HasSubstr("make-up working day"));
}

TEST_F(CliTest, SlaExplainComesInEveryFormAndInChinese) {
  const auto explained = [&](const std::string& more) {
    return Call({"sla", "explain", "--policy", Policy(), "--category",
                 "streetlight", "--at=2026-03-06T16:00:00+08:00", more});
  };
  EXPECT_THAT(explained("--lang=zh-Hant").out, HasSubstr("前完成"));
  EXPECT_THAT(explained("--format=svg").out, StartsWith("<svg"));
  EXPECT_THAT(explained("--format=mermaid").out, StartsWith("gantt"));
  EXPECT_THAT(explained("--json").out, StartsWith("{"));
  EXPECT_EQ(explained("--format=dot").status, 2);
}

TEST_F(CliTest, PolicySheetPrintsWhatACitySigns) {
  const std::string policy = Policy();
  EXPECT_THAT(Call({"policy", "sheet", policy}).out,
              HasSubstr("within 16 h of working time"));
  EXPECT_THAT(
      Call({"policy", "sheet", policy, "--lang=zh-Hant", "--format=html"}).out,
      StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(Call({"policy", "sheet", policy, "--format=csv"}).out,
              StartsWith("category,clock,"));
}

TEST_F(CliTest, PolicyDiffFindsWhatChangesAndSaysSoByItsStatus) {
  const std::string before = Policy();
  EXPECT_EQ(Call({"policy", "diff", before, before}).status, 0);
  std::string text = testing::SmallPolicyText();
  const size_t at = text.find("working_time: \"16h\"");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 19, "working_time: \"9h\"");
  const std::string after = Write("after.textproto", text);
  const Result result = Call(
      {"policy", "diff", before, after, "--from=2026-01-01T00:00:00+08:00"});
  EXPECT_EQ(result.status, 1) << result.err;
  EXPECT_THAT(result.out, HasSubstr("shorter: "));
  EXPECT_THAT(Call({"policy", "diff", before, after, "--json"}).out,
              StartsWith("{\"subject\":\"promise\""));
}

// --------------------------------------------------------------- scenarios

TEST_F(CliTest, ScenarioRunTellsWhatDiffersAndFindsThePolicyBesideTheFile) {
  Policy();
  const std::string file = Write("s.textproto", R"pb(
    name: "first"
    policy_file: "small.textproto"
    steps {
      at: "2026-03-06T16:00:00+08:00"
      command { open { category: "streetlight" } }
      expect { phase: "closed" }
    }
  )pb");
  const Result result = Call({"scenario", "run", file});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.out,
              HasSubstr(file + ": step 1: steps[0].expect[0].phase: expected "
                               "closed, got new\n"));
  const Result json = Call({"scenario", "run", "--json", file});
  EXPECT_EQ(json.status, 1);
  EXPECT_EQ(Json(json.out).fields().at("scenario").string_value(), "first");
}

TEST_F(CliTest, AScenarioAddsToThePolicyOfItsFile) {
  Policy();
  const std::string file = Write("s.textproto", R"pb(
    name: "added"
    policy_file: "small.textproto"
    policy {
      clocks {
        code: "look"
        targets { elapsed: "1h" }
      }
      categories {
        code: "well"
        clocks { clock: "look" }
      }
    }
    steps {
      at: "2026-03-06T16:00:00+08:00"
      command { open { category: "well" } }
      expect { clocks { clock: "look" due: "2026-03-06T17:00:00+08:00" } }
    }
  )pb");
  const Result result = Call({"scenario", "run", file});
  EXPECT_EQ(result.status, 0) << result.out << result.err;
}

TEST_F(CliTest, AMistakeOfASharedPolicyIsToldWithItsFile) {
  const std::string shared = Write("shared.textproto", "clocs { }");
  const std::string file = Write(
      "s.textproto", "policy_file: 'shared.textproto' policy { id: 'x' }");
  const Result result = Call({"scenario", "run", file});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr(shared + ": line 1"));
}

TEST_F(CliTest, ABrokenScenarioIsWrongInput) {
  const std::string file = Write("s.textproto", "steps { att: 'x' }");
  const Result result = Call({"scenario", "run", file});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr(file + ": line 1, column 12: "));
}

// -------------------------------------------------------- cases and stores

#ifdef HOTLINE_HAS_SQLITE

class Everybody final : public Authorizer {
 public:
  Decision MayDo(const Actor&, v1::Verb, std::span<const v1::Case>) override {
    return kAllow;
  }
  Decision May(const Actor&, v1::Permission, const v1::Case*) override {
    return kAllow;
  }
};

// A file with one case of one tenant.
class StoreCliTest : public CliTest {
 protected:
  StoreCliTest() : store_("sqlite:" + Path("city.db")) {
    auto store = SqliteStore::Open(Path("city.db"));
    EXPECT_TRUE(store.ok()) << store.status();
    Everybody everybody;
    auto engine = Engine::Open(store->get(), {.authorizer = &everybody});
    const Actor actor{.tenant = "small", .id = "mei", .roles = {}};
    EXPECT_TRUE((*engine)->Adopt(actor, testing::SmallPolicy(), 0).ok());
    const auto receipt = (*engine)->Execute(
        actor, testing::Proto<v1::Command>(
                   "open { category: 'streetlight' channel: 'phone' "
                   "description: 'the third lamp' reporter { id: 'p' name: "
                   "'Lin' } }"));
    EXPECT_TRUE(receipt.ok()) << receipt.status();
    reference_ = receipt->reference();
  }

  Result Case(const std::string& verb, const Args& more = {}) const {
    Args args = {"case", verb, "--store", store_, reference_};
    args.insert(args.end(), more.begin(), more.end());
    return Call(args);
  }

  const std::string store_;
  std::string reference_;
};

TEST_F(StoreCliTest, CaseShowHidesPersonalFieldsUnlessAsked) {
  const Result plain = Case("show");
  EXPECT_EQ(plain.status, 0) << plain.err;
  EXPECT_THAT(plain.out, HasSubstr(reference_));
  EXPECT_THAT(plain.out, HasSubstr("streetlight (Street light out)"));
  EXPECT_THAT(plain.out, HasSubstr("resolve: running, due "));
  EXPECT_THAT(plain.out, ::testing::Not(HasSubstr("Lin")));
  EXPECT_THAT(Case("show", {"--personal"}).out, HasSubstr("Lin"));
  const Result json = Case("show", {"--json"});
  EXPECT_EQ(Json(json.out).fields().at("reference").string_value(), reference_);
  EXPECT_THAT(json.out, ::testing::Not(HasSubstr("Lin")));
}

TEST_F(StoreCliTest, CaseHistoryTimelineAndExplain) {
  EXPECT_THAT(Case("history").out, HasSubstr("open by mei"));
  EXPECT_THAT(Case("history", {"--lang=zh-Hant"}).out,
              HasSubstr("受理，經手 mei\n"));
  EXPECT_THAT(Case("timeline", {"--lang=zh-Hant"}).out, HasSubstr("\n時限，"));
  EXPECT_THAT(Case("show", {"--lang=zh-Hant"}).out, HasSubstr("案號"));
  EXPECT_EQ(
      Json(Case("history", {"--json"}).out).fields().at("verb").string_value(),
      "OPEN");
  EXPECT_THAT(Case("timeline", {"--format=svg"}).out, StartsWith("<svg"));
  EXPECT_THAT(Case("timeline").out, HasSubstr("clocks, "));
  EXPECT_THAT(Case("explain").out, HasSubstr("promise: 16 h of working time"));
  EXPECT_EQ(Case("timeline", {"--format=dot"}).status, 2);
}

TEST_F(StoreCliTest, AMistypedReferenceOrTenantIsRefused) {
  reference_ = "0000-0000-00000";
  EXPECT_EQ(Case("show").status, 2);
  EXPECT_THAT(Case("show").err, HasSubstr("0000-0000-00000"));
  EXPECT_THAT(Case("show", {"--tenant=smal"}).err,
              HasSubstr("did you mean small?"));
}

TEST_F(StoreCliTest, StoreCheckIsCleanAndReadsOnly) {
  const Result result = Call({"store", "check", "--store", store_});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out,
            "ok: 1 tenants, 1 policies, 1 cases, 1 events, 1 timers\n");
  EXPECT_TRUE(Json(Call({"store", "check", "--store", store_, "--json"}).out)
                  .fields()
                  .at("ok")
                  .bool_value());
}

TEST_F(StoreCliTest, AFileThatIsNoStoreIsStatusThree) {
  const std::string file = Write("no.db", std::string(5000, 'x'));
  const Result result = Call({"store", "check", "--store", "sqlite:" + file});
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.err, StartsWith("hotline: "));
}

TEST_F(StoreCliTest, StoreRunOnceAdoptsWhereNoneIsInForce) {
  const std::string fresh = "sqlite:" + Path("fresh.db");
  const Args args = {"store",     "run",           "--store",
                     fresh,       "--policy",      Policy(),
                     "--notices", Path("n.jsonl"), "--once"};
  const Result first = Call(args);
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("adopted policy small for tenant small"));
  EXPECT_THAT(first.out, HasSubstr("next never"));
  const Result second = Call(args);
  EXPECT_THAT(second.err, IsEmpty());
  EXPECT_EQ(Call({"store", "check", "--store", fresh}).status, 0);
}

#endif  // HOTLINE_HAS_SQLITE

}  // namespace
}  // namespace hotline::cli
