// The little that two databases say differently, in one place: the marks in the
// texts of statements and views.
//
//   {cases} {events} {records} {deliveries}   SELECT .. FROM that table, with
//                 the columns that rows.h reads
//   {cases NAME}  the same, by the index NAME: SQLite is told, PostgreSQL plans
//   {index NAME}  the index alone
//   {limit}       LIMIT, as a literal. A plan made for an unknown limit joins
//                 by a scan of the whole table. SQLite reads until the caller
//                 stops, so there it is nothing.
//   #             the number of a record's index column
//   {text X} {hex X} {instant X}   bytes, an id, milliseconds for people's eyes
//   ?1, ?2        parameters
#ifndef HOTLINE_SRC_ADAPTERS_SQL_DIALECT_H_
#define HOTLINE_SRC_ADAPTERS_SQL_DIALECT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "hotline/adapters/sql_schema.h"

namespace hotline::internal {

// What of a statement is part of its text but not the same in every run.
struct Variant {
  bool sealed = false;  // {cases}, {records}: with the sealed body, or NULL
  int column = 0;       // for #
  int64_t limit = 0;    // for {limit}; 0: none
  friend bool operator==(const Variant&, const Variant&) = default;
};

// The limit that is written where `wanted` rows are read: a power of two, so
// that few texts are kept. The caller stops by itself.
int64_t LimitWritten(int64_t wanted);

// What follows a table's name to have it walked by `index`, if there is one.
std::string IndexedBy(std::string_view index, SqlDialect dialect);

std::string Render(SqlDialect dialect, std::string_view text,
                   const Variant& variant = {});

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQL_DIALECT_H_
