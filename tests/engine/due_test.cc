// What runs by itself: timers, deliveries, retries, leases, sweeps.
#include <functional>
#include <map>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/engine.h"
#include "hotline/testing/faulty_store.h"
#include "hotline/testing/matchers.h"
#include "hotline/testing/recording_notifier.h"
#include "src/base/time.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using hotline::testing::FaultyStore;
using hotline::testing::HasReason;
using hotline::testing::IsOk;
using hotline::testing::RecordingNotifier;
using tests::At;
using tests::City;
using tests::ClockOf;

// The city's store under an engine with a notifier of the test's own.
struct Desk {
  explicit Desk(City* city, Store* store = nullptr,
                Observer* observer = nullptr)
      : file("file") {
    auto opened =
        Engine::Open(store ? store : city->store, {.clock = &city->clock,
                                                   .entropy = &city->entropy,
                                                   .notifiers = {&file},
                                                   .observer = observer});
    EXPECT_TRUE(opened.ok()) << opened.status();
    engine = *std::move(opened);
  }
  DueReport Run() {
    const auto report = engine->RunDue(absl::Seconds(10));
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *report : DueReport{};
  }
  RecordingNotifier file;
  std::unique_ptr<Engine> engine;
};

// ------------------------------------------------------------- deliveries

TEST(DeliveryTest, IsTriedAgainUnderTheSameKeyUntilItArrives) {
  City city;
  Desk desk(&city);
  city.Open();
  desk.file.AnswerNext({.outcome = Outcome::kTransient});
  desk.file.AnswerNext({.outcome = Outcome::kUnknown});
  EXPECT_EQ(desk.Run().failed, 1);
  EXPECT_EQ(desk.Run().sent, 0);  // not before its time
  city.clock.AdvanceTime(absl::Minutes(1));
  desk.Run();
  city.clock.AdvanceTime(absl::Hours(1));
  EXPECT_EQ(desk.Run().sent, 1);
  const std::vector<Envelope> sent = desk.file.sent();
  ASSERT_EQ(sent.size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sent[i].attempt, i + 1);
    EXPECT_EQ(sent[i].dedupe_key, sent[0].dedupe_key);
    EXPECT_EQ(sent[i].text, sent[0].text);
  }
  city.clock.AdvanceTime(absl::Hours(24 * 30));
  desk.Run();
  EXPECT_EQ(desk.file.SentOf("received").size(), 3u);
}

TEST(DeliveryTest, ARefusalForGoodIsNotTriedAgain) {
  City city;
  Desk desk(&city);
  city.Open();
  desk.file.AnswerNext({.outcome = Outcome::kPermanent});
  EXPECT_EQ(desk.Run().failed, 1);
  city.clock.AdvanceTime(absl::Hours(24 * 7));
  desk.Run();
  EXPECT_EQ(desk.file.SentOf("received").size(), 1u);
}

TEST(DeliveryTest, GivesUpAtTheEndOfItsScheduleAndHoldsUpNobody) {
  City city;
  Desk desk(&city);
  const std::string bad = city.Open();
  desk.file.AnswerAlways({.outcome = Outcome::kTransient});
  for (int i = 0; i < 40; ++i) {
    desk.Run();
    city.clock.AdvanceTime(absl::Hours(25));
  }
  const size_t attempts = desk.file.SentOf("received").size();
  EXPECT_GT(attempts, 5u);
  EXPECT_LT(attempts, 20u);
  desk.file.AnswerAlways({.outcome = Outcome::kDelivered});
  const std::string good = city.Open();
  desk.Run();
  const std::vector<Envelope> received = desk.file.SentOf("received");
  EXPECT_EQ(received.size(), attempts + 1);
  EXPECT_EQ(received.back().reference, good);
}

TEST(DeliveryTest, AThrottledOneWaitsAsLongAsItIsTold) {
  City city;
  Desk desk(&city);
  city.Open();
  desk.file.AnswerNext(
      {.outcome = Outcome::kThrottled, .retry_after = absl::Hours(2)});
  desk.Run();
  city.clock.AdvanceTime(absl::Minutes(119));
  EXPECT_EQ(desk.Run().sent, 0);
  city.clock.AdvanceTime(absl::Minutes(1));
  EXPECT_EQ(desk.Run().sent, 1);
}

