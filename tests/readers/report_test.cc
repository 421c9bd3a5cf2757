// Goal: every promise stands in the right bucket, row and period, and nothing
// else does. Method: small stores whose cases are written down by hand, or made
// by the engine under a clock that stands still; figures counted by hand.
#include "hotline/report.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/error.h"
#include "tests/readers/figures.h"
#include "tests/readers/report_support.h"

namespace hotline {
namespace {

using testing::ClockText;
using testing::Counts;
using testing::DueAt;
using testing::February;
using testing::FiguresPolicyText;
using testing::FiguresStore;
using ::testing::HasSubstr;
using testing::Instant;
using testing::Is;
using testing::kDue;
using testing::kStart;
using testing::MarkText;
using ::testing::Not;
using testing::Report;
using testing::RowOf;
using testing::Stamp;
using testing::StoppedText;

TEST(Report, EachPromiseStandsInOneBucket) {
  FiguresStore city;
  city.Put(StoppedText("resolve", kStart, "2026-02-10T09:00:00+08:00", kDue));
  city.Put(StoppedText("resolve", kStart, "2026-02-12T09:00:00+08:00", kDue,
                       /*broken=*/true));
  city.Put(ClockText("RUNNING", DueAt("2026-02-27T09:00:00+08:00")));
  city.Put(ClockText("RUNNING", DueAt(kDue) + "breached: true breached_at " +
                                    Stamp("2026-02-11T09:00:00.001+08:00")));
  city.Put(
      ClockText("CANCELLED",
                DueAt(kDue) + MarkText("CANCEL", "2026-02-10T09:00:00+08:00")));
  const ComplianceReport report = Report(&city, February());
  ASSERT_EQ(report.rows.size(), 1u);
  const ComplianceRow row = RowOf(report, "resolve");
  EXPECT_EQ(Counts(row.counts), (Is{1, 0, 1, 1, 1, 0, 1, 0}));
  EXPECT_EQ(row.counts.decided(), 3);
  EXPECT_EQ(row.counts.cases, 3);
  EXPECT_EQ(row.counts.cases_met, 1);
  EXPECT_EQ(report.cases_read, 5);
}

TEST(Report, AnsweredAfterDueBeforeReopeningIsMetAndCountedApart) {
  FiguresStore city;
  // Due at closing time, broken only after the next opening.
  const std::string due =
      DueAt("2026-02-10T17:00:00+08:00", "2026-02-11T08:00:00+08:00");
  for (const char* stop :
       {"2026-02-10T17:00:00+08:00", "2026-02-10T17:00:00.001+08:00",
        "2026-02-11T08:00:00+08:00"}) {
    city.Put(ClockText("STOPPED", due + MarkText("STOP", stop)));
  }
  EXPECT_EQ(Counts(RowOf(Report(&city, February()), "resolve").counts),
            (Is{3, 2, 0, 0, 0, 0, 0, 0}));
}

TEST(Report, FewerThanTwentyDecidedCasesGiveNoRate) {
  FiguresStore city;
  for (int i = 0; i < 19; ++i) {
    city.Put(StoppedText("resolve", kStart, "2026-02-10T09:00:00+08:00", kDue));
  }
  // Undecided ones do not help.
  city.Put(ClockText("RUNNING", DueAt("2026-02-27T09:00:00+08:00")));
  const ComplianceReport few = Report(&city, February());
  EXPECT_EQ(RowOf(few, "resolve").counts.rate(), std::nullopt);
  EXPECT_THAT(ToCsv(few), HasSubstr(",19,,,19,,,"));  // no median either
  EXPECT_THAT(ToText(few, "en"), Not(::testing::ContainsRegex("[0-9] %")));
  EXPECT_THAT(ToJson(few), HasSubstr("\"rate\":null"));
  city.Put(ClockText("RUNNING", DueAt(kDue) + "breached: true"));
  const ComplianceReport enough = Report(&city, February());
  // What is open and late is in the denominator.
  EXPECT_DOUBLE_EQ(RowOf(enough, "resolve").counts.rate().value_or(-1), 0.95);
  EXPECT_THAT(ToText(enough, "en"), HasSubstr("95.0 %"));
  EXPECT_THAT(ToJson(enough), HasSubstr("\"rate\":0.9500"));
}

TEST(Report, TwentyPromisesOfFewerCasesGiveNoRate) {
  FiguresStore city;
  std::string cycles;
  for (int i = 0; i < 30; ++i) {
    cycles += "earlier { cycle: 1 state: STOPPED due " + Stamp(kDue) + " } ";
  }
  city.Put("clocks { clock: 'reply' state: IDLE " + cycles + "}");
  const ComplianceRow row = RowOf(Report(&city, February()), "reply");
  EXPECT_EQ(row.counts.met, 30);
  EXPECT_EQ(row.counts.cases, 1);
  EXPECT_EQ(row.counts.rate(), std::nullopt);
}

TEST(Report, ARateIsNeverNegativeAndIsWholeOnlyIfAllWereKept) {
  ComplianceCounts counts;
  counts.met = 99'999;
  counts.breached = 1;
  counts.cases = 100'000;
  EXPECT_LT(*counts.rate(), 1);
  ComplianceReport report;
  report.rows.emplace_back().counts = counts;
  report.rows[0].clock = "c";
  report.rows[0].whole = true;
  EXPECT_THAT(ToText(report, "en"), HasSubstr("99.9 %"));
  counts.met = 0;
  EXPECT_EQ(*counts.rate(), 0);
}

TEST(Report, ADueInstantBelongsToItsLocalDateAnd2400ToTheDateItEnds) {
  FiguresStore city;
  for (const char* due :
       {"2026-01-31T23:59:59.999+08:00",  // January
        "2026-02-01T00:00:00+08:00",      // 24:00 of 31 January
        "2026-02-01T00:00:00.001+08:00",  // February
        "2026-02-28T15:59:59.999Z",       // still February in Taipei
        "2026-02-28T16:00:00Z",           // 24:00 of 28 February
        "2026-02-28T16:00:00.001Z"}) {    // March, though February in UTC
    city.Put(StoppedText("resolve", "2026-01-20T09:00:00+08:00",
                         "2026-01-21T09:00:00+08:00", due));
  }
  EXPECT_EQ(RowOf(Report(&city, February()), "resolve").counts.met, 3);
  ComplianceRequest year = February({ReportBy::kPeriod});
  year.from = absl::CivilDay(2026, 1, 1);
  year.to = absl::CivilDay(2026, 12, 31);
  const ComplianceReport report = Report(&city, year);
  EXPECT_EQ(RowOf(report, "resolve", "", "", "", "2026-01").counts.met, 2);
  EXPECT_EQ(RowOf(report, "resolve", "", "", "", "2026-02").counts.met, 3);
  EXPECT_EQ(RowOf(report, "resolve", "", "", "", "2026-03").counts.met, 1);
  // A month without promises is a row of noughts.
  EXPECT_EQ(RowOf(report, "resolve", "", "", "", "2026-07").counts.all(), 0);
  EXPECT_EQ(report.rows.size(), 13u);
}

TEST(Report, WeeksAreThoseOfTheirThursday) {
  FiguresStore city;
  for (const char* due :
       {"2025-12-29T10:00:00+08:00", "2026-01-04T10:00:00+08:00",
        "2026-01-05T10:00:00+08:00", "2027-01-03T10:00:00+08:00"}) {
    city.Put(StoppedText("resolve", "2025-12-01T09:00:00+08:00",
                         "2025-12-02T09:00:00+08:00", due));
  }
  ComplianceRequest request = February({ReportBy::kPeriod});
  request.from = absl::CivilDay(2025, 12, 1);
  request.to = absl::CivilDay(2027, 1, 31);
  request.period = ReportPeriod::kWeek;
  const ComplianceReport report = Report(&city, request);
  EXPECT_EQ(RowOf(report, "resolve", "", "", "", "2026-W01").counts.met, 2);
  EXPECT_EQ(RowOf(report, "resolve", "", "", "", "2026-W02").counts.met, 1);
  EXPECT_EQ(RowOf(report, "resolve", "", "", "", "2026-W53").counts.met, 1);
  request.period = ReportPeriod::kDay;
  EXPECT_EQ(RowOf(Report(&city, request), "resolve", "", "", "", "2026-01-04")
                .counts.met,
            1);
}

TEST(Report, NothingDueIsNoRowAndSaysSo) {
  FiguresStore city;
  city.Put(StoppedText("resolve", kStart, kDue, "2026-03-02T09:00:00+08:00"));
  const ComplianceReport report = Report(&city, February({ReportBy::kPeriod}));
  EXPECT_TRUE(report.rows.empty());
  EXPECT_EQ(report.cases_read, 1);
  EXPECT_THAT(ToText(report, "en"), HasSubstr("No promise falls due"));
  EXPECT_THAT(ToText(report, "zh-Hant"), HasSubstr("沒有到期的時限"));
  EXPECT_THAT(ToHtml(report, "en"), HasSubstr("No promise falls due"));
}

TEST(Report, WhatIsPausedStandsWhereItWouldFallDueIfItWentOnNow) {
  FiguresStore city;
  // Two hours of sixteen are used. On Friday 27 February at 09:00 fourteen
  // hours are left: seven that day, seven on Monday 2 March, until 16:00.
  city.Put(ClockText("PAUSED", MarkText("PAUSE", "2026-02-09T11:00:00+08:00")));
  ComplianceRequest request = February();
  request.as_of = Instant("2026-02-27T09:00:00+08:00");
  EXPECT_TRUE(Report(&city, request).rows.empty());
  request.from = request.to = absl::CivilDay(2026, 3, 2);
  const ComplianceRow row = RowOf(Report(&city, request), "resolve");
  EXPECT_EQ(Counts(row.counts), (Is{0, 0, 0, 0, 0, 1, 0, 0}));
  // It has rested by the wall clock from the 9th 11:00 to the 27th 09:00.
  EXPECT_EQ(row.paused_time, absl::Hours(18 * 24 - 2));
  EXPECT_EQ(row.rested, 1);
  // A clock that was broken before it rested is late, not paused.
  city.Put(ClockText("PAUSED", MarkText("PAUSE", "2026-02-26T11:00:00+08:00") +
                                   DueAt(kDue) + "breached: true"));
  request.from = request.to = absl::CivilDay(2026, 2, 11);
  EXPECT_EQ(Counts(RowOf(Report(&city, request), "resolve").counts),
            (Is{0, 0, 0, 0, 1, 0, 0, 0}));
}

TEST(Report, CancelledWithoutADueInstantStandsOnTheDateItEnded) {
  FiguresStore city;
  city.Put(ClockText("CANCELLED",
                     MarkText("PAUSE", "2026-02-09T11:00:00+08:00") +
                         MarkText("CANCEL", "2026-02-20T11:00:00+08:00") +
                         "breached: true"));
  ComplianceRequest request = February();
  request.from = request.to = absl::CivilDay(2026, 2, 20);
  EXPECT_EQ(Counts(RowOf(Report(&city, request), "resolve").counts),
            (Is{0, 0, 0, 0, 0, 0, 1, 1}));
}

TEST(Report, WhatPromisesNothingIsLeftOut) {
  FiguresStore city;
  city.Put("clocks { clock: 'resolve' state: RUNNING " + DueAt(kDue) +
           MarkText("START", kStart) + "}");  // no target
  city.Put(ClockText("IDLE", DueAt(kDue)));
  city.Put(ClockText("STOPPED",
                     DueAt(kDue) + "reminder: true " + MarkText("STOP", kDue)));
  city.Put("");
  EXPECT_TRUE(Report(&city, February()).rows.empty());
}

TEST(Report, TheTimeUsedIsWorkingAndElapsedWithoutPauses) {
  FiguresStore city;
  // Monday 9 February. Used: 1 h and 1 h; 3 h and 4 h; 8 h and 24 h; and from
  // Monday 10:00 to Tuesday 10:00 with a pause from 11:00 to 09:00, which
  // leaves 1 h + 1 h of both.
  const std::string stop[] = {"2026-02-09T10:00:00+08:00",
                              "2026-02-09T13:00:00+08:00",
                              "2026-02-10T09:00:00+08:00"};
  for (const std::string& at : stop) {
    city.Put(StoppedText("resolve", kStart, at, kDue));
  }
  city.Put(
      "clocks { clock: 'resolve' state: STOPPED calendar: 'office' "
      "policy_version: 1 target { working_time: '16h' } " +
      DueAt(kDue) + MarkText("START", "2026-02-09T10:00:00+08:00") +
      MarkText("PAUSE", "2026-02-09T11:00:00+08:00") +
      MarkText("RESUME", "2026-02-10T09:00:00+08:00") +
      MarkText("STOP", "2026-02-10T10:00:00+08:00") + "}");
  const ComplianceRow row = RowOf(Report(&city, February()), "resolve");
  EXPECT_EQ(row.elapsed.count, 4);
  EXPECT_EQ(row.elapsed.median, absl::Hours(2));  // of 1, 2, 4, 24
  EXPECT_EQ(row.elapsed.ninety, absl::Hours(24));
  EXPECT_EQ(row.working.count, 4);
  EXPECT_EQ(row.working.median, absl::Hours(2));  // of 1, 2, 3, 8
  EXPECT_EQ(row.working.ninety, absl::Hours(8));
  EXPECT_EQ(row.paused_time, absl::Hours(22));
  EXPECT_EQ(row.rested, 1);
}

TEST(Report, EveryEpisodeCountsAndTheWorstDecidesTheCase) {
  FiguresStore city;
  const auto cycle = [](int n, bool broken, const std::string& due) {
    return "earlier { cycle: " + std::to_string(n) + " state: STOPPED due " +
           Stamp(due) + " ended " + Stamp(due) + " started " + Stamp(kStart) +
           (broken ? " breached: true" : "") +
           " elapsed_ms: 1000 paused_ms: 60000 } ";
  };
  const std::string target = "target { elapsed: '24h' } policy_version: 1 ";
  city.Put("clocks { clock: 'reply' state: IDLE " + target +
           cycle(1, false, kDue) + cycle(2, true, kDue) +
           cycle(3, false, "2026-03-05T09:00:00+08:00") + "}");
  city.Put("clocks { clock: 'reply' state: IDLE " + target +
           cycle(1, false, kDue) + "}");
  const ComplianceRow row = RowOf(Report(&city, February()), "reply");
  EXPECT_EQ(Counts(row.counts), (Is{2, 0, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(row.counts.cases, 2);
  EXPECT_EQ(row.counts.cases_met, 1);
  EXPECT_EQ(row.elapsed.median, absl::Hours(48) - absl::Minutes(1));
  EXPECT_EQ(row.working.count, 0);
  EXPECT_EQ(row.paused_time, absl::Minutes(3));
}

TEST(Report, AgreementsWithUnitsStandUnderWhoseTurnItWas) {
  FiguresStore city;
  city.Put(
      "clocks { clock: 'hand' state: STOPPED unit: 'works' calendar: 'office' "
      "policy_version: 1 target { working_time: '4h' } " +
          DueAt(kDue) + MarkText("START", kStart) + MarkText("STOP", kStart) +
          "earlier { cycle: 1 state: STOPPED unit: 'lights' breached: true "
          "due " +
          Stamp(kDue) + " } } " + StoppedText("resolve", kStart, kDue, kDue),
      "streetlight", "works");
  const ComplianceReport report = Report(&city, February({ReportBy::kUnit}));
  EXPECT_EQ(Counts(RowOf(report, "hand", "", "lights").counts),
            (Is{0, 0, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(Counts(RowOf(report, "hand", "", "works").counts),
            (Is{1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(RowOf(report, "hand").agreement, v1::ClockSpec::OPERATIONAL_LEVEL);
  // The promise to the citizen is the holder's.
  EXPECT_EQ(RowOf(report, "resolve", "", "works").counts.met, 1);
  EXPECT_THAT(ToText(report, "en"), HasSubstr("under whose turn it was"));
}

TEST(Report, WhatWasRestatedStandsInTwoColumnsEachInItsPeriod) {
  FiguresStore city;
  const std::string was =
      "measured { policy_version: 1 breached: true due " + Stamp(kDue) + " } ";
  city.Put(
      ClockText("STOPPED", DueAt("2026-02-13T09:00:00+08:00") + was +
                               MarkText("STOP", "2026-02-12T09:00:00+08:00")));
  city.Put(
      ClockText("STOPPED", DueAt("2026-03-02T09:00:00+08:00") + was +
                               MarkText("STOP", "2026-02-12T09:00:00+08:00")));
  const ComplianceReport report = Report(&city, February());
  const ComplianceRow row = RowOf(report, "resolve");
  EXPECT_EQ(Counts(row.counts), (Is{1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(Counts(row.measured), (Is{0, 0, 2, 0, 0, 0, 0, 0}));
  EXPECT_EQ(report.restated, 2);
  EXPECT_THAT(ToText(report, "en"), HasSubstr("kept, as measured"));
  EXPECT_THAT(ToText(report, "en"), HasSubstr("2 promises were restated"));
}

TEST(Report, CategoriesAreRolledUpOnRequest) {
  FiguresStore city;
  for (const char* category : {"streetlight", "streetlight", "pothole", "gone"})
    city.Put(StoppedText("resolve", kStart, kStart, kDue), category, "lights",
             "xinyi");
  ComplianceRequest request = February({ReportBy::kCategory});
  EXPECT_EQ(Report(&city, request).rows.size(), 4u);  // whole, three
  request.roll_up = true;
  const ComplianceReport report = Report(&city, request);
  EXPECT_EQ(RowOf(report, "resolve", "roads").counts.met, 3);
  EXPECT_EQ(RowOf(report, "resolve", "streetlight").counts.met, 2);
  EXPECT_EQ(RowOf(report, "resolve", "streetlight").depth, 1);
  EXPECT_EQ(RowOf(report, "resolve", "gone").counts.met, 1);
  EXPECT_EQ(RowOf(report, "resolve").counts.met, 4);
  // What is below a category follows it.
  std::vector<std::string> order;
  for (const ComplianceRow& row : report.rows) order.push_back(row.category);
  EXPECT_THAT(order, ::testing::ElementsAre("", "roads", "pothole",
                                            "streetlight", "gone"));
}

TEST(Report, SplitsByAreaAndByCombinations) {
  FiguresStore city;
  city.Put(StoppedText("resolve", kStart, kStart, kDue), "tree", "", "xinyi");
  city.Put(StoppedText("resolve", kStart, kStart, kDue), "tree", "works", "");
  const ComplianceReport report = Report(
      &city, February({ReportBy::kArea, ReportBy::kUnit, ReportBy::kPeriod}));
  EXPECT_EQ(RowOf(report, "resolve", "", "-", "xinyi", "2026-02").counts.met,
            1);
  EXPECT_EQ(RowOf(report, "resolve", "", "works", "-", "2026-02").counts.met,
            1);
  EXPECT_EQ(report.rows.size(), 3u);
}

TEST(Report, ABreachCountsFromItsInstantThoughNobodyLooked) {
  FiguresStore city("2026-02-09T09:00:00+08:00");
  const std::string reference = city.Open();
  const std::string before = city.Dump();
  ComplianceRequest request = February();
  // Sixteen working hours from Monday 09:00: due Wednesday 09:00.
  request.as_of = Instant("2026-02-11T09:00:00+08:00");
  EXPECT_EQ(Counts(RowOf(Report(&city, request), "resolve").counts),
            (Is{0, 0, 0, 1, 0, 0, 0, 0}));
  request.as_of += absl::Milliseconds(1);
  EXPECT_EQ(Counts(RowOf(Report(&city, request), "resolve").counts),
            (Is{0, 0, 0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(city.Dump(), before);
}

TEST(Report, ReopeningAloneBreaksNothingAndWhatIsBrokenStaysBroken) {
  FiguresStore city("2026-02-09T09:00:00+08:00");
  const std::string in_time = city.Open();
  const std::string late = city.Open();
  city.Do(in_time, "accept {}");
  city.Do(late, "accept {}");
  city.clock.SetTime(Instant("2026-02-10T09:00:00+08:00"));
  city.Do(in_time, "resolve { outcome: 'ok' }");
  city.clock.SetTime(Instant("2026-02-12T10:00:00+08:00"));
  city.Do(late, "resolve { outcome: 'ok' }");
  ComplianceRequest request = February();
  request.as_of = city.clock.TimeNow();
  EXPECT_EQ(Counts(RowOf(Report(&city, request), "resolve").counts),
            (Is{1, 0, 1, 0, 0, 0, 0, 0}));
  city.Do(in_time, "reopen { reason: 'again' }");
  city.Do(late, "reopen { reason: 'again' }");
  EXPECT_EQ(Counts(RowOf(Report(&city, request), "resolve").counts),
            (Is{0, 0, 0, 1, 1, 0, 0, 0}));
}

TEST(Report, MergedAndCancelledCasesAreLeftOutAndCountedApart) {
  FiguresStore city("2026-02-09T09:00:00+08:00");
  const std::string into = city.Open();
  const std::string merged = city.Open();
  const std::string cancelled = city.Open();
  city.Do(merged, "merge { into: '" + into + "' }");
  city.clock.SetTime(Instant("2026-02-20T09:00:00+08:00"));
  city.Do(cancelled, "cancel { reason: 'no need' }");  // after its breach
  ComplianceRequest request = February();
  request.as_of = city.clock.TimeNow();
  EXPECT_EQ(Counts(RowOf(Report(&city, request), "resolve").counts),
            (Is{0, 0, 0, 0, 1, 0, 2, 1}));
}

TEST(Report, SaysByWhatItWasJudged) {
  std::string text = FiguresPolicyText();
  text += "illustrative: true";
  FiguresStore city("2026-02-09T09:00:00+08:00", text);
  city.Open();
  auto second = Policy::FromTextproto(FiguresPolicyText());
  ASSERT_TRUE(city.engine->Adopt(city.actor, *second, 1).ok());
  std::string clock = ClockText(
      "RUNNING", DueAt("2026-02-27T09:00:00+08:00") + "provisional: true ");
  clock.replace(clock.find("policy_version: 1"), 17, "policy_version: 2");
  city.Put(clock, "tree", "works", "", "policy_version: 2");
  const ComplianceReport report = Report(&city, February());
  EXPECT_EQ(report.policy_version, 2);
  ASSERT_FALSE(report.policies.empty());
  EXPECT_THAT(report.policies.back().calendars,
              ::testing::ElementsAre("office r7"));
  EXPECT_EQ(report.policies.back().version, 2);
  EXPECT_FALSE(report.policies.back().zone_data.empty());
  EXPECT_EQ(RowOf(report, "resolve").provisional, 1);
  for (const std::string& form : {ToText(report, "en"), ToHtml(report, "en"),
                                  ToJson(report), ToCsv(report)}) {
    EXPECT_THAT(form, HasSubstr("office r7"));
    EXPECT_THAT(form, HasSubstr(report.zone_data));
  }
  EXPECT_THAT(ToText(report, "en"), HasSubstr("as of 2026-03-01 00:00:00"));
  EXPECT_THAT(ToText(report, "en"), HasSubstr("Done *"));
  EXPECT_THAT(ToText(report, "en"), HasSubstr("complete for"));
}

TEST(Report, MarksWhatIsIllustrative) {
  FiguresStore city;
  const std::string plain = StoppedText("resolve", kStart, kStart, kDue);
  city.Put(plain);
  EXPECT_FALSE(Report(&city, February()).illustrative);
  std::string example = plain;
  example.replace(example.find("'16h'"), 5, "'16h' illustrative: true");
  city.Put(example);
  const ComplianceReport report = Report(&city, February());
  EXPECT_TRUE(report.illustrative);
  EXPECT_EQ(RowOf(report, "resolve").illustrative, 1);
  EXPECT_THAT(ToText(report, "en"), HasSubstr("ILLUSTRATIVE"));
  EXPECT_THAT(ToHtml(report, "zh-Hant"), HasSubstr("並無公告出處"));
}

TEST(Report, EveryFormSaysTheSameFigures) {
  FiguresStore city;
  for (int i = 0; i < 21; ++i) {
    city.Put(StoppedText("resolve", kStart, "2026-02-12T09:00:00+08:00", kDue,
                         /*broken=*/i < 7),
             i % 2 == 0 ? "streetlight" : "pothole", "lights");
  }
  const ComplianceReport report =
      Report(&city, February({ReportBy::kCategory}));
  google::protobuf::Struct json;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(ToJson(report), &json).ok());
  const auto& whole = json.fields().at("rows").list_value().values(0);
  const auto& counts =
      whole.struct_value().fields().at("counts").struct_value().fields();
  EXPECT_EQ(counts.at("met").number_value(), 14);
  EXPECT_EQ(counts.at("breached").number_value(), 7);
  EXPECT_NEAR(counts.at("rate").number_value(), 0.6667, 1e-9);

  std::istringstream csv(ToCsv(report));
  std::string heading, line;
  std::getline(csv, heading);
  const auto commas = std::count(heading.begin(), heading.end(), ',');
  int lines = 0;
  for (; std::getline(csv, line); ++lines) {
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), commas) << line;
  }
  EXPECT_EQ(lines, 3);

  const std::string html = ToHtml(report, "zh-Hant");
  EXPECT_THAT(html, HasSubstr("<html lang=\"zh-Hant\">"));
  EXPECT_THAT(html, HasSubstr("66.7 %"));
  EXPECT_THAT(html, HasSubstr("路燈故障"));
  EXPECT_THAT(html, HasSubstr("已判定 21 個，如期 14 個"));
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(ToText(report, "zh-Hant"), HasSubstr("如期率"));
}

TEST(Report, ARequestIsRefusedWithAllThatIsWrong) {
  FiguresStore city;
  ComplianceRequest request = February();
  request.to = absl::CivilDay(2026, 1, 1);
  request.tenant = "";
  request.as_of = absl::InfiniteFuture();
  const auto refused = ReportCompliance(&city.store, request);
  EXPECT_EQ(InfoOf(refused.status()).problems_size(), 3);
  request = February();
  request.tenant = "nobody";
  EXPECT_EQ(ReasonOf(ReportCompliance(&city.store, request).status()),
            v1::ErrorInfo::NO_POLICY);
  EXPECT_THAT(std::string(ParseReportBy("category,unti").status().message()),
              HasSubstr("did you mean unit?"));
  EXPECT_THAT(std::string(ParseReportPeriod("weak").status().message()),
              HasSubstr("did you mean week?"));
}

}  // namespace
}  // namespace hotline
