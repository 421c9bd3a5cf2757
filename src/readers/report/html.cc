// A report as one page: a chart for each clock, its figures in words and in a
// table. Nothing outside it is needed, no script, and nothing is wider than a
// telephone of 360 pixels: there every row becomes a card.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "hotline/report.h"
#include "src/base/absl_bridge.h"
#include "src/readers/inspect/words.h"
#include "src/readers/report/words.h"

namespace hotline {
namespace {

using internal::ReportColumn;
using internal::ReportWords;
using internal::XmlEscape;

// What is broken is hatched and named: no difference is told by colour alone.
constexpr char kStyle[] = R"css(
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1c2430;
  --muted: #5a6472; --line: #dcdad3; --track: #efede7; --good: #235f83;
  --bad: #b4371d; --note: #fdf3d8; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181e;
  --ink: #e7e9ec; --muted: #a3adba; --line: #353d48; --track: #262d37;
  --good: #6fb0d6; --bad: #f0876b; --note: #3a331d; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  overflow-wrap: break-word;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans",
    "PingFang TC", "Microsoft JhengHei", "Noto Sans CJK TC", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 16px 48px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 1.2rem; margin: 36px 0 4px; padding-top: 12px;
  border-top: 2px solid var(--ink); }
h2 small { font-size: .8rem; font-weight: 400; color: var(--muted); }
p { margin: 0 0 8px; }
.lead, .say, footer { color: var(--muted); }
.say, footer { font-size: .9rem; }
.note { background: var(--note); border-left: 4px solid var(--bad);
  padding: 8px 12px; margin: 14px 0; }
ul { margin: 0 0 12px; padding: 0 0 0 18px; }
figure { margin: 14px 0 18px; max-width: 760px; }
.key { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0 0 10px;
  padding: 0; list-style: none; font-size: .82rem; color: var(--muted); }
.key svg { width: 26px; height: 12px; margin-right: 6px;
  vertical-align: -1px; }
.bar { margin: 0 0 9px; break-inside: avoid; }
.bar div { display: flex; justify-content: space-between; gap: 12px;
  font-size: .86rem; line-height: 1.3; }
.bar b { font-weight: 600; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
svg { display: block; }
.key svg { display: inline-block; }
.bar svg { width: 100%; height: 16px; margin-top: 2px; }
.track { fill: var(--track); }
.met { fill: var(--good); }
.after { fill: url(#after); stroke: var(--good); }
.breached { fill: url(#breached); stroke: var(--bad); }
.late { fill: url(#late); stroke: var(--bad); }
.open { fill: none; stroke: var(--good); }
.paused { fill: url(#paused); stroke: var(--muted); }
.g { stroke: var(--good); fill: none; } .b { stroke: var(--bad); fill: none; }
.m { fill: var(--muted); }
table { width: 100%; border-collapse: collapse; font-size: .8rem;
  line-height: 1.3; }
th, td { text-align: left; vertical-align: top; padding: 5px 0 5px 8px;
  border-bottom: 1px solid var(--line); }
thead th { color: var(--muted); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; min-width: 6.2em; }
th:first-child, td:first-child { padding-left: 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n { white-space: nowrap; }
tr.whole th, tr.whole td { font-weight: 650; }
@media screen and (max-width: 820px) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }
  table, tbody, tr, th, td { display: block; }
  tr { border-bottom: 2px solid var(--line); padding: 8px 0; }
  th, td, th:first-child, td:first-child { border: 0; padding: 1px 0; }
  td { display: flex; justify-content: space-between; gap: 16px; }
  td::before { content: attr(data-label); color: var(--muted);
    font-weight: 400; }
  tbody th { font-weight: 650; font-size: .92rem; }
}
@media print {
  :root { --paper: #fff; --ink: #000; --muted: #444; --line: #bbb;
    --track: #eee; --good: #235f83; --bad: #b4371d; --note: #fff; }
  @page { size: A4 landscape; margin: 12mm; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2, figure { break-after: avoid; }
  tr, .note { break-inside: avoid; }
  thead { display: table-header-group; }
}
)css";

constexpr char kPatterns[] =
    R"(<svg width="0" height="0" style="position:absolute" aria-hidden="true">)"
    R"(<defs><pattern id="after" width="6" height="6" )"
    R"(patternUnits="userSpaceOnUse"><path class="g" stroke-width="3" )"
    R"(d="M0 1.5h6"/></pattern>)"
    R"(<pattern id="breached" width="6" height="6" )"
    R"(patternUnits="userSpaceOnUse"><path class="b" stroke-width="2" )"
    R"(d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5"/></pattern>)"
    R"(<pattern id="late" width="6" height="6" )"
    R"(patternUnits="userSpaceOnUse"><path class="b" stroke-width="2" )"
    R"(d="M-1 7L7 -1M-1 -1L7 7"/></pattern>)"
    R"(<pattern id="paused" width="6" height="6" )"
    R"(patternUnits="userSpaceOnUse"><circle class="m" cx="3" cy="3" )"
    R"(r="1.3"/></pattern></defs></svg>)"
    "\n";

struct Part {
  const char* style;
  int64_t count;
};

std::vector<Part> PartsOf(const ComplianceCounts& c) {
  return {{"met", c.met - c.met_after_due}, {"after", c.met_after_due},
          {"breached", c.breached},         {"late", c.running_late},
          {"open", c.running_in_time},      {"paused", c.paused}};
}

std::string Bar(const ComplianceCounts& counts) {
  int64_t all = 0;
  for (const Part& part : PartsOf(counts)) all += part.count;
  std::string out =
      R"(<svg aria-hidden="true"><rect class="track" width="100%" )"
      R"(height="16"/>)";
  double at = 0;
  for (const Part& part : PartsOf(counts)) {
    if (part.count == 0) continue;
    const double width =
        100.0 * static_cast<double>(part.count) / static_cast<double>(all);
    absl::StrAppendFormat(
        &out,
        R"(<rect class="%s" x="%.3f%%" y="1" width="%.3f%%" height="14"/>)",
        part.style, at, width);
    at += width;
  }
  return out + "</svg>";
}

std::string Sentence(const std::string& title, const ComplianceCounts& c,
                     const ReportWords& words) {
  const std::string rate = internal::RateText(c.rate());
  return absl::Substitute(words.sentence, title, c.decided(), c.met,
                          c.met_after_due, c.breached, c.running_late,
                          rate.empty() ? std::string(words.no_rate)
                                       : absl::StrCat(words.rate, " ", rate),
                          c.running_in_time, c.paused, c.cancelled);
}

std::string Key(const ReportWords& words) {
  std::string out = "<ul class=\"key\">";
  for (const auto& [style, word] :
       {std::pair("met", words.met), std::pair("after", words.after_due),
        std::pair("breached", words.breached), std::pair("late", words.late),
        std::pair("open", words.running), std::pair("paused", words.paused)}) {
    absl::StrAppend(&out, "<li><svg aria-hidden=\"true\"><rect class=\"", style,
                    "\" x=\"1\" y=\"1\" width=\"24\" height=\"10\"/></svg>",
                    XmlEscape(word), "</li>");
  }
  return out + "</ul>\n";
}

class Page {
 public:
  Page(const ComplianceReport& report, std::string_view language)
      : report_(report),
        language_(language),
        words_(internal::WordsIn(language)),
        columns_(internal::ColumnsOf(report, words_)),
        names_(internal::NameColumns(report)) {}

  std::string Write();

 private:
  void Head();
  void Clock(size_t from, size_t to);
  void Chart(size_t from, size_t to);
  void Table(size_t from, size_t to);
  void Foot();
  std::string Title(const ComplianceRow& row) const {
    return XmlEscape(internal::RowTitle(report_, row, words_, language_));
  }

  const ComplianceReport& report_;
  const std::string_view language_;
  const ReportWords& words_;
  const std::vector<ReportColumn> columns_;
  const size_t names_;
  std::string out_;
};

void Page::Head() {
  absl::StrAppend(
      &out_, "<!doctype html>\n<html lang=\"", words_.tag,
      "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>",
      words_.title, "</title>\n<style>", kStyle, "</style>\n</head>\n<body>\n",
      kPatterns, "<main>\n<h1>", words_.title, "</h1>\n<p class=\"lead\">");
  const std::string& title = report_.policy.title();
  absl::StrAppend(&out_, XmlEscape(title.empty() ? report_.policy.id() : title),
                  ". ", XmlEscape(internal::HeadingOf(report_, words_)),
                  "</p>\n");
  if (report_.illustrative) {
    absl::StrAppend(&out_, "<p class=\"note\">",
                    XmlEscape(words_.says_illustrative), "</p>\n");
  }
}

void Page::Chart(size_t from, size_t to) {
  absl::StrAppend(&out_, "<figure>\n", Key(words_));
  for (size_t i = from; i < to; ++i) {
    const ComplianceRow& row = report_.rows[i];
    const std::string rate = internal::RateText(row.counts.rate());
    absl::StrAppend(
        &out_, "<div class=\"bar\" role=\"img\" aria-label=\"",
        Sentence(Title(row), row.counts, words_), "\"><div><span>", Title(row),
        "</span><b>",
        rate.empty() ? absl::StrCat(row.counts.met, " / ", row.counts.decided())
                     : rate,
        "</b></div>", Bar(row.counts), "</div>\n");
  }
  absl::StrAppend(&out_, "</figure>\n");
}

void Page::Table(size_t from, size_t to) {
  absl::StrAppend(&out_, "<table>\n<thead><tr>");
  // The clock is the heading above; a row is named in one cell.
  std::vector<std::string> names;
  for (size_t c = names_ > 1 ? 1 : 0; c < names_; ++c) {
    names.push_back(XmlEscape(columns_[c].heading));
  }
  absl::StrAppend(&out_, "<th scope=\"col\">", absl::StrJoin(names, ", "),
                  "</th>");
  for (size_t c = names_; c < columns_.size(); ++c) {
    absl::StrAppend(&out_, "<th scope=\"col\" class=\"n\">",
                    XmlEscape(columns_[c].heading), "</th>");
  }
  absl::StrAppend(&out_, "</tr></thead>\n<tbody>\n");
  for (size_t i = from; i < to; ++i) {
    const ComplianceRow& row = report_.rows[i];
    absl::StrAppend(&out_, row.whole ? "<tr class=\"whole\">" : "<tr>",
                    "<th scope=\"row\">", Title(row),
                    row.provisional > 0 ? " *" : "",
                    row.illustrative > 0 ? " \u2020" : "", "</th>");
    for (size_t c = names_; c < columns_.size(); ++c) {
      absl::StrAppend(
          &out_, "<td class=\"n\" data-label=\"",
          XmlEscape(columns_[c].heading), "\">",
          XmlEscape(columns_[c].cell(report_, row, words_, language_)),
          "</td>");
    }
    absl::StrAppend(&out_, "</tr>\n");
  }
  absl::StrAppend(&out_, "</tbody>\n</table>\n");
}

void Page::Clock(size_t from, size_t to) {
  const ComplianceRow& whole = report_.rows[from];
  const std::string name =
      XmlEscape(internal::ClockName(report_.policy, whole.clock, language_));
  const char* agreement =
      whole.agreement == v1::ClockSpec::OPERATIONAL_LEVEL ? words_.ola
      : whole.agreement == v1::ClockSpec::CONTRACT        ? words_.contract
                                                          : words_.sla;
  absl::StrAppend(&out_, "<section>\n<h2>", name, " <small>", agreement,
                  "</small></h2>\n<p class=\"say\">",
                  Sentence(name, whole.counts, words_), "</p>\n");
  Chart(from, to);
  Table(from, to);
  absl::StrAppend(&out_, "</section>\n");
}

void Page::Foot() {
  absl::StrAppend(&out_, "<footer>\n<hr>\n<ul>\n");
  if (!report_.rows.empty()) {
    for (const std::string& note : internal::NotesOf(report_, words_)) {
      absl::StrAppend(&out_, "<li>", XmlEscape(note), "</li>\n");
    }
  }
  for (const std::string& line : internal::OriginOf(report_, words_)) {
    absl::StrAppend(&out_, "<li>", XmlEscape(line), "</li>\n");
  }
  absl::StrAppend(&out_, "</ul>\n</footer>\n");
}

std::string Page::Write() {
  Head();
  if (report_.rows.empty()) {
    absl::StrAppend(&out_, "<p>", words_.empty, "</p>\n");
  }
  for (size_t from = 0; from < report_.rows.size();) {
    size_t to = from + 1;
    while (to < report_.rows.size() &&
           report_.rows[to].clock == report_.rows[from].clock) {
      ++to;
    }
    Clock(from, to);
    from = to;
  }
  Foot();
  absl::StrAppend(&out_, "</main>\n</body>\n</html>\n");
  return std::move(out_);
}

}  // namespace

std::string ToHtml(const ComplianceReport& report, std::string_view language) {
  return Page(report, language).Write();
}

}  // namespace hotline
