#include "src/adapters/sql/statements.h"

#include <bit>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hotline/limits.h"

namespace hotline::internal {

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
