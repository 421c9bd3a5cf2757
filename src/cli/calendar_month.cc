#include "src/cli/calendar_month.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/cli/io.h"

namespace hotline::cli {
namespace {

using DayList = google::protobuf::RepeatedPtrField<v1::DayHours>;

constexpr const char* kWeekdays[] = {"Mon", "Tue", "Wed", "Thu",
                                     "Fri", "Sat", "Sun"};

int WeekdayOf(absl::CivilDay date) {
  return static_cast<int>(absl::GetWeekday(date));  // Monday is 0
}

// What a date is, with the letter of the grid.
struct Mark {
  char letter;
  const char* word;
};

constexpr Mark kOpen = {' ', "open"};
constexpr Mark kClosed = {'-', "closed"};
constexpr Mark kHoliday = {'H', "holiday"};
constexpr Mark kSpecial = {'*', "special"};
constexpr Mark kBreak = {'~', "break"};
constexpr Mark kClosure = {'!', "closure"};

class Month {
 public:
  Month(const MonthOf& month, std::ostream& out)
      : spec_(month.spec),
        calendar_(month.calendar),
        through_(month.through),
        first_(month.month),
        next_(month.month + 1),
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
    if (!spec_.source().empty()) out_ << "\nsource: " << spec_.source() << "\n";
    if (calendar_.IsProvisional(next_ - 1)) {
      out_ << "\nprovisional: the calendar is complete until "
           << spec_.complete_until() << "\n";
    }
  }

  void PrintJson() {
    for (absl::CivilDay date = first_; date < next_; ++date) {
      const std::vector<OpenPeriod> periods = HoursOn(date);
      absl::Duration sum;
      std::string open;
      for (const OpenPeriod& p : periods) {
        absl::StrAppend(&open, open.empty() ? "" : ",", "[", Instant(p.open),
                        ",", Instant(p.close), "]");
        sum += p.close - p.open;
      }
      const std::string name = NameOf(date);
      out_ << "{\"calendar\":" << JsonQuote(spec_.id()) << ",\"date\":\""
           << absl::FormatCivilTime(date) << "\",\"weekday\":\""
           << v1::Weekday_Name(WeekdayOf(date) + v1::MONDAY) << "\",\"mark\":\""
           << MarkOf(date).word << "\",\"working_day\":"
           << (calendar_.IsWorkingDay(date) ? "true" : "false")
           << ",\"seconds\":" << absl::ToInt64Seconds(sum) << ",\"open\":["
           << open << "]";
      if (!name.empty()) out_ << ",\"name\":" << JsonQuote(name);
      if (calendar_.IsProvisional(date)) out_ << ",\"provisional\":true";
      out_ << "}\n";
    }
  }

 private:
  static std::string Instant(absl::Time at) {
    return absl::FormatTime("\"%Y-%m-%dT%H:%M:%E*SZ\"", at,
                            absl::UTCTimeZone());
  }

  static bool Says(const DayList& days, absl::CivilDay date) {
    return Find(days, date) != days.end();
  }

  static DayList::const_iterator Find(const DayList& days,
                                      absl::CivilDay date) {
    const std::string text = absl::FormatCivilTime(date);
    return std::find_if(days.begin(), days.end(), [&](const v1::DayHours& d) {
      return d.date() == text;
    });
  }

  // Of this year before of every year.
  std::string HolidayNameOf(absl::CivilDay date) const {
    const std::string text = absl::FormatCivilTime(date);
    std::string name;
    for (const v1::HolidayName& named : spec_.holiday_names()) {
      if (named.day() == text) return named.name();
      if (named.day() == text.substr(5)) name = named.name();
    }
    return name;
  }

  std::string NameOf(absl::CivilDay date) const {
    if (MarkOf(date).letter == kHoliday.letter) return HolidayNameOf(date);
    for (const DayList* days : {&spec_.special_days(), &spec_.breaks()}) {
      const auto day = Find(*days, date);
      if (day != days->end() && !day->name().empty()) return day->name();
    }
    return "";
  }

  bool IsHoliday(absl::CivilDay date) const {
    const std::string text = absl::FormatCivilTime(date);
    const auto& dates = spec_.holidays();
    const auto& annual = spec_.annual_holidays();
    return std::find(dates.begin(), dates.end(), text) != dates.end() ||
           std::find(annual.begin(), annual.end(), text.substr(5)) !=
               annual.end();
  }

  // A closure that holds here takes open time from it.
  bool IsClosed(absl::CivilDay date) const {
    const absl::Time from = calendar_.Local(date, 0);
    const absl::Time to = calendar_.Local(date + 1, 0);
    return calendar_.Between(from, to) != through_.Between(from, to);
  }

  Mark MarkOf(absl::CivilDay date) const {
    if (IsClosed(date)) return kClosure;
    const bool special = Says(spec_.special_days(), date);
    if (IsHoliday(date) && (!special || spec_.holiday_over_special())) {
      return kHoliday;
    }
    if (special) return kSpecial;
    if (Says(spec_.breaks(), date)) return kBreak;
    return calendar_.IsWorkingDay(date) ? kOpen : kClosed;
  }

