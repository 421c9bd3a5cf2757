// Goal: on a disk that is full nothing is lost, nothing is half written and
// whoever writes is told; when there is room again the next call works.
// Method: the server's tables, and then all its files, lie on a small file
// system in memory that is filled up for real. Where this process may not mount
// one (it is not root), the tests say so and are skipped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <random>
#include <set>
#include <string>

#include "tests/adapters/store_rows.h"
#include "tests/postgres/server.h"

namespace hotline {
namespace {

using Reasons = v1::ErrorInfo;

// A file system in memory; gone with it.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& size) {
    std::string name = testing::TempDir() + "/hotline-disk-XXXXXX";
    path_ = mkdtemp(name.data());
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV,
                     ("mode=0777,size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
    rmdir(path_.c_str());
  }
  bool mounted() const { return mounted_; }
  const std::string& path() const { return path_; }
  void Grow(const std::string& size) const {
    ASSERT_EQ(
        mount("tmpfs", path_.c_str(), "tmpfs",
              MS_REMOUNT | MS_NOSUID | MS_NODEV, ("size=" + size).c_str()),
        0);
  }

 private:
  std::string path_;
  bool mounted_ = false;
};

// A case that fills pages and cannot be compressed.
Write LargeCase(int64_t number) {
  Write write = OpenCase(number);
  std::mt19937 dice(static_cast<unsigned>(number));
  std::string& payload = write.cases[0].row.payload;
  payload.resize(60'000);
  for (char& c : payload) c = static_cast<char>(dice());
  write.records.push_back(Put("key" + std::to_string(number), 1, 0));
  return write;
}

constexpr int kMost = 10'000;

// Whether a case is there, with what was written with it, or all of it is not.
bool IsThere(Store* store, int64_t number) {
  const auto row = store->ReadCase({kCity, Id(number)}, Part::kSealed);
  EXPECT_TRUE(row.ok() || ReasonOf(row.status()) == Reasons::CASE_NOT_FOUND)
      << row.status();
  const auto key =
      store->ReadRecords(OneRecord(Key("key" + std::to_string(number))));
  EXPECT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->size(), row.ok() ? 1u : 0u) << number;
  return row.ok();
}

TEST(PostgresFullDiskTest, TablesThatCannotGrowRefuseTheWriteAndNoMore) {
  const SmallDisk disk("24m");
  if (!disk.mounted()) GTEST_SKIP() << "this process may not mount a tmpfs";
  PostgresServer& server = TheServer();
  const std::string folder = disk.path() + "/tables";
  server.Sql("COPY (SELECT 1) TO PROGRAM 'mkdir " + folder + "'");
  server.Sql("CREATE TABLESPACE small LOCATION '" + folder + "'");
  const std::string name = server.NewDatabase();
  server.Sql("ALTER DATABASE " + name + " SET default_tablespace = small");
  {
    auto store = MustOpen({.conninfo = server.Conninfo(name)});
    absl::Status full;
    int written = 0;
    while (full.ok() && written < kMost) {
      full = CommitOne(store.get(), LargeCase(written));
      written += full.ok();
    }
    ASSERT_EQ(ReasonOf(full), Reasons::STORAGE_FULL) << full;
    EXPECT_THAT(InfoOf(full).problems(0).hint(),
                testing::HasSubstr("make room on the server's disk"));
    EXPECT_GT(written, 20);
    for (int i = 0; i < written; ++i) EXPECT_TRUE(IsThere(store.get(), i)) << i;
    EXPECT_FALSE(IsThere(store.get(), written));
    // Reading goes on, and so does writing once there is room: on the same
    // connection, for the server never went away.
    disk.Grow("64m");
    EXPECT_TRUE(CommitOne(store.get(), LargeCase(written)).ok());
    EXPECT_TRUE(IsThere(store.get(), written));
    EXPECT_EQ(store->counters().connections, 1);
  }
  server.Sql("DROP DATABASE " + name + " WITH (FORCE)");
  server.Sql("DROP TABLESPACE small");
}

// Where the log has no room either, the server gives up in the middle of a
// commit and does not come back before there is some. Whatever it was that
// could not be written: what was answered is there, what was refused is not.
TEST(PostgresFullDiskTest, AServerWithoutRoomForItsLogLosesNothingAnswered) {
  const SmallDisk disk("100m");
  if (!disk.mounted()) GTEST_SKIP() << "this process may not mount a tmpfs";
  const auto server = PostgresServer::Start(
      {.settings = {"max_wal_size=32MB"}, .folder = disk.path()});
  auto store = MustOpen({.conninfo = server->Conninfo(), .schema = "city"});
  std::set<int> answered;
  std::set<int> refused;
  int number = 0;
  int failures = 0;
  // As long as it is full, nothing else is said.
  for (; failures < 6 && number < kMost; ++number) {
    const absl::Status status = CommitOne(store.get(), LargeCase(number));
    failures += !status.ok();
    EXPECT_THAT(
        ReasonOf(status),
        testing::AnyOf(Reasons::REASON_UNSPECIFIED, Reasons::STORAGE_FULL,
                       Reasons::STORE_FAILED, Reasons::OUTCOME_UNKNOWN))
        << status;
    if (status.ok()) {
      answered.insert(number);
    } else if (ReasonOf(status) != Reasons::OUTCOME_UNKNOWN) {
      refused.insert(number);
    }
  }
  ASSERT_EQ(failures, 6);
  disk.Grow("300m");
  server->Restart();
  EXPECT_TRUE(CommitOne(store.get(), LargeCase(number)).ok());
  answered.insert(number);
  for (int i = 0; i <= number; ++i) {
    const bool there = IsThere(store.get(), i);
    EXPECT_TRUE(there || !answered.contains(i)) << i;
    EXPECT_FALSE(there && refused.contains(i)) << i;
  }
  EXPECT_GT(answered.size(), 20u);
}

}  // namespace
}  // namespace hotline
