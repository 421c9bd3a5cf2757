// The tables in a PostgreSQL schema: are they there, are they ours, and if not,
// making them.
#ifndef HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_SCHEMA_H_
#define HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_SCHEMA_H_

#include <cstdint>
#include <span>
#include <string>

#include "src/adapters/postgres_store/connecting.h"
#include "src/adapters/sql/schema.h"

namespace hotline::internal {

// Brings the schema up to date, if that is asked for, and checks it. Answers
// the era with which events are written: it rises when the rows are found on
// another cluster than before, whose transactions are numbered anew.
//   NOT_A_STORE, SCHEMA_NEWER, STORE_FAILED; see PostgresStore::Open.
absl::StatusOr<int64_t> PrepareSchema(
    PgConnection* connection, const std::string& schema, bool migrate,
    const std::string& cluster,
    std::span<const Migration> migrations = Migrations());

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_SCHEMA_H_
