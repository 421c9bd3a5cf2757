// Workflow: which verb is legal in which state, under which guards, and where
// it leads. One validated table of `from, verb, guards, to, effects`; states
// are the city's words, phases are fixed, guards and effects are closed enums.
//
//   const hotline::Workflow* w = policy->workflows().Find("standard");
//   hotline::Situation now{.has_unit = true};
//   if (const auto* step = w->Step("new", v1::ACCEPT, now)) Show(step->to());
//   else Show(w->Legal("new", now));   // {"accept", "assign", ...}
//
// Thread rule: immutable after Compile; share it between threads.
// Lifetime: pointers live as long as any copy of the Workflows.
// Errors: problems with paths that begin with `workflows[i]`.
#ifndef HOTLINE_WORKFLOW_H_
#define HOTLINE_WORKFLOW_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "hotline/error.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

// What guards look at. A plain value, filled by whoever asks.
struct Situation {
  bool by_reporter = false;
  bool in_reopen_window = false;
  bool somebody_else = true;  // than the one who asked for it
  bool has_unit = false;
  bool extension_asked = false;
  bool closure_asked = false;
  bool follow_up_open = false;
  bool before_due = true;
  bool rated = false;
  absl::Time reopen_until = absl::InfinitePast();  // for the wording only
  absl::TimeZone zone = absl::UTCTimeZone();
};

class Workflow final {
 public:
  const std::string& code() const { return spec_->code(); }
  const v1::WorkflowSpec& spec() const { return *spec_; }
  const v1::StateSpec& initial() const { return *initial_; }
  // Null if there is no such state.
  const v1::StateSpec* FindState(std::string_view code) const;
  // Null if there is no such outcome.
  const v1::OutcomeSpec* FindOutcome(std::string_view code) const;
  // Zero: reporters may not reopen.
  absl::Duration reopen_window() const { return reopen_window_; }
  // After which the library itself does TICK; InfiniteDuration: never.
  absl::Duration TimeoutOf(std::string_view state) const;

  // The first transition whose guards all hold; null: not legal.
  const v1::TransitionSpec* Step(std::string_view state, v1::Verb verb,
                                 const Situation& situation) const;

  // What somebody could do now, for a refusal: "reopen (staff, or reporter
  // until 2026-03-14)", "note". Guards on who acts are told, not applied.
  std::vector<std::string> Legal(std::string_view state,
                                 const Situation& situation) const;

 private:
  friend class Workflows;
  Workflow() = default;

  const v1::WorkflowSpec* spec_ = nullptr;
  const v1::StateSpec* initial_ = nullptr;
  absl::Duration reopen_window_;
  std::map<std::string, const v1::StateSpec*, std::less<>> states_;
  std::map<std::string, const v1::OutcomeSpec*, std::less<>> outcomes_;
  std::map<std::string, absl::Duration, std::less<>> timeouts_;
  // (state, verb) to its transitions, in the order of the policy.
  std::map<std::pair<std::string, int>, std::vector<const v1::TransitionSpec*>>
      table_;
};

class Workflows final {
 public:
  // Always holds `standard` unless the policy has one of that name.
  static Workflows Compile(
      const google::protobuf::RepeatedPtrField<v1::WorkflowSpec>& specs,
      Problems* problems);

  // Empty code: `standard`. Null if there is no such workflow.
  const Workflow* Find(std::string_view code) const;

 private:
  struct Shelf;
  std::shared_ptr<const Shelf> shelf_;
};

// The workflow of a 1999 or 311 line that ships with the library: new,
// assigned, in_progress, waiting, resolved, closed, followed_up, cancelled,
// rejected, merged.
const v1::WorkflowSpec& StandardWorkflow();

// "close_and_follow_up" for CLOSE_AND_FOLLOW_UP.
std::string VerbName(v1::Verb verb);

// Resolved or closed.
inline bool IsOpenPhase(v1::Phase phase) {
  return phase == v1::NEW || phase == v1::ACTIVE || phase == v1::WAITING;
}

}  // namespace hotline

#endif  // HOTLINE_WORKFLOW_H_
