#include "src/testing/trial.h"

#include <fstream>
#include <iterator>
#include <latch>
#include <thread>
#include <utility>

namespace hotline::testing {

using hotline::internal::MutexLock;
using rows::kCity;

std::string Show(const absl::Status& status) {
  if (status.ok()) return "OK";
  return absl::StrCat(absl::StatusCodeToString(status.code()), " (",
                      v1::ErrorInfo::Reason_Name(ReasonOf(status)), ": ",
                      status.message(), ")");
}

std::string Show(const std::string& bytes) {
  constexpr size_t kShown = 48;
  if (bytes.size() <= kShown) {
    return absl::StrCat("\"", absl::CHexEscape(bytes), "\"");
  }
  return absl::StrCat("\"", absl::CHexEscape(bytes.substr(0, kShown)),
                      "\"... (", bytes.size(), " bytes)");
}

std::string Show(const CaseKey& key) {
  return absl::StrCat(key.tenant, "/", absl::CHexEscape(key.id));
}

std::string Show(const RecordKey& key) {
  return absl::StrCat(key.tenant, "/", key.kind, "/",
                      absl::CHexEscape(key.key));
}

std::string Number(const std::string& id) {
  int64_t number = 0;
  return absl::SimpleAtoi(id, &number) ? absl::StrCat(number)
                                       : absl::CHexEscape(id);
}

std::vector<std::string> Ids(const std::vector<Claimed>& claimed) {
  std::vector<std::string> ids;
  ids.reserve(claimed.size());
  for (const Claimed& c : claimed) {
    ids.push_back(
        Number(c.delivery.has_value() ? c.delivery->id : c.case_key.id));
  }
  return ids;
}

std::string Describe(const Write& write) {
  if (write.cases.size() == 1) {
    const CaseChange& change = write.cases[0];
    return absl::StrCat("Commit(expected=", change.expected_version,
                        change.event.has_value() ? "" : ", no event",
                        ") of case ", Number(change.row.key.id));
  }
  if (write.cases.empty() && write.records.size() == 1) {
    const RecordChange& change = write.records[0];
    return absl::StrCat("Commit(expected=", change.expected_version,
                        ") of record ", Show(change.record.key.key));
  }
  return absl::StrCat("Commit(", write.cases.size(), " cases, ",
                      write.deliveries.size(), " deliveries, ",
                      write.records.size(), " records, ", write.erasures.size(),
                      " erasures, ", write.removals.size(), " removals)");
}

Trial::Trial(const StoreUnderTest& subject, uint64_t seed)
    : subject_(subject), dice_(seed) {}
Trial::~Trial() = default;

bool Trial::Begin() {
  auto harness = subject_.factory();
  if (!Ok("the factory of the place", harness)) return false;
  harness_ = *std::move(harness);
  return OpenAgain();
}

bool Trial::failed() const {
  MutexLock lock(&mutex_);
  return !failure_.empty();
}

std::string Trial::failure() const {
  MutexLock lock(&mutex_);
  return failure_;
}

void Trial::Fail(std::string_view call, std::string_view got,
                 std::string_view want) {
  MutexLock lock(&mutex_);
  if (!failure_.empty()) return;
  failure_.append(call).append(" answered ").append(got);
  failure_.append("; want ").append(want);
}

bool Trial::Ok(std::string_view call, const absl::Status& got) {
  if (got.ok()) return true;
  Fail(call, Show(got), "OK");
  return false;
}

bool Trial::Refused(std::string_view call, const absl::Status& got,
                    v1::ErrorInfo::Reason want, std::string_view more) {
  const absl::StatusCode code = MakeError(want, "").code();
  if (ReasonOf(got) == want && got.code() == code) return true;
  std::string wanted = absl::StrCat(absl::StatusCodeToString(code), " (",
                                    v1::ErrorInfo::Reason_Name(want), ")");
  if (!more.empty()) wanted.append(" ").append(more);
  Fail(call, Show(got), wanted);
  return false;
}

bool Trial::EqualRow(std::string_view call, const CaseRow& got,
                     const CaseRow& want) {
  const auto same = [&](const char* column, const auto& a, const auto& b) {
    return Equal(absl::StrCat(absl::string_view(call.data(), call.size()),
                              ", column ", column),
                 a, b);
  };
  return same("key", got.key, want.key) &&
         same("version", got.version, want.version) &&
         same("reference", got.reference, want.reference) &&
         same("external_system", got.external_system, want.external_system) &&
         same("external_id", got.external_id, want.external_id) &&
         same("category", got.category, want.category) &&
         same("unit", got.unit, want.unit) &&
         same("cell", got.cell, want.cell) &&
         same("phase", got.phase, want.phase) &&
         same("open", got.open, want.open) &&
         same("opened_at", got.opened_at, want.opened_at) &&
         same("least_due", got.least_due, want.least_due) &&
         same("next_at", got.next_at, want.next_at) &&
         same("chain", got.chain, want.chain) &&
         same("payload", got.payload, want.payload) &&
         same("sealed", got.sealed, want.sealed);
}

bool Trial::EqualEvent(std::string_view call, const EventRow& got,
                       const EventRow& want) {
  const auto same = [&](const char* column, const auto& a, const auto& b) {
    return Equal(absl::StrCat(absl::string_view(call.data(), call.size()),
                              ", column ", column),
                 a, b);
  };
  return same("key", got.key, want.key) &&
         same("version", got.version, want.version) &&
         same("recorded_at", got.recorded_at, want.recorded_at) &&
         same("payload", got.payload, want.payload) &&
         same("sealed", got.sealed, want.sealed);
}

bool Trial::EqualRecord(std::string_view call, const Record& got,
                        const Record& want) {
  const auto same = [&](const std::string& column, const auto& a,
                        const auto& b) {
    return Equal(absl::StrCat(absl::string_view(call.data(), call.size()),
                              ", column ", column),
                 a, b);
  };
  for (size_t i = 0; i < want.index.size(); ++i) {
    if (!same(absl::StrCat("index[", i, "]"), got.index[i], want.index[i])) {
      return false;
    }
  }
  return same("key", got.key, want.key) &&
         same("version", got.version, want.version) &&
         same("payload", got.payload, want.payload) &&
         same("sealed", got.sealed, want.sealed);
}

absl::Status Trial::Try(const Write& write) {
  const std::vector<absl::Status> verdicts = store_->Commit({&write, 1});
  if (verdicts.size() == 1) return verdicts[0];
  Fail(Describe(write), absl::StrCat(verdicts.size(), " verdicts"),
       "one for each Write");
  return absl::InternalError("no verdict");
}

void Trial::Commit(const Write& write) { Ok(Describe(write), Try(write)); }

void Trial::CommitAll(const std::vector<Write>& writes) {
  const std::vector<absl::Status> verdicts = store_->Commit(writes);
  const std::string call = absl::StrCat("Commit of ", writes.size(), " Writes");
  if (!Equal(call, verdicts.size(), writes.size())) return;
  for (size_t i = 0; i < writes.size(); ++i) {
    if (!Ok(absl::StrCat(call, ", ", Describe(writes[i])), verdicts[i])) return;
  }
}

void Trial::Bring(int64_t number, int64_t version) {
  for (int64_t v = 1; v <= version; ++v) Commit(rows::Of(rows::Row(number, v)));
}

CaseRow Trial::Read(int64_t number, Part part) {
  return Read(rows::CaseAt(number), part);
}

CaseRow Trial::Read(const CaseKey& key, Part part) {
  const auto row = store_->ReadCase(key, part);
  Ok(absl::StrCat("ReadCase of case ", Number(key.id)), row);
  return row.ok() ? *row : CaseRow{};
}

std::vector<EventRow> Trial::Events(int64_t number, int64_t after, int limit) {
  auto page = store_->ReadEvents(EventsOf(rows::CaseAt(number), after, limit));
  Ok(absl::StrCat("ReadEvents of case ", number, " after ", after), page);
  return page.ok() ? std::move(page->rows) : std::vector<EventRow>{};
}

std::vector<std::string> Trial::All(Filter filter) {
  // No walk needs more pages than this; a cursor that stands still would.
  constexpr int kPagesMax = 100'000;
  std::vector<std::string> ids;
  if (filter.tenant.empty()) filter.tenant = kCity;
  for (int pages = 0; pages < kPagesMax; ++pages) {
    const absl::StatusOr<CaseRowPage> page = store_->Find(filter);
    if (!Ok("Find", page)) return ids;
    if (page->rows.size() > static_cast<size_t>(filter.limit)) {
      Fail(absl::StrCat("Find(limit=", filter.limit, ")"),
           absl::StrCat(page->rows.size(), " rows"), "at most its limit");
    }
    for (const CaseRow& row : page->rows) ids.push_back(Number(row.key.id));
    if (page->next_cursor.empty()) return ids;
    filter.cursor = page->next_cursor;
    if (failed()) return ids;
  }
  Fail("Find", "100,000 pages", "an end");
  return ids;
}

std::vector<std::string> Trial::Keys(RecordRange range) {
  if (range.tenant.empty()) range.tenant = kCity;
  if (range.kind.empty()) range.kind = "person";
  const auto records = store_->ReadRecords(range);
  std::vector<std::string> keys;
  if (!Ok("ReadRecords", records)) return keys;
  for (const Record& record : *records) keys.push_back(record.key.key);
  return keys;
}

std::optional<Record> Trial::Get(const RecordKey& key) {
  const auto records = store_->ReadRecords(OneRecord(key, true));
  const std::string call =
      absl::StrCat("ReadRecords of record ", Show(key.key));
  if (!Ok(call, records) || records->empty()) return std::nullopt;
  Equal(call, records->size(), size_t{1});
  Equal(call, records->front().key, key);
  return records->front();
}

std::vector<Claimed> Trial::Claim(DueQuery query) {
  if (query.tenant.empty()) query.tenant = kCity;
  auto claimed = store_->Claim(query);
  const std::string call = absl::StrCat(
      "Claim(", query.queue == DueQuery::kTimers ? "timers" : "deliveries",
      ", due=", Show(query.due), ", limit=", query.limit, ")");
  if (!Ok(call, claimed)) return {};
  if (claimed->size() > static_cast<size_t>(query.limit)) {
    Fail(call, absl::StrCat(claimed->size(), " rows"), "at most its limit");
  }
  for (const Claimed& one : *claimed) {
    if (query.queue == DueQuery::kDeliveries && !one.delivery.has_value()) {
      Fail(call, "a row without its delivery", "the delivery");
      return {};
    }
  }
  return *std::move(claimed);
}

std::vector<Claimed> Trial::Timers(int64_t due, int limit) {
  return Claim({.queue = DueQuery::kTimers, .due = due, .limit = limit});
}

std::vector<Claimed> Trial::Deliveries(int64_t due, int limit) {
  return Claim({.queue = DueQuery::kDeliveries, .due = due, .limit = limit});
}

Claimed Trial::OneDelivery(int64_t due) {
  std::vector<Claimed> claimed = Deliveries(due);
  if (claimed.size() == 1) return claimed[0];
  Fail(absl::StrCat("Claim(deliveries, due=", due, ")"),
       absl::StrCat(claimed.size(), " deliveries"), "one");
  return {.delivery = DeliveryRow{}};
}

absl::Status Trial::Finish(const Claimed& claimed, int64_t due_at,
                           const std::string& state) {
  const Finished finished{.tenant = claimed.delivery->tenant,
                          .id = claimed.delivery->id,
                          .token = claimed.token,
                          .due_at = due_at,
                          .state = state};
  const auto verdicts = store_->Finish({&finished, 1});
  if (verdicts.size() == 1) return verdicts[0];
  Fail("Finish of one delivery", absl::StrCat(verdicts.size(), " verdicts"),
       "one for each");
  return absl::InternalError("no verdict");
}

int64_t Trial::Next(DueQuery::Queue queue, const std::string& tenant) {
  const auto next = store_->NextDue(queue, tenant);
  Ok("NextDue", next);
  return next.value_or(kNever);
}

std::vector<EventRow> Trial::Feed(std::string* cursor, size_t count, int limit,
                                  const std::string& tenant) {
  constexpr int kTries = 2'000;
  std::vector<EventRow> told;
  EventRange range{.tenant = tenant, .cursor = *cursor, .limit = limit};
  for (int i = 0; i < kTries; ++i) {
    auto page = store_->ReadEvents(range);
    if (!Ok("ReadEvents of the feed", page)) return told;
    if (page->rows.size() > static_cast<size_t>(limit)) {
      Fail(absl::StrCat("ReadEvents of the feed (limit=", limit, ")"),
           absl::StrCat(page->rows.size(), " rows"), "at most its limit");
    }
    if (page->next_cursor.empty()) {
      Fail("ReadEvents of the feed", "no next_cursor", "one, never empty");
      return told;
    }
    for (EventRow& row : page->rows) told.push_back(std::move(row));
    range.cursor = page->next_cursor;
    if (!page->more && told.size() >= count) break;
  }
  *cursor = range.cursor;
  return told;
}

bool Trial::OpenAgain() {
  auto store = harness_->Open(&clock_);
  if (!Ok("opening the store", store)) return false;
  store_ = *std::move(store);
  return true;
}

bool Trial::Reopen() {
  Close();
  return OpenAgain();
}

absl::StatusOr<std::unique_ptr<Store>> Trial::Second() {
  return harness_->Open(&clock_);
}

Store* Trial::Elsewhere() {
  elsewhere_store_.reset();
  auto harness = subject_.factory();
  if (!Ok("the factory of a second place", harness)) return nullptr;
  elsewhere_ = *std::move(harness);
  auto store = elsewhere_->Open(&clock_);
  if (!Ok("opening a store on a second place", store)) return nullptr;
  elsewhere_store_ = *std::move(store);
  return elsewhere_store_.get();
}

std::string Trial::FileWith(const std::string& bytes) {
  for (const std::string& path : harness_->Files()) {
    std::ifstream file(path, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    if (content.find(bytes) != std::string::npos) return path;
  }
  return "";
}

void InThreads(int count, const std::function<void(int)>& body) {
  // All begin together: else the first has done its work before the last is.
  std::latch ready(count);
  std::vector<std::thread> threads;
  threads.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&body, &ready, i] {
      ready.arrive_and_wait();
      body(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace hotline::testing
