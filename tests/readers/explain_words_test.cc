// Goal: a clerk reads why a case is due when it is, in English and in
// Traditional Chinese. Method: situations of a Taiwanese office year, judged by
// the rules, compared with the sentence a clerk would write.
#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/inspect.h"
#include "hotline/sla.h"
#include "src/base/time.h"
#include "src/readers/inspect/language.h"
#include "tests/readers/fixture.h"

namespace hotline {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Days of 2025 as the DGPA published them; hours are the test's own.
std::string OfficePolicy(const std::string& more = "",
                         const std::string& resolve = "working_days: 2") {
  std::string text = R"(
    id: "office" time_zone: "Asia/Taipei"
    calendars {
      id: "taipei" time_zone: "Asia/Taipei"
      holidays: "2025-01-27" holidays: "2025-01-28" holidays: "2025-01-29"
      holidays: "2025-01-30" holidays: "2025-01-31" holidays: "2025-02-28"
      special_days {
        date: "2025-02-08"
        hours { open: "08:30" close: "17:30" }
      }
      complete_until: "2025-12-31" revision: "2024-06" source: "DGPA"
  )";
  for (const char* day :
       {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"}) {
    text += std::string("weekly { day: ") + day +
            " hours { open: '08:30' close: '17:30' } }\n";
  }
  return text + more + R"(
    }
    units { code: "lights" calendar: "taipei"
            names { language: "en" text: "Street lighting" }
            names { language: "zh-Hant" text: "路燈隊" } }
    areas { code: "xinyi" }
    priorities { code: "normal" }
    ladders { code: "urge" levels { code: "breach" breach: true } }
    clocks {
      code: "resolve" shown: true calendar: "taipei" ladder: "urge"
      names { language: "en" text: "Dealt with" }
      names { language: "zh-Hant" text: "處理完成" }
      pause { phase: WAITING }
      targets { )" +
         resolve + R"( }
    }
    categories {
      code: "light" kind: CASE unit: "lights"
      names { language: "en" text: "Street light out" }
      names { language: "zh-Hant" text: "路燈故障" }
      clocks { clock: "resolve" }
    }
  )";
}

constexpr char kCutOff[] = "working_days: 2 cut_off: '17:30' restart: '08:30'";

Policy Compiled(const std::string& text) {
  auto policy = Policy::FromTextproto(text);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

absl::Time At(const std::string& rfc3339) {
  const auto at = internal::ParseRfc3339(rfc3339);
  EXPECT_TRUE(at.ok()) << rfc3339;
  return at.value_or(absl::UnixEpoch());
}

google::protobuf::Struct Parsed(const std::string& json) {
  google::protobuf::Struct parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &parsed).ok())
      << json;
  return parsed;
}

google::protobuf::Struct FirstClock(const google::protobuf::Struct& all) {
  return all.fields().at("clocks").list_value().values(0).struct_value();
}

std::string SummaryOf(const google::protobuf::Struct& all) {
  return FirstClock(all).fields().at("summary").string_value();
}

// What is promised to a case filed then, as one sentence.
std::string Promised(const Policy& policy, const std::string& at,
                     std::string_view language = "en") {
  const auto json = ExplainPromise(policy, {.category = "light", .at = At(at)},
                                   Format::kJson, language);
  EXPECT_TRUE(json.ok()) << json.status();
  return json.ok() ? SummaryOf(Parsed(*json)) : "";
}

// A case of one clock that the rules settled from these marks.
class Filed {
 public:
  Filed(const Policy& policy, const std::string& at) : policy_(policy) {
    of_.set_reference("4821-0937-55126");
    of_.set_category("light");
    of_.set_unit("lights");
    of_.set_state("in_progress");
    of_.set_phase(v1::ACTIVE);
    internal::SetTimestamp(At(at), of_.mutable_opened_at());
    clock().set_cycle(1);
    clock().set_policy_version(1);
    const Category& category = *policy.taxonomy().Find("light");
    const ClockOnCategory& on = category.clocks->front();
    EXPECT_TRUE(policy.sla().Plan({.clock = "resolve",
                                   .use = &on.use,
                                   .use_path = on.path,
                                   .unit_calendar = "taipei"},
                                  &clock()));
    Mark(v1::ClockMark::START, at);
  }
  v1::ClockState& clock() {
    return of_.clocks_size() == 0 ? *of_.add_clocks() : *of_.mutable_clocks(0);
  }
  v1::Case& of() { return of_; }
  std::vector<v1::Event>& events() { return events_; }

