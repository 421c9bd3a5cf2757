#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "hotline/error.h"
#include "hotline/report.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/report/case_walk.h"
#include "src/readers/report/policy_book.h"
#include "src/readers/report/promise.h"
#include "src/readers/report/tally.h"
#include "src/rules/sla/period.h"

namespace hotline {
namespace {

using internal::Bucket;
using internal::CaseWalk;
using internal::FromTimestamp;
using internal::PlaceOf;
using internal::PolicyBook;
using internal::Promise;
using internal::RowName;
using internal::Splitter;
using internal::Tally;
using internal::Verdict;
using internal::VerdictOf;

// A range is of due dates; more than any promise can lie ahead.
constexpr int kYearsMax = 200;

struct Row {
  Tally stands;
  Tally measured;
  absl::Duration paused;
  int64_t rested = 0;
  int64_t provisional = 0;
  int64_t illustrative = 0;
  bool for_unit = false;
  std::vector<int64_t> elapsed_ms;
  std::vector<int64_t> working_ms;
};

// What is known of a policy version once its promises are counted.
struct Met {
  PolicyMet met;
  std::set<std::string> calendars;  // ids
};

class Counter {
 public:
  Counter(PolicyBook* book, const ComplianceRequest& request)
      : book_(book),
        request_(request),
        splitter_(book->head().policy, request.by, request.period,
                  request.roll_up) {}

  absl::Status Count(const v1::Case& on);
  void Finish(ComplianceReport* report);

 private:
  absl::Status CountClock(const v1::Case& on, const v1::ClockState& clock);
  Promise CurrentPromise(const v1::Case& on, const v1::ClockState& clock);
  void Add(const v1::Case& on, const Promise& promise);
  void AddVerdict(const v1::Case& on, const Promise& promise,
                  const Verdict& verdict, bool measured);
  absl::Status Note(const Promise& promise);
  bool InRange(const Verdict& verdict) const;
  bool IsIllustrative(const Promise& promise);
  void Fill(const RowName& name, Row* row, ComplianceRow* out) const;
  void AddEmptyPeriods();

