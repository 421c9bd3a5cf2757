// policy check, show, sheet, diff.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hotline/clock.h"
#include "hotline/error.h"
#include "hotline/inspect.h"
#include "hotline/sheet.h"
#include "src/cli/cli.h"
#include "src/cli/commands.h"

namespace hotline::cli {
namespace {

std::string ProblemsJson(const std::string& file, const absl::Status& status) {
  std::string out = absl::StrCat("{\"file\":", JsonQuote(file),
                                 ",\"ok\":", status.ok() ? "true" : "false",
                                 ",\"problems\":[");
  const v1::ErrorInfo info = InfoOf(status);
  for (const v1::Problem& problem : info.problems()) {
    if (out.back() != '[') out += ',';
    out += ToJson(problem);
  }
  if (!status.ok() && info.problems().empty()) {
    absl::StrAppend(
        &out, "{\"message\":", JsonQuote(std::string(status.message())), "}");
  }
  return out + "]}";
}

// The policy that a verb cannot do without.
absl::StatusOr<Policy> NeedPolicy(const std::string& file, Io io) {
  absl::StatusOr<Policy> policy = LoadPolicy(file);
  if (!policy.ok()) PrintProblems(file, policy.status(), io.err);
  return policy;
}

}  // namespace

int PolicyCheck(const Arguments& args, Io io) {
  int status = kDone;
  for (const std::string& file : args.files()) {
    const absl::StatusOr<Policy> policy = LoadPolicy(file);
    if (args.Has("json")) {
      io.out << ProblemsJson(file, policy.status()) << "\n";
    } else if (policy.ok()) {
      io.out << file << ": ok"
             << (policy->spec().illustrative() ? " [illustrative]" : "")
             << "\n";
    } else {
      PrintProblems(file, policy.status(), io.err);
    }
    if (policy.ok()) continue;
    // A file that could not be read at all bears no reason of ours.
    const bool was_read =
        ReasonOf(policy.status()) != v1::ErrorInfo::REASON_UNSPECIFIED;
    status = std::max(status, was_read ? kFound : kUsage);
  }
  return status;
}

int PolicyShow(const Arguments& args, Io io) {
  const absl::StatusOr<Format> format = FormatOf(args);
  if (!format.ok()) return Fail(format.status(), io.err);
  const std::string& view = args.Get("view");
  if (view != "workflow" && view != "taxonomy" && view != "sla") {
    const std::string near = Nearest(view, {"workflow", "taxonomy", "sla"});
    return Fail(absl::InvalidArgumentError(absl::StrCat(
                    "no view \"", view, "\"; ",
                    near.empty() ? "it is workflow, taxonomy or sla"
                                 : absl::StrCat("did you mean ", near, "?"))),
                io.err);
  }
  const absl::StatusOr<Policy> policy = NeedPolicy(args.files()[0], io);
  if (!policy.ok()) return kUsage;
  const std::string language = LanguageOf(args);
  if (view == "workflow") {
    return Answer(DrawWorkflows(*policy, *format, language), io);
  }
  if (view == "taxonomy") {
    return Answer(DrawTaxonomy(*policy, *format, language), io);
  }
  return Answer(DrawPromises(*policy, *format, language), io);
}

int PolicySheet(const Arguments& args, Io io) {
  const absl::StatusOr<SheetForm> form =
      ParseSheetForm(args.Has("format") ? args.Get("format") : "text");
  if (!form.ok()) return Fail(form.status(), io.err);
  const absl::StatusOr<Policy> policy = NeedPolicy(args.files()[0], io);
  if (!policy.ok()) return kUsage;
  return Answer(hotline::PolicySheet(*policy, *form, LanguageOf(args)), io);
}

int PolicyDiff(const Arguments& args, Io io) {
  absl::Time from = RealClock()->TimeNow();
  if (args.Has("from")) {
    const absl::StatusOr<absl::Time> given = ParseInstant(args.Get("from"));
    if (!given.ok()) return Fail(given.status(), io.err);
    from = *given;
  }
  const absl::StatusOr<Policy> before = NeedPolicy(args.files()[0], io);
  const absl::StatusOr<Policy> after = NeedPolicy(args.files()[1], io);
  if (!before.ok() || !after.ok()) return kUsage;
  const std::string language = LanguageOf(args);
  const std::vector<PolicyChange> changes =
      ComparePolicies(*before, *after, {.language = language, .from = from});
  io.out << (args.Has("json")
                 ? ChangesJson(changes)
                 : ChangesText(*before, *after, changes, language));
  return changes.empty() ? kDone : kFound;
}

}  // namespace hotline::cli
