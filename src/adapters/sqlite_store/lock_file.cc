#include "src/adapters/sqlite_store/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/base/time.h"

namespace hotline::internal {
namespace {

std::string ReadHolder(int fd) {
  char text[128];
  const ssize_t size = pread(fd, text, sizeof(text), 0);
  std::string holder(text, size > 0 ? static_cast<size_t>(size) : 0);
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return IsCleanText(holder) && !holder.empty() ? holder : "another process";
}

}  // namespace

absl::StatusOr<LockFile> LockFile::Take(const std::string& path,
                                        absl::Time now) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return MakeError(
        v1::ErrorInfo::STORE_FAILED,
        absl::StrCat("cannot make the lock file ", path, ": ",
                     std::strerror(errno),
                     "; its directory must exist and be writable"));
  }
  LockFile lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return MakeError(v1::ErrorInfo::STORE_BUSY,
                     absl::StrCat("the store is held by ", ReadHolder(fd),
                                  "; close it there, or open it read_only"));
  }
  const std::string text =
      absl::StrCat("process ", getpid(), " since ", FormatUtc(now), "\n");
  // The text is only told to people; the lock itself stands already.
  if (ftruncate(fd, 0) != 0 || pwrite(fd, text.data(), text.size(), 0) < 0) {
    return MakeError(v1::ErrorInfo::STORE_FAILED,
                     absl::StrCat("cannot write the lock file ", path, ": ",
                                  std::strerror(errno)));
  }
  return lock;
}

LockFile::~LockFile() {
  // Closing, not unlocking: a forked child shares the lock and must not take it
  // from its parent. The file stays, for removing it would race with the next.
  if (fd_ >= 0) close(fd_);
}

LockFile::LockFile(LockFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

}  // namespace hotline::internal
