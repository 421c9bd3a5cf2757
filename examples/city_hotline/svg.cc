#include "svg.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace city {
namespace {

// Widths of the two drawings, in CSS pixels: a column of the page, and a
// telephone of 360 pixels less its margins.
constexpr int kWide = 720;
constexpr int kNarrow = 328;

std::string Text(double x, double y, std::string_view css, std::string_view of,
                 std::string_view anchor = "start") {
  return absl::StrFormat(
      "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">%s</text>",
      x, y, std::string(css), std::string(anchor), Escape(of));
}

std::string Rect(double x, double y, double width, double height,
                 std::string_view css) {
  return absl::StrFormat(
      "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
      "class=\"%s\"/>",
      x, y, std::max(width, 0.0), height, std::string(css));
}

std::string Line(double x1, double y1, double x2, double y2,
                 std::string_view css) {
  return absl::StrFormat(
      "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>",
      x1, y1, x2, y2, std::string(css));
}

// One drawing of a chart: its body and how high it came out.
struct Drawing {
  std::string body;
  double height = 0;
};

std::string Frame(const Caption& caption, int width, const Drawing& drawing) {
  const std::string id = absl::StrCat(caption.id, width == kWide ? "-w" : "-n");
  return absl::StrCat(
      "<svg class=\"", width == kWide ? "wide" : "narrow", "\" viewBox=\"0 0 ",
      width, " ", std::ceil(drawing.height),
      "\" role=\"img\" aria-labelledby=\"", id, "-t ", id, "-d\"><title id=\"",
      id, "-t\">", Escape(caption.title), "</title><desc id=\"", id, "-d\">",
      Escape(caption.description), "</desc>", drawing.body, "</svg>\n");
}

std::string Both(const Caption& caption,
                 const std::function<Drawing(int)>& draw) {
  return absl::StrCat(Frame(caption, kWide, draw(kWide)),
                      Frame(caption, kNarrow, draw(kNarrow)));
}

// A round number at or above `top`, for the end of an axis.
double RoundUp(double top) {
  if (top <= 5) return 5;
  const double unit = std::pow(10, std::floor(std::log10(top)));
  for (double step : {1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0}) {
    if (step * unit >= top) return step * unit;
  }
  return 10 * unit;
}

// About how wide a text of 13 pixels comes out.
double WidthOf(std::string_view text) {
  double width = 0;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) == 0x80) continue;
    width += byte >= 0xe3 ? 12.5 : 7.2;
  }
  return width;
}

// Both languages in one line: "Large waste 大型廢棄物". Where there is no room
// for two, one; the chart's table has both.
std::string TwoNames(double y, const Name& name, double room) {
  std::string en = name.en;
  while (WidthOf(en) > room) {
    size_t last = en.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(en[last]) & 0xc0) == 0x80) {
      --last;
    }
    en.resize(last);
  }
  if (en.size() < name.en.size()) en += "…";
  const bool both = !name.zh.empty() && name.zh != name.en &&
                    WidthOf(name.en) + WidthOf(name.zh) + 6 <= room;
  return absl::StrFormat(
      "<text x=\"0\" y=\"%.1f\" class=\"label\">%s%s</text>", y, Escape(en),
      both ? absl::StrCat("<tspan dx=\"6\" class=\"zh\" lang=\"zh-Hant\">",
                          Escape(name.zh), "</tspan>")
           : "");
}

// A label on a line of its own above each bar: long names in two languages
// never meet the bars, at any width.
constexpr double kBarHeight = 12, kBarPitch = 40, kLabelAt = 14, kBarAt = 21;

Drawing DrawBars(int width, std::span<const Bar> bars) {
  const double room = width == kWide ? 150 : 104;
  double most = 0;
  for (const Bar& bar : bars) most = std::max(most, bar.value + bar.hatched);
  if (most <= 0) most = 1;
  const double scale = (width - room) / most;
  Drawing drawing;
  double y = 0;
  for (const Bar& bar : bars) {
    absl::StrAppend(&drawing.body, TwoNames(y + kLabelAt, bar.name, width - 8));
    const double whole = (width - room);
    absl::StrAppend(&drawing.body,
                    Rect(0, y + kBarAt, whole, kBarHeight, "track"));
    const double solid = std::max(bar.value * scale, bar.value > 0 ? 1.5 : 0);
    absl::StrAppend(&drawing.body,
                    Rect(0, y + kBarAt, solid, kBarHeight, "bar"));
    if (bar.hatched > 0) {
      absl::StrAppend(
          &drawing.body,
          Rect(solid + 1, y + kBarAt, std::max(bar.hatched * scale - 1, 1.5),
               kBarHeight, "bad"));
    }
    absl::StrAppend(&drawing.body,
                    Text(whole + 8, y + kBarAt + 10.5, "value", bar.text));
    y += kBarPitch;
  }
  drawing.height = y;
  return drawing;
}

