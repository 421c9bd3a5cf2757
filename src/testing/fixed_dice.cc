#include "hotline/testing/fixed_dice.h"

#include <algorithm>

#include "src/base/mutex.h"

namespace hotline::testing {

using hotline::internal::MutexLock;

struct FixedDice::State {
  hotline::internal::Mutex mutex;
  std::string bytes ABSL_GUARDED_BY(mutex);
};

FixedDice::FixedDice(std::string_view bytes, uint64_t seed)
    : state_(std::make_unique<State>()), rest_(seed) {
  Add(bytes);
}
FixedDice::~FixedDice() = default;

void FixedDice::Add(std::string_view bytes) {
  MutexLock lock(&state_->mutex);
  state_->bytes.append(bytes);
}

std::string FixedDice::Bytes(size_t count) {
  std::string drawn;
  {
    MutexLock lock(&state_->mutex);
    drawn = state_->bytes.substr(0, std::min(count, state_->bytes.size()));
    state_->bytes.erase(0, drawn.size());
  }
  if (drawn.size() < count) drawn += rest_.Bytes(count - drawn.size());
  return drawn;
}

}  // namespace hotline::testing
