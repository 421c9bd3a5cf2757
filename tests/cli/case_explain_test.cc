// hotline case explain of cases that two versions of a policy judged, called in
// process: the words say why the date moved.
#ifdef HOTLINE_HAS_SQLITE
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/adapters/sqlite_store.h"
#include "hotline/engine.h"
#include "tests/support/city.h"
#include "tests/support/cli.h"

namespace hotline::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Far enough ahead that nothing is due when the program looks.
constexpr char kFiled[] = "2096-03-05T10:00:00+08:00";  // a Monday

constexpr char kOffice[] = R"(
  id: "city" time_zone: "Asia/Taipei"
  calendars {
    id: "office" time_zone: "Asia/Taipei"
    weekly { day: MONDAY hours { open: "08:30" close: "17:30" } }
    weekly { day: TUESDAY hours { open: "08:30" close: "17:30" } }
    weekly { day: WEDNESDAY hours { open: "08:30" close: "17:30" } }
    weekly { day: THURSDAY hours { open: "08:30" close: "17:30" } }
    weekly { day: FRIDAY hours { open: "08:30" close: "17:30" } }
  }
  units { code: "lights" }
  clocks { code: "resolve" shown: true calendar: "office"
           targets { TARGET } }
  categories { code: "light" kind: CASE unit: "lights"
               names { language: "en" text: "Street light out" }
               clocks { clock: "resolve" } }
)";

Policy City(const std::string& target) {
  return tests::TestPolicy(absl::StrReplaceAll(kOffice, {{"TARGET", target}}));
}

// A store with one case, filed under the first version.
class CaseExplainTest : public ::testing::Test {
 protected:
  CaseExplainTest()
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("hotline_case_explain_test_", getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~CaseExplainTest() override { std::filesystem::remove_all(folder_); }

  // Files a case by `first`, lets `change` come an hour later, and sweeps.
  template <typename Change>
  void Live(const Policy& first, Change change) {
    SimulatedClock clock(tests::At(kFiled));
    auto store = SqliteStore::Open(File(), {.clock = &clock});
    ASSERT_TRUE(store.ok()) << store.status();
    auto engine = Engine::Open(store->get(), {.clock = &clock});
    ASSERT_TRUE(engine.ok()) << engine.status();
    const Actor admin{.tenant = "city", .id = "ada", .roles = {"admin"}};
    ASSERT_TRUE((*engine)->Adopt(admin, first, 0).ok());
    v1::Command open;
    open.mutable_open()->set_category("light");
    open.mutable_open()->mutable_reporter()->set_id("citizen");
    const auto receipt = (*engine)->Execute(admin, open);
    ASSERT_TRUE(receipt.ok()) << receipt.status();
    reference_ = receipt->reference();
    clock.AdvanceTime(absl::Hours(1));
    const auto changed = change(engine->get(), admin);
    ASSERT_TRUE(changed.ok()) << changed.status();
    for (int i = 0; i < 3; ++i) {
      clock.AdvanceTime(absl::Seconds(3));
      ASSERT_TRUE((*engine)->RunDue(absl::Seconds(10)).ok());
    }
  }

  Result Explained(const Args& more = {}) const {
    Args args = {"case", "explain", "--store", absl::StrCat("sqlite:", File()),
                 reference_};
    args.insert(args.end(), more.begin(), more.end());
    return Call(args);
  }

 private:
  std::string File() const { return (folder_ / "city.db").string(); }

  const std::filesystem::path folder_;
  std::string reference_;
};

TEST_F(CaseExplainTest, AClosureEnteredLateIsNamedWhereTheDateMoved) {
  Live(City("working_time: '8h'"), [](Engine* engine, const Actor& admin) {
    v1::PolicyPatch patch;
    patch.set_reason("Typhoon Danas");
    v1::CalendarClosures* add = patch.add_add_closures();
    add->set_calendar("office");
    v1::ClosureSpec* closure = add->add_closures();
    closure->set_from("2096-03-05T15:00:00+08:00");
    closure->set_until("2096-03-06T00:00:00+08:00");
    return engine->Declare(admin, patch, 1);
  });
  const Result english = Explained();
  EXPECT_EQ(english.status, 0) << english.err;
  EXPECT_THAT(
      english.out,
      AllOf(HasSubstr("judged by policy city, version 2\n"),
            HasSubstr("due Tuesday 6 March 11:30: 8 h of working time; moved "
                      "from Tuesday 6 March 09:00 because of the closure "
                      "Monday 5 March 15:00 to Monday 5 March 24:00 (Typhoon "
                      "Danas), policy version 2\n"),
            HasSubstr("office closed Monday 5 March 15:00 to Monday 5 March "
                      "24:00, Typhoon Danas; announced Monday 5 March "
                      "11:00\n"),
            HasSubstr("due moved from Tuesday 6 March 09:00 to Tuesday 6 March "
                      "11:30, because of the closure")));
  EXPECT_THAT(Explained({"--lang=zh-Hant"}).out,
              HasSubstr("原期限3月6日（星期二）09:00，因3月5日（星期一）15:00至"
                        "3月5日（星期一）24:00停班（Typhoon Danas；政策第 2 "
                        "版）變更\n"));
}

TEST_F(CaseExplainTest, AnotherTargetIsToldWithTheOneItReplaces) {
  Live(City("working_days: 2"), [](Engine* engine, const Actor& admin) {
    return engine->Adopt(admin, City("working_days: 5"), 1);
  });
  const Result english = Explained();
  EXPECT_EQ(english.status, 0) << english.err;
  EXPECT_THAT(
      english.out,
      AllOf(HasSubstr("judged by policy city, version 2\n"),
            HasSubstr("due Monday 12 March 17:30: five working days; moved "
                      "from Wednesday 7 March 17:30 because of policy version "
                      "2: five working days instead of two working days\n"),
            HasSubstr("this target holds since Monday 5 March 11:00\n")));
  EXPECT_THAT(
      Explained({"--lang=zh-Hant"}).out,
      HasSubstr("原期限3月7日（星期三）17:30，因政策改為第 2 版（2個工作"
                "日改為5個工作日）變更\n"));
}

}  // namespace
}  // namespace hotline::cli
#endif  // HOTLINE_HAS_SQLITE
