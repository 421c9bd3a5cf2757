// Workflows as tables and diagrams.
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/util/json_util.h"
#include "hotline/error.h"
#include "hotline/inspect.h"
#include "hotline/policy.h"
#include "src/base/absl_bridge.h"
#include "src/readers/inspect/timeline.h"
#include "src/readers/inspect/words.h"

namespace hotline {
namespace internal {
namespace {

template <typename List>
std::string GuardWords(const List& guards) {
  return absl::StrJoin(guards, ", ", [](std::string* out, int guard) {
    absl::StrAppend(out,
                    LowerCase(v1::Guard_Name(static_cast<v1::Guard>(guard))));
  });
}

template <typename List>
std::string EffectWords(const List& effects) {
  return absl::StrJoin(effects, ", ", [](std::string* out, int effect) {
    absl::StrAppend(
        out, LowerCase(v1::Effect_Name(static_cast<v1::Effect>(effect))));
  });
}

// "accept [staff]".
std::string VerbWords(const v1::TransitionSpec& t) {
  std::string out = LowerCase(v1::Verb_Name(t.verb()));
  if (t.verb() == v1::TICK) out = "by itself";
  if (t.guards().empty()) return out;
  return absl::StrCat(out, " [", GuardWords(t.guards()), "]");
}

std::string StateLabel(const v1::StateSpec& state, std::string_view language) {
  return absl::StrCat(NameIn(state.names(), language, state.code()), " (",
                      LowerCase(v1::Phase_Name(state.phase())), ", ",
                      PublicStatusWord(state.public_status()), ")");
}

std::string Text(const v1::WorkflowSpec& w, std::string_view language) {
  std::string out =
      absl::StrCat("workflow ", w.code(), ", starts in ", w.initial());
  if (!w.reopen_window().empty()) {
    absl::StrAppend(&out, ", reporters may reopen for ", w.reopen_window());
  }
  std::vector<std::vector<std::string>> rows = {
      {"state", "phase", "public", "closes by itself after", "name"}};
  for (const v1::StateSpec& s : w.states()) {
    rows.push_back({s.code(), LowerCase(v1::Phase_Name(s.phase())),
                    PublicStatusWord(s.public_status()),
                    s.timeout().empty() ? "-" : s.timeout(),
                    NameIn(s.names(), language, s.code())});
  }
  absl::StrAppend(&out, "\n\n", AlignedTable(rows));
  rows = {{"verb", "from", "to", "guards", "effects"}};
  for (const v1::TransitionSpec& t : w.transitions()) {
    rows.push_back({LowerCase(v1::Verb_Name(t.verb())),
                    absl::StrJoin(t.from(), " "),
                    t.to().empty() ? "(stays)" : t.to(), GuardWords(t.guards()),
                    EffectWords(t.effects())});
  }
  absl::StrAppend(&out, "\n", AlignedTable(rows));
  if (w.outcomes().empty()) return out;
  rows = {{"outcome", "public", "name"}};
  for (const v1::OutcomeSpec& o : w.outcomes()) {
    rows.push_back({o.code(), o.fixed() ? "fixed" : "closed-not-fixed",
                    NameIn(o.names(), language, o.code())});
  }
  return absl::StrCat(out, "\n", AlignedTable(rows));
}

using Edge = std::pair<std::string, std::string>;

// One arrow for all verbs between two states, in the order of the policy.
std::vector<std::pair<Edge, std::vector<std::string>>> Arrows(
    const v1::WorkflowSpec& w) {
  std::vector<std::pair<Edge, std::vector<std::string>>> arrows;
  std::map<Edge, size_t> place;
  for (const v1::TransitionSpec& t : w.transitions()) {
    if (t.to().empty()) continue;
    for (const std::string& from : t.from()) {
      const Edge edge{from, t.to()};
      const auto [it, fresh] = place.try_emplace(edge, arrows.size());
      if (fresh) arrows.push_back({edge, {}});
      arrows[it->second].second.push_back(VerbWords(t));
    }
  }
  return arrows;
}

// Verbs that leave the state as it is: said in the state, not as an arrow.
std::string Stays(const v1::WorkflowSpec& w, const std::string& state) {
  std::vector<std::string> verbs;
  for (const v1::TransitionSpec& t : w.transitions()) {
    if (!t.to().empty()) continue;
    for (const std::string& from : t.from()) {
      if (from == state) verbs.push_back(LowerCase(v1::Verb_Name(t.verb())));
    }
  }
  return absl::StrJoin(verbs, ", ");
}

std::string MermaidText(std::string_view text) {
  return absl::StrReplaceAll(
      ToAbsl(text),
      {{"\"", "'"}, {":", " "}, {"\n", " "}, {";", ","}, {"#", " "}});
}

std::string Mermaid(const v1::WorkflowSpec& w, std::string_view language) {
  std::string out = absl::StrCat("---\ntitle: workflow ", MermaidText(w.code()),
                                 "\n---\nstateDiagram-v2\n");
  for (const v1::StateSpec& s : w.states()) {
    const std::string id = absl::StrCat("s_", Identifier(s.code()));
    absl::StrAppend(&out, "  state \"", MermaidText(StateLabel(s, language)),
                    "\" as ", id, "\n");
    const std::string stays = Stays(w, s.code());
    if (!stays.empty()) {
      absl::StrAppend(&out, "  ", id, " : ", MermaidText(stays), "\n");
    }
  }
  absl::StrAppend(&out, "  [*] --> s_", Identifier(w.initial()), " : open\n");
  for (const auto& [edge, verbs] : Arrows(w)) {
    absl::StrAppend(&out, "  s_", Identifier(edge.first), " --> s_",
                    Identifier(edge.second), " : ",
                    MermaidText(absl::StrJoin(verbs, ", ")), "\n");
  }
  return out;
}

std::string DotText(std::string_view text) {
  return absl::StrCat(
      "\"",
      absl::StrReplaceAll(ToAbsl(text),
                          {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}),
      "\"");
}

// Phases differ by outline as well as by fill: nothing is told by colour alone.
std::string_view DotLook(v1::Phase phase) {
  switch (phase) {
    case v1::NEW:
      return "style=\"rounded,filled\", fillcolor=\"#f6d8ae\"";
    case v1::ACTIVE:
      return "style=\"rounded,filled,bold\", fillcolor=\"#bcd9f2\"";
    case v1::WAITING:
      return "style=\"rounded,filled,dashed\", fillcolor=\"#e3e3e3\"";
    case v1::RESOLVED:
      return "style=\"rounded,filled\", fillcolor=\"#cdeacb\"";
    default:
      return "style=\"filled\", fillcolor=\"#eef5ed\", peripheries=2";
  }
}

std::string Dot(const v1::WorkflowSpec& w, std::string_view language) {
  std::string out = absl::StrCat(
      "digraph ", DotText(w.code()),
      " {\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\"];\n"
      "  edge [fontname=\"sans-serif\", fontsize=10];\n"
      "  begin [shape=circle, label=\"\", width=0.2, style=filled, "
      "fillcolor=black];\n");
  for (const v1::StateSpec& s : w.states()) {
    const std::string stays = Stays(w, s.code());
    absl::StrAppend(
        &out, "  ", DotText(s.code()),
        " [label=", DotText(StateLabel(s, language)),
        stays.empty() ? "" : absl::StrCat(", tooltip=", DotText(stays)), ", ",
        ToAbsl(DotLook(s.phase())), "];\n");
  }
  absl::StrAppend(&out, "  begin -> ", DotText(w.initial()),
                  " [label=\"open\"];\n");
  for (const auto& [edge, verbs] : Arrows(w)) {
    absl::StrAppend(&out, "  ", DotText(edge.first), " -> ",
                    DotText(edge.second),
                    " [label=", DotText(absl::StrJoin(verbs, "\n")), "];\n");
  }
  return out + "}\n";
}

std::string AsJson(const v1::WorkflowSpec& w) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string out;
  // A message of ours has no field that JSON cannot say.
  (void)google::protobuf::util::MessageToJsonString(w, &out, options);
  return out;
}

}  // namespace
}  // namespace internal

