#include "src/base/sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#include <cstdint>
#include <cstring>
#endif

namespace hotline::internal {

#if defined(__x86_64__)

namespace {

constexpr size_t kBlock = 64;
constexpr size_t kLength = 8;

// FIPS 180-4, 4.2.2.
alignas(16) constexpr uint32_t kRounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// FIPS 180-4, 5.3.3, in the order of State.
alignas(16) constexpr uint32_t kFirst[8] = {0x9b05688c, 0x510e527f, 0xbb67ae85,
                                            0x6a09e667, 0x5be0cd19, 0x1f83d9ab,
                                            0xa54ff53a, 0x3c6ef372};

// The eight words of the state as the instructions want them.
struct State {
  __m128i abef;
  __m128i cdgh;
};

// FIPS 180-4, 6.2.2, four rounds at a time.
__attribute__((target("sha,sse4.1"))) void Compress(const char* block,
                                                    State* state) {
  const __m128i big_endian =
      _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i words[4];
  for (int i = 0; i < 4; ++i) {
    const auto* at = reinterpret_cast<const __m128i*>(block) + i;
    words[i] = _mm_shuffle_epi8(_mm_loadu_si128(at), big_endian);
  }
  __m128i abef = state->abef;
  __m128i cdgh = state->cdgh;
  for (int i = 0; i < 16; ++i) {
    __m128i& word = words[i % 4];
    const auto* round = reinterpret_cast<const __m128i*>(kRounds) + i;
    const __m128i sum = _mm_add_epi32(word, _mm_load_si128(round));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    // The same place of the message schedule, 16 words further.
    const __m128i last = words[(i + 3) % 4];
    const __m128i middle = _mm_alignr_epi8(last, words[(i + 2) % 4], 4);
    word = _mm_sha256msg1_epu32(word, words[(i + 1) % 4]);
    word = _mm_sha256msg2_epu32(_mm_add_epi32(word, middle), last);
  }
  state->abef = _mm_add_epi32(state->abef, abef);
  state->cdgh = _mm_add_epi32(state->cdgh, cdgh);
}

// What follows the last whole block: the bytes left, a bit, zeros, the length.
size_t Pad(std::string_view rest, uint64_t bytes, char* end) {
  const size_t size = rest.size() + 1 + kLength <= kBlock ? kBlock : 2 * kBlock;
  std::memset(end, 0, size);
  rest.copy(end, rest.size());
  end[rest.size()] = static_cast<char>(0x80);
  for (size_t i = 0; i < kLength; ++i) {
    end[size - 1 - i] = static_cast<char>(bytes * 8 >> (8 * i));
  }
  return size;
}

__attribute__((target("sha,sse4.1"))) std::string Hash(std::string_view bytes) {
  const auto* first = reinterpret_cast<const __m128i*>(kFirst);
  State state = {_mm_load_si128(first), _mm_load_si128(first + 1)};
  const size_t whole = bytes.size() / kBlock * kBlock;
  for (size_t i = 0; i < whole; i += kBlock) Compress(&bytes[i], &state);
  char end[2 * kBlock];
  const size_t size = Pad(bytes.substr(whole), bytes.size(), end);
  for (size_t i = 0; i < size; i += kBlock) Compress(end + i, &state);
  const uint32_t words[] = {
      static_cast<uint32_t>(_mm_extract_epi32(state.abef, 3)),
      static_cast<uint32_t>(_mm_extract_epi32(state.abef, 2)),
      static_cast<uint32_t>(_mm_extract_epi32(state.cdgh, 3)),
      static_cast<uint32_t>(_mm_extract_epi32(state.cdgh, 2)),
      static_cast<uint32_t>(_mm_extract_epi32(state.abef, 1)),
      static_cast<uint32_t>(_mm_extract_epi32(state.abef, 0)),
      static_cast<uint32_t>(_mm_extract_epi32(state.cdgh, 1)),
      static_cast<uint32_t>(_mm_extract_epi32(state.cdgh, 0))};
  std::string out(sizeof(words), '\0');
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<char>(words[i / 4] >> (24 - 8 * (i % 4)));
  }
  return out;
}

bool HasInstructions() {
  constexpr unsigned kSha = 1u << 29;    // leaf 7, EBX
  constexpr unsigned kSse41 = 1u << 19;  // leaf 1, ECX
  unsigned a, b, c, d;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & kSse41) != 0 &&
         __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & kSha) != 0;
}

}  // namespace

std::optional<std::string> Sha256ByProcessor(std::string_view bytes) {
  static const bool has = HasInstructions();
  if (!has) return std::nullopt;
  return Hash(bytes);
}

#else

std::optional<std::string> Sha256ByProcessor(std::string_view) {
  return std::nullopt;
}

#endif

}  // namespace hotline::internal
