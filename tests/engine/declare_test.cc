// A closure entered late: who may, what it touches, and that every case it
// touches is found whatever happens meanwhile.
#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "hotline/engine.h"
#include "hotline/testing/faulty_store.h"
#include "hotline/testing/matchers.h"
#include "src/base/time.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using hotline::testing::FaultyStore;
using hotline::testing::HasReason;
using hotline::testing::IsOk;
using ::testing::HasSubstr;
using tests::At;
using tests::City;
using tests::ClockOf;

v1::PolicyPatch Patch(const std::string& text) {
  v1::PolicyPatch patch;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &patch))
      << text;
  return patch;
}

// The afternoon of Friday the 13th, in one district.
v1::PolicyPatch Afternoon(const std::string& area = "xinyi") {
  return Patch(absl::StrCat(R"(reason: "typhoon" add_closures {
    calendar: "office"
    closures { id: "gaemi" areas: ")",
                            area, R"("
               from: "2026-02-13T13:30:00+08:00"
               until: "2026-02-13T17:30:00+08:00" } })"));
}

std::string OpenIn(City* city, const std::string& area,
                   const std::string& category = "streetlight") {
  v1::Command c = City::Parse(
      absl::StrCat("open { category: '", category, "' place { area: '", area,
                   "' } reporter { id: 'citizen-1' name: 'A. Lin' } }"));
  const auto receipt = city->engine->Execute(city->agent, c);
  EXPECT_THAT(receipt, IsOk());
  return receipt.ok() ? receipt->reference() : "";
}

// `count` cases, every tenth of them in xinyi.
void OpenMany(City* city, int count) {
  std::vector<v1::Command> batch;
  for (int i = 0; i < count; ++i) {
    batch.push_back(City::Parse(absl::StrCat(
        "open { category: 'streetlight' reporter { id: 'c' } place { area: '",
        i % 10 == 0 ? "xinyi" : "wenshan", "' } }")));
    if (batch.size() < 500 && i + 1 < count) continue;
    for (const auto& r : city->engine->ExecuteBatch(city->agent, batch)) {
      ASSERT_THAT(r, IsOk());
    }
    batch.clear();
  }
}

// Versions of all cases, by reference.
std::map<std::string, int64_t> Versions(Store* store) {
  std::map<std::string, int64_t> versions;
  Filter filter;
  filter.tenant = "t";
  filter.limit = 1000;
  do {
    const auto page = *store->Find(filter);
    for (const CaseRow& row : page.rows) versions[row.reference] = row.version;
    filter.cursor = page.next_cursor;
  } while (!filter.cursor.empty());
  return versions;
}

// Runs until the sweep is over; the sum of what it did.
DueReport Sweep(Engine* engine) {
  DueReport sum;
  do {
    const auto due = engine->RunDue(absl::Seconds(10));
    EXPECT_THAT(due, IsOk());
    if (!due.ok()) return sum;
    sum.swept_cases += due->swept_cases;
    sum.replanned += due->replanned;
    sum.to_sweep = due->to_sweep;
  } while (sum.to_sweep > 0);
  return sum;
}

// ------------------------------------------------------------- who and what

