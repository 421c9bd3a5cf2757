// Time and chance as the host gives them. Nothing below the engine reads a
// clock or draws a number; the engine draws both through these.
//
//   hotline::SimulatedClock clock(absl::FromCivil(
//       absl::CivilSecond(2026, 2, 13, 9, 0, 0), taipei));
//   auto engine = hotline::Engine::Open(store.get(), {.clock = &clock});
//   clock.AdvanceTime(absl::Hours(72));   // three days later
//
// Shaped after absl::Clock and absl::SimulatedClock of later Abseil releases.
#ifndef HOTLINE_CLOCK_H_
#define HOTLINE_CLOCK_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace hotline {

// Says what time it is. Thread-safe. Must outlive whoever holds it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time TimeNow() = 0;
};

// The machine's own clock. Never dies.
Clock* RealClock();

// Stands still until it is told otherwise. Thread-safe.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(absl::Time now = absl::UnixEpoch());
  absl::Time TimeNow() override;
  void SetTime(absl::Time now);
  void AdvanceTime(absl::Duration by);

 private:
  std::atomic<int64_t> now_ns_;
};

// Gives random bytes. Thread-safe. Must outlive whoever holds it.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual std::string Bytes(size_t count) = 0;
};

// A generator that the system seeds (OpenSSL's). Never dies.
Entropy* SystemEntropy();

// The same bytes for the same seed: tests, simulations, imports.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(uint64_t seed);
  std::string Bytes(size_t count) override;

 private:
  std::atomic<uint64_t> counter_{0};
  uint64_t seed_;
};

}  // namespace hotline

#endif  // HOTLINE_CLOCK_H_
