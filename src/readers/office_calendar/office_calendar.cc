// Lists of days. Both forms become the same rows, each with its line; one check
// reads them, so that they cannot come to differ.
#include "hotline/office_calendar.h"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hotline/calendar.h"
#include "hotline/error.h"
#include "hotline/intake.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/office_calendar/big5.h"

namespace hotline {
namespace {

using internal::FromBig5;
using internal::ToAbsl;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kDgpaHeader = "西元日期,星期,是否放假,備註";
constexpr std::array<std::string_view, 7> kDays = {"一", "二", "三", "四",
                                                   "五", "六", "日"};

// One day of a list, as text.
struct Row {
  int64_t line = 0;
  std::string date;  // eight digits, or with dashes
  std::string day;   // one of kDays
  std::string mark;  // of a day off or a working day
  std::string note;
};

struct Day {
  absl::CivilDay date;
  bool off = false;
  std::string note;
};

class FileReader {
 public:
  FileReader(OfficeFormat format, const OfficeFile& file, Problems* problems)
      : format_(format), file_(file), problems_(problems) {}

  // The days it understood, which is all of them if there is no problem.
  std::vector<Day> Read() {
    if (format_ == OfficeFormat::kDgpaCsv) {
      ReadCsvLines();
    } else {
      ReadJsonRows();
    }
    if (days_.empty() && problems_->size() == problems_before_) {
      Tell(1, "holds no day", "give the list of a whole year");
    }
    if (expected_ && !days_.empty() &&
        (expected_->month() != 1 || expected_->day() != 1)) {
      Tell(last_line_,
           absl::StrCat("the list ends before ",
                        absl::FormatCivilTime(
                            absl::CivilDay(expected_->year(), 12, 31))),
           "give the list of a whole year");
    }
    return std::move(days_);
  }

 private:
  void Tell(int64_t line, std::string_view what, std::string_view hint) {
    problems_->Add(absl::StrCat(file_.name, ":", line), what, hint);
  }

  // ---------------------------------------------------------------- forms

  void ReadCsvLines() {
    std::string_view rest = file_.bytes;
    if (rest.starts_with(kByteOrderMark)) {
      rest.remove_prefix(kByteOrderMark.size());
    }
    bool big5 = false;
    for (int64_t line = 1; !rest.empty(); ++line) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      std::string text(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (text.ends_with('\r')) text.pop_back();
      // No byte of a character of Big5 is a line end or a comma.
      if (line == 1) big5 = !IsCleanText(text);
      if (big5) {
        const std::optional<std::string> read = FromBig5(text);
        if (!read) {
          NotUnderstood(line, "is neither UTF-8 nor Big5",
                        "write the file as UTF-8");
          continue;
        }
        text = *read;
      }
      if (line == 1) {
        if (!IsHeader(text)) return;  // a file of another kind
      } else {
        ReadCsvLine(line, text);
      }
    }
  }

  bool IsHeader(const std::string& text) {
    if (text == kDgpaHeader) return true;
    Tell(1, absl::StrCat("is not the header \"", ToAbsl(kDgpaHeader), "\""),
         "give the file as it is published, with its first line");
    return false;
  }

  void ReadCsvLine(int64_t line, const std::string& text) {
    if (text.empty()) return;
    const size_t day = text.find(',');
    const size_t flag = day == text.npos ? day : text.find(',', day + 1);
    const size_t note = flag == text.npos ? flag : text.find(',', flag + 1);
    if (!IsCleanText(text)) {
      NotUnderstood(line, "is no clean UTF-8 text", "mend its characters");
      return;
    }
    if (note == text.npos) {
      NotUnderstood(line, "has not the four columns date, day, flag and note",
                    "write it like 20260216,一,2,農曆除夕");
      return;
    }
    Take({line, text.substr(0, day), text.substr(day + 1, flag - day - 1),
          text.substr(flag + 1, note - flag - 1), text.substr(note + 1)});
  }

