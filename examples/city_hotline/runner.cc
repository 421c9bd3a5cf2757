#include "runner.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/judge.h"
#include "hotline/limits.h"

namespace city {
namespace {

namespace v1 = hotline::v1;

// What happens within this long is done together, at the last one's instant,
// and this often a worker looks for timers. Each is recorded with its own
// instant, however late one looks: the library promises it, and a look for
// every single timer would cost a transaction each.
constexpr absl::Duration kTogether = absl::Minutes(2);
constexpr size_t kTogetherMax = 400;
// How much is done between two lines of progress. The keys by which a repeated
// command is known are kept for seven days of simulated time.
constexpr size_t kStepsPerProgress = 2'000;
constexpr absl::Duration kTimePerProgress = absl::Hours(6);
// Timers later than this after the last step are left.
constexpr absl::Duration kAftermath = absl::Hours(24 * 60);
constexpr absl::Duration kLookAgain = absl::Minutes(5);
constexpr absl::Duration kLookBudget = absl::Seconds(5);

hotline::Actor Admin() {
  return {.tenant = kTenant, .id = "city_hotline", .roles = {kAdminRole}};
}

// What a caller must not go on after.
bool IsFatal(const absl::Status& status) {
  switch (hotline::ReasonOf(status)) {
    case v1::ErrorInfo::STORE_BUSY:
    case v1::ErrorInfo::STORE_FAILED:
    case v1::ErrorInfo::STORE_CONTENDED:
    case v1::ErrorInfo::STORAGE_FULL:
    case v1::ErrorInfo::OUTCOME_UNKNOWN:
    case v1::ErrorInfo::CORRUPT:
    case v1::ErrorInfo::NO_POLICY:
      return true;
    default:
      return false;
  }
}

}  // namespace

Runner::Runner(hotline::Engine* engine, hotline::SimulatedClock* clock,
               const Script* script, RunnerOptions options)
    : engine_(engine),
      clock_(clock),
      script_(script),
      options_(std::move(options)),
      crew_(options_.hands),
      references_(script->calls().size()) {}

absl::StatusOr<RunCounts> Runner::Run() {
  if (absl::Status read = ReadProgress(); !read.ok()) return read;
  const auto began = std::chrono::steady_clock::now();
  const std::vector<Step>& steps = script_->steps();
  size_t first = start_;
  size_t written = first;
  if (start_at_ != absl::InfinitePast()) clock_->SetTime(start_at_);
  absl::Time written_at = start_at_;
  while (first < steps.size()) {
    std::vector<Batch> batches;
    const size_t end = GroupFrom(first, &batches);
    const absl::Time now = steps[end - 1].at;
    if (absl::Status fired = FireUntil(now); !fired.ok()) return fired;
    clock_->SetTime(now);
    if (absl::Status done = DoGroup(batches); !done.ok()) {
      return done;
    }
    if (absl::Status looked = LookNow(); !looked.ok()) return looked;
    first = end;
    if (first - written >= kStepsPerProgress ||
        now - written_at >= kTimePerProgress) {
      if (absl::Status kept = WriteProgress(now); !kept.ok()) return kept;
      written = start_ = first;
      written_at = now;
    }
    if (options_.on_progress) {
      options_.on_progress(static_cast<double>(first) /
                           static_cast<double>(steps.size()));
    }
  }
  start_ = first;
  if (!steps.empty()) {
    const absl::Time last = steps.back().at;
    if (absl::Status kept = WriteProgress(last); !kept.ok()) return kept;
    if (absl::Status fired = FireUntil(last + kAftermath); !fired.ok()) {
      return fired;
    }
  }
  counts_.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began)
          .count();
  return counts_;
}

// Timers until `until`, looked at every two minutes. What falls due shortly
// before it waits for the look that follows the group.
absl::Status Runner::FireUntil(absl::Time until) {
  while (true) {
    const absl::Time due = std::max(next_due_, clock_->TimeNow());
    const absl::Time look =
        absl::UnixEpoch() + absl::Ceil(due - absl::UnixEpoch(), kTogether);
    if (look + kTogether > until) return absl::OkStatus();
    clock_->SetTime(look);
    if (absl::Status looked = LookNow(); !looked.ok()) return looked;
  }
}

