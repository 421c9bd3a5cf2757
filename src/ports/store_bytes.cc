#include "hotline/store_bytes.h"

#include <limits>

#include "hotline/error.h"

namespace hotline::internal {

void ByteWriter::Number(int64_t value) {
  // Zigzag: small numbers of either sign are short.
  auto rest =
      (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  for (; rest >= 0x80; rest >>= 7) bytes += static_cast<char>(rest | 0x80);
  bytes += static_cast<char>(rest);
}

int64_t ByteReader::Number() {
  uint64_t number = 0;
  for (int shift = 0; ok_ && shift < 70; shift += 7) {
    ok_ = !rest_.empty();
    if (!ok_) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    ok_ = shift < 63 || byte <= 1;  // 64 bits, no more
    number |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) {
      return static_cast<int64_t>(number >> 1 ^ -(number & 1));
    }
  }
  ok_ = false;
  return 0;
}

size_t ByteReader::Count(size_t max) {
  const int64_t number = Number();
  ok_ = ok_ && number >= 0 && static_cast<uint64_t>(number) <= max;
  return ok_ ? static_cast<size_t>(number) : 0;
}

size_t ByteReader::Length() {
  const size_t length = Count(std::numeric_limits<size_t>::max());
  ok_ = ok_ && length <= rest_.size();
  return ok_ ? length : 0;
}

absl::Status NotOurBytes() {
  return MakeError(v1::ErrorInfo::CORRUPT,
                   "these bytes are no row of this release or an earlier one");
}

}  // namespace hotline::internal
