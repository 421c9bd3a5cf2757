#include "src/cli/calendar_eval.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "hotline/error.h"
#include "src/cli/io.h"

namespace hotline::cli {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

absl::Status Wrong(const std::string& message) {
  return MakeError(v1::ErrorInfo::INVALID_ARGUMENT, message);
}

std::string DidYouMean(const std::string& word,
                       const std::vector<std::string>& known) {
  const std::string near = Nearest(word, known);
  return near.empty() ? "" : absl::StrCat("; did you mean \"", near, "\"?");
}

// ------------------------------------------------------------- writing JSON

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&out, "\\", std::string(1, c));
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", c);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string Json(absl::Time at) {
  return Quoted(
      absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", at, absl::UTCTimeZone()));
}

std::string Json(absl::CivilDay date) {
  return Quoted(absl::FormatCivilTime(date));
}

std::string Json(bool yes) { return yes ? "true" : "false"; }

std::string Json(int64_t number) { return absl::StrCat(number); }

// Seconds, with as many decimals as there are.
std::string Json(absl::Duration d) {
  absl::Duration rest;
  const bool negative = d < absl::ZeroDuration();
  const int64_t seconds =
      absl::IDivDuration(negative ? -d : d, absl::Seconds(1), &rest);
  std::string out = absl::StrCat(negative ? "-" : "", seconds);
  if (rest != absl::ZeroDuration()) {
    absl::StrAppendFormat(&out, ".%09d", absl::ToInt64Nanoseconds(rest));
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out;
}

std::string Json(const std::vector<OpenPeriod>& periods) {
  std::string out = "[";
  for (const OpenPeriod& p : periods) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", "[", Json(p.open), ",",
                    Json(p.close), "]");
  }
  return out + "]";
}

// ------------------------------------------------------------- reading JSON

// The text of member `name` of an object, as it stands there: a number of an
// `id` is given back digit by digit. Empty if there is none.
std::string_view RawMember(std::string_view object, std::string_view name) {
  size_t at = object.find('{');
  const auto skip_string = [&](size_t i) {
    for (++i; i < object.size() && object[i] != '"'; ++i) {
      if (object[i] == '\\') ++i;
    }
    return i + 1;
  };
  while (at != std::string_view::npos) {
    const size_t key = object.find('"', at);
    if (key == std::string_view::npos) return {};
    size_t i = skip_string(key);
    if (i >= object.size()) return {};
    const std::string_view word = object.substr(key + 1, i - key - 2);
    i = object.find_first_not_of(" \t\r:", i);
    if (i == std::string_view::npos) return {};
    const size_t begin = i;
    for (int depth = 0; i < object.size();) {
      const char c = object[i];
      if (depth == 0 && (c == ',' || c == '}')) break;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      i = c == '"' ? skip_string(i) : i + 1;
    }
    if (i > object.size()) return {};
    if (word == name) {
      const std::string_view value = object.substr(begin, i - begin);
      return value.substr(0, value.find_last_not_of(" \t\r") + 1);
    }
    at = i;
  }
  return {};
}

// The members of a question. A member that is missing or of the wrong kind is
// remembered, the first one, and stands for a value of no account.
class Fields {
 public:
  explicit Fields(const Struct& members) : members_(members) {}

  const absl::Status& status() const { return status_; }

  std::string Text(const std::string& name) {
    const Value* const value = Find(name, true);
    if (value == nullptr) return "";
    if (value->kind_case() == Value::kStringValue) return value->string_value();
    Refuse(name, "is no text");
    return "";
  }

  std::string TextOr(const std::string& name, const std::string& otherwise) {
    return Find(name, false) == nullptr ? otherwise : Text(name);
  }

  // One of the words, as its place in the list; the first if missing.
  int Choice(const std::string& name, const std::vector<std::string>& words) {
    const std::string word = TextOr(name, words[0]);
    const auto it = std::find(words.begin(), words.end(), word);
    if (it != words.end()) return static_cast<int>(it - words.begin());
    std::string all;
    for (const std::string& w : words) {
      absl::StrAppend(&all, all.empty() ? "" : ", ", w);
    }
    Refuse(name, absl::StrCat("is none of: ", all));
    return 0;
  }

