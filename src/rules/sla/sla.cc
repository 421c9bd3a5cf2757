#include "hotline/sla.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/rules/sla/checks.h"
#include "src/rules/sla/course.h"

namespace hotline {
namespace {

using internal::Course;
using internal::FromTimestamp;
using internal::Measure;
using internal::PlayMarks;
using internal::Run;
using internal::SetTimestamp;
using internal::ToAbsl;

constexpr absl::Time kNone = absl::InfiniteFuture();

bool CountsWorkingTime(const v1::TargetSpec& target) {
  return target.has_working_time() || target.has_working_days();
}

bool CountsDays(const v1::TargetSpec& target) {
  return target.has_working_days() || target.has_calendar_days();
}

// A local date and a time on it.
struct LocalMoment {
  absl::CivilDay date;
  int seconds;
  absl::Duration rest;  // below a second
};

LocalMoment LocalOf(absl::TimeZone zone, absl::Time at) {
  const absl::TimeZone::CivilInfo info = zone.At(at);
  return {
      absl::CivilDay(info.cs),
      static_cast<int>(info.cs - absl::CivilSecond(absl::CivilDay(info.cs))),
      info.subsecond};
}

absl::Time AtLocal(absl::TimeZone zone, absl::CivilDay date, int seconds) {
  const absl::TimeZone::TimeInfo info =
      zone.At(absl::CivilSecond(date) + seconds);
  return info.pre;  // RFC 5545: a gap by the offset before, else the first
}

int SecondsOf(const std::string& text) {
  const auto seconds = internal::ParseTimeOfDay(text);
  return seconds.ok() ? *seconds : 0;  // checked when compiled
}

absl::Duration DurationOf(const std::string& text) {
  const auto d = internal::ParseDuration(text);
  return d.ok() ? *d : absl::ZeroDuration();  // checked when compiled
}

// Where on its last date a target of days ends.
absl::Time EndOn(const v1::TargetSpec& target, absl::TimeZone zone,
                 const Calendar* calendar, absl::CivilDay date,
                 const LocalMoment& start) {
  v1::TargetSpec::DayEnd end = target.end();
  if (end == v1::TargetSpec::DAY_END_UNSPECIFIED) {
    end = target.has_working_days() ? v1::TargetSpec::CLOSE
                                    : v1::TargetSpec::MIDNIGHT;
  }
  if (end == v1::TargetSpec::SAME_TIME) {
    return AtLocal(zone, date, start.seconds) + start.rest;
  }
  if (end == v1::TargetSpec::HOUR) {
    return AtLocal(zone, date, SecondsOf(target.hour()));
  }
  if (end == v1::TargetSpec::CLOSE && calendar != nullptr) {
    const auto hours = calendar->HoursOf(date);
    if (hours.ok()) return hours->close;
  }
  return AtLocal(zone, date, 86400);
}

// The n-th working date after the start, which a cut-off or a closed date may
// first have moved to the next working date.
absl::Time EndOfWorkingDays(const v1::TargetSpec& target,
                            const Calendar& calendar, absl::Time from) {
  LocalMoment start = LocalOf(calendar.time_zone(), from);
  const auto move = [&]() {
    const auto next = calendar.AddWorkingDays(start.date, 1);
    if (next.ok()) start.date = *next;
  };
  if (target.roll_start() && !calendar.IsWorkingDay(start.date)) move();
  if (!target.cut_off().empty() &&
      start.seconds >= SecondsOf(target.cut_off())) {
    move();
    if (!target.restart().empty()) {
      start.seconds = SecondsOf(target.restart());
      start.rest = absl::ZeroDuration();
    }
  }
  const auto last = calendar.AddWorkingDays(start.date, target.working_days());
  if (!last.ok()) return kNone;
  return EndOn(target, calendar.time_zone(), &calendar, *last, start);
}

absl::Time EndOfCalendarDays(const v1::TargetSpec& target, absl::TimeZone zone,
                             const Calendar* calendar, absl::Time from) {
  const LocalMoment start = LocalOf(zone, from);
  return EndOn(target, zone, calendar, start.date + target.calendar_days(),
               start);
}

// A nominal end moved by the pauses that began before it.
absl::Time MovedByPauses(const Course& course, const Measure& measure,
                         absl::Time origin, absl::Time end) {
  absl::Time rest_from = origin;
  absl::Duration rested;
  absl::Time due = end;
  for (const Run& run : course.runs) {
    if (run.from > rest_from && rest_from < due) {
      rested += measure.Between(rest_from, run.from);
      due = measure.Add(end, rested, Calendar::kClose);
    }
    rest_from = std::max(rest_from, run.to);
  }
  const bool rests_now = course.state == v1::ClockState::PAUSED;
  return rests_now && rest_from < due ? kNone : due;
}

int MarkRank(v1::ClockMark::Kind kind) {
  switch (kind) {
    case v1::ClockMark::START:
      return 0;
    case v1::ClockMark::PAUSE:
    case v1::ClockMark::RESUME:
      return 1;
    case v1::ClockMark::STOP:
    case v1::ClockMark::REOPEN:
      return 2;
    default:
      return 3;
  }
}

// The mark that undoes another of the same instant.
v1::ClockMark::Kind Opposite(v1::ClockMark::Kind kind) {
  switch (kind) {
    case v1::ClockMark::PAUSE:
      return v1::ClockMark::RESUME;
    case v1::ClockMark::RESUME:
      return v1::ClockMark::PAUSE;
    case v1::ClockMark::STOP:
      return v1::ClockMark::REOPEN;
    case v1::ClockMark::REOPEN:
      return v1::ClockMark::STOP;
    default:
      return v1::ClockMark::KIND_UNSPECIFIED;
  }
}

const v1::LevelMark* LiveMark(const v1::ClockState& clock,
                              std::string_view level) {
  for (const v1::LevelMark& mark : clock.levels()) {
    if (mark.level() == level && !mark.withdrawn() && !mark.lapsed()) {
      return &mark;
    }
  }
  return nullptr;
}

int NextGeneration(const v1::ClockState& clock, std::string_view level) {
  int newest = 0;
  for (const v1::LevelMark& mark : clock.levels()) {
    if (mark.level() == level) newest = std::max(newest, mark.generation());
  }
  return newest + 1;
}

}  // namespace

struct Sla::Table {
  v1::PolicySpec spec;  // clocks and ladders only: stable addresses
  std::map<std::string, const v1::ClockSpec*, std::less<>> clocks;
  std::map<std::string, const v1::LadderSpec*, std::less<>> ladders;
  Calendars calendars;
  absl::TimeZone zone = absl::UTCTimeZone();

