#include "src/adapters/sqlite_store/writes.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/adapters/sqlite_store/frame.h"
#include "src/ports/store_shape.h"

namespace hotline::internal {
namespace {

bool HasExternal(const CaseRow& row) {
  return !row.external_system.empty() || !row.external_id.empty();
}

void BindId(int64_t body, Run* run) {
  body == kNoBody ? run->Null() : run->Int(body);
}

// Holds until the next body is framed.
const std::string& Framed(Connection* connection, std::string_view body) {
  Frame(body, connection->frame());
  return *connection->frame();
}

// Overwrites the body in place; what refers to it must let it go.
void ZeroBody(Connection* connection, int64_t id) {
  if (id == kNoBody) return;
  Run(connection,
      "UPDATE bodies SET body = zeroblob(length(body)) WHERE id = ?")
      .Int(id)
      .Done();
}

// Brings `body` into the place of the body `old`, or into a new one. Answers
// its id.
int64_t StoreBody(Connection* connection,
                  const std::optional<std::string>& body, int64_t old) {
  if (!body.has_value()) {
    ZeroBody(connection, old);
    return kNoBody;
  }
  std::string& framed = *connection->frame();
  PaddedFrame(*body, &framed);
  if (old != kNoBody) {
    const int changed =
        Run(connection,
            "UPDATE bodies SET body = ? WHERE id = ? AND length(body) = ?")
            .Blob(framed)
            .Int(old)
            .Int(static_cast<int64_t>(framed.size()))
            .Done();
    if (changed == 1) return old;
    ZeroBody(connection, old);
  }
  Run(connection, "INSERT INTO bodies(body) VALUES(?)").Blob(framed).Done();
  return connection->LastId();
}

// SQLite rewrites the index entry of every column an UPDATE names, changed or
// not. So the old columns are read with the version, and an UPDATE names those
// indexed ones that differ.
std::optional<StoredCase> LookUp(Connection* connection, const CaseKey& key) {
  Run run(connection,
          "SELECT rowid, version, reference, external_system, external_id,"
          " category, unit, cell, open, least_due, next_at, sealed FROM cases"
          " WHERE tenant = ?1 AND id = ?2");
  if (!run.Text(key.tenant).Blob(key.id).Step()) return std::nullopt;
  StoredCase stored;
  stored.rowid = run.GetInt(0);
  stored.row.version = run.GetInt(1);
  stored.row.reference = run.GetText(2);
  stored.row.external_system = run.GetText(3);
  stored.row.external_id = run.GetText(4);
  stored.row.category = run.GetText(5);
  stored.row.unit = run.GetText(6);
  stored.row.cell = run.GetInt(7);
  stored.row.open = run.GetInt(8) != 0;
  stored.row.least_due = run.GetTime(9);
  stored.row.next_at = run.GetTime(10);
  stored.sealed = run.GetInt(11);  // NULL is 0
  return stored;
}

// One statement for all that forbids a row: its id (only when it is new), its
// reference and its external id in the hands of another case.
absl::Status CheckTaken(Connection* connection, const CaseRow& row,
                        bool is_new) {
  Run run(connection,
          "SELECT 0, version, id FROM cases WHERE tenant = ?1 AND id = ?2"
          " UNION ALL SELECT 1, 0, id FROM cases"
          " WHERE tenant = ?1 AND reference = ?3"
          " UNION ALL SELECT 2, 0, id FROM cases WHERE tenant = ?1"
          " AND external_system = ?4 AND external_id = ?5"
          " AND external_id IS NOT NULL");
  run.Text(row.key.tenant).Blob(row.key.id).Text(row.reference);
  if (HasExternal(row)) {
    run.Text(row.external_system).Text(row.external_id);
  } else {
    run.Null().Null();
  }
  while (run.Step()) {
    const int64_t what = run.GetInt(0);
    if (what == 0 && is_new) return VersionConflict(row, run.GetInt(1));
    if (what == 0 || run.GetText(2) == row.key.id) continue;
    return Taken(row, what == 1 ? "reference" : "external_id");
  }
  return absl::OkStatus();
}

// What is stored of a case that is to change.
class Before {
 public:
  // Null for a new case.
  const StoredCase* get() const {
    return read_.has_value() ? &*read_ : remembered_;
  }
  absl::Status Find(Connection* connection, const CaseChange& change) {
    const CaseKey& key = change.row.key;
    remembered_ =
        connection->stored_cases()->Find(key, change.expected_version);
    if (remembered_ != nullptr) return absl::OkStatus();
    read_ = LookUp(connection, key);
    const int64_t version = read_.has_value() ? read_->row.version : 0;
    return version == change.expected_version
               ? absl::OkStatus()
               : VersionConflict(change.row, version);
  }

