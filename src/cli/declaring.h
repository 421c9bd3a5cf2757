// What entering a closure and declaring an event share: the desk at which it is
// done, the patch tried or adopted, and what is told of it.
#ifndef HOTLINE_SRC_CLI_DECLARING_H_
#define HOTLINE_SRC_CLI_DECLARING_H_

#include <memory>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "hotline/engine.h"
#include "src/cli/flags.h"
#include "src/cli/io.h"
#include "src/cli/tenant.h"

namespace hotline::cli {

// The store's engine, by whom it is asked, and the policy in force.
struct Desk {
  std::unique_ptr<Store> store;
  std::unique_ptr<Operator> authorizer;
  std::unique_ptr<Engine> engine;
  Actor actor;
  int64_t version = 0;
  absl::StatusOr<Policy> policy = absl::UnknownError("");
};

// By --store, --tenant and --by. With --dry-run, or `only_reads`, the store is
// opened for reading.
absl::StatusOr<Desk> OpenDesk(const Arguments& args, bool only_reads = false);

// "a,b" as a repeated field.
template <typename Field>
void SetCodes(const std::string& list, Field* field) {
  for (const auto& code : absl::StrSplit(list, ',', absl::SkipEmpty())) {
    field->Add(std::string(code));
  }
}

// "  areas xinyi,wenshan"; nothing if there are none.
template <typename Texts>
void PrintList(const char* what, const Texts& texts, std::ostream& out) {
  if (!texts.empty()) out << "  " << what << " " << absl::StrJoin(texts, ",");
}

// How a line about a closure or an event ends.
template <typename Declared>
void PrintWhy(const Declared& declared, std::ostream& out) {
  const auto say = [&](const char* what, const std::string& value) {
    if (!value.empty()) out << "  " << what << " " << value;
  };
  say("announced", declared.announced());
  say("reason", declared.reason());
  say("source", declared.source());
  out << "\n";
}

// A patch, and how it is named: "closure gaemi of calendar office", and as
// members of a JSON object.
struct Declaration {
  v1::PolicyPatch patch;
  std::string name;
  std::string json;
};

// Tries the patch and, but for --dry-run, adopts it and plans anew all it
// touches. Prints what it does, or would do, to the promises there are.
int Carry(const Arguments& args, const Desk& desk,
          const Declaration& declaration, Io io);

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_DECLARING_H_
