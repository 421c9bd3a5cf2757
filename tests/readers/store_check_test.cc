// Goal: every kind of damage is found and named, and a sound store is clean.
// Method: a few cases through the engine on a memory store; then the same store
// seen through a glass that alters one thing.
#include "hotline/store_check.h"

#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/adapters/memory_store.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "tests/readers/fixture.h"

namespace hotline {
namespace {

using ::testing::HasSubstr;

// Forwards every call; `on_*` may change the answers.
class Glass final : public Store {
 public:
  explicit Glass(Store* store) : store_(store) {}

  std::function<void(CaseRow*)> on_case = [](CaseRow*) {};
  std::function<void(std::vector<EventRow>*)> on_events =
      [](std::vector<EventRow>*) {};
  std::function<void(std::vector<Claimed>*)> on_claim =
      [](std::vector<Claimed>*) {};
  std::function<void(std::vector<Record>*)> on_records =
      [](std::vector<Record>*) {};

  Capabilities capabilities() const override { return store_->capabilities(); }
  absl::Time Now() override { return store_->Now(); }
  std::vector<absl::Status> Commit(std::span<const Write> writes) override {
    return store_->Commit(writes);
  }
  absl::StatusOr<CaseRow> ReadCase(const CaseKey& key, Part part) override {
    auto row = store_->ReadCase(key, part);
    if (row.ok()) on_case(&*row);
    return row;
  }
  absl::StatusOr<EventRowPage> ReadEvents(const EventRange& range) override {
    auto page = store_->ReadEvents(range);
    if (page.ok()) on_events(&page->rows);
    return page;
  }
  absl::StatusOr<CaseRowPage> Find(const Filter& filter) override {
    auto page = store_->Find(filter);
    if (page.ok()) {
      for (CaseRow& row : page->rows) on_case(&row);
    }
    return page;
  }
  absl::StatusOr<std::vector<Record>> ReadRecords(
      const RecordRange& range) override {
    auto records = store_->ReadRecords(range);
    if (records.ok() && range.kind == "policy") on_records(&*records);
    return records;
  }
  absl::StatusOr<std::vector<Claimed>> Claim(const DueQuery& query) override {
    auto claimed = store_->Claim(query);
    if (claimed.ok()) on_claim(&*claimed);
    return claimed;
  }
  std::vector<absl::Status> Finish(
      std::span<const Finished> finished) override {
    return store_->Finish(finished);
  }
  absl::StatusOr<int64_t> NextDue(DueQuery::Queue queue,
                                  const std::string& tenant) override {
    return store_->NextDue(queue, tenant);
  }

 private:
  Store* const store_;
};

class Everybody final : public Authorizer {
 public:
  Decision MayDo(const Actor&, v1::Verb, std::span<const v1::Case>) override {
    return kAllow;
  }
  Decision May(const Actor&, v1::Permission, const v1::Case*) override {
    return kAllow;
  }
};

class StoreCheckTest : public ::testing::Test {
 protected:
  StoreCheckTest()
      : clock_(absl::FromUnixSeconds(1772784000)),
        store_(&clock_),
        glass_(&store_),
        entropy_(7) {
    engine_ = *Engine::Open(
        &store_,
        {.clock = &clock_, .authorizer = &everybody_, .entropy = &entropy_});
    EXPECT_TRUE(engine_->Adopt(actor_, testing::SmallPolicy(), 0).ok());
    for (int i = 0; i < 3; ++i) {
      reference_ =
          Do("open { category: 'streetlight' description: 'dark' "
             "reporter { id: 'p1' name: 'A' } }");
      Do("accept {}", reference_);
      clock_.AdvanceTime(absl::Hours(1));
    }
  }

  std::string Do(const std::string& text, const std::string& reference = "") {
    v1::Command command = testing::Proto<v1::Command>(text);
    command.set_reference(reference);
    const auto receipt = engine_->Execute(actor_, command);
    EXPECT_TRUE(receipt.ok()) << receipt.status();
    return receipt.ok() ? receipt->reference() : "";
  }

  StoreReport Check() {
    const auto report = CheckStore(&glass_);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.value_or(StoreReport{});
  }

  // The messages of all problems, one a line.
  std::string Problems() {
    std::string all;
    for (const v1::Problem& p : Check().problems) {
      all += p.path() + ": " + p.message() + "\n";
    }
    return all;
  }

