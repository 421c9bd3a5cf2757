// store check, store run.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "hotline/adapters/file_notifier.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "hotline/error.h"
#include "hotline/store_check.h"
#include "src/cli/cli.h"
#include "src/cli/commands.h"
#include "src/cli/tenant.h"

namespace hotline::cli {
namespace {

// How long the worker works, and rests, before it looks at the signals again.
constexpr absl::Duration kBudget = absl::Milliseconds(200);
constexpr auto kNap = std::chrono::milliseconds(200);

std::atomic<bool> stop_asked = false;

void AskToStop(int) { stop_asked = true; }

// Signals ask the worker to stop while this lives.
class StopOnSignals {
 public:
  StopOnSignals()
      : int_(std::signal(SIGINT, AskToStop)),
        term_(std::signal(SIGTERM, AskToStop)) {
    stop_asked = false;
  }
  ~StopOnSignals() {
    std::signal(SIGINT, int_);
    std::signal(SIGTERM, term_);
  }
  StopOnSignals(const StopOnSignals&) = delete;
  StopOnSignals& operator=(const StopOnSignals&) = delete;

 private:
  void (*int_)(int);
  void (*term_)(int);
};

// Adopts the policy for a tenant that has none.
absl::Status AdoptFirst(Engine* engine, const Actor& actor,
                        const Policy& policy, Io io) {
  int64_t version = 0;
  const absl::StatusOr<Policy> current = engine->CurrentPolicy(actor, &version);
  if (current.ok()) {
    if (current->fingerprint() != policy.fingerprint()) {
      io.err << "hotline: policy " << current->spec().id() << " version "
             << version
             << " is in force and is another than the file's; working under "
                "the one in force\n";
    }
    return absl::OkStatus();
  }
  if (ReasonOf(current.status()) != v1::ErrorInfo::NO_POLICY) {
    return current.status();
  }
  const absl::Status adopted = engine->Adopt(actor, policy, 0).status();
  if (adopted.ok()) {
    io.err << "hotline: adopted policy " << policy.spec().id() << " for tenant "
           << actor.tenant << "\n";
  }
  return adopted;
}

void Add(const DueReport& one, DueReport* sum) {
  sum->fired += one.fired;
  sum->looked += one.looked;
  sum->sent += one.sent;
  sum->failed += one.failed;
  sum->swept += one.swept;
  sum->replanned += one.replanned;
  sum->next = one.next;
}

// Works until nothing is due (`once`) or somebody asks it to stop.
absl::Status Work(Engine* engine, bool once, DueReport* sum) {
  while (!stop_asked) {
    const absl::StatusOr<DueReport> due = engine->RunDue(kBudget);
    if (!due.ok()) return due.status();
    Add(*due, sum);
    if (due->next <= RealClock()->TimeNow()) continue;
    if (once) return absl::OkStatus();
    std::this_thread::sleep_for(kNap);
  }
  return absl::OkStatus();
}

std::string NextWords(absl::Time next) {
  if (next == absl::InfiniteFuture()) return "never";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", next, absl::UTCTimeZone());
}

void Tell(const DueReport& sum, bool json, Io io) {
  if (json) {
    io.out << "{\"fired\":" << sum.fired << ",\"looked\":" << sum.looked
           << ",\"sent\":" << sum.sent << ",\"failed\":" << sum.failed
           << ",\"swept\":" << sum.swept << ",\"replanned\":" << sum.replanned
           << ",\"next\":"
           << (sum.next == absl::InfiniteFuture()
                   ? "null"
                   : JsonQuote(NextWords(sum.next)))
           << "}\n";
    return;
  }
  io.out << "cases looked at " << sum.looked << ", fired " << sum.fired
         << ", planned anew " << sum.replanned << "; deliveries handed over "
         << sum.sent << ", put off or given up " << sum.failed << "; next "
         << NextWords(sum.next) << "\n";
}

absl::Status Run(const Arguments& args, const Policy& policy, Io io) {
  const absl::StatusOr<std::unique_ptr<Store>> store =
      OpenStore(args.Get("store"), /*read_only=*/false);
  if (!store.ok()) return store.status();
  const absl::StatusOr<std::unique_ptr<FileNotifier>> file = FileNotifier::Open(
      args.Has("notices") ? args.Get("notices") : "hotline-notices.jsonl");
  if (!file.ok()) return file.status();
  Operator authorizer(/*personal=*/true);
  const absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(
      store->get(), {.authorizer = &authorizer, .notifiers = {file->get()}});
  if (!engine.ok()) return engine.status();
  const Actor actor{
      .tenant = args.Has("tenant") ? args.Get("tenant") : policy.spec().id(),
      .id = "hotline",
      .roles = {}};
  const absl::Status adopted = AdoptFirst(engine->get(), actor, policy, io);
  if (!adopted.ok()) return adopted;
  const StopOnSignals signals;
  DueReport sum;
  const absl::Status worked = Work(engine->get(), args.Has("once"), &sum);
  if (worked.ok()) Tell(sum, args.Has("json"), io);
  return worked;
}

}  // namespace

int StoreRun(const Arguments& args, Io io) {
  const absl::StatusOr<Policy> policy = LoadPolicy(args.Get("policy"));
  if (!policy.ok()) {
    PrintProblems(args.Get("policy"), policy.status(), io.err);
    return kUsage;
  }
  const absl::Status status = Run(args, *policy, io);
  return status.ok() ? kDone : Fail(status, io.err);
}

int StoreCheck(const Arguments& args, Io io) {
  const absl::StatusOr<std::unique_ptr<Store>> store =
      OpenStore(args.Get("store"), /*read_only=*/true);
  if (!store.ok()) return Fail(store.status(), io.err);
  StoreCheckOptions options;
  if (args.Has("tenant")) {
    const absl::StatusOr<std::string> tenant =
        ChooseTenant(args.Get("tenant"), store->get());
    if (!tenant.ok()) return Fail(tenant.status(), io.err);
    options.tenant = *tenant;
  }
  absl::StatusOr<StoreReport> report;
  {
    Progress progress("cases", io.err);
    options.progress = [&](int64_t cases) { progress.Update(cases, 0); };
    report = CheckStore(store->get(), options);
  }
  if (!report.ok()) return Fail(report.status(), io.err);
  if (args.Has("json")) {
    io.out << report->ToJson() << "\n";
    return report->problems_found == 0 ? kDone : kFound;
  }
  for (const v1::Problem& problem : report->problems) {
    io.err << problem.path() << ": " << problem.message() << "; "
           << problem.hint() << "\n";
  }
  io.out << (report->problems_found == 0
                 ? std::string("ok")
                 : absl::StrCat(report->problems_found, " problems"))
         << ": " << report->tenants << " tenants, " << report->policies
         << " policies, " << report->cases << " cases, " << report->events
         << " events, " << report->timers << " timers\n";
  return report->problems_found == 0 ? kDone : kFound;
}

}  // namespace hotline::cli
