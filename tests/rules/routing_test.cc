#include "hotline/routing.h"

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

constexpr char kPlaces[] = R"pb(
  time_zone: "Asia/Taipei"
  calendars {
    id: "office"
    time_zone: "Asia/Taipei"
    weekly {
      day: MONDAY
      hours { open: "08:00" close: "17:00" }
    }
    weekly {
      day: TUESDAY
      hours { open: "08:00" close: "17:00" }
    }
    closures {
      from: "2026-02-10T12:00:00+08:00"
      until: "2026-02-10T17:00:00+08:00"
      areas: "xinyi"
    }
  }
  calendars {
    id: "always"
    time_zone: "Asia/Taipei"
    weekly {
      day: MONDAY
      hours { open: "00:00" close: "24:00" }
    }
  }
  units { code: "city" calendar: "office" }
  units { code: "works" parent: "city" }
  units { code: "lighting" parent: "works" calendar: "always" }
  units { code: "night" }
  areas { code: "north" }
  areas { code: "xinyi" parent: "north" }
  areas { code: "songde" parent: "xinyi" }
)pb";

struct World {
  Routing routing;
  std::string told;
};

World Make(const std::string& routes) {
  v1::PolicySpec spec;
  EXPECT_TRUE(
      google::protobuf::TextFormat::ParseFromString(kPlaces + routes, &spec));
  Problems problems;
  const Calendars calendars =
      Calendars::Compile(spec.calendars(), spec.areas(), &problems);
  World world;
  world.routing = Routing::Compile(spec, calendars, &problems);
  for (const v1::Problem& p : problems.list()) {
    absl::StrAppend(&world.told, p.path(), ": ", p.message(),
                    p.hint().empty() ? "" : "; ", p.hint(), "\n");
  }
  return world;
}

World MustMake(const std::string& routes) {
  World world = Make(routes);
  EXPECT_EQ(world.told, "");
  return world;
}

absl::Time At(int day, int hour, int minute = 0) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Asia/Taipei", &zone));
  return absl::FromCivil(absl::CivilSecond(2026, 2, day, hour, minute), zone);
}

constexpr std::string_view kLight[] = {"streetlight", "roads"};

TEST(RoutingTest, NearestCategoryComesBeforeNearestArea) {
  const World world = MustMake(R"pb(
    routes { unit: "city" }
    routes { area: "songde" unit: "night" }
    routes { category: "roads" area: "xinyi" unit: "works" }
    routes { category: "streetlight" unit: "lighting" })pb");
  const auto find = [&](std::span<const std::string_view> categories,
                        std::string_view area) {
    return world.routing.Find(categories, area, At(9, 9), "").unit;
  };
  EXPECT_EQ(find(kLight, "songde"), "lighting");
  const std::string_view roads[] = {"pothole", "roads"};
  EXPECT_EQ(find(roads, "songde"), "works") << "the area above counts";
  EXPECT_EQ(find(roads, "north"), "city");
  const std::string_view noise[] = {"noise"};
  EXPECT_EQ(find(noise, "songde"), "night");
  EXPECT_EQ(find(noise, ""), "city");
  EXPECT_EQ(find(noise, "unknown"), "city");
  EXPECT_EQ(find({}, "xinyi"), "city");
}

TEST(RoutingTest, HoursComeBeforeAlways) {
  const World world = MustMake(R"pb(
    routes { category: "roads" unit: "city" }
    routes {
      category: "roads"
      when: OUT_OF_HOURS
      calendar: "office"
      unit: "night"
    })pb");
  const auto find = [&](absl::Time at) {
    return world.routing.Find(kLight, "", at, "").unit;
  };
  EXPECT_EQ(find(At(9, 7, 59)), "night");  // 9 February 2026 is a Monday
  EXPECT_EQ(find(At(9, 8)), "city");
  EXPECT_EQ(find(At(9, 16, 59)), "city");
  EXPECT_EQ(find(At(9, 17)), "night");
}

