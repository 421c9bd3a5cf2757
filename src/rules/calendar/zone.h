// A time zone read once for the years a calendar covers.
#ifndef HOTLINE_SRC_RULES_CALENDAR_ZONE_H_
#define HOTLINE_SRC_RULES_CALENDAR_ZONE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace hotline::internal {

// Loads an IANA zone. False for names of anything else: a path, the machine's
// own zone, a zone with leap seconds.
bool LoadIanaZone(std::string_view name, absl::TimeZone* zone);

// The IANA name most like this one, or "".
std::string NearestZone(std::string_view name);

// Days since 1970-01-01.
inline int64_t DayNumber(absl::CivilDay date) {
  return date - absl::CivilDay(1970, 1, 1);
}

// Local times to instants, by arithmetic on the zone's changes instead of a
// search per question: compiling a calendar asks some 300,000 times.
class ZoneTable {
 public:
  explicit ZoneTable(absl::TimeZone zone);

  // Seconds since the epoch of a local time, given as seconds since
  // 1970-01-01 00:00 on the local clock. RFC 5545, 3.3.5: in a gap the offset
  // before it holds, of a time that occurs twice the first is meant.
  int64_t Instant(int64_t local_seconds) const;

  // What makes local times between two such times what they are: the offset
  // at first, then each change, counted from `origin`.
  void AppendChanges(int64_t from, int64_t to, int64_t origin,
                     std::vector<int64_t>* out) const;

  // Whether the local clock ever showed the date: Apia skipped one.
  bool HasDate(int64_t day_number) const;

 private:
  // From this local time on, this offset holds.
  struct Change {
    int64_t local_seconds;
    int64_t offset_seconds;
  };
  std::vector<Change> changes_;  // ascending; the first holds from ever
  std::vector<int64_t> skipped_days_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_CALENDAR_ZONE_H_
