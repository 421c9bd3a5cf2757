#include "hotline/clock.h"

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace hotline {
namespace {

TEST(SimulatedClockTest, StandsStillUntilItIsTold) {
  SimulatedClock clock;
  EXPECT_EQ(clock.TimeNow(), absl::UnixEpoch());
  const absl::Time at = absl::FromUnixMillis(1'770'944'400'123);
  clock.SetTime(at);
  EXPECT_EQ(clock.TimeNow(), at);
  EXPECT_EQ(clock.TimeNow(), at);
  clock.AdvanceTime(absl::Hours(72));
  EXPECT_EQ(clock.TimeNow(), at + absl::Hours(72));
  clock.AdvanceTime(-absl::Hours(1));
  EXPECT_EQ(clock.TimeNow(), at + absl::Hours(71));
}

TEST(SimulatedClockTest, HoldsTheYearsOfACity) {
  for (const int year : {1970, 2026, 2170}) {
    const absl::Time at =
        absl::FromCivil(absl::CivilSecond(year, 1, 1), absl::UTCTimeZone());
    EXPECT_EQ(SimulatedClock(at).TimeNow(), at) << year;
  }
}

// Far ends are kept within int64 nanoseconds, and never wrap round.
TEST(SimulatedClockTest, StopsAtTheEndsOfItsRange) {
  SimulatedClock clock(absl::InfiniteFuture());
  const absl::Time end = clock.TimeNow();
  EXPECT_GT(end, absl::FromUnixSeconds(6'311'347'200));  // 2170
  clock.AdvanceTime(absl::InfiniteDuration());
  EXPECT_EQ(clock.TimeNow(), end);
  clock.SetTime(absl::InfinitePast());
  const absl::Time begin = clock.TimeNow();
  clock.AdvanceTime(-absl::Hours(1));
  EXPECT_EQ(clock.TimeNow(), begin);
}

TEST(SimulatedClockTest, NoAdvanceOfSeveralThreadsIsLost) {
  SimulatedClock clock;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&clock] {
      for (int j = 0; j < 1'000; ++j) clock.AdvanceTime(absl::Milliseconds(1));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(clock.TimeNow(), absl::UnixEpoch() + absl::Seconds(4));
}

TEST(RealClockTest, GoesForward) {
  const absl::Time before = RealClock()->TimeNow();
  EXPECT_GT(before, absl::FromUnixSeconds(1'700'000'000));
  EXPECT_GE(RealClock()->TimeNow(), before - absl::Seconds(1));
  EXPECT_EQ(RealClock(), RealClock());
}

TEST(SeededEntropyTest, GivesTheSameBytesForTheSameSeed) {
  SeededEntropy one(42);
  SeededEntropy same(42);
  SeededEntropy other(43);
  const std::string bytes = one.Bytes(100);
  EXPECT_EQ(bytes.size(), 100u);
  EXPECT_EQ(same.Bytes(100), bytes);
  EXPECT_NE(other.Bytes(100), bytes);
  EXPECT_NE(one.Bytes(100), bytes) << "bytes came twice";
}

TEST(SeededEntropyTest, NeverGivesAWordTwice) {
  SeededEntropy entropy(7);
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(seen.insert(entropy.Bytes(8)).second);
  }
}

TEST(SeededEntropyTest, StreamsOfNeighbouringSeedsDoNotOverlap) {
  SeededEntropy one(0);
  SeededEntropy two(1);
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(one.Bytes(8));
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_FALSE(seen.contains(two.Bytes(8)));
  }
}

TEST(SystemEntropyTest, GivesAsManyBytesAsAskedFor) {
  for (const size_t count : {0u, 1u, 16u, 4096u}) {
    EXPECT_EQ(SystemEntropy()->Bytes(count).size(), count);
  }
  EXPECT_NE(SystemEntropy()->Bytes(16), SystemEntropy()->Bytes(16));
}

}  // namespace
}  // namespace hotline
