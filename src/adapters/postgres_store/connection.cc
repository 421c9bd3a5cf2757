#include "src/adapters/postgres_store/connection.h"

#include <poll.h>

#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/adapters/postgres_store/errors.h"
#include "src/adapters/postgres_store/waiting.h"
#include "src/base/absl_bridge.h"

namespace hotline::internal {
namespace {

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  return text;
}

// A refusal after which the connection is as good as before: of values,
// constraints, privileges, or for the sake of another transaction.
bool Harmless(const PgResult& answer) {
  if (answer.ok() || answer.skipped()) return true;
  const std::string_view state = answer.state();
  const std::string_view kind = state.substr(0, 2);
  return kind == "22" || kind == "23" || kind == "25" || kind == "40" ||
         kind == "53" || kind == "54" || kind == "55" || state == "42501";
}

// The library prints nothing, whatever a server has to say.
void Ignore(void*, const PGresult*) {}

}  // namespace

void PgBound::Take(std::span<const PgValue> values) {
  constexpr size_t kDigits = 24;
  const size_t count = values.size();
  values_.assign(count, nullptr);
  lengths_.assign(count, 0);
  formats_.assign(count, 0);
  if (text_.size() < count * kDigits) text_.resize(count * kDigits);
  for (size_t i = 0; i < count; ++i) {
    const PgValue& value = values[i];
    if (value.kind == PgValue::kBytes) {
      // An empty value is not NULL.
      values_[i] = value.bytes.data() == nullptr ? "" : value.bytes.data();
      lengths_[i] = static_cast<int>(value.bytes.size());
      formats_[i] = 1;
    } else if (value.kind == PgValue::kInt) {
      char* text = text_.data() + i * kDigits;
      *std::to_chars(text, text + kDigits - 1, value.number).ptr = '\0';
      values_[i] = text;
    }
  }
}

