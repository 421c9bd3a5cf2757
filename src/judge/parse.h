// Texts of messages, with every unknown field told. Shared by policies,
// scenarios and import maps.
#ifndef HOTLINE_SRC_JUDGE_PARSE_H_
#define HOTLINE_SRC_JUDGE_PARSE_H_

#include <string_view>

#include "google/protobuf/message.h"
#include "hotline/error.h"

namespace hotline::internal {

// False if nothing could be read. Unknown fields are problems, and what else
// stands in the text is read all the same.
bool ParseTextproto(std::string_view text, google::protobuf::Message* message,
                    Problems* problems);
bool ParseJson(std::string_view text, google::protobuf::Message* message,
               Problems* problems);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_JUDGE_PARSE_H_
