#include "src/base/crypto.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdint>
#include <memory>
#include <stdexcept>

namespace hotline::internal {
namespace {

constexpr size_t kHashBytes = 32;

void Require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL: out of memory or of entropy");
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

Context MakeContext() {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Context context(EVP_MD_CTX_new());
  Require(sha256 != nullptr && context != nullptr &&
          EVP_DigestInit_ex2(context.get(), sha256, nullptr) == 1);
  return context;
}

// One hash at a time in each thread.
class Hash {
 public:
  Hash() : context_(OfThisThread()) {
    Require(EVP_DigestInit_ex2(context_, nullptr, nullptr) == 1);
  }

  void Add(std::string_view bytes) {
    Require(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
  }

  std::string End() {
    std::string out(kHashBytes, '\0');
    Require(EVP_DigestFinal_ex(context_,
                               reinterpret_cast<unsigned char*>(out.data()),
                               nullptr) == 1);
    return out;
  }

 private:
  // To make a context takes longer than to hash an event with it.
  static EVP_MD_CTX* OfThisThread() {
    thread_local const Context context = MakeContext();
    return context.get();
  }

  EVP_MD_CTX* const context_;
};

}  // namespace

std::string Sha256(std::string_view bytes) {
  Hash hash;
  hash.Add(bytes);
  return hash.End();
}

std::string Sha256Parts(std::initializer_list<std::string_view> parts) {
  Hash hash;
  for (std::string_view part : parts) {
    char length[8];
    for (int i = 0; i < 8; ++i) {
      length[i] =
          static_cast<char>(static_cast<uint64_t>(part.size()) >> (56 - 8 * i));
    }
    hash.Add(std::string_view(length, sizeof(length)));
    hash.Add(part);
  }
  return hash.End();
}

std::string RandomBytes(size_t count) {
  std::string out(count, '\0');
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()),
                     static_cast<int>(count)) == 1);
  return out;
}

}  // namespace hotline::internal
