// Levels read once from a policy, and which of a clock's are recorded.
#ifndef HOTLINE_SRC_RULES_SLA_LADDER_H_
#define HOTLINE_SRC_RULES_SLA_LADDER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/policy.pb.h"

namespace hotline::internal {

inline constexpr std::string_view kBreachCode = "breach";

// Every clock has a breach, though its ladder may not name it.
struct Level {
  std::string_view code = kBreachCode;
  v1::LevelSpec::WhenCase when = v1::LevelSpec::kBreach;
  absl::Duration amount;  // before, after
  int count = 0;          // percent, days_before, days_after
  v1::LevelSpec::Measure measure = v1::LevelSpec::TARGETS_OWN;
  absl::Duration every;
  int repeats = 0;                      // at most, after the first
  const v1::LevelSpec* spec = nullptr;  // null: the breach of no ladder
};

using Levels = std::vector<Level>;

// In the ladder's order; the breach it does not name comes last. The spec must
// outlive them.
Levels ReadLevels(const v1::LadderSpec& ladder);

const Level* FindLevel(const Levels& levels, std::string_view code);

// Recorded, and neither taken back nor put back.
inline bool IsLive(const v1::LevelMark& mark) {
  return !mark.withdrawn() && !mark.lapsed();
}

// The last place on its grid at which a level is recorded: 0 the first, -1 if
// it is not recorded at all.
int LastRecorded(const v1::ClockState& clock, std::string_view level);

// Of the marks of a level that stand, or would be recorded now.
int GenerationOf(const v1::ClockState& clock, std::string_view level);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_SLA_LADDER_H_
