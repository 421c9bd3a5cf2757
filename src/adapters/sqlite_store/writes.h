// The writing half of the port, in SQL inside one transaction of the one
// connection that writes. All may throw.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_WRITES_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_WRITES_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "hotline/store.h"
#include "src/adapters/sqlite_store/connection.h"

namespace hotline::internal {

// Checks each of `writes` against what is stored, then writes it. Not OK: it
// left no trace and the transaction goes on. A throw ends the transaction.
std::vector<absl::Status> CheckAndApply(SqliteConnection* connection,
                                        std::span<const Write> writes);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_WRITES_H_
