// A policy's text: textproto with every unknown field told at once, or JSON.
#include "src/judge/parse.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "hotline/limits.h"
#include "hotline/policy.h"
#include "src/base/absl_bridge.h"

namespace hotline {
namespace internal {
namespace {

constexpr size_t kTextBytesMax = size_t{64} << 20;

// The piece of `text` between the quotes that follow `before`.
std::string Quoted(const std::string& text, const std::string& before) {
  const size_t begin = text.find(before);
  if (begin == std::string::npos) return "";
  const size_t from = begin + before.size();
  const size_t end = text.find('"', from);
  return end == std::string::npos ? "" : text.substr(from, end - from);
}

void FieldNames(const google::protobuf::Descriptor* type,
                std::vector<std::string>* names, int depth) {
  if (type == nullptr || depth > 8) return;
  for (int i = 0; i < type->field_count(); ++i) {
    names->push_back(type->field(i)->name());
    FieldNames(type->field(i)->message_type(), names, depth + 1);
  }
}

std::string DidYouMean(const std::string& word,
                       const google::protobuf::Descriptor* type, bool deep) {
  std::vector<std::string> names;
  if (deep) {
    FieldNames(type, &names, 0);
  } else if (type != nullptr) {
    for (int i = 0; i < type->field_count(); ++i) {
      names.push_back(type->field(i)->name());
    }
  }
  const std::string near = Nearest(word, names);
  return near.empty() ? "see proto/hotline/v1"
                      : absl::StrCat("did you mean \"", near, "\"?");
}

// Unknown fields come as warnings, so that the parser goes on and all are told.
class Collector final : public google::protobuf::io::ErrorCollector {
 public:
  Collector(const google::protobuf::Descriptor* root, Problems* problems)
      : root_(root), problems_(problems) {}

  void AddError(int line, int column, const std::string& message) override {
    problems_->Add(Where(line, column), message, "");
  }

  void AddWarning(int line, int column, const std::string& message) override {
    const std::string field = Quoted(message, "no field named \"");
    const std::string type = Quoted(message, "type \"");
    if (field.empty()) return;
    const auto* found = root_->file()->pool()->FindMessageTypeByName(type);
    problems_->Add(Where(line, column),
                   absl::StrCat("there is no field \"", field, "\" in ", type),
                   DidYouMean(field, found, false));
  }

 private:
  static std::string Where(int line, int column) {
    return absl::StrCat("line ", line + 1, ", column ", column + 1);
  }

  const google::protobuf::Descriptor* const root_;
  Problems* const problems_;
};

bool TooLong(std::string_view text, Problems* problems) {
  if (text.size() <= kTextBytesMax) return false;
  problems->Add("", "is larger than 64 MiB", "split the policy");
  return true;
}

}  // namespace

bool ParseTextproto(std::string_view text, google::protobuf::Message* message,
                    Problems* problems) {
  if (TooLong(text, problems)) return false;
  google::protobuf::TextFormat::Parser parser;
  Collector collector(message->GetDescriptor(), problems);
  parser.RecordErrorsTo(&collector);
  parser.AllowUnknownField(true);
  parser.SetRecursionLimit(limits::kMessageDepthMax);
  const bool parsed = parser.ParseFromString(std::string(text), message);
  if (!parsed && problems->empty()) {
    problems->Add("", "cannot be read as textproto", "see proto/hotline/v1");
  }
  return parsed;
}

bool ParseJson(std::string_view text, google::protobuf::Message* message,
               Problems* problems) {
  if (TooLong(text, problems)) return false;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(text.data(), text.size()), message);
  if (status.ok()) return true;
  const std::string why(status.message().data(), status.message().size());
  // "(calendars[0]) time_zon: Cannot find field."
  const size_t colon = why.find(": Cannot find field");
  if (colon == std::string::npos) {
    problems->Add("", why, "JSON problems are told one at a time");
    return false;
  }
  const size_t begin = why.rfind(' ', colon - 1);
  const std::string field = begin == std::string::npos
                                ? why.substr(0, colon)
                                : why.substr(begin + 1, colon - begin - 1);
  const size_t open = why.find('(');
  const size_t close = why.find(')');
  const std::string path =
      open == 0 && close != std::string::npos ? why.substr(1, close - 1) : "";
  problems->Add(path, absl::StrCat("there is no field \"", field, "\""),
                absl::StrCat(DidYouMean(field, message->GetDescriptor(), true),
                             " JSON problems are told one at a time"));
  return false;
}

}  // namespace internal

namespace {

absl::StatusOr<v1::PolicySpec> Finish(bool parsed, v1::PolicySpec spec,
                                      const Problems& problems) {
  if (!parsed || !problems.empty()) {
    return problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "policy");
  }
  return spec;
}

// Semantic problems of what could be read are told with those of the form.
absl::StatusOr<Policy> Compile(bool parsed, const v1::PolicySpec& spec,
                               Problems problems) {
  if (parsed && problems.empty()) return Policy::Create(spec);
  if (parsed) {
    const auto compiled = Policy::Create(spec);
    const v1::ErrorInfo info = InfoOf(compiled.status());
    for (const v1::Problem& p : info.problems()) {
      problems.Add(p.path(), p.message(), p.hint());
    }
  }
  return problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "policy");
}

}  // namespace

absl::StatusOr<v1::PolicySpec> ParsePolicyTextproto(std::string_view text) {
  v1::PolicySpec spec;
  Problems problems;
  const bool parsed = internal::ParseTextproto(text, &spec, &problems);
  return Finish(parsed, std::move(spec), problems);
}

absl::StatusOr<v1::PolicySpec> ParsePolicyJson(std::string_view text) {
  v1::PolicySpec spec;
  Problems problems;
  const bool parsed = internal::ParseJson(text, &spec, &problems);
  return Finish(parsed, std::move(spec), problems);
}

absl::StatusOr<Policy> Policy::FromTextproto(std::string_view text) {
  v1::PolicySpec spec;
  Problems problems;
  const bool parsed = internal::ParseTextproto(text, &spec, &problems);
  return Compile(parsed, spec, std::move(problems));
}

absl::StatusOr<Policy> Policy::FromJson(std::string_view text) {
  v1::PolicySpec spec;
  Problems problems;
  const bool parsed = internal::ParseJson(text, &spec, &problems);
  return Compile(parsed, spec, std::move(problems));
}

}  // namespace hotline
