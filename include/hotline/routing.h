// Routing: which unit a case goes to, and why.
#ifndef HOTLINE_ROUTING_H_
#define HOTLINE_ROUTING_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "hotline/calendar.h"
#include "hotline/error.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

struct Route {
  std::string unit;     // empty: nobody is named
  std::string because;  // `routes[4]: category streetlight in area xinyi`
  // Units of equal claim; with two or more, `unit` is empty.
  std::vector<std::string> ambiguous;
};

class Routing final {
 public:
  // Problems with paths that begin with `routes[i]`, `units[i]`, `areas[i]`.
  // `calendars` must outlive nothing: it is copied.
  static Routing Compile(const v1::PolicySpec& spec, const Calendars& calendars,
                         Problems* problems);

  // `categories`: the case's and its ancestors, nearest first. `fallback`: the
  // category's own unit, used where no route holds.
  Route Find(std::span<const std::string_view> categories,
             std::string_view area, absl::Time at,
             std::string_view fallback) const;

  // The area and those around it, nearest first.
  std::vector<std::string_view> AreaChain(std::string_view area) const;
  // The unit and those above it, nearest first.
  std::vector<std::string_view> UnitChain(std::string_view unit) const;
  bool KnowsUnit(std::string_view unit) const;
  bool KnowsArea(std::string_view area) const;
  // The unit's own calendar or that of the nearest above; may be empty.
  std::string_view CalendarOf(std::string_view unit) const;

 private:
  struct Table;
  std::shared_ptr<const Table> table_;
};

}  // namespace hotline

#endif  // HOTLINE_ROUTING_H_
