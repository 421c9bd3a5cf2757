// Contracts: what was answered is there after the store was closed and opened,
// also when its process was killed; what was erased is nowhere.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <set>

#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using rows::CaseAt;
using rows::Change;
using rows::CommitOne;
using rows::Delivery;
using rows::kCity;
using rows::Key;
using rows::Of;
using rows::OpenCase;
using rows::Put;
using rows::Row;
using E = v1::ErrorInfo;
using Numbers = std::vector<std::string>;

constexpr Level kLevel = Level::kDurable;
constexpr char kTransaction[] =
    "One durable transaction. Answers a verdict for each Write";
constexpr char kPowerCut[] = "An answered Commit survives a power cut.";
constexpr char kGone[] =
    "gone from the database and its log, or are gone after";

// After the next Commit nothing of `word` is in the files, now or reopened.
void IsNowhere(Trial& t, const std::string& word) {
  t.Commit({.records = {Put("after the erasure", 1, -1)}});
  std::string where = t.FileWith(word);
  t.True("the files after an erasure and one more Commit", where.empty(),
         absl::StrCat(Show(word), " in ", where), "no such bytes");
  if (!t.Reopen()) return;
  where = t.FileWith(word);
  t.True("the files after an erasure, reopened", where.empty(),
         absl::StrCat(Show(word), " in ", where), "no such bytes");
}

// That the search sees what is there: else the contract would show nothing.
void IsSomewhere(Trial& t, const std::string& word) {
  t.True("the files before the erasure", !t.FileWith(word).empty(),
         "no byte of the payload", "the payload; name all files of the place");
}

std::string Word() { return "Kiwi-Schmetterling-4711-" + std::string(40, 'w'); }