  Filed& Mark(v1::ClockMark::Kind kind, const std::string& at) {
    Sla::Mark(kind, At(at), &clock());
    policy_.sla().Settle({.unit = "lights"}, &clock());
    internal::SetTimestamp(At(at), of_.mutable_updated_at());
    return *this;
  }
  Filed& Waits(const std::string& from, const std::string& until,
               v1::Wait::For whom = v1::Wait::FOR_REPORTER) {
    v1::Event event;
    event.set_version(static_cast<int64_t>(events_.size()) + 2);
    v1::Fact* fact = event.add_facts();
    internal::SetTimestamp(At(from), fact->mutable_at());
    fact->mutable_waiting_set()->mutable_waiting()->set_for_(whom);
    events_.push_back(event);
    Mark(v1::ClockMark::PAUSE, from);
    return until.empty() ? *this : Mark(v1::ClockMark::RESUME, until);
  }

  google::protobuf::Struct Json(const Look& look) const {
    const auto json = Explain(of_, events_, Format::kJson, look);
    EXPECT_TRUE(json.ok()) << json.status();
    return Parsed(json.value_or("{}"));
  }
  std::string Summary(std::string_view language = "en") const {
    return SummaryOf(Json({.policy = &policy_, .language = language}));
  }

 private:
  const Policy& policy_;
  v1::Case of_;
  std::vector<v1::Event> events_;
};

std::string StepText(const google::protobuf::Struct& all,
                     const std::string& step) {
  std::string found;
  const google::protobuf::Struct clock = FirstClock(all);
  for (const auto& one : clock.fields().at("steps").list_value().values()) {
    const auto& fields = one.struct_value().fields();
    if (fields.at("step").string_value() == step) {
      found += fields.at("text").string_value() + "\n";
    }
  }
  return found;
}

// ---------------------------------------------------------------- sentences

TEST(Sentences, TheModelSentenceIsSaidAsAClerkWouldSayIt) {
  const Policy policy = Compiled(OfficePolicy("", kCutOff));
  Filed filed(policy, "2025-02-07T17:42:00+08:00");
  filed.Waits("2025-02-10T10:00:00+08:00", "2025-02-10T12:10:00+08:00");
  EXPECT_EQ(filed.Summary(),
            "filed Friday 7 February 2025 17:42, after closing → counted from "
            "Saturday 8 February 08:30, a make-up working day; paused 2 h 10 "
            "min waiting for the reporter; due Wednesday 12 February 10:40: "
            "two working days, Tuesday 17:30, moved by the pause");
  EXPECT_EQ(filed.Summary("zh-Hant"),
            "2025年2月7日（星期五）17:42受理，已過下班時間，自2月8日（星期六，"
            "補班日）08:30起算；等候民眾回覆，暫停計時2小時10分；應於2月12日"
            "（星期三）10:40前完成：2個工作日原於2月11日（星期二）17:30屆滿，"
            "因暫停計時順延");
}

TEST(Sentences, AfterClosingTheNextWorkingDayIsTheFirst) {
  const Policy policy = Compiled(OfficePolicy());
  EXPECT_EQ(Promised(policy, "2025-03-05T18:00:00+08:00"),
            "filed Wednesday 5 March 2025 18:00, after closing → counted from "
            "Thursday 6 March; due Friday 7 March 17:30: two working days");
  EXPECT_EQ(Promised(policy, "2025-03-05T18:00:00+08:00", "zh-Hant"),
            "2025年3月5日（星期三）18:00受理，已過下班時間，自3月6日（星期四）"
            "起算；應於3月7日（星期五）17:30前完成（2個工作日）");
}

