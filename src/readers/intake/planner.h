// One row of an export as the commands it stands for. Pure.
#ifndef HOTLINE_SRC_READERS_INTAKE_PLANNER_H_
#define HOTLINE_SRC_READERS_INTAKE_PLANNER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/intake.h"
#include "src/readers/intake/names.h"

namespace hotline::internal {

struct PlannedStep {
  absl::Time at;
  v1::Command command;  // its reference is filled in when the case is open
};

// A row that can be done: steps in order of time, the opening first; or a
// contact and no steps.
struct PlannedRow {
  int64_t row = 0;
  int64_t line = 0;
  std::string key;
  std::vector<PlannedStep> steps;
  std::optional<v1::Contact> contact;
  absl::Time latest;  // of all its instants
  std::optional<absl::Time> stated_due;
  std::optional<bool> stated_broken;
  std::vector<std::string> remarks;
};

class RowPlanner {
 public:
  // The map fits the policy; both must outlive the planner.
  RowPlanner(const Policy& policy, const v1::ImportMap& map);

  std::variant<PlannedRow, RefusedRow> Plan(const ImportRow& row) const;

  absl::TimeZone zone() const { return zone_; }
  absl::Duration tolerance() const { return tolerance_; }

 private:
  // Lookups of one field.
  struct Lookup {
    const v1::ImportLookup* spec = nullptr;
    NameIndex names;
  };
  // What is being made of one row; the first refusal stands.
  struct Work;
  struct Instant {
    absl::Time at;
    bool date_only = false;
  };

  const std::string* Text(const Work& work, const v1::ImportColumn& column,
                          std::string* kept) const;
  std::optional<Instant> ReadTime(Work* work, const v1::ImportTime& spec,
                                  std::string_view field) const;
  Instant Localise(Work* work, const v1::ImportTime& spec,
                   std::string_view field, absl::Time read) const;
  std::string LookUp(Work* work, const Lookup& lookup,
                     std::string_view field) const;
  std::string ReadText(Work* work, const v1::ImportColumn& column,
                       std::string_view field) const;
  void CheckRowRules(Work* work) const;
  void ReadInstants(Work* work) const;
  void ReadCategory(Work* work) const;
  void ReadPlace(Work* work, v1::Place* place) const;
  void ReadStatus(Work* work) const;
  void ReadDue(Work* work) const;
  std::string ReadOutcome(const Work& work) const;
  void MakeContact(Work* work) const;
  void MakeOpening(Work* work) const;
  void MakeSteps(Work* work) const;

  const Policy& policy_;
  const v1::ImportMap& map_;
  absl::TimeZone zone_;
  absl::Duration tolerance_;
  std::map<std::string, bool> nulls_;
  CategoryIndex categories_;
  NameIndex category_words_;
  Lookup area_;
  Lookup unit_;
  Lookup channel_;
  std::map<std::string, const v1::ImportStatus::State*> states_;
};

// "-8h", "60s"; zero for an empty text.
absl::StatusOr<absl::Duration> ParseShift(std::string_view text);

// True for a form that reads an offset by itself.
bool ReadsOffset(std::string_view form);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INTAKE_PLANNER_H_
