#include "src/readers/inspect/lane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/readers/inspect/reasons.h"

namespace hotline::internal {
namespace {

constexpr double kLane = 26;  // height of a lane: open hours fill it
constexpr double kBar = 12;   // height of the bar inside
constexpr double kThin = 3;   // and where the clock runs but nothing counts
constexpr double kLabelRow = 13;

using Hours = std::vector<OpenPeriod>;

class Drawer {
 public:
  Drawer(const Lane& lane, Canvas* canvas, std::set<Saying>* legend)
      : lane_(lane),
        clock_(lane.one.clock),
        canvas_(*canvas),
        legend_(*legend) {}

  void Draw();

 private:
  double X(absl::Time at) const {
    const double share =
        absl::FDivDuration(at - lane_.from, lane_.to - lane_.from);
    return kMargin + std::clamp(share, 0.0, 1.0) * canvas_.inner();
  }
  bool Shows(absl::Time at) const { return at >= lane_.from && at <= lane_.to; }
  std::string Words(Saying saying, absl::Time at) const {
    return absl::StrCat(lane_.speaker.Say(saying), " ",
                        lane_.speaker.Label(Said(at)));
  }
  When Said(absl::Time at) const {
    return {absl::FromUnixSeconds(absl::ToUnixSeconds(at)), {}, true};
  }
  std::string Stretch(Saying what, absl::Time from, absl::Time to) const {
    return absl::StrCat(lane_.speaker.Say(what), " ",
                        lane_.speaker.Label({from}), " - ",
                        lane_.speaker.Label({to}));
  }

  Hours OpenHours() const;
  void Above();
  void Shade(const Hours& hours);
  void Bars(const Hours& hours);
  void Bar(absl::Time from, absl::Time to, Saying what, const Hours& hours);
  void Marks();
  void Levels();

