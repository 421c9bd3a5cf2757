// hotline event, called in process over a store of twelve open cases.
#ifdef HOTLINE_HAS_SQLITE
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/cli/cli.h"
#include "tests/cli/declaring_support.h"
#include "tests/support/cli.h"

namespace hotline::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// What the policy promises is 72 hours, by a calendar that never closes.
class EventTest : public DeclaringTest {
 protected:
  Args Verb(const std::string& verb, const Args& more) const {
    Args args = {"event", verb, "--store", Store()};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
  // Since before the cases were opened.
  Args Declare(const Args& more) const {
    Args args = Verb("declare", {"--from", Day(-1) + "T00:00:00+08:00",
                                 "--until", Day(2) + "T00:00:00+08:00"});
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
  std::string Listed() const { return Call(Verb("list", {})).out; }
  // Who adopted the newest policy.
  std::string AdoptedBy() const {
    const auto store =
        SqliteStore::Open(Store().substr(7), {.read_only = true});
    EXPECT_TRUE(store.ok()) << store.status();
    RecordRange range;
    range.tenant = "city";
    range.kind = "policy";
    const auto records = (*store)->ReadRecords(range);
    EXPECT_TRUE(records.ok()) << records.status();
    v1::AdoptedPolicy adopted;
    EXPECT_TRUE(adopted.ParseFromString(records->back().payload));
    return adopted.adopted_by();
  }
};

TEST_F(EventTest, ADryRunSaysWhatItWouldDoAndWritesNothing) {
  const Result dry = Call(Declare({"--code=gaemi", "--dry-run", "--json",
                                   "--target=tree/resolve=elapsed:96h"}));
  EXPECT_EQ(dry.status, kDone) << dry.err;
  EXPECT_EQ(dry.err, "");
  const google::protobuf::Struct parsed = Json(dry.out);
  const auto& json = parsed.fields();
  EXPECT_TRUE(json.at("dry_run").bool_value());
  EXPECT_EQ(json.at("version").number_value(), 2);
  EXPECT_EQ(json.at("code").string_value(), "gaemi");
  EXPECT_EQ(json.at("until").string_value(), Day(2) + "T00:00:00+08:00");
  EXPECT_EQ(json.at("looked").number_value(), 12);
  EXPECT_EQ(json.at("touched").number_value(), 4);
  EXPECT_FALSE(json.contains("replanned"));
  const auto& lines = json.at("lines").list_value();
  ASSERT_EQ(lines.values_size(), 1);
  const auto& line = lines.values(0).struct_value().fields();
  EXPECT_EQ(line.at("category").string_value(), "tree");
  EXPECT_EQ(line.at("later").number_value(), 4);
  EXPECT_EQ(line.at("earlier").number_value(), 0);
  const auto& told = json.at("told").list_value().values(0).struct_value();
  EXPECT_EQ(told.fields().at("people").number_value(), 4);
  EXPECT_EQ(Listed(), "");
}

TEST_F(EventTest, ItIsDeclaredListedReplacedAndEnded) {
  const Result declared = Call(Declare(
      {"--code=gaemi", "--area=xinyi", "--reason=typhoon", "--by=duty",
       "--source=city notice 12", "--announced=2026-08-10T14:10:00+08:00",
       "--target=tree/resolve=working_days:10,resolve=working_time:48h"}));
  ASSERT_EQ(declared.status, kDone) << declared.err;
  EXPECT_EQ(AdoptedBy(), "duty");
  // In xinyi two trees come later, and four street lights earlier.
  EXPECT_THAT(declared.out, HasSubstr("policy 2 adopted; 12 cases judged, 6 "
                                      "planned anew\n"));
  EXPECT_THAT(declared.out,
              ::testing::ContainsRegex("streetlight +lights +0 +4 +0 +0"));
  EXPECT_THAT(declared.out,
              ::testing::ContainsRegex("tree +parks +2 +0 +0 +0"));
  EXPECT_EQ(Listed(),
            absl::StrCat("gaemi  ", Day(-1), "T00:00:00+08:00  ", Day(2),
                         "T00:00:00+08:00  targets "
                         "tree/resolve=working_days:10,"
                         "resolve=working_time:48h  areas xinyi  "
                         "announced 2026-08-10T14:10:00+08:00  "
                         "reason typhoon  source city notice 12\n"));
  EXPECT_THAT(Call(Verb("list", {"--json"})).out,
              HasSubstr("\"target\":{\"working_days\":10,"
                        "\"source\":\"city notice 12\"}"));
  const Result replaced =
      Call(Declare({"--code=gaemi", "--target=resolve=elapsed:72h", "--json"}));
  ASSERT_EQ(replaced.status, kDone) << replaced.err;
  EXPECT_EQ(Json(replaced.out).fields().at("replanned").number_value(), 12);
  EXPECT_THAT(Listed(), AllOf(HasSubstr("targets resolve=elapsed:72h"),
                              Not(HasSubstr("tree"))));

  // What was opened before it ended keeps what it was promised.
  const Result ended = Call(Verb("end", {"--code=gaemi", "--json"}));
  ASSERT_EQ(ended.status, kDone) << ended.err;
  const google::protobuf::Struct parsed = Json(ended.out);
  EXPECT_EQ(parsed.fields().at("lines").list_value().values_size(), 0);
  const Result again = Call(Verb("end", {"--code=gaemi"}));
  EXPECT_EQ(again.status, kUsage);
  EXPECT_THAT(again.err, HasSubstr("event gaemi ends at " +
                                   parsed.fields().at("until").string_value()));
  EXPECT_EQ(Call({"store", "check", "--store", Store()}).status, kDone);
}

TEST_F(EventTest, EndedBeforeACaseWasOpenedItPromisesItNothing) {
  ASSERT_EQ(
      Call(Declare({"--code=gaemi", "--target=resolve=elapsed:96h"})).status,
      kDone);
  const Result ended = Call(
      Verb("end", {"--code=gaemi", "--at", Day(-1) + "T08:00:00.0015+08:00"}));
  ASSERT_EQ(ended.status, kDone) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("12 planned anew"));
  const Result again = Call(
      Verb("end", {"--code=gaemi", "--at", Day(-1) + "T08:00:00.001+08:00"}));
  EXPECT_THAT(again.err, HasSubstr("declare it again"));
  EXPECT_THAT(Listed(), HasSubstr(Day(-1) + "T00:00:00.001Z"));
}

TEST_F(EventTest, OneThatHasNotBegunEndsAsItBegins) {
  const Args tomorrow = Verb(
      "declare", {"--from", Day(1) + "T00:00:00Z", "--until",
                  Day(2) + "T00:00:00Z", "--code=gaemi",
                  "--target=resolve=calendar_days:5,tree/resolve=elapsed:9h"});
  ASSERT_EQ(Call(tomorrow).status, kDone);
  ASSERT_EQ(Call(Verb("end", {"--code=gaemi"})).status, kDone);
  EXPECT_THAT(Listed(), HasSubstr(absl::StrCat(Day(1), "T00:00:00Z  ", Day(1),
                                               "T00:00:00.001Z  targets "
                                               "resolve=calendar_days:5,"
                                               "tree/resolve=elapsed:9h  ")));
}

TEST_F(EventTest, ALookNeedsNoPlaceAtTheDesk) {
  const auto worker = SqliteStore::Open(Store().substr(7), {});
  ASSERT_TRUE(worker.ok()) << worker.status();
  Args declare = Declare({"--code=gaemi", "--target=resolve=elapsed:96h"});
  const Result refused = Call(declare);
  EXPECT_EQ(refused.status, kFailed);
  EXPECT_THAT(refused.err, HasSubstr("hotline: "));
  declare.push_back("--dry-run");
  const Result dry = Call(declare);
  EXPECT_EQ(dry.status, kDone) << dry.err;
  EXPECT_EQ(Call(Verb("list", {})).status, kDone);
}

TEST_F(EventTest, APlanMadeBeforeIsReadFromAFile) {
  const std::string plan = Store().substr(7) + ".plan.textproto";
  std::ofstream(plan) << R"(declared_events {
    code: "storm" areas: "wenshan" reason: "plan B"
    targets { category: "tree" clock: "resolve"
              target { calendar_months: 2 priority: "" hour: "16:00" end: HOUR
                       source: "plan B" } } }
    declared_events { code: "fair" })";
  const Result wrong = Call(Declare({plan, "--code=stom", "--dry-run"}));
  EXPECT_EQ(wrong.status, kUsage);
  EXPECT_THAT(wrong.err, HasSubstr(plan + " declares no event \"stom\"; did "
                                          "you mean storm?"));
  const Result declared =
      Call(Declare({plan, "--code=storm", "--reason=typhoon"}));
  ASSERT_EQ(declared.status, kDone) << declared.err;
  EXPECT_THAT(Listed(),
              AllOf(HasSubstr("tree/resolve=calendar_months:2[end: HOUR hour: "
                              "\"16:00\"]"),
                    HasSubstr("areas wenshan"), HasSubstr("reason typhoon")));
  // Two are in it: neither is taken without its name.
  EXPECT_THAT(Call(Declare({plan, "--dry-run"})).err,
              HasSubstr("there are: storm, fair"));
  // Flags go before what it says.
  std::ofstream(plan) << R"(declared_events { code: "fair" areas: "wenshan"
    targets { clock: "resolve"
              target { elapsed: "9h" illustrative: true } } })";
  EXPECT_THAT(Call(Declare({plan, "--code=storm", "--dry-run"})).err,
              HasSubstr("declares no event \"storm\"; there are: fair"));
  ASSERT_EQ(Call(Declare({plan})).status, kDone);
  EXPECT_THAT(
      Listed(),
      HasSubstr("resolve=elapsed:9h[illustrative: true]  areas wenshan  "
                "announced"));
  ASSERT_EQ(
      Call(Declare({plan, "--area=xinyi", "--target=tree/resolve=elapsed:8h"}))
          .status,
      kDone);
  EXPECT_THAT(Listed(), HasSubstr("targets tree/resolve=elapsed:8h  areas "
                                  "xinyi  announced"));
  std::ofstream(plan) << "declared_events { cod: 'fair' }";
  const Result unread = Call(Declare({plan, "--dry-run"}));
  EXPECT_EQ(unread.status, kUsage);
  EXPECT_THAT(unread.err, ::testing::StartsWith(plan + ": "));
  EXPECT_EQ(Call(Declare({plan + ".absent", "--dry-run"})).status, kUsage);
  const Result json = Call(Verb("list", {"--json"}));
  EXPECT_EQ(Json(json.out.substr(0, json.out.find('\n')))
                .fields()
                .at("event")
                .struct_value()
                .fields()
                .at("code")
                .string_value(),
            "storm");
}

