#include "src/engine/policies.h"

#include <iterator>
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

absl::StatusOr<Era> Policies::ReadPolicy(const std::string& tenant,
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
  // Versions differ in little: they share what they can.
  std::optional<Policy> like;
  {
    MutexLock lock(&mutex_);
    const auto it = versions_.lower_bound({tenant, version});
    if (it != versions_.end() && it->first.first == tenant) {
      like = it->second.policy;
    } else if (it != versions_.begin() &&
               std::prev(it)->first.first == tenant) {
      like = std::prev(it)->second.policy;
    }
  }
  auto policy = like.has_value() ? Policy::Create(adopted.spec(), *like)
                                 : Policy::Create(adopted.spec());
  if (!policy.ok()) return policy.status();
  return Era{.policy = *std::move(policy),
             .version = version,
             .since = FromTimestamp(adopted.adopted_at())};
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
    if (it != heads_.end() && it->second.policy.version >= at_least &&
        now < it->second.looked + kLookAgainAfter && now >= it->second.looked) {
      return it->second.policy;
    }
  }
  const auto head = ReadHead(tenant);
  if (!head.ok()) return head.status();
  if (*head == 0) return NoPolicy(tenant);
  const auto era = Version(tenant, *head);
  if (!era.ok()) return era.status();
  Remember(tenant, *era, now);
  return PolicyInForce{era->policy, era->version, era->since};
}

absl::StatusOr<Era> Policies::Version(const std::string& tenant,
                                      int64_t version) {
  {
    MutexLock lock(&mutex_);
    const auto it = versions_.find({tenant, version});
    if (it != versions_.end()) return it->second;
  }
  auto era = ReadPolicy(tenant, version);
  if (!era.ok()) return era.status();
  MutexLock lock(&mutex_);
  versions_.insert_or_assign({tenant, version}, *era);
  return era;
}

absl::StatusOr<std::vector<Era>> Policies::Between(const std::string& tenant,
                                                   int64_t from,
                                                   int64_t until) {
  std::vector<Era> eras;
  for (int64_t version = from; version < until; ++version) {
    auto era = Version(tenant, version);
    if (!era.ok()) return era.status();
    eras.push_back(*std::move(era));
  }
  return eras;
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
  Remember(tenant, {.policy = policy, .version = version, .since = now}, now);
}

void Policies::Remember(const std::string& tenant, const Era& head,
                        absl::Time looked) {
  MutexLock lock(&mutex_);
  versions_.insert_or_assign({tenant, head.version}, head);
  const auto it = heads_.find(tenant);
  if (it != heads_.end() && it->second.policy.version > head.version) return;
  heads_.insert_or_assign(
      tenant, Head{{head.policy, head.version, head.since}, looked});
}

}  // namespace hotline::internal
