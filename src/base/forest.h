// Nodes that name their parents: categories, units, areas.
#ifndef HOTLINE_SRC_BASE_FOREST_H_
#define HOTLINE_SRC_BASE_FOREST_H_

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hotline/error.h"

namespace hotline::internal {

struct ForestNode {
  std::string_view code;
  std::string_view parent;  // a code; empty at the top
};

// Which node stands under which, with what is wrong named: codes that are
// empty, unfit or there twice, parents that are unknown, the node itself, or
// lead round in a circle. Walks, never recurses: a bad policy may be 50,000
// deep. What is wrong is cut off, so that the rest is a forest.
//
// `list` is the field, such as `categories`; `noun` what one is called. The
// strings must outlive the forest.
class Forest {
 public:
  Forest(std::string_view list, std::string_view noun,
         std::vector<ForestNode> nodes, Problems* problems);

  static constexpr int kNone = -1;
  // kNone at the top.
  int parent(int i) const { return parent_[static_cast<size_t>(i)]; }
  // kNone if there is none of this code.
  int Find(std::string_view code) const;
  // Nodes with a code of their own, parents before children, else as written.
  std::vector<int> Order() const;

 private:
  std::string At(int i, std::string_view field) const;
  void ReadCodes();
  void ReadParents();
  void CutCycles();
  void CutCycle(int member);

  const std::string list_;
  const std::string noun_;
  const std::vector<ForestNode> nodes_;
  Problems* const problems_;
  std::vector<int> parent_;
  std::vector<bool> usable_;
  std::unordered_map<std::string_view, int> by_code_;
};

// Hints by the nearest of many words. Each compares with every word there is,
// so only the first few of one input get any.
class Hints {
 public:
  explicit Hints(const std::vector<std::string>* known) : known_(known) {}
  std::string For(std::string_view word);

 private:
  const std::vector<std::string>* known_;
  size_t given_ = 0;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_BASE_FOREST_H_
