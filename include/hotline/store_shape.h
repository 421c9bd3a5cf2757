// What every store says in the same words, for those who write one: the checks
// that need no look at what is stored, the cursors of pages, which index serves
// a filter, what a filter asks of a row, and the refusals.
//
// An adapter may do without any of it; the answers are what counts. Find, with
// all of it:
//
//   const hotline::Filter filter{.tenant = "taipei"};
//   if (absl::Status s = hotline::CheckShape(filter); !s.ok()) return s;
//   absl::StatusOr<hotline::FindPosition> last =
//       hotline::DecodeCursor(filter.cursor);
//   if (!last.ok()) return last.status();
//   // Behind *last in the index of hotline::EntranceOf(filter); of kReferences
//   // all that match, and then return hotline::PageOf(filter, *last, rows).
//   const std::vector<hotline::CaseRow> rows;
//   hotline::CaseRowPage page;
//   int read = 0;
//   for (const hotline::CaseRow& row : rows) {
//     if (page.rows.size() == static_cast<size_t>(filter.limit) ||
//         read++ == hotline::limits::kRowsReadPerFindMax) {
//       page.next_cursor = hotline::EncodeCursor(*last);
//       break;  // something follows; otherwise there is no cursor
//     }
//     last->id = row.key.id;
//     if (filter.due_until.has_value()) last->due = row.least_due;
//     if (hotline::Matches(filter, row)) page.rows.push_back(row);
//   }
//   // Without filter.sealed: no row has its sealed body.
//
// Thread rule: free functions and values; use them anywhere.
#ifndef HOTLINE_STORE_SHAPE_H_
#define HOTLINE_STORE_SHAPE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hotline/store.h"

namespace hotline {

// INVALID_ARGUMENT for what contradicts itself: of a Write, a gap in the log, a
// row named twice (DUPLICATE_REFERENCE for a reference or external id), too
// many cases; of a question, a limit below 1, a system without its id, too many
// references, a case and a cursor at once, a fifth column.
absl::Status CheckShape(const Write& write);
absl::Status CheckShape(const Filter& filter);
absl::Status CheckShape(const EventRange& range);
absl::Status CheckShape(const RecordRange& range);
absl::Status CheckShape(const DueQuery& query);

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

// Everything the filter asks of a row's columns.
bool Matches(const Filter& filter, const CaseRow& row);

// The last row Find read. Rows of the next page are greater than it.
struct FindPosition {
  int64_t due = std::numeric_limits<int64_t>::min();  // with due_until
  std::string id;
};
std::string EncodeCursor(const FindPosition& position);  // never ""
// "" is before the first row. INVALID_ARGUMENT for a cursor not from here.
absl::StatusOr<FindPosition> DecodeCursor(std::string_view cursor);
// The page after `last` of rows that all match, in whatever order they come:
// for kReferences, whose rows are few.
CaseRowPage PageOf(const Filter& filter, const FindPosition& last,
                   std::vector<CaseRow> rows);

// Cursors of a feed whose places are whole numbers from 1 on. `last` is the
// greatest place there is; INVALID_ARGUMENT for one that lies ahead of it.
std::string EncodeFeedCursor(int64_t place);
absl::StatusOr<int64_t> DecodeFeedCursor(std::string_view cursor, int64_t last);

// Where ReadRecords begins: the least key of a walk by key; and of a walk by
// column, begun at range.from, the least key beside that value.
std::string LeastKey(const RecordRange& range);
std::string LeastKeyInColumn(const RecordRange& range);

// Refusals by the names of their reasons. `stored` is the version found, 0 if
// there is none; `field` is `reference` or `external_id`.
absl::Status VersionConflict(const CaseRow& row, int64_t stored);
absl::Status VersionConflict(const RecordKey& key, int64_t stored);
absl::Status DuplicateReference(const CaseRow& row, std::string_view field);
absl::Status CaseNotFound();
absl::Status StaleToken(int64_t token);
// INVALID_ARGUMENT: a cursor not from here; one of a feed that the store has
// not come to, since it was restored.
absl::Status ForeignCursor();
absl::Status CursorAhead();

}  // namespace hotline

#endif  // HOTLINE_STORE_SHAPE_H_