  // Everything that follows from a clock's marks, target and calendar.
  struct Terms {
    Course course;
    Measure measure{nullptr};
    absl::Duration total;
    absl::Time due = kNone;
    absl::Time due_next_open = kNone;
  };

  int IndexOf(const v1::ClockSpec& clock) const {
    int i = 0;
    while (i < spec.clocks_size() && &spec.clocks(i) != &clock) ++i;
    return i;
  }

  const Calendar* CalendarOf(const ClockPlace& place,
                             const v1::ClockState& clock) const {
    return calendars.Find(clock.calendar(), place.area, place.unit,
                          place.through_closures);
  }

  // The end of a target of days, or a due instant given from outside, before
  // any pause; and the instant it is reckoned from.
  std::pair<absl::Time, absl::Time> Nominal(const v1::ClockState& clock,
                                            const Calendar* calendar,
                                            absl::Time start) const {
    if (clock.has_fixed_due()) {
      return {std::max(start, FromTimestamp(clock.fixed_at())),
              FromTimestamp(clock.fixed_due())};
    }
    if (clock.target().has_working_days()) {
      return {start, calendar == nullptr
                         ? kNone
                         : EndOfWorkingDays(clock.target(), *calendar, start)};
    }
    return {start, EndOfCalendarDays(clock.target(),
                                     calendar ? calendar->time_zone() : zone,
                                     calendar, start)};
  }

