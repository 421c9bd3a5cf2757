// What a policy says: the tree of categories, and what each is promised.
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "hotline/inspect.h"
#include "hotline/policy.h"
#include "src/base/absl_bridge.h"
#include "src/readers/inspect/json.h"
#include "src/readers/inspect/timeline.h"
#include "src/readers/inspect/words.h"

namespace hotline {
namespace internal {
namespace {

using Children = std::map<const Category*, std::vector<const Category*>>;

// The key null holds the roots.
Children Tree(const Policy& policy) {
  Children children;
  for (const Category* c : policy.taxonomy().All()) {
    children[c->parent].push_back(c);
  }
  return children;
}

std::string KindWord(v1::CategorySpec::Kind kind) {
  return LowerCase(v1::CategorySpec::Kind_Name(kind));
}

std::vector<std::string> ClockCodes(const Category& c) {
  std::vector<std::string> codes;
  if (c.clocks == nullptr) return codes;
  for (const ClockOnCategory& on : *c.clocks) codes.push_back(on.use.clock());
  return codes;
}

std::string Validity(const Category& c) {
  std::string out;
  if (c.valid_from) {
    absl::StrAppend(&out, "from ", absl::FormatCivilTime(*c.valid_from));
  }
  if (c.valid_until) {
    absl::StrAppend(&out, out.empty() ? "" : " ", "until ",
                    absl::FormatCivilTime(*c.valid_until));
  }
  return out;
}

std::string PolicyHead(const Policy& policy) {
  const v1::PolicySpec& spec = policy.spec();
  std::string out = absl::StrCat("policy ", spec.id());
  if (!spec.title().empty()) absl::StrAppend(&out, ", ", spec.title());
  if (spec.illustrative()) absl::StrAppend(&out, " [illustrative]");
  out += "\n";
  if (!spec.source().empty())
    absl::StrAppend(&out, "source: ", spec.source(), "\n");
  return out;
}

// ---------------------------------------------------------------- taxonomy

std::string NodeWords(const Category& c, std::string_view language) {
  std::string out = c.code;
  const std::string_view name = c.Name(language);
  if (name != c.code) absl::StrAppend(&out, "  ", ToAbsl(name));
  std::vector<std::string> more = {KindWord(c.kind)};
  if (!c.unit.empty()) more.push_back(absl::StrCat("unit ", c.unit));
  if (!c.priority.empty())
    more.push_back(absl::StrCat("priority ", c.priority));
  const std::vector<std::string> clocks = ClockCodes(c);
  if (!clocks.empty()) {
    more.push_back(absl::StrCat("clocks ", absl::StrJoin(clocks, " ")));
  }
  const std::string validity = Validity(c);
  if (!validity.empty()) more.push_back(validity);
  return absl::StrCat(out, "  (", absl::StrJoin(more, "; "), ")");
}

void TreeText(const Children& tree, const Category* node,
              const std::string& indent, std::string_view language,
              std::string* out) {
  const auto found = tree.find(node);
  if (found == tree.end()) return;
  for (const Category* child : found->second) {
    const bool last = child == found->second.back();
    absl::StrAppend(out, indent, last ? "`-- " : "|-- ",
                    NodeWords(*child, language), "\n");
    TreeText(tree, child, indent + (last ? "    " : "|   "), language, out);
  }
}

void TreeJson(const Children& tree, const Category* node,
              std::string_view language, Json* json) {
  json->Open('[');
  const auto found = tree.find(node);
  if (found != tree.end()) {
    for (const Category* c : found->second) {
      json->Open('{').Text("code", c->code).Text("path", c->path);
      json->Text("name", c->Name(language)).Text("kind", KindWord(c->kind));
      json->Text("unit", c->unit).Text("priority", c->priority);
      json->Text("workflow", c->workflow);
      json->Key("clocks").Open('[');
      for (const std::string& code : ClockCodes(*c)) json->Text(code);
      json->Close(']').Key("attributes").Open('[');
      if (c->attributes != nullptr) {
        for (const v1::AttributeSpec& a : *c->attributes) json->Text(a.code());
      }
      json->Close(']').Text("valid", Validity(*c));
      json->Key("children");
      TreeJson(tree, c, language, json);
      json->Close('}');
    }
  }
  json->Close(']');
}

std::string Quoted(std::string_view text) {
  return absl::StrCat(
      "\"",
      absl::StrReplaceAll(ToAbsl(text),
                          {{"\"", "'"}, {"\\", "/"}, {"\n", " "}}),
      "\"");
}

std::string TreeGraph(const Policy& policy, bool dot,
                      std::string_view language) {
  const std::string root =
      absl::StrCat(policy.spec().id(),
                   policy.spec().illustrative() ? " [illustrative]" : "");
  std::string out =
      dot ? "digraph taxonomy {\n  rankdir=LR;\n  node [shape=box, "
            "fontname=\"sans-serif\"];\n"
          : "flowchart LR\n";
  const auto node = [&](const std::string& id, std::string_view label) {
    dot ? absl::StrAppend(&out, "  ", id, " [label=", Quoted(label), "];\n")
        : absl::StrAppend(&out, "  ", id, "[", Quoted(label), "]\n");
  };
  node("root", root);
  for (const Category* c : policy.taxonomy().All()) {
    const std::string id = absl::StrCat("c_", Identifier(c->code));
    node(id, c->Name(language));
    absl::StrAppend(&out, "  ",
                    c->parent == nullptr
                        ? "root"
                        : absl::StrCat("c_", Identifier(c->parent->code)),
                    dot ? " -> " : " --> ", id, dot ? ";\n" : "\n");
  }
  return dot ? out + "}\n" : out;
}

// ---------------------------------------------------------------- promises

// One target of one clock of one category.
struct Promise {
  const Category* category;
  const v1::ClockSpec* clock;
  const v1::TargetSpec* target;
  std::string calendar;  // empty: the handling unit's
  std::string ladder;
  bool illustrative;
};

std::vector<Promise> PromisesOf(const Policy& policy, const Category& c) {
  std::vector<Promise> out;
  if (c.kind == v1::CategorySpec::GROUP || c.clocks == nullptr) return out;
  for (const ClockOnCategory& on : *c.clocks) {
    const v1::ClockSpec* clock = policy.sla().Find(on.use.clock());
    if (clock == nullptr) continue;
    const auto& targets =
        on.use.targets().empty() ? clock->targets() : on.use.targets();
    for (const v1::TargetSpec& target : targets) {
      std::string calendar = target.calendar();
      if (calendar.empty()) {
        calendar = std::string(policy.routing().CalendarOf(c.unit));
      }
      if (calendar.empty()) calendar = clock->calendar();
      out.push_back(
          {&c, clock, &target, calendar,
           on.use.ladder().empty() ? clock->ladder() : on.use.ladder(),
           IsIllustrative(policy.spec(), target)});
    }
  }
  return out;
}

std::string PromisesText(const Policy& policy, std::string_view language) {
  std::vector<std::vector<std::string>> rows = {
      {"category", "clock", "promise", "calendar", "ladder", "source"}};
  for (const Category* c : policy.taxonomy().All()) {
    const std::vector<Promise> promises = PromisesOf(policy, *c);
    if (promises.empty() && c->kind != v1::CategorySpec::GROUP) {
      rows.push_back({c->code, "-", "no promise", "-", "-", "-"});
    }
    for (const Promise& p : promises) {
      const std::string scope = TargetScope(*p.target);
      const std::string source = p.target->source();
      rows.push_back(
          {c->code,
           absl::StrCat(NameIn(p.clock->names(), language, p.clock->code()),
                        p.clock->shown() ? " (shown)" : ""),
           absl::StrCat(TargetWords(*p.target, language),
                        scope.empty() ? "" : ", ", scope),
           p.calendar.empty() ? "-" : p.calendar,
           p.ladder.empty() ? "-" : p.ladder,
           p.illustrative ? absl::StrCat("illustrative",
                                         source.empty() ? "" : "; ", source)
                          : (source.empty() ? "-" : source)});
    }
  }
  std::string out = absl::StrCat(PolicyHead(policy), "\n", AlignedTable(rows));
  rows = {};
  for (const v1::LadderSpec& ladder : policy.spec().ladders()) {
    for (const v1::LevelSpec& level : ladder.levels()) {
      rows.push_back({absl::StrCat("ladder ", ladder.code()), level.code(),
                      LevelWords(level, language),
                      level.raise_priority().empty()
                          ? ""
                          : absl::StrCat("raises the priority to ",
                                         level.raise_priority())});
    }
  }
  return rows.empty() ? out : absl::StrCat(out, "\n", AlignedTable(rows));
}

std::string PromisesJson(const Policy& policy, std::string_view language) {
  Json json;
  json.Open('{').Text("policy", policy.spec().id());
  json.Key("illustrative").Bool(policy.spec().illustrative());
  json.Text("source", policy.spec().source());
  json.Key("categories").Open('[');
  for (const Category* c : policy.taxonomy().All()) {
    if (c->kind == v1::CategorySpec::GROUP) continue;
    json.Open('{').Text("category", c->code).Text("name", c->Name(language));
    json.Text("unit", c->unit).Key("promises").Open('[');
    for (const Promise& p : PromisesOf(policy, *c)) {
      json.Open('{').Text("clock", p.clock->code());
      json.Key("shown").Bool(p.clock->shown());
      json.Text("priority", p.target->priority())
          .Text("area", p.target->area());
      json.Text("target", TargetWords(*p.target, language));
      json.Text("calendar", p.calendar).Text("ladder", p.ladder);
      json.Text("source", p.target->source());
      json.Key("illustrative").Bool(p.illustrative).Close('}');
    }
    json.Close(']').Close('}');
  }
  json.Close(']').Key("ladders").Open('[');
  for (const v1::LadderSpec& ladder : policy.spec().ladders()) {
    json.Open('{').Text("ladder", ladder.code()).Key("levels").Open('[');
    for (const v1::LevelSpec& level : ladder.levels()) {
      json.Open('{').Text("level", level.code());
      json.Text("when", LevelWords(level, language)).Close('}');
    }
    json.Close(']').Close('}');
  }
  json.Close(']').Close('}');
  return json.Take();
}

}  // namespace
}  // namespace internal

absl::StatusOr<std::string> DrawTaxonomy(const Policy& policy, Format format,
                                         std::string_view language) {
  const internal::Children tree = internal::Tree(policy);
  if (format == Format::kSvg) {
    return internal::NoSuchForm("a taxonomy", "text, mermaid, dot or json");
  }
  if (format == Format::kText) {
    std::string out = internal::PolicyHead(policy);
    internal::TreeText(tree, nullptr, "", language, &out);
    return out;
  }
  if (format == Format::kJson) {
    internal::Json json;
    json.Open('{').Text("policy", policy.spec().id());
    json.Key("illustrative").Bool(policy.spec().illustrative());
    json.Key("categories");
    internal::TreeJson(tree, nullptr, language, &json);
    json.Close('}');
    return json.Take();
  }
  return internal::TreeGraph(policy, format == Format::kDot, language);
}

absl::StatusOr<std::string> DrawPromises(const Policy& policy, Format format,
                                         std::string_view language) {
  if (format == Format::kText) return internal::PromisesText(policy, language);
  if (format == Format::kJson) return internal::PromisesJson(policy, language);
  return internal::NoSuchForm("a table of promises", "text or json");
}

}  // namespace hotline
