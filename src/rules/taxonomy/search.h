// Finding categories by words. Texts are folded once when a taxonomy compiles;
// a search reads them all. That is a few milliseconds for 50,000 nodes, and
// needs no index to agree with the texts.
#ifndef HOTLINE_SRC_RULES_TAXONOMY_SEARCH_H_
#define HOTLINE_SRC_RULES_TAXONOMY_SEARCH_H_

#include <string>
#include <string_view>
#include <vector>

namespace hotline::internal {

// Words in small letters of normal width, a space before each. A run of
// Chinese, Japanese or Korean is one word, of any length.
std::string FoldWords(std::string_view text);

// The texts of one node, folded.
struct SearchTexts {
  std::vector<std::string> codes;  // code and aliases
  std::vector<std::string> names;
  std::vector<std::string> keywords;
  int parent = -1;  // index of the parent's texts
};

// Adds the keywords of a text, which commas and the like keep apart.
void AddKeywords(std::string_view text, std::vector<std::string>* keywords);

struct SearchHit {
  int index;
  double score;  // (0, 1]
};

// Best first; of equal ones the earlier first.
std::vector<SearchHit> SearchAll(const std::vector<SearchTexts>& nodes,
                                 std::string_view words, int limit);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_TAXONOMY_SEARCH_H_
