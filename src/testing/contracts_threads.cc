// Contracts: many threads and, where a store offers it, many stores on the same
// data do not lose, repeat or tear anything.
#include <algorithm>
#include <atomic>
#include <barrier>
#include <map>
#include <set>
#include <utility>

#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using hotline::internal::Mutex;
using hotline::internal::MutexLock;
using rows::CaseAt;
using rows::Change;
using rows::Check;
using rows::CommitOne;
using rows::Delivery;
using rows::kCity;
using rows::Key;
using rows::Of;
using rows::OpenCase;
using rows::Put;
using rows::Row;
using E = v1::ErrorInfo;
using Numbers = std::vector<std::string>;

constexpr Level kConcurrent = Level::kConcurrent;
constexpr int kThreads = 6;
constexpr char kThreadRule[] = "every method may be called from any thread";
constexpr char kChecked[] = "the case is to be at its version, and nothing";
constexpr char kSees[] = "call wrote, every later call of any thread sees, and";

// What every writer does with STORE_CONTENDED and STORE_BUSY: it tries again.
absl::Status Insist(Store& store, const Write& write) {
  absl::Status status;
  for (int i = 0; i < 1'000; ++i) {
    status = CommitOne(&store, write);
    const E::Reason reason = ReasonOf(status);
    if (reason != E::STORE_CONTENDED && reason != E::STORE_BUSY) break;
  }
  return status;
}

absl::StatusOr<std::vector<Claimed>> InsistOnClaim(Store& store,
                                                   const DueQuery& query) {
  absl::StatusOr<std::vector<Claimed>> claimed;
  for (int i = 0; i < 1'000; ++i) {
    claimed = store.Claim(query);
    const E::Reason reason = ReasonOf(claimed.status());
    if (reason != E::STORE_CONTENDED && reason != E::STORE_BUSY) break;
  }
  return claimed;
}

// ---- One store, many threads. `stores` may also be several on one place. ----

