// Contracts: versions are fences, and a Write is all or nothing.
#include "hotline/limits.h"
#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using rows::CaseAt;
using rows::Change;
using rows::Check;
using rows::Delivery;
using rows::Id;
using rows::Key;
using rows::Of;
using rows::OpenCase;
using rows::Put;
using rows::Row;
using E = v1::ErrorInfo;
using Numbers = std::vector<std::string>;

constexpr Level kBasic = Level::kBasic;
constexpr char kConflict[] = "a case or record is not at its version";
constexpr char kChecked[] = "the case is to be at its version, and nothing";
constexpr char kTaken[] = "reference or external id is taken;";
constexpr char kContradicts[] = "the Write contradicts itself";
constexpr char kNoTrace[] = "left no trace and the others stand";
constexpr char kTogether[] = "A case, a reference and an external id stand";

void RefusesContradiction(Trial& t, std::string_view what,
                          const CaseChange& change) {
  t.Refused(absl::StrCat(Describe({.cases = {change}}), ", ",
                         absl::string_view(what.data(), what.size())),
            t.Try({.cases = {change}}), E::INVALID_ARGUMENT);
}

// Two cases of one Write that bear the same: either word for it will do.
void RefusesTwins(Trial& t, std::string_view what, const CaseRow& twin) {
  const absl::Status got = t.Try({.cases = {Change(Row(1)), Change(twin)}});
  if (ReasonOf(got) != E::INVALID_ARGUMENT &&
      ReasonOf(got) != E::DUPLICATE_REFERENCE) {
    t.Fail(what, Show(got), "INVALID_ARGUMENT or DUPLICATE_REFERENCE");
  }
  t.Equal("Find after a refused Write", t.All({}), Numbers{});
}

