// The verbs. Each gets its arguments parsed by its row of the table in cli.cc.
#ifndef HOTLINE_SRC_CLI_COMMANDS_H_
#define HOTLINE_SRC_CLI_COMMANDS_H_

#include <string>

#include "absl/status/statusor.h"
#include "hotline/inspect.h"
#include "src/cli/flags.h"
#include "src/cli/io.h"

namespace hotline::cli {

// What several of them share: the form asked for by --format or --json, text
// if by neither; the language of --lang, English if there is none; an answer
// on the way out, with its line feed.
absl::StatusOr<Format> FormatOf(const Arguments& args);
std::string LanguageOf(const Arguments& args);
int Answer(const absl::StatusOr<std::string>& answer, Io io);

int PolicyCheck(const Arguments& args, Io io);
int PolicyShow(const Arguments& args, Io io);
int CalendarEval(const Arguments& args, Io io);
int CalendarShow(const Arguments& args, Io io);
int CalendarImport(const Arguments& args, Io io);
int PolicySheet(const Arguments& args, Io io);
int PolicyDiff(const Arguments& args, Io io);
int SlaExplain(const Arguments& args, Io io);
int ScenarioRun(const Arguments& args, Io io);
int CaseShow(const Arguments& args, Io io);
int CaseHistory(const Arguments& args, Io io);
int CaseTimeline(const Arguments& args, Io io);
int CaseExplain(const Arguments& args, Io io);
int ClosureAdd(const Arguments& args, Io io);
int ClosureWithdraw(const Arguments& args, Io io);
int ClosureList(const Arguments& args, Io io);
int EventDeclare(const Arguments& args, Io io);
int EventEnd(const Arguments& args, Io io);
int EventList(const Arguments& args, Io io);
int ReportComplianceCommand(const Arguments& args, Io io);
int WhatIfCommand(const Arguments& args, Io io);
int ExportCommand(const Arguments& args, Io io);
int StoreCheck(const Arguments& args, Io io);
int StoreSchema(const Arguments& args, Io io);
int StoreBackup(const Arguments& args, Io io);
int StoreRun(const Arguments& args, Io io);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_COMMANDS_H_
