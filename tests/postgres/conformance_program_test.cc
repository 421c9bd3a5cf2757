// Goal: hotline_conformance tries a PostgreSQL server that is named to it and
// leaves nothing there. Method: the program itself, on a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

#include "tests/postgres/server.h"

namespace hotline {
namespace {

using ::testing::HasSubstr;

struct Ran {
  int exit = -1;
  std::string said;
};

Ran Conformance(const std::string& flags) {
  std::string command(HOTLINE_CONFORMANCE);
  command.append(" ").append(flags).append(" 2>&1");
  FILE* pipe = popen(command.c_str(), "r");
  Ran ran;
  std::array<char, 4096> some;
  for (size_t n = 0; (n = fread(some.data(), 1, some.size(), pipe)) > 0;) {
    ran.said.append(some.data(), n);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) ran.exit = WEXITSTATUS(status);
  return ran;
}

std::string Dsn() { return " --dsn='" + TheServer().Conninfo() + "'"; }

TEST(PostgresConformanceProgramTest, TriesSchemasOfItsOwnAndLeavesNone) {
  for (const char* contract :
       {"basic/stale_write_refused", "basic/find_by_several",
        "durable/killed_loses_no_answer"}) {
    const Ran ran = Conformance(std::string("--store=postgres --contract=") +
                                contract + Dsn());
    EXPECT_EQ(ran.exit, 0) << ran.said;
    EXPECT_THAT(ran.said, HasSubstr("1 of 1")) << contract;
  }
  EXPECT_EQ(TheServer().Sql("SELECT count(*) FROM pg_namespace"
                            " WHERE nspname LIKE 'hotline%'"),
            "0");
}

TEST(PostgresConformanceProgramTest, WithoutAServerItSaysWhatToGive) {
  const Ran ran = Conformance("--store=postgres");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.said, HasSubstr("needs --dsn; name a server"));
}

TEST(PostgresConformanceProgramTest, AServerThatIsNotThereFailsTheContract) {
  const Ran ran = Conformance(
      "--store=postgres --dsn='host=127.0.0.1 port=1'"
      " --contract=basic/stale_write_refused");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.said, HasSubstr("is the server running"));
}

TEST(PostgresConformanceProgramTest, HelpNamesTheStoreAndItsFlag) {
  const Ran ran = Conformance("--help");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.said, HasSubstr("postgres with"));
  EXPECT_THAT(ran.said, HasSubstr("--dsn=CONNINFO"));
}

}  // namespace
}  // namespace hotline
