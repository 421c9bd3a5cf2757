// The fold of the events is the snapshot, byte for byte, whatever was done.
#include "gtest/gtest.h"
#include "hotline/testing/case_builder.h"
#include "rapidcheck/gtest.h"
#include "src/base/deterministic.h"
#include "tests/support/city.h"
#include "tests/support/replies.h"

namespace hotline {
namespace {

using hotline::testing::CaseBuilder;

const std::vector<const char*>& Verbs() {
  static const auto* const list = new std::vector<const char*>{
      "tick {}",
      "accept { note: 'taken' }",
      "assign { assignee: 'mei' unit: 'works' }",
      "transfer { unit: 'parks' reason: 'tree' }",
      "return { reason: 'not ours' }",
      "wait { for: FOR_REPORTER reason: 'which pole?' }",
      "resume { note: 'answered' }",
      "resolve { outcome: 'ok' answer: 'mended' }",
      "request_closure { outcome: 'ok' answer: 'closed soon' }",
      "approve_closure {}",
      "decline_closure { reason: 'no photo' }",
      "close { outcome: 'ok' }",
      "close_and_follow_up { outcome: 'ok' task: 'new pole' }",
      "complete_follow_up {}",
      "reopen { reason: 'again' }",
      "reclassify { category: 'pothole' }",
      "reclassify { category: 'tree' }",
      "reclassify { category: 'streetlight' attributes { code: 'pole' values: "
      "'A1' } attributes { code: 'kind' values: 'dark' } }",
      "reprioritise { priority: 'high' }",
      "reprioritise { priority: 'normal' }",
      "relocate { place { latitude: 25.03 longitude: 121.5 area: 'xinyi' } }",
      "correct { description: 'brighter words' language: 'en' }",
      "note { visibility: INTERNAL_NOTE text: 'inside' }",
      "note { visibility: PUBLIC_NOTE text: 'outside' }",
      "note { visibility: PUBLIC_NOTE text: 'he called' from_reporter: true }",
      "note { visibility: PUBLIC_NOTE text: 'got it' automatic: true }",
      "restate { reason: 'closed that day' }",
      "rate { score: 2 comment: 'slow' }",
      "escalate { reason: 'mayor' }",
      "request_extension { until { seconds: 1775000000 } reason: 'parts' }",
      "approve_extension {}",
      "decline_extension {}",
      "cancel { reason: 'mended itself' }",
      "erase_person { basis: 'request' }"};
  return *list;
}

// What is stored: neither the sealed half nor what is only in memory.
std::string Stored(v1::Case on) {
  on.clear_sealed();
  on.clear_reporter();
  return internal::Deterministic(on);
}

RC_GTEST_PROP(FoldProperty, EventsFoldToTheSnapshotAfterEveryStep, ()) {
  static const Policy city = tests::TestPolicy();
  static const Policy replies = tests::TestPolicy(tests::kReplies);
  const bool talks = *rc::gen::arbitrary<bool>();
  const Policy& policy = talks ? replies : city;
  CaseBuilder builder(policy, tests::At("2026-02-12T09:00:00+08:00"),
                      *rc::gen::inRange<uint64_t>(1, 1000));
  builder.Open(talks ? "lamp"
                     : *rc::gen::element("streetlight", "pothole", "tree"));
  v1::Case folded;
  size_t seen = 0;
  const int steps = *rc::gen::inRange(1, 25);
  for (int i = 0; i < steps; ++i) {
    builder.After(absl::Minutes(*rc::gen::inRange(0, 3000)));
    if (*rc::gen::inRange(0, 20) == 0) builder.Adopt(policy);
    builder.By({.tenant = "t",
                .id = *rc::gen::element<std::string>("ada", "bob"),
                .roles = {"admin"}});
    v1::Command command =
        hotline::testing::ParseCommand(*rc::gen::elementOf(Verbs()));
    if (*rc::gen::inRange(0, 4) == 0 && !command.has_tick()) {
      const absl::Duration back = absl::Minutes(*rc::gen::inRange(0, 2000));
      command.mutable_at()->set_seconds(
          absl::ToUnixSeconds(builder.now() - back));
    }
    if (builder.Try(command).ok()) builder.Do(command);
    for (; seen < builder.events().size(); ++seen) {
      const v1::Event& event = builder.events()[seen];
      RC_ASSERT(event.version() == static_cast<int64_t>(seen) + 1);
      // As it comes back from a store.
      v1::Event again;
      RC_ASSERT(again.ParseFromString(internal::Deterministic(event)));
      Evolve(again, &folded);
    }
    RC_ASSERT(Stored(folded) == Stored(builder.Build()));
    if (!builder.Build().erased()) {
      RC_ASSERT(internal::Deterministic(folded.sealed()) ==
                internal::Deterministic(builder.Build().sealed()));
    }
  }
}

}  // namespace
}  // namespace hotline
