// The sheet that a city signs, as text, HTML and CSV.
#include <string>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/sheet.h"
#include "src/base/absl_bridge.h"
#include "src/readers/inspect/sheet.h"
#include "src/readers/inspect/words.h"

namespace hotline {
namespace internal {
namespace {

// Paper first: A4 across, heads repeated on every page, rows never torn. On a
// telephone each row becomes a card whose cells name themselves.
constexpr char kStyle[] = R"(
:root{color-scheme:light}
body{font:15px/1.5 system-ui,"Noto Sans TC","Noto Sans CJK TC","Microsoft JhengHei",sans-serif;color:#111;background:#fff;margin:1.5rem auto;max-width:80rem;padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.15rem;margin:1.6rem 0 .4rem}h3{font-size:1rem;margin:1rem 0 .2rem}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{border:1px solid #888;padding:.3rem .4rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
thead th{background:#eee}td.promise{font-weight:600}td.mark{font-style:italic}
dl{display:grid;grid-template-columns:minmax(8em,14em) 1fr;gap:.1rem .8rem;margin:.2rem 0}dt{color:#444}dd{margin:0}
p.mark{border-left:4px solid #888;padding-left:.6rem;font-style:italic}
@media (max-width:50rem){thead{display:none}table,tbody,tr,td{display:block;width:auto}tr{border:1px solid #888;margin:0 0 .8rem}td{border:0;border-bottom:1px solid #ddd}td:empty{display:none}td::before{content:attr(data-head);display:block;font-size:11px;color:#555;font-weight:400;font-style:normal}dl{grid-template-columns:1fr}dt{margin-top:.4rem}}
@media print{@page{size:A4 landscape;margin:12mm}body{margin:0;max-width:none;font-size:9.5pt}table{font-size:8pt}thead{display:table-header-group}tr,dl{break-inside:avoid}h2,h3{break-after:avoid}}
)";

std::string TitleOf(const Policy& policy, const Speaker& speaker) {
  const v1::PolicySpec& spec = policy.spec();
  return speaker.Say(
      {Saying::kSheetTitle,
       0,
       {{"policy", spec.title().empty() ? spec.id() : spec.title()}}});
}

// RFC 4180; and what begins like a formula is made plain text.
std::string CsvCell(std::string_view text) {
  std::string out(text);
  if (!out.empty() &&
      std::string_view("=+-@\t\r").find(out[0]) != std::string_view::npos) {
    out.insert(out.begin(), '\'');
  }
  if (out.find_first_of(",\"\r\n") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

void CsvRow(const std::vector<std::string>& cells, std::string* out) {
  for (size_t i = 0; i < cells.size(); ++i) {
    absl::StrAppend(out, i == 0 ? "" : ",", CsvCell(cells[i]));
  }
  *out += "\r\n";
}

std::string SheetCsv(const Policy& policy, const Speaker& speaker) {
  std::string out;
  std::vector<std::string> head = SheetHead(speaker);
  head.insert(head.begin(), {"category", "clock"});
  CsvRow(head, &out);
  for (const SheetRow& row : RowsOf(policy, speaker)) {
    std::vector<std::string> cells = SheetCells(row);
    cells.insert(
        cells.begin(),
        {row.category->code, row.clock == nullptr ? "" : row.clock->code()});
    CsvRow(cells, &out);
  }
  return out;
}

std::string SheetText(const Policy& policy, const Speaker& speaker) {
  const v1::PolicySpec& spec = policy.spec();
  std::string out = absl::StrCat(
      TitleOf(policy, speaker), "\n",
      speaker.Say({Saying::kSheetPolicy, 0, {{"policy", spec.id()}}}), "\n");
  if (!spec.source().empty()) {
    absl::StrAppend(
        &out, speaker.Say({Saying::kSource, 0, {{"source", spec.source()}}}),
        "\n");
  }
  if (spec.illustrative()) {
    absl::StrAppend(&out, speaker.Say(Saying::kIllustrativeAll), "\n");
  }
  const std::vector<std::string> head = SheetHead(speaker);
  std::string matter;
  for (const SheetRow& row : RowsOf(policy, speaker)) {
    if (row.matter != matter) absl::StrAppend(&out, "\n", row.matter, "\n");
    matter = row.matter;
    absl::StrAppend(&out, "  ", row.what, row.what.empty() ? "" : ": ",
                    row.promise, row.mark.empty() ? "" : " [", row.mark,
                    row.mark.empty() ? "" : "]", "\n");
    if (row.target == nullptr) continue;
    const std::vector<std::string> cells = SheetCells(row);
    for (size_t i = 3; i + 1 < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      absl::StrAppend(&out, "    ", PadRight(head[i], 14), " ", cells[i], "\n");
    }
  }
  const auto sections = [&](Saying heading,
                            const std::vector<SheetSection>& all) {
    if (all.empty()) return;
    absl::StrAppend(&out, "\n", speaker.Say(heading), "\n");
    for (const SheetSection& section : all) {
      absl::StrAppend(&out, "  ", section.heading, "\n");
      for (const auto& [what, value] : section.lines) {
        absl::StrAppend(&out, "    ", PadRight(what, 22), " ", value, "\n");
      }
    }
  };
  sections(Saying::kSheetCalendars, CalendarSections(policy, speaker));
  sections(Saying::kSheetEvents, EventSections(policy, speaker));
  return out;
}

void HtmlSections(Saying heading, const std::vector<SheetSection>& all,
                  const Speaker& speaker, std::string* out) {
  if (all.empty()) return;
  absl::StrAppend(out, "<h2>", XmlEscape(speaker.Say(heading)), "</h2>\n");
  for (const SheetSection& section : all) {
    absl::StrAppend(out, "<h3>", XmlEscape(section.heading), "</h3>\n<dl>\n");
    for (const auto& [what, value] : section.lines) {
      absl::StrAppend(out, "<dt>", XmlEscape(what), "</dt><dd>",
                      XmlEscape(value), "</dd>\n");
    }
    *out += "</dl>\n";
  }
}

std::string SheetHtml(const Policy& policy, const Speaker& speaker) {
  const v1::PolicySpec& spec = policy.spec();
  const std::string title = XmlEscape(TitleOf(policy, speaker));
  std::string out = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"", ToAbsl(speaker.language().tag),
      "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>",
      title, "</title>\n<style>", kStyle, "</style>\n</head>\n<body>\n<h1>",
      title, "</h1>\n<p>",
      XmlEscape(
          speaker.Say({Saying::kSheetPolicy, 0, {{"policy", spec.id()}}})));
  if (!spec.source().empty()) {
    absl::StrAppend(&out, "<br>",
                    XmlEscape(speaker.Say(
                        {Saying::kSource, 0, {{"source", spec.source()}}})));
  }
  out += "</p>\n";
  const std::vector<SheetRow> rows = RowsOf(policy, speaker);
  bool illustrative = spec.illustrative();
  for (const SheetRow& row : rows) illustrative |= row.illustrative;
  if (illustrative) {
    absl::StrAppend(&out, "<p class=\"mark\">",
                    XmlEscape(speaker.Say(Saying::kSheetNote)), "</p>\n");
  }
  out += "<table>\n<thead><tr>";
  const std::vector<std::string> head = SheetHead(speaker);
  for (const std::string& cell : head) {
    absl::StrAppend(&out, "<th scope=\"col\">", XmlEscape(cell), "</th>");
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const SheetRow& row : rows) {
    out += "<tr>";
    const std::vector<std::string> cells = SheetCells(row);
    for (size_t i = 0; i < cells.size(); ++i) {
      const char* kind = i == 2                  ? " class=\"promise\""
                         : i + 1 == cells.size() ? " class=\"mark\""
                                                 : "";
      absl::StrAppend(&out, "<td", kind, " data-head=\"", XmlEscape(head[i]),
                      "\">", XmlEscape(cells[i]), "</td>");
    }
    out += "</tr>\n";
  }
  out += "</tbody>\n</table>\n";
  HtmlSections(Saying::kSheetCalendars, CalendarSections(policy, speaker),
               speaker, &out);
  HtmlSections(Saying::kSheetEvents, EventSections(policy, speaker), speaker,
               &out);
  return out + "</body>\n</html>\n";
}

}  // namespace
}  // namespace internal

absl::StatusOr<SheetForm> ParseSheetForm(std::string_view word) {
  static const std::vector<std::string> known = {"text", "html", "csv"};
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i] == word) return static_cast<SheetForm>(i);
  }
  const std::string near = Nearest(word, known);
  return MakeError(
      v1::ErrorInfo::INVALID_ARGUMENT,
      absl::StrCat("no format \"", internal::ToAbsl(word), "\"; ",
                   near.empty() ? "it is one of text, html, csv"
                                : absl::StrCat("did you mean ", near, "?")));
}

std::string PolicySheet(const Policy& policy, SheetForm form,
                        std::string_view language) {
  const internal::Speaker speaker(internal::LanguageOf(language),
                                  policy.time_zone());
  switch (form) {
    case SheetForm::kHtml:
      return internal::SheetHtml(policy, speaker);
    case SheetForm::kCsv:
      return internal::SheetCsv(policy, speaker);
    case SheetForm::kText:
      break;
  }
  return internal::SheetText(policy, speaker);
}

}  // namespace hotline
