// Goal: every row of an export becomes a case, a contact or a refusal that says
// why, and nothing is repaired unless the map orders it. Method: small exports
// with one kind of dirt each, on a store in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "hotline/adapters/memory_store.h"
#include "hotline/error.h"
#include "hotline/intake.h"

namespace hotline {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kPolicy[] = R"pb(
  id: "test"
  time_zone: "America/New_York"
  calendars {
    id: "office"
    time_zone: "America/New_York"
    weekly {
      day: MONDAY
      hours { open: "09:00" close: "17:00" }
    }
    weekly {
      day: TUESDAY
      hours { open: "09:00" close: "17:00" }
    }
  }
  units {
    code: "works"
    names { language: "en" text: "Public Works" }
    calendar: "office"
  }
  areas {
    code: "east"
    names { language: "zh-Hant" text: "東區" }
  }
  ladders {
    code: "l"
    levels { code: "breach" breach: true }
  }
  clocks {
    code: "resolve"
    calendar: "office"
    ladder: "l"
    shown: true
    targets { elapsed: "24h" }
  }
  categories {
    code: "roads"
    kind: GROUP
    names { language: "en" text: "Roads" }
  }
  categories {
    code: "pothole"
    parent: "roads"
    kind: CASE
    names { language: "en" text: "Pothole / Hole" }
    clocks { clock: "resolve" }
  }
  categories { code: "lights" kind: GROUP }
  categories {
    code: "light"
    parent: "lights"
    kind: CASE
    names { language: "en" text: "Broken" }
  }
  categories {
    code: "sign"
    parent: "roads"
    kind: CASE
    names { language: "en" text: "Broken" }
  }
  roles {
    code: "machine"
    all_verbs: true
    permissions: IMPORT
    permissions: LATE_FACT
    permissions: ADOPT
    permissions: READ_ALL
    permissions: READ_INTERNAL
    permissions: READ_PERSONAL
    permissions: RECORD_CONTACT
  }
)pb";

constexpr char kMap[] = R"pb(
  id: "m"
  system: "old"
  time_zone: "America/New_York"
  nulls: "N/A"
  key { name: "id" }
  opened {
    column { name: "opened" }
    form: "%Y-%m-%d %H:%M:%S"
  }
  closed {
    column { name: "closed" }
    form: "%Y-%m-%d %H:%M:%S"
  }
  category {
    paths {
      levels { name: "group" }
      levels { name: "type" }
    }
    paths {
      levels { name: "type" }
      remark: "by type alone"
    }
  }
  status {
    column { name: "status" }
    states { words: "open" }
    states {
      words: "closed"
      steps { verb: CLOSE at: AT_CLOSED }
    }
  }
  area {
    column { name: "area" }
    ignore_blanks: true
  }
  latitude { name: "lat" }
  longitude { name: "lon" }
  failed_points { latitude: 1.5 longitude: 2.5 remark: "not found" }
  description { name: "text" }
  outcome { otherwise: "answered" }
)pb";

struct Outcome {
  absl::Status status;
  ReplaySummary summary;
  std::vector<RefusedRow> refused;
  std::vector<ReplayedCase> cases;
};

class ReplayTest : public ::testing::Test {
 protected:
  ReplayTest() {
    const auto map = ParseImportMap(kMap);
    EXPECT_TRUE(map.ok()) << map.status();
    map_ = *map;
  }

  Outcome Import(const std::string& csv) {
    Outcome outcome;
    const auto policy = Policy::FromTextproto(kPolicy);
    EXPECT_TRUE(policy.ok()) << policy.status();
    MemoryStore store;
    SimulatedClock clock;
    auto engine = Engine::Open(&store, {.clock = &clock});
    std::istringstream in(csv);
    auto rows = ReadCsv(&in);
    ReplayOptions options;
    options.refused = [&](const RefusedRow& row) {
      outcome.refused.push_back(row);
    };
    options.replayed = [&](const ReplayedCase& found) {
      outcome.cases.push_back(found);
    };
    auto summary = ReplayRows(engine->get(), &clock, *policy, map_,
                              {{"f.csv", rows.get()}}, options);
    outcome.status = summary.status();
    if (!summary.ok()) return outcome;
    outcome.summary = *summary;
    EXPECT_EQ(summary->rows,
              summary->cases + summary->contacts + summary->refused);
    return outcome;
  }

  // One open pothole with these values of further columns.
  Outcome ImportOne(const std::string& columns, const std::string& values) {
    return Import("id,opened,group,type,status," + columns +
                  "\n1,2024-01-08 10:00:00,Roads,Pothole / Hole,open," +
                  values + "\n");
  }