TEST(DeliveryTest, AnErasedPersonIsToldNothingMore) {
  City city;
  const std::string ref = city.Open();
  ASSERT_THAT(city.Do(ref, "erase_person { basis: 'request' }", &city.admin),
              IsOk());
  Desk desk(&city);
  EXPECT_EQ(desk.Run().sent, 0);
  EXPECT_TRUE(desk.file.sent().empty());
}

TEST(DeliveryTest, NoticesOfACaseAreHandedOverInTheOrderOfItsEvents) {
  City city;
  const std::string ref = city.Open();
  ASSERT_THAT(city.Do(ref, "wait { for: FOR_REPORTER reason: 'x' }"), IsOk());
  city.clock.AdvanceTime(absl::Hours(2));
  ASSERT_THAT(city.Do(ref, "resume {}"), IsOk());
  ASSERT_THAT(city.Do(ref, "resolve { outcome: 'ok' }"), IsOk());
  Desk desk(&city);
  desk.Run();
  std::vector<std::string> notices;
  int64_t last = 0;
  for (const Envelope& envelope : desk.file.sent()) {
    notices.push_back(envelope.notice);
    EXPECT_GE(envelope.sequence, last);
    last = envelope.sequence;
  }
  EXPECT_THAT(notices, ::testing::ElementsAre("received", "moved", "answer"));
}

TEST(DeliveryTest, NothingIsSaidOfACommandThatDidNotCommit) {
  City city;
  FaultyStore store(city.store);
  Desk desk(&city, &store);
  store.FailNext(FaultyStore::kFailed);
  EXPECT_THAT(desk.engine->Execute(
                  city.agent, City::Parse("open { category: 'tree' "
                                          "reporter { id: 'citizen-1' } }")),
              HasReason(v1::ErrorInfo::STORE_FAILED));
  desk.Run();
  EXPECT_TRUE(desk.file.sent().empty());
}

TEST(DeliveryTest, WhatTheDatabaseGivesUpForAnothersSakeIsTriedAgain) {
  City city;
  city.Open();
  FaultyStore store(city.store);
  Desk desk(&city, &store);
  store.FailNextOf(FaultyStore::kClaim, FaultyStore::kContended, 4);
  store.FailNextOf(FaultyStore::kFinish, FaultyStore::kContended, 4);
  EXPECT_EQ(desk.Run().sent, 1);
  EXPECT_EQ(desk.file.sent().size(), 1u);
  store.FailNextOf(FaultyStore::kClaim, FaultyStore::kContended, 5);
  EXPECT_THAT(desk.engine->RunDue(absl::Seconds(10)),
              HasReason(v1::ErrorInfo::STORE_CONTENDED));
}

TEST(DeliveryTest, AChannelThatNobodyServesIsLeftToOthers) {
  City city;
  auto opened = Engine::Open(city.store,
                             {.clock = &city.clock, .entropy = &city.entropy});
  ASSERT_THAT(opened, IsOk());
  city.Open();
  ASSERT_THAT((*opened)->RunDue(absl::Seconds(1)), IsOk());
  Desk desk(&city);
  EXPECT_EQ(desk.Run().sent, 1);
}

// Takes its time, and lets another engine look for work meanwhile.
class SlowNotifier final : public Notifier {
 public:
  SlowNotifier(SimulatedClock* clock, std::map<std::string, int>* handed)
      : clock_(clock), handed_(handed) {}
  std::string name() const override { return "file"; }
  std::vector<SendResult> Send(std::span<const Envelope> envelopes,
                               absl::Time) override {
    for (const Envelope& e : envelopes) {
      ++(*handed_)[e.dedupe_key];
      most_attempts = std::max(most_attempts, e.attempt);
    }
    clock_->AdvanceTime(absl::Seconds(20));
    if (other != nullptr) {
      Engine* once = std::exchange(other, nullptr);
      EXPECT_THAT(once->RunDue(absl::Seconds(1)), IsOk());
      other = once;
    }
    return std::vector<SendResult>(envelopes.size(),
                                   {.outcome = Outcome::kDelivered});
  }
  Engine* other = nullptr;
  int most_attempts = 0;

 private:
  SimulatedClock* const clock_;
  std::map<std::string, int>* const handed_;
};

