// The calendars of a policy: which closures hold where, and one compiled
// calendar for each set of closures that holds somewhere.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "hotline/calendar.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/rules/calendar/table.h"

namespace hotline {
namespace {

using internal::BlockPool;
using internal::Closure;
using internal::Plan;
using internal::Stretch;
using internal::Timetable;
using internal::ToAbsl;
using internal::YearBlock;

using Areas = google::protobuf::RepeatedPtrField<v1::AreaSpec>;
using ParentMap = absl::flat_hash_map<std::string, std::string>;
using ClosureSet = std::vector<size_t>;  // places in Plan::closures, ascending

// Each area's parent, without those that would close a circle: whoever checks
// areas tells of these; here a walk up must only end.
ParentMap ParentsOf(const Areas& areas) {
  ParentMap parents;
  for (const v1::AreaSpec& area : areas) {
    if (!area.parent().empty()) parents.emplace(area.code(), area.parent());
  }
  absl::flat_hash_map<std::string, int> walked;  // by the number of the walk
  for (int walk = 0; walk < areas.size(); ++walk) {
    std::string code = areas[walk].code();
    while (walked.emplace(code, walk).second) {
      const auto parent = parents.find(code);
      if (parent == parents.end()) break;
      if (const auto met = walked.find(parent->second);
          met != walked.end() && met->second == walk) {
        parents.erase(parent);
        break;
      }
      code = parent->second;
    }
  }
  return parents;
}

std::vector<std::string> SortedCodes(const Areas& areas) {
  std::vector<std::string> codes;
  for (const v1::AreaSpec& area : areas) codes.push_back(area.code());
  std::sort(codes.begin(), codes.end());
  return codes;
}

// Codes that closures name, and what kind of place each is: those for which the
// same closures hold are of one kind. Kind 0 is every place not named.
struct Kinds {
  absl::flat_hash_map<std::string, size_t> of_code;
  std::vector<ClosureSet> closures = {{}};  // by kind

  size_t Of(std::string_view code) const {
    const auto it = of_code.find(ToAbsl(code));
    return it == of_code.end() ? 0 : it->second;
  }
};

// `names` gives the codes of a closure; `parents` leads to what encloses one.
Kinds FindKinds(const std::vector<Closure>& closures,
                std::vector<std::string> Closure::*names,
                const ParentMap& parents) {
  std::map<std::string, ClosureSet> named;
  for (size_t i = 0; i < closures.size(); ++i) {
    for (const std::string& code : closures[i].*names) named[code].push_back(i);
  }
  Kinds kinds;
  std::map<ClosureSet, size_t> kind_of = {{{}, 0}};
  for (const auto& [code, own] : named) {
    std::set<size_t> all(own.begin(), own.end());
    for (auto up = parents.find(code); up != parents.end();
         up = parents.find(up->second)) {
      const auto enclosing = named.find(up->second);
      if (enclosing == named.end()) continue;
      all.insert(enclosing->second.begin(), enclosing->second.end());
    }
    const ClosureSet set(all.begin(), all.end());
    const auto [kind, fresh] = kind_of.emplace(set, kinds.closures.size());
    if (fresh) kinds.closures.push_back(set);
    kinds.of_code.emplace(code, kind->second);
  }
  return kinds;
}

bool Has(const ClosureSet& set, size_t i) {
  return std::binary_search(set.begin(), set.end(), i);
}

// The closures that hold for a kind of area and a kind of unit.
ClosureSet HoldingFor(const std::vector<Closure>& closures,
                      const ClosureSet& for_area, const ClosureSet& for_unit) {
  ClosureSet holding;
  for (size_t i = 0; i < closures.size(); ++i) {
    if ((closures[i].areas.empty() || Has(for_area, i)) &&
        (closures[i].units.empty() || Has(for_unit, i))) {
      holding.push_back(i);
    }
  }
  return holding;
}

std::vector<Stretch> TimesOf(const std::vector<Closure>& closures,
                             const ClosureSet& set) {
  std::vector<Stretch> times;
  for (const size_t i : set) times.push_back(closures[i].during);
  internal::Merge(&times);
  return times;
}

// What the hours without closures are made of.
std::string HoursPart(v1::CalendarSpec spec) {
  spec.clear_closures();
  spec.clear_revision();
  spec.clear_source();
  spec.clear_illustrative();
  return spec.SerializeAsString();
}

}  // namespace

struct Calendars::Shelf {
  struct Entry {
    std::string hours_part;  // what `through` was compiled from
    Calendar through;        // no closure cut out
    Kinds areas;
    Kinds units;
    std::vector<Calendar> calendars;
    std::vector<size_t> places;  // of area kind * unit kinds + unit kind
  };

