// Judge for the engine, which reads a case only to have it judged.
#ifndef HOTLINE_SRC_JUDGE_JUDGE_TAKING_H_
#define HOTLINE_SRC_JUDGE_JUDGE_TAKING_H_

#include <span>

#include "absl/status/statusor.h"
#include "hotline/judge.h"

namespace hotline::internal {

// The same as Judge, without a copy of the command's own case: `own` is used
// up, whatever the answer. Null: the command names none.
absl::StatusOr<Judgement> JudgeTaking(const Policy& policy, v1::Case* own,
                                      std::span<const v1::Case> others,
                                      const v1::Command& command,
                                      const Moment& moment);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_JUDGE_JUDGE_TAKING_H_
