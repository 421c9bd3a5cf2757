// How a target is counted off: hours, dates, months.
#include <algorithm>

#include "src/base/time.h"
#include "src/readers/inspect/derive.h"

namespace hotline::internal {
namespace {

// Steps of one kind that are kept at either end of a long row.
constexpr int kKept = 200;

// Open time of one date, gathered while working time is counted.
struct DayCount {
  absl::CivilDay date;
  std::vector<OpenPeriod> hours;
  absl::Duration counted;
};

class Counter {
 public:
  Counter(const ClockQuestion& question, absl::Time start, absl::Time nominal)
      : q_(question),
        office_(question.office),
        calendar_(question.office.calendar()),
        target_(question.one.clock.target()),
        start_(start),
        nominal_(nominal) {}

  Counting Count();

 private:
  void WorkingTime(absl::Duration target);
  bool CountUntil(absl::Time from, absl::Time end, absl::Duration target);
  void CountPeriod(absl::Time from, absl::Time to, absl::Duration target);
  void FlushDay(absl::Duration target);
  void Elapsed(absl::Duration target);
  void WorkingDays();
  absl::CivilDay MoveStart(absl::CivilDay date);
  void StartDate(absl::CivilDay date);
  void CalendarDates();
  void TellEnd();
  void PassedOver(absl::CivilDay after, absl::CivilDay before);
  Day Noted(absl::CivilDay date) const {
    return {date, calendar_ == nullptr ? Note() : office_.NoteOf(date)};
  }
  void Step(Saying saying, int rule, std::vector<Part> parts) {
    out_.steps.emplace_back(saying, rule, std::move(parts));
  }

