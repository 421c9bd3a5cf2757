// The steps of the script in the library's words.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "dice.h"
#include "generator.h"
#include "hotline/taxonomy.h"
#include "hotline/workflow.h"
#include "rates.h"

namespace city {
namespace {

namespace v1 = hotline::v1;

constexpr uint64_t kFormPurpose = 3, kPersonPurpose = 5;

google::protobuf::Timestamp ToProto(absl::Time at) {
  google::protobuf::Timestamp stamp;
  const int64_t ms = absl::ToUnixMillis(at);
  stamp.set_seconds(ms / 1000);
  stamp.set_nanos(static_cast<int32_t>(ms % 1000) * 1'000'000);
  return stamp;
}

}  // namespace

std::string Script::KeyOf(const Step& step) const {
  return absl::StrCat("s", settings_.seed, "-c", step.call, "-", step.number);
}

std::string Script::ExternalIdOf(int call) const {
  return absl::StrCat("s", settings_.seed, "-c", call);
}

hotline::Actor Script::ActorOf(const Step& step) const {
  hotline::Actor actor{.tenant = kTenant};
  switch (step.doer) {
    case Doer::kAgent:
      actor.id = absl::StrFormat("line-%02d",
                                 calls_[static_cast<size_t>(step.call)].agent);
      actor.roles = {kAgentRole};
      break;
    case Doer::kUnit:
      actor.id = absl::StrCat("desk-", units_[static_cast<size_t>(step.unit)]);
      actor.roles = {kUnitRole};
      actor.units = {units_[static_cast<size_t>(step.unit)]};
      break;
    case Doer::kSupervisor:
      actor.id = "supervisor";
      actor.roles = {kSupervisorRole};
      break;
    case Doer::kReporter:
      actor.id = PersonOf(step.target);
      actor.roles = {kReporterRole};
      break;
  }
  return actor;
}

std::string Script::PersonOf(int call) const {
  Dice dice(settings_.seed, static_cast<uint64_t>(call), kPersonPurpose);
  // People call more than once: four names for five calls.
  const int people = 1 + settings_.contacts * 4 / 5;
  return absl::StrFormat("p-%06d", dice.Below(people));
}

v1::Command Script::CommandOf(const Step& step) const {
  const Call& call = calls_[static_cast<size_t>(step.target)];
  const auto number = static_cast<uint64_t>(step.call);
  v1::Command command;
  command.set_key(KeyOf(step));
  switch (step.verb) {
    case v1::OPEN:
      *command.mutable_open() = OpenOf(step.target);
      break;
    case v1::ACCEPT:
      command.mutable_accept();
      break;
    case v1::ASSIGN:
      if (step.argument >= 0) {
        command.mutable_assign()->set_unit(
            units_[static_cast<size_t>(step.argument)]);
      } else {
        command.mutable_assign()->set_assignee(absl::StrFormat(
            "%s-%d", units_[static_cast<size_t>(step.unit)], 1 + number % 7));
      }
      break;
    case v1::TRANSFER:
      command.mutable_transfer()->set_unit(
          units_[static_cast<size_t>(step.argument)]);
      command.mutable_transfer()->set_reason("非本機關權責，改分");
      break;
    case v1::RETURN:
      command.mutable_return_()->set_reason("退件，請重新分派");
      break;
    case v1::RECLASSIFY:
      command.mutable_reclassify()->set_category(
          services_[static_cast<size_t>(step.argument)].category->code);
      FillForm(step.argument, number,
               command.mutable_reclassify()->mutable_attributes());
      command.mutable_reclassify()->set_reason("案件類別更正");
      break;
    case v1::REPRIORITISE:
      command.mutable_reprioritise()->set_priority(
          policy_.spec().priorities().rbegin()->code());
      command.mutable_reprioritise()->set_reason("現場有立即危險");
      break;
    case v1::MERGE:
      break;  // the runner knows the reference
    case v1::NOTE:
      command.mutable_note()->set_visibility(v1::Note::INTERNAL_NOTE);
      command.mutable_note()->set_text(step.call == step.target
                                           ? "已派員現場勘查"
                                           : "另一位民眾反映同一案件");
      break;
    default:
      FillAnswer(step, call, &command);
      break;
  }
  return command;
}

// The verbs that wait and answer.
void Script::FillAnswer(const Step& step, const Call& call,
                        v1::Command* command) const {
  const auto number = static_cast<uint64_t>(step.call);
  const std::string outcome = OutcomeOf(call.category, step.argument != 0);
  switch (step.verb) {
    case v1::ATTACH: {
      v1::Attach* photo = command->mutable_attach();
      photo->set_blob(absl::StrCat("photo-", number));
      photo->set_sha256(std::string(32, static_cast<char>(number & 0x7f)));
      photo->set_size(180'000 + static_cast<int64_t>(number % 90'000));
      photo->set_media_type("image/jpeg");
      photo->set_visibility(v1::Note::PUBLIC_NOTE);
      break;
    }
    case v1::WAIT: {
      v1::Wait* wait = command->mutable_wait();
      wait->set_for_(static_cast<v1::Wait::For>(step.argument));
      wait->set_reason("需補充資料");
      if (wait->for_() == v1::Wait::FOR_OTHER_UNIT) {
        wait->set_unit(units_[static_cast<size_t>(step.unit)]);
      }
      break;
    }
    case v1::RESUME:
      command->mutable_resume();
      break;
    case v1::RESOLVE:
      command->mutable_resolve()->set_outcome(outcome);
      command->mutable_resolve()->set_answer("您反映的事項已處理完成。");
      break;
    case v1::CLOSE:
      command->mutable_close();
      break;
    case v1::CLOSE_AND_FOLLOW_UP: {
      v1::CloseAndFollowUp* close = command->mutable_close_and_follow_up();
      close->set_outcome(outcome);
      close->set_answer("已先行處理，後續工程列管。");
      close->set_unit(units_[static_cast<size_t>(step.unit)]);
      close->set_task("後續改善工程");
      break;
    }
    case v1::COMPLETE_FOLLOW_UP:
      command->mutable_complete_follow_up();
      break;
    case v1::REOPEN:
      command->mutable_reopen()->set_reason("問題仍未改善");
      break;
    case v1::RATE:
      command->mutable_rate()->set_score(step.argument);
      break;
    default:
      FillRequest(step, call, command);
      break;
  }
}

