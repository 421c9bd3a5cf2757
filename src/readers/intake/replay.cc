// The replay: plans every row, sorts the steps by their instants, moves the
// clock along them and counts what came of it.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/intake.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/intake/planner.h"

namespace hotline {
namespace {

using internal::PlannedRow;
using internal::PlannedStep;

// A planned row with its file and what became of it.
struct Entry {
  PlannedRow plan;
  std::string file;
  std::string reference;  // of its case, once open
  bool refused = false;
  int64_t merge_into = -1;  // the entry whose key it repeats
};

// One thing to do: entry, and which of its steps; -1 is its contact.
struct Task {
  absl::Time at;
  size_t entry = 0;
  int step = 0;
};

// The store's own failures end a replay; all else is a row's affair.
bool EndsReplay(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case v1::ErrorInfo::OUTCOME_UNKNOWN:
    case v1::ErrorInfo::STORAGE_FULL:
    case v1::ErrorInfo::STORE_BUSY:
    case v1::ErrorInfo::STORE_FAILED:
    case v1::ErrorInfo::STORE_CONTENDED:
    case v1::ErrorInfo::CORRUPT:
    case v1::ErrorInfo::SCHEMA_NEWER:
    case v1::ErrorInfo::NOT_A_STORE:
    case v1::ErrorInfo::NO_POLICY:
    case v1::ErrorInfo::REASON_UNSPECIFIED:
      return true;
    default:
      return false;
  }
}

std::string ReasonWord(const absl::Status& status) {
  return absl::AsciiStrToLower(v1::ErrorInfo::Reason_Name(ReasonOf(status)));
}

class Replay {
 public:
  Replay(Engine* engine, SimulatedClock* clock, const Policy& policy,
         const v1::ImportMap& map, const ReplayOptions& options)
      : engine_(engine),
        clock_(clock),
        policy_(policy),
        map_(map),
        options_(options),
        planner_(policy, map) {}

  absl::StatusOr<ReplaySummary> Run(const std::vector<ImportFile>& files) {
    for (const ImportFile& file : files)
      if (absl::Status read = Read(file); !read.ok()) return read;
    SortTasks();
    if (absl::Status adopted = Adopt(); !adopted.ok()) return adopted;
    if (absl::Status done = DoTasks(); !done.ok()) return done;
    if (absl::Status fired = FireUntil(AsOf()); !fired.ok()) return fired;
    clock_->SetTime(AsOf());
    summary_.as_of = AsOf();
    if (absl::Status counted = CountCases(); !counted.ok()) return counted;
    return summary_;
  }

 private:
  absl::Status Read(const ImportFile& file) {
    ImportRow row;
    while (true) {
      const absl::StatusOr<bool> more = file.rows->Next(&row);
      if (!more.ok())
        return MakeError(
            v1::ErrorInfo::INVALID_ARGUMENT,
            absl::StrCat(file.name, ": ", more.status().message()));
      if (summary_.rows == 0 || row.number <= 1) {
        if (absl::Status fits = CheckHeader(file); !fits.ok()) return fits;
      }
      if (!*more) return absl::OkStatus();
      ++summary_.rows;
      auto planned = planner_.Plan(row);
      if (auto* refused = std::get_if<RefusedRow>(&planned))
        Refuse(std::move(*refused), file.name);
      else
        Enter(std::get<PlannedRow>(std::move(planned)), file.name);
    }
  }

  // A file without the columns every row needs is the wrong file.
  absl::Status CheckHeader(const ImportFile& file) const {
    const std::vector<std::string>* columns = file.rows->columns();
    if (columns == nullptr) return absl::OkStatus();
    const auto has = [columns](const v1::ImportColumn& column) {
      for (const auto& name : column.name())
        if (std::find(columns->begin(), columns->end(), name) != columns->end())
          return true;
      return false;
    };
    for (const v1::ImportColumn* needed :
         {&map_.key(), &map_.opened().column()}) {
      if (has(*needed)) continue;
      const std::string& name = needed->name(0);
      const std::string near = Nearest(name, *columns);
      return MakeError(
          v1::ErrorInfo::INVALID_ARGUMENT,
          absl::StrCat(file.name, ": has no column \"", name, "\"",
                       near.empty() ? "" : "; the nearest is \"" + near + "\"",
                       "; is it the export this map is for?"));
    }
    return absl::OkStatus();
  }

  void Refuse(RefusedRow refused, const std::string& file) {
    refused.file = file;
    ++summary_.refused;
    ++summary_.refusals[refused.reason];
    if (options_.refused) options_.refused(refused);
  }

