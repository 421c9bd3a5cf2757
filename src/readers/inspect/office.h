// What a calendar says of one date or instant, and why: holidays, make-up
// days, closures by name.
#ifndef HOTLINE_SRC_READERS_INSPECT_OFFICE_H_
#define HOTLINE_SRC_READERS_INSPECT_OFFICE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "hotline/calendar.h"
#include "hotline/policy.h"
#include "src/readers/inspect/language.h"

namespace hotline::internal {

// A calendar as it holds for one case, and as it is written.
class Office {
 public:
  // Nothing is known of it.
  Office() = default;
  // `spec` may be null: then only what is open can be said, not why.
  Office(const Calendar* calendar, const v1::CalendarSpec* spec,
         std::vector<const v1::ClosureSpec*> closures)
      : calendar_(calendar), spec_(spec), closures_(std::move(closures)) {}

  const Calendar* calendar() const { return calendar_; }
  const v1::CalendarSpec* spec() const { return spec_; }
  // Those that hold here, in their order.
  const std::vector<const v1::ClosureSpec*>& closures() const {
    return closures_;
  }

  // Why the date has the hours it has.
  Note NoteOf(absl::CivilDay date) const;
  Note NoteAt(absl::Time at) const { return NoteOf(calendar_->DateOf(at)); }
  // Why it is not open then; kNothing if it is open.
  Sentence WhyClosed(absl::Time at) const;
  // The dates strictly between two, those of one reason together.
  std::vector<DateRun> ClosedBetween(absl::CivilDay after,
                                     absl::CivilDay before) const;

 private:
  const v1::ClosureSpec* ClosureAt(absl::Time at) const;
  Note WrittenNote(absl::CivilDay date, bool works) const;

  const Calendar* calendar_ = nullptr;
  const v1::CalendarSpec* spec_ = nullptr;
  std::vector<const v1::ClosureSpec*> closures_;
};

// What `holiday_names` call the date: of this year before of every year.
std::string HolidayName(const v1::CalendarSpec& spec, absl::CivilDay date);

// From and until of a closure; false if they cannot be read.
bool SpanOf(const v1::ClosureSpec& closure, OpenPeriod* span);

// The office of a calendar of `policy`, in an area, for a unit.
Office OfficeOf(const Policy& policy, std::string_view calendar,
                std::string_view area, std::string_view unit,
                bool through_closures);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_OFFICE_H_
