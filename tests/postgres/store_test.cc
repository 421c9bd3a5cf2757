// Goal: the PostgreSQL store says what is wrong and goes on with the next call,
// keeps tenants and writers apart, and costs the round trips it promises.
// Method: a real server on loopback; what a server can do to us is done to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "hotline/adapters/memory_store.h"
#include "hotline/adapters/sql_schema.h"
#include "hotline/clock.h"
#include "src/adapters/postgres_store/connecting.h"
#include "src/adapters/postgres_store/errors.h"
#include "src/adapters/postgres_store/pool.h"
#include "tests/adapters/store_rows.h"
#include "tests/postgres/server.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using ::testing::HasSubstr;

using Reasons = v1::ErrorInfo;

// An error with a hint: what people can do.
void ExpectHint(const absl::Status& status, Reasons::Reason reason,
                const std::string& hint) {
  EXPECT_EQ(ReasonOf(status), reason) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(hint));
  const v1::ErrorInfo info = InfoOf(status);
  ASSERT_GT(info.problems_size(), 0) << status;
  EXPECT_THAT(info.problems(0).hint(), HasSubstr(hint));
}

absl::Status OpenStatus(const PostgresOptions& options) {
  return PostgresStore::Open(options).status();
}

// ---- What is said when it cannot be opened
// -----------------------------------

TEST(PostgresOpenTest, NoServerIsSaid) {
  ExpectHint(OpenStatus({.conninfo = "host=127.0.0.1 port=1 dbname=x"}),
             Reasons::STORE_FAILED, "is the server running");
}

TEST(PostgresOpenTest, NoDatabaseIsSaid) {
  ExpectHint(OpenStatus({.conninfo = TheServer().Conninfo("nowhere")}),
             Reasons::STORE_FAILED, "create the database");
}

TEST(PostgresOpenTest, AWrongPasswordIsSaid) {
  const std::string base = "host=127.0.0.1 dbname=postgres user=locked port=" +
                           std::to_string(TheServer().port());
  ExpectHint(OpenStatus({.conninfo = base + " password=wrong"}),
             Reasons::STORE_FAILED, "check user and password");
  TheServer().Sql("GRANT CREATE ON DATABASE postgres TO locked");
  EXPECT_TRUE(
      OpenStatus({.conninfo = base + " password=secret", .schema = NewSchema()})
          .ok());
}

TEST(PostgresOpenTest, AConninfoThatIsNoneIsSaid) {
  EXPECT_EQ(ReasonOf(OpenStatus({.conninfo = "host=a,b port=1,2,3"})),
            Reasons::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(OpenStatus({.conninfo = "colour=green"})),
            Reasons::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(OpenStatus({.schema = "", .connections = 0})),
            Reasons::INVALID_ARGUMENT);
}

TEST(PostgresOpenTest, AServerThatOnlyReadsIsSaid) {
  PostgresServer& server = TheServer();
  const std::string name = server.NewDatabase();
  server.Sql("ALTER DATABASE " + name +
             " SET default_transaction_read_only"
             " = on");
  ExpectHint(OpenStatus({.conninfo = server.Conninfo(name)}),
             Reasons::STORE_FAILED, "name the primary");
}

TEST(PostgresOpenTest, AMissingSchemaIsSaidWhereNobodyMayMakeIt) {
  const absl::Status status = OpenStatus({.conninfo = TheServer().Conninfo(),
                                          .schema = NewSchema(),
                                          .migrate = false});
  EXPECT_EQ(ReasonOf(status), Reasons::NOT_A_STORE) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("hotline store schema --dialect=postgres"));
}

TEST(PostgresOpenTest, AnothersTablesAreNotTouched) {
  const std::string schema = NewSchema();
  TheServer().Sql("CREATE SCHEMA " + schema);
  TheServer().Sql("CREATE TABLE " + schema + ".cases(what text)");
  const absl::Status status =
      OpenStatus({.conninfo = TheServer().Conninfo(), .schema = schema});
  EXPECT_EQ(ReasonOf(status), Reasons::NOT_A_STORE) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("another schema"));
  EXPECT_EQ(TheServer().Sql("SELECT count(*) FROM pg_tables WHERE schemaname ="
                            " '" +
                            schema + "'"),
            "1");
}

