// Goal: instants, dates and durations are read strictly and written one way.
// Method: tables of texts and values.
#include "src/base/time.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace hotline::internal {
namespace {

using ::testing::HasSubstr;

TEST(Time, IsFlooredToAMillisecondAlsoBeforeTheEpoch) {
  EXPECT_EQ(FloorToMillisecond(absl::FromUnixNanos(1'999'999)),
            absl::FromUnixMillis(1));
  EXPECT_EQ(FloorToMillisecond(absl::FromUnixNanos(-1)),
            absl::FromUnixMillis(-1));
  EXPECT_EQ(FloorToMillisecond(absl::FromUnixMillis(-7)),
            absl::FromUnixMillis(-7));
  EXPECT_EQ(FloorToMillisecond(absl::InfiniteFuture()), absl::InfiniteFuture());
  EXPECT_EQ(FloorToMillisecond(absl::InfinitePast()), absl::InfinitePast());
}

TEST(Time, NeverIsTheGreatestColumn) {
  EXPECT_EQ(ToMs(absl::InfiniteFuture()), kNeverMs);
  EXPECT_EQ(FromMs(kNeverMs), absl::InfiniteFuture());
  EXPECT_EQ(FromMs(ToMs(absl::FromUnixMillis(-1'500))),
            absl::FromUnixMillis(-1'500));
}

TEST(Time, TimestampsHaveNanosThatAreNotNegative) {
  const auto stamp = ToTimestamp(absl::FromUnixMillis(-1'250));
  EXPECT_EQ(stamp.seconds(), -2);
  EXPECT_EQ(stamp.nanos(), 750'000'000);
  EXPECT_EQ(FromTimestamp(stamp), absl::FromUnixMillis(-1'250));
  EXPECT_TRUE(IsValid(stamp));
}

TEST(Time, TimestampsOutOfTheirSpanAreInvalid) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(253'402'300'799);  // 9999-12-31T23:59:59Z
  EXPECT_TRUE(IsValid(stamp));
  stamp.set_seconds(253'402'300'800);
  EXPECT_FALSE(IsValid(stamp));
  stamp.set_seconds(0);
  stamp.set_nanos(-1);
  EXPECT_FALSE(IsValid(stamp));
  stamp.set_nanos(1'000'000'000);
  EXPECT_FALSE(IsValid(stamp));
}

TEST(Time, IsWrittenInUtcWithMillisecondsOnlyIfThereAreAny) {
  EXPECT_EQ(FormatUtc(absl::FromUnixSeconds(1'770'944'400)),
            "2026-02-13T01:00:00Z");
  EXPECT_EQ(FormatUtc(absl::FromUnixMillis(1'770'944'400'050)),
            "2026-02-13T01:00:00.050Z");
}

TEST(Time, ReadsInstantsWithAnOffsetOnly) {
  EXPECT_EQ(*ParseRfc3339("2026-02-13T09:00:00+08:00"),
            absl::FromUnixSeconds(1'770'944'400));
  EXPECT_EQ(*ParseRfc3339("2026-02-13T01:00:00.250Z"),
            absl::FromUnixMillis(1'770'944'400'250));
  for (const char* text : {"", "2026-02-13", "2026-02-13T09:00:00",
                           "2026-02-30T09:00:00Z", "2026-02-13T25:00:00Z",
                           "2026-02-13 at nine o'clock", "infinite-future"}) {
    EXPECT_FALSE(ParseRfc3339(text).ok()) << text;
  }
  EXPECT_THAT(std::string(ParseRfc3339("noon").status().message()),
              HasSubstr("; write it like"));
}

TEST(Time, ReadsDatesThatExist) {
  EXPECT_EQ(*ParseDate("2024-02-29"), absl::CivilDay(2024, 2, 29));
  for (const char* text :
       {"", "2025-02-29", "2026-13-01", "2026-2-13", "2026/02/13", "20260213",
        " 2026-2-13", "26-02-13"}) {
    EXPECT_FALSE(ParseDate(text).ok()) << text;
  }
}

TEST(Time, ReadsTimesOfDayUpTo24Hours) {
  EXPECT_EQ(*ParseTimeOfDay("00:00"), 0);
  EXPECT_EQ(*ParseTimeOfDay("08:30"), 30'600);
  EXPECT_EQ(*ParseTimeOfDay("23:59:59"), 86'399);
  EXPECT_EQ(*ParseTimeOfDay("24:00"), 86'400);
  for (const char* text :
       {"", "8:30", "08:60", "24:01", "24:00:01", "-1:30", "08:-3", "08.30",
        "08:30:", "08:30:60", "0830", "+8:30"}) {
    EXPECT_FALSE(ParseTimeOfDay(text).ok()) << text;
  }
}

TEST(Time, ReadsPositiveDurations) {
  EXPECT_EQ(*ParseDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(*ParseDuration("720h"), absl::Hours(720));
  for (const char* text : {"", "0", "-4h", "4", "4 h", "2d", "inf", "h"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

}  // namespace
}  // namespace hotline::internal
