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
// What a fault says is what the port promises of it (store.h): after
// STORE_FAILED, STORE_BUSY, STORE_CONTENDED and STORAGE_FULL nothing was
// written; after OUTCOME_UNKNOWN it was, was not, or will be. kStale breaks the
// port on purpose, as a replica that lags would.
//
// Everything drawn comes from the seed, and log() tells what was done; the same
// calls in the same order meet the same faults, by seed or by Replay(log()).
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
#include <string_view>
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
    kContended,         // STORE_CONTENDED, nothing written
    // OUTCOME_UNKNOWN said and nothing to be seen yet; it is written in front
    // of the next Commit, or by Settle. A server that lost its client does so.
    kDoneLater,
    // A write: OUTCOME_UNKNOWN, written or not by chance. A read: STORE_FAILED.
    kTimedOut,
    // A write: OUTCOME_UNKNOWN, nothing written. A read: STORE_FAILED. The next
    // `calls_while_lost` calls of every method are STORE_FAILED.
    kLostConnection,
    // ReadCase answers what it last answered of that case, however old.
    kStale,
  };
  enum Method {
    kCommit,
    kReadCase,
    kReadEvents,
    kFind,
    kReadRecords,
    kClaim,  // of deliveries; claiming timers is a read
    kFinish,
    kNextDue,
    kMethods,
  };
  // The fault that the `call`th call met, counted from 1 over all methods.
  struct Injected {
    int64_t call = 0;
    Method method = kCommit;
    Fault fault = kNone;
    friend bool operator==(const Injected&, const Injected&) = default;
  };

  explicit FaultyStore(Store* inner);
  ~FaultyStore() override;
  FaultyStore(const FaultyStore&) = delete;
  FaultyStore& operator=(const FaultyStore&) = delete;

  // The next `times` calls of Commit, Finish and Claim (deliveries) fail so;
  // planned ones come before those by chance.
  void FailNext(Fault fault, int times = 1);
  // The same for the next `times` calls of one method.
  void FailNextOf(Method method, Fault fault, int times = 1);
  // From now on each of Commit, Finish and Claim (deliveries) meets one of
  // kFailed to kUndoneButUnknown with this chance in a thousand. The same seed
  // gives the same faults for the same calls.
  void FailByChance(uint64_t seed, int per_thousand);
  // From now on each call of `method` meets `fault` with this chance in a
  // thousand, beside what was set for other faults. Seed() seeds the dice.
  void SetRate(Method method, Fault fault, int per_thousand);
  void Seed(uint64_t seed);
  // The next `times` reads answer STORE_FAILED.
  void FailReads(int times);
  // From here on exactly these faults, by the number of the call; the count of
  // calls begins anew.
  void Replay(std::span<const Injected> faults);
  void set_calls_while_lost(int calls);
  // Runs `once` in front of the next commit, outside every lock: what another
  // process did meanwhile.
  void BeforeNextCommit(std::function<void()> once);
  // Writes what kDoneLater put off.
  void Settle();
  // No more faults. What was put off stays so until Settle or a Commit.
  void Heal();

  int64_t commits() const;
  int64_t faults() const;
  std::vector<Injected> log() const;
  // A line each: "call 17: Commit met kDoneLater".
  std::string LogText() const;

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
  // What a write is to do and to say.
  struct Turn {
    bool now = true;     // call the store
    bool later = false;  // call it when settled
    absl::Status word;   // OK: what the store says
  };
  Turn TurnOf(Method method);
  absl::Status ReadFault(Method method);
  void PutOff(std::function<void()> write);

  Store* const inner_;
  const std::unique_ptr<State> state_;
};

std::string_view FaultName(FaultyStore::Fault fault);
std::string_view MethodName(FaultyStore::Method method);

}  // namespace hotline::testing

#endif  // HOTLINE_TESTING_FAULTY_STORE_H_
