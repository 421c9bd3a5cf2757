#include "src/readers/inspect/explanation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "src/base/time.h"
#include "src/readers/inspect/reasons.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

const PolicyVersion* VersionOf(const Look& look, int64_t version) {
  for (const PolicyVersion& one : look.versions) {
    if (one.version == version && one.policy != nullptr) return &one;
  }
  return nullptr;
}

std::string ClockName(const Policy* policy, const std::string& code,
                      std::string_view language) {
  const v1::ClockSpec* spec =
      policy == nullptr ? nullptr : policy->sla().Find(code);
  return spec == nullptr ? code : NameIn(spec->names(), language, code);
}

class Explainer {
 public:
  Explainer(const v1::Case& of, std::span<const v1::Event> events,
            const Look& look, bool imagined)
      : of_(of), events_(events), look_(look) {
    e_.imagined = imagined;
    e_.language = &LanguageOf(look.language);
    e_.illustrative = IsIllustrative(of, look);
  }

  Explanation Case();
  Explanation Promise(std::string_view because);

 private:
  void Clocks();
  void Clock(ClockHistory one);
  void Told();
  void Tell(const v1::Event& event, const v1::Fact& fact);
  void Earlier(ExplainedClock* clock, const CaseHistory& h) const;
  void StartsWith(ExplainedClock* clock) const;
  std::string ZoneRelease() const;
  std::string Routed() const;
  template <typename Specs>
  std::string NameOf(const Specs& specs, const std::string& code) const {
    for (const auto& spec : specs) {
      if (spec.code() == code) {
        return NameIn(spec.names(), look_.language, code);
      }
    }
    return code;
  }
  void Fact(std::string key, std::string value) {
    e_.facts.emplace_back(std::move(key), std::move(value));
  }
  void Head(Saying saying, std::vector<Part> parts = {}) {
    e_.head.emplace_back(saying, 0, std::move(parts));
  }

  const v1::Case& of_;
  std::span<const v1::Event> events_;
  const Look& look_;
  Explanation e_;
};

std::string Explainer::ZoneRelease() const {
  const PolicyVersion* judged = VersionOf(look_, of_.policy_version());
  return judged == nullptr || judged->zone_data.empty() ? ZoneDataVersion()
                                                        : judged->zone_data;
}

void Explainer::Clock(ClockHistory one) {
  ExplainedClock clock;
  clock.policy_version = one.clock.policy_version();
  const PolicyVersion* judged = VersionOf(look_, clock.policy_version);
  clock.policy = judged == nullptr ? look_.policy : judged->policy;
  clock.one = std::move(one);
  clock.name = ClockName(clock.policy, clock.one.clock.clock(), look_.language);
  ClockQuestion question{.of = of_,
                         .one = clock.one,
                         .events = events_,
                         .policy = clock.policy,
                         .zone = e_.zone,
                         .now = e_.now,
                         .language = look_.language,
                         .versions = look_.versions,
                         .imagined = e_.imagined};
  if (clock.policy != nullptr && !clock.one.clock.calendar().empty()) {
    const ClockPlace place = question.place();
    clock.office = OfficeOf(*clock.policy, clock.one.clock.calendar(),
                            place.area, place.unit, place.through_closures);
  }
  clock.one.calendar = clock.office.calendar();
  question.office = clock.office;
  clock.zone = clock.office.calendar() == nullptr
                   ? e_.zone
                   : clock.office.calendar()->time_zone();
  question.zone = clock.zone;
  clock.derivation = Derive(question);
  clock.ahead = LevelsAhead(question);
  if (e_.imagined) StartsWith(&clock);
  e_.clocks.push_back(std::move(clock));
}

// Runs that only the clock itself remembers.
void Explainer::Earlier(ExplainedClock* clock, const CaseHistory& h) const {
  for (const v1::ClockCycle& cycle : clock->one.clock.earlier()) {
    const bool told = std::any_of(
        h.clocks.begin(), h.clocks.end(), [&](const ClockHistory& other) {
          return other.clock.clock() == clock->one.clock.clock() &&
                 other.clock.cycle() == cycle.cycle();
        });
    if (told) continue;
    const Saying verdict = cycle.state() == v1::ClockState::CANCELLED
                               ? Saying::kStateCancelled
                           : cycle.breached() ? Saying::kStateLate
                                              : Saying::kStateKept;
    clock->derivation.steps.push_back({Saying::kEarlierCycle,
                                       21,
                                       {{"run", int64_t{cycle.cycle()}},
                                        {"from", When{At(cycle.started())}},
                                        {"until", When{At(cycle.ended())}},
                                        {"verdict", Sentence(verdict)}}});
  }
}

