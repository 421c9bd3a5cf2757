// Goal: what becomes of a promise during a case's life is said so that a clerk
// understands it, in English and in Traditional Chinese. Method: cases that the
// judge carried through, their sentences compared word by word.
#include <span>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/inspect.h"
#include "hotline/testing/case_builder.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using hotline::testing::CaseBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::At;
using tests::TestPolicy;

// An office week of Taipei and one clock of each kind. Hours and figures are
// the test's own.
std::string LampPolicy(const std::string& resolve = "working_days: 2") {
  std::string text = R"(
    id: 'lamps' time_zone: 'Asia/Taipei'
    calendars { id: 'taipei' time_zone: 'Asia/Taipei' )";
  for (const char* day :
       {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"}) {
    text += std::string("weekly { day: ") + day +
            " hours { open: '08:30' close: '17:30' } }\n";
  }
  return text + R"(
    }
    units { code: 'lights' calendar: 'taipei'
            names { language: 'en' text: 'Street lighting' }
            names { language: 'zh-Hant' text: '路燈隊' } }
    units { code: 'acme' external: true
            names { language: 'en' text: 'Acme Lamps' }
            names { language: 'zh-Hant' text: '永亮公司' } }
    priorities { code: 'normal' } priorities { code: 'high' }
    ladders {
      code: 'urge'
      levels { code: 'remind' days_before: 1
               names { language: 'en' text: 'Reminder' }
               names { language: 'zh-Hant' text: '提醒' } }
      levels { code: 'late' breach: true every: '9h' times: 4
               names { language: 'en' text: 'Overdue' }
               names { language: 'zh-Hant' text: '逾期稽催' } }
    }
    ladders { code: 'told' levels { code: 'tell' breach: true
               names { language: 'en' text: 'Progress notice' }
               names { language: 'zh-Hant' text: '進度通知' } } }
    clocks {
      code: 'resolve' shown: true calendar: 'taipei' ladder: 'urge'
      names { language: 'en' text: 'Dealt with' }
      names { language: 'zh-Hant' text: '處理完成' }
      pause { phase: WAITING }
      targets { )" +
         resolve + R"( }
    }
    clocks {
      code: 'unit' agreement: OPERATIONAL_LEVEL calendar: 'taipei'
      names { language: 'en' text: 'Unit' }
      names { language: 'zh-Hant' text: '單位辦理' }
      targets { working_time: '6h' }
    }
    clocks {
      code: 'contract' agreement: CONTRACT
      names { language: 'en' text: 'Contractor' }
      names { language: 'zh-Hant' text: '廠商修復' }
      targets { elapsed: '48h' }
    }
    clocks {
      code: 'progress' reminder: true calendar: 'taipei' ladder: 'told'
      names { language: 'en' text: 'Progress' }
      names { language: 'zh-Hant' text: '進度回報' }
      cancel { message: FROM_AGENT } cancel { phase: RESOLVED }
      targets { working_days: 3 }
    }
    notices { code: 'waits' levels { clock: 'progress' level: 'tell' }
              to: TO_REPORTER text { language: 'en' text: 'still at it' } }
    categories {
      code: 'light' kind: CASE unit: 'lights'
      names { language: 'en' text: 'Street light out' }
      names { language: 'zh-Hant' text: '路燈故障' }
      clocks { clock: 'resolve' } clocks { clock: 'unit' }
      clocks { clock: 'contract' } clocks { clock: 'progress' }
    }
  )";
}

CaseBuilder Opened(const std::string& at,
                   const std::string& policy = LampPolicy()) {
  CaseBuilder builder(TestPolicy(policy), At(at));
  builder.Open("light");
  return builder;
}

google::protobuf::Struct Explained(const CaseBuilder& builder,
                                   const Look& look) {
  const auto json =
      Explain(builder.Build(), builder.events(), Format::kJson, look);
  EXPECT_TRUE(json.ok()) << json.status();
  google::protobuf::Struct parsed;
  EXPECT_TRUE(
      google::protobuf::util::JsonStringToMessage(json.value_or("{}"), &parsed)
          .ok());
  return parsed;
}

