// Clocks over the life of a case: reply episodes, agreements with units, late
// policies, restatement.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/testing/case_builder.h"
#include "hotline/testing/matchers.h"
#include "src/base/time.h"
#include "tests/support/city.h"
#include "tests/support/replies.h"

namespace hotline {
namespace {

using hotline::testing::CaseBuilder;
using hotline::testing::ParseCommand;
using internal::FormatUtc;
using internal::FromTimestamp;
using internal::SetTimestamp;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::At;
using tests::ClockOf;
using tests::kReplies;
using tests::TestPolicy;

const Actor kMei = {.tenant = "t", .id = "mei", .roles = {"admin"}};
const Actor kCitizen = {
    .tenant = "t", .id = "citizen-1", .roles = {"reporter"}};

CaseBuilder Opened(std::string_view policy = kReplies) {
  CaseBuilder builder(TestPolicy(policy), At("2026-03-02T09:00:00Z"));
  builder.By(kMei).Open("lamp");
  return builder;
}

constexpr char kSays[] = "note { visibility: PUBLIC_NOTE text: 'we look' }";
constexpr char kAsks[] = "note { visibility: PUBLIC_NOTE text: 'and now?' }";

v1::ClockState::State StateOf(const CaseBuilder& builder,
                              std::string_view clock) {
  const v1::ClockState* found = ClockOf(builder.Build(), clock);
  return found == nullptr ? v1::ClockState::STATE_UNSPECIFIED : found->state();
}

std::string DueOf(const CaseBuilder& builder, std::string_view clock) {
  const v1::ClockState* found = ClockOf(builder.Build(), clock);
  return found == nullptr || !found->has_due()
             ? "none"
             : FormatUtc(FromTimestamp(found->due()));
}

TEST(FirstAnswer, EndsWithTheFirstPublicWordOfAnAgent) {
  CaseBuilder builder = Opened();
  builder.After(absl::Hours(1)).By(kCitizen).Do(kAsks);
  builder.By(kMei).Do("note { visibility: INTERNAL_NOTE text: 'who?' }");
  builder.Do("note { visibility: PUBLIC_NOTE text: 'got it' automatic: true }");
  EXPECT_EQ(StateOf(builder, "first"), v1::ClockState::RUNNING);
  builder.Do(kSays);
  EXPECT_EQ(StateOf(builder, "first"), v1::ClockState::STOPPED);
}

TEST(FirstAnswer, IsCancelledByAResolutionThatSaysNothing) {
  CaseBuilder builder = Opened();
  builder.After(absl::Hours(1)).Do("resolve { outcome: 'ok' }");
  EXPECT_EQ(StateOf(builder, "first"), v1::ClockState::CANCELLED);
}

// The first instant that is too late, and the last that is not.
TEST(FirstAnswer, OfTheVeryInstantOfTheBreachIsLateOnTheRecord) {
  CaseBuilder late = Opened();
  late.At(At("2026-03-02T13:00:00.001Z")).Do(kSays);
  EXPECT_TRUE(ClockOf(late.Build(), "first")->breached());
  EXPECT_EQ(ClockOf(late.Build(), "first")->levels_size(), 1);
  CaseBuilder kept = Opened();
  kept.At(At("2026-03-02T13:00:00Z")).Do(kSays);
  EXPECT_FALSE(ClockOf(kept.Build(), "first")->breached());
  EXPECT_EQ(ClockOf(kept.Build(), "first")->levels_size(), 0);
}

TEST(NextAnswer, IsIdleWhileNobodyWaits) {
  CaseBuilder builder = Opened();
  builder.After(absl::Hours(1)).Do(kSays);
  EXPECT_EQ(StateOf(builder, "next"), v1::ClockState::IDLE);
  EXPECT_EQ(DueOf(builder, "next"), "none");
}

TEST(NextAnswer, CountsFromTheOldestUnansweredMessage) {
  CaseBuilder builder = Opened();
  builder.At(At("2026-03-02T10:00:00Z")).By(kCitizen).Do(kAsks);
  builder.At(At("2026-03-02T11:00:00Z")).Do(kAsks);
  EXPECT_EQ(DueOf(builder, "next"), "2026-03-02T12:00:00Z");
}

TEST(NextAnswer, TakesWordsThatAnAgentTookDown) {
  CaseBuilder builder = Opened();
  builder.At(At("2026-03-02T10:00:00Z"))
      .Do("note { visibility: PUBLIC_NOTE text: 'he called' from_reporter: "
          "true }");
  EXPECT_EQ(DueOf(builder, "next"), "2026-03-02T12:00:00Z");
  EXPECT_EQ(StateOf(builder, "first"), v1::ClockState::RUNNING);
}

TEST(NextAnswer, KeepsEveryEpisode) {
  CaseBuilder builder = Opened();
  builder.At(At("2026-03-02T10:00:00Z")).By(kCitizen).Do(kAsks);
  builder.At(At("2026-03-02T13:00:00Z")).By(kMei).Do(kSays);  // an hour late
  builder.At(At("2026-03-02T14:00:00Z")).By(kCitizen).Do(kAsks);
  builder.At(At("2026-03-02T15:00:00Z")).By(kMei).Do(kSays);
  const v1::ClockState& next = *ClockOf(builder.Build(), "next");
  EXPECT_EQ(next.cycle(), 2);
  EXPECT_EQ(next.state(), v1::ClockState::STOPPED);
  EXPECT_FALSE(next.breached());
  ASSERT_EQ(next.earlier_size(), 1);
  EXPECT_EQ(next.earlier(0).cycle(), 1);
  EXPECT_TRUE(next.earlier(0).breached());
  EXPECT_EQ(FormatUtc(FromTimestamp(next.earlier(0).breached_at())),
            "2026-03-02T12:00:00.001Z");
  EXPECT_EQ(next.earlier(0).elapsed_ms(), 3 * 3600 * 1000);
}

// The same messages, known in another order.
TEST(NextAnswer, FindsTheEpisodeOfAMessageKnownLate) {
  const auto told = [](CaseBuilder* builder, std::string_view words,
                       std::string_view at, const Actor& who) {
    v1::Command command = ParseCommand(words);
    if (who.id != kMei.id) command.mutable_note()->set_from_reporter(true);
    SetTimestamp(At(at), command.mutable_at());
    builder->By(kMei).Do(command);
  };
  const std::vector<std::pair<const char*, const Actor*>> messages = {
      {"2026-03-02T09:30:00Z", &kMei},     {"2026-03-02T10:00:00Z", &kCitizen},
      {"2026-03-02T10:30:00Z", &kCitizen}, {"2026-03-02T11:00:00Z", &kMei},
      {"2026-03-02T12:00:00Z", &kCitizen}, {"2026-03-02T15:00:00Z", &kMei},
      {"2026-03-02T16:00:00Z", &kCitizen}};
  std::vector<size_t> order = {0, 1, 2, 3, 4, 5, 6};
  const auto cycles_of = [&] {
    CaseBuilder builder = Opened();
    builder.At(At("2026-03-02T17:00:00Z"));
    for (const size_t i : order) {
      told(&builder, kSays, messages[i].first, *messages[i].second);
    }
    const v1::ClockState& next = *ClockOf(builder.Build(), "next");
    std::string cycles;
    for (const v1::ClockCycle& c : next.earlier()) {
      cycles += FormatUtc(FromTimestamp(c.started())) + "-" +
                FormatUtc(FromTimestamp(c.ended())) +
                (c.breached() ? "! " : " ");
    }
    return cycles + DueOf(builder, "next");
  };
  const std::string straight = cycles_of();
  EXPECT_EQ(straight,
            "2026-03-02T10:00:00Z-2026-03-02T11:00:00Z "
            "2026-03-02T12:00:00Z-2026-03-02T15:00:00Z! "
            "2026-03-02T18:00:00Z");
  for (int i = 0; i < 60; ++i) {
    for (size_t k = 0; k < order.size(); ++k) {
      std::swap(order[k],
                order[(k * 5 + static_cast<size_t>(i) * 3 + 1) % order.size()]);
    }
    EXPECT_EQ(cycles_of(), straight) << i;
  }
}

TEST(KeepInformed, BeginsAnewWithEachPublicWord) {
  CaseBuilder builder = Opened();
  EXPECT_EQ(DueOf(builder, "update"), "2026-03-03T09:00:00Z");
  builder.At(At("2026-03-02T20:00:00Z")).Do(kSays);
  EXPECT_EQ(DueOf(builder, "update"), "2026-03-03T20:00:00Z");
  EXPECT_EQ(ClockOf(builder.Build(), "update")->earlier_size(), 1);
}

TEST(Agreement, OfAUnitEndsWithTheHandOverAndKeepsItsTimeUsed) {
  CaseBuilder builder = Opened();
  EXPECT_EQ(ClockOf(builder.Build(), "unit")->unit(), "works");
  EXPECT_EQ(DueOf(builder, "unit"), "2026-03-02T17:00:00Z");
  EXPECT_EQ(ClockOf(builder.Build(), "contract"), nullptr);
  builder.At(At("2026-03-02T12:00:00Z")).Do("transfer { unit: 'parks' }");
  const v1::ClockState& unit = *ClockOf(builder.Build(), "unit");
  EXPECT_EQ(unit.unit(), "parks");
  EXPECT_EQ(unit.cycle(), 2);
  // Its own hours and its own target: four of 09:00 to 17:00.
  EXPECT_EQ(DueOf(builder, "unit"), "2026-03-02T16:00:00Z");
  ASSERT_EQ(unit.earlier_size(), 1);
  EXPECT_EQ(unit.earlier(0).unit(), "works");
  EXPECT_EQ(unit.earlier(0).elapsed_ms(), 3 * 3600 * 1000);
  EXPECT_EQ(unit.earlier(0).state(), v1::ClockState::CANCELLED);
}

TEST(Agreement, OfAContractorBeginsWhenOneHoldsTheCase) {
  CaseBuilder builder = Opened();
  builder.At(At("2026-03-02T12:00:00Z")).Do("transfer { unit: 'acme' }");
  EXPECT_EQ(DueOf(builder, "contract"), "2026-03-05T12:00:00Z");
  EXPECT_EQ(StateOf(builder, "unit"), v1::ClockState::CANCELLED);
  EXPECT_EQ(StateOf(builder, "ask"), v1::ClockState::RUNNING);
}

TEST(Agreement, BrokenByTheUnitBeforeStaysItsOwn) {
  CaseBuilder builder = Opened();
  builder.At(At("2026-03-02T18:00:00Z")).Do("transfer { unit: 'parks' }");
  const v1::ClockState& unit = *ClockOf(builder.Build(), "unit");
  EXPECT_FALSE(unit.breached());
  EXPECT_THAT(unit.levels(), IsEmpty());
  ASSERT_EQ(unit.earlier_size(), 1);
  EXPECT_TRUE(unit.earlier(0).breached());
}

TEST(Pause, ByAVerbLastsUntilItsEnd) {
  CaseBuilder builder = Opened();
  builder.At(At("2026-03-02T10:00:00Z")).Do("escalate { reason: 'mayor' }");
  EXPECT_EQ(StateOf(builder, "ask"), v1::ClockState::PAUSED);
  builder.At(At("2026-03-02T11:00:00Z")).Do("accept {}");
  EXPECT_EQ(StateOf(builder, "ask"), v1::ClockState::PAUSED);
  builder.At(At("2026-03-02T13:00:00Z")).Do(kSays);
  EXPECT_EQ(DueOf(builder, "ask"), "2026-03-02T22:00:00Z");
}

TEST(Reminder, IsToldOnceAndBreaksNothing) {
  CaseBuilder builder = Opened();
  builder.At(At("2026-03-08T09:00:00Z")).Do("tick {}");
  const v1::ClockState& progress = *ClockOf(builder.Build(), "progress");
  EXPECT_FALSE(progress.breached());
  ASSERT_EQ(progress.levels_size(), 1);
  int told = 0;
  for (const auto& d : builder.deliveries()) told += d.notice == "waits";
  EXPECT_EQ(told, 1);
  EXPECT_EQ(builder.Build().state(), "new");
}

TEST(Reminder, FallsAwayWithProgress) {
  CaseBuilder builder = Opened();
  builder.At(At("2026-03-03T09:00:00Z")).Do(kSays);
  builder.At(At("2026-03-08T09:00:00Z")).Do("tick {}");
  EXPECT_EQ(StateOf(builder, "progress"), v1::ClockState::CANCELLED);
  EXPECT_THAT(ClockOf(builder.Build(), "progress")->levels(), IsEmpty());
}

TEST(FollowUp, ItsClockEndsWhenTheCaseIsReopened) {
  CaseBuilder builder = Opened();
  builder.Do("close_and_follow_up { outcome: 'ok' task: 'new pole' }");
  EXPECT_EQ(StateOf(builder, "task"), v1::ClockState::RUNNING);
  builder.After(absl::Hours(1)).Do("reopen { reason: 'dark again' }");
  EXPECT_EQ(StateOf(builder, "task"), v1::ClockState::CANCELLED);
}

std::string Replaced(std::string text, std::string_view from,
                     std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// What fell due under the policy of then is recorded by it, whether somebody
// looked before the next was adopted or not.
TEST(LatePolicy, DoesNotJudgeWhatFellDueBeforeIt) {
  const Policy longer = TestPolicy(Replaced(
      kReplies, "targets { elapsed: '4h' }", "targets { elapsed: '8h' }"));
  const auto history = [&](bool looks) {
    CaseBuilder builder = Opened();
    builder.At(At("2026-03-02T14:00:00Z"));  // broken since 13:00
    if (looks) builder.Do("tick {}");
    builder.At(At("2026-03-02T15:00:00Z")).Adopt(longer);
    if (looks) builder.Do("tick {}");
    builder.At(At("2026-03-02T16:00:00Z")).Do("tick {}");
    std::string facts;
    for (const v1::Event& event : builder.events()) {
      for (const v1::Fact& fact : event.facts()) {
        if (fact.has_level_recorded()) facts += "+";
        if (fact.has_level_withdrawn()) facts += "-";
        if (fact.has_clock_set() && fact.clock_set().has_moved_from()) {
          facts += ">";
        } else if (!fact.has_level_recorded() && !fact.has_level_withdrawn()) {
          continue;
        }
        facts += FormatUtc(FromTimestamp(fact.at())) + " ";
      }
    }
    return facts + DueOf(builder, "first");
  };
  EXPECT_EQ(history(true),
            "+2026-03-02T13:00:00.001Z >2026-03-02T15:00:00Z "
            "-2026-03-02T15:00:00Z 2026-03-02T17:00:00Z");
  EXPECT_EQ(history(false), history(true));
}

TEST(LatePolicy, TellsAMovedDateOnceThoughSeveralWereAdopted) {
  const Policy longer = TestPolicy(Replaced(
      kReplies, "targets { elapsed: '4h' }", "targets { elapsed: '8h' }"));
  CaseBuilder builder = Opened();
  builder.After(absl::Hours(1)).Adopt(longer).Do("tick {}");
  builder.After(absl::Hours(1)).Adopt(longer).Do("tick {}");
  std::vector<std::string> told;
  for (const auto& d : builder.deliveries()) told.push_back(d.notice);
  EXPECT_THAT(told, ElementsAre("opened", "moved"));
}

TEST(Restate, JudgesAFinishedClockAnewAndKeepsWhatItMeasured) {
  const Policy longer = TestPolicy(Replaced(
      kReplies, "targets { elapsed: '4h' }", "targets { elapsed: '8h' }"));
  CaseBuilder builder = Opened();
  builder.At(At("2026-03-02T15:00:00Z")).Do(kSays);
  EXPECT_TRUE(ClockOf(builder.Build(), "first")->breached());
  builder.After(absl::Hours(1)).Adopt(longer).Do("tick {}");
  EXPECT_TRUE(ClockOf(builder.Build(), "first")->breached());
  builder.Do("restate { clocks: 'first' reason: 'typhoon' }");
  const v1::ClockState& first = *ClockOf(builder.Build(), "first");
  EXPECT_FALSE(first.breached());
  EXPECT_EQ(DueOf(builder, "first"), "2026-03-02T17:00:00Z");
  EXPECT_TRUE(first.measured().breached());
  EXPECT_EQ(FormatUtc(FromTimestamp(first.measured().due())),
            "2026-03-02T13:00:00Z");
  EXPECT_TRUE(first.levels(0).withdrawn());
  EXPECT_EQ(first.measured().policy_version(), 1);
}

TEST(Restate, RecordsABreachThatComesToLight) {
  const Policy shorter = TestPolicy(Replaced(
      kReplies, "targets { elapsed: '4h' }", "targets { elapsed: '1h' }"));
  CaseBuilder builder = Opened();
  builder.At(At("2026-03-02T11:00:00Z")).Do(kSays);
  builder.After(absl::Hours(1)).Adopt(shorter).Do("restate {}");
  const v1::ClockState& first = *ClockOf(builder.Build(), "first");
  EXPECT_TRUE(first.breached());
  EXPECT_TRUE(first.levels(0).stale());
  EXPECT_EQ(FormatUtc(FromTimestamp(first.breached_at())),
            "2026-03-02T10:00:00.001Z");
  EXPECT_FALSE(first.measured().breached());
}

TEST(Restate, NamesAClockThatIsNotThere) {
  CaseBuilder builder = Opened();
  EXPECT_THAT(builder.Try("restate { clocks: 'first' clocks: 'resolv' }"),
              testing::HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
}

TEST(Extension, GrantedIsNotTakenAwayByAnotherTarget) {
  const Policy longer = TestPolicy(Replaced(
      kReplies, "targets { elapsed: '10h' }", "targets { elapsed: '12h' }"));
  CaseBuilder builder = Opened();
  v1::Command ask = ParseCommand("request_extension { clock: 'ask' }");
  SetTimestamp(At("2026-03-04T09:00:00Z"),
               ask.mutable_request_extension()->mutable_until());
  builder.Do(ask);
  builder.By({.tenant = "t", .id = "bo", .roles = {"admin"}})
      .Do("approve_extension {}");
  EXPECT_EQ(DueOf(builder, "ask"), "2026-03-04T09:00:00Z");
  builder.After(absl::Hours(1)).Adopt(longer).Do("tick {}");
  EXPECT_EQ(DueOf(builder, "ask"), "2026-03-04T09:00:00Z");
}

}  // namespace
}  // namespace hotline
