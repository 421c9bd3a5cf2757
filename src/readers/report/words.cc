#include "src/readers/report/words.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "src/base/absl_bridge.h"
#include "src/base/language.h"
#include "src/base/time.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

constexpr ReportWords kEnglish = {
    .tag = "en",
    .title = "Were promises kept?",
    .due = "Promises due $0 to $1 ($2)",
    .as_of = "as of $0",
    .whole = "all",
    .nobody = "none",
    .clock = "promise",
    .category = "category",
    .unit = "unit",
    .area = "area",
    .period = "period",
    .met = "met",
    .after_due = "of them after due",
    .breached = "breached",
    .running = "open in time",
    .late = "open and late",
    .paused = "paused",
    .cancelled = "cancelled",
    .rate = "kept",
    .worst = "kept, by worst",
    .measured = "kept, as measured",
    .rested = "time paused",
    .elapsed_median = "elapsed, median",
    .elapsed_ninety = "elapsed, 9 in 10",
    .working_median = "working, median",
    .working_ninety = "working, 9 in 10",
    .empty = "No promise falls due in this time.",
    .says_rate =
        "Kept: met out of met, breached, and open and late. What is "
        "open and late counts where it fell due.",
    .says_few =
        "Fewer than $0 decided cases: counts only, no rate; fewer "
        "than $0 answers: no median.",
    .says_after_due =
        "After due: answered after the instant that was shown, "
        "before the office opened again; met.",
    .says_cancelled =
        "Cancelled: ended without a verdict (merged, cancelled); "
        "in no rate. $0 of them had been broken.",
    .says_paused =
        "Paused: rests now, and is not broken; stands where it "
        "would fall due if it went on at once.",
    .says_time =
        "Hours and minutes. Elapsed is by the wall clock, working by "
        "office hours, both without pauses, of what was answered. "
        "Time paused is by the wall clock.",
    .says_worst =
        "By worst: of cases promised several times, those whose "
        "worst was met.",
    .says_measured =
        "$0 promises were restated. As measured: as they were "
        "first judged.",
    .says_unit =
        "Promises to citizens stand under the unit that holds the "
        "case now; agreements with a unit under whose turn it was.",
    .says_provisional = "* Due beyond the days the calendar is complete for.",
    .says_illustrative =
        "ILLUSTRATIVE: some targets or hours are examples "
        "that no source gives (marked \u2020).",
    .policy = "Policy $0, version $1 in force$2",
    .version = "Version $0, adopted $1: $2 promises",
    .calendars = "; calendars $0",
    .zone_data = "; zone data $0",
    .read = "$0 cases read; zone data of this machine $1",
    .not_judged = "$0 cases could not be judged as of now and stand as stored",
    .sentence =
        "$0: $1 decided: $2 met ($3 of them after due), $4 breached, "
        "$5 open and late; $6. Beside them $7 open in time, $8 paused, "
        "$9 cancelled.",
    .no_rate = "no rate",
    .sla = "promise to the citizen",
    .ola = "agreement with a unit",
    .contract = "contract",
};

