// Explanations as text and as JSON.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "src/base/time.h"
#include "src/readers/inspect/explanation.h"
#include "src/readers/inspect/json.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

// A long row of like steps keeps its beginning and its end.
constexpr size_t kRowShown = 6;

bool IsCount(const Sentence& step) {
  return step.saying == Saying::kCounted ||
         step.saying == Saying::kWorkingDate ||
         step.saying == Saying::kPassedOver || step.saying == Saying::kMore;
}

std::vector<Sentence> Shortened(const std::vector<Sentence>& steps) {
  std::vector<Sentence> out;
  const auto add = [&](size_t from, size_t to) {
    out.insert(out.end(), steps.begin() + static_cast<ptrdiff_t>(from),
               steps.begin() + static_cast<ptrdiff_t>(to));
  };
  for (size_t i = 0; i < steps.size();) {
    size_t end = i;
    while (end < steps.size() && IsCount(steps[end])) ++end;
    const size_t row = end - i;
    if (row <= 2 * kRowShown + 1) {
      end = std::max(end, i + 1);
      add(i, end);
    } else {
      int64_t hidden = 0;
      for (size_t k = i + kRowShown; k < end - kRowShown; ++k) {
        hidden += steps[k].saying == Saying::kMore
                      ? std::get<int64_t>(steps[k].parts.front().value)
                      : 1;
      }
      add(i, i + kRowShown);
      out.emplace_back(Saying::kMore, 0, std::vector<Part>{{"n", hidden}});
      add(end - kRowShown, end);
    }
    i = end;
  }
  return out;
}

template <typename Message>
void MessageJson(const Message& message, Json* json) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &text, options);
  json->Raw(status.ok() ? text : "null");
}

void NoteJson(std::string_view key, const Note& note, Json* json) {
  if (note.kind == Saying::kNothing) return;
  json->Key(key).Text(CodeOf(note.kind));
  if (!note.name.empty()) {
    json->Text(absl::StrCat(std::string(key), "_name"), note.name);
  }
}

void PartJson(const Part& part, Json* json);

// A sentence inside another: its code, its only part, or both as an object.
void InnerJson(const Sentence& inner, Json* json) {
  const std::string_view code = CodeOf(inner.saying);
  if (inner.parts.empty()) {
    if (inner.saying == Saying::kNothing) {
      json->Null();
    } else if (code.empty()) {
      json->Bool(true);
    } else {
      json->Text(code);
    }
    return;
  }
  json->Open('{');
  if (!code.empty()) json->Text("is", code);
  for (const Part& part : inner.parts) PartJson(part, json);
  json->Close('}');
}

void RunsJson(const std::vector<DateRun>& runs, Json* json) {
  json->Open('[');
  for (const DateRun& run : runs) {
    json->Open('{').Text("from", absl::FormatCivilTime(run.from));
    json->Text("to", absl::FormatCivilTime(run.to));
    NoteJson("note", run.note, json);
    json->Close('}');
  }
  json->Close(']');
}

void HoursJson(const std::vector<OpenPeriod>& hours, Json* json) {
  json->Open('[');
  for (const OpenPeriod& period : hours) {
    json->Open('[').Text(FormatUtc(period.open));
    json->Text(FormatUtc(period.close)).Close(']');
  }
  json->Close(']');
}

// The member, or members, that a part becomes.
void PartJson(const Part& part, Json* json) {
  const std::string key(part.name);
  const auto noted = [&](const std::string& value, const Note& note) {
    json->Text(key, value);
    NoteJson(absl::StrCat(key, "_note"), note, json);
  };
  if (const auto* text = std::get_if<std::string>(&part.value)) {
    json->Text(key, *text);
  } else if (const auto* n = std::get_if<int64_t>(&part.value)) {
    json->Key(key).Number(*n);
  } else if (const auto* when = std::get_if<When>(&part.value)) {
    noted(FormatUtc(when->at), when->note);
  } else if (const auto* day = std::get_if<Day>(&part.value)) {
    noted(absl::FormatCivilTime(day->date), day->note);
  } else if (const auto* d = std::get_if<absl::Duration>(&part.value)) {
    json->Key(absl::StrCat(key, "_seconds"));
    json->Seconds(absl::ToInt64Milliseconds(*d));
  } else if (const auto* hours =
                 std::get_if<std::vector<OpenPeriod>>(&part.value)) {
    json->Key(key);
    HoursJson(*hours, json);
  } else if (const auto* runs =
                 std::get_if<std::vector<DateRun>>(&part.value)) {
    json->Key(key);
    RunsJson(*runs, json);
  } else if (const auto* target = std::get_if<v1::TargetSpec>(&part.value)) {
    json->Key(key);
    MessageJson(*target, json);
  } else if (const auto* level = std::get_if<v1::LevelSpec>(&part.value)) {
    json->Key(key);
    MessageJson(*level, json);
  } else if (const auto* verb = std::get_if<v1::Verb>(&part.value)) {
    json->Text(key, LowerCase(v1::Verb_Name(*verb)));
  } else if (const auto* phase = std::get_if<v1::Phase>(&part.value)) {
    json->Text(key, LowerCase(v1::Phase_Name(*phase)));
  } else {
    json->Key(key);
    InnerJson(std::get<Sentence>(part.value), json);
  }
}