TEST(PostgresOpenTest, AnAlteredSchemaIsRefusedByName) {
  const std::string schema = NewSchema();
  ASSERT_NE(MustOpen({.schema = schema}), nullptr);
  TheServer().Sql("DROP INDEX " + schema + ".cases_reference");
  const absl::Status status =
      OpenStatus({.conninfo = TheServer().Conninfo(), .schema = schema});
  EXPECT_EQ(ReasonOf(status), Reasons::NOT_A_STORE);
  EXPECT_THAT(std::string(status.message()), HasSubstr("cases_reference"));
}

TEST(PostgresOpenTest, ANewerSchemaIsRefusedUnlessItSaysThatWeMayWrite) {
  const std::string schema = NewSchema();
  ASSERT_NE(MustOpen({.schema = schema}), nullptr);
  const PostgresOptions options = {.conninfo = TheServer().Conninfo(),
                                   .schema = schema};
  TheServer().Sql("UPDATE " + schema +
                  ".meta SET value = 99 WHERE key = 'schema_version'");
  EXPECT_TRUE(OpenStatus(options).ok());
  TheServer().Sql("UPDATE " + schema +
                  ".meta SET value = 98 WHERE key = 'min_writer'");
  EXPECT_EQ(ReasonOf(OpenStatus(options)), Reasons::SCHEMA_NEWER);
}

TEST(PostgresOpenTest, AClockFarFromOursIsRefused) {
  // Nothing is so near that it is not further than this.
  PostgresOptions options = {.conninfo = TheServer().Conninfo(),
                             .schema = NewSchema(),
                             .max_clock_skew = absl::Milliseconds(-1)};
  ExpectHint(OpenStatus(options), Reasons::STORE_FAILED, "time server");
  SimulatedClock clock(absl::UnixEpoch());
  options.clock = &clock;
  EXPECT_TRUE(OpenStatus(options).ok());
}

TEST(PostgresOpenTest, ARoleThatMayOnlyWriteRowsIsEnough) {
  PostgresServer& server = TheServer();
  const std::string schema = NewSchema();
  ASSERT_NE(MustOpen({.schema = schema}), nullptr);
  server.Sql("CREATE ROLE clerk LOGIN");
  const PostgresOptions options = {
      .conninfo = "host=127.0.0.1 dbname=postgres user=clerk port=" +
                  std::to_string(server.port()),
      .schema = schema};
  ExpectHint(OpenStatus(options), Reasons::STORE_FAILED, "grant the role");
  server.Sql("GRANT USAGE ON SCHEMA " + schema + " TO clerk");
  server.Sql("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " +
             schema + " TO clerk");
  auto store = PostgresStore::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE(CommitOne(store->get(), OpenCase(1)).ok());
}

TEST(PostgresOpenTest, EightStartersAtOnceMigrateOnce) {
  for (int round = 0; round < 3; ++round) {
    const std::string schema = NewSchema();
    std::atomic<int> opened{0};
    std::vector<std::thread> starters;
    for (int i = 0; i < 8; ++i) {
      starters.emplace_back([&] {
        const auto store = PostgresStore::Open(
            {.conninfo = TheServer().Conninfo(), .schema = schema});
        EXPECT_TRUE(store.ok()) << store.status();
        opened += store.ok();
      });
    }
    for (std::thread& starter : starters) starter.join();
    EXPECT_EQ(opened, 8);
    EXPECT_EQ(TheServer().Sql("SELECT value FROM " + schema +
                              ".meta WHERE key = 'schema_version'"),
              std::to_string(SqlSchemaVersion()));
  }
}

TEST(PostgresOpenTest, WhatAnAdministratorRanBeforehandIsTheSchema) {
  PostgresServer& server = TheServer();
  const std::string name = server.NewDatabase();
  server.Sql("CREATE SCHEMA hotline", name);
  server.Sql("ALTER DATABASE " + name + " SET search_path = hotline");
  server.Sql(SqlSchema(SqlDialect::kPostgres, 0, SqlSchemaVersion()).value(),
             name);
  const auto store = PostgresStore::Open(
      {.conninfo = server.Conninfo(name), .migrate = false});
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE(CommitOne(store->get(), OpenCase(1)).ok());
}

// ---- What the server may do
// --------------------------------------------------

