// A store that hands everything on and keeps a copy of what was written, so
// that the floor can write the very same rows.
#ifndef HOTLINE_BENCHMARKS_CAPTURE_H_
#define HOTLINE_BENCHMARKS_CAPTURE_H_

#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "hotline/store.h"

namespace hotline::bench {

// Commit is called by one thread at a time, as the engine does.
class Capture final : public Store {
 public:
  explicit Capture(Store* under) : under_(under) {}

  // The Writes that went through since the last call.
  std::vector<Write> Take() { return std::exchange(writes_, {}); }
  // Seconds spent on copying since the last call: not the engine's own.
  double TakeSeconds() { return std::exchange(seconds_, 0.0); }
  int64_t reads() const { return reads_; }

  Capabilities capabilities() const override { return under_->capabilities(); }
  absl::Time Now() override { return under_->Now(); }
  std::vector<absl::Status> Commit(std::span<const Write> writes) override {
    auto verdicts = under_->Commit(writes);
    const auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < writes.size(); ++i) {
      if (verdicts[i].ok()) writes_.push_back(writes[i]);
    }
    const std::chrono::duration<double> took =
        std::chrono::steady_clock::now() - start;
    seconds_ += took.count();
    return verdicts;
  }
  absl::StatusOr<CaseRow> ReadCase(const CaseKey& key, Part part) override {
    ++reads_;
    return under_->ReadCase(key, part);
  }
  absl::StatusOr<EventRowPage> ReadEvents(const EventRange& range) override {
    ++reads_;
    return under_->ReadEvents(range);
  }
  absl::StatusOr<CaseRowPage> Find(const Filter& filter) override {
    ++reads_;
    return under_->Find(filter);
  }
  absl::StatusOr<std::vector<Record>> ReadRecords(
      const RecordRange& range) override {
    ++reads_;
    return under_->ReadRecords(range);
  }
  absl::StatusOr<std::vector<Claimed>> Claim(const DueQuery& query) override {
    ++reads_;
    return under_->Claim(query);
  }
  std::vector<absl::Status> Finish(
      std::span<const Finished> finished) override {
    return under_->Finish(finished);
  }
  absl::StatusOr<int64_t> NextDue(DueQuery::Queue queue,
                                  const std::string& tenant) override {
    ++reads_;
    return under_->NextDue(queue, tenant);
  }

 private:
  Store* const under_;
  std::vector<Write> writes_;
  double seconds_ = 0;
  std::atomic<int64_t> reads_{0};
};

}  // namespace hotline::bench

#endif  // HOTLINE_BENCHMARKS_CAPTURE_H_
