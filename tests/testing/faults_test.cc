// Goal: whatever a store does to it, an engine repeats nothing it did and loses
// nothing it acknowledged. Method: every fault FaultyStore knows, drawn by many
// seeds, in front of a right store; patient callers who repeat a command with
// its key; then the logs of all cases are read.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/engine.h"
#include "hotline/testing/faulty_store.h"
#include "hotline/testing/matchers.h"
#include "tests/support/city.h"

namespace hotline::testing {
namespace {

using tests::City;

constexpr char kNote[] = "note { visibility: PUBLIC_NOTE text: 'x' }";

void Disturb(FaultyStore* store, uint64_t seed) {
  store->Seed(seed);
  for (const auto fault :
       {FaultyStore::kFailed, FaultyStore::kBusy, FaultyStore::kFull,
        FaultyStore::kDoneButUnknown, FaultyStore::kUndoneButUnknown,
        FaultyStore::kContended, FaultyStore::kDoneLater,
        FaultyStore::kTimedOut, FaultyStore::kLostConnection}) {
    store->SetRate(FaultyStore::kCommit, fault, 60);
  }
  store->SetRate(FaultyStore::kReadCase, FaultyStore::kStale, 200);
  for (int method = 0; method < FaultyStore::kMethods; ++method) {
    if (method == FaultyStore::kCommit) continue;
    const auto m = static_cast<FaultyStore::Method>(method);
    store->SetRate(m, FaultyStore::kTimedOut, 20);
    store->SetRate(m, FaultyStore::kBusy, 20);
  }
}

class FaultsTest : public ::testing::Test {
 protected:
  // Opens cases and writes notes as a patient caller does: each command again,
  // under its key, until it is acknowledged.
  void Work(Engine* engine, FaultyStore* store, uint64_t seed) {
    std::vector<std::string> cases;
    for (int i = 0; i < 3; ++i) cases.push_back(city_.Open());
    Disturb(store, seed);
    for (int i = 0; i < 40; ++i) {
      v1::Command command = City::Parse(kNote);
      command.set_reference(cases[static_cast<size_t>(i) % 3]);
      command.set_key("k" + std::to_string(i));
      Insist(engine, command);
    }
    for (int i = 0; i < 10; ++i) {
      v1::Command command = City::Parse("open { category: 'tree' }");
      command.set_key("o" + std::to_string(i));
      Insist(engine, command);
    }
    store->Heal();
    store->Settle();
  }

  void Insist(Engine* engine, const v1::Command& command) {
    for (int tries = 0; tries < 60; ++tries) {
      if (!engine->Execute(city_.agent, command).ok()) continue;
      acknowledged_.insert(command.key());
      return;
    }
  }

  // How often each key stands in the log of any case.
  std::map<std::string, int> Recorded() {
    std::map<std::string, int> recorded;
    const auto all = city_.engine->Find(city_.admin, {});
    EXPECT_THAT(all, IsOk());
    for (const auto& one : all->cases()) {
      for (const v1::Event& event : city_.Events(one.reference())) {
        if (!event.command_key().empty()) ++recorded[event.command_key()];
      }
    }
    return recorded;
  }

  City city_;
  std::set<std::string> acknowledged_;
};

class EverySeed : public FaultsTest,
                  public ::testing::WithParamInterface<uint64_t> {};

TEST_P(EverySeed, WhatIsAcknowledgedIsThereOnceAndNothingTwice) {
  FaultyStore store(&city_.memory);
  const auto engine =
      *Engine::Open(&store, {.clock = &city_.clock, .entropy = &city_.entropy});
  Work(engine.get(), &store, GetParam());
  EXPECT_GT(store.faults(), 15);
  EXPECT_EQ(acknowledged_.size(), 50u);
  const std::map<std::string, int> recorded = Recorded();
  for (const std::string& key : acknowledged_) {
    const auto it = recorded.find(key);
    EXPECT_TRUE(it != recorded.end())
        << key << " was acknowledged and is not there\n"
        << store.LogText();
  }
  for (const auto& [key, times] : recorded) {
    EXPECT_EQ(times, 1) << key << " was done again\n" << store.LogText();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, EverySeed, ::testing::Range<uint64_t>(1, 21));

}  // namespace
}  // namespace hotline::testing
