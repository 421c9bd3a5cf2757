// Goal: what the main job has acknowledged survives SIGKILL at any point, once,
// and the month comes out as if nobody had killed it.
// Method: runs the program once whole; then again, killed at random points and
// continued each time with the same command line; compares the two stores.
//
//   hotline_kill_test PROGRAM [--contacts N] [--kills K] [--seed S]
//
// N is a twentieth of a month by default; 179699 is the full size.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "hotline/adapters/sqlite_store.h"
#include "hotline/store_check.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/event.pb.h"

namespace {

namespace fs = std::filesystem;
namespace v1 = hotline::v1;

int faults = 0;

void Fault(const std::string& what) {
  if (++faults <= 20) std::cerr << "FAULT: " << what << "\n";
}

struct Flags {
  std::string program;
  int contacts = 8985;  // 179,699 / 20
  int kills = 50;
  unsigned seed = 1;
};

pid_t Start(const Flags& flags, const fs::path& dir, const std::string& name) {
  const std::vector<std::string> words = {flags.program,
                                          "--contacts",
                                          std::to_string(flags.contacts),
                                          "--out",
                                          dir / name,
                                          "--acks",
                                          dir / (name + ".acks"),
                                          "--continue"};
  const pid_t child = fork();
  if (child != 0) return child;
  const std::string log = dir / (name + ".log");
  if (freopen(log.c_str(), "a", stdout) == nullptr ||
      dup2(fileno(stdout), STDERR_FILENO) < 0) {
    _exit(126);
  }
  std::vector<char*> argv;
  for (const std::string& word : words) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

int64_t SizeOf(const fs::path& file) {
  std::error_code none;
  const auto size = fs::file_size(file, none);
  return none ? 0 : static_cast<int64_t>(size);
}

// Lets it run until it has acknowledged so many more bytes and a random while
// longer, then kills it. False: it had ended by itself.
bool KillAfter(pid_t child, const fs::path& acks, int64_t bytes,
               int microseconds) {
  const int64_t until = SizeOf(acks) + bytes;
  int status = 0;
  while (SizeOf(acks) < until) {
    if (waitpid(child, &status, WNOHANG) == child) return false;
    usleep(500);
  }
  usleep(static_cast<useconds_t>(microseconds));
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

bool RunToTheEnd(pid_t child, const std::string& name) {
  int status = 0;
  waitpid(child, &status, 0);
  const bool done = WIFEXITED(status) && WEXITSTATUS(status) <= 1;
  if (!done) Fault(name + " did not end well, see its log");
  return done;
}

// One store, read whole.
struct Content {
  std::map<std::string, int> by_key;   // events under a key of their own case
  std::set<std::string> at;            // "key\treference\tversion"
  std::set<std::string> contacts;      // ids in hex
  std::multiset<std::string> stories;  // what happened to each case
};

// What may differ between two runs: chance, and when a machine looked.
void Normalise(const std::map<std::string, std::string>& names,
               v1::Fact* fact) {
  const auto name = [&](std::string* reference) {
    const auto it = names.find(*reference);
    if (it != names.end()) *reference = it->second;
  };
  if (fact->has_opened()) {
    fact->mutable_opened()->clear_id();
    name(fact->mutable_opened()->mutable_reference());
    name(fact->mutable_opened()->mutable_split_from());
  }
  if (fact->has_linked()) name(fact->mutable_linked()->mutable_reference());
  if (fact->has_level_recorded()) {
    fact->mutable_level_recorded()->mutable_level()->clear_late();
  }
}

std::vector<v1::Event> EventsOf(hotline::Store* store,
                                const hotline::CaseKey& key) {
  std::vector<v1::Event> events;
  while (true) {
    const auto page = store->ReadEvents(
        hotline::EventsOf(key, static_cast<int64_t>(events.size()), 500));
    if (!page.ok()) Fault(std::string(page.status().message()));
    if (!page.ok() || page->rows.empty()) return events;
    for (const hotline::EventRow& row : page->rows) {
      if (!events.emplace_back().ParseFromString(row.payload)) {
        Fault("an event cannot be read");
      }
    }
  }
}

std::string Story(const std::map<std::string, std::string>& names,
                  const std::string& own,
                  const std::vector<v1::Event>& events) {
  std::string story = own + "\n";
  for (const v1::Event& event : events) {
    for (v1::Fact fact : event.facts()) {
      // Whether a look or a command found it first is chance.
      if (fact.has_noticed()) continue;
      Normalise(names, &fact);
      story += fact.ShortDebugString() + "\n";
    }
  }
  return story;
}

Content Read(const fs::path& file) {
  Content content;
  auto store = hotline::SqliteStore::Open(file.string(), {.read_only = true});
  if (!store.ok()) {
    Fault(std::string(store.status().message()));
    return content;
  }
  const auto report = hotline::CheckStore(store->get());
  if (!report.ok()) Fault(std::string(report.status().message()));
  if (report.ok()) {
    for (const v1::Problem& p : report->problems) {
      Fault(absl::StrCat(p.path(), ": ", p.message()));
    }
  }
  const auto tenants = hotline::ListTenants(store->get());
  if (!tenants.ok()) return content;
  for (const std::string& tenant : *tenants) {
    std::map<std::string, std::string> names;  // reference to first key
    std::map<std::string, std::vector<v1::Event>> cases;
    hotline::Filter filter;
    filter.tenant = tenant;
    filter.limit = 500;
    do {
      const auto page = (*store)->Find(filter);
      if (!page.ok()) break;
      for (const hotline::CaseRow& row : page->rows) {
        auto events = EventsOf(store->get(), row.key);
        // A split writes under one key twice: its newborn is told by that.
        names[row.reference] =
            absl::StrCat(events.front().command_key(),
                         events.front().verb() == v1::SPLIT ? "/born" : "");
        cases.emplace(row.reference, std::move(events));
      }
      filter.cursor = page->next_cursor;
    } while (!filter.cursor.empty());
    for (const auto& [reference, events] : cases) {
      content.stories.insert(Story(names, names[reference], events));
      std::set<std::string> keys;
      for (const v1::Event& event : events) {
        if (event.command_key().empty()) continue;
        if (!keys.insert(event.command_key()).second) {
          Fault(absl::StrCat(event.command_key(), " is recorded twice in ",
                             reference));
        }
        content.at.insert(absl::StrCat(event.command_key(), "\t", reference,
                                       "\t", event.version()));
        // Of a merge or split the other case has the key too.
        if (event.verb() != v1::MERGE && event.verb() != v1::SPLIT &&
            event.verb() != v1::LINK) {
          ++content.by_key[event.command_key()];
        }
      }
    }
    hotline::RecordRange range;
    range.tenant = tenant;
    range.kind = "contact";
    range.limit = 500;
    while (true) {
      const auto records = (*store)->ReadRecords(range);
      if (!records.ok() || records->empty()) break;
      for (const hotline::Record& record : *records) {
        content.contacts.insert(absl::BytesToHexString(record.key.key));
      }
      range.from = records->back().key.key + std::string(1, '\0');
    }
  }
  return content;
}

void CheckAcknowledged(const fs::path& acks, const Content& content) {
  std::ifstream file(acks);
  int64_t lines = 0;
  for (std::string line; std::getline(file, line);) {
    if (file.eof()) break;  // cut off by a kill: never told whole
    ++lines;
    std::istringstream words(line);
    std::string key, reference, rest;
    std::getline(words, key, '\t');
    std::getline(words, reference, '\t');
    std::getline(words, rest);
    if (reference == "-") {
      if (!content.contacts.contains(rest)) Fault("lost contact " + line);
    } else if (!content.at.contains(line)) {
      Fault("acknowledged, not in the store: " + line);
    }
  }
  for (const auto& [key, count] : content.by_key) {
    if (count != 1) Fault(absl::StrCat(key, " has ", count, " effects"));
  }
  std::cout << lines << " acknowledged lines\n";
  if (lines == 0) Fault("nothing was acknowledged");
}

bool ReadFlags(int argc, char** argv, Flags* flags) {
  if (argc < 2 || argc % 2 != 0) return false;
  flags->program = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const int value = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--contacts") == 0 && value > 0) {
      flags->contacts = value;
    } else if (std::strcmp(argv[i], "--kills") == 0 && value > 0) {
      flags->kills = value;
    } else if (std::strcmp(argv[i], "--seed") == 0) {
      flags->seed = static_cast<unsigned>(value);
    } else {
      return false;
    }
  }
  return true;
}

int Main(int argc, char** argv) {
  Flags flags;
  if (!ReadFlags(argc, argv, &flags)) {
    std::cerr << "usage: hotline_kill_test PROGRAM [--contacts N] [--kills K] "
                 "[--seed S]\n";
    return 2;
  }
  std::string pattern = (fs::temp_directory_path() / "kill-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return 2;
  const fs::path dir = pattern;
  if (!RunToTheEnd(Start(flags, dir, "whole"), "the whole run")) return 1;
  const int64_t bytes = SizeOf(dir / "whole.acks");
  std::mt19937 dice(flags.seed);
  int killed = 0;
  while (killed < flags.kills) {
    // Spread over the run, what is acknowledged anew after a kill included.
    const int64_t most = std::max<int64_t>(2, bytes / flags.kills);
    const pid_t child = Start(flags, dir, "killed");
    if (!KillAfter(child, dir / "killed.acks",
                   static_cast<int64_t>(dice() % static_cast<uint64_t>(most)),
                   static_cast<int>(dice() % 20'000))) {
      break;  // it ended before its time came
    }
    ++killed;
  }
  std::cout << killed << " kills" << std::endl;  // before the next fork
  RunToTheEnd(Start(flags, dir, "killed"), "the killed run");
  if (killed < flags.kills * 4 / 5) Fault("it ended before it was killed");
  const Content whole = Read(dir / "whole/city.db");
  const Content parts = Read(dir / "killed/city.db");
  CheckAcknowledged(dir / "whole.acks", whole);
  CheckAcknowledged(dir / "killed.acks", parts);
  if (whole.stories.size() != parts.stories.size()) Fault("cases differ");
  for (const std::string& story : whole.stories) {
    if (!parts.stories.contains(story)) Fault("differs: " + story);
  }
  if (whole.contacts.size() != parts.contacts.size()) Fault("contacts differ");
  std::cout << whole.stories.size() << " cases, " << faults << " faults\n";
  if (faults == 0) {
    fs::remove_all(dir);
  } else {
    std::cerr << "kept: " << dir << "\n";
  }
  return faults == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) { return Main(argc, argv); }
