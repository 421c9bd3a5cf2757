// docs/reference/schema.md, made from the tables.
#include "absl/strings/str_cat.h"
#include "src/adapters/sql/schema.h"

namespace hotline::internal {
namespace {

constexpr char kHead[] =
    R"(# The tables of the SQL stores

<!-- Made by `hotline store schema --markdown`; a test compares. -->

The same tables stand in SQLite and in PostgreSQL; where a column is of one of them only, the other has a dash. `hotline
store schema --dialect sqlite` or `postgres` prints the statements that make them, `--from` and `--to` those between two
versions, so that an administrator can run them before a new version is installed: the engine itself reads and writes
rows and needs no right to change tables.

- Strings are bytes, compared as unsigned bytes: no collation of a database changes an order or makes two keys one.
- Instants are milliseconds since 1970-01-01T00:00Z.
- Bodies are framed: four bytes of length and four of CRC-32C, little-endian, then the body. What is in them is the
  library's business; read it through the library, or through `hotline export`.
- Every key and every index of what tenants own begins with the tenant.
- The tables may change with every version of the schema. The views do not lose a column: build reports on them.

)";

void AppendColumns(const std::vector<Column>& columns, Where table,
                   std::string* page) {
  absl::StrAppend(page,
                  "| column | SQLite | PostgreSQL | may be NULL | what it is "
                  "|\n| --- | --- | --- | --- | --- |\n");
  for (const Column& column : columns) {
    const auto type = [&column, table](Where where, SqlDialect dialect) {
      const bool stands =
          (column.where == Where::kBoth || column.where == where) &&
          (table == Where::kBoth || table == where);
      return stands ? TypeName(column.type, dialect) : "-";
    };
    absl::StrAppend(page, "| `", column.name, "` | ",
                    type(Where::kSqlite, SqlDialect::kSqlite), " | ",
                    type(Where::kPostgres, SqlDialect::kPostgres), " | ",
                    column.null ? "yes" : "", " | ", column.about, " |\n");
  }
}

const char* Only(Where where) {
  switch (where) {
    case Where::kSqlite:
      return " SQLite only.";
    case Where::kPostgres:
      return " PostgreSQL only.";
    case Where::kBoth:
      break;
  }
  return "";
}

void AppendIndexes(const Migration& migration, const Table& table,
                   std::string* page) {
  if (*table.key != '\0') {
    absl::StrAppend(page, "\n- key `", table.key_name, "` (", table.key, ")\n");
  }
  for (const Index& index : migration.indexes) {
    if (std::string_view(index.table) != table.name) continue;
    absl::StrAppend(page, index.unique ? "- unique index `" : "- index `",
                    index.name, "` (", index.columns, ")");
    if (*index.condition != '\0') {
      absl::StrAppend(page, " where ", index.condition);
    }
    absl::StrAppend(page, ": ", index.about, Only(index.where), "\n");
  }
}

}  // namespace
}  // namespace hotline::internal

namespace hotline {

std::string SqlSchemaMarkdown() {
  std::string page = internal::kHead;
  int version = 0;
  for (const internal::Migration& migration : internal::Migrations()) {
    absl::StrAppend(&page, "## Version ", ++version, "\n");
    for (const internal::Table& table : migration.tables) {
      absl::StrAppend(&page, "\n### `", table.name, "`\n\n", table.about,
                      internal::Only(table.where), "\n\n");
      internal::AppendColumns(table.columns, table.where, &page);
      internal::AppendIndexes(migration, table, &page);
    }
    for (const internal::View& view : migration.views) {
      absl::StrAppend(&page, "\n### View `", view.name, "`\n\n", view.about,
                      "\n\n");
      internal::AppendColumns(view.columns, internal::Where::kBoth, &page);
    }
    for (const char* other : migration.others) {
      absl::StrAppend(&page, "\n```sql\n", other, "\n```\n");
    }
  }
  return page;
}

}  // namespace hotline
