// case show, history, timeline, explain.
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "hotline/error.h"
#include "hotline/inspect.h"
#include "hotline/limits.h"
#include "src/cli/cli.h"
#include "src/cli/commands.h"
#include "src/cli/tenant.h"

namespace hotline::cli {
namespace {

// One case with all its events, read from a store that is only read.
struct Found {
  v1::Case of;
  std::vector<v1::Event> events;
  std::optional<Policy> policy;
  // Those that judged it, as they were adopted.
  struct Judge {
    int64_t version;
    Policy policy;
    std::string zone_data;
  };
  std::vector<Judge> judges;
  absl::Time now;

  std::vector<PolicyVersion> versions() const {
    std::vector<PolicyVersion> all;
    for (const Judge& judge : judges) {
      all.push_back({judge.version, &judge.policy, judge.zone_data});
    }
    return all;
  }

  Look look(const Arguments& args) const {
    return {.policy = policy ? &*policy : nullptr,
            .now = now,
            .language =
                args.Has("lang") ? std::string_view(args.Get("lang")) : "en"};
  }
};

absl::Status ReadEvents(Engine* engine, const Actor& actor, Found* found) {
  v1::Page page;
  page.set_limit(limits::kPageItemsMax);
  do {
    absl::StatusOr<v1::EventPage> events =
        engine->History(actor, found->of.reference(), page);
    if (!events.ok()) return events.status();
    for (v1::Event& event : *events->mutable_events()) {
      found->events.push_back(std::move(event));
    }
    page.set_cursor(events->next_cursor());
  } while (!page.cursor().empty());
  return absl::OkStatus();
}

// Every policy version that the case or an event of it names.
absl::Status ReadJudges(Store* store, const std::string& tenant, Found* found) {
  std::set<int64_t> versions = {found->of.policy_version()};
  for (const v1::ClockState& clock : found->of.clocks()) {
    versions.insert(clock.policy_version());
  }
  for (const v1::Event& event : found->events) {
    versions.insert(event.policy_version());
  }
  versions.erase(0);
  for (const int64_t version : versions) {
    const auto records = store->ReadRecords(
        OneRecord({tenant, "policy", absl::StrFormat("%019d", version)}));
    if (!records.ok()) return records.status();
    v1::AdoptedPolicy adopted;
    if (records->empty() ||
        !adopted.ParseFromString(records->front().payload)) {
      continue;  // `store check` tells of it
    }
    absl::StatusOr<Policy> policy = Policy::Create(adopted.spec());
    if (!policy.ok()) continue;
    found->judges.push_back({version, *std::move(policy), adopted.zone_data()});
  }
  return absl::OkStatus();
}

absl::StatusOr<Found> Read(const Arguments& args) {
  const absl::StatusOr<std::unique_ptr<Store>> store =
      OpenStore(args.Get("store"), /*read_only=*/true);
  if (!store.ok()) return store.status();
  const absl::StatusOr<std::string> tenant =
      ChooseTenant(args.Get("tenant"), store->get());
  if (!tenant.ok()) return tenant.status();
  Operator authorizer(args.Has("personal"));
  const absl::StatusOr<std::unique_ptr<Engine>> engine =
      Engine::Open(store->get(), {.authorizer = &authorizer});
  if (!engine.ok()) return engine.status();
  const Actor actor{.tenant = *tenant, .id = "hotline", .roles = {}};
  Found found;
  absl::StatusOr<v1::Case> of = (*engine)->Get(actor, args.files()[0]);
  if (!of.ok()) return of.status();
  found.of = *std::move(of);
  if (absl::Status s = ReadEvents(engine->get(), actor, &found); !s.ok()) {
    return s;
  }
  int64_t version = 0;
  absl::StatusOr<Policy> policy = (*engine)->CurrentPolicy(actor, &version);
  if (policy.ok()) found.policy = *std::move(policy);
  if (absl::Status s = ReadJudges(store->get(), *tenant, &found); !s.ok()) {
    return s;
  }
  found.now = RealClock()->TimeNow();
  return found;
}

}  // namespace

int CaseShow(const Arguments& args, Io io) {
  const absl::StatusOr<Found> found = Read(args);
  if (!found.ok()) return Fail(found.status(), io.err);
  return Answer(args.Has("json") ? ToJson(found->of)
                                 : DescribeCase(found->of, found->look(args)),
                io);
}

int CaseHistory(const Arguments& args, Io io) {
  const absl::StatusOr<Found> found = Read(args);
  if (!found.ok()) return Fail(found.status(), io.err);
  if (!args.Has("json")) {
    io.out << ListEvents(found->events, found->look(args));
    return kDone;
  }
  for (const v1::Event& event : found->events) io.out << ToJson(event) << "\n";
  return kDone;
}

int CaseTimeline(const Arguments& args, Io io) {
  const absl::StatusOr<Format> format = FormatOf(args);
  if (!format.ok()) return Fail(format.status(), io.err);
  const absl::StatusOr<Found> found = Read(args);
  if (!found.ok()) return Fail(found.status(), io.err);
  return Answer(Timeline(found->of, found->events, *format, found->look(args)),
                io);
}

int CaseExplain(const Arguments& args, Io io) {
  const absl::StatusOr<Format> format = FormatOf(args);
  if (!format.ok()) return Fail(format.status(), io.err);
  const absl::StatusOr<Found> found = Read(args);
  if (!found.ok()) return Fail(found.status(), io.err);
  const std::vector<PolicyVersion> versions = found->versions();
  Look look = found->look(args);
  look.versions = versions;
  return Answer(Explain(found->of, found->events, *format, look), io);
}

}  // namespace hotline::cli
