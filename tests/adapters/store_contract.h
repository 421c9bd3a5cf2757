// The fixture of the suites that hold every store to the contract of
// hotline/store.h. A suite is run on the memory store, which specifies the
// contract, and on SQLite in a file.
#ifndef HOTLINE_TESTS_ADAPTERS_STORE_CONTRACT_H_
#define HOTLINE_TESTS_ADAPTERS_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hotline/adapters/memory_store.h"
#include "hotline/adapters/sqlite_store.h"
#include "hotline/clock.h"
#include "tests/adapters/store_rows.h"

namespace hotline {

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

}  // namespace hotline

#endif  // HOTLINE_TESTS_ADAPTERS_STORE_CONTRACT_H_