  v1::ImportMap map_;
};

std::string At(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(at.seconds()),
                          absl::UTCTimeZone());
}

TEST_F(ReplayTest, OpensAndClosesAtTheInstantsOfTheRow) {
  const Outcome outcome = Import(
      "id,opened,closed,group,type,status\n"
      "7,2024-01-08 10:00:00,2024-01-09 09:00:00,Roads,POTHOLE /  hole,closed\n"
      "8,2024-01-08 10:00:00,2024-01-10 09:00:00,roads,pothole,closed\n"
      "9,2024-01-09 12:00:00,,roads,pothole,open\n");
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  ASSERT_EQ(outcome.cases.size(), 3u);
  const v1::Case& first = outcome.cases[0].found;
  EXPECT_EQ(outcome.cases[0].source_id, "7");
  EXPECT_EQ(first.external().system(), "old");
  EXPECT_EQ(first.external().id(), "7");
  EXPECT_EQ(first.state(), "closed");
  EXPECT_EQ(first.outcome(), "answered");
  EXPECT_EQ(At(first.opened_at()), "2024-01-08T15:00:00Z");
  EXPECT_EQ(At(first.closed_at()), "2024-01-09T14:00:00Z");
  const auto& clock = outcome.summary.clocks.at("resolve");
  EXPECT_EQ(clock.met, 1);
  EXPECT_EQ(clock.breached, 1);
  EXPECT_EQ(clock.running, 1);
}

TEST_F(ReplayTest, ABreachHasItsOwnInstantAndNotThatOfTheNextRow) {
  const Outcome outcome = Import(
      "id,opened,closed,group,type,status\n"
      "7,2024-01-08 10:00:00,2024-03-01 09:00:00,Roads,pothole,closed\n");
  ASSERT_EQ(outcome.cases.size(), 1u);
  const v1::ClockState& clock = outcome.cases[0].found.clocks(0);
  EXPECT_TRUE(clock.breached());
  EXPECT_EQ(At(clock.due()), "2024-01-09T15:00:00Z");
  ASSERT_EQ(clock.levels_size(), 1);
  EXPECT_FALSE(clock.levels(0).late());
}

TEST_F(ReplayTest, RefusesRowsByFieldAndReason) {
  const Outcome outcome = Import(
      "id,opened,closed,group,type,status,area,lat,lon\n"
      ",2024-01-08 10:00:00,,Roads,pothole,open,,,\n"
      "2,,,Roads,pothole,open,,,\n"
      "3,2024-02-30 10:00:00,,Roads,pothole,open,,,\n"
      "4,2024-01-08 10:00:00,,Roads,flood,open,,,\n"
      "5,2024-01-08 10:00:00,,,Broken,open,,,\n"
      "6,2024-01-08 10:00:00,,Roads,pothole,lost,,,\n"
      "7,2024-01-08 10:00:00,,Roads,pothole,closed,,,\n"
      "8,2024-01-08 10:00:00,2024-01-07 10:00:00,Roads,pothole,closed,,,\n"
      "9,2024-01-08 10:00:00,,Roads,pothole,open,west,,\n"
      "10,2024-01-08 10:00:00,,Roads,pothole,open,,nan,1\n"
      "11,2024-01-08 10:00:00,,Roads,pothole,open,,91,1\n"
      "12,2024-01-08 10:00:00,,Roads,pothole,open,,45,\n"
      "13,2024-01-08 10:00:00\n"
      "14,1024-01-08 10:00:00,,Roads,pothole,open,,,\n");
  std::vector<std::string> told;
  for (const RefusedRow& row : outcome.refused) {
    told.push_back(std::to_string(row.row) + " " + row.field + " " +
                   row.reason);
    EXPECT_EQ(row.file, "f.csv");
    EXPECT_EQ(row.line, row.row + 1);
    EXPECT_NE(row.detail, "");
  }
  EXPECT_THAT(
      told,
      ElementsAre("1 key missing", "2 opened missing", "3 opened not_a_time",
                  "4 category unknown_category",
                  "5 category ambiguous_category", "6 status unknown_status",
                  "7 closed missing", "8 closed closed_before_opened",
                  "9 area unknown_area", "10 latitude bad_coordinate",
                  "11 latitude bad_coordinate", "12 longitude missing",
                  "13 row field_count", "14 opened out_of_range"));
  EXPECT_EQ(outcome.summary.refused, 14);
  EXPECT_EQ(outcome.summary.refusals.at("missing"), 4);
}

