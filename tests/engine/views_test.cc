// Who sees what; references, pages and batches; two engines on one store.
#include <algorithm>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/engine.h"
#include "hotline/limits.h"
#include "hotline/testing/matchers.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using hotline::testing::HasReason;
using hotline::testing::IsOk;
using hotline::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::At;
using tests::City;

// A case with everything in it that somebody must not see.
std::string Told(City* city) {
  const std::string ref = city->Open();
  for (const char* verb :
       {"assign { assignee: 'mei' note: 'NOTEMARK' }",
        "note { visibility: INTERNAL_NOTE text: 'INSIDEMARK' }",
        "note { visibility: PUBLIC_NOTE text: 'OUTSIDEMARK' }",
        "escalate { reason: 'ESCALATEMARK' }",
        "resolve { outcome: 'ok' answer: 'ANSWERMARK' }"}) {
    EXPECT_THAT(city->Do(ref, verb), IsOk());
  }
  return ref;
}

// Everything an actor can read of the case, as one text.
std::string Everything(City* city, const Actor& actor, const std::string& ref) {
  std::string text;
  const auto on = city->engine->Get(actor, ref);
  if (on.ok()) text += on->DebugString();
  const auto history = city->engine->History(actor, ref, {});
  if (history.ok()) text += history->DebugString();
  const auto list = city->engine->Find(actor, {});
  if (list.ok()) text += list->DebugString();
  return text;
}

TEST(ViewTest, AStrangerWithTheReferenceSeesWhatIsPublicAndNothingElse) {
  City city;
  const std::string ref = Told(&city);
  for (const Actor& actor :
       {Actor{.tenant = "t", .id = "x", .roles = {"public"}},
        Actor{.tenant = "t", .id = "", .roles = {}},
        Actor{.tenant = "t", .id = "citizen-2", .roles = {"reporter"}},
        Actor{.tenant = "t", .id = "x", .roles = {"no such role"}}}) {
    const std::string text = Everything(&city, actor, ref);
    EXPECT_THAT(text, HasSubstr("FIXED"));
    EXPECT_THAT(text, HasSubstr(ref));
    for (const char* mark :
         {"NOTEMARK", "INSIDEMARK", "OUTSIDEMARK", "ESCALATEMARK", "ANSWERMARK",
          "mei", "citizen-1", "A. Lin", "Sunday", "sue", "salt", "resolve\""}) {
      EXPECT_THAT(text, Not(HasSubstr(mark))) << actor.id;
    }
  }
}

TEST(ViewTest, TheReporterSeesTheirOwnWordsTheAnswerAndTheDue) {
  City city;
  const std::string ref = Told(&city);
  const std::string text = Everything(&city, city.reporter, ref);
  for (const char* mark : {"OUTSIDEMARK", "ANSWERMARK", "Sunday", "due"}) {
    EXPECT_THAT(text, HasSubstr(mark));
  }
  for (const char* mark :
       {"NOTEMARK", "INSIDEMARK", "ESCALATEMARK", "mei", "sue", "salt"}) {
    EXPECT_THAT(text, Not(HasSubstr(mark)));
  }
}

TEST(ViewTest, StaffSeeAllButSecrets) {
  City city;
  const std::string ref = Told(&city);
  for (const Actor& actor : {city.agent, city.lights, city.supervisor}) {
    const std::string text = Everything(&city, actor, ref);
    for (const char* mark :
         {"NOTEMARK", "INSIDEMARK", "ESCALATEMARK", "mei", "A. Lin"}) {
      EXPECT_THAT(text, HasSubstr(mark)) << actor.id;
    }
    EXPECT_THAT(text, Not(HasSubstr("salt")));
  }
}

