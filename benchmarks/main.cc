// hotline_benchmarks: how near the library comes to plain SQL writing the same
// rows, in one run on one machine. See docs/reference/performance.md.
#include <sqlite3.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "benchmarks/measures.h"

namespace {

using hotline::bench::Line;

constexpr char kHelp[] =
    R"(usage: hotline_benchmarks [--quick] [--only WHAT] [--cases N] [--dir DIR]
                          [--json FILE]

  --quick      a smoke run of seconds: its ratios mean nothing, its counters do
  --only WHAT  commands (P1 to P4), timers (P8, P9), outbox (P13), growth
               (P14), rules, calendar (P12) or, where it is built, postgres
               (P8, P10, P11)
  --cases N    the largest store of growth, which begins at 10,000 and grows
               tenfold; 100,000 if it is not given. 10,000,000 takes hours.
  --dir DIR    makes its databases in DIR; they are removed. Without it: here.
               The disk they lie on is part of what is measured.
  --json FILE  writes the figures to FILE too; - is standard output, without
               the table

With --quick it ends with 1 if a counter, which does not move from run to run,
misses its goal.
)";

const std::pair<const char*, std::vector<Line> (*)(const hotline::bench::Plan&)>
    kMeasures[] = {{"commands", hotline::bench::MeasureCommands},
                   {"timers", hotline::bench::MeasureTimers},
                   {"outbox", hotline::bench::MeasureOutbox},
                   {"growth", hotline::bench::MeasureGrowth},
#ifdef HOTLINE_HAS_POSTGRES
                   {"postgres", hotline::bench::MeasurePostgres},
#endif
                   {"rules", hotline::bench::MeasureRules},
                   {"calendar", hotline::bench::MeasureBusinessTime}};

struct Arguments {
  bool quick = false;
  std::string only;
  std::string cases = "100000";
  std::string dir = ".";
  std::string json;
};

bool Parse(int argc, char** argv, Arguments* out) {
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    std::string* value = argument == "--only"    ? &out->only
                         : argument == "--cases" ? &out->cases
                         : argument == "--dir"   ? &out->dir
                         : argument == "--json"  ? &out->json
                                                 : nullptr;
    if (argument == "--quick") {
      out->quick = true;
    } else if (value != nullptr && i + 1 < argc) {
      *value = argv[++i];
    } else {
      return false;
    }
  }
  if (std::atoll(out->cases.c_str()) < 10'000) return false;
  return out->only.empty() ||
         std::any_of(std::begin(kMeasures), std::end(kMeasures),
                     [out](const auto& one) { return out->only == one.first; });
}

std::string FirstAfter(const char* path, const char* key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!absl::StartsWith(line, key)) continue;
    const size_t colon = line.find(':');
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::vector<std::pair<std::string, std::string>> Machine() {
  utsname system = {};
  uname(&system);
  double load = 0;
  getloadavg(&load, 1);
  return {{"processor", FirstAfter("/proc/cpuinfo", "model name")},
          {"cores", absl::StrCat(std::thread::hardware_concurrency())},
          {"memory", FirstAfter("/proc/meminfo", "MemTotal")},
          {"system", absl::StrCat(system.sysname, " ", system.release)},
          {"sqlite", sqlite3_libversion()},
          {"compiler", __VERSION__},
          {"load", absl::StrCat(load)}};
}

// A directory of our own that goes with us.
class Workplace {
 public:
  explicit Workplace(const std::string& below)
      : path_(below + "/hotline-benchmarks-XXXXXX") {
    if (mkdtemp(path_.data()) != nullptr) return;
    std::fprintf(stderr, "cannot make a directory in %s: %s\n", below.c_str(),
                 std::strerror(errno));
    std::exit(2);
  }
  ~Workplace() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!Parse(argc, argv, &arguments)) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  const auto machine = Machine();
  const bool table = arguments.json != "-";
  if (table) {
    for (const auto& [key, value] : machine) {
      std::printf("%-10s %s\n", key.c_str(), value.c_str());
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  const Workplace workplace(arguments.dir);
  const hotline::bench::Plan plan = {
      .quick = arguments.quick,
      .dir = workplace.path(),
      .cases = std::atoll(arguments.cases.c_str())};
  std::vector<Line> lines;
  for (const auto& [name, measure] : kMeasures) {
    if (!arguments.only.empty() && arguments.only != name) continue;
    for (Line& line : measure(plan)) lines.push_back(std::move(line));
  }
  if (table) std::fputs(hotline::bench::Table(lines).c_str(), stdout);
  if (!arguments.json.empty()) {
    const std::string json = hotline::bench::Json(machine, lines);
    if (table) {
      std::ofstream(arguments.json) << json;
    } else {
      std::fputs(json.c_str(), stdout);
    }
  }
  bool held = true;
  for (const Line& line : lines) held &= !line.exact || line.met();
  return held || !arguments.quick ? 0 : 1;
}
