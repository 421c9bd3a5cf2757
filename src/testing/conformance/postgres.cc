#include "src/testing/conformance/postgres.h"

#include <libpq-fe.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <random>
#include <utility>

#include "hotline/adapters/postgres_store.h"
#include "hotline/error.h"

namespace hotline::testing {
namespace {

// Two machines may try one server at once: names are drawn, not counted alone.
std::string NewSchema() {
  static const std::string run = std::to_string(std::random_device()());
  static std::atomic<int> made{0};
  return "hotline_try_" + run + "_" + std::to_string(++made);
}

// All of it, whoever still waits for it; silent but for what failed.
void Drop(const std::string& dsn, const std::string& schema) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdb(dsn.c_str()), &PQfinish);
  PQsetNoticeReceiver(
      connection.get(), [](void*, const PGresult*) {}, nullptr);
  const std::string sql = "DROP SCHEMA IF EXISTS " + schema + " CASCADE";
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(
      PQexec(connection.get(), sql.c_str()), &PQclear);
  if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return;
  std::cerr << "the schema " << schema
            << " is left behind: " << PQerrorMessage(connection.get());
}

// Until no other client is at work in the database; a few seconds at most, for
// it may have others who stay.
void AwaitSilence(const std::string& dsn) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdb(dsn.c_str()), &PQfinish);
  const char* const others =
      "SELECT 1 FROM pg_stat_activity, pg_sleep(0.01) WHERE pid <>"
      " pg_backend_pid() AND datname = current_database()"
      " AND backend_type = 'client backend' LIMIT 1";
  for (int looks = 0; looks < 300; ++looks) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), others), &PQclear);
    if (PQntuples(result.get()) == 0) return;
  }
}

class SchemaHarness final : public StoreHarness {
 public:
  explicit SchemaHarness(std::string dsn) : dsn_(std::move(dsn)) {}
  ~SchemaHarness() override { Drop(dsn_, schema_); }

  absl::StatusOr<std::unique_ptr<Store>> Open(Clock* clock) override {
    return PostgresStore::Open(
        {.conninfo = dsn_, .schema = schema_, .clock = clock});
  }
  void Settle() override { AwaitSilence(dsn_); }

 private:
  const std::string dsn_;
  const std::string schema_ = NewSchema();
};

}  // namespace

absl::StatusOr<StoreUnderTest> PostgresUnderTest(const std::string& dsn) {
  if (dsn.empty()) {
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                     "--store=postgres needs --dsn; name a server that may be "
                     "tried, such as --dsn='host=127.0.0.1 user=postgres "
                     "dbname=postgres'");
  }
  return StoreUnderTest{
      .name = "postgres",
      .factory = [dsn]() -> absl::StatusOr<std::unique_ptr<StoreHarness>> {
        return std::make_unique<SchemaHarness>(dsn);
      }};
}

}  // namespace hotline::testing
