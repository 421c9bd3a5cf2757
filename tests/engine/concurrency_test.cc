// Many at once, twice the same, and a store that gives no clear answer.
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/engine.h"
#include "hotline/limits.h"
#include "hotline/testing/faulty_store.h"
#include "hotline/testing/matchers.h"
#include "src/engine/case_rows.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using hotline::testing::FaultyStore;
using hotline::testing::HasReason;
using hotline::testing::IsOk;
using tests::City;

v1::Command On(const std::string& reference, std::string_view verb,
               const std::string& key = "") {
  v1::Command command = City::Parse(verb);
  command.set_reference(reference);
  command.set_key(key);
  return command;
}

constexpr char kNote[] = "note { visibility: PUBLIC_NOTE text: 'x' }";

TEST(ConcurrencyTest, MergesAtRandomFromEightThreadsGiveAForest) {
  City city;
  std::vector<std::string> cases;
  for (int i = 0; i < 50; ++i) cases.push_back(city.Open());
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 dice(t);
      for (int i = 0; i < 40; ++i) {
        const std::string& from = cases[dice() % cases.size()];
        const std::string& into = cases[dice() % cases.size()];
        const auto merged =
            city.Do(from, "merge { into: '" + into + "' }", &city.agent);
        if (merged.ok()) continue;
        EXPECT_TRUE(
            ReasonOf(merged.status()) == v1::ErrorInfo::ILLEGAL_VERB ||
            ReasonOf(merged.status()) == v1::ErrorInfo::INVALID_ARGUMENT ||
            ReasonOf(merged.status()) == v1::ErrorInfo::VERSION_CONFLICT)
            << merged.status();
      }
    });
  }
  for (std::thread& t : threads) t.join();
  std::map<std::string, std::string> into;
  for (const std::string& ref : cases) into[ref] = city.Get(ref).merged_into();
  int merged = 0;
  for (const std::string& ref : cases) {
    std::string at = ref;
    size_t steps = 0;
    while (!into[at].empty() && steps <= cases.size()) {
      at = into[at];
      ++steps;
    }
    EXPECT_LE(steps, cases.size()) << "a ring through " << ref;
    EXPECT_EQ(city.Get(at).phase(), v1::NEW);
    merged += steps > 0;
  }
  EXPECT_GT(merged, 20);
}

TEST(ConcurrencyTest, EightThreadsOnOneCaseLoseNothing) {
  City city;
  const std::string ref = city.Open();
  std::atomic<int> acknowledged = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const auto receipt = city.engine->Execute(
            city.agent,
            On(ref, kNote, std::to_string(t) + "/" + std::to_string(i)));
        if (receipt.ok()) {
          ++acknowledged;
        } else {
          EXPECT_THAT(receipt, HasReason(v1::ErrorInfo::VERSION_CONFLICT));
        }
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_GT(acknowledged, 40);
  EXPECT_EQ(city.Get(ref).notes(), acknowledged);
  const std::vector<v1::Event> events = city.Events(ref);
  std::set<std::string> keys;
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].version(), static_cast<int64_t>(i) + 1);
    keys.insert(events[i].command_key());
  }
  EXPECT_EQ(keys.size(), static_cast<size_t>(acknowledged) + 1);
}

TEST(ConcurrencyTest, ACommandForAVersionThatHasPassedIsTheCallersBusiness) {
  City city;
  const std::string ref = city.Open();
  v1::Command command = On(ref, kNote);
  command.set_expected_version(1);
  EXPECT_THAT(city.engine->Execute(city.agent, command), IsOk());
  EXPECT_THAT(city.engine->Execute(city.agent, command),
              HasReason(v1::ErrorInfo::VERSION_CONFLICT));
  EXPECT_EQ(city.Get(ref).notes(), 1);
}

