#include "hotline/sla.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/rules/sla/checks.h"
#include "src/rules/sla/ladder.h"
#include "src/rules/sla/terms.h"

namespace hotline {
namespace {

using internal::FromTimestamp;
using internal::kNever;
using internal::Level;
using internal::Pending;
using internal::SetTimestamp;
using internal::Terms;
using internal::ToAbsl;

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

// How near a code is in a chain of the nearest first; 0: it is not in it.
size_t Nearness(std::string_view code,
                std::span<const std::string_view> chain) {
  if (code.empty()) return 0;
  const auto at = std::find(chain.begin(), chain.end(), code);
  return static_cast<size_t>(chain.end() - at);
}

// How closely a target fits: by event and category if it is a declared
// event's, then by area, unit and priority. The greatest holds.
using Fit = std::array<size_t, 5>;

// Sets what the target itself says; false if it does not hold for the case.
bool FitTarget(const v1::TargetSpec& target, const PlanRequest& request,
               Fit* fit) {
  (*fit)[2] = Nearness(target.area(), request.areas);
  (*fit)[3] = Nearness(target.unit(), request.units);
  (*fit)[4] = target.priority().empty() ? 0 : 1;
  return (target.area().empty() || (*fit)[2] > 0) &&
         (target.unit().empty() || (*fit)[3] > 0) &&
         (target.priority().empty() || target.priority() == request.priority);
}

// A target and where it stands.
struct Choice {
  const v1::TargetSpec* target = nullptr;
  const v1::DeclaredEventSpec* event = nullptr;
  int outer = -1;  // index of the event
  int inner = -1;  // index of the target in its list
  Fit fit = {};

  void Offer(const Choice& other) {
    if (target == nullptr || other.fit > fit) *this = other;
  }
};

Choice FromList(
    const google::protobuf::RepeatedPtrField<v1::TargetSpec>& targets,
    const PlanRequest& request) {
  Choice best;
  for (int i = 0; i < targets.size(); ++i) {
    Choice one{.target = &targets.Get(i), .inner = i};
    if (FitTarget(targets.Get(i), request, &one.fit)) best.Offer(one);
  }
  return best;
}

}  // namespace

struct Sla::Table {
  struct Event {
    absl::Time from;
    absl::Time until;
    const v1::DeclaredEventSpec* spec;
    int index;
  };

  v1::PolicySpec spec;  // clocks, ladders, declared events: stable addresses
  absl::flat_hash_map<std::string, int> clocks;  // index in spec
  absl::flat_hash_map<std::string, internal::Levels> ladders;
  internal::Levels no_ladder;
  std::vector<Event> events;
  Calendars calendars;
  absl::TimeZone zone = absl::UTCTimeZone();
  std::optional<internal::SlaChecker> checker;

  Terms TermsOf(const ClockPlace& place, const v1::ClockState& clock) const {
    const Calendar* calendar =
        clock.calendar().empty()
            ? nullptr
            : calendars.Find(clock.calendar(), place.area, place.unit,
                             place.through_closures);
    return Terms(clock, calendar, zone);
  }

  const internal::Levels& LevelsOf(const v1::ClockState& clock) const {
    if (clock.ladder().empty()) return no_ladder;
    const auto ladder = ladders.find(clock.ladder());
    return ladder == ladders.end() ? no_ladder : ladder->second;
  }

  std::optional<Pending> NextOf(const Terms& terms, const v1::ClockState& clock,
                                absl::Time now) const {
    std::optional<Pending> next;
    for (const Level& level : LevelsOf(clock)) {
      const auto pending = terms.PendingOf(level, now);
      if (pending && (!next || pending->at < next->at)) next = pending;
    }
    return next;
  }

