// Contracts: a case and its events are read as they were written.
#include <limits>

#include "hotline/limits.h"
#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using rows::CaseAt;
using rows::Change;
using rows::kCity;
using rows::Of;
using rows::OpenCase;
using rows::Row;
using E = v1::ErrorInfo;

constexpr Level kBasic = Level::kBasic;

// A row of which no column has its default.
CaseRow Full(int64_t number, int64_t version = 1) {
  CaseRow row = Row(number, version);
  row.external_system = "crm";
  row.external_id = absl::StrCat("E-", number);
  row.cell = -7;
  row.phase = 4;
  row.open = false;
  row.least_due = 99;
  row.next_at = 77;
  return row;
}

constexpr Contract kContracts[] = {
    {kBasic, "case_comes_back",
     "Every column of a case is read as it was written.",
     "A case as stored: the columns below", kNothing,
     [](Trial& t) {
       t.Commit(Of(Full(1)));
       t.EqualRow("ReadCase", t.Read(1), Full(1));
     }},
    {kBasic, "case_changes_whole",
     "A later version replaces every column of a case.",
     "A case as stored: the columns below", kNothing,
     [](Trial& t) {
       t.Commit(Of(Full(1)));
       CaseRow row = Row(1, 2);
       row.reference = "other";
       row.external_system = "erp";
       row.external_id = "E-9";
       row.category = "noise";
       row.unit = "police";
       row.cell = 12;
       row.phase = 5;
       row.opened_at = 5;
       row.least_due = 6;
       row.next_at = 7;
       row.chain = std::string(32, 'd');
       row.sealed.reset();
       t.Commit(Of(row));
       t.EqualRow("ReadCase after a second version", t.Read(1), row);
     }},
    {kBasic, "external_id_can_go", "A case can lose its external id.",
     "Unique per (tenant, system, id) unless both are empty.", kNothing,
     [](Trial& t) {
       t.Commit(Of(Full(1)));
       t.Commit(Of(Row(1, 2)));
       t.EqualRow("ReadCase without its external id", t.Read(1), Row(1, 2));
       CaseRow other = Row(2);
       other.external_system = "crm";
       other.external_id = "E-1";
       t.Commit(Of(other));
     }},
    {kBasic, "missing_case_not_found", "A case that is not there is NOT_FOUND.",
     "NOT_FOUND (CASE_NOT_FOUND) if there is no such case.", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Refused("ReadCase of no case",
                 t.store().ReadCase(CaseAt(2), Part::kPayload),
                 E::CASE_NOT_FOUND);
       t.Refused("ReadCase(kSealed) of no case",
                 t.store().ReadCase(CaseAt(2), Part::kSealed),
                 E::CASE_NOT_FOUND);
     }},
    {kBasic, "missing_case_has_no_events",
     "A case that is not there has no events, and that is no error.",
     "none if there is no such case.", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Equal("ReadEvents of no case, count", t.Events(2).size(), size_t{0});
     }},
    {kBasic, "payload_read_leaves_sealed_absent",
     "ReadCase with kPayload leaves the sealed body absent.",
     "not read the sealed body and leaves it absent.", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Equal("ReadCase(kPayload), column sealed",
               t.Read(1, Part::kPayload).sealed, std::nullopt);
       t.Equal("ReadCase(kPayload), column payload",
               t.Read(1, Part::kPayload).payload, Row(1).payload);
       t.Equal("ReadCase(kSealed), column sealed", t.Read(1).sealed,
               Row(1).sealed);
     }},
    {kBasic, "find_leaves_sealed_absent",
     "Find reads sealed bodies only when asked.", "read the sealed bodies too",
     kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       for (const bool sealed : {false, true}) {
         const auto page = t.store().Find({.tenant = kCity, .sealed = sealed});
         const std::string call = absl::StrCat("Find(sealed=", sealed, ")");
         if (!t.Ok(call, page) ||
             !t.Equal(call + ", count", page->rows.size(), size_t{1})) {
           return;
         }
         CaseRow want = Row(1);
         if (!sealed) want.sealed.reset();
         t.EqualRow(call, page->rows[0], want);
       }
     }},
    {kBasic, "sealed_left_alone",
     "With write_sealed false the stored sealed body stays.",
     "`row.sealed` is left as it stands in the store.", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       CaseChange change = Change(Row(1, 2));
       change.row.sealed = "must not be written";
       change.write_sealed = false;
       t.Commit({.cases = {change}});
       t.EqualRow("ReadCase after write_sealed=false", t.Read(1), Row(1, 2));
       change = Change(Row(1, 3));
       change.row.sealed.reset();
       change.write_sealed = false;
       t.Commit({.cases = {change}});
       t.EqualRow("ReadCase after write_sealed=false", t.Read(1), Row(1, 3));
     }},
    {kBasic, "sealed_absent_removes",
     "With write_sealed true an absent sealed body removes the stored one.",
     "`row.sealed` is left as it stands in the store.", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       CaseRow row = Row(1, 2);
       row.sealed.reset();
       t.Commit(Of(row));
       t.EqualRow("ReadCase", t.Read(1), row);
     }},
    {kBasic, "sealed_comes_back_after_absence",
     "A sealed body can be written again where there was none.",
     "absent: none, erased or not asked for", kNothing,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.sealed.reset();
       t.Commit(Of(row));
       t.Commit(Of(Row(1, 2)));
       t.EqualRow("ReadCase", t.Read(1), Row(1, 2));
     }},
    {kBasic, "events_in_order",
     "The events of a case come ascending, whole, with their sealed bodies.",
     "Ascending, with their sealed bodies;", kNothing,
     [](Trial& t) {
       t.Bring(1, 5);
       t.Commit(OpenCase(2));
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{5})) return;
       for (int64_t v = 1; v <= 5; ++v) {
         t.EqualEvent(absl::StrCat("ReadEvents, event ", v),
                      events[static_cast<size_t>(v - 1)],
                      *Change(Row(1, v)).event);
       }
     }},
    {kBasic, "events_after_is_exclusive",
     "Events are those whose version is greater than `after`.",
     "of one case: versions greater than this", kNothing,
     [](Trial& t) {
       t.Bring(1, 4);
       std::vector<int64_t> versions;
       for (const EventRow& event : t.Events(1, 2)) {
         versions.push_back(event.version);
       }
       t.Equal("ReadEvents after 2, versions", versions,
               std::vector<int64_t>{3, 4});
       t.Equal("ReadEvents after the last, count", t.Events(1, 4).size(),
               size_t{0});
     }},
    {kBasic, "events_keep_their_limit",
     "Pages of events hold `limit` and lose none between them.",
     "Which events: those of one case", kNothing,
     [](Trial& t) {
       t.Bring(1, 7);
       for (const int limit : {1, 2, 3, 7, 8}) {
         std::vector<int64_t> versions;
         for (int64_t after = 0;;) {
           const auto page = t.Events(1, after, limit);
           if (page.empty() || t.failed()) break;
           if (page.size() > static_cast<size_t>(limit)) {
             t.Fail(absl::StrCat("ReadEvents(limit=", limit, ")"),
                    absl::StrCat(page.size(), " rows"), "at most its limit");
           }
           for (const EventRow& e : page) versions.push_back(e.version);
           after = page.back().version;
         }
         t.Equal(absl::StrCat("ReadEvents in pages of ", limit), versions,
                 std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7});
       }
     }},
    {kBasic, "event_limit_below_one_refused", "A limit below 1 is refused.",
     "int limit = 100;      // at least 1", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Refused("ReadEvents(limit=0)",
                 t.store().ReadEvents(EventsOf(CaseAt(1), 0, 0)),
                 E::INVALID_ARGUMENT);
     }},
    {kBasic, "answers_are_copies",
     "What a call answered stays as it is when the store goes on.",
     "Answers are", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       const CaseRow before = t.Read(1);
       const auto events = t.Events(1);
       t.Commit(Of(Row(1, 2)));
       t.EqualRow("the row read before", before, Row(1));
       t.Equal("the events read before, count", events.size(), size_t{1});
     }},
    {kBasic, "names_itself", "Capabilities name the store.",
     "`memory`, `sqlite`, ...", kNothing,
     [](Trial& t) {
       t.True("capabilities().name", !t.store().capabilities().name.empty(),
              "\"\"", "a name");
     }},
    {kBasic, "clock_is_the_one_given",
     "Now() is the store's clock, here the one it was opened with.",
     "The store's own clock. It measures leases", kClock,
     [](Trial& t) {
       t.Equal("Now(), ms", absl::ToUnixMillis(t.store().Now()), t.NowMs());
       t.clock().AdvanceTime(absl::Hours(1));
       t.Equal("Now() an hour later, ms", absl::ToUnixMillis(t.store().Now()),
               t.NowMs());
     }},
};

}  // namespace

std::span<const Contract> CaseContracts() { return kContracts; }

}  // namespace hotline::testing
