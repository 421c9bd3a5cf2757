#include "src/judge/marks.h"

#include <algorithm>

#include "hotline/sla.h"
#include "src/base/time.h"

namespace hotline::internal {

bool IsTerminal(const v1::ClockState& clock) {
  return clock.state() == v1::ClockState::STOPPED ||
         clock.state() == v1::ClockState::CANCELLED;
}

bool IsPausedByMarks(const v1::ClockState& clock) {
  bool paused = false;
  for (const v1::ClockMark& mark : clock.marks()) {
    if (mark.kind() == v1::ClockMark::PAUSE) paused = true;
    if (mark.kind() == v1::ClockMark::RESUME) paused = false;
  }
  return paused;
}

absl::Time StartOf(const v1::ClockState& clock) {
  for (const v1::ClockMark& mark : clock.marks()) {
    if (mark.kind() == v1::ClockMark::START) return FromTimestamp(mark.at());
  }
  return absl::InfiniteFuture();
}

void MarkAfter(v1::ClockMark::Kind kind, absl::Time at, v1::ClockState* clock) {
  using Mark = v1::ClockMark;
  const auto follows = [kind](Mark::Kind other) {
    switch (kind) {
      case Mark::PAUSE:
      case Mark::RESUME:
        return other == Mark::PAUSE || other == Mark::RESUME;
      case Mark::REOPEN:
        return other == Mark::STOP || other == Mark::CANCEL;
      default:
        return other == Mark::START || other == Mark::REOPEN;
    }
  };
  for (const Mark& mark : clock->marks()) {
    if (follows(mark.kind())) at = std::max(at, FromTimestamp(mark.at()));
  }
  Sla::Mark(kind, at, clock);
}

}  // namespace hotline::internal
