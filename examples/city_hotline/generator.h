// One month of a 1999 line as a script: who calls when, what becomes of it, and
// who does what to each case at which instant. The script is a pure function
// of policy, size, seed and month; it never looks at what the engine answers,
// so that a run that was killed can go on in the middle.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_GENERATOR_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_GENERATOR_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hotline/actor.h"
#include "hotline/policy.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/contact.pb.h"

namespace city {

inline constexpr char kTenant[] = "taipei";
// The name under which the telephone system's ids and ours are kept.
inline constexpr char kSystem[] = "city_hotline";

// Roles of examples/policies/taipei1999.textproto.
inline constexpr char kAgentRole[] = "agent";
inline constexpr char kUnitRole[] = "unit_clerk";
inline constexpr char kSupervisorRole[] = "supervisor";
inline constexpr char kReporterRole[] = "citizen";
inline constexpr char kAdminRole[] = "admin";

struct Settings {
  int contacts = 0;
  uint64_t seed = 1;
  absl::CivilMonth month;
};

// Who does a step.
enum class Doer : uint8_t { kAgent, kUnit, kSupervisor, kReporter };

// One call, message or visit.
struct Call {
  absl::Time at;
  int seconds = 0;
  hotline::v1::Contact::Kind kind = hotline::v1::Contact::INQUIRY;
  int language = 0;   // of kLanguages
  int channel = 0;    // of kChannels
  int category = -1;  // of Script::categories(); -1: none
  int area = -1;      // of Script::areas(); -1: none
  int agent = 0;
  bool opens = false;  // a case
  int about = -1;      // the earlier call whose matter it repeats
};

// One thing that is done. Step 0 of each call is its end: the case is opened
// (OPEN), a note is put on the known one (NOTE), or nothing more than the
// contact is recorded (VERB_UNSPECIFIED).
struct Step {
  absl::Time at;
  int call = 0;    // whose script it is
  int target = 0;  // the call that opened the case it is done to
  int number = 0;  // in the call's script
  hotline::v1::Verb verb = hotline::v1::VERB_UNSPECIFIED;
  Doer doer = Doer::kAgent;
  int unit = -1;  // of Script::units(): where the doer works
  // Unit, category, case, score, outcome: as the verb needs. For an extension
  // the category whose clock is meant.
  int argument = -1;
  absl::Time until;  // REQUEST_EXTENSION
};

class Script final {
 public:
  static absl::StatusOr<Script> Write(const hotline::Policy& policy,
                                      const Settings& settings);

  const std::vector<Call>& calls() const { return calls_; }
  // By instant; steps of one call are at instants of their own, in order.
  const std::vector<Step>& steps() const { return steps_; }
  int cases() const { return cases_; }

  hotline::Actor ActorOf(const Step& step) const;
  // Unique per step, the same in every run of this seed.
  std::string KeyOf(const Step& step) const;
  // The case's number in the embedding system.
  std::string ExternalIdOf(int call) const;
  // Everything but the references, which the engine gives.
  hotline::v1::Command CommandOf(const Step& step) const;
  hotline::v1::Contact ContactOf(int call) const;

 private:
  struct Service {
    const hotline::Category* category = nullptr;
    int weight = 0;
    std::string clock;                                // the shown one
    const hotline::v1::TargetSpec* target = nullptr;  // of that clock
    const hotline::Calendar* calendar = nullptr;
    absl::Duration amount;  // of the target
    bool working = false;   // counted in the calendar's hours
  };
  class Life;

  Script(const hotline::Policy& policy, const Settings& settings);
  absl::Status FindServices();
  Service MakeService(const hotline::Category& category) const;
  void DrawCalls();
  void DrawCall(int index, absl::Time at);
  void LiveThrough();
  int KnownMatter(const std::vector<std::pair<int, absl::Time>>& open,
                  absl::Time at) const;
  int UnitOf(int category, int area, absl::Time at) const;
  // The instant at which `share` of the promise is used up.
  absl::Time PartOf(const Service& service, absl::Time from,
                    double share) const;
  void FillForm(int category, uint64_t call,
                google::protobuf::RepeatedPtrField<hotline::v1::AttributeValue>*
                    answers) const;
  std::string OutcomeOf(int category, bool fixed) const;
  std::string PersonOf(int call) const;
  hotline::v1::Open OpenOf(int call) const;
  void FillRequest(const Step& step, const Call& call,
                   hotline::v1::Command* command) const;
  void FillAnswer(const Step& step, const Call& call,
                  hotline::v1::Command* command) const;

  hotline::Policy policy_;
  Settings settings_;
  std::vector<Service> services_;  // those that open cases
  std::vector<int> dispatched_;    // weights over services_
  int complaint_ = -1;             // of services_: petitions
  std::vector<std::string> units_;
  std::vector<std::string> areas_;
  std::vector<Call> calls_;
  std::vector<Step> steps_;
  int cases_ = 0;
};

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_GENERATOR_H_