TEST(ConcurrencyTest, ACaseThatMovesMeanwhileIsReadAndJudgedAgain) {
  City city;
  FaultyStore store(&city.memory);
  auto engine =
      Engine::Open(&store, {.clock = &city.clock, .entropy = &city.entropy});
  ASSERT_THAT(engine, IsOk());
  const std::string ref = city.Open();
  store.BeforeNextCommit(
      [&] { ASSERT_TRUE(city.Do(ref, "close { outcome: 'ok' }").ok()); });
  // By now it is closed: the refusal says so.
  EXPECT_THAT((*engine)->Execute(city.agent, On(ref, "accept {}")),
              HasReason(v1::ErrorInfo::ILLEGAL_VERB));
  store.BeforeNextCommit([&] { ASSERT_TRUE(city.Do(ref, kNote).ok()); });
  const auto receipt = (*engine)->Execute(city.agent, On(ref, kNote));
  ASSERT_THAT(receipt, IsOk());
  EXPECT_EQ(receipt->version(), 4);
}

TEST(ConcurrencyTest, ALogIsFoldedToTheRowThatWasReadThoughTheCaseMovedOn) {
  City city;
  const std::string ref = city.Open();
  const CaseKey key{"t", city.Get(ref).id()};
  ASSERT_THAT(city.Do(ref, "accept {}"), IsOk());
  const auto row = city.store->ReadCase(key, Part::kPayload);
  ASSERT_THAT(row, IsOk());
  ASSERT_THAT(city.Do(ref, kNote), IsOk());
  const auto folded = internal::FoldLog(city.store, *row);
  ASSERT_THAT(folded, IsOk());
  EXPECT_EQ(folded->version(), row->version);
  EXPECT_FALSE(folded->has_sealed());
  EXPECT_EQ(internal::CasePayload(*folded), row->payload);
}

