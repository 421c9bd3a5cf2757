#include "src/adapters/sqlite_store/queues.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "hotline/error.h"
#include "src/adapters/sql/reads.h"
#include "src/adapters/sql/rows.h"
#include "src/adapters/sql/statements.h"

namespace hotline::internal {
namespace {

// A fifth of what a statement costs is to begin and to end it, so that many
// rows go into one.
constexpr size_t kTogether = 16;

// "?3, ?4, ...": as many as go together.
std::string ParametersFrom(size_t first) {
  std::string list;
  for (size_t i = 0; i < kTogether; ++i) {
    absl::StrAppend(&list, i == 0 ? "?" : ", ?", first + i);
  }
  return list;
}

// SQLite keeps a journal of a statement that may fail after its first row, in a
// file of the temporary directory; of one that rolls everything back it keeps
// none.
const std::string& LeaseTogetherText() {
  static const auto& text = *new std::string(
      absl::StrCat("UPDATE OR ROLLBACK deliveries SET token = token + 1,"
                   " attempts = attempts + 1, leased_until = ?1"
                   " WHERE tenant = ?2 AND id IN (",
                   ParametersFrom(3), ")"));
  return text;
}

const std::string& FinishTogetherText() {
  static const auto& text = *new std::string(absl::StrCat(
      "UPDATE OR ROLLBACK deliveries SET due_at = ?1, state = ?2,"
      " leased_until = NULL WHERE token = ?3 AND tenant = ?4 AND id IN (",
      ParametersFrom(5), ")"));
  return text;
}

void Lease(SqliteConnection* connection, int64_t until,
           std::span<const Claimed> due) {
  const std::string& tenant = due.front().delivery->tenant;
  if (due.size() == kTogether) {
    Run run(connection, LeaseTogetherText());
    run.in().Int(until).Bytes(tenant);
    for (const Claimed& claimed : due) run.in().Bytes(claimed.delivery->id);
    run.Done();
    return;
  }
  for (const Claimed& claimed : due) {
    Run run(connection,
            "UPDATE deliveries SET token = token + 1, attempts = attempts + 1,"
            " leased_until = ?1 WHERE tenant = ?2 AND id = ?3");
    run.in().Int(until).Bytes(tenant).Bytes(claimed.delivery->id);
    run.Done();
  }
}

// One that says how many attempts to count from ends like no other: few do.
bool EndAlike(const Finished& a, const Finished& b) {
  return a.token == b.token && a.due_at == b.due_at && a.state == b.state &&
         a.tenant == b.tenant && !a.attempts.has_value() &&
         !b.attempts.has_value();
}

// True if all are as many as go together, end alike, and were finished.
// Otherwise they are to be finished one by one, which does no harm to those
// that were.
bool FinishTogether(SqliteConnection* connection,
                    std::span<const Finished> group) {
  const Finished& first = group.front();
  if (group.size() != kTogether || first.token == 0) return false;
  for (const Finished& one : group) {
    if (!EndAlike(first, one)) return false;
  }
  Run run(connection, FinishTogetherText());
  run.in().Time(first.due_at).Bytes(first.state).Int(first.token);
  run.in().Bytes(first.tenant);
  for (const Finished& one : group) run.in().Bytes(one.id);
  return run.Done() == int64_t{kTogether};
}

absl::Status FinishOne(SqliteConnection* connection, const Finished& finished) {
  if (finished.token == 0) return StaleToken(finished.token);
  Run run(connection, kFinish);
  BindFinished(finished, &run.in());
  return run.Done() == 0 ? StaleToken(finished.token) : absl::OkStatus();
}

// Nothing if its body is damaged.
std::optional<DeliveryRow> SoundDelivery(const Run& run,
                                         const std::string& tenant) {
  try {
    return GetDelivery(run, tenant);
  } catch (const Failure& failure) {
    if (ReasonOf(failure.status) != v1::ErrorInfo::CORRUPT) throw;
    return std::nullopt;
  }
}

// One bad row must not hold up the others: it is passed over, here and at every
// later claim, and CheckIntegrity names it.
std::vector<Claimed> DueDeliveries(SqliteConnection* connection,
                                   const DueQuery& query, int64_t now) {
  Run run(connection,
          "{deliveries deliveries_due} WHERE tenant = ?1"
          " AND due_at <= ?2 AND (leased_until IS NULL OR leased_until <= ?3)"
          " ORDER BY due_at, id");
  run.in().Bytes(query.tenant).Int(query.due).Int(now);
  std::vector<Claimed> due;
  while (due.size() < static_cast<size_t>(query.limit) && run.Step()) {
    std::optional<DeliveryRow> row = SoundDelivery(run, query.tenant);
    if (!row.has_value()) continue;
    Claimed& claimed = due.emplace_back();
    claimed.case_key = {query.tenant, row->case_id};
    claimed.due_at = row->due_at;
    claimed.delivery = std::move(row);
    claimed.token = run.GetInt(kTokenColumn);
  }
  return due;
}

void LeaseAll(SqliteConnection* connection, int64_t until,
              std::vector<Claimed>* due) {
  const std::span<const Claimed> all(*due);
  for (size_t i = 0; i < all.size(); i += kTogether) {
    Lease(connection, until,
          all.subspan(i, std::min(kTogether, all.size() - i)));
  }
  for (Claimed& claimed : *due) {
    ++claimed.token;
    ++claimed.delivery->attempts;
  }
}

}  // namespace

bool AnyDelivery(SqliteConnection* connection, const DueQuery& query,
                 int64_t now) {
  Run run(connection,
          "SELECT 1 FROM deliveries {index deliveries_due} WHERE tenant = ?1"
          " AND due_at <= ?2 AND (leased_until IS NULL OR leased_until <= ?3)");
  run.in().Bytes(query.tenant).Int(query.due).Int(now);
  return run.Step();
}

std::vector<Claimed> ClaimDeliveries(SqliteConnection* connection,
                                     const DueQuery& query, int64_t now) {
  std::vector<Claimed> due = DueDeliveries(connection, query, now);
  int64_t until = 0;
  if (__builtin_add_overflow(now, absl::ToInt64Milliseconds(query.lease),
                             &until)) {
    until = kNever;
  }
  LeaseAll(connection, until, &due);
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

std::vector<absl::Status> FinishAll(SqliteConnection* connection,
                                    std::span<const Finished> finished) {
  std::vector<absl::Status> verdicts(finished.size());
  for (size_t i = 0; i < finished.size(); i += kTogether) {
    const size_t end = std::min(i + kTogether, finished.size());
    if (FinishTogether(connection, finished.subspan(i, end - i))) continue;
    for (size_t n = i; n < end; ++n) {
      verdicts[n] = FinishOne(connection, finished[n]);
    }
  }
  return verdicts;
}

}  // namespace hotline::internal
