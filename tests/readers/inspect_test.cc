#include "hotline/inspect.h"

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/error.h"
#include "tests/readers/fixture.h"

namespace hotline {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A case filed on a Friday, paused on Monday, broken, told late. Instants are
// UTC; Taipei is eight hours ahead.
v1::Case BrokenCase() {
  return testing::Proto<v1::Case>(R"pb(
    reference: "4821-0937-55126"
    version: 4
    category: "streetlight"
    workflow: "standard"
    state: "in_progress"
    phase: ACTIVE
    public_status: OPEN_STATUS
    unit: "lights"
    opened_at { seconds: 1772784000 }  # Fri 2026-03-06 16:00
    updated_at { seconds: 1773280800 }
    clocks {
      clock: "resolve"
      cycle: 1
      state: RUNNING
      marks {
        kind: START
        at { seconds: 1772784000 }
      }
      marks {
        kind: PAUSE
        at { seconds: 1773021600 }
      }  # Mon 10:00
      marks {
        kind: RESUME
        at { seconds: 1773039600 }
      }                            # Mon 15:00
      due { seconds: 1773129600 }  # Tue 16:00
      due_next_open { seconds: 1773129600 }
      breached: true
      breached_at { seconds: 1773129600 nanos: 1000000 }
      target { working_time: "16h" source: "Charter, 3" }
      because: "clocks[0].targets[0]"
      calendar: "office"
      ladder: "urge"
      levels {
        level: "warn"
        generation: 1
        at { seconds: 1773111600 }
      }
      levels {
        level: "broken"
        generation: 1
        late: true
        at { seconds: 1773129600 nanos: 1000000 }
      }
    }
  )pb");
}

std::vector<v1::Event> BrokenEvents() {
  std::vector<v1::Event> events;
  events.push_back(testing::Proto<v1::Event>(R"pb(
    version: 1
    verb: OPEN
    actor: "agent-7"
    recorded_at { seconds: 1772784000 }
    facts {
      at { seconds: 1772784000 }
      opened { reference: "4821-0937-55126" channel: "phone" }
    }
    facts {
      at { seconds: 1772784000 }
      state_changed { to: "new" phase: NEW public_status: OPEN_STATUS }
    }
    facts {
      at { seconds: 1772784000 }
      assigned { unit: "lights" because: "the category's unit" }
    }
    facts {
      at { seconds: 1772784000 }
      noticed { notice: "received" to: TO_REPORTER not_because: "anonymous" }
    }
  )pb"));
  events.push_back(testing::Proto<v1::Event>(R"pb(
    version: 2
    verb: WAIT
    actor: "agent-7"
    recorded_at { seconds: 1773021600 }
    facts {
      at { seconds: 1773021600 }
      state_changed { to: "waiting" phase: WAITING public_status: OPEN_STATUS }
    }
    facts {
      at { seconds: 1773021600 }
      waiting_set { waiting { for: FOR_REPORTER } }
    }
  )pb"));
  events.push_back(testing::Proto<v1::Event>(R"pb(
    version: 3
    verb: RESUME
    actor: "agent-7"
    recorded_at { seconds: 1773039600 }
    facts {
      at { seconds: 1773039600 }
      state_changed {
        to: "in_progress"
        phase: ACTIVE
        public_status: OPEN_STATUS
      }
    }
    facts {
      at { seconds: 1773039600 }
      clock_set {
        clock {
          clock: "resolve"
          cycle: 1
          state: RUNNING
          due { seconds: 1773129600 }
        }
        moved_from { seconds: 1773111600 }
        because: "pause"
      }
    }
  )pb"));
  events.push_back(testing::Proto<v1::Event>(R"pb(
    version: 4
    verb: TICK
    recorded_at { seconds: 1773280800 }
    facts {
      at { seconds: 1773129600 nanos: 1000000 }
      level_recorded {
        clock: "resolve"
        cycle: 1
        breach: true
        level { level: "broken" late: true }
        due { seconds: 1773129600 }
      }
    }
    facts {
      at { seconds: 1773280800 }
      noticed { notice: "urged" to: TO_UNIT recipient: "unit:lights" }
    }
  )pb"));
  return events;
}

std::string Drawn(const v1::Case& of, std::span<const v1::Event> events,
                  Format format, const Look& look) {
  const absl::StatusOr<std::string> out = Timeline(of, events, format, look);
  EXPECT_TRUE(out.ok()) << out.status();
  return out.value_or("");
}

// Every label of an SVG stays inside: x of its anchor and its estimated width.
void ExpectLabelsInside(const std::string& svg, double width) {
  size_t at = 0;
  int labels = 0;
  while ((at = svg.find("<text x=\"", at)) != std::string::npos) {
    const double x = std::stod(svg.substr(at + 9));
    EXPECT_GE(x, 0);
    EXPECT_LE(x, width);
    ++labels;
    ++at;
  }
  EXPECT_GT(labels, 5);
}

google::protobuf::Struct ParsedJson(const std::string& text) {
  google::protobuf::Struct parsed;
  const auto status =
      google::protobuf::util::JsonStringToMessage(text, &parsed);
  EXPECT_TRUE(status.ok()) << text;
  return parsed;
}

TEST(Timeline, TextTellsEveryEventAndDrawsEachClock) {
  const Policy policy = testing::SmallPolicy();
  const std::string text =
      Drawn(BrokenCase(), BrokenEvents(), Format::kText, {.policy = &policy});
  EXPECT_THAT(
      text,
      HasSubstr("case 4821-0937-55126, Street light out: In progress (open)\n"
                "times in Asia/Taipei\n"));
  EXPECT_THAT(text, HasSubstr("1   Fri 2026-03-06 16:00  open by agent-7\n"));
  EXPECT_THAT(text, HasSubstr("waiting for the reporter"));
  EXPECT_THAT(text, HasSubstr("resolve: running, broken, due Tue 2026-03-10 "
                              "16:00"));
  EXPECT_THAT(text, HasSubstr("moved from Tue 2026-03-10 11:00 because of "
                              "the pause"));
  EXPECT_THAT(text, HasSubstr("4   Thu 2026-03-12 10:00  by itself\n"));
  EXPECT_THAT(text, HasSubstr("noticed late"));
}

TEST(Timeline, WithoutEventsOrPolicyTheCaseStillShowsWhatItKeeps) {
  const std::string text = Drawn(BrokenCase(), {}, Format::kText, {});
  EXPECT_THAT(text, HasSubstr("times in UTC"));
  EXPECT_THAT(text, HasSubstr("resolve: running, broken"));
}

TEST(Timeline, SvgIsSelfContainedAndSaysItselfInWords) {
  const Policy policy = testing::SmallPolicy();
  const std::string svg =
      Drawn(BrokenCase(), BrokenEvents(), Format::kSvg, {.policy = &policy});
  EXPECT_THAT(svg, HasSubstr("viewBox=\"0 0 360 "));
  EXPECT_THAT(svg, HasSubstr("role=\"img\""));
  EXPECT_THAT(svg,
              HasSubstr("<title id=\"hotline-4821_2d0937_2d55126-title\">"));
  EXPECT_THAT(svg, HasSubstr("Clock resolve running, broken, due Tue "
                             "2026-03-10 16:00"));
  EXPECT_THAT(svg, Not(HasSubstr("href")));
  EXPECT_THAT(svg, HasSubstr("#faecb6"));  // open hours are shaded
  ExpectLabelsInside(svg, 360);
}

TEST(Timeline, SvgOfAYearIsNotShadedAndStaysSmall) {
  const Policy policy = testing::SmallPolicy();
  v1::Case of = BrokenCase();
  of.mutable_clocks(0)->mutable_due()->set_seconds(1772784000 + 365 * 86400);
  const std::string svg =
      Drawn(of, BrokenEvents(), Format::kSvg, {.policy = &policy});
  EXPECT_LT(svg.size(), 20'000u);
  ExpectLabelsInside(svg, 360);
}

TEST(Timeline, SvgEscapesWhatPeopleWrote) {
  v1::Case of = BrokenCase();
  of.set_reference("<b>&\"");
  of.set_state("a<b");
  const std::string svg = Drawn(of, {}, Format::kSvg, {});
  EXPECT_THAT(svg, Not(HasSubstr("<b>")));
  EXPECT_THAT(svg, HasSubstr("&lt;b&gt;&amp;&quot;"));
}

TEST(Timeline, MermaidHasNoCharacterThatMermaidReadsAsItsOwn) {
  v1::Case of = BrokenCase();
  of.set_state("a: b; c#d");
  const std::string gantt = Drawn(of, {}, Format::kMermaid, {});
  EXPECT_THAT(gantt, HasSubstr("gantt\n"));
  EXPECT_THAT(gantt, HasSubstr("section resolve\n"));
  EXPECT_THAT(gantt, HasSubstr("a  b  c d :"));
  EXPECT_THAT(gantt, HasSubstr("broken :crit, milestone, 2026-03-10T08:00:00"));
}

TEST(Timeline, JsonHasStatesSpansLevelsAndFacts) {
  const Policy policy = testing::SmallPolicy();
  const auto json = ParsedJson(
      Drawn(BrokenCase(), BrokenEvents(), Format::kJson, {.policy = &policy}));
  EXPECT_EQ(json.fields().at("reference").string_value(), "4821-0937-55126");
  EXPECT_EQ(json.fields().at("states").list_value().values_size(), 3);
  const auto& clock =
      json.fields().at("clocks").list_value().values(0).struct_value();
  EXPECT_EQ(clock.fields().at("due").string_value(), "2026-03-10T08:00:00Z");
  EXPECT_EQ(clock.fields().at("spans").list_value().values_size(), 3);
  EXPECT_TRUE(clock.fields()
                  .at("spans")
                  .list_value()
                  .values(1)
                  .struct_value()
                  .fields()
                  .at("paused")
                  .bool_value());
  EXPECT_EQ(clock.fields().at("levels").list_value().values_size(), 2);
  EXPECT_EQ(json.fields().at("events").list_value().values_size(), 4);
}

TEST(Timeline, AFormItDoesNotComeInIsRefusedByName) {
  const auto out = Timeline(BrokenCase(), {}, Format::kDot, {});
  EXPECT_EQ(ReasonOf(out.status()), v1::ErrorInfo::INVALID_ARGUMENT);
  EXPECT_EQ(out.status().message(),
            "a timeline comes as text, mermaid, svg or json");
}

TEST(Timeline, AClosedCaseIsNotDrawnUntilToday) {
  v1::Case of = BrokenCase();
  of.set_phase(v1::CLOSED);
  of.mutable_clocks(0)->set_state(v1::ClockState::STOPPED);
  auto* mark = of.mutable_clocks(0)->add_marks();
  mark->set_kind(v1::ClockMark::STOP);
  mark->mutable_at()->set_seconds(1773280800);
  const auto json = ParsedJson(
      Drawn(of, {}, Format::kJson, {.now = absl::FromUnixSeconds(1900000000)}));
  EXPECT_EQ(json.fields().at("until").string_value(), "2026-03-12T02:00:00Z");
}

TEST(Formats, AreReadByNameAndHintedWhenMistyped) {
  EXPECT_EQ(*ParseFormat("svg"), Format::kSvg);
  EXPECT_EQ(*ParseFormat("json"), Format::kJson);
  EXPECT_THAT(std::string(ParseFormat("mermiad").status().message()),
              HasSubstr("did you mean mermaid?"));
}

TEST(Explain, SaysWhyDueEscalatedToldAndNotTold) {
  const Policy policy = testing::SmallPolicy();
  const auto text =
      Explain(BrokenCase(), BrokenEvents(), Format::kText, {.policy = &policy});
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(*text, HasSubstr("promise: 16 h of working time "
                               "(clocks[0].targets[0])"));
  EXPECT_THAT(*text, HasSubstr("source: Charter, 3"));
  EXPECT_THAT(*text, HasSubstr("counted by calendar office"));
  EXPECT_THAT(*text, HasSubstr("filed Friday 6 March 2026 16:00"));
  EXPECT_THAT(*text, HasSubstr("paused Monday 9 March 10:00 to Monday 9 March "
                               "15:00, 5 h waiting for the reporter, 4 h of it "
                               "office hours"));
  EXPECT_THAT(*text, HasSubstr("event 3, Monday 9 March 15:00: due moved from "
                               "Tuesday 10 March 11:00 to Tuesday 10 March "
                               "16:00, because of the pause"));
  EXPECT_THAT(*text, HasSubstr("broken Tuesday 10 March 16:00"));
  EXPECT_THAT(*text, HasSubstr("level warn reached Tuesday 10 March 11:00: "
                               "75 % of the target (ladder urge)"));
  EXPECT_THAT(*text, HasSubstr("notice received not sent to the reporter, "
                               "because: anonymous"));
  EXPECT_THAT(*text, HasSubstr("notice urged to unit lights"));
}

TEST(Explain, DerivesWorkingTimeDayByDay) {
  const Policy policy = testing::SmallPolicy();
  const auto text =
      Explain(BrokenCase(), BrokenEvents(), Format::kText, {.policy = &policy});
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(*text, HasSubstr("Friday 6 March: 16:00-17:00 counts 1 h, 15 h "
                               "left"));
  EXPECT_THAT(*text, HasSubstr("Saturday 7 March, a make-up working day: "
                               "08:00-12:00 counts 4 h, 11 h left"));
  EXPECT_THAT(*text,
              HasSubstr("closed, passed over: Sunday 8 March (weekend)"));
  EXPECT_THAT(*text, HasSubstr("Monday 9 March: 08:00-10:00, 15:00-17:00 "
                               "counts 4 h, 7 h left"));
  EXPECT_THAT(*text, HasSubstr("Tuesday 10 March: 08:00-12:00, 13:00-16:00 "
                               "counts 7 h, the target is used up"));
}

TEST(Explain, JsonNamesEachStepOfEachClockAndWhoWasTold) {
  const auto json = Explain(BrokenCase(), BrokenEvents(), Format::kJson, {});
  ASSERT_TRUE(json.ok());
  const auto parsed = ParsedJson(*json);
  const auto& clock =
      parsed.fields().at("clocks").list_value().values(0).struct_value();
  EXPECT_EQ(clock.fields().at("id").string_value(), "resolve");
  const auto& steps = clock.fields().at("steps").list_value();
  ASSERT_GT(steps.values_size(), 5);
  EXPECT_EQ(steps.values(0).struct_value().fields().at("step").string_value(),
            "filed");
  const auto& notices = parsed.fields().at("notices").list_value();
  ASSERT_EQ(notices.values_size(), 2);
  const auto& missed = notices.values(0).struct_value().fields();
  EXPECT_EQ(missed.at("step").string_value(), "not_told");
  EXPECT_EQ(missed.at("because").string_value(), "anonymous");
  EXPECT_EQ(missed.at("recipient").string_value(), "reporter");
}

TEST(Explain, MarksWhatNoSourceGives) {
  v1::Case of = BrokenCase();
  of.mutable_clocks(0)->mutable_target()->set_illustrative(true);
  for (const Format format : {Format::kText, Format::kJson}) {
    EXPECT_THAT(*Explain(of, {}, format, {}), HasSubstr("illustrative"));
  }
  for (const Format format :
       {Format::kText, Format::kJson, Format::kSvg, Format::kMermaid}) {
    EXPECT_THAT(Drawn(of, {}, format, {}), HasSubstr("illustrative"));
  }
}

TEST(ExplainPromise, ChoosesTargetCalendarAndLadderAndDerivesTheDue) {
  const Policy policy = testing::SmallPolicy();
  const auto text = ExplainPromise(
      policy,
      {.category = "streetlight",
       .at = absl::FromUnixSeconds(1772787600)},  // Fri 17:00, closing
      Format::kText);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(*text, HasSubstr("Street light out, filed Friday 6 March 2026 "
                               "17:00\n"));
  EXPECT_THAT(*text, HasSubstr("unit lights"));
  EXPECT_THAT(*text, HasSubstr(", after closing → counted from Saturday 7 "
                               "March 08:00, a make-up working day"));
  // 4 h on Saturday, 8 on Monday, 4 on Tuesday: closing at noon.
  EXPECT_THAT(*text, HasSubstr("due Tuesday 10 March 12:00: 16 h of working "
                               "time; answered until the office opens again, "
                               "Tuesday 10 March 13:00, is kept"));
  // Sat, Mon and Tue are the three working days.
  EXPECT_THAT(*text, HasSubstr("Saturday 7 March, a make-up working day: "
                               "working day 1"));
  EXPECT_THAT(*text, HasSubstr("the period ends Tuesday 10 March 17:00, the "
                               "last closing of its date"));
  EXPECT_THAT(*text, HasSubstr("starts with the acceptance, not with the "
                               "filing"));
  EXPECT_THAT(*text, HasSubstr("level warn comes"));
}

TEST(ExplainPromise, APriorityOfItsOwnIsMarkedIfIllustrative) {
  const Policy policy = testing::SmallPolicy();
  const auto json = ExplainPromise(policy,
                                   {.category = "roads/streetlight",
                                    .at = absl::FromUnixSeconds(1772787600),
                                    .priority = "high"},
                                   Format::kJson);
  ASSERT_TRUE(json.ok()) << json.status();
  const auto parsed = ParsedJson(*json);
  const auto& clock =
      parsed.fields().at("clocks").list_value().values(0).struct_value();
  EXPECT_EQ(clock.fields().at("target").string_value(), "4 h of working time");
  EXPECT_EQ(clock.fields().at("due").string_value(), "2026-03-07T04:00:00Z");
  EXPECT_TRUE(clock.fields().at("illustrative").bool_value());
}

TEST(ExplainPromise, UnknownNamesAreHinted) {
  const Policy policy = testing::SmallPolicy();
  const absl::Time at = absl::FromUnixSeconds(1772787600);
  const auto message = [&](const PromiseQuestion& q) {
    const auto answer = ExplainPromise(policy, q, Format::kText);
    EXPECT_EQ(ReasonOf(answer.status()), v1::ErrorInfo::INVALID_ARGUMENT);
    return std::string(answer.status().message());
  };
  EXPECT_EQ(message({.category = "streetligth", .at = at}),
            "no category \"streetligth\"; did you mean streetlight?");
  EXPECT_EQ(message({.category = "streetlight", .at = at, .priority = "hgih"}),
            "no priority \"hgih\"; did you mean high?");
  EXPECT_EQ(message({.category = "streetlight", .at = at, .unit = "light"}),
            "no unit \"light\"; did you mean lights?");
}

TEST(Workflow, EveryFormNamesEveryState) {
  for (const Format format :
       {Format::kText, Format::kMermaid, Format::kDot, Format::kJson}) {
    const auto drawn = DrawWorkflow(StandardWorkflow(), format);
    ASSERT_TRUE(drawn.ok());
    for (const v1::StateSpec& state : StandardWorkflow().states()) {
      EXPECT_THAT(*drawn, HasSubstr(state.code())) << state.code();
    }
  }
}

TEST(Workflow, VerbsBetweenTwoStatesShareOneArrowWithTheirGuards) {
  const auto drawn = DrawWorkflow(StandardWorkflow(), Format::kMermaid);
  EXPECT_THAT(*drawn, HasSubstr("s_resolved --> s_in_progress : reopen "
                                "[staff], reopen [by_reporter, "
                                "in_reopen_window]"));
  EXPECT_THAT(*drawn, HasSubstr("s_resolved --> s_closed : close [staff], by "
                                "itself"));
  EXPECT_THAT(*drawn, HasSubstr("[*] --> s_new : open"));
}

TEST(Workflow, NamesFollowTheLanguage) {
  EXPECT_THAT(*DrawWorkflow(StandardWorkflow(), Format::kText, "zh-Hant"),
              HasSubstr("結案列管"));
}

TEST(Taxonomy, TreeShowsWhatIsInherited) {
  const Policy policy = testing::SmallPolicy();
  EXPECT_EQ(*DrawTaxonomy(policy, Format::kText),
            "policy small, A small city\n"
            "|-- roads  (group)\n"
            "|   `-- streetlight  Street light out  (case; unit lights; clocks "
            "resolve answer)\n"
            "`-- question  (information)\n");
  EXPECT_THAT(*DrawTaxonomy(policy, Format::kMermaid),
              HasSubstr("c_roads --> c_streetlight"));
  EXPECT_THAT(*DrawTaxonomy(policy, Format::kDot),
              HasSubstr("c_roads -> c_streetlight;"));
  ParsedJson(*DrawTaxonomy(policy, Format::kJson, "zh-Hant"));
}

TEST(Promises, EachCategoryHasItsTargetsSourcesAndMarks) {
  const Policy policy = testing::SmallPolicy();
  const auto text = DrawPromises(policy, Format::kText);
  ASSERT_TRUE(text.ok());
  EXPECT_THAT(*text, HasSubstr("16 h of working time"));
  EXPECT_THAT(*text, HasSubstr("Charter, 3"));
  EXPECT_THAT(*text, HasSubstr("for priority high"));
  EXPECT_THAT(*text, HasSubstr("illustrative"));
  EXPECT_THAT(*text, HasSubstr("ladder urge  broken  the breach"));
  const auto json = ParsedJson(*DrawPromises(policy, Format::kJson));
  EXPECT_EQ(json.fields().at("categories").list_value().values_size(), 2);
  EXPECT_FALSE(DrawPromises(policy, Format::kMermaid).ok());
}

}  // namespace
}  // namespace hotline
