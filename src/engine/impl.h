// The engine's inside: the road of a command, and what runs by itself.
#ifndef HOTLINE_SRC_ENGINE_IMPL_H_
#define HOTLINE_SRC_ENGINE_IMPL_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hotline/engine.h"
#include "src/engine/case_rows.h"
#include "src/engine/group_commit.h"
#include "src/engine/policies.h"

namespace hotline {

// A command judged and made into rows, not yet committed.
struct Prepared {
  Write write;
  v1::Receipt receipt;
  std::vector<internal::LoadedCase> after;  // its own case first
  std::string attempt;
  bool drew_reference = false;  // a reference of ours, which may collide
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

  // queries.cc
  absl::StatusOr<v1::Case> Get(const Actor& actor, std::string_view reference);
  absl::StatusOr<v1::CasePage> Find(const Actor& actor, const v1::Query& query);
  absl::StatusOr<v1::EventPage> History(const Actor& actor,
                                        std::string_view reference,
                                        const v1::Page& page);

  // due.cc, deliver.cc
  absl::StatusOr<DueReport> RunDue(absl::Duration budget);

 private:
  // Cases of commands earlier in the same batch, by reference.
  using Overlay = std::map<std::string, internal::LoadedCase>;

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
  // What `actor` may see of the case. Reads the sealed body only for those who
  // may see it, or who must be known as the case's reporter.
  absl::StatusOr<View> ViewOf(const Policy& policy, const Actor& actor,
                              internal::LoadedCase* loaded);
  absl::StatusOr<std::vector<internal::LoadedCase>> LoadNamed(
      const Policy& policy, const Actor& actor, const v1::Command& command,
      const Overlay& overlay);

  absl::StatusOr<Prepared> Prepare(const Actor& actor,
                                   const v1::Command& command,
                                   const Overlay& overlay);
  absl::StatusOr<Prepared> PrepareJudged(
      const internal::PolicyInForce& policy, const Actor& actor,
      const v1::Command& command, std::vector<internal::LoadedCase> cases,
      bool trusted);
  void AddKey(const Actor& actor, const v1::Command& command, absl::Time now,
              Prepared* prepared) const;
  // The answer of the same command done before; NotFound if there was none.
  absl::StatusOr<v1::Receipt> AnswerOfKey(const Actor& actor,
                                          const v1::Command& command);
  enum class Fate { kDone, kStale, kNothing, kUnknown };
  // What became of a try whose commit had no clear answer.
  struct Try {
    CaseKey key;
    int64_t version = 0;  // of the case before it
    std::string attempt;
  };
  static Try TryOf(const Prepared& prepared);
  Fate Settle(const Try& sent);
  absl::Status CommitSettled(Prepared* prepared);

  // One round of due timers or deliveries; true if there may be more.
  absl::StatusOr<bool> FireTimers(const std::string& tenant, DueReport* report);
  absl::StatusOr<bool> SendDeliveries(const std::string& tenant,
                                      DueReport* report);
  absl::Status SweepKeys(const std::string& tenant, DueReport* report);
  // The tick of one due case: what to write, or nothing if it cannot be read.
  std::optional<Write> TickOf(const internal::PolicyInForce& policy,
                              const CaseKey& key, bool* fires);
  static CaseChange PutOff(CaseRow row, absl::Time until);
  std::vector<Contactable> PeopleOf(const DeliveryRow& row,
                                    const v1::Noticed& noticed,
                                    const v1::Case& on) const;
  // One for each person behind the recipient's name.
  absl::StatusOr<std::vector<Envelope>> Envelopes(const DeliveryRow& row);
  Finished Hand(const Claimed& claimed, DueReport* report);
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
};

}  // namespace hotline

#endif  // HOTLINE_SRC_ENGINE_IMPL_H_
