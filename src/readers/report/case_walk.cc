#include "src/readers/report/case_walk.h"

#include <algorithm>
#include <utility>

#include "hotline/judge.h"
#include "src/base/time.h"
#include "src/engine/case_rows.h"

namespace hotline::internal {
namespace {

constexpr int kPage = 1'000;
// A tick draws nothing; Judge wants its dice all the same.
constexpr size_t kDiceBytes = 96;

bool IsUnfinished(const v1::ClockState& clock) {
  return clock.state() != v1::ClockState::STOPPED &&
         clock.state() != v1::ClockState::CANCELLED;
}

}  // namespace

absl::Status CaseWalk::Judged(v1::Case* on) {
  const int64_t head = book->head().version;
  const bool due = on->has_next_at() && FromTimestamp(on->next_at()) <= as_of;
  const bool lags =
      on->policy_version() < head &&
      std::any_of(on->clocks().begin(), on->clocks().end(), IsUnfinished);
  // What was recorded after that instant stands as it is.
  const bool later = FromTimestamp(on->updated_at()) > as_of;
  if (later || (!due && !lags)) return absl::OkStatus();
  Moment moment{.now = FloorToMillisecond(as_of),
                .actor = {.tenant = tenant, .id = "hotline", .roles = {}},
                .random = std::string(kDiceBytes, '\0'),
                .policy_version = head,
                .policy_since = book->head().since};
  for (int64_t v = std::max<int64_t>(1, on->policy_version()); v < head; ++v) {
    const auto era = book->Version(v);
    if (!era.ok()) return era.status();
    moment.earlier.push_back({(*era)->policy, v, (*era)->since});
  }
  v1::Command tick;
  tick.mutable_tick();
  auto judgement = Judge(book->head().policy, {on, 1}, tick, moment);
  if (judgement.ok()) {
    *on = std::move(judgement->changes.front().after);
  } else {
    ++not_judged;
  }
  return absl::OkStatus();
}

absl::Status CaseWalk::One(const CaseRow& row) {
  auto loaded = FromRow(row);
  if (!loaded.ok()) return loaded.status();
  v1::Case& on = loaded->message;
  if (on.fold_version() != kFoldVersion) {
    auto folded = FoldLog(store, row);
    if (!folded.ok()) return folded.status();
    on = *std::move(folded);
  }
  if (absl::Status s = Judged(&on); !s.ok()) return s;
  ++cases;
  return visit(on);
}

absl::Status CaseWalk::Run() {
  Filter filter;
  filter.tenant = tenant;
  filter.limit = kPage;
  do {
    const auto page = store->Find(filter);
    if (!page.ok()) return page.status();
    for (const CaseRow& row : page->rows) {
      if (absl::Status s = One(row); !s.ok()) return s;
      if (progress) progress(cases);
    }
    filter.cursor = page->next_cursor;
  } while (!filter.cursor.empty());
  return absl::OkStatus();
}

}  // namespace hotline::internal
