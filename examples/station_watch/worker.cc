#include "worker.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "hotline/engine.h"

namespace station {
namespace {

constexpr absl::Duration kHandOverTakes = absl::Milliseconds(80);
constexpr absl::Duration kLookAgain = absl::Milliseconds(200);

// Hands over to nobody, slowly, and notes it.
class Gateway final : public hotline::Notifier {
 public:
  Gateway(const WorkerOptions& options, Journal* journal)
      : options_(options), journal_(journal) {}

  std::string name() const override { return "file"; }

  std::vector<hotline::SendResult> Send(
      std::span<const hotline::Envelope> envelopes, absl::Time) override {
    std::vector<hotline::SendResult> results;
    for (const hotline::Envelope& e : envelopes) {
      if (!Dies()) Note("hand", e);
      WaitUntil(options_.clock, options_.clock->TimeNow() + kHandOverTakes,
                never_);
      if (Dies()) {
        results.push_back({.outcome = hotline::Outcome::kTransient});
        continue;
      }
      Note("sent", e);
      results.push_back({.outcome = hotline::Outcome::kDelivered});
    }
    return results;
  }

 private:
  void Note(const char* what, const hotline::Envelope& e) {
    journal_->Add({options_.clock->TimeNow(), what, e.dedupe_key, e.attempt});
  }
  // A dead thread stays here, with all that it has claimed, until the drill is
  // over.
  bool Dies() const {
    if (options_.dead == nullptr || !*options_.dead) return false;
    WaitUntil(options_.clock, absl::InfiniteFuture(), *options_.stop);
    return true;
  }

  const WorkerOptions& options_;
  Journal* const journal_;
  const std::atomic<bool> never_ = false;
};

// Notes what is claimed and finished on the way to the store.
class Noted final : public hotline::Store {
 public:
  Noted(hotline::Store* store, hotline::Clock* clock, Journal* journal)
      : store_(store), clock_(clock), journal_(journal) {}

  absl::StatusOr<std::vector<hotline::Claimed>> Claim(
      const hotline::DueQuery& query) override {
    auto claimed = store_->Claim(query);
    if (!claimed.ok()) return claimed;
    for (const hotline::Claimed& one : *claimed) {
      if (!one.delivery.has_value()) continue;
      journal_->Add({clock_->TimeNow(), "claimed", one.delivery->dedupe_key,
                     one.delivery->attempts});
    }
    return claimed;
  }
  std::vector<absl::Status> Finish(
      std::span<const hotline::Finished> finished) override {
    auto verdicts = store_->Finish(finished);
    journal_->Add(
        {clock_->TimeNow(), "finished", "", static_cast<int>(finished.size())});
    return verdicts;
  }

  hotline::Capabilities capabilities() const override {
    return store_->capabilities();
  }
  absl::Time Now() override { return store_->Now(); }
  std::vector<absl::Status> Commit(
      std::span<const hotline::Write> writes) override {
    return store_->Commit(writes);
  }
  absl::StatusOr<hotline::CaseRow> ReadCase(const hotline::CaseKey& key,
                                            hotline::Part part) override {
    return store_->ReadCase(key, part);
  }
  absl::StatusOr<hotline::EventRowPage> ReadEvents(
      const hotline::EventRange& range) override {
    return store_->ReadEvents(range);
  }
  absl::StatusOr<hotline::CaseRowPage> Find(
      const hotline::Filter& filter) override {
    return store_->Find(filter);
  }
  absl::StatusOr<std::vector<hotline::Record>> ReadRecords(
      const hotline::RecordRange& range) override {
    return store_->ReadRecords(range);
  }
  absl::StatusOr<int64_t> NextDue(hotline::DueQuery::Queue queue,
                                  const std::string& tenant) override {
    return store_->NextDue(queue, tenant);
  }

 private:
  hotline::Store* const store_;
  hotline::Clock* const clock_;
  Journal* const journal_;
};

}  // namespace

Journal::Journal(const std::string& path)
    : file_(std::fopen(path.c_str(), "a")) {}

Journal::~Journal() {
  if (file_ != nullptr) std::fclose(file_);
}

void Journal::Add(const Entry& entry) {
  if (file_ == nullptr) return;
  std::fprintf(file_, "%lld %s %s %d\n",
               static_cast<long long>(absl::ToUnixMillis(entry.at)),
               entry.what.c_str(), entry.key.empty() ? "-" : entry.key.c_str(),
               entry.number);
  std::fflush(file_);
}

std::vector<Entry> Journal::Read(const std::string& path) {
  std::vector<Entry> entries;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    int64_t ms = 0;
    Entry entry;
    words >> ms >> entry.what >> entry.key >> entry.number;
    entry.at = absl::FromUnixMillis(ms);
    // The last line may be cut where its writer was killed.
    if (words) entries.push_back(entry);
  }
  return entries;
}

void WaitUntil(hotline::Clock* clock, absl::Time until,
               const std::atomic<bool>& stop) {
  while (!stop && clock->TimeNow() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

absl::Status Work(hotline::Store* store, const WorkerOptions& options) {
  Journal journal(options.journal);
  Gateway gateway(options, &journal);
  Noted noted(store, options.clock, &journal);
  const auto engine = hotline::Engine::Open(
      &noted, {.clock = options.clock, .notifiers = {&gateway}});
  if (!engine.ok()) return engine.status();
  while (!*options.stop) {
    const auto due = (*engine)->RunDue(kLookAgain);
    if (!due.ok()) return due.status();
    const absl::Time now = options.clock->TimeNow();
    if (due->fired > 0) journal.Add({now, "fired", "", due->fired});
    WaitUntil(options.clock, std::min(due->next, now + kLookAgain),
              *options.stop);
  }
  return absl::OkStatus();
}

}  // namespace station
