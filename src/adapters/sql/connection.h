// What the SQL stores ask of a database: statements that are prepared once and
// kept, parameters in, columns out. One file a database implements it; whatever
// that database throws ends there and becomes a Failure.
//
// Thread rule: one user at a time. Nothing here waits for a lock of ours.
#ifndef HOTLINE_SRC_ADAPTERS_SQL_CONNECTION_H_
#define HOTLINE_SRC_ADAPTERS_SQL_CONNECTION_H_

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "hotline/error.h"
#include "hotline/store.h"
#include "src/adapters/sql/dialect.h"

namespace hotline::internal {

// Carries a status through code that is easier to read where it may throw. It
// never leaves a store.
struct Failure : std::exception {
  explicit Failure(absl::Status s) : status(std::move(s)) {}
  absl::Status status;
};

// Runs `f`, which answers a status or a StatusOr, and lets nothing be thrown.
template <typename F>
auto Guarded(F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const Failure& failure) {
    return failure.status;
  } catch (const std::exception& error) {
    return MakeError(v1::ErrorInfo::STORE_FAILED, error.what());
  }
}

// The parameters of a statement, from 1 on. Bytes must live until it has run.
class SqlParameters {
 public:
  virtual ~SqlParameters() = default;
  virtual void BindNull(int parameter) = 0;
  virtual void BindInt(int parameter, int64_t value) = 0;
  virtual void BindBool(int parameter, bool value) = 0;
  virtual void BindBytes(int parameter, std::string_view value) = 0;
};

// Binds one value after the other.
class Values {
 public:
  explicit Values(SqlParameters* parameters) : parameters_(parameters) {}

  Values& Int(int64_t value) {
    parameters_->BindInt(++last_, value);
    return *this;
  }
  Values& Time(int64_t value) {  // kNever is NULL
    return value == kNever ? Null() : Int(value);
  }
  Values& Bool(bool value) {
    parameters_->BindBool(++last_, value);
    return *this;
  }
  Values& Bytes(std::string_view value) {
    parameters_->BindBytes(++last_, value);
    return *this;
  }
  Values& Bytes(std::string&&) = delete;
  Values& BytesOrNull(std::string_view value) {  // empty is NULL
    return value.empty() ? Null() : Bytes(value);
  }
  Values& Null() {
    parameters_->BindNull(++last_);
    return *this;
  }

 private:
  SqlParameters* const parameters_;
  int last_ = 0;
};

// A kept statement: bound, stepped until there are no rows, reset. Columns from
// 0 on; views hold until the next step. All may throw but Reset.
class SqlStatement : public SqlParameters {
 public:
  virtual bool Step() = 0;  // true: a row
  virtual int64_t RowsChanged() = 0;
  virtual bool IsNull(int column) = 0;
  virtual int64_t GetInt(int column) = 0;             // NULL is 0, true is 1
  virtual std::string_view GetBytes(int column) = 0;  // NULL is empty
  virtual void Reset() noexcept = 0;
};

class Run;

class SqlConnection {
 public:
  virtual ~SqlConnection() = default;
  virtual SqlDialect dialect() const = 0;
  // Rendered and prepared at its first use, then kept. Throws.
  virtual SqlStatement* Kept(std::string_view text, const Variant& variant) = 0;
  // For statements that are run once: DDL. Throws.
  virtual void Execute(const std::string& sql) = 0;
  virtual void Begin() = 0;  // of a transaction that writes
  // Throws a Failure with OUTCOME_UNKNOWN where it cannot be told.
  virtual void Commit() = 0;
  virtual void Rollback() noexcept = 0;
  // A case's columns were read from `run`, selected by {cases}.
  virtual void Saw(const Run& run, const CaseRow& row);

  // Room for one framed body at a time, used again and again.
  std::string* frame() { return &frame_; }

 private:
  std::string frame_;
};

// One run of a kept statement:
//
//   Run run(connection, kNextTimer);
//   run.in().Bytes(tenant);
//   return run.Step() ? run.GetInt(0) : kNever;
class Run {
 public:
  Run(SqlConnection* connection, std::string_view text,
      const Variant& variant = {})
      : statement_(connection->Kept(text, variant)), values_(statement_) {}
  ~Run() { statement_->Reset(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Values& in() { return values_; }

  bool Step() { return statement_->Step(); }
  // For statements without rows; answers how many rows changed.
  int64_t Done() {
    while (statement_->Step()) {
    }
    return statement_->RowsChanged();
  }

  bool IsNull(int column) const { return statement_->IsNull(column); }
  int64_t GetInt(int column) const { return statement_->GetInt(column); }
  int64_t GetTime(int column) const {  // NULL is kNever
    return IsNull(column) ? kNever : GetInt(column);
  }
  std::string_view View(int column) const {
    return statement_->GetBytes(column);
  }
  std::string GetBytes(int column) const { return std::string(View(column)); }

 private:
  SqlStatement* const statement_;
  Values values_;
};

inline void SqlConnection::Saw(const Run&, const CaseRow&) {}

// Begin to Commit; rolls back unless committed.
class WriteTransaction {
 public:
  explicit WriteTransaction(SqlConnection* connection)
      : connection_(connection) {
    connection_->Begin();
  }
  ~WriteTransaction() {
    if (!committed_) connection_->Rollback();
  }
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;

  void Commit() {
    connection_->Commit();
    committed_ = true;
  }

 private:
  SqlConnection* const connection_;
  bool committed_ = false;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQL_CONNECTION_H_
