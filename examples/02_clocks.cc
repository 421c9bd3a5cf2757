// Clocks over rows and events of your own: what is due, what is left, which
// levels have been reached. No store, no case, no engine.
#include <iostream>

#include "hotline/policy.h"

int main() {
  const auto policy = hotline::Policy::FromTextproto(R"(
    id: "clocks" time_zone: "Asia/Taipei"
    calendars { id: "office" time_zone: "Asia/Taipei"
      weekly { day: THURSDAY hours { open: "08:30" close: "17:30" } }
      weekly { day: FRIDAY hours { open: "08:30" close: "17:30" } } }
    ladders { code: "usual" levels { code: "warn" percent: 80 }
      levels { code: "late" breach: true every: "8h" times: 10 } }
    clocks { code: "resolve" calendar: "office" ladder: "usual"
      targets { working_time: "12h" illustrative: true } })");
  if (!policy.ok()) return std::cerr << policy.status() << "\n", 1;
  const hotline::Sla& sla = policy->sla();
  const auto at = [&](int day, int hour) {
    const absl::CivilHour local(2026, 3, day, hour);
    return absl::FromCivil(local, policy->time_zone());
  };
  const auto show = [&](const char* what, absl::Time t) {
    std::cout << what << absl::FormatTime("%a %F %R", t, policy->time_zone())
              << "\n";
  };

  hotline::v1::ClockState clock;  // one row of yours, filed Thursday at nine
  sla.Plan({.clock = "resolve"}, &clock);
  hotline::Sla::Mark(hotline::v1::ClockMark::START, at(5, 9), &clock);
  hotline::Sla::Mark(hotline::v1::ClockMark::PAUSE, at(5, 14), &clock);
  hotline::Sla::Mark(hotline::v1::ClockMark::RESUME, at(6, 10), &clock);

  const auto reading = sla.Read({}, clock, at(6, 12));
  show("due                 ", reading.due);
  show("kept until          ", reading.due_next_open);
  std::cout << "left                " << reading.remaining << "\n";
  if (const auto next = sla.Next({}, clock, at(6, 12)))
    show("look again          ", next->at);
  for (const auto& level : sla.Reached({}, clock, at(13, 12)))
    show(level.repeat > 0 ? "still late at       "
         : level.breach   ? "late at             "
                          : "warned at           ",
         level.at);
}
