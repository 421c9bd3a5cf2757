// Why due then, why escalated, why (not) told: from the facts.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hotline/error.h"
#include "hotline/policy.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/derive.h"
#include "src/readers/inspect/json.h"
#include "src/readers/inspect/timeline.h"
#include "src/readers/inspect/words.h"

namespace hotline {
namespace internal {
namespace {

// One thing said. Lines of one heading stand together.
struct Line {
  std::string topic;  // due, derivation, pause, moved, level, next, told, ...
  std::string clock;  // empty: of the case
  std::string text;
};

const v1::CalendarSpec* SpecOf(const Policy* policy, const std::string& id) {
  if (policy == nullptr) return nullptr;
  for (const v1::CalendarSpec& spec : policy->spec().calendars()) {
    if (spec.id() == id) return &spec;
  }
  return nullptr;
}

const v1::LadderSpec* LadderOf(const Policy* policy, const std::string& code) {
  if (policy == nullptr) return nullptr;
  for (const v1::LadderSpec& spec : policy->spec().ladders()) {
    if (spec.code() == code) return &spec;
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

class Explainer {
 public:
  Explainer(const v1::Case& of, std::span<const v1::Event> events,
            const Look& look)
      : case_(of), events_(events), look_(look), h_(LayOut(of, events, look)) {}

  // One clock: promise, start, pauses, steps, moves, verdict, levels.
  void Clock(const ClockHistory& one);
  void Told();
  const CaseHistory& history() const { return h_; }
  const std::vector<Line>& lines() const { return lines_; }

 private:
  void Say(std::string_view topic, std::string_view text) {
    lines_.push_back({std::string(topic), clock_, std::string(text)});
  }
  void Due(const v1::ClockState& clock);
  void Promise(const v1::ClockState& clock);
  void Counted(const ClockHistory& one);
  void Begun(const ClockHistory& one);
  void Moves(const v1::ClockState& clock);
  void Verdict(const v1::ClockState& clock);
  void Levels(const v1::ClockState& clock);
  void LevelsAhead(const v1::ClockState& clock);
  std::string Local(const google::protobuf::Timestamp& t) const {
    return LocalInstant(At(t), h_.zone);
  }

  const v1::Case& case_;
  std::span<const v1::Event> events_;
  const Look& look_;
  CaseHistory h_;
  std::string clock_;
  std::vector<Line> lines_;
};

void Explainer::Due(const v1::ClockState& clock) {
  if (!clock.has_due()) {
    Say("due", absl::StrCat(VerdictWord(clock), "; no due instant ",
                            clock.state() == v1::ClockState::PAUSED
                                ? "while it rests"
                                : "as it does not run"));
    return;
  }
  std::string text =
      absl::StrCat(VerdictWord(clock), "; due ", Local(clock.due()));
  if (clock.has_due_next_open() &&
      At(clock.due_next_open()) != At(clock.due())) {
    absl::StrAppend(&text, ", kept if stopped until the next opening ",
                    Local(clock.due_next_open()));
  }
  Say("due", text);
}

void Explainer::Promise(const v1::ClockState& clock) {
  if (!clock.has_target()) return;
  const v1::TargetSpec& target = clock.target();
  std::string text = absl::StrCat("promise: ", TargetWords(target));
  const std::string scope = TargetScope(target);
  if (!scope.empty()) absl::StrAppend(&text, ", ", scope);
  if (!clock.because().empty()) {
    absl::StrAppend(&text, " (", clock.because(), ")");
  }
  if (target.illustrative()) absl::StrAppend(&text, " [illustrative]");
  Say("promise", text);
  if (!target.source().empty()) {
    Say("source", absl::StrCat("source: ", target.source()));
  }
}

void Explainer::Counted(const ClockHistory& one) {
  const std::string& id = one.clock.calendar();
  if (id.empty()) return;
  std::string text = absl::StrCat("counted by calendar ", id);
  if (const v1::CalendarSpec* spec = SpecOf(look_.policy, id)) {
    if (!spec->revision().empty()) {
      absl::StrAppend(&text, ", revision ", spec->revision());
    }
    if (!spec->source().empty()) {
      absl::StrAppend(&text, ", source: ", spec->source());
    }
    if (spec->illustrative()) absl::StrAppend(&text, " [illustrative]");
  }
  Say("calendar", text);
  if (one.calendar != nullptr && one.clock.has_due() &&
      one.calendar->IsProvisional(At(one.clock.due()))) {
    Say("calendar",
        "provisional: the due instant lies later than the holidays are known");
  }
}

void Explainer::Begun(const ClockHistory& one) {
  if (one.spans.empty()) {
    Say("start", "not started yet");
    return;
  }
  const absl::Time start = one.spans.front().from;
  std::string text = absl::StrCat("started ", LocalInstant(start, h_.zone));
  if (one.calendar != nullptr && !one.calendar->IsOpen(start)) {
    const auto open = one.calendar->NextOpen(start);
    absl::StrAppend(&text, ", outside office hours");
    if (open.ok()) {
      absl::StrAppend(&text, "; the office opens ",
                      LocalInstant(*open, h_.zone));
    }
  }
  Say("start", text);
  for (const ClockSpan& span : one.spans) {
    if (!span.paused) continue;
    std::string pause =
        absl::StrCat("paused ", LocalInstant(span.from, h_.zone), " to ",
                     LocalInstant(span.to, h_.zone), ", ",
                     DurationWords(span.to - span.from));
    if (one.calendar != nullptr) {
      absl::StrAppend(&pause, " (",
                      DurationWords(one.calendar->Between(span.from, span.to)),
                      " of office hours)");
    }
    Say("pause", pause);
  }
}

void Explainer::Moves(const v1::ClockState& clock) {
  if (clock.has_fixed_due()) {
    Say("moved", absl::StrCat("given from outside ", Local(clock.fixed_at()),
                              ": due ", Local(clock.fixed_due())));
  }
  if (clock.has_target_since()) {
    Say("moved",
        absl::StrCat("this target holds since ", Local(clock.target_since())));
  }
  for (const v1::Event& event : events_) {
    for (const v1::Fact& fact : event.facts()) {
      const v1::ClockSet& set = fact.clock_set();
      if (!fact.has_clock_set() || !set.has_moved_from() ||
          set.clock().clock() != clock.clock() ||
          set.clock().cycle() != clock.cycle()) {
        continue;
      }
      Say("moved",
          absl::StrCat("event ", event.version(), ", ", Local(fact.at()),
                       ": moved from ", Local(set.moved_from()),
                       set.clock().has_due()
                           ? absl::StrCat(" to ", Local(set.clock().due()))
                           : "",
                       set.because().empty()
                           ? ""
                           : absl::StrCat(", because of ", set.because())));
    }
  }
}

void Explainer::Verdict(const v1::ClockState& clock) {
  if (clock.has_breached_at()) {
    Say("breach",
        absl::StrCat("broken ", Local(clock.breached_at()),
                     ": nobody had stopped it until ",
                     Local(clock.has_due_next_open() ? clock.due_next_open()
                                                     : clock.due())));
  }
  if (clock.state() != v1::ClockState::STOPPED || clock.marks().empty()) return;
  const absl::Time stopped = At(clock.marks().rbegin()->at());
  std::string text = absl::StrCat("stopped ", LocalInstant(stopped, h_.zone));
  if (!clock.breached() && clock.has_due()) {
    absl::StrAppend(&text, stopped <= At(clock.due())
                               ? ", in time"
                               : ", after the shown time but before the office "
                                 "opened again: in time");
  }
  Say("stop", text);
}

void Explainer::Levels(const v1::ClockState& clock) {
  const v1::LadderSpec* ladder = LadderOf(look_.policy, clock.ladder());
  for (const v1::LevelMark& mark : clock.levels()) {
    std::string text =
        absl::StrCat("level ", mark.level(), " reached ", Local(mark.at()));
    if (const v1::LevelSpec* spec = LevelOf(ladder, mark.level())) {
      absl::StrAppend(&text, ", because of ", LevelWords(*spec));
      if (!spec->raise_priority().empty()) {
        absl::StrAppend(&text, "; raises the priority to ",
                        spec->raise_priority());
      }
    }
    if (!clock.ladder().empty()) {
      absl::StrAppend(&text, " (ladder ", clock.ladder(), ")");
    }
    if (mark.late()) absl::StrAppend(&text, "; noticed late");
    if (mark.stale()) {
      absl::StrAppend(&text, "; stale: the clock no longer ran");
    }
    if (mark.withdrawn()) {
      absl::StrAppend(&text, "; withdrawn by a later fact");
    }
    Say("level", text);
  }
  // A case that is only imagined has had no time to escalate.
  if (clock.levels().empty() && !case_.reference().empty()) {
    Say("level", clock.ladder().empty()
                     ? "no ladder: nothing escalates before "
                       "the breach"
                     : "not escalated: no level was reached");
  }
  LevelsAhead(clock);
}

void Explainer::LevelsAhead(const v1::ClockState& clock) {
  if (look_.policy == nullptr || clock.state() != v1::ClockState::RUNNING) {
    return;
  }
  const Category* category = look_.policy->taxonomy().Find(case_.category());
  const ClockPlace place{.area = case_.area(),
                         .unit = case_.unit(),
                         .through_closures = category != nullptr &&
                                             category->runs_through_closures};
  for (const LevelReached& level : look_.policy->sla().Levels(place, clock)) {
    if (level.at <= h_.now) continue;
    Say("next",
        absl::StrCat("level ", level.level, " comes ",
                     LocalInstant(level.at, h_.zone),
                     level.spec == nullptr
                         ? ""
                         : absl::StrCat(", at ", LevelWords(*level.spec))));
  }
}

void Explainer::Clock(const ClockHistory& one) {
  clock_ = ClockTitle(one.clock);
  Due(one.clock);
  Promise(one.clock);
  Counted(one);
  Begun(one);
  for (const std::string& step :
       Derive(one, one.calendar, SpecOf(look_.policy, one.clock.calendar()),
              h_.zone)) {
    Say("derivation", step);
  }
  Moves(one.clock);
  Verdict(one.clock);
  Levels(one.clock);
  clock_.clear();
}

void Explainer::Told() {
  bool any = false;
  for (const v1::Event& event : events_) {
    for (const v1::Fact& fact : event.facts()) {
      if (fact.has_escalated()) {
        Say("level", absl::StrCat("event ", event.version(),
                                  ": escalated by hand by ", event.actor()));
      }
      if (!fact.has_noticed()) continue;
      any = true;
      Say(fact.noticed().not_because().empty() ? "told" : "not_told",
          absl::StrCat("event ", event.version(), ", ", Local(fact.at()), ": ",
                       FactWords(fact, h_.zone)));
    }
  }
  if (!any && !events_.empty()) {
    Say("not_told", "nobody: no notice of the policy fits what happened");
  }
}

std::string LinesText(const std::vector<Line>& lines) {
  std::string out;
  std::string heading;
  for (const Line& line : lines) {
    const std::string mine = line.clock.empty() ? "told" : line.clock;
    if (mine != heading) absl::StrAppend(&out, "\n", mine, "\n");
    heading = mine;
    absl::StrAppend(&out, line.topic == "derivation" ? "    - " : "  ",
                    line.text, "\n");
  }
  return out;
}

void LinesJson(const std::vector<Line>& lines, Json* json) {
  json->Key("lines").Open('[');
  for (const Line& line : lines) {
    json->Open('{').Text("topic", line.topic);
    if (!line.clock.empty()) json->Text("clock", line.clock);
    json->Text("text", line.text).Close('}');
  }
  json->Close(']');
}

// ---------------------------------------------------------------- promises

absl::Status Unknown(std::string_view what, std::string_view word,
                     std::string_view near) {
  return MakeError(
      v1::ErrorInfo::INVALID_ARGUMENT,
      absl::StrCat("no ", ToAbsl(what), " \"", ToAbsl(word), "\"",
                   near.empty()
                       ? ""
                       : absl::StrCat("; did you mean ", ToAbsl(near), "?")));
}

template <typename Specs>
absl::Status CheckCode(const Specs& specs, std::string_view what,
                       std::string_view word) {
  if (word.empty()) return absl::OkStatus();
  std::vector<std::string> known;
  for (const auto& spec : specs) known.push_back(spec.code());
  if (std::find(known.begin(), known.end(), word) != known.end()) {
    return absl::OkStatus();
  }
  return Unknown(what, word, Nearest(word, known));
}

absl::Status CheckQuestion(const Policy& policy, const PromiseQuestion& q) {
  const v1::PolicySpec& spec = policy.spec();
  if (policy.taxonomy().Find(q.category) == nullptr) {
    return Unknown("category", q.category,
                   policy.taxonomy().Nearest(q.category));
  }
  absl::Status status = CheckCode(spec.priorities(), "priority", q.priority);
  if (status.ok()) status = CheckCode(spec.areas(), "area", q.area);
  if (status.ok()) status = CheckCode(spec.units(), "unit", q.unit);
  return status;
}

// A case as it would stand just after the opening, with every clock of its
// category running.
v1::Case Imagine(const Policy& policy, const Category& category,
                 const PromiseQuestion& q, std::string* because) {
  v1::Case of;
  of.set_category(category.code);
  of.set_area(std::string(q.area));
  of.set_priority(q.priority.empty() ? category.priority
                                     : std::string(q.priority));
  const std::vector<std::string_view> chain = category.Chain();
  const Route route = policy.routing().Find(chain, q.area, q.at, category.unit);
  *because = q.unit.empty() ? route.because : "asked for";
  of.set_unit(q.unit.empty() ? route.unit : std::string(q.unit));
  SetTimestamp(q.at, of.mutable_opened_at());
  const std::vector<std::string_view> areas =
      policy.routing().AreaChain(q.area);
  const ClockPlace place{.area = of.area(),
                         .unit = of.unit(),
                         .through_closures = category.runs_through_closures};
  for (const ClockOnCategory& on : *category.clocks) {
    v1::ClockState clock;
    clock.set_clock(on.use.clock());
    clock.set_cycle(1);
    const PlanRequest request{
        .clock = on.use.clock(),
        .use = &on.use,
        .use_path = on.path,
        .priority = of.priority(),
        .areas = areas,
        .unit_calendar = policy.routing().CalendarOf(of.unit())};
    if (!policy.sla().Plan(request, &clock)) continue;
    Sla::Mark(v1::ClockMark::START, q.at, &clock);
    policy.sla().Settle(place, &clock);
    *of.add_clocks() = clock;
  }
  return of;
}

// "starts with accept, not at the opening", or empty.
std::string StartWords(const v1::ClockSpec& spec) {
  if (spec.start().empty()) return "";
  std::vector<std::string> words;
  for (const v1::Trigger& t : spec.start()) {
    if (t.on_case() == v1::Trigger::kVerb) {
      if (t.verb() == v1::OPEN) return "";
      words.push_back(LowerCase(v1::Verb_Name(t.verb())));
    } else if (t.on_case() == v1::Trigger::kPhase) {
      words.push_back(
          absl::StrCat("phase ", LowerCase(v1::Phase_Name(t.phase()))));
    } else {
      words.push_back(absl::StrCat("state ", t.state()));
    }
  }
  return absl::StrCat("starts with ", absl::StrJoin(words, " or "),
                      ", not with the opening; counted here as if at once");
}

std::string PromiseHead(const v1::Case& of, const Policy& policy,
                        const Category& category, const PromiseQuestion& q,
                        std::string_view because, std::string_view language) {
  std::string out = absl::StrCat(
      "category ", of.category(), " (", std::string(category.Name(language)),
      "), opened ", LocalInstant(q.at, policy.time_zone()), ", ",
      policy.time_zone().name(), "\n");
  absl::StrAppend(&out, "policy ", policy.spec().id());
  if (policy.spec().illustrative()) {
    absl::StrAppend(&out, " [illustrative: figures that no source gives]");
  }
  absl::StrAppend(&out, "\nunit ", of.unit().empty() ? "none" : of.unit());
  if (!because.empty()) absl::StrAppend(&out, ": ", ToAbsl(because));
  if (!of.priority().empty()) {
    absl::StrAppend(&out, "\npriority ", of.priority());
  }
  if (!of.area().empty()) absl::StrAppend(&out, "\narea ", of.area());
  if (!category.ValidOn(absl::ToCivilDay(q.at, policy.time_zone()))) {
    absl::StrAppend(&out, "\nno case may be opened on it on that date");
  }
  if (of.clocks().empty()) absl::StrAppend(&out, "\nno clock: no promise");
  return out + "\n";
}

std::string PromiseJson(const v1::Case& of, const Policy& policy,
                        std::string_view because,
                        const std::vector<Line>& lines, const Look& look) {
  Json json;
  json.Open('{').Text("policy", policy.spec().id());
  json.Text("category", of.category());
  json.Text("at", FormatUtc(At(of.opened_at())));
  json.Text("unit", of.unit()).Text("because", because);
  json.Text("priority", of.priority()).Text("area", of.area());
  json.Key("illustrative").Bool(IsIllustrative(of, look));
  json.Key("clocks").Open('[');
  for (const v1::ClockState& clock : of.clocks()) {
    json.Open('{').Text("id", clock.clock());
    for (const auto& [key, has, at] :
         {std::tuple{"due", clock.has_due(), At(clock.due())},
          std::tuple{"due_next_open", clock.has_due_next_open(),
                     At(clock.due_next_open())}}) {
      json.Key(key);
      has ? json.Text(FormatUtc(at)) : json.Null();
    }
    json.Text("target", TargetWords(clock.target()));
    json.Text("source", clock.target().source());
    json.Key("illustrative").Bool(clock.target().illustrative());
    json.Text("because", clock.because()).Text("calendar", clock.calendar());
    json.Text("ladder", clock.ladder()).Close('}');
  }
  json.Close(']');
  LinesJson(lines, &json);
  json.Close('}');
  return json.Take();
}

}  // namespace
}  // namespace internal

absl::StatusOr<std::string> Explain(const v1::Case& of,
                                    std::span<const v1::Event> events,
                                    Format format, const Look& look) {
  if (format != Format::kText && format != Format::kJson) {
    return internal::NoSuchForm("an explanation", "text or json");
  }
  internal::Explainer explainer(of, events, look);
  for (const internal::ClockHistory& one : explainer.history().clocks) {
    explainer.Clock(one);
  }
  explainer.Told();
  const bool illustrative = internal::IsIllustrative(of, look);
  const std::string zone = explainer.history().zone.name();
  if (format == Format::kText) {
    return absl::StrCat(
        internal::CaseTitle(of, look), "\ntimes in ", zone, "\n",
        illustrative ? "illustrative: figures that no source gives\n" : "",
        of.clocks().empty() ? "no clock: nothing was promised\n" : "",
        internal::LinesText(explainer.lines()));
  }
  internal::Json json;
  json.Open('{').Text("reference", of.reference()).Text("time_zone", zone);
  json.Key("illustrative").Bool(illustrative);
  internal::LinesJson(explainer.lines(), &json);
  json.Close('}');
  return json.Take();
}

absl::StatusOr<std::string> ExplainPromise(const Policy& policy,
                                           const PromiseQuestion& question,
                                           Format format,
                                           std::string_view language) {
  if (format != Format::kText && format != Format::kJson) {
    return internal::NoSuchForm("an explanation", "text or json");
  }
  if (absl::Status s = internal::CheckQuestion(policy, question); !s.ok()) {
    return s;
  }
  const Category& category = *policy.taxonomy().Find(question.category);
  std::string because;
  const v1::Case of = internal::Imagine(policy, category, question, &because);
  const Look look{.policy = &policy, .language = language};
  internal::Explainer explainer(of, {}, look);
  std::vector<internal::Line> lines;
  for (const internal::ClockHistory& one : explainer.history().clocks) {
    explainer.Clock(one);
  }
  lines = explainer.lines();
  for (const v1::ClockState& clock : of.clocks()) {
    const v1::ClockSpec* spec = policy.sla().Find(clock.clock());
    const std::string starts =
        spec == nullptr ? "" : internal::StartWords(*spec);
    if (starts.empty()) continue;
    const auto at = std::find_if(
        lines.begin(), lines.end(),
        [&](const internal::Line& l) { return l.clock == clock.clock(); });
    if (at != lines.end()) {
      lines.insert(at + 1, {"start", clock.clock(), starts});
    }
  }
  if (format == Format::kJson) {
    return internal::PromiseJson(of, policy, because, lines, look);
  }
  return absl::StrCat(
      internal::PromiseHead(of, policy, category, question, because, language),
      internal::LinesText(lines));
}

}  // namespace hotline
