#include "src/adapters/postgres_store/commit.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/store_shape.h"
#include "src/adapters/postgres_store/statements.h"
#include "src/adapters/sql/frame.h"
#include "src/adapters/sql/rows.h"
#include "src/adapters/sql/statements.h"
#include "src/base/absl_bridge.h"

namespace hotline::internal {
namespace {

// Where Writes of one group were refused more than once, the rest goes in
// smaller transactions, so that each refusal costs a few statements again and
// not all of them.
constexpr size_t kWritesAfterRefusals = 8;
constexpr int kTriesMax = 5;

// How the transaction ended whose connection was lost while it was answered.
absl::Status OutcomeOfLost(const PgConnection& connection,
                           const std::vector<PgResult>& answers,
                           const absl::Status& lost) {
  if (!connection.sent()) return lost;
  // The server's last words, spoken in place of a statement's answer, so before
  // the end was.
  for (const PgResult& answer : answers) {
    if (answer.fatal()) return answer.status();
  }
  return MakeError(v1::ErrorInfo::OUTCOME_UNKNOWN, ToStd(lost.message()));
}

// One transaction in one round trip. What a pipeline holds is one transaction
// without BEGIN and COMMIT, and ends with it. `queue` queues what stands in it.
// OK: it is committed. `failed`: the place of the statement that made it void.
// STORE_FAILED: nothing was written. OUTCOME_UNKNOWN: it may have been.
template <typename Queue>
absl::Status Transact(PgConnection* connection, Queue queue,
                      std::vector<PgResult>* answers,
                      std::optional<size_t>* failed) {
  const size_t statements = queue();
  const absl::Status status = connection->Collect(answers);
  if (!status.ok()) return OutcomeOfLost(*connection, *answers, status);
  for (size_t i = 0; i < answers->size(); ++i) {
    const PgResult& answer = (*answers)[i];
    if (answer.ok()) continue;
    if (i < statements) *failed = i;
    return answer.status();
  }
  return absl::OkStatus();
}

bool MovesATimerOnly(const Write& write) {
  return write.cases.size() == 1 && write.cases[0].only_timer &&
         write.deliveries.empty() && write.records.empty() &&
         write.erasures.empty() && write.removals.empty();
}

}  // namespace

std::string_view PgCommit::Framed(std::string_view body) {
  std::string& room = frames_[framed_++ % frames_.size()];
  Frame(body, &room);
  return room;
}

void PgCommit::BindSealed(const std::optional<std::string>& sealed,
                          Values* in) {
  if (sealed.has_value()) {
    in->Bytes(std::string_view(Framed(*sealed)));
  } else {
    in->Null();
  }
}

void PgCommit::Queue(std::string_view text, const Step& step) {
  connection_->pg().Queue(connection_->Rendered(text), parameters_.get());
  parameters_.Clear();
  steps_.push_back(step);
}

void PgCommit::QueueCase(const CaseChange& change, const Step& step) {
  const CaseRow& row = change.row;
  Values in(&parameters_);
  if (MovesATimerOnly(writes_[step.write])) {
    in.Bytes(row.key.tenant).Bytes(row.key.id);
    in.Int(change.expected_version).Time(row.next_at);
    Queue(kMoveTimer, {step.write, About::kTimer, step.place});
    return;
  }
  if (change.only_check) {
    in.Bytes(row.key.tenant).Bytes(row.key.id);
    in.Int(change.expected_version);
    Queue(kHoldCase, step);
    return;
  }
  BindCase(row, Framed(row.payload), &in);
  const bool opens = change.expected_version == 0;
  if (opens) {
    BindSealed(change.write_sealed ? row.sealed : std::nullopt, &in);
  } else {
    in.Int(change.expected_version);
  }
  if (change.event.has_value()) {
    const EventRow& event = *change.event;
    in.Int(event.recorded_at).Bytes(Framed(event.payload));
    BindSealed(event.sealed, &in);
    in.Int(era_);
  }
  if (opens) {
    Queue(kOpenCase, step);
    return;
  }
  if (change.write_sealed) BindSealed(row.sealed, &in);
  if (change.event.has_value()) {
    Queue(change.write_sealed ? kChangeCase : kChangeCaseBut, step);
  } else {
    Queue(change.write_sealed ? kSetCase : kSetCaseBut, step);
  }
}

void PgCommit::QueueChecks(size_t write) {
  const std::vector<CaseChange>& cases = writes_[write].cases;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].only_check) continue;  // holding it is the check
    const CaseRow& row = cases[i].row;
    const auto check = [&](std::string_view text, About about, auto&& bind) {
      Values in(&parameters_);
      in.Bytes(row.key.tenant).Bytes(row.key.id);
      bind(&in);
      Queue(text, {write, about, i});
    };
    const bool opens = cases[i].expected_version == 0;
    check(opens ? kMustBeNew : kMustBeAt, About::kCase, [&](Values* in) {
      if (!opens) in->Int(cases[i].expected_version);
    });
    check(kMustBeFreeReference, About::kReference,
          [&](Values* in) { in->Bytes(row.reference); });
    if (!HasExternal(row)) continue;
    check(kMustBeFreeExternal, About::kExternal, [&](Values* in) {
      in->Bytes(row.external_system).Bytes(row.external_id);
    });
  }
}