TEST(Sentences, AWeekendAndAMakeUpSaturdayAreToldApart) {
  const Policy policy = Compiled(OfficePolicy());
  EXPECT_EQ(Promised(policy, "2025-02-15T10:00:00+08:00"),
            "filed Saturday 15 February 2025 10:00, office closed (weekend) → "
            "counted from Monday 17 February; due Tuesday 18 February 17:30: "
            "two working days");
  EXPECT_EQ(Promised(policy, "2025-02-06T10:00:00+08:00", "zh-Hant"),
            "2025年2月6日（星期四）10:00受理，自2月7日（星期五）起算；應於2月"
            "8日（星期六）17:30前完成（2個工作日）");
  EXPECT_EQ(Promised(policy, "2025-02-07T10:00:00+08:00"),
            "filed Friday 7 February 2025 10:00 → counted from Saturday 8 "
            "February, a make-up working day; due Monday 10 February 17:30: "
            "two working days");
}

TEST(Sentences, TheLunarNewYearIsPassedOverByName) {
  const Policy policy = Compiled(OfficePolicy());
  EXPECT_EQ(Promised(policy, "2025-01-24T16:00:00+08:00"),
            "filed Friday 24 January 2025 16:00 → counted from Monday 3 "
            "February; due Tuesday 4 February 17:30: two working days");
  const auto text = ExplainPromise(
      policy, {.category = "light", .at = At("2025-01-24T16:00:00+08:00")},
      Format::kText, "zh-Hant");
  EXPECT_THAT(*text, HasSubstr("不上班，不計入：1月25日（星期六）至1月26日"
                               "（星期日），週末；1月27日（星期一）至1月31日"
                               "（星期五），放假日；2月1日（星期六）至2月2日"
                               "（星期日），週末"));
  EXPECT_THAT(*text, HasSubstr("2月4日（星期二）：第 2 個工作日"));
}

TEST(Sentences, ATyphoonAfternoonIsNamedWithItsAnnouncement) {
  const Policy policy = Compiled(OfficePolicy(
      "closures { from: '2025-07-07T15:00:00+08:00' until: "
      "'2025-07-08T00:00:00+08:00' announced: '2025-07-07T14:10:00+08:00' "
      "reason: '丹娜絲颱風' }",
      "working_time: '4h'"));
  EXPECT_EQ(Promised(policy, "2025-07-07T16:00:00+08:00"),
            "filed Monday 7 July 2025 16:00, office closed (closure: "
            "丹娜絲颱風) → counted from Tuesday 8 July 08:30; due Tuesday 8 "
            "July 12:30: 4 h of working time");
  const auto text = ExplainPromise(
      policy, {.category = "light", .at = At("2025-07-07T14:00:00+08:00")},
      Format::kText, "zh-Hant");
  EXPECT_THAT(*text,
              HasSubstr("7月7日（星期一）15:00至7月7日（星期一）24:00停班："
                        "丹娜絲颱風（7月7日（星期一）14:10公告）"));
  EXPECT_THAT(*text, HasSubstr("7月7日（星期一）：14:00-15:00，計1小時，尚餘"
                               "3小時"));
}

TEST(Sentences, WorkingTimeThatEndsAtClosingIsKeptUntilTheNextOpening) {
  const Policy policy = Compiled(OfficePolicy("", "working_time: '4h'"));
  EXPECT_EQ(Promised(policy, "2025-03-07T13:30:00+08:00"),
            "filed Friday 7 March 2025 13:30; due Friday 7 March 17:30: 4 h of "
            "working time; answered until the office opens again, Monday 10 "
            "March 08:30, is kept");
  EXPECT_EQ(Promised(policy, "2025-03-07T13:30:00+08:00", "zh-Hant"),
            "2025年3月7日（星期五）13:30受理；應於3月7日（星期五）17:30前完成"
            "（上班時間4小時）；於下次上班（3月10日（星期一）08:30）前完成者，"
            "仍屬如期");
}

TEST(Sentences, APauseOverNightSaysWhatOfItWereOfficeHours) {
  const Policy policy = Compiled(OfficePolicy());
  Filed filed(policy, "2025-03-03T09:00:00+08:00");
  filed.Waits("2025-03-04T16:30:00+08:00", "2025-03-05T09:30:00+08:00",
              v1::Wait::FOR_OTHER_UNIT);
  EXPECT_EQ(filed.Summary(),
            "filed Monday 3 March 2025 09:00 → counted from Tuesday 4 March; "
            "paused 17 h waiting for another unit, 2 h of it office hours; due "
            "Thursday 6 March 10:30: two working days, Wednesday 17:30, moved "
            "by the pause");
  EXPECT_EQ(filed.Summary("zh-Hant"),
            "2025年3月3日（星期一）09:00受理，自3月4日（星期二）起算；等候其他"
            "單位處理，暫停計時17小時，其中上班時間2小時；應於3月6日（星期四）"
            "10:30前完成：2個工作日原於3月5日（星期三）17:30屆滿，因暫停計時"
            "順延");
}

