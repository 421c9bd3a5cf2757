// What changes for the citizen from one policy to the next.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hotline/sheet.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/json.h"
#include "src/readers/inspect/office.h"
#include "src/readers/inspect/sheet.h"
#include "src/readers/inspect/words.h"

namespace hotline {
namespace internal {
namespace {

// Cases tried a year, at an odd distance that meets every hour of the week.
constexpr int kTries = 397;
constexpr absl::Duration kApart = absl::Minutes(22 * 60 + 3);

// Category, clock, and for whom the target holds.
using RowKey =
    std::tuple<std::string, std::string, std::string, std::string, std::string>;

RowKey KeyOf(const SheetRow& row) {
  const v1::TargetSpec& t = *row.target;
  return {row.category->code, row.clock->code(), t.priority(), t.area(),
          t.unit()};
}

std::map<RowKey, SheetRow> ByKey(const Policy& policy, const Speaker& speaker) {
  std::map<RowKey, SheetRow> rows;
  for (SheetRow& row : RowsOf(policy, speaker)) {
    if (row.target != nullptr) rows.emplace(KeyOf(row), std::move(row));
  }
  return rows;
}

absl::Time DueOf(const Policy& policy, const SheetRow& row, absl::Time start) {
  v1::ClockState clock;
  clock.set_clock(row.clock->code());
  *clock.mutable_target() = *row.target;
  clock.set_calendar(row.calendar_id);
  Sla::Mark(v1::ClockMark::START, start, &clock);
  policy.sla().Settle({.area = row.target->area(),
                       .unit = row.category->unit,
                       .through_closures = row.category->runs_through_closures},
                      &clock);
  return clock.has_due() ? FromTimestamp(clock.due()) : absl::InfiniteFuture();
}

class Comparer {
 public:
  Comparer(const Policy& before, const Policy& after,
           const CompareOptions& options)
      : before_(before),
        after_(after),
        options_(options),
        old_speaker_(LanguageOf(options.language), before.time_zone()),
        speaker_(LanguageOf(options.language), after.time_zone()) {}

  std::vector<PolicyChange> All();

 private:
  void Promises();
  // `row` is the newer of the two; either may be absent.
  void Promise(const SheetRow& row, const SheetRow* was, const SheetRow* is);
  Saying Compare(const SheetRow& was, const SheetRow& is) const;
  void Categories();
  void Category(const hotline::Category& was, const hotline::Category& is);
  void Calendars();
  void Calendar(const v1::CalendarSpec& was, const v1::CalendarSpec& is);
  void Days(const v1::CalendarSpec& was, const v1::CalendarSpec& is);
  void Closures(const v1::CalendarSpec& was, const v1::CalendarSpec& is);
  void Events();
  void Add(std::string subject, std::string kind, Saying saying,
           std::vector<Part> parts, PolicyChange change = {});
  std::string Say(Saying saying, std::vector<Part> parts = {}) const {
    return speaker_.Say(Sentence(saying, 0, std::move(parts)));
  }