  void ReadJsonRows() {
    std::istringstream in{std::string(file_.bytes)};
    const std::unique_ptr<RowReader> rows = ReadJson(&in);
    for (ImportRow row;;) {
      const absl::StatusOr<bool> more = rows->Next(&row);
      if (!more.ok()) {
        problems_->Add(file_.name, internal::ToStd(more.status().message()),
                       "give the file as it is published");
        expected_.reset();  // the rest is not known to be missing
        return;
      }
      if (!*more) return;
      if (!row.damage.empty()) {
        NotUnderstood(row.line, row.damage_detail,
                      "write {\"date\":\"20260216\",\"week\":\"一\","
                      "\"isHoliday\":true,\"description\":\"\"}");
        continue;
      }
      const auto text = [&row](std::string_view name) {
        const std::string* const value = row.Find(name);
        return value == nullptr ? std::string() : *value;
      };
      Take({row.line, text("date"), text("week"), text("isHoliday"),
            text("description")});
    }
  }

  // ----------------------------------------------------------------- days

  // A line that is lost stands for the date after the one before it.
  void NotUnderstood(int64_t line, std::string_view what,
                     std::string_view hint) {
    Tell(line, what, hint);
    last_line_ = line;
    if (expected_) ++*expected_;
  }

  std::optional<bool> ReadMark(const std::string& mark) const {
    const bool csv = format_ == OfficeFormat::kDgpaCsv;
    if (mark == (csv ? "2" : "true")) return true;
    if (mark == (csv ? "0" : "false")) return false;
    return std::nullopt;
  }

  static std::optional<absl::CivilDay> ReadDate(std::string text) {
    if (text.size() == 8) text.insert(4, "-").insert(7, "-");
    const absl::StatusOr<absl::CivilDay> date = internal::ParseDate(text);
    if (!date.ok()) return std::nullopt;
    return *date;
  }

  void Take(const Row& row) {
    const std::optional<absl::CivilDay> date = ReadDate(row.date);
    if (!date) {
      NotUnderstood(row.line, absl::StrCat("\"", row.date, "\" is no date"),
                    "write it like 20260216");
      return;
    }
    CheckOrder(row.line, *date);
    last_line_ = row.line;
    expected_ = *date + 1;
    const std::string_view day =
        kDays[static_cast<size_t>(absl::GetWeekday(*date))];
    if (row.day != day) {
      Tell(row.line,
           absl::StrCat(absl::FormatCivilTime(*date), " is a ", ToAbsl(day),
                        ", not a \"", row.day, "\""),
           "correct the date or the day of the week");
    }
    const std::optional<bool> off = ReadMark(row.mark);
    if (!off) {
      Tell(row.line, absl::StrCat("\"", row.mark, "\" is no mark of a day"),
           format_ == OfficeFormat::kDgpaCsv
               ? "write 0 for a working day, 2 for a day off"
               : "write true or false");
    }
    days_.push_back({*date, off.value_or(false), row.note});
  }

  void CheckOrder(int64_t line, absl::CivilDay date) {
    const absl::CivilDay expected =
        expected_.value_or(absl::CivilDay(date.year(), 1, 1));
    if (date == expected) return;
    Tell(line,
         absl::StrCat(absl::FormatCivilTime(date), " stands where ",
                      absl::FormatCivilTime(expected), " belongs"),
         "give each date of the year once, in order");
  }

