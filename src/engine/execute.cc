// The road of a command: read, authorize, judge, commit; read and judge again
// if a case moved meanwhile.
#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/ids.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/crypto.h"
#include "src/base/deterministic.h"
#include "src/base/time.h"
#include "src/engine/impl.h"
#include "src/judge/check_command.h"
#include "src/judge/judge_taking.h"

namespace hotline {
namespace {

using internal::FromTimestamp;
using internal::LoadedCase;
using internal::SetTimestamp;
using internal::ToAbsl;

constexpr absl::Duration kKeyKeptFor = absl::Hours(24 * 7);
constexpr size_t kDiceBytes = 128;  // 96 for Judge, 16 for the attempt, spare
// A parent chain longer than a Write has room for is no tree people made.
constexpr int kAncestorsMax = limits::kCasesPerWriteMax - 2;

std::string SortableMs(absl::Time t) {
  return absl::StrCat(absl::Dec(internal::ToMs(t), absl::kZeroPad13));
}

RecordKey KeyRecord(const Actor& actor, const std::string& key) {
  // Hashed, because a citizen's id is personal.
  return {actor.tenant, "key", internal::Sha256Parts({actor.id, key})};
}

void SetDue(const v1::Case& on, v1::Receipt* receipt) {
  const v1::ClockState* shown = nullptr;
  for (const v1::ClockState& clock : on.clocks()) {
    if (clock.has_due() && (shown == nullptr || clock.shown())) shown = &clock;
  }
  if (shown != nullptr) *receipt->mutable_due() = shown->due();
}

absl::Status NotFound(std::string_view reference) {
  v1::ErrorInfo info;
  info.set_reason(v1::ErrorInfo::CASE_NOT_FOUND);
  info.set_reference(std::string(reference));
  return MakeError(info, absl::StrCat("there is no case \"", ToAbsl(reference),
                                      "\"; read the reference again"));
}

// What was typed cannot be a reference of ours: no case is hinted at.
absl::Status Mistyped(std::string_view reference, const absl::Status& why) {
  v1::ErrorInfo info;
  info.set_reason(v1::ErrorInfo::CASE_NOT_FOUND);
  info.set_reference(std::string(reference));
  return MakeError(
      info, absl::StrCat("there is no case \"", ToAbsl(reference),
                         "\": ", why.message(), "; read the reference again"));
}

// What makes a delivery one: told once, however often it is tried.
std::string Identity(const v1::Case& on, const v1::Event& event,
                     const PlannedDelivery& planned) {
  return internal::Sha256Parts(
      {on.tenant(), on.id(), absl::StrCat(event.version()), planned.notice,
       planned.recipient, planned.channel, planned.occurrence});
}

std::string DedupeKey(std::string_view identity) {
  return absl::BytesToHexString(ToAbsl(identity.substr(0, 16)));
}

// Grows with the event and the place in it, so that what a case says in one
// instant is handed over in its order.
std::string DeliveryId(absl::Time now, int64_t version, size_t place,
                       std::string_view identity) {
  const uint32_t order = (static_cast<uint32_t>(version) & 0xff) << 4 |
                         (static_cast<uint32_t>(place) & 0xf);
  std::string random = {static_cast<char>(order >> 8),
                        static_cast<char>(order & 0xff)};
  random += identity;
  return MakeUuidV7(now, random);
}

// The fact that tells of this delivery.
v1::DeliveryBody BodyOf(const CaseChangePlan& plan,
                        const PlannedDelivery& planned, int64_t policy) {
  v1::DeliveryBody body;
  body.set_reference(plan.after.reference());
  body.set_verb(plan.event.verb());
  body.set_policy_version(policy);
  SetTimestamp(planned.at, body.mutable_at());
  v1::Noticed* noticed = body.mutable_noticed();
  noticed->set_notice(planned.notice);
  noticed->set_to(planned.to);
  noticed->set_recipient(planned.recipient);
  noticed->set_channel(planned.channel);
  // "resolve/1/warn/1": clock, cycle, level, generation.
  const size_t slash = planned.occurrence.find('/');
  for (const v1::Fact& fact : plan.event.facts()) {
    if (!fact.has_level_recorded() || slash == std::string::npos) continue;
    const v1::LevelRecorded& level = fact.level_recorded();
    if (planned.occurrence == absl::StrCat(level.clock(), "/", level.cycle(),
                                           "/", level.level().level(), "/",
                                           level.level().generation())) {
      body.set_clock(level.clock());
      body.set_level(level.level().level());
    }
  }
  return body;
}

// One case of a judgement: rows, deliveries, and what the receipt says of it.
// Uses up the plan.
void AddChange(const std::string& chain, absl::Time now, CaseChangePlan* plan,
               Prepared* prepared) {
  Write& write = prepared->write;
  internal::SetChange(chain, prepared->attempt, plan,
                      &write.cases.emplace_back());
  for (const PlannedDelivery& planned : plan->deliveries) {
    const std::string identity = Identity(plan->after, plan->event, planned);
    const size_t place = write.deliveries.size();
    DeliveryRow& row = write.deliveries.emplace_back();
    row.tenant = plan->after.tenant();
    row.dedupe_key = DedupeKey(identity);
    row.id = DeliveryId(now, plan->event.version(), place, identity);
    row.case_id = plan->after.id();
    row.event_version = plan->event.version();
    row.channel = planned.channel;
    row.due_at = internal::ToMs(now);
    row.state = "queued";
    row.payload = internal::Deterministic(
        BodyOf(*plan, planned, plan->event.policy_version()));
  }
  v1::Receipt& receipt = prepared->receipt;
  if (write.cases.size() == 1) {
    receipt.set_reference(plan->after.reference());
    receipt.set_version(plan->after.version());
    SetDue(plan->after, &receipt);
    receipt.mutable_facts()->Swap(plan->event.mutable_facts());
  } else {
    v1::Receipt::Other* other = receipt.add_others();
    other->set_reference(plan->after.reference());
    other->set_version(plan->after.version());
  }
}

void AddErasures(Prepared* prepared) {
  const CaseRow& erased = prepared->write.cases.front().row;
  const CaseKey& key = erased.key;
  prepared->write.erasures.push_back({.kind = RowKey::kCase, .case_key = key});
  for (int64_t v = 1; v < erased.version; ++v) {
    prepared->write.erasures.push_back(
        {.kind = RowKey::kEvent, .case_key = key, .version = v});
  }
}

// Refused for its reference and not for an external id: another may be drawn.
bool IsOfItsReference(const absl::Status& verdict) {
  const v1::ErrorInfo info = InfoOf(verdict);
  return info.reason() == v1::ErrorInfo::DUPLICATE_REFERENCE &&
         info.problems_size() > 0 && info.problems(0).path() == "reference";
}

// No change: a fence that fails if the case has moved.
CaseChange AsItIs(const v1::Case& on) {
  CaseChange change;
  change.row.key = {on.tenant(), on.id()};
  change.row.reference = on.reference();  // for the words of a refusal
  change.expected_version = on.version();
  change.only_check = true;
  return change;
}

}  // namespace

absl::Status Engine::Impl::Admit(const Policy& policy, const Actor& actor,
                                 const v1::Command& command,
                                 std::span<const v1::Case> cases) const {
  const v1::Verb verb = VerbOf(command);
  if (MayDo(policy, actor, verb, cases) != Authorizer::kAllow) {
    const bool may_know =
        cases.empty() || May(policy, actor, v1::READ_ALL, &cases.front()) ||
        May(policy, actor, v1::READ_INTERNAL, &cases.front()) ||
        policy.access().IsReporter(actor, cases.front());
    if (!may_know) return NotFound(command.reference());
    return MakeError(v1::ErrorInfo::PERMISSION_DENIED,
                     absl::StrCat("actor \"", actor.id, "\" may not ",
                                  VerbName(verb), " here"));
  }
  if (command.has_expected_version() && !cases.empty() &&
      cases.front().version() != command.expected_version()) {
    return MakeError(
        v1::ErrorInfo::VERSION_CONFLICT,
        absl::StrCat("case ", cases.front().reference(), " is at version ",
                     cases.front().version(), ", not ",
                     command.expected_version(), "; look at it again"));
  }
  return absl::OkStatus();
}

absl::StatusOr<LoadedCase> Engine::Impl::LoadRow(const CaseRow& row) {
  auto loaded = internal::FromRow(row);
  if (!loaded.ok() || loaded->message.fold_version() == kFoldVersion) {
    return loaded;
  }
  auto folded = internal::FoldLog(store_, row);
  if (!folded.ok()) return folded.status();
  if (loaded->message.has_sealed()) {
    *folded->mutable_sealed() = loaded->message.sealed();
    folded->set_reporter(loaded->message.reporter());
  }
  loaded->message = *std::move(folded);
  return loaded;
}

absl::StatusOr<LoadedCase> Engine::Impl::LoadByReference(
    const Policy& policy, const std::string& tenant, std::string_view reference,
    bool sealed) {
  if (reference.size() > limits::kCodeBytesMax) return NotFound("");
  Filter filter;
  filter.tenant = tenant;
  filter.references = {std::string(reference)};
  filter.limit = 1;
  filter.sealed = sealed;
  auto page = store_->Find(filter);
  if (!page.ok()) return page.status();
  if (page->rows.empty()) {
    // As a person wrote or said it.
    const auto normal =
        NormalizeReference(policy.spec().reference(), reference);
    if (!normal.ok()) return Mistyped(reference, normal.status());
    if (*normal == reference) return NotFound(reference);
    filter.references = {*normal};
    page = store_->Find(filter);
    if (!page.ok()) return page.status();
    if (page->rows.empty()) return NotFound(reference);
  }
  return LoadRow(page->rows.front());
}

void Engine::Impl::ReadAhead(const std::string& tenant,
                             std::span<const v1::Command> commands,
                             Batch* batch) {
  std::set<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (!name.empty() && name.size() <= limits::kCodeBytesMax) {
      names.insert(name);
    }
  };
  for (const v1::Command& command : commands) {
    if (!command.has_open()) add(command.reference());
    for (const std::string& other : NamedCases(command)) add(other);
  }
  if (names.size() < 2) return;
  Filter filter;
  filter.tenant = tenant;
  filter.limit = limits::kReferencesPerFindMax;
  filter.sealed = true;
  for (auto name = names.begin(); name != names.end();) {
    filter.references.clear();
    while (name != names.end() &&
           filter.references.size() < size_t{limits::kReferencesPerFindMax}) {
      filter.references.push_back(*name++);
    }
    auto page = store_->Find(filter);
    if (!page.ok()) return;
    for (CaseRow& row : page->rows) {
      std::string reference = row.reference;
      batch->read.emplace(std::move(reference), std::move(row));
    }
  }
}

