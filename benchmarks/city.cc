#include "benchmarks/city.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <span>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hotline/limits.h"

namespace hotline::bench {
namespace {

using Steady = std::chrono::steady_clock;

// Each verb used here tells somebody once, so that each command has one
// delivery. The hours are made up; only their kinds matter.
constexpr char kPolicy[] = R"pb(
  id: "benchmark"
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
  }
  units { code: "works" calendar: "office" }
  units { code: "lights" parent: "works" }
  priorities { code: "normal" }
  priorities { code: "high" }
  ladders {
    code: "usual"
    levels { code: "warn" percent: 80 }
    levels { code: "breach" breach: true }
    levels { code: "chief" after: "8h" }
  }
  clocks {
    code: "resolve"
    shown: true
    ladder: "usual"
    calendar: "office"
    pause { phase: WAITING }
    targets { working_time: "320h" illustrative: true }
    targets { priority: "high" working_time: "160h" illustrative: true }
  }
  clocks {
    code: "around_the_clock"
    shown: true
    ladder: "usual"
    targets { elapsed: "240h" illustrative: true }
  }
  categories { code: "roads" kind: GROUP unit: "works" priority: "normal" }
  categories {
    code: "streetlight"
    parent: "roads"
    kind: CASE
    unit: "lights"
    clocks { clock: "resolve" }
    attributes { code: "pole" datatype: STRING order: 1 }
  }
  categories {
    code: "signal"
    parent: "roads"
    kind: CASE
    unit: "lights"
    clocks { clock: "around_the_clock" }
  }
  notices {
    code: "received"
    verbs: OPEN
    to: TO_REPORTER
    text { language: "en" text: "{{reference}}: due {{due}}" }
  }
  notices {
    code: "yours"
    verbs: ASSIGN
    verbs: REPRIORITISE
    to: TO_UNIT
    text { language: "en" text: "{{reference}}" }
  }
  notices {
    code: "soon"
    levels { clock: "around_the_clock" level: "warn" }
    to: TO_UNIT
    text { language: "en" text: "{{reference}}" }
  }
)pb";

double SecondsSince(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

double CpuSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

void Require(const absl::Status& status, std::string_view what) {
  if (status.ok()) return;
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(what.size()), what.data(),
               status.ToString().c_str());
  std::exit(1);
}

Policy CityPolicy() {
  return Require(Policy::FromTextproto(kPolicy), "policy");
}

