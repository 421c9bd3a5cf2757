#include "tests/drill/drill.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "hotline/adapters/sqlite_store.h"
#ifdef HOTLINE_HAS_POSTGRES
#include "hotline/adapters/postgres_store.h"
#endif
#include "hotline/error.h"
#include "hotline/policy.h"
#include "hotline/store_check.h"
#include "hotline/v1/event.pb.h"

namespace hotline::drill {
namespace {

namespace fs = std::filesystem;

constexpr int kCommandsOfOne = 1'000'000;  // more than anybody lives for

constexpr char kPolicy[] = R"(
  id: "drill"
  time_zone: "Asia/Taipei"
  units { code: "lights" }
  ladders { code: "usual"
    levels { code: "warn" percent: 50 }
    levels { code: "breach" breach: true } }
  clocks { code: "resolve" shown: true ladder: "usual"
    targets { elapsed: "1s" illustrative: true } }
  categories { code: "streetlight" kind: CASE unit: "lights"
    clocks { clock: "resolve" } }
  notices { code: "new" verbs: OPEN to: TO_UNIT
    text { language: "en" text: "{{reference}} is new" } }
  notices { code: "late" levels { clock: "resolve" level: "breach" } to: TO_UNIT
    text { language: "en" text: "{{reference}} is late" } }
)";

int faults = 0;

void Fault(const std::string& what) {
  if (++faults <= 20) std::cerr << "FAULT: " << what << "\n";
}

pid_t Start(const Plan& plan, int number, int commands) {
  const std::string name = absl::StrCat("w", number);
  const std::vector<std::string> words = {
      plan.program, plan.store, name,
      fs::path(plan.folder) / (name + ".ledger"), std::to_string(commands)};
  const pid_t child = fork();
  if (child != 0) return child;
  const std::string log = fs::path(plan.folder) / (name + ".log");
  if (freopen(log.c_str(), "a", stderr) == nullptr) _exit(126);
  std::vector<char*> argv;
  for (const std::string& word : words) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

std::vector<fs::path> LedgersIn(const std::string& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".ledger") found.push_back(entry.path());
  }
  return found;
}

int64_t BytesOfLedgers(const std::string& folder) {
  int64_t bytes = 0;
  for (const fs::path& path : LedgersIn(folder)) {
    bytes += static_cast<int64_t>(fs::file_size(path));
  }
  return bytes;
}

// What the log says happened, from the events of all cases.
struct Story {
  std::map<std::string, int> keys;  // events by command key
  std::set<std::string> places;     // "KEY REFERENCE VERSION"
  std::map<std::string, int> told;  // notices by "REFERENCE NOTICE RECIPIENT"
};

void Take(const std::string& reference, const v1::Event& event, Story* story) {
  if (!event.command_key().empty()) {
    ++story->keys[event.command_key()];
    story->places.insert(absl::StrCat(event.command_key(), " ", reference, " ",
                                      event.version()));
  }
  for (const v1::Fact& fact : event.facts()) {
    if (!fact.has_noticed() || !fact.noticed().not_because().empty()) continue;
    ++story->told[absl::StrCat(reference, " ", fact.noticed().notice(), " ",
                               fact.noticed().recipient())];
  }
}

Story Read(Store* store) {
  Story story;
  Filter filter;
  filter.tenant = kHand.tenant;
  filter.limit = 500;
  do {
    const auto page = store->Find(filter);
    if (!page.ok()) {
      Fault(std::string(page.status().message()));
      return story;
    }
    for (const CaseRow& row : page->rows) {
      const auto events = store->ReadEvents(EventsOf(row.key, 0, 1'000));
      if (!events.ok()) Fault(std::string(events.status().message()));
      if (!events.ok()) continue;
      for (const EventRow& event_row : events->rows) {
        v1::Event event;
        if (!event.ParseFromString(event_row.payload)) Fault("broken event");
        Take(row.reference, event, &story);
      }
    }
    filter.cursor = page->next_cursor;
  } while (!filter.cursor.empty());
  return story;
}

// What the dead left undone is done by whoever comes next.
void Drain(Store* store, const std::string& folder, Clock* clock) {
  const Ledger ledger(fs::path(folder) / "after.ledger");
  LedgerNotifier notifier(&ledger);
  auto engine = Engine::Open(store, {.clock = clock, .notifiers = {&notifier}});
  if (!engine.ok()) return Fault(std::string(engine.status().message()));
  for (int looks = 0; looks < 100; ++looks) {
    const auto due = (*engine)->RunDue(absl::Seconds(5));
    if (!due.ok()) return Fault(std::string(due.status().message()));
    if (due->looked + due->sent + due->failed == 0) return;
  }
  Fault("there is no end of what is due");
}

void CheckDone(const Story& story, const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    if (!line.done) continue;
    const std::string place =
        absl::StrCat(line.key, " ", line.reference, " ", line.rest);
    if (!story.places.contains(place)) Fault("lost: " + place);
  }
  for (const auto& [key, count] : story.keys) {
    if (count != 1) Fault(absl::StrCat(key, " was done ", count, " times"));
  }
}

// At least once on the line, under one key for one message.
void CheckTold(const Story& story, const std::vector<Line>& lines) {
  std::map<std::string, std::set<std::string>> sent;
  for (const Line& line : lines) {
    if (!line.done) {
      sent[absl::StrCat(line.reference, " ", line.rest)].insert(line.key);
    }
  }
  for (const auto& [message, count] : story.told) {
    const auto keys = sent[message].size();
    if (keys != static_cast<size_t>(count)) {
      Fault(absl::StrCat(message, ": ", count, " on the record, ", keys,
                         " were sent"));
    }
  }
  for (const auto& [message, keys] : sent) {
    if (!story.told.contains(message)) Fault("sent without cause: " + message);
  }
}

// Until the ledgers have grown so far. False if a worker ended by itself.
bool WaitForLines(const Plan& plan, int64_t bytes) {
  while (BytesOfLedgers(plan.folder) < bytes) {
    int status = 0;
    if (waitpid(-1, &status, WNOHANG) > 0) return false;
    usleep(300);
  }
  return true;
}

void End(pid_t child, const std::string& name) {
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    Fault(name + " did not end well, see its log");
  }
}

