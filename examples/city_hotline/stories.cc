#include "stories.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "generator.h"
#include "hotline/adapters/memory_store.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "hotline/inspect.h"
#include "hotline/judge.h"
#include "hotline/notifier.h"

namespace city {
namespace {

namespace v1 = hotline::v1;

constexpr char kCategory[] = "streetlight";
constexpr char kCalendar[] = "taipei";

absl::Time FromProto(const google::protobuf::Timestamp& stamp) {
  return absl::FromUnixSeconds(stamp.seconds()) +
         absl::Nanoseconds(stamp.nanos());
}

std::string Local(const google::protobuf::Timestamp& at, absl::TimeZone zone) {
  return absl::FormatTime("%a %e %b %H:%M", FromProto(at), zone);
}

// One event in a line of words. `due_before` is the due instant as last told.
std::string Tell(const v1::Event& event, absl::TimeZone zone,
                 std::string* due_before) {
  std::string told =
      event.verb() == v1::TICK
          ? "by itself"
          : absl::StrReplaceAll(hotline::VerbName(event.verb()), {{"_", " "}});
  for (const v1::Fact& fact : event.facts()) {
    if (fact.has_assigned() && !fact.assigned().unit().empty()) {
      absl::StrAppend(&told, "; unit ", fact.assigned().unit());
    } else if (fact.has_state_changed()) {
      absl::StrAppend(&told, "; now ", fact.state_changed().to());
    } else if (fact.has_level_recorded()) {
      absl::StrAppend(&told, "; ", fact.level_recorded().clock(), ": ",
                      fact.level_recorded().level().level());
    } else if (fact.has_level_withdrawn()) {
      absl::StrAppend(&told, "; ", fact.level_withdrawn().clock(), ": ",
                      fact.level_withdrawn().level(), " withdrawn");
    } else if (fact.has_clock_set() && fact.clock_set().clock().shown() &&
               fact.clock_set().clock().has_due()) {
      const std::string due = Local(fact.clock_set().clock().due(), zone);
      if (due == *due_before) continue;
      absl::StrAppend(&told, due_before->empty() ? "; due " : "; now due ",
                      due);
      *due_before = due;
    }
  }
  return told;
}

// Takes every notice and tells nobody.
class Silence final : public hotline::Notifier {
 public:
  std::string name() const override { return "file"; }
  std::vector<hotline::SendResult> Send(
      std::span<const hotline::Envelope> envelopes, absl::Time) override {
    return std::vector<hotline::SendResult>(
        envelopes.size(), {.outcome = hotline::Outcome::kDelivered});
  }
};

// An engine of its own whose clock goes where the story goes.
class Stage {
 public:
  explicit Stage(const hotline::Policy& policy)
      : policy_(policy), store_(&clock_) {}

  absl::Status Begin(absl::CivilMinute at) {
    clock_.SetTime(absl::FromCivil(at, policy_.time_zone()));
    auto engine = hotline::Engine::Open(
        &store_, {.clock = &clock_, .notifiers = {&silence_}});
    if (!engine.ok()) return engine.status();
    engine_ = *std::move(engine);
    return Adopt(policy_, 0);
  }

  absl::Status Adopt(const hotline::Policy& policy, int64_t head) {
    auto adopted = engine_->Adopt(Of(kAdminRole), policy, head);
    if (adopted.ok()) policy_ = policy;
    return adopted.status();
  }

  // Lets everything before `at` happen, then does it.
  absl::Status Do(absl::CivilMinute at, const char* role, v1::Command command) {
    if (absl::Status waited = Wait(at); !waited.ok()) return waited;
    command.set_reference(reference_);
    auto receipt = engine_->Execute(Of(role), command);
    if (!receipt.ok()) return receipt.status();
    reference_ = receipt->reference();
    return absl::OkStatus();
  }

  absl::Status Wait(absl::CivilMinute at) {
    const absl::Time until = absl::FromCivil(at, policy_.time_zone());
    while (true) {
      auto due = engine_->RunDue(absl::Seconds(1));
      if (!due.ok()) return due.status();
      if (due->next > until || due->next <= clock_.TimeNow()) break;
      clock_.SetTime(due->next);
    }
    clock_.SetTime(until);
    return engine_->RunDue(absl::Seconds(1)).status();
  }

