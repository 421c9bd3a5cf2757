#include "src/rules/sla/terms.h"

#include <algorithm>

#include "src/base/time.h"
#include "src/rules/sla/period.h"

namespace hotline::internal {

Terms::Terms(const v1::ClockState& clock, const Calendar* calendar,
             absl::TimeZone zone)
    : clock_(clock),
      calendar_(calendar),
      zone_(zone),
      course_(PlayMarks(clock)) {
  const v1::TargetSpec& target = clock.target();
  if (course_.state == v1::ClockState::IDLE) return;
  if (clock.has_target_since()) since_ = FromTimestamp(clock.target_since());
  if (CountsWorkingTime(target)) own_ = Measure(calendar);
  if (clock.has_fixed_due() || CountsDates(target)) {
    ReckonDates();
  } else if (target.has_working_time() || target.has_elapsed()) {
    ReckonTime();
  }
}

void Terms::ReckonTime() {
  const bool working = clock_.target().has_working_time();
  total_ = DurationOf(working ? clock_.target().working_time()
                              : clock_.target().elapsed());
  end_ = end_open_ = own_.Reach(course_.runs, total_);
  if (working) end_open_ = own_.Reach(course_.runs, total_, Calendar::kOpen);
}

void Terms::ReckonDates() {
  const absl::Time start = clock_.has_measured_from()
                               ? FromTimestamp(clock_.measured_from())
                               : course_.start;
  const Period period =
      clock_.has_fixed_due()
          ? Period::Until(clock_.target(), calendar_, zone_,
                          std::max(start, FromTimestamp(clock_.fixed_at())),
                          FromTimestamp(clock_.fixed_due()))
          : Period::Of(clock_.target(), calendar_, zone_, start);
  end_ = end_open_ = period.End(course_.runs, own_);
  if (end_ != kNever) total_ = own_.Used(course_.runs, end_);
}

bool Terms::IsProvisional() const {
  if (Due() == kNever || calendar_ == nullptr) return false;
  if (clock_.has_fixed_due() && FromTimestamp(clock_.fixed_due()) == end_) {
    return false;  // somebody's word, not a calendar's
  }
  // Midnight belongs to the date it ends.
  return NeedsCalendar(clock_.target()) &&
         calendar_->IsProvisional(end_ - absl::Nanoseconds(1));
}

absl::Duration Terms::UsedUntil(absl::Time now) const {
  return own_.Used(course_.runs, std::min(now, course_.Limit()));
}

absl::Time Terms::BreachIfOn() const {
  if (end_open_ == kNever) return kNever;
  const absl::Time broken =
      clock_.reminder() ? end_ : end_open_ + absl::Milliseconds(1);
  return std::max(broken, since_);
}

Measure Terms::MeasureOf(const Level& level) const {
  switch (level.measure) {
    case v1::LevelSpec::WORKING_TIME:
      return Measure(calendar_);
    case v1::LevelSpec::ELAPSED:
      return Measure();
    default:
      return own_;
  }
}

absl::Time Terms::InstantIfOn(const Level& level) const {
  if (end_ == kNever) return kNever;
  const Runs& runs = course_.runs;
  const Measure measure = MeasureOf(level);
  absl::Time at = kNever;
  switch (level.when) {
    case v1::LevelSpec::kPercent:
      at = own_.Reach(runs, total_ * level.count / 100);
      break;
    case v1::LevelSpec::kBefore:
      at = measure == own_
               ? own_.Reach(runs, std::max(total_ - level.amount,
                                           absl::ZeroDuration()))
               : WhenRunning(runs, measure.Subtract(end_, level.amount));
      break;
    case v1::LevelSpec::kDaysBefore:
      at = WhenRunning(runs, DatesFrom(end_, -level.count, calendar_, zone_));
      break;
    case v1::LevelSpec::kAfter: {
      const absl::Duration used =
          measure == own_ ? total_ : measure.Used(runs, end_);
      at = std::max(measure.Reach(runs, used + level.amount), BreachIfOn());
      break;
    }
    case v1::LevelSpec::kDaysAfter: {
      const absl::Time later = DatesFrom(end_, level.count, calendar_, zone_);
      absl::Duration rested;
      at = MovedByRests(runs, end_, later, [&](absl::Time from, absl::Time to) {
        rested += own_.Between(from, to);
        return own_.Add(later, rested);
      });
      at = std::max(at, BreachIfOn());
      break;
    }
    default:
      return BreachIfOn();
  }
  return std::max(at, since_);
}

std::optional<Pending> Terms::PendingAfter(const Level& level, int last,
                                           absl::Time now) const {
  if (last >= 0 && last >= level.repeats) return std::nullopt;
  const absl::Time first = InstantOf(level);
  if (first == kNever) return std::nullopt;
  if (last < 0) return Pending{&level, first};
  // The grid lies from due on; the level itself may have come later.
  const Measure measure = MeasureOf(level);
  const absl::Duration due = measure.Used(course_.runs, end_);
  const auto places = [&](absl::Time until) {
    absl::Duration rest;
    return absl::IDivDuration(measure.Used(course_.runs, until) - due,
                              level.every, &rest);
  };
  const int64_t before = places(first);
  int64_t repeat = last + 1;
  const absl::Time looked = std::min(now, course_.Limit());
  if (looked != kNever && looked > first) {
    repeat = std::max(
        repeat, std::min<int64_t>(places(looked) - before, level.repeats));
  }
  if (repeat > level.repeats) return std::nullopt;
  const absl::Time at = Reached(
      measure.Reach(course_.runs, due + level.every * (before + repeat)));
  if (at == kNever) return std::nullopt;
  return Pending{&level, at, static_cast<int>(repeat),
                 static_cast<int>(repeat) - last - 1};
}

}  // namespace hotline::internal
