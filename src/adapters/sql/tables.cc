// The tables and views, described once.
#include "src/adapters/sql/schema.h"

namespace hotline::internal {
namespace {

constexpr auto kBytes = SqlType::kBytes;
constexpr auto kInteger = SqlType::kInteger;
constexpr auto kBoolean = SqlType::kBoolean;
constexpr auto kWord = SqlType::kWord;
constexpr auto kInstant = SqlType::kInstant;
constexpr bool kNull = true;
constexpr bool kNotNull = false;

const char kTenant[] = "Whose row it is; every key begins with it.";
const char kPayload[] = "Framed bytes of the library: length, CRC-32C, body.";
const char kSealed[] =
    "Personal data, encrypted by the library and framed; NULL: none or erased.";

Table Meta() {
  return {.name = "meta",
          .about = "Facts about the store itself.",
          .columns = {{"key", kWord, kNotNull,
                       "schema_version, min_reader, min_writer, ..."},
                      {"value", kInteger, kNotNull, "Its value."}},
          .key_name = "meta_key",
          .key = "key",
          .clustered = true};
}

// A body stands apart because SQLite, when it balances pages, leaves copies of
// the cells it moves in what is then unused space, secure_delete or not. Rows
// here never move: they are appended, never deleted, and only overwritten by
// bytes of the same length.
Table Bodies() {
  return {.name = "bodies",
          .about =
              "Sealed bodies. Rows are appended and never move, so that "
              "an erasure overwrites the one place where a body stands.",
          .columns = {{"id", SqlType::kRowid, kNotNull,
                       "What the columns `sealed` refer to."},
                      {"body", kBytes, kNotNull,
                       "Framed, filled up to a multiple of 64 bytes."}},
          .where = Where::kSqlite};
}

// With rowid: a snapshot is longer than what an index tree keeps in a page.
Table Cases() {
  return {
      .name = "cases",
      .about = "One row a case, as it stands now.",
      .columns =
          {{"tenant", kBytes, kNotNull, kTenant},
           {"id", kBytes, kNotNull, "16 bytes, growing with time."},
           {"version", kInteger, kNotNull, "Of its newest event."},
           {"reference", kBytes, kNotNull, "The number people are told."},
           {"external_system", kBytes, kNull,
            "The system it came from; NULL: none."},
           {"external_id", kBytes, kNull, "Its id there; NULL: none."},
           {"category", kBytes, kNotNull, "Code of the taxonomy."},
           {"unit", kBytes, kNotNull, "Code of the unit that has it."},
           {"cell", kInteger, kNotNull,
            "Cell of the map it lies in; 0: no place."},
           {"phase", kInteger, kNotNull,
            "1 new, 2 active, 3 waiting, 4 resolved, 5 closed."},
           {"open", kBoolean, kNotNull, "Neither resolved nor closed."},
           {"opened_at", kInteger, kNotNull, "Milliseconds since 1970, UTC."},
           {"least_due", kInteger, kNull,
            "When the first of its running clocks is due."},
           {"next_at", kInteger, kNull, "When the engine looks at it again."},
           {"chain", kBytes, kNotNull, "Hash of its newest event."},
           {"payload", kBytes, kNotNull, kPayload},
           {"sealed", SqlType::kSealed, kNull, kSealed}},
      .key_name = "cases_id",
      .key = "tenant, id"};
}

// SQLite: there is one writer, so `place`, the order of the rows, is that of
// the commits, and the rows are appended. PostgreSQL: transactions end in any
// order, so the feed goes by their ids and stops before those that still run.
Table Events() {
  return {.name = "events",
          .about = "The log: every event of every case, never changed.",
          .columns = {{"place", SqlType::kRowid, kNotNull,
                       "The order of commits: the feed of changes.",
                       Where::kSqlite},
                      {"tenant", kBytes, kNotNull, kTenant},
                      {"case_id", kBytes, kNotNull, "cases.id"},
                      {"version", kInteger, kNotNull,
                       "From 1 on, without gaps, within its case."},
                      {"recorded_at", kInteger, kNotNull,
                       "Milliseconds since 1970, UTC."},
                      {"payload", kBytes, kNotNull, kPayload},
                      {"sealed", SqlType::kSealed, kNull, kSealed},
                      {"era", kInteger, kNotNull,
                       "Rises when the rows are moved to another cluster, "
                       "where transactions are numbered anew.",
                       Where::kPostgres, "0"},
                      {"txid", SqlType::kTransaction, kNotNull,
                       "The transaction that wrote it: the feed of changes.",
                       Where::kPostgres, "pg_current_xact_id()"}},
          .key_name = "events_id",
          .key = "tenant, case_id, version"};
}

Table Deliveries() {
  return {
      .name = "deliveries",
      .about =
          "The outbox: one row for one notice to one recipient over "
          "one channel.",
      .columns =
          {{"tenant", kBytes, kNotNull, kTenant},
           {"id", kBytes, kNotNull, "16 bytes, growing with time."},
           {"dedupe_key", kBytes, kNotNull,
            "The occurrence it tells; the same on every attempt."},
           {"case_id", kBytes, kNotNull, "cases.id"},
           {"event_version", kInteger, kNotNull,
            "The event that asked for it."},
           {"channel", kBytes, kNotNull, "sms, mail, ..."},
           {"due_at", kInteger, kNull, "When to try next; NULL: it is over."},
           {"attempts", kInteger, kNotNull, "Counted when it is claimed."},
           {"state", kBytes, kNotNull, "queued, sent, dead, ..."},
           {"token", kInteger, kNotNull,
            "Rises with every claim; an older one may not finish."},
           {"leased_until", kInteger, kNull, "Until when a worker has it."},
           {"payload", kBytes, kNotNull, kPayload}},
      .key_name = "deliveries_id",
      .key = "tenant, id",
      .clustered = true};
}

Table Records() {
  return {.name = "records",
          .about =
              "Everything else: persons, contacts, policies, idempotency "
              "keys, closures.",
          .columns = {{"tenant", kBytes, kNotNull, kTenant},
                      {"kind", kBytes, kNotNull, "What it is."},
                      {"key", kBytes, kNotNull, "Its key within the kind."},
                      {"version", kInteger, kNotNull, "Of the record."},
                      {"i0", kBytes, kNull, "First column to find it by."},
                      {"i1", kBytes, kNull, "Second."},
                      {"i2", kBytes, kNull, "Third."},
                      {"i3", kBytes, kNull, "Fourth."},
                      {"payload", kBytes, kNotNull, kPayload},
                      {"sealed", SqlType::kSealed, kNull, kSealed}},
          .key_name = "records_key",
          .key = "tenant, kind, key",
          .clustered = true};
}

std::vector<Index> Indexes() {
  return {
      {"cases_reference", "cases", "tenant, reference",
       "A reference is given once.", true},
      {"cases_external", "cases", "tenant, external_system, external_id",
       "What came from another system comes once.", true,
       "external_id IS NOT NULL"},
      {"cases_category", "cases", "tenant, category, id", "Lists by category."},
      {"cases_cell", "cases", "tenant, cell, id", "What lies near.", false,
       "cell <> 0"},
      {"cases_unit", "cases", "tenant, unit, id", "Open cases of a unit.",
       false, "open"},
      {"cases_due", "cases", "tenant, least_due, id",
       "Open cases by what is due first.", false,
       "open AND least_due IS NOT NULL"},
      {"cases_timer", "cases", "tenant, next_at, id", "The queue of timers.",
       false, "next_at IS NOT NULL"},
      {"events_feed", "events", "tenant, era, txid, case_id, version",
       "The feed of changes.", false, "", Where::kPostgres},
      {"deliveries_key", "deliveries", "tenant, dedupe_key",
       "One occurrence is told once.", true},
      {"deliveries_due", "deliveries", "tenant, due_at, id",
       "The queue of deliveries.", false, "due_at IS NOT NULL"},
      {"records_0", "records", "tenant, kind, i0, key", "By the first column.",
       false, "i0 IS NOT NULL"},
      {"records_1", "records", "tenant, kind, i1, key", "By the second.", false,
       "i1 IS NOT NULL"},
      {"records_2", "records", "tenant, kind, i2, key", "By the third.", false,
       "i2 IS NOT NULL"},
      {"records_3", "records", "tenant, kind, i3, key", "By the fourth.", false,
       "i3 IS NOT NULL"},
  };
}

View ReportCases() {
  return {
      .name = "report_cases",
      .about = "The cases, to be read by people and programs of reports.",
      .columns = {{"tenant", kWord, kNotNull, "Whose case it is."},
                  {"case_id", kWord, kNotNull, "32 hexadecimal digits."},
                  {"reference", kWord, kNotNull, "The number people are told."},
                  {"version", kInteger, kNotNull, "How many events it has."},
                  {"external_system", kWord, kNull, "The system it came from."},
                  {"external_id", kWord, kNull, "Its id there."},
                  {"category", kWord, kNotNull, "Code of the taxonomy."},
                  {"unit", kWord, kNotNull, "Code of the unit that has it."},
                  {"phase", kWord, kNotNull,
                   "new, active, waiting, resolved or closed."},
                  {"open", kBoolean, kNotNull, "Neither resolved nor closed."},
                  {"opened_at", kInstant, kNotNull, "An instant."},
                  {"least_due", kInstant, kNull,
                   "The instant the first of its running clocks is due."},
                  {"next_at", kInstant, kNull,
                   "The instant the engine looks at it again."}},
      .select =
          "SELECT {text tenant} AS tenant, {hex id} AS case_id,\n"
          "  {text reference} AS reference, version,\n"
          "  {text external_system} AS external_system,\n"
          "  {text external_id} AS external_id,\n"
          "  {text category} AS category, {text unit} AS unit,\n"
          "  CASE phase WHEN 1 THEN 'new' WHEN 2 THEN 'active'\n"
          "    WHEN 3 THEN 'waiting' WHEN 4 THEN 'resolved'\n"
          "    WHEN 5 THEN 'closed' ELSE 'unknown' END AS phase,\n"
          "  open, {instant opened_at} AS opened_at,\n"
          "  {instant least_due} AS least_due, {instant next_at} AS next_at\n"
          "FROM cases"};
}

View ReportEvents() {
  return {.name = "report_events",
          .about =
              "When each case changed. What changed is in the log's "
              "bodies: `hotline export` tells it.",
          .columns = {{"tenant", kWord, kNotNull, "Whose case it is."},
                      {"case_id", kWord, kNotNull, "32 hexadecimal digits."},
                      {"reference", kWord, kNotNull, "The case's number."},
                      {"version", kInteger, kNotNull, "From 1 on."},
                      {"recorded_at", kInstant, kNotNull, "An instant."}},
          .select =
              "SELECT {text e.tenant} AS tenant, {hex e.case_id} AS case_id,\n"
              "  {text c.reference} AS reference, e.version AS version,\n"
              "  {instant e.recorded_at} AS recorded_at\n"
              "FROM events AS e\n"
              "JOIN cases AS c ON c.tenant = e.tenant AND c.id = e.case_id"};
}

View ReportDeliveries() {
  return {
      .name = "report_deliveries",
      .about = "What became of each notice; to whom it went is not said.",
      .columns = {{"tenant", kWord, kNotNull, "Whose case it is."},
                  {"delivery_id", kWord, kNotNull, "32 hexadecimal digits."},
                  {"case_id", kWord, kNotNull, "32 hexadecimal digits."},
                  {"event_version", kInteger, kNotNull,
                   "The event that asked for it."},
                  {"channel", kWord, kNotNull, "sms, mail, ..."},
                  {"state", kWord, kNotNull, "queued, sent, dead, ..."},
                  {"attempts", kInteger, kNotNull, "How often it was tried."},
                  {"due_at", kInstant, kNull, "The instant of the next try."}},
      .select =
          "SELECT {text tenant} AS tenant, {hex id} AS delivery_id,\n"
          "  {hex case_id} AS case_id, event_version,\n"
          "  {text channel} AS channel, {text state} AS state, attempts,\n"
          "  {instant due_at} AS due_at\n"
          "FROM deliveries"};
}

}  // namespace

std::span<const Migration> Migrations() {
  static const auto& migrations = *new std::vector<Migration>{
      {.tables = {Meta(), Bodies(), Cases(), Events(), Deliveries(), Records()},
       .indexes = Indexes(),
       .views = {ReportCases(), ReportEvents(), ReportDeliveries()}}};
  return migrations;
}

}  // namespace hotline::internal
