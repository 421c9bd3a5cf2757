// Rows and Writes for those who try a store: the contracts of the kit and the
// tests of the adapters.
#ifndef HOTLINE_SRC_TESTING_STORE_ROWS_H_
#define HOTLINE_SRC_TESTING_STORE_ROWS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hotline/error.h"
#include "hotline/store.h"

namespace hotline::rows {

inline constexpr char kCity[] = "city";

// 16 bytes that grow with `number`.
inline std::string Id(int64_t number) {
  return absl::StrFormat("%016d", number);
}

inline CaseKey CaseAt(int64_t number) { return {kCity, Id(number)}; }

inline CaseRow Row(int64_t number, int64_t version = 1) {
  CaseRow row;
  row.key = CaseAt(number);
  row.version = version;
  row.reference = absl::StrCat("R", number);
  row.category = "streetlight";
  row.unit = "lights";
  row.phase = 1;
  row.opened_at = 1'000 + number;
  row.chain = std::string(32, 'c');
  row.payload = absl::StrCat("case ", number, " at ", version);
  row.sealed = absl::StrCat("sealed ", number);
  return row;
}

// The change that brings a case to row.version with an event.
inline CaseChange Change(const CaseRow& row) {
  CaseChange change{.row = row, .expected_version = row.version - 1};
  change.event = EventRow{.key = row.key,
                          .version = row.version,
                          .recorded_at = row.version * 10,
                          .payload = absl::StrCat("event ", row.version),
                          .sealed = absl::StrCat("words ", row.version)};
  return change;
}

// The case is to be at `version`, and is left alone.
inline CaseChange Check(int64_t number, int64_t version) {
  CaseChange check{.expected_version = version, .only_check = true};
  check.row.key = CaseAt(number);
  return check;
}

inline Write Of(const CaseRow& row) { return {.cases = {Change(row)}}; }

inline Write OpenCase(int64_t number) { return Of(Row(number)); }

inline DeliveryRow Delivery(int64_t number, int64_t due_at) {
  return {.tenant = kCity,
          .id = Id(number),
          .dedupe_key = absl::StrCat("key ", number),
          .case_id = Id(1),
          .event_version = 1,
          .channel = "mail",
          .due_at = due_at,
          .state = "queued",
          .payload = absl::StrCat("delivery ", number)};
}

inline RecordKey Key(const std::string& key, const std::string& kind = "person",
                     const std::string& tenant = kCity) {
  return {tenant, kind, key};
}

inline RecordChange Put(const std::string& key, int64_t version,
                        int64_t expected) {
  RecordChange change{.expected_version = expected};
  change.record.key = Key(key);
  change.record.version = version;
  change.record.payload = absl::StrCat(key, " ", version);
  return change;
}

inline absl::Status CommitOne(Store* store, const Write& write) {
  return store->Commit({&write, 1}).at(0);
}

inline v1::ErrorInfo::Reason Reason(const absl::Status& status) {
  return ReasonOf(status);
}

}  // namespace hotline::rows

#endif  // HOTLINE_SRC_TESTING_STORE_ROWS_H_