TEST(DeliveryTest, ASlowNotifierNeverHandsOverWhatItsLeaseHasLost) {
  City city;
  for (int i = 0; i < 5; ++i) city.Open();
  std::map<std::string, int> handed;
  SlowNotifier slow(&city.clock, &handed), second(&city.clock, &handed);
  auto first = Engine::Open(
      city.store,
      {.clock = &city.clock, .entropy = &city.entropy, .notifiers = {&slow}});
  auto other = Engine::Open(
      city.store,
      {.clock = &city.clock, .entropy = &city.entropy, .notifiers = {&second}});
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(other, IsOk());
  slow.other = other->get();
  ASSERT_THAT((*first)->RunDue(absl::Seconds(10)), IsOk());
  EXPECT_EQ(handed.size(), 5u);
  for (const auto& [key, times] : handed) EXPECT_EQ(times, 1) << key;
}

TEST(DeliveryTest, WhatIsGivenBackUntriedHasNotUsedAnAttemptUp) {
  City city;
  for (int i = 0; i < 12; ++i) city.Open();
  std::map<std::string, int> handed;
  SlowNotifier slow(&city.clock, &handed);
  auto engine = Engine::Open(
      city.store,
      {.clock = &city.clock, .entropy = &city.entropy, .notifiers = {&slow}});
  ASSERT_THAT(engine, IsOk());
  ASSERT_THAT((*engine)->RunDue(absl::Seconds(10)), IsOk());
  EXPECT_EQ(handed.size(), 12u);
  EXPECT_EQ(slow.most_attempts, 1);
}

TEST(DeliveryTest, WhileNobodyServesAChannelNoAttemptIsUsedUp) {
  City city;
  RecordingNotifier other("sms");
  auto engine = Engine::Open(
      city.store,
      {.clock = &city.clock, .entropy = &city.entropy, .notifiers = {&other}});
  ASSERT_THAT(engine, IsOk());
  city.Open();
  for (int hour = 0; hour < 30; ++hour) {
    ASSERT_THAT((*engine)->RunDue(absl::Seconds(1)), IsOk());
    city.clock.AdvanceTime(absl::Hours(1));
  }
  Desk desk(&city);
  EXPECT_EQ(desk.Run().sent, 1);
  EXPECT_EQ(desk.file.sent()[0].attempt, 1);
}

TEST(DeliveryTest, WhatACrashLeftLeasedIsHandedOverAfterTheLease) {
  City city;
  city.Open();
  // A worker that claimed and died.
  ASSERT_THAT(city.store->Claim({.queue = DueQuery::kDeliveries,
                                 .tenant = "t",
                                 .due = internal::ToMs(city.clock.TimeNow())}),
              IsOk());
  Desk desk(&city);
  EXPECT_EQ(desk.Run().sent, 0);
  city.clock.AdvanceTime(absl::Seconds(30));
  EXPECT_EQ(desk.Run().sent, 1);
}

// ------------------------------------------------------------------ timers

TEST(TimerTest, ADueCaseIsFiredOnceAndRunDueSaysWhenToComeBack) {
  City city;
  city.Open("pothole");
  Desk desk(&city);
  desk.Run();
  city.clock.SetTime(At("2026-02-12T14:00:00+08:00"));
  DueReport report = desk.Run();
  EXPECT_EQ(report.fired, 0);
  EXPECT_EQ(report.next, At("2026-02-12T14:00:00.001+08:00"));
  city.clock.SetTime(report.next);
  report = desk.Run();
  EXPECT_EQ(report.fired, 1);
  EXPECT_GT(report.next, city.clock.TimeNow());
  EXPECT_EQ(desk.Run().fired, 0);
}

TEST(TimerTest, NothingWaitsWhereThereAreNoCases) {
  City city;
  Desk desk(&city);
  const DueReport report = desk.Run();
  EXPECT_EQ(report.next, absl::InfiniteFuture());
  EXPECT_EQ(report.looked, 0);
}