// One clock of a case as the clerk reads it: its sentence, and its steps of one
// code.
class Told {
 public:
  Told(const CaseBuilder& builder, const Policy& policy,
       std::string_view language, const std::string& clock = "resolve",
       std::span<const PolicyVersion> versions = {})
      : all_(Explained(builder, {.policy = &policy,
                                 .versions = versions,
                                 .now = builder.now(),
                                 .language = language})) {
    for (const auto& one : all_.fields().at("clocks").list_value().values()) {
      const auto& fields = one.struct_value().fields();
      if (fields.at("id").string_value() == clock) clock_ = one.struct_value();
    }
  }

  std::string Summary() const {
    return clock_.fields().at("summary").string_value();
  }
  std::vector<std::string> Steps(const std::string& code) const {
    std::vector<std::string> texts;
    for (const auto& one : clock_.fields().at("steps").list_value().values()) {
      const auto& fields = one.struct_value().fields();
      if (fields.at("step").string_value() == code) {
        texts.push_back(fields.at("text").string_value());
      }
    }
    return texts;
  }

 private:
  google::protobuf::Struct all_;
  google::protobuf::Struct clock_;
};

// ------------------------------------------------------------------ repeats

// Late since Wednesday; nobody looks before Friday, so one place of the grid
// is missed.
CaseBuilder Urged() {
  CaseBuilder builder = Opened("2026-03-02T10:00:00+08:00");
  builder.At(At("2026-03-04T18:00:00+08:00")).Do("tick {}");
  builder.At(At("2026-03-06T18:00:00+08:00")).Do("tick {}");
  return builder;
}

TEST(Repeats, AreCountedAndWhatWasMissedIsSaid) {
  const Policy policy = TestPolicy(LampPolicy());
  EXPECT_THAT(Told(Urged(), policy, "en").Steps("level_again"),
              ElementsAre("level Overdue reached again Friday 6 March 17:30, "
                          "time 3 of 4, every 9 h (ladder urge); one time "
                          "before it passed unrecorded; noticed late"));
  EXPECT_THAT(Told(Urged(), policy, "zh-Hant").Steps("level_again"),
              ElementsAre("3月6日（星期五）17:30再次達到層級「逾期稽催」，第 3 "
                          "次，共 4 次，每9小時一次（稽催規則 urge）；其間 1 次"
                          "未及記錄；事後補記"));
}

TEST(Repeats, TheNextPlaceOfTheGridIsSaidToBeAhead) {
  const Policy policy = TestPolicy(LampPolicy());
  EXPECT_THAT(Told(Urged(), policy, "en").Steps("level_ahead"),
              ElementsAre("level Overdue comes again Monday 9 March 17:30, "
                          "time 4 of 4, every 9 h (ladder urge)"));
  EXPECT_THAT(
      Told(Urged(), policy, "zh-Hant").Steps("level_ahead"),
      ElementsAre("3月9日（星期一）17:30將再次達到層級「逾期稽催」，第 4 "
                  "次，共 4 次，每9小時一次（稽催規則 urge）"));
}

TEST(Repeats, DoNotMoveTheInstantOfTheBreach) {
  const Policy policy = TestPolicy(LampPolicy());
  EXPECT_EQ(Told(Urged(), policy, "en").Summary(),
            "filed Monday 2 March 2026 10:00 → counted from Tuesday 3 March; "
            "due Wednesday 4 March 17:30: two working days; broken Wednesday 4 "
            "March 17:30");
  EXPECT_EQ(
      Told(Urged(), policy, "zh-Hant").Summary(),
      "2026年3月2日（星期一）10:00受理，自3月3日（星期二）起算；應於3月4日"
      "（星期三）17:30前完成（2個工作日）；3月4日（星期三）17:30起逾期");
  EXPECT_THAT(Told(Urged(), policy, "en").Steps("broken"),
              ElementsAre("broken Wednesday 4 March 17:30: not finished by "
                          "then"));
}

