// Goal: the SQLite store survives what happens to files and processes: kills,
// full disks, other programs, flipped bytes, forks. Method: real files in a
// directory of the test; what another process does, a forked child does.
#include "hotline/adapters/sqlite_store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <thread>
#include <utility>

#include "hotline/clock.h"
#include "src/adapters/sql/frame.h"
#include "tests/adapters/store_rows.h"

namespace hotline {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::string Slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Spill(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// Another process that runs `body` and says with Ready() how far it is.
class Child {
 public:
  explicit Child(const std::function<int(Child*)>& body) {
    if (pipe(pipe_) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) _exit(body(this));
    close(pipe_[1]);
  }
  ~Child() {
    close(pipe_[0]);
    if (pid_ > 0) Kill();
  }
  void Ready() { static_cast<void>(!write(pipe_[1], "x", 1)); }
  // In the parent: false when the child is gone.
  bool WaitReady() {
    char c = 0;
    return read(pipe_[0], &c, 1) == 1;
  }
  void Kill() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  int ExitCode() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  pid_t pid() const { return pid_; }

 private:
  int pipe_[2];
  pid_t pid_ = 0;
};

class SqliteStoreTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<SqliteStore>> TryOpen(
      SqliteOptions options = {}) {
    if (options.clock == nullptr) options.clock = &clock_;
    return SqliteStore::Open(path_, options);
  }
  std::unique_ptr<SqliteStore> MustOpen(SqliteOptions options = {}) {
    auto store = TryOpen(options);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  v1::ErrorInfo::Reason OpenReason(SqliteOptions options = {}) {
    return Reason(TryOpen(options).status());
  }
  // What another program does to the file.
  void Sql(const std::string& sql) {
    SQLite::Database(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec(sql);
  }
  static bool Commits(SqliteStore* store, const Write& write) {
    return CommitOne(store, write).ok();
  }
  static int64_t Count(SqliteStore* store) {
    int64_t count = 0;
    Filter filter{.tenant = kCity, .limit = 1'000};
    do {
      const CaseRowPage page = store->Find(filter).value();
      count += static_cast<int64_t>(page.rows.size());
      filter.cursor = page.next_cursor;
    } while (!filter.cursor.empty());
    return count;
  }

  ScratchDir dir_;
  const std::string path_ = dir_.File("cases.db");
  SimulatedClock clock_{absl::FromUnixMillis(1'000'000)};
};

TEST(Crc32cTest, AgreesWithPublishedVectors) {
  // RFC 3720, B.4, and the check value of the CRC catalogue.
  for (const auto crc : {internal::Crc32c, internal::Crc32cByTables}) {
    EXPECT_EQ(crc("123456789"), 0xe3069283u);
    EXPECT_EQ(crc(std::string(32, '\0')), 0x8a9136aau);
    EXPECT_EQ(crc(std::string(32, '\xff')), 0x62a8ab43u);
    EXPECT_EQ(crc(""), 0u);
  }
}

TEST(FrameTest, EveryFlippedBitIsSeen) {
  std::string framed;
  internal::Frame("facts and figures", &framed);
  EXPECT_EQ(internal::Unframe(framed), "facts and figures");
  for (size_t bit = 0; bit < framed.size() * 8; ++bit) {
    std::string flipped = framed;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(internal::Unframe(flipped), std::nullopt) << bit;
  }
  EXPECT_EQ(internal::Unframe(framed + framed), std::nullopt);
  EXPECT_EQ(internal::Unframe(framed.substr(0, framed.size() - 1)),
            std::nullopt);
  EXPECT_EQ(internal::Unframe(""), std::nullopt);
}

// ---- Opening ----------------------------------------------------------------

TEST_F(SqliteStoreTest, WhatWasWrittenIsThereAfterReopening) {
  ASSERT_TRUE(Commits(MustOpen().get(), OpenCase(1)));
  auto store = MustOpen();
  EXPECT_EQ(store->ReadCase({kCity, Id(1)}, Part::kSealed)->sealed, "sealed 1");
  EXPECT_TRUE(store->CheckIntegrity().ok());
}

TEST_F(SqliteStoreTest, ANewerSchemaIsRefused) {
  MustOpen().reset();
  Sql("UPDATE meta SET value = 99; PRAGMA user_version = 99");
  const std::string before = Slurp(path_);
  const auto store = TryOpen();
  EXPECT_EQ(Reason(store.status()), v1::ErrorInfo::SCHEMA_NEWER);
  EXPECT_THAT(store.status().ToString(), HasSubstr("99"));
  EXPECT_EQ(OpenReason({.read_only = true}), v1::ErrorInfo::SCHEMA_NEWER);
  EXPECT_EQ(Slurp(path_), before);
}

TEST_F(SqliteStoreTest, ANewerSchemaThatAllowsUsIsUsed) {
  MustOpen().reset();
  Sql("CREATE TABLE later(a INTEGER); PRAGMA user_version = 2");
  EXPECT_TRUE(Commits(MustOpen().get(), OpenCase(1)));
}

TEST_F(SqliteStoreTest, AFileThatIsNoDatabaseIsRefusedAndKept) {
  const std::string text = "date,category\n2026-02-13,streetlight\n";
  Spill(path_, text);
  EXPECT_EQ(OpenReason(), v1::ErrorInfo::NOT_A_STORE);
  EXPECT_EQ(OpenReason({.read_only = true}), v1::ErrorInfo::NOT_A_STORE);
  EXPECT_EQ(Slurp(path_), text);
}

TEST_F(SqliteStoreTest, AnotherProgramsDatabaseIsRefusedAndKept) {
  Sql("CREATE TABLE bookmarks(url TEXT)");
  const std::string before = Slurp(path_);
  EXPECT_EQ(OpenReason(), v1::ErrorInfo::NOT_A_STORE);
  EXPECT_EQ(Slurp(path_), before);
}

TEST_F(SqliteStoreTest, WhatWasAddedToTheSchemaIsRefused) {
  for (const char* sql :
       {"CREATE TRIGGER t AFTER INSERT ON cases BEGIN"
        " DELETE FROM events; END",
        "CREATE VIEW v AS SELECT * FROM cases", "CREATE TABLE extra(a TEXT)",
        "CREATE INDEX extra ON cases(unit)", "DROP INDEX cases_due",
        "ALTER TABLE cases ADD COLUMN note TEXT"}) {
    const ScratchDir dir;
    const std::string path = dir.File("cases.db");
    SqliteStore::Open(path)->reset();
    SQLite::Database(path, SQLite::OPEN_READWRITE).exec(sql);
    EXPECT_EQ(Reason(SqliteStore::Open(path).status()),
              v1::ErrorInfo::NOT_A_STORE)
        << sql;
    EXPECT_EQ(Reason(SqliteStore::Open(path, {.read_only = true}).status()),
              v1::ErrorInfo::NOT_A_STORE)
        << sql;
  }
}

TEST_F(SqliteStoreTest, AHostileViewInANewerSchemaIsRefused) {
  MustOpen().reset();
  Sql("CREATE VIEW v AS SELECT 1; PRAGMA user_version = 2");
  EXPECT_EQ(OpenReason(), v1::ErrorInfo::NOT_A_STORE);
}

TEST_F(SqliteStoreTest, APlaceThatCannotBeIsNamed) {
  const auto missing = SqliteStore::Open(dir_.File("none/cases.db"));
  EXPECT_EQ(Reason(missing.status()), v1::ErrorInfo::STORE_FAILED);
  EXPECT_THAT(missing.status().ToString(), HasSubstr("create it"));
  EXPECT_EQ(Reason(SqliteStore::Open(dir_.File("")).status()),
            v1::ErrorInfo::STORE_FAILED);
  EXPECT_EQ(Reason(SqliteStore::Open("").status()),
            v1::ErrorInfo::INVALID_ARGUMENT);
  EXPECT_EQ(OpenReason({.read_only = true}), v1::ErrorInfo::STORE_FAILED);
}

TEST_F(SqliteStoreTest, ASecondWriterIsRefusedByName) {
  const auto store = MustOpen();
  const auto second = TryOpen();
  EXPECT_EQ(Reason(second.status()), v1::ErrorInfo::STORE_BUSY);
  EXPECT_THAT(second.status().ToString(),
              HasSubstr(absl::StrCat("process ", getpid(), " since 1970")));
  std::filesystem::create_symlink(path_, dir_.File("alias.db"));
  EXPECT_EQ(Reason(SqliteStore::Open(dir_.File("alias.db")).status()),
            v1::ErrorInfo::STORE_BUSY);
}

TEST_F(SqliteStoreTest, ALockDiesWithItsProcess) {
  Child child([this](Child* self) {
    auto store = TryOpen();
    if (!store.ok()) return 1;
    self->Ready();
    pause();
    return 0;
  });
  ASSERT_TRUE(child.WaitReady());
  const auto refused = TryOpen();
  EXPECT_EQ(Reason(refused.status()), v1::ErrorInfo::STORE_BUSY);
  EXPECT_THAT(refused.status().ToString(),
              HasSubstr(absl::StrCat("process ", child.pid())));
  child.Kill();
  EXPECT_TRUE(TryOpen().ok());
}

TEST_F(SqliteStoreTest, OfManyWhoStartAtOnceOneMakesTheSchema) {
  constexpr int kStarters = 8;
  std::atomic<int> opened{0};
  std::atomic<int> strange{0};
  std::vector<std::unique_ptr<SqliteStore>> stores(kStarters);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kStarters; ++i) {
    threads.emplace_back([&, i] {
      auto store = TryOpen();
      if (store.ok()) {
        stores[i] = *std::move(store);
        ++opened;
      } else if (Reason(store.status()) != v1::ErrorInfo::STORE_BUSY) {
        ++strange;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(strange, 0);
}

TEST_F(SqliteStoreTest, AReaderSeesTheWriterAndWritesNothing) {
  auto writer = MustOpen();
  auto reader = MustOpen({.read_only = true});
  ASSERT_TRUE(Commits(writer.get(), OpenCase(1)));
  Write delivery{.deliveries = {Delivery(1, 5)}};
  ASSERT_TRUE(Commits(writer.get(), delivery));
  EXPECT_EQ(Count(reader.get()), 1);
  EXPECT_EQ(Reason(CommitOne(reader.get(), OpenCase(2))),
            v1::ErrorInfo::STORE_FAILED);
  EXPECT_EQ(Reason(reader
                       ->Claim({.queue = DueQuery::kDeliveries,
                                .tenant = kCity,
                                .due = 10})
                       .status()),
            v1::ErrorInfo::STORE_FAILED);
  EXPECT_TRUE(reader->CheckIntegrity().ok());
}

// ---- Crashes ----------------------------------------------------------------

TEST_F(SqliteStoreTest, AnAcknowledgedCommitOutlivesItsProcess) {
  Child child([this](Child* self) {
    auto store = TryOpen();
    if (!store.ok()) return 1;
    for (int i = 1;; ++i) {
      if (!Commits(store->get(), OpenCase(i))) return 1;
      self->Ready();
    }
  });
  constexpr int kAcknowledged = 40;
  for (int i = 0; i < kAcknowledged; ++i) ASSERT_TRUE(child.WaitReady());
  child.Kill();
  auto store = MustOpen();
  EXPECT_GE(Count(store.get()), kAcknowledged);
  EXPECT_TRUE(store->CheckIntegrity().ok());
}

TEST_F(SqliteStoreTest, ATornLogGivesAnEarlierState) {
  Child child([this](Child* self) {
    auto store = TryOpen();
    for (int i = 1; i <= 6; ++i) Commits(store->get(), OpenCase(i));
    self->Ready();
    pause();
    return 0;
  });
  ASSERT_TRUE(child.WaitReady());
  child.Kill();
  const std::string database = Slurp(path_);
  const std::string log = Slurp(path_ + "-wal");
  ASSERT_GT(log.size(), 40'000u);
  int64_t before = 0;
  for (size_t cut = 36'000; cut <= log.size(); cut += 2'711) {
    const ScratchDir dir;
    const std::string copy = dir.File("cases.db");
    Spill(copy, database);
    Spill(copy + "-wal", log.substr(0, cut));
    auto store = SqliteStore::Open(copy);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_TRUE((*store)->CheckIntegrity().ok());
    const int64_t count = Count(store->get());
    EXPECT_GE(count, before);
    before = count;
    for (int64_t i = 1; i <= count; ++i) {
      EXPECT_THAT((*store)->ReadEvents(EventsOf({kCity, Id(i)}, 0, 9))->rows,
                  SizeIs(1));
    }
  }
  EXPECT_GE(before, 5);
}

TEST_F(SqliteStoreTest, AFlippedByteIsFoundAndNamed) {
  {
    auto store = MustOpen();
    for (int i = 1; i <= 3; ++i) {
      CaseRow row = Row(i);
      row.payload = absl::StrCat("payload-marker-", i);
      ASSERT_TRUE(Commits(store.get(), Of(row)));
    }
  }
  std::string bytes = Slurp(path_);
  const size_t at = bytes.find("payload-marker-2");
  ASSERT_NE(at, std::string::npos);
  bytes[at] ^= 1;
  Spill(path_, bytes);
  auto store = MustOpen();
  const auto read = store->ReadCase({kCity, Id(2)}, Part::kPayload);
  EXPECT_EQ(Reason(read.status()), v1::ErrorInfo::CORRUPT);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(read.status().ToString(), HasSubstr("3030303032"));  // its id
  EXPECT_TRUE(store->ReadCase({kCity, Id(1)}, Part::kPayload).ok());
  EXPECT_TRUE(store->ReadCase({kCity, Id(3)}, Part::kPayload).ok());
  EXPECT_EQ(Reason(store->CheckIntegrity()), v1::ErrorInfo::CORRUPT);
}

// ---- No room ----------------------------------------------------------------

TEST_F(SqliteStoreTest, AFullStoreRefusesAndKeepsWhatItHas) {
  int64_t written = 0;
  {
    auto store = MustOpen({.max_bytes = 200'000});
    absl::Status status;
    while (status.ok()) {
      CaseRow row = Row(written + 1);
      row.payload = std::string(5'000, 'p');
      // The first of the pair would fit where the second does not.
      const std::vector<Write> group = {
          Of(row), {.records = {Put(absl::StrCat("r", written), 1, 0)}}};
      const auto verdicts = store->Commit(group);
      status = verdicts[0];
      EXPECT_EQ(verdicts[1].ok(), status.ok());
      if (status.ok()) ++written;
      ASSERT_LT(written, 100);
    }
    EXPECT_EQ(Reason(status), v1::ErrorInfo::STORAGE_FULL);
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(Count(store.get()), written);
    EXPECT_THAT(
        *store->ReadRecords({.tenant = kCity, .kind = "person", .limit = 200}),
        SizeIs(static_cast<size_t>(written)));
    EXPECT_TRUE(store->CheckIntegrity().ok());
  }
  auto store = MustOpen();
  EXPECT_EQ(Count(store.get()), written);
  EXPECT_TRUE(Commits(store.get(), OpenCase(written + 1)));
}

TEST_F(SqliteStoreTest, AFileThatMayNotGrowLeavesNothingHalfWritten) {
  Child child([this](Child*) {
    signal(SIGXFSZ, SIG_IGN);
    auto store = TryOpen();
    if (!store.ok() || !Commits(store->get(), OpenCase(1))) return 1;
    rlimit limit = {};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small = {150'000, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    Write write = OpenCase(2);
    write.cases[0].row.payload = std::string(200'000, 'p');
    const absl::Status status = CommitOne(store->get(), write);
    setrlimit(RLIMIT_FSIZE, &limit);
    // The system gives no answer at COMMIT; the file does, once it is read
    // anew.
    if (Reason(status) != v1::ErrorInfo::OUTCOME_UNKNOWN) return 2;
    if (Count(store->get()) != 1) return 3;
    if (!Commits(store->get(), write)) return 4;
    if (Count(store->get()) != 2) return 5;
    return (*store)->CheckIntegrity().ok() ? 0 : 6;
  });
  EXPECT_EQ(child.ExitCode(), 0);
}

// ---- Erasure ----------------------------------------------------------------

TEST_F(SqliteStoreTest, ErasedBytesAreInNoFile) {
  const std::string marker = "MARKER-OF-A-PERSON";
  auto store = MustOpen();
  std::vector<RowKey> erasures;
  // Bodies of many lengths, some written twice and longer, so that pages split
  // and overflow, and copies move between them.
  for (int i = 1; i <= 120; ++i) {
    for (int version = 1; version <= 2; ++version) {
      std::string sealed = marker;
      sealed.append(static_cast<size_t>(i * 37 * version % 6'000), 'x');
      sealed += marker;
      Write write = Of(Row(i, version));
      write.cases[0].row.sealed = sealed;
      write.cases[0].event->sealed = sealed;
      write.records = {Put(absl::StrCat("p", i), version, version - 1)};
      write.records[0].record.sealed = sealed;
      ASSERT_TRUE(Commits(store.get(), write));
      erasures.push_back({.kind = RowKey::kEvent,
                          .case_key = {kCity, Id(i)},
                          .version = version});
    }
    erasures.push_back({.kind = RowKey::kCase, .case_key = {kCity, Id(i)}});
    erasures.push_back(
        {.kind = RowKey::kRecord, .record = Key(absl::StrCat("p", i))});
  }
  EXPECT_THAT(Slurp(path_) + Slurp(path_ + "-wal"), HasSubstr(marker));
  ASSERT_TRUE(Commits(store.get(), {.erasures = erasures}));
  EXPECT_EQ(std::filesystem::file_size(path_ + "-wal"), 0u);
  EXPECT_EQ(Slurp(path_).find(marker), std::string::npos);
  EXPECT_EQ(Slurp(path_ + "-shm").find(marker), std::string::npos);
  EXPECT_TRUE(store->CheckIntegrity().ok());
}

TEST_F(SqliteStoreTest, AReaderInTheWayOnlyDelaysTheSweep) {
  auto store = MustOpen();
  ASSERT_TRUE(Commits(store.get(), OpenCase(1)));
  {
    SQLite::Database other(path_, SQLite::OPEN_READONLY);
    SQLite::Statement reading(other, "SELECT id FROM cases");
    ASSERT_TRUE(reading.executeStep());
    ASSERT_TRUE(Commits(
        store.get(),
        {.erasures = {{.kind = RowKey::kCase, .case_key = {kCity, Id(1)}}}}));
    EXPECT_GT(store->counters().wal_bytes, 0);
  }
  ASSERT_TRUE(Commits(store.get(), OpenCase(2)));
  EXPECT_EQ(store->counters().wal_bytes, 0);
  ASSERT_TRUE(Commits(store.get(), OpenCase(3)));
  EXPECT_GT(store->counters().wal_bytes, 0);  // and it is not cut any more
}

// ---- Other hands ------------------------------------------------------------

TEST_F(SqliteStoreTest, AProgramThatHoldsSqlitesLockMakesItBusy) {
  auto store = MustOpen({.busy_timeout = absl::ZeroDuration()});
  SQLite::Database other(path_, SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  EXPECT_EQ(Reason(CommitOne(store.get(), OpenCase(1))),
            v1::ErrorInfo::STORE_BUSY);
  EXPECT_EQ(Count(store.get()), 0);
  other.exec("ROLLBACK");
  EXPECT_TRUE(Commits(store.get(), OpenCase(1)));
}

TEST_F(SqliteStoreTest, AForkedChildIsRefused) {
  auto store = MustOpen();
  ASSERT_TRUE(Commits(store.get(), OpenCase(1)));
  Child child([&store](Child*) {
    const auto read = store->ReadCase({kCity, Id(1)}, Part::kPayload);
    if (Reason(read.status()) != v1::ErrorInfo::STORE_FAILED) return 1;
    const absl::Status write = CommitOne(store.get(), OpenCase(2));
    if (Reason(write) != v1::ErrorInfo::STORE_FAILED) return 2;
    store.reset();  // must harm neither lock nor file
    return 0;
  });
  EXPECT_EQ(child.ExitCode(), 0);
  EXPECT_EQ(OpenReason(), v1::ErrorInfo::STORE_BUSY);
  EXPECT_TRUE(Commits(store.get(), OpenCase(2)));
  EXPECT_EQ(Count(store.get()), 2);
}

// Calls back whenever somebody asks it, but not while it does.
class CallingClock final : public Clock {
 public:
  absl::Time TimeNow() override {
    if (std::function<void()> call = std::exchange(on_call, nullptr)) {
      call();
      on_call = std::move(call);
    }
    return absl::FromUnixMillis(1'000'000);
  }
  std::function<void()> on_call;
};

// A store looks at its clock while it holds its lock, too. A child that is
// forked there has the lock and nobody who will let it go.
TEST_F(SqliteStoreTest, AForkedChildWaitsForNoLock) {
  CallingClock clock;
  auto store = MustOpen({.clock = &clock});
  ASSERT_TRUE(Commits(store.get(), OpenCase(1)));
  const auto all_fail = [&](Child*) {
    alarm(60);  // ends a child that waits
    const auto failed = [](const absl::Status& status) {
      return Reason(status) == v1::ErrorInfo::STORE_FAILED;
    };
    Finished end;
    end.tenant = kCity;
    end.id = Id(1);
    end.token = 1;
    if (!failed(CommitOne(store.get(), OpenCase(2)))) return 1;
    if (!failed(store->Finish({&end, 1}).at(0))) return 2;
    for (const auto queue : {DueQuery::kTimers, DueQuery::kDeliveries}) {
      const DueQuery query{.queue = queue, .tenant = kCity, .due = 10};
      if (!failed(store->Claim(query).status())) return 3;
      if (!failed(store->NextDue(queue, kCity).status())) return 4;
    }
    const CaseKey key = {kCity, Id(1)};
    if (!failed(store->ReadCase(key, Part::kPayload).status())) return 5;
    if (!failed(store->Find({.tenant = kCity}).status())) return 6;
    if (!failed(store->CheckIntegrity())) return 7;
    if (!failed(store->Backup(path_ + ".copy"))) return 8;
    return store->counters().commits == 0 ? 0 : 9;
  };
  int children = 0;
  clock.on_call = [&] {
    ++children;
    EXPECT_EQ(Child(all_fail).ExitCode(), 0);
  };
  EXPECT_TRUE(Commits(store.get(), OpenCase(2)));
  clock.on_call = nullptr;
  EXPECT_GE(children, 1);
  EXPECT_EQ(Count(store.get()), 2);
}

// Whoever opens and closes the file by hand drops the locks its process has on
// it, SQLite's among them.
TEST_F(SqliteStoreTest, OneThatOpensItBesideKeepsTheLocks) {
  const auto locked = [this] {
    return Child([this](Child*) {
             const int fd = open(path_.c_str(), O_RDWR | O_CLOEXEC);
             struct flock lock = {};
             lock.l_type = F_WRLCK;
             lock.l_whence = SEEK_SET;
             if (fcntl(fd, F_GETLK, &lock) != 0) return 2;
             return lock.l_type == F_UNLCK ? 0 : 1;
           }).ExitCode() == 1;
  };
  auto writer = MustOpen();
  ASSERT_TRUE(Commits(writer.get(), OpenCase(1)));
  ASSERT_TRUE(locked());
  auto reader = MustOpen({.read_only = true});
  EXPECT_TRUE(locked());
  writer.reset();
  ASSERT_TRUE(locked());
  writer = MustOpen();
  EXPECT_TRUE(locked());
  EXPECT_TRUE(writer->CheckIntegrity().ok());
  reader.reset();
  EXPECT_TRUE(locked());
}

TEST_F(SqliteStoreTest, AReplacedFileIsNoticedWithinAMinute) {
  auto store = MustOpen();
  ASSERT_TRUE(Commits(store.get(), OpenCase(1)));
  std::filesystem::rename(path_, path_ + ".moved");
  Spill(path_, "");
  clock_.AdvanceTime(absl::Minutes(1));
  const absl::Status status = CommitOne(store.get(), OpenCase(2));
  EXPECT_EQ(Reason(status), v1::ErrorInfo::STORE_FAILED);
  EXPECT_THAT(status.ToString(), HasSubstr("replaced"));
  EXPECT_FALSE(store->Find({.tenant = kCity}).ok());
}

TEST_F(SqliteStoreTest, ARemovedFileIsNoticedWithinAMinute) {
  auto store = MustOpen();
  std::filesystem::remove(path_);
  clock_.AdvanceTime(absl::Minutes(1));
  EXPECT_EQ(Reason(store->Find({.tenant = kCity}).status()),
            v1::ErrorInfo::STORE_FAILED);
}

// ---- What a command costs ---------------------------------------------------

// P4 of the performance goals: a case, an event, a timer, a delivery and an
// idempotency row in at most 12 pages and 8 statements.
TEST_F(SqliteStoreTest, ACommandCostsFewStatementsAndPages) {
  auto store = MustOpen();
  constexpr int kCases = 2'000;
  const auto command = [](int number, int version) {
    CaseRow row = Row(number, version);
    row.category = absl::StrCat("category ", number % 40);
    row.unit = absl::StrCat("unit ", number % 30);
    row.payload = std::string(600, 'p');
    row.next_at = 1'000'000 + (number * 7'919 + version * 104'729) % 1'000'000;
    row.least_due = 5'000'000 + number * 7'919 % 1'000'000;
    Write write = Of(row);
    write.cases[0].write_sealed = version == 1;
    write.cases[0].event->payload = std::string(250, 'e');
    const int serial = number * 10 + version;
    write.deliveries = {Delivery(serial, 2'000'000 + serial)};
    write.deliveries[0].payload = std::string(100, 'd');
    write.records = {
        Put(absl::StrCat("key ", serial * 7'919 % 1'000'003), 1, 0)};
    return write;
  };
  // Two events a case first: trees filled in order are full to the brim, and
  // the first row put between others splits a page.
  for (int version = 1; version <= 2; ++version) {
    std::vector<Write> writes;
    for (int i = 1; i <= kCases; ++i) writes.push_back(command(i, version));
    for (const absl::Status& s : store->Commit(writes))
      ASSERT_TRUE(s.ok()) << s;
  }
  constexpr int kCommands = 200;
  const auto before = store->counters();
  for (int i = 1; i <= kCommands; ++i) {
    ASSERT_TRUE(Commits(store.get(), command(i * 9, 3)));
  }
  const auto after = store->counters();
  EXPECT_EQ(after.commits - before.commits, kCommands);
  EXPECT_LE(after.statements - before.statements, 8 * kCommands);
  EXPECT_LE(after.pages - before.pages, 12 * kCommands);
  RecordProperty(
      "pages_per_100_commands",
      static_cast<int>((after.pages - before.pages) * 100 / kCommands));
}

TEST_F(SqliteStoreTest, ALookThatFindsNothingWritesNothing) {
  auto store = MustOpen();
  ASSERT_TRUE(Commits(store.get(), OpenCase(1)));
  const auto before = store->counters();
  EXPECT_THAT(
      *store->Claim(
          {.queue = DueQuery::kDeliveries, .tenant = kCity, .due = 100}),
      IsEmpty());
  EXPECT_THAT(
      *store->Claim({.queue = DueQuery::kTimers, .tenant = kCity, .due = 100}),
      IsEmpty());
  const auto after = store->counters();
  EXPECT_EQ(after.commits, before.commits);
  EXPECT_EQ(after.pages, before.pages);
  EXPECT_LE(after.statements - before.statements, 2);  // no BEGIN among them
}

}  // namespace
}  // namespace hotline
