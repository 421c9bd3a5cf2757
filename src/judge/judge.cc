#include "hotline/judge.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/judge/check_command.h"
#include "src/judge/docket.h"
#include "src/judge/fold.h"
#include "src/judge/judge_taking.h"
#include "src/judge/verbs.h"

namespace hotline {
namespace {

using internal::Docket;
using internal::FromTimestamp;
using internal::SetTimestamp;

// Random bytes of a Moment: 0..31 for a new case, 32..63 for the salts
// (docket.cc), 64..95 for the new half of a split.
constexpr size_t kDiceOfOpen = 0;
constexpr size_t kDiceOfSplit = 64;
constexpr size_t kDiceBytesMin = 96;

// When it happened: now, or the past instant the command names.
absl::StatusOr<absl::Time> InstantOf(const v1::Command& command,
                                     const Moment& moment,
                                     absl::Time not_before) {
  if (!command.has_at()) return moment.now;
  const absl::Time at =
      internal::FloorToMillisecond(FromTimestamp(command.at()));
  Problems problems;
  if (!moment.may_date_back) {
    return MakeError(v1::ErrorInfo::PERMISSION_DENIED,
                     "at: an instant of its own needs LATE_FACT or IMPORT");
  }
  if (at > moment.now) {
    problems.Add("at", "lies in the future", "leave it out for now");
  }
  if (at < not_before) {
    problems.Add(
        "at", "lies before the opening of the case",
        absl::StrCat("it was opened ", internal::FormatUtc(not_before)));
  }
  if (!problems.empty()) {
    return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "command");
  }
  return at;
}

Situation SituationOf(const Docket& docket, const v1::Command& command) {
  const v1::Verb verb = VerbOf(command);
  const v1::Case& on = docket.on();
  const Moment& moment = docket.moment();
  Situation s;
  s.by_reporter = docket.policy().access().IsReporter(moment.actor, on);
  s.reopen_until = on.has_reopen_until() ? FromTimestamp(on.reopen_until())
                                         : absl::InfinitePast();
  s.in_reopen_window = moment.now <= s.reopen_until;
  s.has_unit = !on.unit().empty();
  s.extension_asked = on.extension().state() == v1::Extension::ASKED;
  s.closure_asked = on.has_closure_request();
  const bool about_extension =
      verb == v1::APPROVE_EXTENSION || verb == v1::DECLINE_EXTENSION;
  const std::string& asker = about_extension ? on.extension().asked_by()
                                             : on.closure_request().asked_by();
  s.somebody_else = asker != moment.actor.id;
  s.follow_up_open = on.follow_up().open();
  s.rated = on.rating() != 0;
  const std::string& named = command.request_extension().clock();
  const v1::ClockState* clock =
      named.empty() ? docket.Shown() : docket.FindClock(named);
  s.before_due = clock == nullptr || !clock->has_due_next_open() ||
                 moment.now <= FromTimestamp(clock->due_next_open());
  s.zone = docket.policy().time_zone();
  return s;
}

absl::Status Refusal(const Docket& docket, v1::Verb verb,
                     const Situation& situation) {
  const v1::Case& on = docket.on();
  v1::ErrorInfo info;
  info.set_reason(v1::ErrorInfo::ILLEGAL_VERB);
  info.set_reference(on.reference());
  const std::vector<std::string> legal =
      docket.workflow().Legal(on.state(), situation);
  for (const std::string& one : legal) info.add_legal_verbs(one);
  return MakeError(
      info, absl::StrCat("case ", on.reference(), " is ", on.state(), "; \"",
                         VerbName(verb), "\" is not legal here. Legal: ",
                         legal.empty() ? "nothing" : absl::StrJoin(legal, ", "),
                         "."));
}

absl::Status CheckCommand(const Policy& policy, const v1::Command& command) {
  Problems problems;
  internal::CheckForm(command, policy.spec().limits(), "", &problems);
  if (command.verb_case() == v1::Command::VERB_NOT_SET) {
    problems.Add("", "says nothing to do", "set one of the verbs");
  }
  if (command.ByteSizeLong() > limits::kBodyBytesMax) {
    problems.AddLimit("", "is larger than 1 MiB", "keep files in the host");
  }
  return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "command");
}

// Opening goes the same road for OPEN and for the new half of a SPLIT.
absl::Status OpenCase(const Policy& policy, const v1::Open& open, absl::Time at,
                      const Moment& moment, v1::Verb verb,
                      const std::string& key, const std::string& split_from,
                      size_t dice, Judgement* judgement) {
  Problems problems;
  const std::string path = verb == v1::SPLIT ? "split.open" : "open";
  internal::CheckOpen(open, policy, at, moment, path, &problems);
  if (!problems.empty()) {
    return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "command");
  }
  CaseChangePlan& plan = judgement->changes.emplace_back();
  plan.created = true;
  Docket docket(policy, moment, &plan);
  const internal::Happening happening =
      docket.Before(v1::OPEN, v1::Trigger::MESSAGE_UNSPECIFIED, at);
  internal::DoOpen(open, at, split_from,
                   std::string_view(moment.random).substr(dice), &docket);
  docket.Trigger(happening);
  if (open.has_promised_due()) {
    docket.Promise(FromTimestamp(open.promised_due()), at);
  }
  docket.Tell({.verb = v1::OPEN}, "open", at);
  docket.Finish(verb, key);
  return absl::OkStatus();
}

