#include "benchmarks/postgres_plain.h"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <optional>
#include <string_view>

namespace hotline::bench {
namespace {

struct Statement {
  const char* name;
  const char* sql;
};

constexpr Statement kStatements[] = {
    {"begin", "BEGIN"},
    {"commit", "COMMIT"},
    {"read",
     "SELECT id, version, reference, external_system, external_id, category,"
     " unit, cell, phase, open, opened_at, least_due, next_at, chain, payload,"
     " sealed FROM cases WHERE tenant = $1 AND reference = $2"},
    {"case",
     "INSERT INTO cases(tenant, id, version, reference, category, unit, cell,"
     " phase, open, opened_at, least_due, next_at, chain, payload, sealed)"
     " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
     " $15)"},
    {"update",
     "UPDATE cases SET version = $3, reference = $4, category = $5, unit = $6,"
     " cell = $7, phase = $8, open = $9, opened_at = $10, least_due = $11,"
     " next_at = $12, chain = $13, payload = $14, sealed = $15"
     " WHERE tenant = $1 AND id = $2"},
    {"event",
     "INSERT INTO events(tenant, case_id, version, recorded_at, payload,"
     " sealed) VALUES($1, $2, $3, $4, $5, $6)"},
    {"delivery",
     "INSERT INTO deliveries(tenant, id, dedupe_key, case_id, event_version,"
     " channel, due_at, attempts, state, token, leased_until, payload)"
     " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, NULL, $10)"},
    {"record",
     "INSERT INTO records(tenant, kind, key, version, i0, payload)"
     " VALUES($1, $2, $3, $4, $5, $6)"},
};

[[noreturn]] void Die(PGconn* connection, const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, PQerrorMessage(connection));
  std::exit(1);
}

void Require(PGconn* connection, PGresult* result, const char* what) {
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    std::fprintf(stderr, "%s: %s\n", what, PQresultErrorMessage(result));
    Die(connection, what);
  }
  PQclear(result);
}

}  // namespace

// The parameters of one statement.
class PostgresPlain::Filled {
 public:
  Filled& Bytes(const std::string& value) {
    return Add(value.data(), value.size(), 1);
  }
  // As long as a body of ours with its length and checksum.
  Filled& Body(const std::string& value) {
    return Bytes(kept_.emplace_back("12345678" + value));
  }
  Filled& Body(const std::optional<std::string>& value) {
    return value.has_value() ? Body(*value) : Null();
  }
  Filled& Int(int64_t value) {
    if (value == kNever) return Null();
    std::string& text = kept_.emplace_back(24, '\0');
    std::to_chars(text.data(), text.data() + text.size(), value);
    return Add(text.c_str(), 0, 0);
  }
  Filled& Null() { return Add(nullptr, 0, 0); }
  void Send(PGconn* connection, const char* name) {
    if (PQsendQueryPrepared(connection, name, static_cast<int>(values_.size()),
                            values_.data(), lengths_.data(), formats_.data(),
                            1) != 1) {
      Die(connection, name);
    }
  }

 private:
  Filled& Add(const char* value, size_t length, int format) {
    values_.push_back(value);
    lengths_.push_back(static_cast<int>(length));
    formats_.push_back(format);
    return *this;
  }
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::deque<std::string> kept_;
};

PostgresPlain::PostgresPlain(const std::string& conninfo,
                             const std::string& schema)
    : connection_(PQconnectdb(conninfo.c_str())) {
  // The same plans as ours.
  for (const std::string& sql :
       {"SET search_path = " + schema, std::string("SET jit = off"),
        std::string("SET enable_seqscan = off"),
        std::string("SET enable_bitmapscan = off"),
        std::string("SET plan_cache_mode = force_generic_plan")}) {
    Require(connection_, PQexec(connection_, sql.c_str()), "set");
  }
  for (const Statement& one : kStatements) {
    Require(connection_, PQprepare(connection_, one.name, one.sql, 0, nullptr),
            one.name);
  }
  if (PQenterPipelineMode(connection_) != 1) Die(connection_, "pipeline");
}

PostgresPlain::~PostgresPlain() { PQfinish(connection_); }

void PostgresPlain::Drain(int answers) {
  if (PQpipelineSync(connection_) != 1) Die(connection_, "sync");
  for (int i = 0; i < answers; ++i) {
    Require(connection_, PQgetResult(connection_), "answer");
    PQclear(PQgetResult(connection_));
  }
  PGresult* sync = PQgetResult(connection_);
  if (PQresultStatus(sync) != PGRES_PIPELINE_SYNC) Die(connection_, "end");
  PQclear(sync);
}

void PostgresPlain::Read(std::span<const Write> writes) {
  int answers = 0;
  for (const Write& write : writes) {
    for (const CaseChange& change : write.cases) {
      if (change.expected_version == 0) continue;
      Filled in;
      in.Bytes(change.row.key.tenant).Bytes(change.row.reference);
      in.Send(connection_, "read");
      ++answers;
    }
  }
  if (answers > 0) Drain(answers);
}

void PostgresPlain::Put(const Write& write) {
  for (const CaseChange& change : write.cases) {
    const CaseRow& row = change.row;
    Filled in;
    in.Bytes(row.key.tenant).Bytes(row.key.id).Int(row.version);
    in.Bytes(row.reference).Bytes(row.category).Bytes(row.unit).Int(row.cell);
    in.Int(row.phase).Int(row.open ? 1 : 0).Int(row.opened_at);
    in.Int(row.least_due).Int(row.next_at).Bytes(row.chain).Body(row.payload);
    in.Body(row.sealed);
    in.Send(connection_, change.expected_version == 0 ? "case" : "update");
    ++queued_;
    if (!change.event.has_value()) continue;
    const EventRow& event = *change.event;
    Filled log;
    log.Bytes(event.key.tenant).Bytes(event.key.id).Int(event.version);
    log.Int(event.recorded_at).Body(event.payload).Body(event.sealed);
    log.Send(connection_, "event");
    ++queued_;
  }
  for (const DeliveryRow& row : write.deliveries) {
    Filled in;
    in.Bytes(row.tenant).Bytes(row.id).Bytes(row.dedupe_key);
    in.Bytes(row.case_id).Int(row.event_version).Bytes(row.channel);
    in.Int(row.due_at).Int(row.attempts).Bytes(row.state).Body(row.payload);
    in.Send(connection_, "delivery");
    ++queued_;
  }
  for (const RecordChange& change : write.records) {
    const Record& record = change.record;
    Filled in;
    in.Bytes(record.key.tenant).Bytes(record.key.kind).Bytes(record.key.key);
    in.Int(record.version).Bytes(record.index[0]).Body(record.payload);
    in.Send(connection_, "record");
    ++queued_;
  }
}

void PostgresPlain::Commit(std::span<const Write> writes) {
  queued_ = 2;
  Filled().Send(connection_, "begin");
  for (const Write& write : writes) Put(write);
  Filled().Send(connection_, "commit");
  Drain(queued_);
}

void PostgresPlain::Run(std::span<const Write> writes, size_t at_once) {
  for (size_t i = 0; i < writes.size(); i += at_once) {
    const auto these = writes.subspan(i, std::min(at_once, writes.size() - i));
    Read(these);
    Commit(these);
  }
}

}  // namespace hotline::bench
