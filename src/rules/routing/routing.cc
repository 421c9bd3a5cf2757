#include "hotline/routing.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/check.h"
#include "src/base/forest.h"

namespace hotline {

using internal::ToAbsl;

namespace {

constexpr int kNone = internal::Forest::kNone;

// Units or areas: codes with parents. Views are into the table's own strings.
struct Places {
  std::vector<std::string> codes;
  std::vector<int> parents;
  std::unordered_map<std::string_view, int> by_code;

  int Find(std::string_view code) const {
    const auto it = by_code.find(code);
    return it == by_code.end() ? kNone : it->second;
  }
  // The place and those above it, nearest first.
  std::vector<std::string_view> Chain(std::string_view code) const {
    std::vector<std::string_view> chain;
    for (int i = Find(code); i != kNone; i = parents[static_cast<size_t>(i)]) {
      chain.push_back(codes[static_cast<size_t>(i)]);
    }
    return chain;
  }
};

// `Spec` has `code`, `parent` and `names`. Gives the order, parents first.
template <typename Spec>
std::vector<int> ReadPlaces(
    const google::protobuf::RepeatedPtrField<Spec>& specs,
    std::string_view list, std::string_view noun, size_t most, Places* places,
    Problems* problems) {
  if (static_cast<size_t>(specs.size()) > most) {
    problems->Add(list, absl::StrCat("has ", specs.size(), " entries"),
                  absl::StrCat("at most ", most));
    return {};
  }
  std::vector<internal::ForestNode> nodes;
  for (int i = 0; i < specs.size(); ++i) {
    const Spec& spec = specs.Get(i);
    nodes.push_back({spec.code(), spec.parent()});
    places->codes.push_back(spec.code());
    internal::CheckTexts(
        spec.names(), absl::StrCat(ToAbsl(list), "[", i, "].names"), problems);
  }
  const internal::Forest forest(list, noun, std::move(nodes), problems);
  for (int i = 0; i < specs.size(); ++i) {
    places->parents.push_back(forest.parent(i));
  }
  const std::vector<int> order = forest.Order();
  for (const int i : order) {
    places->by_code.emplace(places->codes[static_cast<size_t>(i)], i);
  }
  return order;
}

struct CompiledRoute {
  int index;  // in the policy
  v1::RouteSpec spec;
  internal::Validity validity;
};

// Routes of one category and one area, in the policy's order.
using Bucket = std::vector<CompiledRoute>;

std::string PathOf(const CompiledRoute& route) {
  return absl::StrCat("routes[", route.index, "]");
}

std::string Claim(const v1::RouteSpec& spec) {
  std::string claim = spec.category().empty()
                          ? "any category"
                          : absl::StrCat("category ", spec.category());
  absl::StrAppend(&claim, spec.area().empty()
                              ? ""
                              : absl::StrCat(" in area ", spec.area()));
  if (spec.when() == v1::RouteSpec::IN_HOURS) {
    absl::StrAppend(&claim, " while ", spec.calendar(), " is open");
  } else if (spec.when() == v1::RouteSpec::OUT_OF_HOURS) {
    absl::StrAppend(&claim, " while ", spec.calendar(), " is closed");
  }
  return claim;
}

}  // namespace

struct Routing::Table {
  Places units;
  Places areas;
  std::vector<std::string> unit_calendars;  // own or inherited
  std::vector<bool> external;               // the same
  Calendars calendars;
  absl::TimeZone zone;
  // By category, then by area; empty is any.
  std::unordered_map<std::string, std::unordered_map<std::string, Bucket>>
      routes;

  const Bucket* Find(const std::string& category,
                     const std::string& area) const {
    const auto outer = routes.find(category);
    if (outer == routes.end()) return nullptr;
    const auto inner = outer->second.find(area);
    return inner == outer->second.end() ? nullptr : &inner->second;
  }
};

namespace {

// Reads and checks routes one by one; then those that no case can tell apart.
class RouteReader {
 public:
  RouteReader(const Places& units, const Places& areas,
              const Calendars& calendars, Problems* problems)
      : units_(units),
        areas_(areas),
        calendars_(calendars),
        problems_(problems),
        unit_hints_(&units.codes),
        area_hints_(&areas.codes) {}