TEST(ViewTest, AnotherUnitNeitherReadsNorActs) {
  City city;
  const std::string ref = Told(&city);
  const Actor parks = {
      .tenant = "t", .id = "pat", .roles = {"unit"}, .units = {"parks"}};
  EXPECT_THAT(Everything(&city, parks, ref), Not(HasSubstr("INSIDEMARK")));
  EXPECT_THAT(
      city.Do(ref, "note { visibility: PUBLIC_NOTE text: 'x' }", &parks),
      HasReason(v1::ErrorInfo::CASE_NOT_FOUND));
  const auto list = city.engine->Find(parks, {});
  ASSERT_THAT(list, IsOk());
  EXPECT_EQ(list->cases_size(), 0);
}

TEST(ViewTest, OnesOwnCaseIsKnownButNotEveryVerbIsAllowed) {
  City city;
  const std::string ref = city.Open();
  EXPECT_THAT(city.Do(ref, "assign { assignee: 'me' }", &city.reporter),
              HasReason(v1::ErrorInfo::PERMISSION_DENIED));
  const Actor other = {.tenant = "t", .id = "citizen-2", .roles = {"reporter"}};
  EXPECT_THAT(city.Do(ref, "cancel {}", &other),
              HasReason(v1::ErrorInfo::CASE_NOT_FOUND));
  EXPECT_THAT(city.Do(ref, "cancel {}", &city.reporter), IsOk());
}

TEST(ViewTest, WithoutARoleNothingIsDone) {
  City city;
  const std::string ref = city.Open();
  const Actor nobody = {.tenant = "t", .id = "nobody", .roles = {}};
  EXPECT_THAT(city.Do(ref, "accept {}", &nobody),
              HasReason(v1::ErrorInfo::CASE_NOT_FOUND));
  EXPECT_THAT(
      city.engine->Execute(nobody, City::Parse("open { category: 'tree' }")),
      HasReason(v1::ErrorInfo::PERMISSION_DENIED));
  v1::Contact contact;
  contact.set_kind(v1::Contact::INQUIRY);
  EXPECT_THAT(city.engine->RecordContact(nobody, contact),
              HasReason(v1::ErrorInfo::PERMISSION_DENIED));
  EXPECT_THAT(city.engine->Adopt(nobody, tests::TestPolicy(), 1),
              HasReason(v1::ErrorInfo::PERMISSION_DENIED));
}

TEST(ViewTest, AnotherTenantsReferenceLeadsNowhere) {
  City city;
  const std::string ref = city.Open();
  const Actor other = {.tenant = "u", .id = "ada", .roles = {"admin"}};
  EXPECT_THAT(city.engine->Get(other, ref),
              HasReason(v1::ErrorInfo::NO_POLICY));
  ASSERT_THAT(city.engine->Adopt(other, tests::TestPolicy(), 0), IsOk());
  EXPECT_THAT(city.engine->Get(other, ref),
              HasReason(v1::ErrorInfo::CASE_NOT_FOUND));
  EXPECT_THAT(city.Do(ref, "accept {}", &other),
              HasReason(v1::ErrorInfo::CASE_NOT_FOUND));
}

TEST(ViewTest, AnInternalNoteDoesNotMoveThePublicTimestamp) {
  City city;
  const std::string ref = city.Open();
  const auto before = city.Get(ref).public_updated_at().seconds();
  city.clock.AdvanceTime(absl::Hours(1));
  ASSERT_THAT(city.Do(ref, "note { visibility: INTERNAL_NOTE text: 'x' }"),
              IsOk());
  EXPECT_EQ(city.Get(ref).public_updated_at().seconds(), before);
  ASSERT_THAT(city.Do(ref, "note { visibility: PUBLIC_NOTE text: 'x' }"),
              IsOk());
  EXPECT_EQ(city.Get(ref).public_updated_at().seconds(), before + 3600);
}

// An authorizer of the host's own, which says no but to one verb.
class OnlyNotes final : public Authorizer {
 public:
  Decision MayDo(const Actor&, v1::Verb verb,
                 std::span<const v1::Case>) override {
    return verb == v1::NOTE ? kAllow : kDeny;
  }
  Decision May(const Actor&, v1::Permission, const v1::Case*) override {
    return kDeny;
  }
};

