#include "report.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "svg.h"

namespace city {
namespace {

constexpr char kTitle[] = "City hotline report";
// A chart of more lines than this is no picture; its table has them all.
constexpr size_t kLinesMax = 24;

std::string Zh(std::string_view text) {
  if (text.empty()) return "";
  return absl::StrCat(" <span class=\"zh\" lang=\"zh-Hant\">", Escape(text),
                      "</span>");
}

std::string Both(const Name& name) {
  return absl::StrCat(Escape(name.en), name.zh == name.en ? "" : Zh(name.zh));
}

std::string Heading(int level, std::string_view id, const Name& name) {
  return absl::StrCat("<h", level, id.empty() ? "" : " id=\"", std::string(id),
                      id.empty() ? "" : "\"", ">", Escape(name.en),
                      " <span lang=\"zh-Hant\">", Escape(name.zh), "</span></h",
                      level, ">\n");
}

std::string Mark() { return "<span class=\"ill\">illustrative</span>"; }

// A chart with its words before and its table after it.
std::string Figure(const Name& title, std::string_view say,
                   std::string_view chart, std::string_view table) {
  return absl::StrCat("<figure>\n<figcaption>", Heading(3, "", title),
                      "<p class=\"say\">", std::string(say),
                      "</p></figcaption>\n", std::string(chart),
                      std::string(table), "</figure>\n");
}

struct Column {
  std::string_view head;
  bool number = true;
};

// Cells are HTML; the first of each row is its heading.
std::string Table(std::string_view caption, std::vector<Column> columns,
                  const std::vector<std::vector<std::string>>& rows) {
  std::string html = absl::StrCat("<table><caption>", Escape(caption),
                                  "</caption><thead><tr>");
  for (const Column& column : columns) {
    absl::StrAppend(&html, "<th scope=\"col\"",
                    column.number ? " class=\"n\">" : ">", Escape(column.head),
                    "</th>");
  }
  absl::StrAppend(&html, "</tr></thead><tbody>\n");
  for (const auto& row : rows) {
    absl::StrAppend(&html, "<tr>");
    for (size_t i = 0; i < row.size(); ++i) {
      if (i == 0) {
        absl::StrAppend(&html, "<th scope=\"row\"",
                        columns[0].number ? " class=\"n\">" : ">", row[i],
                        "</th>");
      } else {
        absl::StrAppend(&html, "<td", columns[i].number ? " class=\"n\">" : ">",
                        row[i], "</td>");
      }
    }
    absl::StrAppend(&html, "</tr>\n");
  }
  return absl::StrCat(html, "</tbody></table>\n");
}

// A table that says no more than its chart does: opened at will, and printed.
std::string Folded(std::string_view table) {
  return absl::StrCat(
      "<details><summary>Table <span lang=\"zh-Hant\">數據表"
      "</span></summary>\n",
      std::string(table), "</details>\n");
}

std::string CountsFigure(const Name& title, std::string_view id,
                         std::string_view say, std::string_view what,
                         const std::vector<Count>& counts, int64_t whole) {
  if (counts.empty()) return "";
  std::vector<Bar> bars;
  std::vector<std::vector<std::string>> rows;
  std::string description;
  for (const Count& count : counts) {
    const std::string share =
        Percent(static_cast<double>(count.count), static_cast<double>(whole));
    bars.push_back({.name = count.name,
                    .value = static_cast<double>(count.count),
                    .text = Thousands(count.count)});
    rows.push_back({Both(count.name), Thousands(count.count), share});
    absl::StrAppend(&description, description.empty() ? "" : "; ",
                    count.name.en, " ", Thousands(count.count));
  }
  return Figure(
      title, say,
      BarChart({std::string(id), title.en, description + "."}, bars),
      Folded(Table(title.en, {{"", false}, {what}, {"share"}}, rows)));
}

std::string Tile(std::string_view what, std::string_view value,
                 std::string_view more) {
  return absl::StrCat("<div><dt>", Escape(what), "</dt><dd>", Escape(value),
                      "<small>", Escape(more), "</small></dd></div>\n");
}

std::string Tiles(const Figures& f) {
  const Verdicts& v = f.verdicts;
  const auto kept = static_cast<double>(v.kept + v.kept_late);
  return absl::StrCat(
      "<dl class=\"tiles\">\n",
      f.contacts == 0
          ? ""
          : Tile("Contacts 話務", Thousands(f.contacts),
                 absl::StrCat(
                     Thousands(f.contacts /
                               std::max<int64_t>(
                                   1, static_cast<int64_t>(f.days.size()))),
                     " a day")),
      Tile("Cases 案件", Thousands(f.cases),
           absl::StrCat(Thousands(f.resolved), " resolved")),
      Tile("Median time to resolve", Spell(f.median_hours),
           absl::StrCat("nine of ten within ", Spell(f.ninety_hours))),
      Tile("Promises kept 如期",
           Percent(kept, static_cast<double>(v.decided())),
           absl::StrCat(Thousands(v.broken), " broken of ",
                        Thousands(v.decided()))),
      Tile("Notices delivered 通知", Thousands(f.notices_total),
           f.timers > 0 ? absl::StrCat(Thousands(f.timers), " timers fired")
                        : "each counted once"),
      f.seconds > 0 ? Tile("Commands a second",
                           Thousands(static_cast<int64_t>(
                               static_cast<double>(f.commands) / f.seconds)),
                           absl::StrFormat("%s in %.0f s, one machine",
                                           Thousands(f.commands), f.seconds))
                    : "",
      "</dl>\n");
}

std::string Head(const Page& page) {
  const Figures& f = page.figures;
  const std::string month =
      absl::FormatCivilTime(absl::CivilMonth(f.first)) ==
              absl::FormatCivilTime(absl::CivilMonth(f.last))
          ? absl::FormatTime("%B %Y",
                             absl::FromCivil(f.first, absl::UTCTimeZone()),
                             absl::UTCTimeZone())
          : absl::StrCat(absl::FormatCivilTime(f.first), " to ",
                         absl::FormatCivilTime(f.last));
  std::string note = absl::StrCat("<p class=\"note\"><strong>",
                                  Escape(page.origin), ".</strong> ");
  absl::StrAppend(&note, "Judged by the policy <em>", Escape(f.policy_id),
                  "</em>");
  if (!f.policy_source.empty()) {
    absl::StrAppend(&note, " (", Escape(f.policy_source), ")");
  }
  absl::StrAppend(&note, ". ");
  if (f.illustrative) {
    absl::StrAppend(&note, "Promised times marked ", Mark(),
                    " are examples: no published source gives them. ");
  }
  absl::StrAppend(&note,
                  "Every figure below was counted from the stored cases, "
                  "contacts and delivered notices.</p>\n");
  return absl::StrCat(
      "<header>\n<h1>", kTitle,
      " <span lang=\"zh-Hant\">1999 市民熱線報表</span></h1>\n<p "
      "class=\"lead\">",
      Escape(month), " · ",
      Escape(f.policy_title.empty() ? f.policy_id : f.policy_title), "</p>\n",
      note, "<nav>",
      f.contacts == 0 ? "" : "<a href=\"#contacts\">Contacts</a>",
      "<a href=\"#cases\">Cases</a><a href=\"#promises\">Promises</a><a "
      "href=\"#notices\">Notices</a>",
      page.stories.empty() ? "" : "<a href=\"#stories\">Three cases</a>",
      page.sources.empty() ? "" : "<a href=\"#sources\">Sources</a>",
      "</nav>\n", Tiles(f), "</header>\n");
}

std::string HourSection(const Figures& f) {
  std::vector<std::vector<std::string>> rows;
  auto daily = [](int64_t count, int64_t days) {
    return absl::StrFormat("%.1f",
                           static_cast<double>(count) /
                               static_cast<double>(std::max<int64_t>(days, 1)));
  };
  size_t peak = 0;
  for (size_t h = 0; h < 24; ++h) {
    if (f.hours_working[h] > f.hours_working[peak]) peak = h;
    rows.push_back({absl::StrFormat("%02d:00", h),
                    daily(f.hours_working[h], f.days_working),
                    daily(f.hours_free[h], f.days_free)});
  }
  const std::string say = absl::StrFormat(
      "Mean contacts an hour. The busiest hour of a working day begins at "
      "%02d:00.",
      peak);
  return Figure(
      {"Contacts by hour of the day", "每小時話務量"}, say,
      HourChart({"hours", "Contacts by hour of the day", say}, f),
      Folded(Table("Mean contacts in each hour",
                   {{"hour", false}, {"working days"}, {"weekends, holidays"}},
                   rows)));
}

std::string ContactSection(const Figures& f) {
  if (f.contacts == 0) return "";
  return absl::StrCat(
      Heading(2, "contacts", {"Contacts", "話務"}),
      "<p class=\"say\">A contact is one call, message or visit. It may open a "
      "case, concern a known one, or none.</p>\n",
      CountsFigure({"Contacts by kind", "話務類別"}, "kinds",
                   "What people wanted.", "contacts", f.kinds, f.contacts),
      CountsFigure({"Languages", "服務語言"}, "languages",
                   "In which language it was spoken.", "contacts", f.languages,
                   f.contacts),
      CountsFigure({"Channels", "受理管道"}, "channels", "How it came in.",
                   "contacts", f.channels, f.contacts),
      HourSection(f));
}

std::string DaySection(const Figures& f) {
  if (f.days.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  int64_t opened = 0, resolved = 0;
  for (const DayFigures& day : f.days) {
    const std::string mark = day.make_up   ? " 補班 make-up"
                             : day.holiday ? " 放假 holiday"
                                           : "";
    static constexpr const char* kDays[] = {"Mon", "Tue", "Wed", "Thu",
                                            "Fri", "Sat", "Sun"};
    rows.push_back(
        {absl::StrCat(day.date.day(), " ",
                      kDays[static_cast<int>(absl::GetWeekday(day.date))],
                      mark),
         Thousands(day.opened), Thousands(day.resolved),
         Thousands(day.open_at_end)});
    opened += day.opened;
    resolved += day.resolved;
  }
  const std::string description =
      absl::StrCat(Thousands(opened), " cases opened and ", Thousands(resolved),
                   " resolved, merged or withdrawn by its last day; ",
                   f.days.empty() ? "0" : Thousands(f.days.back().open_at_end),
                   " open at its end.");
  return Figure(
      {"Opened and ended, day by day", "每日受理與結束"},
      absl::StrCat(description,
                   " Shaded: offices closed. <b lang=\"zh-Hant\">補</b> a "
                   "Saturday made up, <b lang=\"zh-Hant\">假</b> a public "
                   "holiday."),
      DayChart({"days", "Cases opened and ended by day", description}, f.days),
      Folded(
          Table("Cases by day",
                {{"date", false}, {"opened"}, {"ended"}, {"open at day's end"}},
                rows)));
}

std::string CaseSection(const Figures& f) {
  std::vector<Bar> bars;
  std::vector<Range> ranges;
  std::vector<std::vector<std::string>> rows, times;
  for (const CategoryFigures& c : f.categories) {
    if (bars.size() < kLinesMax) {
      bars.push_back({.name = c.name,
                      .value = static_cast<double>(c.cases),
                      .text = Thousands(c.cases)});
      ranges.push_back({c.name, c.median_hours, c.ninety_hours});
    }
    rows.push_back({Both(c.name), Thousands(c.cases), Thousands(c.resolved)});
    times.push_back({Both(c.name),
                     absl::StrCat(Escape(c.promise),
                                  c.promise_illustrative ? " " + Mark() : ""),
                     Spell(c.median_hours), Spell(c.ninety_hours)});
  }
  const std::string most =
      f.categories.empty()
          ? ""
          : absl::StrCat(f.categories[0].name.en, " is the largest with ",
                         Thousands(f.categories[0].cases), " of ",
                         Thousands(f.cases), " cases.",
                         bars.size() < rows.size()
                             ? " Drawn are the largest; the tables have all."
                             : "");
  return absl::StrCat(
      Heading(2, "cases", {"Cases", "案件"}), DaySection(f),
      Figure({"Cases by category", "案件類別"}, Escape(most),
             BarChart({"categories", "Cases by category", most}, bars),
             Folded(Table("Cases by category",
                          {{"", false}, {"cases"}, {"resolved"}}, rows))),
      Figure(
          {"Time to resolve", "處理時間"},
          "From opening to resolution by the wall clock, nights and weekends "
          "included. Dot: the median. Line: until nine of ten are done. "
          "Logarithmic.",
          RangeChart({"times", "Time to resolve by category",
                      "Median and 90th percentile of each category; the "
                      "table has the numbers."},
                     ranges),
          Table("Time to resolve",
                {{"", false}, {"promised", false}, {"median"}, {"90 %"}},
                times)),
      CountsFigure({"What happened on the way", "處理歷程"}, "handling",
                   "Cases to which each of these happened at least once.",
                   "cases", f.handling, f.cases));
}

std::vector<std::string> VerdictRow(std::string head, const Verdicts& v) {
  return {std::move(head), Thousands(v.kept + v.kept_late), Thousands(v.broken),
          Percent(static_cast<double>(v.kept + v.kept_late),
                  static_cast<double>(v.decided()))};
}

// Shares, so that small categories are as readable as large ones.
Bar VerdictBar(const Name& name, const Verdicts& v) {
  const auto whole = static_cast<double>(std::max<int64_t>(1, v.decided()));
  const auto kept = static_cast<double>(v.kept + v.kept_late);
  return {.name = name,
          .value = kept / whole,
          .hatched = static_cast<double>(v.broken) / whole,
          .text = absl::StrCat(Percent(kept, whole), " kept")};
}

std::string PromiseSection(const Figures& f) {
  std::vector<Bar> clocks, categories;
  std::vector<std::vector<std::string>> clock_rows, category_rows;
  for (const ClockFigures& c : f.clocks) {
    clocks.push_back(VerdictBar(c.name, c.verdicts));
    clock_rows.push_back(VerdictRow(Both(c.name), c.verdicts));
  }
  for (const CategoryFigures& c : f.categories) {
    if (c.verdicts.decided() == 0) continue;
    if (categories.size() < kLinesMax) {
      categories.push_back(VerdictBar(c.name, c.verdicts));
    }
    category_rows.push_back(VerdictRow(Both(c.name), c.verdicts));
  }
  int64_t late = 0, running = 0, ended = 0;
  for (const ClockFigures& c : f.clocks) {
    late += c.verdicts.kept_late;
    running += c.verdicts.running;
    ended += c.verdicts.ended;
  }
  const std::string rest = absl::StrCat(
      Thousands(late),
      " of the kept ones were answered after the due instant and before the "
      "office opened again; ",
      Thousands(running), " still run; ", Thousands(ended),
      " ended without a verdict (cancelled, merged, rejected).");
  const std::vector<Column> columns = {
      {"", false}, {"kept"}, {"broken"}, {"kept of decided"}};
  return absl::StrCat(
      Heading(2, "promises", {"Promises", "處理時限"}),
      "<p class=\"say\">A promise is a clock with a due instant. It is broken "
      "after that instant, in the calendar that counts it. Solid: kept. "
      "Hatched: "
      "broken.</p>\n",
      Figure({"Kept and broken, by clock", "時限達成"}, rest,
             BarChart({"clocks", "Promises kept and broken by clock",
                       "Solid is kept, hatched is broken. " + rest},
                      clocks),
             Table("Promises by clock", columns, clock_rows)),
      Figure({"Kept and broken, by category", "各類別時限達成"},
             "The clock whose due instant the citizen is told.",
             BarChart({"verdicts", "Promises kept and broken by category",
                       "Solid is kept, hatched is broken; the table has the "
                       "numbers."},
                      categories),
             Table("Promises by category", columns, category_rows)),
      CountsFigure({"Levels recorded", "稽催層級"}, "levels",
                   absl::StrCat("Warnings before and after the due instant, "
                                "each recorded once. ",
                                Thousands(f.levels_withdrawn),
                                " were withdrawn by a later fact."),
                   "recorded", f.levels,
                   std::accumulate(f.levels.begin(), f.levels.end(), int64_t{0},
                                   [](int64_t sum, const Count& c) {
                                     return sum + c.count;
                                   })));
}

std::string RatingFigure(const Figures& f) {
  static constexpr const char* kWords[] = {"1 very dissatisfied",
                                           "2 dissatisfied", "3 neither",
                                           "4 satisfied", "5 very satisfied"};
  static constexpr const char* kZh[] = {"非常不滿意", "不滿意", "普通", "滿意",
                                        "非常滿意"};
  std::vector<Count> counts;
  int64_t all = 0;
  for (size_t i = 5; i-- > 0;) {
    counts.push_back({.code = absl::StrCat(i + 1),
                      .name = {kWords[i], kZh[i]},
                      .count = f.scores[i]});
    all += f.scores[i];
  }
  if (all == 0) return "";
  return CountsFigure(
      {"What reporters say", "滿意度"}, "scores",
      absl::StrCat(Thousands(all), " reporters rated the outcome."), "ratings",
      counts, all);
}

std::string NoticeSection(const Figures& f) {
  return absl::StrCat(
      Heading(2, "notices", {"Notices", "通知"}),
      f.notices.empty()
          ? "<p class=\"say\">Nothing was delivered.</p>\n"
          : CountsFigure({"Notices delivered", "已送通知"}, "sent",
                         "Messages handed over, each counted once.",
                         "delivered", f.notices, f.notices_total),
      RatingFigure(f));
}

std::string StorySection(const Page& page) {
  const std::vector<Story>& stories = page.stories;
  if (stories.empty()) return "";
  std::string html =
      absl::StrCat(Heading(2, "stories", {"Three cases", "三個案例"}),
                   "<p class=\"say\">", Escape(page.about_stories), "</p>\n");
  for (const Story& story : stories) {
    std::vector<std::vector<std::string>> rows;
    for (const Story::Row& row : story.rows) {
      rows.push_back({Escape(row.when), Escape(row.who), Escape(row.what)});
    }
    absl::StrAppend(
        &html,
        Figure(
            story.title,
            absl::StrCat(Escape(story.lead),
                         story.illustrative ? " " + Mark() : ""),
            story.svg,
            Table(absl::StrCat("Events of this case: ", story.title.en),
                  {{"when", false}, {"who", false}, {"what", false}}, rows)));
  }
  return html;
}

std::string SourceSection(const std::vector<Source>& sources) {
  if (sources.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const Source& s : sources) {
    rows.push_back({Escape(s.what), Escape(s.value),
                    s.source.empty() ? Mark() : Escape(s.source)});
  }
  return absl::StrCat(
      Heading(2, "sources", {"What was put in", "資料來源"}),
      "<p class=\"say\">The generator's rates. What no source gives is marked; "
      "it shapes the picture and claims nothing about any city.</p>\n",
      Table("Rates of the generator",
            {{"", false}, {"value", false}, {"source", false}}, rows));
}

}  // namespace

std::string RenderPage(const Page& page) {
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>",
      kTitle, "</title>\n<style>", kStyle,
      "</style>\n</head>\n<body>\n<svg width=\"0\" height=\"0\" "
      "style=\"position:absolute\" aria-hidden=\"true\"><defs><pattern "
      "id=\"hatch\" width=\"5\" height=\"5\" "
      "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><line "
      "x1=\"0\" y1=\"0\" x2=\"0\" y2=\"5\" stroke=\"var(--bad)\" "
      "stroke-width=\"4\"/></pattern></defs></svg>\n",
      Head(page), "<main>\n", ContactSection(page.figures),
      CaseSection(page.figures), PromiseSection(page.figures),
      NoticeSection(page.figures), StorySection(page),
      SourceSection(page.sources),
      "</main>\n<footer>Made by <code>city_hotline</code>, an example of the "
      "library hotline. This page loads nothing and runs no "
      "script.</footer>\n</body>\n</html>\n");
}

}  // namespace city
