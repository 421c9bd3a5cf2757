// The policies of a tenant that were ever in force, by version.
#ifndef HOTLINE_SRC_READERS_REPORT_POLICY_BOOK_H_
#define HOTLINE_SRC_READERS_REPORT_POLICY_BOOK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/policy.h"
#include "hotline/store.h"

namespace hotline::internal {

struct PolicyOfVersion {
  Policy policy;
  int64_t version = 0;
  absl::Time since;
  std::string zone_data;
};

// Keeps what it has read: versions differ in little, and share what they can.
class PolicyBook {
 public:
  using Entry = std::shared_ptr<const PolicyOfVersion>;

  // Reads the head; NO_POLICY if there is none.
  static absl::StatusOr<PolicyBook> Open(Store* store, std::string tenant);

  const PolicyOfVersion& head() const { return *head_; }
  absl::StatusOr<Entry> Version(int64_t version);

 private:
  PolicyBook(Store* store, std::string tenant)
      : store_(store), tenant_(std::move(tenant)) {}
  absl::StatusOr<Entry> Read(int64_t version) const;

  Store* store_;
  std::string tenant_;
  Entry head_;
  std::map<int64_t, Entry> kept_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_REPORT_POLICY_BOOK_H_
