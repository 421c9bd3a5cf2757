// A few read-only connections, each lent to one call at a time.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READER_POOL_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READER_POOL_H_

#include <chrono>
#include <condition_variable>
#include <memory>
#include <string>
#include <vector>

#include "src/adapters/sqlite_store/connection.h"
#include "src/base/mutex.h"

namespace hotline::internal {

class ReaderPool {
 public:
  ReaderPool(std::string path, Tuning tuning, int most)
      : path_(std::move(path)), tuning_(tuning), most_(most) {}

  class Lease {
   public:
    Lease(ReaderPool* pool, std::unique_ptr<SqliteConnection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    ~Lease() { pool_->Return(std::move(connection_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    SqliteConnection* get() const { return connection_.get(); }

   private:
    ReaderPool* const pool_;
    std::unique_ptr<SqliteConnection> connection_;
  };

  // Waits for a free connection; throws if a new one cannot be opened.
  Lease Borrow();
  // Until Resume, lends nothing. Waits `patience` at most for what is lent;
  // false if some still is.
  bool Pause(std::chrono::milliseconds patience);
  void Resume();
  // Closes what is not lent.
  void CloseAll();

 private:
  void Return(std::unique_ptr<SqliteConnection> connection);
  void Release();

  const std::string path_;
  const Tuning tuning_;
  const int most_;
  Mutex mutex_;
  std::condition_variable_any changed_;
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  int lent_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<SqliteConnection>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_READER_POOL_H_
