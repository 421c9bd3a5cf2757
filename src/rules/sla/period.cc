#include "src/rules/sla/period.h"

#include <algorithm>
#include <charconv>

#include "src/base/time.h"

namespace hotline::internal {
namespace {

constexpr int kDaySeconds = 24 * 60 * 60;

int SecondsOf(const std::string& text) {
  const auto seconds = ParseTimeOfDay(text);
  return seconds.ok() ? *seconds : 0;  // checked when compiled
}

absl::CivilDay DateOf(absl::TimeZone zone, absl::Time at) {
  return absl::CivilDay(zone.At(at).cs);
}

// RFC 5545: in a gap by the offset before it, else the first.
absl::Time AtLocal(absl::TimeZone zone, absl::CivilDay date, int seconds) {
  return zone.At(absl::CivilSecond(date) + seconds).pre;
}

int SecondsOfDay(absl::CivilSecond local) {
  return static_cast<int>(local - absl::CivilSecond(absl::CivilDay(local)));
}

// The working date to which an open instant belongs: a night shift's is the
// one it began on.
absl::CivilDay DateOfOpen(const Calendar& calendar, absl::Time open) {
  const absl::CivilDay date = calendar.DateOf(open);
  if (!calendar.IsWorkingDay(date - 1)) return date;
  const auto night = calendar.HoursOf(date - 1);
  return night.ok() && night->close > open ? date - 1 : date;
}

}  // namespace

absl::Duration DurationOf(const std::string& text) {
  // "16h" and its like are read on every look at a clock.
  int32_t amount = 0;
  const char* const end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, amount);
  if (error == std::errc() && unit + 1 == end) {
    if (*unit == 'h') return absl::Hours(amount);
    if (*unit == 'm') return absl::Minutes(amount);
    if (*unit == 's') return absl::Seconds(amount);
  }
  const auto duration = ParseDuration(text);
  return duration.ok() ? *duration : absl::ZeroDuration();
}

bool CountsWorkingTime(const v1::TargetSpec& target) {
  return target.has_working_time() || target.has_working_days();
}

bool CountsDates(const v1::TargetSpec& target) {
  return target.has_working_days() || target.has_calendar_days() ||
         target.has_calendar_months();
}

bool NeedsCalendar(const v1::TargetSpec& target) {
  return CountsWorkingTime(target) || target.roll_end() ||
         target.end() == v1::TargetSpec::CLOSE;
}

absl::CivilDay MonthsAfter(absl::CivilDay date, int months,
                           bool from_next_day) {
  const absl::CivilDay first = from_next_day ? date + 1 : date;
  const absl::CivilMonth month = absl::CivilMonth(first) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  if (first.day() > last.day()) return last;
  return absl::CivilDay(month) + (first.day() - 1) - (from_next_day ? 1 : 0);
}

absl::Time DatesFrom(absl::Time at, int days, const Calendar* calendar,
                     absl::TimeZone zone) {
  if (calendar != nullptr) zone = calendar->time_zone();
  const auto local = zone.At(at - absl::Nanoseconds(1));
  const absl::Duration rest = local.subsecond + absl::Nanoseconds(1);
  absl::CivilDay date(local.cs);
  if (calendar == nullptr) {
    date += days;
  } else {
    const auto moved = calendar->AddWorkingDays(date, days);
    if (!moved.ok()) return days < 0 ? absl::InfinitePast() : kNever;
    date = *moved;
  }
  return AtLocal(zone, date, SecondsOfDay(local.cs)) + rest;
}

Period::Period(const v1::TargetSpec& target, const Calendar* calendar,
               absl::TimeZone zone, absl::Time origin)
    : target_(target),
      calendar_(calendar),
      zone_(calendar == nullptr ? zone : calendar->time_zone()),
      origin_(origin) {
  const auto local = zone_.At(origin);
  before_ = absl::CivilDay(local.cs);
  seconds_ = SecondsOfDay(local.cs);
  fraction_ = local.subsecond;
}

Period Period::Of(const v1::TargetSpec& target, const Calendar* calendar,
                  absl::TimeZone zone, absl::Time start) {
  Period period(target, calendar, zone, start);
  if (target.has_working_days()) {
    if (calendar == nullptr) {
      period.never_ = true;
      return period;
    }
    period.MoveStart();
  }
  if (target.first_day_counts()) period.before_ -= 1;
  if (target.has_calendar_months()) {
    period.last_ =
        MonthsAfter(period.before_, target.calendar_months(),
                    target.from_next_day() || target.first_day_counts());
  } else {
    period.last_ = period.before_;
    period.Step(target.has_working_days() ? target.working_days()
                                          : target.calendar_days(),
                &period.last_);
  }
  // Its first date may be over when it begins.
  while (target.first_day_counts() && !period.never_ &&
         period.EndOn(period.last_) <= start) {
    period.Step(1, &period.last_);
  }
  return period;
}

