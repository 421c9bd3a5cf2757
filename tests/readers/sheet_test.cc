// Goal: what a city signs, and what changes for the citizen, in words.
#include "hotline/sheet.h"

#include <algorithm>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/error.h"
#include "tests/readers/fixture.h"

namespace hotline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Policy Compiled(const std::string& text) {
  auto policy = Policy::FromTextproto(text);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

Policy With(const std::string& what, const std::string& instead) {
  const std::string text = testing::SmallPolicyText();
  const std::string changed = absl::StrReplaceAll(text, {{what, instead}});
  EXPECT_NE(changed, text) << what;
  return Compiled(changed);
}

std::vector<PolicyChange> Compared(const Policy& after,
                                   std::string_view language = "en") {
  return ComparePolicies(
      testing::SmallPolicy(), after,
      {.language = language, .from = absl::FromUnixSeconds(1767225600)});
}

TEST(Sheet, SaysEachPromiseInACitizensWords) {
  const std::string text =
      PolicySheet(testing::SmallPolicy(), SheetForm::kText);
  EXPECT_THAT(text, HasSubstr("What A small city promises\n"));
  EXPECT_THAT(text, HasSubstr("roads / Street light out\n"));
  EXPECT_THAT(text, HasSubstr("within 16 h of working time"));
  EXPECT_THAT(text, HasSubstr("within 4 h of working time [illustrative]"));
  EXPECT_THAT(text, HasSubstr("priority high"));
  EXPECT_THAT(text,
              HasSubstr("within three working days, to the last closing"));
  EXPECT_THAT(text, HasSubstr("the acceptance; that date does not count"));
  EXPECT_THAT(text, HasSubstr("while waiting"));
  EXPECT_THAT(text, HasSubstr("Charter, 3"));
  EXPECT_THAT(text, HasSubstr("no promise is made"));
  EXPECT_THAT(text, HasSubstr("Monday to Friday 08:00-12:00, 13:00-17:00"));
}

TEST(Sheet, ATargetWithASourceOfItsOwnIsSourcedInAnyPolicy) {
  const std::string text =
      PolicySheet(With("id: \"small\"", "id: \"small\" illustrative: true"),
                  SheetForm::kText);
  EXPECT_THAT(text, HasSubstr("figures that no source gives"));
  EXPECT_THAT(text, HasSubstr("within 16 h of working time\n"));
  EXPECT_THAT(text, HasSubstr("within 4 h of working time [illustrative]"));
  EXPECT_THAT(text, HasSubstr("to the last closing [illustrative]"));
}

TEST(Sheet, SaysItInTraditionalChineseToo) {
  const std::string text =
      PolicySheet(testing::SmallPolicy(), SheetForm::kText, "zh-Hant");
  EXPECT_THAT(text, HasSubstr("roads / 路燈故障"));
  EXPECT_THAT(text, HasSubstr("結案: 上班時間16小時內"));
  EXPECT_THAT(text, HasSubstr("3個工作日內，至末日下班時"));
  EXPECT_THAT(text, HasSubstr("等候期間"));
  EXPECT_THAT(text, HasSubstr("星期一至星期五 08:00-12:00, 13:00-17:00"));
  EXPECT_THAT(text, HasSubstr("[示例]"));
}

TEST(Sheet, HolidaysAreCalledByTheirNamesAndRunsOfOneNameAreOne) {
  const Policy policy =
      With("holidays: \"2026-03-12\"",
           "holidays: \"2026-02-17\" holidays: \"2026-02-18\" "
           "holidays: \"2026-02-20\" holidays: \"2026-03-12\" "
           "annual_holidays: \"10-10\" annual_holidays: \"12-31\" "
           "holiday_names { day: \"2026-02-17\" name: \"春節\" } "
           "holiday_names { day: \"2026-02-18\" name: \"春節\" } "
           "holiday_names { day: \"2026-02-20\" name: \"補假\" } "
           "holiday_names { day: \"10-10\" name: \"國慶日\" }");
  const std::string english = PolicySheet(policy, SheetForm::kText);
  EXPECT_THAT(english, HasSubstr("Tuesday 17 February to Wednesday 18 February "
                                 "(春節), Friday 20 February (補假), Thursday "
                                 "12 March\n"));
  EXPECT_THAT(english, HasSubstr("10-10 (國慶日), 12-31\n"));
  EXPECT_THAT(
      PolicySheet(policy, SheetForm::kText, "zh-Hant"),
      HasSubstr("2月17日（星期二）至2月18日（星期三），春節；2月20日（星"
                "期五），補假；3月12日（星期四）\n"));
}

TEST(Changes, ANewHolidayIsToldByItsName) {
  const auto changes =
      Compared(With("holidays: \"2026-03-12\"",
                    "holidays: \"2026-03-12\" holidays: \"2026-04-03\" "
                    "holiday_names { day: \"2026-04-03\" name: \"補假\" }"));
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].text, "office: now closed Friday 3 April 2026 (補假)");
}

TEST(Sheet, HtmlNeedsNothingElseAndEscapesWhatPeopleWrote) {
  const Policy policy = With("title: \"A small city\"",
                             "title: \"<script>&\\\"x\" source: \"a<b\"");
  const std::string html = PolicySheet(policy, SheetForm::kHtml, "zh-Hant");
  EXPECT_THAT(html, HasSubstr("<html lang=\"zh-Hant\">"));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;&amp;&quot;x"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("a<b")));
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, HasSubstr("@media print"));
  EXPECT_THAT(html, HasSubstr("<td class=\"mark\" data-head=\"註記\">示例"));
}

