#include "src/cli/csv.h"

#include <string_view>

namespace hotline::cli {
namespace {

std::string Cell(const std::string& text) {
  std::string out = text;
  constexpr std::string_view kFormula = "=+-@\t\r";
  if (!out.empty() && kFormula.find(out[0]) != std::string_view::npos) {
    out.insert(out.begin(), '\'');
  }
  if (out.find_first_of(",\"\r\n") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string CsvRow(const std::vector<std::string>& cells) {
  std::string row;
  for (const std::string& cell : cells) {
    if (!row.empty() || &cell != &cells.front()) row += ',';
    row += Cell(cell);
  }
  return row + "\r\n";
}

}  // namespace hotline::cli