void OneWinsEachVersion(Trial& t, const std::vector<Store*>& stores) {
  constexpr int kVersions = 15;
  t.Commit(OpenCase(1));
  std::atomic<int> won{0};
  std::barrier round(kThreads);
  InThreads(kThreads, [&](int thread) {
    Store& store = *stores[static_cast<size_t>(thread) % stores.size()];
    for (int version = 2; version <= kVersions; ++version) {
      round.arrive_and_wait();
      const absl::Status status = Insist(store, Of(Row(1, version)));
      if (status.ok()) ++won;
      if (!status.ok() && ReasonOf(status) != E::VERSION_CONFLICT) {
        t.Fail(Describe(Of(Row(1, version))), Show(status),
               "OK or ABORTED (VERSION_CONFLICT)");
      }
    }
  });
  const int64_t version = t.Read(1).version;
  t.Equal("Commit from many, that were answered OK", won.load(),
          static_cast<int>(version - 1));
  const auto events = t.Events(1, 0, 1'000);
  t.Equal("ReadEvents, count", static_cast<int64_t>(events.size()), version);
  for (size_t i = 0; i < events.size(); ++i) {
    t.Equal("ReadEvents, version", events[i].version,
            static_cast<int64_t>(i + 1));
  }
}

// Each changes one of two cases and checks the other: were both to pass, each
// would rest on what the other changed.
void ChecksHold(Trial& t, const std::vector<Store*>& stores) {
  constexpr int kRounds = 25;
  t.CommitAll({OpenCase(1), OpenCase(2)});
  std::barrier step(2);
  bool passed[2] = {};
  InThreads(2, [&](int thread) {
    Store& store = *stores[static_cast<size_t>(thread) % stores.size()];
    const int mine = 1 + thread;
    const int other = 2 - thread;
    for (int i = 0; i < kRounds; ++i) {
      const Write write = {
          .cases = {Change(Row(mine, t.Read(mine).version + 1)),
                    Check(other, t.Read(other).version)}};
      step.arrive_and_wait();
      passed[thread] = Insist(store, write).ok();
      step.arrive_and_wait();
      if (thread == 0 && passed[0] && passed[1]) {
        t.Fail("two Commits that each change what the other checks", "OK twice",
               "OK once at most");
      }
      step.arrive_and_wait();
    }
  });
}

void NoUpdateIsLost(Trial& t, const std::vector<Store*>& stores) {
  constexpr int kEach = 12;
  t.Commit({.records = {Put("counter", 1, 0)}});
  InThreads(kThreads, [&](int thread) {
    Store& store = *stores[static_cast<size_t>(thread) % stores.size()];
    for (int i = 0; i < kEach;) {
      const auto read = store.ReadRecords(OneRecord(Key("counter")));
      if (!t.Ok("ReadRecords", read) || read->size() != 1) return;
      const int64_t version = read->at(0).version;
      const absl::Status status =
          Insist(store, {.records = {Put("counter", version + 1, version)}});
      if (status.ok()) ++i;
      if (!status.ok() && ReasonOf(status) != E::VERSION_CONFLICT) {
        t.Fail("Commit of a counter", Show(status),
               "OK or ABORTED (VERSION_CONFLICT)");
        return;
      }
    }
  });
  t.Equal("ReadRecords of the counter, version",
          t.Get(Key("counter")).value_or(Record{}).version,
          int64_t{1 + kThreads * kEach});
}

void OneKeyOneCase(Trial& t, const std::vector<Store*>& stores) {
  constexpr int kRounds = 10;
  for (int round = 1; round <= kRounds; ++round) {
    std::atomic<int> won{0};
    InThreads(kThreads, [&](int thread) {
      Store& store = *stores[static_cast<size_t>(thread) % stores.size()];
      Write write = OpenCase(round * 100 + thread);
      write.records = {Put(absl::StrCat("command ", round), 1, 0)};
      const absl::Status status = Insist(store, write);
      if (status.ok()) ++won;
      if (!status.ok() && ReasonOf(status) != E::VERSION_CONFLICT) {
        t.Fail("Commit under an idempotency key", Show(status),
               "OK or ABORTED (VERSION_CONFLICT)");
      }
    });
    t.Equal("Commit of one idempotency key by many, that were OK", won.load(),
            1);
  }
  t.Equal("Find, count", t.All({}).size(), size_t{kRounds});
}

void OneReferenceOneCase(Trial& t, const std::vector<Store*>& stores) {
  constexpr int kRounds = 10;
  for (int round = 1; round <= kRounds; ++round) {
    std::atomic<int> won{0};
    InThreads(kThreads, [&](int thread) {
      Store& store = *stores[static_cast<size_t>(thread) % stores.size()];
      CaseRow row = Row(round * 100 + thread);
      row.reference = absl::StrCat("round ", round);
      const absl::Status status = Insist(store, Of(row));
      if (status.ok()) ++won;
      if (!status.ok() && ReasonOf(status) != E::DUPLICATE_REFERENCE) {
        t.Fail("Commit of a reference by many", Show(status),
               "OK or ALREADY_EXISTS (DUPLICATE_REFERENCE)");
      }
    });
    t.Equal("Commit of one reference by many, that were OK", won.load(), 1);
  }
}

void NoneIsClaimedTwice(Trial& t, const std::vector<Store*>& stores) {
  constexpr int kDeliveries = 60;
  Write write;
  for (int i = 1; i <= kDeliveries; ++i) {
    write.deliveries.push_back(Delivery(i, i));
  }
  t.Commit(write);
  Mutex mutex;
  std::multiset<std::string> claimed;
  InThreads(kThreads, [&](int thread) {
    Store& store = *stores[static_cast<size_t>(thread) % stores.size()];
    for (int empty = 0; empty < 2;) {
      const auto batch = InsistOnClaim(store, {.queue = DueQuery::kDeliveries,
                                               .tenant = kCity,
                                               .due = 1'000,
                                               .limit = 3});
      if (!t.Ok("Claim(deliveries)", batch)) return;
      if (batch->empty()) ++empty;
      MutexLock lock(&mutex);
      for (const std::string& id : Ids(*batch)) claimed.insert(id);
    }
  });
  t.Equal("Claim by many, deliveries in all", claimed.size(),
          size_t{kDeliveries});
  t.Equal("Claim by many, different deliveries",
          std::set<std::string>(claimed.begin(), claimed.end()).size(),
          size_t{kDeliveries});
}

void OneKeyIsToldOnce(Trial& t, const std::vector<Store*>& stores) {
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    InThreads(kThreads, [&](int thread) {
      Store& store = *stores[static_cast<size_t>(thread) % stores.size()];
      DeliveryRow row = Delivery(round * 100 + thread + 1, 5);
      row.dedupe_key = absl::StrCat("occurrence ", round);
      t.Ok("Commit of a delivery", Insist(store, {.deliveries = {row}}));
    });
  }
  t.Equal("Claim, deliveries of as many occurrences", t.Deliveries(5).size(),
          size_t{kRounds});
}

