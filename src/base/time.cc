#include "src/base/time.h"

#include <array>
#include <charconv>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"

namespace hotline::internal {

absl::Time FloorToMillisecond(absl::Time t) {
  if (t == absl::InfiniteFuture() || t == absl::InfinitePast()) return t;
  return absl::UnixEpoch() +
         absl::Floor(t - absl::UnixEpoch(), absl::Milliseconds(1));
}

int64_t ToMs(absl::Time t) {
  if (t == absl::InfiniteFuture()) return kNeverMs;
  return absl::ToUnixMillis(t);
}

absl::Time FromMs(int64_t ms) {
  return ms == kNeverMs ? absl::InfiniteFuture() : absl::FromUnixMillis(ms);
}

void SetTimestamp(absl::Time t, google::protobuf::Timestamp* out) {
  const int64_t ms = absl::ToUnixMillis(t);
  int64_t seconds = ms / 1000;
  int64_t rest = ms % 1000;
  if (rest < 0) {
    rest += 1000;
    --seconds;
  }
  out->set_seconds(seconds);
  out->set_nanos(static_cast<int32_t>(rest * 1'000'000));
}

google::protobuf::Timestamp ToTimestamp(absl::Time t) {
  google::protobuf::Timestamp out;
  SetTimestamp(t, &out);
  return out;
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& t) {
  return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
}

bool IsValid(const google::protobuf::Timestamp& t) {
  // 0001-01-01 to 9999-12-31, as google.protobuf.Timestamp documents.
  return t.seconds() >= -62135596800 && t.seconds() <= 253402300799 &&
         t.nanos() >= 0 && t.nanos() <= 999'999'999;
}

std::string FormatUtc(absl::Time t) {
  const bool whole = absl::ToUnixMillis(t) % 1000 == 0;
  return absl::FormatTime(whole ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%dT%H:%M:%E3SZ",
                          t, absl::UTCTimeZone());
}

absl::StatusOr<absl::Time> ParseRfc3339(std::string_view text) {
  absl::Time t;
  std::string why;
  if (text.size() < 20 ||
      !absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &t, &why)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", ToAbsl(text),
                     "\" is no instant; write it like "
                     "2026-02-13T09:00:00+08:00"));
  }
  return t;
}

absl::StatusOr<absl::CivilDay> ParseDate(std::string_view text) {
  absl::CivilDay day;
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
  if (!shaped || !absl::ParseCivilTime(ToAbsl(text), &day) ||
      absl::FormatCivilTime(day) != ToAbsl(text)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", ToAbsl(text), "\" is no date; write it like 2026-02-13"));
  }
  return day;
}

absl::StatusOr<int> ParseTimeOfDay(std::string_view text) {
  std::array<int, 3> part = {0, 0, 0};
  const bool shaped = (text.size() == 5 && text[2] == ':') ||
                      (text.size() == 8 && text[2] == ':' && text[5] == ':');
  bool good = shaped;
  for (size_t i = 0; good && i * 3 < text.size(); ++i) {
    const char* begin = text.data() + i * 3;
    const auto [end, error] = std::from_chars(begin, begin + 2, part[i]);
    good = error == std::errc() && end == begin + 2 && *begin != '-';
  }
  const int seconds = part[0] * 3600 + part[1] * 60 + part[2];
  if (!good || part[1] > 59 || part[2] > 59 || seconds > 24 * 3600) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", ToAbsl(text),
        "\" is no time of day; write it like 08:30, at most 24:00"));
  }
  return seconds;
}

std::string ZoneDataVersion() {
  // The first line of tzdata.zi is "# version 2026a".
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  std::string hash, word, version;
  if (file >> hash >> word >> version && word == "version") return version;
  return "unknown";
}

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text) {
  absl::Duration d;
  if (!absl::ParseDuration(std::string(text), &d) ||
      d <= absl::ZeroDuration() || d == absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", ToAbsl(text),
        "\" is no positive duration; write it like 90m, 4h or 72h"));
  }
  return d;
}

}  // namespace hotline::internal
