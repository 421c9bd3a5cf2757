// The tables of the SQL stores, as text for those who run databases.
//
//   // What an administrator runs before a new version is installed, so that
//   // the program itself needs no right to change tables:
//   auto ddl = hotline::SqlSchema(hotline::SqlDialect::kPostgres, 0,
//                                 hotline::SqlSchemaVersion());
//   if (!ddl.ok()) return ddl.status();
//   std::cout << *ddl;
//
// The same tables stand in docs/reference/schema.md. The views `report_...` are
// for other people's reports: flat, readable, without bodies of any kind. The
// tables may change with every version; a view keeps the columns it has.
//
// Thread rule: call these from anywhere.
#ifndef HOTLINE_ADAPTERS_SQL_SCHEMA_H_
#define HOTLINE_ADAPTERS_SQL_SCHEMA_H_

#include <string>

#include "absl/status/statusor.h"

namespace hotline {

enum class SqlDialect { kSqlite, kPostgres };

// The schema this library writes. Version 0 is a database without tables.
int SqlSchemaVersion();

// What brings a database from one version to another, each version in a
// transaction of its own. INVALID_ARGUMENT unless 0 <= from <= to <=
// SqlSchemaVersion().
absl::StatusOr<std::string> SqlSchema(SqlDialect dialect, int from, int to);

// Tables, columns, indexes and views with what they are for, in Markdown.
std::string SqlSchemaMarkdown();

}  // namespace hotline

#endif  // HOTLINE_ADAPTERS_SQL_SCHEMA_H_
