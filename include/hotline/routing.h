// Routing: which unit a case goes to, and why; the trees of units and areas.
//
//   auto routing = hotline::Routing::Compile(spec, calendars, &problems);
//   auto route = routing.Find(category->Chain(), "xinyi", now, category->unit);
//   if (route.unit.empty()) AskADispatcher(route.ambiguous, route.because);
//
// Of the routes that hold, the most specific one decides: the nearest category
// first, then the nearest area, then hours (IN_HOURS, OUT_OF_HOURS) before
// always. Two of equal rank with different units are ambiguous, and nobody is
// named. Dates are those of the policy's zone, first and last included. Hours
// are those of the calendar as it holds in the case's area for the route's
// unit: a closure there closes the office. Where no route holds, the category's
// own unit has it.
//
// Thread rule: immutable; share it between threads. Copies are cheap. Lifetime:
// views it gives live as long as any copy; nothing given needs to outlive it.
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
  // Problems with paths that begin with `routes[i]`, `units[i]`, `areas[i]`:
  // codes empty, unfit or there twice; parents unknown or in a circle; units,
  // areas and calendars that are unknown; a route without a unit; hours without
  // a calendar and a calendar without hours; dates that are none; two routes
  // without dates that send the same cases to two units. Categories are checked
  // by the policy. `calendars` is copied.
  static Routing Compile(const v1::PolicySpec& spec, const Calendars& calendars,
                         Problems* problems);

  // `categories`: the case's and its ancestors, nearest first. `fallback`: the
  // category's own unit, used where no route holds. Costs what the two chains
  // cost, however many routes there are.
  Route Find(std::span<const std::string_view> categories,
             std::string_view area, absl::Time at,
             std::string_view fallback) const;

  // The area and those around it, nearest first. Empty if it is unknown.
  std::vector<std::string_view> AreaChain(std::string_view area) const;
  // The unit and those above it, nearest first. Empty if it is unknown.
  std::vector<std::string_view> UnitChain(std::string_view unit) const;
  bool KnowsUnit(std::string_view unit) const;
  bool KnowsArea(std::string_view area) const;
  // The unit's own calendar or that of the nearest above; may be empty.
  std::string_view CalendarOf(std::string_view unit) const;
  // Not of this city's own administration: a contractor, another authority.
  bool IsExternal(std::string_view unit) const;

 private:
  struct Table;
  static void ReadRoutes(const v1::PolicySpec& spec, Table* table,
                         Problems* problems);
  std::shared_ptr<const Table> table_;
};

}  // namespace hotline

#endif  // HOTLINE_ROUTING_H_
