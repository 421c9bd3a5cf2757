#include "picture.h"

#include <algorithm>
#include <iomanip>
#include <map>
#include <set>

#include "hotline/error.h"

namespace station {
namespace {

constexpr absl::Duration kPromised = absl::Seconds(45);

std::map<std::string, int> TimesTold(const Drill& drill) {
  std::map<std::string, int> times;
  for (const auto& journal : drill.journals) {
    for (const Entry& entry : journal) {
      if (entry.what == "sent") ++times[entry.key];
    }
  }
  return times;
}

absl::Time LastOf(const Drill& drill) {
  absl::Time last = drill.began;
  for (const auto& journal : drill.journals) {
    for (const Entry& entry : journal) last = std::max(last, entry.at);
  }
  return last;
}

// A character for each second: how many notices were told in it, `x` where the
// worker died.
std::string Seconds(const Drill& drill, size_t worker) {
  const auto second = [&](absl::Time at) {
    return static_cast<size_t>(
        std::max(int64_t{0}, absl::ToInt64Seconds(at - drill.began)));
  };
  std::vector<int> told(second(LastOf(drill)) + 1);
  for (const Entry& entry : drill.journals[worker]) {
    if (entry.what == "sent") ++told[second(entry.at)];
  }
  std::string line;
  for (size_t s = 0; s < told.size(); ++s) {
    const bool dead = worker == 1 && s >= second(drill.died);
    line += dead && s == second(drill.died) ? 'x'
            : dead                          ? ' '
            : told[s] == 0                  ? '.'
            : told[s] > 9                   ? '+'
                                            : static_cast<char>('0' + told[s]);
  }
  return line;
}

void PrintRow(const Drill& drill, size_t worker, std::ostream& out) {
  int fired = 0, told = 0, again = 0;
  for (const Entry& entry : drill.journals[worker]) {
    if (entry.what == "fired") fired += entry.number;
    if (entry.what != "sent") continue;
    ++told;
    again += entry.number > 1;
  }
  out << std::left << std::setw(8) << drill.names[worker] << std::right
      << std::setw(6) << fired << std::setw(6) << told << std::setw(12) << again
      << "  " << Seconds(drill, worker) << "\n";
}

// Breaches by case, as the feed tells them.
absl::StatusOr<std::map<std::string, int>> Breaches(
    hotline::Engine* engine, const hotline::Actor& actor) {
  std::map<std::string, int> breaches;
  hotline::v1::Page page;
  for (bool more = true; more;) {
    const auto changes = engine->Changes(actor, page);
    if (!changes.ok()) return changes.status();
    for (const auto& change : changes->changes()) {
      for (const auto& fact : change.event().facts()) {
        breaches[change.reference()] +=
            fact.has_level_recorded() && fact.level_recorded().breach();
      }
    }
    page.set_cursor(changes->next_cursor());
    more = changes->more();
  }
  return breaches;
}

}  // namespace

std::set<std::string> Held(const Drill& drill) {
  std::set<std::string> held;
  for (const Entry& entry : drill.journals[1]) {
    if (entry.at > drill.died) break;
    if (entry.what == "claimed") held.insert(entry.key);
    if (entry.what == "finished") held.clear();
  }
  return held;
}

int Told(const Drill& drill) {
  return static_cast<int>(TimesTold(drill).size());
}

bool Print(const Drill& drill, hotline::Engine* engine,
           const hotline::Actor& actor, std::ostream& out) {
  out << "         fired  told  second try  told in each second\n";
  for (size_t i = 0; i < drill.names.size(); ++i) PrintRow(drill, i, out);

  const auto breaches = Breaches(engine, actor);
  if (!breaches.ok()) return out << breaches.status() << "\n", false;
  const bool once =
      breaches->size() == static_cast<size_t>(drill.cases) &&
      std::all_of(breaches->begin(), breaches->end(),
                  [](const auto& one) { return one.second == 1; });
  out << "\ncases: " << breaches->size() << "; breach recorded "
      << (once ? "once in each" : "NOT once in each") << "\n";

  const std::map<std::string, int> times = TimesTold(drill);
  const auto twice = std::count_if(times.begin(), times.end(),
                                   [](auto& one) { return one.second > 1; });
  out << "notices: " << times.size() << " of " << drill.cases << " told; "
      << twice << " told again under the same key, which a receiver drops\n";

  const std::set<std::string> held = Held(drill);
  std::set<std::string> went;
  absl::Duration first = absl::InfiniteDuration(), last;
  for (const size_t worker : {0, 2}) {
    for (const Entry& entry : drill.journals[worker]) {
      if (entry.what != "hand" || !held.contains(entry.key)) continue;
      went.insert(entry.key);
      first = std::min(first, entry.at - drill.died);
      last = std::max(last, entry.at - drill.died);
    }
  }
  const bool went_on = !held.empty() && went == held && last <= kPromised;
  out << std::fixed << std::setprecision(1) << drill.names[1] << " held "
      << held.size() << " deliveries when it died at "
      << absl::ToDoubleSeconds(drill.died - drill.began)
      << " s; others went on with them " << absl::ToDoubleSeconds(first)
      << " to " << absl::ToDoubleSeconds(last) << " s later ("
      << (went_on ? "promised: 45" : "NOT within 45") << ")\n";
  return once && went_on && Told(drill) == drill.cases;
}

}  // namespace station
