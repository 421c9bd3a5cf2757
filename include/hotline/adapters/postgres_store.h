// A store on PostgreSQL 15 or later, for many machines on one city and many
// cities on one cluster. Link hotline::postgres.
//
//   auto store = hotline::PostgresStore::Open(
//       {.conninfo = "host=db1,db2 dbname=hotline user=city"});
//   if (!store.ok()) return store.status();
//   auto engine = hotline::Engine::Open(store->get(), {});
//
// Any number of processes open the same database and share its work: cases,
// timers, deliveries. A process that dies loses nothing that was answered; what
// it had claimed is claimed by another when its leases end.
//
// What a Commit answered is on the server's disk, and on its synchronous
// standbys' if it has any. After a failover the store goes on with the host
// that takes writes: name them all in the conninfo. A connection that is lost
// in a commit is OUTCOME_UNKNOWN, which an engine settles by what it reads.
//
// Thread rule: any method, any thread. A call takes a connection of its own
// from those kept and waits for one if all are lent.
// Lifetime: the clock must outlive the store. A store opened before fork(2)
// answers STORE_FAILED in the child, whose process must open its own.
//
// All strings are stored as bytes. Every key and index begins with the tenant,
// and no statement asks for two, so that a cluster may be cut by tenants. An
// erasure sets the sealed body to NULL; that the old bytes leave the server's
// files (VACUUM, its log, backups) is its operator's business:
// docs/guide/many-machines.md.
//
// The feed (ReadEvents without a case) goes by the transactions that wrote and
// stops before the oldest one that is still under way: a transaction left open
// by anybody on the cluster holds it back.
#ifndef HOTLINE_ADAPTERS_POSTGRES_STORE_H_
#define HOTLINE_ADAPTERS_POSTGRES_STORE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/clock.h"
#include "hotline/store.h"

namespace hotline {

struct PostgresOptions {
  // As libpq takes it: `host=db.city dbname=hotline user=city`, or a URI. Of
  // several hosts the first that takes writes is used. `connect_timeout` is 5
  // seconds a host unless it is given.
  std::string conninfo;
  // The tables stand in a schema of their own.
  std::string schema = "hotline";
  // Connections at most, opened when they are needed.
  int connections = 8;
  // How long a call waits for a free connection, and then for the server's
  // answer; half of it for a row that another transaction holds.
  absl::Duration timeout = absl::Seconds(30);
  // Measures leases. Null is the server's clock, which all its stores share.
  Clock* clock = nullptr;
  // Makes the schema and brings an older one up to date. Without it the tables
  // must be there (`hotline store schema --dialect=postgres` prints them), and
  // the role needs no more than to read and write rows.
  bool migrate = true;
  // How far the server's clock may be from this machine's.
  absl::Duration max_clock_skew = absl::Minutes(5);
};

class PostgresStore final : public Store {
 public:
  using Options = PostgresOptions;

  // What was done since Open, over all connections, for benchmarks and gates in
  // tests.
  struct Counters {
    int64_t commits = 0;      // transactions that wrote
    int64_t round_trips = 0;  // waits for the server's answer
    int64_t statements = 0;
    int64_t rows = 0;         // that came over the line
    int64_t connections = 0;  // opened
  };

  //   INVALID_ARGUMENT  a conninfo that is none
  //   STORE_FAILED  no server, no such database, a wrong password, no right, a
  //                 server that only reads; the clocks differ too much
  //   NOT_A_STORE   no tables of ours and no migration asked for, another
  //                 program's tables, or altered ones
  //   SCHEMA_NEWER  made by a later library
  // Each says what to do.
  static absl::StatusOr<std::unique_ptr<PostgresStore>> Open(
      const Options& options);

  // Waits for nothing; calls still running are the host's mistake.
  ~PostgresStore() override;
  PostgresStore(const PostgresStore&) = delete;
  PostgresStore& operator=(const PostgresStore&) = delete;

  // `durable` as the server says of itself (fsync).
  Capabilities capabilities() const override;
  // The server's clock, asked at most once a second; while it is away, what was
  // last seen of it and the time since.
  absl::Time Now() override;
  std::vector<absl::Status> Commit(std::span<const Write> writes) override;
  absl::StatusOr<CaseRow> ReadCase(const CaseKey& key, Part part) override;
  absl::StatusOr<EventRowPage> ReadEvents(const EventRange& range) override;
  absl::StatusOr<CaseRowPage> Find(const Filter& filter) override;
  absl::StatusOr<std::vector<Record>> ReadRecords(
      const RecordRange& range) override;
  absl::StatusOr<std::vector<Claimed>> Claim(const DueQuery& query) override;
  std::vector<absl::Status> Finish(std::span<const Finished> finished) override;
  absl::StatusOr<int64_t> NextDue(DueQuery::Queue queue,
                                  const std::string& tenant) override;

  Counters counters();

 private:
  struct Rep;
  explicit PostgresStore(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace hotline

#endif  // HOTLINE_ADAPTERS_POSTGRES_STORE_H_
