#include "hotline/ids.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hotline/error.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/utf8.h"

namespace hotline {
namespace {

using internal::ToAbsl;

// Crockford's base 32; its first ten characters are the decimal digits.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct Form {
  uint32_t base;      // 10 or 32 characters
  size_t size;        // characters without the check; the least for DATED
  size_t group;       // a hyphen after each so many, but not before the last
  const char* shape;  // in words, and
  const char* like;   // an example, for hints
};

Form FormOf(const v1::ReferenceSpec& spec) {
  switch (spec.form()) {
    case v1::ReferenceSpec::CROCKFORD:
      return {32, 9, 5, "10 digits and letters", "7K3M9-QXDTZ"};
    case v1::ReferenceSpec::DATED:
      return {10, 13, 0, "a date, a number and a check digit",
              "20260213-00042-1"};
    default:
      return {10, 12, 4, "13 digits", "4821-0937-55127"};
  }
}

bool IsDated(const v1::ReferenceSpec& spec) {
  return spec.form() == v1::ReferenceSpec::DATED;
}

uint32_t ValueOf(char c) { return static_cast<uint32_t>(kAlphabet.find(c)); }

// Luhn's check character over an alphabet of `base`. It changes with any one
// character, and with two neighbours swapped but for 0 and the last (09, 0Z).
char CheckOf(std::string_view body, uint32_t base) {
  uint32_t sum = 0;
  uint32_t factor = 2;
  for (size_t i = body.size(); i-- > 0;) {
    const uint32_t product = factor * ValueOf(body[i]);
    sum += product / base + product % base;
    factor = 3 - factor;
  }
  return kAlphabet[(base - sum % base) % base];
}

// `whole` is body and check character, without separators.
std::string LayOut(const v1::ReferenceSpec& spec, std::string_view whole) {
  if (IsDated(spec)) {
    return absl::StrCat(spec.prefix(), ToAbsl(whole.substr(0, 8)), "-",
                        ToAbsl(whole.substr(8, whole.size() - 9)), "-",
                        ToAbsl(whole.substr(whole.size() - 1)));
  }
  const size_t group = FormOf(spec).group;
  std::string out = spec.prefix();
  for (size_t i = 0; i < whole.size(); ++i) {
    // The check character stays with the last group: 4-4-5, 5-5.
    if (i > 0 && i % group == 0 && i + 1 < whole.size()) out += '-';
    out += whole[i];
  }
  return out;
}

// 16 bytes reduced by a modulus below 2^48: the bias is less than 2^-80.
uint64_t Draw(std::string_view random, uint64_t modulus) {
  uint64_t rest = 0;
  for (const char byte : random.substr(0, 16)) {
    rest = (rest << 8 | static_cast<uint8_t>(byte)) % modulus;
  }
  return rest;
}

bool IsSeparator(uint32_t c) {
  return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == 0xa0 ||
         (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x30fc;
}

// Without separators, in capitals of normal width; empty if malformed.
std::string Compact(std::string_view typed) {
  std::string out;
  while (!typed.empty()) {
    const auto [length, value] = internal::DecodeUtf8(typed);
    if (length == 0) return "";
    typed.remove_prefix(length);
    uint32_t c = internal::FoldWidth(value);
    if (c >= 'a' && c <= 'z') c -= 0x20;
    if (!IsSeparator(c)) internal::AppendUtf8(c, &out);
  }
  return out;
}

// What is wrong with a candidate for body and check character, or nothing.
std::optional<std::string> Flaw(const v1::ReferenceSpec& spec,
                                std::string_view whole) {
  const Form form = FormOf(spec);
  for (const char c : whole) {
    if (ValueOf(c) >= form.base) {
      return "has a character that no reference has";
    }
  }
  const size_t size = form.size + 1;
  // A day of DATED numbers may have more than 99,999 of them.
  if (whole.size() < size || whole.size() > size + (IsDated(spec) ? 13 : 0)) {
    return absl::StrCat("has ", whole.size(), " characters");
  }
  absl::CivilDay day;
  if (IsDated(spec) &&
      (!absl::ParseCivilTime(absl::StrCat(ToAbsl(whole.substr(0, 4)), "-",
                                          ToAbsl(whole.substr(4, 2)), "-",
                                          ToAbsl(whole.substr(6, 2))),
                             &day))) {
    return "does not begin with a date";
  }
  const std::string_view body = whole.substr(0, whole.size() - 1);
  if (CheckOf(body, form.base) != whole.back()) {
    return "has a wrong check character: one character is wrong, or two are "
           "swapped";
  }
  return std::nullopt;
}

}  // namespace

std::string MakeUuidV7(absl::Time now, std::string_view random) {
  constexpr int64_t kMsMax = (int64_t{1} << 48) - 1;
  const int64_t ms = std::clamp(absl::ToUnixMillis(now), int64_t{0}, kMsMax);
  std::string id(16, '\0');
  for (size_t i = 0; i < 6; ++i) {
    id[i] = static_cast<char>(ms >> (40 - 8 * i) & 0xff);
  }
  for (size_t i = 0; i < 10 && i < random.size(); ++i) id[6 + i] = random[i];
  id[6] = static_cast<char>((id[6] & 0x0f) | 0x70);  // version 7
  id[8] = static_cast<char>((id[8] & 0x3f) | 0x80);  // variant of RFC 9562
  return id;
}

std::string UuidToString(std::string_view id) {
  if (id.size() != 16) return "";
  std::string out;
  for (size_t i = 0; i < id.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    absl::StrAppendFormat(&out, "%02x", static_cast<uint8_t>(id[i]));
  }
  return out;
}

std::string MakeReference(const v1::ReferenceSpec& spec,
                          std::string_view random, absl::CivilDay day,
                          int64_t number) {
  const Form form = FormOf(spec);
  std::string body;
  if (IsDated(spec)) {
    body = absl::StrFormat("%04d%02d%02d%05d", day.year(), day.month(),
                           day.day(), std::max<int64_t>(number, 0));
  } else {
    uint64_t modulus = 1;
    for (size_t i = 0; i < form.size; ++i) modulus *= form.base;
    uint64_t rest = Draw(random, modulus);
    for (size_t i = 0; i < form.size; ++i, rest /= form.base) {
      body += kAlphabet[rest % form.base];
    }
  }
  return LayOut(spec, body + CheckOf(body, form.base));
}

absl::StatusOr<std::string> NormalizeReference(const v1::ReferenceSpec& spec,
                                               std::string_view typed) {
  std::string compact;
  if (typed.size() <= limits::kKeyBytesMax) compact = Compact(typed);
  const std::string prefix = Compact(spec.prefix());
  const bool has_prefix = !prefix.empty() && compact.starts_with(prefix);
  std::optional<std::string> flaw;
  // With the prefix taken off if it is there; else a body may begin like one.
  for (const size_t skip : {has_prefix ? prefix.size() : 0, size_t{0}}) {
    std::string whole = compact.substr(skip);
    for (char& c : whole) c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    const auto found = Flaw(spec, whole);
    if (!found) return LayOut(spec, whole);
    if (!flaw) flaw = found;
  }
  Problems problems;
  const Form form = FormOf(spec);
  problems.Add("reference", *flaw,
               absl::StrCat("ask for it again; a reference is ", form.shape,
                            " like ", spec.prefix(), form.like));
  return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "reference");
}

}  // namespace hotline
