// Goal: what a worker had claimed when it died goes on with another within 45
// seconds of the store's time, and not before its lease is over. Method: a
// child process dies in the middle of handing a message over; the clock is set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <set>
#include <string>
#include <thread>
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

}  // namespace
}  // namespace hotline
