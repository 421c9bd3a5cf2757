// The command line of city_hotline.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_OPTIONS_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace city {

struct Options {
  int contacts = 0;
  uint64_t seed = 1999;
  std::string store;  // empty: OUT/city.db
  std::string out = "out";
  absl::CivilMonth month = absl::CivilMonth(2025, 2);
  std::string policy;
  bool go_on = false;
  bool report_only = false;
  std::string acks;
  std::vector<std::string> imports;
  std::string map;
  bool help = false;
};

// Where the store is unless --store says otherwise.
std::string StoreIn(const std::string& out);

extern const char kUsage[];

// INVALID_ARGUMENT names the flag, and the nearest known one.
absl::StatusOr<Options> ParseOptions(int argc, char** argv);

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_OPTIONS_H_
