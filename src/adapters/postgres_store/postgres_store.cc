#include "hotline/adapters/postgres_store.h"

#include <unistd.h>

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/store_shape.h"
#include "src/adapters/postgres_store/commit.h"
#include "src/adapters/postgres_store/connecting.h"
#include "src/adapters/postgres_store/errors.h"
#include "src/adapters/postgres_store/pool.h"
#include "src/adapters/postgres_store/queues.h"
#include "src/adapters/postgres_store/schema.h"
#include "src/adapters/postgres_store/statements.h"
#include "src/adapters/postgres_store/waiting.h"
#include "src/adapters/sql/reads.h"
#include "src/base/absl_bridge.h"
#include "src/base/mutex.h"
#include "src/base/time.h"

namespace hotline {
namespace {

using internal::Guarded;
using internal::PgPool;
using internal::PgServer;
using internal::PgSqlConnection;
using internal::PgTuning;

absl::Status Failed(std::string_view message) {
  return MakeError(v1::ErrorInfo::STORE_FAILED, message);
}

// A lease lives for half a minute: within a second the server's clock is what
// it was and what has passed.
constexpr absl::Duration kClockKeptFor = absl::Seconds(1);

int64_t MachineMs() { return internal::ToMs(RealClock()->TimeNow()); }

absl::Status CheckOptions(const PostgresOptions& options) {
  Problems problems;
  if (options.schema.empty() || options.schema.size() > 63 ||
      options.schema.find('\0') != std::string::npos) {
    problems.Add("schema", "is no name of a schema", "1 to 63 bytes");
  }
  if (options.connections < 1) {
    problems.Add("connections", "is below 1", "one a thread that calls");
  }
  if (options.timeout <= absl::ZeroDuration()) {
    problems.Add("timeout", "is not positive", "30 seconds are usual");
  }
  if (options.conninfo.find('\0') != std::string::npos) {
    problems.Add("conninfo", "holds a NUL byte");
  }
  if (problems.empty()) return absl::OkStatus();
  return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "options");
}

}  // namespace

struct PostgresStore::Rep {
  // What the server's clock said, and when by a clock that nobody sets.
  struct Seen {
    absl::Time server;
    absl::Time at;
  };

  explicit Rep(const Options& o)
      : options(o),
        tuning{
            .conninfo = o.conninfo, .schema = o.schema, .timeout = o.timeout},
        pid(getpid()),
        pool([this] { return Open(); }, o.connections, o.timeout) {}

  absl::StatusOr<std::unique_ptr<PgSqlConnection>> Open();
  // Schema, clocks, era; once.
  absl::Status Prepare();
  absl::Status CheckClocks(const PgServer& server) const;
  absl::Status CheckStanding() const;
  void SawClock(int64_t ms);
  // What leases are measured by, if not the server's clock.
  std::optional<int64_t> HostsNow() const {
    if (options.clock == nullptr) return std::nullopt;
    return internal::ToMs(options.clock->TimeNow());
  }
  // Lends `use` a connection and answers what it does.
  template <typename Use>
  auto Lend(Use use) -> absl::StatusOr<decltype(use(nullptr))>;
  // The same for what writes in one statement: if the connection is lost on
  // the way, nobody knows.
  template <typename Use>
  auto LendToWrite(Use use) -> absl::StatusOr<decltype(use(nullptr))>;

  const Options options;
  PgTuning tuning;  // its cluster is the one that Prepare found
  const pid_t pid;
  int64_t era = 0;
  bool durable = true;
  internal::Mutex clock_mutex;
  Seen seen ABSL_GUARDED_BY(clock_mutex);
  std::atomic<int64_t> commits{0};
  PgPool pool;
};

void PostgresStore::Rep::SawClock(int64_t ms) {
  internal::MutexLock lock(&clock_mutex);
  seen = {.server = internal::FromMs(ms), .at = internal::SteadyNow()};
}

