#include "tests/testing/wrong_stores.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/adapters/memory_store.h"
#include "hotline/error.h"

namespace hotline::testing {
namespace {

using E = v1::ErrorInfo;

absl::Status Conflict() { return MakeError(E::VERSION_CONFLICT, "bent"); }

void JournalAlso(const std::string& bytes) {
  std::ofstream(Journal(), std::ios::app) << bytes << "\n";
}

class BentStore final : public Store {
 public:
  BentStore(Store* right, Bend bend) : right_(*right), b_(std::move(bend)) {}

  Capabilities capabilities() const override {
    return {.many_processes = true, .name = "bent"};
  }
  absl::Time Now() override { return right_.Now(); }
  Verdicts Commit(std::span<const Write> w) override {
    for (const Write& write : w) {
      for (const CaseChange& c : write.cases) JournalAlso(c.row.payload);
    }
    return b_.commit ? b_.commit(right_, {w.begin(), w.end()})
                     : right_.Commit(w);
  }
  CaseAnswer ReadCase(const CaseKey& key, Part part) override {
    return b_.read_case ? b_.read_case(right_, key, part)
                        : right_.ReadCase(key, part);
  }
  EventsAnswer ReadEvents(const EventRange& range) override {
    return b_.read_events ? b_.read_events(right_, range)
                          : right_.ReadEvents(range);
  }
  FindAnswer Find(const Filter& filter) override {
    return b_.find ? b_.find(right_, filter) : right_.Find(filter);
  }
  RecordsAnswer ReadRecords(const RecordRange& range) override {
    return b_.read_records ? b_.read_records(right_, range)
                           : right_.ReadRecords(range);
  }
  ClaimAnswer Claim(const DueQuery& query) override {
    return b_.claim ? b_.claim(right_, query) : right_.Claim(query);
  }
  Verdicts Finish(std::span<const Finished> f) override {
    return b_.finish ? b_.finish(right_, {f.begin(), f.end()})
                     : right_.Finish(f);
  }
  absl::StatusOr<int64_t> NextDue(DueQuery::Queue queue,
                                  const std::string& tenant) override {
    return b_.next_due ? b_.next_due(right_, queue, tenant)
                       : right_.NextDue(queue, tenant);
  }

 private:
  Store& right_;
  const Bend b_;
};

class Place final : public StoreHarness {
 public:
  explicit Place(std::function<Bend()> bend) : bend_(std::move(bend)) {
    std::ofstream(Journal(), std::ios::trunc) << "the journal of a place\n";
  }
  ~Place() override { unlink(Journal().c_str()); }
  absl::StatusOr<std::unique_ptr<Store>> Open(Clock* clock) override {
    if (right_ == nullptr) right_ = std::make_unique<MemoryStore>(clock);
    return std::make_unique<BentStore>(right_.get(), bend_());
  }
  std::vector<std::string> Files() override { return {Journal()}; }

