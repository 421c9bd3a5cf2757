# cmake -DFROM=store.h -DTO=store_header.cc -P EmbedStoreHeader.cmake
# The text of the port, so that a contract can name the line it rests on.
file(READ "${FROM}" text)
file(WRITE "${TO}" "// Made of hotline/store.h by EmbedStoreHeader.cmake.
#include <string_view>
namespace hotline::testing {
extern const std::string_view kStoreHeader;
constinit const std::string_view kStoreHeader = R\"port(${text})port\";
}  // namespace hotline::testing
")
