#include "src/engine/group_commit.h"

#include <utility>

#include "hotline/error.h"

namespace hotline::internal {
namespace {

// A group beyond this gains nothing and makes its members wait.
constexpr size_t kWritesPerGroupMax = 512;
constexpr int kTriesMax = 5;

// A transaction the database gave up for another's left no trace: the same
// again may pass.
std::vector<absl::Status> CommitOrTryAgain(Store* store,
                                           std::span<const Write> writes) {
  for (int tries = 1;; ++tries) {
    std::vector<absl::Status> verdicts = store->Commit(writes);
    if (tries == kTriesMax || verdicts.empty() ||
        ReasonOf(verdicts.front()) != v1::ErrorInfo::STORE_CONTENDED) {
      return verdicts;
    }
  }
}

}  // namespace

void GroupCommit::Lead(std::span<Waiter* const> group) {
  std::vector<absl::Status> verdicts;
  if (group.size() == 1) {
    verdicts = CommitOrTryAgain(store_, group.front()->writes);
  } else {
    // A store takes them in one piece.
    std::vector<Write> writes;
    for (Waiter* waiter : group) {
      for (Write& write : waiter->writes) writes.push_back(std::move(write));
    }
    verdicts = CommitOrTryAgain(store_, writes);
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
  size_t next = 0;
  for (Waiter* waiter : group) {
    for (size_t i = 0; i < waiter->writes.size(); ++i) {
      waiter->verdicts.push_back(std::move(verdicts[next++]));
    }
  }
}

std::vector<absl::Status> GroupCommit::Commit(std::span<Write> writes) {
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
