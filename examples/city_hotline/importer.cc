#include "importer.h"

#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "generator.h"
#include "hotline/error.h"
#include "progress.h"
#include "stories.h"
#include "svg.h"

namespace city {
namespace {

namespace v1 = hotline::v1;

// One field of a CSV line.
std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

void Tally(std::string_view title, const std::map<std::string, int64_t>& tally,
           std::string* out) {
  for (const auto& [what, count] : tally) {
    absl::StrAppend(out, "  ", std::string(title), " ", what, ": ",
                    Thousands(count), "\n");
  }
}

}  // namespace

absl::StatusOr<hotline::ReplaySummary> Import(const Options& options,
                                              const hotline::Policy& policy,
                                              hotline::Engine* engine,
                                              hotline::SimulatedClock* clock) {
  std::ifstream map_file(options.map, std::ios::binary);
  if (!map_file) {
    return hotline::MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                              options.map + " cannot be read");
  }
  std::ostringstream text;
  text << map_file.rdbuf();
  auto map = hotline::ParseImportMap(text.str());
  if (!map.ok()) return map.status();
  std::vector<std::unique_ptr<std::ifstream>> streams;
  std::vector<std::unique_ptr<hotline::RowReader>> readers;
  std::vector<hotline::ImportFile> files;
  for (const std::string& path : options.imports) {
    streams.push_back(std::make_unique<std::ifstream>(path, std::ios::binary));
    if (!*streams.back()) {
      return hotline::MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                                path + " cannot be read");
    }
    readers.push_back(path.ends_with(".json")
                          ? hotline::ReadJson(streams.back().get())
                          : hotline::ReadCsv(streams.back().get()));
    files.push_back({path, readers.back().get()});
  }
  std::ofstream refused(options.out + "/refused.csv",
                        std::ios::binary | std::ios::trunc);
  refused << "file,row,line,key,field,reason,detail\n";
  Progress progress("import");
  hotline::ReplayOptions how;
  how.actor = {.tenant = kTenant, .id = "import", .roles = {"machine"}};
  how.refused = [&](const hotline::RefusedRow& row) {
    refused << Quoted(row.file) << ',' << row.row << ',' << row.line << ','
            << Quoted(row.key) << ',' << Quoted(row.field) << ','
            << Quoted(row.reason) << ',' << Quoted(row.detail) << '\n';
  };
  how.progress = [&](int64_t done, int64_t all) {
    progress.Show(all > 0 ? static_cast<double>(done) / static_cast<double>(all)
                          : 1);
  };
  return hotline::ReplayRows(engine, clock, policy, *map, files, how);
}

std::string RenderSummary(const hotline::ReplaySummary& summary) {
  std::string out = absl::StrCat(
      Thousands(summary.rows), " rows = ", Thousands(summary.cases),
      " cases + ", Thousands(summary.contacts), " contacts + ",
      Thousands(summary.refused), " refused\n");
  Tally("refused,", summary.refusals, &out);
  Tally("remark,", summary.remarks, &out);
  if (summary.due.compared > 0) {
    absl::StrAppend(&out, "  due as the export says: ",
                    Percent(static_cast<double>(summary.due.agree),
                            static_cast<double>(summary.due.compared)),
                    " of ", Thousands(summary.due.compared),
                    "; verdict agrees: ",
                    Percent(static_cast<double>(summary.due.verdicts_agree),
                            static_cast<double>(summary.due.verdicts)),
                    " of ", Thousands(summary.due.verdicts), "\n");
  }
  return out;
}

absl::StatusOr<std::vector<Story>> DrawExamples(
    hotline::Engine* engine, const hotline::Policy& policy,
    const std::vector<std::string>& references) {
  const hotline::Actor reader{
      .tenant = kTenant, .id = "report", .roles = {ReaderRole(policy.spec())}};
  static constexpr const char* kWhich[][2] = {
      {"The median case", "中位數案件"},
      {"One of ten took longer", "第九十百分位案件"},
      {"The slowest case", "最久案件"}};
  std::vector<Story> stories;
  for (size_t i = 0; i < references.size() && i < 3; ++i) {
    Story story{.id = absl::StrCat("case-", i),
                .title = {kWhich[i][0], kWhich[i][1]},
                .lead = absl::StrCat("Case ", references[i], ".")};
    if (absl::Status drawn =
            DrawCase(engine, reader, policy, references[i], &story);
        !drawn.ok()) {
      return drawn;
    }
    stories.push_back(std::move(story));
  }
  return stories;
}

}  // namespace city
