// Every case of a tenant, one after the other, as it stands at an instant.
#ifndef HOTLINE_SRC_READERS_REPORT_CASE_WALK_H_
#define HOTLINE_SRC_READERS_REPORT_CASE_WALK_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "hotline/store.h"
#include "hotline/v1/case.pb.h"
#include "src/readers/report/policy_book.h"

namespace hotline::internal {

struct CaseWalk {
  Store* store = nullptr;
  PolicyBook* book = nullptr;
  std::string tenant;
  absl::Time as_of;
  // Called with each case, which it may keep no pointer to.
  std::function<absl::Status(const v1::Case&)> visit;
  std::function<void(int64_t cases)> progress;

  // What came of it.
  int64_t cases = 0;
  int64_t not_judged = 0;

  absl::Status Run();

 private:
  absl::Status One(const CaseRow& row);
  // What has fallen due by `as_of` is judged, in memory.
  absl::Status Judged(v1::Case* on);
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_REPORT_CASE_WALK_H_
