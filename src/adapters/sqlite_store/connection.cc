#include "src/adapters/sqlite_store/connection.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/adapters/sql/rows.h"

namespace hotline::internal {
namespace {

// 64 MiB of log before the committing connection copies it into the database:
// the default of 1,000 pages costs a third of the throughput and puts the 99th
// percentile at ten times the median. The log is never cut for size: writing
// over it is faster than growing it.
constexpr int kLogPages = 16'000;
constexpr int kPageBytes = 4'096;
constexpr int kCommitAttempts = 3;
// When SQLite splits a page it may lend another the number that the page at
// 1 GiB has. In a smaller file that number is past the end, so the commit looks
// through the whole cache for such pages: with 64 MiB of it, a tenth of a
// millisecond and more a commit. 16 MiB hold the inner pages of all trees of a
// file of that size.
constexpr int64_t kLentPage = (int64_t{1} << 30) / kPageBytes;
constexpr int64_t kCacheOfSmallFile = int64_t{16} << 20;
// Variants of a text: two, and four columns.
constexpr size_t kVariants = 8;

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

absl::Status Error(sqlite3* db) {
  return SqliteError(sqlite3_extended_errcode(db), sqlite3_errmsg(db));
}

// What to do about it.
const char* HintOf(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "; make room on the disk, or raise max_bytes";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "; another program holds the file: end it, or wait longer";
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return "; the file and its directory must be readable and writable";
    case SQLITE_NOTADB:
      return "; name another file";
    case SQLITE_CORRUPT:
    case SQLITE_CONSTRAINT:
      return "; restore a backup";
    case SQLITE_IOERR:
      return "; look to the disk";
    default:
      return "";
  }
}

void Check(sqlite3* db, int code) {
  if (code != SQLITE_OK) throw Failure(Error(db));
}

int OpenFlags(const Tuning& tuning) {
  // Each connection has one user at a time, so SQLite need not lock it again.
  if (tuning.read_only) return SQLite::OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
  return SQLite::OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
         (tuning.create ? SQLite::OPEN_CREATE : 0);
}

SQLite::Database Open(const std::string& path, const Tuning& tuning) {
  try {
    return SQLite::Database(path, OpenFlags(tuning), tuning.busy_ms);
  } catch (const SQLite::Exception& error) {
    const int extended = error.getExtendedErrorCode();
    throw Failure(SqliteError(extended > 0 ? extended : error.getErrorCode(),
                              error.what()));
  }
}

// NOT_A_STORE for content that is no database, before SQLite plays a journal
// back into it that somebody left beside it. An empty file passes. It is read
// through SQLite's own descriptor: whoever closes another one of the same file
// drops all locks this process has on it (sqlite.org/howtocorrupt.html, 2.2).
void CheckHeader(sqlite3* db) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr) return;  // in memory
  char head[kMagic.size()] = {};
  sqlite3_int64 size = 0;
  int code = file->pMethods->xFileSize(file, &size);
  if (code == SQLITE_OK && size > 0) {
    code = file->pMethods->xRead(file, head, sizeof(head), 0);
  }
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) {
    throw Failure(SqliteError(code, sqlite3_errstr(code)));
  }
  if (size == 0 || std::string_view(head, sizeof(head)) == kMagic) return;
  throw Failure(MakeError(v1::ErrorInfo::NOT_A_STORE,
                          absl::StrCat(sqlite3_db_filename(db, "main"),
                                       " is no database; name another file")));
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

}  // namespace

absl::Status SqliteError(int code, std::string_view message) {
  return MakeError(ReasonOfCode(code),
                   absl::StrCat("SQLite: ", std::string(message), " (", code,
                                ")", HintOf(code)));
}

