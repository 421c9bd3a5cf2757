#include "src/adapters/sqlite_store/writes.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/store_shape.h"
#include "src/adapters/sql/frame.h"
#include "src/adapters/sql/rows.h"
#include "src/adapters/sql/statements.h"
#include "src/base/absl_bridge.h"

namespace hotline::internal {
namespace {

void BindId(int64_t body, Run* run) {
  body == kNoBody ? run->in().Null() : run->in().Int(body);
}

void BindKey(const CaseKey& key, Run* run) {
  run->in().Bytes(key.tenant).Bytes(key.id);
}

void BindKey(const RecordKey& key, Run* run) {
  run->in().Bytes(key.tenant).Bytes(key.kind).Bytes(key.key);
}

// Overwrites the body in place; what refers to it must let it go.
void ZeroBody(SqliteConnection* connection, int64_t id) {
  if (id == kNoBody) return;
  Run run(connection,
          "UPDATE bodies SET body = zeroblob(length(body)) WHERE id = ?1");
  run.in().Int(id);
  run.Done();
}

int64_t InsertBody(SqliteConnection* connection, int64_t id,
                   std::string_view body) {
  PaddedFrame(body, connection->frame());
  Run run(connection, "INSERT INTO bodies(id, body) VALUES(?1, ?2)");
  run.in().Int(id).Bytes(*connection->frame());
  run.Done();
  connection->TookBody(id);
  return id;
}

// Brings `body` into the place of the body `old`, or into a new one. Answers
// its id.
int64_t StoreBody(SqliteConnection* connection,
                  const std::optional<std::string>& body, int64_t old) {
  if (!body.has_value()) {
    ZeroBody(connection, old);
    return kNoBody;
  }
  if (old != kNoBody) {
    const std::string& framed = *connection->frame();
    PaddedFrame(*body, connection->frame());
    Run run(connection,
            "UPDATE bodies SET body = ?1 WHERE id = ?2 AND length(body) = ?3");
    run.in().Bytes(framed).Int(old).Int(static_cast<int64_t>(framed.size()));
    if (run.Done() == 1) return old;
    ZeroBody(connection, old);
  }
  return InsertBody(connection, connection->NextBody(), *body);
}

// SQLite rewrites the index entry of every column an UPDATE names, changed or
// not. So the old columns are read with the version, and an UPDATE names those
// indexed ones that differ.
std::optional<StoredCase> LookUp(SqliteConnection* connection,
                                 const CaseKey& key) {
  Run run(connection,
          "SELECT rowid, version, reference, external_system, external_id,"
          " category, unit, cell, open, least_due, next_at, sealed FROM cases"
          " WHERE tenant = ?1 AND id = ?2");
  BindKey(key, &run);
  if (!run.Step()) return std::nullopt;
  StoredCase stored;
  stored.rowid = run.GetInt(0);
  stored.row.version = run.GetInt(1);
  stored.row.reference = run.GetBytes(2);
  stored.row.external_system = run.GetBytes(3);
  stored.row.external_id = run.GetBytes(4);
  stored.row.category = run.GetBytes(5);
  stored.row.unit = run.GetBytes(6);
  stored.row.cell = run.GetInt(7);
  stored.row.open = run.GetInt(8) != 0;
  stored.row.least_due = run.GetTime(9);
  stored.row.next_at = run.GetTime(10);
  stored.sealed = run.GetInt(11);  // NULL is 0
  return stored;
}

// One statement for all that forbids a row: its id (only when it is new), its
// reference and its external id in the hands of another case.
absl::Status CheckTaken(SqliteConnection* connection, const CaseRow& row,
                        bool is_new) {
  Run run(connection,
          "SELECT 0, version, id FROM cases WHERE tenant = ?1 AND id = ?2"
          " UNION ALL SELECT 1, 0, id FROM cases"
          " WHERE tenant = ?1 AND reference = ?3"
          " UNION ALL SELECT 2, 0, id FROM cases WHERE tenant = ?1"
          " AND external_system = ?4 AND external_id = ?5"
          " AND external_id IS NOT NULL");
  BindKey(row.key, &run);
  run.in().Bytes(row.reference);
  BindExternal(row, &run.in());
  while (run.Step()) {
    const int64_t what = run.GetInt(0);
    if (what == 0 && is_new) return VersionConflict(row, run.GetInt(1));
    if (what == 0 || run.GetBytes(2) == row.key.id) continue;
    return DuplicateReference(row, what == 1 ? "reference" : "external_id");
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
  absl::Status Find(SqliteConnection* connection, const CaseChange& change) {
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

absl::Status CheckCase(SqliteConnection* connection, const CaseChange& change,
                       Before* before) {
  const CaseRow& row = change.row;
  if (change.expected_version == 0) return CheckTaken(connection, row, true);
  absl::Status found = before->Find(connection, change);
  // Of what is only checked the row has no more than its key.
  if (!found.ok() || change.only_check) return found;
  const CaseRow& old = before->get()->row;
  if (old.reference == row.reference &&
      old.external_system == row.external_system &&
      old.external_id == row.external_id) {
    return absl::OkStatus();
  }
  return CheckTaken(connection, row, false);
}

// False, and nothing written, if something forbids the row. Its sealed body is
// written after it, to the id that it was given.
bool InsertCase(SqliteConnection* connection, const CaseChange& change) {
  static const auto* const text = new std::string(
      absl::StrCat(ToAbsl(kInsertCase), " ON CONFLICT DO NOTHING"));
  const CaseRow& row = change.row;
  const bool seals = change.write_sealed && row.sealed.has_value();
  const int64_t sealed = seals ? connection->NextBody() : kNoBody;
  {
    const std::string& payload = Framed(connection, row.payload);
    Run run(connection, *text);
    BindCase(row, payload, &run.in());
    BindId(sealed, &run);
    if (run.Done() == 0) return false;
  }
  if (seals) InsertBody(connection, sealed, *row.sealed);
  return true;
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

std::string MakeUpdateText(unsigned changed) {
  struct Assignment {
    const char* first;
    const char* second;  // or nothing
  };
  constexpr std::array<Assignment, kColumns> kAssignments = {
      {{"reference", ""},
       {"external_system", "external_id"},
       {"category", ""},
       {"unit", ""},
       {"cell", ""},
       {"open", ""},
       {"least_due", ""},
       {"next_at", ""},
       {"sealed", ""}}};
  std::string sql;
  sql.reserve(256);
  sql =
      "UPDATE cases SET version = ?1, phase = ?2, opened_at = ?3, chain = ?4,"
      " payload = ?5";
  int last = 5;
  const auto assign = [&sql, &last](const char* column) {
    if (*column != '\0') absl::StrAppend(&sql, ", ", column, " = ?", ++last);
  };
  for (unsigned c = 0; c < kColumns; ++c) {
    if ((changed >> c & 1) == 0) continue;
    assign(kAssignments[c].first);
    assign(kAssignments[c].second);
  }
  absl::StrAppend(&sql, " WHERE rowid = ?", last + 1, " AND version = ?",
                  last + 2);
  return sql;
}

const std::string& UpdateText(unsigned changed) {
  static const auto& texts = *[] {
    auto* made = new std::array<std::string, 1u << kColumns>;
    for (unsigned c = 0; c < made->size(); ++c) (*made)[c] = MakeUpdateText(c);
    return made;
  }();
  return texts[changed];
}

void UpdateCase(SqliteConnection* connection, const StoredCase& stored,
                const CaseChange& change) {
  const CaseRow& row = change.row;
  const int64_t sealed = change.write_sealed
                             ? StoreBody(connection, row.sealed, stored.sealed)
                             : stored.sealed;
  const unsigned changed =
      Changed(stored.row, row) | (sealed != stored.sealed ? 1u << kSealed : 0u);
  const auto names = [changed](Column c) { return (changed >> c & 1) != 0; };
  const std::string& payload = Framed(connection, row.payload);
  Run run(connection, UpdateText(changed));
  Values& in = run.in();
  in.Int(row.version).Int(row.phase).Int(row.opened_at);
  in.Bytes(row.chain).Bytes(payload);
  if (names(kReference)) in.Bytes(row.reference);
  if (names(kExternal)) BindExternal(row, &in);
  if (names(kCategory)) in.Bytes(row.category);
  if (names(kUnit)) in.Bytes(row.unit);
  if (names(kCell)) in.Int(row.cell);
  if (names(kOpen)) in.Bool(row.open);
  if (names(kLeastDue)) in.Time(row.least_due);
  if (names(kNextAt)) in.Time(row.next_at);
  if (names(kSealed)) BindId(sealed, &run);
  in.Int(stored.rowid).Int(change.expected_version);
  if (run.Done() != 1) {
    throw Failure(MakeError(v1::ErrorInfo::STORE_FAILED,
                            "another program wrote to the store; nothing was "
                            "written"));
  }
  connection->stored_cases()->Update(sealed, row);
}

// True if the case is remembered, and its timer was moved at the place that is
// remembered: one way down a tree less.
bool MoveRemembered(SqliteConnection* connection, const CaseChange& change) {
  const CaseRow& row = change.row;
  StoredCase* stored =
      connection->stored_cases()->Find(row.key, change.expected_version);
  if (stored == nullptr) return false;
  Run run(connection,
          "UPDATE cases SET next_at = ?1 WHERE rowid = ?2 AND version = ?3");
  run.in().Time(row.next_at).Int(stored->rowid).Int(change.expected_version);
  if (run.Done() == 0) return false;
  stored->row.next_at = row.next_at;
  return true;
}

// The check and the writing in one.
absl::Status MoveTimer(SqliteConnection* connection, const CaseChange& change) {
  const CaseRow& row = change.row;
  if (MoveRemembered(connection, change)) return absl::OkStatus();
  connection->stored_cases()->Forget(row.key);
  Run run(connection, kMoveTimer);
  BindKey(row.key, &run);
  run.in().Int(change.expected_version).Time(row.next_at);
  if (run.Done() == 1) return absl::OkStatus();
  const std::optional<StoredCase> stored = LookUp(connection, row.key);
  return VersionConflict(row, stored.has_value() ? stored->row.version : 0);
}

bool MovesATimerOnly(const Write& write) {
  return write.cases.size() == 1 && write.cases[0].only_timer &&
         write.deliveries.empty() && write.records.empty() &&
         write.erasures.empty() && write.removals.empty();
}

// A rule that changed moves every timer. A fifth of what a statement costs is
// to begin and to end it, so that many moves go into one.
constexpr size_t kMovedTogether = 16;

// For each: rowid, next_at, version.
const std::string& MoveTogetherText() {
  static const auto& text = *[] {
    std::string to, versions, rowids;
    for (size_t i = 0; i < kMovedTogether; ++i) {
      const size_t p = 3 * i + 1;
      absl::StrAppend(&to, " WHEN ?", p, " THEN ?", p + 1);
      absl::StrAppend(&versions, " WHEN ?", p, " THEN ?", p + 2);
      absl::StrAppend(&rowids, i == 0 ? "?" : ", ?", p);
    }
    return new std::string(absl::StrCat(
        "UPDATE cases SET next_at = CASE rowid", to, " END WHERE rowid IN (",
        rowids, ") AND version = CASE rowid", versions, " END"));
  }();
  return text;
}

// True if `writes` are as many as go together, all move the timer of a case
// that is remembered, and all of them were moved. Otherwise they are to be
// carried out one by one, which does no harm to those that were.
bool MoveTogether(SqliteConnection* connection, std::span<const Write> writes) {
  if (writes.size() < kMovedTogether) return false;
  std::array<StoredCase*, kMovedTogether> stored;
  for (size_t i = 0; i < kMovedTogether; ++i) {
    if (!MovesATimerOnly(writes[i]) || !CheckShape(writes[i]).ok()) {
      return false;
    }
    const CaseChange& change = writes[i].cases[0];
    stored[i] = connection->stored_cases()->Find(change.row.key,
                                                 change.expected_version);
    if (stored[i] == nullptr) return false;
  }
  Run run(connection, MoveTogetherText());
  for (size_t i = 0; i < kMovedTogether; ++i) {
    const CaseChange& change = writes[i].cases[0];
    run.in().Int(stored[i]->rowid).Time(change.row.next_at);
    run.in().Int(change.expected_version);
  }
  // A case that is there twice is one row: the last Write must have it.
  if (run.Done() != int64_t{kMovedTogether}) return false;
  for (size_t i = 0; i < kMovedTogether; ++i) {
    stored[i]->row.next_at = writes[i].cases[0].row.next_at;
  }
  return true;
}

void InsertEvent(SqliteConnection* connection, const EventRow& event) {
  const int64_t sealed = StoreBody(connection, event.sealed, kNoBody);
  const std::string& payload = Framed(connection, event.payload);
  Run run(connection, kInsertEvent);
  BindEvent(event, payload, &run.in());
  BindId(sealed, &run);
  run.Done();
}

void InsertDelivery(SqliteConnection* connection, const DeliveryRow& row) {
  const std::string& payload = Framed(connection, row.payload);
  Run run(connection, kInsertDelivery);
  BindDelivery(row, payload, &run.in());
  run.Done();
}

// A stored record's version and index columns; nothing if it is absent.
struct StoredRecord {
  int64_t version = 0;
  std::array<std::string, 4> index;
  int64_t sealed = kNoBody;
};

std::optional<StoredRecord> LookUp(SqliteConnection* connection,
                                   const RecordKey& key) {
  Run run(connection,
          "SELECT version, i0, i1, i2, i3, sealed FROM records"
          " WHERE tenant = ?1 AND kind = ?2 AND key = ?3");
  BindKey(key, &run);
  if (!run.Step()) return std::nullopt;
  StoredRecord stored{.version = run.GetInt(0)};
  for (int i = 0; i < 4; ++i) {
    stored.index[static_cast<size_t>(i)] = run.GetBytes(1 + i);
  }
  stored.sealed = run.GetInt(5);
  return stored;
}

// False, and nothing written, if the record is there already.
bool InsertRecord(SqliteConnection* connection, const Record& record) {
  const int64_t sealed = StoreBody(connection, record.sealed, kNoBody);
  const std::string& payload = Framed(connection, record.payload);
  Run run(connection, kInsertRecord);
  BindRecord(record, payload, &run.in());
  BindId(sealed, &run);
  return run.Done() == 1;
}

void UpdateRecord(SqliteConnection* connection, const StoredRecord& stored,
                  const Record& record) {
  const int64_t sealed = StoreBody(connection, record.sealed, stored.sealed);
  const std::string& payload = Framed(connection, record.payload);
  std::string sql =
      "UPDATE records SET version = ?4, payload = ?5, sealed = ?6";
  int last = 6;
  for (size_t i = 0; i < 4; ++i) {
    if (stored.index[i] == record.index[i]) continue;
    absl::StrAppend(&sql, ", i", i, " = ?", ++last);
  }
  Run run(connection, sql + " WHERE tenant = ?1 AND kind = ?2 AND key = ?3");
  BindKey(record.key, &run);
  run.in().Int(record.version).Bytes(payload);
  BindId(sealed, &run);
  for (size_t i = 0; i < 4; ++i) {
    if (stored.index[i] != record.index[i]) {
      run.in().BytesOrNull(record.index[i]);
    }
  }
  run.Done();
}

void EraseCase(SqliteConnection* connection, const CaseKey& key) {
  const std::optional<StoredCase> stored = LookUp(connection, key);
  if (!stored.has_value()) return;
  ZeroBody(connection, stored->sealed);
  connection->stored_cases()->Forget(key);
  Run run(connection, kEraseCase);
  BindKey(key, &run);
  run.Done();
}

int64_t BodyOfEvent(SqliteConnection* connection, const CaseKey& key,
                    int64_t version) {
  Run run(connection,
          "SELECT sealed FROM events"
          " WHERE tenant = ?1 AND case_id = ?2 AND version = ?3");
  BindKey(key, &run);
  run.in().Int(version);
  return run.Step() ? run.GetInt(0) : kNoBody;
}

void EraseEvent(SqliteConnection* connection, const CaseKey& key,
                int64_t version) {
  ZeroBody(connection, BodyOfEvent(connection, key, version));
  Run run(connection, kEraseEvent);
  BindKey(key, &run);
  run.in().Int(version);
  run.Done();
}

void EraseRecord(SqliteConnection* connection, const RecordKey& key) {
  const std::optional<StoredRecord> stored = LookUp(connection, key);
  if (!stored.has_value()) return;
  ZeroBody(connection, stored->sealed);
  Run run(connection, kEraseRecord);
  BindKey(key, &run);
  run.Done();
}

void Erase(SqliteConnection* connection, const RowKey& row) {
  switch (row.kind) {
    case RowKey::kCase:
      return EraseCase(connection, row.case_key);
    case RowKey::kEvent:
      return EraseEvent(connection, row.case_key, row.version);
    case RowKey::kRecord:
      return EraseRecord(connection, row.record);
  }
}

void Remove(SqliteConnection* connection, const RecordKey& key) {
  {
    // Most that are removed are keys that ran out: nothing of them is sealed.
    Run run(connection,
            "DELETE FROM records WHERE tenant = ?1 AND kind = ?2 AND key = ?3"
            " AND sealed IS NULL");
    BindKey(key, &run);
    if (run.Done() == 1) return;
  }
  const std::optional<StoredRecord> stored = LookUp(connection, key);
  if (!stored.has_value()) return;
  ZeroBody(connection, stored->sealed);
  Run run(connection, kRemoveRecord);
  BindKey(key, &run);
  run.Done();
}

// The records of a Write while it is checked.
struct Records {
  std::vector<std::optional<StoredRecord>> stored;
  // The one record was inserted at once: its check and its writing in one.
  bool done = false;
};

absl::Status CheckRecords(SqliteConnection* connection,
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

void PutRecords(SqliteConnection* connection,
                std::span<const RecordChange> changes, const Records& records) {
  for (size_t i = 0; i < changes.size(); ++i) {
    const Record& record = changes[i].record;
    if (records.stored[i].has_value()) {
      UpdateRecord(connection, *records.stored[i], record);
    } else {
      InsertRecord(connection, record);
    }
  }
}

// The row and its event. False, and nothing written, if something forbids it.
bool PutCase(SqliteConnection* connection, const StoredCase* before,
             const CaseChange& change) {
  if (change.only_check) return true;
  if (before != nullptr) {
    UpdateCase(connection, *before, change);
  } else if (!InsertCase(connection, change)) {
    return false;
  }
  if (change.event.has_value()) InsertEvent(connection, *change.event);
  return true;
}

// What forbade an insertion.
absl::Status WhyTaken(SqliteConnection* connection, const CaseRow& row) {
  absl::Status taken = CheckTaken(connection, row, true);
  if (!taken.ok()) return taken;
  throw Failure(MakeError(v1::ErrorInfo::CORRUPT,
                          "an index of the store contradicts its table; "
                          "restore a backup"));
}

// Checks `write` against what is stored, then writes it. Not OK: it left no
// trace and the transaction goes on.
absl::Status CheckAndApply(SqliteConnection* connection, const Write& write) {
  if (absl::Status s = CheckShape(write); !s.ok()) return s;
  if (MovesATimerOnly(write)) return MoveTimer(connection, write.cases[0]);
  // Of a lone new case the insertion is the check.
  const bool opens =
      write.cases.size() == 1 && write.cases[0].expected_version == 0;
  std::vector<Before> before(write.cases.size());
  for (size_t i = 0; !opens && i < before.size(); ++i) {
    absl::Status s = CheckCase(connection, write.cases[i], &before[i]);
    if (!s.ok()) return s;
  }
  // Last, for it may write already.
  Records records;
  absl::Status fits = CheckRecords(connection, write.records, &records);
  if (!fits.ok()) {
    const absl::Status taken =
        opens ? CheckTaken(connection, write.cases[0].row, true)
              : absl::OkStatus();
    return taken.ok() ? fits : taken;
  }
  for (size_t i = 0; i < before.size(); ++i) {
    if (PutCase(connection, before[i].get(), write.cases[i])) continue;
    if (records.done) Remove(connection, write.records[0].record.key);
    return WhyTaken(connection, write.cases[i].row);
  }
  for (const DeliveryRow& row : write.deliveries) {
    InsertDelivery(connection, row);
  }
  if (!records.done) PutRecords(connection, write.records, records);
  for (const RowKey& row : write.erasures) Erase(connection, row);
  for (const RecordKey& key : write.removals) Remove(connection, key);
  return absl::OkStatus();
}

}  // namespace

std::vector<absl::Status> CheckAndApply(SqliteConnection* connection,
                                        std::span<const Write> writes) {
  std::vector<absl::Status> verdicts(writes.size());
  for (size_t i = 0; i < writes.size();) {
    if (MoveTogether(connection, writes.subspan(i))) {
      i += kMovedTogether;
      continue;
    }
    verdicts[i] = CheckAndApply(connection, writes[i]);
    ++i;
  }
  return verdicts;
}

}  // namespace hotline::internal
