#include "src/readers/inspect/derive.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "src/base/time.h"
#include "src/readers/inspect/reasons.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

bool MeasuresWorkingTime(const v1::TargetSpec& target) {
  return target.has_working_time() || target.has_working_days();
}

// Told one by one; more are summed up.
constexpr int kPausesTold = 3;

class Deriver {
 public:
  explicit Deriver(const ClockQuestion& question)
      : q_(question),
        clock_(question.one.clock),
        target_(question.one.clock.target()),
        calendar_(question.office.calendar()),
        spec_(question.policy == nullptr
                  ? nullptr
                  : question.policy->sla().Find(clock_.clock())) {}

  Derivation Derive();

 private:
  void Begun();
  void Promise();
  void CountedBy();
  void Closures();
  void Count();
  void Pauses();
  void Given();
  void Due();
  void Verdict();

  void SumBegun(const std::optional<Part>& from);
  void SumPauses();
  void SumDue();
  void SumVerdict();

  absl::Time start() const { return q_.one.spans.front().from; }
  bool IsFiling() const {
    return q_.imagined || At(q_.of.opened_at()) == start();
  }
  // Counted from a hand-over to a unit of the city or to a contractor.
  bool IsAgreement() const;
  std::string PartyName() const;
  bool IsPausedNow() const { return clock_.state() == v1::ClockState::PAUSED; }
  // What a rest costs, in the target's own kind of time.
  absl::Duration CostOf(absl::Time from, absl::Time to) const {
    return MeasuresWorkingTime(target_) && calendar_ != nullptr
               ? calendar_->Between(from, to)
               : to - from;
  }
  Sentence PauseReason(absl::Time at) const;
  std::string CancelledBecause(absl::Time at) const;
  void Step(Saying saying, int rule, std::vector<Part> parts = {}) {
    out_.steps.emplace_back(saying, rule, std::move(parts));
  }
  void Sum(Saying saying, std::vector<Part> parts = {}) {
    out_.summary.emplace_back(saying, 0, std::move(parts));
  }

  const ClockQuestion& q_;
  const v1::ClockState& clock_;
  const v1::TargetSpec& target_;
  const Calendar* calendar_;
  const v1::ClockSpec* const spec_;  // null: not known
  absl::Time nominal_ = absl::InfiniteFuture();
  Derivation out_;
};

void Deriver::Begun() {
  if (q_.one.spans.empty()) {
    Step(Saying::kNotStarted, 14);
    return;
  }
  Step(IsAgreement() ? Saying::kHandedOver
       : IsFiling()  ? Saying::kFiled
                     : Saying::kStarted,
       15,
       {{"at", When{start()}},
        {"why", q_.office.WhyClosed(start())},
        {"unit", PartyName()}});
}

bool Deriver::IsAgreement() const {
  return spec_ != nullptr &&
         spec_->agreement() != v1::ClockSpec::SERVICE_LEVEL &&
         spec_->start().empty();
}

std::string Deriver::PartyName() const {
  return UnitName(q_, clock_.unit().empty() ? q_.of.unit() : clock_.unit());
}

void Deriver::Promise() {
  if (!clock_.has_target() ||
      target_.amount_case() == v1::TargetSpec::AMOUNT_NOT_SET) {
    return;
  }
  Sentence scope;
  if (!target_.unit().empty()) {
    scope = {Saying::kScopeUnit, 0, {{"unit", UnitName(q_, target_.unit())}}};
  } else if (!target_.area().empty()) {
    scope = {Saying::kScopeArea, 0, {{"area", target_.area()}}};
  } else if (!target_.priority().empty()) {
    scope = {Saying::kScopePriority, 0, {{"priority", target_.priority()}}};
  }
  const bool agreed =
      spec_ != nullptr && spec_->agreement() != v1::ClockSpec::SERVICE_LEVEL;
  Step(clock_.reminder() ? Saying::kReminderAfter
       : agreed          ? Saying::kAgreed
                         : Saying::kPromise,
       23,
       {{"target", target_}, {"scope", scope}, {"because", clock_.because()}});
  if (!target_.source().empty()) {
    Step(Saying::kSource, 23, {{"source", target_.source()}});
  }
  if (target_.illustrative()) Step(Saying::kIllustrative, 23);
  if (clock_.reminder()) Step(Saying::kReminderOnly, 14);
  if (agreed) {
    const bool contract = spec_->agreement() == v1::ClockSpec::CONTRACT;
    Step(contract ? Saying::kToContractor : Saying::kToUnit, 15,
         {{"unit", PartyName()}});
  } else if (spec_ != nullptr && spec_->shown() && !clock_.reminder()) {
    Step(Saying::kToCitizen, 15);
  }
}

