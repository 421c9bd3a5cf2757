// Bounds on everything the library takes, in one place. A policy may lower the
// ones it names; nothing raises them. Sizes are bytes of UTF-8.
//
// Each bound is checked before anything is written; what is past it is refused
// with the reason LIMIT_EXCEEDED, which names the field and the bound. Counts
// of a call of hotline/store.h are its shape: past one, INVALID_ARGUMENT.
#ifndef HOTLINE_LIMITS_H_
#define HOTLINE_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace hotline::limits {

// Texts.
inline constexpr size_t kDescriptionBytesMax = 20'000;
inline constexpr size_t kNoteBytesMax = 20'000;
inline constexpr size_t kReasonBytesMax = 4'000;
inline constexpr size_t kNameBytesMax = 400;
inline constexpr size_t kAddressBytesMax = 1'000;
inline constexpr size_t kCodeBytesMax = 128;
inline constexpr size_t kKeyBytesMax = 128;
inline constexpr size_t kExternalIdBytesMax = 200;

// Counts in one case.
inline constexpr size_t kAttributesMax = 64;
inline constexpr size_t kAttributeValuesMax = 64;
inline constexpr size_t kAttributeValueBytesMax = 4'096;
inline constexpr size_t kPartiesMax = 50;
inline constexpr size_t kAttachmentsMax = 20;
inline constexpr int64_t kAttachmentBytesMax = int64_t{1} << 32;
inline constexpr size_t kLinksMax = 200;
inline constexpr size_t kEventsPerCaseMax = 10'000;
inline constexpr size_t kClocksPerCaseMax = 16;
inline constexpr size_t kMarksPerClockMax = 1'000;
inline constexpr size_t kReferencesPerContactMax = 50;

// A stored body, and the nesting of a message.
inline constexpr size_t kBodyBytesMax = size_t{1} << 20;
inline constexpr int kMessageDepthMax = 32;

// A policy.
inline constexpr size_t kCategoriesMax = 50'000;
inline constexpr int kCategoryDepthMax = 16;
inline constexpr size_t kCalendarsMax = 1'000;
inline constexpr size_t kUnitsMax = 10'000;
inline constexpr size_t kAreasMax = 20'000;
inline constexpr size_t kRoutesMax = 100'000;
inline constexpr size_t kProblemsMax = 1'000;
inline constexpr int64_t kTargetYearsMax = 100;
// How often a level repeats, whatever its ladder says: daily for a year.
inline constexpr int kLevelRepeatsMax = 366;

// Calls.
inline constexpr int kCasesPerWriteMax = 8;
inline constexpr int kPageItemsMax = 1'000;
inline constexpr int kPageItemsDefault = 50;
inline constexpr int kRowsReadPerFindMax = 10'000;
inline constexpr int kReferencesPerFindMax = 1'000;
inline constexpr int kBatchCommandsMax = 1'000;
inline constexpr int kJudgeAgainMax = 5;

}  // namespace hotline::limits

#endif  // HOTLINE_LIMITS_H_
