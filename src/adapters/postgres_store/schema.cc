#include "src/adapters/postgres_store/schema.h"

#include <charconv>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "hotline/error.h"
#include "src/adapters/postgres_store/errors.h"
#include "src/adapters/sql/schema.h"

namespace hotline::internal {
namespace {

using Info = v1::ErrorInfo;
using Meta = std::map<std::string, int64_t>;
using Steps = std::span<const Migration>;

// Of all stores on one schema: 8 starters at once and one migrates.
constexpr std::string_view kLock =
    "SELECT pg_advisory_xact_lock(hashtextextended('hotline.' || $1, 0))";
// Read as rows: to_regclass would answer from what the session remembers of
// before it waited for the lock.
constexpr std::string_view kHasMeta =
    "SELECT count(*) FROM pg_class AS c"
    " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relname = 'meta'";
constexpr std::string_view kSetMeta =
    "INSERT INTO meta(key, value) VALUES($1, $2)"
    " ON CONFLICT(key) DO UPDATE SET value = excluded.value";

// "cases.tenant bytea not null"
constexpr std::string_view kColumns =
    "SELECT c.relname || '.' || a.attname || ' ' ||"
    " format_type(a.atttypid, a.atttypmod) ||"
    " CASE WHEN a.attnotnull THEN ' not null' ELSE '' END"
    " FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
    " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND a.attnum > 0"
    " AND NOT a.attisdropped";
// "cases_reference unique on cases(tenant, reference)"
constexpr std::string_view kIndexes =
    "SELECT i.relname || CASE WHEN x.indisunique THEN ' unique' ELSE '' END ||"
    " ' on ' || t.relname || '(' ||"
    " (SELECT string_agg(pg_get_indexdef(x.indexrelid, k, true), ', '"
    " ORDER BY k) FROM generate_series(1, x.indnkeyatts::int) AS k) || ')'"
    " FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid"
    " JOIN pg_class AS t ON t.oid = x.indrelid"
    " JOIN pg_namespace AS n ON n.oid = t.relnamespace"
    " WHERE n.nspname = $1 AND x.indisvalid";

std::string_view TypeName(SqlType type) {
  switch (type) {
    case SqlType::kBytes:
    case SqlType::kSealed:
      return "bytea";
    case SqlType::kInteger:
    case SqlType::kRowid:
      return "bigint";
    case SqlType::kBoolean:
      return "boolean";
    case SqlType::kWord:
      return "text";
    case SqlType::kTransaction:
      return "xid8";
    default:  // of views
      return "";
  }
}

// What these migrations leave.
std::set<std::string> Expected(Steps steps) {
  std::set<std::string> expected;
  for (const Migration& migration : steps) {
    for (const Table& table : migration.tables) {
      if (table.where == Where::kSqlite) continue;
      for (const Column& column : table.columns) {
        if (column.where == Where::kSqlite) continue;
        expected.insert(absl::StrCat(table.name, ".", column.name, " ",
                                     TypeName(column.type).data(),
                                     column.null ? "" : " not null"));
      }
      if (*table.key == '\0') continue;
      expected.insert(absl::StrCat(table.key_name, " unique on ", table.name,
                                   "(", table.key, ")"));
    }
    for (const Index& index : migration.indexes) {
      if (index.where == Where::kSqlite) continue;
      expected.insert(absl::StrCat(index.name, index.unique ? " unique" : "",
                                   " on ", index.table, "(", index.columns,
                                   ")"));
    }
  }
  return expected;
}

std::string Quoted(const std::string& name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

absl::StatusOr<Meta> ReadMeta(PgConnection* connection,
                              const std::string& schema) {
  absl::StatusOr<PgResult> there =
      connection->Run(kHasMeta, {PgValue::Bytes(schema)});
  if (!there.ok()) return there.status();
  Meta meta;
  if (there->Int(0, 0) == 0) return meta;
  // By its whole name: a schema without the right to use it is left out of
  // the search path, and what stands in it would be "not there".
  absl::StatusOr<PgResult> rows = connection->Run(
      absl::StrCat("SELECT key, value FROM ", Quoted(schema), ".meta"));
  if (!rows.ok()) return rows.status();
  for (int i = 0; i < rows->rows(); ++i) {
    meta[std::string(rows->Bytes(i, 0))] = rows->Int(i, 1);
  }
  return meta;
}

int64_t VersionOf(const Meta& meta) {
  const auto found = meta.find("schema_version");
  return found == meta.end() ? 0 : found->second;
}

// The version these migrations lead to.
int64_t NewestOf(Steps steps) { return static_cast<int64_t>(steps.size()); }

absl::Status CheckNotNewer(const Meta& meta, Steps steps) {
  const int64_t version = VersionOf(meta);
  if (version <= NewestOf(steps)) return absl::OkStatus();
  const auto found = meta.find("min_writer");
  const int64_t least = found == meta.end() ? version : found->second;
  if (least <= NewestOf(steps)) return absl::OkStatus();
  return MakeError(
      Info::SCHEMA_NEWER,
      absl::StrCat("the store has schema ", version, " and asks for ", least,
                   " at least; this library knows ", NewestOf(steps),
                   ": install a newer hotline"));
}

// All of it in one transaction; killed at any point, nothing of it.
absl::Status InTransaction(PgConnection* connection, const std::string& schema,
                           const std::vector<std::string>& statements) {
  for (const std::string& sql : statements) connection->Queue(sql);
  connection->Queue("COMMIT");
  std::vector<PgResult> answers;
  absl::Status status = connection->Collect(&answers);
  for (const PgResult& answer : answers) {
    if (status.ok()) status = answer.status();
    if (answer.ok() || answer.skipped()) continue;
    if (answer.state() != "42P07" && answer.state() != "42710") break;
    // A table of this name, and no `meta` that says it is ours.
    return MakeError(Info::NOT_A_STORE,
                     absl::StrCat("the schema \"", schema,
                                  "\" holds another program's tables; name "
                                  "another schema"));
  }
  return status;
}

// Under the lock, which goes with the transaction.
absl::StatusOr<Meta> BeginLocked(PgConnection* connection,
                                 const std::string& schema) {
  connection->Queue("BEGIN");
  connection->Queue(kLock, {PgValue::Bytes(schema)});
  std::vector<PgResult> answers;
  absl::Status status = connection->Collect(&answers);
  for (const PgResult& answer : answers) {
    if (status.ok()) status = answer.status();
  }
  if (!status.ok()) return status;
  return ReadMeta(connection, schema);
}

// One version at a time. Another may have done it while we waited.
absl::Status Migrate(PgConnection* connection, const std::string& schema,
                     Steps steps) {
  while (true) {
    absl::StatusOr<Meta> meta = BeginLocked(connection, schema);
    if (!meta.ok()) return meta.status();
    const int64_t version = VersionOf(*meta);
    if (version >= NewestOf(steps)) return CheckNotNewer(*meta, steps);
    std::vector<std::string> statements;
    if (version == 0) {
      // Asked first, for IF NOT EXISTS alone needs the right to create one.
      absl::StatusOr<PgResult> there = connection->Run(
          "SELECT count(*) FROM pg_namespace WHERE nspname = $1",
          {PgValue::Bytes(schema)});
      if (!there.ok()) return there.status();
      if (there->Int(0, 0) == 0) {
        statements.push_back(absl::StrCat("CREATE SCHEMA ", Quoted(schema)));
      }
    }
    for (std::string& sql :
         Ddl(SqlDialect::kPostgres, steps[static_cast<size_t>(version)],
             static_cast<int>(version) + 1)) {
      statements.push_back(std::move(sql));
    }
    const absl::Status done = InTransaction(connection, schema, statements);
    if (!done.ok()) return done;
  }
}

absl::Status CheckTables(PgConnection* connection, const std::string& schema,
                         Steps steps) {
  std::set<std::string> missing = Expected(steps);
  for (const std::string_view text : {kColumns, kIndexes}) {
    absl::StatusOr<PgResult> found =
        connection->Run(text, {PgValue::Bytes(schema)});
    if (!found.ok()) return found.status();
    for (int i = 0; i < found->rows(); ++i) {
      missing.erase(std::string(found->Bytes(i, 0)));
    }
  }
  if (missing.empty()) return absl::OkStatus();
  constexpr size_t kTold = 3;
  Problems problems;
  for (const std::string& one : missing) {
    if (problems.size() == kTold) break;
    problems.Add(schema, absl::StrCat("lacks ", one),
                 "restore it as `hotline store schema --dialect=postgres` "
                 "prints it");
  }
  return problems.ToStatus(Info::NOT_A_STORE, "the schema was altered");
}

absl::StatusOr<int64_t> EraOn(PgConnection* connection,
                              const std::string& schema, Meta meta,
                              const std::string& cluster_id) {
  uint64_t id = 0;
  std::from_chars(cluster_id.data(), cluster_id.data() + cluster_id.size(), id);
  const auto cluster = static_cast<int64_t>(id);
  const auto stands = [&meta, cluster] {
    return meta.contains("era") && meta.contains("cluster") &&
           meta["cluster"] == cluster;
  };
  if (stands()) return meta["era"];
  absl::StatusOr<Meta> locked = BeginLocked(connection, schema);
  if (!locked.ok()) return locked.status();
  meta = *std::move(locked);
  if (stands()) return meta["era"];
  const int64_t era = meta.contains("era") ? meta["era"] + 1 : 0;
  connection->Queue(kSetMeta, {PgValue::Bytes("era"), PgValue::Int(era)});
  connection->Queue(kSetMeta,
                    {PgValue::Bytes("cluster"), PgValue::Int(cluster)});
  const absl::Status done = InTransaction(connection, schema, {});
  if (!done.ok()) return done;
  return era;
}

}  // namespace

absl::StatusOr<int64_t> PrepareSchema(PgConnection* connection,
                                      const std::string& schema, bool migrate,
                                      const std::string& cluster,
                                      Steps migrations) {
  absl::StatusOr<Meta> meta = ReadMeta(connection, schema);
  if (!meta.ok()) return meta.status();
  if (absl::Status s = CheckNotNewer(*meta, migrations); !s.ok()) return s;
  const int64_t version = VersionOf(*meta);
  if (version < NewestOf(migrations)) {
    if (!migrate) {
      return MakeError(
          Info::NOT_A_STORE,
          absl::StrCat("the schema \"", schema, "\" is at version ", version,
                       " and must be at ", NewestOf(migrations),
                       "; open with migrate = true, or run what `hotline store "
                       "schema --dialect=postgres --from ",
                       version, " --to ", NewestOf(migrations), "` prints"));
    }
    const absl::Status done = Migrate(connection, schema, migrations);
    connection->RollBack();
    if (!done.ok()) return done;
    meta = ReadMeta(connection, schema);
    if (!meta.ok()) return meta.status();
  }
  const int64_t known = std::min(VersionOf(*meta), NewestOf(migrations));
  const absl::Status fits = CheckTables(
      connection, schema, migrations.first(static_cast<size_t>(known)));
  if (!fits.ok()) return fits;
  absl::StatusOr<int64_t> era =
      EraOn(connection, schema, *std::move(meta), cluster);
  connection->RollBack();
  return era;
}

}  // namespace hotline::internal
