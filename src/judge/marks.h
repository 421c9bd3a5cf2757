// What a clock's marks say, for those who set them.
#ifndef HOTLINE_SRC_JUDGE_MARKS_H_
#define HOTLINE_SRC_JUDGE_MARKS_H_

#include "absl/time/time.h"
#include "hotline/v1/case.pb.h"

namespace hotline::internal {

bool IsTerminal(const v1::ClockState& clock);
bool IsPausedByMarks(const v1::ClockState& clock);
// InfiniteFuture: it has not started.
absl::Time StartOf(const v1::ClockState& clock);
// A fact dated back does not come before what it ends: nobody resumes before
// the pause, or stops before the start.
void MarkAfter(v1::ClockMark::Kind kind, absl::Time at, v1::ClockState* clock);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_JUDGE_MARKS_H_
