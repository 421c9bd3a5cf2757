// A store for the tests of what is declared: closures and events.
#ifndef HOTLINE_TESTS_CLI_DECLARING_SUPPORT_H_
#define HOTLINE_TESTS_CLI_DECLARING_SUPPORT_H_

#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/adapters/sqlite_store.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "src/cli/cli.h"
#include "tests/support/city.h"

namespace hotline::cli {

// Open day and night: what a closure takes is the same on any date.
inline constexpr char kPolicyText[] = R"(
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

inline google::protobuf::Struct Json(const std::string& line) {
  google::protobuf::Struct parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &parsed).ok())
      << line;
  return parsed;
}

// A store of twelve open cases, six of them in xinyi.
class DeclaringTest : public ::testing::Test {
 protected:
  DeclaringTest()
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("hotline_declaring_test_", getpid())) {
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
  ~DeclaringTest() override { std::filesystem::remove_all(folder_); }

  std::string Store() const {
    return absl::StrCat("sqlite:", (folder_ / "city.db").string());
  }
  static std::string Day(int after_today) {
    return absl::FormatTime(
        "%Y-%m-%d",
        RealClock()->TimeNow() + after_today * absl::Hours(24) + absl::Hours(8),
        absl::UTCTimeZone());
  }

 private:
  const std::filesystem::path folder_;
};

}  // namespace hotline::cli

#endif  // HOTLINE_TESTS_CLI_DECLARING_SUPPORT_H_
