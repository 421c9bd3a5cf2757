// A hotline store that a third party might write: one append-only file.
//
// The file holds what was asked for, call after call: Commit, Claim and Finish.
// A call is appended and synced, then done on tables in memory, which answer
// every question. The tables are deterministic, so opening does the calls again
// and ends with the same rows: a replicated state machine with one replica. It
// suits a town: memory holds all rows, and the file never shrinks.
#ifndef TOWN_LOG_STORE_H_
#define TOWN_LOG_STORE_H_

#include <memory>
#include <string>

#include "hotline/clock.h"
#include "hotline/store.h"

namespace town {

// `clock` measures leases; null is the machine's.
//   STORE_BUSY    somebody has it open
//   CORRUPT       the file is damaged before its end; it is left as it is
//   STORE_FAILED, STORAGE_FULL  what the file system says
absl::StatusOr<std::unique_ptr<hotline::Store>> OpenLogStore(
    const std::string& path, hotline::Clock* clock = nullptr);

}  // namespace town

#endif  // TOWN_LOG_STORE_H_
