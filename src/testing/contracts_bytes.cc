// Contracts: strings are bytes and numbers have 64 bits, wherever they stand;
// tenants never meet.
#include <algorithm>
#include <limits>

#include "hotline/limits.h"
#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using rows::CaseAt;
using rows::Change;
using rows::Delivery;
using rows::Id;
using rows::kCity;
using rows::Key;
using rows::Of;
using rows::Put;
using rows::Row;
using E = v1::ErrorInfo;
using Texts = std::vector<std::string>;

constexpr Level kBasic = Level::kBasic;
constexpr char kBytes[] = "are bytes: any byte may stand in them, NUL too";
constexpr char kWidth[] = "part of a key has up to 256 bytes";
constexpr char kUnsigned[] = "unsigned bytes. An absent body and an empty one";
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = kNever;

std::string EveryByte() {
  std::string every;
  for (int i = 0; i < 256; ++i) every.push_back(static_cast<char>(i));
  return every;
}

// Puts `text` wherever a text may stand and wants it back, by every door.
void ComesBackEverywhere(Trial& t, const std::string& text) {
  CaseRow row = Row(1);
  row.reference = text;
  row.external_system = text;
  row.external_id = text;
  row.category = text;
  row.unit = text;
  row.chain = text;
  row.payload = text;
  row.sealed = text;
  CaseChange change = Change(row);
  change.event->payload = text;
  change.event->sealed = text;
  RecordChange record = Put(text, 1, 0);
  record.record.key.kind = text;
  record.record.index = {text, text, text, text};
  record.record.payload = text;
  record.record.sealed = text;
  DeliveryRow delivery = Delivery(1, 10);
  delivery.dedupe_key = text;
  delivery.channel = text;
  delivery.state = text;
  delivery.payload = text;
  t.Commit({.cases = {change}, .deliveries = {delivery}, .records = {record}});
  t.EqualRow("ReadCase", t.Read(1), row);
  const auto events = t.Events(1);
  if (!t.Equal("ReadEvents, count", events.size(), size_t{1})) return;
  t.EqualEvent("ReadEvents", events[0], *change.event);
  t.EqualRecord("ReadRecords", t.Get(record.record.key).value_or(Record{}),
                record.record);
  t.Equal("ReadRecords(index=2)",
          t.Keys({.kind = text, .index = 2, .from = text}), Texts{text});
  const Claimed claimed = t.OneDelivery(10);
  t.Equal("Claim, column dedupe_key", claimed.delivery->dedupe_key, text);
  t.Equal("Claim, column channel", claimed.delivery->channel, text);
  t.Equal("Claim, column state", claimed.delivery->state, text);
  t.Equal("Claim, column payload", claimed.delivery->payload, text);
  const Texts one = {"1"};
  t.Equal("Find(reference)", t.All({.references = {text}}), one);
  t.Equal("Find(external id)",
          t.All({.external_system = text, .external_id = text}), one);
  t.Equal("Find(category)", t.All({.category = text}), one);
  t.Equal("Find(unit, open)", t.All({.unit = text, .open = true}), one);
}

// Two texts that a careless store takes for one.
void AreTwo(Trial& t, const std::string& a, const std::string& b) {
  CaseRow first = Row(1);
  first.reference = a;
  first.external_system = "crm";
  first.external_id = a;
  first.category = a;
  first.unit = a;
  CaseRow second = Row(2);
  second.reference = b;
  second.external_system = "crm";
  second.external_id = b;
  second.category = b;
  second.unit = b;
  DeliveryRow told = Delivery(1, 10);
  told.dedupe_key = a;
  DeliveryRow other = Delivery(2, 10);
  other.dedupe_key = b;
  t.Commit({.cases = {Change(first)},
            .deliveries = {told},
            .records = {Put(a, 1, 0)}});
  t.Commit({.cases = {Change(second)},
            .deliveries = {other},
            .records = {Put(b, 1, 0)}});
  t.Equal("Find(reference)", t.All({.references = {a}}), Texts{"1"});
  t.Equal("Find(external id)",
          t.All({.external_system = "crm", .external_id = b}), Texts{"2"});
  t.Equal("Find(category)", t.All({.category = b}), Texts{"2"});
  t.Equal("Find(unit, open)", t.All({.unit = a, .open = true}), Texts{"1"});
  t.Equal("ReadRecords of one, column payload",
          t.Get(Key(b)).value_or(Record{}).payload, absl::StrCat(b, " 1"));
  t.Equal("ReadRecords, count", t.Keys({}).size(), size_t{2});
  t.Equal("Claim(deliveries)", Ids(t.Deliveries(10)), Texts{"1", "2"});
}

