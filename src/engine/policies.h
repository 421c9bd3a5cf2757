// The policies in force, one a tenant, and those that were.
#ifndef HOTLINE_SRC_ENGINE_POLICIES_H_
#define HOTLINE_SRC_ENGINE_POLICIES_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/actor.h"
#include "hotline/judge.h"
#include "hotline/policy.h"
#include "hotline/store.h"
#include "hotline/v1/receipt.pb.h"
#include "src/base/mutex.h"

namespace hotline::internal {

struct PolicyInForce {
  Policy policy;
  int64_t version;
  absl::Time since;  // when it was adopted
};

class Policies {
 public:
  explicit Policies(Store* store) : store_(store) {}

  // Reads every tenant's head.
  absl::Status LoadAll(absl::Time now);
  // The same, at most once a second.
  absl::Status LoadNew(absl::Time now);
  // The policy in force, compared with the store's head if a second has gone
  // by since the last look, or if `at_least` is newer.
  absl::StatusOr<PolicyInForce> Current(const std::string& tenant,
                                        absl::Time now, int64_t at_least = 0);
  // A version that was in force at some time.
  absl::StatusOr<Era> Version(const std::string& tenant, int64_t version);
  // The versions [from, until), oldest first.
  absl::StatusOr<std::vector<Era>> Between(const std::string& tenant,
                                           int64_t from, int64_t until);
  std::vector<std::string> Tenants();

  // The Write that adopts, and what to remember once it is committed.
  Write AdoptionOf(const std::string& tenant, const std::string& by,
                   const Policy& policy, int64_t expected_head,
                   absl::Time now) const;
  void Adopted(const std::string& tenant, const Policy& policy, int64_t version,
               absl::Time now);

 private:
  struct Head {
    PolicyInForce policy;
    absl::Time looked;
  };
  absl::StatusOr<int64_t> ReadHead(const std::string& tenant);
  absl::StatusOr<Era> ReadPolicy(const std::string& tenant, int64_t version);
  // Remembers a head that the store had at `looked`.
  void Remember(const std::string& tenant, const Era& head, absl::Time looked);

  Store* const store_;
  Mutex mutex_;
  absl::Time loaded_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::map<std::string, Head> heads_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, int64_t>, Era> versions_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ENGINE_POLICIES_H_