 private:
  const std::function<Bend()> bend_;
  std::unique_ptr<MemoryStore> right_;
};

// ---- Bends of what is written -----------------------------------------------

// Every Write is changed first.
std::function<Bend()> Rewriting(std::function<void(Write* write)> change) {
  return [change] {
    return Bend{.commit = [change](Store& right, std::vector<Write> writes) {
      for (Write& write : writes) change(&write);
      return right.Commit(writes);
    }};
  };
}

// Every text of a row is changed first, and those that are looked for.
void Texts(Write* write, const std::function<void(std::string*)>& change) {
  for (CaseChange& c : write->cases) {
    for (std::string* text : {&c.row.reference, &c.row.external_id,
                              &c.row.category, &c.row.unit, &c.row.payload}) {
      change(text);
    }
  }
  for (RecordChange& r : write->records) change(&r.record.key.key);
  for (DeliveryRow& d : write->deliveries) change(&d.dedupe_key);
}

std::function<Bend()> Folding(std::function<void(std::string*)> change) {
  return [change] {
    return Bend{.commit =
                    [change](Store& right, std::vector<Write> writes) {
                      for (Write& write : writes) Texts(&write, change);
                      return right.Commit(writes);
                    },
                .find =
                    [change](Store& right, Filter filter) {
                      for (auto* text : {&filter.reference, &filter.external_id,
                                         &filter.category, &filter.unit}) {
                        if (text->has_value()) change(&**text);
                      }
                      return right.Find(filter);
                    }};
  };
}

int64_t StoredVersion(Store& right, const CaseKey& key) {
  const auto row = right.ReadCase(key, Part::kPayload);
  return row.ok() ? row->version : 0;
}

void MoveTo(CaseChange* change, int64_t stored) {
  change->expected_version = stored;
  change->row.version = change->event.has_value() ? stored + 1 : stored;
  if (change->event.has_value()) change->event->version = stored + 1;
}

Verdicts AcceptStale(Store& right, std::vector<Write> writes) {
  Verdicts verdicts;
  for (Write& write : writes) {
    for (CaseChange& c : write.cases) {
      const int64_t stored = StoredVersion(right, c.row.key);
      if (c.expected_version > 0 && stored > c.expected_version) {
        MoveTo(&c, stored);
      }
    }
    verdicts.push_back(right.Commit({&write, 1})[0]);
  }
  return verdicts;
}

Verdicts InsertOverwrites(Store& right, std::vector<Write> writes) {
  Verdicts verdicts;
  for (Write& write : writes) {
    for (CaseChange& c : write.cases) {
      const int64_t stored = StoredVersion(right, c.row.key);
      if (c.expected_version == 0 && c.event.has_value() && stored > 0) {
        MoveTo(&c, stored);
      }
    }
    verdicts.push_back(right.Commit({&write, 1})[0]);
  }
  return verdicts;
}

Verdicts OneConflictVoidsAll(Store& right, std::vector<Write> writes) {
  for (const Write& write : writes) {
    for (const CaseChange& c : write.cases) {
      if (StoredVersion(right, c.row.key) != c.expected_version) {
        return Verdicts(writes.size(), Conflict());
      }
    }
  }
  return right.Commit(writes);
}

// Each part of a Write is a transaction of its own.
Verdicts InPieces(Store& right, std::vector<Write> writes) {
  Verdicts verdicts;
  for (const Write& write : writes) {
    std::vector<Write> pieces;
    for (const CaseChange& c : write.cases) pieces.push_back({.cases = {c}});
    pieces.push_back({.deliveries = write.deliveries,
                      .records = write.records,
                      .erasures = write.erasures,
                      .removals = write.removals});
    absl::Status verdict;
    for (const Write& piece : pieces) {
      verdict.Update(right.Commit({&piece, 1})[0]);
    }
    verdicts.push_back(verdict);
  }
  return verdicts;
}

// Cases first, records in a second transaction.
Verdicts RecordsAfterwards(Store& right, std::vector<Write> writes) {
  Verdicts verdicts;
  for (Write& write : writes) {
    const Write second{.records = std::move(write.records)};
    write.records.clear();
    absl::Status verdict = right.Commit({&write, 1})[0];
    if (verdict.ok()) verdict = right.Commit({&second, 1})[0];
    verdicts.push_back(verdict);
  }
  return verdicts;
}

// Each Write is judged by what stood before the Commit.
Verdicts BlindToThoseBefore(Store& right, std::vector<Write> writes) {
  Verdicts verdicts;
  std::set<CaseKey> touched;
  for (const Write& write : writes) {
    const bool again = std::any_of(
        write.cases.begin(), write.cases.end(),
        [&](const auto& c) { return !touched.insert(c.row.key).second; });
    verdicts.push_back(again ? Conflict() : right.Commit({&write, 1})[0]);
  }
  return verdicts;
}

// A group is folded into the last version of each case; the log of those
// between is lost.
Bend LosesEventsWithinCommit() {
  auto lost = std::make_shared<std::set<std::pair<CaseKey, int64_t>>>();
  return {.commit =
              [lost](Store& right, std::vector<Write> writes) {
                std::map<CaseKey, int64_t> last;
                for (const Write& write : writes) {
                  for (const CaseChange& c : write.cases) {
                    if (const auto it = last.find(c.row.key); it != last.end())
                      lost->insert({c.row.key, it->second});
                    last[c.row.key] = c.row.version;
                  }
                }
                return right.Commit(writes);
              },
          .read_events =
              [lost](Store& right, EventRange range) {
                EventsAnswer page = right.ReadEvents(range);
                if (page.ok()) {
                  std::erase_if(page->rows, [&](const EventRow& row) {
                    return lost->contains({row.key, row.version});
                  });
                }
                return page;
              }};
}

// After a conflict the next good Write of that case is refused once more, as if
// its version had been used up.
Bend UsesUpVersions() {
  auto spent = std::make_shared<std::set<CaseKey>>();
  return {.commit = [spent](Store& right, std::vector<Write> writes) {
    Verdicts verdicts;
    for (const Write& write : writes) {
      const bool refuse = !write.cases.empty() &&
                          spent->erase(write.cases[0].row.key) > 0 &&
                          StoredVersion(right, write.cases[0].row.key) ==
                              write.cases[0].expected_version;
      verdicts.push_back(refuse ? Conflict() : right.Commit({&write, 1})[0]);
      if (!refuse && !verdicts.back().ok() && !write.cases.empty()) {
        spent->insert(write.cases[0].row.key);
      }
    }
    return verdicts;
  }};
}

// Looks, waits, writes: whoever looked in time is told that he won.
Bend ChecksThenActs() {
  return {.commit = [](Store& right, std::vector<Write> writes) {
    Verdicts verdicts;
    for (const Write& write : writes) {
      const bool fits =
          write.cases.empty() || StoredVersion(right, write.cases[0].row.key) ==
                                     write.cases[0].expected_version;
      for (int i = 0; fits && i < 50; ++i) std::this_thread::yield();
      const absl::Status verdict = right.Commit({&write, 1})[0];
      verdicts.push_back(fits ? absl::OkStatus() : verdict);
    }
    return verdicts;
  }};
}

Bend ForgetsWhatWasTold() {
  auto finished_keys = std::make_shared<std::set<std::string>>();
  auto keys = std::make_shared<std::map<std::string, std::string>>();
  return {.commit =
              [=](Store& right, std::vector<Write> writes) {
                for (Write& write : writes) {
                  for (DeliveryRow& d : write.deliveries) {
                    if (finished_keys->contains(d.dedupe_key)) {
                      d.dedupe_key += " forgotten";
                    }
                    (*keys)[d.id] = d.dedupe_key;
                  }
                }
                return right.Commit(writes);
              },
          .finish =
              [=](Store& right, std::vector<Finished> finished) {
                for (const Finished& f : finished) {
                  finished_keys->insert((*keys)[f.id]);
                }
                return right.Finish(finished);
              }};
}

Bend DedupesOverTenants() {
  auto keys = std::make_shared<std::map<std::string, std::string>>();
  return {.commit = [keys](Store& right, std::vector<Write> writes) {
    for (Write& write : writes) {
      std::erase_if(write.deliveries, [&](const DeliveryRow& d) {
        return keys->emplace(d.dedupe_key, d.tenant).first->second != d.tenant;
      });
    }
    return right.Commit(writes);
  }};
}

Bend KeepsAJournal() {
  return {.commit = [](Store& right, std::vector<Write> writes) {
    for (const Write& write : writes) {
      for (const CaseChange& c : write.cases) {
        JournalAlso(c.row.sealed.value_or(""));
      }
    }
    return right.Commit(writes);
  }};
}

// ---- Bends of the queues ----------------------------------------------------

std::function<Bend()> Claiming(std::function<void(DueQuery* query)> change) {
  return [change] {
    return Bend{.claim = [change](Store& right, DueQuery query) {
      change(&query);
      return right.Claim(query);
    }};
  };
}

using RowId = std::pair<std::string, std::string>;
RowId IdOf(const Claimed& c) { return {c.delivery->tenant, c.delivery->id}; }

// Remembers tokens as they are given, and finishes with the newest.
Bend FinishesWithAnyToken() {
  auto newest = std::make_shared<std::map<RowId, int64_t>>();
  return {.claim =
              [newest](Store& right, DueQuery query) {
                ClaimAnswer claimed = right.Claim(query);
                for (const Claimed& c : *claimed) {
                  if (c.delivery.has_value()) (*newest)[IdOf(c)] = c.token;
                }
                return claimed;
              },
          .finish =
              [newest](Store& right, std::vector<Finished> finished) {
                for (Finished& f : finished) {
                  const auto it = newest->find({f.tenant, f.id});
                  if (it != newest->end()) f.token = it->second;
                }
                return right.Finish(finished);
              }};
}

Bend TokenStandsStill() {
  Bend bend = FinishesWithAnyToken();
  bend.claim = [claim = bend.claim](Store& right, DueQuery query) {
    ClaimAnswer claimed = claim(right, query);
    for (Claimed& c : *claimed) {
      if (c.delivery.has_value()) c.token = 1;
    }
    return claimed;
  };
  return bend;
}

// What a Finish of `claimed` is told that the right store calls stale.
std::function<Bend()> StaleIsFine(std::function<bool(const Finished&)> fine) {
  return [fine] {
    return Bend{.finish = [fine](Store& right, std::vector<Finished> finished) {
      Verdicts verdicts = right.Finish(finished);
      for (size_t i = 0; i < finished.size(); ++i) {
        if (fine(finished[i])) verdicts[i] = absl::OkStatus();
      }
      return verdicts;
    }};
  };
}

// The lease is kept in the process: another store and the next knows nothing.
Bend LeasesInTheProcess() {
  auto until = std::make_shared<std::map<RowId, absl::Time>>();
  auto mutex = std::make_shared<std::mutex>();
  return {.claim = [=](Store& right, DueQuery query) {
    if (query.queue == DueQuery::kTimers) return right.Claim(query);
    const absl::Duration lease = std::exchange(query.lease, {});
    const int limit = std::exchange(query.limit, 10'000);
    const std::lock_guard<std::mutex> lock(*mutex);
    ClaimAnswer claimed = right.Claim(query);
    std::erase_if(*claimed, [&](const Claimed& c) {
      const auto it = until->find(IdOf(c));
      return it != until->end() && right.Now() < it->second;
    });
    if (claimed->size() > static_cast<size_t>(limit)) {
      claimed->resize(static_cast<size_t>(limit));
    }
    for (const Claimed& c : *claimed) {
      (*until)[IdOf(c)] = right.Now() + lease;
    }
    return claimed;
  }};
}

// Whoever was claimed once is never told again unless it was finished.
Bend LeasesForEver() {
  auto out = std::make_shared<std::set<RowId>>();
  return {.claim =
              [out](Store& right, DueQuery query) {
                ClaimAnswer claimed = right.Claim(query);
                std::erase_if(*claimed, [&](const Claimed& c) {
                  return c.delivery.has_value() && !out->insert(IdOf(c)).second;
                });
                return claimed;
              },
          .finish =
              [out](Store& right, std::vector<Finished> finished) {
                for (const Finished& f : finished) out->erase({f.tenant, f.id});
                return right.Finish(finished);
              }};
}

// As long as one row is leased, none is told.
Bend LeaseHidesAll() {
  auto until = std::make_shared<absl::Time>();
  return {.claim = [until](Store& right, DueQuery query) {
    if (query.queue == DueQuery::kTimers) return right.Claim(query);
    if (right.Now() < *until) return ClaimAnswer(std::vector<Claimed>{});
    ClaimAnswer claimed = right.Claim(query);
    if (!claimed->empty()) *until = right.Now() + query.lease;
    return claimed;
  }};
}

// The lease ends when what was due comes to its end: not by the store's clock.
Bend LeasesByDue() {
  auto until = std::make_shared<std::map<RowId, int64_t>>();
  return {.claim = [until](Store& right, DueQuery query) {
    if (query.queue == DueQuery::kTimers) return right.Claim(query);
    const int64_t lease =
        absl::ToInt64Milliseconds(std::exchange(query.lease, {}));
    ClaimAnswer claimed = right.Claim(query);
    std::erase_if(*claimed, [&](const Claimed& c) {
      const auto it = until->find(IdOf(c));
      return it != until->end() && query.due < it->second;
    });
    for (const Claimed& c : *claimed) {
      (*until)[IdOf(c)] = std::min(query.due, kNever - lease) + lease;
    }
    return claimed;
  }};
}

Bend KeepsTheLeaseAfterFinish() {
  auto until = std::make_shared<std::map<RowId, absl::Time>>();
  return {.claim = [until](Store& right, DueQuery query) {
    ClaimAnswer claimed = right.Claim(query);
    std::erase_if(*claimed, [&](const Claimed& c) {
      if (!c.delivery.has_value()) return false;
      absl::Time& end = (*until)[IdOf(c)];
      if (right.Now() < end) return true;
      end = right.Now() + query.lease;
      return false;
    });
    return claimed;
  }};
}

Bend CountsAttemptsAtFinish() {
  auto attempts = std::make_shared<std::map<RowId, int>>();
  return {.claim =
              [attempts](Store& right, DueQuery query) {
                ClaimAnswer claimed = right.Claim(query);
                for (Claimed& c : *claimed) {
                  if (!c.delivery.has_value()) continue;
                  c.delivery->attempts = 1 + (*attempts)[IdOf(c)];
                }
                return claimed;
              },
          .finish =
              [attempts](Store& right, std::vector<Finished> finished) {
                for (const Finished& f : finished) {
                  ++(*attempts)[{f.tenant, f.id}];
                }
                return right.Finish(finished);
              }};
}

ClaimAnswer ReadsTheWholeQueue(Store& right, DueQuery query) {
  if (query.queue == DueQuery::kDeliveries) return right.Claim(query);
  const int limit = std::exchange(query.limit, 1'000'000);
  query.rows = true;
  ClaimAnswer claimed = right.Claim(query);
  if (claimed->size() > static_cast<size_t>(limit)) {
    claimed->resize(static_cast<size_t>(limit));
  }
  for (Claimed& c : *claimed) c.row.reset();
  return claimed;
}

// ---- Bends of what is read --------------------------------------------------

// A cursor that counts the rows told so far.
FindAnswer PagesByCount(Store& right, Filter filter) {
  size_t skip = 0;
  if (!absl::SimpleAtoi(filter.cursor, &skip) && !filter.cursor.empty()) {
    return MakeError(E::INVALID_ARGUMENT, "bent");
  }
  const auto limit = static_cast<size_t>(filter.limit);
  filter.cursor.clear();
  filter.limit = 1'000'000;
  FindAnswer all = right.Find(filter);
  if (!all.ok()) return all;
  CaseRowPage page;
  for (size_t i = skip; i < all->rows.size() && page.rows.size() < limit; ++i) {
    page.rows.push_back(all->rows[i]);
  }
  if (skip + page.rows.size() < all->rows.size()) {
    page.next_cursor = absl::StrCat(skip + page.rows.size());
  }
  return page;
}

FindAnswer OrdersDueById(Store& right, Filter filter) {
  FindAnswer page = right.Find(filter);
  if (page.ok() && filter.due_until.has_value()) {
    std::sort(page->rows.begin(), page->rows.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
  }
  return page;
}

FindAnswer ReadsOnUntilFull(Store& right, Filter filter) {
  FindAnswer page = right.Find(filter);
  while (page.ok() && page->rows.empty() && !page->next_cursor.empty()) {
    filter.cursor = page->next_cursor;
    page = right.Find(filter);
  }
  return page;
}

FindAnswer MixesTenants(Store& right, Filter filter) {
  FindAnswer page = right.Find(filter);
  if (!page.ok() || !page->rows.empty()) return page;
  filter.tenant = "city2";
  return right.Find(filter);
}

FindAnswer TakesAnyCursor(Store& right, Filter filter) {
  FindAnswer page = right.Find(filter);
  if (page.ok() || filter.cursor.empty()) return page;
  filter.cursor.clear();
  return right.Find(filter);
}

RecordsAnswer OrdersBySignedBytes(Store& right, RecordRange range) {
  RecordsAnswer records = right.ReadRecords(range);
  if (!records.ok()) return records;
  std::sort(
      records->begin(), records->end(), [](const Record& a, const Record& b) {
        return std::lexicographical_compare(
            a.key.key.begin(), a.key.key.end(), b.key.key.begin(),
            b.key.key.end(), [](char x, char y) {
              return static_cast<signed char>(x) < static_cast<signed char>(y);
            });
      });
  return records;
}

std::function<Bend()> ReadingRecords(std::function<void(RecordRange*)> change) {
  return [change] {
    return Bend{.read_records = [change](Store& right, RecordRange range) {
      change(&range);
      return right.ReadRecords(range);
    }};
  };
}

// Reads by place, and commits take their places before they can be seen: the
// first page that comes by does not show every third event.
Bend FeedSkipsLateCommits() {
  auto passed = std::make_shared<std::set<std::pair<CaseKey, int64_t>>>();
  return {.read_events = [passed](Store& right, EventRange range) {
    EventsAnswer page = right.ReadEvents(range);
    if (!page.ok() || !range.case_id.empty()) return page;
    std::erase_if(page->rows, [&](const EventRow& row) {
      return row.version % 3 == 0 &&
             passed->insert({row.key, row.version}).second;
    });
    return page;
  }};
}

Bend FeedTakesAnyCursor() {
  return {.read_events = [](Store& right, EventRange range) {
    EventsAnswer page = right.ReadEvents(range);
    if (page.ok() || range.cursor.empty()) return page;
    return EventsAnswer(EventRowPage{.next_cursor = range.cursor});
  }};
}

void CutAtNul(std::string* text) {
  text->resize(text->find('\0') == std::string::npos ? text->size()
                                                     : text->find('\0'));
}
void CutBlanks(std::string* text) {
  while (!text->empty() && text->back() == ' ') text->pop_back();
}
void FoldCase(std::string* text) {
  for (char& c : *text) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
}
void MendUtf8(std::string* text) {
  for (char& c : *text) {
    if (c == '\xff' || c == '\xc3') c = '?';
  }
}

std::function<Bend()> Committing(
    Verdicts (*commit)(Store& right, std::vector<Write> writes)) {
  return [commit] { return Bend{.commit = commit}; };
}
std::function<Bend()> Finding(FindAnswer (*find)(Store& right, Filter)) {
  return [find] { return Bend{.find = find}; };
}

void DropErasures(Write* write, RowKey::Kind kind) {
  std::erase_if(write->erasures,
                [kind](const RowKey& row) { return row.kind == kind; });
}

std::vector<WrongStore> OfWrites() {
  return {
      {"takes a Write of an older version", "basic/stale_write_refused",
       Committing(AcceptStale)},
      {"inserts over what is there", "basic/insert_of_existing_refused",
       Committing(InsertOverwrites)},
      {"voids a whole Commit for one conflict",
       "basic/verdict_is_the_writes_own", Committing(OneConflictVoidsAll)},
      {"keeps half of a Write after a conflict",
       "basic/stale_case_stops_its_write", Committing(InPieces)},
      {"writes the idempotency key in a second transaction",
       "basic/idempotency_key_guards_its_command",
       Committing(RecordsAfterwards)},
      {"judges every Write by what stood before the Commit",
       "basic/write_sees_those_before", Committing(BlindToThoseBefore)},
      {"loses events of a case that changes twice in a Commit",
       "basic/changes_of_one_case_in_one_commit", LosesEventsWithinCommit},
      {"uses up a version with a conflict",
       "basic/version_is_reused_after_conflict", UsesUpVersions},
      {"checks first and acts later", "concurrent/one_wins_each_version",
       ChecksThenActs},
      {"inserts a record over what is there", "basic/record_inserted_once",
       Rewriting([](Write* w) {
         for (RecordChange& r : w->records) {
           if (r.expected_version == 0) r.expected_version = -1;
         }
       })},
      {"does not look at a record's version", "basic/stale_record_refused",
       Rewriting([](Write* w) {
         for (RecordChange& r : w->records) {
           if (r.expected_version > 0) r.expected_version = -1;
         }
       })},
      {"writes the sealed body always", "basic/sealed_left_alone",
       Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           if (!c.only_timer) c.write_sealed = true;
         }
       })},
      {"writes the sealed body with a timer",
       "basic/only_timer_moves_the_timer", Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           if (c.only_timer) c.write_sealed = true;
         }
       })},
      {"gives a reference twice", "basic/reference_given_once",
       Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) c.row.reference += c.row.key.id;
       })},
      {"takes an external id for unique whatever its system",
       "basic/external_id_given_once", Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           if (!c.row.external_id.empty()) c.row.external_system = "any";
         }
       })},
      {"tells an occurrence as often as it is written",
       "basic/repeated_key_is_dropped", Rewriting([](Write* w) {
         for (DeliveryRow& d : w->deliveries) d.dedupe_key += d.id;
       })},
      {"forgets what it told", "basic/told_is_told_for_good",
       ForgetsWhatWasTold},
      {"tells one tenant what another was told",
       "basic/dedupe_keeps_to_its_tenant", DedupesOverTenants},
      {"does not erase records", "basic/erased_record_keeps_the_rest",
       Rewriting([](Write* w) { DropErasures(w, RowKey::kRecord); })},
      {"does not erase events", "basic/erased_event_keeps_the_rest",
       Rewriting([](Write* w) { DropErasures(w, RowKey::kEvent); })},
      {"erases before it writes", "basic/erasure_follows_its_write",
       [] {
         return Bend{.commit = [](Store& right, std::vector<Write> writes) {
           Verdicts verdicts;
           for (Write& w : writes) {
             const Write first{.erasures = std::move(w.erasures)};
             w.erasures.clear();
             right.Commit({&first, 1});
             verdicts.push_back(right.Commit({&w, 1})[0]);
           }
           return verdicts;
         }};
       }},
      {"does not remove", "basic/record_removed",
       Rewriting([](Write* w) { w->removals.clear(); })},
      {"keeps a journal of all it wrote", "durable/erased_case_is_in_no_file",
       KeepsAJournal},
      {"answers before it is durable", "durable/killed_loses_no_answer",
       [] { return Bend{}; }, 1'500, true},
  };
}

