// The one way messages become bytes that are stored or hashed: equal messages,
// equal bytes, within one release of protobuf. Stored bytes are hashed as they
// are and never serialised anew to be compared.
#ifndef HOTLINE_SRC_BASE_DETERMINISTIC_H_
#define HOTLINE_SRC_BASE_DETERMINISTIC_H_

#include <string>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message.h"

namespace hotline::internal {

inline std::string Deterministic(const google::protobuf::Message& message) {
  // At once in its full length: growing would copy it several times.
  std::string out(message.ByteSizeLong(), '\0');
  google::protobuf::io::ArrayOutputStream stream(out.data(),
                                                 static_cast<int>(out.size()));
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&coded);
  return out;
}

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_BASE_DETERMINISTIC_H_
