#include "hotline/policy.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "hotline/limits.h"
#include "src/base/crypto.h"
#include "src/base/deterministic.h"
#include "src/judge/patch.h"

namespace hotline {
namespace {

using Codes = absl::flat_hash_set<std::string>;

template <typename Specs>
Codes CodesOf(const Specs& specs) {
  Codes codes;
  for (const auto& spec : specs) codes.insert(spec.code());
  return codes;
}

// Every text of the policy is clean UTF-8.
void CheckTexts(const google::protobuf::Message& message,
                const std::string& path, Problems* problems) {
  using google::protobuf::FieldDescriptor;
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count =
        field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const auto at = [&]() {
        return absl::StrCat(
            path, path.empty() ? "" : ".", field->name(),
            field->is_repeated() ? absl::StrCat("[", i, "]") : "");
      };
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        CheckTexts(field->is_repeated()
                       ? reflection.GetRepeatedMessage(message, field, i)
                       : reflection.GetMessage(message, field),
                   at(), problems);
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        std::string scratch;
        const std::string& text =
            field->is_repeated()
                ? reflection.GetRepeatedStringReference(message, field, i,
                                                        &scratch)
                : reflection.GetStringReference(message, field, &scratch);
        if (text.size() > limits::kNoteBytesMax || !IsCleanText(text)) {
          problems->Add(at(), "is no clean text",
                        absl::StrCat("UTF-8 without control characters, at "
                                     "most ",
                                     limits::kNoteBytesMax, " bytes"));
        }
      }
    }
  }
}

// What ties the rooms together: codes of one that another names.
class CrossCheck {
 public:
  CrossCheck(const v1::PolicySpec& spec, const Taxonomy& taxonomy,
             const Workflows& workflows, const Sla& sla, Problems* problems)
      : spec_(spec),
        taxonomy_(taxonomy),
        workflows_(workflows),
        sla_(sla),
        problems_(problems),
        units_(CodesOf(spec.units())),
        areas_(CodesOf(spec.areas())),
        priorities_(CodesOf(spec.priorities())),
        clocks_(CodesOf(spec.clocks())),
        roles_(CodesOf(spec.roles())) {
    for (const auto& ladder : spec.ladders()) {
      for (const auto& level : ladder.levels()) levels_.insert(level.code());
    }
    levels_.insert("breach");
    const auto add_states = [&](const v1::WorkflowSpec& workflow) {
      for (const auto& state : workflow.states()) states_.insert(state.code());
    };
    for (const auto& workflow : spec.workflows()) add_states(workflow);
    add_states(StandardWorkflow());
  }

  void Run() {
    if (spec_.id().empty()) {
      problems_->Add("id", "is empty", "give the policy a name");
    }
    Sizes();
    Calendars();
    for (int i = 0; i < spec_.categories_size(); ++i) Category(i);
    for (int i = 0; i < spec_.clocks_size(); ++i) Clock(i);
    for (int i = 0; i < spec_.routes_size(); ++i) {
      CategoryKnown(spec_.routes(i).category(),
                    absl::StrCat("routes[", i, "].category"));
    }
    for (int i = 0; i < spec_.notices_size(); ++i) Notice(i);
    Limits();
  }

 private:
  void Known(const std::string& code, const Codes& known,
             const std::string& path, const char* what) {
    if (code.empty() || known.contains(code)) return;
    const std::string near =
        Nearest(code, std::vector<std::string>(known.begin(), known.end()));
    problems_->Add(path, absl::StrCat("there is no ", what, " \"", code, "\""),
                   near.empty() ? absl::StrCat("declare the ", what, " first")
                                : absl::StrCat("did you mean \"", near, "\"?"));
  }

  void CategoryKnown(const std::string& code, const std::string& path) {
    if (code.empty() || taxonomy_.Find(code) != nullptr) return;
    const std::string near = taxonomy_.Nearest(code);
    problems_->Add(path, absl::StrCat("there is no category \"", code, "\""),
                   near.empty() ? "declare the category first"
                                : absl::StrCat("did you mean \"", near, "\"?"));
  }

  void Size(int size, size_t most, const char* path) {
    if (static_cast<size_t>(size) <= most) return;
    problems_->Add(path, absl::StrCat("has ", size, " entries"),
                   absl::StrCat("at most ", most, " are taken"));
  }

  void Sizes() {
    Size(spec_.calendars_size(), limits::kCalendarsMax, "calendars");
    Size(spec_.units_size(), limits::kUnitsMax, "units");
    Size(spec_.areas_size(), limits::kAreasMax, "areas");
    Size(spec_.routes_size(), limits::kRoutesMax, "routes");
  }

