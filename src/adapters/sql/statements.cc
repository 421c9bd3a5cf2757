#include "src/adapters/sql/statements.h"

#include <bit>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"

namespace hotline::internal {
namespace {

// Everything else a filter may ask of the columns, in the parameters from
// `first` on.
std::string Rest(int first) {
  constexpr std::string_view kAsks[] = {
      "@::boolean IS NULL OR external_id IS NULL",
      "@::bytea IS NULL OR category = @", "@::bytea IS NULL OR unit = @",
      "@::bigint IS NULL OR cell = @", "@::boolean IS NULL OR open = @",
      "@::bigint IS NULL OR opened_at >= @",
      "@::bigint IS NULL OR opened_at < @",
      // Read once, not for each row.
      "@::text IS NULL OR phase = ANY((SELECT @::text::bigint[])::bigint[])"};
  std::string rest;
  for (const std::string_view ask : kAsks) {
    absl::StrAppend(
        &rest, rest.empty() ? "(" : " AND (",
        absl::StrReplaceAll(ToAbsl(ask), {{"@", absl::StrCat("?", first++)}}),
        ")");
  }
  return rest;
}

}  // namespace

std::string_view FindText(Entrance entrance) {
  switch (entrance) {
    case Entrance::kReferences:
      return "";  // no walk: NamedText
    case Entrance::kExternal:
      return "{cases cases_external} WHERE tenant = ?1"
             " AND external_id = ?2 AND id > ?3 AND external_system = ?4";
    case Entrance::kCell:
      return "{cases cases_cell} WHERE tenant = ?1 AND cell = ?2"
             " AND cell <> 0 AND id > ?3 ORDER BY id {limit}";
    case Entrance::kCategory:
      return "{cases cases_category} WHERE tenant = ?1"
             " AND category = ?2 AND id > ?3 ORDER BY id {limit}";
    case Entrance::kUnit:
      return "{cases cases_unit} WHERE tenant = ?1 AND unit = ?2"
             " AND open AND id > ?3 ORDER BY id {limit}";
    case Entrance::kTenant:
      return "{cases cases_id} WHERE tenant = ?1 AND id > ?2"
             " ORDER BY id {limit}";
    case Entrance::kDue:
      return "{cases cases_due} WHERE tenant = ?1 AND open"
             " AND least_due IS NOT NULL AND (least_due, id) > (?2, ?3)"
             " AND least_due <= ?4 ORDER BY least_due, id {limit}";
  }
  return "";
}

std::string_view SiftedText(Entrance entrance) {
  static const auto* const texts = [] {
    auto* made = new std::map<Entrance, std::string>;
    // With how many parameters the walk has.
    for (const auto& [walk, own] :
         {std::pair(Entrance::kCell, 3), std::pair(Entrance::kCategory, 3),
          std::pair(Entrance::kUnit, 3), std::pair(Entrance::kTenant, 2),
          std::pair(Entrance::kDue, 4)}) {
      (*made)[walk] = absl::StrCat(
          "SELECT * FROM (SELECT walk.*, row_number() OVER () AS place FROM (",
          ToAbsl(FindText(walk)),
          ") AS walk) AS walk WHERE place >= ", limits::kRowsReadPerFindMax,
          " OR (", Rest(own + 1), ") LIMIT ?", own + 9);
    }
    return made;
  }();
  return texts->at(entrance);
}

size_t NamesWritten(size_t names) { return std::bit_ceil(names); }

std::string_view NamedText(size_t names) {
  static const auto* const texts = [] {
    auto* made = new std::vector<std::string>;
    for (size_t n = 1; n / 2 < size_t{limits::kReferencesPerFindMax}; n *= 2) {
      std::string& text = made->emplace_back(
          "{cases cases_reference}"
          " WHERE tenant = ?1 AND reference IN (?2");
      for (size_t i = 1; i < n; ++i) absl::StrAppend(&text, ", ?", i + 2);
      text += ")";
    }
    return made;
  }();
  return (*texts)[static_cast<size_t>(std::bit_width(names - 1))];
}

// The upper end is a plain comparison, or none: `?5 IS NULL OR i0 < ?5` would
// not bound the walk through the index, and a sweep that finds nothing would
// read every row.
std::string_view RecordsText(const RecordRange& range) {
  const bool until = !range.until.empty();
  if (range.index == -1) {
    return until ? "{records} WHERE tenant = ?1 AND kind = ?2 AND key >= ?3"
                   " AND key < ?4 ORDER BY key {limit}"
                 : "{records} WHERE tenant = ?1 AND kind = ?2 AND key >= ?3"
                   " ORDER BY key {limit}";
  }
  return until ? "{records records_#} WHERE tenant = ?1 AND kind = ?2"
                 " AND i# IS NOT NULL AND (i#, key) >= (?3, ?4) AND i# < ?5"
                 " ORDER BY i#, key {limit}"
               : "{records records_#} WHERE tenant = ?1 AND kind = ?2"
                 " AND i# IS NOT NULL AND (i#, key) >= (?3, ?4)"
                 " ORDER BY i#, key {limit}";
}

}  // namespace hotline::internal
