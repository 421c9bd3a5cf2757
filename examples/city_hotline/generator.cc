#include "generator.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "dice.h"
#include "hotline/calendar.h"
#include "hotline/error.h"
#include "hotline/routing.h"
#include "hotline/sla.h"
#include "hotline/taxonomy.h"
#include "life.h"
#include "rates.h"

namespace city {
namespace {

namespace v1 = hotline::v1;

enum Purpose : uint64_t { kArrival = 1, kCall };

template <typename List>
std::vector<int> WeightsOf(const List& list) {
  std::vector<int> weights;
  for (const auto& item : list) weights.push_back(item.per_mille);
  return weights;
}

bool IsNamed(const hotline::Category& category, std::string_view name) {
  for (const v1::LocalText& text : category.spec->names()) {
    if (text.text() == name) return true;
  }
  return false;
}

// The share of each date of the month in its calls.
std::vector<double> DayWeights(const hotline::Calendar* calendar,
                               absl::CivilMonth month) {
  std::vector<double> weights;
  for (absl::CivilDay day(month); absl::CivilMonth(day) == month; ++day) {
    const int weekday = static_cast<int>(absl::GetWeekday(day));
    const bool weekend = weekday >= 5;
    const bool works = calendar == nullptr || calendar->IsWorkingDay(day);
    int like = weekday;
    if (weekend && works && calendar != nullptr) like = 4;  // make-up day
    if (!weekend && !works) like = 6;                       // holiday
    weights.push_back(kWeekdays[static_cast<size_t>(like)]);
  }
  return weights;
}

}  // namespace

Script::Script(const hotline::Policy& policy, const Settings& settings)
    : policy_(policy), settings_(settings) {}

absl::StatusOr<Script> Script::Write(const hotline::Policy& policy,
                                     const Settings& settings) {
  Script script(policy, settings);
  for (const v1::UnitSpec& unit : policy.spec().units()) {
    script.units_.push_back(unit.code());
  }
  for (const v1::AreaSpec& area : policy.spec().areas()) {
    const bool has_parts = std::any_of(
        policy.spec().areas().begin(), policy.spec().areas().end(),
        [&](const v1::AreaSpec& a) { return a.parent() == area.code(); });
    if (!has_parts) script.areas_.push_back(area.code());
  }
  if (absl::Status found = script.FindServices(); !found.ok()) return found;
  script.DrawCalls();
  script.LiveThrough();
  return script;
}

// Every leaf on which cases are opened, with its share of the dispatches.
absl::Status Script::FindServices() {
  const auto all = policy_.taxonomy().All();
  for (const hotline::Category* category : all) {
    const bool has_parts = std::any_of(
        all.begin(), all.end(),
        [&](const hotline::Category* c) { return c->parent == category; });
    if (has_parts || category->kind != v1::CategorySpec::CASE ||
        !category->ValidOn(absl::CivilDay(settings_.month))) {
      continue;
    }
    services_.push_back(MakeService(*category));
    if (complaint_ < 0 &&
        category->Name("zh-Hant").find("陳情") != std::string_view::npos) {
      complaint_ = static_cast<int>(services_.size()) - 1;
      services_.back().weight = 0;
    }
    dispatched_.push_back(services_.back().weight);
  }
  if (std::all_of(dispatched_.begin(), dispatched_.end(),
                  [](int weight) { return weight == 0; })) {
    // Another city's policy: all services alike.
    std::fill(dispatched_.begin(), dispatched_.end(), 1);
  }
  if (dispatched_.empty()) {
    return hotline::MakeError(
        v1::ErrorInfo::INVALID_ARGUMENT,
        "the policy has no category on which a case may be opened in that "
        "month");
  }
  return absl::OkStatus();
}

Script::Service Script::MakeService(const hotline::Category& category) const {
  Service service;
  service.category = &category;
  for (const WordShare& share : kServices) {
    if (IsNamed(category, share.word)) service.weight = share.per_mille;
  }
  std::string_view calendar;
  for (const hotline::ClockOnCategory& on : *category.clocks) {
    const v1::ClockSpec* clock = policy_.sla().Find(on.use.clock());
    if (clock == nullptr || !clock->shown()) continue;
    const auto& targets =
        on.use.targets().empty() ? clock->targets() : on.use.targets();
    for (const v1::TargetSpec& target : targets) {
      if (!target.area().empty()) continue;
      if (target.priority() == category.priority ||
          (target.priority().empty() && service.target == nullptr)) {
        service.target = &target;
      }
    }
    calendar = clock->calendar();
    service.clock = clock->code();
  }
  service.amount = absl::Hours(24);
  if (service.target == nullptr) return service;
  const v1::TargetSpec& target = *service.target;
  if (auto units = policy_.routing().CalendarOf(category.unit);
      !units.empty()) {
    calendar = units;
  }
  if (!target.calendar().empty()) calendar = target.calendar();
  service.calendar = policy_.calendars().Find(calendar);
  switch (target.amount_case()) {
    case v1::TargetSpec::kWorkingTime:
      absl::ParseDuration(target.working_time(), &service.amount);
      service.working = service.calendar != nullptr;
      break;
    case v1::TargetSpec::kElapsed:
      absl::ParseDuration(target.elapsed(), &service.amount);
      break;
    case v1::TargetSpec::kWorkingDays:
      // A day of eight hours: how much of it is used matters, not the end.
      service.amount = target.working_days() * absl::Hours(8);
      service.working = service.calendar != nullptr;
      break;
    case v1::TargetSpec::kCalendarDays:
      service.amount = target.calendar_days() * absl::Hours(24);
      break;
    case v1::TargetSpec::kCalendarMonths:
      service.amount = target.calendar_months() * absl::Hours(24 * 30);
      break;
    case v1::TargetSpec::AMOUNT_NOT_SET:
      break;
  }
  return service;
}

void Script::DrawCalls() {
  const absl::TimeZone zone = policy_.time_zone();
  const hotline::Calendar* calendar = nullptr;
  for (const Service& service : services_) {
    if (calendar == nullptr) calendar = service.calendar;
  }
  const std::vector<double> days = DayWeights(calendar, settings_.month);
  std::vector<absl::Time> arrivals;
  arrivals.reserve(static_cast<size_t>(settings_.contacts));
  for (int i = 0; i < settings_.contacts; ++i) {
    Dice dice(settings_.seed, static_cast<uint64_t>(i), kArrival);
    const int day = dice.Pick(std::span<const double>(days));
    const int hour = dice.Pick(std::span<const int>(kHours));
    const absl::CivilDay date = absl::CivilDay(settings_.month) + day;
    arrivals.push_back(
        absl::FromCivil(absl::CivilHour(date) + hour, zone) +
        absl::Milliseconds(static_cast<int64_t>(dice.Unit() * 3'600'000)));
  }
  std::sort(arrivals.begin(), arrivals.end());
  calls_.resize(arrivals.size());
  for (size_t i = 0; i < arrivals.size(); ++i) {
    DrawCall(static_cast<int>(i), arrivals[i]);
  }
}

void Script::DrawCall(int index, absl::Time at) {
  static const std::vector<int> kind_weights = WeightsOf(kKinds);
  static const std::vector<int> language_weights = WeightsOf(kLanguages);
  static const std::vector<int> channel_weights = WeightsOf(kChannels);
  Dice dice(settings_.seed, static_cast<uint64_t>(index), kCall);
  Call& call = calls_[static_cast<size_t>(index)];
  call.at = at;
  const int kind = dice.Pick(std::span<const int>(kind_weights));
  call.kind =
      static_cast<v1::Contact::Kind>(kKinds[static_cast<size_t>(kind)].kind);
  call.language = dice.Pick(std::span<const int>(language_weights));
  call.channel = dice.Pick(std::span<const int>(channel_weights));
  call.seconds = static_cast<int>(std::clamp(
      dice.LogNormal(kCallSecondsMedian, kCallSecondsSigma), 15.0, 600.0));
  call.agent = 1 + dice.Below(kAgents);
  const int service = dice.Pick(std::span<const int>(dispatched_));
  const int area =
      areas_.empty() ? -1 : dice.Below(static_cast<int>(areas_.size()));
  switch (call.kind) {
    case v1::Contact::COMPLAINT:
      call.category = complaint_ >= 0 ? complaint_ : service;
      break;
    case v1::Contact::DISPATCH:
    case v1::Contact::INFORM:
      call.category = service;
      break;
    default:
      return;
  }
  call.area = area;
  call.opens = call.kind != v1::Contact::INFORM;
}

int Script::KnownMatter(const std::vector<std::pair<int, absl::Time>>& open,
                        absl::Time at) const {
  for (auto known = open.rbegin(); known != open.rend(); ++known) {
    const Call& earlier = calls_[static_cast<size_t>(known->first)];
    if (earlier.at + absl::Minutes(15) < at &&
        known->second > at + absl::Hours(2)) {
      return known->first;
    }
  }
  return -1;
}

void Script::LiveThrough() {
  // Matters under way, by service: who opened each and until when it is open.
  std::vector<std::vector<std::pair<int, absl::Time>>> open(services_.size());
  constexpr size_t kRemembered = 64;
  for (int i = 0; i < static_cast<int>(calls_.size()); ++i) {
    Call& call = calls_[static_cast<size_t>(i)];
    Life life(*this, i, &steps_);
    if (!call.opens) {
      life.Answer();
      continue;
    }
    auto& known = open[static_cast<size_t>(call.category)];
    if (call.kind == v1::Contact::DISPATCH && life.Repeats()) {
      call.about = KnownMatter(known, call.at);
    }
    if (call.about >= 0) {
      call.area = calls_[static_cast<size_t>(call.about)].area;
      if (life.RepeatIsSeen()) {
        call.opens = false;
        life.AddToKnown();
        continue;
      }
    }
    ++cases_;
    const absl::Time until = life.Live();
    if (call.about >= 0 || until == absl::InfinitePast()) continue;
    known.emplace_back(i, until);
    if (known.size() > kRemembered) known.erase(known.begin());
  }
  std::sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) {
    return std::tie(a.at, a.call, a.number) < std::tie(b.at, b.call, b.number);
  });
}

int Script::UnitOf(int category, int area, absl::Time at) const {
  const hotline::Category& on =
      *services_[static_cast<size_t>(category)].category;
  const hotline::Route route = policy_.routing().Find(
      on.Chain(), area < 0 ? "" : areas_[static_cast<size_t>(area)], at,
      on.unit);
  const auto found = std::find(units_.begin(), units_.end(), route.unit);
  return found == units_.end() ? -1 : static_cast<int>(found - units_.begin());
}

absl::Time Script::PartOf(const Service& service, absl::Time from,
                          double share) const {
  const absl::Duration part = absl::Milliseconds(
      static_cast<int64_t>(share * absl::ToDoubleMilliseconds(service.amount)));
  if (!service.working) return from + part;
  return service.calendar->Add(from, part).value_or(from + part);
}

}  // namespace city
