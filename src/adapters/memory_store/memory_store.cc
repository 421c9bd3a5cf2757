#include "hotline/adapters/memory_store.h"

#include <utility>

#include "hotline/limits.h"
#include "hotline/store_shape.h"
#include "src/adapters/memory_store/tables.h"
#include "src/base/mutex.h"
#include "src/base/time.h"

namespace hotline {

using internal::MutexLock;

struct MemoryStore::Tables {
  internal::Mutex mutex;
  internal::MemoryTables rows ABSL_GUARDED_BY(mutex);
};

MemoryStore::MemoryStore(Clock* clock)
    : tables_(std::make_unique<Tables>()),
      clock_(clock == nullptr ? RealClock() : clock) {}

MemoryStore::~MemoryStore() = default;

Capabilities MemoryStore::capabilities() const {
  return {.durable = false, .many_processes = false, .name = "memory"};
}

absl::Time MemoryStore::Now() { return clock_->TimeNow(); }

std::vector<absl::Status> MemoryStore::Commit(std::span<const Write> writes) {
  std::vector<absl::Status> verdicts;
  verdicts.reserve(writes.size());
  MutexLock lock(&tables_->mutex);
  for (const Write& write : writes) {
    verdicts.push_back(tables_->rows.Check(write));
    if (verdicts.back().ok()) tables_->rows.Apply(write);
  }
  return verdicts;
}

absl::StatusOr<CaseRow> MemoryStore::ReadCase(const CaseKey& key, Part part) {
  MutexLock lock(&tables_->mutex);
  const CaseRow* row = tables_->rows.FindCase(key);
  if (row == nullptr) return CaseNotFound();
  CaseRow copy = *row;
  if (part == Part::kPayload) copy.sealed.reset();
  return copy;
}

absl::StatusOr<EventRowPage> MemoryStore::ReadEvents(const EventRange& range) {
  if (absl::Status s = CheckShape(range); !s.ok()) return s;
  MutexLock lock(&tables_->mutex);
  return range.case_id.empty() ? tables_->rows.Feed(range)
                               : tables_->rows.Events(range);
}

absl::StatusOr<CaseRowPage> MemoryStore::Find(const Filter& filter) {
  if (absl::Status s = CheckShape(filter); !s.ok()) return s;
  absl::StatusOr<FindPosition> last = DecodeCursor(filter.cursor);
  if (!last.ok()) return last.status();
  const Entrance entrance = EntranceOf(filter);
  CaseRowPage page;
  MutexLock lock(&tables_->mutex);
  if (entrance == Entrance::kReferences) {
    page = PageOf(filter, *last, tables_->rows.Named(filter));
    for (CaseRow& row : page.rows) {
      if (!filter.sealed) row.sealed.reset();
    }
    return page;
  }
  for (int read = 0;; ++read) {
    const CaseRow* row = tables_->rows.Next(filter, entrance, *last);
    if (row == nullptr) return page;
    if (page.rows.size() >= static_cast<size_t>(filter.limit) ||
        read >= limits::kRowsReadPerFindMax) {
      page.next_cursor = EncodeCursor(*last);
      return page;
    }
    last->id = row->key.id;
    if (entrance == Entrance::kDue) last->due = row->least_due;
    if (!Matches(filter, *row)) continue;
    page.rows.push_back(*row);
    if (!filter.sealed) page.rows.back().sealed.reset();
  }
}

absl::StatusOr<std::vector<Record>> MemoryStore::ReadRecords(
    const RecordRange& range) {
  if (absl::Status s = CheckShape(range); !s.ok()) return s;
  MutexLock lock(&tables_->mutex);
  return tables_->rows.Records(range);
}

absl::StatusOr<std::vector<Claimed>> MemoryStore::Claim(const DueQuery& query) {
  if (absl::Status s = CheckShape(query); !s.ok()) return s;
  const int64_t now = internal::ToMs(Now());
  MutexLock lock(&tables_->mutex);
  return query.queue == DueQuery::kTimers ? tables_->rows.DueTimers(query)
                                          : tables_->rows.Lease(query, now);
}

std::vector<absl::Status> MemoryStore::Finish(
    std::span<const Finished> finished) {
  std::vector<absl::Status> verdicts;
  verdicts.reserve(finished.size());
  MutexLock lock(&tables_->mutex);
  for (const Finished& one : finished) {
    verdicts.push_back(tables_->rows.Finish(one));
  }
  return verdicts;
}

absl::StatusOr<int64_t> MemoryStore::NextDue(DueQuery::Queue queue,
                                             const std::string& tenant) {
  const int64_t now = internal::ToMs(Now());
  MutexLock lock(&tables_->mutex);
  return queue == DueQuery::kTimers ? tables_->rows.NextTimer(tenant)
                                    : tables_->rows.NextDelivery(tenant, now);
}

}  // namespace hotline
