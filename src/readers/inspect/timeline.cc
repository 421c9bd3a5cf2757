// Timelines as text, Mermaid and JSON; svg.cc draws the fourth.
#include "src/readers/inspect/timeline.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/json.h"
#include "src/readers/inspect/reasons.h"
#include "src/readers/inspect/words.h"

namespace hotline {
namespace internal {

Speaker SpeakerFor(const Look& look) {
  return Speaker(LanguageOf(look.language), ZoneOf(look));
}

std::string CaseTitle(const v1::Case& of, const Look& look) {
  Sentence status;
  if (!PublicStatusWord(of.public_status()).empty()) {
    status = {
        Saying::kTitleStatus, 0, {{"status", StatusOf(of.public_status())}}};
  }
  return SpeakerFor(look).Say({Saying::kCaseTitle,
                               0,
                               {{"reference", of.reference()},
                                {"category", CategoryName(of.category(), look)},
                                {"state", StateName(of, of.state(), look)},
                                {"status", status}}});
}

std::string ClockWords(const v1::ClockState& clock, const Look& look) {
  const Sentence due =
      clock.has_due()
          ? Sentence(Saying::kLineDue, 0, {{"due", When{At(clock.due())}}})
          : Sentence();
  Sentence broken, promise, mark;
  // Where that is not the due instant itself, which has been said.
  if (clock.has_breached_at() &&
      (!clock.has_due() ||
       At(clock.breached_at()) - At(clock.due()) >= absl::Seconds(1))) {
    broken = {Saying::kLineBroken, 0, {{"at", When{At(clock.breached_at())}}}};
  }
  if (clock.has_target()) {
    promise = {Saying::kLinePromise, 0, {{"target", clock.target()}}};
    if (clock.target().illustrative()) mark = Sentence(Saying::kLineMark);
  }
  return SpeakerFor(look).Say(
      {Saying::kLineClock,
       0,
       {{"clock", ClockCalled(clock.clock(), clock.cycle(), look)},
        {"state", VerdictOf(clock)},
        {"due", due},
        {"broken", broken},
        {"promise", promise},
        {"mark", mark}}});
}

absl::Status NoSuchForm(std::string_view what, std::string_view forms) {
  return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                   absl::StrCat(ToAbsl(what), " comes as ", ToAbsl(forms)));
}

namespace {

constexpr int kBarColumns = 60;

std::string EventHead(const v1::Event& event, const Speaker& speaker) {
  std::string what;
  if (event.verb() == v1::TICK) {
    what = speaker.Say(Saying::kByItself);
  } else {
    Sentence actor;
    if (!event.actor().empty()) {
      const Part who = event.actor() == "reporter"
                           ? Part{"actor", Sentence(Saying::kActorReporter)}
                           : Part{"actor", event.actor()};
      actor = {Saying::kByActor, 0, {who}};
    }
    what = speaker.Say(
        {Saying::kEventBy,
         0,
         {{"verb", speaker.VerbListed(event.verb())}, {"actor", actor}}});
  }
  return absl::StrCat(PadRight(absl::StrCat(event.version()), 4),
                      speaker.Listed(At(event.recorded_at())), "  ", what,
                      "\n");
}

// One line of characters: what the clock did, with due, levels and breach.
std::string Bar(const ClockHistory& one, const CaseHistory& h) {
  std::string bar(kBarColumns, ' ');
  const auto column = [&](absl::Time at) {
    const double share = absl::FDivDuration(at - h.from, h.to - h.from);
    return static_cast<size_t>(
        std::clamp(share * kBarColumns, 0.0, kBarColumns - 1.0));
  };
  for (const ClockSpan& span : one.spans) {
    for (size_t c = column(span.from); c <= column(span.to); ++c) {
      const absl::Time middle = h.from + (h.to - h.from) *
                                             (static_cast<double>(c) + 0.5) /
                                             kBarColumns;
      const bool rests =
          one.calendar != nullptr && !one.calendar->IsOpen(middle);
      bar[c] = span.paused ? '-' : rests ? '.' : '=';
    }
  }
  for (const v1::LevelMark& level : one.clock.levels()) {
    bar[column(At(level.at()))] = '!';
  }
  if (one.clock.has_due()) bar[column(At(one.clock.due()))] = 'D';
  if (one.clock.has_breached_at()) {
    bar[column(At(one.clock.breached_at()))] = 'X';
  }
  return absl::StrCat("  |", bar, "|\n");
}

std::string ClockLine(const v1::ClockState& clock, const Look& look) {
  return absl::StrCat("  ", ClockWords(clock, look), "\n");
}

std::string LevelLines(const v1::ClockState& clock, const Look& look) {
  const Speaker speaker = SpeakerFor(look);
  const auto flag = [](bool set, Saying saying) {
    return Sentence(set ? saying : Saying::kNothing);
  };
  std::string out;
  for (const v1::LevelMark& level : clock.levels()) {
    Sentence again;
    if (level.repeat() > 0) {
      again = {Saying::kLineAgain, 0, {{"n", int64_t{level.repeat()} + 1}}};
    }
    absl::StrAppend(
        &out, "    ",
        speaker.Say(
            {Saying::kLineLevel,
             0,
             {{"level", level.level()},
              {"at", When{At(level.at())}},
              {"again", again},
              {"late", flag(level.late(), Saying::kLineLate)},
              {"stale", flag(level.stale(), Saying::kLineStale)},
              {"withdrawn", flag(level.withdrawn(), Saying::kLineWithdrawn)}}}),
        "\n");
  }
  return out;
}

std::string EventLines(std::span<const v1::Event> events, const Look& look) {
  const Speaker speaker = SpeakerFor(look);
  FactLook names{.look = look};
  std::string out;
  for (const v1::Event& event : events) {
    out += EventHead(event, speaker);
    for (const v1::Fact& fact : event.facts()) {
      if (fact.has_classified()) names.workflow = fact.classified().workflow();
      absl::StrAppend(&out, "      ", speaker.Say(FactSentence(fact, names)));
      if (At(fact.at()) != At(event.recorded_at())) {
        out += speaker.Say(
            {Saying::kHappenedAt, 0, {{"at", When{At(fact.at())}}}});
      }
      out += "\n";
    }
    for (const std::string& text : event.sealed().texts()) {
      absl::StrAppend(&out, "      \"", text, "\"\n");
    }
  }
  return out;
}

std::string TimelineText(const v1::Case& of, std::span<const v1::Event> events,
                         const CaseHistory& h, const Look& look) {
  const Speaker speaker = SpeakerFor(look);
  std::string out = absl::StrCat(
      CaseTitle(of, look), "\n",
      speaker.Say({Saying::kTimesInZone, 0, {{"zone", h.zone.name()}}}), "\n");
  if (IsIllustrative(of, look)) {
    absl::StrAppend(&out, speaker.Say(Saying::kIllustrativeAll), "\n");
  }
  absl::StrAppend(&out, "\n", EventLines(events, look));
  if (h.clocks.empty()) return out;
  absl::StrAppend(&out, events.empty() ? "" : "\n",
                  speaker.Say({Saying::kClocksFromTo,
                               0,
                               {{"from", When{h.from}}, {"to", When{h.to}}}}),
                  "\n");
  for (const ClockHistory& one : h.clocks) {
    absl::StrAppend(&out, ClockLine(one.clock, look), Bar(one, h),
                    LevelLines(one.clock, look));
  }
  return absl::StrCat(out, "  ", speaker.Say(Saying::kBarLegend), "\n");
}

std::string CaseLines(const v1::Case& of, const Look& look) {
  const Speaker speaker = SpeakerFor(look);
  std::vector<std::vector<std::string>> rows;
  const auto row = [&](Saying what, const std::string& value) {
    if (!value.empty()) rows.push_back({speaker.Say(what), value});
  };
  const auto words = [&](Saying what, const Sentence& sentence) {
    row(what, speaker.Say(sentence));
  };
  const auto instant = [&](Saying what, bool has,
                           const google::protobuf::Timestamp& at) {
    if (has) row(what, speaker.Listed(At(at)));
  };
  row(Saying::kRowReference, of.reference());
  const std::string name = CategoryName(of.category(), look);
  row(Saying::kRowCategory, name == of.category()
                                ? name
                                : absl::StrCat(of.category(), " (", name, ")"));
  words(Saying::kRowState, {Saying::kRowStateWords,
                            0,
                            {{"state", of.state()},
                             {"phase", of.phase()},
                             {"status", StatusOf(of.public_status())}}});
  row(Saying::kRowOutcome, of.outcome());
  row(Saying::kRowPriority, of.priority());
  row(Saying::kRowUnit, of.unit());
  row(Saying::kRowAgent, of.assignee());
  row(Saying::kRowArea, of.area());
  row(Saying::kRowChannel, of.channel());
  row(Saying::kRowLanguage, of.language());
  if (of.has_external()) {
    row(Saying::kRowExternal,
        absl::StrCat(of.external().system(), " ", of.external().id()));
  }
  instant(Saying::kRowOpened, of.has_opened_at(), of.opened_at());
  instant(Saying::kRowDue, of.has_least_due(), of.least_due());
  instant(Saying::kRowResolved, of.has_resolved_at(), of.resolved_at());
  instant(Saying::kRowClosed, of.has_closed_at(), of.closed_at());
  instant(Saying::kRowReopen, of.has_reopen_until(), of.reopen_until());
  row(Saying::kRowMerged, of.merged_into());
  if (of.has_follow_up()) {
    words(Saying::kRowFollowUp,
          Sentence(of.follow_up().open() ? Saying::kRowFollowUpOpen
                                         : Saying::kRowFollowUpDone));
  }
  row(Saying::kRowReporter, of.sealed().reporter().name());
  row(Saying::kRowDescription, of.sealed().description());
  row(Saying::kRowAddress, of.sealed().place().address());
  row(Saying::kRowAnswer, of.sealed().answer());
  if (of.erased()) {
    words(Saying::kRowErased, Sentence(Saying::kRowErasedWords));
  }
  words(Saying::kRowVersion,
        {Saying::kRowVersionWords,
         0,
         {{"version", of.version()}, {"policy", of.policy_version()}}});
  std::string out = AlignedTable(rows);
  for (const v1::ClockState& clock : of.clocks()) {
    absl::StrAppend(&out, ClockLine(clock, look), LevelLines(clock, look));
  }
  if (IsIllustrative(of, look)) {
    absl::StrAppend(&out, speaker.Say(Saying::kIllustrativeAll), "\n");
  }
  return out;
}

// Mermaid reads : ; # and line ends as its own.
std::string GanttName(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == ':' || c == ';' || c == '#' || c == ',' || c == '\n') c = ' ';
  }
  return out;
}

