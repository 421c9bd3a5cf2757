#include "crew.h"

namespace city {

// The caller is one of the hands.
Crew::Crew(int hands) {
  for (int i = 1; i < hands; ++i) threads_.emplace_back([this] { Help(); });
}

Crew::~Crew() {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Crew::Do(int count, const std::function<void(int)>& work) {
  if (count == 0) return;
  std::unique_lock<std::mutex> lock(mutex_);
  work_ = &work;
  next_ = 0;
  count_ = count;
  if (count > 1) wake_.notify_all();
  TakeAll(&lock);
  done_.wait(lock, [this] { return busy_ == 0; });
  work_ = nullptr;
}

void Crew::Help() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    wake_.wait(
        lock, [this] { return over_ || (work_ != nullptr && next_ < count_); });
    if (over_) return;
    TakeAll(&lock);
  }
}

void Crew::TakeAll(std::unique_lock<std::mutex>* lock) {
  while (next_ < count_) {
    const int mine = next_++;
    const std::function<void(int)>& work = *work_;
    ++busy_;
    lock->unlock();
    work(mine);
    lock->lock();
    --busy_;
  }
  if (busy_ == 0) done_.notify_one();
}

}  // namespace city