TEST(DeclareTest, TheDutyOfficerEntersClosuresAndNothingElse) {
  City city;
  const auto agent = city.engine->Declare(city.agent, Afternoon(), 1);
  EXPECT_THAT(agent, HasReason(v1::ErrorInfo::PERMISSION_DENIED));
  EXPECT_THAT(std::string(agent.status().message()), HasSubstr("DECLARE"));
  for (const char* text : {"categories { code: 'tree' kind: CASE }",
                           "calendars { id: 'office' }"}) {
    v1::PolicyPatch more = Afternoon();
    more.MergeFrom(Patch(text));
    for (const Actor* who : {&city.supervisor, &city.admin}) {
      const auto refused = city.engine->Declare(*who, more, 1);
      ASSERT_THAT(refused, HasReason(v1::ErrorInfo::PERMISSION_DENIED));
      EXPECT_EQ(InfoOf(refused.status()).problems(0).path(),
                std::string(text).substr(0, std::string(text).find(' ')));
    }
  }
  EXPECT_THAT(city.engine->Declare(city.supervisor, {}, 1),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  EXPECT_THAT(city.engine->Declare(city.supervisor, Afternoon("nowhere"), 1),
              HasReason(v1::ErrorInfo::INVALID_POLICY));
  EXPECT_THAT(city.engine->Declare(city.supervisor, Afternoon(), 7),
              HasReason(v1::ErrorInfo::VERSION_CONFLICT));
  int64_t version = 0;
  ASSERT_THAT(city.engine->CurrentPolicy(city.admin, &version), IsOk());
  EXPECT_EQ(version, 1);

  const auto receipt = city.engine->Declare(city.supervisor, Afternoon(), 1);
  ASSERT_THAT(receipt, IsOk());
  EXPECT_EQ(receipt->version(), 2);
  const Policy now = *city.engine->CurrentPolicy(city.admin, &version);
  EXPECT_EQ(version, 2);
  const v1::ClosureSpec& closure = now.spec().calendars(0).closures(0);
  EXPECT_EQ(closure.announced(), "2026-02-12T01:00:00Z");
  EXPECT_EQ(closure.reason(), "typhoon");
}

TEST(DeclareTest, AdoptionsFollowOneAnotherInTimeThoughAClockStepsBack) {
  City city;
  city.clock.SetTime(At("2026-02-12T08:00:00+08:00"));
  const auto receipt = city.engine->Declare(city.supervisor, Afternoon(), 1);
  ASSERT_THAT(receipt, IsOk());
  EXPECT_EQ(internal::FromTimestamp(receipt->recorded_at()),
            At("2026-02-12T09:00:00+08:00"));
}

// ------------------------------------------------------------------ the sweep

TEST(SweepTest, ACaseTheChangeDoesNotTouchIsNotWritten) {
  City city;
  const std::string here = OpenIn(&city, "xinyi");
  const std::string there = OpenIn(&city, "wenshan");
  // By the wall clock: no calendar matters.
  const std::string pothole = OpenIn(&city, "xinyi", "pothole");
  EXPECT_EQ(internal::FromTimestamp(ClockOf(city.Get(here), "resolve")->due()),
            At("2026-02-23T09:00:00+08:00"));
  city.mailbox.sent.clear();
  city.GoTo("2026-02-12T09:30:00+08:00");
  const auto before = Versions(city.store);
  city.mailbox.sent.clear();
  ASSERT_THAT(city.engine->Declare(city.supervisor, Afternoon(), 1), IsOk());
  const DueReport report = Sweep(city.engine.get());
  EXPECT_EQ(report.replanned, 1);
  auto after = Versions(city.store);
  EXPECT_EQ(after[here], before.at(here) + 1);
  EXPECT_EQ(after[there], before.at(there));
  EXPECT_EQ(after[pothole], before.at(pothole));
  const v1::Event moved = city.Events(here).back();
  EXPECT_EQ(moved.policy_version(), 2);
  EXPECT_EQ(moved.verb(), v1::TICK);
  EXPECT_EQ(internal::FromTimestamp(ClockOf(city.Get(here), "resolve")->due()),
            At("2026-02-23T14:00:00+08:00"));
  ASSERT_EQ(city.mailbox.sent.size(), 1u);
  EXPECT_EQ(city.mailbox.sent[0].reference, here);
  EXPECT_EQ(city.mailbox.sent[0].text, "now due 2026-02-23 14:00");
  // It is over: nothing is looked at any more, by nobody.
  EXPECT_EQ(city.engine->RunDue(absl::Seconds(1))->swept_cases, 0);
  const auto other = Engine::Open(
      city.store, {.clock = &city.clock, .entropy = &city.entropy});
  EXPECT_EQ((*other)->RunDue(absl::Seconds(1))->swept_cases, 0);
}

TEST(SweepTest, EveryCaseIsReachedOnceThoughWorkersComeAndGo) {
  City city;
  OpenMany(&city, 1000);
  const auto before = Versions(city.store);
  ASSERT_THAT(city.engine->Declare(city.supervisor, Afternoon(), 1), IsOk());
  // Each dies after a page; the last says nothing is left.
  int replanned = 0, workers = 0;
  int64_t left = 1;
  for (; left > 0 && workers < 100; ++workers) {
    const auto worker = Engine::Open(
        city.store, {.clock = &city.clock, .entropy = &city.entropy});
    ASSERT_THAT(worker, IsOk());
    const auto due = (*worker)->RunDue(absl::ZeroDuration());
    ASSERT_THAT(due, IsOk());
    replanned += due->replanned;
    left = due->to_sweep;
    if (left > 0) {
      EXPECT_LE(due->next, city.clock.TimeNow());
    }
  }
  EXPECT_EQ(left, 0);
  EXPECT_GT(workers, 4);
  EXPECT_EQ(replanned, 100);
  int touched = 0;
  for (const auto& [reference, version] : Versions(city.store)) {
    touched += static_cast<int>(version - before.at(reference));
    EXPECT_LE(version, before.at(reference) + 1);
  }
  EXPECT_EQ(touched, 100);
}

TEST(SweepTest, AFailingStoreOnlyDelaysIt) {
  // What is only unknown is settled by looking, and refuses nothing.
  for (const auto& [fault, refusals] : {std::pair{FaultyStore::kFailed, 3},
                                        {FaultyStore::kDoneButUnknown, 0},
                                        {FaultyStore::kUndoneButUnknown, 1},
                                        {FaultyStore::kFull, 3}}) {
    City city;
    OpenMany(&city, 600);
    FaultyStore store(city.store);
    auto worker =
        Engine::Open(&store, {.clock = &city.clock, .entropy = &city.entropy});
    ASSERT_THAT(worker, IsOk());
    ASSERT_THAT((*worker)->Declare(city.supervisor, Afternoon(), 1), IsOk());
    store.FailNext(fault, 3);
    int refused = 0;
    while (true) {
      const auto due = (*worker)->RunDue(absl::Seconds(10));
      if (!due.ok() && ++refused < 10) continue;
      ASSERT_THAT(due, IsOk());
      if (due->to_sweep == 0) break;
    }
    EXPECT_EQ(refused, refusals);
    int touched = 0;
    for (const auto& [reference, version] : Versions(city.store)) {
      EXPECT_LE(version, 2);
      touched += version == 2;
    }
    EXPECT_EQ(touched, 60);
  }
}

TEST(SweepTest, ACaseThatMovesMeanwhileIsFoundByTheNextPass) {
  City city;
  const std::string ref = OpenIn(&city, "xinyi");
  FaultyStore store(city.store);
  auto worker =
      Engine::Open(&store, {.clock = &city.clock, .entropy = &city.entropy});
  // Does not know of the new policy for a second.
  ASSERT_THAT((*worker)->Declare(city.supervisor, Afternoon(), 1), IsOk());
  store.BeforeNextCommit([&] {
    EXPECT_THAT(
        city.Do(ref, "note { visibility: INTERNAL_NOTE text: 'meanwhile' }"),
        IsOk());
  });
  Sweep(worker->get());
  EXPECT_EQ(internal::FromTimestamp(ClockOf(city.Get(ref), "resolve")->due()),
            At("2026-02-23T14:00:00+08:00"));
  EXPECT_EQ(city.Events(ref).size(), 3u);
}

TEST(SweepTest, WhatAnEngineJudgedBeforeItKnewIsFoundWhenAllKnow) {
  City city;
  auto other = *Engine::Open(city.store,
                             {.clock = &city.clock, .entropy = &city.entropy});
  ASSERT_THAT(other->Declare(city.supervisor, Afternoon(), 1), IsOk());
  EXPECT_EQ(Sweep(other.get()).to_sweep, 0);
  // This engine looks at the head once a second.
  const std::string ref = OpenIn(&city, "xinyi");
  ASSERT_EQ(city.Events(ref).front().policy_version(), 1);
  EXPECT_EQ(other->RunDue(absl::Seconds(1))->next,
            At("2026-02-12T09:00:02+08:00"));
  city.clock.AdvanceTime(absl::Seconds(2));
  EXPECT_EQ(Sweep(other.get()).replanned, 1);
  EXPECT_EQ(city.Events(ref).back().policy_version(), 2);
  EXPECT_EQ(Sweep(other.get()).swept_cases, 0);
}

TEST(SweepTest, AnOverdueCaseWithNoTimerLeftHasItsBreachTakenBack) {
  std::string text = tests::kPolicy;
  const std::string raise = "raise_priority: \"high\"";
  text.erase(text.find(raise), raise.size());
  City city(nullptr, text);
  const std::string ref = OpenIn(&city, "xinyi");
  city.GoTo("2026-02-26T17:00:00+08:00");
  ASSERT_TRUE(ClockOf(city.Get(ref), "resolve")->breached());
  ASSERT_FALSE(city.Get(ref).has_next_at()) << "every level is recorded";
  // Nobody had entered that the office was closed all week.
  ASSERT_THAT(city.engine->Declare(city.supervisor, Patch(R"(add_closures {
        calendar: "office"
        closures { from: "2026-02-23T00:00:00+08:00"
                   until: "2026-02-28T00:00:00+08:00" } })"),
                                   1),
              IsOk());
  EXPECT_EQ(Sweep(city.engine.get()).replanned, 1);
  const v1::ClockState resolve = *ClockOf(city.Get(ref), "resolve");
  EXPECT_FALSE(resolve.breached());
  EXPECT_EQ(internal::FromTimestamp(resolve.due()),
            At("2026-03-02T09:00:00+08:00"));
  bool withdrawn = false;
  const v1::Event last = city.Events(ref).back();
  for (const v1::Fact& fact : last.facts()) {
    withdrawn |= fact.has_level_withdrawn() && fact.level_withdrawn().breach();
  }
  EXPECT_TRUE(withdrawn);
  // And a later real breach is one.
  city.GoTo("2026-03-03T09:00:00+08:00");
  EXPECT_TRUE(ClockOf(city.Get(ref), "resolve")->breached());
}

