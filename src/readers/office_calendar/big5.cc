#include "src/readers/office_calendar/big5.h"

#include <iconv.h>

#include <memory>
#include <type_traits>

namespace hotline::internal {
namespace {

struct Close {
  void operator()(iconv_t converter) const { iconv_close(converter); }
};

using Converter = std::unique_ptr<std::remove_pointer_t<iconv_t>, Close>;

}  // namespace

std::optional<std::string> FromBig5(std::string_view text) {
  const iconv_t opened = iconv_open("UTF-8", "BIG5");
  // iconv's own way to say no. NOLINTNEXTLINE(performance-no-int-to-ptr)
  if (opened == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  const Converter converter(opened);
  // Two bytes of Big5 become three of UTF-8, one stays one.
  std::string out(text.size() * 3, '\0');
  // iconv() reads what it takes by a pointer that is not const.
  char* from = const_cast<char*>(text.data());
  size_t from_left = text.size();
  char* to = out.data();
  size_t to_left = out.size();
  const size_t result =
      iconv(converter.get(), &from, &from_left, &to, &to_left);
  if (result == static_cast<size_t>(-1) || from_left != 0) return std::nullopt;
  out.resize(out.size() - to_left);
  return out;
}

}  // namespace hotline::internal