TEST(TimerTest, ABudgetOfNothingDoesOneRoundAndAsksToBeCalledAgain) {
  City city;
  std::vector<v1::Command> batch(300,
                                 City::Parse("open { category: 'pothole' }"));
  city.engine->ExecuteBatch(city.agent, batch);
  Desk desk(&city);
  city.clock.SetTime(At("2026-02-12T15:00:00+08:00"));
  const auto first = desk.engine->RunDue(absl::ZeroDuration());
  ASSERT_THAT(first, IsOk());
  EXPECT_GT(first->fired, 0);
  EXPECT_LT(first->fired, 300);
  EXPECT_LE(first->next, city.clock.TimeNow());
  EXPECT_EQ(first->fired + desk.Run().fired, 300);
}

class Alarms final : public Observer {
 public:
  void OnAlarm(std::string_view, std::string_view what,
               const absl::Status&) override {
    told.emplace_back(what);
  }
  std::vector<std::string> told;
};

TEST(TimerTest, ACaseThatCannotBeReadIsPutOffAnHourAndBlocksNobody) {
  SimulatedClock store_clock(At("2026-02-12T09:00:00+08:00"));
  MemoryStore memory(&store_clock);  // damaged on purpose: checked by no one
  SimulatedClock& clock = store_clock;
  SeededEntropy entropy(3);
  Alarms alarms;
  RecordingNotifier file("file");
  auto opened = Engine::Open(&memory, {.clock = &clock,
                                       .entropy = &entropy,
                                       .notifiers = {&file},
                                       .observer = &alarms});
  ASSERT_THAT(opened, IsOk());
  Engine& engine = **opened;
  const Actor admin = {.tenant = "t", .id = "ada", .roles = {"admin"}};
  ASSERT_THAT(engine.Adopt(admin, tests::TestPolicy(), 0), IsOk());
  const auto bad =
      engine.Execute(admin, City::Parse("open { category: 'pothole' }"));
  const auto good =
      engine.Execute(admin, City::Parse("open { category: 'pothole' }"));
  ASSERT_THAT(good, IsOk());
  Filter filter;
  filter.tenant = "t";
  filter.references = {bad->reference()};
  CaseRow row = memory.Find(filter)->rows.front();
  row.payload = "\xff no case";
  Write damage;
  damage.cases.push_back(
      {.row = row, .expected_version = row.version, .write_sealed = false});
  ASSERT_THAT(memory.Commit({&damage, 1}).front(), IsOk());

  clock.SetTime(At("2026-02-14T09:00:00+08:00"));
  const auto report = engine.RunDue(absl::Seconds(10));
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->fired, 1);
  EXPECT_EQ(alarms.told.size(), 1u);
  EXPECT_TRUE(
      ClockOf(*engine.Get(admin, good->reference()), "resolve")->breached());
  EXPECT_EQ(memory.Find(filter)->rows.front().next_at,
            internal::ToMs(clock.TimeNow() + absl::Hours(1)));
  EXPECT_GT(report->next, clock.TimeNow());
  // It alone is no reason to come back at once.
  EXPECT_EQ(engine.RunDue(absl::Seconds(10))->looked, 0);
}

// Cases and deliveries whose bytes cannot be read; the rest is the store's own.
class DamagedStore final : public Store {
 public:
  explicit DamagedStore(Store* under) : under_(under) {}
  std::set<std::string> cases;    // ids
  std::set<std::string> tenants;  // whose deliveries
  std::function<void()> before_next_due;

  Capabilities capabilities() const override { return under_->capabilities(); }
  absl::Time Now() override { return under_->Now(); }
  std::vector<absl::Status> Commit(std::span<const Write> writes) override {
    return under_->Commit(writes);
  }
  absl::StatusOr<CaseRow> ReadCase(const CaseKey& key, Part part) override {
    if (cases.contains(key.id)) return Damaged();
    return under_->ReadCase(key, part);
  }
  absl::StatusOr<EventRowPage> ReadEvents(const EventRange& range) override {
    return under_->ReadEvents(range);
  }
  absl::StatusOr<CaseRowPage> Find(const Filter& filter) override {
    return under_->Find(filter);
  }
  absl::StatusOr<std::vector<Record>> ReadRecords(
      const RecordRange& range) override {
    return under_->ReadRecords(range);
  }
  absl::StatusOr<std::vector<Claimed>> Claim(const DueQuery& query) override {
    if (query.queue == DueQuery::kDeliveries && tenants.contains(query.tenant))
      return Damaged();
    auto claimed = under_->Claim(query);
    for (Claimed& timer : *claimed) {
      if (cases.contains(timer.case_key.id)) timer.row.reset();
    }
    return claimed;
  }
  std::vector<absl::Status> Finish(
      std::span<const Finished> finished) override {
    return under_->Finish(finished);
  }
  absl::StatusOr<int64_t> NextDue(DueQuery::Queue queue,
                                  const std::string& tenant) override {
    if (before_next_due) std::exchange(before_next_due, nullptr)();
    return under_->NextDue(queue, tenant);
  }

