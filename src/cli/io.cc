#include "src/cli/io.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "hotline/adapters/memory_store.h"
#include "hotline/clock.h"
#include "hotline/error.h"
#include "src/cli/cli.h"
#ifdef HOTLINE_HAS_SQLITE
#include "hotline/adapters/sqlite_store.h"
#endif

namespace hotline::cli {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const auto fail = [&](const char* why) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", why));
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return fail("is a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return fail(std::strerror(errno));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return fail("cannot be read");
  return text;
}

absl::StatusOr<FileForm> FormOf(const std::string& path) {
  if (absl::EndsWith(path, ".json")) return FileForm::kJson;
  for (const char* suffix : {".textproto", ".txtpb", ".pbtxt"}) {
    if (absl::EndsWith(path, suffix)) return FileForm::kTextproto;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": its form is told by its suffix, .textproto or .json"));
}

absl::StatusOr<Policy> LoadPolicy(const std::string& path) {
  const absl::StatusOr<FileForm> form = FormOf(path);
  if (!form.ok()) return form.status();
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  return *form == FileForm::kJson ? Policy::FromJson(*text)
                                  : Policy::FromTextproto(*text);
}

void PrintProblems(const std::string& file, const absl::Status& status,
                   std::ostream& err) {
  const v1::ErrorInfo info = InfoOf(status);
  for (const v1::Problem& problem : info.problems()) {
    err << file << ": ";
    if (!problem.path().empty()) err << problem.path() << ": ";
    err << problem.message();
    if (!problem.hint().empty()) err << "; " << problem.hint();
    err << "\n";
  }
  if (!info.problems().empty()) return;
  // What was said of the file begins with its name already.
  if (!absl::StartsWith(status.message(), file)) err << file << ": ";
  err << std::string(status.message()) << "\n";
}

absl::StatusOr<std::unique_ptr<Store>> OpenStore(
    const std::string& where, [[maybe_unused]] bool read_only) {
  if (where == "memory:") return std::make_unique<MemoryStore>();
  if (absl::StartsWith(where, "sqlite:") && where.size() > 7) {
#ifdef HOTLINE_HAS_SQLITE
    return SqliteStore::Open(where.substr(7), {.read_only = read_only});
#else
    return absl::InvalidArgumentError(
        "this program was built without SQLite (HOTLINE_SQLITE=OFF)");
#endif
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no store \"", where, "\"; it is memory: or sqlite:PATH"));
}

int Fail(const absl::Status& status, std::ostream& err) {
  err << "hotline: " << std::string(status.message()) << "\n";
  const v1::ErrorInfo info = InfoOf(status);
  for (const v1::Problem& problem : info.problems()) {
    err << "  " << problem.path() << ": " << problem.message();
    if (!problem.hint().empty()) err << "; " << problem.hint();
    err << "\n";
  }
  switch (info.reason()) {
    case v1::ErrorInfo::STORE_BUSY:
    case v1::ErrorInfo::STORE_FAILED:
    case v1::ErrorInfo::STORE_CONTENDED:
    case v1::ErrorInfo::STORAGE_FULL:
    case v1::ErrorInfo::SCHEMA_NEWER:
    case v1::ErrorInfo::NOT_A_STORE:
    case v1::ErrorInfo::CORRUPT:
    case v1::ErrorInfo::OUTCOME_UNKNOWN:
    case v1::ErrorInfo::VERSION_CONFLICT:
      return kFailed;
    default:
      return kUsage;
  }
}

absl::StatusOr<absl::Time> ParseInstant(const std::string& text) {
  absl::Time at;
  std::string error;
  // Abseil also reads words such as "infinite-future".
  if (text.find('T') == std::string::npos ||
      !absl::ParseTime(absl::RFC3339_full, text, &at, &error)) {
    return absl::InvalidArgumentError(
        absl::StrCat("no instant \"", text,
                     "\"; write 2026-02-13T09:00:00+08:00, with the offset"));
  }
  return at;
}

std::string JsonQuote(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  return ToJson(value);
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string out;
  (void)google::protobuf::util::MessageToJsonString(message, &out, options);
  return out;
}

Progress::Progress(std::string what, std::ostream& err)
    : what_(std::move(what)),
      err_(err),
      shown_(&err == &std::cerr && isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (drawn_) err_ << "\r\033[K" << std::flush;
}

void Progress::Update(int64_t done, int64_t total) {
  if (!shown_) return;
  const absl::Time now = RealClock()->TimeNow();
  if (now - last_ < absl::Milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  constexpr int64_t kWidth = 30;
  const int64_t full =
      total <= 0 ? 0 : std::clamp<int64_t>(kWidth * done / total, 0, kWidth);
  err_ << "\r\033[K" << what_ << " [" << std::string(full, '#')
       << std::string(kWidth - full, '.') << "] " << done;
  if (total > 0) err_ << "/" << total;
  err_ << std::flush;
}

}  // namespace hotline::cli
