// However often anybody looks, the same things happened at the same instants.
#include <algorithm>

#include "gtest/gtest.h"
#include "hotline/testing/case_builder.h"
#include "rapidcheck/gtest.h"
#include "src/base/deterministic.h"
#include "src/base/time.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using hotline::testing::ParseCommand;
using tests::At;

constexpr char kStart[] = "2026-02-12T09:00:00+08:00";
constexpr absl::Duration kSpan = absl::Hours(24 * 40);

// Three cases, and who does what to them when; or which policy is adopted.
struct Step {
  absl::Duration after_start;
  int on;
  const char* verb;
  absl::Duration dated_back;
  int policy = -1;
};
using Script = std::vector<Step>;

// One city at several times: as it is; closed for a few days, of which some
// have passed; with other promises; with another ladder and without notices.
const std::vector<Policy>& Versions() {
  static const auto* const all = [] {
    auto* policies = new std::vector<Policy>{tests::TestPolicy()};
    const auto add = [&](const v1::PolicySpec& spec) {
      policies->push_back(*Policy::Create(spec));
    };
    for (const auto& [from, until] :
         {std::pair("2026-02-13T13:00:00+08:00", "2026-02-24T10:00:00+08:00"),
          std::pair("2026-02-26T08:00:00+08:00", "2026-03-03T00:00:00+08:00"),
          std::pair("2026-03-05T15:00:00+08:00",
                    "2026-03-06T00:00:00+08:00")}) {
      v1::PolicySpec spec = policies->front().spec();
      v1::ClosureSpec* closure = spec.mutable_calendars(0)->add_closures();
      closure->set_from(from);
      closure->set_until(until);
      add(spec);
    }
    v1::PolicySpec spec = policies->front().spec();
    spec.mutable_clocks(1)->mutable_targets(0)->set_working_time("30h");
    spec.mutable_clocks(0)->mutable_targets(0)->set_working_time("2h");
    add(spec);
    spec.mutable_clocks(1)->mutable_targets(0)->set_working_days(1);
    spec.mutable_clocks(1)->set_retarget(v1::ClockSpec::KEEP_EARLIER);
    spec.mutable_ladders(0)->mutable_levels()->DeleteSubrange(2, 1);
    spec.mutable_ladders(0)->mutable_levels(0)->set_percent(40);
    add(spec);
    return policies;
  }();
  return *all;
}

