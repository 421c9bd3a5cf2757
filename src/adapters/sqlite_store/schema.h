// The tables, their versions, and whether a file is a store of ours.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_SCHEMA_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_SCHEMA_H_

#include <string>

#include "src/adapters/sqlite_store/connection.h"

namespace hotline::internal {

// "HOTL": `PRAGMA application_id` of every store.
inline constexpr int64_t kApplicationId = 0x484f544c;

// Throws Failure: NOT_A_STORE if the file at `path` has content that is no
// SQLite database. A file that is absent or empty passes.
void CheckHeader(const std::string& path);

// Brings the schema up to date, or, read-only, checks it. Throws Failure:
// NOT_A_STORE for another program's database or an altered schema,
// SCHEMA_NEWER. Changes nothing in a file it refuses.
void PrepareSchema(Connection* connection, bool read_only);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_SCHEMA_H_
