// Goal: whoever follows the feed misses no event, sees no more than History
// shows, and ends with the cases as Get shows them. Method: engines over the
// memory and the SQLite store, threads that write while one reads, and random
// histories folded from the feed alone.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/judge.h"
#include "hotline/limits.h"
#include "hotline/testing/case_builder.h"
#include "hotline/testing/matchers.h"
#include "rapidcheck/gtest.h"
#include "src/base/deterministic.h"
#include "tests/support/city.h"
#ifdef HOTLINE_HAS_SQLITE
#include "hotline/adapters/sqlite_store.h"
#endif

namespace hotline {
namespace {

using hotline::testing::HasReason;
using hotline::testing::IsOk;
using hotline::testing::ParseCommand;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::City;

constexpr char kNote[] = "note { visibility: PUBLIC_NOTE text: 'x' }";

v1::Page PageOf(int limit, const std::string& cursor = "") {
  v1::Page page;
  page.set_limit(limit);
  page.set_cursor(cursor);
  return page;
}

// All that waits behind the cursor, which is moved on.
std::vector<v1::Change> Follow(Engine* engine, const Actor& actor,
                               std::string* cursor, int limit = 7) {
  std::vector<v1::Change> all;
  for (bool more = true; more;) {
    const auto page = engine->Changes(actor, PageOf(limit, *cursor));
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return all;
    EXPECT_LE(page->changes_size(), limit);
    EXPECT_FALSE(page->next_cursor().empty());
    all.insert(all.end(), page->changes().begin(), page->changes().end());
    *cursor = page->next_cursor();
    more = page->more();
  }
  return all;
}

std::vector<v1::Change> FollowAll(Engine* engine, const Actor& actor) {
  std::string cursor;
  return Follow(engine, actor, &cursor);
}

std::string Text(const std::vector<v1::Change>& changes) {
  std::string text;
  for (const v1::Change& change : changes) text += change.DebugString();
  return text;
}

// A copy of the cases, made of nothing but the feed.
class Mirror {
 public:
  void Apply(const v1::Change& change) {
    v1::Case& on = cases_[change.reference()];
    if (change.event().version() <= on.version()) {
      ++repeats;
      return;
    }
    ASSERT_EQ(change.event().version(), on.version() + 1)
        << "a gap in " << change.reference();
    Evolve(change.event(), &on);
  }
  void Apply(const std::vector<v1::Change>& changes) {
    for (const v1::Change& change : changes) Apply(change);
  }
  const std::map<std::string, v1::Case>& cases() const { return cases_; }

  int repeats = 0;

 private:
  std::map<std::string, v1::Case> cases_;
};

// A store that lacks what it is told to, in front of one that works.
class Lacking final : public Store {
 public:
  explicit Lacking(Store* inner) : inner_(inner) {}
  bool feed = true;
  bool cases = true;
  int cases_read = 0;

  Capabilities capabilities() const override {
    Capabilities all = inner_->capabilities();
    all.feed = feed;
    return all;
  }
  std::vector<absl::Status> Commit(std::span<const Write> writes) override {
    return inner_->Commit(writes);
  }
  absl::StatusOr<CaseRow> ReadCase(const CaseKey& key, Part part) override {
    ++cases_read;
    return inner_->ReadCase(cases ? key : CaseKey{key.tenant, "gone"}, part);
  }
  absl::StatusOr<EventRowPage> ReadEvents(const EventRange& range) override {
    return inner_->ReadEvents(range);
  }
  absl::StatusOr<CaseRowPage> Find(const Filter& filter) override {
    return inner_->Find(filter);
  }
  absl::StatusOr<std::vector<Record>> ReadRecords(
      const RecordRange& range) override {
    return inner_->ReadRecords(range);
  }
  absl::StatusOr<std::vector<Claimed>> Claim(const DueQuery& query) override {
    return inner_->Claim(query);
  }
  std::vector<absl::Status> Finish(
      std::span<const Finished> finished) override {
    return inner_->Finish(finished);
  }

