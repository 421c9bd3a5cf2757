#include "hotline/workflow.h"

#include <algorithm>
#include <deque>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"

namespace hotline {
namespace {

constexpr int kStatesMax = 200;

bool Holds(v1::Guard guard, const Situation& s) {
  switch (guard) {
    case v1::STAFF:
      return !s.by_reporter;
    case v1::BY_REPORTER:
      return s.by_reporter;
    case v1::IN_REOPEN_WINDOW:
      return s.in_reopen_window;
    case v1::SOMEBODY_ELSE:
      return s.somebody_else;
    case v1::HAS_UNIT:
      return s.has_unit;
    case v1::EXTENSION_ASKED:
      return s.extension_asked;
    case v1::NO_EXTENSION_ASKED:
      return !s.extension_asked;
    case v1::CLOSURE_ASKED:
      return s.closure_asked;
    case v1::NO_CLOSURE_ASKED:
      return !s.closure_asked;
    case v1::FOLLOW_UP_OPEN:
      return s.follow_up_open;
    case v1::NO_FOLLOW_UP_OPEN:
      return !s.follow_up_open;
    case v1::BEFORE_DUE:
      return s.before_due;
    case v1::NOT_RATED:
      return !s.rated;
    default:
      return false;
  }
}

// Guards about the case, not about who acts.
bool IsAboutActor(v1::Guard guard) {
  return guard == v1::STAFF || guard == v1::BY_REPORTER ||
         guard == v1::SOMEBODY_ELSE;
}

bool AllHold(const v1::TransitionSpec& t, const Situation& s) {
  return std::all_of(t.guards().begin(), t.guards().end(), [&](int guard) {
    return Holds(static_cast<v1::Guard>(guard), s);
  });
}

// Could the right person do it now?
bool CouldHold(const v1::TransitionSpec& t, const Situation& s) {
  return std::all_of(t.guards().begin(), t.guards().end(), [&](int guard) {
    return IsAboutActor(static_cast<v1::Guard>(guard)) ||
           Holds(static_cast<v1::Guard>(guard), s);
  });
}

std::string WhoMay(const v1::TransitionSpec& t, const Situation& s) {
  std::string who;
  for (const int guard : t.guards()) {
    if (guard == v1::STAFF && who.empty()) who = "staff";
    if (guard == v1::BY_REPORTER) who = "reporter";
    if (guard == v1::SOMEBODY_ELSE) who = "somebody else than who asked";
    if (guard == v1::IN_REOPEN_WINDOW) {
      absl::StrAppend(&who, who.empty() ? "" : " ", "until ",
                      absl::FormatTime("%Y-%m-%d", s.reopen_until, s.zone));
    }
  }
  return who;
}

// What a verb must lead to for its name to be true.
struct Destination {
  v1::Verb verb;
  std::set<v1::Phase> phases;
  const char* hint;
};

const std::vector<Destination>& Destinations() {
  static const auto* const list = new std::vector<Destination>{
      {v1::WAIT, {v1::WAITING}, "lead to a state of phase WAITING"},
      {v1::RESUME, {v1::NEW, v1::ACTIVE}, "lead to phase NEW or ACTIVE"},
      {v1::RESOLVE, {v1::RESOLVED, v1::CLOSED}, "lead to RESOLVED or CLOSED"},
      {v1::CLOSE, {v1::CLOSED}, "lead to phase CLOSED"},
      {v1::APPROVE_CLOSURE,
       {v1::RESOLVED, v1::CLOSED},
       "lead to RESOLVED or CLOSED"},
      {v1::CLOSE_AND_FOLLOW_UP, {v1::CLOSED}, "lead to phase CLOSED"},
      {v1::CANCEL, {v1::CLOSED}, "lead to phase CLOSED"},
      {v1::REJECT, {v1::CLOSED}, "lead to phase CLOSED"},
      {v1::MERGE, {v1::CLOSED}, "lead to phase CLOSED"},
      {v1::REOPEN, {v1::NEW, v1::ACTIVE}, "lead to phase NEW or ACTIVE"},
  };
  return *list;
}

// Checks one workflow and gathers its tables.
class Checker {
 public:
  Checker(const v1::WorkflowSpec& spec, std::string path, Problems* problems)
      : spec_(spec), path_(std::move(path)), problems_(problems) {}

