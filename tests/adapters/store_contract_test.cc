// Goal: every store keeps the contract of hotline/store.h. Method: one suite,
// run on the memory store, which specifies it, and on SQLite in a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <thread>

#include "hotline/adapters/memory_store.h"
#include "hotline/adapters/sqlite_store.h"
#include "hotline/clock.h"
#include "hotline/limits.h"
#include "tests/adapters/store_rows.h"

namespace hotline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StoreContract : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "memory") {
      store_ = std::make_unique<MemoryStore>(&clock_);
      return;
    }
    auto opened = SqliteStore::Open(dir_.File("cases.db"), {.clock = &clock_});
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  void MustCommit(const Write& write) {
    const absl::Status status = CommitOne(store_.get(), write);
    ASSERT_TRUE(status.ok()) << status;
  }
  v1::ErrorInfo::Reason ReasonFor(const Write& write) {
    return Reason(CommitOne(store_.get(), write));
  }
  // The numbers of the cases found, over all pages.
  std::vector<std::string> All(Filter filter) {
    std::vector<std::string> ids;
    filter.tenant = kCity;
    do {
      absl::StatusOr<CaseRowPage> page = store_->Find(filter);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      EXPECT_LE(page->rows.size(), static_cast<size_t>(filter.limit));
      for (const CaseRow& row : page->rows) {
        ids.push_back(std::to_string(std::stoll(row.key.id)));
      }
      filter.cursor = page->next_cursor;
    } while (!filter.cursor.empty());
    return ids;
  }
  std::vector<Claimed> Claim(DueQuery::Queue queue, int64_t due,
                             int limit = 100,
                             const std::string& tenant = kCity) {
    auto claimed = store_->Claim(
        {.queue = queue, .tenant = tenant, .due = due, .limit = limit});
    EXPECT_TRUE(claimed.ok()) << claimed.status();
    return claimed.ok() ? *claimed : std::vector<Claimed>{};
  }
  absl::Status FinishOne(const Claimed& claimed, int64_t due_at,
                         const std::string& state) {
    const Finished finished{.tenant = kCity,
                            .id = claimed.delivery->id,
                            .token = claimed.token,
                            .due_at = due_at,
                            .state = state};
    return store_->Finish({&finished, 1}).at(0);
  }
  int64_t Next(DueQuery::Queue queue, const std::string& tenant = kCity) {
    return store_->NextDue(queue, tenant).value();
  }
  std::vector<std::string> Keys(RecordRange range) {
    range.tenant = kCity;
    range.kind = "person";
    auto records = store_->ReadRecords(range);
    EXPECT_TRUE(records.ok()) << records.status();
    std::vector<std::string> keys;
    for (const Record& record : *records) keys.push_back(record.key.key);
    return keys;
  }
  CaseRow Read(int64_t number) {
    return store_->ReadCase({kCity, Id(number)}, Part::kSealed).value();
  }

  ScratchDir dir_;
  SimulatedClock clock_{absl::FromUnixMillis(1'000'000)};
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract,
                         testing::Values("memory", "sqlite"),
                         [](const auto& store) { return store.param; });

// ---- Cases and events -------------------------------------------------------

TEST_P(StoreContract, SaysWhichStoreItIs) {
  EXPECT_EQ(store_->capabilities().name, GetParam());
  EXPECT_EQ(store_->capabilities().durable, GetParam() != "memory");
}