  const Policy& before_;
  const Policy& after_;
  const CompareOptions& options_;
  Speaker old_speaker_;
  Speaker speaker_;
  std::vector<PolicyChange> changes_;
};

void Comparer::Add(std::string subject, std::string kind, Saying saying,
                   std::vector<Part> parts, PolicyChange change) {
  change.subject = std::move(subject);
  change.kind = std::move(kind);
  change.text = Say(saying, std::move(parts));
  changes_.push_back(std::move(change));
}

// ---------------------------------------------------------------- promises

std::string CodeOfKind(Saying kind) {
  switch (kind) {
    case Saying::kDiffShorter:
      return "shorter";
    case Saying::kDiffLonger:
      return "longer";
    case Saying::kDiffMixed:
      return "changed";
    case Saying::kDiffSame:
      return "worded";
    case Saying::kDiffSource:
      return "source";
    case Saying::kDiffNew:
      return "new";
    default:
      return "gone";
  }
}

// Tried out, as a target in hours and one in days have no common measure.
Saying Comparer::Compare(const SheetRow& was, const SheetRow& is) const {
  bool earlier = false, later = false;
  for (int i = 0; i < kTries; ++i) {
    const absl::Time start = options_.from + i * kApart;
    const absl::Time old_due = DueOf(before_, was, start);
    const absl::Time new_due = DueOf(after_, is, start);
    earlier |= new_due < old_due;
    later |= new_due > old_due;
  }
  return earlier && later ? Saying::kDiffMixed
         : earlier        ? Saying::kDiffShorter
         : later          ? Saying::kDiffLonger
                          : Saying::kDiffSame;
}

void Comparer::Promise(const SheetRow& row, const SheetRow* was,
                       const SheetRow* is) {
  const auto said = [](const SheetRow& r) {
    return absl::StrCat(r.promise, "|", r.calendar, "|", r.starts, "|",
                        r.rests);
  };
  Saying kind = was == nullptr ? Saying::kDiffNew : Saying::kDiffGone;
  PolicyChange change;
  change.before = was == nullptr ? "" : was->promise;
  change.after = is == nullptr ? "" : is->promise;
  if (was != nullptr && is != nullptr) {
    if (said(*was) != said(*is)) {
      kind = Compare(*was, *is);
      if (was->promise == is->promise) {
        // The words of the promise itself are the same: say what is not.
        for (const auto& [x, y] : {std::pair{&was->calendar, &is->calendar},
                                   std::pair{&was->starts, &is->starts},
                                   std::pair{&was->rests, &is->rests}}) {
          if (*x == *y) continue;
          change.before = *x;
          change.after = *y;
          break;
        }
      }
    } else if (was->source != is->source ||
               was->illustrative != is->illustrative) {
      kind = Saying::kDiffSource;
      const auto source = [](const SheetRow& r) {
        return r.mark.empty() || r.source.empty()
                   ? r.source + r.mark
                   : absl::StrCat(r.source, " [", r.mark, "]");
      };
      change.before = source(*was);
      change.after = source(*is);
    } else {
      return;
    }
  }
  change.subject = "promise";
  change.kind = CodeOfKind(kind);
  change.categories = {row.category->code};
  change.clock = row.clock->code();
  change.priority = row.target->priority();
  change.area = row.target->area();
  change.unit = row.target->unit();
  const Sentence whom =
      change.priority.empty() && change.area.empty() && change.unit.empty()
          ? Sentence()
          : Sentence(Saying::kDiffFor, 0, {{"whom", row.whom}});
  const bool both = was != nullptr && is != nullptr;
  const Sentence words(
      both ? Saying::kDiffPromise : Saying::kDiffOne, 0,
      {{"clock", row.what},
       {"before", change.before},
       {"after", is == nullptr ? change.before : change.after}});
  change.text = absl::StrCat(
      Say(kind), speaker_.language().unit_space.empty() ? "：" : ": ",
      speaker_.Say(words), speaker_.Say(whom));
  // Equal changes of several categories are one.
  for (PolicyChange& other : changes_) {
    if (other.text == change.text && other.clock == change.clock) {
      other.categories.push_back(row.category->code);
      return;
    }
  }
  changes_.push_back(std::move(change));
}

void Comparer::Promises() {
  const auto was = ByKey(before_, old_speaker_);
  const auto is = ByKey(after_, speaker_);
  for (const auto& [key, row] : is) {
    const auto old = was.find(key);
    Promise(row, old == was.end() ? nullptr : &old->second, &row);
  }
  for (const auto& [key, row] : was) {
    if (!is.contains(key)) Promise(row, &row, nullptr);
  }
  for (PolicyChange& change : changes_) {
    std::vector<std::string> names;
    for (const std::string& code : change.categories) {
      const hotline::Category* c = after_.taxonomy().Find(code);
      if (c == nullptr) c = before_.taxonomy().Find(code);
      names.emplace_back(c == nullptr ? std::string_view(code)
                                      : c->Name(speaker_.language().tag));
    }
    absl::StrAppend(
        &change.text, ToAbsl(speaker_.language().clause_comma),
        Say(Saying::kDiffCategories,
            {{"list", absl::StrJoin(
                          names, names.size() > 1 &&
                                         speaker_.language().unit_space.empty()
                                     ? "、"
                                     : ", ")}}));
  }
}

// -------------------------------------------------------------- categories

void Comparer::Category(const hotline::Category& was,
                        const hotline::Category& is) {
  const std::string name(is.Name(speaker_.language().tag));
  const std::string old_valid = ValidWords(was, old_speaker_);
  const std::string valid = ValidWords(is, speaker_);
  if (old_valid != valid) {
    Add("category", "changed", Saying::kDiffCategoryValid,
        {{"category", name}, {"before", old_valid}, {"after", valid}},
        {.categories = {is.code}, .before = old_valid, .after = valid});
  }
  if (was.runs_through_closures != is.runs_through_closures) {
    Add("category", "changed",
        is.runs_through_closures ? Saying::kDiffCategoryThrough
                                 : Saying::kDiffCategoryRests,
        {{"category", name}}, {.categories = {is.code}});
  }
}

void Comparer::Categories() {
  const auto open = [](const hotline::Category& c) {
    return c.kind != v1::CategorySpec::GROUP;
  };
  const auto name = [&](const hotline::Category& c) {
    return std::string(c.Name(speaker_.language().tag));
  };
  for (const hotline::Category* is : after_.taxonomy().All()) {
    if (!open(*is)) continue;
    const hotline::Category* was = before_.taxonomy().Find(is->code);
    if (was != nullptr && was->code == is->code && open(*was)) {
      Category(*was, *is);
      continue;
    }
    Add("category", "new", Saying::kDiffCategoryNew, {{"category", name(*is)}},
        {.categories = {is->code}});
  }
  for (const hotline::Category* was : before_.taxonomy().All()) {
    const hotline::Category* is = after_.taxonomy().Find(was->code);
    if (!open(*was) || (is != nullptr && is->code == was->code && open(*is))) {
      continue;
    }
    Add("category", "gone", Saying::kDiffCategoryGone,
        {{"category", name(*was)}}, {.categories = {was->code}});
  }
}

// --------------------------------------------------------------- calendars

// Every date that either of them names.
std::set<absl::CivilDay> NamedDates(const v1::CalendarSpec& was,
                                    const v1::CalendarSpec& is) {
  std::set<absl::CivilDay> dates;
  const auto add = [&](const std::string& text) {
    const auto date = ParseDate(text);
    if (date.ok()) dates.insert(*date);
  };
  for (const v1::CalendarSpec* spec : {&was, &is}) {
    for (const std::string& text : spec->holidays()) add(text);
    for (const v1::DayHours& day : spec->special_days()) add(day.date());
    for (const v1::DayHours& day : spec->breaks()) add(day.date());
  }
  return dates;
}

std::string NameOf(const v1::CalendarSpec& spec, absl::CivilDay date) {
  const std::string text = absl::FormatCivilTime(date);
  for (const v1::DayHours& day : spec.special_days()) {
    if (day.date() == text) return day.name();
  }
  return HolidayName(spec, date);
}

// Days as the calendars are written, closures apart: these are told by name.
void Comparer::Days(const v1::CalendarSpec& was, const v1::CalendarSpec& is) {
  const hotline::Calendar* old_days =
      before_.calendars().Find(was.id(), "", "", true);
  const hotline::Calendar* days =
      after_.calendars().Find(is.id(), "", "", true);
  if (old_days == nullptr || days == nullptr) return;
  std::vector<NamedDate> off, on, other;
  for (const absl::CivilDay date : NamedDates(was, is)) {
    const bool worked = old_days->IsWorkingDay(date);
    const bool works = days->IsWorkingDay(date);
    if (worked && !works) off.emplace_back(date, NameOf(is, date));
    if (!worked && works) on.emplace_back(date, NameOf(is, date));
    if (!worked || !works) continue;
    const auto old_hours = old_days->HoursOf(date);
    const auto hours = days->HoursOf(date);
    if (!old_hours.ok() || !hours.ok()) continue;
    const bool same =
        *old_hours == *hours && old_days->Between(hours->open, hours->close) ==
                                    days->Between(hours->open, hours->close);
    // A week that changed is told as such.
    if (!same && WeekWords(was, speaker_) == WeekWords(is, speaker_)) {
      other.emplace_back(date, NameOf(is, date));
    }
  }
  const auto tell = [&](Saying saying, const char* kind,
                        const std::vector<NamedDate>& dates) {
    if (dates.empty()) return;
    PolicyChange change{.calendar = is.id()};
    for (const auto& [date, name] : dates) {
      change.dates.push_back(absl::FormatCivilTime(date));
    }
    Add("calendar", kind, saying,
        {{"calendar", is.id()}, {"days", DatesWords(dates, speaker_)}},
        std::move(change));
  };
  tell(Saying::kDiffDayOff, "days_off", off);
  tell(Saying::kDiffDayOn, "days_on", on);
  tell(Saying::kDiffDayHours, "hours", other);
}

void Comparer::Closures(const v1::CalendarSpec& was,
                        const v1::CalendarSpec& is) {
  const auto same = [](const v1::ClosureSpec& a, const v1::ClosureSpec& b) {
    return a.SerializeAsString() == b.SerializeAsString();
  };
  const auto only_in = [&](const v1::CalendarSpec& one,
                           const v1::CalendarSpec& other, Saying saying,
                           const char* kind) {
    for (const v1::ClosureSpec& closure : one.closures()) {
      const bool there = std::any_of(
          other.closures().begin(), other.closures().end(),
          [&](const v1::ClosureSpec& c) { return same(c, closure); });
      if (there) continue;
      const std::string words = ClosureWords(closure, speaker_);
      Add("closure", kind, saying, {{"calendar", one.id()}, {"closure", words}},
          {.calendar = one.id(), .after = words});
    }
  };
  only_in(is, was, Saying::kDiffClosureNew, "new");
  only_in(was, is, Saying::kDiffClosureGone, "gone");
}

void Comparer::Calendar(const v1::CalendarSpec& was,
                        const v1::CalendarSpec& is) {
  const auto text = [&](const char* kind, Saying saying,
                        const std::string& before, const std::string& after) {
    if (before == after) return;
    Add("calendar", kind, saying,
        {{"calendar", is.id()}, {"before", before}, {"after", after}},
        {.calendar = is.id(), .before = before, .after = after});
  };
  text("hours", Saying::kDiffWeek, WeekWords(was, speaker_),
       WeekWords(is, speaker_));
  text("changed", Saying::kDiffYearly,
       absl::StrJoin(was.annual_holidays(), ", "),
       absl::StrJoin(is.annual_holidays(), ", "));
  Days(was, is);
  text("changed", Saying::kDiffComplete, was.complete_until(),
       is.complete_until());
  Closures(was, is);
}

void Comparer::Calendars() {
  const auto find = [](const Policy& policy, const std::string& id) {
    const v1::CalendarSpec* found = nullptr;
    for (const v1::CalendarSpec& spec : policy.spec().calendars()) {
      if (spec.id() == id) found = &spec;
    }
    return found;
  };
  for (const v1::CalendarSpec& is : after_.spec().calendars()) {
    if (const v1::CalendarSpec* was = find(before_, is.id())) {
      Calendar(*was, is);
    } else {
      Add("calendar", "new", Saying::kDiffCalendarNew, {{"calendar", is.id()}},
          {.calendar = is.id()});
    }
  }
  for (const v1::CalendarSpec& was : before_.spec().calendars()) {
    if (find(after_, was.id()) != nullptr) continue;
    Add("calendar", "gone", Saying::kDiffCalendarGone, {{"calendar", was.id()}},
        {.calendar = was.id()});
  }
}

void Comparer::Events() {
  std::map<std::string, std::string> was;
  const auto name = [&](const v1::DeclaredEventSpec& event) {
    return NameIn(event.names(), speaker_.language().tag, event.code());
  };
  for (const auto& event : before_.spec().declared_events()) {
    was[event.code()] = EventWords(event, before_, speaker_);
  }
  std::set<std::string> still;
  for (const auto& event : after_.spec().declared_events()) {
    still.insert(event.code());
    const std::string words = EventWords(event, after_, speaker_);
    const auto old = was.find(event.code());
    if (old == was.end()) {
      Add("declared_event", "new", Saying::kDiffEventNew,
          {{"event", name(event)}, {"span", words}}, {.after = words});
    } else if (old->second != words) {
      Add("declared_event", "changed", Saying::kDiffEventChanged,
          {{"event", name(event)}, {"before", old->second}, {"after", words}},
          {.before = old->second, .after = words});
    }
  }
  for (const auto& event : before_.spec().declared_events()) {
    if (still.contains(event.code())) continue;
    Add("declared_event", "gone", Saying::kDiffEventGone,
        {{"event", name(event)}, {"span", was[event.code()]}},
        {.before = was[event.code()]});
  }
}

std::vector<PolicyChange> Comparer::All() {
  Promises();
  Categories();
  Calendars();
  Events();
  return std::move(changes_);
}

Saying HeadingOf(const std::string& subject) {
  if (subject == "promise") return Saying::kDiffPromises;
  if (subject == "category") return Saying::kDiffMatters;
  if (subject == "declared_event") return Saying::kSheetEvents;
  return Saying::kSheetCalendars;
}

void ListJson(std::string_view key, const std::vector<std::string>& list,
              Json* json) {
  json->Key(key).Open('[');
  for (const std::string& one : list) json->Text(one);
  json->Close(']');
}

}  // namespace
}  // namespace internal

std::vector<PolicyChange> ComparePolicies(const Policy& before,
                                          const Policy& after,
                                          const CompareOptions& options) {
  return internal::Comparer(before, after, options).All();
}

std::string ChangesText(const Policy& before, const Policy& after,
                        std::span<const PolicyChange> changes,
                        std::string_view language) {
  using internal::Saying;
  const internal::Speaker speaker(internal::LanguageOf(language),
                                  after.time_zone());
  std::string out = absl::StrCat(
      speaker.Say({Saying::kDiffHead,
                   0,
                   {{"old", before.spec().id()}, {"new", after.spec().id()}}}),
      "\n");
  if (changes.empty()) {
    return absl::StrCat(out, speaker.Say(Saying::kDiffNothing), "\n");
  }
  std::string heading;
  for (const PolicyChange& change : changes) {
    const std::string mine = speaker.Say(internal::HeadingOf(change.subject));
    if (mine != heading) absl::StrAppend(&out, "\n", mine, "\n");
    heading = mine;
    absl::StrAppend(&out, "  - ", change.text, "\n");
  }
  return out;
}

std::string ChangesJson(std::span<const PolicyChange> changes) {
  std::string out;
  for (const PolicyChange& change : changes) {
    internal::Json json;
    json.Open('{').Text("subject", change.subject).Text("kind", change.kind);
    internal::ListJson("categories", change.categories, &json);
    json.Text("clock", change.clock).Text("priority", change.priority);
    json.Text("area", change.area).Text("unit", change.unit);
    json.Text("calendar", change.calendar);
    internal::ListJson("dates", change.dates, &json);
    json.Text("before", change.before).Text("after", change.after);
    json.Text("text", change.text).Close('}');
    absl::StrAppend(&out, json.Take(), "\n");
  }
  return out;
}

}  // namespace hotline
