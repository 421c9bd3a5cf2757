#include "src/rules/calendar/plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/calendar.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/check.h"
#include "src/base/time.h"
#include "src/rules/calendar/zone.h"

namespace hotline::internal {
namespace {

constexpr int kDaySeconds = 86'400;

using HoursList = google::protobuf::RepeatedPtrField<v1::HoursSpec>;

// "A sentence; a hint" as the parsers of src/base/time.h say it.
void AddParseProblem(const absl::Status& status, const std::string& path,
                     Problems* problems) {
  const std::string text(status.message());
  const size_t cut = text.find("; ");
  problems->Add(path, text.substr(0, cut),
                cut == std::string::npos ? "" : text.substr(cut + 2));
}

size_t AnnualIndex(int month, int day) { return (month - 1) * 31 + day - 1; }

// Cuts `cut` out of every span.
void CutOut(LocalSpan cut, std::vector<LocalSpan>* spans) {
  std::vector<LocalSpan> left;
  for (const LocalSpan& s : *spans) {
    if (s.open < std::min(s.close, cut.open)) {
      left.push_back({s.open, std::min(s.close, cut.open)});
    }
    if (std::max(s.open, cut.close) < s.close) {
      left.push_back({std::max(s.open, cut.close), s.close});
    }
  }
  *spans = std::move(left);
}

class Reader {
 public:
  Reader(const v1::CalendarSpec& spec, const std::string& prefix,
         const std::vector<std::string>& known_areas, Problems* problems)
      : spec_(spec),
        prefix_(prefix),
        known_areas_(known_areas),
        problems_(problems) {}

  Plan Read() {
    ReadName();
    ReadWeekly();
    ReadHolidays();
    ReadAnnualHolidays();
    ReadHolidayNames();
    ReadSpecialDays();
    ReadBreaks();
    plan_.holiday_over_special = spec_.holiday_over_special();
    ReadWorkingDayMin();
    for (int i = 0; i < spec_.closures_size(); ++i) ReadClosure(i);
    if (!spec_.complete_until().empty()) {
      plan_.complete_until =
          ReadDate(spec_.complete_until(), Path("complete_until"));
    }
    return std::move(plan_);
  }

 private:
  std::string Path(std::string_view field) const {
    return absl::StrCat(prefix_, ToAbsl(field));
  }
  std::string Path(std::string_view field, int i) const {
    return absl::StrCat(prefix_, ToAbsl(field), "[", i, "]");
  }

  void ReadName() {
    plan_.id = spec_.id();
    if (spec_.id().empty()) {
      problems_->Add(Path("id"), "is empty", "give the calendar a name");
    } else if (spec_.id().size() > limits::kCodeBytesMax) {
      problems_->Add(Path("id"),
                     std::string(absl::StrCat("is longer than ",
                                              limits::kCodeBytesMax, " bytes")),
                     "choose a short name");
    } else if (!IsCleanText(spec_.id())) {
      problems_->Add(Path("id"), "is no clean UTF-8 text",
                     "leave out control characters");
    }
    const std::string& zone = spec_.time_zone();
    if (zone.empty()) {
      problems_->Add(Path("time_zone"), "is empty",
                     "name an IANA zone, such as Asia/Taipei");
    } else if (!LoadIanaZone(zone, &plan_.zone)) {
      const std::string near = NearestZone(zone);
      problems_->Add(Path("time_zone"),
                     absl::StrCat("\"", zone, "\" is no IANA time zone known ",
                                  "to this system"),
                     near.empty() ? "name one such as Asia/Taipei"
                                  : absl::StrCat("did you mean ", near, "?"));
    }
  }

  std::optional<int> ReadTime(const std::string& text,
                              const std::string& path) {
    const absl::StatusOr<int> seconds = ParseTimeOfDay(text);
    if (seconds.ok()) return *seconds;
    AddParseProblem(seconds.status(), path, problems_);
    return std::nullopt;
  }

