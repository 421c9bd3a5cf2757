// Facts in words, one short clause each.
#include "src/readers/inspect/history.h"
#include "src/readers/inspect/reasons.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

using S = Saying;

// A sentence with one part, or nothing where there is none.
Sentence With(Saying saying, std::string_view name, const std::string& text) {
  if (text.empty()) return Sentence();
  return {saying, 0, {{name, text}}};
}

Sentence DueAt(Saying saying, std::string_view name, bool has,
               const google::protobuf::Timestamp& at) {
  if (!has) return Sentence();
  return {saying, 0, {{name, When{At(at)}}}};
}

Sentence Said(bool so, Saying saying) {
  return Sentence(so ? saying : S::kNothing);
}

Sentence Opened(const v1::Opened& o) {
  Sentence external;
  if (o.has_external()) {
    external = {S::kOpenedExternal,
                0,
                {{"system", o.external().system()}, {"id", o.external().id()}}};
  }
  return {S::kFactOpened,
          0,
          {{"reference", o.reference()},
           {"channel", With(S::kOpenedChannel, "channel", o.channel())},
           {"language", With(S::kOpenedLanguage, "language", o.language())},
           {"external", external},
           {"split", With(S::kOpenedSplit, "reference", o.split_from())}}};
}

Sentence State(const v1::StateChanged& s, const FactLook& look) {
  return {S::kFactState,
          0,
          {{"state", StateCalled(s.to(), look.workflow, look.look)},
           {"phase", s.phase()},
           {"status", StatusOf(s.public_status())}}};
}

Sentence Classified(const v1::Classified& c, const FactLook& look) {
  Sentence priority;
  if (!c.priority().empty()) {
    priority = {S::kClassifiedPriority,
                0,
                {{"priority", PriorityCalled(c.priority(), look.look)}}};
  }
  return {
      S::kFactClassified,
      0,
      {{"category", CategoryCalled(c.category(), look.look)},
       {"priority", priority},
       {"workflow", With(S::kClassifiedWorkflow, "workflow", c.workflow())}}};
}

Sentence UnitPart(Saying saying, const std::string& unit, const Look& look) {
  if (unit.empty()) return Sentence();
  return {saying, 0, {{"unit", UnitCalled(unit, look)}}};
}

Sentence Assigned(const v1::Assigned& a, const Look& look) {
  const auto because = [&](Saying saying) {
    if (a.because().empty()) return Sentence();
    return Sentence(saying, 0, {{"because", RouteReason(a.because(), look)}});
  };
  if (a.unit().empty() && a.assignee().empty()) {
    if (a.ambiguous().empty()) {
      return {S::kFactNobody, 0, {{"because", because(S::kAfterColon)}}};
    }
    Sentence units = UnitCalled(a.ambiguous(0), look);
    for (int i = 1; i < a.ambiguous_size(); ++i) {
      units = {S::kBoth,
               0,
               {{"one", units}, {"other", UnitCalled(a.ambiguous(i), look)}}};
    }
    return {S::kFactNobodyAlike, 0, {{"units", units}}};
  }
  return {a.transferred() ? S::kFactTransferred : S::kFactAssigned,
          0,
          {{"unit", UnitPart(S::kToTheUnit, a.unit(), look)},
           {"agent", With(S::kToTheAgent, "agent", a.assignee())},
           {"because", because(S::kAssignedBecause)}}};
}

Sentence BecausePart(const std::string& because) {
  if (because.empty()) return Sentence();
  return {S::kFactBecause, 0, {{"because", BecauseOf(because)}}};
}

Sentence Clock(const v1::ClockSet& set, const Look& look) {
  const v1::ClockState& clock = set.clock();
  // Whether it was broken is a fact of its own.
  Sentence state = clock.state() == v1::ClockState::STOPPED
                       ? Sentence(S::kStateStopped)
                       : VerdictOf(clock);
  return {S::kFactClock,
          0,
          {{"clock", ClockCalled(clock.clock(), clock.cycle(), look)},
           {"state", state},
           {"due", DueAt(S::kLineDue, "due", clock.has_due(), clock.due())},
           {"moved", DueAt(S::kFactMoved, "from", set.has_moved_from(),
                           set.moved_from())},
           {"because", BecausePart(set.because())}}};
}

