// A change to the policy in force: what its spec becomes.
#ifndef HOTLINE_SRC_JUDGE_PATCH_H_
#define HOTLINE_SRC_JUDGE_PATCH_H_

#include <string>
#include <utility>
#include <vector>

#include "hotline/error.h"
#include "hotline/v1/policy.pb.h"

namespace hotline::internal {

struct Patched {
  v1::PolicySpec spec;
  // Where in the spec something of the patch now stands, and where it stands in
  // the patch: what is wrong with it is told where it was written.
  std::vector<std::pair<std::string, std::string>> places;

  // `path` as in the patch, if it leads to something of it.
  std::string PathInPatch(const std::string& path) const;
};

// Withdraws, then replaces, then adds. What cannot be done is a problem with a
// path into the patch; the rest is done all the same.
Patched ApplyPatch(const v1::PolicySpec& in_force, const v1::PolicyPatch& patch,
                   Problems* problems);

// Less than zero if `a` is the older revision. Runs of digits are compared as
// numbers: "2026-08-09" is older than "2026-08-10", "r9" than "r10".
int CompareRevisions(const std::string& a, const std::string& b);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_JUDGE_PATCH_H_