TEST(SweepTest, ARestingCaseIsPlannedAnewByWhatWakesIt) {
  City city;
  const std::string ref = OpenIn(&city, "xinyi");
  ASSERT_THAT(city.Do(ref, "accept {}"), IsOk());
  ASSERT_THAT(city.Do(ref, "wait { for: FOR_REPORTER reason: 'x' }"), IsOk());
  ASSERT_THAT(city.engine->Declare(city.supervisor, Afternoon(), 1), IsOk());
  EXPECT_EQ(Sweep(city.engine.get()).replanned, 0);
  ASSERT_THAT(city.Do(ref, "resume {}"), IsOk());
  EXPECT_EQ(internal::FromTimestamp(ClockOf(city.Get(ref), "resolve")->due()),
            At("2026-02-23T14:00:00+08:00"));
}

TEST(SweepTest, ATimerIsLaidAnewWhereNothingElseChanges) {
  City city;
  const std::string ref = OpenIn(&city, "wenshan");
  ASSERT_THAT(city.Do(ref, "accept {}"), IsOk());
  v1::PolicySpec spec = tests::TestPolicy().spec();
  v1::LevelSpec* half = spec.mutable_ladders(0)->add_levels();
  half->set_code("half");
  half->set_percent(50);
  ASSERT_THAT(city.engine->Adopt(city.admin, *Policy::Create(spec), 1), IsOk());
  EXPECT_EQ(Sweep(city.engine.get()).replanned, 0);
  EXPECT_EQ(city.Events(ref).size(), 2u) << "a moved timer is no event";
  city.GoTo("2026-02-12T09:00:02+08:00");
  EXPECT_EQ(city.engine->RunDue(absl::Seconds(1))->next,
            At("2026-02-13T09:00:00+08:00"));
  city.GoTo("2026-02-13T09:00:00+08:00");
  EXPECT_EQ(ClockOf(city.Get(ref), "resolve")->levels(0).level(), "half");
}