  Terms TermsOf(const ClockPlace& place, const v1::ClockState& clock) const {
    Terms terms;
    terms.course = PlayMarks(clock);
    // Without a target it measures and promises nothing.
    const bool promises =
        clock.has_fixed_due() ||
        clock.target().amount_case() != v1::TargetSpec::AMOUNT_NOT_SET;
    if (terms.course.state == v1::ClockState::IDLE || !promises) return terms;
    const Calendar* calendar = CalendarOf(place, clock);
    const v1::TargetSpec& target = clock.target();
    terms.measure = Measure(CountsWorkingTime(target) ? calendar : nullptr);
    const std::vector<Run>& runs = terms.course.promised;
    if (!clock.has_fixed_due() && !CountsDays(target)) {
      terms.total = DurationOf(target.has_working_time() ? target.working_time()
                                                         : target.elapsed());
      terms.due = terms.measure.Reach(runs, terms.total, Calendar::kClose);
      terms.due_next_open =
          target.has_working_time()
              ? terms.measure.Reach(runs, terms.total, Calendar::kOpen)
              : terms.due;
      return terms;
    }
    const absl::Time start = clock.has_measured_from()
                                 ? FromTimestamp(clock.measured_from())
                                 : terms.course.start;
    const auto [origin, end] = Nominal(clock, calendar, start);
    if (end == kNone) return terms;
    terms.total = terms.measure.Used(runs, std::min(origin, end)) +
                  terms.measure.Between(origin, end);
    terms.due = MovedByPauses(terms.course, terms.measure, origin, end);
    terms.due_next_open = terms.due;
    return terms;
  }

  absl::Time BreachOf(const Terms& terms, const v1::ClockState& clock) const {
    if (terms.due_next_open == kNone) return kNone;
    const absl::Time broken = terms.due_next_open + absl::Milliseconds(1);
    return clock.has_target_since()
               ? std::max(broken, FromTimestamp(clock.target_since()))
               : broken;
  }

  absl::Time InstantOf(const Terms& terms, const v1::ClockState& clock,
                       const v1::LevelSpec& level) const {
    if (level.has_breach()) return BreachOf(terms, clock);
    absl::Duration amount = terms.total * level.percent() / 100;
    if (level.has_before()) {
      amount = std::max(terms.total - DurationOf(level.before()),
                        absl::ZeroDuration());
    }
    if (level.has_after()) amount = terms.total + DurationOf(level.after());
    absl::Time at =
        terms.measure.Reach(terms.course.promised, amount, Calendar::kClose);
    if (at == kNone) return kNone;
    if (level.has_after()) at = std::max(at, BreachOf(terms, clock));
    return clock.has_target_since()
               ? std::max(at, FromTimestamp(clock.target_since()))
               : at;
  }

