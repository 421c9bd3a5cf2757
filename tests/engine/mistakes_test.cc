// The guide's ten mistakes: each is made, and its exact message must stand in
// docs/guide/ten-mistakes.md.
#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using testing::HasSubstr;
using tests::City;

std::string Guide() {
  std::ifstream file(HOTLINE_SOURCE_DIR "/docs/guide/ten-mistakes.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The problems of a policy, as `hotline policy check` prints them.
std::string ProblemsOf(const std::string& text) {
  const auto policy = Policy::FromTextproto(text);
  const v1::ErrorInfo info = InfoOf(policy.status());
  std::string lines;
  for (const v1::Problem& p : info.problems()) {
    lines += p.path() + ": " + p.message() + "; " + p.hint() + "\n";
  }
  return lines;
}

void ExpectInGuide(const std::string& message) {
  EXPECT_NE(message, "");
  EXPECT_THAT(Guide(), HasSubstr(message));
}

TEST(TenMistakes, AMistypedField) {
  ExpectInGuide(
      ProblemsOf("id: 'x' calendars { id: 'office' time_zon: 'UTC' "
                 "time_zone: 'UTC' weekly { day: MONDAY hours { "
                 "open: '09:00' close: '17:00' } } }"));
}

TEST(TenMistakes, ACodeThatNobodyDeclared) {
  ExpectInGuide(
      ProblemsOf("id: 'x' units { code: 'lights' } categories { "
                 "code: 'streetlight' unit: 'light' }"));
}

TEST(TenMistakes, WorkingTimeWithoutACalendar) {
  ExpectInGuide(ProblemsOf(
      "id: 'x' clocks { code: 'resolve' targets { working_time: '16h' } }"));
}

TEST(TenMistakes, TwoTargetsForTheSameCases) {
  ExpectInGuide(
      ProblemsOf("id: 'x' clocks { code: 'resolve' targets { "
                 "elapsed: '24h' } targets { elapsed: '48h' } }"));
}

TEST(TenMistakes, HoursThatOpenAndCloseAtOnce) {
  ExpectInGuide(ProblemsOf(
      "id: 'x' calendars { id: 'office' time_zone: 'UTC' weekly { day: MONDAY "
      "hours { open: '09:00' close: '17:00' } } weekly { day: TUESDAY hours { "
      "open: '00:00' close: '00:00' } } }"));
}

TEST(TenMistakes, NoPolicy) {
  MemoryStore store;
  auto engine = Engine::Open(&store, {});
  const Actor nobody{.tenant = "smallville", .id = "ada", .roles = {"admin"}};
  v1::Command c;
  c.mutable_open()->set_category("tree");
  ExpectInGuide(std::string((*engine)->Execute(nobody, c).status().message()));
}

TEST(TenMistakes, ACategoryThatDoesNotExist) {
  City city;
  v1::Command c;
  c.mutable_open()->set_category("streetligt");
  ExpectInGuide(
      std::string(city.engine->Execute(city.agent, c).status().message()));
}

TEST(TenMistakes, AVerbThatIsNotLegalHere) {
  City city;
  v1::Command open;
  open.mutable_open()->set_category("streetlight");
  open.mutable_open()->set_reference("4821-0937-55127");
  ASSERT_TRUE(city.engine->Execute(city.admin, open).ok());
  ASSERT_TRUE(city.Do("4821-0937-55127", "close { outcome: 'done' }").ok());
  ExpectInGuide(
      std::string(city.Do("4821-0937-55127", "assign { unit: 'parks' }")
                      .status()
                      .message()));
}

TEST(TenMistakes, AMistypedReference) {
  City city;
  ExpectInGuide(std::string(
      city.engine->Get(city.admin, "4821-0937-55128").status().message()));
}

TEST(TenMistakes, OneKeyForTwoCommands) {
  City city;
  city.Open("streetlight", "call-0042");
  v1::Command c;
  c.set_key("call-0042");
  c.mutable_open()->set_category("tree");
  ExpectInGuide(
      std::string(city.engine->Execute(city.agent, c).status().message()));
}

}  // namespace
}  // namespace hotline
