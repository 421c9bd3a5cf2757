// A case under judgement: as it stands after the facts found so far. Each fact
// is folded the moment it is found, so that every rule sees the case as it is.
#ifndef HOTLINE_SRC_JUDGE_DOCKET_H_
#define HOTLINE_SRC_JUDGE_DOCKET_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "hotline/judge.h"
#include "hotline/policy.h"

namespace hotline::internal {

// What has just happened to a case, and how it was before.
struct Happening {
  v1::Verb verb = v1::VERB_UNSPECIFIED;
  v1::Trigger::Message message = v1::Trigger::MESSAGE_UNSPECIFIED;
  absl::Time at;
  v1::Phase old_phase = v1::PHASE_UNSPECIFIED;
  std::string old_state = {};
  bool follow_up_was_open = false;
};

class Docket {
 public:
  // Judges in its place what becomes of `plan->after`: a case as it stands, or
  // with `created` an empty one. The plan outlives the docket.
  Docket(const Policy& policy, const Moment& moment, CaseChangePlan* plan);

  const v1::Case& on() const { return plan_.after; }
  v1::Case& mutable_on() { return plan_.after; }
  // The policy of the era under judgement; in the end the one in force.
  const Policy& policy() const { return *policy_; }
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

  // What has fallen due by itself since the case was judged last (catch_up.cc),
  // under each policy in force before this one, which from then on judges.
  void ComeIntoForce();
  // All that falls due until `until`; levels of that very instant only if
  // `inclusive`: what happens at an instant goes before its timers. When
  // something falls due next.
  absl::Time CatchUp(absl::Time until, bool inclusive);
  absl::Time NextAt() const;

  // What a happening does to the clocks (triggers.cc). `Before` is taken before
  // the verb is done, `Trigger` called after.
  Happening Before(v1::Verb verb, v1::Trigger::Message message,
                   absl::Time at) const;
  void Trigger(const Happening& happening);

  // The clocks themselves (clocks.cc).
  // Targets anew after a change of category, priority, area, unit or policy.
  void Retarget(absl::Time at, std::string_view because, bool stands);
  void GrantUntil(std::string_view clock, absl::Time until, absl::Time at,
                  std::string_view because);
  // A due instant promised by an older system.
  void Promise(absl::Time due, absl::Time at);
  // Finished clocks by the policy in force; none named: all of them.
  void Restate(std::span<const std::string> clocks, absl::Time at);
  // The one shown to the citizen, rather a running one.
  const v1::ClockState* Shown() const;
  const v1::ClockState* FindClock(std::string_view code) const;

  // Moves the case along a transition: state, effects (verbs.cc).
  void Move(const v1::TransitionSpec& transition, absl::Time at);
  // The same for nothing but a state.
  void ChangeState(const v1::StateSpec& to, absl::Time at);
  void Route(absl::Time at);

  // The notices' part (notices.cc).
  void Tell(const Occasion& occasion, const std::string& key, absl::Time at);
  // The due instant a reporter was told has moved: tells again, once.
  void TellIfDueMoved(absl::Time at);

  // Closes the judgement of this case: what is due by now, next instant,
  // versions, actor.
  void Finish(v1::Verb verb, std::string_view command_key);

 private:
  struct Due;  // what falls due next by itself
  // True if the case itself says that nothing falls due until then.
  bool IsQuietUntil(absl::Time until) const;
  // As seen at `now`: of a level that repeats, what was missed is one.
  bool NextDue(absl::Time now, Due* due) const;
  size_t PlaceInPolicy(const v1::ClockState& clock) const;
  void Under(const Policy& policy, int64_t version, absl::Time since);
  void RecordLevel(const Due& due);
  // Of a clock that has ended: levels it had reached and nobody recorded.
  void RecordReached(int clock);
  bool TimeOut(const Due& due);
  void RaisePriority(const std::string& priority, absl::Time at);
  void WithdrawPutBack(const v1::ClockState& clock, absl::Time now,
                       std::string_view because, bool stands);
  void SetClock(v1::ClockState clock, absl::Time at, std::string_view because);
  // Where and by whom it is counted: the case's unit, or that of its agreement.
  ClockPlace PlaceOf(const v1::ClockState& clock) const;
  bool PlanClock(const ClockOnCategory& use, v1::ClockState* clock) const;
  const ClockOnCategory* UseOf(std::string_view clock) const;
  // A new run of the clock; the one before goes to its earlier cycles.
  void BeginClock(const ClockOnCategory& use, absl::Time at,
                  std::string_view because);
  // What was promised earlier, or granted later, though the target is another.
  void KeepDue(const v1::ClockState& old, absl::Time at,
               v1::ClockState* clock) const;
  // `old` is one of the case's, and another when this is done.
  void AimAnew(const v1::ClockState& old, absl::Time at,
               std::string_view because, bool stands);
  void AddClocksOfCategory(absl::Time at, std::string_view because);

  void ReopenClocks(absl::Time at);
  void StartClocks(const Happening& happening);
  // Agreements with a unit end and begin as the case changes hands.
  void HandOver(absl::Time at);
  // PAUSE or RESUME, if the clock is to begin or end a rest.
  std::optional<v1::ClockMark::Kind> RestOf(const v1::ClockSpec& spec,
                                            const Happening* happening,
                                            const v1::ClockState& clock) const;
  // Clocks that messages start: their cycles follow from all their instants.
  void TakeMessage(const ClockOnCategory& use, const v1::ClockSpec& spec,
                   const Happening& happening);
  void LayEpisodes(const ClockOnCategory& use, v1::ClockState* clock) const;
  void Undertake(v1::Effect effect, absl::Time at);
  void Affect(v1::Effect effect, absl::Time at);
  std::vector<Telling> TellingsOf(const Occasion& occasion) const;
  void TellOne(const Telling& telling, const std::string& recipient,
               const std::string& channel, const std::string& key,
               absl::Time at, std::string_view not_because);

  const Policy& in_force_;
  const Policy* policy_;
  int64_t policy_version_;
  const Moment& moment_;
  CaseChangePlan& plan_;
  v1::CaseSealed dropped_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_JUDGE_DOCKET_H_