TEST(Sentences, WhileItRestsThereIsNoDueInstantButAnOutlook) {
  const Policy policy = Compiled(OfficePolicy());
  Filed filed(policy, "2025-03-03T09:00:00+08:00");
  filed.Waits("2025-03-04T16:30:00+08:00", "");
  const std::string summary = SummaryOf(
      filed.Json({.policy = &policy, .now = At("2025-03-05T09:30:00+08:00")}));
  EXPECT_THAT(summary, HasSubstr("paused since Tuesday 4 March 16:30 waiting "
                                 "for the reporter; no due instant while it "
                                 "rests; if it went on now, due Thursday 6 "
                                 "March 10:30"));
}

TEST(Sentences, AnExtensionIsToldWithItsDates) {
  const Policy policy = Compiled(OfficePolicy());
  Filed filed(policy, "2025-03-03T09:00:00+08:00");
  internal::SetTimestamp(At("2025-03-04T10:00:00+08:00"),
                         filed.clock().mutable_fixed_at());
  internal::SetTimestamp(At("2025-03-14T17:30:00+08:00"),
                         filed.clock().mutable_fixed_due());
  v1::Extension* extension = filed.of().mutable_extension();
  extension->set_state(v1::Extension::GRANTED);
  extension->set_clock("resolve");
  *extension->mutable_until() = filed.clock().fixed_due();
  filed.Mark(v1::ClockMark::START, "2025-03-03T09:00:00+08:00");
  EXPECT_THAT(filed.Summary(), HasSubstr("extended Tuesday 4 March 10:00 to "
                                         "Friday 14 March 17:30; due Friday "
                                         "14 March 17:30"));
  EXPECT_THAT(filed.Summary("zh-Hant"),
              HasSubstr("3月4日（星期二）10:00核准展期至3月14日（星期五）"
                        "17:30；應於3月14日（星期五）17:30前完成"));
}

TEST(Sentences, APolicyChangeIsToldAndItsOwnVersionExplainsTheClock) {
  const Policy old_policy = Compiled(OfficePolicy());
  const Policy new_policy = Compiled(OfficePolicy("", "working_days: 5"));
  Filed filed(new_policy, "2025-03-03T09:00:00+08:00");
  filed.clock().set_policy_version(2);
  v1::Event event;
  event.set_version(2);
  event.set_policy_version(2);
  v1::Fact* fact = event.add_facts();
  internal::SetTimestamp(At("2025-03-04T12:00:00+08:00"), fact->mutable_at());
  *fact->mutable_clock_set()->mutable_clock() = filed.clock();
  internal::SetTimestamp(At("2025-03-05T17:30:00+08:00"),
                         fact->mutable_clock_set()->mutable_moved_from());
  fact->mutable_clock_set()->set_because("policy 2");
  filed.events().push_back(event);
  const std::vector<PolicyVersion> versions = {{1, &old_policy, "2024a"},
                                               {2, &new_policy, "2025b"}};
  // The policy in force is a third one: the clock's own judges.
  const Policy in_force = Compiled(OfficePolicy("", "working_days: 9"));
  const auto json = filed.Json({.policy = &in_force, .versions = versions});
  EXPECT_THAT(SummaryOf(json), HasSubstr("due Monday 10 March 17:30: five "
                                         "working days; moved from Wednesday "
                                         "5 March 17:30 because of policy "
                                         "version 2"));
  EXPECT_EQ(StepText(json, "record_differs"), "");
  EXPECT_EQ(FirstClock(json).fields().at("policy_version").number_value(), 2);
  EXPECT_THAT(
      SummaryOf(filed.Json(
          {.policy = &in_force, .versions = versions, .language = "zh-Hant"})),
      HasSubstr("原期限3月5日（星期三）17:30，因政策改為第 2 版變更"));
}

