// Notices: who is told what, and in which words.
//
//   auto notices = hotline::Notices::Compile(spec.notices(), &problems);
//   hotline::Occasion resolved{.verb = v1::RESOLVE};
//   for (const auto& telling : notices.Plan(resolved, category->Chain()))
//     Queue(telling.notice->code(), telling.to);
//   // later, when it is sent:
//   const std::pair<std::string_view, std::string_view> values[] = {
//       {"reference", "4821-0937-55127"}, {"state", "resolved"}};
//   auto text = notices.Render("done", "zh-Hant-TW", values);
//
// Templates know {{reference}}, {{category}}, {{state}}, {{due}}, {{unit}},
// {{clock}}, {{level}} and {{outcome}}, and nothing else: no logic, no text of
// a citizen. What a value holds is put in as it is and never read again, so
// that {{due}} in a value stays {{due}}. Whoever writes it out for a channel
// escapes it for that channel. A Chinese SMS holds 70 characters.
//
// Thread rule: immutable; share it between threads. Copies are cheap. Lifetime:
// pointers it gives live as long as any copy.
#ifndef HOTLINE_NOTICE_H_
#define HOTLINE_NOTICE_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hotline/error.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

// Something that happened and may be told.
struct Occasion {
  v1::Verb verb = v1::VERB_UNSPECIFIED;  // a verb was done, or
  std::string_view clock;                // a level of this clock
  std::string_view level;                // was recorded, or
  bool due_moved = false;                // a due instant that was told moved
};

// One recipient kind of one notice.
struct Telling {
  const v1::NoticeSpec* notice = nullptr;
  v1::NoticeSpec::Recipient to = v1::NoticeSpec::RECIPIENT_UNSPECIFIED;
};

struct RenderedText {
  std::string subject;
  std::string text;
  std::string language;
};

class Notices final {
 public:
  // Problems with paths that begin with `notices[i]`: unknown variables,
  // unclosed braces, nobody to tell, no occasion, no text, a language twice,
  // TO_ROLE without a role. Roles, clocks, levels and categories are looked up
  // by the policy.
  static Notices Compile(
      const google::protobuf::RepeatedPtrField<v1::NoticeSpec>& specs,
      Problems* problems);

  // In the order of the policy. `categories`: the case's, nearest first. A
  // notice that several things of one occasion call for is planned once.
  std::vector<Telling> Plan(const Occasion& occasion,
                            std::span<const std::string_view> categories) const;

  // Fills the notice's templates: {{name}} by the value of that name, or by
  // nothing. Falls back from zh-Hant-TW to zh-Hant, zh, another Chinese, a text
  // for any language, the first; `language` in the answer is the text's. The
  // subject is one line. Neither is longer than 64 KiB. Empty if there is no
  // such notice.
  RenderedText Render(
      std::string_view notice, std::string_view language,
      std::span<const std::pair<std::string_view, std::string_view>> values)
      const;

  const v1::NoticeSpec* Find(std::string_view code) const;

 private:
  struct Table;
  std::shared_ptr<const Table> table_;
};

}  // namespace hotline

#endif  // HOTLINE_NOTICE_H_
