#include "src/readers/inspect/json.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace hotline::internal {

std::string JsonQuote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          absl::StrAppendFormat(&out, "\\u%04x", c);
        } else {
          out += c;
        }
    }
  }
  out += '"';
  return out;
}

void Json::Comma() {
  if (!fresh_) out_ += ',';
  fresh_ = false;
}

Json& Json::Open(char bracket) {
  Comma();
  out_ += bracket;
  fresh_ = true;
  return *this;
}

Json& Json::Close(char bracket) {
  out_ += bracket;
  fresh_ = false;
  return *this;
}

Json& Json::Key(std::string_view key) {
  Comma();
  out_ += JsonQuote(key);
  out_ += ':';
  fresh_ = true;
  return *this;
}

Json& Json::Text(std::string_view value) { return Raw(JsonQuote(value)); }

Json& Json::Number(int64_t value) { return Raw(std::to_string(value)); }

Json& Json::Seconds(int64_t ms) {
  if (ms % 1000 == 0) return Number(ms / 1000);
  return Raw(absl::StrFormat("%s%d.%03d", ms < 0 ? "-" : "",
                             ms < 0 ? -(ms / 1000) : ms / 1000,
                             ms < 0 ? -(ms % 1000) : ms % 1000));
}

Json& Json::Bool(bool value) { return Raw(value ? "true" : "false"); }

Json& Json::Null() { return Raw("null"); }

Json& Json::Raw(std::string_view json) {
  Comma();
  out_ += json;
  return *this;
}

}  // namespace hotline::internal
