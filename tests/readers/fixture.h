// A small city for the tests of the readers: one office week in Taipei, two
// categories, one clock of working time and one of working days.
#ifndef HOTLINE_TESTS_READERS_FIXTURE_H_
#define HOTLINE_TESTS_READERS_FIXTURE_H_

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "hotline/policy.h"

namespace hotline::testing {

template <typename Message>
Message Proto(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message))
      << text;
  return message;
}

inline std::string SmallPolicyText() {
  std::string text = R"pb(
    id: "small"
    title: "A small city"
    time_zone: "Asia/Taipei"
    calendars { id: "office" time_zone: "Asia/Taipei" holidays: "2026-03-12"
                special_days {
                  date: "2026-03-07"
                  name: "make-up working day"
                  hours { open: "08:00" close: "12:00" }
                }
                source: "the test itself"
  )pb";
  for (const char* day :
       {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"}) {
    text += std::string("weekly { day: ") + day +
            " hours { open: \"08:00\" close: \"12:00\" }"
            " hours { open: \"13:00\" close: \"17:00\" } }\n";
  }
  return text + R"pb(
    }
    units { code: "lights" calendar: "office" }
    priorities { code: "normal" }
    priorities { code: "high" }
    ladders {
      code: "urge"
      levels { code: "warn" percent: 75 }
      levels { code: "broken" breach: true }
    }
    clocks {
      code: "resolve"
      names { language: "zh-Hant" text: "結案" }
      calendar: "office"
      ladder: "urge"
      shown: true
      pause { phase: WAITING }
      targets { working_time: "16h" source: "Charter, 3" }
      targets { priority: "high" working_time: "4h" illustrative: true }
    }
    clocks {
      code: "answer"
      calendar: "office"
      start { verb: ACCEPT }
      targets { working_days: 3 }
    }
    categories { code: "roads" kind: GROUP }
    categories {
      code: "streetlight"
      parent: "roads"
      kind: CASE
      unit: "lights"
      names { language: "en" text: "Street light out" }
      names { language: "zh-Hant" text: "路燈故障" }
      clocks { clock: "resolve" }
      clocks { clock: "answer" }
    }
    categories { code: "question" kind: INFORMATION }
  )pb";
}

inline Policy SmallPolicy() {
  absl::StatusOr<Policy> policy = Policy::FromTextproto(SmallPolicyText());
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

}  // namespace hotline::testing

#endif  // HOTLINE_TESTS_READERS_FIXTURE_H_
