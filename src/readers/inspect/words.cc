#include "src/readers/inspect/words.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/language.h"
#include "src/base/time.h"
#include "src/readers/inspect/language.h"

namespace hotline::internal {
namespace {

// Next code point of well-formed UTF-8; malformed bytes count as themselves.
uint32_t NextPoint(std::string_view text, size_t* at) {
  const auto lead = static_cast<uint8_t>(text[(*at)++]);
  if (lead < 0xc0) return lead;
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  uint32_t point = lead & (0x3f >> more);
  for (int i = 0; i < more && *at < text.size(); ++i) {
    point = (point << 6) | (static_cast<uint8_t>(text[(*at)++]) & 0x3f);
  }
  return point;
}

// The wide blocks of Unicode's EastAsianWidth.txt, coarsely.
bool IsWide(uint32_t p) {
  return (p >= 0x1100 && p <= 0x115f) || (p >= 0x2e80 && p <= 0xa4cf) ||
         (p >= 0xac00 && p <= 0xd7a3) || (p >= 0xf900 && p <= 0xfaff) ||
         (p >= 0xfe30 && p <= 0xfe6f) || (p >= 0xff00 && p <= 0xff60) ||
         (p >= 0xffe0 && p <= 0xffe6) || (p >= 0x1f300 && p <= 0x1faff) ||
         (p >= 0x20000 && p <= 0x3fffd);
}

}  // namespace

std::string LocalInstant(absl::Time at, absl::TimeZone zone) {
  if (at == absl::InfiniteFuture() || at == absl::InfinitePast())
    return "never";
  // The millisecond after an instant, as of a breach, is read as the instant.
  const bool whole = absl::ToUnixSeconds(at) % 60 == 0;
  return absl::FormatTime(whole ? "%a %Y-%m-%d %H:%M" : "%a %Y-%m-%d %H:%M:%S",
                          at, zone);
}

std::string LocalTimeOfDay(absl::Time at, absl::CivilDay date,
                           absl::TimeZone zone) {
  const absl::CivilSecond civil = absl::ToCivilSecond(at, zone);
  if (civil == absl::CivilSecond(date + 1)) return "24:00";
  return absl::FormatTime(civil.second() == 0 ? "%H:%M" : "%H:%M:%S", at, zone);
}

std::string DateWords(absl::CivilDay date) {
  static constexpr const char* kDays[] = {"Mon", "Tue", "Wed", "Thu",
                                          "Fri", "Sat", "Sun"};
  return absl::StrCat(kDays[static_cast<int>(absl::GetWeekday(date))], " ",
                      absl::FormatCivilTime(date));
}

std::string DurationWords(absl::Duration d) {
  if (d < absl::ZeroDuration()) return absl::StrCat("-", DurationWords(-d));
  int64_t ms = absl::ToInt64Milliseconds(d);
  if (ms == 0) return "0 min";
  std::string out;
  const auto take = [&](int64_t unit, const char* name) {
    if (ms < unit) return;
    absl::StrAppend(&out, out.empty() ? "" : " ", ms / unit, " ", name);
    ms %= unit;
  };
  take(3'600'000, "h");
  take(60'000, "min");
  take(1'000, "s");
  take(1, "ms");
  return out;
}

std::string LowerCase(std::string_view name) {
  return absl::AsciiStrToLower(ToAbsl(name));
}

std::string PublicStatusWord(v1::PublicStatus status) {
  switch (status) {
    case v1::OPEN_STATUS:
      return "open";
    case v1::FIXED:
      return "fixed";
    case v1::CLOSED_NOT_FIXED:
      return "closed-not-fixed";
    default:
      return "";
  }
}

std::string NameIn(
    const google::protobuf::RepeatedPtrField<v1::LocalText>& names,
    std::string_view language, std::string_view otherwise) {
  const v1::LocalText* text = ChooseText(names, language);
  return text == nullptr || text->text().empty() ? std::string(otherwise)
                                                 : text->text();
}

std::string TargetWords(const v1::TargetSpec& target,
                        std::string_view language) {
  return Speaker(LanguageOf(language), absl::UTCTimeZone()).Target(target);
}

std::string TargetScope(const v1::TargetSpec& target) {
  std::string out;
  if (!target.priority().empty()) {
    absl::StrAppend(&out, "for priority ", target.priority());
  }
  if (!target.area().empty()) {
    absl::StrAppend(&out, out.empty() ? "" : " ", "in area ", target.area());
  }
  if (!target.unit().empty()) {
    absl::StrAppend(&out, out.empty() ? "" : " ", "while unit ", target.unit(),
                    " handles it");
  }
  return out;
}

std::string LevelWords(const v1::LevelSpec& level, std::string_view language) {
  return Speaker(LanguageOf(language), absl::UTCTimeZone()).Level(level);
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (size_t i = 0; i < text.size();) width += IsWide(NextPoint(text, &i)) + 1;
  return width;
}

std::string PadRight(std::string_view text, int columns) {
  std::string out(text);
  const int missing = columns - DisplayWidth(text);
  if (missing > 0) out.append(static_cast<size_t>(missing), ' ');
  return out;
}

std::string XmlEscape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

std::string Identifier(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_') {
      out += c;
    } else {
      // Two texts never become one identifier.
      absl::StrAppend(&out, "_", absl::Hex(static_cast<unsigned char>(c)));
    }
  }
  return out.empty() ? "_" : out;
}

bool IsIllustrative(const v1::PolicySpec& policy,
                    const v1::TargetSpec& target) {
  return target.illustrative() ||
         (policy.illustrative() && target.source().empty());
}

std::string AlignedTable(const std::vector<std::vector<std::string>>& rows,
                         std::string_view indent) {
  std::vector<int> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line(indent);
    for (size_t i = 0; i < row.size(); ++i) {
      line += i + 1 < row.size() ? PadRight(row[i], widths[i] + 2) : row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace hotline::internal
