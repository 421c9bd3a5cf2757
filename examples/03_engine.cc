// A case from the call to the answer: engine, store, time, notices.
#include <iostream>

#include "hotline/adapters/memory_store.h"
#include "hotline/engine.h"

int main() {
  const auto policy = hotline::Policy::FromTextproto(R"(
    id: "smallville" time_zone: "Asia/Taipei"
    units { code: "lights" }
    clocks { code: "resolve" shown: true targets { elapsed: "72h" illustrative: true } }
    categories { code: "streetlight" kind: CASE unit: "lights" clocks { clock: "resolve" } })");
  if (!policy.ok()) return std::cerr << policy.status() << "\n", 1;
  hotline::MemoryStore store;  // or SqliteStore::Open("city.db", {})
  hotline::SimulatedClock clock(absl::FromUnixSeconds(1'770'000'000));
  hotline::SeededEntropy dice(42);  // leave both out in a real system
  const hotline::Engine::Options options{.clock = &clock, .entropy = &dice};
  auto engine = *hotline::Engine::Open(&store, options);
  const hotline::Actor admin{.tenant = "t", .id = "ada", .roles = {"admin"}};
  if (!engine->Adopt(admin, *policy, 0).ok()) return 1;

  hotline::v1::Command open;
  open.set_key("call-0042");  // said twice, done once
  open.mutable_open()->set_category("streetlight");
  const auto receipt = engine->Execute(admin, open);
  if (!receipt.ok()) return std::cerr << receipt.status() << "\n", 1;
  std::cout << "opened " << receipt->reference() << ", due "
            << receipt->due().seconds() - 1'770'000'000 << " s from now\n";

  clock.AdvanceTime(absl::Hours(80));
  const auto due = engine->RunDue(absl::Seconds(1));
  if (!due.ok()) return 1;
  std::cout << due->fired << " case had something due\n";
  const auto found = engine->Get(admin, receipt->reference());
  std::cout << "broken: " << found->clocks(0).breached() << "\n";
  hotline::v1::Command resume;  // it does not wait for anybody
  resume.set_reference(receipt->reference());
  resume.mutable_resume();
  std::cout << engine->Execute(admin, resume).status().message() << "\n";
}
