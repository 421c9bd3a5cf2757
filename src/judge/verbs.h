// One function per verb: the facts it is made of. Legality, clocks and notices
// are the same for all and are judge.cc's.
#ifndef HOTLINE_SRC_JUDGE_VERBS_H_
#define HOTLINE_SRC_JUDGE_VERBS_H_

#include <span>

#include "hotline/v1/command.pb.h"
#include "src/judge/docket.h"

namespace hotline::internal {

// What the command's content needs beyond its form: known codes, required
// fields. `others` are the further cases it names.
void CheckContent(const v1::Command& command, const Docket& docket,
                  std::span<const v1::Case> others, Problems* problems);

// Citizens' own words are sealed; coded answers are figures.
bool IsText(const v1::AttributeValue& answer, const Category& category);

// Adds the verb's own facts.
void DoVerb(const v1::Command& command, absl::Time at,
            std::span<const v1::Case> others, Docket* docket);

// Whether it is words between the city and the reporter, and whose.
v1::Trigger::Message MessageOf(const v1::Command& command,
                               const Docket& docket);

// The facts of an opening. `split_from` is empty but for SPLIT.
void DoOpen(const v1::Open& open, absl::Time at, std::string_view split_from,
            std::string_view dice, Docket* docket);
void CheckOpen(const v1::Open& open, const Policy& policy, absl::Time at,
               const Moment& moment, const std::string& path,
               Problems* problems);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_JUDGE_VERBS_H_
