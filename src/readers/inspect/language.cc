#include "src/readers/inspect/language.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

// Writes `pattern` with each {name} or {name:style} replaced by what `value`
// makes of it. Tables are our own: every brace has its fellow.
template <typename Value>
std::string Fill(std::string_view pattern, const Value& value) {
  std::string out;
  while (!pattern.empty()) {
    const size_t open = pattern.find('{');
    out += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const size_t close = pattern.find('}', open);
    const std::string_view inside = pattern.substr(open + 1, close - open - 1);
    const size_t name = inside.find_first_of(":!~@");
    out += value(inside.substr(0, name), name == std::string_view::npos
                                             ? std::string_view()
                                             : inside.substr(name));
    pattern.remove_prefix(close + 1);
  }
  return out;
}

const Part* Find(const Sentence& sentence, std::string_view name) {
  const auto part = std::find_if(sentence.parts.begin(), sentence.parts.end(),
                                 [&](const Part& p) { return p.name == name; });
  return part == sentence.parts.end() ? nullptr : &*part;
}

std::string NumberWords(const Language& language, int64_t n) {
  if (n >= 0 && n <= 10 && !language.numbers[n].empty()) {
    return std::string(language.numbers[n]);
  }
  return absl::StrCat(n);
}

// "two working days" by ":working day|working days"; else the bare number.
std::string Counted(const Language& language, int64_t n,
                    std::string_view style) {
  if (style.empty()) return absl::StrCat(n);
  style.remove_prefix(1);
  const size_t bar = style.find('|');
  return absl::StrCat(
      NumberWords(language, n), language.unit_space.empty() ? "" : " ",
      ToAbsl(n == 1 ? style.substr(0, bar) : style.substr(bar + 1)));
}

v1::TargetSpec::DayEnd EndOf(const v1::TargetSpec& target) {
  if (target.end() != v1::TargetSpec::DAY_END_UNSPECIFIED) return target.end();
  return target.has_working_days() ? v1::TargetSpec::CLOSE
                                   : v1::TargetSpec::MIDNIGHT;
}

// The sentence of a target's amount.
Sentence AmountOf(const v1::TargetSpec& target) {
  switch (target.amount_case()) {
    case v1::TargetSpec::kWorkingTime:
      return {Saying::kAmountWorkingTime,
              0,
              {{"amount", LengthOf(target.working_time())}}};
    case v1::TargetSpec::kElapsed:
      return {
          Saying::kAmountElapsed, 0, {{"amount", LengthOf(target.elapsed())}}};
    case v1::TargetSpec::kWorkingDays:
      return {Saying::kAmountWorkingDays,
              0,
              {{"n", int64_t{target.working_days()}}}};
    case v1::TargetSpec::kCalendarDays:
      return {Saying::kAmountCalendarDays,
              0,
              {{"n", int64_t{target.calendar_days()}}}};
    case v1::TargetSpec::kCalendarMonths:
      return {
          Saying::kAmountMonths, 0, {{"n", int64_t{target.calendar_months()}}}};
    default:
      return Sentence(Saying::kTargetNone);
  }
}

Saying EndSaying(v1::TargetSpec::DayEnd end) {
  switch (end) {
    case v1::TargetSpec::SAME_TIME:
      return Saying::kEndSameTime;
    case v1::TargetSpec::HOUR:
      return Saying::kEndHour;
    case v1::TargetSpec::MIDNIGHT:
      return Saying::kEndMidnight;
    default:
      return Saying::kEndClose;
  }
}

Sentence LevelBase(const v1::LevelSpec& level) {
  switch (level.when_case()) {
    case v1::LevelSpec::kPercent:
      return {
          Saying::kLevelPercent, 0, {{"percent", int64_t{level.percent()}}}};
    case v1::LevelSpec::kBefore:
      return {Saying::kLevelBefore, 0, {{"amount", LengthOf(level.before())}}};
    case v1::LevelSpec::kBreach:
      return Sentence(Saying::kLevelBreach);
    case v1::LevelSpec::kAfter:
      return {Saying::kLevelAfter, 0, {{"amount", LengthOf(level.after())}}};
    case v1::LevelSpec::kDaysBefore:
      return {
          Saying::kLevelDaysBefore, 0, {{"n", int64_t{level.days_before()}}}};
    case v1::LevelSpec::kDaysAfter:
      return {Saying::kLevelDaysAfter, 0, {{"n", int64_t{level.days_after()}}}};
    default:
      return Sentence();
  }
}

}  // namespace

absl::Duration LengthOf(const std::string& text) {
  const auto length = ParseDuration(text);
  return length.ok() ? *length : absl::ZeroDuration();
}

std::span<const Language* const> Languages() {
  static const Language* const all[] = {&English(), &TraditionalChinese()};
  return all;
}

const Language& LanguageOf(std::string_view tag) {
  const std::string lower = absl::AsciiStrToLower(ToAbsl(tag));
  const std::string family = lower.substr(0, lower.find_first_of("-_"));
  return family == "zh" ? TraditionalChinese() : English();
}

