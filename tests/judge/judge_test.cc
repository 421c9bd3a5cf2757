// What each verb does to a case, as a pure function: facts, refusals, clocks.
#include "hotline/judge.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/limits.h"
#include "hotline/testing/case_builder.h"
#include "hotline/testing/matchers.h"
#include "src/base/time.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using hotline::testing::CaseBuilder;
using hotline::testing::HasReason;
using hotline::testing::IsOk;
using hotline::testing::ParseCommand;
using internal::FromTimestamp;
using internal::SetTimestamp;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tests::At;
using tests::ClockOf;
using tests::TestPolicy;

const Actor kSue = {.tenant = "t", .id = "sue", .roles = {"supervisor"}};
const Actor kAda = {.tenant = "t", .id = "ada", .roles = {"admin"}};
const Actor kCitizen = {
    .tenant = "t", .id = "citizen-1", .roles = {"reporter"}};

// Thursday, before the week of the Lunar New Year.
CaseBuilder Builder(std::string_view policy = tests::kPolicy,
                    uint64_t seed = 1) {
  return CaseBuilder(TestPolicy(policy), At("2026-02-12T09:00:00+08:00"), seed);
}

CaseBuilder Opened(std::string_view category = "streetlight") {
  CaseBuilder builder = Builder();
  builder.Open(category);
  return builder;
}

// A command with an instant of its own.
v1::Command Late(std::string_view verb, std::string_view at) {
  v1::Command command = ParseCommand(verb);
  SetTimestamp(At(at), command.mutable_at());
  return command;
}

// "opened state_changed clock_set ..." of the newest event, each kind once.
std::string Facts(const CaseBuilder& builder) {
  std::string kinds;
  std::set<std::string> seen;
  for (const v1::Fact& fact : builder.events().back().facts()) {
    const auto* kind =
        v1::Fact::descriptor()->FindFieldByNumber(fact.kind_case());
    if (kind != nullptr && seen.insert(kind->name()).second) {
      kinds += (kinds.empty() ? "" : " ") + kind->name();
    }
  }
  return kinds;
}

struct VerbRow {
  const char* category;
  std::vector<const char*> before;
  const char* verb;
  const char* facts;
  const char* state;
};

void PrintTo(const VerbRow& row, std::ostream* os) { *os << row.verb; }

class VerbTest : public ::testing::TestWithParam<VerbRow> {};

TEST_P(VerbTest, IsRecordedAsItsFacts) {
  CaseBuilder builder = Opened(GetParam().category);
  for (const char* verb : GetParam().before)
    builder.After(absl::Minutes(1)).Do(verb);
  builder.By(kAda).After(absl::Minutes(1)).Do(GetParam().verb);
  EXPECT_EQ(Facts(builder), GetParam().facts);
  EXPECT_EQ(builder.Build().state(), GetParam().state);
  EXPECT_EQ(builder.Build().version(),
            static_cast<int64_t>(GetParam().before.size()) + 2);
}

#define ASK \
  "request_extension { until { seconds: 1772150400 } reason: 'parts' }"
#define FILE_OF(v)                                                      \
  "attach { blob: 'b1' size: 9 media_type: 'image/jpeg' visibility: " v \
  " sha256: '01234567890123456789012345678901' name: 'lamp.jpg' }"