TEST(SweepTest, ALevelTakenOutAndPutBackIsLookedAtInTime) {
  const std::string without = tests::kPolicy;
  std::string with = without;
  const std::string warn = "levels { code: \"warn\"";
  with.insert(with.find(warn), "levels { code: \"half\" percent: 50 } ");
  City city(nullptr, with);
  const std::string ref = OpenIn(&city, "wenshan");
  ASSERT_THAT(city.Do(ref, "accept {}"), IsOk());
  int64_t head = 1;
  for (const std::string& text : {without, with}) {
    ASSERT_THAT(city.engine->Adopt(city.admin, tests::TestPolicy(text), head++),
                IsOk());
    Sweep(city.engine.get());
    city.clock.AdvanceTime(absl::Seconds(3));
    Sweep(city.engine.get());
  }
  EXPECT_EQ(city.engine->RunDue(absl::Seconds(1))->next,
            At("2026-02-13T09:00:00+08:00"));
}

class Alarms final : public Observer {
 public:
  void OnAlarm(std::string_view, std::string_view what,
               const absl::Status&) override {
    told.emplace_back(what);
  }
  std::vector<std::string> told;
};

TEST(SweepTest, ACaseThatCannotBeReadHoldsUpNobody) {
  SimulatedClock clock(At("2026-02-12T09:00:00+08:00"));
  MemoryStore memory(&clock);  // damaged on purpose: checked by no one
  Alarms alarms;
  auto engine = *Engine::Open(&memory, {.clock = &clock, .observer = &alarms});
  const Actor admin = {.tenant = "t", .id = "ada", .roles = {"admin"}};
  ASSERT_THAT(engine->Adopt(admin, tests::TestPolicy(), 0), IsOk());
  std::vector<std::string> references;
  for (int i = 0; i < 2; ++i) {
    references.push_back(
        engine
            ->Execute(admin, City::Parse("open { category: 'streetlight' "
                                         "place { area: 'xinyi' } }"))
            ->reference());
  }
  Filter filter;
  filter.tenant = "t";
  filter.references = {references[0]};
  CaseRow row = memory.Find(filter)->rows.front();
  row.payload = "\xff no case";
  Write damage;
  damage.cases.push_back(
      {.row = row, .expected_version = row.version, .write_sealed = false});
  ASSERT_THAT(memory.Commit({&damage, 1}).front(), IsOk());
  ASSERT_THAT(engine->Declare(admin, Afternoon(), 1), IsOk());
  EXPECT_EQ(Sweep(engine.get()).replanned, 1);
  EXPECT_FALSE(alarms.told.empty());
  EXPECT_EQ(
      ClockOf(*engine->Get(admin, references[1]), "resolve")->policy_version(),
      2);
}