// Workers whose leases always have run out: each token is given once, and of
// all finishes of a row's token only the newest's is heard.
void TokensAreGivenOnce(Trial& t, const std::vector<Store*>& stores) {
  constexpr int kDeliveries = 4;
  constexpr int kRounds = 12;
  Write write;
  for (int i = 1; i <= kDeliveries; ++i) {
    write.deliveries.push_back(Delivery(i, i));
  }
  t.Commit(write);
  Mutex mutex;
  std::set<std::pair<std::string, int64_t>> tokens;
  std::map<std::string, Claimed> newest;
  InThreads(kThreads, [&](int thread) {
    Store& store = *stores[static_cast<size_t>(thread) % stores.size()];
    for (int round = 0; round < kRounds; ++round) {
      const auto batch = InsistOnClaim(store, {.queue = DueQuery::kDeliveries,
                                               .tenant = kCity,
                                               .due = 1'000,
                                               .lease = absl::ZeroDuration()});
      if (!t.Ok("Claim(deliveries, lease=0)", batch)) return;
      MutexLock lock(&mutex);
      for (const Claimed& claimed : *batch) {
        if (!tokens.insert({claimed.delivery->id, claimed.token}).second) {
          t.Fail("Claim by many, token",
                 absl::StrCat(claimed.token, " a second time"),
                 "a token that rose");
        }
        Claimed& last = newest[claimed.delivery->id];
        if (claimed.token > last.token) last = claimed;
      }
    }
  });
  t.Equal("Claim by many, different rows", newest.size(), size_t{kDeliveries});
  for (const auto& [id, token] : tokens) {
    Claimed old = newest[id];
    if (token == old.token) continue;
    old.token = token;
    t.Refused("Finish with a token that is not the newest",
              t.Finish(old, kNever, "sent"), E::STALE_TOKEN);
  }
  for (const auto& [id, claimed] : newest) {
    t.Ok("Finish with the newest token", t.Finish(claimed, kNever, "sent"));
  }
}

// Two cases that always change together: a page, as of one instant, shows both
// at one version.
void PagesShowOneInstant(Trial& t, const std::vector<Store*>& stores) {
  constexpr int kVersions = 40;
  t.Commit({.cases = {Change(Row(1)), Change(Row(2))}});
  std::atomic<bool> done{false};
  InThreads(3, [&](int thread) {
    Store& store = *stores[static_cast<size_t>(thread) % stores.size()];
    if (thread == 0) {
      for (int64_t v = 2; v <= kVersions; ++v) {
        t.Ok("Commit of two cases",
             Insist(store, {.cases = {Change(Row(1, v)), Change(Row(2, v))}}));
      }
      done = true;
      return;
    }
    while (!done && !t.failed()) {
      const auto page = store.Find({.tenant = kCity});
      if (!t.Ok("Find", page)) return;
      if (!t.Equal("Find, count", page->rows.size(), size_t{2})) return;
      t.Equal("Find of two cases that change together, version of the second",
              page->rows[1].version, page->rows[0].version);
    }
  });
}

