// store schema, store backup: for those who run the database.
#include <charconv>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hotline/adapters/sql_schema.h"
#include "hotline/error.h"
#ifdef HOTLINE_HAS_SQLITE
#include "hotline/adapters/sqlite_store.h"
#endif
#include "src/cli/cli.h"
#include "src/cli/commands.h"

namespace hotline::cli {
namespace {

absl::StatusOr<SqlDialect> DialectOf(const std::string& name) {
  if (name == "sqlite") return SqlDialect::kSqlite;
  if (name == "postgres") return SqlDialect::kPostgres;
  return absl::InvalidArgumentError(
      name.empty() ? "which dialect? Add --dialect=sqlite or --dialect=postgres"
                   : absl::StrCat("no dialect \"", name,
                                  "\"; it is sqlite or postgres"));
}

absl::StatusOr<int> VersionOf(const Arguments& args, const std::string& flag,
                              int otherwise) {
  if (!args.Has(flag)) return otherwise;
  const std::string& text = args.Get(flag);
  int version = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), version);
  if (error == std::errc() && end == text.data() + text.size()) return version;
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, " is the number of a version, such as ",
                   SqlSchemaVersion(), ", not \"", text, "\""));
}

absl::StatusOr<std::string> SchemaText(const Arguments& args) {
  if (args.Has("markdown")) return SqlSchemaMarkdown();
  const absl::StatusOr<SqlDialect> dialect = DialectOf(args.Get("dialect"));
  if (!dialect.ok()) return dialect.status();
  const absl::StatusOr<int> from = VersionOf(args, "from", 0);
  if (!from.ok()) return from.status();
  const absl::StatusOr<int> to = VersionOf(args, "to", SqlSchemaVersion());
  if (!to.ok()) return to.status();
  return SqlSchema(*dialect, *from, *to);
}

}  // namespace

int StoreSchema(const Arguments& args, Io io) {
  const absl::StatusOr<std::string> text = SchemaText(args);
  if (text.ok()) {
    io.out << *text;
    return kDone;
  }
  Fail(text.status(), io.err);
  return kUsage;
}

int StoreBackup(const Arguments& args, Io io) {
  const std::string& where = args.Get("store");
  if (!absl::StartsWith(where, "sqlite:")) {
    io.err << "hotline: this copies stores of SQLite; a PostgreSQL database is "
              "copied by pg_dump or pg_basebackup\n";
    return kUsage;
  }
#ifdef HOTLINE_HAS_SQLITE
  const absl::StatusOr<std::unique_ptr<SqliteStore>> store =
      SqliteStore::Open(where.substr(7), {.read_only = true});
  if (!store.ok()) return Fail(store.status(), io.err);
  int64_t bytes = 0;
  absl::Status status;
  {
    Progress progress("bytes", io.err);
    status = (*store)->Backup(args.Get("to"), [&](int64_t done, int64_t total) {
      bytes = total;
      progress.Update(done, total);
    });
  }
  if (!status.ok()) return Fail(status, io.err);
  if (args.Has("json")) {
    io.out << "{\"bytes\":" << bytes << "}\n";
  } else {
    io.out << args.Get("to") << ": " << bytes << " bytes\n";
  }
  return kDone;
#else
  io.err << "hotline: this program was built without SQLite "
            "(HOTLINE_SQLITE=OFF)\n";
  return kUsage;
#endif
}

}  // namespace hotline::cli