constexpr Contract kByteContracts[] = {
    {kBasic, "any_byte_comes_back",
     "Each of the 256 bytes comes back from every column.", kBytes, kNothing,
     [](Trial& t) { ComesBackEverywhere(t, EveryByte()); }},
    {kBasic, "nul_comes_back", "A NUL ends no text.", kBytes, kNothing,
     [](Trial& t) { ComesBackEverywhere(t, std::string("a\0b\0", 4)); }},
    {kBasic, "four_byte_utf8_comes_back",
     "Characters beyond the basic plane come back.", kBytes, kNothing,
     [](Trial& t) {
       ComesBackEverywhere(
           t, "\xf0\x9f\x98\x80 \xf0\xa0\xae\xb7 \xe8\xb7\xaf\xe7\x87\x88");
     }},
    {kBasic, "invalid_utf8_comes_back", "Bytes that are no UTF-8 come back.",
     kBytes, kNothing,
     [](Trial& t) { ComesBackEverywhere(t, "\xc3\x28 \xed\xa0\x80 \xff"); }},
    {kBasic, "quotes_come_back",
     "Quotes, backslashes and percent signs mean nothing.", kBytes, kNothing,
     [](Trial& t) {
       ComesBackEverywhere(t, "'; DROP TABLE cases; -- \" \\ %s {} \r\n\t");
     }},
    {kBasic, "nul_parts_texts", "Texts that differ behind a NUL are two.",
     kBytes, kNothing,
     [](Trial& t) {
       AreTwo(t, std::string("a\0b", 3), std::string("a\0c", 3));
     }},
    {kBasic, "trailing_blanks_count", "A text and it with blanks are two.",
     kUnsigned, kNothing, [](Trial& t) { AreTwo(t, "a", "a  "); }},
    {kBasic, "trailing_nul_counts", "A text and it with a NUL are two.",
     kUnsigned, kNothing,
     [](Trial& t) { AreTwo(t, "a", std::string("a\0", 2)); }},
    {kBasic, "case_of_letters_counts", "Upper and lower case are two.",
     kUnsigned, kNothing, [](Trial& t) { AreTwo(t, "Key", "key"); }},
    {kBasic, "forms_of_unicode_count",
     "A letter composed and decomposed are two: nothing is normalised.",
     kUnsigned, kNothing, [](Trial& t) { AreTwo(t, "\xc3\xa9", "e\xcc\x81"); }},
    {kBasic, "long_keys_count",
     "Keys of 256 bytes are told apart by their last.", kWidth, kNothing,
     [](Trial& t) {
       const std::string stem(255, 'k');
       AreTwo(t, absl::StrCat(stem, "a"), absl::StrCat(stem, "b"));
     }},
    {kBasic, "records_ordered_as_unsigned_bytes",
     "Keys and columns are ordered as unsigned bytes.", kUnsigned, kNothing,
     [](Trial& t) {
       const Texts sorted = {std::string("\0", 1),
                             "A",
                             "Z",
                             "_",
                             "a",
                             std::string("a\0", 2),
                             "aa",
                             "z",
                             "\x7f",
                             "\x80",
                             "\xc3\xa9",
                             "\xff"};
       for (const bool by_column : {false, true}) {
         Write write;
         for (size_t i = sorted.size(); i-- > 0;) {
           RecordChange change = Put(sorted[i], 1, 0);
           change.record.key.kind = by_column ? "column" : "key";
           change.record.index[3] = sorted[i];
           write.records.push_back(change);
         }
         t.Commit(write);
         RecordRange range{.kind = by_column ? "column" : "key",
                           .index = by_column ? 3 : -1};
         t.Equal("ReadRecords in order", t.Keys(range), sorted);
         range.from = "a";
         range.until = "\x80";
         t.Equal("ReadRecords(from=a, until=\\x80)", t.Keys(range),
                 Texts(sorted.begin() + 4, sorted.begin() + 9));
       }
     }},
    {kBasic, "empty_is_not_absent",
     "An empty sealed body is not an absent one: case, event, record.",
     kUnsigned, kNothing,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.sealed = "";
       CaseChange change = Change(row);
       change.event->sealed = "";
       RecordChange record = Put("a", 1, 0);
       record.record.sealed = "";
       t.Commit({.cases = {change}, .records = {record}});
       const std::optional<std::string> empty = "";
       t.Equal("ReadCase, column sealed", t.Read(1).sealed, empty);
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{1})) return;
       t.Equal("ReadEvents, column sealed", events[0].sealed, empty);
       t.Equal("ReadRecords, column sealed",
               t.Get(Key("a")).value_or(Record{}).sealed, empty);
     }},
    {kBasic, "absent_is_not_empty",
     "An absent sealed body is not an empty one: case, event, record.",
     kUnsigned, kNothing,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.sealed.reset();
       CaseChange change = Change(row);
       change.event->sealed.reset();
       t.Commit({.cases = {change}, .records = {Put("a", 1, 0)}});
       t.Equal("ReadCase, column sealed", t.Read(1).sealed, std::nullopt);
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{1})) return;
       t.Equal("ReadEvents, column sealed", events[0].sealed, std::nullopt);
       t.Equal("ReadRecords, column sealed",
               t.Get(Key("a")).value_or(Record{.sealed = "x"}).sealed,
               std::nullopt);
     }},
    {kBasic, "empty_columns_come_back", "Empty columns and bodies come back.",
     kUnsigned, kNothing,
     [](Trial& t) {
       CaseRow row;
       row.key = CaseAt(1);
       row.version = 1;
       row.reference = "R1";
       CaseChange change = Change(row);
       change.event->payload = "";
       change.event->recorded_at = 0;
       t.Commit({.cases = {change}});
       t.EqualRow("ReadCase", t.Read(1), row);
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{1})) return;
       t.EqualEvent("ReadEvents", events[0], *change.event);
     }},
    {kBasic, "mebibyte_comes_back",
     "Bodies of a mebibyte come back: payload and sealed, case and event.",
     "a mebibyte and, of a policy, more; what finds no room", kNothing,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.payload = std::string(limits::kBodyBytesMax, 'p');
       row.payload[limits::kBodyBytesMax / 2] = 'x';
       row.sealed = std::string(limits::kBodyBytesMax, '\0');
       CaseChange change = Change(row);
       change.event->payload = std::string(limits::kBodyBytesMax, 'e');
       RecordChange record = Put("a", 1, 0);
       record.record.payload = std::string(limits::kBodyBytesMax, '\xff');
       t.Commit({.cases = {change}, .records = {record}});
       t.EqualRow("ReadCase", t.Read(1), row);
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{1})) return;
       t.EqualEvent("ReadEvents", events[0], *change.event);
       t.EqualRecord("ReadRecords", t.Get(Key("a")).value_or(Record{}),
                     record.record);
     }},
    {kBasic, "edges_of_numbers_come_back",
     "Columns of a case and an event hold 64 bits, the least and the most.",
     "All times are milliseconds since", kNothing,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.cell = kMin;
       row.opened_at = kMin;
       row.least_due = kMin;
       row.next_at = kMax - 1;
       CaseChange change = Change(row);
       change.event->recorded_at = kMin;
       t.Commit({.cases = {change}});
       t.EqualRow("ReadCase", t.Read(1), row);
       CaseRow other = Row(2);
       other.cell = kMax;
       other.opened_at = kMax;
       other.least_due = kMax - 1;
       other.next_at = kMin;
       t.Commit(Of(other));
       t.EqualRow("ReadCase", t.Read(2), other);
       t.Equal("Find(cell=min)", t.All({.cell = kMin}), Texts{"1"});
       t.Equal("Find(cell=max)", t.All({.cell = kMax}), Texts{"2"});
       t.Equal("Find(due_until=kNever)", t.All({.due_until = kNever}),
               Texts{"1", "2"});
       t.Equal("Find(opened_until=max)", t.All({.opened_until = kMax}),
               Texts{"1"});
       t.Equal("Claim(timers, due=kNever)", Ids(t.Timers(kNever)),
               Texts{"2", "1"});
       t.Equal("Claim(timers, due=0)", Ids(t.Timers(0)), Texts{"2"});
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{1})) return;
       t.EqualEvent("ReadEvents", events[0], *change.event);
     }},
    {kBasic, "numbers_have_64_bits",
     "Numbers beyond 32 bits come back: cell, times, record versions, places "
     "in queues.",
     "All times are milliseconds since", kNothing,
     [](Trial& t) {
       constexpr int64_t kBig = (int64_t{1} << 32) + 5;
       CaseRow row = Row(1);
       row.cell = kBig;
       row.opened_at = kBig + 1;
       row.least_due = kBig + 2;
       row.next_at = kBig + 3;
       CaseChange change = Change(row);
       change.event->recorded_at = kBig;
       DeliveryRow delivery = Delivery(1, kBig);
       delivery.event_version = kBig;
       t.Commit({.cases = {change},
                 .deliveries = {delivery},
                 .records = {Put("a", kBig, 0)}});
       t.EqualRow("ReadCase", t.Read(1), row);
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{1})) return;
       t.Equal("ReadEvents, column recorded_at", events[0].recorded_at, kBig);
       t.Equal("Find(cell=5)", t.All({.cell = 5}), Texts{});
       t.Equal("Claim(timers, due=2^32)", Ids(t.Timers(kBig - 5)), Texts{});
       t.Equal("Claim(deliveries, due=2^32)", Ids(t.Deliveries(kBig - 5)),
               Texts{});
       const Claimed claimed = t.OneDelivery(kBig);
       t.Equal("Claim, column due_at", claimed.delivery->due_at, kBig);
       t.Equal("Claim, column event_version", claimed.delivery->event_version,
               kBig);
       t.Equal("ReadRecords, version",
               t.Get(Key("a")).value_or(Record{}).version, kBig);
       t.Refused("Commit(expected=5) of a record at 2^32+5",
                 t.Try({.records = {Put("a", 6, 5)}}), E::VERSION_CONFLICT);
     }},
    {kBasic, "versions_have_64_bits",
     "A record's version may be the greatest number.",
     "The stored version is record.version.", kNothing,
     [](Trial& t) {
       t.Commit({.records = {Put("a", kMax - 1, 0)}});
       t.Commit({.records = {Put("a", kMax, kMax - 1)}});
       t.Equal("ReadRecords, version",
               t.Get(Key("a")).value_or(Record{}).version, kMax);
     }},
};

