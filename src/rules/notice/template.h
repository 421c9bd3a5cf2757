// Texts with {{name}} in them, parsed once. No logic, so that no text of a case
// can be taken for a template.
#ifndef HOTLINE_SRC_RULES_NOTICE_TEMPLATE_H_
#define HOTLINE_SRC_RULES_NOTICE_TEMPLATE_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hotline/error.h"

namespace hotline::internal {

using Values = std::span<const std::pair<std::string_view, std::string_view>>;

inline constexpr size_t kRenderedBytesMax = size_t{64} << 10;

class Template final {
 public:
  // Appends a problem for each unknown name and each {{ that is not closed.
  static Template Parse(std::string_view text, std::string_view path,
                        Problems* problems);

  // A name without a value leaves nothing. At most kRenderedBytesMax bytes, cut
  // between characters.
  std::string Render(Values values) const;

 private:
  struct Piece {
    bool variable;
    std::string text;  // literal, or name
  };
  std::vector<Piece> pieces_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_NOTICE_TEMPLATE_H_