void Deriver::CountedBy() {
  if (!clock_.declared_event().empty()) {
    const v1::DeclaredEventSpec* event = nullptr;
    if (q_.policy != nullptr) {
      for (const auto& one : q_.policy->spec().declared_events()) {
        if (one.code() == clock_.declared_event()) event = &one;
      }
    }
    const auto from = ParseRfc3339(event == nullptr ? "" : event->from());
    const auto until = ParseRfc3339(event == nullptr ? "" : event->until());
    if (from.ok() && until.ok()) {
      Step(Saying::kDeclaredEvent, 29,
           {{"event", NameIn(event->names(), q_.language, event->code())},
            {"from", When{*from}},
            {"until", When{*until, {}, true}}});
    } else {
      Step(Saying::kDeclaredEventCode, 29,
           {{"event", clock_.declared_event()}});
    }
  }
  if (clock_.calendar().empty()) return;
  Sentence revision, source;
  const v1::CalendarSpec* spec = q_.office.spec();
  if (spec != nullptr && !spec->revision().empty()) {
    revision = {Saying::kRevision, 0, {{"revision", spec->revision()}}};
  }
  if (spec != nullptr && !spec->source().empty()) {
    source = {Saying::kCalendarSource, 0, {{"source", spec->source()}}};
  }
  Step(Saying::kCalendar, 10,
       {{"calendar", clock_.calendar()},
        {"revision", revision},
        {"source", source}});
  if (q_.place().through_closures && spec != nullptr &&
      spec->closures_size() > 0) {
    Step(Saying::kRunsThrough, 29);
  }
}

void Deriver::Closures() {
  if (q_.one.spans.empty()) return;
  const absl::Time end =
      clock_.has_due_next_open() ? At(clock_.due_next_open()) : q_.now;
  for (const v1::ClosureSpec* closure : q_.office.closures()) {
    OpenPeriod span;
    if (!SpanOf(*closure, &span) || span.close <= start() || span.open >= end) {
      continue;
    }
    Sentence announced;
    const auto at = ParseRfc3339(closure->announced());
    if (at.ok()) announced = {Saying::kAnnounced, 0, {{"at", When{*at}}}};
    const Part reason = closure->reason().empty()
                            ? Part{"reason", Sentence(Saying::kClosure)}
                            : Part{"reason", closure->reason()};
    Step(Saying::kClosureHolds, 29,
         {{"from", When{span.open}},
          {"until", When{span.close, {}, true}},
          reason,
          {"announced", announced}});
  }
}

Sentence Deriver::PauseReason(absl::Time at) const {
  Sentence by_state;
  for (const v1::Event& event : q_.events) {
    for (const v1::Fact& fact : event.facts()) {
      if (At(fact.at()) != at) continue;
      if (fact.has_waiting_set() && fact.waiting_set().has_waiting()) {
        const v1::Waiting& waiting = fact.waiting_set().waiting();
        if (waiting.for_() == v1::Wait::FOR_REPORTER) {
          return Sentence(Saying::kForReporter);
        }
        if (waiting.for_() == v1::Wait::FOR_THIRD_PARTY) {
          return Sentence(Saying::kForThirdParty);
        }
        if (waiting.unit().empty()) return Sentence(Saying::kForOtherUnit);
        return {Saying::kForUnit, 0, {{"unit", UnitName(q_, waiting.unit())}}};
      }
      if (fact.has_state_changed()) {
        const Look look{.policy = q_.policy, .language = q_.language};
        by_state = {
            Saying::kForState,
            0,
            {{"state", StateName(q_.of, fact.state_changed().to(), look)}}};
      }
    }
  }
  return by_state;
}

