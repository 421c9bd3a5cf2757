#include "hotline/testing/faulty_store.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/base/absl_bridge.h"
#include "src/base/mutex.h"

namespace hotline::testing {

using hotline::internal::MutexLock;
using hotline::internal::ToAbsl;

struct FaultyStore::State {
  mutable hotline::internal::Mutex mutex;
  std::array<std::deque<Fault>, kMethods> planned ABSL_GUARDED_BY(mutex);
  std::deque<Fault> planned_writes ABSL_GUARDED_BY(mutex);
  std::mt19937_64 dice ABSL_GUARDED_BY(mutex);
  int per_thousand ABSL_GUARDED_BY(mutex) = 0;
  std::array<std::map<Fault, int>, kMethods> rates ABSL_GUARDED_BY(mutex);
  int failing_reads ABSL_GUARDED_BY(mutex) = 0;
  std::optional<std::map<int64_t, Fault>> replay ABSL_GUARDED_BY(mutex);
  int calls_while_lost ABSL_GUARDED_BY(mutex) = 2;
  int lost ABSL_GUARDED_BY(mutex) = 0;
  std::function<void()> once ABSL_GUARDED_BY(mutex);
  std::vector<std::function<void()>> put_off ABSL_GUARDED_BY(mutex);
  // What ReadCase last answered, for kStale; with its sealed body or without.
  std::map<std::pair<CaseKey, Part>, CaseRow> seen ABSL_GUARDED_BY(mutex);
  std::vector<Injected> log ABSL_GUARDED_BY(mutex);
  int64_t calls ABSL_GUARDED_BY(mutex) = 0;
  int64_t commits ABSL_GUARDED_BY(mutex) = 0;

  // The fault that this call meets.
  Fault Draw(Method method, bool writes);