TEST_F(EventTest, EverythingWrongIsToldWithWhatToDo) {
  const Result wrong =
      Call(Verb("declare",
                {"--code=gaemi", "--from=tomorrow", "--until=later",
                 "--area=xiny", "--target=tre/resolv=elapsed:4", "--dry-run"}));
  EXPECT_EQ(wrong.status, kUsage);
  EXPECT_EQ(wrong.out, "");
  for (const char* part :
       {"declared_events[0].from", "declared_events[0].until",
        "did you mean \"xinyi\"?", "did you mean \"tree\"?",
        "did you mean \"resolve\"?", "declared_events[0].targets[0].target"}) {
    EXPECT_THAT(wrong.err, HasSubstr(part));
  }
  const struct {
    const char* target;
    const char* says;
  } table[] = {{"resolve", "write resolve=working_days:5"},
               {"resolve=72h", "write resolve=working_days:5"},
               {"resolve=workin_days:5", "did you mean working_days?"},
               {"resolve=working_days:few", "no whole number"}};
  for (const auto& row : table) {
    const Result result =
        Call(Declare({"--code=gaemi", absl::StrCat("--target=", row.target)}));
    EXPECT_EQ(result.status, kUsage);
    EXPECT_THAT(result.err, HasSubstr(row.says));
  }
  EXPECT_THAT(Call(Declare({"--code=gaemi"})).err,
              HasSubstr("declared_events[0].targets: is empty"));
  EXPECT_THAT(Call(Verb("end", {"--code=gaemi"})).err,
              HasSubstr("the policy in force declares no event \"gaemi\""));
  EXPECT_THAT(Call(Verb("end", {})).err, HasSubstr("missing --code=CODE"));
  EXPECT_THAT(Call(Verb("end", {"--code=gaemi", "--at=now"})).err,
              HasSubstr("with the offset"));
  EXPECT_THAT(Call({"event", "declar"}).err,
              HasSubstr("did you mean declare?"));
  for (const char* verb : {"declare", "end", "list"}) {
    const Result help = Call({"event", verb, "--help"});
    EXPECT_EQ(help.status, kDone);
    EXPECT_THAT(help.out,
                HasSubstr(absl::StrCat("Example\n  hotline event ", verb)));
  }
}

}  // namespace
}  // namespace hotline::cli
#endif
