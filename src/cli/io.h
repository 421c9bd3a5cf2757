// What every verb needs: the three streams, files by suffix, stores by name,
// problems in words.
#ifndef HOTLINE_SRC_CLI_IO_H_
#define HOTLINE_SRC_CLI_IO_H_

#include <cstdint>
#include <istream>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "hotline/policy.h"
#include "hotline/store.h"

namespace hotline::cli {

struct Io {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

// INVALID_ARGUMENT with the system's own word for what is wrong.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// How a file is written, by suffix: .json, or .textproto, .txtpb, .pbtxt.
enum class FileForm { kTextproto, kJson };
absl::StatusOr<FileForm> FormOf(const std::string& path);

// The policy of a file, compiled.
absl::StatusOr<Policy> LoadPolicy(const std::string& path);

// Prints each problem as `FILE: path: what is wrong; hint`, or the message of
// a status that bears none.
void PrintProblems(const std::string& file, const absl::Status& status,
                   std::ostream& err);

// "memory:" or "sqlite:PATH".
absl::StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& where,
                                                 bool read_only);

// Prints "hotline: ..." and chooses the exit status: kUsage for mistakes of
// the caller, kFailed for the store's.
int Fail(const absl::Status& status, std::ostream& err);

// RFC 3339 with offset.
absl::StatusOr<absl::Time> ParseInstant(const std::string& text);

std::string JsonQuote(const std::string& text);
// One line, names as in the .proto files.
std::string ToJson(const google::protobuf::Message& message);

// A bar on a terminal, nothing elsewhere. Draws at most ten times a second.
class Progress {
 public:
  Progress(std::string what, std::ostream& err);
  ~Progress();
  // `total` 0: not known.
  void Update(int64_t done, int64_t total);

 private:
  std::string what_;
  std::ostream& err_;
  bool shown_;
  bool drawn_ = false;
  absl::Time last_ = absl::InfinitePast();
};

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_IO_H_