struct Tick {
  double hours;
  const char* text;
};
constexpr Tick kTicks[] = {{1, "1 h"},    {4, "4 h"},    {24, "1 day"},
                           {72, "3 d"},   {240, "10 d"}, {720, "30 d"},
                           {2160, "90 d"}};

Drawing DrawRanges(int width, std::span<const Range> ranges) {
  double least = 24, most = 24;
  for (const Range& range : ranges) {
    if (range.from > 0) least = std::min(least, range.from);
    most = std::max(most, range.to);
  }
  const double low = std::log(std::max(least * 0.7, 0.2));
  const double high = std::log(most * 1.3);
  const double left = 8, right = width - 8;
  auto at = [&](double hours) {
    return left + (std::log(std::max(hours, 0.2)) - low) / (high - low) *
                      (right - left);
  };
  Drawing drawing;
  constexpr double kTop = 24, kPitch = 38;
  const double bottom = kTop + kPitch * static_cast<double>(ranges.size());
  for (const Tick& tick : kTicks) {
    const double x = at(tick.hours);
    if (x < left || x > right - 12) continue;
    absl::StrAppend(&drawing.body, Text(x, 12, "axis", tick.text, "middle"),
                    Line(x, 18, x, bottom, "grid"));
  }
  double y = kTop;
  for (const Range& range : ranges) {
    absl::StrAppend(&drawing.body, TwoNames(y + 13, range.name, width - 8));
    const double line = y + 25;
    if (range.to > 0) {
      absl::StrAppend(
          &drawing.body,
          Line(at(range.from), line, at(range.to), line, "reach"),
          Line(at(range.to), line - 6, at(range.to), line + 6, "reach"),
          absl::StrFormat("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" "
                          "class=\"bar\"/>",
                          at(range.from), line));
    }
    y += kPitch;
  }
  drawing.height = y + 4;
  return drawing;
}

struct Plot {
  double left, right, top, bottom, most;
  double Y(double value) const {
    return bottom - value / most * (bottom - top);
  }
};

// Horizontal rules with their numbers.
std::string Rules(const Plot& plot) {
  std::string body;
  for (int i = 0; i <= 4; ++i) {
    const double value = plot.most * i / 4;
    absl::StrAppend(
        &body,
        Line(plot.left, plot.Y(value), plot.right, plot.Y(value), "grid"),
        Text(plot.left - 6, plot.Y(value) + 4, "axis",
             plot.most < 20 ? absl::StrFormat("%.1f", value)
                            : Thousands(std::llround(value)),
             "end"));
  }
  return body;
}

std::string PolyLine(const std::vector<std::pair<double, double>>& points,
                     std::string_view css) {
  std::string list;
  for (const auto& [x, y] : points)
    absl::StrAppendFormat(&list, "%.1f,%.1f ", x, y);
  return absl::StrCat("<polyline points=\"", list, "\" class=\"",
                      std::string(css), "\"/>");
}

Drawing DrawHours(int width, const Figures& figures) {
  std::array<double, 24> working{}, free{};
  double most = 1;
  for (size_t h = 0; h < 24; ++h) {
    working[h] =
        static_cast<double>(figures.hours_working[h]) /
        static_cast<double>(std::max<int64_t>(figures.days_working, 1));
    free[h] = static_cast<double>(figures.hours_free[h]) /
              static_cast<double>(std::max<int64_t>(figures.days_free, 1));
    most = std::max({most, working[h], free[h]});
  }
  const Plot plot{44, width - 4.0, 30, 210, RoundUp(most)};
  const double pitch = (plot.right - plot.left) / 24;
  Drawing drawing;
  drawing.body = Rules(plot);
  std::vector<std::pair<double, double>> line;
  for (size_t h = 0; h < 24; ++h) {
    const double x = plot.left + pitch * static_cast<double>(h);
    absl::StrAppend(&drawing.body,
                    Rect(x + 1, plot.Y(working[h]), pitch - 2,
                         plot.bottom - plot.Y(working[h]), "bar"));
    line.emplace_back(x + pitch / 2, plot.Y(free[h]));
    if (h % (width == kWide ? 2 : 4) == 0) {
      absl::StrAppend(&drawing.body,
                      Text(x + pitch / 2, plot.bottom + 16, "axis",
                           absl::StrFormat("%d:00", h), "middle"));
    }
  }
  absl::StrAppend(&drawing.body, PolyLine(line, "halo"),
                  PolyLine(line, "other"));
  for (const auto& [x, y] : line) {
    absl::StrAppendFormat(&drawing.body,
                          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\" "
                          "class=\"dot\"/>",
                          x, y);
  }
  absl::StrAppend(&drawing.body, Rect(plot.left, 4, 12, 12, "bar"),
                  Text(plot.left + 18, 14, "label", "working day"),
                  Line(plot.left + 112, 10, plot.left + 136, 10, "other"),
                  Text(plot.left + 142, 14, "label", "weekend or holiday"));
  drawing.height = plot.bottom + 24;
  return drawing;
}

