// hotline_conformance: tries a store that comes with the library, or times it.
//
//   hotline_conformance --store=sqlite:/tmp/try
//   hotline_conformance --store=memory --contract=basic/stale_write_refused
//   hotline_conformance --store=postgres --dsn='host=db dbname=try user=me'
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/adapters/memory_store.h"
#include "hotline/error.h"
#include "hotline/testing/store_contracts.h"
#ifdef HOTLINE_HAS_SQLITE
#include "hotline/adapters/sqlite_store.h"
#endif
#ifdef HOTLINE_HAS_POSTGRES
#include "src/testing/conformance/postgres.h"
#endif

namespace {

using hotline::testing::StoreUnderTest;

StoreUnderTest Memory() {
  return {.name = "memory",
          .factory = hotline::testing::StoreInMemory([](hotline::Clock* clock) {
            return std::make_unique<hotline::MemoryStore>(clock);
          })};
}

#ifdef HOTLINE_HAS_SQLITE
StoreUnderTest Sqlite(std::string_view path) {
  using Opened = absl::StatusOr<std::unique_ptr<hotline::Store>>;
  return {.name = "sqlite",
          .factory = hotline::testing::StoreInFiles(
              std::string(path),
              [](const std::string& file, hotline::Clock* clock) -> Opened {
                return hotline::SqliteStore::Open(file, {.clock = clock});
              })};
}
#endif

// Further stores come here and into kStores.
constexpr std::string_view kStores =
    "memory"
#ifdef HOTLINE_HAS_SQLITE
    ", sqlite:PATH (files beside PATH)"
#endif
#ifdef HOTLINE_HAS_POSTGRES
    ", or postgres with\n"
    "                   --dsn=CONNINFO (schemas of its own on that server, "
    "dropped afterwards)"
#endif
    ;

absl::StatusOr<StoreUnderTest> Find(std::string_view store,
                                    [[maybe_unused]] const std::string& dsn) {
  const size_t colon = store.find(':');
  const std::string_view kind = store.substr(0, colon);
  const std::string_view rest =
      colon == std::string_view::npos ? "" : store.substr(colon + 1);
  if (kind == "memory" && rest.empty()) return Memory();
#ifdef HOTLINE_HAS_SQLITE
  if (kind == "sqlite" && !rest.empty()) return Sqlite(rest);
#endif
#ifdef HOTLINE_HAS_POSTGRES
  if (kind == "postgres" && rest.empty()) {
    return hotline::testing::PostgresUnderTest(dsn);
  }
#endif
  return hotline::MakeError(
      hotline::v1::ErrorInfo::INVALID_ARGUMENT,
      (store.empty() ? "--store is missing" : "no store of this name") +
          std::string("; --store takes ") + std::string(kStores));
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::string_view kDsn = "--dsn=";
  std::string dsn;
  std::vector<char*> others;  // the kit's
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(kDsn)) {
      dsn = argument.substr(kDsn.size());
    } else {
      others.push_back(argv[i]);
    }
  }
  return hotline::testing::StoreConformanceMain(
      static_cast<int>(others.size()), others.data(), kStores,
      [&dsn](std::string_view store) { return Find(store, dsn); });
}
