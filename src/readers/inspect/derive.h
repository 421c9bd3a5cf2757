// A due instant derived step by step, in words a clerk understands.
#ifndef HOTLINE_SRC_READERS_INSPECT_DERIVE_H_
#define HOTLINE_SRC_READERS_INSPECT_DERIVE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "hotline/calendar.h"
#include "hotline/v1/policy.pb.h"
#include "src/readers/inspect/history.h"

namespace hotline::internal {

// The steps from the clock's start to its due instant. `spec` is the calendar
// as written, for the names of its days; either may be null. Without a calendar
// a target of working time or days has no steps.
std::vector<std::string> Derive(const ClockHistory& one,
                                const Calendar* calendar,
                                const v1::CalendarSpec* spec,
                                absl::TimeZone zone);

// Why a date has the hours it has: "holiday", "make-up day", "day off", "".
std::string DateNote(const Calendar& calendar, const v1::CalendarSpec* spec,
                     absl::CivilDay date);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_DERIVE_H_
