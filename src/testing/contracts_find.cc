// Contracts: Find finds by each entrance, in order, in pages whose cursors hold
// while others write.
#include <algorithm>
#include <limits>

#include "hotline/limits.h"
#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using rows::kCity;
using rows::Of;
using rows::OpenCase;
using rows::Row;
using E = v1::ErrorInfo;
using Numbers = std::vector<std::string>;

constexpr Level kBasic = Level::kBasic;
constexpr char kLooksFor[] = "What Find looks for; unset fields do not matter.";
constexpr char kHolds[] = "while its list is paged is told there, if at all;";
constexpr char kByDue[] = "least_due <= it, open; ordered by due";

// Six cases of which each column parts them otherwise.
void Six(Trial& t) {
  for (int i = 1; i <= 6; ++i) {
    CaseRow row = Row(i);
    row.category = i % 2 == 0 ? "even" : "odd";
    row.unit = i <= 3 ? "low" : "high";
    row.cell = i <= 2 ? 40 : 0;
    row.phase = i;
    row.open = i != 5;
    row.external_system = "crm";
    row.external_id = std::to_string(i);
    t.Commit(Of(row));
  }
}

void SevenForPages(Trial& t) {
  for (int i = 1; i <= 7; ++i) {
    CaseRow row = Row(i);
    row.cell = 3;
    row.least_due = 100 - i / 2;
    t.Commit(Of(row));
  }
}

