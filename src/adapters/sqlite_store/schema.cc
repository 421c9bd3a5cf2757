#include "src/adapters/sqlite_store/schema.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace hotline::internal {
namespace {

[[noreturn]] void Refuse(v1::ErrorInfo::Reason reason,
                         std::string_view message) {
  throw Failure(MakeError(reason, message));
}

// The texts of all tables, indexes, views and triggers in the file. What SQLite
// makes for itself has none, or bears its reserved prefix.
std::vector<std::string> StoredTexts(SqliteConnection* connection) {
  std::vector<std::string> texts;
  Run run(connection,
          "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"
          " AND name NOT GLOB 'sqlite_*' ORDER BY sql");
  while (run.Step()) texts.push_back(run.GetBytes(0));
  return texts;
}

// The migrations this library knows.
class Ours {
 public:
  explicit Ours(std::span<const Migration> migrations)
      : migrations_(migrations) {}

  int64_t version() const { return static_cast<int64_t>(migrations_.size()); }

  // The texts of everything a store of `version` holds, as SQLite keeps them
  // after all its migrations.
  std::vector<std::string> Texts(int64_t version) const {
    SqliteConnection model(":memory:", {.cache_bytes = 1 << 20});
    for (int64_t v = 0; v < version; ++v) {
      for (const std::string& sql : Statements(v)) model.Execute(sql);
    }
    return StoredTexts(&model);
  }

  void Migrate(SqliteConnection* connection, int64_t from) const {
    for (int64_t v = from; v < version(); ++v) {
      WriteTransaction transaction(connection);
      for (const std::string& sql : Statements(v)) connection->Execute(sql);
      transaction.Commit();
    }
  }

 private:
  std::vector<std::string> Statements(int64_t from) const {
    return Ddl(SqlDialect::kSqlite, migrations_[static_cast<size_t>(from)],
               static_cast<int>(from) + 1);
  }

  const std::span<const Migration> migrations_;
};

// What a later version may have added without harm to this one: nothing that
// runs when a row is written or read.
bool IsPassive(const std::string& sql) {
  return sql.starts_with("CREATE TABLE") || sql.starts_with("CREATE INDEX") ||
         sql.starts_with("CREATE UNIQUE INDEX") ||
         sql.starts_with("CREATE VIEW report_");
}

void CheckFingerprint(SqliteConnection* connection, const Ours& ours,
                      int64_t version) {
  const std::vector<std::string> stored = StoredTexts(connection);
  const std::vector<std::string> own =
      ours.Texts(std::min(version, ours.version()));
  const bool fits =
      version <= ours.version()
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
int64_t LeastSchema(SqliteConnection* connection, int64_t version,
                    bool read_only) {
  try {
    Run run(connection,
            read_only ? "SELECT value FROM meta WHERE key = 'min_reader'"
                      : "SELECT value FROM meta WHERE key = 'min_writer'");
    return run.Step() ? run.GetInt(0) : version;
  } catch (const Failure&) {
    return version;
  }
}

void CheckNotNewer(SqliteConnection* connection, const Ours& ours,
                   int64_t version, bool read_only) {
  if (version <= ours.version()) return;
  const int64_t least = LeastSchema(connection, version, read_only);
  if (least <= ours.version()) return;
  Refuse(v1::ErrorInfo::SCHEMA_NEWER,
         absl::StrCat("the store has schema ", version, " and asks for ", least,
                      " at least; this library knows ", ours.version(),
                      ": install a newer hotline"));
}

}  // namespace

void PrepareSchema(SqliteConnection* connection, bool read_only,
                   std::span<const Migration> migrations) {
  const Ours ours(migrations);
  const int64_t application = connection->Ask("PRAGMA application_id");
  const int64_t version = connection->Ask("PRAGMA user_version");
  const bool blank = application == 0 && version == 0 &&
                     connection->Ask("SELECT count(*) FROM sqlite_schema") == 0;
  if (!blank && application != kApplicationId) {
    Refuse(v1::ErrorInfo::NOT_A_STORE,
           "this database belongs to another program; name another file");
  }
  CheckNotNewer(connection, ours, version, read_only);
  CheckFingerprint(connection, ours, version);
  if (read_only) {
    if (blank) Refuse(v1::ErrorInfo::NOT_A_STORE, "the store is empty");
    return;
  }
  // Kept in the file; the pages of a refused file were not touched before.
  connection->Execute("PRAGMA journal_mode=WAL");
  if (version < ours.version()) ours.Migrate(connection, version);
}

}  // namespace hotline::internal