TEST(Sentences, ADeclaredEventIsNamed) {
  const Policy policy = Compiled(OfficePolicy() + R"(
    declared_events {
      code: "storm" names { language: "zh-Hant" text: "丹娜絲颱風災後復原" }
      from: "2025-07-07T00:00:00+08:00" until: "2025-07-21T00:00:00+08:00"
      targets { clock: "resolve" target { working_days: 10 } }
    })");
  const auto json = ExplainPromise(
      policy, {.category = "light", .at = At("2025-07-08T09:00:00+08:00")},
      Format::kJson, "zh-Hant");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(SummaryOf(Parsed(*json)),
            "2025年7月8日（星期二）09:00受理，自7月9日（星期三）起算；應於7月22"
            "日（星期二）17:30前完成（10個工作日）");
  EXPECT_EQ(StepText(Parsed(*json), "declared_event"),
            "適用專案「丹娜絲颱風災後復原」之期限（7月7日（星期一）00:00至7月20"
            "日（星期日）24:00）\n");
}

TEST(Sentences, MonthsEndOnTheCorrespondingDayAndRollOn) {
  const Policy policy =
      Compiled(OfficePolicy("", "calendar_months: 2 roll_end: true"));
  EXPECT_EQ(Promised(policy, "2025-03-03T09:00:00+08:00"),
            "filed Monday 3 March 2025 09:00 → counted from Tuesday 4 March; "
            "due Monday 5 May 24:00: two months");
  const auto json = ExplainPromise(
      policy, {.category = "light", .at = At("2025-03-03T09:00:00+08:00")},
      Format::kJson, "zh-Hant");
  EXPECT_EQ(SummaryOf(Parsed(*json)),
            "2025年3月3日（星期一）09:00受理，自3月4日（星期二）起算；應於5月5"
            "日（星期一）24:00前完成（2個月）");
  EXPECT_EQ(StepText(Parsed(*json), "end_rolled"),
            "5月3日（星期六，週末）非工作日，順延至5月5日（星期一）\n");
  EXPECT_EQ(StepText(Parsed(*json), "calendar_months"),
            "加計 2 個月，至相當日：5月3日（星期六）\n");
}

TEST(Sentences, BeyondTheKnownHolidaysItIsProvisional) {
  const Policy policy = Compiled(OfficePolicy());
  EXPECT_EQ(Promised(policy, "2025-12-31T10:00:00+08:00"),
            "filed Wednesday 31 December 2025 10:00 → counted from Thursday 1 "
            "January 2026; due Friday 2 January 2026 17:30: two working days; "
            "provisional: holidays are known until Wednesday 31 December only");
  EXPECT_THAT(Promised(policy, "2025-12-31T10:00:00+08:00", "zh-Hant"),
              HasSubstr("暫定：12月31日（星期三）以後之放假日尚未公布"));
}

TEST(Sentences, CalendarDaysAndElapsedTimeAreWhatTheySay) {
  const Policy days = Compiled(OfficePolicy("", "calendar_days: 30"));
  EXPECT_EQ(Promised(days, "2025-03-03T09:00:00+08:00"),
            "filed Monday 3 March 2025 09:00 → counted from Tuesday 4 March; "
            "due Wednesday 2 April 24:00: 30 calendar days");
  const Policy elapsed = Compiled(OfficePolicy("", "elapsed: '72h'"));
  EXPECT_EQ(Promised(elapsed, "2025-03-07T20:00:00+08:00", "zh-Hant"),
            "2025年3月7日（星期五）20:00受理，已過下班時間；應於3月10日（星期"
            "一）20:00前完成（連續72小時）");
}

TEST(Sentences, AnsweredBetweenDueAndTheNextOpeningIsSaidToBeInTime) {
  const Policy policy = Compiled(OfficePolicy("", "working_time: '4h'"));
  Filed filed(policy, "2025-03-07T13:30:00+08:00");
  filed.Mark(v1::ClockMark::STOP, "2025-03-08T02:00:00+08:00");
  EXPECT_THAT(filed.Summary(),
              HasSubstr("stopped Saturday 8 March 02:00, after the shown time "
                        "but before the office opened again: in time"));
}

