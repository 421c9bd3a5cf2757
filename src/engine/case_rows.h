// Cases and events between messages and rows: two bodies, commitments, the
// chain of hashes. The one place that knows how a case lies in a store.
#ifndef HOTLINE_SRC_ENGINE_CASE_ROWS_H_
#define HOTLINE_SRC_ENGINE_CASE_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/judge.h"
#include "hotline/store.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/event.pb.h"

namespace hotline::internal {

// A case as read, with what the next event chains to.
struct LoadedCase {
  v1::Case message;  // with `sealed`, if the row had it
  std::string chain;
};

absl::StatusOr<LoadedCase> FromRow(const CaseRow& row);

// Of a stored case only what tells whether anything can be due: most of what a
// sweep looks at is put off, and a whole case is dear to build.
struct Glance {
  int64_t policy_version = 0;
  int64_t fold_version = 0;
  absl::Time next_at = absl::InfiniteFuture();
};
// Nothing if the payload is not that of the row.
std::optional<Glance> GlanceAt(const CaseRow& row);

absl::StatusOr<v1::Event> FromRow(const EventRow& row);

// The case at row.version, from its events: where the snapshot was folded by
// an older rule, the log is the truth. Without `sealed`.
absl::StatusOr<v1::Case> FoldLog(Store* store, const CaseRow& row);

// The row of a case; `sealed` is the serialised sealed body or absent.
CaseRow ToRow(const v1::Case& message, std::string chain);

// The hash of an event as stored, chained to the one before.
std::string ChainOf(std::string_view tenant, std::string_view case_id,
                    int64_t version, std::string_view previous,
                    std::string_view payload);

// Fills the event's hashes and commitments and the case's, and makes the rows
// of an empty `change`. `attempt` tells this try at committing from any other.
void SetChange(const std::string& previous_chain, const std::string& attempt,
               CaseChangePlan* plan, CaseChange* change);

// The stored payload of a case: without its sealed body.
std::string CasePayload(const v1::Case& message);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ENGINE_CASE_ROWS_H_
