#include "hotline/taxonomy.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/check.h"
#include "src/base/forest.h"
#include "src/base/language.h"
#include "src/rules/taxonomy/attributes.h"
#include "src/rules/taxonomy/search.h"

namespace hotline {

using google::protobuf::RepeatedPtrField;

struct Taxonomy::Tree {
  RepeatedPtrField<v1::CategorySpec> specs;
  std::vector<Category> nodes;  // parents before children; never grows later
  std::vector<const Category*> all;
  // Code, path and alias; views into `nodes` and `specs`.
  std::unordered_map<std::string_view, const Category*> by_name;
  std::vector<std::string> names;            // codes and aliases, for hints
  std::vector<internal::SearchTexts> texts;  // of `nodes`
};

namespace {

using Clocks = std::vector<ClockOnCategory>;

constexpr int kNone = internal::Forest::kNone;

std::string At(int i) { return absl::StrCat("categories[", i, "]"); }

std::shared_ptr<const Clocks> MergeClocks(
    const std::shared_ptr<const Clocks>& inherited,
    const v1::CategorySpec& spec, const std::string& path, Problems* problems) {
  if (spec.clocks().empty()) return inherited;
  Clocks all = *inherited;
  std::set<std::string_view> own;
  for (int i = 0; i < spec.clocks_size(); ++i) {
    const v1::ClockUse& use = spec.clocks(i);
    const std::string at = absl::StrCat(path, ".clocks[", i, "]");
    if (!own.insert(use.clock()).second) {
      problems->Add(absl::StrCat(at, ".clock"),
                    absl::StrCat("\"", use.clock(), "\" is there twice"),
                    "give one use all the targets");
      continue;
    }
    const auto same = std::find_if(
        all.begin(), all.end(),
        [&](const ClockOnCategory& c) { return c.use.clock() == use.clock(); });
    if (same == all.end()) {
      all.push_back({use, at});
    } else {
      *same = {use, at};
    }
  }
  return std::make_shared<const Clocks>(std::move(all));
}

internal::Forest Plant(const RepeatedPtrField<v1::CategorySpec>& specs,
                       Problems* problems) {
  std::vector<internal::ForestNode> nodes;
  nodes.reserve(static_cast<size_t>(specs.size()));
  for (const v1::CategorySpec& spec : specs) {
    nodes.push_back({spec.code(), spec.parent()});
  }
  return internal::Forest("categories", "category", std::move(nodes), problems);
}

void CheckWords(const v1::CategorySpec& spec, const std::string& path,
                Problems* problems) {
  internal::CheckTexts(spec.names(), absl::StrCat(path, ".names"), problems);
  internal::CheckTexts(spec.keywords(), absl::StrCat(path, ".keywords"),
                       problems);
  if (!v1::CategorySpec::Kind_IsValid(spec.kind())) {
    problems->Add(absl::StrCat(path, ".kind"), "is none of the kinds",
                  "CASE, GROUP or INFORMATION");
  }
}

// A node with all it has of its own and of its parent, which may be null.
Category Inherit(const v1::CategorySpec& spec, const Category* parent,
                 const std::string& path, Problems* problems) {
  static const auto* const kNoAttributes =
      new std::shared_ptr<const internal::Attributes>(
          std::make_shared<const internal::Attributes>());
  static const auto* const kNoClocks =
      new std::shared_ptr<const Clocks>(std::make_shared<const Clocks>());
  const auto own_or = [parent](const std::string& own,
                               std::string Category::*inherited) {
    return own.empty() && parent != nullptr ? parent->*inherited : own;
  };
  Category node;
  node.code = spec.code();
  node.spec = &spec;
  node.parent = parent;
  node.unit = own_or(spec.unit(), &Category::unit);
  node.priority = own_or(spec.priority(), &Category::priority);
  node.workflow = own_or(spec.workflow(), &Category::workflow);
  if (spec.kind() != v1::CategorySpec::KIND_UNSPECIFIED) {
    node.kind = spec.kind();
  }
  node.runs_through_closures =
      spec.runs_through_closures() ||
      (parent != nullptr && parent->runs_through_closures);
  node.named_reporter_required =
      spec.named_reporter_required() ||
      (parent != nullptr && parent->named_reporter_required);
  node.attributes = internal::MergeAttributes(
      parent != nullptr ? parent->attributes : *kNoAttributes, spec, path,
      problems);
  node.clocks = MergeClocks(parent != nullptr ? parent->clocks : *kNoClocks,
                            spec, path, problems);
  const internal::Validity validity = internal::ReadValidity(
      spec.valid_from(), spec.valid_until(), path, problems);
  node.valid_from = validity.from;
  node.valid_until = validity.until;
  return node;
}

internal::SearchTexts TextsOf(const v1::CategorySpec& spec) {
  internal::SearchTexts texts;
  const auto add = [](const std::string& text, std::vector<std::string>* to) {
    std::string folded = internal::FoldWords(text);
    if (!folded.empty()) to->push_back(std::move(folded));
  };
  add(spec.code(), &texts.codes);
  for (const std::string& alias : spec.aliases()) add(alias, &texts.codes);
  for (const v1::LocalText& name : spec.names()) add(name.text(), &texts.names);
  for (const v1::LocalText& words : spec.keywords()) {
    internal::AddKeywords(words.text(), &texts.keywords);
  }
  return texts;
}

}  // namespace

bool Category::ValidOn(absl::CivilDay date) const {
  for (const Category* node = this; node != nullptr; node = node->parent) {
    if (node->valid_from && date < *node->valid_from) return false;
    if (node->valid_until && date > *node->valid_until) return false;
  }
  return true;
}

std::string_view Category::Name(std::string_view language) const {
  const v1::LocalText* name = internal::ChooseText(spec->names(), language);
  return name == nullptr ? std::string_view(code) : name->text();
}

std::vector<std::string_view> Category::Chain() const {
  std::vector<std::string_view> chain;
  for (const Category* node = this; node != nullptr; node = node->parent) {
    chain.push_back(node->code);
  }
  return chain;
}

absl::StatusOr<Taxonomy> Taxonomy::Create(
    const RepeatedPtrField<v1::CategorySpec>& specs) {
  Problems problems;
  Taxonomy taxonomy = Compile(specs, &problems);
  if (!problems.empty()) {
    return problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "taxonomy");
  }
  return taxonomy;
}

