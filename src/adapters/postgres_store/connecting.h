// From a conninfo to a connection that may be used: the hosts in their order,
// a deadline for each, the session as the statements need it.
#ifndef HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_CONNECTING_H_
#define HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_CONNECTING_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "src/adapters/postgres_store/connection.h"

namespace hotline::internal {

struct PgTuning {
  std::string conninfo;
  std::string schema;
  absl::Duration timeout;  // of every call
  // The one cluster that will do; empty: any. A promoted standby is the
  // cluster that its primary was.
  std::string cluster = {};
};

// What was learned of the server when the connection was made.
struct PgServer {
  int64_t version = 0;   // 150004
  bool fsync = false;    // its commits survive a power cut
  int64_t clock_ms = 0;  // its clock
  std::string cluster;   // which cluster it is; a restored dump has another
};

// Tries the hosts until one of the cluster lets us in and takes writes.
// STORE_FAILED with what the last one said, or INVALID_ARGUMENT for a conninfo
// that is none.
absl::StatusOr<std::unique_ptr<PgConnection>> Connect(const PgTuning& tuning,
                                                      PgServer* server);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_CONNECTING_H_
