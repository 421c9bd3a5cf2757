// One of the processes a drill kills: works on a store until it is killed, or
// until it has done all it was to do, and writes down what it was told.
//
//   hotline_drill_worker STORE NAME LEDGER COMMANDS
//
// STORE is `sqlite:PATH`, or `postgres:CONNINFO` where that is built. A line of
// LEDGER is whole or absent, and stands there only after the store has
// answered:
//
//   done KEY REFERENCE VERSION      a command was answered
//   sent DEDUPE REFERENCE NOTICE RECIPIENT
//
// Started anew under its name it goes on behind the last command answered: the
// one that may have been under way is given again under its key.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "hotline/engine.h"
#include "tests/drill/drill.h"

namespace hotline::drill {
namespace {

// How many commands of `name` the ledger knows to be done.
int DoneBefore(const std::string& path, const std::string& name) {
  int done = 0;
  for (const Line& line : ReadLedger(path)) {
    if (line.done && line.key.starts_with(name + "-")) ++done;
  }
  return done;
}

// What befalls anyone in a drill: the same again may pass.
bool Passing(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case v1::ErrorInfo::STORE_FAILED:
    case v1::ErrorInfo::STORE_BUSY:
    case v1::ErrorInfo::STORE_CONTENDED:
    case v1::ErrorInfo::OUTCOME_UNKNOWN:
      return true;
    default:
      return false;
  }
}

// Tries until it goes, half a minute at most.
template <typename Call>
auto Patiently(Call call) -> decltype(call()) {
  for (int tries = 0;; ++tries) {
    auto answer = call();
    if (answer.ok() || tries == 3'000) return answer;
    if (!Passing(answer.status())) return answer;
    usleep(10'000);
  }
}

class Worker {
 public:
  Worker(std::string name, Engine* engine, const Ledger* ledger)
      : name_(std::move(name)), engine_(engine), ledger_(ledger) {}

  absl::Status Do(int i) {
    constexpr int kSteps = 5;
    const int step = i % kSteps;
    v1::Command open;
    open.set_key(absl::StrCat(name_, "-", i - step));
    open.mutable_open()->set_category("streetlight");
    open.mutable_open()->set_description("dark since Sunday");
    if (step == 0) return Tell(open);
    // Under its key an opening answers again what it opened.
    const auto opened =
        Patiently([&] { return engine_->Execute(kHand, open); });
    if (!opened.ok()) return opened.status();
    v1::Command next;
    next.set_key(absl::StrCat(name_, "-", i));
    next.set_reference(opened->reference());
    if (step == 2) {
      next.mutable_accept();
    } else if (step == 4) {
      next.mutable_resolve()->set_answer("mended");
    } else {
      next.mutable_note()->set_visibility(v1::Note::INTERNAL_NOTE);
      next.mutable_note()->set_text("on the way");
    }
    return Tell(next);
  }

  absl::Status RunDue() {
    return Patiently([&] { return engine_->RunDue(absl::ZeroDuration()); })
        .status();
  }

 private:
  absl::Status Tell(const v1::Command& command) {
    const auto receipt =
        Patiently([&] { return engine_->Execute(kHand, command); });
    if (!receipt.ok()) return receipt.status();
    ledger_->Add(absl::StrCat("done ", command.key(), " ", receipt->reference(),
                              " ", receipt->version(), "\n"));
    return absl::OkStatus();
  }

  const std::string name_;
  Engine* const engine_;
  const Ledger* const ledger_;
};

absl::Status AdoptPatiently(Engine* engine) {
  return Patiently([engine]() -> absl::StatusOr<bool> {
           absl::Status adopted = AdoptPolicy(engine);
           if (!adopted.ok()) return adopted;
           return true;
         })
      .status();
}

absl::Status Main(const std::string& spec, const std::string& name,
                  const std::string& path, int commands) {
  auto store = Patiently([&] { return OpenStore(spec, nullptr); });
  if (!store.ok()) return store.status();
  const Ledger ledger(path);
  LedgerNotifier notifier(&ledger);
  auto engine = Patiently(
      [&] { return Engine::Open(store->get(), {.notifiers = {&notifier}}); });
  if (!engine.ok()) return engine.status();
  if (absl::Status s = AdoptPatiently(engine->get()); !s.ok()) return s;
  Worker worker(name, engine->get(), &ledger);
  for (int i = DoneBefore(path, name); i < commands; ++i) {
    if (absl::Status s = worker.Do(i); !s.ok()) return s;
    if (i % 3 != 0) continue;
    if (absl::Status s = worker.RunDue(); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace hotline::drill

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: hotline_drill_worker STORE NAME LEDGER COMMANDS\n";
    return 2;
  }
  const absl::Status status =
      hotline::drill::Main(argv[1], argv[2], argv[3], std::atoi(argv[4]));
  if (!status.ok()) std::cerr << argv[2] << ": " << status << "\n";
  return status.ok() ? 0 : 1;
}