TEST(ConcurrencyTest, FourCasesLinkedAtOnceGiveNoRing) {
  City city;
  FaultyStore store(&city.memory);
  auto engine =
      Engine::Open(&store, {.clock = &city.clock, .entropy = &city.entropy});
  ASSERT_THAT(engine, IsOk());
  const std::string a = city.Open(), b = city.Open(), c = city.Open(),
                    d = city.Open();
  const auto child_of = [](const std::string& to) {
    return "link { to: '" + to + "' kind: CHILD_OF }";
  };
  ASSERT_THAT(city.Do(a, child_of(b)), IsOk());
  ASSERT_THAT(city.Do(c, child_of(d)), IsOk());
  // b under c, while somebody else puts d under a: no case is in both.
  store.BeforeNextCommit([&] { ASSERT_THAT(city.Do(d, child_of(a)), IsOk()); });
  EXPECT_THAT((*engine)->Execute(city.agent, On(b, child_of(c))),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
}

TEST(ConcurrencyTest, ALinkLeavesTheTimersOfTheParentsAboveAlone) {
  City city;
  const std::string top = city.Open("pothole"), middle = city.Open(),
                    below = city.Open();
  ASSERT_THAT(city.Do(middle, "link { to: '" + top + "' kind: CHILD_OF }"),
              IsOk());
  // As a sweep moves it: the column, and not what the case says of itself.
  CaseChange moved;
  moved.row = city.memory.Find({.tenant = "t", .references = {top}})->rows[0];
  moved.row.next_at -= 1'000;
  moved.expected_version = moved.row.version;
  moved.write_sealed = false;
  moved.only_timer = true;
  Write write = {.cases = {moved}};
  ASSERT_THAT(city.memory.Commit({&write, 1})[0], IsOk());
  ASSERT_THAT(city.Do(below, "link { to: '" + middle + "' kind: CHILD_OF }"),
              IsOk());
  EXPECT_EQ(
      city.memory.Find({.tenant = "t", .references = {top}})->rows[0].next_at,
      moved.row.next_at);
  write.cases[0].row.next_at += 1'000;  // as it says of itself
  ASSERT_THAT(city.memory.Commit({&write, 1})[0], IsOk());
}

// ----------------------------------------------- a batch reads in one look

class BatchLookTest : public ::testing::Test {
 protected:
  BatchLookTest() {
    for (int i = 0; i < 10; ++i) batch_.push_back(On(city_.Open(), kNote));
    auto engine = Engine::Open(
        &store_, {.clock = &city_.clock, .entropy = &city_.entropy});
    EXPECT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
  }
  void RunBatch() {
    for (const auto& answer : engine_->ExecuteBatch(city_.agent, batch_)) {
      EXPECT_THAT(answer, IsOk());
    }
    for (const v1::Command& command : batch_) {
      EXPECT_EQ(city_.Get(command.reference()).notes(), 1);
    }
  }

  City city_;
  FaultyStore store_{&city_.memory};
  std::unique_ptr<Engine> engine_;
  std::vector<v1::Command> batch_;
};

TEST_F(BatchLookTest, ABatchAsksTheStoreOnceForAllItsCases) {
  // Whatever comes after one look and one commit would fail.
  std::vector<FaultyStore::Injected> faults;
  for (int call = 3; call <= 40; ++call) {
    faults.push_back({call, FaultyStore::kFind, FaultyStore::kFailed});
  }
  store_.Replay(faults);
  RunBatch();
  EXPECT_EQ(store_.faults(), 0);
}

TEST_F(BatchLookTest, WhereThatLookFailsEachCommandLooksForItself) {
  store_.FailNextOf(FaultyStore::kFind, FaultyStore::kFailed);
  RunBatch();
  EXPECT_EQ(store_.faults(), 1);
}

TEST_F(BatchLookTest, ACaseThatMovesAfterTheLookIsJudgedAgain) {
  const std::string& moved = batch_[2].reference();
  store_.BeforeNextCommit([&] {
    ASSERT_THAT(city_.Do(moved, "assign { assignee: 'kim' }"), IsOk());
  });
  RunBatch();
  EXPECT_EQ(city_.Get(moved).version(), 3);
}

// Two versions later is not two changes of ours later.
TEST_F(BatchLookTest, WhatRestsOnAChangeThatWasRefusedIsJudgedAnew) {
  const std::string ref = batch_.front().reference();
  batch_ = {On(ref, "accept {}"), On(ref, kNote)};
  store_.BeforeNextCommit([&] {
    ASSERT_THAT(city_.Do(ref, "assign { assignee: 'kim' }"), IsOk());
  });
  RunBatch();
  const v1::Case stored = city_.Get(ref);
  EXPECT_EQ(stored.version(), 4);
  EXPECT_EQ(stored.assignee(), "kim");
  EXPECT_EQ(stored.state(), "in_progress");
  std::string chain;
  const auto log = city_.store->ReadEvents(EventsOf({"t", stored.id()}, 0, 10));
  ASSERT_THAT(log, IsOk());
  for (const EventRow& row : log->rows) {
    const auto event = internal::FromRow(row);
    ASSERT_THAT(event, IsOk());
    EXPECT_EQ(event->previous_hash(), chain) << "version " << row.version;
    chain =
        internal::ChainOf("t", stored.id(), row.version, chain, row.payload);
  }
}

TEST_F(BatchLookTest, ACaseOpenedInABatchIsThereForWhatFollows) {
  v1::Command open =
      City::Parse("open { category: 'tree' reference: 'OLD-1' }");
  batch_ = {open, On("OLD-1", "accept {}"), On("OLD-1", kNote)};
  const Actor& importer = city_.admin;
  const auto answers = engine_->ExecuteBatch(importer, batch_);
  for (const auto& answer : answers) EXPECT_THAT(answer, IsOk());
  EXPECT_EQ(city_.Get("OLD-1").version(), 3);
}

// ------------------------------------------------------------ idempotency

TEST(IdempotencyTest, AKeyTwiceInOneBatchHasOneEffect) {
  City city;
  const std::string ref = city.Open();
  const std::vector<v1::Command> batch = {
      On(ref, kNote, "k"), On(ref, kNote, "k"), On(ref, "accept {}", "a")};
  const auto answers = city.engine->ExecuteBatch(city.agent, batch);
  ASSERT_EQ(answers.size(), 3u);
  for (const auto& answer : answers) ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answers[0]->version(), answers[1]->version());
  EXPECT_TRUE(answers[1]->repeated_key());
  EXPECT_EQ(city.Get(ref).notes(), 1);
  EXPECT_EQ(city.Get(ref).state(), "in_progress");
  // The whole batch again.
  for (const auto& answer : city.engine->ExecuteBatch(city.agent, batch)) {
    ASSERT_THAT(answer, IsOk());
    EXPECT_TRUE(answer->repeated_key());
  }
  EXPECT_EQ(city.Get(ref).version(), 3);
}

