// Goal: records, erasure, queues and threads are as hotline/store.h says, in
// every store. Method: one suite for all; see store_contract.h.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <set>
#include <thread>

#include "tests/adapters/store_contract.h"

namespace hotline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StoreQueueContract : public StoreContract {};

INSTANTIATE_TEST_SUITE_P(Stores, StoreQueueContract,
                         testing::Values("memory", "sqlite"),
                         [](const auto& store) { return store.param; });

// ---- Records ----------------------------------------------------------------

TEST_P(StoreQueueContract, ARecordIsReadAsItWasWritten) {
  RecordChange change = Put("a", 3, 0);
  change.record.index = {"one", "", std::string("\0", 1), "\xff"};
  change.record.sealed = "";
  MustCommit({.records = {change}});
  const auto read = *store_->ReadRecords(OneRecord(Key("a"), true));
  ASSERT_THAT(read, SizeIs(1));
  EXPECT_EQ(read[0].key, Key("a"));
  EXPECT_EQ(read[0].version, 3);
  EXPECT_EQ(read[0].index, change.record.index);
  EXPECT_EQ(read[0].payload, "a 3");
  EXPECT_EQ(read[0].sealed, "");
  EXPECT_EQ(store_->ReadRecords(OneRecord(Key("a")))->at(0).sealed,
            std::nullopt);
  EXPECT_THAT(*store_->ReadRecords(OneRecord(Key("b"))), IsEmpty());
}

TEST_P(StoreQueueContract, ARecordsVersionIsItsFence) {
  MustCommit({.records = {Put("a", 1, 0)}});
  EXPECT_EQ(ReasonFor({.records = {Put("a", 1, 0)}}),
            v1::ErrorInfo::VERSION_CONFLICT);
  EXPECT_EQ(ReasonFor({.records = {Put("a", 3, 2)}}),
            v1::ErrorInfo::VERSION_CONFLICT);
  EXPECT_EQ(ReasonFor({.records = {Put("b", 2, 1)}}),
            v1::ErrorInfo::VERSION_CONFLICT);
  MustCommit({.records = {Put("a", 2, 1)}});
  MustCommit({.records = {Put("a", 9, -1), Put("b", 4, -1)}});
  EXPECT_EQ(store_->ReadRecords(OneRecord(Key("a")))->at(0).version, 9);
  EXPECT_EQ(store_->ReadRecords(OneRecord(Key("b")))->at(0).version, 4);
}

TEST_P(StoreQueueContract, ARecordStandsOnceInAWrite) {
  EXPECT_EQ(ReasonFor({.records = {Put("a", 1, 0), Put("a", 2, -1)}}),
            v1::ErrorInfo::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonFor({.records = {Put("a", 1, 0)}, .removals = {Key("a")}}),
            v1::ErrorInfo::INVALID_ARGUMENT);
}

TEST_P(StoreQueueContract, RecordsComeByKeyInRangesAndPages) {
  Write write;
  for (const char* key : {"a", "aa", "b", "ba", "c", "\xff"}) {
    write.records.push_back(Put(key, 1, 0));
  }
  write.records.push_back(Put("a", 1, 0));
  write.records.back().record.key.kind = "policy";
  MustCommit(write);
  EXPECT_THAT(Keys({}), ElementsAre("a", "aa", "b", "ba", "c", "\xff"));
  EXPECT_THAT(Keys({.from = "aa", .until = "c"}), ElementsAre("aa", "b", "ba"));
  EXPECT_THAT(Keys({.limit = 2}), ElementsAre("a", "aa"));
  EXPECT_THAT(Keys({.from = "aa", .after_key = "aa", .limit = 2}),
              ElementsAre("b", "ba"));
  EXPECT_THAT(Keys({.from = "\xff", .after_key = "\xff"}), IsEmpty());
}

