#include "src/adapters/memory_store/tables.h"

#include <algorithm>

#include "hotline/limits.h"

namespace hotline::internal {
namespace {

bool HasExternal(const CaseRow& row) {
  return !row.external_system.empty() || !row.external_id.empty();
}

int64_t SaturatingAdd(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kNever : sum;
}

}  // namespace

absl::Status MemoryTables::CheckCase(const CaseChange& change) const {
  const CaseRow& row = change.row;
  const CaseRow* stored = FindCase(row.key);
  const int64_t version = stored == nullptr ? 0 : stored->version;
  if (version != change.expected_version) return VersionConflict(row, version);
  if (change.only_check) return absl::OkStatus();
  const std::string& tenant = row.key.tenant;
  const auto reference = by_reference_.find({tenant, row.reference});
  if (reference != by_reference_.end() && reference->second != row.key.id) {
    return DuplicateReference(row, "reference");
  }
  const auto external =
      by_external_.find({tenant, row.external_system, row.external_id});
  if (external != by_external_.end() && external->second != row.key.id) {
    return DuplicateReference(row, "external_id");
  }
  return absl::OkStatus();
}

absl::Status MemoryTables::Check(const Write& write) const {
  if (absl::Status s = CheckShape(write); !s.ok()) return s;
  for (const CaseChange& change : write.cases) {
    if (absl::Status s = CheckCase(change); !s.ok()) return s;
  }
  for (const RecordChange& change : write.records) {
    if (change.expected_version == -1) continue;
    const auto stored = records_.find(change.record.key);
    const bool fits =
        stored == records_.end()
            ? change.expected_version == 0
            : change.expected_version != 0 &&
                  stored->second.version == change.expected_version;
    if (fits) continue;
    return VersionConflict(change.record.key, stored == records_.end()
                                                  ? 0
                                                  : stored->second.version);
  }
  return absl::OkStatus();
}

void MemoryTables::Apply(const Write& write) {
  for (const CaseChange& change : write.cases) {
    if (!change.only_check) Put(change);
  }
  for (const DeliveryRow& row : write.deliveries) Put(row);
  for (const RecordChange& change : write.records) Put(change.record);
  for (const RowKey& row : write.erasures) Erase(row);
  for (const RecordKey& key : write.removals) Remove(key);
}

void MemoryTables::Index(const CaseRow& row) {
  const auto& [tenant, id] = row.key;
  by_reference_[{tenant, row.reference}] = id;
  if (HasExternal(row)) {
    by_external_[{tenant, row.external_system, row.external_id}] = id;
  }
  by_category_.emplace(tenant, row.category, id);
  if (row.cell != 0) by_cell_.emplace(tenant, row.cell, id);
  if (row.open) by_unit_.emplace(tenant, row.unit, id);
  if (row.open && row.least_due != kNever) {
    by_due_.emplace(tenant, row.least_due, id);
  }
  if (row.next_at != kNever) timers_.emplace(tenant, row.next_at, id);
}

void MemoryTables::Unindex(const CaseRow& row) {
  const auto& [tenant, id] = row.key;
  by_reference_.erase({tenant, row.reference});
  by_external_.erase({tenant, row.external_system, row.external_id});
  by_category_.erase({tenant, row.category, id});
  by_cell_.erase({tenant, row.cell, id});
  by_unit_.erase({tenant, row.unit, id});
  by_due_.erase({tenant, row.least_due, id});
  timers_.erase({tenant, row.next_at, id});
}

void MemoryTables::Put(const CaseChange& change) {
  CaseRow row = change.row;
  const auto stored = cases_.find(row.key);
  if (stored != cases_.end()) Unindex(stored->second);
  if (!change.write_sealed) {
    row.sealed.reset();
    if (stored != cases_.end()) row.sealed = stored->second.sealed;
  }
  Index(row);
  cases_[row.key] = std::move(row);
  if (change.event.has_value()) {
    events_[{change.event->key, change.event->version}] = *change.event;
    feed_[change.event->key.tenant].push_back(
        {change.event->key, change.event->version});
  }
}

void MemoryTables::Put(const DeliveryRow& row) {
  const IdKey key = {row.tenant, row.id};
  if (deliveries_.contains(key)) return;
  // One occurrence is told once: a repeated key is dropped.
  if (!told_.emplace(row.tenant, row.dedupe_key).second) return;
  deliveries_[key].row = row;
  if (row.due_at != kNever) queue_.emplace(row.tenant, row.due_at, row.id);
}

void MemoryTables::Put(const Record& record) {
  Remove(record.key);
  const auto& [tenant, kind, key] = record.key;
  for (size_t i = 0; i < by_column_.size(); ++i) {
    if (record.index[i].empty()) continue;
    by_column_[i].emplace(tenant, kind, record.index[i], key);
  }
  records_[record.key] = record;
}

void MemoryTables::Remove(const RecordKey& record_key) {
  const auto stored = records_.find(record_key);
  if (stored == records_.end()) return;
  const auto& [tenant, kind, key] = record_key;
  for (size_t i = 0; i < by_column_.size(); ++i) {
    by_column_[i].erase({tenant, kind, stored->second.index[i], key});
  }
  records_.erase(stored);
}

void MemoryTables::Erase(const RowKey& row) {
  switch (row.kind) {
    case RowKey::kCase:
      if (const auto it = cases_.find(row.case_key); it != cases_.end()) {
        it->second.sealed.reset();
      }
      return;
    case RowKey::kEvent:
      if (const auto it = events_.find({row.case_key, row.version});
          it != events_.end()) {
        it->second.sealed.reset();
      }
      return;
    case RowKey::kRecord:
      if (const auto it = records_.find(row.record); it != records_.end()) {
        it->second.sealed.reset();
      }
      return;
  }
}

const CaseRow* MemoryTables::FindCase(const CaseKey& key) const {
  const auto it = cases_.find(key);
  return it == cases_.end() ? nullptr : &it->second;
}

EventRowPage MemoryTables::Events(const EventRange& range) const {
  EventRowPage page;
  const CaseKey key{range.tenant, range.case_id};
  for (auto it = events_.upper_bound({key, range.after});
       it != events_.end() && it->first.first == key &&
       page.rows.size() < static_cast<size_t>(range.limit);
       ++it) {
    page.rows.push_back(it->second);
  }
  return page;
}

absl::StatusOr<EventRowPage> MemoryTables::Feed(const EventRange& range) const {
  static const std::vector<std::pair<CaseKey, int64_t>> kNone;
  const auto found = feed_.find(range.tenant);
  const auto& feed = found == feed_.end() ? kNone : found->second;
  const auto end = static_cast<int64_t>(feed.size());
  absl::StatusOr<int64_t> place = DecodeFeedCursor(range.cursor, end);
  if (!place.ok()) return place.status();
  EventRowPage page;
  const int64_t until = std::min(
      end, *place + std::min(range.limit, limits::kRowsReadPerFindMax));
  for (; *place < until; ++*place) {
    page.rows.push_back(events_.at(feed[static_cast<size_t>(*place)]));
  }
  page.next_cursor = EncodeFeedCursor(until);
  page.more = until < end;
  return page;
}

std::string MemoryTables::NextId(const TextIndex& index,
                                 const std::string& tenant,
                                 const std::string& value,
                                 const std::string& after) const {
  const auto it = index.upper_bound({tenant, value, after});
  if (it == index.end() || std::get<0>(*it) != tenant ||
      std::get<1>(*it) != value) {
    return "";
  }
  return std::get<2>(*it);
}

const CaseRow* MemoryTables::Next(const Filter& f, Entrance entrance,
                                  const FindPosition& last) const {
  std::string id;
  switch (entrance) {
    case Entrance::kReferences:
      return nullptr;  // no walk: Named
    case Entrance::kExternal:
      if (const auto it =
              by_external_.find({f.tenant, *f.external_system, *f.external_id});
          it != by_external_.end()) {
        id = it->second;
      }
      break;
    case Entrance::kCategory:
      id = NextId(by_category_, f.tenant, *f.category, last.id);
      break;
    case Entrance::kUnit:
      id = NextId(by_unit_, f.tenant, *f.unit, last.id);
      break;
    case Entrance::kCell:
      if (const auto it = by_cell_.upper_bound({f.tenant, *f.cell, last.id});
          it != by_cell_.end() && std::get<0>(*it) == f.tenant &&
          std::get<1>(*it) == *f.cell) {
        id = std::get<2>(*it);
      }
      break;
    case Entrance::kTenant: {
      const auto it = cases_.upper_bound({f.tenant, last.id});
      return it == cases_.end() || it->first.tenant != f.tenant ? nullptr
                                                                : &it->second;
    }
    case Entrance::kDue:
      if (const auto it = by_due_.upper_bound({f.tenant, last.due, last.id});
          it != by_due_.end() && std::get<0>(*it) == f.tenant &&
          std::get<1>(*it) <= *f.due_until) {
        id = std::get<2>(*it);
      }
      break;
  }
  // One row at most stands behind an external id: past it, the end.
  if (id.empty() || (entrance != Entrance::kDue && id <= last.id)) {
    return nullptr;
  }
  return FindCase({f.tenant, id});
}

std::vector<CaseRow> MemoryTables::Named(const Filter& filter) const {
  const std::set<std::string_view> wanted(filter.references.begin(),
                                          filter.references.end());
  std::vector<CaseRow> rows;
  for (const std::string_view reference : wanted) {
    const auto it = by_reference_.find({filter.tenant, std::string(reference)});
    if (it == by_reference_.end()) continue;
    const CaseRow& row = cases_.at({filter.tenant, it->second});
    if (Matches(filter, row)) rows.push_back(row);
  }
  return rows;
}

std::vector<Record> MemoryTables::Records(const RecordRange& range) const {
  std::vector<Record> found;
  const auto take = [&](const Record& record) {
    found.push_back(record);
    if (!range.sealed) found.back().sealed.reset();
    return found.size() < static_cast<size_t>(range.limit);
  };
  const auto ends = [&](const std::string& value) {
    return !range.until.empty() && value >= range.until;
  };
  if (range.index == -1) {
    for (auto it =
             records_.lower_bound({range.tenant, range.kind, LeastKey(range)});
         it != records_.end() && it->first.tenant == range.tenant &&
         it->first.kind == range.kind && !ends(it->first.key) &&
         take(it->second);
         ++it) {
    }
    return found;
  }
  const auto& index = by_column_[static_cast<size_t>(range.index)];
  for (auto it = index.lower_bound(
           {range.tenant, range.kind, range.from, LeastKeyInColumn(range)});
       it != index.end(); ++it) {
    const auto& [tenant, kind, value, key] = *it;
    if (tenant != range.tenant || kind != range.kind || ends(value)) break;
    if (!take(records_.at({tenant, kind, key}))) break;
  }
  return found;
}

std::vector<Claimed> MemoryTables::DueTimers(const DueQuery& query) const {
  std::vector<Claimed> due;
  for (auto it =
           timers_.upper_bound({query.tenant, query.after_due, query.after_id});
       it != timers_.end() && std::get<0>(*it) == query.tenant &&
       std::get<1>(*it) <= query.due &&
       due.size() < static_cast<size_t>(query.limit);
       ++it) {
    Claimed& timer = due.emplace_back();
    timer.case_key = {query.tenant, std::get<2>(*it)};
    timer.due_at = std::get<1>(*it);
    if (query.rows) timer.row = cases_.at(timer.case_key);
  }
  return due;
}

std::vector<Claimed> MemoryTables::Lease(const DueQuery& query, int64_t now) {
  std::vector<Claimed> leased;
  const int64_t until =
      SaturatingAdd(now, absl::ToInt64Milliseconds(query.lease));
  for (auto it = queue_.lower_bound({query.tenant, kNoLease, ""});
       it != queue_.end() && std::get<0>(*it) == query.tenant &&
       std::get<1>(*it) <= query.due &&
       leased.size() < static_cast<size_t>(query.limit);
       ++it) {
    StoredDelivery& stored = deliveries_.at({query.tenant, std::get<2>(*it)});
    if (stored.leased_until > now) continue;
    stored.leased_until = until;
    ++stored.token;
    ++stored.row.attempts;
    leased.push_back({.case_key = {query.tenant, stored.row.case_id},
                      .due_at = stored.row.due_at,
                      .delivery = stored.row,
                      .token = stored.token});
  }
  return leased;
}

absl::Status MemoryTables::Finish(const Finished& finished) {
  const auto it = deliveries_.find({finished.tenant, finished.id});
  if (it == deliveries_.end() || finished.token == 0 ||
      it->second.token != finished.token) {
    return StaleToken(finished.token);
  }
  StoredDelivery& stored = it->second;
  queue_.erase({finished.tenant, stored.row.due_at, finished.id});
  stored.row.due_at = finished.due_at;
  stored.row.state = finished.state;
  stored.row.attempts = finished.attempts.value_or(stored.row.attempts);
  stored.leased_until = kNoLease;
  if (finished.due_at != kNever) {
    queue_.emplace(finished.tenant, finished.due_at, finished.id);
  }
  return absl::OkStatus();
}

int64_t MemoryTables::NextTimer(const std::string& tenant) const {
  const auto it = timers_.lower_bound({tenant, kNoLease, ""});
  return it == timers_.end() || std::get<0>(*it) != tenant ? kNever
                                                           : std::get<1>(*it);
}

int64_t MemoryTables::NextDelivery(const std::string& tenant,
                                   int64_t now) const {
  int64_t next = kNever;
  for (auto it = queue_.lower_bound({tenant, kNoLease, ""});
       it != queue_.end() && std::get<0>(*it) == tenant &&
       std::get<1>(*it) < next;
       ++it) {
    const int64_t lease =
        deliveries_.at({tenant, std::get<2>(*it)}).leased_until;
    next = std::min(next, lease > now ? std::max(lease, std::get<1>(*it))
                                      : std::get<1>(*it));
  }
  return next;
}

}  // namespace hotline::internal
