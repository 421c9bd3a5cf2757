#include "benchmarks/plain.h"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>

namespace hotline::bench {
namespace {

// As connection.cc of the store sets it.
constexpr int kLogPages = 16'000;
constexpr int kCacheKiB = 64 << 10;
constexpr size_t kFrameBytes = 8;
constexpr size_t kPaddingBytes = 64;

[[noreturn]] void Die(sqlite3* db, const std::string& what) {
  std::fprintf(stderr, "plain SQL: %s: %s\n", what.c_str(),
               db == nullptr ? "?" : sqlite3_errmsg(db));
  std::exit(1);
}

// Bodies stand in the store behind length and checksum; sealed ones are filled
// up. Here only their size matters.
void Frame(std::string* body) { body->insert(0, kFrameBytes, '\0'); }

void FramePadded(std::optional<std::string>* body) {
  if (!body->has_value()) return;
  const size_t bytes = (*body)->size() + kFrameBytes;
  (*body)->resize((bytes + kPaddingBytes - 1) / kPaddingBytes * kPaddingBytes);
}

enum Column : unsigned {
  kReference,
  kExternal,
  kCategory,
  kUnit,
  kCell,
  kOpen,
  kLeastDue,
  kNextAt,
  kColumns
};
constexpr const char* kAssignments[kColumns] = {
    ", reference = ?", ", external_system = ?, external_id = ?",
    ", category = ?",  ", unit = ?",
    ", cell = ?",      ", open = ?",
    ", least_due = ?", ", next_at = ?"};

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

}  // namespace

class Plain::Filled {
 public:
  Filled(Plain* plain, std::string_view sql)
      : db_(plain->db_), statement_(plain->Prepared(sql)) {}
  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;
  ~Filled() { sqlite3_reset(statement_); }

  Filled& Int(int64_t value) {
    sqlite3_bind_int64(statement_, ++at_, value);
    return *this;
  }
  Filled& Time(int64_t value) { return value == kNever ? Null() : Int(value); }
  Filled& Blob(const std::string& value) {
    sqlite3_bind_blob(statement_, ++at_, value.data(),
                      static_cast<int>(value.size()), SQLITE_STATIC);
    return *this;
  }
  Filled& BlobOrNull(const std::string& value) {
    return value.empty() ? Null() : Blob(value);
  }
  Filled& Null() {
    sqlite3_bind_null(statement_, ++at_);
    return *this;
  }
  bool Step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) Die(db_, sqlite3_sql(statement_));
    return false;
  }
  void Done() {
    if (Step()) Die(db_, "a row where none was asked for");
  }
  int64_t GetInt(int column) {
    return sqlite3_column_int64(statement_, column);
  }
  int64_t GetTime(int column) {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL
               ? kNever
               : GetInt(column);
  }
  std::string GetBlob(int column) {
    const auto* data =
        static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return data == nullptr
               ? ""
               : std::string(data, static_cast<size_t>(sqlite3_column_bytes(
                                       statement_, column)));
  }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_;
  int at_ = 0;
};

Plain::Plain(const std::string& path) {
  if (sqlite3_open_v2(
          path.c_str(), &db_,
          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
          nullptr) != SQLITE_OK) {
    Die(db_, path);
  }
  Execute("PRAGMA page_size = 4096");
  Execute("PRAGMA journal_mode = WAL");
  Execute("PRAGMA synchronous = FULL");
  Execute("PRAGMA cache_size = -" + std::to_string(kCacheKiB));
  Execute("PRAGMA wal_autocheckpoint = " + std::to_string(kLogPages));
}

Plain::Plain(const std::string& path, const std::string& schema_of)
    : Plain(path) {
  Execute("ATTACH '" + schema_of + "' AS model");
  std::vector<std::string> schema;
  {
    Filled read(this,
                "SELECT sql FROM model.sqlite_schema WHERE sql IS NOT NULL"
                " AND name NOT GLOB 'sqlite_*' ORDER BY rowid");
    while (read.Step()) schema.push_back(read.GetBlob(0));
  }
  Execute("DETACH model");
  for (const std::string& sql : schema) Execute(sql);
}

