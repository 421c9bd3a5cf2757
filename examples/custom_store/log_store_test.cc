// What only this store can get wrong: its file. The kit tries the rest
// (conformance_test.cc).
#include "log_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "hotline/engine.h"
#include "hotline/error.h"
#include "hotline/store_check.h"
#include "hotline/testing/faulty_store.h"

namespace {

using hotline::testing::FaultyStore;
using Why = hotline::v1::ErrorInfo;

std::string Folder() {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("log_store_test_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  return folder.string();
}

class LogStoreTest : public ::testing::Test {
 protected:
  ~LogStoreTest() override { std::filesystem::remove_all(folder_); }

  std::string Bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  // Three cases, through an engine.
  void Fill() const {
    const auto policy = hotline::Policy::FromTextproto(
        "id: 'town' categories { code: 'pothole' kind: CASE }");
    ASSERT_TRUE(policy.ok()) << policy.status();
    auto store = town::OpenLogStore(path_);
    ASSERT_TRUE(store.ok()) << store.status();
    auto engine = hotline::Engine::Open(store->get(), {});
    const hotline::Actor ada{.tenant = "t", .id = "ada", .roles = {"admin"}};
    ASSERT_TRUE((*engine)->Adopt(ada, *policy, 0).ok());
    for (int i = 0; i < 3; ++i) {
      hotline::v1::Command command;
      command.mutable_open()->set_category("pothole");
      ASSERT_TRUE((*engine)->Execute(ada, command).ok());
    }
  }
  static size_t Cases(hotline::Store* store) {
    const auto page = store->Find({.tenant = "t", .limit = 1000});
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->rows.size() : 0;
  }

  const std::string folder_ = Folder();
  const std::string path_ = folder_ + "/town.log";
};

TEST_F(LogStoreTest, WhereverTheFileIsCutWhatWasAnsweredBeforeIsWhole) {
  Fill();
  const std::string whole = Bytes();
  size_t before = 0;
  // Every seventh byte, and the last.
  for (size_t cut = 0; cut <= whole.size();
       cut +=
       cut == whole.size() ? 1 : std::min<size_t>(7, whole.size() - cut)) {
    Write(whole.substr(0, cut));
    auto store = town::OpenLogStore(path_);
    ASSERT_TRUE(store.ok()) << cut << ": " << store.status();
    const size_t cases = Cases(store->get());
    EXPECT_GE(cases, before);
    before = cases;
    EXPECT_LE(Bytes().size(), cut);  // the torn call is cut off
    const auto report = hotline::CheckStore(store->get());
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->problems_found, 0) << cut;
  }
  EXPECT_EQ(before, 3u);
}

TEST_F(LogStoreTest, ATornEndOfNoughtsIsCutOffToo) {
  Fill();
  const std::string whole = Bytes();
  Write(whole + std::string(4096, '\0'));
  auto store = town::OpenLogStore(path_);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(Cases(store->get()), 3u);
  EXPECT_EQ(Bytes(), whole);
}

// A power cut keeps some blocks of what was appended, and the file's new size.
TEST_F(LogStoreTest, ACallOfWhichNoughtsAreLeftIsCutOffToo) {
  Fill();
  const std::string whole = Bytes();
  for (size_t kept = 1; kept < 100; ++kept) {
    Write(whole + whole.substr(0, kept) + std::string(4096, '\0'));
    auto store = town::OpenLogStore(path_);
    ASSERT_TRUE(store.ok()) << kept << ": " << store.status();
    EXPECT_EQ(Cases(store->get()), 3u);
    EXPECT_EQ(Bytes(), whole);
  }
}

TEST_F(LogStoreTest, DamageBeforeTheLastCallIsToldAndTheFileLeftAsItIs) {
  Fill();
  const size_t before = Bytes().size();
  {
    auto store = town::OpenLogStore(path_);
    ASSERT_TRUE(store.ok()) << store.status();
    const hotline::Write last = {
        .records = {{.record = {.key = {"t", "thing", "k"}, .version = 1}}}};
    ASSERT_TRUE((*store)->Commit({&last, 1}).front().ok());
  }
  const std::string whole = Bytes();
  // In sizes, sums and calls.
  for (size_t at = 0; at < before; at += at < 100 ? 1 : 13) {
    std::string damaged = whole;
    damaged[at] ^= 1;
    Write(damaged);
    const auto refused = town::OpenLogStore(path_);
    EXPECT_EQ(hotline::ReasonOf(refused.status()), Why::CORRUPT) << at;
    EXPECT_NE(refused.status().message().find(path_), std::string::npos);
    EXPECT_EQ(Bytes(), damaged) << at;
  }
}

TEST_F(LogStoreTest, TheFileHasOneStoreAtATime) {
  auto first = town::OpenLogStore(path_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(hotline::ReasonOf(town::OpenLogStore(path_).status()),
            Why::STORE_BUSY);
  first->reset();
  EXPECT_TRUE(town::OpenLogStore(path_).ok());
}

TEST_F(LogStoreTest, AWriteThatFailsHalfWayLeavesNothingAndTheNextGoesWell) {
  auto store = town::OpenLogStore(path_);
  ASSERT_TRUE(store.ok()) << store.status();
  const auto put = [&](const std::string& key, size_t bytes) {
    const hotline::Write write = {
        .records = {{.record = {.key = {"t", "thing", key},
                                .version = 1,
                                .payload = std::string(bytes, 'x')}}}};
    return (*store)->Commit({&write, 1}).front();
  };
  ASSERT_TRUE(put("a", 100).ok());
  const std::string before = Bytes();
  // The file may grow no further than into the middle of the next call.
  signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit narrow{before.size() + 1000, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &narrow), 0);
  EXPECT_EQ(hotline::ReasonOf(put("b", 5000)), Why::STORE_FAILED);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_EQ(Bytes(), before);
  EXPECT_TRUE(put("c", 100).ok());
  store->reset();
  const auto again = town::OpenLogStore(path_);
  ASSERT_TRUE(again.ok()) << again.status();
  const auto records = (*again)->ReadRecords({.tenant = "t", .kind = "thing"});
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 2u);
  EXPECT_EQ(records->at(1).key.key, "c");
}

