// Goal: the laws of business time hold for any calendar in any zone, and every
// answer is the one a clerk with a list of all seconds would give.
// Method: random calendars near a change of clocks of each zone in turn,
// against a model that marks each open second of eight days and answers by
// walking. The model shares no code with the compiler: it asks Abseil for every
// conversion.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "hotline/calendar.h"
#include "rapidcheck/gtest.h"
#include "tests/rules/calendar_support.h"

namespace hotline {
namespace {

// Zones with changes of all kinds: none, an hour, half an hour, a day, at
// midnight, negative (Dublin), twice around Ramadan (Casablanca), offsets of
// :30 and :45, one of seconds (Monrovia before 1972), changes of the standard
// offset.
const std::vector<std::string> kZones = {"Asia/Taipei",
                                         "America/New_York",
                                         "Australia/Lord_Howe",
                                         "Pacific/Apia",
                                         "America/Havana",
                                         "Africa/Cairo",
                                         "Asia/Kathmandu",
                                         "Europe/Dublin",
                                         "Africa/Casablanca",
                                         "America/St_Johns",
                                         "Pacific/Chatham",
                                         "Asia/Tehran",
                                         "America/Sao_Paulo",
                                         "Europe/London",
                                         "Asia/Kolkata",
                                         "America/Los_Angeles",
                                         "Pacific/Kiritimati",
                                         "Asia/Beirut",
                                         "Asia/Gaza",
                                         "Antarctica/Troll",
                                         "Europe/Berlin",
                                         "Pacific/Kwajalein",
                                         "UTC",
                                         "Asia/Pyongyang",
                                         "Australia/Eucla",
                                         "Pacific/Marquesas",
                                         "Asia/Yangon",
                                         "Asia/Kabul",
                                         "America/Caracas",
                                         "Asia/Colombo",
                                         "America/Scoresbysund",
                                         "America/Nuuk",
                                         "Antarctica/Macquarie",
                                         "Antarctica/Casey",
                                         "Asia/Amman",
                                         "Asia/Damascus",
                                         "America/Asuncion",
                                         "America/Santiago",
                                         "Africa/El_Aaiun",
                                         "Pacific/Kanton",
                                         "Pacific/Fakaofo",
                                         "Pacific/Norfolk",
                                         "Africa/Monrovia",
                                         "Atlantic/Azores",
                                         "Asia/Dhaka",
                                         "Africa/Tripoli",
                                         "America/Noronha",
                                         "Pacific/Tongatapu"};

constexpr int kDay = 86'400;
constexpr int kDays = 8;
constexpr int kSeconds = kDays * kDay;

std::string TimeOfDay(int seconds) {
  return absl::StrFormat("%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                         seconds % 60);
}

// The date of a change of the zone's clocks, or any.
absl::CivilDay InterestingDay(absl::TimeZone zone, int64_t seed) {
  const absl::CivilDay day = absl::CivilDay(1971, 1, 1) + seed % 20'000;
  absl::TimeZone::CivilTransition change;
  if (zone.NextTransition(absl::FromCivil(day, zone), &change) &&
      change.from.year() < 2100) {
    return absl::CivilDay(change.from);
  }
  return day;
}

// Of the full range from the first case on.
template <typename T>
rc::Gen<T> InRange(T from, T to) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(from, to));
}

// Quarter hours, so that intervals often meet; now and then any second.
int RandomTime(int most) {
  return *rc::gen::weightedOneOf<int>(
      {{9, rc::gen::map(InRange(0, most / 900 + 1),
                        [](int quarter) { return quarter * 900; })},
       {1, InRange(0, most + 1)}});
}

void AddRandomHours(int most,
                    google::protobuf::RepeatedPtrField<v1::HoursSpec>* hours) {
  const int count = *InRange(0, most + 1);
  for (int i = 0; i < count; ++i) {
    // Close after or before open.
    const int open = RandomTime(kDay - 1);
    const int close = RandomTime(kDay);
    v1::HoursSpec* const h = hours->Add();
    h->set_open(TimeOfDay(open));
    h->set_close(TimeOfDay(open == close ? open + 1 : close));
  }
}

v1::CalendarSpec RandomSpec(const std::string& zone, absl::CivilDay first,
                            absl::Time window) {
  v1::CalendarSpec spec;
  spec.set_id("c");
  spec.set_time_zone(zone);
  for (int day = v1::MONDAY; day <= v1::SUNDAY; ++day) {
    v1::WeeklyHours* const weekly = spec.add_weekly();
    weekly->set_day(static_cast<v1::Weekday>(day));
    AddRandomHours(3, weekly->mutable_hours());
  }
  const auto some_date = [&] {
    return absl::FormatCivilTime(first + *InRange(-2, kDays + 2));
  };
  std::map<std::string, int> dates;
  for (int i = *InRange(0, 4); i > 0; --i) dates[some_date()] |= 1;
  for (int i = *InRange(0, 4); i > 0; --i) dates[some_date()] |= 2;
  for (int i = *InRange(0, 4); i > 0; --i) dates[some_date()] |= 4;
  for (const auto& [date, kinds] : dates) {
    if (kinds & 1) spec.add_holidays(date);
    if (kinds & 2) {
      v1::DayHours* const special = spec.add_special_days();
      special->set_date(date);
      AddRandomHours(3, special->mutable_hours());
    }
    if (kinds & 4) {
      v1::DayHours* const cut = spec.add_breaks();
      cut->set_date(date);
      AddRandomHours(2, cut->mutable_hours());
      if (cut->hours().empty()) spec.mutable_breaks()->RemoveLast();
    }
  }
  if (*rc::gen::arbitrary<bool>()) {
    spec.add_annual_holidays(some_date().substr(5));
  }
  spec.set_holiday_over_special(*rc::gen::arbitrary<bool>());
  for (int i = *InRange(0, 3); i > 0; --i) {
    v1::ClosureSpec* const closure = spec.add_closures();
    const int from = *InRange(0, kSeconds - 1);
    closure->set_from(internal::FormatUtc(window + absl::Seconds(from)));
    closure->set_until(internal::FormatUtc(
        window + absl::Seconds(from + *InRange(1, 2 * kDay))));
  }
  spec.set_working_day_min(
      *rc::gen::element<std::string>("", "1s", "4h", "8h30m"));
  return spec;
}

// The clerk's list.
class Model {
 public:
  Model(const v1::CalendarSpec& spec, absl::TimeZone zone, absl::CivilDay first,
        absl::Time window)
      : spec_(spec), zone_(zone), window_(window), open_(kSeconds, false) {
    if (!spec.working_day_min().empty()) {
      absl::Duration least;
      EXPECT_TRUE(absl::ParseDuration(spec.working_day_min(), &least));
      least_ = absl::ToInt64Seconds(least);
    }
    for (const v1::ClosureSpec& c : spec.closures()) {
      closed_.emplace_back(SecondOf(At(c.from())), SecondOf(At(c.until())));
    }
    for (absl::CivilDay date = first - 3; date < first + kDays + 3; ++date) {
      MarkDate(date);
    }
  }