bool PgResult::ok() const {
  const ExecStatusType status = PQresultStatus(result_.get());
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

bool PgResult::skipped() const {
  return PQresultStatus(result_.get()) == PGRES_PIPELINE_ABORTED;
}

bool PgResult::is_sync() const {
  return PQresultStatus(result_.get()) == PGRES_PIPELINE_SYNC;
}

std::string_view PgResult::Field(int code) const {
  const char* field = PQresultErrorField(result_.get(), code);
  return field == nullptr ? std::string_view() : field;
}

std::string_view PgResult::state() const { return Field(PG_DIAG_SQLSTATE); }

std::string_view PgResult::constraint() const {
  return Field(PG_DIAG_CONSTRAINT_NAME);
}

bool PgResult::fatal() const {
  const std::string_view severity = Field(PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC";
}

absl::Status PgResult::status() const {
  if (ok()) return absl::OkStatus();
  const std::string_view message = Field(PG_DIAG_MESSAGE_PRIMARY);
  return ErrorOfState(
      state(),
      message.empty() ? Trimmed(PQresultErrorMessage(result_.get())) : message);
}

int64_t PgResult::changed() const {
  const std::string_view text = PQcmdTuples(result_.get());
  int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::string_view PgResult::Bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

int64_t PgResult::Int(int row, int column) const {
  const std::string_view bytes = Bytes(row, column);
  const uint64_t value = BigEndian(bytes);
  switch (bytes.size()) {  // the sign of a narrower number
    case 2:
      return static_cast<int16_t>(value);
    case 4:
      return static_cast<int32_t>(value);
    default:
      return static_cast<int64_t>(value);
  }
}

PgConnection::PgConnection(
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection,
    absl::Duration timeout)
    : connection_(std::move(connection)), timeout_(timeout) {
  PQsetNoticeReceiver(connection_.get(), &Ignore, nullptr);
  if (PQsetnonblocking(connection_.get(), 1) != 0 ||
      PQenterPipelineMode(connection_.get()) != 1) {
    usable_ = false;
    trouble_ = PQerrorMessage(connection_.get());
  }
}

absl::Status PgConnection::Lost(std::string_view why) {
  usable_ = false;
  expected_.clear();
  return MakeError(
      v1::ErrorInfo::STORE_FAILED,
      absl::StrCat("PostgreSQL: the connection was lost: ",
                   ToAbsl(Trimmed(why)), "; the next call opens another"));
}

bool PgConnection::StillThere() {
  if (!usable_ || PQstatus(connection_.get()) != CONNECTION_OK) return false;
  pollfd one = {
      .fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
  if (poll(&one, 1, 0) <= 0) return true;
  // Words of an idle server: a notice, or its farewell.
  return PQconsumeInput(connection_.get()) == 1 &&
         PQisBusy(connection_.get()) == 0 &&
         PQstatus(connection_.get()) == CONNECTION_OK && poll(&one, 1, 0) <= 0;
}

void PgConnection::Queue(std::string_view sql,
                         std::span<const PgValue> values) {
  if (!usable_) return;
  PGconn* c = connection_.get();
  auto found = kept_.find(sql);
  if (found == kept_.end()) {
    auto kept = std::make_unique<Kept>();
    kept->sql = sql;
    kept->name = absl::StrCat("h", ++names_);
    if (PQsendPrepare(c, kept->name.c_str(), kept->sql.c_str(), 0, nullptr) !=
        1) {
      usable_ = false;
      trouble_ = PQerrorMessage(c);
      return;
    }
    expected_.push_back({kept.get()});
    const std::string_view text = kept->sql;
    found = kept_.emplace(text, std::move(kept)).first;
  }
  bound_.Take(values);
  if (PQsendQueryPrepared(c, found->second->name.c_str(),
                          static_cast<int>(values.size()), bound_.values(),
                          bound_.lengths(), bound_.formats(), 1) != 1) {
    usable_ = false;
    trouble_ = PQerrorMessage(c);
    return;
  }
  expected_.push_back({});
  ++counters_.statements;
}

absl::Status PgConnection::Wait(absl::Time deadline) {
  PGconn* c = connection_.get();
  const int unsent = PQflush(c);
  if (unsent < 0) return Lost(PQerrorMessage(c));
  const auto events = static_cast<short>(POLLIN | (unsent > 0 ? POLLOUT : 0));
  if (!PollUntil(PQsocket(c), events, deadline)) {
    return Lost(
        absl::StrCat("no answer within ", absl::FormatDuration(timeout_)));
  }
  if (PQconsumeInput(c) != 1) return Lost(PQerrorMessage(c));
  return absl::OkStatus();
}

PGresult* PgConnection::Next(absl::Time deadline, absl::Status* lost) {
  PGconn* c = connection_.get();
  while (PQisBusy(c) != 0) {
    *lost = Wait(deadline);
    if (!lost->ok()) return nullptr;
  }
  return PQgetResult(c);
}

absl::Status PgConnection::CollectEnd(absl::Time deadline,
                                      std::vector<PgResult>* answers) {
  PGconn* c = connection_.get();
  absl::Status lost;
  PgResult end(Next(deadline, &lost));
  if (!lost.ok()) return lost;
  if (!end.is_sync() && !end.fatal() && PQstatus(c) == CONNECTION_OK) {
    // The commit was refused. Before the end comes null, as after a statement.
    answers->push_back(std::move(end));
    end = PgResult(Next(deadline, &lost));
    if (lost.ok() && !end.is_sync()) end = PgResult(Next(deadline, &lost));
    if (!lost.ok()) return lost;
  }
  if (end.is_sync()) return absl::OkStatus();
  return Lost(PQstatus(c) == CONNECTION_OK ? "the server broke the protocol"
                                           : PQerrorMessage(c));
}

absl::Status PgConnection::Collect(std::vector<PgResult>* answers) {
  answers->clear();
  PGconn* c = connection_.get();
  sent_ = false;
  if (usable_ && PQpipelineSync(c) != 1) {
    usable_ = false;
    trouble_ = PQerrorMessage(c);
  }
  if (!usable_) return Lost(trouble_);
  sent_ = true;
  ++counters_.round_trips;
  const absl::Time deadline = SteadyNow() + timeout_;
  const std::vector<Expected> expected = std::exchange(expected_, {});
  answers->reserve(expected.size());
  absl::Status lost;
  bool doubtful = false;
  std::optional<PgResult> unprepared;
  for (const Expected& one : expected) {
    PgResult answer(Next(deadline, &lost));
    if (!lost.ok()) return lost;
    // After the last words of a server nothing comes.
    const bool over = PQstatus(c) != CONNECTION_OK;
    if (!over) PQclear(Next(deadline, &lost));
    if (!Harmless(answer)) doubtful = true;
    if (one.prepares == nullptr) {
      // A text that could not be prepared is told in the statement's place.
      if (unprepared.has_value() && answer.skipped()) {
        std::swap(answer, *unprepared);
      }
      unprepared.reset();
      counters_.rows += answer.rows();
      answers->push_back(std::move(answer));
    } else if (!answer.ok()) {
      kept_.erase(kept_.find(one.prepares->sql));
      if (over) {
        answers->push_back(std::move(answer));
      } else if (!answer.skipped()) {
        unprepared.emplace(std::move(answer));
      }
    }
    if (over) return Lost(PQerrorMessage(c));
    if (!lost.ok()) return lost;
  }
  lost = CollectEnd(deadline, answers);
  if (!lost.ok()) return lost;
  if (!answers->empty() && !Harmless(answers->back())) doubtful = true;
  if (doubtful) usable_ = false;
  return absl::OkStatus();
}

absl::StatusOr<PgResult> PgConnection::Run(std::string_view sql,
                                           std::span<const PgValue> values) {
  Queue(sql, values);
  std::vector<PgResult> answers;
  const absl::Status status = Collect(&answers);
  // What the server said last is better than that it is gone.
  if (!answers.empty() && !answers.back().ok()) return answers.back().status();
  if (!status.ok()) return status;
  return std::move(answers.back());
}

bool PgConnection::RollBack() {
  if (!usable_) return false;
  if (PQtransactionStatus(connection_.get()) == PQTRANS_IDLE) return true;
  const bool done = Run("ROLLBACK").ok();
  usable_ = usable_ && done;
  return usable_;
}

}  // namespace hotline::internal
