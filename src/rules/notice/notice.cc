#include "hotline/notice.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/check.h"
#include "src/base/language.h"
#include "src/rules/notice/template.h"

namespace hotline {

using google::protobuf::RepeatedPtrField;
using internal::Template;

struct Notices::Table {
  struct Compiled {
    const v1::NoticeSpec* spec;
    std::vector<Template> subject;  // one for each language, as in the spec
    std::vector<Template> text;
  };
  RepeatedPtrField<v1::NoticeSpec> specs;
  std::vector<Compiled> notices;
  std::unordered_map<std::string_view, size_t> by_code;
};

namespace {

using Texts = RepeatedPtrField<v1::LocalText>;

std::vector<Template> ParseTexts(const Texts& texts, const std::string& path,
                                 Problems* problems) {
  std::vector<Template> parsed;
  std::set<std::string_view> languages;
  for (int i = 0; i < texts.size(); ++i) {
    const v1::LocalText& text = texts.Get(i);
    const std::string at = absl::StrCat(path, "[", i, "]");
    if (text.text().size() > limits::kNoteBytesMax ||
        !IsCleanText(text.text())) {
      problems->Add(absl::StrCat(at, ".text"), "is too long or no clean text",
                    absl::StrCat("at most ", limits::kNoteBytesMax, " bytes"));
    }
    if (!languages.insert(text.language()).second) {
      problems->Add(absl::StrCat(at, ".language"),
                    absl::StrCat("\"", text.language(), "\" is there twice"));
    }
    parsed.push_back(
        Template::Parse(text.text(), absl::StrCat(at, ".text"), problems));
  }
  return parsed;
}

void CheckOccasion(const v1::NoticeSpec& spec, const std::string& path,
                   Problems* problems) {
  if (spec.verbs().empty() && spec.levels().empty() && !spec.due_moved()) {
    problems->Add(path, "has no occasion",
                  "name verbs or levels, or set due_moved");
  }
  for (int i = 0; i < spec.verbs_size(); ++i) {
    if (spec.verbs(i) == v1::VERB_UNSPECIFIED ||
        !v1::Verb_IsValid(spec.verbs(i))) {
      problems->Add(absl::StrCat(path, ".verbs[", i, "]"), "is no verb");
    }
  }
  for (int i = 0; i < spec.levels_size(); ++i) {
    if (spec.levels(i).level().empty()) {
      problems->Add(absl::StrCat(path, ".levels[", i, "].level"), "is empty",
                    "name a level of the clock's ladder");
    }
  }
}

void CheckRecipients(const v1::NoticeSpec& spec, const std::string& path,
                     Problems* problems) {
  if (spec.to().empty()) {
    problems->Add(absl::StrCat(path, ".to"), "is empty",
                  "say who is told, such as TO_REPORTER");
  }
  std::set<int> seen;
  bool to_role = false;
  for (int i = 0; i < spec.to_size(); ++i) {
    const std::string at = absl::StrCat(path, ".to[", i, "]");
    to_role |= spec.to(i) == v1::NoticeSpec::TO_ROLE;
    if (spec.to(i) == v1::NoticeSpec::RECIPIENT_UNSPECIFIED ||
        !v1::NoticeSpec::Recipient_IsValid(spec.to(i))) {
      problems->Add(at, "is no recipient");
    } else if (!seen.insert(spec.to(i)).second) {
      problems->Add(at, "is there twice", "nobody is told one thing twice");
    }
  }
  if (to_role && spec.role().empty()) {
    problems->Add(absl::StrCat(path, ".role"), "is empty",
                  "TO_ROLE needs the code of a role");
  }
  if (!to_role && !spec.role().empty()) {
    problems->Add(absl::StrCat(path, ".role"),
                  "is set, but nobody is told by it", "add TO_ROLE");
  }
}

bool Fits(const v1::NoticeSpec& spec, const Occasion& occasion) {
  if (occasion.due_moved && spec.due_moved()) return true;
  if (occasion.verb != v1::VERB_UNSPECIFIED &&
      std::find(spec.verbs().begin(), spec.verbs().end(), occasion.verb) !=
          spec.verbs().end()) {
    return true;
  }
  return !occasion.level.empty() &&
         std::any_of(spec.levels().begin(), spec.levels().end(),
                     [&](const v1::NoticeSpec::Level& level) {
                       return level.level() == occasion.level &&
                              (level.clock().empty() ||
                               level.clock() == occasion.clock);
                     });
}

bool Concerns(const v1::NoticeSpec& spec,
              std::span<const std::string_view> categories) {
  return spec.categories().empty() ||
         std::any_of(spec.categories().begin(), spec.categories().end(),
                     [&](const std::string& code) {
                       return std::find(categories.begin(), categories.end(),
                                        code) != categories.end();
                     });
}

// The template of the text in this language; null if there is no text.
const Template* Choose(const Texts& texts, const std::vector<Template>& parsed,
                       std::string_view language, std::string* chosen) {
  const v1::LocalText* text = internal::ChooseText(texts, language);
  for (int i = 0; i < texts.size(); ++i) {
    if (&texts.Get(i) != text) continue;
    *chosen = text->language();
    return &parsed[static_cast<size_t>(i)];
  }
  return nullptr;
}

// A subject is one line: whoever sends it must not find a header in it.
void MakeOneLine(std::string* text) {
  for (char& c : *text) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) c = ' ';
  }
}

}  // namespace

