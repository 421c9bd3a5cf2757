// An embedder with the store: opens a file and reads what is not there.
#include <filesystem>
#include <iostream>

#include "hotline/adapters/sql_schema.h"
#include "hotline/adapters/sqlite_store.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::filesystem::remove(argv[1]);
  const auto store = hotline::SqliteStore::Open(argv[1]);
  if (!store.ok()) {
    std::cerr << store.status() << "\n";
    return 1;
  }
  const auto row = (*store)->ReadCase({.tenant = "taipei", .id = "none"},
                                      hotline::Part::kPayload);
  std::cout << (*store)->capabilities().name << " "
            << hotline::SqlSchemaVersion() << ": " << row.status() << "\n";
  return absl::IsNotFound(row.status()) ? 0 : 1;
}
