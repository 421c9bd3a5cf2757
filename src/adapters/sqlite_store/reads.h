// What only one SQLite file reads: its feed, which is the order of its rows,
// and itself.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READS_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "hotline/store.h"
#include "src/adapters/sqlite_store/connection.h"

namespace hotline::internal {

EventRowPage ReadFeed(SqliteConnection* connection, const EventRange& range);
// Throws Failure with CORRUPT for the first thing that is wrong.
void CheckIntegrity(SqliteConnection* connection);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READS_H_