  const OfficeFormat format_;
  const OfficeFile& file_;
  Problems* const problems_;
  const size_t problems_before_ = problems_->size();
  std::optional<absl::CivilDay> expected_;
  int64_t last_line_ = 1;
  std::vector<Day> days_;
};

using Years = std::map<absl::civil_year_t, std::vector<Day>>;

Years ReadYears(OfficeFormat format, const std::vector<OfficeFile>& files,
                Problems* problems) {
  Years years;
  std::map<absl::civil_year_t, std::string> names;
  for (const OfficeFile& file : files) {
    std::vector<Day> days = FileReader(format, file, problems).Read();
    if (days.empty()) continue;
    const absl::civil_year_t year = days.front().date.year();
    if (days.back().date.year() != year) {
      problems->Add(file.name, "holds more than one year",
                    "give one file for each year");
      continue;
    }
    if (const auto [it, fresh] = names.emplace(year, file.name); !fresh) {
      problems->Add(file.name,
                    absl::StrCat("is the year ", year, ", as is ", it->second),
                    "leave the older of the two out");
      continue;
    }
    years.emplace(year, std::move(days));
  }
  for (auto it = years.begin(); it != years.end(); ++it) {
    const auto next = std::next(it);
    if (next == years.end() || next->first == it->first + 1) continue;
    problems->Add(names[next->first],
                  absl::StrCat("between the years ", it->first, " and ",
                               next->first, " there is a gap"),
                  "give the years between them too, or make two calendars");
  }
  return years;
}

const v1::WeeklyHours* HoursOn(const v1::CalendarSpec& office,
                               absl::CivilDay date) {
  const int day = static_cast<int>(absl::GetWeekday(date)) + v1::MONDAY;
  for (const v1::WeeklyHours& hours : office.weekly()) {
    if (hours.day() == day && !hours.hours().empty()) return &hours;
  }
  return nullptr;
}

// Those of the first day of the week that has any.
const v1::WeeklyHours* HoursOfMakeUpDays(const v1::CalendarSpec& office) {
  const v1::WeeklyHours* first = nullptr;
  for (const v1::WeeklyHours& hours : office.weekly()) {
    if (hours.hours().empty()) continue;
    if (first == nullptr || hours.day() < first->day()) first = &hours;
  }
  return first;
}

std::string SourceOf(OfficeFormat format, const Years& years) {
  const absl::civil_year_t first = years.begin()->first;
  const absl::civil_year_t last = years.rbegin()->first;
  return absl::StrCat(format == OfficeFormat::kDgpaCsv
                          ? "DGPA office calendar (data.gov.tw 14718), "
                          : "DGPA office calendar as JSON (TaiwanCalendar), ",
                      first, first == last ? "" : absl::StrCat(" to ", last));
}

}  // namespace

absl::StatusOr<v1::CalendarSpec> ReadOfficeCalendar(
    OfficeFormat format, const std::vector<OfficeFile>& files,
    const v1::CalendarSpec& office) {
  Problems problems;
  const Years years = ReadYears(format, files, &problems);
  const v1::WeeklyHours* const make_up = HoursOfMakeUpDays(office);
  if (make_up == nullptr) {
    problems.Add("weekly", "has no hours", "say when the office is open");
  }
  if (years.empty() && problems.empty()) {
    problems.Add("files", "there is none", "give the list of a year");
  }
  if (!problems.empty()) {
    return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT,
                             "office calendar");
  }
  v1::CalendarSpec spec = office;
  for (const auto& [year, days] : years) {
    for (const Day& day : days) {
      const bool opens = HoursOn(office, day.date) != nullptr;
      if (day.off && opens) {
        spec.add_holidays(absl::FormatCivilTime(day.date));
        if (day.note.empty()) continue;
        v1::HolidayName* const named = spec.add_holiday_names();
        named->set_day(absl::FormatCivilTime(day.date));
        named->set_name(day.note);
      } else if (!day.off && !opens) {
        v1::DayHours* const special = spec.add_special_days();
        special->set_date(absl::FormatCivilTime(day.date));
        *special->mutable_hours() = make_up->hours();
        special->set_name(day.note);
      }
    }
  }
  spec.set_complete_until(
      absl::FormatCivilTime(years.rbegin()->second.back().date));
  if (spec.source().empty()) spec.set_source(SourceOf(format, years));
  // What is wrong with the hours, the zone or the id.
  const auto calendar = Calendar::Create(spec);
  if (!calendar.ok()) return calendar.status();
  return spec;
}

}  // namespace hotline
