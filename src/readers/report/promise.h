// What a report counts: one cycle of one clock of one case.
#ifndef HOTLINE_SRC_READERS_REPORT_PROMISE_H_
#define HOTLINE_SRC_READERS_REPORT_PROMISE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/policy.h"
#include "hotline/report.h"
#include "hotline/v1/case.pb.h"

namespace hotline::internal {

enum class Bucket {
  kMet,
  kBreached,
  kRunningInTime,
  kRunningLate,
  kPaused,
  kCancelled
};

struct Verdict {
  Bucket bucket = Bucket::kRunningInTime;
  bool after_due = false;  // met, but after the shown instant
  bool broken = false;
  absl::Time due = absl::InfiniteFuture();  // decides the period

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// Views into the case it was made of.
struct Promise {
  const v1::ClockState* clock = nullptr;
  std::string_view unit;  // empty: a promise to the citizen
  Verdict stands;
  Verdict measured;  // the same unless it was restated
  bool restated = false;
  bool provisional = false;
  bool stopped = false;  // with a verdict
  absl::Duration paused;
  absl::Duration elapsed;  // by the wall clock, pauses left out
  // For targets that count working time or working days.
  std::optional<absl::Duration> working;
  int64_t version = 0;  // of the policy that judged it
};

// How a clock's marks spent the wall time until `until`: cut into what ran and
// what rested, from the start to the stop.
struct WallTime {
  absl::Time started = absl::InfiniteFuture();
  absl::Time ended = absl::InfiniteFuture();  // last stop or cancellation
  absl::Duration ran;
  absl::Duration rested;
};
WallTime WallTimeOf(const v1::ClockState& clock, absl::Time until);

// Where a case's clocks are counted.
ClockPlace PlaceOf(const Policy& policy, const v1::Case& on,
                   std::string_view unit);

// Has it a target, has it begun, and is it more than a reminder?
bool IsPromise(const v1::ClockState& clock);

// The verdict on a clock as it stands. `sla` says when a paused one would fall
// due if it went on at `as_of`.
Verdict VerdictOf(const Sla& sla, const ClockPlace& place,
                  const v1::ClockState& clock, absl::Time as_of);
// The same for a cycle that is over.
Verdict VerdictOf(const v1::ClockCycle& cycle);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_REPORT_PROMISE_H_
