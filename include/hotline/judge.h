// Judge: what a command does to cases under a policy, as a pure function of
// values. No clock, store, environment or randomness: the engine, scenarios,
// imports and what-if all call this one function.
//
//   hotline::Moment moment{.now = now,
//                          .actor = {"taipei", "agent-7", {"agent"}},
//                          .random = entropy->Bytes(96)};
//   auto judgement = hotline::Judge(*policy, {&found, 1}, command, moment);
//   if (judgement.ok())
//     for (const auto& change : judgement->changes) Save(change.after);
//
// Thread rule: pure; call it from anywhere.
#ifndef HOTLINE_JUDGE_H_
#define HOTLINE_JUDGE_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/actor.h"
#include "hotline/policy.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/event.pb.h"

namespace hotline {

// Shape of the fold. Rises when Evolve makes another snapshot of the same
// events; snapshots of an older shape are folded anew from the log.
inline constexpr int kFoldVersion = 1;

// A policy that was in force, from an instant on.
struct Era {
  Policy policy;
  int64_t version = 0;
  absl::Time since;
};

// Who does it, when, and the dice: drawn by the engine, given to Judge.
struct Moment {
  absl::Time now;  // floored to a millisecond
  Actor actor;
  std::string random;  // at least 96 bytes
  int64_t policy_version = 0;
  // When the policy in force was adopted.
  absl::Time policy_since = absl::InfinitePast();
  // Those in force before it, oldest first, back to the one that judged the
  // case last: what fell due under each is recorded by its own rules, however
  // late somebody looks. Empty: all is judged by the policy in force.
  std::vector<Era> earlier = {};
  bool may_import = false;     // the actor has IMPORT
  bool may_date_back = false;  // the actor has LATE_FACT or IMPORT
};

// A notice decided for one recipient: names, no text, no address.
struct PlannedDelivery {
  std::string notice;
  v1::NoticeSpec::Recipient to = v1::NoticeSpec::RECIPIENT_UNSPECIFIED;
  std::string recipient;
  std::string channel;
  std::string occurrence;  // what makes it one: verb, or clock/cycle/level/gen
  absl::Time at;
};

// One case of a judgement.
struct CaseChangePlan {
  v1::Case after;   // the fold, with `sealed`
  v1::Event event;  // its facts, with `sealed`; no facts: nothing happened
  bool created = false;
  std::vector<PlannedDelivery> deliveries;
};

struct Judgement {
  std::vector<CaseChangePlan> changes;  // the command's own case first
  // ERASE_PERSON: the sealed bodies of the first case and its events go.
  bool erase = false;
};

// `cases` are those the command names, its own first; for OPEN none. Each has
// its `sealed` body if there is one. Errors: ILLEGAL_VERB with the legal ones,
// INVALID_ARGUMENT and LIMIT_EXCEEDED with every problem of the command.
absl::StatusOr<Judgement> Judge(const Policy& policy,
                                std::span<const v1::Case> cases,
                                const v1::Command& command,
                                const Moment& moment);

// Copies the event's facts into the case. Knows no policy, zone or clock: the
// same events give the same case, byte for byte, for ever.
void Evolve(const v1::Event& event, v1::Case* on);

// The references of further cases that `command` names.
std::vector<std::string> NamedCases(const v1::Command& command);

// The verb a command's oneof holds; VERB_UNSPECIFIED if none.
v1::Verb VerbOf(const v1::Command& command);

// The case's clocks as of `now`: elapsed, remaining and breach filled in.
void ReadClocks(const Policy& policy, absl::Time now, v1::Case* on);

// The least instant at which anything can happen to the case by itself, found
// by looking at its clocks and its state; InfiniteFuture: never. What its timer
// must say: the check of a store compares the two.
absl::Time NextInstant(const Policy& policy, const v1::Case& on);

}  // namespace hotline

#endif  // HOTLINE_JUDGE_H_
