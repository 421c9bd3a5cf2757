// The tables of MemoryStore and their indexes, without locks.
#ifndef HOTLINE_SRC_ADAPTERS_MEMORY_STORE_TABLES_H_
#define HOTLINE_SRC_ADAPTERS_MEMORY_STORE_TABLES_H_

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hotline/store.h"
#include "hotline/store_shape.h"

namespace hotline::internal {

inline constexpr int64_t kNoLease = std::numeric_limits<int64_t>::min();

struct StoredDelivery {
  DeliveryRow row;
  int64_t token = 0;
  int64_t leased_until = kNoLease;
};

class MemoryTables {
 public:
  // What forbids `write`, all of whose effects are still to come.
  absl::Status Check(const Write& write) const;
  // Writes what Check allowed. Cannot fail.
  void Apply(const Write& write);

  const CaseRow* FindCase(const CaseKey& key) const;
  EventRowPage Events(const EventRange& range) const;
  absl::StatusOr<EventRowPage> Feed(const EventRange& range) const;
  // The row after `last` on the way of `filter`; null at its end.
  // The cases of the filter's references that match it.
  std::vector<CaseRow> Named(const Filter& filter) const;
  const CaseRow* Next(const Filter& filter, Entrance entrance,
                      const FindPosition& last) const;
  std::vector<Record> Records(const RecordRange& range) const;
  std::vector<Claimed> DueTimers(const DueQuery& query) const;
  std::vector<Claimed> Lease(const DueQuery& query, int64_t now);
  absl::Status Finish(const Finished& finished);
  int64_t NextTimer(const std::string& tenant) const;
  int64_t NextDelivery(const std::string& tenant, int64_t now) const;

 private:
  // (tenant, column, id) and (tenant, instant, id).
  using TextIndex = std::set<std::tuple<std::string, std::string, std::string>>;
  using NumberIndex = std::set<std::tuple<std::string, int64_t, std::string>>;
  using IdKey = std::pair<std::string, std::string>;  // tenant, id

  absl::Status CheckCase(const CaseChange& change) const;
  void Index(const CaseRow& row);
  void Unindex(const CaseRow& row);
  void Put(const CaseChange& change);
  void Put(const DeliveryRow& row);
  void Put(const Record& record);
  void Remove(const RecordKey& key);
  void Erase(const RowKey& row);
  std::string NextId(const TextIndex& index, const std::string& tenant,
                     const std::string& value, const std::string& after) const;

  std::map<CaseKey, CaseRow> cases_;
  std::map<std::pair<CaseKey, int64_t>, EventRow> events_;
  // By tenant, in the order they were committed.
  std::map<std::string, std::vector<std::pair<CaseKey, int64_t>>> feed_;
  std::map<IdKey, std::string> by_reference_;
  std::map<std::tuple<std::string, std::string, std::string>, std::string>
      by_external_;
  TextIndex by_category_;
  TextIndex by_unit_;  // open
  NumberIndex by_cell_;
  NumberIndex by_due_;  // open
  NumberIndex timers_;

  std::map<IdKey, StoredDelivery> deliveries_;
  std::set<IdKey> told_;  // tenant, dedupe_key
  NumberIndex queue_;

  std::map<RecordKey, Record> records_;
  // (tenant, kind, column, key)
  std::array<
      std::set<std::tuple<std::string, std::string, std::string, std::string>>,
      4>
      by_column_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_MEMORY_STORE_TABLES_H_