  void RefuseEntry(Entry* entry, std::string_view field,
                   std::string_view reason, std::string_view detail) {
    entry->refused = true;
    Refuse({.file = {},
            .row = entry->plan.row,
            .line = entry->plan.line,
            .key = entry->plan.key,
            .field = std::string(field),
            .reason = std::string(reason),
            .detail = std::string(detail)},
           entry->file);
  }

  void Enter(PlannedRow plan, const std::string& file) {
    Entry entry{.plan = std::move(plan), .file = file};
    const auto [first, fresh] =
        by_key_.try_emplace(entry.plan.key, entries_.size());
    if (!fresh) {
      const Entry& before = entries_[first->second];
      if (map_.repeated_key() != v1::ImportMap::MERGE_REPEATED ||
          entry.plan.contact.has_value() || before.plan.contact.has_value()) {
        RefuseEntry(&entry, "key", "repeated_key",
                    absl::StrCat("row ", before.plan.row, " of ", before.file,
                                 " has this key"));
        return;
      }
      MakeMerged(&entry, first->second);
    }
    entries_.push_back(std::move(entry));
  }

  // A repeated key's row opens a case `KEY#2` that goes into the first.
  void MakeMerged(Entry* entry, size_t first) {
    entry->merge_into = static_cast<int64_t>(first);
    PlannedRow& plan = entry->plan;
    plan.steps.resize(1);
    v1::Open* open = plan.steps.front().command.mutable_open();
    open->mutable_external()->set_id(
        absl::StrCat(plan.key, "#", ++repeats_[plan.key] + 1));
    PlannedStep merge{.at = std::max(plan.steps.front().at,
                                     entries_[first].plan.steps.front().at),
                      .command = {}};
    merge.command.mutable_merge();
    plan.steps.push_back(std::move(merge));
    plan.remarks.push_back("key: repeated, merged into the first");
  }

  void SortTasks() {
    for (size_t i = 0; i < entries_.size(); ++i) {
      const PlannedRow& plan = entries_[i].plan;
      if (plan.contact.has_value())
        tasks_.push_back({internal::FromTimestamp(plan.contact->at()), i, -1});
      for (size_t j = 0; j < plan.steps.size(); ++j)
        tasks_.push_back({plan.steps[j].at, i, static_cast<int>(j)});
    }
    // Rows of one instant keep their order, steps of a row theirs.
    std::stable_sort(tasks_.begin(), tasks_.end(),
                     [](const Task& a, const Task& b) { return a.at < b.at; });
  }

  absl::Status Adopt() {
    if (!tasks_.empty()) clock_->SetTime(tasks_.front().at);
    int64_t version = 0;
    const absl::StatusOr<Policy> current =
        engine_->CurrentPolicy(options_.actor, &version);
    if (current.ok()) {
      if (current->fingerprint() == policy_.fingerprint())
        return absl::OkStatus();
      return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                       "the store is under another policy, \"" +
                           current->spec().id() +
                           "\"; import under that one, or adopt this one "
                           "first");
    }
    if (ReasonOf(current.status()) != v1::ErrorInfo::NO_POLICY)
      return current.status();
    return engine_->Adopt(options_.actor, policy_, 0).status();
  }

  absl::Status DoTasks() {
    const size_t stride = std::max<size_t>(1, tasks_.size() / 100);
    for (size_t i = 0; i < tasks_.size(); ++i) {
      const Task& task = tasks_[i];
      if (absl::Status fired = FireUntil(task.at); !fired.ok()) return fired;
      clock_->SetTime(task.at);
      Entry& entry = entries_[task.entry];
      if (entry.refused) continue;
      const absl::Status done =
          task.step < 0 ? RecordContact(&entry) : DoStep(&entry, task.step);
      if (!done.ok()) return done;
      if (options_.progress && (i % stride == 0 || i + 1 == tasks_.size()))
        options_.progress(static_cast<int64_t>(i + 1),
                          static_cast<int64_t>(tasks_.size()));
    }
    return absl::OkStatus();
  }

  // Fires what falls due up to `until`, each at its own instant.
  absl::Status FireUntil(absl::Time until) {
    while (clock_->TimeNow() < until) {
      const absl::StatusOr<DueReport> due = engine_->RunDue(absl::Minutes(1));
      if (!due.ok()) return due.status();
      if (due->next > until || due->stuck) return absl::OkStatus();
      if (due->next <= clock_->TimeNow()) {
        // Something waits that this call did nothing about.
        if (due->fired + due->sent + due->failed + due->swept == 0)
          return absl::OkStatus();
        continue;
      }
      clock_->SetTime(due->next);
    }
    return absl::OkStatus();
  }

  absl::Status RecordContact(Entry* entry) {
    const auto receipt =
        engine_->RecordContact(options_.actor, *entry->plan.contact);
    if (!receipt.ok()) return RowFailed(entry, receipt.status());
    ++summary_.contacts;
    Count(*entry);
    return absl::OkStatus();
  }

