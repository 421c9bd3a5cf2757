// After a change of policy: every case it can reach is judged anew, a page at a
// time. What it does not touch is only looked at.
#include "src/engine/sweep.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/base/deterministic.h"
#include "src/base/time.h"
#include "src/engine/impl.h"

namespace hotline {
namespace {

using v1::SweepBody;

constexpr int kCasesAtOnce = 256;
constexpr int kTimersCountedAtOnce = 10'000;
// By then every engine has seen a new head (policies.cc) and committed what it
// had judged by the old one.
constexpr absl::Duration kEverybodyKnowsAfter = absl::Seconds(2);

RecordKey SweepKey(const std::string& tenant) {
  return {tenant, "sweep", "policy"};
}

// What is left of the pass, as far as it is known: at least one.
int64_t LeftOf(const SweepBody& at) {
  return std::max<int64_t>(1, at.timers() - at.looked());
}

}  // namespace

namespace internal {

void BeginPass(absl::Time now, SweepBody* at) {
  at->set_pass_began(ToMs(now));
  at->set_stage(SweepBody::TIMERS);
  at->set_after_due(DueQuery().after_due);
  at->clear_after_id();
  at->clear_cursor();
  at->set_pass(at->pass() + 1);
  at->set_looked(0);
  at->set_found(0);
}

absl::StatusOr<bool> CountPage(Store* store, const std::string& tenant,
                               SweepBody* at) {
  const auto page = store->Claim({.queue = DueQuery::kTimers,
                                  .tenant = tenant,
                                  .due = kNever - 1,
                                  .limit = kTimersCountedAtOnce,
                                  .after_due = at->after_due(),
                                  .after_id = at->after_id()});
  if (!page.ok()) return page.status();
  at->set_timers(at->timers() + static_cast<int64_t>(page->size()));
  if (page->size() < kTimersCountedAtOnce) return false;
  at->set_after_due(page->back().due_at);
  at->set_after_id(page->back().case_key.id);
  return true;
}

namespace {

absl::Status AddTimers(Store* store, const std::string& tenant, int limit,
                       SweepBody* at, std::vector<CaseRow>* rows,
                       std::vector<absl::Status>* unreadable) {
  auto page = store->Claim({.queue = DueQuery::kTimers,
                            .tenant = tenant,
                            .due = kNever - 1,
                            .limit = limit,
                            .after_due = at->after_due(),
                            .after_id = at->after_id(),
                            .rows = true});
  if (!page.ok()) return page.status();
  for (Claimed& timer : *page) {
    absl::StatusOr<CaseRow> row =
        timer.row.has_value() ? *std::move(timer.row)
                              : store->ReadCase(timer.case_key, Part::kSealed);
    if (row.ok()) {
      rows->push_back(*std::move(row));
    } else if (ReasonOf(row.status()) == v1::ErrorInfo::CORRUPT) {
      unreadable->push_back(row.status());
    } else if (ReasonOf(row.status()) != v1::ErrorInfo::CASE_NOT_FOUND) {
      return row.status();
    }
  }
  if (page->size() < static_cast<size_t>(limit)) {
    at->set_stage(SweepBody::OVERDUE);
  } else {
    at->set_after_due(page->back().due_at);
    at->set_after_id(page->back().case_key.id);
  }
  return absl::OkStatus();
}

absl::Status AddOverdue(Store* store, const std::string& tenant, absl::Time now,
                        int limit, SweepBody* at, std::vector<CaseRow>* rows) {
  Filter filter;
  filter.tenant = tenant;
  filter.due_until = ToMs(now);
  filter.limit = limit;
  filter.cursor = at->cursor();
  filter.sealed = true;
  auto page = store->Find(filter);
  if (!page.ok()) return page.status();
  for (CaseRow& row : page->rows) {
    if (row.next_at == kNever) rows->push_back(std::move(row));
  }
  at->set_cursor(page->next_cursor);
  if (page->next_cursor.empty()) at->set_stage(SweepBody::DONE);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<CaseRow>> NextPage(
    Store* store, const std::string& tenant, absl::Time now, int limit,
    SweepBody* at, std::vector<absl::Status>* unreadable) {
  std::vector<CaseRow> rows;
  const absl::Status read =
      at->stage() == SweepBody::TIMERS
          ? AddTimers(store, tenant, limit, at, &rows, unreadable)
          : AddOverdue(store, tenant, now, limit, at, &rows);
  if (!read.ok()) return read;
  at->set_looked(at->looked() + static_cast<int64_t>(rows.size()));
  // What has no timer was not counted with them.
  at->set_timers(std::max(at->timers(), at->looked()));
  return rows;
}

}  // namespace internal

absl::Status Engine::Impl::AddEras(const std::string& tenant,
                                   const internal::PolicyInForce& policy,
                                   std::span<const v1::Case> cases,
                                   Moment* moment) {
  moment->policy_version = policy.version;
  moment->policy_since = policy.since;
  int64_t oldest = policy.version;
  for (const v1::Case& on : cases) {
    if (on.policy_version() > 0) oldest = std::min(oldest, on.policy_version());
  }
  if (oldest == policy.version) return absl::OkStatus();
  auto earlier = policies_.Between(tenant, oldest, policy.version);
  if (!earlier.ok()) return earlier.status();
  moment->earlier = *std::move(earlier);
  return absl::OkStatus();
}

std::optional<Write> Engine::Impl::SweepOne(
    const internal::PolicyInForce& policy, CaseRow row) {
  const auto glance = internal::GlanceAt(row);
  if (glance.has_value() && glance->policy_version >= policy.version) {
    return std::nullopt;
  }
  auto loaded = LoadRow(row);
  if (!loaded.ok()) {
    Alarm(row.key.tenant, "a case cannot be read", loaded.status());
    return std::nullopt;
  }
  const v1::Case& on = loaded->message;
  if (on.policy_version() >= policy.version) return std::nullopt;
  auto tick = Tick(policy, row.key.tenant, *std::move(loaded));
  if (!tick.ok()) {
    // It is put off by its own timer, not again by every pass.
    Alarm(row.key.tenant, "a case cannot be judged anew", tick.status());
    return std::nullopt;
  }
  if (!tick->write.cases.empty()) return std::move(tick->write);
  // Nothing happened to the case, but it may have to be looked at earlier or
  // later from now on: a ladder has another level, a state another timeout.
  if (internal::ToMs(tick->next) == row.next_at) return std::nullopt;
  Write moved;
  moved.cases.push_back(PutOff(std::move(row), tick->next));
  return moved;
}

absl::StatusOr<SweepBody> Engine::Impl::ReadSweep(const std::string& tenant,
                                                  int64_t* record_version) {
  const auto records = store_->ReadRecords(OneRecord(SweepKey(tenant)));
  if (!records.ok()) return records.status();
  SweepBody body;
  *record_version = records->empty() ? 0 : records->front().version;
  if (!records->empty() && !body.ParseFromString(records->front().payload)) {
    return MakeError(
        v1::ErrorInfo::CORRUPT,
        absl::StrCat("the sweep of tenant \"", tenant, "\" cannot be read"));
  }
  return body;
}

absl::Status Engine::Impl::SweepPage(const std::string& tenant,
                                     const internal::PolicyInForce& policy,
                                     SweepBody* body,
                                     std::vector<Write>* writes,
                                     DueReport* report) {
  // Stages without a row take no commit of their own.
  while (body->stage() != SweepBody::DONE) {
    if (body->stage() == SweepBody::COUNT) {
      const auto more = internal::CountPage(store_, tenant, body);
      if (!more.ok()) return more.status();
      if (*more) return absl::OkStatus();
      internal::BeginPass(Now(), body);
    }
    std::vector<absl::Status> unreadable;
    auto rows = internal::NextPage(store_, tenant, Now(), kCasesAtOnce, body,
                                   &unreadable);
    if (!rows.ok()) return rows.status();
    for (const absl::Status& why : unreadable) {
      Alarm(tenant, "a case cannot be read", why);
    }
    for (CaseRow& row : *rows) {
      auto write = SweepOne(policy, std::move(row));
      if (write.has_value()) writes->push_back(*std::move(write));
    }
    report->swept_cases += static_cast<int>(rows->size());
    body->set_found(body->found() + static_cast<int64_t>(writes->size()));
    // Cases move about while a pass goes on, and other processes may judge by
    // the older policy for a second: a pass that finds nothing is the last.
    if (body->stage() == SweepBody::DONE && body->found() > 0)
      internal::BeginPass(Now(), body);
    if (!rows->empty()) return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Engine::Impl::SweepCases(const std::string& tenant,
                                                 DueReport* report) {
  auto policy = policies_.Current(tenant, Now());
  if (!policy.ok()) return policy.status();
  if (policy->version == 1) return 0;  // there was none before it
  {
    internal::MutexLock lock(&sweeping_mutex_);
    if (swept_to_[tenant] >= policy->version) return 0;
    // Another thread of this process is at it.
    if (!sweeping_.insert(tenant).second) return 0;
  }
  auto left = SweepSome(tenant, *std::move(policy), report);
  internal::MutexLock lock(&sweeping_mutex_);
  sweeping_.erase(tenant);
  return left;
}

absl::StatusOr<int64_t> Engine::Impl::SweepSome(const std::string& tenant,
                                                internal::PolicyInForce policy,
                                                DueReport* report) {
  int64_t record_version = 0;
  auto body = ReadSweep(tenant, &record_version);
  if (!body.ok()) return body.status();
  if (body->policy_version() > policy.version) {
    auto newer = policies_.Current(tenant, Now(), body->policy_version());
    if (!newer.ok()) return newer.status();
    policy = *std::move(newer);
  }
  if (body->policy_version() < policy.version) {
    body->Clear();
    body->set_policy_version(policy.version);
    body->set_stage(SweepBody::COUNT);
    body->set_after_due(DueQuery().after_due);
  }
  const absl::Time known = policy.since + kEverybodyKnowsAfter;
  const auto settled = [&] {
    return body->stage() == SweepBody::DONE &&
           internal::FromMs(body->pass_began()) >= known;
  };
  if (body->stage() == SweepBody::DONE && !settled() && Now() >= known) {
    internal::BeginPass(Now(), &*body);
  }
  if (body->stage() != SweepBody::DONE) {
    std::vector<Write> writes;
    if (const absl::Status s =
            SweepPage(tenant, policy, &*body, &writes, report);
        !s.ok()) {
      return s;
    }
    RecordChange progress;
    progress.record.key = SweepKey(tenant);
    progress.record.version = record_version + 1;
    progress.record.payload = internal::Deterministic(*body);
    progress.expected_version = record_version;
    const size_t ticks = writes.size();
    writes.emplace_back().records.push_back(std::move(progress));
    const std::vector<absl::Status> verdicts = group_.Commit(writes);
    for (size_t i = 0; i < verdicts.size(); ++i) {
      if (verdicts[i].ok()) {
        // A moved timer is no event.
        if (i < ticks && writes[i].cases.front().event.has_value()) {
          ++report->replanned;
        }
        continue;
      }
      // The case moved, and the next pass finds it as it is; or another
      // process sweeps, too, and its place counts.
      if (ReasonOf(verdicts[i]) != v1::ErrorInfo::VERSION_CONFLICT) {
        return verdicts[i];
      }
      if (i == ticks) return 1;
    }
  }
  if (body->stage() != SweepBody::DONE) return LeftOf(*body);
  if (!settled()) {
    // One more pass, when nobody can leave it a case behind any more.
    report->next = std::min(report->next, known);
    return 0;
  }
  internal::MutexLock lock(&sweeping_mutex_);
  swept_to_[tenant] = policy.version;
  return 0;
}

}  // namespace hotline
