// Headings of a report in its two languages, and figures in words.
#ifndef HOTLINE_SRC_READERS_REPORT_WORDS_H_
#define HOTLINE_SRC_READERS_REPORT_WORDS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "hotline/report.h"

namespace hotline::internal {

struct ReportWords {
  const char* tag;  // of the HTML document
  const char* title;
  const char* due;  // "due $0 to $1"
  const char* as_of;
  const char* whole;
  const char* nobody;
  const char* clock;
  const char* category;
  const char* unit;
  const char* area;
  const char* period;
  const char* met;
  const char* after_due;
  const char* breached;
  const char* running;
  const char* late;
  const char* paused;
  const char* cancelled;
  const char* rate;
  const char* worst;
  const char* measured;
  const char* rested;
  const char* elapsed_median;
  const char* elapsed_ninety;
  const char* working_median;
  const char* working_ninety;
  const char* empty;
  const char* says_rate;
  const char* says_few;
  const char* says_after_due;
  const char* says_cancelled;  // $0 of them broken
  const char* says_paused;
  const char* says_time;
  const char* says_worst;
  const char* says_measured;
  const char* says_unit;
  const char* says_provisional;
  const char* says_illustrative;
  const char* policy;      // "$0, version $1 in force"
  const char* version;     // "version $0, adopted $1: $2 promises"
  const char* calendars;   // "calendars $0"
  const char* zone_data;   // "zone data $0"
  const char* read;        // "$0 cases read"
  const char* not_judged;  // "$0 cases ..."
  const char* sentence;    // of one row, for those who cannot see the chart
  const char* no_rate;     // "no rate"
  const char* sla;
  const char* ola;
  const char* contract;
};

// `zh` and all that belongs to it, else English.
const ReportWords& WordsIn(std::string_view language);

// "91.7 %". 100.0 only for all, 0.0 only for none. Empty if there is none.
std::string RateText(std::optional<double> rate);
// "0.9167", or "null".
std::string RateNumber(std::optional<double> rate);
// "2026-02-13 09:00:00", which both languages read.
std::string InstantText(absl::Time at, absl::TimeZone zone);
// Hours and minutes: "26:05"; "<0:01" for what is less and yet not nothing.
std::string HoursText(absl::Duration d);

// One column of a table of rows.
struct ReportColumn {
  const char* heading;
  bool number;
  std::string (*cell)(const ComplianceReport&, const ComplianceRow&,
                      const ReportWords&, std::string_view language);
};
// Those that say something in this report: names first, then figures.
std::vector<ReportColumn> ColumnsOf(const ComplianceReport& report,
                                    const ReportWords& words);
size_t NameColumns(const ComplianceReport& report);

// What a reader must know of the figures, a sentence each.
std::vector<std::string> NotesOf(const ComplianceReport& report,
                                 const ReportWords& words);
// By which policies, calendars and zone data.
std::vector<std::string> OriginOf(const ComplianceReport& report,
                                  const ReportWords& words);
// "Promises due 2026-02-01 to 2026-02-28 (Asia/Taipei), as of ..."
std::string HeadingOf(const ComplianceReport& report, const ReportWords& words);

// The name of a code in the policy's words; the code where it has none.
std::string ClockName(const v1::PolicySpec& policy, const std::string& code,
                      std::string_view language);
// Category, unit, area and period of the row, or the word for the whole.
std::string RowTitle(const ComplianceReport& report, const ComplianceRow& row,
                     const ReportWords& words, std::string_view language);
std::string CategoryName(const v1::PolicySpec& policy, const std::string& code,
                         std::string_view language);
std::string UnitName(const v1::PolicySpec& policy, const std::string& code,
                     std::string_view language, const ReportWords& words);

std::string AreaName(const v1::PolicySpec& policy, const std::string& code,
                     std::string_view language, const ReportWords& words);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_REPORT_WORDS_H_
