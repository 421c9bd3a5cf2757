#include "src/rules/taxonomy/search.h"

#include <algorithm>
#include <cstdint>

#include "hotline/limits.h"
#include "src/base/utf8.h"

namespace hotline::internal {
namespace {

constexpr size_t kTermsMax = 16;

// A code or a name, word for word; a name that begins so; a keyword; words
// that are somewhere.
constexpr double kExact = 1.0;
constexpr double kNameBegins = 0.85;
constexpr double kNameCovered = 0.1;
constexpr double kKeyword = 0.8;
constexpr double kPartial = 0.7;

// What a word found in such a text is worth to kPartial.
constexpr double kInName = 1.0;
constexpr double kInCode = 0.9;
constexpr double kInKeyword = 0.8;
constexpr double kInParent = 0.5;

enum class Class { kSeparator, kLetter, kIdeograph };

// Scripts written without spaces are ideographs here, kana and hangul too:
// their words are found by pairs of characters.
Class ClassOf(uint32_t c) {
  if (c < 0x80) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    return word ? Class::kLetter : Class::kSeparator;
  }
  if (c < 0xc0 || c == 0xd7 || c == 0xf7) return Class::kSeparator;
  if (c >= 0x2000 && c <= 0x2bff) return Class::kSeparator;  // punctuation
  if (c >= 0x3000 && c <= 0x303f) return Class::kSeparator;
  if (c == 0x30fb) return Class::kSeparator;  // middle dot of katakana
  if (c >= 0xfe10 && c <= 0xfe6f) return Class::kSeparator;
  if (c >= 0xff00 && c <= 0xff65) return Class::kSeparator;
  if (c >= 0x1f000 && c <= 0x1ffff) return Class::kSeparator;  // emoji
  const bool ideograph = (c >= 0x2e80 && c <= 0x9fff) ||
                         (c >= 0xac00 && c <= 0xd7af) ||
                         (c >= 0xf900 && c <= 0xfaff) || c >= 0x20000;
  return ideograph ? Class::kIdeograph : Class::kLetter;
}

struct Term {
  std::string text;  // a word with the space before it, or ideographs
  bool ideographs = false;
  std::vector<std::string> pairs;  // of ideographs, if more than two
};

Term MakeTerm(std::string_view word) {
  Term term;
  const CodePoint first = DecodeUtf8(word);
  term.ideographs = ClassOf(first.value) == Class::kIdeograph;
  if (!term.ideographs) {
    term.text = " " + std::string(word);
    return term;
  }
  term.text = word;
  std::string_view rest = word;
  for (size_t length = first.length; length < rest.size();) {
    const size_t next = DecodeUtf8(rest.substr(length)).length;
    term.pairs.emplace_back(rest.substr(0, length + next));
    rest.remove_prefix(length);
    length = next;
  }
  return term;
}

std::vector<Term> TermsOf(std::string_view folded) {
  std::vector<Term> terms;
  while (!folded.empty() && terms.size() < kTermsMax) {
    folded.remove_prefix(1);  // the space
    const size_t end = std::min(folded.find(' '), folded.size());
    terms.push_back(MakeTerm(folded.substr(0, end)));
    folded.remove_prefix(end);
  }
  return terms;
}

// 0 to 1: how well a term is found in a folded text.
double Found(const Term& term, std::string_view text) {
  if (term.ideographs) {
    if (text.find(term.text) != text.npos) return 1;
    if (term.pairs.size() < 2) return 0;
    const auto hits = std::count_if(
        term.pairs.begin(), term.pairs.end(),
        [&](const std::string& pair) { return text.find(pair) != text.npos; });
    return 0.9 * static_cast<double>(hits) /
           static_cast<double>(term.pairs.size());
  }
  double best = 0;
  for (size_t at = text.find(term.text); at != text.npos;
       at = text.find(term.text, at + 1)) {
    const size_t end = at + term.text.size();
    if (end == text.size() || text[end] == ' ') return 1;
    // One letter begins too many words to mean any.
    if (term.text.size() > 2) best = 0.8;
  }
  return best;
}

double FoundInAny(const Term& term, const std::vector<std::string>& texts) {
  double best = 0;
  for (const std::string& text : texts) {
    best = std::max(best, Found(term, text));
  }
  return best;
}

double Score(const std::vector<SearchTexts>& nodes, const SearchTexts& node,
             const std::string& query, const std::vector<Term>& terms) {
  const auto is = [&](const std::string& text) { return text == query; };
  if (std::any_of(node.codes.begin(), node.codes.end(), is) ||
      std::any_of(node.names.begin(), node.names.end(), is)) {
    return kExact;
  }
  double best = 0;
  for (const std::string& name : node.names) {
    if (!name.starts_with(query)) continue;
    const double covered =
        static_cast<double>(query.size()) / static_cast<double>(name.size());
    best = std::max(best, kNameBegins + kNameCovered * covered);
  }
  if (best > 0) return best;
  if (std::any_of(node.keywords.begin(), node.keywords.end(), is)) {
    return kKeyword;
  }
  double sum = 0;
  for (const Term& term : terms) {
    double term_best = std::max({kInName * FoundInAny(term, node.names),
                                 kInCode * FoundInAny(term, node.codes),
                                 kInKeyword * FoundInAny(term, node.keywords)});
    if (node.parent >= 0) {
      const auto& above = nodes[static_cast<size_t>(node.parent)].names;
      term_best = std::max(term_best, kInParent * FoundInAny(term, above));
    }
    sum += term_best;
  }
  return kPartial * sum / static_cast<double>(terms.size());
}

}  // namespace