absl::StatusOr<std::unique_ptr<PgSqlConnection>> PostgresStore::Rep::Open() {
  PgServer server;
  auto connection = internal::Connect(tuning, &server);
  if (!connection.ok()) return connection.status();
  SawClock(server.clock_ms);
  return std::make_unique<PgSqlConnection>(*std::move(connection));
}

absl::Status PostgresStore::Rep::CheckClocks(const PgServer& server) const {
  const int64_t ahead = server.clock_ms - MachineMs();
  const int64_t most = absl::ToInt64Milliseconds(options.max_clock_skew);
  if (options.clock != nullptr || (ahead <= most && -ahead <= most)) {
    return absl::OkStatus();
  }
  return internal::StoreFailed(
      "clock",
      absl::StrCat(
          "the server's clock is ",
          absl::FormatDuration(absl::Milliseconds(ahead < 0 ? -ahead : ahead)),
          ahead < 0 ? " behind" : " ahead of", " this machine's"),
      "let both follow a time server");
}

absl::Status PostgresStore::Rep::Prepare() {
  PgServer server;
  auto connection = internal::Connect(tuning, &server);
  if (!connection.ok()) return connection.status();
  constexpr int64_t kLeastVersion = 150000;
  if (server.version < kLeastVersion) {
    return Failed(absl::StrCat("the server is PostgreSQL ",
                               server.version / 10000,
                               "; this store needs 15 or later"));
  }
  if (absl::Status s = CheckClocks(server); !s.ok()) return s;
  SawClock(server.clock_ms);
  durable = server.fsync;
  const absl::StatusOr<int64_t> found = internal::PrepareSchema(
      connection->get(), options.schema, options.migrate, server.cluster);
  if (!found.ok()) return found.status();
  era = *found;
  tuning.cluster = server.cluster;
  return absl::OkStatus();
}

absl::Status PostgresStore::Rep::CheckStanding() const {
  if (getpid() == pid) return absl::OkStatus();
  return Failed(absl::StrCat("this store was opened by process ", pid,
                             "; after a fork, open another"));
}

template <typename Use>
auto PostgresStore::Rep::Lend(Use use)
    -> absl::StatusOr<decltype(use(nullptr))> {
  if (absl::Status s = CheckStanding(); !s.ok()) return s;
  absl::StatusOr<PgPool::Lease> lease = pool.Borrow();
  if (!lease.ok()) return lease.status();
  return Guarded([&]() -> absl::StatusOr<decltype(use(nullptr))> {
    return use(lease->get());
  });
}

template <typename Use>
auto PostgresStore::Rep::LendToWrite(Use use)
    -> absl::StatusOr<decltype(use(nullptr))> {
  bool lost = false;
  auto answer = Lend([&](PgSqlConnection* c) {
    try {
      return use(c);
    } catch (const internal::Failure&) {
      lost = !c->pg().usable() && c->pg().sent();
      throw;
    }
  });
  if (answer.ok() || !lost) return answer;
  return MakeError(v1::ErrorInfo::OUTCOME_UNKNOWN,
                   internal::ToStd(answer.status().message()));
}

absl::StatusOr<std::unique_ptr<PostgresStore>> PostgresStore::Open(
    const Options& options) {
  if (absl::Status s = CheckOptions(options); !s.ok()) return s;
  auto rep = std::make_unique<Rep>(options);
  if (absl::Status s = rep->Prepare(); !s.ok()) return s;
  return std::unique_ptr<PostgresStore>(new PostgresStore(std::move(rep)));
}

PostgresStore::PostgresStore(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}

PostgresStore::~PostgresStore() {
  // In a forked child, closing would end the parent's sessions: let them lie.
  if (getpid() != rep_->pid) static_cast<void>(rep_.release());
}

Capabilities PostgresStore::capabilities() const {
  return {.durable = rep_->durable,
          .many_processes = true,
          .erases_files = false,
          .name = "postgres"};
}

