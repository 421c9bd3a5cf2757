// What runs by itself: timers, sweeps; deliveries are in deliver.cc.
#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "hotline/error.h"
#include "src/base/time.h"
#include "src/engine/impl.h"
#include "src/engine/try_again.h"

namespace hotline {
namespace {

using internal::LoadedCase;

constexpr int kTimersAtOnce = 128;
// Where others fire the same timers, a worker begins at a random place among
// so many, and does so for a while: at the head of the queue all would judge
// the same cases, and all but one in vain.
constexpr int kTimersLookedOver = 2'048;
constexpr int kRoundsApart = 16;
constexpr int kKeysSweptAtOnce = 500;
// A tick that fails for its own reason is tried again then.
constexpr absl::Duration kFailedTickAfter = absl::Hours(1);
// Keys are kept for days: a minute more or less is nothing to them.
constexpr absl::Duration kSweepAgainAfter = absl::Minutes(1);
// Of a store that cannot tell when something is due.
constexpr absl::Duration kAskAgainAfter = absl::Seconds(1);

// The library itself, which no role binds.
Actor Machine(const std::string& tenant) {
  return {.tenant = tenant, .id = "hotline", .roles = {}};
}

}  // namespace

// Moves a case's timer without an event: nothing happened to the case, which
// stays as it was read.
CaseChange Engine::Impl::PutOff(CaseRow row, absl::Time until) {
  CaseChange change;
  change.row = std::move(row);
  change.row.sealed.reset();
  change.row.next_at =
      until == absl::InfiniteFuture() ? kNever : internal::ToMs(until);
  change.expected_version = change.row.version;
  change.write_sealed = false;
  change.only_timer = true;
  return change;
}

absl::StatusOr<Prepared> Engine::Impl::Tick(
    const internal::PolicyInForce& policy, const std::string& tenant,
    LoadedCase loaded) {
  v1::Command tick;
  tick.mutable_tick();
  std::vector<LoadedCase> cases;
  cases.push_back(std::move(loaded));
  return PrepareJudged(policy, Machine(tenant), tick, std::move(cases),
                       /*trusted=*/true);
}

Write Engine::Impl::TickOf(const internal::PolicyInForce& policy, CaseRow row,
                           bool* fires) {
  const std::string tenant = row.key.tenant;
  const absl::Time now = Now();
  absl::Time until = now + kFailedTickAfter;
  Write put_off;
  const auto glance = internal::GlanceAt(row);
  if (glance.has_value() && glance->policy_version == policy.version &&
      glance->fold_version == kFoldVersion && glance->next_at > now) {
    // Judged by these very rules, and by them nothing is due: the column is
    // laid anew from the clocks.
    put_off.cases.push_back(PutOff(std::move(row), glance->next_at));
    return put_off;
  }
  auto loaded = LoadRow(row);
  if (!loaded.ok()) {
    Alarm(tenant, "a due case cannot be read", loaded.status());
    put_off.cases.push_back(PutOff(std::move(row), until));
    return put_off;
  }
  auto in_force = policy;
  const int64_t judged_by = loaded->message.policy_version();
  if (judged_by > in_force.version) {
    const auto newer = policies_.Current(tenant, now, judged_by);
    if (newer.ok()) in_force = *newer;
  }
  auto prepared = Tick(in_force, tenant, *std::move(loaded));
  if (prepared.ok() && !prepared->write.cases.empty()) {
    *fires = true;
    return std::move(prepared->write);
  }
  if (!prepared.ok()) {
    Alarm(tenant, "a tick fails", prepared.status());
  } else if (prepared->next > now) {
    // Nothing was due after all: the column is laid anew from the clocks.
    until = prepared->next;
  }
  put_off.cases.push_back(PutOff(std::move(row), until));
  return put_off;
}

absl::StatusOr<std::vector<Claimed>> Engine::Impl::ClaimTimers(
    const std::string& tenant, const Claimed* behind) {
  DueQuery query{.queue = DueQuery::kTimers,
                 .tenant = tenant,
                 .due = internal::ToMs(Now()),
                 .limit = kTimersAtOnce};
  const auto claim = [&] {
    return internal::TryAgain([&] { return store_->Claim(query); });
  };
  bool apart = false;
  if (behind != nullptr) {
    query.after_due = behind->due_at;
    query.after_id = behind->case_key.id;
  } else {
    internal::MutexLock lock(&firing_mutex_);
    int& rounds = rounds_apart_[tenant];
    apart = rounds > 0;
    if (apart) --rounds;
  }
  if (apart) {
    query.limit = kTimersLookedOver;
    const auto ahead = claim();
    if (!ahead.ok()) return ahead.status();
    query.limit = kTimersAtOnce;
    if (ahead->size() > kTimersAtOnce) {
      const std::string dice = entropy_->Bytes(2);
      const size_t drawn = static_cast<unsigned char>(dice[0]) * 256u +
                           static_cast<unsigned char>(dice[1]);
      const size_t place = drawn % (ahead->size() - kTimersAtOnce + 1);
      if (place > 0) {
        query.after_due = (*ahead)[place - 1].due_at;
        query.after_id = (*ahead)[place - 1].case_key.id;
      }
    }
  }
  query.rows = true;
  return claim();
}

void Engine::Impl::KeepApart(const std::string& tenant, size_t lost,
                             size_t claimed) {
  if (lost * 4 < claimed) return;
  internal::MutexLock lock(&firing_mutex_);
  rounds_apart_[tenant] = kRoundsApart;
}

absl::Status Engine::Impl::Judge(const internal::PolicyInForce& policy,
                                 std::span<Claimed> claimed, Round* round,
                                 DueReport* report) {
  round->claimed += claimed.size();
  for (Claimed& timer : claimed) {
    const CaseKey& key = timer.case_key;
    {
      internal::MutexLock lock(&firing_mutex_);
      const auto [place, free] = firing_.insert(key);
      if (!free) continue;
      round->mine.push_back(place);
    }
    ++report->looked;
    absl::StatusOr<CaseRow> row = timer.row.has_value()
                                      ? *std::exchange(timer.row, std::nullopt)
                                      : store_->ReadCase(key, Part::kSealed);
    if (!row.ok()) {
      const v1::ErrorInfo::Reason reason = ReasonOf(row.status());
      if (reason != v1::ErrorInfo::CORRUPT &&
          reason != v1::ErrorInfo::CASE_NOT_FOUND) {
        return row.status();  // the store's fault, and not the case's
      }
      Alarm(key.tenant, "a due case cannot be read", row.status());
      continue;
    }
    bool fires = false;
    round->writes.push_back(TickOf(policy, *std::move(row), &fires));
    round->fires.push_back(fires);
  }
  return absl::OkStatus();
}

absl::StatusOr<Engine::Impl::Round> Engine::Impl::JudgeTimers(
    const std::string& tenant, absl::Time until, std::optional<Claimed>* behind,
    DueReport* report) {
  Round round;
  const absl::Time now = Now();
  bool more = true;
  while (more) {
    auto claimed = ClaimTimers(tenant, *behind ? &**behind : nullptr);
    if (claimed.ok() && claimed->empty()) break;
    const auto policy = policies_.Current(tenant, now);
    absl::Status failed = claimed.ok() ? policy.status() : claimed.status();
    if (failed.ok()) failed = Judge(*policy, *claimed, &round, report);
    if (!failed.ok()) {
      Release(round);
      return failed;
    }
    more = round.writes.empty() && claimed->size() == kTimersAtOnce;
    if (more) {
      *behind = Claimed{.case_key = claimed->back().case_key,
                        .due_at = claimed->back().due_at};
      more = RealClock()->TimeNow() < until;
    }
  }
  return round;
}

void Engine::Impl::Release(const Round& round) {
  internal::MutexLock lock(&firing_mutex_);
  for (const auto place : round.mine) firing_.erase(place);
}

absl::StatusOr<bool> Engine::Impl::FireTimers(const std::string& tenant,
                                              absl::Time until,
                                              std::optional<Claimed>* behind,
                                              DueReport* report) {
  auto round = JudgeTimers(tenant, until, behind, report);
  if (!round.ok()) return round.status();
  if (round->claimed == 0) return false;
  size_t lost = round->claimed - round->mine.size();
  absl::Status failed = absl::OkStatus();
  if (!round->writes.empty()) {
    const std::vector<absl::Status> verdicts = group_.Commit(round->writes);
    for (size_t i = 0; i < verdicts.size(); ++i) {
      if (verdicts[i].ok() && round->fires[i]) ++report->fired;
      // A case that moved has a new timer; anything else is the store's word.
      if (ReasonOf(verdicts[i]) == v1::ErrorInfo::VERSION_CONFLICT) {
        ++lost;
      } else {
        failed.Update(verdicts[i]);
      }
    }
  }
  KeepApart(tenant, lost, round->claimed);
  Release(*round);
  if (!failed.ok()) return failed;
  // What cannot be read cannot be moved: it alone is no reason to go on.
  return !round->writes.empty();
}

absl::Status Engine::Impl::SweepKeys(const std::string& tenant,
                                     DueReport* report) {
  const absl::Time now = Now();
  {
    internal::MutexLock lock(&firing_mutex_);
    absl::Time& last =
        swept_at_.try_emplace(tenant, absl::InfinitePast()).first->second;
    if (now >= last && now < last + kSweepAgainAfter) return absl::OkStatus();
    last = now;
  }
  // Processes sweep in turns: a key that another removed since it was listed
  // may have been used anew, and that one is to stay.
  RecordChange turn;
  turn.record.key = {tenant, "sweep", "keys"};
  const auto before = store_->ReadRecords(OneRecord(turn.record.key));
  if (!before.ok()) return before.status();
  turn.expected_version = before->empty() ? 0 : before->front().version;
  turn.record.version = turn.expected_version + 1;
  RecordRange range;
  range.tenant = tenant;
  range.kind = "key";
  range.index = 0;
  range.until = absl::StrFormat("%013d", internal::ToMs(now));
  range.limit = kKeysSweptAtOnce;
  const auto records = store_->ReadRecords(range);
  if (!records.ok()) return records.status();
  Write write;
  for (const Record& record : *records) {
    if (!record.index[0].empty()) write.removals.push_back(record.key);
  }
  if (records->size() == kKeysSweptAtOnce) {
    // There may be more, for the next call.
    internal::MutexLock lock(&firing_mutex_);
    swept_at_.erase(tenant);
  }
  if (write.removals.empty()) return absl::OkStatus();
  write.records.push_back(std::move(turn));
  const absl::Status swept = group_.Commit({&write, 1}).front();
  if (ReasonOf(swept) == v1::ErrorInfo::VERSION_CONFLICT) {
    return absl::OkStatus();
  }
  if (swept.ok()) report->swept += static_cast<int>(write.removals.size());
  return swept;
}

absl::StatusOr<bool> Engine::Impl::RunRounds(const std::string& tenant,
                                             absl::Time until,
                                             int64_t* to_sweep,
                                             DueReport* report) {
  std::optional<Claimed> behind;
  for (bool moved = false;; moved = true) {
    const auto fired = FireTimers(tenant, until, &behind, report);
    if (!fired.ok()) return fired.status();
    const auto sent = SendDeliveries(tenant, report);
    if (!sent.ok()) return sent.status();
    const auto left = SweepCases(tenant, report);
    if (!left.ok()) return left.status();
    *to_sweep = *left;
    if (!*fired && !*sent && *left == 0) return moved;
    if (RealClock()->TimeNow() >= until) return true;
  }
}

absl::StatusOr<absl::Time> Engine::Impl::NextOf(const std::string& tenant) {
  absl::Time next = absl::InfiniteFuture();
  for (const auto queue : {DueQuery::kTimers, DueQuery::kDeliveries}) {
    // Deliveries that nobody here can send are somebody else's to wake for.
    if (queue == DueQuery::kDeliveries && options_.notifiers.empty()) continue;
    const auto due = store_->NextDue(queue, tenant);
    if (ReasonOf(due.status()) == v1::ErrorInfo::NOT_SUPPORTED) {
      next = std::min(next, Now() + kAskAgainAfter);
    } else if (!due.ok()) {
      return due.status();
    } else {
      next = std::min(next, internal::FromMs(*due));
    }
  }
  return next;
}

absl::Status Engine::Impl::RunTenant(const std::string& tenant,
                                     absl::Time until, DueReport* report) {
  int64_t to_sweep = 0;
  for (bool again = false;; again = true) {
    const absl::Time looked_at = Now();
    const auto moved = RunRounds(tenant, until, &to_sweep, report);
    if (!moved.ok()) return moved.status();
    auto next = NextOf(tenant);
    if (!next.ok()) return next.status();
    // What is due yet may have come since: only a second look that moves
    // nothing tells that nothing of it can be moved.
    const bool due = *next <= looked_at && RealClock()->TimeNow() < until;
    if (due && !(again && !*moved)) continue;
    if (due) {
      report->stuck = true;
      next = Now() + kAskAgainAfter;
    }
    report->next = std::min(report->next, *next);
    break;
  }
  report->to_sweep += to_sweep;
  return SweepKeys(tenant, report);
}

absl::StatusOr<DueReport> Engine::Impl::RunDue(absl::Duration budget) {
  DueReport report;
  // The budget is the caller's own time, whatever the engine's clock says.
  const absl::Time until = RealClock()->TimeNow() + budget;
  // Tenants adopted by other processes come to light here.
  if (const absl::Status loaded = policies_.LoadNew(Now()); !loaded.ok()) {
    return loaded;
  }
  absl::Status damaged = absl::OkStatus();
  for (const std::string& tenant : policies_.Tenants()) {
    const absl::Status status = RunTenant(tenant, until, &report);
    // A damaged row is its tenant's; what else fails is the store.
    if (!status.ok() && ReasonOf(status) != v1::ErrorInfo::CORRUPT) {
      return status;
    }
    damaged.Update(status);
  }
  if (!damaged.ok()) return damaged;
  if (report.to_sweep > 0) report.next = std::min(report.next, Now());
  return report;
}

}  // namespace hotline