void PgCommit::QueueRecord(const RecordChange& change, const Step& step) {
  const Record& record = change.record;
  Values in(&parameters_);
  BindRecord(record, Framed(record.payload), &in);
  BindSealed(record.sealed, &in);
  switch (change.expected_version) {
    case -1:
      Queue(kPutRecord, step);
      return;
    case 0:
      Queue(kNewRecord, step);
      return;
    default:
      in.Int(change.expected_version);
      Queue(kReplaceRecord, step);
  }
}

void PgCommit::QueueErasure(const RowKey& row, const Step& step) {
  Values in(&parameters_);
  switch (row.kind) {
    case RowKey::kCase:
      in.Bytes(row.case_key.tenant).Bytes(row.case_key.id);
      Queue(kEraseCase, step);
      return;
    case RowKey::kEvent:
      in.Bytes(row.case_key.tenant).Bytes(row.case_key.id).Int(row.version);
      Queue(kEraseEvent, step);
      return;
    case RowKey::kRecord:
      in.Bytes(row.record.tenant).Bytes(row.record.kind);
      in.Bytes(row.record.key);
      Queue(kEraseRecord, step);
  }
}

void PgCommit::QueueWrite(size_t write) {
  const Write& one = writes_[write];
  const Step other = {write, About::kOther, 0};
  const auto written = std::count_if(
      one.cases.begin(), one.cases.end(),
      [](const CaseChange& change) { return !change.only_check; });
  if (written > 1) QueueChecks(write);
  for (size_t i = 0; i < one.cases.size(); ++i) {
    QueueCase(one.cases[i], {write, About::kCase, i});
  }
  for (const DeliveryRow& row : one.deliveries) {
    Values in(&parameters_);
    BindDelivery(row, Framed(row.payload), &in);
    Queue(looks_for_deliveries_ ? kInsertDelivery : kNewDelivery,
          {write, About::kDelivery, 0});
  }
  for (size_t i = 0; i < one.records.size(); ++i) {
    QueueRecord(one.records[i], {write, About::kRecord, i});
  }
  for (const RowKey& row : one.erasures) QueueErasure(row, other);
  for (const RecordKey& key : one.removals) {
    Values in(&parameters_);
    in.Bytes(key.tenant).Bytes(key.kind).Bytes(key.key);
    Queue(kRemoveRecord, other);
  }
}

