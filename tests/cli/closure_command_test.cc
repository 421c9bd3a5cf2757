// hotline closure, called in process; and the guide that shows it.
#ifdef HOTLINE_HAS_SQLITE
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/adapters/sqlite_store.h"
#include "hotline/engine.h"
#include "src/cli/cli.h"
#include "tests/support/city.h"
#include "tests/support/cli.h"

namespace hotline::cli {
namespace {

using ::testing::HasSubstr;

// Open day and night: what a closure takes is the same on any date.
constexpr char kPolicyText[] = R"(
  id: "city" time_zone: "Asia/Taipei"
  calendars {
    id: "office" time_zone: "Asia/Taipei"
    weekly { day: MONDAY hours { open: "00:00" close: "24:00" } }
    weekly { day: TUESDAY hours { open: "00:00" close: "24:00" } }
    weekly { day: WEDNESDAY hours { open: "00:00" close: "24:00" } }
    weekly { day: THURSDAY hours { open: "00:00" close: "24:00" } }
    weekly { day: FRIDAY hours { open: "00:00" close: "24:00" } }
    weekly { day: SATURDAY hours { open: "00:00" close: "24:00" } }
    weekly { day: SUNDAY hours { open: "00:00" close: "24:00" } }
  }
  areas { code: "xinyi" } areas { code: "wenshan" }
  units { code: "lights" } units { code: "parks" }
  clocks { code: "resolve" shown: true calendar: "office"
           targets { working_time: "72h" illustrative: true } }
  categories { code: "streetlight" kind: CASE unit: "lights"
               clocks { clock: "resolve" } }
  categories { code: "tree" kind: CASE unit: "parks"
               clocks { clock: "resolve" } }
  notices { code: "received" verbs: OPEN to: TO_REPORTER
            text { language: "en" text: "due {{due}}" } }
  notices { code: "moved" due_moved: true to: TO_REPORTER
            text { language: "en" text: "now due {{due}}" } }
)";

google::protobuf::Struct Json(const std::string& line) {
  google::protobuf::Struct parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &parsed).ok())
      << line;
  return parsed;
}