  PolicyBook* const book_;
  const ComplianceRequest& request_;
  const Splitter splitter_;
  absl::flat_hash_map<RowName, Row> rows_;
  std::map<int64_t, Met> met_;
  // (version, calendar) of which hours are illustrative.
  std::map<std::pair<int64_t, std::string>, bool> illustrative_hours_;
  int64_t cases_ = 0;
  int64_t restated_ = 0;
  bool illustrative_ = false;
};

absl::Status Counter::Count(const v1::Case& on) {
  ++cases_;
  for (const v1::ClockState& clock : on.clocks()) {
    if (absl::Status s = CountClock(on, clock); !s.ok()) return s;
  }
  return absl::OkStatus();
}

bool Counter::InRange(const Verdict& verdict) const {
  if (verdict.due == absl::InfiniteFuture()) return false;
  const absl::CivilDay date = splitter_.DateOf(verdict.due);
  return request_.from <= date && date <= request_.to;
}

Promise Counter::CurrentPromise(const v1::Case& on,
                                const v1::ClockState& clock) {
  const Policy& head = book_->head().policy;
  Promise promise;
  promise.clock = &clock;
  promise.unit = clock.unit();
  promise.stands = VerdictOf(head.sla(), PlaceOf(head, on, clock.unit()), clock,
                             request_.as_of);
  promise.measured = promise.stands;
  promise.provisional = clock.provisional();
  promise.stopped = clock.state() == v1::ClockState::STOPPED;
  promise.version =
      clock.policy_version() > 0 ? clock.policy_version() : on.policy_version();
  if (clock.has_measured()) {
    const v1::Measured& first = clock.measured();
    v1::ClockState as_first = clock;
    as_first.set_breached(first.breached());
    as_first.clear_due();
    if (first.has_due()) *as_first.mutable_due() = first.due();
    promise.measured = VerdictOf(head.sla(), PlaceOf(head, on, clock.unit()),
                                 as_first, request_.as_of);
    promise.restated = true;
  }
  return promise;
}

// How much of its time a promise has used, by the hours of the policy that
// judged it.
void Measure(const v1::Case& on, const Policy& policy, absl::Time as_of,
             Promise* promise) {
  const v1::ClockState& clock = *promise->clock;
  const internal::WallTime wall = internal::WallTimeOf(clock, as_of);
  promise->paused = wall.rested;
  promise->elapsed = wall.ran;
  if (!promise->stopped || !internal::CountsWorkingTime(clock.target())) return;
  promise->working =
      policy.sla()
          .Read(PlaceOf(policy, on, clock.unit()), clock, wall.ended)
          .elapsed;
}

Promise EarlierPromise(const v1::ClockState& clock, const v1::ClockCycle& cycle,
                       int64_t version) {
  Promise promise;
  promise.clock = &clock;
  promise.unit = cycle.unit();
  promise.stands = promise.measured = internal::VerdictOf(cycle);
  promise.stopped = cycle.state() == v1::ClockState::STOPPED;
  promise.version = version;
  promise.paused = absl::Milliseconds(cycle.paused_ms());
  if (cycle.has_started() && cycle.has_ended()) {
    promise.elapsed = FromTimestamp(cycle.ended()) -
                      FromTimestamp(cycle.started()) - promise.paused;
  }
  if (internal::CountsWorkingTime(clock.target())) {
    promise.working = absl::Milliseconds(cycle.elapsed_ms());
  }
  return promise;
}

absl::Status Counter::CountClock(const v1::Case& on,
                                 const v1::ClockState& clock) {
  if (clock.reminder()) return absl::OkStatus();
  const int64_t version =
      clock.policy_version() > 0 ? clock.policy_version() : on.policy_version();
  for (const v1::ClockCycle& cycle : clock.earlier()) {
    const Promise promise = EarlierPromise(clock, cycle, version);
    if (!InRange(promise.stands)) continue;
    if (absl::Status s = Note(promise); !s.ok()) return s;
    Add(on, promise);
  }
  if (!internal::IsPromise(clock)) return absl::OkStatus();
  Promise promise = CurrentPromise(on, clock);
  if (!InRange(promise.stands) && !InRange(promise.measured)) {
    return absl::OkStatus();
  }
  const auto judged_by = book_->Version(version);
  if (!judged_by.ok()) return judged_by.status();
  Measure(on, (*judged_by)->policy, request_.as_of, &promise);
  if (absl::Status s = Note(promise); !s.ok()) return s;
  Add(on, promise);
  return absl::OkStatus();
}

absl::Status Counter::Note(const Promise& promise) {
  restated_ += promise.restated ? 1 : 0;
  Met& met = met_[promise.version];
  ++met.met.promises;
  const std::string& calendar = promise.clock->calendar();
  const bool known = met.met.promises > 1 && met.calendars.contains(calendar);
  if (known) return absl::OkStatus();
  const auto version = book_->Version(promise.version);
  if (!version.ok()) return version.status();
  met.met.version = promise.version;
  met.met.adopted_at = (*version)->since;
  met.met.zone_data = (*version)->zone_data;
  met.calendars.insert(calendar);
  const v1::PolicySpec& spec = (*version)->policy.spec();
  bool illustrative = spec.illustrative();
  for (const v1::CalendarSpec& c : spec.calendars()) {
    if (c.id() != calendar) continue;
    illustrative |= c.illustrative();
    met.met.calendars.push_back(c.revision().empty()
                                    ? c.id()
                                    : absl::StrCat(c.id(), " ", c.revision()));
  }
  illustrative_hours_[{promise.version, calendar}] = illustrative;
  return absl::OkStatus();
}

bool Counter::IsIllustrative(const Promise& promise) {
  return promise.clock->target().illustrative() ||
         illustrative_hours_[{promise.version, promise.clock->calendar()}];
}

void Counter::AddVerdict(const v1::Case& on, const Promise& promise,
                         const Verdict& verdict, bool measured) {
  if (!InRange(verdict)) return;
  const absl::CivilDay date = splitter_.DateOf(verdict.due);
  for (const RowName& name : splitter_.KeysOf(on, promise, date)) {
    Row& row = rows_[name];
    (measured ? row.measured : row.stands).Add(cases_, verdict);
    if (measured) continue;
    row.for_unit |= !promise.unit.empty();
    row.provisional += promise.provisional ? 1 : 0;
    row.illustrative += IsIllustrative(promise) ? 1 : 0;
    if (verdict.bucket != Bucket::kCancelled) {
      row.paused += promise.paused;
      row.rested += promise.paused > absl::ZeroDuration() ? 1 : 0;
    }
    if (!promise.stopped) continue;
    row.elapsed_ms.push_back(absl::ToInt64Milliseconds(promise.elapsed));
    if (promise.working.has_value()) {
      row.working_ms.push_back(absl::ToInt64Milliseconds(*promise.working));
    }
  }
}

void Counter::Add(const v1::Case& on, const Promise& promise) {
  illustrative_ |= IsIllustrative(promise);
  AddVerdict(on, promise, promise.stands, false);
  AddVerdict(on, promise, promise.measured, true);
}

// A month in which nothing fell due is a row of noughts, not a gap.
void Counter::AddEmptyPeriods() {
  if (!splitter_.ByPeriodOnly()) return;
  std::set<std::string> clocks;
  for (const auto& [name, row] : rows_) clocks.insert(name.clock);
  const auto periods = splitter_.Periods(request_.from, request_.to);
  for (const std::string& clock : clocks) {
    for (const std::string& period : periods) {
      RowName name;
      name.clock = clock;
      name.period = period;
      rows_[name];
    }
  }
}

void Counter::Fill(const RowName& name, Row* row, ComplianceRow* out) const {
  out->clock = name.clock;
  out->category = name.category;
  out->unit = name.unit;
  out->area = name.area;
  out->period = name.period;
  out->whole = name.whole;
  out->depth = name.category.empty() ? 0 : splitter_.DepthOf(name.category);
  const v1::ClockSpec* spec = book_->head().policy.sla().Find(name.clock);
  if (spec != nullptr) {
    out->agreement = spec->agreement();
  } else if (row->for_unit) {
    out->agreement = v1::ClockSpec::OPERATIONAL_LEVEL;
  }
  out->counts = row->stands.counts();
  out->measured = row->measured.counts();
  out->paused_time = row->paused;
  out->rested = row->rested;
  out->elapsed = internal::SpreadOf(&row->elapsed_ms);
  out->working = internal::SpreadOf(&row->working_ms);
  out->provisional = row->provisional;
  out->illustrative = row->illustrative;
}

void Counter::Finish(ComplianceReport* report) {
  AddEmptyPeriods();
  std::vector<const RowName*> names;
  for (const auto& [name, row] : rows_) names.push_back(&name);
  std::sort(names.begin(), names.end(), [&](const auto* a, const auto* b) {
    return splitter_.Less(*a, *b);
  });
  for (const RowName* name : names) {
    Fill(*name, &rows_[*name], &report->rows.emplace_back());
  }
  for (auto& [version, met] : met_) {
    report->policies.push_back(std::move(met.met));
  }
  report->restated = restated_;
  report->illustrative = illustrative_;
}

absl::Status Check(const ComplianceRequest& request) {
  Problems problems;
  if (request.tenant.empty()) {
    problems.Add("tenant", "is empty", "a report is of one tenant");
  }
  if (request.to < request.from) {
    problems.Add("to", "lies before `from`",
                 "both dates are included; one day: the same date twice");
  } else if (request.to.year() - request.from.year() > kYearsMax) {
    problems.Add(
        "to", absl::StrCat("is more than ", kYearsMax, " years after `from`"));
  }
  if (request.as_of == absl::InfiniteFuture() ||
      request.as_of == absl::InfinitePast()) {
    problems.Add("as_of", "is no instant", "open promises are judged as of it");
  }
  return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "report");
}

absl::Status Unknown(std::string_view word,
                     const std::vector<std::string>& known) {
  const std::string near = Nearest(word, known);
  return MakeError(
      v1::ErrorInfo::INVALID_ARGUMENT,
      absl::StrCat("no \"", internal::ToAbsl(word), "\"; ",
                   near.empty()
                       ? absl::StrCat("one of ", absl::StrJoin(known, ", "))
                       : absl::StrCat("did you mean ", near, "?")));
}

const std::vector<std::string>& ByWords() {
  static const auto* const words = new std::vector<std::string>{
      "clock", "category", "unit", "area", "period"};
  return *words;
}

std::optional<double> Share(int64_t part, int64_t whole, int64_t cases) {
  if (cases < kRateCasesMin || whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::optional<double> ComplianceCounts::rate() const {
  return Share(met, decided(), cases);
}

std::optional<double> ComplianceCounts::worst_rate() const {
  return Share(cases_met, cases, cases);
}

absl::StatusOr<std::vector<ReportBy>> ParseReportBy(std::string_view words) {
  std::vector<ReportBy> by;
  for (const absl::string_view word :
       absl::StrSplit(internal::ToAbsl(words), ',')) {
    const auto at = std::find(ByWords().begin(), ByWords().end(), word);
    if (at == ByWords().end()) {
      return Unknown(internal::ToStd(word), ByWords());
    }
    by.push_back(static_cast<ReportBy>(at - ByWords().begin()));
  }
  return by;
}

absl::StatusOr<ReportPeriod> ParseReportPeriod(std::string_view word) {
  const std::vector<std::string> known = {"month", "week", "day"};
  const auto at = std::find(known.begin(), known.end(), word);
  if (at == known.end()) return Unknown(word, known);
  return static_cast<ReportPeriod>(at - known.begin());
}

absl::StatusOr<ComplianceReport> ReportCompliance(
    Store* store, const ComplianceRequest& request) {
  if (absl::Status bad = Check(request); !bad.ok()) return bad;
  auto book = PolicyBook::Open(store, request.tenant);
  if (!book.ok()) return book.status();
  Counter counter(&*book, request);
  CaseWalk walk{.store = store,
                .book = &*book,
                .tenant = request.tenant,
                .as_of = request.as_of,
                .visit = [&](const v1::Case& on) { return counter.Count(on); },
                .progress = request.progress};
  if (absl::Status s = walk.Run(); !s.ok()) return s;
  ComplianceReport report;
  report.request = request;
  report.request.progress = nullptr;
  report.zone = book->head().policy.time_zone();
  report.policy = book->head().policy.spec();
  report.policy_version = book->head().version;
  report.zone_data = internal::ZoneDataVersion();
  report.cases_read = walk.cases;
  report.not_judged = walk.not_judged;
  counter.Finish(&report);
  return report;
}

}  // namespace hotline
