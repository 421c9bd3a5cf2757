// What runs by itself: timers, sweeps; deliveries are in deliver.cc.
#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "hotline/error.h"
#include "src/base/time.h"
#include "src/engine/impl.h"

namespace hotline {
namespace {

using internal::FromTimestamp;
using internal::LoadedCase;
using internal::SetTimestamp;

constexpr int kTimersAtOnce = 128;
constexpr int kKeysSweptAtOnce = 500;
// A tick that fails for its own reason is tried again then.
constexpr absl::Duration kFailedTickAfter = absl::Hours(1);

// The library itself, which no role binds.
Actor Machine(const std::string& tenant) {
  return {.tenant = tenant, .id = "hotline", .roles = {}};
}

}  // namespace

// Moves a case's timer without an event: nothing happened to the case.
CaseChange Engine::Impl::PutOff(const LoadedCase& loaded,
                                absl::Time until) const {
  CaseChange change;
  change.row = internal::ToRow(loaded.message, loaded.chain);
  change.row.next_at = internal::ToMs(until);
  change.row.payload = internal::CasePayload(loaded.message);
  change.expected_version = loaded.message.version();
  change.write_sealed = false;
  return change;
}

std::optional<Engine::Impl::PreparedTick> Engine::Impl::PrepareTick(
    const CaseKey& key, internal::PolicyInForce policy, absl::Time now) {
  const auto row = store_->ReadCase(key, Part::kSealed);
  auto loaded = row.ok() ? LoadRow(*row) : row.status();
  if (!loaded.ok()) {
    // Alarmed and left where it is: it cannot be moved either.
    Alarm(key.tenant, "a due case cannot be read", loaded.status());
    return std::nullopt;
  }
  const v1::Case& on = loaded->message;
  if (on.policy_version() > policy.version) {
    const auto newer = policies_.Current(key.tenant, now, on.policy_version());
    if (newer.ok()) policy = *newer;
  }
  v1::Command tick;
  tick.mutable_tick();
  auto prepared = PrepareJudged(policy, Machine(key.tenant), tick, {*loaded},
                                /*trusted=*/true);
  if (prepared.ok() && !prepared->write.cases.empty()) {
    return PreparedTick{std::move(prepared->write), true};
  }
  // A tick that fails is tried again later and holds nobody up; one that finds
  // nothing lays the timer anew.
  absl::Time next = now + kFailedTickAfter;
  if (!prepared.ok()) {
    Alarm(key.tenant, "a tick fails", prepared.status());
  } else if (on.has_next_at() && FromTimestamp(on.next_at()) > now) {
    next = FromTimestamp(on.next_at());
  }
  PreparedTick put_off;
  put_off.write.cases.push_back(PutOff(*loaded, next));
  return put_off;
}

// Threads of this process share what is due between them.
std::vector<CaseKey> Engine::Impl::TakeOn(std::span<const Claimed> claimed) {
  internal::MutexLock lock(&firing_mutex_);
  std::vector<CaseKey> mine;
  for (const Claimed& timer : claimed) {
    if (firing_.insert(timer.case_key).second) mine.push_back(timer.case_key);
  }
  return mine;
}

void Engine::Impl::LetGo(std::span<const CaseKey> mine) {
  internal::MutexLock lock(&firing_mutex_);
  for (const CaseKey& key : mine) firing_.erase(key);
}

absl::StatusOr<bool> Engine::Impl::FireTimers(const std::string& tenant,
                                              DueReport* report) {
  const absl::Time now = Now();
  const auto claimed = store_->Claim({.queue = DueQuery::kTimers,
                                      .tenant = tenant,
                                      .due = internal::ToMs(now),
                                      .limit = kTimersAtOnce});
  if (!claimed.ok()) return claimed.status();
  if (claimed->empty()) return false;
  const auto policy = policies_.Current(tenant, now);
  if (!policy.ok()) return policy.status();

  const std::vector<CaseKey> mine = TakeOn(*claimed);
  std::vector<Write> writes;
  std::vector<bool> fires;
  for (const CaseKey& key : mine) {
    ++report->looked;
    auto tick = PrepareTick(key, *policy, now);
    if (!tick.has_value()) continue;
    writes.push_back(std::move(tick->write));
    fires.push_back(tick->fires);
  }
  const bool progress = !writes.empty();
  std::vector<absl::Status> verdicts;
  if (progress) verdicts = group_.Commit(std::move(writes));
  LetGo(mine);
  absl::Status failed = absl::OkStatus();
  for (size_t i = 0; i < verdicts.size(); ++i) {
    if (verdicts[i].ok() && fires[i]) ++report->fired;
    // A case that moved has a new timer; anything else is the store's word.
    if (ReasonOf(verdicts[i]) != v1::ErrorInfo::VERSION_CONFLICT) {
      failed.Update(verdicts[i]);
    }
  }
  if (!failed.ok()) return failed;
  return progress;
}

absl::Status Engine::Impl::SweepKeys(const std::string& tenant,
                                     DueReport* report) {
  RecordRange range;
  range.tenant = tenant;
  range.kind = "key";
  range.index = 0;
  range.until = absl::StrFormat("%013d", internal::ToMs(Now()));
  range.limit = kKeysSweptAtOnce;
  const auto records = store_->ReadRecords(range);
  if (!records.ok()) return records.status();
  Write write;
  for (const Record& record : *records) {
    if (!record.index[0].empty()) write.removals.push_back(record.key);
  }
  if (write.removals.empty()) return absl::OkStatus();
  report->swept += static_cast<int>(write.removals.size());
  std::vector<Write> writes;
  writes.push_back(std::move(write));
  return group_.Commit(std::move(writes)).front();
}

absl::StatusOr<DueReport> Engine::Impl::RunDue(absl::Duration budget) {
  DueReport report;
  // The budget is the caller's own time, whatever the engine's clock says.
  const absl::Time until = RealClock()->TimeNow() + budget;
  const auto in_budget = [&] { return RealClock()->TimeNow() < until; };
  // Tenants adopted by other processes come to light here.
  if (const absl::Status loaded = policies_.LoadNew(Now()); !loaded.ok()) {
    return loaded;
  }
  const std::vector<std::string> tenants = policies_.Tenants();
  for (const std::string& tenant : tenants) {
    bool more = true;
    while (more) {
      const auto fired = FireTimers(tenant, &report);
      if (!fired.ok()) return fired.status();
      const auto sent = SendDeliveries(tenant, &report);
      if (!sent.ok()) return sent.status();
      more = (*fired || *sent) && in_budget();
    }
    if (const absl::Status swept = SweepKeys(tenant, &report); !swept.ok()) {
      return swept;
    }
  }
  for (const std::string& tenant : tenants) {
    for (const auto queue : {DueQuery::kTimers, DueQuery::kDeliveries}) {
      // Deliveries that nobody here can send are somebody else's to wake for.
      if (queue == DueQuery::kDeliveries && options_.notifiers.empty()) continue;
      const auto next = store_->NextDue(queue, tenant);
      if (!next.ok()) return next.status();
      report.next = std::min(report.next, internal::FromMs(*next));
    }
  }
  return report;
}

}  // namespace hotline
