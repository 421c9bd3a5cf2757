// P14: what changes as a store grows. At every size commands go to cases picked
// at random among all, beside plain SQL with as many rows.
#include <algorithm>
#include <cstdio>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "benchmarks/city.h"
#include "benchmarks/measures.h"
#include "benchmarks/rates.h"
#include "benchmarks/report.h"

namespace hotline::bench {
namespace {

// The size from which a store is promised to open and answer quickly.
constexpr int64_t kLarge = 1'000'000;

std::string Digits(int64_t n) {
  std::string text = absl::StrCat(n);
  for (int i = static_cast<int>(text.size()) - 3; i > 0; i -= 3) {
    text.insert(static_cast<size_t>(i), ",");
  }
  return text;
}

std::vector<Line> Commands(City* city, const Plan& plan,
                           const std::string& size) {
  const int rounds = plan.quick ? 2 : 5;
  std::vector<Line> lines;
  for (const auto& [at_once, count, goal] :
       {std::tuple{size_t{1}, plan.quick ? 50 : 500, 0.90},
        {size_t{100}, plan.quick ? 200 : 2'000, 0.75}}) {
    std::vector<Pair> pairs;
    for (int i = 0; i < rounds; ++i) {
      const double ours = city->Run(city->Later(count), at_once).seconds;
      const double plain = city->RunPlain(at_once).seconds;
      pairs.push_back({count / ours, count / plain});
    }
    lines.push_back(RatioLine(
        "P14",
        absl::StrCat(size, " cases: ", at_once, " a transaction, commands/s"),
        pairs, goal));
  }
  return lines;
}

// Milliseconds of one call, the median of many.
template <typename Call>
double MsOf(int calls, Call call) {
  std::vector<double> took;
  for (int i = 0; i < calls; ++i) {
    took.push_back(SecondsOf([&] { call(i); }) * 1e3);
  }
  return SpreadOf(std::move(took)).median;
}

std::vector<Line> Reads(City* city, const Plan& plan, int64_t cases) {
  const int calls = plan.quick ? 20 : 500;
  const std::string size = absl::StrCat(Digits(cases), " cases: ");
  const auto line = [&](const std::string& what, double ms, double goal) {
    // Promised of a store of this size; told of the others.
    return cases != kLarge
               ? PlainFigure(size + what, ms)
               : FigureLine("", size + what, ms, goal, Line::kAtMost);
  };
  Engine* const engine = city->engine.get();
  const double get = MsOf(calls, [&](int i) {
    const size_t any = static_cast<size_t>(i) * 7'919 % city->cases();
    Require(engine->Get(city->actor, city->reference(any)).status(), "get");
  });
  v1::Query query;
  query.set_category("streetlight");
  query.mutable_page()->set_limit(50);
  const double find = MsOf(calls / 5, [&](int) {
    const auto page = Require(engine->Find(city->actor, query), "find");
    query.mutable_page()->set_cursor(page.next_cursor());
  });
  const int64_t now = absl::ToUnixMillis(city->clock.TimeNow());
  const double claim = MsOf(calls, [&](int) {
    Require(city->store
                ->Claim({.queue = DueQuery::kTimers,
                         .tenant = city->actor.tenant,
                         .due = now})
                .status(),
            "claim");
  });
  return {line("Get, ms", get, 0.2), line("a page of Find, ms", find, 5),
          line("a claim that finds nothing, ms", claim, 0.02)};
}

// Closes the store and opens it again.
Line Opening(City* city, int64_t cases) {
  city->engine.reset();
  city->capture.reset();
  city->store.reset();
  const double ms = SecondsOf([&] {
                      city->store =
                          Require(SqliteStore::Open(city->path), "open");
                    }) *
                    1e3;
  city->capture = std::make_unique<Capture>(city->store.get());
  city->engine =
      Require(Engine::Open(city->capture.get(),
                           {.clock = &city->clock, .entropy = &city->entropy}),
              "engine");
  const std::string what =
      absl::StrCat(Digits(cases), " cases: a healthy store opens, ms");
  return cases != kLarge ? PlainFigure(what, ms)
                         : FigureLine("", what, ms, 1'000, Line::kAtMost);
}

}  // namespace

std::vector<Line> MeasureGrowth(const Plan& plan) {
  City city(plan.dir, "growth");
  std::vector<Line> lines;
  const int64_t first = plan.quick ? 1'000 : 10'000;
  const int64_t most = plan.quick ? 2'000 : plan.cases;
  for (int64_t size = first; size <= most; size *= plan.quick ? 2 : 10) {
    city.FillTo(size);
    std::vector<Line> here = {Opening(&city, size)};
    for (Line& line : Commands(&city, plan, Digits(size))) {
      here.push_back(std::move(line));
    }
    for (Line& line : Reads(&city, plan, size)) here.push_back(std::move(line));
    // Told at once: the next size takes ten times as long.
    if (!plan.quick) std::fputs(Table(here).c_str(), stderr);
    std::move(here.begin(), here.end(), std::back_inserter(lines));
  }
  return lines;
}

}  // namespace hotline::bench
