// An embedder's own test with the kit's target: a store is empty at first.
#include <gtest/gtest.h>

#include "hotline/adapters/memory_store.h"

TEST(Embedder, MemoryStoreStartsEmpty) {
  hotline::MemoryStore store;
  const auto next = store.NextDue(hotline::DueQuery::kTimers, "taipei");
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(*next, hotline::kNever);
}
