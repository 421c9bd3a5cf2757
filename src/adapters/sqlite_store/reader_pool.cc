#include "src/adapters/sqlite_store/reader_pool.h"

#include <utility>

namespace hotline::internal {

ReaderPool::Lease ReaderPool::Borrow() {
  std::unique_ptr<SqliteConnection> connection;
  {
    MutexLock lock(&mutex_);
    while (paused_ || lent_ >= most_) changed_.wait(mutex_);
    ++lent_;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (connection == nullptr) {
    try {
      connection = std::make_unique<SqliteConnection>(path_, tuning_);
    } catch (...) {
      Release();
      throw;
    }
  }
  return Lease(this, std::move(connection));
}

void ReaderPool::Return(std::unique_ptr<SqliteConnection> connection) {
  {
    MutexLock lock(&mutex_);
    idle_.push_back(std::move(connection));
  }
  Release();
}

void ReaderPool::Release() {
  MutexLock lock(&mutex_);
  --lent_;
  changed_.notify_all();
}

bool ReaderPool::Pause(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  MutexLock lock(&mutex_);
  paused_ = true;
  while (lent_ > 0 &&
         changed_.wait_until(mutex_, until) != std::cv_status::timeout) {
  }
  return lent_ == 0;
}

void ReaderPool::Resume() {
  MutexLock lock(&mutex_);
  paused_ = false;
  changed_.notify_all();
}

void ReaderPool::CloseAll() {
  MutexLock lock(&mutex_);
  idle_.clear();
}

}  // namespace hotline::internal