std::vector<WrongStore> OfBytes() {
  return {
      {"takes empty for absent", "basic/empty_is_not_absent",
       Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           if (c.row.sealed == "") c.row.sealed.reset();
         }
       })},
      {"takes absent for empty", "basic/absent_is_not_empty",
       Rewriting([](Write* w) {
         for (RecordChange& r : w->records) {
           if (!r.record.sealed.has_value()) r.record.sealed = "";
         }
       })},
      {"folds the case of keys", "basic/case_of_letters_counts",
       Folding(FoldCase)},
      {"cuts trailing blanks", "basic/trailing_blanks_count",
       Folding(CutBlanks)},
      {"cuts at a NUL", "basic/nul_comes_back", Folding(CutAtNul)},
      {"parts no texts behind a NUL", "basic/nul_parts_texts",
       Folding(CutAtNul)},
      {"mends what is no UTF-8", "basic/invalid_utf8_comes_back",
       Folding(MendUtf8)},
      {"has 32 bits for numbers", "basic/numbers_have_64_bits",
       Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           c.row.cell = static_cast<int32_t>(c.row.cell);
         }
       })},
      {"orders keys by signed bytes", "basic/records_ordered_as_unsigned_bytes",
       [] { return Bend{.read_records = OrdersBySignedBytes}; }},
      {"cuts bodies at 65,535 bytes", "basic/mebibyte_comes_back",
       Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           if (c.row.payload.size() > 65'535) c.row.payload.resize(65'535);
         }
       })},
  };
}

