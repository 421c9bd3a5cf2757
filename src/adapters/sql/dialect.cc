#include "src/adapters/sql/dialect.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "src/adapters/sql/rows.h"
#include "src/base/absl_bridge.h"

namespace hotline::internal {
namespace {

std::string Readable(bool sqlite, std::string_view form,
                     std::string_view column) {
  const absl::string_view x = ToAbsl(column);
  if (form == "text") {
    return sqlite ? absl::StrCat("CAST(", x, " AS TEXT)")
                  : absl::StrCat("convert_from(", x, ", 'UTF8')");
  }
  if (form == "hex") {
    return sqlite ? absl::StrCat("lower(hex(", x, "))")
                  : absl::StrCat("encode(", x, ", 'hex')");
  }
  return sqlite ? absl::StrCat("strftime('%Y-%m-%dT%H:%M:%fZ', ", x,
                               " / 1000.0, 'unixepoch')")
                : absl::StrCat("to_timestamp(", x, " / 1000.0)");
}

// What stands for {mark}. An unknown one is left as it is: the database says so
// at the first run, and so does every test.
std::string Expand(SqlDialect dialect, std::string_view mark,
                   const Variant& variant) {
  const bool sqlite = dialect == SqlDialect::kSqlite;
  if (mark == "limit") {
    if (sqlite || variant.limit == 0) return "";
    return absl::StrCat("LIMIT ", variant.limit);
  }
  const size_t space = std::min(mark.find(' '), mark.size());
  const std::string_view verb = mark.substr(0, space);
  const std::string_view what = mark.substr(std::min(space + 1, mark.size()));
  if (const auto select = SelectOf(verb, what, dialect, variant.sealed)) {
    return *select;
  }
  if (what.empty()) return std::string(mark);
  if (verb == "index") return IndexedBy(what, dialect);
  return Readable(sqlite, verb, what);
}

}  // namespace

int64_t LimitWritten(int64_t wanted) {
  int64_t limit = 1;
  while (limit < wanted) limit *= 2;
  return limit;
}

std::string IndexedBy(std::string_view index, SqlDialect dialect) {
  if (index.empty() || dialect != SqlDialect::kSqlite) return "";
  return absl::StrCat("INDEXED BY ", ToAbsl(index));
}

std::string Render(SqlDialect dialect, std::string_view text,
                   const Variant& variant) {
  // Marks may hold a `#`: that first.
  std::string numbered;
  for (const char c : text) {
    if (c == '#') {
      absl::StrAppend(&numbered, variant.column);
    } else {
      numbered.push_back(c);
    }
  }
  const std::string_view rest = numbered;
  std::string sql;
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '?' && dialect == SqlDialect::kPostgres) {
      sql.push_back('$');
    } else if (rest[i] == '{') {
      const size_t end = rest.find('}', i);
      sql += Expand(dialect, rest.substr(i + 1, end - i - 1), variant);
      i = end;
    } else {
      sql.push_back(rest[i]);
    }
  }
  return sql;
}

}  // namespace hotline::internal
