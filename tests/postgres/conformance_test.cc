// Goal: the PostgreSQL store keeps every contract of hotline/store.h. Method:
// the kit of hotline::testing, each contract in a schema of its own.
#include "hotline/testing/store_conformance.h"
#include "tests/postgres/server.h"

namespace hotline {
namespace {

class SchemaHarness final : public testing::StoreHarness {
 public:
  ~SchemaHarness() override {
    TheServer().Sql("DROP SCHEMA IF EXISTS " + schema_ + " CASCADE");
  }
  absl::StatusOr<std::unique_ptr<Store>> Open(Clock* clock) override {
    return PostgresStore::Open({.conninfo = TheServer().Conninfo(),
                                .schema = schema_,
                                .clock = clock});
  }
  void Settle() override { TheServer().WaitForNoBackend(); }

 private:
  const std::string schema_ = NewSchema();
};

const bool registered = testing::RegisterStoreConformance(
    {.name = "postgres",
     .factory = []() -> absl::StatusOr<std::unique_ptr<testing::StoreHarness>> {
       return std::make_unique<SchemaHarness>();
     }});

}  // namespace
}  // namespace hotline