 private:
  const StoredCase* remembered_ = nullptr;
  std::optional<StoredCase> read_;
};

absl::Status CheckCase(Connection* connection, const CaseChange& change,
                       Before* before) {
  const CaseRow& row = change.row;
  if (change.expected_version == 0) return CheckTaken(connection, row, true);
  absl::Status found = before->Find(connection, change);
  if (!found.ok()) return found;
  const CaseRow& old = before->get()->row;
  if (old.reference == row.reference &&
      old.external_system == row.external_system &&
      old.external_id == row.external_id) {
    return absl::OkStatus();
  }
  return CheckTaken(connection, row, false);
}

void BindExternal(const CaseRow& row, Run* run) {
  if (HasExternal(row)) {
    run->Text(row.external_system).Text(row.external_id);
  } else {
    run->Null().Null();
  }
}

void InsertCase(Connection* connection, const CaseChange& change) {
  const CaseRow& row = change.row;
  const int64_t sealed = change.write_sealed
                             ? StoreBody(connection, row.sealed, kNoBody)
                             : kNoBody;
  const std::string& payload = Framed(connection, row.payload);
  Run run(connection,
          "INSERT INTO cases(tenant, id, version, reference, external_system,"
          " external_id, category, unit, cell, phase, open, opened_at,"
          " least_due, next_at, chain, payload, sealed)"
          " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  run.Text(row.key.tenant).Blob(row.key.id).Int(row.version);
  run.Text(row.reference);
  BindExternal(row, &run);
  run.Text(row.category).Text(row.unit).Int(row.cell).Int(row.phase);
  run.Int(row.open ? 1 : 0).Int(row.opened_at);
  run.Time(row.least_due).Time(row.next_at);
  run.Blob(row.chain).Blob(payload);
  BindId(sealed, &run);
  run.Done();
}

// Which of the columns that are dear to name an UPDATE has to name.
enum Column : unsigned {
  kReference,
  kExternal,
  kCategory,
  kUnit,
  kCell,
  kOpen,
  kLeastDue,
  kNextAt,
  kSealed,
  kColumns
};

unsigned Changed(const CaseRow& old, const CaseRow& row) {
  const auto bit = [](Column column, bool differs) {
    return differs ? 1u << column : 0u;
  };
  return bit(kReference, old.reference != row.reference) |
         bit(kExternal, old.external_system != row.external_system ||
                            old.external_id != row.external_id) |
         bit(kCategory, old.category != row.category) |
         bit(kUnit, old.unit != row.unit) | bit(kCell, old.cell != row.cell) |
         bit(kOpen, old.open != row.open) |
         bit(kLeastDue, old.least_due != row.least_due) |
         bit(kNextAt, old.next_at != row.next_at);
}

std::string UpdateSql(unsigned changed) {
  constexpr std::array<const char*, kColumns> kAssignments = {
      ", reference = ?", ", external_system = ?, external_id = ?",
      ", category = ?",  ", unit = ?",
      ", cell = ?",      ", open = ?",
      ", least_due = ?", ", next_at = ?",
      ", sealed = ?"};
  std::string sql;
  sql.reserve(256);
  sql =
      "UPDATE cases SET version = ?, phase = ?, opened_at = ?, chain = ?,"
      " payload = ?";
  for (unsigned c = 0; c < kColumns; ++c) {
    if ((changed >> c & 1) != 0) sql += kAssignments[c];
  }
  return sql += " WHERE rowid = ? AND version = ?";
}

void UpdateCase(Connection* connection, const StoredCase& stored,
                const CaseChange& change) {
  const CaseRow& row = change.row;
  const int64_t sealed = change.write_sealed
                             ? StoreBody(connection, row.sealed, stored.sealed)
                             : stored.sealed;
  const unsigned changed =
      Changed(stored.row, row) | (sealed != stored.sealed ? 1u << kSealed : 0u);
  const auto names = [changed](Column c) { return (changed >> c & 1) != 0; };
  const std::string& payload = Framed(connection, row.payload);
  Run run(connection, UpdateSql(changed));
  run.Int(row.version).Int(row.phase).Int(row.opened_at);
  run.Blob(row.chain).Blob(payload);
  if (names(kReference)) run.Text(row.reference);
  if (names(kExternal)) BindExternal(row, &run);
  if (names(kCategory)) run.Text(row.category);
  if (names(kUnit)) run.Text(row.unit);
  if (names(kCell)) run.Int(row.cell);
  if (names(kOpen)) run.Int(row.open ? 1 : 0);
  if (names(kLeastDue)) run.Time(row.least_due);
  if (names(kNextAt)) run.Time(row.next_at);
  if (names(kSealed)) BindId(sealed, &run);
  run.Int(stored.rowid).Int(change.expected_version);
  if (run.Done() != 1) {
    throw Failure(MakeError(v1::ErrorInfo::STORE_FAILED,
                            "another program wrote to the store; nothing was "
                            "written"));
  }
  connection->stored_cases()->Update(sealed, row);
}

// The check and the writing in one.
absl::Status MoveTimer(Connection* connection, const CaseChange& change) {
  const CaseRow& row = change.row;
  Run run(connection,
          "UPDATE cases SET next_at = ?"
          " WHERE tenant = ? AND id = ? AND version = ?");
  run.Time(row.next_at).Text(row.key.tenant).Blob(row.key.id);
  if (run.Int(change.expected_version).Done() == 0) {
    const std::optional<StoredCase> stored = LookUp(connection, row.key);
    return VersionConflict(row, stored.has_value() ? stored->row.version : 0);
  }
  connection->stored_cases()->Forget(row.key);
  return absl::OkStatus();
}

bool MovesATimerOnly(const Write& write) {
  return write.cases.size() == 1 && write.cases[0].only_timer &&
         write.deliveries.empty() && write.records.empty() &&
         write.erasures.empty() && write.removals.empty();
}

void InsertEvent(Connection* connection, const EventRow& event) {
  const int64_t sealed = StoreBody(connection, event.sealed, kNoBody);
  const std::string& payload = Framed(connection, event.payload);
  Run run(connection,
          "INSERT INTO events(tenant, case_id, version, recorded_at, payload,"
          " sealed) VALUES(?, ?, ?, ?, ?, ?)");
  run.Text(event.key.tenant).Blob(event.key.id).Int(event.version);
  run.Int(event.recorded_at).Blob(payload);
  BindId(sealed, &run);
  run.Done();
}

void InsertDelivery(Connection* connection, const DeliveryRow& row) {
  const std::string& payload = Framed(connection, row.payload);
  Run run(connection,
          "INSERT INTO deliveries(tenant, id, dedupe_key, case_id,"
          " event_version, channel, due_at, attempts, state, token,"
          " leased_until, payload)"
          " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 0, NULL, ?)"
          " ON CONFLICT DO NOTHING");
  run.Text(row.tenant).Blob(row.id).Blob(row.dedupe_key).Blob(row.case_id);
  run.Int(row.event_version).Text(row.channel).Time(row.due_at);
  run.Int(row.attempts).Text(row.state).Blob(payload).Done();
}

// A stored record's version and index columns; nothing if it is absent.
struct StoredRecord {
  int64_t version = 0;
  std::array<std::string, 4> index;
  int64_t sealed = kNoBody;
};

std::optional<StoredRecord> LookUp(Connection* connection,
                                   const RecordKey& key) {
  Run run(connection,
          "SELECT version, i0, i1, i2, i3, sealed FROM records"
          " WHERE tenant = ?1 AND kind = ?2 AND key = ?3");
  if (!run.Text(key.tenant).Text(key.kind).Blob(key.key).Step()) {
    return std::nullopt;
  }
  StoredRecord stored{.version = run.GetInt(0)};
  for (int i = 0; i < 4; ++i) {
    stored.index[static_cast<size_t>(i)] = run.GetText(1 + i);
  }
  stored.sealed = run.GetInt(5);
  return stored;
}

void BindColumn(const std::string& value, Run* run) {
  value.empty() ? run->Null() : run->Blob(value);
}

// False, and nothing written, if the record is there already.
bool InsertRecord(Connection* connection, const Record& record) {
  const int64_t sealed = StoreBody(connection, record.sealed, kNoBody);
  const std::string& payload = Framed(connection, record.payload);
  Run run(connection,
          "INSERT INTO records(tenant, kind, key, version, i0, i1, i2, i3,"
          " payload, sealed) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          " ON CONFLICT DO NOTHING");
  run.Text(record.key.tenant).Text(record.key.kind).Blob(record.key.key);
  run.Int(record.version);
  for (const std::string& value : record.index) BindColumn(value, &run);
  run.Blob(payload);
  BindId(sealed, &run);
  return run.Done() == 1;
}

void UpdateRecord(Connection* connection, const StoredRecord& stored,
                  const Record& record) {
  const int64_t sealed = StoreBody(connection, record.sealed, stored.sealed);
  const std::string& payload = Framed(connection, record.payload);
  std::string sql = "UPDATE records SET version = ?, payload = ?, sealed = ?";
  constexpr std::array<const char*, 4> kAssignments = {", i0 = ?", ", i1 = ?",
                                                       ", i2 = ?", ", i3 = ?"};
  for (size_t i = 0; i < 4; ++i) {
    if (stored.index[i] != record.index[i]) sql += kAssignments[i];
  }
  Run run(connection, sql + " WHERE tenant = ? AND kind = ? AND key = ?");
  run.Int(record.version).Blob(payload);
  BindId(sealed, &run);
  for (size_t i = 0; i < 4; ++i) {
    if (stored.index[i] != record.index[i]) BindColumn(record.index[i], &run);
  }
  run.Text(record.key.tenant).Text(record.key.kind).Blob(record.key.key).Done();
}

void EraseCase(Connection* connection, const CaseKey& key) {
  const std::optional<StoredCase> stored = LookUp(connection, key);
  if (!stored.has_value()) return;
  ZeroBody(connection, stored->sealed);
  connection->stored_cases()->Forget(key);
  Run(connection, "UPDATE cases SET sealed = NULL WHERE rowid = ?")
      .Int(stored->rowid)
      .Done();
}

int64_t BodyOfEvent(Connection* connection, const CaseKey& key,
                    int64_t version) {
  Run run(connection,
          "SELECT sealed FROM events"
          " WHERE tenant = ? AND case_id = ? AND version = ?");
  run.Text(key.tenant).Blob(key.id).Int(version);
  return run.Step() ? run.GetInt(0) : kNoBody;
}

void EraseEvent(Connection* connection, const CaseKey& key, int64_t version) {
  ZeroBody(connection, BodyOfEvent(connection, key, version));
  Run(connection,
      "UPDATE events SET sealed = NULL"
      " WHERE tenant = ? AND case_id = ? AND version = ?")
      .Text(key.tenant)
      .Blob(key.id)
      .Int(version)
      .Done();
}

void EraseRecord(Connection* connection, const RecordKey& key) {
  const std::optional<StoredRecord> stored = LookUp(connection, key);
  if (!stored.has_value()) return;
  ZeroBody(connection, stored->sealed);
  Run(connection,
      "UPDATE records SET sealed = NULL"
      " WHERE tenant = ? AND kind = ? AND key = ?")
      .Text(key.tenant)
      .Text(key.kind)
      .Blob(key.key)
      .Done();
}

void Erase(Connection* connection, const RowKey& row) {
  switch (row.kind) {
    case RowKey::kCase:
      return EraseCase(connection, row.case_key);
    case RowKey::kEvent:
      return EraseEvent(connection, row.case_key, row.version);
    case RowKey::kRecord:
      return EraseRecord(connection, row.record);
  }
}

void Remove(Connection* connection, const RecordKey& key) {
  const std::optional<StoredRecord> stored = LookUp(connection, key);
  if (!stored.has_value()) return;
  ZeroBody(connection, stored->sealed);
  Run(connection,
      "DELETE FROM records WHERE tenant = ? AND kind = ? AND key = ?")
      .Text(key.tenant)
      .Text(key.kind)
      .Blob(key.key)
      .Done();
}

// The records of a Write while it is checked.
struct Records {
  std::vector<std::optional<StoredRecord>> stored;
  // The one record was inserted at once: its check and its writing in one.
  bool done = false;
};

absl::Status CheckRecords(Connection* connection,
                          std::span<const RecordChange> changes,
                          Records* records) {
  if (changes.size() == 1 && changes[0].expected_version == 0 &&
      !changes[0].record.sealed.has_value()) {
    records->done = InsertRecord(connection, changes[0].record);
    if (records->done) return absl::OkStatus();
  }
  for (const RecordChange& change : changes) {
    records->stored.push_back(LookUp(connection, change.record.key));
    const std::optional<StoredRecord>& stored = records->stored.back();
    const int64_t expected = change.expected_version;
    const bool fits =
        expected == -1 ||
        (stored.has_value() ? expected != 0 && stored->version == expected
                            : expected == 0);
    if (fits) continue;
    return VersionConflict(change.record.key,
                           stored.has_value() ? stored->version : 0);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckAndApply(Connection* connection, const Write& write) {
  if (absl::Status s = CheckShape(write); !s.ok()) return s;
  if (MovesATimerOnly(write)) return MoveTimer(connection, write.cases[0]);
  std::vector<Before> cases(write.cases.size());
  for (size_t i = 0; i < cases.size(); ++i) {
    absl::Status s = CheckCase(connection, write.cases[i], &cases[i]);
    if (!s.ok()) return s;
  }
  // Last, for it may write already.
  Records records;
  if (absl::Status s = CheckRecords(connection, write.records, &records);
      !s.ok()) {
    return s;
  }
  for (size_t i = 0; i < cases.size(); ++i) {
    const StoredCase* before = cases[i].get();
    before != nullptr ? UpdateCase(connection, *before, write.cases[i])
                      : InsertCase(connection, write.cases[i]);
    if (const auto& event = write.cases[i].event; event.has_value()) {
      InsertEvent(connection, *event);
    }
  }
  for (const DeliveryRow& row : write.deliveries) {
    InsertDelivery(connection, row);
  }
  for (size_t i = 0; !records.done && i < records.stored.size(); ++i) {
    const Record& record = write.records[i].record;
    if (records.stored[i].has_value()) {
      UpdateRecord(connection, *records.stored[i], record);
    } else {
      InsertRecord(connection, record);
    }
  }
  for (const RowKey& row : write.erasures) Erase(connection, row);
  for (const RecordKey& key : write.removals) Remove(connection, key);
  return absl::OkStatus();
}

void LeaseAll(Connection* connection, int64_t until,
              std::vector<Claimed>* due) {
  for (Claimed& claimed : *due) {
    ++claimed.token;
    ++claimed.delivery->attempts;
    Run(connection,
        "UPDATE deliveries SET token = ?, attempts = ?, leased_until = ?"
        " WHERE tenant = ? AND id = ?")
        .Int(claimed.token)
        .Int(claimed.delivery->attempts)
        .Int(until)
        .Text(claimed.delivery->tenant)
        .Blob(claimed.delivery->id)
        .Done();
  }
}

absl::Status FinishOne(Connection* connection, const Finished& finished) {
  if (finished.token == 0) return StaleToken(finished.token);
  const int changed = Run(connection,
                          "UPDATE deliveries SET due_at = ?, state = ?,"
                          " leased_until = NULL"
                          " WHERE tenant = ? AND id = ? AND token = ?")
                          .Time(finished.due_at)
                          .Text(finished.state)
                          .Text(finished.tenant)
                          .Blob(finished.id)
                          .Int(finished.token)
                          .Done();
  return changed == 0 ? StaleToken(finished.token) : absl::OkStatus();
}

}  // namespace hotline::internal
