// The conformance kit as tests of GoogleTest's: one call registers every
// contract of hotline/store.h for a store, in whatever program it stands.
//
//   #include "hotline/testing/store_conformance.h"
//
//   const bool registered = hotline::testing::RegisterStoreConformance({
//       .name = "mine",
//       .factory = hotline::testing::StoreInMemory(
//           [](hotline::Clock* clock) {
//             return std::make_unique<hotline::MemoryStore>(clock);
//           })});
//
// and GTest::gtest_main does the rest. The tests are called
// StoreConformance_mine_basic.stale_write_refused and so on; what a store does
// not offer is skipped and says why.
//
// Environment, read when a test runs: HOTLINE_CONFORMANCE_SEED and
// HOTLINE_CONFORMANCE_ROWS replace StoreUnderTest::seed and ::rows.
//
// All is inline, so that the tests are registered with the GoogleTest of the
// program that includes this and not with a copy inside a shared library.
// Thread rule: call it before RUN_ALL_TESTS, from one thread.
#ifndef HOTLINE_TESTING_STORE_CONFORMANCE_H_
#define HOTLINE_TESTING_STORE_CONFORMANCE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "hotline/testing/store_contracts.h"

namespace hotline::testing {
namespace internal {

class StoreContractTest : public ::testing::Test {
 public:
  StoreContractTest(const Contract* contract, const StoreUnderTest& subject)
      : contract_(contract), subject_(subject) {}

  void TestBody() override {
    if (const char* seed = std::getenv("HOTLINE_CONFORMANCE_SEED")) {
      subject_.seed = std::strtoull(seed, nullptr, 10);
    }
    if (const char* rows = std::getenv("HOTLINE_CONFORMANCE_ROWS")) {
      subject_.rows = std::atoi(rows);
    }
    const ContractResult result = RunContract(*contract_, subject_);
    if (result.outcome == ContractResult::kSkipped) {
      GTEST_SKIP() << result.message;
    }
    if (result.outcome == ContractResult::kFailed) {
      GTEST_FAIL() << "FAIL " << result.message;
    }
  }

 private:
  const Contract* const contract_;
  StoreUnderTest subject_;
};

}  // namespace internal

// Always true, so that it can initialise a constant.
inline bool RegisterStoreConformance(const StoreUnderTest& subject) {
  for (const Contract& contract : StoreContracts()) {
    const std::string suite = "StoreConformance_" + subject.name + "_" +
                              std::string(LevelName(contract.level));
    ::testing::RegisterTest(
        suite.c_str(), std::string(contract.name).c_str(), nullptr, nullptr,
        __FILE__, __LINE__,
        [&contract, subject]() -> internal::StoreContractTest* {
          return new internal::StoreContractTest(&contract, subject);
        });
  }
  return true;
}

}  // namespace hotline::testing

#endif  // HOTLINE_TESTING_STORE_CONFORMANCE_H_