void Deriver::Pauses() {
  for (size_t i = 0; i < q_.one.spans.size(); ++i) {
    const ClockSpan& span = q_.one.spans[i];
    if (i > 0 && q_.one.spans[i - 1].to < span.from) {
      const absl::Time from = q_.one.spans[i - 1].to;
      Step(Saying::kStoppedMeanwhile, 21,
           {{"from", When{from}},
            {"until", When{span.from}},
            {"for", span.from - from}});
    }
    if (!span.paused) continue;
    const Sentence reason = PauseReason(span.from);
    if (IsPausedNow() && i + 1 == q_.one.spans.size()) {
      Step(Saying::kRestsNow, 16,
           {{"from", When{span.from}}, {"reason", reason}});
      continue;
    }
    const absl::Duration within = CostOf(span.from, span.to);
    const bool whole =
        within == span.to - span.from || target_.pause_by_dates();
    Step(whole ? Saying::kRested : Saying::kRestedOf, 16,
         {{"from", When{span.from}},
          {"until", When{span.to}},
          {"for", span.to - span.from},
          {"reason", reason},
          {"within", within}});
  }
}

void Deriver::Given() {
  if (!clock_.has_fixed_due()) return;
  const v1::Extension& extension = q_.of.extension();
  const bool extended = extension.state() == v1::Extension::GRANTED &&
                        extension.clock() == clock_.clock() &&
                        At(extension.until()) == At(clock_.fixed_due());
  const std::vector<Part> parts = {
      {"at", When{At(clock_.fixed_at())}},
      {"until", EndOf(q_, At(clock_.fixed_due()))}};
  Step(extended ? Saying::kExtended : Saying::kGiven, extended ? 21 : 24,
       parts);
  Sum(extended ? Saying::kSumExtended : Saying::kSumPromised, parts);
}

void Deriver::Count() {
  if (q_.one.spans.empty()) return;
  const absl::Time from =
      clock_.has_measured_from() ? At(clock_.measured_from()) : start();
  nominal_ = NominalEnd(q_);
  Counting counting = CountTarget(
      q_, from, clock_.has_fixed_due() ? absl::InfiniteFuture() : nominal_);
  for (Sentence& step : counting.steps) out_.steps.push_back(std::move(step));
  SumBegun(counting.from);
}

void Deriver::SumBegun(const std::optional<Part>& from) {
  Sentence counted;
  if (from) counted = {Saying::kSumCountedFrom, 0, {*from}};
  Sum(IsAgreement() ? Saying::kSumHandedOver
      : IsFiling()  ? Saying::kSumFiled
                    : Saying::kSumStarted,
      {{"at", When{start()}},
       {"why", q_.office.WhyClosed(start())},
       {"unit", PartyName()},
       {"counted", counted}});
}

void Deriver::SumPauses() {
  std::vector<Sentence> told;
  absl::Duration sum, within;
  int64_t n = 0;
  for (const ClockSpan& span : q_.one.spans) {
    if (!span.paused) continue;
    const Sentence reason = PauseReason(span.from);
    if (IsPausedNow() && &span == &q_.one.spans.back()) {
      told.push_back({Saying::kSumPausedNow,
                      0,
                      {{"since", When{span.from}}, {"reason", reason}}});
      continue;
    }
    ++n;
    const absl::Duration cost = CostOf(span.from, span.to);
    sum += span.to - span.from;
    within += cost;
    // Whole dates move by what a pause touched, not by its hours.
    const bool whole = cost == span.to - span.from || target_.pause_by_dates();
    told.push_back(
        {whole ? Saying::kSumPaused : Saying::kSumPausedOf,
         0,
         {{"for", span.to - span.from}, {"reason", reason}, {"within", cost}}});
  }
  if (n > kPausesTold) {
    Sum(Saying::kSumPausedTimes, {{"n", n}, {"for", sum}, {"within", within}});
    told.erase(told.begin(), told.begin() + n);
  }
  for (Sentence& one : told) out_.summary.push_back(std::move(one));
}

