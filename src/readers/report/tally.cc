#include "src/readers/report/tally.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/absl_bridge.h"

namespace hotline::internal {
namespace {

constexpr char kNobody[] = "-";

std::string OrNobody(std::string_view code) {
  return code.empty() ? kNobody : std::string(code);
}

template <typename Specs>
absl::flat_hash_map<std::string, int> RanksOf(const Specs& specs) {
  absl::flat_hash_map<std::string, int> ranks;
  for (const auto& spec : specs) {
    ranks.emplace(spec.code(), static_cast<int>(ranks.size()));
  }
  return ranks;
}

// Those the policy does not know come last, by name.
template <typename Ranks>
int RankIn(const Ranks& ranks, const std::string& code) {
  const auto it = ranks.find(code);
  return it == ranks.end() ? static_cast<int>(ranks.size()) : it->second;
}

// ISO 8601: the week belongs to the year its Thursday lies in.
std::string WeekOf(absl::CivilDay date) {
  const absl::CivilDay monday =
      absl::PrevWeekday(date + 1, absl::Weekday::monday);
  const absl::CivilDay thursday = monday + 3;
  return absl::StrFormat("%04d-W%02d", thursday.year(),
                         (absl::GetYearDay(thursday) - 1) / 7 + 1);
}

}  // namespace

Splitter::Splitter(const Policy& policy, std::vector<ReportBy> by,
                   ReportPeriod period, bool roll_up)
    : policy_(policy),
      by_(std::move(by)),
      period_(period),
      roll_up_(roll_up),
      clocks_(RanksOf(policy.spec().clocks())),
      units_(RanksOf(policy.spec().units())),
      areas_(RanksOf(policy.spec().areas())) {
  // A tree is read downwards: what is below a category follows it.
  std::vector<const Category*> stack;
  std::vector<const Category*> rest(policy.taxonomy().All().begin(),
                                    policy.taxonomy().All().end());
  absl::flat_hash_map<const Category*, std::vector<const Category*>> below;
  for (const Category* category : rest) {
    below[category->parent].push_back(category);
  }
  const auto push = [&](const Category* parent) {
    const auto it = below.find(parent);
    if (it == below.end()) return;
    stack.insert(stack.end(), it->second.rbegin(), it->second.rend());
  };
  for (push(nullptr); !stack.empty();) {
    const Category* category = stack.back();
    stack.pop_back();
    categories_.emplace(category->code, static_cast<int>(categories_.size()));
    push(category);
  }
}

bool Splitter::By(ReportBy what) const {
  return std::find(by_.begin(), by_.end(), what) != by_.end();
}

bool Splitter::ByPeriodOnly() const {
  return By(ReportBy::kPeriod) && !By(ReportBy::kCategory) &&
         !By(ReportBy::kUnit) && !By(ReportBy::kArea);
}

absl::CivilDay Splitter::DateOf(absl::Time due) const {
  return absl::ToCivilDay(due - absl::Milliseconds(1), policy_.time_zone());
}

std::string Splitter::PeriodOf(absl::CivilDay date) const {
  switch (period_) {
    case ReportPeriod::kDay:
      return absl::FormatCivilTime(date);
    case ReportPeriod::kWeek:
      return WeekOf(date);
    default:
      return absl::FormatCivilTime(absl::CivilMonth(date));
  }
}

std::vector<std::string> Splitter::Periods(absl::CivilDay from,
                                           absl::CivilDay to) const {
  std::vector<std::string> periods;
  for (absl::CivilDay date = from; date <= to; ++date) {
    std::string period = PeriodOf(date);
    if (periods.empty() || periods.back() != period) {
      periods.push_back(std::move(period));
    }
  }
  return periods;
}

int Splitter::DepthOf(std::string_view category) const {
  const Category* found = policy_.taxonomy().Find(category);
  return !roll_up_ || found == nullptr
             ? 0
             : static_cast<int>(found->Chain().size()) - 1;
}

std::vector<RowName> Splitter::KeysOf(const v1::Case& on,
                                      const Promise& promise,
                                      absl::CivilDay due) const {
  RowName key;
  key.clock = promise.clock->clock();
  std::vector<RowName> keys;
  keys.push_back(key);
  keys.back().whole = true;
  if (By(ReportBy::kUnit)) {
    key.unit = OrNobody(promise.unit.empty() ? on.unit() : promise.unit);
  }
  if (By(ReportBy::kArea)) key.area = OrNobody(on.area());
  if (By(ReportBy::kPeriod)) key.period = PeriodOf(due);
  if (!By(ReportBy::kCategory)) {
    const bool split =
        !key.unit.empty() || !key.area.empty() || !key.period.empty();
    if (split) keys.push_back(std::move(key));
    return keys;
  }
  const Category* found = policy_.taxonomy().Find(on.category());
  if (roll_up_ && found != nullptr) {
    for (const std::string_view code : found->Chain()) {
      key.category = std::string(code);
      keys.push_back(key);
    }
    return keys;
  }
  key.category = found == nullptr ? on.category() : found->code;
  keys.push_back(std::move(key));
  return keys;
}

Splitter::Rank Splitter::RankOf(const RowName& key) const {
  return {RankIn(clocks_, key.clock), !key.whole,
          RankIn(categories_, key.category), RankIn(units_, key.unit),
          RankIn(areas_, key.area)};
}

bool Splitter::Less(const RowName& a, const RowName& b) const {
  const Rank rank_a = RankOf(a);
  const Rank rank_b = RankOf(b);
  if (rank_a != rank_b) return rank_a < rank_b;
  return std::tie(a.clock, a.category, a.unit, a.area, a.period) <
         std::tie(b.clock, b.category, b.unit, b.area, b.period);
}

void Tally::Add(int64_t case_number, const Verdict& verdict) {
  switch (verdict.bucket) {
    case Bucket::kMet:
      ++counts_.met;
      counts_.met_after_due += verdict.after_due ? 1 : 0;
      break;
    case Bucket::kBreached:
      ++counts_.breached;
      break;
    case Bucket::kRunningLate:
      ++counts_.running_late;
      break;
    case Bucket::kRunningInTime:
      ++counts_.running_in_time;
      return;
    case Bucket::kPaused:
      ++counts_.paused;
      return;
    case Bucket::kCancelled:
      ++counts_.cancelled;
      counts_.cancelled_broken += verdict.broken ? 1 : 0;
      return;
  }
  if (newest_ != case_number) {
    newest_ = case_number;
    broken_ = false;
    ++counts_.cases;
    ++counts_.cases_met;
  }
  if (verdict.broken && !broken_) {
    broken_ = true;
    --counts_.cases_met;
  }
}

TimeUsed SpreadOf(std::vector<int64_t>* values) {
  TimeUsed used;
  used.count = static_cast<int64_t>(values->size());
  if (values->empty()) return used;
  const auto rank = [&](size_t percent) {
    const size_t place = (values->size() * percent + 99) / 100 - 1;
    const auto nth = values->begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(values->begin(), nth, values->end());
    return absl::Milliseconds(*nth);
  };
  used.median = rank(50);
  used.ninety = rank(90);
  return used;
}

}  // namespace hotline::internal