TEST_P(StoreContract, ACaseIsReadAsItWasWritten) {
  CaseRow row = Row(1);
  row.external_system = "crm";
  row.external_id = "E-1";
  row.cell = -7;
  row.phase = 4;
  row.open = false;
  row.least_due = 99;
  row.next_at = 77;
  MustCommit(Of(row));
  const CaseRow read = Read(1);
  EXPECT_EQ(read.key, row.key);
  EXPECT_EQ(read.version, 1);
  EXPECT_EQ(read.reference, "R1");
  EXPECT_EQ(read.external_system, "crm");
  EXPECT_EQ(read.external_id, "E-1");
  EXPECT_EQ(read.category, "streetlight");
  EXPECT_EQ(read.unit, "lights");
  EXPECT_EQ(read.cell, -7);
  EXPECT_EQ(read.phase, 4);
  EXPECT_FALSE(read.open);
  EXPECT_EQ(read.opened_at, 1'001);
  EXPECT_EQ(read.least_due, 99);
  EXPECT_EQ(read.next_at, 77);
  EXPECT_EQ(read.chain, row.chain);
  EXPECT_EQ(read.payload, row.payload);
  EXPECT_EQ(read.sealed, row.sealed);
}

TEST_P(StoreContract, EveryColumnOfACaseCanChange) {
  MustCommit(OpenCase(1));
  CaseRow row = Row(1, 2);
  row.reference = "other";
  row.external_system = "crm";
  row.external_id = "E-9";
  row.category = "noise";
  row.unit = "police";
  row.cell = 12;
  row.phase = 5;
  row.open = false;
  row.opened_at = 5;
  row.least_due = 6;
  row.next_at = 7;
  row.chain = std::string(32, 'd');
  row.sealed.reset();
  MustCommit(Of(row));
  const CaseRow read = Read(1);
  EXPECT_EQ(read.reference, "other");
  EXPECT_EQ(read.external_id, "E-9");
  EXPECT_EQ(read.category, "noise");
  EXPECT_EQ(read.unit, "police");
  EXPECT_EQ(read.cell, 12);
  EXPECT_EQ(read.phase, 5);
  EXPECT_FALSE(read.open);
  EXPECT_EQ(read.opened_at, 5);
  EXPECT_EQ(read.least_due, 6);
  EXPECT_EQ(read.next_at, 7);
  EXPECT_EQ(read.chain, row.chain);
  EXPECT_EQ(read.sealed, std::nullopt);
  EXPECT_THAT(All({.category = "streetlight"}), IsEmpty());
  EXPECT_THAT(All({.reference = "R1"}), IsEmpty());
  EXPECT_THAT(All({.category = "noise"}), ElementsAre("1"));
}

TEST_P(StoreContract, AMissingCaseIsNotFound) {
  const auto read = store_->ReadCase({kCity, Id(1)}, Part::kPayload);
  EXPECT_EQ(Reason(read.status()), v1::ErrorInfo::CASE_NOT_FOUND);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(*store_->ReadEvents({kCity, Id(1)}, 0, 10), IsEmpty());
}

TEST_P(StoreContract, TheSealedBodyIsReadOnlyWhenAsked) {
  MustCommit(OpenCase(1));
  EXPECT_EQ(store_->ReadCase({kCity, Id(1)}, Part::kPayload)->sealed,
            std::nullopt);
  EXPECT_EQ(store_->Find({.tenant = kCity})->rows.at(0).sealed, std::nullopt);
  EXPECT_EQ(store_->Find({.tenant = kCity, .sealed = true})->rows.at(0).sealed,
            "sealed 1");
}

TEST_P(StoreContract, AWriteMayLeaveTheSealedBodyAlone) {
  MustCommit(OpenCase(1));
  CaseChange change = Change(Row(1, 2));
  change.row.sealed = "must not be written";
  change.write_sealed = false;
  MustCommit({.cases = {change}});
  EXPECT_EQ(Read(1).sealed, "sealed 1");
  EXPECT_EQ(Read(1).payload, "case 1 at 2");
}

TEST_P(StoreContract, AnEmptySealedBodyIsNotAnAbsentOne) {
  CaseRow row = Row(1);
  row.sealed = "";
  row.payload = "";
  MustCommit(Of(row));
  EXPECT_EQ(Read(1).sealed, "");
  EXPECT_EQ(Read(1).payload, "");
}

TEST_P(StoreContract, AStaleVersionIsAConflict) {
  MustCommit(OpenCase(1));
  MustCommit(Of(Row(1, 2)));
  EXPECT_EQ(ReasonFor(Of(Row(1, 2))), v1::ErrorInfo::VERSION_CONFLICT);
  EXPECT_EQ(ReasonFor(Of(Row(1, 4))), v1::ErrorInfo::VERSION_CONFLICT);
  EXPECT_EQ(ReasonFor(OpenCase(1)), v1::ErrorInfo::VERSION_CONFLICT);
  EXPECT_EQ(ReasonFor(Of(Row(2, 2))), v1::ErrorInfo::VERSION_CONFLICT);
  EXPECT_EQ(Read(1).version, 2);
}

TEST_P(StoreContract, AConflictNamesTheCase) {
  MustCommit(OpenCase(1));
  const absl::Status status = CommitOne(store_.get(), OpenCase(1));
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(InfoOf(status).reference(), "R1");
}

TEST_P(StoreContract, ATimerMovesWithoutAnEvent) {
  MustCommit(OpenCase(1));
  CaseRow row = Row(1);
  row.next_at = 55;
  MustCommit({.cases = {{.row = row, .expected_version = 1}}});
  EXPECT_EQ(Read(1).next_at, 55);
  EXPECT_EQ(Read(1).version, 1);
  EXPECT_THAT(*store_->ReadEvents(row.key, 0, 10), SizeIs(1));
}

TEST_P(StoreContract, ATimerThatIsMovedFromAnOldVersionIsAConflict) {
  MustCommit(OpenCase(1));
  MustCommit(Of(Row(1, 2)));
  EXPECT_EQ(ReasonFor({.cases = {{.row = Row(1), .expected_version = 1}}}),
            v1::ErrorInfo::VERSION_CONFLICT);
}

TEST_P(StoreContract, AWriteThatContradictsItselfIsRefused) {
  MustCommit(OpenCase(1));
  CaseChange gap = Change(Row(1, 3));
  gap.expected_version = 1;
  CaseChange other_event = Change(Row(1, 2));
  other_event.event->version = 7;
  CaseChange strange_event = Change(Row(1, 2));
  strange_event.event->key.id = Id(9);
  CaseChange unversioned{.row = Row(1, 2), .expected_version = 1};
  CaseChange without_event{.row = Row(5, 0)};
  CaseChange negative = Change(Row(5, 0));
  for (const CaseChange& change : {gap, other_event, strange_event, unversioned,
                                   without_event, negative}) {
    EXPECT_EQ(ReasonFor({.cases = {change}}), v1::ErrorInfo::INVALID_ARGUMENT);
  }
  const CaseChange again = Change(Row(1, 2));
  EXPECT_EQ(ReasonFor({.cases = {again, again}}),
            v1::ErrorInfo::INVALID_ARGUMENT);
  Write nine;
  for (int i = 10; i < 19; ++i) nine.cases.push_back(Change(Row(i)));
  EXPECT_EQ(ReasonFor(nine), v1::ErrorInfo::INVALID_ARGUMENT);
  EXPECT_EQ(Read(1).version, 1);
  EXPECT_THAT(All({}), ElementsAre("1"));
}

TEST_P(StoreContract, EventsAreReadInOrderAndByPage) {
  for (int version = 1; version <= 5; ++version) {
    MustCommit(Of(Row(1, version)));
  }
  MustCommit(OpenCase(2));
  const auto events = *store_->ReadEvents({kCity, Id(1)}, 1, 3);
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_EQ(events[0].version, 2);
  EXPECT_EQ(events[2].version, 4);
  EXPECT_EQ(events[0].key, (CaseKey{kCity, Id(1)}));
  EXPECT_EQ(events[0].recorded_at, 20);
  EXPECT_EQ(events[0].payload, "event 2");
  EXPECT_EQ(events[0].sealed, "words 2");
  EXPECT_THAT(*store_->ReadEvents({kCity, Id(1)}, 5, 3), IsEmpty());
}

TEST_P(StoreContract, SeveralCasesChangeTogether) {
  Write merge{.cases = {Change(Row(1)), Change(Row(2)), Change(Row(3))}};
  MustCommit(merge);
  EXPECT_THAT(All({}), ElementsAre("1", "2", "3"));
}

TEST_P(StoreContract, OneStaleCaseStopsAllOfItsWrite) {
  MustCommit(OpenCase(1));
  Write write{.cases = {Change(Row(2)), Change(Row(1))},
              .deliveries = {Delivery(1, 5)},
              .records = {Put("a", 1, 0)}};
  EXPECT_EQ(ReasonFor(write), v1::ErrorInfo::VERSION_CONFLICT);
  EXPECT_THAT(All({}), ElementsAre("1"));
  EXPECT_THAT(Keys({}), IsEmpty());
  EXPECT_EQ(Next(DueQuery::kDeliveries), kNever);
}

TEST_P(StoreContract, AStaleWriteFallsAloneOutOfItsGroup) {
  MustCommit(OpenCase(2));
  const std::vector<Write> group = {OpenCase(1), OpenCase(2), OpenCase(3)};
  const auto verdicts = store_->Commit(group);
  ASSERT_THAT(verdicts, SizeIs(3));
  EXPECT_TRUE(verdicts[0].ok());
  EXPECT_EQ(Reason(verdicts[1]), v1::ErrorInfo::VERSION_CONFLICT);
  EXPECT_TRUE(verdicts[2].ok());
  EXPECT_THAT(All({}), ElementsAre("1", "2", "3"));
}

TEST_P(StoreContract, AWriteSeesThoseBeforeItInItsGroup) {
  const std::vector<Write> group = {OpenCase(1), Of(Row(1, 2)), Of(Row(1, 2))};
  const auto verdicts = store_->Commit(group);
  EXPECT_TRUE(verdicts[0].ok());
  EXPECT_TRUE(verdicts[1].ok());
  EXPECT_EQ(Reason(verdicts[2]), v1::ErrorInfo::VERSION_CONFLICT);
  EXPECT_EQ(Read(1).version, 2);
}

TEST_P(StoreContract, NoWritesHaveNoVerdicts) {
  EXPECT_THAT(store_->Commit({}), IsEmpty());
  EXPECT_THAT(store_->Finish({}), IsEmpty());
}

TEST_P(StoreContract, AReferenceIsGivenOnce) {
  MustCommit(OpenCase(1));
  CaseRow row = Row(2);
  row.reference = "R1";
  const absl::Status status = CommitOne(store_.get(), Of(row));
  EXPECT_EQ(Reason(status), v1::ErrorInfo::DUPLICATE_REFERENCE);
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(InfoOf(status).problems(0).path(), "reference");
  row.key.tenant = "town";
  MustCommit(Of(row));
}

TEST_P(StoreContract, AReferenceIsGivenOnceWithinAWriteToo) {
  CaseRow twin = Row(2);
  twin.reference = "R1";
  EXPECT_EQ(ReasonFor({.cases = {Change(Row(1)), Change(twin)}}),
            v1::ErrorInfo::DUPLICATE_REFERENCE);
  EXPECT_THAT(All({}), IsEmpty());
}

TEST_P(StoreContract, AnExternalIdIsGivenOncePerSystem) {
  CaseRow row = Row(1);
  row.external_system = "crm";
  row.external_id = "7";
  MustCommit(Of(row));
  CaseRow second = Row(2);
  second.external_system = "crm";
  second.external_id = "7";
  const absl::Status status = CommitOne(store_.get(), Of(second));
  EXPECT_EQ(Reason(status), v1::ErrorInfo::DUPLICATE_REFERENCE);
  EXPECT_EQ(InfoOf(status).problems(0).path(), "external_id");
  second.external_system = "erp";
  MustCommit(Of(second));
  MustCommit(OpenCase(3));
  MustCommit(OpenCase(4));  // two without any are no duplicates
}

TEST_P(StoreContract, AnExternalIdMayComeLaterButNotFromAnother) {
  CaseRow row = Row(1);
  row.external_system = "crm";
  row.external_id = "7";
  MustCommit(Of(row));
  MustCommit(OpenCase(2));
  CaseRow later = Row(2, 2);
  later.external_system = "crm";
  later.external_id = "7";
  EXPECT_EQ(ReasonFor(Of(later)), v1::ErrorInfo::DUPLICATE_REFERENCE);
  later.external_id = "8";
  MustCommit(Of(later));
  row.version = 2;
  MustCommit(Of(row));  // its own is no duplicate
}

// ---- Bodies -----------------------------------------------------------------

TEST_P(StoreContract, AnyByteComesBack) {
  std::string every;
  for (int i = 0; i < 256; ++i) every.push_back(static_cast<char>(i));
  const std::string smile = "\xf0\x9f\x98\x80 \xe8\xb7\xaf\xe7\x87\x88";
  CaseRow row = Row(1);
  row.payload = every;
  row.sealed = std::string("\0", 1) + smile;
  row.category = smile;
  row.unit = std::string("a\0b", 3);
  row.external_system = std::string("s\0", 2);
  row.external_id = std::string("\0x", 2);
  MustCommit(Of(row));
  const CaseRow read = Read(1);
  EXPECT_EQ(read.payload, every);
  EXPECT_EQ(read.sealed, row.sealed);
  EXPECT_EQ(read.category, smile);
  EXPECT_EQ(read.unit, row.unit);
  EXPECT_EQ(read.external_id, row.external_id);
  EXPECT_THAT(All({.unit = row.unit, .open = true}), ElementsAre("1"));
  EXPECT_THAT(All({.unit = "a", .open = true}), IsEmpty());
  EXPECT_THAT(All({.external_system = row.external_system,
                   .external_id = row.external_id}),
              ElementsAre("1"));
}

TEST_P(StoreContract, AMebibyteComesBack) {
  CaseRow row = Row(1);
  row.payload = std::string(limits::kBodyBytesMax, 'p');
  row.sealed = std::string(limits::kBodyBytesMax, '\0');
  CaseChange change = Change(row);
  change.event->payload = std::string(limits::kBodyBytesMax, 'e');
  MustCommit({.cases = {change}});
  EXPECT_EQ(Read(1).payload, row.payload);
  EXPECT_EQ(Read(1).sealed, row.sealed);
  EXPECT_EQ(store_->ReadEvents(row.key, 0, 1)->at(0).payload,
            change.event->payload);
}

TEST_P(StoreContract, TheEdgesOfNumbersComeBack) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  CaseRow row = Row(1);
  row.cell = kMin;
  row.opened_at = kMin;
  row.least_due = kMin;
  row.next_at = kNever - 1;
  MustCommit(Of(row));
  EXPECT_EQ(Read(1).cell, kMin);
  EXPECT_EQ(Read(1).opened_at, kMin);
  EXPECT_EQ(Read(1).least_due, kMin);
  EXPECT_EQ(Read(1).next_at, kNever - 1);
  EXPECT_EQ(Next(DueQuery::kTimers), kNever - 1);
  EXPECT_THAT(All({.cell = kMin}), ElementsAre("1"));
  EXPECT_THAT(All({.due_until = kNever}), ElementsAre("1"));
}

