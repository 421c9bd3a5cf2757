// One of several workers that share the timers and deliveries of a city, and
// the journal it keeps so that one can see afterwards who did what.
#ifndef EXAMPLES_STATION_WATCH_WORKER_H_
#define EXAMPLES_STATION_WATCH_WORKER_H_

#include <atomic>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "hotline/clock.h"
#include "hotline/notifier.h"
#include "hotline/store.h"

namespace station {

// One line of a journal.
struct Entry {
  absl::Time at;
  std::string what;  // `fired`: n cases; `claimed`, `hand`, `sent`: a notice;
                     // `finished`: all claimed before
  std::string key;   // of the notice
  int number = 0;    // how many; of a notice: which attempt
};

// A file to which each entry goes at once: what was written is there also after
// SIGKILL.
class Journal {
 public:
  explicit Journal(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void Add(const Entry& entry);
  static std::vector<Entry> Read(const std::string& path);

 private:
  std::FILE* const file_;
};

struct WorkerOptions {
  hotline::Clock* clock;
  std::string journal;                      // path
  const std::atomic<bool>* stop;            // ends after the round it is in
  const std::atomic<bool>* dead = nullptr;  // stands still where it is
};

// Runs what is due, again and again, until it is told to stop. Handing a notice
// over takes a while, as with a gateway. Says what went wrong, or
// nothing.
absl::Status Work(hotline::Store* store, const WorkerOptions& options);

// Waits on any clock, a simulated one too.
void WaitUntil(hotline::Clock* clock, absl::Time until,
               const std::atomic<bool>& stop);

}  // namespace station

#endif  // EXAMPLES_STATION_WATCH_WORKER_H_
