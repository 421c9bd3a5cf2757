#include "src/engine/policies.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hotline/error.h"
#include "src/base/deterministic.h"
#include "src/base/time.h"

namespace hotline::internal {
namespace {

constexpr absl::Duration kLookAgainAfter = absl::Seconds(1);
constexpr int kTenantsPerRead = 500;

// Heads are records of the system tenant, so that all can be listed.
RecordKey HeadKey(const std::string& tenant) { return {"", "tenant", tenant}; }

RecordKey VersionKey(const std::string& tenant, int64_t version) {
  return {tenant, "policy", absl::StrFormat("%019d", version)};
}

absl::Status NoPolicy(const std::string& tenant) {
  return MakeError(
      v1::ErrorInfo::NO_POLICY,
      absl::StrCat("tenant \"", tenant, "\" has no policy; adopt one first"));
}

}  // namespace

absl::StatusOr<int64_t> Policies::ReadHead(const std::string& tenant) {
  const auto records = store_->ReadRecords(OneRecord(HeadKey(tenant)));
  if (!records.ok()) return records.status();
  return records->empty() ? 0 : records->front().version;
}

absl::StatusOr<Policy> Policies::ReadPolicy(const std::string& tenant,
                                            int64_t version) {
  const auto records =
      store_->ReadRecords(OneRecord(VersionKey(tenant, version)));
  if (!records.ok()) return records.status();
  if (records->empty()) return NoPolicy(tenant);
  v1::AdoptedPolicy adopted;
  if (!adopted.ParseFromString(records->front().payload)) {
    return MakeError(v1::ErrorInfo::CORRUPT,
                     absl::StrCat("policy ", version, " of tenant \"", tenant,
                                  "\" cannot be read"));
  }
  return Policy::Create(adopted.spec());
}

absl::Status Policies::LoadAll(absl::Time now) {
  std::string from;
  while (true) {
    RecordRange range;
    range.kind = "tenant";
    range.from = from;
    range.limit = kTenantsPerRead;
    const auto records = store_->ReadRecords(range);
    if (!records.ok()) return records.status();
    for (const Record& record : *records) {
      const auto current = Current(record.key.key, now, record.version);
      if (!current.ok()) return current.status();
    }
    if (records->size() < kTenantsPerRead) return absl::OkStatus();
    from = records->back().key.key;
    from.push_back('\0');
  }
}

absl::Status Policies::LoadNew(absl::Time now) {
  {
    MutexLock lock(&mutex_);
    if (now >= loaded_ && now < loaded_ + kLookAgainAfter) {
      return absl::OkStatus();
    }
    loaded_ = now;
  }
  return LoadAll(now);
}

absl::StatusOr<PolicyInForce> Policies::Current(const std::string& tenant,
                                                absl::Time now,
                                                int64_t at_least) {
  {
    MutexLock lock(&mutex_);
    const auto it = heads_.find(tenant);
    if (it != heads_.end() && it->second.version >= at_least &&
        now < it->second.looked + kLookAgainAfter && now >= it->second.looked) {
      return PolicyInForce{it->second.policy, it->second.version};
    }
  }
  const auto head = ReadHead(tenant);
  if (!head.ok()) return head.status();
  if (*head == 0) return NoPolicy(tenant);
  const auto policy = Version(tenant, *head);
  if (!policy.ok()) return policy.status();
  Adopted(tenant, *policy, *head, now);
  return PolicyInForce{*policy, *head};
}

absl::StatusOr<Policy> Policies::Version(const std::string& tenant,
                                         int64_t version) {
  {
    MutexLock lock(&mutex_);
    const auto it = versions_.find({tenant, version});
    if (it != versions_.end()) return it->second;
  }
  auto policy = ReadPolicy(tenant, version);
  if (!policy.ok()) return policy.status();
  MutexLock lock(&mutex_);
  versions_.insert_or_assign({tenant, version}, *policy);
  return policy;
}

std::vector<std::string> Policies::Tenants() {
  MutexLock lock(&mutex_);
  std::vector<std::string> tenants;
  for (const auto& [tenant, head] : heads_) tenants.push_back(tenant);
  return tenants;
}

Write Policies::AdoptionOf(const std::string& tenant, const std::string& by,
                           const Policy& policy, int64_t expected_head,
                           absl::Time now) const {
  v1::AdoptedPolicy adopted;
  adopted.set_version(expected_head + 1);
  SetTimestamp(now, adopted.mutable_adopted_at());
  adopted.set_adopted_by(by);
  *adopted.mutable_spec() = policy.spec();
  adopted.set_zone_data(ZoneDataVersion());
  adopted.set_fingerprint(policy.fingerprint());
  Write write;
  RecordChange head;
  head.record.key = HeadKey(tenant);
  head.record.version = expected_head + 1;
  head.expected_version = expected_head;
  write.records.push_back(std::move(head));
  RecordChange body;
  body.record.key = VersionKey(tenant, expected_head + 1);
  body.record.version = 1;
  body.record.payload = Deterministic(adopted);
  body.expected_version = 0;
  write.records.push_back(std::move(body));
  return write;
}

void Policies::Adopted(const std::string& tenant, const Policy& policy,
                       int64_t version, absl::Time now) {
  MutexLock lock(&mutex_);
  versions_.insert_or_assign({tenant, version}, policy);
  const auto it = heads_.find(tenant);
  if (it != heads_.end() && it->second.version > version) return;
  heads_.insert_or_assign(tenant, Head{policy, version, now});
}

}  // namespace hotline::internal
