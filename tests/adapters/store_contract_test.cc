// Goal: cases, events and Find are as hotline/store.h says, in every store.
// Method: one suite for all; see store_contract.h.
#include "tests/adapters/store_contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "hotline/limits.h"

namespace hotline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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
  EXPECT_THAT(store_->ReadEvents(EventsOf({kCity, Id(1)}, 0, 10))->rows,
              IsEmpty());
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
  EXPECT_THAT(store_->ReadEvents(EventsOf(row.key, 0, 10))->rows, SizeIs(1));
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
  const auto events = store_->ReadEvents(EventsOf({kCity, Id(1)}, 1, 3))->rows;
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_EQ(events[0].version, 2);
  EXPECT_EQ(events[2].version, 4);
  EXPECT_EQ(events[0].key, (CaseKey{kCity, Id(1)}));
  EXPECT_EQ(events[0].recorded_at, 20);
  EXPECT_EQ(events[0].payload, "event 2");
  EXPECT_EQ(events[0].sealed, "words 2");
  EXPECT_THAT(store_->ReadEvents(EventsOf({kCity, Id(1)}, 5, 3))->rows,
              IsEmpty());
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
  EXPECT_EQ(store_->ReadEvents(EventsOf(row.key, 0, 1))->rows.at(0).payload,
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
  EXPECT_FALSE(store_->ReadEvents(EventsOf({kCity, Id(1)}, 0, 0)).ok());
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

}  // namespace
}  // namespace hotline
