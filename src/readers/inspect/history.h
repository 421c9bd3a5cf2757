// A case laid out over time: what timelines and explanations are drawn from.
#ifndef HOTLINE_SRC_READERS_INSPECT_HISTORY_H_
#define HOTLINE_SRC_READERS_INSPECT_HISTORY_H_

#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "hotline/inspect.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/event.pb.h"
#include "src/readers/inspect/language.h"

namespace hotline::internal {

// A stretch of a clock's life, half open.
struct ClockSpan {
  absl::Time from;
  absl::Time to;
  bool paused = false;
};

// One cycle of one clock as it stood last.
struct ClockHistory {
  v1::ClockState clock;
  std::vector<ClockSpan> spans;
  const Calendar* calendar = nullptr;  // null: unknown

  // The end of the last span still grows.
  bool alive() const {
    return clock.state() == v1::ClockState::RUNNING ||
           clock.state() == v1::ClockState::PAUSED;
  }
};

struct StateSpan {
  std::string state;
  std::string name;  // as the policy calls it
  v1::Phase phase = v1::PHASE_UNSPECIFIED;
  absl::Time from;
  absl::Time to;
};

struct CaseHistory {
  absl::TimeZone zone;
  absl::Time now;   // until when what lives is drawn
  absl::Time from;  // the span that holds everything
  absl::Time to;
  std::vector<StateSpan> states;
  std::vector<ClockHistory> clocks;
};

CaseHistory LayOut(const v1::Case& of, std::span<const v1::Event> events,
                   const Look& look);

// Where local times are shown.
absl::TimeZone ZoneOf(const Look& look);

// The calendar a clock of this case is counted by; null if it is not known.
const Calendar* CalendarOf(const v1::Case& of, const v1::ClockState& clock,
                           const Look& look);

// Names for facts: of the policy's codes, and of the workflow's states.
struct FactLook {
  Look look = {};
  std::string workflow = {};
};
// One fact in words: "state in_progress (active, open)".
Sentence FactSentence(const v1::Fact& fact, const FactLook& look);
// The same in English, with codes for names.
std::string FactWords(const v1::Fact& fact, absl::TimeZone zone);
// Name of the oneof's field: "clock_set".
std::string FactName(const v1::Fact& fact);

// True if any target in force is marked as an example.
bool IsIllustrative(const v1::Case& of, const Look& look);

// The name of a state or category as the policy has it, else the code.
std::string StateName(const v1::Case& of, const std::string& state,
                      const Look& look);
std::string CategoryName(const std::string& category, const Look& look);

inline absl::Time At(const google::protobuf::Timestamp& t) {
  return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
}

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_HISTORY_H_
