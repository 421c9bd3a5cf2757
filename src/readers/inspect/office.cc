#include "src/readers/inspect/office.h"

#include <algorithm>

#include "src/base/time.h"

namespace hotline::internal {
namespace {

const v1::DayHours* Find(
    const google::protobuf::RepeatedPtrField<v1::DayHours>& days,
    const std::string& date) {
  const auto day =
      std::find_if(days.begin(), days.end(),
                   [&](const v1::DayHours& d) { return d.date() == date; });
  return day == days.end() ? nullptr : &*day;
}

bool Holds(const google::protobuf::RepeatedPtrField<std::string>& list,
           std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool IsWeekend(absl::CivilDay date) {
  const absl::Weekday day = absl::GetWeekday(date);
  return day == absl::Weekday::saturday || day == absl::Weekday::sunday;
}

// A closure that names areas holds in them and all that lie in them, one that
// names units for these, one that names both where both apply.
bool AppliesTo(const v1::ClosureSpec& closure,
               const std::vector<std::string_view>& areas,
               std::string_view unit) {
  const bool here =
      closure.areas().empty() ||
      std::any_of(areas.begin(), areas.end(), [&](std::string_view area) {
        return Holds(closure.areas(), area);
      });
  return here && (closure.units().empty() || Holds(closure.units(), unit));
}

}  // namespace

std::string HolidayName(const v1::CalendarSpec& spec, absl::CivilDay date) {
  const std::string text = absl::FormatCivilTime(date);
  std::string name;
  for (const v1::HolidayName& named : spec.holiday_names()) {
    if (named.day() == text) return named.name();
    if (named.day() == text.substr(5)) name = named.name();
  }
  return name;
}

bool SpanOf(const v1::ClosureSpec& closure, OpenPeriod* span) {
  const auto from = ParseRfc3339(closure.from());
  const auto until = ParseRfc3339(closure.until());
  if (!from.ok() || !until.ok()) return false;
  *span = {*from, *until};
  return true;
}

const v1::ClosureSpec* Office::ClosureAt(absl::Time at) const {
  for (const v1::ClosureSpec* closure : closures_) {
    OpenPeriod span;
    if (SpanOf(*closure, &span) && span.open <= at && at < span.close) {
      return closure;
    }
  }
  return nullptr;
}

Note Office::WrittenNote(absl::CivilDay date, bool works) const {
  const std::string text = absl::FormatCivilTime(date);
  const v1::DayHours* special = Find(spec_->special_days(), text);
  const bool holiday = Holds(spec_->holidays(), text) ||
                       Holds(spec_->annual_holidays(), text.substr(5));
  if (special != nullptr && (!holiday || !spec_->holiday_over_special())) {
    if (special->hours().empty()) return {Saying::kClosedDay, special->name()};
    if (!works) return {Saying::kNothing, ""};  // its hours fell away later
    const bool make_up = IsWeekend(date) || holiday;
    return {make_up ? Saying::kMakeUpDay : Saying::kSpecialHours,
            special->name()};
  }
  if (holiday) return {Saying::kHoliday, HolidayName(*spec_, date)};
  return {Saying::kNothing, ""};
}

Note Office::NoteOf(absl::CivilDay date) const {
  if (calendar_ == nullptr) return {};
  const bool works = calendar_->IsWorkingDay(date);
  if (spec_ != nullptr) {
    Note note = WrittenNote(date, works);
    if (note.kind != Saying::kNothing) return note;
  }
  if (works) return {};
  // Not closed by what the week says, so by what came later.
  for (const v1::ClosureSpec* closure : closures_) {
    OpenPeriod span;
    if (IsWeekend(date) || !SpanOf(*closure, &span)) continue;
    const absl::TimeZone zone = calendar_->time_zone();
    if (span.open < absl::FromCivil(date + 1, zone) &&
        span.close > absl::FromCivil(date, zone)) {
      return {Saying::kClosure, closure->reason()};
    }
  }
  return {IsWeekend(date) ? Saying::kWeekend : Saying::kDayOff, ""};
}

Sentence Office::WhyClosed(absl::Time at) const {
  if (calendar_ == nullptr || calendar_->IsOpen(at)) return Sentence();
  const absl::CivilDay date = calendar_->DateOf(at);
  const auto with = [](Saying saying, Note note) {
    // The note is said in the language of the sentence it stands in.
    std::vector<Part> parts;
    Sentence inner(note.kind);
    if (note.kind == Saying::kHoliday && !note.name.empty()) {
      inner = {Saying::kNamedHoliday,
               0,
               {{"kind", Sentence(note.kind)}, {"name", note.name}}};
    } else if (!note.name.empty()) {
      inner = {Saying::kNamedKind,
               0,
               {{"kind", Sentence(note.kind)}, {"name", note.name}}};
    }
    parts.push_back({"note", inner});
    return Sentence(saying, 0, std::move(parts));
  };
  if (const v1::ClosureSpec* closure = ClosureAt(at)) {
    return with(Saying::kWhyClosure, {Saying::kClosure, closure->reason()});
  }
  if (!calendar_->IsWorkingDay(date)) {
    return with(Saying::kWhyClosedDate, NoteOf(date));
  }
  const auto hours = calendar_->HoursOf(date);
  if (!hours.ok()) return Sentence();
  if (at < hours->open) return Sentence(Saying::kWhyBeforeOpening);
  if (at >= hours->close) return Sentence(Saying::kWhyAfterClosing);
  return Sentence(Saying::kWhyBreak);
}

std::vector<DateRun> Office::ClosedBetween(absl::CivilDay after,
                                           absl::CivilDay before) const {
  std::vector<DateRun> runs;
  for (absl::CivilDay date = after + 1; date < before; ++date) {
    Note note = NoteOf(date);
    if (!runs.empty() && runs.back().note == note) {
      runs.back().to = date;
    } else {
      runs.push_back({date, date, std::move(note)});
    }
  }
  return runs;
}

Office OfficeOf(const Policy& policy, std::string_view calendar,
                std::string_view area, std::string_view unit,
                bool through_closures) {
  const Calendar* found =
      policy.calendars().Find(calendar, area, unit, through_closures);
  const v1::CalendarSpec* spec = nullptr;
  for (const v1::CalendarSpec& one : policy.spec().calendars()) {
    if (one.id() == calendar) spec = &one;
  }
  std::vector<const v1::ClosureSpec*> closures;
  if (spec != nullptr && !through_closures) {
    const auto areas = policy.routing().AreaChain(area);
    for (const v1::ClosureSpec& closure : spec->closures()) {
      if (AppliesTo(closure, areas, unit)) closures.push_back(&closure);
    }
  }
  return Office(found, spec, std::move(closures));
}

}  // namespace hotline::internal
