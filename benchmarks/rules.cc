// The rules alone: no store, no engine, one thread.
#include "absl/strings/str_cat.h"
#include "benchmarks/allocations.h"
#include "benchmarks/city.h"
#include "benchmarks/measures.h"
#include "benchmarks/rates.h"
#include "hotline/judge.h"
#include "hotline/taxonomy.h"

namespace hotline::bench {
namespace {

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
  const v1::ClockState started =
      PlannedClock(policy, absl::FromUnixSeconds(1'772'000'000));
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
    took.push_back(1e3 * SecondsOf([&] {
                     Require(Taxonomy::Create(spec.categories()).status(),
                             "taxonomy");
                   }));
  }
  return PlainFigure(
      absl::StrCat("a taxonomy of ", nodes, " nodes compiled, ms"),
      SpreadOf(took).median);
}

}  // namespace

std::vector<Line> MeasureRules(const Plan& plan) {
  const Policy policy = CityPolicy();
  std::vector<Line> lines = Judging(plan, policy);
  lines.push_back(Compiling(plan));
  return lines;
}

}  // namespace hotline::bench
