#include "src/cli/replay_command.h"

#include <unistd.h>

#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hotline/adapters/memory_store.h"
#include "hotline/engine.h"
#include "hotline/error.h"
#include "hotline/intake.h"
#ifdef HOTLINE_HAS_SQLITE
#include "hotline/adapters/sqlite_store.h"
#endif

namespace hotline::cli {
namespace {

constexpr char kUsage[] =
    R"(usage: hotline replay --policy FILE --map FILE --store STORE EXPORT...
                      [--json] [--cases FILE] [--refused FILE]

Imports the rows of another system's export (CSV, or a JSON array in a file
that ends in .json) through a map of columns, as commands at their own instants.
Prints counts, promises kept and broken, every repair the map ordered and, on
stderr, every refused row with its reason.

  --policy FILE   textproto, or JSON if the name ends in .json
  --map FILE      textproto, hotline.v1.ImportMap
  --store STORE   memory: or sqlite:PATH
  --json          the summary as one JSON object
  --cases FILE    one JSON object for each case
  --refused FILE  one JSON object for each refused row, instead of stderr

Example:
  hotline replay --policy examples/policies/boston311.textproto \
    --map examples/maps/boston311.textproto --store memory: requests.csv
)";

struct Flags {
  std::string policy;
  std::string map;
  std::string store;
  std::string cases;
  std::string refused;
  bool json = false;
  bool help = false;
  std::vector<std::string> exports;
};

// Empty if all is well, else what is wrong.
std::string ReadFlags(const std::vector<std::string>& args, Flags* flags) {
  const std::map<std::string, std::string*> texts = {
      {"--policy", &flags->policy},
      {"--map", &flags->map},
      {"--store", &flags->store},
      {"--cases", &flags->cases},
      {"--refused", &flags->refused}};
  for (size_t i = 0; i < args.size(); ++i) {
    if (!absl::StartsWith(args[i], "--")) {
      flags->exports.push_back(args[i]);
      continue;
    }
    const size_t equals = args[i].find('=');
    const std::string name = args[i].substr(0, equals);
    if (const auto it = texts.find(name); it != texts.end()) {
      if (equals != std::string::npos)
        *it->second = args[i].substr(equals + 1);
      else if (i + 1 < args.size())
        *it->second = args[++i];
      else
        return name + " needs a value";
    } else if (args[i] == "--json") {
      flags->json = true;
    } else if (args[i] == "--help") {
      flags->help = true;
    } else {
      const std::string near =
          Nearest(name, {"--policy", "--map", "--store", "--cases", "--refused",
                         "--json", "--help"});
      return "unknown flag " + name +
             (near.empty() ? "" : "; did you mean " + near + "?");
    }
  }
  if (flags->help) return "";
  for (const auto& [name, text] : texts)
    if (text->empty() && name != "--cases" && name != "--refused")
      return name + " is missing";
  if (flags->exports.empty()) return "no export to read";
  return "";
}

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void PrintProblems(const std::string& file, const absl::Status& status,
                   std::ostream& err) {
  const v1::ErrorInfo info = InfoOf(status);
  for (const v1::Problem& problem : info.problems()) {
    err << file << ": " << problem.path() << ": " << problem.message();
    if (!problem.hint().empty()) err << "; " << problem.hint();
    err << "\n";
  }
  if (info.problems().empty()) err << file << ": " << status.message() << "\n";
}

std::optional<Policy> ReadPolicy(const std::string& path, std::ostream& err) {
  const std::optional<std::string> text = ReadFile(path);
  if (!text.has_value()) {
    err << path << ": cannot be read\n";
    return std::nullopt;
  }
  absl::StatusOr<Policy> policy = absl::EndsWith(path, ".json")
                                      ? Policy::FromJson(*text)
                                      : Policy::FromTextproto(*text);
  if (policy.ok()) return *std::move(policy);
  PrintProblems(path, policy.status(), err);
  return std::nullopt;
}

