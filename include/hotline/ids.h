// Ids and references. An id is 16 bytes (UUIDv7, RFC 9562): it grows with time
// and stays inside. A reference is what a citizen is told: random, short,
// sayable on a telephone, with a check character that finds one wrong digit
// and nearly every pair of swapped neighbours (Luhn, over 10 or 32 characters).
//
//   v1::ReferenceSpec spec;                       // DIGITS, no prefix
//   const std::string reference =
//       hotline::MakeReference(spec, entropy->Bytes(16), today, 0);
//   auto stored = hotline::NormalizeReference(spec, "4821 0937 55127");
//   // *stored == "4821-0937-55127"
//
// The three forms:
//   form        stored as           strangers can guess   number in it
//   DIGITS      4821-0937-55127     1 in 10^12            none
//   CROCKFORD   7K3M9-QXDTZ         1 in 3.5 * 10^13      none
//   DATED       20260213-00042-1    easily                cases of the day
//
// A reference is no secret in any form: whoever heard it knows it.
//
// Pure: time and randomness come as arguments. Thread rule: free functions; use
// them anywhere. They keep nothing they are given.
#ifndef HOTLINE_IDS_H_
#define HOTLINE_IDS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

// 48 bits of milliseconds since 1970, then 74 of `random` (at least 10 bytes).
std::string MakeUuidV7(absl::Time now, std::string_view random);

// "0190a1b2-..." for logs. Empty for anything but 16 bytes.
std::string UuidToString(std::string_view id);

// A new reference in its stored form. `random` has at least 16 bytes; `day` and
// `number` matter for DATED only. It may have been given before: references
// are unique by the store, so draw again if it says so.
std::string MakeReference(const v1::ReferenceSpec& spec,
                          std::string_view random, absl::CivilDay day,
                          int64_t number);

// The reference a person typed or said, in its stored form: spaces and hyphens
// are laid anew, Crockford look-alikes (I, L for 1; O for 0), small letters and
// full-width characters are read as meant, the prefix may be left out.
// INVALID_ARGUMENT with a hint if it is none or the check does not hold.
absl::StatusOr<std::string> NormalizeReference(const v1::ReferenceSpec& spec,
                                               std::string_view typed);

}  // namespace hotline

#endif  // HOTLINE_IDS_H_
