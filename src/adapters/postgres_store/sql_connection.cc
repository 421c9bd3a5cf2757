#include "src/adapters/postgres_store/sql_connection.h"

#include "src/base/absl_bridge.h"

namespace hotline::internal {

// All rows come with the answer; a step only goes on to the next.
class PgSqlConnection::Statement final : public SqlStatement {
 public:
  Statement(PgConnection* connection, std::string sql)
      : connection_(connection), sql_(std::move(sql)) {}

  const std::string& sql() const { return sql_; }

  void BindNull(int parameter) override { in_.BindNull(parameter); }
  void BindInt(int parameter, int64_t value) override {
    in_.BindInt(parameter, value);
  }
  void BindBool(int parameter, bool value) override {
    in_.BindBool(parameter, value);
  }
  void BindBytes(int parameter, std::string_view value) override {
    in_.BindBytes(parameter, value);
  }

  bool Step() override {
    if (!answer_.has_value()) {
      absl::StatusOr<PgResult> answer = connection_->Run(sql_, in_.get());
      if (!answer.ok()) throw Failure(answer.status());
      answer_ = *std::move(answer);
      row_ = -1;
    }
    return ++row_ < answer_->rows();
  }
  int64_t RowsChanged() override {
    return answer_.has_value() ? answer_->changed() : 0;
  }
  bool IsNull(int column) override { return answer_->IsNull(row_, column); }
  int64_t GetInt(int column) override {
    return IsNull(column) ? 0 : answer_->Int(row_, column);
  }
  std::string_view GetBytes(int column) override {
    return answer_->Bytes(row_, column);
  }
  void Reset() noexcept override {
    in_.Clear();
    answer_.reset();
  }

 private:
  PgConnection* const connection_;
  const std::string sql_;
  PgParameters in_;
  std::optional<PgResult> answer_;
  int row_ = -1;
};

PgSqlConnection::PgSqlConnection(std::unique_ptr<PgConnection> connection)
    : connection_(std::move(connection)) {}

PgSqlConnection::~PgSqlConnection() = default;

PgSqlConnection::Statement& PgSqlConnection::At(std::string_view text,
                                                const Variant& variant) {
  std::unique_ptr<Statement>& kept =
      statements_[{text.data(), variant.sealed, variant.column, variant.limit}];
  if (kept == nullptr) {
    kept = std::make_unique<Statement>(
        connection_.get(), Render(SqlDialect::kPostgres, text, variant));
  }
  return *kept;
}

std::string_view PgSqlConnection::Rendered(std::string_view text,
                                           const Variant& variant) {
  return At(text, variant).sql();
}

SqlStatement* PgSqlConnection::Kept(std::string_view text,
                                    const Variant& variant) {
  return &At(text, variant);
}

void PgSqlConnection::Execute(const std::string& sql) {
  const absl::Status status = connection_->Run(sql).status();
  if (!status.ok()) throw Failure(status);
}

void PgSqlConnection::Begin() { Execute("BEGIN"); }

void PgSqlConnection::Commit() {
  const absl::StatusOr<PgResult> answer = connection_->Run("COMMIT");
  if (answer.ok() && answer->tag() == "COMMIT") return;
  if (answer.ok()) {
    throw Failure(MakeError(v1::ErrorInfo::STORE_FAILED,
                            "PostgreSQL: the transaction was rolled back"));
  }
  throw Failure(connection_->usable()
                    ? answer.status()
                    : MakeError(v1::ErrorInfo::OUTCOME_UNKNOWN,
                                ToStd(answer.status().message())));
}

void PgSqlConnection::Rollback() noexcept { connection_->RollBack(); }

}  // namespace hotline::internal
