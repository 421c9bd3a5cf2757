// Contracts: the feed tells every event of a tenant at least once, those of
// one case in order, and its cursor holds.
#include <algorithm>
#include <map>
#include <set>

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
using Texts = std::vector<std::string>;

constexpr Level kBasic = Level::kBasic;
constexpr char kTells[] = "The feed tells every event at least once";
constexpr char kNotFromHere[] = "a cursor that is not from here, or that lies";

// "case@version", each once, in the order of their first telling.
Texts Told(const std::vector<EventRow>& events) {
  Texts told;
  std::set<std::string> seen;
  for (const EventRow& event : events) {
    std::string name = absl::StrCat(Number(event.key.id), "@", event.version);
    if (seen.insert(name).second) told.push_back(std::move(name));
  }
  return told;
}

Texts Sorted(Texts texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

void Five(Trial& t) {
  t.Commit(OpenCase(2));
  t.Commit(OpenCase(1));
  t.Commit(Of(Row(2, 2)));
  t.Commit(Of(Row(1, 2)));
  t.Commit(Of(Row(2, 3)));
}

constexpr Contract kContracts[] = {
    {kBasic, "feed_tells_every_event",
     "The feed tells every event of the tenant, whole.", kTells, kFeed,
     [](Trial& t) {
       Five(t);
       std::string cursor;
       const auto events = t.Feed(&cursor, 5);
       t.Equal("the feed", Sorted(Told(events)),
               Texts{"1@1", "1@2", "2@1", "2@2", "2@3"});
       for (const EventRow& event : events) {
         const int64_t number = event.key == CaseAt(1) ? 1 : 2;
         t.EqualEvent("the feed", event,
                      *Change(Row(number, event.version)).event);
       }
     }},
    {kBasic, "feed_in_order_of_each_case",
     "The feed tells the events of one case by version.",
     "a tenant for mirrors and reports.", kFeed,
     [](Trial& t) {
       std::vector<Write> group;
       for (int64_t v = 1; v <= 4; ++v) {
         for (const int64_t number : {3, 1, 2}) {
           group.push_back(Of(Row(number, v)));
         }
       }
       t.CommitAll(group);
       for (const int limit : {1, 5, 100}) {
         std::string cursor;
         std::map<std::string, int64_t> last;
         for (const EventRow& event : t.Feed(&cursor, 12, limit)) {
           int64_t& version = last[event.key.id];
           if (event.version > version + 1) {
             t.Fail(absl::StrCat("the feed, case ", Number(event.key.id)),
                    absl::StrCat("version ", event.version, " after ", version),
                    absl::StrCat("version ", version + 1));
           }
           version = std::max(version, event.version);
         }
         t.Equal("the feed, cases", last.size(), size_t{3});
         for (const auto& [id, version] : last) {
           t.Equal("the feed, the last version of a case", version, int64_t{4});
         }
       }
     }},
    {kBasic, "feed_goes_on_from_its_cursor",
     "The cursor of a read feed tells what is written afterwards.",
     "Of the feed: where the next page begins, now or later", kFeed,
     [](Trial& t) {
       Five(t);
       std::string cursor;
       t.Feed(&cursor, 5);
       const auto none = t.store().ReadEvents(
           {.tenant = kCity, .cursor = cursor, .limit = 10});
       if (!t.Ok("the feed at its end", none)) return;
       t.Equal("the feed at its end, more", none->more, false);
       t.True("the feed at its end, next_cursor", !none->next_cursor.empty(),
              "\"\"", "never empty");
       cursor = none->next_cursor;
       t.Commit(OpenCase(7));
       t.Commit(Of(Row(1, 3)));
       const Texts told = Sorted(Told(t.Feed(&cursor, 2)));
       for (const char* event : {"1@3", "7@1"}) {
         t.True("the feed after its cursor",
                std::find(told.begin(), told.end(), event) != told.end(),
                Show(told), absl::StrCat(event, " among them"));
       }
     }},
    {kBasic, "feed_of_nothing_has_a_cursor",
     "The feed of an empty store has a cursor, and it is good later.",
     "Of the feed: where the next page begins, now or later", kFeed,
     [](Trial& t) {
       std::string cursor;
       t.Equal("the feed of nothing, count", t.Feed(&cursor, 0).size(),
               size_t{0});
       t.Commit(OpenCase(1));
       t.Equal("the feed after its first cursor", Told(t.Feed(&cursor, 1)),
               Texts{"1@1"});
     }},
    {kBasic, "feed_in_pages", "The feed in pages of any size tells all.",
     "Of the feed: there may be more behind next_cursor;", kFeed,
     [](Trial& t) {
       Five(t);
       for (const int limit : {1, 2, 3, 5, 6}) {
         std::string cursor;
         t.Equal(absl::StrCat("the feed in pages of ", limit),
                 Sorted(Told(t.Feed(&cursor, 5, limit))),
                 Texts{"1@1", "1@2", "2@1", "2@2", "2@3"});
       }
     }},
    {kBasic, "feed_cursor_is_printable", "The feed's cursors are printable.",
     "of the feed: next_cursor of a page of this tenant;", kFeed,
     [](Trial& t) {
       Five(t);
       std::string cursor;
       t.Feed(&cursor, 5, 1);
       for (const char c : cursor) {
         t.True("the feed, next_cursor", c > ' ' && c < 127, Show(cursor),
                "printable ASCII");
       }
     }},
    {kBasic, "feed_without_refused_writes",
     "What was refused is not in the feed; a timer's move is no event.", kTells,
     kFeed,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Refused("Commit of a case that is there", t.Try(OpenCase(1)),
                 E::VERSION_CONFLICT);
       CaseRow row = Row(1);
       row.next_at = 7;
       t.Commit({.cases = {{.row = row, .expected_version = 1}}});
       std::string cursor;
       t.Equal("the feed", Told(t.Feed(&cursor, 1)), Texts{"1@1"});
     }},
    {kBasic, "feed_shows_what_was_erased",
     "An erased event is told without its sealed body.",
     "The row whose sealed body is to be removed", kFeed,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Commit({.erasures = {{.kind = RowKey::kEvent,
                               .case_key = CaseAt(1),
                               .version = 1}}});
       std::string cursor;
       const auto events = t.Feed(&cursor, 1);
       if (!t.True("the feed", !events.empty(), "nothing", "the event")) return;
       t.Equal("the feed, column sealed", events[0].sealed, std::nullopt);
     }},
    {kBasic, "feed_garbage_cursor_refused",
     "A feed's cursor that is not from here is refused.", kNotFromHere, kFeed,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       for (const char* cursor :
            {"x", "no cursor at all", "';--", "\xff\xfe", "..."}) {
         t.Refused(absl::StrCat("the feed(cursor=", Show(cursor), ")"),
                   t.store().ReadEvents(
                       {.tenant = kCity, .cursor = cursor, .limit = 10}),
                   E::INVALID_ARGUMENT);
       }
     }},
    {kBasic, "feed_cursor_ahead_refused",
     "A cursor ahead of all the store holds is refused: it was restored.",
     "all this store holds: it was restored from a backup", kFeed,
     [](Trial& t) {
       Five(t);
       std::string cursor;
       t.Feed(&cursor, 5);
       Store* restored = t.Elsewhere();
       if (restored == nullptr) return;
       const Write first = OpenCase(2);
       t.Ok("Commit in a second place", restored->Commit({&first, 1})[0]);
       t.Refused("the feed with the cursor of a store with more events",
                 restored->ReadEvents(
                     {.tenant = kCity, .cursor = cursor, .limit = 10}),
                 E::INVALID_ARGUMENT);
     }},
    {kBasic, "feed_limit_below_one_refused",
     "A limit below 1 is refused for the feed, too.",
     "int limit = 100;      // at least 1", kFeed,
     [](Trial& t) {
       t.Refused("the feed(limit=0)",
                 t.store().ReadEvents({.tenant = kCity, .limit = 0}),
                 E::INVALID_ARGUMENT);
     }},
    {kBasic, "feed_not_supported_says_so",
     "Without the capability the feed is NOT_SUPPORTED; the events of a case "
     "are not.",
     "UNIMPLEMENTED (NOT_SUPPORTED)  a feed, without the capability", kNoFeed,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Refused("the feed",
                 t.store().ReadEvents({.tenant = kCity, .limit = 10}),
                 E::NOT_SUPPORTED);
       t.Equal("ReadEvents of case 1, count", t.Events(1).size(), size_t{1});
     }},
};

}  // namespace

std::span<const Contract> FeedContracts() { return kContracts; }

}  // namespace hotline::testing
