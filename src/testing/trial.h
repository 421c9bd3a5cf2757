// What a contract works with: a store on an empty place, a clock that stands
// still, chance by seed, and checks that keep the first failure as a sentence:
// the call, what it answered, what was wanted.
#ifndef HOTLINE_SRC_TESTING_TRIAL_H_
#define HOTLINE_SRC_TESTING_TRIAL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "hotline/clock.h"
#include "hotline/error.h"
#include "hotline/store.h"
#include "hotline/testing/store_contracts.h"
#include "src/base/mutex.h"
#include "src/testing/store_rows.h"

namespace hotline::testing {

// ---- Values as a failure shows them -----------------------------------------

std::string Show(const absl::Status& status);
std::string Show(const std::string& bytes);
inline std::string Show(const char* text) { return Show(std::string(text)); }
inline std::string Show(bool value) { return value ? "true" : "false"; }
inline std::string Show(int value) { return absl::StrCat(value); }
inline std::string Show(int64_t value) {
  return value == kNever ? "kNever" : absl::StrCat(value);
}
inline std::string Show(size_t value) { return absl::StrCat(value); }
std::string Show(const CaseKey& key);
std::string Show(const RecordKey& key);
template <typename T>
std::string Show(const std::optional<T>& value) {
  return value.has_value() ? Show(*value) : "absent";
}
inline std::string Show(std::nullopt_t) { return "absent"; }
template <typename T>
std::string Show(const std::vector<T>& values) {
  std::string text = "[";
  for (size_t i = 0; i < values.size(); ++i) {
    if (i == 12) return absl::StrCat(text, ", ... ", values.size(), " in all]");
    absl::StrAppend(&text, i == 0 ? "" : ", ", Show(values[i]));
  }
  return text + "]";
}

// "Commit(expected=3) of case 1", and the like for more.
std::string Describe(const Write& write);

class Trial {
 public:
  Trial(const StoreUnderTest& subject, uint64_t seed);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  // Makes the place and opens the store on it. False: it failed.
  bool Begin();

  Store& store() { return *store_; }
  StoreHarness& harness() { return *harness_; }
  SimulatedClock& clock() { return clock_; }
  std::mt19937_64& dice() { return dice_; }
  const StoreUnderTest& subject() const { return subject_; }
  int rows() const { return subject_.rows; }
  int64_t NowMs() { return absl::ToUnixMillis(clock_.TimeNow()); }

  // ---- Checks; any thread. False if it does not hold. -----------------------

  bool failed() const;
  std::string failure() const;
  void Fail(std::string_view call, std::string_view got, std::string_view want);

  bool Ok(std::string_view call, const absl::Status& got);
  template <typename T>
  bool Ok(std::string_view call, const absl::StatusOr<T>& got) {
    return Ok(call, got.status());
  }
  // Refused for this reason and with the code that MakeError gives it.
  bool Refused(std::string_view call, const absl::Status& got,
               v1::ErrorInfo::Reason want, std::string_view more = "");
  template <typename T>
  bool Refused(std::string_view call, const absl::StatusOr<T>& got,
               v1::ErrorInfo::Reason want, std::string_view more = "") {
    return Refused(call, got.status(), want, more);
  }
  template <typename A, typename B>
  bool Equal(std::string_view call, const A& got, const B& want) {
    if (got == want) return true;
    Fail(call, Show(got), Show(want));
    return false;
  }
  bool True(std::string_view call, bool holds, std::string_view got,
            std::string_view want) {
    if (!holds) Fail(call, got, want);
    return holds;
  }
  // Every column; names the first that differs.
  bool EqualRow(std::string_view call, const CaseRow& got, const CaseRow& want);
  bool EqualEvent(std::string_view call, const EventRow& got,
                  const EventRow& want);
  bool EqualRecord(std::string_view call, const Record& got,
                   const Record& want);

  // ---- Calls that must do; a failure answers something empty. ---------------

  // The verdict of a single Write.
  absl::Status Try(const Write& write);
  void Commit(const Write& write);
  void CommitAll(const std::vector<Write>& writes);
  // Opens a case and writes it until it is at `version`.
  void Bring(int64_t number, int64_t version);
  CaseRow Read(int64_t number, Part part = Part::kSealed);
  CaseRow Read(const CaseKey& key, Part part = Part::kSealed);
  std::vector<EventRow> Events(int64_t number, int64_t after = 0,
                               int limit = 100);
  // The numbers of the cases found over all pages; tenant kCity if none.
  std::vector<std::string> All(Filter filter);
  std::vector<std::string> Keys(RecordRange range);
  std::optional<Record> Get(const RecordKey& key);
  std::vector<Claimed> Claim(DueQuery query);
  std::vector<Claimed> Timers(int64_t due, int limit = 100);
  std::vector<Claimed> Deliveries(int64_t due, int limit = 100);
  // Exactly one delivery; a failure, and an empty one, if there is not.
  Claimed OneDelivery(int64_t due);
  absl::Status Finish(const Claimed& claimed, int64_t due_at,
                      const std::string& state);
  int64_t Next(DueQuery::Queue queue, const std::string& tenant = rows::kCity);
  // Reads the feed from `cursor` on, and again while fewer than `count` events
  // came: a store may add a committed event a little later, when other
  // transactions run. Moves the cursor.
  std::vector<EventRow> Feed(std::string* cursor, size_t count, int limit = 100,
                             const std::string& tenant = rows::kCity);

  // ---- Places ---------------------------------------------------------------

  // Closes the store and opens it on the same data.
  bool Reopen();
  void Close() { store_.reset(); }
  bool OpenAgain();
  // Another store on the same data.
  absl::StatusOr<std::unique_ptr<Store>> Second();
  // Another place with a store on it; they live as long as the trial.
  Store* Elsewhere();

  // The files of the place that hold `bytes` (empty: none does).
  std::string FileWith(const std::string& bytes);

 private:
  const StoreUnderTest& subject_;
  SimulatedClock clock_{absl::FromUnixMillis(1'000'000)};
  std::mt19937_64 dice_;
  std::unique_ptr<StoreHarness> elsewhere_;
  std::unique_ptr<Store> elsewhere_store_;
  std::unique_ptr<StoreHarness> harness_;
  std::unique_ptr<Store> store_;
  mutable hotline::internal::Mutex mutex_;
  std::string failure_ ABSL_GUARDED_BY(mutex_);
};

// `count` threads, each with its number.
void InThreads(int count, const std::function<void(int)>& body);

// The ids of claimed rows as numbers.
std::vector<std::string> Ids(const std::vector<Claimed>& claimed);
std::string Number(const std::string& id);

// ---- The contracts, a file each ---------------------------------------------

std::span<const Contract> CaseContracts();
std::span<const Contract> WriteContracts();
std::span<const Contract> RecordContracts();
std::span<const Contract> ErasureContracts();
std::span<const Contract> FindContracts();
std::span<const Contract> TimerContracts();
std::span<const Contract> DeliveryContracts();
std::span<const Contract> FeedContracts();
std::span<const Contract> ByteContracts();
std::span<const Contract> TenantContracts();
std::span<const Contract> ModelContracts();
std::span<const Contract> ThreadContracts();
std::span<const Contract> ManyStoresContracts();
std::span<const Contract> DurableContracts();
std::span<const Contract> KillContracts();
std::span<const Contract> ScaleContracts();

// hotline/store.h as it was when this was built.
extern const std::string_view kStoreHeader;

}  // namespace hotline::testing

#endif  // HOTLINE_SRC_TESTING_TRIAL_H_
