// Contracts: ten thousand rows are walked whole, and what is due costs the same
// in a long queue as in a short one.
#include <algorithm>
#include <chrono>
#include <set>

#include "hotline/limits.h"
#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using rows::Delivery;
using rows::Id;
using rows::kCity;
using rows::Of;
using rows::OpenCase;
using rows::Put;
using rows::Row;
using Numbers = std::vector<std::string>;

constexpr Level kScale = Level::kScale;
constexpr char kReadsAtMost[] =
    "limits::kRowsReadPerFindMax rows a call: a page";

// Opens cases [from, until) in Commits of a thousand.
void Fill(Trial& t, int from, int until,
          const std::function<void(int number, Write* write)>& dress) {
  constexpr int kGroup = 1'000;
  for (int begin = from; begin < until && !t.failed(); begin += kGroup) {
    std::vector<Write> writes;
    for (int i = begin; i < std::min(until, begin + kGroup); ++i) {
      writes.push_back(OpenCase(i));
      dress(i, &writes.back());
    }
    t.CommitAll(writes);
  }
}

void Queue(Trial& t, int from, int until) {
  constexpr int kGroup = 1'000;
  for (int begin = from; begin < until && !t.failed(); begin += kGroup) {
    Write write;
    for (int i = begin; i < std::min(until, begin + kGroup); ++i) {
      write.deliveries.push_back(Delivery(i, i));
    }
    t.Commit(write);
  }
}

Numbers Count(int from, int until) {
  Numbers numbers;
  for (int i = from; i < until; ++i) numbers.push_back(absl::StrCat(i));
  return numbers;
}

// The least of several runs, so that what else the machine does counts little.
absl::Duration Quickest(const std::function<void()>& run) {
  absl::Duration least = absl::InfiniteDuration();
  for (int i = 0; i < 7; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    run();
    least = std::min(
        least, absl::FromChrono(std::chrono::steady_clock::now() - begin));
  }
  return least;
}

// A store that looks at every row takes `growth` times as long; half of that
// is allowed, and a quarter of a millisecond for what the machine does.
void IsFlat(Trial& t, const std::string& call, absl::Duration few,
            absl::Duration many, int growth) {
  const absl::Duration allowed = few * (growth / 2.0) + absl::Microseconds(250);
  t.True(
      call, many <= allowed, absl::FormatDuration(many),
      absl::StrCat("at most ", absl::FormatDuration(allowed), " (", growth,
                   " times the rows; ", absl::FormatDuration(few), " before)"));
}