std::string FoldWords(std::string_view text) {
  std::string out;
  Class before = Class::kSeparator;
  while (!text.empty()) {
    const auto [length, value] = DecodeUtf8(text);
    text.remove_prefix(length == 0 ? 1 : length);
    const uint32_t c = FoldCase(FoldWidth(length == 0 ? ' ' : value));
    const Class now = ClassOf(c);
    if (now != Class::kSeparator) {
      if (now != before) out += ' ';
      AppendUtf8(c, &out);
    }
    before = now;
  }
  return out;
}

void AddKeywords(std::string_view text, std::vector<std::string>* keywords) {
  // Commas, semicolons and line ends, and those of Chinese texts: ， 、 ；
  constexpr uint32_t kBetween[] = {',', ';', '\n', 0xff0c, 0x3001, 0xff1b};
  const auto add = [&](std::string_view part) {
    std::string folded = FoldWords(part);
    if (!folded.empty()) keywords->push_back(std::move(folded));
  };
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const auto [length, value] = DecodeUtf8(text.substr(at));
    const size_t step = length == 0 ? 1 : length;
    const uint32_t c = value;
    if (std::find(std::begin(kBetween), std::end(kBetween), c) !=
        std::end(kBetween)) {
      add(text.substr(begin, at - begin));
      begin = at + step;
    }
    at += step;
  }
  add(text.substr(begin));
}

std::vector<SearchHit> SearchAll(const std::vector<SearchTexts>& nodes,
                                 std::string_view words, int limit) {
  std::vector<SearchHit> hits;
  const std::string query = FoldWords(words.substr(0, limits::kNameBytesMax));
  const std::vector<Term> terms = TermsOf(query);
  if (terms.empty() || limit <= 0) return hits;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const double score = Score(nodes, nodes[i], query, terms);
    if (score > 0) hits.push_back({static_cast<int>(i), score});
  }
  std::stable_sort(
      hits.begin(), hits.end(),
      [](const SearchHit& a, const SearchHit& b) { return a.score > b.score; });
  if (hits.size() > static_cast<size_t>(limit)) {
    hits.resize(static_cast<size_t>(limit));
  }
  return hits;
}

}  // namespace hotline::internal