INSTANTIATE_TEST_SUITE_P(
    Verbs, VerbTest,
    ::testing::Values(
        VerbRow{"streetlight",
                {},
                "accept { note: 'ok' }",
                "noted state_changed clock_set",
                "in_progress"},
        VerbRow{"streetlight",
                {},
                "assign { assignee: 'mei' }",
                "assigned state_changed clock_set",
                "assigned"},
        VerbRow{"streetlight",
                {},
                "transfer { unit: 'parks' reason: 'tree' }",
                "assigned noted state_changed",
                "assigned"},
        VerbRow{"streetlight",
                {},
                "return { reason: 'not ours' }",
                "noted assigned",
                "new"},
        VerbRow{"streetlight",
                {},
                "wait { for: FOR_REPORTER reason: 'which?' }",
                "waiting_set noted state_changed clock_set",
                "waiting"},
        VerbRow{"streetlight",
                {"wait { for: FOR_REPORTER reason: 'which?' }"},
                "resume {}",
                "waiting_set state_changed clock_set noticed",
                "in_progress"},
        VerbRow{"streetlight",
                {},
                "resolve { outcome: 'ok' answer: 'mended' }",
                "resolved noted reopen_window_set state_changed clock_set "
                "noticed",
                "resolved"},
        VerbRow{"streetlight",
                {"accept {}"},
                "request_closure { outcome: 'ok' answer: 'mended' }",
                "closure_request_set noted",
                "in_progress"},
        VerbRow{"streetlight",
                {"accept {}", "request_closure { outcome: 'ok' }"},
                "approve_closure {}",
                "resolved closure_request_set reopen_window_set state_changed "
                "clock_set",
                "closed"},
        VerbRow{"streetlight",
                {"accept {}", "request_closure { outcome: 'ok' }"},
                "decline_closure { reason: 'no photo' }",
                "closure_request_set noted",
                "in_progress"},
        VerbRow{"streetlight",
                {},
                "close { outcome: 'ok' }",
                "resolved reopen_window_set state_changed clock_set",
                "closed"},
        VerbRow{"streetlight",
                {},
                "close_and_follow_up { outcome: 'ok' task: 'new pole' }",
                "resolved follow_up_set reopen_window_set state_changed "
                "clock_set",
                "followed_up"},
        VerbRow{"streetlight",
                {"close_and_follow_up { outcome: 'ok' }"},
                "complete_follow_up {}",
                "follow_up_set state_changed clock_set",
                "closed"},
        VerbRow{"streetlight",
                {"resolve { outcome: 'ok' }"},
                "reopen { reason: 'dark again' }",
                "resolved reopen_window_set noted state_changed clock_set "
                "noticed",
                "in_progress"},
        VerbRow{"streetlight",
                {},
                "reclassify { category: 'pothole' }",
                "classified clock_set assigned noticed",
                "new"},
        VerbRow{"streetlight",
                {},
                "reprioritise { priority: 'high' }",
                "classified clock_set noticed",
                "new"},
        VerbRow{"streetlight",
                {},
                "relocate { place { area: 'xinyi' } }",
                "located",
                "new"},
        VerbRow{"streetlight",
                {},
                "correct { language: 'en' }",
                "language_set",
                "new"},
        VerbRow{"streetlight",
                {},
                "note { visibility: PUBLIC_NOTE text: 'seen' }",
                "noted",
                "new"},
        VerbRow{"streetlight", {}, FILE_OF("PUBLIC_NOTE"), "attached", "new"},
        VerbRow{"streetlight",
                {"resolve { outcome: 'ok' }"},
                "rate { score: 4 comment: 'quick' }",
                "rated noted",
                "resolved"},
        VerbRow{"streetlight",
                {},
                "escalate { reason: 'mayor' }",
                "escalated noted",
                "new"},
        VerbRow{"streetlight", {}, ASK, "extension_set noted", "new"},
        VerbRow{"streetlight",
                {ASK},
                "approve_extension {}",
                "extension_set clock_set noticed",
                "new"},
        VerbRow{"streetlight",
                {ASK},
                "decline_extension {}",
                "extension_set",
                "new"},
        VerbRow{"streetlight",
                {},
                "cancel { reason: 'mended itself' }",
                "noted state_changed clock_set",
                "cancelled"},
        VerbRow{"streetlight",
                {},
                "reject { responsible: 'the province' }",
                "resolved reopen_window_set state_changed clock_set",
                "rejected"},
        VerbRow{"streetlight",
                {},
                "erase_person { basis: 'request' }",
                "erased",
                "new"}));

TEST(JudgeTest, OpeningSaysWhoWhatWhereWhoHandlesItAndUntilWhen) {
  const CaseBuilder builder = Opened();
  EXPECT_EQ(Facts(builder),
            "opened classified state_changed assigned clock_set noticed");
  const v1::Case& on = builder.Build();
  EXPECT_EQ(on.reporter(), "citizen-1");
  EXPECT_EQ(on.unit(), "lights");
  EXPECT_EQ(on.priority(), "normal");
  EXPECT_EQ(on.id().size(), 16u);
  EXPECT_EQ(on.clocks_size(), 2);
  EXPECT_EQ(on.told_due().seconds(), ClockOf(on, "resolve")->due().seconds());
  ASSERT_EQ(builder.deliveries().size(), 1u);
  EXPECT_EQ(builder.deliveries()[0].recipient, "reporter");
}

