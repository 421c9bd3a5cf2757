#include "hotline/testing/faulty_store.h"

#include <deque>
#include <random>
#include <utility>

#include "hotline/error.h"
#include "src/base/mutex.h"

namespace hotline::testing {

using hotline::internal::MutexLock;

struct FaultyStore::State {
  mutable hotline::internal::Mutex mutex;
  std::deque<Fault> planned ABSL_GUARDED_BY(mutex);
  std::mt19937_64 dice ABSL_GUARDED_BY(mutex);
  int per_thousand ABSL_GUARDED_BY(mutex) = 0;
  int failing_reads ABSL_GUARDED_BY(mutex) = 0;
  std::function<void()> once ABSL_GUARDED_BY(mutex);
  int64_t commits ABSL_GUARDED_BY(mutex) = 0;
  int64_t faults ABSL_GUARDED_BY(mutex) = 0;
};

namespace {

absl::Status WordOf(FaultyStore::Fault fault) {
  switch (fault) {
    case FaultyStore::kBusy:
      return MakeError(v1::ErrorInfo::STORE_BUSY, "planned: held by another");
    case FaultyStore::kFull:
      return MakeError(v1::ErrorInfo::STORAGE_FULL, "planned: no room");
    case FaultyStore::kDoneButUnknown:
    case FaultyStore::kUndoneButUnknown:
      return MakeError(v1::ErrorInfo::OUTCOME_UNKNOWN, "planned: line cut");
    default:
      return MakeError(v1::ErrorInfo::STORE_FAILED, "planned: i/o error");
  }
}

}  // namespace

FaultyStore::FaultyStore(Store* inner)
    : inner_(inner), state_(std::make_unique<State>()) {}
FaultyStore::~FaultyStore() = default;

void FaultyStore::FailNext(Fault fault, int times) {
  MutexLock lock(&state_->mutex);
  state_->planned.insert(state_->planned.end(), static_cast<size_t>(times),
                         fault);
}

void FaultyStore::FailByChance(uint64_t seed, int per_thousand) {
  MutexLock lock(&state_->mutex);
  state_->dice.seed(seed);
  state_->per_thousand = per_thousand;
}

void FaultyStore::FailReads(int times) {
  MutexLock lock(&state_->mutex);
  state_->failing_reads = times;
}

void FaultyStore::BeforeNextCommit(std::function<void()> once) {
  MutexLock lock(&state_->mutex);
  state_->once = std::move(once);
}

void FaultyStore::Heal() {
  MutexLock lock(&state_->mutex);
  state_->planned.clear();
  state_->per_thousand = 0;
  state_->failing_reads = 0;
  state_->once = nullptr;
}

int64_t FaultyStore::commits() const {
  MutexLock lock(&state_->mutex);
  return state_->commits;
}

int64_t FaultyStore::faults() const {
  MutexLock lock(&state_->mutex);
  return state_->faults;
}

FaultyStore::Fault FaultyStore::Draw() {
  MutexLock lock(&state_->mutex);
  ++state_->commits;
  Fault fault = kNone;
  if (!state_->planned.empty()) {
    fault = state_->planned.front();
    state_->planned.pop_front();
  } else if (state_->per_thousand > 0 &&
             static_cast<int>(state_->dice() % 1000) < state_->per_thousand) {
    fault = static_cast<Fault>(kFailed + state_->dice() % 5);
  }
  if (fault != kNone) ++state_->faults;
  return fault;
}

absl::Status FaultyStore::ReadFault() {
  MutexLock lock(&state_->mutex);
  if (state_->failing_reads <= 0) return absl::OkStatus();
  --state_->failing_reads;
  ++state_->faults;
  return MakeError(v1::ErrorInfo::STORE_FAILED, "planned: unreadable");
}

Capabilities FaultyStore::capabilities() const {
  return inner_->capabilities();
}

absl::Time FaultyStore::Now() { return inner_->Now(); }

std::vector<absl::Status> FaultyStore::Commit(std::span<const Write> writes) {
  std::function<void()> once;
  {
    MutexLock lock(&state_->mutex);
    once.swap(state_->once);
  }
  if (once) once();
  const Fault fault = Draw();
  if (fault == kNone) return inner_->Commit(writes);
  if (fault == kDoneButUnknown) inner_->Commit(writes);
  return std::vector<absl::Status>(writes.size(), WordOf(fault));
}

absl::StatusOr<CaseRow> FaultyStore::ReadCase(const CaseKey& key, Part part) {
  if (absl::Status fault = ReadFault(); !fault.ok()) return fault;
  return inner_->ReadCase(key, part);
}

absl::StatusOr<EventRowPage> FaultyStore::ReadEvents(const EventRange& range) {
  if (absl::Status fault = ReadFault(); !fault.ok()) return fault;
  return inner_->ReadEvents(range);
}

absl::StatusOr<CaseRowPage> FaultyStore::Find(const Filter& filter) {
  if (absl::Status fault = ReadFault(); !fault.ok()) return fault;
  return inner_->Find(filter);
}

absl::StatusOr<std::vector<Record>> FaultyStore::ReadRecords(
    const RecordRange& range) {
  if (absl::Status fault = ReadFault(); !fault.ok()) return fault;
  return inner_->ReadRecords(range);
}

absl::StatusOr<std::vector<Claimed>> FaultyStore::Claim(const DueQuery& query) {
  if (query.queue == DueQuery::kTimers) {
    if (absl::Status fault = ReadFault(); !fault.ok()) return fault;
    return inner_->Claim(query);
  }
  const Fault fault = Draw();
  if (fault == kNone) return inner_->Claim(query);
  // Leased, and nobody knows by whom: the lease has to run out.
  if (fault == kDoneButUnknown) (void)inner_->Claim(query);
  return WordOf(fault);
}

std::vector<absl::Status> FaultyStore::Finish(
    std::span<const Finished> finished) {
  const Fault fault = Draw();
  if (fault == kNone) return inner_->Finish(finished);
  if (fault == kDoneButUnknown) inner_->Finish(finished);
  return std::vector<absl::Status>(finished.size(), WordOf(fault));
}

absl::StatusOr<int64_t> FaultyStore::NextDue(DueQuery::Queue queue,
                                             const std::string& tenant) {
  if (absl::Status fault = ReadFault(); !fault.ok()) return fault;
  return inner_->NextDue(queue, tenant);
}

}  // namespace hotline::testing
