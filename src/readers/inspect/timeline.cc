// Timelines as text, Mermaid and JSON; svg.cc draws the fourth.
#include "src/readers/inspect/timeline.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/json.h"
#include "src/readers/inspect/words.h"

namespace hotline {
namespace internal {

std::string CaseTitle(const v1::Case& of, const Look& look) {
  std::string out = absl::StrCat("case ", of.reference(), ", ",
                                 CategoryName(of.category(), look), ": ",
                                 StateName(of, of.state(), look));
  const std::string status = PublicStatusWord(of.public_status());
  if (!status.empty()) absl::StrAppend(&out, " (", status, ")");
  return out;
}

absl::Status NoSuchForm(std::string_view what, std::string_view forms) {
  return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                   absl::StrCat(ToAbsl(what), " comes as ", ToAbsl(forms)));
}

namespace {

constexpr int kBarColumns = 60;

std::string EventHead(const v1::Event& event, absl::TimeZone zone) {
  std::string out = absl::StrCat(
      PadRight(absl::StrCat(event.version()), 4),
      LocalInstant(At(event.recorded_at()), zone), "  ",
      event.verb() == v1::TICK ? "by itself"
                               : LowerCase(v1::Verb_Name(event.verb())));
  if (!event.actor().empty() && event.verb() != v1::TICK) {
    absl::StrAppend(&out, " by ", event.actor());
  }
  return out + "\n";
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

std::string ClockLine(const ClockHistory& one, absl::TimeZone zone) {
  const v1::ClockState& clock = one.clock;
  std::string out =
      absl::StrCat("  ", ClockTitle(clock), ": ", VerdictWord(clock));
  if (clock.has_due()) {
    absl::StrAppend(&out, ", due ", LocalInstant(At(clock.due()), zone));
  }
  absl::StrAppend(&out, BrokenWords(clock, zone));
  if (clock.has_target()) {
    absl::StrAppend(&out, "; promise: ", TargetWords(clock.target()));
    if (clock.target().illustrative()) absl::StrAppend(&out, " [illustrative]");
  }
  return out + "\n";
}

std::string LevelLines(const v1::ClockState& clock, absl::TimeZone zone) {
  std::string out;
  for (const v1::LevelMark& level : clock.levels()) {
    absl::StrAppend(&out, "    level ", level.level(), " ",
                    LocalInstant(At(level.at()), zone),
                    level.late() ? ", noticed late" : "",
                    level.stale() ? ", stale" : "",
                    level.withdrawn() ? ", withdrawn" : "", "\n");
  }
  return out;
}

std::string EventLines(std::span<const v1::Event> events, absl::TimeZone zone) {
  std::string out;
  for (const v1::Event& event : events) {
    out += EventHead(event, zone);
    for (const v1::Fact& fact : event.facts()) {
      absl::StrAppend(&out, "      ", FactWords(fact, zone));
      if (At(fact.at()) != At(event.recorded_at())) {
        absl::StrAppend(&out, " (at ", LocalInstant(At(fact.at()), zone), ")");
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
  std::string out =
      absl::StrCat(CaseTitle(of, look), "\n", "times in ", h.zone.name(), "\n");
  if (IsIllustrative(of, look)) {
    out += "illustrative: figures that no source gives\n";
  }
  absl::StrAppend(&out, "\n", EventLines(events, h.zone));
  if (h.clocks.empty()) return out;
  absl::StrAppend(&out, events.empty() ? "" : "\n", "clocks, ",
                  LocalInstant(h.from, h.zone), " to ",
                  LocalInstant(h.to, h.zone), "\n");
  for (const ClockHistory& one : h.clocks) {
    absl::StrAppend(&out, ClockLine(one, h.zone), Bar(one, h),
                    LevelLines(one.clock, h.zone));
  }
  return out +
         "  = runs   . runs, office closed   - paused   ! level   D due   "
         "X broken\n";
}

std::string CaseLines(const v1::Case& of, const Look& look) {
  const absl::TimeZone zone = ZoneOf(look);
  std::vector<std::vector<std::string>> rows;
  const auto row = [&](const char* what, const std::string& value) {
    if (!value.empty()) rows.push_back({what, value});
  };
  const auto instant = [&](const char* what, bool has,
                           const google::protobuf::Timestamp& at) {
    if (has) rows.push_back({what, LocalInstant(At(at), zone)});
  };
  row("reference", of.reference());
  const std::string name = CategoryName(of.category(), look);
  row("category", name == of.category()
                      ? name
                      : absl::StrCat(of.category(), " (", name, ")"));
  row("state",
      absl::StrCat(of.state(), " (", LowerCase(v1::Phase_Name(of.phase())),
                   ", ", PublicStatusWord(of.public_status()), ")"));
  row("outcome", of.outcome());
  row("priority", of.priority());
  row("unit", of.unit());
  row("assignee", of.assignee());
  row("area", of.area());
  row("channel", of.channel());
  row("language", of.language());
  if (of.has_external()) {
    row("external",
        absl::StrCat(of.external().system(), " ", of.external().id()));
  }
  instant("opened", of.has_opened_at(), of.opened_at());
  instant("due", of.has_least_due(), of.least_due());
  instant("resolved", of.has_resolved_at(), of.resolved_at());
  instant("closed", of.has_closed_at(), of.closed_at());
  instant("may be reopened until", of.has_reopen_until(), of.reopen_until());
  row("merged into", of.merged_into());
  if (of.has_follow_up()) {
    row("follow-up", of.follow_up().open() ? "open" : "done");
  }
  row("reporter", of.sealed().reporter().name());
  row("description", of.sealed().description());
  row("address", of.sealed().place().address());
  row("answer", of.sealed().answer());
  if (of.erased()) row("erased", "the person was taken out");
  row("version",
      absl::StrCat(of.version(), ", judged by policy ", of.policy_version()));
  std::string out = AlignedTable(rows);
  for (const v1::ClockState& clock : of.clocks()) {
    const ClockHistory one{.clock = clock};
    out += ClockLine(one, zone);
    out += LevelLines(clock, zone);
  }
  return IsIllustrative(of, look)
             ? out + "illustrative: figures that no source gives\n"
             : out;
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
  std::string out = absl::StrCat(
      "gantt\n  title ", GanttName(CaseTitle(of, look)), " - ", h.zone.name(),
      illustrative ? " - illustrative" : "",
      "\n  dateFormat YYYY-MM-DDTHH:mm:ss\n  axisFormat %m-%d %H:%M\n");
  absl::StrAppend(&out, "  section case\n");
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
    absl::StrAppend(&out, "  section ", GanttName(ClockTitle(one.clock)), "\n");
    for (const ClockSpan& span : one.spans) {
      task(span.paused ? "paused" : "running",
           span.paused ? "done, " : "active, ", span.from, span.to);
    }
    for (const v1::LevelMark& level : one.clock.levels()) {
      milestone(absl::StrCat("level ", level.level()), At(level.at()), false);
    }
    if (one.clock.has_due()) milestone("due", At(one.clock.due()), false);
    if (one.clock.has_breached_at()) {
      milestone("broken", At(one.clock.breached_at()), true);
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

void ClockJson(const ClockHistory& one, Json* json) {
  const v1::ClockState& clock = one.clock;
  json->Open('{').Text("id", clock.clock()).Key("cycle").Number(clock.cycle());
  json->Text("state", LowerCase(v1::ClockState::State_Name(clock.state())));
  Instant("due", clock.has_due(), At(clock.due()), json);
  Instant("due_next_open", clock.has_due_next_open(), At(clock.due_next_open()),
          json);
  json->Key("breached").Bool(clock.breached());
  Instant("breached_at", clock.has_breached_at(), At(clock.breached_at()),
          json);
  json->Text("target", TargetWords(clock.target()));
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
  for (const ClockHistory& one : h.clocks) ClockJson(one, &json);
  json.Close(']').Key("events").Open('[');
  for (const v1::Event& event : events) {
    json.Open('{').Key("version").Number(event.version());
    json.Text("recorded_at", FormatUtc(At(event.recorded_at())));
    json.Text("verb", LowerCase(v1::Verb_Name(event.verb())));
    json.Text("actor", event.actor()).Key("facts").Open('[');
    for (const v1::Fact& fact : event.facts()) {
      json.Open('{').Text("fact", FactName(fact));
      json.Text("at", FormatUtc(At(fact.at())));
      json.Text("text", FactWords(fact, h.zone)).Close('}');
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
  return internal::EventLines(events, internal::ZoneOf(look));
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
