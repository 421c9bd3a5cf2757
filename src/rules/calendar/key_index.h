// Sorted keys that are searched by guessing: a table from the upper bits of a
// key to the keys that begin there. Keys spread evenly, as opening hours are,
// are found by looking at one or two of them; the worst case is a binary
// search.
#ifndef HOTLINE_SRC_RULES_CALENDAR_KEY_INDEX_H_
#define HOTLINE_SRC_RULES_CALENDAR_KEY_INDEX_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace hotline::internal {

class KeyIndex {
 public:
  KeyIndex() : KeyIndex(std::vector<int64_t>()) {}

  // `keys` ascend; equal ones are allowed.
  explicit KeyIndex(std::vector<int64_t> keys) : keys_(std::move(keys)) {
    keys_.shrink_to_fit();
    if (!keys_.empty()) {
      while ((Reach() >> shift_) > keys_.size()) ++shift_;
    }
    const size_t buckets = keys_.empty() ? 1 : (Reach() >> shift_) + 1;
    starts_.reserve(buckets + 1);
    uint32_t at = 0;
    for (size_t b = 0; b < buckets; ++b) {
      while (at < keys_.size() && Bucket(keys_[at]) < b) ++at;
      starts_.push_back(at);
    }
    starts_.push_back(static_cast<uint32_t>(keys_.size()));
  }

  size_t size() const { return keys_.size(); }
  int64_t operator[](size_t i) const { return keys_[i]; }
  int64_t back() const { return keys_.back(); }

  // How many keys are at most `key`.
  size_t CountUpTo(int64_t key) const {
    if (keys_.empty() || key < keys_.front()) return 0;
    if (key >= keys_.back()) return keys_.size();
    const size_t bucket = Bucket(key);
    const int64_t* const first = keys_.data();
    return std::upper_bound(first + starts_[bucket],
                            first + starts_[bucket + 1], key) -
           first;
  }

  size_t MemoryBytes() const {
    return keys_.capacity() * sizeof(int64_t) +
           starts_.capacity() * sizeof(uint32_t);
  }

  friend bool operator==(const KeyIndex& a, const KeyIndex& b) {
    return a.keys_ == b.keys_;
  }

 private:
  uint64_t Reach() const {
    return static_cast<uint64_t>(keys_.back()) -
           static_cast<uint64_t>(keys_.front());
  }
  size_t Bucket(int64_t key) const {
    return (static_cast<uint64_t>(key) -
            static_cast<uint64_t>(keys_.front())) >>
           shift_;
  }

  std::vector<int64_t> keys_;
  std::vector<uint32_t> starts_;  // per bucket the first key in it, and the end
  int shift_ = 0;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_CALENDAR_KEY_INDEX_H_
