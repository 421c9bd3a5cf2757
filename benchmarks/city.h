// A city to be measured: a store in a file with an engine over it, beside it
// the floor's database, and commands as a day brings them.
#ifndef HOTLINE_BENCHMARKS_CITY_H_
#define HOTLINE_BENCHMARKS_CITY_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "benchmarks/capture.h"
#include "benchmarks/plain.h"
#include "hotline/actor.h"
#include "hotline/adapters/sqlite_store.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "hotline/policy.h"

namespace hotline::bench {

// Ends the program, because a figure of a failed run is no figure.
void Require(const absl::Status& status, std::string_view what);

template <typename T>
T Require(absl::StatusOr<T> value, std::string_view what) {
  Require(value.status(), what);
  return *std::move(value);
}

Policy CityPolicy();

// An opening as the phone brings it; `number` makes it one of its own.
v1::Command OpenCommand(std::string_view category, uint64_t number);

class City {
 public:
  // Makes NAME.db and NAME-plain.db in `dir`.
  City(const std::string& dir, const std::string& name);

  // Prepared beforehand; the engine sees them one by one or together.
  std::vector<v1::Command> Opens(int count,
                                 std::string_view category = "streetlight");
  // Every fifth opens a case, the others go to cases picked at random.
  std::vector<v1::Command> Mix(int count);
  // To cases picked at random; of these the `part`-th in every `parts`.
  std::vector<v1::Command> Later(int count, size_t part = 0, size_t parts = 1);

  // Seconds of the wall clock and of this thread's processor.
  struct Took {
    double seconds = 0;
    double cpu = 0;
  };
  // What the engine takes for them; what the capture took is left out. The rows
  // written are in `capture`. `seconds_each` gets each command's own.
  Took Run(const std::vector<v1::Command>& commands, size_t at_once,
           std::vector<double>* seconds_each = nullptr);
  // What the floor takes for the rows captured since the last call.
  Took RunPlain(size_t at_once);

  // Fills both databases, untimed.
  void Fill(int cases, std::string_view category = "streetlight");
  // Fills the store until it holds `size` cases and makes the floor's database
  // a copy of it; tells on stderr how far it is.
  void FillTo(int64_t size);

  size_t cases() const { return references_.size(); }
  const std::string& reference(size_t i) const { return references_[i]; }

  const std::string path;
  const std::string plain_path;
  SimulatedClock clock;
  SeededEntropy entropy{20};
  std::unique_ptr<SqliteStore> store;
  std::unique_ptr<Capture> capture;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Plain> plain;
  const Actor actor{.tenant = "city", .id = "agent-7", .roles = {"supervisor"}};

 private:
  void Note(const v1::Command& command,
            const absl::StatusOr<v1::Receipt>& receipt);

  std::mt19937_64 dice_{1999};
  uint64_t number_ = 0;
  std::vector<std::string> references_;
  std::vector<uint32_t> steps_;  // later commands a case has had
};

}  // namespace hotline::bench

#endif  // HOTLINE_BENCHMARKS_CITY_H_
