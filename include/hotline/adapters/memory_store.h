// A store in the memory of the process: for tests, what-if and simulation, and
// the specification of the port. What this store does with a call is what every
// store must do; the conformance tests compare others with it. The same calls,
// in the same order and at the same times of its clock, have the same answers,
// also in later releases: a log of them is a store (examples/custom_store).
//
//   hotline::MemoryStore store;
//   auto engine = hotline::Engine::Open(&store, {});
//
// Thread rule: any method, any thread; one lock, no waiting but for it.
// Lifetime: what it holds dies with it. A clock given to it must outlive it.
#ifndef HOTLINE_ADAPTERS_MEMORY_STORE_H_
#define HOTLINE_ADAPTERS_MEMORY_STORE_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/clock.h"
#include "hotline/store.h"

namespace hotline {

class MemoryStore final : public Store {
 public:
  // `clock` measures leases; null is the machine's.
  explicit MemoryStore(Clock* clock = nullptr);
  ~MemoryStore() override;
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  Capabilities capabilities() const override;
  absl::Time Now() override;
  std::vector<absl::Status> Commit(std::span<const Write> writes) override;
  absl::StatusOr<CaseRow> ReadCase(const CaseKey& key, Part part) override;
  absl::StatusOr<EventRowPage> ReadEvents(const EventRange& range) override;
  absl::StatusOr<CaseRowPage> Find(const Filter& filter) override;
  absl::StatusOr<std::vector<Record>> ReadRecords(
      const RecordRange& range) override;
  absl::StatusOr<std::vector<Claimed>> Claim(const DueQuery& query) override;
  std::vector<absl::Status> Finish(std::span<const Finished> finished) override;
  absl::StatusOr<int64_t> NextDue(DueQuery::Queue queue,
                                  const std::string& tenant) override;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
  Clock* const clock_;
};

}  // namespace hotline

#endif  // HOTLINE_ADAPTERS_MEMORY_STORE_H_
