// P12: business time alone, one thread; what compiling and changing a calendar
// costs; and Perl's Business::Hours on the same questions.
#include <cstdio>
#include <fstream>
#include <random>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "benchmarks/city.h"
#include "benchmarks/measures.h"
#include "benchmarks/rates.h"
#include "hotline/calendar.h"
#include "hotline/office_calendar.h"

namespace hotline::bench {
namespace {

constexpr size_t kInstants = 4'096;

struct Question {
  absl::Time from, near, far;
  absl::Duration hours, years;
};

std::vector<Question> SomeQuestions(size_t count) {
  std::vector<Question> some;
  std::mt19937_64 dice(311);
  const absl::Time base = absl::FromUnixSeconds(1'772'000'000);  // early 2026
  for (size_t i = 0; i < count; ++i) {
    Question& q = some.emplace_back();
    q.from = base + absl::Seconds(dice() % (86'400 * 365));
    q.near = q.from + absl::Seconds(dice() % (86'400 * 5));
    q.far = q.from + absl::Seconds(dice() % (86'400 * 3'650ull));
    q.hours = absl::Seconds(dice() % (3'600 * 32));
    q.years = q.hours * 500;
  }
  return some;
}

Line Faster(const std::string& what, std::vector<double> values, double goal) {
  return FigureLine("P12", what, SpreadOf(std::move(values)).median, goal,
                    Line::kAtLeast);
}

std::vector<Line> Questions(const Plan& plan) {
  const double seconds = plan.quick ? 0.01 : 0.2;
  const int rounds = plan.quick ? 2 : 9;
  const Policy policy = CityPolicy();
  const Calendar& office = *policy.calendars().Find("office");
  const std::vector<Question> some = SomeQuestions(kInstants);
  std::vector<double> add, add_far, between;
  std::vector<Pair> pairs;
  for (int round = 0; round < rounds; ++round) {
    add.push_back(PerSecond(seconds, [&](size_t i) {
      const Question& q = some[i % kInstants];
      Keep(office.Add(q.from, q.hours));
    }));
    add_far.push_back(PerSecond(seconds, [&](size_t i) {
      const Question& q = some[i % kInstants];
      Keep(office.Add(q.from, q.years));
    }));
    between.push_back(PerSecond(seconds, [&](size_t i) {
      const Question& q = some[i % kInstants];
      Keep(office.Between(q.from, q.near));
    }));
    const double far = PerSecond(seconds, [&](size_t i) {
      const Question& q = some[i % kInstants];
      Keep(office.Between(q.from, q.far));
    });
    pairs.push_back({between.back(), far});
  }
  Line flat = RatioLine("P12", "between: days apart against years apart, 1/s",
                        pairs, 1.5);
  flat.sense = Line::kAtMost;
  return {Faster("add up to 32 working hours, 1/s", add, 15e6),
          Faster("add up to 8 working years, 1/s", add_far, 15e6),
          Faster("between, days apart, 1/s", between, 15e6), flat};
}

// ------------------------------------------------------------- compiling

v1::CalendarSpec Weekdays(const std::string& zone) {
  v1::CalendarSpec spec;
  spec.set_id("office");
  spec.set_time_zone(zone);
  for (int day = v1::MONDAY; day <= v1::FRIDAY; ++day) {
    v1::WeeklyHours* const weekly = spec.add_weekly();
    weekly->set_day(static_cast<v1::Weekday>(day));
    v1::HoursSpec* const hours = weekly->add_hours();
    hours->set_open("09:00");
    hours->set_close("17:00");
  }
  return spec;
}

// Twenty years of holidays and split days, every date that has one named: no
// two of these years are alike.
v1::CalendarSpec TwentyYears() {
  v1::CalendarSpec spec = Weekdays("America/New_York");
  for (v1::WeeklyHours& day : *spec.mutable_weekly()) {
    day.mutable_hours(0)->set_close("12:00");
    v1::HoursSpec* const afternoon = day.add_hours();
    afternoon->set_open("13:00");
    afternoon->set_close("17:00");
  }
  return Require(HolidayCalendar(UsFederalHolidays(), 2010, 2029, spec),
                 "holidays");
}

double Milliseconds(const std::function<void()>& work, int times) {
  std::vector<double> took;
  for (int i = 0; i < times; ++i) took.push_back(SecondsOf(work) * 1e3);
  return SpreadOf(took).median;
}

std::vector<Line> Compiling(const Plan& plan) {
  const int times = plan.quick ? 1 : 9;
  v1::PolicySpec policy;
  *policy.add_calendars() = TwentyYears();
  Problems problems;
  const Calendars whole = Calendars::Compile(policy.calendars(), {}, &problems);
  const Calendar calendar =
      Require(Calendar::Create(policy.calendars(0)), "calendar");
  v1::PolicySpec storm = policy;
  v1::ClosureSpec* const closure = storm.mutable_calendars(0)->add_closures();
  closure->set_from("2026-08-10T15:00:00-04:00");
  closure->set_until("2026-08-11T00:00:00-04:00");
  Calendars patched;
  const double all = Milliseconds(
      [&] { Keep(Calendars::Compile(policy.calendars(), {}, &problems)); },
      times);
  const double patch = Milliseconds(
      [&] {
        patched = Calendars::Compile(storm.calendars(), {}, &problems, &whole);
      },
      times);
  return {FigureLine("", "20 years of holidays in a calendar to 2170, kB",
                     static_cast<double>(calendar.MemoryBytes()) / 1e3, 1'000,
                     Line::kAtMost, /*exact=*/true),
          PlainFigure("a calendar of 20 years of holidays compiled, ms", all),
          PlainFigure("a closure added to it, ms", patch),
          PlainFigure("memory the closure adds, kB",
                      static_cast<double>(patched.MemoryBytes(&whole)) / 1e3)};
}

// --------------------------------------------------- Perl's Business::Hours

// Reads "add AT SECONDS" or "between FROM TO" in lines, and answers each with
// the answer; the last line is the seconds the answers took.
constexpr char kPerl[] = R"(
use strict; use warnings; use POSIX; use Time::HiRes qw(time);
use Business::Hours;
$ENV{TZ} = "America/New_York"; POSIX::tzset();
my $h = Business::Hours->new();
$h->business_hours(map {
  $_ => $_ % 6 ? {Name => "$_", Start => "9:00", End => "17:00"}
               : {Name => "$_", Start => undef, End => undef} } 0 .. 6);
my @questions;
open(my $in, "<", $ARGV[0]) or die;
while (<$in>) {
  my @words = split;
  if ($words[0] eq "holiday") { $h->holidays($h->holidays, $words[1]); }
  else { push @questions, \@words; }
}
my @answers;
my $start = time;
for my $q (@questions) {
  if ($q->[0] eq "add") {
    push @answers, $h->add_seconds($q->[1], $q->[2]);
  } else {
    $h->for_timespan(Start => $q->[1], End => $q->[2]);
    push @answers, $h->between($q->[1], $q->[2]);
  }
}
my $took = time - $start;
print "$_\n" for @answers;
printf "%.9f\n", $took;
)";

struct PerlAnswers {
  std::vector<int64_t> answers;
  double seconds = 0;
};

// Nothing if there is no Perl, or none with that module.
PerlAnswers AskPerl(const Plan& plan, const std::string& questions) {
  const std::string script = plan.dir + "/business_hours.pl";
  const std::string input = plan.dir + "/questions.txt";
  std::ofstream(script) << kPerl;
  std::ofstream(input) << questions;
  const std::string command = "perl '" + script + "' '" + input + "' 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  std::vector<std::string> lines;
  for (char line[256]; pipe != nullptr && fgets(line, sizeof line, pipe);) {
    lines.emplace_back(line);
  }
  PerlAnswers result;
  if (pipe == nullptr || pclose(pipe) != 0 || lines.empty()) return result;
  result.seconds = std::stod(lines.back());
  lines.pop_back();
  for (const std::string& line : lines) {
    result.answers.push_back(std::stoll(line));
  }
  return result;
}

struct Peer {
  const char* what;
  const char* op;
  size_t questions;
  int64_t apart;  // seconds to add, or between
};

// Whole seconds within opening hours or out of them, as they fall.
std::vector<Line> Against(const Plan& plan, const Peer& peer) {
  const v1::CalendarSpec spec =
      Require(HolidayCalendar(UsFederalHolidays(), 2024, 2037,
                              Weekdays("America/New_York")),
              "holidays");
  const Calendar calendar = Require(Calendar::Create(spec), "calendar");
  const bool adds = std::string(peer.op) == "add";
  const size_t count = plan.quick ? 3 : peer.questions;
  std::string text;
  for (const std::string& holiday : spec.holidays()) {
    absl::StrAppend(&text, "holiday ", holiday, "\n");
  }
  std::vector<absl::Time> from;
  for (const Question& q : SomeQuestions(count)) {
    from.push_back(q.from);
    const int64_t at = absl::ToUnixSeconds(q.from);
    absl::StrAppend(&text, peer.op, " ", at, " ",
                    adds ? peer.apart : at + peer.apart, "\n");
  }
  const PerlAnswers perl = AskPerl(plan, text);
  if (perl.answers.size() != count) {
    std::fprintf(stderr,
                 "Business::Hours is not here (Debian: "
                 "libbusiness-hours-perl): %s is not compared\n",
                 peer.what);
    return {};
  }
  const auto ask = [&](size_t i) {
    const absl::Time at = from[i % count];
    return adds
               ? absl::ToUnixSeconds(calendar.Add(at, absl::Seconds(peer.apart))
                                         .value_or(absl::UnixEpoch()))
               : absl::ToInt64Seconds(
                     calendar.Between(at, at + absl::Seconds(peer.apart)));
  };
  size_t agree = 0;
  for (size_t i = 0; i < count; ++i) agree += ask(i) == perl.answers[i];
  const double ours =
      PerSecond(plan.quick ? 0.01 : 0.2, [&](size_t i) { Keep(ask(i)); });
  Line line =
      RatioLine("", absl::StrCat(peer.what, "; plain: Business::Hours, 1/s"),
                {{ours, static_cast<double>(count) / perl.seconds}}, 100);
  return {line,
          PlainFigure(absl::StrCat(peer.what, ", answers alike of ", count),
                      static_cast<double>(agree))};
}

}  // namespace

std::vector<Line> MeasureBusinessTime(const Plan& plan) {
  std::vector<Line> lines = Questions(plan);
  const auto append = [&lines](std::vector<Line> more) {
    for (Line& line : more) lines.push_back(std::move(line));
  };
  append(Compiling(plan));
  append(Against(plan, {"add 16 working hours", "add", 200, 16 * 3'600}));
  append(Against(plan, {"between, 5 days apart", "between", 200, 5 * 86'400}));
  append(Against(plan,
                 {"between, 5 years apart", "between", 20, 5 * 365 * 86'400}));
  return lines;
}

}  // namespace hotline::bench
