// Contracts: records are found by key and by their index columns, and their
// version is a fence; erased bodies are gone.
#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using rows::CaseAt;
using rows::Change;
using rows::kCity;
using rows::Key;
using rows::Of;
using rows::OpenCase;
using rows::Put;
using rows::Row;
using E = v1::ErrorInfo;
using Strings = std::vector<std::string>;

constexpr Level kBasic = Level::kBasic;
constexpr char kFence[] = "`expected_version` 0 inserts, n > 0 replaces";
constexpr char kByColumn[] =
    "Records of one kind, by key or by an index column";
constexpr char kWhole[] = "record is replaced: an absent `sealed` removes";

Record FullRecord() {
  Record record = Put("a", 3, 0).record;
  record.index = {"one", "", "three", "four"};
  record.sealed = "a name";
  return record;
}

int64_t VersionOf(Trial& t, const std::string& key) {
  return t.Get(Key(key)).value_or(Record{}).version;
}

RecordChange InColumn(const std::string& key, size_t column,
                      const std::string& value, int64_t version = 1) {
  RecordChange change = Put(key, version, -1);
  change.record.index[column] = value;
  return change;
}

constexpr Contract kRecords[] = {
    {kBasic, "record_comes_back", "A record is read as it was written.",
     "The stored version is record.version.", kNothing,
     [](Trial& t) {
       t.Commit({.records = {{.record = FullRecord(), .expected_version = 0}}});
       t.EqualRecord("ReadRecords", t.Get(Key("a")).value_or(Record{}),
                     FullRecord());
       t.True("ReadRecords of no record", !t.Get(Key("b")).has_value(),
              "a record", "none");
     }},
    {kBasic, "record_sealed_only_when_asked",
     "ReadRecords reads sealed bodies only when asked.",
     "Records of one kind, by key or by an index column", kNothing,
     [](Trial& t) {
       t.Commit({.records = {{.record = FullRecord(), .expected_version = 0}}});
       const auto read = t.store().ReadRecords(OneRecord(Key("a"), false));
       if (!t.Ok("ReadRecords", read) ||
           !t.Equal("ReadRecords, count", read->size(), size_t{1})) {
         return;
       }
       t.Equal("ReadRecords(sealed=false), column sealed", read->at(0).sealed,
               std::nullopt);
     }},
    {kBasic, "record_inserted_once",
     "Inserting a record that is there is refused and changes nothing: an "
     "idempotency key is good once.",
     kFence, kNothing,
     [](Trial& t) {
       t.Commit({.records = {Put("a", 1, 0)}});
       RecordChange second = Put("a", 1, 0);
       second.record.payload = "another answer";
       t.Refused("Commit(expected=0) of a record at 1",
                 t.Try({.records = {second}}), E::VERSION_CONFLICT);
       t.Equal("ReadRecords, column payload",
               t.Get(Key("a")).value_or(Record{}).payload, std::string("a 1"));
     }},
    {kBasic, "idempotency_key_guards_its_command",
     "A command whose idempotency key is taken opens no second case.",
     "One command: all of it or none.", kNothing,
     [](Trial& t) {
       Write first = OpenCase(1);
       first.records = {Put("idempotency", 1, 0)};
       t.Commit(first);
       Write second = OpenCase(2);
       second.records = {Put("idempotency", 1, 0)};
       t.Refused("Commit of a new case under a used key", t.Try(second),
                 E::VERSION_CONFLICT);
       t.Equal("Find", t.All({}), Strings{"1"});
     }},
    {kBasic, "stale_record_refused", "A record's version is its fence.", kFence,
     kNothing,
     [](Trial& t) {
       t.Commit({.records = {Put("a", 3, 0)}});
       t.Refused("Commit(expected=2) of a record at 3",
                 t.Try({.records = {Put("a", 4, 2)}}), E::VERSION_CONFLICT);
       t.Refused("Commit(expected=4) of a record at 3",
                 t.Try({.records = {Put("a", 5, 4)}}), E::VERSION_CONFLICT);
       t.Refused("Commit(expected=1) of no record",
                 t.Try({.records = {Put("b", 2, 1)}}), E::VERSION_CONFLICT);
       t.Equal("ReadRecords, version", VersionOf(t, "a"), int64_t{3});
       t.Commit({.records = {Put("a", 9, 3)}});
       t.Equal("ReadRecords, version", VersionOf(t, "a"), int64_t{9});
     }},
    {kBasic, "record_put_whatever_is_there",
     "Expected -1 replaces a record or inserts it.",
     "inserts whatever is there. The stored version is record.version.",
     kNothing,
     [](Trial& t) {
       t.Commit({.records = {Put("a", 7, -1)}});
       t.Equal("ReadRecords, version", VersionOf(t, "a"), int64_t{7});
       t.Commit({.records = {Put("a", 4, -1)}});
       t.Equal("ReadRecords, version", VersionOf(t, "a"), int64_t{4});
     }},
    {kBasic, "record_twice_refused",
     "A record stands once in the records and removals of a Write.",
     "once in `records` and `removals` together.", kNothing,
     [](Trial& t) {
       t.Refused("Commit of one record twice in a Write",
                 t.Try({.records = {Put("a", 1, 0), Put("a", 2, -1)}}),
                 E::INVALID_ARGUMENT);
       t.Refused("Commit of one record written and removed in a Write",
                 t.Try({.records = {Put("a", 1, 0)}, .removals = {Key("a")}}),
                 E::INVALID_ARGUMENT);
       t.Equal("ReadRecords", t.Keys({}), Strings{});
     }},
    {kBasic, "record_is_replaced_whole",
     "A record is replaced whole: columns, payload and sealed body.", kWhole,
     kNothing,
     [](Trial& t) {
       t.Commit({.records = {{.record = FullRecord(), .expected_version = 0}}});
       const Record bare = Put("a", 4, 3).record;
       t.Commit({.records = {{.record = bare, .expected_version = 3}}});
       t.EqualRecord("ReadRecords", t.Get(Key("a")).value_or(Record{}), bare);
     }},
    {kBasic, "records_by_key",
     "Records of a kind come by key, ascending, from `from` to before `until`.",
     kByColumn, kNothing,
     [](Trial& t) {
       Write write;
       for (const char* key : {"c", "a", "ba", "b", "aa"}) {
         write.records.push_back(Put(key, 1, 0));
       }
       write.records.push_back(Put("ab", 1, 0));
       write.records.back().record.key.kind = "policy";
       t.Commit(write);
       t.Equal("ReadRecords", t.Keys({}), Strings{"a", "aa", "b", "ba", "c"});
       t.Equal("ReadRecords(from=aa, until=c)",
               t.Keys({.from = "aa", .until = "c"}), Strings{"aa", "b", "ba"});
       t.Equal("ReadRecords(from=ab)", t.Keys({.from = "ab"}),
               Strings{"b", "ba", "c"});
       t.Equal("ReadRecords(kind=policy)", t.Keys({.kind = "policy"}),
               Strings{"ab"});
       t.Equal("ReadRecords(kind=polic)", t.Keys({.kind = "polic"}), Strings{});
     }},
    {kBasic, "records_paged_by_key",
     "Pages by key lose and repeat nothing; fewer than `limit` is the end.",
     "fewer than `limit` means that the range is at its end.", kNothing,
     [](Trial& t) {
       Write write;
       const Strings keys = {"a", "aa", "ab", "b", "ba", "c", "ca"};
       for (const std::string& key : keys) {
         write.records.push_back(Put(key, 1, 0));
       }
       t.Commit(write);
       for (const int limit : {1, 2, 3, 7, 8}) {
         RecordRange range{.limit = limit};
         Strings read;
         for (size_t pages = 0; pages < 20; ++pages) {
           const Strings page = t.Keys(range);
           read.insert(read.end(), page.begin(), page.end());
           if (page.size() < static_cast<size_t>(limit)) break;
           range.from = page.back();
           range.after_key = page.back();
         }
         t.Equal(absl::StrCat("ReadRecords in pages of ", limit), read, keys);
       }
     }},
    {kBasic, "records_by_each_column",
     "Each of the four index columns orders the records; equal ones by key; an "
     "empty column is in no index.",
     "Empty columns are in no index. Compared as bytes.", kNothing,
     [](Trial& t) {
       const char* values[] = {"x", "y", "x", "", "z"};
       for (int column = 0; column < 4; ++column) {
         const auto c = static_cast<size_t>(column);
         Write write;
         for (int i = 0; i < 5; ++i) {
           write.records.push_back(
               InColumn(absl::StrCat(i), c, values[i], column + 1));
         }
         t.Commit(write);
         const std::string call = absl::StrCat("ReadRecords(index=", column);
         t.Equal(call + ")", t.Keys({.index = column}),
                 Strings{"0", "2", "1", "4"});
         t.Equal(call + ", from=x, until=y)",
                 t.Keys({.index = column, .from = "x", .until = "y"}),
                 Strings{"0", "2"});
         t.Equal(call + ", from=y)", t.Keys({.index = column, .from = "y"}),
                 Strings{"1", "4"});
         t.Equal(absl::StrCat("ReadRecords(index=", (column + 1) % 4,
                              ") of an empty column"),
                 t.Keys({.index = (column + 1) % 4}), Strings{});
       }
     }},
    {kBasic, "records_paged_by_column",
     "Pages by a column go on after the key of the last record, also among "
     "equals.",
     "of those equal to `from`: only greater keys;", kNothing,
     [](Trial& t) {
       Write write;
       const Strings keys = {"a", "b", "c", "d", "e", "f"};
       for (size_t i = 0; i < keys.size(); ++i) {
         write.records.push_back(InColumn(keys[i], 1, i < 4 ? "x" : "y"));
       }
       t.Commit(write);
       for (const int limit : {1, 2, 3, 6, 7}) {
         RecordRange range{
             .tenant = kCity, .kind = "person", .index = 1, .limit = limit};
         Strings read;
         for (size_t pages = 0; pages < 20; ++pages) {
           const auto page = t.store().ReadRecords(range);
           if (!t.Ok("ReadRecords by column", page)) return;
           for (const Record& record : *page) read.push_back(record.key.key);
           if (page->size() < static_cast<size_t>(limit)) break;
           range.from = page->back().index[1];
           range.after_key = page->back().key.key;
         }
         t.Equal(absl::StrCat("ReadRecords by column in pages of ", limit),
                 read, keys);
       }
     }},
    {kBasic, "record_leaves_old_column",
     "A record is found by its newest columns only.",
     "Empty columns are in no index. Compared as bytes.", kNothing,
     [](Trial& t) {
       t.Commit({.records = {InColumn("a", 1, "old")}});
       t.Commit({.records = {InColumn("a", 1, "new", 2)}});
       t.Equal("ReadRecords(index=1)", t.Keys({.index = 1}), Strings{"a"});
       t.Equal("ReadRecords(index=1, from=old)",
               t.Keys({.index = 1, .from = "old"}), Strings{});
       t.Commit({.records = {Put("a", 3, 2)}});
       t.Equal("ReadRecords(index=1) of an emptied column",
               t.Keys({.index = 1}), Strings{});
     }},
    {kBasic, "record_removed",
     "A removed record is gone from key and index and may be inserted anew.",
     "all of it or none. Carried out", kNothing,
     [](Trial& t) {
       t.Commit({.records = {InColumn("a", 0, "x"), Put("b", 1, 0)}});
       t.Commit({.removals = {Key("a")}});
       t.Equal("ReadRecords", t.Keys({}), Strings{"b"});
       t.Equal("ReadRecords(index=0)", t.Keys({.index = 0}), Strings{});
       t.Commit({.records = {Put("a", 1, 0)}});
       t.Equal("ReadRecords", t.Keys({}), Strings{"a", "b"});
     }},
    {kBasic, "removing_nothing_is_no_error",
     "Removing what is not there is no error.",
     "once in `records` and `removals` together. Erasing or removing", kNothing,
     [](Trial& t) {
       t.Commit({.records = {Put("a", 1, 0)}, .removals = {Key("none")}});
       t.Equal("ReadRecords", t.Keys({}), Strings{"a"});
     }},
    {kBasic, "record_limits_refused",
     "A limit below 1 and a fifth column are refused.",
     "-1: by key; 0..3: by that column", kNothing,
     [](Trial& t) {
       t.Refused("ReadRecords(limit=0)",
                 t.store().ReadRecords(
                     {.tenant = kCity, .kind = "person", .limit = 0}),
                 E::INVALID_ARGUMENT);
       t.Refused("ReadRecords(index=4)",
                 t.store().ReadRecords(
                     {.tenant = kCity, .kind = "person", .index = 4}),
                 E::INVALID_ARGUMENT);
     }},
};

