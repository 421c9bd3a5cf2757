// What becomes of one call: the steps that reporters, agents, units and
// supervisors take with its case until nothing is left to do.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_LIFE_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_LIFE_H_

#include <vector>

#include "absl/time/time.h"
#include "dice.h"
#include "generator.h"

namespace city {

class Script::Life {
 public:
  Life(const Script& script, int call, std::vector<Step>* steps);

  bool Repeats();
  bool RepeatIsSeen();

  // No case comes of it.
  void Answer();
  // A note on the case that is known.
  void AddToKnown();
  // A case. Until when it is open, or InfinitePast if it never was one that
  // others could join.
  absl::Time Live();

 private:
  // Adds a step, at `at` or a second after the last one.
  Step& Do(hotline::v1::Verb verb, Doer doer, absl::Time at);
  absl::Time After(double hours) const;
  absl::Time PartOf(double share) const;
  int AnotherUnit();
  void SendBack();
  void FindRightUnit();
  void Work();
  void Wait();
  void AskForTime(double handling);
  void Finish(double handling);
  void CloseInTwoSteps();
  void AfterResolution();
  void ComeBack();

  const Script& script_;
  const Call& call_;
  int index_;
  const Service* service_ = nullptr;
  Dice dice_;
  std::vector<Step>* steps_;
  int number_ = 0;
  absl::Time now_;
  absl::Time opened_;
  absl::Duration waited_;
  int unit_ = -1;
};

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_LIFE_H_