std::optional<v1::ImportMap> ReadMap(const std::string& path,
                                     const Policy& policy, std::ostream& err) {
  const std::optional<std::string> text = ReadFile(path);
  if (!text.has_value()) {
    err << path << ": cannot be read\n";
    return std::nullopt;
  }
  absl::StatusOr<v1::ImportMap> map = ParseImportMap(*text);
  const absl::Status status =
      map.ok() ? CheckImportMap(policy, *map) : map.status();
  if (status.ok()) return *std::move(map);
  PrintProblems(path, status, err);
  return std::nullopt;
}

// The store, or null after having said why. `*exit` is then the exit status.
std::unique_ptr<Store> OpenStore(const std::string& name, Clock* clock,
                                 std::ostream& err, int* exit) {
  if (name == "memory:") return std::make_unique<MemoryStore>(clock);
  *exit = 2;
#ifdef HOTLINE_HAS_SQLITE
  if (absl::StartsWith(name, "sqlite:")) {
    auto store = SqliteStore::Open(name.substr(7));
    if (store.ok()) return *std::move(store);
    err << name << ": " << store.status().message() << "\n";
    *exit = 3;
    return nullptr;
  }
  err << name << ": is no store; memory: or sqlite:PATH\n";
#else
  err << name << ": is no store of this build; memory:\n";
#endif
  return nullptr;
}

// A JSON string.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      quoted += {'\\', c};
    else if (byte < 0x20 || byte == 0x7F)
      absl::StrAppendFormat(&quoted, "\\u%04x", byte);
    else
      quoted.push_back(c);
  }
  return quoted + "\"";
}

std::string Instant(absl::Time at) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", at, absl::UTCTimeZone());
}

std::string CountsJson(const std::map<std::string, int64_t>& counts) {
  std::string json = "{";
  for (const auto& [word, count] : counts)
    absl::StrAppend(&json, json.size() > 1 ? "," : "", Quoted(word), ":",
                    count);
  return json + "}";
}

std::string SummaryJson(const ReplaySummary& s, bool illustrative) {
  std::string clocks = "{";
  for (const auto& [code, clock] : s.clocks)
    absl::StrAppend(&clocks, clocks.size() > 1 ? "," : "", Quoted(code),
                    ":{\"met\":", clock.met, ",\"breached\":", clock.breached,
                    ",\"running\":", clock.running,
                    ",\"cancelled\":", clock.cancelled, "}");
  clocks += "}";
  return absl::StrCat(
      "{\"rows\":", s.rows, ",\"cases\":", s.cases,
      ",\"contacts\":", s.contacts, ",\"refused\":", s.refused,
      ",\"refusals\":", CountsJson(s.refusals), ",\"merged\":", s.merged,
      ",\"clocks\":", clocks, ",\"remarks\":", CountsJson(s.remarks),
      ",\"due\":{\"compared\":", s.due.compared, ",\"agree\":", s.due.agree,
      ",\"verdicts\":", s.due.verdicts,
      ",\"verdicts_agree\":", s.due.verdicts_agree,
      "},\"as_of\":", Quoted(Instant(s.as_of)),
      ",\"illustrative\":", illustrative ? "true" : "false", "}\n");
}

std::string CaseJson(const ReplayedCase& replayed) {
  const v1::Case& found = replayed.found;
  std::string clocks = "[";
  for (const v1::ClockState& clock : found.clocks()) {
    absl::StrAppend(
        &clocks, clocks.size() > 1 ? "," : "",
        "{\"id\":", Quoted(clock.clock()), ",\"state\":",
        Quoted(
            absl::AsciiStrToLower(v1::ClockState::State_Name(clock.state()))),
        ",\"due\":",
        clock.has_due()
            ? Quoted(Instant(absl::FromUnixSeconds(clock.due().seconds()) +
                             absl::Nanoseconds(clock.due().nanos())))
            : "null",
        ",\"breached\":", clock.breached() ? "true" : "false", "}");
  }
  return absl::StrCat(
      "{\"source_id\":", Quoted(replayed.source_id),
      ",\"reference\":", Quoted(found.reference()),
      ",\"category\":", Quoted(found.category()),
      ",\"state\":", Quoted(found.state()), ",\"phase\":",
      Quoted(absl::AsciiStrToLower(v1::Phase_Name(found.phase()))),
      ",\"clocks\":", clocks, "]}\n");
}

