#include "src/rules/delivery/retry.h"

#include <algorithm>
#include <span>

namespace hotline::internal {
namespace {

constexpr int64_t kSecond = 1'000;  // milliseconds
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;

constexpr int64_t kWebhook[] = {5 * kSecond, 5 * kMinute, 30 * kMinute,
                                2 * kHour,   5 * kHour,   10 * kHour,
                                14 * kHour,  20 * kHour,  24 * kHour};
constexpr int64_t kMail[] = {30 * kMinute, 30 * kMinute, kHour, 2 * kHour,
                             4 * kHour};
constexpr int64_t kSms[] = {30 * kSecond, 2 * kMinute, 10 * kMinute,
                            30 * kMinute, 2 * kHour};
constexpr int64_t kNats[] = {250, kSecond, 5 * kSecond, 15 * kSecond,
                             60 * kSecond};

constexpr int64_t kForever = -1;

struct Schedule {
  std::span<const int64_t> waits;
  int64_t last_again = 0;  // how often the last wait is repeated
};

Schedule ScheduleOf(std::string_view channel) {
  // 4 hours of growing waits, 4 more, and 28 times 4: 5 days.
  if (channel == "mail") return {kMail, 28};
  if (channel == "sms") return {kSms};
  if (channel == "nats") return {kNats, kForever};
  return {kWebhook};
}

}  // namespace

std::optional<absl::Duration> RetryDelay(std::string_view channel, int attempts,
                                         absl::Duration retry_after,
                                         uint64_t dice) {
  const Schedule schedule = ScheduleOf(channel);
  const int64_t count = static_cast<int64_t>(schedule.waits.size());
  const int64_t turn = std::max(attempts, 1) - 1;
  if (schedule.last_again != kForever && turn >= count + schedule.last_again) {
    return std::nullopt;
  }
  const int64_t wait =
      schedule.waits[static_cast<size_t>(std::min(turn, count - 1))];
  const int64_t thousandths = 800 + static_cast<int64_t>(dice % 401);
  const absl::Duration spread = absl::Milliseconds(wait * thousandths / 1000);
  if (retry_after <= absl::ZeroDuration()) return spread;
  return std::max(spread,
                  std::clamp(retry_after, absl::Seconds(1), absl::Hours(24)));
}

}  // namespace hotline::internal
