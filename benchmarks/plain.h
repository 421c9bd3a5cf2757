// The floor: what a careful program without this library would do. Prepared
// statements on one connection write the rows of a captured Write, into a
// database of the same schema, with the same durability and the same log.
#ifndef HOTLINE_BENCHMARKS_PLAIN_H_
#define HOTLINE_BENCHMARKS_PLAIN_H_

#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hotline/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace hotline::bench {

// A Write made ready: bodies framed, changed columns known.
struct PlainWrite {
  Write write;
  // For each case, the columns in indexes that differ from the row before.
  std::vector<unsigned> changed;
};

// Any failure ends the program: a floor that did not write is no floor.
class Plain {
 public:
  // A database as it stands; a new one is empty.
  explicit Plain(const std::string& path);
  // A new one of the same schema as `schema_of`, made by SqliteStore.
  Plain(const std::string& path, const std::string& schema_of);
  ~Plain();
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;

  // Not part of what is measured. Writes of one case come in their order.
  std::vector<PlainWrite> Prepare(std::vector<Write> writes);

  // One transaction. A case that is updated is read first, by its reference.
  void Commit(std::span<const PlainWrite* const> writes);
  // The same, all of them, `at_once` a transaction.
  void Run(const std::vector<PlainWrite>& writes, size_t at_once);
  // Only the timer of each case, all in one transaction.
  void SetTimers(const std::vector<PlainWrite>& writes);
  // Finds what is due, reads those cases, and moves the timer of each as its
  // Write has it, `at_once` a transaction. The Writes are in order of what is
  // due.
  void MoveTimers(const std::vector<PlainWrite>& writes, size_t at_once,
                  int64_t now);
  // The look of a poll: true if the tenant has a timer due.
  bool AnyDue(const std::string& tenant, int64_t now);

  // Blocks until it is durable; whoever waits goes into one transaction.
  void CommitInGroup(const PlainWrite& write);

  int64_t Pages();
  void Execute(const std::string& sql);

 private:
  // A prepared statement being filled.
  class Filled;
  sqlite3_stmt* Prepared(std::string_view sql);
  std::pair<int64_t, int64_t> Read(const CaseRow& row);  // rowid, version
  void Put(const PlainWrite& write);
  // The rows of the cases of `writes`, which are those that are due first.
  std::vector<int64_t> ReadDue(std::span<const PlainWrite> writes, int64_t now);
  void PutCase(const CaseChange& change, unsigned changed);
  void PutEvent(const EventRow& event);
  void PutDelivery(const DeliveryRow& row);
  void PutRecord(const Record& record);
  int64_t PutBody(const std::optional<std::string>& body);  // 0: none

  sqlite3* db_ = nullptr;
  std::unordered_map<std::string_view, sqlite3_stmt*> prepared_;
  // As last prepared; of a case that was not, its columns as they stand.
  CaseRow& Last(const CaseKey& key);
  std::unordered_map<std::string, CaseRow> rows_;

  struct Waiter {
    const PlainWrite* write = nullptr;
    bool done = false;
    std::condition_variable wake;
  };
  std::mutex mutex_;
  std::deque<Waiter*> queue_;
};

}  // namespace hotline::bench

#endif  // HOTLINE_BENCHMARKS_PLAIN_H_
