#include "src/cli/declaring.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "src/cli/cli.h"

namespace hotline::cli {
namespace {

// How long the sweep works before the bar is drawn again.
constexpr absl::Duration kBudget = absl::Milliseconds(200);

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

std::string Json(const PatchEffect& effect, const std::string& name,
                 bool dry_run, int64_t replanned) {
  std::string out = absl::StrCat(
      "{\"dry_run\":", dry_run ? "true" : "false",
      ",\"version\":", effect.version, ",", name, ",\"looked\":", effect.looked,
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

}  // namespace

absl::StatusOr<Desk> OpenDesk(const Arguments& args, bool only_reads) {
  Desk desk;
  absl::StatusOr<std::unique_ptr<Store>> store =
      OpenStore(args.Get("store"), only_reads || args.Has("dry-run"));
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

int Carry(const Arguments& args, const Desk& desk,
          const Declaration& declaration, Io io) {
  const bool dry_run = args.Has("dry-run");
  const absl::StatusOr<PatchEffect> effect = Try(desk, declaration.patch, io);
  if (!effect.ok()) return Fail(effect.status(), io.err);
  int64_t replanned = 0;
  if (!dry_run) {
    const absl::StatusOr<int64_t> done = Enter(desk, declaration.patch, io);
    if (!done.ok()) return Fail(done.status(), io.err);
    replanned = *done;
  }
  if (args.Has("json")) {
    io.out << Json(*effect, declaration.json, dry_run, replanned) << "\n";
    return kDone;
  }
  io.out << declaration.name << ": ";
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

}  // namespace hotline::cli
