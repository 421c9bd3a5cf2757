#include "src/readers/inspect/derive.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/time.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

// A long row of like steps keeps its beginning and its end.
constexpr size_t kStepsShown = 6;

std::vector<std::string> Shorten(std::vector<std::string> steps) {
  if (steps.size() <= 2 * kStepsShown + 1) return steps;
  const size_t hidden = steps.size() - 2 * kStepsShown;
  std::vector<std::string> out(steps.begin(), steps.begin() + kStepsShown);
  out.push_back(absl::StrCat("... ", hidden, " more such steps ..."));
  out.insert(out.end(), steps.end() - kStepsShown, steps.end());
  return out;
}

// Open time of one date, gathered while working time is counted.
struct DayCount {
  absl::CivilDay date;
  std::vector<std::string> hours;
  absl::Duration counted;
};

class Deriver {
 public:
  Deriver(const ClockHistory& one, const Calendar* calendar,
          const v1::CalendarSpec* spec, absl::TimeZone zone)
      : clock_(one.clock),
        spans_(one.spans),
        calendar_(calendar),
        spec_(spec),
        zone_(zone) {}

  std::vector<std::string> Steps();

 private:
  void WorkingTime(absl::Duration target);
  void CountPeriod(absl::Time from, absl::Time to, absl::Duration target);
  void FlushDay(absl::Duration target);
  void Elapsed(absl::Duration target);
  void WorkingDays();
  void CalendarDays();
  absl::CivilDay StartDate(absl::CivilDay date, bool working);
  void TellEnd(absl::CivilDay last, bool working);
  void ClosedBetween(absl::CivilDay after, absl::CivilDay before);
  absl::Duration Paused() const;
  std::string Note(absl::CivilDay date) const {
    const std::string note = DateNote(*calendar_, spec_, date);
    return note.empty() ? "" : absl::StrCat(" (", note, ")");
  }

  const v1::ClockState& clock_;
  const std::vector<ClockSpan>& spans_;
  const Calendar* calendar_;
  const v1::CalendarSpec* spec_;
  absl::TimeZone zone_;
  std::vector<std::string> steps_;
  absl::Duration total_;
  DayCount day_;
  absl::CivilDay last_told_ = absl::CivilDay::min();
};

void Deriver::ClosedBetween(absl::CivilDay after, absl::CivilDay before) {
  if (after == absl::CivilDay::min() || before - after < 2) return;
  // Dates closed for the same reason are told together.
  std::vector<std::string> runs;
  for (absl::CivilDay from = after + 1; from < before;) {
    const std::string note = Note(from);
    absl::CivilDay to = from;
    while (to + 1 < before && Note(to + 1) == note) ++to;
    runs.push_back(absl::StrCat(
        DateWords(from), to == from ? "" : absl::StrCat(" to ", DateWords(to)),
        note));
    from = to + 1;
  }
  steps_.push_back(absl::StrCat("closed: ", absl::StrJoin(runs, ", ")));
}

void Deriver::FlushDay(absl::Duration target) {
  if (day_.hours.empty()) return;
  ClosedBetween(last_told_, day_.date);
  const absl::Duration left = target - total_;
  steps_.push_back(absl::StrCat(
      DateWords(day_.date), Note(day_.date), ": ",
      absl::StrJoin(day_.hours, ", "), " counts ", DurationWords(day_.counted),
      left > absl::ZeroDuration()
          ? absl::StrCat(", ", DurationWords(left), " left")
          : ", the target is used up"));
  last_told_ = day_.date;
  day_ = {};
}

void Deriver::CountPeriod(absl::Time from, absl::Time to,
                          absl::Duration target) {
  to = std::min(to, from + (target - total_));
  if (to <= from) return;
  const absl::CivilDay date = calendar_->DateOf(from);
  if (date != day_.date) FlushDay(target);
  total_ += to - from;
  day_.date = date;
  day_.counted += to - from;
  day_.hours.push_back(
      absl::StrCat(LocalTimeOfDay(from, date, calendar_->time_zone()), "-",
                   LocalTimeOfDay(to, date, calendar_->time_zone())));
}

