// Clocks: what was promised, what of it is used up, when it is due, and the
// levels before and after. Usable alone, over rows and events of your own:
//
//   hotline::v1::ClockState clock;
//   sla.Plan({.clock = "resolve", .priority = "high"}, &clock);  // the target
//   hotline::Sla::Mark(v1::ClockMark::START, filed, &clock);
//   hotline::Sla::Mark(v1::ClockMark::PAUSE, asked, &clock);
//   hotline::Sla::Mark(v1::ClockMark::RESUME, answered, &clock);
//   sla.Settle({}, &clock);                    // state, due, next
//   for (const auto& level : sla.Reached({}, clock, now)) Tell(level);
//
// A clock keeps its marks; everything else follows from them, from the target
// and the calendar. Marks may come in any order: the same marks give the same
// clock. At one instant a stop beats a pause and a pause beats a start.
//
// due is the instant by which the target has passed; due_next_open the latest
// such instant, which for working time is the next opening. A stop until
// due_next_open is kept; the breach is the millisecond after it. A clock that
// rests has no due; one that ends while it rests had time left and is kept.
//
// A pause moves the end of a target of days by the time it covered, counted as
// the target counts. With `pause_by_dates` the dates of the target's kind on
// which the clock rested do not count, each once and whole, however short the
// rest; a working date is rested on only within its hours. With `roll_end` the
// end, pauses and all, is the first end of a working date at or after it. A
// period whose first day counts and is over when it begins ends a date later.
//
// A level lies where the clock has used so much of its target, so much before
// or after due, or so many working dates from it at due's time of day (without
// a calendar, dates). It moves with pauses, comes no sooner than the start, not
// while the clock rests, and after due no sooner than the breach. `every` lays
// a grid from due on: each of its places after the level itself is a repeat.
//
// Thread rule: immutable after Compile; functions are pure. Lifetime: `spec` of
// a LevelReached lives as long as any copy of its Sla.
// Errors: problems with paths that begin with `clocks[i]`, `ladders[i]`,
// `priorities[i]`, `declared_events[i]`.
// The rules are those of Taiwan's and New York's practice of working days,
// hours, cut-offs and legal periods; docs/guide/writing-a-policy.md names them.
#ifndef HOTLINE_SLA_H_
#define HOTLINE_SLA_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "hotline/calendar.h"
#include "hotline/error.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

// Where and by whom a clock is counted: which closures touch it.
struct ClockPlace {
  std::string_view area = "";
  std::string_view unit = "";
  bool through_closures = false;
};

// What Plan chooses a target by.
struct PlanRequest {
  std::string_view clock;
  // The category's use of the clock and its path; null: the clock's own.
  const v1::ClockUse* use = nullptr;
  std::string_view use_path = "";
  std::string_view priority = "";
  // The case's area and those around it, nearest first.
  std::span<const std::string_view> areas = {};
  // The handling unit's calendar.
  std::string_view unit_calendar = "";
  // The handling unit and those above it, nearest first.
  std::span<const std::string_view> units = {};
  // The case's category and those above it, nearest first.
  std::span<const std::string_view> categories = {};
  // When the clock starts; unknown: no declared event holds.
  absl::Time started = absl::InfinitePast();
};

// A clock read at an instant.
struct ClockReading {
  v1::ClockState::State state = v1::ClockState::IDLE;
  absl::Time due = absl::InfiniteFuture();            // none: InfiniteFuture
  absl::Time due_next_open = absl::InfiniteFuture();  // none: InfiniteFuture
  // Working time for targets of working time and working days, else elapsed.
  absl::Duration elapsed;
  absl::Duration remaining;  // negative once late
  bool breached = false;     // at that instant
};

// A level, or one of its repeats, and its instant.
struct LevelReached {
  std::string level;
  int32_t generation = 1;
  absl::Time at;
  bool breach = false;                  // a promise is broken by it
  const v1::LevelSpec* spec = nullptr;  // null: the breach of no ladder
  int32_t repeat = 0;                   // place on its grid; 0 the first
  int32_t missed = 0;                   // places before this one left out
};

class Sla final {
 public:
  static Sla Compile(const v1::PolicySpec& spec, const Calendars& calendars,
                     Problems* problems);

  const v1::ClockSpec* Find(std::string_view clock) const;

  // Checks the targets of a category's use; paths begin with `path`.
  void CheckUse(const v1::ClockUse& use, std::string_view path,
                Problems* problems) const;

  // Chooses the target. One of a declared event in which the clock starts goes
  // before all others: the nearest category, then the nearest area of the
  // event. Else, and among the rest, the most specific: area before unit
  // before priority before neither, of areas and units the nearest. False, and
  // the clock is left as it is, if none holds.
  bool Plan(const PlanRequest& request, v1::ClockState* clock) const;

  // Inserts a mark in its place. A pause and a resume of one instant, and a
  // stop and a reopening, are nothing.
  static void Mark(v1::ClockMark::Kind kind, absl::Time at,
                   v1::ClockState* clock);

  // Computes state, due, due_next_open, provisional and next from marks and
  // target.
  void Settle(const ClockPlace& place, v1::ClockState* clock) const;
  // Would Settle leave it as it is? `next`, which is not stored, left aside.
  bool IsSettled(const ClockPlace& place, const v1::ClockState& clock) const;

  // The earliest level that is not yet recorded: by instant, then in the order
  // of the ladder. It may lie ahead; one whose clock had stopped, or rests, is
  // none. Of the repeats of a level that lie at or before `now` only the last
  // is left, and says how many it stands for.
  std::optional<LevelReached> Next(const ClockPlace& place,
                                   const v1::ClockState& clock,
                                   absl::Time now) const;

  // All of these at or before `until`, in the same order; of a level that is
  // not recorded both itself and its last repeat. For InfiniteFuture, which
  // nobody looks at, the next repeat.
  std::vector<LevelReached> Reached(const ClockPlace& place,
                                    const v1::ClockState& clock,
                                    absl::Time until) const;

  // Recorded levels that lie ahead again after a change, as of `now`. What
  // repeats goes with its first mark, in whose generation it is.
  std::vector<const v1::LevelMark*> PutBack(const ClockPlace& place,
                                            const v1::ClockState& clock,
                                            absl::Time now) const;

  ClockReading Read(const ClockPlace& place, const v1::ClockState& clock,
                    absl::Time now) const;

  // The instants of all levels of the clock as it stands, reached or not,
  // without repeats.
  std::vector<LevelReached> Levels(const ClockPlace& place,
                                   const v1::ClockState& clock) const;

  // What is kept of a clock that has ended when another cycle begins.
  v1::ClockCycle CycleOf(const ClockPlace& place,
                         const v1::ClockState& clock) const;

 private:
  struct Table;
  std::shared_ptr<const Table> table_;
};

}  // namespace hotline

#endif  // HOTLINE_SLA_H_
