// The kit as a program: `log_store_conformance --help`.
#include <filesystem>
#include <string>

#include "hotline/testing/store_contracts.h"
#include "log_store.h"

int main(int argc, char** argv) {
  const std::string prefix =
      (std::filesystem::temp_directory_path() / "log_store_").string();
  return hotline::testing::StoreConformanceMain(
      argc, argv,
      {.name = "log",
       .factory = hotline::testing::StoreInFiles(
           prefix, [](const std::string& path, hotline::Clock* clock) {
             return town::OpenLogStore(path, clock);
           })});
}
