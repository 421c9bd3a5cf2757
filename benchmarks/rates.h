// How often something can be done in a second, one thread.
#ifndef HOTLINE_BENCHMARKS_RATES_H_
#define HOTLINE_BENCHMARKS_RATES_H_

#include <chrono>
#include <cstddef>

namespace hotline::bench {

using Steady = std::chrono::steady_clock;

template <typename Work>
double SecondsOf(const Work& work) {
  const auto start = Steady::now();
  work();
  return std::chrono::duration<double>(Steady::now() - start).count();
}

// Calls `work(i)` for about `seconds`; calls a second.
template <typename Work>
double PerSecond(double seconds, Work work) {
  constexpr size_t kBetweenLooks = 256;
  const auto start = Steady::now();
  size_t calls = 0;
  double took = 0;
  do {
    for (size_t i = 0; i < kBetweenLooks; ++i) work(calls++);
    took = std::chrono::duration<double>(Steady::now() - start).count();
  } while (took < seconds);
  return static_cast<double>(calls) / took;
}

// Keeps an answer from being thought away.
template <typename T>
void Keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

}  // namespace hotline::bench

#endif  // HOTLINE_BENCHMARKS_RATES_H_