// How many of its commands a worker has done: its last life does a few more.
int DoneBy(const Plan& plan, int number) {
  const std::string name = absl::StrCat("w", number);
  int done = 0;
  for (const Line& line :
       ReadLedger(fs::path(plan.folder) / (name + ".ledger"))) {
    done += line.done ? 1 : 0;
  }
  return done;
}

}  // namespace

Ledger::Ledger(const std::string& path)
    : fd_(open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600)) {}

Ledger::~Ledger() { close(fd_); }

void Ledger::Add(const std::string& line) const {
  if (write(fd_, line.data(), line.size()) ==
      static_cast<ssize_t>(line.size())) {
    return;
  }
  std::cerr << "a ledger cannot be written\n";
  _exit(3);
}

std::vector<SendResult> LedgerNotifier::Send(
    std::span<const Envelope> envelopes, absl::Time) {
  for (const Envelope& e : envelopes) {
    ledger_->Add(absl::StrCat("sent ", e.dedupe_key, " ", e.reference, " ",
                              e.notice, " ", e.recipient, "\n"));
  }
  return std::vector<SendResult>(envelopes.size(),
                                 {.outcome = Outcome::kDelivered});
}

absl::StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& spec,
                                                 Clock* clock) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (spec.starts_with(kSqlite)) {
    return SqliteStore::Open(spec.substr(kSqlite.size()), {.clock = clock});
  }
#ifdef HOTLINE_HAS_POSTGRES
  constexpr std::string_view kPostgres = "postgres:";
  if (spec.starts_with(kPostgres)) {
    return PostgresStore::Open(
        {.conninfo = spec.substr(kPostgres.size()), .clock = clock});
  }
#endif
  return absl::InvalidArgumentError("no such kind of store: " + spec);
}

absl::Status AdoptPolicy(Engine* engine) {
  int64_t version = 0;
  if (engine->CurrentPolicy(kHand, &version).ok()) return absl::OkStatus();
  const auto policy = Policy::FromTextproto(kPolicy);
  if (!policy.ok()) return policy.status();
  const absl::Status adopted = engine->Adopt(kHand, *policy, 0).status();
  return ReasonOf(adopted) == v1::ErrorInfo::VERSION_CONFLICT ? absl::OkStatus()
                                                              : adopted;
}

std::vector<Line> ReadLedger(const std::string& path) {
  std::vector<Line> lines;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text) && !file.eof();) {
    std::istringstream words(text);
    std::string kind;
    Line& line = lines.emplace_back();
    words >> kind >> line.key >> line.reference >> std::ws;
    std::getline(words, line.rest);
    line.done = kind == "done";
  }
  return lines;
}

int CheckLedgers(const std::string& spec, const std::string& folder) {
  SimulatedClock later(RealClock()->TimeNow() + absl::Minutes(2));
  const auto store = OpenStore(spec, &later);
  if (!store.ok()) {
    Fault(absl::StrCat("the store does not open: ", store.status().ToString()));
    return faults;
  }
  Drain(store->get(), folder, &later);
  const auto report = CheckStore(store->get());
  if (!report.ok()) Fault(std::string(report.status().message()));
  if (report.ok()) {
    for (const v1::Problem& p : report->problems) {
      Fault(p.path() + ": " + p.message());
    }
  }
  std::vector<Line> lines;
  for (const fs::path& path : LedgersIn(folder)) {
    const std::vector<Line> own = ReadLedger(path);
    lines.insert(lines.end(), own.begin(), own.end());
  }
  const Story story = Read(store->get());
  CheckDone(story, lines);
  CheckTold(story, lines);
  std::cout << lines.size() << " lines, " << story.keys.size() << " commands, "
            << story.told.size() << " messages, " << faults << " faults"
            << std::endl;
  if (lines.empty()) Fault("nothing was done");
  return faults;
}

int KillWorkers(const Plan& plan) {
  std::mt19937_64 dice(plan.seed);
  const auto below = [&dice](int n) {
    return static_cast<int>(dice() % static_cast<uint64_t>(n));
  };
  std::vector<pid_t> workers;
  for (int i = 0; i < plan.workers; ++i) {
    workers.push_back(Start(plan, i, kCommandsOfOne));
  }
  int killed = 0;
  for (; killed < plan.kills; ++killed) {
    // About fifty bytes a line. Now and then before a line was written at all.
    const int lines = below(2 * plan.lines_between);
    if (!WaitForLines(plan, BytesOfLedgers(plan.folder) + 50 * lines)) {
      Fault("a worker ended by itself, see its log");
      break;
    }
    usleep(static_cast<useconds_t>(below(3'000)));
    if (plan.strike) {
      plan.strike(dice());
      continue;
    }
    const int victim = below(plan.workers);
    pid_t& pid = workers[static_cast<size_t>(victim)];
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    pid = Start(plan, victim, kCommandsOfOne);
  }
  for (const pid_t pid : workers) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  for (int i = 0; i < plan.workers && faults == 0; ++i) {
    End(Start(plan, i, DoneBy(plan, i) + 10), absl::StrCat("worker ", i));
  }
  std::cout << killed << " kills; " << std::flush;
  return CheckLedgers(plan.store, plan.folder);
}

}  // namespace hotline::drill
