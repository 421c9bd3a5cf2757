#include "src/readers/intake/names.h"

#include "src/base/utf8.h"

namespace hotline::internal {
namespace {

bool IsBlank(uint32_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xA0;
}

}  // namespace

std::string FoldWord(std::string_view text, bool ignore_blanks) {
  std::string folded;
  bool blank = false;
  while (!text.empty()) {
    const CodePoint point = DecodeUtf8(text);
    if (point.length == 0) {  // malformed: kept, and found nowhere
      folded.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(point.length);
    const uint32_t c = FoldCase(FoldWidth(point.value));
    if (IsBlank(c)) {
      blank = true;
      continue;
    }
    if (blank && !folded.empty() && !ignore_blanks) folded.push_back(' ');
    blank = false;
    AppendUtf8(c, &folded);
  }
  return folded;
}

void NameIndex::Add(std::string_view word, std::string_view code) {
  codes_[FoldWord(word, ignore_blanks_)].emplace(code);
}

const std::set<std::string>* NameIndex::Find(std::string_view word) const {
  const auto it = codes_.find(FoldWord(word, ignore_blanks_));
  return it == codes_.end() ? nullptr : &it->second;
}

CategoryIndex::CategoryIndex(const Taxonomy& taxonomy) {
  for (const Category* category : taxonomy.All()) {
    Words& words = words_[category];
    words.insert(FoldWord(category->code));
    for (const auto& name : category->spec->names())
      words.insert(FoldWord(name.text()));
    for (const auto& alias : category->spec->aliases())
      words.insert(FoldWord(alias));
    if (category->kind == v1::CategorySpec::GROUP) continue;
    for (const std::string& word : words) by_word_[word].push_back(category);
  }
}

std::vector<const Category*> CategoryIndex::Find(
    const std::vector<std::string>& levels) const {
  std::vector<const Category*> found;
  if (levels.empty()) return found;
  const auto it = by_word_.find(FoldWord(levels.back()));
  if (it == by_word_.end()) return found;
  for (const Category* category : it->second) {
    size_t left = levels.size() - 1;
    for (const Category* above = category->parent; above != nullptr && left > 0;
         above = above->parent) {
      if (words_.at(above).contains(FoldWord(levels[left - 1]))) --left;
    }
    if (left == 0) found.push_back(category);
  }
  return found;
}

}  // namespace hotline::internal
