// A case in the state a test needs, made by the rules themselves: it opens one
// under a policy and does verbs to it, without store and engine.
//
//   hotline::testing::CaseBuilder builder(*policy, filed);
//   builder.Open("streetlight").Do("assign { assignee: 'mei' }");
//   builder.After(absl::Hours(3)).Do("resolve { outcome: 'repaired' }");
//   hotline::v1::Case resolved = builder.Build();
//   auto refused = builder.Try("accept {}");        // changes nothing
//
// A verb that is refused, or text that is no command, fails the running test
// and leaves the case as it is.
// Thread rule: one thread. Lifetime: it keeps a copy of the policy.
#ifndef HOTLINE_TESTING_CASE_BUILDER_H_
#define HOTLINE_TESTING_CASE_BUILDER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/judge.h"
#include "hotline/policy.h"

namespace hotline::testing {

// The verbs' part of a Command from its text: "resolve { outcome: 'ok' }".
v1::Command ParseCommand(std::string_view textproto);

class CaseBuilder {
 public:
  // Builders of different seeds make cases of different ids and references.
  CaseBuilder(Policy policy, absl::Time now, uint64_t seed = 1);

  // Who does what follows; a supervisor at first.
  CaseBuilder& By(Actor actor);
  CaseBuilder& At(absl::Time now);
  CaseBuilder& After(absl::Duration passed);
  // Another policy in force from now on, as the next version.
  CaseBuilder& Adopt(Policy policy);

  // Opens the case, for the person "citizen-1"; or with everything said.
  CaseBuilder& Open(std::string_view category);
  CaseBuilder& Do(std::string_view textproto);
  CaseBuilder& Do(const v1::Command& command);

  // What would come of it. `others`: the further cases the command names.
  absl::StatusOr<Judgement> Try(const v1::Command& command,
                                const std::vector<v1::Case>& others = {}) const;
  absl::StatusOr<Judgement> Try(std::string_view textproto,
                                const std::vector<v1::Case>& others = {}) const;

  const v1::Case& Build() const { return on_; }
  // Everything that has happened, oldest first.
  const std::vector<v1::Event>& events() const { return events_; }
  // What was to be said, in order.
  const std::vector<PlannedDelivery>& deliveries() const { return deliveries_; }
  absl::Time now() const { return now_; }

 private:
  Policy policy_;
  absl::Time now_;
  Actor actor_;
  int64_t policy_version_ = 1;
  absl::Time policy_since_ = absl::InfinitePast();
  std::vector<Era> earlier_;
  uint64_t seed_;
  v1::Case on_;
  std::vector<v1::Event> events_;
  std::vector<PlannedDelivery> deliveries_;
};

}  // namespace hotline::testing

#endif  // HOTLINE_TESTING_CASE_BUILDER_H_
