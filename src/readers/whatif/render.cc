// The answer as a table in columns, as CSV and as JSON.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "hotline/whatif.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/json.h"
#include "src/readers/inspect/words.h"
#include "src/readers/report/plain.h"
#include "src/readers/report/words.h"

namespace hotline {
namespace {

using internal::Json;
using internal::RateNumber;
using internal::RateText;

struct Words {
  const char* title;
  const char* as_of;
  const char* whole;
  const char* category;
  const char* unit;
  const char* area;
  const char* clock;
  const char* promises;
  const char* before;
  const char* after;
  const char* change;
  const char* broken_before;
  const char* broken_after;
  const char* newly_broken;
  const char* newly_kept;
  const char* earlier;
  const char* later;
  const char* says_rate;
  const char* dropped;
  const char* unknown;
  const char* added;
  const char* cycles;
  const char* outside;
  const char* not_modelled;
  const char* illustrative;
  const char* provisional;
  const char* read;
  const char* nothing;
};

constexpr Words kEnglish = {
    .title = "What if policy $0 had been in force instead of version $1 of $2?",
    .as_of = "Open promises as of $0",
    .whole = "all",
    .category = "category",
    .unit = "unit",
    .area = "area",
    .clock = "promise",
    .promises = "promises",
    .before = "kept before",
    .after = "kept after",
    .change = "points",
    .broken_before = "broken before",
    .broken_after = "after",
    .newly_broken = "newly broken",
    .newly_kept = "newly kept",
    .earlier = "due earlier",
    .later = "due later",
    .says_rate =
        "Kept: met out of met, breached, and open and late; none "
        "below $0 decided cases. Cancelled ones are in no rate.",
    .dropped =
        "Left out: $0 promises of \"$1\", a clock the policy does not "
        "have for their category.",
    .unknown = "Left out: $0 cases of \"$1\", a category it does not have.",
    .added = "Not modelled: $0 cases would have the clock \"$1\", too.",
    .cycles = "Left out: $0 cycles that are over and had pauses.",
    .outside = "$0 due instants given from outside stand as they are.",
    .not_modelled =
        "Not modelled: another workflow, routing or trigger. "
        "Clocks start, rest and stop when they did; category, "
        "priority, area and unit are those of now, from the start.",
    .illustrative =
        "ILLUSTRATIVE: some targets or hours are examples that no "
        "source gives (marked \u2020).",
    .provisional = "* Due beyond the days the calendar is complete for.",
    .read =
        "$0 cases read, $1 promises judged twice; zone data $2. Nothing "
        "was written.",
    .nothing = "No promise to judge.",
};

constexpr Words kChinese = {
    .title = "假如施行的是政策 $0，而不是 $2 第 $1 版？",
    .as_of = "未結時限統計時點 $0",
    .whole = "合計",
    .category = "案件類別",
    .unit = "主辦機關",
    .area = "行政區",
    .clock = "時限",
    .promises = "時限數",
    .before = "原如期率",
    .after = "新如期率",
    .change = "增減百分點",
    .broken_before = "原逾期",
    .broken_after = "新逾期",
    .newly_broken = "轉為逾期",
    .newly_kept = "轉為如期",
    .earlier = "期限提前",
    .later = "期限延後",
    .says_rate =
        "如期率＝如期 ÷（如期＋逾期辦結＋未結已逾期），"
        "已判定案件未滿 $0 件者不計比率；不計者不列入。",
    .dropped = "未列入：$0 個「$1」時限，新政策對該類別無此時限。",
    .unknown = "未列入：$0 件「$1」案件，新政策無此類別。",
    .added = "未模擬：$0 件案件將另有「$1」時限。",
    .cycles = "未列入：$0 個已結束且曾暫停的週期。",
    .outside = "$0 個由外部給定的期限維持不變。",
    .not_modelled =
        "未模擬：不同的流程、派案或起訖條件。"
        "起算、暫停、停止均依實際發生時刻；"
        "類別、優先等級、行政區、主辦機關依目前所載，自始適用。",
    .illustrative =
        "示例：部分時限或辦公時間為舉例，並無公告出處（以 † 標示）。",
    .provisional = "* 期限超出日曆已公布的日期，為暫定。",
    .read = "讀取 $0 件案件，$1 個時限判定兩次；時區資料 $2。未寫入任何資料。",
    .nothing = "沒有可判定的時限。",
};

std::string Points(const WhatIfRow& row) {
  const auto before = row.before.rate();
  const auto after = row.after.rate();
  if (!before.has_value() || !after.has_value()) return "\u2013";
  return absl::StrFormat("%+.1f", (*after - *before) * 100);
}

std::string RateCell(const ComplianceCounts& counts) {
  const std::string text = RateText(counts.rate());
  return text.empty() ? "\u2013" : text;
}

int64_t Broken(const ComplianceCounts& counts) {
  return counts.breached + counts.running_late;
}

bool By(const WhatIfAnswer& answer, ReportBy what) {
  const auto& by = answer.request.by;
  return std::find(by.begin(), by.end(), what) != by.end();
}

std::vector<std::vector<std::string>> TableOf(const WhatIfAnswer& answer,
                                              const Words& words,
                                              std::string_view language,
                                              size_t* names) {
  const internal::ReportWords& report = internal::WordsIn(language);
  std::vector<std::vector<std::string>> table(1);
  table[0].push_back(words.clock);
  if (By(answer, ReportBy::kCategory)) table[0].push_back(words.category);
  if (By(answer, ReportBy::kUnit)) table[0].push_back(words.unit);
  if (By(answer, ReportBy::kArea)) table[0].push_back(words.area);
  *names = table[0].size();
  for (const char* heading :
       {words.promises, words.before, words.after, words.change,
        words.broken_before, words.broken_after, words.newly_broken,
        words.newly_kept, words.earlier, words.later}) {
    table[0].push_back(heading);
  }
  for (const WhatIfRow& row : answer.rows) {
    auto& line = table.emplace_back();
    line.push_back(
        absl::StrCat(internal::ClockName(answer.before, row.clock, language),
                     row.provisional > 0 ? " *" : "",
                     row.illustrative > 0 ? " \u2020" : ""));
    const auto name = [&](ReportBy what, const std::string& text) {
      if (By(answer, what)) line.push_back(row.whole ? words.whole : text);
    };
    name(ReportBy::kCategory,
         std::string(static_cast<size_t>(2 * row.depth), ' ') +
             internal::CategoryName(answer.before, row.category, language));
    name(ReportBy::kUnit,
         internal::UnitName(answer.before, row.unit, language, report));
    name(ReportBy::kArea,
         internal::AreaName(answer.before, row.area, language, report));
    line.push_back(absl::StrCat(row.before.all()));
    line.push_back(RateCell(row.before));
    line.push_back(RateCell(row.after));
    line.push_back(Points(row));
    for (const int64_t count :
         {Broken(row.before), Broken(row.after), row.newly_broken,
          row.newly_kept, row.earlier, row.later}) {
      line.push_back(absl::StrCat(count));
    }
  }
  return table;
}

void AddNotes(const WhatIfAnswer& answer, const Words& words,
              std::string* out) {
  const auto add = [&](const std::string& line) {
    absl::StrAppend(out, line, "\n");
  };
  add(absl::Substitute(words.says_rate, kRateCasesMin));
  add(words.not_modelled);
  for (const auto& [clock, count] : answer.dropped) {
    add(absl::Substitute(words.dropped, count, clock));
  }
  for (const auto& [category, count] : answer.unknown_categories) {
    add(absl::Substitute(words.unknown, count, category));
  }
  for (const auto& [clock, count] : answer.added) {
    add(absl::Substitute(words.added, count, clock));
  }
  if (answer.cycles_with_pauses > 0) {
    add(absl::Substitute(words.cycles, answer.cycles_with_pauses));
  }
  if (answer.given_from_outside > 0) {
    add(absl::Substitute(words.outside, answer.given_from_outside));
  }
  if (std::any_of(answer.rows.begin(), answer.rows.end(),
                  [](const WhatIfRow& row) { return row.provisional > 0; })) {
    add(words.provisional);
  }
}

std::string Csv(std::optional<double> rate) {
  return rate.has_value() ? RateNumber(rate) : "";
}

void AddCounts(const std::map<std::string, int64_t>& counts, const char* key,
               Json* json) {
  json->Key(key).Open('{');
  for (const auto& [code, count] : counts) json->Key(code).Number(count);
  json->Close('}');
}

}  // namespace

std::string ToText(const WhatIfAnswer& answer, std::string_view language) {
  const bool chinese =
      std::string_view(internal::WordsIn(language).tag) != "en";
  const Words& words = chinese ? kChinese : kEnglish;
  std::string out = absl::StrCat(
      absl::Substitute(words.title, answer.after.id(), answer.before_version,
                       answer.before.id()),
      "\n",
      absl::Substitute(words.as_of, internal::InstantText(answer.request.as_of,
                                                          answer.zone)),
      "\n");
  if (answer.illustrative) absl::StrAppend(&out, words.illustrative, "\n");
  absl::StrAppend(&out, "\n");
  if (answer.rows.empty()) {
    absl::StrAppend(&out, words.nothing, "\n");
  } else {
    size_t names = 0;
    auto table = TableOf(answer, words, language, &names);
    for (size_t i = names; i < table[0].size(); ++i) {
      internal::AlignRight(i, &table);
    }
    absl::StrAppend(&out, internal::AlignedTable(table));
  }
  absl::StrAppend(&out, "\n");
  AddNotes(answer, words, &out);
  absl::StrAppend(&out,
                  absl::Substitute(words.read, answer.cases_read,
                                   answer.promises, answer.zone_data),
                  "\n");
  return out;
}

std::string ToCsv(const WhatIfAnswer& answer) {
  std::string out =
      "clock,category,unit,area,whole,promises,met_before,met_after,"
      "broken_before,broken_after,rate_before,rate_after,cases_before,"
      "cases_after,newly_broken,newly_kept,due_earlier,due_later,provisional,"
      "illustrative,as_of,policy_before,version_before,policy_after\n";
  const std::string origin = absl::StrCat(
      internal::FormatUtc(answer.request.as_of), ",", answer.before.id(), ",",
      answer.before_version, ",", answer.after.id(), "\n");
  for (const WhatIfRow& row : answer.rows) {
    out += absl::StrJoin(
        {internal::CsvCell(row.clock), internal::CsvCell(row.category),
         internal::CsvCell(row.unit), internal::CsvCell(row.area),
         std::string(row.whole ? "true" : "false")},
        ",");
    absl::StrAppend(&out, ",", row.before.all(), ",", row.before.met, ",",
                    row.after.met, ",", Broken(row.before), ",");
    absl::StrAppend(&out, Broken(row.after), ",", Csv(row.before.rate()), ",",
                    Csv(row.after.rate()), ",", row.before.cases, ",");
    absl::StrAppend(&out, row.after.cases, ",", row.newly_broken, ",",
                    row.newly_kept, ",", row.earlier, ",", row.later, ",");
    absl::StrAppend(&out, row.provisional, ",", row.illustrative, ",", origin);
  }
  return out;
}

std::string ToJson(const WhatIfAnswer& answer) {
  Json json;
  json.Open('{').Text("report", "whatif");
  json.Text("tenant", answer.request.tenant);
  json.Text("as_of", internal::FormatUtc(answer.request.as_of));
  json.Key("before").Open('{').Text("policy", answer.before.id());
  json.Key("version").Number(answer.before_version).Close('}');
  json.Key("after").Open('{').Text("policy", answer.after.id());
  if (answer.request.version > 0) {
    json.Key("version").Number(answer.request.version);
  }
  json.Close('}').Text("zone_data", answer.zone_data);
  json.Key("illustrative").Bool(answer.illustrative);
  json.Key("cases_read").Number(answer.cases_read);
  json.Key("not_judged").Number(answer.not_judged);
  json.Key("promises").Number(answer.promises);
  AddCounts(answer.dropped, "dropped", &json);
  AddCounts(answer.unknown_categories, "unknown_categories", &json);
  AddCounts(answer.added, "added", &json);
  json.Key("cycles_with_pauses").Number(answer.cycles_with_pauses);
  json.Key("given_from_outside").Number(answer.given_from_outside);
  json.Key("rows").Open('[');
  for (const WhatIfRow& row : answer.rows) {
    json.Open('{').Text("clock", row.clock).Key("whole").Bool(row.whole);
    if (!row.category.empty()) json.Text("category", row.category);
    if (!row.unit.empty()) json.Text("unit", row.unit);
    if (!row.area.empty()) json.Text("area", row.area);
    internal::AddCounts("before", row.before, &json);
    internal::AddCounts("after", row.after, &json);
    json.Key("newly_broken").Number(row.newly_broken);
    json.Key("newly_kept").Number(row.newly_kept);
    json.Key("due_earlier").Number(row.earlier);
    json.Key("due_later").Number(row.later);
    json.Key("provisional").Number(row.provisional);
    json.Key("illustrative").Number(row.illustrative).Close('}');
  }
  json.Close(']').Close('}');
  return json.Take();
}

}  // namespace hotline
