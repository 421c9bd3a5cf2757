// The storage door. Implement Store and the library keeps its cases where you
// say. Rows are a few index columns and opaque bytes; an adapter parses nothing
// and decides nothing. An engine calls it, and hotline/store_check.h; a host
// gives them a store and is done:
//
//   auto store = hotline::SqliteStore::Open("/var/lib/city/cases.db");
//   if (!store.ok()) return store.status();
//   auto engine = hotline::Engine::Open(store->get(), {});
//
// Four shapes: a case, an event, a due row (a case's timer or a delivery) and
// a record (everything else: persons, contacts, policies, idempotency keys).
// All times are milliseconds since 1970-01-01T00:00Z; kNever is "none". Strings
// are bytes: any byte may stand in them, NUL too, and they are compared as
// unsigned bytes. An absent body and an empty one are two things. A column or a
// part of a key has up to 256 bytes, whatever length is told below. A body has
// a mebibyte and, of a policy, more; what finds no room is LIMIT_EXCEEDED.
//
// Thread rule: every method may be called from any thread at any time. What one
// call wrote, every later call of any thread sees, and of any process where
// several may write. Reads never wait for another thread's disk.
// Lifetime: the host owns the store; it must outlive the engine. Answers are
// copies and own their bytes.
// Deadline: none is given. A store behind a network has one of its own; past it
// a call answers STORE_FAILED, or OUTCOME_UNKNOWN once its commit was sent.
// Errors: absl::Status made with hotline::MakeError; the reason matters. Beside
// those a method names, any method may answer:
//   INVALID_ARGUMENT  the call contradicts itself; the caller's mistake
//   STORE_BUSY      another process holds it; nothing was written
//   STORE_CONTENDED the database gave the transaction up for another's sake;
//                   nothing was written; the engine tries what writes again
//   STORAGE_FULL    no room; nothing was written
//   STORE_FAILED    an input/output error; nothing was written
//   OUTCOME_UNKNOWN the commit may have happened: read what it would have left
//   CORRUPT         a stored row cannot be read; the message names it. A page
//                   with one is not answered; a Claim leaves it out
//
// An adapter of the least kind overrides eight methods: all but Now and
// NextDue, without the feed. hotline/store_shape.h and hotline/store_bytes.h
// have what adapters would write again. hotline/adapters/memory_store.h is the
// specification; hotline/testing/store_conformance.h tries one against it.
#ifndef HOTLINE_STORE_H_
#define HOTLINE_STORE_H_

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace hotline {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// Ids are not empty. `tenant` "" is the system's own, for records.
struct CaseKey {
  std::string tenant;
  std::string id;  // 16 bytes, growing with time
  friend bool operator==(const CaseKey&, const CaseKey&) = default;
  friend auto operator<=>(const CaseKey&, const CaseKey&) = default;
};

// A case as stored: the columns below are what Find and Claim can use.
struct CaseRow {
  CaseKey key;
  int64_t version = 0;
  std::string reference;  // unique per tenant
  // Unique per (tenant, system, id) unless both are empty.
  std::string external_system;
  std::string external_id;
  std::string category;
  std::string unit;
  int64_t cell = 0;  // 0 is none
  int phase = 0;     // hotline.v1.Phase
  bool open = true;  // not resolved, not closed
  int64_t opened_at = 0;
  int64_t least_due = kNever;  // of the running clocks
  int64_t next_at = kNever;    // the case's one timer
  std::string chain;           // hash of the newest event, 32 bytes
  std::string payload;
  std::optional<std::string> sealed;  // absent: none, erased or not asked for
};

// One event. The primary key of the log is (tenant, case, version).
struct EventRow {
  CaseKey key;
  int64_t version = 0;
  int64_t recorded_at = 0;
  std::string payload;
  std::optional<std::string> sealed;
};

// One thing to be said to one recipient over one channel. References only.
struct DeliveryRow {
  std::string tenant;
  std::string id;  // 16 bytes, growing with time
  // Unique per tenant; the same on every attempt. A row whose key or id the
  // tenant has already is dropped without a word: one occurrence is told once.
  std::string dedupe_key;
  std::string case_id;
  int64_t event_version = 0;
  std::string channel;
  int64_t due_at = kNever;  // kNever: nothing more to do
  int attempts = 0;         // counted when it is claimed
  std::string state;        // queued, sent, dead, ... (the engine's words)
  std::string payload;
};

struct RecordKey {
  std::string tenant;
  std::string kind;
  std::string key;
  friend bool operator==(const RecordKey&, const RecordKey&) = default;
  friend auto operator<=>(const RecordKey&, const RecordKey&) = default;
};

struct Record {
  RecordKey key;
  int64_t version = 0;
  // Empty columns are in no index. Compared as bytes.
  std::array<std::string, 4> index;
  std::string payload;
  std::optional<std::string> sealed;
};

// The row whose sealed body is to be removed, for ever and from every file.
struct RowKey {
  enum Kind { kCase, kEvent, kRecord } kind = kCase;
  CaseKey case_key;     // kCase, kEvent
  int64_t version = 0;  // kEvent
  RecordKey record;     // kRecord
};

// One case of a Write. `expected_version` 0 inserts; otherwise the stored row
// must be at it. With an event, row.version == expected_version + 1 and the
// event is appended; without, the row keeps its version. A new case has an
// event. A case, a reference and an external id stand at most once in a Write;
// INVALID_ARGUMENT or DUPLICATE_REFERENCE otherwise.
struct CaseChange {
  CaseRow row;
  int64_t expected_version = 0;
  std::optional<EventRow> event;
  // False: `row.sealed` is left as it stands in the store.
  bool write_sealed = true;
  // True, only without an event: of the stored row nothing but next_at differs
  // from `row`, so a store may write that one column; the row is whole all the
  // same, but for its sealed body.
  bool only_timer = false;
  // True, only without an event: the case is to be at its version, and nothing
  // of it is written. Of `row` only the key counts.
  bool only_check = false;
};

// `expected_version` 0 inserts, n > 0 replaces version n, -1 replaces or
// inserts whatever is there. The stored version is record.version. The whole
// record is replaced: an absent `sealed` removes the stored one.
struct RecordChange {
  Record record;
  int64_t expected_version = -1;
};

// One command: all of it or none. Carried out in the order of the fields, after
// all of it was checked against what is stored. A record's key stands at most
// once in `records` and `removals` together. Erasing or removing what is not
// there is no error. When a Commit with erasures was answered, the bytes are
// gone from the database and its log, or are gone after the next Commit during
// which no read is running. Of a sealed body that is only replaced that is not
// asked. The rows of a Write may be of several tenants: a new policy's are.
struct Write {
  std::vector<CaseChange> cases;  // at most limits::kCasesPerWriteMax
  std::vector<DeliveryRow> deliveries;
  std::vector<RecordChange> records;
  std::vector<RowKey> erasures;
  std::vector<RecordKey> removals;
};

// What Find looks for; unset fields do not matter. The store picks one index
// (references, external id, cell, category, unit of open cases, due, or the
// tenant) and filters the rest on the columns. It reads at most
// limits::kRowsReadPerFindMax rows a call: a page may be short, even empty, and
// yet have a next_cursor. With a tenant only, the pages hold all its cases.
struct Filter {
  std::string tenant;
  // Any of these, at most limits::kReferencesPerFindMax; none: do not matter.
  std::vector<std::string> references;
  std::optional<std::string> external_system;  // with external_id
  std::optional<std::string> external_id;
  std::optional<std::string> category;
  std::optional<std::string> unit;
  std::optional<int64_t> cell;
  std::optional<bool> open;
  std::vector<int> phases;
  std::optional<int64_t> opened_from;   // <=
  std::optional<int64_t> opened_until;  // >
  std::optional<int64_t> due_until;     // least_due <= it, open; ordered by due
  int limit = 50;                       // at least 1
  std::string cursor;   // of a page of the same filter; opaque, printable
  bool sealed = false;  // read the sealed bodies too
};

struct CaseRowPage {
  // By id, or by (least_due, id) with due_until. A case that gets another place
  // while its list is paged is told there, if at all; every other case is told
  // exactly once.
  std::vector<CaseRow> rows;
  std::string next_cursor;  // empty: nothing follows
};

// Records of one kind, by key or by an index column, ascending; by a column,
// those equal in it by key. The next page: `from` is the key or column of the
// last record, `after_key` its key.
struct RecordRange {
  std::string tenant;
  std::string kind;
  int index = -1;         // -1: by key; 0..3: by that column
  std::string from;       // inclusive
  std::string until;      // exclusive; empty: no end
  std::string after_key;  // of those equal to `from`: only greater keys;
                          // empty: all
  int limit = 100;        // at least 1
  bool sealed = false;
};

// Reads exactly one record by key.
inline RecordRange OneRecord(const RecordKey& key, bool sealed = false) {
  RecordRange range;
  range.tenant = key.tenant;
  range.kind = key.kind;
  range.from = key.key;
  range.until = key.key + std::string(1, '\0');
  range.limit = 1;
  range.sealed = sealed;
  return range;
}

// Which events: those of one case, or the feed, which is those of every case of
// a tenant for mirrors and reports.
//
// The feed tells every event at least once and those of one case by version,
// whatever commits run beside: an event that is not yet in it when a page is
// read comes in a later page, never before the cursor. Between cases its order
// is the store's. A feed is at least-once and not exactly-once so that a store
// restored, or moved to another machine, may tell some of it again.
struct EventRange {
  std::string tenant;
  std::string case_id;  // empty: the feed
  int64_t after = 0;    // of one case: versions greater than this
  std::string cursor;   // of the feed: next_cursor of a page of this tenant;
                        // opaque, printable; empty: from the beginning
  int limit = 100;      // at least 1
};

// The events of one case.
inline EventRange EventsOf(const CaseKey& key, int64_t after, int limit) {
  return {.tenant = key.tenant,
          .case_id = key.id,
          .after = after,
          .cursor = {},
          .limit = limit};
}

struct EventRowPage {
  std::vector<EventRow> rows;
  // Of the feed: where the next page begins, now or later; never empty.
  std::string next_cursor;
  // Of the feed: there may be more behind next_cursor; read on at once. A page
  // may be short, even empty, and yet there is more, for at most
  // limits::kRowsReadPerFindMax rows are read a call.
  bool more = false;
};

struct DueQuery {
  enum Queue { kTimers, kDeliveries } queue = kTimers;
  std::string tenant;
  int64_t due = 0;  // rows due at or before this instant; of kNever none
  int limit = 100;  // at least 1
  absl::Duration lease = absl::Seconds(30);  // deliveries only
  // Timers only: rows that come after this place in the queue, so that the
  // whole of it can be walked in pages. The next page begins after the last
  // row of the one before.
  int64_t after_due = std::numeric_limits<int64_t>::min();
  std::string after_id = {};
  bool rows = false;  // timers only: the cases' rows too, if they are at hand
};

// A timer (advisory: the case's version is the fence) or a leased delivery.
struct Claimed {
  CaseKey case_key;  // of a delivery: its tenant and case_id
  int64_t due_at = 0;
  std::optional<DeliveryRow> delivery;  // its attempts raised already
  int64_t token = 0;  // rises with every claim of the row; 0 for timers
  // A timer's case with its sealed body, as of the claim, if it was asked for
  // and the store has it at hand; absent, too, if it cannot be read.
  std::optional<CaseRow> row = std::nullopt;
};

// What became of a claimed delivery.
struct Finished {
  std::string tenant;
  std::string id;
  int64_t token = 0;        // not the row's newest: kAborted with STALE_TOKEN
  int64_t due_at = kNever;  // when to try again; kNever: it is over
  std::string state;
  // The attempts to count from; absent: as they are. A worker that gives a row
  // back untried gives its attempt back, too.
  std::optional<int> attempts = std::nullopt;
};

enum class Part { kPayload, kSealed };  // kSealed: the payload and it

// What an adapter offers beyond the least, and what the engine does without it.
struct Capabilities {
  // An answered Commit survives a power cut. Without: the host is to know, as
  // with a cache; nothing changes in the engine.
  bool durable = true;
  // Several processes may write at once. Without: a second one is refused by
  // the store when it opens, also by this process: STORE_BUSY.
  bool many_processes = false;
  // ReadEvents answers the feed. Without: Engine::Changes is NOT_SUPPORTED.
  bool feed = true;
  // NextDue knows. Without: RunDue asks to be called again in a second.
  bool next_due = true;
  // Erased bytes are gone from the files too. Without: they cannot be read
  // through the store, and the operator sees to files, logs and backups.
  bool erases_files = true;
  std::string name = {};  // `memory`, `sqlite`, ...
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Capabilities capabilities() const = 0;

  // The store's own clock. It measures leases and nothing else. Where time is
  // simulated, give the store and the engine one clock. Default: the machine's
  // clock, which is also the answer when the store's own is out of reach.
  virtual absl::Time Now();

  // One durable transaction. Answers a verdict for each Write, in order: OK,
  // or an error after which that Write left no trace and the others stand.
  //   ABORTED (VERSION_CONFLICT)     a case or record is not at its version
  //   ALREADY_EXISTS (DUPLICATE_REFERENCE)  reference or external id is taken;
  //                problems(0).path says which: `reference` or `external_id`
  //   INVALID_ARGUMENT               the Write contradicts itself
  // A Write sees what those before it in `writes` left. Of several faults in
  // one, any is told. Any other error is that of the whole transaction and of
  // every Write in it. At once come up to limits::kBatchCommandsMax Writes.
  virtual std::vector<absl::Status> Commit(std::span<const Write> writes) = 0;

  // NOT_FOUND (CASE_NOT_FOUND) if there is no such case. Part::kPayload does
  // not read the sealed body and leaves it absent.
  virtual absl::StatusOr<CaseRow> ReadCase(const CaseKey& key, Part part) = 0;

  // Ascending, with their sealed bodies; none if there is no such case. Of one
  // case, fewer than `limit` means that there are no more.
  //   INVALID_ARGUMENT  a cursor that is not from here, or that lies ahead of
  //                     all this store holds: it was restored from a backup,
  //                     and the reader begins anew
  //   UNIMPLEMENTED (NOT_SUPPORTED)  a feed, without the capability
  virtual absl::StatusOr<EventRowPage> ReadEvents(const EventRange& range) = 0;

  // One page, as of one instant. INVALID_ARGUMENT for a cursor not from here.
  virtual absl::StatusOr<CaseRowPage> Find(const Filter& filter) = 0;

  // As of one instant; fewer than `limit` means that the range is at its end.
  virtual absl::StatusOr<std::vector<Record>> ReadRecords(
      const RecordRange& range) = 0;

  // Timers: rows with next_at <= due and (next_at, id) > (after_due, after_id),
  // by (next_at, id). Deliveries: rows with
  // due_at <= due and no live lease, by (due_at, id); each is leased, its
  // token and attempts raised, durably, before it is answered. A lease lives
  // while Now() is before its end. Claiming a timer changes nothing. Where the
  // outcome of a claim is unknown, its leases run out. A limit has no top.
  virtual absl::StatusOr<std::vector<Claimed>> Claim(const DueQuery& query) = 0;

  // A verdict for each, in order: OK, or ABORTED (STALE_TOKEN) if the row was
  // claimed again, was never claimed or is not there. Ends the lease. The same
  // answer given twice is no error, so an unknown outcome may be tried again;
  // another answer under the newest token takes the place of the one before.
  virtual std::vector<absl::Status> Finish(
      std::span<const Finished> finished) = 0;

  // The least instant at or after which Claim may answer a row of the queue;
  // kNever if the queue is empty. A leased delivery counts from the end of its
  // lease (on the store's clock) or from its due instant, whichever is later.
  // Default: UNIMPLEMENTED (NOT_SUPPORTED).
  virtual absl::StatusOr<int64_t> NextDue(DueQuery::Queue queue,
                                          const std::string& tenant);
};

}  // namespace hotline

#endif  // HOTLINE_STORE_H_
