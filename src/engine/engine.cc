#include "hotline/engine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/limits.h"
#include "src/base/time.h"
#include "src/engine/impl.h"

namespace hotline {

Engine::Impl::Impl(Store* store, Options options)
    : store_(store),
      options_(std::move(options)),
      clock_(options_.clock != nullptr ? options_.clock : RealClock()),
      entropy_(options_.entropy != nullptr ? options_.entropy
                                           : SystemEntropy()),
      policies_(store),
      group_(store, options_.observer) {}

absl::Time Engine::Impl::Now() const {
  return internal::FloorToMillisecond(clock_->TimeNow());
}

absl::Status Engine::Impl::Load() { return policies_.LoadAll(Now()); }

absl::Status Engine::Impl::CheckActor(const Actor& actor) const {
  Problems problems;
  if (actor.tenant.empty()) {
    problems.Add("actor.tenant", "is empty", "every call is for one tenant");
  }
  for (const auto& [path, text] : {std::pair<const char*, const std::string&>(
                                       "actor.tenant", actor.tenant),
                                   {"actor.id", actor.id}}) {
    if (text.size() > limits::kCodeBytesMax || !IsCleanText(text)) {
      problems.Add(path, "is too long or no clean text",
                   absl::StrCat("at most ", limits::kCodeBytesMax, " bytes"));
    }
  }
  return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "actor");
}

Authorizer::Decision Engine::Impl::MayDo(
    const Policy& policy, const Actor& actor, v1::Verb verb,
    std::span<const v1::Case> cases) const {
  if (options_.authorizer != nullptr) {
    return options_.authorizer->MayDo(actor, verb, cases);
  }
  if (cases.empty()) {
    return policy.access().MayDo(actor, verb, nullptr) ? Authorizer::kAllow
                                                       : Authorizer::kDeny;
  }
  for (const v1::Case& on : cases) {
    if (!policy.access().MayDo(actor, verb, &on)) return Authorizer::kDeny;
  }
  return Authorizer::kAllow;
}

bool Engine::Impl::May(const Policy& policy, const Actor& actor,
                       v1::Permission permission, const v1::Case* on) const {
  return options_.authorizer != nullptr
             ? options_.authorizer->May(actor, permission, on) ==
                   Authorizer::kAllow
             : policy.access().May(actor, permission, on);
}

void Engine::Impl::Alarm(const std::string& tenant, std::string_view what,
                         const absl::Status& why) const {
  if (options_.observer != nullptr) {
    options_.observer->OnAlarm(tenant, what, why);
  }
}

absl::StatusOr<v1::Receipt> Engine::Impl::Adopt(const Actor& actor,
                                                const Policy& policy,
                                                int64_t expected_head) {
  if (const absl::Status bad = CheckActor(actor); !bad.ok()) return bad;
  if (expected_head < 0) {
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                     "expected_head is negative; 0 is for the first policy");
  }
  if (expected_head == 0) return AdoptAfter(actor, policy, {policy, 0, Now()});
  const auto current = policies_.Current(actor.tenant, Now(), expected_head);
  if (!current.ok()) return current.status();
  if (!May(current->policy, actor, v1::ADOPT, nullptr)) {
    return MakeError(v1::ErrorInfo::PERMISSION_DENIED,
                     "adopting a policy needs the permission ADOPT");
  }
  if (current->version != expected_head) return StaleHead(expected_head);
  return AdoptAfter(actor, policy, *current);
}

absl::Status Engine::Impl::StaleHead(int64_t expected_head) {
  return MakeError(v1::ErrorInfo::VERSION_CONFLICT,
                   absl::StrCat("another policy was adopted since version ",
                                expected_head, "; look at it first"));
}

absl::StatusOr<v1::Receipt> Engine::Impl::AdoptAfter(
    const Actor& actor, const Policy& policy,
    const internal::PolicyInForce& current) {
  // Versions follow one another in time, also if a clock stepped back.
  const absl::Time now = std::max(Now(), current.since);
  Write write = policies_.AdoptionOf(actor.tenant, actor.id, policy,
                                     current.version, now);
  const absl::Status verdict = group_.Commit({&write, 1}).front();
  if (ReasonOf(verdict) == v1::ErrorInfo::VERSION_CONFLICT) {
    return StaleHead(current.version);
  }
  if (!verdict.ok()) return verdict;
  const int64_t version = current.version + 1;
  policies_.Adopted(actor.tenant, policy, version, now);
  v1::Receipt receipt;
  receipt.set_version(version);
  internal::SetTimestamp(now, receipt.mutable_recorded_at());
  return receipt;
}

absl::StatusOr<Policy> Engine::Impl::CurrentPolicy(const Actor& actor,
                                                   int64_t* version) {
  const auto current = policies_.Current(actor.tenant, Now());
  if (!current.ok()) return current.status();
  if (version != nullptr) *version = current->version;
  return current->policy;
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(Store* store,
                                                     Options options) {
  auto impl = std::make_unique<Impl>(store, std::move(options));
  if (const absl::Status loaded = impl->Load(); !loaded.ok()) return loaded;
  return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

absl::StatusOr<v1::Receipt> Engine::Adopt(const Actor& actor,
                                          const Policy& policy,
                                          int64_t expected_head) {
  return impl_->Adopt(actor, policy, expected_head);
}

absl::StatusOr<v1::Receipt> Engine::Declare(const Actor& actor,
                                            const v1::PolicyPatch& patch,
                                            int64_t expected_head) {
  return impl_->Declare(actor, patch, expected_head);
}

absl::StatusOr<PatchEffect> Engine::DryRun(
    const Actor& actor, const v1::PolicyPatch& patch,
    const std::function<void(int64_t, int64_t)>& progress) {
  return impl_->DryRun(actor, patch, progress);
}

absl::StatusOr<Policy> Engine::CurrentPolicy(const Actor& actor,
                                             int64_t* version) {
  return impl_->CurrentPolicy(actor, version);
}

absl::StatusOr<v1::Receipt> Engine::Execute(const Actor& actor,
                                            const v1::Command& command) {
  return impl_->Execute(actor, command);
}

std::vector<absl::StatusOr<v1::Receipt>> Engine::ExecuteBatch(
    const Actor& actor, std::span<const v1::Command> commands) {
  return impl_->ExecuteBatch(actor, commands);
}

absl::StatusOr<v1::Receipt> Engine::RecordContact(const Actor& actor,
                                                  const v1::Contact& contact) {
  return impl_->RecordContact(actor, contact);
}

absl::StatusOr<v1::Case> Engine::Get(const Actor& actor,
                                     std::string_view reference) {
  return impl_->Get(actor, reference);
}

absl::StatusOr<v1::CasePage> Engine::Find(const Actor& actor,
                                          const v1::Query& query) {
  return impl_->Find(actor, query);
}

absl::StatusOr<v1::EventPage> Engine::History(const Actor& actor,
                                              std::string_view reference,
                                              const v1::Page& page) {
  return impl_->History(actor, reference, page);
}

absl::StatusOr<v1::ChangePage> Engine::Changes(const Actor& actor,
                                               const v1::Page& page) {
  return impl_->Changes(actor, page);
}

absl::StatusOr<DueReport> Engine::RunDue(absl::Duration budget) {
  return impl_->RunDue(budget);
}

}  // namespace hotline