  const Actor actor_{.tenant = "small", .id = "tester", .roles = {}};
  SimulatedClock clock_;
  MemoryStore store_;
  Glass glass_;
  SeededEntropy entropy_;
  Everybody everybody_;
  std::unique_ptr<Engine> engine_;
  std::string reference_;
};

TEST_F(StoreCheckTest, ASoundStoreIsClean) {
  EXPECT_EQ(Problems(), "");
  const StoreReport report = Check();
  EXPECT_EQ(report.tenants, 1);
  EXPECT_EQ(report.policies, 1);
  EXPECT_EQ(report.cases, 3);
  EXPECT_EQ(report.events, 6);
  EXPECT_EQ(report.timers, 3);
  EXPECT_EQ(report.problems_found, 0);
  EXPECT_THAT(report.ToJson(), ::testing::StartsWith("{\"ok\":true,"));
}

TEST_F(StoreCheckTest, AfterTimersMergesAndErasuresItIsStillClean) {
  const std::string other = Do("open { category: 'streetlight' }");
  Do("merge { into: '" + reference_ + "' }", other);
  Do("erase_person { basis: 'asked' }", reference_);
  clock_.AdvanceTime(absl::Hours(24 * 30));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(engine_->RunDue(absl::Seconds(5)).ok());
  }
  EXPECT_EQ(Problems(), "");
  EXPECT_EQ(Check().erased, 1);
}

TEST_F(StoreCheckTest, AnAlteredSnapshotDoesNotFold) {
  glass_.on_case = [](CaseRow* row) {
    v1::Case message;
    message.ParseFromString(row->payload);
    message.set_escalations(9);
    row->payload = message.SerializeAsString();
  };
  EXPECT_THAT(Problems(), HasSubstr("folding the events does not give the "
                                    "snapshot"));
}

TEST_F(StoreCheckTest, AColumnThatDisagreesIsNamed) {
  glass_.on_case = [](CaseRow* row) { row->unit = "elsewhere"; };
  EXPECT_THAT(Problems(), HasSubstr("column unit says elsewhere, the snapshot "
                                    "lights"));
}

TEST_F(StoreCheckTest, AMissingEventIsNamed) {
  glass_.on_events = [](std::vector<EventRow>* rows) {
    std::erase_if(*rows, [](const EventRow& row) { return row.version == 1; });
  };
  EXPECT_THAT(Problems(), HasSubstr("event 1 is missing"));
  glass_.on_events = [](std::vector<EventRow>* rows) {
    std::erase_if(*rows, [](const EventRow& row) { return row.version == 2; });
  };
  EXPECT_THAT(Problems(), HasSubstr("events 2 to 2 are missing"));
}

TEST_F(StoreCheckTest, AnAlteredEventBreaksTheChain) {
  glass_.on_events = [](std::vector<EventRow>* rows) {
    for (EventRow& row : *rows) {
      if (row.version != 1) continue;
      v1::Event event;
      event.ParseFromString(row.payload);
      event.set_actor("somebody else");
      row.payload = event.SerializeAsString();
    }
  };
  EXPECT_THAT(Problems(), HasSubstr("event 2 breaks the hash chain"));
}

TEST_F(StoreCheckTest, AnAlteredLastEventDoesNotChainToTheCase) {
  glass_.on_events = [](std::vector<EventRow>* rows) {
    for (EventRow& row : *rows) {
      if (row.version != 2) continue;
      v1::Event event;
      event.ParseFromString(row.payload);
      event.set_actor("somebody else");
      row.payload = event.SerializeAsString();
    }
  };
  EXPECT_THAT(Problems(), HasSubstr("does not chain to the case"));
}

TEST_F(StoreCheckTest, SealedBodiesThatWereAlteredOrLostAreNamed) {
  glass_.on_case = [](CaseRow* row) {
    if (row->sealed) row->sealed = *row->sealed + "x";
  };
  EXPECT_THAT(Problems(), HasSubstr("sealed body does not fit"));
  glass_.on_case = [](CaseRow* row) { row->sealed.reset(); };
  EXPECT_THAT(Problems(), HasSubstr("is missing, and nobody erased it"));
}

TEST_F(StoreCheckTest, TimersThatDisagreeAreNamed) {
  glass_.on_claim = [](std::vector<Claimed>* claimed) {
    claimed->front().due_at += 1;
  };
  EXPECT_THAT(Problems(), HasSubstr("small/timers: the timer of"));
  glass_.on_claim = [](std::vector<Claimed>* claimed) { claimed->pop_back(); };
  EXPECT_THAT(Problems(), HasSubstr("no timer for"));
  glass_.on_claim = [](std::vector<Claimed>* claimed) {
    Claimed more;
    more.case_key = {"small", std::string(16, 'x')};
    claimed->push_back(more);
  };
  EXPECT_THAT(Problems(), HasSubstr("which has none"));
}

// The column and the index agree; only the clocks know better.
TEST_F(StoreCheckTest, AScanFindsWhatATimerWouldMiss) {
  glass_.on_case = [](CaseRow* row) {
    if (row->next_at != kNever) row->next_at += 3'600'000;
  };
  glass_.on_claim = [](std::vector<Claimed>* timers) {
    for (Claimed& timer : *timers) timer.due_at += 3'600'000;
  };
  const StoreReport report = Check();
  EXPECT_EQ(report.problems_found, 3);
  ASSERT_FALSE(report.problems.empty());
  EXPECT_THAT(report.problems[0].message(),
              HasSubstr("its clocks fall due at"));
}

TEST_F(StoreCheckTest, APolicyThatDoesNotCompileAnyMoreIsNamed) {
  glass_.on_records = [](std::vector<Record>* records) {
    for (Record& record : *records) {
      v1::AdoptedPolicy adopted;
      adopted.ParseFromString(record.payload);
      adopted.mutable_spec()->set_time_zone("Nowhere/Atall");
      record.payload = adopted.SerializeAsString();
    }
  };
  EXPECT_THAT(Problems(), HasSubstr("small/policy/1: does not compile"));
}

TEST_F(StoreCheckTest, ACaseThatChangesWhileItIsReadIsReadAgain) {
  bool once = true;
  glass_.on_events = [&](std::vector<EventRow>* rows) {
    if (!once) return;
    once = false;
    // Somebody commits just after the events were read, which came up short.
    rows->clear();
    CaseRow row = store_.Find({.tenant = "small", .limit = 1})->rows.front();
    Do("note { visibility: INTERNAL_NOTE text: 'x' }", row.reference);
  };
  EXPECT_EQ(Problems(), "");
}

TEST_F(StoreCheckTest, TenantsAreListed) {
  const auto tenants = ListTenants(&store_);
  ASSERT_TRUE(tenants.ok());
  EXPECT_THAT(*tenants, ::testing::ElementsAre("small"));
}

}  // namespace
}  // namespace hotline
