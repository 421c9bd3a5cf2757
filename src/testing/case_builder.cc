#include "hotline/testing/case_builder.h"

#include <utility>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "hotline/clock.h"
#include "src/base/time.h"

namespace hotline::testing {
namespace {

constexpr size_t kDiceBytes = 96;

}  // namespace

v1::Command ParseCommand(std::string_view textproto) {
  v1::Command command;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      std::string(textproto), &command))
      << textproto;
  return command;
}

CaseBuilder::CaseBuilder(Policy policy, absl::Time now, uint64_t seed)
    : policy_(std::move(policy)),
      now_(hotline::internal::FloorToMillisecond(now)),
      actor_{.tenant = "t", .id = "sue", .roles = {"supervisor"}},
      seed_(seed) {}

CaseBuilder& CaseBuilder::By(Actor actor) {
  actor_ = std::move(actor);
  return *this;
}

CaseBuilder& CaseBuilder::At(absl::Time now) {
  now_ = hotline::internal::FloorToMillisecond(now);
  return *this;
}

CaseBuilder& CaseBuilder::After(absl::Duration passed) {
  return At(now_ + passed);
}

CaseBuilder& CaseBuilder::Adopt(Policy policy) {
  earlier_.push_back({policy_, policy_version_, policy_since_});
  policy_ = std::move(policy);
  ++policy_version_;
  policy_since_ = now_;
  return *this;
}

CaseBuilder& CaseBuilder::Open(std::string_view category) {
  v1::Command command;
  command.mutable_open()->set_category(std::string(category));
  command.mutable_open()->set_description("dark since Sunday");
  command.mutable_open()->mutable_reporter()->set_id("citizen-1");
  command.mutable_open()->mutable_reporter()->set_name("A. Lin");
  return Do(command);
}

CaseBuilder& CaseBuilder::Do(std::string_view textproto) {
  return Do(ParseCommand(textproto));
}

CaseBuilder& CaseBuilder::Do(const v1::Command& command) {
  auto judgement = Try(command);
  if (!judgement.ok()) {
    ADD_FAILURE() << judgement.status() << "\n" << command.DebugString();
    return *this;
  }
  CaseChangePlan& own = judgement->changes.front();
  if (command.has_tick() && own.event.facts().empty()) return *this;
  on_ = std::move(own.after);
  events_.push_back(std::move(own.event));
  for (PlannedDelivery& planned : own.deliveries) {
    deliveries_.push_back(std::move(planned));
  }
  return *this;
}

absl::StatusOr<Judgement> CaseBuilder::Try(
    const v1::Command& command, const std::vector<v1::Case>& others) const {
  std::vector<v1::Case> cases;
  if (!command.has_open()) cases.push_back(on_);
  cases.insert(cases.end(), others.begin(), others.end());
  const bool open = command.has_open();
  const v1::Case* on = open ? nullptr : &on_;
  // Each event has dice of its own; trying changes nothing.
  SeededEntropy dice(seed_ * 1'000'003 + events_.size());
  Moment moment{.now = now_,
                .actor = actor_,
                .random = dice.Bytes(kDiceBytes),
                .policy_version = policy_version_,
                .policy_since = policy_since_,
                .earlier = earlier_};
  moment.may_import = policy_.access().May(actor_, v1::IMPORT, on);
  moment.may_date_back =
      moment.may_import || policy_.access().May(actor_, v1::LATE_FACT, on);
  return Judge(policy_, cases, command, moment);
}

absl::StatusOr<Judgement> CaseBuilder::Try(
    std::string_view textproto, const std::vector<v1::Case>& others) const {
  return Try(ParseCommand(textproto), others);
}

}  // namespace hotline::testing
