#include "src/base/utf8.h"

namespace hotline::internal {

CodePoint DecodeUtf8(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {0, 0};
  uint32_t value = lead & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, 0};
    value = value << 6 | (byte(i) & 0x3fu);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kLeast[length] || value > 0x10ffff || surrogate) return {0, 0};
  return {length, value};
}

void AppendUtf8(uint32_t value, std::string* out) {
  const auto tail = [&](int shift) {
    out->push_back(static_cast<char>(0x80 | (value >> shift & 0x3f)));
  };
  if (value < 0x80) {
    out->push_back(static_cast<char>(value));
  } else if (value < 0x800) {
    out->push_back(static_cast<char>(0xc0 | value >> 6));
    tail(0);
  } else if (value < 0x10000) {
    out->push_back(static_cast<char>(0xe0 | value >> 12));
    tail(6);
    tail(0);
  } else {
    out->push_back(static_cast<char>(0xf0 | value >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

uint32_t FoldWidth(uint32_t value) {
  if (value >= 0xff01 && value <= 0xff5e) return value - 0xfee0;
  return value == 0x3000 ? ' ' : value;
}

uint32_t FoldCase(uint32_t value) {
  const bool latin1 = value >= 0xc0 && value <= 0xde && value != 0xd7;
  return (value >= 'A' && value <= 'Z') || latin1 ? value + 0x20 : value;
}

}  // namespace hotline::internal
