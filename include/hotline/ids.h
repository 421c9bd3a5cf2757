// Ids and references. An id is 16 bytes (UUIDv7, RFC 9562): it grows with time
// and stays inside. A reference is what a citizen is told: random, short,
// sayable on a telephone, with a check character that finds one wrong digit.
//
// Pure: time and randomness come as arguments.
#ifndef HOTLINE_IDS_H_
#define HOTLINE_IDS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

// 48 bits of milliseconds since 1970, then 74 of `random` (at least 10 bytes).
std::string MakeUuidV7(absl::Time now, std::string_view random);

// "0190a1b2-..." for logs. Empty for anything but 16 bytes.
std::string UuidToString(std::string_view id);

// A new reference. `random` has at least 16 bytes; `day` and `number` matter
// for DATED only.
std::string MakeReference(const v1::ReferenceSpec& spec,
                          std::string_view random, absl::CivilDay day,
                          int64_t number);

// The reference a person typed or said, in its stored form: spaces and hyphens
// are laid anew, Crockford look-alikes (I, L for 1; O for 0) and small letters
// are read as meant. INVALID_ARGUMENT with a hint if the check does not hold.
absl::StatusOr<std::string> NormalizeReference(const v1::ReferenceSpec& spec,
                                               std::string_view typed);

}  // namespace hotline

#endif  // HOTLINE_IDS_H_
