// case show, history, timeline, explain.
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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
  absl::Time now;

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
  found.now = RealClock()->TimeNow();
  return found;
}

int Answer(const absl::StatusOr<std::string>& answer, Io io) {
  if (!answer.ok()) return Fail(answer.status(), io.err);
  io.out << *answer;
  if (answer->empty() || answer->back() != '\n') io.out << "\n";
  return kDone;
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
  const absl::StatusOr<Format> format =
      ParseFormat(args.Has("format") ? args.Get("format")
                  : args.Has("json") ? "json"
                                     : "text");
  if (!format.ok()) return Fail(format.status(), io.err);
  const absl::StatusOr<Found> found = Read(args);
  if (!found.ok()) return Fail(found.status(), io.err);
  return Answer(Timeline(found->of, found->events, *format, found->look(args)),
                io);
}

int CaseExplain(const Arguments& args, Io io) {
  const absl::StatusOr<Found> found = Read(args);
  if (!found.ok()) return Fail(found.status(), io.err);
  return Answer(Explain(found->of, found->events,
                        args.Has("json") ? Format::kJson : Format::kText,
                        found->look(args)),
                io);
}

}  // namespace hotline::cli
