// Pieces of tables, CSV and JSON that figures share.
#ifndef HOTLINE_SRC_READERS_REPORT_PLAIN_H_
#define HOTLINE_SRC_READERS_REPORT_PLAIN_H_

#include <string>
#include <string_view>
#include <vector>

#include "hotline/report.h"
#include "src/readers/inspect/json.h"

namespace hotline::internal {

// Makes the figures of a column stand under each other by their ends.
void AlignRight(size_t column, std::vector<std::vector<std::string>>* rows);

// A cell of CSV, quoted where it must be.
std::string CsvCell(std::string_view cell);

// One member, an object.
void AddCounts(const char* key, const ComplianceCounts& counts, Json* json);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_REPORT_PLAIN_H_
