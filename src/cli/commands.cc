#include "src/cli/commands.h"

#include "src/cli/cli.h"

namespace hotline::cli {

absl::StatusOr<Format> FormatOf(const Arguments& args) {
  if (args.Has("format")) return ParseFormat(args.Get("format"));
  return args.Has("json") ? Format::kJson : Format::kText;
}

std::string LanguageOf(const Arguments& args) {
  return args.Has("lang") ? args.Get("lang") : "en";
}

int Answer(const absl::StatusOr<std::string>& answer, Io io) {
  if (!answer.ok()) return Fail(answer.status(), io.err);
  io.out << *answer;
  if (answer->empty() || answer->back() != '\n') io.out << "\n";
  return kDone;
}

}  // namespace hotline::cli
