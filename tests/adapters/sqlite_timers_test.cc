// Goal: a timer is moved, and a case checked, alike whether the store remembers
// the case or not, alone or with many others. Method: the same Writes to a
// store that just read its cases and to one that was opened anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hotline/adapters/sqlite_store.h"
#include "tests/adapters/store_rows.h"

namespace hotline {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr int kCases = 40;
constexpr int64_t kDue = 100;

Write MoveTo(int64_t number, int64_t version, int64_t next_at) {
  CaseChange change{.row = Row(number, version), .expected_version = version};
  change.row.next_at = next_at;
  change.row.sealed.reset();
  change.write_sealed = false;
  change.only_timer = true;
  return {.cases = {std::move(change)}};
}

class SqliteTimersTest : public ::testing::TestWithParam<bool> {
 protected:
  SqliteTimersTest() {
    Open();
    std::vector<Write> writes;
    for (int i = 1; i <= kCases; ++i) {
      CaseRow row = Row(i);
      row.next_at = kDue;
      writes.push_back(Of(row));
    }
    for (const absl::Status& s : store_->Commit(writes)) EXPECT_TRUE(s.ok());
    if (Remembers()) {
      EXPECT_EQ(Timers().size(), size_t{kCases});
    } else {
      Open();
    }
  }

  static bool Remembers() { return GetParam(); }

