// Big5, in which Taiwan's older public files are written.
#ifndef HOTLINE_SRC_READERS_OFFICE_CALENDAR_BIG5_H_
#define HOTLINE_SRC_READERS_OFFICE_CALENDAR_BIG5_H_

#include <optional>
#include <string>
#include <string_view>

namespace hotline::internal {

// As UTF-8; nullopt if it is no Big5, or the system cannot read it.
std::optional<std::string> FromBig5(std::string_view text);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_READERS_OFFICE_CALENDAR_BIG5_H_