Drawing DrawDays(int width, std::span<const DayFigures> days) {
  double most = 1;
  for (const DayFigures& day : days) {
    most = std::max({most, static_cast<double>(day.opened),
                     static_cast<double>(day.resolved)});
  }
  const Plot plot{44, width - 4.0, 30, 220, RoundUp(most)};
  const double pitch = (plot.right - plot.left) /
                       std::max<double>(1, static_cast<double>(days.size()));
  Drawing drawing;
  std::vector<std::pair<double, double>> line;
  std::string columns, marks;
  for (size_t i = 0; i < days.size(); ++i) {
    const DayFigures& day = days[i];
    const double x = plot.left + pitch * static_cast<double>(i);
    if (!day.works) {
      absl::StrAppend(&drawing.body,
                      Rect(x, plot.top, pitch, plot.bottom - plot.top, "rest"));
    }
    const double opened = plot.Y(static_cast<double>(day.opened));
    absl::StrAppend(
        &columns, Rect(x + 1, opened, pitch - 2, plot.bottom - opened, "bar"));
    line.emplace_back(x + pitch / 2, plot.Y(static_cast<double>(day.resolved)));
    if (day.make_up || day.holiday) {
      absl::StrAppend(&marks, Text(x + pitch / 2, plot.bottom + 31, "mark",
                                   day.make_up ? "補" : "假", "middle"));
    }
    if (day.date.day() % (width == kWide ? 2 : 7) == 1) {
      absl::StrAppend(&marks, Text(x + pitch / 2, plot.bottom + 16, "axis",
                                   absl::StrCat(day.date.day()), "middle"));
    }
  }
  absl::StrAppend(&drawing.body, Rules(plot), columns, PolyLine(line, "halo"),
                  PolyLine(line, "other"), marks);
  for (const auto& [x, y] : line) {
    absl::StrAppendFormat(&drawing.body,
                          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\" "
                          "class=\"dot\"/>",
                          x, y);
  }
  const double l = plot.left;
  absl::StrAppend(&drawing.body, Rect(l, 4, 12, 12, "bar"),
                  Text(l + 18, 14, "label", "opened"),
                  Line(l + 76, 10, l + 100, 10, "other"),
                  Text(l + 106, 14, "label", "ended"),
                  Rect(l + 168, 4, 12, 12, "rest"),
                  Text(l + 186, 14, "label", "office closed"));
  drawing.height = plot.bottom + 38;
  return drawing;
}

}  // namespace

std::string Escape(std::string_view text) {
  std::string safe;
  for (char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string Thousands(int64_t number) {
  std::string digits = absl::StrCat(number < 0 ? -number : number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return number < 0 ? absl::StrCat("-", digits) : digits;
}

std::string Spell(double hours) {
  if (hours <= 0) return "-";
  if (hours < 1) return absl::StrFormat("%.0f min", hours * 60);
  if (hours < 48) return absl::StrFormat("%.1f h", hours);
  return absl::StrFormat("%.1f days", hours / 24);
}

std::string Percent(double part, double whole) {
  if (whole <= 0) return "-";
  return absl::StrFormat("%.1f %%", 100 * part / whole);
}

std::string BarChart(const Caption& caption, std::span<const Bar> bars) {
  return Both(caption, [&](int width) { return DrawBars(width, bars); });
}

std::string RangeChart(const Caption& caption, std::span<const Range> ranges) {
  return Both(caption, [&](int width) { return DrawRanges(width, ranges); });
}

std::string HourChart(const Caption& caption, const Figures& figures) {
  return Both(caption, [&](int width) { return DrawHours(width, figures); });
}

std::string DayChart(const Caption& caption, std::span<const DayFigures> days) {
  return Both(caption, [&](int width) { return DrawDays(width, days); });
}

}  // namespace city
