// hotline calendar import: a calendar from the list or the rules by which a
// government publishes it, as a policy of nothing but that calendar.
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/text_format.h"
#include "hotline/calendar.h"
#include "hotline/error.h"
#include "hotline/office_calendar.h"
#include "src/cli/commands.h"

namespace hotline::cli {
namespace {

struct Format {
  const char* name;
  std::optional<OfficeFormat> list;  // or
  HolidayRules (*rules)();
  const char* id;
  const char* time_zone;
};

constexpr Format kFormats[] = {
    {"dgpa", OfficeFormat::kDgpaCsv, nullptr, "office", "Asia/Taipei"},
    {"json", OfficeFormat::kJson, nullptr, "office", "Asia/Taipei"},
    {"us-federal", {}, UsFederalHolidays, "us_federal", "America/New_York"},
    {"nyc", {}, NewYorkCityHolidays, "new_york_city", "America/New_York"},
};

absl::Status Wrong(const std::string& what) {
  return MakeError(v1::ErrorInfo::INVALID_ARGUMENT, what);
}

absl::StatusOr<Format> FindFormat(const std::string& name) {
  std::vector<std::string> known;
  for (const Format& format : kFormats) {
    if (name == format.name) return format;
    known.push_back(format.name);
  }
  const std::string near = Nearest(name, known);
  return Wrong(absl::StrCat(
      "--format \"", name, "\" is none of dgpa, json, us-federal, nyc",
      near.empty() ? "" : absl::StrCat("; did you mean ", near, "?")));
}

// "08:30-12:30,13:30-17:30"
std::vector<v1::HoursSpec> ReadHours(const std::string& text) {
  std::vector<v1::HoursSpec> hours;
  for (const auto& part : absl::StrSplit(text, ',')) {
    const std::pair<std::string, std::string> ends =
        absl::StrSplit(part, absl::MaxSplits('-', 1));
    v1::HoursSpec& h = hours.emplace_back();
    h.set_open(ends.first);
    h.set_close(ends.second);
  }
  return hours;
}

// Whose days they are: name, zone, and hours from Monday to Friday.
absl::StatusOr<v1::CalendarSpec> Office(const Arguments& args,
                                        const Format& format) {
  const std::vector<v1::HoursSpec> hours = ReadHours(args.Get("hours"));
  v1::CalendarSpec office;
  office.set_id(args.Has("id") ? args.Get("id") : format.id);
  office.set_time_zone(args.Has("time-zone") ? args.Get("time-zone")
                                             : format.time_zone);
  office.set_revision(args.Get("revision"));
  office.set_source(args.Get("source"));
  const auto add_day = [&](int day) {
    v1::WeeklyHours* const weekly = office.add_weekly();
    weekly->set_day(static_cast<v1::Weekday>(day));
    *weekly->mutable_hours() = {hours.begin(), hours.end()};
  };
  add_day(v1::MONDAY);
  // What is wrong with the flags is told once, in their own words.
  if (const auto one_day = Calendar::Create(office); !one_day.ok()) {
    Problems problems;
    const v1::ErrorInfo info = InfoOf(one_day.status());
    for (const v1::Problem& p : info.problems()) {
      const std::string& path = p.path();
      problems.Add(path == "id"          ? "--id"
                   : path == "time_zone" ? "--time-zone"
                                         : "--hours",
                   p.message(), p.hint());
    }
    return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "flags");
  }
  for (int day = v1::TUESDAY; day <= v1::FRIDAY; ++day) add_day(day);
  return office;
}

// "2024-2035" or "2026".
absl::StatusOr<std::pair<int, int>> ReadYears(const std::string& text) {
  const std::pair<std::string, std::string> ends =
      absl::StrSplit(text, absl::MaxSplits('-', 1));
  int first = 0, last = 0;
  const bool one = text.find('-') == std::string::npos;
  if (!absl::SimpleAtoi(ends.first, &first) ||
      !absl::SimpleAtoi(one ? ends.first : ends.second, &last)) {
    return Wrong(absl::StrCat("--years \"", text,
                              "\" are no years; write 2026 or 2024-2035"));
  }
  return std::make_pair(first, last);
}

absl::StatusOr<v1::CalendarSpec> ImportLists(const Arguments& args,
                                             OfficeFormat format,
                                             const v1::CalendarSpec& office,
                                             int* failed) {
  std::vector<std::string> texts;
  for (const std::string& path : args.files()) {
    absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) return text.status();
    texts.push_back(*std::move(text));
  }
  std::vector<OfficeFile> files;
  for (size_t i = 0; i < texts.size(); ++i) {
    files.push_back({args.files()[i], texts[i]});
  }
  *failed = kFound;
  return ReadOfficeCalendar(format, files, office);
}

std::string Textproto(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

void PrintPolicy(const v1::CalendarSpec& spec, const Arguments& args, Io io) {
  v1::PolicySpec policy;
  policy.set_id(spec.id());
  *policy.add_calendars() = spec;
  io.out << (args.Has("json") ? ToJson(policy) + "\n" : Textproto(policy));
}

int ImportRules(const Arguments& args, const HolidayRules& rules,
                const v1::CalendarSpec& office, Io io) {
  const auto years = ReadYears(args.Get("years"));
  if (!years.ok()) return Fail(years.status(), io.err);
  const auto spec = HolidayCalendar(rules, years->first, years->second, office);
  if (!spec.ok()) return Fail(spec.status(), io.err);
  PrintPolicy(*spec, args, io);
  return kDone;
}

}  // namespace

int CalendarImport(const Arguments& args, Io io) {
  const auto format = FindFormat(args.Get("format"));
  if (!format.ok()) return Fail(format.status(), io.err);
  const bool by_rule = format->rules != nullptr;
  if (by_rule != args.files().empty() || by_rule != args.Has("years")) {
    return Fail(Wrong(by_rule ? absl::StrCat("--format=", format->name,
                                             " takes --years and no file")
                              : absl::StrCat("--format=", format->name,
                                             " takes a FILE for each year and "
                                             "no --years")),
                io.err);
  }
  const auto office = Office(args, *format);
  if (!office.ok()) return Fail(office.status(), io.err);
  if (by_rule) return ImportRules(args, format->rules(), *office, io);
  int failed = kUsage;
  const auto spec = ImportLists(args, *format->list, *office, &failed);
  if (!spec.ok()) {
    const v1::ErrorInfo info = InfoOf(spec.status());
    for (const v1::Problem& p : info.problems()) {
      io.err << p.path() << ": " << p.message();
      if (!p.hint().empty()) io.err << "; " << p.hint();
      io.err << "\n";
    }
    if (info.problems().empty()) return Fail(spec.status(), io.err);
    return failed;
  }
  PrintPolicy(*spec, args, io);
  return kDone;
}

}  // namespace hotline::cli
