#include "src/cli/figures.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "hotline/clock.h"
#include "hotline/error.h"

namespace hotline::cli {

absl::StatusOr<absl::CivilDay> ParseDay(const std::string& flag,
                                        const std::string& text) {
  absl::CivilDay day;
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
  // Abseil takes 2026-02-30 for the second of March.
  if (shaped && absl::ParseCivilTime(text, &day) &&
      absl::FormatCivilTime(day) == text) {
    return day;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, ": no date \"", text, "\"; write 2026-02-13"));
}

absl::StatusOr<absl::Time> AsOf(const Arguments& args) {
  return args.Has("as-of") ? ParseInstant(args.Get("as-of"))
                           : absl::StatusOr<absl::Time>(RealClock()->TimeNow());
}

absl::StatusOr<std::string> HeadingLanguageOf(const Arguments& args) {
  const std::vector<std::string> known = {"en", "zh-Hant"};
  const std::string lang = args.Has("lang") ? args.Get("lang") : "en";
  if (std::find(known.begin(), known.end(), lang) != known.end()) return lang;
  return absl::InvalidArgumentError(
      absl::StrCat("--lang: no \"", lang, "\"; en or zh-Hant"));
}

absl::StatusOr<std::string> FormatOf(const Arguments& args,
                                     const std::vector<std::string>& known) {
  if (args.Has("json") && args.Has("format")) {
    return absl::InvalidArgumentError("--json and --format say the same twice");
  }
  if (args.Has("json")) return std::string("json");
  if (!args.Has("format")) return known.front();
  const std::string& format = args.Get("format");
  if (std::find(known.begin(), known.end(), format) != known.end()) {
    return format;
  }
  const std::string near = Nearest(format, known);
  return absl::InvalidArgumentError(absl::StrCat(
      "--format: no \"", format, "\"; ",
      near.empty() ? absl::StrCat("one of ", absl::StrJoin(known, ", "))
                   : absl::StrCat("did you mean ", near, "?")));
}

Speed::Speed(const Arguments& args, std::ostream& err)
    : verbose_(args.Has("verbose")),
      err_(err),
      began_(RealClock()->TimeNow()) {}

void Speed::Say(int64_t cases) {
  if (!verbose_) return;
  const double seconds = absl::ToDoubleSeconds(RealClock()->TimeNow() - began_);
  err_ << absl::StreamFormat("hotline: %d cases in %.2f s", cases, seconds);
  if (seconds > 0) {
    err_ << absl::StreamFormat(", %.0f cases/s",
                               static_cast<double>(cases) / seconds);
  }
  err_ << "\n";
}

}  // namespace hotline::cli
