#include "src/readers/inspect/sheet.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/explanation.h"
#include "src/readers/inspect/office.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

std::string NameOf(const auto& specs, const std::string& code,
                   std::string_view language) {
  for (const auto& spec : specs) {
    if (spec.code() == code) return NameIn(spec.names(), language, code);
  }
  return code;
}

class Rows {
 public:
  Rows(const Policy& policy, const Speaker& speaker)
      : policy_(policy), speaker_(speaker), tag_(speaker.language().tag) {}

  std::vector<SheetRow> All();

 private:
  void Category(const hotline::Category& c);
  SheetRow Row(const hotline::Category& c, const v1::ClockSpec& clock,
               const v1::TargetSpec& target) const;
  std::string Matter(const hotline::Category& c) const;
  std::string Whom(const v1::TargetSpec& target) const;
  std::string Starts(const v1::ClockSpec& clock,
                     const v1::TargetSpec& target) const;
  std::string Rests(const v1::ClockSpec& clock) const;
  std::string Party(const v1::ClockSpec& clock) const;
  std::string Unit(const hotline::Category& c) const;
  std::string Say(Saying saying, std::vector<Part> parts = {}) const {
    return speaker_.Say(Sentence(saying, 0, std::move(parts)));
  }

  const Policy& policy_;
  const Speaker& speaker_;
  std::string_view tag_;
  std::vector<SheetRow> rows_;
};

std::string Rows::Matter(const hotline::Category& c) const {
  if (c.parent == nullptr) return std::string(c.Name(tag_));
  return absl::StrCat(ToAbsl(c.parent->Name(tag_)), " / ",
                      ToAbsl(c.Name(tag_)));
}

std::string Rows::Whom(const v1::TargetSpec& target) const {
  std::vector<std::string> words;
  const v1::PolicySpec& spec = policy_.spec();
  if (!target.priority().empty()) {
    words.push_back(Say(
        Saying::kSheetPriority,
        {{"priority", NameOf(spec.priorities(), target.priority(), tag_)}}));
  }
  if (!target.area().empty()) {
    words.push_back(Say(Saying::kSheetArea,
                        {{"area", NameOf(spec.areas(), target.area(), tag_)}}));
  }
  if (!target.unit().empty()) {
    words.push_back(Say(Saying::kSheetWhileUnit,
                        {{"unit", NameOf(spec.units(), target.unit(), tag_)}}));
  }
  if (words.empty()) return Say(Saying::kSheetAll);
  return absl::StrJoin(words, ToAbsl(speaker_.language().list_comma));
}

std::string Rows::Starts(const v1::ClockSpec& clock,
                         const v1::TargetSpec& target) const {
  std::string out;
  if (clock.agreement() != v1::ClockSpec::SERVICE_LEVEL &&
      clock.start().empty()) {
    out = Say(Saying::kSheetFromHandOver);
  } else if (clock.start().empty()) {
    out = Say(Saying::kSheetFromFiling);
  } else {
    std::vector<std::string> words;
    for (const v1::Trigger& trigger : clock.start()) {
      words.push_back(speaker_.Say(TriggerOf(trigger, speaker_)));
    }
    out = absl::StrJoin(words, ToAbsl(speaker_.language().list_comma));
  }
  const bool dates = target.has_working_days() || target.has_calendar_days() ||
                     target.has_calendar_months();
  if (dates && !target.first_day_counts()) out += Say(Saying::kSheetDateOut);
  return out;
}

std::string Rows::Rests(const v1::ClockSpec& clock) const {
  std::vector<std::string> words;
  for (const v1::Trigger& trigger : clock.pause()) {
    const bool while_so = trigger.has_phase() || trigger.has_state();
    const std::string what =
        trigger.has_phase()   ? speaker_.Phase(trigger.phase())
        : trigger.has_state() ? trigger.state()
                              : speaker_.Say(TriggerOf(trigger, speaker_));
    words.push_back(Say(while_so ? Saying::kSheetWhile : Saying::kSheetAfter,
                        {{"trigger", what}}));
  }
  if (words.empty()) return Say(Saying::kSheetNever);
  return absl::StrJoin(words, ToAbsl(speaker_.language().list_comma));
}

