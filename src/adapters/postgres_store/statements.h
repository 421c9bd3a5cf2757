// The texts that only PostgreSQL runs; those of every SQL store are in
// src/adapters/sql/statements.h, which says what the marks mean.
//
// A transaction is sent as one pipeline, so nobody looks at what a statement
// did before the next one runs. Each that must not go through unseen therefore
// fails: an insertion by its key, an update whose event would have no version,
// one without an event by dividing by the number of rows it found.
#ifndef HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_STATEMENTS_H_
#define HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_STATEMENTS_H_

#include <string_view>

namespace hotline::internal {

// BindCase (1 to 16), sealed; of the event recorded_at, payload, sealed, era.
inline constexpr std::string_view kOpenCase =
    "WITH e AS (INSERT INTO events(tenant, case_id, version, recorded_at,"
    " payload, sealed, era) VALUES(?1, ?2, ?3, ?18, ?19, ?20, ?21))"
    " INSERT INTO cases(tenant, id, version, reference, external_system,"
    " external_id, category, unit, cell, phase, open, opened_at, least_due,"
    " next_at, chain, payload, sealed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
    " ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";

#define HOTLINE_UPDATE_CASE                                                    \
  "UPDATE cases SET version = ?3, reference = ?4, external_system = ?5,"       \
  " external_id = ?6, category = ?7, unit = ?8, cell = ?9, phase = ?10,"       \
  " open = ?11, opened_at = ?12, least_due = ?13, next_at = ?14, chain = ?15," \
  " payload = ?16"
#define HOTLINE_AT_VERSION " WHERE tenant = ?1 AND id = ?2 AND version = ?17"
#define HOTLINE_WITH_EVENT                                           \
  " RETURNING version) INSERT INTO events(tenant, case_id, version," \
  " recorded_at, payload, sealed, era) VALUES(?1, ?2,"               \
  " (SELECT version FROM u), ?18, ?19, ?20, ?21)"
#define HOTLINE_ONE_ROW " SELECT 1 / count(*)::int FROM u"

// BindCase, expected version; of the event recorded_at, payload, sealed, era;
// the case's sealed body. Where no row is at the version, the event's is NULL,
// which its column does not take.
inline constexpr std::string_view kChangeCase =
    "WITH u AS (" HOTLINE_UPDATE_CASE
    ", sealed = ?22" HOTLINE_AT_VERSION HOTLINE_WITH_EVENT;
// The same without the sealed body.
inline constexpr std::string_view kChangeCaseBut =
    "WITH u AS (" HOTLINE_UPDATE_CASE HOTLINE_AT_VERSION HOTLINE_WITH_EVENT;
// BindCase, expected version; the sealed body. Without an event.
inline constexpr std::string_view kSetCase =
    "WITH u AS (" HOTLINE_UPDATE_CASE ", sealed = ?18" HOTLINE_AT_VERSION
    " RETURNING 1)" HOTLINE_ONE_ROW;
inline constexpr std::string_view kSetCaseBut =
    "WITH u AS (" HOTLINE_UPDATE_CASE HOTLINE_AT_VERSION
    " RETURNING 1)" HOTLINE_ONE_ROW;

// tenant, id, version. What a Write only checks is written as it stands: so
// nobody else changes it before the commit.
inline constexpr std::string_view kHoldCase =
    "WITH u AS (UPDATE cases SET version = version WHERE tenant = ?1"
    " AND id = ?2 AND version = ?3 RETURNING 1)" HOTLINE_ONE_ROW;

#undef HOTLINE_UPDATE_CASE
#undef HOTLINE_AT_VERSION
#undef HOTLINE_WITH_EVENT

// What a Write of several cases is checked for before any of them is written:
// one of them could set free what another takes.
// tenant, id, version
inline constexpr std::string_view kMustBeAt =
    "SELECT 1 / count(*)::int FROM cases"
    " WHERE tenant = ?1 AND id = ?2 AND version = ?3";
// tenant, id
inline constexpr std::string_view kMustBeNew =
    "SELECT 1 / (1 - count(*)::int) FROM cases WHERE tenant = ?1 AND id = ?2";
// tenant, id, reference
inline constexpr std::string_view kMustBeFreeReference =
    "SELECT 1 / (1 - count(*)::int) FROM cases"
    " WHERE tenant = ?1 AND id <> ?2 AND reference = ?3";
// tenant, id, external system, external id
inline constexpr std::string_view kMustBeFreeExternal =
    "SELECT 1 / (1 - count(*)::int) FROM cases WHERE tenant = ?1 AND id <> ?2"
    " AND external_system = ?3 AND external_id = ?4";

// BindDelivery. Fails where its key or id is there, which is seldom, and costs
// less than kInsertDelivery, which looks first.
inline constexpr std::string_view kNewDelivery =
    "INSERT INTO deliveries(tenant, id, dedupe_key, case_id, event_version,"
    " channel, due_at, attempts, state, token, leased_until, payload)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, NULL, ?10)";

#define HOTLINE_INSERT_RECORD                                                \
  "INSERT INTO records(tenant, kind, key, version, i0, i1, i2, i3, payload," \
  " sealed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"

// BindRecord, sealed.
inline constexpr std::string_view kNewRecord = HOTLINE_INSERT_RECORD;
inline constexpr std::string_view kPutRecord = HOTLINE_INSERT_RECORD
    " ON CONFLICT(tenant, kind, key) DO UPDATE SET version = excluded.version,"
    " i0 = excluded.i0, i1 = excluded.i1, i2 = excluded.i2, i3 = excluded.i3,"
    " payload = excluded.payload, sealed = excluded.sealed";
// BindRecord, sealed, expected version.
inline constexpr std::string_view kReplaceRecord =
    "WITH u AS (UPDATE records SET version = ?4, i0 = ?5, i1 = ?6, i2 = ?7,"
    " i3 = ?8, payload = ?9, sealed = ?10 WHERE tenant = ?1 AND kind = ?2"
    " AND key = ?3 AND version = ?11 RETURNING 1)" HOTLINE_ONE_ROW;

#undef HOTLINE_INSERT_RECORD
#undef HOTLINE_ONE_ROW

// Which version stands there, for people: tenant, id; tenant, kind, key.
inline constexpr std::string_view kVersionOfCase =
    "SELECT version FROM cases WHERE tenant = ?1 AND id = ?2";
inline constexpr std::string_view kVersionOfRecord =
    "SELECT version FROM records WHERE tenant = ?1 AND kind = ?2 AND key = ?3";

// The server's clock.
inline constexpr std::string_view kNow =
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";

// tenant, due; now, or NULL for the server's clock; the length of the lease;
// its end, or NULL for now and its length. A row that another is about to claim
// is passed by.
inline constexpr std::string_view kClaim =
    "WITH clock AS MATERIALIZED (SELECT coalesce(?3::bigint,"
    " (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now),"
    " due AS MATERIALIZED (SELECT id FROM deliveries WHERE tenant = ?1"
    " AND due_at <= ?2 AND (leased_until IS NULL"
    " OR leased_until <= (SELECT now FROM clock))"
    " ORDER BY due_at, id {limit} FOR UPDATE SKIP LOCKED)"
    " UPDATE deliveries AS d SET token = d.token + 1,"
    " attempts = d.attempts + 1,"
    " leased_until = coalesce(?5::bigint, (SELECT now FROM clock) + ?4::bigint)"
    " FROM due WHERE d.tenant = ?1 AND d.id = due.id"
    " RETURNING d.id, d.dedupe_key, d.case_id, d.event_version, d.channel,"
    " d.due_at, d.attempts, d.state, d.token, d.payload";

// tenant; now, or NULL for the server's clock. The first row that nobody has,
// or one before it whose lease ends sooner.
inline constexpr std::string_view kNextDelivery =
    "WITH clock AS MATERIALIZED (SELECT coalesce(?2::bigint,"
    " (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now),"
    " free AS MATERIALIZED (SELECT due_at FROM deliveries WHERE tenant = ?1"
    " AND due_at IS NOT NULL AND (leased_until IS NULL"
    " OR leased_until <= (SELECT now FROM clock))"
    " ORDER BY due_at, id LIMIT 1)"
    " SELECT least((SELECT due_at FROM free),"
    " (SELECT min(greatest(due_at, leased_until)) FROM deliveries"
    " WHERE tenant = ?1 AND due_at IS NOT NULL"
    " AND leased_until > (SELECT now FROM clock)"
    " AND due_at < coalesce((SELECT due_at FROM free),"
    " 9223372036854775807)))";

// tenant; era, transaction, case and version after which; the era now. Only of
// transactions before the oldest that is under way: nothing can appear behind
// the cursor any more. A version of a case is written by a transaction that
// began after the one of the version before had ended, so its number is
// greater.
#define HOTLINE_FEED                                               \
  "{events} WHERE tenant = ?1 AND (era, txid, case_id, version) >" \
  " (?2::bigint, ?3::xid8, ?4, ?5) AND (era < ?6::bigint"          \
  " OR txid < pg_snapshot_xmin(pg_current_snapshot()))"
#define HOTLINE_FEED_ORDER " ORDER BY era, txid, case_id, version {limit}"
inline constexpr std::string_view kFeed = HOTLINE_FEED HOTLINE_FEED_ORDER;
// The same from a place that is still there. Where it is not, the store was
// restored from a backup, and what came behind the place was lost.
inline constexpr std::string_view kFeedBehind = HOTLINE_FEED
    " AND EXISTS(SELECT 1 FROM events AS place WHERE place.tenant = ?1"
    " AND place.case_id = ?4 AND place.version = ?5"
    " AND place.era = ?2::bigint AND place.txid = ?3::xid8)" HOTLINE_FEED_ORDER;
#undef HOTLINE_FEED
#undef HOTLINE_FEED_ORDER

// tenant, case, version, era, transaction
inline constexpr std::string_view kPlaceOfFeed =
    "SELECT 1 FROM events WHERE tenant = ?1 AND case_id = ?2 AND version = ?3"
    " AND era = ?4 AND txid = ?5::xid8";

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_POSTGRES_STORE_STATEMENTS_H_
