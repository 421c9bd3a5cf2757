#include "src/readers/report/promise.h"

#include <algorithm>

#include "src/base/time.h"
#include "src/rules/sla/course.h"

namespace hotline::internal {
namespace {

absl::Time TimeOr(bool has, const google::protobuf::Timestamp& at,
                  absl::Time otherwise) {
  return has ? FromTimestamp(at) : otherwise;
}

}  // namespace

WallTime WallTimeOf(const v1::ClockState& clock, absl::Time until) {
  const Course course = PlayMarks(clock);
  WallTime wall{.started = course.start, .ended = course.stopped};
  const absl::Time limit = std::min(until, course.Limit());
  for (const Run& run : course.runs) {
    const absl::Time to = std::min(run.to, limit);
    if (to > run.from) wall.ran += to - run.from;
  }
  wall.rested = RestedUntil(clock, std::min(until, course.stopped));
  return wall;
}

ClockPlace PlaceOf(const Policy& policy, const v1::Case& on,
                   std::string_view unit) {
  const Category* category = policy.taxonomy().Find(on.category());
  return {.area = on.area(),
          .unit = unit.empty() ? std::string_view(on.unit()) : unit,
          .through_closures =
              category != nullptr && category->runs_through_closures};
}

bool IsPromise(const v1::ClockState& clock) {
  return !clock.reminder() && clock.state() != v1::ClockState::IDLE &&
         clock.state() != v1::ClockState::STATE_UNSPECIFIED &&
         (clock.has_fixed_due() ||
          clock.target().amount_case() != v1::TargetSpec::AMOUNT_NOT_SET);
}

Verdict VerdictOf(const Sla& sla, const ClockPlace& place,
                  const v1::ClockState& clock, absl::Time as_of) {
  const absl::Time due =
      TimeOr(clock.has_due(), clock.due(), absl::InfiniteFuture());
  const bool broken = clock.breached();
  const absl::Time broken_at =
      TimeOr(clock.has_breached_at(), clock.breached_at(), due);
  switch (clock.state()) {
    case v1::ClockState::STOPPED:
    case v1::ClockState::CANCELLED: {
      const absl::Time ended = WallTimeOf(clock, as_of).ended;
      const absl::Time in = clock.has_due() ? due : ended;
      if (clock.state() == v1::ClockState::CANCELLED) {
        return {Bucket::kCancelled, false, broken, in};
      }
      return {broken ? Bucket::kBreached : Bucket::kMet, !broken && ended > due,
              broken, in};
    }
    case v1::ClockState::PAUSED: {
      if (broken) {
        return {Bucket::kRunningLate, false, true, std::min(due, broken_at)};
      }
      v1::ClockState on = clock;
      Sla::Mark(v1::ClockMark::RESUME, as_of, &on);
      sla.Settle(place, &on);
      return {Bucket::kPaused, false, false,
              TimeOr(on.has_due(), on.due(), absl::InfiniteFuture())};
    }
    default:
      return {broken ? Bucket::kRunningLate : Bucket::kRunningInTime, false,
              broken, broken ? std::min(due, broken_at) : due};
  }
}

Verdict VerdictOf(const v1::ClockCycle& cycle) {
  const absl::Time ended =
      TimeOr(cycle.has_ended(), cycle.ended(), absl::InfiniteFuture());
  const absl::Time due = TimeOr(cycle.has_due(), cycle.due(), ended);
  const bool broken = cycle.breached();
  if (cycle.state() == v1::ClockState::CANCELLED) {
    return {Bucket::kCancelled, false, broken, due};
  }
  return {broken ? Bucket::kBreached : Bucket::kMet, !broken && ended > due,
          broken, due};
}

}  // namespace hotline::internal