// --------------------------------------------------------------- derivation

// The instant, or the local date, that the steps end at.
std::string LastCounted(const google::protobuf::Struct& clock) {
  std::string last;
  for (const auto& step : clock.fields().at("steps").list_value().values()) {
    const auto& f = step.struct_value().fields();
    const std::string& what = f.at("step").string_value();
    if (what == "counted") {
      const auto& hours = f.at("hours").list_value().values();
      last = hours.rbegin()->list_value().values(1).string_value();
    }
    if (what == "elapsed") last = f.at("until").string_value();
    if (what == "working_day" || what.starts_with("calendar_")) {
      last = f.at("day").string_value();
    }
    if (what == "end_rolled") last = f.at("to").string_value();
  }
  return last;
}

TEST(Derivation, EndsWhereTheRulesEndForEveryKindOfTargetAndStart) {
  const char* targets[] = {
      "working_time: '16h'",
      "elapsed: '30h'",
      "working_days: 3",
      "working_days: 1 first_day_counts: true",
      "working_days: 2 end: SAME_TIME roll_start: true",
      "working_days: 2 end: HOUR hour: '16:00' cut_off: '10:00'",
      "calendar_days: 7",
      "calendar_days: 10 roll_end: true",
      "calendar_days: 5 first_day_counts: true",
      "calendar_months: 1",
      "calendar_months: 1 from_next_day: true roll_end: true",
      "calendar_months: 13 first_day_counts: true",
  };
  absl::TimeZone taipei;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Taipei", &taipei));
  for (const char* target : targets) {
    const Policy policy = Compiled(OfficePolicy("", target));
    for (int i = 0; i < 40; ++i) {
      const absl::Time at =
          At("2025-01-20T06:30:00+08:00") + i * absl::Minutes(1111);
      const auto json = ExplainPromise(policy, {.category = "light", .at = at},
                                       Format::kJson);
      ASSERT_TRUE(json.ok());
      const auto clock = FirstClock(Parsed(*json));
      const std::string due = clock.fields().at("due").string_value();
      const std::string last = LastCounted(clock);
      const bool is_date = last.size() == 10;
      EXPECT_EQ(last, is_date
                          ? absl::FormatTime("%Y-%m-%d",
                                             At(due) - absl::Seconds(1), taipei)
                          : due)
          << target << " " << at;
    }
  }
}

TEST(Derivation, ALongRowKeepsItsBeginningAndItsEndInText) {
  const Policy policy = Compiled(OfficePolicy("", "working_days: 45"));
  const PromiseQuestion question = {.category = "light",
                                    .at = At("2025-03-03T09:00:00+08:00")};
  const auto text = ExplainPromise(policy, question, Format::kText);
  EXPECT_THAT(*text, HasSubstr("more such steps"));
  EXPECT_THAT(*text, HasSubstr("working day 45"));
  EXPECT_THAT(*text, Not(HasSubstr("working day 20\n")));
  const auto json = ExplainPromise(policy, question, Format::kJson);
  EXPECT_THAT(*json, HasSubstr("working day 20"));
}

TEST(Derivation, EveryStepOfTheJsonHasACodeAndATextAndCodesAreOfNoLanguage) {
  const Policy policy = Compiled(OfficePolicy("", kCutOff));
  Filed filed(policy, "2025-02-07T17:42:00+08:00");
  filed.Waits("2025-02-10T10:00:00+08:00", "2025-02-10T12:10:00+08:00");
  std::vector<std::string> english, chinese;
  for (const auto& [language, codes] :
       {std::pair{"en", &english}, std::pair{"zh-Hant", &chinese}}) {
    const auto all = filed.Json({.policy = &policy, .language = language});
    EXPECT_EQ(all.fields().at("language").string_value(), language);
    const auto clock = FirstClock(all);
    for (const auto& step : clock.fields().at("steps").list_value().values()) {
      const auto& f = step.struct_value().fields();
      EXPECT_NE(f.at("text").string_value(), "");
      EXPECT_NE(f.at("step").string_value(), "");
      codes->push_back(f.at("step").string_value());
    }
  }
  EXPECT_EQ(english, chinese);
  EXPECT_THAT(english,
              ::testing::IsSupersetOf({"filed", "target", "calendar",
                                       "start_moved_by_cut_off", "working_day",
                                       "ends", "paused", "moved_by_pauses",
                                       "due", "level_ahead"}));
}

