// One clock drawn over time: open hours shaded, bars where it ran and rested,
// what it was due, what it reached.
#ifndef HOTLINE_SRC_READERS_INSPECT_LANE_H_
#define HOTLINE_SRC_READERS_INSPECT_LANE_H_

#include <set>
#include <span>
#include <vector>

#include "absl/time/time.h"
#include "hotline/sla.h"
#include "src/readers/inspect/canvas.h"
#include "src/readers/inspect/history.h"
#include "src/readers/inspect/language.h"

namespace hotline::internal {

struct Lane {
  const ClockHistory& one;
  // Names its levels; null: their codes do.
  const v1::LadderSpec* ladder = nullptr;
  std::span<const LevelReached> ahead = {};
  // What the picture spans.
  absl::Time from = {};
  absl::Time to = {};
  absl::Time now = {};
  // Nothing of it has happened yet.
  bool imagined = false;
  const Speaker& speaker;
  std::span<const Tick> ticks = {};
};

// The span that shows all of a clock, with a little air.
void SpanOfClock(Lane* lane);

// Draws from the canvas's line on and moves it below. Adds what it drew to
// `legend`.
void DrawLane(const Lane& lane, Canvas* canvas, std::set<Saying>* legend);

void DrawLegend(const std::set<Saying>& legend, const Speaker& speaker,
                Canvas* canvas);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_LANE_H_
