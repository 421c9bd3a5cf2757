// One PostgreSQL connection over libpq, always in pipeline mode: statements
// are queued, sent together and answered together, so that any number of them
// costs one round trip. Kept statements, binary results, a deadline on every
// wait. Nothing here is thread-safe, nothing throws.
#ifndef HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_CONNECTION_H_
#define HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_CONNECTION_H_

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace hotline::internal {

// A value of a statement. Bytes are looked at until they are queued.
struct PgValue {
  enum Kind { kNull, kInt, kBytes } kind = kNull;
  int64_t number = 0;
  std::string_view bytes = {};

  static PgValue Null() { return {}; }
  static PgValue Int(int64_t value) { return {kInt, value, {}}; }
  static PgValue Bytes(std::string_view value) { return {kBytes, 0, value}; }
};

// Values as libpq takes them. Numbers go as text, which the server reads as
// whatever type it wants. The room is used again and again.
class PgBound {
 public:
  void Take(std::span<const PgValue> values);
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<char> text_;
};

// What one statement answered: its rows, or why it failed.
class PgResult {
 public:
  explicit PgResult(PGresult* result) : result_(result, &PQclear) {}

  bool ok() const;
  // It was not run, for one before it failed.
  bool skipped() const;
  // It ends a pipeline.
  bool is_sync() const;
  // Of a failure: SQLSTATE, and the constraint's name if it is one.
  std::string_view state() const;
  std::string_view constraint() const;
  // Of a failure: the connection ended with it.
  bool fatal() const;
  // The failure as a status of ours.
  absl::Status status() const;

  int rows() const { return PQntuples(result_.get()); }
  // Rows written, of a statement that answers none.
  int64_t changed() const;
  std::string_view tag() const { return PQcmdStatus(result_.get()); }
  bool IsNull(int row, int column) const {
    return PQgetisnull(result_.get(), row, column) != 0;
  }
  int64_t Int(int row, int column) const;
  // NULL is empty.
  std::string_view Bytes(int row, int column) const;

 private:
  std::string_view Field(int code) const;
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

// Counted over all connections of a store.
struct PgCounters {
  int64_t connections = 1;  // opened
  int64_t round_trips = 0;  // waits for an answer
  int64_t statements = 0;
  int64_t rows = 0;  // that came over the line
};

class PgConnection {
 public:
  // `connection` is open and idle.
  PgConnection(std::unique_ptr<PGconn, decltype(&PQfinish)> connection,
               absl::Duration timeout);
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  const PgCounters& counters() const { return counters_; }

  // False once it was lost, or failed in a way that leaves its state in doubt:
  // then it must be closed.
  bool usable() const { return usable_; }
  // Looks, without waiting, whether the server has hung up meanwhile.
  bool StillThere();

  // Puts a statement behind those queued. The text is prepared at its first
  // use, in the same round trip, and kept for the connection's life.
  void Queue(std::string_view sql, std::span<const PgValue> values = {});
  void Queue(std::string_view sql, std::initializer_list<PgValue> values) {
    Queue(sql, std::span<const PgValue>(values.begin(), values.size()));
  }
  // Sends what is queued and waits for all answers, one for each statement, in
  // order. Unless a BEGIN stands in it, or came before, all of it is one
  // transaction, committed at its end. After one that fails the rest are
  // `skipped`. One answer more is the failure of that commit. An error here is
  // that of the connection: nothing is known of what the server did with
  // statements that have no answer in `answers`, nor whether it committed.
  absl::Status Collect(std::vector<PgResult>* answers);

  // Whether anything of what was queued last may have reached the server.
  bool sent() const { return sent_; }

  // One statement in a transaction of its own.
  absl::StatusOr<PgResult> Run(std::string_view sql,
                               std::span<const PgValue> values = {});
  absl::StatusOr<PgResult> Run(std::string_view sql,
                               std::initializer_list<PgValue> values) {
    return Run(sql, std::span<const PgValue>(values.begin(), values.size()));
  }

  // Leaves a transaction that failed. True if there is none any more.
  bool RollBack();

 private:
  // A statement known to the server, or queued to be.
  struct Kept {
    std::string sql;
    std::string name;
  };
  // What the server will answer, in order.
  struct Expected {
    Kept* prepares = nullptr;  // of a Parse, whose answer nobody asked for
  };

  absl::Status Wait(absl::Time deadline);
  // The next answer; null after the last of a statement, or when it is lost.
  PGresult* Next(absl::Time deadline, absl::Status* lost);
  // The end of a pipeline, and before it, in `answers`, what refused its
  // commit.
  absl::Status CollectEnd(absl::Time deadline, std::vector<PgResult>* answers);
  absl::Status Lost(std::string_view why);

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  const absl::Duration timeout_;
  PgCounters counters_;
  bool usable_ = true;
  bool sent_ = false;
  std::string trouble_;  // of a statement that could not be queued
  std::vector<Expected> expected_;
  PgBound bound_;
  std::unordered_map<std::string_view, std::unique_ptr<Kept>> kept_;
  int64_t names_ = 0;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_CONNECTION_H_