// ------------------------------------------------- illegal in every state

const std::vector<std::pair<const char*, std::vector<const char*>>>& States() {
  static const auto* const list =
      new std::vector<std::pair<const char*, std::vector<const char*>>>{
          {"new", {}},
          {"assigned", {"assign { assignee: 'mei' }"}},
          {"in_progress", {"accept {}"}},
          {"waiting", {"wait { for: FOR_THIRD_PARTY reason: 'x' }"}},
          {"resolved", {"resolve { outcome: 'ok' }"}},
          {"closed", {"close { outcome: 'ok' }"}},
          {"followed_up", {"close_and_follow_up { outcome: 'ok' }"}},
          {"cancelled", {"cancel {}"}},
          {"rejected", {"reject {}"}}};
  return *list;
}

// A well-formed command of every verb that concerns one case.
const std::vector<const char*>& Verbs() {
  static const auto* const list = new std::vector<const char*>{
      "accept {}",
      "assign { assignee: 'a' }",
      "transfer { unit: 'parks' reason: 'x' }",
      "return { reason: 'x' }",
      "wait { for: FOR_REPORTER reason: 'x' }",
      "resume {}",
      "resolve { outcome: 'ok' }",
      "request_closure { outcome: 'ok' }",
      "approve_closure {}",
      "decline_closure {}",
      "close { outcome: 'ok' }",
      "close_and_follow_up { outcome: 'ok' }",
      "complete_follow_up {}",
      "reopen {}",
      "split { open { category: 'tree' } }",
      "reclassify { category: 'tree' }",
      "reprioritise { priority: 'high' }",
      "relocate { place { area: 'xinyi' } }",
      "correct { language: 'en' }",
      "note { visibility: INTERNAL_NOTE text: 'x' }",
      FILE_OF("INTERNAL_NOTE"),
      "rate { score: 5 }",
      "escalate {}",
      ASK,
      "approve_extension {}",
      "decline_extension {}",
      "cancel {}",
      "reject {}",
      "erase_person { basis: 'x' }"};
  return *list;
}

TEST(JudgeTest, AVerbIsDoneOrRefusedWithTheLegalOnesInEveryState) {
  int refused = 0;
  for (const auto& [state, road] : States()) {
    CaseBuilder builder = Opened();
    for (const char* verb : road) builder.After(absl::Minutes(1)).Do(verb);
    ASSERT_EQ(builder.Build().state(), state);
    builder.After(absl::Minutes(1));
    const std::string before = builder.Build().SerializeAsString();
    for (const char* verb : Verbs()) {
      const auto judged = builder.Try(verb);
      if (judged.ok()) continue;
      ++refused;
      ASSERT_THAT(judged, HasReason(v1::ErrorInfo::ILLEGAL_VERB))
          << state << " " << verb;
      const v1::ErrorInfo info = InfoOf(judged.status());
      EXPECT_GT(info.legal_verbs_size(), 0);
      EXPECT_EQ(info.reference(), builder.Build().reference());
      const std::string name = VerbName(VerbOf(ParseCommand(verb)));
      EXPECT_THAT(std::string(judged.status().message()),
                  AllOf(HasSubstr(std::string(" is ") + state),
                        HasSubstr("\"" + name + "\" is not legal here.")));
      // None of the legal ones is the refused one, unless for another person.
      for (const std::string& legal : info.legal_verbs()) {
        EXPECT_TRUE(legal.find('(') != std::string::npos || legal != name);
      }
    }
    EXPECT_EQ(builder.Build().SerializeAsString(), before);
  }
  EXPECT_GT(refused, 100);
}

// ------------------------------------------------------------ late facts

TEST(JudgeLateTest, AnInstantOfItsOwnNeedsPermission) {
  CaseBuilder builder = Opened();
  builder.After(absl::Hours(3))
      .By({.tenant = "t", .id = "ali", .roles = {"agent"}});
  EXPECT_THAT(builder.Try(Late("accept {}", "2026-02-12T10:00:00+08:00")),
              HasReason(v1::ErrorInfo::PERMISSION_DENIED));
}

