#include "hotline/store_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hotline/error.h"
#include "hotline/ids.h"
#include "hotline/judge.h"
#include "hotline/limits.h"
#include "hotline/policy.h"
#include "src/base/absl_bridge.h"
#include "src/base/crypto.h"
#include "src/base/time.h"
#include "src/engine/case_rows.h"
#include "src/readers/inspect/json.h"

namespace hotline {
namespace {

constexpr int kPage = 500;

class Checker {
 public:
  Checker(Store* store, const StoreCheckOptions& options)
      : store_(store), options_(options) {}

  absl::Status Tenant(const std::string& tenant);
  StoreReport Take() { return std::move(report_); }

 private:
  absl::Status Policies(const std::string& tenant);
  absl::Status Cases(const std::string& tenant);
  absl::Status OneCase(const CaseRow& row);
  absl::Status Log(const CaseRow& row, v1::Case* folded, std::string* chain,
                   int64_t* version);
  void OneEvent(const EventRow& row, const std::string& where, v1::Case* folded,
                std::string* chain, int64_t* version);
  void Snapshot(const CaseRow& row, const v1::Case& folded,
                const std::string& where);
  void Columns(const CaseRow& row, const v1::Case& message,
               const std::string& where);
  void Sealed(const CaseRow& row, const v1::Case& message,
              const std::string& where);
  void Scan(const CaseRow& row, const v1::Case& message,
            const std::string& where);
  absl::Status Timers(const std::string& tenant);
  void Add(const std::string& path, std::string_view what,
           std::string_view hint);