absl::StatusOr<std::vector<LoadedCase>> Engine::Impl::LoadNamed(
    const Policy& policy, const Actor& actor, const v1::Command& command,
    Batch* batch) {
  std::vector<LoadedCase> cases;
  const auto load = [&](const std::string& reference) -> absl::Status {
    const auto read = batch->read.find(reference);
    auto loaded = read != batch->read.end()
                      ? LoadRow(read->second)
                      : LoadByReference(policy, actor.tenant, reference, true);
    if (!loaded.ok()) return loaded.status();
    batch->rests |= batch->changed.contains(loaded->message.reference());
    cases.push_back(*std::move(loaded));
    return absl::OkStatus();
  };
  if (!command.has_open()) {
    if (command.reference().empty()) {
      return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                       "command: reference is required for this verb");
    }
    if (const absl::Status s = load(command.reference()); !s.ok()) return s;
  }
  for (const std::string& other : NamedCases(command)) {
    if (other.empty()) continue;
    if (const absl::Status s = load(other); !s.ok()) return s;
  }
  if (command.link().kind() != v1::Link::CHILD_OF) return cases;
  // Cases form a tree: the parents above the new one must not hold this one.
  for (int i = 0; i < kAncestorsMax; ++i) {
    std::string parent;
    for (const v1::CaseLink& link : cases.back().message.links()) {
      if (link.kind() == v1::Link::CHILD_OF) parent = link.reference();
    }
    if (parent.empty()) return cases;
    if (const absl::Status s = load(parent); !s.ok()) return s;
    if (cases.back().message.id() == cases.front().message.id()) return cases;
  }
  return MakeError(v1::ErrorInfo::LIMIT_EXCEEDED,
                   absl::StrCat("link: more than ", kAncestorsMax,
                                " parents above; link to one nearer the top"));
}