  void Calendars() {
    for (int i = 0; i < spec_.calendars_size(); ++i) {
      const auto& closures = spec_.calendars(i).closures();
      for (int k = 0; k < closures.size(); ++k) {
        const std::string at = absl::StrCat("calendars[", i, "].closures[", k);
        for (const auto& area : closures[k].areas()) {
          Known(area, areas_, at + "].areas", "area");
        }
        for (const auto& unit : closures[k].units()) {
          Known(unit, units_, at + "].units", "unit");
        }
      }
    }
  }

  void Category(int i) {
    const v1::CategorySpec& category = spec_.categories(i);
    const std::string at = absl::StrCat("categories[", i, "]");
    Known(category.unit(), units_, at + ".unit", "unit");
    Known(category.priority(), priorities_, at + ".priority", "priority");
    if (!category.workflow().empty() &&
        workflows_.Find(category.workflow()) == nullptr) {
      problems_->Add(
          at + ".workflow",
          absl::StrCat("there is no workflow \"", category.workflow(), "\""),
          "leave it out for `standard`");
    }
    if (category.clocks_size() > static_cast<int>(limits::kClocksPerCaseMax)) {
      problems_->Add(at + ".clocks",
                     absl::StrCat("has ", category.clocks_size(), " entries"),
                     absl::StrCat("at most ", limits::kClocksPerCaseMax));
    }
    int shown = 0;
    for (int k = 0; k < category.clocks_size(); ++k) {
      const v1::ClockUse& use = category.clocks(k);
      sla_.CheckUse(use, absl::StrCat(at, ".clocks[", k, "]"), problems_);
      const v1::ClockSpec* clock = sla_.Find(use.clock());
      if (clock != nullptr && clock->shown() && ++shown == 2) {
        problems_->Add(at + ".clocks", "shows two clocks to the citizen",
                       "one due instant is shown: set `shown` on one");
      }
    }
  }

  template <typename Triggers>
  void Trigger(const Triggers& triggers, const std::string& at) {
    for (int i = 0; i < triggers.size(); ++i) {
      const v1::Trigger& trigger = triggers.Get(i);
      const std::string path = absl::StrCat(at, "[", i, "]");
      switch (trigger.on_case()) {
        case v1::Trigger::kVerb:
          if (trigger.verb() == v1::VERB_UNSPECIFIED) {
            problems_->Add(path + ".verb", "is not set", "name a verb");
          }
          break;
        case v1::Trigger::kPhase:
          if (trigger.phase() == v1::PHASE_UNSPECIFIED) {
            problems_->Add(path + ".phase", "is not set", "name a phase");
          }
          break;
        case v1::Trigger::kState:
          Known(trigger.state(), states_, path + ".state", "state");
          break;
        case v1::Trigger::kMessage:
          if (trigger.message() == v1::Trigger::MESSAGE_UNSPECIFIED) {
            problems_->Add(path + ".message", "is not set", "name a message");
          }
          break;
        case v1::Trigger::ON_NOT_SET:
          problems_->Add(path, "says not on what",
                         "set one of verb, phase, state, message");
          break;
      }
    }
  }

  void Clock(int i) {
    const v1::ClockSpec& clock = spec_.clocks(i);
    const std::string at = absl::StrCat("clocks[", i, "]");
    Trigger(clock.start(), at + ".start");
    Trigger(clock.stop(), at + ".stop");
    Trigger(clock.pause(), at + ".pause");
    Trigger(clock.cancel(), at + ".cancel");
    Trigger(clock.resume(), at + ".resume");
    for (int k = 0; k < clock.pause_size(); ++k) {
      const v1::Trigger& pause = clock.pause(k);
      const bool passes = pause.has_verb() || pause.has_message();
      const bool lasts = pause.has_phase() || pause.has_state();
      const std::string path = absl::StrCat(at, ".pause[", k, "]");
      if (passes && clock.resume().empty()) {
        problems_->Add(path, "begins a rest that nothing ends",
                       "say in resume what does, or rest in a phase or state");
      }
      if (lasts && !clock.resume().empty()) {
        problems_->Add(path, "ends by itself, while resume ends the others",
                       "a clock rests either way, not both");
      }
    }
  }

  void Notice(int i) {
    const v1::NoticeSpec& notice = spec_.notices(i);
    const std::string at = absl::StrCat("notices[", i, "]");
    for (int k = 0; k < notice.categories_size(); ++k) {
      CategoryKnown(notice.categories(k),
                    absl::StrCat(at, ".categories[", k, "]"));
    }
    for (int k = 0; k < notice.levels_size(); ++k) {
      const std::string level_at = absl::StrCat(at, ".levels[", k, "]");
      Known(notice.levels(k).clock(), clocks_, level_at + ".clock", "clock");
      Known(notice.levels(k).level(), levels_, level_at + ".level", "level");
    }
    if (!spec_.roles().empty()) {
      Known(notice.role(), roles_, at + ".role", "role");
    }
  }