TEST(PostgresErrorTest, EveryStateHasItsReason) {
  using internal::ReasonOfState;
  EXPECT_EQ(ReasonOfState("40001"), Reasons::STORE_CONTENDED);
  EXPECT_EQ(ReasonOfState("40P01"), Reasons::STORE_CONTENDED);
  EXPECT_EQ(ReasonOfState("55P03"), Reasons::STORE_CONTENDED);
  EXPECT_EQ(ReasonOfState("53100"), Reasons::STORAGE_FULL);
  EXPECT_EQ(ReasonOfState("53300"), Reasons::STORE_FAILED);
  EXPECT_EQ(ReasonOfState("57P01"), Reasons::STORE_FAILED);
  EXPECT_EQ(ReasonOfState("25006"), Reasons::STORE_FAILED);
  EXPECT_EQ(ReasonOfState("XX001"), Reasons::CORRUPT);
  EXPECT_EQ(ReasonOfState("54000"), Reasons::LIMIT_EXCEEDED);
  EXPECT_EQ(ReasonOfState(""), Reasons::STORE_FAILED);
  ExpectHint(internal::ErrorOfState("53100", "could not extend file"),
             Reasons::STORAGE_FULL, "make room");
  ExpectHint(internal::ErrorOfConnecting(
                 "connection failed: FATAL:  53300: sorry, too many clients "
                 "already\nLOCATION:  here.c:1"),
             Reasons::STORE_FAILED, "max_connections");
}

TEST(PostgresStoreTest, AnErrorOfTheServerLeavesNothingAndTheNextCallWorks) {
  auto store = MustOpen();
  // An index entry has a most of about a third of a page; bytes that do not
  // compress.
  CaseRow row = Row(1);
  row.reference.clear();
  uint32_t dice = 1;
  for (int i = 0; i < 9'000; ++i) {
    dice = dice * 1'664'525 + 1'013'904'223;
    row.reference.push_back(static_cast<char>(dice >> 24));
  }
  const std::vector<Write> group = {OpenCase(2), Of(row)};
  for (const absl::Status& verdict : store->Commit(group)) {
    EXPECT_EQ(ReasonOf(verdict), Reasons::LIMIT_EXCEEDED) << verdict;
  }
  EXPECT_FALSE(store->ReadCase({kCity, Id(2)}, Part::kPayload).ok());
  EXPECT_TRUE(CommitOne(store.get(), OpenCase(2)).ok());
}

TEST(PostgresStoreTest, ALostConnectionIsReplacedAtTheNextCall) {
  auto store = MustOpen({.connections = 2});
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  ASSERT_TRUE(TheServer().TerminateBackend(0));
  TheServer().WaitForNoBackend();
  EXPECT_TRUE(store->ReadCase({kCity, Id(1)}, Part::kSealed).ok());
  EXPECT_TRUE(CommitOne(store.get(), OpenCase(2)).ok());
  EXPECT_EQ(store->counters().connections, 2);
}

TEST(PostgresStoreTest, AServerThatIsGoneIsSaidAndOneThatIsBackIsUsed) {
  const auto server = PostgresServer::Start({});
  auto store = MustOpen({.conninfo = server->Conninfo()});
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  server->Kill();
  // What the line took before it broke may have arrived: that is not known.
  EXPECT_THAT(
      ReasonOf(CommitOne(store.get(), OpenCase(2))),
      ::testing::AnyOf(Reasons::STORE_FAILED, Reasons::OUTCOME_UNKNOWN));
  ExpectHint(store->ReadCase({kCity, Id(1)}, Part::kSealed).status(),
             Reasons::STORE_FAILED, "is the server running");
  server->Restart();
  EXPECT_TRUE(store->ReadCase({kCity, Id(1)}, Part::kSealed).ok());
  EXPECT_TRUE(CommitOne(store.get(), OpenCase(2)).ok());
}

// A call waits for a connection as long as it waits for an answer, and no
// longer: where the server is gone, callers do not queue up for minutes.
TEST(PostgresStoreTest, ACallWaitsForAConnectionNoLongerThanItsTimeout) {
  const std::string conninfo = TheServer().Conninfo();
  internal::PgPool pool(
      [&]() -> absl::StatusOr<std::unique_ptr<internal::PgSqlConnection>> {
        internal::PgServer server;
        auto connection = internal::Connect({.conninfo = conninfo,
                                             .schema = "public",
                                             .timeout = absl::Seconds(10)},
                                            &server);
        if (!connection.ok()) return connection.status();
        return std::make_unique<internal::PgSqlConnection>(
            *std::move(connection));
      },
      1, absl::Milliseconds(20));
  {
    const auto lent = pool.Borrow();
    ASSERT_TRUE(lent.ok()) << lent.status();
    const absl::Status late = pool.Borrow().status();
    ExpectHint(late, Reasons::STORE_FAILED, "more connections");
    EXPECT_THAT(std::string(late.message()),
                HasSubstr("all 1 connections are in use"));
  }
  EXPECT_TRUE(pool.Borrow().ok());
  EXPECT_EQ(pool.counters().connections, 1);
}

