// An embedder of one room: reads a policy file and asks its calendar how long
// an office works from a Friday noon to the Monday noon after it.
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hotline/calendar.h"
#include "hotline/policy.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ostringstream text;
  text << std::ifstream(argv[1]).rdbuf();
  const auto spec = hotline::ParsePolicyTextproto(text.str());
  if (!spec.ok()) {
    std::cerr << spec.status() << "\n";
    return 1;
  }
  const auto calendar = hotline::Calendar::Create(spec->calendars(0));
  if (!calendar.ok()) {
    std::cerr << calendar.status() << "\n";
    return 1;
  }
  const absl::TimeZone zone = calendar->time_zone();
  const absl::Duration working =
      calendar->Between(absl::FromCivil(absl::CivilHour(2026, 2, 6, 12), zone),
                        absl::FromCivil(absl::CivilHour(2026, 2, 9, 12), zone));
  std::cout << absl::FormatDuration(working) << "\n";
  return working == absl::Hours(9) ? 0 : 1;
}
