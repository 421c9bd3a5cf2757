#include "life.h"

#include <algorithm>

#include "rates.h"

namespace city {
namespace {

namespace v1 = hotline::v1;

constexpr uint64_t kLifePurpose = 100;
// Whoever takes longer than this has forgotten it; a supervisor has not.
constexpr double kHandlingMax = 4;

}  // namespace

Script::Life::Life(const Script& script, int call, std::vector<Step>* steps)
    : script_(script),
      call_(script.calls_[static_cast<size_t>(call)]),
      index_(call),
      dice_(script.settings_.seed, static_cast<uint64_t>(call), kLifePurpose),
      steps_(steps),
      now_(call_.at + absl::Seconds(call_.seconds) - absl::Seconds(1)) {
  if (call_.category >= 0) {
    service_ = &script.services_[static_cast<size_t>(call_.category)];
  }
}

bool Script::Life::Repeats() { return dice_.Chance(kRepeats); }
bool Script::Life::RepeatIsSeen() { return dice_.Chance(kRepeatsSeen); }

Step& Script::Life::Do(v1::Verb verb, Doer doer, absl::Time at) {
  now_ = std::max(at, now_ + absl::Seconds(1));
  Step step;
  step.at = now_;
  step.call = index_;
  step.target = index_;
  step.number = number_++;
  step.verb = verb;
  step.doer = doer;
  step.unit = unit_;
  steps_->push_back(step);
  return steps_->back();
}

absl::Time Script::Life::After(double hours) const {
  return now_ + absl::Milliseconds(static_cast<int64_t>(hours * 3'600'000));
}

absl::Time Script::Life::PartOf(double share) const {
  return script_.PartOf(*service_, opened_ + waited_, share);
}

void Script::Life::Answer() { Do(v1::VERB_UNSPECIFIED, Doer::kAgent, now_); }

void Script::Life::AddToKnown() {
  Do(v1::NOTE, Doer::kAgent, now_).target = call_.about;
}

absl::Time Script::Life::Live() {
  Do(v1::OPEN, Doer::kAgent, now_);
  opened_ = now_;
  unit_ = script_.UnitOf(call_.category, call_.area, now_);
  if (call_.about >= 0) {
    Do(v1::MERGE, Doer::kAgent, After(dice_.Between(0.03, 0.7))).argument =
        call_.about;
    return absl::InfinitePast();
  }
  if (dice_.Chance(kCancelled)) {
    Do(v1::CANCEL, Doer::kReporter, After(dice_.Between(0.05, 1.5)));
    return absl::InfinitePast();
  }
  if (dice_.Chance(kRejected) && unit_ >= 0) {
    Do(v1::REJECT, Doer::kUnit, PartOf(dice_.Between(0.02, 0.1)));
    return absl::InfinitePast();
  }
  if (dice_.Chance(kReclassified)) {
    const int other = dice_.Pick(std::span<const int>(script_.dispatched_));
    Do(v1::RECLASSIFY, Doer::kAgent, After(dice_.Between(0.05, 0.3))).argument =
        other;
    service_ = &script_.services_[static_cast<size_t>(other)];
    unit_ = script_.UnitOf(other, call_.area, now_);
  }
  FindRightUnit();
  const double handling =
      std::min(dice_.LogNormal(kHandlingMedian, kHandlingSigma), kHandlingMax);
  Do(v1::ACCEPT, Doer::kUnit,
     PartOf(
         std::min(dice_.LogNormal(kAcceptMedian, kAcceptSigma), handling / 2)));
  Work();
  Wait();
  if (handling > 1) AskForTime(handling);
  Finish(handling);
  return now_;
}

int Script::Life::AnotherUnit() {
  // Units that services are dispatched to, the present one excepted.
  const int service = dice_.Pick(std::span<const int>(script_.dispatched_));
  const int other = script_.UnitOf(service, call_.area, now_);
  if (other >= 0 && other != unit_) return other;
  const int count = static_cast<int>(script_.units_.size());
  return count < 2 ? unit_ : (unit_ + 1 + dice_.Below(count - 1)) % count;
}

void Script::Life::FindRightUnit() {
  if (unit_ < 0) {
    // No route names a unit: the agent does.
    Step& given = Do(v1::ASSIGN, Doer::kAgent, After(dice_.Between(0.02, 0.2)));
    given.argument = unit_ = AnotherUnit();
    return;
  }
  if (dice_.Chance(kTransferred)) {
    Step& moved =
        Do(v1::TRANSFER, Doer::kUnit, PartOf(dice_.Between(0.02, 0.1)));
    moved.argument = unit_ = AnotherUnit();
  } else if (dice_.Chance(kReturned)) {
    Do(v1::RETURN, Doer::kUnit, PartOf(dice_.Between(0.02, 0.1)));
    Step& given = Do(v1::ASSIGN, Doer::kAgent, After(dice_.Between(0.05, 0.5)));
    given.argument = unit_ = AnotherUnit();
  }
}

void Script::Life::Work() {
  if (dice_.Chance(kGivenToAgent)) {
    Do(v1::ASSIGN, Doer::kUnit, After(dice_.Between(0.02, 0.5)));
  }
  if (dice_.Chance(kReprioritised)) {
    Do(v1::REPRIORITISE, Doer::kSupervisor, After(dice_.Between(0.1, 1)));
  }
  if (dice_.Chance(kNoted)) {
    Do(v1::NOTE, Doer::kUnit, After(dice_.Between(0.1, 3)));
  }
  if (dice_.Chance(kPhotographed)) {
    Do(v1::ATTACH, Doer::kUnit, After(dice_.Between(0.1, 3)));
  }
}

void Script::Life::Wait() {
  if (!dice_.Chance(kWaits)) return;
  Step& asks = Do(v1::WAIT, Doer::kUnit, After(dice_.Between(0.2, 2)));
  asks.argument = 1 + dice_.Below(3);  // Wait.For
  const absl::Time since = now_;
  Do(v1::RESUME, Doer::kAgent,
     After(
         std::min(dice_.LogNormal(kWaitHoursMedian, kWaitHoursSigma), 120.0)));
  waited_ += now_ - since;
}

void Script::Life::AskForTime(double handling) {
  // Who has waited for somebody has had the time on top already.
  if (!dice_.Chance(kExtensionAsked) || waited_ > absl::ZeroDuration()) return;
  const absl::Time ask = PartOf(0.7);
  if (ask <= now_) return;
  const absl::Time until =
      std::max(PartOf(std::min(handling + 0.5, 3.0)), ask + absl::Hours(24));
  Step& asks = Do(v1::REQUEST_EXTENSION, Doer::kUnit, ask);
  asks.until = until;
  asks.argument = static_cast<int>(service_ - script_.services_.data());
  Do(dice_.Chance(kExtensionGranted) ? v1::APPROVE_EXTENSION
                                     : v1::DECLINE_EXTENSION,
     Doer::kSupervisor, After(dice_.Between(0.1, 3)));
}

void Script::Life::Finish(double handling) {
  const absl::Time done = PartOf(handling);
  if (handling > 1.1 && dice_.Chance(kEscalated)) {
    if (const absl::Time urge = PartOf(1.05); urge > now_ && urge < done) {
      Do(v1::ESCALATE, Doer::kAgent, urge);
    }
  }
  if (dice_.Chance(kTwoStepClosure)) {
    now_ = std::max(now_, done);
    CloseInTwoSteps();
    return;
  }
  if (dice_.Chance(kFollowedUp)) {
    Do(v1::CLOSE_AND_FOLLOW_UP, Doer::kUnit, done);
    const absl::Time closed = now_;
    Do(v1::COMPLETE_FOLLOW_UP, Doer::kUnit, After(dice_.Between(72, 400)));
    now_ = closed;
    return;
  }
  Step& answer = Do(v1::RESOLVE, Doer::kUnit, done);
  answer.argument = dice_.Chance(0.9) ? 1 : 0;
  const absl::Time resolved = now_;
  AfterResolution();
  now_ = resolved;
}

void Script::Life::CloseInTwoSteps() {
  Do(v1::REQUEST_CLOSURE, Doer::kUnit, now_);
  if (dice_.Chance(kClosureDeclined)) {
    Do(v1::DECLINE_CLOSURE, Doer::kSupervisor, After(dice_.Between(0.2, 3)));
    Do(v1::REQUEST_CLOSURE, Doer::kUnit, After(dice_.Between(1, 6)));
  }
  Do(v1::APPROVE_CLOSURE, Doer::kSupervisor, After(dice_.Between(0.2, 3)));
}

// The call-back, the survey, and the reporter who finds it is not mended.
void Script::Life::AfterResolution() {
  if (dice_.Chance(kReopened)) {
    ComeBack();
    return;
  }
  const bool rates = dice_.Chance(kRated);
  if (rates) {
    Do(v1::RATE, Doer::kReporter, After(dice_.Between(0.2, 12))).argument =
        1 + dice_.Pick(std::span<const int>(kScores));
  }
  if (dice_.Chance(kCalledBack)) {
    Do(v1::CLOSE, Doer::kAgent, After(dice_.Between(4, 30)));
  }
}

void Script::Life::ComeBack() {
  Do(v1::REOPEN, Doer::kReporter, After(dice_.Between(6, 100)));
  const absl::Time again =
      script_.PartOf(*service_, now_, dice_.Between(0.1, 0.8));
  Do(v1::RESOLVE, Doer::kUnit, again).argument = 1;
  Do(v1::CLOSE, Doer::kAgent, After(dice_.Between(4, 30)));
}

}  // namespace city
