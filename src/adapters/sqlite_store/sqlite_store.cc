#include "hotline/adapters/sqlite_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <mutex>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/store_shape.h"
#include "src/adapters/sql/reads.h"
#include "src/adapters/sqlite_store/backup.h"
#include "src/adapters/sqlite_store/connection.h"
#include "src/adapters/sqlite_store/lock_file.h"
#include "src/adapters/sqlite_store/queues.h"
#include "src/adapters/sqlite_store/reader_pool.h"
#include "src/adapters/sqlite_store/reads.h"
#include "src/adapters/sqlite_store/schema.h"
#include "src/adapters/sqlite_store/writes.h"
#include "src/base/absl_bridge.h"
#include "src/base/mutex.h"
#include "src/base/time.h"

namespace hotline {
namespace {

using internal::Guarded;
using internal::MutexLock;
using internal::ReaderPool;
using internal::SqliteConnection;
using internal::Tuning;
using internal::WriteTransaction;

constexpr int64_t kLookAgainMs = 60'000;
// At the size of the file.
constexpr int64_t kCommitsBetweenLooks = 4'096;
// For the pool's readers, whose reads are short. No other begins meanwhile.
constexpr std::chrono::milliseconds kPatience{1'000};
// After that was in vain. Whoever reads for long, as a check or a backup does,
// would otherwise make every write wait. Until then a write empties the log
// only if it finds no read of the pool running.
constexpr std::chrono::seconds kBetweenWaits{10};

absl::Status Failed(std::string_view message) {
  return MakeError(v1::ErrorInfo::STORE_FAILED, message);
}

// Which file a path names, whatever is written to it.
struct Identity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const Identity&, const Identity&) = default;
};

// Throws where it cannot be told, which is no sign that the file is gone.
Identity IdentityOf(const std::string& path) {
  struct stat st = {};
  if (stat(path.c_str(), &st) == 0) return {st.st_dev, st.st_ino};
  if (errno == ENOENT || errno == ENOTDIR) return {};
  throw internal::Failure(Failed(absl::StrCat(
      "cannot look at ", path, ": ", strerror(errno), "; look to the disk")));
}

// One name for one file, so that one lock guards it however it is called.
absl::StatusOr<std::string> Canonical(std::string_view path) {
  if (path.empty() || path.find('\0') != std::string_view::npos) {
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                     "a store needs the path of a file");
  }
  std::error_code error;
  const std::filesystem::path full = std::filesystem::weakly_canonical(
      std::filesystem::absolute(std::filesystem::path(path), error), error);
  if (error) return Failed(absl::StrCat("bad path: ", error.message()));
  if (!std::filesystem::is_directory(full.parent_path(), error)) {
    return Failed(absl::StrCat("there is no directory ",
                               full.parent_path().string(), "; create it"));
  }
  if (std::filesystem::is_directory(full, error)) {
    return Failed(absl::StrCat(full.string(), " is a directory; name a file"));
  }
  return full.string();
}

