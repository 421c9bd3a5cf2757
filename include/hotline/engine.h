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

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
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
  // After a change of policy: cases looked at; those to which it made a
  // difference, each with an event; about how many are still to be looked at.
  // At 0 the sweep is over.
  int swept_cases = 0;
  int replanned = 0;
  int64_t to_sweep = 0;
  // Something is due that could not be moved: another worker has it, or it
  // cannot be read. `next` is a second from now.
  bool stuck = false;
  // When to call again; InfiniteFuture: nothing is waiting.
  absl::Time next = absl::InfiniteFuture();
};

// What a patch of the policy would do to the cases it can reach.
struct PatchEffect {
  // Clocks of one category under one unit.
  struct Line {
    std::string category;
    std::string unit;       // empty: nobody's
    int64_t later = 0;      // promises moved to a later instant
    int64_t earlier = 0;    // and to an earlier one
    int64_t withdrawn = 0;  // breaches that are none any more
    int64_t broken = 0;     // promises broken by the change itself
    friend bool operator==(const Line&, const Line&) = default;
  };
  struct Told {
    std::string kind;  // `reporter`, `unit`, `agent`, `role`, `watcher`
    int64_t people = 0;
  };
  int64_t version = 0;      // the policy's, once it is adopted
  int64_t looked = 0;       // cases
  int64_t touched = 0;      // of these, how many the lines below count
  std::vector<Line> lines;  // by category and unit
  // Whom the notices for a promise that moved would reach, one a notice.
  std::vector<Told> told;
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

  // A typhoon: adopts Policy::With(patch) as version expected_head + 1. Needs
  // DECLARE; a patch of more than closures and declared events is refused with
  // PERMISSION_DENIED, the field named. What does not say when it was announced
  // was announced now. ABORTED as Adopt; INVALID_POLICY as With.
  //
  // After this, as after any Adopt, every case is judged anew as of the instant
  // of adoption, by whichever comes first: its own next command, its timer, or
  // the sweep. RunDue sweeps, in pages of a few hundred cases, resumable by any
  // process, until a pass begun two seconds after the adoption (by then every
  // engine on the store knows of it) has found nothing: each case with a timer,
  // and each open one that is overdue with all its levels recorded. A case that
  // the change does not touch is only read. Not swept are cases whose clocks
  // all rest (they have no due instant; what they wait for judges them anew
  // first) and closed ones without a running follow-up; either way the same
  // facts are recorded, with the same instants, when something next happens to
  // them.
  absl::StatusOr<v1::Receipt> Declare(const Actor& actor,
                                      const v1::PolicyPatch& patch,
                                      int64_t expected_head);

  // What Declare, or Adopt with Policy::With, would do now to the cases the
  // sweep would reach. Writes nothing. `progress` hears how many cases were
  // looked at, of about how many. Needs DECLARE, or ADOPT for other patches.
  absl::StatusOr<PatchEffect> DryRun(
      const Actor& actor, const v1::PolicyPatch& patch,
      const std::function<void(int64_t looked, int64_t of)>& progress = {});

  // The policy in force and its version; NO_POLICY if there is none.
  absl::StatusOr<Policy> CurrentPolicy(const Actor& actor, int64_t* version);

  // One command. Answered = durable.
  absl::StatusOr<v1::Receipt> Execute(const Actor& actor,
                                      const v1::Command& command);

  // Many at once in as few transactions as can be, each with its own verdict.
  // Commands on one case are done in their order: each begins a transaction,
  // so bring many cases rather than many commands on a few.
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

  // Events of all cases of the actor's tenant, for mirrors and reports. Each
  // comes at least once, those of one case in the order of their versions,
  // whatever is committed meanwhile; between cases the order is the store's.
  // Where page.cursor is empty they come from the first on; next_cursor says
  // where to go on, now or later, and `more` whether to do so at once. A page
  // may be short, even empty, and yet have more.
  //
  // Seen as History shows them, by what the actor may see of the case as it
  // is now; what Find would not list to the actor is left out, and the cursor
  // passes it. Once passed it does not come back when the actor's rights grow,
  // so give a mirror a role that reads all (READ_ALL, READ_INTERNAL).
  //
  // At least once: a mirror applies an event by (reference, version). One that
  // it has is dropped; the next one is folded with Evolve. There is never a
  // gap. Keep the cursor where the copy is kept, in the same transaction; if
  // that cannot be, write the copy first: what is then read twice is dropped.
  // An `erased` fact asks every copy to forget the case's sealed bodies, those
  // of its events too.
  //   INVALID_ARGUMENT  a limit out of range; a cursor that is not of this
  //                     store, or lies ahead of it: it was restored from a
  //                     backup. Its cases may have taken another way since, so
  //                     begin a new copy with an empty cursor
  //   NOT_SUPPORTED     the store has no feed (Capabilities::feed)
  absl::StatusOr<v1::ChangePage> Changes(const Actor& actor,
                                         const v1::Page& page);

  // Fires timers, sends deliveries, sweeps, for about `budget` of real time. An
  // error of the store ends it; CORRUPT is a tenant's, and told when all other
  // tenants had their turn.
  absl::StatusOr<DueReport> RunDue(absl::Duration budget);

 private:
  class Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hotline

#endif  // HOTLINE_ENGINE_H_
