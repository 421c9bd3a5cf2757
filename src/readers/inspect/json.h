// Writes JSON in the order it is told, on one line.
#ifndef HOTLINE_SRC_READERS_INSPECT_JSON_H_
#define HOTLINE_SRC_READERS_INSPECT_JSON_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace hotline::internal {

// "text" with quotes. `text` is UTF-8.
std::string JsonQuote(std::string_view text);

// Commas and colons fall where they must:
//
//   Json json;
//   json.Open('{').Key("id").Text("a").Key("levels").Open('[').Close(']');
//   json.Close('}');
//   return json.Take();
class Json {
 public:
  Json& Open(char bracket);   // '{' or '['
  Json& Close(char bracket);  // '}' or ']'
  Json& Key(std::string_view key);
  Json& Text(std::string_view value);
  Json& Number(int64_t value);
  // Milliseconds as seconds, with a fraction only if there is one.
  Json& Seconds(int64_t ms);
  Json& Bool(bool value);
  Json& Null();
  // JSON that is written already.
  Json& Raw(std::string_view json);

  // The two together, for members.
  Json& Text(std::string_view key, std::string_view value) {
    return Key(key).Text(value);
  }

  std::string Take() { return std::move(out_); }

 private:
  void Comma();
  std::string out_;
  bool fresh_ = true;  // nothing before it needs a comma
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_INSPECT_JSON_H_
