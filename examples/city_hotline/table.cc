// The figures for a terminal, columns aligned by what a terminal shows: a
// Chinese character is two columns wide.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "report.h"
#include "svg.h"

namespace city {
namespace {

size_t WidthOf(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c & 0xc0) == 0x80) continue;
    width += c >= 0xe3 ? 2 : 1;
  }
  return width;
}

std::string Left(std::string_view text, size_t width) {
  std::string cell(text);
  while (WidthOf(cell) > width) {
    size_t last = cell.size() - 1;
    while (last > 0 &&
           (static_cast<unsigned char>(cell[last]) & 0xc0) == 0x80) {
      --last;
    }
    cell.resize(last);
  }
  cell.append(width - WidthOf(cell), ' ');
  return cell;
}

std::string Right(std::string_view text, size_t width) {
  const size_t shown = WidthOf(text);
  return absl::StrCat(std::string(shown < width ? width - shown : 0, ' '),
                      std::string(text));
}

constexpr size_t kNameWidth = 44, kNumberWidth = 11;

std::string Both(const Name& name) {
  if (name.zh.empty() || name.zh == name.en) return name.en;
  return absl::StrCat(name.en, " ", name.zh);
}

void Head(std::string_view title, std::initializer_list<const char*> columns,
          std::string* out) {
  absl::StrAppend(out, "\n", Left(title, kNameWidth));
  for (const char* column : columns) {
    absl::StrAppend(out, Right(column, kNumberWidth));
  }
  absl::StrAppend(out, "\n",
                  std::string(kNameWidth + kNumberWidth * columns.size(), '-'),
                  "\n");
}

void Counts(std::string_view title, const std::vector<Count>& counts,
            int64_t whole, std::string* out) {
  Head(title, {"", "share"}, out);
  for (const Count& count : counts) {
    absl::StrAppend(out, Left(Both(count.name), kNameWidth),
                    Right(Thousands(count.count), kNumberWidth),
                    Right(Percent(static_cast<double>(count.count),
                                  static_cast<double>(whole)),
                          kNumberWidth),
                    "\n");
  }
}

std::string VerdictCells(const Verdicts& v) {
  const int64_t kept = v.kept + v.kept_late;
  return absl::StrCat(Right(Thousands(kept), kNumberWidth),
                      Right(Thousands(v.broken), kNumberWidth),
                      Right(Percent(static_cast<double>(kept),
                                    static_cast<double>(v.decided())),
                            kNumberWidth));
}

}  // namespace

std::string RenderTable(const Figures& f) {
  std::string out = absl::StrCat(
      "policy ", f.policy_id,
      f.illustrative ? " (illustrative: promised times so marked are examples "
                       "that no published source gives)"
                     : "",
      "\nfrom ", absl::FormatCivilTime(f.first), " to ",
      absl::FormatCivilTime(f.last), "\n");
  if (f.contacts > 0) {
    Counts(absl::StrCat("Contacts: ", Thousands(f.contacts)), f.kinds,
           f.contacts, &out);
  }
  Head(absl::StrCat("Cases: ", Thousands(f.cases)),
       {"cases", "resolved", "median", "90 %"}, &out);
  for (const CategoryFigures& c : f.categories) {
    absl::StrAppend(&out, Left(Both(c.name), kNameWidth),
                    Right(Thousands(c.cases), kNumberWidth),
                    Right(Thousands(c.resolved), kNumberWidth),
                    Right(Spell(c.median_hours), kNumberWidth),
                    Right(Spell(c.ninety_hours), kNumberWidth), "\n");
  }
  absl::StrAppend(&out, Left("all", kNameWidth),
                  Right(Thousands(f.cases), kNumberWidth),
                  Right(Thousands(f.resolved), kNumberWidth),
                  Right(Spell(f.median_hours), kNumberWidth),
                  Right(Spell(f.ninety_hours), kNumberWidth), "\n");
  Head("Promises by clock", {"kept", "broken", "kept", "running"}, &out);
  for (const ClockFigures& c : f.clocks) {
    absl::StrAppend(&out, Left(Both(c.name), kNameWidth),
                    VerdictCells(c.verdicts),
                    Right(Thousands(c.verdicts.running), kNumberWidth), "\n");
  }
  Counts("Levels recorded", f.levels, f.cases, &out);
  Counts("On the way", f.handling, f.cases, &out);
  Counts(absl::StrCat("Notices delivered: ", Thousands(f.notices_total)),
         f.notices, f.notices_total, &out);
  return out;
}

std::string RenderSpeed(const Figures& f) {
  return absl::StrFormat(
      "\n%s commands in %.1f s: %s a second; %s timers fired; %s refused; "
      "store %.1f MB\n",
      Thousands(f.commands), f.seconds,
      Thousands(static_cast<int64_t>(
          f.seconds > 0 ? static_cast<double>(f.commands) / f.seconds : 0)),
      Thousands(f.timers), Thousands(f.refused), f.store_megabytes);
}

}  // namespace city