Tuning TuningOf(const SqliteOptions& options, bool reader) {
  return {.read_only = reader,
          .create = !reader,
          .full_sync = options.full_sync,
          .busy_ms = static_cast<int>(std::clamp<int64_t>(
              absl::ToInt64Milliseconds(options.busy_timeout), 0, 600'000)),
          .cache_bytes = reader ? options.cache_bytes / 4 : options.cache_bytes,
          .max_bytes = options.max_bytes};
}

}  // namespace

struct SqliteStore::Rep {
  Rep(std::string file, const Options& o)
      : path(std::move(file)),
        options(o),
        clock(o.clock == nullptr ? RealClock() : o.clock),
        pid(getpid()),
        readers(path, TuningOf(o, true), std::max(1, o.readers)) {}

  int64_t NowMs() { return internal::ToMs(clock->TimeNow()); }

  void OpenFiles() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  void OpenWriter() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  // Not OK in a forked child. To be asked before the mutex is waited for: of
  // the thread that held it at the fork, the child has no more than the lock.
  absl::Status CheckProcess() const;
  // Why no call may go on: a fork, a file that is no longer ours.
  absl::Status CheckStanding();
  absl::Status Replaced() const;
  // Runs `body` in one transaction; OK if it committed, or if `body` answered
  // that there is nothing to be committed.
  template <typename Body>
  absl::Status Transact(Body body) ABSL_LOCKS_EXCLUDED(mutex);
  void AfterFailure(const absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  void TruncateIfOwed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  // Lends `read` a connection and answers what it does.
  template <typename Read>
  auto Lend(Read read) -> absl::StatusOr<decltype(read(nullptr))>;
  // The same for a look at a row or two: on the writing connection if nobody
  // writes. Its cache knows what was written last; a reader's is void after
  // every commit of another connection. (The analysis does not know
  // std::unique_lock.)
  template <typename Read>
  ABSL_NO_THREAD_SAFETY_ANALYSIS auto LendNear(Read read)
      -> absl::StatusOr<decltype(read(nullptr))>;

  const std::string path;
  const Options options;
  Clock* const clock;
  const pid_t pid;
  internal::LockFile lock;
  Identity identity;  // none until it was opened
  std::atomic<int64_t> looked_at{0};
  std::atomic<bool> replaced{false};
  ReaderPool readers;
  internal::Mutex mutex;
  std::unique_ptr<SqliteConnection> writer ABSL_GUARDED_BY(mutex);
  // Erased bytes may still stand in the log.
  bool truncate_owed ABSL_GUARDED_BY(mutex) = true;
  std::chrono::steady_clock::time_point wait_again_at ABSL_GUARDED_BY(mutex);
  Counters past ABSL_GUARDED_BY(mutex);  // of writers closed before
};

// What was open before is there, or is an error: a store made anew in its place
// would hide that every case is gone.
void SqliteStore::Rep::OpenWriter() {
  const bool again = identity != Identity{};
  if (again && IdentityOf(path) != identity) {
    throw internal::Failure(Replaced());
  }
  Tuning tuning = TuningOf(options, false);
  tuning.create = !again;
  auto opened = std::make_unique<SqliteConnection>(path, tuning);
  // Once more, for now it is held: and emptied is as bad as gone.
  if (again && (IdentityOf(path) != identity ||
                opened->Ask("PRAGMA application_id") == 0)) {
    throw internal::Failure(Replaced());
  }
  internal::PrepareSchema(opened.get(), false);
  opened->SizeCache();
  // Not before: nobody is to use one that was not checked.
  writer = std::move(opened);
  TruncateIfOwed();
}

void SqliteStore::Rep::OpenFiles() {
  if (options.read_only) {
    if (!std::filesystem::exists(path)) {
      throw internal::Failure(Failed(absl::StrCat("there is no file ", path)));
    }
    const ReaderPool::Lease lease = readers.Borrow();
    internal::PrepareSchema(lease.get(), true);
  } else {
    OpenWriter();
  }
  identity = IdentityOf(path);
  looked_at = NowMs();
}

absl::Status SqliteStore::Rep::CheckProcess() const {
  if (getpid() == pid) return absl::OkStatus();
  return Failed(absl::StrCat("this store was opened by process ", pid,
                             "; after a fork, open another"));
}

absl::Status SqliteStore::Rep::Replaced() const {
  return Failed(absl::StrCat(path,
                             " was removed, emptied or replaced while it was "
                             "open; close the store, bring the file back or "
                             "restore a backup, and open it again"));
}

absl::Status SqliteStore::Rep::CheckStanding() {
  if (absl::Status s = CheckProcess(); !s.ok()) return s;
  const int64_t now = NowMs();
  const int64_t before = looked_at.load();
  if (now - before >= kLookAgainMs || now < before) {
    const absl::Status looked = Guarded([&] {
      if (IdentityOf(path) != identity) replaced = true;
      return absl::OkStatus();
    });
    if (!looked.ok()) return looked;  // the next call looks, too
    looked_at = now;
  }
  return replaced ? Replaced() : absl::OkStatus();
}

template <typename Body>
absl::Status SqliteStore::Rep::Transact(Body body) {
  if (absl::Status s = CheckProcess(); !s.ok()) return s;
  MutexLock held(&mutex);
  absl::Status status = CheckStanding();
  if (!status.ok()) return status;
  if (options.read_only) return Failed("this store was opened read_only");
  // The analysis does not look into closures.
  status = Guarded([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS -> absl::Status {
    if (writer == nullptr) OpenWriter();
    if (past.commits % kCommitsBetweenLooks == 0) writer->SizeCache();
    WriteTransaction transaction(writer.get());
    if (!body(writer.get())) return absl::OkStatus();
    transaction.Commit();
    ++past.commits;
    return absl::OkStatus();
  });
  if (status.ok()) {
    TruncateIfOwed();
  } else {
    AfterFailure(status);
  }
  return status;
}

void SqliteStore::Rep::AfterFailure(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  if (writer == nullptr || (reason != v1::ErrorInfo::OUTCOME_UNKNOWN &&
                            reason != v1::ErrorInfo::STORE_FAILED)) {
    return;
  }
  // Close every connection: the next one reads from the files what happened.
  past.statements += writer->statements();
  past.pages += writer->PagesWritten();
  static_cast<void>(readers.Pause(kPatience));
  readers.CloseAll();
  writer.reset();
  readers.Resume();
  // Whoever comes next looks whether they are still there.
  looked_at = NowMs() - kLookAgainMs;
}

void SqliteStore::Rep::TruncateIfOwed() {
  if (!truncate_owed) return;
  // A reader in the way, of ours for long or of another process, leaves it to
  // a later call.
  const bool waits = std::chrono::steady_clock::now() >= wait_again_at;
  truncate_owed =
      !readers.Pause(waits ? kPatience : std::chrono::milliseconds(0)) ||
      !writer->TruncateLog(TuningOf(options, false).busy_ms);
  readers.Resume();
  if (waits && truncate_owed) {
    wait_again_at = std::chrono::steady_clock::now() + kBetweenWaits;
  }
}

template <typename Read>
auto SqliteStore::Rep::Lend(Read read)
    -> absl::StatusOr<decltype(read(nullptr))> {
  if (absl::Status s = CheckStanding(); !s.ok()) return s;
  return Guarded([&]() -> absl::StatusOr<decltype(read(nullptr))> {
    const ReaderPool::Lease lease = readers.Borrow();
    return read(lease.get());
  });
}

template <typename Read>
ABSL_NO_THREAD_SAFETY_ANALYSIS auto SqliteStore::Rep::LendNear(Read read)
    -> absl::StatusOr<decltype(read(nullptr))> {
  if (absl::Status s = CheckStanding(); !s.ok()) return s;
  std::unique_lock<internal::Mutex> free(mutex, std::try_to_lock);
  if (!free.owns_lock() || writer == nullptr || !writer->Idle()) {
    if (free.owns_lock()) free.unlock();
    return Lend(read);
  }
  return Guarded([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS
                 -> absl::StatusOr<decltype(read(nullptr))> {
    return read(writer.get());
  });
}

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(
    std::string_view path, const Options& options) {
  absl::StatusOr<std::string> file = Canonical(path);
  if (!file.ok()) return file.status();
  auto rep = std::make_unique<Rep>(*std::move(file), options);
  if (!options.read_only) {
    absl::StatusOr<internal::LockFile> lock = internal::LockFile::Take(
        absl::StrCat(rep->path, ".lock"), rep->clock->TimeNow());
    if (!lock.ok()) return lock.status();
    rep->lock = *std::move(lock);
  }
  const absl::Status opened = Guarded([&rep]() -> absl::Status {
    MutexLock lock(&rep->mutex);
    rep->OpenFiles();
    return absl::OkStatus();
  });
  if (!opened.ok()) return opened;
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(rep)));
}

SqliteStore::SqliteStore(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}

SqliteStore::~SqliteStore() {
  // In a forked child, closing would drop the parent's work: let it lie.
  if (getpid() != rep_->pid) {
    static_cast<void>(rep_.release());
    return;
  }
  // Readers first, so that the writer is the last and empties the log.
  rep_->readers.CloseAll();
}

Capabilities SqliteStore::capabilities() const {
  return {.durable = rep_->options.full_sync,
          .many_processes = false,
          .name = "sqlite"};
}

absl::Time SqliteStore::Now() { return rep_->clock->TimeNow(); }

std::vector<absl::Status> SqliteStore::Commit(std::span<const Write> writes) {
  std::vector<absl::Status> verdicts(writes.size());
  if (writes.empty()) return verdicts;
  const absl::Status status = rep_->Transact(
      [&](SqliteConnection* connection) ABSL_NO_THREAD_SAFETY_ANALYSIS -> bool {
        bool any = false;
        verdicts = internal::CheckAndApply(connection, writes);
        for (size_t i = 0; i < writes.size(); ++i) {
          any |= verdicts[i].ok();
          // Before it is committed: of a commit nobody knows the outcome of,
          // the log is emptied, too.
          rep_->truncate_owed |=
              verdicts[i].ok() && !writes[i].erasures.empty();
        }
        return any;
      });
  if (!status.ok()) return std::vector<absl::Status>(writes.size(), status);
  return verdicts;
}

absl::StatusOr<CaseRow> SqliteStore::ReadCase(const CaseKey& key, Part part) {
  return rep_->LendNear(
      [&](SqliteConnection* c) { return internal::ReadCase(c, key, part); });
}

absl::StatusOr<EventRowPage> SqliteStore::ReadEvents(const EventRange& range) {
  if (absl::Status s = CheckShape(range); !s.ok()) return s;
  return rep_->Lend([&](SqliteConnection* c) {
    return range.case_id.empty() ? internal::ReadFeed(c, range)
                                 : internal::ReadEvents(c, range);
  });
}

absl::StatusOr<CaseRowPage> SqliteStore::Find(const Filter& filter) {
  if (absl::Status s = CheckShape(filter); !s.ok()) return s;
  const auto find = [&](SqliteConnection* c) {
    return internal::Find(c, filter);
  };
  return filter.references.empty() ? rep_->Lend(find) : rep_->LendNear(find);
}

absl::StatusOr<std::vector<Record>> SqliteStore::ReadRecords(
    const RecordRange& range) {
  if (absl::Status s = CheckShape(range); !s.ok()) return s;
  const auto read = [&](SqliteConnection* c) {
    return internal::ReadRecords(c, range);
  };
  return range.limit == 1 ? rep_->LendNear(read) : rep_->Lend(read);
}

absl::StatusOr<std::vector<Claimed>> SqliteStore::Claim(const DueQuery& query) {
  if (absl::Status s = CheckShape(query); !s.ok()) return s;
  if (query.queue == DueQuery::kTimers) {
    const auto read = [&](SqliteConnection* c) {
      return internal::DueTimers(c, query);
    };
    return query.after_id.empty() ? rep_->LendNear(read) : rep_->Lend(read);
  }
  const int64_t now = rep_->NowMs();
  // A look that finds nothing must not cost a transaction.
  const absl::StatusOr<bool> any = rep_->LendNear([&](SqliteConnection* c) {
    return internal::AnyDelivery(c, query, now);
  });
  if (!any.ok()) return any.status();
  std::vector<Claimed> due;
  if (!*any) return due;
  const absl::Status status = rep_->Transact([&](SqliteConnection* connection) {
    due = internal::ClaimDeliveries(connection, query, now);
    return !due.empty();
  });
  if (!status.ok()) return status;
  return due;
}

std::vector<absl::Status> SqliteStore::Finish(
    std::span<const Finished> finished) {
  std::vector<absl::Status> verdicts(finished.size());
  if (finished.empty()) return verdicts;
  const absl::Status status = rep_->Transact([&](SqliteConnection* connection) {
    verdicts = internal::FinishAll(connection, finished);
    return true;
  });
  if (!status.ok()) return std::vector<absl::Status>(finished.size(), status);
  return verdicts;
}

absl::StatusOr<int64_t> SqliteStore::NextDue(DueQuery::Queue queue,
                                             const std::string& tenant) {
  const int64_t now = rep_->NowMs();
  return rep_->LendNear([&](SqliteConnection* c) {
    return queue == DueQuery::kTimers ? internal::NextTimer(c, tenant)
                                      : internal::NextDelivery(c, tenant, now);
  });
}

absl::Status SqliteStore::CheckIntegrity() {
  if (absl::Status s = rep_->CheckStanding(); !s.ok()) return s;
  return Guarded([&]() -> absl::Status {
    // None of the pool's, for it is used for long.
    SqliteConnection own(rep_->path, TuningOf(rep_->options, true));
    internal::CheckIntegrity(&own);
    return absl::OkStatus();
  });
}

absl::Status SqliteStore::Backup(
    std::string_view path,
    const std::function<void(int64_t, int64_t)>& progress) {
  if (absl::Status s = rep_->CheckStanding(); !s.ok()) return s;
  const absl::StatusOr<std::string> to = Canonical(path);
  if (!to.ok()) return to.status();
  return Guarded([&]() -> absl::Status {
    // None of the pool's, for it is used for long.
    SqliteConnection from(rep_->path, TuningOf(rep_->options, true));
    internal::CopyStore(&from, *to, progress);
    return absl::OkStatus();
  });
}

SqliteStore::Counters SqliteStore::counters() {
  if (!rep_->CheckProcess().ok()) return {};
  MutexLock lock(&rep_->mutex);
  Counters counters = rep_->past;
  if (rep_->writer != nullptr) {
    counters.statements += rep_->writer->statements();
    counters.pages += rep_->writer->PagesWritten();
  }
  std::error_code error;
  const auto size = std::filesystem::file_size(rep_->path + "-wal", error);
  counters.wal_bytes = error ? 0 : static_cast<int64_t>(size);
  return counters;
}

}  // namespace hotline
