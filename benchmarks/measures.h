// The measures, by what they are about.
#ifndef HOTLINE_BENCHMARKS_MEASURES_H_
#define HOTLINE_BENCHMARKS_MEASURES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/report.h"

namespace hotline::bench {

struct Plan {
  bool quick = false;       // a smoke run: does it work, do the counters hold?
  std::string dir;          // where the databases are made
  int64_t cases = 100'000;  // how far a growing store grows
};

std::vector<Line> MeasureCommands(const Plan& plan);      // P1 to P4
std::vector<Line> MeasureTimers(const Plan& plan);        // P8, P9
std::vector<Line> MeasureOutbox(const Plan& plan);        // P13
std::vector<Line> MeasureGrowth(const Plan& plan);        // P14
std::vector<Line> MeasureRules(const Plan& plan);         // the rules alone
std::vector<Line> MeasureBusinessTime(const Plan& plan);  // P12
#ifdef HOTLINE_HAS_POSTGRES
std::vector<Line> MeasurePostgres(const Plan& plan);  // P8, P10, P11
#endif

}  // namespace hotline::bench

#endif  // HOTLINE_BENCHMARKS_MEASURES_H_
