// What a database gave up for another transaction's sake left no trace: the
// same call again may pass.
#ifndef HOTLINE_SRC_ENGINE_TRY_AGAIN_H_
#define HOTLINE_SRC_ENGINE_TRY_AGAIN_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hotline/error.h"

namespace hotline::internal {

// Of a call as a whole: what is the database's own word stands in every
// verdict.
inline absl::Status StatusOf(const std::vector<absl::Status>& verdicts) {
  return verdicts.empty() ? absl::OkStatus() : verdicts.front();
}
template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& answer) {
  return answer.status();
}

// The answer of `call`, tried up to five times while it is STORE_CONTENDED.
template <typename Call>
auto TryAgain(const Call& call) -> decltype(call()) {
  constexpr int kTriesMax = 5;
  for (int tries = 1;; ++tries) {
    auto answer = call();
    if (tries == kTriesMax ||
        ReasonOf(StatusOf(answer)) != v1::ErrorInfo::STORE_CONTENDED) {
      return answer;
    }
  }
}

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ENGINE_TRY_AGAIN_H_