  CompiledRoute Read(const v1::RouteSpec& spec, int index) {
    CompiledRoute route{index, spec, {}};
    const std::string path = PathOf(route);
    CheckPlace(spec.unit(), absl::StrCat(path, ".unit"), "unit", units_,
               &unit_hints_);
    if (spec.unit().empty()) {
      problems_->Add(absl::StrCat(path, ".unit"), "is empty",
                     "say where such cases go");
    }
    CheckPlace(spec.area(), absl::StrCat(path, ".area"), "area", areas_,
               &area_hints_);
    CheckHours(spec, path);
    route.validity = internal::ReadValidity(
        spec.valid_from(), spec.valid_until(), path, problems_);
    CheckRival(route, path);
    return route;
  }

 private:
  void CheckPlace(const std::string& code, const std::string& path,
                  std::string_view noun, const Places& places,
                  internal::Hints* hints) {
    if (code.empty() || places.Find(code) != kNone) return;
    problems_->Add(
        path, absl::StrCat("there is no ", ToAbsl(noun), " \"", code, "\""),
        hints->For(code));
  }

  void CheckHours(const v1::RouteSpec& spec, const std::string& path) {
    const std::string at = absl::StrCat(path, ".calendar");
    if (!v1::RouteSpec::When_IsValid(spec.when())) {
      problems_->Add(absl::StrCat(path, ".when"), "is none of the whens",
                     "ALWAYS, IN_HOURS or OUT_OF_HOURS");
    } else if (spec.when() == v1::RouteSpec::ALWAYS) {
      if (!spec.calendar().empty()) {
        problems_->Add(at, "is set on a route that always holds",
                       "set when: IN_HOURS or OUT_OF_HOURS, or leave it out");
      }
    } else if (spec.calendar().empty()) {
      problems_->Add(at, "is empty", "hours need a calendar");
    } else if (calendars_.Find(spec.calendar()) == nullptr) {
      problems_->Add(
          at, absl::StrCat("there is no calendar \"", spec.calendar(), "\""));
    }
  }

  // Two routes that hold for the same cases at all times, to two units.
  void CheckRival(const CompiledRoute& route, const std::string& path) {
    const v1::RouteSpec& spec = route.spec;
    if (!spec.valid_from().empty() || !spec.valid_until().empty()) return;
    const auto [other, is_new] = undated_.try_emplace(
        {spec.category(), spec.area(), spec.when(), spec.calendar()},
        route.index, spec.unit());
    if (is_new || other->second.second == spec.unit()) return;
    problems_->Add(
        absl::StrCat(path, ".unit"),
        absl::StrCat("the same cases go to ", spec.unit(), " and, by routes[",
                     other->second.first, "], to ", other->second.second),
        "take one away, or give them dates or hours");
  }

