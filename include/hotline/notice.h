// Notices: who is told what, and in which words.
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
  // unclosed braces, nobody to tell, no occasion.
  static Notices Compile(
      const google::protobuf::RepeatedPtrField<v1::NoticeSpec>& specs,
      Problems* problems);

  // In the order of the policy. `categories`: the case's, nearest first.
  std::vector<Telling> Plan(const Occasion& occasion,
                            std::span<const std::string_view> categories) const;

  // Fills the notice's templates: {{name}} by the value of that name, anything
  // else literally. Falls back zh-Hant-TW, zh-Hant, zh, the first text.
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
