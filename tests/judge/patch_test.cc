// A typhoon entered late: what a patch makes of the policy in force.
#include "src/judge/patch.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "hotline/policy.h"
#include "hotline/testing/matchers.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using hotline::testing::HasReason;
using hotline::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::At;

v1::PolicyPatch Patch(const std::string& text) {
  v1::PolicyPatch patch;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &patch))
      << text;
  return patch;
}

std::string Told(const absl::Status& status) {
  std::string told;
  const v1::ErrorInfo info = InfoOf(status);
  for (const v1::Problem& p : info.problems()) {
    told += p.path() + ": " + p.message() + "; " + p.hint() + "\n";
  }
  return told;
}

constexpr char kTyphoon[] = R"(
  reason: "typhoon"
  add_closures {
    calendar: "office"
    closures {
      from: "2026-08-10T15:00:00+08:00"
      until: "2026-08-11T00:00:00+08:00"
      areas: "xinyi"
    }
  })";

TEST(PatchTest, AClosureWithoutANameGetsOneThatIsTheSameEverywhere) {
  const auto first = tests::TestPolicy().With(Patch(kTyphoon));
  ASSERT_THAT(first, IsOk());
  const v1::ClosureSpec& closure = first->spec().calendars(0).closures(0);
  EXPECT_THAT(closure.id(), ::testing::MatchesRegex("c-[0-9a-f]{10}"));
  EXPECT_EQ(closure.reason(), "typhoon");
  // However it is written, and whatever is said about it.
  v1::ClosureSpec same;
  same.set_from("2026-08-10T07:00:00Z");
  same.set_until("2026-08-10T16:00:00Z");
  same.add_areas("xinyi");
  same.set_reason("flood");
  EXPECT_EQ(ClosureIdOf(same), closure.id());
  same.add_areas("wenshan");
  EXPECT_NE(ClosureIdOf(same), closure.id());
  same.set_id("gaemi");
  EXPECT_EQ(ClosureIdOf(same), "gaemi");
}

TEST(PatchTest, AClosureIsWithdrawnByItsNameAndCorrectedInOnePatch) {
  const Policy before = tests::TestPolicy();
  const Policy closed = *before.With(Patch(kTyphoon));
  const std::string id = closed.spec().calendars(0).closures(0).id();
  const std::string withdraw =
      "withdraw_closures { calendar: 'office' id: '" + id + "' }";
  const auto open_again = closed.With(Patch(withdraw));
  ASSERT_THAT(open_again, IsOk());
  EXPECT_EQ(open_again->fingerprint(), before.fingerprint());
  const auto corrected = closed.With(Patch(withdraw + kTyphoon));
  ASSERT_THAT(corrected, IsOk());
  EXPECT_EQ(corrected->fingerprint(), closed.fingerprint());
}

TEST(PatchTest, OnlyThePlacesAClosureNamesRest) {
  const Policy closed = *tests::TestPolicy().With(Patch(kTyphoon));
  const absl::Time noon = At("2026-08-10T16:00:00+08:00");
  EXPECT_FALSE(closed.calendars().Find("office", "xinyi")->IsOpen(noon));
  EXPECT_TRUE(closed.calendars().Find("office", "wenshan")->IsOpen(noon));
}

TEST(PatchTest, AClosureIsAddedToTheRevisionThatComesWithIt) {
  const auto patched =
      tests::TestPolicy().With(Patch(std::string(kTyphoon) + R"(calendars {
        id: "office" time_zone: "Asia/Taipei" revision: "r10"
        weekly { day: MONDAY hours { open: "08:00" close: "18:00" } }
      })"));
  ASSERT_THAT(patched, IsOk());
  EXPECT_EQ(patched->spec().calendars_size(), 1);
  EXPECT_EQ(patched->spec().calendars(0).revision(), "r10");
  EXPECT_EQ(patched->spec().calendars(0).closures_size(), 1);
}

TEST(PatchTest, AnOlderRevisionThanTheOneInForceIsRefused) {
  const auto revision = [](const std::string& r) {
    return Patch(R"(calendars {
      id: "office" time_zone: "Asia/Taipei"
      weekly { day: MONDAY hours { open: "08:00" close: "18:00" } }
      revision: ")" +
                 r + "\" }");
  };
  const Policy at_ten = *tests::TestPolicy().With(revision("2026-08-10"));
  EXPECT_THAT(at_ten.With(revision("2026-08-10")), IsOk());
  EXPECT_THAT(at_ten.With(revision("2026-8-11")), IsOk());
  for (const char* older : {"2026-08-9", "2025-12-31", ""}) {
    const auto patched = at_ten.With(revision(older));
    ASSERT_THAT(patched, HasReason(v1::ErrorInfo::INVALID_POLICY)) << older;
    EXPECT_THAT(Told(patched.status()),
                HasSubstr("calendars[0].revision: \"" + std::string(older) +
                          "\" is older than \"2026-08-10\""));
  }
}

