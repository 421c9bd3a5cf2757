#include "src/adapters/postgres_store/pool.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "src/adapters/postgres_store/errors.h"
#include "src/adapters/postgres_store/waiting.h"

namespace hotline::internal {
namespace {

void Add(const PgCounters& more, PgCounters* sum) {
  sum->connections += more.connections;
  sum->round_trips += more.round_trips;
  sum->statements += more.statements;
  sum->rows += more.rows;
}

}  // namespace

std::unique_ptr<PgSqlConnection> PgPool::TakeIdle() {
  MutexLock lock(&mutex_);
  if (idle_.empty()) return nullptr;
  // The one last used: its statements and pages are warm, and the others may
  // be closed by who watches for idle ones.
  std::unique_ptr<PgSqlConnection> connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void PgPool::CountAndDrop(std::unique_ptr<PgSqlConnection> connection) {
  MutexLock lock(&mutex_);
  Add(connection->pg().counters(), &past_);
}

bool PgPool::WaitForFree() {
  const absl::Time deadline = SteadyNow() + patience_;
  while (lent_ >= most_) {
    const absl::Duration left = deadline - SteadyNow();
    if (left <= absl::ZeroDuration()) return false;
    // By the hour: an endless patience has no end on the clock.
    returned_.wait_for(
        mutex_, absl::ToChronoNanoseconds(std::min(left, absl::Hours(1))));
  }
  return true;
}

absl::StatusOr<PgPool::Lease> PgPool::Borrow() {
  {
    MutexLock lock(&mutex_);
    // Where the server is gone each of them waits for it in vain, one caller
    // behind the other.
    if (!WaitForFree()) {
      return StoreFailed(
          "connections", absl::StrCat("all ", most_, " connections are in use"),
          absl::StrCat("none came back within ",
                       absl::FormatDuration(patience_),
                       ": see whether the server answers, or open the store "
                       "with more connections"));
    }
    ++lent_;
  }
  while (std::unique_ptr<PgSqlConnection> kept = TakeIdle()) {
    if (kept->pg().StillThere()) return Lease(this, std::move(kept));
    CountAndDrop(std::move(kept));
  }
  absl::StatusOr<std::unique_ptr<PgSqlConnection>> fresh = open_();
  if (fresh.ok()) return Lease(this, *std::move(fresh));
  MutexLock lock(&mutex_);
  --lent_;
  returned_.notify_one();
  return fresh.status();
}

void PgPool::Return(std::unique_ptr<PgSqlConnection> connection) {
  // Nobody may find another's transaction.
  const bool keep = connection->pg().RollBack();
  MutexLock lock(&mutex_);
  if (keep) {
    idle_.push_back(std::move(connection));
  } else {
    Add(connection->pg().counters(), &past_);
  }
  --lent_;
  returned_.notify_one();
}

PgCounters PgPool::counters() {
  MutexLock lock(&mutex_);
  PgCounters sum = past_;
  for (const auto& connection : idle_) Add(connection->pg().counters(), &sum);
  return sum;
}

}  // namespace hotline::internal
