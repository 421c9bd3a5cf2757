#include "src/adapters/sqlite_store/reads.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "src/adapters/sqlite_store/frame.h"
#include "src/base/absl_bridge.h"
#include "src/ports/store_shape.h"

namespace hotline::internal {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

// The columns GetCase reads, in its order, without and with the sealed body.
#define HOTLINE_CASE_COLUMNS                                                 \
  "id, version, reference, external_system, external_id, category, unit,"    \
  " cell, phase, open, opened_at, least_due, next_at, chain, rowid, sealed," \
  " payload"
#define HOTLINE_SELECT_CASES "SELECT " HOTLINE_CASE_COLUMNS ", "
// The sealed body of a row. One that has an id but no body is no erased one:
// the empty blob fails as a frame.
#define HOTLINE_BODY_OF(t)           \
  "iif(" t                           \
  ".sealed IS NULL, NULL, coalesce(" \
  "(SELECT body FROM bodies WHERE bodies.id = " t ".sealed), x''))"

[[noreturn]] void ThrowCorrupt(const char* table, const std::string& key) {
  throw Failure(MakeError(
      v1::ErrorInfo::CORRUPT,
      absl::StrCat("a body in ", table, " at ", key, " fails its checksum")));
}

// The body in `column` of the row that `name` names for people.
template <typename Name>
std::string GetBody(const Run& run, int column, const char* table, Name name) {
  std::optional<std::string> body = Unframe(run.View(column));
  if (!body.has_value()) ThrowCorrupt(table, name());
  return *std::move(body);
}

template <typename Name>
std::optional<std::string> GetSealed(const Run& run, int column,
                                     const char* table, Name name) {
  if (run.IsNull(column)) return std::nullopt;
  std::optional<std::string> body = UnframePadded(run.View(column));
  if (!body.has_value()) ThrowCorrupt(table, name());
  return body;
}

// Of a case's columns, all but the bodies. What the writing connection reads it
// remembers.
CaseRow GetCaseColumns(Connection* connection, const Run& run,
                       const std::string& tenant) {
  CaseRow row;
  row.key = {tenant, run.GetText(0)};
  row.version = run.GetInt(1);
  row.reference = run.GetText(2);
  row.external_system = run.GetText(3);
  row.external_id = run.GetText(4);
  row.category = run.GetText(5);
  row.unit = run.GetText(6);
  row.cell = run.GetInt(7);
  row.phase = static_cast<int>(run.GetInt(8));
  row.open = run.GetInt(9) != 0;
  row.opened_at = run.GetInt(10);
  row.least_due = run.GetTime(11);
  row.next_at = run.GetTime(12);
  row.chain = run.GetText(13);
  if (StoredCases* stored = connection->stored_cases(); stored != nullptr) {
    stored->Remember(run.GetInt(14), run.GetInt(15), row);
  }
  return row;
}

void GetCaseBodies(const Run& run, CaseRow* row) {
  const auto name = [row] {
    return absl::StrCat("case ", absl::BytesToHexString(row->key.id));
  };
  row->payload = GetBody(run, 16, "cases", name);
  row->sealed = GetSealed(run, 17, "cases", name);
}

// The statement that walks by `entrance` from a position on.
std::string_view FindSql(Entrance entrance, bool sealed) {
#define HOTLINE_WALK(rest)                              \
  return sealed ? HOTLINE_SELECT_CASES HOTLINE_BODY_OF( \
                      "cases") " FROM cases " rest      \
                : HOTLINE_SELECT_CASES "NULL FROM cases " rest
  switch (entrance) {
    case Entrance::kId:
      HOTLINE_WALK(
          "INDEXED BY cases_id WHERE tenant = ?1 AND id = ?2 AND id > ?3");
    case Entrance::kReference:
      HOTLINE_WALK(
          "INDEXED BY cases_reference"
          " WHERE tenant = ?1 AND reference = ?2 AND id > ?3");
    case Entrance::kExternal:
      HOTLINE_WALK(
          "INDEXED BY cases_external WHERE tenant = ?1"
          " AND external_system = ?4 AND external_id = ?2"
          " AND id > ?3");
    case Entrance::kCell:
      HOTLINE_WALK(
          "INDEXED BY cases_cell WHERE tenant = ?1 AND cell = ?2"
          " AND cell <> 0 AND id > ?3 ORDER BY id");
    case Entrance::kCategory:
      HOTLINE_WALK(
          "INDEXED BY cases_category WHERE tenant = ?1"
          " AND category = ?2 AND id > ?3 ORDER BY id");
    case Entrance::kUnit:
      HOTLINE_WALK(
          "INDEXED BY cases_unit WHERE tenant = ?1 AND unit = ?2"
          " AND open AND id > ?3 ORDER BY id");
    case Entrance::kTenant:
      HOTLINE_WALK(
          "INDEXED BY cases_id WHERE tenant = ?1 AND id > ?2"
          " ORDER BY id");
    case Entrance::kDue:
      HOTLINE_WALK(
          "INDEXED BY cases_due WHERE tenant = ?1 AND open"
          " AND least_due IS NOT NULL"
          " AND (least_due, id) > (?2, ?3) AND least_due <= ?4"
          " ORDER BY least_due, id");
  }
#undef HOTLINE_WALK
  return "";
}

void BindFind(const Filter& f, Entrance entrance, const Position& last,
              Run* run) {
  run->Text(f.tenant);
  switch (entrance) {
    case Entrance::kId:
      run->Blob(*f.id).Blob(last.id);
      return;
    case Entrance::kReference:
      run->Text(*f.reference).Blob(last.id);
      return;
    case Entrance::kExternal:
      run->Text(*f.external_id).Blob(last.id).Text(*f.external_system);
      return;
    case Entrance::kCell:
      run->Int(*f.cell).Blob(last.id);
      return;
    case Entrance::kCategory:
      run->Text(*f.category).Blob(last.id);
      return;
    case Entrance::kUnit:
      run->Text(*f.unit).Blob(last.id);
      return;
    case Entrance::kTenant:
      run->Blob(last.id);
      return;
    case Entrance::kDue:
      run->Int(last.due).Blob(last.id).Int(*f.due_until);
      return;
  }
}

// Statements are constants: an index column's number picks one. The upper end
// is a plain comparison, or none: `?4 IS NULL OR i0 < ?4` would not bound the
// walk through the index, and a sweep that finds nothing would read every row.
std::string_view RecordsSql(int index, bool until, bool sealed) {
#define HOTLINE_SELECT_RECORDS "SELECT key, version, i0, i1, i2, i3, payload, "
#define HOTLINE_RECORDS(rest)                             \
  return sealed ? HOTLINE_SELECT_RECORDS HOTLINE_BODY_OF( \
                      "records") " FROM records " rest    \
                : HOTLINE_SELECT_RECORDS "NULL FROM records " rest
#define HOTLINE_RECORDS_FROM(n)                                        \
  "INDEXED BY records_" #n " WHERE tenant = ?1 AND kind = ?2 AND i" #n \
  " IS NOT NULL AND (i" #n ", key) >= (?3, ?5)"
#define HOTLINE_RECORDS_BY(n)                                                 \
  if (until) {                                                                \
    HOTLINE_RECORDS(HOTLINE_RECORDS_FROM(n) " AND i" #n " < ?4 ORDER BY i" #n \
                                            ", key LIMIT ?6");                \
  }                                                                           \
  HOTLINE_RECORDS(HOTLINE_RECORDS_FROM(n) " ORDER BY i" #n ", key LIMIT ?6")
  switch (index) {
    case 0:
      HOTLINE_RECORDS_BY(0);
    case 1:
      HOTLINE_RECORDS_BY(1);
    case 2:
      HOTLINE_RECORDS_BY(2);
    case 3:
      HOTLINE_RECORDS_BY(3);
    default:
      if (until) {
        HOTLINE_RECORDS(
            "WHERE tenant = ?1 AND kind = ?2 AND key >= ?3 AND key < ?4"
            " ORDER BY key LIMIT ?5");
      }
      HOTLINE_RECORDS(
          "WHERE tenant = ?1 AND kind = ?2 AND key >= ?3"
          " ORDER BY key LIMIT ?5");
  }
#undef HOTLINE_RECORDS_FROM
#undef HOTLINE_RECORDS_BY
#undef HOTLINE_RECORDS
#undef HOTLINE_SELECT_RECORDS
}

Record GetRecord(const Run& run, const std::string& tenant,
                 const std::string& kind) {
  Record record;
  record.key = {tenant, kind, run.GetText(0)};
  record.version = run.GetInt(1);
  for (int i = 0; i < 4; ++i) {
    record.index[static_cast<size_t>(i)] = run.GetText(2 + i);
  }
  const auto name = [&] {
    return absl::StrCat("record ", absl::BytesToHexString(record.key.key),
                        " of kind ", kind);
  };
  record.payload = GetBody(run, 6, "records", name);
  record.sealed = GetSealed(run, 7, "records", name);
  return record;
}

#define HOTLINE_SELECT_EVENTS                               \
  "SELECT version, recorded_at, payload, " HOTLINE_BODY_OF( \
      "events") ", tenant, case_id, place FROM events"

EventRow GetEvent(const Run& run) {
  EventRow event;
  event.key = {run.GetText(4), run.GetText(5)};
  event.version = run.GetInt(0);
  event.recorded_at = run.GetInt(1);
  const auto name = [&event] {
    return absl::StrCat("case ", absl::BytesToHexString(event.key.id),
                        " version ", event.version);
  };
  event.payload = GetBody(run, 2, "events", name);
  event.sealed = GetSealed(run, 3, "events", name);
  return event;
}

void CheckBodies(Connection* connection, const char* table, const char* sql) {
  Run run(connection, sql);
  while (run.Step()) {
    const auto name = [&run] { return absl::StrCat("row ", run.GetText(0)); };
    GetBody(run, 1, table, name);
    GetSealed(run, 2, table, name);
  }
}

}  // namespace

CaseRow ReadCase(Connection* connection, const CaseKey& key, Part part) {
  Run run(connection, FindSql(Entrance::kId, part == Part::kSealed));
  const std::string from;
  run.Text(key.tenant).Blob(key.id).Blob(from);
  if (!run.Step()) throw Failure(NoSuchCase());
  CaseRow row = GetCaseColumns(connection, run, key.tenant);
  GetCaseBodies(run, &row);
  return row;
}

EventRowPage ReadEvents(Connection* connection, const EventRange& range) {
  Run run(connection, HOTLINE_SELECT_EVENTS
          " INDEXED BY events_id"
          " WHERE tenant = ?1 AND case_id = ?2 AND version > ?3"
          " ORDER BY version LIMIT ?4");
  run.Text(range.tenant).Blob(range.case_id).Int(range.after).Int(range.limit);
  EventRowPage page;
  while (run.Step()) page.rows.push_back(GetEvent(run));
  return page;
}

EventRowPage ReadFeed(Connection* connection, const EventRange& range) {
  int64_t last = 0;
  {
    Run run(connection, "SELECT max(place) FROM events");
    if (run.Step()) last = run.GetInt(0);
  }
  const absl::StatusOr<int64_t> from = DecodeFeedCursor(range.cursor, last);
  if (!from.ok()) throw Failure(from.status());
  Run run(connection,
          HOTLINE_SELECT_EVENTS " WHERE place > ?1 ORDER BY place LIMIT ?2");
  run.Int(*from).Int(limits::kRowsReadPerFindMax);
  EventRowPage page;
  int64_t place = *from;
  while (page.rows.size() < static_cast<size_t>(range.limit) && run.Step()) {
    place = run.GetInt(6);
    if (run.View(4) == range.tenant) page.rows.push_back(GetEvent(run));
  }
  page.next_cursor = EncodeFeedCursor(place);
  page.more = place < last;
  return page;
}

CaseRowPage Find(Connection* connection, const Filter& filter) {
  absl::StatusOr<Position> decoded = DecodeCursor(filter.cursor);
  if (!decoded.ok()) throw Failure(decoded.status());
  // Bound without a copy: it stays as it is while the statement runs.
  const Position from = *decoded;
  Position last = from;
  const Entrance entrance = EntranceOf(filter);
  Run run(connection, FindSql(entrance, filter.sealed));
  BindFind(filter, entrance, from, &run);
  CaseRowPage page;
  for (int read = 0; run.Step(); ++read) {
    if (page.rows.size() >= static_cast<size_t>(filter.limit) ||
        read >= limits::kRowsReadPerFindMax) {
      page.next_cursor = EncodeCursor(last);
      return page;
    }
    CaseRow row = GetCaseColumns(connection, run, filter.tenant);
    last.id = row.key.id;
    if (entrance == Entrance::kDue) last.due = row.least_due;
    if (!Matches(filter, row)) continue;
    GetCaseBodies(run, &row);
    page.rows.push_back(std::move(row));
  }
  return page;
}

std::vector<Record> ReadRecords(Connection* connection,
                                const RecordRange& range) {
  const bool by_key = range.index == -1;
  const std::string from = by_key ? LeastKey(range) : range.from;
  const std::string least_key = LeastKeyInColumn(range);
  Run run(connection,
          RecordsSql(range.index, !range.until.empty(), range.sealed));
  run.Text(range.tenant).Text(range.kind).Blob(from);
  range.until.empty() ? run.Null() : run.Blob(range.until);
  if (!by_key) run.Blob(least_key);
  run.Int(range.limit);
  std::vector<Record> records;
  while (run.Step()) {
    records.push_back(GetRecord(run, range.tenant, range.kind));
  }
  return records;
}

std::vector<Claimed> DueTimers(Connection* connection, const DueQuery& query) {
#define HOTLINE_DUE_TIMERS                                            \
  " FROM cases INDEXED BY cases_timer"                                \
  " WHERE tenant = ?1 AND (next_at, id) > (?4, ?5) AND next_at <= ?2" \
  " ORDER BY next_at, id LIMIT ?3"
  Run run(connection, query.rows ? HOTLINE_SELECT_CASES HOTLINE_BODY_OF("cases")
                                       HOTLINE_DUE_TIMERS
                                 : "SELECT next_at, id" HOTLINE_DUE_TIMERS);
#undef HOTLINE_DUE_TIMERS
  run.Text(query.tenant).Int(query.due).Int(query.limit);
  run.Int(query.after_due).Blob(query.after_id);
  std::vector<Claimed> due;
  while (run.Step()) {
    Claimed& timer = due.emplace_back();
    if (!query.rows) {
      timer.case_key = {query.tenant, run.GetText(1)};
      timer.due_at = run.GetInt(0);
      continue;
    }
    CaseRow row = GetCaseColumns(connection, run, query.tenant);
    timer.case_key = row.key;
    timer.due_at = row.next_at;
    try {
      GetCaseBodies(run, &row);
      timer.row = std::move(row);
    } catch (const Failure&) {
      // One bad row must not hold up the others: whoever reads it is told.
    }
  }
  return due;
}

std::vector<Claimed> DueDeliveries(Connection* connection,
                                   const DueQuery& query, int64_t now) {
  Run run(connection,
          "SELECT id, dedupe_key, case_id, event_version, channel, due_at,"
          " attempts, state, token, payload FROM deliveries"
          " INDEXED BY deliveries_due WHERE tenant = ?1 AND due_at <= ?2"
          " AND (leased_until IS NULL OR leased_until <= ?3)"
          " ORDER BY due_at, id LIMIT ?4");
  run.Text(query.tenant).Int(query.due).Int(now).Int(query.limit);
  std::vector<Claimed> due;
  while (run.Step()) {
    DeliveryRow row;
    row.tenant = query.tenant;
    row.id = run.GetText(0);
    row.dedupe_key = run.GetText(1);
    row.case_id = run.GetText(2);
    row.event_version = run.GetInt(3);
    row.channel = run.GetText(4);
    row.due_at = run.GetInt(5);
    row.attempts = static_cast<int>(run.GetInt(6));
    row.state = run.GetText(7);
    row.payload = GetBody(run, 9, "deliveries", [&row] {
      return absl::StrCat("delivery ", absl::BytesToHexString(row.id));
    });
    due.push_back({.case_key = {query.tenant, row.case_id},
                   .due_at = row.due_at,
                   .delivery = std::move(row),
                   .token = run.GetInt(8)});
  }
  return due;
}

int64_t NextTimer(Connection* connection, const std::string& tenant) {
  Run run(connection,
          "SELECT next_at FROM cases INDEXED BY cases_timer"
          " WHERE tenant = ?1 AND next_at >= ?2 ORDER BY next_at LIMIT 1");
  return run.Text(tenant).Int(kLeast).Step() ? run.GetInt(0) : kNever;
}

int64_t NextDelivery(Connection* connection, const std::string& tenant,
                     int64_t now) {
  Run run(connection,
          "SELECT due_at, leased_until FROM deliveries"
          " INDEXED BY deliveries_due WHERE tenant = ?1 AND due_at >= ?2"
          " ORDER BY due_at");
  run.Text(tenant).Int(kLeast);
  int64_t next = kNever;
  while (run.Step() && run.GetInt(0) < next) {
    const int64_t due = run.GetInt(0);
    const int64_t lease = run.IsNull(1) ? kLeast : run.GetInt(1);
    next = std::min(next, lease > now ? std::max(lease, due) : due);
  }
  return next;
}

void CheckIntegrity(Connection* connection) {
  Run run(connection, "PRAGMA integrity_check(1)");
  if (!run.Step() || run.GetText(0) != "ok") {
    throw Failure(MakeError(v1::ErrorInfo::CORRUPT,
                            absl::StrCat("integrity check: ", run.GetText(0))));
  }
  CheckBodies(
      connection, "cases",
      "SELECT hex(cases.id), payload, " HOTLINE_BODY_OF("cases") " FROM cases");
  CheckBodies(connection, "events",
              "SELECT hex(case_id) || ' version ' || version, "
              "payload, " HOTLINE_BODY_OF("events") " FROM events");
  CheckBodies(connection, "deliveries",
              "SELECT hex(deliveries.id), payload, NULL FROM deliveries");
  CheckBodies(
      connection, "records",
      "SELECT hex(key), payload, " HOTLINE_BODY_OF("records") " FROM records");
}

}  // namespace hotline::internal