TEST_F(LogStoreTest, UnderTimeoutsByChanceEachCommandIsDoneOnce) {
  Fill();
  auto store = town::OpenLogStore(path_);
  ASSERT_TRUE(store.ok()) << store.status();
  FaultyStore faulty(store->get());
  auto engine = hotline::Engine::Open(&faulty, {});
  const hotline::Actor ada{.tenant = "t", .id = "ada", .roles = {"admin"}};
  faulty.Seed(7);
  faulty.SetRate(FaultyStore::kCommit, FaultyStore::kTimedOut, 300);
  for (int i = 0; i < 50; ++i) {
    hotline::v1::Command command;
    command.set_key("call-" + std::to_string(i));
    command.mutable_open()->set_category("pothole");
    // As a patient caller does: the key makes it safe.
    for (int tries = 0; tries < 8; ++tries) {
      if ((*engine)->Execute(ada, command).ok()) break;
    }
  }
  EXPECT_GT(faulty.faults(), 5) << faulty.LogText();
  EXPECT_EQ(Cases(store->get()), 53u) << faulty.LogText();
}

TEST_F(LogStoreTest, AFileThatCannotBeIsSaidByName) {
  for (const std::string& path : {folder_, folder_ + "/no/town.log"}) {
    const auto refused = town::OpenLogStore(path);
    EXPECT_EQ(hotline::ReasonOf(refused.status()), Why::STORE_FAILED);
    EXPECT_NE(refused.status().message().find(path), std::string::npos);
  }
}

TEST_F(LogStoreTest, AskingInVainWritesNothingDown) {
  auto store = town::OpenLogStore(path_);
  ASSERT_TRUE(store.ok()) << store.status();
  const std::string before = Bytes();
  for (const auto queue :
       {hotline::DueQuery::kTimers, hotline::DueQuery::kDeliveries}) {
    const auto none = (*store)->Claim(
        {.queue = queue, .tenant = "t", .due = hotline::kNever - 1});
    ASSERT_TRUE(none.ok()) << none.status();
    EXPECT_TRUE(none->empty());
  }
  EXPECT_EQ(Bytes(), before);
}

}  // namespace
