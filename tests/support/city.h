// A small city for tests: one policy that has something of everything, and
// hands that act in it.
#ifndef HOTLINE_TESTS_SUPPORT_CITY_H_
#define HOTLINE_TESTS_SUPPORT_CITY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "hotline/adapters/memory_store.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "hotline/error.h"
#include "hotline/store_check.h"

namespace hotline::tests {

// clang-format off
inline constexpr char kPolicy[] = R"pb(
  id: "testville"
  time_zone: "Asia/Taipei"
  calendars {
    id: "office"
    time_zone: "Asia/Taipei"
    weekly {
      day: MONDAY
      hours { open: "08:30" close: "12:30" }
      hours { open: "13:30" close: "17:30" }
    }
    weekly {
      day: TUESDAY
      hours { open: "08:30" close: "12:30" }
      hours { open: "13:30" close: "17:30" }
    }
    weekly {
      day: WEDNESDAY
      hours { open: "08:30" close: "12:30" }
      hours { open: "13:30" close: "17:30" }
    }
    weekly {
      day: THURSDAY
      hours { open: "08:30" close: "12:30" }
      hours { open: "13:30" close: "17:30" }
    }
    weekly {
      day: FRIDAY
      hours { open: "08:30" close: "12:30" }
      hours { open: "13:30" close: "17:30" }
    }
    holidays: "2026-02-16"
    holidays: "2026-02-17"
    holidays: "2026-02-18"
    holidays: "2026-02-19"
    holidays: "2026-02-20"
    source: "DGPA office calendar 2026"
  }
  units {
    code: "works"
    names { language: "en" text: "Public works" }
    calendar: "office"
  }
  units {
    code: "lights"
    parent: "works"
    names { language: "en" text: "Street lighting" }
  }
  units { code: "parks" }
  areas { code: "city" }
  areas { code: "xinyi" parent: "city" }
  areas { code: "wenshan" parent: "city" }
  priorities { code: "normal" }
  priorities { code: "high" }
  priorities { code: "urgent" }
  ladders {
    code: "usual"
    levels { code: "warn" percent: 80 }
    levels { code: "breach" breach: true }
    levels { code: "chief" after: "8h" raise_priority: "high" }
  }
  clocks {
    code: "accept"
    start { verb: OPEN }
    stop { verb: ACCEPT }
    stop { verb: ASSIGN }
    targets { working_time: "4h" illustrative: true }
    calendar: "office"
  }
  clocks {
    code: "resolve"
    shown: true
    ladder: "usual"
    calendar: "office"
    pause { phase: WAITING }
    targets { working_time: "16h" illustrative: true }
    targets { priority: "high" working_time: "8h" illustrative: true }
  }
  clocks {
    code: "follow_up"
    start { verb: CLOSE_AND_FOLLOW_UP }
    stop { verb: COMPLETE_FOLLOW_UP }
    targets { calendar_days: 30 illustrative: true }
  }
  categories {
    code: "roads"
    kind: GROUP
    names { language: "en" text: "Roads" }
    unit: "works"
    priority: "normal"
    clocks { clock: "accept" }
    clocks { clock: "resolve" }
    clocks { clock: "follow_up" }
  }
  categories {
    code: "streetlight"
    parent: "roads"
    kind: CASE
    unit: "lights"
    names { language: "en" text: "Street light out" }
    names { language: "zh-Hant" text: "路燈故障" }
    attributes { code: "pole" datatype: STRING order: 1 }
    attributes {
      code: "kind"
      datatype: SINGLEVALUELIST
      order: 2
      values { key: "dark" }
      values { key: "flicker" }
    }
  }
  categories {
    code: "pothole"
    parent: "roads"
    kind: CASE
    names { language: "en" text: "Pothole" }
    clocks {
      clock: "resolve"
      targets { elapsed: "24h" illustrative: true }
    }
  }
  categories {
    code: "tree"
    kind: CASE
    unit: "parks"
    names { language: "en" text: "Tree" }
    clocks {
      clock: "resolve"
      targets { working_days: 3 calendar: "office" illustrative: true }
    }
  }
  notices {
    code: "received"
    verbs: OPEN
    to: TO_REPORTER
    subject { language: "en" text: "{{reference}}" }
    text { language: "en" text: "{{category}}: due {{due}}" }
  }
  notices {
    code: "late"
    levels { clock: "resolve" level: "breach" }
    to: TO_UNIT
    to: TO_PARENT_UNIT
    text { language: "en" text: "{{reference}} is late" }
  }
  notices {
    code: "moved"
    due_moved: true
    to: TO_REPORTER
    text { language: "en" text: "now due {{due}}" }
  }
  notices {
    code: "answer"
    verbs: RESOLVE
    to: TO_REPORTER
    text { language: "en" text: "{{outcome}}" }
  }
)pb";
// clang-format on

inline absl::Time At(std::string_view rfc3339) {
  absl::Time t;
  std::string why;
  EXPECT_TRUE(
      absl::ParseTime(absl::RFC3339_full, std::string(rfc3339), &t, &why))
      << rfc3339 << ": " << why;
  return t;
}

