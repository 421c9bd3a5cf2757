// A file that is there whole or not at all.
#ifndef HOTLINE_SRC_CLI_OUT_FILE_H_
#define HOTLINE_SRC_CLI_OUT_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace hotline::cli {

// Written beside `path`, under its name with `.part`, and put in its place by
// Finish. Without Finish the old file stays and the new one is removed.
class OutFile {
 public:
  // INVALID_ARGUMENT if it cannot be made, or `path` is no plain file.
  static absl::StatusOr<std::unique_ptr<OutFile>> Create(
      const std::string& path);
  ~OutFile();
  OutFile(const OutFile&) = delete;
  OutFile& operator=(const OutFile&) = delete;

  // STORAGE_FULL or STORE_FAILED.
  absl::Status Write(std::string_view bytes);
  // On the disk, then in its place.
  absl::Status Finish();

 private:
  OutFile(std::string path, int fd);
  absl::Status Failed(const char* what) const;

  const std::string path_;
  const std::string part_;
  int fd_;
};

// The whole file at once.
absl::Status WriteWhole(const std::string& path, std::string_view bytes);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_OUT_FILE_H_
