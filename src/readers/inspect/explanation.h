// An explanation as data, and its four forms.
#ifndef HOTLINE_SRC_READERS_INSPECT_EXPLANATION_H_
#define HOTLINE_SRC_READERS_INSPECT_EXPLANATION_H_

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hotline/inspect.h"
#include "hotline/policy.h"
#include "src/readers/inspect/derive.h"
#include "src/readers/inspect/history.h"
#include "src/readers/inspect/language.h"

namespace hotline::internal {

// One run of one clock, explained.
struct ExplainedClock {
  ClockHistory one;
  Office office;
  const Policy* policy = nullptr;  // that judged it
  int64_t policy_version = 0;
  std::string name;
  absl::TimeZone zone;  // in which it is counted and said
  Derivation derivation;
  // Levels that have not come yet, for pictures.
  std::vector<LevelReached> ahead;
};

struct Explanation {
  const Language* language = nullptr;
  absl::TimeZone zone;
  absl::Time now;
  std::string title;  // already in words
  std::vector<Sentence> head;
  std::vector<ExplainedClock> clocks;
  std::vector<Sentence> notices;
  // What JSON says of the case or the question, in order.
  std::vector<std::pair<std::string, std::string>> facts;
  bool illustrative = false;
  bool imagined = false;

  Speaker SpeakerOf(const ExplainedClock& clock) const;
  Speaker Plain() const { return Speaker(*language, zone); }
};

Explanation ExplainCase(const v1::Case& of, std::span<const v1::Event> events,
                        const Look& look);
// `of` as a new case would stand; `starts` what other clocks start with.
Explanation ExplainImagined(const v1::Case& of, const Look& look,
                            std::string_view because);

// What starts or pauses a clock, in words.
Sentence TriggerOf(const v1::Trigger& trigger, const Speaker& speaker);

std::string ClockHeading(const Explanation& e, const ExplainedClock& clock);
std::string ExplanationText(const Explanation& e);
std::string ExplanationJson(const Explanation& e);
std::string ExplanationMermaid(const Explanation& e);
std::string ExplanationSvg(const Explanation& e, int width);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_EXPLANATION_H_
