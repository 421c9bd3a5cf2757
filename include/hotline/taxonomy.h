// The taxonomy: what a city takes reports about.
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
  std::string path;  // `roads/streetlight`
  const v1::CategorySpec* spec = nullptr;  // as written
  std::string unit;
  std::string priority;
  std::string workflow;
  v1::CategorySpec::Kind kind = v1::CategorySpec::CASE;
  bool runs_through_closures = false;
  bool named_reporter_required = false;
  // Shared with the parent where nothing is added.
  std::shared_ptr<const std::vector<v1::AttributeSpec>> attributes;
  std::shared_ptr<const std::vector<ClockOnCategory>> clocks;
  std::optional<absl::CivilDay> valid_from;
  std::optional<absl::CivilDay> valid_until;
  const Category* parent = nullptr;

  bool ValidOn(absl::CivilDay date) const;
  // The name in this language, else in a near one, else any, else the code.
  std::string_view Name(std::string_view language) const;
  // This one, its parent, and so on.
  std::vector<std::string_view> Chain() const;
};

class Taxonomy final {
 public:
  static absl::StatusOr<Taxonomy> Create(
      const google::protobuf::RepeatedPtrField<v1::CategorySpec>& specs);
  // Appends problems with paths that begin with `categories[i]`.
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
  // By words in any language, best first. Two Chinese characters are enough.
  std::vector<Hit> Search(std::string_view words, int limit = 10) const;

  // Every node, parents before children.
  std::span<const Category* const> All() const;

  // Answers to the form of `category`: unknown codes, missing ones, values of
  // the wrong type, questions that were not to be asked.
  static void CheckAnswers(
      const Category& category,
      const google::protobuf::RepeatedPtrField<v1::AttributeValue>& answers,
      std::string_view path, Problems* problems);

 private:
  struct Tree;
  std::shared_ptr<const Tree> tree_;
};

}  // namespace hotline

#endif  // HOTLINE_TAXONOMY_H_
