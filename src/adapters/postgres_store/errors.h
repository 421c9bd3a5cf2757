// What PostgreSQL calls an error (its SQLSTATE, appendix A of its manual), and
// what we call it.
#ifndef HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_ERRORS_H_
#define HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_ERRORS_H_

#include <string_view>

#include "absl/status/status.h"
#include "hotline/v1/error.pb.h"

namespace hotline::internal {

v1::ErrorInfo::Reason ReasonOfState(std::string_view state);

// The failure of a statement or of a connection, with what to do about it where
// one can. `state` may be empty: no server answered.
absl::Status ErrorOfState(std::string_view state, std::string_view message);

// STORE_FAILED that no server told: what is wrong with `path`, what to do.
absl::Status StoreFailed(std::string_view path, std::string_view message,
                         std::string_view hint);

// A failed attempt to connect, as libpq tells it at length: finds the state.
absl::Status ErrorOfConnecting(std::string_view message);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_ERRORS_H_
