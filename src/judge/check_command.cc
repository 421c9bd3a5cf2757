#include "src/judge/check_command.h"

#include <algorithm>
#include <cmath>
#include <string>

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

size_t Lower(int32_t of_policy, size_t of_library) {
  return of_policy > 0 ? std::min<size_t>(of_policy, of_library) : of_library;
}

// The bound of a text by the name of its field: one name, one meaning.
size_t BytesMax(const std::string& name, const v1::LimitsSpec& limits) {
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
bool MayHaveLines(const std::string& name) {
  return name == "description" || name == "text" || name == "answer" ||
         name == "note" || name == "comment" || name == "task" ||
         name == "reason" || name == "address" || name == "values" ||
         name == "basis";
}

void CheckText(const std::string& text, const std::string& name,
               const v1::LimitsSpec& limits, const std::string& at,
               Problems* problems) {
  const size_t most = BytesMax(name, limits);
  if (text.size() > most) {
    problems->AddLimit(
        at, absl::StrCat("has ", text.size(), " bytes, more than ", most),
        "shorten it");
  } else if (!IsCleanText(text)) {
    problems->Add(at, "is not clean UTF-8",
                  "no control characters but TAB and LF, no broken sequences");
  } else if (!MayHaveLines(name) &&
             text.find_first_of("\n\t") != std::string::npos) {
    problems->Add(at, "has a line break or TAB", "write it in one line");
  }
}

class Walker {
 public:
  Walker(const v1::LimitsSpec& limits, Problems* problems)
      : limits_(limits), problems_(problems) {}

  void Walk(const Message& message, const std::string& path) {
    const Reflection& reflection = *message.GetReflection();
    if (!reflection.GetUnknownFields(message).empty()) {
      problems_->Add(path, "has fields this library does not know",
                     "use the words of this release");
    }
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const std::string at =
          path.empty() ? field->name() : absl::StrCat(path, ".", field->name());
      if (!field->is_repeated()) {
        Field(message, reflection, field, -1, at);
        continue;
      }
      const int size = reflection.FieldSize(message, field);
      const size_t most = CountMax(field->name());
      if (static_cast<size_t>(size) > most) {
        problems_->AddLimit(at, absl::StrCat("has ", size, " entries"),
                            absl::StrCat("at most ", most, " are taken"));
        continue;
      }
      for (int i = 0; i < size; ++i) {
        Field(message, reflection, field, i, absl::StrCat(at, "[", i, "]"));
      }
    }
  }

 private:
  size_t CountMax(const std::string& name) const {
    if (name == "attributes") {
      return Lower(limits_.attributes(), limits::kAttributesMax);
    }
    if (name == "values") return limits::kAttributeValuesMax;
    if (name == "references") return limits::kReferencesPerContactMax;
    return limits::kPartiesMax;
  }

  void Field(const Message& message, const Reflection& reflection,
             const FieldDescriptor* field, int i, const std::string& at) {
    const bool one = i < 0;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text =
            one ? reflection.GetString(message, field)
                : reflection.GetRepeatedString(message, field, i);
        if (field->type() == FieldDescriptor::TYPE_STRING) {
          CheckText(text, field->name(), limits_, at, problems_);
        } else if (text.size() != 32 && text.size() != 16) {
          problems_->Add(at, absl::StrCat("has ", text.size(), " bytes"),
                         "an id has 16, a SHA-256 has 32");
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        const double number =
            one ? reflection.GetDouble(message, field)
                : reflection.GetRepeatedDouble(message, field, i);
        if (!std::isfinite(number)) {
          problems_->Add(at, "is no finite number", "give degrees");
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value =
            one ? reflection.GetEnumValue(message, field)
                : reflection.GetRepeatedEnumValue(message, field, i);
        if (field->enum_type()->FindValueByNumber(value) == nullptr) {
          problems_->Add(at, absl::StrCat("has the unknown value ", value),
                         absl::StrCat("one of ", field->enum_type()->name()));
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const Message& inner =
            one ? reflection.GetMessage(message, field)
                : reflection.GetRepeatedMessage(message, field, i);
        Inner(inner, at);
        break;
      }
      default:
        break;
    }
  }

  void Inner(const Message& inner, const std::string& at) {
    const auto* instant =
        google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(
            &inner);
    if (instant == nullptr) {
      Walk(inner, at);
    } else if (!IsValid(*instant)) {
      problems_->Add(at, "is no valid instant", "between the years 1 and 9999");
    } else if (FromTimestamp(*instant) < absl::FromUnixSeconds(0) ||
               FromTimestamp(*instant) >=
                   absl::FromUnixSeconds(6'311'433'600)) {
      problems_->Add(at, "lies outside 1970 to 2169",
                     "calendars know no other years");
    }
  }

  const v1::LimitsSpec& limits_;
  Problems* const problems_;
};

}  // namespace

void CheckForm(const google::protobuf::Message& message,
               const v1::LimitsSpec& limits, const std::string& path,
               Problems* problems) {
  Walker(limits, problems).Walk(message, path);
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
