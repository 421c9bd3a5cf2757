// hotline calendar eval, show: questions to the calendars of a policy, and a
// month of one.
#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "hotline/calendar.h"
#include "hotline/error.h"
#include "hotline/policy.h"
#include "src/cli/calendar_eval.h"
#include "src/cli/calendar_month.h"
#include "src/cli/commands.h"

namespace hotline::cli {
namespace {

template <typename List>
std::vector<std::string> SortedCodes(const List& list) {
  std::vector<std::string> codes;
  for (const auto& one : list) codes.push_back(one.code());
  std::sort(codes.begin(), codes.end());
  return codes;
}

// The calendars of a policy alone, so that one can ask while the rest of it is
// still being written. Else the exit status.
int Load(const std::string& file, CalendarBook* book, std::ostream& err) {
  const absl::StatusOr<FileForm> form = FormOf(file);
  if (!form.ok()) return Fail(form.status(), err);
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok()) return Fail(text.status(), err);
  const auto spec = *form == FileForm::kJson ? ParsePolicyJson(*text)
                                             : ParsePolicyTextproto(*text);
  if (!spec.ok()) {
    PrintProblems(file, spec.status(), err);
    return kUsage;
  }
  book->spec = *spec;
  Problems problems;
  book->calendars =
      Calendars::Compile(spec->calendars(), spec->areas(), &problems);
  if (!problems.empty()) {
    PrintProblems(
        file, problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "policy"), err);
    return kFound;
  }
  for (const v1::CalendarSpec& c : spec->calendars()) {
    book->ids.push_back(c.id());
  }
  book->areas = SortedCodes(spec->areas());
  book->units = SortedCodes(spec->units());
  return kDone;
}

}  // namespace

int CalendarEval(const Arguments& args, Io io) {
  CalendarBook book;
  if (const int status = Load(args.Get("policy"), &book, io.err); status != 0) {
    return status;
  }
  bool all_ok = true;
  for (std::string line; std::getline(io.in, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const EvalAnswer answer = AnswerCalendarQuestion(book, line);
    // Whoever asks may wait for each answer before the next question.
    io.out << answer.line << "\n" << std::flush;
    all_ok = all_ok && answer.ok;
  }
  return all_ok ? kDone : kFound;
}

int CalendarShow(const Arguments& args, Io io) {
  CalendarBook book;
  if (const int status = Load(args.Get("policy"), &book, io.err); status != 0) {
    return status;
  }
  const std::string text = args.Get("month");
  absl::CivilMonth month;
  if (text.size() != 7 || !absl::ParseCivilTime(text, &month) ||
      month.year() < Calendar::kFirstYear ||
      month.year() > Calendar::kLastYear) {
    io.err << "hotline: --month \"" << text
           << "\" is no month from 1970 to 2170; write it like 2026-02\n";
    return kUsage;
  }
  const std::string id = args.Get("calendar");
  const auto calendar =
      FindCalendar(book, id, args.Get("area"), args.Get("unit"));
  if (!calendar.ok()) return Fail(calendar.status(), io.err);
  for (const v1::CalendarSpec& spec : book.spec.calendars()) {
    if (spec.id() != id) continue;
    const MonthOf shown = {spec, **calendar,
                           *book.calendars.Find(id, "", "", true), month};
    args.Has("json") ? PrintMonthJson(shown, io.out)
                     : PrintMonth(shown, io.out);
  }
  return kDone;
}

}  // namespace hotline::cli