Sentence Level(const v1::LevelRecorded& r, const Look& look) {
  Sentence again;
  if (r.level().repeat() > 0) {
    again = {S::kLineAgain, 0, {{"n", int64_t{r.level().repeat()} + 1}}};
  }
  const bool broken = r.breach() && r.level().repeat() == 0;
  return {broken ? S::kFactBroken : S::kFactLevel,
          0,
          {{"clock", ClockCalled(r.clock(), r.cycle(), look)},
           {"level", r.level().level()},
           {"again", again},
           {"due", DueAt(S::kLineDue, "due", r.has_due(), r.due())},
           {"late", Said(r.level().late(), S::kLineLate)},
           {"stale", Said(r.level().stale(), S::kLineStale)}}};
}

Sentence Withdrawn(const v1::LevelWithdrawn& w, const Look& look) {
  return {w.breach() ? S::kFactBreachBack : S::kFactLevelBack,
          0,
          {{"clock", ClockCalled(w.clock(), w.cycle(), look)},
           {"level", w.level()},
           {"because", BecausePart(w.because())}}};
}

Sentence Waiting(const v1::WaitingSet& w, const Look& look) {
  if (!w.has_waiting()) return Sentence(S::kFactWaitsNot);
  switch (w.waiting().for_()) {
    case v1::Wait::FOR_REPORTER:
      return Sentence(S::kFactWaitsReporter);
    case v1::Wait::FOR_THIRD_PARTY:
      return Sentence(S::kFactWaitsThird);
    case v1::Wait::FOR_OTHER_UNIT:
      return {S::kFactWaitsUnit,
              0,
              {{"unit", UnitPart(S::kAfterBlank, w.waiting().unit(), look)}}};
    default:
      return Sentence(S::kFactWaits);
  }
}

Sentence Resolved(const v1::Resolved& r) {
  return {r.fixed() ? S::kFactFixed : S::kFactNotFixed,
          0,
          {{"outcome", With(S::kFactOutcome, "outcome", r.outcome())},
           {"who", With(S::kFactResponsible, "who", r.responsible())}}};
}

Sentence FollowUp(const v1::FollowUp& f, const Look& look) {
  if (!f.open()) return Sentence(S::kFactFollowUpDone);
  return {S::kFactFollowUp,
          0,
          {{"unit", UnitPart(S::kAtTheUnit, f.unit(), look)},
           {"agent", With(S::kCommaAgent, "agent", f.assignee())}}};
}

Sentence Extension(const v1::ExtensionSet& set, const Look& look) {
  if (!set.has_extension()) return Sentence(S::kFactExtensionLapsed);
  const v1::Extension& e = set.extension();
  const Saying state =
      e.state() == v1::Extension::GRANTED    ? S::kExtensionGranted
      : e.state() == v1::Extension::DECLINED ? S::kExtensionDeclined
                                             : S::kExtensionAsked;
  return {S::kFactExtension,
          0,
          {{"clock", e.clock().empty() ? Sentence(S::kTheClock)
                                       : ClockCalled(e.clock(), 1, look)},
           {"state", Sentence(state)},
           {"until", DueAt(S::kFactUntil, "until", e.has_until(), e.until())}}};
}

Sentence Linked(const v1::Linked& l) {
  const Saying saying = l.merged_into()                 ? S::kFactMergedInto
                        : l.merged_from()               ? S::kFactMergedFrom
                        : l.kind() == v1::Link::NONE    ? S::kFactUnlinked
                        : l.kind() == v1::Link::RELATED ? S::kFactRelated
                        : l.as_parent()                 ? S::kFactParent
                                                        : S::kFactChild;
  return {saying, 0, {{"reference", l.reference()}}};
}

Sentence Closure(const v1::ClosureRequestSet& c) {
  if (!c.has_request()) return Sentence(S::kFactClosureSettled);
  return {S::kFactClosureAsked,
          0,
          {{"outcome", With(S::kAsOutcome, "outcome", c.request().outcome())}}};
}

