#include "src/readers/inspect/canvas.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/absl_bridge.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {

double TextWidth(std::string_view text, double size) {
  return DisplayWidth(text) * size * 0.58;
}

std::vector<std::string> WrapText(std::string_view text, double size,
                                  double width) {
  std::vector<std::string> lines(1);
  size_t blank = 0;  // the last one in the line; 0: none
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    while (end < text.size() && (text[end] & 0xc0) == 0x80) ++end;
    const std::string_view next = text.substr(i, end - i);
    i = end;
    std::string& line = lines.back();
    // No line begins with what closes a clause; there is room for it.
    static constexpr std::string_view kClosing = "，。；：）、」";
    const bool closes =
        next.size() > 1 && kClosing.find(next) != std::string_view::npos;
    if (line.empty() || closes ||
        TextWidth(line, size) + TextWidth(next, size) <= width) {
      if (next == " ") blank = line.size();
      // Chinese breaks anywhere: nearer than at a blank before it.
      if (DisplayWidth(next) == 2) blank = 0;
      line += next;
      continue;
    }
    std::string rest;
    if (next != " " && blank > 0) {
      rest = line.substr(blank + 1);
      line.resize(blank);
    }
    if (rest.empty() && next != " " && next.size() == 1) {
      // A number or a word among Chinese goes over whole.
      size_t run = line.size();
      while (run > 0 && (line[run - 1] & 0x80) == 0) --run;
      if (run > 0) {
        rest = line.substr(run);
        line.resize(run);
      }
    }
    // Nor does one end with what opens a clause.
    for (const std::string_view opens : {"（", "「"}) {
      if (!line.ends_with(opens)) continue;
      line.erase(line.rfind(opens));
      rest.insert(0, opens);
    }
    if (next != " ") rest += next;
    lines.push_back(rest);
    blank = 0;
  }
  return lines;
}

std::vector<Tick> TicksOf(absl::Time from, absl::Time to, double width,
                          absl::TimeZone zone, const Language& language) {
  const double most = std::max(2.0, width / 52);
  const double hours = absl::FDivDuration(to - from, absl::Hours(1));
  std::vector<Tick> ticks;
  const auto add = [&](absl::CivilSecond at, const char* top,
                       const char* bottom) {
    const absl::Time t = absl::FromCivil(at, zone);
    if (t < from || t > to) return;
    const auto day = static_cast<int>(absl::GetWeekday(absl::CivilDay(at)));
    ticks.push_back({t,
                     top == nullptr ? std::string(language.weekdays_short[day])
                                    : absl::FormatTime(top, t, zone),
                     absl::FormatTime(bottom, t, zone)});
  };
  for (const int step : {1, 2, 3, 6, 12}) {
    if (hours / step > most) continue;
    absl::CivilHour at(absl::ToCivilSecond(from, zone));
    at -= at.hour() % step;
    for (int i = 0; i <= hours / step + 2; ++i, at += step) {
      if (at.hour() % step != 0) continue;
      add(absl::CivilSecond(at), "%H:%M", "%m-%d");
    }
    return ticks;
  }
  for (const int step : {1, 2, 7, 14, 28}) {
    if (hours / 24 / step > most) continue;
    absl::CivilDay at(absl::ToCivilSecond(from, zone));
    for (; absl::FromCivil(at, zone) <= to; at += step) {
      add(absl::CivilSecond(at), nullptr, "%m-%d");
    }
    return ticks;
  }
  const int months = static_cast<int>(hours / 24 / 30 / most) + 1;
  absl::CivilMonth at(absl::ToCivilSecond(from, zone));
  for (; absl::FromCivil(at, zone) <= to; at += months) {
    add(absl::CivilSecond(at), "%m", "%Y");
  }
  return ticks;
}

void Canvas::Say(std::string_view text, double size, std::string_view extra) {
  for (const std::string& line : WrapText(text, size, inner())) {
    y_ += size + 4;
    Put(kMargin, y_, size, "start", line, extra);
  }
}

void Canvas::Put(double x, double y, double size, std::string_view anchor,
                 std::string_view text, std::string_view extra) {
  absl::StrAppendFormat(&body_,
                        "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.0f\" "
                        "text-anchor=\"%s\"%s>%s</text>\n",
                        x, y, size, ToAbsl(anchor), ToAbsl(extra),
                        XmlEscape(text));
}

void Canvas::Rect(double x, double y, double w, double h, std::string_view fill,
                  std::string_view title) {
  absl::StrAppendFormat(
      &body_,
      "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
      "fill=\"%s\"",
      x, y, std::max(w, 0.8), h, ToAbsl(fill));
  if (title.empty()) {
    body_ += "/>\n";
  } else {
    absl::StrAppend(&body_, " stroke=\"#333\" stroke-width=\"0.5\"><title>",
                    XmlEscape(title), "</title></rect>\n");
  }
}

void Canvas::Line(double x, double y1, double y2, std::string_view stroke,
                  std::string_view extra) {
  absl::StrAppendFormat(
      &body_, "<path d=\"M%.1f %.1fV%.1f\" stroke=\"%s\" fill=\"none\"%s/>\n",
      x, y1, y2, ToAbsl(stroke), ToAbsl(extra));
}

