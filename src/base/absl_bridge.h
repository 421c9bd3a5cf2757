// Debian pins absl::string_view apart from std::string_view, without conversion
// either way. This is the one bridge; correct where they are one type, too.
#ifndef HOTLINE_SRC_BASE_ABSL_BRIDGE_H_
#define HOTLINE_SRC_BASE_ABSL_BRIDGE_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace hotline::internal {

inline absl::string_view ToAbsl(std::string_view s) {
  return {s.data(), s.size()};
}
inline std::string_view ToStd(absl::string_view s) {
  return {s.data(), s.size()};
}

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_BASE_ABSL_BRIDGE_H_