Sentence Reopening(const v1::ReopenWindowSet& r) {
  if (r.reopened()) return Sentence(S::kFactReopened);
  if (!r.has_until()) return Sentence(S::kFactReopenNot);
  return {S::kFactReopenUntil, 0, {{"until", When{At(r.until())}}}};
}

Sentence Told(const v1::Noticed& n, const Look& look) {
  const Sentence who = WhoWas(RecipientOf(n), look);
  if (!n.not_because().empty()) {
    return {S::kFactNotTold,
            0,
            {{"notice", n.notice()},
             {"who", who},
             {"because", WhyNotTold(n.not_because())}}};
  }
  return {S::kFactTold,
          0,
          {{"notice", n.notice()},
           {"who", who},
           {"channel", With(S::kByChannel, "channel", n.channel())},
           {"due", DueAt(S::kFactSayingDue, "due", n.has_due(), n.due())}}};
}

}  // namespace

std::string FactName(const v1::Fact& fact) {
  const auto* field =
      v1::Fact::descriptor()->FindFieldByNumber(fact.kind_case());
  return field == nullptr ? "none" : field->name();
}

Sentence FactSentence(const v1::Fact& fact, const FactLook& look) {
  switch (fact.kind_case()) {
    case v1::Fact::kOpened:
      return Opened(fact.opened());
    case v1::Fact::kStateChanged:
      return State(fact.state_changed(), look);
    case v1::Fact::kClassified:
      return Classified(fact.classified(), look);
    case v1::Fact::kAssigned:
      return Assigned(fact.assigned(), look.look);
    case v1::Fact::kLocated:
      return {S::kFactLocated,
              0,
              {{"area", fact.located().area().empty()
                            ? Sentence(S::kUnknown)
                            : AreaCalled(fact.located().area(), look.look)}}};
    case v1::Fact::kClockSet:
      return Clock(fact.clock_set(), look.look);
    case v1::Fact::kLevelRecorded:
      return Level(fact.level_recorded(), look.look);
    case v1::Fact::kLevelWithdrawn:
      return Withdrawn(fact.level_withdrawn(), look.look);
    case v1::Fact::kNoted:
      return Sentence(fact.noted().visibility() == v1::Note::PUBLIC_NOTE
                          ? S::kFactPublicNote
                          : S::kFactInternalNote);
    case v1::Fact::kAttached:
      return {S::kFactAttached,
              0,
              {{"type", fact.attached().media_type()},
               {"size", int64_t{fact.attached().size()}}}};
    case v1::Fact::kRated:
      return {S::kFactRated, 0, {{"score", int64_t{fact.rated().score()}}}};
    case v1::Fact::kWaitingSet:
      return Waiting(fact.waiting_set(), look.look);
    case v1::Fact::kResolved:
      return Resolved(fact.resolved());
    case v1::Fact::kFollowUpSet:
      return FollowUp(fact.follow_up_set().follow_up(), look.look);
    case v1::Fact::kExtensionSet:
      return Extension(fact.extension_set(), look.look);
    case v1::Fact::kClosureRequestSet:
      return Closure(fact.closure_request_set());
    case v1::Fact::kReopenWindowSet:
      return Reopening(fact.reopen_window_set());
    case v1::Fact::kLinked:
      return Linked(fact.linked());
    case v1::Fact::kEscalated:
      return {S::kFactEscalated, 0, {{"n", int64_t{fact.escalated().count()}}}};
    case v1::Fact::kErased:
      return {S::kFactErased,
              0,
              {{"n", int64_t{fact.erased().rows()}},
               {"basis", fact.erased().basis()}}};
    case v1::Fact::kNoticed:
      return Told(fact.noticed(), look.look);
    case v1::Fact::kLanguageSet:
      return {
          S::kFactLanguage, 0, {{"language", fact.language_set().language()}}};
    case v1::Fact::KIND_NOT_SET:
      break;
  }
  return Sentence(S::kFactUnknown);
}

std::string FactWords(const v1::Fact& fact, absl::TimeZone zone) {
  return Speaker(English(), zone).Say(FactSentence(fact, {}));
}

}  // namespace hotline::internal