 private:
  Fault Choose(Method method, bool writes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
};

namespace {

constexpr const char* kFaultNames[] = {
    "kNone",           "kFailed",           "kBusy",      "kFull",
    "kDoneButUnknown", "kUndoneButUnknown", "kContended", "kDoneLater",
    "kTimedOut",       "kLostConnection",   "kStale"};
constexpr const char* kMethodNames[] = {"Commit", "ReadCase",    "ReadEvents",
                                        "Find",   "ReadRecords", "Claim",
                                        "Finish", "NextDue"};

absl::Status WordOf(FaultyStore::Fault fault) {
  switch (fault) {
    case FaultyStore::kBusy:
      return MakeError(v1::ErrorInfo::STORE_BUSY, "planned: held by another");
    case FaultyStore::kFull:
      return MakeError(v1::ErrorInfo::STORAGE_FULL, "planned: no room");
    case FaultyStore::kContended:
      return MakeError(v1::ErrorInfo::STORE_CONTENDED,
                       "planned: given up for another's sake");
    case FaultyStore::kDoneButUnknown:
    case FaultyStore::kUndoneButUnknown:
    case FaultyStore::kDoneLater:
    case FaultyStore::kTimedOut:
    case FaultyStore::kLostConnection:
      return MakeError(v1::ErrorInfo::OUTCOME_UNKNOWN, "planned: line cut");
    default:
      return MakeError(v1::ErrorInfo::STORE_FAILED, "planned: i/o error");
  }
}

FaultyStore::Fault Pop(std::deque<FaultyStore::Fault>* planned) {
  const FaultyStore::Fault fault = planned->front();
  planned->pop_front();
  return fault;
}

}  // namespace

std::string_view FaultName(FaultyStore::Fault fault) {
  return kFaultNames[fault];
}
std::string_view MethodName(FaultyStore::Method method) {
  return kMethodNames[method];
}

FaultyStore::Fault FaultyStore::State::Choose(Method method, bool writes) {
  if (replay.has_value()) {
    const auto fault = replay->find(calls);
    return fault == replay->end() ? kNone : fault->second;
  }
  if (lost > 0) {
    --lost;
    return kFailed;
  }
  auto& own = planned[static_cast<size_t>(method)];
  if (!own.empty()) return Pop(&own);
  if (writes && !planned_writes.empty()) return Pop(&planned_writes);
  if (!writes && failing_reads > 0) {
    --failing_reads;
    return kFailed;
  }
  if (writes && per_thousand > 0 &&
      static_cast<int>(dice() % 1000) < per_thousand) {
    return static_cast<Fault>(kFailed + dice() % 5);
  }
  for (const auto& [fault, rate] : rates[static_cast<size_t>(method)]) {
    if (static_cast<int>(dice() % 1000) < rate) return fault;
  }
  return kNone;
}

FaultyStore::Fault FaultyStore::State::Draw(Method method, bool writes) {
  MutexLock lock(&mutex);
  ++calls;
  if (writes) ++commits;
  Fault fault = Choose(method, writes);
  if (fault == kTimedOut && writes && !replay.has_value()) {
    fault = dice() % 2 == 0 ? kDoneButUnknown : kUndoneButUnknown;
  }
  // In a replay the calls that followed are in the log themselves.
  if (fault == kLostConnection && !replay.has_value()) lost = calls_while_lost;
  if (fault != kNone) log.push_back({calls, method, fault});
  return fault;
}

FaultyStore::FaultyStore(Store* inner)
    : inner_(inner), state_(std::make_unique<State>()) {}
FaultyStore::~FaultyStore() = default;

void FaultyStore::FailNext(Fault fault, int times) {
  MutexLock lock(&state_->mutex);
  state_->planned_writes.insert(state_->planned_writes.end(),
                                static_cast<size_t>(times), fault);
}

void FaultyStore::FailNextOf(Method method, Fault fault, int times) {
  MutexLock lock(&state_->mutex);
  auto& planned = state_->planned[static_cast<size_t>(method)];
  planned.insert(planned.end(), static_cast<size_t>(times), fault);
}

void FaultyStore::FailByChance(uint64_t seed, int per_thousand) {
  MutexLock lock(&state_->mutex);
  state_->dice.seed(seed);
  state_->per_thousand = per_thousand;
}

void FaultyStore::SetRate(Method method, Fault fault, int per_thousand) {
  MutexLock lock(&state_->mutex);
  state_->rates[static_cast<size_t>(method)][fault] = per_thousand;
}

void FaultyStore::Seed(uint64_t seed) {
  MutexLock lock(&state_->mutex);
  state_->dice.seed(seed);
}

void FaultyStore::FailReads(int times) {
  MutexLock lock(&state_->mutex);
  state_->failing_reads = times;
}

void FaultyStore::Replay(std::span<const Injected> faults) {
  std::map<int64_t, Fault> by_call;
  for (const Injected& one : faults) by_call[one.call] = one.fault;
  MutexLock lock(&state_->mutex);
  state_->replay = std::move(by_call);
  state_->calls = 0;
  state_->log.clear();
}

void FaultyStore::set_calls_while_lost(int calls) {
  MutexLock lock(&state_->mutex);
  state_->calls_while_lost = calls;
}

void FaultyStore::BeforeNextCommit(std::function<void()> once) {
  MutexLock lock(&state_->mutex);
  state_->once = std::move(once);
}

void FaultyStore::Settle() {
  std::vector<std::function<void()>> put_off;
  {
    MutexLock lock(&state_->mutex);
    put_off.swap(state_->put_off);
  }
  for (const auto& write : put_off) write();
}

void FaultyStore::Heal() {
  MutexLock lock(&state_->mutex);
  for (auto& planned : state_->planned) planned.clear();
  state_->planned_writes.clear();
  state_->per_thousand = 0;
  for (auto& rates : state_->rates) rates.clear();
  state_->failing_reads = 0;
  state_->replay.reset();
  state_->lost = 0;
  state_->once = nullptr;
}

int64_t FaultyStore::commits() const {
  MutexLock lock(&state_->mutex);
  return state_->commits;
}

int64_t FaultyStore::faults() const {
  MutexLock lock(&state_->mutex);
  return static_cast<int64_t>(state_->log.size());
}

std::vector<FaultyStore::Injected> FaultyStore::log() const {
  MutexLock lock(&state_->mutex);
  return state_->log;
}

std::string FaultyStore::LogText() const {
  std::string text;
  for (const Injected& one : log()) {
    absl::StrAppend(&text, "call ", one.call, ": ",
                    ToAbsl(MethodName(one.method)), " met ",
                    ToAbsl(FaultName(one.fault)), "\n");
  }
  return text;
}

FaultyStore::Turn FaultyStore::TurnOf(Method method) {
  const Fault fault = state_->Draw(method, true);
  if (fault == kNone || fault == kStale) return {};
  return {.now = fault == kDoneButUnknown,
          .later = fault == kDoneLater,
          .word = WordOf(fault)};
}

absl::Status FaultyStore::ReadFault(Method method) {
  const Fault fault = state_->Draw(method, false);
  if (fault == kNone || fault == kStale) return absl::OkStatus();
  if (fault == kBusy || fault == kContended) return WordOf(fault);
  return MakeError(v1::ErrorInfo::STORE_FAILED, "planned: unreadable");
}

void FaultyStore::PutOff(std::function<void()> write) {
  MutexLock lock(&state_->mutex);
  state_->put_off.push_back(std::move(write));
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
  Settle();
  const Turn turn = TurnOf(kCommit);
  if (turn.word.ok()) return inner_->Commit(writes);
  if (turn.now) inner_->Commit(writes);
  if (turn.later) {
    PutOff([this, copy = std::vector<Write>(writes.begin(), writes.end())] {
      inner_->Commit(copy);
    });
  }
  return std::vector<absl::Status>(writes.size(), turn.word);
}

absl::StatusOr<CaseRow> FaultyStore::ReadCase(const CaseKey& key, Part part) {
  // Tests that run for long read many cases; what is old enough is forgotten.
  constexpr size_t kSeenMax = 10'000;
  const Fault fault = state_->Draw(kReadCase, false);
  if (fault == kStale) {
    MutexLock lock(&state_->mutex);
    const auto seen = state_->seen.find({key, part});
    if (seen != state_->seen.end()) return seen->second;
  } else if (fault == kBusy || fault == kContended) {
    return WordOf(fault);
  } else if (fault != kNone) {
    return WordOf(kFailed);
  }
  auto row = inner_->ReadCase(key, part);
  if (row.ok()) {
    MutexLock lock(&state_->mutex);
    if (state_->seen.size() >= kSeenMax) state_->seen.clear();
    state_->seen[{key, part}] = *row;
  }
  return row;
}

absl::StatusOr<EventRowPage> FaultyStore::ReadEvents(const EventRange& range) {
  if (absl::Status fault = ReadFault(kReadEvents); !fault.ok()) return fault;
  return inner_->ReadEvents(range);
}

absl::StatusOr<CaseRowPage> FaultyStore::Find(const Filter& filter) {
  if (absl::Status fault = ReadFault(kFind); !fault.ok()) return fault;
  return inner_->Find(filter);
}

absl::StatusOr<std::vector<Record>> FaultyStore::ReadRecords(
    const RecordRange& range) {
  if (absl::Status fault = ReadFault(kReadRecords); !fault.ok()) return fault;
  return inner_->ReadRecords(range);
}

absl::StatusOr<std::vector<Claimed>> FaultyStore::Claim(const DueQuery& query) {
  if (query.queue == DueQuery::kTimers) {
    if (absl::Status fault = ReadFault(kClaim); !fault.ok()) return fault;
    return inner_->Claim(query);
  }
  const Turn turn = TurnOf(kClaim);
  if (turn.word.ok()) return inner_->Claim(query);
  // Leased, and nobody knows by whom: the lease has to run out.
  if (turn.now) (void)inner_->Claim(query);
  if (turn.later) PutOff([this, query] { (void)inner_->Claim(query); });
  return turn.word;
}

std::vector<absl::Status> FaultyStore::Finish(
    std::span<const Finished> finished) {
  const Turn turn = TurnOf(kFinish);
  if (turn.word.ok()) return inner_->Finish(finished);
  if (turn.now) inner_->Finish(finished);
  if (turn.later) {
    PutOff(
        [this, copy = std::vector<Finished>(finished.begin(), finished.end())] {
          inner_->Finish(copy);
        });
  }
  return std::vector<absl::Status>(finished.size(), turn.word);
}

absl::StatusOr<int64_t> FaultyStore::NextDue(DueQuery::Queue queue,
                                             const std::string& tenant) {
  if (absl::Status fault = ReadFault(kNextDue); !fault.ok()) return fault;
  return inner_->NextDue(queue, tenant);
}

}  // namespace hotline::testing
