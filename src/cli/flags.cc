#include "src/cli/flags.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "hotline/error.h"

namespace hotline::cli {
namespace {

const Flag* Find(const Usage& usage, std::string_view name) {
  const auto it =
      std::find_if(usage.flags.begin(), usage.flags.end(),
                   [&](const Flag& flag) { return flag.name == name; });
  return it == usage.flags.end() ? nullptr : &*it;
}

std::string Shown(const Flag& flag) {
  return flag.value.empty() ? absl::StrCat("--", flag.name)
                            : absl::StrCat("--", flag.name, "=", flag.value);
}

absl::Status UnknownFlag(const Usage& usage, const std::string& name) {
  std::vector<std::string> known = {"help"};
  for (const Flag& flag : usage.flags) known.push_back(flag.name);
  const std::string near = Nearest(name, known);
  std::string hint = "it takes";
  if (!near.empty()) {
    hint = absl::StrCat("did you mean --", near, "?");
  } else {
    for (const std::string& one : known) absl::StrAppend(&hint, " --", one);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown flag --", name, "; ", hint));
}

absl::Status CheckCounts(const Usage& usage, const Arguments& given) {
  for (const Flag& flag : usage.flags) {
    if (flag.required && !given.Has(flag.name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("missing ", Shown(flag), ": ", flag.help));
    }
  }
  const size_t count = given.files().size();
  if (count < usage.files_min) {
    return absl::InvalidArgumentError(absl::StrCat("missing ", usage.files));
  }
  if (count > usage.files_max) {
    return absl::InvalidArgumentError(absl::StrCat(
        "unexpected \"", given.files()[usage.files_max], "\"; it takes ",
        usage.files_max == 0 ? "only flags" : "one " + usage.files));
  }
  return absl::OkStatus();
}

// The value of the flag in args[*i], which may be the next word.
absl::StatusOr<std::string> ValueOf(const Flag& flag, const Args& args,
                                    size_t* i) {
  const std::string& word = args[*i];
  const size_t equals = word.find('=');
  if (flag.value.empty()) {
    if (equals == std::string::npos) return std::string();
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag.name, " takes no value"));
  }
  std::string value;
  if (equals != std::string::npos) {
    value = word.substr(equals + 1);
  } else if (*i + 1 < args.size() && !args[*i + 1].starts_with("--")) {
    value = args[++*i];
  }
  if (!value.empty()) return value;
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag.name, " needs a value: ", Shown(flag)));
}

}  // namespace

const std::string& Arguments::Get(const std::string& flag) const {
  static const std::string none;
  const auto it = values_.find(flag);
  return it == values_.end() ? none : it->second;
}

absl::StatusOr<Arguments> ParseArguments(const Usage& usage, const Args& args) {
  Arguments given;
  bool only_files = false;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& word = args[i];
    if (word == "--" && !only_files) {
      only_files = true;
      continue;
    }
    if (only_files || !word.starts_with("-") || word == "-") {
      given.files_.push_back(word);
      continue;
    }
    if (!word.starts_with("--")) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown flag ", word, "; flags begin with two dashes"));
    }
    const std::string name = word.substr(2, word.find('=') - 2);
    const Flag* flag = Find(usage, name);
    if (flag == nullptr) return UnknownFlag(usage, name);
    absl::StatusOr<std::string> value = ValueOf(*flag, args, &i);
    if (!value.ok()) return value.status();
    if (!given.values_.emplace(name, *std::move(value)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", name, " is given twice"));
    }
  }
  if (absl::Status status = CheckCounts(usage, given); !status.ok()) {
    return status;
  }
  return given;
}

std::string UsageLine(const Usage& usage) {
  std::string line = absl::StrCat("hotline ", usage.noun);
  if (!usage.verb.empty()) absl::StrAppend(&line, " ", usage.verb);
  for (const Flag& flag : usage.flags) {
    absl::StrAppend(&line, flag.required ? " " : " [", Shown(flag),
                    flag.required ? "" : "]");
  }
  if (!usage.files.empty()) absl::StrAppend(&line, " ", usage.files);
  return line;
}

void PrintHelp(const Usage& usage, std::ostream& out) {
  out << UsageLine(usage) << "\n\n" << usage.summary << "\n";
  if (!usage.flags.empty()) out << "\nFlags\n";
  size_t width = 0;
  for (const Flag& flag : usage.flags) {
    width = std::max(width, Shown(flag).size());
  }
  for (const Flag& flag : usage.flags) {
    std::string shown = Shown(flag);
    shown.resize(width, ' ');
    out << "  " << shown << "  " << flag.help << "\n";
  }
  out << "\nExample\n  " << usage.example << "\n";
}

bool AsksForHelp(const Args& args) {
  for (const std::string& word : args) {
    if (word == "--") return false;
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

}  // namespace hotline::cli
