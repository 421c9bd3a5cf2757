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
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/adapters/memory_store.h"
#include "hotline/error.h"

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

auto Fields(h::CaseKey& k) { return std::tie(k.tenant, k.id); }
auto Fields(h::CaseRow& r) {
  return std::tie(r.key, r.version, r.reference, r.external_system,
                  r.external_id, r.category, r.unit, r.cell, r.phase, r.open,
                  r.opened_at, r.least_due, r.next_at, r.chain, r.payload,
                  r.sealed);
}
auto Fields(h::EventRow& r) {
  return std::tie(r.key, r.version, r.recorded_at, r.payload, r.sealed);
}
auto Fields(h::DeliveryRow& r) {
  return std::tie(r.tenant, r.id, r.dedupe_key, r.case_id, r.event_version,
                  r.channel, r.due_at, r.attempts, r.state, r.payload);
}
auto Fields(h::RecordKey& k) { return std::tie(k.tenant, k.kind, k.key); }
auto Fields(h::Record& r) {
  return std::tie(r.key, r.version, r.index[0], r.index[1], r.index[2],
                  r.index[3], r.payload, r.sealed);
}
auto Fields(h::RowKey& k) {
  return std::tie(k.kind, k.case_key, k.version, k.record);
}
auto Fields(h::CaseChange& c) {
  return std::tie(c.row, c.expected_version, c.event, c.write_sealed,
                  c.only_timer);
}
auto Fields(h::RecordChange& c) {
  return std::tie(c.record, c.expected_version);
}
auto Fields(h::Write& w) {
  return std::tie(w.cases, w.deliveries, w.records, w.erasures, w.removals);
}
auto Fields(h::DueQuery& q) {
  return std::tie(q.queue, q.tenant, q.due, q.limit, q.lease);
}
auto Fields(h::Finished& f) {
  return std::tie(f.tenant, f.id, f.token, f.due_at, f.state);
}
auto Fields(Call& c) { return std::tie(c.now, c.writes, c.claims, c.finished); }

// Values to bytes and back: numbers have eight, as this machine lays them;
// texts and lists have their length before them.
class Coder {
 public:
  Coder() = default;  // writes
  explicit Coder(std::string_view from) : from_(from), reads_(true) {}

  template <typename T>
  void Do(T& value) {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      auto number = static_cast<uint64_t>(value);
      if (reads_) std::memcpy(&number, Take(8).data(), 8);
      if (!reads_) bytes.append(reinterpret_cast<const char*>(&number), 8);
      value = static_cast<T>(number);
    } else {
      std::apply([this](auto&... f) { (Do(f), ...); }, Fields(value));
    }
  }
  void Do(std::string& text) {
    size_t size = text.size();
    Do(size);
    reads_ ? text = Take(size) : bytes += text;
  }
  void Do(absl::Duration& d) {
    int64_t nanoseconds = absl::ToInt64Nanoseconds(d);
    Do(nanoseconds);
    d = absl::Nanoseconds(nanoseconds);
  }
  template <typename T>
  void Do(std::optional<T>& value) {
    bool there = value.has_value();
    Do(there);
    if (there) Do(value.has_value() ? *value : value.emplace());
  }
  template <typename T>
  void Do(std::vector<T>& values) {
    size_t size = values.size();
    Do(size);
    values.resize(size);
    for (T& value : values) Do(value);
  }

  std::string bytes;

 private:
  std::string_view Take(size_t size) {
    const std::string_view taken = from_.substr(0, size);
    from_.remove_prefix(size);
    return taken;
  }

  std::string_view from_;
  const bool reads_ = false;
};

// A frame of the file is the size of a call, its checksum, the call.

constexpr size_t kHead = 16;

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
    while (all.size() >= end_ + kHead) {
      const std::string_view rest = std::string_view(all).substr(end_ + kHead);
      uint64_t size = 0, sum = 0;
      Coder head(std::string_view(all).substr(end_, kHead));
      head.Do(size);
      head.Do(sum);
      if (size == 0 || size > rest.size()) break;
      if (Checksum(rest.substr(0, size)) != sum) {
        if (size == rest.size()) break;
        return h::MakeError(Why::CORRUPT,
                            absl::StrCat(path, ": damaged at byte ", end_));
      }
      Call call;
      Coder(rest.substr(0, size)).Do(call);
      again(call);
      end_ += kHead + size;
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
  absl::Status Append(Call& call) {
    if (broken_) return h::MakeError(Why::STORE_FAILED, "open the log anew");
    Coder body, frame;
    body.Do(call);
    uint64_t size = body.bytes.size(), sum = Checksum(body.bytes);
    frame.Do(size);
    frame.Do(sum);
    frame.bytes += body.bytes;
    for (size_t done = 0; done < frame.bytes.size();) {
      const ssize_t n =
          pwrite(file_, &frame.bytes[done], frame.bytes.size() - done,
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
    end_ += frame.bytes.size();
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
    return log_.Open(path, [this](Call& call) { Do(call); });
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
  // A claim of timers changes nothing, nor does one that would find nothing:
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
