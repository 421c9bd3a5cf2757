// Texts in several languages: which one a reader is given.
#ifndef HOTLINE_SRC_BASE_LANGUAGE_H_
#define HOTLINE_SRC_BASE_LANGUAGE_H_

#include <string_view>

#include "google/protobuf/repeated_ptr_field.h"
#include "hotline/v1/person.pb.h"

namespace hotline::internal {

// The text in this language (BCP 47, any case), else in the one it belongs to
// (`zh-Hant-TW`, `zh-Hant`, `zh`), else in another of the same family, else the
// one for any language, else the first. Null if there is none at all.
const v1::LocalText* ChooseText(
    const google::protobuf::RepeatedPtrField<v1::LocalText>& texts,
    std::string_view language);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_BASE_LANGUAGE_H_
