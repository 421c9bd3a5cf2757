// What the journals and the store say happened, as a table.
#ifndef EXAMPLES_STATION_WATCH_PICTURE_H_
#define EXAMPLES_STATION_WATCH_PICTURE_H_

#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "hotline/engine.h"
#include "worker.h"

namespace station {

struct Drill {
  absl::Time began;
  absl::Time died = absl::InfiniteFuture();  // when the second one was killed
  std::vector<std::string> names;
  std::vector<std::vector<Entry>> journals;  // of each
  int cases = 0;
};

// What the second one had claimed and not finished when it died.
std::set<std::string> Held(const Drill& drill);

// Notices told by anybody, by key.
int Told(const Drill& drill);

// Prints who fired and told what, second by second, and what became of the
// dead one's deliveries. True if every breach was recorded once, every notice
// told, and the dead one's went on within 45 s.
bool Print(const Drill& drill, hotline::Engine* engine,
           const hotline::Actor& actor, std::ostream& out);

}  // namespace station

#endif  // EXAMPLES_STATION_WATCH_PICTURE_H_
