// The engine's inside: the road of a command, and what runs by itself.
#ifndef HOTLINE_SRC_ENGINE_IMPL_H_
#define HOTLINE_SRC_ENGINE_IMPL_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hotline/engine.h"
#include "hotline/v1/sweep.pb.h"
#include "src/engine/case_rows.h"
#include "src/engine/group_commit.h"
#include "src/engine/policies.h"

namespace hotline {

// A command judged and made into rows, not yet committed.
struct Prepared {
  Write write;  // its own case first
  v1::Receipt receipt;
  std::string attempt;
  bool drew_reference = false;  // a reference of ours, which may collide
  // When its own case is to be looked at next.
  absl::Time next = absl::InfiniteFuture();
};

class Engine::Impl {
 public:
  Impl(Store* store, Options options);

  absl::Status Load();
  absl::StatusOr<v1::Receipt> Adopt(const Actor& actor, const Policy& policy,
                                    int64_t expected_head);
  absl::StatusOr<Policy> CurrentPolicy(const Actor& actor, int64_t* version);

  // execute.cc
  absl::StatusOr<v1::Receipt> Execute(const Actor& actor,
                                      const v1::Command& command);
  std::vector<absl::StatusOr<v1::Receipt>> ExecuteBatch(
      const Actor& actor, std::span<const v1::Command> commands);
  absl::StatusOr<v1::Receipt> RecordContact(const Actor& actor,
                                            const v1::Contact& contact);

  // declare.cc
  absl::StatusOr<v1::Receipt> Declare(const Actor& actor,
                                      const v1::PolicyPatch& patch,
                                      int64_t expected_head);
  // Adopts `policy` in the place of `current`.
  absl::StatusOr<v1::Receipt> AdoptAfter(
      const Actor& actor, const Policy& policy,
      const internal::PolicyInForce& current);
  static absl::Status StaleHead(int64_t expected_head);
  absl::StatusOr<PatchEffect> DryRun(
      const Actor& actor, const v1::PolicyPatch& patch,
      const std::function<void(int64_t, int64_t)>& progress);

  // queries.cc
  absl::StatusOr<v1::Case> Get(const Actor& actor, std::string_view reference);
  absl::StatusOr<v1::CasePage> Find(const Actor& actor, const v1::Query& query);
  absl::StatusOr<v1::EventPage> History(const Actor& actor,
                                        std::string_view reference,
                                        const v1::Page& page);

  // changes.cc
  absl::StatusOr<v1::ChangePage> Changes(const Actor& actor,
                                         const v1::Page& page);

  // due.cc, deliver.cc
  absl::StatusOr<DueReport> RunDue(absl::Duration budget);

 private:
  // Commands that go into one transaction. A command on a case that one before
  // it changes rests on that: it waits until that is committed, since a version
  // alone does not tell whose change it was.
  struct Batch {
    // Cases that the commands name, by reference, with their sealed bodies.
    std::unordered_map<std::string, CaseRow> read;
    std::vector<Write> writes;
    std::vector<size_t> places;     // of their commands
    std::set<std::string> changed;  // references of the cases of `writes`
    bool rests = false;             // the command judged last, on `changed`
    size_t settled = 0;             // commands that have their answers
  };

  absl::Time Now() const;
  absl::Status CheckActor(const Actor& actor) const;
  Authorizer::Decision MayDo(const Policy& policy, const Actor& actor,
                             v1::Verb verb,
                             std::span<const v1::Case> cases) const;
  bool May(const Policy& policy, const Actor& actor, v1::Permission permission,
           const v1::Case* on) const;

  // By reference as typed; NOT_FOUND as CASE_NOT_FOUND.
  absl::StatusOr<internal::LoadedCase> LoadByReference(
      const Policy& policy, const std::string& tenant,
      std::string_view reference, bool sealed);
  absl::Status Admit(const Policy& policy, const Actor& actor,
                     const v1::Command& command,
                     std::span<const v1::Case> cases) const;
  absl::StatusOr<internal::LoadedCase> LoadRow(const CaseRow& row);
  // One look at the store for all of a batch. What it does not bring, each
  // command looks for by itself.
  void ReadAhead(const std::string& tenant,
                 std::span<const v1::Command> commands, Batch* batch);
  void CommitBatch(const Actor& actor, std::span<const v1::Command> commands,
                   Batch* batch,
                   std::vector<absl::StatusOr<v1::Receipt>>* answers);
  // What `actor` may see of the case. Reads the sealed body only for those who
  // must be known as the case's reporter, or who may see it and are to
  // (`shown`).
  absl::StatusOr<View> ViewOf(const Policy& policy, const Actor& actor,
                              internal::LoadedCase* loaded, bool shown = true);
  static absl::StatusOr<int> LimitOf(const v1::Page& page);
  // Takes out of the event what the view does not show. False: nothing of it
  // is left to show.
  static bool Cut(const View& view, v1::Event* event);
  // A case behind events of the feed.
  struct Followed {
    std::string reference;
    View view;
  };
  // Nothing if the actor may not know of the case.
  absl::StatusOr<std::optional<Followed>> Follow(const Policy& policy,
                                                 const Actor& actor,
                                                 const EventRow& event);
  absl::StatusOr<std::vector<internal::LoadedCase>> LoadNamed(
      const Policy& policy, const Actor& actor, const v1::Command& command,
      Batch* batch);

  absl::StatusOr<Prepared> Prepare(const Actor& actor,
                                   const v1::Command& command, Batch* batch);
  absl::StatusOr<Prepared> PrepareJudged(
      const internal::PolicyInForce& policy, const Actor& actor,
      const v1::Command& command, std::vector<internal::LoadedCase> cases,
      bool trusted);
  void AddKey(const Actor& actor, const v1::Command& command, absl::Time now,
              Prepared* prepared) const;
  // The answer of the same command done before; NotFound if there was none.
  absl::StatusOr<v1::Receipt> AnswerOfKey(const Actor& actor,
                                          const v1::Command& command);

