// Checks that every room makes of what a policy says, in the same words.
#ifndef HOTLINE_SRC_BASE_CHECK_H_
#define HOTLINE_SRC_BASE_CHECK_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "hotline/error.h"
#include "hotline/v1/person.pb.h"

namespace hotline::internal {

// A code: not empty, not too long, nothing in it that hurts.
bool CheckCode(std::string_view code, std::string_view path,
               Problems* problems);

// Texts and their language tags.
void CheckTexts(const google::protobuf::RepeatedPtrField<v1::LocalText>& texts,
                std::string_view path, Problems* problems);

// A hint that names the nearest word, or "".
std::string DidYouMean(std::string_view word,
                       const std::vector<std::string>& known);

// First and last date on which something holds.
struct Validity {
  std::optional<absl::CivilDay> from;
  std::optional<absl::CivilDay> until;

  bool HoldsOn(absl::CivilDay date) const {
    return (!from || date >= *from) && (!until || date <= *until);
  }
};

// Of fields `valid_from` and `valid_until` under `path`; empty is open-ended.
Validity ReadValidity(const std::string& from, const std::string& until,
                      std::string_view path, Problems* problems);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_BASE_CHECK_H_