// ---- Find -------------------------------------------------------------------

TEST_P(StoreContract, CasesAreFoundByEveryColumn) {
  for (int i = 1; i <= 6; ++i) {
    CaseRow row = Row(i);
    row.category = i % 2 == 0 ? "even" : "odd";
    row.unit = i <= 3 ? "low" : "high";
    row.cell = i <= 2 ? 40 : 0;
    row.phase = i;
    row.open = i != 5;
    row.external_system = "crm";
    row.external_id = std::to_string(i);
    MustCommit(Of(row));
  }
  EXPECT_THAT(All({}), ElementsAre("1", "2", "3", "4", "5", "6"));
  EXPECT_THAT(All({.reference = "R3"}), ElementsAre("3"));
  EXPECT_THAT(All({.id = Id(4)}), ElementsAre("4"));
  EXPECT_THAT(All({.external_system = "crm", .external_id = "2"}),
              ElementsAre("2"));
  EXPECT_THAT(All({.category = "even"}), ElementsAre("2", "4", "6"));
  EXPECT_THAT(All({.unit = "high"}), ElementsAre("4", "5", "6"));
  EXPECT_THAT(All({.unit = "high", .open = true}), ElementsAre("4", "6"));
  EXPECT_THAT(All({.unit = "high", .open = false}), ElementsAre("5"));
  EXPECT_THAT(All({.cell = 40}), ElementsAre("1", "2"));
  EXPECT_THAT(All({.cell = 0}), ElementsAre("3", "4", "5", "6"));
  EXPECT_THAT(All({.open = false}), ElementsAre("5"));
  EXPECT_THAT(All({.phases = {2, 6}}), ElementsAre("2", "6"));
  EXPECT_THAT(All({.opened_from = 1'002, .opened_until = 1'005}),
              ElementsAre("2", "3", "4"));
  EXPECT_THAT(All({.category = "even", .unit = "low", .cell = 40}),
              ElementsAre("2"));
  EXPECT_THAT(All({.reference = "R3", .category = "even"}), IsEmpty());
  EXPECT_THAT(All({.reference = "none"}), IsEmpty());
  EXPECT_THAT(All({.external_system = "", .external_id = ""}), IsEmpty());
}

