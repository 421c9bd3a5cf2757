// One CSV row the way spreadsheets read it safely.
#ifndef HOTLINE_SRC_CLI_CSV_H_
#define HOTLINE_SRC_CLI_CSV_H_

#include <string>
#include <vector>

namespace hotline::cli {

// RFC 4180, with its line end; a cell that a spreadsheet would take for a
// formula (= + - @, tab, carriage return) is made plain text by a `'` before
// it.
std::string CsvRow(const std::vector<std::string>& cells);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_CSV_H_
