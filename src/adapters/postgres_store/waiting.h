// Waiting for a socket until a deadline, on a clock that nobody sets.
#ifndef HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_WAITING_H_
#define HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_WAITING_H_

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>

#include "absl/time/time.h"

namespace hotline::internal {

inline absl::Time SteadyNow() {
  return absl::UnixEpoch() +
         absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// False if the deadline came first.
inline bool PollUntil(int fd, short events, absl::Time deadline) {
  while (true) {
    const absl::Duration left = deadline - SteadyNow();
    if (left <= absl::ZeroDuration()) return false;
    const int ms = static_cast<int>(
        std::min<int64_t>(absl::ToInt64Milliseconds(left) + 1, 60'000));
    pollfd one = {.fd = fd, .events = events, .revents = 0};
    const int ready = poll(&one, 1, ms);
    // An error of the socket is libpq's to tell.
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
  }
}

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_WAITING_H_
