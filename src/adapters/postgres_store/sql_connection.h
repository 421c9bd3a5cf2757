// The room `sql` over one PostgreSQL connection: its reads and rows are those
// of every SQL store.
#ifndef HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_SQL_CONNECTION_H_
#define HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_SQL_CONNECTION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "src/adapters/postgres_store/connection.h"
#include "src/adapters/sql/connection.h"

namespace hotline::internal {

// Parameters being filled; the bytes are looked at until they are queued.
class PgParameters final : public SqlParameters {
 public:
  void BindNull(int parameter) override { At(parameter) = PgValue::Null(); }
  void BindInt(int parameter, int64_t value) override {
    At(parameter) = PgValue::Int(value);
  }
  void BindBool(int parameter, bool value) override {
    At(parameter) = PgValue::Int(value ? 1 : 0);
  }
  void BindBytes(int parameter, std::string_view value) override {
    At(parameter) = PgValue::Bytes(value);
  }
  std::span<const PgValue> get() const { return values_; }
  void Clear() { values_.clear(); }

 private:
  PgValue& At(int parameter) {
    const auto place = static_cast<size_t>(parameter);
    if (place > values_.size()) values_.resize(place);
    return values_[place - 1];
  }

  std::vector<PgValue> values_;
};

class PgSqlConnection final : public SqlConnection {
 public:
  explicit PgSqlConnection(std::unique_ptr<PgConnection> connection);
  ~PgSqlConnection() override;

  PgConnection& pg() { return *connection_; }
  // The text as PostgreSQL reads it, kept.
  std::string_view Rendered(std::string_view text, const Variant& variant = {});

  SqlDialect dialect() const override { return SqlDialect::kPostgres; }
  SqlStatement* Kept(std::string_view text, const Variant& variant) override;
  void Execute(const std::string& sql) override;
  void Begin() override;
  void Commit() override;
  void Rollback() noexcept override;

 private:
  class Statement;
  // Texts are constants: their place says which one it is.
  using TextKey = std::tuple<const char*, bool, int, int64_t>;

  Statement& At(std::string_view text, const Variant& variant);

  std::unique_ptr<PgConnection> connection_;
  std::map<TextKey, std::unique_ptr<Statement>> statements_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_SQL_CONNECTION_H_