std::string Rows::Party(const v1::ClockSpec& clock) const {
  if (clock.reminder()) return Say(Saying::kSheetReminder);
  if (clock.agreement() == v1::ClockSpec::OPERATIONAL_LEVEL) {
    return Say(Saying::kSheetCity);
  }
  if (clock.agreement() == v1::ClockSpec::CONTRACT) {
    return Say(Saying::kSheetContract);
  }
  return Say(Saying::kSheetCitizen);
}

std::string Rows::Unit(const hotline::Category& c) const {
  return c.unit.empty() ? Say(Saying::kSheetByRoute)
                        : NameOf(policy_.spec().units(), c.unit, tag_);
}

SheetRow Rows::Row(const hotline::Category& c, const v1::ClockSpec& clock,
                   const v1::TargetSpec& target) const {
  SheetRow row{.category = &c, .clock = &clock, .target = &target};
  row.calendar_id = target.calendar();
  if (row.calendar_id.empty()) {
    row.calendar_id = std::string(policy_.routing().CalendarOf(c.unit));
  }
  if (row.calendar_id.empty()) row.calendar_id = clock.calendar();
  row.illustrative = IsIllustrative(policy_.spec(), target);
  row.matter = Matter(c);
  row.what = NameIn(clock.names(), tag_, clock.code());
  row.promise = speaker_.Promise(target);
  row.whom = Whom(target);
  row.starts = Starts(clock, target);
  row.rests = Rests(clock);
  row.calendar = row.calendar_id;
  if (c.runs_through_closures) {
    absl::StrAppend(&row.calendar, row.calendar.empty() ? "" : ", ",
                    Say(Saying::kSheetThroughClosures));
  }
  row.unit = Unit(c);
  row.party = Party(clock);
  row.valid = ValidWords(c, speaker_);
  row.source = target.source();
  if (row.illustrative) row.mark = Say(Saying::kSheetIllustrative);
  return row;
}

void Rows::Category(const hotline::Category& c) {
  if (c.kind == v1::CategorySpec::GROUP) return;
  const size_t before = rows_.size();
  if (c.clocks != nullptr) {
    for (const ClockOnCategory& on : *c.clocks) {
      const v1::ClockSpec* clock = policy_.sla().Find(on.use.clock());
      if (clock == nullptr) continue;
      const auto& targets =
          on.use.targets().empty() ? clock->targets() : on.use.targets();
      for (const v1::TargetSpec& target : targets) {
        rows_.push_back(Row(c, *clock, target));
      }
    }
  }
  if (rows_.size() > before) return;
  SheetRow row{.category = &c};
  row.matter = Matter(c);
  row.promise = Say(Saying::kSheetNoPromise);
  row.unit = Unit(c);
  row.valid = ValidWords(c, speaker_);
  rows_.push_back(std::move(row));
}

std::vector<SheetRow> Rows::All() {
  for (const hotline::Category* c : policy_.taxonomy().All()) Category(*c);
  return std::move(rows_);
}

std::string HoursWords(
    const google::protobuf::RepeatedPtrField<v1::HoursSpec>& hours) {
  std::vector<std::string> words;
  for (const v1::HoursSpec& h : hours) {
    words.push_back(absl::StrCat(h.open(), "-", h.close()));
  }
  return absl::StrJoin(words, ", ");
}

}  // namespace

std::vector<SheetRow> RowsOf(const Policy& policy, const Speaker& speaker) {
  return Rows(policy, speaker).All();
}

std::vector<std::string> SheetHead(const Speaker& speaker) {
  std::vector<std::string> head;
  for (const Saying s :
       {Saying::kSheetCategory, Saying::kSheetClock, Saying::kSheetPromise,
        Saying::kSheetWhom, Saying::kSheetStarts, Saying::kSheetRests,
        Saying::kSheetCalendar, Saying::kSheetUnit, Saying::kSheetParty,
        Saying::kSheetValid, Saying::kSheetSource, Saying::kSheetMark}) {
    head.push_back(speaker.Say(s));
  }
  return head;
}

std::vector<std::string> SheetCells(const SheetRow& row) {
  return {row.matter,   row.what, row.promise, row.whom,  row.starts, row.rests,
          row.calendar, row.unit, row.party,   row.valid, row.source, row.mark};
}