TEST(Repeats, TheFirstSaysWhatTheLevelIs) {
  const Policy policy = TestPolicy(LampPolicy());
  EXPECT_THAT(
      Told(Urged(), policy, "en").Steps("level"),
      ElementsAre("level Reminder reached Tuesday 3 March 17:30: one working "
                  "day before due (ladder urge); noticed late",
                  "level Overdue reached Wednesday 4 March 17:30: the breach, "
                  "again every 9 h, four times in all (ladder urge); noticed "
                  "late"));
  EXPECT_THAT(
      Told(Urged(), policy, "zh-Hant").Steps("level"),
      ElementsAre("3月3日（星期二）17:30達到層級「提醒」：期限前1個工作日（稽催"
                  "規則 urge）；事後補記",
                  "3月4日（星期三）17:30達到層級「逾期稽催」：逾期，此後每9小時"
                  "一次，共4次（稽催規則 urge）；事後補記"));
}

// -------------------------------------------------------------- restatement

TEST(Restated, AClockTellsBothJudgementsAndWhatBecameOfTheBreach) {
  const Policy first = TestPolicy(LampPolicy());
  const Policy second = TestPolicy(LampPolicy("working_days: 5"));
  const std::vector<PolicyVersion> versions = {{1, &first, "2024a"},
                                               {2, &second, "2025b"}};
  CaseBuilder builder = Opened("2026-03-02T10:00:00+08:00");
  builder.At(At("2026-03-05T12:00:00+08:00")).Do("resolve { outcome: 'ok' }");
  builder.At(At("2026-03-06T12:00:00+08:00")).Adopt(second).Do("restate {}");
  const Told english(builder, second, "en", "resolve", versions);
  EXPECT_EQ(english.Summary(),
            "filed Monday 2 March 2026 10:00 → counted from Tuesday 3 March; "
            "due Monday 9 March 17:30: five working days; judged anew by "
            "policy version 2; first judged by version 1: due Wednesday 4 "
            "March 17:30, late; stopped Thursday 5 March 12:00, in time");
  EXPECT_THAT(english.Steps("breach_withdrawn"),
              ElementsAre("event 3, Friday 6 March 12:00: breach withdrawn, "
                          "because of the new judgement"));
  const Told chinese(builder, second, "zh-Hant", "resolve", versions);
  EXPECT_EQ(
      chinese.Summary(),
      "2026年3月2日（星期一）10:00受理，自3月3日（星期二）起算；應於3月9日"
      "（星期一）17:30前完成（5個工作日）；依政策第 2 版重新計算，原依第 1 "
      "版，期限為3月4日（星期三）17:30，已逾期；3月5日（星期四）12:00完成，"
      "未逾期");
  EXPECT_THAT(chinese.Steps("breach_withdrawn"),
              ElementsAre("第 3 筆紀錄，3月6日（星期五）12:00：撤銷逾期（重新"
                          "計算）"));
}

// ---------------------------------------------------------------- reminders

TEST(Reminders, PromiseNothingAndSayWhenTheyCome) {
  const Policy policy = TestPolicy(LampPolicy());
  const CaseBuilder builder = Opened("2026-03-02T10:00:00+08:00");
  const Told english(builder, policy, "en", "progress");
  EXPECT_EQ(english.Summary(),
            "filed Monday 2 March 2026 10:00 → counted from Tuesday 3 March; "
            "the reminder comes Thursday 5 March 17:30: after three working "
            "days");
  EXPECT_THAT(english.Steps("target"),
              ElementsAre("reminder: after three working days, to the last "
                          "closing (clocks[3].targets[0])"));
  EXPECT_THAT(english.Steps("reminder"),
              ElementsAre("it only reminds: nothing is promised by it"));
  EXPECT_THAT(english.Steps("level_ahead"),
              ElementsAre("level Progress notice comes Thursday 5 March 17:30: "
                          "the time is over (ladder told)"));
  const Told chinese(builder, policy, "zh-Hant", "progress");
  EXPECT_EQ(chinese.Summary(),
            "2026年3月2日（星期一）10:00受理，自3月3日（星期二）起算；於3月5日"
            "（星期四）17:30提醒（3個工作日）");
  EXPECT_THAT(chinese.Steps("level_ahead"),
              ElementsAre("3月5日（星期四）17:30將達層級「進度通知」：時間屆滿"
                          "（稽催規則 told）"));
}