Period Period::Until(const v1::TargetSpec& target, const Calendar* calendar,
                     absl::TimeZone zone, absl::Time given_at, absl::Time end) {
  Period period(target, calendar, zone, given_at);
  const auto local = period.zone_.At(end);
  period.last_ = absl::CivilDay(local.cs);
  period.seconds_ = SecondsOfDay(local.cs);
  period.fraction_ = local.subsecond;
  period.given_ = end;
  return period;
}

absl::Time Period::End(const Runs& runs, const Measure& measure) const {
  if (never_) return kNever;
  const absl::Time end = given_.value_or(EndOn(last_));
  if (target_.pause_by_dates()) {
    absl::CivilDay counted = before_;
    int64_t dates = 0;
    return MovedByRests(
        runs, origin_, Rolled(end), [&](absl::Time from, absl::Time to) {
          dates += DatesBegun(from, to, &counted);
          const auto last = Later(last_, dates);
          if (!last) return kNever;
          return dates == 0 ? Rolled(end) : Rolled(EndOn(*last));
        });
  }
  absl::Duration rested;
  return MovedByRests(runs, origin_, Rolled(end),
                      [&](absl::Time from, absl::Time to) {
                        rested += measure.Between(from, to);
                        return Rolled(measure.Add(end, rested));
                      });
}

// A cut-off or a closed date may move the start to the next working date.
void Period::MoveStart() {
  if (target_.roll_start() && !calendar_->IsWorkingDay(before_)) {
    Step(1, &before_);
  }
  if (target_.cut_off().empty() || seconds_ < SecondsOf(target_.cut_off())) {
    return;
  }
  Step(1, &before_);
  if (target_.restart().empty()) return;
  seconds_ = SecondsOf(target_.restart());
  fraction_ = absl::ZeroDuration();
}

std::optional<absl::CivilDay> Period::Later(absl::CivilDay date,
                                            int64_t dates) const {
  if (!target_.has_working_days()) return date + dates;
  const auto later = calendar_->AddWorkingDays(date, dates);
  return later.ok() ? std::optional(*later) : std::nullopt;
}

void Period::Step(int64_t dates, absl::CivilDay* date) {
  const auto later = Later(*date, dates);
  never_ |= !later;
  if (later) *date = *later;
}

absl::Time Period::EndOn(absl::CivilDay date) const {
  v1::TargetSpec::DayEnd end = target_.end();
  if (given_) {
    end = v1::TargetSpec::SAME_TIME;
  } else if (end == v1::TargetSpec::DAY_END_UNSPECIFIED) {
    end = target_.has_working_days() ? v1::TargetSpec::CLOSE
                                     : v1::TargetSpec::MIDNIGHT;
  }
  if (end == v1::TargetSpec::SAME_TIME) {
    return AtLocal(zone_, date, seconds_) + fraction_;
  }
  if (end == v1::TargetSpec::HOUR) {
    return AtLocal(zone_, date, SecondsOf(target_.hour()));
  }
  if (end == v1::TargetSpec::CLOSE && calendar_ != nullptr) {
    const auto hours = calendar_->HoursOf(date);
    if (hours.ok()) return hours->close;
  }
  return AtLocal(zone_, date, kDaySeconds);
}

// The first end of a working date at or after it: what a last date that is none
// becomes, and an end that rests have moved onto one.
absl::Time Period::Rolled(absl::Time end) const {
  if (!target_.roll_end() || given_ || calendar_ == nullptr || end == kNever) {
    return end;
  }
  // A night shift that ends it may have begun a date earlier.
  absl::CivilDay date = calendar_->DateOf(end - absl::Nanoseconds(1)) - 1;
  while (true) {
    const auto working =
        calendar_->AddWorkingDays(date, 0, Calendar::kRollFirst);
    if (!working.ok()) return kNever;
    const absl::Time last = EndOn(*working);
    if (last >= end) return last;
    date = *working + 1;
  }
}

// Dates of the target's kind that count, in which a rest lies at least in part
// and which no rest before it had begun. A working date is begun by resting in
// its hours.
int64_t Period::DatesBegun(absl::Time from, absl::Time to,
                           absl::CivilDay* counted) const {
  absl::CivilDay first, last;
  if (!target_.has_working_days()) {
    first = DateOf(zone_, from);
    last = DateOf(zone_, to - absl::Nanoseconds(1));
  } else if (calendar_ != nullptr &&
             calendar_->Between(from, to) > absl::ZeroDuration()) {
    const auto open = calendar_->NextOpen(from);
    const auto close = calendar_->PreviousClose(to);
    if (!open.ok() || !close.ok()) return 0;
    first = DateOfOpen(*calendar_, *open);
    last = DateOfOpen(*calendar_, *close - absl::Nanoseconds(1));
  } else {
    return 0;
  }
  first = std::max(first, *counted + 1);
  if (last < first) return 0;
  *counted = last;
  return target_.has_working_days()
             ? calendar_->CountWorkingDays(first, last, Calendar::kClosedClosed)
             : last - first + 1;
}

}  // namespace hotline::internal
