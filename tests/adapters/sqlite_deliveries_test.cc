// Goal: one damaged delivery holds up no other, and a row is finished as it was
// asked for, alone or with many others. Method: real files; bytes changed in
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "hotline/adapters/sqlite_store.h"
#include "hotline/clock.h"
#include "tests/adapters/store_rows.h"

namespace hotline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kDeliveries = 40;

class SqliteDeliveriesTest : public testing::Test {
 protected:
  SqliteDeliveriesTest() {
    Open();
    Write write;
    for (int i = 1; i <= kDeliveries; ++i) {
      write.deliveries.push_back(Delivery(i, i));
      write.deliveries.back().payload = absl::StrCat("marker ", i, ".");
    }
    EXPECT_TRUE(CommitOne(store_.get(), write).ok());
  }

  void Open() {
    store_.reset();
    auto store = SqliteStore::Open(path_, {.clock = &clock_});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  // Changes a byte of the bodies of these.
  void Damage(const std::set<int>& numbers) {
    store_.reset();
    std::string bytes;
    {
      std::ifstream file(path_, std::ios::binary);
      bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    for (const int number : numbers) {
      const std::string marker = absl::StrCat("marker ", number, ".");
      size_t at = bytes.find(marker);
      ASSERT_NE(at, std::string::npos);
      for (; at != std::string::npos; at = bytes.find(marker, at + 1)) {
        bytes[at + 1] = 'A';
      }
    }
    std::ofstream(path_, std::ios::binary) << bytes;
    Open();
  }

  std::vector<Claimed> Claim(int limit) {
    auto claimed = store_->Claim({.queue = DueQuery::kDeliveries,
                                  .tenant = kCity,
                                  .due = 1'000,
                                  .limit = limit});
    EXPECT_TRUE(claimed.ok()) << claimed.status();
    return claimed.ok() ? *std::move(claimed) : std::vector<Claimed>();
  }

  static std::vector<std::string> Ids(const std::vector<Claimed>& claimed) {
    std::vector<std::string> ids;
    for (const Claimed& one : claimed) ids.push_back(one.delivery->id);
    return ids;
  }

  ScratchDir dir_;
  const std::string path_ = dir_.File("cases.db");
  SimulatedClock clock_{absl::FromUnixMillis(1'000'000)};
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(SqliteDeliveriesTest, ADamagedOneIsPassedOver) {
  Damage({1, 2, 5});
  EXPECT_THAT(Ids(Claim(3)), ElementsAre(Id(3), Id(4), Id(6)));
  const std::vector<Claimed> rest = Claim(1'000);
  ASSERT_THAT(rest, SizeIs(kDeliveries - 6));
  for (size_t i = 0; i < rest.size(); ++i) {
    EXPECT_EQ(rest[i].delivery->id, Id(static_cast<int64_t>(i) + 7));
    EXPECT_EQ(rest[i].delivery->attempts, 1);
  }
  const auto before = store_->counters();
  EXPECT_THAT(Claim(1'000), IsEmpty());
  EXPECT_EQ(store_->counters().commits, before.commits);
  // It is still there, due since then, and the check names it.
  EXPECT_EQ(store_->NextDue(DueQuery::kDeliveries, kCity).value(), 1);
  const absl::Status check = store_->CheckIntegrity();
  EXPECT_EQ(Reason(check), v1::ErrorInfo::CORRUPT);
  EXPECT_THAT(check.ToString(), HasSubstr("delivery "));
}

TEST_F(SqliteDeliveriesTest, WhereAllAreDamagedTheClaimIsEmpty) {
  std::set<int> all;
  for (int i = 1; i <= kDeliveries; ++i) all.insert(i);
  Damage(all);
  EXPECT_THAT(Claim(5), IsEmpty());
  EXPECT_TRUE(CommitOne(store_.get(), OpenCase(1)).ok());
}

TEST_F(SqliteDeliveriesTest, AnAttemptIsGivenBackToWhomItIsSaid) {
  // Given back: two of the first sixteen, and all of the second.
  const auto gives_back = [](size_t i) {
    return i == 3 || i == 7 || (i >= 16 && i < 32);
  };
  std::vector<Finished> finished;
  for (const Claimed& one : Claim(1'000)) {
    Finished& end = finished.emplace_back();
    end.tenant = kCity;
    end.id = one.delivery->id;
    end.token = one.token;
    end.due_at = 500;
    end.state = "queued";
    if (gives_back(finished.size() - 1)) end.attempts = 0;
  }
  ASSERT_THAT(finished, SizeIs(kDeliveries));
  for (const absl::Status& s : store_->Finish(finished)) EXPECT_TRUE(s.ok());
  const std::vector<Claimed> again = Claim(1'000);
  ASSERT_THAT(again, SizeIs(kDeliveries));
  for (size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].delivery->attempts, gives_back(i) ? 1 : 2) << i;
  }
}

}  // namespace
}  // namespace hotline
