#include "src/base/language.h"

#include "absl/strings/match.h"
#include "src/base/absl_bridge.h"

namespace hotline::internal {
namespace {

std::string_view Family(std::string_view language) {
  return language.substr(0, language.find('-'));
}

bool Same(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(ToAbsl(a), ToAbsl(b));
}

}  // namespace

const v1::LocalText* ChooseText(
    const google::protobuf::RepeatedPtrField<v1::LocalText>& texts,
    std::string_view language) {
  for (std::string_view tag = language; !tag.empty();) {
    for (const v1::LocalText& text : texts) {
      if (Same(text.language(), tag)) return &text;
    }
    const size_t cut = tag.rfind('-');
    tag = tag.substr(0, cut == tag.npos ? 0 : cut);
  }
  const v1::LocalText* any = nullptr;
  for (const v1::LocalText& text : texts) {
    if (!language.empty() && Same(Family(text.language()), Family(language))) {
      return &text;
    }
    if (any == nullptr && text.language().empty()) any = &text;
  }
  return any != nullptr ? any : texts.empty() ? nullptr : &texts.Get(0);
}

}  // namespace hotline::internal