void FeedTellsAllUnderCommits(Trial& t, const std::vector<Store*>& stores) {
  constexpr int kWriters = 4;
  constexpr int kEach = 15;
  std::atomic<int> writing{kWriters};
  std::map<std::string, int64_t> seen;
  const auto take = [&](const std::vector<EventRow>& events) {
    for (const EventRow& event : events) {
      int64_t& last = seen[event.key.id];
      if (event.version > last + 1) {
        t.Fail(absl::StrCat("the feed, case ", Number(event.key.id)),
               absl::StrCat("version ", event.version, " after ", last),
               "every event, those of one case in order");
      }
      last = std::max(last, event.version);
    }
  };
  std::string cursor;
  InThreads(kWriters + 1, [&](int thread) {
    Store& store = *stores[static_cast<size_t>(thread) % stores.size()];
    if (thread < kWriters) {
      for (int64_t v = 1; v <= kEach; ++v) {
        t.Ok("Commit", Insist(store, Of(Row(thread + 1, v))));
      }
      --writing;
      return;
    }
    while (writing > 0 && !t.failed()) {
      const auto page =
          store.ReadEvents({.tenant = kCity, .cursor = cursor, .limit = 7});
      if (!t.Ok("ReadEvents of the feed", page)) return;
      take(page->rows);
      cursor = page->next_cursor;
    }
  });
  size_t told = 0;
  for (const auto& [id, last] : seen) told += static_cast<size_t>(last);
  take(t.Feed(&cursor, size_t{kWriters * kEach} - told));
  t.Equal("the feed, cases", seen.size(), size_t{kWriters});
  for (const auto& [id, last] : seen) {
    t.Equal(absl::StrCat("the feed, last event of case ", Number(id)), last,
            int64_t{kEach});
  }
}

