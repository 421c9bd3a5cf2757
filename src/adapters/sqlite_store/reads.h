// The reading half of the port, in SQL on one connection. All may throw.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READS_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "hotline/store.h"
#include "src/adapters/sqlite_store/connection.h"

namespace hotline::internal {

CaseRow ReadCase(Connection* connection, const CaseKey& key, Part part);
EventRowPage ReadEvents(Connection* connection, const EventRange& range);
EventRowPage ReadFeed(Connection* connection, const EventRange& range);
CaseRowPage Find(Connection* connection, const Filter& filter);
std::vector<Record> ReadRecords(Connection* connection,
                                const RecordRange& range);
std::vector<Claimed> DueTimers(Connection* connection, const DueQuery& query);
// What could be leased at `now`, not yet leased.
std::vector<Claimed> DueDeliveries(Connection* connection,
                                   const DueQuery& query, int64_t now);
int64_t NextTimer(Connection* connection, const std::string& tenant);
int64_t NextDelivery(Connection* connection, const std::string& tenant,
                     int64_t now);
// Throws Failure with CORRUPT for the first thing that is wrong.
void CheckIntegrity(Connection* connection);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READS_H_
