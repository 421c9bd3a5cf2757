#include "src/adapters/file_notifier/cloud_event.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/time.h"
#include "src/base/utf8.h"

namespace hotline::internal {
namespace {

void AppendAscii(char c, std::string* out) {
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) {
        out->push_back(c);
      } else {
        absl::StrAppendFormat(out, "\\u%04x", static_cast<unsigned>(c));
      }
  }
}

// Appends `"name":"value",`.
void AppendMember(std::string_view name, std::string_view value,
                  std::string* out) {
  AppendJsonString(name, out);
  out->push_back(':');
  AppendJsonString(value, out);
  out->push_back(',');
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    const size_t length = DecodeUtf8(text).length;
    const std::string_view sequence = text.substr(0, length);
    if (length == 0) {
      out->append("\xef\xbf\xbd");
    } else if (length == 1) {
      AppendAscii(text[0], out);
    } else if (sequence == "\xe2\x80\xa8") {
      out->append("\\u2028");
    } else if (sequence == "\xe2\x80\xa9") {
      out->append("\\u2029");
    } else {
      out->append(sequence);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out->push_back('"');
}

std::string PercentEncoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                            c == '_' || c == '~';
    if (unreserved) {
      out.push_back(c);
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string CloudEventLine(const Envelope& envelope, bool include_text) {
  std::string line = "{";
  AppendMember("specversion", "1.0", &line);
  AppendMember("id", envelope.event_id, &line);
  AppendMember("source",
               absl::StrCat("/", PercentEncoded(envelope.tenant), "/cases/",
                            PercentEncoded(envelope.reference)),
               &line);
  AppendMember("type", envelope.type, &line);
  // An optional attribute must not be empty (CloudEvents 1.0, section 3.1).
  if (!envelope.notice.empty()) AppendMember("subject", envelope.notice, &line);
  AppendMember("time", FormatUtc(envelope.time), &line);
  AppendMember("datacontenttype", "application/json", &line);
  AppendMember("sequence", absl::StrFormat("%010d", envelope.sequence), &line);
  line.append("\"data\":{");
  AppendMember("recipient", envelope.recipient, &line);
  AppendMember("channel", envelope.channel, &line);
  AppendMember("dedupe_key", envelope.dedupe_key, &line);
  AppendMember("locale", envelope.locale, &line);
  if (include_text) {
    AppendMember("subject", envelope.subject, &line);
    AppendMember("text", envelope.text, &line);
  }
  absl::StrAppend(&line, "\"attempt\":", envelope.attempt, "}}");
  return line;
}

}  // namespace hotline::internal
