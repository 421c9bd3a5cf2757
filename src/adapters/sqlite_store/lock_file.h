// The file that says which process writes to a store: PATH.lock, held by
// flock(2) and let go when its process ends, however it ends.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_LOCK_FILE_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_LOCK_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace hotline::internal {

class LockFile {
 public:
  // STORE_BUSY, naming the holder, if another store has it; STORE_FAILED if it
  // cannot be made.
  static absl::StatusOr<LockFile> Take(const std::string& path, absl::Time now);

  LockFile() = default;  // holds nothing
  ~LockFile();
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_LOCK_FILE_H_
