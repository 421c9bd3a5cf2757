// What moved a clock, and whom it escalated to.
#include <algorithm>
#include <string>

#include "src/readers/inspect/derive.h"
#include "src/readers/inspect/reasons.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

std::string LevelName(const v1::LevelSpec* spec, const std::string& code,
                      std::string_view language) {
  return spec == nullptr ? code : NameIn(spec->names(), language, code);
}

Sentence WhenOf(const v1::LevelSpec* spec, const v1::ClockState& clock) {
  if (spec == nullptr) return Sentence();
  // Nothing is broken when a reminder comes.
  const bool over = clock.reminder() && spec->has_breach();
  return {over ? Saying::kLevelWhenOver : Saying::kLevelWhen,
          0,
          {{"level_spec", *spec}, {"ladder", clock.ladder()}}};
}

// "time 3 of 4, every 9 h (ladder urge)".
Sentence RepeatOf(const v1::LevelSpec* spec, int repeat,
                  const v1::ClockState& clock) {
  Sentence of, every;
  if (spec != nullptr && spec->times() > 0) {
    of = {Saying::kLevelOf, 0, {{"times", int64_t{spec->times()}}}};
  }
  if (spec != nullptr && !spec->every().empty()) {
    every = {Saying::kLevelGrid,
             0,
             {{"every", LengthOf(spec->every())}, {"ladder", clock.ladder()}}};
  }
  return {Saying::kLevelTime,
          0,
          {{"n", int64_t{repeat} + 1}, {"of", of}, {"every", every}}};
}

// The millisecond after an instant, as of a breach, is said as the instant.
When Whole(absl::Time at) {
  return {absl::FromUnixSeconds(absl::ToUnixSeconds(at))};
}

Sentence Recorded(const v1::LevelMark& mark, const v1::LevelSpec* spec,
                  const ClockQuestion& q) {
  const v1::ClockState& clock = q.one.clock;
  Sentence raises, missed;
  if (spec != nullptr && !spec->raise_priority().empty()) {
    raises = {Saying::kLevelRaises, 0, {{"priority", spec->raise_priority()}}};
  }
  if (mark.missed() > 0) {
    missed = {Saying::kLevelMissed, 0, {{"n", int64_t{mark.missed()}}}};
  }
  const auto flag = [](bool set, Saying saying) {
    return Sentence(set ? saying : Saying::kNothing);
  };
  const bool again = mark.repeat() > 0;
  return {again ? Saying::kLevelAgain : Saying::kLevelReached,
          again         ? 34
          : mark.late() ? 33
                        : 30,
          {{"level", LevelName(spec, mark.level(), q.language)},
           {"at", Whole(At(mark.at()))},
           {"when",
            again ? RepeatOf(spec, mark.repeat(), clock) : WhenOf(spec, clock)},
           {"raises", raises},
           {"missed", missed},
           {"late", flag(mark.late(), Saying::kLevelLate)},
           {"stale", flag(mark.stale(), Saying::kLevelStale)},
           {"withdrawn", flag(mark.withdrawn(), Saying::kLevelWithdrawn)}}};
}

bool IsOfThisRun(const v1::ClockState& clock, std::string_view code,
                 int cycle) {
  return clock.clock() == code && clock.cycle() == cycle;
}

// The policy that held before that version, of those at hand.
const PolicyVersion* VersionBefore(const ClockQuestion& q, int64_t version) {
  const PolicyVersion* before = nullptr;
  for (const PolicyVersion& one : q.versions) {
    if (one.policy != nullptr && one.version < version &&
        (before == nullptr || one.version > before->version)) {
      before = &one;
    }
  }
  return before;
}

const PolicyVersion* VersionAt(const ClockQuestion& q, int64_t version) {
  for (const PolicyVersion& one : q.versions) {
    if (one.policy != nullptr && one.version == version) return &one;
  }
  return nullptr;
}

// The first closure that holds for the clock in one and not in the other, and
// that a due instant between `from` and `to` can have to do with.
const v1::ClosureSpec* ClosureOnlyIn(const Office& one, const Office& other,
                                     absl::Time from, absl::Time to) {
  for (const v1::ClosureSpec* closure : one.closures()) {
    OpenPeriod span;
    if (!SpanOf(*closure, &span) || span.close <= from || span.open >= to) {
      continue;
    }
    const bool there =
        std::any_of(other.closures().begin(), other.closures().end(),
                    [&](const v1::ClosureSpec* c) {
                      OpenPeriod also;
                      return SpanOf(*c, &also) && also == span;
                    });
    if (!there) return closure;
  }
  return nullptr;
}

Sentence BecauseOfClosure(Saying saying, const v1::ClosureSpec& closure,
                          int64_t version) {
  OpenPeriod span;
  SpanOf(closure, &span);
  return {saying,
          0,
          {{"from", When{span.open}},
           {"until", When{span.close, {}, true}},
           closure.reason().empty() ? Part{"reason", Sentence(Saying::kClosure)}
                                    : Part{"reason", closure.reason()},
           {"version", version}}};
}

