#include "hotline/scenario.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hotline/adapters/memory_store.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "hotline/error.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/judge/parse.h"
#include "src/readers/scenario/check.h"
#include "src/readers/scenario/compare.h"
#include "src/readers/scenario/step_json.h"

namespace hotline {
namespace internal {
namespace {

constexpr char kTenant[] = "scenario";
constexpr char kAnybody[] = "scenario";  // may do everything
constexpr int kLooksMax = 1000;          // RunDue calls of one tick

// The scenario's own actor may do everything; others what the policy says.
class ScenarioAuthorizer final : public Authorizer {
 public:
  void Set(const Policy& policy) { policy_ = policy; }

  Decision MayDo(const Actor& actor, v1::Verb verb,
                 std::span<const v1::Case> cases) override {
    if (actor.id == kAnybody) return kAllow;
    const v1::Case* on = cases.empty() ? nullptr : &cases[0];
    return policy_->access().MayDo(actor, verb, on) ? kAllow : kDeny;
  }
  Decision May(const Actor& actor, v1::Permission permission,
               const v1::Case* on) override {
    if (actor.id == kAnybody) return kAllow;
    return policy_->access().May(actor, permission, on) ? kAllow : kDeny;
  }

 private:
  std::optional<Policy> policy_;
};

// Takes everything that is handed over on one channel.
class Recorder final : public Notifier {
 public:
  Recorder(std::string name, std::vector<Envelope>* sent)
      : name_(std::move(name)), sent_(sent) {}
  std::string name() const override { return name_; }
  std::vector<SendResult> Send(std::span<const Envelope> envelopes,
                               absl::Time) override {
    sent_->insert(sent_->end(), envelopes.begin(), envelopes.end());
    return std::vector<SendResult>(envelopes.size(),
                                   {.outcome = Outcome::kDelivered});
  }

 private:
  const std::string name_;
  std::vector<Envelope>* const sent_;
};

// A case the scenario knows.
struct Known {
  std::string name;
  std::string reference;
  int64_t seen = 0;  // version up to which events were looked at
};

class Runner {
 public:
  explicit Runner(const v1::Scenario& scenario)
      : scenario_(scenario), store_(&clock_), entropy_(1) {}

  absl::Status Begin();
  absl::Status Step(int index);
  ScenarioRun Take() { return std::move(run_); }

 private:
  absl::Status Do(const v1::ScenarioStep& step);
  absl::Status DoCommand(const v1::ScenarioStep& step);
  absl::Status DoContact(const v1::ScenarioStep& step);
  absl::Status Look();
  absl::Status Adopt(const Actor& actor, const Policy& policy, int64_t head);
  absl::Status DoAdopt(const Actor& actor, const v1::PolicySpec& spec);
  absl::Status DoPatch(const Actor& actor, const v1::PolicyPatch& patch);
  absl::StatusOr<CaseOutcome> Outcome(Known* known);
  void Expect(const v1::ScenarioStep& step, int index,
              const absl::Status& done);
  absl::Status AddIdleClocks(v1::Case* now);
  Known* Find(const std::string& name);
  std::string ReferenceOf(const std::string& name_or_reference) const;
  Actor ActorOf(const v1::ScenarioStep& step) const;
  void Remember(const std::string& name, const std::string& reference);

