// Another system's export through the same engine and report.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_IMPORTER_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_IMPORTER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "figures.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "hotline/intake.h"
#include "hotline/policy.h"
#include "options.h"
#include "report.h"

namespace city {

// Reads the files through the map; each refused row is a line of
// OUT/refused.csv.
absl::StatusOr<hotline::ReplaySummary> Import(const Options& options,
                                              const hotline::Policy& policy,
                                              hotline::Engine* engine,
                                              hotline::SimulatedClock* clock);

// What became of the rows, for a terminal.
std::string RenderSummary(const hotline::ReplaySummary& summary);

// The cases that took the median time, the 90th percentile and the longest.
absl::StatusOr<std::vector<Story>> DrawExamples(
    hotline::Engine* engine, const hotline::Policy& policy,
    const std::vector<std::string>& references);

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_IMPORTER_H_
