// Rows of figures: who goes where, and what it adds up to.
#ifndef HOTLINE_SRC_READERS_REPORT_TALLY_H_
#define HOTLINE_SRC_READERS_REPORT_TALLY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hotline/policy.h"
#include "hotline/report.h"
#include "src/readers/report/promise.h"

namespace hotline::internal {

// The codes of a row; empty where it is not split. The whole of a clock has
// nothing but the clock.
struct RowName {
  std::string clock;
  std::string category;
  std::string unit;
  std::string area;
  std::string period;
  bool whole = false;

  friend bool operator==(const RowName&, const RowName&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const RowName& key) {
    return H::combine(std::move(h), key.clock, key.category, key.unit, key.area,
                      key.period, key.whole);
  }
};

// Splits as a request says. Orders rows as the policy lists its codes.
class Splitter {
 public:
  Splitter(const Policy& policy, std::vector<ReportBy> by, ReportPeriod period,
           bool roll_up);

  // Every row the promise of `on` belongs to: the whole of its clock first.
  std::vector<RowName> KeysOf(const v1::Case& on, const Promise& promise,
                              absl::CivilDay due) const;
  // The date of a due instant: 24:00 belongs to the date it ends.
  absl::CivilDay DateOf(absl::Time due) const;
  std::string PeriodOf(absl::CivilDay date) const;
  // All periods from `from` to `to`.
  std::vector<std::string> Periods(absl::CivilDay from,
                                   absl::CivilDay to) const;
  bool By(ReportBy what) const;
  // Is a row one of nothing but clock and period?
  bool ByPeriodOnly() const;
  int DepthOf(std::string_view category) const;
  bool Less(const RowName& a, const RowName& b) const;

 private:
  using Ranks = absl::flat_hash_map<std::string, int>;
  using Rank = std::tuple<int, bool, int, int, int>;
  Rank RankOf(const RowName& key) const;

  const Policy policy_;
  const std::vector<ReportBy> by_;
  const ReportPeriod period_;
  const bool roll_up_;
  Ranks clocks_, categories_, units_, areas_;
};

// Counts promises, and cases by their worst. Promises of one case come
// together, under one number that no other case has.
class Tally {
 public:
  void Add(int64_t case_number, const Verdict& verdict);
  const ComplianceCounts& counts() const { return counts_; }

 private:
  ComplianceCounts counts_;
  int64_t newest_ = -1;  // case that was decided last
  bool broken_ = false;  // is it, so far?
};

// By nearest rank. Reorders `values`, which are milliseconds.
TimeUsed SpreadOf(std::vector<int64_t>* values);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_REPORT_TALLY_H_
