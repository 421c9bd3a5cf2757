// The contracts of hotline/store.h as data, and the program that tries a store
// against them. A test program of GoogleTest's includes
// hotline/testing/store_conformance.h instead. In a main() of one's own:
//
//   const auto open = [](const std::string& path, hotline::Clock* clock)
//       -> absl::StatusOr<std::unique_ptr<hotline::Store>> {
//     return hotline::SqliteStore::Open(path, {.clock = clock});  // or yours
//   };
//   char* argv[] = {nullptr};  // main's own
//   const int exit_code = hotline::testing::StoreConformanceMain(
//       0, argv,
//       {.name = "mine",
//        .factory = hotline::testing::StoreInFiles("/tmp/mine", open)});
//
// A failure names the call, what it answered, what was wanted and the line of
// hotline/store.h that says so:
//   FAIL basic/stale_write_refused: Commit(expected=3) of a case at 4 answered
//   OK; want ABORTED (VERSION_CONFLICT) (store.h:337). Reproduce:
//   --contract=basic/stale_write_refused --seed=7
//
// Thread rule: free functions; one trial of a store at a time.
#ifndef HOTLINE_TESTING_STORE_CONTRACTS_H_
#define HOTLINE_TESTING_STORE_CONTRACTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hotline/clock.h"
#include "hotline/store.h"

namespace hotline::testing {

// What is tried, from what every store must do upwards.
//   basic       what carries the product, one caller at a time
//   concurrent  the same from many threads and, where offered, many stores
//   durable     closed and opened, its process killed, its files read
//   scale       many rows (StoreUnderTest::rows)
enum class Level { kBasic, kConcurrent, kDurable, kScale };
inline constexpr Level kLevels[] = {Level::kBasic, Level::kConcurrent,
                                    Level::kDurable, Level::kScale};
std::string_view LevelName(Level level);

// One place where data lies, empty at first. The kit opens the store on it,
// closes it and, where the store is durable, opens it again; where many
// processes may write, it opens several at once. The destructor removes the
// data; every store was destroyed before.
class StoreHarness {
 public:
  virtual ~StoreHarness() = default;

  // Opens the store on the data. `clock` is what its Now() is to answer; it
  // outlives the store.
  virtual absl::StatusOr<std::unique_ptr<Store>> Open(Clock* clock) = 0;

  // A process that had the store open was killed: waits until nothing it had
  // sent can be carried out any more. A server may still be at it.
  virtual void Settle() {}

  // The files that hold the data now, to be read for bytes that were erased.
  virtual std::vector<std::string> Files() { return {}; }
};

// Makes a new, empty place.
using StoreFactory =
    std::function<absl::StatusOr<std::unique_ptr<StoreHarness>>()>;

struct StoreUnderTest {
  std::string name;  // letters, digits and `_`
  StoreFactory factory;

  // False: Now() is another clock than the one given, so contracts that let a
  // lease run out are skipped.
  bool takes_clock = true;
  // False: the place cannot be opened in a child after fork(2), so contracts
  // that kill a process are skipped.
  bool forks = true;

  // False: contracts that measure time are skipped, for a machine that others
  // share answers them at random. A program of StoreConformanceMain tries them.
  bool times = false;

  uint64_t seed = 1;
  // Rows of the scale contracts; 12,000 shows what a city sees, fewer are
  // quicker.
  int rows = 1'500;
};

// A place that nobody reopens: what the store holds dies with it.
StoreFactory StoreInMemory(
    std::function<std::unique_ptr<Store>(Clock* clock)> open);

// Each place is a path that begins with `prefix` and is new; whatever begins
// with that path afterwards is the store's, is searched for erased bytes and is
// removed in the end.
StoreFactory StoreInFiles(std::string prefix,
                          std::function<absl::StatusOr<std::unique_ptr<Store>>(
                              const std::string& path, Clock* clock)>
                              open);

// What a contract cannot do without. A contract whose needs a store does not
// offer is skipped, and its result says which.
enum Need : unsigned {
  kNothing = 0,
  kFeed = 1,         // Capabilities.feed
  kNextDue = 2,      // Capabilities.next_due
  kDurable = 4,      // Capabilities.durable
  kErasesFiles = 8,  // Capabilities.erases_files, and the harness names files
  kManyStores = 16,  // Capabilities.many_processes
  kOneStore = 32,    // durable without many_processes
  kClock = 64,       // StoreUnderTest::takes_clock
  kForks = 128,      // StoreUnderTest::forks
  kNoFeed = 256,     // the capability is off
  kNoNextDue = 512,  // the capability is off
  kTimes = 1024,     // StoreUnderTest::times
};

class Trial;  // what a contract works with; the kit's own

struct Contract {
  Level level;
  std::string_view name;  // stale_write_refused; unique in its level
  std::string_view says;  // one sentence
  std::string_view port;  // words of hotline/store.h it rests on
  unsigned needs;         // of Need
  void (*run)(Trial& trial);
};

// All of them, by level.
std::span<const Contract> StoreContracts();
// "basic/stale_write_refused"
std::string FullName(const Contract& contract);
// Null if there is none. Takes a full name.
const Contract* FindContract(std::string_view full_name);
// The line of hotline/store.h on which `words` stand; 0 if nowhere.
int PortLine(std::string_view words);

struct ContractResult {
  enum Outcome { kPassed, kFailed, kSkipped } outcome = kPassed;
  // Why it was skipped; or the whole line of a failure as above, without FAIL.
  std::string message;
};

// Tries one contract on a new, empty store.
ContractResult RunContract(const Contract& contract,
                           const StoreUnderTest& subject);

struct ConformanceOptions {
  std::vector<Level> levels;  // none: all
  std::string contract;       // a full name; empty: all of the levels
  bool json = false;          // one JSON object a line instead of sentences
};

// Tries all, prints what failed and was skipped and closes with
// "23 of 23 basic, 9 of 31 concurrent, ..."; the number of failures.
int RunStoreConformance(const StoreUnderTest& subject,
                        const ConformanceOptions& options, std::ostream& out);

// Times the store: commits a second, one and a hundred Writes at once, claims
// and reads. What it measures, and in which unit, stands in the lines.
absl::Status RunStoreBenchmark(const StoreUnderTest& subject, bool json,
                               std::ostream& out);

// The list of all contracts as a page (docs/reference/store-contracts.md).
std::string ContractsAsMarkdown();

// A main() for `subject`: 0 if all is well, 1 if a contract failed, 2 for a
// mistake in the flags. --help tells the flags.
int StoreConformanceMain(int argc, char** argv, const StoreUnderTest& subject);
// The same where --store=STORE says which; `find` knows the stores and
// `stores` names them in --help.
int StoreConformanceMain(
    int argc, char** argv, std::string_view stores,
    const std::function<absl::StatusOr<StoreUnderTest>(std::string_view store)>&
        find);

}  // namespace hotline::testing

#endif  // HOTLINE_TESTING_STORE_CONTRACTS_H_
