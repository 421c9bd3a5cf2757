// A report as a table in columns, as CSV and as JSON.
#include "src/readers/report/plain.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "hotline/report.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/words.h"
#include "src/readers/report/words.h"

namespace hotline {
namespace internal {

void AlignRight(size_t column, std::vector<std::vector<std::string>>* rows) {
  int width = 0;
  for (const auto& row : *rows) {
    width = std::max(width, DisplayWidth(row[column]));
  }
  for (auto& row : *rows) {
    std::string& cell = row[column];
    cell.insert(0, static_cast<size_t>(width - DisplayWidth(cell)), ' ');
  }
}

std::string CsvCell(std::string_view cell) {
  if (cell.find_first_of(",\"\n\r") == std::string_view::npos) {
    return std::string(cell);
  }
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

void AddCounts(const char* key, const ComplianceCounts& c, Json* json) {
  json->Key(key).Open('{').Key("met").Number(c.met);
  json->Key("met_after_due").Number(c.met_after_due);
  json->Key("breached").Number(c.breached);
  json->Key("running_in_time").Number(c.running_in_time);
  json->Key("running_late").Number(c.running_late);
  json->Key("paused").Number(c.paused);
  json->Key("cancelled").Number(c.cancelled);
  json->Key("cancelled_broken").Number(c.cancelled_broken);
  json->Key("decided").Number(c.decided());
  json->Key("rate").Raw(RateNumber(c.rate()));
  json->Key("cases").Number(c.cases).Key("cases_met").Number(c.cases_met);
  json->Key("worst_rate").Raw(RateNumber(c.worst_rate())).Close('}');
}

}  // namespace internal

namespace {

using internal::AlignedTable;
using internal::Json;
using internal::RateNumber;
using internal::ReportColumn;
using internal::ReportWords;

std::string Seconds(absl::Duration d) {
  const int64_t ms = absl::ToInt64Milliseconds(d);
  return ms % 1000 == 0 ? absl::StrCat(ms / 1000)
                        : absl::StrFormat("%d.%03d", ms / 1000, ms % 1000);
}

const char* AgreementWord(v1::ClockSpec::Agreement agreement) {
  switch (agreement) {
    case v1::ClockSpec::OPERATIONAL_LEVEL:
      return "OLA";
    case v1::ClockSpec::CONTRACT:
      return "UC";
    default:
      return "SLA";
  }
}

void AddUsed(const char* key, const TimeUsed& used, Json* json) {
  json->Key(key).Open('{').Key("count").Number(used.count);
  if (used.is_told()) {
    json->Key("median_seconds").Raw(Seconds(used.median));
    json->Key("ninety_seconds").Raw(Seconds(used.ninety));
  }
  json->Close('}');
}

void AddRow(const ComplianceRow& row, Json* json) {
  json->Open('{').Text("clock", row.clock);
  json->Text("agreement", AgreementWord(row.agreement));
  json->Key("whole").Bool(row.whole);
  for (const auto& [key, code] :
       {std::pair<const char*, const std::string&>("category", row.category),
        {"unit", row.unit},
        {"area", row.area},
        {"period", row.period}}) {
    if (!code.empty()) json->Text(key, code);
  }
  internal::AddCounts("counts", row.counts, json);
  internal::AddCounts("as_measured", row.measured, json);
  json->Key("paused_seconds").Raw(Seconds(row.paused_time));
  json->Key("rested").Number(row.rested);
  AddUsed("elapsed", row.elapsed, json);
  AddUsed("working", row.working, json);
  json->Key("provisional").Number(row.provisional);
  json->Key("illustrative").Number(row.illustrative).Close('}');
}

void AddPolicies(const ComplianceReport& report, Json* json) {
  json->Key("policy").Open('{').Text("id", report.policy.id());
  json->Key("version").Number(report.policy_version);
  json->Text("source", report.policy.source());
  json->Key("counted").Open('[');
  for (const PolicyMet& met : report.policies) {
    json->Open('{').Key("version").Number(met.version);
    json->Text("adopted_at", internal::FormatUtc(met.adopted_at));
    json->Text("zone_data", met.zone_data).Key("calendars").Open('[');
    for (const std::string& calendar : met.calendars) json->Text(calendar);
    json->Close(']').Key("promises").Number(met.promises).Close('}');
  }
  json->Close(']').Close('}');
}

// What CSV, which has no place for notes, repeats in every line.
std::string CsvOrigin(const ComplianceReport& report) {
  std::vector<std::string> versions, calendars, zone_data;
  for (const PolicyMet& met : report.policies) {
    versions.push_back(absl::StrCat(met.version));
    for (const std::string& calendar : met.calendars) {
      calendars.push_back(absl::StrCat("v", met.version, " ", calendar));
    }
    zone_data.push_back(met.zone_data);
  }
  return absl::StrCat(absl::FormatCivilTime(report.request.from), ",",
                      absl::FormatCivilTime(report.request.to), ",",
                      internal::FormatUtc(report.request.as_of), ",",
                      internal::CsvCell(absl::StrJoin(versions, ";")), ",",
                      internal::CsvCell(absl::StrJoin(calendars, ";")), ",",
                      internal::CsvCell(absl::StrJoin(zone_data, ";")));
}

std::string CsvRate(std::optional<double> rate) {
  return rate.has_value() ? RateNumber(rate) : "";
}

std::string CsvUsed(const TimeUsed& used) {
  if (!used.is_told()) return absl::StrCat(used.count, ",,");
  return absl::StrCat(used.count, ",", Seconds(used.median), ",",
                      Seconds(used.ninety));
}

}  // namespace

std::string ToText(const ComplianceReport& report, std::string_view language) {
  const ReportWords& words = internal::WordsIn(language);
  std::string out = absl::StrCat(internal::HeadingOf(report, words), "\n");
  if (report.illustrative) absl::StrAppend(&out, words.says_illustrative, "\n");
  absl::StrAppend(&out, "\n");
  if (report.rows.empty()) {
    absl::StrAppend(&out, words.empty, "\n\n");
  } else {
    const std::vector<ReportColumn> columns =
        internal::ColumnsOf(report, words);
    std::vector<std::vector<std::string>> table(1);
    for (const ReportColumn& column : columns) {
      table[0].push_back(column.heading);
    }
    for (const ComplianceRow& row : report.rows) {
      auto& line = table.emplace_back();
      for (const ReportColumn& column : columns) {
        line.push_back(column.cell(report, row, words, language));
      }
    }
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].number) internal::AlignRight(i, &table);
    }
    absl::StrAppend(&out, AlignedTable(table), "\n");
    for (const std::string& note : internal::NotesOf(report, words)) {
      absl::StrAppend(&out, note, "\n");
    }
    absl::StrAppend(&out, "\n");
  }
  for (const std::string& line : internal::OriginOf(report, words)) {
    absl::StrAppend(&out, line, "\n");
  }
  return out;
}