  absl::Status Finish(Story* story) {
    return DrawCase(engine_.get(), Of(kAdminRole), policy_, reference_, story);
  }

 private:
  hotline::Actor Of(const char* role) const {
    hotline::Actor actor{.tenant = kTenant, .id = role, .roles = {role}};
    for (const v1::UnitSpec& unit : policy_.spec().units()) {
      actor.units.push_back(unit.code());
    }
    return actor;
  }

  hotline::Policy policy_;
  hotline::SimulatedClock clock_;
  hotline::MemoryStore store_;
  Silence silence_;
  std::unique_ptr<hotline::Engine> engine_;
  std::string reference_;
};

v1::Command Opening() {
  v1::Command command;
  command.mutable_open()->set_category(kCategory);
  command.mutable_open()->set_description("路燈不亮");
  command.mutable_open()->set_channel("phone");
  command.mutable_open()->set_language("zh-Hant");
  command.mutable_open()->mutable_place()->set_area("daan");
  command.mutable_open()->mutable_reporter()->set_id("p-story");
  return command;
}

v1::Command Accepting() {
  v1::Command command;
  command.mutable_accept();
  return command;
}

v1::Command Resolving() {
  v1::Command command;
  command.mutable_resolve()->set_outcome("repaired");
  command.mutable_resolve()->set_answer("路燈已修復。");
  return command;
}

v1::Command Waiting() {
  v1::Command command;
  command.mutable_wait()->set_for_(v1::Wait::FOR_REPORTER);
  command.mutable_wait()->set_reason("請提供路燈編號");
  return command;
}

v1::Command Resuming() {
  v1::Command command;
  command.mutable_resume();
  return command;
}

v1::Command Noting() {
  v1::Command command;
  command.mutable_note()->set_visibility(v1::Note::INTERNAL_NOTE);
  command.mutable_note()->set_text("颱風停班，工班撤回");
  return command;
}

// The first thing that fails, or OK.
absl::Status FirstOf(
    std::initializer_list<std::function<absl::Status()>> acts) {
  for (const auto& act : acts) {
    if (absl::Status done = act(); !done.ok()) return done;
  }
  return absl::OkStatus();
}

using Minute = absl::CivilMinute;

absl::StatusOr<Story> Weekend(const hotline::Policy& policy) {
  Story story{.id = "weekend", .title = {"Over a weekend", "跨週末"}};
  story.lead =
      "A street light is reported on Friday at 16:00, with 16 hours of office "
      "time promised. Saturday and Sunday do not count, and neither do the "
      "hours in which the unit waits for the reporter.";
  Stage stage(policy);
  absl::Status done = FirstOf({
      [&] { return stage.Begin(Minute(2025, 2, 14, 16, 0)); },
      [&] {
        return stage.Do(Minute(2025, 2, 14, 16, 0), kAgentRole, Opening());
      },
      [&] {
        return stage.Do(Minute(2025, 2, 14, 16, 40), kUnitRole, Accepting());
      },
      [&] {
        return stage.Do(Minute(2025, 2, 17, 10, 0), kUnitRole, Waiting());
      },
      [&] {
        return stage.Do(Minute(2025, 2, 17, 14, 30), kAgentRole, Resuming());
      },
      [&] {
        return stage.Do(Minute(2025, 2, 18, 17, 0), kUnitRole, Resolving());
      },
      [&] { return stage.Finish(&story); },
  });
  if (!done.ok()) return done;
  return story;
}

absl::StatusOr<Story> MakeUpSaturday(const hotline::Policy& policy) {
  Story story{.id = "make-up",
              .title = {"Over a make-up Saturday", "跨補班日"}};
  story.lead =
      "Reported on Friday 7 February 2025 at 15:00. The Saturday after was a "
      "working day (made up for the New Year holidays, by the DGPA's "
      "calendar), so the promise ends on Monday and not on Tuesday. The unit "
      "comes too late.";
  Stage stage(policy);
  absl::Status done = FirstOf({
      [&] { return stage.Begin(Minute(2025, 2, 7, 15, 0)); },
      [&] {
        return stage.Do(Minute(2025, 2, 7, 15, 0), kAgentRole, Opening());
      },
      [&] {
        return stage.Do(Minute(2025, 2, 8, 9, 30), kUnitRole, Accepting());
      },
      [&] {
        return stage.Do(Minute(2025, 2, 11, 9, 20), kUnitRole, Resolving());
      },
      [&] { return stage.Finish(&story); },
  });
  if (!done.ok()) return done;
  return story;
}

absl::StatusOr<Story> TyphoonAfternoon(const hotline::Policy& policy) {
  Story story{.id = "typhoon",
              .title = {"Over a typhoon afternoon", "跨颱風停班"},
              .illustrative = true};
  story.lead =
      "Reported on a Tuesday. On Wednesday at 11:00 the city announces that "
      "offices close from 13:00. The closure is adopted as a patch of the "
      "policy; the promise moves, on the record, and the reporter is told "
      "again. The storm and its date are made up.";
  v1::PolicyPatch patch;
  patch.set_reason("typhoon, announced by the city");
  v1::CalendarClosures* closures = patch.add_add_closures();
  closures->set_calendar(kCalendar);
  v1::ClosureSpec* closure = closures->add_closures();
  closure->set_from("2025-08-13T13:00:00+08:00");
  closure->set_until("2025-08-14T00:00:00+08:00");
  closure->set_announced("2025-08-13T11:00:00+08:00");
  closure->set_reason("typhoon");
  closure->set_source("illustrative");
  auto stormy = policy.With(patch);
  if (!stormy.ok()) return stormy.status();
  Stage stage(policy);
  absl::Status done = FirstOf({
      [&] { return stage.Begin(Minute(2025, 8, 12, 11, 0)); },
      [&] {
        return stage.Do(Minute(2025, 8, 12, 11, 0), kAgentRole, Opening());
      },
      [&] {
        return stage.Do(Minute(2025, 8, 12, 13, 45), kUnitRole, Accepting());
      },
      [&] { return stage.Wait(Minute(2025, 8, 13, 11, 0)); },
      [&] { return stage.Adopt(*stormy, 1); },
      [&] {
        return stage.Do(Minute(2025, 8, 13, 11, 20), kUnitRole, Noting());
      },
      [&] {
        return stage.Do(Minute(2025, 8, 14, 14, 10), kUnitRole, Resolving());
      },
      [&] { return stage.Finish(&story); },
  });
  if (!done.ok()) return done;
  return story;
}

}  // namespace

absl::Status DrawCase(hotline::Engine* engine, const hotline::Actor& actor,
                      const hotline::Policy& policy,
                      const std::string& reference, Story* story) {
  auto found = engine->Get(actor, reference);
  if (!found.ok()) return found.status();
  v1::Page page;
  page.set_limit(100);
  auto events = engine->History(actor, reference, page);
  if (!events.ok()) return events.status();
  std::string due;
  for (const v1::Event& event : events->events()) {
    story->rows.push_back({Local(event.recorded_at(), policy.time_zone()),
                           event.verb() == v1::TICK ? "clock" : event.actor(),
                           Tell(event, policy.time_zone(), &due)});
  }
  const std::vector<v1::Event> list(events->events().begin(),
                                    events->events().end());
  for (const auto& [width, css] :
       {std::pair{720, "wide"}, std::pair{328, "narrow"}}) {
    const hotline::Look look{.policy = &policy, .width = width};
    auto svg = hotline::Timeline(*found, list, hotline::Format::kSvg, look);
    if (!svg.ok()) return svg.status();
    // Both drawings stand in one page: their ids must differ.
    absl::StrAppend(&story->svg, "<div class=\"", css, "\">",
                    absl::StrReplaceAll(
                        *svg, {{"hotline-", absl::StrCat(css, "-hotline-")}}),
                    "</div>\n");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Story>> TellStories(const hotline::Policy& policy) {
  std::vector<Story> stories;
  if (policy.taxonomy().Find(kCategory) == nullptr ||
      policy.calendars().Find(kCalendar) == nullptr) {
    return stories;
  }
  for (auto* tell : {&Weekend, &MakeUpSaturday, &TyphoonAfternoon}) {
    auto story = (*tell)(policy);
    if (!story.ok()) return story.status();
    stories.push_back(*std::move(story));
  }
  return stories;
}

}  // namespace city
