// Views by the (see) marks. The marks are looked up as they are met: that is
// one read of a field's options, cheaper than a cache that threads must share.
#include "hotline/access.h"
#include "hotline/v1/audience.pb.h"

namespace hotline {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool Sees(const View& view, const FieldDescriptor& field) {
  switch (field.options().GetExtension(v1::see)) {
    case v1::PUBLIC:
      return true;
    case v1::REPORTER:
      return view.reporter || view.internal;
    case v1::INTERNAL:
      return view.internal;
    case v1::PERSONAL:
      return view.personal;
    default:  // SECRET, and whatever a later release adds
      return false;
  }
}

// Messages of others, such as Timestamp, bear no marks: the field that holds
// one decides.
bool IsOurs(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type()->file()->package() ==
             v1::Case::descriptor()->file()->package();
}

}  // namespace

void Mask(const View& view, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  // What this release does not know, it cannot know to be harmless.
  reflection.MutableUnknownFields(message)->Clear();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!Sees(view, *field)) {
      reflection.ClearField(message, field);
    } else if (IsOurs(*field) && field->is_repeated()) {
      const int size = reflection.FieldSize(*message, field);
      for (int i = 0; i < size; ++i) {
        Mask(view, reflection.MutableRepeatedMessage(message, field, i));
      }
    } else if (IsOurs(*field)) {
      Mask(view, reflection.MutableMessage(message, field));
    }
  }
}

}  // namespace hotline
