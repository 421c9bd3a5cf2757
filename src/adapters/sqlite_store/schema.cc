#include "src/adapters/sqlite_store/schema.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>
#include <vector>

#include "absl/strings/str_cat.h"

namespace hotline::internal {
namespace {

// Migration n + 1 brings version n to n + 1. A statement, once released, is
// never edited: its text is the fingerprint of the schema. They are written in
// the form SQLite keeps them in.
constexpr const char* kVersion1[] = {
    "CREATE TABLE meta(key TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID",
    // The sealed bodies; `sealed` elsewhere is an id of here. A body stands
    // apart because SQLite, when it balances pages, leaves copies of the cells
    // it moves in what is then unused space, secure_delete or not. Rows here
    // never move: they are appended, never deleted, and only overwritten by
    // bytes of the same length.
    "CREATE TABLE bodies(id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT",
    // With rowid: a snapshot is longer than what an index tree keeps in a page.
    "CREATE TABLE cases(tenant TEXT NOT NULL, id BLOB NOT NULL,"
    " version INTEGER NOT NULL, reference TEXT NOT NULL, external_system TEXT,"
    " external_id TEXT, category TEXT NOT NULL, unit TEXT NOT NULL,"
    " cell INTEGER NOT NULL, phase INTEGER NOT NULL, open INTEGER NOT NULL,"
    " opened_at INTEGER NOT NULL, least_due INTEGER, next_at INTEGER,"
    " chain BLOB NOT NULL, payload BLOB NOT NULL, sealed INTEGER) STRICT",
    "CREATE UNIQUE INDEX cases_id ON cases(tenant, id)",
    "CREATE UNIQUE INDEX cases_reference ON cases(tenant, reference)",
    "CREATE UNIQUE INDEX cases_external ON"
    " cases(tenant, external_system, external_id)"
    " WHERE external_id IS NOT NULL",
    "CREATE INDEX cases_category ON cases(tenant, category, id)",
    "CREATE INDEX cases_cell ON cases(tenant, cell, id) WHERE cell <> 0",
    "CREATE INDEX cases_unit ON cases(tenant, unit, id) WHERE open",
    "CREATE INDEX cases_due ON cases(tenant, least_due, id)"
    " WHERE open AND least_due IS NOT NULL",
    "CREATE INDEX cases_timer ON cases(tenant, next_at, id)"
    " WHERE next_at IS NOT NULL",
    // In the order they were committed: there is one writer, so `place` is the
    // feed, and the rows are appended.
    "CREATE TABLE events(place INTEGER PRIMARY KEY, tenant TEXT NOT NULL,"
    " case_id BLOB NOT NULL, version INTEGER NOT NULL,"
    " recorded_at INTEGER NOT NULL, payload BLOB NOT NULL, sealed INTEGER)"
    " STRICT",
    "CREATE UNIQUE INDEX events_id ON events(tenant, case_id, version)",
    "CREATE TABLE deliveries(tenant TEXT NOT NULL, id BLOB NOT NULL,"
    " dedupe_key BLOB NOT NULL, case_id BLOB NOT NULL,"
    " event_version INTEGER NOT NULL, channel TEXT NOT NULL, due_at INTEGER,"
    " attempts INTEGER NOT NULL, state TEXT NOT NULL, token INTEGER NOT NULL,"
    " leased_until INTEGER, payload BLOB NOT NULL,"
    " PRIMARY KEY(tenant, id)) STRICT, WITHOUT ROWID",
    "CREATE UNIQUE INDEX deliveries_key ON deliveries(tenant, dedupe_key)",
    "CREATE INDEX deliveries_due ON deliveries(tenant, due_at, id)"
    " WHERE due_at IS NOT NULL",
    "CREATE TABLE records(tenant TEXT NOT NULL, kind TEXT NOT NULL,"
    " key BLOB NOT NULL, version INTEGER NOT NULL, i0 BLOB, i1 BLOB, i2 BLOB,"
    " i3 BLOB, payload BLOB NOT NULL, sealed INTEGER,"
    " PRIMARY KEY(tenant, kind, key)) STRICT, WITHOUT ROWID",
    "CREATE INDEX records_0 ON records(tenant, kind, i0, key)"
    " WHERE i0 IS NOT NULL",
    "CREATE INDEX records_1 ON records(tenant, kind, i1, key)"
    " WHERE i1 IS NOT NULL",
    "CREATE INDEX records_2 ON records(tenant, kind, i2, key)"
    " WHERE i2 IS NOT NULL",
    "CREATE INDEX records_3 ON records(tenant, kind, i3, key)"
    " WHERE i3 IS NOT NULL",
};

constexpr std::span<const char* const> kMigrations[] = {kVersion1};
constexpr int64_t kVersion = std::size(kMigrations);
// The oldest library that may read, and write, what this one writes.
constexpr int64_t kMinReader = 1;
constexpr int64_t kMinWriter = 1;

[[noreturn]] void Refuse(v1::ErrorInfo::Reason reason,
                         std::string_view message) {
  throw Failure(MakeError(reason, message));
}

int64_t Pragma(Connection* connection, const char* sql) {
  Run run(connection, sql);
  return run.Step() ? run.GetInt(0) : 0;
}

// The texts of all tables, indexes, views and triggers in the file. What SQLite
// makes for itself has none, or bears its reserved prefix.
std::vector<std::string> StoredSchema(Connection* connection) {
  std::vector<std::string> texts;
  Run run(connection,
          "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"
          " AND name NOT GLOB 'sqlite_*' ORDER BY sql");
  while (run.Step()) texts.push_back(run.GetText(0));
  return texts;
}

std::vector<std::string> OwnSchema(int64_t version) {
  std::vector<std::string> texts;
  for (int64_t v = 0; v < version; ++v) {
    for (const char* text : kMigrations[v]) texts.push_back(text);
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

// What a later version may have added without harm to this one.
bool IsPassive(const std::string& sql) {
  return sql.starts_with("CREATE TABLE") || sql.starts_with("CREATE INDEX") ||
         sql.starts_with("CREATE UNIQUE INDEX");
}

void CheckFingerprint(Connection* connection, int64_t version) {
  const std::vector<std::string> stored = StoredSchema(connection);
  const std::vector<std::string> own = OwnSchema(std::min(version, kVersion));
  const bool fits =
      version <= kVersion
          ? stored == own
          : std::includes(stored.begin(), stored.end(), own.begin(),
                          own.end()) &&
                std::all_of(stored.begin(), stored.end(), IsPassive);
  if (fits) return;
  Refuse(v1::ErrorInfo::NOT_A_STORE,
         "the schema of this store was altered; restore a backup, or remove "
         "what was added");
}

// The schema a library must know to use this newer store.
int64_t LeastSchema(Connection* connection, int64_t version, bool read_only) {
  const std::string key = read_only ? "min_reader" : "min_writer";
  try {
    Run run(connection, "SELECT value FROM meta WHERE key = ?");
    return run.Text(key).Step() ? run.GetInt(0) : version;
  } catch (const SQLite::Exception&) {
    return version;
  }
}

void CheckNotNewer(Connection* connection, int64_t version, bool read_only) {
  if (version <= kVersion) return;
  const int64_t least = LeastSchema(connection, version, read_only);
  if (least <= kVersion) return;
  Refuse(v1::ErrorInfo::SCHEMA_NEWER,
         absl::StrCat("the store has schema ", version, " and asks for ", least,
                      " at least; this library knows ", kVersion,
                      ": install a newer hotline"));
}

void SetMeta(Connection* connection, const std::string& key, int64_t value) {
  Run(connection, "INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)")
      .Text(key)
      .Int(value)
      .Done();
}

void Migrate(Connection* connection, int64_t from) {
  WriteTransaction transaction(connection);
  for (int64_t v = from; v < kVersion; ++v) {
    for (const char* statement : kMigrations[v]) connection->Execute(statement);
  }
  const std::string keys[] = {"schema_version", "min_reader", "min_writer"};
  SetMeta(connection, keys[0], kVersion);
  SetMeta(connection, keys[1], kMinReader);
  SetMeta(connection, keys[2], kMinWriter);
  connection->Execute(absl::StrCat("PRAGMA application_id=", kApplicationId));
  connection->Execute(absl::StrCat("PRAGMA user_version=", kVersion));
  transaction.Commit();
}

}  // namespace

void CheckHeader(const std::string& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::ifstream file(path, std::ios::binary);
  std::string head(kMagic.size(), '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<size_t>(file.gcount()));
  if (head.empty() || head == kMagic) return;
  Refuse(v1::ErrorInfo::NOT_A_STORE,
         absl::StrCat(path, " is no database; name another file"));
}

void PrepareSchema(Connection* connection, bool read_only) {
  const int64_t application = Pragma(connection, "PRAGMA application_id");
  const int64_t version = Pragma(connection, "PRAGMA user_version");
  const bool blank =
      application == 0 && version == 0 &&
      Pragma(connection, "SELECT count(*) FROM sqlite_schema") == 0;
  if (!blank && application != kApplicationId) {
    Refuse(v1::ErrorInfo::NOT_A_STORE,
           "this database belongs to another program; name another file");
  }
  CheckNotNewer(connection, version, read_only);
  CheckFingerprint(connection, version);
  if (read_only) {
    if (blank) Refuse(v1::ErrorInfo::NOT_A_STORE, "the store is empty");
    return;
  }
  // Kept in the file; the pages of a refused file were not touched before.
  connection->Execute("PRAGMA journal_mode=WAL");
  if (version < kVersion) Migrate(connection, version);
}

}  // namespace hotline::internal
