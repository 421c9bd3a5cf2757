#include "benchmarks/report.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace hotline::bench {
namespace {

std::string Number(double value) {
  if (value >= 1e6) return absl::StrFormat("%.1f M", value / 1e6);
  if (value >= 1000) {
    const auto whole = static_cast<int64_t>(std::llround(value));
    return absl::StrFormat("%d,%03d", whole / 1000, whole % 1000);
  }
  if (value >= 100) return absl::StrFormat("%.0f", value);
  return absl::StrFormat(value >= 10 ? "%.1f" : "%.2f", value);
}

std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(c) >= 0x20) out.push_back(c);
  }
  return out;
}

std::string GoalOf(const Line& line) {
  if (!line.goal.has_value()) return "";
  return absl::StrCat(line.sense == Line::kAtLeast ? ">= " : "<= ",
                      Number(*line.goal));
}

// "met", or how much is missing to the goal.
std::string VerdictOf(const Line& line) {
  if (!line.goal.has_value()) return "";
  if (line.met()) return "met";
  const double far = line.sense == Line::kAtLeast
                         ? 1 - line.judged() / *line.goal
                         : line.judged() / *line.goal - 1;
  return absl::StrFormat("%.0f %% %s", std::ceil(far * 100),
                         line.sense == Line::kAtLeast ? "short" : "over");
}

}  // namespace

Spread SpreadOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  const double median = (values[(n - 1) / 2] + values[n / 2]) / 2;
  return {values.front(), median, values.back()};
}

double Percentile(std::vector<double> values, double percent) {
  std::sort(values.begin(), values.end());
  const double rank =
      std::ceil(percent / 100 * static_cast<double>(values.size()));
  return values[static_cast<size_t>(std::max(rank, 1.0)) - 1];
}

bool Line::met() const {
  if (!goal.has_value()) return true;
  return sense == kAtLeast ? judged() >= *goal : judged() <= *goal;
}

Line RatioLine(std::string id, std::string what, const std::vector<Pair>& pairs,
               double goal) {
  std::vector<double> ours;
  std::vector<double> plain;
  std::vector<double> ratios;
  for (const Pair& pair : pairs) {
    ours.push_back(pair.ours);
    plain.push_back(pair.plain);
    ratios.push_back(pair.ours / pair.plain);
  }
  return {.id = std::move(id),
          .what = std::move(what),
          .ours = SpreadOf(ours).median,
          .plain = SpreadOf(plain).median,
          .ratio = SpreadOf(ratios),
          .goal = goal,
          .pairs = pairs.size()};
}

Line FigureLine(std::string id, std::string what, double ours, double goal,
                Line::Sense sense, bool exact) {
  return {.id = std::move(id),
          .what = std::move(what),
          .ours = ours,
          .goal = goal,
          .sense = sense,
          .exact = exact};
}

Line PlainFigure(std::string what, double ours) {
  return {.what = std::move(what), .ours = ours};
}

std::string Table(const std::vector<Line>& lines) {
  std::string out =
      absl::StrFormat("%-4s %-56s %9s %9s %6s  %-13s %-9s %s\n", "id", "what",
                      "hotline", "plain", "ratio", "low .. high", "goal", "");
  for (const Line& line : lines) {
    std::string spread;
    if (line.ratio.has_value()) {
      spread =
          absl::StrFormat("%.2f .. %.2f", line.ratio->low, line.ratio->high);
    }
    absl::StrAppendFormat(
        &out, "%-4s %-56s %9s %9s %6s  %-13s %-9s %s\n", line.id, line.what,
        Number(line.ours), line.plain.has_value() ? Number(*line.plain) : "",
        line.ratio.has_value() ? absl::StrFormat("%.2f", line.ratio->median)
                               : "",
        spread, GoalOf(line), VerdictOf(line));
  }
  return out;
}

std::string Json(
    const std::vector<std::pair<std::string, std::string>>& machine,
    const std::vector<Line>& lines) {
  std::string out = "{\n  \"machine\": {";
  for (size_t i = 0; i < machine.size(); ++i) {
    absl::StrAppend(&out, i == 0 ? "" : ", ", "\"", Escaped(machine[i].first),
                    "\": \"", Escaped(machine[i].second), "\"");
  }
  out += "},\n  \"figures\": [";
  for (size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    absl::StrAppend(&out, i == 0 ? "\n" : ",\n", "    {\"id\": \"", line.id,
                    "\", \"what\": \"", Escaped(line.what), "\"");
    absl::StrAppendFormat(&out, ", \"hotline\": %.6g", line.ours);
    if (line.plain.has_value()) {
      absl::StrAppendFormat(&out, ", \"plain\": %.6g", *line.plain);
    }
    if (line.ratio.has_value()) {
      absl::StrAppendFormat(
          &out,
          ", \"ratio\": %.4f, \"low\": %.4f, \"high\": %.4f, \"pairs\": %d",
          line.ratio->median, line.ratio->low, line.ratio->high, line.pairs);
    }
    if (line.goal.has_value()) {
      absl::StrAppendFormat(
          &out, ", \"goal\": %.6g, \"sense\": \"%s\", \"met\": %s", *line.goal,
          line.sense == Line::kAtLeast ? "at least" : "at most",
          line.met() ? "true" : "false");
    }
    out += "}";
  }
  return out + "\n  ]\n}\n";
}

}  // namespace hotline::bench