  std::vector<LocalSpan> ReadHours(const HoursList& hours,
                                   const std::string& path) {
    std::vector<LocalSpan> spans;
    for (int i = 0; i < hours.size(); ++i) {
      const std::string at = absl::StrCat(path, ".hours[", i, "]");
      const auto open = ReadTime(hours[i].open(), absl::StrCat(at, ".open"));
      const auto close = ReadTime(hours[i].close(), absl::StrCat(at, ".close"));
      if (!open || !close) continue;
      if (*open == kDaySeconds) {
        problems_->Add(absl::StrCat(at, ".open"), "24:00 only ends a day",
                       "write 00:00 of the next day");
      } else if (*open == *close) {
        problems_->Add(at, "opens and closes at the same time",
                       "write 00:00 to 24:00 for a whole day, or leave it out");
      } else {
        spans.push_back(
            {*open, *close > *open ? *close : *close + kDaySeconds});
      }
    }
    return spans;
  }

  std::optional<absl::CivilDay> ReadDate(const std::string& text,
                                         const std::string& path) {
    const absl::StatusOr<absl::CivilDay> date = ParseDate(text);
    if (!date.ok()) {
      AddParseProblem(date.status(), path, problems_);
      return std::nullopt;
    }
    if (date->year() < Calendar::kFirstYear ||
        date->year() > Calendar::kLastYear) {
      problems_->Add(path, absl::StrCat("\"", text, "\" is out of range"),
                     absl::StrCat("calendars cover ", Calendar::kFirstYear,
                                  " to ", Calendar::kLastYear));
      return std::nullopt;
    }
    return *date;
  }

  void ReadWeekly() {
    std::array<bool, 7> seen = {};
    for (int i = 0; i < spec_.weekly_size(); ++i) {
      const v1::WeeklyHours& week = spec_.weekly(i);
      std::vector<LocalSpan> hours = ReadHours(week.hours(), Path("weekly", i));
      if (week.day() < v1::MONDAY || week.day() > v1::SUNDAY) {
        problems_->Add(Path("weekly", i) + ".day", "names no day of the week",
                       "write MONDAY to SUNDAY");
        continue;
      }
      const int day = week.day() - v1::MONDAY;
      if (seen[day]) {
        problems_->Add(Path("weekly", i) + ".day",
                       v1::Weekday_Name(week.day()) + " is there twice",
                       "give all hours of a day in one entry");
      }
      seen[day] = true;
      plan_.weekly[day] = std::move(hours);
    }
  }

  void ReadHolidays() {
    for (int i = 0; i < spec_.holidays_size(); ++i) {
      const auto date = ReadDate(spec_.holidays(i), Path("holidays", i));
      if (!date) continue;
      bool& holiday = plan_.dates[DayNumber(*date)].holiday;
      if (holiday) {
        problems_->Add(Path("holidays", i),
                       spec_.holidays(i) + " is there twice", "leave one out");
      }
      holiday = true;
    }
  }

  void ReadAnnualHolidays() {
    for (int i = 0; i < spec_.annual_holidays_size(); ++i) {
      const std::string& text = spec_.annual_holidays(i);
      // Of a leap year, so that 02-29 is a day.
      const auto date = ParseDate("2000-" + text);
      if (!date.ok()) {
        problems_->Add(Path("annual_holidays", i),
                       absl::StrCat("\"", text, "\" is no day of the year"),
                       "write month and day like 10-10");
        continue;
      }
      const size_t index = AnnualIndex(date->month(), date->day());
      if (plan_.annual_holidays[index]) {
        problems_->Add(Path("annual_holidays", i), text + " is there twice",
                       "leave one out");
      }
      plan_.annual_holidays.set(index);
    }
  }