  absl::Time Instant(const std::string& name) {
    const std::string text = Text(name);
    if (!status_.ok()) return {};
    const absl::StatusOr<absl::Time> at = ParseInstant(text);
    if (at.ok()) return *at;
    Refuse(name, absl::StrCat("\"", text,
                              "\" is no instant; write it like "
                              "2026-02-13T09:00:00+08:00"));
    return {};
  }

  absl::CivilDay Date(const std::string& name) {
    const std::string text = Text(name);
    absl::CivilDay date;
    if (!status_.ok()) return date;
    if (text.size() != 10 || !absl::ParseCivilTime(text, &date) ||
        absl::FormatCivilTime(date) != text) {
      Refuse(name, absl::StrCat("\"", text,
                                "\" is no date; write it like 2026-02-13"));
    } else if (date.year() < Calendar::kFirstYear ||
               date.year() > Calendar::kLastYear) {
      OutOfRange(name);
    }
    return date;
  }

  // Seconds of the day.
  int TimeOfDay(const std::string& name) {
    const std::string text = Text(name);
    if (!status_.ok()) return 0;
    const std::string full = text.size() == 5 ? text + ":00" : text;
    bool good = full.size() == 8;
    for (size_t i = 0; good && i < full.size(); ++i) {
      good = i % 3 == 2 ? full[i] == ':' : full[i] >= '0' && full[i] <= '9';
    }
    int seconds = 0;
    if (good) {
      const auto two = [&](int i) {
        return (full[i] - '0') * 10 + (full[i + 1] - '0');
      };
      seconds = two(0) * 3600 + two(3) * 60 + two(6);
      good = two(3) < 60 && two(6) < 60 && seconds <= 86'400;
    }
    if (!good) {
      Refuse(name, absl::StrCat("\"", text,
                                "\" is no time of day; write it like 08:30"));
    }
    return seconds;
  }

  absl::Duration Seconds(const std::string& name) {
    const double number = Number(name);
    const double whole = std::trunc(number);
    return absl::Seconds(static_cast<int64_t>(whole)) +
           absl::Nanoseconds(std::llround((number - whole) * 1e9));
  }

  int64_t Integer(const std::string& name) {
    const double number = Number(name);
    if (number != std::trunc(number)) Refuse(name, "is no whole number");
    return static_cast<int64_t>(number);
  }

  // The instant, refused if the calendar does not cover it.
  absl::Time Covered(const Calendar& calendar, const std::string& name) {
    const absl::Time at = Instant(name);
    if (status_.ok() && !calendar.Covers(at)) OutOfRange(name);
    return at;
  }

  void Refuse(const std::string& name, const std::string& why) {
    if (status_.ok()) status_ = Wrong(absl::StrCat(name, ": ", why));
  }

 private:
  const Value* Find(const std::string& name, bool required) {
    const auto it = members_.fields().find(name);
    if (it != members_.fields().end()) return &it->second;
    if (required) Refuse(name, "is missing");
    return nullptr;
  }

  void OutOfRange(const std::string& name) {
    status_ = absl::OutOfRangeError(
        absl::StrCat(name, " is outside ", Calendar::kFirstYear, " to ",
                     Calendar::kLastYear, ", which calendars cover"));
  }

  double Number(const std::string& name) {
    const Value* const value = Find(name, true);
    if (value == nullptr) return 0;
    // Beyond 2^53 a JSON number is not exact.
    if (value->kind_case() == Value::kNumberValue &&
        std::abs(value->number_value()) <= 9007199254740992.0) {
      return value->number_value();
    }
    Refuse(name, "is no number up to 2^53");
    return 0;
  }

  const Struct& members_;
  absl::Status status_;
};

// ------------------------------------------------------------ the questions

struct Result {
  std::string json;
  // It reaches past the date until which the calendar is known.
  bool provisional = false;
};