  void Run() {
    if (spec_.code().empty()) {
      problems_->Add(path_ + ".code", "is empty", "name the workflow");
    }
    States();
    Outcomes();
    for (int i = 0; i < spec_.transitions_size(); ++i) Transition(i);
    Timeouts();
    Reachable();
    if (!spec_.reopen_window().empty()) {
      const auto window = internal::ParseDuration(spec_.reopen_window());
      if (!window.ok()) Bad(".reopen_window", window.status());
    }
  }

 private:
  void Bad(const std::string& at, const absl::Status& status) {
    problems_->Add(path_ + at, internal::ToStd(status.message()));
  }

  void States() {
    if (spec_.states().empty()) {
      problems_->Add(path_ + ".states", "is empty", "a workflow needs states");
    }
    if (spec_.states_size() > kStatesMax) {
      problems_->Add(path_ + ".states",
                     absl::StrCat("has ", spec_.states_size(), " entries"),
                     absl::StrCat("at most ", kStatesMax, " are allowed"));
    }
    for (int i = 0; i < spec_.states_size(); ++i) {
      const v1::StateSpec& state = spec_.states(i);
      const std::string at = absl::StrCat(path_, ".states[", i, "]");
      if (state.code().empty()) {
        problems_->Add(at + ".code", "is empty", "name the state");
      } else if (!states_.emplace(state.code(), &state).second) {
        problems_->Add(at + ".code",
                       absl::StrCat("\"", state.code(), "\" stands twice"),
                       "take one of them away");
      }
      names_.push_back(state.code());
      if (state.phase() == v1::PHASE_UNSPECIFIED) {
        problems_->Add(at + ".phase", "is not set",
                       "one of NEW, ACTIVE, WAITING, RESOLVED, CLOSED");
      }
      if (state.public_status() == v1::PUBLIC_STATUS_UNSPECIFIED) {
        problems_->Add(at + ".public_status", "is not set",
                       "one of OPEN_STATUS, FIXED, CLOSED_NOT_FIXED");
      }
    }
    const auto initial = states_.find(spec_.initial());
    if (initial == states_.end()) {
      problems_->Add(path_ + ".initial", Unknown(spec_.initial()),
                     Hint(spec_.initial()));
    } else if (!IsOpenPhase(initial->second->phase())) {
      problems_->Add(path_ + ".initial", "is a resolved or closed state",
                     "a case begins open");
    }
  }

  void Outcomes() {
    std::set<std::string> seen;
    for (int i = 0; i < spec_.outcomes_size(); ++i) {
      const std::string& code = spec_.outcomes(i).code();
      if (code.empty() || !seen.insert(code).second) {
        problems_->Add(absl::StrCat(path_, ".outcomes[", i, "].code"),
                       code.empty() ? "is empty" : "stands twice",
                       "give each outcome a code of its own");
      }
    }
  }

  void Transition(int i) {
    const v1::TransitionSpec& t = spec_.transitions(i);
    const std::string at = absl::StrCat(path_, ".transitions[", i, "]");
    if (t.verb() == v1::VERB_UNSPECIFIED || t.verb() == v1::OPEN) {
      problems_->Add(at + ".verb", "cannot be a transition's verb",
                     "a case is opened in the initial state");
    }
    if (t.from().empty()) {
      problems_->Add(at + ".from", "is empty", "name the states it starts in");
    }
    for (int k = 0; k < t.from_size(); ++k) From(t, k, at);
    if (!t.to().empty() && !states_.contains(t.to())) {
      problems_->Add(at + ".to", Unknown(t.to()), Hint(t.to()));
    }
    Guards(t, at);
    Leads(t, at);
    if (t.verb() == v1::TICK) Tick(t, at);
  }

  // Done again as soon as it is done, or never: neither is a timeout.
  void Tick(const v1::TransitionSpec& t, const std::string& at) {
    const bool stays =
        std::find(t.from().begin(), t.from().end(), t.to()) != t.from().end();
    if (t.to().empty() || stays) {
      problems_->Add(at + ".to", "must be another state for tick",
                     "say where a case goes that stayed too long");
    }
    if (!t.guards().empty()) {
      problems_->Add(at + ".guards", "are not asked for tick",
                     "a timeout holds for every case in the state");
    }
  }

