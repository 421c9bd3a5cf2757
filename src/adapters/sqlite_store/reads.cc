#include "src/adapters/sqlite_store/reads.h"

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "hotline/store_shape.h"
#include "src/adapters/sql/reads.h"
#include "src/adapters/sql/rows.h"

namespace hotline::internal {

EventRowPage ReadFeed(SqliteConnection* connection, const EventRange& range) {
  const int64_t last = connection->Ask("SELECT max(place) FROM events");
  const absl::StatusOr<int64_t> from = DecodeFeedCursor(range.cursor, last);
  if (!from.ok()) throw Failure(from.status());
  Run run(connection, "{events} WHERE place > ?1 ORDER BY place");
  run.in().Int(*from);
  EventRowPage page;
  int64_t place = *from;
  for (int read = 0;
       read < limits::kRowsReadPerFindMax &&
       page.rows.size() < static_cast<size_t>(range.limit) && run.Step();
       ++read) {
    place = run.GetInt(kOwnEventColumn);
    if (run.View(0) == range.tenant) page.rows.push_back(GetEvent(run));
  }
  page.next_cursor = EncodeFeedCursor(place);
  page.more = place < last;
  return page;
}

void CheckIntegrity(SqliteConnection* connection) {
  {
    Run run(connection, "PRAGMA integrity_check(1)");
    const std::string found = run.Step() ? run.GetBytes(0) : "no answer";
    if (found != "ok") {
      throw Failure(MakeError(v1::ErrorInfo::CORRUPT,
                              absl::StrCat("integrity check: ", found)));
    }
  }
  CheckBodies(connection);
}

}  // namespace hotline::internal
