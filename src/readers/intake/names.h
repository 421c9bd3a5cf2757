// Words of an export as names of a policy.
#ifndef HOTLINE_SRC_READERS_INTAKE_NAMES_H_
#define HOTLINE_SRC_READERS_INTAKE_NAMES_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/taxonomy.h"
#include "hotline/v1/intake.pb.h"

namespace hotline::internal {

// Small letters for large ones, ASCII for full-width forms, one blank for a
// run of blanks and none at the ends; with `ignore_blanks` none at all.
std::string FoldWord(std::string_view text, bool ignore_blanks = false);

// Codes by folded word. A word may mean several.
class NameIndex {
 public:
  explicit NameIndex(bool ignore_blanks = false)
      : ignore_blanks_(ignore_blanks) {}
  void Add(std::string_view word, std::string_view code);
  // The codes of a word, written in any way; null if there are none.
  const std::set<std::string>* Find(std::string_view word) const;

 private:
  bool ignore_blanks_;
  std::map<std::string, std::set<std::string>> codes_;
};

// Categories by the names of their levels.
class CategoryIndex {
 public:
  explicit CategoryIndex(const Taxonomy& taxonomy);
  // Those whose own words fit the last level and whose ancestors, on the way
  // up, fit the levels before it. Groups are left out: nothing can be opened
  // on them.
  std::vector<const Category*> Find(
      const std::vector<std::string>& levels) const;

 private:
  using Words = std::set<std::string>;
  std::map<std::string, std::vector<const Category*>> by_word_;
  std::map<const Category*, Words> words_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INTAKE_NAMES_H_
