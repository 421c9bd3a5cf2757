// A store of hand-made cases, for the tests of reports: what stands in it is
// written down, not computed, so that figures are checked against the hand.
#ifndef HOTLINE_TESTS_READERS_FIGURES_H_
#define HOTLINE_TESTS_READERS_FIGURES_H_

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "hotline/adapters/memory_store.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "hotline/judge.h"
#include "tests/readers/fixture.h"

namespace hotline::testing {

inline std::string FiguresPolicyText() {
  std::string text = R"(
    id: "figures"
    title: "A city of figures"
    source: "the test itself"
    time_zone: "Asia/Taipei"
    calendars { id: "office" time_zone: "Asia/Taipei" revision: "r7"
  )";
  for (const char* day :
       {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"}) {
    text += std::string("weekly { day: ") + day +
            " hours { open: \"08:00\" close: \"12:00\" }"
            " hours { open: \"13:00\" close: \"17:00\" } }\n";
  }
  return text + R"(
    }
    units { code: "works" calendar: "office" }
    units { code: "lights" calendar: "office" }
    areas { code: "city" }
    areas { code: "xinyi" parent: "city" }
    clocks {
      code: "resolve"
      names { language: "en" text: "Done" }
      names { language: "zh-Hant" text: "結案" }
      calendar: "office"
      shown: true
      pause { phase: WAITING }
      targets { working_time: "16h" }
    }
    clocks {
      code: "reply"
      calendar: "office"
      start { verb: ACCEPT }
      targets { elapsed: "24h" }
    }
    clocks {
      code: "hand"
      agreement: OPERATIONAL_LEVEL
      calendar: "office"
      targets { working_time: "4h" }
    }
    categories { code: "roads" kind: GROUP unit: "works"
                 clocks { clock: "resolve" } }
    categories { code: "pothole" parent: "roads" }
    categories {
      code: "streetlight"
      parent: "roads"
      unit: "lights"
      names { language: "en" text: "Street light out" }
      names { language: "zh-Hant" text: "路燈故障" }
    }
    categories { code: "tree" unit: "works" clocks { clock: "resolve" } }
  )";
}

inline absl::Time Instant(const std::string& rfc3339) {
  absl::Time at;
  std::string why;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, rfc3339, &at, &why)) << why;
  return at;
}

// "seconds: 1770000000 nanos: 0", for the text of a message.
inline std::string Stamp(const std::string& rfc3339) {
  const int64_t ms = absl::ToUnixMillis(Instant(rfc3339));
  return "{ seconds: " + std::to_string(ms / 1000) +
         " nanos: " + std::to_string(ms % 1000 * 1'000'000) + " }";
}

inline std::string MarkText(const std::string& kind, const std::string& at) {
  return "marks { kind: " + kind + " at " + Stamp(at) + " } ";
}

// The text of a clock that ran from `start` to `stop` and was due then.
inline std::string StoppedText(const std::string& clock,
                               const std::string& start,
                               const std::string& stop, const std::string& due,
                               bool broken = false) {
  return "clocks { clock: '" + clock +
         "' cycle: 1 state: STOPPED calendar: 'office' policy_version: 1 "
         "target { working_time: '16h' } due " +
         Stamp(due) + " due_next_open " + Stamp(due) +
         (broken ? " breached: true breached_at " + Stamp(due) : "") + " " +
         MarkText("START", start) + MarkText("STOP", stop) + "} ";
}

class FiguresStore {
 public:
  explicit FiguresStore(const std::string& now = "2026-03-01T00:00:00+08:00",
                        const std::string& policy = FiguresPolicyText())
      : clock(Instant(now)) {
    auto opened = Engine::Open(&store, {.clock = &clock, .entropy = &entropy});
    EXPECT_TRUE(opened.ok()) << opened.status();
    engine = *std::move(opened);
    auto compiled = Policy::FromTextproto(policy);
    EXPECT_TRUE(compiled.ok()) << compiled.status();
    EXPECT_TRUE(engine->Adopt(actor, *compiled, 0).ok());
  }

  // A case with these clocks, as text; category, unit and area as given.
  void Put(const std::string& clocks, const std::string& category = "tree",
           const std::string& unit = "works", const std::string& area = "",
           const std::string& more = "") {
    auto on = Proto<v1::Case>(clocks + more);
    on.set_tenant("t");
    std::string id(16, '\0');
    ++count_;
    id[14] = static_cast<char>(count_ / 200);
    id[15] = static_cast<char>(count_ % 200);
    on.set_id(id);
    on.set_reference("ref-" + std::to_string(count_));
    on.set_version(1);
    on.set_category(category);
    on.set_unit(unit);
    on.set_area(area);
    on.set_phase(v1::ACTIVE);
    on.set_fold_version(kFoldVersion);
    if (on.policy_version() == 0) on.set_policy_version(1);
    CaseRow row;
    row.key = {"t", id};
    row.version = 1;
    row.reference = on.reference();
    row.category = category;
    row.payload = on.SerializeAsString();
    Write write;
    CaseChange& change = write.cases.emplace_back();
    change.row = row;
    change.event = EventRow{.key = row.key, .version = 1};
    const auto verdicts = store.Commit({&write, 1});
    EXPECT_TRUE(verdicts.front().ok()) << verdicts.front();
  }

  std::string Open(const std::string& category = "tree") {
    v1::Command c;
    c.mutable_open()->set_category(category);
    c.mutable_open()->set_description("as it is");
    c.mutable_open()->mutable_reporter()->set_id("citizen-1");
    const auto receipt = engine->Execute(actor, c);
    EXPECT_TRUE(receipt.ok()) << receipt.status();
    return receipt.ok() ? receipt->reference() : "";
  }

  void Do(const std::string& reference, const std::string& verb) {
    auto c = Proto<v1::Command>(verb);
    c.set_reference(reference);
    const auto receipt = engine->Execute(actor, c);
    EXPECT_TRUE(receipt.ok()) << receipt.status();
  }

  // Every row the store gives away, as text.
  std::string Dump() {
    std::string all;
    Filter filter;
    filter.tenant = "t";
    filter.limit = 10'000;
    filter.sealed = true;
    const auto page = store.Find(filter);
    EXPECT_TRUE(page.ok());
    for (const CaseRow& row : page->rows) {
      all += row.reference + std::to_string(row.version) +
             std::to_string(row.next_at) + row.chain + row.payload +
             row.sealed.value_or("none");
      const auto events = store.ReadEvents(EventsOf(row.key, 0, 1'000));
      for (const EventRow& event : events->rows) {
        all += event.payload + event.sealed.value_or("none");
      }
    }
    for (const auto& [tenant, kind] :
         {std::pair("", "tenant"), std::pair("t", "policy"),
          std::pair("t", "key")}) {
      RecordRange range;
      range.tenant = tenant;
      range.kind = kind;
      range.sealed = true;
      const auto records = store.ReadRecords(range);
      for (const Record& record : *records) {
        all += record.key.key + std::to_string(record.version) + record.payload;
      }
    }
    DueQuery due{.tenant = "t", .due = kNever - 1};
    const auto timers = store.Claim(due);
    for (const Claimed& timer : *timers) all += std::to_string(timer.due_at);
    return all;
  }

  SimulatedClock clock;
  SeededEntropy entropy{11};
  MemoryStore store{&clock};
  std::unique_ptr<Engine> engine;
  const Actor actor{
      .tenant = "t", .id = "sue", .roles = {"admin", "supervisor"}};

 private:
  int count_ = 0;
};

}  // namespace hotline::testing

#endif  // HOTLINE_TESTS_READERS_FIGURES_H_
