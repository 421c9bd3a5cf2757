// The kit does what its headers say, so that tests that lean on it can fail.
#include "gmock/gmock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "hotline/adapters/memory_store.h"
#include "hotline/testing/case_builder.h"
#include "hotline/testing/faulty_store.h"
#include "hotline/testing/fixed_dice.h"
#include "hotline/testing/matchers.h"
#include "hotline/testing/recording_notifier.h"
#include "tests/support/city.h"

namespace hotline::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Not;

TEST(MatchersTest, TellStatusesApart) {
  const absl::Status full =
      MakeError(v1::ErrorInfo::STORAGE_FULL, "no room left");
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(full, Not(IsOk()));
  EXPECT_THAT(full, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(full, HasReason(v1::ErrorInfo::STORAGE_FULL));
  EXPECT_THAT(full, Not(HasReason(v1::ErrorInfo::STORE_BUSY)));
  EXPECT_THAT(absl::OkStatus(),
              Not(HasReason(v1::ErrorInfo::REASON_UNSPECIFIED)));
  EXPECT_THAT(absl::StatusOr<int>(3), IsOk());
  EXPECT_THAT(absl::StatusOr<int>(full), Not(IsOk()));
}

TEST(MatchersTest, AMismatchSaysWhatTheStatusWas) {
  Problems problems;
  problems.Add("open.category", "is required", "name one");
  ::testing::StringMatchResultListener listener;
  const ::testing::Matcher<absl::Status> matcher = IsOk();
  matcher.MatchAndExplain(
      problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "command"), &listener);
  EXPECT_THAT(listener.str(),
              ::testing::HasSubstr("open.category: is required; name one"));
}

TEST(RecordingNotifierTest, AnswersWhatItIsToldAndRemembersAll) {
  RecordingNotifier mail("mail");
  mail.AnswerNext({.outcome = Outcome::kTransient});
  const Envelope envelopes[] = {{.notice = "a"}, {.notice = "b"}};
  const auto results = mail.Send(envelopes, absl::InfiniteFuture());
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].outcome, Outcome::kTransient);
  EXPECT_EQ(results[1].outcome, Outcome::kDelivered);
  EXPECT_EQ(mail.sent().size(), 2u);
  EXPECT_EQ(mail.SentOf("b").size(), 1u);
  mail.Clear();
  EXPECT_TRUE(mail.sent().empty());
  EXPECT_EQ(mail.name(), "mail");
}

TEST(FixedDiceTest, GivesItsBytesAndThenThoseOfTheSeed) {
  FixedDice dice("abc", 5), same("", 5);
  EXPECT_EQ(dice.Bytes(2), "ab");
  const std::string mixed = dice.Bytes(4);
  EXPECT_EQ(mixed.substr(0, 1), "c");
  EXPECT_EQ(mixed.substr(1), same.Bytes(3));
}

TEST(FixedDiceTest, AReferenceThatIsTakenIsDrawnAgain) {
  SimulatedClock clock(tests::At("2026-02-12T09:00:00+08:00"));
  MemoryStore store(&clock);
  FixedDice dice;
  auto engine = *Engine::Open(&store, {.clock = &clock, .entropy = &dice});
  const Actor admin = {.tenant = "t", .id = "ada", .roles = {"admin"}};
  ASSERT_THAT(engine->Adopt(admin, tests::TestPolicy(), 0), IsOk());
  const v1::Command open = ParseCommand("open { category: 'tree' }");
  dice.Add(std::string(128, '\x11'));
  const auto first = engine->Execute(admin, open);
  dice.Add(std::string(128, '\x11'));
  clock.AdvanceTime(absl::Seconds(1));  // another id, the same reference
  const auto second = engine->Execute(admin, open);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(first->reference(), second->reference());
}

// A record to write, and whether it is there.
Write SomeWrite() {
  Write write;
  RecordChange change;
  change.record.key = {"t", "kind", "key"};
  change.record.version = 1;
  change.expected_version = 0;
  write.records.push_back(change);
  return write;
}

bool IsThere(Store* store) {
  return !store->ReadRecords(OneRecord({"t", "kind", "key"}))->empty();
}

TEST(FaultyStoreTest, WritesOrNotAsItsFaultSays) {
  for (const auto& [fault, reason, done] :
       {std::tuple{FaultyStore::kFailed, v1::ErrorInfo::STORE_FAILED, false},
        {FaultyStore::kBusy, v1::ErrorInfo::STORE_BUSY, false},
        {FaultyStore::kFull, v1::ErrorInfo::STORAGE_FULL, false},
        {FaultyStore::kUndoneButUnknown, v1::ErrorInfo::OUTCOME_UNKNOWN, false},
        {FaultyStore::kDoneButUnknown, v1::ErrorInfo::OUTCOME_UNKNOWN, true}}) {
    MemoryStore real;
    FaultyStore store(&real);
    store.FailNext(fault);
    const Write write = SomeWrite();
    EXPECT_THAT(store.Commit({&write, 1}).front(), HasReason(reason));
    EXPECT_EQ(IsThere(&store), done);
    EXPECT_EQ(store.Commit({&write, 1}).front().ok(), !done);
    EXPECT_EQ(store.faults(), 1);
  }
}

TEST(FaultyStoreTest, FailsReadsRunsHooksAndHeals) {
  MemoryStore real;
  FaultyStore store(&real);
  store.FailReads(1);
  EXPECT_THAT(store.Find({.tenant = "t"}),
              HasReason(v1::ErrorInfo::STORE_FAILED));
  EXPECT_THAT(store.Find({.tenant = "t"}), IsOk());
  int ran = 0;
  store.BeforeNextCommit([&] { ++ran; });
  const Write write = SomeWrite();
  EXPECT_THAT(store.Commit({&write, 1}).front(), IsOk());
  (void)store.Commit({&write, 1});
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(store.commits(), 2);
  store.FailByChance(1, 1000);
  EXPECT_THAT(store.Commit({&write, 1}).front(), Not(IsOk()));
  store.Heal();
  EXPECT_THAT(store.Finish({}), ::testing::IsEmpty());
}

TEST(FaultyStoreTest, TheSameSeedGivesTheSameFaults) {
  const auto run = [](uint64_t seed) {
    MemoryStore real;
    FaultyStore store(&real);
    store.FailByChance(seed, 500);
    std::string faults;
    const Write write = SomeWrite();
    for (int i = 0; i < 50; ++i) {
      faults += std::to_string(ReasonOf(store.Commit({&write, 1}).front()));
    }
    return faults;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

TEST(CaseBuilderTest, MakesACaseAndTriesWithoutChangingIt) {
  CaseBuilder builder(tests::TestPolicy(),
                      tests::At("2026-02-12T09:00:00+08:00"));
  builder.Open("streetlight").After(absl::Hours(1)).Do("accept {}");
  EXPECT_EQ(builder.Build().state(), "in_progress");
  EXPECT_EQ(builder.events().size(), 2u);
  EXPECT_THAT(builder.Try("close { outcome: 'ok' }"), IsOk());
  EXPECT_EQ(builder.Build().version(), 2);
  EXPECT_NONFATAL_FAILURE(builder.Do("resume {}"), "not legal here");
  EXPECT_EQ(builder.Build().version(), 2);
}

}  // namespace
}  // namespace hotline::testing
