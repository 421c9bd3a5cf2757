// Chance that is the same everywhere: no std distribution, whose results
// differ between libraries. A Dice is drawn for one contact and one purpose, so
// that a change to one behaviour leaves every other as it was.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_DICE_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_DICE_H_

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>

namespace city {

class Dice {
 public:
  Dice(uint64_t seed, uint64_t contact, uint64_t purpose)
      : state_(Mix(Mix(seed + purpose * 0x632be59bd9b4e019ull) ^ contact)) {}

  uint64_t Next() { return Mix(state_ += 0x9e3779b97f4a7c15ull); }

  // 0 <= x < 1.
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  double Between(double low, double high) {
    return low + (high - low) * Unit();
  }
  int Below(int count) {
    return static_cast<int>(Unit() * static_cast<double>(count));
  }
  bool Chance(double share) { return Unit() < share; }

  // Half of all draws are below `median`; `sigma` is that of the logarithm.
  double LogNormal(double median, double sigma) {
    const double radius = std::sqrt(-2 * std::log(1 - Unit()));
    const double angle = 2 * std::numbers::pi * Unit();
    return median * std::exp(sigma * radius * std::cos(angle));
  }

  // An index, with the odds that `weights` give.
  template <typename Number>
  int Pick(std::span<const Number> weights) {
    double total = 0;
    for (Number weight : weights) total += static_cast<double>(weight);
    double left = Unit() * total;
    for (size_t i = 0; i < weights.size(); ++i) {
      left -= static_cast<double>(weights[i]);
      if (left < 0) return static_cast<int>(i);
    }
    return static_cast<int>(weights.size()) - 1;
  }

 private:
  // SplitMix64 (Steele, Lea, Flood 2014).
  static uint64_t Mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
  }

  uint64_t state_;
};

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_DICE_H_
