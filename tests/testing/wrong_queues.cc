// Stores whose queues are wrong: leases, tokens, instants.
#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "tests/testing/wrong_stores.h"

namespace hotline::testing {
namespace {

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

// Looks at the first token of many, and takes it for all of theirs.
Bend FinishesManyByTheFirst() {
  Bend bend = FinishesWithAnyToken();
  bend.finish = [any = bend.finish](Store& right,
                                    std::vector<Finished> finished) {
    if (finished.size() < 16) return right.Finish(finished);
    return any(right, std::move(finished));
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

}  // namespace

std::vector<WrongStore> WrongQueues() {
  const auto deliveries = [](const DueQuery* q) {
    return q->queue == DueQuery::kDeliveries;
  };
  return {
      {"finishes without a look at the token", "basic/stale_token_refused",
       FinishesWithAnyToken},
      {"finishes many without a look at each token",
       "basic/long_finish_answers_each", FinishesManyByTheFirst},
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
      {"keeps an attempt that was given back", "basic/attempts_given_back",
       [] {
         return Bend{.finish = [](Store& right, std::vector<Finished> fs) {
           for (Finished& f : fs) f.attempts.reset();
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
       [] { return Bend{}; }, true},
  };
}

}  // namespace hotline::testing