TEST_P(StoreQueueContract, RecordsComeByEachIndexColumn) {
  const char* values[] = {"x", "y", "x", "", "z"};
  for (int column = 0; column < 4; ++column) {
    Write write;
    for (int i = 0; i < 5; ++i) {
      write.records.push_back(Put(std::to_string(i), column + 1, -1));
      write.records.back().record.index[static_cast<size_t>(column)] =
          values[i];
    }
    MustCommit(write);
    EXPECT_THAT(Keys({.index = column}), ElementsAre("0", "2", "1", "4"));
    EXPECT_THAT(Keys({.index = column, .from = "x", .until = "y"}),
                ElementsAre("0", "2"));
    EXPECT_THAT(Keys({.index = column, .from = "x", .after_key = "0"}),
                ElementsAre("2", "1", "4"));
    EXPECT_THAT(
        Keys({.index = column, .from = "x", .after_key = "2", .limit = 1}),
        ElementsAre("1"));
    EXPECT_THAT(Keys({.index = (column + 1) % 4}), IsEmpty());
  }
}

TEST_P(StoreQueueContract, ARecordLeavesTheIndexOfItsOldColumns) {
  RecordChange change = Put("a", 1, 0);
  change.record.index[1] = "old";
  change.record.sealed = "gone with the next";
  MustCommit({.records = {change}});
  change = Put("a", 2, 1);
  change.record.index[1] = "new";
  MustCommit({.records = {change}});
  EXPECT_THAT(Keys({.index = 1, .until = "o"}), ElementsAre("a"));
  EXPECT_THAT(Keys({.index = 1, .from = "old"}), IsEmpty());
  EXPECT_EQ(store_->ReadRecords(OneRecord(Key("a"), true))->at(0).sealed,
            std::nullopt);
  MustCommit({.records = {Put("a", 3, 2)}});
  EXPECT_THAT(Keys({.index = 1}), IsEmpty());
}

TEST_P(StoreQueueContract, RecordsCanBeRemoved) {
  RecordChange change = Put("a", 1, 0);
  change.record.index[0] = "x";
  MustCommit({.records = {change, Put("b", 1, 0)}});
  MustCommit({.removals = {Key("a"), Key("none")}});
  EXPECT_THAT(Keys({}), ElementsAre("b"));
  EXPECT_THAT(Keys({.index = 0}), IsEmpty());
  MustCommit({.records = {Put("a", 1, 0)}});
}

TEST_P(StoreQueueContract, TheSystemsOwnRecordsBelongToNoTenant) {
  RecordChange tenant = Put("city", 1, 0);
  tenant.record.key = {"", "tenant", "city"};
  MustCommit({.records = {tenant}});
  EXPECT_THAT(*store_->ReadRecords({.tenant = "", .kind = "tenant"}),
              SizeIs(1));
  EXPECT_THAT(*store_->ReadRecords({.tenant = kCity, .kind = "tenant"}),
              IsEmpty());
}

TEST_P(StoreQueueContract, ErasureTakesTheSealedBodyAndNothingElse) {
  RecordChange record = Put("a", 1, 0);
  record.record.sealed = "a name";
  Write write = OpenCase(1);
  write.records = {record};
  MustCommit(write);
  const CaseKey key = {kCity, Id(1)};
  MustCommit(
      {.erasures = {{.kind = RowKey::kCase, .case_key = key},
                    {.kind = RowKey::kEvent, .case_key = key, .version = 1},
                    {.kind = RowKey::kRecord, .record = Key("a")},
                    {.kind = RowKey::kRecord, .record = Key("none")},
                    {.kind = RowKey::kCase, .case_key = {kCity, Id(99)}}}});
  EXPECT_EQ(Read(1).sealed, std::nullopt);
  EXPECT_EQ(Read(1).payload, "case 1 at 1");
  EXPECT_EQ(store_->ReadEvents(EventsOf(key, 0, 1))->rows.at(0).sealed,
            std::nullopt);
  EXPECT_EQ(store_->ReadEvents(EventsOf(key, 0, 1))->rows.at(0).payload,
            "event 1");
  const auto records = *store_->ReadRecords(OneRecord(Key("a"), true));
  EXPECT_EQ(records.at(0).sealed, std::nullopt);
  EXPECT_EQ(records.at(0).payload, "a 1");
}

