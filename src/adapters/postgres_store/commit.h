// A Commit on PostgreSQL: every statement of every Write in one pipeline, which
// is one transaction and one round trip.
#ifndef HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_COMMIT_H_
#define HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_COMMIT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "hotline/store.h"
#include "src/adapters/postgres_store/sql_connection.h"

namespace hotline::internal {

class PgCommit {
 public:
  // `era` is written with every event.
  PgCommit(PgSqlConnection* connection, int64_t era,
           std::span<const Write> writes)
      : connection_(connection), era_(era), writes_(writes) {}

  // A verdict for each Write.
  std::vector<absl::Status> Run();
  int64_t transactions() const { return transactions_; }

 private:
  // What a queued statement is about, if it fails.
  enum class About {
    kCase,
    kReference,
    kExternal,
    kTimer,
    kDelivery,
    kRecord,
    kOther
  };
  struct Step {
    size_t write = 0;
    About about = About::kOther;
    size_t place = 0;  // in the Write's cases or records
  };
  // A Write that fell out of its transaction.
  struct Refusal {
    size_t write = 0;
    absl::Status verdict;
  };

  // `again`: nothing is wrong, but the transaction must be sent once more.
  absl::Status Attempt(std::span<const size_t> writes,
                       std::optional<Refusal>* refusal, bool* again);
  // Its delivery is one that is there already.
  bool MeetsAKnownDelivery(const Step& step, const PgResult& answer);
  void Queue(std::string_view text, const Step& step);
  void QueueWrite(size_t write);
  void QueueChecks(size_t write);
  void QueueCase(const CaseChange& change, const Step& step);
  void QueueRecord(const RecordChange& change, const Step& step);
  void QueueErasure(const RowKey& row, const Step& step);
  void JudgeTimers(const std::vector<PgResult>& answers);
  // The verdict on a Write whose statement failed; nothing if the failure is
  // the whole transaction's.
  std::optional<absl::Status> VerdictOn(const Step& step,
                                        const PgResult& answer);
  // The version that is stored of each step's case or record, 0 for none, -1
  // where it could not be read. One round trip.
  std::vector<int64_t> StoredAt(std::span<const Step> steps);
  absl::Status Conflict(const Step& step, int64_t stored) const;
  // Where one Write was stale, others may be: another worker was faster with
  // the same timers. Takes out of `waiting` those that are, all in one look.
  void Sift(std::vector<size_t>* waiting);
  // `body` framed. Four places hold what one statement needs.
  std::string_view Framed(std::string_view body);
  void BindSealed(const std::optional<std::string>& sealed, Values* in);

  PgSqlConnection* const connection_;
  const int64_t era_;
  const std::span<const Write> writes_;
  std::vector<absl::Status> verdicts_;
  std::vector<Step> steps_;
  PgParameters parameters_;
  std::array<std::string, 4> frames_;
  size_t framed_ = 0;
  int64_t transactions_ = 0;
  // Whether deliveries are written so that those that are there do not matter.
  bool looks_for_deliveries_ = false;
};

std::vector<absl::Status> FinishAll(PgSqlConnection* connection,
                                    std::span<const Finished> finished);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_COMMIT_H_
