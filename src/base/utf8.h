// UTF-8 as code points, strictly: no overlong forms, no surrogates.
#ifndef HOTLINE_SRC_BASE_UTF8_H_
#define HOTLINE_SRC_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hotline::internal {

// Length and value of the sequence at the front; length 0 if malformed.
struct CodePoint {
  size_t length;
  uint32_t value;
};

// `text` is not empty.
CodePoint DecodeUtf8(std::string_view text);
void AppendUtf8(uint32_t value, std::string* out);

// Full-width forms (U+FF01 to U+FF5E, U+3000) as the ASCII they stand for,
// then ASCII and Latin-1 capitals as small letters. Anything else as it is.
uint32_t FoldWidth(uint32_t value);
uint32_t FoldCase(uint32_t value);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_BASE_UTF8_H_
