// An office calendar by itself: Taipei over the Lunar New Year of 2026.
#include <iostream>

#include "google/protobuf/text_format.h"
#include "hotline/calendar.h"

int main() {
  hotline::v1::CalendarSpec spec;
  google::protobuf::TextFormat::ParseFromString(R"(
    id: "taipei" time_zone: "Asia/Taipei"
    weekly { day: MONDAY hours { open: "08:30" close: "17:30" } }
    weekly { day: TUESDAY hours { open: "08:30" close: "17:30" } }
    weekly { day: WEDNESDAY hours { open: "08:30" close: "17:30" } }
    weekly { day: THURSDAY hours { open: "08:30" close: "17:30" } }
    weekly { day: FRIDAY hours { open: "08:30" close: "17:30" } }
    holidays: "2026-02-16" holidays: "2026-02-17" holidays: "2026-02-18"
    holidays: "2026-02-19" holidays: "2026-02-20")",
                                                &spec);
  const auto calendar = hotline::Calendar::Create(spec);
  if (!calendar.ok()) return std::cerr << calendar.status() << "\n", 1;

  // A report on the last Friday before the holidays, at 16:00.
  const absl::CivilDay friday(2026, 2, 13);
  const absl::Time received = calendar->Local(friday, 16 * 3600);
  const auto due = calendar->Add(received, absl::Hours(4));
  const auto second_day = calendar->AddWorkingDays(friday, 2);
  if (!due.ok() || !second_day.ok()) return 1;

  std::cout << "received              "
            << absl::FormatTime("%F %R", received, calendar->time_zone())
            << "\nfour hours of work    "
            << absl::FormatTime("%F %R", *due, calendar->time_zone())
            << "\nsecond working day    " << absl::FormatCivilTime(*second_day)
            << "\nopen in between       " << calendar->Between(received, *due)
            << "\n16 February is open   " << std::boolalpha
            << calendar->IsWorkingDay(absl::CivilDay(2026, 2, 16)) << "\n";
}