// SQLite's own interface, for it costs nothing a column.
class SqliteConnection::Statement final : public SqlStatement {
 public:
  Statement(SqliteConnection* connection, std::string_view text,
            const Variant& variant)
      : db_(connection->handle()), text_(text) {
    const std::string sql = Render(SqlDialect::kSqlite, text, variant);
    Check(db_,
          sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                             SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
  }
  ~Statement() override { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  std::string_view text() const { return text_; }

  void BindNull(int parameter) override {
    Check(db_, sqlite3_bind_null(statement_, parameter));
  }
  void BindInt(int parameter, int64_t value) override {
    Check(db_, sqlite3_bind_int64(statement_, parameter, value));
  }
  void BindBool(int parameter, bool value) override {
    BindInt(parameter, value ? 1 : 0);
  }
  void BindBytes(int parameter, std::string_view value) override {
    // A null pointer would be NULL, and empty bytes are not.
    Check(db_, sqlite3_bind_blob64(statement_, parameter,
                                   value.data() == nullptr ? "" : value.data(),
                                   value.size(), SQLITE_STATIC));
  }

  bool Step() override {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) throw Failure(Error(db_));
    return false;
  }
  int64_t RowsChanged() override { return sqlite3_changes64(db_); }
  bool IsNull(int column) override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  int64_t GetInt(int column) override {
    return sqlite3_column_int64(statement_, column);
  }
  std::string_view GetBytes(int column) override {
    const void* bytes = sqlite3_column_blob(statement_, column);
    return {static_cast<const char*>(bytes),
            static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }
  void Reset() noexcept override { sqlite3_reset(statement_); }

 private:
  sqlite3* const db_;
  const std::string text_;
  sqlite3_stmt* statement_ = nullptr;
};

SqliteConnection::SqliteConnection(const std::string& path,
                                   const Tuning& tuning)
    : database_(Open(path, tuning)),
      handle_(database_.getHandle()),
      read_only_(tuning.read_only),
      cache_bytes_(tuning.cache_bytes),
      kept_(kVariants) {
  sqlite3_extended_result_codes(handle_, 1);
  Distrust(handle_);
  CheckHeader(handle_);
  Execute("PRAGMA mmap_size=0");
  Execute("PRAGMA cell_size_check=ON");
  Execute(absl::StrCat("PRAGMA cache_size=-", tuning.cache_bytes / 1024));
  if (tuning.read_only) {
    Execute("PRAGMA query_only=ON");
    // It is the writer's to copy the log into the database.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
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

SqliteConnection::~SqliteConnection() = default;

SqlStatement* SqliteConnection::Kept(std::string_view text,
                                     const Variant& variant) {
  ++statements_;
  Texts& texts =
      kept_[static_cast<size_t>(variant.column) * 2 + (variant.sealed ? 1 : 0)];
  const auto found = texts.find(text);
  if (found != texts.end()) return found->second.get();
  auto statement = std::make_unique<Statement>(this, text, variant);
  Statement* kept = statement.get();
  texts.emplace(kept->text(), std::move(statement));
  return kept;
}

void SqliteConnection::Execute(const std::string& sql) {
  Check(handle_, sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr));
}

int64_t SqliteConnection::Ask(std::string_view sql) {
  Run run(this, sql);
  return run.Step() ? run.GetInt(0) : 0;
}

bool SqliteConnection::Idle() { return sqlite3_get_autocommit(handle_) != 0; }

int64_t SqliteConnection::NextBody() {
  if (next_body_ == 0) next_body_ = Ask("SELECT max(id) FROM bodies") + 1;
  return next_body_;
}

int64_t SqliteConnection::PagesWritten() {
  int now = 0;
  int highest = 0;
  sqlite3_db_status(handle_, SQLITE_DBSTATUS_CACHE_WRITE, &now, &highest, 0);
  return now;
}

bool SqliteConnection::TruncateLog(int busy_ms) {
  sqlite3_busy_timeout(handle_, 0);
  const int code = sqlite3_wal_checkpoint_v2(
      handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle_, busy_ms);
  return code == SQLITE_OK;
}

void SqliteConnection::SizeCache() {
  const bool small = Ask("PRAGMA page_count") <= kLentPage;
  const int64_t bytes =
      small ? std::min(cache_bytes_, kCacheOfSmallFile) : cache_bytes_;
  Execute(absl::StrCat("PRAGMA cache_size=-", bytes / 1024));
}

void SqliteConnection::Begin() { Run(this, "BEGIN IMMEDIATE").Done(); }

void SqliteConnection::Rollback() noexcept {
  // What was taken for written is not.
  stored_cases_.Clear();
  next_body_ = 0;
  // A full disk may have rolled back already; a second ROLLBACK is an error,
  // and a statement run now would commit alone.
  if (Idle()) return;
  ++statements_;
  // If it fails, the connection stays in its transaction; the next BEGIN says
  // so.
  sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

void SqliteConnection::Commit() {
  for (int attempt = 1;; ++attempt) {
    try {
      Run(this, "COMMIT").Done();
      return;
    } catch (const Failure& failure) {
      const auto reason = ReasonOf(failure.status);
      const bool busy = reason == v1::ErrorInfo::STORE_BUSY;
      if (busy && !Idle() && attempt < kCommitAttempts) continue;
      if (busy || reason == v1::ErrorInfo::STORAGE_FULL) throw;
      throw Failure(
          MakeError(v1::ErrorInfo::OUTCOME_UNKNOWN,
                    absl::StrCat("COMMIT failed: ", failure.status.message())));
    }
  }
}

void SqliteConnection::Saw(const Run& run, const CaseRow& row) {
  if (read_only_) return;
  stored_cases_.Remember(run.GetInt(kOwnCaseColumn),
                         run.GetInt(kOwnCaseColumn + 1), row);
}

}  // namespace hotline::internal