void Explainer::StartsWith(ExplainedClock* clock) const {
  const v1::ClockSpec* spec =
      clock->policy->sla().Find(clock->one.clock.clock());
  if (spec == nullptr || spec->start().empty()) return;
  for (const v1::Trigger& trigger : spec->start()) {
    if (trigger.verb() == v1::OPEN) return;
  }
  auto& steps = clock->derivation.steps;
  steps.insert(steps.begin(),
               Sentence(Saying::kStartsWith, 14,
                        {{"trigger", TriggerOf(spec->start(0), e_.Plain())}}));
}

void Explainer::Tell(const v1::Event& event, const v1::Fact& fact) {
  const Part number{"event", event.version()};
  const Part at{"at", When{At(fact.at())}};
  if (fact.has_escalated()) {
    e_.notices.push_back(
        {Saying::kEscalatedByHand, 38, {number, at, {"actor", event.actor()}}});
  }
  if (!fact.has_noticed()) return;
  const v1::Noticed& n = fact.noticed();
  const Part notice{"notice", n.notice()};
  const std::string name = RecipientOf(n);
  const Part recipient{"recipient", name};
  const Part who{"who", WhoWas(name, look_)};
  if (!n.not_because().empty()) {
    const Sentence because = WhyNotTold(n.not_because());
    e_.notices.push_back(
        {Saying::kNotNoticed,
         32,
         {number, at, notice, recipient, who, {"because", because}}});
    return;
  }
  Sentence channel, due;
  if (!n.channel().empty()) {
    channel = {Saying::kByChannel, 0, {{"channel", n.channel()}}};
  }
  if (n.has_due()) due = {Saying::kSayingDue, 0, {{"due", When{At(n.due())}}}};
  e_.notices.push_back({Saying::kNoticed,
                        32,
                        {number,
                         at,
                         notice,
                         recipient,
                         who,
                         {"channel", channel},
                         {"due", due}}});
}

void Explainer::Told() {
  bool any = false;
  for (const v1::Event& event : events_) {
    for (const v1::Fact& fact : event.facts()) {
      any = any || fact.has_noticed();
      Tell(event, fact);
    }
  }
  if (!any && !events_.empty()) e_.notices.emplace_back(Saying::kNobodyTold, 0);
}

void Explainer::Clocks() {
  CaseHistory h = LayOut(of_, events_, look_);
  e_.zone = h.zone;
  e_.now = h.now;
  for (const ClockHistory& one : h.clocks) Clock(one);
  for (ExplainedClock& clock : e_.clocks) Earlier(&clock, h);
}

// Why the unit that has the case has it, as the record says.
std::string Explainer::Routed() const {
  std::string because;
  for (const v1::Event& event : events_) {
    for (const v1::Fact& fact : event.facts()) {
      if (fact.has_assigned() && fact.assigned().unit() == of_.unit() &&
          !fact.assigned().because().empty()) {
        because = fact.assigned().because();
      }
    }
  }
  return because;
}

Explanation Explainer::Case() {
  Clocks();
  e_.title = e_.Plain().Say({Saying::kHeadCase,
                             0,
                             {{"reference", of_.reference()},
                              {"category", CategoryName(of_.category(), look_)},
                              {"state", StateName(of_, of_.state(), look_)}}});
  if (look_.policy != nullptr && of_.policy_version() > 0) {
    Head(Saying::kPolicyVersion, {{"policy", look_.policy->spec().id()},
                                  {"version", of_.policy_version()}});
  } else if (look_.policy != nullptr) {
    Head(Saying::kPolicyOnly, {{"policy", look_.policy->spec().id()}});
  }
  Head(Saying::kTimesIn,
       {{"zone", e_.zone.name()}, {"release", ZoneRelease()}});
  if (e_.illustrative) Head(Saying::kIllustrativeAll);
  const std::string because = Routed();
  if (!because.empty()) {
    Head(of_.unit().empty() ? Saying::kNoUnit : Saying::kUnitIs,
         {{"unit", look_.policy == nullptr
                       ? of_.unit()
                       : NameOf(look_.policy->spec().units(), of_.unit())},
          {"because", RouteReason(because, look_)}});
  }
  if (e_.clocks.empty()) Head(Saying::kNoClock);
  Told();
  Fact("reference", of_.reference());
  Fact("category", of_.category());
  Fact("unit", of_.unit());
  Fact("because", because);
  Fact("policy", look_.policy == nullptr ? "" : look_.policy->spec().id());
  Fact("zone_data", ZoneRelease());
  return std::move(e_);
}

