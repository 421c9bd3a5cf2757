// closure add, withdraw, list: a typhoon afternoon entered by the duty officer.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "hotline/engine.h"
#include "hotline/error.h"
#include "src/cli/cli.h"
#include "src/cli/commands.h"
#include "src/cli/tenant.h"

namespace hotline::cli {
namespace {

// How long the sweep works before the bar is drawn again.
constexpr absl::Duration kBudget = absl::Milliseconds(200);

// The store's engine, and by whom it is asked.
struct Desk {
  std::unique_ptr<Store> store;
  std::unique_ptr<Operator> authorizer;
  std::unique_ptr<Engine> engine;
  Actor actor;
  int64_t version = 0;
  absl::StatusOr<Policy> policy = absl::UnknownError("");
};

absl::StatusOr<Desk> OpenDesk(const Arguments& args, bool read_only) {
  Desk desk;
  absl::StatusOr<std::unique_ptr<Store>> store =
      OpenStore(args.Get("store"), read_only);
  if (!store.ok()) return store.status();
  desk.store = *std::move(store);
  const absl::StatusOr<std::string> tenant =
      ChooseTenant(args.Get("tenant"), desk.store.get());
  if (!tenant.ok()) return tenant.status();
  desk.authorizer = std::make_unique<Operator>(/*personal=*/true);
  absl::StatusOr<std::unique_ptr<Engine>> engine =
      Engine::Open(desk.store.get(), {.authorizer = desk.authorizer.get()});
  if (!engine.ok()) return engine.status();
  desk.engine = *std::move(engine);
  desk.actor = {.tenant = *tenant,
                .id = args.Has("by") ? args.Get("by") : "hotline",
                .roles = {}};
  desk.policy = desk.engine->CurrentPolicy(desk.actor, &desk.version);
  if (!desk.policy.ok()) return desk.policy.status();
  return desk;
}

template <typename Field>
void SetCodes(const std::string& list, Field* field) {
  for (const auto& code : absl::StrSplit(list, ',', absl::SkipEmpty())) {
    field->Add(std::string(code));
  }
}

v1::ClosureSpec ClosureOf(const Arguments& args) {
  v1::ClosureSpec closure;
  closure.set_id(args.Get("id"));
  closure.set_from(args.Get("from"));
  closure.set_until(args.Get("until"));
  SetCodes(args.Get("area"), closure.mutable_areas());
  SetCodes(args.Get("unit"), closure.mutable_units());
  closure.set_announced(args.Get("announced"));
  closure.set_reason(args.Get("reason"));
  closure.set_source(args.Get("source"));
  return closure;
}

void Withdraw(const std::string& calendar, const std::string& id,
              v1::PolicyPatch* patch) {
  v1::ClosureId* name = patch->add_withdraw_closures();
  name->set_calendar(calendar);
  name->set_id(id);
}

absl::StatusOr<PatchEffect> Try(const Desk& desk, const v1::PolicyPatch& patch,
                                Io io) {
  Progress progress("judging", io.err);
  return desk.engine->DryRun(
      desk.actor, patch,
      [&](int64_t looked, int64_t of) { progress.Update(looked, of); });
}

// Adopts the patch and sweeps; how many cases were planned anew.
absl::StatusOr<int64_t> Enter(const Desk& desk, const v1::PolicyPatch& patch,
                              Io io) {
  const absl::StatusOr<v1::Receipt> receipt =
      desk.engine->Declare(desk.actor, patch, desk.version);
  if (!receipt.ok()) return receipt.status();
  Progress progress("planning anew", io.err);
  int64_t replanned = 0;
  int64_t looked = 0;
  while (true) {
    const absl::StatusOr<DueReport> due = desk.engine->RunDue(kBudget);
    if (!due.ok()) return due.status();
    replanned += due->replanned;
    looked += due->swept_cases;
    if (due->to_sweep == 0) return replanned;
    progress.Update(looked, looked + due->to_sweep);
  }
}

std::string Json(const PatchEffect& effect, const std::string& calendar,
                 const std::string& id, bool dry_run, int64_t replanned) {
  std::string out = absl::StrCat(
      "{\"dry_run\":", dry_run ? "true" : "false",
      ",\"version\":", effect.version, ",\"calendar\":", JsonQuote(calendar),
      ",\"id\":", JsonQuote(id), ",\"looked\":", effect.looked,
      ",\"touched\":", effect.touched, ",\"lines\":[");
  for (const PatchEffect::Line& line : effect.lines) {
    absl::StrAppend(&out, out.back() == '[' ? "" : ",",
                    "{\"category\":", JsonQuote(line.category),
                    ",\"unit\":", JsonQuote(line.unit),
                    ",\"later\":", line.later, ",\"earlier\":", line.earlier,
                    ",\"withdrawn\":", line.withdrawn,
                    ",\"broken\":", line.broken, "}");
  }
  out += "],\"told\":[";
  for (const PatchEffect::Told& told : effect.told) {
    absl::StrAppend(&out, out.back() == '[' ? "" : ",",
                    "{\"to\":", JsonQuote(told.kind),
                    ",\"people\":", told.people, "}");
  }
  out += "]";
  if (!dry_run) absl::StrAppend(&out, ",\"replanned\":", replanned);
  return out + "}";
}

void PrintEffect(const PatchEffect& effect, std::ostream& out) {
  size_t category = 8, unit = 4;
  for (const PatchEffect::Line& line : effect.lines) {
    category = std::max(category, line.category.size());
    unit = std::max(unit, line.unit.size());
  }
  if (!effect.lines.empty()) {
    out << absl::StreamFormat("%-*s  %-*s  %8s  %8s  %9s  %8s\n", category,
                              "category", unit, "unit", "later", "earlier",
                              "withdrawn", "broken");
  }
  for (const PatchEffect::Line& line : effect.lines) {
    out << absl::StreamFormat("%-*s  %-*s  %8d  %8d  %9d  %8d\n", category,
                              line.category, unit, line.unit, line.later,
                              line.earlier, line.withdrawn, line.broken);
  }
  std::vector<std::string> told;
  for (const PatchEffect::Told& one : effect.told) {
    told.push_back(absl::StrCat(one.kind, " ", one.people));
  }
  out << "to be told: " << (told.empty() ? "nobody" : absl::StrJoin(told, ", "))
      << "\n";
}

// `--calendar`, if given, is one of the policy's.
absl::Status CheckCalendar(const Arguments& args, const Policy& policy) {
  std::vector<std::string> known;
  for (const v1::CalendarSpec& calendar : policy.spec().calendars()) {
    known.push_back(calendar.id());
  }
  const std::string& asked = args.Get("calendar");
  if (!args.Has("calendar") ||
      std::find(known.begin(), known.end(), asked) != known.end()) {
    return absl::OkStatus();
  }
  const std::string near = Nearest(asked, known);
  return absl::InvalidArgumentError(absl::StrCat(
      "no calendar \"", asked, "\"; ",
      near.empty() ? absl::StrCat("there are: ", absl::StrJoin(known, ", "))
                   : absl::StrCat("did you mean ", near, "?")));
}

// The patch tried or done, and told.
int Carry(const Arguments& args, const v1::PolicyPatch& patch,
          const std::string& id, Io io) {
  const bool dry_run = args.Has("dry-run");
  const absl::StatusOr<Desk> desk = OpenDesk(args, dry_run);
  if (!desk.ok()) return Fail(desk.status(), io.err);
  const absl::StatusOr<PatchEffect> effect = Try(*desk, patch, io);
  if (!effect.ok()) return Fail(effect.status(), io.err);
  int64_t replanned = 0;
  if (!dry_run) {
    const absl::StatusOr<int64_t> done = Enter(*desk, patch, io);
    if (!done.ok()) return Fail(done.status(), io.err);
    replanned = *done;
  }
  const std::string& calendar = args.Get("calendar");
  if (args.Has("json")) {
    io.out << Json(*effect, calendar, id, dry_run, replanned) << "\n";
    return kDone;
  }
  io.out << "closure " << id << " of calendar " << calendar << ": ";
  if (dry_run) {
    io.out << "would be policy " << effect->version << "; " << effect->looked
           << " cases judged, " << effect->touched << " touched; "
           << "nothing was written\n";
  } else {
    io.out << "policy " << effect->version << " adopted; " << effect->looked
           << " cases judged, " << replanned << " planned anew\n";
  }
  PrintEffect(*effect, io.out);
  return kDone;
}

}  // namespace

int ClosureAdd(const Arguments& args, Io io) {
  v1::PolicyPatch patch;
  const std::string& calendar = args.Get("calendar");
  if (args.Has("replace")) Withdraw(calendar, args.Get("replace"), &patch);
  const v1::ClosureSpec closure = ClosureOf(args);
  v1::CalendarClosures* add = patch.add_add_closures();
  add->set_calendar(calendar);
  *add->add_closures() = closure;
  return Carry(args, patch, ClosureIdOf(closure), io);
}

int ClosureWithdraw(const Arguments& args, Io io) {
  v1::PolicyPatch patch;
  Withdraw(args.Get("calendar"), args.Get("id"), &patch);
  return Carry(args, patch, args.Get("id"), io);
}

int ClosureList(const Arguments& args, Io io) {
  const absl::StatusOr<Desk> desk = OpenDesk(args, /*read_only=*/true);
  if (!desk.ok()) return Fail(desk.status(), io.err);
  if (const absl::Status s = CheckCalendar(args, *desk->policy); !s.ok()) {
    return Fail(s, io.err);
  }
  for (const v1::CalendarSpec& calendar : desk->policy->spec().calendars()) {
    if (args.Has("calendar") && args.Get("calendar") != calendar.id()) continue;
    for (v1::ClosureSpec closure : calendar.closures()) {
      closure.set_id(ClosureIdOf(closure));
      if (args.Has("json")) {
        io.out << "{\"calendar\":" << JsonQuote(calendar.id())
               << ",\"closure\":" << ToJson(closure) << "}\n";
        continue;
      }
      io.out << calendar.id() << "  " << closure.id() << "  " << closure.from()
             << "  " << closure.until();
      const auto say = [&](const char* what, const std::string& value) {
        if (!value.empty()) io.out << "  " << what << " " << value;
      };
      say("areas", absl::StrJoin(closure.areas(), ","));
      say("units", absl::StrJoin(closure.units(), ","));
      say("announced", closure.announced());
      say("reason", closure.reason());
      say("source", closure.source());
      io.out << "\n";
    }
  }
  return kDone;
}

}  // namespace hotline::cli
