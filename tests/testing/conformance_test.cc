// Goal: the conformance kit catches wrong stores, and lets right ones pass.
// Method: stores that are wrong in one way each, and the one contract each that
// must notice; the report as its reader sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "hotline/adapters/memory_store.h"
#include "hotline/error.h"
#include "hotline/testing/store_contracts.h"
#include "tests/testing/wrong_stores.h"

namespace hotline::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

StoreUnderTest Right() {
  return Bent("right", [] { return Bend{}; });
}

TEST(ConformanceKit, CatchesEveryWrongStoreByTheContractThatNamesItsFault) {
  ASSERT_GE(WrongStores().size(), 30u);
  for (const WrongStore& wrong : WrongStores()) {
    SCOPED_TRACE(wrong.fault);
    const Contract* contract = FindContract(wrong.contract);
    ASSERT_NE(contract, nullptr) << wrong.contract;
    StoreUnderTest subject = Bent("wrong", wrong.bend);
    subject.forks = wrong.forks;
    const ContractResult result = RunContract(*contract, subject);
    EXPECT_EQ(result.outcome, ContractResult::kFailed)
        << "a store that " << wrong.fault << " passes " << wrong.contract;
    EXPECT_THAT(result.message,
                MatchesRegex(std::string(wrong.contract) +
                             ": .* answered .*; want .* \\(store\\.h:[1-9]"
                             "[0-9]*\\)\\. Reproduce: --contract=" +
                             wrong.contract + " --seed=1"));
  }
}

TEST(ConformanceKit, LetsTheStoreThatIsNotBentPassEverything) {
  std::ostringstream out;
  EXPECT_EQ(RunStoreConformance(Right(), {}, out), 0) << out.str();
  EXPECT_THAT(out.str(), HasSubstr(" concurrent, "));
}

// An adapter of the least kind: eight methods.
class LeastStore final : public Store {
 public:
  explicit LeastStore(Clock* clock) : right_(clock) {}
  Capabilities capabilities() const override {
    return {.durable = false,
            .feed = false,
            .next_due = false,
            .erases_files = false,
            .name = "least"};
  }
  Verdicts Commit(std::span<const Write> writes) override {
    return right_.Commit(writes);
  }
  absl::StatusOr<CaseRow> ReadCase(const CaseKey& key, Part part) override {
    return right_.ReadCase(key, part);
  }
  absl::StatusOr<EventRowPage> ReadEvents(const EventRange& range) override {
    if (!range.case_id.empty()) return right_.ReadEvents(range);
    return MakeError(v1::ErrorInfo::NOT_SUPPORTED, "no feed");
  }
  absl::StatusOr<CaseRowPage> Find(const Filter& filter) override {
    return right_.Find(filter);
  }
  absl::StatusOr<std::vector<Record>> ReadRecords(
      const RecordRange& range) override {
    return right_.ReadRecords(range);
  }
  absl::StatusOr<std::vector<Claimed>> Claim(const DueQuery& query) override {
    return right_.Claim(query);
  }
  Verdicts Finish(std::span<const Finished> finished) override {
    return right_.Finish(finished);
  }

 private:
  MemoryStore right_;
};

TEST(ConformanceKit, LetsAnAdapterOfTheLeastKindPassWhatItOffers) {
  const StoreUnderTest least = {.name = "least",
                                .factory = StoreInMemory([](Clock* clock) {
                                  return std::make_unique<LeastStore>(clock);
                                }),
                                .takes_clock = false};
  std::ostringstream out;
  EXPECT_EQ(RunStoreConformance(least, {}, out), 0) << out.str();
  EXPECT_THAT(out.str(),
              HasSubstr("SKIP basic/token_rises: it takes no clock"));
  EXPECT_THAT(out.str(), HasSubstr("SKIP basic/feed_tells_every_event: its "
                                   "capability `feed` is off"));
  EXPECT_THAT(
      out.str(),
      ::testing::Not(HasSubstr("SKIP basic/feed_not_supported_says_so")));
}