TEST(IdempotencyTest, AKeyIsRememberedAfterARestartWithTheSameAnswer) {
  City city;
  const std::string ref = city.Open();
  const v1::Command command = On(ref, "accept {}", "k");
  const auto first = city.engine->Execute(city.agent, command);
  ASSERT_THAT(first, IsOk());
  auto engine = Engine::Open(city.store,
                             {.clock = &city.clock, .entropy = &city.entropy});
  ASSERT_THAT(engine, IsOk());
  auto again = (*engine)->Execute(city.agent, command);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->repeated_key());
  again->clear_repeated_key();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
}

TEST(IdempotencyTest, AKeyUsedAnewWhileAnotherProcessSweepsIsKept) {
  City city;
  city.Open("streetlight", "k");
  FaultyStore store(&city.memory);
  const auto late =
      Engine::Open(&store, {.clock = &city.clock, .entropy = &city.entropy});
  ASSERT_THAT(late, IsOk());
  city.GoTo("2026-02-19T08:59:00+08:00");
  ASSERT_THAT((*late)->RunDue(absl::Seconds(10)), IsOk());
  city.clock.AdvanceTime(absl::Minutes(2));  // the key runs out
  std::string again;
  store.BeforeNextCommit([&] {
    EXPECT_EQ(city.engine->RunDue(absl::Seconds(10))->swept, 1);
    again = city.Open("streetlight", "k");
  });
  EXPECT_EQ((*late)->RunDue(absl::Seconds(10))->swept, 0);
  EXPECT_EQ(city.Open("streetlight", "k"), again);
}

TEST(IdempotencyTest, AKeyIsAnActorsOwnAndKeptForSevenDays) {
  City city;
  const std::string ref = city.Open();
  ASSERT_THAT(city.engine->Execute(city.agent, On(ref, kNote, "k")), IsOk());
  ASSERT_THAT(city.engine->Execute(city.supervisor, On(ref, kNote, "k")),
              IsOk());
  EXPECT_EQ(city.Get(ref).notes(), 2);
  city.GoTo("2026-02-19T08:59:00+08:00");
  const auto kept = city.engine->Execute(city.agent, On(ref, kNote, "k"));
  ASSERT_THAT(kept, IsOk());
  EXPECT_TRUE(kept->repeated_key());
  city.GoTo("2026-02-19T09:01:00+08:00");
  const auto anew = city.engine->Execute(city.agent, On(ref, kNote, "k"));
  ASSERT_THAT(anew, IsOk());
  EXPECT_FALSE(anew->repeated_key());
}

// -------------------------------------------------------- unknown outcome

class UnknownTest : public ::testing::TestWithParam<FaultyStore::Fault> {
 protected:
  UnknownTest() : store_(&city_.memory) {
    auto opened = Engine::Open(
        &store_, {.clock = &city_.clock, .entropy = &city_.entropy});
    EXPECT_TRUE(opened.ok());
    engine_ = *std::move(opened);
  }
  City city_;
  FaultyStore store_;
  std::unique_ptr<Engine> engine_;
};

TEST_P(UnknownTest, ACommitWithoutClearAnswerIsSettledByReading) {
  const std::string ref = city_.Open();
  store_.FailNext(GetParam());
  const auto receipt = engine_->Execute(city_.agent, On(ref, kNote));
  ASSERT_THAT(receipt, IsOk());
  EXPECT_EQ(receipt->version(), 2);
  EXPECT_EQ(city_.Get(ref).notes(), 1);
}

TEST_P(UnknownTest, AnOpeningWithoutClearAnswerOpensOneCase) {
  store_.FailNext(GetParam());
  v1::Command open = City::Parse("open { category: 'tree' }");
  const auto receipt = engine_->Execute(city_.agent, open);
  ASSERT_THAT(receipt, IsOk());
  EXPECT_EQ(city_.Get(receipt->reference()).version(), 1);
  const auto all = city_.engine->Find(city_.admin, {});
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->cases_size(), 1);
}

TEST_P(UnknownTest, ABatchWithoutClearAnswerIsDoneOnce) {
  const std::string ref = city_.Open();
  const std::vector<v1::Command> batch = {
      On(ref, kNote), On(ref, "accept {}"),
      City::Parse("open { category: 'tree' }")};
  store_.FailNext(GetParam());
  const auto answers = engine_->ExecuteBatch(city_.agent, batch);
  for (const auto& answer : answers) ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(city_.Get(ref).notes(), 1);
  EXPECT_EQ(city_.Get(ref).version(), 3);
  const auto all = city_.engine->Find(city_.admin, {});
  EXPECT_EQ(all->cases_size(), 2);
}