absl::Status Runner::LookNow() {
  const absl::Time now = clock_->TimeNow();
  do {
    auto report = engine_->RunDue(kLookBudget);
    if (!report.ok()) return report.status();
    counts_.timers += report->fired;
    counts_.sent += report->sent;
    const bool idle = report->looked == 0 && report->sent == 0 &&
                      report->failed == 0 && report->swept == 0;
    next_due_ = report->next;
    // Something is due and nothing could be done about it now: a delivery that
    // no notifier serves. A later look sees it again.
    if (idle && next_due_ <= now) next_due_ = now + kLookAgain;
  } while (next_due_ <= now);
  return absl::OkStatus();
}

// The steps from `first` on that are done together: within a few seconds, and
// no case twice.
size_t Runner::GroupFrom(size_t first, std::vector<Batch>* batches) const {
  const std::vector<Step>& steps = script_->steps();
  std::set<int> touched;
  std::map<std::string, size_t> by_actor;
  size_t end = first;
  for (; end < steps.size() && end - first < kTogetherMax; ++end) {
    const Step& step = steps[end];
    if (step.at > steps[first].at + kTogether) break;
    if (!touched.insert(step.target).second) break;
    if (step.verb == v1::MERGE && !touched.insert(step.argument).second) break;
    hotline::Actor actor = script_->ActorOf(step);
    const auto [found, fresh] = by_actor.emplace(actor.id, batches->size());
    if (fresh) batches->push_back({std::move(actor), {}});
    (*batches)[found->second].steps.push_back(&step);
  }
  return end;
}

absl::Status Runner::DoGroup(const std::vector<Batch>& batches) {
  crew_.Do(static_cast<int>(batches.size()),
           [&](int i) { DoBatch(batches[static_cast<size_t>(i)]); });
  return failed_;
}

void Runner::DoBatch(const Batch& batch) {
  std::vector<v1::Command> commands;
  std::vector<const Step*> done;
  for (const Step* step : batch.steps) {
    if (step->verb == v1::VERB_UNSPECIFIED) continue;  // a contact, no command
    auto command = Prepare(*step);
    if (!command.ok()) return Fail(command.status());
    commands.push_back(*std::move(command));
    done.push_back(step);
  }
  std::vector<absl::StatusOr<v1::Receipt>> receipts;
  if (commands.size() == 1) {
    receipts.push_back(engine_->Execute(batch.actor, commands[0]));
  } else if (!commands.empty()) {
    receipts = engine_->ExecuteBatch(batch.actor, commands);
  }
  std::string acks;
  for (size_t i = 0; i < receipts.size(); ++i) {
    Answered(*done[i], receipts[i], &acks);
  }
  Acknowledge(acks);
  for (const Step* step : batch.steps) {
    if (step->number == 0) RecordContact(step->call);
  }
}

absl::StatusOr<v1::Command> Runner::Prepare(const Step& step) {
  v1::Command command = script_->CommandOf(step);
  if (step.verb == v1::OPEN) return command;
  auto reference = ReferenceOf(step.target);
  if (!reference.ok()) return reference.status();
  command.set_reference(*reference);
  if (step.verb == v1::MERGE) {
    auto into = ReferenceOf(step.argument);
    if (!into.ok()) return into.status();
    command.mutable_merge()->set_into(*into);
  }
  return command;
}

// From this run's receipts, or from the store if an earlier run opened it.
absl::StatusOr<std::string> Runner::ReferenceOf(int call) {
  std::string& known = references_[static_cast<size_t>(call)];
  if (!known.empty()) return known;
  v1::Query query;
  query.mutable_external()->set_system(kSystem);
  query.mutable_external()->set_id(script_->ExternalIdOf(call));
  auto page = engine_->Find(Admin(), query);
  if (!page.ok()) return page.status();
  if (page->cases_size() != 1) {
    return hotline::MakeError(
        v1::ErrorInfo::CASE_NOT_FOUND,
        absl::StrCat("case ", script_->ExternalIdOf(call),
                     " is not in the store: it is not this run's"));
  }
  return known = page->cases(0).reference();
}