  Choice FromEvents(const PlanRequest& request) const {
    Choice best;
    for (const Event& event : events) {
      if (request.started < event.from || request.started >= event.until) {
        continue;
      }
      size_t area = 0;
      for (const std::string& code : event.spec->areas()) {
        area = std::max(area, Nearness(code, request.areas));
      }
      if (area == 0 && !event.spec->areas().empty()) continue;
      for (int i = 0; i < event.spec->targets_size(); ++i) {
        const v1::DeclaredEventSpec::Target& on = event.spec->targets(i);
        const size_t category = Nearness(on.category(), request.categories);
        if (on.clock() != request.clock ||
            (category == 0 && !on.category().empty())) {
          continue;
        }
        Choice one{.target = &on.target(),
                   .event = event.spec,
                   .outer = event.index,
                   .inner = i,
                   .fit = {category, area}};
        if (FitTarget(on.target(), request, &one.fit)) best.Offer(one);
      }
    }
    return best;
  }
};

namespace {

LevelReached ToReached(const Pending& pending, const v1::ClockState& clock) {
  const Level& level = *pending.level;
  return {.level = std::string(level.code),
          .generation = internal::GenerationOf(clock, level.code),
          .at = pending.at,
          .breach = level.when == v1::LevelSpec::kBreach && !clock.reminder(),
          .spec = level.spec,
          .repeat = pending.repeat,
          .missed = pending.missed};
}

void SortByInstant(std::vector<LevelReached>* levels) {
  std::stable_sort(levels->begin(), levels->end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
}

bool IsBroken(const Terms& terms, const v1::ClockState& clock,
              absl::Time until) {
  return !clock.reminder() && terms.Breach() <= until &&
         terms.Breach() != kNever;
}

}  // namespace

Sla Sla::Compile(const v1::PolicySpec& spec, const Calendars& calendars,
                 Problems* problems) {
  auto table = std::make_shared<Table>();
  *table->spec.mutable_clocks() = spec.clocks();
  *table->spec.mutable_ladders() = spec.ladders();
  *table->spec.mutable_declared_events() = spec.declared_events();
  table->calendars = calendars;
  if (!spec.time_zone().empty() &&
      !absl::LoadTimeZone(spec.time_zone(), &table->zone)) {
    problems->Add("time_zone",
                  absl::StrCat("there is no zone \"", spec.time_zone(), "\""),
                  "an IANA name such as Asia/Taipei");
  }
  table->checker.emplace(spec, table->spec);
  table->checker->CheckAll(spec, problems);
  for (int i = 0; i < table->spec.clocks_size(); ++i) {
    table->clocks.emplace(table->spec.clocks(i).code(), i);
  }
  for (const v1::LadderSpec& ladder : table->spec.ladders()) {
    table->ladders.emplace(ladder.code(), internal::ReadLevels(ladder));
  }
  table->no_ladder = internal::ReadLevels({});
  for (int i = 0; i < table->spec.declared_events_size(); ++i) {
    const v1::DeclaredEventSpec& event = table->spec.declared_events(i);
    const auto from = internal::ParseRfc3339(event.from());
    const auto until = internal::ParseRfc3339(event.until());
    if (from.ok() && until.ok()) {
      table->events.push_back({*from, *until, &event, i});
    }
  }
  Sla sla;
  sla.table_ = std::move(table);
  return sla;
}

const v1::ClockSpec* Sla::Find(std::string_view clock) const {
  const auto it = table_->clocks.find(ToAbsl(clock));
  return it == table_->clocks.end() ? nullptr
                                    : &table_->spec.clocks(it->second);
}

void Sla::CheckUse(const v1::ClockUse& use, std::string_view path,
                   Problems* problems) const {
  table_->checker->CheckUse(use, std::string(path), problems);
}

bool Sla::Plan(const PlanRequest& request, v1::ClockState* clock) const {
  const auto found = table_->clocks.find(ToAbsl(request.clock));
  if (found == table_->clocks.end()) return false;
  const v1::ClockSpec& spec = table_->spec.clocks(found->second);
  const bool own = request.use == nullptr || request.use->targets().empty();
  Choice choice = table_->FromEvents(request);
  std::string because;
  if (choice.target != nullptr) {
    because = absl::StrCat("declared_events[", choice.outer, "].targets[",
                           choice.inner, "]");
  } else {
    choice = FromList(own ? spec.targets() : request.use->targets(), request);
    if (choice.target == nullptr) return false;
    because = own ? absl::StrCat("clocks[", found->second, "]")
                  : std::string(request.use_path);
    absl::StrAppend(&because, ".targets[", choice.inner, "]");
  }
  clock->set_clock(spec.code());
  clock->set_shown(spec.shown());
  clock->set_reminder(spec.reminder());
  *clock->mutable_target() = *choice.target;
  clock->set_because(std::move(because));
  if (choice.event != nullptr) {
    clock->set_declared_event(choice.event->code());
  } else {
    clock->clear_declared_event();
  }
  clock->set_calendar(
      !choice.target->calendar().empty() ? choice.target->calendar()
      : !request.unit_calendar.empty()   ? std::string(request.unit_calendar)
                                         : spec.calendar());
  const bool own_ladder =
      request.use == nullptr || request.use->ladder().empty();
  clock->set_ladder(own_ladder ? spec.ladder() : request.use->ladder());
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
  const Terms terms = table_->TermsOf(place, *clock);
  const auto next = table_->NextOf(terms, *clock, absl::InfinitePast());
  const absl::Time due = terms.Due();
  const absl::Time due_next_open = terms.DueNextOpen();
  const bool provisional = terms.IsProvisional();
  clock->set_state(terms.course().state);
  clock->set_provisional(provisional);
  if (due == kNever) {
    clock->clear_due();
  } else {
    SetTimestamp(due, clock->mutable_due());
  }
  if (due_next_open == kNever) {
    clock->clear_due_next_open();
  } else {
    SetTimestamp(due_next_open, clock->mutable_due_next_open());
  }
  if (next) {
    SetTimestamp(next->at, clock->mutable_next());
  } else {
    clock->clear_next();
  }
}

bool Sla::IsSettled(const ClockPlace& place,
                    const v1::ClockState& clock) const {
  const Terms terms = table_->TermsOf(place, clock);
  const auto is = [](absl::Time at, bool has,
                     const google::protobuf::Timestamp& stored) {
    return has ? at == FromTimestamp(stored) : at == kNever;
  };
  return clock.state() == terms.course().state &&
         clock.provisional() == terms.IsProvisional() &&
         is(terms.Due(), clock.has_due(), clock.due()) &&
         is(terms.DueNextOpen(), clock.has_due_next_open(),
            clock.due_next_open());
}

std::optional<LevelReached> Sla::Next(const ClockPlace& place,
                                      const v1::ClockState& clock,
                                      absl::Time now) const {
  const auto next = table_->NextOf(table_->TermsOf(place, clock), clock, now);
  if (!next) return std::nullopt;
  return ToReached(*next, clock);
}

std::vector<LevelReached> Sla::Levels(const ClockPlace& place,
                                      const v1::ClockState& clock) const {
  const Terms terms = table_->TermsOf(place, clock);
  std::vector<LevelReached> levels;
  for (const Level& level : table_->LevelsOf(clock)) {
    const absl::Time at = terms.InstantOf(level);
    if (at != kNever) levels.push_back(ToReached({&level, at}, clock));
  }
  SortByInstant(&levels);
  return levels;
}

std::vector<LevelReached> Sla::Reached(const ClockPlace& place,
                                       const v1::ClockState& clock,
                                       absl::Time until) const {
  const Terms terms = table_->TermsOf(place, clock);
  std::vector<LevelReached> reached;
  for (const Level& level : table_->LevelsOf(clock)) {
    auto pending = terms.PendingOf(level, until);
    while (pending && pending->at <= until) {
      reached.push_back(ToReached(*pending, clock));
      if (pending->repeat > 0) break;
      pending = terms.PendingAfter(level, 0, until);
    }
  }
  SortByInstant(&reached);
  return reached;
}

std::vector<const v1::LevelMark*> Sla::PutBack(const ClockPlace& place,
                                               const v1::ClockState& clock,
                                               absl::Time now) const {
  std::vector<const v1::LevelMark*> back;
  if (clock.levels().empty()) return back;
  const Terms terms = table_->TermsOf(place, clock);
  for (const v1::LevelMark& mark : clock.levels()) {
    if (!internal::IsLive(mark) || mark.repeat() > 0) continue;
    const Level* level =
        internal::FindLevel(table_->LevelsOf(clock), mark.level());
    // Of a ladder that is no longer the clock's: history. No longer reached at
    // all (a stop dated back): it never was.
    if (level != nullptr && terms.InstantOf(*level) > now) {
      back.push_back(&mark);
    }
  }
  return back;
}

ClockReading Sla::Read(const ClockPlace& place, const v1::ClockState& clock,
                       absl::Time now) const {
  const Terms terms = table_->TermsOf(place, clock);
  ClockReading reading;
  reading.state = terms.course().state;
  reading.due = terms.Due();
  reading.due_next_open = terms.DueNextOpen();
  reading.elapsed = terms.UsedUntil(now);
  reading.remaining = terms.Total() - reading.elapsed;
  reading.breached = IsBroken(terms, clock, now);
  return reading;
}

v1::ClockCycle Sla::CycleOf(const ClockPlace& place,
                            const v1::ClockState& clock) const {
  const Terms terms = table_->TermsOf(place, clock);
  const absl::Time ended = terms.course().stopped;
  v1::ClockCycle cycle;
  cycle.set_cycle(clock.cycle());
  cycle.set_state(terms.course().state);
  if (terms.course().start != kNever) {
    SetTimestamp(terms.course().start, cycle.mutable_started());
  }
  if (ended != kNever) SetTimestamp(ended, cycle.mutable_ended());
  if (terms.Due() != kNever) SetTimestamp(terms.Due(), cycle.mutable_due());
  if (terms.DueNextOpen() != kNever) {
    SetTimestamp(terms.DueNextOpen(), cycle.mutable_due_next_open());
  }
  // A breach under an earlier target stands.
  if (clock.breached() && clock.has_breached_at()) {
    cycle.set_breached(true);
    *cycle.mutable_breached_at() = clock.breached_at();
  } else if (IsBroken(terms, clock, ended)) {
    cycle.set_breached(true);
    SetTimestamp(terms.Breach(), cycle.mutable_breached_at());
  }
  cycle.set_unit(clock.unit());
  if (ended == kNever) return cycle;
  cycle.set_elapsed_ms(absl::ToInt64Milliseconds(terms.UsedUntil(ended)));
  cycle.set_paused_ms(
      absl::ToInt64Milliseconds(internal::RestedUntil(clock, ended)));
  return cycle;
}

}  // namespace hotline