TEST(ViewTest, TheHostsAuthorizerDecidesAlone) {
  City city;
  const std::string ref = city.Open();
  OnlyNotes only_notes;
  auto engine = Engine::Open(city.store, {.clock = &city.clock,
                                          .authorizer = &only_notes,
                                          .entropy = &city.entropy});
  ASSERT_THAT(engine, IsOk());
  v1::Command note = City::Parse("note { visibility: PUBLIC_NOTE text: 'x' }");
  note.set_reference(ref);
  EXPECT_THAT((*engine)->Execute(city.admin, note), IsOk());
  v1::Command accept = City::Parse("accept {}");
  accept.set_reference(ref);
  EXPECT_THAT((*engine)->Execute(city.admin, accept),
              StatusIs(absl::StatusCode::kNotFound));
  const auto seen = (*engine)->Get(city.admin, ref);
  ASSERT_THAT(seen, IsOk());
  EXPECT_FALSE(seen->has_sealed());
}

// ------------------------------------------------------------- references

TEST(ReferenceTest, IsReadAsPeopleWriteIt) {
  City city;
  const std::string ref = city.Open();  // 4821-0937-55126
  std::string digits = ref;
  std::erase(digits, '-');
  std::string spaced = ref;
  std::replace(spaced.begin(), spaced.end(), '-', ' ');
  for (const std::string& typed : {ref, digits, spaced}) {
    EXPECT_THAT(city.engine->Get(city.agent, typed), IsOk()) << typed;
  }
}

