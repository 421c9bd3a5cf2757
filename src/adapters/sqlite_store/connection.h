// One SQLite connection and its kept statements. Nothing here is thread-safe.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_CONNECTION_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_CONNECTION_H_

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/adapters/sql/connection.h"
#include "src/adapters/sqlite_store/stored_cases.h"

struct sqlite3;
struct sqlite3_stmt;

namespace hotline::internal {

struct Tuning {
  bool read_only = false;
  bool create = false;
  bool full_sync = true;
  int busy_ms = 5000;
  int64_t cache_bytes = 0;  // at most; see SizeCache
  int64_t max_bytes = 0;    // 0: no bound
};

// SQLite's extended error code in our words.
absl::Status SqliteError(int code, std::string_view message);

class SqliteConnection : public SqlConnection {
 public:
  // Throws; NOT_A_STORE, and nothing touched, if the file has content that is
  // no database.
  SqliteConnection(const std::string& path, const Tuning& tuning);
  ~SqliteConnection() override;

  SqlDialect dialect() const override { return SqlDialect::kSqlite; }
  SqlStatement* Kept(std::string_view text, const Variant& variant) override;
  void Execute(const std::string& sql) override;
  // BEGIN IMMEDIATE: a transaction that reads first and writes then may be
  // refused in its middle, without any waiting.
  void Begin() override;
  void Commit() override;
  void Rollback() noexcept override;
  void Saw(const Run& run, const CaseRow& row) override;

  // The first column of the first row, or 0.
  int64_t Ask(std::string_view sql);
  sqlite3* handle() { return handle_; }
  int64_t statements() const { return statements_; }
  // No transaction is open.
  bool Idle();
  // The id for the next sealed body: rows of `bodies` are only appended.
  int64_t NextBody();
  void TookBody(int64_t id) { next_body_ = id + 1; }
  // Fits the cache of a connection that writes to the size of the file. To be
  // called now and then, between transactions.
  void SizeCache();
  // Pages given to the file system since this connection was opened.
  int64_t PagesWritten();
  // Copies the log into the database and empties it. False if a reader of
  // another process is in the way. Does not wait.
  bool TruncateLog(int busy_ms);
  // Of a connection that writes; one that only reads remembers nothing.
  StoredCases* stored_cases() { return &stored_cases_; }

 private:
  class Statement;

  SQLite::Database database_;
  sqlite3* const handle_;
  const bool read_only_;
  const int64_t cache_bytes_;
  StoredCases stored_cases_;
  // By text, without and with the sealed body, and by column. The views look
  // into the statements' own copies.
  using Texts =
      std::unordered_map<std::string_view, std::unique_ptr<Statement>>;
  std::vector<Texts> kept_;
  int64_t statements_ = 0;
  int64_t next_body_ = 0;  // 0: not known
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_CONNECTION_H_