void Deriver::Due() {
  if (!clock_.has_due()) {
    Step(IsPausedNow() ? Saying::kNoDueResting : Saying::kNoDue, 16);
    return;
  }
  const absl::Time due = At(clock_.due());
  const bool rested = nominal_ != absl::InfiniteFuture() && nominal_ != due;
  if (rested && !target_.has_working_time()) {
    const bool dates = target_.pause_by_dates() && !clock_.has_fixed_due();
    Step(dates ? Saying::kMovedByDates : Saying::kMovedByPauses, 17,
         {{"from", EndOf(q_, nominal_)}, {"to", EndOf(q_, due)}});
  }
  Step(clock_.reminder() ? Saying::kReminderComes : Saying::kDue, 25,
       {{"due", EndOf(q_, due)}});
  if (clock_.has_due_next_open() && At(clock_.due_next_open()) != due) {
    Step(Saying::kKeptUntil, 25, {{"next", When{At(clock_.due_next_open())}}});
  }
  const v1::CalendarSpec* spec = q_.office.spec();
  if (clock_.provisional() ||
      (calendar_ != nullptr && calendar_->IsProvisional(due))) {
    const auto until = ParseDate(spec == nullptr ? "" : spec->complete_until());
    if (until.ok()) {
      Step(Saying::kProvisional, 10,
           {{"calendar", clock_.calendar()}, {"until", Day{*until}}});
    }
  }
  if (q_.policy == nullptr || q_.imagined) return;
  v1::ClockState again = clock_;
  q_.policy->sla().Settle(q_.place(), &again);
  if (again.has_due() && At(again.due()) != due) {
    Step(Saying::kRecordDiffers, 27, {{"due", EndOf(q_, At(again.due()))}});
  }
}

void Deriver::SumDue() {
  if (!clock_.has_due()) {
    if (!IsPausedNow()) return;
    v1::ClockState on = clock_;
    if (q_.policy != nullptr) {
      Sla::Mark(v1::ClockMark::RESUME, q_.now, &on);
      q_.policy->sla().Settle(q_.place(), &on);
    }
    if (on.has_due()) {
      Sum(Saying::kSumRestingNow, {{"due", EndOf(q_, At(on.due()))}});
    } else {
      Sum(Saying::kSumResting);
    }
    return;
  }
  const absl::Time due = At(clock_.due());
  const Part until{"due", EndOf(q_, due)};
  const bool rested = nominal_ != absl::InfiniteFuture() && nominal_ != due;
  if (clock_.reminder()) {
    Sum(Saying::kSumReminder, {until, {"target", target_}});
  } else if (clock_.has_fixed_due() || !clock_.has_target()) {
    Sum(Saying::kSumDueGiven, {until});
  } else if (rested) {
    Sum(target_.pause_by_dates() ? Saying::kSumDueMovedDates
                                 : Saying::kSumDueMoved,
        {until, {"target", target_}, {"nominal", EndOf(q_, nominal_)}});
  } else {
    Sum(Saying::kSumDue, {until, {"target", target_}});
  }
  if (clock_.has_due_next_open() && At(clock_.due_next_open()) != due) {
    Sum(Saying::kSumKeptUntil, {{"next", When{At(clock_.due_next_open())}}});
  }
  for (const Sentence& step : out_.steps) {
    if (step.saying == Saying::kProvisional) {
      Sum(Saying::kSumProvisional, step.parts);
    }
  }
}

void Deriver::Verdict() {
  if (clock_.has_measured()) {
    const v1::Measured& first = clock_.measured();
    Step(Saying::kRestated, 27,
         {{"due", EndOf(q_, At(first.due()))},
          {"verdict",
           Sentence(first.breached() ? Saying::kAndLate : Saying::kAndKept)},
          {"version", first.policy_version()},
          {"now", clock_.policy_version()}});
  }
  if (clock_.has_breached_at()) {
    const absl::Time until =
        At(clock_.has_due_next_open() ? clock_.due_next_open()
                                      : clock_.breached_at());
    const absl::Time at =
        absl::FromUnixSeconds(absl::ToUnixSeconds(At(clock_.breached_at())));
    Step(at == until ? Saying::kBrokenThen : Saying::kBroken, 26,
         {{"at", When{at}}, {"until", When{until}}});
  }
  if (clock_.has_as_of()) {
    Step(Saying::kUsed, 41,
         {{"used", absl::Milliseconds(clock_.elapsed_ms())},
          {"left", absl::Milliseconds(clock_.remaining_ms())}});
  }
  if (clock_.marks().empty()) return;
  const When ended{At(clock_.marks().rbegin()->at())};
  if (clock_.state() == v1::ClockState::CANCELLED) {
    const std::string because = CancelledBecause(ended.at);
    Sentence why;
    if (!because.empty()) {
      why = {Saying::kEndedBecause, 0, {{"because", BecauseOf(because)}}};
    }
    Step(Saying::kCancelled, 20, {{"at", ended}, {"why", why}});
  }
  if (clock_.state() != v1::ClockState::STOPPED) return;
  const bool after_shown = clock_.has_due() && ended.at > At(clock_.due());
  Step(clock_.breached() ? Saying::kStoppedLate
       : after_shown     ? Saying::kStoppedBetween
                         : Saying::kStoppedInTime,
       25, {{"at", ended}});
}

