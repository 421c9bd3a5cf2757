#include "src/rules/notice/template.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/check.h"

namespace hotline::internal {
namespace {

const std::vector<std::string>& Names() {
  static const auto* const names =
      new std::vector<std::string>{"reference", "category", "state", "due",
                                   "unit",      "clock",    "level", "outcome"};
  return *names;
}

// Appends what fits; false when the text is full.
bool Append(std::string_view text, std::string* out) {
  const size_t room = kRenderedBytesMax - out->size();
  size_t take = std::min(room, text.size());
  // Not within a character: back to before its first byte.
  while (take < text.size() && take > 0 &&
         (static_cast<uint8_t>(text[take]) & 0xc0) == 0x80) {
    --take;
  }
  out->append(text.substr(0, take));
  return take == text.size();
}

}  // namespace

Template Template::Parse(std::string_view text, std::string_view path,
                         Problems* problems) {
  Template result;
  while (!text.empty()) {
    const size_t open = text.find("{{");
    if (open != 0) {
      result.pieces_.push_back({false, std::string(text.substr(0, open))});
      if (open == text.npos) break;
    }
    text.remove_prefix(open + 2);
    const size_t close = text.find("}}");
    if (close == text.npos) {
      problems->Add(path, "has {{ without }}",
                    "write variables like {{reference}}");
      break;
    }
    const std::string name(
        absl::StripAsciiWhitespace(ToAbsl(text.substr(0, close))));
    text.remove_prefix(close + 2);
    if (std::find(Names().begin(), Names().end(), name) == Names().end()) {
      const std::string hint = DidYouMean(name, Names());
      problems->Add(
          path,
          absl::StrCat("there is no variable \"", name.substr(0, 64), "\""),
          hint.empty() ? "one of reference, category, state, due, unit, clock, "
                         "level, outcome"
                       : hint);
    }
    result.pieces_.push_back({true, name});
  }
  return result;
}

std::string Template::Render(Values values) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    if (!piece.variable) {
      if (!Append(piece.text, &out)) break;
      continue;
    }
    const auto value = std::find_if(
        values.begin(), values.end(),
        [&](const auto& pair) { return pair.first == piece.text; });
    if (value != values.end() && !Append(value->second, &out)) break;
  }
  return out;
}

}  // namespace hotline::internal
