#include "src/adapters/sqlite_store/reads.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "hotline/store_shape.h"
#include "src/adapters/sql/reads.h"
#include "src/adapters/sql/rows.h"

namespace hotline::internal {

EventRowPage ReadFeed(SqliteConnection* connection, const EventRange& range) {
  const int64_t last = connection->Ask("SELECT max(place) FROM events");
  const absl::StatusOr<int64_t> from = DecodeFeedCursor(range.cursor, last);
  if (!from.ok()) throw Failure(from.status());
  Run run(connection, "{events} WHERE place > ?1 ORDER BY place");
  run.in().Int(*from);
  EventRowPage page;
  int64_t place = *from;
  for (int read = 0;
       read < limits::kRowsReadPerFindMax &&
       page.rows.size() < static_cast<size_t>(range.limit) && run.Step();
       ++read) {
    place = run.GetInt(kOwnEventColumn);
    if (run.View(0) == range.tenant) page.rows.push_back(GetEvent(run));
  }
  page.next_cursor = EncodeFeedCursor(place);
  page.more = place < last;
  return page;
}

bool AnyDelivery(SqliteConnection* connection, const DueQuery& query,
                 int64_t now) {
  Run run(connection,
          "SELECT 1 FROM deliveries {index deliveries_due} WHERE tenant = ?1"
          " AND due_at <= ?2 AND (leased_until IS NULL OR leased_until <= ?3)");
  run.in().Bytes(query.tenant).Int(query.due).Int(now);
  return run.Step();
}

std::vector<Claimed> DueDeliveries(SqliteConnection* connection,
                                   const DueQuery& query, int64_t now) {
  Run run(connection,
          "{deliveries deliveries_due} WHERE tenant = ?1"
          " AND due_at <= ?2 AND (leased_until IS NULL OR leased_until <= ?3)"
          " ORDER BY due_at, id");
  run.in().Bytes(query.tenant).Int(query.due).Int(now);
  std::vector<Claimed> due;
  while (due.size() < static_cast<size_t>(query.limit) && run.Step()) {
    Claimed& claimed = due.emplace_back();
    const DeliveryRow& row =
        claimed.delivery.emplace(GetDelivery(run, query.tenant));
    claimed.case_key = {query.tenant, row.case_id};
    claimed.due_at = row.due_at;
    claimed.token = run.GetInt(kTokenColumn);
  }
  return due;
}

int64_t NextDelivery(SqliteConnection* connection, const std::string& tenant,
                     int64_t now) {
  Run run(connection,
          "SELECT due_at, leased_until FROM deliveries {index deliveries_due}"
          " WHERE tenant = ?1 AND due_at IS NOT NULL ORDER BY due_at");
  run.in().Bytes(tenant);
  int64_t next = kNever;
  while (run.Step() && run.GetInt(0) < next) {
    const int64_t due = run.GetInt(0);
    const int64_t lease = run.IsNull(1) ? kLeast : run.GetInt(1);
    next = std::min(next, lease > now ? std::max(lease, due) : due);
  }
  return next;
}

void CheckIntegrity(SqliteConnection* connection) {
  {
    Run run(connection, "PRAGMA integrity_check(1)");
    const std::string found = run.Step() ? run.GetBytes(0) : "no answer";
    if (found != "ok") {
      throw Failure(MakeError(v1::ErrorInfo::CORRUPT,
                              absl::StrCat("integrity check: ", found)));
    }
  }
  CheckBodies(connection);
}

}  // namespace hotline::internal
