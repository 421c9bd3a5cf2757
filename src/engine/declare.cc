// Late change: closures and declared events as patches of the policy in force,
// and what one would do, judged case by case and not written.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/base/time.h"
#include "src/engine/impl.h"
#include "src/engine/sweep.h"
#include "src/judge/judge_taking.h"

namespace hotline {
namespace {

using internal::FromTimestamp;

constexpr int kCasesAtOnce = 256;
// What a look finds is thrown away; dice are for what is written.
constexpr size_t kDiceOfLook = 96;

// Closures and declared events may be entered by whoever has DECLARE; all else
// is for those who adopt policies.
absl::Status CheckFields(const v1::PolicyPatch& patch) {
  for (const auto& [field, size] :
       {std::pair<const char*, int>{"calendars", patch.calendars_size()},
        {"categories", patch.categories_size()}}) {
    if (size == 0) continue;
    v1::ErrorInfo info;
    info.set_reason(v1::ErrorInfo::PERMISSION_DENIED);
    v1::Problem* problem = info.add_problems();
    problem->set_path(field);
    problem->set_message("is no closure and no declared event");
    problem->set_hint("adopt Policy::With of it, with the permission ADOPT");
    return MakeError(
        info, absl::StrCat("patch: ", field, ": ", problem->message(), "; ",
                           problem->hint()));
  }
  if (patch.add_closures().empty() && patch.withdraw_closures().empty() &&
      patch.declared_events().empty()) {
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                     "patch: says nothing to change; add or withdraw a "
                     "closure, or declare an event");
  }
  return absl::OkStatus();
}

// What says nothing of when it became known became known now.
v1::PolicyPatch AnnouncedAt(v1::PolicyPatch patch, absl::Time now) {
  const std::string at = internal::FormatUtc(now);
  for (v1::CalendarClosures& add : *patch.mutable_add_closures()) {
    for (v1::ClosureSpec& closure : *add.mutable_closures()) {
      if (closure.announced().empty()) closure.set_announced(at);
    }
  }
  for (v1::DeclaredEventSpec& event : *patch.mutable_declared_events()) {
    if (event.announced().empty()) event.set_announced(at);
  }
  return patch;
}

// Adds what one case would have written to the figures.
class Tally {
 public:
  Tally(const Policy& policy, std::string because, PatchEffect* effect)
      : because_(std::move(because)), effect_(effect) {
    for (const v1::NoticeSpec& notice : policy.spec().notices()) {
      if (notice.due_moved()) of_moved_.insert(notice.code());
    }
  }

  void Add(const CaseChangePlan& plan, absl::Time at) {
    PatchEffect::Line& line =
        lines_[{plan.after.category(), plan.after.unit()}];
    const PatchEffect::Line before = line;
    for (const v1::Fact& fact : plan.event.facts()) {
      if (fact.has_clock_set() && fact.clock_set().has_moved_from() &&
          fact.clock_set().because() == because_) {
        const v1::ClockSet& set = fact.clock_set();
        ++(FromTimestamp(set.clock().due()) > FromTimestamp(set.moved_from())
               ? line.later
               : line.earlier);
      } else if (fact.has_level_withdrawn() &&
                 fact.level_withdrawn().breach() &&
                 fact.level_withdrawn().because() == because_) {
        ++line.withdrawn;
      } else if (fact.has_level_recorded() && fact.level_recorded().breach() &&
                 FromTimestamp(fact.at()) == at) {
        ++line.broken;
      } else if (fact.has_noticed() &&
                 of_moved_.contains(fact.noticed().notice())) {
        Told(fact.noticed());
      }
    }
    if (!(line == before)) ++effect_->touched;
  }

  void Finish() {
    for (auto& [key, line] : lines_) {
      if (line == PatchEffect::Line()) continue;
      line.category = key.first;
      line.unit = key.second;
      effect_->lines.push_back(std::move(line));
    }
    for (auto& [kind, count] : told_) effect_->told.push_back({kind, count});
  }

 private:
  void Told(const v1::Noticed& noticed) {
    if (!noticed.not_because().empty()) return;
    ++told_[noticed.recipient().substr(0, noticed.recipient().find(':'))];
  }

