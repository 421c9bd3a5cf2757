// Laws of clocks, tried on clocks nobody would think of.
#include <algorithm>

#include "gtest/gtest.h"
#include "hotline/sla.h"
#include "rapidcheck/gtest.h"
#include "tests/rules/sla_support.h"

namespace hotline::sla_test {
namespace {

struct RandomMark {
  int kind;
  int minute;
  friend bool operator==(const RandomMark&, const RandomMark&) = default;
};

std::vector<RandomMark> SomeMarks() {
  const int count = *rc::gen::inRange(0, 12);
  std::vector<RandomMark> marks = {{Mark::START, 0}};
  for (int i = 0; i < count; ++i) {
    const RandomMark mark = {
        *rc::gen::inRange<int>(Mark::PAUSE, Mark::REOPEN + 1),
        *rc::gen::inRange(1, 400) * 10};
    if (std::find(marks.begin(), marks.end(), mark) == marks.end()) {
      marks.push_back(mark);
    }
  }
  return marks;
}

State Mounted(const Sla& sla, const std::vector<RandomMark>& marks) {
  State clock = Planned(sla);
  for (const RandomMark& mark : marks) {
    Sla::Mark(static_cast<Mark::Kind>(mark.kind),
              At("03-02T10:00") + absl::Minutes(mark.minute), &clock);
  }
  sla.Settle({}, &clock);
  return clock;
}

// A target of any kind, each with what makes it harder.
constexpr const char* kTargets[] = {
    "working_time: '20h'",
    "elapsed: '50h'",
    "working_days: 3",
    "working_days: 2 end: SAME_TIME cut_off: '15:00' restart: '09:00'",
    "working_days: 2 pause_by_dates: true",
    "working_days: 2 end: MIDNIGHT first_day_counts: true",
    "calendar_days: 5 roll_end: true",
    "calendar_days: 5 roll_end: true end: SAME_TIME",
    "calendar_days: 5 roll_end: true pause_by_dates: true",
    "calendar_days: 4 end: HOUR hour: '12:00'",
    "calendar_months: 1 from_next_day: true roll_end: true",
    "calendar_months: 1 pause_by_dates: true end: CLOSE"};

// One-shot levels before and after, and one that repeats.
constexpr char kFullLadder[] =
    "levels { code: 'half' percent: 50 } "
    "levels { code: 'soon' before: '3h' measure: ELAPSED } "
    "levels { code: 'eve' days_before: 1 } "
    "levels { code: 'late' breach: true every: '7h' measure: ELAPSED } "
    "levels { code: 'chief' after: '4h' } "
    "levels { code: 'mayor' days_after: 2 }";

const std::vector<Sla>& AllTargets() {
  static const std::vector<Sla> all = [] {
    std::vector<Sla> slas;
    for (const char* target : kTargets) {
      slas.push_back(OfTarget(target, kFullLadder));
    }
    return slas;
  }();
  return all;
}

const Sla& SomeTarget() {
  const size_t i = *rc::gen::inRange<size_t>(0, AllTargets().size());
  RC_LOG() << kTargets[i] << "\n";
  return AllTargets()[i];
}

RC_GTEST_PROP(SlaProperty, MarksInAnyOrderOfArrivalGiveTheSameClock, ()) {
  const Sla& sla = SomeTarget();
  const std::vector<RandomMark> marks = SomeMarks();
  std::vector<RandomMark> shuffled = marks;
  for (size_t i = shuffled.size(); i > 1; --i) {
    std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<size_t>(0, i)]);
  }
  const State one = Mounted(sla, marks);
  const State other = Mounted(sla, shuffled);
  RC_ASSERT(one.SerializeAsString() == other.SerializeAsString());
  RC_ASSERT(Told(sla.Levels({}, one)) == Told(sla.Levels({}, other)));
}

// The rest of it: what a case would do, command after command. All that fell
// due before a mark is recorded before it, and what the mark puts back lapses.
void CatchUp(const Sla& sla, absl::Time now, bool inclusive, State* clock) {
  while (true) {
    const auto next = sla.Next({}, *clock, now);
    if (!next || next->at > now || (next->at == now && !inclusive)) return;
    Record(*next, clock);
  }
}

State Lived(const Sla& sla, const std::vector<RandomMark>& marks,
            const std::vector<int>& looks) {
  State clock = Planned(sla);
  const auto instant = [](int minute) {
    return At("03-02T10:00") + absl::Minutes(minute);
  };
  size_t look = 0;
  for (const RandomMark& mark : marks) {
    for (; look < looks.size() && looks[look] < mark.minute; ++look) {
      CatchUp(sla, instant(looks[look]), true, &clock);
    }
    CatchUp(sla, instant(mark.minute), false, &clock);
    Sla::Mark(static_cast<Mark::Kind>(mark.kind), instant(mark.minute), &clock);
    // The marks of a generation lapse together.
    for (const v1::LevelMark* back :
         sla.PutBack({}, clock, instant(mark.minute))) {
      const v1::LevelMark first = *back;
      for (v1::LevelMark& level : *clock.mutable_levels()) {
        if (level.level() == first.level() &&
            level.generation() == first.generation()) {
          level.set_lapsed(true);
        }
      }
    }
  }
  for (; look < looks.size(); ++look) {
    CatchUp(sla, instant(looks[look]), true, &clock);
  }
  return clock;
}

