// Goal: what another policy would have kept is right to the millisecond, what
// it cannot say is said, and nothing is written. Method: cases by the engine or
// by hand, judged by policies that differ in one thing.
#include "hotline/whatif.h"

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/error.h"
#include "tests/readers/figures.h"

namespace hotline {
namespace {

using testing::FiguresPolicyText;
using testing::FiguresStore;
using ::testing::HasSubstr;
using testing::Instant;
using testing::MarkText;
using testing::Stamp;
using testing::StoppedText;

// The city's policy with one text replaced.
Policy Changed(const std::string& from, const std::string& to) {
  const std::string text =
      absl::StrReplaceAll(FiguresPolicyText(), {{from, to}});
  EXPECT_NE(text, FiguresPolicyText()) << from;
  auto policy = Policy::FromTextproto(text);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

WhatIfAnswer Ask(FiguresStore* city, const Policy& policy) {
  WhatIfRequest request;
  request.tenant = "t";
  request.policy = &policy;
  request.as_of = city->clock.TimeNow();
  const auto answer = AskWhatIf(&city->store, request);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? *answer : WhatIfAnswer();
}

constexpr char kStart[] = "2026-02-09T09:00:00+08:00";  // a Monday
constexpr char kDue[] = "2026-02-11T09:00:00+08:00";    // 16 h on

// Stopped after 15 h, 16 h and 17 h of working time, and one that runs still.
void Fill(FiguresStore* city) {
  city->Put(StoppedText("resolve", kStart, "2026-02-10T17:00:00+08:00", kDue));
  city->Put(StoppedText("resolve", kStart, kDue, kDue), "streetlight",
            "lights");
  city->Put(StoppedText("resolve", kStart, "2026-02-11T10:00:00+08:00", kDue,
                        /*broken=*/true));
}

TEST(WhatIf, AShorterTargetBreaksWhatALongerOneKeeps) {
  FiguresStore city("2026-02-12T09:00:00+08:00");
  Fill(&city);
  const WhatIfAnswer shorter =
      Ask(&city, Changed("targets { working_time: \"16h\" }",
                         "targets { working_time: \"15h\" }"));
  ASSERT_EQ(shorter.rows.size(), 3u);  // whole, streetlight, tree
  EXPECT_EQ(shorter.promises, 3);
  const WhatIfRow& whole = shorter.rows[0];
  EXPECT_TRUE(whole.whole);
  EXPECT_EQ(whole.before.met, 2);
  EXPECT_EQ(whole.before.breached, 1);
  EXPECT_EQ(whole.after.met, 1);
  EXPECT_EQ(whole.after.breached, 2);
  EXPECT_EQ(whole.newly_broken, 1);
  EXPECT_EQ(whole.newly_kept, 0);
  EXPECT_EQ(whole.earlier, 3);
  EXPECT_EQ(whole.later, 0);
  EXPECT_EQ(shorter.rows[1].category, "streetlight");
  EXPECT_EQ(shorter.rows[1].unit, "lights");
  EXPECT_EQ(shorter.rows[1].newly_broken, 1);
  const WhatIfAnswer longer =
      Ask(&city, Changed("targets { working_time: \"16h\" }",
                         "targets { working_time: \"17h\" }"));
  EXPECT_EQ(longer.rows[0].after.met, 3);
  EXPECT_EQ(longer.rows[0].newly_kept, 1);
  EXPECT_EQ(longer.rows[0].later, 3);
}

TEST(WhatIf, TheSamePolicyChangesNothing) {
  FiguresStore city("2026-02-09T09:00:00+08:00");
  for (int i = 0; i < 12; ++i) {
    city.clock.SetTime(Instant(kStart) + i * absl::Hours(5));
    const std::string reference = city.Open(i % 2 == 0 ? "tree" : "pothole");
    city.Do(reference, "accept {}");
    if (i % 3 != 0) {
      city.clock.AdvanceTime(absl::Hours(7 * i));
      city.Do(reference, i % 3 == 1
                             ? "resolve { outcome: 'ok' }"
                             : "wait { for: FOR_REPORTER reason: 'photo' }");
    }
  }
  city.clock.AdvanceTime(absl::Hours(30));
  const WhatIfAnswer answer =
      Ask(&city, *Policy::FromTextproto(FiguresPolicyText()));
  EXPECT_EQ(answer.promises, 12);
  EXPECT_GT(answer.rows[0].before.breached, 0);
  EXPECT_GT(answer.rows[0].before.paused, 0);
  for (const WhatIfRow& row : answer.rows) {
    EXPECT_EQ(row.earlier + row.later + row.newly_broken + row.newly_kept, 0);
    EXPECT_EQ(row.before.met, row.after.met);
    EXPECT_EQ(row.before.running_late, row.after.running_late);
    EXPECT_EQ(row.before.paused, row.after.paused);
  }
}

TEST(WhatIf, OtherHoursCountOtherTime) {
  FiguresStore city("2026-02-12T09:00:00+08:00");
  Fill(&city);
  // Without Monday afternoon, 13:00 to 17:00, four hours less were used.
  const WhatIfAnswer answer = Ask(
      &city, Changed("revision: \"r7\"",
                     "revision: \"r8\" closures { from: "
                     "\"2026-02-09T13:00:00+08:00\" until: "
                     "\"2026-02-09T17:00:00+08:00\" reason: \"typhoon\" }"));
  EXPECT_EQ(answer.rows[0].after.met, 3);
  EXPECT_EQ(answer.rows[0].newly_kept, 1);
}

TEST(WhatIf, PausesAreKeptWhereTheyWere) {
  FiguresStore city("2026-02-12T09:00:00+08:00");
  // 1 h, a pause, 1 h: under 2 h it is kept to the instant, under 1 h 59 min
  // it is not.
  city.Put(
      "clocks { clock: 'resolve' state: STOPPED calendar: 'office' "
      "policy_version: 1 target { working_time: '16h' } due " +
      Stamp(kDue) + MarkText("START", kStart) +
      MarkText("PAUSE", "2026-02-09T10:00:00+08:00") +
      MarkText("RESUME", "2026-02-10T10:00:00+08:00") +
      MarkText("STOP", "2026-02-10T11:00:00+08:00") + "}");
  const std::string target = "targets { working_time: \"16h\" }";
  EXPECT_EQ(Ask(&city, Changed(target, "targets { working_time: \"2h\" }"))
                .rows[0]
                .after.met,
            1);
  EXPECT_EQ(Ask(&city, Changed(target, "targets { working_time: \"1h59m\" }"))
                .rows[0]
                .after.breached,
            1);
}

TEST(WhatIf, OpenPromisesAreJudgedAsOfNow) {
  FiguresStore city(kStart);
  city.Open();
  city.clock.SetTime(Instant("2026-02-09T13:30:00+08:00"));  // 3 h 30 min
  const WhatIfAnswer answer =
      Ask(&city, Changed("targets { working_time: \"16h\" }",
                         "targets { working_time: \"3h\" }"));
  EXPECT_EQ(answer.rows[0].before.running_in_time, 1);
  EXPECT_EQ(answer.rows[0].after.running_late, 1);
  EXPECT_EQ(answer.rows[0].newly_broken, 1);
}

TEST(WhatIf, WhatItCannotModelIsSaid) {
  FiguresStore city("2026-02-12T09:00:00+08:00");
  Fill(&city);
  city.Put("", "gone");
  city.Put(
      "clocks { clock: 'reply' state: IDLE target { elapsed: '1h' } "
      "earlier { cycle: 1 state: STOPPED paused_ms: 5 due " +
      Stamp(kDue) +
      " } } clocks { clock: 'promised' state: RUNNING "
      "fixed_due " +
      Stamp(kDue) + " fixed_at " + Stamp(kStart) + MarkText("START", kStart) +
      "}");
  city.Put(
      "clocks { clock: 'resolve' state: RUNNING target { elapsed: '1h' } "
      "fixed_due " +
      Stamp("2026-02-27T09:00:00+08:00") + " fixed_at " + Stamp(kStart) +
      " due " + Stamp("2026-02-27T09:00:00+08:00") + MarkText("START", kStart) +
      "}");
  const WhatIfAnswer answer =
      Ask(&city, Changed("working_time: \"16h\"", "working_time: \"1h\""));
  EXPECT_EQ(answer.unknown_categories.at("gone"), 1);
  EXPECT_EQ(answer.dropped.at("promised"), 1);
  EXPECT_EQ(answer.cycles_with_pauses, 1);
  EXPECT_EQ(answer.given_from_outside, 1);
  EXPECT_EQ(answer.added.at("resolve"), 1);
  EXPECT_EQ(answer.rows[0].after.running_in_time, 1);
  const std::string text = ToText(answer, "en");
  EXPECT_THAT(text, HasSubstr("1 cases of \"gone\""));
  EXPECT_THAT(text, HasSubstr("Not modelled: another workflow"));
  EXPECT_THAT(text, HasSubstr("1 due instants given from outside"));
}

TEST(WhatIf, AVersionThatWasInForceIsAPolicyToo) {
  FiguresStore city("2026-02-12T09:00:00+08:00");
  Fill(&city);
  ASSERT_TRUE(
      city.engine
          ->Adopt(city.actor,
                  Changed("working_time: \"16h\"", "working_time: \"1h\""), 1)
          .ok());
  WhatIfRequest request;
  request.tenant = "t";
  request.version = 2;
  request.as_of = city.clock.TimeNow();
  const auto answer = AskWhatIf(&city.store, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->rows[0].after.breached, 3);
  request.version = 3;
  EXPECT_EQ(ReasonOf(AskWhatIf(&city.store, request).status()),
            v1::ErrorInfo::INVALID_ARGUMENT);
  request.version = 0;
  request.by = {ReportBy::kPeriod};
  EXPECT_EQ(InfoOf(AskWhatIf(&city.store, request).status()).problems_size(),
            2);
}

TEST(WhatIf, NothingIsWritten) {
  FiguresStore city(kStart);
  for (int i = 0; i < 5; ++i) city.Open();
  city.clock.AdvanceTime(absl::Hours(200));
  const std::string before = city.Dump();
  const WhatIfAnswer answer =
      Ask(&city, Changed("working_time: \"16h\"", "working_time: \"1h\""));
  EXPECT_EQ(answer.rows[0].before.running_late, 5);
  EXPECT_EQ(city.Dump(), before);
}

TEST(WhatIf, FormsAgree) {
  FiguresStore city("2026-02-12T09:00:00+08:00");
  for (int i = 0; i < 20; ++i) Fill(&city);
  const WhatIfAnswer answer =
      Ask(&city, Changed("working_time: \"16h\"", "working_time: \"1h\""));
  google::protobuf::Struct json;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(ToJson(answer), &json).ok());
  const auto& row =
      json.fields().at("rows").list_value().values(0).struct_value().fields();
  EXPECT_EQ(row.at("before").struct_value().fields().at("met").number_value(),
            40);
  EXPECT_EQ(row.at("newly_broken").number_value(), 40);
  EXPECT_THAT(ToText(answer, "en"), HasSubstr("66.7 %"));
  EXPECT_THAT(ToText(answer, "en"), HasSubstr("-66.7"));
  EXPECT_THAT(ToText(answer, "zh-Hant"), HasSubstr("轉為逾期"));
  EXPECT_THAT(ToCsv(answer), HasSubstr("resolve,,,,true,60,40,0,20,60,0.6667,"
                                       "0.0000,60,60,40,0,60,0,"));
}

}  // namespace
}  // namespace hotline