TEST_P(StoreQueueContract, ErasureFollowsTheCaseOfItsOwnWrite) {
  MustCommit(OpenCase(1));
  Write write = Of(Row(1, 2));
  write.erasures = {{.kind = RowKey::kCase, .case_key = {kCity, Id(1)}}};
  MustCommit(write);
  EXPECT_EQ(Read(1).version, 2);
  EXPECT_EQ(Read(1).sealed, std::nullopt);
}

// ---- What is due ------------------------------------------------------------

TEST_P(StoreQueueContract, TimersComeInTheirOrderAndStay) {
  const int64_t at[] = {30, 10, 10, kNever, 20};
  for (int i = 1; i <= 5; ++i) {
    CaseRow row = Row(i);
    row.next_at = at[i - 1];
    row.open = i != 5;  // a closed case may have a timer, too
    MustCommit(Of(row));
  }
  EXPECT_EQ(Next(DueQuery::kTimers), 10);
  for (int round = 0; round < 2; ++round) {
    const auto due = Claim(DueQuery::kTimers, 20);
    ASSERT_THAT(due, SizeIs(3));
    EXPECT_EQ(due[0].case_key.id, Id(2));
    EXPECT_EQ(due[1].case_key.id, Id(3));
    EXPECT_EQ(due[2].case_key.id, Id(5));
    EXPECT_EQ(due[2].due_at, 20);
    EXPECT_FALSE(due[0].delivery.has_value());
  }
  EXPECT_THAT(Claim(DueQuery::kTimers, 9), IsEmpty());
  EXPECT_THAT(Claim(DueQuery::kTimers, 100, 1), SizeIs(1));
}

TEST_P(StoreQueueContract, TimersAreWalkedInPagesAfterAPlace) {
  for (int64_t i = 1; i <= 9; ++i) {
    CaseRow row = Row(i);
    row.next_at = 10 + i / 4;  // 10 three times, 11 four times, 12 twice
    MustCommit(Of(row));
  }
  DueQuery query{.queue = DueQuery::kTimers, .tenant = kCity, .due = 11};
  for (const int limit : {1, 2, 3, 100}) {
    query.limit = limit;
    query.after_due = DueQuery().after_due;
    query.after_id.clear();
    std::vector<std::string> walked;
    while (true) {
      const auto page = *store_->Claim(query);
      if (page.empty()) break;
      for (const Claimed& one : page) walked.push_back(one.case_key.id);
      query.after_due = page.back().due_at;
      query.after_id = page.back().case_key.id;
    }
    EXPECT_THAT(walked,
                ElementsAre(Id(1), Id(2), Id(3), Id(4), Id(5), Id(6), Id(7)))
        << limit;
  }
  // A place that no row stands at any more is one all the same.
  query.after_due = 10;
  query.after_id = Id(1) + "x";
  EXPECT_EQ(store_->Claim(query)->front().case_key.id, Id(2));
  query.after_due = 11;
  query.after_id.clear();
  EXPECT_EQ(store_->Claim(query)->front().case_key.id, Id(4));
  query.after_due = 12;
  EXPECT_THAT(*store_->Claim(query), IsEmpty());
}

TEST_P(StoreQueueContract, AMovedTimerStandsAtItsNewPlaceOnly) {
  CaseRow row = Row(1);
  row.next_at = 10;
  MustCommit(Of(row));
  row.version = 2;
  row.next_at = 50;
  MustCommit(Of(row));
  EXPECT_THAT(Claim(DueQuery::kTimers, 49), IsEmpty());
  EXPECT_EQ(Next(DueQuery::kTimers), 50);
  row.version = 3;
  row.next_at = kNever;
  MustCommit(Of(row));
  EXPECT_EQ(Next(DueQuery::kTimers), kNever);
}