// What the other case of a merge or a split's origin records.
void Counterpart(const Policy& policy, const Moment& moment,
                 const v1::Case& other, const v1::Command& command,
                 const std::string& reference, Judgement* judgement) {
  CaseChangePlan& plan = judgement->changes.emplace_back();
  plan.after = other;
  Docket docket(policy, moment, &plan);
  docket.ComeIntoForce();
  docket.CatchUp(moment.now, true);
  v1::Linked* fact = docket.Begin(moment.now)->mutable_linked();
  fact->set_reference(reference);
  if (command.has_merge()) {
    fact->set_kind(v1::Link::RELATED);
    fact->set_merged_from(true);
  } else {
    fact->set_kind(command.link().kind());
    fact->set_as_parent(command.link().kind() == v1::Link::CHILD_OF);
  }
  docket.Done();
  docket.Finish(VerbOf(command), command.key());
}

// What a split case begins with: the old one's, where nothing is said.
v1::Open SplitOpening(const v1::Case& from, const v1::Open& said) {
  v1::Open open = said;
  if (open.category().empty()) open.set_category(from.category());
  if (open.attributes().empty() && said.category().empty()) {
    *open.mutable_attributes() = from.attributes();
    open.mutable_attributes()->MergeFrom(from.sealed().texts());
  }
  if (open.description().empty()) {
    open.set_description(from.sealed().description());
  }
  if (!open.has_place()) {
    *open.mutable_place() = from.sealed().place();
    open.mutable_place()->set_area(from.area());
    open.mutable_place()->set_cell(from.cell());
  }
  if (!open.has_reporter() && from.sealed().has_reporter()) {
    *open.mutable_reporter() = from.sealed().reporter();
  }
  if (open.channel().empty()) open.set_channel(from.channel());
  if (open.language().empty()) open.set_language(from.language());
  return open;
}

absl::Status CheckRoom(const Docket& docket, v1::Verb verb) {
  const int32_t own = docket.policy().spec().limits().events_per_case();
  const int64_t most = own > 0
                           ? std::min<int64_t>(own, limits::kEventsPerCaseMax)
                           : static_cast<int64_t>(limits::kEventsPerCaseMax);
  // What ends a case, and what time does to it, always finds room.
  const bool ends = verb == v1::TICK || verb == v1::CLOSE ||
                    verb == v1::RESOLVE || verb == v1::CANCEL ||
                    verb == v1::MERGE || verb == v1::ERASE_PERSON;
  if (ends || docket.on().version() < most) return absl::OkStatus();
  return MakeError(v1::ErrorInfo::LIMIT_EXCEEDED,
                   absl::StrCat("case ", docket.on().reference(), " has ", most,
                                " events; close it and open another"));
}

// One case, one verb: the road every command but OPEN goes. `judgement` holds
// the case as it stands.
class Trial {
 public:
  Trial(const Policy& policy, std::span<const v1::Case> others,
        const v1::Command& command, const Moment& moment, Judgement* judgement)
      : policy_(policy),
        others_(others),
        command_(command),
        moment_(moment),
        verb_(VerbOf(command)),
        judgement_(*judgement),
        docket_(policy, moment, &judgement->changes.front()) {}

  absl::Status Run() {
    if (verb_ == v1::TICK) {
      docket_.ComeIntoForce();
      return Result();
    }
    const auto at =
        InstantOf(command_, moment_, FromTimestamp(docket_.on().opened_at()));
    if (!at.ok()) return at.status();
    docket_.ComeIntoForce();
    docket_.CatchUp(moment_.now, false);
    if (const absl::Status room = CheckRoom(docket_, verb_); !room.ok()) {
      return room;
    }
    const Situation situation = SituationOf(docket_, command_);
    const v1::TransitionSpec* step =
        docket_.workflow().Step(docket_.on().state(), verb_, situation);
    if (step == nullptr) return Refusal(docket_, verb_, situation);
    Problems problems;
    internal::CheckContent(command_, docket_, others_, &problems);
    if (!problems.empty()) {
      return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "command");
    }
    Do(*step, *at);
    return Result();
  }

 private:
  void Do(const v1::TransitionSpec& step, absl::Time at) {
    const internal::Happening happening =
        docket_.Before(verb_, internal::MessageOf(command_, docket_), at);
    internal::DoVerb(command_, at, others_, &docket_);
    docket_.Move(step, at);
    docket_.Trigger(happening);
    docket_.Tell({.verb = verb_},
                 absl::StrCat(VerbName(verb_), "/", docket_.on().version() + 1),
                 at);
    docket_.TellIfDueMoved(at);
  }

  absl::Status Result() {
    judgement_.erase = verb_ == v1::ERASE_PERSON;
    if (verb_ == v1::SPLIT) return Split();
    docket_.Finish(verb_, command_.key());
    if (verb_ == v1::MERGE || verb_ == v1::LINK) {
      const std::string reference = docket_.on().reference();
      Counterpart(policy_, moment_, others_.front(), command_, reference,
                  &judgement_);
    }
    return absl::OkStatus();
  }

  absl::Status Split() {
    // Of the case as it was before Finish.
    const v1::Open opening =
        SplitOpening(docket_.on(), command_.split().open());
    docket_.Finish(verb_, command_.key());
    const std::string reference = docket_.on().reference();
    const absl::Status opened =
        OpenCase(policy_, opening, moment_.now, moment_, v1::SPLIT,
                 command_.key(), reference, kDiceOfSplit, &judgement_);
    if (!opened.ok()) return opened;
    // The origin learns the new reference, which is drawn last.
    CaseChangePlan& origin = judgement_.changes.front();
    v1::Fact* fact = origin.event.add_facts();
    SetTimestamp(moment_.now, fact->mutable_at());
    fact->mutable_linked()->set_kind(v1::Link::RELATED);
    fact->mutable_linked()->set_reference(
        judgement_.changes.back().after.reference());
    internal::EvolveFact(*fact, &origin.after);
    return absl::OkStatus();
  }

  const Policy& policy_;
  const std::span<const v1::Case> others_;
  const v1::Command& command_;
  const Moment& moment_;
  const v1::Verb verb_;
  Judgement& judgement_;
  Docket docket_;  // of the first of its changes
};

}  // namespace