void Deriver::WorkingTime(absl::Duration target) {
  // Counts stop at the due instant; a clock that lives runs on until then.
  for (size_t i = 0; i < spans_.size() && total_ < target; ++i) {
    if (spans_[i].paused) {
      FlushDay(target);
      steps_.push_back(absl::StrCat("paused ",
                                    LocalInstant(spans_[i].from, zone_), " to ",
                                    LocalInstant(spans_[i].to, zone_)));
      continue;
    }
    const bool last = i + 1 == spans_.size();
    const absl::Time end = last ? absl::InfiniteFuture() : spans_[i].to;
    for (absl::Time at = spans_[i].from; at < end && total_ < target;) {
      const auto periods = calendar_->Periods(at, 16);
      if (!periods.ok() || periods->empty()) return;
      for (const OpenPeriod& p : *periods) {
        CountPeriod(std::max(p.open, at), std::min(p.close, end), target);
        if (p.close >= end || total_ >= target) break;
      }
      at = periods->back().close;
    }
  }
  FlushDay(target);
}

absl::Duration Deriver::Paused() const {
  absl::Duration sum;
  for (size_t i = 0; i < spans_.size(); ++i) {
    if (spans_[i].paused) sum += spans_[i].to - spans_[i].from;
    if (i > 0) sum += spans_[i].from - spans_[i - 1].to;
  }
  return sum;
}

void Deriver::Elapsed(absl::Duration target) {
  const absl::Time start = spans_.front().from;
  steps_.push_back(absl::StrCat(
      LocalInstant(start, zone_), " and ", DurationWords(target),
      " by the wall clock: ", LocalInstant(start + target, zone_)));
  const absl::Duration paused = Paused();
  if (paused > absl::ZeroDuration()) {
    steps_.push_back(absl::StrCat("rested ", DurationWords(paused),
                                  ", which moves it as far"));
  }
}

absl::CivilDay Deriver::StartDate(absl::CivilDay date, bool working) {
  const v1::TargetSpec& t = clock_.target();
  if (!working) return date;
  const absl::Time start = spans_.front().from;
  const auto moved = [&](std::string_view why) {
    const auto next = calendar_->AddWorkingDays(date, 1);
    if (!next.ok()) return date;
    steps_.push_back(absl::StrCat(
        std::string(why), ": the start moves to the next working date ",
        DateWords(*next), Note(*next), t.restart().empty() ? "" : " at ",
        t.restart()));
    return *next;
  };
  if (!t.cut_off().empty()) {
    const auto cut = ParseTimeOfDay(t.cut_off());
    if (cut.ok() && start >= calendar_->Local(date, *cut)) {
      return moved(absl::StrCat("started at or after ", t.cut_off()));
    }
  }
  if (t.roll_start() && !calendar_->IsWorkingDay(date)) {
    return moved("started on a closed date");
  }
  return date;
}

void Deriver::TellEnd(absl::CivilDay last, bool working) {
  const v1::TargetSpec& t = clock_.target();
  v1::TargetSpec::DayEnd end = t.end();
  if (end == v1::TargetSpec::DAY_END_UNSPECIFIED) {
    end = working ? v1::TargetSpec::CLOSE : v1::TargetSpec::MIDNIGHT;
  }
  std::string how;
  if (end == v1::TargetSpec::SAME_TIME) how = "at the time of day of the start";
  if (end == v1::TargetSpec::HOUR) how = absl::StrCat("at ", t.hour());
  if (end == v1::TargetSpec::MIDNIGHT) how = "to the end of the date";
  if (end == v1::TargetSpec::CLOSE) {
    how = "to the last closing";
    if (calendar_ != nullptr) {
      const auto hours = calendar_->HoursOf(last);
      if (hours.ok()) {
        absl::StrAppend(
            &how, ", ",
            LocalTimeOfDay(hours->close, last, calendar_->time_zone()));
      }
    }
  }
  steps_.push_back(absl::StrCat("it runs on ", DateWords(last), " ", how));
  if (Paused() > absl::ZeroDuration()) {
    steps_.push_back("pauses move it by the office hours they cost");
  }
}