absl::StatusOr<Prepared> Engine::Impl::Prepare(const Actor& actor,
                                               const v1::Command& command,
                                               Batch* batch) {
  auto policy = policies_.Current(actor.tenant, Now());
  if (!policy.ok()) return policy.status();
  auto cases = LoadNamed(policy->policy, actor, command, batch);
  if (!cases.ok()) return cases.status();
  int64_t newest = 0;
  for (const LoadedCase& loaded : *cases) {
    newest = std::max(newest, loaded.message.policy_version());
  }
  if (newest > policy->version) {
    policy = policies_.Current(actor.tenant, Now(), newest);
    if (!policy.ok()) return policy.status();
  }
  return PrepareJudged(*policy, actor, command, *std::move(cases), false);
}

absl::StatusOr<Prepared> Engine::Impl::PrepareJudged(
    const internal::PolicyInForce& policy, const Actor& actor,
    const v1::Command& command, std::vector<LoadedCase> cases, bool trusted) {
  std::vector<v1::Case> messages;
  messages.reserve(cases.size());
  Moment moment;
  moment.now = Now();
  for (LoadedCase& loaded : cases) {
    messages.push_back(std::move(loaded.message));
    // A clock that stepped back never takes a case's time back.
    moment.now =
        std::max(moment.now, FromTimestamp(messages.back().updated_at()));
  }
  if (!trusted) {
    const absl::Status allowed = Admit(policy.policy, actor, command, messages);
    if (!allowed.ok()) return allowed;
  }
  moment.actor = actor;
  moment.random = entropy_->Bytes(kDiceBytes);
  if (const absl::Status s = AddEras(actor.tenant, policy, messages, &moment);
      !s.ok()) {
    return s;
  }
  const v1::Case* on = messages.empty() ? nullptr : &messages.front();
  moment.may_import = trusted || May(policy.policy, actor, v1::IMPORT, on);
  moment.may_date_back =
      moment.may_import || May(policy.policy, actor, v1::LATE_FACT, on);
  const std::span<v1::Case> named = messages;
  auto judgement = internal::JudgeTaking(
      policy.policy, named.empty() ? nullptr : &named.front(),
      named.empty() ? named : named.subspan(1), command, moment);
  if (!judgement.ok()) return judgement.status();

  Prepared prepared;
  const v1::Case& after = judgement->changes.front().after;
  if (after.has_next_at()) prepared.next = FromTimestamp(after.next_at());
  prepared.attempt = moment.random.substr(96, 16);
  prepared.drew_reference =
      command.has_split() ||
      (command.has_open() && command.open().reference().empty());
  for (size_t i = 0; i < judgement->changes.size(); ++i) {
    CaseChangePlan& plan = judgement->changes[i];
    if (plan.event.facts().empty() && command.has_tick()) continue;
    // Changes come in the order of the cases the command names.
    AddChange(plan.created ? "" : cases[i].chain, moment.now, &plan, &prepared);
  }
  if (judgement->erase) AddErasures(&prepared);
  // A tree stays one only if the parents above are still what was judged.
  for (size_t i = 2; i < cases.size(); ++i) {
    prepared.write.cases.push_back(AsItIs(messages[i]));
  }
  SetTimestamp(moment.now, prepared.receipt.mutable_recorded_at());
  if (!trusted) AddKey(actor, command, moment.now, &prepared);
  return prepared;
}