  void Open() {
    store_.reset();
    auto store = SqliteStore::Open(dir_.File("store.db"));
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  // When each case is looked at again, read with its row.
  std::vector<std::pair<std::string, int64_t>> Timers() {
    DueQuery query{.tenant = kCity, .due = kNever - 1, .limit = 2 * kCases};
    query.rows = true;
    std::vector<std::pair<std::string, int64_t>> timers;
    const std::vector<Claimed> claimed = store_->Claim(query).value();
    for (const Claimed& one : claimed) {
      EXPECT_EQ(one.row->next_at, one.due_at);
      timers.emplace_back(one.case_key.id, one.due_at);
    }
    return timers;
  }

  std::vector<v1::ErrorInfo::Reason> Reasons(const std::vector<Write>& writes) {
    std::vector<v1::ErrorInfo::Reason> reasons;
    for (const absl::Status& s : store_->Commit(writes)) {
      reasons.push_back(ReasonOf(s));
    }
    return reasons;
  }

  ScratchDir dir_;
  std::unique_ptr<SqliteStore> store_;
};

TEST_P(SqliteTimersTest, ManyMoveInOneCommit) {
  std::vector<Write> writes;
  std::vector<std::pair<std::string, int64_t>> want;
  for (int i = 1; i <= kCases; ++i) {
    writes.push_back(MoveTo(i, 1, 1'000 + i));
    want.emplace_back(Id(i), 1'000 + i);
  }
  EXPECT_THAT(Reasons(writes),
              ::testing::Each(v1::ErrorInfo::REASON_UNSPECIFIED));
  EXPECT_THAT(Timers(), ElementsAreArray(want));
  for (int i = 1; i <= kCases; ++i) writes[i - 1] = MoveTo(i, 1, kNever);
  Reasons(writes);
  EXPECT_THAT(Timers(), IsEmpty());
}

TEST_P(SqliteTimersTest, OnlyTheStaleOneIsRefused) {
  ASSERT_TRUE(CommitOne(store_.get(), Of(Row(5, 2))).ok());
  std::vector<Write> writes;
  for (int i = 1; i <= kCases; ++i) writes.push_back(MoveTo(i, 1, 1'000 + i));
  const auto reasons = Reasons(writes);
  for (int i = 1; i <= kCases; ++i) {
    EXPECT_EQ(reasons[i - 1], i == 5 ? v1::ErrorInfo::VERSION_CONFLICT
                                     : v1::ErrorInfo::REASON_UNSPECIFIED)
        << i;
  }
  EXPECT_EQ(Timers().size(), size_t{kCases - 1});  // Row(5, 2) has no timer
}

TEST_P(SqliteTimersTest, OfTwoMovesOfOneCaseTheLastHolds) {
  std::vector<Write> writes;
  for (int i = 1; i <= kCases; ++i) writes.push_back(MoveTo(i, 1, 1'000 + i));
  writes[9] = MoveTo(3, 1, 5'000);
  Reasons(writes);
  const auto timers = Timers();
  EXPECT_EQ(timers.back(), std::pair(Id(3), int64_t{5'000}));
  EXPECT_EQ(timers.front(), std::pair(Id(10), kDue));
}

TEST_P(SqliteTimersTest, WhatFollowsIsWrittenOnTopOfTheMove) {
  std::vector<Write> writes;
  for (int i = 1; i <= kCases; ++i) writes.push_back(MoveTo(i, 1, 1'000 + i));
  Reasons(writes);
  // Back to what the case was read with: the column differs from the stored.
  CaseRow row = Row(7, 2);
  row.next_at = kDue;
  ASSERT_TRUE(CommitOne(store_.get(), Of(row)).ok());
  EXPECT_EQ(Timers().front(), std::pair(Id(7), kDue));
}

// A Write that holds if case 1 is at `version`: it brings case 2 to its own.
Write IfCaseOneIsAt(int64_t version, int64_t of_case_two) {
  CaseChange check;
  check.row.key = rows::CaseAt(1);
  check.expected_version = version;
  check.only_check = true;
  Write write = Of(Row(2, of_case_two));
  write.cases.insert(write.cases.begin(), check);
  return write;
}

TEST_P(SqliteTimersTest, WhatIsOnlyCheckedIsNotWritten) {
  ASSERT_TRUE(CommitOne(store_.get(), IfCaseOneIsAt(1, 2)).ok());
  const CaseRow one = store_->ReadCase(rows::CaseAt(1), Part::kSealed).value();
  const CaseRow want = Row(1);
  EXPECT_EQ(one.version, 1);
  EXPECT_EQ(one.reference, want.reference);
  EXPECT_EQ(one.category, want.category);
  EXPECT_EQ(one.payload, want.payload);
  EXPECT_EQ(one.sealed, want.sealed);
  EXPECT_EQ(one.next_at, kDue);
  EXPECT_EQ(store_->ReadCase(rows::CaseAt(2), Part::kPayload)->version, 2);
  EXPECT_EQ(store_->ReadEvents(EventsOf(rows::CaseAt(1), 0, 9))->rows.size(),
            1u);
  // What is remembered of it is what is stored.
  ASSERT_TRUE(CommitOne(store_.get(), Of(Row(1, 2))).ok());
  EXPECT_EQ(store_->Find({.tenant = kCity, .references = {"R1"}})->rows.size(),
            1u);
}

TEST_P(SqliteTimersTest, ACheckThatFailsForbidsTheRest) {
  EXPECT_EQ(Reason(CommitOne(store_.get(), IfCaseOneIsAt(2, 2))),
            v1::ErrorInfo::VERSION_CONFLICT);
  ASSERT_TRUE(CommitOne(store_.get(), Of(Row(1, 2))).ok());
  EXPECT_EQ(Reason(CommitOne(store_.get(), IfCaseOneIsAt(1, 2))),
            v1::ErrorInfo::VERSION_CONFLICT);
  Write nobody = IfCaseOneIsAt(1, 2);
  nobody.cases[0].row.key = rows::CaseAt(kCases + 1);
  EXPECT_EQ(Reason(CommitOne(store_.get(), nobody)),
            v1::ErrorInfo::VERSION_CONFLICT);
  EXPECT_EQ(store_->ReadCase(rows::CaseAt(2), Part::kPayload)->version, 1);
  EXPECT_TRUE(CommitOne(store_.get(), IfCaseOneIsAt(2, 2)).ok());
}

INSTANTIATE_TEST_SUITE_P(, SqliteTimersTest, ::testing::Bool(),
                         [](const auto& one) {
                           return one.param ? "Remembered" : "Unknown";
                         });

}  // namespace
}  // namespace hotline