TEST(PostgresStoreTest, AForkedChildIsToldToOpenItsOwn) {
  auto store = MustOpen();
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  const pid_t child = fork();
  if (child == 0) {
    const absl::Status status = CommitOne(store.get(), OpenCase(2));
    store.reset();
    _exit(ReasonOf(status) == Reasons::STORE_FAILED ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(CommitOne(store.get(), OpenCase(2)).ok());
}

TEST(PostgresStoreTest, TwoStoresThatWriteInOppositeOrderBothGetThrough) {
  const std::string schema = NewSchema();
  auto one = MustOpen({.schema = schema});
  auto other = MustOpen({.schema = schema});
  ASSERT_TRUE(CommitOne(one.get(), OpenCase(1)).ok());
  ASSERT_TRUE(CommitOne(one.get(), OpenCase(2)).ok());
  std::atomic<int> contended{0};
  std::atomic<int> done{0};
  const auto worker = [&](PostgresStore* store, int64_t first, int64_t second) {
    for (int round = 0; round < 10;) {
      Write write;
      for (const int64_t number : {first, second}) {
        CaseRow row =
            store->ReadCase({kCity, Id(number)}, Part::kSealed).value();
        ++row.version;
        write.cases.push_back(Change(row));
      }
      const absl::Status verdict = CommitOne(store, write);
      const Reasons::Reason reason = ReasonOf(verdict);
      if (verdict.ok()) {
        ++done;
        ++round;
      } else if (reason == Reasons::STORE_CONTENDED) {
        ++contended;
      } else {
        ASSERT_EQ(reason, Reasons::VERSION_CONFLICT) << verdict;
      }
    }
  };
  std::thread a(worker, one.get(), 1, 2);
  std::thread b(worker, other.get(), 2, 1);
  a.join();
  b.join();
  EXPECT_EQ(done, 20);
  EXPECT_EQ(one->ReadCase({kCity, Id(1)}, Part::kSealed)->version, 21);
  EXPECT_EQ(one->ReadCase({kCity, Id(2)}, Part::kSealed)->version, 21);
}

// A deadlock for certain: two sessions of ours hold one case each and want the
// other's.
TEST(PostgresStoreTest, ADeadlockIsContentionAndTheEngineTriesAgain) {
  const std::string schema = NewSchema();
  // Whoever waits for so long looks for a deadlock, and gives way to it: ours
  // first, but not before the other waits too.
  auto store = MustOpen(
      {.conninfo = TheServer().Conninfo() + " options='-c deadlock_timeout=2s'",
       .schema = schema});
  tests::City city(store.get());
  const std::string first = city.Open();
  const std::string second = city.Open();
  PostgresServer& server = TheServer();
  // Another program locks the second case, and, once the merge holds the
  // first, wants it too.
  const std::string tick = " UPDATE " + schema +
                           ".cases SET cell = cell WHERE"
                           " reference = '";
  std::atomic<bool> locked{false};
  std::string error;
  std::thread other([&] {
    error = server.LockThen(tick + second + "'", &locked, tick + first + "'");
  });
  while (!locked) std::this_thread::yield();
  const auto merged = city.Do(first, "merge { into: '" + second + "' }");
  other.join();
  EXPECT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(error, "") << "the other program was given up, not the engine";
}

TEST(PostgresStoreTest, ManyStaleWritesOfAGroupCostFewRoundTrips) {
  auto store = MustOpen();
  std::vector<Write> group;
  for (int i = 0; i < 100; ++i) group.push_back(OpenCase(i));
  for (const absl::Status& verdict : store->Commit(group)) {
    ASSERT_TRUE(verdict.ok()) << verdict;
  }
  group.push_back(OpenCase(100));
  const int64_t before = store->counters().round_trips;
  const std::vector<absl::Status> verdicts = store->Commit(group);
  EXPECT_LE(store->counters().round_trips - before, 8);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(ReasonOf(verdicts[static_cast<size_t>(i)]),
              Reasons::VERSION_CONFLICT);
  }
  EXPECT_TRUE(verdicts.back().ok()) << verdicts.back();
}

TEST(PostgresStoreTest, DuplicatesWithinAGroupFallOutOneByOne) {
  auto store = MustOpen();
  std::vector<Write> group;
  for (int i = 0; i < 40; ++i) {
    CaseRow row = Row(i);
    row.external_system = "old";
    row.external_id = std::to_string(i % 20);
    group.push_back(Of(row));
  }
  const std::vector<absl::Status> verdicts = store->Commit(group);
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(verdicts[i].ok(), i < 20) << i << verdicts[i];
    if (i >= 20) {
      EXPECT_EQ(InfoOf(verdicts[i]).problems(0).path(), "external_id");
    }
  }
}

