// The floor on PostgreSQL: what a careful program without this library would
// do. Prepared statements in libpq's pipeline write the rows of a captured
// Write, a round trip to read and one to write.
#ifndef HOTLINE_BENCHMARKS_POSTGRES_PLAIN_H_
#define HOTLINE_BENCHMARKS_POSTGRES_PLAIN_H_

#include <span>
#include <string>
#include <vector>

#include "hotline/store.h"

struct pg_conn;

namespace hotline::bench {

// One connection. Any failure ends the program: a floor that did not write is
// no floor.
class PostgresPlain {
 public:
  // To tables that PostgresStore made in `schema`.
  PostgresPlain(const std::string& conninfo, const std::string& schema);
  ~PostgresPlain();
  PostgresPlain(const PostgresPlain&) = delete;
  PostgresPlain& operator=(const PostgresPlain&) = delete;

  // All of them, `at_once` a transaction. Cases that are updated are read
  // first, together.
  void Run(std::span<const Write> writes, size_t at_once);
  // Only the writing.
  void Commit(std::span<const Write> writes);

 private:
  class Filled;
  void Read(std::span<const Write> writes);
  void Put(const Write& write);
  void Drain(int answers);

  pg_conn* const connection_;
  int queued_ = 0;
};

}  // namespace hotline::bench

#endif  // HOTLINE_BENCHMARKS_POSTGRES_PLAIN_H_