  // Names are for people, so all that can be wrong with them is that they name
  // nothing, or not well.
  void ReadHolidayNames() {
    std::map<std::string, int> seen;
    for (int i = 0; i < spec_.holiday_names_size(); ++i) {
      const v1::HolidayName& named = spec_.holiday_names(i);
      const std::string path = Path("holiday_names", i);
      if (named.name().empty()) {
        problems_->Add(path + ".name", "is empty",
                       "say what the day is called, or leave the entry out");
      } else if (named.name().size() > limits::kNameBytesMax ||
                 !IsCleanText(named.name())) {
        problems_->Add(
            path + ".name", "is too long or no clean text",
            absl::StrCat("UTF-8 without control characters, at most ",
                         limits::kNameBytesMax, " bytes"));
      }
      if (!CheckNamedDay(named.day(), path + ".day")) continue;
      const auto [first, fresh] = seen.emplace(named.day(), i);
      if (fresh) continue;
      problems_->Add(path + ".day",
                     absl::StrCat(named.day(), " is also holiday_names[",
                                  first->second, "]"),
                     "leave one out");
    }
  }

  // A month-day is one of `annual_holidays`; a date lies in `holidays`, or is
  // such a month-day in its year.
  bool CheckNamedDay(const std::string& text, const std::string& path) {
    const bool every_year = text.size() == 5;
    const absl::StatusOr<absl::CivilDay> date =
        ParseDate(every_year ? absl::StrCat("2000-", text) : text);
    if (!date.ok()) {
      problems_->Add(path,
                     absl::StrCat("\"", text, "\" is no date and no month-day"),
                     "write it like 2026-10-10, or 10-10 for every year");
      return false;
    }
    if (plan_.annual_holidays[AnnualIndex(date->month(), date->day())]) {
      return true;
    }
    const auto rule = plan_.dates.find(DayNumber(*date));
    if (!every_year && rule != plan_.dates.end() && rule->second.holiday) {
      return true;
    }
    const char* const list = every_year ? "annual_holidays" : "holidays";
    problems_->Add(
        path, absl::StrCat(text, " is not among `", list, "`"),
        absl::StrCat("add it to `", list, "`, or leave its name out"));
    return false;
  }

  void ReadSpecialDays() {
    for (int i = 0; i < spec_.special_days_size(); ++i) {
      const v1::DayHours& day = spec_.special_days(i);
      const std::string path = Path("special_days", i);
      std::vector<LocalSpan> hours = ReadHours(day.hours(), path);
      const auto date = ReadDate(day.date(), path + ".date");
      if (!date) continue;
      DateRule& rule = plan_.dates[DayNumber(*date)];
      if (rule.special) {
        problems_->Add(path + ".date", day.date() + " is there twice",
                       "give all hours of a date in one entry");
      }
      rule.special = true;
      rule.hours = std::move(hours);
    }
  }

  void ReadBreaks() {
    for (int i = 0; i < spec_.breaks_size(); ++i) {
      const v1::DayHours& day = spec_.breaks(i);
      const std::string path = Path("breaks", i);
      const std::vector<LocalSpan> hours = ReadHours(day.hours(), path);
      const auto date = ReadDate(day.date(), path + ".date");
      if (day.hours().empty()) {
        problems_->Add(path, "has no hours to cut out",
                       "give its hours, or close the date by a holiday");
      }
      if (!date) continue;
      std::vector<LocalSpan>& breaks = plan_.dates[DayNumber(*date)].breaks;
      breaks.insert(breaks.end(), hours.begin(), hours.end());
    }
  }

  std::optional<int64_t> ReadInstant(const std::string& text,
                                     const std::string& path) {
    const absl::StatusOr<absl::Time> at = ParseRfc3339(text);
    if (!at.ok()) {
      AddParseProblem(at.status(), path, problems_);
      return std::nullopt;
    }
    const int64_t year = absl::ToCivilYear(*at, absl::UTCTimeZone()).year();
    if (year < Calendar::kFirstYear || year > Calendar::kLastYear) {
      problems_->Add(path, absl::StrCat("\"", text, "\" is out of range"),
                     absl::StrCat("calendars cover ", Calendar::kFirstYear,
                                  " to ", Calendar::kLastYear));
      return std::nullopt;
    }
    return absl::ToUnixNanos(*at);
  }

  void ReadWorkingDayMin() {
    const std::string& text = spec_.working_day_min();
    if (text.empty()) return;
    const std::string path = Path("working_day_min");
    const absl::StatusOr<absl::Duration> least = ParseDuration(text);
    if (!least.ok()) {
      AddParseProblem(least.status(), path, problems_);
    } else if (*least > absl::Hours(24)) {
      problems_->Add(path, absl::StrCat("\"", text, "\" is more than a day"),
                     "give open time of one date, such as 4h");
    } else {
      plan_.working_day_min = absl::ToInt64Nanoseconds(*least);
    }
  }

