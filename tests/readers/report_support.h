// What the tests of reports share: one request, and rows by their codes.
#ifndef HOTLINE_TESTS_READERS_REPORT_SUPPORT_H_
#define HOTLINE_TESTS_READERS_REPORT_SUPPORT_H_

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "hotline/report.h"
#include "tests/readers/figures.h"

namespace hotline::testing {

inline ComplianceRequest February(std::vector<ReportBy> by = {}) {
  ComplianceRequest request;
  request.tenant = "t";
  request.from = absl::CivilDay(2026, 2, 1);
  request.to = absl::CivilDay(2026, 2, 28);
  request.by = std::move(by);
  request.as_of = Instant("2026-03-01T00:00:00+08:00");
  return request;
}

inline ComplianceReport Report(FiguresStore* city,
                               const ComplianceRequest& request) {
  const auto report = ReportCompliance(&city->store, request);
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? *report : ComplianceReport();
}

// The row of these codes; `whole` rows have none but the clock.
inline ComplianceRow RowOf(const ComplianceReport& report,
                           const std::string& clock,
                           const std::string& category = "",
                           const std::string& unit = "",
                           const std::string& area = "",
                           const std::string& period = "") {
  const bool whole =
      category.empty() && unit.empty() && area.empty() && period.empty();
  for (const ComplianceRow& row : report.rows) {
    if (row.clock == clock && row.category == category && row.unit == unit &&
        row.area == area && row.period == period && row.whole == whole) {
      return row;
    }
  }
  ADD_FAILURE() << "no row " << clock << "/" << category << "/" << unit << "/"
                << area << "/" << period;
  return {};
}

// met, after due, breached, in time, late, paused, cancelled, broken before.
inline std::vector<int64_t> Counts(const ComplianceCounts& c) {
  return {c.met,          c.met_after_due, c.breached,  c.running_in_time,
          c.running_late, c.paused,        c.cancelled, c.cancelled_broken};
}

using Is = std::vector<int64_t>;

inline constexpr char kStart[] = "2026-02-09T09:00:00+08:00";
inline constexpr char kDue[] = "2026-02-11T09:00:00+08:00";

inline std::string ClockText(const std::string& state, const std::string& more,
                             const std::string& code = "resolve") {
  return "clocks { clock: '" + code + "' cycle: 1 state: " + state +
         " calendar: 'office' policy_version: 1 "
         "target { working_time: '16h' } " +
         MarkText("START", kStart) + more + "} ";
}

inline std::string DueAt(const std::string& at, const std::string& open = "") {
  return "due " + Stamp(at) + " due_next_open " +
         Stamp(open.empty() ? at : open) + " ";
}

}  // namespace hotline::testing

#endif  // HOTLINE_TESTS_READERS_REPORT_SUPPORT_H_
