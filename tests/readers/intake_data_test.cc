// Goal: the published exports of four cities become cases under the policies
// and maps that ship, every row accounted for; and Boston's computed due
// instants are the ones the city stored. Method: the files of the shared data
// beside the project, which are for testing only and are not part of it: where
// they are absent these tests say so and pass.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "hotline/adapters/memory_store.h"
#include "hotline/adapters/sqlite_store.h"
#include "hotline/error.h"
#include "hotline/intake.h"

namespace hotline {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

fs::path Example(const std::string& kind, const std::string& name) {
  return fs::path(HOTLINE_SOURCE_DIR) / "examples" / kind /
         (name + ".textproto");
}

fs::path SharedData() {
  if (const char* shared = std::getenv("HOTLINE_SHARED"))
    return fs::path(shared) / "data";
  return fs::path(HOTLINE_SOURCE_DIR) / ".." / "shared" / "data";
}

// True, and said, if a file of the shared data is not there.
bool Absent(const fs::path& path) {
  if (fs::exists(path)) return false;
  std::cout << path << " is absent; nothing to import\n";
  return true;
}

absl::StatusOr<Policy> ShippedPolicy(const std::string& name) {
  return Policy::FromTextproto(ReadAll(Example("policies", name)));
}

// Imports files of the shared data, which are there.
ReplaySummary Import(const std::string& name,
                     const std::vector<std::string>& files, Store* store) {
  const auto policy = ShippedPolicy(name);
  EXPECT_TRUE(policy.ok()) << policy.status();
  const auto map = ParseImportMap(ReadAll(Example("maps", name)));
  EXPECT_TRUE(map.ok()) << map.status();
  SimulatedClock clock;
  SeededEntropy entropy(1);
  auto engine = Engine::Open(store, {.clock = &clock, .entropy = &entropy});
  EXPECT_TRUE(engine.ok()) << engine.status();
  std::vector<std::unique_ptr<std::ifstream>> streams;
  std::vector<std::unique_ptr<RowReader>> readers;
  std::vector<ImportFile> inputs;
  for (const std::string& file : files) {
    streams.push_back(
        std::make_unique<std::ifstream>(SharedData() / file, std::ios::binary));
    readers.push_back(file.ends_with(".json") ? ReadJson(streams.back().get())
                                              : ReadCsv(streams.back().get()));
    inputs.push_back({file, readers.back().get()});
  }
  ReplayOptions options;
  options.refused = [](const RefusedRow& row) {
    EXPECT_FALSE(row.field.empty());
    EXPECT_FALSE(row.reason.empty());
    EXPECT_FALSE(row.detail.empty());
    EXPECT_GT(row.row, 0);
  };
  int64_t replayed = 0;
  options.replayed = [&replayed](const ReplayedCase&) { ++replayed; };
  const auto summary =
      ReplayRows(engine->get(), &clock, *policy, *map, inputs, options);
  EXPECT_TRUE(summary.ok()) << summary.status();
  if (!summary.ok()) return {};
  EXPECT_EQ(summary->rows,
            summary->cases + summary->contacts + summary->refused);
  EXPECT_EQ(replayed, summary->cases);
  for (const auto& [what, count] : summary->refusals)
    std::cout << "refused " << count << " " << what << "\n";
  for (const auto& [what, count] : summary->remarks) {
    std::cout << "remark " << count << " " << what << "\n";
    EXPECT_EQ(what.find("step refused"), std::string::npos) << what;
  }
  for (const auto& [code, c] : summary->clocks)
    std::cout << code << " " << c.met << " met " << c.breached << " breached "
              << c.running << " running\n";
  return *summary;
}

int64_t CountOf(const std::map<std::string, int64_t>& counts,
                const std::string& word) {
  const auto it = counts.find(word);
  return it == counts.end() ? 0 : it->second;
}

class ShippedPolicyTest : public ::testing::TestWithParam<const char*> {};

TEST_P(ShippedPolicyTest, CompilesAndItsMapFits) {
  const auto policy = ShippedPolicy(GetParam());
  std::string problems;
  const v1::ErrorInfo info = InfoOf(policy.status());
  for (const auto& problem : info.problems())
    problems += problem.path() + ": " + problem.message() + "\n";
  ASSERT_TRUE(policy.ok()) << policy.status() << "\n" << problems;
  const auto map = ParseImportMap(ReadAll(Example("maps", GetParam())));
  ASSERT_TRUE(map.ok()) << map.status();
  EXPECT_TRUE(CheckImportMap(*policy, *map).ok())
      << CheckImportMap(*policy, *map);
}

// Every promise has a source, or the mark that no source gives it.
TEST_P(ShippedPolicyTest, EveryTargetHasASourceOrIsIllustrative) {
  const auto spec =
      ParsePolicyTextproto(ReadAll(Example("policies", GetParam())));
  ASSERT_TRUE(spec.ok()) << spec.status();
  const auto check = [](const auto& clocks, const std::string& where) {
    for (const auto& clock : clocks)
      for (const auto& target : clock.targets())
        EXPECT_TRUE(target.illustrative() || !target.source().empty()) << where;
  };
  check(spec->clocks(), "clocks");
  for (const auto& category : spec->categories())
    check(category.clocks(), category.code());
}

INSTANTIATE_TEST_SUITE_P(All, ShippedPolicyTest,
                         ::testing::Values("taipei1999", "tainan1999", "nyc311",
                                           "boston311"),
                         [](const auto& each) {
                           return std::string(each.param);
                         });

TEST(ShippedDataTest, TaipeiReplaysEightHoursEarlier) {
  const std::string file = "taipei1999/taipei1999_dispatch_2023w22_dev.csv";
  if (Absent(SharedData() / file)) return;
  MemoryStore store;
  const ReplaySummary summary = Import("taipei1999", {file}, &store);
  EXPECT_EQ(summary.rows, 1693);
  EXPECT_EQ(summary.cases, 1693);
  EXPECT_EQ(CountOf(summary.remarks, "opened: shifted by -8h"), 1693);
  EXPECT_GT(CountOf(summary.remarks,
                    "place: stands on City Hall, not found; left out"),
            100);
}

TEST(ShippedDataTest, TainanReplays) {
  const std::string file = "tainan1999/tainan1999_2016_dev.csv";
  if (Absent(SharedData() / file)) return;
  MemoryStore store;
  const ReplaySummary summary = Import("tainan1999", {file}, &store);
  EXPECT_EQ(summary.rows, 11024);
  // Descriptions in place of sub-projects, and rows without either.
  EXPECT_EQ(CountOf(summary.refusals, "unknown_category"), 4);
  EXPECT_EQ(CountOf(summary.refusals, "missing"), 3);
  EXPECT_EQ(summary.refused, 7);
}

TEST(ShippedDataTest, NewYorkReplaysAllItsEditions) {
  const std::vector<std::string> files = {
      "nyc311/nyc311_2018-01-22.csv", "nyc311/nyc311_2022-05-01.csv",
      "nyc311/nyc311_2023-02-28_dev.csv",
      "nyc311/nyc311_2026-08-18_api_dev.json"};
  for (const auto& file : files)
    if (Absent(SharedData() / file)) return;
  MemoryStore store;
  const ReplaySummary summary = Import("nyc311", files, &store);
  EXPECT_EQ(summary.rows, 155 + 924 + 3041 + 391);
  // 16 of 2018, 1 of 2026.
  EXPECT_EQ(CountOf(summary.refusals, "closed_before_opened"), 17);
  EXPECT_EQ(summary.refused, 17);
}

TEST(ShippedDataTest, BostonsDueInstantsAreTheCitysOwn) {
  const std::string file = "boston311/boston311_2011_dev.csv";
  if (Absent(SharedData() / file)) return;
  MemoryStore store;
  const ReplaySummary summary = Import("boston311", {file}, &store);
  EXPECT_EQ(summary.rows, 8246);
  EXPECT_EQ(summary.cases, 8246);
  std::cout << summary.due.agree << " of " << summary.due.compared
            << " due instants, " << summary.due.verdicts_agree << " of "
            << summary.due.verdicts << " verdicts agree\n";
  // 6,694 rows have a target; two of them of a type that has none as a rule.
  EXPECT_GE(summary.due.compared, 6690);
  EXPECT_GE(summary.due.agree, summary.due.compared * 98 / 100);
  EXPECT_GE(summary.due.verdicts, 6650);
  EXPECT_GE(summary.due.verdicts_agree, summary.due.verdicts * 99 / 100);
}

TEST(ShippedDataTest, TaipeiReplaysIntoAFile) {
  const std::string file = "taipei1999/taipei1999_dispatch_2023w22_dev.csv";
  if (Absent(SharedData() / file)) return;
  const fs::path path = fs::temp_directory_path() /
                        ("hotline_intake_" + std::to_string(getpid()) + ".db");
  {
    auto store = SqliteStore::Open(path.string(), {.full_sync = false});
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ(Import("taipei1999", {file}, store->get()).cases, 1693);
  }
  for (const char* suffix : {"", "-wal", "-shm", ".lock"})
    fs::remove(path.string() + suffix);
}

}  // namespace
}  // namespace hotline
