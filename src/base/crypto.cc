#include "src/base/crypto.h"

#include <sodium.h>

#include <cstdint>
#include <cstdlib>

namespace hotline::internal {
namespace {

// sodium_init is safe to call again and from several threads.
void Init() {
  static const int ready = sodium_init();
  (void)ready;
}

void Update(crypto_hash_sha256_state* state, std::string_view bytes) {
  crypto_hash_sha256_update(
      state, reinterpret_cast<const unsigned char*>(bytes.data()),
      bytes.size());
}

std::string Final(crypto_hash_sha256_state* state) {
  std::string out(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256_final(state, reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

}  // namespace

std::string Sha256(std::string_view bytes) {
  Init();
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  Update(&state, bytes);
  return Final(&state);
}

std::string Sha256Parts(std::initializer_list<std::string_view> parts) {
  Init();
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (std::string_view part : parts) {
    char length[8];
    for (int i = 0; i < 8; ++i) {
      length[i] =
          static_cast<char>(static_cast<uint64_t>(part.size()) >> (56 - 8 * i));
    }
    Update(&state, std::string_view(length, sizeof(length)));
    Update(&state, part);
  }
  return Final(&state);
}

std::string RandomBytes(size_t count) {
  Init();
  std::string out(count, '\0');
  randombytes_buf(out.data(), out.size());
  return out;
}

}  // namespace hotline::internal
