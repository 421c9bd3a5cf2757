#include "src/adapters/postgres_store/queues.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "hotline/limits.h"
#include "hotline/store_shape.h"
#include "src/adapters/postgres_store/statements.h"
#include "src/adapters/sql/rows.h"

namespace hotline::internal {
namespace {

void BindNow(std::optional<int64_t> now, Values* in) {
  if (now.has_value()) {
    in->Int(*now);
  } else {
    in->Null();
  }
}

int64_t SaturatingAdd(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kNever : sum;
}

// Where a page of the feed ended.
struct Place {
  int64_t era = 0;
  int64_t txid = 0;
  std::string case_id;
  int64_t version = 0;
};

std::string Encode(const Place& place) {
  return absl::StrCat(place.era, ".", place.txid, ".", place.version, ".",
                      absl::BytesToHexString(place.case_id));
}

Place Decode(const std::string& cursor) {
  Place place;
  if (cursor.empty()) return place;
  const std::vector<std::string> parts = absl::StrSplit(cursor, '.');
  const auto number = [&parts](size_t i, int64_t* out) {
    return parts[i].find_first_not_of("0123456789") == std::string::npos &&
           absl::SimpleAtoi(parts[i], out);
  };
  const bool ours =
      parts.size() == 4 && number(0, &place.era) && number(1, &place.txid) &&
      number(2, &place.version) && parts[3].size() % 2 == 0 &&
      parts[3].find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!ours) throw Failure(ForeignCursor());
  place.case_id = absl::HexStringToBytes(parts[3]);
  return place;
}

void CheckStillThere(PgSqlConnection* connection, const std::string& tenant,
                     const Place& place) {
  Run run(connection, kPlaceOfFeed);
  run.in().Bytes(tenant).Bytes(place.case_id).Int(place.version);
  run.in().Int(place.era).Int(place.txid);
  if (run.Step()) return;
  throw Failure(CursorAhead());
}

}  // namespace

std::vector<Claimed> ClaimDeliveries(PgSqlConnection* connection,
                                     const DueQuery& query,
                                     std::optional<int64_t> now) {
  // A century is for ever, and leaves room in the server's sum.
  const int64_t lease = absl::ToInt64Milliseconds(
      std::min(query.lease, absl::Hours(24 * 365 * 100)));
  Run run(connection, kClaim, {.limit = query.limit});
  run.in().Bytes(query.tenant).Int(query.due);
  BindNow(now, &run.in());
  run.in().Int(lease);
  if (now.has_value()) {
    run.in().Int(SaturatingAdd(*now, absl::ToInt64Milliseconds(query.lease)));
  } else {
    run.in().Null();
  }
  std::vector<Claimed> claimed;
  while (run.Step()) {
    Claimed& one = claimed.emplace_back();
    try {
      one.delivery = GetDelivery(run, query.tenant);
    } catch (const Failure&) {
      // One bad row must not hold up the others, which are leased by now. It is
      // leased too, and comes again.
      claimed.pop_back();
      continue;
    }
    one.case_key = {query.tenant, one.delivery->case_id};
    one.due_at = one.delivery->due_at;
    one.token = run.GetInt(kTokenColumn);
  }
  std::sort(claimed.begin(), claimed.end(),
            [](const Claimed& a, const Claimed& b) {
              return std::tie(a.due_at, a.delivery->id) <
                     std::tie(b.due_at, b.delivery->id);
            });
  return claimed;
}

int64_t NextDelivery(PgSqlConnection* connection, const std::string& tenant,
                     std::optional<int64_t> now) {
  Run run(connection, kNextDelivery);
  run.in().Bytes(tenant);
  BindNow(now, &run.in());
  return run.Step() ? run.GetTime(0) : kNever;
}

EventRowPage ReadFeed(PgSqlConnection* connection, const EventRange& range,
                      int64_t era) {
  Place place = Decode(range.cursor);
  const Place from = place;
  const bool begins = from.case_id.empty();
  const auto most =
      static_cast<size_t>(std::min(range.limit, limits::kRowsReadPerFindMax));
  EventRowPage page;
  {
    Run run(connection, begins ? kFeed : kFeedBehind,
            {.limit = LimitWritten(static_cast<int64_t>(most) + 1)});
    run.in().Bytes(range.tenant).Int(from.era).Int(from.txid);
    run.in().Bytes(from.case_id).Int(from.version).Int(era);
    while (run.Step()) {
      page.more = page.rows.size() == most;
      if (page.more) break;
      page.rows.push_back(GetEvent(run));
      place.era = run.GetInt(kOwnEventColumn);
      place.txid = run.GetInt(kOwnEventColumn + 1);
      place.case_id = page.rows.back().key.id;
      place.version = page.rows.back().version;
    }
  }
  if (page.rows.empty() && !begins) {
    CheckStillThere(connection, range.tenant, from);
  }
  page.next_cursor = Encode(place);
  return page;
}

}  // namespace hotline::internal
