// Looks into cases and policies and says what it sees: timelines, explanations
// and diagrams, for people and for programs.
//
//   hotline::Look look{.policy = &*policy, .now = now};
//   auto svg = hotline::Timeline(found, events, hotline::Format::kSvg, look);
//   auto why = hotline::Explain(found, events, hotline::Format::kText, look);
//   if (why.ok()) std::cout << *why;
//
// Everything is a pure function of messages: no store, clock or environment. It
// says only what facts and policy say. Figures that no source gives are marked
// `illustrative` in every form.
//
// Thread rule: call it from anywhere. Lifetime: nothing given is kept.
// Errors: INVALID_ARGUMENT for a form that a picture does not come in; the
// message names those it does.
#ifndef HOTLINE_INSPECT_H_
#define HOTLINE_INSPECT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/calendar.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

class Policy;

// The form of an answer. JSON is one object on one line; the others end in a
// line feed. SVG needs nothing outside itself.
enum class Format { kText, kMermaid, kSvg, kDot, kJson };

// "text", "mermaid", "svg", "dot", "json"; else INVALID_ARGUMENT with a hint.
absl::StatusOr<Format> ParseFormat(std::string_view word);

// A policy that was in force, by its version: what stands in the store's
// records of kind `policy`.
struct PolicyVersion {
  int64_t version = 0;
  const Policy* policy = nullptr;
  std::string zone_data;  // release of the zone data it was adopted with
};

// How to look at a case.
struct Look {
  // The policy in force: gives zone, calendars, ladders and names. May be null;
  // then less is said, nothing else is changed.
  const Policy* policy = nullptr;
  // Those that judged the case. Explain derives each clock by the version that
  // judged it, and where that is not among them by `policy`.
  std::span<const PolicyVersion> versions = {};
  // Shades open hours. Null: each clock's own calendar, from `policy`.
  const Calendar* calendar = nullptr;
  // Where local times are shown if there is no policy.
  absl::TimeZone zone = absl::UTCTimeZone();
  // Until when running clocks are drawn. InfinitePast: the last thing known.
  absl::Time now = absl::InfinitePast();
  // BCP 47 tag: words are English or Traditional Chinese, names the policy's.
  std::string_view language = "en";
  // Units of the SVG's viewBox, 240 to 2000. 360 fits a telephone; every label
  // is laid out to stay inside.
  int width = 360;
};

// The case as it stands, in lines of `what  value`. Personal fields are shown
// if the case has them.
std::string DescribeCase(const v1::Case& of, const Look& look);

// Every event with its facts in words, and its texts if it has them.
std::string ListEvents(std::span<const v1::Event> events, const Look& look);

// What happened to one case, and its clocks over time. `events` in order; they
// may be missing, then only what the case itself keeps is shown. Text, Mermaid
// (gantt), SVG, JSON.
absl::StatusOr<std::string> Timeline(const v1::Case& of,
                                     std::span<const v1::Event> events,
                                     Format format, const Look& look);

// Why it is due then, why it was escalated, who was told and who was not. From
// the facts; with a policy the due instant is derived step by step, in words of
// English or Traditional Chinese (`look.language`; any other is English):
//
//   filed Friday 7 February 2025 17:42, after closing → counted from Saturday
//   8 February 08:30, a make-up working day; paused 2 h 10 min waiting for the
//   reporter; due Wednesday 12 February 10:40: two working days, Tuesday 17:30,
//   moved by the pause
//
// Text; JSON, one object of one line with the steps of each clock; Mermaid
// (gantt) and SVG, a picture of each clock. docs/guide/explanations.md
// describes the steps, their rules and the JSON.
absl::StatusOr<std::string> Explain(const v1::Case& of,
                                    std::span<const v1::Event> events,
                                    Format format, const Look& look);

// What a new case would be promised.
struct PromiseQuestion {
  std::string_view category;  // code, path or alias
  absl::Time at;
  std::string_view priority;  // empty: the category's
  std::string_view area;
  std::string_view unit;  // empty: the routes decide
};

// Which unit, targets, calendars and ladders apply to a case opened then, and
// why; the due instants derived step by step, in the forms of Explain.
// INVALID_ARGUMENT with the nearest name for an unknown category, priority,
// area or unit.
absl::StatusOr<std::string> ExplainPromise(const Policy& policy,
                                           const PromiseQuestion& question,
                                           Format format,
                                           std::string_view language = "en",
                                           int width = 360);

// A workflow: states with phase and public status, verbs with guards and
// effects. Text (tables), Mermaid (stateDiagram-v2), Dot, JSON (the message).
absl::StatusOr<std::string> DrawWorkflow(const v1::WorkflowSpec& workflow,
                                         Format format,
                                         std::string_view language = "en");

// Every workflow of a policy, one after the other; JSON is one list.
absl::StatusOr<std::string> DrawWorkflows(const Policy& policy, Format format,
                                          std::string_view language = "en");

// The tree of categories with what each inherits. Text, Mermaid (flowchart),
// Dot, JSON.
absl::StatusOr<std::string> DrawTaxonomy(const Policy& policy, Format format,
                                         std::string_view language = "en");

// For each category on which cases are opened: clocks, targets, calendars,
// ladders and sources. Text, JSON.
absl::StatusOr<std::string> DrawPromises(const Policy& policy, Format format,
                                         std::string_view language = "en");

}  // namespace hotline

#endif  // HOTLINE_INSPECT_H_