TEST_F(ReplayTest, ARepeatedKeyIsRefusedOrMergedAsTheMapSays) {
  const std::string csv =
      "id,opened,group,type,status\n"
      "1,2024-01-08 10:00:00,Roads,pothole,open\n"
      "1,2024-01-08 11:00:00,Roads,pothole,open\n"
      "1,2024-01-08 12:00:00,Roads,pothole,open\n";
  const Outcome refused = Import(csv);
  EXPECT_EQ(refused.summary.cases, 1);
  EXPECT_THAT(refused.summary.refusals, ElementsAre(Pair("repeated_key", 2)));

  map_.set_repeated_key(v1::ImportMap::MERGE_REPEATED);
  const Outcome merged = Import(csv);
  EXPECT_EQ(merged.summary.cases, 3);
  EXPECT_EQ(merged.summary.merged, 2);
  ASSERT_EQ(merged.cases.size(), 3u);
  EXPECT_EQ(merged.cases[1].found.external().id(), "1#2");
  EXPECT_EQ(merged.cases[2].found.external().id(), "1#3");
  EXPECT_EQ(merged.cases[1].found.merged_into(),
            merged.cases[0].found.reference());
}

TEST_F(ReplayTest, RepairsAreCountedByWhatWasDone) {
  map_.mutable_opened()->set_shift("-8h");
  map_.mutable_closed()->set_midnight(v1::ImportTime::FIRST_OF_DATE);
  const Outcome outcome = Import(
      "id,opened,closed,group,type,status,lat,lon\n"
      "1,2024-01-08 18:00:00,2024-01-08 00:00:00,Roads,pothole,closed,1.5,2.5\n"
      "2,2024-01-08 18:00:00,,wrong,pothole,open,N/A,n/a\n");
  ASSERT_EQ(outcome.cases.size(), 2u) << outcome.status;
  EXPECT_EQ(At(outcome.cases[0].found.opened_at()), "2024-01-08T15:00:00Z");
  EXPECT_EQ(At(outcome.cases[0].found.closed_at()), "2024-01-08T15:00:00Z");
  EXPECT_FALSE(outcome.cases[0].found.sealed().place().has_latitude());
  EXPECT_THAT(outcome.summary.remarks,
              ElementsAre(Pair("category: by type alone", 1),
                          Pair("closed: only the date is known", 1),
                          Pair("opened: shifted by -8h", 2),
                          Pair("place: not found", 1)));
}

TEST_F(ReplayTest, ClosedBeforeOpenedIsMovedOnlyIfTheMapSaysSo) {
  map_.set_closed_before_opened(v1::ImportMap::CLOSE_AT_OPENING);
  const Outcome outcome = Import(
      "id,opened,closed,group,type,status\n"
      "1,2024-01-08 10:00:00,2024-01-07 10:00:00,Roads,pothole,closed\n");
  ASSERT_EQ(outcome.cases.size(), 1u);
  EXPECT_EQ(At(outcome.cases[0].found.closed_at()), "2024-01-08T15:00:00Z");
  EXPECT_THAT(outcome.summary.remarks,
              ElementsAre(Pair(
                  "closed: before the opening, closed at the opening", 1)));
}

TEST_F(ReplayTest, AClosingTimeTheStatusContradictsIsSaid) {
  const Outcome outcome = Import(
      "id,opened,closed,group,type,status\n"
      "1,2024-01-08 10:00:00,2024-01-09 10:00:00,Roads,pothole,open\n");
  ASSERT_EQ(outcome.cases.size(), 1u);
  EXPECT_EQ(outcome.cases[0].found.state(), "new");
  EXPECT_THAT(outcome.summary.remarks,
              ElementsAre(Pair("closed: a closing time the status "
                               "contradicts, not used",
                               1)));
}

TEST_F(ReplayTest, LocalTimesAtTheChangeOfClocksFollowRfc5545) {
  const Outcome outcome = Import(
      "id,opened,group,type,status\n"
      "1,2024-03-10 02:30:00,Roads,pothole,open\n"
      "2,2024-11-03 01:30:00,Roads,pothole,open\n");
  ASSERT_EQ(outcome.cases.size(), 2u);
  // In the gap the offset before it (-05:00), twice there: the first (-04:00).
  EXPECT_EQ(At(outcome.cases[0].found.opened_at()), "2024-03-10T07:30:00Z");
  EXPECT_EQ(At(outcome.cases[1].found.opened_at()), "2024-11-03T05:30:00Z");
  EXPECT_EQ(outcome.summary.remarks.size(), 2u);
}