RowKey OfCase(int64_t number) {
  return {.kind = RowKey::kCase, .case_key = CaseAt(number)};
}
RowKey OfEvent(int64_t number, int64_t version) {
  return {
      .kind = RowKey::kEvent, .case_key = CaseAt(number), .version = version};
}
RowKey OfRecord(const std::string& key) {
  return {.kind = RowKey::kRecord, .record = Key(key)};
}

constexpr char kErased[] = "The row whose sealed body is to be removed";

constexpr Contract kErasures[] = {
    {kBasic, "erased_case_keeps_the_rest",
     "Erasing a case takes its sealed body and nothing else.", kErased,
     kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Commit(OpenCase(2));
       t.Commit({.erasures = {OfCase(1)}});
       CaseRow want = Row(1);
       want.sealed.reset();
       t.EqualRow("ReadCase of the erased", t.Read(1), want);
       t.EqualRow("ReadCase of its neighbour", t.Read(2), Row(2));
       t.Equal("ReadEvents, column sealed",
               t.Events(1).empty() ? std::nullopt : t.Events(1)[0].sealed,
               std::optional<std::string>("words 1"));
     }},
    {kBasic, "erased_event_keeps_the_rest",
     "Erasing an event takes its sealed body and nothing else.", kErased,
     kNothing,
     [](Trial& t) {
       t.Bring(1, 3);
       t.Commit({.erasures = {OfEvent(1, 2)}});
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{3})) return;
       for (int64_t v = 1; v <= 3; ++v) {
         EventRow want = *Change(Row(1, v)).event;
         if (v == 2) want.sealed.reset();
         t.EqualEvent(absl::StrCat("ReadEvents, event ", v),
                      events[static_cast<size_t>(v - 1)], want);
       }
       t.EqualRow("ReadCase", t.Read(1), Row(1, 3));
     }},
    {kBasic, "erased_record_keeps_the_rest",
     "Erasing a record takes its sealed body and nothing else.", kErased,
     kNothing,
     [](Trial& t) {
       Record other = FullRecord();
       other.key.key = "b";
       t.Commit({.records = {{.record = FullRecord(), .expected_version = 0},
                             {.record = other, .expected_version = 0}}});
       t.Commit({.erasures = {OfRecord("a")}});
       Record want = FullRecord();
       want.sealed.reset();
       t.EqualRecord("ReadRecords of the erased",
                     t.Get(Key("a")).value_or(Record{}), want);
       t.EqualRecord("ReadRecords of its neighbour",
                     t.Get(Key("b")).value_or(Record{}), other);
     }},
    {kBasic, "erasing_nothing_is_no_error",
     "Erasing what is not there is no error, and makes nothing.",
     "Erasing or removing what is not", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Commit({.erasures = {OfCase(9), OfEvent(1, 9), OfEvent(9, 1),
                              OfRecord("none"), OfCase(1)}});
       t.Commit({.erasures = {OfCase(1)}});
       t.Equal("Find", t.All({}), Strings{"1"});
       t.Equal("ReadRecords", t.Keys({}), Strings{});
     }},
    {kBasic, "erasure_follows_its_write",
     "The erasures of a Write come after its cases and records.",
     "Carried out in the order of the fields, after", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       Write write = Of(Row(1, 2));
       write.records = {{.record = FullRecord(), .expected_version = 0}};
       write.erasures = {OfCase(1), OfEvent(1, 2), OfRecord("a")};
       t.Commit(write);
       CaseRow want = Row(1, 2);
       want.sealed.reset();
       t.EqualRow("ReadCase", t.Read(1), want);
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, count", events.size(), size_t{2})) return;
       t.Equal("ReadEvents, event 1, column sealed", events[0].sealed,
               std::optional<std::string>("words 1"));
       t.Equal("ReadEvents, event 2, column sealed", events[1].sealed,
               std::nullopt);
       t.Equal("ReadRecords, column sealed",
               t.Get(Key("a")).value_or(Record{.sealed = "x"}).sealed,
               std::nullopt);
     }},
    {kBasic, "erased_stays_erased_when_left_alone",
     "write_sealed false after an erasure brings nothing back.",
     "`row.sealed` is left as it stands in the store.", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       t.Commit({.erasures = {OfCase(1)}});
       CaseChange change = Change(Row(1, 2));
       change.write_sealed = false;
       t.Commit({.cases = {change}});
       CaseRow want = Row(1, 2);
       want.sealed.reset();
       t.EqualRow("ReadCase", t.Read(1), want);
     }},
};

}  // namespace

std::span<const Contract> RecordContracts() { return kRecords; }
std::span<const Contract> ErasureContracts() { return kErasures; }

}  // namespace hotline::testing
