#include "hotline/testing/store_contracts.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using hotline::internal::ToAbsl;
namespace fs = std::filesystem;

class MemoryHarness final : public StoreHarness {
 public:
  explicit MemoryHarness(
      std::function<std::unique_ptr<Store>(Clock* clock)> open)
      : open_(std::move(open)) {}
  absl::StatusOr<std::unique_ptr<Store>> Open(Clock* clock) override {
    return open_(clock);
  }

 private:
  const std::function<std::unique_ptr<Store>(Clock* clock)> open_;
};

using OpenPath = std::function<absl::StatusOr<std::unique_ptr<Store>>(
    const std::string& path, Clock* clock)>;

class FileHarness final : public StoreHarness {
 public:
  FileHarness(std::string path, OpenPath open)
      : path_(std::move(path)), open_(std::move(open)) {}
  ~FileHarness() override { Remove(); }

  absl::StatusOr<std::unique_ptr<Store>> Open(Clock* clock) override {
    return open_(path_.string(), clock);
  }
  std::vector<std::string> Files() override {
    std::vector<std::string> files;
    for (const fs::path& path : Entries()) {
      std::error_code error;
      if (fs::is_regular_file(path, error)) files.push_back(path.string());
      if (!fs::is_directory(path, error)) continue;
      for (const auto& inner : fs::recursive_directory_iterator(path, error)) {
        if (inner.is_regular_file(error)) files.push_back(inner.path());
      }
    }
    return files;
  }

 private:
  std::vector<fs::path> Entries() const {
    std::vector<fs::path> entries;
    std::error_code error;
    const std::string name = path_.filename();
    const fs::path folder = path_.has_parent_path() ? path_.parent_path() : ".";
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().filename().string().starts_with(name)) {
        entries.push_back(entry.path());
      }
    }
    return entries;
  }
  void Remove() {
    std::error_code error;
    for (const fs::path& path : Entries()) fs::remove_all(path, error);
  }

  const fs::path path_;
  const OpenPath open_;
};

struct Offer {
  Need need;
  bool there;
  const char* missing;
};

// Why `contract` cannot be tried; empty if it can.
std::string Missing(const Contract& contract, Trial& trial) {
  const Capabilities has = trial.store().capabilities();
  const StoreUnderTest& subject = trial.subject();
  const Offer offers[] = {
      {kFeed, has.feed, "its capability `feed` is off"},
      {kNextDue, has.next_due, "its capability `next_due` is off"},
      {kDurable, has.durable, "its capability `durable` is off"},
      {kErasesFiles, has.erases_files, "its capability `erases_files` is off"},
      {kErasesFiles, !trial.harness().Files().empty(),
       "its harness names no files"},
      {kManyStores, has.many_processes,
       "its capability `many_processes` is off"},
      {kOneStore, has.durable, "its capability `durable` is off"},
      {kOneStore, !has.many_processes, "its capability `many_processes` is on"},
      {kClock, subject.takes_clock, "it takes no clock (takes_clock)"},
      {kForks, subject.forks, "it cannot be opened after fork(2) (forks)"},
      {kTimes, subject.times, "time is not measured here (times)"},
      {kNoFeed, !has.feed, "its capability `feed` is on"},
      {kNoNextDue, !has.next_due, "its capability `next_due` is on"},
  };
  for (const Offer& offer : offers) {
    if ((contract.needs & offer.need) != 0 && !offer.there) {
      return offer.missing;
    }
  }
  return "";
}

std::vector<Contract> AllContracts() {
  std::vector<Contract> all;
  for (const auto& some :
       {CaseContracts(), WriteContracts(), RecordContracts(),
        ErasureContracts(), FindContracts(), TimerContracts(),
        DeliveryContracts(), FeedContracts(), ByteContracts(),
        TenantContracts(), ModelContracts(), ThreadContracts(),
        ManyStoresContracts(), DurableContracts(), KillContracts(),
        ScaleContracts()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  std::stable_sort(
      all.begin(), all.end(),
      [](const Contract& a, const Contract& b) { return a.level < b.level; });
  return all;
}

}  // namespace

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kBasic:
      return "basic";
    case Level::kConcurrent:
      return "concurrent";
    case Level::kDurable:
      return "durable";
    case Level::kScale:
      return "scale";
  }
  return "";
}

StoreFactory StoreInMemory(
    std::function<std::unique_ptr<Store>(Clock* clock)> open) {
  return [open = std::move(open)] {
    return std::make_unique<MemoryHarness>(open);
  };
}

StoreFactory StoreInFiles(std::string prefix, OpenPath open) {
  return [prefix = std::move(prefix), open = std::move(open)] {
    static std::atomic<int> places{0};
    return std::make_unique<FileHarness>(
        absl::StrCat(prefix, "-", getpid(), "-", ++places, ".store"), open);
  };
}

std::span<const Contract> StoreContracts() {
  static const auto* const kAll = new std::vector<Contract>(AllContracts());
  return *kAll;
}

std::string FullName(const Contract& contract) {
  return absl::StrCat(ToAbsl(LevelName(contract.level)), "/",
                      ToAbsl(contract.name));
}

const Contract* FindContract(std::string_view full_name) {
  for (const Contract& contract : StoreContracts()) {
    if (FullName(contract) == full_name) return &contract;
  }
  return nullptr;
}

int PortLine(std::string_view words) {
  const size_t at =
      words.empty() ? std::string_view::npos : kStoreHeader.find(words);
  if (at == std::string_view::npos) return 0;
  return 1 + static_cast<int>(std::count(
                 kStoreHeader.begin(),
                 kStoreHeader.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

ContractResult RunContract(const Contract& contract,
                           const StoreUnderTest& subject) {
  Trial trial(subject, subject.seed);
  if (trial.Begin()) {
    if (std::string why = Missing(contract, trial); !why.empty()) {
      return {ContractResult::kSkipped, std::move(why)};
    }
    contract.run(trial);
  }
  if (!trial.failed()) return {};
  const std::string name = FullName(contract);
  return {ContractResult::kFailed,
          absl::StrCat(name, ": ", trial.failure(),
                       " (store.h:", PortLine(contract.port),
                       "). Reproduce: --contract=", name,
                       " --seed=", subject.seed)};
}

std::string ContractsAsMarkdown() {
  std::string page = absl::StrCat(
      "# What a store must do\n\n"
      "The contracts that `hotline_conformance` and "
      "`hotline::testing::RegisterStoreConformance`\n"
      "try a store against, each with the words of `hotline/store.h` it rests "
      "on. Written by\n`hotline_conformance --list --markdown`; a test "
      "compares.\n");
  for (const Level level : kLevels) {
    absl::StrAppend(&page, "\n## ", ToAbsl(LevelName(level)),
                    "\n\n| contract | what it says | the port's words |\n"
                    "|---|---|---|\n");
    for (const Contract& contract : StoreContracts()) {
      if (contract.level != level) continue;
      std::string words(contract.port);
      std::replace(words.begin(), words.end(), '`', '\'');
      absl::StrAppend(&page, "| ", ToAbsl(contract.name), " | ",
                      ToAbsl(contract.says), " | `", words, "` |\n");
    }
  }
  return page;
}

}  // namespace hotline::testing