  const Places& units_;
  const Places& areas_;
  const Calendars& calendars_;
  Problems* const problems_;
  internal::Hints unit_hints_;
  internal::Hints area_hints_;
  std::map<std::tuple<std::string, std::string, int, std::string>,
           std::pair<int, std::string>>
      undated_;
};

// Of the routes of one bucket that hold at this time those that come first:
// with hours before without.
std::vector<const CompiledRoute*> Holding(const Bucket& bucket,
                                          const Calendars& calendars,
                                          std::string_view area, absl::Time at,
                                          absl::CivilDay date) {
  std::vector<const CompiledRoute*> timed;
  std::vector<const CompiledRoute*> always;
  for (const CompiledRoute& route : bucket) {
    if (!route.validity.HoldsOn(date)) continue;
    if (route.spec.when() == v1::RouteSpec::ALWAYS) {
      always.push_back(&route);
      continue;
    }
    // A closure in the case's area, or of the unit, closes the office.
    const Calendar* calendar =
        calendars.Find(route.spec.calendar(), area, route.spec.unit());
    if (calendar == nullptr) continue;
    const bool wants_open = route.spec.when() == v1::RouteSpec::IN_HOURS;
    if (calendar->IsOpen(at) == wants_open) timed.push_back(&route);
  }
  return timed.empty() ? always : timed;
}

// The answer of routes of equal rank; at least one.
Route Decide(const std::vector<const CompiledRoute*>& routes) {
  Route answer;
  std::vector<std::string> units;
  std::vector<std::string> paths;
  for (const CompiledRoute* route : routes) {
    paths.push_back(PathOf(*route));
    if (std::find(units.begin(), units.end(), route->spec.unit()) ==
        units.end()) {
      units.push_back(route->spec.unit());
    }
  }
  if (units.size() == 1) {
    answer.unit = units.front();
    answer.because =
        absl::StrCat(paths.front(), ": ", Claim(routes.front()->spec));
    return answer;
  }
  answer.because =
      absl::StrCat(absl::StrJoin(paths, " and "),
                   " claim it alike: ", Claim(routes.front()->spec));
  answer.ambiguous = std::move(units);
  return answer;
}

}  // namespace

Routing Routing::Compile(const v1::PolicySpec& spec, const Calendars& calendars,
                         Problems* problems) {
  auto table = std::make_shared<Table>();
  table->calendars = calendars;
  if (!absl::LoadTimeZone(spec.time_zone(), &table->zone)) {
    table->zone = absl::UTCTimeZone();  // the policy itself tells the problem
  }
  const std::vector<int> order =
      ReadPlaces(spec.units(), "units", "unit", limits::kUnitsMax,
                 &table->units, problems);
  ReadPlaces(spec.areas(), "areas", "area", limits::kAreasMax, &table->areas,
             problems);
  table->unit_calendars.resize(table->units.codes.size());
  table->external.resize(table->units.codes.size());
  for (const int i : order) {
    const std::string& own = spec.units(i).calendar();
    const int above = table->units.parents[static_cast<size_t>(i)];
    table->external[static_cast<size_t>(i)] =
        spec.units(i).external() ||
        (above != kNone && table->external[static_cast<size_t>(above)]);
    std::string& calendar = table->unit_calendars[static_cast<size_t>(i)];
    if (!own.empty()) {
      calendar = own;
      if (calendars.Find(own) == nullptr) {
        problems->Add(absl::StrCat("units[", i, "].calendar"),
                      absl::StrCat("there is no calendar \"", own, "\""));
      }
    } else if (above != kNone) {
      calendar = table->unit_calendars[static_cast<size_t>(above)];
    }
  }
  Routing routing;
  ReadRoutes(spec, table.get(), problems);
  routing.table_ = std::move(table);
  return routing;
}

void Routing::ReadRoutes(const v1::PolicySpec& spec, Table* table,
                         Problems* problems) {
  if (static_cast<size_t>(spec.routes_size()) > limits::kRoutesMax) {
    problems->Add("routes", absl::StrCat("has ", spec.routes_size(), " routes"),
                  absl::StrCat("at most ", limits::kRoutesMax));
    return;
  }
  RouteReader reader(table->units, table->areas, table->calendars, problems);
  for (int i = 0; i < spec.routes_size(); ++i) {
    const v1::RouteSpec& route = spec.routes(i);
    table->routes[route.category()][route.area()].push_back(
        reader.Read(route, i));
  }
}

Route Routing::Find(std::span<const std::string_view> categories,
                    std::string_view area, absl::Time at,
                    std::string_view fallback) const {
  if (table_ != nullptr && !table_->routes.empty()) {
    std::vector<std::string> category_chain(categories.begin(),
                                            categories.end());
    category_chain.emplace_back();  // any
    std::vector<std::string> area_chain;
    for (const std::string_view a : AreaChain(area)) area_chain.emplace_back(a);
    area_chain.emplace_back();
    const absl::CivilDay date = absl::ToCivilDay(at, table_->zone);
    for (const std::string& category : category_chain) {
      for (const std::string& place : area_chain) {
        const Bucket* bucket = table_->Find(category, place);
        if (bucket == nullptr) continue;
        const auto holding =
            Holding(*bucket, table_->calendars, area, at, date);
        if (!holding.empty()) return Decide(holding);
      }
    }
  }
  Route answer;
  answer.unit = std::string(fallback);
  answer.because = fallback.empty()
                       ? "no route holds, and the category names no unit"
                       : "no route holds: the category's own unit";
  return answer;
}

std::vector<std::string_view> Routing::AreaChain(std::string_view area) const {
  if (table_ == nullptr) return {};
  return table_->areas.Chain(area);
}

std::vector<std::string_view> Routing::UnitChain(std::string_view unit) const {
  if (table_ == nullptr) return {};
  return table_->units.Chain(unit);
}

bool Routing::KnowsUnit(std::string_view unit) const {
  return table_ != nullptr && table_->units.Find(unit) != kNone;
}

bool Routing::KnowsArea(std::string_view area) const {
  return table_ != nullptr && table_->areas.Find(area) != kNone;
}

std::string_view Routing::CalendarOf(std::string_view unit) const {
  if (table_ == nullptr) return "";
  const int i = table_->units.Find(unit);
  if (i == kNone) return "";
  return table_->unit_calendars[static_cast<size_t>(i)];
}

bool Routing::IsExternal(std::string_view unit) const {
  if (table_ == nullptr) return false;
  const int i = table_->units.Find(unit);
  return i != kNone && table_->external[static_cast<size_t>(i)];
}

}  // namespace hotline
