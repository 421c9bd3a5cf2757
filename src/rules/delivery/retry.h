// When a delivery that failed is tried again.
#ifndef HOTLINE_SRC_RULES_DELIVERY_RETRY_H_
#define HOTLINE_SRC_RULES_DELIVERY_RETRY_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace hotline::internal {

// How long to wait after `attempts` of them (1 or more) have failed in passing;
// nullopt: give up. Each wait is spread by a fifth either way, by `dice`, so
// that what failed together does not return together.
//
// `retry_after` is what the receiver asked for, zero if nothing. It is taken
// as at least a second and at most a day, and never shortens a wait.
//
//   mail     30 min twice, 1 h, 2 h, then 4 h for 5 days (RFC 5321 4.5.4.1)
//   sms      30 s, 2 min, 10 min, 30 min, 2 h
//   nats     250 ms, 1 s, 5 s, 15 s, then 60 s for ever
//   others   5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: that of
//            webhooks in the example of standardwebhooks.com
std::optional<absl::Duration> RetryDelay(std::string_view channel, int attempts,
                                         absl::Duration retry_after,
                                         uint64_t dice);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_DELIVERY_RETRY_H_