std::string ToCsv(const ComplianceReport& report) {
  std::string out =
      "clock,agreement,category,unit,area,period,whole,met,met_after_due,"
      "breached,running_in_time,running_late,paused,cancelled,"
      "cancelled_broken,decided,rate,cases,cases_met,worst_rate,"
      "measured_met,measured_breached,measured_rate,paused_seconds,rested,"
      "elapsed_count,elapsed_median_seconds,elapsed_ninety_seconds,"
      "working_count,working_median_seconds,working_ninety_seconds,"
      "provisional,illustrative,due_from,due_to,as_of,policy_versions,"
      "calendars,zone_data\n";
  const std::string origin = CsvOrigin(report);
  for (const ComplianceRow& row : report.rows) {
    const ComplianceCounts& c = row.counts;
    const ComplianceCounts& m = row.measured;
    out +=
        absl::StrJoin({internal::CsvCell(row.clock),
                       std::string(AgreementWord(row.agreement)),
                       internal::CsvCell(row.category),
                       internal::CsvCell(row.unit), internal::CsvCell(row.area),
                       row.period, std::string(row.whole ? "true" : "false")},
                      ",");
    absl::StrAppend(&out, ",", c.met, ",", c.met_after_due, ",", c.breached,
                    ",", c.running_in_time, ",", c.running_late, ",");
    absl::StrAppend(&out, c.paused, ",", c.cancelled, ",", c.cancelled_broken,
                    ",", c.decided(), ",", CsvRate(c.rate()), ",");
    absl::StrAppend(&out, c.cases, ",", c.cases_met, ",",
                    CsvRate(c.worst_rate()), ",", m.met, ",", m.breached, ",",
                    CsvRate(m.rate()), ",");
    absl::StrAppend(&out, Seconds(row.paused_time), ",", row.rested, ",",
                    CsvUsed(row.elapsed), ",", CsvUsed(row.working), ",");
    absl::StrAppend(&out, row.provisional, ",", row.illustrative, ",", origin,
                    "\n");
  }
  return out;
}

std::string ToJson(const ComplianceReport& report) {
  Json json;
  json.Open('{').Text("report", "compliance");
  json.Text("tenant", report.request.tenant);
  json.Text("due_from", absl::FormatCivilTime(report.request.from));
  json.Text("due_to", absl::FormatCivilTime(report.request.to));
  json.Text("time_zone", report.zone.name());
  json.Text("as_of", internal::FormatUtc(report.request.as_of));
  AddPolicies(report, &json);
  json.Text("zone_data", report.zone_data);
  json.Key("illustrative").Bool(report.illustrative);
  json.Key("restated").Number(report.restated);
  json.Key("cases_read").Number(report.cases_read);
  json.Key("not_judged").Number(report.not_judged);
  json.Key("rate_cases_min").Number(kRateCasesMin);
  json.Key("rows").Open('[');
  for (const ComplianceRow& row : report.rows) AddRow(row, &json);
  json.Close(']').Close('}');
  return json.Take();
}

}  // namespace hotline