  std::vector<LevelReached> LevelsOf(const Terms& terms,
                                     const v1::ClockState& clock) const {
    std::vector<LevelReached> levels;
    if (terms.due == kNone && terms.total == absl::ZeroDuration()) {
      return levels;
    }
    const auto add = [&](std::string_view code, absl::Time at, bool breach,
                         const v1::LevelSpec* level_spec) {
      if (at == kNone || at > terms.course.stopped) return;
      levels.push_back({std::string(code), NextGeneration(clock, code), at,
                        breach, level_spec});
    };
    const auto ladder = ladders.find(clock.ladder());
    bool has_breach = false;
    if (ladder != ladders.end()) {
      for (const v1::LevelSpec& level : ladder->second->levels()) {
        has_breach |= level.has_breach();
        add(level.code(), InstantOf(terms, clock, level), level.has_breach(),
            &level);
      }
    }
    if (!has_breach) add("breach", BreachOf(terms, clock), true, nullptr);
    std::stable_sort(levels.begin(), levels.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    return levels;
  }
};

Sla Sla::Compile(const v1::PolicySpec& spec, const Calendars& calendars,
                 Problems* problems) {
  auto table = std::make_shared<Table>();
  *table->spec.mutable_clocks() = spec.clocks();
  *table->spec.mutable_ladders() = spec.ladders();
  *table->spec.mutable_areas() = spec.areas();
  *table->spec.mutable_priorities() = spec.priorities();
  *table->spec.mutable_units() = spec.units();
  *table->spec.mutable_calendars() = spec.calendars();
  table->calendars = calendars;
  if (!spec.time_zone().empty() &&
      !absl::LoadTimeZone(spec.time_zone(), &table->zone)) {
    problems->Add("time_zone",
                  absl::StrCat("there is no zone \"", spec.time_zone(), "\""),
                  "an IANA name such as Asia/Taipei");
  }
  internal::CheckClocksAndLadders(table->spec, problems);
  for (const v1::ClockSpec& clock : table->spec.clocks()) {
    table->clocks.emplace(clock.code(), &clock);
  }
  for (const v1::LadderSpec& ladder : table->spec.ladders()) {
    table->ladders.emplace(ladder.code(), &ladder);
  }
  Sla sla;
  sla.table_ = std::move(table);
  return sla;
}

const v1::ClockSpec* Sla::Find(std::string_view clock) const {
  const auto it = table_->clocks.find(clock);
  return it == table_->clocks.end() ? nullptr : it->second;
}

void Sla::CheckUse(const v1::ClockUse& use, std::string_view path,
                   Problems* problems) const {
  internal::CheckUse(table_->spec, use, std::string(path), problems);
}

bool Sla::Plan(const PlanRequest& request, v1::ClockState* clock) const {
  const v1::ClockSpec* spec = Find(request.clock);
  if (spec == nullptr) return false;
  const bool own = request.use == nullptr || request.use->targets().empty();
  const auto& targets = own ? spec->targets() : request.use->targets();
  int best = -1;
  size_t best_rank = 0;
  for (int i = 0; i < targets.size(); ++i) {
    const v1::TargetSpec& target = targets.Get(i);
    size_t rank = 1;
    if (!target.area().empty()) {
      const auto at =
          std::find(request.areas.begin(), request.areas.end(), target.area());
      if (at == request.areas.end()) continue;
      // The nearer the area, the more specific; area outweighs priority.
      rank += 2 * static_cast<size_t>(request.areas.end() - at);
    }
    if (!target.priority().empty()) {
      if (target.priority() != request.priority) continue;
      rank += 1;
    }
    if (rank > best_rank) {
      best_rank = rank;
      best = i;
    }
  }
  if (best < 0) return false;
  const v1::TargetSpec& target = targets.Get(best);
  clock->set_clock(spec->code());
  clock->set_shown(spec->shown());
  *clock->mutable_target() = target;
  if (own) {
    clock->set_because(absl::StrCat("clocks[", table_->IndexOf(*spec),
                                    "].targets[", best, "]"));
  } else {
    clock->set_because(
        absl::StrCat(ToAbsl(request.use_path), ".targets[", best, "]"));
  }
  clock->set_calendar(!target.calendar().empty() ? target.calendar()
                      : !request.unit_calendar.empty()
                          ? std::string(request.unit_calendar)
                          : spec->calendar());
  const bool own_ladder =
      request.use == nullptr || request.use->ladder().empty();
  clock->set_ladder(own_ladder ? spec->ladder() : request.use->ladder());
  return true;
}

void Sla::Mark(v1::ClockMark::Kind kind, absl::Time at, v1::ClockState* clock) {
  at = internal::FloorToMillisecond(at);
  auto* marks = clock->mutable_marks();
  int place = marks->size();
  for (int i = 0; i < marks->size(); ++i) {
    const absl::Time other = FromTimestamp(marks->Get(i).at());
    if (other == at && marks->Get(i).kind() == kind) return;
    if (other == at && marks->Get(i).kind() == Opposite(kind)) {
      marks->DeleteSubrange(i, 1);
      return;
    }
    const bool before =
        other < at ||
        (other == at && MarkRank(marks->Get(i).kind()) <= MarkRank(kind));
    if (!before) {
      place = i;
      break;
    }
  }
  v1::ClockMark* added = marks->Add();
  added->set_kind(kind);
  SetTimestamp(at, added->mutable_at());
  for (int i = marks->size() - 1; i > place; --i) marks->SwapElements(i, i - 1);
}

void Sla::Settle(const ClockPlace& place, v1::ClockState* clock) const {
  const Table::Terms terms = table_->TermsOf(place, *clock);
  clock->set_state(terms.course.state);
  if (terms.due == kNone) {
    clock->clear_due();
  } else {
    SetTimestamp(terms.due, clock->mutable_due());
  }
  if (terms.due_next_open == kNone) {
    clock->clear_due_next_open();
  } else {
    SetTimestamp(terms.due_next_open, clock->mutable_due_next_open());
  }
  clock->clear_next();
  for (const LevelReached& level : table_->LevelsOf(terms, *clock)) {
    if (LiveMark(*clock, level.level) != nullptr) continue;
    SetTimestamp(level.at, clock->mutable_next());
    break;
  }
}

std::vector<LevelReached> Sla::Levels(const ClockPlace& place,
                                      const v1::ClockState& clock) const {
  return table_->LevelsOf(table_->TermsOf(place, clock), clock);
}

std::vector<LevelReached> Sla::Reached(const ClockPlace& place,
                                       const v1::ClockState& clock,
                                       absl::Time until) const {
  std::vector<LevelReached> reached = Levels(place, clock);
  std::erase_if(reached, [&](const LevelReached& level) {
    return level.at > until || LiveMark(clock, level.level) != nullptr;
  });
  return reached;
}

std::vector<const v1::LevelMark*> Sla::PutBack(const ClockPlace& place,
                                               const v1::ClockState& clock,
                                               absl::Time now) const {
  std::vector<const v1::LevelMark*> back;
  if (clock.levels().empty()) return back;
  const std::vector<LevelReached> levels = Levels(place, clock);
  const auto ladder = table_->ladders.find(clock.ladder());
  for (const v1::LevelMark& mark : clock.levels()) {
    if (mark.withdrawn() || mark.lapsed()) continue;
    const auto level =
        std::find_if(levels.begin(), levels.end(),
                     [&](const auto& l) { return l.level == mark.level(); });
    if (level != levels.end()) {
      if (level->at > now) back.push_back(&mark);
      continue;
    }
    // Of a ladder that is no longer the clock's: history. Of this one but no
    // longer reached at all (a stop dated back): it never was.
    const bool ours =
        mark.level() == "breach" ||
        (ladder != table_->ladders.end() &&
         std::any_of(ladder->second->levels().begin(),
                     ladder->second->levels().end(),
                     [&](const auto& l) { return l.code() == mark.level(); }));
    if (ours) back.push_back(&mark);
  }
  return back;
}

ClockReading Sla::Read(const ClockPlace& place, const v1::ClockState& clock,
                       absl::Time now) const {
  const Table::Terms terms = table_->TermsOf(place, clock);
  ClockReading reading;
  reading.state = terms.course.state;
  reading.due = terms.due;
  reading.due_next_open = terms.due_next_open;
  reading.elapsed = terms.measure.Used(terms.course.runs, now);
  reading.remaining = terms.total - reading.elapsed;
  const absl::Time end = std::min(now, terms.course.stopped);
  const absl::Time broken = table_->BreachOf(terms, clock);
  reading.breached = broken != kNone && end >= broken;
  return reading;
}

}  // namespace hotline
