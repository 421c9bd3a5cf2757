// What is wrong with clocks, targets, ladders and declared events, told all at
// once.
#ifndef HOTLINE_SRC_RULES_SLA_CHECKS_H_
#define HOTLINE_SRC_RULES_SLA_CHECKS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "hotline/error.h"
#include "hotline/v1/policy.pb.h"

namespace hotline::internal {

// Codes of one kind, in the policy's order.
class Codes {
 public:
  void Add(const std::string& code);
  // -1: there is none.
  int IndexOf(const std::string& code) const;
  // Empty means any and is known.
  void CheckKnown(const std::string& code, const std::string& path,
                  const char* what, Problems* problems) const;

 private:
  std::vector<std::string> order_;
  absl::flat_hash_map<std::string, int> index_;
};

class SlaChecker {
 public:
  // Reads the codes of the whole policy. `own` holds its clocks and ladders and
  // outlives this.
  SlaChecker(const v1::PolicySpec& policy, const v1::PolicySpec& own);

  // Priorities, ladders, clocks and declared events.
  void CheckAll(const v1::PolicySpec& policy, Problems* problems) const;
  // A category's use of a clock.
  void CheckUse(const v1::ClockUse& use, const std::string& path,
                Problems* problems) const;

 private:
  using Targets = google::protobuf::RepeatedPtrField<v1::TargetSpec>;

  void Clock(const v1::ClockSpec& clock, const std::string& path,
             Problems* problems) const;
  void TargetList(const Targets& targets, const std::string& path,
                  const std::string& calendar, const std::string& ladder,
                  Problems* problems) const;
  void Target(const v1::TargetSpec& target, const std::string& path,
              const std::string& calendar, const std::string& ladder,
              Problems* problems) const;
  void Hours(const v1::TargetSpec& target, const std::string& path,
             const std::string& calendar, const std::string& ladder,
             Problems* problems) const;
  void Rearming(const Targets& targets, const std::string& path,
                const std::string& ladder, Problems* problems) const;
  void Event(const v1::DeclaredEventSpec& event, const std::string& path,
             Problems* problems) const;
  void EventTies(const v1::PolicySpec& policy, Problems* problems) const;
  void Ladder(const v1::LadderSpec& ladder, const std::string& path,
              Problems* problems) const;
  const v1::LadderSpec* FindLadder(const std::string& code) const;

  const v1::PolicySpec& own_;
  Codes calendars_, units_, areas_, priorities_, categories_, clocks_, ladders_;
  bool unit_calendars_ = false;  // some unit has one
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_SLA_CHECKS_H_
