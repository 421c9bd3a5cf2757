#include "src/cli/out_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"

namespace hotline::cli {
namespace {

absl::Status Refused(const std::string& path, const char* why) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<OutFile>> OutFile::Create(
    const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored) &&
      !std::filesystem::is_regular_file(path, ignored)) {
    return Refused(path, "is no plain file");
  }
  const std::string part = path + ".part";
  const int fd = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                      0640);  // it may hold names
  if (fd < 0) return Refused(part, std::strerror(errno));
  return std::unique_ptr<OutFile>(new OutFile(path, fd));
}

OutFile::OutFile(std::string path, int fd)
    : path_(std::move(path)), part_(path_ + ".part"), fd_(fd) {}

OutFile::~OutFile() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(part_.c_str());
}

absl::Status OutFile::Failed(const char* what) const {
  const int why = errno;
  return MakeError(why == ENOSPC || why == EDQUOT ? v1::ErrorInfo::STORAGE_FULL
                                                  : v1::ErrorInfo::STORE_FAILED,
                   absl::StrCat(path_, ": ", what, ": ", std::strerror(why)));
}

absl::Status OutFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("cannot be written");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status OutFile::Finish() {
  if (fsync(fd_) != 0) return Failed("cannot be written");
  if (std::rename(part_.c_str(), path_.c_str()) != 0) {
    return Failed("cannot be put in its place");
  }
  close(std::exchange(fd_, -1));
  return absl::OkStatus();
}

absl::Status WriteWhole(const std::string& path, std::string_view bytes) {
  const absl::StatusOr<std::unique_ptr<OutFile>> file = OutFile::Create(path);
  if (!file.ok()) return file.status();
  if (absl::Status s = (*file)->Write(bytes); !s.ok()) return s;
  return (*file)->Finish();
}

}  // namespace hotline::cli
