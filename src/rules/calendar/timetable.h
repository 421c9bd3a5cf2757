// The compiled calendar: opening instants and the open time before each, in
// blocks of one local year. Blocks do not know where in time they lie, so equal
// years of one or of several calendars are one block in memory.
//
// All times here are nanoseconds since the epoch, all dates days since 1970.
#ifndef HOTLINE_SRC_RULES_CALENDAR_TIMETABLE_H_
#define HOTLINE_SRC_RULES_CALENDAR_TIMETABLE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "src/rules/calendar/key_index.h"
#include "src/rules/calendar/plan.h"
#include "src/rules/calendar/zone.h"

namespace hotline::internal {

// Sorts, joins what meets and counts once what overlaps.
void Merge(std::vector<Stretch>* all);

// One local year; instants count from its first.
struct YearBlock {
  size_t hash = 0;  // of what follows
  OpeningIndex openings;
  std::vector<uint16_t> working_before;  // per date, and of the whole year
  std::vector<uint16_t> working_dates;   // date in the year of each working day
  std::vector<Stretch> working_hours;    // first opening, last closing of each

  size_t MemoryBytes() const;
};

// Keeps one of equal blocks while calendars are compiled.
class BlockPool {
 public:
  std::shared_ptr<const YearBlock> Intern(YearBlock block);
  // Offers a block of an earlier compilation for sharing.
  void Offer(const std::shared_ptr<const YearBlock>& block);

 private:
  std::unordered_multimap<size_t, std::shared_ptr<const YearBlock>> blocks_;
};

class Timetable {
 public:
  // Without closures.
  static Timetable Build(const Plan& plan, BlockPool* pool);
  // The same without what falls into `closures`, which ascend and do not meet.
  Timetable Without(const Plan& plan, const std::vector<Stretch>& closures,
                    BlockPool* pool) const;

  int64_t begin() const { return years_.front().base; }
  int64_t end() const { return years_.back().base; }
  bool NeverOpens() const { return years_.back().sum == 0; }
  bool NeverWorks() const { return days_.back() == 0; }
  void OfferBlocks(BlockPool* pool) const;

  // Open time from the beginning to `at`.
  int64_t Worked(int64_t at) const;
  // The latest instant up to which no more than `worked` has passed.
  std::optional<int64_t> Latest(int64_t worked) const;
  // The earliest instant by which `worked` has passed.
  std::optional<int64_t> Earliest(int64_t worked) const;
  // The open period around an instant, whole.
  std::optional<Stretch> PeriodAt(int64_t at) const;

  // Working days before a date; the date may be any.
  int64_t WorkingDaysBefore(int64_t date) const;
  // The date of the n-th working day, from 0.
  std::optional<int64_t> WorkingDay(int64_t n) const;
  // First opening and last closing of the n-th working day; it must exist.
  Stretch HoursOfWorkingDay(int64_t n) const;

  // Of the blocks of years in `seen`, nothing; adds the others to it.
  size_t MemoryBytes(std::unordered_set<const YearBlock*>* seen) const;

 private:
  // What a question about a year needs first lies in one line of the cache.
  struct alignas(32) Year {
    int64_t base = 0;  // first instant
    int64_t sum = 0;   // open time before it
    std::shared_ptr<const YearBlock> block;
  };

  Timetable() = default;
  void Sum();
  // The place in years_ of an instant from begin() to before end().
  size_t YearOf(int64_t at) const;

  std::vector<Year> years_;  // and the end, which has no block
  KeyIndex sums_;            // open time before each year, and of all
  KeyIndex days_;            // working days before each year, and of all
  // The period open at each year's first instant, where it began before.
  std::vector<Stretch> over_new_year_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_CALENDAR_TIMETABLE_H_