// One case of a Write must not be given what another of it sets free: all of a
// Write is checked against what is stored.
TEST(PostgresStoreTest, AReferenceIsNotHandedOnWithinAWrite) {
  auto store = MustOpen();
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  CaseRow giver = Row(1, 2);
  giver.reference = "another";
  CaseRow taker = Row(2);
  taker.reference = "R1";
  const absl::Status status =
      CommitOne(store.get(), {.cases = {Change(giver), Change(taker)}});
  ASSERT_EQ(ReasonOf(status), Reasons::DUPLICATE_REFERENCE) << status;
  EXPECT_EQ(InfoOf(status).problems(0).path(), "reference");
  EXPECT_EQ(store->ReadCase({kCity, Id(1)}, Part::kPayload)->version, 1);
}

// The pipeline is the transaction: what refuses it at its very end is told as
// what it is, and nothing of it stands.
TEST(PostgresStoreTest, ACommitRefusedAtItsEndLeavesNothing) {
  const std::string schema = NewSchema();
  auto store = MustOpen({.schema = schema, .connections = 1});
  TheServer().Sql(
      "CREATE FUNCTION " + schema +
      ".refuse() RETURNS trigger LANGUAGE plpgsql AS"
      " $$BEGIN RAISE EXCEPTION 'not today' USING ERRCODE = '40001'; END$$;"
      " CREATE CONSTRAINT TRIGGER late AFTER INSERT ON " +
      schema + ".cases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN" +
      " (NEW.reference = 'R2') EXECUTE FUNCTION " + schema + ".refuse()");
  const std::vector<Write> group = {OpenCase(1), OpenCase(2), OpenCase(3)};
  for (const absl::Status& verdict : store->Commit(group)) {
    EXPECT_EQ(ReasonOf(verdict), Reasons::STORE_CONTENDED) << verdict;
    EXPECT_THAT(std::string(verdict.message()), HasSubstr("not today"));
  }
  EXPECT_FALSE(store->ReadCase({kCity, Id(1)}, Part::kPayload).ok());
  EXPECT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  EXPECT_EQ(store->counters().connections, 1);
}

// Once one of a group has a verdict, the engine does not send the group again:
// the store itself tries on with the rest.
TEST(PostgresStoreTest, ContentionAfterARefusalIsTriedAgain) {
  const std::string schema = NewSchema();
  auto store = MustOpen({.schema = schema});
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  // A sequence counts on where a transaction is rolled back.
  TheServer().Sql("CREATE SEQUENCE " + schema + ".tries; CREATE FUNCTION " +
                  schema +
                  ".refuse() RETURNS trigger LANGUAGE plpgsql AS"
                  " $$BEGIN IF nextval('" +
                  schema +
                  ".tries') < 3 THEN RAISE EXCEPTION 'not yet' USING ERRCODE ="
                  " '40001'; END IF; RETURN NEW; END$$;"
                  " CREATE TRIGGER early BEFORE INSERT ON " +
                  schema + ".cases FOR EACH ROW WHEN (NEW.reference = 'R3')" +
                  " EXECUTE FUNCTION " + schema + ".refuse()");
  const std::vector<Write> group = {OpenCase(1), OpenCase(2), OpenCase(3)};
  const std::vector<absl::Status> verdicts = store->Commit(group);
  EXPECT_EQ(ReasonOf(verdicts[0]), Reasons::VERSION_CONFLICT) << verdicts[0];
  EXPECT_TRUE(verdicts[1].ok()) << verdicts[1];
  EXPECT_TRUE(verdicts[2].ok()) << verdicts[2];
  EXPECT_EQ(TheServer().Sql("SELECT last_value FROM " + schema + ".tries"),
            "3");
}