void Runner::RecordContact(int call) {
  v1::Contact contact = script_->ContactOf(call);
  const Call& ended = script_->calls()[static_cast<size_t>(call)];
  if (ended.opens || ended.about >= 0) {
    auto reference = ReferenceOf(ended.opens ? call : ended.about);
    if (!reference.ok()) return Fail(reference.status());
    contact.add_references(*reference);
  }
  const hotline::Actor agent{
      .tenant = kTenant, .id = contact.agent(), .roles = {kAgentRole}};
  auto receipt = engine_->RecordContact(agent, contact);
  if (!receipt.ok()) return Fail(receipt.status());
  Acknowledge(absl::StrCat(script_->ExternalIdOf(call), "-contact\t-\t",
                           absl::BytesToHexString(receipt->contact()), "\n"));
  std::lock_guard<std::mutex> lock(mutex_);
  ++counts_.commands;
  ++counts_.contacts;
  if (receipt->repeated_key()) ++counts_.repeated;
}

void Runner::Answered(const Step& step,
                      const absl::StatusOr<v1::Receipt>& receipt,
                      std::string* acks) {
  std::lock_guard<std::mutex> lock(mutex_);
  ++counts_.commands;
  if (receipt.ok()) {
    if (receipt->repeated_key()) ++counts_.repeated;
    if (step.verb == v1::OPEN) {
      references_[static_cast<size_t>(step.target)] = receipt->reference();
    }
    absl::StrAppend(acks, script_->KeyOf(step), "\t", receipt->reference(),
                    "\t", receipt->version(), "\n");
    return;
  }
  if (IsFatal(receipt.status())) {
    if (failed_.ok()) failed_ = receipt.status();
    return;
  }
  const std::string what = absl::StrCat(
      hotline::VerbName(step.verb), ": ",
      v1::ErrorInfo::Reason_Name(hotline::ReasonOf(receipt.status())));
  ++counts_.refused[what];
  if (counts_.first_refusal.empty()) {
    counts_.first_refusal = absl::StrCat(
        script_->KeyOf(step), ": ", std::string(receipt.status().message()));
  }
}

void Runner::Acknowledge(const std::string& lines) {
  if (options_.acks_fd < 0 || lines.empty()) return;
  // One write of one buffer to a file opened for appending: lines of several
  // threads do not mix.
  if (write(options_.acks_fd, lines.data(), lines.size()) !=
      static_cast<ssize_t>(lines.size())) {
    Fail(hotline::MakeError(v1::ErrorInfo::STORE_FAILED,
                            "the acknowledgements cannot be written"));
  }
}

void Runner::Fail(const absl::Status& status) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (failed_.ok()) failed_ = status;
}

absl::Status Runner::ReadProgress() {
  std::ifstream file(options_.progress_path);
  if (options_.progress_path.empty() || !file) return absl::OkStatus();
  std::string identity;
  int64_t now_ms = 0;
  std::getline(file, identity);
  if (!(file >> start_ >> now_ms) || start_ > script_->steps().size()) {
    return hotline::MakeError(
        v1::ErrorInfo::INVALID_ARGUMENT,
        absl::StrCat(options_.progress_path,
                     " is no progress of this program; remove store and "
                     "progress to begin anew"));
  }
  if (identity != options_.identity) {
    return hotline::MakeError(
        v1::ErrorInfo::INVALID_ARGUMENT,
        absl::StrCat(options_.progress_path, " is of another run: it says \"",
                     identity, "\", this one is \"", options_.identity, "\""));
  }
  start_at_ = absl::FromUnixMillis(now_ms);
  return absl::OkStatus();
}

absl::Status Runner::WriteProgress(absl::Time now) {
  if (options_.progress_path.empty()) return absl::OkStatus();
  const std::string fresh = options_.progress_path + ".new";
  const std::string text = absl::StrCat(options_.identity, "\n", start_, " ",
                                        absl::ToUnixMillis(now), "\n");
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  bool ok = fd >= 0 && write(fd, text.data(), text.size()) ==
                           static_cast<ssize_t>(text.size());
  ok = ok && fdatasync(fd) == 0;
  if (fd >= 0) ok = close(fd) == 0 && ok;
  ok = ok && std::rename(fresh.c_str(), options_.progress_path.c_str()) == 0;
  if (ok) return absl::OkStatus();
  return hotline::MakeError(
      v1::ErrorInfo::STORE_FAILED,
      absl::StrCat(options_.progress_path, " cannot be written"));
}

}  // namespace city