void Engine::Impl::AddKey(const Actor& actor, const v1::Command& command,
                          absl::Time now, Prepared* prepared) const {
  if (command.key().empty() || prepared->write.cases.empty()) return;
  v1::KeyBody body;
  body.set_fingerprint(internal::Sha256(internal::Deterministic(command)));
  body.set_case_id(prepared->write.cases.front().row.key.id);
  // The receipt without its facts, which stand in the event.
  v1::Receipt& receipt = prepared->receipt;
  google::protobuf::RepeatedPtrField<v1::Fact> facts;
  facts.Swap(receipt.mutable_facts());
  body.mutable_receipt()->Swap(&receipt);
  std::string payload = internal::Deterministic(body);
  body.mutable_receipt()->Swap(&receipt);
  facts.Swap(receipt.mutable_facts());
  RecordChange& change = prepared->write.records.emplace_back();
  change.record.key = KeyRecord(actor, command.key());
  change.record.version = 1;
  change.record.index[0] = SortableMs(now + kKeyKeptFor);
  change.record.payload = std::move(payload);
  change.expected_version = 0;
}

absl::StatusOr<v1::Receipt> Engine::Impl::AnswerOfKey(
    const Actor& actor, const v1::Command& command) {
  const auto records =
      store_->ReadRecords(OneRecord(KeyRecord(actor, command.key())));
  if (!records.ok()) return records.status();
  if (records->empty()) return absl::NotFoundError("");
  v1::KeyBody body;
  if (!body.ParseFromString(records->front().payload)) {
    return MakeError(v1::ErrorInfo::CORRUPT,
                     "the record of an idempotency key cannot be read");
  }
  if (body.fingerprint() !=
      internal::Sha256(internal::Deterministic(command))) {
    return MakeError(v1::ErrorInfo::KEY_REUSED,
                     absl::StrCat("key \"", command.key(),
                                  "\" was used for another command; give each "
                                  "command a key of its own"));
  }
  v1::Receipt receipt = body.receipt();
  const auto events = store_->ReadEvents(
      EventsOf({actor.tenant, body.case_id()}, receipt.version() - 1, 1));
  if (!events.ok()) return events.status();
  if (!events->rows.empty()) {
    const auto event = internal::FromRow(events->rows.front());
    if (!event.ok()) return event.status();
    *receipt.mutable_facts() = event->facts();
  }
  receipt.set_repeated_key(true);
  return receipt;
}

