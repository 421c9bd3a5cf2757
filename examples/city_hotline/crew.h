// A few threads that do the same thing at once and meet again. The library
// starts no thread of its own: callers that meet in a commit share one
// transaction, so several hands make several commands cost one flush.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_CREW_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_CREW_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace city {

class Crew {
 public:
  explicit Crew(int hands);
  ~Crew();

  // Calls work(0) ... work(count - 1), each once, and waits for all.
  void Do(int count, const std::function<void(int)>& work);

 private:
  void Help();
  void TakeAll(std::unique_lock<std::mutex>* lock);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  const std::function<void(int)>* work_ = nullptr;
  int next_ = 0;
  int count_ = 0;
  int busy_ = 0;
  bool over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_CREW_H_
