// The taxonomy: what a city takes reports about, as a forest of categories.
//
//   auto taxonomy = hotline::Taxonomy::Create(spec.categories());
//   if (!taxonomy.ok()) return taxonomy.status();     // every problem, by path
//   for (const auto& hit : taxonomy->Search("路燈 不亮"))
//     Offer(hit.category->code, hit.category->Name("zh-Hant"));
//   const hotline::Category* category = taxonomy->Find("roads/streetlight");
//   hotline::Problems problems;
//   hotline::Taxonomy::CheckAnswers(*category, command.open().attributes(),
//                                   "open.attributes", &problems);
//
// Inheritance. A node has its parent's unit, priority and workflow where it
// names none. A clock or question of its own replaces the parent's of the same
// code; all others are added to the parent's. `runs_through_closures` and
// `named_reporter_required` hold for everything below. A node is valid on the
// dates on which it and all above it are. `kind` is its own: CASE if unset.
//
// Problems named, each with path and hint: a code that is empty, too long,
// unclean, there twice, or has a slash or blank; a parent that is unknown,
// itself, or leads round in a circle; more than limits::kCategoryDepthMax
// levels or limits::kCategoriesMax nodes; an alias that is taken; dates that
// are none or the wrong way round; a clock used twice; texts too long or
// unclean; questions without datatype, with an order not positive or taken,
// lists without values and values without a list, keys twice, statements that
// are required, conditions on what is unknown, no answer, or asked later.
//
// Thread rule: immutable; share it between threads. Copies are cheap and share
// the tree. Lifetime: categories live as long as any copy of their taxonomy;
// nothing given to Create needs to.
#ifndef HOTLINE_TAXONOMY_H_
#define HOTLINE_TAXONOMY_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "hotline/error.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

// A clock on a category, with the place in the policy that put it there.
struct ClockOnCategory {
  v1::ClockUse use;
  std::string path;  // `categories[3].clocks[0]`
};

// A node with everything it inherits filled in.
struct Category {
  std::string code;
  std::string path;                        // `roads/streetlight`
  const v1::CategorySpec* spec = nullptr;  // as written, never null
  std::string unit;
  std::string priority;
  std::string workflow;
  v1::CategorySpec::Kind kind = v1::CategorySpec::CASE;
  bool runs_through_closures = false;
  bool named_reporter_required = false;
  // Never null. Shared with the parent where nothing is added. Questions are
  // in their order; clocks the parent's first.
  std::shared_ptr<const std::vector<v1::AttributeSpec>> attributes;
  std::shared_ptr<const std::vector<ClockOnCategory>> clocks;
  std::optional<absl::CivilDay> valid_from;
  std::optional<absl::CivilDay> valid_until;
  const Category* parent = nullptr;

  // On this date cases may be opened, as far as dates go.
  bool ValidOn(absl::CivilDay date) const;
  // The name in this language, else in a near one, else any, else the code.
  // A view into the category.
  std::string_view Name(std::string_view language) const;
  // The codes of this one, its parent, and so on.
  std::vector<std::string_view> Chain() const;
};

class Taxonomy final {
 public:
  static absl::StatusOr<Taxonomy> Create(
      const google::protobuf::RepeatedPtrField<v1::CategorySpec>& specs);
  // Appends problems with paths that begin with `categories[i]`. With problems
  // the result holds what could be made of the rest; make no promises on it.
  static Taxonomy Compile(
      const google::protobuf::RepeatedPtrField<v1::CategorySpec>& specs,
      Problems* problems);

  // By code, path or alias, in O(1). Null if there is none.
  const Category* Find(std::string_view code_path_or_alias) const;

  // The nearest code, for "did you mean".
  std::string Nearest(std::string_view code) const;

  struct Hit {
    const Category* category = nullptr;
    double score = 0;
  };
  // By words in any language, best first, equal ones in the policy's order.
  // Small and capital, full-width and normal letters are the same. From most
  // to least: the code, an alias or a name itself; a name that begins so; a
  // keyword; words, beginnings of words, and Chinese by pairs of characters
  // (路燈 finds 路燈不亮, and 路燈壞了 does so too) in name, code, keyword,
  // or the parent's name. One Chinese character is enough. Groups and nodes out
  // of date are found, too: the caller knows what it wants. Reads every node.
  std::vector<Hit> Search(std::string_view words, int limit = 10) const;

  // Every node, parents before children, else in the policy's order.
  std::span<const Category* const> All() const;

  // Answers to the form of `category`: unknown codes, missing ones, values of
  // the wrong type, questions that were not to be asked. An answer without a
  // value is none. A question is asked if each of its conditions is met: the
  // other has one of these values, or, where none is given, any answer at all.
  // Problems begin with `path`, such as `open.attributes[2].values[0]`.
  static void CheckAnswers(
      const Category& category,
      const google::protobuf::RepeatedPtrField<v1::AttributeValue>& answers,
      std::string_view path, Problems* problems);

 private:
  struct Tree;
  static void IndexNames(Tree* tree, Problems* problems);
  std::shared_ptr<const Tree> tree_;
};

}  // namespace hotline

#endif  // HOTLINE_TAXONOMY_H_