std::vector<int64_t> PgCommit::StoredAt(std::span<const Step> steps) {
  PgConnection& pg = connection_->pg();
  for (const Step& step : steps) {
    const Write& write = writes_[step.write];
    Values in(&parameters_);
    const bool of_record = step.about == About::kRecord;
    if (of_record) {
      const RecordKey& key = write.records[step.place].record.key;
      in.Bytes(key.tenant).Bytes(key.kind).Bytes(key.key);
    } else {
      const CaseKey& key = write.cases[step.place].row.key;
      in.Bytes(key.tenant).Bytes(key.id);
    }
    pg.Queue(
        connection_->Rendered(of_record ? kVersionOfRecord : kVersionOfCase),
        parameters_.get());
    parameters_.Clear();
  }
  std::vector<PgResult> answers;
  static_cast<void>(pg.Collect(&answers));
  std::vector<int64_t> stored(steps.size(), -1);
  for (size_t i = 0; i < answers.size() && i < stored.size(); ++i) {
    if (!answers[i].ok()) continue;
    stored[i] = answers[i].rows() == 1 ? answers[i].Int(0, 0) : 0;
  }
  return stored;
}

absl::Status PgCommit::Conflict(const Step& step, int64_t stored) const {
  const Write& write = writes_[step.write];
  // The verdict stands even where what is stored could not be read.
  const int64_t told = std::max<int64_t>(stored, 0);
  return step.about == About::kRecord
             ? VersionConflict(write.records[step.place].record.key, told)
             : VersionConflict(write.cases[step.place].row, told);
}

void PgCommit::Sift(std::vector<size_t>* waiting) {
  // Only where the answer does not hang on a Write before it in the group, and
  // where the version is the first thing that is checked.
  std::vector<Step> steps;
  std::set<CaseKey> seen;
  for (const size_t write : *waiting) {
    const std::vector<CaseChange>& cases = writes_[write].cases;
    bool first = cases.size() == 1;
    for (const CaseChange& change : cases) {
      first &= seen.insert(change.row.key).second;
    }
    if (first) steps.push_back({write, About::kCase, 0});
  }
  if (steps.empty()) return;
  const std::vector<int64_t> stored = StoredAt(steps);
  for (size_t i = 0; i < steps.size(); ++i) {
    const size_t write = steps[i].write;
    const int64_t expected = writes_[write].cases[0].expected_version;
    if (stored[i] < 0 || stored[i] == expected) continue;
    verdicts_[write] = Conflict(steps[i], stored[i]);
    waiting->erase(std::find(waiting->begin(), waiting->end(), write));
  }
}

std::optional<absl::Status> PgCommit::VerdictOn(const Step& step,
                                                const PgResult& answer) {
  const std::vector<CaseChange>& cases = writes_[step.write].cases;
  const auto taken = [&](std::string_view field) {
    return DuplicateReference(cases[step.place].row, field);
  };
  if (answer.state() == "22012") {  // division by zero
    if (step.about == About::kReference) return taken("reference");
    if (step.about == About::kExternal) return taken("external_id");
    return Conflict(step, StoredAt({&step, 1})[0]);
  }
  if (answer.state() == "23502" && step.about == About::kCase) {  // not null
    return Conflict(step, StoredAt({&step, 1})[0]);
  }
  if (answer.state() != "23505") return std::nullopt;  // unique violation
  const std::string_view name = answer.constraint();
  if (name == "cases_reference") return taken("reference");
  if (name == "cases_external") return taken("external_id");
  if (name == "cases_id" || name == "records_key") {
    return Conflict(step, StoredAt({&step, 1})[0]);
  }
  return std::nullopt;
}

void PgCommit::JudgeTimers(const std::vector<PgResult>& answers) {
  std::vector<Step> missed;
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].about == About::kTimer && answers[i].changed() != 1) {
      missed.push_back(steps_[i]);
    }
  }
  if (missed.empty()) return;
  const std::vector<int64_t> stored = StoredAt(missed);
  for (size_t i = 0; i < missed.size(); ++i) {
    verdicts_[missed[i].write] = Conflict(missed[i], stored[i]);
  }
}

bool PgCommit::MeetsAKnownDelivery(const Step& step, const PgResult& answer) {
  return step.about == About::kDelivery && !looks_for_deliveries_ &&
         answer.state() == "23505";  // unique violation
}