Script SomeScript(bool adopts) {
  Script script;
  const int count = *rc::gen::inRange(0, 14);
  for (int i = 0; i < count; ++i) {
    // Never in the very millisecond in which something falls due.
    const absl::Duration when =
        absl::Minutes(*rc::gen::inRange(1, 57'000)) + absl::Milliseconds(417);
    if (adopts && *rc::gen::inRange(0, 3) == 0) {
      script.push_back({.after_start = when,
                        .policy = *rc::gen::inRange(
                            0, static_cast<int>(Versions().size()))});
      continue;
    }
    const char* verb = *rc::gen::element(
        "accept {}", "assign { assignee: 'mei' unit: 'works' }",
        "transfer { unit: 'parks' reason: 'x' }",
        "wait { for: FOR_REPORTER reason: 'x' }", "resume {}",
        "resolve { outcome: 'ok' }", "close_and_follow_up { outcome: 'ok' }",
        "complete_follow_up {}", "reopen {}",
        "reclassify { category: 'pothole' }",
        "reprioritise { priority: 'high' }",
        "note { visibility: PUBLIC_NOTE text: 'x' }", "return {}");
    const bool late = *rc::gen::inRange(0, 4) == 0;
    script.push_back({when, *rc::gen::inRange(0, 3), verb,
                      late ? absl::Minutes(*rc::gen::inRange(1, 5000))
                           : absl::ZeroDuration()});
  }
  std::sort(script.begin(), script.end(), [](const Step& a, const Step& b) {
    return a.after_start < b.after_start;
  });
  return script;
}

// All that the cases' logs say happened, whoever looked when.
std::string Told(Engine* engine, const Actor& admin,
                 const std::vector<std::string>& references) {
  std::string told;
  v1::Page page;
  page.set_limit(1000);
  for (const std::string& reference : references) {
    const auto history = engine->History(admin, reference, page);
    RC_ASSERT(history.ok());
    for (const v1::Event& event : history->events()) {
      for (v1::Fact fact : event.facts()) {
        // Who was told, and by whom it was noticed late, may differ.
        if (fact.has_opened() || fact.has_noticed()) continue;
        if (fact.has_level_recorded()) {
          fact.mutable_level_recorded()->mutable_level()->clear_late();
        }
        told += fact.ShortDebugString() + "\n";
      }
    }
    v1::Case on = *engine->Get(admin, reference);
    for (v1::ClockState& clock : *on.mutable_clocks()) {
      for (v1::LevelMark& mark : *clock.mutable_levels()) mark.clear_late();
      told += clock.ShortDebugString() + "\n";
    }
    told += "----\n";
  }
  return told;
}

// Plays the script; looks at these instants besides, and at the end.
std::string Play(const Policy& policy, const Script& script,
                 std::vector<absl::Duration> looks) {
  SimulatedClock clock(At(kStart));
  MemoryStore store(&clock);
  SeededEntropy entropy(1);
  auto engine = *Engine::Open(&store, {.clock = &clock, .entropy = &entropy});
  const Actor admin = {.tenant = "t", .id = "ada", .roles = {"admin"}};
  RC_ASSERT(engine->Adopt(admin, policy, 0).ok());
  std::vector<std::string> references;
  for (const char* category : {"streetlight", "pothole", "tree"}) {
    v1::Command open;
    open.mutable_open()->set_category(category);
    references.push_back(engine->Execute(admin, open)->reference());
  }
  std::sort(looks.begin(), looks.end());
  size_t next = 0;
  int64_t head = 1;
  const auto look_until = [&](absl::Duration until) {
    for (; next < looks.size() && looks[next] < until; ++next) {
      clock.SetTime(At(kStart) + looks[next]);
      RC_ASSERT(engine->RunDue(absl::Seconds(10)).ok());
    }
  };
  for (const Step& step : script) {
    look_until(step.after_start);
    clock.SetTime(At(kStart) + step.after_start);
    if (step.policy >= 0) {
      const Policy& adopted = Versions()[static_cast<size_t>(step.policy)];
      RC_ASSERT(engine->Adopt(admin, adopted, head++).ok());
      continue;
    }
    v1::Command command = ParseCommand(step.verb);
    command.set_reference(references[static_cast<size_t>(step.on)]);
    if (step.dated_back > absl::ZeroDuration()) {
      internal::SetTimestamp(clock.TimeNow() - step.dated_back,
                             command.mutable_at());
    }
    (void)engine->Execute(admin, command);  // refused alike in every run
  }
  look_until(kSpan);
  clock.SetTime(At(kStart) + kSpan);
  RC_ASSERT(engine->RunDue(absl::Seconds(10)).ok());
  return Told(engine.get(), admin, references);
}

void LookingMakesNoDifference(const Script& script) {
  const Policy& policy = Versions().front();
  std::vector<absl::Duration> hourly, random;
  for (absl::Duration at; at < kSpan; at += absl::Hours(1)) {
    hourly.push_back(at + absl::Seconds(1));
  }
  const int looks = *rc::gen::inRange(0, 30);
  for (int i = 0; i < looks; ++i) {
    random.push_back(absl::Seconds(*rc::gen::inRange(1, 40 * 86'400)));
  }
  const std::string never = Play(policy, script, {});
  RC_ASSERT(Play(policy, script, random) == never);
  RC_ASSERT(Play(policy, script, hourly) == never);
}

RC_GTEST_PROP(HistoryProperty, LookingLateOrOftenGivesTheSameHistory, ()) {
  LookingMakesNoDifference(SomeScript(/*adopts=*/false));
}

// Each era is judged by its own policy, whoever looked when (ADR 3).
RC_GTEST_PROP(HistoryProperty, WithRandomAdoptionsToo, ()) {
  LookingMakesNoDifference(SomeScript(/*adopts=*/true));
}

}  // namespace
}  // namespace hotline