TEST(PatchTest, RevisionsAreComparedAsPeopleReadThem) {
  using internal::CompareRevisions;
  EXPECT_LT(CompareRevisions("r9", "r10"), 0);
  EXPECT_GT(CompareRevisions("r10", "r9"), 0);
  EXPECT_EQ(CompareRevisions("2026-02-08", "2026-2-8"), 0);
  EXPECT_LT(CompareRevisions("", "1"), 0);
  EXPECT_LT(CompareRevisions("2026", "2026b"), 0);
  EXPECT_LT(CompareRevisions("99999999999999999998", "99999999999999999999"),
            0);
}

TEST(PatchTest, EverythingWrongWithAPatchIsToldInOneGoWhereItIsWritten) {
  const Policy closed = *tests::TestPolicy().With(Patch(kTyphoon));
  const auto patched = closed.With(Patch(std::string(kTyphoon) + R"(
    add_closures { calendar: "ofice" closures { from: "x" } }
    add_closures { calendar: "office" }
    add_closures {
      calendar: "office"
      closures { id: "late" from: "2026-08-12T00:00:00+08:00"
                 until: "2026-08-11T00:00:00+08:00" areas: "nowhere" }
    }
    withdraw_closures { calendar: "office" id: "gaemi" }
    withdraw_closures { calendar: "moon" id: "gaemi" }
    categories { code: "tree" kind: CASE unit: "park" }
    categories { code: "tree" kind: CASE unit: "parks" })"));
  ASSERT_THAT(patched, HasReason(v1::ErrorInfo::INVALID_POLICY));
  const std::string told = Told(patched.status());
  for (const char* part :
       {"add_closures[0].closures[0]: closure \"c-",
        "withdraw it in the same patch",
        "add_closures[1].calendar: there is no calendar \"ofice\"; did you "
        "mean",
        "add_closures[2].closures: is empty",
        "add_closures[3].closures[0]: ends no later than it begins",
        "add_closures[3].closures[0].areas[0]: there is no area \"nowhere\"",
        "withdraw_closures[0].id: calendar \"office\" has no closure \"gaemi\"",
        "withdraw_closures[1].calendar: there is no calendar \"moon\"",
        "categories[0].unit: there is no unit \"park\"",
        "categories[1]: \"tree\" is there twice"}) {
    EXPECT_THAT(told, HasSubstr(part));
  }
}

TEST(PatchTest, ADeclaredEventTakesThePlaceOfTheOneOfItsName) {
  const auto declare = [](const std::string& until) {
    return Patch(R"(reason: "flood" declared_events {
      code: "gaemi" from: "2026-08-10T00:00:00+08:00"
      targets { clock: "resolve" target { elapsed: "96h" illustrative: true } }
      until: ")" +
                 until + "\" }");
  };
  const auto once = tests::TestPolicy().With(declare("2026-08-12T00:00:00Z"));
  ASSERT_THAT(once, IsOk());
  EXPECT_EQ(once->spec().declared_events(0).reason(), "flood");
  const auto twice = once->With(declare("2026-08-13T00:00:00Z"));
  ASSERT_THAT(twice, IsOk());
  ASSERT_EQ(twice->spec().declared_events_size(), 1);
  EXPECT_EQ(twice->spec().declared_events(0).until(), "2026-08-13T00:00:00Z");
}

TEST(PatchTest, TwoClosuresOfOneNameAreRefusedInAnyPolicy) {
  v1::PolicySpec spec = tests::TestPolicy().spec();
  for (int i = 0; i < 2; ++i) {
    v1::ClosureSpec* closure = spec.mutable_calendars(0)->add_closures();
    closure->set_id("gaemi");
    closure->set_from("2026-08-10T00:00:00Z");
    closure->set_until("2026-08-11T00:00:00Z");
  }
  EXPECT_THAT(
      Told(Policy::Create(spec).status()),
      HasSubstr("calendars[0].closures[1].id: \"gaemi\" is also closures[0]"));
}

TEST(PatchTest, AVersionCompiledLikeAnotherGivesTheSameAnswers) {
  const Policy before = tests::TestPolicy();
  const Policy closed = *before.With(Patch(kTyphoon));
  const auto again = Policy::Create(closed.spec(), before);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->fingerprint(), closed.fingerprint());
  const absl::Time at = At("2026-08-10T14:00:00+08:00");
  EXPECT_EQ(
      *again->calendars().Find("office", "xinyi")->Add(at, absl::Hours(2)),
      At("2026-08-11T09:30:00+08:00"));
  EXPECT_THAT(Told(Policy::Create({}, before).status()),
              HasSubstr("id: is empty"));
}

}  // namespace
}  // namespace hotline
