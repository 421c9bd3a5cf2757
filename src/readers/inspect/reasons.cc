#include "src/readers/inspect/reasons.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "hotline/policy.h"
#include "src/base/absl_bridge.h"
#include "src/readers/inspect/history.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

Sentence Called(const std::string& name, const std::string& code) {
  if (name == code) return {Saying::kPlain, 0, {{"name", code}}};
  return {Saying::kCalled, 0, {{"name", name}, {"code", code}}};
}

// A name of another tongue than the asker's says less than the code.
template <typename Names>
std::string NameOr(const Names& names, std::string_view language,
                   const std::string& code) {
  const auto family = [](std::string_view tag) {
    return tag.substr(0, tag.find_first_of("-_"));
  };
  const bool has = std::any_of(names.begin(), names.end(), [&](const auto& n) {
    return family(n.language()) == family(language);
  });
  return has ? NameIn(names, language, code) : code;
}

template <typename Specs>
Sentence CalledIn(const Specs& specs, const std::string& code,
                  std::string_view language) {
  const auto spec =
      std::find_if(specs.begin(), specs.end(),
                   [&](const auto& one) { return one.code() == code; });
  return Called(
      spec == specs.end() ? code : NameOr(spec->names(), language, code), code);
}

// "category streetlight in area xinyi while office is open"; codes have no
// blanks. Nothing: it is not of this form.
std::optional<Sentence> ClaimOf(std::string_view text, const Look& look) {
  std::vector<std::string> words = absl::StrSplit(ToAbsl(text), ' ');
  size_t at = 0;
  const auto take = [&](std::initializer_list<std::string_view> expected) {
    if (words.size() - at < expected.size()) return false;
    if (!std::equal(expected.begin(), expected.end(),
                    words.begin() + static_cast<ptrdiff_t>(at))) {
      return false;
    }
    at += expected.size();
    return true;
  };
  const auto code = [&]() { return at < words.size() ? words[at++] : ""; };
  Sentence what(Saying::kClaimAny), area, hours;
  if (take({"category"})) {
    what = {Saying::kClaimCategory,
            0,
            {{"category", CategoryCalled(code(), look)}}};
  } else if (!take({"any", "category"})) {
    return std::nullopt;
  }
  if (take({"in", "area"})) {
    area = {Saying::kClaimArea, 0, {{"area", AreaCalled(code(), look)}}};
  }
  if (take({"while"})) {
    const std::string calendar = code();
    const bool open = take({"is", "open"});
    if (!open && !take({"is", "closed"})) return std::nullopt;
    hours = {open ? Saying::kClaimOpen : Saying::kClaimShut,
             0,
             {{"calendar", calendar}}};
  }
  if (at != words.size()) return std::nullopt;
  return Sentence(Saying::kClaim, 0,
                  {{"what", what}, {"area", area}, {"hours", hours}});
}

// Where in the policy: "routes[0]", or "routes[0] and routes[2]".
Sentence PathsOf(std::string_view text) {
  const std::vector<std::string> paths = absl::StrSplit(ToAbsl(text), " and ");
  Sentence all(Saying::kPlain, 0, {{"name", paths.front()}});
  for (size_t i = 1; i < paths.size(); ++i) {
    all = {Saying::kBoth, 0, {{"one", all}, {"other", paths[i]}}};
  }
  return all;
}

}  // namespace

Sentence RouteReason(std::string_view because, const Look& look) {
  static constexpr std::pair<std::string_view, Saying> kKnown[] = {
      {"by hand", Saying::kRouteByHand},
      {"taken away", Saying::kRouteTakenAway},
      {"inherited", Saying::kRouteInherited},
      {"asked for", Saying::kRouteAskedFor},
      {"no route holds: the category's own unit", Saying::kRouteOwnUnit},
      {"no route holds, and the category names no unit", Saying::kRouteNone},
  };
  for (const auto& [words, saying] : kKnown) {
    if (words == because) return Sentence(saying);
  }
  const Sentence as_written(Saying::kBecauseOther, 0,
                            {{"because", std::string(because)}});
  const size_t colon = because.find(": ");
  if (!because.starts_with("routes[") || colon == std::string_view::npos) {
    return as_written;
  }
  const auto claim = ClaimOf(because.substr(colon + 2), look);
  if (!claim) return as_written;
  absl::string_view paths = ToAbsl(because.substr(0, colon));
  const bool alike = absl::ConsumeSuffix(&paths, " claim it alike");
  return {alike ? Saying::kRouteAlike : Saying::kRouteOne,
          0,
          {{"path", PathsOf(ToStd(paths))}, {"claim", *claim}}};
}

Sentence BecauseOf(std::string_view because) {
  static constexpr std::pair<std::string_view, Saying> kKnown[] = {
      {"pause", Saying::kBecausePause},
      {"wait", Saying::kBecausePause},
      {"resume", Saying::kBecausePause},
      {"extension", Saying::kBecauseExtension},
      {"extend", Saying::kBecauseExtension},
      {"grant_extension", Saying::kBecauseExtension},
      {"approve_extension", Saying::kBecauseExtension},
      {"priority", Saying::kBecausePriority},
      {"category", Saying::kBecauseCategory},
      {"unit", Saying::kBecauseUnit},
      {"transfer", Saying::kBecauseUnit},
      {"assign", Saying::kBecauseUnit},
      {"closure", Saying::kBecauseClosure},
      {"reopened", Saying::kBecauseReopened},
      {"reopen", Saying::kBecauseReopened},
      {"handed over", Saying::kBecauseHandedOver},
      {"started", Saying::kBecauseStarted},
      {"new cycle", Saying::kBecauseNewCycle},
      {"restated", Saying::kBecauseRestated},
      {"area", Saying::kBecauseArea},
      {"promised before", Saying::kBecausePromised},
  };
  for (const auto& [word, saying] : kKnown) {
    if (word == because) return Sentence(saying);
  }
  absl::string_view rest = ToAbsl(because);
  int64_t version = 0;
  if (absl::ConsumePrefix(&rest, "policy ") &&
      absl::SimpleAtoi(rest, &version)) {
    return {Saying::kBecausePolicy, 0, {{"version", version}}};
  }
  v1::Verb verb;
  if (v1::Verb_Parse(absl::AsciiStrToUpper(ToAbsl(because)), &verb)) {
    return {Saying::kBecauseVerb, 0, {{"verb", verb}}};
  }
  return {Saying::kBecauseOther, 0, {{"because", std::string(because)}}};
}