  // Everything of one calendar, or nullopt with problems.
  static std::optional<Entry> Compile(const v1::CalendarSpec& spec,
                                      const std::string& prefix,
                                      const std::vector<std::string>& codes,
                                      const ParentMap& parents,
                                      const Shelf* earlier, BlockPool* pool,
                                      Problems* problems);

  size_t MemoryBytes(std::unordered_set<const YearBlock*>* seen) const {
    size_t bytes = 0;
    for (const auto& [id, entry] : entries) {
      bytes += entry.through.table_->times.MemoryBytes(seen);
      for (const Calendar& calendar : entry.calendars) {
        if (calendar.table_ == entry.through.table_) continue;
        bytes += calendar.table_->times.MemoryBytes(seen);
      }
    }
    return bytes;
  }

  // Revisions share years with what they revise.
  void OfferBlocks(BlockPool* pool) const {
    for (const auto& [id, entry] : entries) {
      entry.through.table_->times.OfferBlocks(pool);
      for (const Calendar& calendar : entry.calendars) {
        calendar.table_->times.OfferBlocks(pool);
      }
    }
  }

  absl::flat_hash_map<std::string, Entry> entries;
  ParentMap parents;
};

std::optional<Calendars::Shelf::Entry> Calendars::Shelf::Compile(
    const v1::CalendarSpec& spec, const std::string& prefix,
    const std::vector<std::string>& codes, const ParentMap& parents,
    const Shelf* earlier, BlockPool* pool, Problems* problems) {
  const size_t problems_before = problems->size();
  const Plan plan = internal::ReadPlan(spec, prefix, codes, problems);
  if (problems->size() != problems_before) return std::nullopt;

  const auto wrap = [&plan](Timetable times) {
    return Calendar(std::make_shared<const Calendar::Table>(Calendar::Table{
        plan.id, plan.zone, plan.complete_until, std::move(times)}));
  };
  std::string hours_part = HoursPart(spec);
  std::optional<Calendar> through;
  if (earlier != nullptr) {
    const auto it = earlier->entries.find(plan.id);
    if (it != earlier->entries.end() && it->second.hours_part == hours_part) {
      through = it->second.through;
    }
  }
  if (!through) through = wrap(Timetable::Build(plan, pool));
  const Timetable& times = through->table_->times;
  if (times.NeverOpens()) {
    problems->Add(prefix + "weekly", "the calendar never opens",
                  "give it hours that holidays and breaks leave open");
    return std::nullopt;
  }
  if (times.NeverWorks()) {
    problems->Add(
        prefix + "working_day_min",
        absl::StrCat("no date has ", spec.working_day_min(), " of open time"),
        "give what a half day must have to count");
    return std::nullopt;
  }

  Entry entry{std::move(hours_part),
              *through,
              FindKinds(plan.closures, &Closure::areas, parents),
              FindKinds(plan.closures, &Closure::units, {}),
              {},
              {}};
  std::map<ClosureSet, size_t> place_of;
  for (const ClosureSet& for_area : entry.areas.closures) {
    for (const ClosureSet& for_unit : entry.units.closures) {
      const ClosureSet set = HoldingFor(plan.closures, for_area, for_unit);
      const auto [place, fresh] = place_of.emplace(set, entry.calendars.size());
      entry.places.push_back(place->second);
      if (!fresh) continue;
      entry.calendars.push_back(
          set.empty()
              ? *through
              : wrap(times.Without(plan, TimesOf(plan.closures, set), pool)));
      if (entry.calendars.back().table_->times.NeverOpens()) {
        problems->Add(prefix + "closures",
                      "no hours are left once they are cut out",
                      "let a closure end when it is over");
        return std::nullopt;
      }
    }
  }
  return entry;
}

Calendars::Calendars() : shelf_(std::make_shared<const Shelf>()) {}

Calendars Calendars::Compile(
    const google::protobuf::RepeatedPtrField<v1::CalendarSpec>& specs,
    const Areas& areas, Problems* problems, const Calendars* earlier) {
  Calendars result;
  if (static_cast<size_t>(specs.size()) > limits::kCalendarsMax) {
    problems->Add("calendars",
                  absl::StrCat("there are ", specs.size(), ", more than ",
                               limits::kCalendarsMax),
                  "let units share calendars");
    return result;
  }
  auto shelf = std::make_shared<Shelf>();
  shelf->parents = ParentsOf(areas);
  const std::vector<std::string> codes = SortedCodes(areas);
  BlockPool pool;
  if (earlier != nullptr) earlier->shelf_->OfferBlocks(&pool);
  absl::flat_hash_map<std::string, int> first_of;
  for (int i = 0; i < specs.size(); ++i) {
    const std::string prefix = absl::StrCat("calendars[", i, "].");
    const auto [first, fresh] = first_of.emplace(specs[i].id(), i);
    if (!fresh && !specs[i].id().empty()) {
      problems->Add(prefix + "id",
                    absl::StrCat("\"", specs[i].id(), "\" is also calendars[",
                                 first->second, "]"),
                    "give each calendar a name of its own");
    }
    auto entry = Shelf::Compile(specs[i], prefix, codes, shelf->parents,
                                earlier ? earlier->shelf_.get() : nullptr,
                                &pool, problems);
    if (entry) shelf->entries.emplace(specs[i].id(), *std::move(entry));
  }
  result.shelf_ = std::move(shelf);
  return result;
}

const Calendar* Calendars::Find(std::string_view id, std::string_view area,
                                std::string_view unit,
                                bool through_closures) const {
  const auto it = shelf_->entries.find(ToAbsl(id));
  if (it == shelf_->entries.end()) return nullptr;
  const Shelf::Entry& entry = it->second;
  if (through_closures) return &entry.through;
  size_t area_kind = 0;
  if (!entry.areas.of_code.empty()) {
    // The nearest area that a closure names stands for all around it.
    area_kind = entry.areas.Of(area);
    auto up = shelf_->parents.find(ToAbsl(area));
    while (area_kind == 0 && up != shelf_->parents.end()) {
      area_kind = entry.areas.Of(up->second);
      up = shelf_->parents.find(up->second);
    }
  }
  const size_t place =
      area_kind * entry.units.closures.size() + entry.units.Of(unit);
  return &entry.calendars[entry.places[place]];
}

size_t Calendars::MemoryBytes(const Calendars* but) const {
  std::unordered_set<const YearBlock*> seen;
  if (but != nullptr) but->shelf_->MemoryBytes(&seen);
  return shelf_->MemoryBytes(&seen);
}

absl::StatusOr<Calendar> Calendar::Create(const v1::CalendarSpec& spec) {
  Problems problems;
  BlockPool pool;
  const auto entry =
      Calendars::Shelf::Compile(spec, "", {}, {}, nullptr, &pool, &problems);
  if (!entry) {
    return problems.ToStatus(v1::ErrorInfo::INVALID_ARGUMENT, "calendar");
  }
  return entry->calendars[entry->places[0]];
}

}  // namespace hotline