// ---- Cases that are only checked
// ---------------------------------------------

using rows::Check;

TEST(PostgresCheckTest, WhatIsOnlyCheckedIsNotWritten) {
  auto store = MustOpen();
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(2)).ok());
  EXPECT_TRUE(CommitOne(store.get(),
                        {.cases = {Check(1, 1), Check(2, 1), Change(Row(3))}})
                  .ok());
  const CaseRow row = store->ReadCase({kCity, Id(1)}, Part::kSealed).value();
  EXPECT_EQ(row.version, 1);
  EXPECT_EQ(row.reference, "R1");
  EXPECT_EQ(row.payload, "case 1 at 1");
  EXPECT_EQ(row.sealed, "sealed 1");
  // Alone, beside another that changes, one of a group, and of no case at all.
  const std::vector<Write> group = {
      {.cases = {Check(1, 2)}},
      {.cases = {Check(1, 2), Change(Row(2, 2))}},
      {.cases = {Change(Row(2, 2)), Check(7, 1), Change(Row(3, 2))}},
      {.cases = {Check(1, 1)}, .records = {Put("key", 1, 0)}}};
  const std::vector<absl::Status> verdicts = store->Commit(group);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(ReasonOf(verdicts[i]), Reasons::VERSION_CONFLICT) << verdicts[i];
  }
  EXPECT_TRUE(verdicts[3].ok()) << verdicts[3];
  EXPECT_EQ(store->ReadCase({kCity, Id(2)}, Part::kPayload)->version, 1);
  EXPECT_EQ(store->ReadCase({kCity, Id(3)}, Part::kPayload)->version, 1);
}

// Another program has changed the case and not committed yet: the check waits
// for it and sees what it leaves.
TEST(PostgresCheckTest, AVersionThatIsBeingChangedIsWaitedFor) {
  const std::string schema = NewSchema();
  auto store = MustOpen({.schema = schema});
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  const std::string change = "UPDATE " + schema + ".cases SET version = 2";
  std::atomic<bool> locked{false};
  std::string error;
  std::thread other(
      [&] { error = TheServer().LockThen(change, &locked, change); });
  while (!locked) std::this_thread::yield();
  const absl::Status verdict = CommitOne(
      store.get(), {.cases = {Check(1, 1)}, .records = {Put("key", 1, 0)}});
  other.join();
  EXPECT_EQ(error, "");
  EXPECT_EQ(ReasonOf(verdict), Reasons::VERSION_CONFLICT) << verdict;
  EXPECT_TRUE(store->ReadRecords(OneRecord(Key("key")))->empty());
}

// The commit waits for a case that another program has; meanwhile that program
// does not get at the case that was checked.
TEST(PostgresCheckTest, ACaseThatWasCheckedIsHeldUntilTheCommit) {
  const std::string schema = NewSchema();
  auto store = MustOpen({.schema = schema});
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(2)).ok());
  std::atomic<bool> locked{false};
  std::string error;
  std::thread other([&] {
    error = TheServer().LockThen(
        "UPDATE " + schema + ".cases SET cell = cell WHERE reference = 'R2'",
        &locked,
        "SELECT 1 FROM " + schema +
            ".cases WHERE reference = 'R1' FOR NO KEY UPDATE NOWAIT");
  });
  while (!locked) std::this_thread::yield();
  const absl::Status verdict =
      CommitOne(store.get(), {.cases = {Check(1, 1), Change(Row(2, 2))}});
  other.join();
  EXPECT_TRUE(verdict.ok()) << verdict;
  EXPECT_THAT(error, HasSubstr("could not obtain lock"));
}

// ---- Keys, tenants, cost
// -----------------------------------------------------

