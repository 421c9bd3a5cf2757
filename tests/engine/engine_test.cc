// The road of a command, end to end on the memory store.
#include "hotline/engine.h"

#include <set>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using testing::HasSubstr;
using tests::At;
using tests::City;
using tests::ClockOf;

absl::Time ToTime(const google::protobuf::Timestamp& t) {
  return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
}

TEST(EngineTest, OpensAssignsResolvesAndCloses) {
  City city;
  const std::string ref = city.Open();
  EXPECT_EQ(city.Get(ref).state(), "new");
  EXPECT_EQ(city.Get(ref).unit(), "lights");
  ASSERT_TRUE(city.Do(ref, "assign { assignee: 'mei' }").ok());
  ASSERT_TRUE(city.Do(ref, "accept {}").ok());
  ASSERT_TRUE(
      city.Do(ref, "resolve { outcome: 'repaired' answer: 'New lamp' }").ok());
  ASSERT_TRUE(city.Do(ref, "close {}").ok());
  const v1::Case on = city.Get(ref);
  EXPECT_EQ(on.state(), "closed");
  EXPECT_EQ(on.version(), 5);
  EXPECT_EQ(on.outcome(), "repaired");
  EXPECT_EQ(ClockOf(on, "resolve")->state(), v1::ClockState::STOPPED);
  EXPECT_FALSE(ClockOf(on, "resolve")->breached());
}

TEST(EngineTest, PromisesTwoWorkingDaysAcrossLunarNewYear) {
  City city;  // Thursday 12 February 2026, 09:00
  const v1::Case on = city.Get(city.Open());
  const v1::ClockState* clock = ClockOf(on, "resolve");
  // 7.5 h on Thursday, 8 h on Friday, the rest after the week of New Year.
  EXPECT_EQ(ToTime(clock->due()), At("2026-02-23T09:00:00+08:00"));
}

TEST(EngineTest, RecordsWarningBreachAndLaterLevelOnceAtTheirOwnInstants) {
  City city;
  const std::string ref = city.Open();
  city.GoTo("2026-03-30T09:00:00+08:00");  // a month asleep
  city.GoTo("2026-03-30T10:00:00+08:00");
  const v1::Case on = city.Get(ref);
  const v1::ClockState* clock = ClockOf(on, "resolve");
  ASSERT_EQ(clock->levels_size(), 3);
  EXPECT_EQ(clock->levels(0).level(), "warn");
  EXPECT_EQ(clock->levels(1).level(), "breach");
  EXPECT_EQ(ToTime(clock->levels(1).at()), At("2026-02-23T09:00:00.001+08:00"));
  EXPECT_TRUE(clock->levels(1).late());
  EXPECT_EQ(clock->levels(2).level(), "chief");
  EXPECT_TRUE(clock->breached());
  EXPECT_EQ(on.priority(), "high");
  EXPECT_EQ(city.mailbox.sent.size(), 3u);  // received; late to unit and parent
}

TEST(EngineTest, WaitingMovesTheDueInstantByTheWorkingTimeItCost) {
  City city;
  const std::string ref = city.Open("streetlight");
  city.GoTo("2026-02-12T10:00:00+08:00");
  ASSERT_TRUE(
      city.Do(ref, "wait { for: FOR_REPORTER reason: 'which pole?' }").ok());
  EXPECT_FALSE(ClockOf(city.Get(ref), "resolve")->has_due());
  EXPECT_EQ(ClockOf(city.Get(ref), "resolve")->state(), v1::ClockState::PAUSED);
  city.GoTo("2026-02-12T18:30:00+08:00");  // 6.5 working hours later
  ASSERT_TRUE(city.Do(ref, "resume {}").ok());
  EXPECT_EQ(ToTime(ClockOf(city.Get(ref), "resolve")->due()),
            At("2026-02-23T16:30:00+08:00"));
}

TEST(EngineTest, SaysWhatIsLegalWhenAVerbIsNot) {
  City city;
  const std::string ref = city.Open();
  ASSERT_TRUE(city.Do(ref, "close { outcome: 'done' }").ok());
  const auto refused = city.Do(ref, "assign { unit: 'parks' }");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(ReasonOf(refused.status()), v1::ErrorInfo::ILLEGAL_VERB);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("is closed; \"assign\" is not legal here. Legal: "));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("reopen (staff, or reporter until 2026-03-14)"));
  EXPECT_EQ(city.Get(ref).version(), 2);
}

