// Three cases played one by one on a simulated clock and a store in memory:
// over a weekend, over a make-up Saturday, over a typhoon afternoon.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_STORIES_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_STORIES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hotline/engine.h"
#include "hotline/policy.h"
#include "report.h"

namespace city {

// One stored case over time: drawing and rows are filled in.
absl::Status DrawCase(hotline::Engine* engine, const hotline::Actor& actor,
                      const hotline::Policy& policy,
                      const std::string& reference, Story* story);

// Needs a policy with the category `streetlight` (16 hours of office time in
// taipei1999) and the calendar `taipei`; gives none for others.
absl::StatusOr<std::vector<Story>> TellStories(const hotline::Policy& policy);

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_STORIES_H_