TEST(PostgresStoreTest, EveryKeyAndIndexBeginsWithTheTenant) {
  const std::string schema = NewSchema();
  auto store = MustOpen({.schema = schema});
  EXPECT_EQ(TheServer().Sql(
                "SELECT coalesce(string_agg(i.relname, ', '), '')"
                " FROM pg_index AS x JOIN pg_class AS i ON i.oid ="
                " x.indexrelid JOIN pg_class AS t ON t.oid = x.indrelid"
                " JOIN pg_namespace AS n ON n.oid = t.relnamespace"
                " WHERE n.nspname = '" +
                schema +
                "' AND t.relname <> 'meta'"
                " AND pg_get_indexdef(x.indexrelid, 1, true) <> 'tenant'"),
            "");
  EXPECT_EQ(TheServer().Sql("SELECT count(*) >= 14 FROM pg_indexes WHERE"
                            " schemaname = '" +
                            schema + "'"),
            "t");
}

TEST(PostgresStoreTest, ABatchCostsTwoRoundTripsThroughTheEngine) {
  auto store = MustOpen();
  tests::City city(store.get());
  const auto batch_of = [&city](std::string_view verb) {
    std::vector<v1::Command> batch;
    for (int i = 0; i < 10; ++i) {
      batch.push_back(tests::City::Parse(verb));
      batch.back().set_reference(city.Open());
    }
    return batch;
  };
  // Statements are prepared at their first use.
  for (const int trips : {100, 2}) {
    const auto batch = batch_of("accept {}");
    const int64_t before = store->counters().round_trips;
    for (const auto& answer : city.engine->ExecuteBatch(city.agent, batch)) {
      EXPECT_TRUE(answer.ok()) << answer.status();
    }
    EXPECT_LE(store->counters().round_trips - before, trips);
  }
}

TEST(PostgresStoreTest, ACommandCostsTwoRoundTripsThroughTheEngine) {
  auto store = MustOpen();
  tests::City city(store.get());
  const std::string ref = city.Open();
  const auto note_of = [&ref](int i) {
    v1::Command note =
        tests::City::Parse("note { visibility: PUBLIC_NOTE text: 'x' }");
    note.set_reference(ref);
    note.set_key("key" + std::to_string(i));
    return note;
  };
  ASSERT_TRUE(city.engine->Execute(city.agent, note_of(-1)).ok());
  const int64_t before = store->counters().round_trips;
  constexpr int kCommands = 50;
  for (int i = 0; i < kCommands; ++i) {
    v1::Command note = note_of(i);
    ASSERT_TRUE(city.engine->Execute(city.agent, note).ok());
  }
  EXPECT_LE(store->counters().round_trips - before, 2 * kCommands);
}

// A delivery that is there already costs one round trip more and no other
// Write its place.
TEST(PostgresStoreTest, AKnownDeliveryIsDroppedAtTheSecondTry) {
  auto store = MustOpen();
  Write first = OpenCase(1);
  first.deliveries = {Delivery(1, 10)};
  ASSERT_TRUE(CommitOne(store.get(), first).ok());
  std::vector<Write> group = {OpenCase(2), OpenCase(3), OpenCase(4)};
  group[0].deliveries = {Delivery(2, 10)};
  group[1].deliveries = {Delivery(1, 20), Delivery(3, 10)};
  group[2].deliveries = {Delivery(2, 30)};
  const int64_t before = store->counters().round_trips;
  for (const absl::Status& verdict : store->Commit(group)) {
    EXPECT_TRUE(verdict.ok()) << verdict;
  }
  EXPECT_EQ(store->counters().round_trips - before, 2);
  const auto due = store->Claim(
      {.queue = DueQuery::kDeliveries, .tenant = kCity, .due = 100});
  ASSERT_TRUE(due.ok()) << due.status();
  ASSERT_EQ(due->size(), 3u);
  for (const Claimed& one : *due) EXPECT_EQ(one.due_at, 10);
}

