#include "src/judge/docket.h"

#include <algorithm>
#include <utility>

#include "src/base/time.h"
#include "src/judge/fold.h"

namespace hotline::internal {

Docket::Docket(const Policy& policy, const Moment& moment, CaseChangePlan* plan)
    : in_force_(policy),
      policy_(&policy),
      policy_version_(moment.policy_version),
      moment_(moment),
      plan_(*plan) {
  plan_.after.set_tenant(moment.actor.tenant);
}

const Workflow& Docket::workflow() const {
  const Workflow* found = policy_->workflows().Find(on().workflow());
  return found != nullptr ? *found : *policy_->workflows().Find("standard");
}

const Category* Docket::category() const {
  return policy_->taxonomy().Find(on().category());
}

std::vector<std::string_view> Docket::Areas() const {
  return policy_->routing().AreaChain(on().area());
}

v1::Fact* Docket::Begin(absl::Time at) {
  v1::Fact* fact = plan_.event.add_facts();
  SetTimestamp(at, fact->mutable_at());
  return fact;
}

void Docket::Done() { EvolveFact(*plan_.event.facts().rbegin(), &plan_.after); }

int Docket::AddText(const std::string& text, bool for_reporter) {
  v1::EventSealed* sealed = plan_.event.mutable_sealed();
  sealed->add_texts(text);
  sealed->add_for_reporter(for_reporter);
  return sealed->texts_size() - 1;
}

v1::CaseSealed* Docket::Changes() {
  // Once the person is erased, nothing personal is taken up again.
  if (on().erased()) return &dropped_;
  return plan_.event.mutable_sealed()->mutable_changes();
}

void Docket::ChangeState(const v1::StateSpec& to, absl::Time at) {
  v1::Fact* fact = Begin(at);
  v1::StateChanged* change = fact->mutable_state_changed();
  change->set_from(on().state());
  change->set_to(to.code());
  change->set_phase(to.phase());
  change->set_public_status(to.public_status());
  // What was answered decides whether a citizen reads "fixed".
  const v1::OutcomeSpec* outcome = workflow().FindOutcome(on().outcome());
  if (outcome != nullptr && to.public_status() == v1::FIXED &&
      !outcome->fixed()) {
    change->set_public_status(v1::CLOSED_NOT_FIXED);
  }
  Done();
}

void Docket::Move(const v1::TransitionSpec& transition, absl::Time at) {
  for (const int effect : transition.effects()) {
    Undertake(static_cast<v1::Effect>(effect), at);
  }
  if (transition.to().empty() || transition.to() == on().state()) return;
  const v1::StateSpec* to = workflow().FindState(transition.to());
  // A fact dated back never moves the state back in time.
  const absl::Time since = on().has_state_since()
                               ? FromTimestamp(on().state_since())
                               : absl::InfinitePast();
  if (to != nullptr) ChangeState(*to, std::max(at, since));
}

void Docket::Route(absl::Time at) {
  const Category* found = category();
  const std::vector<std::string_view> chain =
      found != nullptr ? found->Chain() : std::vector<std::string_view>();
  const auto route =
      policy_->routing().Find(chain, on().area(), at, found ? found->unit : "");
  if (route.unit == on().unit() && route.ambiguous.empty()) return;
  v1::Assigned* assigned = Begin(at)->mutable_assigned();
  assigned->set_unit(route.unit);
  assigned->set_because(route.because);
  for (const std::string& unit : route.ambiguous) assigned->add_ambiguous(unit);
  Done();
}

void Docket::Undertake(v1::Effect effect, absl::Time at) {
  const std::string unit_before = on().unit();
  Affect(effect, at);
  // Another unit may work by another calendar.
  if (on().unit() != unit_before) Retarget(at, "unit", true);
}

void Docket::Affect(v1::Effect effect, absl::Time at) {
  switch (effect) {
    case v1::ROUTE:
      Route(at);
      break;
    case v1::UNASSIGN:
    case v1::UNASSIGN_AGENT: {
      if (effect == v1::UNASSIGN_AGENT && on().assignee().empty()) break;
      v1::Assigned* assigned = Begin(at)->mutable_assigned();
      if (effect == v1::UNASSIGN_AGENT) assigned->set_unit(on().unit());
      assigned->set_because("taken away");
      Done();
      break;
    }
    case v1::FINISH_FOLLOW_UP: {
      if (!on().follow_up().open()) break;
      v1::FollowUp follow_up = on().follow_up();
      follow_up.set_open(false);
      SetTimestamp(at, follow_up.mutable_completed_at());
      *Begin(at)->mutable_follow_up_set()->mutable_follow_up() = follow_up;
      Done();
      break;
    }
    case v1::OPEN_REOPEN_WINDOW: {
      if (workflow().reopen_window() == absl::ZeroDuration()) break;
      SetTimestamp(at + workflow().reopen_window(),
                   Begin(at)->mutable_reopen_window_set()->mutable_until());
      Done();
      break;
    }
    case v1::END_WAIT:
      if (!on().has_waiting()) break;
      Begin(at)->mutable_waiting_set();
      Done();
      break;
    case v1::DROP_REQUESTS:
      if (on().has_closure_request()) {
        Begin(at)->mutable_closure_request_set();
        Done();
      }
      if (on().extension().state() == v1::Extension::ASKED) {
        Begin(at)->mutable_extension_set();
        Done();
      }
      break;
    default:
      break;  // OPEN_FOLLOW_UP is the verb's own fact
  }
}

void Docket::Finish(v1::Verb verb, std::string_view command_key) {
  const absl::Time next = CatchUp(moment_.now, true);
  v1::Event& event = plan_.event;
  event.set_version(plan_.after.version() + 1);
  SetTimestamp(moment_.now, event.mutable_recorded_at());
  event.set_verb(verb);
  // A reporter's id is personal and stays in the sealed body.
  const bool by_reporter =
      policy_->access().IsReporter(moment_.actor, plan_.after) ||
      (plan_.created && policy_->access().IsCitizen(moment_.actor));
  event.set_actor(by_reporter ? "reporter" : moment_.actor.id);
  event.set_command_key(std::string(command_key));
  event.set_policy_version(moment_.policy_version);
  event.set_fold_version(kFoldVersion);
  event.set_case_commitment(plan_.after.sealed_commitment());
  if (next != absl::InfiniteFuture()) {
    SetTimestamp(next, event.mutable_next_at());
  }
  if (event.has_sealed()) {
    const std::string_view dice = moment_.random;
    event.mutable_sealed()->set_salt(std::string(dice.substr(32, 16)));
    if (event.sealed().has_changes()) {
      Changes()->set_salt(std::string(dice.substr(48, 16)));
    }
  }
  // Rules have seen the sealed body as it was, of a new case what its opening
  // says; now it is folded once.
  if (plan_.created) plan_.after.clear_sealed();
  CloseFold(event, &plan_.after);
}

}  // namespace hotline::internal