v1::Verb VerbOf(const v1::Command& command) {
  // The oneof's fields are numbered from 10 in the order of the verbs.
  return command.verb_case() == v1::Command::VERB_NOT_SET
             ? v1::VERB_UNSPECIFIED
             : static_cast<v1::Verb>(command.verb_case() - 9);
}

std::vector<std::string> NamedCases(const v1::Command& command) {
  if (command.has_merge()) return {command.merge().into()};
  if (command.has_link()) return {command.link().to()};
  return {};
}

absl::StatusOr<Judgement> Judge(const Policy& policy,
                                std::span<const v1::Case> cases,
                                const v1::Command& command,
                                const Moment& moment) {
  if (cases.empty()) {
    return internal::JudgeTaking(policy, nullptr, {}, command, moment);
  }
  v1::Case own = cases.front();
  return internal::JudgeTaking(policy, &own, cases.subspan(1), command, moment);
}

absl::StatusOr<Judgement> internal::JudgeTaking(
    const Policy& policy, v1::Case* own, std::span<const v1::Case> others,
    const v1::Command& command, const Moment& moment) {
  if (moment.random.size() < kDiceBytesMin) {
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                     absl::StrCat("moment.random has ", moment.random.size(),
                                  " bytes; it needs ", kDiceBytesMin));
  }
  if (const absl::Status form = CheckCommand(policy, command); !form.ok()) {
    return form;
  }
  Judgement judgement;
  if (!command.has_open()) {
    if (own == nullptr) {
      return MakeError(v1::ErrorInfo::CASE_NOT_FOUND, "there is no such case");
    }
    const bool names_two =
        command.has_merge() || command.has_link() || command.has_split();
    // A docket holds on to its place.
    judgement.changes.reserve(names_two ? 2 : 1);
    judgement.changes.emplace_back().after.Swap(own);
    const absl::Status tried =
        Trial(policy, others, command, moment, &judgement).Run();
    if (!tried.ok()) return tried;
    return judgement;
  }
  const auto at = InstantOf(command, moment, absl::UnixEpoch());
  if (!at.ok()) return at.status();
  const absl::Status opened =
      OpenCase(policy, command.open(), *at, moment, v1::OPEN, command.key(), "",
               kDiceOfOpen, &judgement);
  if (!opened.ok()) return opened;
  return judgement;
}

absl::Time NextInstant(const Policy& policy, const v1::Case& on) {
  Moment moment;
  moment.now = FromTimestamp(on.updated_at());
  CaseChangePlan plan{.after = on};
  return Docket(policy, moment, &plan).NextAt();
}

void ReadClocks(const Policy& policy, absl::Time now, v1::Case* on) {
  const Category* category = policy.taxonomy().Find(on->category());
  ClockPlace place = {.area = on->area(),
                      .unit = on->unit(),
                      .through_closures = category != nullptr &&
                                          category->runs_through_closures};
  for (v1::ClockState& clock : *on->mutable_clocks()) {
    place.unit = clock.unit().empty() ? on->unit() : clock.unit();
    const ClockReading reading = policy.sla().Read(place, clock, now);
    clock.set_elapsed_ms(absl::ToInt64Milliseconds(reading.elapsed));
    clock.set_remaining_ms(absl::ToInt64Milliseconds(reading.remaining));
    clock.set_breached(clock.breached() || reading.breached);
    SetTimestamp(now, clock.mutable_as_of());
    const auto next = policy.sla().Next(place, clock, now);
    if (next.has_value()) SetTimestamp(next->at, clock.mutable_next());
  }
}

}  // namespace hotline
