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
  // One that bears another system's id, too: it is not that which is taken.
  std::set<std::string> references;
  for (const char* text :
       {"open { category: 'tree' }", "open { category: 'tree' }",
        "open { category: 'tree' external { system: 'crm' id: '7' } }"}) {
    dice.Add(std::string(128, '\x11'));
    clock.AdvanceTime(absl::Seconds(1));  // another id, the same reference
    const auto receipt = engine->Execute(admin, ParseCommand(text));
    ASSERT_THAT(receipt, IsOk());
    references.insert(receipt->reference());
  }
  EXPECT_EQ(references.size(), 3u);
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

TEST(FaultyStoreTest, EachWordIsThatOfThePort) {
  using Fault = FaultyStore::Fault;
  for (const auto& [fault, reason] :
       {std::pair{Fault{FaultyStore::kContended},
                  v1::ErrorInfo::STORE_CONTENDED},
        {FaultyStore::kTimedOut, v1::ErrorInfo::OUTCOME_UNKNOWN},
        {FaultyStore::kLostConnection, v1::ErrorInfo::OUTCOME_UNKNOWN},
        {FaultyStore::kDoneLater, v1::ErrorInfo::OUTCOME_UNKNOWN}}) {
    MemoryStore real;
    FaultyStore store(&real);
    store.FailNextOf(FaultyStore::kCommit, fault);
    const Write write = SomeWrite();
    EXPECT_THAT(store.Commit({&write, 1}).front(), HasReason(reason))
        << FaultName(fault);
  }
}

TEST(FaultyStoreTest, WhatIsDoneLaterIsSeenAfterTheNextCommitBegan) {
  MemoryStore real;
  FaultyStore store(&real);
  store.FailNext(FaultyStore::kDoneLater);
  const Write write = SomeWrite();
  (void)store.Commit({&write, 1});
  EXPECT_FALSE(IsThere(&store));
  // The same again comes too late: its own ghost was quicker.
  EXPECT_THAT(store.Commit({&write, 1}).front(),
              HasReason(v1::ErrorInfo::VERSION_CONFLICT));
  EXPECT_TRUE(IsThere(&store));
}

TEST(FaultyStoreTest, WhatWasPutOffCanBeSettled) {
  MemoryStore real;
  FaultyStore store(&real);
  store.FailNext(FaultyStore::kDoneLater);
  const Write write = SomeWrite();
  (void)store.Commit({&write, 1});
  store.Heal();
  EXPECT_FALSE(IsThere(&store));
  store.Settle();
  EXPECT_TRUE(IsThere(&store));
}

TEST(FaultyStoreTest, ALostConnectionIsLostForAWhile) {
  MemoryStore real;
  FaultyStore store(&real);
  store.set_calls_while_lost(2);
  store.FailNextOf(FaultyStore::kFind, FaultyStore::kLostConnection);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(store.Find({.tenant = "t"}),
                HasReason(v1::ErrorInfo::STORE_FAILED));
  }
  EXPECT_THAT(store.Find({.tenant = "t"}), IsOk());
  EXPECT_EQ(store.LogText(),
            "call 1: Find met kLostConnection\n"
            "call 2: Find met kFailed\n"
            "call 3: Find met kFailed\n");
}

TEST(FaultyStoreTest, AStaleReadAnswersWhatWasReadBefore) {
  SimulatedClock clock(tests::At("2026-02-12T09:00:00+08:00"));
  MemoryStore real(&clock);
  FaultyStore store(&real);
  Write write;
  CaseChange& change = write.cases.emplace_back();
  change.row.key = {"t", "1234567890123456"};
  change.row.reference = "R";
  for (int64_t version = 1; version <= 2; ++version) {
    change.expected_version = version - 1;
    change.row.version = version;
    change.event = EventRow{.key = change.row.key, .version = version};
    EXPECT_THAT(store.Commit({&write, 1}).front(), IsOk());
    if (version == 1) {
      EXPECT_THAT(store.ReadCase(change.row.key, Part::kSealed), IsOk());
    }
  }
  store.FailNextOf(FaultyStore::kReadCase, FaultyStore::kStale);
  EXPECT_EQ(store.ReadCase(change.row.key, Part::kSealed)->version, 1);
  EXPECT_EQ(store.ReadCase(change.row.key, Part::kSealed)->version, 2);
}

// Fifty calls of several kinds; what each answered.
std::string FiftyCalls(FaultyStore* store) {
  std::string answers;
  const Write write = SomeWrite();
  for (int i = 0; i < 50; ++i) {
    const absl::Status status =
        i % 3 == 0   ? store->Commit({&write, 1}).front()
        : i % 3 == 1 ? store->Find({.tenant = "t"}).status()
                     : store->Claim({.queue = DueQuery::kDeliveries}).status();
    answers += std::to_string(ReasonOf(status)) + " ";
  }
  return answers;
}

TEST(FaultyStoreTest, RatesAreOfAMethodAndTheirFaultsCanBeReplayed) {
  MemoryStore real;
  FaultyStore store(&real);
  store.Seed(9);
  store.SetRate(FaultyStore::kCommit, FaultyStore::kTimedOut, 400);
  store.SetRate(FaultyStore::kCommit, FaultyStore::kContended, 200);
  store.SetRate(FaultyStore::kFind, FaultyStore::kLostConnection, 200);
  const std::string answers = FiftyCalls(&store);
  const auto log = store.log();
  EXPECT_GT(log.size(), 5u);
  for (const FaultyStore::Injected& one : log) {
    if (one.method == FaultyStore::kClaim) {
      EXPECT_EQ(one.fault, FaultyStore::kFailed) << "lost by a Find";
    }
  }
  MemoryStore again;
  FaultyStore replayed(&again);
  replayed.Replay(log);
  EXPECT_EQ(FiftyCalls(&replayed), answers);
  EXPECT_EQ(replayed.log(), log);
  EXPECT_EQ(replayed.LogText(), store.LogText());
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