v1::Command OpenCommand(std::string_view category, uint64_t number) {
  v1::Command command;
  command.set_key(absl::StrCat("call-", number));
  v1::Open* open = command.mutable_open();
  open->set_category(std::string(category));
  open->set_description(
      "The lamp before the school has been dark since Sunday evening; children "
      "cross here before sunrise.");
  open->set_channel("phone");
  open->set_language("en");
  open->mutable_place()->set_address(
      absl::StrCat(number % 300 + 1, " Example Road, Section 2"));
  open->mutable_place()->set_cell(number % 5'000 + 1);
  open->mutable_reporter()->set_id(absl::StrCat("citizen-", number));
  open->mutable_reporter()->set_name("A. Reporter");
  open->mutable_reporter()->set_phone("+10000000000");
  return command;
}

City::City(const std::string& dir, const std::string& name)
    : path(absl::StrCat(dir, "/", name, ".db")),
      plain_path(absl::StrCat(dir, "/", name, "-plain.db")) {
  absl::Time start;
  absl::ParseTime(absl::RFC3339_full, "2026-03-02T09:00:00+08:00", &start,
                  nullptr);
  clock.SetTime(start);
  store = Require(SqliteStore::Open(path), "store");
  capture = std::make_unique<Capture>(store.get());
  engine = Require(
      Engine::Open(capture.get(), {.clock = &clock, .entropy = &entropy}),
      "engine");
  Require(engine->Adopt(actor, CityPolicy(), 0), "adopt");
  capture->Take();
  plain = std::make_unique<Plain>(plain_path, path);
}

std::vector<v1::Command> City::Opens(int count, std::string_view category) {
  std::vector<v1::Command> commands;
  for (int i = 0; i < count; ++i) {
    commands.push_back(OpenCommand(category, ++number_));
  }
  return commands;
}

std::vector<v1::Command> City::Later(int count, size_t part, size_t parts) {
  std::vector<v1::Command> commands;
  for (int i = 0; i < count; ++i) {
    const size_t at = dice_() % (cases() / parts) * parts + part;
    const uint32_t step = steps_[at]++;
    v1::Command& command = commands.emplace_back();
    command.set_key(absl::StrCat("call-", ++number_));
    command.set_reference(references_[at]);
    if (step % 2 == 0) {
      command.mutable_assign()->set_assignee(absl::StrCat("agent-", step));
    } else {
      command.mutable_reprioritise()->set_priority(step % 4 == 1 ? "high"
                                                                 : "normal");
    }
  }
  return commands;
}

std::vector<v1::Command> City::Mix(int count) {
  std::vector<v1::Command> commands;
  for (int i = 0; i < count; ++i) {
    for (v1::Command& one : i % 5 == 0 ? Opens(1) : Later(1)) {
      commands.push_back(std::move(one));
    }
  }
  return commands;
}

void City::Note(const v1::Command& command,
                const absl::StatusOr<v1::Receipt>& receipt) {
  Require(receipt.status(), "command");
  if (!command.has_open()) return;
  references_.push_back(receipt->reference());
  steps_.push_back(0);
}

City::Took City::Run(const std::vector<v1::Command>& commands, size_t at_once,
                     std::vector<double>* seconds_each) {
  capture->TakeSeconds();
  Took all;
  for (size_t i = 0; i < commands.size(); i += at_once) {
    clock.AdvanceTime(absl::Milliseconds(1));
    const size_t count = std::min(at_once, commands.size() - i);
    std::vector<absl::StatusOr<v1::Receipt>> receipts;
    const auto start = Steady::now();
    const double cpu = CpuSeconds();
    if (at_once == 1) {
      receipts.push_back(engine->Execute(actor, commands[i]));
    } else {
      receipts =
          engine->ExecuteBatch(actor, std::span(commands).subspan(i, count));
    }
    all.cpu += CpuSeconds() - cpu;
    const double took = SecondsSince(start);
    all.seconds += took;
    if (seconds_each != nullptr) seconds_each->push_back(took);
    for (size_t k = 0; k < count; ++k) Note(commands[i + k], receipts[k]);
  }
  const double copying = capture->TakeSeconds();
  return {all.seconds - copying, all.cpu - copying};
}

City::Took City::RunPlain(size_t at_once) {
  const std::vector<PlainWrite> writes = plain->Prepare(capture->Take());
  const auto start = Steady::now();
  const double cpu = CpuSeconds();
  plain->Run(writes, at_once);
  return {SecondsSince(start), CpuSeconds() - cpu};
}

void City::Fill(int count, std::string_view category) {
  while (count > 0) {
    const int now = std::min(count, limits::kBatchCommandsMax);
    Run(Opens(now, category), static_cast<size_t>(now));
    RunPlain(static_cast<size_t>(now));
    count -= now;
  }
}

void City::FillTo(int64_t size) {
  constexpr size_t kTold = 100'000;
  while (static_cast<int64_t>(cases()) < size) {
    clock.AdvanceTime(absl::Milliseconds(1));
    const int64_t missing = size - static_cast<int64_t>(cases());
    const auto half = static_cast<int>(
        std::min<int64_t>(limits::kBatchCommandsMax, (missing + 1) / 2));
    // One batch is judged while the other is committed.
    const std::vector<v1::Command> one = Opens(half);
    const std::vector<v1::Command> other = Opens(half);
    std::vector<absl::StatusOr<v1::Receipt>> receipts;
    std::thread helper([&] { receipts = engine->ExecuteBatch(actor, other); });
    const auto answers = engine->ExecuteBatch(actor, one);
    helper.join();
    for (size_t i = 0; i < one.size(); ++i) Note(one[i], answers[i]);
    for (size_t i = 0; i < other.size(); ++i) Note(other[i], receipts[i]);
    capture->Take();
    if (cases() % kTold != 0) continue;
    std::fprintf(stderr, "\r%zu of %lld cases", cases(),
                 static_cast<long long>(size));
  }
  if (cases() >= kTold) std::fputc('\n', stderr);
  plain.reset();
  std::filesystem::remove(plain_path);
  Require(store->Backup(plain_path, [](int64_t, int64_t) {}), "copy");
  plain = std::make_unique<Plain>(plain_path);
}

}  // namespace hotline::bench
