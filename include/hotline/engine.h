// The engine: commands in, durable cases out. It joins the pure rules (judge.h)
// with a store, a clock and notifiers of the host's.
//
//   hotline::MemoryStore store;
//   auto engine = hotline::Engine::Open(&store, {});
//   (*engine)->Adopt(admin, *policy, 0).value();
//   hotline::v1::Command c;
//   c.set_key("call-0042");
//   c.mutable_open()->set_category("streetlight");
//   auto receipt = (*engine)->Execute(agent, c);   // reference, due, version
//   auto due = (*engine)->RunDue(absl::Seconds(1));
//   // ... call RunDue again at due->next
//
// Thread rule: every method may be called from any thread. The library starts
// none: it works in the threads that call it, and callers that meet in a commit
// share one transaction.
// Lifetime: store and everything in Options must outlive the engine.
// Errors: statuses with hotline.v1.ErrorInfo (error.h). A refused call has
// written nothing. OUTCOME_UNKNOWN says that even reading back did not settle
// whether a commit happened; the same command under the same key is safe.
#ifndef HOTLINE_ENGINE_H_
#define HOTLINE_ENGINE_H_

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/authorizer.h"
#include "hotline/clock.h"
#include "hotline/directory.h"
#include "hotline/judge.h"
#include "hotline/notifier.h"
#include "hotline/observer.h"
#include "hotline/policy.h"
#include "hotline/store.h"
#include "hotline/v1/contact.pb.h"
#include "hotline/v1/query.pb.h"
#include "hotline/v1/receipt.pb.h"

namespace hotline {

// What RunDue did.
struct DueReport {
  int fired = 0;   // cases whose timers had something to record
  int looked = 0;  // cases whose timers were due
  int sent = 0;    // deliveries handed over
  int failed = 0;  // deliveries put off or given up
  int swept = 0;   // idempotency keys past their time
  // When to call again; InfiniteFuture: nothing is waiting.
  absl::Time next = absl::InfiniteFuture();
};

class Engine final {
 public:
  struct Options {
    Clock* clock = nullptr;            // null: RealClock()
    Authorizer* authorizer = nullptr;  // null: the policy's roles
    Entropy* entropy = nullptr;        // null: SystemEntropy()
    Directory* directory = nullptr;    // null: names without addresses
    std::vector<Notifier*> notifiers = {};
    Observer* observer = nullptr;
  };

  // Loads every tenant's policy. Fails with what the store says.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(Store* store,
                                                      Options options);
  ~Engine();

  // Makes `policy` the tenant's, as version expected_head + 1. ABORTED if
  // another was adopted meanwhile. The first policy of a tenant (head 0) may be
  // adopted by anybody the host vouches for; later ones need ADOPT.
  absl::StatusOr<v1::Receipt> Adopt(const Actor& actor, const Policy& policy,
                                    int64_t expected_head);

  // The policy in force and its version; NO_POLICY if there is none.
  absl::StatusOr<Policy> CurrentPolicy(const Actor& actor, int64_t* version);

  // One command. Answered = durable.
  absl::StatusOr<v1::Receipt> Execute(const Actor& actor,
                                      const v1::Command& command);

  // Many at once in as few transactions as can be, each with its own verdict.
  // Commands on one case are done in their order.
  std::vector<absl::StatusOr<v1::Receipt>> ExecuteBatch(
      const Actor& actor, std::span<const v1::Command> commands);

  absl::StatusOr<v1::Receipt> RecordContact(const Actor& actor,
                                            const v1::Contact& contact);

  // The case as this actor may see it, clocks as of now. CASE_NOT_FOUND also
  // for what the actor may not know of.
  absl::StatusOr<v1::Case> Get(const Actor& actor, std::string_view reference);

  absl::StatusOr<v1::CasePage> Find(const Actor& actor, const v1::Query& query);

  absl::StatusOr<v1::EventPage> History(const Actor& actor,
                                        std::string_view reference,
                                        const v1::Page& page);

  // Fires timers, sends deliveries, sweeps, for about `budget` of real time.
  absl::StatusOr<DueReport> RunDue(absl::Duration budget);

 private:
  class Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hotline

#endif  // HOTLINE_ENGINE_H_
