// The reading half of the port, in SQL on one connection. All may throw.
#ifndef HOTLINE_SRC_ADAPTERS_SQL_READS_H_
#define HOTLINE_SRC_ADAPTERS_SQL_READS_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "hotline/store.h"
#include "src/adapters/sql/connection.h"

namespace hotline::internal {

// Before every instant a column can hold.
inline constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

CaseRow ReadCase(SqlConnection* connection, const CaseKey& key, Part part);
// Of one case; the feed is each database's own.
EventRowPage ReadEvents(SqlConnection* connection, const EventRange& range);
CaseRowPage Find(SqlConnection* connection, const Filter& filter);
std::vector<Record> ReadRecords(SqlConnection* connection,
                                const RecordRange& range);
std::vector<Claimed> DueTimers(SqlConnection* connection,
                               const DueQuery& query);
int64_t NextTimer(SqlConnection* connection, const std::string& tenant);
// Reads every body of every tenant.
void CheckBodies(SqlConnection* connection);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQL_READS_H_
