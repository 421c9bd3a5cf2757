// SHA-256 by the processor's own instructions, where it has them.
#ifndef HOTLINE_SRC_BASE_SHA256_H_
#define HOTLINE_SRC_BASE_SHA256_H_

#include <optional>
#include <string>
#include <string_view>

namespace hotline::internal {

// Nothing if this processor lacks the instructions.
std::optional<std::string> Sha256ByProcessor(std::string_view bytes);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_BASE_SHA256_H_
