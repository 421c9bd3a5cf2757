#include "src/cli/export_forms.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "src/cli/csv.h"
#include "src/cli/io.h"

namespace hotline::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string Instant(const google::protobuf::Timestamp& t) {
  const absl::Time at =
      absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", at, absl::UTCTimeZone());
}

bool IsInstant(const FieldDescriptor& field) {
  return field.message_type() == google::protobuf::Timestamp::descriptor();
}

// A field's value as a cell; empty for one that is not set.
std::string Value(const Message& in, const FieldDescriptor& field) {
  const auto& reflection = *in.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(in, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnumValue(in, &field) == 0
                 ? ""
                 : reflection.GetEnum(in, &field)->name();
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(in, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(in, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (!reflection.HasField(in, &field)) return "";
      google::protobuf::Timestamp at;
      at.CopyFrom(reflection.GetMessage(in, &field));
      return Instant(at);
    }
    default:
      return "";
  }
}

bool IsMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

const FieldDescriptor* CellField(const Message& in, const std::string& name) {
  const FieldDescriptor* field = in.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated()) return nullptr;
  return IsMessage(*field) && !IsInstant(*field) ? nullptr : field;
}

// What a kind of fact says under the name of a column: in its own message, or
// in the one it is about. The `due` of a ClockSet is that of its clock.
std::string Find(const Message& fact, const std::string& name) {
  if (const FieldDescriptor* own = CellField(fact, name)) {
    return Value(fact, *own);
  }
  std::vector<const FieldDescriptor*> set;
  fact.GetReflection()->ListFields(fact, &set);
  for (const FieldDescriptor* field : set) {
    if (!IsMessage(*field) || field->is_repeated() || IsInstant(*field)) {
      continue;
    }
    const Message& about = fact.GetReflection()->GetMessage(fact, field);
    if (const FieldDescriptor* in = CellField(about, name)) {
      return Value(about, *in);
    }
  }
  return "";
}

// Of the facts, what people count and filter by. The rest is in the JSON form.
constexpr std::string_view kFactColumns[] = {
    "from",      "to",         "phase",       "public_status", "category",
    "workflow",  "priority",   "unit",        "assignee",      "area",
    "channel",   "language",   "clock",       "cycle",         "state",
    "due",       "breached",   "level",       "generation",    "breach",
    "outcome",   "fixed",      "responsible", "because",       "for",
    "until",     "visibility", "score",       "kind",          "notice",
    "recipient", "not_because"};

// Name and message of the fact that is set.
struct Kind {
  std::string name;
  const Message* message = nullptr;
};

Kind KindOf(const v1::Fact& fact) {
  const auto& reflection = *fact.GetReflection();
  const FieldDescriptor* field = reflection.GetOneofFieldDescriptor(
      fact, fact.GetDescriptor()->FindOneofByName("kind"));
  if (field == nullptr) return {};
  return {field->name(), &reflection.GetMessage(fact, field)};
}

std::string TextOf(const v1::Fact& fact, const v1::EventSealed& sealed) {
  const int index = fact.noted().text();
  return fact.has_noted() && index >= 0 && index < sealed.texts_size()
             ? sealed.texts(index)
             : "";
}

}  // namespace

std::string ChangesCsvHeader() {
  std::vector<std::string> head = {"reference",   "version", "recorded_at",
                                   "verb",        "actor",   "policy_version",
                                   "fact_number", "fact",    "at"};
  head.insert(head.end(), std::begin(kFactColumns), std::end(kFactColumns));
  head.insert(head.end(), {"text", "personal"});
  return CsvRow(head);
}

std::string ChangeToCsv(const v1::Change& change) {
  const v1::Event& event = change.event();
  std::string rows;
  for (int i = 0; i == 0 || i < event.facts_size(); ++i) {
    const bool some = i < event.facts_size();
    const v1::Fact& fact = some ? event.facts(i) : v1::Fact::default_instance();
    const Kind kind = KindOf(fact);
    std::vector<std::string> cells = {change.reference(),
                                      absl::StrCat(event.version()),
                                      Instant(event.recorded_at()),
                                      v1::Verb_Name(event.verb()),
                                      event.actor(),
                                      absl::StrCat(event.policy_version()),
                                      some ? absl::StrCat(i + 1) : "",
                                      kind.name,
                                      fact.has_at() ? Instant(fact.at()) : ""};
    for (const std::string_view column : kFactColumns) {
      cells.push_back(kind.message == nullptr
                          ? ""
                          : Find(*kind.message, std::string(column)));
    }
    cells.push_back(TextOf(fact, event.sealed()));
    cells.push_back(i == 0 && event.sealed().has_changes()
                        ? ToJson(event.sealed().changes())
                        : "");
    rows += CsvRow(cells);
  }
  return rows;
}

std::string ChangeToJsonLine(const v1::Change& change) {
  return ToJson(change) + "\n";
}

}  // namespace hotline::cli
