// P8, P10, P11: the same on PostgreSQL, by a server of its own on loopback.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/capture.h"
#include "benchmarks/city.h"
#include "benchmarks/measures.h"
#include "benchmarks/postgres_plain.h"
#include "benchmarks/rates.h"
#include "hotline/adapters/postgres_store.h"
#include "hotline/engine.h"
#include "tests/support/postgres_server.h"

namespace hotline::bench {
namespace {

const Actor kActor{.tenant = "city", .id = "agent-7", .roles = {"supervisor"}};

absl::Time Start() {
  absl::Time start;
  absl::ParseTime(absl::RFC3339_full, "2026-03-02T09:00:00+08:00", &start,
                  nullptr);
  return start;
}

std::unique_ptr<PostgresStore> Open(const PostgresServer& server,
                                    const std::string& schema,
                                    int connections) {
  return Require(PostgresStore::Open({.conninfo = server.Conninfo(),
                                      .schema = schema,
                                      .connections = connections}),
                 "store");
}

// One machine of a city: an engine on connections of its own, and cases that
// only it works on.
class Client {
 public:
  Client(const PostgresServer& server, uint64_t number)
      : clock(Start()),
        entropy(number + 100),
        store(Open(server, "ours", 2)),
        capture(store.get()),
        engine(Require(
            Engine::Open(&capture, {.clock = &clock, .entropy = &entropy}),
            "engine")),
        plain(server.Conninfo(), "plain"),
        number_(number * 10'000'000) {
    const auto adopted = engine->Adopt(kActor, CityPolicy(), 0);
    if (ReasonOf(adopted.status()) != v1::ErrorInfo::VERSION_CONFLICT) {
      Require(adopted.status(), "adopt");
    }
    capture.Take();
  }

  void OpenCases(int count, std::string_view category = "streetlight") {
    constexpr size_t kAtOnce = 100;
    std::vector<v1::Command> batch;
    for (int i = 0; i < count; ++i) {
      batch.push_back(OpenCommand(category, ++number_));
      if (batch.size() < kAtOnce && i + 1 < count) continue;
      clock.AdvanceTime(absl::Milliseconds(1));
      for (const auto& receipt : engine->ExecuteBatch(kActor, batch)) {
        Require(receipt.status(), "open");
        references_.push_back(receipt->reference());
      }
      batch.clear();
    }
    plain.Run(capture.Take(), kAtOnce);
  }

  // Later commands, case by case.
  std::vector<v1::Command> Later(int count) {
    std::vector<v1::Command> commands;
    for (int i = 0; i < count; ++i) {
      const size_t step = next_++;
      v1::Command& command = commands.emplace_back();
      command.set_key(absl::StrCat("call-", ++number_));
      command.set_reference(references_[step % references_.size()]);
      const size_t round = step / references_.size();
      if (round % 2 == 0) {
        command.mutable_assign()->set_assignee(absl::StrCat("agent-", round));
      } else {
        command.mutable_reprioritise()->set_priority(round % 4 == 1 ? "high"
                                                                    : "normal");
      }
    }
    return commands;
  }

  // Seconds, without those of the capture.
  double Do(const std::vector<v1::Command>& commands, size_t at_once) {
    capture.TakeSeconds();
    const double took = SecondsOf([&] {
      for (size_t i = 0; i < commands.size(); i += at_once) {
        clock.AdvanceTime(absl::Milliseconds(1));
        const std::span<const v1::Command> these(
            commands.data() + i, std::min(at_once, commands.size() - i));
        if (at_once == 1) {
          Require(engine->Execute(kActor, these[0]).status(), "command");
          continue;
        }
        for (const auto& receipt : engine->ExecuteBatch(kActor, these)) {
          Require(receipt.status(), "command");
        }
      }
    });
    return took - capture.TakeSeconds();
  }

  SimulatedClock clock;
  SeededEntropy entropy;
  std::unique_ptr<PostgresStore> store;
  Capture capture;
  std::unique_ptr<Engine> engine;
  PostgresPlain plain;

 private:
  uint64_t number_;
  size_t next_ = 0;
  std::vector<std::string> references_;
};

// The longest of all, each in its thread.
template <typename Work>
double Together(size_t clients, Work work) {
  std::vector<double> seconds(clients);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] { seconds[i] = work(i); });
  }
  for (std::thread& thread : threads) thread.join();
  return *std::max_element(seconds.begin(), seconds.end());
}

class Measures {
 public:
  explicit Measures(const Plan& plan)
      : plan_(plan),
        server_(PostgresServer::Start(
            {.settings = {"shared_buffers=512MB", "max_wal_size=4GB",
                          "checkpoint_timeout=30min"}})) {
    // The floor writes to tables of the same kind.
    Open(*server_, "plain", 1);
  }

  std::vector<Line> Commands();
  std::vector<Line> Polls();
  std::vector<Line> Firing();

 private:
  Line At(size_t clients, size_t at_once, double goal);
  double PollOf(Client* client, int polls);

  const Plan plan_;
  const std::unique_ptr<PostgresServer> server_;
  std::vector<std::unique_ptr<Client>> clients_;
};

Line Measures::At(size_t clients, size_t at_once, double goal) {
  const int each = plan_.quick ? 50 : 400;
  const int rounds = plan_.quick ? 2 : 7;
  std::vector<Pair> pairs;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::vector<v1::Command>> commands;
    for (size_t i = 0; i < clients; ++i) {
      commands.push_back(clients_[i]->Later(each));
    }
    const double ours = Together(clients, [&](size_t i) {
      return clients_[i]->Do(commands[i], at_once);
    });
    std::vector<std::vector<Write>> writes;
    for (size_t i = 0; i < clients; ++i) {
      writes.push_back(clients_[i]->capture.Take());
    }
    const double plain = Together(clients, [&](size_t i) {
      return SecondsOf([&] { clients_[i]->plain.Run(writes[i], at_once); });
    });
    const double all = static_cast<double>(clients) * each;
    pairs.push_back({all / ours, all / plain});
  }
  return RatioLine("P10",
                   absl::StrCat("PostgreSQL, ", clients, " client",
                                clients > 1 ? "s, " : ", ", at_once,
                                " a transaction, commands/s"),
                   pairs, goal);
}