  const ClockQuestion& q_;
  const Office& office_;
  const Calendar* calendar_;
  const v1::TargetSpec& target_;
  const absl::Time start_;
  const absl::Time nominal_;
  Counting out_;
  absl::Duration total_;
  DayCount day_;
  absl::CivilDay last_told_ = absl::CivilDay::min();
};

void Counter::PassedOver(absl::CivilDay after, absl::CivilDay before) {
  if (after == absl::CivilDay::min() || before - after < 2) return;
  Step(Saying::kPassedOver, 3,
       {{"runs", office_.ClosedBetween(after, before)}});
}

void Counter::FlushDay(absl::Duration target) {
  if (day_.hours.empty()) return;
  PassedOver(last_told_, day_.date);
  const absl::Duration left = target - total_;
  const Sentence rest = left > absl::ZeroDuration()
                            ? Sentence(Saying::kLeft, 0, {{"left", left}})
                            : Sentence(Saying::kUsedUp);
  Step(Saying::kCounted, 7,
       {{"day", Noted(day_.date)},
        {"hours", day_.hours},
        {"counted", day_.counted},
        {"rest", rest}});
  last_told_ = day_.date;
  day_ = {};
}

void Counter::CountPeriod(absl::Time from, absl::Time to,
                          absl::Duration target) {
  to = std::min(to, from + (target - total_));
  if (to <= from) return;
  const absl::CivilDay date = calendar_->DateOf(from);
  if (date != day_.date) FlushDay(target);
  if (!out_.from && from != start_) {
    out_.from = Part{"from", When{from, office_.NoteAt(from)}};
  }
  if (!out_.from) out_.from = Part{"", When{from}};
  total_ += to - from;
  day_.date = date;
  day_.counted += to - from;
  day_.hours.push_back({from, to});
}

// False: the calendar ended before.
bool Counter::CountUntil(absl::Time from, absl::Time end,
                         absl::Duration target) {
  for (absl::Time at = from; at < end && total_ < target;) {
    const auto periods = calendar_->Periods(at, 16);
    if (!periods.ok() || periods->empty()) return false;
    for (const OpenPeriod& p : *periods) {
      CountPeriod(std::max(p.open, at), std::min(p.close, end), target);
      if (p.close >= end || total_ >= target) break;
    }
    at = periods->back().close;
  }
  return true;
}

void Counter::WorkingTime(absl::Duration target) {
  const std::vector<ClockSpan>& spans = q_.one.spans;
  // Counts stop at the due instant; a clock that lives runs on until then, and
  // one that stopped in time is followed to where it would have been due.
  for (size_t i = 0; i < spans.size() && total_ < target; ++i) {
    if (spans[i].paused) continue;
    const bool last = i + 1 == spans.size();
    const absl::Time end = last ? absl::InfiniteFuture() : spans[i].to;
    if (!CountUntil(spans[i].from, end, target)) return;
  }
  FlushDay(target);
}

void Counter::Elapsed(absl::Duration target) {
  Step(Saying::kWallClock, 6,
       {{"from", When{start_}},
        {"amount", target},
        {"until", When{start_ + target}}});
}

absl::CivilDay Counter::MoveStart(absl::CivilDay date) {
  const auto cut = ParseTimeOfDay(target_.cut_off());
  const absl::CivilDay first = date;
  const auto moved = [&](Saying saying, int seconds) {
    const auto next = calendar_->AddWorkingDays(date, 1);
    if (!next.ok()) return;
    PassedOver(date, *next);
    date = *next;
    const When from{calendar_->Local(date, seconds), office_.NoteOf(date)};
    Step(saying, 11, {{"cut_off", target_.cut_off()}, {"from", from}});
    out_.from = Part{"from", from};
  };
  const absl::CivilSecond local =
      absl::ToCivilSecond(start_, calendar_->time_zone());
  const int own = static_cast<int>(local - absl::CivilSecond(first));
  if (target_.roll_start() && !calendar_->IsWorkingDay(date)) {
    moved(Saying::kMovedByClosedDate, own);
  }
  if (!target_.cut_off().empty() && cut.ok() && own >= *cut) {
    const auto restart = ParseTimeOfDay(target_.restart());
    moved(Saying::kMovedByCutOff, restart.ok() ? *restart : own);
  }
  return date;
}

void Counter::StartDate(absl::CivilDay date) {
  const Saying saying =
      target_.first_day_counts() ? Saying::kStartDateIn : Saying::kStartDateOut;
  Step(saying, target_.has_working_days() ? 11 : 12, {{"day", Noted(date)}});
}

void Counter::WorkingDays() {
  const absl::CivilDay start = MoveStart(calendar_->DateOf(start_));
  const int total = target_.working_days();
  // A first date that is over when the period begins is none of it.
  const bool over = total == 1 && nominal_ != absl::InfiniteFuture() &&
                    calendar_->DateOf(nominal_ - absl::Seconds(1)) > start;
  const bool counts =
      target_.first_day_counts() && calendar_->IsWorkingDay(start) && !over;
  if (!counts) StartDate(start);
  absl::CivilDay last = counts ? start - 1 : start;
  for (int n = 1; n <= total; ++n) {
    if (n == kKept + 1 && total > 2 * kKept + 1) {
      const int skipped = total - 2 * kKept;
      const auto far = calendar_->AddWorkingDays(last, skipped);
      if (!far.ok()) break;
      Step(Saying::kMore, 0, {{"n", int64_t{skipped}}});
      last = *far;
      n += skipped;
    }
    const auto next = calendar_->AddWorkingDays(last, 1);
    if (!next.ok()) break;
    PassedOver(last, *next);
    if (!out_.from) out_.from = Part{"from", Noted(*next)};
    Step(Saying::kWorkingDate, 11, {{"day", Noted(*next)}, {"n", int64_t{n}}});
    last = *next;
  }
  TellEnd();
}

void Counter::CalendarDates() {
  const absl::CivilDay start(absl::ToCivilSecond(
      start_, calendar_ == nullptr ? q_.zone : calendar_->time_zone()));
  const bool months = target_.has_calendar_months();
  StartDate(start);
  const absl::CivilDay before = target_.first_day_counts() ? start - 1 : start;
  const bool from_next = target_.from_next_day() || target_.first_day_counts();
  absl::CivilDay last;
  if (months) {
    const int64_t n = target_.calendar_months();
    const absl::CivilDay first = from_next ? before + 1 : before;
    const absl::CivilMonth month = absl::CivilMonth(first) + n;
    const absl::CivilDay month_end = absl::CivilDay(month + 1) - 1;
    const bool is_short = first.day() > month_end.day();
    last = is_short ? month_end
                    : absl::CivilDay(month) + (first.day() - 1) - from_next;
    const Saying saying = is_short    ? Saying::kMonthsShort
                          : from_next ? Saying::kMonthsFromNextDay
                                      : Saying::kMonthsLater;
    Step(saying, 12, {{"n", n}, {"day", Day{last}}});
  } else {
    last = before + target_.calendar_days();
    Step(Saying::kDaysLater, 12,
         {{"n", int64_t{target_.calendar_days()}}, {"day", Day{last}}});
  }
  if (!target_.first_day_counts()) {
    out_.from = Part{"from", Day{start + 1}};
  }
  if (target_.roll_end() && calendar_ != nullptr &&
      !calendar_->IsWorkingDay(last)) {
    const auto next = calendar_->AddWorkingDays(last, 0, Calendar::kRollFirst);
    if (next.ok()) {
      Step(Saying::kEndRolled, 12,
           {{"from", Noted(last)}, {"to", Noted(*next)}});
    }
  }
  TellEnd();
}

void Counter::TellEnd() {
  if (nominal_ == absl::InfiniteFuture()) return;
  v1::TargetSpec::DayEnd end = target_.end();
  if (end == v1::TargetSpec::DAY_END_UNSPECIFIED) {
    end = target_.has_working_days() ? v1::TargetSpec::CLOSE
                                     : v1::TargetSpec::MIDNIGHT;
  }
  const Saying by = end == v1::TargetSpec::HOUR        ? Saying::kByHour
                    : end == v1::TargetSpec::SAME_TIME ? Saying::kBySameTime
                    : end == v1::TargetSpec::CLOSE     ? Saying::kByClose
                                                       : Saying::kByMidnight;
  Step(Saying::kEnds, target_.has_working_days() ? 11 : 12,
       {{"at", EndOf(q_, nominal_)}, {"by", Sentence(by)}});
}

Counting Counter::Count() {
  switch (target_.amount_case()) {
    case v1::TargetSpec::kWorkingTime:
      if (calendar_ != nullptr) WorkingTime(LengthOf(target_.working_time()));
      break;
    case v1::TargetSpec::kElapsed:
      Elapsed(LengthOf(target_.elapsed()));
      break;
    case v1::TargetSpec::kWorkingDays:
      if (calendar_ != nullptr) WorkingDays();
      break;
    case v1::TargetSpec::kCalendarDays:
    case v1::TargetSpec::kCalendarMonths:
      CalendarDates();
      break;
    default:
      break;
  }
  if (out_.from && out_.from->name.empty()) out_.from.reset();
  const auto rows = static_cast<int64_t>(out_.steps.size());
  if (target_.has_working_time() && rows > 2 * kKept + 1) {
    const auto first = out_.steps.begin() + kKept;
    out_.steps.erase(first, out_.steps.end() - kKept);
    out_.steps.insert(out_.steps.begin() + kKept,
                      Sentence(Saying::kMore, 0, {{"n", rows - 2 * kKept}}));
  }
  return std::move(out_);
}

}  // namespace

Counting CountTarget(const ClockQuestion& question, absl::Time start,
                     absl::Time nominal) {
  return Counter(question, start, nominal).Count();
}

}  // namespace hotline::internal