// The same again under another tenant.
Write Theirs(const Write& write, const std::string& tenant) {
  Write other = write;
  for (CaseChange& change : other.cases) {
    change.row.key.tenant = tenant;
    change.row.payload = "theirs";
    if (change.event.has_value()) {
      change.event->key.tenant = tenant;
      change.event->payload = "their event";
    }
  }
  for (DeliveryRow& row : other.deliveries) row.tenant = tenant;
  for (RecordChange& change : other.records) {
    change.record.key.tenant = tenant;
    change.record.payload = "their record";
  }
  return other;
}

Write Mine() {
  CaseRow row = Row(1);
  row.external_system = "crm";
  row.external_id = "7";
  row.cell = 3;
  row.least_due = 5;
  row.next_at = 5;
  Write write = Of(row);
  write.deliveries = {Delivery(1, 5)};
  write.records = {Put("a", 1, 0)};
  write.records[0].record.index[0] = "x";
  return write;
}

constexpr char kTenant[] =
    "Ids are not empty. `tenant` \"\" is the system's own";

constexpr Contract kTenantContracts[] = {
    {kBasic, "tenants_may_bear_the_same",
     "What is unique is unique per tenant: ids, references, external ids, "
     "keys.",
     "unique per tenant", kNothing,
     [](Trial& t) {
       t.Commit(Mine());
       t.Commit(Theirs(Mine(), "city2"));
       t.Commit(Theirs(Mine(), "cit"));
       t.EqualRow("ReadCase of a tenant's case", t.Read(1),
                  Mine().cases[0].row);
       t.Equal("ReadCase of another tenant's, column payload",
               t.Read({"city2", Id(1)}).payload, std::string("theirs"));
     }},
    {kBasic, "find_keeps_to_its_tenant",
     "Find answers cases of its tenant only, by every entrance.",
     "What Find looks for; unset fields do not matter.", kNothing,
     [](Trial& t) {
       for (const char* tenant : {"city2", "cit", "City", "a", "z"}) {
         t.Commit(Theirs(Mine(), tenant));
       }
       const std::vector<Filter> filters = {
           {},
           {.references = {"R1"}},
           {.references = {"R1", "R2"}},
           {.external_system = "crm", .external_id = "7"},
           {.category = "streetlight"},
           {.unit = "lights", .open = true},
           {.cell = 3},
           {.phases = {1}},
           {.due_until = 9}};
       for (const Filter& filter : filters) {
         t.Equal("Find of a tenant without cases", t.All(filter), Texts{});
       }
       t.Commit(Mine());
       for (Filter filter : filters) {
         t.Equal("Find of a tenant with one case", t.All(filter), Texts{"1"});
         filter.tenant = kCity;
         const auto page = t.store().Find(filter);
         if (!t.Ok("Find", page) || page->rows.empty()) return;
         t.Equal("Find, column payload", page->rows[0].payload,
                 std::string("case 1 at 1"));
       }
     }},
    {kBasic, "events_keep_to_their_tenant",
     "ReadEvents answers events of its tenant only.",
     "One event. The primary key of the log is", kNothing,
     [](Trial& t) {
       t.Commit(Theirs(Mine(), "city2"));
       t.Equal("ReadEvents of another tenant's case, count", t.Events(1).size(),
               size_t{0});
       t.Commit(Mine());
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{1})) return;
       t.Equal("ReadEvents, column payload", events[0].payload,
               std::string("event 1"));
     }},
    {kBasic, "feed_keeps_to_its_tenant",
     "The feed tells events of its tenant only.",
     "a tenant for mirrors and reports.", kFeed,
     [](Trial& t) {
       t.Commit(Theirs(Mine(), "city2"));
       t.Commit(Mine());
       t.Commit(Theirs(Mine(), "cit"));
       std::string cursor;
       for (const EventRow& event : t.Feed(&cursor, 1)) {
         t.Equal("the feed, tenant", event.key.tenant, std::string(kCity));
       }
     }},
    {kBasic, "records_keep_to_their_tenant",
     "ReadRecords answers records of its tenant only, by key and by column.",
     "Records of one kind, by key or by an index column", kNothing,
     [](Trial& t) {
       t.Commit(Theirs(Mine(), "city2"));
       t.Commit(Theirs(Mine(), ""));
       t.Equal("ReadRecords of a tenant without", t.Keys({}), Texts{});
       t.Equal("ReadRecords(index=0) of a tenant without", t.Keys({.index = 0}),
               Texts{});
       t.Commit(Mine());
       t.Commit({.removals = {Key("a", "person", "city2")}});
       t.Equal("ReadRecords, column payload",
               t.Get(Key("a")).value_or(Record{}).payload, std::string("a 1"));
     }},
    {kBasic, "system_records_have_no_tenant",
     "The system's own records belong to no tenant.", kTenant, kNothing,
     [](Trial& t) {
       RecordChange tenant = Put("city", 1, 0);
       tenant.record.key = {"", "tenant", "city"};
       t.Commit({.records = {tenant}});
       const auto own = t.store().ReadRecords({.tenant = "", .kind = "tenant"});
       if (!t.Ok("ReadRecords(tenant=\"\")", own)) return;
       t.Equal("ReadRecords(tenant=\"\"), count", own->size(), size_t{1});
       t.Equal("ReadRecords(tenant=city)", t.Keys({.kind = "tenant"}), Texts{});
     }},
    {kBasic, "queues_keep_to_their_tenant",
     "Claim answers timers and deliveries of its tenant only.",
     "Timers: rows with next_at <= due", kNothing,
     [](Trial& t) {
       t.Commit(Theirs(Mine(), "city2"));
       t.Equal("Claim(timers) of a tenant without", Ids(t.Timers(9)), Texts{});
       t.Equal("Claim(deliveries) of a tenant without", Ids(t.Deliveries(9)),
               Texts{});
       t.Commit(Mine());
       const auto timers = t.Timers(9);
       t.Equal("Claim(timers)", Ids(timers), Texts{"1"});
       const Claimed mine = t.OneDelivery(9);
       t.Equal("Claim, column tenant", mine.delivery->tenant,
               std::string(kCity));
       t.Equal(
           "Claim(deliveries) of the other tenant",
           t.Claim(
                {.queue = DueQuery::kDeliveries, .tenant = "city2", .due = 9})
               .size(),
           size_t{1});
     }},
    {kBasic, "next_due_keeps_to_its_tenant", "NextDue knows its tenant only.",
     "The least instant at or after which Claim may answer", kNextDue,
     [](Trial& t) {
       t.Commit(Theirs(Mine(), "city2"));
       for (const auto queue : {DueQuery::kTimers, DueQuery::kDeliveries}) {
         t.Equal("NextDue of a tenant without", t.Next(queue), kNever);
         t.Equal("NextDue of the other", t.Next(queue, "city2"), int64_t{5});
       }
     }},
    {kBasic, "finish_keeps_to_its_tenant",
     "A token is good for its tenant's row only.",
     "A verdict for each, in order: OK, or ABORTED", kNothing,
     [](Trial& t) {
       t.Commit(Theirs(Mine(), "city2"));
       const auto theirs = t.Claim(
           {.queue = DueQuery::kDeliveries, .tenant = "city2", .due = 9});
       if (!t.Equal("Claim, count", theirs.size(), size_t{1})) return;
       Claimed stolen = theirs[0];
       stolen.delivery->tenant = kCity;
       t.Refused("Finish of another tenant's row",
                 t.Finish(stolen, kNever, "sent"), E::STALE_TOKEN);
       t.Ok("Finish of the tenant's own row",
            t.Finish(theirs[0], kNever, "sent"));
     }},
    {kBasic, "dedupe_keeps_to_its_tenant",
     "A dedupe key is unique per tenant only.",
     "Unique per tenant; the same on every attempt.", kNothing,
     [](Trial& t) {
       t.Commit(Theirs(Mine(), "city2"));
       t.Commit(Mine());
       t.Equal("Claim of the second tenant", Ids(t.Deliveries(9)), Texts{"1"});
     }},
    {kBasic, "erasure_keeps_to_its_tenant",
     "Erasing and removing touch their tenant only.",
     "The row whose sealed body is to be removed", kNothing,
     [](Trial& t) {
       t.Commit(Mine());
       t.Commit(Theirs(Mine(), "city2"));
       const CaseKey theirs = {"city2", Id(1)};
       t.Commit({.erasures = {{.kind = RowKey::kCase, .case_key = theirs},
                              {.kind = RowKey::kEvent,
                               .case_key = theirs,
                               .version = 1}},
                 .removals = {Key("a", "person", "city2")}});
       t.EqualRow("ReadCase", t.Read(1), Mine().cases[0].row);
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{1})) return;
       t.EqualEvent("ReadEvents", events[0], *Mine().cases[0].event);
       t.Equal("ReadRecords", t.Keys({}), Texts{"a"});
     }},
};

}  // namespace

std::span<const Contract> ByteContracts() { return kByteContracts; }
std::span<const Contract> TenantContracts() { return kTenantContracts; }

}  // namespace hotline::testing
