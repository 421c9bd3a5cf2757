// Instants between messages (Timestamp), columns (int64 milliseconds) and code
// (absl::Time). Everything is floored to a millisecond at the door.
#ifndef HOTLINE_SRC_BASE_TIME_H_
#define HOTLINE_SRC_BASE_TIME_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace hotline::internal {

// "No such instant" in a column.
inline constexpr int64_t kNeverMs = std::numeric_limits<int64_t>::max();

absl::Time FloorToMillisecond(absl::Time t);
int64_t ToMs(absl::Time t);  // InfiniteFuture is kNeverMs
absl::Time FromMs(int64_t ms);
void SetTimestamp(absl::Time t, google::protobuf::Timestamp* out);
google::protobuf::Timestamp ToTimestamp(absl::Time t);
absl::Time FromTimestamp(const google::protobuf::Timestamp& t);
bool IsValid(const google::protobuf::Timestamp& t);

// "2026-02-13T01:00:00Z", with milliseconds only if there are any.
std::string FormatUtc(absl::Time t);
absl::StatusOr<absl::Time> ParseRfc3339(std::string_view text);
absl::StatusOr<absl::CivilDay> ParseDate(std::string_view text);
// "08:30" or "24:00" as minutes or, with ":SS", seconds: seconds of the day.
absl::StatusOr<int> ParseTimeOfDay(std::string_view text);
// Release of the zone data on this machine, such as "2026a"; "unknown" if the
// system does not say.
std::string ZoneDataVersion();
// "90m", "4h", "1h30m"; positive.
absl::StatusOr<absl::Duration> ParseDuration(std::string_view text);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_BASE_TIME_H_
