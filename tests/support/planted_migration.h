// A second version of the tables, as a later library may bring.
#ifndef HOTLINE_TESTS_SUPPORT_PLANTED_MIGRATION_H_
#define HOTLINE_TESTS_SUPPORT_PLANTED_MIGRATION_H_

#include <vector>

#include "src/adapters/sql/schema.h"

namespace hotline::tests {

// All migrations there are and one more: a table with an index, a column, and
// rows made of those that stand. `add_column` is in words of the database.
inline std::vector<internal::Migration> WithPlantedMigration(
    const char* add_column) {
  std::vector<internal::Migration> migrations(internal::Migrations().begin(),
                                              internal::Migrations().end());
  internal::Migration second;
  second.tables = {
      {.name = "moods",
       .about = "Planted.",
       .columns = {{"tenant", internal::SqlType::kBytes, false, "Whose."},
                   {"mood", internal::SqlType::kBytes, true, "Which."}},
       .key_name = "moods_key",
       .key = "tenant",
       .clustered = true}};
  second.indexes = {{"moods_mood", "moods", "tenant, mood", "Planted."}};
  second.others = {
      add_column,
      "INSERT INTO moods(tenant) SELECT DISTINCT tenant FROM cases"};
  second.min_reader = 2;
  second.min_writer = 2;
  migrations.push_back(second);
  return migrations;
}

}  // namespace hotline::tests

#endif  // HOTLINE_TESTS_SUPPORT_PLANTED_MIGRATION_H_