 private:
  Store* const inner_;
};

// ------------------------------------------------------- nothing is missed

class ChangesTest : public ::testing::TestWithParam<std::string> {
 protected:
  ChangesTest() {
#ifdef HOTLINE_HAS_SQLITE
    if (GetParam() == "sqlite") {
      folder_ = std::filesystem::temp_directory_path() /
                ("hotline_changes_test_" + std::to_string(getpid()));
      std::filesystem::remove_all(folder_);
      std::filesystem::create_directories(folder_);
      // What is on the disk is other tests' business.
      auto opened = SqliteStore::Open((folder_ / "city.db").string(),
                                      {.full_sync = false});
      EXPECT_THAT(opened, IsOk());
      sqlite_ = *std::move(opened);
    }
#endif
    city_ = std::make_unique<City>(sqlite_.get());
  }
  ~ChangesTest() override {
    city_.reset();
    sqlite_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  std::filesystem::path folder_;
  std::unique_ptr<Store> sqlite_;
  std::unique_ptr<City> city_;
};

TEST_P(ChangesTest, TellsEveryEventInOrderWhileManyWrite) {
  constexpr int kWriters = 4, kCasesEach = 6, kNotesEach = 25;
  City& city = *city_;
  std::atomic<int> writing = kWriters;
  std::vector<std::thread> threads;
  for (int t = 0; t < kWriters; ++t) {
    threads.emplace_back([&city, &writing, t] {
      std::vector<std::string> mine;
      for (int i = 0; i < kCasesEach; ++i) mine.push_back(city.Open());
      for (int i = 0; i < kNotesEach; ++i) {
        EXPECT_THAT(
            city.Do(mine[static_cast<size_t>(i * (t + 1)) % mine.size()],
                    kNote),
            IsOk());
      }
      --writing;
    });
  }
  std::string cursor;
  Mirror mirror;
  while (writing > 0) {
    mirror.Apply(Follow(city.engine.get(), city.admin, &cursor));
  }
  for (std::thread& thread : threads) thread.join();
  mirror.Apply(Follow(city.engine.get(), city.admin, &cursor));
  ASSERT_EQ(mirror.cases().size(), size_t{kWriters * kCasesEach});
  int64_t events = 0;
  for (const auto& [reference, on] : mirror.cases()) {
    EXPECT_EQ(on.version(), city.Get(reference).version()) << reference;
    events += on.version();
  }
  EXPECT_EQ(events, kWriters * (kCasesEach + kNotesEach));
  // These two stores tell each event once.
  EXPECT_EQ(mirror.repeats, 0);
}

TEST_P(ChangesTest, GoesOnWhereItEndedAlsoWithAnotherEngine) {
  City& city = *city_;
  std::string cursor;
  EXPECT_TRUE(Follow(city.engine.get(), city.admin, &cursor).empty());
  EXPECT_FALSE(cursor.empty());
  const std::string a = city.Open();
  const std::string b = city.Open();
  ASSERT_THAT(city.Do(a, kNote), IsOk());
  EXPECT_EQ(Follow(city.engine.get(), city.admin, &cursor, 1).size(), 3u);
  EXPECT_TRUE(Follow(city.engine.get(), city.admin, &cursor).empty());
  ASSERT_THAT(city.Do(b, kNote), IsOk());
  auto other = Engine::Open(city.store, {.clock = &city.clock});
  ASSERT_THAT(other, IsOk());
  const auto next = Follow(other->get(), city.admin, &cursor);
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(next[0].reference(), b);
  EXPECT_EQ(next[0].event().version(), 2);
  EXPECT_EQ(next[0].event().verb(), v1::NOTE);
}

TEST_P(ChangesTest, TellsNothingOfOtherTenants) {
  City& city = *city_;
  const std::string ours = city.Open();
  Actor other = city.admin;
  other.tenant = "u";
  ASSERT_THAT(city.engine->Adopt(other, tests::TestPolicy(), 0), IsOk());
  EXPECT_TRUE(FollowAll(city.engine.get(), other).empty());
  const auto theirs =
      city.engine->Execute(other, City::Parse("open { category: 'tree' }"));
  ASSERT_THAT(theirs, IsOk());
  const auto told = FollowAll(city.engine.get(), other);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].reference(), theirs->reference());
  EXPECT_EQ(FollowAll(city.engine.get(), city.admin).size(), 1u);
}

TEST_P(ChangesTest, RefusesACursorThatIsNotOfThisStore) {
  City& city = *city_;
  city.Open();
  std::string cursor;
  Follow(city.engine.get(), city.admin, &cursor);
  MemoryStore restored;
  City before(&restored);
  // As after a restore from a backup made before the events it names.
  const auto refused = before.engine->Changes(before.admin, PageOf(10, cursor));
  EXPECT_THAT(refused, HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("anew"));
  EXPECT_THAT(city.engine->Changes(city.admin, PageOf(10, "no cursor")),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  for (const int limit : {-1, limits::kPageItemsMax + 1}) {
    EXPECT_THAT(city.engine->Changes(city.admin, PageOf(limit)),
                HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  }
  EXPECT_THAT(city.engine->Changes(city.admin, PageOf(limits::kPageItemsMax)),
              IsOk());
}

std::vector<std::string> Stores() {
  std::vector<std::string> stores = {"memory"};
#ifdef HOTLINE_HAS_SQLITE
  stores.push_back("sqlite");
#endif
  return stores;
}

INSTANTIATE_TEST_SUITE_P(Stores, ChangesTest, ::testing::ValuesIn(Stores()),
                         [](const auto& store) { return store.param; });

TEST(ChangesStoreTest, WithoutAFeedItIsNotSupported) {
  City city;
  Lacking store(&city.memory);
  store.feed = false;
  auto engine = Engine::Open(&store, {.clock = &city.clock});
  ASSERT_THAT(engine, IsOk());
  const auto refused = (*engine)->Changes(city.admin, {});
  EXPECT_THAT(refused, HasReason(v1::ErrorInfo::NOT_SUPPORTED));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("`memory`"));
}

TEST(ChangesStoreTest, ReadsEachCaseOfAPageOnce) {
  City city;
  const std::string a = city.Open(), b = city.Open();
  for (int i = 0; i < 10; ++i) {
    ASSERT_THAT(city.Do(i % 2 == 0 ? a : b, kNote), IsOk());
  }
  Lacking store(&city.memory);
  auto engine = Engine::Open(&store, {.clock = &city.clock});
  ASSERT_THAT(engine, IsOk());
  const auto page = (*engine)->Changes(city.admin, PageOf(1000));
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->changes_size(), 12);
  EXPECT_EQ(store.cases_read, 2);
}

TEST(ChangesStoreTest, AnEventWithoutItsCaseIsDamageAndNamed) {
  City city;
  city.Open();
  Lacking store(&city.memory);
  store.cases = false;
  auto engine = Engine::Open(&store, {.clock = &city.clock});
  ASSERT_THAT(engine, IsOk());
  const auto damaged = (*engine)->Changes(city.admin, {});
  EXPECT_THAT(damaged, HasReason(v1::ErrorInfo::CORRUPT));
  EXPECT_THAT(std::string(damaged.status().message()),
              HasSubstr("event 1 of case "));
}

// ----------------------------------------------------------- who sees what

class ChangesViewTest : public ::testing::Test {
 protected:
  ChangesViewTest() {
    for (const char* verb :
         {"assign { assignee: 'mei' note: 'NOTEMARK' }",
          "note { visibility: INTERNAL_NOTE text: 'INSIDEMARK' }",
          "note { visibility: PUBLIC_NOTE text: 'OUTSIDEMARK' }",
          "escalate { reason: 'ESCALATEMARK' }",
          "resolve { outcome: 'ok' answer: 'ANSWERMARK' }"}) {
      EXPECT_THAT(city_.Do(own_, verb), IsOk());
    }
    v1::Command other = City::Parse("open { category: 'tree' }");
    other.mutable_open()->mutable_reporter()->set_id("citizen-2");
    others_ = city_.engine->Execute(city_.agent, other)->reference();
  }
  std::string Seen(const Actor& actor) {
    return Text(FollowAll(city_.engine.get(), actor));
  }