constexpr ReportWords kChinese = {
    .tag = "zh-Hant",
    .title = "時限達成情形",
    .due = "期限自 $0 至 $1（$2）",
    .as_of = "統計時點 $0",
    .whole = "合計",
    .nobody = "無",
    .clock = "時限",
    .category = "案件類別",
    .unit = "主辦機關",
    .area = "行政區",
    .period = "期間",
    .met = "如期",
    .after_due = "其中逾公告時刻",
    .breached = "逾期辦結",
    .running = "未結未逾期",
    .late = "未結已逾期",
    .paused = "暫停計時",
    .cancelled = "不計",
    .rate = "如期率",
    .worst = "如期率（取最差）",
    .measured = "如期率（原計）",
    .rested = "暫停時間",
    .elapsed_median = "歷時中位數",
    .elapsed_ninety = "歷時第 90 百分位",
    .working_median = "工時中位數",
    .working_ninety = "工時第 90 百分位",
    .empty = "這段期間沒有到期的時限。",
    .says_rate =
        "如期率＝如期 ÷（如期＋逾期辦結＋未結已逾期）；"
        "未結已逾期的，計入其期限所屬期間。",
    .says_few =
        "已判定案件未滿 $0 件者，只列件數，不計比率；"
        "回覆未滿 $0 個者，不計中位數。",
    .says_after_due =
        "逾公告時刻：在告知的時刻之後、下次上班之前回覆，仍屬如期。",
    .says_cancelled =
        "不計：併案、撤銷等未有結論者，不列入比率；"
        "其中 $0 件在此之前已逾期。",
    .says_paused =
        "暫停計時：目前停計且未逾期，"
        "列於假設立即恢復計時的到期日所屬期間。",
    .says_time =
        "單位為時:分。歷時按實際時間、工時按辦公時間，均扣除暫停，"
        "只計已回覆者；暫停時間按實際時間。",
    .says_worst = "取最差：同一案件有數個時限時，以最差者為準。",
    .says_measured = "有 $0 個時限經重新判定；原計為當初判定的結果。",
    .says_unit = "對民眾的時限列於目前主辦機關；機關內部時限列於當時承辦機關。",
    .says_provisional = "* 期限超出日曆已公布的日期，為暫定。",
    .says_illustrative =
        "示例：部分時限或辦公時間為舉例，並無公告出處（以 † 標示）。",
    .policy = "政策 $0，現行第 $1 版$2",
    .version = "第 $0 版，$1 起施行：$2 個時限",
    .calendars = "；日曆 $0",
    .zone_data = "；時區資料 $0",
    .read = "讀取 $0 件案件；本機時區資料 $1",
    .not_judged = "$0 件案件無法按統計時點判定，以儲存內容計",
    .sentence =
        "$0：已判定 $1 個，如期 $2 個（其中逾公告時刻 $3 個），"
        "逾期辦結 $4 個，未結已逾期 $5 個；$6。另有未結未逾期 $7 個，"
        "暫停計時 $8 個，不計 $9 個。",
    .no_rate = "不計比率",
    .sla = "對民眾的時限",
    .ola = "機關內部時限",
    .contract = "契約時限",
};

template <typename Specs>
std::string NameOf(const Specs& specs, const std::string& code,
                   std::string_view language) {
  for (const auto& spec : specs) {
    if (spec.code() == code) return NameIn(spec.names(), language, code);
  }
  return code;
}

std::string Number(int64_t n) { return absl::StrCat(n); }

bool By(const ComplianceReport& report, ReportBy what) {
  const auto& by = report.request.by;
  return std::find(by.begin(), by.end(), what) != by.end();
}

bool Any(const ComplianceReport& report,
         bool (*says)(const ComplianceRow& row)) {
  return std::any_of(report.rows.begin(), report.rows.end(), says);
}

using Row = ComplianceRow;
using Report = ComplianceReport;
using Words = ReportWords;

std::string ClockCell(const Report& report, const Row& row, const Words&,
                      std::string_view language) {
  return absl::StrCat(ClockName(report.policy, row.clock, language),
                      row.provisional > 0 ? " *" : "",
                      row.illustrative > 0 ? " \u2020" : "");
}

std::string Dimension(const Row& row, const Words& words, std::string name) {
  return row.whole ? std::string(words.whole) : std::move(name);
}

std::string CategoryCell(const Report& report, const Row& row,
                         const Words& words, std::string_view language) {
  // Spaces that HTML keeps, too.
  std::string indent;
  for (int i = 0; i < row.depth; ++i) indent += "\u00a0\u00a0";
  return Dimension(
      row, words, indent + CategoryName(report.policy, row.category, language));
}

std::string UnitCell(const Report& report, const Row& row, const Words& words,
                     std::string_view language) {
  return Dimension(row, words,
                   UnitName(report.policy, row.unit, language, words));
}

std::string AreaCell(const Report& report, const Row& row, const Words& words,
                     std::string_view language) {
  return Dimension(row, words,
                   AreaName(report.policy, row.area, language, words));
}

std::string PeriodCell(const Report&, const Row& row, const Words& words,
                       std::string_view) {
  return Dimension(row, words, row.period);
}

std::string RateCell(std::optional<double> rate) {
  const std::string text = RateText(rate);
  return text.empty() ? "\u2013" : text;
}