TEST_P(StoreQueueContract, ATimerMovesAloneUnderTheVersionOfItsCase) {
  CaseRow row = Row(1);
  row.next_at = 10;
  MustCommit(Of(row));
  ASSERT_EQ(store_->ReadCase(row.key, Part::kSealed)->next_at, 10);
  CaseChange change{.row = row, .expected_version = 1};
  change.row.next_at = 50;
  change.row.sealed.reset();
  change.write_sealed = false;
  change.only_timer = true;
  MustCommit({.cases = {change}});
  EXPECT_EQ(Next(DueQuery::kTimers), 50);
  // What follows is written on top of it, the column back where it was read.
  row.version = 2;
  MustCommit(Of(row));
  EXPECT_EQ(Next(DueQuery::kTimers), 10);
  const absl::Status late =
      store_->Commit(std::vector<Write>{{.cases = {change}}}).front();
  EXPECT_EQ(ReasonOf(late), v1::ErrorInfo::VERSION_CONFLICT) << late;
  const CaseRow read = *store_->ReadCase(row.key, Part::kSealed);
  EXPECT_EQ(read.next_at, 10);
  EXPECT_EQ(read.payload, row.payload);
  EXPECT_EQ(read.sealed, row.sealed);
}

TEST_P(StoreQueueContract, ARowThatComesWithItsTimerIsTheStoredOne) {
  CaseRow row = Row(1);
  row.next_at = 10;
  MustCommit(Of(row));
  DueQuery query{.queue = DueQuery::kTimers, .tenant = kCity, .due = 10};
  EXPECT_FALSE(store_->Claim(query)->front().row.has_value());
  query.rows = true;
  const auto due = *store_->Claim(query);
  ASSERT_THAT(due, SizeIs(1));
  if (!due[0].row.has_value()) return;  // not at hand
  EXPECT_EQ(due[0].row->version, 1);
  EXPECT_EQ(due[0].row->next_at, 10);
  EXPECT_EQ(due[0].row->payload, row.payload);
  EXPECT_EQ(due[0].row->sealed, row.sealed);
}

TEST_P(StoreQueueContract, AClaimedDeliveryIsCompleteAndCounted) {
  DeliveryRow row = Delivery(1, 10);
  row.payload = std::string("\0p", 2);
  MustCommit({.deliveries = {row}});
  const auto claimed = Claim(DueQuery::kDeliveries, 10);
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].case_key, (CaseKey{kCity, Id(1)}));
  EXPECT_EQ(claimed[0].due_at, 10);
  EXPECT_EQ(claimed[0].token, 1);
  const DeliveryRow& read = claimed[0].delivery.value();
  EXPECT_EQ(read.tenant, kCity);
  EXPECT_EQ(read.id, row.id);
  EXPECT_EQ(read.dedupe_key, row.dedupe_key);
  EXPECT_EQ(read.case_id, row.case_id);
  EXPECT_EQ(read.event_version, 1);
  EXPECT_EQ(read.channel, "mail");
  EXPECT_EQ(read.due_at, 10);
  EXPECT_EQ(read.attempts, 1);
  EXPECT_EQ(read.state, "queued");
  EXPECT_EQ(read.payload, row.payload);
}

TEST_P(StoreQueueContract, DeliveriesComeInTheOrderOfTheirDue) {
  MustCommit({.deliveries = {Delivery(1, 30), Delivery(2, 10), Delivery(3, 20),
                             Delivery(4, 10), Delivery(5, kNever)}});
  EXPECT_EQ(Next(DueQuery::kDeliveries), 10);
  const auto first = Claim(DueQuery::kDeliveries, 100, 2);
  ASSERT_THAT(first, SizeIs(2));
  EXPECT_EQ(first[0].delivery->id, Id(2));
  EXPECT_EQ(first[1].delivery->id, Id(4));
  const auto second = Claim(DueQuery::kDeliveries, 100);
  ASSERT_THAT(second, SizeIs(2));
  EXPECT_EQ(second[0].delivery->id, Id(3));
  EXPECT_EQ(second[1].delivery->id, Id(1));
}