  City city_;
  const std::string own_ = city_.Open();
  std::string others_;
};

TEST_F(ChangesViewTest, ToThoseWhoMayNotKnowOfACaseItIsLeftOut) {
  for (const Actor& actor :
       {Actor{.tenant = "t", .id = "x", .roles = {"public"}},
        Actor{.tenant = "t", .id = "", .roles = {}},
        Actor{.tenant = "t", .id = "citizen-3", .roles = {"reporter"}},
        Actor{.tenant = "t", .id = "x", .roles = {"no such role"}}}) {
    std::string cursor;
    EXPECT_TRUE(Follow(city_.engine.get(), actor, &cursor).empty()) << actor.id;
    EXPECT_FALSE(cursor.empty());
  }
  const std::string lights = Seen(city_.lights);
  EXPECT_THAT(lights, HasSubstr(own_));
  EXPECT_THAT(lights, Not(HasSubstr(others_)));
}

TEST_F(ChangesViewTest, AReporterFollowsTheirOwnCaseAndTheirOwnWords) {
  const std::string text = Seen(city_.reporter);
  EXPECT_THAT(text, Not(HasSubstr(others_)));
  for (const char* mark : {"OUTSIDEMARK", "ANSWERMARK", "Sunday"}) {
    EXPECT_THAT(text, HasSubstr(mark));
  }
  for (const char* mark : {"NOTEMARK", "INSIDEMARK", "ESCALATEMARK", "mei",
                           "sue", "salt", "commitment"}) {
    EXPECT_THAT(text, Not(HasSubstr(mark)));
  }
}

TEST_F(ChangesViewTest, WithoutReadPersonalNoWordAndNoName) {
  const std::string text =
      Seen({.tenant = "t", .id = "m", .roles = {"machine"}});
  EXPECT_THAT(text, HasSubstr(own_));
  EXPECT_THAT(text, HasSubstr(others_));
  EXPECT_THAT(text, HasSubstr("mei"));  // staff, in the internal half
  for (const char* mark :
       {"NOTEMARK", "INSIDEMARK", "OUTSIDEMARK", "ESCALATEMARK", "ANSWERMARK",
        "Sunday", "A. Lin", "citizen-1", "sealed {", "salt"}) {
    EXPECT_THAT(text, Not(HasSubstr(mark)));
  }
}

TEST_F(ChangesViewTest, EachEventIsAsHistoryShowsIt) {
  for (const Actor& actor :
       {city_.admin, city_.supervisor, city_.agent, city_.lights,
        city_.reporter,
        Actor{.tenant = "t", .id = "m", .roles = {"machine"}}}) {
    std::string changes, history;
    for (const v1::Change& change : FollowAll(city_.engine.get(), actor)) {
      if (change.reference() == own_) changes += change.event().DebugString();
    }
    const auto events = city_.engine->History(actor, own_, PageOf(1000));
    ASSERT_THAT(events, IsOk());
    for (const v1::Event& event : events->events()) {
      history += event.DebugString();
    }
    EXPECT_EQ(changes, history) << actor.id;
    EXPECT_NE(changes, "") << actor.id;
  }
}

TEST_F(ChangesViewTest, AfterAnErasureNoReaderGetsTheWordsAgain) {
  std::string cursor;
  Mirror follower;
  follower.Apply(Follow(city_.engine.get(), city_.admin, &cursor));
  EXPECT_THAT(follower.cases().at(own_).DebugString(), HasSubstr("Sunday"));
  ASSERT_THAT(city_.Do(own_, "erase_person { basis: 'asked' }", &city_.admin),
              IsOk());
  // Who has a copy learns that it must forget; who begins anew never knows.
  follower.Apply(Follow(city_.engine.get(), city_.admin, &cursor));
  Mirror fresh;
  const auto all = FollowAll(city_.engine.get(), city_.admin);
  fresh.Apply(all);
  for (const Mirror* mirror : {&follower, &fresh}) {
    const v1::Case& on = mirror->cases().at(own_);
    EXPECT_TRUE(on.erased());
    EXPECT_FALSE(on.has_sealed());
  }
  for (const char* mark : {"INSIDEMARK", "OUTSIDEMARK", "ANSWERMARK", "Sunday",
                           "A. Lin", "citizen-1"}) {
    EXPECT_THAT(Text(all), Not(HasSubstr(mark)));
  }
}

// ---------------------------------------------------------------- a mirror

// A case as a copy and as Get shows it, byte for byte.
std::string Whole(const v1::Case& on) { return internal::Deterministic(on); }

// The mirror, with its clocks read as Get reads them.
void ExpectEqualsGetAndFind(City* city, const Policy& policy,
                            const Mirror& mirror) {
  std::map<std::string, std::string> copies;
  for (auto [reference, on] : mirror.cases()) {
    ReadClocks(policy, city->clock.TimeNow(), &on);
    copies[reference] = Whole(on);
    RC_ASSERT(copies[reference] == Whole(city->Get(reference)));
  }
  std::map<std::string, std::string> found;
  v1::Query query;
  do {
    const auto page = city->engine->Find(city->admin, query);
    RC_ASSERT(page.ok());
    for (const v1::Case& on : page->cases()) found[on.reference()] = Whole(on);
    query.mutable_page()->set_cursor(page->next_cursor());
  } while (!query.page().cursor().empty());
  RC_ASSERT(found == copies);
}

RC_GTEST_PROP(ChangesProperty, AMirrorBuiltFromTheFeedEqualsGetAndFind, ()) {
  static const Policy policy = tests::TestPolicy();
  City city;
  std::vector<std::string> references;
  std::vector<std::string> cursors = {""};
  Mirror mirror;
  const int steps = *rc::gen::inRange(1, 30);
  for (int i = 0; i < steps; ++i) {
    city.clock.AdvanceTime(absl::Minutes(*rc::gen::inRange(0, 2000)));
    if (references.empty() || *rc::gen::inRange(0, 4) == 0) {
      references.push_back(city.Open(
          *rc::gen::element<std::string>("streetlight", "pothole", "tree")));
    }
    const std::string& on = *rc::gen::elementOf(references);
    (void)city.Do(  // refused where it is illegal: nothing is told then
        on,
        *rc::gen::element(
            "accept {}", "assign { assignee: 'mei' unit: 'works' }",
            "transfer { unit: 'parks' reason: 'tree' }",
            "wait { for: FOR_REPORTER reason: 'which?' }", "resume {}",
            "resolve { outcome: 'ok' answer: 'mended' }",
            "close_and_follow_up { outcome: 'ok' task: 'pole' }", "reopen {}",
            "reclassify { category: 'pothole' }",
            "relocate { place { latitude: 25.03 longitude: 121.5 } }",
            "correct { description: 'brighter' language: 'en' }",
            "note { visibility: INTERNAL_NOTE text: 'in' }",
            "rate { score: 2 comment: 'slow' }",
            "erase_person { basis: 'asked' }"),
        &city.admin);
    if (*rc::gen::inRange(0, 3) == 0) {
      RC_ASSERT(city.engine->RunDue(absl::Seconds(10)).ok());
    }
    if (*rc::gen::inRange(0, 3) == 0) {
      // From the newest cursor, or an older one, as after a crash.
      std::string cursor = *rc::gen::elementOf(cursors);
      if (*rc::gen::arbitrary<bool>()) cursor = cursors.back();
      mirror.Apply(Follow(city.engine.get(), city.admin, &cursor,
                          *rc::gen::inRange(1, 20)));
      cursors.push_back(cursor);
    }
  }
  mirror.Apply(Follow(city.engine.get(), city.admin, &cursors.back()));
  ExpectEqualsGetAndFind(&city, policy, mirror);
}

}  // namespace
}  // namespace hotline
