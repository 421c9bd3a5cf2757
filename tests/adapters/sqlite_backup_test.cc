// Goal: a backup taken while others write is a store, whole or not there; those
// who only read leave the files as they are. Method: real files; another
// process where one is needed.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include "hotline/adapters/sqlite_store.h"
#include "src/adapters/sqlite_store/reader_pool.h"
#include "tests/adapters/store_rows.h"

namespace hotline {
namespace {

using ::testing::HasSubstr;

std::string Slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Every case of the store, each with all of its events.
int64_t WholeCases(SqliteStore* store) {
  int64_t count = 0;
  Filter filter{.tenant = kCity, .limit = 500, .sealed = true};
  do {
    const CaseRowPage page = store->Find(filter).value();
    for (const CaseRow& row : page.rows) {
      ++count;
      const auto events = store->ReadEvents(EventsOf(row.key, 0, 100));
      EXPECT_EQ(static_cast<int64_t>(events->rows.size()), row.version);
    }
    filter.cursor = page.next_cursor;
  } while (!filter.cursor.empty());
  return count;
}

class SqliteBackupTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> Opened(const std::string& path,
                                      bool read_only = false) {
    auto store = SqliteStore::Open(path, {.read_only = read_only});
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  void Fill(SqliteStore* store, int cases) {
    std::vector<Write> writes;
    for (int i = 1; i <= cases; ++i) {
      writes.push_back(OpenCase(i));
      writes.back().cases[0].row.payload = std::string(2'000, 'p');
    }
    for (const absl::Status& s : store->Commit(writes)) {
      ASSERT_TRUE(s.ok()) << s;
    }
  }

  ScratchDir dir_;
  const std::string path_ = dir_.File("cases.db");
  const std::string copy_ = dir_.File("copy.db");
};

TEST_F(SqliteBackupTest, ABackupIsAStoreAsOfItsBeginningWhileWritersGoOn) {
  auto store = Opened(path_);
  Fill(store.get(), 1'500);
  int calls = 0;
  int64_t last = 0;
  int64_t more = 1'500;
  const absl::Status done =
      store->Backup(copy_, [&](int64_t bytes, int64_t total) {
        ++calls;
        EXPECT_GT(bytes, last);
        EXPECT_LE(bytes, total);
        last = bytes;
        // Between two steps others write, and what they write is theirs.
        ++more;
        EXPECT_TRUE(CommitOne(store.get(), OpenCase(more)).ok());
      });
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_GE(calls, 3);
  EXPECT_EQ(WholeCases(store.get()), more);
  auto copy = Opened(copy_);
  EXPECT_TRUE(copy->CheckIntegrity().ok());
  EXPECT_EQ(WholeCases(copy.get()), 1'500);
  EXPECT_TRUE(CommitOne(copy.get(), OpenCase(9'000)).ok());
  EXPECT_FALSE(std::filesystem::exists(copy_ + ".partial"));
}

TEST_F(SqliteBackupTest, AWriterInAnotherThreadIsNeverInTheWay) {
  auto store = Opened(path_);
  Fill(store.get(), 500);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 501; !stop; ++i) {
      EXPECT_TRUE(CommitOne(store.get(), OpenCase(i)).ok());
    }
  });
  for (int i = 0; i < 5; ++i) {
    const std::string to = absl::StrCat(copy_, i);
    const absl::Status done = store->Backup(to);
    EXPECT_TRUE(done.ok()) << done;
    auto copy = Opened(to);
    EXPECT_TRUE(copy->CheckIntegrity().ok());
    EXPECT_GE(WholeCases(copy.get()), 500);
  }
  stop = true;
  writer.join();
}

TEST_F(SqliteBackupTest, AStoreOpenedToReadIsCopiedBesideItsWriter) {
  auto store = Opened(path_);
  Fill(store.get(), 10);
  ASSERT_TRUE(Opened(path_, /*read_only=*/true)->Backup(copy_).ok());
  EXPECT_EQ(WholeCases(Opened(copy_).get()), 10);
}

TEST_F(SqliteBackupTest, WhatStandsThereIsKept) {
  auto store = Opened(path_);
  Fill(store.get(), 1);
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    const std::string taken = copy_ + suffix;
    std::ofstream(taken) << "mine";
    const absl::Status refused = store->Backup(copy_);
    EXPECT_EQ(Reason(refused), v1::ErrorInfo::INVALID_ARGUMENT) << suffix;
    EXPECT_THAT(refused.ToString(),
                HasSubstr(absl::StrCat("copy.db", suffix, " already")));
    EXPECT_EQ(Slurp(taken), "mine");
    std::filesystem::remove(taken);
  }
  EXPECT_EQ(Reason(store->Backup(path_)), v1::ErrorInfo::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(store->Backup(dir_.File("none/copy.db"))),
            v1::ErrorInfo::STORE_FAILED);
  EXPECT_TRUE(store->Backup(copy_).ok());
}

TEST_F(SqliteBackupTest, WhatAKilledBackupLeftIsWrittenOver) {
  auto store = Opened(path_);
  Fill(store.get(), 3);
  std::ofstream(copy_ + ".partial") << std::string(300'000, 'x');
  ASSERT_TRUE(store->Backup(copy_).ok());
  EXPECT_EQ(WholeCases(Opened(copy_).get()), 3);
}

TEST_F(SqliteBackupTest, TwoBackupsToOnePathDoNotMix) {
  auto store = Opened(path_);
  Fill(store.get(), 3);
  const int fd = open((copy_ + ".partial").c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(Reason(store->Backup(copy_)), v1::ErrorInfo::STORE_BUSY);
  close(fd);
  EXPECT_TRUE(store->Backup(copy_).ok());
}

// As after a backup that ended between another's opening and its locking.
TEST_F(SqliteBackupTest, AFinishedBackupIsNotEmptiedByItsOtherName) {
  auto store = Opened(path_);
  Fill(store.get(), 3);
  ASSERT_TRUE(store->Backup(copy_).ok());
  const std::string whole = Slurp(copy_);
  const std::string to = dir_.File("second.db");
  std::filesystem::create_hard_link(copy_, to + ".partial");
  const absl::Status refused = store->Backup(to);
  EXPECT_EQ(Reason(refused), v1::ErrorInfo::STORE_BUSY);
  EXPECT_THAT(refused.ToString(), HasSubstr("remove that name"));
  EXPECT_EQ(Slurp(copy_), whole);
  EXPECT_FALSE(std::filesystem::exists(to));
  std::filesystem::remove(to + ".partial");
  EXPECT_TRUE(store->Backup(to).ok());
}

TEST_F(SqliteBackupTest, WhatIsErasedMeanwhileIsSweptByTheNextWriteAfterIt) {
  auto store = Opened(path_);
  Fill(store.get(), 10);
  bool erased = false;
  const absl::Status done = store->Backup(copy_, [&](int64_t, int64_t) {
    if (erased) return;
    erased = true;
    const Write erasure = {
        .erasures = {{.kind = RowKey::kCase, .case_key = {kCity, Id(1)}}}};
    EXPECT_TRUE(CommitOne(store.get(), erasure).ok());
    // Now it is known that a reader is in the way, and reads go on.
    for (int i = 11; i <= 20; ++i) {
      EXPECT_TRUE(CommitOne(store.get(), OpenCase(i)).ok());
      EXPECT_GE(WholeCases(store.get()), i);
    }
    EXPECT_GT(store->counters().wal_bytes, 0);
  });
  ASSERT_TRUE(done.ok()) << done;
  ASSERT_TRUE(erased);
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(21)).ok());
  EXPECT_EQ(store->counters().wal_bytes, 0);
}

TEST_F(SqliteBackupTest, APauseWithoutPatienceWaitsForNoReader) {
  auto store = Opened(path_);
  internal::ReaderPool pool(path_, {.read_only = true, .cache_bytes = 1 << 20},
                            2);
  {
    const internal::ReaderPool::Lease reading = pool.Borrow();
    EXPECT_FALSE(pool.Pause(std::chrono::milliseconds(0)));
    pool.Resume();
    const internal::ReaderPool::Lease another = pool.Borrow();
    EXPECT_NE(another.get(), reading.get());
  }
  EXPECT_TRUE(pool.Pause(std::chrono::milliseconds(0)));
  pool.Resume();
  EXPECT_NE(pool.Borrow().get(), nullptr);
}

TEST_F(SqliteBackupTest, ACopyIsNoMoreReadableThanTheStore) {
  auto store = Opened(path_);
  Fill(store.get(), 1);
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  ASSERT_TRUE(store->Backup(copy_).ok());
  struct stat st = {};
  ASSERT_EQ(stat(copy_.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
}

TEST_F(SqliteBackupTest, WithoutRoomNothingStandsUnderTheName) {
  auto store = Opened(path_);
  Fill(store.get(), 200);
  store.reset();
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    auto reader = SqliteStore::Open(path_, {.read_only = true});
    if (!reader.ok()) _exit(1);
    rlimit limit = {};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small = {100'000, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    if ((*reader)->Backup(copy_).ok()) _exit(2);
    if (std::filesystem::exists(copy_)) _exit(3);
    if (std::filesystem::exists(copy_ + ".partial")) _exit(4);
    setrlimit(RLIMIT_FSIZE, &limit);
    _exit((*reader)->Backup(copy_).ok() ? 0 : 5);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(WholeCases(Opened(copy_).get()), 200);
}

// The WAL-reset bug of SQLite before 3.51.3 needs two connections that write or
// copy the log. One that reads does neither, not even as the last to close.
TEST_F(SqliteBackupTest, AReaderThatClosesLastCopiesNoLog) {
  const pid_t child = fork();
  if (child == 0) {
    auto store = SqliteStore::Open(path_);
    for (int i = 1; i <= 5; ++i) {
      if (!CommitOne(store->get(), OpenCase(i)).ok()) _exit(1);
    }
    kill(getpid(), SIGKILL);  // so that nobody empties the log
  }
  waitpid(child, nullptr, 0);
  const std::string database = Slurp(path_);
  const std::string log = Slurp(path_ + "-wal");
  ASSERT_GT(log.size(), 4'096u);
  EXPECT_EQ(WholeCases(Opened(path_, /*read_only=*/true).get()), 5);
  EXPECT_EQ(Slurp(path_), database);
  EXPECT_EQ(Slurp(path_ + "-wal"), log);
  EXPECT_EQ(WholeCases(Opened(path_).get()), 5);
  EXPECT_NE(Slurp(path_), database);  // now the log is in the database
}

}  // namespace
}  // namespace hotline
