#include "src/base/check.h"

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"

namespace hotline::internal {
namespace {

std::optional<absl::CivilDay> ReadDate(const std::string& text,
                                       const std::string& path,
                                       Problems* problems) {
  if (text.empty()) return std::nullopt;
  const auto date = ParseDate(text);
  if (date.ok()) return *date;
  problems->Add(path, ToStd(date.status().message()));
  return std::nullopt;
}

}  // namespace

bool CheckCode(std::string_view code, std::string_view path,
               Problems* problems) {
  if (code.empty()) {
    problems->Add(path, "is empty", "give it a short name such as streetlight");
    return false;
  }
  if (code.size() > limits::kCodeBytesMax) {
    problems->Add(path, absl::StrCat("has ", code.size(), " bytes"),
                  absl::StrCat("at most ", limits::kCodeBytesMax));
    return false;
  }
  if (!IsCleanText(code) || code.find_first_of("/ \t\n") != code.npos ||
      code.find("\u3000") != code.npos) {
    problems->Add(path, "has a slash, a blank or a control character",
                  "use letters, digits, - and _; slashes are for paths");
    return false;
  }
  return true;
}

void CheckTexts(const google::protobuf::RepeatedPtrField<v1::LocalText>& texts,
                std::string_view path, Problems* problems) {
  for (int i = 0; i < texts.size(); ++i) {
    const v1::LocalText& t = texts.Get(i);
    if (t.text().size() > limits::kNameBytesMax || !IsCleanText(t.text())) {
      problems->Add(absl::StrCat(ToAbsl(path), "[", i, "].text"),
                    "is too long or no clean text",
                    absl::StrCat("at most ", limits::kNameBytesMax, " bytes"));
    }
    if (t.language().size() > limits::kCodeBytesMax ||
        !IsCleanText(t.language())) {
      problems->Add(absl::StrCat(ToAbsl(path), "[", i, "].language"),
                    "is no language tag", "write it like zh-Hant or en");
    }
  }
}

std::string DidYouMean(std::string_view word,
                       const std::vector<std::string>& known) {
  const std::string nearest = Nearest(word, known);
  return nearest.empty() ? "" : absl::StrCat("did you mean ", nearest, "?");
}

Validity ReadValidity(const std::string& from, const std::string& until,
                      std::string_view path, Problems* problems) {
  Validity validity;
  validity.from =
      ReadDate(from, absl::StrCat(ToAbsl(path), ".valid_from"), problems);
  const std::string last = absl::StrCat(ToAbsl(path), ".valid_until");
  validity.until = ReadDate(until, last, problems);
  if (validity.from && validity.until && *validity.until < *validity.from) {
    problems->Add(last, absl::StrCat(until, " is before ", from));
  }
  return validity;
}

}  // namespace hotline::internal
