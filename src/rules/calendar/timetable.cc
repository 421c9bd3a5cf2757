#include "src/rules/calendar/timetable.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "absl/time/civil_time.h"
#include "hotline/calendar.h"

namespace hotline::internal {
namespace {

constexpr int kYears = Calendar::kLastYear - Calendar::kFirstYear + 1;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

absl::CivilDay NewYear(int year) {
  return absl::CivilDay(Calendar::kFirstYear + year, 1, 1);
}

class YearBuilder {
 public:
  YearBuilder(const Plan& plan, const std::vector<Stretch>& closures)
      : plan_(plan), zone_(plan.zone), closures_(closures) {}

  int64_t Base(int year) const {
    return zone_.Instant(DayNumber(NewYear(year)) * 86'400) * kSecond;
  }

  YearBlock Build(int year) {
    base_ = Base(year);
    end_ = Base(year + 1);
    open_.clear();
    YearBlock block;
    const absl::CivilDay first = NewYear(year);
    const absl::CivilDay next = NewYear(year + 1);
    // Shifts of the dates around it may reach into the year.
    for (absl::CivilDay date = first - 3; date < next + 3; ++date) {
      const std::optional<Stretch> hours = AddDate(date);
      if (date < first || date >= next) continue;
      block.working_before.push_back(block.working_dates.size());
      if (!hours) continue;
      block.working_dates.push_back(date - first);
      block.working_hours.push_back(*hours);
    }
    block.working_before.push_back(block.working_dates.size());
    Merge(&open_);
    Index(&block);
    return block;
  }

 private:
  // Adds what starts on the date and lies in the year; gives the date's first
  // opening and last closing, if any.
  std::optional<Stretch> AddDate(absl::CivilDay date) {
    const int64_t number = DayNumber(date);
    if (!zone_.HasDate(number)) return std::nullopt;
    plan_.HoursOf(date, &spans_);
    std::optional<Stretch> hours;
    for (const LocalSpan& span : spans_) {
      const int64_t open = zone_.Instant(number * 86'400 + span.open) * kSecond;
      const int64_t close =
          zone_.Instant(number * 86'400 + span.close) * kSecond;
      AddOpen({open, close}, &hours);
    }
    return hours;
  }

  // Cuts the closures out; what is left is counted from the year's base.
  void AddOpen(Stretch s, std::optional<Stretch>* hours) {
    auto closure = std::lower_bound(
        closures_.begin(), closures_.end(), s.open,
        [](const Stretch& c, int64_t at) { return c.close <= at; });
    while (s.open < s.close) {
      const bool cut = closure != closures_.end() && closure->open < s.close;
      const int64_t until = cut ? closure->open : s.close;
      if (s.open < until) AddPiece({s.open - base_, until - base_}, hours);
      if (!cut) return;
      s.open = std::max(s.open, closure->close);
      ++closure;
    }
  }

  void AddPiece(Stretch piece, std::optional<Stretch>* hours) {
    if (hours->has_value()) {
      (*hours)->open = std::min((*hours)->open, piece.open);
      (*hours)->close = std::max((*hours)->close, piece.close);
    } else {
      *hours = piece;
    }
    piece.open = std::max(piece.open, int64_t{0});
    piece.close = std::min(piece.close, end_ - base_);
    if (piece.open < piece.close) open_.push_back(piece);
  }

  void Index(YearBlock* block) const {
    std::vector<int64_t> opens, before;
    int64_t sum = 0;
    for (const Stretch& s : open_) {
      opens.push_back(s.open);
      before.push_back(sum);
      sum += s.close - s.open;
    }
    before.push_back(sum);
    block->opens = KeyIndex(std::move(opens));
    block->before = KeyIndex(std::move(before));
    block->working_before.shrink_to_fit();
    block->working_dates.shrink_to_fit();
    block->working_hours.shrink_to_fit();
  }

  const Plan& plan_;
  const ZoneTable zone_;
  const std::vector<Stretch>& closures_;
  int64_t base_ = 0;
  int64_t end_ = 0;
  std::vector<Stretch> open_;
  std::vector<LocalSpan> spans_;
};

bool SameHours(const Stretch& a, const Stretch& b) {
  return a.open == b.open && a.close == b.close;
}

bool Equal(const YearBlock& a, const YearBlock& b) {
  return a.opens == b.opens && a.before == b.before &&
         a.working_before == b.working_before &&
         std::equal(a.working_hours.begin(), a.working_hours.end(),
                    b.working_hours.begin(), b.working_hours.end(), SameHours);
}

size_t Hash(const YearBlock& block) {
  uint64_t hash = 0x9e3779b97f4a7c15;
  const auto mix = [&hash](int64_t value) {
    hash = (hash ^ static_cast<uint64_t>(value)) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  };
  for (size_t i = 0; i < block.opens.size(); ++i) mix(block.opens[i]);
  for (size_t i = 0; i < block.before.size(); ++i) mix(block.before[i]);
  for (const uint16_t days : block.working_before) mix(days);
  return hash;
}

}  // namespace

void Merge(std::vector<Stretch>* all) {
  std::sort(all->begin(), all->end(),
            [](const Stretch& a, const Stretch& b) { return a.open < b.open; });
  size_t kept = 0;
  for (const Stretch& s : *all) {
    if (kept > 0 && s.open <= (*all)[kept - 1].close) {
      (*all)[kept - 1].close = std::max((*all)[kept - 1].close, s.close);
    } else {
      (*all)[kept++] = s;
    }
  }
  all->resize(kept);
}

size_t YearBlock::MemoryBytes() const {
  return sizeof(*this) + opens.MemoryBytes() + before.MemoryBytes() +
         (working_before.capacity() + working_dates.capacity()) *
             sizeof(uint16_t) +
         working_hours.capacity() * sizeof(Stretch);
}

std::shared_ptr<const YearBlock> BlockPool::Intern(YearBlock block) {
  const size_t hash = Hash(block);
  const auto [from, to] = blocks_.equal_range(hash);
  for (auto it = from; it != to; ++it) {
    if (Equal(*it->second, block)) return it->second;
  }
  return blocks_
      .emplace(hash, std::make_shared<const YearBlock>(std::move(block)))
      ->second;
}

Timetable Timetable::Build(const Plan& plan, BlockPool* pool) {
  const std::vector<Stretch> none;
  YearBuilder builder(plan, none);
  Timetable table;
  std::vector<int64_t> bases, dates;
  for (int year = 0; year <= kYears; ++year) {
    bases.push_back(builder.Base(year));
    dates.push_back(DayNumber(NewYear(year)));
    if (year == kYears) break;
    table.years_.push_back(pool->Intern(builder.Build(year)));
  }
  table.bases_ = KeyIndex(std::move(bases));
  table.dates_ = KeyIndex(std::move(dates));
  table.Sum();
  return table;
}

Timetable Timetable::Without(const Plan& plan,
                             const std::vector<Stretch>& closures,
                             BlockPool* pool) const {
  YearBuilder builder(plan, closures);
  Timetable table = *this;
  for (int year = 0; year < kYears; ++year) {
    // The days around it, as the builder looks at them.
    const int64_t from = bases_[year] - 5 * kDay;
    const int64_t to = bases_[year + 1] + 5 * kDay;
    const bool touched = std::any_of(
        closures.begin(), closures.end(),
        [&](const Stretch& c) { return c.open < to && from < c.close; });
    if (touched) table.years_[year] = pool->Intern(builder.Build(year));
  }
  table.Sum();
  return table;
}

void Timetable::Sum() {
  std::vector<int64_t> sums = {0}, days = {0};
  for (const auto& year : years_) {
    sums.push_back(sums.back() + year->before.back());
    days.push_back(days.back() + year->working_before.back());
  }
  sums_ = KeyIndex(std::move(sums));
  days_ = KeyIndex(std::move(days));

  // A period cut in two by a new year is one period to whoever asks.
  over_new_year_.assign(kYears + 1, {0, 0});
  const auto last_open = [&](int y) -> int64_t {
    const YearBlock& b = *years_[y];
    return b.opens[b.opens.size() - 1];
  };
  const auto length = [&](int y, size_t i) {
    return years_[y]->before[i + 1] - years_[y]->before[i];
  };
  const auto reaches_end = [&](int y) {
    const size_t n = years_[y]->opens.size();
    return n > 0 &&
           bases_[y] + last_open(y) + length(y, n - 1) == bases_[y + 1];
  };
  const auto open_at_start = [&](int y) {
    return years_[y]->opens.size() > 0 && years_[y]->opens[0] == 0;
  };
  const auto crosses = [&](int y) {
    return y > 0 && y < kYears && reaches_end(y - 1) && open_at_start(y);
  };
  for (int y = 1; y < kYears; ++y) {
    if (!crosses(y)) continue;
    const bool whole = years_[y - 1]->opens.size() == 1 && crosses(y - 1) &&
                       last_open(y - 1) == 0;
    over_new_year_[y].open =
        whole ? over_new_year_[y - 1].open : bases_[y - 1] + last_open(y - 1);
  }
  for (int y = kYears - 1; y > 0; --y) {
    if (!crosses(y)) continue;
    const bool whole = years_[y]->opens.size() == 1 && crosses(y + 1);
    over_new_year_[y].close =
        whole ? over_new_year_[y + 1].close : bases_[y] + length(y, 0);
  }
}

int64_t Timetable::Worked(int64_t at) const {
  const size_t slot = bases_.CountUpTo(at);
  if (slot == 0) return 0;
  if (slot == bases_.size()) return sums_.back();
  const YearBlock& year = *years_[slot - 1];
  const int64_t offset = at - bases_[slot - 1];
  const size_t i = year.opens.CountUpTo(offset);
  if (i == 0) return sums_[slot - 1];
  const int64_t length = year.before[i] - year.before[i - 1];
  return sums_[slot - 1] + year.before[i - 1] +
         std::min(offset - year.opens[i - 1], length);
}

std::optional<int64_t> Timetable::Latest(int64_t worked) const {
  if (worked < 0 || worked >= sums_.back()) return std::nullopt;
  const size_t slot = sums_.CountUpTo(worked) - 1;
  const YearBlock& year = *years_[slot];
  const int64_t rest = worked - sums_[slot];
  const size_t i = year.before.CountUpTo(rest) - 1;
  return bases_[slot] + year.opens[i] + (rest - year.before[i]);
}

std::optional<int64_t> Timetable::Earliest(int64_t worked) const {
  // One nanosecond after the last one that is needed has begun.
  std::optional<int64_t> at = Latest(worked - 1);
  if (at) ++*at;
  return at;
}

std::optional<Stretch> Timetable::PeriodAt(int64_t at) const {
  const size_t after = bases_.CountUpTo(at);
  if (after == 0 || after == bases_.size()) return std::nullopt;
  const size_t slot = after - 1;
  const YearBlock& year = *years_[slot];
  const int64_t offset = at - bases_[slot];
  const size_t count = year.opens.CountUpTo(offset);
  if (count == 0) return std::nullopt;
  const size_t i = count - 1;
  const int64_t close = year.opens[i] + year.before[i + 1] - year.before[i];
  if (offset >= close) return std::nullopt;
  Stretch period = {bases_[slot] + year.opens[i], bases_[slot] + close};
  const Stretch& earlier = over_new_year_[slot];
  const Stretch& later = over_new_year_[slot + 1];
  if (i == 0 && earlier.close != earlier.open) period.open = earlier.open;
  if (count == year.opens.size() && later.close != later.open) {
    period.close = later.close;
  }
  return period;
}

int64_t Timetable::WorkingDaysBefore(int64_t date) const {
  const size_t after = dates_.CountUpTo(date);
  if (after == 0) return 0;
  if (after == dates_.size()) return days_.back();
  return days_[after - 1] +
         years_[after - 1]->working_before[date - dates_[after - 1]];
}

std::optional<int64_t> Timetable::WorkingDay(int64_t n) const {
  if (n < 0 || n >= days_.back()) return std::nullopt;
  const size_t slot = days_.CountUpTo(n) - 1;
  return dates_[slot] + years_[slot]->working_dates[n - days_[slot]];
}

Stretch Timetable::HoursOfWorkingDay(int64_t n) const {
  const size_t slot = days_.CountUpTo(n) - 1;
  Stretch hours = years_[slot]->working_hours[n - days_[slot]];
  hours.open += bases_[slot];
  hours.close = std::min(hours.close + bases_[slot], end());
  return hours;
}

size_t Timetable::MemoryBytes() const {
  size_t bytes = sizeof(*this) + bases_.MemoryBytes() + sums_.MemoryBytes() +
                 days_.MemoryBytes() + dates_.MemoryBytes() +
                 over_new_year_.capacity() * sizeof(Stretch) +
                 years_.capacity() * sizeof(years_[0]);
  std::unordered_set<const YearBlock*> seen;
  for (const auto& year : years_) {
    if (seen.insert(year.get()).second) bytes += year->MemoryBytes();
  }
  return bytes;
}

}  // namespace hotline::internal