TEST_P(StoreContract, EveryWayOfFindingIsPaged) {
  for (int i = 1; i <= 7; ++i) {
    CaseRow row = Row(i);
    row.cell = 3;
    row.least_due = 100 - i / 2;
    MustCommit(Of(row));
  }
  const std::vector<std::string> ids = {"1", "2", "3", "4", "5", "6", "7"};
  for (const int limit : {1, 2, 3, 7, 8, 1'000}) {
    EXPECT_EQ(All({.limit = limit}), ids);
    EXPECT_EQ(All({.category = "streetlight", .limit = limit}), ids);
    EXPECT_EQ(All({.cell = 3, .limit = limit}), ids);
    EXPECT_EQ(All({.unit = "lights", .open = true, .limit = limit}), ids);
    EXPECT_THAT(All({.id = Id(3), .limit = limit}), ElementsAre("3"));
    EXPECT_THAT(All({.reference = "R3", .limit = limit}), ElementsAre("3"));
    EXPECT_THAT(All({.due_until = 1'000, .limit = limit}),
                ElementsAre("6", "7", "4", "5", "2", "3", "1"));
  }
}

TEST_P(StoreContract, TheLastFullPageHasNoCursor) {
  for (int i = 1; i <= 4; ++i) MustCommit(OpenCase(i));
  const CaseRowPage page = *store_->Find({.tenant = kCity, .limit = 4});
  EXPECT_THAT(page.rows, SizeIs(4));
  EXPECT_EQ(page.next_cursor, "");
}

TEST_P(StoreContract, ACursorHoldsWhileOthersWrite) {
  for (int i = 1; i <= 9; i += 2) MustCommit(OpenCase(i));
  Filter filter{.tenant = kCity, .limit = 2};
  filter.cursor = store_->Find(filter)->next_cursor;  // read 1 and 3
  MustCommit(OpenCase(2));                            // behind it: not seen
  MustCommit(OpenCase(6));                            // before it: seen
  MustCommit(Of(Row(7, 2)));                          // in place: seen once
  std::vector<std::string> references;
  do {
    const CaseRowPage page = *store_->Find(filter);
    for (const CaseRow& row : page.rows) references.push_back(row.reference);
    filter.cursor = page.next_cursor;
  } while (!filter.cursor.empty());
  EXPECT_THAT(references, ElementsAre("R5", "R6", "R7", "R9"));
}

TEST_P(StoreContract, AFindReadsTenThousandRowsAtMost) {
  constexpr int kCases = limits::kRowsReadPerFindMax + 5;
  std::vector<Write> writes;
  for (int i = 1; i <= kCases; ++i) {
    writes.push_back(OpenCase(i));
    if (i == kCases) writes.back().cases[0].row.phase = 5;
  }
  for (const absl::Status& s : store_->Commit(writes)) ASSERT_TRUE(s.ok()) << s;
  const Filter filter{.tenant = kCity, .phases = {5}};
  const CaseRowPage page = *store_->Find(filter);
  EXPECT_THAT(page.rows, IsEmpty());
  EXPECT_NE(page.next_cursor, "");
  EXPECT_THAT(All(filter), ElementsAre(std::to_string(kCases)));
}

TEST_P(StoreContract, DueCasesComeInTheOrderOfTheirDue) {
  const int64_t dues[] = {30, 10, 20, 10, kNever};
  for (int i = 1; i <= 5; ++i) {
    CaseRow row = Row(i);
    row.least_due = dues[i - 1];
    MustCommit(Of(row));
  }
  CaseRow closed = Row(6);
  closed.least_due = 5;
  closed.open = false;
  MustCommit(Of(closed));
  EXPECT_THAT(All({.due_until = 20}), ElementsAre("2", "4", "3"));
  EXPECT_THAT(All({.due_until = 9}), IsEmpty());
  EXPECT_THAT(All({.unit = "lights", .due_until = kNever}),
              ElementsAre("2", "4", "3", "1"));
  CaseRow moved = Row(2, 2);
  moved.least_due = 40;
  MustCommit(Of(moved));
  EXPECT_THAT(All({.due_until = 50}), ElementsAre("4", "3", "1", "2"));
}

TEST_P(StoreContract, AFindThatCannotBeIsRefused) {
  EXPECT_EQ(Reason(store_->Find({.tenant = kCity, .limit = 0}).status()),
            v1::ErrorInfo::INVALID_ARGUMENT);
  EXPECT_EQ(
      Reason(store_->Find({.tenant = kCity, .external_id = "7"}).status()),
      v1::ErrorInfo::INVALID_ARGUMENT);
  for (const char* cursor : {"x", "1", "1.zz", "1.0", "x.00"}) {
    EXPECT_EQ(
        Reason(store_->Find({.tenant = kCity, .cursor = cursor}).status()),
        v1::ErrorInfo::INVALID_ARGUMENT)
        << cursor;
  }
  EXPECT_FALSE(store_->ReadEvents({kCity, Id(1)}, 0, 0).ok());
  EXPECT_FALSE(store_->ReadRecords({.tenant = kCity, .limit = 0}).ok());
  EXPECT_FALSE(store_->ReadRecords({.tenant = kCity, .index = 4}).ok());
  EXPECT_FALSE(store_->Claim({.tenant = kCity, .limit = 0}).ok());
}

TEST_P(StoreContract, TenantsNeverMix) {
  CaseRow row = Row(1);
  row.cell = 3;
  row.least_due = 5;
  row.next_at = 5;
  CaseRow other = row;
  other.key.tenant = "city2";
  other.payload = "theirs";
  DeliveryRow theirs = Delivery(1, 5);
  theirs.tenant = "city2";
  RecordChange record = Put("a", 1, 0);
  record.record.key.tenant = "city2";
  MustCommit(Of(row));
  MustCommit(
      {.cases = {Change(other)}, .deliveries = {theirs}, .records = {record}});
  for (const Filter& filter :
       {Filter{}, Filter{.reference = "R1"}, Filter{.id = Id(1)},
        Filter{.category = "streetlight"}, Filter{.cell = 3},
        Filter{.unit = "lights", .open = true}, Filter{.due_until = 9}}) {
    EXPECT_THAT(All(filter), ElementsAre("1"));
  }
  EXPECT_EQ(Read(1).payload, "case 1 at 1");
  EXPECT_THAT(Claim(DueQuery::kTimers, 9), SizeIs(1));
  EXPECT_THAT(Claim(DueQuery::kDeliveries, 9), IsEmpty());
  EXPECT_EQ(Next(DueQuery::kDeliveries), kNever);
  EXPECT_EQ(Next(DueQuery::kDeliveries, "city2"), 5);
  EXPECT_THAT(Keys({}), IsEmpty());
  const auto mine = Claim(DueQuery::kDeliveries, 9, 9, "city2");
  ASSERT_THAT(mine, SizeIs(1));
  EXPECT_EQ(Reason(FinishOne(mine[0], kNever, "sent")),
            v1::ErrorInfo::STALE_TOKEN);  // it names another tenant
}

// ---- Records ----------------------------------------------------------------

TEST_P(StoreContract, ARecordIsReadAsItWasWritten) {
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

TEST_P(StoreContract, ARecordsVersionIsItsFence) {
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

TEST_P(StoreContract, ARecordStandsOnceInAWrite) {
  EXPECT_EQ(ReasonFor({.records = {Put("a", 1, 0), Put("a", 2, -1)}}),
            v1::ErrorInfo::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonFor({.records = {Put("a", 1, 0)}, .removals = {Key("a")}}),
            v1::ErrorInfo::INVALID_ARGUMENT);
}

TEST_P(StoreContract, RecordsComeByKeyInRangesAndPages) {
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

TEST_P(StoreContract, RecordsComeByEachIndexColumn) {
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

TEST_P(StoreContract, ARecordLeavesTheIndexOfItsOldColumns) {
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

TEST_P(StoreContract, RecordsCanBeRemoved) {
  RecordChange change = Put("a", 1, 0);
  change.record.index[0] = "x";
  MustCommit({.records = {change, Put("b", 1, 0)}});
  MustCommit({.removals = {Key("a"), Key("none")}});
  EXPECT_THAT(Keys({}), ElementsAre("b"));
  EXPECT_THAT(Keys({.index = 0}), IsEmpty());
  MustCommit({.records = {Put("a", 1, 0)}});
}

TEST_P(StoreContract, TheSystemsOwnRecordsBelongToNoTenant) {
  RecordChange tenant = Put("city", 1, 0);
  tenant.record.key = {"", "tenant", "city"};
  MustCommit({.records = {tenant}});
  EXPECT_THAT(*store_->ReadRecords({.tenant = "", .kind = "tenant"}),
              SizeIs(1));
  EXPECT_THAT(*store_->ReadRecords({.tenant = kCity, .kind = "tenant"}),
              IsEmpty());
}

TEST_P(StoreContract, ErasureTakesTheSealedBodyAndNothingElse) {
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
  EXPECT_EQ(store_->ReadEvents(key, 0, 1)->at(0).sealed, std::nullopt);
  EXPECT_EQ(store_->ReadEvents(key, 0, 1)->at(0).payload, "event 1");
  const auto records = *store_->ReadRecords(OneRecord(Key("a"), true));
  EXPECT_EQ(records.at(0).sealed, std::nullopt);
  EXPECT_EQ(records.at(0).payload, "a 1");
}

TEST_P(StoreContract, ErasureFollowsTheCaseOfItsOwnWrite) {
  MustCommit(OpenCase(1));
  Write write = Of(Row(1, 2));
  write.erasures = {{.kind = RowKey::kCase, .case_key = {kCity, Id(1)}}};
  MustCommit(write);
  EXPECT_EQ(Read(1).version, 2);
  EXPECT_EQ(Read(1).sealed, std::nullopt);
}

// ---- What is due ------------------------------------------------------------

TEST_P(StoreContract, TimersComeInTheirOrderAndStay) {
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

TEST_P(StoreContract, AMovedTimerStandsAtItsNewPlaceOnly) {
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

TEST_P(StoreContract, AClaimedDeliveryIsCompleteAndCounted) {
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

TEST_P(StoreContract, DeliveriesComeInTheOrderOfTheirDue) {
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

TEST_P(StoreContract, ARepeatedDeliveryIsDropped) {
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

TEST_P(StoreContract, ALeasedDeliveryIsNotClaimedUntilItsLeaseEnds) {
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

TEST_P(StoreContract, ALeasedRowDoesNotHideTheNextInLine) {
  MustCommit({.deliveries = {Delivery(1, 10)}});
  Claim(DueQuery::kDeliveries, 10);
  MustCommit({.deliveries = {Delivery(2, 20)}});
  EXPECT_EQ(Next(DueQuery::kDeliveries), 20);
  EXPECT_THAT(Claim(DueQuery::kDeliveries, 20), SizeIs(1));
}

TEST_P(StoreContract, AStaleTokenFinishesNothing) {
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

TEST_P(StoreContract, ARowThatWasNeverClaimedCannotBeFinished) {
  MustCommit({.deliveries = {Delivery(1, 10)}});
  const std::vector<Finished> finished = {
      {.tenant = kCity, .id = Id(1), .token = 0, .state = "sent"},
      {.tenant = kCity, .id = Id(9), .token = 1, .state = "sent"}};
  const auto verdicts = store_->Finish(finished);
  EXPECT_EQ(Reason(verdicts.at(0)), v1::ErrorInfo::STALE_TOKEN);
  EXPECT_EQ(Reason(verdicts.at(1)), v1::ErrorInfo::STALE_TOKEN);
  EXPECT_EQ(Next(DueQuery::kDeliveries), 10);
}

TEST_P(StoreContract, AnExpiredLeaseStillFinishesIfNobodyTookIt) {
  MustCommit({.deliveries = {Delivery(1, 10)}});
  const auto claimed = Claim(DueQuery::kDeliveries, 10);
  clock_.AdvanceTime(absl::Hours(1));
  EXPECT_TRUE(FinishOne(claimed[0], kNever, "sent").ok());
  EXPECT_TRUE(FinishOne(claimed[0], kNever, "sent").ok());  // said twice
  EXPECT_THAT(Claim(DueQuery::kDeliveries, 10), IsEmpty());
}

TEST_P(StoreContract, ARetriedDeliveryComesBackLater) {
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

TEST_P(StoreContract, AnEmptyQueueIsNeverDue) {
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

TEST_P(StoreContract, OneOfManyThreadsWinsEachVersion) {
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
  const auto events = *store_->ReadEvents({kCity, Id(1)}, 0, 1'000);
  ASSERT_EQ(events.size(), static_cast<size_t>(Read(1).version));
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].version, static_cast<int64_t>(i + 1));
  }
}

TEST_P(StoreContract, EightThreadsWriteAndReadAtOnce) {
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

TEST_P(StoreContract, NoDeliveryIsClaimedByTwoThreads) {
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