TEST(RoutingTest, ACategoryWithoutHoursDoesNotHideTheParents) {
  const World world = MustMake(R"pb(
    routes {
      category: "streetlight"
      when: IN_HOURS
      calendar: "office"
      unit: "lighting"
    }
    routes { category: "roads" unit: "works" })pb");
  EXPECT_EQ(world.routing.Find(kLight, "", At(9, 9), "").unit, "lighting");
  EXPECT_EQ(world.routing.Find(kLight, "", At(9, 20), "").unit, "works");
}

TEST(RoutingTest, AClosureInTheAreaClosesTheOffice) {
  const World world = MustMake(R"pb(
    routes { when: IN_HOURS calendar: "office" unit: "works" }
    routes { when: OUT_OF_HOURS calendar: "office" unit: "night" })pb");
  const absl::Time typhoon = At(10, 13);
  EXPECT_EQ(world.routing.Find(kLight, "songde", typhoon, "").unit, "night");
  EXPECT_EQ(world.routing.Find(kLight, "north", typhoon, "").unit, "works");
}

TEST(RoutingTest, DatesHoldFromTheFirstToTheLast) {
  const World world =
      MustMake(R"pb(
        routes {
          unit: "night"
          valid_from: "2026-02-10"
          valid_until: "2026-02-11"
        })pb");
  const auto find = [&](absl::Time at) {
    return world.routing.Find(kLight, "", at, "city").unit;
  };
  EXPECT_EQ(find(At(10, 0) - absl::Milliseconds(1)), "city");
  EXPECT_EQ(find(At(10, 0)), "night");
  EXPECT_EQ(find(At(11, 23, 59)), "night");
  EXPECT_EQ(find(At(12, 0)), "city");
}

TEST(RoutingTest, EqualClaimsNameNobody) {
  const World world = MustMake(R"pb(
    routes { category: "roads" unit: "works" valid_from: "2026-02-01" }
    routes { category: "roads" unit: "night" valid_until: "2026-02-10" }
    routes { category: "roads" unit: "works" valid_until: "2026-02-10" })pb");
  const Route both = world.routing.Find(kLight, "", At(9, 9), "city");
  EXPECT_EQ(both.unit, "");
  EXPECT_THAT(both.ambiguous, ElementsAre("works", "night"));
  EXPECT_EQ(both.because,
            "routes[0] and routes[1] and routes[2] claim it alike: category "
            "roads");
  const Route one = world.routing.Find(kLight, "", At(11, 9), "city");
  EXPECT_EQ(one.unit, "works");
  EXPECT_THAT(one.ambiguous, IsEmpty());
}

TEST(RoutingTest, EveryAnswerSaysWhy) {
  const World world =
      MustMake(R"pb(
        routes { category: "streetlight" area: "xinyi" unit: "lighting" }
        routes {
          category: "roads"
          when: IN_HOURS
          calendar: "office"
          unit: "works"
        })pb");
  EXPECT_EQ(world.routing.Find(kLight, "songde", At(9, 9), "").because,
            "routes[0]: category streetlight in area xinyi");
  EXPECT_EQ(world.routing.Find(kLight, "", At(9, 9), "").because,
            "routes[1]: category roads while office is open");
  const Route own = world.routing.Find(kLight, "", At(9, 20), "night");
  EXPECT_EQ(own.unit, "night");
  EXPECT_THAT(own.because, HasSubstr("the category's own unit"));
  EXPECT_THAT(world.routing.Find(kLight, "", At(9, 20), "").because,
              HasSubstr("names no unit"));
}

TEST(RoutingTest, KnowsUnitsAndAreas) {
  const Routing routing = MustMake("").routing;
  EXPECT_TRUE(routing.KnowsUnit("lighting"));
  EXPECT_FALSE(routing.KnowsUnit("xinyi"));
  EXPECT_TRUE(routing.KnowsArea("xinyi"));
  EXPECT_FALSE(routing.KnowsArea(""));
  EXPECT_THAT(routing.AreaChain("songde"),
              ElementsAre("songde", "xinyi", "north"));
  EXPECT_THAT(routing.UnitChain("lighting"),
              ElementsAre("lighting", "works", "city"));
  EXPECT_THAT(routing.UnitChain("nobody"), IsEmpty());
}