  const std::string because_;
  PatchEffect* const effect_;
  std::set<std::string> of_moved_;
  std::map<std::pair<std::string, std::string>, PatchEffect::Line> lines_;
  std::map<std::string, int64_t> told_;
};

}  // namespace

absl::StatusOr<v1::Receipt> Engine::Impl::Declare(const Actor& actor,
                                                  const v1::PolicyPatch& patch,
                                                  int64_t expected_head) {
  if (const absl::Status bad = CheckActor(actor); !bad.ok()) return bad;
  const absl::Time now = Now();
  const auto current = policies_.Current(actor.tenant, now, expected_head);
  if (!current.ok()) return current.status();
  if (!May(current->policy, actor, v1::DECLARE, nullptr)) {
    return MakeError(v1::ErrorInfo::PERMISSION_DENIED,
                     "entering or withdrawing a closure or declared event "
                     "needs the permission DECLARE");
  }
  if (const absl::Status bad = CheckFields(patch); !bad.ok()) return bad;
  if (current->version != expected_head) return StaleHead(expected_head);
  const auto patched = current->policy.With(AnnouncedAt(patch, now));
  if (!patched.ok()) return patched.status();
  return AdoptAfter(actor, *patched, *current);
}

absl::StatusOr<PatchEffect> Engine::Impl::DryRun(
    const Actor& actor, const v1::PolicyPatch& patch,
    const std::function<void(int64_t, int64_t)>& progress) {
  if (const absl::Status bad = CheckActor(actor); !bad.ok()) return bad;
  const absl::Time now = Now();
  const auto current = policies_.Current(actor.tenant, now);
  if (!current.ok()) return current.status();
  const v1::Permission needed =
      CheckFields(patch).code() == absl::StatusCode::kPermissionDenied
          ? v1::ADOPT
          : v1::DECLARE;
  if (!May(current->policy, actor, needed, nullptr)) {
    return MakeError(v1::ErrorInfo::PERMISSION_DENIED,
                     absl::StrCat("trying this patch needs the permission ",
                                  v1::Permission_Name(needed)));
  }
  const auto patched = current->policy.With(AnnouncedAt(patch, now));
  if (!patched.ok()) return patched.status();
  const internal::PolicyInForce as_if{*patched, current->version + 1,
                                      std::max(now, current->since)};
  PatchEffect effect;
  effect.version = as_if.version;
  Tally tally(as_if.policy, absl::StrCat("policy ", as_if.version), &effect);
  v1::SweepBody at;
  at.set_after_due(DueQuery().after_due);
  while (true) {
    const auto more = internal::CountPage(store_, actor.tenant, &at);
    if (!more.ok()) return more.status();
    if (!*more) break;
  }
  internal::BeginPass(now, &at);
  std::vector<absl::Status> unreadable;
  while (at.stage() != v1::SweepBody::DONE) {
    const auto rows = internal::NextPage(store_, actor.tenant, now,
                                         kCasesAtOnce, &at, &unreadable);
    if (!rows.ok()) return rows.status();
    if (!unreadable.empty()) return unreadable.front();
    for (const CaseRow& row : *rows) {
      const auto plan = Foresee(as_if, row, now);
      if (!plan.ok()) return plan.status();
      tally.Add(*plan, as_if.since);
    }
    effect.looked = at.looked();
    if (progress) progress(at.looked(), at.timers());
  }
  tally.Finish();
  return effect;
}

absl::StatusOr<CaseChangePlan> Engine::Impl::Foresee(
    const internal::PolicyInForce& policy, const CaseRow& row, absl::Time now) {
  auto loaded = LoadRow(row);
  if (!loaded.ok()) return loaded.status();
  v1::Case& on = loaded->message;
  Moment moment;
  moment.now = std::max(now, FromTimestamp(on.updated_at()));
  moment.actor = {.tenant = row.key.tenant, .id = "hotline", .roles = {}};
  moment.random.assign(kDiceOfLook, '\0');
  moment.may_import = moment.may_date_back = true;
  if (const absl::Status s = AddEras(row.key.tenant, policy, {&on, 1}, &moment);
      !s.ok()) {
    return s;
  }
  v1::Command tick;
  tick.mutable_tick();
  auto judgement = internal::JudgeTaking(policy.policy, &on, {}, tick, moment);
  if (!judgement.ok()) return judgement.status();
  return std::move(judgement->changes.front());
}

}  // namespace hotline