  Store* const store_;
  const StoreCheckOptions& options_;
  StoreReport report_;
  std::map<CaseKey, int64_t> timers_;  // of the tenant at hand
  int64_t newest_policy_ = 0;          // of the tenant at hand
  std::optional<Policy> in_force_;     // of the tenant at hand
};

void Checker::Add(const std::string& path, std::string_view what,
                  std::string_view hint) {
  if (++report_.problems_found > static_cast<int64_t>(limits::kProblemsMax)) {
    return;
  }
  v1::Problem& problem = report_.problems.emplace_back();
  problem.set_path(path);
  problem.set_message(std::string(what));
  problem.set_hint(std::string(hint));
}

absl::Status Checker::Policies(const std::string& tenant) {
  RecordRange range;
  range.tenant = tenant;
  range.kind = "policy";
  range.limit = kPage;
  int64_t expected = 1;
  while (true) {
    const auto records = store_->ReadRecords(range);
    if (!records.ok()) return records.status();
    for (const Record& record : *records) {
      ++report_.policies;
      const std::string where = absl::StrCat(tenant, "/policy/", expected);
      if (record.key.key != absl::StrFormat("%019d", expected)) {
        Add(where, "is missing", "restore it from a copy of the store");
      }
      newest_policy_ = expected++;
      v1::AdoptedPolicy adopted;
      if (!adopted.ParseFromString(record.payload)) {
        Add(where, "cannot be read", "restore it from a copy of the store");
        continue;
      }
      absl::StatusOr<Policy> policy = Policy::Create(adopted.spec());
      in_force_.reset();
      if (policy.ok()) {
        in_force_ = *std::move(policy);
      } else {
        Add(where,
            absl::StrCat("does not compile: ",
                         std::string(policy.status().message())),
            "use a release of the library that reads it");
      }
    }
    if (static_cast<int>(records->size()) < kPage) return absl::OkStatus();
    range.from = records->back().key.key + '\0';
  }
}

void Checker::OneEvent(const EventRow& row, const std::string& where,
                       v1::Case* folded, std::string* chain, int64_t* version) {
  ++report_.events;
  if (row.version != *version + 1) {
    Add(where, absl::StrCat("event ", *version + 1, " is missing"),
        "the log must be gapless; restore the store from a copy");
  }
  *version = row.version;
  const absl::StatusOr<v1::Event> event = internal::FromRow(row);
  if (!event.ok()) {
    Add(where, absl::StrCat("event ", row.version, " cannot be read"),
        "restore the store from a copy");
    return;
  }
  if (event->previous_hash() != *chain) {
    Add(where, absl::StrCat("event ", row.version, " breaks the hash chain"),
        "it or the one before was altered");
  }
  *chain = internal::ChainOf(row.key.tenant, row.key.id, row.version,
                             event->previous_hash(), row.payload);
  if (row.sealed &&
      internal::Sha256(*row.sealed) != event->sealed_commitment()) {
    Add(where,
        absl::StrCat("the sealed body of event ", row.version,
                     " does not fit its commitment"),
        "it was altered");
  }
  Evolve(*event, folded);
}

absl::Status Checker::Log(const CaseRow& row, v1::Case* folded,
                          std::string* chain, int64_t* version) {
  const std::string where = absl::StrCat(row.key.tenant, "/", row.reference);
  while (*version < row.version) {
    const auto events = store_->ReadEvents(EventsOf(row.key, *version, kPage));
    if (!events.ok()) return events.status();
    if (events->rows.empty()) {
      Add(where,
          absl::StrCat("events ", *version + 1, " to ", row.version,
                       " are missing"),
          "restore the store from a copy");
      return absl::OkStatus();
    }
    for (const EventRow& event : events->rows) {
      if (event.version > row.version) return absl::OkStatus();
      OneEvent(event, where, folded, chain, version);
    }
  }
  return absl::OkStatus();
}

void Checker::Columns(const CaseRow& row, const v1::Case& message,
                      const std::string& where) {
  const CaseRow said = internal::ToRow(message, row.chain);
  const auto same = [&](const char* column, const auto& stored,
                        const auto& expected) {
    if (stored == expected) return;
    Add(where,
        absl::StrCat("column ", column, " says ", stored, ", the snapshot ",
                     expected),
        "indexes would not find it; store it anew by any command on the case");
  };
  same("reference", row.reference, said.reference);
  same("external_system", row.external_system, said.external_system);
  same("external_id", row.external_id, said.external_id);
  same("category", row.category, said.category);
  same("unit", row.unit, said.unit);
  same("cell", row.cell, said.cell);
  same("phase", row.phase, said.phase);
  same("open", row.open, said.open);
  same("opened_at", row.opened_at, said.opened_at);
  same("least_due", row.least_due, said.least_due);
  // A timer that was put off is later than the snapshot says, never earlier.
  // But a policy that is newer than the snapshot may have laid it anew.
  if (row.next_at < said.next_at &&
      message.policy_version() >= newest_policy_) {
    same("next_at", row.next_at, said.next_at);
  }
}

void Checker::Sealed(const CaseRow& row, const v1::Case& message,
                     const std::string& where) {
  if (message.erased()) ++report_.erased;
  if (row.sealed) {
    if (message.erased()) {
      Add(where, "is erased, but its sealed body is still there",
          "erase the person again");
    } else if (internal::Sha256(*row.sealed) != message.sealed_commitment()) {
      Add(where, "the sealed body does not fit its commitment",
          "it was altered; restore the store from a copy");
    }
  } else if (!message.sealed_commitment().empty() && !message.erased()) {
    Add(where, "the sealed body is missing, and nobody erased it",
        "restore the store from a copy");
  }
}

// Looks for what the timers would miss: it must find nothing. A case judged by
// an older policy has the sweep still before it.
void Checker::Scan(const CaseRow& row, const v1::Case& message,
                   const std::string& where) {
  if (!in_force_ || message.policy_version() != newest_policy_) return;
  const int64_t next = internal::ToMs(NextInstant(*in_force_, message));
  if (row.next_at <= next) return;
  Add(where,
      absl::StrCat("its clocks fall due at ", next, ", its timer says ",
                   row.next_at),
      "a tick failed and was put off, or the timer is wrong; any command on "
      "the case lays it anew");
}

void Checker::Snapshot(const CaseRow& row, const v1::Case& folded,
                       const std::string& where) {
  v1::Case message;
  if (!message.ParseFromString(row.payload)) {
    Add(where, "the snapshot cannot be read",
        "the events still hold it; restore the store from a copy");
    return;
  }
  Columns(row, message, where);
  Sealed(row, message, where);
  Scan(row, message, where);
  // A snapshot of an older fold is folded anew when it is next read.
  if (message.fold_version() != kFoldVersion) return;
  if (internal::CasePayload(folded) != row.payload) {
    Add(where, "folding the events does not give the snapshot",
        "the snapshot or an event was altered");
  }
}

absl::Status Checker::OneCase(const CaseRow& row) {
  v1::Case folded;
  std::string chain;
  int64_t version = 0;
  ++report_.cases;
  const std::string where = absl::StrCat(row.key.tenant, "/", row.reference);
  const int64_t found_before = report_.problems_found;
  const size_t kept_before = report_.problems.size();
  const int64_t events_before = report_.events;
  if (absl::Status s = Log(row, &folded, &chain, &version); !s.ok()) return s;
  if (version == row.version && chain != row.chain) {
    Add(where, "the newest event does not chain to the case",
        "the case or its last event was altered");
  }
  Snapshot(row, folded, where);
  if (row.next_at != kNever) timers_[row.key] = row.next_at;
  if (report_.problems_found == found_before) return absl::OkStatus();
  // It may have changed while it was read: then what was found is void.
  const auto again = store_->ReadCase(row.key, Part::kSealed);
  if (!again.ok()) return again.status();
  if (again->version == row.version) return absl::OkStatus();
  report_.problems_found = found_before;
  report_.problems.resize(kept_before);
  report_.events = events_before;
  --report_.cases;
  return OneCase(*again);
}

absl::Status Checker::Cases(const std::string& tenant) {
  Filter filter;
  filter.tenant = tenant;
  filter.limit = kPage;
  filter.sealed = true;
  do {
    auto page = store_->Find(filter);
    if (!page.ok()) return page.status();
    for (const CaseRow& row : page->rows) {
      if (absl::Status s = OneCase(row); !s.ok()) return s;
      if (options_.progress) options_.progress(report_.cases);
    }
    filter.cursor = page->next_cursor;
  } while (!filter.cursor.empty());
  return absl::OkStatus();
}

absl::Status Checker::Timers(const std::string& tenant) {
  report_.timers += static_cast<int64_t>(timers_.size());
  const std::string where = tenant + "/timers";
  DueQuery query;
  query.queue = DueQuery::kTimers;
  query.tenant = tenant;
  query.due = kNever - 1;
  query.limit = static_cast<int>(timers_.size()) + 1;
  const auto claimed = store_->Claim(query);
  if (!claimed.ok()) return claimed.status();
  for (const Claimed& timer : *claimed) {
    const auto it = timers_.find(timer.case_key);
    if (it == timers_.end()) {
      Add(where,
          absl::StrCat("a timer for ", UuidToString(timer.case_key.id),
                       ", which has none"),
          "the index of timers does not agree with the cases");
      continue;
    }
    if (it->second != timer.due_at) {
      Add(where,
          absl::StrCat("the timer of ", UuidToString(timer.case_key.id),
                       " says ", timer.due_at, ", the case ", it->second),
          "the index of timers does not agree with the cases");
    }
    timers_.erase(it);
  }
  for (const auto& [key, at] : timers_) {
    Add(where, absl::StrCat("no timer for ", UuidToString(key.id), " at ", at),
        "the index of timers does not agree with the cases");
  }
  timers_.clear();
  const absl::Status outbox =
      store_->NextDue(DueQuery::kDeliveries, tenant).status();
  // A store need not know it.
  return ReasonOf(outbox) == v1::ErrorInfo::NOT_SUPPORTED ? absl::OkStatus()
                                                          : outbox;
}

absl::Status Checker::Tenant(const std::string& tenant) {
  ++report_.tenants;
  if (absl::Status s = Policies(tenant); !s.ok()) return s;
  if (absl::Status s = Cases(tenant); !s.ok()) return s;
  return Timers(tenant);
}

}  // namespace

std::string StoreReport::ToJson() const {
  internal::Json json;
  json.Open('{').Key("ok").Bool(problems_found == 0);
  json.Key("tenants").Number(tenants).Key("policies").Number(policies);
  json.Key("cases").Number(cases).Key("events").Number(events);
  json.Key("timers").Number(timers).Key("erased").Number(erased);
  json.Key("problems_found").Number(problems_found);
  json.Key("problems").Open('[');
  for (const v1::Problem& problem : problems) {
    json.Open('{').Text("path", problem.path());
    json.Text("message", problem.message());
    json.Text("hint", problem.hint()).Close('}');
  }
  json.Close(']').Close('}');
  return json.Take();
}

absl::StatusOr<std::vector<std::string>> ListTenants(Store* store) {
  std::vector<std::string> tenants;
  RecordRange range;
  range.kind = "tenant";
  range.limit = kPage;
  while (true) {
    const auto records = store->ReadRecords(range);
    if (!records.ok()) return records.status();
    for (const Record& record : *records) tenants.push_back(record.key.key);
    if (static_cast<int>(records->size()) < kPage) return tenants;
    range.from = tenants.back() + '\0';
  }
}

absl::StatusOr<StoreReport> CheckStore(Store* store,
                                       const StoreCheckOptions& options) {
  std::vector<std::string> tenants = {options.tenant};
  if (options.tenant.empty()) {
    auto all = ListTenants(store);
    if (!all.ok()) return all.status();
    tenants = *std::move(all);
  }
  Checker checker(store, options);
  for (const std::string& tenant : tenants) {
    if (absl::Status s = checker.Tenant(tenant); !s.ok()) return s;
  }
  return checker.Take();
}

}  // namespace hotline