constexpr int kLastMinute = 12 * 24 * 60;

std::string OneShots(const State& clock) {
  std::string text;
  for (const v1::LevelMark& mark : clock.levels()) {
    if (mark.repeat() > 0) continue;
    text += mark.level() + "#" + std::to_string(mark.generation()) + " " +
            std::to_string(mark.at().seconds()) + "\n";
  }
  return text;
}

RC_GTEST_PROP(SlaProperty, LookingNowAndThenRecordsWhatLookingAllTheTimeDoes,
              ()) {
  const Sla& sla = SomeTarget();
  std::vector<RandomMark> marks = SomeMarks();
  std::sort(marks.begin(), marks.end(),
            [](const auto& a, const auto& b) { return a.minute < b.minute; });
  // Every mark and every level here lies on a whole five minutes, or a
  // millisecond after one.
  std::vector<int> always;
  for (int minute = 0; minute <= kLastMinute; minute += 5) {
    always.push_back(minute);
  }
  always.push_back(5 * kLastMinute);
  auto sometimes =
      *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, kLastMinute));
  std::sort(sometimes.begin(), sometimes.end());
  sometimes.push_back(5 * kLastMinute);
  RC_ASSERT(OneShots(Lived(sla, marks, always)) ==
            OneShots(Lived(sla, marks, sometimes)));
}

RC_GTEST_PROP(SlaProperty, OneMoreRestNeverBringsDueForward, ()) {
  const Sla& sla = SomeTarget();
  State clock = Planned(sla);
  Sla::Mark(Mark::START, At("03-02T10:00"), &clock);
  // Rests that do not meet: each from a day to somewhere in the next.
  std::vector<int> days;
  for (int day = 0; day < 40; ++day) {
    if (*rc::gen::inRange(0, 4) == 0) days.push_back(day);
  }
  RC_PRE(!days.empty());
  const size_t extra = *rc::gen::inRange<size_t>(0, days.size());
  State with = clock;
  for (size_t i = 0; i < days.size(); ++i) {
    const absl::Time from = At("03-02T10:00") + absl::Hours(24 * days[i]) +
                            absl::Minutes(*rc::gen::inRange(1, 700));
    const absl::Time to = from + absl::Minutes(*rc::gen::inRange(1, 700));
    for (State* one : {&clock, &with}) {
      if (one == &clock && i == extra) continue;
      Sla::Mark(Mark::PAUSE, from, one);
      Sla::Mark(Mark::RESUME, to, one);
    }
  }
  const ClockReading before = sla.Read({}, clock, At("03-02T10:00"));
  const ClockReading after = sla.Read({}, with, At("03-02T10:00"));
  RC_ASSERT(before.due <= after.due);
  RC_ASSERT(before.due_next_open <= after.due_next_open);
  RC_ASSERT(after.due <= after.due_next_open);
}

RC_GTEST_PROP(SlaProperty, DueIsWhereCountingMinuteByMinuteComesOut, ()) {
  static const Sla sla = OfTarget("working_time: '20h'");
  static const Calendar calendar = *Calendar::Create(SpecOf("").calendars(0));
  const State clock = Mounted(sla, SomeMarks());
  // Ten minutes at a time, as the marks and the hours lie.
  bool stopped = false, paused = false, for_good = false;
  absl::Duration used;
  absl::Time due = absl::InfiniteFuture();
  int next = 0;
  const auto& marks = clock.marks();
  for (absl::Time t = At("03-02T10:00"); t < At("03-31T00:00");
       t += absl::Minutes(10)) {
    if (used >= absl::Hours(20) && due == absl::InfiniteFuture()) due = t;
    for (; next < marks.size() && FromTimestamp(marks[next].at()) == t;
         ++next) {
      const Mark::Kind kind = marks[next].kind();
      if (for_good) continue;
      if (kind == Mark::PAUSE) paused = true;
      if (kind == Mark::RESUME) paused = false;
      if (kind == Mark::REOPEN) stopped = false;
      if (kind != Mark::STOP || stopped) continue;
      // The last stop: what was running is due as if it ran on.
      stopped = paused || std::any_of(marks.begin() + next, marks.end(),
                                      [](const Mark& later) {
                                        return later.kind() == Mark::REOPEN;
                                      });
      for_good = !stopped;
    }
    if (!stopped && !paused && calendar.IsOpen(t)) used += absl::Minutes(10);
  }
  const absl::Time said =
      clock.has_due() ? FromTimestamp(clock.due()) : absl::InfiniteFuture();
  RC_ASSERT(said == due);
}

}  // namespace
}  // namespace hotline::sla_test