TEST(Reminders, AProgressNoticeIsToldWithWhomItWentTo) {
  const Policy policy = TestPolicy(LampPolicy());
  CaseBuilder builder = Opened("2026-03-02T10:00:00+08:00");
  builder.At(At("2026-03-05T18:00:00+08:00")).Do("tick {}");
  const auto told = [&](std::string_view language) {
    return *Explain(builder.Build(), builder.events(), Format::kText,
                    {.policy = &policy, .language = language});
  };
  EXPECT_THAT(told("en"),
              HasSubstr("Thursday 5 March 2026 17:30: notice waits to the "
                        "reporter by file"));
  EXPECT_THAT(told("zh-Hant"),
              HasSubstr("2026年3月5日（星期四）17:30：通知「wai"
                        "ts」送民眾（file）"));
}

TEST(Reminders, EndWithTheWordThatMakesThemNeedless) {
  const Policy policy = TestPolicy(LampPolicy());
  CaseBuilder builder = Opened("2026-03-02T10:00:00+08:00");
  builder.At(At("2026-03-03T09:00:00+08:00"))
      .Do("note { visibility: PUBLIC_NOTE text: 'we look' }");
  EXPECT_THAT(
      Told(builder, policy, "en", "progress").Summary(),
      HasSubstr("ended Tuesday 3 March 09:00 without a verdict, because "
                "of the note"));
  EXPECT_THAT(Told(builder, policy, "zh-Hant", "progress").Summary(),
              HasSubstr("3月3日（星期二）09:00終止計時（註記），不論逾期與否"));
}

// --------------------------------------------------------------- agreements

CaseBuilder HandedToAcme() {
  CaseBuilder builder = Opened("2026-03-02T10:00:00+08:00");
  builder.At(At("2026-03-02T15:00:00+08:00")).Do("transfer { unit: 'acme' }");
  return builder;
}

TEST(Agreements, OfAUnitCountFromItsHandOverAndEndWithTheNext) {
  const Policy policy = TestPolicy(LampPolicy());
  const Told english(HandedToAcme(), policy, "en", "unit");
  EXPECT_EQ(english.Summary(),
            "handed over to Street lighting Monday 2 March 2026 10:00; due "
            "Monday 2 March 16:00: 6 h of working time; ended Monday 2 March "
            "15:00 without a verdict, because of the hand-over");
  EXPECT_THAT(english.Steps("target"),
              ElementsAre("agreed: 6 h of working time "
                          "(clocks[1].targets[0])"));
  EXPECT_THAT(english.Steps("operational_level"),
              ElementsAre("agreed within the city, for Street lighting, from "
                          "the hand-over"));
  const Told chinese(HandedToAcme(), policy, "zh-Hant", "unit");
  EXPECT_EQ(
      chinese.Summary(),
      "2026年3月2日（星期一）10:00交辦路燈隊；應於3月2日（星期一）16:00前"
      "完成（上班時間6小時）；3月2日（星期一）15:00終止計時（移交承辦單位），"
      "不論逾期與否");
  EXPECT_THAT(chinese.Steps("operational_level"),
              ElementsAre("機關內部約定，自交辦路燈隊起算"));
}

TEST(Agreements, OfAContractorNameTheContract) {
  const Policy policy = TestPolicy(LampPolicy());
  const Told english(HandedToAcme(), policy, "en", "contract");
  EXPECT_EQ(english.Summary(),
            "handed over to Acme Lamps Monday 2 March 2026 15:00; due "
            "Wednesday 4 March 15:00: 48 h by the clock");
  EXPECT_THAT(english.Steps("contract"),
              ElementsAre("agreed with contractor Acme Lamps, from the "
                          "hand-over"));
  const Told chinese(HandedToAcme(), policy, "zh-Hant", "contract");
  EXPECT_EQ(
      chinese.Summary(),
      "2026年3月2日（星期一）15:00交辦永亮公司；應於3月4日（星期三）15:00前"
      "完成（連續48小時）");
  EXPECT_THAT(chinese.Steps("contract"),
              ElementsAre("與廠商永亮公司之契約時限，自交辦起算"));
}

// ----------------------------------------------------------- pauses by dates