Notices Notices::Compile(const RepeatedPtrField<v1::NoticeSpec>& specs,
                         Problems* problems) {
  auto table = std::make_shared<Table>();
  table->specs = specs;
  for (int i = 0; i < table->specs.size(); ++i) {
    const v1::NoticeSpec& spec = table->specs.Get(i);
    const std::string path = absl::StrCat("notices[", i, "]");
    internal::CheckCode(spec.code(), absl::StrCat(path, ".code"), problems);
    if (!table->by_code.emplace(spec.code(), table->notices.size()).second) {
      problems->Add(absl::StrCat(path, ".code"),
                    absl::StrCat("\"", spec.code(), "\" is there twice"),
                    "every notice has a code of its own");
    }
    CheckOccasion(spec, path, problems);
    CheckRecipients(spec, path, problems);
    if (!spec.channel().empty()) {
      internal::CheckCode(spec.channel(), absl::StrCat(path, ".channel"),
                          problems);
    }
    if (spec.text().empty()) {
      problems->Add(absl::StrCat(path, ".text"), "is empty",
                    "say it in at least one language");
    }
    table->notices.push_back(
        {&spec,
         ParseTexts(spec.subject(), absl::StrCat(path, ".subject"), problems),
         ParseTexts(spec.text(), absl::StrCat(path, ".text"), problems)});
  }
  Notices notices;
  notices.table_ = std::move(table);
  return notices;
}

std::vector<Telling> Notices::Plan(
    const Occasion& occasion,
    std::span<const std::string_view> categories) const {
  std::vector<Telling> plan;
  if (table_ == nullptr) return plan;
  for (const v1::NoticeSpec& spec : table_->specs) {
    if (!Fits(spec, occasion) || !Concerns(spec, categories)) continue;
    for (const int to : spec.to()) {
      plan.push_back({&spec, static_cast<v1::NoticeSpec::Recipient>(to)});
    }
  }
  return plan;
}

RenderedText Notices::Render(
    std::string_view notice, std::string_view language,
    std::span<const std::pair<std::string_view, std::string_view>> values)
    const {
  RenderedText rendered;
  if (table_ == nullptr) return rendered;
  const auto it = table_->by_code.find(notice);
  if (it == table_->by_code.end()) return rendered;
  const Table::Compiled& found = table_->notices[it->second];
  std::string ignored;
  if (const Template* subject =
          Choose(found.spec->subject(), found.subject, language, &ignored)) {
    rendered.subject = subject->Render(values);
    MakeOneLine(&rendered.subject);
  }
  if (const Template* text = Choose(found.spec->text(), found.text, language,
                                    &rendered.language)) {
    rendered.text = text->Render(values);
  }
  return rendered;
}

const v1::NoticeSpec* Notices::Find(std::string_view code) const {
  if (table_ == nullptr) return nullptr;
  const auto it = table_->by_code.find(code);
  return it == table_->by_code.end() ? nullptr
                                     : table_->notices[it->second].spec;
}

}  // namespace hotline
