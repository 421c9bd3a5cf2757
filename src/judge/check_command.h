// What is wrong with a command before any rule is asked: sizes, texts, numbers,
// unknown fields. Everything at once.
#ifndef HOTLINE_SRC_JUDGE_CHECK_COMMAND_H_
#define HOTLINE_SRC_JUDGE_CHECK_COMMAND_H_

#include "google/protobuf/message.h"
#include "hotline/error.h"
#include "hotline/policy.h"
#include "hotline/v1/command.pb.h"

namespace hotline::internal {

// Walks any message from outside: well-formed texts within their bounds, finite
// numbers, valid instants, known enum values, no unknown fields.
void CheckForm(const google::protobuf::Message& message,
               const v1::LimitsSpec& limits, const std::string& path,
               Problems* problems);

// Latitude and longitude both or neither and in range; the area known.
void CheckPlace(const v1::Place& place, const Policy& policy,
                const std::string& path, Problems* problems);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_JUDGE_CHECK_COMMAND_H_
