// A case under judgement: as it stands after the facts found so far. Each fact
// is folded the moment it is found, so that every rule sees the case as it is.
#ifndef HOTLINE_SRC_JUDGE_DOCKET_H_
#define HOTLINE_SRC_JUDGE_DOCKET_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "hotline/judge.h"
#include "hotline/policy.h"

namespace hotline::internal {

// Somebody who acts as a reporter and nothing else.
bool IsCitizen(const Policy& policy, const Actor& actor);

class Docket {
 public:
  // `before` is null for a case that is about to be opened.
  Docket(const Policy& policy, const Moment& moment, const v1::Case* before);

  const v1::Case& on() const { return plan_.after; }
  v1::Case& mutable_on() { return plan_.after; }
  const Policy& policy() const { return policy_; }
  const Moment& moment() const { return moment_; }
  const Workflow& workflow() const;
  const Category* category() const;  // null: retired from the policy
  std::vector<std::string_view> Areas() const;
  bool HasFacts() const { return plan_.event.facts_size() > 0; }

  // A new fact of this instant, to be filled and then folded by Done.
  v1::Fact* Begin(absl::Time at);
  void Done();

  // The index under which Noted and others find the text.
  int AddText(const std::string& text, bool for_reporter);
  v1::CaseSealed* Changes();

  // The clocks' part (clocks.cc).
  ClockPlace Place() const;
  // All that falls due until `until`; levels of that very instant only if
  // `inclusive`: what happens at an instant goes before its timers.
  void CatchUp(absl::Time until, bool inclusive);
  // A verb was done; the case may have entered another state or phase.
  void Trigger(v1::Verb verb, absl::Time at, v1::Phase old_phase,
               const std::string& old_state);
  // Targets anew after a change of category, priority, area, unit or policy.
  void Retarget(absl::Time at, std::string_view because, bool stands);
  void GrantUntil(std::string_view clock, absl::Time until, absl::Time at,
                  std::string_view because);
  // A due instant promised by an older system.
  void Promise(absl::Time due, absl::Time at);
  const v1::ClockState* Shown() const;
  const v1::ClockState* FindClock(std::string_view code) const;
  absl::Time NextAt() const;

  // Moves the case along a transition: state, effects (verbs.cc).
  void Move(const v1::TransitionSpec& transition, absl::Time at);
  // The same for nothing but a state.
  void ChangeState(const v1::StateSpec& to, absl::Time at);
  void Route(absl::Time at);

  // The notices' part (notices.cc).
  void Tell(const Occasion& occasion, const std::string& key, absl::Time at);

  // Closes the judgement of this case: next instant, versions, actor.
  CaseChangePlan Finish(v1::Verb verb, std::string_view command_key);

 private:
  struct Due;  // what falls due next by itself
  bool NextDue(Due* due) const;
  void RecordLevel(const Due& due);
  bool TimeOut(const Due& due);
  void RaisePriority(const std::string& priority, absl::Time at);
  void WithdrawPutBack(const v1::ClockState& clock, absl::Time now,
                       std::string_view because, bool stands);
  void SetClock(v1::ClockState clock, absl::Time at, std::string_view because);
  bool PlanClock(const ClockOnCategory& use, v1::ClockState* clock) const;
  void BeginClock(const ClockOnCategory& use, absl::Time at, int cycle);
  void ReopenClocks(absl::Time at);
  bool CategoryHas(std::string_view clock) const;
  // Due before the instant it was due at, by another calendar.
  bool IsBroughtForward(const v1::ClockState& old, v1::ClockState clock) const;
  void StartClocks(v1::Verb verb, absl::Time at, v1::Phase old_phase,
                   const std::string& old_state);
  void SyncPause(const v1::ClockSpec& spec, absl::Time at,
                 v1::ClockState* clock) const;
  void Undertake(v1::Effect effect, absl::Time at);
  void Affect(v1::Effect effect, absl::Time at);
  void TellOne(const Telling& telling, const std::string& recipient,
               const std::string& channel, const std::string& key,
               absl::Time at, std::string_view not_because);

  const Policy& policy_;
  const Moment& moment_;
  CaseChangePlan plan_;
  v1::CaseSealed sealed_before_;
  v1::CaseSealed dropped_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_JUDGE_DOCKET_H_
