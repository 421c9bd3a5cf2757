// A case's timeline as one self-contained SVG: its states, then every clock
// over the same axis, and the whole said in words in <desc>.
#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/readers/inspect/lane.h"
#include "src/readers/inspect/reasons.h"
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

void DrawStates(const CaseHistory& h, const Speaker& speaker, Canvas* canvas) {
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
    canvas->Rect(x, y, w, 18, PhaseFill(state.phase),
                 speaker.Say({Saying::kSpanTitle,
                              0,
                              {{"what", state.name},
                               {"from", When{state.from}},
                               {"to", When{state.to}}}}));
    if (TextWidth(state.name, kSmall) + 4 <= w) {
      canvas->Put(x + w / 2, y + 13, kSmall, "middle", state.name);
    } else {
      all = false;
    }
  }
  canvas->Skip(18);
  if (all) return;
  std::string list;
  for (const StateSpan& state : h.states) {
    absl::StrAppend(&list, list.empty() ? "" : " > ", state.name);
  }
  canvas->Say(speaker.Say({Saying::kStatesRow, 0, {{"list", list}}}), kSmall);
}

void DrawClock(const CaseHistory& h, const ClockHistory& one, const Look& look,
               const std::vector<Tick>& ticks, const Speaker& speaker,
               Canvas* canvas, std::set<Saying>* legend) {
  canvas->Skip(6);
  // The promise has a line of its own.
  v1::ClockState bare = one.clock;
  bare.clear_target();
  canvas->Say(ClockWords(bare, look), kMiddle);
  const v1::TargetSpec& target = one.clock.target();
  if (one.clock.has_target()) {
    canvas->Say(
        absl::StrCat(
            speaker.Target(target),
            target.illustrative() ? speaker.Say(Saying::kLineMark) : ""),
        kSmall);
  }
  canvas->Skip(6);
  DrawLane({.one = one,
            .ladder = LadderOf(look.policy, one.clock.ladder()),
            .from = h.from,
            .to = h.to,
            .now = h.now,
            .speaker = speaker,
            .ticks = ticks},
           canvas, legend);
}

std::string Describe(const CaseHistory& h, const Look& look,
                     const Speaker& speaker) {
  std::string out;
  for (const StateSpan& state : h.states) {
    out += speaker.Say({Saying::kDescState,
                        0,
                        {{"state", state.name}, {"from", When{state.from}}}});
  }
  for (const ClockHistory& one : h.clocks) {
    Sentence due;
    if (one.clock.has_due()) {
      due = {Saying::kLineDue, 0, {{"due", When{At(one.clock.due())}}}};
    }
    out += speaker.Say(
        {Saying::kDescClock,
         0,
         {{"clock", ClockCalled(one.clock.clock(), one.clock.cycle(), look)},
          {"state", VerdictOf(one.clock)},
          {"due", due}}});
  }
  return out;
}

}  // namespace

std::string DrawSvg(const v1::Case& of, const CaseHistory& h,
                    const Look& look) {
  Canvas canvas(std::clamp(look.width, 240, 2000),
                absl::StrCat("hotline-", Identifier(of.reference())));
  const Speaker speaker = SpeakerFor(look);
  const std::string title = CaseTitle(of, look);
  canvas.Say(title, kLarge, " font-weight=\"bold\"");
  canvas.Say(speaker.Say({Saying::kTimesInZone, 0, {{"zone", h.zone.name()}}}),
             kSmall);
  if (IsIllustrative(of, look)) {
    canvas.Say(speaker.Say(Saying::kIllustrativeAll), kSmall,
               " font-style=\"italic\"");
  }
  DrawStates(h, speaker, &canvas);
  const auto ticks =
      TicksOf(h.from, h.to, canvas.inner(), h.zone, speaker.language());
  std::set<Saying> legend;
  for (const ClockHistory& one : h.clocks) {
    DrawClock(h, one, look, ticks, speaker, &canvas, &legend);
  }
  canvas.Skip(4);
  canvas.Axis(ticks, h.from, h.to);
  DrawLegend(legend, speaker, &canvas);
  return canvas.Finish(title, Describe(h, look, speaker));
}

}  // namespace hotline::internal