  void Limits() {
    const v1::LimitsSpec& own = spec_.limits();
    const auto check = [&](int32_t value, size_t most, const char* path) {
      if (value >= 0 && static_cast<size_t>(value) <= most) return;
      problems_->Add(path, absl::StrCat("is ", value),
                     absl::StrCat("0 (the library's) to ", most));
    };
    check(own.description_bytes(), limits::kDescriptionBytesMax,
          "limits.description_bytes");
    check(own.note_bytes(), limits::kNoteBytesMax, "limits.note_bytes");
    check(own.attributes(), limits::kAttributesMax, "limits.attributes");
    check(own.attachments(), limits::kAttachmentsMax, "limits.attachments");
    check(own.events_per_case(), limits::kEventsPerCaseMax,
          "limits.events_per_case");
  }

  const v1::PolicySpec& spec_;
  const Taxonomy& taxonomy_;
  const Workflows& workflows_;
  const Sla& sla_;
  Problems* const problems_;
  const Codes units_, areas_, priorities_, clocks_, roles_;
  Codes levels_, states_;
};

}  // namespace

struct Policy::Compiled {
  v1::PolicySpec spec;
  hotline::Calendars calendars;
  Taxonomy taxonomy;
  Workflows workflows;
  Sla sla;
  Routing routing;
  Notices notices;
  Access access;
  absl::TimeZone zone = absl::UTCTimeZone();
  std::string fingerprint;
};

Policy::Policy(std::shared_ptr<const Compiled> compiled)
    : compiled_(std::move(compiled)) {}

std::shared_ptr<const Policy::Compiled> Policy::Build(v1::PolicySpec spec,
                                                      const Compiled* earlier,
                                                      Problems* problems) {
  auto c = std::make_shared<Compiled>();
  c->spec = std::move(spec);
  CheckTexts(c->spec, "", problems);
  c->calendars =
      Calendars::Compile(c->spec.calendars(), c->spec.areas(), problems,
                         earlier != nullptr ? &earlier->calendars : nullptr);
  c->taxonomy = Taxonomy::Compile(c->spec.categories(), problems);
  c->workflows = Workflows::Compile(c->spec.workflows(), problems);
  c->sla = Sla::Compile(c->spec, c->calendars, problems);
  c->routing = Routing::Compile(c->spec, c->calendars, problems);
  c->notices = Notices::Compile(c->spec.notices(), problems);
  c->access = Access::Compile(c->spec.roles(), problems);
  CrossCheck(c->spec, c->taxonomy, c->workflows, c->sla, problems).Run();
  if (!problems->empty()) return nullptr;
  const std::string& zone =
      !c->spec.time_zone().empty() || c->spec.calendars().empty()
          ? c->spec.time_zone()
          : c->spec.calendars(0).time_zone();
  if (!zone.empty()) absl::LoadTimeZone(zone, &c->zone);
  c->fingerprint = internal::Sha256(internal::Deterministic(c->spec));
  return c;
}

absl::StatusOr<Policy> Policy::Create(const v1::PolicySpec& spec) {
  Problems problems;
  auto compiled = Build(spec, nullptr, &problems);
  if (compiled != nullptr) return Policy(std::move(compiled));
  return problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "policy");
}

absl::StatusOr<Policy> Policy::Create(const v1::PolicySpec& spec,
                                      const Policy& like) {
  Problems problems;
  auto compiled = Build(spec, like.compiled_.get(), &problems);
  if (compiled != nullptr) return Policy(std::move(compiled));
  return problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "policy");
}

absl::StatusOr<Policy> Policy::With(const v1::PolicyPatch& patch) const {
  Problems problems;
  internal::Patched patched =
      internal::ApplyPatch(compiled_->spec, patch, &problems);
  Problems of_result;
  auto compiled = Build(std::move(patched.spec), compiled_.get(), &of_result);
  for (const v1::Problem& p : of_result.list()) {
    problems.Add(patched.PathInPatch(p.path()), p.message(), p.hint());
  }
  if (problems.empty()) return Policy(std::move(compiled));
  return problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "patch");
}

const v1::PolicySpec& Policy::spec() const { return compiled_->spec; }
const Calendars& Policy::calendars() const { return compiled_->calendars; }
const Taxonomy& Policy::taxonomy() const { return compiled_->taxonomy; }
const Workflows& Policy::workflows() const { return compiled_->workflows; }
const Sla& Policy::sla() const { return compiled_->sla; }
const Routing& Policy::routing() const { return compiled_->routing; }
const Notices& Policy::notices() const { return compiled_->notices; }
const Access& Policy::access() const { return compiled_->access; }
absl::TimeZone Policy::time_zone() const { return compiled_->zone; }
const std::string& Policy::fingerprint() const {
  return compiled_->fingerprint;
}

}  // namespace hotline