std::vector<Line> Measures::Commands() {
  const int cases = plan_.quick ? 100 : 2'000;
  for (uint64_t i = 0; i < 8; ++i) {
    clients_.push_back(std::make_unique<Client>(*server_, i));
    clients_.back()->OpenCases(cases);
  }
  server_->Sql("VACUUM ANALYZE");
  Client& one = *clients_[0];
  const auto commands = one.Later(100);
  const int64_t before = one.store->counters().round_trips;
  one.Do(commands, 1);
  const double trips =
      static_cast<double>(one.store->counters().round_trips - before) / 100;
  one.plain.Run(one.capture.Take(), 1);
  std::vector<Line> lines;
  // The engine looks at the head of the policy once a second besides.
  lines.push_back(FigureLine("P10", "PostgreSQL, round trips a command", trips,
                             2.05, Line::kAtMost, /*exact=*/true));
  for (const size_t clients : {1, 2, 4, 8}) {
    lines.push_back(At(clients, 1, 0.85));
  }
  lines.push_back(At(1, 10, 0.80));
  return lines;
}

// Microseconds of a poll that finds nothing.
double Measures::PollOf(Client* client, int polls) {
  return SecondsOf([&] {
           for (int i = 0; i < polls; ++i) {
             const auto due = client->engine->RunDue(absl::Seconds(1));
             Require(due.status(), "poll");
             if (due->looked == 0) continue;
             std::fprintf(stderr, "a poll found something\n");
             std::exit(1);
           }
         }) /
         polls * 1e6;
}

std::vector<Line> Measures::Polls() {
  const int rounds = plan_.quick ? 2 : 7;
  const int polls = plan_.quick ? 20 : 500;
  const int64_t many = plan_.quick ? 20'000 : 1'000'000;
  Client& client = *clients_[0];
  // Waiting rows, as many as asked for: nobody reads them before they are due.
  const auto wait = [&](int64_t from, int64_t to) {
    server_->Sql(absl::StrCat(
        "INSERT INTO ours.cases(tenant, id, version, reference, category,"
        " unit, cell, phase, open, opened_at, least_due, next_at, chain,"
        " payload) SELECT 'city', convert_to(to_char(i, 'FM0000000000000000'),"
        " 'UTF8'), 1, convert_to('P-' || i, 'UTF8'), 'signal', 'lights', 0, 1,"
        " true, 0, 4000000000000 + i, 4000000000000 + i,"
        " decode(repeat('00', 32), 'hex'), decode(repeat('00', 400), 'hex')"
        " FROM generate_series(",
        from, ", ", to - 1, ") AS i"));
    server_->Sql("VACUUM ANALYZE ours.cases");
  };
  const auto measure = [&] {
    PollOf(&client, polls);
    std::vector<double> us;
    for (int i = 0; i < rounds; ++i) us.push_back(PollOf(&client, polls));
    return SpreadOf(us).median;
  };
  wait(0, 1'000);
  const double few = measure();
  wait(1'000, many);
  const double of_many = measure();
  return {FigureLine("P8",
                     absl::StrCat("PostgreSQL, a poll that finds nothing, ",
                                  many, " wait, us"),
                     of_many, 1'000, Line::kAtMost),
          FigureLine("P8", "the same against few that wait, ratio",
                     of_many / few, 1.5, Line::kAtMost)};
}

std::vector<Line> Measures::Firing() {
  // From the opening to the first level: 80 % of 240 hours.
  constexpr absl::Duration kToWarning = absl::Hours(192);
  const int count = plan_.quick ? 256 : 2'560;
  const int rounds = plan_.quick ? 1 : 3;
  std::vector<double> rates;
  for (int round = 0; round < rounds; ++round) {
    for (Client* client : {clients_[0].get(), clients_[1].get()}) {
      client->OpenCases(count, "signal");
      // What a new policy asks to be looked at is no part of this.
      while (
          Require(client->engine->RunDue(absl::Seconds(1)), "sweep").to_sweep >
          0) {
      }
      client->capture.Take();
    }
    std::vector<int> fired(2);
    for (size_t i = 0; i < 2; ++i) {
      clients_[i]->clock.AdvanceTime(kToWarning + absl::Hours(1));
    }
    const double seconds = Together(2, [&](size_t i) {
      return SecondsOf([&] {
        const auto due = clients_[i]->engine->RunDue(absl::Seconds(600));
        Require(due.status(), "fire");
        fired[i] = due->fired;
      });
    });
    clients_[0]->capture.Take();
    clients_[1]->capture.Take();
    rates.push_back((fired[0] + fired[1]) / seconds);
  }
  return {FigureLine("P11",
                     "PostgreSQL, timers fired with a command each by 2 "
                     "workers, timers/s",
                     SpreadOf(rates).median, 10'000, Line::kAtLeast)};
}

}  // namespace

std::vector<Line> MeasurePostgres(const Plan& plan) {
  if (!PostgresServer::Available()) {
    std::fprintf(stderr, "%s\n", PostgresServer::WhyNot());
    return {};
  }
  Measures measures(plan);
  std::vector<Line> lines = measures.Commands();
  for (Line& line : measures.Firing()) lines.push_back(std::move(line));
  for (Line& line : measures.Polls()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace hotline::bench
