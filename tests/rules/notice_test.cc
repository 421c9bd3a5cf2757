#include "hotline/notice.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace hotline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Value = std::pair<std::string_view, std::string_view>;

Notices Compile(const std::string& policy, std::string* told) {
  v1::PolicySpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(policy, &spec));
  Problems problems;
  Notices notices = Notices::Compile(spec.notices(), &problems);
  for (const v1::Problem& p : problems.list()) {
    absl::StrAppend(told, p.path(), ": ", p.message(),
                    p.hint().empty() ? "" : "; ", p.hint(), "\n");
  }
  return notices;
}

Notices MustCompile(const std::string& policy) {
  std::string told;
  Notices notices = Compile(policy, &told);
  EXPECT_EQ(told, "");
  return notices;
}

constexpr char kNotices[] = R"pb(
  notices {
    code: "done"
    verbs: RESOLVE
    verbs: CLOSE
    to: TO_REPORTER
    to: TO_WATCHERS
    subject { language: "en" text: "Case {{reference}}" }
    text { language: "en" text: "Case {{reference}} is {{ state }}." }
    text { language: "zh-Hant" text: "{{reference}} 已{{state}}" }
  }
  notices {
    code: "late"
    levels { level: "breach" }
    levels { clock: "accept" level: "warn" }
    to: TO_UNIT
    to: TO_ROLE
    role: "supervisor"
    text { text: "{{clock}} {{level}}" }
  }
  notices {
    code: "moved"
    due_moved: true
    verbs: APPROVE_EXTENSION
    to: TO_REPORTER
    categories: "roads"
    text { text: "{{due}}" }
  }
)pb";

std::vector<std::string> Planned(const Notices& notices, const Occasion& on,
                                 std::vector<std::string_view> categories) {
  std::vector<std::string> plan;
  for (const Telling& telling : notices.Plan(on, categories)) {
    plan.push_back(absl::StrCat(telling.notice->code(), ">",
                                v1::NoticeSpec::Recipient_Name(telling.to)));
  }
  return plan;
}

TEST(NoticesTest, VerbsCallForNotices) {
  const Notices notices = MustCompile(kNotices);
  EXPECT_THAT(Planned(notices, {.verb = v1::CLOSE}, {}),
              ElementsAre("done>TO_REPORTER", "done>TO_WATCHERS"));
  EXPECT_THAT(Planned(notices, {.verb = v1::OPEN}, {}), IsEmpty());
  EXPECT_THAT(Planned(notices, {}, {"roads"}), IsEmpty());
}

TEST(NoticesTest, LevelsCallForNoticesOfTheirClock) {
  const Notices notices = MustCompile(kNotices);
  EXPECT_THAT(Planned(notices, {.clock = "finish", .level = "breach"}, {}),
              ElementsAre("late>TO_UNIT", "late>TO_ROLE"));
  EXPECT_THAT(Planned(notices, {.clock = "accept", .level = "warn"}, {}),
              testing::SizeIs(2));
  EXPECT_THAT(Planned(notices, {.clock = "finish", .level = "warn"}, {}),
              IsEmpty());
}

TEST(NoticesTest, AreHeldToTheirCategoriesAndThoseBelow) {
  const Notices notices = MustCompile(kNotices);
  const Occasion moved = {.due_moved = true};
  EXPECT_THAT(Planned(notices, moved, {"streetlight", "roads"}),
              ElementsAre("moved>TO_REPORTER"));
  EXPECT_THAT(Planned(notices, moved, {"noise"}), IsEmpty());
}

TEST(NoticesTest, OneOccasionPlansANoticeOnce) {
  const Notices notices = MustCompile(kNotices);
  EXPECT_THAT(
      Planned(notices, {.verb = v1::APPROVE_EXTENSION, .due_moved = true},
              {"roads"}),
      ElementsAre("moved>TO_REPORTER"));
}

TEST(NoticesTest, TemplatesAreFilled) {
  const Notices notices = MustCompile(kNotices);
  const Value values[] = {{"reference", "4821-0937-55127"},
                          {"state", "closed"}};
  const RenderedText text = notices.Render("done", "en-GB", values);
  EXPECT_EQ(text.subject, "Case 4821-0937-55127");
  EXPECT_EQ(text.text, "Case 4821-0937-55127 is closed.");
  EXPECT_EQ(text.language, "en");
}

TEST(NoticesTest, LanguageFallsBackAlongItsTag) {
  const Notices notices = MustCompile(kNotices);
  const Value values[] = {{"reference", "R"}, {"state", "結案"}};
  for (const char* asked : {"zh-Hant-TW", "zh-Hant", "zh", "zh-Hans", "ZH"}) {
    const RenderedText text = notices.Render("done", asked, values);
    EXPECT_EQ(text.text, "R 已結案") << asked;
    EXPECT_EQ(text.language, "zh-Hant") << asked;
    EXPECT_EQ(text.subject, "Case R") << "the only one there is";
  }
  EXPECT_EQ(notices.Render("done", "ja", values).language, "en");
  EXPECT_EQ(notices.Render("done", "", values).language, "en");
}

