// Goal: the stores that come with the library keep every contract of
// hotline/store.h. Method: the kit of hotline::testing, as an adapter's author
// uses it.
#include "hotline/testing/store_conformance.h"

#include "hotline/adapters/memory_store.h"
#include "hotline/adapters/sqlite_store.h"

namespace hotline {
namespace {

const bool memory_registered = testing::RegisterStoreConformance(
    {.name = "memory", .factory = testing::StoreInMemory([](Clock* clock) {
                         return std::make_unique<MemoryStore>(clock);
                       })});

const bool sqlite_registered = testing::RegisterStoreConformance(
    {.name = "sqlite",
     .factory = testing::StoreInFiles(
         ::testing::TempDir() + "/hotline_conformance",
         [](const std::string& path,
            Clock* clock) -> absl::StatusOr<std::unique_ptr<Store>> {
           return SqliteStore::Open(path, {.clock = clock});
         })});

}  // namespace
}  // namespace hotline
