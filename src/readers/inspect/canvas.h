// An SVG that needs nothing outside itself: text that wraps, boxes, lines,
// labels that keep clear of each other. Nothing is told by colour alone: what
// pauses is hatched one way, what is broken the other.
#ifndef HOTLINE_SRC_READERS_INSPECT_CANVAS_H_
#define HOTLINE_SRC_READERS_INSPECT_CANVAS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "src/readers/inspect/language.h"

namespace hotline::internal {

inline constexpr double kMargin = 10;
inline constexpr double kSmall = 10;  // font sizes
inline constexpr double kMiddle = 12;
inline constexpr double kLarge = 14;

// Fills that differ in grey as they do in colour. What is still ahead is empty,
// bars as well as marks.
inline constexpr std::string_view kRunningFill = "#2f74b5";
inline constexpr std::string_view kAheadFill = "#ffffff";
inline constexpr std::string_view kOpenFill = "#faecb6";

// Widths are estimated, a little too wide: a label is never cut off.
double TextWidth(std::string_view text, double size);

// Lines no wider than `width`; breaks at blanks and, where there are none, at
// any character.
std::vector<std::string> WrapText(std::string_view text, double size,
                                  double width);

// A word that belongs to a place on a line.
struct Label {
  double x = 0;
  std::string text;
  bool bold = false;
};

// An instant of the axis, named in two rows.
struct Tick {
  absl::Time at;
  std::string top;
  std::string bottom;
};

// Instants of whole hours, dates or months, as many as have room in `width`.
std::vector<Tick> TicksOf(absl::Time from, absl::Time to, double width,
                          absl::TimeZone zone, const Language& language);

class Canvas {
 public:
  // `id` is the picture's own where several share a page.
  Canvas(double width, std::string id) : width_(width), id_(std::move(id)) {}

  double width() const { return width_; }
  double inner() const { return width_ - 2 * kMargin; }
  double y() const { return y_; }
  void MoveTo(double y) { y_ = y; }
  void Skip(double by) { y_ += by; }

  // A paragraph, wrapped; moves on below it.
  void Say(std::string_view text, double size, std::string_view extra = "");
  void Put(double x, double y, double size, std::string_view anchor,
           std::string_view text, std::string_view extra = "");
  // `title`, where given, is shown by pointing at it, and gets an outline.
  void Rect(double x, double y, double w, double h, std::string_view fill,
            std::string_view title = "");
  void Line(double x, double y1, double y2, std::string_view stroke,
            std::string_view extra = "");
  // `d` is what a path draws.
  void Path(std::string_view d, std::string_view extra,
            std::string_view title = "");
  void Triangle(double x, double y, bool filled, std::string_view title = "");
  void Cross(double x, double y, std::string_view title = "");

  // Rows that labels need so that none covers another. Sets each label's row,
  // counted from the line, and its left edge.
  struct Placed {
    Label label;
    double left = 0;
    int row = 0;
  };
  std::vector<Placed> Place(std::vector<Label> labels, int* rows) const;
  void PutPlaced(const Placed& placed, double y);

  void Axis(const std::vector<Tick>& ticks, absl::Time from, absl::Time to);

  std::string Hatch() const;   // fill of what pauses
  std::string Broken() const;  // fill of what is broken
  std::string Finish(std::string_view title, std::string_view desc) const;

 private:
  double width_;
  std::string id_;
  double y_ = 4;
  std::string body_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_CANVAS_H_
