// Why due then, why escalated, why (not) told: from the facts.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/policy.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/readers/inspect/explanation.h"
#include "src/readers/inspect/timeline.h"

namespace hotline {
namespace internal {
namespace {

absl::StatusOr<std::string> InForm(const Explanation& e, Format format,
                                   int width) {
  switch (format) {
    case Format::kText:
      return ExplanationText(e);
    case Format::kJson:
      return ExplanationJson(e);
    case Format::kMermaid:
      return ExplanationMermaid(e);
    case Format::kSvg:
      return ExplanationSvg(e, width);
    case Format::kDot:
      break;
  }
  return NoSuchForm("an explanation", "text, json, svg or mermaid");
}

absl::Status Unknown(std::string_view what, std::string_view word,
                     std::string_view near) {
  return MakeError(
      v1::ErrorInfo::INVALID_ARGUMENT,
      absl::StrCat("no ", ToAbsl(what), " \"", ToAbsl(word), "\"",
                   near.empty()
                       ? ""
                       : absl::StrCat("; did you mean ", ToAbsl(near), "?")));
}

template <typename Specs>
absl::Status CheckCode(const Specs& specs, std::string_view what,
                       std::string_view word) {
  if (word.empty()) return absl::OkStatus();
  std::vector<std::string> known;
  for (const auto& spec : specs) known.push_back(spec.code());
  if (std::find(known.begin(), known.end(), word) != known.end()) {
    return absl::OkStatus();
  }
  return Unknown(what, word, Nearest(word, known));
}

absl::Status CheckQuestion(const Policy& policy, const PromiseQuestion& q) {
  const v1::PolicySpec& spec = policy.spec();
  if (policy.taxonomy().Find(q.category) == nullptr) {
    return Unknown("category", q.category,
                   policy.taxonomy().Nearest(q.category));
  }
  absl::Status status = CheckCode(spec.priorities(), "priority", q.priority);
  if (status.ok()) status = CheckCode(spec.areas(), "area", q.area);
  if (status.ok()) status = CheckCode(spec.units(), "unit", q.unit);
  return status;
}

// A case as it would stand just after the opening, with every clock of its
// category running.
v1::Case Imagine(const Policy& policy, const Category& category,
                 const PromiseQuestion& q, std::string* because) {
  v1::Case of;
  of.set_category(category.code);
  of.set_area(std::string(q.area));
  of.set_priority(q.priority.empty() ? category.priority
                                     : std::string(q.priority));
  const std::vector<std::string_view> chain = category.Chain();
  const Route route = policy.routing().Find(chain, q.area, q.at, category.unit);
  *because = q.unit.empty() ? route.because : "asked for";
  of.set_unit(q.unit.empty() ? route.unit : std::string(q.unit));
  SetTimestamp(q.at, of.mutable_opened_at());
  const std::vector<std::string_view> areas =
      policy.routing().AreaChain(q.area);
  const std::vector<std::string_view> units =
      policy.routing().UnitChain(of.unit());
  const ClockPlace place{.area = of.area(),
                         .unit = of.unit(),
                         .through_closures = category.runs_through_closures};
  const bool external = policy.routing().IsExternal(of.unit());
  for (const ClockOnCategory& on : *category.clocks) {
    // A contract binds units outside the city, an agreement those within.
    const v1::ClockSpec* spec = policy.sla().Find(on.use.clock());
    if (spec == nullptr ||
        (spec->agreement() != v1::ClockSpec::SERVICE_LEVEL &&
         external != (spec->agreement() == v1::ClockSpec::CONTRACT))) {
      continue;
    }
    v1::ClockState clock;
    clock.set_clock(on.use.clock());
    clock.set_cycle(1);
    const PlanRequest request{
        .clock = on.use.clock(),
        .use = &on.use,
        .use_path = on.path,
        .priority = of.priority(),
        .areas = areas,
        .unit_calendar = policy.routing().CalendarOf(of.unit()),
        .units = units,
        .categories = chain,
        .started = q.at};
    if (!policy.sla().Plan(request, &clock)) continue;
    Sla::Mark(v1::ClockMark::START, q.at, &clock);
    policy.sla().Settle(place, &clock);
    *of.add_clocks() = clock;
  }
  return of;
}

}  // namespace
}  // namespace internal

absl::StatusOr<std::string> Explain(const v1::Case& of,
                                    std::span<const v1::Event> events,
                                    Format format, const Look& look) {
  return internal::InForm(internal::ExplainCase(of, events, look), format,
                          look.width);
}

absl::StatusOr<std::string> ExplainPromise(const Policy& policy,
                                           const PromiseQuestion& question,
                                           Format format,
                                           std::string_view language,
                                           int width) {
  if (absl::Status s = internal::CheckQuestion(policy, question); !s.ok()) {
    return s;
  }
  const Category& category = *policy.taxonomy().Find(question.category);
  std::string because;
  const v1::Case of = internal::Imagine(policy, category, question, &because);
  const Look look{.policy = &policy, .language = language};
  return internal::InForm(internal::ExplainImagined(of, look, because), format,
                          width);
}

}  // namespace hotline