TEST(EngineTest, OneKeyHasOneEffectAndOneAnswer) {
  City city;
  const std::string first = city.Open("streetlight", "call-1");
  const std::string again = city.Open("streetlight", "call-1");
  EXPECT_EQ(first, again);
  v1::Command other;
  other.set_key("call-1");
  other.mutable_open()->set_category("tree");
  const auto refused = city.engine->Execute(city.agent, other);
  EXPECT_EQ(ReasonOf(refused.status()), v1::ErrorInfo::KEY_REUSED);
}

TEST(EngineTest, ManyThreadsUnderOneKeyOpenOneCase) {
  City city;
  std::vector<std::thread> threads;
  std::vector<std::string> references(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      v1::Command c;
      c.set_key("same");
      c.mutable_open()->set_category("tree");
      const auto receipt = city.engine->Execute(city.agent, c);
      if (receipt.ok()) references[i] = receipt->reference();
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(std::set<std::string>(references.begin(), references.end()).size(),
            1u);
  EXPECT_NE(references[0], "");
}

TEST(EngineTest, ABatchJudgesEachCommandOnTopOfTheOneBefore) {
  City city;
  const std::string ref = city.Open();
  std::vector<v1::Command> batch;
  for (const char* verb :
       {"accept {}", "note { visibility: PUBLIC_NOTE text: 'hi' }",
        "resolve { outcome: 'ok' }", "accept {}"}) {
    batch.push_back(City::Parse(verb));
    batch.back().set_reference(ref);
  }
  const auto answers = city.engine->ExecuteBatch(city.supervisor, batch);
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_TRUE(answers[0].ok()) << answers[0].status();
  EXPECT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_TRUE(answers[2].ok()) << answers[2].status();
  EXPECT_EQ(ReasonOf(answers[3].status()), v1::ErrorInfo::ILLEGAL_VERB);
  EXPECT_EQ(city.Get(ref).version(), 4);
}

TEST(EngineTest, AReporterSeesTheAnswerAndNoInternalNote) {
  City city;
  const std::string ref = city.Open();
  ASSERT_TRUE(
      city.Do(ref, "note { visibility: INTERNAL_NOTE text: 'SECRETMARK' }")
          .ok());
  ASSERT_TRUE(city.Do(ref, "resolve { outcome: 'ok' answer: 'mended' }").ok());
  const auto seen = city.engine->Get(city.reporter, ref);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->sealed().answer(), "mended");
  EXPECT_EQ(seen->assignee(), "");
  const auto history = city.engine->History(city.reporter, ref, {});
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->DebugString().find("SECRETMARK"), std::string::npos);
  const Actor stranger{.tenant = "t", .id = "x", .roles = {"public"}};
  const auto open_view = city.engine->Get(stranger, ref);
  ASSERT_TRUE(open_view.ok());
  EXPECT_FALSE(open_view->has_sealed());
  EXPECT_EQ(open_view->clocks_size(), 0);
  EXPECT_EQ(open_view->reference(), ref);
}

TEST(EngineTest, ErasingTakesEveryPersonalByteAndKeepsTheFigures) {
  City city;
  const std::string ref = city.Open();
  ASSERT_TRUE(
      city.Do(ref, "erase_person { basis: 'request' }", &city.admin).ok());
  const v1::Case on = city.Get(ref);
  EXPECT_TRUE(on.erased());
  EXPECT_FALSE(on.has_sealed());
  EXPECT_EQ(on.category(), "streetlight");
  for (const v1::Event& event : city.Events(ref)) {
    EXPECT_FALSE(event.has_sealed()) << event.version();
  }
}

