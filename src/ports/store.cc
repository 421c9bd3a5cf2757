#include "hotline/store.h"

#include "hotline/clock.h"
#include "hotline/error.h"

namespace hotline {

absl::Time Store::Now() { return RealClock()->TimeNow(); }

absl::StatusOr<int64_t> Store::NextDue(DueQuery::Queue, const std::string&) {
  return MakeError(v1::ErrorInfo::NOT_SUPPORTED,
                   "this store cannot tell when its next row is due");
}

}  // namespace hotline
