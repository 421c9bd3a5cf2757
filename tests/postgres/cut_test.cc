// Goal: whatever message of the protocol a connection is cut at, a command is
// done once or not at all, and whoever gave it knows in the end. Method: a
// proxy hangs up in place of each message in turn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/adapters/store_rows.h"
#include "tests/postgres/proxy.h"
#include "tests/postgres/server.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

class PostgresCutTest : public testing::Test {
 protected:
  std::unique_ptr<PostgresStore> Open(const std::string& schema) {
    return MustOpen({.conninfo = proxy_.Conninfo(),
                     .schema = schema,
                     .timeout = absl::Seconds(10)});
  }
  Proxy proxy_{TheServer().port()};
};

// By the port: OK is there, "nothing was written" is not, and what is unknown
// is there whole or not at all.
TEST_F(PostgresCutTest, ACommitCutAtEveryMessageSaysTheTruth) {
  auto store = Open(NewSchema());
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(1'000'000)).ok());
  std::map<v1::ErrorInfo::Reason, int> seen;
  for (int at = 0, number = 1;; ++at, ++number) {
    Write write = OpenCase(number);
    write.deliveries.push_back(Delivery(number, 10));
    write.records.push_back(Put("key" + std::to_string(number), 1, 0));
    proxy_.CutAt(at);
    const absl::Status verdict = CommitOne(store.get(), write);
    const bool cut = proxy_.cut();
    proxy_.CutAt(-1);
    const auto row = store->ReadCase({kCity, Id(number)}, Part::kSealed);
    ASSERT_TRUE(row.ok() ||
                ReasonOf(row.status()) == v1::ErrorInfo::CASE_NOT_FOUND)
        << row.status();
    ++seen[ReasonOf(verdict)];
    if (verdict.ok()) {
      EXPECT_TRUE(row.ok());
    } else if (ReasonOf(verdict) == v1::ErrorInfo::STORE_FAILED) {
      EXPECT_FALSE(row.ok()) << verdict;
    } else {
      EXPECT_EQ(ReasonOf(verdict), v1::ErrorInfo::OUTCOME_UNKNOWN) << verdict;
    }
    const auto key =
        store->ReadRecords(OneRecord(Key("key" + std::to_string(number))));
    EXPECT_EQ(key->size(), row.ok() ? 1u : 0u);
    if (!cut) break;
  }
  EXPECT_GT(seen[v1::ErrorInfo::OUTCOME_UNKNOWN], 10);
  EXPECT_GE(seen[v1::ErrorInfo::REASON_UNSPECIFIED], 1);
}

// Through the engine: every cut is settled, and the effect is there once.
TEST_F(PostgresCutTest, ACommandCutAtEveryMessageIsDoneOnce) {
  auto store = Open(NewSchema());
  tests::City city(store.get());
  const std::string ref = city.Open();
  const auto note = [&](const std::string& key) {
    v1::Command command =
        tests::City::Parse("note { visibility: PUBLIC_NOTE text: 'x' }");
    command.set_reference(ref);
    command.set_key(key);
    return command;
  };
  ASSERT_TRUE(city.engine->Execute(city.agent, note("first")).ok());
  int given = 1;
  int answered = 1;
  int cuts = 0;
  for (int round = 0; round < 2; ++round) {
    for (int at = 0;; ++at) {
      const v1::Command command = note(std::to_string(given++));
      proxy_.CutAt(at);
      auto receipt = city.engine->Execute(city.agent, command);
      const bool cut = proxy_.cut();
      proxy_.CutAt(-1);
      cuts += cut;
      answered += receipt.ok();
      // As a caller does who was told no more: the same under the same key.
      receipt = city.engine->Execute(city.agent, command);
      ASSERT_TRUE(receipt.ok()) << at << ": " << receipt.status();
      if (!cut) break;
    }
  }
  EXPECT_EQ(city.Get(ref).notes(), given);
  EXPECT_GT(cuts, 40);
  std::map<std::string, int> by_key;
  for (const v1::Event& event : city.Events(ref)) ++by_key[event.command_key()];
  for (const auto& [key, count] : by_key) EXPECT_EQ(count, 1) << key;
  // Commits are settled, so only reads that were cut come back to the caller.
  EXPECT_GT(answered, given / 2);
}

}  // namespace
}  // namespace hotline
