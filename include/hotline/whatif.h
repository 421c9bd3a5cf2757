// What if another policy had been in force? Every promise a store holds is
// judged once more, by other targets, hours and calendars.
//
//   auto policy = hotline::Policy::FromTextproto(text);
//   auto answer = hotline::AskWhatIf(
//       store.get(), {.tenant = "taipei", .policy = &*policy, .as_of = now});
//   if (!answer.ok()) return answer.status();
//   std::cout << hotline::ToText(*answer, "en");
//
// Before: as the store has it, open promises judged as of `as_of`. After: the
// same marks (start, pauses, stop) under the target that the other policy gives
// the case's category, priority, area and unit as they are now; finished clocks
// too. Buckets and rates are those of report.h; the two columns count the same
// promises, so what differs is what the policy does.
//
// Not modelled, and told with its number:
//   - a workflow, routing or trigger that differs: clocks start, rest and stop
//     when they did, and cases go to the units they went to;
//   - clocks that only the other policy has: nobody marked when they began;
//   - cycles that are over and had pauses: it is not kept when they rested;
//   - changes of priority, category or unit on the way: the last holds from the
//     start;
//   - due instants given from outside (extensions, older systems): they stand.
//
// Nothing is written. Thread rule and errors are those of report.h.
#ifndef HOTLINE_WHATIF_H_
#define HOTLINE_WHATIF_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/policy.h"
#include "hotline/report.h"
#include "hotline/store.h"

namespace hotline {

struct WhatIfRequest {
  std::string tenant;
  // The other policy. Null: that of `version`, which the tenant once adopted.
  const Policy* policy = nullptr;
  int64_t version = 0;
  absl::Time as_of;
  // A period is none of these: a due date that moves would change its row.
  std::vector<ReportBy> by = {ReportBy::kCategory, ReportBy::kUnit};
  bool roll_up = false;
  std::function<void(int64_t cases)> progress;
};

struct WhatIfRow {
  std::string clock;
  std::string category;
  std::string unit;
  std::string area;
  bool whole = false;
  int depth = 0;
  ComplianceCounts before;
  ComplianceCounts after;
  int64_t earlier = 0;       // due instants that come forward
  int64_t later = 0;         // that move back
  int64_t newly_broken = 0;  // promises
  int64_t newly_kept = 0;
  int64_t provisional = 0;   // after, due beyond the days that are known
  int64_t illustrative = 0;  // after, by a target or hours that no source gives
};

struct WhatIfAnswer {
  WhatIfRequest request;  // without policy and progress
  absl::TimeZone zone;
  v1::PolicySpec before;  // in force
  int64_t before_version = 0;
  v1::PolicySpec after;
  std::vector<WhatIfRow> rows;  // by clock, its whole first
  int64_t cases_read = 0;
  int64_t not_judged = 0;
  int64_t promises = 0;  // judged twice
  // Promises in neither column: the other policy has no such clock for the
  // category, by clock.
  std::map<std::string, int64_t> dropped;
  // Cases whose category it does not have, by code.
  std::map<std::string, int64_t> unknown_categories;
  // Cases that would have a clock they have not, by clock.
  std::map<std::string, int64_t> added;
  int64_t cycles_with_pauses = 0;  // left out
  int64_t given_from_outside = 0;  // counted, unmoved
  bool illustrative = false;
  std::string zone_data;
};

absl::StatusOr<WhatIfAnswer> AskWhatIf(Store* store,
                                       const WhatIfRequest& request);

std::string ToText(const WhatIfAnswer& answer, std::string_view language);
std::string ToCsv(const WhatIfAnswer& answer);
std::string ToJson(const WhatIfAnswer& answer);

}  // namespace hotline

#endif  // HOTLINE_WHATIF_H_
