// Goal: every figure of a report reaches the reader in every form, in its own
// place. Method: a report written by hand in which no two figures are equal.
#include <cmath>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/report.h"
#include "tests/readers/report_support.h"

namespace hotline {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Instant;
using ::testing::Not;

// 57 decided: 40 met (7 of them after due), 11 broken, 6 open and late.
ComplianceReport Whole() {
  ComplianceReport report;
  report.request = testing::February({ReportBy::kCategory});
  report.zone = absl::FixedTimeZone(8 * 3600);
  report.policy.set_id("city");
  report.policy_version = 4;
  report.zone_data = "2026a";
  report.restated = 2;
  report.policies.push_back({.version = 3,
                             .adopted_at = Instant(testing::kStart),
                             .zone_data = "2025b",
                             .calendars = {"office r7", "night"},
                             .promises = 79});
  ComplianceRow& row = report.rows.emplace_back();
  row.clock = "repair";
  row.whole = true;
  row.agreement = v1::ClockSpec::CONTRACT;
  row.counts = {.met = 40,
                .met_after_due = 7,
                .breached = 11,
                .running_in_time = 12,
                .running_late = 6,
                .paused = 13,
                .cancelled = 9,
                .cancelled_broken = 5,
                .cases = 50,
                .cases_met = 37};
  row.measured = row.counts;
  row.measured.met = 38;
  row.measured.breached = 14;
  row.paused_time = absl::Hours(26) + absl::Minutes(4) + absl::Seconds(31);
  row.rested = 8;
  row.elapsed = {.count = 51,
                 .median = absl::Milliseconds(1'500),
                 .ninety = absl::Hours(3)};
  row.working = {.count = 19, .median = absl::Hours(1)};
  row.provisional = 1;
  row.illustrative = 2;
  report.rows.push_back(row);
  report.rows[1].whole = false;
  report.rows[1].category = "tree, \"old\"";
  return report;
}

std::vector<std::string> Words(const std::string& line) {
  return absl::StrSplit(line, ' ', absl::SkipEmpty());
}

TEST(ReportForms, TextShowsEveryFigureUnderItsHeading) {
  const std::vector<std::string> lines =
      absl::StrSplit(ToText(Whole(), "en"), '\n');
  // The heading line, an empty line, headings, then the row.
  EXPECT_THAT(Words(lines.at(3)),
              ElementsAre("repair", "*", "\u2020", "all", "40", "7", "11", "6",
                          "70.2", "%", "74.0", "%", "65.5", "%", "12", "13",
                          "9", "26:05", "<0:01", "3:00"));
  for (const char* heading : {"by worst", "as measured"}) {
    EXPECT_THAT(lines.at(2), HasSubstr(heading));
  }
}

TEST(ReportForms, NotesCountWhatIsBrokenOnce) {
  const std::string text = ToText(Whole(), "en");
  EXPECT_THAT(text, HasSubstr("5 of them had been broken"));
  EXPECT_THAT(text, HasSubstr("By worst: "));
  EXPECT_THAT(text, HasSubstr("2 promises were restated"));
  EXPECT_THAT(text, Not(HasSubstr("could not be judged")));
  ComplianceReport report = Whole();
  report.not_judged = 3;
  EXPECT_THAT(ToText(report, "en"), HasSubstr("3 cases could not be judged"));
}

TEST(ReportForms, CsvHasEveryFigureInItsColumn) {
  const std::vector<std::string> lines =
      absl::StrSplit(ToCsv(Whole()), '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[1],
            "repair,UC,,,,,true,40,7,11,12,6,13,9,5,57,0.7018,50,37,0.7400,"
            "38,14,0.6552,93871,8,51,1.500,10800,19,,,1,2,2026-02-01,"
            "2026-02-28,2026-02-28T16:00:00Z,3,v3 office r7;v3 night,2025b");
  EXPECT_THAT(lines[2], HasSubstr("repair,UC,\"tree, \"\"old\"\"\",,,,false,"));
}

TEST(ReportForms, JsonHasEveryFigureUnderItsName) {
  const std::string json = ToJson(Whole());
  EXPECT_THAT(
      json,
      AllOf(HasSubstr("\"agreement\":\"UC\""),
            HasSubstr("\"counts\":{\"met\":40,\"met_after_due\":7,"
                      "\"breached\":11,\"running_in_time\":12,"
                      "\"running_late\":6,\"paused\":13,\"cancelled\":9,"
                      "\"cancelled_broken\":5,\"decided\":57,\"rate\":0.7018,"
                      "\"cases\":50,\"cases_met\":37,\"worst_rate\":0.7400}"),
            HasSubstr("\"as_measured\":{\"met\":38,\"met_after_due\":7,"
                      "\"breached\":14,"),
            HasSubstr("\"paused_seconds\":93871,\"rested\":8"),
            HasSubstr("\"elapsed\":{\"count\":51,\"median_seconds\":1.500,"
                      "\"ninety_seconds\":10800}"),
            HasSubstr("\"working\":{\"count\":19}"),
            HasSubstr("\"provisional\":1,\"illustrative\":2")));
}

// ---------------------------------------------------------------- the page

// What stands between each `before` and the next `after`.
std::vector<std::string> Between(const std::string& text,
                                 const std::string& before,
                                 const std::string& after) {
  std::vector<std::string> found;
  for (size_t at = text.find(before); at != text.npos;
       at = text.find(before, at)) {
    at += before.size();
    found.push_back(text.substr(at, text.find(after, at) - at));
  }
  return found;
}

TEST(ReportForms, ABarIsFilledOnceFromEndToEnd) {
  const std::string html = ToHtml(Whole(), "en");
  const std::string bar =
      Between(html, "<rect class=\"track\"", "</svg>").at(0);
  double end = 0;
  std::vector<std::string> styles;
  std::vector<int64_t> counts;  // of the 82 that were not cancelled
  for (const std::string& part : Between(bar, "<rect class=\"", "/>")) {
    styles.push_back(part.substr(0, part.find('"')));
    EXPECT_NEAR(std::stod(Between(part, "x=\"", "%")[0]), end, 0.01) << part;
    const double width = std::stod(Between(part, "width=\"", "%")[0]);
    counts.push_back(std::lround(width * 82 / 100));
    end += width;
  }
  EXPECT_NEAR(end, 100, 0.01);
  EXPECT_THAT(styles, ElementsAre("met", "after", "breached", "late", "open",
                                  "paused"));
  EXPECT_THAT(counts, ElementsAre(33, 7, 11, 6, 12, 13));
}

TEST(ReportForms, ThePageSaysTheRateInWordsAndNumbers) {
  const std::string html = ToHtml(Whole(), "en");
  EXPECT_THAT(html, HasSubstr("57 decided: 40 met (7 of them after due), 11 "
                              "breached, 6 open and late; "));
  EXPECT_THAT(html, ContainsRegex("open and late; [a-z ]*70.2 %"));
  EXPECT_THAT(html, HasSubstr("<b>70.2 %</b>"));
  EXPECT_THAT(html, HasSubstr(" * \u2020</th>"));
  EXPECT_THAT(html, HasSubstr("tree, &quot;old&quot;"));
  ComplianceReport few = Whole();
  few.rows[0].counts.cases = 19;
  EXPECT_THAT(ToHtml(few, "en"), HasSubstr("<b>40 / 57</b>"));
  EXPECT_THAT(ToHtml(few, "en"), HasSubstr("; no rate"));
}

TEST(ReportForms, ARateIsNoughtOnlyIfNoneWasKept) {
  ComplianceReport report = Whole();
  report.rows[0].counts = {.met = 1, .breached = 9'999, .cases = 10'000};
  EXPECT_THAT(ToText(report, "en"), HasSubstr(" 0.1 %"));
  report.rows.resize(1);
  report.rows[0].measured =
      report.rows[0].counts = {.breached = 10'000, .cases = 10'000};
  EXPECT_THAT(ToText(report, "en"), HasSubstr(" 0.0 %"));
}

}  // namespace
}  // namespace hotline
