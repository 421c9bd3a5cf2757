// Goal: a migration that is broken off leaves the schema as it was or as it
// shall be, and the next one that comes finishes it. Method: a planted second
// version; the client is cut off in place of each message of the protocol, and
// the server's process is ended, or killed, after each statement.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/adapters/postgres_store/connecting.h"
#include "src/adapters/postgres_store/schema.h"
#include "tests/adapters/store_rows.h"
#include "tests/postgres/proxy.h"
#include "tests/postgres/server.h"
#include "tests/support/planted_migration.h"

namespace hotline {
namespace {

using internal::Migration;
using Reasons = v1::ErrorInfo;

std::vector<Migration> Planted() {
  return tests::WithPlantedMigration("ALTER TABLE records ADD COLUMN i4 bytea");
}

absl::Status MigrateTo(const std::vector<Migration>& migrations,
                       const std::string& conninfo, const std::string& schema) {
  internal::PgServer server;
  auto connection = internal::Connect(
      {.conninfo = conninfo, .schema = schema, .timeout = absl::Seconds(10)},
      &server);
  if (!connection.ok()) return connection.status();
  return internal::PrepareSchema(connection->get(), schema, true,
                                 server.cluster, migrations)
      .status();
}

// The answer to a question, "" while the server cannot be asked.
std::string Ask(const std::string& sql, const std::string& database) {
  internal::PgServer server;
  auto connection =
      internal::Connect({.conninfo = TheServer().Conninfo(database),
                         .schema = "public",
                         .timeout = absl::Seconds(10)},
                        &server);
  if (!connection.ok()) return "";
  const auto answer = (*connection)->Run(sql);
  return answer.ok() ? std::string(answer->Bytes(0, 0)) : "";
}

// Tables, indexes, views and columns of the schema.
std::string Standing(const std::string& schema,
                     const std::string& database = "postgres") {
  return Ask(
      "SELECT count(DISTINCT c.oid) || ' things, ' || count(*) || ' columns'"
      " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
      " JOIN pg_attribute AS a ON a.attrelid = c.oid"
      " WHERE n.nspname = '" +
          schema + "'",
      database);
}

// Another one after every crash.
std::string LifeOfTheServer() {
  return Ask(
      "SELECT backend_start::text FROM pg_stat_activity"
      " WHERE backend_type = 'checkpointer'",
      "postgres");
}

// What stands there before, between and after: nothing else ever may.
std::vector<std::string> WholeStates(const std::vector<Migration>& planted) {
  const std::string schema = NewSchema();
  std::vector<std::string> states;
  for (size_t n = 0; n <= planted.size(); ++n) {
    if (n > 0) {
      EXPECT_TRUE(MigrateTo({planted.begin(), planted.begin() + n},
                            TheServer().Conninfo(), schema)
                      .ok());
    }
    states.push_back(Standing(schema));
  }
  return states;
}

void ExpectTyped(const absl::Status& status) {
  EXPECT_EQ(ReasonOf(status), Reasons::STORE_FAILED) << status;
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("; "))
      << "nothing says what to do";
}

TEST(PostgresMigrationTest, AClientCutOffAtAnyMessageLeavesBeforeOrAfter) {
  const std::vector<Migration> planted = Planted();
  const std::vector<std::string> whole = WholeStates(planted);
  Proxy proxy(TheServer().port());
  // From nothing, and from a store of today with a case in it. A statement has
  // four messages, so that steps of 17 and 5 come to all kinds of them.
  for (const auto& [from, step] : {std::pair(0, 17), std::pair(1, 5)}) {
    int cuts = 0;
    std::string schema;
    for (int at = 0;; at += step) {
      if (schema.empty()) {
        schema = NewSchema();
        if (from == 1) {
          auto store = MustOpen({.schema = schema});
          ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
        }
      }
      proxy.CutAt(at);
      const absl::Status done = MigrateTo(planted, proxy.Conninfo(), schema);
      const bool cut = proxy.cut();
      proxy.CutAt(-1);
      cuts += cut;
      if (!done.ok()) ExpectTyped(done);
      const std::string stands = Standing(schema);
      ASSERT_THAT(whole, ::testing::Contains(stands)) << at;
      ASSERT_TRUE(!done.ok() || stands == whole[2]) << at;
      if (!cut) {
        EXPECT_TRUE(done.ok()) << done;
        break;
      }
      if (stands == whole[static_cast<size_t>(from)] && cuts % 8 != 0) continue;
      // The next that comes finishes it.
      const absl::Status next =
          MigrateTo(planted, TheServer().Conninfo(), schema);
      EXPECT_TRUE(next.ok()) << at << ": " << next;
      EXPECT_EQ(Standing(schema), whole[2]);
      EXPECT_EQ(TheServer().Sql("SELECT count(*) FROM " + schema + ".moods"),
                std::to_string(from));
      TheServer().Sql("DROP SCHEMA " + schema + " CASCADE");
      schema.clear();
    }
    EXPECT_GE(cuts, 10);
  }
}

// A trigger ends the process that migrates after its statement number `at`.
std::string Mortal(bool killed) {
  PostgresServer& server = TheServer();
  const std::string database = server.NewDatabase();
  server.Sql(
      "CREATE FUNCTION public.die() RETURNS event_trigger LANGUAGE plpgsql AS"
      " $$DECLARE done int ="
      "  coalesce(nullif(current_setting('drill.done', true), ''), '0');"
      " BEGIN PERFORM set_config('drill.done', (done + 1)::text, false);"
      " IF done <> current_setting('drill.at')::int THEN RETURN; END IF;" +
          std::string(killed
                          ? "EXECUTE format('COPY (SELECT 1) TO PROGRAM %L',"
                            " 'kill -9 ' || pg_backend_pid());"
                          : "PERFORM pg_terminate_backend(pg_backend_pid());") +
          " END$$",
      database);
  server.Sql("ALTER DATABASE " + database + " SET drill.at = '-1'");
  server.Sql(
      "CREATE EVENT TRIGGER die ON ddl_command_end"
      " EXECUTE FUNCTION public.die()",
      database);
  return database;
}

class PostgresMigrationDeathTest : public testing::TestWithParam<bool> {};

TEST_P(PostgresMigrationDeathTest, AServersProcessThatEndsLeavesBeforeOrAfter) {
  const std::vector<Migration> planted = Planted();
  const std::vector<std::string> whole = WholeStates(planted);
  PostgresServer& server = TheServer();
  const std::string database = Mortal(GetParam());
  // Of the schema's making, and of its change: after which statements, and how
  // many ends that makes. A crash takes the server seconds.
  const int steps[] = {GetParam() ? 11 : 1, GetParam() ? 2 : 1};
  const int least[] = {GetParam() ? 2 : 20, GetParam() ? 1 : 3};
  for (const size_t version : {0, 1}) {
    int ends = 0;
    for (int at = 0;; at += steps[version]) {
      const std::string life = LifeOfTheServer();
      server.Sql("ALTER DATABASE " + database + " SET drill.at = '" +
                 std::to_string(at) + "'");
      const absl::Status done =
          MigrateTo({planted.begin(), planted.begin() + version + 1},
                    server.Conninfo(database), "city");
      if (done.ok()) break;
      ASSERT_LT(++ends, 200);
      ExpectTyped(done);
      for (std::string now = life; GetParam() && (now == life || now.empty());
           now = LifeOfTheServer()) {
        server.WaitUntilReady();
      }
      ASSERT_EQ(Standing("city", database), whole[version]) << at;
    }
    EXPECT_GE(ends, least[version]);
    EXPECT_EQ(Standing("city", database), whole[version + 1]);
  }
}

INSTANTIATE_TEST_SUITE_P(ByHowItEnds, PostgresMigrationDeathTest,
                         testing::Bool(),
                         [](const testing::TestParamInfo<bool>& ended) {
                           return ended.param ? "Killed" : "Terminated";
                         });

}  // namespace
}  // namespace hotline
