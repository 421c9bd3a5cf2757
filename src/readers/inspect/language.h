// What an explanation says, apart from the words it says it in. A sentence is
// a `Saying` with parts; each language has one table of patterns (words_*.cc),
// so that a further language is a further table.
#ifndef HOTLINE_SRC_READERS_INSPECT_LANGUAGE_H_
#define HOTLINE_SRC_READERS_INSPECT_LANGUAGE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hotline/calendar.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/policy.pb.h"
#include "src/readers/inspect/sayings.h"

namespace hotline::internal {

// Why a date has the hours it has: kDayOff, kHoliday, kMakeUpDay, kClosure and
// the like, with the name the policy gives it. kNothing: an ordinary date.
struct Note {
  Saying kind = Saying::kNothing;
  std::string name;

  friend bool operator==(const Note&, const Note&) = default;
};

// An instant as people say it.
struct When {
  absl::Time at;
  Note note = {};
  // Local midnight is the end of the date before: 24:00.
  bool ends_day = false;
};

struct Day {
  absl::CivilDay date;
  Note note = {};
};

// Dates closed one after another for the same reason, both included.
struct DateRun {
  absl::CivilDay from;
  absl::CivilDay to;
  Note note;
};

struct Part;

// One thing said: a pattern and what goes into it.
struct Sentence {
  // `of`: number of the rule in docs/guide/explanations.md; 0: none.
  explicit Sentence(Saying what = Saying::kNothing, int of = 0);
  Sentence(Saying what, int of, std::vector<Part> with);

  Saying saying;
  int rule;
  std::vector<Part> parts;
};

// `name` is the placeholder in patterns and the member in JSON.
struct Part {
  std::string_view name;
  std::variant<std::string, int64_t, When, Day, absl::Duration,
               std::vector<OpenPeriod>, std::vector<DateRun>, v1::TargetSpec,
               v1::LevelSpec, v1::Verb, v1::Phase, Sentence>
      value;
};

inline Sentence::Sentence(Saying what, int of) : saying(what), rule(of) {}
inline Sentence::Sentence(Saying what, int of, std::vector<Part> with)
    : saying(what), rule(of), parts(std::move(with)) {}

// A table of one language. Placeholders of patterns:
//   {x}              the part x
//   {x:day|days}     the number x with its noun
//   {x!}             an instant with its year, whatever year it is
//   {x~}             an instant as short as it can be understood
//   {x@}             an instant as lists have it, its date in digits
struct Language {
  std::string_view tag;
  std::string_view weekdays[7];  // Monday first
  std::string_view weekdays_short[7];
  std::string_view months[12];
  // {weekday} {day} {month} {time}; {year} and {note} are what the next two
  // make of them, or nothing.
  std::string_view date;
  std::string_view instant;
  std::string_view instant_briefly;
  std::string_view listed;  // {wd} {iso} {time}
  std::string_view label;   // in pictures: {wd} {day} {mon} or {month} {time}
  std::string_view year_in_date;
  std::string_view note_in_date;
  // Numbers up to ten in words, where the language writes them so.
  std::string_view numbers[11];
  std::string_view units[5];      // day, hour, minute, second, millisecond
  std::string_view unit_space;    // between a number and its unit
  std::string_view number_space;  // between such amounts
  std::string_view list_comma;
  std::string_view clause_comma;  // between the clauses of a summary
  bool codes_are_words;           // "close" is how lists name what was done
  std::span<const std::pair<Saying, std::string_view>> patterns;
  std::span<const std::pair<v1::Verb, std::string_view>> verbs;
  std::span<const std::pair<v1::Phase, std::string_view>> phases;
};

const Language& English();
const Language& TraditionalChinese();
// By BCP 47 tag; a tag of no table is English. Any Chinese is Traditional.
const Language& LanguageOf(std::string_view tag);
// All there are.
std::span<const Language* const> Languages();

// The pattern as written; empty if the language lacks it.
std::string_view PatternOf(const Language& language, Saying saying);

// Says sentences in one language, with times in one zone.
class Speaker {
 public:
  // Dates of `year` are said without it; 0: every date has its year.
  Speaker(const Language& language, absl::TimeZone zone, int year = 0)
      : language_(language), zone_(zone), year_(year) {}

  const Language& language() const { return language_; }
  absl::TimeZone zone() const { return zone_; }

  std::string Say(const Sentence& sentence) const;
  std::string Say(Saying saying) const { return Say(Sentence(saying)); }
  std::string Instant(const When& when, bool with_year = false) const;
  // As lists have it, in columns: "Fri 2026-02-13 09:00".
  std::string Listed(absl::Time at) const;
  // As short as a picture needs it.
  std::string Label(const When& when) const;
  // Weekday and time if it lies in the week before `by`.
  std::string Briefly(const When& when, absl::Time by) const;
  std::string Date(const Day& day, bool with_year = false) const;
  std::string Amount(absl::Duration amount) const;
  // "two working days, to the last closing; a start ..."
  std::string Target(const v1::TargetSpec& target) const;
  // The amount alone: "two working days".
  std::string TargetShort(const v1::TargetSpec& target) const;
  // The same as a promise: "within two working days, ...".
  std::string Promise(const v1::TargetSpec& target) const;
  std::string Verb(v1::Verb verb) const;
  // As lists have it: "close_and_follow_up", 結案列管.
  std::string VerbListed(v1::Verb verb) const;
  std::string Phase(v1::Phase phase) const;
  std::string Level(const v1::LevelSpec& level) const;
  std::string NoteWords(const Note& note) const;
  // Sentences one after another, as one line.
  std::string Join(std::span<const Sentence> clauses) const;

 private:
  std::string Terms(const v1::TargetSpec& target) const;
  std::string PartWords(const Part& part, std::string_view style,
                        const Sentence& in) const;
  std::string Calendar(std::string_view pattern, const When& when,
                       bool with_year) const;

  const Language& language_;
  absl::TimeZone zone_;
  int year_;
};

// The length of a duration as a policy writes it: "1h30m"; zero if unreadable.
absl::Duration LengthOf(const std::string& text);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_LANGUAGE_H_