std::string TimelineMermaid(const v1::Case& of, const CaseHistory& h,
                            const Look& look) {
  const auto at = [&](absl::Time t) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%S", t, h.zone);
  };
  const bool illustrative = IsIllustrative(of, look);
  const Speaker speaker = SpeakerFor(look);
  std::string out = absl::StrCat(
      "gantt\n  title ", GanttName(CaseTitle(of, look)), " - ", h.zone.name(),
      illustrative
          ? absl::StrCat(" - ", speaker.Say(Saying::kSheetIllustrative))
          : "",
      "\n  dateFormat YYYY-MM-DDTHH:mm:ss\n  axisFormat %m-%d %H:%M\n");
  absl::StrAppend(&out, "  section ", speaker.Say(Saying::kSectionCase), "\n");
  const auto task = [&](std::string_view name, std::string_view tags,
                        absl::Time from, absl::Time to) {
    absl::StrAppend(&out, "    ", GanttName(name), " :", ToAbsl(tags), at(from),
                    ", ", at(to), "\n");
  };
  const auto milestone = [&](std::string_view name, absl::Time when,
                             bool critical) {
    absl::StrAppend(&out, "    ", GanttName(name), " :",
                    critical ? "crit, " : "", "milestone, ", at(when),
                    ", 0d\n");
  };
  for (const StateSpan& state : h.states) {
    task(state.name, "", state.from, state.to);
  }
  for (const ClockHistory& one : h.clocks) {
    absl::StrAppend(&out, "  section ",
                    GanttName(speaker.Say(ClockCalled(
                        one.clock.clock(), one.clock.cycle(), look))),
                    "\n");
    for (const ClockSpan& span : one.spans) {
      task(speaker.Say(span.paused ? Saying::kPicPaused : Saying::kPicRunning),
           span.paused ? "done, " : "active, ", span.from, span.to);
    }
    for (const v1::LevelMark& level : one.clock.levels()) {
      milestone(
          speaker.Say({Saying::kNamedLevel, 0, {{"level", level.level()}}}),
          At(level.at()), false);
    }
    if (one.clock.has_due()) {
      milestone(speaker.Say(Saying::kPicDue), At(one.clock.due()), false);
    }
    if (one.clock.has_breached_at()) {
      milestone(speaker.Say(Saying::kMarkBroken), At(one.clock.breached_at()),
                true);
    }
  }
  return out;
}