  absl::Status DoStep(Entry* entry, int index) {
    v1::Command& command = entry->plan.steps[index].command;
    if (index > 0) command.set_reference(entry->reference);
    if (command.has_merge())
      command.mutable_merge()->set_into(entries_[entry->merge_into].reference);
    const auto receipt = engine_->Execute(options_.actor, command);
    if (!receipt.ok()) {
      if (index == 0 || EndsReplay(receipt.status()))
        return RowFailed(entry, receipt.status());
      // The case stands; what could not be done to it is said.
      ++summary_
            .remarks[absl::StrCat("step refused: ", VerbName(VerbOf(command)),
                                  ": ", ReasonWord(receipt.status()))];
      return absl::OkStatus();
    }
    if (index == 0) {
      entry->reference = receipt->reference();
      ++summary_.cases;
      Count(*entry);
    }
    if (command.has_merge()) ++summary_.merged;
    return absl::OkStatus();
  }

  void Count(const Entry& entry) {
    for (const std::string& remark : entry.plan.remarks)
      ++summary_.remarks[remark];
  }

  absl::Status RowFailed(Entry* entry, const absl::Status& status) {
    if (EndsReplay(status)) return status;
    const v1::ErrorInfo info = InfoOf(status);
    RefuseEntry(entry,
                info.problems().empty() ? "row" : info.problems(0).path(),
                ReasonWord(status), internal::ToStd(status.message()));
    return absl::OkStatus();
  }

  absl::Time AsOf() const {
    const auto exported = internal::ParseRfc3339(map_.exported_at());
    absl::Time latest = clock_->TimeNow();
    for (const Entry& entry : entries_)
      latest = std::max(latest, entry.plan.latest);
    return exported.ok() ? std::max(latest, *exported) : latest;
  }

  absl::Status CountCases() {
    for (const Entry& entry : entries_) {
      if (entry.refused || entry.reference.empty()) continue;
      absl::StatusOr<v1::Case> found =
          engine_->Get(options_.actor, entry.reference);
      if (!found.ok()) return found.status();
      for (const v1::ClockState& clock : found->clocks()) CountClock(clock);
      CompareDue(entry.plan, *found);
      if (options_.replayed)
        options_.replayed({.file = entry.file,
                           .row = entry.plan.row,
                           .source_id = entry.plan.key,
                           .found = *std::move(found)});
    }
    return absl::OkStatus();
  }

  void CountClock(const v1::ClockState& clock) {
    ReplaySummary::Clock& count = summary_.clocks[clock.clock()];
    if (clock.state() == v1::ClockState::CANCELLED)
      ++count.cancelled;
    else if (clock.breached())
      ++count.breached;
    else if (clock.state() == v1::ClockState::STOPPED)
      ++count.met;
    else
      ++count.running;
  }

  // The export's due instant and verdict beside those of the shown clock. A
  // verdict on a row for which the export states no due instant, though it has
  // a column for it, is a verdict on nothing.
  void CompareDue(const PlannedRow& plan, const v1::Case& found) {
    const bool states_due = !map_.due().time().column().name().empty();
    for (const v1::ClockState& clock : found.clocks()) {
      if (!clock.shown() || !clock.has_due()) continue;
      if (states_due && !plan.stated_due.has_value()) {
        ++summary_.remarks["due: the export states none, the policy has one"];
        continue;
      }
      if (plan.stated_due.has_value()) {
        ++summary_.due.compared;
        const absl::Duration apart =
            *plan.stated_due - internal::FromTimestamp(clock.due());
        if (absl::AbsDuration(apart) <= planner_.tolerance())
          ++summary_.due.agree;
      }
      if (plan.stated_broken.has_value()) {
        ++summary_.due.verdicts;
        if (*plan.stated_broken == clock.breached())
          ++summary_.due.verdicts_agree;
      }
    }
  }

  Engine* const engine_;
  SimulatedClock* const clock_;
  const Policy& policy_;
  const v1::ImportMap& map_;
  const ReplayOptions& options_;
  const internal::RowPlanner planner_;
  ReplaySummary summary_;
  std::vector<Entry> entries_;
  std::vector<Task> tasks_;
  absl::flat_hash_map<std::string, size_t> by_key_;
  absl::flat_hash_map<std::string, int> repeats_;
};

}  // namespace

absl::StatusOr<ReplaySummary> ReplayRows(Engine* engine, SimulatedClock* clock,
                                         const Policy& policy,
                                         const v1::ImportMap& map,
                                         const std::vector<ImportFile>& files,
                                         const ReplayOptions& options) {
  if (absl::Status fits = CheckImportMap(policy, map); !fits.ok()) return fits;
  return Replay(engine, clock, policy, map, options).Run(files);
}

}  // namespace hotline
