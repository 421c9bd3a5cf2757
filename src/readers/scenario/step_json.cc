#include "src/readers/scenario/step_json.h"

#include "hotline/judge.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/history.h"
#include "src/readers/inspect/json.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

std::string Did(const v1::ScenarioStep& step) {
  switch (step.do_case()) {
    case v1::ScenarioStep::kCommand:
      return VerbName(VerbOf(step.command()));
    case v1::ScenarioStep::kContact:
      return "contact";
    case v1::ScenarioStep::kTick:
      return "tick";
    case v1::ScenarioStep::kAdopt:
      return "adopt";
    case v1::ScenarioStep::kPatch:
      return "patch";
    case v1::ScenarioStep::DO_NOT_SET:
      break;
  }
  return "look";
}

void Instant(std::string_view key, bool has, absl::Time at, Json* json) {
  json->Key(key);
  has ? json->Text(FormatUtc(at)) : json->Null();
}

// The fields that clocks, cycles that are over and measures before a
// restatement have in common.
template <typename Measured>
void PromiseJson(const Measured& m, Json* json) {
  Instant("due", m.has_due(), At(m.due()), json);
  Instant("due_next_open", m.has_due_next_open(), At(m.due_next_open()), json);
}

template <typename Measured>
void BreachJson(const Measured& m, Json* json) {
  json->Key("breached").Bool(m.breached());
  Instant("breached_at", m.has_breached_at(), At(m.breached_at()), json);
}

void LevelJson(const v1::LevelMark& mark, Json* json) {
  json->Open('{').Text("level", mark.level());
  json->Text("at", FormatUtc(At(mark.at())));
  json->Key("generation").Number(mark.generation());
  json->Key("repeat").Number(mark.repeat());
  json->Key("missed").Number(mark.missed());
  json->Key("late").Bool(mark.late()).Key("stale").Bool(mark.stale());
  json->Key("withdrawn").Bool(mark.withdrawn()).Close('}');
}

void CycleJson(const v1::ClockCycle& cycle, Json* json) {
  json->Open('{').Key("cycle").Number(cycle.cycle());
  json->Text("state", LowerCase(v1::ClockState::State_Name(cycle.state())));
  json->Text("unit", cycle.unit());
  Instant("started", cycle.has_started(), At(cycle.started()), json);
  Instant("ended", cycle.has_ended(), At(cycle.ended()), json);
  PromiseJson(cycle, json);
  json->Key("elapsed").Seconds(cycle.elapsed_ms());
  json->Key("paused").Seconds(cycle.paused_ms());
  BreachJson(cycle, json);
  json->Close('}');
}

void ClockJson(const v1::ClockState& clock, Json* json) {
  json->Open('{').Text("id", clock.clock());
  json->Key("cycle").Number(clock.cycle());
  json->Text("state", LowerCase(v1::ClockState::State_Name(clock.state())));
  PromiseJson(clock, json);
  json->Key("elapsed").Seconds(clock.elapsed_ms());
  json->Key("remaining");
  // What has no target has nothing left to use up.
  clock.has_target() ? json->Seconds(clock.remaining_ms()) : json->Null();
  BreachJson(clock, json);
  json->Key("levels").Open('[');
  for (const v1::LevelMark* mark : LevelsOf(clock)) json->Text(mark->level());
  json->Close(']').Key("provisional").Bool(clock.provisional());
  json->Text("declared_event", clock.declared_event());
  json->Key("reminder").Bool(clock.reminder());
  json->Key("shown").Bool(clock.shown());
  json->Text("unit", clock.unit()).Text("calendar", clock.calendar());
  json->Text("because", clock.because());
  json->Key("level_marks").Open('[');
  for (const v1::LevelMark& mark : clock.levels()) LevelJson(mark, json);
  json->Close(']').Key("earlier").Open('[');
  for (const v1::ClockCycle& cycle : clock.earlier()) CycleJson(cycle, json);
  json->Close(']').Key("measured");
  if (clock.has_measured()) {
    json->Open('{');
    PromiseJson(clock.measured(), json);
    BreachJson(clock.measured(), json);
    json->Close('}');
  } else {
    json->Null();
  }
  json->Close('}');
}

void CaseJson(const CaseOutcome& outcome, Json* json) {
  const v1::Case& now = outcome.now;
  json->Open('{').Text("case", outcome.name).Text("reference", now.reference());
  json->Text("state", now.state());
  json->Text("phase", LowerCase(v1::Phase_Name(now.phase())));
  json->Text("public_status", PublicStatusWord(now.public_status()));
  json->Text("outcome", now.outcome()).Text("unit", now.unit());
  json->Text("priority", now.priority());
  Instant("told_due", now.has_told_due(), At(now.told_due()), json);
  Instant("next_at", now.has_next_at(), At(now.next_at()), json);
  json->Key("clocks").Open('[');
  for (const v1::ClockState& clock : now.clocks()) ClockJson(clock, json);
  json->Close(']').Close('}');
}

void FactsJson(const CaseOutcome& outcome, Json* json) {
  for (const v1::Fact& fact : outcome.facts) {
    json->Open('{').Text("case", outcome.name).Text("fact", FactName(fact));
    json->Text("at", FormatUtc(At(fact.at())));
    json->Text("text", FactWords(fact, absl::UTCTimeZone())).Close('}');
  }
}

void ToldJson(const CaseOutcome& outcome, Json* json) {
  for (const v1::Fact& fact : outcome.facts) {
    if (!fact.has_noticed()) continue;
    const v1::Noticed& noticed = fact.noticed();
    json->Open('{').Text("case", outcome.name);
    json->Text("notice", noticed.notice());
    json->Text("recipient", noticed.recipient());
    json->Text("channel", noticed.channel());
    Instant("due", noticed.has_due(), At(noticed.due()), json);
    json->Text("not_because", noticed.not_because()).Close('}');
  }
}

}  // namespace

std::string StepJson(const StepOutcome& outcome) {
  Json json;
  json.Open('{').Text("scenario", outcome.scenario);
  json.Key("step").Number(outcome.index + 1);
  json.Text("at", FormatUtc(outcome.at)).Text("what", outcome.step.what());
  json.Text("did", Did(outcome.step)).Key("refused");
  outcome.done.ok() ? json.Null() : json.Text(ToStd(outcome.done.message()));
  json.Key("cases").Open('[');
  for (const CaseOutcome& of : outcome.cases) CaseJson(of, &json);
  json.Close(']').Key("facts").Open('[');
  for (const CaseOutcome& of : outcome.cases) FactsJson(of, &json);
  json.Close(']').Key("notices").Open('[');
  for (const CaseOutcome& of : outcome.cases) {
    for (const std::string& code : NoticesOf(of.facts)) json.Text(code);
  }
  json.Close(']').Key("told").Open('[');
  for (const CaseOutcome& of : outcome.cases) ToldJson(of, &json);
  json.Close(']').Key("sent").Open('[');
  for (const Envelope& envelope : outcome.sent) {
    json.Open('{').Text("notice", envelope.notice);
    json.Text("channel", envelope.channel);
    json.Text("recipient", envelope.recipient);
    json.Text("subject", envelope.subject).Close('}');
  }
  json.Close(']').Close('}');
  return json.Take();
}

}  // namespace hotline::internal
