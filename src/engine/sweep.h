// The walk over every case that a change of policy can reach, in pages, from
// any place on.
#ifndef HOTLINE_SRC_ENGINE_SWEEP_H_
#define HOTLINE_SRC_ENGINE_SWEEP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/store.h"
#include "hotline/v1/sweep.pb.h"

namespace hotline::internal {

// Begins a pass over the tenant's cases at its first stage that reads any.
void BeginPass(absl::Time now, v1::SweepBody* at);

// The next page from `at` on, with sealed bodies, and `at` moved past it;
// the stage becomes DONE when nothing is left. A page may be empty. A row that
// cannot be read is left out and its status put into `unreadable`.
//
// With a timer are all cases in which anything is still to happen by itself:
// running clocks, timeouts, follow-ups. Those without that a change can still
// reach are overdue with every level recorded: a closure may take their breach
// back. Left out are cases whose clocks all rest or have ended.
absl::StatusOr<std::vector<CaseRow>> NextPage(
    Store* store, const std::string& tenant, absl::Time now, int limit,
    v1::SweepBody* at, std::vector<absl::Status>* unreadable);

// How many timers there are after `at`, at most a page of them; true if there
// may be more.
absl::StatusOr<bool> CountPage(Store* store, const std::string& tenant,
                               v1::SweepBody* at);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ENGINE_SWEEP_H_
