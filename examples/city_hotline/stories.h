// Three cases played one by one on a simulated clock and a store in memory:
// over a weekend, over a make-up Saturday, over a typhoon afternoon.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_STORIES_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_STORIES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "hotline/policy.h"
#include "report.h"

namespace city {

// Needs a policy with the category `streetlight` (16 hours of office time in
// taipei1999) and the calendar `taipei`; gives none for others.
absl::StatusOr<std::vector<Story>> TellStories(const hotline::Policy& policy);

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_STORIES_H_
