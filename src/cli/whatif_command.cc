// whatif.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "hotline/whatif.h"
#include "src/cli/cli.h"
#include "src/cli/commands.h"
#include "src/cli/figures.h"
#include "src/cli/tenant.h"

namespace hotline::cli {
namespace {

// The other policy: a version number, or a file.
struct OtherPolicy {
  int64_t version = 0;
  std::optional<Policy> policy;
};

absl::StatusOr<OtherPolicy> ReadPolicy(const std::string& word) {
  OtherPolicy other;
  const bool digits = std::all_of(word.begin(), word.end(), [](const char c) {
    return c >= '0' && c <= '9';
  });
  if (digits) {
    if (absl::SimpleAtoi(word, &other.version) && other.version > 0) {
      return other;
    }
    return absl::InvalidArgumentError(
        "--policy: versions count from 1; or name a file");
  }
  auto policy = LoadPolicy(word);
  if (!policy.ok()) return policy.status();
  other.policy = *std::move(policy);
  return other;
}

int Run(const Arguments& args, const std::string& format,
        const std::string& language, WhatIfRequest request, Io io) {
  const auto store = OpenStore(args.Get("store"), /*read_only=*/true);
  if (!store.ok()) return Fail(store.status(), io.err);
  const auto tenant = ChooseTenant(args.Get("tenant"), store->get());
  if (!tenant.ok()) return Fail(tenant.status(), io.err);
  request.tenant = *tenant;
  Speed speed(args, io.err);
  absl::StatusOr<WhatIfAnswer> answer;
  {
    Progress progress("cases", io.err);
    request.progress = [&](int64_t cases) { progress.Update(cases, 0); };
    answer = AskWhatIf(store->get(), request);
  }
  if (!answer.ok()) return Fail(answer.status(), io.err);
  speed.Say(answer->cases_read);
  if (format == "csv") {
    io.out << ToCsv(*answer);
  } else if (format == "json") {
    io.out << ToJson(*answer) << "\n";
  } else {
    io.out << ToText(*answer, language);
  }
  return kDone;
}

}  // namespace

int WhatIfCommand(const Arguments& args, Io io) {
  const auto format = FormatOf(args, {"text", "csv", "json"});
  if (!format.ok()) return Fail(format.status(), io.err);
  const auto language = HeadingLanguageOf(args);
  if (!language.ok()) return Fail(language.status(), io.err);
  WhatIfRequest request;
  if (args.Has("by")) {
    auto by = ParseReportBy(args.Get("by"));
    if (!by.ok()) return Fail(by.status(), io.err);
    request.by = *std::move(by);
  }
  request.roll_up = args.Has("roll-up");
  const auto as_of = AsOf(args);
  if (!as_of.ok()) return Fail(as_of.status(), io.err);
  request.as_of = *as_of;
  const auto other = ReadPolicy(args.Get("policy"));
  if (!other.ok()) {
    PrintProblems(args.Get("policy"), other.status(), io.err);
    return kUsage;
  }
  request.version = other->version;
  if (other->policy.has_value()) request.policy = &*other->policy;
  return Run(args, *format, *language, std::move(request), io);
}

}  // namespace hotline::cli
