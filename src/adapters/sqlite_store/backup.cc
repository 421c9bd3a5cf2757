#include "src/adapters/sqlite_store/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"

namespace hotline::internal {
namespace {

constexpr int kPagesAStep = 256;  // a megabyte

[[noreturn]] void Fail(v1::ErrorInfo::Reason reason, std::string_view message) {
  throw Failure(MakeError(reason, message));
}

[[noreturn]] void FailAs(const std::string& what, const std::string& path) {
  const int error = errno;
  Fail(error == ENOSPC || error == EDQUOT ? v1::ErrorInfo::STORAGE_FULL
                                          : v1::ErrorInfo::STORE_FAILED,
       absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(error)));
}

// What stands beside a database is taken for its log when it is opened, whoever
// left it there.
void RefuseExisting(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    const std::string taken = path + suffix;
    std::error_code error;
    if (!std::filesystem::exists(
            std::filesystem::symlink_status(taken, error))) {
      continue;
    }
    Fail(v1::ErrorInfo::INVALID_ARGUMENT,
         absl::StrCat("there is a file ", taken,
                      " already; name another, or move it away"));
  }
}

// The file while it is being written. Gone with this unless it was kept.
class Partial {
 public:
  Partial(const std::string& final_path, mode_t mode)
      : final_(final_path), path_(final_path + ".partial") {
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, mode);
    if (fd_ < 0) FailAs("make", path_);
    // The destructor of what was not made does not run.
    try {
      TakeAndEmpty();
    } catch (...) {
      close(fd_);
      throw;
    }
  }
  ~Partial() {
    if (!kept_) unlink(path_.c_str());
    close(fd_);
  }
  Partial(const Partial&) = delete;
  Partial& operator=(const Partial&) = delete;

  const std::string& path() const { return path_; }

  // Gives the file its name, unless another took it meanwhile.
  void Keep() {
    if (fsync(fd_) != 0) FailAs("write", path_);
    if (link(path_.c_str(), final_.c_str()) == 0) {
      unlink(path_.c_str());
    } else if (errno == EEXIST) {
      RefuseExisting(final_);
    } else if (rename(path_.c_str(), final_.c_str()) != 0) {
      // Not every file system has links.
      FailAs("rename", path_);
    }
    kept_ = true;
    SyncDirectory();
  }

 private:
  void TakeAndEmpty() {
    if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      Fail(v1::ErrorInfo::STORE_BUSY,
           absl::StrCat("another backup writes ", path_, "; wait for its end"));
    }
    // Between opening and locking another backup may have ended: then this is
    // its whole copy, which bears its name by now.
    struct stat held = {};
    struct stat named = {};
    if (fstat(fd_, &held) != 0) FailAs("look at", path_);
    if (stat(path_.c_str(), &named) != 0 || held.st_dev != named.st_dev ||
        held.st_ino != named.st_ino) {
      Fail(v1::ErrorInfo::STORE_BUSY,
           absl::StrCat("another backup to ", final_,
                        " has just ended; look at it, or try again"));
    }
    if (held.st_nlink != 1) {
      Fail(v1::ErrorInfo::STORE_BUSY,
           absl::StrCat(path_,
                        " is a second name of another file, such as a "
                        "backup; remove that name"));
    }
    // What a backup left that was killed is no use.
    if (ftruncate(fd_, 0) != 0) FailAs("empty", path_);
  }

  void SyncDirectory() {
    const std::string directory =
        std::filesystem::path(final_).parent_path().string();
    const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;  // it may be written and not read
    static_cast<void>(fsync(fd));
    close(fd);
  }

  const std::string final_;
  const std::string path_;
  int fd_ = -1;
  bool kept_ = false;
};

struct Close {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};

// Neither journal nor waiting for the disk: until it is whole, the file is
// nothing.
std::unique_ptr<sqlite3, Close> OpenTarget(const std::string& path) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<sqlite3, Close> target(db);
  if (code != SQLITE_OK) throw Failure(SqliteError(code, path));
  sqlite3_extended_result_codes(db, 1);
  sqlite3_exec(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", nullptr,
               nullptr, nullptr);
  return target;
}

void CopyPages(sqlite3* from, sqlite3* to, int64_t page_bytes,
               const BackupProgress& progress) {
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", from, "main");
  if (backup == nullptr) {
    throw Failure(
        SqliteError(sqlite3_extended_errcode(to), sqlite3_errmsg(to)));
  }
  int code = SQLITE_OK;
  while (code == SQLITE_OK) {
    code = sqlite3_backup_step(backup, kPagesAStep);
    if (code != SQLITE_OK && code != SQLITE_DONE) break;
    const int64_t total = sqlite3_backup_pagecount(backup);
    const int64_t left = sqlite3_backup_remaining(backup);
    if (progress) progress((total - left) * page_bytes, total * page_bytes);
  }
  const int end = sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE || end != SQLITE_OK) {
    const int error = code == SQLITE_DONE ? end : code;
    throw Failure(
        SqliteError(error, absl::StrCat("backup: ", sqlite3_errstr(error))));
  }
}

mode_t ModeOf(const char* path) {
  struct stat st = {};
  return stat(path, &st) == 0 ? st.st_mode & 0777 : 0600;
}

}  // namespace

void CopyStore(SqliteConnection* from, const std::string& to,
               const BackupProgress& progress) {
  RefuseExisting(to);
  Partial partial(to, ModeOf(sqlite3_db_filename(from->handle(), "main")));
  // One read of what stands now: without it, every commit of a writer would
  // make the copy begin anew.
  from->Execute("BEGIN");
  const int64_t page_bytes = from->Ask("PRAGMA page_size");
  from->Ask("SELECT count(*) FROM sqlite_schema");
  {
    const auto target = OpenTarget(partial.path());
    CopyPages(from->handle(), target.get(), page_bytes, progress);
  }
  from->Execute("COMMIT");
  partial.Keep();
}

}  // namespace hotline::internal