std::string ValidWords(const Category& category, const Speaker& speaker) {
  std::string out;
  if (category.valid_from) {
    out = speaker.Say(
        {Saying::kSheetFrom, 0, {{"from", Day{*category.valid_from}}}});
  }
  if (category.valid_until) {
    absl::StrAppend(
        &out, out.empty() ? "" : ToAbsl(speaker.language().list_comma),
        speaker.Say(
            {Saying::kSheetUntil, 0, {{"until", Day{*category.valid_until}}}}));
  }
  return out.empty() ? speaker.Say(Saying::kSheetAlways) : out;
}

std::string WeekWords(const v1::CalendarSpec& spec, const Speaker& speaker) {
  std::string hours[7];
  for (const v1::WeeklyHours& day : spec.weekly()) {
    const int at = static_cast<int>(day.day()) - v1::MONDAY;
    if (at < 0 || at > 6) continue;
    absl::StrAppend(&hours[at], hours[at].empty() ? "" : ", ",
                    HoursWords(day.hours()));
  }
  std::string out;
  for (int from = 0; from < 7;) {
    int to = from;
    while (to < 6 && hours[to + 1] == hours[from]) ++to;
    if (!hours[from].empty()) {
      const auto& days = speaker.language().weekdays;
      const std::string span =
          from == to ? std::string(days[from])
                     : speaker.Say({Saying::kSheetTo,
                                    0,
                                    {{"from", std::string(days[from])},
                                     {"to", std::string(days[to])}}});
      absl::StrAppend(&out,
                      out.empty() ? "" : ToAbsl(speaker.language().list_comma),
                      span, " ", hours[from]);
    }
    from = to + 1;
  }
  return out;
}

std::string DatesWords(const std::vector<NamedDate>& dates,
                       const Speaker& speaker) {
  std::vector<NamedDate> sorted = dates;
  std::sort(sorted.begin(), sorted.end());
  std::string out;
  for (size_t i = 0; i < sorted.size();) {
    const auto& [first, name] = sorted[i];
    size_t end = i;
    while (end + 1 < sorted.size() && sorted[end + 1].second == name &&
           sorted[end + 1].first - sorted[end].first <= 1) {
      ++end;
    }
    const std::vector<Part> parts = {
        {"from", Day{first}}, {"to", Day{sorted[end].first}}, {"note", name}};
    const Saying saying =
        end == i       ? name.empty() ? Saying::kSheetOn : Saying::kRunOfOne
        : name.empty() ? Saying::kSheetTo
                       : Saying::kRun;
    absl::StrAppend(&out,
                    out.empty() ? "" : ToAbsl(speaker.language().list_comma),
                    speaker.Say({saying, 0, parts}));
    i = end + 1;
  }
  return out;
}

std::string ClosureWords(const v1::ClosureSpec& closure,
                         const Speaker& speaker) {
  OpenPeriod span;
  if (!SpanOf(closure, &span)) return closure.reason();
  Sentence areas;
  std::vector<std::string> where(closure.areas().begin(),
                                 closure.areas().end());
  where.insert(where.end(), closure.units().begin(), closure.units().end());
  if (!where.empty()) {
    areas = {Saying::kDiffAreas, 0, {{"areas", absl::StrJoin(where, ", ")}}};
  }
  return speaker.Say(
      {Saying::kDiffCloses,
       0,
       {{"from", When{span.open}},
        {"until", When{span.close, {}, true}},
        {"reason", closure.reason().empty() ? speaker.Say(Saying::kClosure)
                                            : closure.reason()},
        {"areas", areas}}});
}

std::string EventWords(const v1::DeclaredEventSpec& event, const Policy& policy,
                       const Speaker& speaker) {
  const std::string_view tag = speaker.language().tag;
  const auto from = ParseRfc3339(event.from());
  const auto until = ParseRfc3339(event.until());
  std::string out;
  if (from.ok() && until.ok()) {
    out =
        speaker.Say({Saying::kSheetTo,
                     0,
                     {{"from", When{*from}}, {"to", When{*until, {}, true}}}});
  }
  for (const v1::DeclaredEventSpec::Target& target : event.targets()) {
    const Category* category = policy.taxonomy().Find(target.category());
    const v1::ClockSpec* clock = policy.sla().Find(target.clock());
    absl::StrAppend(
        &out, out.empty() ? "" : ToAbsl(speaker.language().list_comma),
        speaker.Say(
            {Saying::kSheetEventTarget,
             0,
             {{"category", category == nullptr
                               ? speaker.Say(Saying::kSheetEveryCategory)
                               : std::string(category->Name(tag))},
              {"clock", clock == nullptr
                            ? target.clock()
                            : NameIn(clock->names(), tag, clock->code())},
              {"target", speaker.Promise(target.target())}}}));
  }
  return out;
}

