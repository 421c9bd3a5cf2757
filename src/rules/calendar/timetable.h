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
#include <vector>

#include "src/rules/calendar/key_index.h"
#include "src/rules/calendar/plan.h"
#include "src/rules/calendar/zone.h"

namespace hotline::internal {

// Sorts, joins what meets and counts once what overlaps.
void Merge(std::vector<Stretch>* all);

// One local year; instants count from its first.
struct YearBlock {
  KeyIndex opens;
  KeyIndex before;  // open time before each opening, and of the whole year
  std::vector<uint16_t> working_before;  // per date, and of the whole year
  std::vector<uint16_t> working_dates;   // date in the year of each working day
  std::vector<Stretch> working_hours;    // first opening, last closing of each

  size_t MemoryBytes() const;
};

// Keeps one of equal blocks while calendars are compiled.
class BlockPool {
 public:
  std::shared_ptr<const YearBlock> Intern(YearBlock block);

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

  int64_t begin() const { return bases_[0]; }
  int64_t end() const { return bases_.back(); }
  bool NeverOpens() const { return sums_.back() == 0; }

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

  size_t MemoryBytes() const;

 private:
  Timetable() = default;
  void Sum();

  KeyIndex bases_;  // first instant of each year, and the end
  KeyIndex sums_;   // open time before each year, and of all
  KeyIndex days_;   // working days before each year, and of all
  KeyIndex dates_;  // first date of each year, and the first not covered
  std::vector<std::shared_ptr<const YearBlock>> years_;
  // The period open at each year's first instant, where it began before.
  std::vector<Stretch> over_new_year_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_CALENDAR_TIMETABLE_H_