TEST(EngineTest, MergesSplitsAndLinksAtomically) {
  City city;
  const std::string a = city.Open();
  const std::string b = city.Open();
  ASSERT_TRUE(city.Do(a, "merge { into: '" + b + "' }").ok());
  EXPECT_EQ(city.Get(a).merged_into(), b);
  EXPECT_EQ(city.Get(b).version(), 2);
  EXPECT_EQ(ClockOf(city.Get(a), "resolve")->state(),
            v1::ClockState::CANCELLED);
  EXPECT_FALSE(city.Do(b, "merge { into: '" + a + "' }").ok());
  const auto split = city.Do(b, "split { open { category: 'tree' } }");
  ASSERT_TRUE(split.ok()) << split.status();
  ASSERT_EQ(split->others_size(), 1);
  const std::string c = split->others(0).reference();
  EXPECT_EQ(city.Get(c).category(), "tree");
  ASSERT_TRUE(city.Do(c, "link { to: '" + b + "' kind: CHILD_OF }").ok());
  const auto loop = city.Do(b, "link { to: '" + c + "' kind: CHILD_OF }");
  EXPECT_EQ(ReasonOf(loop.status()), v1::ErrorInfo::INVALID_ARGUMENT);
}

TEST(EngineTest, AnExtensionIsGrantedBySomebodyElseAndMovesTheDue) {
  City city;
  const std::string ref = city.Open();
  const char* ask =
      "request_extension { until { seconds: 1772150400 } reason: 'parts' }";
  ASSERT_TRUE(city.Do(ref, ask).ok());  // 2026-02-27T00:00:00Z
  const auto own = city.Do(ref, "approve_extension {}");
  EXPECT_EQ(ReasonOf(own.status()), v1::ErrorInfo::ILLEGAL_VERB);
  ASSERT_TRUE(city.Do(ref, "approve_extension {}", &city.admin).ok());
  EXPECT_EQ(ToTime(ClockOf(city.Get(ref), "resolve")->due()),
            absl::FromUnixSeconds(1772150400));
  city.GoTo("2026-02-12T09:00:01+08:00");
  ASSERT_EQ(city.mailbox.sent.size(), 2u);
  EXPECT_EQ(city.mailbox.sent[1].notice, "moved");
}

TEST(EngineTest, ACaseTakenOverKeepsItsReferenceAndItsPromise) {
  City city;
  v1::Command c;
  c.mutable_open()->set_category("tree");
  c.mutable_open()->set_reference("OLD-77");
  c.mutable_open()->mutable_promised_due()->set_seconds(1772150400);
  c.mutable_open()->mutable_external()->set_system("crm");
  c.mutable_open()->mutable_external()->set_id("77");
  c.mutable_at()->set_seconds(1770000000);
  EXPECT_FALSE(city.engine->Execute(city.agent, c).ok());
  const auto receipt = city.engine->Execute(city.admin, c);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->reference(), "OLD-77");
  EXPECT_EQ(receipt->due().seconds(), 1772150400);
  EXPECT_EQ(city.Get("OLD-77").opened_at().seconds(), 1770000000);
  c.mutable_open()->set_reference("OLD-78");
  EXPECT_EQ(ReasonOf(city.engine->Execute(city.admin, c).status()),
            v1::ErrorInfo::DUPLICATE_REFERENCE);
  v1::Query q;
  *q.mutable_external() = c.open().external();
  const auto found = city.engine->Find(city.admin, q);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->cases_size(), 1);
}

TEST(EngineTest, TheResolvedCaseClosesItselfAfterAWeek) {
  City city;
  const std::string ref = city.Open("tree");
  ASSERT_TRUE(city.Do(ref, "resolve { outcome: 'ok' }").ok());
  city.GoTo("2026-02-20T09:00:00+08:00");
  EXPECT_EQ(city.Get(ref).state(), "closed");
  EXPECT_EQ(ToTime(city.Get(ref).closed_at()), At("2026-02-19T09:00:00+08:00"));
}

TEST(EngineTest, RunDueSaysWhenToCallAgain) {
  City city;
  city.Open("pothole");
  const auto due = city.engine->RunDue(absl::Seconds(1));
  ASSERT_TRUE(due.ok());
  // The accept clock: four working hours, over the break at noon.
  EXPECT_EQ(due->next, At("2026-02-12T14:00:00.001+08:00"));
}

}  // namespace
}  // namespace hotline
