// A policy compiled: calendars, taxonomy, workflows, clocks, routes, notices
// and roles of one city, checked as a whole and fixed for ever.
//
//   auto policy = hotline::Policy::FromTextproto(text);
//   const auto info = hotline::InfoOf(policy.status());
//   if (!policy.ok())
//     for (const auto& p : info.problems())
//       std::cerr << p.path() << ": " << p.message() << "\n";
//
// Thread rule: immutable; share it between threads. Copies are cheap and share
// the compiled rooms. Lifetime: references it gives live as long as any copy.
// Errors: INVALID_POLICY with every problem, each with path and hint.
#ifndef HOTLINE_POLICY_H_
#define HOTLINE_POLICY_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "hotline/access.h"
#include "hotline/calendar.h"
#include "hotline/error.h"
#include "hotline/notice.h"
#include "hotline/routing.h"
#include "hotline/sla.h"
#include "hotline/taxonomy.h"
#include "hotline/v1/policy.pb.h"
#include "hotline/workflow.h"

namespace hotline {

class Policy final {
 public:
  // Compiles it, or tells every problem in one go.
  static absl::StatusOr<Policy> Create(const v1::PolicySpec& spec);

  // The same from a file's text. All unknown fields and all semantic problems
  // of a textproto are told in one go; a syntax error, and any error of JSON's
  // form, is told alone.
  static absl::StatusOr<Policy> FromTextproto(std::string_view text);
  static absl::StatusOr<Policy> FromJson(std::string_view text);

  // The same; shares with `like` the years of calendars that are equal in both.
  // For another version of one policy.
  static absl::StatusOr<Policy> Create(const v1::PolicySpec& spec,
                                       const Policy& like);

  // A typhoon: the same policy with the patch applied. Closures are withdrawn
  // first; then calendars, categories and declared events take the places of
  // those of the same name, or are added; then closures are added, so that one
  // patch corrects a closure, or gives a calendar's new revision the closures
  // it lacks. A closure or declared event without a reason has the patch's.
  //
  // Refused are closures and calendars that are not there, a closure that is
  // there already, a calendar whose revision is older than the one in force
  // (runs of digits count as numbers: "r9" < "r10"; none is the oldest), and
  // all that Create refuses. Paths lead into the patch where the fault is in
  // it.
  absl::StatusOr<Policy> With(const v1::PolicyPatch& patch) const;

  const v1::PolicySpec& spec() const;
  const Calendars& calendars() const;
  const Taxonomy& taxonomy() const;
  const Workflows& workflows() const;
  const Sla& sla() const;
  const Routing& routing() const;
  const Notices& notices() const;
  const Access& access() const;
  absl::TimeZone time_zone() const;
  // SHA-256 of the serialised spec.
  const std::string& fingerprint() const;

 private:
  struct Compiled;
  static std::shared_ptr<const Compiled> Build(v1::PolicySpec spec,
                                               const Compiled* earlier,
                                               Problems* problems);
  explicit Policy(std::shared_ptr<const Compiled> compiled);
  std::shared_ptr<const Compiled> compiled_;
};

// The name by which a closure is withdrawn: its `id`, or where it has none one
// made of what it closes (instants, areas, units), so that the same closure has
// the same name in every version and on every machine: "c-3f9a1b2c4d".
std::string ClosureIdOf(const v1::ClosureSpec& closure);

// Reads a spec without compiling it. All unknown fields are told at once.
absl::StatusOr<v1::PolicySpec> ParsePolicyTextproto(std::string_view text);
absl::StatusOr<v1::PolicySpec> ParsePolicyJson(std::string_view text);

}  // namespace hotline

#endif  // HOTLINE_POLICY_H_
