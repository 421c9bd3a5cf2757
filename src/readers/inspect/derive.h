// A clock derived step by step, as data: what was promised, where counting
// began, what was counted and passed over, what moved it, how it ended.
#ifndef HOTLINE_SRC_READERS_INSPECT_DERIVE_H_
#define HOTLINE_SRC_READERS_INSPECT_DERIVE_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "hotline/policy.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/event.pb.h"
#include "src/readers/inspect/history.h"
#include "src/readers/inspect/language.h"
#include "src/readers/inspect/office.h"

namespace hotline::internal {

// What one clock is derived from. Nothing is kept.
struct ClockQuestion {
  const v1::Case& of;
  const ClockHistory& one;
  std::span<const v1::Event> events;
  // The policy that judged the clock, and its calendar for this case. Null:
  // only what the record says can be told.
  const Policy* policy = nullptr;
  Office office = {};
  absl::TimeZone zone;
  absl::Time now;
  std::string_view language = "en";
  // Those that judged the case, in any order.
  std::span<const PolicyVersion> versions = {};
  // It is not a case but what a new one would be promised.
  bool imagined = false;

  ClockPlace place() const;
};

struct Derivation {
  std::vector<Sentence> summary;  // clauses of one sentence
  std::vector<Sentence> steps;
};

Derivation Derive(const ClockQuestion& question);

// ---- for derive*.cc alone

// Where the target's own count begins and ends, pauses apart.
struct Counting {
  std::vector<Sentence> steps;
  // First instant or date that counts, if it is not the start itself.
  std::optional<Part> from;
};
Counting CountTarget(const ClockQuestion& question, absl::Time start,
                     absl::Time nominal);

// The end of the target had nothing rested: the end of the period, or what was
// given from outside. InfiniteFuture: none, or not known without a policy.
absl::Time NominalEnd(const ClockQuestion& question);

// What moved it, what became of it, whom it escalated to.
std::vector<Sentence> Moves(const ClockQuestion& question);
std::vector<Sentence> LevelSteps(const ClockQuestion& question);
// Those that have not come yet, with the next place of one that repeats.
std::vector<LevelReached> LevelsAhead(const ClockQuestion& question);

// Local midnight is said as the end of the day before where the target ends
// with its date.
When EndOf(const ClockQuestion& question, absl::Time at);

// A name of the policy in the asker's language, else the code.
std::string UnitName(const ClockQuestion& question, const std::string& code);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_DERIVE_H_