TEST(PausesByDates, MoveTheDueDateByWholeDates) {
  const std::string text = LampPolicy("working_days: 3 pause_by_dates: true");
  const Policy policy = TestPolicy(text);
  CaseBuilder builder = Opened("2026-03-02T10:00:00+08:00", text);
  builder.At(At("2026-03-03T15:00:00+08:00"))
      .Do("accept {}")
      .Do("wait { for: FOR_REPORTER reason: 'which pole?' }");
  builder.At(At("2026-03-05T09:00:00+08:00")).Do("resume {}");
  const Told english(builder, policy, "en");
  EXPECT_EQ(english.Summary(),
            "filed Monday 2 March 2026 10:00 → counted from Tuesday 3 March; "
            "paused 42 h waiting for the reporter; due Tuesday 10 March 17:30: "
            "three working days, Thursday 17:30, moved by whole dates by the "
            "pause");
  EXPECT_THAT(english.Steps("moved_by_dates"),
              ElementsAre("each date that a pause touched moves it by one: "
                          "from Thursday 5 March 17:30 to Tuesday 10 March "
                          "17:30"));
  const Told chinese(builder, policy, "zh-Hant");
  EXPECT_EQ(
      chinese.Summary(),
      "2026年3月2日（星期一）10:00受理，自3月3日（星期二）起算；等候民眾"
      "回覆，暫停計時42小時；應於3月10日（星期二）17:30前完成：3個工作日原"
      "於3月5日（星期四）17:30屆滿，因暫停計時按日順延");
  EXPECT_THAT(chinese.Steps("moved_by_dates"),
              ElementsAre("暫停期間按日順延，期限自3月5日（星期四）17:30改為3月"
                          "10日（星期二）17:30"));
}

// ------------------------------------------------------------------ holidays

std::string Named(const std::string& more) {
  std::string text = LampPolicy();
  return text.replace(text.find("units {"), 0, "")
      .replace(text.find("weekly {"), 0, more + "\n");
}

TEST(Holidays, AreCalledByTheirNames) {
  const Policy policy =
      TestPolicy(Named("holidays: '2026-02-27' annual_holidays: '10-12' "
                       "holiday_names { day: '2026-02-27' name: '補假' } "
                       "holiday_names { day: '10-12' name: 'Columbus Day' }"));
  const auto promise = [&](const char* at, Format format,
                           std::string_view language) {
    return *ExplainPromise(policy, {.category = "light", .at = At(at)}, format,
                           language);
  };
  const std::string closed =
      promise("2026-10-12T10:00:00+08:00", Format::kText, "en");
  EXPECT_THAT(closed, HasSubstr("filed Monday 12 October 2026 10:00, office "
                                "closed (Columbus Day) → counted from Tuesday "
                                "13 October"));
  EXPECT_THAT(closed, HasSubstr("Monday 12 October, Columbus Day, closed: the "
                                "date of the start does not count"));
  const std::string passed =
      promise("2026-02-25T10:00:00+08:00", Format::kText, "zh-Hant");
  EXPECT_THAT(passed, HasSubstr("不上班，不計入：2月27日（星期五），補假；2月28"
                                "日（星期六）至3月1日（星期日），週末"));
  EXPECT_THAT(promise("2026-02-25T10:00:00+08:00", Format::kJson, "en"),
              HasSubstr("\"note\":\"holiday\",\"note_name\":\"補假\""));
}

// ------------------------------------------------------------------- routing

TEST(Routing, SaysInWordsWhyAUnitHasTheCase) {
  const Policy policy = TestPolicy(LampPolicy() + R"(
    areas { code: 'xinyi' names { language: 'zh-Hant' text: '信義區' } }
    routes { category: 'light' area: 'xinyi' when: OUT_OF_HOURS
             calendar: 'taipei' unit: 'acme' })");
  const auto why = [&](const char* at, std::string_view area,
                       std::string_view language) {
    return *ExplainPromise(policy,
                           {.category = "light", .at = At(at), .area = area},
                           Format::kText, language);
  };
  EXPECT_THAT(why("2026-03-02T20:00:00+08:00", "xinyi", "en"),
              HasSubstr("unit Acme Lamps: routes[0]: category Street light out "
                        "(light) in area xinyi while taipei is closed\n"));
  EXPECT_THAT(why("2026-03-02T20:00:00+08:00", "xinyi", "zh-Hant"),
              HasSubstr("承辦單位 永亮公司（依據：routes[0]：案件類別「路燈故障"
                        "（light）」，地區「信義區（xinyi）」，taipei 下班時間"
                        "內）\n"));
  EXPECT_THAT(
      why("2026-03-02T10:00:00+08:00", "xinyi", "zh-Hant"),
      HasSubstr("承辦單位 路燈隊（依據：無適用之分派規則，依案件類別所訂"
                "單位）\n"));
  CaseBuilder builder = HandedToAcme();
  EXPECT_THAT(*Explain(builder.Build(), builder.events(), Format::kText,
                       {.policy = &policy, .language = "zh-Hant"}),
              HasSubstr("承辦單位 永亮公司（依據：人工指定）\n"));
}

