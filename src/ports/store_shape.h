// What every store says in the same words: the shape a Write must have, the
// cursors of Find, and the refusals that name a row.
#ifndef HOTLINE_SRC_PORTS_STORE_SHAPE_H_
#define HOTLINE_SRC_PORTS_STORE_SHAPE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hotline/store.h"

namespace hotline::internal {

// INVALID_ARGUMENT if `write` contradicts itself: a gap in the log, a row named
// twice, too many cases. Knows nothing of what is stored.
absl::Status CheckShape(const Write& write);

// The way Find walks; each but kReferences and kDue in the order of ids.
enum class Entrance {
  kReferences,
  kExternal,
  kCell,
  kCategory,
  kUnit,    // of open cases
  kTenant,  // all of a tenant
  kDue,     // of open cases, by (least_due, id)
};

// The narrowest index the filter allows.
Entrance EntranceOf(const Filter& filter);

// INVALID_ARGUMENT for a limit below 1, a system without its id or too many
// references.
absl::Status CheckFilter(const Filter& filter);

// Everything the filter asks of a row's columns.
bool Matches(const Filter& filter, const CaseRow& row);

// The last row read. Rows of the next page are greater than it.
struct Position {
  int64_t due = std::numeric_limits<int64_t>::min();  // kDue only
  std::string id;
};
std::string EncodeCursor(const Position& position);
absl::StatusOr<Position> DecodeCursor(std::string_view cursor);
// The page after `last` of rows that all match, in whatever order they come.
CaseRowPage PageOf(const Filter& filter, const Position& last,
                   std::vector<CaseRow> rows);

// INVALID_ARGUMENT for a limit below 1, or a case and a cursor at once.
absl::Status CheckRange(const EventRange& range);
// Cursors of a feed whose places are whole numbers from 1 on. `last` is the
// greatest place there is.
std::string EncodeFeedCursor(int64_t place);
absl::StatusOr<int64_t> DecodeFeedCursor(std::string_view cursor, int64_t last);

// The least key of the walk by key, and the least (column, key) of a walk by
// column, that `range` asks for.
std::string LeastKey(const RecordRange& range);
std::string LeastKeyInColumn(const RecordRange& range);
absl::Status CheckRange(const RecordRange& range);

absl::Status VersionConflict(const CaseRow& row, int64_t stored);
absl::Status VersionConflict(const RecordKey& key, int64_t stored);
// `field` is `reference` or `external_id`; it is problems(0).path.
absl::Status Taken(const CaseRow& row, std::string_view field);
absl::Status NoSuchCase();
absl::Status StaleToken(int64_t token);
absl::Status Invalid(std::string_view message);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_PORTS_STORE_SHAPE_H_