Taxonomy Taxonomy::Compile(const RepeatedPtrField<v1::CategorySpec>& specs,
                           Problems* problems) {
  auto tree = std::make_shared<Tree>();
  Taxonomy taxonomy;
  taxonomy.tree_ = tree;
  if (static_cast<size_t>(specs.size()) > limits::kCategoriesMax) {
    problems->Add("categories", absl::StrCat("has ", specs.size(), " nodes"),
                  absl::StrCat("at most ", limits::kCategoriesMax));
    return taxonomy;
  }
  tree->specs = specs;
  const internal::Forest forest = Plant(tree->specs, problems);
  const std::vector<int> order = forest.Order();
  tree->nodes.reserve(order.size());
  tree->texts.reserve(order.size());
  std::vector<int> place(static_cast<size_t>(specs.size()), kNone);
  std::vector<int> depth(order.size());
  for (const int i : order) {
    const v1::CategorySpec& spec = tree->specs.Get(i);
    const int above = forest.parent(i);
    const int up = above == kNone ? kNone : place[static_cast<size_t>(above)];
    const auto at = tree->nodes.size();
    place[static_cast<size_t>(i)] = static_cast<int>(at);
    const Category* parent =
        up == kNone ? nullptr : &tree->nodes[static_cast<size_t>(up)];
    depth[at] = up == kNone ? 1 : depth[static_cast<size_t>(up)] + 1;
    if (depth[at] == limits::kCategoryDepthMax + 1) {
      problems->Add(absl::StrCat(At(i), ".parent"),
                    absl::StrCat("makes it ", depth[at], " levels deep"),
                    absl::StrCat("at most ", limits::kCategoryDepthMax));
    }
    CheckWords(spec, At(i), problems);
    Category& node =
        tree->nodes.emplace_back(Inherit(spec, parent, At(i), problems));
    // Too deep is refused anyway; its path would only fill the memory.
    node.path = parent == nullptr || depth[at] > limits::kCategoryDepthMax
                    ? node.code
                    : absl::StrCat(parent->path, "/", node.code);
    tree->texts.push_back(TextsOf(spec));
    tree->texts.back().parent = up;
  }
  taxonomy.IndexNames(tree.get(), problems);
  return taxonomy;
}

void Taxonomy::IndexNames(Tree* tree, Problems* problems) {
  tree->by_name.reserve(tree->nodes.size() * 2);
  for (const Category& node : tree->nodes) {
    tree->all.push_back(&node);
    tree->by_name.emplace(node.code, &node);
    tree->by_name.emplace(node.path, &node);
    tree->names.push_back(node.code);
  }
  for (int i = 0; i < tree->specs.size(); ++i) {
    const v1::CategorySpec& spec = tree->specs.Get(i);
    const auto owner = tree->by_name.find(spec.code());
    // Not of a node without a code, nor of the second one of a code.
    if (owner == tree->by_name.end() || owner->second->spec != &spec) continue;
    const Category* const node = owner->second;
    for (int j = 0; j < spec.aliases_size(); ++j) {
      const std::string& alias = spec.aliases(j);
      const std::string at = absl::StrCat(At(i), ".aliases[", j, "]");
      if (alias.empty() || alias.size() > limits::kNameBytesMax ||
          !IsCleanText(alias)) {
        problems->Add(
            at, "is empty, too long or no clean text",
            absl::StrCat("at most ", limits::kNameBytesMax, " bytes"));
        continue;
      }
      const auto [other, is_new] = tree->by_name.emplace(alias, node);
      if (is_new) {
        tree->names.push_back(alias);
      } else {
        problems->Add(at,
                      absl::StrCat("\"", alias, "\" already leads to ",
                                   other->second->code),
                      "an alias leads to one category");
      }
    }
  }
}

const Category* Taxonomy::Find(std::string_view code_path_or_alias) const {
  if (tree_ == nullptr) return nullptr;
  const auto it = tree_->by_name.find(code_path_or_alias);
  return it == tree_->by_name.end() ? nullptr : it->second;
}

std::string Taxonomy::Nearest(std::string_view code) const {
  return tree_ == nullptr ? "" : hotline::Nearest(code, tree_->names);
}

std::vector<Taxonomy::Hit> Taxonomy::Search(std::string_view words,
                                            int limit) const {
  std::vector<Hit> hits;
  if (tree_ == nullptr) return hits;
  for (const auto& [index, score] :
       internal::SearchAll(tree_->texts, words, limit)) {
    hits.push_back({&tree_->nodes[static_cast<size_t>(index)], score});
  }
  return hits;
}

std::span<const Category* const> Taxonomy::All() const {
  if (tree_ == nullptr) return {};
  return tree_->all;
}

}  // namespace hotline
