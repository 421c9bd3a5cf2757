// Were promises kept? Figures over what a store holds, counted from the clocks
// of its cases.
//
//   hotline::ComplianceRequest request;
//   request.tenant = "taipei";
//   request.from = absl::CivilDay(2026, 2, 1);
//   request.to = absl::CivilDay(2026, 2, 28);
//   request.by = {hotline::ReportBy::kCategory};
//   request.as_of = now;
//   auto report = hotline::ReportCompliance(store.get(), request);
//   if (!report.ok()) return report.status();
//   std::cout << hotline::ToHtml(*report, "zh-Hant");
//
// What is counted is a promise: one cycle of one clock of one case. It belongs
// to the date it falls due on, in the zone of the policy in force; a due
// instant of 24:00 belongs to the date it ends. A paused promise has no due
// instant and is put where it would fall due if it went on at `as_of`; one that
// ended without a due instant, on the date it ended.
//
// Each stands in one bucket:
//   met              stopped, and not broken. Those answered after the shown
//                    instant but before the office opened again are met, and
//                    counted apart as `met_after_due`.
//   breached         stopped after it was broken.
//   running_in_time  runs, not broken.
//   running_late     runs or rests, and is broken.
//   paused           rests, and is not broken.
//   cancelled        ended without a verdict: merged, cancelled, no longer
//                    promised. Left out of every rate; those that were broken
//                    before are told as `cancelled_broken`.
// So a case answered late and then reopened is running late if its clock goes
// on, for what is broken stays broken; one answered in time and reopened is
// judged by its present due instant, and the reopening alone breaks nothing. A
// clock that begins a new cycle leaves the old one's verdict where it was. A
// breach counts from its computed instant: what fell due before `as_of` is
// judged first, in memory, whether or not anybody has looked. A clock without a
// target, an idle one, and one that only reminds promise nothing.
//
// The rate is met / (met + breached + running_late): what is open and overdue
// counts in the period it fell due in. It is given only where at least 20 cases
// were decided. For clocks with several cycles, such as replies, `cases_met`
// counts the cases whose worst cycle was met.
//
// What a RESTATE judged anew stands in two columns, as it is restated and as it
// was measured; each in the period of its own due instant.
//
// The store is read whole, one case at a time in pages: finished clocks have no
// index by due. Nothing is written; no personal field is read. Memory grows
// with the rows of the report, 16 bytes for each finished promise, and the
// policies that judged them.
//
// Thread rule: pure but for reading the store; call it from anywhere.
// Errors: INVALID_ARGUMENT with every problem of the request, NO_POLICY, and
// what the store answers.
// The rules are those of compliance by deadline that New York publishes per
// agency and request type (Local Laws 47 of 2005 and 27 of 2021).
#ifndef HOTLINE_REPORT_H_
#define HOTLINE_REPORT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hotline/store.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

// Fewer decided cases than this give no rate, only counts.
inline constexpr int kRateCasesMin = 20;

// What to split by, beside the clock: figures of two clocks are never mixed.
//   kUnit    for agreements with a unit: whose cycle it was; for promises to
//            citizens the unit that holds the case now.
//   kPeriod  month, week (ISO 8601) or day of the due date.
enum class ReportBy { kClock, kCategory, kUnit, kArea, kPeriod };
enum class ReportPeriod { kMonth, kWeek, kDay };

// "clock,category": a list of them; "month", "week", "day". INVALID_ARGUMENT
// names the nearest.
absl::StatusOr<std::vector<ReportBy>> ParseReportBy(std::string_view words);
absl::StatusOr<ReportPeriod> ParseReportPeriod(std::string_view word);

