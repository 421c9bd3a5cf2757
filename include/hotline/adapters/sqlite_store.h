// A store in one SQLite file (WAL): the embedded default. Link hotline::sqlite.
//
//   auto store = hotline::SqliteStore::Open("/var/lib/city/cases.db");
//   if (!store.ok()) return store.status();
//   auto engine = hotline::Engine::Open(store->get(), {});
//
// Beside PATH stand PATH-wal and PATH-shm (SQLite's) and PATH.lock, which names
// the process that writes. One store writes, in one process; any number of
// others may open the file with `read_only`. The file belongs on a local disk:
// SQLite's shared memory does not work over a network.
//
// SQLite before 3.51.3 can damage a file when two connections write to it or
// copy its log at once (sqlite.org/wal.html, the WAL-reset bug; Debian 12 has
// 3.40.1). So one connection of one process does both, whatever the version:
// PATH.lock keeps other stores out, and one opened `read_only` neither writes
// nor copies, not even when it is closed last. It keeps out nobody else: do not
// point another program that writes, such as the shell sqlite3, at the file
// while it is open.
//
// Thread rule: any method, any thread. Writers take turns; readers do not wait
// for them. Calls that wait for a reader are bounded by the readers' calls.
// Lifetime: the clock must outlive the store. A store opened before fork(2)
// answers STORE_FAILED in the child, whose process must open its own.
//
// An erasure overwrites the sealed body where it stands, in a table whose rows
// never move, then empties the log: no page and no file keeps a copy. A reader
// that is in the way, for long or in another process, delays the emptying to a
// later write: to the first that finds no read running. A write waits a second
// at most for readers to make way, and not again for ten; meanwhile, too, one
// that finds none running empties the log.
//
// What a Commit answered is on disk (synchronous=FULL). Every body is framed
// with length and CRC-32C; one that does not hold is CORRUPT, by name. The
// schema is compared word for word at every open: a table, trigger or view that
// is not ours is refused, and nothing in the file is ever run.
#ifndef HOTLINE_ADAPTERS_SQLITE_STORE_H_
#define HOTLINE_ADAPTERS_SQLITE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/clock.h"
#include "hotline/store.h"

namespace hotline {

struct SqliteOptions {
  // Takes no lock and writes nothing; every writing call is STORE_FAILED.
  bool read_only = false;
  // Measures leases; null is the machine's.
  Clock* clock = nullptr;
  // Connections for reading at most, opened when they are needed.
  int readers = 4;
  // False: a power cut may lose the last commits, never the file. Then
  // Capabilities.durable is false.
  bool full_sync = true;
  // Of the writing connection at most, for it makes do with less while the
  // file is small; a reader has a quarter.
  int64_t cache_bytes = int64_t{64} << 20;
  // The file grows to this at most, then STORAGE_FULL. 0: no bound.
  int64_t max_bytes = 0;
  // How long a call waits for a program that holds SQLite's own lock.
  absl::Duration busy_timeout = absl::Seconds(5);
};

class SqliteStore final : public Store {
 public:
  using Options = SqliteOptions;

  // What was done since Open, for benchmarks and gates in tests. Of the writing
  // connection.
  struct Counters {
    int64_t commits = 0;
    int64_t statements = 0;  // run, BEGIN, COMMIT and its reads too
    int64_t pages = 0;       // of 4,096 bytes, given to the file system
    int64_t wal_bytes = 0;   // length of the log file now
  };

  // Makes the file if there is none; brings an older schema up to date.
  //   STORE_BUSY    another process (or store) writes; the message names it
  //   STORE_FAILED  no such directory, no right to write, no such file (to
  //   read) NOT_A_STORE   no database, another program's, or an altered schema
  //   SCHEMA_NEWER  made by a later library
  //   CORRUPT       SQLite cannot read it
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(
      std::string_view path, const Options& options = {});

  // Waits for nothing; calls still running are the host's mistake.
  ~SqliteStore() override;
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  Capabilities capabilities() const override;
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

  // Reads everything: SQLite's own check, then the frame of every body. CORRUPT
  // names the first fault. Calls of all kinds go on meanwhile, for it has a
  // connection of its own; an erasure's sweep waits for it.
  absl::Status CheckIntegrity();

  // Copies the store, as it stands when this begins, into a new file: a store
  // that opens. Calls of all kinds go on meanwhile; the log of changes grows
  // until it is done, and an erasure's sweep waits for it. What is erased later
  // is still in the copy. It stands under PATH.partial until it is whole and on
  // disk; then it bears its name. `progress` is told bytes done and bytes in
  // all, about every megabyte.
  //   INVALID_ARGUMENT  something is at `path`, or beside it what SQLite would
  //                     take for its log
  //   STORE_BUSY    another backup writes to the same path, or wrote just now;
  //                 PATH.partial is a second name of another file
  //   STORAGE_FULL, STORE_FAILED, CORRUPT  nothing stands under `path`
  absl::Status Backup(std::string_view path,
                      const std::function<void(int64_t done, int64_t total)>&
                          progress = nullptr);

  Counters counters();

 private:
  struct Rep;
  explicit SqliteStore(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace hotline

#endif  // HOTLINE_ADAPTERS_SQLITE_STORE_H_
