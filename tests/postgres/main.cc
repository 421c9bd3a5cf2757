// Runs the tests of one program on one server of its own. Where there is no
// PostgreSQL it says so and leaves with 77, which CTest takes for a skip.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/postgres/server.h"

namespace hotline {
namespace {

std::unique_ptr<PostgresServer>& Slot() {
  static std::unique_ptr<PostgresServer> server;
  return server;
}

}  // namespace

PostgresServer& TheServer() {
  if (Slot() == nullptr) Slot() = PostgresServer::Start({});
  return *Slot();
}

}  // namespace hotline

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  if (!hotline::PostgresServer::Available()) {
    std::printf("SKIPPED: %s\n", hotline::PostgresServer::WhyNot());
    return 77;
  }
  const int result = RUN_ALL_TESTS();
  hotline::Slot().reset();
  return result;
}
