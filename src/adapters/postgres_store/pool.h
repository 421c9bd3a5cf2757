// A few connections, each lent to one call at a time. One that was lost is
// closed, and another is opened when it is needed.
#ifndef HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_POOL_H_
#define HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_POOL_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "src/adapters/postgres_store/sql_connection.h"
#include "src/base/mutex.h"

namespace hotline::internal {

class PgPool {
 public:
  using Opener =
      std::function<absl::StatusOr<std::unique_ptr<PgSqlConnection>>()>;

  // `patience`: how long a call waits for a connection that is lent.
  PgPool(Opener open, int most, absl::Duration patience)
      : open_(std::move(open)), most_(most), patience_(patience) {}

  // Lent until it goes out of scope.
  class Lease {
   public:
    Lease(PgPool* pool, std::unique_ptr<PgSqlConnection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    ~Lease() {
      if (connection_ != nullptr) pool_->Return(std::move(connection_));
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    PgSqlConnection* get() const { return connection_.get(); }

   private:
    PgPool* const pool_;
    std::unique_ptr<PgSqlConnection> connection_;
  };

  // Waits for a free one. Not OK: none came back in time, or none could be
  // opened.
  absl::StatusOr<Lease> Borrow();
  // Of all connections there ever were; those that are lent count when they
  // come back.
  PgCounters counters();

 private:
  // Waits until fewer are lent than may be; false if the deadline came first.
  bool WaitForFree() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Return(std::unique_ptr<PgSqlConnection> connection);
  std::unique_ptr<PgSqlConnection> TakeIdle() ABSL_LOCKS_EXCLUDED(mutex_);
  void CountAndDrop(std::unique_ptr<PgSqlConnection> connection)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const Opener open_;
  const int most_;
  const absl::Duration patience_;
  Mutex mutex_;
  std::condition_variable_any returned_;
  int lent_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<PgSqlConnection>> idle_ ABSL_GUARDED_BY(mutex_);
  PgCounters past_ ABSL_GUARDED_BY(mutex_) = {.connections = 0};  // closed
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_POOL_H_
