// Shared by the tests of calendars.
#ifndef HOTLINE_TESTS_RULES_CALENDAR_SUPPORT_H_
#define HOTLINE_TESTS_RULES_CALENDAR_SUPPORT_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "hotline/calendar.h"
#include "src/base/time.h"

namespace hotline {

inline v1::CalendarSpec ParseSpec(const std::string& text) {
  v1::CalendarSpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec))
      << text;
  return spec;
}

// The instant of an RFC 3339 text.
inline absl::Time At(std::string_view text) {
  const auto at = internal::ParseRfc3339(text);
  EXPECT_TRUE(at.ok()) << at.status();
  return at.value_or(absl::InfinitePast());
}

inline absl::CivilDay Day(std::string_view text) {
  const auto day = internal::ParseDate(text);
  EXPECT_TRUE(day.ok()) << day.status();
  return day.value_or(absl::CivilDay());
}

inline std::string Text(const absl::StatusOr<absl::Time>& at) {
  return at.ok() ? internal::FormatUtc(*at)
                 : std::string(absl::StatusCodeToString(at.status().code()));
}

inline std::string Text(const absl::StatusOr<absl::CivilDay>& day) {
  return day.ok() ? absl::FormatCivilTime(*day)
                  : std::string(absl::StatusCodeToString(day.status().code()));
}

// "2026-02-13T00:30:00Z/2026-02-13T04:30:00Z"
inline std::string Text(const OpenPeriod& period) {
  return internal::FormatUtc(period.open) + "/" +
         internal::FormatUtc(period.close);
}

}  // namespace hotline

#endif  // HOTLINE_TESTS_RULES_CALENDAR_SUPPORT_H_
