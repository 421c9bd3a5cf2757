// What the drills share: processes that work on one store are killed at random,
// and afterwards what they were told must be in the store, once, and what the
// store says was to be told must have been told.
#ifndef HOTLINE_TESTS_DRILL_DRILL_H_
#define HOTLINE_TESTS_DRILL_DRILL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hotline/actor.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "hotline/notifier.h"
#include "hotline/store.h"

namespace hotline::drill {

inline const Actor kHand{.tenant = "drill", .id = "ada", .roles = {"admin"}};

// `sqlite:PATH`, or `postgres:CONNINFO` where that is built.
absl::StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& spec,
                                                 Clock* clock);

// A category whose clock is a second long, so that timers fire and units are
// told all the while. No error if there is a policy already.
absl::Status AdoptPolicy(Engine* engine);

// A whole line of a worker's ledger.
struct Line {
  bool done = false;      // a command; otherwise a message
  std::string key;        // of the command; dedupe key of the message
  std::string reference;  // of the case
  std::string rest;       // version; or `NOTICE RECIPIENT`
};
std::vector<Line> ReadLedger(const std::string& path);

// The file a worker writes its lines to.
class Ledger {
 public:
  explicit Ledger(const std::string& path);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  // One write: what a kill cuts off was never told.
  void Add(const std::string& line) const;

 private:
  const int fd_;
};

// Tells by a line in the ledger.
class LedgerNotifier final : public Notifier {
 public:
  explicit LedgerNotifier(const Ledger* ledger) : ledger_(ledger) {}
  std::string name() const override { return "file"; }
  std::vector<SendResult> Send(std::span<const Envelope> envelopes,
                               absl::Time deadline) override;

 private:
  const Ledger* const ledger_;
};

struct Plan {
  std::string program;  // hotline_drill_worker
  std::string store;
  std::string folder;  // of the ledgers and logs
  int workers = 1;     // at a time
  int kills = 200;
  int lines_between = 8;  // ledger lines until the next kill, at most twice
  uint64_t seed = 1;
  // What is done instead of killing a worker, each time, by a number at random.
  std::function<void(uint64_t)> strike = {};
};

// Starts workers, kills one of them at random again and again and starts it
// anew, then lets them all come to an end. Faults are printed to stderr;
// answers how many there were.
int KillWorkers(const Plan& plan);

// The same check alone: ledgers in `folder` against the store. Looks with a
// clock two minutes ahead, so that the leases of the dead are over, and sends
// what is left.
int CheckLedgers(const std::string& store, const std::string& folder);

}  // namespace hotline::drill

#endif  // HOTLINE_TESTS_DRILL_DRILL_H_