// As the fact that ended it says.
std::string Deriver::CancelledBecause(absl::Time at) const {
  for (const v1::Event& event : q_.events) {
    for (const v1::Fact& fact : event.facts()) {
      const v1::ClockState& set = fact.clock_set().clock();
      if (fact.has_clock_set() && At(fact.at()) == at &&
          set.clock() == clock_.clock() && set.cycle() == clock_.cycle() &&
          set.state() == v1::ClockState::CANCELLED) {
        return fact.clock_set().because();
      }
    }
  }
  return "";
}

void Deriver::SumVerdict() {
  for (const Sentence& step : out_.steps) {
    switch (step.saying) {
      case Saying::kRestated:
        Sum(Saying::kSumRestated, step.parts);
        break;
      case Saying::kBroken:
      case Saying::kBrokenThen:
        Sum(Saying::kSumBroken, step.parts);
        break;
      case Saying::kStoppedInTime:
        Sum(Saying::kSumKept, step.parts);
        break;
      case Saying::kStoppedLate:
        Sum(Saying::kSumLate, step.parts);
        break;
      case Saying::kStoppedBetween:
        Sum(Saying::kSumBetween, step.parts);
        break;
      case Saying::kCancelled:
        Sum(Saying::kSumCancelled, step.parts);
        break;
      default:
        break;
    }
  }
}

Derivation Deriver::Derive() {
  Begun();
  Promise();
  CountedBy();
  Closures();
  if (q_.one.spans.empty()) {
    Sum(Saying::kSumIdle);
    return std::move(out_);
  }
  Count();
  Pauses();
  SumPauses();
  Given();
  Due();
  SumDue();
  std::vector<Sentence> moves = Moves(q_);
  const Sentence* last = nullptr;
  for (const Sentence& move : moves) {
    const Part* because = nullptr;
    for (const Part& part : move.parts) {
      if (part.name == "because") because = &part;
    }
    // The summary has told pauses and extensions already.
    const auto* why =
        because == nullptr ? nullptr : std::get_if<Sentence>(&because->value);
    if (move.saying == Saying::kMoved && why != nullptr &&
        why->saying != Saying::kBecausePause &&
        why->saying != Saying::kBecauseExtension &&
        why->saying != Saying::kBecausePromised) {
      last = &move;
    }
  }
  if (last != nullptr && !clock_.has_measured()) {
    Sum(Saying::kSumMoved, last->parts);
  }
  for (const Sentence& move : moves) out_.steps.push_back(move);
  Verdict();
  SumVerdict();
  for (Sentence& step : LevelSteps(q_)) out_.steps.push_back(std::move(step));
  return std::move(out_);
}

}  // namespace

ClockPlace ClockQuestion::place() const {
  const Category* category =
      policy == nullptr ? nullptr : policy->taxonomy().Find(of.category());
  return {.area = of.area(),
          .unit = of.unit(),
          .through_closures =
              category != nullptr && category->runs_through_closures};
}

Derivation Derive(const ClockQuestion& question) {
  return Deriver(question).Derive();
}

absl::Time NominalEnd(const ClockQuestion& question) {
  if (question.policy == nullptr) return absl::InfiniteFuture();
  v1::ClockState bare = question.one.clock;
  bare.clear_marks();
  const absl::Time start = question.one.spans.front().from;
  Sla::Mark(v1::ClockMark::START, start, &bare);
  question.policy->sla().Settle(question.place(), &bare);
  return bare.has_due() ? At(bare.due()) : absl::InfiniteFuture();
}

When EndOf(const ClockQuestion& question, absl::Time at) {
  const v1::TargetSpec& target = question.one.clock.target();
  const bool working = target.has_working_days() || target.has_working_time();
  const bool midnight = target.end() == v1::TargetSpec::MIDNIGHT ||
                        (target.end() == v1::TargetSpec::DAY_END_UNSPECIFIED &&
                         !working && !target.has_elapsed());
  return {at, {}, midnight || working};
}

std::string UnitName(const ClockQuestion& question, const std::string& code) {
  if (question.policy == nullptr) return code;
  for (const v1::UnitSpec& unit : question.policy->spec().units()) {
    if (unit.code() == code) {
      return NameIn(unit.names(), question.language, code);
    }
  }
  return code;
}

}  // namespace hotline::internal