constexpr Contract kDurableContracts[] = {
    {kLevel, "cases_survive", "Cases and events survive closing.", kPowerCut,
     kDurable,
     [](Trial& t) {
       t.Bring(1, 3);
       CaseRow row = Row(2);
       row.external_system = "crm";
       row.external_id = "7";
       row.cell = -5;
       row.least_due = 9;
       row.next_at = 8;
       row.sealed = "";
       t.Commit(Of(row));
       if (!t.Reopen()) return;
       t.EqualRow("ReadCase, reopened", t.Read(1), Row(1, 3));
       t.EqualRow("ReadCase, reopened", t.Read(2), row);
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, reopened, count", events.size(), size_t{3})) {
         return;
       }
       t.EqualEvent("ReadEvents, reopened", events[1],
                    *Change(Row(1, 2)).event);
       t.Equal("Find(external id), reopened",
               t.All({.external_system = "crm", .external_id = "7"}),
               Numbers{"2"});
       t.Equal("Find(due_until), reopened", t.All({.due_until = 9}),
               Numbers{"2"});
       t.Equal("Claim(timers), reopened", Ids(t.Timers(8)), Numbers{"2"});
     }},
    {kLevel, "fences_survive",
     "Versions, references and keys are fences still after closing.", kPowerCut,
     kDurable,
     [](Trial& t) {
       t.Bring(1, 2);
       t.Commit({.records = {Put("a", 1, 0)}});
       if (!t.Reopen()) return;
       t.Refused("Commit(expected=1) of a case at 2, reopened",
                 t.Try(Of(Row(1, 2))), E::VERSION_CONFLICT);
       CaseRow row = Row(2);
       row.reference = "R1";
       t.Refused("Commit of a reference that is taken, reopened",
                 t.Try(Of(row)), E::DUPLICATE_REFERENCE);
       t.Refused("Commit(expected=0) of a record at 1, reopened",
                 t.Try({.records = {Put("a", 1, 0)}}), E::VERSION_CONFLICT);
       t.Commit(Of(Row(1, 3)));
     }},
    {kLevel, "records_survive", "Records and their columns survive closing.",
     kPowerCut, kDurable,
     [](Trial& t) {
       RecordChange change = Put("a", 3, 0);
       change.record.index = {"x", "", "y", std::string("\0", 1)};
       change.record.sealed = "a name";
       t.Commit({.records = {change, Put("b", 1, 0)}});
       t.Commit({.removals = {Key("b")}});
       if (!t.Reopen()) return;
       t.EqualRecord("ReadRecords, reopened",
                     t.Get(Key("a")).value_or(Record{}), change.record);
       t.Equal("ReadRecords, reopened", t.Keys({}), Numbers{"a"});
       t.Equal("ReadRecords(index=2), reopened", t.Keys({.index = 2}),
               Numbers{"a"});
     }},
    {kLevel, "deliveries_survive",
     "Deliveries, their attempts and states survive closing.", kPowerCut,
     kDurable,
     [](Trial& t) {
       t.Commit({.deliveries = {Delivery(1, 10), Delivery(2, 20)}});
       t.Ok("Finish", t.Finish(t.OneDelivery(10), 500, "retry"));
       if (!t.Reopen()) return;
       t.Equal("Claim(due=20), reopened", Ids(t.Deliveries(20)), Numbers{"2"});
       const Claimed again = t.OneDelivery(500);
       t.Equal("Claim, reopened, attempts", again.delivery->attempts, 2);
       t.Equal("Claim, reopened, state", again.delivery->state,
               std::string("retry"));
     }},
    {kLevel, "leases_survive",
     "A lease, its token and its attempt survive closing: they were durable "
     "before they were answered.",
     "token and attempts raised, durably", kDurable | kClock,
     [](Trial& t) {
       t.Commit({.deliveries = {Delivery(1, 10)}});
       const Claimed first = t.OneDelivery(10);
       if (!t.Reopen()) return;
       t.Equal("Claim within the lease, reopened", Ids(t.Deliveries(10)),
               Numbers{});
       t.clock().AdvanceTime(absl::Seconds(30));
       const Claimed second = t.OneDelivery(10);
       t.True("Claim after the lease, reopened, token",
              second.token > first.token, Show(second.token),
              absl::StrCat("more than ", first.token));
       t.Equal("Claim after the lease, reopened, attempts",
               second.delivery->attempts, 2);
       t.Refused("Finish with the token before, reopened",
                 t.Finish(first, kNever, "sent"), E::STALE_TOKEN);
     }},
    {kLevel, "worker_finishes_after_reopening",
     "A lease taken before closing can be finished afterwards.", kPowerCut,
     kDurable,
     [](Trial& t) {
       t.Commit({.deliveries = {Delivery(1, 10)}});
       const Claimed claimed = t.OneDelivery(10);
       if (!t.Reopen()) return;
       t.Ok("Finish, reopened", t.Finish(claimed, kNever, "sent"));
       if (!t.Reopen()) return;
       t.Ok("Finish, said again after reopening",
            t.Finish(claimed, kNever, "sent"));
       t.clock().AdvanceTime(absl::Hours(1));
       t.Equal("Claim of a finished row, reopened", Ids(t.Deliveries(10)),
               Numbers{});
     }},
    {kLevel, "told_survives", "A dedupe key stays taken after closing.",
     "tenant has already is dropped without a word", kDurable,
     [](Trial& t) {
       t.Commit({.deliveries = {Delivery(1, 10)}});
       t.Ok("Finish", t.Finish(t.OneDelivery(10), kNever, "sent"));
       if (!t.Reopen()) return;
       DeliveryRow again = Delivery(2, 5);
       again.dedupe_key = "key 1";
       t.Commit({.deliveries = {again}});
       t.Equal("Claim after a repeated key, reopened", Ids(t.Deliveries(100)),
               Numbers{});
     }},
    {kLevel, "refused_leaves_nothing_behind",
     "A refused Write leaves nothing, also not after closing.",
     "left no trace and the others stand", kDurable,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       const std::vector<Write> writes = {
           OpenCase(2),
           {.cases = {Change(Row(3)), Change(Row(1))},
            .deliveries = {Delivery(1, 5)},
            .records = {Put("a", 1, 0)}},
           OpenCase(4)};
       t.store().Commit(writes);
       if (!t.Reopen()) return;
       t.Equal("Find, reopened", t.All({}), Numbers{"1", "2", "4"});
       t.Equal("ReadRecords, reopened", t.Keys({}), Numbers{});
       t.Equal("Claim, reopened", Ids(t.Deliveries(5)), Numbers{});
     }},
    {kLevel, "feed_survives", "The feed and its cursor survive closing.",
     "Of the feed: where the next page begins, now or later", kDurable | kFeed,
     [](Trial& t) {
       t.Bring(1, 3);
       std::string cursor;
       t.Equal("the feed, count", t.Feed(&cursor, 3).size(), size_t{3});
       if (!t.Reopen()) return;
       t.Commit(Of(Row(1, 4)));
       const auto events = t.Feed(&cursor, 1);
       if (!t.True("the feed, reopened, after its cursor", !events.empty(),
                   "nothing", "the event that came since")) {
         return;
       }
       t.Equal("the feed, reopened, version", events.back().version,
               int64_t{4});
       cursor.clear();
       std::set<int64_t> versions;
       for (const EventRow& event : t.Feed(&cursor, 4)) {
         versions.insert(event.version);
       }
       t.Equal("the feed, reopened, from its beginning", versions.size(),
               size_t{4});
     }},
    {kLevel, "next_due_survives", "NextDue is right after closing.",
     "The least instant at or after which Claim may answer",
     kDurable | kNextDue | kClock,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.next_at = 33;
       t.Commit(Of(row));
       t.Commit({.deliveries = {Delivery(1, 10)}});
       t.OneDelivery(10);
       if (!t.Reopen()) return;
       t.Equal("NextDue(timers), reopened", t.Next(DueQuery::kTimers),
               int64_t{33});
       t.Equal("NextDue(deliveries), reopened", t.Next(DueQuery::kDeliveries),
               t.NowMs() + 30'000);
     }},
    {kLevel, "empty_and_absent_survive",
     "Empty and absent sealed bodies are two things after closing, too.",
     "unsigned bytes. An absent body and an empty one", kDurable,
     [](Trial& t) {
       CaseRow empty = Row(1);
       empty.sealed = "";
       CaseRow absent = Row(2);
       absent.sealed.reset();
       t.Commit({.cases = {Change(empty), Change(absent)}});
       if (!t.Reopen()) return;
       t.EqualRow("ReadCase, reopened", t.Read(1), empty);
       t.EqualRow("ReadCase, reopened", t.Read(2), absent);
     }},
    {kLevel, "large_commit_survives",
     "A Commit of many Writes survives closing, all of it.", kTransaction,
     kDurable,
     [](Trial& t) {
       constexpr int kWrites = 300;
       std::vector<Write> writes;
       for (int i = 1; i <= kWrites; ++i) {
         writes.push_back(OpenCase(i));
         writes.back().cases[0].row.payload = std::string(3'000, 'p');
       }
       t.CommitAll(writes);
       if (!t.Reopen()) return;
       t.Equal("Find, reopened, count", t.All({.limit = 100}).size(),
               size_t{kWrites});
       t.EqualRow("ReadCase, reopened", t.Read(kWrites),
                  writes.back().cases[0].row);
     }},
    {kLevel, "reopens_again_and_again",
     "A store can be closed and opened many times, also when empty.",
     kTransaction, kDurable,
     [](Trial& t) {
       for (int64_t v = 1; v <= 6; ++v) {
         if (!t.Reopen() || !t.Reopen()) return;
         t.Commit(Of(Row(1, v)));
       }
       t.Equal("ReadEvents, count", t.Events(1).size(), size_t{6});
     }},
    {kLevel, "erasure_survives", "What was erased stays so after closing.",
     "The row whose sealed body is to be removed", kDurable,
     [](Trial& t) {
       RecordChange record = Put("a", 1, 0);
       record.record.sealed = "a name";
       Write write = OpenCase(1);
       write.records = {record};
       t.Commit(write);
       t.Commit(
           {.erasures = {
                {.kind = RowKey::kCase, .case_key = CaseAt(1)},
                {.kind = RowKey::kEvent, .case_key = CaseAt(1), .version = 1},
                {.kind = RowKey::kRecord, .record = Key("a")}}});
       if (!t.Reopen()) return;
       t.Equal("ReadCase, reopened, column sealed", t.Read(1).sealed,
               std::nullopt);
       const auto events = t.Events(1);
       if (!t.Equal("ReadEvents, reopened, count", events.size(), size_t{1})) {
         return;
       }
       t.Equal("ReadEvents, reopened, column sealed", events[0].sealed,
               std::nullopt);
       t.Equal("ReadRecords, reopened, column sealed",
               t.Get(Key("a")).value_or(Record{.sealed = "x"}).sealed,
               std::nullopt);
     }},
    {kLevel, "erased_case_is_in_no_file",
     "No file keeps a byte of an erased case's sealed body.", kGone,
     kDurable | kErasesFiles,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.payload = "Payload-" + std::string(40, 'p');
       row.sealed = Word();
       t.Commit(Of(row));
       for (int i = 2; i <= 30; ++i) t.Commit(OpenCase(i));
       IsSomewhere(t, row.payload);
       t.Commit({.erasures = {{.kind = RowKey::kCase, .case_key = CaseAt(1)}}});
       IsNowhere(t, Word());
     }},
    {kLevel, "erased_event_is_in_no_file",
     "No file keeps a byte of an erased event's sealed body.", kGone,
     kDurable | kErasesFiles,
     [](Trial& t) {
       CaseChange change = Change(Row(1));
       change.event->sealed = Word() + std::string(9'000, 'e') + Word();
       t.Commit({.cases = {change}});
       for (int64_t v = 2; v <= 20; ++v) t.Commit(Of(Row(1, v)));
       t.Commit({.erasures = {{.kind = RowKey::kEvent,
                               .case_key = CaseAt(1),
                               .version = 1}}});
       IsNowhere(t, Word());
       IsNowhere(t, std::string(100, 'e'));
     }},
    {kLevel, "erased_record_is_in_no_file",
     "No file keeps a byte of an erased record's sealed body.", kGone,
     kDurable | kErasesFiles,
     [](Trial& t) {
       RecordChange record = Put("a", 1, 0);
       record.record.sealed = Word();
       t.Commit({.records = {record}});
       for (int i = 0; i < 20; ++i) {
         t.Commit({.records = {Put(absl::StrCat("b", i), 1, 0)}});
       }
       t.Commit({.erasures = {{.kind = RowKey::kRecord, .record = Key("a")}}});
       IsNowhere(t, Word());
     }},
    {kLevel, "erased_after_reopening_is_in_no_file",
     "What was written before closing can be erased from every file "
     "afterwards.",
     kGone, kDurable | kErasesFiles,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.sealed = Word();
       t.Commit(Of(row));
       if (!t.Reopen()) return;
       t.Commit({.erasures = {{.kind = RowKey::kCase, .case_key = CaseAt(1)}}});
       IsNowhere(t, Word());
     }},
};

