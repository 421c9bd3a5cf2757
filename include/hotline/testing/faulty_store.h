// A store that fails when it is told to, in front of one that works: how does
// the system behave when the disk is full, when another process holds the
// file, when the line is cut while a commit is under way?
//
//   hotline::MemoryStore real;
//   hotline::testing::FaultyStore store(&real);
//   auto engine = hotline::Engine::Open(&store, {});
//   store.FailNext(hotline::testing::FaultyStore::kDoneButUnknown);
//   auto receipt = (*engine)->Execute(agent, command);  // settled by reading
//   EXPECT_THAT(receipt, hotline::testing::IsOk());
//
// Faults are those of Commit, Finish and Claim, which write; FailReads is for
// the rest. What a fault says is what the port promises of it (store.h): after
// STORE_FAILED, STORE_BUSY and STORAGE_FULL nothing was written; after
// OUTCOME_UNKNOWN it was (kDoneButUnknown) or was not (kUndoneButUnknown).
//
// Thread rule: any method, any thread. Lifetime: the store in front of which it
// stands must outlive it.
#ifndef HOTLINE_TESTING_FAULTY_STORE_H_
#define HOTLINE_TESTING_FAULTY_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hotline/store.h"

namespace hotline::testing {

class FaultyStore final : public Store {
 public:
  enum Fault {
    kNone,
    kFailed,            // STORE_FAILED, nothing written
    kBusy,              // STORE_BUSY, nothing written
    kFull,              // STORAGE_FULL, nothing written
    kDoneButUnknown,    // written, and OUTCOME_UNKNOWN said
    kUndoneButUnknown,  // nothing written, and OUTCOME_UNKNOWN said
  };

  explicit FaultyStore(Store* inner);
  ~FaultyStore() override;
  FaultyStore(const FaultyStore&) = delete;
  FaultyStore& operator=(const FaultyStore&) = delete;

  // The next `times` commits fail so; planned ones come before those by chance.
  void FailNext(Fault fault, int times = 1);
  // From now on each commit fails in one of the ways with this chance in a
  // thousand. The same seed gives the same faults for the same calls.
  void FailByChance(uint64_t seed, int per_thousand);
  // The next `times` reads answer STORE_FAILED.
  void FailReads(int times);
  // Runs `once` in front of the next commit, outside every lock: what another
  // process did meanwhile.
  void BeforeNextCommit(std::function<void()> once);
  // No more faults.
  void Heal();

  int64_t commits() const;
  int64_t faults() const;

  Capabilities capabilities() const override;
  absl::Time Now() override;
  std::vector<absl::Status> Commit(std::span<const Write> writes) override;
  absl::StatusOr<CaseRow> ReadCase(const CaseKey& key, Part part) override;
  absl::StatusOr<EventRowPage> ReadEvents(const EventRange& range) override;
  absl::StatusOr<CaseRowPage> Find(const Filter& filter) override;
  absl::StatusOr<std::vector<Record>> ReadRecords(
      const RecordRange& range) override;
  absl::StatusOr<std::vector<Claimed>> Claim(const DueQuery& query) override;
  std::vector<absl::Status> Finish(std::span<const Finished> finished) override;
  absl::StatusOr<int64_t> NextDue(DueQuery::Queue queue,
                                  const std::string& tenant) override;

 private:
  struct State;
  Fault Draw();
  absl::Status ReadFault();

  Store* const inner_;
  const std::unique_ptr<State> state_;
};

}  // namespace hotline::testing

#endif  // HOTLINE_TESTING_FAULTY_STORE_H_
