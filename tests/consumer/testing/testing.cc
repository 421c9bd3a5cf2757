// An embedder's own test with the kit's target: a store is empty at first, and
// one call holds it to the contracts of the port.
#include <gtest/gtest.h>

#include "hotline/adapters/memory_store.h"
#include "hotline/testing/store_conformance.h"

TEST(Embedder, MemoryStoreStartsEmpty) {
  hotline::MemoryStore store;
  const auto next = store.NextDue(hotline::DueQuery::kTimers, "taipei");
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(*next, hotline::kNever);
}

const bool registered = hotline::testing::RegisterStoreConformance(
    {.name = "mine",
     .factory = hotline::testing::StoreInMemory([](hotline::Clock* clock) {
       return std::make_unique<hotline::MemoryStore>(clock);
     })});
