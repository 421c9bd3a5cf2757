// One month of a 1999-style hotline at Taipei's published size, end to end:
// a generator that behaves as reporters, agents and units do, the engine on
// SQLite in a file, every timer fired on a simulated clock, notices delivered
// to a file; then a table, and report.html.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "figures.h"
#include "generator.h"
#include "hotline/adapters/file_notifier.h"
#include "hotline/adapters/sqlite_store.h"
#include "hotline/engine.h"
#include "hotline/error.h"
#include "importer.h"
#include "options.h"
#include "progress.h"
#include "rates.h"
#include "report.h"
#include "runner.h"
#include "stories.h"

namespace city {
namespace {

namespace fs = std::filesystem;
namespace v1 = hotline::v1;

constexpr int kDone = 0, kRefused = 1, kWrongUsage = 2, kStoreFailed = 3;

int Fail(const absl::Status& status) {
  std::cerr << "city_hotline: " << std::string(status.message()) << "\n";
  const v1::ErrorInfo info = hotline::InfoOf(status);
  for (const v1::Problem& problem : info.problems()) {
    std::cerr << "  " << problem.path() << ": " << problem.message()
              << (problem.hint().empty() ? "" : "; ") << problem.hint() << "\n";
  }
  switch (info.reason()) {
    case v1::ErrorInfo::INVALID_ARGUMENT:
    case v1::ErrorInfo::INVALID_POLICY:
      return kWrongUsage;
    default:
      return kStoreFailed;
  }
}

absl::StatusOr<hotline::Policy> ReadPolicy(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return hotline::MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                              path + " cannot be read");
  }
  std::ostringstream text;
  text << file.rdbuf();
  return path.ends_with(".json") ? hotline::Policy::FromJson(text.str())
                                 : hotline::Policy::FromTextproto(text.str());
}

// Tells this run from any other; kept beside the store.
std::string IdentityOf(const Options& options, const hotline::Policy& policy) {
  return absl::StrCat(
      "city_hotline seed ", options.seed, " contacts ", options.contacts,
      " month ", absl::FormatCivilTime(options.month), " policy ",
      absl::BytesToHexString(policy.fingerprint().substr(0, 8)));
}

// What a run leaves in its folder; the two by which it is known come last.
std::vector<std::string> Remains(const Options& options) {
  return {options.store,
          options.store + "-wal",
          options.store + "-shm",
          options.store + ".lock",
          options.out + "/notices.jsonl",
          options.out + "/table.txt",
          options.out + "/refused.csv",
          options.out + "/report.html",
          options.store + ".progress"};
}

// A folder to write to, with nothing of an earlier run in it unless this one
// goes on with it. Removes what an earlier run left in OUT; a store elsewhere
// is refused.
absl::Status CheckFiles(const Options& options) {
  std::error_code failed;
  fs::create_directories(options.out, failed);
  if (failed) {
    return hotline::MakeError(
        v1::ErrorInfo::INVALID_ARGUMENT,
        absl::StrCat("--out ", options.out, ": ", failed.message()));
  }
  if (options.go_on || options.report_only) return absl::OkStatus();
  const bool ours = options.store == StoreIn(options.out) &&
                    (fs::exists(options.store + ".progress") ||
                     fs::exists(options.out + "/report.html"));
  if (fs::exists(options.store) && !ours) {
    return hotline::MakeError(
        v1::ErrorInfo::INVALID_ARGUMENT,
        absl::StrCat(options.store,
                     " exists: --continue goes on with it; remove it to begin "
                     "anew"));
  }
  for (const std::string& path : Remains(options)) fs::remove(path, failed);
  return absl::OkStatus();
}

double Megabytes(const std::string& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  return failed ? 0 : static_cast<double>(size) / 1e6;
}

// The engine over store and notifier, and the clock that all of it goes by.
struct House {
  hotline::SimulatedClock clock;
  std::unique_ptr<hotline::SqliteStore> store;
  std::unique_ptr<hotline::FileNotifier> notifier;
  std::unique_ptr<hotline::Engine> engine;
};

absl::Status Build(const Options& options, House* house) {
  auto store =
      hotline::SqliteStore::Open(options.store, {.clock = &house->clock});
  if (!store.ok()) return store.status();
  house->store = *std::move(store);
  // One file for the whole month, however many are told.
  auto notifier = hotline::FileNotifier::Open(
      options.out + "/notices.jsonl", {.rotate_bytes = int64_t{1} << 40});
  if (!notifier.ok()) return notifier.status();
  house->notifier = *std::move(notifier);
  auto engine = hotline::Engine::Open(
      house->store.get(),
      {.clock = &house->clock, .notifiers = {house->notifier.get()}});
  if (!engine.ok()) return engine.status();
  house->engine = *std::move(engine);
  return absl::OkStatus();
}

// The first policy of the tenant; a run that goes on finds it there.
absl::Status AdoptOnce(hotline::Engine* engine, const hotline::Policy& policy) {
  const hotline::Actor admin{
      .tenant = kTenant, .id = "city_hotline", .roles = {kAdminRole}};
  int64_t version = 0;
  if (engine->CurrentPolicy(admin, &version).ok()) return absl::OkStatus();
  return engine->Adopt(admin, policy, 0).status();
}