using Answer = absl::StatusOr<Result>;

// What was asked or answered that may lie past that date. Of a closing instant
// what counts is the open time just before it.
absl::Time Closing(absl::Time at) { return at - absl::Nanoseconds(1); }

// `reach` gives, of the value, the instant or date until which it reaches.
template <typename T, typename Reach>
Answer Reply(const Calendar& c, const absl::StatusOr<T>& value, Reach reach) {
  if (!value.ok()) return value.status();
  return Result{Json(*value), c.IsProvisional(reach(*value))};
}

// The later of what was asked and what was answered.
auto LaterThan(absl::Time at) {
  return [at](absl::Time answer) { return std::max(at, answer); };
}

auto ClosingLaterThan(absl::Time at) {
  return [at](absl::Time answer) { return std::max(at, Closing(answer)); };
}

auto LaterThan(absl::CivilDay date) {
  return [date](absl::CivilDay answer) { return std::max(date, answer); };
}

Answer Add(const Calendar& c, Fields& f) {
  const absl::Time at = f.Instant("at");
  const absl::Duration d = f.Seconds("seconds");
  const int open = f.Choice("boundary", {"close", "open"});
  if (!f.status().ok()) return f.status();
  if (open) return Reply(c, c.Add(at, d, Calendar::kOpen), LaterThan(at));
  return Reply(c, c.Add(at, d), ClosingLaterThan(at));
}

Answer Subtract(const Calendar& c, Fields& f) {
  const absl::Time at = f.Instant("at");
  const absl::Duration d = f.Seconds("seconds");
  const int close = f.Choice("boundary", {"open", "close"});
  if (!f.status().ok()) return f.status();
  return Reply(c, c.Subtract(at, d, close ? Calendar::kClose : Calendar::kOpen),
               ClosingLaterThan(Closing(at)));
}

Answer Between(const Calendar& c, Fields& f) {
  const absl::Time from = f.Covered(c, "from");
  const absl::Time to = f.Covered(c, "to");
  if (!f.status().ok()) return f.status();
  return Result{Json(c.Between(from, to)),
                c.IsProvisional(Closing(std::max(from, to)))};
}

Answer IsOpen(const Calendar& c, Fields& f) {
  const absl::Time at = f.Covered(c, "at");
  if (!f.status().ok()) return f.status();
  return Result{Json(c.IsOpen(at)), c.IsProvisional(at)};
}

Answer NextOpen(const Calendar& c, Fields& f) {
  const absl::Time at = f.Instant("at");
  if (!f.status().ok()) return f.status();
  return Reply(c, c.NextOpen(at), LaterThan(at));
}

Answer NextClose(const Calendar& c, Fields& f) {
  const absl::Time at = f.Instant("at");
  if (!f.status().ok()) return f.status();
  return Reply(c, c.NextClose(at), ClosingLaterThan(Closing(at)));
}

Answer PreviousClose(const Calendar& c, Fields& f) {
  const absl::Time at = f.Instant("at");
  if (!f.status().ok()) return f.status();
  return Reply(c, c.PreviousClose(at), ClosingLaterThan(Closing(at)));
}

Answer Periods(const Calendar& c, Fields& f) {
  const absl::Time at = f.Instant("at");
  const int64_t count = f.Integer("count");
  const int back = f.Choice("direction", {"forward", "backward"});
  if (count < 0 || count > 1'000'000) {
    f.Refuse("count", "is not from 0 to 1000000");
  }
  if (!f.status().ok()) return f.status();
  const auto latest = [at](const std::vector<OpenPeriod>& periods) {
    absl::Time until = Closing(at);
    for (const OpenPeriod& p : periods) {
      until = std::max(until, Closing(p.close));
    }
    return until;
  };
  return Reply(c,
               c.Periods(at, static_cast<int>(count),
                         back ? Calendar::kBackward : Calendar::kForward),
               latest);
}

