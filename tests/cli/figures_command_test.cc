// Goal: `hotline report` and `hotline whatif` answer with the promised shapes,
// exit statuses and hints. Method: called in process over one small file.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/engine.h"
#include "src/cli/cli.h"
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

TEST(FiguresCommand, WrongUsageIsStatusTwoAndSaysWhatToDo) {
  const Args report = {"report", "compliance", "--store", "memory:"};
  const struct {
    Args more;
    const char* says;
  } table[] = {
      {{}, "missing --from=DATE"},
      {{"--from=2026-02-30", "--to=2026-03-01"}, "no date \"2026-02-30\""},
      {{"--from=2026-2-1", "--to=2026-03-01"}, "write 2026-02-13"},
      {{"--from=2026-02-01", "--to=2026-02-28", "--by=categry"},
       "did you mean category?"},
      {{"--from=2026-02-01", "--to=2026-02-28", "--period=moth"},
       "did you mean month?"},
      {{"--from=2026-02-01", "--to=2026-02-28", "--format=htm"},
       "did you mean html?"},
      {{"--from=2026-02-01", "--to=2026-02-28", "--lang=fr"}, "en or zh-Hant"},
      {{"--from=2026-02-01", "--to=2026-02-28", "--json", "--format=csv"},
       "the same twice"},
      {{"--from=2026-02-01", "--to=2026-02-28", "--as-of=now"}, "the offset"},
      {{"--from=2026-02-01", "--to=2026-02-28"}, "holds no policy"},
  };
  for (const auto& wrong : table) {
    Args args = report;
    args.insert(args.end(), wrong.more.begin(), wrong.more.end());
    const Result result = Call(args);
    EXPECT_EQ(result.status, 2) << wrong.says;
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, HasSubstr(wrong.says));
  }
  EXPECT_THAT(Call({"whatif", "--store", "memory:"}).err,
              HasSubstr("missing --policy=FILE"));
  EXPECT_THAT(Call({"whatif", "--store", "memory:", "--policy", "0"}).err,
              HasSubstr("versions count from 1"));
  EXPECT_EQ(Call({"whatif", "--store", "memory:", "--policy", "0"}).status, 2);
  EXPECT_THAT(Call({"whatif", "--store", "memory:", "--policy", "no.json"}).err,
              HasSubstr("No such file"));
}

TEST(FiguresCommand, HelpHasAnExample) {
  EXPECT_THAT(Call({"report", "compliance", "--help"}).out,
              HasSubstr("Example\n  hotline report compliance"));
  const Result help = Call({"whatif", "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, StartsWith("hotline whatif --store=STORE"));
  EXPECT_THAT(help.out, HasSubstr("Example\n  hotline whatif "));
  EXPECT_THAT(Call({"--help"}).out, HasSubstr("hotline whatif --store"));
}

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

// One case, opened on Friday 2026-03-06 at 08:00 in Taipei: sixteen working
// hours are due on Monday at 12:00, four on that Friday at 12:00.
class FiguresStoreTest : public ::testing::Test {
 protected:
  FiguresStoreTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("hotline_figures_test_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    SimulatedClock clock(absl::FromUnixSeconds(1772755200));
    auto store = SqliteStore::Open((folder_ / "city.db").string());
    EXPECT_TRUE(store.ok()) << store.status();
    Everybody everybody;
    auto engine =
        Engine::Open(store->get(), {.clock = &clock, .authorizer = &everybody});
    const Actor actor{.tenant = "small", .id = "mei", .roles = {}};
    EXPECT_TRUE((*engine)->Adopt(actor, testing::SmallPolicy(), 0).ok());
    EXPECT_TRUE((*engine)
                    ->Execute(actor, testing::Proto<v1::Command>(
                                         "open { category: 'streetlight' "
                                         "reporter { id: 'p' } }"))
                    .ok());
    std::string text = testing::SmallPolicyText();
    const size_t at = text.find("working_time: \"16h\"");
    text.replace(at, 19, "working_time: \"4h\"");
    std::ofstream(Path("other.textproto")) << text;
  }
  ~FiguresStoreTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const {
    return (folder_ / name).string();
  }
  Result Report(const Args& more) const {
    Args args = {"report",
                 "compliance",
                 "--store",
                 "sqlite:" + Path("city.db"),
                 "--from=2026-03-01",
                 "--to=2026-03-31",
                 "--as-of=2026-03-06T13:30:00+08:00"};
    args.insert(args.end(), more.begin(), more.end());
    return Call(args);
  }
  std::string Bytes() const {
    std::ifstream file(Path("city.db"), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  const std::filesystem::path folder_;
};

TEST_F(FiguresStoreTest, ReportComesInFourForms) {
  const Result text = Report({"--by=category", "--verbose"});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("Street light out"));
  EXPECT_THAT(text.err, HasSubstr("1 cases in "));
  EXPECT_THAT(Report({"--format=csv"}).out, StartsWith("clock,agreement,"));
  EXPECT_THAT(Report({"--format=html", "--lang=zh-Hant"}).out,
              StartsWith("<!doctype html>"));
  const Result json = Report({"--json"});
  google::protobuf::Struct parsed;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(json.out, &parsed).ok());
  const auto& row =
      parsed.fields().at("rows").list_value().values(0).struct_value();
  const auto& counts = row.fields().at("counts").struct_value().fields();
  EXPECT_EQ(counts.at("running_in_time").number_value(), 1);
}

TEST_F(FiguresStoreTest, WhatIfJudgesByTheFileAndWritesNothing) {
  const std::string before = Bytes();
  const Args args = {"whatif",
                     "--store",
                     "sqlite:" + Path("city.db"),
                     "--policy",
                     Path("other.textproto"),
                     "--as-of=2026-03-06T13:30:00+08:00",
                     "--json"};
  const Result result = Call(args);
  EXPECT_EQ(result.status, 0) << result.err;
  google::protobuf::Struct parsed;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(result.out, &parsed).ok());
  const auto& row =
      parsed.fields().at("rows").list_value().values(0).struct_value();
  EXPECT_EQ(row.fields().at("newly_broken").number_value(), 1);
  EXPECT_EQ(row.fields().at("due_earlier").number_value(), 1);
  EXPECT_EQ(Bytes(), before);
  Args by_version = args;
  by_version[4] = "1";
  EXPECT_THAT(Call(by_version).out, HasSubstr("\"newly_broken\":0"));
  by_version[4] = "2";
  EXPECT_EQ(Call(by_version).status, 2);
}

#endif  // HOTLINE_HAS_SQLITE

}  // namespace
}  // namespace hotline::cli
