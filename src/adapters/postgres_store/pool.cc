#include "src/adapters/postgres_store/pool.h"

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

absl::StatusOr<PgPool::Lease> PgPool::Borrow() {
  {
    MutexLock lock(&mutex_);
    while (lent_ >= most_) returned_.wait(mutex_);
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