TEST_P(StoreQueueContract, ARepeatedDeliveryIsDropped) {
  MustCommit({.deliveries = {Delivery(1, 10)}});
  DeliveryRow same_key = Delivery(2, 5);
  same_key.dedupe_key = "key 1";
  DeliveryRow same_id = Delivery(1, 5);
  same_id.dedupe_key = "key 3";
  MustCommit({.deliveries = {same_key, same_id, same_key}});
  const auto claimed = Claim(DueQuery::kDeliveries, 100);
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].delivery->due_at, 10);
  ASSERT_TRUE(FinishOne(claimed[0], kNever, "sent").ok());
  MustCommit({.deliveries = {same_key}});
  EXPECT_THAT(Claim(DueQuery::kDeliveries, 100), IsEmpty());
}

TEST_P(StoreQueueContract, ALeasedDeliveryIsNotClaimedUntilItsLeaseEnds) {
  MustCommit({.deliveries = {Delivery(1, 10)}});
  const auto first = Claim(DueQuery::kDeliveries, 10);
  EXPECT_THAT(Claim(DueQuery::kDeliveries, 10), IsEmpty());
  EXPECT_EQ(Next(DueQuery::kDeliveries), 1'030'000);
  clock_.AdvanceTime(absl::Seconds(30) - absl::Milliseconds(1));
  EXPECT_THAT(Claim(DueQuery::kDeliveries, 10), IsEmpty());
  clock_.AdvanceTime(absl::Milliseconds(1));
  EXPECT_EQ(Next(DueQuery::kDeliveries), 10);
  const auto second = Claim(DueQuery::kDeliveries, 10);
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_GT(second[0].token, first[0].token);
  EXPECT_EQ(second[0].delivery->attempts, 2);
}

TEST_P(StoreQueueContract, ALeasedRowDoesNotHideTheNextInLine) {
  MustCommit({.deliveries = {Delivery(1, 10)}});
  Claim(DueQuery::kDeliveries, 10);
  MustCommit({.deliveries = {Delivery(2, 20)}});
  EXPECT_EQ(Next(DueQuery::kDeliveries), 20);
  EXPECT_THAT(Claim(DueQuery::kDeliveries, 20), SizeIs(1));
}

TEST_P(StoreQueueContract, AStaleTokenFinishesNothing) {
  MustCommit({.deliveries = {Delivery(1, 10)}});
  const auto slow = Claim(DueQuery::kDeliveries, 10);
  clock_.AdvanceTime(absl::Minutes(1));
  const auto quick = Claim(DueQuery::kDeliveries, 10);
  const absl::Status late = FinishOne(slow[0], kNever, "dead");
  EXPECT_EQ(Reason(late), v1::ErrorInfo::STALE_TOKEN);
  EXPECT_EQ(late.code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(FinishOne(quick[0], kNever, "sent").ok());
  EXPECT_EQ(Reason(FinishOne(slow[0], kNever, "dead")),
            v1::ErrorInfo::STALE_TOKEN);
  EXPECT_EQ(Next(DueQuery::kDeliveries), kNever);
}

TEST_P(StoreQueueContract, ARowThatWasNeverClaimedCannotBeFinished) {
  MustCommit({.deliveries = {Delivery(1, 10)}});
  const std::vector<Finished> finished = {
      {.tenant = kCity, .id = Id(1), .token = 0, .state = "sent"},
      {.tenant = kCity, .id = Id(9), .token = 1, .state = "sent"}};
  const auto verdicts = store_->Finish(finished);
  EXPECT_EQ(Reason(verdicts.at(0)), v1::ErrorInfo::STALE_TOKEN);
  EXPECT_EQ(Reason(verdicts.at(1)), v1::ErrorInfo::STALE_TOKEN);
  EXPECT_EQ(Next(DueQuery::kDeliveries), 10);
}

TEST_P(StoreQueueContract, AnExpiredLeaseStillFinishesIfNobodyTookIt) {
  MustCommit({.deliveries = {Delivery(1, 10)}});
  const auto claimed = Claim(DueQuery::kDeliveries, 10);
  clock_.AdvanceTime(absl::Hours(1));
  EXPECT_TRUE(FinishOne(claimed[0], kNever, "sent").ok());
  EXPECT_TRUE(FinishOne(claimed[0], kNever, "sent").ok());  // said twice
  EXPECT_THAT(Claim(DueQuery::kDeliveries, 10), IsEmpty());
}

TEST_P(StoreQueueContract, ARetriedDeliveryComesBackLater) {
  MustCommit({.deliveries = {Delivery(1, 10)}});
  const auto claimed = Claim(DueQuery::kDeliveries, 10);
  EXPECT_TRUE(FinishOne(claimed[0], 500, "retry").ok());
  EXPECT_EQ(Next(DueQuery::kDeliveries), 500);
  EXPECT_THAT(Claim(DueQuery::kDeliveries, 499), IsEmpty());
  const auto again = Claim(DueQuery::kDeliveries, 500);
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].delivery->state, "retry");
  EXPECT_EQ(again[0].delivery->attempts, 2);
  EXPECT_EQ(again[0].token, 2);
}