// ---------------------------------------------------------------- the dry run

TEST(DryRunTest, SaysWhatTheChangeThenDoesAndWritesNothing) {
  City city;
  OpenMany(&city, 300);
  OpenIn(&city, "xinyi", "tree");
  city.GoTo("2026-02-12T09:00:00+08:00");
  city.mailbox.sent.clear();
  const auto before = Versions(city.store);
  FaultyStore watched(city.store);
  auto dry =
      *Engine::Open(&watched, {.clock = &city.clock, .entropy = &city.entropy});
  int64_t looked = 0, of = 0;
  const auto effect =
      dry->DryRun(city.supervisor, Afternoon(), [&](int64_t done, int64_t all) {
        EXPECT_GE(done, looked);
        looked = done;
        of = all;
      });
  ASSERT_THAT(effect, IsOk());
  EXPECT_EQ(watched.commits(), 0);
  EXPECT_EQ(looked, 301);
  EXPECT_EQ(of, 301);
  EXPECT_EQ(effect->version, 2);
  EXPECT_EQ(effect->looked, 301);
  // A tree has three working days, of which the closure takes none.
  EXPECT_EQ(effect->touched, 30);
  ASSERT_EQ(effect->lines.size(), 1u);
  EXPECT_EQ(effect->lines[0].category, "streetlight");
  EXPECT_EQ(effect->lines[0].unit, "lights");
  EXPECT_EQ(effect->lines[0].later, 30);
  EXPECT_EQ(effect->lines[0].earlier, 0);
  ASSERT_EQ(effect->told.size(), 1u);
  EXPECT_EQ(effect->told[0].kind, "reporter");
  EXPECT_EQ(effect->told[0].people, 30);

  ASSERT_THAT(city.engine->Declare(city.supervisor, Afternoon(), 1), IsOk());
  EXPECT_EQ(Sweep(city.engine.get()).replanned, effect->touched);
  EXPECT_EQ(static_cast<int64_t>(city.mailbox.sent.size()),
            effect->told[0].people);
  EXPECT_EQ(Versions(city.store).size(), before.size());
}