  struct Day {
    int64_t open = 0;  // seconds from the window's first
    int64_t close = 0;
    int64_t sum = 0;
  };

  bool IsOpen(int at) const { return open_[at]; }
  // Null if it is no working day.
  const Day* WorkingDay(absl::CivilDay date) const {
    const Day& day = days_.at(date);
    return day.sum >= least_ ? &day : nullptr;
  }

  int Between(int from, int to) const {
    return static_cast<int>(
        std::count(open_.begin() + from, open_.begin() + to, true));
  }
  // The earliest second by which `amount` has passed.
  std::optional<int> AddClose(int at, int amount) const {
    for (; amount > 0 && at < kSeconds; ++at) amount -= open_[at];
    return amount == 0 ? std::optional<int>(at) : std::nullopt;
  }
  // The latest second until which no more has.
  std::optional<int> AddOpen(int at, int amount) const {
    for (; at < kSeconds; ++at) {
      if (open_[at] && amount-- == 0) return at;
    }
    return std::nullopt;
  }
  std::optional<int> SubtractOpen(int at, int amount) const {
    for (; amount > 0 && at > 0; --at) amount -= open_[at - 1];
    return amount == 0 ? std::optional<int>(at) : std::nullopt;
  }
  std::optional<int> SubtractClose(int at, int amount) const {
    for (; at > 0; --at) {
      if (open_[at - 1] && amount-- == 0) return at;
    }
    return std::nullopt;
  }
  // The first end of open time at or after it.
  std::optional<int> NextClose(int at) const {
    for (at = std::max(at, 1); at < kSeconds; ++at) {
      if (open_[at - 1] && !open_[at]) return at;
    }
    return std::nullopt;
  }

 private:
  using HoursList = google::protobuf::RepeatedPtrField<v1::HoursSpec>;
  using Pairs = std::vector<std::pair<int, int>>;

