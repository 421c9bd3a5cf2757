#include "hotline/clock.h"

#include "absl/time/clock.h"
#include "src/base/crypto.h"

namespace hotline {
namespace {

class MachineClock final : public Clock {
 public:
  absl::Time TimeNow() override { return absl::Now(); }
};

class MachineEntropy final : public Entropy {
 public:
  std::string Bytes(size_t count) override {
    return internal::RandomBytes(count);
  }
};

// SplitMix64 (Steele, Lea, Flood 2014): every counter gives its own bytes.
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

Clock* RealClock() {
  static MachineClock* const clock = new MachineClock;
  return clock;
}

Entropy* SystemEntropy() {
  static MachineEntropy* const entropy = new MachineEntropy;
  return entropy;
}

SimulatedClock::SimulatedClock(absl::Time now)
    : now_ns_(absl::ToUnixNanos(now)) {}

absl::Time SimulatedClock::TimeNow() {
  return absl::FromUnixNanos(now_ns_.load());
}

void SimulatedClock::SetTime(absl::Time now) {
  now_ns_.store(absl::ToUnixNanos(now));
}

void SimulatedClock::AdvanceTime(absl::Duration by) {
  // absl::Time stops at the ends of its range; an integer would wrap round.
  int64_t now = now_ns_.load();
  while (!now_ns_.compare_exchange_weak(
      now, absl::ToUnixNanos(absl::FromUnixNanos(now) + by))) {
  }
}

SeededEntropy::SeededEntropy(uint64_t seed) : seed_(Mix(seed)) {}

std::string SeededEntropy::Bytes(size_t count) {
  std::string out((count + 7) / 8 * 8, '\0');
  for (size_t at = 0; at < out.size(); at += 8) {
    const uint64_t word = Mix(seed_ ^ counter_.fetch_add(1));
    for (size_t i = 0; i < 8; ++i)
      out[at + i] = static_cast<char>(word >> 8 * i);
  }
  out.resize(count);
  return out;
}

}  // namespace hotline