TEST(ConformanceKit, PassesForManySeeds) {
  const Contract* contract = FindContract("basic/agrees_with_memory_store");
  ASSERT_NE(contract, nullptr);
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    StoreUnderTest subject = Right();
    subject.seed = seed;
    const ContractResult result = RunContract(*contract, subject);
    EXPECT_EQ(result.outcome, ContractResult::kPassed) << result.message;
  }
}

TEST(ConformanceKit, TheModelCatchesWhatNoOtherContractLooksFor) {
  // Only cases in phase 3 of cell 2 are lost by this Find.
  StoreUnderTest subject = Bent("wrong", [] {
    return Bend{.find = [](Store& right, Filter filter) {
      FindAnswer page = right.Find(filter);
      if (page.ok()) {
        std::erase_if(page->rows, [](const CaseRow& row) {
          return row.phase == 3 && row.cell == 2;
        });
      }
      return page;
    }};
  });
  const Contract& contract = *FindContract("basic/agrees_with_memory_store");
  const ContractResult result = RunContract(contract, subject);
  EXPECT_EQ(result.outcome, ContractResult::kFailed);
  EXPECT_THAT(result.message, HasSubstr("step "));
}

TEST(ConformanceKit, HasEightyContractsWithNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Contract& contract : StoreContracts()) {
    names.insert(FullName(contract));
    EXPECT_FALSE(contract.says.empty()) << contract.name;
    EXPECT_TRUE(contract.says.ends_with('.')) << contract.name;
  }
  EXPECT_EQ(names.size(), StoreContracts().size());
  EXPECT_GE(names.size(), 80u);
  EXPECT_EQ(FindContract("basic/none"), nullptr);
}

TEST(ConformanceKit, RestsEveryContractOnWordsOfThePort) {
  std::ifstream file(HOTLINE_SOURCE_DIR "/include/hotline/store.h");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  for (const Contract& contract : StoreContracts()) {
    const int line = PortLine(contract.port);
    ASSERT_GT(line, 0) << FullName(contract) << " rests on words that are not "
                       << "in store.h: " << contract.port;
    EXPECT_THAT(lines.at(static_cast<size_t>(line) - 1),
                HasSubstr(std::string(contract.port)));
  }
  EXPECT_EQ(PortLine("words that are not there"), 0);
}

TEST(ConformanceKit, ItsPageOfContractsIsTheOneInTheDocuments) {
  std::ifstream file(HOTLINE_SOURCE_DIR "/docs/reference/store-contracts.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(page, ContractsAsMarkdown())
      << "write it anew: hotline_conformance --list --markdown";
}

// ---- The report -------------------------------------------------------------

StoreUnderTest TakesStaleWrites() {
  for (const WrongStore& wrong : WrongStores()) {
    if (std::string(wrong.contract) == "basic/stale_write_refused") {
      return Bent("wrong", wrong.bend);
    }
  }
  return {};
}

TEST(ConformanceReport, ReadsAsAPersonWouldSayIt) {
  StoreUnderTest subject = TakesStaleWrites();
  subject.seed = 7;
  std::ostringstream out;
  EXPECT_EQ(RunStoreConformance(subject,
                                {.contract = "basic/stale_write_refused"}, out),
            1);
  EXPECT_THAT(
      out.str(),
      MatchesRegex(
          "FAIL basic/stale_write_refused: Commit\\(expected=3\\) of a case at "
          "4 answered OK; want ABORTED \\(VERSION_CONFLICT\\) for that Write "
          "only \\(store\\.h:[0-9]+\\)\\. Reproduce: "
          "--contract=basic/stale_write_refused --seed=7\n"
          "0 of 1 basic\n"));
}

TEST(ConformanceReport, CountsByLevelAndSaysWhyItSkips) {
  const StoreUnderTest memory = {.name = "memory",
                                 .factory = StoreInMemory([](Clock* clock) {
                                   return std::make_unique<MemoryStore>(clock);
                                 })};
  std::ostringstream out;
  EXPECT_EQ(RunStoreConformance(memory, {.levels = {Level::kDurable}}, out), 0);
  EXPECT_THAT(out.str(), HasSubstr("SKIP durable/cases_survive: its capability "
                                   "`durable` is off\n"));
  EXPECT_THAT(out.str(), HasSubstr("\n0 of 0 durable; "));
  out.str("");
  RunStoreConformance(memory, {.contract = "basic/lease_hides", .json = true},
                      out);
  EXPECT_EQ(out.str(),
            "{\"contract\":\"basic/lease_hides\",\"result\":\"PASS\","
            "\"message\":\"\"}\n"
            "{\"basic\":{\"passed\":1,\"tried\":1,\"skipped\":0}}\n");
}

TEST(ConformanceReport, APlaceThatCannotBeOpenedFailsItsContracts) {
  const StoreUnderTest broken = {
      .name = "broken",
      .factory = StoreInFiles(
          ::testing::TempDir() + "/none",
          [](const std::string&,
             Clock*) -> absl::StatusOr<std::unique_ptr<Store>> {
            return MakeError(v1::ErrorInfo::STORE_FAILED, "no such place");
          })};
  const ContractResult result =
      RunContract(*FindContract("basic/lease_hides"), broken);
  EXPECT_EQ(result.outcome, ContractResult::kFailed);
  EXPECT_THAT(result.message, HasSubstr("no such place"));
}

// ---- The program ------------------------------------------------------------

struct Ran {
  int exit = 0;
  std::string out;
  std::string err;
};

Ran Program(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "conformance");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  const auto find =
      [](std::string_view store) -> absl::StatusOr<StoreUnderTest> {
    if (store == "right") return Right();
    if (store == "wrong") return TakesStaleWrites();
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT, "no store of this name");
  };
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Ran ran;
  ran.exit = StoreConformanceMain(static_cast<int>(argv.size()), argv.data(),
                                  "right or wrong", find);
  ran.out = ::testing::internal::GetCapturedStdout();
  ran.err = ::testing::internal::GetCapturedStderr();
  return ran;
}

