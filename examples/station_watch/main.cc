// Three workers share one city's timers and deliveries. One is killed while it
// holds deliveries; the others go on with them when its leases end.
//
//   station_watch --store=postgres:CONNINFO   three processes, SIGKILL
//   station_watch --store=sqlite:FILE         three threads on one file; the
//                                             second stands still for ever
//
// `--out=FOLDER` keeps the journals. Exit status 0 if all went as promised. A
// run with PostgreSQL, as run.sh makes one:
//
//            fired  told  second try  told in each second
//   north      107   131          24  ..+++++++++......................2++
//   south       21    36           0  ..+++x
//   east        88    88           0  ..+++++++3..........................
//
//   cases: 240; breach recorded once in each
//   notices: 240 of 240 told; 15 told again under the same key, ...
//   south held 24 deliveries when it died at 5.0 s; others went on with them
//   28.8 to 30.6 s later (promised: 45)
//
// What a worker fired it notes after the commit, so a killed one's last cases
// stand in nobody's journal; the store has them all.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "hotline/adapters/sqlite_store.h"
#include "hotline/engine.h"
#ifdef STATION_WATCH_POSTGRES
#include "hotline/adapters/postgres_store.h"
#endif
#include "picture.h"
#include "worker.h"

namespace station {
namespace {

constexpr char kPolicy[] = R"(
  id: "watch"
  time_zone: "Asia/Taipei"
  units { code: "lights" }
  ladders { code: "late" levels { code: "breach" breach: true } }
  clocks {
    code: "answer"
    ladder: "late"
    targets { elapsed: "2s" illustrative: true }
  }
  categories {
    code: "streetlight" kind: CASE unit: "lights" clocks { clock: "answer" }
  }
  notices {
    code: "late"
    levels { clock: "answer" level: "breach" }
    to: TO_UNIT
    text { language: "en" text: "{{reference}} is late" }
  })";

constexpr int kCases = 240;
constexpr absl::Duration kOpenEvery = absl::Milliseconds(15);
constexpr absl::Duration kKillAfter = absl::Seconds(5);
// Until then it must hold eight to be killed, from then on one is enough.
constexpr absl::Duration kKillAtLast = absl::Seconds(8);
constexpr absl::Duration kGiveUpAfter = absl::Seconds(180);
const std::vector<std::string> kNames = {"north", "south", "east"};
const hotline::Actor kDesk{
    .tenant = "city", .id = "desk", .roles = {"admin", "agent"}};

std::atomic<bool> stop = false;

std::string JournalOf(const std::string& folder, const std::string& name) {
  return folder + "/" + name + ".journal";
}

absl::StatusOr<std::unique_ptr<hotline::Store>> OpenStore(
    const std::string& where, hotline::Clock* clock) {
  if (where.starts_with("sqlite:")) {
    return hotline::SqliteStore::Open(where.substr(7), {.clock = clock});
  }
#ifdef STATION_WATCH_POSTGRES
  if (where.starts_with("postgres:")) {
    return hotline::PostgresStore::Open({.conninfo = where.substr(9)});
  }
#endif
  return absl::InvalidArgumentError("no store " + where);
}

// The workers of a drill, whatever they are.
class Crew {
 public:
  virtual ~Crew() = default;
  virtual void KillSecond() = 0;
  // Waits for the end of all that live.
  virtual void Stop() = 0;
};

class Threads final : public Crew {
 public:
  Threads(hotline::Store* store, hotline::Clock* clock,
          const std::string& folder) {
    for (size_t i = 0; i < kNames.size(); ++i) {
      threads_.emplace_back([=, this] {
        const absl::Status worked =
            Work(store, {.clock = clock,
                         .journal = JournalOf(folder, kNames[i]),
                         .stop = &stop,
                         .dead = i == 1 ? &dead_ : nullptr});
        if (!worked.ok()) std::cerr << kNames[i] << ": " << worked << "\n";
      });
    }
  }
  void KillSecond() override { dead_ = true; }
  void Stop() override {
    stop = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> dead_ = false;
  std::vector<std::thread> threads_;
};

class Processes final : public Crew {
 public:
  Processes(const char* program, const std::string& store,
            const std::string& folder) {
    for (const std::string& name : kNames) {
      const std::string from = "--store=" + store, out = "--out=" + folder,
                        as = "--worker=" + name;
      const pid_t child = fork();
      if (child == 0) {
        execl(program, program, from.c_str(), out.c_str(), as.c_str(),
              static_cast<char*>(nullptr));
        _exit(127);
      }
      children_.push_back(child);
    }
  }
  void KillSecond() override {
    kill(children_[1], SIGKILL);
    waitpid(children_[1], nullptr, 0);
    children_.erase(children_.begin() + 1);
  }
  void Stop() override {
    for (const pid_t child : children_) kill(child, SIGTERM);
    for (const pid_t child : children_) waitpid(child, nullptr, 0);
  }

