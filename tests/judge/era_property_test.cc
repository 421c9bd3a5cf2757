// Looking late and looking often give the same history, whatever policies were
// adopted in between.
#include <functional>

#include "gtest/gtest.h"
#include "hotline/testing/case_builder.h"
#include "rapidcheck/gtest.h"
#include "src/base/time.h"
#include "tests/support/city.h"
#include "tests/support/replies.h"

namespace hotline {
namespace {

using hotline::testing::CaseBuilder;

const std::vector<const char*>& Verbs() {
  static const auto* const list = new std::vector<const char*>{
      "accept { note: 'taken' }",
      "transfer { unit: 'parks' reason: 'tree' }",
      "wait { for: FOR_REPORTER reason: 'which pole?' }",
      "resume { note: 'answered' }",
      "resolve { outcome: 'ok' answer: 'mended' }",
      "reopen { reason: 'again' }",
      "reprioritise { priority: 'high' }",
      "reprioritise { priority: 'normal' }",
      "note { visibility: PUBLIC_NOTE text: 'he called' from_reporter: true }",
      "note { visibility: PUBLIC_NOTE text: 'outside' }"};
  return *list;
}

// Policies that differ in a closure, a target, a ladder.
std::vector<Policy> Variants(const char* text) {
  std::vector<Policy> policies = {tests::TestPolicy(text)};
  v1::PolicySpec spec = policies.front().spec();
  for (v1::CalendarSpec& calendar : *spec.mutable_calendars()) {
    v1::ClosureSpec* closure = calendar.add_closures();
    closure->set_from("2026-02-12T13:30:00+08:00");
    closure->set_until("2026-02-14T00:00:00+08:00");
  }
  policies.push_back(*Policy::Create(spec));
  for (v1::ClockSpec& clock : *spec.mutable_clocks()) {
    for (v1::TargetSpec& target : *clock.mutable_targets()) {
      if (target.has_working_time() && target.unit().empty()) {
        target.set_working_time("5h");
      }
      if (target.has_elapsed()) target.set_elapsed("20h");
    }
  }
  policies.push_back(*Policy::Create(spec));
  return policies;
}

const std::vector<Policy>& Policies(bool talks) {
  static const auto* const city =
      new std::vector<Policy>(Variants(tests::kPolicy));
  static const auto* const replies =
      new std::vector<Policy>(Variants(tests::kReplies));
  return talks ? *replies : *city;
}

struct Act {
  int minute = 0;
  int policy = -1;  // adopts this one; -1: does the verb
  int verb = 0;
};

// Every fact with its own instant; who noticed it when is left out.
std::string History(bool talks, const std::vector<Act>& acts,
                    std::vector<int> looks) {
  CaseBuilder builder(Policies(talks).front(),
                      tests::At("2026-02-12T09:00:00+08:00"));
  const absl::Time start = builder.now();
  builder.By({.tenant = "t", .id = "ada", .roles = {"admin"}});
  builder.Open(talks ? "lamp" : "streetlight");
  std::sort(looks.begin(), looks.end());
  size_t look = 0;
  const auto look_until = [&](int minute) {
    for (; look < looks.size() && looks[look] <= minute; ++look) {
      builder.At(start + absl::Minutes(looks[look])).Do("tick {}");
    }
  };
  for (const Act& act : acts) {
    look_until(act.minute);
    builder.At(start + absl::Minutes(act.minute));
    if (act.policy >= 0) {
      builder.Adopt(Policies(talks)[static_cast<size_t>(act.policy)]);
    } else if (const char* verb = Verbs()[static_cast<size_t>(act.verb)];
               builder.Try(verb).ok()) {
      builder.Do(verb);
    }
  }
  builder.At(start + absl::Hours(24 * 60)).Do("tick {}");
  std::string history;
  for (const v1::Event& event : builder.events()) {
    for (v1::Fact fact : event.facts()) {
      if (fact.has_level_recorded()) {
        fact.mutable_level_recorded()->mutable_level()->clear_late();
      }
      history += fact.ShortDebugString() + "\n";
    }
  }
  return history;
}

RC_GTEST_PROP(EraProperty, LookingLateAndLookingOftenGiveTheSameHistory, ()) {
  std::vector<Act> acts;
  int minute = 0;
  const int count = *rc::gen::inRange(1, 10);
  for (int i = 0; i < count; ++i) {
    minute += *rc::gen::inRange(0, 2500);
    const bool adopts = *rc::gen::inRange(0, 3) == 0;
    acts.push_back({minute, adopts ? *rc::gen::inRange(0, 3) : -1,
                    *rc::gen::inRange(0, static_cast<int>(Verbs().size()))});
  }
  const auto looks = *rc::gen::container<std::vector<int>>(
      20, rc::gen::inRange(0, minute + 2000));
  const bool talks = *rc::gen::arbitrary<bool>();
  RC_ASSERT(History(talks, acts, looks) == History(talks, acts, {}));
}

}  // namespace
}  // namespace hotline
