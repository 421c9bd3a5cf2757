// The conformance program: its flags, its report and its closing line.
#include <charconv>
#include <iostream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hotline/error.h"
#include "hotline/testing/store_contracts.h"
#include "src/base/absl_bridge.h"

namespace hotline::testing {
namespace {

using hotline::internal::ToAbsl;

constexpr int kAllIsWell = 0;
constexpr int kAContractFailed = 1;
constexpr int kBadFlags = 2;

std::string Quoted(std::string_view text) {
  static const char kHex[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (byte < 0x20) {
      quoted += {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

struct Tally {
  int passed = 0;
  int tried = 0;
  int skipped = 0;
};

void Tell(const Contract& contract, const ContractResult& result, bool json,
          std::ostream& out) {
  static constexpr const char* kWords[] = {"PASS", "FAIL", "SKIP"};
  const char* word = kWords[result.outcome];
  if (json) {
    out << "{\"contract\":" << Quoted(FullName(contract))
        << ",\"result\":" << Quoted(word)
        << ",\"message\":" << Quoted(result.message) << "}\n";
  } else if (result.outcome == ContractResult::kFailed) {
    out << word << " " << result.message << "\n";
  } else if (result.outcome == ContractResult::kSkipped) {
    out << word << " " << FullName(contract) << ": " << result.message << "\n";
  }
}

void Close(const Tally (&tallies)[4], bool json, std::ostream& out) {
  std::vector<std::string> parts;
  int skipped = 0;
  for (const Level level : kLevels) {
    const Tally& tally = tallies[static_cast<size_t>(level)];
    skipped += tally.skipped;
    if (tally.tried + tally.skipped == 0) continue;
    const std::string name(LevelName(level));
    parts.push_back(
        json ? absl::StrCat("\"", name, "\":{\"passed\":", tally.passed,
                            ",\"tried\":", tally.tried,
                            ",\"skipped\":", tally.skipped, "}")
             : absl::StrCat(tally.passed, " of ", tally.tried, " ", name));
  }
  const std::string line = absl::StrJoin(parts, json ? "," : ", ");
  if (json) {
    out << "{" << line << "}\n";
  } else {
    out << line;
    if (skipped > 0) out << "; " << skipped << " skipped";
    out << "\n";
  }
}

struct Flags {
  std::string store;
  ConformanceOptions options;
  std::optional<uint64_t> seed;
  std::optional<int> rows;
  bool list = false;
  bool markdown = false;
  bool benchmark = false;
  bool help = false;
};

template <typename T>
bool ParseNumber(std::string_view text, std::optional<T>* number) {
  T value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return false;
  *number = value;
  return true;
}

absl::Status Wrong(std::string_view what, std::string_view hint) {
  return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                   absl::StrCat(ToAbsl(what), "; ", ToAbsl(hint)));
}

absl::Status ParseLevel(std::string_view value, Flags* flags) {
  std::vector<std::string> names;
  for (const Level level : kLevels) {
    if (LevelName(level) == value) {
      flags->options.levels.push_back(level);
      return absl::OkStatus();
    }
    names.emplace_back(LevelName(level));
  }
  return Wrong(absl::StrCat("no level `", ToAbsl(value), "`"),
               absl::StrCat("levels are ", absl::StrJoin(names, ", ")));
}

absl::Status ParseContract(std::string_view value, Flags* flags) {
  std::vector<std::string> names;
  for (const Contract& contract : StoreContracts()) {
    names.push_back(FullName(contract));
    if (names.back() == value) {
      flags->options.contract = std::string(value);
      return absl::OkStatus();
    }
  }
  const std::string near = Nearest(value, names);
  return Wrong(absl::StrCat("no contract `", ToAbsl(value), "`"),
               near.empty() ? "--list names them all"
                            : absl::StrCat("did you mean ", near, "?"));
}

absl::Status ParseFlag(std::string_view name, std::string_view value,
                       bool has_value, Flags* flags) {
  const auto on = [&](bool* flag) {
    *flag = true;
    return has_value ? Wrong(absl::StrCat(ToAbsl(name), " takes no value"),
                             "leave it out")
                     : absl::OkStatus();
  };
  if (name == "--help" || name == "-h") return on(&flags->help);
  if (name == "--list") return on(&flags->list);
  if (name == "--markdown") return on(&flags->markdown);
  if (name == "--json") return on(&flags->options.json);
  if (name == "--benchmark") return on(&flags->benchmark);
  if (name == "--level") return ParseLevel(value, flags);
  if (name == "--contract") return ParseContract(value, flags);
  if (name == "--store") {
    flags->store = std::string(value);
    return absl::OkStatus();
  }
  if (name == "--seed") {
    return ParseNumber(value, &flags->seed)
               ? absl::OkStatus()
               : Wrong("--seed is no number", "give one, such as --seed=7");
  }
  if (name == "--rows") {
    return ParseNumber(value, &flags->rows) && *flags->rows >= 100
               ? absl::OkStatus()
               : Wrong("--rows is no number from 100 on",
                       "give one, such as --rows=12000");
  }
  const std::string near = Nearest(
      name, {"--store", "--level", "--contract", "--seed", "--rows", "--list",
             "--markdown", "--json", "--benchmark", "--help"});
  return Wrong(absl::StrCat("no flag ", ToAbsl(name)),
               near.empty() ? "--help tells them"
                            : absl::StrCat("did you mean ", near, "?"));
}

absl::StatusOr<Flags> ParseFlags(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const size_t equals = argument.find('=');
    const bool has_value = equals != std::string_view::npos;
    const absl::Status status =
        ParseFlag(argument.substr(0, equals),
                  has_value ? argument.substr(equals + 1) : std::string_view(),
                  has_value, &flags);
    if (!status.ok()) return status;
  }
  return flags;
}

void PrintHelp(std::string_view program, std::string_view stores,
               std::ostream& out) {
  out << "Tries a store against the contracts of hotline/store.h.\n\n  "
      << program << (stores.empty() ? "" : " --store=STORE")
      << " [--level=LEVEL] [--contract=NAME] [--seed=N] [--rows=N]\n"
         "      [--benchmark] [--list [--markdown]] [--json]\n\n";
  if (!stores.empty()) out << "  --store=STORE    " << stores << "\n";
  out << "  --level=LEVEL    basic, concurrent, durable or scale; may be given "
         "again\n"
         "  --contract=NAME  one contract, such as basic/stale_write_refused\n"
         "  --seed=N         of what is drawn by chance; 1 if not given\n"
         "  --rows=N         of the scale contracts; 12000 is a city's size\n"
         "  --benchmark      times the store instead of trying it\n"
         "  --list           the contracts; --markdown as a page\n"
         "  --json           one JSON object a line\n\n"
         "Exit status: 0 all is well, 1 a contract failed, 2 bad flags.\n";
}

void PrintList(const Flags& flags, std::ostream& out) {
  if (flags.markdown) {
    out << ContractsAsMarkdown();
    return;
  }
  for (const Contract& contract : StoreContracts()) {
    if (flags.options.json) {
      out << "{\"contract\":" << Quoted(FullName(contract))
          << ",\"says\":" << Quoted(contract.says)
          << ",\"line\":" << PortLine(contract.port) << "}\n";
    } else {
      out << FullName(contract) << ": " << contract.says
          << " (store.h:" << PortLine(contract.port) << ")\n";
    }
  }
}

int Complain(const absl::Status& status, const char* program) {
  std::cerr << program << ": " << status.message() << "\n";
  return kBadFlags;
}

}  // namespace

int RunStoreConformance(const StoreUnderTest& subject,
                        const ConformanceOptions& options, std::ostream& out) {
  Tally tallies[4];
  int failed = 0;
  for (const Contract& contract : StoreContracts()) {
    const bool wanted =
        options.contract.empty()
            ? options.levels.empty() ||
                  std::find(options.levels.begin(), options.levels.end(),
                            contract.level) != options.levels.end()
            : FullName(contract) == options.contract;
    if (!wanted) continue;
    const ContractResult result = RunContract(contract, subject);
    Tell(contract, result, options.json, out);
    Tally& tally = tallies[static_cast<size_t>(contract.level)];
    if (result.outcome == ContractResult::kSkipped) {
      ++tally.skipped;
      continue;
    }
    ++tally.tried;
    if (result.outcome == ContractResult::kPassed) ++tally.passed;
    if (result.outcome == ContractResult::kFailed) ++failed;
  }
  Close(tallies, options.json, out);
  return failed;
}

int StoreConformanceMain(
    int argc, char** argv, std::string_view stores,
    const std::function<absl::StatusOr<StoreUnderTest>(std::string_view store)>&
        find) {
  const absl::StatusOr<Flags> flags = ParseFlags(argc, argv);
  if (!flags.ok()) return Complain(flags.status(), argv[0]);
  if (flags->help) {
    PrintHelp(argv[0], stores, std::cout);
    return kAllIsWell;
  }
  if (flags->list) {
    PrintList(*flags, std::cout);
    return kAllIsWell;
  }
  absl::StatusOr<StoreUnderTest> subject = find(flags->store);
  if (!subject.ok()) return Complain(subject.status(), argv[0]);
  subject->times = true;
  if (flags->seed.has_value()) subject->seed = *flags->seed;
  if (flags->rows.has_value()) subject->rows = *flags->rows;
  if (flags->benchmark) {
    const absl::Status timed =
        RunStoreBenchmark(*subject, flags->options.json, std::cout);
    if (timed.ok()) return kAllIsWell;
    std::cerr << argv[0] << ": " << timed.message() << "\n";
    return kAContractFailed;
  }
  return RunStoreConformance(*subject, flags->options, std::cout) == 0
             ? kAllIsWell
             : kAContractFailed;
}

int StoreConformanceMain(int argc, char** argv, const StoreUnderTest& subject) {
  return StoreConformanceMain(
      argc, argv, "",
      [&](std::string_view store) -> absl::StatusOr<StoreUnderTest> {
        if (!store.empty()) {
          return Wrong("this program knows one store only",
                       "leave --store out");
        }
        return subject;
      });
}

}  // namespace hotline::testing