  const Lane& lane_;
  const v1::ClockState& clock_;
  Canvas& canvas_;
  std::set<Saying>& legend_;
  double top_ = 0;  // of the lane
};

// Empty: not known, or thinner than can be seen.
Hours Drawer::OpenHours() const {
  Hours hours;
  const Calendar* calendar = lane_.one.calendar;
  const double days =
      absl::FDivDuration(lane_.to - lane_.from, absl::Hours(24));
  if (calendar == nullptr || days > canvas_.inner() / 2) return hours;
  for (absl::Time at = lane_.from; at < lane_.to;) {
    const auto periods = calendar->Periods(at, 32);
    if (!periods.ok() || periods->empty()) return hours;
    for (const OpenPeriod& p : *periods) {
      if (p.open >= lane_.to) return hours;
      hours.push_back({p.open, std::min(p.close, lane_.to)});
    }
    at = periods->back().close;
  }
  return hours;
}

// What is said of instants stands above the lane, each over its line.
void Drawer::Above() {
  std::vector<Label> labels;
  if (clock_.has_due() && Shows(At(clock_.due()))) {
    labels.push_back(
        {X(At(clock_.due())), Words(Saying::kPicDue, At(clock_.due())), true});
  }
  if (clock_.has_due_next_open() && clock_.has_due() &&
      At(clock_.due_next_open()) != At(clock_.due()) &&
      Shows(At(clock_.due_next_open()))) {
    labels.push_back({X(At(clock_.due_next_open())),
                      Words(Saying::kPicNextOpen, At(clock_.due_next_open())),
                      false});
  }
  if (clock_.state() == v1::ClockState::STOPPED && !lane_.one.spans.empty()) {
    const absl::Time stopped = lane_.one.spans.back().to;
    labels.push_back({X(stopped), Words(Saying::kPicStop, stopped), false});
  }
  int rows = 0;
  const auto placed = canvas_.Place(std::move(labels), &rows);
  top_ = canvas_.y() + rows * kLabelRow + 5;
  for (const Canvas::Placed& one : placed) {
    const double y = top_ - 5 - one.row * kLabelRow;
    if (one.row > 0) {
      canvas_.Line(one.label.x, y + 2, top_, "#666", " stroke-width=\"0.6\"");
    }
  }
  for (const Canvas::Placed& one : placed) {
    canvas_.PutPlaced(one, top_ - 5 - one.row * kLabelRow);
  }
}

void Drawer::Shade(const Hours& hours) {
  for (const OpenPeriod& p : hours) {
    canvas_.Rect(X(p.open), top_, X(p.close) - X(p.open), kLane, kOpenFill);
  }
  if (!hours.empty()) legend_.insert(Saying::kPicOpen);
  for (const Tick& tick : lane_.ticks) {
    canvas_.Line(X(tick.at), top_, top_ + kLane, "#ccc");
  }
  canvas_.Rect(kMargin, top_, canvas_.inner(), 0.8, "#999");
  canvas_.Rect(kMargin, top_ + kLane, canvas_.inner(), 0.8, "#999");
}

// Thick where it counts; where the office is closed only a thread.
void Drawer::Bar(absl::Time from, absl::Time to, Saying what,
                 const Hours& hours) {
  if (from >= to) return;
  legend_.insert(what);
  const std::string fill = what == Saying::kPicPaused   ? canvas_.Hatch()
                           : what == Saying::kPicBroken ? canvas_.Broken()
                           : what == Saying::kPicAhead
                               ? std::string(kAheadFill)
                               : std::string(kRunningFill);
  const std::string title = Stretch(what, from, to);
  const double middle = top_ + kLane / 2;
  const bool by_hours = (clock_.target().has_working_time() ||
                         clock_.target().has_working_days()) &&
                        !hours.empty() && what != Saying::kPicPaused;
  if (!by_hours) {
    canvas_.Rect(X(from), middle - kBar / 2, X(to) - X(from), kBar, fill,
                 title);
    return;
  }
  canvas_.Rect(X(from), middle - kThin / 2, X(to) - X(from), kThin,
               what == Saying::kPicAhead ? "#8fb3d6" : fill);
  for (const OpenPeriod& p : hours) {
    const absl::Time open = std::max(p.open, from);
    const absl::Time close = std::min(p.close, to);
    if (open >= close) continue;
    canvas_.Rect(X(open), middle - kBar / 2, X(close) - X(open), kBar, fill,
                 title);
  }
}

void Drawer::Bars(const Hours& hours) {
  const absl::Time broken = clock_.has_breached_at() ? At(clock_.breached_at())
                                                     : absl::InfiniteFuture();
  absl::Time end = lane_.from;
  for (const ClockSpan& span : lane_.one.spans) {
    end = span.to;
    if (span.paused) {
      Bar(span.from, span.to, Saying::kPicPaused, hours);
      continue;
    }
    Bar(span.from, std::min(span.to, broken), Saying::kPicRunning, hours);
    Bar(std::max(span.from, broken), span.to, Saying::kPicBroken, hours);
  }
  if (clock_.state() == v1::ClockState::RUNNING && clock_.has_due()) {
    Bar(end, At(clock_.due()),
        lane_.imagined ? Saying::kPicRunning : Saying::kPicAhead, hours);
  }
}

void Drawer::Marks() {
  const auto line = [&](absl::Time at, double width, std::string_view dash) {
    canvas_.Line(X(at), top_ - 3, top_ + kLane, "#111",
                 absl::StrCat(" stroke-width=\"", width, "\"", ToAbsl(dash)));
  };
  if (clock_.has_due() && clock_.has_due_next_open() &&
      At(clock_.due_next_open()) != At(clock_.due()) &&
      Shows(At(clock_.due_next_open()))) {
    line(At(clock_.due_next_open()), 1.2, " stroke-dasharray=\"2 2\"");
    legend_.insert(Saying::kPicNextOpen);
  }
  if (clock_.has_due() && Shows(At(clock_.due()))) {
    line(At(clock_.due()), 2, "");
    legend_.insert(Saying::kPicDue);
  }
  if (clock_.state() == v1::ClockState::STOPPED && !lane_.one.spans.empty()) {
    line(lane_.one.spans.back().to, 1, "");
  }
  if (clock_.has_breached_at() && Shows(At(clock_.breached_at()))) {
    canvas_.Cross(X(At(clock_.breached_at())), top_ + kLane / 2,
                  Words(Saying::kPicBroken, At(clock_.breached_at())));
  }
}

void Drawer::Levels() {
  std::vector<Label> labels;
  const auto add = [&](const std::string& name, absl::Time at, bool filled) {
    if (!Shows(at)) return;
    canvas_.Triangle(X(at), top_ + kLane, filled,
                     absl::StrCat(name, " ", lane_.speaker.Label(Said(at))));
    labels.push_back({X(at), name, false});
    legend_.insert(Saying::kPicLevel);
  };
  for (const v1::LevelMark& mark : clock_.levels()) {
    add(NameOfLevel(lane_.ladder, mark.level(), lane_.speaker.language().tag),
        At(mark.at()), !mark.withdrawn());
  }
  for (const LevelReached& level : lane_.ahead) {
    add(NameOfLevel(lane_.ladder, level.level, lane_.speaker.language().tag),
        level.at, false);
  }
  int rows = 0;
  for (const Canvas::Placed& one : canvas_.Place(std::move(labels), &rows)) {
    canvas_.PutPlaced(one, top_ + kLane + 17 + one.row * kLabelRow);
  }
  const double below = rows == 0 ? 4 : 9 + rows * kLabelRow;
  canvas_.MoveTo(top_ + kLane + below);
}

void Drawer::Draw() {
  Above();
  const Hours hours = OpenHours();
  Shade(hours);
  Bars(hours);
  Marks();
  Levels();
}

}  // namespace

void SpanOfClock(Lane* lane) {
  const v1::ClockState& clock = lane->one.clock;
  absl::Time from = absl::InfiniteFuture();
  absl::Time to = absl::InfinitePast();
  const auto hold = [&](absl::Time at) {
    from = std::min(from, at);
    to = std::max(to, at);
  };
  for (const ClockSpan& span : lane->one.spans) {
    hold(span.from);
    hold(span.to);
  }
  if (clock.has_due()) hold(At(clock.due()));
  if (clock.has_due() && clock.has_due_next_open()) {
    hold(At(clock.due_next_open()));
  }
  for (const v1::LevelMark& mark : clock.levels()) hold(At(mark.at()));
  for (const LevelReached& level : lane->ahead) hold(level.at);
  if (from > to) from = to = lane->now;
  const absl::Duration air = std::max((to - from) / 30, absl::Minutes(10));
  lane->from = from - air;
  lane->to = to + air;
}

void DrawLane(const Lane& lane, Canvas* canvas, std::set<Saying>* legend) {
  Drawer(lane, canvas, legend).Draw();
}

void DrawLegend(const std::set<Saying>& legend, const Speaker& speaker,
                Canvas* canvas) {
  double x = kMargin;
  double y = canvas->y() + 6;
  for (const Saying saying : legend) {
    const std::string what = speaker.Say(saying);
    const double need = 19 + TextWidth(what, kSmall) + 12;
    if (x + need > canvas->width() - kMargin && x > kMargin) {
      x = kMargin;
      y += 16;
    }
    switch (saying) {
      case Saying::kPicDue:
        canvas->Line(x + 7, y, y + 11, "#111", " stroke-width=\"2\"");
        break;
      case Saying::kPicNextOpen:
        canvas->Line(x + 7, y, y + 11, "#111",
                     " stroke-width=\"1.2\" stroke-dasharray=\"2 2\"");
        break;
      case Saying::kPicLevel:
        canvas->Triangle(x + 7, y + 2, true);
        break;
      case Saying::kPicOpen:
        canvas->Rect(x, y, 14, 11, kOpenFill, what);
        break;
      default:
        canvas->Rect(x, y + 1, 14, 9,
                     saying == Saying::kPicPaused   ? canvas->Hatch()
                     : saying == Saying::kPicBroken ? canvas->Broken()
                     : saying == Saying::kPicAhead  ? std::string(kAheadFill)
                                                    : std::string(kRunningFill),
                     what);
    }
    canvas->Put(x + 19, y + 9, kSmall, "start", what);
    x += need;
  }
  canvas->MoveTo(y + 14);
}

}  // namespace hotline::internal