// A matter of the zone alone: no holiday moves it.
Answer Local(const Calendar& c, Fields& f) {
  const absl::CivilDay date = f.Date("date");
  const int seconds = f.TimeOfDay("time");
  if (!f.status().ok()) return f.status();
  return Result{Json(c.Local(date, seconds))};
}

Answer IsWorkingDay(const Calendar& c, Fields& f) {
  const absl::CivilDay date = f.Date("date");
  if (!f.status().ok()) return f.status();
  return Result{Json(c.IsWorkingDay(date)), c.IsProvisional(date)};
}

Answer AddWorkingDays(const Calendar& c, Fields& f) {
  const absl::CivilDay date = f.Date("date");
  const int64_t days = f.Integer("days");
  const int roll = f.Choice("count", {"after", "roll_first"});
  if (!f.status().ok()) return f.status();
  return Reply(c,
               c.AddWorkingDays(date, days,
                                roll ? Calendar::kRollFirst : Calendar::kAfter),
               LaterThan(date));
}

Answer CountWorkingDays(const Calendar& c, Fields& f) {
  const absl::CivilDay from = f.Date("from");
  const absl::CivilDay to = f.Date("to");
  constexpr Calendar::Interval kIntervals[] = {
      Calendar::kClosedOpen, Calendar::kOpenClosed, Calendar::kClosedClosed};
  const int interval = f.Choice("interval", {"[)", "(]", "[]"});
  if (!f.status().ok()) return f.status();
  const absl::CivilDay last = std::max(from, to) - (interval == 0 ? 1 : 0);
  return Result{Json(c.CountWorkingDays(from, to, kIntervals[interval])),
                c.IsProvisional(last)};
}

// Without a roll no holiday has a say in it.
template <auto Ask>
Answer AddPeriod(const Calendar& c, Fields& f, const std::string& amount) {
  const absl::CivilDay date = f.Date("date");
  const int64_t n = f.Integer(amount);
  const int from_next_day = f.Choice("rule", {"same_day", "from_next_day"});
  const int roll = f.Choice("roll", {"none", "next"});
  if (!f.status().ok()) return f.status();
  const auto last = (c.*Ask)(date, n, from_next_day != 0, roll != 0);
  if (!last.ok()) return last.status();
  return Result{Json(*last), roll != 0 && c.IsProvisional(*last)};
}

Answer AddCalendarDays(const Calendar& c, Fields& f) {
  return AddPeriod<&Calendar::AddCalendarDays>(c, f, "days");
}

Answer AddCalendarMonths(const Calendar& c, Fields& f) {
  return AddPeriod<&Calendar::AddCalendarMonths>(c, f, "months");
}

Answer EndOfWorkingDay(const Calendar& c, Fields& f) {
  const absl::Time at = f.Instant("at");
  const int64_t days = f.Integer("days");
  if (!f.status().ok()) return f.status();
  return Reply(c, c.EndOfWorkingDay(at, days), ClosingLaterThan(at));
}

struct Op {
  const char* name;
  Answer (*answer)(const Calendar&, Fields&);
  std::vector<std::string> fields;
};

const std::vector<Op>& Ops() {
  static const auto* const ops = new std::vector<Op>{
      {"add", Add, {"at", "seconds", "boundary"}},
      {"subtract", Subtract, {"at", "seconds", "boundary"}},
      {"between", Between, {"from", "to"}},
      {"is_open", IsOpen, {"at"}},
      {"next_open", NextOpen, {"at"}},
      {"next_close", NextClose, {"at"}},
      {"previous_close", PreviousClose, {"at"}},
      {"periods", Periods, {"at", "count", "direction"}},
      {"local", Local, {"date", "time"}},
      {"is_working_day", IsWorkingDay, {"date"}},
      {"add_working_days", AddWorkingDays, {"date", "days", "count"}},
      {"count_working_days", CountWorkingDays, {"from", "to", "interval"}},
      {"add_calendar_days", AddCalendarDays, {"date", "days", "rule", "roll"}},
      {"add_calendar_months",
       AddCalendarMonths,
       {"date", "months", "rule", "roll"}},
      {"end_of_working_day", EndOfWorkingDay, {"at", "days"}}};
  return *ops;
}

