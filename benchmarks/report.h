// What was measured, as pairs, and how it is told.
#ifndef HOTLINE_BENCHMARKS_REPORT_H_
#define HOTLINE_BENCHMARKS_REPORT_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hotline::bench {

// One measure of ours and one of the floor's, taken in turn.
struct Pair {
  double ours = 0;
  double plain = 0;
};

struct Spread {
  double low = 0;
  double median = 0;
  double high = 0;
};

Spread SpreadOf(std::vector<double> values);
// The nearest rank.
double Percentile(std::vector<double> values, double percent);

// A line of the table: a ratio of pairs, or a figure of its own.
struct Line {
  enum Sense { kAtLeast, kAtMost };
  std::string id;    // P1; empty: a further figure
  std::string what;  // with its unit
  double ours = 0;
  std::optional<double> plain;
  std::optional<Spread> ratio;  // ours : plain
  std::optional<double> goal;   // of the ratio if there is one, else of `ours`
  Sense sense = kAtLeast;
  size_t pairs = 0;
  bool exact = false;  // a counter, which does not move from run to run

  double judged() const { return ratio.has_value() ? ratio->median : ours; }
  bool met() const;
};

// A ratio of rates: higher is better.
Line RatioLine(std::string id, std::string what, const std::vector<Pair>& pairs,
               double goal);
Line FigureLine(std::string id, std::string what, double ours, double goal,
                Line::Sense sense, bool exact = false);
Line PlainFigure(std::string what, double ours);

std::string Table(const std::vector<Line>& lines);
std::string Json(
    const std::vector<std::pair<std::string, std::string>>& machine,
    const std::vector<Line>& lines);

}  // namespace hotline::bench

#endif  // HOTLINE_BENCHMARKS_REPORT_H_