std::string HoursCell(const TimeUsed& used, absl::Duration which) {
  return used.is_told() ? HoursText(which) : "\u2013";
}

#define HOTLINE_CELL(expression)                  \
  [](const Report&, const Row& row, const Words&, \
     std::string_view) -> std::string { return expression; }

void AddCounts(const ReportWords& words, std::vector<ReportColumn>* columns) {
  const auto add = [&](const char* heading, auto cell) {
    columns->push_back({heading, true, cell});
  };
  add(words.met, HOTLINE_CELL(Number(row.counts.met)));
  add(words.after_due, HOTLINE_CELL(Number(row.counts.met_after_due)));
  add(words.breached, HOTLINE_CELL(Number(row.counts.breached)));
  add(words.late, HOTLINE_CELL(Number(row.counts.running_late)));
  add(words.rate, HOTLINE_CELL(RateCell(row.counts.rate())));
}

void AddTimes(const Report& report, const ReportWords& words,
              std::vector<ReportColumn>* columns) {
  const auto add = [&](const char* heading, auto cell) {
    columns->push_back({heading, true, cell});
  };
  add(words.rested, HOTLINE_CELL(HoursText(row.paused_time)));
  add(words.elapsed_median,
      HOTLINE_CELL(HoursCell(row.elapsed, row.elapsed.median)));
  add(words.elapsed_ninety,
      HOTLINE_CELL(HoursCell(row.elapsed, row.elapsed.ninety)));
  if (!Any(report, [](const Row& row) { return row.working.is_told(); })) {
    return;
  }
  add(words.working_median,
      HOTLINE_CELL(HoursCell(row.working, row.working.median)));
  add(words.working_ninety,
      HOTLINE_CELL(HoursCell(row.working, row.working.ninety)));
}

bool HasSeveral(const Row& row) {
  return row.counts.decided() != row.counts.cases;
}

}  // namespace

const ReportWords& WordsIn(std::string_view language) {
  return absl::StartsWithIgnoreCase(ToAbsl(language), "zh") ? kChinese
                                                            : kEnglish;
}

std::string RateText(std::optional<double> rate) {
  if (!rate.has_value()) return "";
  double tenths = std::round(*rate * 1000);
  if (*rate < 1) tenths = std::min(tenths, 999.0);
  if (*rate > 0) tenths = std::max(tenths, 1.0);
  return absl::StrFormat("%.1f %%", tenths / 10);
}

std::string RateNumber(std::optional<double> rate) {
  return rate.has_value() ? absl::StrFormat("%.4f", *rate) : "null";
}

std::string InstantText(absl::Time at, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", at, zone);
}

std::string HoursText(absl::Duration d) {
  if (d > absl::ZeroDuration() && d < absl::Minutes(1)) return "<0:01";
  const int64_t minutes = absl::ToInt64Minutes(d + absl::Seconds(30));
  return absl::StrFormat("%d:%02d", minutes / 60, minutes % 60);
}

std::string ClockName(const v1::PolicySpec& policy, const std::string& code,
                      std::string_view language) {
  return NameOf(policy.clocks(), code, language);
}

std::string CategoryName(const v1::PolicySpec& policy, const std::string& code,
                         std::string_view language) {
  return NameOf(policy.categories(), code, language);
}

std::string UnitName(const v1::PolicySpec& policy, const std::string& code,
                     std::string_view language, const ReportWords& words) {
  return code == "-" ? std::string(words.nobody)
                     : NameOf(policy.units(), code, language);
}

std::string AreaName(const v1::PolicySpec& policy, const std::string& code,
                     std::string_view language, const ReportWords& words) {
  return code == "-" ? std::string(words.nobody)
                     : NameOf(policy.areas(), code, language);
}

size_t NameColumns(const Report& report) {
  return 1 + (By(report, ReportBy::kCategory) ? 1 : 0) +
         (By(report, ReportBy::kUnit) ? 1 : 0) +
         (By(report, ReportBy::kArea) ? 1 : 0) +
         (By(report, ReportBy::kPeriod) ? 1 : 0);
}

