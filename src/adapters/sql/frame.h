// The frame around every stored body: four bytes of length and four of CRC-32C
// (Castagnoli; RFC 3720 B.4), little-endian, then the body. Protobuf accepts
// the empty string and a message written twice as valid, so length and checksum
// stand outside it.
#ifndef HOTLINE_SRC_ADAPTERS_SQL_FRAME_H_
#define HOTLINE_SRC_ADAPTERS_SQL_FRAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hotline::internal {

uint32_t Crc32c(std::string_view bytes);
// Where the processor has no instruction for it.
uint32_t Crc32cByTables(std::string_view bytes);
// Into a string that is used again and again.
void Frame(std::string_view body, std::string* framed);
// Filled up with zeros to a multiple of 64 bytes, so that most new bodies can
// take the very place of the old.
void PaddedFrame(std::string_view body, std::string* framed);
// Nothing if the frame does not hold.
std::optional<std::string> Unframe(std::string_view framed);
std::optional<std::string> UnframePadded(std::string_view framed);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQL_FRAME_H_
