#include "src/rules/taxonomy/attributes.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/check.h"

namespace hotline::internal {
namespace {

using v1::AttributeSpec;

bool IsList(const AttributeSpec& a) {
  return a.datatype() == AttributeSpec::SINGLEVALUELIST ||
         a.datatype() == AttributeSpec::MULTIVALUELIST;
}

const AttributeSpec* FindIn(const Attributes& all, std::string_view code) {
  const auto it =
      std::find_if(all.begin(), all.end(),
                   [&](const AttributeSpec& a) { return a.code() == code; });
  return it == all.end() ? nullptr : &*it;
}

std::vector<std::string> CodesOf(const Attributes& all) {
  std::vector<std::string> codes;
  for (const AttributeSpec& a : all) codes.push_back(a.code());
  return codes;
}

std::vector<std::string> KeysOf(const AttributeSpec& a) {
  std::vector<std::string> keys;
  for (const auto& value : a.values()) keys.push_back(value.key());
  return keys;
}

void CheckValues(const AttributeSpec& a, const std::string& path,
                 Problems* problems) {
  if (IsList(a) && a.values().empty()) {
    problems->Add(absl::StrCat(path, ".values"), "is an empty list",
                  "give the values there are to choose from");
  }
  if (!IsList(a) && !a.values().empty()) {
    problems->Add(absl::StrCat(path, ".values"), "belongs to lists only",
                  "make the datatype SINGLEVALUELIST or MULTIVALUELIST");
  }
  std::set<std::string_view> keys;
  for (int i = 0; i < a.values_size(); ++i) {
    const std::string at = absl::StrCat(path, ".values[", i, "]");
    const std::string& key = a.values(i).key();
    if (key.empty() || key.size() > limits::kCodeBytesMax ||
        !IsCleanText(key)) {
      problems->Add(absl::StrCat(at, ".key"),
                    "is empty, too long or no clean text",
                    absl::StrCat("at most ", limits::kCodeBytesMax, " bytes"));
    } else if (!keys.insert(key).second) {
      problems->Add(absl::StrCat(at, ".key"),
                    absl::StrCat("\"", key, "\" is there twice"));
    }
    CheckTexts(a.values(i).names(), absl::StrCat(at, ".names"), problems);
  }
}

// One question by itself.
void CheckOne(const AttributeSpec& a, const std::string& path,
              Problems* problems) {
  CheckCode(a.code(), absl::StrCat(path, ".code"), problems);
  CheckTexts(a.names(), absl::StrCat(path, ".names"), problems);
  if (a.description().size() > limits::kAttributeValueBytesMax ||
      !IsCleanText(a.description())) {
    problems->Add(
        absl::StrCat(path, ".description"), "is too long or no clean text",
        absl::StrCat("at most ", limits::kAttributeValueBytesMax, " bytes"));
  }
  if (a.statement() && a.required()) {
    problems->Add(absl::StrCat(path, ".required"),
                  "is set on a statement, which takes no answer");
  }
  if (a.datatype() == AttributeSpec::DATATYPE_UNSPECIFIED ||
      !AttributeSpec::Datatype_IsValid(a.datatype())) {
    if (!a.statement()) {
      problems->Add(absl::StrCat(path, ".datatype"), "is missing",
                    "one of STRING, NUMBER, DATETIME, TEXT, SINGLEVALUELIST, "
                    "MULTIVALUELIST");
    }
  }
  if (a.order() <= 0) {
    problems->Add(absl::StrCat(path, ".order"), absl::StrCat("is ", a.order()),
                  "number the questions from 1");
  }
  CheckValues(a, path, problems);
}

// What a question depends on, within the whole form.
void CheckConditions(const Attributes& all, const AttributeSpec& a,
                     const std::string& path, Problems* problems) {
  for (int i = 0; i < a.asked_if_size(); ++i) {
    const auto& condition = a.asked_if(i);
    const std::string at = absl::StrCat(path, ".asked_if[", i, "]");
    const AttributeSpec* on = FindIn(all, condition.attribute());
    if (on == nullptr) {
      problems->Add(
          absl::StrCat(at, ".attribute"),
          absl::StrCat("there is no question \"", condition.attribute(), "\""),
          DidYouMean(condition.attribute(), CodesOf(all)));
      continue;
    }
    if (on->statement()) {
      problems->Add(absl::StrCat(at, ".attribute"),
                    absl::StrCat("\"", on->code(), "\" takes no answer"));
    } else if (on->order() >= a.order()) {
      problems->Add(absl::StrCat(at, ".attribute"),
                    absl::StrCat("\"", on->code(), "\" is not asked before \"",
                                 a.code(), "\""),
                    "a question depends on earlier ones only");
    }
    if (!IsList(*on)) continue;
    const std::vector<std::string> keys = KeysOf(*on);
    for (int j = 0; j < condition.values_size(); ++j) {
      if (std::find(keys.begin(), keys.end(), condition.values(j)) ==
          keys.end()) {
        problems->Add(absl::StrCat(at, ".values[", j, "]"),
                      absl::StrCat("\"", condition.values(j),
                                   "\" is no value of \"", on->code(), "\""),
                      DidYouMean(condition.values(j), keys));
      }
    }
  }
}

void CheckOrders(const Attributes& all, const v1::CategorySpec& spec,
                 std::string_view path, Problems* problems) {
  for (int i = 0; i < spec.attributes_size(); ++i) {
    const AttributeSpec& own = spec.attributes(i);
    const auto other =
        std::find_if(all.begin(), all.end(), [&](const AttributeSpec& a) {
          return a.order() == own.order() && a.code() != own.code();
        });
    if (own.order() > 0 && other != all.end()) {
      problems->Add(
          absl::StrCat(ToAbsl(path), ".attributes[", i, "].order"),
          absl::StrCat(own.order(), " is also that of \"", other->code(), "\""),
          "questions of one form, inherited ones too, have orders "
          "of their own");
    }
  }
}

}  // namespace

std::shared_ptr<const Attributes> MergeAttributes(
    const std::shared_ptr<const Attributes>& inherited,
    const v1::CategorySpec& spec, std::string_view path, Problems* problems) {
  if (spec.attributes().empty()) return inherited;
  const std::string list = absl::StrCat(ToAbsl(path), ".attributes");
  const auto refuse = [&](size_t count) {
    problems->Add(list, absl::StrCat("has ", count, " questions in all"),
                  absl::StrCat("at most ", limits::kAttributesMax,
                               ", inherited ones counted"));
    return inherited;
  };
  if (spec.attributes().size() > static_cast<int>(limits::kAttributesMax)) {
    return refuse(static_cast<size_t>(spec.attributes_size()));
  }
  Attributes all = *inherited;
  std::set<std::string_view> own;
  for (int i = 0; i < spec.attributes_size(); ++i) {
    const AttributeSpec& a = spec.attributes(i);
    const std::string at = absl::StrCat(ToAbsl(path), ".attributes[", i, "]");
    CheckOne(a, at, problems);
    if (!own.insert(a.code()).second) {
      problems->Add(absl::StrCat(at, ".code"),
                    absl::StrCat("\"", a.code(), "\" is there twice"));
      continue;
    }
    const auto same = std::find_if(
        all.begin(), all.end(),
        [&](const AttributeSpec& other) { return other.code() == a.code(); });
    if (same == all.end()) {
      all.push_back(a);
    } else {
      *same = a;
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const AttributeSpec& a, const AttributeSpec& b) {
                     return a.order() < b.order();
                   });
  if (all.size() > limits::kAttributesMax) return refuse(all.size());
  CheckOrders(all, spec, path, problems);
  for (const AttributeSpec& a : all) {
    const auto written = std::find_if(
        spec.attributes().begin(), spec.attributes().end(),
        [&](const AttributeSpec& o) { return o.code() == a.code(); });
    const bool is_own = written != spec.attributes().end();
    // An inherited question may lose what it depends on to an own one.
    CheckConditions(
        all, a,
        is_own
            ? absl::StrCat(list, "[", written - spec.attributes().begin(), "]")
            : absl::StrCat(list, ": inherited ", a.code()),
        problems);
  }
  return std::make_shared<const Attributes>(std::move(all));
}

}  // namespace hotline::internal