TEST(RoutingTest, UnitsInheritTheirCalendar) {
  const Routing routing = MustMake("").routing;
  EXPECT_EQ(routing.CalendarOf("city"), "office");
  EXPECT_EQ(routing.CalendarOf("works"), "office");
  EXPECT_EQ(routing.CalendarOf("lighting"), "always");
  EXPECT_EQ(routing.CalendarOf("night"), "");
  EXPECT_EQ(routing.CalendarOf("nobody"), "");
}

TEST(RoutingTest, AnEmptyOneKnowsNothing) {
  const Routing routing;
  EXPECT_EQ(routing.Find(kLight, "", absl::UnixEpoch(), "own").unit, "own");
  EXPECT_FALSE(routing.KnowsUnit("x"));
  EXPECT_FALSE(routing.KnowsArea("x"));
  EXPECT_EQ(routing.CalendarOf("x"), "");
  EXPECT_THAT(routing.AreaChain("x"), IsEmpty());
}

TEST(RoutingTest, EveryMistakeIsTold) {
  const std::pair<std::string, std::string> table[] = {
      {"routes { }", "routes[0].unit: is empty"},
      {"routes { unit: 'wokrs' }",
       "routes[0].unit: there is no unit \"wokrs\"; did you mean works?"},
      {"routes { unit: 'works' area: 'xinyl' }",
       "routes[0].area: there is no area \"xinyl\"; did you mean xinyi?"},
      {"routes { unit: 'works' when: IN_HOURS }",
       "routes[0].calendar: is empty; hours need a calendar"},
      {"routes { unit: 'works' when: IN_HOURS calendar: 'x' }",
       "routes[0].calendar: there is no calendar \"x\""},
      {"routes { unit: 'works' calendar: 'office' }",
       "routes[0].calendar: is set on a route that always holds"},
      {"routes { unit: 'works' valid_from: 'soon' }",
       "routes[0].valid_from: \"soon\" is no date"},
      {"routes { unit: 'works' valid_from: '2026-01-02' valid_until: "
       "'2026-01-01' }",
       "routes[0].valid_until: 2026-01-01 is before 2026-01-02"},
      {"routes { unit: 'works' } routes { unit: 'night' }",
       "routes[1].unit: the same cases go to night and, by routes[0], to "
       "works"},
      {"units { code: 'city' }", "units[4].code: \"city\" is also that of"},
      {"units { code: 'a' parent: 'b' } units { code: 'b' parent: 'a' }",
       "units[4].parent: goes round in a circle: a -> b -> a"},
      {"units { code: 'a' parent: 'ciyt' }",
       "units[4].parent: there is no unit \"ciyt\"; did you mean city?"},
      {"units { code: 'a' calendar: 'x' }",
       "units[4].calendar: there is no calendar \"x\""},
      {"units { code: 'a' names { text: '\\x01' } }",
       "units[4].names[0].text: is too long or no clean text"},
      {"areas { code: '' }", "areas[3].code: is empty"},
      {"areas { code: 'a' parent: 'a' }",
       "areas[3].parent: is the area itself"},
  };
  for (const auto& [policy, told] : table) {
    EXPECT_THAT(Make(policy).told, HasSubstr(told)) << policy;
  }
}

TEST(RoutingTest, TheSameUnitTwiceIsNoProblem) {
  MustMake("routes { unit: 'works' } routes { unit: 'works' }");
  MustMake(
      "routes { unit: 'works' when: IN_HOURS calendar: 'office' } "
      "routes { unit: 'night' when: OUT_OF_HOURS calendar: 'office' }");
}

}  // namespace
}  // namespace hotline
