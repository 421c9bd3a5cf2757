// How quick a store is, in the same words for every store.
#include <chrono>
#include <cstdio>

#include "absl/strings/str_format.h"
#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using rows::Delivery;
using rows::kCity;
using rows::OpenCase;

// A case as the engine writes it, near enough: 1.5 KiB of bodies, a timer, a
// delivery.
Write Typical(int64_t number) {
  Write write = OpenCase(number);
  CaseRow& row = write.cases[0].row;
  row.payload = std::string(600, 'p');
  row.sealed = std::string(400, 's');
  row.next_at = number;
  row.least_due = number;
  write.cases[0].event->payload = std::string(300, 'e');
  write.cases[0].event->sealed = std::string(200, 'w');
  write.deliveries = {Delivery(number, number)};
  return write;
}

class Bench {
 public:
  Bench(Trial& trial, bool json, std::ostream& out)
      : t_(trial), json_(json), out_(out) {}

  // Runs `body`, which does `count` things, and tells how many a second.
  void Time(const std::string& what, int count,
            const std::function<void()>& body) {
    if (t_.failed()) return;
    const auto begin = std::chrono::steady_clock::now();
    body();
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
            .count();
    const double rate = count / seconds;
    out_ << (json_ ? absl::StrFormat("{\"what\":\"%s\",\"per_second\":%.0f,"
                                     "\"count\":%d,\"seconds\":%.3f}\n",
                                     what, rate, count, seconds)
                   : absl::StrFormat("%-34s %10.0f a second (%d in %.2f s)\n",
                                     what, rate, count, seconds));
  }

 private:
  Trial& t_;
  const bool json_;
  std::ostream& out_;
};

}  // namespace

absl::Status RunStoreBenchmark(const StoreUnderTest& subject, bool json,
                               std::ostream& out) {
  constexpr int kSingles = 500;
  constexpr int kGroups = 50;
  constexpr int kGroup = 100;
  constexpr int kReads = 3'000;
  Trial t(subject, subject.seed);
  if (!t.Begin()) return absl::InternalError(t.failure());
  Bench bench(t, json, out);
  int next = 1;
  bench.Time("Writes, 1 a Commit", kSingles, [&] {
    for (int i = 0; i < kSingles; ++i) t.Commit(Typical(next++));
  });
  bench.Time("Writes, 100 a Commit", kGroups * kGroup, [&] {
    for (int i = 0; i < kGroups; ++i) {
      std::vector<Write> writes;
      writes.reserve(kGroup);
      for (int j = 0; j < kGroup; ++j) writes.push_back(Typical(next++));
      t.CommitAll(writes);
    }
  });
  const int cases = next - 1;
  const auto any = [&] {
    return 1 + static_cast<int64_t>(t.dice()() % static_cast<uint64_t>(cases));
  };
  bench.Time("ReadCase, sealed", kReads, [&] {
    for (int i = 0; i < kReads; ++i) t.Read(any());
  });
  bench.Time("ReadEvents of a case", kReads, [&] {
    for (int i = 0; i < kReads; ++i) t.Events(any());
  });
  bench.Time("Find by reference", kReads, [&] {
    for (int i = 0; i < kReads; ++i) {
      t.All({.references = {absl::StrCat("R", any())}});
    }
  });
  bench.Time("Find, pages of 50", kReads / 10, [&] {
    for (int i = 0; i < kReads / 10; ++i) {
      t.Ok("Find",
           t.store().Find({.tenant = kCity, .unit = "lights", .open = true}));
    }
  });
  bench.Time("Claim, pages of 100 timers", kReads / 10, [&] {
    for (int i = 0; i < kReads / 10; ++i) t.Timers(cases);
  });
  bench.Time("deliveries claimed and finished", cases, [&] {
    for (auto page = t.Deliveries(cases); !page.empty() && !t.failed();
         page = t.Deliveries(cases)) {
      std::vector<Finished> finished;
      finished.reserve(page.size());
      for (const Claimed& c : page) {
        finished.push_back({.tenant = kCity,
                            .id = c.delivery->id,
                            .token = c.token,
                            .state = "sent"});
      }
      for (const absl::Status& s : t.store().Finish(finished)) {
        t.Ok("Finish", s);
      }
    }
  });
  if (t.store().capabilities().feed) {
    bench.Time("events fed, pages of 1,000", cases, [&] {
      std::string cursor;
      t.Feed(&cursor, static_cast<size_t>(cases), 1'000);
    });
  }
  return t.failed() ? absl::InternalError(t.failure()) : absl::OkStatus();
}

}  // namespace hotline::testing
