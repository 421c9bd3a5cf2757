#include "hotline/taxonomy.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/language.h"
#include "src/base/time.h"
#include "src/rules/taxonomy/attributes.h"
#include "src/rules/taxonomy/search.h"

namespace hotline {

using google::protobuf::RepeatedPtrField;
using internal::ToAbsl;

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

constexpr int kNone = -1;

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

std::optional<absl::CivilDay> ReadDate(const std::string& text,
                                       const std::string& path,
                                       Problems* problems) {
  if (text.empty()) return std::nullopt;
  const auto date = internal::ParseDate(text);
  if (date.ok()) return *date;
  problems->Add(path, internal::ToStd(date.status().message()));
  return std::nullopt;
}

// Which node stands under which, before any is made. Indexes are those of the
// specs. Walks, never recurses: a bad policy may be 50,000 deep.
class Skeleton {
 public:
  Skeleton(const RepeatedPtrField<v1::CategorySpec>& specs, Problems* problems)
      : specs_(specs),
        problems_(problems),
        parent_(static_cast<size_t>(specs.size()), kNone),
        usable_(static_cast<size_t>(specs.size()), false) {
    ReadCodes();
    ReadParents();
    CutCycles();
  }

  int parent(int i) const { return parent_[static_cast<size_t>(i)]; }

  // Usable nodes, parents before children, else as written.
  std::vector<int> Order() const {
    std::vector<int> order;
    std::vector<bool> placed(usable_.size(), false);
    std::vector<int> line;
    for (int i = 0; i < specs_.size(); ++i) {
      if (!usable_[static_cast<size_t>(i)]) continue;
      for (int j = i; j != kNone && !placed[static_cast<size_t>(j)];
           j = parent(j)) {
        placed[static_cast<size_t>(j)] = true;
        line.push_back(j);
      }
      order.insert(order.end(), line.rbegin(), line.rend());
      line.clear();
    }
    return order;
  }

 private:
  void ReadCodes() {
    for (int i = 0; i < specs_.size(); ++i) {
      const std::string& code = specs_.Get(i).code();
      const std::string path = absl::StrCat(At(i), ".code");
      if (!internal::CheckCode(code, path, problems_) && code.empty()) continue;
      const auto [other, is_new] = by_code_.emplace(code, i);
      if (!is_new) {
        problems_->Add(
            path,
            absl::StrCat("\"", code, "\" is also that of ", At(other->second)),
            "every category has a code of its own");
      }
      usable_[static_cast<size_t>(i)] = is_new;
    }
  }

  void ReadParents() {
    for (int i = 0; i < specs_.size(); ++i) {
      const std::string& code = specs_.Get(i).parent();
      if (code.empty() || !usable_[static_cast<size_t>(i)]) continue;
      const auto it = by_code_.find(code);
      if (it == by_code_.end()) {
        problems_->Add(absl::StrCat(At(i), ".parent"),
                       absl::StrCat("there is no category \"", code, "\""),
                       HintFor(code));
      } else if (it->second == i) {
        problems_->Add(absl::StrCat(At(i), ".parent"), "is the category itself",
                       "leave it empty for a node at the top");
      } else {
        parent_[static_cast<size_t>(i)] = it->second;
      }
    }
  }

  // A hint compares with every code there is: worth it for the first few only.
  std::string HintFor(const std::string& code) {
    constexpr size_t kHintsMax = 20;
    if (++hints_ > kHintsMax) return "";
    std::vector<std::string> codes;
    for (const v1::CategorySpec& spec : specs_) codes.push_back(spec.code());
    const std::string nearest = Nearest(code, codes);
    return nearest.empty() ? "" : absl::StrCat("did you mean ", nearest, "?");
  }

  void CutCycles() {
    std::vector<int> walk(parent_.size(), kNone);
    for (int i = 0; i < specs_.size(); ++i) {
      int j = i;
      while (j != kNone && walk[static_cast<size_t>(j)] == kNone) {
        walk[static_cast<size_t>(j)] = i;
        j = parent(j);
      }
      if (j != kNone && walk[static_cast<size_t>(j)] == i) CutCycle(j);
    }
  }

  // `member` is on a cycle: tells it once, and makes its members tops.
  void CutCycle(int member) {
    int first = member;
    for (int j = parent(member); j != member; j = parent(j)) {
      first = std::min(first, j);
    }
    std::string round = specs_.Get(first).code();
    int named = 1;
    int j = first;
    do {
      const int next = parent(j);
      parent_[static_cast<size_t>(j)] = kNone;
      j = next;
      if (++named <= limits::kCategoryDepthMax || j == first) {
        absl::StrAppend(&round, " -> ", specs_.Get(j).code());
      } else if (named == limits::kCategoryDepthMax + 1) {
        absl::StrAppend(&round, " -> ...");
      }
    } while (j != first);
    problems_->Add(absl::StrCat(At(first), ".parent"),
                   absl::StrCat("goes round in a circle: ", round),
                   "one of them must have another parent, or none");
  }

  const RepeatedPtrField<v1::CategorySpec>& specs_;
  Problems* const problems_;
  std::vector<int> parent_;
  std::vector<bool> usable_;
  std::unordered_map<std::string_view, int> by_code_;
  size_t hints_ = 0;
};

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
  node.valid_from =
      ReadDate(spec.valid_from(), absl::StrCat(path, ".valid_from"), problems);
  node.valid_until = ReadDate(spec.valid_until(),
                              absl::StrCat(path, ".valid_until"), problems);
  if (node.valid_from && node.valid_until &&
      *node.valid_until < *node.valid_from) {
    problems->Add(
        absl::StrCat(path, ".valid_until"),
        absl::StrCat(spec.valid_until(), " is before ", spec.valid_from()));
  }
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
  const Skeleton skeleton(tree->specs, problems);
  const std::vector<int> order = skeleton.Order();
  tree->nodes.reserve(order.size());
  tree->texts.reserve(order.size());
  std::vector<int> place(static_cast<size_t>(specs.size()), kNone);
  std::vector<int> depth(order.size());
  for (const int i : order) {
    const v1::CategorySpec& spec = tree->specs.Get(i);
    const int above = skeleton.parent(i);
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