inline Policy TestPolicy(std::string_view text = kPolicy) {
  auto policy = Policy::FromTextproto(text);
  EXPECT_TRUE(policy.ok()) << policy.status();
  if (!policy.ok()) {
    const v1::ErrorInfo info = InfoOf(policy.status());
    for (const auto& p : info.problems()) {
      ADD_FAILURE() << p.path() << ": " << p.message() << "; " << p.hint();
    }
  }
  return *policy;
}

// Remembers what it was given, and answers what it is told to.
class Mailbox final : public Notifier {
 public:
  explicit Mailbox(std::string name = "file") : name_(std::move(name)) {}
  std::string name() const override { return name_; }
  std::vector<SendResult> Send(std::span<const Envelope> envelopes,
                               absl::Time) override {
    std::vector<SendResult> results;
    for (const Envelope& e : envelopes) {
      sent.push_back(e);
      results.push_back({.outcome = answer});
    }
    return results;
  }
  std::vector<Envelope> sent;
  Outcome answer = Outcome::kDelivered;

 private:
  std::string name_;
};

// A store, a clock that stands still, an engine over them.
class City {
 public:
  explicit City(Store* other_store = nullptr,
                std::string_view policy_text = kPolicy,
                std::string_view now = "2026-02-12T09:00:00+08:00")
      : clock(At(now)), store(other_store ? other_store : &memory) {
    auto opened = Engine::Open(
        store, {.clock = &clock, .entropy = &entropy, .notifiers = {&mailbox}});
    EXPECT_TRUE(opened.ok()) << opened.status();
    engine = *std::move(opened);
    const auto adopted = engine->Adopt(admin, TestPolicy(policy_text), 0);
    EXPECT_TRUE(adopted.ok() ||
                ReasonOf(adopted.status()) == v1::ErrorInfo::VERSION_CONFLICT)
        << adopted.status();
  }

  // Whatever a test did, what it leaves agrees with itself.
  ~City() {
    const auto report = CheckStore(store);
    EXPECT_TRUE(report.ok()) << report.status();
    if (!report.ok()) return;
    for (const v1::Problem& p : report->problems) {
      ADD_FAILURE() << p.path() << ": " << p.message() << "; " << p.hint();
    }
  }
  City(const City&) = delete;
  City& operator=(const City&) = delete;

  // Opens a case of a named reporter and gives its reference.
  std::string Open(const std::string& category = "streetlight",
                   const std::string& key = "") {
    v1::Command c;
    c.set_key(key);
    c.mutable_open()->set_category(category);
    c.mutable_open()->set_description("dark since Sunday");
    c.mutable_open()->mutable_reporter()->set_id("citizen-1");
    c.mutable_open()->mutable_reporter()->set_name("A. Lin");
    const auto receipt = engine->Execute(agent, c);
    EXPECT_TRUE(receipt.ok()) << receipt.status();
    return receipt.ok() ? receipt->reference() : "";
  }

  absl::StatusOr<v1::Receipt> Do(const std::string& reference,
                                 std::string_view verb_text,
                                 const Actor* who = nullptr) {
    v1::Command c = Parse(verb_text);
    c.set_reference(reference);
    return engine->Execute(who ? *who : supervisor, c);
  }

  static v1::Command Parse(std::string_view textproto);

  v1::Case Get(const std::string& reference) {
    const auto found = engine->Get(admin, reference);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : v1::Case();
  }

  void GoTo(std::string_view rfc3339) {
    clock.SetTime(At(rfc3339));
    const auto due = engine->RunDue(absl::Seconds(10));
    EXPECT_TRUE(due.ok()) << due.status();
  }

  std::vector<v1::Event> Events(const std::string& reference) {
    v1::Page page;
    page.set_limit(1000);
    const auto found = engine->History(admin, reference, page);
    EXPECT_TRUE(found.ok()) << found.status();
    if (!found.ok()) return {};
    return {found->events().begin(), found->events().end()};
  }

  SimulatedClock clock;
  MemoryStore memory{&clock};
  SeededEntropy entropy{7};
  Mailbox mailbox;
  Store* store;
  std::unique_ptr<Engine> engine;
  Actor admin{.tenant = "t", .id = "ada", .roles = {"admin"}};
  Actor supervisor{.tenant = "t", .id = "sue", .roles = {"supervisor"}};
  Actor agent{.tenant = "t", .id = "ali", .roles = {"agent"}};
  Actor lights{
      .tenant = "t", .id = "lee", .roles = {"unit"}, .units = {"lights"}};
  Actor reporter{.tenant = "t", .id = "citizen-1", .roles = {"reporter"}};
};

// The clock of a case by its code.
inline const v1::ClockState* ClockOf(const v1::Case& on,
                                     std::string_view code) {
  for (const v1::ClockState& clock : on.clocks()) {
    if (clock.clock() == code) return &clock;
  }
  return nullptr;
}

}  // namespace hotline::tests

#include "google/protobuf/text_format.h"

namespace hotline::tests {

inline v1::Command City::Parse(std::string_view textproto) {
  v1::Command c;
  EXPECT_TRUE(
      google::protobuf::TextFormat::ParseFromString(std::string(textproto), &c))
      << textproto;
  return c;
}

}  // namespace hotline::tests

#endif  // HOTLINE_TESTS_SUPPORT_CITY_H_