  int64_t SecondOf(absl::Time at) const {
    return absl::ToInt64Seconds(at - window_);
  }

  static int TimeOf(const std::string& text) {
    return std::stoi(text.substr(0, 2)) * 3600 +
           std::stoi(text.substr(3, 2)) * 60 + std::stoi(text.substr(6));
  }

  // The seconds of a date's clock that `hours` cover; up to 48 hours.
  static Pairs PairsOf(const HoursList& hours) {
    Pairs pairs;
    for (const v1::HoursSpec& h : hours) {
      const int open = TimeOf(h.open());
      const int close = TimeOf(h.close());
      pairs.emplace_back(open, close > open ? close : close + kDay);
    }
    return pairs;
  }

  Pairs HoursOf(absl::CivilDay date) const {
    const std::string text = absl::FormatCivilTime(date);
    const auto is_date = [&](const auto& day) { return day.date() == text; };
    const auto& specials = spec_.special_days();
    const auto special =
        std::find_if(specials.begin(), specials.end(), is_date);
    const auto& holidays = spec_.holidays();
    const auto& annual = spec_.annual_holidays();
    const bool holiday =
        std::find(holidays.begin(), holidays.end(), text) != holidays.end() ||
        std::find(annual.begin(), annual.end(), text.substr(5)) != annual.end();
    Pairs hours;
    if (special != specials.end() &&
        !(holiday && spec_.holiday_over_special())) {
      hours = PairsOf(special->hours());
    } else if (!holiday) {
      hours = PairsOf(
          spec_.weekly(static_cast<int>(absl::GetWeekday(date))).hours());
    }
    for (const v1::DayHours& cut : spec_.breaks()) {
      if (cut.date() != text) continue;
      for (const auto& [from, to] : PairsOf(cut.hours())) {
        Pairs left;
        for (const auto& [open, close] : hours) {
          const int before = std::min(close, from), after = std::max(open, to);
          if (open < before) left.emplace_back(open, before);
          if (after < close) left.emplace_back(after, close);
        }
        hours = left;
      }
    }
    return hours;
  }

  void MarkDate(absl::CivilDay date) {
    Day& day = days_[date];
    // A date the zone skipped: its noon reads as another date.
    const absl::Time noon = zone_.At(absl::CivilSecond(date) + 43'200).pre;
    if (absl::ToCivilDay(noon, zone_) != date) return;
    const absl::CivilSecond midnight(date);
    // Each second once, however many hours it lies in.
    const int64_t begin = SecondOf(zone_.At(midnight).pre) - kDay;
    std::vector<bool> of_date(5 * kDay, false);
    for (const auto& [open, close] : HoursOf(date)) {
      const int64_t from = SecondOf(zone_.At(midnight + open).pre);
      const int64_t to = SecondOf(zone_.At(midnight + close).pre);
      for (int64_t s = from; s < to; ++s) of_date[s - begin] = true;
    }
    for (const auto& [from, until] : closed_) {
      for (int64_t s = std::max(from, begin);
           s < std::min(until, begin + 5 * kDay); ++s) {
        of_date[s - begin] = false;
      }
    }
    for (int64_t i = 0; i < 5 * kDay; ++i) {
      if (!of_date[i]) continue;
      const int64_t s = begin + i;
      if (day.sum++ == 0) day.open = s;
      day.close = s + 1;
      if (s >= 0 && s < kSeconds) open_[s] = true;
    }
  }

  const v1::CalendarSpec& spec_;
  const absl::TimeZone zone_;
  const absl::Time window_;
  int64_t least_ = 1;
  std::vector<std::pair<int64_t, int64_t>> closed_;
  std::vector<bool> open_;
  std::map<absl::CivilDay, Day> days_;
};

struct Case {
  v1::CalendarSpec spec;
  absl::TimeZone zone;
  absl::CivilDay first;
  absl::Time window;  // the instant at which `first` begins