// ---- Killed processes -------------------------------------------------------

// A process of its own that opens the place and does `body`, which says with
// each call of its argument how far it is, and for ever waits in the end.
class Worker {
 public:
  using Ack = std::function<void(int64_t done)>;
  using Body = std::function<void(Store& store, const Ack& ack)>;

  Worker(Trial& t, const Body& body) : t_(t) {
    t.Close();
    int ends[2];
    if (pipe(ends) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[0]);
      Live(t, body, ends[1]);
    }
    close(ends[1]);
    read_ = ends[0];
  }
  ~Worker() {
    if (pid_ > 0) Kill();
    if (read_ >= 0) close(read_);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Waits until the worker has said `count` times how far it is; kills it then.
  // The last it ever said; -1 if it died or could not begin.
  int64_t KillAfter(int count) {
    int64_t last = -1;
    for (int64_t said = 0; count > 0 && Read(&said); --count) last = said;
    const bool alive = count == 0;
    Kill();
    t_.harness().Settle();
    for (int64_t said = 0; Read(&said);) last = said;
    if (!alive) t_.Fail("a worker process", "death of its own", "work");
    return alive ? last : -1;
  }

 private:
  [[noreturn]] static void Live(Trial& t, const Body& body, int out) {
    auto store = t.harness().Open(&t.clock());
    if (!store.ok()) _exit(1);
    body(**store, [out](int64_t done) {
      if (write(out, &done, sizeof done) != sizeof done) _exit(2);
    });
    for (;;) pause();
  }
  bool Read(int64_t* said) {
    return read(read_, said, sizeof *said) == sizeof *said;
  }
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  Trial& t_;
  pid_t pid_ = -1;
  int read_ = -1;
};