absl::StatusOr<RunCounts> RunMonth(const Options& options,
                                   const hotline::Policy& policy,
                                   House* house) {
  auto script = Script::Write(policy, {.contacts = options.contacts,
                                       .seed = options.seed,
                                       .month = options.month});
  if (!script.ok()) return script.status();
  house->clock.SetTime(
      absl::FromCivil(absl::CivilDay(options.month), policy.time_zone()));
  if (absl::Status adopted = AdoptOnce(house->engine.get(), policy);
      !adopted.ok()) {
    return adopted;
  }
  int acks = -1;
  if (!options.acks.empty()) {
    acks = open(options.acks.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (acks < 0) {
      return hotline::MakeError(
          v1::ErrorInfo::INVALID_ARGUMENT,
          "--acks " + options.acks + " cannot be written");
    }
  }
  std::cerr << script->calls().size() << " contacts, " << script->cases()
            << " cases, " << script->steps().size() << " steps\n";
  Progress progress("month");
  Runner runner(house->engine.get(), &house->clock, &*script,
                {.progress_path = options.store + ".progress",
                 .identity = IdentityOf(options, policy),
                 .acks_fd = acks,
                 .on_progress = [&](double share) { progress.Show(share); }});
  auto counts = runner.Run();
  if (acks >= 0) close(acks);
  return counts;
}

std::vector<Source> Sources() {
  std::vector<Source> sources;
  for (const RateNote& note : RateNotes()) {
    sources.push_back({std::string(note.what), std::string(note.value),
                       std::string(note.source)});
  }
  return sources;
}

absl::Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return absl::OkStatus();
  return hotline::MakeError(v1::ErrorInfo::STORE_FAILED,
                            path + " cannot be written");
}

// What is told beside the figures.
absl::Status AddStories(const Options& options, const hotline::Policy& policy,
                        House* house, Page* page) {
  if (options.imports.empty()) {
    page->origin = absl::StrCat("Simulated, seed ", options.seed);
    page->sources = Sources();
    page->about_stories =
        "Played through the same policy on a simulated clock, one case each, "
        "to show what a calendar does to a promise.";
    auto stories = TellStories(policy);
    if (!stories.ok()) return stories.status();
    page->stories = *std::move(stories);
    return absl::OkStatus();
  }
  page->origin = "Imported";
  for (const std::string& path : options.imports) {
    absl::StrAppend(&page->origin, page->origin == "Imported" ? " from " : ", ",
                    fs::path(path).filename().string());
  }
  page->about_stories =
      "Out of the import, judged by this policy: the case of median duration, "
      "the one that nine of ten were faster than, and the slowest.";
  auto stories =
      DrawExamples(house->engine.get(), policy, page->figures.examples);
  if (!stories.ok()) return stories.status();
  page->stories = *std::move(stories);
  return absl::OkStatus();
}

absl::Status Report(const Options& options, const hotline::Policy& policy,
                    const RunCounts& counts, House* house) {
  const std::string notices = options.out + "/notices.jsonl";
  auto figures = CountUp({.engine = house->engine.get(),
                          .store = house->store.get(),
                          .tenant = kTenant,
                          .notices_path = notices});
  if (!figures.ok()) return figures.status();
  Page page{.figures = *std::move(figures)};
  Figures& f = page.figures;
  f.commands = counts.commands - counts.repeated;
  f.timers = counts.timers;
  f.seconds = counts.seconds;
  for (const auto& [what, count] : counts.refused) f.refused += count;
  f.store_megabytes = Megabytes(options.store);
  if (absl::Status added = AddStories(options, policy, house, &page);
      !added.ok()) {
    return added;
  }
  const std::string table = RenderTable(f);
  std::cout << table;
  if (f.seconds > 0) std::cout << RenderSpeed(f);
  for (const auto& [what, count] : counts.refused) {
    std::cout << "refused " << count << " times: " << what << "\n";
  }
  if (absl::Status kept = WriteFile(options.out + "/table.txt", table);
      !kept.ok()) {
    return kept;
  }
  const std::string report = options.out + "/report.html";
  if (absl::Status kept = WriteFile(report, RenderPage(page)); !kept.ok()) {
    return kept;
  }
  std::cout << "\n" << report << "\n";
  return absl::OkStatus();
}

// Fills the store: by the generator or from files.
absl::StatusOr<RunCounts> Fill(const Options& options,
                               const hotline::Policy& policy, House* house) {
  if (options.report_only) return RunCounts();
  if (options.imports.empty()) return RunMonth(options, policy, house);
  auto summary = Import(options, policy, house->engine.get(), &house->clock);
  if (!summary.ok()) return summary.status();
  std::cout << RenderSummary(*summary) << "\n";
  return RunCounts();
}

int Main(int argc, char** argv) {
  auto options = ParseOptions(argc, argv);
  if (!options.ok()) return Fail(options.status());
  if (options->help) {
    std::cout << kUsage;
    return kDone;
  }
  auto policy =
      ReadPolicy(options->policy.empty() ? CITY_POLICY : options->policy);
  if (!policy.ok()) return Fail(policy.status());
  if (absl::Status checked = CheckFiles(*options); !checked.ok()) {
    return Fail(checked);
  }
  House house;
  if (absl::Status built = Build(*options, &house); !built.ok()) {
    return Fail(built);
  }
  auto counts = Fill(*options, *policy, &house);
  if (!counts.ok()) return Fail(counts.status());
  if (absl::Status told = Report(*options, *policy, *counts, &house);
      !told.ok()) {
    return Fail(told);
  }
  if (counts->refused.empty()) return kDone;
  std::cerr << "the first refusal: " << counts->first_refusal << "\n";
  return kRefused;
}

}  // namespace
}  // namespace city

int main(int argc, char** argv) { return city::Main(argc, argv); }
