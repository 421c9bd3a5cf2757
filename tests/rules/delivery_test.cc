#include <cstdint>
#include <limits>

#include "gtest/gtest.h"
#include "src/rules/delivery/retry.h"

namespace hotline::internal {
namespace {

constexpr uint64_t kMiddle = 200;  // neither earlier nor later

absl::Duration Wait(std::string_view channel, int attempts) {
  return RetryDelay(channel, attempts, absl::ZeroDuration(), kMiddle)
      .value_or(absl::InfiniteDuration());
}

absl::Duration Total(std::string_view channel) {
  absl::Duration total;
  for (int i = 1; Wait(channel, i) != absl::InfiniteDuration(); ++i) {
    total += Wait(channel, i);
  }
  return total;
}

TEST(RetryTest, WebhooksGiveUpAfterThreeDays) {
  EXPECT_EQ(Wait("webhook", 1), absl::Seconds(5));
  EXPECT_EQ(Wait("webhook", 9), absl::Hours(24));
  EXPECT_EQ(Wait("webhook", 10), absl::InfiniteDuration());
  EXPECT_EQ(Total("webhook"),
            absl::Hours(75) + absl::Minutes(35) + absl::Seconds(5));
}

TEST(RetryTest, MailGivesUpAfterFiveDays) {
  EXPECT_EQ(Wait("mail", 1), absl::Minutes(30));
  EXPECT_EQ(Wait("mail", 2), absl::Minutes(30));
  EXPECT_EQ(Wait("mail", 5), absl::Hours(4));
  EXPECT_EQ(Total("mail"), absl::Hours(5 * 24));
}

TEST(RetryTest, ShortMessagesGiveUpWithinADay) {
  EXPECT_EQ(Wait("sms", 1), absl::Seconds(30));
  EXPECT_LT(Total("sms"), absl::Hours(24));
}

TEST(RetryTest, NatsNeverGivesUp) {
  EXPECT_EQ(Wait("nats", 1), absl::Milliseconds(250));
  EXPECT_EQ(Wait("nats", 5), absl::Minutes(1));
  EXPECT_EQ(Wait("nats", std::numeric_limits<int>::max()), absl::Minutes(1));
}

TEST(RetryTest, OtherChannelsAreTriedLikeWebhooks) {
  for (int i = 1; i < 12; ++i) {
    EXPECT_EQ(Wait("file", i), Wait("webhook", i));
    EXPECT_EQ(Wait("", i), Wait("webhook", i));
  }
}

TEST(RetryTest, NoAttemptCountsAsTheFirst) {
  EXPECT_EQ(Wait("webhook", 0), Wait("webhook", 1));
  EXPECT_EQ(Wait("webhook", -5), Wait("webhook", 1));
}

TEST(RetryTest, WaitsAreSpreadByAFifth) {
  absl::Duration least = absl::InfiniteDuration();
  absl::Duration most;
  for (uint64_t dice = 0; dice < 1'000; ++dice) {
    const absl::Duration wait =
        *RetryDelay("webhook", 2, absl::ZeroDuration(), dice);
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_EQ(least, absl::Minutes(4));
  EXPECT_EQ(most, absl::Minutes(6));
  EXPECT_TRUE(RetryDelay("webhook", 1, absl::ZeroDuration(), ~uint64_t{0}));
}

TEST(RetryTest, WhatTheReceiverAsksForIsHeldWithinBounds) {
  const auto asked = [](absl::Duration after) {
    return *RetryDelay("nats", 1, after, kMiddle);
  };
  EXPECT_EQ(asked(absl::Nanoseconds(1)), absl::Seconds(1));
  EXPECT_EQ(asked(absl::Minutes(3)), absl::Minutes(3));
  EXPECT_EQ(asked(absl::Hours(25)), absl::Hours(24));
  EXPECT_EQ(asked(absl::InfiniteDuration()), absl::Hours(24));
  EXPECT_EQ(asked(-absl::Hours(1)), absl::Milliseconds(250));
}

TEST(RetryTest, WhatTheReceiverAsksForNeverShortensAWait) {
  EXPECT_EQ(*RetryDelay("webhook", 5, absl::Seconds(2), kMiddle),
            absl::Hours(5));
}

TEST(RetryTest, WhatTheReceiverAsksForDoesNotKeepItGoing) {
  EXPECT_FALSE(RetryDelay("webhook", 10, absl::Seconds(2), kMiddle));
}

}  // namespace
}  // namespace hotline::internal
