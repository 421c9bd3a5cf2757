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

// Where to begin to look. The keys are the owner's: `key_at(i)` gives one. They
// ascend, equal ones are allowed.
class Buckets {
 public:
  // `a_key`: how many buckets a key, at most. Keys a constant step apart need
  // one; pairs of them, as opening hours are, two.
  template <typename KeyAt>
  void Build(size_t size, size_t a_key, KeyAt key_at) {
    size_ = size;
    if (size == 0) return;
    first_ = key_at(0);
    last_ = key_at(size - 1);
    while ((Reach() >> shift_) > a_key * size_) ++shift_;
    const size_t buckets = (Reach() >> shift_) + 1;
    size <= UINT16_MAX ? narrow_.reserve(buckets + 1)
                       : wide_.reserve(buckets + 1);
    size_t at = 0;
    for (size_t b = 0; b < buckets; ++b) {
      while (at < size && Bucket(key_at(at)) < b) ++at;
      AddStart(at);
    }
    AddStart(size);
  }

  size_t size() const { return size_; }

  // How many keys are at most `key`, which is less than INT64_MAX.
  template <typename KeyAt>
  size_t CountUpTo(int64_t key, KeyAt key_at) const {
    if (key < first_) return 0;
    if (key >= last_) return size_;
    const size_t bucket = Bucket(key);
    // Two steps without a branch, since which way they go cannot be foreseen.
    // The last key, which is greater, ends them.
    size_t i = Start(bucket);
    i += key_at(i) <= key;
    i += key_at(i) <= key;
    if (key_at(i) > key) [[likely]]
      return i;
    size_t end = Start(bucket + 1);
    while (i < end) {
      const size_t middle = i + (end - i) / 2;
      if (key_at(middle) <= key) {
        i = middle + 1;
      } else {
        end = middle;
      }
    }
    return i;
  }

  size_t MemoryBytes() const {
    return narrow_.capacity() * sizeof(uint16_t) +
           wide_.capacity() * sizeof(uint32_t);
  }

 private:
  void AddStart(size_t at) {
    if (size_ <= UINT16_MAX) {
      narrow_.push_back(static_cast<uint16_t>(at));
    } else {
      wide_.push_back(static_cast<uint32_t>(at));
    }
  }
  size_t Start(size_t bucket) const {
    return size_ <= UINT16_MAX ? narrow_[bucket] : wide_[bucket];
  }

  uint64_t Reach() const {
    return static_cast<uint64_t>(last_) - static_cast<uint64_t>(first_);
  }
  size_t Bucket(int64_t key) const {
    return (static_cast<uint64_t>(key) - static_cast<uint64_t>(first_)) >>
           shift_;
  }

  int64_t first_ = INT64_MAX;
  int64_t last_ = INT64_MAX;
  size_t size_ = 0;
  int shift_ = 0;
  // Per bucket the first key in it, and the end. Of years with hours for
  // people all fit into 16 bits.
  std::vector<uint16_t> narrow_;
  std::vector<uint32_t> wide_;
};

// Keys of their own.
class KeyIndex {
 public:
  KeyIndex() : KeyIndex(std::vector<int64_t>()) {}

  explicit KeyIndex(std::vector<int64_t> keys) : keys_(std::move(keys)) {
    buckets_.Build(keys_.size(), 2, [this](size_t i) { return keys_[i]; });
    keys_.shrink_to_fit();
  }

  size_t size() const { return buckets_.size(); }
  int64_t operator[](size_t i) const { return keys_[i]; }
  int64_t back() const { return keys_[size() - 1]; }

  size_t CountUpTo(int64_t key) const {
    return buckets_.CountUpTo(key, [this](size_t i) { return keys_[i]; });
  }

  size_t MemoryBytes() const {
    return keys_.capacity() * sizeof(int64_t) + buckets_.MemoryBytes();
  }

 private:
  std::vector<int64_t> keys_;
  Buckets buckets_;
};

// Openings of one year, found by their instant or by the open time before them.
// Both stand side by side: who finds one needs the other.
class OpeningIndex {
 public:
  struct Opening {
    int64_t open;
    int64_t before;  // open time before it

    friend bool operator==(const Opening&, const Opening&) = default;
  };

  // `total`: all open time of the year.
  OpeningIndex(std::vector<Opening> openings, int64_t total)
      : size_(openings.size()), all_(std::move(openings)) {
    all_.push_back({INT64_MAX, total});
    all_.shrink_to_fit();
    by_open_.Build(size_, 2, [this](size_t i) { return all_[i].open; });
    by_before_.Build(size_ + 1, 1, [this](size_t i) { return all_[i].before; });
  }
  OpeningIndex() : OpeningIndex({}, 0) {}

  size_t size() const { return size_; }
  // Up to size(), where `before` is all open time.
  const Opening& operator[](size_t i) const { return all_[i]; }
  int64_t total() const { return all_[size_].before; }
  int64_t Length(size_t i) const { return all_[i + 1].before - all_[i].before; }

  size_t CountOpens(int64_t at) const {
    const Opening* const all = all_.data();
    return by_open_.CountUpTo(at, [all](size_t i) { return all[i].open; });
  }
  size_t CountBefores(int64_t worked) const {
    const Opening* const all = all_.data();
    return by_before_.CountUpTo(worked,
                                [all](size_t i) { return all[i].before; });
  }

  size_t MemoryBytes() const {
    return all_.capacity() * sizeof(Opening) + by_open_.MemoryBytes() +
           by_before_.MemoryBytes();
  }

  friend bool operator==(const OpeningIndex& a, const OpeningIndex& b) {
    return a.all_ == b.all_;
  }

 private:
  size_t size_;
  std::vector<Opening> all_;
  Buckets by_open_;
  Buckets by_before_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_CALENDAR_KEY_INDEX_H_
