// hotline closure, called in process; and the guide that shows it.
#ifdef HOTLINE_HAS_SQLITE
#include <fstream>
#include <sstream>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "src/cli/cli.h"
#include "tests/cli/declaring_support.h"
#include "tests/support/cli.h"

namespace hotline::cli {
namespace {

using ::testing::HasSubstr;

class ClosureTest : public DeclaringTest {
 protected:
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
      {"2026-08-09", Day(0)},
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