TEST(JudgeLateTest, NothingHappensBeforeTheOpeningOrInTheFuture) {
  CaseBuilder builder = Opened();
  builder.After(absl::Hours(3));
  EXPECT_THAT(builder.Try(Late("accept {}", "2026-02-12T08:59:59+08:00")),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  EXPECT_THAT(builder.Try(Late("accept {}", "2026-02-12T12:00:01+08:00")),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  EXPECT_THAT(builder.Try(Late("accept {}", "2026-02-12T12:00:00+08:00")),
              IsOk());
}

TEST(JudgeLateTest, ALateStopWithdrawsTheBreachThatCameAfterIt) {
  CaseBuilder builder = Opened("pothole");
  builder.At(At("2026-02-13T10:00:00+08:00")).Do("tick {}");
  ASSERT_TRUE(ClockOf(builder.Build(), "resolve")->breached());
  builder.After(absl::Hours(1))
      .Do(Late("resolve { outcome: 'ok' }", "2026-02-12T20:00:00+08:00"));
  const v1::ClockState* clock = ClockOf(builder.Build(), "resolve");
  EXPECT_FALSE(clock->breached());
  EXPECT_EQ(clock->state(), v1::ClockState::STOPPED);
  ASSERT_EQ(clock->levels_size(), 2);
  for (const v1::LevelMark& mark : clock->levels()) {
    EXPECT_TRUE(mark.withdrawn()) << mark.level();
  }
  EXPECT_THAT(Facts(builder), HasSubstr("level_withdrawn"));
  // The state does not go back in time.
  EXPECT_EQ(FromTimestamp(builder.Build().state_since()),
            At("2026-02-12T20:00:00+08:00"));
}

TEST(JudgeLateTest, ALateWaitCostsFromWhenItBegan) {
  CaseBuilder builder = Opened("pothole");  // 24 hours by the wall clock
  builder.After(absl::Hours(5))
      .Do(Late("wait { for: FOR_REPORTER reason: 'x' }",
               "2026-02-12T10:00:00+08:00"));
  builder.After(absl::Hours(1)).Do("resume {}");
  EXPECT_EQ(FromTimestamp(ClockOf(builder.Build(), "resolve")->due()),
            At("2026-02-13T14:00:00+08:00"));
}

TEST(JudgeLateTest, ALateWaitDoesNotReachBackBeyondTheLastResume) {
  CaseBuilder builder = Opened("pothole");
  builder.After(absl::Hours(2)).Do("wait { for: FOR_REPORTER reason: 'x' }");
  builder.After(absl::Hours(2)).Do("resume {}");
  builder.After(absl::Hours(2))
      .Do(Late("wait { for: FOR_REPORTER reason: 'x' }",
               "2026-02-12T10:00:00+08:00"));
  // It waits, so the clock rests, whatever lies before.
  EXPECT_EQ(ClockOf(builder.Build(), "resolve")->state(),
            v1::ClockState::PAUSED);
  builder.After(absl::Hours(1)).Do("resume {}");
  EXPECT_EQ(ClockOf(builder.Build(), "resolve")->state(),
            v1::ClockState::RUNNING);
}

TEST(JudgeLateTest, ALateAnswerAfterAReopeningStopsTheClockThatRuns) {
  CaseBuilder builder = Opened("pothole");
  builder.After(absl::Hours(2)).Do("resolve { outcome: 'ok' }");
  builder.After(absl::Hours(2)).Do("reopen {}");
  builder.After(absl::Hours(2))
      .Do(Late("resolve { outcome: 'ok' }", "2026-02-12T12:00:00+08:00"));
  EXPECT_EQ(builder.Build().state(), "resolved");
  EXPECT_EQ(ClockOf(builder.Build(), "resolve")->state(),
            v1::ClockState::STOPPED);
}

// ------------------------------------------- more time, closing, reopening

TEST(JudgeTest, AnExtensionMovesTheDueAndTheReporterIsToldOnce) {
  CaseBuilder builder = Opened();
  builder.After(absl::Hours(1)).Do(ASK);
  EXPECT_THAT(builder.Try("approve_extension {}"),
              HasReason(v1::ErrorInfo::ILLEGAL_VERB));  // the asker
  builder.By(kAda).Do("approve_extension {}");
  EXPECT_EQ(ClockOf(builder.Build(), "resolve")->due().seconds(), 1772150400);
  EXPECT_EQ(builder.deliveries().back().notice, "moved");
  EXPECT_EQ(builder.Build().extension().state(), v1::Extension::GRANTED);
  EXPECT_EQ(builder.Build().extension().decided_by(), "ada");
}

TEST(JudgeTest, MoreTimeIsAskedForBeforeTheClockThatIsNamedIsDue) {
  CaseBuilder builder = Opened();
  builder.At(At("2026-02-12T15:00:00+08:00"));  // accept was due at 14:00
  EXPECT_THAT(builder.Try("request_extension { clock: 'accept' "
                          "until { seconds: 1772150400 } }"),
              HasReason(v1::ErrorInfo::ILLEGAL_VERB));
  EXPECT_THAT(builder.Try(ASK), IsOk());
}

TEST(JudgeTest, AClockThatHasEndedIsGivenNoMoreTime) {
  CaseBuilder builder = Opened();
  builder.After(absl::Hours(1)).Do("accept {}");
  EXPECT_THAT(builder.Try("request_extension { clock: 'accept' "
                          "until { seconds: 1772150400 } }"),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
}

TEST(JudgeTest, TheAskerDoesNotApproveTheirOwnClosure) {
  CaseBuilder builder = Opened();
  builder.Do("accept {}").Do("request_closure { outcome: 'ok' answer: 'new' }");
  EXPECT_THAT(builder.Try("approve_closure {}"),
              HasReason(v1::ErrorInfo::ILLEGAL_VERB));
  builder.By(kAda).Do("approve_closure {}");
  EXPECT_EQ(builder.Build().outcome(), "ok");
  EXPECT_EQ(builder.Build().sealed().answer(), "new");
  EXPECT_FALSE(builder.Build().has_closure_request());
}

TEST(JudgeTest, AFollowUpHasItsOwnClockAndOwner) {
  CaseBuilder builder = Opened();
  builder.Do("close_and_follow_up { outcome: 'ok' unit: 'works' }");
  EXPECT_EQ(builder.Build().follow_up().unit(), "works");
  EXPECT_EQ(ClockOf(builder.Build(), "resolve")->state(),
            v1::ClockState::STOPPED);
  EXPECT_EQ(FromTimestamp(ClockOf(builder.Build(), "follow_up")->due()),
            At("2026-03-15T00:00:00+08:00"));
  builder.At(At("2026-03-20T00:00:00+08:00")).Do("tick {}");
  EXPECT_TRUE(ClockOf(builder.Build(), "follow_up")->breached());
  builder.Do("complete_follow_up {}");
  EXPECT_FALSE(builder.Build().follow_up().open());
  EXPECT_EQ(ClockOf(builder.Build(), "follow_up")->state(),
            v1::ClockState::STOPPED);
}

// The policy with one more field on its clock "resolve".
std::string WithClock(const std::string& field) {
  std::string text = tests::kPolicy;
  const std::string after = "ladder: \"usual\"";
  text.insert(text.find(after) + after.size(), " " + field);
  return text;
}

TEST(JudgeTest, AReopeningResumesBeginsAnewOrLeavesTheClockAsThePolicySays) {
  const auto reopened = [](const char* mode) {
    CaseBuilder builder = Builder(WithClock(std::string("reopening: ") + mode));
    builder.Open("pothole")
        .After(absl::Hours(4))
        .Do("resolve { outcome: 'o' }");
    builder.After(absl::Hours(10)).Do("reopen {}");
    return *ClockOf(builder.Build(), "resolve");
  };
  const v1::ClockState used = reopened("RESUME_USED");
  EXPECT_EQ(used.cycle(), 1);
  EXPECT_EQ(FromTimestamp(used.due()), At("2026-02-13T19:00:00+08:00"));
  const v1::ClockState anew = reopened("NEW_CYCLE");
  EXPECT_EQ(anew.cycle(), 2);
  EXPECT_EQ(FromTimestamp(anew.due()), At("2026-02-13T23:00:00+08:00"));
  EXPECT_EQ(reopened("STAY").state(), v1::ClockState::STOPPED);
}

TEST(JudgeTest, ACancelledCaseTakenUpAgainHasItsPromiseAgain) {
  CaseBuilder builder = Opened("pothole");
  builder.After(absl::Hours(4)).Do("cancel {}");
  EXPECT_EQ(ClockOf(builder.Build(), "resolve")->state(),
            v1::ClockState::CANCELLED);
  builder.After(absl::Hours(10)).Do("reopen {}");
  EXPECT_EQ(ClockOf(builder.Build(), "resolve")->state(),
            v1::ClockState::RUNNING);
  EXPECT_EQ(FromTimestamp(ClockOf(builder.Build(), "resolve")->due()),
            At("2026-02-13T19:00:00+08:00"));
}

TEST(JudgeTest, TheReporterReopensWithinTheWindowOnly) {
  CaseBuilder builder = Opened();
  builder.Do("close { outcome: 'ok' }").By(kCitizen);
  builder.After(absl::Hours(720));
  EXPECT_THAT(builder.Try("reopen {}"), IsOk());
  builder.After(absl::Milliseconds(1));
  EXPECT_THAT(builder.Try("reopen {}"), HasReason(v1::ErrorInfo::ILLEGAL_VERB));
}

// ------------------------------------------------ change of what is known

TEST(JudgeTest, ReclassifyingKeepsTheTimeUsedAndRecordsWhyDueMoved) {
  CaseBuilder builder = Opened("streetlight");
  builder.After(absl::Hours(2)).Do("reclassify { category: 'pothole' }");
  const v1::ClockState* clock = ClockOf(builder.Build(), "resolve");
  EXPECT_EQ(FromTimestamp(clock->due()), At("2026-02-13T09:00:00+08:00"));
  bool told = false;
  for (const v1::Fact& fact : builder.events().back().facts()) {
    if (!fact.has_clock_set()) continue;
    if (fact.clock_set().clock().clock() != "resolve") continue;
    told = fact.clock_set().because() == "category" &&
           fact.clock_set().has_moved_from();
  }
  EXPECT_TRUE(told);
}

TEST(JudgeTest, AUnitThatTheRoutesChooseCountsByItsOwnCalendar) {
  CaseBuilder builder = Builder(
      std::string(tests::kPolicy) +
      "calendars { id: 'nights' time_zone: 'Asia/Taipei' weekly { day: FRIDAY "
      "hours { open: '00:00' close: '24:00' } } } "
      "units { code: 'patrol' calendar: 'nights' } "
      "categories { code: 'noise' kind: CASE unit: 'patrol' "
      "clocks { clock: 'resolve' } }");
  builder.Open("streetlight").Do("reclassify { category: 'noise' }");
  EXPECT_EQ(builder.Build().unit(), "patrol");
  EXPECT_EQ(ClockOf(builder.Build(), "resolve")->calendar(), "nights");
  EXPECT_EQ(FromTimestamp(ClockOf(builder.Build(), "resolve")->due()),
            At("2026-02-13T16:00:00+08:00"));
  builder.Do("return { reason: 'not ours' }");  // nobody's: the clock's own
  EXPECT_EQ(ClockOf(builder.Build(), "resolve")->calendar(), "office");
}

v1::PolicyPatch Closure(const char* from, const char* until) {
  v1::PolicyPatch patch;
  v1::CalendarClosures* add = patch.add_add_closures();
  add->set_calendar("office");
  add->add_closures()->set_from(from);
  add->mutable_closures(0)->set_until(until);
  add->mutable_closures(0)->set_announced("2026-02-11T20:00:00+08:00");
  return patch;
}

TEST(JudgeTest, ATyphoonMovesTheDueAndTheReporterIsToldOnce) {
  CaseBuilder builder = Opened();
  const Policy typhoon = *TestPolicy().With(
      Closure("2026-02-13T00:00:00+08:00", "2026-02-14T00:00:00+08:00"));
  builder.After(absl::Hours(1)).Adopt(typhoon).Do("tick {}");
  EXPECT_EQ(FromTimestamp(ClockOf(builder.Build(), "resolve")->due()),
            At("2026-02-24T09:00:00+08:00"));
  ASSERT_EQ(builder.deliveries().size(), 2u);
  EXPECT_EQ(builder.deliveries()[1].notice, "moved");
  builder.After(absl::Minutes(1)).Do("tick {}").Do("accept {}");
  EXPECT_EQ(builder.deliveries().size(), 2u);
}

TEST(JudgeTest, AClosureEnteredLateWithdrawsTheBreachOnTheRecord) {
  CaseBuilder builder = Opened();
  builder.At(At("2026-02-23T10:00:00+08:00")).Do("tick {}");
  ASSERT_TRUE(ClockOf(builder.Build(), "resolve")->breached());
  const Policy typhoon = *TestPolicy().With(
      Closure("2026-02-13T00:00:00+08:00", "2026-02-14T00:00:00+08:00"));
  builder.Adopt(typhoon).Do("tick {}");
  const v1::ClockState* clock = ClockOf(builder.Build(), "resolve");
  EXPECT_FALSE(clock->breached());
  bool breach_is_on_record = false;
  for (const v1::LevelMark& mark : clock->levels()) {
    if (mark.level() == "breach") breach_is_on_record = mark.withdrawn();
  }
  EXPECT_TRUE(breach_is_on_record);
  // Broken for good a day later: a second generation.
  builder.At(At("2026-02-24T10:00:00+08:00")).Do("tick {}");
  clock = ClockOf(builder.Build(), "resolve");
  EXPECT_TRUE(clock->breached());
  EXPECT_EQ(clock->levels().rbegin()->generation(), 2);
}

TEST(JudgeTest, AClosureTakenBackBreaksThePromiseAtTheChangeNotBefore) {
  const Policy typhoon = *TestPolicy().With(
      Closure("2026-02-13T00:00:00+08:00", "2026-02-14T00:00:00+08:00"));
  CaseBuilder builder(typhoon, At("2026-02-12T09:00:00+08:00"));
  builder.Open("streetlight");
  builder.At(At("2026-02-23T15:00:00+08:00")).Do("tick {}");
  ASSERT_FALSE(ClockOf(builder.Build(), "resolve")->breached());
  builder.Adopt(TestPolicy()).Do("tick {}");
  const v1::ClockState* clock = ClockOf(builder.Build(), "resolve");
  ASSERT_TRUE(clock->breached());
  EXPECT_EQ(FromTimestamp(clock->breached_at()),
            At("2026-02-23T15:00:00+08:00"));
}

TEST(JudgeTest, ALevelRaisesThePriorityAndThatTheTarget) {
  CaseBuilder builder = Opened();
  builder.At(At("2026-02-25T10:00:00+08:00")).Do("tick {}");
  EXPECT_EQ(builder.Build().priority(), "high");
  EXPECT_EQ(ClockOf(builder.Build(), "resolve")->target().working_time(), "8h");
  int breaches = 0;
  for (const v1::LevelMark& m : ClockOf(builder.Build(), "resolve")->levels()) {
    breaches += m.level() == "breach";
  }
  EXPECT_EQ(breaches, 1);
}

TEST(JudgeTest, ANewTargetIsMeasuredAsThePolicySays) {
  const auto due = [](const char* mode, const char* category) {
    CaseBuilder builder = Builder(WithClock(std::string("retarget: ") + mode));
    builder.Open(category).After(absl::Hours(2));
    builder.Do(
        std::string("reclassify { category: '") +
        (category == std::string("pothole") ? "streetlight" : "pothole") +
        "' }");
    return FromTimestamp(ClockOf(builder.Build(), "resolve")->due());
  };
  EXPECT_EQ(due("FROM_START", "streetlight"), At("2026-02-13T09:00:00+08:00"));
  EXPECT_EQ(due("FROM_CHANGE", "streetlight"), At("2026-02-13T11:00:00+08:00"));
  EXPECT_EQ(due("FROM_START", "pothole"), At("2026-02-23T09:00:00+08:00"));
  EXPECT_EQ(due("KEEP_EARLIER", "pothole"), At("2026-02-13T09:00:00+08:00"));
}

// ---------------------------------------------------------- several cases

TEST(JudgeTest, MergingEndsOneCaseAndMarksTheOther) {
  CaseBuilder a = Opened(), b = Builder(tests::kPolicy, 2);
  b.After(absl::Minutes(1)).Open("streetlight");
  v1::Command merge = ParseCommand("merge {}");
  merge.mutable_merge()->set_into(b.Build().reference());
  a.After(absl::Hours(1));
  const auto judged = a.Try(merge, {b.Build()});
  ASSERT_THAT(judged, IsOk());
  ASSERT_EQ(judged->changes.size(), 2u);
  EXPECT_EQ(judged->changes[0].after.state(), "merged");
  EXPECT_EQ(judged->changes[0].after.merged_into(), b.Build().reference());
  EXPECT_EQ(judged->changes[1].after.version(), 2);
  EXPECT_EQ(judged->changes[1].after.links(0).reference(),
            a.Build().reference());
  // Not into itself, not into one that has ended.
  EXPECT_THAT(a.Try(merge, {a.Build()}),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  EXPECT_THAT(a.Try(merge, {judged->changes[0].after}),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  EXPECT_THAT(a.Try(merge, {}), HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
}

TEST(JudgeTest, ASplitCaseBeginsWithWhatTheOldOneKnew) {
  CaseBuilder builder = Opened();
  const auto judged = builder.Try("split { open {} }");
  ASSERT_THAT(judged, IsOk());
  ASSERT_EQ(judged->changes.size(), 2u);
  const v1::Case& born = judged->changes[1].after;
  EXPECT_EQ(born.category(), "streetlight");
  EXPECT_EQ(born.sealed().description(), "dark since Sunday");
  EXPECT_EQ(born.reporter(), "citizen-1");
  EXPECT_NE(born.reference(), builder.Build().reference());
  EXPECT_EQ(judged->changes[0].after.links(0).reference(), born.reference());
}

TEST(JudgeTest, CasesAreATree) {
  CaseBuilder a = Opened(), b = Opened();
  v1::Case child = a.Build(), parent = b.Build();
  parent.set_id("0123456789abcdef");
  v1::Command link = ParseCommand("link { to: 'p' kind: CHILD_OF }");
  EXPECT_THAT(a.Try(link, {parent}), IsOk());
  // The parent's own parent is the child.
  EXPECT_THAT(a.Try(link, {parent, child}),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
}

TEST(JudgeTest, ErasingTakesThePersonAndKeepsTheFigures) {
  CaseBuilder builder = Opened();
  builder.By(kAda).Do("erase_person { basis: 'request' }");
  EXPECT_TRUE(builder.Build().erased());
  EXPECT_FALSE(builder.Build().has_sealed());
  EXPECT_EQ(builder.Build().reporter(), "");
  EXPECT_EQ(builder.Build().clocks_size(), 2);
  EXPECT_THAT(builder.Try("correct { reporter { name: 'again' } }"),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  EXPECT_THAT(
      builder.Try("correct { attributes { code: 'pole' values: 'A' } }"),
      HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  builder.Do("resolve { outcome: 'ok' answer: 'to nobody' }");
  EXPECT_FALSE(builder.Build().has_sealed());
  EXPECT_EQ(builder.deliveries().size(), 1u);  // the one of the opening
}

// ---------------------------------------------------------------- citizens

TEST(JudgeTest, AReporterDoesNotChooseUnitPriorityOrAnotherPerson) {
  CaseBuilder builder = Builder();
  builder.By(kCitizen);
  const auto refused = builder.Try(
      "open { category: 'tree' unit: 'works' priority: 'urgent' "
      "reporter { id: 'citizen-2' } reference: 'X-1' }");
  ASSERT_THAT(refused, HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  std::vector<std::string> paths;
  const v1::ErrorInfo info = InfoOf(refused.status());
  for (const auto& p : info.problems()) paths.push_back(p.path());
  EXPECT_THAT(paths, ElementsAre("open.unit", "open.priority",
                                 "open.reporter.id", "open"));
  builder.Do("open { category: 'tree' }");
  EXPECT_EQ(builder.events()[0].actor(), "reporter");
  EXPECT_EQ(builder.Build().opened_by(), "reporter");
  EXPECT_EQ(builder.events()[0].SerializeAsString().find("citizen-1"),
            std::string::npos);
}

TEST(JudgeTest, AReportersNoteIsNeverInternal) {
  CaseBuilder builder = Opened();
  builder.By(kCitizen);
  EXPECT_THAT(builder.Try("note { visibility: INTERNAL_NOTE text: 'x' }"),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  EXPECT_THAT(builder.Try("note { visibility: PUBLIC_NOTE text: 'x' }"),
              IsOk());
}

TEST(JudgeTest, TooFewDiceAreRefused) {
  const Policy policy = TestPolicy();
  const Moment moment = {.now = At("2026-02-12T09:00:00+08:00"),
                         .actor = kSue,
                         .random = std::string(95, 'x')};
  EXPECT_THAT(
      Judge(policy, {}, ParseCommand("open { category: 'tree' }"), moment),
      HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
}

}  // namespace
}  // namespace hotline
