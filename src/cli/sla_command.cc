// sla explain.
#include "hotline/error.h"
#include "hotline/inspect.h"
#include "src/cli/cli.h"
#include "src/cli/commands.h"

namespace hotline::cli {

int SlaExplain(const Arguments& args, Io io) {
  const absl::StatusOr<Format> format = FormatOf(args);
  if (!format.ok()) return Fail(format.status(), io.err);
  const absl::StatusOr<absl::Time> at = ParseInstant(args.Get("at"));
  if (!at.ok()) return Fail(at.status(), io.err);
  const absl::StatusOr<Policy> policy = LoadPolicy(args.Get("policy"));
  if (!policy.ok()) {
    PrintProblems(args.Get("policy"), policy.status(), io.err);
    return kUsage;
  }
  return Answer(ExplainPromise(*policy,
                               {.category = args.Get("category"),
                                .at = *at,
                                .priority = args.Get("priority"),
                                .area = args.Get("area"),
                                .unit = args.Get("unit")},
                               *format, LanguageOf(args)),
                io);
}

}  // namespace hotline::cli
