// Goal: the figures of a report hold where they are easily lost: cases of an
// older policy or fold, many pages, other hours, cycles that are over, what was
// restated. Method: cases by hand or by the engine, figures counted by hand.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/report.h"
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
using testing::Proto;
using testing::Report;
using testing::RowOf;
using testing::Stamp;
using testing::StoppedText;

Policy Changed(const std::string& from, const std::string& to) {
  const std::string text =
      absl::StrReplaceAll(FiguresPolicyText(), {{from, to}});
  EXPECT_NE(text, FiguresPolicyText()) << from;
  auto policy = Policy::FromTextproto(text);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

void Adopt(FiguresStore* city, const Policy& policy) {
  int64_t version = 0;
  ASSERT_TRUE(city->engine->CurrentPolicy(city->actor, &version).ok());
  ASSERT_TRUE(city->engine->Adopt(city->actor, policy, version).ok());
}

// The office with a closure on Monday 9 February, 13:00 to 17:00.
std::string Typhoon(const std::string& scope = "") {
  return "revision: \"r7\" closures { id: \"gaemi\" " + scope +
         " from: \"2026-02-09T13:00:00+08:00\""
         " until: \"2026-02-09T17:00:00+08:00\" reason: \"typhoon\" }";
}

// A cycle that began at `kStart`.
std::string Cycle(int n, const std::string& more,
                  const std::string& ended = kDue) {
  return absl::StrCat("earlier { cycle: ", n, " started ", Stamp(kStart),
                      " ended ", Stamp(ended), " ", more, " } ");
}

// ------------------------------------------------------------ how it is read

TEST(ReportEdges, EveryPageOfAStoreIsRead) {
  FiguresStore city;
  for (int i = 0; i < 2'001; ++i) {
    city.Put(StoppedText("resolve", kStart, kDue, kDue));
  }
  const ComplianceReport report = Report(&city, February());
  EXPECT_EQ(report.cases_read, 2'001);
  EXPECT_EQ(RowOf(report, "resolve").counts.met, 2'001);
}

TEST(ReportEdges, AnOpenCaseOfAnOlderPolicyIsJudgedByTheOneInForce) {
  FiguresStore city(kStart);
  city.Open();
  city.clock.AdvanceTime(absl::Hours(3));
  Adopt(&city, Changed("working_time: \"16h\"", "working_time: \"2h\""));
  city.clock.AdvanceTime(absl::Hours(1));
  ComplianceRequest request = February();
  request.as_of = city.clock.TimeNow();
  const ComplianceReport report = Report(&city, request);
  EXPECT_EQ(RowOf(report, "resolve").counts.running_late, 1);
  EXPECT_EQ(report.policies.back().version, 2);
}

TEST(ReportEdges, WhatWasRecordedAfterTheInstantStandsAsItIs) {
  FiguresStore city;
  city.Put(ClockText("RUNNING", DueAt(kDue)), "tree", "works", "",
           absl::StrCat("state: 'new' next_at ", Stamp(kDue), " updated_at ",
                        Stamp("2026-02-20T09:00:00+08:00")));
  ComplianceRequest request = February();
  request.as_of = Instant("2026-02-19T09:00:00+08:00");
  EXPECT_EQ(Counts(RowOf(Report(&city, request), "resolve").counts),
            (Is{0, 0, 0, 1, 0, 0, 0, 0}));
  request.as_of = Instant("2026-02-21T09:00:00+08:00");
  EXPECT_EQ(Counts(RowOf(Report(&city, request), "resolve").counts),
            (Is{0, 0, 0, 0, 1, 0, 0, 0}));
}

TEST(ReportEdges, ASnapshotOfAnOlderFoldIsFoldedAnewFromTheLog) {
  FiguresStore city(kStart);
  city.Open();
  Filter filter;
  filter.tenant = "t";
  filter.limit = 10;
  CaseRow row = city.store.Find(filter)->rows.front();
  v1::Case old;
  ASSERT_TRUE(old.ParseFromString(row.payload));
  old.set_fold_version(kFoldVersion - 1);
  old.clear_clocks();  // as a fold that knew of none
  row.payload = old.SerializeAsString();
  Write write;
  CaseChange& change = write.cases.emplace_back();
  change.row = row;
  change.expected_version = row.version;
  ASSERT_TRUE(city.store.Commit({&write, 1}).front().ok());
  ComplianceRequest request = February();
  request.as_of = city.clock.TimeNow();
  EXPECT_EQ(RowOf(Report(&city, request), "resolve").counts.running_in_time, 1);
}

TEST(ReportEdges, EachVersionTellsHowManyPromisesItJudged) {
  FiguresStore city;
  for (int i = 0; i < 3; ++i) {
    city.Put(StoppedText("resolve", kStart, kDue, kDue));
  }
  const ComplianceReport report = Report(&city, February());
  ASSERT_EQ(report.policies.size(), 1u);
  EXPECT_EQ(report.policies[0].promises, 3);
}

TEST(ReportEdges, HoursThatNoSourceGivesAreMarkedToo) {
  FiguresStore city(
      kStart, absl::StrReplaceAll(FiguresPolicyText(),
                                  {{"revision: \"r7\"",
                                    "revision: \"r7\" illustrative: true"}}));
  city.Put(StoppedText("resolve", kStart, kDue, kDue));
  const ComplianceReport report = Report(&city, February());
  EXPECT_TRUE(report.illustrative);
  EXPECT_EQ(RowOf(report, "resolve").illustrative, 1);
}

// -------------------------------------------------------------- whose hours

TEST(ReportEdges, TimeUsedIsCountedByTheHoursOfThePolicyThatJudged) {
  FiguresStore city;
  Adopt(&city, Changed("revision: \"r7\"", Typhoon()));
  // Nine to nine on the next day: eight hours, four of them under version 2.
  const std::string day =
      StoppedText("resolve", kStart, "2026-02-10T09:00:00+08:00", kDue);
  city.Put(day);
  EXPECT_EQ(RowOf(Report(&city, February()), "resolve").working.median,
            absl::Hours(8));
  FiguresStore now;
  Adopt(&now, Changed("revision: \"r7\"", Typhoon()));
  now.Put(
      absl::StrReplaceAll(day, {{"policy_version: 1", "policy_version: 2"}}));
  EXPECT_EQ(RowOf(Report(&now, February()), "resolve").working.median,
            absl::Hours(4));
}

TEST(ReportEdges, AClosureCountsForWhomItWasDeclaredAndNotForWhatRunsOn) {
  const auto working = [](const std::string& scope, const std::string& category,
                          const std::string& clock) {
    const Policy policy = *Policy::FromTextproto(absl::StrReplaceAll(
        FiguresPolicyText(),
        {{"revision: \"r7\"", Typhoon(scope)},
         {"categories { code: \"tree\" ",
          "categories { code: \"main\" unit: \"works\" "
          "runs_through_closures: true clocks { clock: \"resolve\" } } "
          "categories { code: \"tree\" "}}));
    FiguresStore city;
    Adopt(&city, policy);
    city.Put(absl::StrReplaceAll(clock,
                                 {{"policy_version: 1", "policy_version: 2"}}),
             category, "works", "xinyi");
    return Report(&city, February()).rows.at(0).working.median;
  };
  const std::string resolve =
      StoppedText("resolve", kStart, "2026-02-10T09:00:00+08:00", kDue);
  EXPECT_EQ(working("", "tree", resolve), absl::Hours(4));
  EXPECT_EQ(working("", "main", resolve), absl::Hours(8));
  EXPECT_EQ(working("areas: \"city\"", "tree", resolve), absl::Hours(4));
  // A clock of a unit's own rests with that unit, not with who holds the case.
  const std::string lights = absl::StrReplaceAll(
      StoppedText("hand", kStart, "2026-02-10T09:00:00+08:00", kDue),
      {{"cycle: 1", "cycle: 1 unit: 'lights'"}});
  EXPECT_EQ(working("units: \"lights\"", "tree", lights), absl::Hours(4));
  EXPECT_EQ(working("units: \"works\"", "tree", lights), absl::Hours(8));
}

// ------------------------------------------------------------ which instant

TEST(ReportEdges, WhatIsBrokenStandsInThePeriodInWhichItBroke) {
  FiguresStore city;
  const std::string broken =
      "breached: true breached_at " + Stamp("2026-02-11T09:00:00.001+08:00");
  // Broken in February; a later date was granted afterwards.
  city.Put(ClockText("RUNNING", DueAt("2026-03-20T09:00:00+08:00") + broken));
  // Rests, and so has no due instant at all.
  city.Put(ClockText("PAUSED",
                     MarkText("PAUSE", "2026-02-26T11:00:00+08:00") + broken));
  EXPECT_EQ(Counts(RowOf(Report(&city, February()), "resolve").counts),
            (Is{0, 0, 0, 0, 2, 0, 0, 0}));
}

TEST(ReportEdges, RestEndsWithTheClock) {
  FiguresStore city;
  city.Put(ClockText(
      "STOPPED", DueAt(kDue) + MarkText("PAUSE", "2026-02-09T10:00:00+08:00") +
                     MarkText("STOP", "2026-02-09T16:00:00+08:00")));
  const ComplianceRow row = RowOf(Report(&city, February()), "resolve");
  EXPECT_EQ(row.paused_time, absl::Hours(6));
  EXPECT_EQ(row.elapsed.median, absl::Hours(1));
}

TEST(ReportEdges, TheRestOfWhatWasCancelledIsInNoFigure) {
  FiguresStore city;
  city.Put(ClockText("CANCELLED",
                     DueAt(kDue) +
                         MarkText("PAUSE", "2026-02-09T10:00:00+08:00") +
                         MarkText("RESUME", "2026-02-09T16:00:00+08:00") +
                         MarkText("CANCEL", "2026-02-10T16:00:00+08:00")));
  const ComplianceRow row = RowOf(Report(&city, February()), "resolve");
  EXPECT_EQ(row.counts.cancelled, 1);
  EXPECT_EQ(row.paused_time, absl::ZeroDuration());
  EXPECT_EQ(row.rested, 0);
}

// ----------------------------------------------------- cycles that are over

TEST(ReportEdges, ACycleThatIsOverStandsInTheSameBuckets) {
  FiguresStore city;
  city.Put(
      "clocks { clock: 'hand' state: IDLE target { working_time: '4h' } "
      "policy_version: 1 " +
      // Met; met after the shown instant; cancelled; cancelled without a date.
      Cycle(1, "state: STOPPED elapsed_ms: 3600000 due " + Stamp(kDue)) +
      Cycle(2, "state: STOPPED elapsed_ms: 7200000 due " + Stamp(kDue),
            "2026-02-11T09:00:00.001+08:00") +
      Cycle(3, "state: CANCELLED breached: true due " + Stamp(kDue)) +
      Cycle(4, "state: CANCELLED") + "}");
  const ComplianceRow row = RowOf(Report(&city, February()), "hand");
  EXPECT_EQ(Counts(row.counts), (Is{2, 1, 0, 0, 0, 0, 2, 1}));
  EXPECT_EQ(row.working.count, 2);
  EXPECT_EQ(row.working.median, absl::Hours(1));
  EXPECT_EQ(row.working.ninety, absl::Hours(2));
}

TEST(ReportEdges, AReminderPromisedNothingInItsEarlierCyclesEither) {
  FiguresStore city;
  city.Put("clocks { clock: 'reply' state: IDLE reminder: true " +
           Cycle(1, "state: STOPPED due " + Stamp(kDue)) + "}");
  EXPECT_TRUE(Report(&city, February()).rows.empty());
}

TEST(ReportEdges, ACaseIsNoLongerKeptOnceHoweverOftenItWasBroken) {
  FiguresStore city;
  const auto cycle = [](int n, bool broken) {
    return Cycle(n, std::string("state: STOPPED due ") + Stamp(kDue) +
                        (broken ? " breached: true" : ""));
  };
  for (int i = 0; i < 20; ++i) {
    const bool broken = i < 5;
    city.Put("clocks { clock: 'reply' state: IDLE " + cycle(1, broken) +
             cycle(2, false) + cycle(3, broken) + "}");
  }
  const ComplianceReport report = Report(&city, February());
  const ComplianceRow row = RowOf(report, "reply");
  EXPECT_EQ(row.counts.cases_met, 15);
  EXPECT_DOUBLE_EQ(*row.counts.rate(), 50.0 / 60);
  EXPECT_DOUBLE_EQ(*row.counts.worst_rate(), 0.75);
  EXPECT_THAT(ToText(report, "en"), HasSubstr("75.0 %"));
  EXPECT_THAT(ToText(report, "en"), HasSubstr("By worst: "));
}

// ------------------------------------------------------------------ the rows

TEST(ReportEdges, AClockThePolicyHasNoLongerIsStillTheUnits) {
  FiguresStore city;
  std::string clock = StoppedText("old", kStart, kDue, kDue);
  clock.insert(clock.find("cycle:"), "unit: 'lights' ");
  city.Put(clock);
  EXPECT_EQ(RowOf(Report(&city, February()), "old").agreement,
            v1::ClockSpec::OPERATIONAL_LEVEL);
}

TEST(ReportEdges, TheLastDayOfARangeHasItsRowThoughNothingFellDue) {
  FiguresStore city;
  city.Put(StoppedText("resolve", kStart, kDue, kDue));
  ComplianceRequest request = February({ReportBy::kPeriod});
  request.period = ReportPeriod::kDay;
  const ComplianceReport report = Report(&city, request);
  EXPECT_EQ(report.rows.size(), 29u);
  EXPECT_EQ(RowOf(report, "resolve", "", "", "", "2026-02-28").counts.all(), 0);
}

TEST(ReportEdges, NineOfTenTookNoMoreByNearestRank) {
  FiguresStore city;
  for (int i = 1; i <= 20; ++i) {
    city.Put(StoppedText(
        "resolve", kStart,
        absl::FormatTime(absl::RFC3339_full, Instant(kStart) + absl::Minutes(i),
                         absl::UTCTimeZone()),
        kDue));
  }
  const ComplianceRow row = RowOf(Report(&city, February()), "resolve");
  EXPECT_EQ(row.elapsed.median, absl::Minutes(10));
  EXPECT_EQ(row.elapsed.ninety, absl::Minutes(18));
}

// ----------------------------------------------------- restated by the engine

TEST(ReportEdges, ARestatementByTheEngineStandsBesideWhatWasMeasured) {
  FiguresStore city(kStart);
  const std::string late = city.Open();
  const std::string kept = city.Open();
  // Due Wednesday at 09:00; answered Wednesday at 10:00 and Tuesday at 09:00.
  city.clock.SetTime(Instant("2026-02-10T09:00:00+08:00"));
  city.Do(kept, "accept {}");
  city.Do(kept, "resolve { outcome: 'ok' }");
  city.clock.SetTime(Instant("2026-02-11T10:00:00+08:00"));
  city.Do(late, "accept {}");
  city.Do(late, "resolve { outcome: 'ok' }");
  // A typhoon from Monday noon to Tuesday noon is entered on Thursday.
  city.clock.SetTime(Instant("2026-02-12T08:30:00+08:00"));
  const auto patch = Proto<v1::PolicyPatch>(R"(
    reason: "typhoon" add_closures { calendar: "office" closures {
      id: "gaemi" from: "2026-02-09T12:00:00+08:00"
      until: "2026-02-10T12:00:00+08:00" } })");
  ASSERT_TRUE(city.engine->Declare(city.actor, patch, 1).ok());
  while (city.engine->RunDue(absl::Seconds(10))->to_sweep > 0) {
    city.clock.AdvanceTime(absl::Seconds(3));
  }
  ComplianceRequest request = February();
  request.as_of = city.clock.TimeNow();
  // What is finished keeps what it measured until somebody restates it.
  ComplianceReport report = Report(&city, request);
  EXPECT_EQ(Counts(RowOf(report, "resolve").counts),
            (Is{1, 0, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(report.restated, 0);
  EXPECT_THAT(ToText(report, "en"), Not(HasSubstr("as measured")));

  city.Do(late, "restate { reason: 'typhoon' }");
  report = Report(&city, request);
  const ComplianceRow row = RowOf(report, "resolve");
  EXPECT_EQ(Counts(row.counts), (Is{2, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(Counts(row.measured), (Is{1, 0, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(report.restated, 1);
  EXPECT_THAT(ToText(report, "en"), HasSubstr("1 promises were restated"));
  EXPECT_THAT(ToJson(report), HasSubstr("\"restated\":1"));
  // Each column in the period of its own due instant, Thursday at 09:00 and
  // Wednesday at 09:00.
  request.from = request.to = absl::CivilDay(2026, 2, 12);
  EXPECT_EQ(Counts(RowOf(Report(&city, request), "resolve").counts),
            (Is{1, 0, 0, 0, 0, 0, 0, 0}));
  request.from = request.to = absl::CivilDay(2026, 2, 11);
  EXPECT_EQ(Counts(RowOf(Report(&city, request), "resolve").measured),
            (Is{1, 0, 1, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace hotline
