#include "src/base/forest.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/check.h"

namespace hotline::internal {

Forest::Forest(std::string_view list, std::string_view noun,
               std::vector<ForestNode> nodes, Problems* problems)
    : list_(list),
      noun_(noun),
      nodes_(std::move(nodes)),
      problems_(problems),
      parent_(nodes_.size(), kNone),
      usable_(nodes_.size(), false) {
  ReadCodes();
  ReadParents();
  CutCycles();
}

int Forest::Find(std::string_view code) const {
  const auto it = by_code_.find(code);
  return it == by_code_.end() ? kNone : it->second;
}

std::vector<int> Forest::Order() const {
  std::vector<int> order;
  std::vector<bool> placed(nodes_.size(), false);
  std::vector<int> line;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!usable_[i]) continue;
    for (int j = static_cast<int>(i);
         j != kNone && !placed[static_cast<size_t>(j)]; j = parent(j)) {
      placed[static_cast<size_t>(j)] = true;
      line.push_back(j);
    }
    order.insert(order.end(), line.rbegin(), line.rend());
    line.clear();
  }
  return order;
}

std::string Forest::At(int i, std::string_view field) const {
  return absl::StrCat(list_, "[", i, "].", ToAbsl(field));
}

void Forest::ReadCodes() {
  by_code_.reserve(nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const std::string_view code = nodes_[i].code;
    const std::string path = At(static_cast<int>(i), "code");
    CheckCode(code, path, problems_);
    if (code.empty()) continue;
    const auto [other, is_new] = by_code_.emplace(code, static_cast<int>(i));
    if (!is_new) {
      problems_->Add(path,
                     absl::StrCat("\"", ToAbsl(code), "\" is also that of ",
                                  list_, "[", other->second, "]"),
                     absl::StrCat("every ", noun_, " has a code of its own"));
    }
    usable_[i] = is_new;
  }
}

void Forest::ReadParents() {
  std::vector<std::string> codes;
  Hints hints(&codes);
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const std::string_view code = nodes_[i].parent;
    if (code.empty() || !usable_[i]) continue;
    const int above = Find(code);
    const std::string path = At(static_cast<int>(i), "parent");
    if (above == kNone) {
      if (codes.empty()) {
        for (const ForestNode& node : nodes_) codes.emplace_back(node.code);
      }
      problems_->Add(
          path, absl::StrCat("there is no ", noun_, " \"", ToAbsl(code), "\""),
          hints.For(code));
    } else if (above == static_cast<int>(i)) {
      problems_->Add(path, absl::StrCat("is the ", noun_, " itself"),
                     "leave it empty for a node at the top");
    } else {
      parent_[i] = above;
    }
  }
}

void Forest::CutCycles() {
  std::vector<int> walk(nodes_.size(), kNone);
  for (int i = 0; i < static_cast<int>(nodes_.size()); ++i) {
    int j = i;
    while (j != kNone && walk[static_cast<size_t>(j)] == kNone) {
      walk[static_cast<size_t>(j)] = i;
      j = parent(j);
    }
    if (j != kNone && walk[static_cast<size_t>(j)] == i) CutCycle(j);
  }
}

// `member` is on a cycle: tells it once, and makes its members tops.
void Forest::CutCycle(int member) {
  constexpr int kNamedMax = 16;
  int first = member;
  for (int j = parent(member); j != member; j = parent(j)) {
    first = std::min(first, j);
  }
  const auto code = [&](int j) {
    return ToAbsl(nodes_[static_cast<size_t>(j)].code);
  };
  std::string round(code(first));
  int named = 1;
  int j = first;
  do {
    const int next = parent(j);
    parent_[static_cast<size_t>(j)] = kNone;
    j = next;
    if (++named <= kNamedMax || j == first) {
      absl::StrAppend(&round, " -> ", code(j));
    } else if (named == kNamedMax + 1) {
      absl::StrAppend(&round, " -> ...");
    }
  } while (j != first);
  problems_->Add(At(first, "parent"),
                 absl::StrCat("goes round in a circle: ", round),
                 "one of them must have another parent, or none");
}

std::string Hints::For(std::string_view word) {
  constexpr size_t kHintsMax = 20;
  return ++given_ > kHintsMax ? "" : DidYouMean(word, *known_);
}

}  // namespace hotline::internal
