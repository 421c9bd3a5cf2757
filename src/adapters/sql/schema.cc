#include "src/adapters/sql/schema.h"

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/store_shape.h"
#include "src/adapters/sql/dialect.h"

namespace hotline::internal {
namespace {

bool Stands(Where where, SqlDialect dialect) {
  return where == Where::kBoth ||
         (where == Where::kSqlite) == (dialect == SqlDialect::kSqlite);
}

std::string ColumnText(const Column& column, SqlDialect dialect) {
  std::string text =
      absl::StrCat("  ", column.name, " ", TypeName(column.type, dialect));
  if (column.type == SqlType::kRowid) return text;
  if (!column.null) absl::StrAppend(&text, " NOT NULL");
  if (*column.otherwise != '\0') {
    absl::StrAppend(&text, " DEFAULT ", column.otherwise);
  }
  return text;
}

std::string UniqueIndex(const char* name, const char* table,
                        const char* columns) {
  return absl::StrCat("CREATE UNIQUE INDEX ", name, " ON ", table, "(", columns,
                      ")");
}

void AppendTable(const Table& table, SqlDialect dialect,
                 std::vector<std::string>* ddl) {
  const bool sqlite = dialect == SqlDialect::kSqlite;
  const bool beside = sqlite && !table.clustered;
  std::string text = absl::StrCat("CREATE TABLE ", table.name, "(");
  const char* comma = "\n";
  for (const Column& column : table.columns) {
    if (!Stands(column.where, dialect)) continue;
    absl::StrAppend(&text, comma, ColumnText(column, dialect));
    comma = ",\n";
  }
  const bool has_key = *table.key != '\0';
  if (has_key && !beside) {
    absl::StrAppend(&text, ",\n  CONSTRAINT ", table.key_name, " PRIMARY KEY(",
                    table.key, ")");
  }
  absl::StrAppend(&text, ")");
  if (sqlite) {
    absl::StrAppend(&text, beside ? " STRICT" : " STRICT, WITHOUT ROWID");
  }
  ddl->push_back(std::move(text));
  if (has_key && beside) {
    ddl->push_back(UniqueIndex(table.key_name, table.name, table.key));
  }
}

std::string IndexText(const Index& index) {
  std::string text = index.unique
                         ? UniqueIndex(index.name, index.table, index.columns)
                         : absl::StrCat("CREATE INDEX ", index.name, " ON ",
                                        index.table, "(", index.columns, ")");
  if (*index.condition != '\0') {
    absl::StrAppend(&text, " WHERE ", index.condition);
  }
  return text;
}

std::string SetMeta(const char* key, int64_t value) {
  return absl::StrCat("INSERT INTO meta(key, value) VALUES('", key, "', ",
                      value,
                      ") ON CONFLICT(key) DO UPDATE SET value = "
                      "excluded.value");
}

}  // namespace

const char* TypeName(SqlType type, SqlDialect dialect) {
  const bool sqlite = dialect == SqlDialect::kSqlite;
  switch (type) {
    case SqlType::kBytes:
      return sqlite ? "BLOB" : "bytea";
    case SqlType::kInteger:
      return sqlite ? "INTEGER" : "bigint";
    case SqlType::kBoolean:
      return sqlite ? "INTEGER" : "boolean";
    case SqlType::kWord:
      return sqlite ? "TEXT" : "text";
    case SqlType::kSealed:
      return sqlite ? "INTEGER" : "bytea";
    case SqlType::kRowid:
      return "INTEGER PRIMARY KEY";
    case SqlType::kTransaction:
      return "xid8";
    case SqlType::kInstant:
      return sqlite ? "TEXT" : "timestamptz";
  }
  return "";
}

std::vector<std::string> Ddl(SqlDialect dialect, const Migration& migration,
                             int version) {
  std::vector<std::string> ddl;
  for (const Table& table : migration.tables) {
    if (Stands(table.where, dialect)) AppendTable(table, dialect, &ddl);
  }
  for (const Index& index : migration.indexes) {
    if (Stands(index.where, dialect)) ddl.push_back(IndexText(index));
  }
  for (const View& view : migration.views) {
    ddl.push_back(absl::StrCat("CREATE VIEW ", view.name, " AS\n",
                               Render(dialect, view.select)));
  }
  for (const char* other : migration.others) {
    ddl.push_back(Render(dialect, other));
  }
  ddl.push_back(SetMeta("schema_version", version));
  ddl.push_back(SetMeta("min_reader", migration.min_reader));
  ddl.push_back(SetMeta("min_writer", migration.min_writer));
  if (dialect == SqlDialect::kSqlite) {
    ddl.push_back(absl::StrCat("PRAGMA application_id=", kApplicationId));
    ddl.push_back(absl::StrCat("PRAGMA user_version=", version));
  }
  return ddl;
}

}  // namespace hotline::internal

namespace hotline {

int SqlSchemaVersion() {
  return static_cast<int>(internal::Migrations().size());
}

absl::StatusOr<std::string> SqlSchema(SqlDialect dialect, int from, int to) {
  if (from < 0 || to < from || to > SqlSchemaVersion()) {
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                     absl::StrCat("there is no way from schema ", from, " to ",
                                  to, "; name two versions from 0 to ",
                                  SqlSchemaVersion(), ", upwards"));
  }
  std::string text;
  for (int version = from; version < to; ++version) {
    absl::StrAppend(&text, "-- hotline schema ", version, " to ", version + 1,
                    "\nBEGIN;\n");
    const internal::Migration& migration =
        internal::Migrations()[static_cast<size_t>(version)];
    for (const std::string& sql :
         internal::Ddl(dialect, migration, version + 1)) {
      absl::StrAppend(&text, sql, ";\n");
    }
    absl::StrAppend(&text, "COMMIT;\n");
  }
  return text;
}

}  // namespace hotline