TEST(DryRunTest, CountsBreachesTakenBackAndPromisesBrokenByTheChange) {
  City city;
  OpenIn(&city, "xinyi");
  ASSERT_THAT(city.engine->Declare(city.supervisor, Afternoon(), 1), IsOk());
  Sweep(city.engine.get());
  // Due at 14:00; between the two dues the closure is taken back.
  city.GoTo("2026-02-23T11:00:00+08:00");
  const v1::PolicyPatch back =
      Patch("withdraw_closures { calendar: 'office' id: 'gaemi' }");
  const auto broken = city.engine->DryRun(city.supervisor, back);
  ASSERT_THAT(broken, IsOk());
  ASSERT_EQ(broken->lines.size(), 1u);
  EXPECT_EQ(broken->lines[0].earlier, 1);
  EXPECT_EQ(broken->lines[0].broken, 1);
  EXPECT_TRUE(broken->told.empty()) << "the date has passed";
  // And entered again once it is broken.
  ASSERT_THAT(city.engine->Declare(city.supervisor, back, 2), IsOk());
  Sweep(city.engine.get());
  const auto taken_back = city.engine->DryRun(city.supervisor, Afternoon());
  ASSERT_THAT(taken_back, IsOk());
  ASSERT_EQ(taken_back->lines.size(), 1u);
  EXPECT_EQ(taken_back->lines[0].withdrawn, 1);
  EXPECT_EQ(taken_back->lines[0].later, 1);
}

TEST(DryRunTest, NeedsThePermissionThatTheChangeNeeds) {
  City city;
  EXPECT_THAT(city.engine->DryRun(city.agent, Afternoon()),
              HasReason(v1::ErrorInfo::PERMISSION_DENIED));
  const v1::PolicyPatch more =
      Patch("categories { code: 'tree' kind: CASE unit: 'works' }");
  EXPECT_THAT(city.engine->DryRun(city.supervisor, more),
              HasReason(v1::ErrorInfo::PERMISSION_DENIED));
  EXPECT_THAT(city.engine->DryRun(city.admin, more), IsOk());
  EXPECT_THAT(city.engine->DryRun(city.admin, Afternoon("nowhere")),
              HasReason(v1::ErrorInfo::INVALID_POLICY));
}

}  // namespace
}  // namespace hotline
