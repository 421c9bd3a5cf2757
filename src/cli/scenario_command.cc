// scenario run.
#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/scenario.h"
#include "src/cli/cli.h"
#include "src/cli/commands.h"

namespace hotline::cli {
namespace {

// The policy of `policy_file`, as written; it may become whole only by what the
// scenario adds.
absl::StatusOr<v1::PolicySpec> LoadShared(const std::string& path) {
  const absl::StatusOr<FileForm> form = FormOf(path);
  if (!form.ok()) return form.status();
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  return *form == FileForm::kJson ? ParsePolicyJson(*text)
                                  : ParsePolicyTextproto(*text);
}

// The scenario, with the policy its policy_file names, beside it, and after
// that what it says itself. `*blamed` is the file a problem is in.
absl::StatusOr<v1::Scenario> Load(const std::string& path,
                                  std::string* blamed) {
  *blamed = path;
  const absl::StatusOr<FileForm> form = FormOf(path);
  if (!form.ok()) return form.status();
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  absl::StatusOr<v1::Scenario> scenario = *form == FileForm::kJson
                                              ? ParseScenarioJson(*text)
                                              : ParseScenarioTextproto(*text);
  if (!scenario.ok() || scenario->policy_file().empty()) return scenario;
  const std::string shared =
      (std::filesystem::path(path).parent_path() / scenario->policy_file())
          .string();
  absl::StatusOr<v1::PolicySpec> policy = LoadShared(shared);
  if (!policy.ok()) {
    *blamed = shared;
    return policy.status();
  }
  policy->MergeFrom(scenario->policy());
  *scenario->mutable_policy() = *std::move(policy);
  return scenario;
}

// Text for people; with --json each step has gone out already.
void Report(const std::string& file, const hotline::ScenarioRun& run, bool json,
            Io io) {
  std::ostream& out = json ? io.err : io.out;
  for (const ScenarioDifference& d : run.differences) {
    out << file << ": step " << d.step << ": " << d.path << ": expected "
        << d.expected << ", got " << d.actual << "\n";
  }
  if (json) return;
  out << file << ": " << (run.differences.empty() ? "ok" : "FAILED") << ", "
      << run.name << ", " << run.steps << " steps, " << run.expectations
      << " expectations, " << run.differences.size() << " differ\n";
}

}  // namespace

int ScenarioRun(const Arguments& args, Io io) {
  int status = kDone;
  Progress progress("scenarios", io.err);
  const int64_t total = static_cast<int64_t>(args.files().size());
  int64_t done = 0;
  for (const std::string& file : args.files()) {
    progress.Update(done++, total);
    std::string blamed;
    const absl::StatusOr<v1::Scenario> scenario = Load(file, &blamed);
    const absl::StatusOr<hotline::ScenarioRun> run =
        scenario.ok() ? RunScenario(*scenario)
                      : absl::StatusOr<hotline::ScenarioRun>(scenario.status());
    if (!run.ok()) {
      PrintProblems(blamed, run.status(), io.err);
      status = kUsage;
      continue;
    }
    if (args.Has("json")) {
      for (const std::string& line : run->json) io.out << line << "\n";
    }
    Report(file, *run, args.Has("json"), io);
    if (!run->differences.empty()) status = std::max(status, kFound);
  }
  return status;
}

}  // namespace hotline::cli