// Every page size tells the same.
void PagesTell(Trial& t, const std::string& what, Filter filter,
               const Numbers& want) {
  for (const int limit : {1, 2, 3, 7, 8, 1'000}) {
    filter.limit = limit;
    t.Equal(absl::StrCat("Find(", what, ") in pages of ", limit), t.All(filter),
            want);
  }
}

const Numbers& Seven() {
  static const auto* const kSeven =
      new Numbers{"1", "2", "3", "4", "5", "6", "7"};
  return *kSeven;
}

constexpr Contract kContracts[] = {
    {kBasic, "find_all", "With a tenant only, the pages hold all its cases.",
     "yet have a next_cursor. With a tenant only, the pages hold", kNothing,
     [](Trial& t) {
       Six(t);
       t.Equal("Find(tenant)", t.All({}),
               Numbers{"1", "2", "3", "4", "5", "6"});
     }},
    {kBasic, "find_in_order_of_ids",
     "Cases come by id, however they were opened.",
     "By id, or by (least_due, id) with due_until.", kNothing,
     [](Trial& t) {
       for (const int i : {5, 1, 9, 3, 7}) t.Commit(OpenCase(i));
       t.Equal("Find(tenant)", t.All({}), Numbers{"1", "3", "5", "7", "9"});
       t.Equal("Find(category)", t.All({.category = "streetlight"}),
               Numbers{"1", "3", "5", "7", "9"});
     }},
    {kBasic, "find_by_reference", "A case is found by its reference.",
     kLooksFor, kNothing,
     [](Trial& t) {
       Six(t);
       t.Equal("Find(references={R3})", t.All({.references = {"R3"}}),
               Numbers{"3"});
       t.Equal("Find(references={none})", t.All({.references = {"none"}}),
               Numbers{});
       t.Equal("Find(references={R3}, category=even)",
               t.All({.references = {"R3"}, .category = "even"}), Numbers{});
     }},
    {kBasic, "find_by_references",
     "Cases are found by any of several references, each once, in the order of "
     "every list.",
     "Any of these, at most limits::kReferencesPerFindMax", kNothing,
     [](Trial& t) {
       Six(t);
       const std::vector<std::string> some = {"R5", "none", "R2", "R5",
                                              "R",  "R4",   "R6"};
       t.Equal("Find(references={R5, none, R2, R5, R, R4, R6})",
               t.All({.references = some}), Numbers{"2", "4", "5", "6"});
       t.Equal("Find(the same, category=even)",
               t.All({.references = some, .category = "even"}),
               Numbers{"2", "4", "6"});
       t.Equal("Find(the same, open=false)",
               t.All({.references = some, .open = false}), Numbers{"5"});
     }},
    {kBasic, "find_by_a_thousand_references",
     "As many references as may be are one question; one more is refused.",
     "Any of these, at most limits::kReferencesPerFindMax", kNothing,
     [](Trial& t) {
       Six(t);
       Filter filter;
       for (int i = 4; i < 4 + limits::kReferencesPerFindMax; ++i) {
         filter.references.push_back(absl::StrCat("R", i));
       }
       t.Equal("Find(references={R4, R5, ...})", t.All(filter),
               Numbers{"4", "5", "6"});
       filter.references.push_back("R1");
       filter.tenant = kCity;
       t.Refused("Find of one reference more", t.store().Find(filter),
                 v1::ErrorInfo::INVALID_ARGUMENT);
     }},
    {kBasic, "find_by_external_id",
     "A case is found by system and id; two empty ones find nothing more than "
     "cases without.",
     kLooksFor, kNothing,
     [](Trial& t) {
       Six(t);
       t.Equal("Find(crm, 2)",
               t.All({.external_system = "crm", .external_id = "2"}),
               Numbers{"2"});
       t.Equal("Find(erp, 2)",
               t.All({.external_system = "erp", .external_id = "2"}),
               Numbers{});
       t.Equal("Find(\"\", \"\")",
               t.All({.external_system = "", .external_id = ""}), Numbers{});
     }},
    {kBasic, "find_by_category", "Cases are found by category.", kLooksFor,
     kNothing,
     [](Trial& t) {
       Six(t);
       t.Equal("Find(category=even)", t.All({.category = "even"}),
               Numbers{"2", "4", "6"});
       t.Equal("Find(category=eve)", t.All({.category = "eve"}), Numbers{});
     }},
    {kBasic, "find_by_unit", "Cases are found by unit, open or not.", kLooksFor,
     kNothing,
     [](Trial& t) {
       Six(t);
       t.Equal("Find(unit=high)", t.All({.unit = "high"}),
               Numbers{"4", "5", "6"});
       t.Equal("Find(unit=high, open)", t.All({.unit = "high", .open = true}),
               Numbers{"4", "6"});
       t.Equal("Find(unit=high, not open)",
               t.All({.unit = "high", .open = false}), Numbers{"5"});
       t.Equal("Find(open=false)", t.All({.open = false}), Numbers{"5"});
     }},
    {kBasic, "find_by_cell", "Cases are found by cell; 0 is a cell's absence.",
     kLooksFor, kNothing,
     [](Trial& t) {
       Six(t);
       t.Equal("Find(cell=40)", t.All({.cell = 40}), Numbers{"1", "2"});
       t.Equal("Find(cell=0)", t.All({.cell = 0}), Numbers{"3", "4", "5", "6"});
       t.Equal("Find(cell=-1)", t.All({.cell = -1}), Numbers{});
     }},
    {kBasic, "find_by_phase", "Cases are found in any of the phases asked for.",
     kLooksFor, kNothing,
     [](Trial& t) {
       Six(t);
       t.Equal("Find(phases={2,6})", t.All({.phases = {2, 6}}),
               Numbers{"2", "6"});
       t.Equal("Find(phases={9})", t.All({.phases = {9}}), Numbers{});
     }},
    {kBasic, "find_by_opening",
     "opened_from is inclusive and opened_until exclusive.",
     "std::optional<int64_t> opened_until;", kNothing,
     [](Trial& t) {
       Six(t);
       t.Equal("Find(opened in [1002, 1005))",
               t.All({.opened_from = 1'002, .opened_until = 1'005}),
               Numbers{"2", "3", "4"});
     }},
    {kBasic, "find_by_several", "Every field that is set must fit.", kLooksFor,
     kNothing,
     [](Trial& t) {
       Six(t);
       t.Equal("Find(category=even, unit=low, cell=40)",
               t.All({.category = "even", .unit = "low", .cell = 40}),
               Numbers{"2"});
       t.Equal("Find(category=odd, phases={1,5}, open)",
               t.All({.category = "odd", .open = true, .phases = {1, 5}}),
               Numbers{"1"});
     }},
    {kBasic, "find_follows_changes",
     "A changed case is found by its new columns and not by its old ones.",
     kLooksFor, kNothing,
     [](Trial& t) {
       Six(t);
       CaseRow row = Row(2, 2);
       row.category = "odd";
       row.unit = "high";
       row.cell = 41;
       row.open = false;
       row.external_system = "crm";
       row.external_id = "new";
       t.Commit(Of(row));
       t.Equal("Find(category=even)", t.All({.category = "even"}),
               Numbers{"4", "6"});
       t.Equal("Find(category=odd)", t.All({.category = "odd"}),
               Numbers{"1", "2", "3", "5"});
       t.Equal("Find(cell=40)", t.All({.cell = 40}), Numbers{"1"});
       t.Equal("Find(cell=41)", t.All({.cell = 41}), Numbers{"2"});
       t.Equal("Find(unit=low, open)", t.All({.unit = "low", .open = true}),
               Numbers{"1", "3"});
       t.Equal("Find(crm, 2)",
               t.All({.external_system = "crm", .external_id = "2"}),
               Numbers{});
       t.Equal("Find(open=false)", t.All({.open = false}), Numbers{"2", "5"});
     }},
    {kBasic, "due_is_inclusive",
     "due_until finds open cases whose least due is at or before it.", kByDue,
     kNothing,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.least_due = 20;
       t.Commit(Of(row));
       t.Equal("Find(due_until=19)", t.All({.due_until = 19}), Numbers{});
       t.Equal("Find(due_until=20)", t.All({.due_until = 20}), Numbers{"1"});
     }},
    {kBasic, "due_in_order",
     "With due_until cases come by (least_due, id); closed ones and those "
     "without are left out.",
     kByDue, kNothing,
     [](Trial& t) {
       const int64_t dues[] = {30, 10, 20, 10, kNever};
       for (int i = 1; i <= 5; ++i) {
         CaseRow row = Row(i);
         row.least_due = dues[i - 1];
         t.Commit(Of(row));
       }
       CaseRow closed = Row(6);
       closed.least_due = 5;
       closed.open = false;
       t.Commit(Of(closed));
       t.Equal("Find(due_until=20)", t.All({.due_until = 20}),
               Numbers{"2", "4", "3"});
       t.Equal("Find(due_until=kNever, unit)",
               t.All({.unit = "lights", .due_until = kNever}),
               Numbers{"2", "4", "3", "1"});
       CaseRow moved = Row(2, 2);
       moved.least_due = 40;
       t.Commit(Of(moved));
       t.Equal("Find(due_until=50) after a move", t.All({.due_until = 50}),
               Numbers{"4", "3", "1", "2"});
     }},
    {kBasic, "pages_by_tenant", "All cases, in pages of every size.",
     "and filters the rest on the columns.", kNothing,
     [](Trial& t) {
       SevenForPages(t);
       PagesTell(t, "tenant", {}, Seven());
     }},
    {kBasic, "pages_by_category", "Cases of a category, in pages.",
     "and filters the rest on the columns.", kNothing,
     [](Trial& t) {
       SevenForPages(t);
       PagesTell(t, "category", {.category = "streetlight"}, Seven());
     }},
    {kBasic, "pages_by_cell", "Cases of a cell, in pages.",
     "and filters the rest on the columns.", kNothing,
     [](Trial& t) {
       SevenForPages(t);
       PagesTell(t, "cell", {.cell = 3}, Seven());
     }},
    {kBasic, "pages_by_unit", "Open cases of a unit, in pages.",
     "and filters the rest on the columns.", kNothing,
     [](Trial& t) {
       SevenForPages(t);
       PagesTell(t, "unit, open", {.unit = "lights", .open = true}, Seven());
     }},
    {kBasic, "pages_by_due", "Due cases, in pages, also among equals.", kByDue,
     kNothing,
     [](Trial& t) {
       SevenForPages(t);
       PagesTell(t, "due_until", {.due_until = 1'000},
                 {"6", "7", "4", "5", "2", "3", "1"});
     }},
    {kBasic, "pages_of_one",
     "What is unique comes once, whatever the page's size.",
     "and filters the rest on the columns.", kNothing,
     [](Trial& t) {
       SevenForPages(t);
       PagesTell(t, "references={R3}", {.references = {"R3"}}, {"3"});
     }},
    {kBasic, "pages_by_references",
     "Cases of several references, in pages; with due_until by due.",
     "By id, or by (least_due, id) with due_until.", kNothing,
     [](Trial& t) {
       SevenForPages(t);
       const std::vector<std::string> some = {"R6", "R2", "R7", "R1", "R3"};
       PagesTell(t, "references", {.references = some},
                 {"1", "2", "3", "6", "7"});
       PagesTell(t, "references, due_until",
                 {.references = some, .due_until = 1'000},
                 {"6", "7", "2", "3", "1"});
     }},
    {kBasic, "last_full_page_has_no_cursor",
     "A page that holds the last row has no cursor, full or not.",
     "std::string next_cursor;  // empty: nothing follows", kNothing,
     [](Trial& t) {
       for (int i = 1; i <= 4; ++i) t.Commit(OpenCase(i));
       const auto page = t.store().Find({.tenant = kCity, .limit = 4});
       if (!t.Ok("Find(limit=4)", page)) return;
       t.Equal("Find(limit=4) of 4, count", page->rows.size(), size_t{4});
       t.Equal("Find(limit=4) of 4, next_cursor", page->next_cursor,
               std::string());
     }},
    {kBasic, "cursor_holds_under_writes",
     "A cursor holds while others write: what keeps its place is told once.",
     kHolds, kNothing,
     [](Trial& t) {
       for (int i = 1; i <= 9; i += 2) t.Commit(OpenCase(i));
       Filter filter{.tenant = kCity, .limit = 2};
       const auto first = t.store().Find(filter);
       if (!t.Ok("Find(limit=2)", first)) return;
       filter.cursor = first->next_cursor;  // read 1 and 3
       t.Commit(OpenCase(2));               // behind the cursor: not seen
       t.Commit(OpenCase(6));               // before it: seen
       t.Commit(Of(Row(7, 2)));             // in place: seen once
       t.Equal("Find(limit=2) from the cursor on", t.All(filter),
               Numbers{"5", "6", "7", "9"});
     }},
    {kBasic, "cursor_holds_when_its_row_goes",
     "A cursor holds when the row it stands on leaves the list.", kHolds,
     kNothing,
     [](Trial& t) {
       for (int i = 1; i <= 6; ++i) t.Commit(OpenCase(i));
       Filter filter{.tenant = kCity, .category = "streetlight", .limit = 2};
       const auto first = t.store().Find(filter);
       if (!t.Ok("Find(limit=2)", first)) return;
       filter.cursor = first->next_cursor;
       for (const int i : {1, 2}) {
         CaseRow row = Row(i, 2);
         row.category = "elsewhere";
         t.Commit(Of(row));
       }
       t.Equal("Find(category) from the cursor on", t.All(filter),
               Numbers{"3", "4", "5", "6"});
     }},
    {kBasic, "due_cursor_holds_under_writes",
     "A cursor of due cases holds while others move.", kHolds, kNothing,
     [](Trial& t) {
       for (int i = 1; i <= 6; ++i) {
         CaseRow row = Row(i);
         row.least_due = 10 * (i / 2);
         t.Commit(Of(row));
       }
       Filter filter{.tenant = kCity, .due_until = 1'000, .limit = 3};
       const auto first = t.store().Find(filter);  // 1, 2, 3
       if (!t.Ok("Find(due_until, limit=3)", first)) return;
       filter.cursor = first->next_cursor;
       CaseRow row = Row(2, 2);
       row.least_due = 25;  // to a place before the cursor: told again
       t.Commit(Of(row));
       t.Equal("Find(due_until) from the cursor on", t.All(filter),
               Numbers{"4", "5", "2", "6"});
     }},
    {kBasic, "cursor_is_printable", "Cursors are printable.",
     "of a page of the same filter; opaque, printable", kNothing,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.key.id = std::string("\0\x01\xff'\"\n\r\t\\%;--123", 16);
       row.least_due = std::numeric_limits<int64_t>::min();
       t.Commit(Of(row));
       t.Commit(OpenCase(2));
       for (const bool due : {false, true}) {
         Filter filter{.tenant = kCity, .limit = 1};
         if (due) filter.due_until = 5;
         const auto page = t.store().Find(filter);
         if (!t.Ok("Find(limit=1)", page)) return;
         for (const char c : page->next_cursor) {
           t.True("Find(limit=1), next_cursor", c > ' ' && c < 127,
                  Show(page->next_cursor), "printable ASCII");
         }
       }
       t.Equal("Find, count", t.All({.limit = 1}).size(), size_t{2});
     }},
    {kBasic, "find_garbage_cursor_refused",
     "A cursor that is not from here is refused.",
     "One page, as of one instant. INVALID_ARGUMENT for a cursor", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       for (const char* cursor :
            {"x", "no cursor at all", "';--", "\xff\xfe", "...", "%s%n"}) {
         t.Refused(absl::StrCat("Find(cursor=", Show(cursor), ")"),
                   t.store().Find({.tenant = kCity, .cursor = cursor}),
                   E::INVALID_ARGUMENT);
       }
     }},
    {kBasic, "find_nonsense_refused",
     "A limit below 1, and an external id without its system, are refused.",
     "std::optional<std::string> external_system;  // with external_id",
     kNothing,
     [](Trial& t) {
       t.Refused("Find(limit=0)", t.store().Find({.tenant = kCity, .limit = 0}),
                 E::INVALID_ARGUMENT);
       t.Refused("Find(external_id without external_system)",
                 t.store().Find({.tenant = kCity, .external_id = "7"}),
                 E::INVALID_ARGUMENT);
     }},
};

}  // namespace

std::span<const Contract> FindContracts() { return kContracts; }

}  // namespace hotline::testing