// A store of twelve open cases, six of them in xinyi.
class ClosureTest : public ::testing::Test {
 protected:
  ClosureTest()
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("hotline_closure_test_", getpid())) {
    std::filesystem::create_directories(folder_);
    auto store = SqliteStore::Open((folder_ / "city.db").string(), {});
    EXPECT_TRUE(store.ok()) << store.status();
    auto engine = Engine::Open(store->get(), {});
    EXPECT_TRUE(engine.ok()) << engine.status();
    const Actor admin{.tenant = "city", .id = "ada", .roles = {"admin"}};
    EXPECT_TRUE(
        (*engine)->Adopt(admin, tests::TestPolicy(kPolicyText), 0).ok());
    for (int i = 0; i < 12; ++i) {
      v1::Command c;
      c.mutable_open()->set_category(i % 3 == 0 ? "tree" : "streetlight");
      c.mutable_open()->mutable_place()->set_area(i < 6 ? "xinyi" : "wenshan");
      c.mutable_open()->mutable_reporter()->set_id(absl::StrCat("citizen", i));
      EXPECT_TRUE((*engine)->Execute(admin, c).ok());
    }
  }
  ~ClosureTest() override { std::filesystem::remove_all(folder_); }

  std::string Store() const {
    return absl::StrCat("sqlite:", (folder_ / "city.db").string());
  }
  static std::string Day(int after_today) {
    return absl::FormatTime(
        "%Y-%m-%d",
        RealClock()->TimeNow() + after_today * absl::Hours(24) + absl::Hours(8),
        absl::UTCTimeZone());
  }
  Args Add(const Args& more) const {
    Args args = {"closure", "add", "--store", Store(), "--calendar", "office"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
  Args Tomorrow(const Args& more) const {
    Args args = Add({"--from", Day(1) + "T15:00:00+08:00", "--until",
                     Day(2) + "T00:00:00+08:00"});
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }

 private:
  const std::filesystem::path folder_;
};

TEST_F(ClosureTest, ADryRunSaysWhatItWouldDoAndWritesNothing) {
  const Result dry = Call(Tomorrow({"--area", "xinyi", "--dry-run", "--json"}));
  EXPECT_EQ(dry.status, kDone) << dry.err;
  const auto json = Json(dry.out);
  EXPECT_TRUE(json.fields().at("dry_run").bool_value());
  EXPECT_EQ(json.fields().at("version").number_value(), 2);
  EXPECT_EQ(json.fields().at("looked").number_value(), 12);
  EXPECT_EQ(json.fields().at("touched").number_value(), 6);
  EXPECT_FALSE(json.fields().contains("replanned"));
  const auto& lines = json.fields().at("lines").list_value();
  ASSERT_EQ(lines.values_size(), 2);
  const auto& first = lines.values(0).struct_value().fields();
  EXPECT_EQ(first.at("category").string_value(), "streetlight");
  EXPECT_EQ(first.at("unit").string_value(), "lights");
  EXPECT_EQ(first.at("later").number_value(), 4);
  for (const char* none : {"earlier", "withdrawn", "broken"}) {
    EXPECT_EQ(first.at(none).number_value(), 0);
  }
  const auto& told = json.fields().at("told").list_value();
  ASSERT_EQ(told.values_size(), 1);
  EXPECT_EQ(told.values(0).struct_value().fields().at("to").string_value(),
            "reporter");
  EXPECT_EQ(told.values(0).struct_value().fields().at("people").number_value(),
            6);
  EXPECT_EQ(dry.err, "");
  EXPECT_EQ(Call({"closure", "list", "--store", Store()}).out, "");
}

TEST_F(ClosureTest, ItIsEnteredListedUnderItsMadeUpNameAndWithdrawn) {
  const Result added =
      Call(Tomorrow({"--area", "xinyi", "--unit", "lights,parks", "--json"}));
  ASSERT_EQ(added.status, kDone) << added.err;
  const auto json = Json(added.out);
  EXPECT_FALSE(json.fields().at("dry_run").bool_value());
  EXPECT_EQ(json.fields().at("replanned").number_value(), 6);
  const std::string id = json.fields().at("id").string_value();
  const Result listed = Call({"closure", "list", "--store", Store(), "--json"});
  const google::protobuf::Struct line = Json(listed.out);
  const auto& closure = line.fields().at("closure").struct_value().fields();
  EXPECT_EQ(closure.at("id").string_value(), id);
  EXPECT_EQ(closure.at("units").list_value().values_size(), 2);
  EXPECT_FALSE(closure.at("announced").string_value().empty());

  const Args withdraw = {"closure", "withdraw",   "--store",
                         Store(),   "--calendar", "office",
                         "--id",    id,           "--json"};
  const Result withdrawn = Call(withdraw);
  ASSERT_EQ(withdrawn.status, kDone) << withdrawn.err;
  EXPECT_EQ(Json(withdrawn.out).fields().at("replanned").number_value(), 6);
  EXPECT_EQ(Call({"closure", "list", "--store", Store()}).out, "");
  const Result again = Call(withdraw);
  EXPECT_EQ(again.status, kUsage);
  EXPECT_THAT(again.err, HasSubstr("withdraw_closures[0].id"));
  EXPECT_EQ(Call({"store", "check", "--store", Store()}).status, kDone);
}

TEST_F(ClosureTest, EverythingWrongIsToldWithWhatToDo) {
  const Result wrong = Call(Add({"--from", "tomorrow", "--until", "later",
                                 "--area", "xiny", "--dry-run"}));
  EXPECT_EQ(wrong.status, kUsage);
  for (const char* part :
       {"add_closures[0].closures[0].from", "add_closures[0].closures[0].until",
        "did you mean xinyi?"}) {
    EXPECT_THAT(wrong.err, HasSubstr(part));
  }
  Args args = Tomorrow({"--dry-run"});
  args[5] = "ofice";
  EXPECT_THAT(Call(args).err, HasSubstr("there is no calendar \"ofice\""));
  const Result list =
      Call({"closure", "list", "--store", Store(), "--calendar", "ofice"});
  EXPECT_EQ(list.status, kUsage);
  EXPECT_THAT(list.err, HasSubstr("did you mean office?"));
  EXPECT_THAT(Call({"closure", "add", "--store", Store()}).err,
              HasSubstr("missing --calendar=ID"));
  EXPECT_EQ(Call({"closure", "add", "--help"}).status, kDone);
}

// Joined lines of each ```sh block, and the ```text block that follows it.
struct Shown {
  std::vector<std::string> commands;
  std::string output;
};

std::vector<Shown> ReadGuide() {
  std::ifstream file(HOTLINE_SOURCE_DIR "/docs/guide/a-typhoon-afternoon.md");
  std::vector<Shown> shown;
  std::string line, block, command;
  while (std::getline(file, line)) {
    if (line.starts_with("```")) {
      block = block.empty() ? line : "";
      if (block == "```sh") shown.emplace_back();
    } else if (block == "```sh") {
      command += std::string(absl::StripSuffix(line, "\\"));
      if (line.ends_with("\\")) continue;
      shown.back().commands.push_back(std::exchange(command, ""));
    } else if (block == "```text") {
      shown.back().output += line + "\n";
    }
  }
  return shown;
}

TEST_F(ClosureTest, TheGuideShowsWhatHappens) {
  const std::vector<std::pair<std::string, std::string>> to_here = {
      {"2026-08-10", Day(1)},
      {"2026-08-11", Day(2)},
      {"sqlite:city.db", Store()}};
  std::vector<std::pair<std::string, std::string>> back;
  for (const auto& [guide, here] : to_here) back.emplace_back(here, guide);
  const std::vector<Shown> shown = ReadGuide();
  ASSERT_GE(shown.size(), 4u);
  for (const Shown& one : shown) {
    std::string output;
    for (const std::string& command : one.commands) {
      Args args = absl::StrSplit(absl::StrReplaceAll(command, to_here), ' ',
                                 absl::SkipEmpty());
      ASSERT_EQ(args.front(), "hotline") << command;
      args.erase(args.begin());
      const Result result = Call(args);
      EXPECT_EQ(result.status, kDone) << command << "\n" << result.err;
      output += absl::StrReplaceAll(result.out, back);
    }
    if (!one.output.empty()) {
      EXPECT_EQ(output, one.output);
    }
  }
}

}  // namespace
}  // namespace hotline::cli
#endif
