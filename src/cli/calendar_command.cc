#include "src/cli/calendar_command.h"

#include <algorithm>
#include <fstream>
#include <istream>
#include <iterator>
#include <map>
#include <optional>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hotline/calendar.h"
#include "hotline/error.h"
#include "hotline/policy.h"
#include "src/cli/calendar_eval.h"

namespace hotline::cli {
namespace {

constexpr char kUsage[] =
    R"(usage: hotline calendar eval --policy FILE
       hotline calendar show --policy FILE --calendar ID --month YYYY-MM
                             [--area CODE] [--unit CODE]

eval answers questions, one JSON object a line, in their order:
  echo '{"id":1,"op":"next_open","calendar":"office","at":"2026-02-14T09:00:00Z"}' |
    hotline calendar eval --policy policy.textproto
show prints a month: open hours, holidays, special days, closures.
  hotline calendar show --policy policy.textproto --calendar office --month 2026-02

Exit status: 0 all answered, 1 a question or the policy was wrong, 2 wrong usage
or unreadable input.
)";

using Flags = std::map<std::string, std::string>;

// "--name value" or "--name=value", of `known` names only.
std::optional<Flags> ParseFlags(const std::vector<std::string>& args,
                                const std::vector<std::string>& known,
                                std::ostream& err) {
  Flags flags;
  for (size_t i = 1; i < args.size(); ++i) {
    const size_t equals = args[i].find('=');
    const std::string name = args[i].substr(0, equals);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string near = Nearest(name, known);
      err << "hotline calendar: unknown argument " << args[i];
      if (!near.empty()) err << "; did you mean " << near << "?";
      err << "\n";
      return std::nullopt;
    }
    if (equals != std::string::npos) {
      flags[name] = args[i].substr(equals + 1);
    } else if (i + 1 < args.size()) {
      flags[name] = args[++i];
    } else {
      err << "hotline calendar: " << name << " needs a value\n";
      return std::nullopt;
    }
  }
  return flags;
}

void PrintProblems(const std::string& file, const absl::Status& status,
                   std::ostream& err) {
  const v1::ErrorInfo info = InfoOf(status);
  for (const v1::Problem& p : info.problems()) {
    err << file << ": " << p.path() << (p.path().empty() ? "" : ": ")
        << p.message();
    if (!p.hint().empty()) err << "; " << p.hint();
    err << "\n";
  }
  if (info.problems().empty()) err << file << ": " << status.message() << "\n";
}

struct Loaded {
  v1::PolicySpec spec;
  Calendars calendars;
  std::vector<std::string> ids;
};

// Reads the policy and compiles its calendars; else the exit status.
int Load(const std::string& file, Loaded* loaded, std::ostream& err) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) {
    err << "hotline calendar: cannot read " << file << "\n";
    return 2;
  }
  const bool json = file.size() > 5 && file.substr(file.size() - 5) == ".json";
  const auto spec = json ? ParsePolicyJson(text) : ParsePolicyTextproto(text);
  if (!spec.ok()) {
    PrintProblems(file, spec.status(), err);
    return 2;
  }
  loaded->spec = *spec;
  Problems problems;
  loaded->calendars =
      Calendars::Compile(spec->calendars(), spec->areas(), &problems);
  if (!problems.empty()) {
    PrintProblems(
        file, problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "policy"), err);
    return 1;
  }
  for (const v1::CalendarSpec& c : spec->calendars()) {
    loaded->ids.push_back(c.id());
  }
  return 0;
}