  // From the head of the queue, or behind a timer.
  absl::StatusOr<std::vector<Claimed>> ClaimTimers(const std::string& tenant,
                                                   const Claimed* behind);
  // What a round makes of the timers that are due. Threads of this process
  // share them: `mine` are this round's, until they are released.
  struct Round {
    size_t claimed = 0;
    std::vector<Write> writes;
    std::vector<bool> fires;  // for each Write: not only moved
    std::vector<std::set<CaseKey>::iterator> mine;
  };
  // Begins behind a timer, if it is given, and where a page has nothing to be
  // moved goes on behind that: other threads have it, or it cannot be read.
  absl::StatusOr<Round> JudgeTimers(const std::string& tenant, absl::Time until,
                                    std::optional<Claimed>* behind,
                                    DueReport* report);
  absl::Status Judge(const internal::PolicyInForce& policy,
                     std::span<Claimed> claimed, Round* round,
                     DueReport* report);
  void Release(const Round& round);
  // Of what a round claimed, `lost` was done by others.
  void KeepApart(const std::string& tenant, size_t lost, size_t claimed);
  // One round of due timers or deliveries; true if there may be more.
  absl::StatusOr<bool> FireTimers(const std::string& tenant, absl::Time until,
                                  std::optional<Claimed>* behind,
                                  DueReport* report);
  absl::StatusOr<bool> SendDeliveries(const std::string& tenant,
                                      DueReport* report);
  absl::Status SweepKeys(const std::string& tenant, DueReport* report);
  // Rounds until one moves nothing, or until `until`. True if any did.
  absl::StatusOr<bool> RunRounds(const std::string& tenant, absl::Time until,
                                 int64_t* to_sweep, DueReport* report);
  absl::StatusOr<absl::Time> NextOf(const std::string& tenant);
  // All that runs by itself of one tenant, and when to look again.
  absl::Status RunTenant(const std::string& tenant, absl::Time until,
                         DueReport* report);
  // What has fallen due of a case by itself. No cases in its Write: nothing.
  absl::StatusOr<Prepared> Tick(const internal::PolicyInForce& policy,
                                const std::string& tenant,
                                internal::LoadedCase loaded);
  // The tick of one due case: what to write.
  Write TickOf(const internal::PolicyInForce& policy, CaseRow row, bool* fires);
  // sweep.cc: brings the tenant's cases up to the policy in force, a page at a
  // time. How many are still to be looked at; 0: it is over, or another
  // thread's.
  absl::StatusOr<int64_t> SweepCases(const std::string& tenant,
                                     DueReport* report);
  absl::StatusOr<int64_t> SweepSome(const std::string& tenant,
                                    internal::PolicyInForce policy,
                                    DueReport* report);
  absl::Status SweepPage(const std::string& tenant,
                         const internal::PolicyInForce& policy,
                         v1::SweepBody* body, std::vector<Write>* writes,
                         DueReport* report);
  // What the policy in force makes of a case judged by an older one, if
  // anything.
  std::optional<Write> SweepOne(const internal::PolicyInForce& policy,
                                CaseRow row);
  absl::StatusOr<v1::SweepBody> ReadSweep(const std::string& tenant,
                                          int64_t* record_version);
  // Which policies have been in force since these cases were judged last.
  absl::Status AddEras(const std::string& tenant,
                       const internal::PolicyInForce& policy,
                       std::span<const v1::Case> cases, Moment* moment);
  // A tick of which nothing is kept.
  absl::StatusOr<CaseChangePlan> Foresee(const internal::PolicyInForce& policy,
                                         const CaseRow& row, absl::Time now);
  static CaseChange PutOff(CaseRow row, absl::Time until);
  std::vector<Contactable> PeopleOf(const DeliveryRow& row,
                                    const v1::Noticed& noticed,
                                    const v1::Case& on) const;
  // One for each person behind the recipient's name.
  absl::StatusOr<std::vector<Envelope>> Envelopes(const DeliveryRow& row);
  // Not begun after `last_start`: the lease would not outlive the hand-over.
  Finished Hand(const Claimed& claimed, absl::Time last_start,
                DueReport* report);
  Finished FinishOf(const Claimed& claimed, std::span<const SendResult> results,
                    DueReport* report);
  void Alarm(const std::string& tenant, std::string_view what,
             const absl::Status& why) const;

  Store* const store_;
  const Options options_;
  Clock* const clock_;
  Entropy* const entropy_;
  internal::Policies policies_;
  internal::GroupCommit group_;
  internal::Mutex firing_mutex_;
  std::set<CaseKey> firing_ ABSL_GUARDED_BY(firing_mutex_);
  internal::Mutex sweeping_mutex_;
  std::set<std::string> sweeping_ ABSL_GUARDED_BY(sweeping_mutex_);
  // Policy versions up to which a sweep has ended, by tenant.
  std::map<std::string, int64_t> swept_to_ ABSL_GUARDED_BY(sweeping_mutex_);
  // For how many rounds yet a tenant's timers are not fired from the head on.
  std::map<std::string, int> rounds_apart_ ABSL_GUARDED_BY(firing_mutex_);
  // When a tenant's keys were swept last.
  std::map<std::string, absl::Time> swept_at_ ABSL_GUARDED_BY(firing_mutex_);
};

}  // namespace hotline

#endif  // HOTLINE_SRC_ENGINE_IMPL_H_