  Case() {
    // Each in turn, so that every run sees all of them.
    static size_t turn = 0;
    const std::string& name = kZones[turn++ % kZones.size()];
    RC_ASSERT(absl::LoadTimeZone(name, &zone));
    first = InterestingDay(zone, *InRange(0, 20'000)) - *InRange(1, kDays - 1);
    window = absl::FromCivil(first, zone);
    spec = RandomSpec(name, first, window);
    RC_LOG() << spec.DebugString();
  }
};

RC_GTEST_PROP(CalendarProperty, AnswersAreThoseOfAListOfSeconds, ()) {
  const Case c;
  const auto calendar = Calendar::Create(c.spec);
  RC_PRE(calendar.ok());  // one that never opens, or on no date long enough
  const Model model(c.spec, c.zone, c.first, c.window);
  const auto instant = [&](int64_t second) {
    return c.window + absl::Seconds(second);
  };
  // Where the model leaves its eight days, it does not know.
  const auto check = [&](const std::optional<int>& expected,
                         const absl::StatusOr<absl::Time>& actual) {
    if (!expected) return;
    RC_ASSERT(actual.ok());
    RC_ASSERT(*actual == instant(*expected));
  };
  for (int i = 0; i < 12; ++i) {
    const int a = *InRange(0, kSeconds);
    const int b = *InRange(0, kSeconds);
    RC_ASSERT(calendar->IsOpen(instant(a)) == model.IsOpen(a));
    const int between = model.Between(std::min(a, b), std::max(a, b));
    RC_ASSERT(calendar->Between(instant(a), instant(b)) ==
              absl::Seconds(a <= b ? between : -between));
    // Amounts that end at a period's end are what goes wrong: take them often.
    const int amount = *rc::gen::oneOf(
        InRange(0, 2 * kDay), rc::gen::just(between), rc::gen::just(0));
    const absl::Duration d = absl::Seconds(amount);
    check(model.AddClose(a, amount), calendar->Add(instant(a), d));
    check(model.AddOpen(a, amount),
          calendar->Add(instant(a), d, Calendar::kOpen));
    check(model.SubtractOpen(a, amount), calendar->Subtract(instant(a), d));
    check(model.SubtractClose(a, amount),
          calendar->Subtract(instant(a), d, Calendar::kClose));
    check(model.AddOpen(a, 0), calendar->NextOpen(instant(a)));
    check(model.NextClose(a), calendar->NextClose(instant(a)));
    check(model.SubtractClose(a, 0), calendar->PreviousClose(instant(a)));
  }
  for (int day = 0; day < kDays; ++day) {
    const absl::CivilDay date = c.first + day;
    const Model::Day* const expected = model.WorkingDay(date);
    const auto hours = calendar->HoursOf(date);
    RC_ASSERT(calendar->IsWorkingDay(date) == (expected != nullptr));
    RC_ASSERT(hours.ok() == (expected != nullptr));
    if (expected == nullptr) continue;
    RC_ASSERT(hours->open == instant(expected->open));
    RC_ASSERT(hours->close == instant(expected->close));
  }
}

TEST(CalendarProperty, AroundTheClockIsOpenFromEachNewYearToTheNext) {
  for (const std::string& zone : kZones) {
    const Calendar calendar = Make(
        zone, EveryDay(Hours("00:00", "24:00")) + "holidays: \"1971-02-01\"");
    for (int year = 1972; year < Calendar::kLastYear; ++year) {
      const absl::Time from = calendar.Local(absl::CivilDay(year, 1, 1), 0);
      const absl::Time to = calendar.Local(absl::CivilDay(year + 1, 1, 1), 0);
      ASSERT_EQ(calendar.Between(from, to), to - from) << zone << " " << year;
      ASSERT_EQ(calendar.Between(from, from + absl::Nanoseconds(1)),
                absl::Nanoseconds(1));
      ASSERT_EQ(*calendar.Add(from, to - from), to) << zone << " " << year;
      ASSERT_EQ(*calendar.Subtract(to, to - from), from);
      ASSERT_EQ(calendar.CountWorkingDays(absl::CivilDay(year, 1, 1),
                                          absl::CivilDay(year + 1, 1, 1)),
                (absl::CivilDay(year + 1, 1, 1) - absl::CivilDay(year, 1, 1)) -
                    (zone == "Pacific/Apia" && year == 2011) -
                    (zone == "Pacific/Fakaofo" && year == 2011) -
                    (zone == "Pacific/Kwajalein" && year == 1993) -
                    (zone == "Pacific/Kiritimati" && year == 1994) -
                    (zone == "Pacific/Kanton" && year == 1994))
          << zone << " " << year;
    }
  }
}

RC_GTEST_PROP(CalendarProperty, PeriodsTileTheOpenTime, ()) {
  const Case c;
  const auto calendar = Calendar::Create(c.spec);
  RC_PRE(calendar.ok());
  const absl::Time at = c.window + absl::Seconds(*InRange(0, kSeconds));
  const auto forward = calendar->Periods(at, 12);
  const auto backward = calendar->Periods(at, 12, Calendar::kBackward);
  RC_ASSERT(forward.ok() && backward.ok());
  absl::Time end = at;
  absl::Duration sum;
  for (const OpenPeriod& p : *forward) {
    RC_ASSERT(p.open < p.close);
    RC_ASSERT(p.open > end || p.open == at);
    RC_ASSERT(*calendar->NextOpen(end) == p.open);
    RC_ASSERT(*calendar->NextClose(p.open) == p.close);
    RC_ASSERT(!calendar->IsOpen(p.close));
    end = p.close;
    sum += p.close - p.open;
  }
  RC_ASSERT(calendar->Between(at, end) == sum);
  absl::Time begin = at;
  for (const OpenPeriod& p : *backward) {
    RC_ASSERT(*calendar->PreviousClose(begin) == p.close);
    RC_ASSERT(calendar->Between(p.open, p.close) == p.close - p.open);
    RC_ASSERT(!calendar->IsOpen(p.open - absl::Nanoseconds(1)));
    begin = p.open;
  }
}

RC_GTEST_PROP(CalendarProperty, TheLawsOfAddingHold, ()) {
  const Case c;
  const auto calendar = Calendar::Create(c.spec);
  RC_PRE(calendar.ok());
  const auto some_instant = [&] {
    return c.window + absl::Milliseconds(
                          *InRange<int64_t>(-3'000'000'000, 300'000'000'000));
  };
  const auto some_amount = [&] {
    return absl::Milliseconds(*InRange<int64_t>(0, 9'000'000'000));
  };
  for (int i = 0; i < 20; ++i) {
    const absl::Time t = some_instant(), u = some_instant(), v = some_instant();
    const absl::Duration a = some_amount(), b = some_amount();
    const auto ta = calendar->Add(t, a);
    const auto tab = calendar->Add(t, a + b);
    if (!ta.ok() || !tab.ok()) continue;  // a calendar of few days
    RC_ASSERT(calendar->Between(t, *ta) == a);
    RC_ASSERT(*calendar->Add(*ta, b) == *tab);
    RC_ASSERT(*ta <= *tab);
    RC_ASSERT(calendar->Between(t, u) + calendar->Between(u, v) ==
              calendar->Between(t, v));
    RC_ASSERT(calendar->Between(t, u) == -calendar->Between(u, t));
    const auto ua = calendar->Add(u, a);
    if (ua.ok()) RC_ASSERT((t <= u ? *ta <= *ua : *ua <= *ta));
    const auto latest = calendar->Add(t, a, Calendar::kOpen);
    if (latest.ok()) {
      RC_ASSERT(*latest >= *ta);
      RC_ASSERT(calendar->Between(*ta, *latest) == absl::ZeroDuration());
      RC_ASSERT(*calendar->NextOpen(*ta) == *latest);
      RC_ASSERT(*calendar->NextOpen(*latest) == *latest);
    }
    const auto back = calendar->Subtract(*ta, a);
    RC_ASSERT(back.ok());
    RC_ASSERT(calendar->Between(*back, *ta) == a);
    RC_ASSERT(*calendar->Add(t, -a, Calendar::kClose) ==
                  *calendar->Subtract(t, a, Calendar::kClose) ||
              a == absl::ZeroDuration());
  }
}

RC_GTEST_PROP(CalendarProperty, CountingDaysAgreesWithAskingEachDate, ()) {
  const Case c;
  const auto calendar = Calendar::Create(c.spec);
  RC_PRE(calendar.ok());
  const absl::CivilDay from = c.first + *InRange(-400, 400);
  const int span = *InRange(0, 800);
  int64_t working = 0;
  for (absl::CivilDay date = from; date < from + span; ++date) {
    working += calendar->IsWorkingDay(date);
    RC_ASSERT(calendar->IsWorkingDay(date) == calendar->HoursOf(date).ok());
  }
  RC_ASSERT(calendar->CountWorkingDays(from, from + span) == working);
  const auto last = calendar->AddWorkingDays(from - 1, working);
  if (working > 0) {
    RC_ASSERT(last.ok() && *last >= from && *last < from + span);
    RC_ASSERT(calendar->IsWorkingDay(*last));
    RC_ASSERT(calendar->CountWorkingDays(from, *last,
                                         Calendar::kClosedClosed) == working);
    RC_ASSERT(calendar->AddWorkingDays(from + span, -working).ok());
  }
}

}  // namespace
}  // namespace hotline