// The verbs by which somebody asks, decides or gives up.
void Script::FillRequest(const Step& step, const Call& call,
                         v1::Command* command) const {
  switch (step.verb) {
    case v1::REQUEST_CLOSURE:
      command->mutable_request_closure()->set_outcome(
          OutcomeOf(call.category, /*fixed=*/true));
      command->mutable_request_closure()->set_answer("已處理，請准予結案。");
      break;
    case v1::APPROVE_CLOSURE:
      command->mutable_approve_closure();
      break;
    case v1::DECLINE_CLOSURE:
      command->mutable_decline_closure()->set_reason("請補充處理照片");
      break;
    case v1::ESCALATE:
      command->mutable_escalate()->set_reason("民眾再次來電催辦");
      break;
    case v1::REQUEST_EXTENSION:
      command->mutable_request_extension()->set_clock(
          services_[static_cast<size_t>(step.argument)].clock);
      *command->mutable_request_extension()->mutable_until() =
          ToProto(step.until);
      command->mutable_request_extension()->set_reason("需等待料件");
      break;
    case v1::APPROVE_EXTENSION:
      command->mutable_approve_extension();
      break;
    case v1::DECLINE_EXTENSION:
      command->mutable_decline_extension()->set_reason("請依原期限辦理");
      break;
    case v1::CANCEL:
      command->mutable_cancel()->set_reason("民眾撤案");
      break;
    case v1::REJECT:
      command->mutable_reject()->set_outcome(
          OutcomeOf(call.category, /*fixed=*/false));
      command->mutable_reject()->set_answer("非本市權責，請洽主管機關。");
      command->mutable_reject()->set_responsible("中央主管機關");
      break;
    default:
      break;
  }
}

