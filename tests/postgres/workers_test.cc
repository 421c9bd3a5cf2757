// Goal: what a worker had claimed when it died goes on with another within 45
// seconds of the store's time, and not before its lease is over; what it gives
// back is as it was, and a damaged row holds up no other. Method: a child
// process dies in the middle of handing a message over; the clock is set; a
// body is overwritten.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/adapters/store_rows.h"
#include "tests/postgres/server.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using ::testing::SizeIs;

constexpr char kMorning[] = "2026-02-12T09:00:00+08:00";

// Dies with the message in its hand.
class Dying final : public Notifier {
 public:
  std::string name() const override { return "file"; }
  std::vector<SendResult> Send(std::span<const Envelope>, absl::Time) override {
    _exit(9);
  }
};

TEST(PostgresWorkersTest, ADeadWorkersDeliveriesGoOnWithinFortyFiveSeconds) {
  const std::string schema = NewSchema();
  SimulatedClock stores(tests::At(kMorning));
  auto store = MustOpen({.schema = schema, .clock = &stores});
  tests::City city(store.get());
  city.Open();
  const pid_t child = fork();
  if (child == 0) {
    SimulatedClock clock(tests::At(kMorning));
    auto own = PostgresStore::Open({.conninfo = TheServer().Conninfo(),
                                    .schema = schema,
                                    .clock = &clock});
    Dying notifier;
    auto engine =
        Engine::Open(own->get(), {.clock = &clock, .notifiers = {&notifier}});
    static_cast<void>((*engine)->RunDue(absl::Seconds(1)));
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 9);
  const auto run = [&](absl::Duration later) {
    stores.SetTime(tests::At(kMorning) + later);
    city.clock.SetTime(tests::At(kMorning) + later);
    const auto due = city.engine->RunDue(absl::Seconds(1));
    EXPECT_TRUE(due.ok()) << due.status();
    return due->sent;
  };
  EXPECT_EQ(run(absl::Seconds(20)), 0);
  EXPECT_EQ(run(absl::Seconds(45)), 1);
  EXPECT_THAT(city.mailbox.sent, SizeIs(1));
  EXPECT_EQ(city.mailbox.sent[0].attempt, 2);
}

TEST(PostgresWorkersTest, NoDeliveryIsClaimedTwiceByEightThreadsOfTwoStores) {
  const std::string schema = NewSchema();
  std::unique_ptr<PostgresStore> stores[] = {MustOpen({.schema = schema}),
                                             MustOpen({.schema = schema})};
  constexpr int kDeliveries = 600;
  Write write = OpenCase(1);
  for (int i = 0; i < kDeliveries; ++i) {
    write.deliveries.push_back(Delivery(i, i));
  }
  ASSERT_TRUE(CommitOne(stores[0].get(), write).ok());
  std::vector<std::vector<std::string>> claimed(8);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < claimed.size(); ++t) {
    threads.emplace_back([&, t] {
      while (true) {
        const auto batch = stores[t % 2]
                               ->Claim({.queue = DueQuery::kDeliveries,
                                        .tenant = kCity,
                                        .due = kDeliveries,
                                        .limit = 10})
                               .value();
        if (batch.empty()) return;
        for (const Claimed& one : batch) {
          EXPECT_EQ(one.token, 1);
          claimed[t].push_back(one.delivery->id);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  size_t count = 0;
  for (const auto& some : claimed) {
    all.insert(some.begin(), some.end());
    count += some.size();
  }
  EXPECT_EQ(count, all.size());
  EXPECT_THAT(all, SizeIs(kDeliveries));
}

// All deliveries that are due, leased, in a store whose clock is set.
std::vector<Claimed> ClaimAll(PostgresStore* store) {
  auto claimed = store->Claim(
      {.queue = DueQuery::kDeliveries, .tenant = kCity, .due = 1'000});
  EXPECT_TRUE(claimed.ok()) << claimed.status();
  return claimed.ok() ? *std::move(claimed) : std::vector<Claimed>();
}

absl::Status FinishOne(PostgresStore* store, const Claimed& claimed,
                       int64_t due_at, std::optional<int> attempts) {
  const Finished finished = {.tenant = kCity,
                             .id = claimed.delivery->id,
                             .token = claimed.token,
                             .due_at = due_at,
                             .state = "queued",
                             .attempts = attempts};
  return store->Finish({&finished, 1}).at(0);
}

TEST(PostgresWorkersTest, AnAttemptThatWasNotMadeIsGivenBack) {
  auto store = MustOpen();
  Write write = OpenCase(1);
  write.deliveries = {Delivery(1, 10)};
  ASSERT_TRUE(CommitOne(store.get(), write).ok());
  // What is given back after each claim, and what the next one counts.
  const std::pair<std::optional<int>, int> rounds[] = {
      {0, 1}, {std::nullopt, 2}, {7, 8}, {std::nullopt, 9}};
  int attempts = 1;
  for (const auto& [given_back, next] : rounds) {
    const std::vector<Claimed> claimed = ClaimAll(store.get());
    ASSERT_THAT(claimed, SizeIs(1));
    EXPECT_EQ(claimed[0].delivery->attempts, attempts);
    const absl::Status finished =
        FinishOne(store.get(), claimed[0], 10, given_back);
    EXPECT_TRUE(finished.ok()) << finished;
    attempts = next;
  }
  EXPECT_EQ(ClaimAll(store.get()).at(0).delivery->attempts, attempts);
}

TEST(PostgresWorkersTest, ADamagedDeliveryHoldsUpNoOtherAndComesAgain) {
  const std::string schema = NewSchema();
  SimulatedClock clock(tests::At(kMorning));
  auto store = MustOpen({.schema = schema, .clock = &clock});
  Write write = OpenCase(1);
  for (const int64_t number : {1, 2, 3}) {
    write.deliveries.push_back(Delivery(number, number));
  }
  ASSERT_TRUE(CommitOne(store.get(), write).ok());
  const std::string table = schema + ".deliveries";
  TheServer().Sql("UPDATE " + table +
                  " SET payload = '\\x00' WHERE dedupe_key = 'key 2'");
  const std::vector<Claimed> healthy = ClaimAll(store.get());
  ASSERT_THAT(healthy, SizeIs(2));
  EXPECT_EQ(healthy[0].delivery->id, Id(1));
  EXPECT_EQ(healthy[1].delivery->id, Id(3));
  for (const Claimed& one : healthy) {
    EXPECT_TRUE(FinishOne(store.get(), one, kNever, std::nullopt).ok());
  }
  // Leased like the others; mended, it goes on when its lease is over.
  TheServer().Sql("UPDATE " + table + " SET payload = (SELECT payload FROM " +
                  table + " WHERE dedupe_key = 'key 1')" +
                  " WHERE dedupe_key = 'key 2'");
  EXPECT_THAT(ClaimAll(store.get()), SizeIs(0));
  clock.SetTime(tests::At(kMorning) + absl::Seconds(30));
  const std::vector<Claimed> mended = ClaimAll(store.get());
  ASSERT_THAT(mended, SizeIs(1));
  EXPECT_EQ(mended[0].delivery->id, Id(2));
  EXPECT_EQ(mended[0].token, 2);
}

}  // namespace
}  // namespace hotline