constexpr Contract kThreadContracts[] = {
    {kConcurrent, "one_wins_each_version",
     "Of many who write one version of a case, one wins.", kThreadRule,
     kNothing, [](Trial& t) { OneWinsEachVersion(t, {&t.store()}); }},
    {kConcurrent, "checks_hold",
     "Of two that each change one case and check the other one passes.",
     kChecked, kNothing, [](Trial& t) { ChecksHold(t, {&t.store()}); }},
    {kConcurrent, "no_update_is_lost",
     "Reading and writing under a record's fence loses no update.", kThreadRule,
     kNothing, [](Trial& t) { NoUpdateIsLost(t, {&t.store()}); }},
    {kConcurrent, "one_key_one_case",
     "Of many who use one idempotency key, one opens a case.", kThreadRule,
     kNothing, [](Trial& t) { OneKeyOneCase(t, {&t.store()}); }},
    {kConcurrent, "one_reference_one_case",
     "Of many who give one reference, one has it.", kThreadRule, kNothing,
     [](Trial& t) { OneReferenceOneCase(t, {&t.store()}); }},
    {kConcurrent, "none_claimed_twice",
     "Many who claim share the deliveries; none is told to two.", kThreadRule,
     kNothing, [](Trial& t) { NoneIsClaimedTwice(t, {&t.store()}); }},
    {kConcurrent, "one_key_told_once",
     "Of many who tell one occurrence, one is heard.", kThreadRule, kNothing,
     [](Trial& t) { OneKeyIsToldOnce(t, {&t.store()}); }},
    {kConcurrent, "tokens_given_once",
     "No two claims of a row have one token, and only the newest finishes.",
     "rises with every claim of the row; 0 for timers", kNothing,
     [](Trial& t) { TokensAreGivenOnce(t, {&t.store()}); }},
    {kConcurrent, "page_shows_one_instant",
     "A page of Find shows all of a Write or none.",
     "One page, as of one instant. INVALID_ARGUMENT for a cursor", kNothing,
     [](Trial& t) { PagesShowOneInstant(t, {&t.store()}); }},
    {kConcurrent, "feed_tells_all_under_commits",
     "A feed that is read while others commit tells every event, those of one "
     "case in order.",
     "whatever commits run beside: an event that is not yet in it", kFeed,
     [](Trial& t) { FeedTellsAllUnderCommits(t, {&t.store()}); }},
    {kConcurrent, "sees_its_own_writes",
     "What a call wrote, the next call of its thread reads.", kSees, kNothing,
     [](Trial& t) {
       InThreads(kThreads, [&](int thread) {
         for (int i = 1; i <= 10; ++i) {
           const int64_t number = thread * 1'000 + i;
           if (!t.Ok("Commit", Insist(t.store(), OpenCase(number)))) return;
           t.EqualRow("ReadCase", t.Read(number), Row(number));
           t.Equal("ReadEvents, count", t.Events(number).size(), size_t{1});
           t.Equal("Find(reference)",
                   t.All({.references = {absl::StrCat("R", number)}}),
                   Numbers{absl::StrCat(number)});
         }
       });
       t.Equal("Find, count", t.All({.limit = 7}).size(),
               size_t{kThreads * 10});
     }},
    {kConcurrent, "others_see_writes",
     "What a call wrote, later calls of other threads read.", kSees, kNothing,
     [](Trial& t) {
       std::atomic<int64_t> written{0};
       InThreads(3, [&](int thread) {
         if (thread == 0) {
           for (int64_t v = 1; v <= 40 && !t.failed(); ++v) {
             t.Commit(Of(Row(1, v)));
             written = v;
           }
           written = 1'000;
           return;
         }
         for (int64_t know = 0; know < 1'000 && !t.failed();) {
           know = written;
           if (know == 0 || know == 1'000) continue;
           const int64_t read = t.Read(1, Part::kPayload).version;
           t.True("ReadCase after another thread's Commit, version",
                  read >= know, Show(read), absl::StrCat("at least ", know));
         }
       });
     }},
    {kConcurrent, "groups_have_their_own_verdicts",
     "Commits of many Writes from many threads: what was answered OK is there, "
     "and nothing else.",
     "left no trace and the others stand", kNothing,
     [](Trial& t) {
       constexpr int kCases = 40;
       std::atomic<int> opened{0};
       InThreads(kThreads, [&](int thread) {
         std::vector<Write> writes;
         for (int i = 1; i <= kCases; ++i) {
           writes.push_back(OpenCase((i * 7 + thread) % kCases + 1));
           writes.back().deliveries = {Delivery(thread * 100 + i, 5)};
         }
         std::vector<absl::Status> verdicts;
         for (int tries = 0; tries < 1'000; ++tries) {
           verdicts = t.store().Commit(writes);
           if (verdicts.empty() ||
               (ReasonOf(verdicts[0]) != E::STORE_CONTENDED &&
                ReasonOf(verdicts[0]) != E::STORE_BUSY)) {
             break;
           }
         }
         if (!t.Equal("Commit of 40 Writes, verdicts", verdicts.size(),
                      writes.size())) {
           return;
         }
         for (const absl::Status& verdict : verdicts) {
           if (verdict.ok()) ++opened;
           if (!verdict.ok() && ReasonOf(verdict) != E::VERSION_CONFLICT) {
             t.Fail("Commit of 40 Writes, a verdict", Show(verdict),
                    "OK or ABORTED (VERSION_CONFLICT)");
           }
         }
       });
       t.Equal("Commit from many, Writes answered OK", opened.load(), kCases);
       t.Equal("Find, count", t.All({}).size(), size_t{kCases});
       t.Equal("Claim, deliveries of the Writes that were OK",
               t.Deliveries(5, 1'000).size(), size_t{kCases});
     }},
    {kConcurrent, "walk_skips_none_under_writes",
     "Who pages through all cases while others write meets each that keeps its "
     "place exactly once.",
     "while its list is paged is told there, if at all;", kNothing,
     [](Trial& t) {
       constexpr int kStay = 40;
       std::vector<Write> writes;
       for (int i = 1; i <= kStay; ++i) writes.push_back(OpenCase(i * 10));
       t.CommitAll(writes);
       std::atomic<bool> done{false};
       InThreads(3, [&](int thread) {
         if (thread == 0) {
           for (int i = 1; i <= kStay; ++i) {
             t.Ok("Commit", Insist(t.store(), OpenCase(i * 10 + 5)));
             t.Ok("Commit", Insist(t.store(), Of(Row(i * 10, 2))));
           }
           done = true;
           return;
         }
         do {
           std::map<std::string, int> met;
           for (const std::string& id :
                t.All({.category = "streetlight", .limit = 3})) {
             ++met[id];
           }
           for (int i = 1; i <= kStay; ++i) {
             t.Equal(absl::StrCat("Find in pages of 3, times of case ", i * 10),
                     met[absl::StrCat(i * 10)], 1);
           }
         } while (!done && !t.failed());
       });
     }},
    {kConcurrent, "second_store_refused",
     "A store that is for one process refuses a second that opens it.",
     "Several processes may write at once. Without: a second one is", kOneStore,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Refused("opening a second store on the same data", t.Second().status(),
                 E::STORE_BUSY);
       t.Commit(OpenCase(2));
       t.Equal("Find", t.All({}), Numbers{"1", "2"});
     }},
};

// The contract of `body` on two stores of one place.
using OnStores = void (*)(Trial&, const std::vector<Store*>&);
template <OnStores body>
void OnTwo(Trial& t) {
  auto second = t.Second();
  if (!t.Ok("opening a second store on the same data", second)) return;
  body(t, {&t.store(), second->get()});
}

constexpr char kMany[] =
    "Several processes may write at once. Without: a second one is";

constexpr Contract kManyStoresContracts[] = {
    {kConcurrent, "stores_share_versions",
     "Of writers in two stores on the same data, one wins each version.", kMany,
     kManyStores, OnTwo<OneWinsEachVersion>},
    {kConcurrent, "stores_hold_checks",
     "Over two stores, too, of two that each change what the other checks one "
     "passes.",
     kChecked, kManyStores, OnTwo<ChecksHold>},
    {kConcurrent, "stores_share_records",
     "Two stores on the same data lose no update of a record.", kMany,
     kManyStores, OnTwo<NoUpdateIsLost>},
    {kConcurrent, "stores_share_keys",
     "Of two stores that use one idempotency key, one opens a case.", kMany,
     kManyStores, OnTwo<OneKeyOneCase>},
    {kConcurrent, "stores_share_references",
     "Of two stores that give one reference, one has it.", kMany, kManyStores,
     OnTwo<OneReferenceOneCase>},
    {kConcurrent, "stores_share_deliveries",
     "Two stores share the deliveries; none is told to both.", kMany,
     kManyStores, OnTwo<NoneIsClaimedTwice>},
    {kConcurrent, "stores_share_occurrences",
     "Of two stores that tell one occurrence, one is heard.", kMany,
     kManyStores, OnTwo<OneKeyIsToldOnce>},
    {kConcurrent, "stores_share_tokens",
     "Tokens rise over two stores; only the newest finishes.", kMany,
     kManyStores, OnTwo<TokensAreGivenOnce>},
    {kConcurrent, "stores_show_one_instant",
     "A page shows all or none of a Write of another store.", kMany,
     kManyStores, OnTwo<PagesShowOneInstant>},
    {kConcurrent, "stores_share_the_feed",
     "The feed of one store tells the events of both.", kMany,
     kManyStores | kFeed, OnTwo<FeedTellsAllUnderCommits>},
    {kConcurrent, "store_sees_the_other",
     "What one store committed, the other reads at once.", kSees, kManyStores,
     [](Trial& t) {
       auto second = t.Second();
       if (!t.Ok("opening a second store on the same data", second)) return;
       for (int64_t v = 1; v <= 10; ++v) {
         Store& writer = v % 2 == 0 ? t.store() : **second;
         Store& reader = v % 2 == 0 ? **second : t.store();
         t.Ok("Commit", CommitOne(&writer, Of(Row(1, v))));
         const auto row = reader.ReadCase(CaseAt(1), Part::kSealed);
         if (!t.Ok("ReadCase by the other store", row)) return;
         t.EqualRow("ReadCase by the other store", *row, Row(1, v));
       }
     }},
    {kConcurrent, "other_store_takes_over",
     "When a store is gone its leases run out and another goes on.", kMany,
     kManyStores | kClock,
     [](Trial& t) {
       auto second = t.Second();
       if (!t.Ok("opening a second store on the same data", second)) return;
       t.Commit({.deliveries = {Delivery(1, 5)}});
       const Claimed lost = t.OneDelivery(5);
       t.Close();
       const DueQuery query{
           .queue = DueQuery::kDeliveries, .tenant = kCity, .due = 5};
       const auto early = (*second)->Claim(query);
       if (!t.Ok("Claim by the other store", early)) return;
       t.Equal("Claim by the other store within the lease", Ids(*early),
               Numbers{});
       t.clock().AdvanceTime(absl::Seconds(30));
       const auto late = (*second)->Claim(query);
       if (!t.Ok("Claim by the other store", late) ||
           !t.Equal("Claim by the other store after the lease", Ids(*late),
                    Numbers{"1"})) {
         return;
       }
       t.True("Claim by the other store, token", late->at(0).token > lost.token,
              Show(late->at(0).token), absl::StrCat("more than ", lost.token));
     }},
};

}  // namespace

std::span<const Contract> ThreadContracts() { return kThreadContracts; }
std::span<const Contract> ManyStoresContracts() { return kManyStoresContracts; }

}  // namespace hotline::testing
