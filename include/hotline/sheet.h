// What a city signs: each promise of a policy in a citizen's words, and what
// changes for the citizen from one policy to the next.
//
//   std::cout << hotline::PolicySheet(*policy, hotline::SheetForm::kHtml,
//                                     "zh-Hant");
//   for (const auto& change : hotline::ComparePolicies(*old, *policy, {}))
//     std::cout << change.text << "\n";
//
// Pure functions of compiled policies. Words are English or Traditional Chinese
// (BCP 47 tag; any other is English); names are the policy's own. What no
// source gives is marked in every form.
//
// Thread rule: call it from anywhere. Lifetime: nothing given is kept.
// Errors: INVALID_ARGUMENT from ParseSheetForm, with a hint.
#ifndef HOTLINE_SHEET_H_
#define HOTLINE_SHEET_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/policy.h"

namespace hotline {

// HTML needs nothing outside itself and prints; CSV has a head and one row a
// promise (RFC 4180, UTF-8; a cell that a spreadsheet would take for a formula
// begins with a quote).
enum class SheetForm { kText, kHtml, kCsv };

// "text", "html", "csv".
absl::StatusOr<SheetForm> ParseSheetForm(std::string_view word);

// Every category on which cases are opened, with each clock's promise, for
// whom it holds, from when it counts, by which calendar, who handles it, until
// when it is valid, its source; then calendars and declared events.
std::string PolicySheet(const Policy& policy, SheetForm form,
                        std::string_view language = "en");

// One thing that changes for the citizen.
struct PolicyChange {
  // Stable: "promise", "category", "calendar", "closure", "declared_event".
  std::string subject = {};
  // Stable: "shorter", "longer", "changed" (earlier for some cases, later for
  // others), "worded" (said otherwise, due as before), "source", "new", "gone",
  // "days_off", "days_on", "hours".
  std::string kind = {};
  // Codes; empty where they say nothing.
  std::vector<std::string> categories = {};
  std::string clock = {};
  std::string priority = {};
  std::string area = {};
  std::string unit = {};
  std::string calendar = {};
  // In words, of the old and of the new policy.
  std::string before = {};
  std::string after = {};
  std::vector<std::string> dates = {};  // ISO 8601, of days added or removed
  std::string text = {};                // all of it as one line
};

struct CompareOptions {
  std::string_view language = "en";
  // Whether a promise is shorter is tried on cases of the year from here on.
  absl::Time from = absl::UnixEpoch();
};

// Promises, then categories, calendars, closures and declared events; equal
// changes of several categories are one. Empty: nothing changes.
std::vector<PolicyChange> ComparePolicies(const Policy& before,
                                          const Policy& after,
                                          const CompareOptions& options);

// The changes under headings, or that there are none.
std::string ChangesText(const Policy& before, const Policy& after,
                        std::span<const PolicyChange> changes,
                        std::string_view language = "en");
// One object a line: one for each change.
std::string ChangesJson(std::span<const PolicyChange> changes);

}  // namespace hotline

#endif  // HOTLINE_SHEET_H_
