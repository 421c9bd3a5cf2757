// Goal: what is told of the tables is what the stores make; a migration happens
// whole or not at all. Method: the printed statements run by SQLite alone, a
// planted second migration, a process that dies at each of its statements.
#include "hotline/adapters/sql_schema.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <set>

#include "hotline/adapters/sqlite_store.h"
#include "src/adapters/sql/schema.h"
#include "src/adapters/sqlite_store/connection.h"
#include "src/adapters/sqlite_store/schema.h"
#include "tests/adapters/store_rows.h"
#include "tests/support/planted_migration.h"

namespace hotline {
namespace {

using internal::Migration;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Rows(const std::string& path, const std::string& sql) {
  SQLite::Database database(path, SQLite::OPEN_READWRITE);
  SQLite::Statement statement(database, sql);
  std::vector<std::string> rows;
  while (statement.executeStep()) {
    std::string row;
    for (int i = 0; i < statement.getColumnCount(); ++i) {
      if (i > 0) row += "|";
      row += statement.getColumn(i).getString();
    }
    rows.push_back(row);
  }
  return rows;
}

class SqlSchemaTest : public testing::Test {
 protected:
  ScratchDir dir_;
  const std::string path_ = dir_.File("cases.db");
};

TEST_F(SqlSchemaTest, ThePageOfTheHandbookIsTheTables) {
  EXPECT_EQ(Slurp(HOTLINE_SOURCE_DIR "/docs/reference/schema.md"),
            SqlSchemaMarkdown())
      << "hotline store schema --markdown > docs/reference/schema.md";
}

TEST_F(SqlSchemaTest, WhatAnAdministratorRunsIsAStore) {
  const auto ddl = SqlSchema(SqlDialect::kSqlite, 0, SqlSchemaVersion());
  ASSERT_TRUE(ddl.ok()) << ddl.status();
  SQLite::Database(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec(*ddl);
  const auto store = SqliteStore::Open(path_);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE(CommitOne(store->get(), OpenCase(1)).ok());
  const std::string made = dir_.File("made.db");
  SqliteStore::Open(made).value().reset();
  const std::string kSchema = "SELECT name, sql FROM sqlite_schema ORDER BY 1";
  EXPECT_EQ(Rows(path_, kSchema), Rows(made, kSchema));
}

TEST_F(SqlSchemaTest, VersionsThatAreNoneAreRefused) {
  for (const auto& [from, to] : {std::pair(-1, 0), {1, 0}, {0, 99}}) {
    const auto ddl = SqlSchema(SqlDialect::kPostgres, from, to);
    EXPECT_EQ(Reason(ddl.status()), v1::ErrorInfo::INVALID_ARGUMENT);
  }
  EXPECT_EQ(*SqlSchema(SqlDialect::kPostgres, 1, 1), "");
}

// Tables are spread over machines by tenant, and no row finds another's.
TEST_F(SqlSchemaTest, EveryKeyAndIndexBeginsWithTheTenant) {
  for (const Migration& migration : internal::Migrations()) {
    for (const internal::Table& table : migration.tables) {
      const std::string_view name = table.name;
      if (name == "meta" || name == "bodies") continue;
      EXPECT_TRUE(std::string_view(table.key).starts_with("tenant, ")) << name;
    }
    for (const internal::Index& index : migration.indexes) {
      EXPECT_TRUE(std::string_view(index.columns).starts_with("tenant, "))
          << index.name;
    }
  }
}

TEST_F(SqlSchemaTest, NoWordsOfOneDatabaseAreToldToTheOther) {
  const std::string sqlite = *SqlSchema(SqlDialect::kSqlite, 0, 1);
  const std::string postgres = *SqlSchema(SqlDialect::kPostgres, 0, 1);
  for (const char* word : {"bytea", "xid8", "to_timestamp", "boolean", "era"}) {
    EXPECT_THAT(sqlite, Not(HasSubstr(word)));
    EXPECT_THAT(postgres, HasSubstr(word));
  }
  for (const char* word :
       {"BLOB", "STRICT", "ROWID", "PRAGMA", "bodies", "place"}) {
    EXPECT_THAT(postgres, Not(HasSubstr(word)));
    EXPECT_THAT(sqlite, HasSubstr(word));
  }
  for (const std::string& text : {sqlite, postgres}) {
    EXPECT_THAT(text, Not(HasSubstr("{")));  // a mark nobody knows
  }
}

TEST_F(SqlSchemaTest, TheViewsTellRowsInPlainWordsAndNoBodies) {
  {
    const auto store = SqliteStore::Open(path_).value();
    Write write = OpenCase(1);
    write.cases[0].row.category = "路燈";
    write.cases[0].row.phase = 2;
    write.cases[0].row.opened_at = 1'771'000'000'123;
    write.cases[0].row.next_at = kNever;
    write.cases[0].row.payload = "PERSONAL";
    write.deliveries = {Delivery(1, 1'771'000'000'000)};
    ASSERT_TRUE(CommitOne(store.get(), write).ok());
  }
  EXPECT_THAT(Rows(path_,
                   "SELECT category, phase, open, opened_at,"
                   " next_at IS NULL, length(case_id) FROM report_cases"),
              ElementsAre("路燈|active|1|2026-02-13T16:26:40.123Z|1|32"));
  EXPECT_THAT(Rows(path_,
                   "SELECT e.version, c.case_id = e.case_id, c.reference ="
                   " e.reference FROM report_events e JOIN report_cases c"),
              ElementsAre("1|1|1"));
  EXPECT_THAT(Rows(path_, "SELECT state, due_at FROM report_deliveries"),
              ElementsAre("queued|2026-02-13T16:26:40.000Z"));
  for (const internal::View& view : internal::Migrations()[0].views) {
    const auto columns = Rows(path_, absl::StrCat("SELECT name FROM "
                                                  "pragma_table_info('",
                                                  view.name, "')"));
    std::vector<std::string> told;
    for (const internal::Column& column : view.columns) {
      told.push_back(column.name);
    }
    EXPECT_EQ(columns, told) << view.name;
    for (const std::string& row :
         Rows(path_, absl::StrCat("SELECT * FROM ", view.name))) {
      EXPECT_THAT(row, Not(HasSubstr("PERSONAL")));
      EXPECT_THAT(row, Not(HasSubstr("sealed")));
    }
  }
}

// ---- Migrations -------------------------------------------------------------

std::vector<Migration> Planted() {
  return tests::WithPlantedMigration("ALTER TABLE records ADD COLUMN i4 BLOB");
}

// Dies before its statement number `last`.
class Mortal final : public internal::SqliteConnection {
 public:
  Mortal(const std::string& path, int last)
      : SqliteConnection(path, {.create = true, .cache_bytes = 1 << 20}),
        left_(last) {}
  void Execute(const std::string& sql) override {
    if (left_-- == 0) _exit(9);
    SqliteConnection::Execute(sql);
  }
  void Commit() override {
    if (left_-- == 0) _exit(9);
    SqliteConnection::Commit();
  }

 private:
  int left_;
};

// The exit status of a process that migrates: 9 if it died, 0 if it was done.
int MigrateIn(const std::string& path, int last) {
  const pid_t child = fork();
  if (child == 0) {
    const std::vector<Migration> planted = Planted();
    try {
      Mortal connection(path, last);
      internal::PrepareSchema(&connection, false, planted);
      _exit(0);
    } catch (...) {
      _exit(1);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(SqlSchemaTest, AMigrationKilledAtAnyStatementIsBeforeOrAfter) {
  {
    const auto store = SqliteStore::Open(path_).value();
    ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  }
  const std::string kVersion = "PRAGMA user_version";
  int killed = 0;
  while (MigrateIn(path_, killed) == 9) {
    ++killed;
    EXPECT_THAT(Rows(path_, kVersion), ElementsAre("1")) << killed;
    EXPECT_THAT(Rows(path_, "PRAGMA integrity_check"), ElementsAre("ok"));
    const auto store = SqliteStore::Open(path_);
    ASSERT_TRUE(store.ok()) << killed << ": " << store.status();
    EXPECT_TRUE((*store)->ReadCase({kCity, Id(1)}, Part::kSealed).ok());
  }
  EXPECT_GE(killed, 10);
  EXPECT_THAT(Rows(path_, kVersion), ElementsAre("2"));
  EXPECT_THAT(Rows(path_, "SELECT count(*) FROM moods"), ElementsAre("1"));
}

TEST_F(SqlSchemaTest, ANewStoreKilledAtAnyStatementIsMadeByTheNext) {
  int killed = 0;
  for (; MigrateIn(path_, killed) == 9; ++killed) {
    const auto version = Rows(path_, "PRAGMA user_version");
    const std::set<std::string> whole = {"0", "1"};
    EXPECT_TRUE(whole.contains(version.at(0))) << killed;
    const std::string tables =
        Rows(path_, "SELECT count(*) > 0 FROM sqlite_schema").at(0);
    EXPECT_EQ(tables, version.at(0)) << killed;
    std::filesystem::remove(path_);
  }
  EXPECT_GE(killed, 30);
  EXPECT_THAT(Rows(path_, "PRAGMA user_version"), ElementsAre("2"));
}

TEST_F(SqlSchemaTest, AMigratedStoreIsKnownAgainAndRefusedByTheOlderLibrary) {
  {
    const auto store = SqliteStore::Open(path_).value();
    ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  }
  constexpr int kAtNone = 1'000;
  ASSERT_EQ(MigrateIn(path_, kAtNone), 0);
  EXPECT_EQ(MigrateIn(path_, kAtNone), 0);
  for (const bool read_only : {false, true}) {
    EXPECT_EQ(
        Reason(SqliteStore::Open(path_, {.read_only = read_only}).status()),
        v1::ErrorInfo::SCHEMA_NEWER);
  }
}

}  // namespace
}  // namespace hotline