std::string RecipientOf(const v1::Noticed& noticed) {
  if (!noticed.recipient().empty()) return noticed.recipient();
  return LowerCase(v1::NoticeSpec::Recipient_Name(noticed.to())).substr(3);
}

Sentence WhoWas(const std::string& recipient, const Look& look) {
  if (recipient == "reporter") return Sentence(Saying::kWhoReporter);
  if (recipient.starts_with("unit:") && look.policy != nullptr) {
    const std::string code = recipient.substr(5);
    for (const v1::UnitSpec& unit : look.policy->spec().units()) {
      if (unit.code() != code) continue;
      return {Saying::kWhoUnit,
              0,
              {{"unit", NameIn(unit.names(), look.language, code)}}};
    }
  }
  return {Saying::kWhoOther, 0, {{"recipient", recipient}}};
}

Sentence WhyNotTold(const std::string& because) {
  if (because == "anonymous") return Sentence(Saying::kNotAnonymous);
  if (because == "no address") return Sentence(Saying::kNotAddress);
  if (because == "stale") return Sentence(Saying::kNotStale);
  return {Saying::kBecauseOther, 0, {{"because", because}}};
}

Sentence UnitCalled(const std::string& code, const Look& look) {
  if (look.policy == nullptr) return Called(code, code);
  return CalledIn(look.policy->spec().units(), code, look.language);
}

Sentence AreaCalled(const std::string& code, const Look& look) {
  if (look.policy == nullptr) return Called(code, code);
  return CalledIn(look.policy->spec().areas(), code, look.language);
}

Sentence CategoryCalled(const std::string& code, const Look& look) {
  return Called(CategoryName(code, look), code);
}

Sentence PriorityCalled(const std::string& code, const Look& look) {
  if (look.policy == nullptr) return Called(code, code);
  return CalledIn(look.policy->spec().priorities(), code, look.language);
}

Sentence ClockCalled(const std::string& code, int cycle, const Look& look) {
  const v1::ClockSpec* spec =
      look.policy == nullptr ? nullptr : look.policy->sla().Find(code);
  const Sentence name = Called(
      spec == nullptr ? code : NameOr(spec->names(), look.language, code),
      code);
  if (cycle <= 1) return name;
  return {Saying::kRunTitle, 0, {{"clock", name}, {"run", int64_t{cycle}}}};
}

Sentence StateCalled(const std::string& state, const std::string& workflow,
                     const Look& look) {
  v1::Case of;
  of.set_workflow(workflow);
  return Called(StateName(of, state, look), state);
}

const v1::LadderSpec* LadderOf(const Policy* policy, const std::string& code) {
  if (policy == nullptr) return nullptr;
  for (const v1::LadderSpec& ladder : policy->spec().ladders()) {
    if (ladder.code() == code) return &ladder;
  }
  return nullptr;
}

const v1::LevelSpec* LevelOf(const v1::LadderSpec* ladder,
                             const std::string& code) {
  if (ladder == nullptr) return nullptr;
  for (const v1::LevelSpec& level : ladder->levels()) {
    if (level.code() == code) return &level;
  }
  return nullptr;
}

std::string NameOfLevel(const v1::LadderSpec* ladder, const std::string& code,
                        std::string_view language) {
  const v1::LevelSpec* spec = LevelOf(ladder, code);
  return spec == nullptr ? code : NameOr(spec->names(), language, code);
}

Sentence StatusOf(v1::PublicStatus status) {
  return Sentence(status == v1::OPEN_STATUS        ? Saying::kStatusOpen
                  : status == v1::FIXED            ? Saying::kStatusFixed
                  : status == v1::CLOSED_NOT_FIXED ? Saying::kStatusNotFixed
                                                   : Saying::kNothing);
}

Sentence VerdictOf(const v1::ClockState& clock) {
  static constexpr std::pair<v1::ClockState::State, Saying> kStates[] = {
      {v1::ClockState::IDLE, Saying::kStateIdle},
      {v1::ClockState::RUNNING, Saying::kStateRunning},
      {v1::ClockState::PAUSED, Saying::kStatePaused},
      {v1::ClockState::STOPPED, Saying::kStateKept},
      {v1::ClockState::CANCELLED, Saying::kStateCancelled},
  };
  Sentence words;
  for (const auto& [kind, saying] : kStates) {
    if (kind == clock.state()) words = Sentence(saying);
  }
  if (!clock.breached()) return words;
  return clock.state() == v1::ClockState::STOPPED
             ? Sentence(Saying::kStateLate)
             : Sentence(Saying::kStateBroken, 0, {{"state", words}});
}

}  // namespace hotline::internal