void StepJson(const Sentence& step, const Speaker& speaker, Json* json) {
  json->Open('{').Text("step", CodeOf(step.saying));
  if (step.rule > 0) json->Key("rule").Number(step.rule);
  for (const Part& part : step.parts) PartJson(part, json);
  json->Text("text", speaker.Say(step)).Close('}');
}

void InstantJson(std::string_view key, bool has, absl::Time at, Json* json) {
  json->Key(key);
  if (has) {
    json->Text(FormatUtc(at));
  } else {
    json->Null();
  }
}

void ClockJson(const Explanation& e, const ExplainedClock& clock, Json* json) {
  const v1::ClockState& state = clock.one.clock;
  const Speaker speaker = e.SpeakerOf(clock);
  json->Open('{').Text("id", state.clock()).Text("name", clock.name);
  json->Key("cycle").Number(state.cycle());
  json->Text("state", LowerCase(v1::ClockState::State_Name(state.state())));
  InstantJson("due", state.has_due(), At(state.due()), json);
  InstantJson("due_next_open", state.has_due_next_open(),
              At(state.due_next_open()), json);
  json->Key("breached").Bool(state.breached());
  InstantJson("breached_at", state.has_breached_at(), At(state.breached_at()),
              json);
  if (state.has_as_of()) {
    json->Key("elapsed_seconds").Seconds(state.elapsed_ms());
    json->Key("remaining_seconds").Seconds(state.remaining_ms());
  }
  const auto& steps = clock.derivation.steps;
  json->Key("provisional")
      .Bool(std::any_of(steps.begin(), steps.end(), [](const Sentence& step) {
        return step.saying == Saying::kProvisional;
      }));
  json->Text("target", speaker.Target(state.target()));
  json->Text("source", state.target().source());
  json->Key("illustrative").Bool(state.target().illustrative());
  json->Text("because", state.because()).Text("calendar", state.calendar());
  json->Text("ladder", state.ladder()).Text("time_zone", clock.zone.name());
  json->Key("policy_version").Number(clock.policy_version);
  json->Text("summary", speaker.Join(clock.derivation.summary));
  json->Key("steps").Open('[');
  for (const Sentence& step : steps) StepJson(step, speaker, json);
  json->Close(']').Close('}');
}

}  // namespace

std::string ExplanationText(const Explanation& e) {
  const Speaker plain = e.Plain();
  std::string out = e.title + "\n";
  for (const Sentence& line : e.head) {
    absl::StrAppend(&out, plain.Say(line), "\n");
  }
  for (const ExplainedClock& clock : e.clocks) {
    const Speaker speaker = e.SpeakerOf(clock);
    absl::StrAppend(&out, "\n", ClockHeading(e, clock), "\n  ",
                    speaker.Join(clock.derivation.summary), "\n\n");
    int number = 0;
    for (const Sentence& step : Shortened(clock.derivation.steps)) {
      const std::string words = speaker.Say(step);
      if (step.saying == Saying::kMore) {
        absl::StrAppend(&out, "      ", words, "\n");
        continue;
      }
      const std::string at = absl::StrCat(++number, ".");
      absl::StrAppend(&out, "  ", PadRight(at, 3), " ", words, "\n");
    }
  }
  if (e.notices.empty()) return out;
  absl::StrAppend(&out, "\n", plain.Say(Saying::kTold), "\n");
  for (const Sentence& notice : e.notices) {
    absl::StrAppend(&out, "  - ", plain.Say(notice), "\n");
  }
  return out;
}

std::string ExplanationJson(const Explanation& e) {
  Json json;
  json.Open('{');
  for (const auto& [key, value] : e.facts) json.Text(key, value);
  json.Text("time_zone", e.zone.name()).Text("language", e.language->tag);
  json.Key("illustrative").Bool(e.illustrative);
  json.Key("clocks").Open('[');
  for (const ExplainedClock& clock : e.clocks) ClockJson(e, clock, &json);
  json.Close(']').Key("notices").Open('[');
  for (const Sentence& notice : e.notices) {
    StepJson(notice, e.Plain(), &json);
  }
  json.Close(']').Close('}');
  return json.Take();
}

}  // namespace hotline::internal