absl::StatusOr<std::string> DrawWorkflow(const v1::WorkflowSpec& workflow,
                                         Format format,
                                         std::string_view language) {
  switch (format) {
    case Format::kText:
      return internal::Text(workflow, language);
    case Format::kMermaid:
      return internal::Mermaid(workflow, language);
    case Format::kDot:
      return internal::Dot(workflow, language);
    case Format::kJson:
      return internal::AsJson(workflow);
    case Format::kSvg:
      break;
  }
  return internal::NoSuchForm("a workflow", "text, mermaid, dot or json");
}

absl::StatusOr<std::string> DrawWorkflows(const Policy& policy, Format format,
                                          std::string_view language) {
  std::vector<const v1::WorkflowSpec*> specs;
  for (const v1::WorkflowSpec& spec : policy.spec().workflows()) {
    specs.push_back(&spec);
  }
  // A policy without workflows of its own has the one that ships.
  if (specs.empty()) specs.push_back(&StandardWorkflow());
  std::vector<std::string> parts;
  for (const v1::WorkflowSpec* spec : specs) {
    absl::StatusOr<std::string> part = DrawWorkflow(*spec, format, language);
    if (!part.ok()) return part;
    parts.push_back(*std::move(part));
  }
  if (format == Format::kJson) {
    return absl::StrCat("[", absl::StrJoin(parts, ","), "]");
  }
  return absl::StrJoin(parts, "\n");
}

}  // namespace hotline