// ------------------------------------------------------------------- history

TEST(History, IsToldInChineseWithNamesAndCodes) {
  const Policy policy = TestPolicy(LampPolicy());
  CaseBuilder builder = Urged();
  builder.Do("transfer { unit: 'acme' }").Do("resolve { outcome: 'ok' }");
  const std::string history =
      ListEvents(builder.events(), {.policy = &policy, .language = "zh-Hant"});
  EXPECT_THAT(
      history,
      HasSubstr(
          "1   2026-03-02（一）10:00  受理，經手 sue\n"
          "      立案 9435-2149-85896\n"
          "      類別：路燈故障（light），流程：standard\n"
          "      狀態：受理中（new），階段：新案，公開狀態：處理中\n"
          "      分派：路燈隊（lights），依據：無適用之分派規則，依案件類別"
          "所訂單位\n"
          "      時限「處理完成（resolve）」：計時中，期限 2026-03-04（三）"
          "17:30，原因：開始計時\n"));
  EXPECT_THAT(
      history,
      HasSubstr(
          "      時限「處理完成（resolve）」達到層級「late」，第 3 次，期限 "
          "2026-03-04（三）17:30，事後補記（發生於 2026-03-06（五）17:30）"
          "\n4   2026-03-06（五）18:00  改分，經手 sue\n"
          "      改分：永亮公司（acme），依據：人工指定\n"
          "      時限「單位辦理（unit）」：已終止計時，期限 2026-03-02（一）"
          "16:00，原因：移交承辦單位\n"));
  EXPECT_THAT(history,
              HasSubstr("      已答覆，已改善：ok\n      民眾得於 2026-"
                        "04-05（日）18:00 前要求重啟\n"));
  // Nothing is left in English but codes.
  for (const char* word :
       {"level", "clock", "state", "due", "because", "unit "}) {
    EXPECT_THAT(history, Not(HasSubstr(word)));
  }
}

TEST(History, TimelinesSpeakTheLanguageAskedFor) {
  const Policy policy = TestPolicy(LampPolicy());
  const CaseBuilder builder = Urged();
  const auto drawn = [&](Format format) {
    return *Timeline(builder.Build(), builder.events(), format,
                     {.policy = &policy, .language = "zh-Hant"});
  };
  const std::string text = drawn(Format::kText);
  EXPECT_THAT(text,
              HasSubstr("路燈故障：受理中（處理中）\n時間均為 Asia/Taipei "
                        "當地時間\n"));
  EXPECT_THAT(text,
              HasSubstr("處理完成（resolve）：計時中，已逾期，期限 2026-03-"
                        "04（三）17:30；時限：2個工作日，至末日下班時\n"));
  EXPECT_THAT(text, HasSubstr("層級「late」2026-03-06（五）17:30，第 3 次，事後"
                              "補記\n"));
  EXPECT_THAT(text, HasSubstr("= 計時"));
  EXPECT_THAT(drawn(Format::kSvg),
              HasSubstr("處理完成（resolve）：計時中，已逾"
                        "期，期限 2026-03-04（三）17:30。"));
  EXPECT_THAT(drawn(Format::kMermaid),
              HasSubstr("section 處理完成（resolve）\n    計時中 :active"));
  EXPECT_THAT(drawn(Format::kJson), HasSubstr("\"text\":\"立案 "));
}

}  // namespace
}  // namespace hotline
