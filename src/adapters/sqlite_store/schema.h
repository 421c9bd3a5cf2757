// Whether a file is a store of ours, and of which version.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_SCHEMA_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_SCHEMA_H_

#include <span>
#include <string>

#include "src/adapters/sql/schema.h"
#include "src/adapters/sqlite_store/connection.h"

namespace hotline::internal {

// Brings the schema up to date, or, read-only, checks it. Throws Failure:
// NOT_A_STORE for another program's database or an altered schema,
// SCHEMA_NEWER. Changes nothing in a file it refuses.
void PrepareSchema(SqliteConnection* connection, bool read_only,
                   std::span<const Migration> migrations = Migrations());

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_SCHEMA_H_
