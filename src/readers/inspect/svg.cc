// A case's timeline as one self-contained SVG: its states, then every clock
// over the same axis, and the whole said in words in <desc>.
#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/readers/inspect/lane.h"
#include "src/readers/inspect/timeline.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

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

void DrawStates(const CaseHistory& h, Canvas* canvas) {
  canvas->Skip(8);
  const double y = canvas->y();
  const auto x_of = [&](absl::Time at) {
    const double share = absl::FDivDuration(at - h.from, h.to - h.from);
    return kMargin + std::clamp(share, 0.0, 1.0) * canvas->inner();
  };
  bool all = true;
  for (const StateSpan& state : h.states) {
    const double x = x_of(state.from);
    const double w = x_of(state.to) - x;
    canvas->Rect(
        x, y, w, 18, PhaseFill(state.phase),
        absl::StrCat(state.name, ", ", LocalInstant(state.from, h.zone), " to ",
                     LocalInstant(state.to, h.zone)));
    if (TextWidth(state.name, kSmall) + 4 <= w) {
      canvas->Put(x + w / 2, y + 13, kSmall, "middle", state.name);
    } else {
      all = false;
    }
  }
  canvas->Skip(18);
  if (all) return;
  std::string words = "states:";
  for (const StateSpan& state : h.states) {
    absl::StrAppend(&words, &state == &h.states.front() ? " " : " > ",
                    state.name);
  }
  canvas->Say(words, kSmall);
}

void DrawClock(const CaseHistory& h, const ClockHistory& one,
               const std::vector<Tick>& ticks, const Speaker& speaker,
               Canvas* canvas, std::set<Saying>* legend) {
  const v1::ClockState& clock = one.clock;
  canvas->Skip(6);
  std::string label = absl::StrCat(ClockTitle(clock), ": ", VerdictWord(clock));
  if (clock.has_due()) {
    absl::StrAppend(&label, ", due ", LocalInstant(At(clock.due()), h.zone));
  }
  canvas->Say(absl::StrCat(label, BrokenWords(clock, h.zone)), kMiddle);
  if (clock.has_target()) {
    canvas->Say(
        absl::StrCat(TargetWords(clock.target()),
                     clock.target().illustrative() ? " [illustrative]" : ""),
        kSmall);
  }
  canvas->Skip(6);
  DrawLane({.one = one,
            .from = h.from,
            .to = h.to,
            .now = h.now,
            .speaker = speaker,
            .ticks = ticks},
           canvas, legend);
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
  Canvas canvas(std::clamp(look.width, 240, 2000),
                absl::StrCat("hotline-", Identifier(of.reference())));
  const Speaker speaker(English(), h.zone);
  const std::string title = CaseTitle(of, look);
  canvas.Say(title, kLarge, " font-weight=\"bold\"");
  canvas.Say(absl::StrCat("times in ", h.zone.name()), kSmall);
  if (IsIllustrative(of, look)) {
    canvas.Say("illustrative: figures that no source gives", kSmall,
               " font-style=\"italic\"");
  }
  DrawStates(h, &canvas);
  const auto ticks =
      TicksOf(h.from, h.to, canvas.inner(), h.zone, speaker.language());
  std::set<Saying> legend;
  for (const ClockHistory& one : h.clocks) {
    DrawClock(h, one, ticks, speaker, &canvas, &legend);
  }
  canvas.Skip(4);
  canvas.Axis(ticks, h.from, h.to);
  DrawLegend(legend, speaker, &canvas);
  return canvas.Finish(title, Describe(h));
}

}  // namespace hotline::internal