std::string_view PatternOf(const Language& language, Saying saying) {
  // Tables are in the order of the enumeration; a test holds them to it.
  const auto at = static_cast<size_t>(saying);
  return at < language.patterns.size() ? language.patterns[at].second
                                       : std::string_view();
}

std::string Speaker::Calendar(std::string_view pattern, const When& when,
                              bool with_year) const {
  const absl::CivilSecond civil = absl::ToCivilSecond(when.at, zone_);
  absl::CivilDay date(civil);
  const bool midnight =
      when.ends_day && civil == absl::CivilSecond(absl::CivilDay(civil));
  if (midnight) --date;
  const auto value = [&](std::string_view name, std::string_view) {
    if (name == "weekday") {
      return std::string(
          language_.weekdays[static_cast<int>(absl::GetWeekday(date))]);
    }
    if (name == "month") return std::string(language_.months[date.month() - 1]);
    if (name == "mon") {
      return std::string(language_.months[date.month() - 1].substr(0, 3));
    }
    if (name == "wd") {
      return std::string(
          language_.weekdays_short[static_cast<int>(absl::GetWeekday(date))]);
    }
    if (name == "iso") return absl::FormatCivilTime(date);
    if (name == "day") return absl::StrCat(date.day());
    if (name == "year") {
      if (!with_year && date.year() == year_) return std::string();
      return Fill(language_.year_in_date,
                  [&](auto, auto) { return absl::StrCat(date.year()); });
    }
    if (name == "note") {
      std::string note = NoteWords(when.note);
      if (when.note.kind == Saying::kHoliday && !when.note.name.empty()) {
        note = Say({Saying::kHolidayClosed, 0, {{"name", note}}});
      }
      if (note.empty()) return std::string();
      return Fill(language_.note_in_date, [&](auto, auto) { return note; });
    }
    return LocalTimeOfDay(when.at, date, zone_);
  };
  return Fill(pattern, value);
}

std::string Speaker::Instant(const When& when, bool with_year) const {
  return Calendar(language_.instant, when, with_year);
}

std::string Speaker::Listed(absl::Time at) const {
  return Calendar(language_.listed, {at}, false);
}

std::string Speaker::Label(const When& when) const {
  return Calendar(language_.label, when, false);
}

std::string Speaker::Briefly(const When& when, absl::Time by) const {
  const bool near = by >= when.at && by - when.at < absl::Hours(6 * 24);
  if (!near) return Instant(when);
  return Calendar(language_.instant_briefly, when, false);
}

std::string Speaker::Date(const Day& day, bool with_year) const {
  // At noon, which every date has in every zone but the one that was skipped.
  const Speaker utc(language_, absl::UTCTimeZone(), year_);
  return utc.Calendar(
      language_.date,
      {absl::FromCivil(absl::CivilHour(day.date) + 12, absl::UTCTimeZone()),
       day.note},
      with_year);
}

std::string Speaker::Amount(absl::Duration amount) const {
  if (amount < absl::ZeroDuration()) return absl::StrCat("-", Amount(-amount));
  int64_t ms = absl::ToInt64Milliseconds(amount);
  static constexpr int64_t kUnits[] = {3'600'000, 60'000, 1'000, 1};
  std::string out;
  for (int i = 0; i < 4; ++i) {
    if (ms < kUnits[i]) continue;
    absl::StrAppend(&out, out.empty() ? "" : ToAbsl(language_.number_space),
                    ms / kUnits[i], ToAbsl(language_.unit_space),
                    ToAbsl(language_.units[i + 1]));
    ms %= kUnits[i];
  }
  if (!out.empty()) return out;
  return absl::StrCat(0, ToAbsl(language_.unit_space),
                      ToAbsl(language_.units[2]));
}

std::string Speaker::TargetShort(const v1::TargetSpec& target) const {
  return Say(AmountOf(target));
}

std::string Speaker::Target(const v1::TargetSpec& target) const {
  return TargetShort(target) + Terms(target);
}

std::string Speaker::Promise(const v1::TargetSpec& target) const {
  return Say({Saying::kWithin, 0, {{"amount", TargetShort(target)}}}) +
         Terms(target);
}

std::string Speaker::Verb(v1::Verb verb) const {
  for (const auto& [known, word] : language_.verbs) {
    if (known == verb) return std::string(word);
  }
  return LowerCase(v1::Verb_Name(verb));
}

std::string Speaker::VerbListed(v1::Verb verb) const {
  return language_.codes_are_words ? LowerCase(v1::Verb_Name(verb))
                                   : Verb(verb);
}

std::string Speaker::Phase(v1::Phase phase) const {
  for (const auto& [known, word] : language_.phases) {
    if (known == phase) return std::string(word);
  }
  return LowerCase(v1::Phase_Name(phase));
}

