// Explanations as pictures: SVG, and Mermaid's gantt.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/explanation.h"
#include "src/readers/inspect/lane.h"
#include "src/readers/inspect/reasons.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

// Bars that a gantt can hold and still be read.
constexpr int kGanttBars = 60;

void DrawPanel(const Explanation& e, const ExplainedClock& clock,
               Canvas* canvas, std::set<Saying>* legend) {
  const Speaker speaker = e.SpeakerOf(clock);
  canvas->Skip(10);
  canvas->Say(ClockHeading(e, clock), kMiddle, " font-weight=\"bold\"");
  canvas->Say(speaker.Join(clock.derivation.summary), kSmall);
  if (clock.one.clock.target().illustrative()) {
    canvas->Say(speaker.Say(Saying::kIllustrative), kSmall,
                " font-style=\"italic\"");
  }
  if (clock.one.spans.empty()) return;
  canvas->Skip(8);
  Lane lane{.one = clock.one,
            .ladder = LadderOf(clock.policy, clock.one.clock.ladder()),
            .ahead = clock.ahead,
            .now = e.now,
            .imagined = e.imagined,
            .speaker = speaker};
  SpanOfClock(&lane);
  const auto ticks =
      TicksOf(lane.from, lane.to, canvas->inner(), clock.zone, *e.language);
  lane.ticks = ticks;
  DrawLane(lane, canvas, legend);
  canvas->Axis(ticks, lane.from, lane.to);
}

// Mermaid reads : ; # , and line ends as its own.
std::string GanttName(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == ':' || c == ';' || c == '#' || c == ',' || c == '\n' || c == '%') {
      c = ' ';
    }
  }
  return out;
}

class Gantt {
 public:
  Gantt(const Explanation& e, std::string* out) : e_(e), out_(*out) {}

  void Clock(const ExplainedClock& clock);

 private:
  void Task(const ExplainedClock& clock, Saying name, std::string_view tags,
            absl::Time from, absl::Time to);
  void Milestone(const ExplainedClock& clock, std::string_view name,
                 absl::Time at, bool critical);
  void Counted(const ExplainedClock& clock, absl::Time from, absl::Time to,
               Saying name, std::string_view tags);
  static std::string Instant(const ExplainedClock& clock, absl::Time at) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%S", at, clock.zone);
  }

  const Explanation& e_;
  std::string& out_;
};

void Gantt::Task(const ExplainedClock& clock, Saying name,
                 std::string_view tags, absl::Time from, absl::Time to) {
  if (from >= to) return;
  absl::StrAppend(&out_, "    ", GanttName(e_.SpeakerOf(clock).Say(name)), " :",
                  ToAbsl(tags), Instant(clock, from), ", ", Instant(clock, to),
                  "\n");
}

void Gantt::Milestone(const ExplainedClock& clock, std::string_view name,
                      absl::Time at, bool critical) {
  absl::StrAppend(&out_, "    ", GanttName(name), " :",
                  critical ? "crit, " : "", "milestone, ", Instant(clock, at),
                  ", 0d\n");
}

// Open hours one by one where a calendar counts, else the whole.
void Gantt::Counted(const ExplainedClock& clock, absl::Time from, absl::Time to,
                    Saying name, std::string_view tags) {
  const Calendar* calendar = clock.one.calendar;
  const v1::TargetSpec& target = clock.one.clock.target();
  const bool by_hours = calendar != nullptr && (target.has_working_time() ||
                                                target.has_working_days());
  if (!by_hours || from >= to) {
    Task(clock, name, tags, from, to);
    return;
  }
  const auto periods = calendar->Periods(from, kGanttBars);
  if (!periods.ok() || periods->empty() ||
      (periods->size() == kGanttBars && periods->back().close < to)) {
    Task(clock, name, tags, from, to);
    return;
  }
  for (const OpenPeriod& p : *periods) {
    Task(clock, name, tags, std::max(p.open, from), std::min(p.close, to));
  }
}

void Gantt::Clock(const ExplainedClock& clock) {
  const v1::ClockState& state = clock.one.clock;
  const Speaker speaker = e_.SpeakerOf(clock);
  absl::StrAppend(&out_, "  section ", GanttName(ClockHeading(e_, clock)),
                  "\n");
  const absl::Time broken = state.has_breached_at() ? At(state.breached_at())
                                                    : absl::InfiniteFuture();
  absl::Time end = absl::InfiniteFuture();
  for (const ClockSpan& span : clock.one.spans) {
    end = span.to;
    if (span.paused) {
      Task(clock, Saying::kPicPaused, "done, ", span.from, span.to);
      continue;
    }
    Counted(clock, span.from, std::min(span.to, broken), Saying::kPicRunning,
            "active, ");
    Counted(clock, std::max(span.from, broken), span.to, Saying::kPicBroken,
            "crit, ");
  }
  if (state.state() == v1::ClockState::RUNNING && state.has_due()) {
    Counted(clock, end, At(state.due()),
            e_.imagined ? Saying::kPicRunning : Saying::kPicAhead,
            e_.imagined ? "active, " : "");
  }
  const v1::LadderSpec* ladder = LadderOf(clock.policy, state.ladder());
  for (const v1::LevelMark& level : state.levels()) {
    Milestone(clock, NameOfLevel(ladder, level.level(), speaker.language().tag),
              At(level.at()), false);
  }
  for (const LevelReached& level : clock.ahead) {
    Milestone(clock, NameOfLevel(ladder, level.level, speaker.language().tag),
              level.at, false);
  }
  if (state.has_due()) {
    Milestone(clock, speaker.Say(Saying::kPicDue), At(state.due()), false);
  }
  if (state.has_due_next_open() && state.has_due() &&
      At(state.due_next_open()) != At(state.due())) {
    Milestone(clock, speaker.Say(Saying::kPicNextOpen),
              At(state.due_next_open()), false);
  }
  if (state.has_breached_at()) {
    Milestone(clock, speaker.Say(Saying::kPicBroken), At(state.breached_at()),
              true);
  }
}

}  // namespace

std::string ExplanationSvg(const Explanation& e, int width) {
  const std::string seed = e.facts.empty() ? "" : e.facts.front().second;
  Canvas canvas(std::clamp(width, 240, 2000),
                absl::StrCat("hotline-", Identifier(seed)));
  const Speaker plain = e.Plain();
  canvas.Say(e.title, kLarge, " font-weight=\"bold\"");
  for (const Sentence& line : e.head) canvas.Say(plain.Say(line), kSmall);
  std::set<Saying> legend;
  std::string desc;
  for (const ExplainedClock& clock : e.clocks) {
    DrawPanel(e, clock, &canvas, &legend);
    absl::StrAppend(&desc, ClockHeading(e, clock), ": ",
                    e.SpeakerOf(clock).Join(clock.derivation.summary), "\n");
  }
  DrawLegend(legend, plain, &canvas);
  return canvas.Finish(e.title, desc);
}

std::string ExplanationMermaid(const Explanation& e) {
  std::string out = absl::StrCat(
      "gantt\n  title ", GanttName(e.title), " - ", e.zone.name(),
      e.illustrative
          ? absl::StrCat(" - ",
                         GanttName(e.Plain().Say(Saying::kIllustrativeAll)))
          : "",
      "\n  dateFormat YYYY-MM-DDTHH:mm:ss\n  axisFormat %m-%d %H:%M\n");
  for (const ExplainedClock& clock : e.clocks) Gantt(e, &out).Clock(clock);
  return out;
}

}  // namespace hotline::internal
