#include "src/adapters/sql/frame.h"

#include <array>
#include <cstring>

namespace hotline::internal {
namespace {

constexpr size_t kHeaderBytes = 8;
constexpr size_t kPaddingBytes = 64;

// Eight tables, so that eight bytes are taken at a time ("slicing-by-8").
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables MakeTables() {
  constexpr uint32_t kPolynomial = 0x82f63b78;  // reflected
  Tables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    }
    tables[0][i] = crc;
  }
  for (uint32_t i = 0; i < 256; ++i) {
    for (size_t t = 1; t < 8; ++t) {
      const uint32_t before = tables[t - 1][i];
      tables[t][i] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint32_t Load32(const char* p) {
  const auto byte = [p](int i) {
    return uint32_t{static_cast<unsigned char>(p[i])};
  };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

void Append32(uint32_t value, std::string* out) {
  for (int shift = 0; shift < 32; shift += 8) {
    out->push_back(static_cast<char>(value >> shift & 0xff));
  }
}

#if defined(__x86_64__)
// The processor has an instruction for this very polynomial.
__attribute__((target("sse4.2"))) uint32_t Crc32cByInstruction(
    std::string_view bytes) {
  uint64_t crc = 0xffffffff;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    uint64_t eight = 0;
    std::memcpy(&eight, bytes.data(), sizeof(eight));
    crc = __builtin_ia32_crc32di(crc, eight);
  }
  auto rest = static_cast<uint32_t>(crc);
  for (const char c : bytes) {
    rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(c));
  }
  return ~rest;
}
#endif

}  // namespace

uint32_t Crc32cByTables(std::string_view bytes) {
  uint32_t crc = 0xffffffff;
  while (bytes.size() >= 8) {
    const uint32_t low = crc ^ Load32(bytes.data());
    const uint32_t high = Load32(bytes.data() + 4);
    crc = kTables[7][low & 0xff] ^ kTables[6][low >> 8 & 0xff] ^
          kTables[5][low >> 16 & 0xff] ^ kTables[4][low >> 24] ^
          kTables[3][high & 0xff] ^ kTables[2][high >> 8 & 0xff] ^
          kTables[1][high >> 16 & 0xff] ^ kTables[0][high >> 24];
    bytes.remove_prefix(8);
  }
  for (const char c : bytes) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<unsigned char>(c)) & 0xff];
  }
  return ~crc;
}

uint32_t Crc32c(std::string_view bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return Crc32cByInstruction(bytes);
#endif
  return Crc32cByTables(bytes);
}

void Frame(std::string_view body, std::string* framed) {
  framed->clear();
  Append32(static_cast<uint32_t>(body.size()), framed);
  Append32(Crc32c(body), framed);
  framed->append(body);
}

void PaddedFrame(std::string_view body, std::string* framed) {
  Frame(body, framed);
  framed->resize((framed->size() + kPaddingBytes - 1) / kPaddingBytes *
                 kPaddingBytes);
}

std::optional<std::string> UnframePadded(std::string_view framed) {
  if (framed.size() < kHeaderBytes) return std::nullopt;
  const size_t length = kHeaderBytes + size_t{Load32(framed.data())};
  if (framed.size() < length || framed.size() >= length + kPaddingBytes) {
    return std::nullopt;
  }
  return Unframe(framed.substr(0, length));
}

std::optional<std::string> Unframe(std::string_view framed) {
  if (framed.size() < kHeaderBytes) return std::nullopt;
  const std::string_view body = framed.substr(kHeaderBytes);
  if (Load32(framed.data()) != body.size() ||
      Load32(framed.data() + 4) != Crc32c(body)) {
    return std::nullopt;
  }
  return std::string(body);
}

}  // namespace hotline::internal
