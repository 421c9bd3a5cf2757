#include "hotline/whatif.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "hotline/error.h"
#include "src/base/time.h"
#include "src/readers/report/case_walk.h"
#include "src/readers/report/policy_book.h"
#include "src/readers/report/promise.h"
#include "src/readers/report/tally.h"

namespace hotline {
namespace {

using internal::Bucket;
using internal::CaseWalk;
using internal::FromTimestamp;
using internal::PolicyBook;
using internal::Promise;
using internal::RowName;
using internal::Splitter;
using internal::Tally;
using internal::Verdict;
using internal::VerdictOf;

struct Row {
  Tally before;
  Tally after;
  WhatIfRow sums;
};

// One case under the other policy.
struct Other {
  const Category* category = nullptr;
  std::vector<std::string_view> areas;
  std::vector<std::string_view> categories;
};

const ClockOnCategory* UseOf(const Category& category, std::string_view clock) {
  const auto& uses = *category.clocks;
  const auto use = std::find_if(uses.begin(), uses.end(), [&](const auto& u) {
    return u.use.clock() == clock;
  });
  return use == uses.end() ? nullptr : &*use;
}

// A cycle that is over, as the clock it was.
v1::ClockState ClockOf(const v1::ClockState& clock,
                       const v1::ClockCycle& cycle) {
  v1::ClockState of;
  of.set_clock(clock.clock());
  of.set_cycle(cycle.cycle());
  of.set_unit(cycle.unit());
  if (cycle.has_started()) {
    Sla::Mark(v1::ClockMark::START, FromTimestamp(cycle.started()), &of);
  }
  if (cycle.has_ended()) {
    Sla::Mark(cycle.state() == v1::ClockState::CANCELLED ? v1::ClockMark::CANCEL
                                                         : v1::ClockMark::STOP,
              FromTimestamp(cycle.ended()), &of);
  }
  return of;
}

bool IsBroken(const Verdict& verdict) {
  return verdict.broken && verdict.bucket != Bucket::kCancelled;
}

class Comparer {
 public:
  Comparer(const PolicyBook& book, const Policy& other,
           const WhatIfRequest& request, WhatIfAnswer* answer)
      : head_(book.head().policy),
        other_(other),
        request_(request),
        splitter_(head_, request.by, ReportPeriod::kMonth, request.roll_up),
        answer_(answer) {
    for (const v1::CalendarSpec& calendar : other.spec().calendars()) {
      if (calendar.illustrative()) hours_.insert({calendar.id(), true});
    }
  }

  absl::Status Compare(const v1::Case& on);
  void Finish();

 private:
  void CompareClock(const v1::Case& on, const Other& by,
                    const v1::ClockState& clock);
  void CompareCycle(const v1::Case& on, const Other& by,
                    const v1::ClockState& clock, const v1::ClockCycle& cycle);
  // The clock's marks under the other policy; nothing if it has no target.
  std::optional<v1::ClockState> Replanned(const v1::Case& on, const Other& by,
                                          const v1::ClockState& clock) const;
  void Add(const v1::Case& on, const Promise& before,
           const v1::ClockState& replanned);
  void NoteAdded(const v1::Case& on, const Category& category);
  bool IsIllustrative(const v1::ClockState& clock) const {
    return other_.spec().illustrative() || clock.target().illustrative() ||
           hours_.contains(clock.calendar());
  }

