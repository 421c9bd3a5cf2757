// Reading a map of columns, and finding out what of it cannot be.
#include <set>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/intake.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/judge/parse.h"
#include "src/readers/intake/planner.h"

namespace hotline {
namespace {

// Everything a check needs, with the path it stands at.
class MapCheck {
 public:
  MapCheck(const Policy& policy, const v1::ImportMap& map, Problems* problems)
      : policy_(policy), map_(map), problems_(problems) {}

  void Run() {
    if (map_.system().empty())
      problems_->Add("system", "is empty",
                     "name the system whose keys the rows bear");
    absl::TimeZone zone;
    if (!absl::LoadTimeZone(map_.time_zone(), &zone))
      problems_->Add("time_zone", "knows no zone \"" + map_.time_zone() + "\"",
                     "an IANA name such as Asia/Taipei");
    Column(map_.key(), "key", true);
    Time(map_.opened(), "opened", true);
    Time(map_.closed(), "closed", false);
    Time(map_.updated(), "updated", false);
    Time(map_.due().time(), "due.time", false);
    Duration(map_.due().tolerance(), "due.tolerance");
    if (!map_.exported_at().empty() &&
        !internal::ParseRfc3339(map_.exported_at()).ok())
      problems_->Add("exported_at", "is no RFC 3339 instant");
    Categories();
    Status();
    Outcomes();
    Codes(policy_.spec().areas(), map_.area(), "area");
    Codes(policy_.spec().units(), map_.unit(), "unit");
    RowRules();
  }

 private:
  void Column(const v1::ImportColumn& column, std::string_view path,
              bool required) {
    if (required && column.name().empty())
      problems_->Add(path, "names no column");
  }

  void Duration(const std::string& text, std::string_view path) {
    if (const auto shift = internal::ParseShift(text); !shift.ok())
      problems_->Add(path, internal::ToStd(shift.status().message()));
  }

  void Time(const v1::ImportTime& time, const std::string& path,
            bool required) {
    Column(time.column(), path + ".column", required);
    Duration(time.shift(), path + ".shift");
    if (!time.column().name().empty() && time.form().empty())
      problems_->Add(path + ".form", "is empty",
                     "say how times are written: %Y-%m-%d %H:%M:%S");
  }

  void Category(const std::string& code, const std::string& path) {
    const hotline::Category* found = policy_.taxonomy().Find(code);
    if (found == nullptr)
      problems_->Add(path, "the policy has no category \"" + code + "\"",
                     Meant(policy_.taxonomy().Nearest(code)));
    else if (found->kind == v1::CategorySpec::GROUP)
      problems_->Add(path, "\"" + code + "\" is a group",
                     "name a category below it");
  }

  void Categories() {
    const auto& category = map_.category();
    if (category.paths().empty())
      problems_->Add("category.paths", "is empty", "name the columns");
    for (int i = 0; i < category.paths_size(); ++i)
      if (category.paths(i).levels().empty())
        problems_->Add(absl::StrCat("category.paths[", i, "].levels"),
                       "is empty", "name the columns");
    for (int i = 0; i < category.words_size(); ++i)
      Category(category.words(i).meant(),
               absl::StrCat("category.words[", i, "].meant"));
    if (!category.otherwise().empty())
      Category(category.otherwise(), "category.otherwise");
  }

  void Status() {
    static const std::set<int> kVerbs = {
        v1::ACCEPT, v1::WAIT,   v1::RESUME, v1::RESOLVE,
        v1::CLOSE,  v1::CANCEL, v1::REJECT, v1::CLOSE_AND_FOLLOW_UP};
    const auto& status = map_.status();
    if (!status.states().empty())
      Column(status.column(), "status.column", true);
    for (int i = 0; i < status.states_size(); ++i) {
      for (int j = 0; j < status.states(i).steps_size(); ++j) {
        const auto& step = status.states(i).steps(j);
        const std::string path =
            absl::StrCat("status.states[", i, "].steps[", j, "]");
        if (!kVerbs.contains(step.verb()))
          problems_->Add(path + ".verb", "is no verb an import can do",
                         "ACCEPT, WAIT, RESUME, RESOLVE, CLOSE, "
                         "CLOSE_AND_FOLLOW_UP, CANCEL or REJECT");
        if (step.at() == v1::ImportStatus::INSTANT_UNSPECIFIED)
          problems_->Add(path + ".at", "is unset",
                         "AT_OPENED, AT_UPDATED or AT_CLOSED");
        if (step.verb() == v1::WAIT &&
            step.wait_for() == v1::Wait::FOR_UNSPECIFIED)
          problems_->Add(path + ".wait_for", "is unset",
                         "say for whom the case waits");
      }
    }
  }

  void Outcomes() {
    const auto& outcome = map_.outcome();
    for (int i = 0; i < outcome.rules_size(); ++i)
      Outcome(outcome.rules(i).outcome(),
              absl::StrCat("outcome.rules[", i, "].outcome"));
    if (!outcome.otherwise().empty())
      Outcome(outcome.otherwise(), "outcome.otherwise");
  }

  // A workflow without a list takes any code.
  void Outcome(const std::string& code, const std::string& path) {
    bool any = policy_.spec().workflows().empty();
    for (const auto& workflow : policy_.spec().workflows()) {
      any |= workflow.outcomes().empty();
      for (const auto& outcome : workflow.outcomes())
        any |= outcome.code() == code;
    }
    if (!any)
      problems_->Add(path, "no workflow has the outcome \"" + code + "\"");
  }

  template <typename Specs>
  void Codes(const Specs& specs, const v1::ImportLookup& lookup,
             std::string_view field) {
    std::vector<std::string> known;
    for (const auto& spec : specs) known.push_back(spec.code());
    const auto check = [&](const std::string& code, const std::string& path) {
      for (const auto& each : known)
        if (each == code) return;
      problems_->Add(path, "the policy has no \"" + code + "\"",
                     Meant(Nearest(code, known)));
    };
    for (int i = 0; i < lookup.words_size(); ++i)
      check(lookup.words(i).meant(),
            absl::StrCat(internal::ToAbsl(field), ".words[", i, "].meant"));
    if (!lookup.otherwise().empty())
      check(lookup.otherwise(),
            absl::StrCat(internal::ToAbsl(field), ".otherwise"));
  }

  void RowRules() {
    for (int i = 0; i < map_.row_rules_size(); ++i) {
      const auto& rule = map_.row_rules(i);
      const std::string path = absl::StrCat("row_rules[", i, "]");
      Column(rule.column(), path + ".column", true);
      if (rule.contact() == v1::Contact::KIND_UNSPECIFIED &&
          rule.reason().empty())
        problems_->Add(path, "says neither contact nor reason");
    }
  }

  static std::string Meant(const std::string& nearest) {
    return nearest.empty() ? "" : "did you mean \"" + nearest + "\"?";
  }

  const Policy& policy_;
  const v1::ImportMap& map_;
  Problems* const problems_;
};

}  // namespace

absl::StatusOr<v1::ImportMap> ParseImportMap(std::string_view textproto) {
  Problems problems;
  v1::ImportMap map;
  if (!internal::ParseTextproto(textproto, &map, &problems) && problems.empty())
    problems.Add("", "is no text of an ImportMap");
  if (!problems.empty())
    return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "map");
  return map;
}

absl::Status CheckImportMap(const Policy& policy, const v1::ImportMap& map) {
  Problems problems;
  MapCheck(policy, map, &problems).Run();
  return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "map");
}

}  // namespace hotline