// How often and how late a contract kills.
constexpr int kCycles = 3;
int Lateness(Trial& t) { return 1 + static_cast<int>(t.dice()() % 12); }

constexpr Contract kKillContracts[] = {
    {kLevel, "killed_loses_no_answer",
     "A process killed at random loses no Commit that was answered.", kPowerCut,
     kDurable | kForks,
     [](Trial& t) {
       int64_t begun = 0;
       for (int cycle = 0; cycle < kCycles; ++cycle) {
         Worker worker(t, [&](Store& store, const Worker::Ack& ack) {
           for (int64_t i = begun + 1;; ++i) {
             Write write = OpenCase(i);
             write.records = {Put(absl::StrCat("command ", i), 1, 0)};
             write.deliveries = {Delivery(i, i)};
             if (!CommitOne(&store, write).ok()) _exit(3);
             ack(i);
           }
         });
         const int64_t answered = worker.KillAfter(Lateness(t));
         if (t.failed() || !t.OpenAgain()) return;
         const auto found = t.All({.limit = 1'000});
         const auto there = static_cast<int64_t>(found.size());
         t.True("Find after a kill, count", there >= answered, Show(there),
                absl::StrCat("at least the ", answered, " answered"));
         t.True(
             "Find after a kill, count", there <= answered + 1, Show(there),
             absl::StrCat("at most one more than the ", answered, " answered"));
         t.Equal("ReadRecords after a kill, count",
                 static_cast<int64_t>(t.Keys({.limit = 1'000}).size()), there);
         for (int64_t i = 1; i <= there; ++i) {
           t.EqualRow("ReadCase after a kill", t.Read(i), Row(i));
         }
         begun = there;
       }
       t.Equal("Claim after all kills, count",
               static_cast<int64_t>(t.Deliveries(kNever - 1, 1'000).size()),
               begun);
     }},
    {kLevel, "killed_leaves_no_half_write",
     "A process killed at random leaves all of a Write or nothing.",
     "One command: all of it or none.", kDurable | kForks,
     [](Trial& t) {
       int64_t begun = 0;
       for (int cycle = 0; cycle < kCycles; ++cycle) {
         Worker worker(t, [&](Store& store, const Worker::Ack& ack) {
           for (int64_t v = begun + 1;; ++v) {
             Write write;
             for (int i = 1; i <= 4; ++i) {
               write.cases.push_back(Change(Row(i, v)));
             }
             write.records = {Put("version", v, v - 1)};
             if (!CommitOne(&store, write).ok()) _exit(3);
             ack(v);
           }
         });
         const int64_t answered = worker.KillAfter(Lateness(t));
         if (t.failed() || !t.OpenAgain()) return;
         begun = t.Get(Key("version")).value_or(Record{}).version;
         t.True("ReadRecords after a kill, version", begun >= answered,
                Show(begun), absl::StrCat("at least ", answered));
         for (int i = 1; i <= 4; ++i) {
           t.EqualRow("ReadCase after a kill", t.Read(i), Row(i, begun));
           t.Equal("ReadEvents after a kill, count",
                   static_cast<int64_t>(t.Events(i, 0, 1'000).size()), begun);
         }
       }
     }},
    {kLevel, "killed_workers_leases_run_out",
     "What a killed worker had claimed goes on after its lease, its attempt "
     "counted.",
     "token and attempts raised, durably", kDurable | kForks | kClock,
     [](Trial& t) {
       t.Commit({.deliveries = {Delivery(1, 10), Delivery(2, 11)}});
       Worker worker(t, [](Store& store, const Worker::Ack& ack) {
         const auto claimed = store.Claim(
             {.queue = DueQuery::kDeliveries, .tenant = kCity, .due = 10});
         if (!claimed.ok() || claimed->size() != 1) _exit(3);
         ack(claimed->at(0).token);
       });
       const int64_t token = worker.KillAfter(1);
       if (t.failed() || !t.OpenAgain()) return;
       t.Equal("Claim after a kill, within the lease", Ids(t.Deliveries(100)),
               Numbers{"2"});
       t.clock().AdvanceTime(absl::Seconds(30));
       const Claimed again = t.OneDelivery(10);
       t.True("Claim after a kill and the lease, token", again.token > token,
              Show(again.token), absl::StrCat("more than ", token));
       t.Equal("Claim after a kill and the lease, attempts",
               again.delivery->attempts, 2);
     }},
    {kLevel, "killed_after_erasing_keeps_nothing",
     "A process killed after an erasure was answered brings nothing back.",
     kGone, kDurable | kForks | kErasesFiles,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.sealed = Word();
       t.Commit(Of(row));
       Worker worker(t, [](Store& store, const Worker::Ack& ack) {
         const Write erase{
             .erasures = {{.kind = RowKey::kCase, .case_key = CaseAt(1)}}};
         if (!CommitOne(&store, erase).ok()) _exit(3);
         ack(1);
       });
       worker.KillAfter(1);
       if (t.failed() || !t.OpenAgain()) return;
       t.Equal("ReadCase after a kill, column sealed", t.Read(1).sealed,
               std::nullopt);
       IsNowhere(t, Word());
     }},
    {kLevel, "killed_leaves_the_feed_whole",
     "After kills the feed tells every event that was answered, those of one "
     "case in order.",
     "The feed tells every event at least once", kDurable | kForks | kFeed,
     [](Trial& t) {
       int64_t begun = 0;
       for (int cycle = 0; cycle < kCycles; ++cycle) {
         Worker worker(t, [&](Store& store, const Worker::Ack& ack) {
           for (int64_t v = begun + 1;; ++v) {
             if (!CommitOne(&store, Of(Row(1, v))).ok()) _exit(3);
             ack(v);
           }
         });
         const int64_t answered = worker.KillAfter(Lateness(t));
         if (t.failed() || !t.OpenAgain()) return;
         begun = t.Read(1).version;
         t.True("ReadCase after a kill, version", begun >= answered,
                Show(begun), absl::StrCat("at least ", answered));
         std::string cursor;
         int64_t last = 0;
         for (const EventRow& event :
              t.Feed(&cursor, static_cast<size_t>(begun))) {
           t.True("the feed after a kill, version", event.version <= last + 1,
                  Show(event.version), absl::StrCat(last + 1));
           last = std::max(last, event.version);
         }
         t.Equal("the feed after a kill, last version", last, begun);
       }
     }},
};

}  // namespace

std::span<const Contract> DurableContracts() { return kDurableContracts; }
std::span<const Contract> KillContracts() { return kKillContracts; }

}  // namespace hotline::testing
