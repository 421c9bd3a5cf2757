// P1 to P4: commands one by one, together, from many callers; what one costs.
#include <algorithm>
#include <chrono>
#include <thread>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "benchmarks/allocations.h"
#include "benchmarks/city.h"
#include "benchmarks/measures.h"

namespace hotline::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr size_t kCallers = 8;

struct Sizes {
  int stored, imports, import_pairs, singles, hundreds, each, pairs, counted;
};

Sizes SizesOf(const Plan& plan) {
  if (plan.quick) return {2'000, 1'000, 2, 50, 200, 20, 2, 100};
  return {100'000, 10'000, 7, 1'000, 4'000, 200, 7, 1'000};
}

Pair Rates(double commands, double ours, double plain) {
  return {commands / ours, commands / plain};
}

// Processor time a command: what is left when the disk's moods are taken away.
Line CpuLine(const std::string& what, const std::vector<Pair>& pairs) {
  std::vector<double> ours;
  std::vector<double> plain;
  for (const Pair& pair : pairs) {
    ours.push_back(pair.ours * 1e6);
    plain.push_back(pair.plain * 1e6);
  }
  Line line = PlainFigure(what, SpreadOf(ours).median);
  line.plain = SpreadOf(plain).median;
  return line;
}

// Loading history: openings, 1,000 a transaction. Fills the city on the way.
Line Import(const Sizes& sizes, City* city) {
  const int first = sizes.stored - sizes.imports * sizes.import_pairs;
  city->Fill(first);
  std::vector<Pair> pairs;
  for (int i = 0; i < sizes.import_pairs; ++i) {
    const double ours = city->Run(city->Opens(sizes.imports), 1'000).seconds;
    const double plain = city->RunPlain(1'000).seconds;
    pairs.push_back(Rates(sizes.imports, ours, plain));
  }
  return RatioLine("P2", "openings, 1,000 a transaction, cases/s", pairs, 0.60);
}

std::vector<Line> OneByOne(const Sizes& sizes, City* city) {
  std::vector<Pair> pairs;
  std::vector<Pair> cpu;
  std::vector<double> seconds;
  for (int i = 0; i < sizes.pairs; ++i) {
    const auto ours = city->Run(city->Mix(sizes.singles), 1, &seconds);
    const auto plain = city->RunPlain(1);
    pairs.push_back(Rates(sizes.singles, ours.seconds, plain.seconds));
    cpu.push_back({ours.cpu / sizes.singles, plain.cpu / sizes.singles});
  }
  return {RatioLine("P1", "1 command a transaction, commands/s", pairs, 0.90),
          FigureLine("P1", "the same, 99th percentile of a command, ms",
                     Percentile(seconds, 99) * 1e3, 1.5, Line::kAtMost),
          PlainFigure("the same, median of a command, ms",
                      Percentile(seconds, 50) * 1e3),
          CpuLine("the same, processor time of a command, us", cpu)};
}

std::vector<Line> ByHundreds(const Sizes& sizes, City* city) {
  std::vector<Pair> pairs;
  std::vector<Pair> cpu;
  for (int i = 0; i < sizes.pairs; ++i) {
    const auto ours = city->Run(city->Mix(sizes.hundreds), 100);
    const auto plain = city->RunPlain(100);
    pairs.push_back(Rates(sizes.hundreds, ours.seconds, plain.seconds));
    cpu.push_back({ours.cpu / sizes.hundreds, plain.cpu / sizes.hundreds});
  }
  return {
      RatioLine("P2", "100 commands a transaction, commands/s", pairs, 0.75),
      CpuLine("the same, processor time of a command, us", cpu)};
}

// Runs `work(caller)` in as many threads as there are callers; seconds.
template <typename Work>
double Together(Work work) {
  std::vector<std::thread> threads;
  const auto start = Steady::now();
  for (size_t t = 0; t < kCallers; ++t) threads.emplace_back(work, t);
  for (std::thread& thread : threads) thread.join();
  return std::chrono::duration<double>(Steady::now() - start).count();
}

std::vector<Line> ManyCallers(const Sizes& sizes, City* city) {
  std::unordered_map<std::string, size_t> caller_of;  // by reference
  for (size_t i = 0; i < city->cases(); ++i) {
    caller_of[city->reference(i)] = i % kCallers;
  }
  const double all = static_cast<double>(kCallers) * sizes.each;
  std::vector<Pair> pairs;
  std::vector<Pair> to_one;
  for (int i = 0; i < sizes.pairs; ++i) {
    std::vector<std::vector<v1::Command>> commands;
    for (size_t t = 0; t < kCallers; ++t) {
      commands.push_back(city->Later(sizes.each, t, kCallers));
    }
    city->clock.AdvanceTime(absl::Milliseconds(1));
    const double ours = Together([&](size_t t) {
      for (const v1::Command& command : commands[t]) {
        Require(city->engine->Execute(city->actor, command).status(),
                "command");
      }
    });
    const std::vector<PlainWrite> writes =
        city->plain->Prepare(city->capture->Take());
    std::vector<std::vector<const PlainWrite*>> of(kCallers);
    for (const PlainWrite& write : writes) {
      of[caller_of[write.write.cases.front().row.reference]].push_back(&write);
    }
    const double plain = Together([&](size_t t) {
      for (const PlainWrite* write : of[t]) city->plain->CommitInGroup(*write);
    });
    const double alone = city->Run(city->Later(sizes.each), 1).seconds;
    city->RunPlain(1);
    pairs.push_back(Rates(all, ours, plain));
    to_one.push_back({all / ours, sizes.each / alone});
  }
  return {RatioLine("P3", "8 blocked callers, commands/s", pairs, 0.85),
          RatioLine("P3", "8 blocked callers against one of ours, commands/s",
                    to_one, 1.6)};
}

struct Cost {
  double pages, plain_pages, statements, reads, allocations, bytes;
};

Cost CostOf(City* city, const std::vector<v1::Command>& commands,
            size_t at_once) {
  const SqliteStore::Counters before = city->store->counters();
  const int64_t plain_before = city->plain->Pages();
  const int64_t reads_before = city->capture->reads();
  const int64_t allocations_before = Allocations();
  city->Run(commands, at_once);
  const int64_t allocations = Allocations() - allocations_before;
  const SqliteStore::Counters after = city->store->counters();
  std::vector<Write> writes = city->capture->Take();
  size_t bytes = 0;
  for (const Write& write : writes) {
    for (const CaseChange& change : write.cases) {
      bytes += change.row.payload.size();
      if (change.event.has_value()) bytes += change.event->payload.size();
    }
    for (const DeliveryRow& row : write.deliveries) bytes += row.payload.size();
    for (const RecordChange& change : write.records) {
      bytes += change.record.payload.size();
    }
  }
  city->plain->Run(city->plain->Prepare(std::move(writes)), at_once);
  const double n = static_cast<double>(commands.size());
  return {static_cast<double>(after.pages - before.pages) / n,
          static_cast<double>(city->plain->Pages() - plain_before) / n,
          static_cast<double>(after.statements - before.statements) / n,
          static_cast<double>(city->capture->reads() - reads_before) / n,
          static_cast<double>(allocations) / n,
          static_cast<double>(bytes) / n};
}

Line PagesLine(const std::string& what, const Cost& cost, double goal) {
  Line line = FigureLine("P4", what, cost.pages, goal, Line::kAtMost);
  line.plain = cost.plain_pages;
  return line;
}

// The rows are the same, so the pages are: whatever is more is ours.
Line MorePages(const std::string& what, const Cost& cost) {
  return FigureLine("P4", what, cost.pages / cost.plain_pages, 1.03,
                    Line::kAtMost, /*exact=*/true);
}

std::vector<Line> Counters(const Sizes& sizes, City* city) {
  // A page of the log is 4,096 bytes and a header of 24
  // (sqlite.org/fileformat).
  constexpr double kLogKiBPerPage = (4096 + 24) / 1024.0;
  const Cost one = CostOf(city, city->Later(sizes.counted), 1);
  const Cost hundred = CostOf(city, city->Later(sizes.counted), 100);
  const Cost open = CostOf(city, city->Opens(sizes.counted), 1);
  return {
      PagesLine("pages a later command, 1 a transaction", one, 12),
      PagesLine("pages a later command, 100 a transaction", hundred, 7),
      MorePages("pages against the floor's, 1 a transaction", one),
      MorePages("pages against the floor's, 100 a transaction", hundred),
      // A single caller's reads are on the writing connection, too.
      FigureLine("P4", "statements a later command, its read included",
                 one.statements, 8, Line::kAtMost, true),
      PlainFigure("reads asked of the store by a later command", one.reads),
      PlainFigure("statements an opening", open.statements),
      PlainFigure("pages an opening, 1 a transaction", open.pages),
      PlainFigure("KiB of log a later command, 1 a transaction",
                  one.pages * kLogKiBPerPage),
      PlainFigure("bytes of payload a later command", one.bytes),
      PlainFigure("allocations a later command, 1 a transaction",
                  one.allocations),
      PlainFigure("allocations a later command, 100 a transaction",
                  hundred.allocations),
      PlainFigure("allocations an opening", open.allocations),
  };
}

}  // namespace

std::vector<Line> MeasureCommands(const Plan& plan) {
  const Sizes sizes = SizesOf(plan);
  City city(plan.dir, "commands");
  std::vector<Line> lines;
  const Line import = Import(sizes, &city);
  for (Line& line : OneByOne(sizes, &city)) lines.push_back(std::move(line));
  for (Line& line : ByHundreds(sizes, &city)) lines.push_back(std::move(line));
  lines.push_back(import);
  for (Line& line : ManyCallers(sizes, &city)) lines.push_back(std::move(line));
  for (Line& line : Counters(sizes, &city)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace hotline::bench
