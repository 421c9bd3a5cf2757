#include "src/judge/check_command.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "hotline/limits.h"
#include "src/base/time.h"

namespace hotline::internal {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

size_t Lower(int32_t of_policy, size_t of_library) {
  return of_policy > 0 ? std::min<size_t>(of_policy, of_library) : of_library;
}

// The bound of a text by the name of its field: one name, one meaning.
size_t BytesMax(std::string_view name, const v1::LimitsSpec& limits) {
  if (name == "description") {
    return Lower(limits.description_bytes(), limits::kDescriptionBytesMax);
  }
  if (name == "text" || name == "answer" || name == "note" ||
      name == "comment" || name == "task") {
    return Lower(limits.note_bytes(), limits::kNoteBytesMax);
  }
  if (name == "reason" || name == "basis") return limits::kReasonBytesMax;
  if (name == "address") return limits::kAddressBytesMax;
  if (name == "name" || name == "mail" || name == "responsible") {
    return limits::kNameBytesMax;
  }
  if (name == "values") return limits::kAttributeValueBytesMax;
  if (name == "id" || name == "external_id") return limits::kExternalIdBytesMax;
  return limits::kCodeBytesMax;
}

// A citizen's own line breaks are kept in texts; names and codes have none.
bool MayHaveLines(std::string_view name) {
  return name == "description" || name == "text" || name == "answer" ||
         name == "note" || name == "comment" || name == "task" ||
         name == "reason" || name == "address" || name == "values" ||
         name == "basis";
}

// The paths of problems are written when there is one: most commands have none.
class Walker {
 public:
  Walker(const v1::LimitsSpec& limits, const std::string& path,
         Problems* problems)
      : limits_(limits), path_(path), problems_(problems) {}

  void Walk(const Message& message) {
    const Reflection& reflection = *message.GetReflection();
    if (!reflection.GetUnknownFields(message).empty()) {
      Problem("has fields this library does not know",
              "use the words of this release");
    }
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      steps_.push_back({&field->name(), kOne});
      if (field->is_repeated()) {
        Repeated(message, reflection, field);
      } else {
        Field(message, reflection, field);
      }
      steps_.pop_back();
    }
  }

 private:
  static constexpr int kOne = -1;
  struct Step {
    const std::string* name;
    int index;  // kOne: not repeated
  };

  // Where the walk stands.
  std::string At() const {
    std::string path = path_;
    for (const Step& step : steps_) {
      absl::StrAppend(&path, path.empty() ? "" : ".", *step.name);
      if (step.index != kOne) absl::StrAppend(&path, "[", step.index, "]");
    }
    return path;
  }

  void Problem(std::string_view message, std::string_view hint) {
    problems_->Add(At(), message, hint);
  }

  size_t CountMax(std::string_view name) const {
    if (name == "attributes") {
      return Lower(limits_.attributes(), limits::kAttributesMax);
    }
    if (name == "values") return limits::kAttributeValuesMax;
    if (name == "references") return limits::kReferencesPerContactMax;
    return limits::kPartiesMax;
  }

  void Repeated(const Message& message, const Reflection& reflection,
                const FieldDescriptor* field) {
    const int size = reflection.FieldSize(message, field);
    const size_t most = CountMax(field->name());
    if (static_cast<size_t>(size) > most) {
      problems_->AddLimit(At(), absl::StrCat("has ", size, " entries"),
                          absl::StrCat("at most ", most, " are taken"));
      return;
    }
    for (int i = 0; i < size; ++i) {
      steps_.back().index = i;
      Field(message, reflection, field);
    }
  }

  void CheckText(const std::string& text, std::string_view name) {
    const size_t most = BytesMax(name, limits_);
    if (text.size() > most) {
      problems_->AddLimit(
          At(), absl::StrCat("has ", text.size(), " bytes, more than ", most),
          "shorten it");
    } else if (!IsCleanText(text)) {
      Problem("is not clean UTF-8",
              "no control characters but TAB and LF, no broken sequences");
    } else if ((text.find('\n') != text.npos || text.find('\t') != text.npos) &&
               !MayHaveLines(name)) {
      Problem("has a line break or TAB", "write it in one line");
    }
  }

  void Field(const Message& message, const Reflection& reflection,
             const FieldDescriptor* field) {
    const int i = steps_.back().index;
    const bool one = i == kOne;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text =
            one ? reflection.GetStringReference(message, field, &scratch)
                : reflection.GetRepeatedStringReference(message, field, i,
                                                        &scratch);
        if (field->type() == FieldDescriptor::TYPE_STRING) {
          CheckText(text, field->name());
        } else if (text.size() != 32 && text.size() != 16) {
          Problem(absl::StrCat("has ", text.size(), " bytes"),
                  "an id has 16, a SHA-256 has 32");
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        const double number =
            one ? reflection.GetDouble(message, field)
                : reflection.GetRepeatedDouble(message, field, i);
        if (!std::isfinite(number)) {
          Problem("is no finite number", "give degrees");
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value =
            one ? reflection.GetEnumValue(message, field)
                : reflection.GetRepeatedEnumValue(message, field, i);
        if (field->enum_type()->FindValueByNumber(value) == nullptr) {
          Problem(absl::StrCat("has the unknown value ", value),
                  absl::StrCat("one of ", field->enum_type()->name()));
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Inner(one ? reflection.GetMessage(message, field)
                  : reflection.GetRepeatedMessage(message, field, i));
        break;
      default:
        break;
    }
  }

  void Inner(const Message& inner) {
    if (inner.GetDescriptor() != Timestamp::descriptor()) return Walk(inner);
    const auto& instant = static_cast<const Timestamp&>(inner);
    if (!IsValid(instant)) {
      Problem("is no valid instant", "between the years 1 and 9999");
    } else if (FromTimestamp(instant) < absl::FromUnixSeconds(0) ||
               FromTimestamp(instant) >= absl::FromUnixSeconds(6'311'433'600)) {
      Problem("lies outside 1970 to 2169", "calendars know no other years");
    }
  }

  const v1::LimitsSpec& limits_;
  const std::string& path_;
  Problems* const problems_;
  std::vector<Step> steps_;
};

}  // namespace

void CheckForm(const google::protobuf::Message& message,
               const v1::LimitsSpec& limits, const std::string& path,
               Problems* problems) {
  Walker(limits, path, problems).Walk(message);
}

void CheckPlace(const v1::Place& place, const Policy& policy,
                const std::string& path, Problems* problems) {
  if (place.has_latitude() != place.has_longitude()) {
    problems->Add(path, "has only one of latitude and longitude",
                  "give both or neither");
  }
  if (place.has_latitude() && !(std::abs(place.latitude()) <= 90)) {
    problems->Add(path + ".latitude", "is not between -90 and 90",
                  "WGS 84 degrees");
  }
  if (place.has_longitude() && !(std::abs(place.longitude()) <= 180)) {
    problems->Add(path + ".longitude", "is not between -180 and 180",
                  "WGS 84 degrees");
  }
  if (!place.area().empty() && !policy.routing().KnowsArea(place.area())) {
    std::vector<std::string> known;
    for (const auto& area : policy.spec().areas()) known.push_back(area.code());
    const std::string near = Nearest(place.area(), known);
    problems->Add(path + ".area",
                  absl::StrCat("there is no area \"", place.area(), "\""),
                  near.empty() ? "one of the policy's `areas`"
                               : absl::StrCat("did you mean \"", near, "\"?"));
  }
}

}  // namespace hotline::internal
