// The four forms of a timeline.
#ifndef HOTLINE_SRC_READERS_INSPECT_TIMELINE_H_
#define HOTLINE_SRC_READERS_INSPECT_TIMELINE_H_

#include <span>
#include <string>

#include "absl/status/status.h"
#include "hotline/inspect.h"
#include "src/readers/inspect/history.h"

namespace hotline::internal {

// "case 4821-0937-55126, streetlight: closed, fixed".
std::string CaseTitle(const v1::Case& of, const Look& look);
// "finish (run 2): running, broken, due Fri 2026-03-13 09:00; promise: ...".
std::string ClockWords(const v1::ClockState& clock, const Look& look);
// In the language and the zone looked at.
Speaker SpeakerFor(const Look& look);

std::string DrawSvg(const v1::Case& of, const CaseHistory& h, const Look& look);

// INVALID_ARGUMENT: `what` comes as `forms`.
absl::Status NoSuchForm(std::string_view what, std::string_view forms);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_TIMELINE_H_
