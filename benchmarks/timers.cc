// P8 and P9: the cost of looking for what is due, of firing it, of moving it.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"
#include "benchmarks/city.h"
#include "benchmarks/measures.h"

namespace hotline::bench {
namespace {

using Steady = std::chrono::steady_clock;

// Timers the engine takes into one transaction; so does the floor.
constexpr size_t kTimersAtOnce = 128;
// From the opening to the first level: 80 % of 240 hours.
constexpr absl::Duration kToWarning = absl::Hours(192);

double SecondsSince(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

// Rows that wait, as many as asked for: nobody reads them before they are due.
void AddPending(City* city, int64_t count) {
  city->engine.reset();
  city->capture.reset();
  city->store.reset();
  {
    Plain raw(city->path);
    raw.Execute("PRAGMA synchronous = OFF");
    raw.Execute(absl::StrCat(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " WHERE i < ",
        count,
        ") INSERT INTO cases(tenant, id, version, reference, category, unit,"
        " cell, phase, open, opened_at, least_due, next_at, chain, payload)"
        " SELECT CAST('city' AS BLOB), CAST(printf('%016d', i) AS BLOB), 1,"
        " CAST(printf('P-%09d', i) AS BLOB), CAST('signal' AS BLOB),"
        " CAST('lights' AS BLOB), 0, 1, 1, 0,"
        " 4000000000000 + i, 4000000000000 + i, zeroblob(32), zeroblob(400)"
        " FROM n"));
  }
  city->store = Require(SqliteStore::Open(city->path), "store");
  city->capture = std::make_unique<Capture>(city->store.get());
  city->engine =
      Require(Engine::Open(city->capture.get(),
                           {.clock = &city->clock, .entropy = &city->entropy}),
              "engine");
}

// Microseconds of a poll that finds nothing, and of the floor's look.
Pair PollOf(City* city, int polls) {
  const auto poll = [&] {
    const auto report = city->engine->RunDue(absl::Seconds(1));
    Require(report.status(), "poll");
    if (report->looked == 0) return;
    std::fprintf(stderr, "a poll that was to find nothing found something\n");
    std::exit(1);
  };
  poll();
  auto start = Steady::now();
  for (int i = 0; i < polls; ++i) poll();
  const double ours = SecondsSince(start);
  Plain raw(city->path);
  const int64_t now = absl::ToUnixMillis(city->clock.TimeNow());
  raw.AnyDue("city", now);
  start = Steady::now();
  for (int i = 0; i < polls; ++i) raw.AnyDue("city", now);
  return {ours / polls * 1e6, SecondsSince(start) / polls * 1e6};
}

std::vector<Line> Polls(const Plan& plan) {
  const int rounds = plan.quick ? 2 : 7;
  const int polls = plan.quick ? 50 : 2'000;
  const int64_t many = plan.quick ? 20'000 : 1'000'000;
  City few_city(plan.dir, "few");
  City many_city(plan.dir, "many");
  AddPending(&few_city, 1'000);
  AddPending(&many_city, many);
  std::vector<double> ours;
  std::vector<double> look;
  std::vector<Pair> sizes;
  for (int i = 0; i < rounds; ++i) {
    const Pair of_few = PollOf(&few_city, polls);
    const Pair of_many = PollOf(&many_city, polls);
    ours.push_back(of_many.ours);
    look.push_back(of_many.plain);
    sizes.push_back({of_many.ours, of_few.ours});
  }
  const std::string pending = plan.quick ? "20,000" : "1,000,000";
  Line poll = FigureLine(
      "P8", absl::StrCat("a poll that finds nothing, ", pending, " wait, us"),
      SpreadOf(ours).median, 20, Line::kAtMost);
  poll.plain = SpreadOf(look).median;
  Line flat = RatioLine(
      "P8", absl::StrCat("the same against 1,000 that wait, us"), sizes, 1.5);
  flat.sense = Line::kAtMost;
  return {poll, flat};
}

// Lets `count` more fall due; seconds until `threads` have fired them all.
double Fire(City* city, Engine* engine, int count, int threads) {
  city->clock.AdvanceTime(absl::Milliseconds(count));
  std::atomic<int> fired = 0;
  const auto work = [&] {
    fired += Require(engine->RunDue(absl::Seconds(600)), "fire").fired;
  };
  const auto start = Steady::now();
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  const double took = SecondsSince(start);
  if (fired != count) {
    std::fprintf(stderr, "%d timers fired of %d\n", fired.load(), count);
    std::exit(1);
  }
  return took;
}

// Puts the timers of `count` cases before now, though nothing is due: what a
// change of rules leaves behind. Then the engine finds and moves them.
double Move(City* city, int count, size_t first) {
  const int64_t now = absl::ToUnixMillis(city->clock.TimeNow());
  std::vector<Write> writes;
  for (size_t i = first; i < first + static_cast<size_t>(count); ++i) {
    Filter filter;
    filter.tenant = city->actor.tenant;
    filter.references = {city->reference(i)};
    CaseChange change;
    change.row = Require(city->store->Find(filter), "find").rows.at(0);
    change.row.next_at = now;
    change.expected_version = change.row.version;
    change.write_sealed = false;
    writes.emplace_back().cases.push_back(std::move(change));
  }
  for (const absl::Status& status : city->store->Commit(writes)) {
    Require(status, "move");
  }
  city->plain->SetTimers(city->plain->Prepare(std::move(writes)));
  city->capture->TakeSeconds();
  const auto start = Steady::now();
  const auto report = city->engine->RunDue(absl::Seconds(600));
  const double took = SecondsSince(start);
  Require(report.status(), "move");
  if (report->looked != count || report->fired != 0) {
    std::fprintf(stderr, "%d timers looked at of %d\n", report->looked, count);
    std::exit(1);
  }
  return took - city->capture->TakeSeconds();
}

std::vector<Pair> Moving(City* city, int rounds, int count) {
  std::vector<Pair> moved;
  for (int i = 0; i < rounds; ++i) {
    const double ours = Move(city, count, static_cast<size_t>(i * count));
    const auto writes = city->plain->Prepare(city->capture->Take());
    const int64_t now = absl::ToUnixMillis(city->clock.TimeNow());
    const auto start = Steady::now();
    city->plain->MoveTimers(writes, kTimersAtOnce, now);
    moved.push_back({count / ours, count / SecondsSince(start)});
  }
  return moved;
}

std::vector<Line> Firing(const Plan& plan) {
  const int rounds = plan.quick ? 2 : 7;
  const int count = plan.quick ? 128 : 1'280;
  const int cases = count * (2 * rounds + 1);
  City city(plan.dir, "timers");
  // One case a millisecond, so that they fall due one after another.
  const auto commands = city.Opens(cases, "signal");
  for (size_t i = 0; i < commands.size(); i += 1'000) {
    const size_t n = std::min<size_t>(1'000, commands.size() - i);
    city.Run({commands.begin() + static_cast<long>(i),
              commands.begin() + static_cast<long>(i + n)},
             1);
    city.RunPlain(n);
  }
  const std::vector<Pair> moved = Moving(&city, rounds, count);
  // Nothing is copied of what two threads do; the floor is the one beside it.
  const auto uncopied =
      Require(Engine::Open(city.store.get(),
                           {.clock = &city.clock, .entropy = &city.entropy}),
              "engine");
  std::vector<Pair> fired;
  std::vector<Pair> fired_by_two;
  // The clock stands at the last opening: this far, and nothing is due yet.
  city.clock.AdvanceTime(kToWarning - absl::Milliseconds(cases));
  // The keys of the openings have run out by now: that is not what is measured.
  while (Require(city.engine->RunDue(absl::Seconds(600)), "sweep").swept > 0) {
  }
  city.capture->Take();
  for (int i = 0; i < rounds; ++i) {
    city.capture->TakeSeconds();
    double ours = Fire(&city, city.engine.get(), count, 1);
    ours -= city.capture->TakeSeconds();
    const double plain = city.RunPlain(kTimersAtOnce).seconds;
    fired.push_back({count / ours, count / plain});
    const double two = Fire(&city, uncopied.get(), count, 2);
    fired_by_two.push_back({count / two, count / plain});
  }
  return {
      RatioLine("P9", "timers moved without a command, timers/s", moved, 0.70),
      RatioLine("P9", "timers fired with a command each, timers/s", fired,
                0.75),
      RatioLine("P9", "the same by two threads, timers/s", fired_by_two, 0.75)};
}

}  // namespace

std::vector<Line> MeasureTimers(const Plan& plan) {
  std::vector<Line> lines = Polls(plan);
  for (Line& line : Firing(plan)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace hotline::bench
