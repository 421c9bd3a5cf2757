// How the shapes of the port stand in columns: which are selected, in which
// order, and what is made of them. Bodies are framed; see frame.h.
#ifndef HOTLINE_SRC_ADAPTERS_SQL_ROWS_H_
#define HOTLINE_SRC_ADAPTERS_SQL_ROWS_H_

#include <optional>
#include <string>
#include <string_view>

#include "hotline/store.h"
#include "src/adapters/sql/connection.h"

namespace hotline::internal {

// What a mark as {cases} or {cases cases_id} stands for. Nothing for a table
// that is not read so.
std::optional<std::string> SelectOf(std::string_view table,
                                    std::string_view index, SqlDialect dialect,
                                    bool sealed);

// Columns after those that are read below; they differ between the databases.
// Of cases: SQLite's rowid, id of the sealed body. Of events: SQLite's place;
// PostgreSQL's era, txid.
inline constexpr int kOwnCaseColumn = 16;
inline constexpr int kOwnEventColumn = 6;

// All but the bodies.
CaseRow GetCaseColumns(SqlConnection* connection, const Run& run,
                       const std::string& tenant);
// The bodies. Throws a Failure, CORRUPT, if one does not hold; so do the next.
void GetCaseBodies(const Run& run, CaseRow* row);
EventRow GetEvent(const Run& run);
Record GetRecord(const Run& run, const std::string& tenant,
                 const std::string& kind);
// With its token in column kTokenColumn.
DeliveryRow GetDelivery(const Run& run, const std::string& tenant);
inline constexpr int kTokenColumn = 8;

bool HasExternal(const CaseRow& row);

// The parameters of the insertions in statements.h, all but the last, which is
// `sealed` (of a delivery there is none). `payload` is framed.
void BindCase(const CaseRow& row, std::string_view payload, Values* in);
void BindExternal(const CaseRow& row, Values* in);
void BindEvent(const EventRow& row, std::string_view payload, Values* in);
void BindRecord(const Record& record, std::string_view payload, Values* in);
void BindDelivery(const DeliveryRow& row, std::string_view payload, Values* in);
// The parameters of kFinish.
void BindFinished(const Finished& finished, Values* in);

// The framed body, in the connection's room; it holds until the next one.
const std::string& Framed(SqlConnection* connection, std::string_view body);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQL_ROWS_H_
