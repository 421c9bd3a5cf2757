#include "src/base/crypto.h"

#include <sodium.h>

#include <cstdint>
#include <utility>

#include "src/base/sha256.h"

namespace hotline::internal {
namespace {

// sodium_init is safe to call again and from several threads.
void Init() {
  static const int ready = sodium_init();
  (void)ready;
}

}  // namespace

std::string Sha256(std::string_view bytes) {
  if (auto hash = Sha256ByProcessor(bytes)) return *std::move(hash);
  return Sha256BySodium(bytes);
}

std::string Sha256BySodium(std::string_view bytes) {
  Init();
  std::string out(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  return out;
}

std::string Sha256Parts(std::initializer_list<std::string_view> parts) {
  size_t size = 0;
  for (const std::string_view part : parts) size += 8 + part.size();
  std::string all;
  all.reserve(size);
  for (const std::string_view part : parts) {
    char length[8];
    for (int i = 0; i < 8; ++i) {
      length[i] =
          static_cast<char>(static_cast<uint64_t>(part.size()) >> (56 - 8 * i));
    }
    all.append(length, sizeof(length));
    all += part;
  }
  return Sha256(all);
}

std::string RandomBytes(size_t count) {
  Init();
  std::string out(count, '\0');
  randombytes_buf(out.data(), out.size());
  return out;
}

}  // namespace hotline::internal