 private:
  static absl::Status Damaged() {
    return MakeError(v1::ErrorInfo::CORRUPT, "planted");
  }
  Store* const under_;
};

TEST(TimerTest, AHeadOfTheQueueThatCannotBeReadHidesNothingAndAsksForPatience) {
  City city;
  constexpr int kBad = 300;
  DamagedStore store(city.store);
  for (int i = 0; i < kBad; ++i) city.Open("pothole");
  const auto page =
      city.store->Claim({.tenant = "t", .due = kNever - 1, .limit = kBad});
  for (const Claimed& timer : *page) store.cases.insert(timer.case_key.id);
  ASSERT_EQ(store.cases.size(), size_t{kBad});
  city.clock.AdvanceTime(absl::Seconds(1));
  const std::string good = city.Open("pothole");
  Alarms alarms;
  Desk desk(&city, &store, &alarms);
  city.clock.SetTime(At("2026-02-14T09:00:00+08:00"));
  const DueReport report = desk.Run();
  EXPECT_EQ(report.fired, 1);
  EXPECT_TRUE(ClockOf(city.Get(good), "resolve")->breached());
  EXPECT_FALSE(alarms.told.empty());
  // To come back at once would be in vain.
  EXPECT_TRUE(report.stuck);
  EXPECT_EQ(report.next, city.clock.TimeNow() + absl::Seconds(1));
}

TEST(DeliveryTest, WhatComesAfterTheLastLookIsSeenByAnother) {
  City city;
  DamagedStore store(city.store);
  Desk desk(&city, &store);
  // At the instant the last round began, and after its claims.
  store.before_next_due = [&] { city.Open(); };
  const DueReport report = desk.Run();
  EXPECT_EQ(report.sent, 1);
  EXPECT_FALSE(report.stuck);
}

// Looks people up slowly.
class SlowDirectory final : public Directory {
 public:
  explicit SlowDirectory(SimulatedClock* clock) : clock_(clock) {}
  std::vector<Contactable> Find(std::string_view, std::string_view kind,
                                std::string_view name,
                                std::string_view) override {
    clock_->AdvanceTime(absl::Seconds(10));
    return {{std::string(kind) + ":" + std::string(name), "", ""}};
  }

 private:
  SimulatedClock* const clock_;
};

TEST(DeliveryTest, ALookUpThatTakesTooLongIsAnAttemptAndHoldsUpNobody) {
  City city;
  SlowDirectory slow(&city.clock);
  RecordingNotifier file("file");
  auto engine = Engine::Open(city.store, {.clock = &city.clock,
                                          .entropy = &city.entropy,
                                          .directory = &slow,
                                          .notifiers = {&file}});
  ASSERT_THAT(engine, IsOk());
  city.Open("pothole");  // in time its unit is told that it is late
  city.clock.SetTime(At("2026-02-14T09:00:00+08:00"));
  const std::string other = city.Open();
  const auto report = (*engine)->RunDue(absl::Seconds(10));
  ASSERT_THAT(report, IsOk());
  EXPECT_GT(report->failed, 0);
  bool told = false;
  for (const Envelope& e : file.sent()) told |= e.reference == other;
  EXPECT_TRUE(told);
}

TEST(DeliveryTest, ADamagedOneOfOneTenantHoldsUpNoOther) {
  City city;
  const Actor other{.tenant = "u", .id = "uma", .roles = {"admin"}};
  ASSERT_THAT(city.engine->Adopt(other, tests::TestPolicy(), 0), IsOk());
  DamagedStore store(city.store);
  store.tenants = {"t"};
  Desk desk(&city, &store);
  city.Open();
  ASSERT_THAT(desk.engine->Execute(
                  other, City::Parse("open { category: 'tree' "
                                     "reporter { id: 'citizen-9' } }")),
              IsOk());
  EXPECT_THAT(desk.engine->RunDue(absl::Seconds(10)),
              HasReason(v1::ErrorInfo::CORRUPT));
  EXPECT_EQ(desk.file.sent().size(), 1u);
}