  const v1::Scenario& scenario_;
  SimulatedClock clock_;
  MemoryStore store_;
  SeededEntropy entropy_;
  ScenarioAuthorizer authorizer_;
  std::vector<Envelope> sent_;
  std::vector<std::unique_ptr<Recorder>> recorders_;
  std::unique_ptr<Engine> engine_;
  std::vector<Known> cases_;
  std::vector<CaseOutcome> outcomes_;  // one for each case, after the step
  ScenarioRun run_;
};

Actor Runner::ActorOf(const v1::ScenarioStep& step) const {
  if (!step.has_actor()) return {.tenant = kTenant, .id = kAnybody};
  return {.tenant = kTenant,
          .id = step.actor().id(),
          .roles = {step.actor().roles().begin(), step.actor().roles().end()}};
}

Known* Runner::Find(const std::string& name) {
  if (name.empty()) return cases_.empty() ? nullptr : &cases_.back();
  for (Known& known : cases_) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

std::string Runner::ReferenceOf(const std::string& name_or_reference) const {
  for (const Known& known : cases_) {
    if (!known.name.empty() && known.name == name_or_reference) {
      return known.reference;
    }
  }
  return name_or_reference;
}

void Runner::Remember(const std::string& name, const std::string& reference) {
  for (Known& known : cases_) {
    if (known.reference != reference) continue;
    if (!name.empty()) known.name = name;
    return;
  }
  cases_.push_back({name, reference});
}

absl::Status Runner::Begin() {
  run_.name = scenario_.name();
  run_.steps = scenario_.steps_size();
  if (scenario_.steps_size() > 0) {
    clock_.SetTime(*ParseRfc3339(scenario_.steps(0).at()));
  }
  const absl::StatusOr<Policy> policy = Policy::Create(scenario_.policy());
  if (!policy.ok()) return policy.status();
  // Every channel that a notice or a person may name.
  std::set<std::string> channels = {"file", "mail", "sms", "webhook"};
  const auto add = [&](const v1::PolicySpec& spec) {
    for (const v1::NoticeSpec& notice : spec.notices()) {
      if (!notice.channel().empty()) channels.insert(notice.channel());
    }
  };
  add(scenario_.policy());
  for (const v1::ScenarioStep& step : scenario_.steps()) add(step.adopt());
  Engine::Options options{
      .clock = &clock_, .authorizer = &authorizer_, .entropy = &entropy_};
  for (const std::string& channel : channels) {
    recorders_.push_back(std::make_unique<Recorder>(channel, &sent_));
    options.notifiers.push_back(recorders_.back().get());
  }
  absl::StatusOr<std::unique_ptr<Engine>> engine =
      Engine::Open(&store_, options);
  if (!engine.ok()) return engine.status();
  engine_ = *std::move(engine);
  authorizer_.Set(*policy);
  return Adopt(ActorOf({}), *policy, 0);
}

absl::Status Runner::Adopt(const Actor& actor, const Policy& policy,
                           int64_t head) {
  const absl::Status adopted = engine_->Adopt(actor, policy, head).status();
  if (adopted.ok()) authorizer_.Set(policy);
  return adopted;
}

// As the city's own tools do it: closures and declared events are declared,
// anything else is adopted.
absl::Status Runner::DoPatch(const Actor& actor, const v1::PolicyPatch& patch) {
  int64_t head = 0;
  const absl::StatusOr<Policy> now = engine_->CurrentPolicy(actor, &head);
  if (!now.ok()) return now.status();
  const absl::StatusOr<Policy> patched = now->With(patch);
  if (!patched.ok()) return patched.status();
  if (!patch.calendars().empty() || !patch.categories().empty()) {
    return Adopt(actor, *patched, head);
  }
  const absl::Status declared = engine_->Declare(actor, patch, head).status();
  if (declared.ok()) authorizer_.Set(*patched);
  return declared;
}

absl::Status Runner::DoAdopt(const Actor& actor, const v1::PolicySpec& spec) {
  int64_t head = 0;
  const absl::StatusOr<Policy> now = engine_->CurrentPolicy(actor, &head);
  if (!now.ok()) return now.status();
  const absl::StatusOr<Policy> policy = Policy::Create(spec);
  return policy.ok() ? Adopt(actor, *policy, head) : policy.status();
}

absl::Status Runner::DoCommand(const v1::ScenarioStep& step) {
  v1::Command command = step.command();
  if (!command.has_open() && command.reference().empty()) {
    const Known* known = Find(step.case_());
    if (known != nullptr) command.set_reference(known->reference);
  }
  if (command.has_merge()) {
    command.mutable_merge()->set_into(ReferenceOf(command.merge().into()));
  }
  if (command.has_link()) {
    command.mutable_link()->set_to(ReferenceOf(command.link().to()));
  }
  const auto receipt = engine_->Execute(ActorOf(step), command);
  if (!receipt.ok()) return receipt.status();
  if (command.has_open()) Remember(step.as(), receipt->reference());
  if (command.has_split()) {
    for (const v1::Receipt::Other& other : receipt->others()) {
      Remember(step.as(), other.reference());
    }
  }
  return absl::OkStatus();
}

absl::Status Runner::DoContact(const v1::ScenarioStep& step) {
  v1::Contact contact = step.contact();
  for (std::string& reference : *contact.mutable_references()) {
    reference = ReferenceOf(reference);
  }
  return engine_->RecordContact(ActorOf(step), contact).status();
}

absl::Status Runner::Look() {
  for (int i = 0; i < kLooksMax; ++i) {
    const absl::StatusOr<DueReport> due = engine_->RunDue(absl::Seconds(10));
    if (!due.ok()) return due.status();
    if (due->stuck) break;
    if (due->next > clock_.TimeNow()) return absl::OkStatus();
  }
  return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                   "the tick found no end: something re-arms itself");
}

absl::Status Runner::Do(const v1::ScenarioStep& step) {
  switch (step.do_case()) {
    case v1::ScenarioStep::kCommand:
      return DoCommand(step);
    case v1::ScenarioStep::kContact:
      return DoContact(step);
    case v1::ScenarioStep::kTick:
      return Look();
    case v1::ScenarioStep::kAdopt:
      return DoAdopt(ActorOf(step), step.adopt());
    case v1::ScenarioStep::kPatch:
      return DoPatch(ActorOf(step), step.patch());
    case v1::ScenarioStep::DO_NOT_SET:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

// A clock whose start has not come is no part of the case; who reads the
// scenario wants to see that it waits.
absl::Status Runner::AddIdleClocks(v1::Case* now) {
  const auto policy = engine_->CurrentPolicy(ActorOf({}), nullptr);
  if (!policy.ok()) return policy.status();
  const Category* category = policy->taxonomy().Find(now->category());
  if (category == nullptr) return absl::OkStatus();
  for (const ClockOnCategory& use : *category->clocks) {
    const v1::ClockSpec* spec = policy->sla().Find(use.use.clock());
    const bool known = std::any_of(
        now->clocks().begin(), now->clocks().end(),
        [&](const auto& clock) { return clock.clock() == use.use.clock(); });
    const bool waits =
        spec != nullptr && (!spec->start().empty() ||
                            spec->agreement() != v1::ClockSpec::SERVICE_LEVEL);
    if (known || !waits) continue;
    v1::ClockState* idle = now->add_clocks();
    idle->set_clock(spec->code());
    idle->set_state(v1::ClockState::IDLE);
  }
  return absl::OkStatus();
}

absl::StatusOr<CaseOutcome> Runner::Outcome(Known* known) {
  const Actor actor{.tenant = kTenant, .id = kAnybody};
  CaseOutcome outcome{.name = known->name};
  absl::StatusOr<v1::Case> now = engine_->Get(actor, known->reference);
  if (!now.ok()) return now.status();
  outcome.now = *std::move(now);
  if (absl::Status s = AddIdleClocks(&outcome.now); !s.ok()) return s;
  v1::Page page;
  page.set_limit(limits::kPageItemsMax);
  do {
    const absl::StatusOr<v1::EventPage> events =
        engine_->History(actor, known->reference, page);
    if (!events.ok()) return events.status();
    for (const v1::Event& event : events->events()) {
      if (event.version() <= known->seen) continue;
      known->seen = event.version();
      outcome.facts.insert(outcome.facts.end(), event.facts().begin(),
                           event.facts().end());
    }
    page.set_cursor(events->next_cursor());
  } while (!page.cursor().empty());
  return outcome;
}

void Runner::Expect(const v1::ScenarioStep& step, int index,
                    const absl::Status& done) {
  const std::string path = absl::StrCat("steps[", index, "]");
  bool refusal_expected = false;
  for (int e = 0; e < step.expect_size(); ++e) {
    const v1::Expectation& expected = step.expect(e);
    const std::string at = absl::StrCat(path, ".expect[", e, "]");
    if (!expected.error().empty()) {
      refusal_expected = true;
      ++run_.expectations;
      if (done.ok() || !absl::StrContains(done.message(), expected.error())) {
        run_.differences.push_back(
            {index + 1, at + ".error", expected.error(),
             done.ok() ? "it was done" : std::string(done.message())});
      }
    }
    const std::string& name =
        expected.case_().empty() ? step.case_() : expected.case_();
    const Known* known = Find(name);
    if (known != nullptr) {
      Compare(expected, outcomes_[static_cast<size_t>(known - cases_.data())],
              index + 1, at, &run_);
    } else if (expected.error().empty()) {
      run_.differences.push_back(
          {index + 1, at, "a case", "no case was opened"});
    }
  }
  if (!done.ok() && !refusal_expected) {
    run_.differences.push_back(
        {index + 1, path, "done", std::string(done.message())});
  }
}

absl::Status Runner::Step(int index) {
  const v1::ScenarioStep& step = scenario_.steps(index);
  clock_.SetTime(*ParseRfc3339(step.at()));
  sent_.clear();
  const absl::Status done = Do(step);
  outcomes_.clear();
  for (Known& known : cases_) {
    absl::StatusOr<CaseOutcome> outcome = Outcome(&known);
    if (!outcome.ok()) return outcome.status();
    outcomes_.push_back(*std::move(outcome));
  }
  Expect(step, index, done);
  run_.json.push_back(StepJson({.scenario = scenario_.name(),
                                .step = step,
                                .index = index,
                                .at = clock_.TimeNow(),
                                .done = done,
                                .cases = outcomes_,
                                .sent = sent_}));
  return absl::OkStatus();
}

absl::StatusOr<v1::Scenario> Finish(bool parsed, v1::Scenario scenario,
                                    Problems problems) {
  if (parsed) CheckSteps(scenario, &problems);
  if (!parsed || !problems.empty()) {
    return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "scenario");
  }
  return scenario;
}

}  // namespace
}  // namespace internal

absl::StatusOr<v1::Scenario> ParseScenarioTextproto(std::string_view text) {
  v1::Scenario scenario;
  Problems problems;
  const bool parsed = internal::ParseTextproto(text, &scenario, &problems);
  return internal::Finish(parsed, std::move(scenario), std::move(problems));
}

absl::StatusOr<v1::Scenario> ParseScenarioJson(std::string_view text) {
  v1::Scenario scenario;
  Problems problems;
  const bool parsed = internal::ParseJson(text, &scenario, &problems);
  return internal::Finish(parsed, std::move(scenario), std::move(problems));
}

absl::StatusOr<ScenarioRun> RunScenario(const v1::Scenario& scenario) {
  Problems problems;
  internal::CheckSteps(scenario, &problems);
  const bool policy_alone = problems.empty() && scenario.has_policy();
  internal::CheckPolicies(scenario, &problems);
  if (!problems.empty()) {
    return problems.ToStatus(policy_alone ? v1::ErrorInfo::INVALID_POLICY
                                          : v1::ErrorInfo::INVALID_ARGUMENT,
                             "scenario");
  }
  internal::Runner runner(scenario);
  if (absl::Status s = runner.Begin(); !s.ok()) return s;
  for (int i = 0; i < scenario.steps_size(); ++i) {
    if (absl::Status s = runner.Step(i); !s.ok()) return s;
  }
  return runner.Take();
}

}  // namespace hotline
