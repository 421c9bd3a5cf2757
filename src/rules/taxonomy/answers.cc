// Answers to a category's form.
#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "hotline/taxonomy.h"
#include "src/base/absl_bridge.h"
#include "src/base/check.h"
#include "src/base/time.h"

namespace hotline {
namespace {

using internal::ToAbsl;
using v1::AttributeSpec;
using Answers = google::protobuf::RepeatedPtrField<v1::AttributeValue>;

// An empty answer equals an absent one, as in Open311.
bool IsEmpty(const v1::AttributeValue& answer) {
  return std::all_of(answer.values().begin(), answer.values().end(),
                     [](const std::string& value) { return value.empty(); });
}

const v1::AttributeValue* AnswerTo(const Answers& answers,
                                   std::string_view code) {
  for (const v1::AttributeValue& answer : answers) {
    if (answer.code() == code && !IsEmpty(answer)) return &answer;
  }
  return nullptr;
}

// The condition that keeps the question from being asked, or null.
const AttributeSpec::Condition* Unmet(const AttributeSpec& question,
                                      const Answers& answers) {
  for (const auto& condition : question.asked_if()) {
    const v1::AttributeValue* on = AnswerTo(answers, condition.attribute());
    if (on == nullptr) return &condition;
    const bool met =
        condition.values().empty() ||
        std::any_of(on->values().begin(), on->values().end(),
                    [&](const std::string& value) {
                      return std::find(condition.values().begin(),
                                       condition.values().end(),
                                       value) != condition.values().end();
                    });
    if (!met) return &condition;
  }
  return nullptr;
}

// A sign, digits, and a fraction. Never infinite, nor a word that means so.
bool IsDecimal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      text.substr(std::min(point + 1, text.size()));
  const auto digits = [](std::string_view s) {
    return !s.empty() && s.find_first_not_of("0123456789") == s.npos;
  };
  return digits(whole) && (point == text.size() || digits(fraction));
}

class AnswerChecker {
 public:
  AnswerChecker(const Category& category, const Answers& answers,
                std::string_view path, Problems* problems)
      : questions_(*category.attributes),
        category_(category.code),
        answers_(answers),
        path_(path),
        problems_(problems) {}

  void Check() {
    if (answers_.size() > static_cast<int>(limits::kAttributesMax)) {
      problems_->Add(path_, absl::StrCat("has ", answers_.size(), " answers"),
                     absl::StrCat("at most ", limits::kAttributesMax));
      return;
    }
    std::set<std::string_view> seen;
    for (int i = 0; i < answers_.size(); ++i) {
      const v1::AttributeValue& answer = answers_.Get(i);
      const std::string at = absl::StrCat(path_, "[", i, "]");
      const AttributeSpec* question = Find(answer.code());
      if (question == nullptr) {
        AddUnknown(answer.code(), absl::StrCat(at, ".code"));
      } else if (!seen.insert(answer.code()).second) {
        problems_->Add(
            absl::StrCat(at, ".code"),
            absl::StrCat("\"", answer.code(), "\" is answered twice"));
      } else if (!IsEmpty(answer)) {
        CheckAnswer(*question, answer, at);
      }
    }
    for (const AttributeSpec& question : questions_) {
      if (question.required() && Unmet(question, answers_) == nullptr &&
          AnswerTo(answers_, question.code()) == nullptr) {
        problems_->Add(
            path_, absl::StrCat("no answer to \"", question.code(),
                                "\", which ", ToAbsl(category_), " requires"));
      }
    }
  }

 private:
  const AttributeSpec* Find(std::string_view code) const {
    for (const AttributeSpec& question : questions_) {
      if (question.code() == code) return &question;
    }
    return nullptr;
  }

  void AddUnknown(const std::string& code, const std::string& at) {
    std::vector<std::string> known;
    for (const AttributeSpec& question : questions_) {
      if (!question.statement()) known.push_back(question.code());
    }
    // What was sent is echoed only where it is fit to be.
    const bool fit = code.size() <= limits::kCodeBytesMax && IsCleanText(code);
    problems_->Add(at,
                   absl::StrCat(ToAbsl(category_), " has no question \"",
                                fit ? code : "?", "\""),
                   internal::DidYouMean(code, known));
  }

  void CheckAnswer(const AttributeSpec& question,
                   const v1::AttributeValue& answer, const std::string& at) {
    if (question.statement()) {
      problems_->Add(at, absl::StrCat("\"", question.code(),
                                      "\" is a statement and takes no answer"));
      return;
    }
    if (const auto* unmet = Unmet(question, answers_)) {
      problems_->Add(
          at, absl::StrCat("\"", question.code(), "\" was not to be asked"),
          absl::StrCat("it depends on the answer to ", unmet->attribute()));
      return;
    }
    const bool many = question.datatype() == AttributeSpec::MULTIVALUELIST;
    const size_t most = many ? limits::kAttributeValuesMax : 1;
    if (static_cast<size_t>(answer.values_size()) > most) {
      problems_->Add(absl::StrCat(at, ".values"),
                     absl::StrCat("has ", answer.values_size(), " values"),
                     absl::StrCat("at most ", most));
      return;
    }
    std::set<std::string_view> seen;
    for (int i = 0; i < answer.values_size(); ++i) {
      const std::string value_at = absl::StrCat(at, ".values[", i, "]");
      CheckValue(question, answer.values(i), value_at);
      if (many && !seen.insert(answer.values(i)).second) {
        problems_->Add(value_at, "is there twice");
      }
    }
  }

  void CheckValue(const AttributeSpec& question, const std::string& value,
                  const std::string& at) {
    if (value.size() > limits::kAttributeValueBytesMax) {
      problems_->Add(at, absl::StrCat("has ", value.size(), " bytes"),
                     absl::StrCat("at most ", limits::kAttributeValueBytesMax));
      return;
    }
    if (!IsCleanText(value)) {
      problems_->Add(at, "is no clean text",
                     "send UTF-8 without control characters");
      return;
    }
    switch (question.datatype()) {
      case AttributeSpec::NUMBER:
        if (!IsDecimal(value)) {
          problems_->Add(at, "is no decimal number", "write it like -12.5");
        }
        break;
      case AttributeSpec::DATETIME:
        if (!internal::ParseRfc3339(value).ok()) {
          problems_->Add(at, "is no instant",
                         "write it like 2026-02-13T09:00:00+08:00");
        }
        break;
      case AttributeSpec::SINGLEVALUELIST:
      case AttributeSpec::MULTIVALUELIST:
        CheckChoice(question, value, at);
        break;
      default:
        break;
    }
  }

  void CheckChoice(const AttributeSpec& question, const std::string& value,
                   const std::string& at) {
    std::vector<std::string> keys;
    for (const auto& choice : question.values()) {
      if (choice.key() == value) return;
      keys.push_back(choice.key());
    }
    const std::string hint = internal::DidYouMean(value, keys);
    problems_->Add(
        at, absl::StrCat("is none of the values of \"", question.code(), "\""),
        hint.empty() ? "send the key of a value, not its name" : hint);
  }

  const std::vector<AttributeSpec>& questions_;
  const std::string_view category_;
  const Answers& answers_;
  const std::string path_;
  Problems* const problems_;
};

}  // namespace

void Taxonomy::CheckAnswers(
    const Category& category,
    const google::protobuf::RepeatedPtrField<v1::AttributeValue>& answers,
    std::string_view path, Problems* problems) {
  AnswerChecker(category, answers, path, problems).Check();
}

}  // namespace hotline
