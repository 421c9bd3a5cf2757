// A JSON array, one element at a time: the elements are cut apart here, and
// protobuf reads each.
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "hotline/error.h"
#include "hotline/intake.h"

namespace hotline {
namespace {

constexpr size_t kElementBytesMax = size_t{1} << 20;
constexpr double kExactMax = 9007199254740992.0;  // 2^53

class JsonReader final : public RowReader {
 public:
  explicit JsonReader(std::istream* in) : in_(in) {}

  absl::StatusOr<bool> Next(ImportRow* row) override {
    *row = ImportRow();
    if (done_) return false;
    int c = SkipBlanks();
    if (!begun_) {
      if (c == 0xEF && in_->get() == 0xBB && in_->get() == 0xBF)
        c = SkipBlanks();
      if (c != '[') return Broken("a JSON array begins with [");
      begun_ = true;
      c = SkipBlanks();
      if (c == ']') return End();
    } else if (c == ']') {
      return End();
    } else if (c == ',') {
      c = SkipBlanks();
    } else {
      return Broken("a comma or ] follows each element");
    }
    row->number = ++rows_;
    row->line = line_;
    return ReadElement(c, row);
  }

 private:
  int Get() {
    const int c = in_->get();
    if (c == '\n') ++line_;
    return c == std::istream::traits_type::eof() ? -1 : c;
  }

  int SkipBlanks() {
    int c = Get();
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') c = Get();
    return c;
  }

  absl::Status Broken(std::string_view what) {
    done_ = true;
    return MakeError(
        v1::ErrorInfo::INVALID_ARGUMENT,
        absl::StrCat("line ", line_, ": ", std::string(what).c_str()));
  }

  absl::StatusOr<bool> End() {
    done_ = true;
    if (SkipBlanks() >= 0) return Broken("nothing may follow the array");
    return false;
  }

  // Cuts one element, whose first byte is `c`, out of the stream.
  absl::StatusOr<bool> ReadElement(int c, ImportRow* row) {
    std::string text;
    bool in_string = false;
    bool too_long = false;
    int depth = 0;
    while (true) {
      if (c < 0) return Broken("the file ends within an element");
      if (text.size() < kElementBytesMax)
        text.push_back(static_cast<char>(c));
      else
        too_long = true;
      if (in_string) {
        if (c == '\\') {
          c = Get();
          if (c >= 0) text.push_back(static_cast<char>(c));
        } else if (c == '"') {
          in_string = false;
        }
      } else if (c == '"') {
        in_string = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        --depth;
      }
      if (depth == 0 && !in_string && AtEnd(in_->peek())) break;
      c = Get();
    }
    if (too_long) {
      row->damage = "too_long";
      row->damage_detail = "has more than 1 MiB";
    } else {
      ParseElement(text, row);
    }
    return true;
  }

  static bool AtEnd(int next) {
    return next == ',' || next == ']' || next == ' ' || next == '\n' ||
           next == '\r' || next == '\t';
  }

  static void ParseElement(const std::string& text, ImportRow* row) {
    google::protobuf::Struct object;
    const auto status =
        google::protobuf::util::JsonStringToMessage(text, &object);
    if (text.front() != '{' || !status.ok()) {
      row->damage = "bad_json";
      row->damage_detail = text.front() != '{' ? "is not an object"
                                               : std::string(status.message());
      return;
    }
    for (const auto& [name, value] : object.fields()) {
      if (value.has_string_value()) {
        row->values.emplace_back(name, value.string_value());
      } else if (value.has_bool_value()) {
        row->values.emplace_back(name, value.bool_value() ? "true" : "false");
      } else if (value.has_number_value()) {
        if (std::abs(value.number_value()) > kExactMax) {
          row->damage = "bad_number";
          row->damage_detail = "has a number in \"" + name +
                               "\" that is too large to be kept; quote it";
        }
        row->values.emplace_back(name, NumberText(value.number_value()));
      }
    }
    if (!row->damage.empty()) row->values.clear();
  }

  static std::string NumberText(double number) {
    if (number == std::floor(number) && std::abs(number) <= kExactMax)
      return absl::StrCat(static_cast<int64_t>(number));
    google::protobuf::Value value;
    value.set_number_value(number);
    std::string text;
    (void)google::protobuf::util::MessageToJsonString(value, &text);
    return text;
  }

  std::istream* const in_;
  bool begun_ = false;
  bool done_ = false;
  int64_t line_ = 1;
  int64_t rows_ = 0;
};

}  // namespace

std::unique_ptr<RowReader> ReadJson(std::istream* in) {
  return std::make_unique<JsonReader>(in);
}

}  // namespace hotline