  void From(const v1::TransitionSpec& t, int k, const std::string& at) {
    const std::string where = absl::StrCat(at, ".from[", k, "]");
    if (!states_.contains(t.from(k))) {
      problems_->Add(where, Unknown(t.from(k)), Hint(t.from(k)));
      return;
    }
    std::vector<int> guards(t.guards().begin(), t.guards().end());
    std::sort(guards.begin(), guards.end());
    const std::string same =
        absl::StrCat(t.from(k), "/", t.verb(), "/", absl::StrJoin(guards, ","));
    const auto [first, fresh] = seen_.emplace(same, at);
    if (!fresh) {
      problems_->Add(where,
                     absl::StrCat(VerbName(t.verb()), " from \"", t.from(k),
                                  "\" under the same guards stands already in ",
                                  first->second),
                     "take one of them away or guard them apart");
    }
  }

  void Guards(const v1::TransitionSpec& t, const std::string& at) {
    std::set<int> set(t.guards().begin(), t.guards().end());
    if (set.contains(v1::GUARD_UNSPECIFIED)) {
      problems_->Add(at + ".guards", "has an entry that is not set",
                     "take it away");
    }
    const std::pair<v1::Guard, v1::Guard> opposite[] = {
        {v1::STAFF, v1::BY_REPORTER},
        {v1::EXTENSION_ASKED, v1::NO_EXTENSION_ASKED},
        {v1::CLOSURE_ASKED, v1::NO_CLOSURE_ASKED},
        {v1::FOLLOW_UP_OPEN, v1::NO_FOLLOW_UP_OPEN}};
    for (const auto& [a, b] : opposite) {
      if (set.contains(a) && set.contains(b)) {
        problems_->Add(at + ".guards",
                       absl::StrCat(v1::Guard_Name(a), " and ",
                                    v1::Guard_Name(b), " never hold together"),
                       "take one of them away");
      }
    }
  }

  void Leads(const v1::TransitionSpec& t, const std::string& at) {
    for (const Destination& d : Destinations()) {
      if (t.verb() != d.verb) continue;
      const auto to = states_.find(t.to());
      if (t.to().empty() ||
          (to != states_.end() && !d.phases.contains(to->second->phase()))) {
        problems_->Add(at + ".to",
                       absl::StrCat("is no place for ", VerbName(t.verb())),
                       d.hint);
      }
    }
  }

  void Timeouts() {
    std::set<std::string> ticks;
    for (const v1::TransitionSpec& t : spec_.transitions()) {
      if (t.verb() != v1::TICK) continue;
      ticks.insert(t.from().begin(), t.from().end());
    }
    for (int i = 0; i < spec_.states_size(); ++i) {
      const v1::StateSpec& state = spec_.states(i);
      const std::string at = absl::StrCat(".states[", i, "].timeout");
      const bool has_tick = ticks.contains(state.code());
      if (state.timeout().empty()) {
        if (has_tick) {
          problems_->Add(path_ + at, "is missing for the transition by TICK",
                         "say after how long, such as \"168h\"");
        }
        continue;
      }
      const auto timeout = internal::ParseDuration(state.timeout());
      if (!timeout.ok()) Bad(at, timeout.status());
      if (!has_tick) {
        problems_->Add(path_ + at, "has no transition for TICK",
                       "add one or take the timeout away");
      }
    }
  }

  void Reachable() {
    if (!states_.contains(spec_.initial())) return;
    std::set<std::string> seen = {spec_.initial()};
    std::deque<std::string> todo = {spec_.initial()};
    while (!todo.empty()) {
      const std::string state = todo.front();
      todo.pop_front();
      for (const v1::TransitionSpec& t : spec_.transitions()) {
        const bool here = std::find(t.from().begin(), t.from().end(), state) !=
                          t.from().end();
        if (here && !t.to().empty() && seen.insert(t.to()).second) {
          todo.push_back(t.to());
        }
      }
    }
    for (int i = 0; i < spec_.states_size(); ++i) {
      if (!seen.contains(spec_.states(i).code())) {
        problems_->Add(
            absl::StrCat(path_, ".states[", i, "]"),
            absl::StrCat("\"", spec_.states(i).code(), "\" is never reached"),
            "lead a transition to it or take it away");
      }
    }
  }

  static std::string Unknown(const std::string& state) {
    return state.empty() ? "is empty"
                         : absl::StrCat("there is no state \"", state, "\"");
  }

  std::string Hint(const std::string& state) {
    const std::string near = Nearest(state, names_);
    return near.empty() ? "name one of `states`"
                        : absl::StrCat("did you mean \"", near, "\"?");
  }