TEST(NoticesTest, MissingValuesLeaveNothing) {
  const Notices notices = MustCompile(kNotices);
  EXPECT_EQ(notices.Render("done", "en", {}).text, "Case  is .");
  EXPECT_EQ(notices.Render("nothing", "en", {}).text, "");
  EXPECT_EQ(notices.Find("nothing"), nullptr);
  EXPECT_EQ(notices.Find("late")->role(), "supervisor");
}

TEST(NoticesTest, HostileValuesStayLiteral) {
  const Notices notices = MustCompile(kNotices);
  for (const std::string_view hostile :
       {"{{reference}}", "{{7*7}}", "${jndi:x}", "%n%s", "{0:>999999999}",
        "<script>", "}}", "{{"}) {
    const Value values[] = {{"reference", hostile}, {"state", "{{reference}}"}};
    EXPECT_EQ(
        notices.Render("done", "en", values).text,
        absl::StrCat("Case ", std::string(hostile), " is {{reference}}."));
  }
}

TEST(NoticesTest, SubjectsAreOneLine) {
  const Notices notices = MustCompile(kNotices);
  const Value values[] = {{"reference", "R\r\nBcc: x@example.org"}};
  EXPECT_EQ(notices.Render("done", "en", values).subject,
            "Case R  Bcc: x@example.org");
}

TEST(NoticesTest, OutputIsCutBetweenCharacters) {
  const Notices notices = MustCompile(R"pb(
    notices {
      code: "n"
      verbs: OPEN
      to: TO_REPORTER
      text { text: "{{reference}}{{state}}{{reference}}" }
    })pb");
  std::string large;
  while (large.size() < 40'000) large += "燈";
  const Value values[] = {{"reference", large}, {"state", "x"}};
  const std::string text = notices.Render("n", "", values).text;
  EXPECT_LE(text.size(), 65'536u);
  EXPECT_GT(text.size(), 65'532u);
  EXPECT_TRUE(IsCleanText(text));
}

TEST(NoticesTest, TextsThatOnlyLookLikeTemplatesAreLiteral) {
  const Notices notices = MustCompile(R"pb(
    notices {
      code: "n"
      verbs: OPEN
      to: TO_REPORTER
      text { text: "a } b }} c { d {{due}}}" }
    })pb");
  const Value values[] = {{"due", "soon"}};
  EXPECT_EQ(notices.Render("n", "", values).text, "a } b }} c { d soon}");
}

TEST(NoticesTest, AnEmptyOnePlansNothing) {
  const Notices notices;
  EXPECT_THAT(notices.Plan({.verb = v1::OPEN}, {}), IsEmpty());
  EXPECT_EQ(notices.Render("x", "en", {}).text, "");
  EXPECT_EQ(notices.Find("x"), nullptr);
}

TEST(NoticesTest, EveryMistakeIsTold) {
  const std::string good = "verbs: OPEN to: TO_REPORTER text { text: 'x' }";
  const std::string bare = "code: 'n' verbs: OPEN to: TO_REPORTER ";
  const std::pair<std::string, std::string> table[] = {
      {good, "notices[0].code: is empty"},
      {"code: 'n' " + good + "} notices { code: 'n' " + good,
       "notices[1].code: \"n\" is there twice"},
      {"code: 'n' to: TO_REPORTER text { text: 'x' }",
       "notices[0]: has no occasion"},
      {"code: 'n' verbs: VERB_UNSPECIFIED to: TO_REPORTER text { text: 'x' }",
       "notices[0].verbs[0]: is no verb"},
      {"code: 'n' levels { clock: 'k' } to: TO_UNIT text { text: 'x' }",
       "notices[0].levels[0].level: is empty"},
      {"code: 'n' verbs: OPEN text { text: 'x' }", "notices[0].to: is empty"},
      {"code: 'n' to: RECIPIENT_UNSPECIFIED " + good,
       "notices[0].to[0]: is no recipient"},
      {"code: 'n' to: TO_REPORTER " + good, "notices[0].to[1]: is there twice"},
      {"code: 'n' to: TO_ROLE " + good, "notices[0].role: is empty"},
      {"code: 'n' role: 'boss' " + good, "notices[0].role: is set, but"},
      {"code: 'n' channel: 's ms' " + good, "notices[0].channel: has a slash"},
      {bare, "notices[0].text: is empty"},
      {bare + "text { text: '{{refrence}}' }",
       "notices[0].text[0].text: there is no variable \"refrence\"; did you "
       "mean reference?"},
      {bare + "text { text: 'x' } subject { text: '{{7*7}}' }",
       "notices[0].subject[0].text: there is no variable \"7*7\"; one of"},
      {bare + "text { text: '{{}}' }", "there is no variable \"\""},
      {bare + "text { text: 'a {{due' }",
       "notices[0].text[0].text: has {{ without }}"},
      {bare + "text { text: 'a' } text { text: 'b' }",
       "notices[0].text[1].language: \"\" is there twice"},
      {bare + "text { text: 'a\\x00' }",
       "notices[0].text[0].text: is too long"},
  };
  for (const auto& [notice, said] : table) {
    std::string told;
    Compile("notices { " + notice + " }", &told);
    EXPECT_THAT(told, HasSubstr(said)) << notice;
  }
}

}  // namespace
}  // namespace hotline