// A version says little to a clerk: what it changed for this clock says why.
Sentence WhyMoved(const v1::ClockSet& set, const v1::TargetSpec* was,
                  const ClockQuestion& q) {
  const Sentence because = BecauseOf(set.because());
  if (because.saying != Saying::kBecausePolicy) return because;
  const int64_t version = std::get<int64_t>(because.parts.front().value);
  const v1::TargetSpec& target = set.clock().target();
  if (was != nullptr &&
      was->SerializeAsString() != target.SerializeAsString()) {
    return {Saying::kBecauseTarget,
            0,
            {{"version", version}, {"was", *was}, {"target", target}}};
  }
  const PolicyVersion* before = VersionBefore(q, version);
  const PolicyVersion* after = VersionAt(q, version);
  if (before == nullptr || after == nullptr || q.one.spans.empty()) {
    return because;
  }
  const ClockPlace place = q.place();
  const auto office = [&](const PolicyVersion& of) {
    return OfficeOf(*of.policy, set.clock().calendar(), place.area, place.unit,
                    place.through_closures);
  };
  const absl::Time from = q.one.spans.front().from;
  const absl::Time to =
      std::max(At(set.moved_from()),
               set.clock().has_due() ? At(set.clock().due()) : q.now);
  const Office old_office = office(*before);
  const Office new_office = office(*after);
  if (const auto* closure = ClosureOnlyIn(new_office, old_office, from, to)) {
    return BecauseOfClosure(Saying::kBecauseClosureNew, *closure, version);
  }
  if (const auto* closure = ClosureOnlyIn(old_office, new_office, from, to)) {
    return BecauseOfClosure(Saying::kBecauseClosureGone, *closure, version);
  }
  return because;
}

void AddMove(const v1::Event& event, const v1::Fact& fact,
             const v1::TargetSpec* was, const ClockQuestion& q,
             std::vector<Sentence>* moves) {
  const v1::ClockState& clock = q.one.clock;
  const Part number{"event", event.version()};
  const Part judge{"policy_version", event.policy_version()};
  const Part at{"at", When{At(fact.at())}};
  if (fact.has_clock_set()) {
    const v1::ClockSet& set = fact.clock_set();
    if (!IsOfThisRun(clock, set.clock().clock(), set.clock().cycle()) ||
        !set.has_moved_from()) {
      return;
    }
    const Part because{"because", WhyMoved(set, was, q)};
    const Part from{"from", EndOf(q, At(set.moved_from()))};
    if (set.clock().has_due()) {
      moves->push_back({Saying::kMoved,
                        27,
                        {number,
                         judge,
                         at,
                         from,
                         {"to", EndOf(q, At(set.clock().due()))},
                         because}});
    } else {
      moves->push_back(
          {Saying::kNoLongerDue, 16, {number, judge, at, from, because}});
    }
  }
  if (fact.has_level_withdrawn() && fact.level_withdrawn().breach() &&
      IsOfThisRun(clock, fact.level_withdrawn().clock(),
                  fact.level_withdrawn().cycle())) {
    moves->push_back(
        {Saying::kBreachWithdrawn,
         28,
         {number,
          judge,
          at,
          {"because", BecauseOf(fact.level_withdrawn().because())}}});
  }
}

}  // namespace

std::vector<Sentence> Moves(const ClockQuestion& question) {
  std::vector<Sentence> moves;
  const v1::ClockState& clock = question.one.clock;
  if (clock.has_target_since()) {
    moves.push_back(
        {Saying::kTargetSince, 22, {{"at", When{At(clock.target_since())}}}});
  }
  const v1::TargetSpec* was = nullptr;
  for (const v1::Event& event : question.events) {
    for (const v1::Fact& fact : event.facts()) {
      AddMove(event, fact, was, question, &moves);
      const v1::ClockState& set = fact.clock_set().clock();
      if (fact.has_clock_set() &&
          IsOfThisRun(clock, set.clock(), set.cycle()) && set.has_target()) {
        was = &set.target();
      }
    }
  }
  return moves;
}

std::vector<Sentence> LevelSteps(const ClockQuestion& question) {
  std::vector<Sentence> steps;
  const v1::ClockState& clock = question.one.clock;
  const v1::LadderSpec* ladder = LadderOf(question.policy, clock.ladder());
  for (const v1::LevelMark& mark : clock.levels()) {
    steps.push_back(Recorded(mark, LevelOf(ladder, mark.level()), question));
  }
  // A case that is only imagined has had no time to escalate.
  if (clock.levels().empty() && !question.imagined) {
    if (!clock.ladder().empty()) steps.emplace_back(Saying::kNotEscalated, 30);
    if (clock.ladder().empty() && question.one.alive()) {
      steps.emplace_back(Saying::kNoLadder, 30);
    }
  }
  for (const LevelReached& level : LevelsAhead(question)) {
    const bool again = level.repeat > 0;
    steps.push_back(
        {again ? Saying::kLevelAheadAgain : Saying::kLevelAhead,
         again ? 34 : 30,
         {{"level", LevelName(level.spec, level.level, question.language)},
          {"at", Whole(level.at)},
          {"when", again ? RepeatOf(level.spec, level.repeat, clock)
                         : WhenOf(level.spec, clock)}}});
  }
  return steps;
}

std::vector<LevelReached> LevelsAhead(const ClockQuestion& question) {
  const v1::ClockState& clock = question.one.clock;
  if (question.policy == nullptr || clock.state() != v1::ClockState::RUNNING) {
    return {};
  }
  const Sla& sla = question.policy->sla();
  std::vector<LevelReached> ahead = sla.Levels(question.place(), clock);
  // Of a level that repeats: the next place of its grid.
  if (auto next = sla.Next(question.place(), clock, question.now);
      next.has_value() && next->repeat > 0) {
    ahead.push_back(*std::move(next));
  }
  std::erase_if(ahead, [&](const LevelReached& level) {
    return level.at <= question.now || level.spec == nullptr;
  });
  return ahead;
}

}  // namespace hotline::internal
