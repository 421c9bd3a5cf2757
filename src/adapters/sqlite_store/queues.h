// The queue of deliveries in one SQLite file. All may throw.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_QUEUES_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_QUEUES_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hotline/store.h"
#include "src/adapters/sqlite_store/connection.h"

namespace hotline::internal {

// Whether anything could be leased at `now`; a row whose body is damaged
// counts, for the body is not read.
bool AnyDelivery(SqliteConnection* connection, const DueQuery& query,
                 int64_t now);
// Leases what is due at `now`, but for rows whose body is damaged; inside a
// transaction that writes.
std::vector<Claimed> ClaimDeliveries(SqliteConnection* connection,
                                     const DueQuery& query, int64_t now);
// A verdict for each; inside a transaction that writes.
std::vector<absl::Status> FinishAll(SqliteConnection* connection,
                                    std::span<const Finished> finished);
int64_t NextDelivery(SqliteConnection* connection, const std::string& tenant,
                     int64_t now);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_QUEUES_H_
