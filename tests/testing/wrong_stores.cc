#include "tests/testing/wrong_stores.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/adapters/memory_store.h"

namespace hotline::testing {
namespace {

class BentStore final : public Store {
 public:
  BentStore(Store* right, Bend bend) : right_(*right), b_(std::move(bend)) {}

  Capabilities capabilities() const override {
    return {.many_processes = true, .name = "bent"};
  }
  absl::Time Now() override { return right_.Now(); }
  Verdicts Commit(std::span<const Write> w) override {
    for (const Write& write : w) {
      for (const CaseChange& c : write.cases) JournalAlso(c.row.payload);
    }
    return b_.commit ? b_.commit(right_, {w.begin(), w.end()})
                     : right_.Commit(w);
  }
  CaseAnswer ReadCase(const CaseKey& key, Part part) override {
    return b_.read_case ? b_.read_case(right_, key, part)
                        : right_.ReadCase(key, part);
  }
  EventsAnswer ReadEvents(const EventRange& range) override {
    return b_.read_events ? b_.read_events(right_, range)
                          : right_.ReadEvents(range);
  }
  FindAnswer Find(const Filter& filter) override {
    return b_.find ? b_.find(right_, filter) : right_.Find(filter);
  }
  RecordsAnswer ReadRecords(const RecordRange& range) override {
    return b_.read_records ? b_.read_records(right_, range)
                           : right_.ReadRecords(range);
  }
  ClaimAnswer Claim(const DueQuery& query) override {
    return b_.claim ? b_.claim(right_, query) : right_.Claim(query);
  }
  Verdicts Finish(std::span<const Finished> f) override {
    return b_.finish ? b_.finish(right_, {f.begin(), f.end()})
                     : right_.Finish(f);
  }
  absl::StatusOr<int64_t> NextDue(DueQuery::Queue queue,
                                  const std::string& tenant) override {
    return b_.next_due ? b_.next_due(right_, queue, tenant)
                       : right_.NextDue(queue, tenant);
  }

 private:
  Store& right_;
  const Bend b_;
};

class Place final : public StoreHarness {
 public:
  explicit Place(std::function<Bend()> bend) : bend_(std::move(bend)) {
    std::ofstream(Journal(), std::ios::trunc) << "the journal of a place\n";
  }
  ~Place() override { unlink(Journal().c_str()); }
  absl::StatusOr<std::unique_ptr<Store>> Open(Clock* clock) override {
    if (right_ == nullptr) right_ = std::make_unique<MemoryStore>(clock);
    return std::make_unique<BentStore>(right_.get(), bend_());
  }
  std::vector<std::string> Files() override { return {Journal()}; }

 private:
  const std::function<Bend()> bend_;
  std::unique_ptr<MemoryStore> right_;
};

}  // namespace

void JournalAlso(const std::string& bytes) {
  std::ofstream(Journal(), std::ios::app) << bytes << "\n";
}

const std::vector<WrongStore>& WrongStores() {
  static const auto* const kAll = [] {
    auto* all = new std::vector<WrongStore>;
    for (auto some : {WrongWrites(), WrongQueues(), WrongReads()}) {
      std::move(some.begin(), some.end(), std::back_inserter(*all));
    }
    return all;
  }();
  return *kAll;
}

StoreUnderTest Bent(const std::string& name, std::function<Bend()> bend) {
  return {.name = name,
          .factory = [bend] { return std::make_unique<Place>(bend); },
          .forks = false};
}

std::string Journal() {
  return absl::StrCat(::testing::TempDir(), "/bent-", getpid(), ".journal");
}

}  // namespace hotline::testing
