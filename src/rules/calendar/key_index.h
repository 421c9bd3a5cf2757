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
  explicit KeyIndex(std::vector<int64_t> keys)
      : size_(keys.size()), keys_(std::move(keys)) {
    // Two buckets a key, or up to: few hold more than two keys.
    if (size_ > 0) {
      while ((Reach() >> shift_) > 2 * size_) ++shift_;
    }
    const size_t buckets = size_ == 0 ? 1 : (Reach() >> shift_) + 1;
    starts_.reserve(buckets + 1);
    uint32_t at = 0;
    for (size_t b = 0; b < buckets; ++b) {
      while (at < size_ && Bucket(keys_[at]) < b) ++at;
      starts_.push_back(at);
    }
    starts_.push_back(static_cast<uint32_t>(size_));
    keys_.insert(keys_.end(), kSentinels, INT64_MAX);
    keys_.shrink_to_fit();
  }

  size_t size() const { return size_; }
  int64_t operator[](size_t i) const { return keys_[i]; }
  int64_t back() const { return keys_[size_ - 1]; }

  // How many keys are at most `key`, which is less than INT64_MAX.
  size_t CountUpTo(int64_t key) const {
    if (size_ == 0 || key < keys_[0]) return 0;
    if (key >= back()) return size_;
    const size_t bucket = Bucket(key);
    const int64_t* const keys = keys_.data();
    // Two steps without a branch, since which way they go cannot be foreseen.
    size_t i = starts_[bucket];
    i += keys[i] <= key;
    i += keys[i] <= key;
    if (keys[i] > key) return i;
    return std::upper_bound(keys + i, keys + starts_[bucket + 1], key) - keys;
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
    return static_cast<uint64_t>(back()) - static_cast<uint64_t>(keys_[0]);
  }
  size_t Bucket(int64_t key) const {
    return (static_cast<uint64_t>(key) - static_cast<uint64_t>(keys_[0])) >>
           shift_;
  }

  static constexpr size_t kSentinels = 2;  // what the two steps may reach

  size_t size_ = 0;
  std::vector<int64_t> keys_;
  std::vector<uint32_t> starts_;  // per bucket the first key in it, and the end
  int shift_ = 0;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_CALENDAR_KEY_INDEX_H_
