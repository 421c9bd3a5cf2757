#include "src/readers/report/policy_book.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hotline/error.h"
#include "src/base/time.h"

namespace hotline::internal {
absl::StatusOr<PolicyBook> PolicyBook::Open(Store* store, std::string tenant) {
  const auto heads = store->ReadRecords(OneRecord({"", "tenant", tenant}));
  if (!heads.ok()) return heads.status();
  if (heads->empty()) {
    return MakeError(v1::ErrorInfo::NO_POLICY,
                     absl::StrCat("tenant \"", tenant, "\" has no policy"));
  }
  PolicyBook book(store, std::move(tenant));
  auto head = book.Version(heads->front().version);
  if (!head.ok()) return head.status();
  book.head_ = *std::move(head);
  return book;
}

absl::StatusOr<PolicyBook::Entry> PolicyBook::Version(int64_t version) {
  const auto found = kept_.find(version);
  if (found != kept_.end()) return found->second;
  auto entry = Read(version);
  if (entry.ok()) kept_[version] = *entry;
  return entry;
}

absl::StatusOr<PolicyBook::Entry> PolicyBook::Read(int64_t version) const {
  const auto records = store_->ReadRecords(
      OneRecord({tenant_, "policy", absl::StrFormat("%019d", version)}));
  if (!records.ok()) return records.status();
  v1::AdoptedPolicy adopted;
  if (records->empty() || !adopted.ParseFromString(records->front().payload)) {
    return MakeError(v1::ErrorInfo::CORRUPT,
                     absl::StrCat("policy ", version, " of tenant \"", tenant_,
                                  "\" is missing or cannot be read"));
  }
  const auto near = kept_.lower_bound(version);
  const Policy* like = near != kept_.end() ? &near->second->policy
                       : kept_.empty()     ? nullptr
                                           : &kept_.rbegin()->second->policy;
  auto policy = like != nullptr ? Policy::Create(adopted.spec(), *like)
                                : Policy::Create(adopted.spec());
  if (!policy.ok()) return policy.status();
  return std::make_shared<const PolicyOfVersion>(PolicyOfVersion{
      *std::move(policy), version, FromTimestamp(adopted.adopted_at()),
      adopted.zone_data()});
}

}  // namespace hotline::internal
