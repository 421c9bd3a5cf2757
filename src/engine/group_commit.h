// Group commit: callers that meet share one transaction. One of them leads and
// commits for all who wait; a group forms only while the one before commits.
//
// Where the store cannot tell whether a commit happened, what it would have
// left is looked for, and what is not there is sent again. Fences make that
// safe: whichever of two equal Writes comes second finds the first in its way,
// also if the first was still under way when nothing was to be seen of it.
#ifndef HOTLINE_SRC_ENGINE_GROUP_COMMIT_H_
#define HOTLINE_SRC_ENGINE_GROUP_COMMIT_H_

#include <condition_variable>
#include <deque>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "hotline/observer.h"
#include "hotline/store.h"
#include "src/base/mutex.h"

namespace hotline::internal {

class GroupCommit {
 public:
  GroupCommit(Store* store, Observer* observer)
      : store_(store), observer_(observer) {}

  // A verdict for each Write, in order; VERSION_CONFLICT, too, if it was
  // overtaken while the store could not tell. OUTCOME_UNKNOWN is left if three
  // tries gave no clear answer. Blocks until they are durable. The Writes are
  // moved about meanwhile; afterwards they are as they were.
  std::vector<absl::Status> Commit(std::span<Write> writes);

 private:
  struct Waiter {
    std::span<Write> writes;
    std::vector<absl::Status> verdicts;
    bool done = false;
    std::condition_variable_any wake;
  };

  enum class Trace { kOurs, kAnothers, kNone, kUnreadable };
  // What there is to be seen of a Write that may have been committed.
  Trace TraceOf(const Write& write);
  Trace TraceOf(const CaseChange& change);
  Trace TraceOf(const RecordChange& change);
  // The verdict of a Write after OUTCOME_UNKNOWN.
  absl::Status Settle(Write* write, const absl::Status& unknown);

  std::vector<absl::Status> CommitOnce(std::span<Write> writes);
  // One transaction for the group; fills its verdicts.
  void Lead(std::span<Waiter* const> group);

  Store* const store_;
  Observer* const observer_;
  Mutex mutex_;
  std::deque<Waiter*> queue_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ENGINE_GROUP_COMMIT_H_
