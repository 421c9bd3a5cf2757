// Checks a store from the outside: does what it holds agree with itself?
//
//   auto report = hotline::CheckStore(store.get());
//   if (!report.ok()) return report.status();        // could not be read
//   for (const auto& p : report->problems)
//     std::cerr << p.path() << ": " << p.message() << "\n";
//
// For every tenant: each policy version compiles; each case has its events 1 to
// n without a gap, chained by hash up to the case's own; folding them gives the
// stored snapshot byte for byte; index columns say what the snapshot says;
// sealed bodies fit their commitments; the timers are exactly those of the
// cases, and a scan of all clocks finds nothing they would miss; the outbox
// answers. Deliveries can be claimed but not listed
// through the port, so the rows of the outbox are not read one by one.
//
// Nothing is written. Other callers may go on meanwhile: a case that changes
// while it is read is read again.
//
// Thread rule: call it from anywhere.
// Errors: what the store answers. Damage is no error: it is in the report.
#ifndef HOTLINE_STORE_CHECK_H_
#define HOTLINE_STORE_CHECK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hotline/store.h"
#include "hotline/v1/error.pb.h"

namespace hotline {

struct StoreReport {
  int64_t tenants = 0;
  int64_t policies = 0;
  int64_t cases = 0;
  int64_t events = 0;
  int64_t timers = 0;
  int64_t erased = 0;  // cases whose person was taken out
  // Path: `tenant/reference`, `tenant/policy/3`, `tenant/timers`. At most
  // limits::kProblemsMax; `problems_found` counts them all.
  std::vector<v1::Problem> problems;
  int64_t problems_found = 0;

  // One JSON object on one line.
  std::string ToJson() const;
};

// Every tenant that has adopted a policy, by name.
absl::StatusOr<std::vector<std::string>> ListTenants(Store* store);

struct StoreCheckOptions {
  std::string tenant;  // empty: all
  // Called with the number of cases read so far.
  std::function<void(int64_t cases)> progress;
};

absl::StatusOr<StoreReport> CheckStore(Store* store,
                                       const StoreCheckOptions& options = {});

}  // namespace hotline

#endif  // HOTLINE_STORE_CHECK_H_
