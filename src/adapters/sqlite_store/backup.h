// A copy of a store that is being written to.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_BACKUP_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>

#include "src/adapters/sqlite_store/connection.h"

namespace hotline::internal {

using BackupProgress = std::function<void(int64_t done, int64_t total)>;

// Copies what `from`, which must be idle, sees now into a new file `to`. All or
// nothing stands there. Throws Failure.
void CopyStore(SqliteConnection* from, const std::string& to,
               const BackupProgress& progress);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_BACKUP_H_
