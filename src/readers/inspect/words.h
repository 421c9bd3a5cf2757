// Words for people: instants, durations, names, targets.
#ifndef HOTLINE_SRC_READERS_INSPECT_WORDS_H_
#define HOTLINE_SRC_READERS_INSPECT_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/policy.pb.h"

namespace hotline::internal {

// "Fri 2026-02-13 09:00"; seconds only if there are any.
std::string LocalInstant(absl::Time at, absl::TimeZone zone);
// "09:00"; "24:00" for the midnight that ends `date`.
std::string LocalTimeOfDay(absl::Time at, absl::CivilDay date,
                           absl::TimeZone zone);
// "Fri 2026-02-13".
std::string DateWords(absl::CivilDay date);
// "2 h 10 min", "45 s", "3 d 4 h" for elapsed time of days.
std::string DurationWords(absl::Duration d);

// "close_and_follow_up" for CLOSE_AND_FOLLOW_UP.
std::string LowerCase(std::string_view name);

// "open", "fixed", "closed-not-fixed".
std::string PublicStatusWord(v1::PublicStatus status);

// The text in this language, else in a near one, else any, else `otherwise`.
std::string NameIn(
    const google::protobuf::RepeatedPtrField<v1::LocalText>& names,
    std::string_view language, std::string_view otherwise);

// "two working days, to the last closing; what comes at or after 17:00 counts
// as of the next working day at 08:30".
std::string TargetWords(const v1::TargetSpec& target,
                        std::string_view language = "en");
// "for priority high in area xinyi", or empty.
std::string TargetScope(const v1::TargetSpec& target);

// "75 % of the target", "2 h before due", "the breach", "24 h after due".
std::string LevelWords(const v1::LevelSpec& level,
                       std::string_view language = "en");

// Columns that `text` takes in a terminal; East Asian wide characters take two.
int DisplayWidth(std::string_view text);
std::string PadRight(std::string_view text, int columns);

// Does no source give the target? What a policy says of all its figures holds
// for those that name no source of their own.
bool IsIllustrative(const v1::PolicySpec& policy, const v1::TargetSpec& target);

// Text safe inside XML.
std::string XmlEscape(std::string_view text);

// An identifier of ASCII letters, digits and _ made from any text.
std::string Identifier(std::string_view text);

// Lines of a table with aligned columns, two spaces between.
std::string AlignedTable(const std::vector<std::vector<std::string>>& rows,
                         std::string_view indent = "");

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_WORDS_H_
