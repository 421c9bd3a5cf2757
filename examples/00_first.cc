#include <iostream>

#include "hotline/adapters/memory_store.h"
#include "hotline/engine.h"

int main() {
  const auto policy = hotline::Policy::FromTextproto(R"(
    id: "first"
    clocks { code: "answer" targets { elapsed: "72h" illustrative: true } }
    categories { code: "pothole" kind: CASE clocks { clock: "answer" } })");
  if (!policy.ok()) return std::cerr << policy.status() << "\n", 1;
  hotline::MemoryStore store;
  auto engine = hotline::Engine::Open(&store, {});
  const hotline::Actor me{.tenant = "town", .id = "me", .roles = {"admin"}};
  if (!engine.ok() || !(*engine)->Adopt(me, *policy, 0).ok()) return 1;
  hotline::v1::Command command;
  command.mutable_open()->set_category("pothole");
  const auto receipt = (*engine)->Execute(me, command);
  if (!receipt.ok()) return std::cerr << receipt.status() << "\n", 1;
  std::cout << (receipt->has_due() ? "opened, and due\n" : "opened\n");
}