std::vector<WrongStore> OfQueues() {
  const auto deliveries = [](const DueQuery* q) {
    return q->queue == DueQuery::kDeliveries;
  };
  return {
      {"finishes without a look at the token", "basic/stale_token_refused",
       FinishesWithAnyToken},
      {"gives the same token again", "basic/token_rises", TokenStandsStill},
      {"does not count the rows a finish met",
       "basic/missing_row_cannot_be_finished",
       StaleIsFine([](const Finished& f) { return f.token == 1; })},
      {"finishes what was never claimed", "basic/unclaimed_cannot_be_finished",
       StaleIsFine([](const Finished& f) { return f.token == 0; })},
      {"finishes other tenants' rows", "basic/finish_keeps_to_its_tenant",
       [] {
         return Bend{.finish = [](Store& right, std::vector<Finished> fs) {
           for (Finished& f : fs) f.tenant = "city2";
           return right.Finish(fs);
         }};
       }},
      {"answers one verdict for many", "basic/finish_answers_each",
       [] {
         return Bend{.finish = [](Store& right, std::vector<Finished> fs) {
           Verdicts verdicts = right.Finish(fs);
           if (verdicts.size() > 1) verdicts.resize(1);
           return verdicts;
         }};
       }},
      {"leases by what is due and not by its clock",
       "basic/lease_is_measured_by_the_stores_clock", LeasesByDue},
      {"leases for ever", "basic/lease_ends_at_its_instant", LeasesForEver},
      {"ends a lease a millisecond late", "basic/lease_ends_at_its_instant",
       Claiming([](DueQuery* q) { q->lease += absl::Milliseconds(1); })},
      {"leases for 30 s whatever was asked", "basic/lease_is_as_long_as_asked",
       Claiming([](DueQuery* q) { q->lease = absl::Seconds(30); })},
      {"leases nothing", "basic/lease_hides",
       Claiming([](DueQuery* q) { q->lease = absl::ZeroDuration(); })},
      {"hides all behind a leased row", "basic/leased_row_hides_no_other",
       LeaseHidesAll},
      {"keeps the lease of what is finished", "basic/finish_ends_the_lease",
       KeepsTheLeaseAfterFinish},
      {"counts an attempt when it is finished",
       "basic/attempt_counts_when_claimed", CountsAttemptsAtFinish},
      {"has < for <= at due timers", "basic/timer_due_is_inclusive",
       Claiming([deliveries](DueQuery* q) {
         if (!deliveries(q)) --q->due;
       })},
      {"has < for <= at due deliveries", "basic/delivery_due_is_inclusive",
       Claiming([deliveries](DueQuery* q) {
         if (deliveries(q)) --q->due;
       })},
      {"tells one more than its limit", "basic/timer_limit_kept",
       Claiming([](DueQuery* q) { ++q->limit; })},
      {"walks timers by their instant alone", "basic/timers_walked_in_pages",
       Claiming([](DueQuery* q) {
         if (!q->after_id.empty()) q->after_id = std::string(20, '\xff');
       })},
      {"knows no lease in NextDue", "basic/next_due_of_deliveries",
       [] {
         return Bend{.next_due = [](Store& right, DueQuery::Queue queue,
                                    const std::string& tenant) {
           auto next = right.NextDue(queue, tenant);
           if (next.ok() && *next != kNever && *next > 1'000'000) *next = 10;
           return next;
         }};
       }},
      {"forgets leases when it is closed", "durable/leases_survive",
       LeasesInTheProcess},
      {"keeps leases to the process", "concurrent/stores_share_deliveries",
       LeasesInTheProcess},
      {"leases before it is durable", "durable/killed_workers_leases_run_out",
       [] { return Bend{}; }, 1'500, true},
      {"reads the whole queue for what is due",
       "scale/due_timers_cost_the_same",
       [] { return Bend{.claim = ReadsTheWholeQueue}; }, 12'000},
  };
}

std::vector<WrongStore> OfReads() {
  return {
      {"answers sealed bodies unasked",
       "basic/payload_read_leaves_sealed_absent",
       [] {
         return Bend{.read_case = [](Store& right, CaseKey key, Part) {
           return right.ReadCase(key, Part::kSealed);
         }};
       }},
      {"has >= for > at `after`", "basic/events_after_is_exclusive",
       [] {
         return Bend{.read_events = [](Store& right, EventRange range) {
           if (range.after > 0) --range.after;
           return right.ReadEvents(range);
         }};
       }},
      {"counts rows for a cursor, and skips under writes",
       "basic/cursor_holds_when_its_row_goes", Finding(PagesByCount)},
      {"orders due cases by id", "basic/due_in_order", Finding(OrdersDueById)},
      {"reads on until a page is full", "scale/short_page_has_a_cursor",
       Finding(ReadsOnUntilFull)},
      {"mixes tenants", "basic/find_keeps_to_its_tenant",
       Finding(MixesTenants)},
      {"takes any cursor", "basic/find_garbage_cursor_refused",
       Finding(TakesAnyCursor)},
      {"tells `until` too", "basic/records_by_key",
       ReadingRecords([](RecordRange* range) {
         if (!range->until.empty()) range->until += '\0';
       })},
      {"goes on behind all that are equal in a column",
       "basic/records_paged_by_column", ReadingRecords([](RecordRange* range) {
         if (range->index >= 0 && !range->after_key.empty()) {
           range->from += '\0';
           range->after_key.clear();
         }
       })},
      {"feeds by place and skips late commits",
       "concurrent/feed_tells_all_under_commits", FeedSkipsLateCommits},
      {"takes a feed's cursor from a store with more events",
       "basic/feed_cursor_ahead_refused", FeedTakesAnyCursor},
      {"feeds all tenants", "basic/feed_keeps_to_its_tenant",
       [] {
         return Bend{.read_events = [](Store& right, EventRange range) {
           EventsAnswer page = right.ReadEvents(range);
           if (!page.ok() || !range.case_id.empty()) return page;
           range.tenant = "city2";
           range.cursor.clear();
           const EventsAnswer others = right.ReadEvents(range);
           page->rows.insert(page->rows.end(), others->rows.begin(),
                             others->rows.end());
           return page;
         }};
       }},
  };
}

}  // namespace

const std::vector<WrongStore>& WrongStores() {
  static const auto* const kAll = [] {
    auto* all = new std::vector<WrongStore>;
    for (auto some : {OfWrites(), OfBytes(), OfQueues(), OfReads()}) {
      std::move(some.begin(), some.end(), std::back_inserter(*all));
    }
    return all;
  }();
  return *kAll;
}

StoreUnderTest Bent(const std::string& name, std::function<Bend()> bend) {
  return {.name = name,
          .factory = [bend] { return std::make_unique<Place>(bend); },
          .forks = false};
}

std::string Journal() {
  return absl::StrCat(::testing::TempDir(), "/bent-", getpid(), ".journal");
}

}  // namespace hotline::testing