  const v1::WorkflowSpec& spec_;
  const std::string path_;
  Problems* const problems_;
  std::map<std::string, const v1::StateSpec*> states_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> seen_;
};

}  // namespace

struct Workflows::Shelf {
  std::deque<v1::WorkflowSpec> specs;  // stable addresses
  std::map<std::string, Workflow, std::less<>> by_code;
};

const v1::StateSpec* Workflow::FindState(std::string_view code) const {
  const auto it = states_.find(code);
  return it == states_.end() ? nullptr : it->second;
}

const v1::OutcomeSpec* Workflow::FindOutcome(std::string_view code) const {
  const auto it = outcomes_.find(code);
  return it == outcomes_.end() ? nullptr : it->second;
}

absl::Duration Workflow::TimeoutOf(std::string_view state) const {
  const auto it = timeouts_.find(state);
  return it == timeouts_.end() ? absl::InfiniteDuration() : it->second;
}

const v1::TransitionSpec* Workflow::Step(std::string_view state, v1::Verb verb,
                                         const Situation& situation) const {
  const auto it = table_.find({std::string(state), verb});
  if (it == table_.end()) return nullptr;
  for (const v1::TransitionSpec* t : it->second) {
    if (AllHold(*t, situation)) return t;
  }
  return nullptr;
}

std::vector<std::string> Workflow::Legal(std::string_view state,
                                         const Situation& situation) const {
  std::vector<std::string> legal;
  const auto begin = table_.lower_bound({std::string(state), 0});
  for (auto it = begin; it != table_.end() && it->first.first == state; ++it) {
    const auto verb = static_cast<v1::Verb>(it->first.second);
    // Nobody's daily work.
    if (verb == v1::TICK || verb == v1::ERASE_PERSON || verb == v1::RESTATE) {
      continue;
    }
    std::vector<std::string> who;
    bool anybody = false;
    bool could = false;
    for (const v1::TransitionSpec* t : it->second) {
      if (!CouldHold(*t, situation)) continue;
      could = true;
      const std::string name = WhoMay(*t, situation);
      if (name.empty()) anybody = true;
      if (std::find(who.begin(), who.end(), name) == who.end()) {
        who.push_back(name);
      }
    }
    if (!could) continue;
    legal.push_back(anybody ? VerbName(verb)
                            : absl::StrCat(VerbName(verb), " (",
                                           absl::StrJoin(who, ", or "), ")"));
  }
  return legal;
}

Workflows Workflows::Compile(
    const google::protobuf::RepeatedPtrField<v1::WorkflowSpec>& specs,
    Problems* problems) {
  auto shelf = std::make_shared<Shelf>();
  const auto add = [&](const v1::WorkflowSpec& original) {
    const v1::WorkflowSpec& spec = shelf->specs.emplace_back(original);
    Workflow w;
    w.spec_ = &spec;
    for (const v1::StateSpec& state : spec.states()) {
      w.states_.emplace(state.code(), &state);
      const auto timeout = internal::ParseDuration(state.timeout());
      if (timeout.ok()) w.timeouts_.emplace(state.code(), *timeout);
    }
    for (const v1::OutcomeSpec& outcome : spec.outcomes()) {
      w.outcomes_.emplace(outcome.code(), &outcome);
    }
    for (const v1::TransitionSpec& t : spec.transitions()) {
      for (const std::string& from : t.from()) {
        w.table_[{from, t.verb()}].push_back(&t);
      }
    }
    w.initial_ = w.FindState(spec.initial());
    const auto window = internal::ParseDuration(spec.reopen_window());
    w.reopen_window_ = window.ok() ? *window : absl::ZeroDuration();
    return shelf->by_code.emplace(spec.code(), std::move(w)).second;
  };
  for (int i = 0; i < specs.size(); ++i) {
    const std::string path = absl::StrCat("workflows[", i, "]");
    Checker(specs.Get(i), path, problems).Run();
    if (!add(specs.Get(i))) {
      problems->Add(path + ".code",
                    absl::StrCat("\"", specs.Get(i).code(), "\" stands twice"),
                    "take one of them away");
    }
  }
  if (!shelf->by_code.contains("standard")) add(StandardWorkflow());
  Workflows workflows;
  workflows.shelf_ = std::move(shelf);
  return workflows;
}

const Workflow* Workflows::Find(std::string_view code) const {
  const auto it =
      shelf_->by_code.find(code.empty() ? std::string_view("standard") : code);
  return it == shelf_->by_code.end() ? nullptr : &it->second;
}

std::string VerbName(v1::Verb verb) {
  return absl::AsciiStrToLower(v1::Verb_Name(verb));
}

}  // namespace hotline
