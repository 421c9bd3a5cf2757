#include "src/rules/calendar/timetable.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/time/civil_time.h"
#include "hotline/calendar.h"

namespace hotline::internal {
namespace {

constexpr int kYears = Calendar::kLastYear - Calendar::kFirstYear + 1;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kDay = kDaySeconds * kSecond;

absl::CivilDay NewYear(int year) {
  return absl::CivilDay(Calendar::kFirstYear + year, 1, 1);
}

// Dates before and after a year whose shifts may reach into it, with a margin
// for what a zone may skip.
constexpr int kDaysAround = 3;

class YearBuilder {
 public:
  YearBuilder(const Plan& plan, const std::vector<Stretch>& closures)
      : plan_(plan), zone_(plan.zone), closures_(closures) {}

  // Years of one pattern have equal blocks: all that tells them apart is on
  // which day of the week they begin, whether they have a 29 February, and when
  // their clocks change. Empty if a date of the year is named.
  std::vector<int64_t> Pattern(int year) const {
    const int64_t first = DayNumber(NewYear(year));
    const int64_t next = DayNumber(NewYear(year + 1));
    const auto named = plan_.dates.lower_bound(first - kDaysAround);
    if (named != plan_.dates.end() && named->first < next + kDaysAround) {
      return {};
    }
    std::vector<int64_t> pattern = {(first + 3) % 7, next - first};
    zone_.AppendChanges((first - kDaysAround - 2) * kDaySeconds,
                        (next + kDaysAround + 2) * kDaySeconds,
                        first * kDaySeconds, &pattern);
    return pattern;
  }

  int64_t Base(int year) const {
    return zone_.Instant(DayNumber(NewYear(year)) * kDaySeconds) * kSecond;
  }

