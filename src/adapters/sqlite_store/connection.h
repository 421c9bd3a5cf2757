// One SQLite connection, its kept statements, and the border where SQLiteCpp's
// exceptions become statuses. Nothing here is thread-safe.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_CONNECTION_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_CONNECTION_H_

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/status.h"
#include "hotline/error.h"
#include "src/adapters/sqlite_store/stored_cases.h"

struct sqlite3;

namespace hotline::internal {

// Carries a status of ours through code that throws anyway.
struct Failure : std::exception {
  explicit Failure(absl::Status s) : status(std::move(s)) {}
  absl::Status status;
};

absl::Status ToStatus(const SQLite::Exception& error);

// Runs `f`, which answers a status or a StatusOr, and lets nothing be thrown.
template <typename F>
auto Guarded(F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const Failure& failure) {
    return failure.status;
  } catch (const SQLite::Exception& error) {
    return ToStatus(error);
  } catch (const std::exception& error) {
    return MakeError(v1::ErrorInfo::STORE_FAILED, error.what());
  }
}

struct Tuning {
  bool read_only = false;
  bool create = false;
  bool full_sync = true;
  int busy_ms = 5000;
  int64_t cache_bytes = 0;
  int64_t max_bytes = 0;  // 0: no bound
};

class Connection {
 public:
  // Throws.
  Connection(const std::string& path, const Tuning& tuning);

  // Prepared once and kept. The text is a constant of this adapter.
  SQLite::Statement& Prepared(std::string_view sql);
  void Execute(const std::string& sql) { database_.exec(sql); }
  sqlite3* handle() { return database_.getHandle(); }
  int64_t statements() const { return statements_; }
  void CountStatement() { ++statements_; }
  // No transaction is open.
  bool Idle();
  int64_t LastId() { return database_.getLastInsertRowid(); }
  // Pages given to the file system since this connection was opened.
  int64_t PagesWritten();
  // Copies the log into the database and empties it. False if a reader of
  // another process is in the way. Does not wait.
  bool TruncateLog(int busy_ms);
  // Of a connection that writes; of one that only reads, null.
  StoredCases* stored_cases() { return read_only_ ? nullptr : &stored_cases_; }
  // Room for one framed body at a time.
  std::string* frame() { return &frame_; }

 private:
  SQLite::Database database_;
  const bool read_only_;
  StoredCases stored_cases_;
  std::string frame_;
  // The views look into the statements' own texts, which stay where they are.
  std::unordered_map<std::string_view, std::unique_ptr<SQLite::Statement>>
      prepared_;
  int64_t statements_ = 0;
};

// One run of a kept statement. Values are bound in order and must live until
// the run ends.
class Run {
 public:
  Run(Connection* connection, std::string_view sql);
  ~Run() { statement_.tryReset(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Run& Int(int64_t value);
  Run& Time(int64_t value);  // kNever is NULL
  Run& Text(const std::string& value);
  Run& Text(std::string&&) = delete;
  Run& Blob(const std::string& value);
  Run& Blob(std::string&&) = delete;
  Run& Null();

  bool Step() { return statement_.executeStep(); }
  // For statements without rows; answers how many rows changed.
  int Done();

  int64_t GetInt(int column) const;
  int64_t GetTime(int column) const;
  std::string GetText(int column) const;  // NULL is empty; blobs too
  // The same without a copy, until the next step.
  std::string_view View(int column) const;
  bool IsNull(int column) const { return statement_.isColumnNull(column); }

 private:
  SQLite::Statement& statement_;
  int next_ = 1;
};

// BEGIN IMMEDIATE to COMMIT; rolls back unless committed.
class WriteTransaction {
 public:
  explicit WriteTransaction(Connection* connection);
  ~WriteTransaction();
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;

  // Throws Failure with OUTCOME_UNKNOWN where it cannot be told.
  void Commit();

 private:
  Connection* const connection_;
  bool committed_ = false;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_CONNECTION_H_