 private:
  std::vector<pid_t> children_;
};

// Makes a simulated clock run, four times as fast as ours.
class Metronome {
 public:
  explicit Metronome(hotline::SimulatedClock* clock)
      : thread_([this, clock] {
          while (!over_) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            clock->AdvanceTime(absl::Milliseconds(8));
          }
        }) {}
  ~Metronome() {
    over_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

void ReadJournals(const std::string& folder, Drill* drill) {
  drill->journals.clear();
  for (const std::string& name : drill->names) {
    drill->journals.push_back(Journal::Read(JournalOf(folder, name)));
  }
}

// Opens the cases one by one, kills the second worker and waits until every
// notice was told.
absl::Status Run(hotline::Engine* engine, hotline::Clock* clock,
                 const std::string& folder, Crew* crew, Drill* drill) {
  hotline::v1::Command open;
  open.mutable_open()->set_category("streetlight");
  const absl::Time give_up = drill->began + kGiveUpAfter;
  bool killed = false;
  while (drill->cases < kCases || !killed || Told(*drill) < kCases) {
    const absl::Time now = clock->TimeNow();
    if (now > give_up) return absl::DeadlineExceededError("it does not end");
    if (drill->cases < kCases) {
      const auto receipt = engine->Execute(kDesk, open);
      if (!receipt.ok()) return receipt.status();
      ++drill->cases;
    }
    ReadJournals(folder, drill);
    if (!killed && now > drill->began + kKillAfter &&
        Held(*drill).size() >= (now < drill->began + kKillAtLast ? 8 : 1)) {
      crew->KillSecond();
      drill->died = clock->TimeNow();
      killed = true;
    }
    WaitUntil(clock, now + kOpenEvery, stop);
  }
  return absl::OkStatus();
}

int Watch(const char* program, const std::string& where,
          const std::string& folder) {
  const bool threads = where.starts_with("sqlite:");
  hotline::SimulatedClock simulated(absl::FromUnixSeconds(1'770'000'000));
  hotline::Clock* const clock = threads ? &simulated : hotline::RealClock();
  const auto store = OpenStore(where, clock);
  if (!store.ok()) return std::cerr << store.status() << "\n", 3;
  const auto engine = hotline::Engine::Open(store->get(), {.clock = clock});
  if (!engine.ok()) return std::cerr << engine.status() << "\n", 3;
  const auto policy = hotline::Policy::FromTextproto(kPolicy);
  if (!policy.ok()) return std::cerr << policy.status() << "\n", 3;
  const auto adopted = (*engine)->Adopt(kDesk, *policy, 0);
  if (!adopted.ok()) return std::cerr << adopted.status() << "\n", 3;

  std::filesystem::create_directories(folder);
  for (const std::string& name : kNames) {
    std::filesystem::remove(JournalOf(folder, name));
  }
  const auto metronome =
      threads ? std::make_unique<Metronome>(&simulated) : nullptr;
  std::unique_ptr<Crew> crew;
  if (threads) {
    crew = std::make_unique<Threads>(store->get(), clock, folder);
  } else {
    crew = std::make_unique<Processes>(program, where, folder);
  }
  Drill drill{.began = clock->TimeNow(), .names = kNames};
  const absl::Status ran =
      Run(engine->get(), clock, folder, crew.get(), &drill);
  crew->Stop();
  ReadJournals(folder, &drill);
  const bool good = Print(drill, engine->get(), kDesk, std::cout);
  if (!ran.ok()) std::cerr << ran << "\n";
  return ran.ok() && good ? 0 : 1;
}

int Join(const std::string& where, const std::string& folder,
         const std::string& name) {
  signal(SIGTERM, [](int) { stop = true; });
  const auto store = OpenStore(where, hotline::RealClock());
  if (!store.ok()) return std::cerr << store.status() << "\n", 3;
  const absl::Status worked =
      Work(store->get(), {.clock = hotline::RealClock(),
                          .journal = JournalOf(folder, name),
                          .stop = &stop});
  if (!worked.ok()) std::cerr << name << ": " << worked << "\n";
  return worked.ok() ? 0 : 3;
}

int Main(int argc, char** argv) {
  std::string store, worker, out = "out/station_watch";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto take = [&](const std::string& flag, std::string* value) {
      if (!word.starts_with(flag + "=")) return false;
      *value = word.substr(flag.size() + 1);
      return true;
    };
    if (!take("--store", &store) && !take("--worker", &worker) &&
        !take("--out", &out)) {
      store.clear();
      break;
    }
  }
  if (store.empty()) {
    std::cerr << "usage: station_watch --store=sqlite:FILE|postgres:CONNINFO "
                 "[--out=FOLDER]\n";
    return 2;
  }
  return worker.empty() ? Watch(argv[0], store, out) : Join(store, out, worker);
}

}  // namespace
}  // namespace station

int main(int argc, char** argv) { return station::Main(argc, argv); }
