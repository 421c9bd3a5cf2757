// The tables as data, and what is made of them: DDL for either database, and
// the page of the handbook.
#ifndef HOTLINE_SRC_ADAPTERS_SQL_SCHEMA_H_
#define HOTLINE_SRC_ADAPTERS_SQL_SCHEMA_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/adapters/sql_schema.h"

namespace hotline::internal {

enum class SqlType {
  kBytes,        // compared as unsigned bytes, any byte may stand in it
  kInteger,      // 64 bits, signed
  kBoolean,      //
  kWord,         // a word of ours, never data
  kSealed,       // SQLite: the id of a row of `bodies`; PostgreSQL: the bytes
  kRowid,        // SQLite only: INTEGER PRIMARY KEY
  kTransaction,  // PostgreSQL only: the id of the writing transaction
  kInstant,      // of views: an instant, as the database tells it
};

enum class Where { kBoth, kSqlite, kPostgres };

struct Column {
  const char* name;
  SqlType type;
  bool null;
  const char* about;
  Where where = Where::kBoth;
  const char* otherwise = "";  // what PostgreSQL fills in if nothing is said
};

struct Index {
  const char* name;
  const char* table;
  const char* columns;
  const char* about;
  bool unique = false;
  const char* condition = "";
  Where where = Where::kBoth;
};

struct Table {
  const char* name;
  const char* about;
  std::vector<Column> columns;
  const char* key_name = "";
  const char* key = "";  // columns; empty: the rowid
  // SQLite keeps the rows in the key's tree; otherwise in the order they came,
  // and the key is an index beside them.
  bool clustered = false;
  Where where = Where::kBoth;
};

struct View {
  const char* name;
  const char* about;
  std::vector<Column> columns;  // types are those people see
  const char* select;           // with the marks of dialect.h
};

// Brings version n to n + 1. Once released it is never edited: its text is the
// fingerprint of a store's schema.
struct Migration {
  std::vector<Table> tables;
  std::vector<Index> indexes;
  std::vector<View> views;
  // Statements that are neither, in the words of either database.
  std::vector<const char*> others;
  // The oldest schema a library must know to read, and to write, the result.
  int min_reader = 1;
  int min_writer = 1;
};

std::span<const Migration> Migrations();

const char* TypeName(SqlType type, SqlDialect dialect);

// "HOTL": `PRAGMA application_id` of every SQLite store.
inline constexpr int64_t kApplicationId = 0x484f544c;

// The statements of one migration, in order, without BEGIN and COMMIT, and with
// the marking of the new version last. `version` is what is reached.
std::vector<std::string> Ddl(SqlDialect dialect, const Migration& migration,
                             int version);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQL_SCHEMA_H_