void Instant(std::string_view key, bool has, absl::Time at, Json* json) {
  json->Key(key);
  if (has) {
    json->Text(FormatUtc(at));
  } else {
    json->Null();
  }
}

void ClockJson(const ClockHistory& one, const Look& look, Json* json) {
  const v1::ClockState& clock = one.clock;
  json->Open('{').Text("id", clock.clock()).Key("cycle").Number(clock.cycle());
  json->Text("state", LowerCase(v1::ClockState::State_Name(clock.state())));
  Instant("due", clock.has_due(), At(clock.due()), json);
  Instant("due_next_open", clock.has_due_next_open(), At(clock.due_next_open()),
          json);
  json->Key("breached").Bool(clock.breached());
  Instant("breached_at", clock.has_breached_at(), At(clock.breached_at()),
          json);
  json->Text("target", TargetWords(clock.target(), look.language));
  json->Key("illustrative").Bool(clock.target().illustrative());
  json->Text("calendar", clock.calendar()).Text("because", clock.because());
  json->Key("spans").Open('[');
  for (const ClockSpan& span : one.spans) {
    json->Open('{').Text("from", FormatUtc(span.from));
    json->Text("until", FormatUtc(span.to));
    json->Key("paused").Bool(span.paused).Close('}');
  }
  json->Close(']').Key("levels").Open('[');
  for (const v1::LevelMark& level : clock.levels()) {
    json->Open('{').Text("level", level.level());
    json->Key("generation").Number(level.generation());
    json->Text("at", FormatUtc(At(level.at())));
    json->Key("late").Bool(level.late()).Key("stale").Bool(level.stale());
    json->Key("withdrawn").Bool(level.withdrawn()).Close('}');
  }
  json->Close(']').Close('}');
}

