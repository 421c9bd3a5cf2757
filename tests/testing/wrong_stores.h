// Stores that break the port in one way each, to see that the kit notices. Each
// is a bend of a right one: a few lines over the memory store.
#ifndef HOTLINE_TESTS_TESTING_WRONG_STORES_H_
#define HOTLINE_TESTS_TESTING_WRONG_STORES_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hotline/store.h"
#include "hotline/testing/store_contracts.h"

namespace hotline::testing {

using Verdicts = std::vector<absl::Status>;
using CaseAnswer = absl::StatusOr<CaseRow>;
using EventsAnswer = absl::StatusOr<EventRowPage>;
using FindAnswer = absl::StatusOr<CaseRowPage>;
using RecordsAnswer = absl::StatusOr<std::vector<Record>>;
using ClaimAnswer = absl::StatusOr<std::vector<Claimed>>;

// What is done instead of a call to `right`; what is unset is right.
struct Bend {
  std::function<Verdicts(Store& right, std::vector<Write> writes)> commit;
  std::function<CaseAnswer(Store& right, CaseKey key, Part part)> read_case;
  std::function<EventsAnswer(Store& right, EventRange range)> read_events;
  std::function<FindAnswer(Store& right, Filter filter)> find;
  std::function<RecordsAnswer(Store& right, RecordRange range)> read_records;
  std::function<ClaimAnswer(Store& right, DueQuery query)> claim;
  std::function<Verdicts(Store& right, std::vector<Finished> finished)> finish;
  std::function<absl::StatusOr<int64_t>(Store& right, DueQuery::Queue queue,
                                        const std::string& tenant)>
      next_due;
};

struct WrongStore {
  const char* fault;     // in words
  const char* contract;  // that must fail
  // Called for each store that is opened on the place.
  std::function<Bend()> bend;
  bool forks = false;  // a child of fork(2) opens a copy that is lost with it
};

// All of them; and those of each file.
const std::vector<WrongStore>& WrongStores();
std::vector<WrongStore> WrongWrites();
std::vector<WrongStore> WrongQueues();
std::vector<WrongStore> WrongReads();

// A store on a place that lives as long as the trial: what is opened there
// again is there, and many may be open at once. Its only file is `Journal()`,
// which has the payloads of cases and what a bend adds.
StoreUnderTest Bent(const std::string& name, std::function<Bend()> bend);
std::string Journal();
void JournalAlso(const std::string& bytes);

}  // namespace hotline::testing

#endif  // HOTLINE_TESTS_TESTING_WRONG_STORES_H_
