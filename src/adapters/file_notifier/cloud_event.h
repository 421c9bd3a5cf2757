// One envelope as a CloudEvents 1.0 event in the JSON format, on one line.
#ifndef HOTLINE_SRC_ADAPTERS_FILE_NOTIFIER_CLOUD_EVENT_H_
#define HOTLINE_SRC_ADAPTERS_FILE_NOTIFIER_CLOUD_EVENT_H_

#include <string>
#include <string_view>

#include "hotline/notifier.h"

namespace hotline::internal {

// `text` between quotes, escaped as RFC 8259 asks; bytes that are not UTF-8 as
// U+FFFD, and U+2028, U+2029 escaped for readers that take them for line ends.
void AppendJsonString(std::string_view text, std::string* out);

// `text` as one segment of a URI path (RFC 3986, section 3.3).
std::string PercentEncoded(std::string_view text);

// Without the line feed.
std::string CloudEventLine(const Envelope& envelope, bool include_text);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_FILE_NOTIFIER_CLOUD_EVENT_H_
