#include "options.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "rates.h"

namespace city {

const char kUsage[] =
    R"(city_hotline: one month of a city's hotline on one machine.

  city_hotline [flags]
  city_hotline --import FILE [FILE...] --map MAP --policy POLICY [flags]

  --contacts N    contacts of the month; default 179699, Taipei's in June 2010
  --scale F       the same as a share: 0.05 is a twentieth
  --seed S        another month of the same kind; default 1999
  --month M       default 2025-02, which has a Saturday made up
  --policy FILE   default the policy taipei1999 of the examples
  --out DIR       table, notices and report.html go here; default ./out; what
                  an earlier run left there is removed
  --store FILE    default DIR/city.db; one elsewhere is never removed
  --continue      goes on with a store whose run was killed
  --report-only   counts a finished store again
  --acks FILE     appends a line for each answered command
  --import FILE   rows of another system's export instead of the generator
  --map FILE      how its columns are read

  city_hotline --scale 0.05 --out /tmp/month

Exit status: 0 done; 1 done, and commands were refused; 2 wrong usage or
unreadable input; 3 the store failed.
)";

namespace {

absl::Status Wrong(std::string_view message) {
  return hotline::MakeError(hotline::v1::ErrorInfo::INVALID_ARGUMENT, message);
}

using Setter = std::function<bool(const std::string&)>;

std::map<std::string, Setter> Setters(Options* options) {
  const auto text = [](std::string* to) {
    return [to](const std::string& value) {
      *to = value;
      return !value.empty();
    };
  };
  return {
      {"--contacts",
       [options](const std::string& value) {
         return absl::SimpleAtoi(value, &options->contacts) &&
                options->contacts > 0 && options->contacts <= 10'000'000;
       }},
      {"--scale",
       [options](const std::string& value) {
         double share = 0;
         if (!absl::SimpleAtod(value, &share) || !(share > 0 && share <= 50)) {
           return false;
         }
         options->contacts = std::max(
             1, static_cast<int>(std::lround(share * kContactsAMonth)));
         return true;
       }},
      {"--seed",
       [options](const std::string& value) {
         return absl::SimpleAtoi(value, &options->seed);
       }},
      {"--month",
       [options](const std::string& value) {
         return absl::ParseCivilTime(value, &options->month);
       }},
      {"--policy", text(&options->policy)},
      {"--out", text(&options->out)},
      {"--store", text(&options->store)},
      {"--acks", text(&options->acks)},
      {"--map", text(&options->map)},
      {"--import",
       [options](const std::string& value) {
         options->imports.push_back(value);
         return !value.empty();
       }},
  };
}

}  // namespace

std::string StoreIn(const std::string& out) { return out + "/city.db"; }

absl::StatusOr<Options> ParseOptions(int argc, char** argv) {
  Options options;
  options.contacts = kContactsAMonth;
  const std::map<std::string, bool*> switches = {
      {"--continue", &options.go_on},
      {"--report-only", &options.report_only},
      {"--help", &options.help},
      {"-h", &options.help}};
  const std::map<std::string, Setter> setters = Setters(&options);
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.rfind('-', 0) != 0) {
      if (options.imports.empty()) return Wrong(word + ": not a flag");
      options.imports.push_back(word);  // further files of an import
      continue;
    }
    const size_t equals = word.find('=');
    const std::string flag = word.substr(0, equals);
    if (const auto found = switches.find(flag); found != switches.end()) {
      if (equals != std::string::npos) return Wrong(flag + " takes no value");
      *found->second = true;
      continue;
    }
    const auto found = setters.find(flag);
    if (found == setters.end()) {
      std::vector<std::string> known;
      for (const auto& [name, unused] : setters) known.push_back(name);
      for (const auto& [name, unused] : switches) known.push_back(name);
      const std::string near = hotline::Nearest(flag, known);
      return Wrong(absl::StrCat("unknown flag ", flag,
                                near.empty() ? "" : "; did you mean ", near));
    }
    if (equals == std::string::npos && i + 1 >= argc) {
      return Wrong(flag + " needs a value");
    }
    const std::string value =
        equals == std::string::npos ? argv[++i] : word.substr(equals + 1);
    if (!found->second(value)) {
      return Wrong(absl::StrCat(flag, ": \"", value, "\" is not possible"));
    }
  }
  if (options.imports.empty() != options.map.empty()) {
    return Wrong("--import and --map go together");
  }
  if (!options.imports.empty() && options.policy.empty()) {
    return Wrong("--import needs --policy");
  }
  if (options.store.empty()) options.store = StoreIn(options.out);
  return options;
}

}  // namespace city
