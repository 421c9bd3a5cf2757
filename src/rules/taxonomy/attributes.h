// The questions of a category's form.
#ifndef HOTLINE_SRC_RULES_TAXONOMY_ATTRIBUTES_H_
#define HOTLINE_SRC_RULES_TAXONOMY_ATTRIBUTES_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/error.h"
#include "hotline/v1/policy.pb.h"

namespace hotline::internal {

using Attributes = std::vector<v1::AttributeSpec>;

// The parent's questions and the category's own, in their order; an own one of
// the same code replaces the parent's. The parent's list itself if there is
// none of its own. `path` is `categories[i]`.
std::shared_ptr<const Attributes> MergeAttributes(
    const std::shared_ptr<const Attributes>& inherited,
    const v1::CategorySpec& spec, std::string_view path, Problems* problems);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_TAXONOMY_ATTRIBUTES_H_