constexpr Contract kContracts[] = {
    {kBasic, "stale_write_refused",
     "A Write at an older version of its case is refused.", kConflict, kNothing,
     [](Trial& t) {
       t.Bring(1, 4);
       t.Refused("Commit(expected=3) of a case at 4", t.Try(Of(Row(1, 4))),
                 E::VERSION_CONFLICT, "for that Write only");
       t.Equal("ReadCase, version", t.Read(1).version, int64_t{4});
       t.Equal("ReadEvents, count", t.Events(1).size(), size_t{4});
     }},
    {kBasic, "early_write_refused",
     "A Write at a version that is not reached yet is refused.", kConflict,
     kNothing,
     [](Trial& t) {
       t.Bring(1, 4);
       t.Refused("Commit(expected=5) of a case at 4", t.Try(Of(Row(1, 6))),
                 E::VERSION_CONFLICT);
       t.Equal("ReadCase, version", t.Read(1).version, int64_t{4});
       t.Equal("ReadEvents, count", t.Events(1).size(), size_t{4});
     }},
    {kBasic, "insert_of_existing_refused",
     "Inserting a case that is there is refused.", kConflict, kNothing,
     [](Trial& t) {
       t.Bring(1, 2);
       t.Refused("Commit(expected=0) of a case at 2", t.Try(OpenCase(1)),
                 E::VERSION_CONFLICT);
       t.EqualRow("ReadCase", t.Read(1), Row(1, 2));
     }},
    {kBasic, "update_of_missing_refused",
     "Changing a case that is not there is refused.", kConflict, kNothing,
     [](Trial& t) {
       t.Refused("Commit(expected=1) of no case", t.Try(Of(Row(1, 2))),
                 E::VERSION_CONFLICT);
       t.Equal("Find", t.All({}), Numbers{});
       t.Equal("ReadEvents, count", t.Events(1).size(), size_t{0});
     }},
    {kBasic, "repeated_write_refused",
     "The same Write given twice is refused the second time, so that an "
     "unknown outcome can be settled.",
     "the commit may have happened: read what it would have left", kNothing,
     [](Trial& t) {
       Write write = Of(Row(1));
       write.records = {Put("command 7", 1, 0)};
       t.Commit(write);
       t.Refused("the same Commit again", t.Try(write), E::VERSION_CONFLICT);
       t.Equal("ReadEvents, count", t.Events(1).size(), size_t{1});
       t.EqualRow("ReadCase", t.Read(1), Row(1));
     }},
    {kBasic, "version_is_reused_after_conflict",
     "A refused Write uses up no version.", kConflict, kNothing,
     [](Trial& t) {
       t.Bring(1, 2);
       for (int i = 0; i < 3; ++i) {
         t.Refused("Commit(expected=1) of a case at 2", t.Try(Of(Row(1, 2))),
                   E::VERSION_CONFLICT);
       }
       t.Commit(Of(Row(1, 3)));
       t.Equal("ReadCase, version", t.Read(1).version, int64_t{3});
       t.Equal("ReadEvents, count", t.Events(1).size(), size_t{3});
     }},
    {kBasic, "timer_moves_without_event",
     "Without an event a case keeps its version and its log.",
     "the row keeps its version. A new case has an", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       CaseRow row = Row(1);
       row.next_at = 55;
       row.payload = "also this";
       t.Commit({.cases = {{.row = row, .expected_version = 1}}});
       t.EqualRow("ReadCase", t.Read(1), row);
       t.Equal("ReadEvents, count", t.Events(1).size(), size_t{1});
     }},
    {kBasic, "stale_timer_refused",
     "A change without event is fenced by the version, too.", kConflict,
     kNothing,
     [](Trial& t) {
       t.Bring(1, 2);
       CaseRow row = Row(1);
       row.next_at = 5;
       t.Refused("Commit(expected=1, no event) of a case at 2",
                 t.Try({.cases = {{.row = row, .expected_version = 1}}}),
                 E::VERSION_CONFLICT);
       t.EqualRow("ReadCase", t.Read(1), Row(1, 2));
     }},
    {kBasic, "only_timer_moves_the_timer",
     "only_timer moves next_at and leaves the rest, sealed body and all.",
     "so a store may write that one column", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       CaseChange change{.row = Row(1), .expected_version = 1};
       change.row.next_at = 50;
       change.row.sealed.reset();
       change.write_sealed = false;
       change.only_timer = true;
       t.Commit({.cases = {change}});
       CaseRow want = Row(1);
       want.next_at = 50;
       t.EqualRow("ReadCase", t.Read(1), want);
       t.Equal("Claim(timers)", Ids(t.Timers(50)), Numbers{"1"});
       // What follows is written on top of it.
       t.Commit(Of(Row(1, 2)));
       t.EqualRow("ReadCase after the next version", t.Read(1), Row(1, 2));
       t.Equal("Claim(timers)", Ids(t.Timers(kNever - 1)), Numbers{});
       t.Refused("Commit(expected=1, only_timer) of a case at 2",
                 t.Try({.cases = {change}}), E::VERSION_CONFLICT);
       t.EqualRow("ReadCase", t.Read(1), Row(1, 2));
     }},
    {kBasic, "gap_in_versions_refused",
     "With an event the version rises by exactly one.",
     "With an event, row.version == expected_version + 1", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       CaseChange gap = Change(Row(1, 3));
       gap.expected_version = 1;
       RefusesContradiction(t, "row.version=3", gap);
       t.Equal("ReadCase, version", t.Read(1).version, int64_t{1});
     }},
    {kBasic, "foreign_event_refused",
     "An event bears the key and version of its case.",
     "With an event, row.version == expected_version + 1", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       CaseChange version = Change(Row(1, 2));
       version.event->version = 7;
       RefusesContradiction(t, "event.version=7", version);
       CaseChange key = Change(Row(1, 2));
       key.event->key.id = Id(9);
       RefusesContradiction(t, "the event of another case", key);
       t.Equal("ReadCase, version", t.Read(1).version, int64_t{1});
     }},
    {kBasic, "version_without_event_refused",
     "Without an event the version cannot rise.",
     "event is appended; without, the row keeps its version.", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       RefusesContradiction(t, "row.version=2",
                            {.row = Row(1, 2), .expected_version = 1});
       t.EqualRow("ReadCase", t.Read(1), Row(1));
     }},
    {kBasic, "new_case_needs_event", "A new case has its first event.",
     "the row keeps its version. A new case has an", kNothing,
     [](Trial& t) {
       RefusesContradiction(t, "a new case", {.row = Row(1, 0)});
       t.Equal("Find", t.All({}), Numbers{});
     }},
    {kBasic, "case_twice_refused", "A case stands once in a Write.", kTogether,
     kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       const CaseChange change = Change(Row(1, 2));
       t.Refused("Commit of one case twice in a Write",
                 t.Try({.cases = {change, change}}), E::INVALID_ARGUMENT);
       t.EqualRow("ReadCase", t.Read(1), Row(1));
     }},
    {kBasic, "checked_case_stays",
     "A case that is only checked is left as it stands.", kChecked, kNothing,
     [](Trial& t) {
       t.Bring(1, 3);
       t.Commit(OpenCase(2));
       const CaseRow before = t.Read(1);
       t.Ok("Commit with a check",
            t.Try({.cases = {Change(Row(2, 2)), Check(1, 3)}}));
       t.EqualRow("ReadCase of the checked", t.Read(1), before);
       t.Equal("ReadEvents of the checked, count", t.Events(1).size(),
               size_t{3});
       t.Equal("ReadCase of the other, version", t.Read(2).version, int64_t{2});
     }},
    {kBasic, "checked_case_that_moved_refuses",
     "A Write is refused if a case it checks is at another version or not "
     "there.",
     kChecked, kNothing,
     [](Trial& t) {
       t.Bring(1, 3);
       t.Commit(OpenCase(2));
       for (const CaseChange& check : {Check(1, 2), Check(1, 4), Check(7, 1)}) {
         t.Refused(absl::StrCat("Commit with a check of case ",
                                Number(check.row.key.id), " at ",
                                check.expected_version),
                   t.Try({.cases = {Change(Row(2, 2)), check}}),
                   E::VERSION_CONFLICT);
       }
       t.EqualRow("ReadCase of the other", t.Read(2), Row(2));
     }},
    {kBasic, "eight_cases_in_a_write", "A Write holds up to 8 cases, not 9.",
     "at most limits::kCasesPerWriteMax", kNothing,
     [](Trial& t) {
       Write write;
       for (int i = 1; i <= limits::kCasesPerWriteMax; ++i) {
         write.cases.push_back(Change(Row(i)));
       }
       t.Commit(write);
       t.Equal("Find, count", t.All({}).size(),
               size_t{limits::kCasesPerWriteMax});
       write = {};
       for (int i = 11; i <= 11 + limits::kCasesPerWriteMax; ++i) {
         write.cases.push_back(Change(Row(i)));
       }
       t.Refused("Commit of 9 cases in a Write", t.Try(write),
                 E::INVALID_ARGUMENT);
       t.Equal("Find, count", t.All({}).size(),
               size_t{limits::kCasesPerWriteMax});
     }},
    {kBasic, "contradiction_leaves_others",
     "A Write that contradicts itself leaves no trace; the others stand.",
     kContradicts, kNothing,
     [](Trial& t) {
       CaseChange gap = Change(Row(2, 3));
       const std::vector<Write> writes = {
           OpenCase(1),
           {.cases = {{.row = Row(2, 0)}}, .records = {Put("a", 1, -1)}},
           OpenCase(3)};
       const auto verdicts = t.store().Commit(writes);
       if (!t.Equal("Commit of 3 Writes, verdicts", verdicts.size(),
                    size_t{3})) {
         return;
       }
       t.Ok("Commit, Write 1 of 3", verdicts[0]);
       t.Refused("Commit, Write 2 of 3", verdicts[1], E::INVALID_ARGUMENT);
       t.Ok("Commit, Write 3 of 3", verdicts[2]);
       t.Equal("Find", t.All({}), Numbers{"1", "3"});
       t.Equal("ReadRecords", t.Keys({}), Numbers{});
     }},
    {kBasic, "write_is_one_change", "Several cases change together.",
     "One command: all of it or none.", kNothing,
     [](Trial& t) {
       t.Commit({.cases = {Change(Row(1)), Change(Row(2)), Change(Row(3))},
                 .deliveries = {Delivery(1, 5)},
                 .records = {Put("a", 1, 0)}});
       t.Equal("Find", t.All({}), Numbers{"1", "2", "3"});
       t.Equal("ReadRecords", t.Keys({}), Numbers{"a"});
       t.Equal("Claim(deliveries)", Ids(t.Deliveries(5)), Numbers{"1"});
     }},
    {kBasic, "stale_case_stops_its_write",
     "One stale case stops all of its Write: cases, deliveries, records, "
     "erasures, removals.",
     "One command: all of it or none.", kNothing,
     [](Trial& t) {
       t.Commit({.cases = {Change(Row(1)), Change(Row(3))},
                 .records = {Put("old", 1, 0)}});
       t.Refused(
           "Commit of a new and a stale case",
           t.Try({.cases = {Change(Row(2)), Change(Row(1))},
                  .deliveries = {Delivery(1, 5)},
                  .records = {Put("a", 1, 0)},
                  .erasures = {{.kind = RowKey::kCase, .case_key = CaseAt(3)}},
                  .removals = {Key("old")}}),
           E::VERSION_CONFLICT);
       t.Equal("Find", t.All({}), Numbers{"1", "3"});
       t.Equal("ReadEvents of the new case, count", t.Events(2).size(),
               size_t{0});
       t.Equal("ReadRecords", t.Keys({}), Numbers{"old"});
       t.EqualRow("ReadCase of the case to be erased", t.Read(3), Row(3));
       t.Equal("Claim(deliveries)", Ids(t.Deliveries(5)), Numbers{});
     }},
    {kBasic, "stale_record_stops_its_write",
     "One stale record stops all of its Write.",
     "One command: all of it or none.", kNothing,
     [](Trial& t) {
       t.Commit({.records = {Put("a", 3, 0)}});
       Write write = OpenCase(1);
       write.records = {Put("b", 1, 0), Put("a", 2, 1)};
       write.deliveries = {Delivery(1, 5)};
       t.Refused("Commit of a new case and a stale record", t.Try(write),
                 E::VERSION_CONFLICT);
       t.Equal("Find", t.All({}), Numbers{});
       t.Equal("ReadRecords", t.Keys({}), Numbers{"a"});
       t.Equal("Claim(deliveries)", Ids(t.Deliveries(5)), Numbers{});
     }},
    {kBasic, "verdict_is_the_writes_own",
     "A refused Write leaves those beside it in the Commit standing.", kNoTrace,
     kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(2));
       const std::vector<Write> writes = {OpenCase(1), OpenCase(2),
                                          OpenCase(3)};
       const auto verdicts = t.store().Commit(writes);
       if (!t.Equal("Commit of 3 Writes, verdicts", verdicts.size(),
                    size_t{3})) {
         return;
       }
       t.Ok("Commit, Write 1 of 3", verdicts[0]);
       t.Refused("Commit, Write 2 of 3, stale", verdicts[1],
                 E::VERSION_CONFLICT);
       t.Ok("Commit, Write 3 of 3", verdicts[2]);
       t.Equal("Find", t.All({}), Numbers{"1", "2", "3"});
     }},
    {kBasic, "write_sees_those_before",
     "A Write sees what those before it in its Commit left.",
     "A Write sees what those before it in `writes` left.", kNothing,
     [](Trial& t) {
       const std::vector<Write> writes = {OpenCase(1), Of(Row(1, 2)),
                                          Of(Row(1, 2)), Of(Row(1, 3))};
       const auto verdicts = t.store().Commit(writes);
       if (!t.Equal("Commit of 4 Writes, verdicts", verdicts.size(),
                    size_t{4})) {
         return;
       }
       t.Ok("Commit, Write 1: version 1", verdicts[0]);
       t.Ok("Commit, Write 2: version 2", verdicts[1]);
       t.Refused("Commit, Write 3: version 2 again", verdicts[2],
                 E::VERSION_CONFLICT);
       t.Ok("Commit, Write 4: version 3", verdicts[3]);
       t.EqualRow("ReadCase", t.Read(1), Row(1, 3));
       t.Equal("ReadEvents, count", t.Events(1).size(), size_t{3});
     }},
    {kBasic, "changes_of_one_case_in_one_commit",
     "One Commit may bring a case through many versions; each has its event.",
     "A Write sees what those before it in `writes` left.", kNothing,
     [](Trial& t) {
       std::vector<Write> writes;
       for (int64_t v = 1; v <= 12; ++v) {
         CaseRow row = Row(1, v);
         row.category = v % 2 == 0 ? "even" : "odd";
         row.next_at = 100 + v;
         row.reference = absl::StrCat("R1-", v);
         writes.push_back(Of(row));
       }
       t.CommitAll(writes);
       t.EqualRow("ReadCase", t.Read(1), writes.back().cases[0].row);
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{12})) return;
       t.EqualEvent("ReadEvents, event 7", events[6],
                    *writes[6].cases[0].event);
       t.Equal("Find(category=odd)", t.All({.category = "odd"}), Numbers{});
       t.Equal("Find(category=even)", t.All({.category = "even"}),
               Numbers{"1"});
       t.Equal("Find(references=R1-3)", t.All({.references = {"R1-3"}}),
               Numbers{});
       t.Equal("Claim(timers), count", t.Timers(1'000).size(), size_t{1});
     }},
    {kBasic, "record_seen_within_commit",
     "A record written by a Write is seen by those after it in the Commit.",
     "A Write sees what those before it in `writes` left.", kNothing,
     [](Trial& t) {
       const std::vector<Write> writes = {{.records = {Put("a", 1, 0)}},
                                          {.records = {Put("a", 1, 0)}},
                                          {.records = {Put("a", 2, 1)}},
                                          {.removals = {Key("a")}},
                                          {.records = {Put("a", 9, 0)}}};
       const auto verdicts = t.store().Commit(writes);
       if (!t.Equal("Commit of 5 Writes, verdicts", verdicts.size(),
                    size_t{5})) {
         return;
       }
       t.Refused("Commit, Write 2: inserts again", verdicts[1],
                 E::VERSION_CONFLICT);
       for (const size_t i : {0, 2, 3, 4}) {
         t.Ok(absl::StrCat("Commit, Write ", i + 1), verdicts[i]);
       }
       t.Equal("ReadRecords, version",
               t.Get(Key("a")).value_or(Record{}).version, int64_t{9});
     }},
    {kBasic, "no_writes_no_verdicts", "Nothing given, nothing answered.",
     "One durable transaction. Answers a verdict for each Write", kNothing,
     [](Trial& t) {
       t.Equal("Commit of nothing, verdicts", t.store().Commit({}).size(),
               size_t{0});
       t.Equal("Finish of nothing, verdicts", t.store().Finish({}).size(),
               size_t{0});
       const Write empty;
       t.Ok("Commit of an empty Write", t.Try(empty));
     }},
    {kBasic, "reference_given_once",
     "A reference that another case bears is refused, and the problem says "
     "which field.",
     kTaken, kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       CaseRow row = Row(2);
       row.reference = "R1";
       const absl::Status got = t.Try(Of(row));
       t.Refused("Commit of a reference that is taken", got,
                 E::DUPLICATE_REFERENCE);
       const v1::ErrorInfo info = InfoOf(got);
       t.Equal("its problems(0).path",
               info.problems_size() == 0 ? "" : info.problems(0).path(),
               std::string("reference"));
       t.Equal("Find", t.All({}), Numbers{"1"});
     }},
    {kBasic, "reference_taken_by_change",
     "A case cannot change to a reference that another bears.", kTaken,
     kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Commit(OpenCase(2));
       CaseRow row = Row(2, 2);
       row.reference = "R1";
       t.Refused("Commit of a reference that is taken", t.Try(Of(row)),
                 E::DUPLICATE_REFERENCE);
       t.EqualRow("ReadCase", t.Read(2), Row(2));
       t.Equal("Find(references=R1)", t.All({.references = {"R1"}}),
               Numbers{"1"});
     }},
    {kBasic, "reference_is_free_again",
     "A reference that its case gave up may be given to another.",
     "unique per tenant", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       CaseRow row = Row(1, 2);
       row.reference = "new";
       t.Commit(Of(row));
       CaseRow other = Row(2);
       other.reference = "R1";
       t.Commit(Of(other));
       t.Equal("Find(references=R1)", t.All({.references = {"R1"}}),
               Numbers{"2"});
     }},
    {kBasic, "reference_twice_in_a_write_refused",
     "A reference stands once in a Write.", kTogether, kNothing,
     [](Trial& t) {
       CaseRow twin = Row(2);
       twin.reference = "R1";
       RefusesTwins(t, "Commit of one reference twice in a Write", twin);
     }},
    {kBasic, "external_id_given_once",
     "An external id is given once per system; two cases without any are no "
     "duplicates.",
     "Unique per (tenant, system, id) unless both are empty.", kNothing,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.external_system = "crm";
       row.external_id = "7";
       t.Commit(Of(row));
       CaseRow second = Row(2);
       second.external_system = "crm";
       second.external_id = "7";
       const absl::Status got = t.Try(Of(second));
       t.Refused("Commit of an external id that is taken", got,
                 E::DUPLICATE_REFERENCE);
       const v1::ErrorInfo info = InfoOf(got);
       t.Equal("its problems(0).path",
               info.problems_size() == 0 ? "" : info.problems(0).path(),
               std::string("external_id"));
       second.external_system = "erp";
       t.Commit(Of(second));
       t.Commit(OpenCase(3));
       t.Commit(OpenCase(4));
       row.version = 2;
       t.Commit(Of(row));  // its own is no duplicate
     }},
    {kBasic, "external_id_may_come_later",
     "An external id can be added to a case, but not another's.",
     "Unique per (tenant, system, id) unless both are empty.", kNothing,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.external_system = "crm";
       row.external_id = "7";
       t.Commit(Of(row));
       t.Commit(OpenCase(2));
       CaseRow later = Row(2, 2);
       later.external_system = "crm";
       later.external_id = "7";
       t.Refused("Commit of an external id that is taken", t.Try(Of(later)),
                 E::DUPLICATE_REFERENCE);
       later.external_id = "8";
       t.Commit(Of(later));
       t.EqualRow("ReadCase", t.Read(2), later);
     }},
    {kBasic, "refused_write_frees_its_names",
     "What a refused Write would have taken is free.", kNoTrace, kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       CaseRow row = Row(2);
       row.external_system = "crm";
       row.external_id = "7";
       Write refused{.cases = {Change(row), Change(Row(1))},
                     .deliveries = {Delivery(1, 5)},
                     .records = {Put("a", 1, 0)}};
       t.Refused("Commit with a stale case", t.Try(refused),
                 E::VERSION_CONFLICT);
       row.key = CaseAt(3);
       DeliveryRow delivery = Delivery(2, 5);
       delivery.dedupe_key = Delivery(1, 5).dedupe_key;
       t.Commit({.cases = {Change(row)},
                 .deliveries = {delivery},
                 .records = {Put("a", 1, 0)}});
       t.Equal("Find", t.All({}), Numbers{"1", "3"});
       t.Equal("Claim(deliveries)", Ids(t.Deliveries(5)), Numbers{"2"});
     }},
};

}  // namespace

std::span<const Contract> WriteContracts() { return kContracts; }

}  // namespace hotline::testing