std::vector<ReportColumn> ColumnsOf(const Report& report,
                                    const ReportWords& words) {
  std::vector<ReportColumn> columns = {{words.clock, false, ClockCell}};
  if (By(report, ReportBy::kCategory)) {
    columns.push_back({words.category, false, CategoryCell});
  }
  if (By(report, ReportBy::kUnit)) {
    columns.push_back({words.unit, false, UnitCell});
  }
  if (By(report, ReportBy::kArea)) {
    columns.push_back({words.area, false, AreaCell});
  }
  if (By(report, ReportBy::kPeriod)) {
    columns.push_back({words.period, false, PeriodCell});
  }
  AddCounts(words, &columns);
  const auto add = [&](const char* heading, auto cell) {
    columns.push_back({heading, true, cell});
  };
  if (Any(report, HasSeveral)) {
    add(words.worst, HOTLINE_CELL(RateCell(row.counts.worst_rate())));
  }
  if (report.restated > 0) {
    add(words.measured, HOTLINE_CELL(RateCell(row.measured.rate())));
  }
  add(words.running, HOTLINE_CELL(Number(row.counts.running_in_time)));
  add(words.paused, HOTLINE_CELL(Number(row.counts.paused)));
  add(words.cancelled, HOTLINE_CELL(Number(row.counts.cancelled)));
  AddTimes(report, words, &columns);
  return columns;
}

#undef HOTLINE_CELL

std::vector<std::string> NotesOf(const Report& report,
                                 const ReportWords& words) {
  std::vector<std::string> notes = {
      words.says_rate, absl::Substitute(words.says_few, kRateCasesMin),
      words.says_after_due, words.says_paused};
  int64_t broken = 0;
  for (const Row& row : report.rows) {
    if (row.whole) broken += row.counts.cancelled_broken;
  }
  notes.push_back(absl::Substitute(words.says_cancelled, broken));
  notes.push_back(words.says_time);
  if (Any(report, HasSeveral)) notes.push_back(words.says_worst);
  if (report.restated > 0) {
    notes.push_back(absl::Substitute(words.says_measured, report.restated));
  }
  if (By(report, ReportBy::kUnit)) notes.push_back(words.says_unit);
  if (Any(report, [](const Row& row) { return row.provisional > 0; })) {
    notes.push_back(words.says_provisional);
  }
  return notes;
}

std::vector<std::string> OriginOf(const Report& report,
                                  const ReportWords& words) {
  const std::string source = report.policy.source();
  std::vector<std::string> lines = {
      absl::Substitute(words.policy, report.policy.id(), report.policy_version,
                       source.empty() ? "" : absl::StrCat(" (", source, ")"))};
  for (const PolicyMet& met : report.policies) {
    std::string line = absl::Substitute(
        words.version, met.version, InstantText(met.adopted_at, report.zone),
        met.promises);
    if (!met.calendars.empty()) {
      absl::StrAppend(&line,
                      absl::Substitute(words.calendars,
                                       absl::StrJoin(met.calendars, ", ")));
    }
    absl::StrAppend(&line, absl::Substitute(words.zone_data, met.zone_data));
    lines.push_back(std::move(line));
  }
  lines.push_back(
      absl::Substitute(words.read, report.cases_read, report.zone_data));
  if (report.not_judged > 0) {
    lines.push_back(absl::Substitute(words.not_judged, report.not_judged));
  }
  return lines;
}

std::string HeadingOf(const Report& report, const ReportWords& words) {
  const bool wide = &words == &kChinese;
  return absl::StrCat(
      absl::Substitute(words.due, absl::FormatCivilTime(report.request.from),
                       absl::FormatCivilTime(report.request.to),
                       report.zone.name()),
      wide ? "，" : ", ",
      absl::Substitute(words.as_of,
                       InstantText(report.request.as_of, report.zone)));
}

std::string RowTitle(const Report& report, const Row& row,
                     const ReportWords& words, std::string_view language) {
  if (row.whole) return words.whole;
  std::vector<std::string> parts;
  const auto add = [&](bool there, auto cell) {
    if (there) parts.push_back(cell(report, row, words, language));
  };
  add(!row.category.empty(), CategoryCell);
  add(!row.unit.empty(), UnitCell);
  add(!row.area.empty(), AreaCell);
  add(!row.period.empty(), PeriodCell);
  return absl::StrJoin(parts, ", ");
}

}  // namespace hotline::internal