// ------------------------------------------------------------------- tables

// The placeholders of a pattern, without their nouns.
std::vector<std::string> PlaceholdersOf(std::string_view pattern) {
  std::vector<std::string> names;
  for (size_t at = 0; (at = pattern.find('{', at)) != std::string_view::npos;) {
    const size_t end = pattern.find_first_of("}:!~@", at);
    names.emplace_back(pattern.substr(at + 1, end - at - 1));
    at = end;
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Tables, EveryLanguageSaysEverythingWithTheSameParts) {
  using internal::Saying;
  for (const internal::Language* language : internal::Languages()) {
    ASSERT_EQ(language->patterns.size(), static_cast<size_t>(Saying::kLast))
        << language->tag;
    for (size_t i = 0; i < language->patterns.size(); ++i) {
      const auto& [saying, pattern] = language->patterns[i];
      EXPECT_EQ(static_cast<size_t>(saying), i) << pattern;
      EXPECT_EQ(PlaceholdersOf(pattern), PlaceholdersOf(internal::PatternOf(
                                             internal::English(), saying)))
          << pattern;
    }
  }
}

TEST(Tables, AnyChineseIsTheTraditionalOneAndAnyOtherTagIsEnglish) {
  EXPECT_EQ(internal::LanguageOf("zh-Hant-TW").tag, "zh-Hant");
  EXPECT_EQ(internal::LanguageOf("zh_TW").tag, "zh-Hant");
  EXPECT_EQ(internal::LanguageOf("en-GB").tag, "en");
  EXPECT_EQ(internal::LanguageOf("").tag, "en");
}

// ----------------------------------------------------------------- pictures

TEST(Pictures, SvgSaysItselfInWordsAndEscapesWhatPeopleWrote) {
  const Policy policy = Compiled(OfficePolicy());
  Filed filed(policy, "2025-03-03T09:00:00+08:00");
  filed.of().set_reference("<b>&\"");
  filed.of().set_state("x<y");
  const auto svg = Explain(filed.of(), {}, Format::kSvg, {.policy = &policy});
  ASSERT_TRUE(svg.ok()) << svg.status();
  EXPECT_THAT(*svg, HasSubstr("viewBox=\"0 0 360 "));
  EXPECT_THAT(*svg, HasSubstr("<title id="));
  EXPECT_THAT(*svg, HasSubstr("two working days"));
  EXPECT_THAT(*svg, HasSubstr("&lt;b&gt;&amp;&quot;"));
  EXPECT_THAT(*svg, Not(HasSubstr("<b>")));
  EXPECT_THAT(*svg, Not(HasSubstr("x<y")));
  EXPECT_THAT(*svg, Not(HasSubstr("href")));
}

TEST(Pictures, MermaidHasNoCharacterThatMermaidReadsAsItsOwn) {
  const Policy policy = Compiled(OfficePolicy());
  Filed filed(policy, "2025-03-03T09:00:00+08:00");
  filed.of().set_state("a: b; c#d%%");
  const auto gantt =
      Explain(filed.of(), {}, Format::kMermaid, {.policy = &policy});
  ASSERT_TRUE(gantt.ok());
  EXPECT_THAT(*gantt, HasSubstr("gantt\n  title case 4821-0937-55126"));
  EXPECT_THAT(*gantt, Not(HasSubstr("a: b; c#d")));
  EXPECT_THAT(*gantt, Not(HasSubstr("%%\n")));
  EXPECT_THAT(*gantt, HasSubstr("due :milestone, 2025-03-05T17:30:00, 0d"));
}

TEST(Pictures, AnExplanationComesInFourForms) {
  const Policy policy = Compiled(OfficePolicy());
  const auto dot = ExplainPromise(
      policy, {.category = "light", .at = At("2025-03-03T09:00:00+08:00")},
      Format::kDot);
  EXPECT_EQ(dot.status().message(),
            "an explanation comes as text, json, svg or mermaid");
}

}  // namespace
}  // namespace hotline
