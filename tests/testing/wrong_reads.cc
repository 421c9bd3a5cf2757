// Stores that read wrongly: pages, cursors, the feed.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "tests/testing/wrong_stores.h"

namespace hotline::testing {
namespace {

using E = v1::ErrorInfo;

// ---- Bends of what is read --------------------------------------------------

// A cursor that counts the rows told so far.
FindAnswer PagesByCount(Store& right, Filter filter) {
  size_t skip = 0;
  if (!absl::SimpleAtoi(filter.cursor, &skip) && !filter.cursor.empty()) {
    return MakeError(E::INVALID_ARGUMENT, "bent");
  }
  const auto limit = static_cast<size_t>(filter.limit);
  filter.cursor.clear();
  filter.limit = 1'000'000;
  FindAnswer all = right.Find(filter);
  if (!all.ok()) return all;
  CaseRowPage page;
  for (size_t i = skip; i < all->rows.size() && page.rows.size() < limit; ++i) {
    page.rows.push_back(all->rows[i]);
  }
  if (skip + page.rows.size() < all->rows.size()) {
    page.next_cursor = absl::StrCat(skip + page.rows.size());
  }
  return page;
}

FindAnswer OrdersDueById(Store& right, Filter filter) {
  FindAnswer page = right.Find(filter);
  if (page.ok() && filter.due_until.has_value()) {
    std::sort(page->rows.begin(), page->rows.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
  }
  return page;
}

FindAnswer ReadsOnUntilFull(Store& right, Filter filter) {
  FindAnswer page = right.Find(filter);
  while (page.ok() && page->rows.empty() && !page->next_cursor.empty()) {
    filter.cursor = page->next_cursor;
    page = right.Find(filter);
  }
  return page;
}

FindAnswer MixesTenants(Store& right, Filter filter) {
  FindAnswer page = right.Find(filter);
  if (!page.ok() || !page->rows.empty()) return page;
  filter.tenant = "city2";
  return right.Find(filter);
}

FindAnswer FirstReference(Store& right, Filter filter) {
  if (filter.references.size() > 1) filter.references.resize(1);
  return right.Find(filter);
}

FindAnswer AsOftenAsNamed(Store& right, Filter filter) {
  FindAnswer page = right.Find(filter);
  if (!page.ok()) return page;
  std::vector<CaseRow> rows;
  for (const CaseRow& row : page->rows) {
    const auto named = std::count(filter.references.begin(),
                                  filter.references.end(), row.reference);
    rows.insert(rows.end(), std::max<size_t>(1, static_cast<size_t>(named)),
                row);
  }
  page->rows = std::move(rows);
  return page;
}

FindAnswer TakesAnyCursor(Store& right, Filter filter) {
  FindAnswer page = right.Find(filter);
  if (page.ok() || filter.cursor.empty()) return page;
  filter.cursor.clear();
  return right.Find(filter);
}

std::function<Bend()> ReadingRecords(std::function<void(RecordRange*)> change) {
  return [change] {
    return Bend{.read_records = [change](Store& right, RecordRange range) {
      change(&range);
      return right.ReadRecords(range);
    }};
  };
}

// Reads by place, and commits take their places before they can be seen: the
// first page that comes by does not show every third event.
Bend FeedSkipsLateCommits() {
  auto passed = std::make_shared<std::set<std::pair<CaseKey, int64_t>>>();
  return {.read_events = [passed](Store& right, EventRange range) {
    EventsAnswer page = right.ReadEvents(range);
    if (!page.ok() || !range.case_id.empty()) return page;
    std::erase_if(page->rows, [&](const EventRow& row) {
      return row.version % 3 == 0 &&
             passed->insert({row.key, row.version}).second;
    });
    return page;
  }};
}

Bend FeedTakesAnyCursor() {
  return {.read_events = [](Store& right, EventRange range) {
    EventsAnswer page = right.ReadEvents(range);
    if (page.ok() || range.cursor.empty()) return page;
    return EventsAnswer(EventRowPage{.next_cursor = range.cursor});
  }};
}

std::function<Bend()> Finding(FindAnswer (*find)(Store& right, Filter)) {
  return [find] { return Bend{.find = find}; };
}

}  // namespace

std::vector<WrongStore> WrongReads() {
  return {
      {"answers sealed bodies unasked",
       "basic/payload_read_leaves_sealed_absent",
       [] {
         return Bend{.read_case = [](Store& right, CaseKey key, Part) {
           return right.ReadCase(key, Part::kSealed);
         }};
       }},
      {"has >= for > at `after`", "basic/events_after_is_exclusive",
       [] {
         return Bend{.read_events = [](Store& right, EventRange range) {
           if (range.after > 0) --range.after;
           return right.ReadEvents(range);
         }};
       }},
      {"counts rows for a cursor, and skips under writes",
       "basic/cursor_holds_when_its_row_goes", Finding(PagesByCount)},
      {"looks for the first reference only", "basic/find_by_references",
       Finding(FirstReference)},
      {"tells a case as often as it is named", "basic/find_by_references",
       Finding(AsOftenAsNamed)},
      {"orders due cases by id", "basic/due_in_order", Finding(OrdersDueById)},
      {"reads on until a page is full", "scale/short_page_has_a_cursor",
       Finding(ReadsOnUntilFull)},
      {"mixes tenants", "basic/find_keeps_to_its_tenant",
       Finding(MixesTenants)},
      {"takes any cursor", "basic/find_garbage_cursor_refused",
       Finding(TakesAnyCursor)},
      {"tells `until` too", "basic/records_by_key",
       ReadingRecords([](RecordRange* range) {
         if (!range->until.empty()) range->until += '\0';
       })},
      {"goes on behind all that are equal in a column",
       "basic/records_paged_by_column", ReadingRecords([](RecordRange* range) {
         if (range->index >= 0 && !range->after_key.empty()) {
           range->from += '\0';
           range->after_key.clear();
         }
       })},
      {"feeds by place and skips late commits",
       "concurrent/feed_tells_all_under_commits", FeedSkipsLateCommits},
      {"takes a feed's cursor from a store with more events",
       "basic/feed_cursor_ahead_refused", FeedTakesAnyCursor},
      {"feeds all tenants", "basic/feed_keeps_to_its_tenant",
       [] {
         return Bend{.read_events = [](Store& right, EventRange range) {
           EventsAnswer page = right.ReadEvents(range);
           if (!page.ok() || !range.case_id.empty()) return page;
           range.tenant = "city2";
           range.cursor.clear();
           const EventsAnswer others = right.ReadEvents(range);
           page->rows.insert(page->rows.end(), others->rows.begin(),
                             others->rows.end());
           return page;
         }};
       }},
  };
}

}  // namespace hotline::testing
