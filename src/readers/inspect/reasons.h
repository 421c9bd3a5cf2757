// Reasons as the record has them, said in words of any language.
#ifndef HOTLINE_SRC_READERS_INSPECT_REASONS_H_
#define HOTLINE_SRC_READERS_INSPECT_REASONS_H_

#include <string>
#include <string_view>

#include "hotline/inspect.h"
#include "hotline/policy.h"
#include "hotline/v1/event.pb.h"
#include "src/readers/inspect/language.h"

namespace hotline::internal {

// Why a unit has the case, as the routing room wrote it: "routes[3]: category
// streetlight in area xinyi". What it did not write is said as it stands.
Sentence RouteReason(std::string_view because, const Look& look);

// Why something moved, as the fact has it: "pause", "policy 4".
Sentence BecauseOf(std::string_view because);

// "reporter", "unit:lights".
std::string RecipientOf(const v1::Noticed& noticed);
Sentence WhoWas(const std::string& recipient, const Look& look);
Sentence WhyNotTold(const std::string& because);

// Names that the policy gives codes, or the codes. With the code beside it
// where it is another word: "Street lighting (lights)".
Sentence UnitCalled(const std::string& code, const Look& look);
Sentence AreaCalled(const std::string& code, const Look& look);
Sentence CategoryCalled(const std::string& code, const Look& look);
Sentence PriorityCalled(const std::string& code, const Look& look);
Sentence ClockCalled(const std::string& code, int cycle, const Look& look);
Sentence StateCalled(const std::string& state, const std::string& workflow,
                     const Look& look);

// Of the policy, or null.
const v1::LadderSpec* LadderOf(const Policy* policy, const std::string& code);
const v1::LevelSpec* LevelOf(const v1::LadderSpec* ladder,
                             const std::string& code);
std::string NameOfLevel(const v1::LadderSpec* ladder, const std::string& code,
                        std::string_view language);

// "open", "fixed", "closed-not-fixed".
Sentence StatusOf(v1::PublicStatus status);

// How a clock stands: "running, broken", "stopped, kept".
Sentence VerdictOf(const v1::ClockState& clock);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_REASONS_H_