  const Policy& head_;
  const Policy& other_;
  const WhatIfRequest& request_;
  const Splitter splitter_;
  WhatIfAnswer* const answer_;
  absl::flat_hash_map<std::string, bool> hours_;  // that are illustrative
  absl::flat_hash_map<RowName, Row> rows_;
  int64_t cases_ = 0;
};

absl::Status Comparer::Compare(const v1::Case& on) {
  ++cases_;
  Other by;
  by.category = other_.taxonomy().Find(on.category());
  if (by.category == nullptr) {
    ++answer_->unknown_categories[on.category()];
    return absl::OkStatus();
  }
  by.categories = by.category->Chain();
  by.areas = other_.routing().AreaChain(on.area());
  for (const v1::ClockState& clock : on.clocks()) {
    if (clock.reminder()) continue;
    for (const v1::ClockCycle& cycle : clock.earlier()) {
      CompareCycle(on, by, clock, cycle);
    }
    if (internal::IsPromise(clock)) CompareClock(on, by, clock);
  }
  NoteAdded(on, *by.category);
  return absl::OkStatus();
}

void Comparer::NoteAdded(const v1::Case& on, const Category& category) {
  for (const ClockOnCategory& use : *category.clocks) {
    const v1::ClockSpec* spec = other_.sla().Find(use.use.clock());
    // One that waits for more than the opening may not have begun under the
    // other policy either.
    if (spec == nullptr || !spec->start().empty() || spec->reminder()) continue;
    const bool there = std::any_of(
        on.clocks().begin(), on.clocks().end(),
        [&](const auto& clock) { return clock.clock() == use.use.clock(); });
    if (!there) ++answer_->added[use.use.clock()];
  }
}

std::optional<v1::ClockState> Comparer::Replanned(
    const v1::Case& on, const Other& by, const v1::ClockState& clock) const {
  const ClockOnCategory* use = UseOf(*by.category, clock.clock());
  v1::ClockState replanned;
  replanned.set_cycle(clock.cycle());
  replanned.set_unit(clock.unit());
  *replanned.mutable_marks() = clock.marks();
  if (clock.has_fixed_due()) {
    *replanned.mutable_fixed_due() = clock.fixed_due();
    *replanned.mutable_fixed_at() = clock.fixed_at();
  }
  const std::string& unit = clock.unit().empty() ? on.unit() : clock.unit();
  const std::vector<std::string_view> units = other_.routing().UnitChain(unit);
  const absl::Time started =
      internal::WallTimeOf(clock, request_.as_of).started;
  const bool planned =
      use != nullptr &&
      other_.sla().Plan(
          {.clock = clock.clock(),
           .use = &use->use,
           .use_path = use->path,
           .priority = on.priority(),
           .areas = by.areas,
           .unit_calendar = other_.routing().CalendarOf(unit),
           .units = units,
           .categories = by.categories,
           .started = started == absl::InfiniteFuture() ? absl::InfinitePast()
                                                        : started},
          &replanned);
  if (!planned) return std::nullopt;
  const ClockPlace place = internal::PlaceOf(other_, on, clock.unit());
  other_.sla().Settle(place, &replanned);
  replanned.set_breached(
      other_.sla().Read(place, replanned, request_.as_of).breached);
  return replanned;
}

void Comparer::CompareClock(const v1::Case& on, const Other& by,
                            const v1::ClockState& clock) {
  const auto replanned = Replanned(on, by, clock);
  if (!replanned.has_value()) {
    ++answer_->dropped[clock.clock()];
    return;
  }
  if (clock.has_fixed_due()) ++answer_->given_from_outside;
  Promise before;
  before.clock = &clock;
  before.unit = clock.unit();
  before.stands =
      VerdictOf(head_.sla(), internal::PlaceOf(head_, on, clock.unit()), clock,
                request_.as_of);
  Add(on, before, *replanned);
}

void Comparer::CompareCycle(const v1::Case& on, const Other& by,
                            const v1::ClockState& clock,
                            const v1::ClockCycle& cycle) {
  if (cycle.paused_ms() > 0) {
    ++answer_->cycles_with_pauses;
    return;
  }
  const v1::ClockState was = ClockOf(clock, cycle);
  const auto replanned = Replanned(on, by, was);
  if (!replanned.has_value()) {
    ++answer_->dropped[clock.clock()];
    return;
  }
  Promise before;
  before.clock = &clock;
  before.unit = cycle.unit();
  before.stands = internal::VerdictOf(cycle);
  Add(on, before, *replanned);
}

void Comparer::Add(const v1::Case& on, const Promise& before,
                   const v1::ClockState& replanned) {
  const Verdict after =
      VerdictOf(other_.sla(), internal::PlaceOf(other_, on, before.unit),
                replanned, request_.as_of);
  ++answer_->promises;
  const bool illustrative = IsIllustrative(replanned);
  answer_->illustrative |= illustrative;
  const absl::Time due = before.stands.due;
  for (const RowName& name : splitter_.KeysOf(on, before, absl::CivilDay())) {
    Row& row = rows_[name];
    row.before.Add(cases_, before.stands);
    row.after.Add(cases_, after);
    row.sums.earlier += after.due < due ? 1 : 0;
    row.sums.later += after.due > due ? 1 : 0;
    row.sums.newly_broken +=
        IsBroken(after) && !IsBroken(before.stands) ? 1 : 0;
    row.sums.newly_kept += !IsBroken(after) && IsBroken(before.stands) ? 1 : 0;
    row.sums.provisional += replanned.provisional() ? 1 : 0;
    row.sums.illustrative += illustrative ? 1 : 0;
  }
}

void Comparer::Finish() {
  std::vector<const RowName*> names;
  for (const auto& [name, row] : rows_) names.push_back(&name);
  std::sort(names.begin(), names.end(), [&](const auto* a, const auto* b) {
    return splitter_.Less(*a, *b);
  });
  for (const RowName* name : names) {
    const Row& row = rows_[*name];
    WhatIfRow& out = answer_->rows.emplace_back(row.sums);
    out.clock = name->clock;
    out.category = name->category;
    out.unit = name->unit;
    out.area = name->area;
    out.whole = name->whole;
    out.depth = name->category.empty() ? 0 : splitter_.DepthOf(name->category);
    out.before = row.before.counts();
    out.after = row.after.counts();
  }
}

absl::Status Check(const WhatIfRequest& request) {
  Problems problems;
  if (request.tenant.empty()) {
    problems.Add("tenant", "is empty", "the question is of one tenant");
  }
  if ((request.policy == nullptr) == (request.version <= 0)) {
    problems.Add("policy", "is one policy or one version of an adopted one",
                 "give either");
  }
  if (std::count(request.by.begin(), request.by.end(), ReportBy::kPeriod) > 0) {
    problems.Add("by", "a due date that moves would change its period",
                 "clock, category, unit or area");
  }
  if (request.as_of == absl::InfiniteFuture() ||
      request.as_of == absl::InfinitePast()) {
    problems.Add("as_of", "is no instant", "open promises are judged as of it");
  }
  return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "what if");
}

}  // namespace