std::string RefusedJson(const RefusedRow& row) {
  return absl::StrCat(
      "{\"file\":", Quoted(row.file), ",\"row\":", row.row,
      ",\"line\":", row.line, ",\"source_id\":", Quoted(row.key),
      ",\"field\":", Quoted(row.field), ",\"reason\":", Quoted(row.reason),
      ",\"detail\":", Quoted(row.detail), "}\n");
}

void PrintCounts(const char* title,
                 const std::map<std::string, int64_t>& counts,
                 std::ostream& out) {
  if (counts.empty()) return;
  out << title << "\n";
  for (const auto& [word, count] : counts)
    out << absl::StreamFormat("  %8d  %s\n", count, word);
}

void PrintSummary(const ReplaySummary& s, std::ostream& out) {
  out << absl::StreamFormat(
      "%8d  rows\n%8d  cases (%d merged)\n%8d  contacts\n%8d  refused\n",
      s.rows, s.cases, s.merged, s.contacts, s.refused);
  PrintCounts("refused because of", s.refusals, out);
  PrintCounts("remarks", s.remarks, out);
  for (const auto& [code, clock] : s.clocks) {
    const int64_t judged = clock.met + clock.breached;
    out << absl::StreamFormat(
        "clock %s: %d met, %d breached, %d running, %d cancelled", code,
        clock.met, clock.breached, clock.running, clock.cancelled);
    if (judged > 0)
      out << absl::StreamFormat("; %.1f %% met", 100.0 * clock.met / judged);
    out << "\n";
  }
  if (s.due.compared > 0)
    out << absl::StreamFormat(
        "due instants: %d of %d agree with the export's (%.2f %%)\n",
        s.due.agree, s.due.compared, 100.0 * s.due.agree / s.due.compared);
  if (s.due.verdicts > 0)
    out << absl::StreamFormat(
        "verdicts: %d of %d agree with the export's (%.2f %%)\n",
        s.due.verdicts_agree, s.due.verdicts,
        100.0 * s.due.verdicts_agree / s.due.verdicts);
  out << "clocks as of " << Instant(s.as_of) << "\n";
}

bool HasIllustrative(const v1::PolicySpec& spec) {
  const auto any = [](const auto& clocks) {
    for (const auto& clock : clocks)
      for (const auto& target : clock.targets())
        if (target.illustrative()) return true;
    return false;
  };
  if (spec.illustrative() || any(spec.clocks())) return true;
  for (const auto& category : spec.categories())
    if (any(category.clocks())) return true;
  return false;
}

// The files of a replay and their readers.
struct Exports {
  std::vector<std::unique_ptr<std::ifstream>> streams;
  std::vector<std::unique_ptr<RowReader>> readers;
  std::vector<ImportFile> files;
};

bool OpenExports(const std::vector<std::string>& paths, Exports* exports,
                 std::ostream& err) {
  for (const std::string& path : paths) {
    auto stream = std::make_unique<std::ifstream>(path, std::ios::binary);
    if (!*stream) {
      err << path << ": cannot be read\n";
      return false;
    }
    exports->readers.push_back(absl::EndsWith(path, ".json")
                                   ? ReadJson(stream.get())
                                   : ReadCsv(stream.get()));
    exports->files.push_back({path, exports->readers.back().get()});
    exports->streams.push_back(std::move(stream));
  }
  return true;
}

