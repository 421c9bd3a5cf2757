#include "src/adapters/sql/reads.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hotline/error.h"
#include "hotline/limits.h"
#include "hotline/store_shape.h"
#include "src/adapters/sql/rows.h"
#include "src/adapters/sql/statements.h"

namespace hotline::internal {
namespace {

void BindFind(const Filter& f, Entrance entrance, const FindPosition& last,
              Values* in) {
  in->Bytes(f.tenant);
  switch (entrance) {
    case Entrance::kReferences:
      return;
    case Entrance::kExternal:
      in->Bytes(*f.external_id).Bytes(last.id).Bytes(*f.external_system);
      return;
    case Entrance::kCell:
      in->Int(*f.cell).Bytes(last.id);
      return;
    case Entrance::kCategory:
      in->Bytes(*f.category).Bytes(last.id);
      return;
    case Entrance::kUnit:
      in->Bytes(*f.unit).Bytes(last.id);
      return;
    case Entrance::kTenant:
      in->Bytes(last.id);
      return;
    case Entrance::kDue:
      in->Int(last.due).Bytes(last.id).Int(*f.due_until);
      return;
  }
}

// "{1,2}", or "" for all.
std::string PhasesWritten(const Filter& filter) {
  if (filter.phases.empty()) return "";
  return absl::StrCat("{", absl::StrJoin(filter.phases, ","), "}");
}

void BindRest(const Filter& f, const std::string& phases, Values* in) {
  const auto number = [in](const auto& wanted) {
    if (wanted.has_value()) {
      in->Int(*wanted);
    } else {
      in->Null();
    }
  };
  const auto bytes = [in](const std::optional<std::string>& wanted) {
    if (wanted.has_value()) {
      in->Bytes(*wanted);
    } else {
      in->Null();
    }
  };
  // Another system's id has a walk of its own: here it is none that is wanted.
  number(f.external_id.has_value() ? std::optional(1) : std::nullopt);
  bytes(f.category);
  bytes(f.unit);
  number(f.cell);
  number(f.open);
  number(f.opened_from);
  number(f.opened_until);
  in->BytesOrNull(phases);
  // And those that end the walk.
  in->Int(int64_t{f.limit} + 2);
}

// Whether every row of the walk is in the page: then there is no need to read
// more of them than a page holds.
bool WalkIsAll(const Filter& filter, Entrance entrance) {
  Filter rest = filter;
  switch (entrance) {
    case Entrance::kReferences:
    case Entrance::kExternal:
      return false;  // one row at most, or no walk
    case Entrance::kCell:
      rest.cell.reset();
      break;
    case Entrance::kCategory:
      rest.category.reset();
      break;
    case Entrance::kUnit:
      rest.unit.reset();
      rest.open.reset();
      break;
    case Entrance::kTenant:
      break;
    case Entrance::kDue:
      rest.due_until.reset();
      if (rest.open == true) rest.open.reset();
      break;
  }
  return !rest.category && !rest.unit && !rest.cell && !rest.open &&
         rest.phases.empty() && !rest.opened_from && !rest.opened_until &&
         !rest.due_until && !rest.external_id;
}

CaseRowPage FindNamed(SqlConnection* connection, const Filter& filter,
                      const FindPosition& last) {
  const std::vector<std::string>& names = filter.references;
  const absl::flat_hash_set<std::string_view> wanted(names.begin(),
                                                     names.end());
  Filter rest = filter;
  rest.references.clear();
  Run run(connection, NamedText(names.size()), {.sealed = filter.sealed});
  run.in().Bytes(filter.tenant);
  for (size_t i = 0; i < NamesWritten(names.size()); ++i) {
    run.in().Bytes(names[std::min(i, names.size() - 1)]);
  }
  std::vector<CaseRow> rows;
  while (run.Step()) {
    CaseRow row = GetCaseColumns(connection, run, filter.tenant);
    // A damaged index may lead to the row of another.
    if (!wanted.contains(row.reference) || !Matches(rest, row)) continue;
    GetCaseBodies(run, &row);
    rows.push_back(std::move(row));
  }
  return PageOf(filter, last, std::move(rows));
}

}  // namespace

CaseRow ReadCase(SqlConnection* connection, const CaseKey& key, Part part) {
  Run run(connection, kReadCase, {.sealed = part == Part::kSealed});
  run.in().Bytes(key.tenant).Bytes(key.id);
  if (!run.Step()) throw Failure(CaseNotFound());
  CaseRow row = GetCaseColumns(connection, run, key.tenant);
  // A damaged index may lead to the row of another.
  if (row.key != key) {
    throw Failure(MakeError(
        v1::ErrorInfo::CORRUPT,
        absl::StrCat("an index of cases is damaged: it leads from case ",
                     absl::BytesToHexString(key.id), " to another")));
  }
  GetCaseBodies(run, &row);
  return row;
}

EventRowPage ReadEvents(SqlConnection* connection, const EventRange& range) {
  Run run(connection, kReadEvents, {.limit = LimitWritten(range.limit)});
  run.in().Bytes(range.tenant).Bytes(range.case_id).Int(range.after);
  EventRowPage page;
  while (page.rows.size() < static_cast<size_t>(range.limit) && run.Step()) {
    page.rows.push_back(GetEvent(run));
  }
  return page;
}

CaseRowPage Find(SqlConnection* connection, const Filter& filter) {
  absl::StatusOr<FindPosition> decoded = DecodeCursor(filter.cursor);
  if (!decoded.ok()) throw Failure(decoded.status());
  // Bound without a copy: it stays as it is while the statement runs.
  const FindPosition from = *decoded;
  FindPosition last = from;
  const Entrance entrance = EntranceOf(filter);
  if (entrance == Entrance::kReferences) {
    return FindNamed(connection, filter, from);
  }
  constexpr int kMost = limits::kRowsReadPerFindMax;
  const bool all = WalkIsAll(filter, entrance);
  const bool sifts = connection->dialect() == SqlDialect::kPostgres && !all &&
                     entrance != Entrance::kExternal;
  const std::string phases = PhasesWritten(filter);
  Run run(
      connection, sifts ? SiftedText(entrance) : FindText(entrance),
      {.sealed = filter.sealed,
       .limit = sifts ? kMost + 1
                      : LimitWritten(1 + (all ? std::min(filter.limit, kMost)
                                              : kMost))});
  BindFind(filter, entrance, from, &run.in());
  if (sifts) BindRest(filter, phases, &run.in());
  CaseRowPage page;
  for (int64_t read = 0; run.Step(); ++read) {
    if (sifts) read = run.GetInt(kPlaceColumn) - 1;
    if (page.rows.size() >= static_cast<size_t>(filter.limit) ||
        read >= kMost) {
      page.next_cursor = EncodeCursor(last);
      return page;
    }
    CaseRow row = GetCaseColumns(connection, run, filter.tenant);
    last.id = row.key.id;
    if (entrance == Entrance::kDue) last.due = row.least_due;
    if (!Matches(filter, row)) continue;
    GetCaseBodies(run, &row);
    page.rows.push_back(std::move(row));
  }
  return page;
}

std::vector<Record> ReadRecords(SqlConnection* connection,
                                const RecordRange& range) {
  const bool by_key = range.index == -1;
  const std::string from = by_key ? LeastKey(range) : range.from;
  const std::string least_key = LeastKeyInColumn(range);
  Run run(connection, RecordsText(range),
          {.sealed = range.sealed,
           .column = by_key ? 0 : range.index,
           .limit = LimitWritten(range.limit)});
  run.in().Bytes(range.tenant).Bytes(range.kind).Bytes(from);
  if (!by_key) run.in().Bytes(least_key);
  if (!range.until.empty()) run.in().Bytes(range.until);
  std::vector<Record> records;
  while (records.size() < static_cast<size_t>(range.limit) && run.Step()) {
    records.push_back(GetRecord(run, range.tenant, range.kind));
  }
  return records;
}

std::vector<Claimed> DueTimers(SqlConnection* connection,
                               const DueQuery& query) {
  Run run(connection, query.rows ? kDueTimers : kDueTimerKeys,
          {.sealed = true, .limit = LimitWritten(query.limit)});
  run.in().Bytes(query.tenant).Int(query.due);
  run.in().Int(query.after_due).Bytes(query.after_id);
  std::vector<Claimed> due;
  while (due.size() < static_cast<size_t>(query.limit) && run.Step()) {
    Claimed& timer = due.emplace_back();
    if (!query.rows) {
      timer.case_key = {query.tenant, run.GetBytes(1)};
      timer.due_at = run.GetInt(0);
      continue;
    }
    CaseRow& row =
        timer.row.emplace(GetCaseColumns(connection, run, query.tenant));
    timer.case_key = row.key;
    timer.due_at = row.next_at;
    try {
      GetCaseBodies(run, &row);
    } catch (const Failure&) {
      // One bad row must not hold up the others: whoever reads it is told.
      timer.row.reset();
    }
  }
  return due;
}

int64_t NextTimer(SqlConnection* connection, const std::string& tenant) {
  Run run(connection, kNextTimer);
  run.in().Bytes(tenant);
  return run.Step() ? run.GetInt(0) : kNever;
}

void CheckBodies(SqlConnection* connection) {
  const Variant sealed = {.sealed = true};
  {
    Run run(connection, "{cases}", sealed);
    while (run.Step()) {
      CaseRow row;
      row.key.id = run.GetBytes(0);
      GetCaseBodies(run, &row);
    }
  }
  {
    Run run(connection, "{events}");
    while (run.Step()) GetEvent(run);
  }
  {
    Run run(connection, "{deliveries}");
    while (run.Step()) GetDelivery(run, "");
  }
  Run run(connection, "{records}", sealed);
  while (run.Step()) GetRecord(run, "", "any");
}

}  // namespace hotline::internal