TEST(ConformanceProgram, AnswersByItsExitStatus) {
  const std::string one = "--contract=basic/stale_write_refused";
  EXPECT_EQ(Program({"--store=right", one}).exit, 0);
  EXPECT_EQ(Program({"--store=right", one}).out, "1 of 1 basic\n");
  const Ran wrong = Program({"--store=wrong", one, "--seed=7"});
  EXPECT_EQ(wrong.exit, 1);
  EXPECT_THAT(wrong.out, HasSubstr("--seed=7"));
}

TEST(ConformanceProgram, SaysWhatIsWrongWithItsFlags) {
  EXPECT_EQ(Program({"--store=third"}).exit, 2);
  EXPECT_THAT(Program({"--store=third"}).err,
              HasSubstr("no store of this name"));
  EXPECT_THAT(Program({"--stor=right"}).err,
              HasSubstr("did you mean --store?"));
  EXPECT_THAT(Program({"--level=basik"}).err,
              HasSubstr("levels are basic, concurrent, durable, scale"));
  EXPECT_THAT(Program({"--contract=basic/stale_write_refuse"}).err,
              HasSubstr("did you mean basic/stale_write_refused?"));
  EXPECT_THAT(Program({"--seed=x"}).err, HasSubstr("--seed is no number"));
  EXPECT_THAT(Program({"--rows=7"}).err, HasSubstr("--rows"));
  EXPECT_THAT(Program({"--json=yes"}).err, HasSubstr("takes no value"));
}

TEST(ConformanceProgram, HelpsAndLists) {
  const Ran help = Program({"--help"});
  EXPECT_EQ(help.exit, 0);
  EXPECT_THAT(help.out, HasSubstr("--store=STORE    right or wrong"));
  EXPECT_THAT(help.out, HasSubstr("--benchmark"));
  EXPECT_THAT(Program({"--list"}).out,
              HasSubstr("basic/stale_write_refused: A "));
  EXPECT_EQ(Program({"--list", "--markdown"}).out, ContractsAsMarkdown());
  EXPECT_THAT(Program({"--list", "--json"}).out, HasSubstr("\"line\":"));
}

TEST(ConformanceProgram, TimesAStore) {
  const Ran ran = Program({"--store=right", "--benchmark", "--json"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("\"what\":\"Writes, 100 a Commit\""));
  EXPECT_THAT(ran.out, HasSubstr("\"what\":\"events fed, pages of 1,000\""));
}

}  // namespace
}  // namespace hotline::testing