// What follows the amount.
std::string Speaker::Terms(const v1::TargetSpec& target) const {
  std::string out;
  const bool days = target.has_working_days() || target.has_calendar_days() ||
                    target.has_calendar_months();
  if (days) {
    out += Say({EndSaying(EndOf(target)), 0, {{"hour", target.hour()}}});
  }
  if (!target.cut_off().empty()) {
    Sentence restart;
    if (!target.restart().empty()) {
      restart = {Saying::kRestartAt, 0, {{"restart", target.restart()}}};
    }
    out += Say({Saying::kCutOff,
                0,
                {{"cut_off", target.cut_off()}, {"restart", restart}}});
  }
  if (target.roll_start()) out += Say(Saying::kRollStart);
  if (target.from_next_day()) out += Say(Saying::kFromNextDay);
  if (target.first_day_counts()) out += Say(Saying::kFirstDayCounts);
  if (target.roll_end()) out += Say(Saying::kRollEnd);
  if (target.pause_by_dates()) out += Say(Saying::kPauseByDates);
  return out;
}

std::string Speaker::Level(const v1::LevelSpec& level) const {
  const Sentence base = LevelBase(level);
  if (level.every().empty()) return Say(base);
  Sentence times;
  if (level.times() > 0) {
    times = {Saying::kLevelTimes, 0, {{"n", int64_t{level.times()}}}};
  }
  return Say({Saying::kLevelEvery,
              0,
              {{"first", base},
               {"amount", LengthOf(level.every())},
               {"times", times}}});
}

std::string Speaker::NoteWords(const Note& note) const {
  // A holiday's name says that the date is one.
  if (note.kind == Saying::kHoliday && !note.name.empty()) return note.name;
  const std::string kind = Say(note.kind);
  // A name that already says what the date is needs no second word for it.
  if (note.name.empty() || note.name == kind || kind.empty()) {
    return kind.empty() ? note.name : kind;
  }
  if (kind.find(note.name) != std::string::npos) return kind;
  if (note.name.find(kind) != std::string::npos) return note.name;
  return Say({Saying::kNamedKind, 0, {{"kind", kind}, {"name", note.name}}});
}

std::string Speaker::PartWords(const Part& part, std::string_view style,
                               const Sentence& in) const {
  if (const auto* text = std::get_if<std::string>(&part.value)) return *text;
  if (const auto* n = std::get_if<int64_t>(&part.value)) {
    return Counted(language_, *n, style);
  }
  if (const auto* when = std::get_if<When>(&part.value)) {
    if (style == "@") return Listed(when->at);
    if (style != "~") return Instant(*when, style == "!");
    const Part* due = Find(in, "due");
    return Briefly(*when, due == nullptr ? absl::InfinitePast()
                                         : std::get<When>(due->value).at);
  }
  if (const auto* day = std::get_if<Day>(&part.value)) {
    return Date(*day, style == "!");
  }
  if (const auto* d = std::get_if<absl::Duration>(&part.value)) {
    return Amount(*d);
  }
  if (const auto* hours = std::get_if<std::vector<OpenPeriod>>(&part.value)) {
    std::string out;
    for (const OpenPeriod& p : *hours) {
      const absl::CivilDay date(
          absl::ToCivilSecond(hours->front().open, zone_));
      absl::StrAppend(&out, out.empty() ? "" : ", ",
                      LocalTimeOfDay(p.open, date, zone_), "-",
                      LocalTimeOfDay(p.close, date, zone_));
    }
    return out;
  }
  if (const auto* runs = std::get_if<std::vector<DateRun>>(&part.value)) {
    std::string out;
    for (const DateRun& run : *runs) {
      const bool one = run.from == run.to;
      absl::StrAppend(&out, out.empty() ? "" : ToAbsl(language_.list_comma),
                      Say({one ? Saying::kRunOfOne : Saying::kRun,
                           0,
                           {{"from", Day{run.from}},
                            {"to", Day{run.to}},
                            {"note", NoteWords(run.note)}}}));
    }
    return out;
  }
  if (const auto* target = std::get_if<v1::TargetSpec>(&part.value)) {
    return style == "~" ? TargetShort(*target) : Target(*target);
  }
  if (const auto* level = std::get_if<v1::LevelSpec>(&part.value)) {
    return Level(*level);
  }
  if (const auto* verb = std::get_if<v1::Verb>(&part.value)) {
    return Verb(*verb);
  }
  if (const auto* phase = std::get_if<v1::Phase>(&part.value)) {
    return Phase(*phase);
  }
  return Say(std::get<Sentence>(part.value));
}

std::string Speaker::Say(const Sentence& sentence) const {
  return Fill(PatternOf(language_, sentence.saying),
              [&](std::string_view name, std::string_view style) {
                const Part* part = Find(sentence, name);
                return part == nullptr ? std::string()
                                       : PartWords(*part, style, sentence);
              });
}

std::string Speaker::Join(std::span<const Sentence> clauses) const {
  std::string out;
  for (const Sentence& clause : clauses) {
    absl::StrAppend(&out, out.empty() ? "" : ToAbsl(language_.clause_comma),
                    Say(clause));
  }
  return out;
}

}  // namespace hotline::internal
