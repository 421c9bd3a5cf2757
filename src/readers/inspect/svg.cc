// A case's timeline as one self-contained SVG. Nothing is told by colour
// alone: what pauses is hatched, what breaks is crossed and named, and the
// whole is said in words in <desc>.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/absl_bridge.h"
#include "src/readers/inspect/timeline.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

constexpr double kMargin = 10;
constexpr double kLane = 26;   // height of a lane: open hours fill it
constexpr double kBar = 12;    // height of the bar inside
constexpr double kSmall = 10;  // font sizes
constexpr double kMiddle = 12;
constexpr double kLarge = 14;

// Widths are estimated, a little too wide: a label is never cut off.
double TextWidth(std::string_view text, double size) {
  return DisplayWidth(text) * size * 0.58;
}

// Lines no wider than `width`; breaks at blanks and, where there are none, at
// any character.
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
    if (line.empty() ||
        TextWidth(line, size) + TextWidth(next, size) <= width) {
      if (next == " ") blank = line.size();
      line += next;
      continue;
    }
    std::string rest;
    if (next != " " && blank > 0) {
      rest = line.substr(blank + 1);
      line.resize(blank);
    }
    if (next != " ") rest += next;
    lines.push_back(rest);
    blank = 0;
  }
  return lines;
}

struct Tick {
  absl::Time at;
  std::string top;
  std::string bottom;
};

class Picture {
 public:
  Picture(const CaseHistory& h, double width, std::string id)
      : h_(h), width_(width), id_(std::move(id)) {}

  double inner() const { return width_ - 2 * kMargin; }
  double X(absl::Time at) const {
    const double share = absl::FDivDuration(at - h_.from, h_.to - h_.from);
    return kMargin + std::clamp(share, 0.0, 1.0) * inner();
  }