INSTANTIATE_TEST_SUITE_P(DoneOrNot, UnknownTest,
                         ::testing::Values(FaultyStore::kDoneButUnknown,
                                           FaultyStore::kUndoneButUnknown,
                                           FaultyStore::kDoneLater));

using StoreFaultTest = UnknownTest;

TEST_F(StoreFaultTest, WhatCannotBeSettledIsSaidToBeUnknownAndSafeToRepeat) {
  const std::string ref = city_.Open();
  const v1::Command command = On(ref, kNote, "k");
  store_.FailNext(FaultyStore::kUndoneButUnknown, 3);
  EXPECT_THAT(engine_->Execute(city_.agent, command),
              HasReason(v1::ErrorInfo::OUTCOME_UNKNOWN));
  EXPECT_THAT(engine_->Execute(city_.agent, command), IsOk());
  EXPECT_THAT(engine_->Execute(city_.agent, command), IsOk());
  EXPECT_EQ(city_.Get(ref).notes(), 1);
}

TEST_F(StoreFaultTest, ATryThatFailsSaysNothingOfTheOneBefore) {
  const std::string ref = city_.Open();
  for (const auto& [fault, times] : {std::pair{FaultyStore::kContended, 5},
                                     {FaultyStore::kFailed, 1},
                                     {FaultyStore::kBusy, 1},
                                     {FaultyStore::kFull, 1}}) {
    store_.FailNext(FaultyStore::kUndoneButUnknown);
    store_.FailNext(fault, times);
    EXPECT_THAT(engine_->Execute(city_.agent, On(ref, kNote)),
                HasReason(v1::ErrorInfo::OUTCOME_UNKNOWN))
        << fault;
  }
  EXPECT_EQ(city_.Get(ref).notes(), 0);
}

TEST_F(StoreFaultTest, AFailingStoreIsSaidToFailAndNothingIsWritten) {
  const std::string ref = city_.Open();
  for (const auto& [fault, reason] :
       {std::pair{FaultyStore::kFailed, v1::ErrorInfo::STORE_FAILED},
        {FaultyStore::kBusy, v1::ErrorInfo::STORE_BUSY},
        {FaultyStore::kFull, v1::ErrorInfo::STORAGE_FULL}}) {
    store_.FailNext(fault);
    EXPECT_THAT(engine_->Execute(city_.agent, On(ref, kNote)),
                HasReason(reason));
  }
  store_.FailReads(1);
  EXPECT_THAT(engine_->Get(city_.agent, ref),
              HasReason(v1::ErrorInfo::STORE_FAILED));
  EXPECT_EQ(city_.Get(ref).version(), 1);
  EXPECT_THAT(engine_->Execute(city_.agent, On(ref, kNote)), IsOk());
}

TEST_F(StoreFaultTest, UnderFaultsByChanceWhatIsAcknowledgedIsThereOnce) {
  std::set<std::string> acknowledged;
  std::vector<std::string> cases;
  for (int i = 0; i < 5; ++i) cases.push_back(city_.Open());
  store_.FailByChance(/*seed=*/5, /*per_thousand=*/300);
  int answered = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string key = "k" + std::to_string(i);
    const v1::Command command = On(cases[i % 5], kNote, key);
    for (int tries = 0; tries < 8; ++tries) {  // as a patient caller does
      if (!engine_->Execute(city_.agent, command).ok()) continue;
      acknowledged.insert(key);
      ++answered;
      break;
    }
  }
  store_.Heal();
  EXPECT_GT(store_.faults(), 50);
  std::multiset<std::string> recorded;
  for (const std::string& ref : cases) {
    for (const v1::Event& event : city_.Events(ref)) {
      if (!event.command_key().empty()) recorded.insert(event.command_key());
    }
  }
  for (const std::string& key : acknowledged) {
    EXPECT_EQ(recorded.count(key), 1u) << key;
  }
  EXPECT_EQ(recorded.size(),
            std::set<std::string>(recorded.begin(), recorded.end()).size());
  EXPECT_GT(answered, 190);
}

}  // namespace
}  // namespace hotline
