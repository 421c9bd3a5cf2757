// Cases and events between messages and rows: two bodies, commitments, the
// chain of hashes. The one place that knows how a case lies in a store.
#ifndef HOTLINE_SRC_ENGINE_CASE_ROWS_H_
#define HOTLINE_SRC_ENGINE_CASE_ROWS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
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
absl::StatusOr<v1::Event> FromRow(const EventRow& row);

// The row of a case; `sealed` is the serialised sealed body or absent.
CaseRow ToRow(const v1::Case& message, std::string chain);

// The hash of an event as stored, chained to the one before.
std::string ChainOf(std::string_view tenant, std::string_view case_id,
                    int64_t version, std::string_view previous,
                    std::string_view payload);

// Fills the event's hashes and commitments and the case's, and makes the rows.
// `attempt` tells this try at committing from any other.
CaseChange ToChange(const std::string& previous_chain, std::string attempt,
                    CaseChangePlan* plan);

// The stored payload of a case: without its sealed body.
std::string CasePayload(const v1::Case& message);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ENGINE_CASE_ROWS_H_