  void Say(std::string_view text, double size, std::string_view extra = "") {
    for (const std::string& line : WrapText(text, size, inner())) {
      y_ += size + 4;
      Put(kMargin, y_, size, "start", line, extra);
    }
  }
  void Put(double x, double y, double size, std::string_view anchor,
           std::string_view text, std::string_view extra = "") {
    absl::StrAppendFormat(&body_,
                          "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.0f\" "
                          "text-anchor=\"%s\"%s>%s</text>\n",
                          x, y, size, ToAbsl(anchor), ToAbsl(extra),
                          XmlEscape(text));
  }
  void Rect(double x, double y, double w, double h, std::string_view fill,
            std::string_view title = "") {
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
  void Line(double x, double y1, double y2, std::string_view stroke,
            std::string_view extra = "") {
    absl::StrAppendFormat(
        &body_, "<path d=\"M%.1f %.1fV%.1f\" stroke=\"%s\" fill=\"none\"%s/>\n",
        x, y1, y2, ToAbsl(stroke), ToAbsl(extra));
  }

  void States();
  void Clock(const ClockHistory& one);
  void Axis();
  void Legend();
  std::string Finish(std::string_view title, std::string_view desc);
  std::string Hatch() const { return absl::StrCat("url(#", id_, ")"); }

 private:
  void Shade(const ClockHistory& one, double y);
  void Spans(const ClockHistory& one, double y);
  void Marks(const ClockHistory& one, double y);
  std::vector<Tick> Ticks() const;

  const CaseHistory& h_;
  double width_;
  std::string id_;
  double y_ = 4;
  std::vector<std::pair<double, double>> lanes_;  // top and bottom
  bool shaded_ = false;
  bool late_ = false;
  std::string body_;
};

std::string_view PhaseFill(v1::Phase phase) {
  switch (phase) {
    case v1::NEW:
      return "#f6d8ae";
    case v1::ACTIVE:
      return "#bcd9f2";
    case v1::WAITING:
      return "#e3e3e3";
    case v1::RESOLVED:
      return "#cdeacb";
    default:
      return "#eef5ed";
  }
}

void Picture::States() {
  y_ += 8;
  lanes_.push_back({y_, y_ + 18});
  bool all = true;
  for (const StateSpan& state : h_.states) {
    const double x = X(state.from);
    const double w = X(state.to) - x;
    Rect(x, y_, w, 18, PhaseFill(state.phase),
         absl::StrCat(state.name, ", ", LocalInstant(state.from, h_.zone),
                      " to ", LocalInstant(state.to, h_.zone)));
    if (TextWidth(state.name, kSmall) + 4 <= w) {
      Put(x + w / 2, y_ + 13, kSmall, "middle", state.name);
    } else {
      all = false;
    }
  }
  y_ += 18;
  if (all) return;
  std::string words = "states:";
  for (const StateSpan& state : h_.states) {
    absl::StrAppend(&words, &state == &h_.states.front() ? " " : " > ",
                    state.name);
  }
  Say(words, kSmall);
}

// Open hours, unless they would be thinner than can be seen.
void Picture::Shade(const ClockHistory& one, double y) {
  if (one.calendar == nullptr) return;
  if (absl::FDivDuration(h_.to - h_.from, absl::Hours(24)) > inner() / 2) {
    return;
  }
  for (absl::Time at = h_.from; at < h_.to;) {
    const auto periods = one.calendar->Periods(at, 32);
    if (!periods.ok() || periods->empty()) return;
    for (const OpenPeriod& p : *periods) {
      if (p.open >= h_.to) return;
      Rect(X(p.open), y, X(p.close) - X(p.open), kLane, "#fbf0c4");
      shaded_ = true;
      at = p.close;
    }
  }
}

void Picture::Spans(const ClockHistory& one, double y) {
  const double top = y + (kLane - kBar) / 2;
  const absl::Time broken = one.clock.has_breached_at()
                                ? At(one.clock.breached_at())
                                : absl::InfiniteFuture();
  const auto draw = [&](absl::Time from, absl::Time to, const std::string& fill,
                        const char* what) {
    if (from >= to) return;
    Rect(X(from), top, X(to) - X(from), kBar, fill,
         absl::StrCat(what, " ", LocalInstant(from, h_.zone), " to ",
                      LocalInstant(to, h_.zone)));
  };
  for (const ClockSpan& span : one.spans) {
    if (span.paused) {
      draw(span.from, span.to, Hatch(), "paused");
      continue;
    }
    draw(span.from, std::min(span.to, broken), "#2f74b5", "running");
    draw(std::max(span.from, broken), span.to, "#c4553d", "running, broken");
    late_ = late_ || span.to > broken;
  }
}

void Picture::Marks(const ClockHistory& one, double y) {
  const v1::ClockState& clock = one.clock;
  double free_from = kMargin;  // names of levels do not overlap
  bool named = false;
  for (const v1::LevelMark& level : clock.levels()) {
    const double x = X(At(level.at()));
    absl::StrAppendFormat(
        &body_,
        "<path d=\"M%.1f %.1fl4 7h-8z\" fill=\"%s\" stroke=\"#8a4b00\">"
        "<title>%s</title></path>\n",
        x, y + kLane, level.withdrawn() ? "#fff" : "#e08a00",
        XmlEscape(absl::StrCat("level ", level.level(), ", ",
                               LocalInstant(At(level.at()), h_.zone),
                               level.withdrawn() ? ", withdrawn" : "")));
    const double w = TextWidth(level.level(), kSmall);
    const double left =
        std::clamp(x - w / 2, kMargin, std::max(kMargin, width_ - kMargin - w));
    named = true;
    if (left < free_from) continue;
    Put(left, y + kLane + 17, kSmall, "start", level.level());
    free_from = left + w + 6;
  }
  if (clock.has_due_next_open() && clock.has_due() &&
      At(clock.due_next_open()) != At(clock.due()) &&
      At(clock.due_next_open()) <= h_.to) {
    Line(X(At(clock.due_next_open())), y - 2, y + kLane, "#111",
         " stroke-width=\"1.2\" stroke-dasharray=\"2 2\"");
  }
  if (clock.has_due() && At(clock.due()) <= h_.to) {
    const double x = X(At(clock.due()));
    Line(x, y - 4, y + kLane, "#111", " stroke-width=\"2\"");
    Put(x, y - 6, kSmall,
        x > width_ - 30 ? "end"
        : x < 30        ? "start"
                        : "middle",
        "due", " font-weight=\"bold\"");
  }
  if (clock.has_breached_at() && At(clock.breached_at()) <= h_.to) {
    const double x = X(At(clock.breached_at()));
    absl::StrAppendFormat(
        &body_,
        "<path d=\"M%.1f %.1fl8 8m0 -8l-8 8\" stroke=\"#b00020\" "
        "stroke-width=\"2.5\" fill=\"none\"><title>broken %s</title></path>\n",
        x - 4, y + kLane / 2 - 4,
        XmlEscape(LocalInstant(At(clock.breached_at()), h_.zone)));
  }
  y_ = y + kLane + (named ? 20 : 4);
}

void Picture::Clock(const ClockHistory& one) {
  const v1::ClockState& clock = one.clock;
  y_ += 6;
  std::string label = absl::StrCat(ClockTitle(clock), ": ", VerdictWord(clock));
  if (clock.has_due()) {
    absl::StrAppend(&label, ", due ", LocalInstant(At(clock.due()), h_.zone));
  }
  absl::StrAppend(&label, BrokenWords(clock, h_.zone));
  Say(label, kMiddle);
  if (clock.has_target()) {
    Say(absl::StrCat(TargetWords(clock.target()),
                     clock.target().illustrative() ? " [illustrative]" : ""),
        kSmall);
  }
  y_ += clock.has_due() ? 18 : 6;
  const double y = y_;
  lanes_.push_back({y, y + kLane});
  Shade(one, y);
  Rect(kMargin, y, inner(), 0.8, "#bbb");
  Rect(kMargin, y + kLane, inner(), 0.8, "#bbb");
  Spans(one, y);
  Marks(one, y);
}

// Instants of whole hours, dates or months, as many as have room.
std::vector<Tick> Picture::Ticks() const {
  const double most = std::max(2.0, inner() / 52);
  const double hours = absl::FDivDuration(h_.to - h_.from, absl::Hours(1));
  std::vector<Tick> ticks;
  const auto add = [&](absl::CivilSecond at, const char* top,
                       const char* bottom) {
    const absl::Time t = absl::FromCivil(at, h_.zone);
    if (t < h_.from || t > h_.to) return;
    ticks.push_back({t, absl::FormatTime(top, t, h_.zone),
                     absl::FormatTime(bottom, t, h_.zone)});
  };
  for (const int step : {1, 2, 3, 6, 12}) {
    if (hours / step > most) continue;
    absl::CivilHour at(absl::ToCivilSecond(h_.from, h_.zone));
    at -= at.hour() % step;
    for (int i = 0; i <= hours / step + 2; ++i, at += step) {
      if (at.hour() % step != 0) continue;
      add(absl::CivilSecond(at), "%H:%M", "%m-%d");
    }
    return ticks;
  }
  for (const int step : {1, 2, 7, 14, 28}) {
    if (hours / 24 / step > most) continue;
    absl::CivilDay at(absl::ToCivilSecond(h_.from, h_.zone));
    for (; absl::FromCivil(at, h_.zone) <= h_.to; at += step) {
      add(absl::CivilSecond(at), "%a", "%m-%d");
    }
    return ticks;
  }
  const int months = static_cast<int>(hours / 24 / 30 / most) + 1;
  absl::CivilMonth at(absl::ToCivilSecond(h_.from, h_.zone));
  for (; absl::FromCivil(at, h_.zone) <= h_.to; at += months) {
    add(absl::CivilSecond(at), "%b", "%Y");
  }
  return ticks;
}

void Picture::Axis() {
  y_ += 4;
  std::string lanes;
  std::swap(lanes, body_);
  const std::vector<Tick> ticks = Ticks();
  for (const Tick& tick : ticks) {
    for (const auto& [top, bottom] : lanes_) {
      Line(X(tick.at), top, bottom, "#ccc");
    }
  }
  body_ += lanes;  // the grid lies under everything
  std::string bottom;
  for (const Tick& tick : ticks) {
    const double x = X(tick.at);
    const bool last = x > width_ - 24;
    const bool first = x < 24;
    const std::string_view anchor = last ? "end" : first ? "start" : "middle";
    Line(x, y_, y_ + 4, "#333");
    Put(x, y_ + 15, kSmall, anchor, tick.top);
    if (tick.bottom != bottom) Put(x, y_ + 27, kSmall, anchor, tick.bottom);
    bottom = tick.bottom;
  }
  Rect(kMargin, y_, inner(), 1, "#333");
  y_ += 32;
}

void Picture::Legend() {
  double x = kMargin;
  const auto item = [&](std::string_view what, double w) {
    const double need = w + 5 + TextWidth(what, kSmall) + 12;
    if (x + need > width_ - kMargin && x > kMargin) {
      x = kMargin;
      y_ += 16;
    }
    Put(x + w + 5, y_ + 9, kSmall, "start", what);
    const double left = x;
    x += need;
    return left;
  };
  y_ += 4;
  double left = item("running", 14);
  Rect(left, y_ + 1, 14, 9, "#2f74b5");
  left = item("paused", 14);
  Rect(left, y_ + 1, 14, 9, Hatch(), "paused");
  if (late_) {
    left = item("running, broken", 14);
    Rect(left, y_ + 1, 14, 9, "#c4553d");
  }
  if (shaded_) {
    left = item("office open", 14);
    Rect(left, y_, 14, 11, "#fbf0c4");
  }
  left = item("due (dashed: next opening)", 4);
  Line(left + 2, y_, y_ + 11, "#111", " stroke-width=\"2\"");
  left = item("level", 8);
  absl::StrAppendFormat(&body_,
                        "<path d=\"M%.1f %.1fl4 7h-8z\" fill=\"#e08a00\" "
                        "stroke=\"#8a4b00\"/>\n",
                        left + 4, y_ + 2);
  left = item("broken", 8);
  absl::StrAppendFormat(&body_,
                        "<path d=\"M%.1f %.1fl8 8m0 -8l-8 8\" "
                        "stroke=\"#b00020\" stroke-width=\"2.5\"/>\n",
                        left, y_ + 1);
  y_ += 16;
}

std::string Picture::Finish(std::string_view title, std::string_view desc) {
  const double height = y_ + 6;
  return absl::StrCat(
      absl::StrFormat(
          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f "
          "%.0f\" width=\"100%%\" style=\"max-width:%.0fpx\" role=\"img\" "
          "aria-labelledby=\"%s-title %s-desc\" font-family=\"system-ui, "
          "'Noto Sans CJK TC', sans-serif\" fill=\"#111\">\n",
          width_, height, width_ * 2, id_, id_),
      "<title id=\"", id_, "-title\">", XmlEscape(title), "</title>\n",
      "<desc id=\"", id_, "-desc\">", XmlEscape(desc), "</desc>\n",
      "<defs><pattern id=\"", id_,
      "\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
      "patternTransform=\"rotate(45)\"><rect width=\"5\" height=\"5\" "
      "fill=\"#fff\"/><rect width=\"2\" height=\"5\" fill=\"#777\"/>"
      "</pattern></defs>\n",
      absl::StrFormat("<rect width=\"%.0f\" height=\"%.0f\" fill=\"#fff\"/>\n",
                      width_, height),
      body_, "</svg>\n");
}

std::string Describe(const CaseHistory& h) {
  std::string out;
  for (const StateSpan& state : h.states) {
    absl::StrAppend(&out, state.name, " from ",
                    LocalInstant(state.from, h.zone), ". ");
  }
  for (const ClockHistory& one : h.clocks) {
    absl::StrAppend(&out, "Clock ", ClockTitle(one.clock), " ",
                    VerdictWord(one.clock));
    if (one.clock.has_due()) {
      absl::StrAppend(&out, ", due ",
                      LocalInstant(At(one.clock.due()), h.zone));
    }
    absl::StrAppend(&out, ". ");
  }
  return out;
}

}  // namespace

std::string DrawSvg(const v1::Case& of, const CaseHistory& h,
                    const Look& look) {
  // A pattern's id must be the picture's own where several share a page.
  Picture picture(h, std::clamp(look.width, 240, 2000),
                  absl::StrCat("hotline-", Identifier(of.reference())));
  const std::string title = CaseTitle(of, look);
  picture.Say(title, kLarge, " font-weight=\"bold\"");
  picture.Say(absl::StrCat("times in ", h.zone.name()), kSmall);
  if (IsIllustrative(of, look)) {
    picture.Say("illustrative: figures that no source gives", kSmall,
                " font-style=\"italic\"");
  }
  picture.States();
  for (const ClockHistory& one : h.clocks) picture.Clock(one);
  picture.Axis();
  picture.Legend();
  return picture.Finish(title, Describe(h));
}

}  // namespace hotline::internal