absl::StatusOr<v1::Receipt> Engine::Impl::Execute(const Actor& actor,
                                                  const v1::Command& command) {
  absl::Status last = CheckActor(actor);
  int judged = 0;
  while (last.ok() && judged <= limits::kJudgeAgainMax) {
    ++judged;
    Batch alone;
    auto prepared = Prepare(actor, command, &alone);
    if (!prepared.ok()) {
      last = prepared.status();
      break;
    }
    if (prepared->write.cases.empty()) return prepared->receipt;  // Tick
    const absl::Status verdict = group_.Commit({&prepared->write, 1}).front();
    if (verdict.ok()) {
      if (options_.observer != nullptr) {
        options_.observer->OnCommand(actor.tenant, VerbOf(command), verdict,
                                     judged);
      }
      return std::move(prepared->receipt);
    }
    const v1::ErrorInfo::Reason reason = ReasonOf(verdict);
    const bool again = (reason == v1::ErrorInfo::VERSION_CONFLICT &&
                        !command.has_expected_version()) ||
                       (prepared->drew_reference && IsOfItsReference(verdict));
    if (!again || judged > limits::kJudgeAgainMax) {
      last = verdict;
      break;
    }
    if (command.key().empty()) continue;
    // It may have moved because this very command came in twice.
    auto answer = AnswerOfKey(actor, command);
    if (!absl::IsNotFound(answer.status())) return answer;
  }
  // Refused: perhaps because it has been done already.
  if (!command.key().empty() && !actor.tenant.empty()) {
    auto answer = AnswerOfKey(actor, command);
    if (answer.ok() || ReasonOf(answer.status()) == v1::ErrorInfo::KEY_REUSED) {
      return answer;
    }
  }
  if (options_.observer != nullptr) {
    options_.observer->OnCommand(actor.tenant, VerbOf(command), last, judged);
  }
  return last;
}

std::vector<absl::StatusOr<v1::Receipt>> Engine::Impl::ExecuteBatch(
    const Actor& actor, std::span<const v1::Command> commands) {
  std::vector<absl::StatusOr<v1::Receipt>> answers;
  answers.reserve(commands.size());
  if (commands.size() > limits::kBatchCommandsMax) {
    answers.assign(commands.size(),
                   MakeError(v1::ErrorInfo::LIMIT_EXCEEDED,
                             absl::StrCat("at most ", limits::kBatchCommandsMax,
                                          " commands a batch")));
    return answers;
  }
  if (const absl::Status bad = CheckActor(actor); !bad.ok()) {
    answers.assign(commands.size(), bad);
    return answers;
  }
  Batch batch;
  ReadAhead(actor.tenant, commands, &batch);
  batch.writes.reserve(commands.size());
  batch.places.reserve(commands.size());
  for (const v1::Command& command : commands) {
    batch.rests = false;
    auto prepared = Prepare(actor, command, &batch);
    // A case that is opened earlier in the batch is not there yet.
    const bool missing =
        ReasonOf(prepared.status()) == v1::ErrorInfo::CASE_NOT_FOUND;
    if (batch.rests || (missing && !batch.writes.empty())) {
      CommitBatch(actor, commands, &batch, &answers);
      prepared = Prepare(actor, command, &batch);
    }
    if (!prepared.ok()) {
      answers.push_back(prepared.status());
      continue;
    }
    answers.push_back(std::move(prepared->receipt));
    if (prepared->write.cases.empty()) continue;
    for (const CaseChange& change : prepared->write.cases) {
      batch.changed.insert(change.row.reference);
    }
    batch.places.push_back(answers.size() - 1);
    batch.writes.push_back(std::move(prepared->write));
  }
  CommitBatch(actor, commands, &batch, &answers);
  return answers;
}

