#include "log_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/adapters/memory_store.h"
#include "hotline/error.h"
#include "hotline/store_bytes.h"

namespace town {
namespace {

namespace h = hotline;
using Why = h::v1::ErrorInfo;

// One call that writes. Of the three, one is there.
struct Call {
  int64_t now = 0;  // on the store's clock
  std::vector<h::Write> writes;
  std::vector<h::DueQuery> claims;
  std::vector<h::Finished> finished;
};

constexpr auto Fields(const Call&) {
  return std::tuple(&Call::now, &Call::writes, &Call::claims, &Call::finished);
}

// Stands before each call in the file. The size stands there twice, for a
// wrong one would hide all that follows.
struct Head {
  uint64_t size = 0;
  uint64_t inverse = 0;  // ~size
  uint64_t sum = 0;
};

uint64_t Checksum(std::string_view bytes) {  // FNV-1a
  uint64_t sum = 14695981039346656037u;
  for (const char c : bytes) {
    sum = (sum ^ static_cast<uint8_t>(c)) * 1099511628211u;
  }
  return sum;
}

absl::Status FileError(const std::string& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return h::MakeError(full ? Why::STORAGE_FULL : Why::STORE_FAILED,
                      absl::StrCat(path, ": ", std::strerror(errno)));
}

bool Noughts(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

// The bytes of the call at `at` of a log; empty at its end, and where the last
// call was torn, which leaves noughts or too little; none where it is damaged.
std::optional<std::string_view> CallAt(std::string_view log, size_t at) {
  log.remove_prefix(at);
  Head head;
  if (Noughts(log) || log.size() < sizeof head) return "";
  std::memcpy(&head, log.data(), sizeof head);
  log.remove_prefix(sizeof head);
  if (head.inverse != ~head.size) {
    if (Noughts(log)) return "";
    return std::nullopt;
  }
  const std::string_view bytes = log.substr(0, head.size);
  const bool whole = bytes.size() == head.size;
  if (whole && Checksum(bytes) == head.sum) return bytes;
  if (Noughts(log.substr(bytes.size()))) return "";
  return std::nullopt;
}

class Log {
 public:
  ~Log() {
    if (file_ >= 0) close(file_);
  }

  // Does every whole call again, and cuts off one that was torn: a call whose
  // sync did not end was never answered.
  template <typename Do>
  absl::Status Open(const std::string& path, const Do& again) {
    file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (file_ < 0) return FileError(path);
    if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
      return h::MakeError(Why::STORE_BUSY, path + " is open already");
    }
    std::ifstream in(path, std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || in.bad()) return FileError(path);
    for (;;) {
      const std::optional<std::string_view> bytes = CallAt(all, end_);
      if (bytes == "") break;
      const auto call = h::FromBytes<Call>(bytes.value_or(""));
      if (!call.ok()) {
        return h::MakeError(Why::CORRUPT,
                            absl::StrCat(path, ": damaged at byte ", end_));
      }
      again(*call);
      end_ += sizeof(Head) + bytes->size();
    }
    const bool cut = ftruncate(file_, static_cast<off_t>(end_)) == 0;
    if (!cut || fsync(file_) != 0) return FileError(path);
    // The file's name, too, is to survive.
    const auto folder = std::filesystem::absolute(path).parent_path();
    const int dir = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool named = dir >= 0 && fsync(dir) == 0;
    if (dir >= 0) close(dir);
    return named ? absl::OkStatus() : FileError(path);
  }

  // OK: it is on the disk. After a failed write nothing of it is; after a
  // failed sync nobody knows, so nobody may go on.
  absl::Status Append(const Call& call) {
    if (broken_) return h::MakeError(Why::STORE_FAILED, "open the log anew");
    const std::string bytes = h::ToBytes(call);
    const Head head = {bytes.size(), ~bytes.size(), Checksum(bytes)};
    std::string frame(sizeof head, '\0');
    std::memcpy(frame.data(), &head, sizeof head);
    frame += bytes;
    for (size_t done = 0; done < frame.size();) {
      const ssize_t n = pwrite(file_, &frame[done], frame.size() - done,
                               static_cast<off_t>(end_ + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        absl::Status why = FileError("the log");
        broken_ = ftruncate(file_, static_cast<off_t>(end_)) != 0;
        return why;
      }
      done += static_cast<size_t>(n);
    }
    broken_ = fdatasync(file_) != 0;
    if (broken_) return h::MakeError(Why::OUTCOME_UNKNOWN, "the sync failed");
    end_ += frame.size();
    return absl::OkStatus();
  }

 private:
  int file_ = -1;
  uint64_t end_ = 0;  // of the last whole frame
  bool broken_ = false;
};

class LogStore final : public h::Store {
 public:
  explicit LogStore(h::Clock* clock) : clock_(clock) {}

  absl::Status Open(const std::string& path) {
    return log_.Open(path, [this](const Call& call) { Do(call); });
  }

  // Honest: one process writes, nobody asks when the next row is due, and what
  // was erased is gone from memory but stands in the file.
  h::Capabilities capabilities() const override {
    return {.next_due = false, .erases_files = false, .name = "log"};
  }
  absl::Time Now() override { return clock_->TimeNow(); }

  std::vector<absl::Status> Commit(std::span<const h::Write> writes) override {
    return Verdicts({.writes = {writes.begin(), writes.end()}}, writes.size());
  }
  std::vector<absl::Status> Finish(std::span<const h::Finished> all) override {
    return Verdicts({.finished = {all.begin(), all.end()}}, all.size());
  }
  // A claim of timers changes nothing, nor does one while nothing is due:
  // neither is written down.
  absl::StatusOr<std::vector<h::Claimed>> Claim(
      const h::DueQuery& query) override {
    if (query.queue == h::DueQuery::kTimers || query.limit < 1) {
      return tables_.Claim(query);
    }
    std::lock_guard lock(writing_);
    Call call{.now = absl::ToUnixMillis(Now()), .claims = {query}};
    then_.SetTime(absl::FromUnixMillis(call.now));
    const auto next = tables_.NextDue(query.queue, query.tenant);
    if (!next.ok()) return next.status();
    if (*next > std::max(query.due, call.now)) return std::vector<h::Claimed>();
    const absl::Status logged = log_.Append(call);
    if (!logged.ok()) return logged;
    return Do(call).claimed;
  }

  absl::StatusOr<h::CaseRow> ReadCase(const h::CaseKey& k, h::Part p) override {
    return tables_.ReadCase(k, p);
  }
  absl::StatusOr<h::EventRowPage> ReadEvents(const h::EventRange& r) override {
    return tables_.ReadEvents(r);
  }
  absl::StatusOr<h::CaseRowPage> Find(const h::Filter& filter) override {
    return tables_.Find(filter);
  }
  absl::StatusOr<std::vector<h::Record>> ReadRecords(
      const h::RecordRange& range) override {
    return tables_.ReadRecords(range);
  }

 private:
  struct Answer {
    std::vector<absl::Status> verdicts = {};
    absl::StatusOr<std::vector<h::Claimed>> claimed = std::vector<h::Claimed>();
  };
  // The same calls in the same order give the same answers: what is refused
  // now is refused again when the log is read.
  Answer Do(const Call& call) {
    then_.SetTime(absl::FromUnixMillis(call.now));
    if (!call.claims.empty()) return {.claimed = tables_.Claim(call.claims[0])};
    return {.verdicts = call.finished.empty() ? tables_.Commit(call.writes)
                                              : tables_.Finish(call.finished)};
  }

  std::vector<absl::Status> Verdicts(Call call, size_t count) {
    std::lock_guard lock(writing_);
    const absl::Status logged = log_.Append(call);
    if (!logged.ok()) return std::vector(count, logged);
    return Do(call).verdicts;
  }

  h::Clock* const clock_;
  h::SimulatedClock then_{absl::UnixEpoch()};  // of the call being done
  h::MemoryStore tables_{&then_};
  std::mutex writing_;
  Log log_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<h::Store>> OpenLogStore(const std::string& path,
                                                       h::Clock* clock) {
  auto store =
      std::make_unique<LogStore>(clock != nullptr ? clock : h::RealClock());
  if (absl::Status s = store->Open(path); !s.ok()) return s;
  return std::unique_ptr<h::Store>(std::move(store));
}

}  // namespace town