TEST(Sheet, CsvHasOneRowAPromiseAndNoFormula) {
  const Policy policy =
      With("source: \"Charter, 3\"", "source: \"=1+1, \\\"x\\\"\"");
  const std::string csv = PolicySheet(policy, SheetForm::kCsv);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 3 + 1);
  EXPECT_THAT(csv, HasSubstr("\"'=1+1, \"\"x\"\"\""));
  EXPECT_THAT(csv, HasSubstr("streetlight,resolve,roads / Street light out"));
}

TEST(Sheet, AMistypedFormIsHinted) {
  EXPECT_EQ(*ParseSheetForm("csv"), SheetForm::kCsv);
  EXPECT_THAT(std::string(ParseSheetForm("htm").status().message()),
              HasSubstr("did you mean html?"));
}

TEST(Changes, OfAPolicyToItselfThereAreNone) {
  const Policy policy = testing::SmallPolicy();
  EXPECT_THAT(Compared(policy), IsEmpty());
  EXPECT_THAT(ChangesText(policy, policy, {}),
              HasSubstr("nothing changes for the citizen"));
}

TEST(Changes, AShorterPromiseIsShorterWhateverItIsCountedIn) {
  for (const char* target : {"working_time: \"8h\"", "elapsed: \"10m\""}) {
    const auto changes = Compared(With("working_time: \"16h\"", target));
    ASSERT_THAT(changes, SizeIs(1)) << target;
    EXPECT_EQ(changes[0].subject, "promise");
    EXPECT_EQ(changes[0].kind, "shorter");
    EXPECT_THAT(changes[0].categories, ElementsAre("streetlight"));
    EXPECT_EQ(changes[0].clock, "resolve");
  }
  const auto changes =
      Compared(With("working_time: \"16h\"", "working_time: \"8h\""));
  EXPECT_EQ(changes[0].text,
            "shorter: 結案: within 16 h of working time → within 8 h of "
            "working time; for Street light out");
}

TEST(Changes, ALongerPromiseIsLongerAndSaidInChinese) {
  const auto changes =
      Compared(With("working_days: 3", "working_days: 5"), "zh-Hant");
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].kind, "longer");
  EXPECT_EQ(changes[0].text,
            "時限延長：answer：3個工作日內，至末日下班時 → 5個工作日內，至末日"
            "下班時；適用：路燈故障");
}

TEST(Changes, EarlierForSomeAndLaterForOthersIsOnlyChanged) {
  // Over a weekend 72 hours end earlier, within the week three dates do.
  const auto changes = Compared(With("working_days: 3", "elapsed: \"72h\""));
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].kind, "changed");
}

TEST(Changes, APromiseForSomeCasesCanBeNewOrGone) {
  const std::string high =
      "targets { priority: \"high\" working_time: \"4h\" illustrative: true }";
  const Policy without = With(high, "");
  auto changes = Compared(without);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].kind, "gone");
  EXPECT_EQ(changes[0].priority, "high");
  EXPECT_THAT(changes[0].text, HasSubstr("(priority high)"));
  changes = ComparePolicies(without, testing::SmallPolicy(), {});
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].kind, "new");
}

TEST(Changes, AnotherSourceIsToldAsSuch) {
  const auto changes = Compared(With("Charter, 3", "Charter, 4"));
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].kind, "source");
}

TEST(Changes, DaysAndClosuresAreToldByCalendar) {
  const auto changes = Compared(
      With("holidays: \"2026-03-12\"",
           "holidays: \"2026-03-16\" holidays: \"2026-03-17\" closures { from: "
           "\"2026-08-10T15:00:00+08:00\" until: \"2026-08-11T00:00:00+08:00\" "
           "reason: \"typhoon\" }"));
  ASSERT_THAT(changes, SizeIs(3));
  EXPECT_EQ(changes[0].kind, "days_off");
  EXPECT_THAT(changes[0].dates, ElementsAre("2026-03-16", "2026-03-17"));
  EXPECT_EQ(changes[1].kind, "days_on");
  EXPECT_THAT(changes[1].dates, ElementsAre("2026-03-12"));
  EXPECT_EQ(changes[2].subject, "closure");
  EXPECT_EQ(changes[2].text,
            "office: closure Monday 10 August 2026 15:00 to Monday 10 August "
            "2026 24:00, typhoon");
}

TEST(Changes, CategoriesComeAndGo) {
  const auto changes =
      Compared(With("code: \"question\"", "code: \"enquiry\""));
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].text, "new matter: enquiry");
  EXPECT_EQ(changes[1].text, "matter no longer taken: question");
}

TEST(Changes, JsonIsOneObjectALine) {
  const auto changes = Compared(With("Charter, 3", "a \\\"b\\\""));
  const std::string json = ChangesJson(changes);
  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 1);
  EXPECT_THAT(json, HasSubstr("\"subject\":\"promise\",\"kind\":\"source\","
                              "\"categories\":[\"streetlight\"]"));
}

}  // namespace
}  // namespace hotline