void Deriver::WorkingDays() {
  const absl::CivilDay filed = calendar_->DateOf(spans_.front().from);
  const absl::CivilDay start = StartDate(filed, true);
  steps_.push_back(absl::StrCat(DateWords(start), Note(start),
                                ": the date of the start does not count"));
  std::vector<std::string> days;
  std::swap(days, steps_);
  absl::CivilDay last = start;
  for (int n = 1; n <= clock_.target().working_days(); ++n) {
    const auto next = calendar_->AddWorkingDays(last, 1);
    if (!next.ok()) break;
    ClosedBetween(last, *next);
    steps_.push_back(
        absl::StrCat(DateWords(*next), Note(*next), ": working day ", n));
    last = *next;
  }
  steps_ = Shorten(std::move(steps_));
  steps_.insert(steps_.begin(), days.begin(), days.end());
  TellEnd(last, true);
}

void Deriver::CalendarDays() {
  const absl::CivilDay start(absl::ToCivilDay(spans_.front().from, zone_));
  const absl::CivilDay last = start + clock_.target().calendar_days();
  steps_.push_back(
      absl::StrCat(DateWords(start), ": the date of the start does not count"));
  steps_.push_back(absl::StrCat(clock_.target().calendar_days(),
                                " calendar days later: ", DateWords(last)));
  TellEnd(last, false);
}

std::vector<std::string> Deriver::Steps() {
  if (spans_.empty()) return {};
  const v1::TargetSpec& t = clock_.target();
  switch (t.amount_case()) {
    case v1::TargetSpec::kWorkingTime:
      if (const auto d = ParseDuration(t.working_time());
          d.ok() && calendar_ != nullptr) {
        WorkingTime(*d);
        steps_ = Shorten(std::move(steps_));
      }
      break;
    case v1::TargetSpec::kElapsed:
      if (const auto d = ParseDuration(t.elapsed()); d.ok()) Elapsed(*d);
      break;
    case v1::TargetSpec::kWorkingDays:
      if (calendar_ != nullptr) WorkingDays();
      break;
    case v1::TargetSpec::kCalendarDays:
      CalendarDays();
      break;
    default:
      break;
  }
  return std::move(steps_);
}

const v1::DayHours* Find(
    const google::protobuf::RepeatedPtrField<v1::DayHours>& days,
    const std::string& date) {
  for (const v1::DayHours& day : days) {
    if (day.date() == date) return &day;
  }
  return nullptr;
}

bool Holds(const google::protobuf::RepeatedPtrField<std::string>& list,
           std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

std::string DateNote(const Calendar& calendar, const v1::CalendarSpec* spec,
                     absl::CivilDay date) {
  const bool works = calendar.IsWorkingDay(date);
  const bool weekend = absl::GetWeekday(date) == absl::Weekday::saturday ||
                       absl::GetWeekday(date) == absl::Weekday::sunday;
  if (spec == nullptr) return works ? "" : "closed";
  const std::string text = absl::FormatCivilTime(date);
  const v1::DayHours* special = Find(spec->special_days(), text);
  const bool holiday = Holds(spec->holidays(), text) ||
                       Holds(spec->annual_holidays(), text.substr(5));
  if (special != nullptr && (!holiday || !spec->holiday_over_special())) {
    if (!special->name().empty()) return special->name();
    return works ? (weekend ? "make-up working day" : "special hours")
                 : "closed for the day";
  }
  if (holiday) return "holiday";
  if (works) return "";
  return weekend ? "weekend" : "day off";
}

std::vector<std::string> Derive(const ClockHistory& one,
                                const Calendar* calendar,
                                const v1::CalendarSpec* spec,
                                absl::TimeZone zone) {
  return Deriver(one, calendar, spec, zone).Steps();
}

}  // namespace hotline::internal
