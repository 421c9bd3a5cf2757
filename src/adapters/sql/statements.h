// The texts of the statements that both databases run; dialect.h says what the
// marks mean. A text that one database needs alone stands with that database.
//
// Every one begins with the tenant, as does every key: a table may be spread
// over machines by it, and no statement asks two of them.
#ifndef HOTLINE_SRC_ADAPTERS_SQL_STATEMENTS_H_
#define HOTLINE_SRC_ADAPTERS_SQL_STATEMENTS_H_

#include <string_view>

#include "hotline/store.h"
#include "hotline/store_shape.h"

namespace hotline::internal {

// ---- Reading ----------------------------------------------------------------

// tenant, id
inline constexpr std::string_view kReadCase =
    "{cases cases_id} WHERE tenant = ?1 AND id = ?2";

// tenant, case, version after which, limit
inline constexpr std::string_view kReadEvents =
    "{events events_id} WHERE tenant = ?1 AND case_id = ?2"
    " AND version > ?3 ORDER BY version {limit}";

// The walk by `entrance`: tenant, what is looked for, the id after which; by
// kExternal also the system, by kTenant nothing looked for, by kDue the least
// due and id after which, and until when.
std::string_view FindText(Entrance entrance);
// The same walk for a database behind a line: rows that do not match are left
// where they are. Behind the walk's parameters: whether only cases from no
// other system, category, unit, cell, open, opened from, opened until, phases
// as
// "{1,2}", each NULL if it does not matter; rows at most. A further column
// tells the row's place in the walk, from 1 on. The rows from
// limits::kRowsReadPerFindMax on come in any case: they say how far the walk
// was read.
std::string_view SiftedText(Entrance entrance);
inline constexpr int kPlaceColumn = 16;

// tenant, then NamesWritten(names) references, in no order. For few texts the
// number of references is a power of two: the last one fills up.
size_t NamesWritten(size_t names);
std::string_view NamedText(size_t names);

// By key: tenant, kind, from, and until if there is an end. By column: tenant,
// kind, from, key from, and until if there is an end.
std::string_view RecordsText(const RecordRange& range);

// tenant, due, least_due and id after which
inline constexpr std::string_view kDueTimers =
    "{cases cases_timer} WHERE tenant = ?1 AND next_at <= ?2"
    " AND (next_at, id) > (?3, ?4) ORDER BY next_at, id {limit}";
// The same; next_at and id only.
inline constexpr std::string_view kDueTimerKeys =
    "SELECT next_at, id FROM cases {index cases_timer} WHERE tenant = ?1"
    " AND next_at <= ?2 AND (next_at, id) > (?3, ?4) ORDER BY next_at, id"
    " {limit}";

// tenant
inline constexpr std::string_view kNextTimer =
    "SELECT next_at FROM cases {index cases_timer} WHERE tenant = ?1"
    " AND next_at IS NOT NULL ORDER BY next_at LIMIT 1";

// ---- Writing ----------------------------------------------------------------

// BindCase, then sealed.
inline constexpr std::string_view kInsertCase =
    "INSERT INTO cases(tenant, id, version, reference, external_system,"
    " external_id, category, unit, cell, phase, open, opened_at, least_due,"
    " next_at, chain, payload, sealed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
    " ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";

// BindEvent, then sealed.
inline constexpr std::string_view kInsertEvent =
    "INSERT INTO events(tenant, case_id, version, recorded_at, payload, sealed)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6)";

// BindDelivery. One whose key or id is there is dropped.
inline constexpr std::string_view kInsertDelivery =
    "INSERT INTO deliveries(tenant, id, dedupe_key, case_id, event_version,"
    " channel, due_at, attempts, state, token, leased_until, payload)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, NULL, ?10)"
    " ON CONFLICT DO NOTHING";

// BindRecord, then sealed. No row changes if it is there.
inline constexpr std::string_view kInsertRecord =
    "INSERT INTO records(tenant, kind, key, version, i0, i1, i2, i3, payload,"
    " sealed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    " ON CONFLICT DO NOTHING";

// tenant, id, version, next_at
inline constexpr std::string_view kMoveTimer =
    "UPDATE cases SET next_at = ?4 WHERE tenant = ?1 AND id = ?2"
    " AND version = ?3";

// tenant, id; tenant, case, version; tenant, kind, key
inline constexpr std::string_view kEraseCase =
    "UPDATE cases SET sealed = NULL WHERE tenant = ?1 AND id = ?2";
inline constexpr std::string_view kEraseEvent =
    "UPDATE events SET sealed = NULL WHERE tenant = ?1 AND case_id = ?2"
    " AND version = ?3";
inline constexpr std::string_view kEraseRecord =
    "UPDATE records SET sealed = NULL WHERE tenant = ?1 AND kind = ?2"
    " AND key = ?3";

// tenant, kind, key
inline constexpr std::string_view kRemoveRecord =
    "DELETE FROM records WHERE tenant = ?1 AND kind = ?2 AND key = ?3";

// BindFinished. No row changes if the token is not the row's newest.
inline constexpr std::string_view kFinish =
    "UPDATE deliveries SET due_at = ?4, state = ?5, leased_until = NULL,"
    " attempts = coalesce(?6, attempts)"
    " WHERE tenant = ?1 AND id = ?2 AND token = ?3";

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQL_STATEMENTS_H_