std::string TimelineJson(const v1::Case& of, std::span<const v1::Event> events,
                         const CaseHistory& h, const Look& look) {
  Json json;
  json.Open('{').Text("reference", of.reference());
  json.Text("category", of.category()).Text("state", of.state());
  json.Text("phase", LowerCase(v1::Phase_Name(of.phase())));
  json.Text("public_status", PublicStatusWord(of.public_status()));
  json.Text("time_zone", h.zone.name());
  json.Text("from", FormatUtc(h.from)).Text("until", FormatUtc(h.to));
  json.Key("illustrative").Bool(IsIllustrative(of, look));
  json.Key("states").Open('[');
  for (const StateSpan& state : h.states) {
    json.Open('{').Text("state", state.state);
    json.Text("phase", LowerCase(v1::Phase_Name(state.phase)));
    json.Text("from", FormatUtc(state.from));
    json.Text("until", FormatUtc(state.to)).Close('}');
  }
  json.Close(']').Key("clocks").Open('[');
  for (const ClockHistory& one : h.clocks) ClockJson(one, look, &json);
  json.Close(']').Key("events").Open('[');
  const Speaker speaker = SpeakerFor(look);
  const FactLook names{.look = look, .workflow = of.workflow()};
  for (const v1::Event& event : events) {
    json.Open('{').Key("version").Number(event.version());
    json.Text("recorded_at", FormatUtc(At(event.recorded_at())));
    json.Text("verb", LowerCase(v1::Verb_Name(event.verb())));
    json.Text("actor", event.actor()).Key("facts").Open('[');
    for (const v1::Fact& fact : event.facts()) {
      json.Open('{').Text("fact", FactName(fact));
      json.Text("at", FormatUtc(At(fact.at())));
      json.Text("text", speaker.Say(FactSentence(fact, names))).Close('}');
    }
    json.Close(']').Close('}');
  }
  json.Close(']').Close('}');
  return json.Take();
}

}  // namespace
}  // namespace internal

absl::StatusOr<Format> ParseFormat(std::string_view word) {
  static const std::vector<std::string> known = {"text", "mermaid", "svg",
                                                 "dot", "json"};
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i] == word) return static_cast<Format>(i);
  }
  const std::string near = Nearest(word, known);
  return MakeError(
      v1::ErrorInfo::INVALID_ARGUMENT,
      absl::StrCat("no format \"", internal::ToAbsl(word), "\"; ",
                   near.empty() ? "it is one of text, mermaid, svg, dot, json"
                                : absl::StrCat("did you mean ", near, "?")));
}

std::string DescribeCase(const v1::Case& of, const Look& look) {
  return internal::CaseLines(of, look);
}

std::string ListEvents(std::span<const v1::Event> events, const Look& look) {
  return internal::EventLines(events, look);
}

absl::StatusOr<std::string> Timeline(const v1::Case& of,
                                     std::span<const v1::Event> events,
                                     Format format, const Look& look) {
  const internal::CaseHistory h = internal::LayOut(of, events, look);
  switch (format) {
    case Format::kText:
      return internal::TimelineText(of, events, h, look);
    case Format::kMermaid:
      return internal::TimelineMermaid(of, h, look);
    case Format::kSvg:
      return internal::DrawSvg(of, h, look);
    case Format::kJson:
      return internal::TimelineJson(of, events, h, look);
    case Format::kDot:
      break;
  }
  return internal::NoSuchForm("a timeline", "text, mermaid, svg or json");
}

}  // namespace hotline
