// Goal: the feed of a tenant misses nothing and keeps the order of each case,
// whatever commits beside it. Method: eight threads commit, one reads; and a
// transaction that is held open while others pass it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/adapters/store_rows.h"
#include "tests/postgres/server.h"

namespace hotline {
namespace {

using ::testing::SizeIs;

// Reads pages until nothing more is there now; what came, by case.
class Reader {
 public:
  explicit Reader(PostgresStore* store) : store_(store) {}

  // How many events came.
  int ReadAll(int limit) {
    int came = 0;
    while (true) {
      const auto page = store_->ReadEvents(
          {.tenant = kCity, .cursor = cursor_, .limit = limit});
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return came;
      for (const EventRow& event : page->rows) {
        int64_t& last = last_[event.key.id];
        EXPECT_EQ(event.version, last + 1) << event.key.id;
        last = event.version;
        ++came;
      }
      cursor_ = page->next_cursor;
      if (!page->more) return came;
    }
  }
  const std::map<std::string, int64_t>& last() const { return last_; }

 private:
  PostgresStore* const store_;
  std::string cursor_;
  std::map<std::string, int64_t> last_;
};

TEST(PostgresFeedTest, NothingIsMissedWhileEightThreadsCommit) {
  constexpr int kThreads = 8;
  constexpr int kCases = 6;
  constexpr int kVersions = 20;
  auto store = MustOpen({.connections = kThreads + 1});
  std::atomic<int> at_work{kThreads};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int version = 1; version <= kVersions; ++version) {
        // Some in groups, so that transactions are of different lengths.
        std::vector<Write> group;
        for (int c = 0; c < kCases; ++c) {
          group.push_back(Of(Row(t * 100 + c, version)));
          if ((t + c) % 3 != 0) continue;
          for (const absl::Status& s : store->Commit(group))
            EXPECT_TRUE(s.ok());
          group.clear();
        }
        for (const absl::Status& s : store->Commit(group)) EXPECT_TRUE(s.ok());
      }
      --at_work;
    });
  }
  Reader reader(store.get());
  int came = 0;
  while (at_work > 0) came += reader.ReadAll(7);
  for (std::thread& thread : threads) thread.join();
  came += reader.ReadAll(500);
  EXPECT_EQ(came, kThreads * kCases * kVersions);
  EXPECT_THAT(reader.last(), SizeIs(kThreads * kCases));
}

TEST(PostgresFeedTest, ATransactionUnderWayHoldsTheFeedBackAndIsNotMissed) {
  const std::string schema = NewSchema();
  auto store = MustOpen({.schema = schema});
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  Reader reader(store.get());
  EXPECT_EQ(reader.ReadAll(100), 1);
  {
    // Numbered before the next commit, ended after it.
    const auto open = TheServer().HoldTransaction();
    ASSERT_TRUE(CommitOne(store.get(), OpenCase(2)).ok());
    EXPECT_EQ(reader.ReadAll(100), 0);
  }
  EXPECT_EQ(reader.ReadAll(100), 1);
}

TEST(PostgresFeedTest, RowsThatCameFromAnotherClusterStandBeforeNewOnes) {
  const std::string schema = NewSchema();
  std::string cursor;
  {
    auto store = MustOpen({.schema = schema});
    ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
    const auto page = store->ReadEvents({.tenant = kCity}).value();
    ASSERT_THAT(page.rows, SizeIs(1));
    cursor = page.next_cursor;
  }
  // As a dump leaves them that is restored elsewhere: the number of a
  // transaction that this cluster has not come to.
  TheServer().Sql("UPDATE " + schema + ".events SET txid = '999999999999'");
  TheServer().Sql("UPDATE " + schema +
                  ".meta SET value = value - 1 WHERE key = 'cluster'");
  auto store = MustOpen({.schema = schema});
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(2)).ok());
  Reader reader(store.get());
  EXPECT_EQ(reader.ReadAll(1), 2);
  // The old place is not there any more.
  const auto page = store->ReadEvents({.tenant = kCity, .cursor = cursor});
  EXPECT_EQ(ReasonOf(page.status()), v1::ErrorInfo::INVALID_ARGUMENT);
}

// The number of the era is settled when the store opens. Where a later
// connection would come to a cluster that counts transactions anew, readers
// would pass its events by for good.
TEST(PostgresFeedTest, AnotherClusterIsRefusedUntilTheStoreIsOpenedAnew) {
  const auto gone = PostgresServer::Start({});
  const PostgresOptions options = {
      .conninfo =
          "host=127.0.0.1,127.0.0.1 port=" + std::to_string(gone->port()) +
          "," + std::to_string(TheServer().port()) +
          " user=postgres dbname=postgres",
      .schema = NewSchema()};
  // There too is a city with a log.
  ASSERT_TRUE(
      CommitOne(MustOpen({.schema = options.schema}).get(), OpenCase(1)).ok());
  auto store = MustOpen(options);
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(2)).ok());
  gone->Kill();
  // The call that finds the connection lost, and those that open another.
  static_cast<void>(store->ReadCase({kCity, Id(2)}, Part::kPayload));
  for (const absl::Status& refused :
       {CommitOne(store.get(), OpenCase(3)),
        store->ReadEvents({.tenant = kCity}).status()}) {
    EXPECT_EQ(ReasonOf(refused), v1::ErrorInfo::STORE_FAILED) << refused;
    EXPECT_EQ(refused.message(),
              "the server is another cluster than before; open the store anew");
  }
  store = MustOpen(options);
  EXPECT_TRUE(CommitOne(store.get(), OpenCase(3)).ok());
  EXPECT_EQ(Reader(store.get()).ReadAll(100), 2);
}

}  // namespace
}  // namespace hotline