struct ComplianceRequest {
  std::string tenant;
  // First and last due date, both included.
  absl::CivilDay from;
  absl::CivilDay to;
  // One row for each combination that occurs, and one for the whole clock.
  std::vector<ReportBy> by;
  ReportPeriod period = ReportPeriod::kMonth;
  // A category's row holds those below it too.
  bool roll_up = false;
  // Open promises are judged as of this instant. What was recorded later is
  // counted as it stands.
  absl::Time as_of;
  // Called with the number of cases read so far.
  std::function<void(int64_t cases)> progress;
};

struct ComplianceCounts {
  int64_t met = 0;
  int64_t met_after_due = 0;  // of them
  int64_t breached = 0;
  int64_t running_in_time = 0;
  int64_t running_late = 0;
  int64_t paused = 0;
  int64_t cancelled = 0;
  int64_t cancelled_broken = 0;  // of them
  // Cases with a decided promise in the row; of them those whose worst was met.
  int64_t cases = 0;
  int64_t cases_met = 0;

  int64_t decided() const { return met + breached + running_late; }
  int64_t all() const {
    return decided() + running_in_time + paused + cancelled;
  }
  // 0 to 1; none below kRateCasesMin cases.
  std::optional<double> rate() const;
  std::optional<double> worst_rate() const;
};

// Of stopped promises, by nearest rank: at least half (nine of ten) took no
// more. Pauses are left out.
struct TimeUsed {
  int64_t count = 0;
  absl::Duration median;
  absl::Duration ninety;

  // Of fewer the forms below tell the number only.
  bool is_told() const { return count >= kRateCasesMin; }
};

struct ComplianceRow {
  // Codes; empty where the row is not split by it. `unit`, `area`: "-" for
  // none. Period: "2026-02", "2026-W07", "2026-02-13".
  std::string clock;
  std::string category;
  std::string unit;
  std::string area;
  std::string period;
  bool whole = false;  // all of the clock
  int depth = 0;       // of the category, if rolled up
  v1::ClockSpec::Agreement agreement = v1::ClockSpec::SERVICE_LEVEL;

  ComplianceCounts counts;    // restated, where anything was
  ComplianceCounts measured;  // as first measured
  // Wall time rested, of all but the cancelled; and how many of them rested.
  absl::Duration paused_time;
  int64_t rested = 0;
  TimeUsed elapsed;  // by the wall clock
  TimeUsed working;  // of targets that count working time or working days
  int64_t provisional = 0;   // due beyond the days that are known
  int64_t illustrative = 0;  // by a target or hours that no source gives
};

// A policy version whose promises were counted.
struct PolicyMet {
  int64_t version = 0;
  absl::Time adopted_at;
  std::string zone_data;
  // `id revision`, of the calendars that counted.
  std::vector<std::string> calendars;
  int64_t promises = 0;
};

struct ComplianceReport {
  ComplianceRequest request;
  absl::TimeZone zone;    // of the dates
  v1::PolicySpec policy;  // in force: names, title, source
  int64_t policy_version = 0;
  std::vector<ComplianceRow> rows;  // by clock, its whole first
  std::vector<PolicyMet> policies;
  std::string zone_data;  // of this machine
  bool illustrative = false;
  int64_t restated = 0;  // promises with two columns
  int64_t cases_read = 0;
  // Cases that could not be judged as of now, and stand as they were stored.
  int64_t not_judged = 0;
};

absl::StatusOr<ComplianceReport> ReportCompliance(
    Store* store, const ComplianceRequest& request);

// Headings and names in this language (`en`, `zh-Hant`); figures are the same.
// CSV and JSON keep their English keys. Text is a table in columns; HTML is one
// file, with a chart for each clock, the table, and no need of anything else.
std::string ToText(const ComplianceReport& report, std::string_view language);
std::string ToHtml(const ComplianceReport& report, std::string_view language);
// RFC 4180, a heading line, LF.
std::string ToCsv(const ComplianceReport& report);
// One object on one line. Durations are seconds.
std::string ToJson(const ComplianceReport& report);

}  // namespace hotline

#endif  // HOTLINE_REPORT_H_