Plain::~Plain() {
  for (const auto& [sql, statement] : prepared_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

void Plain::Execute(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    Die(db_, sql);
  }
}

sqlite3_stmt* Plain::Prepared(std::string_view sql) {
  const auto found = prepared_.find(sql);
  if (found != prepared_.end()) return found->second;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement,
                         nullptr) != SQLITE_OK) {
    Die(db_, std::string(sql));
  }
  prepared_.emplace(sqlite3_sql(statement), statement);
  return statement;
}

int64_t Plain::Pages() {
  int now = 0;
  int highest = 0;
  sqlite3_db_status(db_, SQLITE_DBSTATUS_CACHE_WRITE, &now, &highest, 0);
  return now;
}

std::vector<PlainWrite> Plain::Prepare(std::vector<Write> writes) {
  std::vector<PlainWrite> ready;
  ready.reserve(writes.size());
  for (Write& write : writes) {
    PlainWrite& plain = ready.emplace_back();
    for (CaseChange& change : write.cases) {
      CaseRow row = change.row;
      row.payload.clear();
      row.sealed.reset();
      CaseRow& last = Last(row.key);
      plain.changed.push_back(Changed(last, row));
      last = std::move(row);
      Frame(&change.row.payload);
      FramePadded(&change.row.sealed);
      if (!change.event.has_value()) continue;
      Frame(&change.event->payload);
      FramePadded(&change.event->sealed);
    }
    for (DeliveryRow& row : write.deliveries) Frame(&row.payload);
    for (RecordChange& change : write.records) {
      Frame(&change.record.payload);
      FramePadded(&change.record.sealed);
    }
    plain.write = std::move(write);
  }
  return ready;
}

CaseRow& Plain::Last(const CaseKey& key) {
  const auto [last, is_new] = rows_.try_emplace(key.id);
  CaseRow& row = last->second;
  if (!is_new) return row;
  Filled read(this,
              "SELECT reference, external_system, external_id, category, unit,"
              " cell, open, least_due, next_at FROM cases"
              " WHERE tenant = ? AND id = ?");
  if (!read.Blob(key.tenant).Blob(key.id).Step()) return row;
  row.reference = read.GetBlob(0);
  row.external_system = read.GetBlob(1);
  row.external_id = read.GetBlob(2);
  row.category = read.GetBlob(3);
  row.unit = read.GetBlob(4);
  row.cell = read.GetInt(5);
  row.open = read.GetInt(6) != 0;
  row.least_due = read.GetTime(7);
  row.next_at = read.GetTime(8);
  return row;
}

std::pair<int64_t, int64_t> Plain::Read(const CaseRow& row) {
  Filled read(this,
              "SELECT rowid, version, chain, payload, iif(sealed IS NULL, NULL,"
              " (SELECT body FROM bodies WHERE bodies.id = cases.sealed))"
              " FROM cases WHERE tenant = ? AND reference = ?");
  if (!read.Blob(row.key.tenant).Blob(row.reference).Step()) {
    Die(db_, "a case is missing");
  }
  for (const int column : {2, 3, 4}) {
    if (read.GetBlob(column).empty() && column != 4) Die(db_, "no body");
  }
  return {read.GetInt(0), read.GetInt(1)};
}

int64_t Plain::PutBody(const std::optional<std::string>& body) {
  if (!body.has_value()) return 0;
  Filled(this, "INSERT INTO bodies(body) VALUES(?)").Blob(*body).Done();
  return sqlite3_last_insert_rowid(db_);
}

