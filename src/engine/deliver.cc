// Deliveries: claimed under a lease, rendered from the case as it is now,
// handed to the notifier, finished under the token.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/engine/impl.h"
#include "src/engine/try_again.h"
#include "src/rules/delivery/retry.h"

namespace hotline {
namespace {

using internal::FromTimestamp;

constexpr int kDeliveriesAtOnce = 256;
constexpr absl::Duration kLease = absl::Seconds(30);
// A lease outlives the hand-over, so that nobody else sends meanwhile.
constexpr absl::Duration kHandOver = absl::Seconds(25);
// A channel without a notifier is left alone and looked at again.
constexpr absl::Duration kNobodyServes = absl::Hours(1);

std::string Local(absl::Time t, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M", t, zone);
}

template <typename Names>
std::string NameIn(const Names& names, std::string_view language,
                   const std::string& otherwise) {
  for (const v1::LocalText& name : names) {
    if (name.language() == language) return name.text();
  }
  return names.empty() ? otherwise : names.Get(0).text();
}

std::string UnitName(const Policy& policy, const std::string& code,
                     std::string_view language) {
  for (const v1::UnitSpec& unit : policy.spec().units()) {
    if (unit.code() == code) return NameIn(unit.names(), language, code);
  }
  return code;
}

std::string AddressFor(std::string_view channel, const v1::Person& person) {
  if (channel == "mail") return person.mail();
  if (channel == "sms") return person.phone();
  return "";
}

// "org.hotline.case.level.v1", "org.hotline.case.resolve.v1".
std::string TypeOf(const v1::DeliveryBody& body) {
  const std::string what =
      !body.level().empty() ? "level" : VerbName(body.verb());
  return absl::StrCat("org.hotline.case.", what, ".v1");
}

// The notice in the recipient's words, of the case as it is now.
RenderedText RenderFor(const Policy& policy, const v1::DeliveryBody& body,
                       const v1::Case& on, std::string_view language) {
  const Category* category = policy.taxonomy().Find(on.category());
  const Workflow* workflow = policy.workflows().Find(on.workflow());
  const v1::StateSpec* state =
      workflow != nullptr ? workflow->FindState(on.state()) : nullptr;
  const v1::OutcomeSpec* outcome =
      workflow != nullptr ? workflow->FindOutcome(on.outcome()) : nullptr;
  std::string due;
  for (const v1::ClockState& clock : on.clocks()) {
    if (clock.has_due() && (due.empty() || clock.shown())) {
      due = Local(FromTimestamp(clock.due()), policy.time_zone());
    }
  }
  const std::string category_name = category != nullptr
                                        ? std::string(category->Name(language))
                                        : on.category();
  const std::string state_name =
      state != nullptr ? NameIn(state->names(), language, on.state())
                       : on.state();
  const std::string unit = UnitName(policy, on.unit(), language);
  const std::string outcome_name =
      outcome != nullptr ? NameIn(outcome->names(), language, on.outcome())
                         : on.outcome();
  const std::pair<std::string_view, std::string_view> values[] = {
      {"reference", on.reference()},
      {"category", category_name},
      {"state", state_name},
      {"due", due},
      {"unit", unit},
      {"clock", body.clock()},
      {"level", body.level()},
      {"outcome", outcome_name}};
  return policy.notices().Render(body.noticed().notice(), language, values);
}

// As if it had not been claimed.
Finished GiveBack(const Claimed& claimed) {
  const DeliveryRow& row = *claimed.delivery;
  return {.tenant = row.tenant,
          .id = row.id,
          .token = claimed.token,
          .due_at = row.due_at,
          .state = row.state,
          .attempts = row.attempts - 1};
}

SendResult Worst(std::span<const SendResult> results) {
  SendResult worst{.outcome = Outcome::kDelivered};
  const auto rank = [](Outcome outcome) {
    switch (outcome) {
      case Outcome::kDelivered:
        return 0;
      case Outcome::kPermanent:
        return 1;
      default:
        return 2;  // to be tried again
    }
  };
  for (const SendResult& result : results) {
    if (rank(result.outcome) > rank(worst.outcome)) worst = result;
  }
  return worst;
}

}  // namespace

// Who stands behind a recipient's name. None: nobody is to be told any more.
std::vector<Contactable> Engine::Impl::PeopleOf(const DeliveryRow& row,
                                                const v1::Noticed& noticed,
                                                const v1::Case& on) const {
  if (noticed.to() == v1::NoticeSpec::TO_REPORTER) {
    if (on.erased() || !on.sealed().has_reporter()) return {};
    const v1::Person& person = on.sealed().reporter();
    return {{"reporter", AddressFor(row.channel, person),
             person.language().empty() ? on.language() : person.language()}};
  }
  // `unit:lights` and the like; a watcher's name is in the sealed body.
  const size_t colon = noticed.recipient().find(':');
  std::string kind = noticed.recipient().substr(0, colon);
  std::string name = noticed.recipient().substr(colon + 1);
  if (kind == "watcher") {
    const int index = std::atoi(name.c_str());
    if (index < 0 || index >= on.sealed().parties_size()) return {};
    kind = "person";
    name = on.sealed().parties(index).person();
  }
  if (options_.directory == nullptr) return {{noticed.recipient(), "", ""}};
  return options_.directory->Find(row.tenant, kind, name, row.channel);
}

absl::StatusOr<std::vector<Envelope>> Engine::Impl::Envelopes(
    const DeliveryRow& row) {
  v1::DeliveryBody body;
  if (!body.ParseFromString(row.payload)) {
    return MakeError(v1::ErrorInfo::CORRUPT, "a delivery cannot be read");
  }
  const auto era = policies_.Version(row.tenant, body.policy_version());
  if (!era.ok()) return era.status();
  const auto case_row =
      store_->ReadCase({row.tenant, row.case_id}, Part::kSealed);
  if (!case_row.ok()) return case_row.status();
  const auto loaded = LoadRow(*case_row);
  if (!loaded.ok()) return loaded.status();
  std::vector<Envelope> envelopes;
  const std::vector<Contactable> people =
      PeopleOf(row, body.noticed(), loaded->message);
  for (const Contactable& person : people) {
    const RenderedText text =
        RenderFor(era->policy, body, loaded->message, person.language);
    Envelope& e = envelopes.emplace_back();
    e.dedupe_key = people.size() == 1
                       ? row.dedupe_key
                       : absl::StrCat(row.dedupe_key, "/", person.name);
    e.tenant = row.tenant;
    e.channel = row.channel;
    e.reference = body.reference();
    e.event_id = row.dedupe_key;
    e.notice = body.noticed().notice();
    e.type = TypeOf(body);
    e.sequence = row.event_version;
    e.time = FromTimestamp(body.at());
    e.recipient = person.name;
    e.address = person.address;
    e.locale = text.language;
    e.subject = text.subject;
    e.text = text.text;
    e.attempt = row.attempts;
  }
  return envelopes;
}

Finished Engine::Impl::FinishOf(const Claimed& claimed,
                                std::span<const SendResult> results,
                                DueReport* report) {
  const DeliveryRow& row = *claimed.delivery;
  Finished finished{.tenant = row.tenant, .id = row.id, .token = claimed.token};
  const SendResult result = Worst(results);
  const bool delivered = result.outcome == Outcome::kDelivered;
  if (options_.observer != nullptr) {
    options_.observer->OnSend(row.channel, delivered);
  }
  if (delivered) {
    ++report->sent;
    finished.state = "sent";
    return finished;
  }
  ++report->failed;
  finished.state = "dead";
  if (result.outcome == Outcome::kPermanent) return finished;
  uint64_t dice = 0;
  for (const char c : entropy_->Bytes(8)) {
    dice = dice << 8 | static_cast<uint8_t>(c);
  }
  const auto delay =
      internal::RetryDelay(row.channel, row.attempts, result.retry_after, dice);
  if (!delay.has_value()) return finished;
  finished.state = "retry";
  finished.due_at = internal::ToMs(Now() + *delay);
  return finished;
}

Finished Engine::Impl::Hand(const Claimed& claimed, absl::Time last_start,
                            DueReport* report) {
  const DeliveryRow& row = *claimed.delivery;
  Finished finished{.tenant = row.tenant, .id = row.id, .token = claimed.token};
  // A slow notifier has used the lease up: the rest is claimed anew.
  if (store_->Now() > last_start) return GiveBack(claimed);
  const auto notifier =
      std::find_if(options_.notifiers.begin(), options_.notifiers.end(),
                   [&](Notifier* n) { return n->name() == row.channel; });
  if (notifier == options_.notifiers.end()) {
    finished.state = "unserved";
    finished.due_at = internal::ToMs(Now() + kNobodyServes);
    finished.attempts = row.attempts - 1;  // this was none
    return finished;
  }
  auto envelopes = Envelopes(row);
  if (envelopes.ok() && store_->Now() > last_start) {
    // Counted, and put off: at the head of the queue it would hold up all.
    envelopes = MakeError(v1::ErrorInfo::STORE_FAILED,
                          "to look up whom to tell took the lease's time");
  }
  if (!envelopes.ok()) {
    Alarm(row.tenant, "a delivery cannot be rendered", envelopes.status());
    const SendResult failed{.outcome = Outcome::kTransient};
    return FinishOf(claimed, {&failed, 1}, report);
  }
  if (envelopes->empty()) {
    finished.state = "suppressed";
    return finished;
  }
  std::vector<SendResult> results =
      (*notifier)->Send(*envelopes, clock_->TimeNow() + kHandOver);
  results.resize(envelopes->size());  // what is missing is kUnknown
  return FinishOf(claimed, results, report);
}

absl::StatusOr<bool> Engine::Impl::SendDeliveries(const std::string& tenant,
                                                  DueReport* report) {
  if (options_.notifiers.empty()) return false;
  const absl::Time last_start = store_->Now() + kLease - kHandOver;
  const DueQuery due{.queue = DueQuery::kDeliveries,
                     .tenant = tenant,
                     .due = internal::ToMs(Now()),
                     .limit = kDeliveriesAtOnce,
                     .lease = kLease};
  const auto claimed = internal::TryAgain([&] { return store_->Claim(due); });
  if (!claimed.ok()) return claimed.status();
  if (claimed->empty()) return false;
  std::vector<Finished> finished;
  for (const Claimed& delivery : *claimed) {
    if (!delivery.delivery.has_value()) continue;
    finished.push_back(Hand(delivery, last_start, report));
  }
  // To say it twice does no harm.
  auto verdicts = internal::TryAgain([&] { return store_->Finish(finished); });
  if (ReasonOf(internal::StatusOf(verdicts)) ==
      v1::ErrorInfo::OUTCOME_UNKNOWN) {
    verdicts = internal::TryAgain([&] { return store_->Finish(finished); });
  }
  for (const absl::Status& verdict : verdicts) {
    // Another worker holds it by now: its word counts.
    if (!verdict.ok() && ReasonOf(verdict) != v1::ErrorInfo::STALE_TOKEN) {
      return verdict;
    }
  }
  return true;
}

}  // namespace hotline