void Canvas::Path(std::string_view d, std::string_view extra,
                  std::string_view title) {
  absl::StrAppend(&body_, "<path d=\"", ToAbsl(d), "\"", ToAbsl(extra));
  if (title.empty()) {
    body_ += "/>\n";
  } else {
    absl::StrAppend(&body_, "><title>", XmlEscape(title), "</title></path>\n");
  }
}

void Canvas::Triangle(double x, double y, bool filled, std::string_view title) {
  Path(absl::StrFormat("M%.1f %.1fl4 7h-8z", x, y),
       filled ? " fill=\"#e08a00\" stroke=\"#6b3a00\""
              : " fill=\"#fff\" stroke=\"#6b3a00\"",
       title);
}

void Canvas::Cross(double x, double y, std::string_view title) {
  Path(absl::StrFormat("M%.1f %.1fl8 8m0 -8l-8 8", x - 4, y - 4),
       " stroke=\"#b00020\" stroke-width=\"2.5\" fill=\"none\"", title);
}

std::vector<Canvas::Placed> Canvas::Place(std::vector<Label> labels,
                                          int* rows) const {
  std::stable_sort(labels.begin(), labels.end(),
                   [](const Label& a, const Label& b) { return a.x < b.x; });
  std::vector<double> free;  // from where each row is free
  std::vector<Placed> placed;
  for (Label& label : labels) {
    const double w = TextWidth(label.text, kSmall) * (label.bold ? 1.08 : 1);
    const double left = std::clamp(label.x - w / 2, kMargin,
                                   std::max(kMargin, width_ - kMargin - w));
    size_t row = 0;
    while (row < free.size() && left < free[row]) ++row;
    if (row == free.size()) free.push_back(0);
    free[row] = left + w + 6;
    placed.push_back({std::move(label), left, static_cast<int>(row)});
  }
  *rows = static_cast<int>(free.size());
  return placed;
}

void Canvas::PutPlaced(const Placed& placed, double y) {
  // A white rim keeps it legible where it crosses a line.
  Put(placed.left, y, kSmall, "start", placed.label.text,
      placed.label.bold
          ? " font-weight=\"bold\" paint-order=\"stroke\" stroke=\"#fff\" "
            "stroke-width=\"3\""
          : " paint-order=\"stroke\" stroke=\"#fff\" stroke-width=\"3\"");
}

void Canvas::Axis(const std::vector<Tick>& ticks, absl::Time from,
                  absl::Time to) {
  std::string bottom;
  double free = 0;
  for (const Tick& tick : ticks) {
    const double x =
        kMargin + absl::FDivDuration(tick.at - from, to - from) * inner();
    const bool last = x > width_ - 24;
    const bool first = x < 24;
    const std::string_view anchor = last ? "end" : first ? "start" : "middle";
    Line(x, y_, y_ + 4, "#333");
    Put(x, y_ + 15, kSmall, anchor, tick.top);
    const double w = TextWidth(tick.bottom, kSmall);
    const double left = last ? x - w : first ? x : x - w / 2;
    if (tick.bottom != bottom && left >= free) {
      Put(x, y_ + 27, kSmall, anchor, tick.bottom);
      free = left + w + 3;
    }
    bottom = tick.bottom;
  }
  Rect(kMargin, y_, inner(), 1, "#333");
  y_ += 32;
}

std::string Canvas::Hatch() const { return absl::StrCat("url(#", id_, "-p)"); }
std::string Canvas::Broken() const { return absl::StrCat("url(#", id_, "-b)"); }

std::string Canvas::Finish(std::string_view title,
                           std::string_view desc) const {
  const double height = y_ + 6;
  const auto pattern = [&](std::string_view suffix, int angle,
                           std::string_view ground, std::string_view stripe) {
    return absl::StrFormat(
        "<pattern id=\"%s-%s\" width=\"5\" height=\"5\" "
        "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(%d)\">"
        "<rect width=\"5\" height=\"5\" fill=\"%s\"/><rect width=\"2\" "
        "height=\"5\" fill=\"%s\"/></pattern>",
        id_, ToAbsl(suffix), angle, ToAbsl(ground), ToAbsl(stripe));
  };
  return absl::StrCat(
      absl::StrFormat(
          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f "
          "%.0f\" width=\"100%%\" style=\"max-width:%.0fpx\" role=\"img\" "
          "aria-labelledby=\"%s-title %s-desc\" font-family=\"system-ui, "
          "'Noto Sans TC', 'Noto Sans CJK TC', 'Microsoft JhengHei', "
          "sans-serif\" fill=\"#111\">\n",
          width_, height, width_ * 2, id_, id_),
      "<title id=\"", id_, "-title\">", XmlEscape(title), "</title>\n",
      "<desc id=\"", id_, "-desc\">", XmlEscape(desc), "</desc>\n", "<defs>",
      pattern("p", 45, "#fff", "#777"), pattern("b", -45, "#a3281a", "#f3b6ad"),
      "</defs>\n",
      absl::StrFormat("<rect width=\"%.0f\" height=\"%.0f\" fill=\"#fff\"/>\n",
                      width_, height),
      body_, "</svg>\n");
}

}  // namespace hotline::internal
