// Goal: whatever is wrong with the place or the file, the answer is typed and
// says what to do, what was acknowledged stands, and the next good call works.
// Method: no room at every size a small history passes through; a flipped byte
// in every page; a directory nobody may write to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>

#include "hotline/adapters/sqlite_store.h"
#include "hotline/clock.h"
#include "tests/adapters/store_rows.h"

namespace hotline {
namespace {

using ::testing::HasSubstr;

constexpr int kPage = 4'096;

std::string Slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Spill(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// A Write with a row of every kind.
Write Full(int number) {
  Write write = OpenCase(number);
  write.cases[0].row.payload = absl::StrCat("case ", number, " ");
  write.cases[0].row.payload.append(900, 'p');
  write.cases[0].row.next_at = 1'000 + number;
  write.deliveries = {Delivery(number, 2'000 + number)};
  write.records = {Put(absl::StrCat("key ", number), 1, 0)};
  write.records[0].record.sealed = absl::StrCat("secret ", number);
  return write;
}

// Everything a caller can read, by key; true if no call failed. `wrong` gets
// the reasons of those that did.
using Told = std::map<std::string, std::string>;
bool TellAll(SqliteStore* store, int cases, Told* told,
             std::vector<absl::Status>* failed) {
  const auto note = [&](const absl::Status& status) {
    failed->push_back(status);
  };
  for (int i = 1; i <= cases; ++i) {
    const CaseKey key = {kCity, Id(i)};
    const auto row = store->ReadCase(key, Part::kSealed);
    if (row.ok()) {
      (*told)[absl::StrCat("case ", i)] =
          absl::StrCat(row->payload, "|", row->sealed.value_or("none"));
    } else {
      note(row.status());
    }
    const auto events = store->ReadEvents(EventsOf(key, 0, 10));
    if (!events.ok()) note(events.status());
    for (size_t e = 0; events.ok() && e < events->rows.size(); ++e) {
      const EventRow& event = events->rows[e];
      (*told)[absl::StrCat("event ", i, " ", event.version)] =
          absl::StrCat(event.payload, "|", event.sealed.value_or("none"));
    }
    const auto records =
        store->ReadRecords(OneRecord(Key(absl::StrCat("key ", i)), true));
    if (!records.ok()) note(records.status());
    for (size_t r = 0; records.ok() && r < records->size(); ++r) {
      (*told)[absl::StrCat("record ", i)] = absl::StrCat(
          (*records)[r].payload, "|", (*records)[r].sealed.value_or("none"));
    }
  }
  return failed->empty();
}

// What a process of its own answers.
int InChild(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class SqliteFaultsTest : public testing::Test {
 protected:
  static bool Typed(const absl::Status& status) {
    switch (ReasonOf(status)) {
      case v1::ErrorInfo::CORRUPT:
      case v1::ErrorInfo::NOT_A_STORE:
      case v1::ErrorInfo::STORE_FAILED:
      case v1::ErrorInfo::SCHEMA_NEWER:
      case v1::ErrorInfo::CASE_NOT_FOUND:
      case v1::ErrorInfo::LIMIT_EXCEEDED:
        return true;
      default:
        return false;
    }
  }

  ScratchDir dir_;
  const std::string path_ = dir_.File("cases.db");
};

TEST_F(SqliteFaultsTest, NoRoomAtAnySizeLosesNothingAndEndsWhenThereIsRoom) {
  constexpr int kCases = 12;
  int64_t pages = 0;
  {
    const ScratchDir dir;
    auto store = SqliteStore::Open(dir.File("cases.db")).value();
    for (int i = 1; i <= kCases; ++i) {
      ASSERT_TRUE(CommitOne(store.get(), Full(i)).ok());
    }
    store.reset();
    pages = static_cast<int64_t>(
        std::filesystem::file_size(dir.File("cases.db")) / kPage);
  }
  int refusals = 0;
  int at_open = 0;
  for (int64_t limit = 1; limit <= pages; ++limit) {
    const ScratchDir dir;
    const std::string path = dir.File("cases.db");
    int written = 0;
    {
      auto store = SqliteStore::Open(path, {.max_bytes = limit * kPage});
      if (!store.ok()) {
        // Not even the tables have room.
        EXPECT_EQ(Reason(store.status()), v1::ErrorInfo::STORAGE_FULL);
        EXPECT_THAT(store.status().ToString(), HasSubstr("make room"));
        ++at_open;
      }
      absl::Status status;
      while (store.ok() && written < kCases && status.ok()) {
        status = CommitOne(store->get(), Full(written + 1));
        if (status.ok()) ++written;
      }
      // Room that is gone stays gone, and reading goes on.
      for (int i = 0; store.ok() && !status.ok() && i < 3; ++i) {
        EXPECT_EQ(Reason(status), v1::ErrorInfo::STORAGE_FULL) << limit;
        EXPECT_THAT(status.ToString(), HasSubstr("make room"));
        Told told;
        std::vector<absl::Status> failed;
        TellAll(store->get(), written, &told, &failed);
        EXPECT_EQ(told.size(), static_cast<size_t>(written) * 3) << limit;
        status = CommitOne(store->get(), Full(written + 1));
        ++refusals;
      }
    }
    auto store = SqliteStore::Open(path);
    ASSERT_TRUE(store.ok()) << limit << ": " << store.status();
    EXPECT_TRUE((*store)->CheckIntegrity().ok()) << limit;
    EXPECT_EQ(Reason((*store)
                         ->ReadCase({kCity, Id(written + 1)}, Part::kPayload)
                         .status()),
              v1::ErrorInfo::CASE_NOT_FOUND);
    for (; written < kCases; ++written) {
      ASSERT_TRUE(CommitOne(store->get(), Full(written + 1)).ok()) << limit;
    }
  }
  EXPECT_GE(at_open, 10);
  EXPECT_GE(refusals, 6);
}

// The system refuses to let a file grow, at every length the log passes.
TEST_F(SqliteFaultsTest, AWriteThatFailsAnywhereIsToldAndTheNextWorks) {
  constexpr int kCases = 3;
  constexpr rlim_t kFrame = kPage + 24;  // of the log: page and header
  SqliteStore::Open(path_).value().reset();
  const std::string fresh = Slurp(path_);
  int failures = 0;
  for (rlim_t length = 0; length < 60 * kFrame; length += kFrame) {
    Spill(path_, fresh);
    std::filesystem::remove(path_ + "-wal");
    const int answer = InChild([&] {
      signal(SIGXFSZ, SIG_IGN);
      auto store = SqliteStore::Open(path_);
      if (!store.ok()) return 20;
      rlimit before = {};
      getrlimit(RLIMIT_FSIZE, &before);
      const rlimit small = {length + 100, before.rlim_max};
      setrlimit(RLIMIT_FSIZE, &small);
      int written = 0;
      absl::Status status;
      while (written < kCases && status.ok()) {
        status = CommitOne(store->get(), Full(written + 1));
        if (status.ok()) ++written;
      }
      const bool failed = !status.ok();
      const bool unknown = ReasonOf(status) == v1::ErrorInfo::OUTCOME_UNKNOWN;
      if (failed && !unknown &&
          ReasonOf(status) != v1::ErrorInfo::STORE_FAILED &&
          ReasonOf(status) != v1::ErrorInfo::STORAGE_FULL) {
        return 21;
      }
      setrlimit(RLIMIT_FSIZE, &before);
      const bool there =
          (*store)->ReadCase({kCity, Id(written + 1)}, Part::kPayload).ok();
      if (there && !unknown) return 22;
      if (there) ++written;
      for (; written < kCases; ++written) {
        if (!CommitOne(store->get(), Full(written + 1)).ok()) return 23;
      }
      Told told;
      std::vector<absl::Status> faults;
      if (!TellAll(store->get(), kCases, &told, &faults)) return 24;
      if (told.size() != kCases * 3) return 25;
      if (!(*store)->CheckIntegrity().ok()) return 26;
      return failed ? 1 : 0;
    });
    EXPECT_LE(answer, 1) << length;
    EXPECT_GE(answer, 0) << length;
    failures += answer;
  }
  EXPECT_GE(failures, 10);
}

// What failed closes the files, and the next call opens them: then another file
// is there, or none.
TEST_F(SqliteFaultsTest, AFileThatIsGoneIsNotMadeAnewWhenItIsOpenedAgain) {
  // A process of its own, for its limit; the store's clock stands still.
  const auto after = [this](const std::function<void()>& what,
                            const std::function<int()>& then) {
    return InChild([&] {
      signal(SIGXFSZ, SIG_IGN);
      SimulatedClock clock(absl::FromUnixMillis(1'000'000));
      auto store = SqliteStore::Open(path_, {.clock = &clock});
      if (!store.ok() || !CommitOne(store->get(), Full(1)).ok()) return 20;
      rlimit before = {};
      getrlimit(RLIMIT_FSIZE, &before);
      const rlimit small = {150'000, before.rlim_max};
      setrlimit(RLIMIT_FSIZE, &small);
      Write large = Full(2);
      large.cases[0].row.payload = std::string(200'000, 'p');
      const auto failed = ReasonOf(CommitOne(store->get(), large));
      setrlimit(RLIMIT_FSIZE, &before);
      if (failed != v1::ErrorInfo::OUTCOME_UNKNOWN &&
          failed != v1::ErrorInfo::STORE_FAILED) {
        return 21;
      }
      what();
      for (int i = 0; i < 2; ++i) {
        const absl::Status status = CommitOne(store->get(), Full(3));
        if (ReasonOf(status) != v1::ErrorInfo::STORE_FAILED) return 22;
        if (status.ToString().find("restore a backup") == std::string::npos) {
          return 23;
        }
      }
      return then();
    });
  };
  EXPECT_EQ(after([&] { std::filesystem::remove(path_); },
                  [&] { return std::filesystem::exists(path_) ? 1 : 0; }),
            0);
  std::filesystem::remove(path_ + "-wal");
  EXPECT_EQ(
      after([&] { Spill(path_, ""); }, [&] { return Slurp(path_) != ""; }), 0);
  std::filesystem::remove(path_);
  std::filesystem::remove(path_ + "-wal");
  const std::string other = dir_.File("other.db");
  SqliteStore::Open(other).value().reset();
  const std::string bytes = Slurp(other);
  EXPECT_EQ(after([&] { std::filesystem::rename(other, path_); },
                  [&] { return Slurp(path_) != bytes; }),
            0);
}

TEST_F(SqliteFaultsTest, AFlippedByteAnywhereIsHarmlessOrFound) {
  constexpr int kCases = 6;
  Told truth;
  {
    auto store = SqliteStore::Open(path_).value();
    for (int i = 1; i <= kCases; ++i) {
      ASSERT_TRUE(CommitOne(store.get(), Full(i)).ok());
    }
    std::vector<absl::Status> failed;
    ASSERT_TRUE(TellAll(store.get(), kCases, &truth, &failed));
    ASSERT_EQ(truth.size(), size_t{kCases} * 3);
  }
  const std::string whole = Slurp(path_);
  int told_of = 0;
  for (size_t page = 0; page < whole.size(); page += kPage) {
    // The page's head, its cell pointers, the middle, the cells at its end.
    for (const size_t offset :
         {0, 1, 3, 6, 9, 30, 2'000, 3'300, 3'900, 4'090}) {
      std::string bytes = whole;
      bytes[page + offset] = static_cast<char>(bytes[page + offset] ^ 0x5a);
      const ScratchDir dir;
      const std::string path = dir.File("cases.db");
      Spill(path, bytes);
      const auto where =
          absl::StrCat("page ", page / kPage + 1, " byte ", offset);
      const auto store = SqliteStore::Open(path);
      if (!store.ok()) {
        EXPECT_TRUE(Typed(store.status())) << where << store.status();
        ++told_of;
        continue;
      }
      Told told;
      std::vector<absl::Status> failed;
      TellAll(store->get(), kCases, &told, &failed);
      for (const absl::Status& status : failed) {
        EXPECT_TRUE(Typed(status)) << where << status;
      }
      const absl::Status check = (*store)->CheckIntegrity();
      if (!check.ok()) ++told_of;
      if (told == truth) continue;
      // What differs was refused, or the check says that the file is damaged.
      EXPECT_EQ(Reason(check), v1::ErrorInfo::CORRUPT) << where;
    }
  }
  EXPECT_GE(told_of, 50);
}

// Rights do not bind root, so another user looks at the directory.
TEST_F(SqliteFaultsTest, ADirectoryNobodyMayWriteToIsSaidSo) {
  const auto as_nobody = [](const std::function<int()>& body) {
    return InChild([&] {
      if (geteuid() == 0 && setuid(65'534) != 0) return 90;
      return body();
    });
  };
  const auto refuses = [&](bool read_only, const std::string& word) {
    return as_nobody([&] {
      const auto store = SqliteStore::Open(path_, {.read_only = read_only});
      if (store.ok()) return 1;
      if (ReasonOf(store.status()) != v1::ErrorInfo::STORE_FAILED) return 2;
      return store.status().ToString().find(word) == std::string::npos ? 3 : 0;
    });
  };
  const std::string directory = std::filesystem::path(path_).parent_path();
  ASSERT_EQ(chmod(directory.c_str(), 0555), 0);
  EXPECT_EQ(refuses(false, "must exist and be writable"), 0);
  ASSERT_EQ(chmod(directory.c_str(), 0755), 0);
  SqliteStore::Open(path_).value().reset();
  ASSERT_EQ(chmod(directory.c_str(), 0555), 0);
  ASSERT_EQ(chmod(path_.c_str(), 0444), 0);
  ASSERT_EQ(chmod((path_ + ".lock").c_str(), 0444), 0);
  EXPECT_EQ(refuses(false, "writable"), 0);
  // To read, too: SQLite keeps its shared memory beside the file.
  EXPECT_EQ(refuses(true, "writable"), 0);
  for (const std::string& name : {directory, path_, path_ + ".lock"}) {
    ASSERT_EQ(chmod(name.c_str(), 0777), 0);
  }
  EXPECT_EQ(as_nobody([&] {
              auto store = SqliteStore::Open(path_);
              return store.ok() && CommitOne(store->get(), Full(1)).ok() ? 0
                                                                         : 1;
            }),
            0);
}

}  // namespace
}  // namespace hotline
