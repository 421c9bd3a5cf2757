// The one server of a test program; main.cc starts and ends it.
#ifndef HOTLINE_TESTS_POSTGRES_SERVER_H_
#define HOTLINE_TESTS_POSTGRES_SERVER_H_

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "hotline/adapters/postgres_store.h"
#include "tests/support/postgres_server.h"

namespace hotline {

PostgresServer& TheServer();

// The name of a schema that is not there yet.
inline std::string NewSchema() {
  static std::atomic<int> made{0};
  return "city_" + std::to_string(++made);
}

// A store in a schema of its own, unless the options name one.
inline std::unique_ptr<PostgresStore> MustOpen(PostgresOptions options = {}) {
  if (options.conninfo.empty()) options.conninfo = TheServer().Conninfo();
  if (options.schema == PostgresOptions().schema) options.schema = NewSchema();
  auto store = PostgresStore::Open(options);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

}  // namespace hotline

#endif  // HOTLINE_TESTS_POSTGRES_SERVER_H_