void Plain::PutCase(const CaseChange& change, unsigned changed) {
  const CaseRow& row = change.row;
  const bool external = !row.external_id.empty();
  const auto bind_external = [&](Filled* filled) {
    external ? filled->Blob(row.external_system).Blob(row.external_id)
             : filled->Null().Null();
  };
  if (change.expected_version == 0) {
    const int64_t body = PutBody(row.sealed);
    Filled put(this,
               "INSERT INTO cases(tenant, id, version, reference,"
               " external_system, external_id, category, unit, cell, phase,"
               " open, opened_at, least_due, next_at, chain, payload, sealed)"
               " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    put.Blob(row.key.tenant).Blob(row.key.id).Int(row.version);
    put.Blob(row.reference);
    bind_external(&put);
    put.Blob(row.category).Blob(row.unit).Int(row.cell).Int(row.phase);
    put.Int(row.open ? 1 : 0).Int(row.opened_at);
    put.Time(row.least_due).Time(row.next_at).Blob(row.chain);
    put.Blob(row.payload);
    (body == 0 ? put.Null() : put.Int(body)).Done();
    return;
  }
  const auto [rowid, version] = Read(row);
  if (version != change.expected_version) Die(db_, "another version");
  std::string sql =
      "UPDATE cases SET version = ?, phase = ?, opened_at = ?, chain = ?,"
      " payload = ?";
  for (unsigned c = 0; c < kColumns; ++c) {
    if ((changed >> c & 1) != 0) sql += kAssignments[c];
  }
  const auto names = [changed](Column c) { return (changed >> c & 1) != 0; };
  Filled put(this, sql + " WHERE rowid = ?");
  put.Int(row.version).Int(row.phase).Int(row.opened_at);
  put.Blob(row.chain).Blob(row.payload);
  if (names(kReference)) put.Blob(row.reference);
  if (names(kExternal)) bind_external(&put);
  if (names(kCategory)) put.Blob(row.category);
  if (names(kUnit)) put.Blob(row.unit);
  if (names(kCell)) put.Int(row.cell);
  if (names(kOpen)) put.Int(row.open ? 1 : 0);
  if (names(kLeastDue)) put.Time(row.least_due);
  if (names(kNextAt)) put.Time(row.next_at);
  put.Int(rowid).Done();
}

void Plain::PutEvent(const EventRow& event) {
  const int64_t body = PutBody(event.sealed);
  Filled put(this,
             "INSERT INTO events(tenant, case_id, version, recorded_at,"
             " payload, sealed) VALUES(?, ?, ?, ?, ?, ?)");
  put.Blob(event.key.tenant).Blob(event.key.id).Int(event.version);
  put.Int(event.recorded_at).Blob(event.payload);
  (body == 0 ? put.Null() : put.Int(body)).Done();
}

void Plain::PutDelivery(const DeliveryRow& row) {
  Filled(this,
         "INSERT INTO deliveries(tenant, id, dedupe_key, case_id,"
         " event_version, channel, due_at, attempts, state, token,"
         " leased_until, payload) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 0, NULL,"
         " ?)")
      .Blob(row.tenant)
      .Blob(row.id)
      .Blob(row.dedupe_key)
      .Blob(row.case_id)
      .Int(row.event_version)
      .Blob(row.channel)
      .Time(row.due_at)
      .Int(row.attempts)
      .Blob(row.state)
      .Blob(row.payload)
      .Done();
}

void Plain::PutRecord(const Record& record) {
  const int64_t body = PutBody(record.sealed);
  Filled put(this,
             "INSERT INTO records(tenant, kind, key, version, i0, i1, i2, i3,"
             " payload, sealed) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  put.Blob(record.key.tenant).Blob(record.key.kind).Blob(record.key.key);
  put.Int(record.version);
  for (const std::string& column : record.index) put.BlobOrNull(column);
  put.Blob(record.payload);
  (body == 0 ? put.Null() : put.Int(body)).Done();
}

void Plain::Put(const PlainWrite& plain) {
  const Write& write = plain.write;
  for (size_t i = 0; i < write.cases.size(); ++i) {
    PutCase(write.cases[i], plain.changed[i]);
    if (write.cases[i].event.has_value()) PutEvent(*write.cases[i].event);
  }
  for (const DeliveryRow& row : write.deliveries) PutDelivery(row);
  for (const RecordChange& change : write.records) PutRecord(change.record);
}

void Plain::Commit(std::span<const PlainWrite* const> writes) {
  Filled(this, "BEGIN IMMEDIATE").Done();
  for (const PlainWrite* write : writes) Put(*write);
  Filled(this, "COMMIT").Done();
}

void Plain::Run(const std::vector<PlainWrite>& writes, size_t at_once) {
  std::vector<const PlainWrite*> group;
  for (const PlainWrite& write : writes) {
    group.push_back(&write);
    if (group.size() < at_once && &write != &writes.back()) continue;
    Commit(group);
    group.clear();
  }
}

void Plain::SetTimers(const std::vector<PlainWrite>& writes) {
  Filled(this, "BEGIN IMMEDIATE").Done();
  for (const PlainWrite& write : writes) {
    const CaseRow& row = write.write.cases.front().row;
    Filled(this, "UPDATE cases SET next_at = ? WHERE tenant = ? AND id = ?")
        .Time(row.next_at)
        .Blob(row.key.tenant)
        .Blob(row.key.id)
        .Done();
  }
  Filled(this, "COMMIT").Done();
}

std::vector<int64_t> Plain::ReadDue(std::span<const PlainWrite> writes,
                                    int64_t now) {
  Filled due(this,
             "SELECT rowid, id, version, chain, payload, iif(sealed IS NULL,"
             " NULL, (SELECT body FROM bodies WHERE bodies.id = cases.sealed))"
             " FROM cases INDEXED BY cases_timer WHERE tenant = ?"
             " AND next_at <= ? ORDER BY next_at, id LIMIT ?");
  due.Blob(writes.front().write.cases.front().row.key.tenant).Int(now);
  due.Int(static_cast<int64_t>(writes.size()));
  std::vector<int64_t> rowids;
  for (const PlainWrite& write : writes) {
    const CaseChange& change = write.write.cases.front();
    if (!due.Step() || due.GetBlob(1) != change.row.key.id ||
        due.GetInt(2) != change.expected_version) {
      Die(db_, "another case is due");
    }
    for (const int column : {3, 4, 5}) {
      if (due.GetBlob(column).empty() && column != 5) Die(db_, "no body");
    }
    rowids.push_back(due.GetInt(0));
  }
  return rowids;
}

void Plain::MoveTimers(const std::vector<PlainWrite>& writes, size_t at_once,
                       int64_t now) {
  for (size_t i = 0; i < writes.size(); i += at_once) {
    const std::span<const PlainWrite> group =
        std::span(writes).subspan(i, std::min(at_once, writes.size() - i));
    Filled(this, "BEGIN IMMEDIATE").Done();
    const std::vector<int64_t> rowids = ReadDue(group, now);
    for (size_t n = 0; n < group.size(); ++n) {
      Filled(this, "UPDATE cases SET next_at = ? WHERE rowid = ?")
          .Time(group[n].write.cases.front().row.next_at)
          .Int(rowids[n])
          .Done();
    }
    Filled(this, "COMMIT").Done();
  }
}

bool Plain::AnyDue(const std::string& tenant, int64_t now) {
  Filled look(this,
              "SELECT id FROM cases INDEXED BY cases_timer"
              " WHERE tenant = ? AND next_at <= ? LIMIT 1");
  return look.Blob(tenant).Int(now).Step();
}

void Plain::CommitInGroup(const PlainWrite& write) {
  Waiter self;
  self.write = &write;
  std::unique_lock<std::mutex> lock(mutex_);
  queue_.push_back(&self);
  self.wake.wait(lock, [&] { return self.done || queue_.front() == &self; });
  if (self.done) return;
  const std::vector<Waiter*> group(queue_.begin(), queue_.end());
  lock.unlock();
  std::vector<const PlainWrite*> writes;
  for (const Waiter* waiter : group) writes.push_back(waiter->write);
  Commit(writes);
  lock.lock();
  for (Waiter* waiter : group) {
    queue_.pop_front();
    if (waiter == &self) continue;
    waiter->done = true;
    waiter->wake.notify_one();
  }
  if (!queue_.empty()) queue_.front()->wake.notify_one();
}

}  // namespace hotline::bench