constexpr Contract kContracts[] = {
    {kScale, "all_cases_walked", "A walk over all cases meets each once.",
     "yet have a next_cursor. With a tenant only, the pages hold", kNothing,
     [](Trial& t) {
       Fill(t, 1, t.rows() + 1, [](int i, Write* write) {
         write->cases[0].row.category = i % 3 == 0 ? "third" : "other";
         write->cases[0].row.least_due = 1'000'000 - i;
       });
       t.Equal("Find(tenant) in pages of 1,000", t.All({.limit = 1'000}),
               Count(1, t.rows() + 1));
       Numbers thirds;
       for (int i = 3; i <= t.rows(); i += 3) {
         thirds.push_back(absl::StrCat(i));
       }
       t.Equal("Find(category) in pages of 100",
               t.All({.category = "third", .limit = 100}), thirds);
       Numbers back = Count(1, t.rows() + 1);
       std::reverse(back.begin(), back.end());
       t.Equal("Find(due_until) in pages of 333",
               t.All({.due_until = 2'000'000, .limit = 333}), back);
     }},
    {kScale, "short_page_has_a_cursor",
     "A page that read too many rows is short, even empty, and has a cursor.",
     kReadsAtMost, kNothing,
     [](Trial& t) {
       constexpr int kCases = limits::kRowsReadPerFindMax + 5;
       Fill(t, 1, kCases + 1, [](int i, Write* write) {
         if (i == kCases) write->cases[0].row.phase = 5;
       });
       const Filter filter{.tenant = kCity, .phases = {5}};
       const auto page = t.store().Find(filter);
       if (!t.Ok("Find(phases={5}) of 10,005 cases", page)) return;
       t.Equal("Find(phases={5}) of 10,005 cases, rows on the first page",
               page->rows.size(), size_t{0});
       t.True("Find(phases={5}) of 10,005 cases, next_cursor",
              !page->next_cursor.empty(), "\"\"", "a cursor");
       t.Equal("Find(phases={5}) over all pages", t.All(filter),
               Numbers{absl::StrCat(kCases)});
     }},
    {kScale, "all_records_walked", "A walk over all records meets each once.",
     "fewer than `limit` means that the range is at its end.", kNothing,
     [](Trial& t) {
       Numbers keys;
       for (int begin = 0; begin < t.rows(); begin += 1'000) {
         Write write;
         for (int i = begin; i < std::min(t.rows(), begin + 1'000); ++i) {
           keys.push_back(Id(i));
           write.records.push_back(Put(Id(i), 1, 0));
           write.records.back().record.index[0] = absl::StrCat("v", i % 2);
         }
         t.Commit(write);
       }
       for (const int index : {-1, 0}) {
         RecordRange range{
             .tenant = kCity, .kind = "person", .index = index, .limit = 500};
         std::set<std::string> seen;
         size_t read = 0;
         for (int pages = 0; pages < t.rows(); ++pages) {
           const auto page = t.store().ReadRecords(range);
           if (!t.Ok("ReadRecords", page)) return;
           for (const Record& record : *page) seen.insert(record.key.key);
           read += page->size();
           if (page->size() < 500) break;
           range.from =
               index == -1 ? page->back().key.key : page->back().index[0];
           range.after_key = page->back().key.key;
         }
         const std::string call =
             absl::StrCat("ReadRecords(index=", index, ") in pages of 500");
         t.Equal(call + ", read", read, keys.size());
         t.Equal(call + ", different", seen.size(), keys.size());
       }
     }},
    {kScale, "all_timers_walked", "A walk over all timers meets each once.",
     "of it can be walked in pages. The next page begins after the last",
     kNothing,
     [](Trial& t) {
       Fill(t, 1, t.rows() + 1,
            [](int i, Write* write) { write->cases[0].row.next_at = i / 10; });
       DueQuery query{.queue = DueQuery::kTimers,
                      .due = kNever - 1,
                      .limit = 300,
                      .rows = true};
       Numbers walked;
       for (int pages = 0; pages < t.rows(); ++pages) {
         const auto page = t.Claim(query);
         if (page.empty()) break;
         for (const std::string& id : Ids(page)) walked.push_back(id);
         query.after_due = page.back().due_at;
         query.after_id = page.back().case_key.id;
       }
       t.Equal("Claim(timers) in pages of 300", walked, Count(1, t.rows() + 1));
     }},
    {kScale, "all_deliveries_claimed",
     "Every delivery of a long queue is claimed once, in order.",
     "due_at <= due and no live lease, by", kNothing,
     [](Trial& t) {
       Queue(t, 1, t.rows() + 1);
       Numbers claimed;
       for (int pages = 0; pages < t.rows(); ++pages) {
         const auto page = t.Deliveries(kNever - 1, 200);
         if (page.empty()) break;
         std::vector<Finished> finished;
         for (const Claimed& c : page) {
           claimed.push_back(Number(c.delivery->id));
           finished.push_back({.tenant = kCity,
                               .id = c.delivery->id,
                               .token = c.token,
                               .state = "sent"});
         }
         for (const absl::Status& s : t.store().Finish(finished)) {
           t.Ok("Finish", s);
         }
       }
       t.Equal("Claim(deliveries, limit=200)", claimed, Count(1, t.rows() + 1));
     }},
    {kScale, "all_events_fed", "The feed tells every event of many cases.",
     "may be short, even empty, and yet there is more, for at most", kFeed,
     [](Trial& t) {
       Fill(t, 1, t.rows() + 1, [](int, Write*) {});
       std::string cursor;
       std::set<std::string> seen;
       for (const EventRow& event :
            t.Feed(&cursor, static_cast<size_t>(t.rows()), 1'000)) {
         seen.insert(event.key.id);
       }
       t.Equal("the feed, different cases", seen.size(),
               static_cast<size_t>(t.rows()));
     }},
    {kScale, "long_history_read",
     "A case with a thousand events is read in pages.",
     "Which events: those of one case", kNothing,
     [](Trial& t) {
       constexpr int64_t kEvents = 1'000;
       std::vector<Write> writes;
       for (int64_t v = 1; v <= kEvents; ++v) writes.push_back(Of(Row(1, v)));
       t.CommitAll(writes);
       int64_t last = 0;
       for (int pages = 0; pages < 100; ++pages) {
         const auto events = t.Events(1, last, 64);
         if (events.empty()) break;
         for (const EventRow& event : events) {
           t.Equal("ReadEvents in pages of 64, version", event.version, ++last);
         }
       }
       t.Equal("ReadEvents in pages of 64, last version", last, kEvents);
     }},
    {kScale, "due_timers_cost_the_same",
     "Claiming timers costs the same in a queue ten times as long.",
     "Timers: rows with next_at <= due", kTimes,
     [](Trial& t) {
       const auto dress = [](int i, Write* write) {
         write->cases[0].row.next_at = i;
       };
       const auto claim = [&] { t.Timers(kNever - 1, 20); };
       const int few = t.rows() / 10;
       Fill(t, 1, few + 1, dress);
       const absl::Duration before = Quickest(claim);
       Fill(t, few + 1, t.rows() + 1, dress);
       IsFlat(t, "Claim(timers, limit=20), time", before, Quickest(claim), 10);
     }},
    {kScale, "due_deliveries_cost_the_same",
     "Claiming deliveries costs the same in a queue ten times as long.",
     "due_at <= due and no live lease, by", kTimes,
     [](Trial& t) {
       const auto claim = [&] {
         std::vector<Finished> finished;
         for (const Claimed& c : t.Deliveries(kNever - 1, 10)) {
           finished.push_back({.tenant = kCity,
                               .id = c.delivery->id,
                               .token = c.token,
                               .due_at = c.due_at,
                               .state = "queued"});
         }
         t.Equal("Finish, verdicts", t.store().Finish(finished).size(),
                 size_t{10});
       };
       const int few = t.rows() / 10;
       Queue(t, 1, few + 1);
       const absl::Duration before = Quickest(claim);
       Queue(t, few + 1, t.rows() + 1);
       IsFlat(t, "Claim and Finish of 10 deliveries, time", before,
              Quickest(claim), 10);
     }},
    {kScale, "reads_cost_the_same",
     "Reading a case by id and by reference costs the same among ten times as "
     "many.",
     "What Find looks for; unset fields do not matter.", kTimes,
     [](Trial& t) {
       const auto read = [&] {
         for (int i = 1; i <= 20; ++i) {
           t.Read(i);
           t.All({.references = {absl::StrCat("R", i)}});
         }
       };
       const int few = t.rows() / 10;
       Fill(t, 1, few + 1, [](int, Write*) {});
       const absl::Duration before = Quickest(read);
       Fill(t, few + 1, t.rows() + 1, [](int, Write*) {});
       IsFlat(t, "ReadCase and Find(reference) of 20 cases, time", before,
              Quickest(read), 10);
     }},
};

}  // namespace

std::span<const Contract> ScaleContracts() { return kContracts; }

}  // namespace hotline::testing