namespace {

std::vector<absl::CivilDay> ReadDates(
    const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::vector<absl::CivilDay> dates;
  for (const std::string& text : texts) {
    const auto date = ParseDate(text);
    if (date.ok()) dates.push_back(*date);
  }
  return dates;
}

std::string YearlyWords(const v1::CalendarSpec& spec, const Speaker& speaker) {
  std::string out;
  for (const std::string& day : spec.annual_holidays()) {
    const auto named = std::find_if(
        spec.holiday_names().begin(), spec.holiday_names().end(),
        [&](const v1::HolidayName& one) { return one.day() == day; });
    const bool has_name = named != spec.holiday_names().end();
    absl::StrAppend(
        &out, out.empty() ? "" : ToAbsl(speaker.language().list_comma),
        has_name ? speaker.Say({Saying::kRunOfOne,
                                0,
                                {{"from", day}, {"note", named->name()}}})
                 : day);
  }
  return out;
}

SheetSection CalendarSection(const v1::CalendarSpec& spec,
                             const Speaker& speaker) {
  SheetSection section{.heading = spec.id()};
  if (spec.illustrative()) {
    absl::StrAppend(&section.heading, " [",
                    speaker.Say(Saying::kSheetIllustrative), "]");
  }
  const auto line = [&](const std::string& what, const std::string& value) {
    if (!value.empty()) section.lines.emplace_back(what, value);
  };
  line(speaker.Say(Saying::kSheetHours), WeekWords(spec, speaker));
  std::map<int64_t, std::vector<NamedDate>> off, special;
  for (const absl::CivilDay date : ReadDates(spec.holidays())) {
    off[date.year()].emplace_back(date, HolidayName(spec, date));
  }
  for (const v1::DayHours& day : spec.special_days()) {
    const auto date = ParseDate(day.date());
    if (!date.ok()) continue;
    (day.hours().empty() ? off : special)[date->year()].emplace_back(
        *date, day.name());
  }
  const auto years = [&](Saying saying, const auto& by_year) {
    for (const auto& [year, dates] : by_year) {
      const Speaker in_year(speaker.language(), speaker.zone(),
                            static_cast<int>(year));
      line(in_year.Say({saying, 0, {{"year", year}}}),
           DatesWords(dates, in_year));
    }
  };
  years(Saying::kSheetDaysOff, off);
  line(speaker.Say(Saying::kSheetEveryYear), YearlyWords(spec, speaker));
  years(Saying::kSheetMakeUp, special);
  for (const v1::ClosureSpec& closure : spec.closures()) {
    line(speaker.Say(Saying::kSheetClosures), ClosureWords(closure, speaker));
  }
  const auto until = ParseDate(spec.complete_until());
  if (until.ok()) {
    line(speaker.Say(Saying::kSheetComplete), speaker.Date({*until}));
  }
  line(speaker.Say(Saying::kSheetRevision), spec.revision());
  line(speaker.Say(Saying::kSheetSource), spec.source());
  return section;
}

}  // namespace

std::vector<SheetSection> CalendarSections(const Policy& policy,
                                           const Speaker& speaker) {
  std::vector<SheetSection> sections;
  for (const v1::CalendarSpec& spec : policy.spec().calendars()) {
    sections.push_back(CalendarSection(spec, speaker));
  }
  return sections;
}

std::vector<SheetSection> EventSections(const Policy& policy,
                                        const Speaker& speaker) {
  std::vector<SheetSection> sections;
  for (const v1::DeclaredEventSpec& event : policy.spec().declared_events()) {
    SheetSection section{
        .heading = NameIn(event.names(), speaker.language().tag, event.code())};
    section.lines.emplace_back(event.code(),
                               EventWords(event, policy, speaker));
    if (!event.reason().empty()) {
      section.lines.emplace_back("", event.reason());
    }
    if (!event.source().empty()) {
      section.lines.emplace_back(speaker.Say(Saying::kSheetSource),
                                 event.source());
    }
    sections.push_back(std::move(section));
  }
  return sections;
}

}  // namespace hotline::internal