Explanation Explainer::Promise(std::string_view because) {
  Clocks();
  const absl::Time at = At(of_.opened_at());
  e_.title = e_.Plain().Say(
      {Saying::kHeadPromise,
       0,
       {{"category", CategoryName(of_.category(), look_)}, {"at", When{at}}}});
  Head(Saying::kPolicyOnly, {{"policy", look_.policy->spec().id()}});
  Head(Saying::kTimesIn,
       {{"zone", e_.zone.name()}, {"release", ZoneRelease()}});
  if (e_.illustrative) Head(Saying::kIllustrativeAll);
  Head(of_.unit().empty() ? Saying::kNoUnit : Saying::kUnitIs,
       {{"unit", NameOf(look_.policy->spec().units(), of_.unit())},
        {"because", RouteReason(because, look_)}});
  if (!of_.priority().empty()) {
    Head(Saying::kPriorityIs,
         {{"priority",
           NameOf(look_.policy->spec().priorities(), of_.priority())}});
  }
  if (!of_.area().empty()) {
    Head(Saying::kAreaIs,
         {{"area", NameOf(look_.policy->spec().areas(), of_.area())}});
  }
  const Category* category = look_.policy->taxonomy().Find(of_.category());
  if (category != nullptr &&
      !category->ValidOn(absl::ToCivilDay(at, e_.zone))) {
    Head(Saying::kNotOpenThen);
  }
  if (e_.clocks.empty()) Head(Saying::kNoClock);
  Fact("policy", look_.policy->spec().id());
  Fact("category", of_.category());
  Fact("at", FormatUtc(at));
  Fact("unit", of_.unit());
  Fact("because", std::string(because));
  Fact("priority", of_.priority());
  Fact("area", of_.area());
  Fact("zone_data", ZoneRelease());
  return std::move(e_);
}

}  // namespace

Sentence TriggerOf(const v1::Trigger& trigger, const Speaker& speaker) {
  switch (trigger.on_case()) {
    case v1::Trigger::kVerb:
      return {
          Saying::kTriggerVerb, 0, {{"verb", speaker.Verb(trigger.verb())}}};
    case v1::Trigger::kPhase:
      return {Saying::kTriggerPhase,
              0,
              {{"phase", speaker.Phase(trigger.phase())}}};
    case v1::Trigger::kState:
      return {Saying::kTriggerState, 0, {{"state", trigger.state()}}};
    default:
      return Sentence(trigger.message() == v1::Trigger::FROM_REPORTER
                          ? Saying::kTriggerReporterWrote
                          : Saying::kTriggerAgentWrote);
  }
}

Speaker Explanation::SpeakerOf(const ExplainedClock& clock) const {
  const int year =
      clock.one.spans.empty()
          ? 0
          : static_cast<int>(
                absl::ToCivilDay(clock.one.spans.front().from, clock.zone)
                    .year());
  return Speaker(*language, clock.zone, year);
}

Explanation ExplainCase(const v1::Case& of, std::span<const v1::Event> events,
                        const Look& look) {
  return Explainer(of, events, look, false).Case();
}

Explanation ExplainImagined(const v1::Case& of, const Look& look,
                            std::string_view because) {
  return Explainer(of, {}, look, true).Promise(because);
}

std::string ClockHeading(const Explanation& e, const ExplainedClock& clock) {
  const v1::ClockState& state = clock.one.clock;
  Sentence run;
  if (state.cycle() > 1) {
    run = {Saying::kClockRun, 0, {{"run", int64_t{state.cycle()}}}};
  }
  return e.SpeakerOf(clock).Say({Saying::kClockHead,
                                 0,
                                 {{"name", clock.name},
                                  {"code", state.clock()},
                                  {"run", run},
                                  {"state", VerdictOf(state)}}});
}

}  // namespace hotline::internal
