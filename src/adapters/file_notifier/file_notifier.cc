#include "hotline/adapters/file_notifier.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/adapters/file_notifier/cloud_event.h"
#include "src/base/mutex.h"

namespace hotline {
namespace {

using internal::MutexLock;

int OpenForAppending(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

std::string Why(int error) { return std::strerror(error); }

}  // namespace

struct FileNotifier::Rep {
  Rep(std::string file, const Options& o) : path(std::move(file)), options(o) {}
  ~Rep() {
    if (fd >= 0) close(fd);
  }

  std::string Aside(int number) const {
    return absl::StrCat(path, ".", number);
  }
  // Leaves `fd` at -1 and errno set if the file cannot be opened.
  void Reopen() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  void RotateIfFull() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  SendResult WriteLine(const std::string& line)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  SendResult WriteFailed(size_t written, int error)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  const std::string path;
  const Options options;
  internal::Mutex mutex;
  int fd ABSL_GUARDED_BY(mutex) = -1;
  int64_t size ABSL_GUARDED_BY(mutex) = 0;
  // The file ends within a line: the next one must not go on there.
  bool torn ABSL_GUARDED_BY(mutex) = false;
};

void FileNotifier::Rep::Reopen() {
  if (fd >= 0) close(fd);
  fd = OpenForAppending(path);
  size = 0;
  torn = false;
  struct stat st = {};
  if (fd < 0 || fstat(fd, &st) != 0) return;
  size = st.st_size;
  // A process that died while it wrote may have left half a line.
  char last = '\n';
  const int reader = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (reader >= 0) {
    if (size > 0 && pread(reader, &last, 1, size - 1) == 1) torn = last != '\n';
    close(reader);
  }
}

void FileNotifier::Rep::RotateIfFull() {
  if (size < options.rotate_bytes) return;
  if (options.keep == 0) {
    unlink(path.c_str());
  } else {
    for (int i = options.keep - 1; i >= 1; --i) {
      rename(Aside(i).c_str(), Aside(i + 1).c_str());
    }
    // If this fails, the file grows on: better long than lost.
    rename(path.c_str(), Aside(1).c_str());
  }
  Reopen();
}

SendResult FileNotifier::Rep::WriteFailed(size_t written, int error) {
  SendResult result;
  result.detail = absl::StrCat("write failed: ", Why(error));
  result.outcome = Outcome::kTransient;
  // Taking the half line back makes it certain that nothing was accepted.
  if (written > 0 && ftruncate(fd, size) != 0) {
    result.outcome = Outcome::kUnknown;
    size += static_cast<int64_t>(written);
    torn = true;
  }
  return result;
}

SendResult FileNotifier::Rep::WriteLine(const std::string& line) {
  RotateIfFull();
  if (fd < 0) Reopen();
  if (fd < 0) {
    return {.outcome = Outcome::kTransient,
            .detail = absl::StrCat("cannot open the file: ", Why(errno))};
  }
  const std::string bytes = absl::StrCat(torn ? "\n" : "", line, "\n");
  size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t n = write(fd, bytes.data() + written, bytes.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return WriteFailed(written, errno);
    written += static_cast<size_t>(n);
  }
  size += static_cast<int64_t>(bytes.size());
  torn = false;
  if (options.sync && fdatasync(fd) != 0) {
    return {.outcome = Outcome::kUnknown,
            .detail = absl::StrCat("sync failed: ", Why(errno))};
  }
  return {.outcome = Outcome::kDelivered};
}

absl::StatusOr<std::unique_ptr<FileNotifier>> FileNotifier::Open(
    std::string_view path, const Options& options) {
  if (path.empty() || options.rotate_bytes < 1 || options.keep < 0) {
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                     "a file notifier needs a path, rotate_bytes above 0 and "
                     "keep from 0 on");
  }
  auto rep = std::make_unique<Rep>(std::string(path), options);
  {
    MutexLock lock(&rep->mutex);
    rep->Reopen();
    if (rep->fd < 0) {
      return MakeError(v1::ErrorInfo::STORE_FAILED,
                       absl::StrCat("cannot open ", rep->path, ": ", Why(errno),
                                    "; its directory must exist and be "
                                    "writable"));
    }
  }
  return std::unique_ptr<FileNotifier>(new FileNotifier(std::move(rep)));
}

FileNotifier::FileNotifier(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}

FileNotifier::~FileNotifier() = default;

std::string FileNotifier::name() const { return "file"; }

std::vector<SendResult> FileNotifier::Send(std::span<const Envelope> envelopes,
                                           absl::Time) {
  std::vector<SendResult> results;
  results.reserve(envelopes.size());
  MutexLock lock(&rep_->mutex);
  for (const Envelope& envelope : envelopes) {
    results.push_back(rep_->WriteLine(
        internal::CloudEventLine(envelope, rep_->options.include_text)));
  }
  return results;
}

}  // namespace hotline
