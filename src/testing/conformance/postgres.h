// A server of PostgreSQL to be tried: each contract's place is a schema of its
// own, made by the store and dropped when the contract is over.
#ifndef HOTLINE_SRC_TESTING_CONFORMANCE_POSTGRES_H_
#define HOTLINE_SRC_TESTING_CONFORMANCE_POSTGRES_H_

#include <string>

#include "absl/status/statusor.h"
#include "hotline/testing/store_contracts.h"

namespace hotline::testing {

// `dsn` as libpq takes it; its role must be allowed to make schemas.
absl::StatusOr<StoreUnderTest> PostgresUnderTest(const std::string& dsn);

}  // namespace hotline::testing

#endif  // HOTLINE_SRC_TESTING_CONFORMANCE_POSTGRES_H_
