// P12 and the rules alone: no store, no engine, one thread.
#include <chrono>
#include <random>

#include "absl/strings/str_cat.h"
#include "benchmarks/allocations.h"
#include "benchmarks/city.h"
#include "benchmarks/measures.h"
#include "hotline/judge.h"
#include "hotline/taxonomy.h"

namespace hotline::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr size_t kInstants = 4'096;

// Calls `work(i)` for about `seconds`; calls a second.
template <typename Work>
double PerSecond(double seconds, Work work) {
  constexpr size_t kBetweenLooks = 256;
  const auto start = Steady::now();
  size_t calls = 0;
  double took = 0;
  do {
    for (size_t i = 0; i < kBetweenLooks; ++i) work(calls++);
    took = std::chrono::duration<double>(Steady::now() - start).count();
  } while (took < seconds);
  return static_cast<double>(calls) / took;
}

// Keeps an answer from being thought away.
template <typename T>
void Keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

struct Instants {
  std::vector<absl::Time> from, near, far;
  std::vector<absl::Duration> hours;
};

Instants SomeInstants() {
  Instants some;
  std::mt19937_64 dice(311);
  const absl::Time base = absl::FromUnixSeconds(1'772'000'000);  // early 2026
  for (size_t i = 0; i < kInstants; ++i) {
    const absl::Time at = base + absl::Seconds(dice() % (86'400 * 365));
    some.from.push_back(at);
    some.near.push_back(at + absl::Seconds(dice() % (86'400 * 5)));
    some.far.push_back(at + absl::Seconds(dice() % (86'400 * 3'650ull)));
    some.hours.push_back(absl::Seconds(dice() % (3'600 * 32)));
  }
  return some;
}

Line Faster(const std::string& what, std::vector<double> values, double goal) {
  return FigureLine("P12", what, SpreadOf(std::move(values)).median, goal,
                    Line::kAtLeast);
}

std::vector<Line> BusinessTime(const Plan& plan, const Policy& policy) {
  const double seconds = plan.quick ? 0.01 : 0.2;
  const int rounds = plan.quick ? 2 : 7;
  const Calendar& office = *policy.calendars().Find("office");
  const Instants some = SomeInstants();
  std::vector<double> add;
  std::vector<double> add_far;
  std::vector<double> between;
  std::vector<Pair> pairs;
  for (int round = 0; round < rounds; ++round) {
    add.push_back(PerSecond(seconds, [&](size_t i) {
      i %= kInstants;
      Keep(office.Add(some.from[i], some.hours[i]));
    }));
    add_far.push_back(PerSecond(seconds, [&](size_t i) {
      i %= kInstants;
      Keep(office.Add(some.from[i], some.hours[i] * 500));
    }));
    between.push_back(PerSecond(seconds, [&](size_t i) {
      i %= kInstants;
      Keep(office.Between(some.from[i], some.near[i]));
    }));
    const double far = PerSecond(seconds, [&](size_t i) {
      i %= kInstants;
      Keep(office.Between(some.from[i], some.far[i]));
    });
    pairs.push_back({between.back(), far});
  }
  Line flat = RatioLine("P12", "between: days apart against years apart, 1/s",
                        pairs, 1.5);
  flat.sense = Line::kAtMost;
  return {Faster("add up to 32 working hours, 1/s", add, 15e6),
          Faster("add up to 8 working years, 1/s", add_far, 15e6),
          Faster("between, days apart, 1/s", between, 15e6), flat};
}

v1::ClockState PlannedClock(const Policy& policy, absl::Time at) {
  const Category* category = policy.taxonomy().Find("streetlight");
  const ClockOnCategory& use = category->clocks->front();
  v1::ClockState clock;
  policy.sla().Plan({.clock = use.use.clock(),
                     .use = &use.use,
                     .use_path = use.path,
                     .priority = "normal"},
                    &clock);
  Sla::Mark(v1::ClockMark::START, at, &clock);
  return clock;
}

std::vector<Line> Judging(const Plan& plan, const Policy& policy) {
  const double seconds = plan.quick ? 0.01 : 0.5;
  const Instants some = SomeInstants();
  const v1::ClockState started = PlannedClock(policy, some.from[0]);
  v1::ClockState settled = started;
  policy.sla().Settle({}, &settled);
  std::vector<Line> lines;
  lines.push_back(PlainFigure("a clock settled (state, due), 1/s",
                              PerSecond(seconds, [&](size_t) {
                                v1::ClockState clock = started;
                                policy.sla().Settle({}, &clock);
                                Keep(clock);
                              })));
  lines.push_back(PlainFigure(
      "levels of a clock looked up, 1/s", PerSecond(seconds, [&](size_t) {
        Keep(policy.sla().Reached({}, settled, absl::InfiniteFuture()));
      })));
  Moment moment;
  moment.now = absl::FromUnixSeconds(1'772'000'000);
  moment.actor = {.tenant = "city", .id = "agent-7", .roles = {"supervisor"}};
  moment.random = std::string(96, 'd');
  moment.policy_version = 1;
  const v1::Command open = OpenCommand("streetlight", 1);
  const Judgement opened = Require(Judge(policy, {}, open, moment), "open");
  const v1::Case on = opened.changes.front().after;
  lines.push_back(PlainFigure("Judge alone, an opening, 1/s",
                              PerSecond(seconds, [&](size_t) {
                                Keep(Judge(policy, {}, open, moment));
                              })));
  for (const bool assign : {true, false}) {
    v1::Command later;
    later.set_key("call-2");
    later.set_reference(on.reference());
    if (assign) {
      later.mutable_assign()->set_assignee("agent-9");
    } else {
      later.mutable_reprioritise()->set_priority("high");
    }
    Require(Judge(policy, {&on, 1}, later, moment).status(), "later");
    const std::string what = assign ? "an assignment" : "another priority";
    const int64_t before = Allocations();
    Keep(Judge(policy, {&on, 1}, later, moment));
    const auto allocations = static_cast<double>(Allocations() - before);
    lines.push_back(PlainFigure("Judge alone, " + what + ", 1/s",
                                PerSecond(seconds, [&](size_t) {
                                  Keep(Judge(policy, {&on, 1}, later, moment));
                                })));
    lines.push_back(
        PlainFigure("Judge alone, " + what + ", allocations", allocations));
  }
  return lines;
}

// A tree as deep as a city's: groups of ten below groups of ten.
Line Compiling(const Plan& plan) {
  const int nodes = plan.quick ? 2'000 : 50'000;
  v1::PolicySpec spec;
  for (int i = 0; i < nodes; ++i) {
    v1::CategorySpec* node = spec.add_categories();
    node->set_code(absl::StrCat("c", i));
    if (i > 0) node->set_parent(absl::StrCat("c", (i - 1) / 10));
    node->set_kind((i + 1) * 10 > nodes ? v1::CategorySpec::CASE
                                        : v1::CategorySpec::GROUP);
    v1::LocalText* name = node->add_names();
    name->set_language("en");
    name->set_text(absl::StrCat("Matter number ", i));
  }
  std::vector<double> took;
  for (int round = 0; round < (plan.quick ? 1 : 5); ++round) {
    const auto start = Steady::now();
    Require(Taxonomy::Create(spec.categories()).status(), "taxonomy");
    took.push_back(
        std::chrono::duration<double>(Steady::now() - start).count() * 1e3);
  }
  return PlainFigure(
      absl::StrCat("a taxonomy of ", nodes, " nodes compiled, ms"),
      SpreadOf(took).median);
}

}  // namespace

std::vector<Line> MeasureRules(const Plan& plan) {
  const Policy policy = CityPolicy();
  std::vector<Line> lines = BusinessTime(plan, policy);
  for (Line& line : Judging(plan, policy)) lines.push_back(std::move(line));
  lines.push_back(Compiling(plan));
  return lines;
}

}  // namespace hotline::bench
