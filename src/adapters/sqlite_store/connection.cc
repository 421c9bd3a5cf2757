#include "src/adapters/sqlite_store/connection.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "SQLiteCpp/Column.h"
#include "absl/strings/str_cat.h"
#include "hotline/store.h"

namespace hotline::internal {
namespace {

// 64 MiB of log before the committing connection copies it into the database:
// the default of 1,000 pages costs a third of the throughput and puts the 99th
// percentile at ten times the median. The log is never cut for size: writing
// over it is faster than growing it.
constexpr int kLogPages = 16'000;
constexpr int kPageBytes = 4'096;
constexpr int kCommitAttempts = 3;

int OpenFlags(const Tuning& tuning) {
  // Each connection has one user at a time, so SQLite need not lock it again.
  if (tuning.read_only) return SQLite::OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
  return SQLite::OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
         (tuning.create ? SQLite::OPEN_CREATE : 0);
}

// The file may come from anywhere: nothing in it is to be run.
void Distrust(sqlite3* db) {
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
}

v1::ErrorInfo::Reason ReasonOfCode(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return v1::ErrorInfo::STORAGE_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return v1::ErrorInfo::STORE_BUSY;
    case SQLITE_NOTADB:
      return v1::ErrorInfo::NOT_A_STORE;
    case SQLITE_CORRUPT:
    // Every Write is checked before it is written: what a constraint still
    // finds is a store that contradicts itself.
    case SQLITE_CONSTRAINT:
      return v1::ErrorInfo::CORRUPT;
    case SQLITE_TOOBIG:
      return v1::ErrorInfo::LIMIT_EXCEEDED;
    default:
      return v1::ErrorInfo::STORE_FAILED;
  }
}

}  // namespace

absl::Status ToStatus(const SQLite::Exception& error) {
  const int code = error.getErrorCode();
  const int extended = error.getExtendedErrorCode();
  return MakeError(ReasonOfCode(code == SQLITE_OK ? extended : code),
                   absl::StrCat("SQLite: ", error.what(), " (",
                                extended > 0 ? extended : code, ")"));
}

Connection::Connection(const std::string& path, const Tuning& tuning)
    : database_(path, OpenFlags(tuning), tuning.busy_ms),
      read_only_(tuning.read_only) {
  Distrust(handle());
  Execute("PRAGMA mmap_size=0");
  Execute("PRAGMA cell_size_check=ON");
  Execute(absl::StrCat("PRAGMA cache_size=-", tuning.cache_bytes / 1024));
  if (tuning.read_only) {
    Execute("PRAGMA query_only=ON");
    return;
  }
  Execute(absl::StrCat("PRAGMA page_size=", kPageBytes));
  Execute(tuning.full_sync ? "PRAGMA synchronous=FULL"
                           : "PRAGMA synchronous=NORMAL");
  // An erased body must leave no copy in a page that was set free long ago.
  Execute("PRAGMA secure_delete=ON");
  Execute("PRAGMA journal_size_limit=-1");
  Execute(absl::StrCat("PRAGMA wal_autocheckpoint=", kLogPages));
  if (tuning.max_bytes > 0) {
    Execute(absl::StrCat("PRAGMA max_page_count=",
                         std::max<int64_t>(1, tuning.max_bytes / kPageBytes)));
  }
}

SQLite::Statement& Connection::Prepared(std::string_view sql) {
  const auto found = prepared_.find(sql);
  if (found != prepared_.end()) return *found->second;
  auto statement =
      std::make_unique<SQLite::Statement>(database_, std::string(sql));
  SQLite::Statement& kept = *statement;
  prepared_.emplace(kept.getQuery(), std::move(statement));
  return kept;
}

bool Connection::Idle() { return sqlite3_get_autocommit(handle()) != 0; }

int64_t Connection::PagesWritten() {
  int now = 0;
  int highest = 0;
  sqlite3_db_status(handle(), SQLITE_DBSTATUS_CACHE_WRITE, &now, &highest, 0);
  return now;
}

bool Connection::TruncateLog(int busy_ms) {
  sqlite3_busy_timeout(handle(), 0);
  const int code = sqlite3_wal_checkpoint_v2(
      handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle(), busy_ms);
  return code == SQLITE_OK;
}

Run::Run(Connection* connection, std::string_view sql)
    : statement_(connection->Prepared(sql)) {
  connection->CountStatement();
}

Run& Run::Int(int64_t value) {
  statement_.bind(next_++, value);
  return *this;
}

Run& Run::Time(int64_t value) { return value == kNever ? Null() : Int(value); }

Run& Run::Text(const std::string& value) {
  statement_.bindNoCopy(next_++, value);
  return *this;
}

Run& Run::Blob(const std::string& value) {
  statement_.bindNoCopy(next_++, static_cast<const void*>(value.data()),
                        static_cast<int>(value.size()));
  return *this;
}

Run& Run::Null() {
  statement_.bind(next_++);
  return *this;
}

int Run::Done() {
  while (statement_.executeStep()) {
  }
  return statement_.getChanges();
}

int64_t Run::GetInt(int column) const {
  return statement_.getColumn(column).getInt64();
}

int64_t Run::GetTime(int column) const {
  return IsNull(column) ? kNever : GetInt(column);
}

std::string Run::GetText(int column) const { return std::string(View(column)); }

std::string_view Run::View(int column) const {
  const SQLite::Column value = statement_.getColumn(column);
  const void* bytes = value.getBlob();
  return {static_cast<const char*>(bytes),
          static_cast<size_t>(value.getBytes())};
}

WriteTransaction::WriteTransaction(Connection* connection)
    : connection_(connection) {
  Run(connection_, "BEGIN IMMEDIATE").Done();
}

WriteTransaction::~WriteTransaction() {
  if (committed_) return;
  // What was taken for written is not.
  connection_->stored_cases()->Clear();
  // A full disk may have rolled back already; a second ROLLBACK is an error,
  // and a statement run now would commit alone.
  if (connection_->Idle()) return;
  try {
    Run(connection_, "ROLLBACK").Done();
  } catch (const std::exception&) {
    // The connection stays in its transaction; the next BEGIN says so.
  }
}

void WriteTransaction::Commit() {
  for (int attempt = 1;; ++attempt) {
    try {
      Run(connection_, "COMMIT").Done();
      committed_ = true;
      return;
    } catch (const SQLite::Exception& error) {
      const int code = error.getErrorCode() & 0xff;
      const bool open = !connection_->Idle();
      if (code == SQLITE_BUSY && open && attempt < kCommitAttempts) continue;
      if (code == SQLITE_BUSY || code == SQLITE_FULL) throw;
      throw Failure(MakeError(
          v1::ErrorInfo::OUTCOME_UNKNOWN,
          absl::StrCat("COMMIT failed: ", ToStatus(error).message())));
    }
  }
}

}  // namespace hotline::internal