absl::StatusOr<const Op*> FindOp(const std::string& name) {
  std::vector<std::string> known;
  for (const Op& op : Ops()) {
    if (op.name == name) return &op;
    known.push_back(op.name);
  }
  return Wrong(
      absl::StrCat("op: there is no \"", name, "\"", DidYouMean(name, known)));
}

// Every member must be one the question knows.
absl::Status CheckNames(const Struct& members, const Op& op) {
  std::vector<std::string> known = op.fields;
  known.insert(known.end(), {"id", "op", "calendar", "area", "unit"});
  std::vector<std::string> unknown;
  for (const auto& [name, value] : members.fields()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      unknown.push_back(name);
    }
  }
  if (unknown.empty()) return absl::OkStatus();
  const std::string& first = *std::min_element(unknown.begin(), unknown.end());
  return Wrong(absl::StrCat(first, ": ", op.name, " has no such field",
                            DidYouMean(first, known)));
}

// A place that the policy does not know, if it knows any, is a mistake.
absl::Status CheckPlace(const std::string& what, const std::string& code,
                        const std::vector<std::string>& known) {
  if (code.empty() || known.empty() ||
      std::binary_search(known.begin(), known.end(), code)) {
    return absl::OkStatus();
  }
  return Wrong(absl::StrCat(what, ": the policy has no \"", code, "\"",
                            DidYouMean(code, known)));
}

Answer AnswerMembers(const CalendarBook& book, const Struct& members) {
  Fields fields(members);
  const std::string name = fields.Text("op");
  if (!fields.status().ok()) return fields.status();
  const auto op = FindOp(name);
  if (!op.ok()) return op.status();
  if (absl::Status s = CheckNames(members, **op); !s.ok()) return s;
  const std::string id = fields.Text("calendar");
  const std::string area = fields.TextOr("area", "");
  const std::string unit = fields.TextOr("unit", "");
  if (!fields.status().ok()) return fields.status();
  const auto calendar = FindCalendar(book, id, area, unit);
  if (!calendar.ok()) return calendar.status();
  return (*op)->answer(**calendar, fields);
}

std::string ReasonName(const absl::Status& status) {
  if (status.code() == absl::StatusCode::kOutOfRange) return "OUT_OF_RANGE";
  return v1::ErrorInfo::Reason_Name(ReasonOf(status));
}

}  // namespace

absl::StatusOr<const Calendar*> FindCalendar(const CalendarBook& book,
                                             const std::string& id,
                                             const std::string& area,
                                             const std::string& unit) {
  const Calendar* const calendar = book.calendars.Find(id, area, unit);
  if (calendar == nullptr) {
    return Wrong(absl::StrCat("calendar: the policy has no \"", id, "\"",
                              DidYouMean(id, book.ids)));
  }
  if (absl::Status s = CheckPlace("area", area, book.areas); !s.ok()) return s;
  if (absl::Status s = CheckPlace("unit", unit, book.units); !s.ok()) return s;
  return calendar;
}

EvalAnswer AnswerCalendarQuestion(const CalendarBook& book,
                                  const std::string& line) {
  Struct members;
  std::string id = "null";
  Answer answer = Wrong("the line is no JSON object");
  if (google::protobuf::util::JsonStringToMessage(line, &members).ok()) {
    const std::string_view raw = RawMember(line, "id");
    if (!raw.empty()) id = raw;
    answer = AnswerMembers(book, members);
  }
  if (answer.ok()) {
    return {
        absl::StrCat("{\"id\":", id, ",\"result\":", answer->json,
                     answer->provisional ? ",\"provisional\":true" : "", "}"),
        true};
  }
  const absl::Status& status = answer.status();
  return {absl::StrCat("{\"id\":", id,
                       ",\"error\":{\"reason\":", Quoted(ReasonName(status)),
                       ",\"message\":", Quoted(std::string(status.message())),
                       "}}"),
          false};
}

}  // namespace hotline::cli
