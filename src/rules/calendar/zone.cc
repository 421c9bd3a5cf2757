#include "src/rules/calendar/zone.h"

#include <algorithm>

#include "hotline/calendar.h"
#include "hotline/error.h"
#include "src/base/absl_bridge.h"
#include "src/rules/calendar/zone_names.h"

namespace hotline::internal {
namespace {

constexpr int64_t kDaySeconds = 86'400;

int64_t SecondsOf(absl::CivilSecond local) {
  return local - absl::CivilSecond(1970, 1, 1);
}

}  // namespace

bool LoadIanaZone(std::string_view name, absl::TimeZone* zone) {
  const auto plain = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' ||
           c == '+';
  };
  if (name.empty() || name.front() == '/' || name == "localtime" ||
      name.substr(0, 6) == "right/" ||
      !std::all_of(name.begin(), name.end(), plain)) {
    return false;
  }
  return absl::LoadTimeZone(ToAbsl(name), zone);
}

std::string NearestZone(std::string_view name) {
  return Nearest(name, {std::begin(kZoneNames), std::end(kZoneNames)});
}

ZoneTable::ZoneTable(absl::TimeZone zone) {
  // A year more at either end: shifts and conversions reach over.
  const absl::Time begin =
      absl::FromCivil(absl::CivilDay(Calendar::kFirstYear - 1, 1, 1), zone);
  const absl::Time end =
      absl::FromCivil(absl::CivilDay(Calendar::kLastYear + 2, 1, 1), zone);
  changes_.push_back({INT64_MIN, zone.At(begin).offset});
  absl::TimeZone::CivilTransition change;
  for (absl::Time at = begin; at < end && zone.NextTransition(at, &change);) {
    // Its instant: the earlier of the two local times is skipped or repeated.
    at = zone.At(std::min(change.from, change.to)).trans;
    changes_.push_back(
        {SecondsOf(std::max(change.from, change.to)), zone.At(at).offset});
    for (int64_t day = (SecondsOf(change.from) + kDaySeconds - 1) / kDaySeconds;
         (day + 1) * kDaySeconds <= SecondsOf(change.to); ++day) {
      skipped_days_.push_back(day);
    }
  }
}

int64_t ZoneTable::Instant(int64_t local_seconds) const {
  const auto after = std::upper_bound(
      changes_.begin() + 1, changes_.end(), local_seconds,
      [](int64_t s, const Change& c) { return s < c.local_seconds; });
  return local_seconds - std::prev(after)->offset_seconds;
}

void ZoneTable::AppendChanges(int64_t from, int64_t to, int64_t origin,
                              std::vector<int64_t>* out) const {
  auto change = std::upper_bound(
      changes_.begin() + 1, changes_.end(), from,
      [](int64_t s, const Change& c) { return s < c.local_seconds; });
  out->push_back(std::prev(change)->offset_seconds);
  for (; change != changes_.end() && change->local_seconds < to; ++change) {
    out->push_back(change->local_seconds - origin);
    out->push_back(change->offset_seconds);
  }
  for (const int64_t day : skipped_days_) {
    const int64_t seconds = day * kDaySeconds;
    if (from <= seconds && seconds < to) out->push_back(seconds - origin);
  }
}

bool ZoneTable::HasDate(int64_t day_number) const {
  return !std::binary_search(skipped_days_.begin(), skipped_days_.end(),
                             day_number);
}

}  // namespace hotline::internal
