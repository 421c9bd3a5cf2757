// Charts as inline SVG, without script. Each is drawn twice, for a wide page
// and for a telephone; a style sheet shows one. Colours come from the page's
// classes, and no difference is told by colour alone: what is broken is
// hatched and named.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_SVG_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_SVG_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "figures.h"

namespace city {

// `&`, `<`, `>` and quotes as entities.
std::string Escape(std::string_view text);
// 12,345.
std::string Thousands(int64_t number);
// "6 h 30 min", "3.2 days".
std::string Spell(double hours);
// "12.3 %".
std::string Percent(double part, double whole);

struct Bar {
  Name name;
  double value = 0;
  double hatched = 0;  // after it, told apart by a pattern
  std::string text;    // at its end
};

struct Range {
  Name name;
  double from = 0;  // median, hours
  double to = 0;    // 90th percentile
};

// What a screen reader says of a chart.
struct Caption {
  std::string id;
  std::string title;
  std::string description;
};

std::string BarChart(const Caption& caption, std::span<const Bar> bars);
std::string RangeChart(const Caption& caption, std::span<const Range> ranges);
std::string HourChart(const Caption& caption, const Figures& figures);
std::string DayChart(const Caption& caption, std::span<const DayFigures> days);

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_SVG_H_
