// Contracts: random calls answer what the memory store answers, which is the
// specification. The seed makes the calls; a failure names it.
#include <algorithm>

#include "hotline/adapters/memory_store.h"
#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using rows::Change;
using rows::Delivery;
using rows::Id;
using rows::Key;
using rows::Put;
using rows::Row;

constexpr int64_t kCases = 8;
constexpr char kTenants[2][6] = {"city", "city2"};

// The store and its model, asked the same.
class Twins {
 public:
  explicit Twins(Trial& trial) : t_(trial), model_(&trial.clock()) {}

  void Step(int step) {
    where_ = absl::StrCat("step ", step, ": ");
    switch (Draw(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return Commits();
      case 4:
        return Finds();
      case 5:
        return ReadsRecords();
      case 6:
        return ClaimsTimers();
      case 7:
        return ClaimsDeliveries();
      case 8:
        return Finishes();
      default:
        return t_.clock().AdvanceTime(absl::Seconds(Draw(20)));
    }
  }

  // Everything there is, row by row.
  void CompareAll() {
    where_ = "in the end: ";
    for (const char* tenant : kTenants) {
      for (int64_t number = 1; number <= kCases; ++number) {
        const CaseKey key = {tenant, Id(number)};
        const auto got = t_.store().ReadCase(key, Part::kSealed);
        const auto want = model_.ReadCase(key, Part::kSealed);
        if (!SameStatus("ReadCase", got.status(), want.status())) return;
        if (got.ok()) t_.EqualRow(Call("ReadCase"), *got, *want);
        const EventRange range = EventsOf(key, 0, 1'000);
        const auto got_events = t_.store().ReadEvents(range);
        const auto want_events = model_.ReadEvents(range);
        if (!t_.Ok(Call("ReadEvents"), got_events) ||
            !t_.Equal(Call("ReadEvents, count"), got_events->rows.size(),
                      want_events->rows.size())) {
          return;
        }
        for (size_t i = 0; i < want_events->rows.size(); ++i) {
          t_.EqualEvent(Call("ReadEvents"), got_events->rows[i],
                        want_events->rows[i]);
        }
      }
    }
  }

 private:
  int64_t Draw(int64_t below) {
    return static_cast<int64_t>(t_.dice()() % static_cast<uint64_t>(below));
  }
  std::string Call(const std::string& call) const { return where_ + call; }
  std::string Tenant() { return kTenants[Draw(8) == 0 ? 1 : 0]; }
  std::string Word() {
    static const char* const kWords[] = {"", "a", "A", "a ", "b", "\xff"};
    return kWords[Draw(6)];
  }
  int64_t Due() { return Draw(4) == 0 ? kNever : Draw(50); }
  std::optional<std::string> Sealed() {
    if (Draw(4) == 0) return std::nullopt;
    return Draw(3) == 0 ? std::string() : absl::StrCat("sealed ", Draw(9));
  }

  bool SameStatus(const std::string& call, const absl::Status& got,
                  const absl::Status& want) {
    if (got.code() == want.code() && ReasonOf(got) == ReasonOf(want)) {
      return true;
    }
    t_.Fail(Call(call), Show(got), Show(want));
    return false;
  }

  static bool IsRefusal(const absl::Status& status) {
    const v1::ErrorInfo::Reason reason = ReasonOf(status);
    return reason == v1::ErrorInfo::VERSION_CONFLICT ||
           reason == v1::ErrorInfo::DUPLICATE_REFERENCE ||
           reason == v1::ErrorInfo::INVALID_ARGUMENT;
  }

  CaseChange DrawCase() {
    const CaseKey key = {Tenant(), Id(1 + Draw(kCases))};
    const auto stored = model_.ReadCase(key, Part::kPayload);
    const int64_t version = stored.ok() ? stored->version : 0;
    const int64_t expected = Draw(8) == 0 ? Draw(4) : version;
    CaseRow row = Row(1, expected + 1);
    row.key = key;
    row.reference = Draw(10) == 0 ? absl::StrCat("R", Draw(kCases))
                                  : absl::StrCat("own ", key.id);
    if (Draw(3) == 0) {
      row.external_system = Word();
      row.external_id = Word();
    }
    row.category = Word();
    row.unit = Word();
    row.cell = Draw(3);
    row.phase = static_cast<int>(Draw(4));
    row.open = Draw(4) != 0;
    row.opened_at = Draw(50);
    row.least_due = Due();
    row.next_at = Due();
    row.payload = absl::StrCat("payload ", Draw(100));
    row.sealed = Sealed();
    CaseChange change = Change(row);
    change.event->sealed = Sealed();
    change.write_sealed = Draw(4) != 0;
    if (Draw(6) == 0) {
      change.event.reset();
      change.row.version = expected;
    }
    return change;
  }

  Write DrawWrite() {
    Write write;
    const int64_t kinds = 1 + Draw(15);
    if ((kinds & 1) != 0) {
      write.cases.push_back(DrawCase());
      if (Draw(3) == 0) write.cases.push_back(DrawCase());
    }
    if ((kinds & 2) != 0) {
      DeliveryRow row = Delivery(1 + Draw(30), Due());
      row.tenant = Tenant();
      row.dedupe_key = absl::StrCat("key ", Draw(30));
      write.deliveries.push_back(row);
    }
    if ((kinds & 4) != 0) {
      RecordChange change =
          Put(absl::StrCat("r", Draw(10)), 1 + Draw(3), Draw(4) - 1);
      change.record.key.tenant = Tenant();
      for (std::string& column : change.record.index) column = Word();
      change.record.sealed = Sealed();
      write.records.push_back(change);
    }
    if ((kinds & 8) != 0 && Draw(3) == 0) {
      write.erasures.push_back({.kind = RowKey::kCase,
                                .case_key = {Tenant(), Id(1 + Draw(kCases))}});
      write.erasures.push_back({.kind = RowKey::kEvent,
                                .case_key = {Tenant(), Id(1 + Draw(kCases))},
                                .version = 1 + Draw(4)});
      write.removals.push_back(
          Key(absl::StrCat("r", Draw(10)), "person", Tenant()));
    }
    return write;
  }

  void Commits() {
    std::vector<Write> writes(static_cast<size_t>(1 + Draw(6)));
    // Each is drawn as if those before it were not there: some conflict.
    for (Write& write : writes) write = DrawWrite();
    const auto got = t_.store().Commit(writes);
    const auto want = model_.Commit(writes);
    if (!t_.Equal(Call("Commit, verdicts"), got.size(), want.size())) return;
    for (size_t i = 0; i < want.size(); ++i) {
      // Of a Write with several faults any may be told.
      if (IsRefusal(got[i]) && IsRefusal(want[i])) continue;
      if (!SameStatus(Describe(writes[i]), got[i], want[i])) return;
    }
  }

  void Finds() {
    Filter filter{.tenant = Tenant()};
    if (Draw(4) == 0) filter.category = Word();
    if (Draw(4) == 0) filter.unit = Word();
    if (Draw(4) == 0) filter.cell = Draw(3);
    if (Draw(3) == 0) filter.open = Draw(2) == 0;
    if (Draw(5) == 0) filter.phases = {static_cast<int>(Draw(4)), 2};
    if (Draw(5) == 0) filter.opened_from = Draw(50);
    if (Draw(5) == 0) filter.opened_until = Draw(50);
    if (Draw(4) == 0) filter.due_until = Due();
    for (int64_t more = Draw(8) == 0 ? 1 + Draw(4) : 0; more > 0; --more) {
      filter.references.push_back(absl::StrCat("R", Draw(kCases)));
    }
    filter.limit = static_cast<int>(1 + Draw(5));
    filter.sealed = Draw(2) == 0;
    std::vector<CaseRow> got = Walk(&t_.store(), filter);
    std::vector<CaseRow> want = Walk(&model_, filter);
    if (!t_.Equal(Call("Find, count"), got.size(), want.size())) return;
    for (size_t i = 0; i < want.size(); ++i) {
      t_.EqualRow(Call(absl::StrCat("Find, row ", i)), got[i], want[i]);
    }
  }

  std::vector<CaseRow> Walk(Store* store, Filter filter) {
    std::vector<CaseRow> rows;
    for (int pages = 0; pages < 100; ++pages) {
      const auto page = store->Find(filter);
      if (!t_.Ok(Call("Find"), page)) break;
      rows.insert(rows.end(), page->rows.begin(), page->rows.end());
      if (page->next_cursor.empty()) break;
      filter.cursor = page->next_cursor;
    }
    return rows;
  }

  void ReadsRecords() {
    RecordRange range{.tenant = Tenant(),
                      .kind = "person",
                      .index = static_cast<int>(Draw(5)) - 1,
                      .limit = static_cast<int>(1 + Draw(6)),
                      .sealed = Draw(2) == 0};
    range.from = range.index == -1 ? absl::StrCat("r", Draw(10)) : Word();
    if (Draw(3) == 0) {
      range.after_key =
          range.index == -1 ? range.from : absl::StrCat("r", Draw(10));
    }
    if (Draw(4) == 0) range.until = range.index == -1 ? "r7" : "b";
    const auto got = t_.store().ReadRecords(range);
    const auto want = model_.ReadRecords(range);
    if (!t_.Ok(Call("ReadRecords"), got) ||
        !t_.Equal(Call("ReadRecords, count"), got->size(), want->size())) {
      return;
    }
    for (size_t i = 0; i < want->size(); ++i) {
      t_.EqualRecord(Call("ReadRecords"), (*got)[i], (*want)[i]);
    }
  }

  void ClaimsTimers() {
    const DueQuery query{.queue = DueQuery::kTimers,
                         .tenant = Tenant(),
                         .due = Draw(50),
                         .limit = static_cast<int>(1 + Draw(6)),
                         .after_due = Draw(20)};
    const auto got = t_.store().Claim(query);
    const auto want = model_.Claim(query);
    if (!t_.Ok(Call("Claim(timers)"), got)) return;
    t_.Equal(Call("Claim(timers)"), Ids(*got), Ids(*want));
  }

  void ClaimsDeliveries() {
    const DueQuery query{.queue = DueQuery::kDeliveries,
                         .tenant = Tenant(),
                         .due = Draw(50),
                         .limit = static_cast<int>(1 + Draw(4)),
                         .lease = absl::Seconds(1 + Draw(30))};
    const auto got = t_.store().Claim(query);
    const auto want = model_.Claim(query);
    if (!t_.Ok(Call("Claim(deliveries)"), got)) return;
    if (!t_.Equal(Call("Claim(deliveries)"), Ids(*got), Ids(*want))) return;
    for (size_t i = 0; i < want->size(); ++i) {
      t_.Equal(Call("Claim(deliveries), attempts"),
               (*got)[i].delivery->attempts, (*want)[i].delivery->attempts);
      t_.Equal(Call("Claim(deliveries), state"), (*got)[i].delivery->state,
               (*want)[i].delivery->state);
      held_.push_back({(*got)[i], (*want)[i]});
    }
  }

  void Finishes() {
    if (held_.empty()) return;
    const auto& [mine, models] =
        held_[static_cast<size_t>(Draw(static_cast<int64_t>(held_.size())))];
    Finished finished{.tenant = mine.delivery->tenant,
                      .id = mine.delivery->id,
                      .token = mine.token,
                      .due_at = Due(),
                      .state = "retry"};
    const auto got = t_.store().Finish({&finished, 1});
    finished.token = models.token;
    const auto want = model_.Finish({&finished, 1});
    if (!t_.Equal(Call("Finish, verdicts"), got.size(), want.size())) return;
    SameStatus("Finish", got[0], want[0]);
  }

  Trial& t_;
  MemoryStore model_;
  std::string where_;
  // What was claimed: the store's answer and the model's, whose tokens may be
  // other numbers.
  std::vector<std::pair<Claimed, Claimed>> held_;
};

constexpr Contract kContracts[] = {
    {Level::kBasic, "agrees_with_memory_store",
     "Random Writes, reads, claims and finishes answer what memory_store "
     "answers.",
     "specification; hotline/testing/store_conformance.h", kClock,
     [](Trial& t) {
       Twins twins(t);
       for (int step = 0; step < 300 && !t.failed(); ++step) twins.Step(step);
       twins.CompareAll();
     }},
};

}  // namespace

std::span<const Contract> ModelContracts() { return kContracts; }

}  // namespace hotline::testing