  // What starts on the date. Of one too short to be a working day: what is open
  // until midnight and does not belong to the date before.
  std::vector<OpenPeriod> HoursOn(absl::CivilDay date) const {
    OpenPeriod all = {calendar_.Local(date, 0), calendar_.Local(date + 1, 0)};
    if (const auto hours = calendar_.HoursOf(date); hours.ok()) {
      all = *hours;
    } else if (const auto before = calendar_.HoursOf(date - 1); before.ok()) {
      all.open = std::max(all.open, before->close);
    }
    std::vector<OpenPeriod> hours;
    for (absl::Time at = all.open; at < all.close;) {
      const auto periods = calendar_.Periods(at, 1);
      if (!periods.ok() || periods->empty()) break;
      const OpenPeriod& p = periods->front();
      if (p.open >= all.close) break;
      hours.push_back({p.open, std::min(p.close, all.close)});
      at = p.close;
    }
    return hours;
  }

  void PrintGrid() {
    for (const char* const day : kWeekdays) out_ << "  " << day;
    out_ << "\n"
         << std::string(5 * static_cast<size_t>(WeekdayOf(first_)), ' ');
    absl::Duration sum;
    for (absl::CivilDay date = first_; date < next_; ++date) {
      out_ << absl::StrFormat("%4d%c", date.day(), MarkOf(date).letter);
      if (WeekdayOf(date) == 6 || date + 1 == next_) out_ << "\n";
      for (const OpenPeriod& p : HoursOn(date)) sum += p.close - p.open;
    }
    out_ << "\n- closed  H holiday  * special day  ~ break  ! closure\n"
         << "working days: " << calendar_.CountWorkingDays(first_, next_)
         << "  open: " << absl::FormatDuration(sum) << "\n";
  }

  // "08:30", or "06:00+1" on the date after.
  std::string TimeOn(absl::CivilDay date, absl::Time at) const {
    const absl::CivilSecond local =
        absl::ToCivilSecond(at, calendar_.time_zone());
    const int64_t days = absl::CivilDay(local) - date;
    if (days == 1 && local == absl::CivilSecond(date + 1)) return "24:00";
    std::string text = absl::FormatTime("%H:%M", at, calendar_.time_zone());
    if (local.second() != 0) {
      absl::StrAppendFormat(&text, ":%02d", local.second());
    }
    if (days != 0) absl::StrAppend(&text, "+", days);
    return text;
  }

  void PrintHours() {
    out_ << "\nopen hours\n";
    for (absl::CivilDay date = first_; date < next_; ++date) {
      const std::vector<OpenPeriod> hours = HoursOn(date);
      if (hours.empty()) continue;
      out_ << "  " << absl::FormatCivilTime(date) << " "
           << kWeekdays[WeekdayOf(date)];
      for (const OpenPeriod& p : hours) {
        out_ << "  " << TimeOn(date, p.open) << "-" << TimeOn(date, p.close);
      }
      if (!calendar_.IsWorkingDay(date)) {
        out_ << "  (under " << spec_.working_day_min() << ": no working day)";
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
           << kWeekdays[WeekdayOf(date)];
      const std::string name = HolidayNameOf(date);
      out_ << (name.empty() ? "" : "  ") << name << "\n";
    }
  }

  void PrintDays(const char* title, const DayList& days) {
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

  bool Overlaps(const v1::ClosureSpec& closure) const {
    const auto from = ParseInstant(closure.from());
    const auto until = ParseInstant(closure.until());
    return from.ok() && until.ok() && *from < calendar_.Local(next_, 0) &&
           *until > calendar_.Local(first_, 0);
  }

  static bool IsLate(const v1::ClosureSpec& closure) {
    const auto announced = ParseInstant(closure.announced());
    const auto until = ParseInstant(closure.until());
    return announced.ok() && until.ok() && *announced > *until;
  }

  // All of the month, also those that hold elsewhere.
  void PrintClosures() {
    bool any = false;
    for (const v1::ClosureSpec& c : spec_.closures()) {
      if (!Overlaps(c)) continue;
      if (!any) out_ << "\nclosures\n";
      any = true;
      out_ << "  " << c.from() << " to " << c.until();
      if (!c.id().empty()) out_ << "  " << c.id();
      for (const std::string& area : c.areas()) out_ << "  area " << area;
      for (const std::string& unit : c.units()) out_ << "  unit " << unit;
      if (!c.reason().empty()) out_ << "  " << c.reason();
      if (!c.announced().empty()) {
        out_ << "  (announced " << c.announced()
             << (IsLate(c) ? ", after it ended)" : ")");
      }
      out_ << "\n";
    }
  }

  const v1::CalendarSpec& spec_;
  const Calendar& calendar_;
  const Calendar& through_;
  const absl::CivilDay first_;
  const absl::CivilDay next_;
  std::ostream& out_;
};

}  // namespace

void PrintMonth(const MonthOf& month, std::ostream& out) {
  Month(month, out).Print();
}

void PrintMonthJson(const MonthOf& month, std::ostream& out) {
  Month(month, out).PrintJson();
}

}  // namespace hotline::cli
