// What a month came to, as the store has it: counted from cases, contacts and
// delivered notices, never from what the script meant to do.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_FIGURES_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_FIGURES_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hotline/engine.h"
#include "hotline/store.h"

namespace city {

// A word in the two languages of the report.
struct Name {
  std::string en;
  std::string zh;
};

struct Count {
  std::string code;
  Name name;
  int64_t count = 0;
};

// What became of promises.
struct Verdicts {
  int64_t kept = 0;       // by the due instant
  int64_t kept_late = 0;  // after it, before the office opened again
  int64_t broken = 0;
  int64_t running = 0;  // not yet decided
  int64_t ended = 0;    // without a verdict: cancelled, merged
  int64_t decided() const { return kept + kept_late + broken; }
};

struct CategoryFigures {
  std::string code;
  Name name;
  int64_t cases = 0;
  int64_t resolved = 0;
  double median_hours = 0;  // by the wall clock, opening to resolution
  double ninety_hours = 0;  // nine of ten are done by then
  std::string promise;      // "16h working time"
  bool promise_illustrative = false;
  Verdicts verdicts;  // of the shown clock
};

struct ClockFigures {
  std::string code;
  Name name;
  Verdicts verdicts;
};

struct DayFigures {
  absl::CivilDay date;
  int64_t contacts = 0;
  int64_t opened = 0;
  int64_t resolved = 0;
  int64_t open_at_end = 0;
  bool works = true;
  bool make_up = false;  // a Saturday that works
  bool holiday = false;  // a weekday that does not
};

struct Figures {
  std::string policy_id;
  std::string policy_title;
  std::string policy_source;
  bool illustrative = false;
  absl::CivilDay first;  // of what was counted
  absl::CivilDay last;

  int64_t contacts = 0;
  std::vector<Count> kinds;
  std::vector<Count> languages;
  std::vector<Count> channels;
  // Contacts by local hour, on working days and on the others.
  std::array<int64_t, 24> hours_working{};
  std::array<int64_t, 24> hours_free{};
  int64_t days_working = 0;
  int64_t days_free = 0;

  int64_t cases = 0;
  int64_t resolved = 0;
  double median_hours = 0;
  double ninety_hours = 0;
  std::vector<CategoryFigures> categories;  // most cases first
  std::vector<ClockFigures> clocks;
  Verdicts verdicts;          // of the shown clocks
  std::vector<Count> levels;  // "resolve / breach"
  int64_t levels_withdrawn = 0;
  std::vector<Count> handling;  // transferred, merged, reopened, ...
  std::array<int64_t, 5> scores{};
  std::vector<DayFigures> days;
  std::vector<Count> notices;  // delivered, by code
  int64_t notices_total = 0;

  // References of the cases that took the median time, the 90th percentile and
  // the longest.
  std::vector<std::string> examples;

  // Of this run, not of the month.
  int64_t commands = 0;
  int64_t timers = 0;
  double seconds = 0;
  int64_t refused = 0;
  double store_megabytes = 0;
};

struct CountRequest {
  hotline::Engine* engine = nullptr;
  hotline::Store* store = nullptr;
  std::string tenant;
  // Files of delivered notices, one CloudEvents JSON line each.
  std::string notices_path;
};

// A role of the policy that sees every case and as little else as can be.
std::string ReaderRole(const hotline::v1::PolicySpec& policy);

// Reads everything once.
absl::StatusOr<Figures> CountUp(const CountRequest& request);

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_FIGURES_H_