TEST(ReferenceTest, AMistypedOneIsSaidToBeNone) {
  City city;
  std::string ref = city.Open();
  ref.back() = ref.back() == '9' ? '0' : static_cast<char>(ref.back() + 1);
  for (const std::string& typed :
       {ref, std::string("nonsense"), std::string(), std::string("\xff\xfe"),
        std::string(100'000, '4'),
        std::string("1\0"
                    "2",
                    3)}) {
    const auto found = city.engine->Get(city.agent, typed);
    EXPECT_THAT(found, HasReason(v1::ErrorInfo::CASE_NOT_FOUND));
    EXPECT_THAT(std::string(found.status().message()),
                HasSubstr("there is no case"));
  }
}

TEST(ReferenceTest, ACommandWithoutReferenceNeedsOne) {
  City city;
  EXPECT_THAT(city.Do("", "accept {}"),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
}

// ------------------------------------------------------------------ pages

TEST(PageTest, ListsAndHistoriesGoOnWhereTheyEndedAndAreBounded) {
  City city;
  for (int i = 0; i < 7; ++i) city.Open();
  v1::Query query;
  query.mutable_page()->set_limit(3);
  std::set<std::string> seen;
  int pages = 0;
  do {
    const auto page = city.engine->Find(city.agent, query);
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->cases_size(), 3);
    for (const v1::Case& on : page->cases()) {
      EXPECT_TRUE(seen.insert(on.reference()).second);
    }
    query.mutable_page()->set_cursor(page->next_cursor());
    ++pages;
  } while (!query.page().cursor().empty() && pages < 10);
  EXPECT_EQ(seen.size(), 7u);

  for (const int limit : {-1, limits::kPageItemsMax + 1}) {
    query.Clear();
    query.mutable_page()->set_limit(limit);
    EXPECT_THAT(city.engine->Find(city.agent, query),
                HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
    EXPECT_THAT(city.engine->History(city.agent, *seen.begin(), query.page()),
                HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  }
  query.mutable_page()->set_limit(limits::kPageItemsMax);
  EXPECT_THAT(city.engine->Find(city.agent, query), IsOk());
  query.mutable_page()->set_cursor("not from here");
  EXPECT_THAT(city.engine->Find(city.agent, query),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  EXPECT_THAT(city.engine->History(city.agent, *seen.begin(), query.page()),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
}

TEST(PageTest, AHistoryIsReadPageByPage) {
  City city;
  const std::string ref = city.Open();
  for (int i = 0; i < 6; ++i) {
    ASSERT_THAT(city.Do(ref, "note { visibility: PUBLIC_NOTE text: 'x' }"),
                IsOk());
  }
  v1::Page page;
  page.set_limit(3);
  int64_t next = 1;
  do {
    const auto events = city.engine->History(city.agent, ref, page);
    ASSERT_THAT(events, IsOk());
    for (const v1::Event& event : events->events()) {
      EXPECT_EQ(event.version(), next++);
    }
    page.set_cursor(events->next_cursor());
  } while (!page.cursor().empty());
  EXPECT_EQ(next, 8);
}

TEST(BatchTest, AThousandCommandsAreTakenAndNotOneMore) {
  City city;
  const std::vector<v1::Command> many(limits::kBatchCommandsMax + 1,
                                      City::Parse("open { category: 'tree' }"));
  const auto refused = city.engine->ExecuteBatch(city.agent, many);
  ASSERT_EQ(refused.size(), many.size());
  EXPECT_THAT(refused[0], HasReason(v1::ErrorInfo::LIMIT_EXCEEDED));
  const auto taken = city.engine->ExecuteBatch(
      city.agent, std::span(many).first(limits::kBatchCommandsMax));
  EXPECT_THAT(taken.front(), IsOk());
  EXPECT_THAT(taken.back(), IsOk());
  EXPECT_TRUE(city.engine->ExecuteBatch(city.agent, {}).empty());
}

TEST(ActorTest, IsBoundedAndOfATenant) {
  City city;
  for (const Actor& bad :
       {Actor{.tenant = "", .id = "x", .roles = {"admin"}},
        Actor{.tenant = "t", .id = std::string(129, 'x'), .roles = {"admin"}},
        Actor{.tenant = "t", .id = "a\xff", .roles = {"admin"}}}) {
    EXPECT_THAT(city.engine->Get(bad, "x"),
                HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
    EXPECT_THAT(
        city.engine->Execute(bad, City::Parse("open { category: 'tree' }")),
        HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  }
}

// ----------------------------------------------------------- two engines

TEST(TwoEnginesTest, APolicyThatTheOtherAdoptedIsSeenWithinASecond) {
  City city;
  auto other = Engine::Open(city.store,
                            {.clock = &city.clock, .entropy = &city.entropy});
  ASSERT_THAT(other, IsOk());
  const std::string text =
      std::string(tests::kPolicy) + "categories { code: 'flood' kind: CASE }";
  ASSERT_THAT((*other)->Adopt(city.admin, tests::TestPolicy(text), 1), IsOk());
  EXPECT_THAT((*other)->Adopt(city.admin, tests::TestPolicy(), 1),
              HasReason(v1::ErrorInfo::VERSION_CONFLICT));
  city.clock.AdvanceTime(absl::Seconds(1));
  const v1::Command flood = City::Parse("open { category: 'flood' }");
  EXPECT_THAT(city.engine->Execute(city.agent, flood), IsOk());
  int64_t version = 0;
  ASSERT_THAT(city.engine->CurrentPolicy(city.admin, &version), IsOk());
  EXPECT_EQ(version, 2);
}

TEST(TwoEnginesTest, ACaseOfANewerPolicyIsJudgedByItAtOnce) {
  City city;
  auto other = Engine::Open(city.store,
                            {.clock = &city.clock, .entropy = &city.entropy});
  ASSERT_THAT(other, IsOk());
  const std::string text =
      std::string(tests::kPolicy) + "categories { code: 'flood' kind: CASE }";
  ASSERT_THAT((*other)->Adopt(city.admin, tests::TestPolicy(text), 1), IsOk());
  const auto opened =
      (*other)->Execute(city.agent, City::Parse("open { category: 'flood' }"));
  ASSERT_THAT(opened, IsOk());
  EXPECT_THAT(city.Do(opened->reference(), "accept {}"), IsOk());
}

}  // namespace
}  // namespace hotline
