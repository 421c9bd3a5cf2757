// Shared by the tests of calendars.
#ifndef HOTLINE_TESTS_RULES_CALENDAR_SUPPORT_H_
#define HOTLINE_TESTS_RULES_CALENDAR_SUPPORT_H_

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
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

inline constexpr char kWeekdays[] = R"(
  weekly { day: MONDAY hours { open: "09:00" close: "17:00" } }
  weekly { day: TUESDAY hours { open: "09:00" close: "17:00" } }
  weekly { day: WEDNESDAY hours { open: "09:00" close: "17:00" } }
  weekly { day: THURSDAY hours { open: "09:00" close: "17:00" } }
  weekly { day: FRIDAY hours { open: "09:00" close: "17:00" } })";

inline std::string EveryDay(const std::string& hours) {
  std::string text;
  for (const char* day : {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY",
                          "FRIDAY", "SATURDAY", "SUNDAY"}) {
    absl::StrAppend(&text, "weekly { day: ", day, " ", hours, " }\n");
  }
  return text;
}

inline std::string Hours(const char* open, const char* close) {
  return absl::StrCat("hours { open: \"", open, "\" close: \"", close, "\" }");
}

inline Calendar Make(const std::string& zone, const std::string& text) {
  const auto calendar = Calendar::Create(
      ParseSpec(absl::StrCat("id: \"c\" time_zone: \"", zone, "\" ", text)));
  if (!calendar.ok()) {
    ADD_FAILURE() << calendar.status();
    std::abort();
  }
  return *calendar;
}

// Government hours in Taipei: 08:30-12:30 and 13:30-17:30, the Lunar New Year
// of 2025 and the make-up Saturday 2025-02-08, the New Year of 2026.
inline Calendar Taipei(const std::string& more = "") {
  const std::string office = Hours("08:30", "12:30") + Hours("13:30", "17:30");
  std::string text;
  for (const char* day :
       {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"}) {
    absl::StrAppend(&text, "weekly { day: ", day, " ", office, " }\n");
  }
  absl::StrAppend(&text, R"(
    holidays: "2025-01-27" holidays: "2025-01-28" holidays: "2025-01-29"
    holidays: "2025-01-30" holidays: "2025-01-31"
    holidays: "2026-02-16" holidays: "2026-02-17" holidays: "2026-02-18"
    holidays: "2026-02-19" holidays: "2026-02-20"
    annual_holidays: "10-10"
    special_days { date: "2025-02-08" )",
                  office, "}", more);
  return Make("Asia/Taipei", text);
}

inline std::vector<std::string> Texts(
    const absl::StatusOr<std::vector<OpenPeriod>>& periods) {
  std::vector<std::string> texts;
  for (const OpenPeriod& p : periods.value()) texts.push_back(Text(p));
  return texts;
}

}  // namespace hotline

#endif  // HOTLINE_TESTS_RULES_CALENDAR_SUPPORT_H_