TEST_F(ReplayTest, WidthBlanksAndCaseDoNotMatterInNames) {
  const Outcome outcome = ImportOne("area", "東　 區");
  ASSERT_EQ(outcome.cases.size(), 1u);
  EXPECT_EQ(outcome.cases[0].found.area(), "east");
}

TEST_F(ReplayTest, BrokenTextIsRefusedOrMendedAsTheMapSays) {
  const Outcome refused = ImportOne("text", "a\x01\xFFz");
  EXPECT_THAT(refused.summary.refusals, ElementsAre(Pair("unclean_text", 1)));
  map_.set_mend_texts(true);
  const Outcome mended = ImportOne("text", "a\x01\xFFz");
  ASSERT_EQ(mended.cases.size(), 1u);
  EXPECT_EQ(mended.cases[0].found.sealed().description(),
            "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(mended.summary.remarks.size(), 1u);
}

TEST_F(ReplayTest, RowsOfAKindBecomeContactsOrAreLeftOutByName) {
  auto* contact = map_.add_row_rules();
  contact->mutable_column()->add_name("status");
  contact->add_words("asked");
  contact->set_contact(v1::Contact::INQUIRY);
  auto* test = map_.add_row_rules();
  test->mutable_column()->add_name("status");
  test->add_words("TEST");
  test->set_reason("test_row");
  const Outcome outcome = Import(
      "id,opened,group,type,status\n"
      "1,2024-01-08 10:00:00,Roads,pothole,asked\n"
      "2,2024-01-08 10:00:00,Roads,pothole,test\n");
  EXPECT_EQ(outcome.summary.contacts, 1);
  EXPECT_THAT(outcome.summary.refusals, ElementsAre(Pair("test_row", 1)));
}

TEST_F(ReplayTest, AnAnswerOfAnOpenCaseIsKeptAsANote) {
  map_.mutable_answer()->add_name("text");
  map_.clear_description();
  const Outcome outcome = ImportOne("text", "we are on it");
  ASSERT_EQ(outcome.cases.size(), 1u);
  EXPECT_EQ(outcome.cases[0].found.public_notes(), 1);
}

TEST_F(ReplayTest, APromiseOfTheOlderSystemIsKept) {
  map_.mutable_due()->mutable_time()->mutable_column()->add_name("due");
  map_.mutable_due()->mutable_time()->add_form("%Y-%m-%d %H:%M:%S");
  map_.mutable_due()->set_use(v1::ImportDue::PROMISE);
  const Outcome outcome = ImportOne("due", "2024-01-20 10:00:00");
  ASSERT_EQ(outcome.cases.size(), 1u) << outcome.status;
  EXPECT_EQ(At(outcome.cases[0].found.clocks(0).due()), "2024-01-20T15:00:00Z");
}

TEST_F(ReplayTest, TheWrongFileIsAnErrorThatNamesTheColumn) {
  const Outcome outcome = Import("identity,openend\n1,2\n");
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(outcome.status.message()),
              ::testing::HasSubstr("f.csv: has no column \"id\""));
}

TEST_F(ReplayTest, AMapThatDoesNotFitThePolicyIsToldWhole) {
  auto* word = map_.mutable_area()->add_words();
  word->add_said("x");
  word->set_meant("eest");
  map_.set_time_zone("Mars/Base");
  map_.mutable_opened()->set_shift("soon");
  map_.mutable_category()->set_otherwise("roads");
  map_.mutable_status()->mutable_states(1)->mutable_steps(0)->set_verb(
      v1::MERGE);
  const Outcome outcome = Import("id,opened\n");
  std::vector<std::string> paths;
  const v1::ErrorInfo info = InfoOf(outcome.status);
  for (const auto& problem : info.problems()) paths.push_back(problem.path());
  EXPECT_THAT(
      paths,
      ElementsAre("time_zone", "opened.shift", "category.otherwise",
                  "status.states[1].steps[0].verb", "area.words[0].meant"));
}

TEST(ImportMapTest, AnUnknownFieldIsToldByItsLine) {
  const auto map = ParseImportMap("id: \"m\"\nkee { name: \"id\" }\n");
  ASSERT_FALSE(map.ok());
  EXPECT_THAT(InfoOf(map.status()).problems(0).path(),
              ::testing::HasSubstr("line 2"));
}

}  // namespace
}  // namespace hotline
