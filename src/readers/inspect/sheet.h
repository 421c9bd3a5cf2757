// A policy's promises as rows of words: what sheets print and changes compare.
#ifndef HOTLINE_SRC_READERS_INSPECT_SHEET_H_
#define HOTLINE_SRC_READERS_INSPECT_SHEET_H_

#include <string>
#include <utility>
#include <vector>

#include "hotline/policy.h"
#include "src/readers/inspect/language.h"

namespace hotline::internal {

// One promise for one category; `target` null: none is made.
struct SheetRow {
  const Category* category = nullptr;
  const v1::ClockSpec* clock = nullptr;
  const v1::TargetSpec* target = nullptr;
  std::string calendar_id = {};
  // Words, in the order of SheetHead.
  std::string matter = {};
  std::string what = {};
  std::string promise = {};
  std::string whom = {};
  std::string starts = {};
  std::string rests = {};
  std::string calendar = {};
  std::string unit = {};
  std::string party = {};
  std::string valid = {};
  std::string source = {};
  std::string mark = {};
  bool illustrative = false;
};

// A heading with lines below it: `what  value`.
struct SheetSection {
  std::string heading;
  std::vector<std::pair<std::string, std::string>> lines = {};
};

std::vector<SheetRow> RowsOf(const Policy& policy, const Speaker& speaker);
std::vector<SheetSection> CalendarSections(const Policy& policy,
                                           const Speaker& speaker);
std::vector<SheetSection> EventSections(const Policy& policy,
                                        const Speaker& speaker);

// The words of one row, column by column, and their heads.
std::vector<std::string> SheetHead(const Speaker& speaker);
std::vector<std::string> SheetCells(const SheetRow& row);

// "Monday to Friday 08:30-12:30, 13:30-17:30".
std::string WeekWords(const v1::CalendarSpec& spec, const Speaker& speaker);
// A date, and its name if it has one.
using NamedDate = std::pair<absl::CivilDay, std::string>;
// "Wednesday 1 January (New Year's Day), Monday 27 January to Friday 31
// January": dates in a row that are called the same, or nothing, are one.
std::string DatesWords(const std::vector<NamedDate>& dates,
                       const Speaker& speaker);
std::string ClosureWords(const v1::ClosureSpec& closure,
                         const Speaker& speaker);
std::string EventWords(const v1::DeclaredEventSpec& event, const Policy& policy,
                       const Speaker& speaker);
std::string ValidWords(const Category& category, const Speaker& speaker);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_SHEET_H_