TEST(TimerTest, FiringThatMeetsACommandGivesWayToIt) {
  City city;
  const std::string ref = city.Open("pothole");
  FaultyStore store(city.store);
  Desk desk(&city, &store);
  city.clock.SetTime(At("2026-02-13T09:00:00+08:00"));  // due, not yet broken
  store.BeforeNextCommit(
      [&] { EXPECT_THAT(city.Do(ref, "resolve { outcome: 'ok' }"), IsOk()); });
  desk.Run();
  EXPECT_FALSE(ClockOf(city.Get(ref), "resolve")->breached());
  EXPECT_EQ(city.Get(ref).state(), "resolved");
}

TEST(TimerTest, WorkersThatMeetAtTheHeadGoOnApart) {
  City city;
  constexpr int kCases = 600;
  std::vector<std::string> cases;
  for (int i = 0; i < kCases; ++i) {
    cases.push_back(city.Open());
    city.clock.AdvanceTime(absl::Milliseconds(1));
  }
  FaultyStore store(city.store);
  const Desk one(&city, &store);
  const Desk other(&city);
  city.clock.AdvanceTime(absl::Hours(24 * 30));
  const auto round = [](const Desk& desk) {
    return desk.engine->RunDue(absl::ZeroDuration()).value().fired;
  };
  const auto head = [&city] {
    return city.store
        ->Claim({.queue = DueQuery::kTimers,
                 .tenant = "t",
                 .due = absl::ToUnixMillis(city.clock.TimeNow()),
                 .limit = 1})
        ->at(0)
        .case_key.id;
  };
  // The other is quicker: all the one has judged was in vain.
  int fired = 0;
  store.BeforeNextCommit([&] { fired += round(other); });
  EXPECT_EQ(round(one), 0);
  EXPECT_EQ(fired, 128);
  // So it leaves the head of the queue to the other.
  const std::string before = head();
  EXPECT_EQ(round(one), 128);
  EXPECT_EQ(head(), before);
  fired += 128;
  while (fired < kCases) {
    const int done = round(one) + round(other);
    ASSERT_GT(done, 0);
    fired += done;
  }
  for (const std::string& reference : cases) {
    EXPECT_EQ(city.Get(reference).version(), 2) << reference;
  }
}

TEST(TimerTest, AStoreThatFailsIsToldAndTheTimerFiresLater) {
  City city;
  const std::string ref = city.Open("pothole");
  FaultyStore store(city.store);
  Desk desk(&city, &store);
  city.clock.SetTime(At("2026-02-14T09:00:00+08:00"));
  store.FailNext(FaultyStore::kFull);
  EXPECT_THAT(desk.engine->RunDue(absl::Seconds(1)),
              HasReason(v1::ErrorInfo::STORAGE_FULL));
  EXPECT_FALSE(city.Events(ref).back().verb() == v1::TICK);
  EXPECT_EQ(desk.Run().fired, 1);
  EXPECT_TRUE(ClockOf(city.Get(ref), "resolve")->breached());
}

TEST(TimerTest, ATyphoonReachesEveryOpenCaseThatItTouches) {
  City city;
  const std::string ref = city.Open();
  v1::PolicyPatch patch;
  v1::CalendarClosures* add = patch.add_add_closures();
  add->set_calendar("office");
  add->add_closures()->set_from("2026-02-13T00:00:00+08:00");
  add->mutable_closures(0)->set_until("2026-02-14T00:00:00+08:00");
  const auto typhoon = tests::TestPolicy().With(patch);
  ASSERT_THAT(typhoon, IsOk());
  ASSERT_THAT(city.engine->Adopt(city.admin, *typhoon, 1), IsOk());
  // When its timer fires or anybody touches it, whichever is first.
  ASSERT_THAT(city.Do(ref, "note { visibility: PUBLIC_NOTE text: 'x' }"),
              IsOk());
  EXPECT_EQ(internal::FromTimestamp(ClockOf(city.Get(ref), "resolve")->due()),
            At("2026-02-24T09:00:00+08:00"));
}

}  // namespace
}  // namespace hotline
