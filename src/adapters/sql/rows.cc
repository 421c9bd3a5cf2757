#include "src/adapters/sql/rows.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "src/adapters/sql/frame.h"
#include "src/base/absl_bridge.h"

namespace hotline::internal {
namespace {

constexpr char kCaseColumns[] =
    "id, version, reference, external_system, external_id, category, unit, "
    "cell,"
    " phase, open, opened_at, least_due, next_at, chain, payload";
constexpr char kEventColumns[] =
    "tenant, case_id, version, recorded_at, payload";
constexpr char kRecordColumns[] = "key, version, i0, i1, i2, i3, payload";
constexpr char kDeliveryColumns[] =
    "id, dedupe_key, case_id, event_version, channel, due_at, attempts, state,"
    " token, payload";

// A SELECT of `columns`, the sealed body or NULL, and `own` columns. SQLite's
// bodies stand in a table of their own; a row that has an id of one but no body
// is no erased one: the empty blob fails as a frame.
std::string SelectFrom(std::string_view table, const char* columns,
                       const char* own, std::string_view index,
                       SqlDialect dialect, bool sealed) {
  const bool sqlite = dialect == SqlDialect::kSqlite;
  const bool joined = sqlite && sealed;
  return absl::StrCat(
      "SELECT ", columns,
      !sealed  ? ", NULL"
      : joined ? ", iif(sealed IS NULL, NULL, coalesce(body, x''))"
               : ", sealed",
      own, " FROM ", ToAbsl(table), " ", IndexedBy(index, dialect),
      joined ? " LEFT JOIN (SELECT id AS body_id, body FROM bodies)"
               " ON body_id = sealed"
             : "");
}

[[noreturn]] void ThrowCorrupt(const std::string& name) {
  throw Failure(MakeError(v1::ErrorInfo::CORRUPT,
                          absl::StrCat("a body of ", name,
                                       " fails its checksum; restore a "
                                       "backup of the store")));
}

// `name` is only made when it is needed.
template <typename Name>
std::string GetBody(const Run& run, int column, Name name) {
  std::optional<std::string> body = Unframe(run.View(column));
  if (!body.has_value()) ThrowCorrupt(name());
  return *std::move(body);
}

template <typename Name>
std::optional<std::string> GetSealed(const Run& run, int column, Name name) {
  if (run.IsNull(column)) return std::nullopt;
  std::optional<std::string> body = UnframePadded(run.View(column));
  if (!body.has_value()) ThrowCorrupt(name());
  return body;
}

}  // namespace

std::optional<std::string> SelectOf(std::string_view table,
                                    std::string_view index, SqlDialect dialect,
                                    bool sealed) {
  const bool sqlite = dialect == SqlDialect::kSqlite;
  if (table == "cases") {
    return SelectFrom(table, kCaseColumns,
                      sqlite ? ", cases.rowid, sealed" : "", index, dialect,
                      sealed);
  }
  if (table == "events") {
    return SelectFrom(table, kEventColumns, sqlite ? ", place" : ", era, txid",
                      index, dialect, true);
  }
  if (table == "records") {
    return SelectFrom(table, kRecordColumns, "", index, dialect, sealed);
  }
  if (table == "deliveries") {
    return absl::StrCat("SELECT ", kDeliveryColumns, " FROM deliveries ",
                        IndexedBy(index, dialect));
  }
  return std::nullopt;
}

CaseRow GetCaseColumns(SqlConnection* connection, const Run& run,
                       const std::string& tenant) {
  CaseRow row;
  row.key = {tenant, run.GetBytes(0)};
  row.version = run.GetInt(1);
  row.reference = run.GetBytes(2);
  row.external_system = run.GetBytes(3);
  row.external_id = run.GetBytes(4);
  row.category = run.GetBytes(5);
  row.unit = run.GetBytes(6);
  row.cell = run.GetInt(7);
  row.phase = static_cast<int>(run.GetInt(8));
  row.open = run.GetInt(9) != 0;
  row.opened_at = run.GetInt(10);
  row.least_due = run.GetTime(11);
  row.next_at = run.GetTime(12);
  row.chain = run.GetBytes(13);
  connection->Saw(run, row);
  return row;
}

void GetCaseBodies(const Run& run, CaseRow* row) {
  const auto name = [row] {
    return absl::StrCat("case ", absl::BytesToHexString(row->key.id));
  };
  row->payload = GetBody(run, 14, name);
  row->sealed = GetSealed(run, 15, name);
}

EventRow GetEvent(const Run& run) {
  EventRow event;
  event.key = {run.GetBytes(0), run.GetBytes(1)};
  event.version = run.GetInt(2);
  event.recorded_at = run.GetInt(3);
  const auto name = [&event] {
    return absl::StrCat("case ", absl::BytesToHexString(event.key.id),
                        " version ", event.version);
  };
  event.payload = GetBody(run, 4, name);
  event.sealed = GetSealed(run, 5, name);
  return event;
}

Record GetRecord(const Run& run, const std::string& tenant,
                 const std::string& kind) {
  Record record;
  record.key = {tenant, kind, run.GetBytes(0)};
  record.version = run.GetInt(1);
  for (int i = 0; i < 4; ++i) {
    record.index[static_cast<size_t>(i)] = run.GetBytes(2 + i);
  }
  const auto name = [&record] {
    return absl::StrCat("record ", absl::BytesToHexString(record.key.key),
                        " of kind ", record.key.kind);
  };
  record.payload = GetBody(run, 6, name);
  record.sealed = GetSealed(run, 7, name);
  return record;
}

DeliveryRow GetDelivery(const Run& run, const std::string& tenant) {
  DeliveryRow row;
  row.tenant = tenant;
  row.id = run.GetBytes(0);
  row.dedupe_key = run.GetBytes(1);
  row.case_id = run.GetBytes(2);
  row.event_version = run.GetInt(3);
  row.channel = run.GetBytes(4);
  row.due_at = run.GetTime(5);
  row.attempts = static_cast<int>(run.GetInt(6));
  row.state = run.GetBytes(7);
  row.payload = GetBody(run, kTokenColumn + 1, [&row] {
    return absl::StrCat("delivery ", absl::BytesToHexString(row.id));
  });
  return row;
}

bool HasExternal(const CaseRow& row) {
  return !row.external_system.empty() || !row.external_id.empty();
}

void BindExternal(const CaseRow& row, Values* in) {
  if (HasExternal(row)) {
    in->Bytes(row.external_system).Bytes(row.external_id);
  } else {
    in->Null().Null();
  }
}

void BindCase(const CaseRow& row, std::string_view payload, Values* in) {
  in->Bytes(row.key.tenant).Bytes(row.key.id).Int(row.version);
  in->Bytes(row.reference);
  BindExternal(row, in);
  in->Bytes(row.category).Bytes(row.unit).Int(row.cell).Int(row.phase);
  in->Bool(row.open).Int(row.opened_at);
  in->Time(row.least_due).Time(row.next_at).Bytes(row.chain).Bytes(payload);
}

void BindEvent(const EventRow& row, std::string_view payload, Values* in) {
  in->Bytes(row.key.tenant).Bytes(row.key.id).Int(row.version);
  in->Int(row.recorded_at).Bytes(payload);
}

void BindRecord(const Record& record, std::string_view payload, Values* in) {
  in->Bytes(record.key.tenant).Bytes(record.key.kind).Bytes(record.key.key);
  in->Int(record.version);
  for (const std::string& value : record.index) in->BytesOrNull(value);
  in->Bytes(payload);
}

void BindDelivery(const DeliveryRow& row, std::string_view payload,
                  Values* in) {
  in->Bytes(row.tenant).Bytes(row.id).Bytes(row.dedupe_key);
  in->Bytes(row.case_id).Int(row.event_version).Bytes(row.channel);
  in->Time(row.due_at).Int(row.attempts).Bytes(row.state).Bytes(payload);
}

void BindFinished(const Finished& finished, Values* in) {
  in->Bytes(finished.tenant).Bytes(finished.id).Int(finished.token);
  in->Time(finished.due_at).Bytes(finished.state);
  if (finished.attempts.has_value()) {
    in->Int(*finished.attempts);
  } else {
    in->Null();
  }
}

const std::string& Framed(SqlConnection* connection, std::string_view body) {
  Frame(body, connection->frame());
  return *connection->frame();
}

}  // namespace hotline::internal
