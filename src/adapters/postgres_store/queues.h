// The reads and claims that PostgreSQL has of its own. All may throw a Failure.
#ifndef HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_QUEUES_H_
#define HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_QUEUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hotline/store.h"
#include "src/adapters/postgres_store/sql_connection.h"

namespace hotline::internal {

// Leases what is due; a row that cannot be read is leased and left out. `now`
// is the time of a clock of the host's; without one the server's counts.
std::vector<Claimed> ClaimDeliveries(PgSqlConnection* connection,
                                     const DueQuery& query,
                                     std::optional<int64_t> now);
int64_t NextDelivery(PgSqlConnection* connection, const std::string& tenant,
                     std::optional<int64_t> now);
EventRowPage ReadFeed(PgSqlConnection* connection, const EventRange& range,
                      int64_t era);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_QUEUES_H_