absl::Status PgCommit::Attempt(std::span<const size_t> writes,
                               std::optional<Refusal>* refusal, bool* again) {
  steps_.clear();
  std::vector<PgResult> answers;
  std::optional<size_t> failed;
  const absl::Status status = Transact(
      &connection_->pg(),
      [&] {
        for (const size_t write : writes) QueueWrite(write);
        return steps_.size();
      },
      &answers, &failed);
  if (status.ok()) {
    ++transactions_;
    JudgeTimers(answers);
    return status;
  }
  if (!failed.has_value()) return status;
  const Step step = steps_[*failed];
  const PgResult& answer = answers[*failed];
  if (MeetsAKnownDelivery(step, answer)) {
    looks_for_deliveries_ = true;
    *again = true;
    return absl::OkStatus();
  }
  std::optional<absl::Status> verdict = VerdictOn(step, answer);
  if (!verdict.has_value()) return status;
  *refusal = Refusal{step.write, *std::move(verdict)};
  return absl::OkStatus();
}

std::vector<absl::Status> PgCommit::Run() {
  verdicts_.assign(writes_.size(), absl::OkStatus());
  std::vector<size_t> waiting;
  for (size_t i = 0; i < writes_.size(); ++i) {
    verdicts_[i] = CheckShape(writes_[i]);
    if (verdicts_[i].ok()) waiting.push_back(i);
  }
  size_t at_once = waiting.size();
  int refusals = 0;
  int tries = 1;
  while (!waiting.empty()) {
    at_once = std::min(at_once, waiting.size());
    const auto end = waiting.begin() + static_cast<ptrdiff_t>(at_once);
    std::optional<Refusal> refusal;
    bool again = false;
    const absl::Status status =
        Attempt({waiting.begin(), end}, &refusal, &again);
    if (again) continue;
    if (refusal.has_value()) {
      verdicts_[refusal->write] = std::move(refusal->verdict);
      const auto refused = std::find(waiting.begin(), end, refusal->write);
      const auto before = static_cast<size_t>(refused - waiting.begin());
      waiting.erase(refused);
      if (++refusals > 1) {
        at_once = before > 0 ? before : kWritesAfterRefusals;
      } else if (ReasonOf(verdicts_[refusal->write]) ==
                 v1::ErrorInfo::VERSION_CONFLICT) {
        Sift(&waiting);
      }
    } else if (status.ok()) {
      waiting.erase(waiting.begin(), end);
      at_once *= 2;
    } else if (ReasonOf(status) == v1::ErrorInfo::STORE_CONTENDED &&
               waiting.size() < writes_.size() && tries < kTriesMax) {
      // Some are committed, or refused: their verdicts stand, so the call as a
      // whole is not contended and the engine does not send it again.
      ++tries;
    } else {
      for (const size_t write : waiting) verdicts_[write] = status;
      return std::move(verdicts_);
    }
  }
  return std::move(verdicts_);
}

std::vector<absl::Status> FinishAll(PgSqlConnection* connection,
                                    std::span<const Finished> finished) {
  std::vector<absl::Status> verdicts;
  std::vector<size_t> claimed;  // the rest never was, as its token says
  for (const Finished& one : finished) {
    if (one.token != 0) claimed.push_back(verdicts.size());
    verdicts.push_back(StaleToken(one.token));
  }
  if (claimed.empty()) return verdicts;
  std::vector<PgResult> answers;
  std::optional<size_t> failed;
  const absl::Status status = Transact(
      &connection->pg(),
      [&] {
        const std::string_view sql = connection->Rendered(kFinish);
        for (const size_t i : claimed) {
          PgParameters parameters;
          Values in(&parameters);
          BindFinished(finished[i], &in);
          connection->pg().Queue(sql, parameters.get());
        }
        return claimed.size();
      },
      &answers, &failed);
  if (!status.ok()) {
    return std::vector<absl::Status>(finished.size(), status);
  }
  for (size_t i = 0; i < claimed.size(); ++i) {
    if (answers[i].changed() == 1) verdicts[claimed[i]] = absl::OkStatus();
  }
  return verdicts;
}

}  // namespace hotline::internal
