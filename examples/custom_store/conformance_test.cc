// Every contract of hotline/store.h, tried on the log store.
#include <filesystem>
#include <string>

#include "hotline/testing/store_conformance.h"
#include "log_store.h"

namespace {

const bool registered = hotline::testing::RegisterStoreConformance(
    {.name = "log",
     .factory = hotline::testing::StoreInFiles(
         (std::filesystem::temp_directory_path() / "log_store_kit_").string(),
         [](const std::string& path, hotline::Clock* clock) {
           return town::OpenLogStore(path, clock);
         })});

}  // namespace