absl::Time PostgresStore::Now() {
  if (rep_->options.clock != nullptr) return rep_->options.clock->TimeNow();
  const absl::Time steady = internal::SteadyNow();
  {
    internal::MutexLock lock(&rep_->clock_mutex);
    if (steady - rep_->seen.at < kClockKeptFor) {
      return rep_->seen.server + (steady - rep_->seen.at);
    }
  }
  const absl::StatusOr<int64_t> now = rep_->Lend([](PgSqlConnection* c) {
    internal::Run run(c, internal::kNow);
    return run.Step() ? run.GetInt(0) : 0;
  });
  if (now.ok()) rep_->SawClock(*now);
  internal::MutexLock lock(&rep_->clock_mutex);
  return rep_->seen.server + (internal::SteadyNow() - rep_->seen.at);
}

std::vector<absl::Status> PostgresStore::Commit(std::span<const Write> writes) {
  if (writes.empty()) return {};
  const auto verdicts = rep_->Lend([&](PgSqlConnection* c) {
    internal::PgCommit commit(c, rep_->era, writes);
    std::vector<absl::Status> answer = commit.Run();
    rep_->commits += commit.transactions();
    return answer;
  });
  if (verdicts.ok()) return *verdicts;
  return std::vector<absl::Status>(writes.size(), verdicts.status());
}

absl::StatusOr<CaseRow> PostgresStore::ReadCase(const CaseKey& key, Part part) {
  return rep_->Lend(
      [&](PgSqlConnection* c) { return internal::ReadCase(c, key, part); });
}

absl::StatusOr<EventRowPage> PostgresStore::ReadEvents(
    const EventRange& range) {
  if (absl::Status s = CheckShape(range); !s.ok()) return s;
  return rep_->Lend([&](PgSqlConnection* c) {
    return range.case_id.empty() ? internal::ReadFeed(c, range, rep_->era)
                                 : internal::ReadEvents(c, range);
  });
}

absl::StatusOr<CaseRowPage> PostgresStore::Find(const Filter& filter) {
  if (absl::Status s = CheckShape(filter); !s.ok()) return s;
  return rep_->Lend(
      [&](PgSqlConnection* c) { return internal::Find(c, filter); });
}

absl::StatusOr<std::vector<Record>> PostgresStore::ReadRecords(
    const RecordRange& range) {
  if (absl::Status s = CheckShape(range); !s.ok()) return s;
  return rep_->Lend(
      [&](PgSqlConnection* c) { return internal::ReadRecords(c, range); });
}

absl::StatusOr<std::vector<Claimed>> PostgresStore::Claim(
    const DueQuery& query) {
  if (absl::Status s = CheckShape(query); !s.ok()) return s;
  if (query.queue == DueQuery::kTimers) {
    return rep_->Lend(
        [&](PgSqlConnection* c) { return internal::DueTimers(c, query); });
  }
  const std::optional<int64_t> now = rep_->HostsNow();
  return rep_->LendToWrite([&](PgSqlConnection* c) {
    return internal::ClaimDeliveries(c, query, now);
  });
}

std::vector<absl::Status> PostgresStore::Finish(
    std::span<const Finished> finished) {
  if (finished.empty()) return {};
  const auto verdicts = rep_->Lend(
      [&](PgSqlConnection* c) { return internal::FinishAll(c, finished); });
  if (verdicts.ok()) return *verdicts;
  return std::vector<absl::Status>(finished.size(), verdicts.status());
}

absl::StatusOr<int64_t> PostgresStore::NextDue(DueQuery::Queue queue,
                                               const std::string& tenant) {
  const std::optional<int64_t> now = rep_->HostsNow();
  return rep_->Lend([&](PgSqlConnection* c) {
    return queue == DueQuery::kTimers ? internal::NextTimer(c, tenant)
                                      : internal::NextDelivery(c, tenant, now);
  });
}

PostgresStore::Counters PostgresStore::counters() {
  const internal::PgCounters all = rep_->pool.counters();
  return {.commits = rep_->commits,
          .round_trips = all.round_trips,
          .statements = all.statements,
          .rows = all.rows,
          .connections = all.connections};
}

}  // namespace hotline