int Eval(const Loaded& policy, std::istream& in, std::ostream& out) {
  bool all_ok = true;
  for (std::string line; std::getline(in, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const EvalAnswer answer =
        AnswerCalendarQuestion(policy.calendars, policy.ids, line);
    out << answer.line << "\n" << std::flush;
    all_ok = all_ok && answer.ok;
  }
  return all_ok ? 0 : 1;
}

// ------------------------------------------------------------- a month

constexpr const char* kWeekdays[] = {"Mon", "Tue", "Wed", "Thu",
                                     "Fri", "Sat", "Sun"};

int WeekdayOf(absl::CivilDay date) {
  return static_cast<int>(absl::GetWeekday(date));  // Monday is 0
}

class Month {
 public:
  Month(const v1::CalendarSpec& spec, const Calendar& calendar,
        absl::CivilMonth month, std::ostream& out)
      : spec_(spec),
        calendar_(calendar),
        first_(month),
        next_(month + 1),
        out_(out) {}

  void Print() {
    out_ << spec_.id() << "  "
         << absl::FormatCivilTime(absl::CivilMonth(first_)) << "  "
         << spec_.time_zone();
    if (!spec_.revision().empty()) out_ << "  revision " << spec_.revision();
    if (spec_.illustrative()) out_ << "  (illustrative)";
    out_ << "\n\n";
    PrintGrid();
    PrintHours();
    PrintHolidays();
    PrintDays("special days", spec_.special_days());
    PrintDays("breaks", spec_.breaks());
    PrintClosures();
    if (calendar_.IsProvisional(calendar_.Local(next_ - 1, 0))) {
      out_ << "\nprovisional: the calendar is complete until "
           << spec_.complete_until() << "\n";
    }
  }

 private:
  static bool Says(const google::protobuf::RepeatedPtrField<v1::DayHours>& days,
                   const std::string& date) {
    return std::any_of(days.begin(), days.end(),
                       [&](const v1::DayHours& d) { return d.date() == date; });
  }

  bool IsHoliday(absl::CivilDay date) const {
    const std::string text = absl::FormatCivilTime(date);
    const auto& dates = spec_.holidays();
    const auto& annual = spec_.annual_holidays();
    return std::find(dates.begin(), dates.end(), text) != dates.end() ||
           std::find(annual.begin(), annual.end(), text.substr(5)) !=
               annual.end();
  }

  bool IsClosed(absl::CivilDay date) const {
    return std::any_of(spec_.closures().begin(), spec_.closures().end(),
                       [&](const v1::ClosureSpec& c) {
                         return Overlaps(c, calendar_.Local(date, 0),
                                         calendar_.Local(date + 1, 0));
                       });
  }

  static bool Overlaps(const v1::ClosureSpec& closure, absl::Time from,
                       absl::Time to) {
    absl::Time begin, end;
    std::string why;
    return absl::ParseTime(absl::RFC3339_full, closure.from(), &begin, &why) &&
           absl::ParseTime(absl::RFC3339_full, closure.until(), &end, &why) &&
           begin < to && from < end;
  }

  // One letter a date, explained under the grid.
  char MarkOf(absl::CivilDay date) const {
    const std::string text = absl::FormatCivilTime(date);
    if (IsClosed(date)) return '!';
    const bool special = Says(spec_.special_days(), text);
    if (IsHoliday(date) && (!special || spec_.holiday_over_special())) {
      return 'H';
    }
    if (special) return '*';
    if (Says(spec_.breaks(), text)) return '~';
    return calendar_.IsWorkingDay(date) ? ' ' : '-';
  }

  void PrintGrid() {
    for (const char* const day : kWeekdays) out_ << "  " << day;
    out_ << "\n" << std::string(5 * WeekdayOf(first_), ' ');
    for (absl::CivilDay date = first_; date < next_; ++date) {
      out_ << absl::StrFormat("%4d%c", date.day(), MarkOf(date));
      if (WeekdayOf(date) == 6 || date + 1 == next_) out_ << "\n";
    }
    out_ << "\n- closed  H holiday  * special day  ~ break  ! closure\n"
         << "working days: " << calendar_.CountWorkingDays(first_, next_)
         << "\n";
  }

  // "08:30", or "06:00+1" on the date after.
  std::string TimeOn(absl::CivilDay date, absl::Time at) const {
    const absl::CivilSecond local =
        absl::ToCivilSecond(at, calendar_.time_zone());
    const int64_t days = absl::CivilDay(local) - date;
    if (days == 1 && local == absl::CivilSecond(date + 1)) return "24:00";
    std::string text = absl::FormatTime("%H:%M", at, calendar_.time_zone());
    if (local.second() != 0)
      absl::StrAppendFormat(&text, ":%02d", local.second());
    if (days != 0) absl::StrAppend(&text, "+", days);
    return text;
  }

  void PrintHours() {
    out_ << "\nopen hours\n";
    for (absl::CivilDay date = first_; date < next_; ++date) {
      const auto hours = calendar_.HoursOf(date);
      if (!hours.ok()) continue;
      out_ << "  " << absl::FormatCivilTime(date) << " "
           << kWeekdays[WeekdayOf(date)];
      for (absl::Time at = hours->open; at < hours->close;) {
        const auto periods = calendar_.Periods(at, 1);
        if (!periods.ok() || periods->empty()) break;
        const OpenPeriod& p = periods->front();
        if (p.open >= hours->close) break;
        out_ << "  " << TimeOn(date, p.open) << "-"
             << TimeOn(date, std::min(p.close, hours->close));
        at = p.close;
      }
      out_ << "\n";
    }
  }

  void PrintHolidays() {
    bool any = false;
    for (absl::CivilDay date = first_; date < next_; ++date) {
      if (!IsHoliday(date)) continue;
      if (!any) out_ << "\nholidays\n";
      any = true;
      out_ << "  " << absl::FormatCivilTime(date) << " "
           << kWeekdays[WeekdayOf(date)] << "\n";
    }
  }

  void PrintDays(const char* title,
                 const google::protobuf::RepeatedPtrField<v1::DayHours>& days) {
    std::map<std::string, std::string> lines;
    for (const v1::DayHours& day : days) {
      absl::CivilDay date;
      if (!absl::ParseCivilTime(day.date(), &date) || date < first_ ||
          date >= next_) {
        continue;
      }
      std::string line =
          absl::StrCat("  ", day.date(), " ", kWeekdays[WeekdayOf(date)]);
      for (const v1::HoursSpec& h : day.hours()) {
        absl::StrAppend(&line, "  ", h.open(), "-", h.close());
      }
      if (day.hours().empty()) absl::StrAppend(&line, "  closed");
      if (!day.name().empty()) absl::StrAppend(&line, "  ", day.name());
      lines[day.date()] += line + "\n";
    }
    if (!lines.empty()) out_ << "\n" << title << "\n";
    for (const auto& [date, line] : lines) out_ << line;
  }

  void PrintClosures() {
    bool any = false;
    for (const v1::ClosureSpec& c : spec_.closures()) {
      if (!Overlaps(c, calendar_.Local(first_, 0), calendar_.Local(next_, 0))) {
        continue;
      }
      if (!any) out_ << "\nclosures\n";
      any = true;
      out_ << "  " << c.from() << " to " << c.until();
      for (const std::string& area : c.areas()) out_ << "  area " << area;
      for (const std::string& unit : c.units()) out_ << "  unit " << unit;
      if (!c.reason().empty()) out_ << "  " << c.reason();
      if (!c.announced().empty())
        out_ << "  (announced " << c.announced() << ")";
      out_ << "\n";
    }
  }

  const v1::CalendarSpec& spec_;
  const Calendar& calendar_;
  const absl::CivilDay first_;
  const absl::CivilDay next_;
  std::ostream& out_;
};

int Show(const Loaded& policy, const Flags& flags, std::ostream& out,
         std::ostream& err) {
  const auto flag = [&](const char* name) {
    const auto it = flags.find(name);
    return it == flags.end() ? std::string() : it->second;
  };
  const std::string month_text = flag("--month");
  absl::CivilMonth month;
  if (month_text.size() != 7 || !absl::ParseCivilTime(month_text, &month) ||
      month.year() < Calendar::kFirstYear ||
      month.year() > Calendar::kLastYear) {
    err << "hotline calendar: --month \"" << month_text
        << "\" is no month from 1970 to 2170; write it like 2026-02\n";
    return 2;
  }
  const std::string id = flag("--calendar");
  const Calendar* const calendar =
      policy.calendars.Find(id, flag("--area"), flag("--unit"));
  if (calendar == nullptr) {
    const std::string near = Nearest(id, policy.ids);
    err << "hotline calendar: the policy has no calendar \"" << id << "\"";
    if (!near.empty()) err << "; did you mean " << near << "?";
    err << "\n";
    return 2;
  }
  for (const v1::CalendarSpec& spec : policy.spec.calendars()) {
    if (spec.id() == id) Month(spec, *calendar, month, out).Print();
  }
  return 0;
}

}  // namespace

int CalendarCommand(const std::vector<std::string>& args, std::istream& in,
                    std::ostream& out, std::ostream& err) {
  const bool help = std::find(args.begin(), args.end(), "--help") != args.end();
  const std::string verb = args.empty() ? "" : args[0];
  if (help || (verb != "eval" && verb != "show")) {
    (help ? out : err) << kUsage;
    return help ? 0 : 2;
  }
  std::vector<std::string> known = {"--policy"};
  if (verb == "show") {
    known.insert(known.end(), {"--calendar", "--month", "--area", "--unit"});
  }
  const std::optional<Flags> flags = ParseFlags(args, known, err);
  if (!flags) return 2;
  const auto file = flags->find("--policy");
  if (file == flags->end()) {
    err << "hotline calendar: --policy FILE is missing\n";
    return 2;
  }
  Loaded policy;
  if (const int status = Load(file->second, &policy, err); status != 0) {
    return status;
  }
  return verb == "eval" ? Eval(policy, in, out)
                        : Show(policy, *flags, out, err);
}

}  // namespace hotline::cli
