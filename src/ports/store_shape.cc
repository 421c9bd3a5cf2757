#include "hotline/store_shape.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"

namespace hotline {
namespace {

using internal::ToAbsl;

absl::Status Invalid(std::string_view message) {
  return MakeError(v1::ErrorInfo::INVALID_ARGUMENT, message);
}

absl::Status CheckCase(const CaseChange& change) {
  const CaseRow& row = change.row;
  if (row.key.id.empty()) return Invalid("a case without id");
  if (change.expected_version < 0) {
    return Invalid("a case's expected version is below 0");
  }
  if (!change.event.has_value()) {
    if (change.expected_version == 0) {
      return Invalid("a new case needs its first event");
    }
    if (change.only_check) {
      return change.only_timer
                 ? Invalid("what is only checked has no timer to move")
                 : absl::OkStatus();
    }
    if (row.version != change.expected_version) {
      return Invalid("without an event a case keeps its version");
    }
    return absl::OkStatus();
  }
  if (change.only_timer) return Invalid("an event moves more than a timer");
  if (change.only_check) return Invalid("an event is more than a check");
  if (row.version != change.expected_version + 1) {
    return Invalid("a case's version must rise by one with its event");
  }
  if (change.event->key != row.key || change.event->version != row.version) {
    return Invalid("an event must bear the key and version of its case");
  }
  return absl::OkStatus();
}

bool HasExternal(const CaseRow& row) {
  return !row.external_system.empty() || !row.external_id.empty();
}

absl::Status CheckPair(const CaseChange& one, const CaseChange& other) {
  const CaseRow& a = one.row;
  const CaseRow& b = other.row;
  if (a.key.tenant != b.key.tenant) return absl::OkStatus();
  if (a.key.id == b.key.id) return Invalid("a case stands twice in a Write");
  if (one.only_check || other.only_check) return absl::OkStatus();
  if (a.reference == b.reference) return DuplicateReference(b, "reference");
  if (HasExternal(a) && a.external_system == b.external_system &&
      a.external_id == b.external_id) {
    return DuplicateReference(b, "external_id");
  }
  return absl::OkStatus();
}

absl::Status CheckRecords(const Write& write) {
  for (const RecordChange& change : write.records) {
    if (change.expected_version < -1) {
      return Invalid("a record's expected version is below -1");
    }
  }
  // A command has one, its idempotency key: nothing to compare it with.
  if (write.records.size() + write.removals.size() < 2) return absl::OkStatus();
  std::vector<RecordKey> keys = write.removals;
  for (const RecordChange& change : write.records) {
    keys.push_back(change.record.key);
  }
  std::sort(keys.begin(), keys.end());
  if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
    return Invalid("a record stands twice in a Write");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckShape(const Write& write) {
  if (write.cases.size() > size_t{limits::kCasesPerWriteMax}) {
    return Invalid(absl::StrCat("a Write holds at most ",
                                limits::kCasesPerWriteMax, " cases"));
  }
  for (size_t i = 0; i < write.cases.size(); ++i) {
    if (absl::Status s = CheckCase(write.cases[i]); !s.ok()) return s;
    for (size_t j = 0; j < i; ++j) {
      absl::Status s = CheckPair(write.cases[j], write.cases[i]);
      if (!s.ok()) return s;
    }
  }
  return CheckRecords(write);
}

Entrance EntranceOf(const Filter& filter) {
  if (!filter.references.empty()) return Entrance::kReferences;
  if (filter.external_id.has_value() &&
      !(filter.external_id->empty() && filter.external_system->empty())) {
    return Entrance::kExternal;
  }
  if (filter.due_until.has_value()) return Entrance::kDue;
  if (filter.cell.value_or(0) != 0) return Entrance::kCell;
  if (filter.unit.has_value() && filter.open.value_or(false)) {
    return Entrance::kUnit;
  }
  if (filter.category.has_value()) return Entrance::kCategory;
  return Entrance::kTenant;
}

absl::Status CheckShape(const Filter& filter) {
  if (filter.limit < 1) return Invalid("a page's limit is below 1");
  if (filter.references.size() > size_t{limits::kReferencesPerFindMax}) {
    return Invalid(absl::StrCat("Find looks for at most ",
                                limits::kReferencesPerFindMax, " references"));
  }
  if (filter.external_id.has_value() != filter.external_system.has_value()) {
    return Invalid("an external id is looked for with its system");
  }
  return absl::OkStatus();
}

bool Matches(const Filter& f, const CaseRow& row) {
  const auto differs = [](const auto& wanted, const auto& value) {
    return wanted.has_value() && *wanted != value;
  };
  const auto none_of = [](const auto& wanted, const auto& value) {
    return !wanted.empty() &&
           std::find(wanted.begin(), wanted.end(), value) == wanted.end();
  };
  if (differs(f.external_system, row.external_system) ||
      differs(f.external_id, row.external_id) ||
      differs(f.category, row.category) || differs(f.unit, row.unit) ||
      differs(f.cell, row.cell) || differs(f.open, row.open) ||
      none_of(f.phases, row.phase)) {
    return false;
  }
  if (f.opened_from.has_value() && row.opened_at < *f.opened_from) return false;
  if (f.opened_until.has_value() && row.opened_at >= *f.opened_until) {
    return false;
  }
  if (f.due_until.has_value() &&
      (!row.open || row.least_due == kNever || row.least_due > *f.due_until)) {
    return false;
  }
  return !none_of(f.references, row.reference);
}

std::string EncodeCursor(const FindPosition& position) {
  return absl::StrCat(position.due, ".", absl::BytesToHexString(position.id));
}

absl::StatusOr<FindPosition> DecodeCursor(std::string_view cursor) {
  FindPosition position;
  if (cursor.empty()) return position;
  const absl::Status bad = ForeignCursor();
  const size_t dot = cursor.find('.');
  if (dot == std::string_view::npos) return bad;
  if (!absl::SimpleAtoi(ToAbsl(cursor.substr(0, dot)), &position.due)) {
    return bad;
  }
  const std::string_view hex = cursor.substr(dot + 1);
  const bool hexadecimal =
      hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!hexadecimal || hex.size() % 2 != 0) return bad;
  position.id = absl::HexStringToBytes(ToAbsl(hex));
  return position;
}

CaseRowPage PageOf(const Filter& filter, const FindPosition& last,
                   std::vector<CaseRow> rows) {
  const auto place = [&filter](const CaseRow& row) {
    return std::pair(
        filter.due_until.has_value() ? row.least_due : FindPosition().due,
        std::string_view(row.key.id));
  };
  const std::pair from(last.due, std::string_view(last.id));
  std::erase_if(rows, [&](const CaseRow& row) { return place(row) <= from; });
  std::sort(rows.begin(), rows.end(), [&](const CaseRow& a, const CaseRow& b) {
    return place(a) < place(b);
  });
  CaseRowPage page;
  if (rows.size() > static_cast<size_t>(filter.limit)) {
    rows.resize(static_cast<size_t>(filter.limit));
    const auto [due, id] = place(rows.back());
    page.next_cursor = EncodeCursor({due, std::string(id)});
  }
  page.rows = std::move(rows);
  return page;
}

std::string LeastKey(const RecordRange& range) {
  if (range.after_key.empty() || range.after_key < range.from) {
    return range.from;
  }
  return range.from + '\0';
}

std::string LeastKeyInColumn(const RecordRange& range) {
  return range.after_key.empty() ? "" : range.after_key + '\0';
}

absl::Status CheckShape(const EventRange& range) {
  if (range.limit < 1) return Invalid("a range's limit is below 1");
  if (!range.case_id.empty() && !range.cursor.empty()) {
    return Invalid("the events of one case have no cursor; give `after`");
  }
  return absl::OkStatus();
}

std::string EncodeFeedCursor(int64_t place) { return absl::StrCat(place); }

absl::StatusOr<int64_t> DecodeFeedCursor(std::string_view cursor,
                                         int64_t last) {
  if (cursor.empty()) return 0;
  int64_t place = 0;
  const bool digits =
      cursor.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits || !absl::SimpleAtoi(ToAbsl(cursor), &place)) {
    return ForeignCursor();
  }
  if (place > last) return CursorAhead();
  return place;
}

absl::Status CheckShape(const RecordRange& range) {
  if (range.limit < 1) return Invalid("a range's limit is below 1");
  if (range.index < -1 || range.index > 3) {
    return Invalid("a record has the index columns 0 to 3");
  }
  return absl::OkStatus();
}

absl::Status CheckShape(const DueQuery& query) {
  return query.limit < 1 ? Invalid("a claim's limit is below 1")
                         : absl::OkStatus();
}

absl::Status VersionConflict(const CaseRow& row, int64_t stored) {
  v1::ErrorInfo info;
  info.set_reason(v1::ErrorInfo::VERSION_CONFLICT);
  info.set_reference(row.reference);
  return MakeError(info, stored == 0
                             ? "there is no such case any more"
                             : absl::StrCat("the case is at version ", stored));
}

absl::Status VersionConflict(const RecordKey& key, int64_t stored) {
  return MakeError(
      v1::ErrorInfo::VERSION_CONFLICT,
      absl::StrCat("the record of kind ", key.kind,
                   " is not as expected; stored version: ", stored));
}

absl::Status DuplicateReference(const CaseRow& row, std::string_view field) {
  v1::ErrorInfo info;
  info.set_reason(v1::ErrorInfo::DUPLICATE_REFERENCE);
  info.set_reference(row.reference);
  v1::Problem& problem = *info.add_problems();
  problem.set_path(std::string(field));
  problem.set_message("another case bears it");
  return MakeError(info,
                   absl::StrCat("another case bears this ", ToAbsl(field)));
}

absl::Status CaseNotFound() {
  return MakeError(v1::ErrorInfo::CASE_NOT_FOUND, "no such case");
}

absl::Status StaleToken(int64_t token) {
  return MakeError(v1::ErrorInfo::STALE_TOKEN,
                   absl::StrCat("token ", token, " is no longer the newest"));
}

absl::Status ForeignCursor() { return Invalid("this cursor is none of ours"); }

absl::Status CursorAhead() {
  return Invalid(
      "this cursor lies ahead of all that the store holds: the store was "
      "restored from a backup; read the feed anew from its beginning");
}

}  // namespace hotline
