// Random bytes that a test chooses: the bytes given, in their order, and then
// those of a seed. For collisions of references and salts that must be known.
//
//   hotline::testing::FixedDice dice(std::string(256, '\x11'));
//   auto engine = hotline::Engine::Open(store.get(), {.entropy = &dice});
//
// Thread rule: any method, any thread. Lifetime: must outlive the engine.
#ifndef HOTLINE_TESTING_FIXED_DICE_H_
#define HOTLINE_TESTING_FIXED_DICE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hotline/clock.h"

namespace hotline::testing {

class FixedDice final : public Entropy {
 public:
  explicit FixedDice(std::string_view bytes = "", uint64_t seed = 1);
  ~FixedDice() override;
  FixedDice(const FixedDice&) = delete;
  FixedDice& operator=(const FixedDice&) = delete;

  std::string Bytes(size_t count) override;
  // Further bytes, drawn before those of the seed.
  void Add(std::string_view bytes);

 private:
  struct State;
  const std::unique_ptr<State> state_;
  SeededEntropy rest_;
};

}  // namespace hotline::testing

#endif  // HOTLINE_TESTING_FIXED_DICE_H_
