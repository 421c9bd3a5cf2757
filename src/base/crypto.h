// SHA-256 and random bytes; the one place that knows OpenSSL.
#ifndef HOTLINE_SRC_BASE_CRYPTO_H_
#define HOTLINE_SRC_BASE_CRYPTO_H_

#include <initializer_list>
#include <string>
#include <string_view>

namespace hotline::internal {

// Where memory or the system's entropy is at an end these throw, as strings
// do: a hash that was not computed and bytes that can be guessed are worse.
std::string Sha256(std::string_view bytes);
// Each part preceded by its length, so that no two lists hash alike.
std::string Sha256Parts(std::initializer_list<std::string_view> parts);
std::string RandomBytes(size_t count);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_BASE_CRYPTO_H_