absl::StatusOr<WhatIfAnswer> AskWhatIf(Store* store,
                                       const WhatIfRequest& request) {
  if (absl::Status bad = Check(request); !bad.ok()) return bad;
  auto book = PolicyBook::Open(store, request.tenant);
  if (!book.ok()) return book.status();
  std::optional<Policy> other;
  if (request.policy != nullptr) {
    other = *request.policy;
  } else if (request.version > book->head().version) {
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                     "version: there is none so new; leave it to a file");
  } else {
    const auto stored = book->Version(request.version);
    if (!stored.ok()) return stored.status();
    other = (*stored)->policy;
  }
  WhatIfAnswer answer;
  answer.request = request;
  answer.request.policy = nullptr;
  answer.request.progress = nullptr;
  answer.zone = book->head().policy.time_zone();
  answer.before = book->head().policy.spec();
  answer.before_version = book->head().version;
  answer.after = other->spec();
  answer.zone_data = internal::ZoneDataVersion();
  Comparer comparer(*book, *other, request, &answer);
  CaseWalk walk{
      .store = store,
      .book = &*book,
      .tenant = request.tenant,
      .as_of = request.as_of,
      .visit = [&](const v1::Case& on) { return comparer.Compare(on); },
      .progress = request.progress};
  if (absl::Status s = walk.Run(); !s.ok()) return s;
  answer.cases_read = walk.cases;
  answer.not_judged = walk.not_judged;
  comparer.Finish();
  return answer;
}

}  // namespace hotline
