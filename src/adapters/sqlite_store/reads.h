// What only one SQLite file reads: its feed, which is the order of its rows,
// its queue of deliveries, and itself.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READS_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "hotline/store.h"
#include "src/adapters/sqlite_store/connection.h"

namespace hotline::internal {

EventRowPage ReadFeed(SqliteConnection* connection, const EventRange& range);
// Whether anything could be leased at `now`.
bool AnyDelivery(SqliteConnection* connection, const DueQuery& query,
                 int64_t now);
// What could be leased at `now`, not yet leased.
std::vector<Claimed> DueDeliveries(SqliteConnection* connection,
                                   const DueQuery& query, int64_t now);
int64_t NextDelivery(SqliteConnection* connection, const std::string& tenant,
                     int64_t now);
// Throws Failure with CORRUPT for the first thing that is wrong.
void CheckIntegrity(SqliteConnection* connection);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READS_H_
