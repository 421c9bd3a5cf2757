// How an exported event is written: a line of JSON, or CSV rows.
#ifndef HOTLINE_SRC_CLI_EXPORT_FORMS_H_
#define HOTLINE_SRC_CLI_EXPORT_FORMS_H_

#include <string>

#include "hotline/v1/query.pb.h"

namespace hotline::cli {

// The header row.
std::string ChangesCsvHeader();
// A row for each fact; one without a kind for an event that has none.
std::string ChangeToCsv(const v1::Change& change);
// {"reference":…,"event":{…}}, names as in the .proto files.
std::string ChangeToJsonLine(const v1::Change& change);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_EXPORT_FORMS_H_
