// Goal: an administrator gets the tables and a copy from the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "hotline/adapters/sql_schema.h"
#ifdef HOTLINE_HAS_SQLITE
#include "hotline/adapters/sqlite_store.h"
#endif
#include "tests/adapters/store_rows.h"
#include "tests/support/cli.h"

namespace hotline::cli {
namespace {

using ::testing::HasSubstr;

TEST(StoreSchemaCommand, PrintsTheStatementsOfEitherDatabase) {
  const Result sqlite = Call({"store", "schema", "--dialect=sqlite"});
  EXPECT_EQ(sqlite.status, kDone);
  EXPECT_EQ(sqlite.out, *SqlSchema(SqlDialect::kSqlite, 0, SqlSchemaVersion()));
  const Result none =
      Call({"store", "schema", "--dialect=postgres", "--from=1", "--to=1"});
  EXPECT_EQ(none.status, kDone);
  EXPECT_EQ(none.out, "");
  EXPECT_EQ(Call({"store", "schema", "--markdown"}).out, SqlSchemaMarkdown());
}

TEST(StoreSchemaCommand, SaysWhatIsWrongWithItsArguments) {
  const Result oracle = Call({"store", "schema", "--dialect=oracle"});
  EXPECT_EQ(oracle.status, kUsage);
  EXPECT_THAT(oracle.err, HasSubstr("sqlite or postgres"));
  EXPECT_THAT(Call({"store", "schema"}).err, HasSubstr("--dialect=sqlite"));
  EXPECT_THAT(Call({"store", "schema", "--dialect=sqlite", "--from=x"}).err,
              HasSubstr("not \"x\""));
  EXPECT_EQ(Call({"store", "schema", "--dialect=sqlite", "--to=99"}).status,
            kUsage);
}

#ifdef HOTLINE_HAS_SQLITE
TEST(StoreBackupCommand, CopiesAStoreThatItsWriterHasOpen) {
  const ScratchDir dir;
  const std::string from = absl::StrCat("sqlite:", dir.File("city.db"));
  const auto store = SqliteStore::Open(dir.File("city.db")).value();
  ASSERT_TRUE(CommitOne(store.get(), OpenCase(1)).ok());
  const Args args = {"store", "backup", "--store",
                     from,    "--to",   dir.File("copy.db")};
  const Result done = Call(args);
  EXPECT_EQ(done.status, kDone) << done.err;
  EXPECT_THAT(done.out, HasSubstr("bytes"));
  const auto copy = SqliteStore::Open(dir.File("copy.db"));
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_TRUE((*copy)->ReadCase({kCity, Id(1)}, Part::kSealed).ok());
  const Result again = Call(args);
  EXPECT_NE(again.status, kDone);
  EXPECT_THAT(again.err, HasSubstr("already"));
  EXPECT_THAT(Call({"store", "backup", "--store=memory:", "--to=x"}).err,
              HasSubstr("SQLite"));
}
#endif

}  // namespace
}  // namespace hotline::cli