  YearBlock Build(int year) {
    base_ = Base(year);
    end_ = Base(year + 1);
    open_.clear();
    YearBlock block;
    const absl::CivilDay first = NewYear(year);
    const absl::CivilDay next = NewYear(year + 1);
    for (absl::CivilDay date = first - kDaysAround; date < next + kDaysAround;
         ++date) {
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
  // opening and last closing if it is a working day.
  std::optional<Stretch> AddDate(absl::CivilDay date) {
    const int64_t number = DayNumber(date);
    if (!zone_.HasDate(number)) return std::nullopt;
    plan_.HoursOf(date, &spans_);
    pieces_.clear();
    for (const LocalSpan& span : spans_) {
      const int64_t open =
          zone_.Instant(number * kDaySeconds + span.open) * kSecond;
      const int64_t close =
          zone_.Instant(number * kDaySeconds + span.close) * kSecond;
      AddPieces({open, close});
    }
    Merge(&pieces_);
    int64_t open_time = 0;
    for (const Stretch& piece : pieces_) {
      open_time += piece.close - piece.open;
      const Stretch here = {std::max(piece.open, int64_t{0}),
                            std::min(piece.close, end_ - base_)};
      if (here.open < here.close) open_.push_back(here);
    }
    if (open_time < plan_.working_day_min) return std::nullopt;
    return Stretch{pieces_.front().open, pieces_.back().close};
  }

  // Cuts the closures out; what is left is counted from the year's base.
  void AddPieces(Stretch s) {
    auto closure = std::lower_bound(
        closures_.begin(), closures_.end(), s.open,
        [](const Stretch& c, int64_t at) { return c.close <= at; });
    while (s.open < s.close) {
      const bool cut = closure != closures_.end() && closure->open < s.close;
      const int64_t until = cut ? closure->open : s.close;
      if (s.open < until) pieces_.push_back({s.open - base_, until - base_});
      if (!cut) return;
      s.open = std::max(s.open, closure->close);
      ++closure;
    }
  }

  void Index(YearBlock* block) const {
    std::vector<OpeningIndex::Opening> openings;
    int64_t sum = 0;
    for (const Stretch& s : open_) {
      openings.push_back({s.open, sum});
      sum += s.close - s.open;
    }
    block->openings = OpeningIndex(std::move(openings), sum);
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
  std::vector<Stretch> pieces_;  // of one date
};

bool SameHours(const Stretch& a, const Stretch& b) {
  return a.open == b.open && a.close == b.close;
}

bool Equal(const YearBlock& a, const YearBlock& b) {
  return a.openings == b.openings && a.working_before == b.working_before &&
         std::equal(a.working_hours.begin(), a.working_hours.end(),
                    b.working_hours.begin(), b.working_hours.end(), SameHours);
}

size_t Hash(const YearBlock& block) {
  uint64_t hash = 0x9e3779b97f4a7c15;
  const auto mix = [&hash](int64_t value) {
    hash = (hash ^ static_cast<uint64_t>(value)) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  };
  for (size_t i = 0; i < block.openings.size(); ++i) {
    mix(block.openings[i].open);
    mix(block.openings[i].before);
  }
  mix(block.openings.total());
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
  return sizeof(*this) + openings.MemoryBytes() +
         (working_before.capacity() + working_dates.capacity()) *
             sizeof(uint16_t) +
         working_hours.capacity() * sizeof(Stretch);
}

std::shared_ptr<const YearBlock> BlockPool::Intern(YearBlock block) {
  block.hash = Hash(block);
  const auto [from, to] = blocks_.equal_range(block.hash);
  for (auto it = from; it != to; ++it) {
    if (Equal(*it->second, block)) return it->second;
  }
  const size_t hash = block.hash;
  return blocks_
      .emplace(hash, std::make_shared<const YearBlock>(std::move(block)))
      ->second;
}

void BlockPool::Offer(const std::shared_ptr<const YearBlock>& block) {
  const auto [from, to] = blocks_.equal_range(block->hash);
  for (auto it = from; it != to; ++it) {
    if (it->second == block || Equal(*it->second, *block)) return;
  }
  blocks_.emplace(block->hash, block);
}

void Timetable::OfferBlocks(BlockPool* pool) const {
  const YearBlock* last = nullptr;
  for (const Year& year : years_) {
    if (year.block != nullptr && year.block.get() != last) {
      pool->Offer(year.block);
    }
    last = year.block.get();
  }
}

Timetable Timetable::Build(const Plan& plan, BlockPool* pool) {
  const std::vector<Stretch> none;
  YearBuilder builder(plan, none);
  Timetable table;
  std::map<std::vector<int64_t>, std::shared_ptr<const YearBlock>> of_pattern;
  for (int year = 0; year <= kYears; ++year) {
    table.years_.push_back({builder.Base(year), 0, nullptr});
    if (year == kYears) break;
    std::shared_ptr<const YearBlock>& place = table.years_.back().block;
    std::vector<int64_t> pattern = builder.Pattern(year);
    if (pattern.empty()) {
      place = pool->Intern(builder.Build(year));
      continue;
    }
    std::shared_ptr<const YearBlock>& block = of_pattern[std::move(pattern)];
    if (block == nullptr) block = pool->Intern(builder.Build(year));
    place = block;
  }
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
    const int64_t from = years_[year].base - 5 * kDay;
    const int64_t to = years_[year + 1].base + 5 * kDay;
    const bool touched = std::any_of(
        closures.begin(), closures.end(),
        [&](const Stretch& c) { return c.open < to && from < c.close; });
    if (touched) table.years_[year].block = pool->Intern(builder.Build(year));
  }
  table.Sum();
  return table;
}

void Timetable::Sum() {
  std::vector<int64_t> sums = {0}, days = {0};
  for (int y = 0; y < kYears; ++y) {
    const YearBlock& block = *years_[y].block;
    sums.push_back(sums.back() + block.openings.total());
    days.push_back(days.back() + block.working_before.back());
    years_[y + 1].sum = sums.back();
  }
  sums_ = KeyIndex(std::move(sums));
  days_ = KeyIndex(std::move(days));

  // A period cut in two by a new year is one period to whoever asks.
  over_new_year_.assign(kYears + 1, {0, 0});
  const auto openings = [&](int y) -> const OpeningIndex& {
    return years_[y].block->openings;
  };
  const auto last_open = [&](int y) {
    return openings(y)[openings(y).size() - 1].open;
  };
  const auto reaches_end = [&](int y) {
    const size_t n = openings(y).size();
    return n > 0 && years_[y].base + last_open(y) + openings(y).Length(n - 1) ==
                        years_[y + 1].base;
  };
  const auto open_at_start = [&](int y) {
    return openings(y).size() > 0 && openings(y)[0].open == 0;
  };
  const auto crosses = [&](int y) {
    return y > 0 && y < kYears && reaches_end(y - 1) && open_at_start(y);
  };
  for (int y = 1; y < kYears; ++y) {
    if (!crosses(y)) continue;
    const bool whole =
        openings(y - 1).size() == 1 && crosses(y - 1) && last_open(y - 1) == 0;
    over_new_year_[y].open = whole ? over_new_year_[y - 1].open
                                   : years_[y - 1].base + last_open(y - 1);
  }
  for (int y = kYears - 1; y > 0; --y) {
    if (!crosses(y)) continue;
    const bool whole = openings(y).size() == 1 && crosses(y + 1);
    over_new_year_[y].close = whole ? over_new_year_[y + 1].close
                                    : years_[y].base + openings(y).Length(0);
  }
}

size_t Timetable::YearOf(int64_t at) const {
  // Years begin within three days of where equally long ones would, a date that
  // a zone skips included: the guess is right or one too high.
  constexpr uint64_t kMeanYear = uint64_t{31'556'952} * kSecond;
  const size_t guess =
      (static_cast<uint64_t>(at - begin()) + 3 * uint64_t{kDay}) / kMeanYear;
  return guess - (at < years_[guess].base);
}

int64_t Timetable::Worked(int64_t at) const {
  if (at < begin()) return 0;
  if (at >= end()) return years_.back().sum;
  const Year& year = years_[YearOf(at)];
  const OpeningIndex& openings = year.block->openings;
  const int64_t offset = at - year.base;
  const size_t i = openings.CountOpens(offset);
  if (i == 0) return year.sum;
  return year.sum +
         std::min(openings[i - 1].before + (offset - openings[i - 1].open),
                  openings[i].before);
}

std::optional<int64_t> Timetable::Latest(int64_t worked) const {
  if (worked < 0 || worked >= years_.back().sum) return std::nullopt;
  const Year& year = years_[sums_.CountUpTo(worked) - 1];
  const OpeningIndex& openings = year.block->openings;
  const int64_t rest = worked - year.sum;
  const OpeningIndex::Opening& last = openings[openings.CountBefores(rest) - 1];
  return year.base + last.open + (rest - last.before);
}

std::optional<int64_t> Timetable::Earliest(int64_t worked) const {
  // One nanosecond after the last one that is needed has begun.
  std::optional<int64_t> at = Latest(worked - 1);
  if (at) ++*at;
  return at;
}

std::optional<Stretch> Timetable::PeriodAt(int64_t at) const {
  if (at < begin() || at >= end()) return std::nullopt;
  const size_t slot = YearOf(at);
  const Year& year = years_[slot];
  const OpeningIndex& openings = year.block->openings;
  const int64_t offset = at - year.base;
  const size_t count = openings.CountOpens(offset);
  if (count == 0) return std::nullopt;
  const size_t i = count - 1;
  const int64_t close = openings[i].open + openings.Length(i);
  if (offset >= close) return std::nullopt;
  Stretch period = {year.base + openings[i].open, year.base + close};
  const Stretch& earlier = over_new_year_[slot];
  const Stretch& later = over_new_year_[slot + 1];
  if (i == 0 && earlier.close != earlier.open) period.open = earlier.open;
  if (count == openings.size() && later.close != later.open) {
    period.close = later.close;
  }
  return period;
}

int64_t Timetable::WorkingDaysBefore(int64_t date) const {
  if (date < DayNumber(NewYear(0))) return 0;
  if (date >= DayNumber(NewYear(kYears))) return days_.back();
  const absl::CivilYear year(absl::CivilDay(1970, 1, 1) + date);
  const int64_t slot = year.year() - Calendar::kFirstYear;
  return days_[slot] + years_[slot].block->working_before[static_cast<size_t>(
                           date - DayNumber(absl::CivilDay(year)))];
}

std::optional<int64_t> Timetable::WorkingDay(int64_t n) const {
  if (n < 0 || n >= days_.back()) return std::nullopt;
  const size_t slot = days_.CountUpTo(n) - 1;
  return DayNumber(NewYear(static_cast<int>(slot))) +
         years_[slot].block->working_dates[n - days_[slot]];
}

Stretch Timetable::HoursOfWorkingDay(int64_t n) const {
  const size_t slot = days_.CountUpTo(n) - 1;
  Stretch hours = years_[slot].block->working_hours[n - days_[slot]];
  hours.open += years_[slot].base;
  hours.close = std::min(hours.close + years_[slot].base, end());
  return hours;
}

size_t Timetable::MemoryBytes(
    std::unordered_set<const YearBlock*>* seen) const {
  size_t bytes = sizeof(*this) + sums_.MemoryBytes() + days_.MemoryBytes() +
                 over_new_year_.capacity() * sizeof(Stretch) +
                 years_.capacity() * sizeof(Year);
  for (const Year& year : years_) {
    if (year.block != nullptr && seen->insert(year.block.get()).second) {
      bytes += year.block->MemoryBytes();
    }
  }
  return bytes;
}

}  // namespace hotline::internal
