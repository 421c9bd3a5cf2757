#include "src/engine/group_commit.h"

#include <utility>

#include "hotline/error.h"
#include "src/engine/try_again.h"

namespace hotline::internal {
namespace {

// A group beyond this gains nothing and makes its members wait.
constexpr size_t kWritesPerGroupMax = 512;
// How often a Write is looked for, and sent again if there is no trace of it.
constexpr int kTracedMax = 3;

// The store's word on what is stored, which an earlier try cannot change.
bool IsRefusal(const absl::Status& verdict) {
  const v1::ErrorInfo::Reason reason = ReasonOf(verdict);
  return reason == v1::ErrorInfo::VERSION_CONFLICT ||
         reason == v1::ErrorInfo::DUPLICATE_REFERENCE ||
         reason == v1::ErrorInfo::INVALID_ARGUMENT;
}

}  // namespace

void GroupCommit::Lead(std::span<Waiter* const> group) {
  std::vector<absl::Status> verdicts;
  if (group.size() == 1) {
    verdicts = TryAgain([&] { return store_->Commit(group.front()->writes); });
  } else {
    // A store takes them in one piece.
    std::vector<Write> writes;
    for (Waiter* waiter : group) {
      for (Write& write : waiter->writes) writes.push_back(std::move(write));
    }
    verdicts = TryAgain([&] { return store_->Commit(writes); });
    size_t next = 0;
    for (Waiter* waiter : group) {
      for (Write& write : waiter->writes) write = std::move(writes[next++]);
    }
  }
  if (observer_ != nullptr) {
    absl::Status all = absl::OkStatus();
    for (const absl::Status& verdict : verdicts) all.Update(verdict);
    observer_->OnCommit(static_cast<int>(verdicts.size()), all);
  }
  if (group.size() == 1) {
    group.front()->verdicts = std::move(verdicts);
    return;
  }
  auto next = verdicts.begin();
  for (Waiter* waiter : group) {
    const auto end = next + static_cast<ptrdiff_t>(waiter->writes.size());
    waiter->verdicts.assign(next, end);
    next = end;
  }
}

GroupCommit::Trace GroupCommit::TraceOf(const CaseChange& change) {
  const auto page =
      store_->ReadEvents(EventsOf(change.row.key, change.expected_version, 1));
  if (!page.ok()) return Trace::kUnreadable;
  if (page->rows.empty()) return Trace::kNone;
  // An event bears the random bytes of its try: no other is equal to it.
  return page->rows.front().payload == change.event->payload ? Trace::kOurs
                                                             : Trace::kAnothers;
}

GroupCommit::Trace GroupCommit::TraceOf(const RecordChange& change) {
  const auto records = store_->ReadRecords(OneRecord(change.record.key));
  if (!records.ok()) return Trace::kUnreadable;
  const int64_t stored = records->empty() ? 0 : records->front().version;
  if (stored == change.expected_version) return Trace::kNone;
  return stored == change.record.version &&
                 records->front().payload == change.record.payload
             ? Trace::kOurs
             : Trace::kAnothers;
}

GroupCommit::Trace GroupCommit::TraceOf(const Write& write) {
  // A Write is atomic: what one fence says holds for all of it.
  for (const CaseChange& change : write.cases) {
    if (change.event.has_value()) return TraceOf(change);
  }
  Trace trace = Trace::kNone;
  for (const RecordChange& change : write.records) {
    if (change.expected_version < 0) continue;
    trace = TraceOf(change);
    if (trace != Trace::kOurs) return trace;
  }
  return trace;
}

absl::Status GroupCommit::Settle(Write* write, const absl::Status& unknown) {
  absl::Status verdict = unknown;
  for (int tries = 1;; ++tries) {
    switch (TraceOf(*write)) {
      case Trace::kOurs:
        return absl::OkStatus();
      case Trace::kAnothers:
        return MakeError(v1::ErrorInfo::VERSION_CONFLICT, "the case moved");
      case Trace::kUnreadable:
        return unknown;
      case Trace::kNone:
        break;
    }
    if (IsRefusal(verdict)) return verdict;
    // A try that failed says nothing of the first, which may be under way yet.
    const bool failed = ReasonOf(verdict) != v1::ErrorInfo::OUTCOME_UNKNOWN;
    if (failed || tries == kTracedMax) return unknown;
    verdict = CommitOnce({write, 1}).front();
    if (verdict.ok()) return verdict;
  }
}

std::vector<absl::Status> GroupCommit::Commit(std::span<Write> writes) {
  std::vector<absl::Status> verdicts = CommitOnce(writes);
  // In order: a Write may rest on those before it.
  for (size_t i = 0; i < verdicts.size(); ++i) {
    if (ReasonOf(verdicts[i]) != v1::ErrorInfo::OUTCOME_UNKNOWN) continue;
    verdicts[i] = Settle(&writes[i], verdicts[i]);
  }
  return verdicts;
}

std::vector<absl::Status> GroupCommit::CommitOnce(std::span<Write> writes) {
  Waiter self;
  self.writes = writes;
  std::vector<Waiter*> group;
  {
    MutexLock lock(&mutex_);
    queue_.push_back(&self);
    while (!self.done && queue_.front() != &self) self.wake.wait(mutex_);
    if (self.done) return std::move(self.verdicts);
    size_t count = 0;
    for (Waiter* waiter : queue_) {
      if (!group.empty() &&
          count + waiter->writes.size() > kWritesPerGroupMax) {
        break;
      }
      count += waiter->writes.size();
      group.push_back(waiter);
    }
  }
  Lead(group);  // the group stays in the queue, so nobody else leads
  MutexLock lock(&mutex_);
  for (Waiter* waiter : group) {
    queue_.pop_front();
    if (waiter == &self) continue;
    waiter->done = true;
    waiter->wake.notify_one();
  }
  if (!queue_.empty()) queue_.front()->wake.notify_one();
  return std::move(self.verdicts);
}

}  // namespace hotline::internal