TEST_P(StoreQueueContract, AnEmptyQueueIsNeverDue) {
  EXPECT_EQ(Next(DueQuery::kTimers), kNever);
  EXPECT_EQ(Next(DueQuery::kDeliveries), kNever);
  EXPECT_THAT(Claim(DueQuery::kTimers, kNever), IsEmpty());
  EXPECT_THAT(Claim(DueQuery::kDeliveries, kNever), IsEmpty());
}

// ---- Threads ----------------------------------------------------------------

void InThreads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

TEST_P(StoreQueueContract, OneOfManyThreadsWinsEachVersion) {
  constexpr int kThreads = 8;
  constexpr int kVersions = 20;
  MustCommit(OpenCase(1));
  std::atomic<int> won{0};
  InThreads(kThreads, [&](int) {
    for (int version = 2; version <= kVersions; ++version) {
      const absl::Status status = CommitOne(store_.get(), Of(Row(1, version)));
      if (status.ok()) ++won;
    }
  });
  EXPECT_EQ(won, Read(1).version - 1);
  const auto events =
      store_->ReadEvents(EventsOf({kCity, Id(1)}, 0, 1'000))->rows;
  ASSERT_EQ(events.size(), static_cast<size_t>(Read(1).version));
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].version, static_cast<int64_t>(i + 1));
  }
}

TEST_P(StoreQueueContract, EightThreadsWriteAndReadAtOnce) {
  constexpr int kThreads = 8;
  constexpr int kEach = 15;
  std::atomic<int> failed{0};
  InThreads(kThreads, [&](int thread) {
    for (int i = 1; i <= kEach; ++i) {
      const int64_t number = thread * 1'000 + i;
      if (!CommitOne(store_.get(), OpenCase(number)).ok()) ++failed;
      const auto read = store_->ReadCase({kCity, Id(number)}, Part::kSealed);
      if (!read.ok() || read->reference != absl::StrCat("R", number)) ++failed;
      if (!store_->Find({.tenant = kCity, .unit = "lights", .open = true})
               .ok()) {
        ++failed;
      }
    }
  });
  EXPECT_EQ(failed, 0);
  EXPECT_THAT(All({}), SizeIs(kThreads * kEach));
}

TEST_P(StoreQueueContract, NoDeliveryIsClaimedByTwoThreads) {
  constexpr int kDeliveries = 60;
  Write write;
  for (int i = 1; i <= kDeliveries; ++i) {
    write.deliveries.push_back(Delivery(i, i));
  }
  MustCommit(write);
  std::vector<std::vector<Claimed>> claimed(4);
  InThreads(4, [&](int thread) {
    for (int i = 0; i < 10; ++i) {
      for (Claimed& c : Claim(DueQuery::kDeliveries, 1'000, 3)) {
        claimed[static_cast<size_t>(thread)].push_back(std::move(c));
      }
    }
  });
  std::set<std::string> ids;
  size_t total = 0;
  for (const auto& list : claimed) {
    total += list.size();
    for (const Claimed& c : list) ids.insert(c.delivery->id);
  }
  EXPECT_EQ(total, ids.size());
  EXPECT_EQ(ids.size(), size_t{kDeliveries});
}

}  // namespace
}  // namespace hotline