// The files that `--cases` and `--refused` ask for.
struct Reports {
  std::ofstream cases;
  std::ofstream refused;
};

bool OpenReports(const Flags& flags, Reports* reports, std::ostream& err) {
  for (auto [file, path] : {std::pair(&reports->cases, &flags.cases),
                            std::pair(&reports->refused, &flags.refused)}) {
    if (path->empty()) continue;
    file->open(*path, std::ios::binary);
    if (*file) continue;
    err << *path << ": cannot be written\n";
    return false;
  }
  return true;
}

ReplayOptions MakeOptions(const Flags& flags, Reports* reports,
                          std::ostream& err) {
  ReplayOptions options;
  if (flags.refused.empty()) {
    options.refused = [&err](const RefusedRow& row) {
      err << absl::StreamFormat("%s: row %d (line %d): %s: %s: %s\n", row.file,
                                row.row, row.line, row.field, row.reason,
                                row.detail);
    };
  } else {
    options.refused = [reports](const RefusedRow& row) {
      reports->refused << RefusedJson(row);
    };
  }
  if (!flags.cases.empty()) {
    options.replayed = [reports](const ReplayedCase& replayed) {
      reports->cases << CaseJson(replayed);
    };
  }
  if (&err == &std::cerr && isatty(STDERR_FILENO) != 0) {
    options.progress = [&err](int64_t done, int64_t all) {
      err << absl::StreamFormat("\r%3d %% of %d steps%s", 100 * done / all, all,
                                done == all ? "\n" : "")
          << std::flush;
    };
  }
  return options;
}

// The whole of it, once the flags are read.
int Run(const Flags& flags, std::ostream& out, std::ostream& err) {
  const std::optional<Policy> policy = ReadPolicy(flags.policy, err);
  if (!policy.has_value()) return 2;
  const std::optional<v1::ImportMap> map = ReadMap(flags.map, *policy, err);
  if (!map.has_value()) return 2;
  Exports exports;
  Reports reports;
  if (!OpenExports(flags.exports, &exports, err) ||
      !OpenReports(flags, &reports, err))
    return 2;
  SimulatedClock clock;
  int exit = 0;
  const std::unique_ptr<Store> store =
      OpenStore(flags.store, &clock, err, &exit);
  if (store == nullptr) return exit;
  auto engine = Engine::Open(store.get(), {.clock = &clock});
  if (!engine.ok()) {
    err << flags.store << ": " << engine.status().message() << "\n";
    return 3;
  }
  const absl::StatusOr<ReplaySummary> summary =
      ReplayRows(engine->get(), &clock, *policy, *map, exports.files,
                 MakeOptions(flags, &reports, err));
  if (!summary.ok()) {
    err << summary.status().message() << "\n";
    return ReasonOf(summary.status()) == v1::ErrorInfo::INVALID_ARGUMENT ? 2
                                                                         : 3;
  }
  const bool illustrative = HasIllustrative(policy->spec());
  if (flags.json)
    out << SummaryJson(*summary, illustrative);
  else
    PrintSummary(*summary, out);
  if (illustrative && !flags.json)
    out << "illustrative: figures of this policy are examples that no source "
           "gives\n";
  reports.cases.flush();
  reports.refused.flush();
  if (!reports.cases || !reports.refused) {
    err << "not all of the files asked for could be written\n";
    return 3;
  }
  return summary->refused > 0 ? 1 : 0;
}

}  // namespace

int ReplayCommand(const std::vector<std::string>& args, std::istream& /*in*/,
                  std::ostream& out, std::ostream& err) {
  Flags flags;
  if (const std::string wrong = ReadFlags(args, &flags); !wrong.empty()) {
    err << "hotline replay: " << wrong << "\n" << kUsage;
    return 2;
  }
  if (flags.help) {
    out << kUsage;
    return 0;
  }
  return Run(flags, out, err);
}

}  // namespace hotline::cli