// What a filter asks beyond the index it walks is asked where the rows are;
// the pages are those of a store that reads them all.
TEST(PostgresStoreTest, RowsThatDoNotMatchStayOnTheServer) {
  auto store = MustOpen();
  SimulatedClock clock(absl::UnixEpoch());
  MemoryStore memory(&clock);
  constexpr int kCases = 17'000;  // more than a call reads
  std::vector<Write> group;
  for (int i = 0; i < kCases; ++i) {
    CaseRow row = Row(i);
    row.phase = i % 1'000 == 7 || i == kCases - 1 ? 3 : 2;
    row.open = i % 3 != 0;
    row.unit = i % 500 == 0 ? "parks" : "lights";
    row.opened_at = i;
    row.least_due = kCases - i;
    if (i % 700 == 1) row.external_id = "x" + std::to_string(i);
    group.push_back(Of(row));
    if (group.size() < 500 && i + 1 < kCases) continue;
    for (Store* each :
         {static_cast<Store*>(store.get()), static_cast<Store*>(&memory)}) {
      for (const absl::Status& s : each->Commit(group)) ASSERT_TRUE(s.ok());
    }
    group.clear();
  }
  const std::vector<Filter> filters = {
      {.tenant = kCity, .phases = {3, 4}},
      {.tenant = kCity, .phases = {5}},
      {.tenant = kCity, .category = "streetlight", .unit = "parks"},
      {.tenant = kCity, .opened_from = 16'000, .opened_until = 16'010},
      {.tenant = kCity, .open = true, .phases = {3}, .due_until = kCases},
      {.tenant = kCity, .cell = 0, .phases = {3}},
      {.tenant = kCity, .category = "none", .phases = {3}},
      {.tenant = kCity,
       .external_system = "",
       .external_id = "",
       .phases = {3}},
      {.tenant = kCity, .unit = "lights", .open = true, .phases = {3}}};
  for (Filter filter : filters) {
    for (const int limit : {1, 7, 50}) {
      filter.limit = limit;
      const int64_t before = store->counters().rows;
      std::vector<std::string> ours;
      std::vector<std::string> wanted;
      int pages = 0;
      for (auto& [from, ids] :
           {std::pair(static_cast<Store*>(store.get()), &ours),
            std::pair(static_cast<Store*>(&memory), &wanted)}) {
        filter.cursor.clear();
        do {
          const auto page = from->Find(filter);
          ASSERT_TRUE(page.ok()) << page.status();
          EXPECT_LE(page->rows.size(), static_cast<size_t>(limit));
          for (const CaseRow& row : page->rows) ids->push_back(row.key.id);
          filter.cursor = page->next_cursor;
          pages += from == store.get();
        } while (!filter.cursor.empty());
      }
      EXPECT_EQ(ours, wanted);
      EXPECT_LE(store->counters().rows - before, (limit + 2) * pages);
    }
  }
}

TEST(PostgresStoreTest, PlansWalkIndexesAlsoWhereTheTablesWereEmpty) {
  const std::string schema = NewSchema();
  PostgresServer& server = TheServer();
  const auto scans = [&] {
    server.WaitForNoBackend();  // what they did is counted when they end
    return server.Sql(
        "SELECT sum(seq_scan) FROM pg_stat_user_tables"
        " WHERE schemaname = '" +
        schema + "' AND relname <> 'meta'");
  };
  ASSERT_NE(MustOpen({.schema = schema}), nullptr);
  const std::string before = scans();
  auto store = MustOpen({.schema = schema, .connections = 1});
  const auto look = [&] {
    const std::vector<Filter> filters = {
        {.tenant = kCity},
        {.tenant = kCity, .references = {"R5"}},
        {.tenant = kCity, .references = {"R5", "R7", "R9"}},
        {.tenant = kCity, .external_system = "a", .external_id = "b"},
        {.tenant = kCity, .category = "streetlight"},
        {.tenant = kCity, .unit = "lights", .open = true},
        {.tenant = kCity, .cell = 7},
        {.tenant = kCity, .due_until = 5}};
    for (const Filter& filter : filters) store->Find(filter).value();
    store->Claim({.tenant = kCity, .due = 5}).value();
    store->Claim({.queue = DueQuery::kDeliveries, .tenant = kCity, .due = 5})
        .value();
    store->NextDue(DueQuery::kDeliveries, kCity).value();
    store->NextDue(DueQuery::kTimers, kCity).value();
    store->ReadEvents({.tenant = kCity}).value();
    store->ReadRecords({.tenant = kCity, .kind = "key"}).value();
    store->ReadRecords({.tenant = kCity, .kind = "key", .index = 0}).value();
  };
  look();  // planned while there is nothing
  std::vector<Write> group;
  for (int i = 0; i < 2'000; ++i) {
    CaseRow row = Row(i);
    row.next_at = i;
    group.push_back(Of(row));
    group.back().deliveries.push_back(Delivery(i, i));
  }
  for (const absl::Status& verdict : store->Commit(group)) {
    ASSERT_TRUE(verdict.ok()) << verdict;
  }
  look();
  store.reset();
  EXPECT_EQ(scans(), before);
}

}  // namespace
}  // namespace hotline