  void ReadClosureId(const std::string& id, int i, const std::string& path) {
    if (id.empty() || !CheckCode(id, path, problems_)) return;
    const auto [first, fresh] = closure_ids_.emplace(id, i);
    if (fresh) return;
    problems_->Add(
        path,
        absl::StrCat("\"", id, "\" is also closures[", first->second, "]"),
        "give each closure of a calendar a name of its own");
  }

  void ReadClosure(int i) {
    const v1::ClosureSpec& spec = spec_.closures(i);
    const std::string path = Path("closures", i);
    ReadClosureId(spec.id(), i, path + ".id");
    const auto from = ReadInstant(spec.from(), path + ".from");
    const auto until = ReadInstant(spec.until(), path + ".until");
    // It may have become known after it ended: entered late, it takes back what
    // it excuses.
    if (!spec.announced().empty()) {
      ReadInstant(spec.announced(), path + ".announced");
    }
    Closure closure;
    closure.areas = ReadCodes(spec.areas(), path + ".areas");
    closure.units = ReadCodes(spec.units(), path + ".units");
    for (int a = 0; a < spec.areas_size(); ++a) {
      const std::string& area = spec.areas(a);
      if (area.empty() || known_areas_.empty() ||
          std::binary_search(known_areas_.begin(), known_areas_.end(), area)) {
        continue;
      }
      const std::string near = Nearest(area, known_areas_);
      problems_->Add(absl::StrCat(path, ".areas[", a, "]"),
                     absl::StrCat("there is no area \"", area, "\""),
                     near.empty() ? "add it to `areas`"
                                  : absl::StrCat("did you mean ", near, "?"));
    }
    if (!from || !until) return;
    if (*until <= *from) {
      problems_->Add(path, "ends no later than it begins",
                     "`until` is the instant it is over");
    }
    closure.during = {*from, *until};
    plan_.closures.push_back(std::move(closure));
  }

  std::vector<std::string> ReadCodes(
      const google::protobuf::RepeatedPtrField<std::string>& codes,
      const std::string& path) {
    std::set<std::string> sorted;
    for (int i = 0; i < codes.size(); ++i) {
      const std::string at = absl::StrCat(path, "[", i, "]");
      if (codes[i].empty()) problems_->Add(at, "is empty", "name a code");
      if (!sorted.insert(codes[i]).second) {
        problems_->Add(at, codes[i] + " is there twice", "leave one out");
      }
    }
    return {sorted.begin(), sorted.end()};
  }

  const v1::CalendarSpec& spec_;
  const std::string& prefix_;
  const std::vector<std::string>& known_areas_;
  Problems* const problems_;
  std::map<std::string, int> closure_ids_;  // and where each was first
  Plan plan_;
};

}  // namespace

void Plan::HoursOf(absl::CivilDay date, std::vector<LocalSpan>* out) const {
  const int64_t number = DayNumber(date);
  const auto named = dates.find(number);
  const DateRule* const rule = named == dates.end() ? nullptr : &named->second;
  const bool special = rule != nullptr && rule->special;
  const bool holiday = (rule != nullptr && rule->holiday) ||
                       annual_holidays[AnnualIndex(date.month(), date.day())];
  if (holiday && (!special || holiday_over_special)) {
    out->clear();
  } else if (special) {
    *out = rule->hours;
  } else {
    // 1970-01-01 was a Thursday.
    *out = weekly[((number + 3) % 7 + 7) % 7];
  }
  if (rule == nullptr) return;
  for (const LocalSpan& cut : rule->breaks) CutOut(cut, out);
}

Plan ReadPlan(const v1::CalendarSpec& spec, const std::string& prefix,
              const std::vector<std::string>& known_areas, Problems* problems) {
  return Reader(spec, prefix, known_areas, problems).Read();
}

}  // namespace hotline::internal