v1::Open Script::OpenOf(int index) const {
  const Call& call = calls_[static_cast<size_t>(index)];
  const hotline::Category& category =
      *services_[static_cast<size_t>(call.category)].category;
  v1::Open open;
  open.set_category(category.code);
  open.set_description(
      absl::StrCat(std::string(category.Name("zh-Hant")), "：請派員處理。"));
  if (call.area >= 0) {
    open.mutable_place()->set_area(areas_[static_cast<size_t>(call.area)]);
  }
  FillForm(call.category, static_cast<uint64_t>(index),
           open.mutable_attributes());
  open.mutable_reporter()->set_id(PersonOf(index));
  open.mutable_reporter()->set_language(
      std::string(kLanguages[static_cast<size_t>(call.language)].word));
  open.set_channel(
      std::string(kChannels[static_cast<size_t>(call.channel)].word));
  open.set_language(
      std::string(kLanguages[static_cast<size_t>(call.language)].word));
  open.mutable_external()->set_system(kSystem);
  open.mutable_external()->set_id(ExternalIdOf(index));
  return open;
}

v1::Contact Script::ContactOf(int index) const {
  const Call& call = calls_[static_cast<size_t>(index)];
  v1::Contact contact;
  contact.set_kind(call.kind);
  contact.set_channel(
      std::string(kChannels[static_cast<size_t>(call.channel)].word));
  contact.set_language(
      std::string(kLanguages[static_cast<size_t>(call.language)].word));
  *contact.mutable_at() = ToProto(call.at);
  contact.set_seconds(call.seconds);
  if (call.category >= 0) {
    contact.set_category(
        services_[static_cast<size_t>(call.category)].category->code);
  }
  contact.set_line("1999");
  contact.set_external_system(kSystem);
  contact.set_external_id(ExternalIdOf(index));
  contact.set_agent(absl::StrFormat("line-%02d", call.agent));
  return contact;
}

// Answers what the category's form asks for.
void Script::FillForm(
    int category, uint64_t call,
    google::protobuf::RepeatedPtrField<v1::AttributeValue>* answers) const {
  Dice dice(settings_.seed, call, kFormPurpose);
  for (const v1::AttributeSpec& asked :
       *services_[static_cast<size_t>(category)].category->attributes) {
    if (!asked.required() || asked.statement() || !asked.asked_if().empty()) {
      continue;
    }
    v1::AttributeValue* answer = answers->Add();
    answer->set_code(asked.code());
    switch (asked.datatype()) {
      case v1::AttributeSpec::SINGLEVALUELIST:
      case v1::AttributeSpec::MULTIVALUELIST:
        answer->add_values(asked.values(dice.Below(asked.values_size())).key());
        break;
      case v1::AttributeSpec::NUMBER:
        answer->add_values(absl::StrCat(1 + dice.Below(5)));
        break;
      case v1::AttributeSpec::DATETIME:
        answer->add_values(absl::FormatTime(absl::RFC3339_sec, calls_[call].at,
                                            policy_.time_zone()));
        break;
      default:
        answer->add_values("路口附近");
        break;
    }
  }
}

std::string Script::OutcomeOf(int category, bool fixed) const {
  const hotline::Workflow* workflow = policy_.workflows().Find(
      services_[static_cast<size_t>(category)].category->workflow);
  if (workflow != nullptr) {
    for (const v1::OutcomeSpec& outcome : workflow->spec().outcomes()) {
      if (outcome.fixed() == fixed) return outcome.code();
    }
  }
  return fixed ? "repaired" : "nothing_found";
}

}  // namespace city