void Engine::Impl::CommitBatch(
    const Actor& actor, std::span<const v1::Command> commands, Batch* batch,
    std::vector<absl::StatusOr<v1::Receipt>>* answers) {
  std::vector<absl::Status> verdicts;
  if (!batch->writes.empty()) verdicts = group_.Commit(batch->writes);
  for (size_t i = 0; i < verdicts.size(); ++i) {
    if (!verdicts[i].ok()) (*answers)[batch->places[i]] = verdicts[i];
  }
  for (const std::string& reference : batch->changed) {
    batch->read.erase(reference);
  }
  batch->changed.clear();
  batch->writes.clear();
  batch->places.clear();
  // What did not go through goes alone, before what comes after it.
  for (; batch->settled < answers->size(); ++batch->settled) {
    auto& answer = (*answers)[batch->settled];
    const v1::Command& command = commands[batch->settled];
    const v1::ErrorInfo::Reason reason = ReasonOf(answer.status());
    const bool worth_it = reason == v1::ErrorInfo::VERSION_CONFLICT ||
                          reason == v1::ErrorInfo::DUPLICATE_REFERENCE ||
                          !command.key().empty();
    if (!answer.ok() && worth_it) answer = Execute(actor, command);
  }
}

absl::StatusOr<v1::Receipt> Engine::Impl::RecordContact(
    const Actor& actor, const v1::Contact& contact) {
  if (const absl::Status bad = CheckActor(actor); !bad.ok()) return bad;
  const absl::Time now = Now();
  const auto policy = policies_.Current(actor.tenant, now);
  if (!policy.ok()) return policy.status();
  if (!May(policy->policy, actor, v1::RECORD_CONTACT, nullptr)) {
    return MakeError(v1::ErrorInfo::PERMISSION_DENIED,
                     "recording a contact needs RECORD_CONTACT");
  }
  Problems problems;
  internal::CheckForm(contact, policy->policy.spec().limits(), "", &problems);
  if (contact.kind() == v1::Contact::KIND_UNSPECIFIED) {
    problems.Add("kind", "is required", "what kind of contact was it?");
  }
  if (!contact.category().empty() &&
      policy->policy.taxonomy().Find(contact.category()) == nullptr) {
    const std::string near =
        policy->policy.taxonomy().Nearest(contact.category());
    problems.Add(
        "category",
        absl::StrCat("there is no category \"", contact.category(), "\""),
        near.empty() ? "see the policy's taxonomy"
                     : absl::StrCat("did you mean \"", near, "\"?"));
  }
  if (contact.seconds() < 0) {
    problems.Add("seconds", "is negative", "how long it lasted");
  }
  if (!problems.empty()) {
    return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "contact");
  }
  // The same call of the same telephone system is the same contact.
  const bool has_own_id = !contact.external_id().empty();
  v1::Contact body = contact;
  body.set_id(has_own_id ? internal::Sha256Parts({contact.external_system(),
                                                  contact.external_id()})
                               .substr(0, 16)
                         : MakeUuidV7(now, entropy_->Bytes(10)));
  if (!body.has_at()) SetTimestamp(now, body.mutable_at());
  RecordChange change;
  if (body.has_person() || !body.note().empty()) {
    v1::Contact sealed;
    if (body.has_person()) *sealed.mutable_person() = body.person();
    sealed.set_note(body.note());
    change.record.sealed = internal::Deterministic(sealed);
    body.clear_person();
    body.clear_note();
  }
  change.record.key = {actor.tenant, "contact", body.id()};
  change.record.version = 1;
  change.record.index[0] = SortableMs(FromTimestamp(body.at()));
  change.record.payload = internal::Deterministic(body);
  change.expected_version = 0;
  Write write;
  write.records.push_back(std::move(change));
  const absl::Status verdict = group_.Commit({&write, 1}).front();
  v1::Receipt receipt;
  receipt.set_contact(body.id());
  SetTimestamp(now, receipt.mutable_recorded_at());
  if (ReasonOf(verdict) == v1::ErrorInfo::VERSION_CONFLICT && has_own_id) {
    receipt.set_repeated_key(true);
    return receipt;
  }
  if (!verdict.ok()) return verdict;
  return receipt;
}

}  // namespace hotline
